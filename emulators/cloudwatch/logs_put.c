/* CloudWatch Logs: PutLogEvents. */
#include "cloudwatch/logs.h"

static const int64_t hour_ms = 3600000, day_ms = 86400000;

struct event {
	int64_t at_ms;
	struct slice text;
};

struct batch {
	struct logs_work w;
	struct event *events; /* their texts are the request's */
	size_t n, first, last; /* those from first to last (not with it) are taken; first moves on */
	int64_t bytes, grp;
	const char *group;
};

static int64_t event_at(const struct batch *b, size_t i)
{
	return b->events[i].at_ms;
}

static int check_batch(struct aws_call *c, struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		b->bytes += (int64_t)b->events[i].text.n + LOGS_EVENT_OVERHEAD;
		if (i && event_at(b, i) < event_at(b, i - 1))
			return aws_refuse(c, 400, "InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.");
	}
	if (b->bytes > LOGS_BATCH_MAX)
		return aws_refuse(c, 400, "InvalidParameterException", "Upload too large: %lld bytes exceeds limit of %d", (long long)b->bytes, LOGS_BATCH_MAX);
	if (event_at(b, b->n - 1) - event_at(b, 0) > day_ms)
		return aws_refuse(c, 400, "InvalidParameterException", "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
	return 0;
}

/* What is too old, expired or too new isn't taken. */
static void reject(struct aws_call *c, struct batch *b, const json_t *group)
{
	int64_t cutoff = logs_cutoff(group, c->now_ms);
	size_t old = 0, expired = 0;
	json_t *info = json_object();
	while (old < b->n && event_at(b, old) < c->now_ms - 14 * day_ms)
		old++;
	while (expired < b->n && event_at(b, expired) < cutoff)
		expired++;
	b->last = b->n;
	while (b->last && event_at(b, b->last - 1) > c->now_ms + 2 * hour_ms)
		b->last--;
	b->first = old > expired ? old : expired;
	if (expired)
		json_object_set_new(info, "expiredLogEventEndIndex", json_integer((json_int_t)expired));
	if (old > expired)
		json_object_set_new(info, "tooOldLogEventEndIndex", json_integer((json_int_t)old));
	if (b->last < b->n)
		json_object_set_new(info, "tooNewLogEventStartIndex", json_integer((json_int_t)b->last));
	if (json_object_size(info))
		json_object_set(c->out, "rejectedLogEventsInfo", info);
	json_decref(info);
}

/* Pieces of the lines; when the stream has gone meanwhile, they were put before that. */
static int put_piece(struct logs_work *w)
{
	struct batch *b = (struct batch *)(void *)w;
	struct aws_call *c = w->c;
	struct logs *l = c->aws->logs;
	struct log_stream st;
	size_t i = b->first;
	int64_t bytes = 0;
	struct error err;
	int rc = logs_stream_find(&l->store, b->grp, jslice(c->in, "logStreamName"), &st, &err);
	if (rc < 0)
		return aws_broken(c, &err);
	if (!rc || st.id != w->stream)
		return 0;
	for (; i < b->last && (i == b->first || clock_real_us() < w->until_us); i++) {
		const struct event *e = &b->events[i];
		if (logs_line_put(&l->store, b->grp, st.id, e->at_ms, c->now_ms, e->text, &err))
			return aws_broken(c, &err);
		logs_count(l, c->at, b->group, e->at_ms, e->text);
		bytes += (int64_t)e->text.n + LOGS_EVENT_OVERHEAD;
	}
	if (i > b->first && logs_stream_grows(&l->store, st.id, event_at(b, b->first), event_at(b, i - 1), c->now_ms, bytes, &err))
		return aws_broken(c, &err);
	b->first = i;
	if (i < b->last)
		return AWS_LATER;
	return logs_sink_expire(l->sink, &err) ? aws_broken(c, &err) : 0;
}

static void put_drop(struct logs_work *w)
{
	free(((struct batch *)(void *)w)->events);
	free(w);
}

static void read_events(struct batch *b, const json_t *events)
{
	const json_t *one;
	size_t i;
	b->n = json_array_size(events);
	b->events = xcalloc(b->n, sizeof(*b->events));
	json_array_foreach (events, i, one)
		b->events[i] = (struct event){ jint(one, "timestamp"), jslice(one, "message") };
}

int logs_put(struct aws_call *c)
{
	struct log_stream st;
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group || logs_find_stream(c, jint(group, "id"), &st))
		return -1;
	struct batch *b = xcalloc(1, sizeof(*b));
	*b = (struct batch){ .w = { .c = c, .piece = put_piece, .drop = put_drop, .stream = st.id }, .grp = jint(group, "id") };
	b->group = arena_dup(c->arena, sl(name)).p;
	read_events(b, json_object_get(c->in, "logEvents"));
	if (check_batch(c, b)) {
		put_drop(&b->w);
		return -1;
	}
	reject(c, b, group);
	json_object_set_new(c->out, "nextSequenceToken", json_sprintf("%056lld", (long long)(st.bytes + b->bytes)));
	return logs_work(c->aws->logs, &b->w);
}
