/* Routes, media types and answers of the proxy (JAX-RS as Jersey does it, errors as Confluent's rest-utils). */
#include "core/json.h"
#include "java/jackson.h"
#include "java/text.h"
#include "rest/v3.h"

#define V2 "application/vnd.kafka.v2+json"
#define JSON "application/json"

enum { ACCEPT_MAX = 64 };

/* Media types a request body may have, in the order the proxy tries them for a body without a type. */
static const struct {
	const char *type;
	enum rest_format format;
} embedded[] = {
	{ "application/vnd.kafka.binary.v2+json", REST_BINARY },
	{ "application/vnd.kafka.json.v2+json", REST_JSON },
	{ "application/vnd.kafka.avro.v2+json", REST_AVRO },
	{ "application/vnd.kafka.protobuf.v2+json", REST_PROTOBUF },
	{ "application/vnd.kafka.jsonschema.v2+json", REST_JSONSCHEMA },
};

static void serve_root(struct rest_call *c);
static void serve_brokers(struct rest_call *c);
static void serve_post_root(struct rest_call *c);

/* EMBEDDED: takes an embedded format; else V2. V3: takes and gives JSON; NUMBER(i): the i-th argument is a number; else 404. */
enum { EMBEDDED = 1, V3 = 2, NUMBER_SHIFT = 8 };
#define NUMBER(i) (V3 | (i) << NUMBER_SHIFT)
/* Arguments of v2: a topic, a partition. */
static const struct op {
	struct route route;
	void (*run)(struct rest_call *c);
} ops[] = {
	{ { "GET", "/", "Root", "nothing" }, serve_root },
	{ { "POST", "/", "PostRoot", "nothing, of any map of strings" }, serve_post_root },
	{ { "GET", "/brokers", "ListBrokers", "ids of the brokers" }, serve_brokers },
	{ { "GET", "/topics", "ListTopics", "names of the topics" }, rest_topics },
	{ { "GET", "/topics/{}", "GetTopic", "a topic: settings and partitions" }, rest_topic },
	{ { "POST", "/topics/{}", "ProduceToTopic", "append records", .flags = EMBEDDED }, rest_produce },
	{ { "GET", "/topics/{}/partitions", "ListPartitions", "partitions with leader and replicas" }, rest_partitions },
	{ { "GET", "/topics/{}/partitions/{}", "GetPartition", "one partition" }, rest_partitions },
	{ { "POST", "/topics/{}/partitions/{}", "ProduceToPartition", "append records to one partition", .flags = EMBEDDED }, rest_produce },
	{ { "GET", "/topics/{}/partitions/{}/offsets", "GetOffsets", "first and end offset" }, rest_offsets },
};

#define CLUSTER "/v3/clusters/{}"
#define TOPIC CLUSTER "/topics/{}"
#define PARTITION TOPIC "/partitions/{}"
#define BROKER CLUSTER "/brokers/{}"
#define GROUP CLUSTER "/consumer-groups/{}"
/* Arguments: the cluster, then as the path has them. */
static const struct op v3_ops[] = {
	{ { "GET", "/v3/clusters", "ListClusters", "the cluster", .flags = V3 }, v3_clusters },
	{ { "GET", CLUSTER, "GetCluster", "the cluster", .flags = V3 }, v3_cluster },
	{ { "GET", CLUSTER "/brokers", "ListBrokersV3", "brokers", .flags = V3 }, v3_brokers },
	{ { "GET", CLUSTER "/brokers/-/configs", "ListAllBrokersConfigs", "settings of all brokers", .flags = V3 }, v3_all_configs },
	{ { "GET", BROKER, "GetBroker", "one broker", .flags = NUMBER(1) }, v3_broker },
	{ { "GET", BROKER "/partition-replicas", "SearchReplicasByBroker", "replicas on a broker", .flags = NUMBER(1) }, v3_broker_replicas },
	{ { "GET", BROKER "/configs", "ListBrokerConfigs", "settings of a broker", .flags = NUMBER(1) }, v3_configs },
	{ { "POST", BROKER "/configs:alter", "AlterBrokerConfigs", "change settings of a broker", .flags = NUMBER(1) }, v3_configs_alter },
	{ { "GET", BROKER "/configs/{}", "GetBrokerConfig", "one setting of a broker", .flags = NUMBER(1) }, v3_config },
	{ { "PUT", BROKER "/configs/{}", "UpdateBrokerConfig", "change a setting of a broker", .flags = NUMBER(1) }, v3_config_put },
	{ { "DELETE", BROKER "/configs/{}", "ResetBrokerConfig", "a broker's setting as by default", .flags = NUMBER(1) }, v3_config_delete },
	{ { "GET", CLUSTER "/broker-configs", "ListClusterConfigs", "settings of all brokers, made at run time", .flags = V3 }, v3_configs },
	{ { "POST", CLUSTER "/broker-configs:alter", "AlterClusterConfigs", "change settings of all brokers", .flags = V3 }, v3_configs_alter },
	{ { "GET", CLUSTER "/broker-configs/{}", "GetClusterConfig", "one of them", .flags = V3 }, v3_config },
	{ { "PUT", CLUSTER "/broker-configs/{}", "UpdateClusterConfig", "make or change one", .flags = V3 }, v3_config_put },
	{ { "DELETE", CLUSTER "/broker-configs/{}", "DeleteClusterConfig", "delete one", .flags = V3 }, v3_config_delete },
	{ { "GET", CLUSTER "/topics", "ListTopicsV3", "topics", .flags = V3 }, v3_topics },
	{ { "POST", CLUSTER "/topics", "CreateTopic", "make a topic", .flags = V3 }, v3_topic_create },
	{ { "GET", CLUSTER "/topics/-/configs", "ListAllTopicsConfigs", "settings of all topics", .flags = V3 }, v3_all_configs },
	{ { "GET", CLUSTER "/topics/-/partitions/-/reassignment", "ListReassignments", "partitions on the move", .flags = V3 }, v3_reassignments },
	{ { "GET", TOPIC, "GetTopicV3", "a topic", .flags = V3 }, v3_topic },
	{ { "DELETE", TOPIC, "DeleteTopic", "delete a topic", .flags = V3 }, v3_topic_delete },
	{ { "POST", TOPIC "/records", "ProduceRecord", "append records, a line of the answer each", .flags = V3 }, v3_records },
	{ { "GET", TOPIC "/configs", "ListTopicConfigs", "settings of a topic", .flags = V3 }, v3_configs },
	{ { "POST", TOPIC "/configs:alter", "AlterTopicConfigs", "change settings of a topic", .flags = V3 }, v3_configs_alter },
	{ { "GET", TOPIC "/configs/{}", "GetTopicConfig", "one setting of a topic", .flags = V3 }, v3_config },
	{ { "PUT", TOPIC "/configs/{}", "UpdateTopicConfig", "change a setting of a topic", .flags = V3 }, v3_config_put },
	{ { "DELETE", TOPIC "/configs/{}", "ResetTopicConfig", "a topic's setting as by default", .flags = V3 }, v3_config_delete },
	{ { "GET", TOPIC "/partitions", "ListPartitionsV3", "partitions", .flags = V3 }, v3_partitions },
	{ { "GET", TOPIC "/partitions/-/reassignment", "SearchReassignmentsByTopic", "a topic's partitions on the move", .flags = V3 }, v3_topic_reassignments },
	{ { "GET", PARTITION, "GetPartitionV3", "one partition", .flags = NUMBER(2) }, v3_partition },
	{ { "GET", PARTITION "/reassignment", "GetReassignment", "one partition on the move", .flags = NUMBER(2) }, v3_reassignment },
	{ { "GET", PARTITION "/replicas", "ListReplicas", "replicas of a partition", .flags = NUMBER(2) }, v3_replicas },
	{ { "GET", PARTITION "/replicas/{}", "GetReplica", "one replica", .flags = NUMBER(2) | 3 << 2 * NUMBER_SHIFT }, v3_replica },
	{ { "GET", CLUSTER "/consumer-groups", "ListConsumerGroups", "consumer groups", .flags = V3 }, v3_groups },
	{ { "GET", GROUP, "GetConsumerGroup", "a consumer group", .flags = V3 }, v3_group },
	{ { "GET", GROUP "/consumers", "ListConsumers", "consumers of a group", .flags = V3 }, v3_consumers },
	{ { "GET", GROUP "/lag-summary", "GetConsumerGroupLagSummary", "how far behind a group is", .flags = V3 }, v3_lag_summary },
	{ { "GET", GROUP "/lags", "ListConsumerLags", "the same, by partition", .flags = V3 }, v3_lags },
	{ { "GET", GROUP "/lags/{}/partitions/{}", "GetConsumerLag", "of one partition", .flags = NUMBER(3) }, v3_lag },
	{ { "GET", GROUP "/consumers/{}", "GetConsumer", "one consumer", .flags = V3 }, v3_consumer },
	{ { "GET", GROUP "/consumers/{}/assignments", "ListConsumerAssignments", "partitions of a consumer", .flags = V3 }, v3_assignments },
	{ { "GET", GROUP "/consumers/{}/assignments/{}/partitions/{}", "GetConsumerAssignment", "one of them", .flags = NUMBER(4) }, v3_assignment },
	{ { "GET", CLUSTER "/acls", "SearchAcls", "ACLs", .flags = V3 }, v3_acls },
	{ { "POST", CLUSTER "/acls", "CreateAcl", "make an ACL", .flags = V3 }, v3_acl_create },
	{ { "DELETE", CLUSTER "/acls", "DeleteAcls", "delete ACLs", .flags = V3 }, v3_acls_delete },
};
const struct routes rest_v3_routes = ROUTES(v3_ops);
const struct routes rest_routes = ROUTES(ops);

void rest_answer(struct rest_call *c, int status, const char *type)
{
	c->status = status;
	c->type = type;
	c->done(c);
}

void rest_answer_code(struct rest_call *c, int status, int code, struct slice message, const char *type)
{
	buf_reset(&c->body);
	jw_obj(&c->body, NULL);
	jw_int(&c->body, "error_code", code);
	jk_str(&c->body, "message", message);
	jw_obj_end(&c->body);
	rest_answer(c, status, type);
}

/* Jersey's own refusals: "HTTP 404 Not Found". */
static void refuse(struct rest_call *c, int status, const char *type)
{
	const char *text = status == 400 ? "HTTP 400 Bad Request" : status == 404 ? "HTTP 404 Not Found" :
			   status == 405 ? "HTTP 405 Method Not Allowed" : status == 406 ? "HTTP 406 Not Acceptable" :
			   "HTTP 415 Unsupported Media Type";
	rest_answer_code(c, status, status, sl(text), type);
}

void rest_answer_error(struct rest_call *c, const struct rest_error *e)
{
	if (!e->plain) {
		rest_answer_code(c, e->status, e->code, e->message, V2);
		return;
	}
	buf_reset(&c->body);
	java_encode(&c->body, e->message);
	rest_answer(c, e->status, "text/plain");
}

/* ---- answers ---- */

void rest_answer_offsets(struct rest_call *c, const struct rest_offset *o, size_t n)
{
	struct buf *b = &c->body;
	jw_obj(b, NULL);
	jw_list(b, "offsets");
	for (size_t i = 0; i < n; i++) {
		jw_obj(b, NULL);
		if (o[i].error_code) {
			jw_null(b, "partition");
			jw_null(b, "offset");
			jw_int(b, "error_code", o[i].error_code);
			jk_str(b, "error", o[i].error);
		} else {
			jw_int(b, "partition", o[i].partition);
			jw_int(b, "offset", o[i].offset);
			jw_null(b, "error_code");
			jw_null(b, "error");
		}
		jw_obj_end(b);
	}
	jw_list_end(b);
	jw_null(b, "key_schema_id");
	jw_null(b, "value_schema_id");
	jw_obj_end(b);
	rest_answer(c, 200, V2);
}

void rest_answer_topics(struct rest_call *c, const struct slice *names, size_t n)
{
	jw_list(&c->body, NULL);
	for (size_t i = 0; i < n; i++)
		jk_str(&c->body, NULL, names[i]);
	jw_list_end(&c->body);
	rest_answer(c, 200, V2);
}

/* DIFFERS: of another cluster, whose record log doesn't say more: one broker, which leads every partition. */
static void add_partition(struct buf *b, int partition)
{
	jw_obj(b, NULL);
	jw_int(b, "partition", partition);
	jw_int(b, "leader", REST_BROKER_ID);
	jw_list(b, "replicas");
	jw_obj(b, NULL);
	jw_int(b, "broker", REST_BROKER_ID);
	jw_bool(b, "leader", true);
	jw_bool(b, "in_sync", true);
	jw_obj_end(b);
	jw_list_end(b);
	jw_obj_end(b);
}

static void add_partitions(struct buf *b, const char *name, int n)
{
	jw_list(b, name);
	for (int i = 0; i < n; i++)
		add_partition(b, i);
	jw_list_end(b);
}

/* A topic's settings in the order of the broker's answer. DIFFERS: of another
 * cluster always Kafka 4.0's defaults; the record log doesn't tell a topic's own. */
static const char *const topic_configs[][2] = {
	{ "compression.type", "producer" },
	{ "remote.log.delete.on.disable", "false" },
	{ "leader.replication.throttled.replicas", "" },
	{ "remote.storage.enable", "false" },
	{ "min.insync.replicas", "1" },
	{ "segment.jitter.ms", "0" },
	{ "remote.log.copy.disable", "false" },
	{ "local.retention.ms", "-2" },
	{ "cleanup.policy", "delete" },
	{ "flush.ms", "9223372036854775807" },
	{ "follower.replication.throttled.replicas", "" },
	{ "compression.lz4.level", "9" },
	{ "segment.bytes", "1073741824" },
	{ "retention.ms", "604800000" },
	{ "compression.gzip.level", "-1" },
	{ "flush.messages", "9223372036854775807" },
	{ "compression.zstd.level", "3" },
	{ "max.compaction.lag.ms", "9223372036854775807" },
	{ "file.delete.delay.ms", "60000" },
	{ "max.message.bytes", "1048588" },
	{ "min.compaction.lag.ms", "0" },
	{ "message.timestamp.type", "CreateTime" },
	{ "local.retention.bytes", "-2" },
	{ "preallocate", "false" },
	{ "min.cleanable.dirty.ratio", "0.5" },
	{ "index.interval.bytes", "4096" },
	{ "unclean.leader.election.enable", "false" },
	{ "retention.bytes", "-1" },
	{ "delete.retention.ms", "86400000" },
	{ "message.timestamp.after.max.ms", "3600000" },
	{ "message.timestamp.before.max.ms", "9223372036854775807" },
	{ "segment.ms", "604800000" },
	{ "segment.index.bytes", "10485760" },
};

void rest_answer_topic(struct rest_call *c, const struct topic_info *t)
{
	struct buf *b = &c->body;
	jw_obj(b, NULL);
	jk_str(b, "name", t->name);
	jw_obj(b, "configs");
	for (size_t i = 0; i < ARRAY_LEN(topic_configs); i++)
		jw_text(b, topic_configs[i][0], topic_configs[i][1]);
	jw_obj_end(b);
	add_partitions(b, "partitions", t->partition_n);
	jw_obj_end(b);
	rest_answer(c, 200, V2);
}

void rest_answer_partitions(struct rest_call *c, int partition_n)
{
	add_partitions(&c->body, NULL, partition_n);
	rest_answer(c, 200, V2);
}

void rest_answer_partition(struct rest_call *c)
{
	add_partition(&c->body, c->partition);
	rest_answer(c, 200, V2);
}

void rest_answer_range(struct rest_call *c, int64_t first, int64_t end)
{
	buf_addf(&c->body, "{\"beginning_offset\":%lld,\"end_offset\":%lld}", (long long)first, (long long)end);
	rest_answer(c, 200, V2);
}

static void serve_root(struct rest_call *c)
{
	buf_adds(&c->body, "{}");
	rest_answer(c, 200, V2);
}

static void serve_post_root(struct rest_call *c)
{
	struct rest_error e;
	if (rest_parse_map(c->req->arena, c->req->body, &e))
		rest_answer_error(c, &e);
	else
		serve_root(c);
}

static void serve_brokers(struct rest_call *c)
{
	if (rest_has_broker(c)) {
		v2_brokers(c);
		return;
	}
	buf_addf(&c->body, "{\"brokers\":[%d]}", REST_BROKER_ID);
	rest_answer(c, 200, V2);
}

/* ---- media types ---- */

/* "type/subtype" in front of the parameters; false for what isn't one. */
static bool media_type(struct slice s, struct slice *out)
{
	struct slice head, rest;
	ssize_t slash;
	(void)sl_cut(s, ';', &head, &rest);
	head = sl_trim(head);
	slash = sl_chr(head, '/');
	*out = head;
	if (sl_eqs(head, "*"))
		return true;
	return slash > 0 && (size_t)slash + 1 < head.n && sl_chr(head, ' ') < 0;
}

/* Jersey's isCompatible with wildcards on the client's side. */
static bool compatible(struct slice media, const char *type)
{
	struct slice t = sl(type), main_type, sub;
	if (sl_eqs(media, "*") || sl_eqs(media, "*/*") || sl_eq_nocase(media, t))
		return true;
	(void)sl_cut(media, '/', &main_type, &sub);
	return sl_eqs(sub, "*") && t.n > main_type.n && t.p[main_type.n] == '/' &&
	       sl_eq_nocase(main_type, sl_of(t.p, main_type.n));
}

/* q of a media range in thousandths. */
static int quality(struct slice range)
{
	struct slice part, rest;
	(void)sl_cut(range, ';', &part, &rest);
	while (rest.p) {
		struct slice name, value;
		int q = 0, scale = 100;
		(void)sl_cut(rest, ';', &part, &rest);
		(void)sl_cut(sl_trim(part), '=', &name, &value);
		if (!sl_eq_nocase(sl_trim(name), S("q")) || !value.p)
			continue;
		value = sl_trim(value);
		if (value.n && *value.p == '1')
			return 1000;
		for (size_t i = value.n && *value.p == '0' ? 2 : 1; i < value.n && scale; i++, scale /= 10)
			if (value.p[i] >= '0' && value.p[i] <= '9')
				q += (value.p[i] - '0') * scale;
		return q;
	}
	return 1000;
}

struct range {
	struct slice whole, type;
	int q;
};

/* Media ranges of every Accept header; -1 when one is malformed. */
static int accepted(const struct http_req *req, struct range out[ACCEPT_MAX])
{
	int n = 0;
	for (size_t i = 0; i < req->header_n; i++) {
		struct slice rest = req->headers[i].value, part;
		if (!sl_eq_nocase(req->headers[i].name, S("Accept")))
			continue;
		while (rest.p && n < ACCEPT_MAX) {
			(void)sl_cut(rest, ',', &part, &rest);
			part = sl_trim(part);
			if (part.n == 0)
				continue;
			if (!media_type(part, &out[n].type))
				return -1;
			out[n].whole = part;
			out[n].q = quality(part);
			n++;
		}
	}
	return n;
}

/* 415 is answered outside Jersey's negotiation: the first type of the client's that is spelled exactly so. */
static const char *negotiate_415(const struct range *ranges, int n)
{
	const char *best = JSON;
	int q = -1;
	for (int i = 0; i < n; i++) {
		const char *hit = sl_eqs(ranges[i].whole, JSON) ? JSON : sl_eqs(ranges[i].whole, V2) ? V2 : NULL;
		if (hit && ranges[i].q > q) {
			best = hit;
			q = ranges[i].q;
		}
	}
	return best;
}

/* Whether the answer may leave as V2, and what the body is. Answers itself when not. */
static bool negotiate(struct rest_call *c, const struct op *op, enum rest_format *format)
{
	const char *own = op->route.flags & V3 ? JSON : V2;
	struct range ranges[ACCEPT_MAX];
	int n = accepted(c->req, ranges);
	struct slice type = http_get(c->req, "Content-Type"), media = { 0 };
	bool ok = !type.p;
	*format = REST_BINARY;
	if (n < 0 || (type.p && !media_type(type, &media))) {
		refuse(c, 400, NULL);
		return false;
	}
	if (!ok && op->route.flags & EMBEDDED)
		for (size_t i = 0; i < ARRAY_LEN(embedded) && !ok; i++) {
			ok = compatible(media, embedded[i].type);
			*format = embedded[i].format;
		}
	else if (!ok)
		ok = compatible(media, own) || (op->route.flags & V3 && *op->route.method != 'P'); /* POST and PUT read a body */
	if (!ok) {
		refuse(c, 415, negotiate_415(ranges, n));
		return false;
	}
	ok = n == 0;
	for (int i = 0; i < n && !ok; i++)
		ok = ranges[i].q > 0 && compatible(ranges[i].type, own);
	if (!ok)
		refuse(c, 406, NULL);
	return ok;
}

const char *rest_accept(const struct rest_call *c, const char *const *types, size_t n)
{
	struct range ranges[ACCEPT_MAX];
	const char *best = NULL;
	int range_n = accepted(c->req, ranges), q = 0;
	if (!range_n)
		return types[0];
	for (size_t t = 0; t < n; t++)
		for (int i = 0; i < range_n; i++)
			if (ranges[i].q > q && compatible(ranges[i].type, types[t])) {
				best = types[t];
				q = ranges[i].q;
			}
	return best;
}

bool rest_negotiate(struct rest_call *c)
{
	static const struct op plain = { { NULL, NULL, NULL, NULL }, NULL };
	enum rest_format format;
	return negotiate(c, &plain, &format);
}

void rest_refuse(struct rest_call *c, int status, const char *type)
{
	refuse(c, status, type);
}

/* ---- one request ---- */

static bool is_partition_number(struct slice s, int *out)
{
	int64_t v;
	if (s.n > 1 && *s.p == '+')
		s = sl_from(s, 1);
	if (!sl_int(s, INT32_MIN, INT32_MAX, &v))
		return false;
	*out = (int)v;
	return true;
}

/* OPTIONS: what may be asked of this path. */
static void serve_options(struct rest_call *c, unsigned allowed)
{
	c->op = "Options";
	c->allow = !(allowed & ROUTE_GET) ? "POST,OPTIONS" : allowed & ROUTE_POST ? "HEAD,POST,GET,OPTIONS" : "HEAD,GET,OPTIONS";
	rest_answer(c, 200, NULL);
}

/* A large body on its way through a job, which has a copy: the request may go meanwhile. */
struct parsing {
	struct rest_call *c; /* not of a cancelled job */
	const struct op *op;
	struct arena arena;  /* of body and out */
	struct slice body;
	enum rest_format format;
	struct rest_produce out;
	struct rest_error e;
	int rc;
};

static void parse_free(void *arg)
{
	struct parsing *p = arg;
	arena_free(&p->arena);
	free(p);
}

static void parse_work(void *arg)
{
	struct parsing *p = arg;
	p->rc = rest_parse_produce(&p->arena, p->body, p->format, &p->out, &p->e);
}

static void parse_done(void *arg)
{
	struct parsing *p = arg;
	struct rest_call *c = p->c;
	arena_take(c->req->arena, &p->arena);
	c->produce = p->out;
	if (p->rc)
		rest_answer_error(c, &p->e);
	else
		p->op->run(c);
	parse_free(p);
}

static void parse_later(struct rest_call *c, const struct op *op, enum rest_format format)
{
	static const struct job_kind kind = { parse_work, parse_done, NULL, parse_free };
	struct parsing *p = xcalloc(1, sizeof(*p));
	p->c = c;
	p->op = op;
	p->format = format;
	p->body = arena_dup(&p->arena, c->req->body);
	p->out = c->produce;
	owed_keep(&c->r->asks, loop_long_job(c->r->env->loop, &kind, p));
}

/* The numbers that the path of a row has; false: one isn't a number. */
static bool read_numbers(struct rest_call *c, const struct op *op)
{
	unsigned first = op->route.flags >> NUMBER_SHIFT & 0xff, second = op->route.flags >> 2 * NUMBER_SHIFT & 0xff;
	c->has_number = first;
	return (!first || is_partition_number(c->args[first], &c->number)) && (!second || is_partition_number(c->args[second], &c->number2));
}

/* An armed fault: the proxy's error code (50002, its status is 500), or a status. */
static bool injected(struct rest_call *c)
{
	struct faults *f = c->r->env->faults;
	char text[64];
	int64_t code;
	if (!faults_any(f) || !faults_ask_error(f, "rest", c->op, text))
		return false;
	if (!sl_int(sl(text), 400, 59999, &code) || (code > 599 && code < 40000))
		code = 50002;
	rest_answer_code(c, (int)(code > 599 ? code / 100 : code), (int)code, S("An armed fault."), c->v3 ? JSON : V2);
	return true;
}

static void serve_op(struct rest_call *c, const struct op *op, struct slice partition)
{
	enum rest_format format;
	struct rest_error e;
	c->op = op->route.name;
	c->v3 = op->route.flags & V3;
	if (!negotiate(c, op, &format))
		return;
	if (partition.p && !(op->route.flags & V3)) {
		c->has_partition = true;
		if (!is_partition_number(partition, &c->partition)) {
			refuse(c, 404, V2);
			return;
		}
	}
	if (op->route.flags & V3 && !read_numbers(c, op)) {
		refuse(c, 404, JSON);
		return;
	}
	if (op->route.flags & EMBEDDED) {
		c->produce.topic = c->topic;
		c->produce.has_partition = c->has_partition;
		c->produce.partition = c->partition;
		if (c->req->body.n > REST_PARSE_NOW) {
			parse_later(c, op, format);
			return;
		}
		if (rest_parse_produce(c->req->arena, c->req->body, format, &c->produce, &e)) {
			rest_answer_error(c, &e);
			return;
		}
	}
	if (!injected(c))
		op->run(c);
}

static void say_nothing(struct rest_call *c)
{
	buf_free(&c->body);
}

bool rest_records_route(struct rest_call *c)
{
	const struct op *op = route_find(rest_service.routes, c->req, c->args, NULL);
	void (*done)(struct rest_call *c) = c->done;
	enum rest_format format;
	bool ok = op && op->run == v3_records;
	c->done = say_nothing; /* what is refused is so once more, with its answer */
	ok = ok && negotiate(c, op, &format);
	c->done = done;
	if (ok) {
		c->op = op->route.name;
		c->v3 = true;
	}
	return ok;
}

void rest_serve(struct rest_call *c)
{
	unsigned allowed;
	const struct op *op;
	if (sl_starts(c->req->path, S("/consumers/")) && rest_consumers_serve(c))
		return;
	op = route_find(rest_service.routes, c->req, c->args, &allowed);
	if (op) {
		c->topic = c->args[0];
		serve_op(c, op, c->args[1]);
	} else if (allowed && sl_eqs(c->req->method, "OPTIONS")) {
		serve_options(c, allowed);
	} else {
		c->op = "Unknown";
		c->unserved = sl_starts(c->req->path, S("/v3/")) || sl_starts(c->req->path, S("/consumers/"));
		refuse(c, allowed ? 405 : 404, NULL);
	}
}
