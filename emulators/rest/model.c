/* What the proxy says of topics and partitions: its admin client's rules on top of a record log. */
#include "java/text.h"
#include "kproto/code.h"
#include "rest/v3.h"

/* ---- topics ---- */

/* The names go through a set of their own, then through one made for as many. */
void rest_java_order(struct arena *a, struct slice *names, size_t n)
{
	java_order_names(a, names, n, JAVA_TABLE);
	java_order_names(a, names, n, java_table(n));
}

static void fail(struct rest_call *c, int status, int code, const char *text)
{
	struct rest_error e = { .status = status, .code = code, .message = sl(text) };
	rest_answer_error(c, &e);
}

static void fail_admin(struct rest_call *c)
{
	fail(c, 500, REST_E_RETRIABLE, "Timed out waiting for a node assignment. Call: describeTopics");
}

static bool is_internal(struct slice name)
{
	return sl_eqs(name, "__consumer_offsets") || sl_eqs(name, "__transaction_state");
}

static void got_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	struct slice *names;
	size_t kept = 0;
	if (err) {
		fail_admin(c);
		return;
	}
	names = arena_alloc(c->req->arena, (n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++)
		if (!is_internal(t[i].name))
			names[kept++] = t[i].name;
	rest_java_order(c->req->arena, names, kept);
	rest_answer_topics(c, names, kept);
}

/* Whether there is a log to ask; answers as with a broker that can't be reached when not. */
static bool has_log(struct rest_call *c)
{
	if (c->r->log->self)
		return true;
	fail_admin(c);
	return false;
}

void rest_topics(struct rest_call *c)
{
	if (has_log(c))
		owed_keep(&c->r->asks, c->r->log->topics(c->r->log->self, got_topics, c));
}

/* The call's topic in a list, or NULL after an answer. */
static const struct topic_info *find_topic(struct rest_call *c, const struct topic_info *t, size_t n,
					   const struct error *err)
{
	if (err) {
		fail_admin(c);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		if (sl_eq(t[i].name, c->topic))
			return &t[i];
	fail(c, 404, REST_E_NO_TOPIC_PARTITION, "This server does not host this topic-partition.");
	return NULL;
}

/* The same for its partition. */
static bool find_partition(struct rest_call *c, const struct topic_info *t)
{
	if (c->partition >= 0 && c->partition < t->partition_n)
		return true;
	fail(c, 404, REST_E_NO_PARTITION, "Partition not found.");
	return false;
}

static void got_topic(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	const struct topic_info *hit = find_topic(c, t, n, err);
	if (hit)
		rest_answer_topic(c, hit);
}

static void got_topic_partitions(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	const struct topic_info *hit = find_topic(c, t, n, err);
	if (!hit)
		return;
	if (!c->has_partition)
		rest_answer_partitions(c, hit->partition_n);
	else if (find_partition(c, hit))
		rest_answer_partition(c);
}

static void got_range(void *arg, int error_code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct rest_call *c = arg;
	if (error_code)
		fail(c, 404, REST_E_NO_PARTITION, "Partition not found.");
	else
		rest_answer_range(c, n ? r[0].offset : next, high);
}

static void got_topic_range(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct rest_call *c = arg;
	const struct topic_info *hit = find_topic(c, t, n, err);
	if (hit && find_partition(c, hit))
		owed_keep(&c->r->asks, c->r->log->read(c->r->log->self, c->topic, c->partition, -2, 1, got_range, c));
}

/* Asks the broker, or looks for the topic in the log and goes on in then; names no topic can have are refused first. */
static void with_topic(struct rest_call *c, topics_cb then, void (*by_broker)(struct rest_call *c))
{
	if (!kp_topic_name_ok(c->topic))
		fail(c, 500, REST_E_KAFKA, "The request attempted to perform an operation on an invalid topic.");
	else if (rest_has_broker(c))
		by_broker(c);
	else if (has_log(c))
		owed_keep(&c->r->asks, c->r->log->topics(c->r->log->self, then, c));
}

void rest_topic(struct rest_call *c)
{
	with_topic(c, got_topic, v2_topic);
}

void rest_partitions(struct rest_call *c)
{
	with_topic(c, got_topic_partitions, v2_partitions);
}

void rest_offsets(struct rest_call *c)
{
	with_topic(c, got_topic_range, v2_offsets);
}
