/* Bodies of the consumers' calls, with Jackson's errors. */
#include "rest/bean.h"
#include "rest/consumers.h"

#define ENTITIES "io.confluent.kafkarest.entities.v2."

static bool plain(struct rest_call *c, struct jackson *j)
{
	struct rest_error e = { .status = 400, .message = jk_message(j), .plain = true };
	rest_answer_error(c, &e);
	return false;
}

static bool unknown(struct rest_call *c, struct slice name)
{
	struct rest_error e = { .status = 422, .code = 422, .message = arena_printf(c->req->arena, "Unrecognized field: %.*s", SL(name)) };
	rest_answer_error(c, &e);
	return false;
}

/* The body's object entered: 1; 0: there is no body, or null; -1 after an answer. */
static int enter(struct rest_call *c, struct jackson *j, const char *class)
{
	jk_init(j, &bean_words, c->req->arena, c->req->body);
	enum jk_token t = jk_next(j);
	if (!j->failed && (t == JK_NONE || t == JK_NULL))
		return 0;
	if (j->failed)
		return plain(c, j) - 1;
	if (t == JK_START_OBJECT)
		return 1;
	(void)bean_fail_type(j, arena_printf(c->req->arena, ENTITIES "%s", class).p);
	return plain(c, j) - 1;
}

/* ---- an instance ---- */

static const struct {
	const char *names[2];
	size_t at;
} settings[] = {
	{ { "id" }, offsetof(struct rest_instance_body, id) },
	{ { "name" }, offsetof(struct rest_instance_body, name) },
	{ { "format" }, offsetof(struct rest_instance_body, format) },
	{ { "auto.offset.reset" }, offsetof(struct rest_instance_body, reset) },
	{ { "auto.commit.enable" }, offsetof(struct rest_instance_body, auto_commit) },
	{ { "fetch.min.bytes", "responseMinBytes" }, offsetof(struct rest_instance_body, min_bytes) },
	{ { "consumer.request.timeout.ms", "requestWaitMs" }, offsetof(struct rest_instance_body, read_ms) },
};

static struct slice *setting_of(struct rest_instance_body *out, struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (sl_eqs(name, settings[i].names[0]) || (settings[i].names[1] && sl_eqs(name, settings[i].names[1])))
			return (struct slice *)(void *)((char *)out + settings[i].at);
	return NULL;
}

bool rest_read_instance(struct rest_call *c, struct rest_instance_body *out)
{
	struct jackson j;
	struct slice odd = { 0 };
	int body = enter(c, &j, "CreateConsumerInstanceRequest");
	if (body <= 0)
		return body == 0;
	while (jk_next(&j) == JK_FIELD_NAME) {
		struct slice name = arena_dup(c->req->arena, jk_text(&j)), *to = setting_of(out, name);
		enum jk_token t = jk_next(&j);
		if (!to) {
			odd = odd.p ? odd : name;
			if (!jk_read_node(&j))
				break;
		} else if (t == JK_START_OBJECT || t == JK_START_ARRAY) {
			(void)bean_fail_type(&j, "java.lang.String");
			jk_wrap(&j, ENTITIES "CreateConsumerInstanceRequest", arena_printf(c->req->arena, "%.*s", SL(name)).p, 0);
			break;
		} else if (t == JK_TRUE || t == JK_FALSE) {
			*to = t == JK_TRUE ? S("true") : S("false");
		} else if (t != JK_NULL && !j.failed) {
			*to = arena_dup(c->req->arena, jk_text(&j));
		}
	}
	if (j.failed)
		return plain(c, &j);
	return odd.p ? unknown(c, odd) : true;
}

/* ---- topics, partitions, offsets, timestamps ---- */

enum list { TOPICS, PARTITIONS, OFFSETS, TIMESTAMPS };
static const struct {
	const char *class, *name, *item; /* of which request, what list, of what */
	enum list list;
} lists[] = {
	{ "ConsumerSubscriptionRecord", "topics", "java.lang.String", TOPICS },
	{ "ConsumerAssignmentRequest", "partitions", ENTITIES "TopicPartition", PARTITIONS },
	{ "ConsumerCommittedRequest", "partitions", ENTITIES "TopicPartition", PARTITIONS },
	{ "ConsumerSeekToRequest", "partitions", ENTITIES "TopicPartition", PARTITIONS },
	{ "ConsumerOffsetCommitRequest", "offsets", ENTITIES "TopicPartitionOffsetMetadata", OFFSETS },
	{ "ConsumerSeekRequest", "offsets", ENTITIES "ConsumerSeekRequest$PartitionOffset", OFFSETS },
	{ "ConsumerSeekRequest", "timestamps", ENTITIES "ConsumerSeekRequest$PartitionTimestamp", TIMESTAMPS },
};

static int64_t integer(const struct jk_node *n)
{
	int64_t v = 0;
	if (n && (n->kind == JK_INT || n->kind == JK_STRING))
		(void)sl_int(n->text, INT64_MIN, INT64_MAX, &v);
	return v;
}

static bool read_place(struct consumer_place *p, const struct jk_node *in, bool time)
{
	const struct jk_node *topic = jk_get(in, S("topic")), *metadata = jk_get(in, S("metadata")), *at = jk_get(in, time ? S("timestamp") : S("offset"));
	*p = (struct consumer_place){ .topic = topic && topic->kind == JK_STRING ? topic->text : S(""), .partition = (int)integer(jk_get(in, S("partition"))),
				      .offset = integer(at), .metadata = metadata && metadata->kind == JK_STRING ? metadata->text : S("") };
	return !time || (at && at->kind == JK_STRING && clock_parse_iso(at->text, &p->offset));
}

/* A list entered and read as nodes. */
static bool read_list(struct rest_call *c, struct jackson *j, size_t which, struct rest_places_body *out)
{
	if (j->token != JK_START_ARRAY) {
		(void)bean_fail_type(j, arena_printf(c->req->arena, "java.util.ArrayList<%s>", lists[which].item).p);
		jk_wrap(j, arena_printf(c->req->arena, ENTITIES "%s", lists[which].class).p, lists[which].name, 0);
		return false;
	}
	const struct jk_node *all = jk_read_node(j);
	if (!all)
		return false;
	if (lists[which].list == TOPICS) {
		out->topics = arena_alloc(c->req->arena, (all->count + 1) * sizeof(*out->topics));
		for (const struct jk_node *n = all->first; n; n = n->next)
			out->topics[out->topic_n++] = n->text;
		return true;
	}
	struct consumer_place *p = arena_alloc(c->req->arena, (out->place_n + all->count + 1) * sizeof(*p));
	bool times = lists[which].list == TIMESTAMPS;
	struct consumer_place *at = times ? p + out->place_n : p; /* times stand last */
	if (out->place_n)
		memcpy(times ? p : p + all->count, out->places, out->place_n * sizeof(*p));
	for (const struct jk_node *n = all->first; n; n = n->next)
		if (!read_place(at++, n, times)) {
			jk_fail_here(j, "Cannot deserialize value of type `java.time.Instant`: not an ISO 8601 instant");
			return false;
		}
	out->places = p;
	out->place_n += all->count;
	out->time_from += times ? 0 : all->count;
	return true;
}

static ssize_t list_of(const char *class, struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (!strcmp(lists[i].class, class) && sl_eqs(name, lists[i].name))
			return (ssize_t)i;
	return -1;
}

bool rest_read_places(struct rest_call *c, const char *class, struct rest_places_body *out)
{
	struct jackson j;
	struct slice odd = { 0 };
	int body = enter(c, &j, class);
	if (body <= 0)
		return body == 0;
	out->given = true;
	while (jk_next(&j) == JK_FIELD_NAME) {
		struct slice name = arena_dup(c->req->arena, jk_text(&j));
		ssize_t which = list_of(class, name);
		enum jk_token t = jk_next(&j);
		if (which >= 0 && t == JK_NULL)
			continue;
		if (which >= 0) {
			if (!read_list(c, &j, (size_t)which, out))
				break;
			continue;
		}
		const struct jk_node *node = jk_read_node(&j);
		if (!node)
			break;
		if (!strcmp(class, "ConsumerSubscriptionRecord") && sl_eqs(name, "topic_pattern"))
			out->pattern = node->kind == JK_STRING ? node->text : sl(NULL);
		else
			odd = odd.p ? odd : name;
	}
	if (j.failed)
		return plain(c, &j);
	return odd.p ? unknown(c, odd) : true;
}
