/* CloudWatch Logs: lines put and read. */
#include "cloudwatch/logs.h"

static const int64_t hour_ms = 3600000, day_ms = 86400000;

/* ---- PutLogEvents ---- */

struct batch {
	json_t *events;
	size_t n, first, last; /* those from first to last (not with it) are taken */
	int64_t bytes;
};

static int64_t event_at(const struct batch *b, size_t i)
{
	return jint(json_array_get(b->events, i), "timestamp");
}

static struct slice event_text(const struct batch *b, size_t i)
{
	return jslice(json_array_get(b->events, i), "message");
}

static int check_batch(struct aws_call *c, struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		b->bytes += (int64_t)event_text(b, i).n + LOGS_EVENT_OVERHEAD;
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

static int put_batch(struct aws_call *c, const struct batch *b, int64_t grp, int64_t stream, const char *name)
{
	struct logs *l = c->aws->logs;
	int64_t bytes = 0;
	struct error err;
	for (size_t i = b->first; i < b->last; i++) {
		struct slice text = event_text(b, i);
		if (logs_line_put(&l->store, grp, stream, event_at(b, i), c->now_ms, text, &err))
			return aws_broken(c, &err);
		logs_count(l, c->at, name, event_at(b, i), text);
		bytes += (int64_t)text.n + LOGS_EVENT_OVERHEAD;
	}
	if (b->first < b->last && logs_stream_grows(&l->store, stream, event_at(b, b->first), event_at(b, b->last - 1), c->now_ms, bytes, &err))
		return aws_broken(c, &err);
	return logs_sink_expire(l->sink, &err) ? aws_broken(c, &err) : 0;
}

/* The stream of the request: 0, or refused. */
static int find_stream(struct aws_call *c, int64_t grp, struct log_stream *out)
{
	struct error err;
	int rc = logs_stream_find(&c->aws->logs->store, grp, jslice(c->in, "logStreamName"), out, &err);
	if (rc < 0)
		return aws_broken(c, &err);
	return rc ? 0 : aws_refuse(c, 400, "ResourceNotFoundException", "The specified log stream does not exist.");
}

int logs_put(struct aws_call *c)
{
	struct batch b = { .events = json_object_get(c->in, "logEvents") };
	struct log_stream st;
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group || find_stream(c, jint(group, "id"), &st))
		return -1;
	b.n = json_array_size(b.events);
	if (check_batch(c, &b))
		return -1;
	reject(c, &b, group);
	json_object_set_new(c->out, "nextSequenceToken", json_sprintf("%056lld", (long long)(st.bytes + b.bytes)));
	return put_batch(c, &b, jint(group, "id"), st.id, name);
}

/* ---- places in lines, as tokens ---- */

static void put_token(json_t *to, const char *name, const char *prefix, struct log_place p, const char *suffix)
{
	json_object_set_new(to, name, json_sprintf("%s%018lld%018lld%020d%s", prefix, (long long)p.at_ms, (long long)p.id, 0, suffix));
}

/* "f/DIGITS/s". */
static bool read_token(struct slice token, const char *prefix, const char *suffix, struct log_place *out)
{
	struct slice digits;
	if (!sl_after(token, sl(prefix), &digits) || !sl_ends(digits, sl(suffix)))
		return false;
	digits.n -= strlen(suffix);
	return digits.n == 56 && sl_int(sl_of(digits.p, 18), 0, INT64_MAX, &out->at_ms) && sl_int(sl_of(digits.p + 18, 18), 0, INT64_MAX, &out->id);
}

static int bad_token(struct aws_call *c)
{
	return aws_refuse(c, 400, "InvalidParameterException", "The specified nextToken is invalid.");
}

static int64_t time_or(const struct aws_call *c, const char *name, int64_t otherwise)
{
	return json_object_get(c->in, name) ? jint(c->in, name) : otherwise;
}

static int64_t limit_of(const struct aws_call *c)
{
	return time_or(c, "limit", LOGS_PAGE_MAX);
}

static struct log_range range_of(const struct aws_call *c, const json_t *group, int64_t to_otherwise)
{
	struct log_range r = { .grp = jint(group, "id"), .from_ms = time_or(c, "startTime", 0), .to_ms = time_or(c, "endTime", to_otherwise) };
	int64_t cutoff = logs_cutoff(group, c->now_ms);
	r.from_ms = r.from_ms > cutoff ? r.from_ms : cutoff;
	return r;
}

/* ---- GetLogEvents ---- */

struct page {
	json_t *events;
	int64_t bytes;
	struct log_place first, last; /* of the lines in it, in the order of the walk */
};

static bool add_line(void *arg, const struct log_line *l)
{
	struct page *p = arg;
	p->bytes += (int64_t)l->text.n + LOGS_EVENT_OVERHEAD;
	if (p->bytes > LOGS_PAGE_BYTES && json_array_size(p->events))
		return false;
	json_t *e = json_object();
	json_object_set_new(e, "timestamp", json_integer(l->at_ms));
	json_object_set_new(e, "message", json_stringn(l->text.p, l->text.n));
	json_object_set_new(e, "ingestionTime", json_integer(l->ingested_ms));
	p->last = (struct log_place){ l->at_ms, l->id };
	if (!json_array_size(p->events))
		p->first = p->last;
	json_array_append_new(p->events, e);
	return true;
}

static void reverse(json_t **list)
{
	json_t *out = json_array();
	for (size_t i = json_array_size(*list); i; i--)
		json_array_append(out, json_array_get(*list, i - 1));
	json_decref(*list);
	*list = out;
}

int logs_get(struct aws_call *c)
{
	static const struct log_place begin = { 0, 0 }, end = { 999999999999999, 999999999999999999 };
	struct page p = { 0 };
	struct log_stream st;
	struct error err;
	const char *name;
	json_t *group = logs_group(c, &name);
	struct slice token = jslice(c->in, "nextToken");
	bool back = !jtrue(c->in, "startFromHead");
	struct log_place from = back ? end : begin;
	if (!group || find_stream(c, jint(group, "id"), &st))
		return -1;
	if (logs_sink_flush(c->aws->logs->sink, &err))
		return aws_broken(c, &err);
	if (token.p && !(back = read_token(token, "b/", "/s", &from)) && !read_token(token, "f/", "/s", &from))
		return bad_token(c);
	struct log_range r = range_of(c, group, end.at_ms + 1);
	r.stream = st.id;
	r.to_ms--; /* endTime itself isn't in it */
	p.events = json_array();
	p.first = p.last = token.p ? from : begin; /* where there is nothing, whatever comes is ahead */
	if (logs_lines_each(&c->aws->logs->store, &r, from, back, limit_of(c), add_line, &p, &err)) {
		json_decref(p.events);
		return aws_broken(c, &err);
	}
	if (back)
		reverse(&p.events);
	put_token(c->out, "nextForwardToken", "f/", back ? p.first : p.last, "/s");
	put_token(c->out, "nextBackwardToken", "b/", back ? p.last : p.first, "/s");
	json_object_set_new(c->out, "events", p.events);
	return 0;
}

/* ---- FilterLogEvents ---- */

/* What one call looks at: an answer may hold few lines or none, and a token to go on with. */
enum { SCAN_LINES = 20000, SCAN_COST = 2 << 20, LINE_COST = 64, JSON_FACTOR = 8 };

struct filtering {
	json_t *events, *names;
	struct slice prefix;
	struct log_filter *filter;
	int64_t limit, cost, factor;
	struct page p; /* its place: behind the last line that was looked at */
	bool more;
};

static bool of_streams(const struct filtering *f, struct slice stream)
{
	const json_t *name;
	size_t i;
	if (f->prefix.p && !sl_starts(stream, f->prefix))
		return false;
	json_array_foreach (f->names, i, name)
		if (sl_eq(json_slice(name), stream))
			return true;
	return !f->names;
}

static bool filter_line(void *arg, const struct log_line *l)
{
	struct filtering *f = arg;
	bool full = (int64_t)json_array_size(f->events) >= f->limit || f->p.bytes > LOGS_PAGE_BYTES || f->cost > SCAN_COST;
	if (full) {
		f->more = true;
		return false;
	}
	f->p.last = (struct log_place){ l->at_ms, l->id };
	f->cost += LINE_COST;
	if (!of_streams(f, l->stream))
		return true;
	f->cost += (int64_t)l->text.n * f->factor;
	if (!log_filter_matches(f->filter, l->text))
		return true;
	f->p.bytes += (int64_t)l->text.n + LOGS_EVENT_OVERHEAD;
	json_t *e = json_object();
	json_object_set_new(e, "logStreamName", json_stringn(l->stream.p, l->stream.n));
	json_object_set_new(e, "timestamp", json_integer(l->at_ms));
	json_object_set_new(e, "message", json_stringn(l->text.p, l->text.n));
	json_object_set_new(e, "ingestionTime", json_integer(l->ingested_ms));
	put_token(e, "eventId", "", f->p.last, "");
	json_array_append_new(f->events, e);
	return true;
}

static int filter_lines(struct aws_call *c, struct filtering *f, const json_t *group, struct log_place from)
{
	struct log_range r = range_of(c, group, INT64_MAX);
	struct error err;
	r.of_group = true;
	f->limit = limit_of(c);
	f->events = json_array();
	f->names = json_object_get(c->in, "logStreamNames");
	f->prefix = jslice(c->in, "logStreamNamePrefix");
	f->p.last = from;
	if (logs_lines_each(&c->aws->logs->store, &r, from, false, SCAN_LINES + 1, filter_line, f, &err)) {
		json_decref(f->events);
		return aws_broken(c, &err);
	}
	json_object_set_new(c->out, "events", f->events);
	json_object_set_new(c->out, "searchedLogStreams", json_array());
	if (f->more)
		put_token(c->out, "nextToken", "", f->p.last, "");
	return 0;
}

int logs_filter(struct aws_call *c)
{
	struct filtering f = { 0 };
	struct log_place from = { 0, 0 };
	struct slice token = jslice(c->in, "nextToken"), pattern = jslice(c->in, "filterPattern");
	const json_t *name;
	struct error err;
	const char *group_name;
	size_t i;
	json_t *group = logs_group(c, &group_name);
	if (!group)
		return -1;
	if (json_object_get(c->in, "logStreamNames") && json_object_get(c->in, "logStreamNamePrefix"))
		return aws_refuse(c, 400, "InvalidParameterException", "LogStreamNamePrefix and LogStreamNames are mutually exclusive.");
	if (token.p && !read_token(token, "", "", &from))
		return bad_token(c);
	if (logs_sink_flush(c->aws->logs->sink, &err))
		return aws_broken(c, &err);
	json_array_foreach (json_object_get(c->in, "logStreamNames"), i, name) {
		struct log_stream st;
		int rc = logs_stream_find(&c->aws->logs->store, jint(group, "id"), json_slice(name), &st, &err);
		if (rc < 0)
			return aws_broken(c, &err);
		if (!rc)
			return aws_refuse(c, 400, "ResourceNotFoundException", "The specified log stream does not exist.");
	}
	if (log_filter_open(pattern.p ? pattern : S(""), &f.filter, &err))
		return aws_refuse(c, 400, "InvalidParameterException", "%s", err.text);
	f.factor = sl_starts(sl_trim(pattern), S("{")) || sl_chr(pattern, '%') >= 0 ? JSON_FACTOR : 1;
	int rc = filter_lines(c, &f, group, from);
	log_filter_free(f.filter);
	return rc;
}
