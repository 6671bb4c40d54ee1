/* API v3: clusters and brokers, and what all its operations share. */
#include "rest/v3.h"

#include "java/text.h"

#define JSON "application/json"

/* ---- errors ---- */

/* Kafka's codes whose exceptions are of those kinds (org.apache.kafka.common.protocol.Errors). */
static const int refused[] = { KE_INVALID_REPLICATION_FACTOR, KE_SECURITY_DISABLED, KE_UNSUPPORTED_VERSION, KE_INVALID_PARTITIONS,
			       KE_INVALID_REQUEST, KE_UNKNOWN_SERVER_ERROR, KE_POLICY_VIOLATION, KE_TOPIC_ALREADY_EXISTS, KE_INVALID_CONFIG };
static const int denied[] = { KE_TOPIC_AUTHORIZATION_FAILED, KE_GROUP_AUTHORIZATION_FAILED, KE_CLUSTER_AUTHORIZATION_FAILED,
			      KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, KE_DELEGATION_TOKEN_AUTHORIZATION_FAILED };
static const int retriable[] = { KE_CORRUPT_MESSAGE, KE_LEADER_NOT_AVAILABLE, KE_NOT_LEADER_OR_FOLLOWER, KE_REQUEST_TIMED_OUT,
				 KE_REPLICA_NOT_AVAILABLE, KE_NETWORK_EXCEPTION, KE_COORDINATOR_LOAD_IN_PROGRESS, KE_COORDINATOR_NOT_AVAILABLE,
				 KE_NOT_COORDINATOR, KE_NOT_ENOUGH_REPLICAS, KE_NOT_ENOUGH_REPLICAS_AFTER_APPEND, KE_NOT_CONTROLLER,
				 KE_KAFKA_STORAGE_ERROR, KE_FETCH_SESSION_ID_NOT_FOUND, KE_INVALID_FETCH_SESSION_EPOCH, KE_LISTENER_NOT_FOUND,
				 KE_FENCED_LEADER_EPOCH, KE_UNKNOWN_LEADER_EPOCH, KE_OFFSET_NOT_AVAILABLE, KE_PREFERRED_LEADER_NOT_AVAILABLE,
				 KE_ELIGIBLE_LEADERS_NOT_AVAILABLE, KE_ELECTION_NOT_NEEDED, KE_CONCURRENT_TRANSACTIONS, KE_UNSTABLE_OFFSET_COMMIT,
				 KE_THROTTLING_QUOTA_EXCEEDED, KE_UNKNOWN_TOPIC_ID, KE_INCONSISTENT_TOPIC_ID, KE_FETCH_SESSION_TOPIC_ID_ERROR };

static bool among(const int *codes, size_t n, int code)
{
	for (size_t i = 0; i < n; i++)
		if (codes[i] == code)
			return true;
	return false;
}

void v3_map_code(int code, int *status, int *error)
{
	*status = 500;
	*error = REST_E_KAFKA;
	if (code == KE_SASL_AUTHENTICATION_FAILED) {
		*status = 401;
		*error = REST_E_AUTHENTICATION;
	} else if (among(denied, ARRAY_LEN(denied), code)) {
		*status = 403;
		*error = REST_E_AUTHORIZATION;
	} else if (code == KE_BROKER_NOT_AVAILABLE) {
		*status = 503;
		*error = REST_E_BROKER_NOT_AVAILABLE;
	} else if (among(refused, ARRAY_LEN(refused), code)) {
		*status = 400;
		*error = REST_E_BROKER;
	} else if (code == KE_UNKNOWN_TOPIC_OR_PARTITION) {
		*status = 404;
		*error = REST_E_NO_TOPIC_PARTITION;
	} else if (among(retriable, ARRAY_LEN(retriable), code)) {
		*error = REST_E_RETRIABLE;
	}
}

void v3_fail(struct rest_call *c, int status, int code, struct slice message)
{
	rest_answer_code(c, status, code, message, c->v3 ? JSON : "application/vnd.kafka.v2+json");
}

void v3_fail_code(struct rest_call *c, int code, struct slice message)
{
	int status, error;
	const char *text = kp_code_text(code);
	v3_map_code(code, &status, &error);
	v3_fail(c, status, error, message.p ? message : sl(text ? text : kp_code_text(KE_UNKNOWN_SERVER_ERROR)));
}

void v3_not_found(struct rest_call *c, const char *text)
{
	v3_fail(c, 404, 404, sl(text ? text : "HTTP 404 Not Found"));
}

/* ---- questions ---- */

void *v3_new(struct rest_call *c, size_t size)
{
	return arena_alloc(c->req->arena, size);
}

/* What the Admin client calls the question that it waited for in vain. */
static const char *call_name(int key)
{
	static const struct {
		int key;
		const char *name;
	} rows[] = {
		{ KP_DESCRIBE_CLUSTER, "listNodes" }, { KP_METADATA, "describeTopics" }, { KP_FIND_COORDINATOR, "findCoordinator" },
		{ KP_LIST_GROUPS, "findAllBrokers" }, { KP_LIST_PARTITION_REASSIGNMENTS, "listPartitionReassignments" },
		{ KP_CREATE_TOPICS, "createTopics" }, { KP_DELETE_TOPICS, "deleteTopics" }, { KP_DESCRIBE_CONFIGS, "describeConfigs" },
		{ KP_INCREMENTAL_ALTER_CONFIGS, "incrementalAlterConfigs" }, { KP_DESCRIBE_ACLS, "describeAcls" }, { KP_CREATE_ACLS, "createAcls" },
		{ KP_DELETE_ACLS, "deleteAcls" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].key == key)
			return rows[i].name;
	return "listNodes";
}

static void unanswered(struct rest_call *c)
{
	v3_fail(c, 500, REST_E_RETRIABLE, arena_printf(c->req->arena, "Timed out waiting for a node assignment. Call: %s", call_name(c->asked)));
}

static void answered(void *arg, const void *resp, const struct error *err)
{
	struct rest_call *c = arg;
	if (resp) {
		c->then(c, resp);
	} else if (err->kind == ERR_UNSUPPORTED) {
		log_warn(c->r->env, "unserved", "op=%s %s", c->op, err->text);
		v3_fail_code(c, KE_UNSUPPORTED_VERSION, arena_printf(c->req->arena, "The broker does not support %s", kp_api((int16_t)c->asked)->name));
	} else if (err->kind == ERR_STORE) {
		v3_fail_code(c, KE_KAFKA_STORAGE_ERROR, sl(NULL));
	} else {
		unanswered(c);
	}
}

void v3_ask(struct rest_call *c, int key, const void *req, rest_then then)
{
	const struct broker *b = c->r->broker;
	c->asked = key;
	c->then = then;
	if (b && b->self)
		owed_keep(&c->r->asks, b->ask(b->self, key, req, answered, c));
	else
		unanswered(c);
}

void *v3_keep(struct rest_call *c, int key, const void *resp)
{
	const struct kp_api *api = kp_api((int16_t)key);
	struct buf b = { 0 };
	struct slice bytes;
	struct rd r;
	void *out = v3_new(c, api->response->size);
	kp_write(api->response, api->max, api->max >= api->flex, resp, &b);
	bytes = arena_dup(c->req->arena, buf_slice(&b));
	buf_free(&b);
	r = rd_of(bytes.p, bytes.n);
	if (!kp_read(api->response, api->max, api->max >= api->flex, &r, c->req->arena, out))
		kp_init(api->response, out);
	return out;
}

static int by_id(const void *a, const void *b)
{
	int32_t x = ((const struct kp_describe_cluster_resp_broker *)a)->broker_id, y = ((const struct kp_describe_cluster_resp_broker *)b)->broker_id;
	return (x > y) - (x < y);
}

static void got_cluster(struct rest_call *c, const void *resp)
{
	struct kp_describe_cluster_resp *k = v3_keep(c, KP_DESCRIBE_CLUSTER, resp);
	rest_then then = c->begun;
	if (k->error_code) {
		v3_fail_code(c, k->error_code, k->error_message);
		return;
	}
	qsort(k->brokers, (size_t)k->broker_n, sizeof(*k->brokers), by_id);
	c->cluster = k;
	if (c->v3 && c->args[0].p && !sl_eq(c->args[0], k->cluster_id))
		v3_not_found(c, c->no_cluster);
	else
		then(c, k);
}

void v3_begin(struct rest_call *c, const char *text, rest_then then)
{
	struct kp_describe_cluster_req *q = V3_NEW(c, kp_describe_cluster_req);
	struct buf b = { 0 };
	kp_init(kp_api(KP_DESCRIBE_CLUSTER)->request, q);
	c->begun = then;
	c->no_cluster = NULL;
	if (text) {
		struct slice head, rest;
		(void)sl_cut(sl(text), '%', &head, &rest);
		buf_addsl(&b, head);
		buf_addsl(&b, c->args[0]);
		buf_addsl(&b, sl_from(rest, 3)); /* behind ".*s" */
		c->no_cluster = arena_cstr(c->req->arena, buf_slice(&b));
		buf_free(&b);
	}
	v3_ask(c, KP_DESCRIBE_CLUSTER, q, got_cluster);
}

/* ---- answers ---- */

struct slice v3_base(struct rest_call *c)
{
	return arena_printf(c->req->arena, "%s://%.*s", c->req->secure ? "https" : "http", SL(http_get(c->req, "Host")));
}

static struct slice with_cluster(struct rest_call *c, struct slice head, const char *fmt, va_list ap)
{
	struct buf b = { 0 };
	struct slice out;
	buf_addsl(&b, head);
	buf_addsl(&b, c->cluster ? c->cluster->cluster_id : c->args[0]);
	buf_addv(&b, fmt, ap);
	out = arena_dup(c->req->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

struct slice v3_url(struct rest_call *c, const char *fmt, ...)
{
	struct slice out;
	va_list ap;
	va_start(ap, fmt);
	out = with_cluster(c, arena_printf(c->req->arena, "%.*s/v3/clusters/", SL(v3_base(c))), fmt, ap);
	va_end(ap);
	return out;
}

struct slice v3_crn(struct rest_call *c, const char *fmt, ...)
{
	struct slice out;
	va_list ap;
	va_start(ap, fmt);
	out = with_cluster(c, S("crn:///kafka="), fmt, ap);
	va_end(ap);
	return out;
}

void v3_head(struct rest_call *c, const char *kind, struct slice self, struct slice crn)
{
	struct buf *b = &c->body;
	jw_obj(b, NULL);
	jw_text(b, "kind", kind);
	jw_obj(b, "metadata");
	jk_str(b, "self", self);
	if (crn.p)
		jk_str(b, "resource_name", crn);
	jw_obj_end(b);
	jk_str(b, "cluster_id", c->cluster->cluster_id);
}

void v3_link(struct rest_call *c, const char *name, struct slice url)
{
	jw_obj(&c->body, name);
	jk_str(&c->body, "related", url);
	jw_obj_end(&c->body);
}

void v3_list(struct rest_call *c, const char *kind, struct slice self)
{
	struct buf *b = &c->body;
	jw_obj(b, NULL);
	jw_text(b, "kind", kind);
	jw_obj(b, "metadata");
	jk_str(b, "self", self);
	jw_null(b, "next");
	jw_obj_end(b);
	jw_list(b, "data");
}

void v3_list_end(struct rest_call *c)
{
	jw_list_end(&c->body);
	jw_obj_end(&c->body);
	v3_done(c);
}

void v3_done(struct rest_call *c)
{
	rest_answer(c, 200, JSON);
}

void v3_done_empty(struct rest_call *c)
{
	buf_reset(&c->body);
	rest_answer(c, 204, NULL);
}

/* java.net.URI takes no such place: the real proxy has made the thing by then, and fails. */
static bool is_uri(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || strchr("\"<>\\^`{|}", s.p[i]))
			return false;
	return true;
}

void v3_created(struct rest_call *c, struct slice location)
{
	if (!is_uri(location)) {
		v3_fail(c, 500, 500, S("Internal Server Error"));
		return;
	}
	c->location = location;
	rest_answer(c, 201, c->body.n ? JSON : NULL);
}

void *v3_body(struct rest_call *c, const struct bean_type *t)
{
	struct bean_reader r = { 0 };
	void *bean = NULL;
	jk_init(&r.j, &bean_words, c->req->arena, c->req->body);
	jk_next(&r.j);
	if (!r.j.failed && (r.j.token == JK_NONE || r.j.token == JK_NULL)) {
		v3_fail(c, 500, 500, S("Internal Server Error")); /* as a null that isn't expected */
		return NULL;
	}
	if (!r.j.failed)
		bean = bean_make(&r, t);
	if (bean)
		return bean;
	if (r.unknown.p)
		v3_fail(c, 422, 422, arena_printf(c->req->arena, "Unrecognized field: %.*s", SL(r.unknown)));
	else if (r.j.error == JK_LIMIT)
		v3_fail(c, 500, 500, S("Internal Server Error"));
	else
		rest_answer_error(c, &(struct rest_error){ .status = 400, .code = 400, .message = jk_message(&r.j), .plain = true });
	return NULL;
}

/* ---- clusters ---- */

static void put_cluster(struct rest_call *c)
{
	v3_head(c, "KafkaCluster", v3_url(c, "%s", ""), v3_crn(c, "%s", ""));
	if (c->cluster->controller_id >= 0)
		v3_link(c, "controller", v3_url(c, "/brokers/%d", c->cluster->controller_id));
	else
		jw_null(&c->body, "controller");
	v3_link(c, "acls", v3_url(c, "/acls"));
	v3_link(c, "brokers", v3_url(c, "/brokers"));
	v3_link(c, "broker_configs", v3_url(c, "/broker-configs"));
	v3_link(c, "consumer_groups", v3_url(c, "/consumer-groups"));
	v3_link(c, "topics", v3_url(c, "/topics"));
	v3_link(c, "partition_reassignments", v3_url(c, "/topics/-/partitions/-/reassignment"));
	jw_obj_end(&c->body);
}

static void answer_clusters(struct rest_call *c, const void *resp)
{
	v3_list(c, "KafkaClusterList", arena_printf(c->req->arena, "%.*s/v3/clusters", SL(v3_base(c))));
	put_cluster(c);
	v3_list_end(c);
}

void v3_clusters(struct rest_call *c)
{
	v3_begin(c, NULL, answer_clusters);
}

static void answer_cluster(struct rest_call *c, const void *resp)
{
	put_cluster(c);
	v3_done(c);
}

void v3_cluster(struct rest_call *c)
{
	v3_begin(c, NULL, answer_cluster);
}

/* ---- brokers ---- */

static void put_broker(struct rest_call *c, const struct kp_describe_cluster_resp_broker *n)
{
	struct buf *b = &c->body;
	v3_head(c, "KafkaBroker", v3_url(c, "/brokers/%d", n->broker_id), v3_crn(c, "/broker=%d", n->broker_id));
	jw_int(b, "broker_id", n->broker_id);
	jk_str(b, "host", n->host);
	jw_int(b, "port", n->port);
	if (n->rack.p)
		jk_str(b, "rack", n->rack);
	else
		jw_null(b, "rack");
	v3_link(c, "configs", v3_url(c, "/brokers/%d/configs", n->broker_id));
	v3_link(c, "partition_replicas", v3_url(c, "/brokers/%d/partition-replicas", n->broker_id));
	jw_obj_end(b);
}

static void answer_brokers(struct rest_call *c, const void *resp)
{
	v3_list(c, "KafkaBrokerList", v3_url(c, "/brokers"));
	for (int i = 0; i < c->cluster->broker_n; i++)
		put_broker(c, &c->cluster->brokers[i]);
	v3_list_end(c);
}

void v3_brokers(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, answer_brokers);
}

static void answer_broker(struct rest_call *c, const void *resp)
{
	for (int i = 0; i < c->cluster->broker_n; i++) {
		if (c->cluster->brokers[i].broker_id == c->number) {
			put_broker(c, &c->cluster->brokers[i]);
			v3_done(c);
			return;
		}
	}
	v3_not_found(c, NULL);
}

void v3_broker(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, answer_broker);
}
