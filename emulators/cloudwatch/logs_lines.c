/* CloudWatch Logs: lines read. */
#include "cloudwatch/logs.h"

int logs_find_stream(struct aws_call *c, int64_t grp, struct log_stream *out)
{
	struct error err;
	int rc = logs_stream_find(&c->aws->logs->store, grp, jslice(c->in, "logStreamName"), out, &err);
	if (rc < 0)
		return aws_broken(c, &err);
	return rc ? 0 : aws_refuse(c, 400, "ResourceNotFoundException", "The specified log stream does not exist.");
}

/* ---- places in lines, as tokens ---- */

static void token_text(char *to, size_t n, const char *prefix, struct log_place p, const char *suffix)
{
	snprintf(to, n, "%s%018lld%018lld%020d%s", prefix, (long long)p.at_ms, (long long)p.id, 0, suffix);
}

static void put_token(struct buf *to, const char *name, const char *prefix, struct log_place p, const char *suffix)
{
	char text[64];
	token_text(text, sizeof(text), prefix, p, suffix);
	jw_text(to, name, text);
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

/* A page of lines, as the text of JSON. */
struct page {
	struct buf text; /* "[" and the lines */
	size_t *ends, n, cap;
	int64_t bytes;
	struct log_place first, last; /* of the lines in it, in the order of the walk */
};

static void page_free(struct page *p)
{
	buf_free(&p->text);
	free(p->ends);
}

static void page_begin(struct page *p)
{
	jw_list(&p->text, NULL);
}

static void page_line(struct page *p, const struct log_line *l, bool of_group)
{
	char id[64];
	p->bytes += (int64_t)l->text.n + LOGS_EVENT_OVERHEAD;
	p->last = (struct log_place){ l->at_ms, l->id };
	if (!p->n)
		p->first = p->last;
	jw_obj(&p->text, NULL);
	if (of_group)
		jw_str(&p->text, "logStreamName", l->stream);
	jw_int(&p->text, "timestamp", l->at_ms);
	jw_str(&p->text, "message", l->text);
	jw_int(&p->text, "ingestionTime", l->ingested_ms);
	if (of_group) {
		token_text(id, sizeof(id), "", p->last, "");
		jw_text(&p->text, "eventId", id);
	}
	jw_obj_end(&p->text);
	GROW(p->ends, p->n, p->cap);
	p->ends[p->n++] = p->text.n;
}

/* "events":[...]; a comma stands before each line but the first. */
static void page_put(const struct page *p, bool back, struct buf *out)
{
	jw_list(out, "events");
	for (size_t k = 0; k < p->n; k++) {
		size_t i = back ? p->n - 1 - k : k, from = i ? p->ends[i - 1] + 1 : 1;
		jw_raw(out, NULL, sl_of(p->text.p + from, p->ends[i] - from));
	}
	jw_list_end(out);
}

struct getting {
	struct logs_work w;
	struct log_range r;
	struct log_place at;
	bool back, paused;
	struct page p;
	int64_t limit;
};

static bool add_line(void *arg, const struct log_line *l)
{
	struct getting *g = arg;
	if (g->p.n && g->p.bytes + (int64_t)l->text.n + LOGS_EVENT_OVERHEAD > LOGS_PAGE_BYTES)
		return false;
	page_line(&g->p, l, false);
	g->at = g->p.last;
	g->paused = clock_real_us() > g->w.until_us;
	return !g->paused;
}

static int get_piece(struct logs_work *w)
{
	struct getting *g = (struct getting *)(void *)w;
	struct aws_call *c = w->c;
	struct log_stream st;
	struct error err;
	if (logs_find_stream(c, g->r.grp, &st))
		return -1;
	if (st.id != g->r.stream) /* another one has its name by now */
		return aws_refuse(c, 400, "ResourceNotFoundException", "The specified log stream does not exist.");
	g->paused = false;
	if (logs_lines_each(&c->aws->logs->store, &g->r, g->at, g->back, g->limit - (int64_t)g->p.n, add_line, g, &err))
		return aws_broken(c, &err);
	if (g->paused && (int64_t)g->p.n < g->limit)
		return AWS_LATER;
	jw_obj(&c->json, NULL);
	page_put(&g->p, g->back, &c->json);
	put_token(&c->json, "nextForwardToken", "f/", g->back ? g->p.first : g->p.last, "/s");
	put_token(&c->json, "nextBackwardToken", "b/", g->back ? g->p.last : g->p.first, "/s");
	jw_obj_end(&c->json);
	return 0;
}

static void get_drop(struct logs_work *w)
{
	page_free(&((struct getting *)(void *)w)->p);
	free(w);
}

int logs_get(struct aws_call *c)
{
	static const struct log_place begin = { 0, 0 }, end = { 999999999999999, 999999999999999999 };
	struct log_stream st;
	struct error err;
	const char *name;
	json_t *group = logs_group(c, &name);
	struct slice token = jslice(c->in, "nextToken");
	bool back = !jtrue(c->in, "startFromHead");
	struct log_place from = back ? end : begin;
	if (!group || logs_find_stream(c, jint(group, "id"), &st))
		return -1;
	if (logs_sink_flush(c->aws->logs->sink, &err))
		return aws_broken(c, &err);
	if (token.p && !(back = read_token(token, "b/", "/s", &from)) && !read_token(token, "f/", "/s", &from))
		return bad_token(c);
	struct getting *g = xcalloc(1, sizeof(*g));
	*g = (struct getting){ .w = { .c = c, .piece = get_piece, .drop = get_drop }, .at = from, .back = back, .limit = limit_of(c) };
	g->r = range_of(c, group, end.at_ms + 1);
	g->r.stream = st.id;
	g->r.to_ms--; /* endTime itself isn't in it */
	g->p.first = g->p.last = token.p ? from : begin; /* where there is nothing, whatever comes is ahead */
	page_begin(&g->p);
	return logs_work(c->aws->logs, &g->w);
}

/* ---- FilterLogEvents ---- */

/* What one call looks at: an answer may hold few lines or none, and a token to go on with. */
enum { SCAN_LINES = 20000, SCAN_COST = 2 << 20, LINE_COST = 64, JSON_FACTOR = 8 };

struct filtering {
	struct logs_work w;
	struct log_range r;
	const json_t *names;
	struct slice prefix;
	struct log_filter *filter;
	int64_t limit, cost, factor, looked;
	struct log_place at; /* behind the last line that was looked at */
	struct page p;
	bool more, paused;
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
	if ((int64_t)f->p.n >= f->limit || f->p.bytes > LOGS_PAGE_BYTES || f->cost > SCAN_COST || f->looked == SCAN_LINES) {
		f->more = true;
		return false;
	}
	f->at = (struct log_place){ l->at_ms, l->id };
	f->looked++;
	f->cost += LINE_COST;
	if (of_streams(f, l->stream)) {
		f->cost += (int64_t)l->text.n * f->factor;
		if (log_filter_matches(f->filter, l->text))
			page_line(&f->p, l, true);
	}
	f->paused = clock_real_us() > f->w.until_us;
	return !f->paused;
}

static int filter_piece(struct logs_work *w)
{
	struct filtering *f = (struct filtering *)(void *)w;
	struct aws_call *c = w->c;
	const char *name;
	struct error err;
	if (!logs_group(c, &name))
		return -1;
	f->paused = false;
	if (logs_lines_each(&c->aws->logs->store, &f->r, f->at, false, SCAN_LINES + 1 - f->looked, filter_line, f, &err))
		return aws_broken(c, &err);
	if (f->paused)
		return AWS_LATER;
	jw_obj(&c->json, NULL);
	page_put(&f->p, false, &c->json);
	jw_list(&c->json, "searchedLogStreams");
	jw_list_end(&c->json);
	if (f->more)
		put_token(&c->json, "nextToken", "", f->at, "");
	jw_obj_end(&c->json);
	return 0;
}

static void filter_drop(struct logs_work *w)
{
	struct filtering *f = (struct filtering *)(void *)w;
	page_free(&f->p);
	log_filter_free(f->filter);
	free(f);
}

int logs_filter(struct aws_call *c)
{
	struct log_filter *filter;
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
	if (log_filter_open(pattern.p ? pattern : S(""), &filter, &err))
		return aws_refuse(c, 400, "InvalidParameterException", "%s", err.text);
	struct filtering *f = xcalloc(1, sizeof(*f));
	*f = (struct filtering){ .w = { .c = c, .piece = filter_piece, .drop = filter_drop }, .r = range_of(c, group, INT64_MAX),
				 .names = json_object_get(c->in, "logStreamNames"), .prefix = jslice(c->in, "logStreamNamePrefix"),
				 .filter = filter, .limit = limit_of(c), .at = from };
	f->r.of_group = true;
	f->factor = sl_starts(sl_trim(pattern), S("{")) || sl_chr(pattern, '%') >= 0 ? JSON_FACTOR : 1;
	page_begin(&f->p);
	return logs_work(c->aws->logs, &f->w);
}
