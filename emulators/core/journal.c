#include "journal.h"

#include <assert.h>

#include "clock.h"
#include "json.h"

struct journal {
	struct journal_entry ring[JOURNAL_KEPT];
	uint64_t seq;   /* of the newest entry */
	uint64_t trace; /* counter of trace ids */
	struct {
		void (*fn)(void *arg, struct http_call *call);
		void *arg;
	} watch[WATCHERS_MAX];
};

struct journal *journal_new(void)
{
	return xcalloc(1, sizeof(struct journal));
}

void journal_free(struct journal *j)
{
	free(j);
}

void journal_add(struct journal *j, int64_t at_ms, int64_t us, struct slice trace, const char *service, const char *op,
		 int status, const char *fmt, ...)
{
	struct journal_entry *e = &j->ring[++j->seq % JOURNAL_KEPT];
	va_list ap;
	e->seq = j->seq;
	e->at_ms = at_ms;
	e->us = us;
	e->status = status;
	snprintf(e->trace, sizeof(e->trace), "%.*s", (int)trace.n, trace.p ? trace.p : "");
	snprintf(e->service, sizeof(e->service), "%s", service);
	snprintf(e->op, sizeof(e->op), "%s", op ? op : "-");
	va_start(ap, fmt);
	vsnprintf(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
}

void journal_trace(struct journal *j, char out[24])
{
	snprintf(out, 24, "t-%012llu", (unsigned long long)++j->trace);
}

uint64_t journal_traces(const struct journal *j)
{
	return j->trace;
}

void journal_traces_from(struct journal *j, uint64_t given)
{
	if (given > j->trace)
		j->trace = given;
}

void journal_watch(struct journal *j, void (*fn)(void *arg, struct http_call *call), void *arg)
{
	size_t i = 0;
	while (i < WATCHERS_MAX && (fn ? j->watch[i].fn != NULL : j->watch[i].arg != arg))
		i++;
	assert(i < WATCHERS_MAX || !fn);
	if (i < WATCHERS_MAX) {
		j->watch[i].fn = fn;
		j->watch[i].arg = fn ? arg : NULL;
	}
}

void journal_answered(struct journal *j, struct http_call *call)
{
	for (size_t i = 0; i < WATCHERS_MAX; i++)
		if (j->watch[i].fn)
			j->watch[i].fn(j->watch[i].arg, call);
}

uint64_t journal_last(const struct journal *j)
{
	return j->seq;
}

const struct journal_entry *journal_find(const struct journal *j, struct slice trace, const char *service)
{
	for (uint64_t s = j->seq, n = 0; s > 0 && n < JOURNAL_KEPT; s--, n++) {
		const struct journal_entry *e = &j->ring[s % JOURNAL_KEPT];
		if (sl_eqs(trace, e->trace) && !strcmp(e->service, service))
			return e;
	}
	return NULL;
}

void journal_write(const struct journal *j, struct slice trace, uint64_t since, struct buf *out)
{
	uint64_t first = j->seq >= JOURNAL_KEPT ? j->seq - JOURNAL_KEPT + 1 : 1;
	if (since + 1 > first)
		first = since + 1;
	for (uint64_t s = first; s <= j->seq; s++) {
		const struct journal_entry *e = &j->ring[s % JOURNAL_KEPT];
		char when[32];
		if (trace.p && !sl_eqs(trace, e->trace))
			continue;
		clock_iso(e->at_ms, when);
		jw_obj(out, NULL);
		jw_int(out, "seq", (int64_t)e->seq);
		jw_text(out, "time", when);
		jw_int(out, "us", e->us);
		jw_text(out, "trace", e->trace);
		jw_text(out, "service", e->service);
		jw_text(out, "op", e->op);
		jw_int(out, "status", e->status);
		jw_text(out, "detail", e->detail);
		jw_obj_end(out);
		buf_addc(out, '\n');
	}
}
