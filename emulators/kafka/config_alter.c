/* AlterConfigs, IncrementalAlterConfigs. Sentences: Kafka 4.0's ConfigAdminManager, ConfigurationControlManager, DynamicBrokerConfig,
 * GroupConfig, ClientMetricsConfigs and RuntimeLoggerManager. */
#include "kafka/config.h"
#include "kafka/node.h"

enum { OP_SET, OP_DELETE, OP_APPEND, OP_SUBTRACT };

/* A resource that is to change: ops of the request, and how it would be. */
struct change {
	struct kafka *k;
	struct kfk_call *c;
	int8_t type;
	struct slice name;
	const struct kp_incremental_alter_configs_req_config *ops;
	int32_t op_n;
	bool whole; /* what isn't named goes */
	bool dry;
	struct slice why;
};

static int refuse(struct change *g, int code, struct slice why)
{
	g->why = why;
	return code;
}
#define REFUSE(g, code, ...) refuse(g, code, arena_printf((g)->c->arena, __VA_ARGS__))

/* ---- what all resources have in common ---- */

static int by_key(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static int check_ops(struct change *g)
{
	struct slice *keys = arena_alloc(g->c->arena, ((size_t)g->op_n + 1) * sizeof(*keys));
	struct buf null = { 0 };
	int code = KE_NONE;
	for (int32_t i = 0; i < g->op_n; i++)
		keys[i] = g->ops[i].name;
	qsort(keys, (size_t)g->op_n, sizeof(*keys), by_key);
	for (int32_t i = 1; i < g->op_n; i++)
		if (sl_eq(keys[i], keys[i - 1]))
			return refuse(g, KE_INVALID_REQUEST, S("Error due to duplicate config keys"));
	for (int32_t i = 0; i < g->op_n; i++) {
		if (g->ops[i].config_operation < OP_SET || g->ops[i].config_operation > OP_SUBTRACT)
			return REFUSE(g, KE_INVALID_REQUEST, "Unknown operations type %d", g->ops[i].config_operation);
		if (g->ops[i].config_operation != OP_DELETE && !g->ops[i].value.p)
			buf_addf(&null, "%s%.*s", null.n ? "," : "", SL(g->ops[i].name));
	}
	if (null.n)
		code = REFUSE(g, KE_INVALID_REQUEST, "Null value not supported for : %.*s", (int)null.n, null.p);
	buf_free(&null);
	return code;
}

static bool in_list(struct slice list, struct slice word)
{
	struct slice one;
	while (list.p && list.n) {
		sl_cut(list, ',', &one, &list);
		if (sl_eq(sl_trim(one), word))
			return true;
	}
	return false;
}

/* The list `old` with each word of `words` added, or taken away. */
static struct slice changed_list(struct arena *a, struct slice old, struct slice words, bool append)
{
	struct buf b = { 0 };
	struct slice one, rest = append ? words : old, out;
	if (append)
		buf_addsl(&b, old);
	while (rest.p && rest.n) {
		sl_cut(rest, ',', &one, &rest);
		one = sl_trim(one);
		if (append ? !in_list(buf_slice(&b), one) : !in_list(words, one))
			buf_addf(&b, "%s%.*s", b.n ? "," : "", SL(one));
	}
	out = arena_dup(a, b.n ? buf_slice(&b) : S(""));
	buf_free(&b);
	return out;
}

/* What an operation makes of a setting: *value absent, it isn't set any longer. now: what it is, by itself or by default. */
static int operate(struct change *g, const struct kp_incremental_alter_configs_req_config *op, bool list, struct slice now, struct slice *value)
{
	*value = op->config_operation == OP_DELETE ? sl(NULL) : op->value;
	if (op->config_operation == OP_SET || op->config_operation == OP_DELETE)
		return KE_NONE;
	if (!list)
		return REFUSE(g, KE_INVALID_CONFIG, "Can't %s to key %.*s because its type is not LIST.", op->config_operation == OP_APPEND ? "APPEND" : "SUBTRACT", SL(op->name));
	*value = changed_list(g->c->arena, now, op->value, op->config_operation == OP_APPEND);
	return KE_NONE;
}

/* ---- topics ---- */

/* Puts or takes one of a list of settings. */
static void put(struct kfk_config *v, size_t *n, struct slice name, struct slice value)
{
	size_t at = 0;
	while (at < *n && !sl_eq(v[at].name, name))
		at++;
	if (value.p) {
		v[at] = (struct kfk_config){ name, value };
		*n += at == *n;
	} else if (at < *n) {
		v[at] = v[--*n];
	}
}

static int keep_topic(struct change *g, struct kfk_topic *t, const struct kfk_config *was, size_t was_n, const struct kfk_config *v, size_t n)
{
	int code = KE_NONE;
	for (size_t i = 0; !code && i < was_n; i++) {
		size_t at = 0;
		while (at < n && !sl_eq(v[at].name, was[i].name))
			at++;
		if (at == n)
			code = kfk_topic_set(g->k, t, was[i].name, sl(NULL));
	}
	for (size_t i = 0; !code && i < n; i++)
		code = kfk_topic_set(g->k, t, v[i].name, v[i].value);
	return code;
}

static int change_topic(struct change *g)
{
	struct kfk_topic *t = kfk_topic(g->k, g->name);
	struct kfk_config *was, *v;
	struct buf why = { 0 };
	size_t was_n, n = 0;
	int code = KE_NONE;
	if (!g->name.n)
		return refuse(g, KE_INVALID_REQUEST, S("Default topic resources are not allowed."));
	if (!t && (code = kfk_name_why(g->name, g->c->arena, &g->why)))
		return code;
	if (!t)
		return REFUSE(g, KE_UNKNOWN_TOPIC_OR_PARTITION, "The topic '%.*s' does not exist.", SL(g->name));
	was_n = kfk_topic_own(g->k, g->c->arena, t, &was);
	v = arena_alloc(g->c->arena, (was_n + (size_t)g->op_n + 1) * sizeof(*v));
	for (; !g->whole && n < was_n; n++)
		v[n] = was[n];
	for (int32_t i = 0; !code && i < g->op_n; i++) {
		const struct kfk_setting *s = kfk_setting(g->ops[i].name);
		enum kfk_source source;
		struct slice value, now = s ? kfk_in_force(g->k, v, n, s, &source) : S("");
		code = operate(g, &g->ops[i], s && s->type == 'L', now, &value);
		if (!code)
			put(v, &n, g->ops[i].name, value);
	}
	if (!code && !kfk_configs_valid(v, n, &why))
		code = refuse(g, KE_INVALID_CONFIG, arena_dup(g->c->arena, buf_slice(&why)));
	buf_free(&why);
	return code || g->dry ? code : keep_topic(g, t, was, was_n, v, n);
}

/* ---- brokers ---- */

static int one_broker(struct change *g)
{
	int here = kfk_node(g->k, g->c->conn);
	int64_t id;
	if (!sl_int(g->name, INT32_MIN, INT32_MAX, &id))
		return REFUSE(g, KE_INVALID_REQUEST, "Node id must be an integer, but it is: %.*s", SL(g->name));
	if (here ? id == here : id >= 1 && id <= kfk_broker_n(g->k))
		return KE_NONE;
	return REFUSE(g, KE_INVALID_REQUEST, g->type == KFK_OF_BROKER ? "Unexpected broker id, expected %d, but received %.*s" : "Unexpected node id. Expected %d, but received %.*s",
		      here ? here : KFK_NODE_ID, SL(g->name));
}

/* Whether this setting of the broker can be changed at all. */
static int broker_may_change(struct change *g, const struct kfk_broker_setting *s)
{
	struct slice name = sl(s->name);
	if (s->how == KFK_READ_ONLY)
		return REFUSE(g, KE_INVALID_REQUEST, "Cannot update these configs dynamically: Set(%s)", s->name);
	if (!g->name.n && (sl_eqs(name, "listeners") || sl_starts(name, S("sasl.")) || sl_eqs(name, "principal.builder.class")))
		return REFUSE(g, KE_INVALID_REQUEST, "Cannot update these configs at default cluster level, broker id must be specified: Set(%s)", s->name);
	if (sl_starts(name, S("ssl.")))
		return REFUSE(g, KE_INVALID_REQUEST, "These security configs can be dynamically updated only per-listener using the listener prefix: Set(%s)", s->name);
	if (s->how == KFK_REFUSED) /* DIFFERS: Kafka's broker changes it while it runs */
		return REFUSE(g, KE_INVALID_REQUEST, "%s can't be changed while tarn runs: it wouldn't be acted on", s->name);
	if (s->how == KFK_OBEYED && g->name.n && kfk_broker_n(g->k) > 1) /* DIFFERS: several brokers have one log */
		return REFUSE(g, KE_INVALID_REQUEST, "the brokers of this cluster keep their logs together: set %s for all of them, of the default broker", s->name);
	return KE_NONE;
}

/* Its value by the rules of its type, or of the setting of topics that it is the default of. */
static int broker_value_ok(struct change *g, const struct kfk_broker_setting *s, struct slice value)
{
	struct kfk_setting rule = { .name = s->name, .type = s->type, .min = INT64_MIN, .max = INT64_MAX };
	struct buf why = { 0 };
	struct slice names, name;
	size_t n;
	const struct kfk_setting *topics = kfk_settings(&n);
	int code = KE_NONE;
	for (size_t i = 0; i < n; i++) {
		for (names = sl(topics[i].broker); names.p;) {
			sl_cut(names, ' ', &name, &names);
			if (!sl_eqs(name, s->name))
				continue;
			rule = topics[i];
			rule.name = s->name;
		}
	}
	if (strchr("lidbsL", rule.type) && (rule.valid || !strchr("sL", rule.type)) && !kfk_setting_valid(&rule, value, &why))
		code = refuse(g, KE_INVALID_REQUEST, arena_dup(g->c->arena, buf_slice(&why)));
	buf_free(&why);
	return code;
}

static int broker_op(struct change *g, const struct kp_incremental_alter_configs_req_config *op, struct slice *value)
{
	const struct kfk_broker_setting *s = kfk_broker_setting(op->name);
	enum kfk_source source;
	struct slice now = kfk_kept(g->k, KFK_OF_BROKER, g->name, op->name);
	int code = s ? broker_may_change(g, s) : KE_NONE;
	if (code)
		return code;
	if (!now.p && s)
		now = kfk_broker_value(g->k, g->c->arena, KFK_NODE_ID, g->c->conn, s, &source);
	code = operate(g, op, s && s->type == 'L', now, value);
	if (!code && value->p && s)
		code = broker_value_ok(g, s, *value);
	if (!code && !s && !kfk_is_rate(op->name)) /* as Kafka: it may be a plugin's */
		log_warn(g->k->env, "unknown-config", "broker=\"%.*s\" name=\"%.*s\" hint=\"kept, nobody reads it\"", SL(g->name), SL(op->name));
	return code;
}

/* Keeps what ops made of a resource's settings; what g->whole leaves unnamed goes. */
static int keep_all(struct change *g, const struct slice *values)
{
	struct kfk_config *was;
	size_t was_n = g->whole ? kfk_kept_of(g->k, (enum kfk_thing)g->type, g->name, g->c->arena, &was) : 0;
	int code = KE_NONE;
	for (size_t i = 0; !code && i < was_n; i++)
		code = kfk_keep(g->k, (enum kfk_thing)g->type, g->name, was[i].name, sl(NULL));
	for (int32_t i = 0; !code && i < g->op_n; i++)
		code = kfk_keep(g->k, (enum kfk_thing)g->type, g->name, g->ops[i].name, values[i]);
	return code;
}

static struct slice *values_of(struct change *g)
{
	return arena_alloc(g->c->arena, ((size_t)g->op_n + 1) * sizeof(struct slice));
}

static int change_broker(struct change *g)
{
	struct slice *values = values_of(g);
	int code = g->name.n ? one_broker(g) : KE_NONE;
	for (int32_t i = 0; !code && i < g->op_n; i++)
		code = broker_op(g, &g->ops[i], &values[i]);
	if (code || g->dry)
		return code;
	code = keep_all(g, values);
	kfk_topics_retake(g->k);
	return code;
}

/* ---- loggers: the process's log has a level, that of the root ---- */

static int change_logger(struct change *g)
{
	static const char *const valid = "DEBUG, ERROR, FATAL, INFO, TRACE, WARN";
	int code = one_broker(g);
	for (int32_t i = 0; !code && i < g->op_n; i++) {
		const struct kp_incremental_alter_configs_req_config *op = &g->ops[i];
		if (op->config_operation == OP_APPEND || op->config_operation == OP_SUBTRACT)
			return REFUSE(g, KE_INVALID_REQUEST, "%s operation is not allowed for the BROKER_LOGGER resource", op->config_operation == OP_APPEND ? "APPEND" : "SUBTRACT");
		if (!sl_eqs(op->name, "root"))
			return REFUSE(g, KE_INVALID_CONFIG, "Logger %.*s does not exist!", SL(op->name));
		if (op->config_operation == OP_DELETE)
			return refuse(g, KE_INVALID_REQUEST, S("Removing the log level of the root logger is not allowed"));
		if (!in_list(sl(valid), op->value))
			return REFUSE(g, KE_INVALID_CONFIG, "Cannot set the log level of %.*s to %.*s as it is not a supported log level. Valid log levels are %s", SL(op->name), SL(op->value), valid);
	}
	for (int32_t i = 0; !code && !g->dry && i < g->op_n; i++)
		kfk_set_log_level(g->k, g->ops[i].value);
	return code;
}

/* ---- groups ---- */

static int group_op(struct change *g, const struct kp_incremental_alter_configs_req_config *op, struct slice *value)
{
	size_t n;
	const struct kfk_group_setting *s = kfk_group_settings(&n);
	size_t at = 0;
	int64_t v;
	int code = operate(g, op, false, sl(NULL), value);
	while (at < n && !sl_eqs(op->name, s[at].name))
		at++;
	if (code || !value->p)
		return code;
	if (at == n)
		return REFUSE(g, KE_INVALID_CONFIG, "Unknown group config name: %.*s", SL(op->name));
	if (!sl_int(sl_trim(*value), INT32_MIN, INT32_MAX, &v))
		return REFUSE(g, KE_INVALID_CONFIG, "Invalid value %.*s for configuration %s: Not a number of type INT", SL(*value), s[at].name);
	if (v < s[at].min)
		return REFUSE(g, KE_INVALID_CONFIG, "%s must be greater than or equal to %s", s[at].name, s[at].least);
	if (v > s[at].max)
		return REFUSE(g, KE_INVALID_CONFIG, "%s must be less than or equal to %s", s[at].name, s[at].most);
	return KE_NONE;
}

static int change_group(struct change *g)
{
	struct slice *values = values_of(g);
	int code = KE_NONE;
	if (!g->name.n)
		return refuse(g, KE_INVALID_REQUEST, S("Default group resources are not allowed."));
	for (int32_t i = 0; !code && i < g->op_n; i++)
		code = group_op(g, &g->ops[i], &values[i]);
	return code || g->dry ? code : keep_all(g, values);
}

/* ---- client metrics: subscriptions are kept, and no client is asked for any ---- */

static int subscription_op(struct change *g, const struct kp_incremental_alter_configs_req_config *op, struct slice *value)
{
	int64_t n;
	int code = operate(g, op, false, sl(NULL), value);
	bool interval = sl_eqs(op->name, "interval.ms"), match = sl_eqs(op->name, "match");
	struct slice rest, one, key, pattern;
	if (code || !value->p)
		return code;
	if (!interval && !match && !sl_eqs(op->name, "metrics"))
		return REFUSE(g, KE_INVALID_REQUEST, "Unknown client metrics configuration: %.*s", SL(op->name));
	if (interval && !sl_int(*value, INT32_MIN, INT32_MAX, &n))
		return REFUSE(g, KE_INVALID_CONFIG, "Invalid value %.*s for configuration interval.ms: Not a number of type INT", SL(*value));
	if (interval && (n < 100 || n > 3600000))
		return REFUSE(g, KE_INVALID_REQUEST, "Invalid value %lld for interval.ms, interval must be between 100 and 3600000 (1 hour)", (long long)n);
	for (rest = match ? *value : sl(NULL); rest.p && rest.n;) {
		sl_cut(rest, ',', &one, &rest);
		if (!sl_cut(sl_trim(one), '=', &key, &pattern))
			return REFUSE(g, KE_INVALID_CONFIG, "Illegal client matching pattern: %.*s", SL(one));
		if (!in_list(S("client_instance_id,client_id,client_software_name,client_software_version,client_source_address,client_source_port"), sl_trim(key)))
			return REFUSE(g, KE_INVALID_CONFIG, "Illegal client matching pattern: %.*s", SL(one));
	}
	return KE_NONE;
}

static int change_metrics(struct change *g)
{
	struct slice *values = values_of(g);
	int code = KE_NONE;
	if (!g->name.n)
		return refuse(g, KE_INVALID_REQUEST, S("Subscription name can't be empty"));
	for (int32_t i = 0; !code && i < g->op_n; i++)
		code = subscription_op(g, &g->ops[i], &values[i]);
	return code || g->dry ? code : keep_all(g, values);
}

enum kfk_done kfk_serve_metrics_resources(struct kafka *k, struct kfk_call *c)
{
	struct kp_list_client_metrics_resources_resp *out = c->resp;
	struct slice *names;
	size_t n = kfk_kept_names(k, KFK_OF_METRICS, c->arena, &names);
	if (!kfk_may(k, c->conn, "DescribeClusterDynamicConfiguration", sl(NULL)))
		return out->error_code = KE_CLUSTER_AUTHORIZATION_FAILED, KFK_ANSWERED;
	out->client_metrics_resources = kp_elements(&kp_list_client_metrics_resources_resp_client_metrics_resource_table, c->arena, n);
	for (size_t i = 0; i < n; i++)
		out->client_metrics_resources[out->client_metrics_resource_n++].name = names[i];
	return KFK_ANSWERED;
}

/* ---- the requests ---- */

static int change(struct change *g)
{
	bool topic = g->type == KFK_OF_TOPIC, group = g->type == KFK_OF_GROUP;
	const char *action = topic ? "AlterTopicDynamicConfiguration" : group ? "AlterGroup" : "AlterClusterDynamicConfiguration";
	int code;
	if (!kfk_may(g->k, g->c->conn, action, topic || group ? g->name : sl(NULL))) {
		code = topic ? KE_TOPIC_AUTHORIZATION_FAILED : group ? KE_GROUP_AUTHORIZATION_FAILED : KE_CLUSTER_AUTHORIZATION_FAILED;
		return refuse(g, code, sl(kp_code_text(code)));
	}
	code = check_ops(g);
	if (code)
		return code;
	switch ((enum kfk_thing)g->type) {
	case KFK_OF_TOPIC:
		return change_topic(g);
	case KFK_OF_BROKER:
		return change_broker(g);
	case KFK_OF_LOGGER:
		return g->whole ? REFUSE(g, KE_INVALID_REQUEST, "Unknown resource type %d", g->type) : change_logger(g);
	case KFK_OF_GROUP:
		return change_group(g);
	case KFK_OF_METRICS:
		return change_metrics(g);
	case KFK_OF_FEATURE:
		break;
	}
	return REFUSE(g, KE_INVALID_REQUEST, "Unknown resource type %d", g->type);
}

/* A resource of a request is named once. */
static bool again(const struct kp_incremental_alter_configs_req_resource *all, int32_t n, int32_t at)
{
	for (int32_t i = 0; i < n; i++)
		if (i != at && all[i].resource_type == all[at].resource_type && sl_eq(all[i].resource_name, all[at].resource_name))
			return true;
	return false;
}

static void change_one(struct kafka *k, struct kfk_call *c, const struct kp_incremental_alter_configs_req *req, int32_t i, bool whole, int16_t *code, struct slice *why)
{
	const struct kp_incremental_alter_configs_req_resource *in = &req->resources[i];
	struct change g = { .k = k, .c = c, .type = in->resource_type, .name = in->resource_name, .ops = in->configs, .op_n = in->config_n > 0 ? in->config_n : 0,
			    .whole = whole, .dry = req->validate_only };
	if (again(req->resources, req->resource_n, i))
		*code = (int16_t)refuse(&g, KE_INVALID_REQUEST, S("Each resource must appear at most once."));
	else
		*code = (int16_t)change(&g);
	*why = !*code || g.why.p ? g.why : sl(kp_code_text(*code));
}

enum kfk_done kfk_serve_incremental_alter(struct kafka *k, struct kfk_call *c)
{
	const struct kp_incremental_alter_configs_req *req = c->req;
	struct kp_incremental_alter_configs_resp *out = c->resp;
	out->responses = kp_elements(&kp_incremental_alter_configs_resp_response_table, c->arena, (size_t)(req->resource_n > 0 ? req->resource_n : 0));
	for (int32_t i = 0; i < req->resource_n; i++) {
		struct kp_incremental_alter_configs_resp_response *one = &out->responses[out->response_n++];
		one->resource_type = req->resources[i].resource_type;
		one->resource_name = req->resources[i].resource_name;
		change_one(k, c, req, i, false, &one->error_code, &one->error_message);
	}
	return KFK_ANSWERED;
}

/* The older request as the newer one: each of its settings is set, the others go. */
static struct kp_incremental_alter_configs_req as_newer(struct kfk_call *c)
{
	const struct kp_alter_configs_req *req = c->req;
	struct kp_incremental_alter_configs_req out = { .validate_only = req->validate_only };
	out.resource_n = req->resource_n > 0 ? req->resource_n : 0;
	out.resources = kp_elements(&kp_incremental_alter_configs_req_resource_table, c->arena, (size_t)out.resource_n);
	for (int32_t i = 0; i < out.resource_n; i++) {
		const struct kp_alter_configs_req_resource *from = &req->resources[i];
		struct kp_incremental_alter_configs_req_resource *to = &out.resources[i];
		to->resource_type = from->resource_type;
		to->resource_name = from->resource_name;
		to->configs = kp_elements(&kp_incremental_alter_configs_req_config_table, c->arena, (size_t)(from->config_n > 0 ? from->config_n : 0));
		for (int32_t j = 0; j < from->config_n; j++)
			to->configs[to->config_n++] = (struct kp_incremental_alter_configs_req_config){ from->configs[j].name, OP_SET, from->configs[j].value };
	}
	return out;
}

enum kfk_done kfk_serve_alter_configs(struct kafka *k, struct kfk_call *c)
{
	struct kp_incremental_alter_configs_req req = as_newer(c);
	struct kp_alter_configs_resp *out = c->resp;
	out->responses = kp_elements(&kp_alter_configs_resp_response_table, c->arena, (size_t)req.resource_n);
	for (int32_t i = 0; i < req.resource_n; i++) {
		struct kp_alter_configs_resp_response *one = &out->responses[out->response_n++];
		one->resource_type = req.resources[i].resource_type;
		one->resource_name = req.resources[i].resource_name;
		change_one(k, c, &req, i, true, &one->error_code, &one->error_message);
	}
	return KFK_ANSWERED;
}
