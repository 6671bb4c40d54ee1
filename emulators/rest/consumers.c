#include "rest/consumers.h"

#include "core/hash.h"
#include "core/json.h"
#include "core/text.h"
#include "java/jackson.h"

static const char *const record_types[] = {
	"application/vnd.kafka.binary.v2+json", REST_V2, "application/vnd.kafka.json.v2+json", "application/vnd.kafka.avro.v2+json",
	"application/vnd.kafka.jsonschema.v2+json", "application/vnd.kafka.protobuf.v2+json",
};

static void fail(struct rest_call *c, int status, int code, const char *text)
{
	rest_answer_code(c, status, code, sl(text), REST_V2);
}

static void no_content(struct rest_call *c)
{
	buf_reset(&c->body);
	rest_answer(c, 204, NULL);
}

static void illegal(struct rest_call *c, const char *text)
{
	struct buf b = { 0 };
	buf_addf(&b, "Illegal state: %s", text);
	rest_answer_code(c, 409, REST_E_ILLEGAL_STATE, buf_slice(&b), REST_V2);
	buf_free(&b);
}
#define EXCLUSIVE "Subscription to topics, partitions and pattern are mutually exclusive"

/* ---- instances ---- */

static struct rest_instance *find(const struct rest *r, struct slice group, struct slice name)
{
	for (struct rest_instance *i = r->instances; i; i = i->next)
		if (sl_eqs(group, i->group) && sl_eqs(name, i->name))
			return i;
	return NULL;
}

static void forget_topics(struct rest_instance *i)
{
	for (size_t n = 0; n < i->topic_n; n++)
		free(i->topics[n]);
	free(i->topics);
	i->topics = NULL;
	i->topic_n = 0;
}

static void instance_free(struct rest_instance *i)
{
	struct rest_instance **at = &i->r->instances;
	rest_read_end(i);
	while (*at != i)
		at = &(*at)->next;
	*at = i->next;
	clock_cancel(i->r->env->clock, &i->expiry);
	i->r->env->ports->consumers.close(i->consumer);
	forget_topics(i);
	arena_free(&i->arena);
	free(i->group);
	free(i->name);
	free(i);
}

static void expired(void *arg)
{
	struct rest_instance *i = arg;
	log_info(i->r->env, "consumer-expired", "group=%s instance=%s", i->group, i->name);
	instance_free(i);
}

void rest_instance_renew(struct rest_instance *i)
{
	struct clock *clock = i->r->env->clock;
	clock_cancel(clock, &i->expiry);
	clock_at(clock, &i->expiry, clock_now_ms(clock) + REST_INSTANCE_MS, expired, i);
}

void rest_consumers_close(struct rest *r)
{
	while (r->instances)
		instance_free(r->instances);
}

/* ---- making one ---- */

static bool format_of(struct slice s, enum rest_format *out)
{
	static const char *const names[] = { "binary", "json", "avro", "protobuf", "jsonschema" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (sl_eq_nocase(s, sl(names[i]))) {
			*out = (enum rest_format)i;
			return true;
		}
	}
	return !s.p;
}

static bool bad_config(struct rest_call *c, const char *name, struct slice value, const char *why)
{
	struct buf b = { 0 };
	buf_addf(&b, "Invalid consumer configuration: Invalid value %.*s for configuration %s: %s", SL(value), name, why);
	rest_answer_code(c, 422, REST_E_CONSUMER_CONFIG, buf_slice(&b), REST_V2);
	buf_free(&b);
	return false;
}

static bool check_bytes(struct rest_call *c, int64_t n)
{
	struct buf b = { 0 };
	if (n >= -1 && n <= REST_MIN_BYTES_MAX)
		return true;
	buf_addf(&b, "Invalid consumer configuration. It does not abide by the constraints: Invalid value %lld for configuration fetch.min.bytes: Value must be ",
		 (long long)n);
	buf_addf(&b, n < -1 ? "at least %d" : "no more than %d", n < -1 ? -1 : REST_MIN_BYTES_MAX);
	rest_answer_code(c, 422, 40001, buf_slice(&b), REST_V2);
	buf_free(&b);
	return false;
}

/* What the settings say, into i and conf. */
static bool configure(struct rest_call *c, const struct rest_instance_body *in, struct rest_instance *i, struct consumer_conf *conf)
{
	bool yes = sl_eq_nocase(in->auto_commit, S("true")), no = sl_eq_nocase(in->auto_commit, S("false"));
	i->format = REST_BINARY;
	i->min_bytes = -1;
	i->read_ms = REST_READ_MS;
	if (!format_of(in->format, &i->format)) {
		fail(c, 422, 422, "Invalid format type.");
		return false;
	}
	if ((in->min_bytes.p && !sl_int(in->min_bytes, INT32_MIN, INT32_MAX, &i->min_bytes)) || (in->read_ms.p && !sl_int(in->read_ms, 0, INT32_MAX, &i->read_ms))) {
		rest_refuse(c, 400, REST_V2);
		return false;
	}
	if (!check_bytes(c, i->min_bytes))
		return false;
	if (in->reset.p && !sl_eqs(in->reset, "latest") && !sl_eqs(in->reset, "earliest") && !sl_eqs(in->reset, "none"))
		return bad_config(c, "auto.offset.reset", in->reset, "String must be one of: latest, earliest, none");
	if (in->auto_commit.p && !yes && !no)
		return bad_config(c, "enable.auto.commit", in->auto_commit, "Expected value to be either true or false");
	conf->reset = in->reset.p ? in->reset : S("latest");
	conf->auto_commit_ms = no ? 0 : REST_AUTO_COMMIT_MS;
	conf->client = in->id.p ? in->id : S("");
	return true;
}

static char *instance_name(struct rest *r, const struct rest_instance_body *in)
{
	char id[37];
	uint64_t n = r->instance_n++;
	if (in->id.p || in->name.p)
		return in->id.p ? xstrndup(in->id.p, in->id.n) : xstrndup(in->name.p, in->name.n);
	uuid_text(faults_hash(1, S("rest.consumer"), n), faults_hash(2, S("rest.consumer"), n), 4, id);
	return xasprintf("rest-consumer-%s", id);
}

static void create(struct rest_call *c, const struct slice *arg)
{
	struct rest *r = c->r;
	struct rest_instance_body in = { 0 };
	struct rest_instance made = { .r = r };
	struct consumer_conf conf = { .group = arg[0] };
	struct slice host = http_get(c->req, "Host");
	if (!rest_negotiate(c) || !rest_read_instance(c, &in))
		return;
	if ((in.id.p || in.name.p) && find(r, arg[0], in.id.p ? in.id : in.name)) {
		fail(c, 409, REST_E_INSTANCE_EXISTS, "Consumer with specified consumer ID already exists in the specified consumer group.");
		return;
	}
	if (!configure(c, &in, &made, &conf))
		return;
	if (!r->env->ports->consumers.self) {
		fail(c, 500, REST_E_KAFKA, "Kafka error: Failed to construct kafka consumer");
		return;
	}
	struct rest_instance *i = xmalloc(sizeof(*i));
	*i = made;
	i->group = xstrndup(arg[0].p, arg[0].n);
	i->name = instance_name(r, &in);
	i->consumer = r->env->ports->consumers.open(r->env->ports->consumers.self, &conf);
	i->next = r->instances;
	r->instances = i;
	rest_instance_renew(i);
	jw_obj(&c->body, NULL);
	jk_str(&c->body, "instance_id", sl(i->name));
	jw_key(&c->body, S("base_uri"));
	struct buf uri = { 0 };
	buf_addf(&uri, "%s://%.*s/consumers/%s/instances/%s", c->req->secure ? "https" : "http", SL(host.p ? host : S("localhost")), i->group, i->name);
	jk_write_string(&c->body, buf_slice(&uri));
	buf_free(&uri);
	jw_obj_end(&c->body);
	rest_answer(c, 200, REST_V2);
}

static void delete(struct rest_call *c, struct rest_instance *i)
{
	instance_free(i);
	no_content(c);
}

/* ---- what it reads ---- */

static void subscribe(struct rest_call *c, struct rest_instance *i)
{
	struct rest_places_body in = { 0 };
	if (!rest_read_places(c, "ConsumerSubscriptionRecord", &in))
		return;
	bool pattern = !in.topics && in.pattern.p, topics = in.topics != NULL;
	if ((pattern || topics) && (i->assigned || (i->subscribed && i->by_pattern != pattern))) {
		illegal(c, EXCLUSIVE);
		return;
	}
	if (pattern || topics) {
		forget_topics(i);
		i->topics = xcalloc(in.topic_n + 1, sizeof(*i->topics));
		for (size_t n = 0; n < in.topic_n; n++)
			i->topics[i->topic_n++] = xstrndup(in.topics[n].p, in.topics[n].n);
		i->subscribed = pattern || in.topic_n;
		i->by_pattern = pattern;
		i->r->env->ports->consumers.subscribe(i->consumer, in.topics, in.topic_n, pattern ? in.pattern : sl(NULL));
	}
	no_content(c);
}

static void subscription(struct rest_call *c, struct rest_instance *i)
{
	jw_obj(&c->body, NULL);
	jw_list(&c->body, "topics");
	for (size_t n = 0; n < i->topic_n; n++)
		jk_str(&c->body, NULL, sl(i->topics[n]));
	jw_list_end(&c->body);
	jw_obj_end(&c->body);
	rest_answer(c, 200, REST_V2);
}

static void unsubscribe(struct rest_call *c, struct rest_instance *i)
{
	forget_topics(i);
	i->subscribed = i->assigned = false;
	i->r->env->ports->consumers.subscribe(i->consumer, NULL, 0, sl(NULL));
	no_content(c);
}

static void assign(struct rest_call *c, struct rest_instance *i)
{
	struct rest_places_body in = { 0 };
	if (!rest_read_places(c, "ConsumerAssignmentRequest", &in))
		return;
	if (in.given && i->subscribed) {
		illegal(c, EXCLUSIVE);
		return;
	}
	if (in.given) {
		i->assigned = in.place_n > 0;
		i->r->env->ports->consumers.assign(i->consumer, in.places, in.place_n);
	}
	no_content(c);
}

static void assignments(struct rest_call *c, struct rest_instance *i)
{
	struct consumer_place *p;
	size_t n = i->r->env->ports->consumers.assignment(i->consumer, c->req->arena, &p);
	jw_obj(&c->body, NULL);
	jw_list(&c->body, "partitions");
	for (size_t k = 0; k < n; k++) {
		jw_obj(&c->body, NULL);
		jk_str(&c->body, "topic", p[k].topic);
		jw_int(&c->body, "partition", p[k].partition);
		jw_obj_end(&c->body);
	}
	jw_list_end(&c->body);
	jw_obj_end(&c->body);
	rest_answer(c, 200, REST_V2);
}

static void records(struct rest_call *c, struct rest_instance *i)
{
	rest_read_records(c, i, c->type);
}

/* ---- positions ---- */

/* Whether all could be moved to; false after an answer. */
static bool seek_all(struct rest_call *c, struct rest_instance *i, const struct consumer_place *p, size_t n)
{
	struct error err;
	for (size_t k = 0; k < n; k++) {
		if (i->r->env->ports->consumers.seek(i->consumer, &p[k], &err)) {
			illegal(c, err.text);
			return false;
		}
	}
	return true;
}

static void on_times(void *arg, const struct consumer_place *p, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	struct rest_instance *i = find(c->r, c->group, c->instance);
	bool all = !err && i;
	for (size_t k = 0; all && k < n; k++)
		all = !p[k].error && p[k].offset >= 0;
	if (!all) /* the proxy trips over what it wasn't given */
		fail(c, 500, 500, "Internal Server Error");
	else if (seek_all(c, i, p, n))
		no_content(c);
}

static void seek(struct rest_call *c, struct rest_instance *i)
{
	struct rest_places_body in = { 0 };
	if (!rest_read_places(c, "ConsumerSeekRequest", &in))
		return;
	if (!seek_all(c, i, in.places, in.time_from))
		return;
	if (in.place_n > in.time_from) {
		const struct consumers *port = &i->r->env->ports->consumers;
		owed_keep(&c->r->asks, port->times(i->consumer, in.places + in.time_from, in.place_n - in.time_from, on_times, c));
		return;
	}
	no_content(c);
}

static void seek_edge(struct rest_call *c, struct rest_instance *i, int64_t offset)
{
	struct rest_places_body in = { 0 };
	if (!rest_read_places(c, "ConsumerSeekToRequest", &in))
		return;
	for (size_t k = 0; k < in.place_n; k++)
		in.places[k].offset = offset;
	if (seek_all(c, i, in.places, in.place_n))
		no_content(c);
}

static void seek_beginning(struct rest_call *c, struct rest_instance *i)
{
	seek_edge(c, i, -2);
}

static void seek_end(struct rest_call *c, struct rest_instance *i)
{
	seek_edge(c, i, -1);
}

/* ---- offsets ---- */

static void on_commit(void *arg, const struct consumer_place *p, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	int code = err ? -1 : 0;
	for (size_t k = 0; k < n && !code; k++)
		code = p[k].error;
	if (code) {
		fail(c, 500, REST_E_KAFKA, "Kafka error: Offset commit failed");
		return;
	}
	buf_adds(&c->body, "[]");
	rest_answer(c, 200, REST_V2);
}

/* Offsets in the body are of what was read: the next one is committed. */
static void commit(struct rest_call *c, struct rest_instance *i)
{
	const struct consumers *port = &i->r->env->ports->consumers;
	struct rest_places_body in = { 0 };
	if (!rest_read_places(c, "ConsumerOffsetCommitRequest", &in))
		return;
	for (size_t k = 0; k < in.place_n; k++)
		in.places[k].offset++;
	owed_keep(&c->r->asks, port->commit(i->consumer, in.places, in.place_n, on_commit, c));
}

static void on_committed(void *arg, const struct consumer_place *p, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	if (err) {
		fail(c, 500, REST_E_KAFKA, "Kafka error: Timeout while fetching committed offsets");
		return;
	}
	jw_obj(&c->body, NULL);
	jw_list(&c->body, "offsets");
	for (size_t k = 0; k < n; k++) {
		if (p[k].offset < 0)
			continue;
		jw_obj(&c->body, NULL);
		jk_str(&c->body, "topic", p[k].topic);
		jw_int(&c->body, "partition", p[k].partition);
		jw_int(&c->body, "offset", p[k].offset);
		jk_str(&c->body, "metadata", p[k].metadata.p ? p[k].metadata : S(""));
		jw_obj_end(&c->body);
	}
	jw_list_end(&c->body);
	jw_obj_end(&c->body);
	rest_answer(c, 200, REST_V2);
}

static void committed(struct rest_call *c, struct rest_instance *i)
{
	const struct consumers *port = &i->r->env->ports->consumers;
	struct rest_places_body in = { 0 };
	if (!rest_read_places(c, "ConsumerCommittedRequest", &in))
		return;
	if (!in.given) {
		fail(c, 404, REST_E_NO_PARTITION, "Partition not found.");
		return;
	}
	owed_keep(&c->r->asks, port->committed(i->consumer, in.places, in.place_n, on_committed, c));
}

/* ---- routes ---- */

enum { RECORDS = 1 };
#define INSTANCE "/consumers/{}/instances/{}"
static const struct op {
	struct route route;
	void (*run)(struct rest_call *c, struct rest_instance *i); /* NULL: makes one */
} ops[] = {
	{ { "POST", "/consumers/{}", "CreateConsumer", "a consumer instance in a group" }, NULL },
	{ { "DELETE", INSTANCE, "DeleteConsumer", "the instance leaves its group" }, delete },
	{ { "POST", INSTANCE "/subscription", "Subscribe", "to topics or a pattern" }, subscribe },
	{ { "GET", INSTANCE "/subscription", "GetSubscription", "topics subscribed to" }, subscription },
	{ { "DELETE", INSTANCE "/subscription", "Unsubscribe", "from all" }, unsubscribe },
	{ { "POST", INSTANCE "/assignments", "Assign", "partitions by hand" }, assign },
	{ { "GET", INSTANCE "/assignments", "GetAssignments", "partitions that are read" }, assignments },
	{ { "GET", INSTANCE "/records", "ReadRecords", "records, until time or bytes are over", .flags = RECORDS }, records },
	{ { "POST", INSTANCE "/offsets", "CommitOffsets", "what was read, or the given ones" }, commit },
	{ { "GET", INSTANCE "/offsets", "GetCommitted", "committed offsets of partitions" }, committed },
	{ { "POST", INSTANCE "/positions", "Seek", "to offsets or times" }, seek },
	{ { "POST", INSTANCE "/positions/beginning", "SeekToBeginning", "of partitions" }, seek_beginning },
	{ { "POST", INSTANCE "/positions/end", "SeekToEnd", "of partitions" }, seek_end },
};
const struct routes rest_consumer_routes = ROUTES(ops);

bool rest_consumers_serve(struct rest_call *c)
{
	static const struct routes *const tables[] = { &rest_consumer_routes, NULL };
	struct slice arg[HTTP_ARGS_MAX];
	const struct op *op = route_find(tables, c->req, arg, NULL);
	if (!op)
		return false;
	c->op = op->route.name;
	if (!op->run) {
		create(c, arg);
		return true;
	}
	if (op->route.flags & RECORDS) {
		c->type = rest_accept(c, record_types, ARRAY_LEN(record_types));
		if (!c->type) {
			rest_refuse(c, 406, NULL);
			return true;
		}
		if (!rest_read_numbers(c->req)) { /* Jersey: such a resource isn't there */
			rest_refuse(c, 404, c->type);
			return true;
		}
	} else if (!rest_negotiate(c)) {
		return true;
	}
	struct rest_instance *i = find(c->r, arg[0], arg[1]);
	if (!i) {
		rest_answer_code(c, 404, REST_E_NO_INSTANCE, S("Consumer instance not found."), op->route.flags & RECORDS ? c->type : REST_V2);
		return true;
	}
	rest_instance_renew(i);
	c->group = arg[0];
	c->instance = arg[1];
	op->run(c, i);
	return true;
}
