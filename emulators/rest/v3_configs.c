/* API v3: settings of topics, of brokers, and of the cluster: what all brokers have set at run time. */
#include "rest/v3.h"

#define ENTITIES "io.confluent.kafkarest.entities.v3."

enum { TOPIC = 2, BROKER = 4 };
enum { SET, DELETE }; /* Kafka's operations, too */

/* What a path speaks of. */
struct resource {
	int8_t type;
	struct slice name;    /* as the broker has it; "" is all brokers */
	const char *kind;     /* of an object */
	struct slice path, crn;
};

static struct resource resource_of(struct rest_call *c, int8_t type, struct slice name)
{
	struct arena *a = c->req->arena;
	if (type == TOPIC)
		return (struct resource){ TOPIC, name, "KafkaTopicConfig", arena_printf(a, "/topics/%.*s/configs", SL(name)),
					  arena_printf(a, "/topic=%.*s/config", SL(name)) };
	if (name.n)
		return (struct resource){ BROKER, name, "KafkaBrokerConfig", arena_printf(a, "/brokers/%.*s/configs", SL(name)),
					  arena_printf(a, "/broker=%.*s/config", SL(name)) };
	return (struct resource){ BROKER, S(""), "KafkaClusterConfig", S("/broker-configs"), S("/broker-config") };
}

/* The one of the call: its second row of args is a topic or a broker, or there is none. */
static struct resource resource_of_call(struct rest_call *c)
{
	if (sl_find(c->req->path, S("/topics/")) >= 0)
		return resource_of(c, TOPIC, c->args[1]);
	return resource_of(c, BROKER, c->has_number ? arena_printf(c->req->arena, "%d", c->number) : S(""));
}

/* The setting that the path names. */
static struct slice name_of_call(struct rest_call *c)
{
	return resource_of_call(c).name.n ? c->args[2] : c->args[1];
}

/* ---- shown ---- */

static const char *source_name(int8_t source)
{
	static const char *const names[] = { "UNKNOWN", "DYNAMIC_TOPIC_CONFIG", "DYNAMIC_BROKER_CONFIG", "DYNAMIC_DEFAULT_BROKER_CONFIG",
					     "STATIC_BROKER_CONFIG", "DEFAULT_CONFIG", "DYNAMIC_BROKER_LOGGER_CONFIG" };
	return source > 0 && source < (int)ARRAY_LEN(names) ? names[source] : names[0];
}

static void put_value(struct buf *b, const char *name, struct slice value)
{
	if (value.p)
		jk_str(b, name, value);
	else
		jw_null(b, name);
}

static void put_config(struct rest_call *c, const struct resource *r, const struct kp_describe_configs_resp_config *e)
{
	struct buf *b = &c->body;
	v3_head(c, r->kind, v3_url(c, "%.*s/%.*s", SL(r->path), SL(e->name)), v3_crn(c, "%.*s=%.*s", SL(r->crn), SL(e->name)));
	jk_str(b, "name", e->name);
	put_value(b, "value", e->value);
	jw_bool(b, "is_read_only", e->read_only);
	jw_bool(b, "is_sensitive", e->is_sensitive);
	jw_text(b, "source", source_name(e->config_source));
	jw_list(b, "synonyms");
	for (int i = 0; i < e->synonym_n; i++) {
		jw_obj(b, NULL);
		jk_str(b, "name", e->synonyms[i].name);
		put_value(b, "value", e->synonyms[i].value);
		jw_text(b, "source", source_name(e->synonyms[i].source));
		jw_obj_end(b);
	}
	jw_list_end(b);
	if (r->type == TOPIC)
		jk_str(b, "topic_name", r->name);
	else if (r->name.n)
		jw_raw(b, "broker_id", r->name);
	else
		jw_text(b, "config_type", "BROKER");
	jw_bool(b, "is_default", e->config_source == 5);
	jw_obj_end(b);
}

static int by_name(const void *a, const void *b)
{
	return sl_cmp(((const struct kp_describe_configs_resp_config *)a)->name, ((const struct kp_describe_configs_resp_config *)b)->name);
}

/* A copy of the first result; NULL: its error is told. */
static struct kp_describe_configs_resp_result *first_result(struct rest_call *c, const void *resp)
{
	struct kp_describe_configs_resp *r = v3_keep(c, KP_DESCRIBE_CONFIGS, resp);
	if (r->result_n < 1) {
		v3_fail_code(c, KE_UNKNOWN_SERVER_ERROR, sl(NULL));
		return NULL;
	}
	if (r->results[0].error_code) {
		v3_fail_code(c, r->results[0].error_code, r->results[0].error_message);
		return NULL;
	}
	return &r->results[0];
}

static const struct kp_describe_configs_resp_config *find(const struct kp_describe_configs_resp_result *r, struct slice name)
{
	for (int i = 0; i < r->config_n; i++)
		if (sl_eq(r->configs[i].name, name))
			return &r->configs[i];
	return NULL;
}

/* Asks for the settings of n resources of one type. */
static void ask_of(struct rest_call *c, int8_t type, const struct slice *names, size_t n, rest_then then)
{
	struct kp_describe_configs_req *q = V3_NEW(c, kp_describe_configs_req);
	kp_init(kp_api(KP_DESCRIBE_CONFIGS)->request, q);
	q->resources = kp_elements(&kp_describe_configs_req_resource_table, c->req->arena, n);
	q->resource_n = (int32_t)n;
	q->include_synonyms = true;
	for (size_t i = 0; i < n; i++) {
		q->resources[i].resource_type = type;
		q->resources[i].resource_name = names[i];
		q->resources[i].configuration_key_n = -1;
	}
	v3_ask(c, KP_DESCRIBE_CONFIGS, q, then);
}

static void ask_own(struct rest_call *c, rest_then then)
{
	struct resource r = resource_of_call(c);
	ask_of(c, r.type, &r.name, 1, then);
}

static void answer_configs(struct rest_call *c, const void *resp)
{
	struct resource r = resource_of_call(c);
	struct kp_describe_configs_resp_result *t = first_result(c, resp);
	if (!t)
		return;
	qsort(t->configs, (size_t)t->config_n, sizeof(*t->configs), by_name);
	v3_list(c, arena_printf(c->req->arena, "%sList", r.kind).p, v3_url(c, "%.*s", SL(r.path)));
	for (int i = 0; i < t->config_n; i++)
		put_config(c, &r, &t->configs[i]);
	v3_list_end(c);
}

static void ask_configs(struct rest_call *c, const void *resp)
{
	ask_own(c, answer_configs);
}

void v3_configs(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_configs);
}

static void answer_config(struct rest_call *c, const void *resp)
{
	struct resource r = resource_of_call(c);
	struct kp_describe_configs_resp_result *t = first_result(c, resp);
	const struct kp_describe_configs_resp_config *e = t ? find(t, name_of_call(c)) : NULL;
	if (!t)
		return;
	if (!e) {
		v3_not_found(c, NULL);
		return;
	}
	put_config(c, &r, e);
	v3_done(c);
}

static void ask_config(struct rest_call *c, const void *resp)
{
	ask_own(c, answer_config);
}

void v3_config(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_config);
}

/* ---- of all topics, of all brokers ---- */

static void answer_all(struct rest_call *c, const void *resp)
{
	struct kp_describe_configs_resp *all = v3_keep(c, KP_DESCRIBE_CONFIGS, resp);
	bool topics = all->result_n ? all->results[0].resource_type == TOPIC : sl_find(c->req->path, S("/topics/")) >= 0;
	for (int i = 0; i < all->result_n; i++) {
		if (all->results[i].error_code) {
			v3_fail_code(c, all->results[i].error_code, all->results[i].error_message);
			return;
		}
	}
	v3_list(c, topics ? "KafkaTopicConfigList" : "KafkaBrokerConfigList", v3_url(c, topics ? "/topics/-/configs" : "/brokers/-/configs"));
	for (int i = 0; i < all->result_n; i++) {
		struct resource r = resource_of(c, all->results[i].resource_type, all->results[i].resource_name);
		if (topics) /* of brokers as the broker has them */
			qsort(all->results[i].configs, (size_t)all->results[i].config_n, sizeof(*all->results[i].configs), by_name);
		for (int k = 0; k < all->results[i].config_n; k++)
			put_config(c, &r, &all->results[i].configs[k]);
	}
	v3_list_end(c);
}

/* In the order of the map that the real proxy puts them in. */
static void ask_names(struct rest_call *c, int8_t type, struct slice *names, size_t n)
{
	rest_java_order(c->req->arena, names, n);
	if (n)
		ask_of(c, type, names, n, answer_all);
	else
		answer_all(c, V3_NEW(c, kp_describe_configs_resp));
}

static void got_topics(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp *m = v3_keep(c, KP_METADATA, resp);
	struct slice *names = v3_new(c, ((size_t)m->topic_n + 1) * sizeof(*names));
	size_t n = 0;
	for (int i = 0; i < m->topic_n; i++)
		if (!m->topics[i].error_code && !m->topics[i].is_internal)
			names[n++] = m->topics[i].name;
	ask_names(c, TOPIC, names, n);
}

static void ask_all(struct rest_call *c, const void *resp)
{
	struct kp_metadata_req *q = V3_NEW(c, kp_metadata_req);
	struct slice *names = v3_new(c, ((size_t)c->cluster->broker_n + 1) * sizeof(*names));
	if (sl_find(c->req->path, S("/topics/")) >= 0) {
		kp_init(kp_api(KP_METADATA)->request, q);
		q->topic_n = -1;
		v3_ask(c, KP_METADATA, q, got_topics);
		return;
	}
	for (int i = 0; i < c->cluster->broker_n; i++)
		names[i] = arena_printf(c->req->arena, "%d", c->cluster->brokers[i].broker_id);
	ask_names(c, BROKER, names, (size_t)c->cluster->broker_n);
}

void v3_all_configs(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_all);
}

/* ---- changed ---- */

struct change {
	struct slice name, value;
	int operation; /* -1: SET */
};
static const char *const operations[] = { "SET", "DELETE", NULL };
static const struct bean_field entry_fields[] = {
	{ "name", BEAN_TEXT, offsetof(struct change, name), .needed = "Null name" },
	{ "value", BEAN_TEXT, offsetof(struct change, value) },
	{ "operation", BEAN_ENUM, offsetof(struct change, operation), .class = ENTITIES "AlterConfigBatchRequestData$AlterOperation", .words = operations },
};
static const struct bean_type entry_type = { ENTITIES "AlterConfigBatchRequestData$AlterEntry", entry_fields, ARRAY_LEN(entry_fields),
					     sizeof(struct change), NULL };
struct alter_request {
	struct bean_list data; /* of struct change */
};
static const struct bean_field alter_fields[] = {
	{ "data", BEAN_LIST, offsetof(struct alter_request, data), .needed = "`java.lang.NullPointerException`", .of = &entry_type },
};
static const struct bean_type alter_type = { ENTITIES "AlterConfigBatchRequestData", alter_fields, ARRAY_LEN(alter_fields),
					     sizeof(struct alter_request), NULL };

struct update_request {
	struct slice value;
};
static const struct bean_field update_fields[] = { { "value", BEAN_TEXT, offsetof(struct update_request, value) } };
#define UPDATE(what) { ENTITIES "Update" what "ConfigRequest", update_fields, ARRAY_LEN(update_fields), sizeof(struct update_request), NULL }
static const struct bean_type update_types[] = { UPDATE("Topic"), UPDATE("Broker"), UPDATE("Cluster") };

static void answer_changed(struct rest_call *c, const void *resp)
{
	const struct kp_incremental_alter_configs_resp *r = resp;
	if (r->response_n && r->responses[0].error_code)
		v3_fail_code(c, r->responses[0].error_code, r->responses[0].error_message);
	else
		v3_done_empty(c);
}

static void ask_change(struct rest_call *c, const void *resp)
{
	const struct alter_request *in = c->state;
	struct kp_incremental_alter_configs_req *q = V3_NEW(c, kp_incremental_alter_configs_req);
	struct resource r = resource_of_call(c);
	kp_init(kp_api(KP_INCREMENTAL_ALTER_CONFIGS)->request, q);
	q->resources = kp_elements(&kp_incremental_alter_configs_req_resource_table, c->req->arena, 1);
	q->resource_n = 1;
	q->resources[0].resource_type = r.type;
	q->resources[0].resource_name = r.name;
	q->resources[0].configs = kp_elements(&kp_incremental_alter_configs_req_config_table, c->req->arena, in->data.n);
	q->resources[0].config_n = (int32_t)in->data.n;
	for (size_t i = 0; i < in->data.n; i++) {
		const struct change *e = in->data.items[i];
		q->resources[0].configs[i].name = e->name;
		q->resources[0].configs[i].value = e->value;
		q->resources[0].configs[i].config_operation = e->operation == DELETE ? DELETE : SET;
	}
	v3_ask(c, KP_INCREMENTAL_ALTER_CONFIGS, q, answer_changed);
}

/* Settings of topics and brokers are looked for first. */
static void look(struct rest_call *c, const void *resp)
{
	const struct alter_request *in = c->state;
	struct resource r = resource_of_call(c);
	struct kp_describe_configs_resp_result *t = first_result(c, resp);
	if (!t)
		return;
	for (size_t i = 0; i < in->data.n; i++) {
		const struct change *e = in->data.items[i];
		if (find(t, e->name))
			continue;
		v3_not_found(c, arena_printf(c->req->arena, "Config %.*s cannot be found for %s %.*s in cluster %.*s.", SL(e->name),
					     r.type == TOPIC ? "TOPIC" : "BROKER", SL(r.name), SL(c->args[0])).p);
		return;
	}
	ask_change(c, NULL);
}

static void ask_look(struct rest_call *c, const void *resp)
{
	if (resource_of_call(c).name.n)
		ask_own(c, look);
	else
		ask_change(c, NULL);
}

static void change_one(struct rest_call *c, struct slice value, int operation)
{
	struct alter_request *in = V3_NEW(c, alter_request);
	struct change *e = V3_NEW(c, change);
	*e = (struct change){ name_of_call(c), value, operation };
	in->data = (struct bean_list){ v3_new(c, sizeof(void *)), 1 };
	in->data.items[0] = e;
	c->state = in;
	v3_begin(c, V3_CLUSTER, ask_look);
}

void v3_config_put(struct rest_call *c)
{
	struct resource r = resource_of_call(c);
	const struct update_request *in = v3_body(c, &update_types[r.type == TOPIC ? 0 : r.name.n ? 1 : 2]);
	if (in)
		change_one(c, in->value, SET);
}

void v3_config_delete(struct rest_call *c)
{
	change_one(c, sl(NULL), DELETE);
}

void v3_configs_alter(struct rest_call *c)
{
	c->state = v3_body(c, &alter_type);
	if (c->state)
		v3_begin(c, V3_CLUSTER, ask_look);
}
