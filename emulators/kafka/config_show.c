/* DescribeConfigs. Sentences: Kafka 4.0's ConfigHelper. */
#include "kafka/config.h"
#include "kafka/node.h"

/* ---- settings of groups ---- */

static const struct kfk_group_setting of_groups[] = {
	{ "consumer.heartbeat.interval.ms", "5000", 'i', 5000, 15000, "group.consumer.min.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms",
	  "how often members of the consumer protocol say that they are there" },
	{ "consumer.session.timeout.ms", "45000", 'i', 45000, 60000, "group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms",
	  "after which a member of the consumer protocol that says nothing is gone" },
};

const struct kfk_group_setting *kfk_group_settings(size_t *n)
{
	*n = ARRAY_LEN(of_groups);
	return of_groups;
}

/* ---- one setting of an answer ---- */

/* ConfigType of the protocol. */
static int8_t type_number(char type)
{
	static const char types[] = "?bsihldLcp"; /* from 1 on: boolean, string, int, short, long, double, list, class, password */
	const char *at = strchr(types + 1, type);
	return (int8_t)(at ? at - types : 0);
}

struct showing {
	struct kafka *k;
	struct kfk_call *c;
	const struct kp_describe_configs_req_resource *in;
	struct kp_describe_configs_resp_result *out;
	int node;
	size_t cap;
};

static bool wanted(const struct showing *w, const char *name)
{
	for (int32_t i = 0; i < w->in->configuration_key_n; i++)
		if (sl_eqs(w->in->configuration_keys[i], name))
			return true;
	return w->in->configuration_key_n <= 0;
}

static struct kp_describe_configs_resp_config *add(struct showing *w, const char *name, struct slice value, enum kfk_source source, char type)
{
	struct kp_describe_configs_resp_config *one = &w->out->configs[w->out->config_n++];
	*one = (struct kp_describe_configs_resp_config){ .name = sl(name), .value = value, .is_default = source == KFK_BY_DEFAULT,
							 .config_source = (int8_t)source, .config_type = type_number(type) };
	return one;
}

static void room(struct showing *w, size_t n)
{
	w->out->configs = kp_elements(&kp_describe_configs_resp_config_table, w->c->arena, n);
}

static void document(const struct showing *w, struct kp_describe_configs_resp_config *one, const char *text)
{
	const struct kp_describe_configs_req *req = w->c->req;
	one->documentation = req->include_documentation ? sl(text) : sl(NULL);
}

/* own absent: nothing stands before what the brokers say. */
static void add_synonyms(const struct showing *w, struct kp_describe_configs_resp_config *one, const struct kfk_synonym *own, const struct kfk_synonym *v, size_t n)
{
	const struct kp_describe_configs_req *req = w->c->req;
	if (!req->include_synonyms)
		return;
	one->synonyms = kp_elements(&kp_describe_configs_resp_synonym_table, w->c->arena, n + 1);
	if (own)
		one->synonyms[one->synonym_n++] = (struct kp_describe_configs_resp_synonym){ sl(own->name), own->value, (int8_t)own->source };
	for (size_t i = 0; i < n; i++)
		one->synonyms[one->synonym_n++] = (struct kp_describe_configs_resp_synonym){ sl(v[i].name), v[i].value, (int8_t)v[i].source };
}

/* ---- topics ---- */

static void show_topic_setting(struct showing *w, const struct kfk_setting *s, const struct kfk_config *own, size_t own_n)
{
	struct kfk_synonym *v = NULL, itself;
	enum kfk_source source;
	struct slice value = kfk_in_force(w->k, own, own_n, s, &source);
	size_t n = s->broker ? kfk_broker_synonyms(w->k, w->c->arena, w->node, NULL, s->broker, &v) : 0;
	struct kp_describe_configs_resp_config *one = add(w, s->name, value, source, s->type);
	itself = (struct kfk_synonym){ s->name, value, KFK_BY_TOPIC };
	add_synonyms(w, one, source == KFK_BY_TOPIC ? &itself : NULL, v, n);
	document(w, one, s->help);
}

/* Kafka 4.0 doesn't know them any more: they are told only of a topic that has them, or to who asks for them. */
static bool is_gone(const struct showing *w, const char *name, const struct kfk_config *own, size_t own_n)
{
	static const char *const names[] = { "message.downconversion.enable", "message.format.version", "message.timestamp.difference.max.ms" };
	bool gone = false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		gone = gone || !strcmp(name, names[i]);
	for (size_t i = 0; i < own_n; i++)
		gone = gone && !sl_eqs(own[i].name, name);
	return gone && w->in->configuration_key_n < 0;
}

static int show_topic(struct showing *w, struct slice *why)
{
	struct slice name = w->in->resource_name;
	struct kfk_topic *t = kfk_topic(w->k, name);
	struct kfk_config *own;
	size_t n, own_n;
	const struct kfk_setting *s = kfk_settings(&n);
	int code = t ? KE_NONE : kfk_name_why(name, w->c->arena, why);
	if (!t)
		return code ? code : KE_UNKNOWN_TOPIC_OR_PARTITION;
	own_n = kfk_topic_own(w->k, w->c->arena, t, &own);
	room(w, n);
	for (size_t i = 0; i < n; i++)
		if (wanted(w, s[i].name) && !is_gone(w, s[i].name, own, own_n))
			show_topic_setting(w, &s[i], own, own_n);
	return KE_NONE;
}

/* ---- brokers ---- */

static void show_broker_setting(struct showing *w, const struct kfk_broker_setting *s)
{
	const struct conn *conn = w->c->conn;
	struct kfk_synonym *v;
	enum kfk_source source;
	size_t n = kfk_broker_synonyms(w->k, w->c->arena, w->node, conn, s->name, &v), family_n;
	struct slice value = kfk_broker_value(w->k, w->c->arena, w->node, conn, s, &source);
	struct kp_describe_configs_resp_config *one = add(w, s->name, value, n ? v[0].source : KFK_BY_DEFAULT, s->type);
	const char *family = kfk_broker_names(s->name);
	size_t topic_n;
	const struct kfk_setting *of_topic = kfk_settings(&topic_n);
	one->read_only = s->how == KFK_READ_ONLY;
	one->is_sensitive = s->type == 'p';
	if (one->is_sensitive)
		one->value = sl(NULL);
	if (sl_eqs(sl(family), s->name) == false && n) { /* the first of its family tells the others, too */
		family_n = kfk_broker_synonyms(w->k, w->c->arena, w->node, conn, family, &v);
		if (family_n && sl_eqs(sl(v[0].name), s->name))
			n = family_n;
		else
			n = kfk_broker_synonyms(w->k, w->c->arena, w->node, conn, s->name, &v);
	}
	add_synonyms(w, one, NULL, v, n);
	for (size_t i = 0; i < topic_n; i++)
		if (of_topic[i].broker && sl_eqs(sl(of_topic[i].broker), s->name))
			document(w, one, of_topic[i].help);
}

/* What may be set of brokers beside their settings: shown where it is. */
static const char *const rates[] = {
	"follower.replication.throttled.rate",
	"leader.replication.throttled.rate",
	"replica.alter.log.dirs.io.max.bytes.per.second",
};

bool kfk_is_rate(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(rates); i++)
		if (sl_eqs(name, rates[i]))
			return true;
	return false;
}

static void show_rates(struct showing *w)
{
	struct kfk_synonym *v;
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		size_t n = kfk_broker_synonyms(w->k, w->c->arena, w->node, NULL, rates[i], &v);
		if (!n || !wanted(w, rates[i]))
			continue;
		struct kp_describe_configs_resp_config *one = add(w, rates[i], v[0].value, v[0].source, 'l');
		one->read_only = true;
		add_synonyms(w, one, NULL, v, n);
	}
}

/* "": what is set for all of them. */
static int show_defaults(struct showing *w)
{
	struct kfk_config *set;
	size_t n = kfk_kept_of(w->k, KFK_OF_BROKER, S(""), w->c->arena, &set);
	room(w, n);
	for (size_t i = 0; i < n; i++) {
		const struct kfk_broker_setting *s = kfk_broker_setting(set[i].name);
		const char *name = arena_cstr(w->c->arena, set[i].name);
		if (!wanted(w, name))
			continue;
		struct kp_describe_configs_resp_config *one = add(w, name, set[i].value, KFK_BY_DYNAMIC_DEFAULT, s ? s->type : 'l');
		one->read_only = !s;
		add_synonyms(w, one, NULL, &(struct kfk_synonym){ name, set[i].value, KFK_BY_DYNAMIC_DEFAULT }, 1);
	}
	return KE_NONE;
}

/* The broker meant, which must be the one asked. */
static int which_broker(struct showing *w, struct slice *why)
{
	struct slice name = w->in->resource_name;
	int here = kfk_node(w->k, w->c->conn);
	int64_t id;
	if (!sl_int(name, INT32_MIN, INT32_MAX, &id))
		return *why = arena_printf(w->c->arena, "Broker id must be an integer, but it is: %.*s", SL(name)), KE_INVALID_REQUEST;
	if (here ? id != here : id < 1 || id > kfk_broker_n(w->k)) {
		*why = arena_printf(w->c->arena, "Unexpected broker id, expected %d%s received %.*s", here ? here : KFK_NODE_ID,
				    w->in->resource_type == KFK_OF_BROKER ? " or empty string, but" : " but", SL(name));
		return KE_INVALID_REQUEST;
	}
	w->node = (int)id;
	return KE_NONE;
}

static int show_broker(struct showing *w, struct slice *why)
{
	size_t n;
	const struct kfk_broker_setting *s = kfk_broker_settings(&n);
	int code;
	if (!w->in->resource_name.n)
		return show_defaults(w);
	code = which_broker(w, why);
	if (code)
		return code;
	room(w, n + ARRAY_LEN(rates));
	for (size_t i = 0; i < n; i++)
		if (wanted(w, s[i].name))
			show_broker_setting(w, &s[i]);
	show_rates(w);
	return KE_NONE;
}

/* The process has one log, of which the root is the level. */
static int show_loggers(struct showing *w, struct slice *why)
{
	int code;
	if (!w->in->resource_name.n)
		return *why = S("Broker id must not be empty"), KE_INVALID_REQUEST;
	code = which_broker(w, why);
	if (code)
		return code;
	room(w, 1);
	if (wanted(w, "root"))
		add(w, "root", kfk_log_level(w->k), KFK_BY_LOGGER, '?');
	return KE_NONE;
}

/* ---- groups, metrics ---- */

static int show_group(struct showing *w, struct slice *why)
{
	size_t n;
	const struct kfk_group_setting *s = kfk_group_settings(&n);
	if (!w->in->resource_name.n)
		return *why = S("Group name must not be empty"), KE_INVALID_REQUEST;
	room(w, n);
	for (size_t i = 0; i < n; i++) {
		struct slice set = kfk_kept(w->k, KFK_OF_GROUP, w->in->resource_name, sl(s[i].name));
		if (!wanted(w, s[i].name))
			continue;
		enum kfk_source source = set.p ? KFK_BY_GROUP : KFK_BY_DEFAULT;
		struct kp_describe_configs_resp_config *one = add(w, s[i].name, set.p ? set : sl(s[i].value), source, s[i].type);
		add_synonyms(w, one, NULL, &(struct kfk_synonym){ s[i].name, one->value, source }, 1);
		document(w, one, s[i].help);
	}
	return KE_NONE;
}

static int show_metrics(struct showing *w, struct slice *why)
{
	struct kfk_config *set;
	size_t n;
	if (!w->in->resource_name.n)
		return *why = S("Client metrics subscription name must not be empty"), KE_INVALID_REQUEST;
	n = kfk_kept_of(w->k, KFK_OF_METRICS, w->in->resource_name, w->c->arena, &set);
	room(w, n);
	for (size_t i = 0; i < n; i++) {
		const char *name = arena_cstr(w->c->arena, set[i].name);
		if (wanted(w, name))
			add(w, name, set[i].value, KFK_BY_METRICS, '?');
	}
	return KE_NONE;
}

/* ---- the request ---- */

static int show(struct showing *w, struct slice *why)
{
	bool topic = w->in->resource_type == KFK_OF_TOPIC;
	const char *action = topic ? "DescribeTopicDynamicConfiguration" : w->in->resource_type == KFK_OF_GROUP ? "DescribeGroup" : "DescribeClusterDynamicConfiguration";
	if (!kfk_may(w->k, w->c->conn, action, topic || w->in->resource_type == KFK_OF_GROUP ? w->in->resource_name : sl(NULL)))
		return topic ? KE_TOPIC_AUTHORIZATION_FAILED : w->in->resource_type == KFK_OF_GROUP ? KE_GROUP_AUTHORIZATION_FAILED : KE_CLUSTER_AUTHORIZATION_FAILED;
	switch ((enum kfk_thing)w->in->resource_type) {
	case KFK_OF_TOPIC:
		return show_topic(w, why);
	case KFK_OF_BROKER:
		return show_broker(w, why);
	case KFK_OF_LOGGER:
		return show_loggers(w, why);
	case KFK_OF_GROUP:
		return show_group(w, why);
	case KFK_OF_METRICS:
		return show_metrics(w, why);
	case KFK_OF_FEATURE:
		break;
	}
	return *why = sl(kp_code_text(KE_INVALID_REQUEST)), KE_INVALID_REQUEST;
}

enum kfk_done kfk_serve_describe_configs(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_configs_req *req = c->req;
	struct kp_describe_configs_resp *out = c->resp;
	int here = kfk_node(k, c->conn);
	out->results = kp_elements(&kp_describe_configs_resp_result_table, c->arena, (size_t)(req->resource_n > 0 ? req->resource_n : 0));
	for (int32_t i = 0; i < req->resource_n; i++) {
		struct kp_describe_configs_resp_result *one = &out->results[out->result_n++];
		struct showing w = { .k = k, .c = c, .in = &req->resources[i], .out = one, .node = here ? here : KFK_NODE_ID };
		struct slice why = sl(NULL);
		int code = show(&w, &why);
		one->error_code = (int16_t)code;
		one->error_message = why.p ? why : code && code != KE_UNKNOWN_TOPIC_OR_PARTITION ? sl(kp_code_text(code)) : S("");
		one->resource_type = req->resources[i].resource_type;
		one->resource_name = req->resources[i].resource_name;
	}
	return KFK_ANSWERED;
}
