/* The journal: every request with a trace id carried from hop to hop, the newest JOURNAL_KEPT of them. */
#ifndef TARN_JOURNAL_H
#define TARN_JOURNAL_H

#include "err.h"

enum { JOURNAL_KEPT = 4096 };
/* The trace of what looks on for us, a journey or a scenario: neither journaled nor counted, or it would see itself. */
#define JOURNAL_LOOKS "-"
struct journal;
struct journal_entry {
	uint64_t seq;
	int64_t at_ms, us;
	char trace[24];
	char service[16];
	char op[40];
	char detail[160]; /* "POST /topics/x", "topic=x partition=0 offset=3" */
	int status;       /* HTTP status or protocol error code */
};
struct http_call;
struct journal *journal_new(void);
void journal_free(struct journal *j);
void journal_add(struct journal *j, int64_t at_ms, int64_t us, struct slice trace, const char *service, const char *op,
		 int status, const char *fmt, ...) PRINTF_LIKE(8, 9);
/* A fresh trace id "t-000000000001" from the counter. */
void journal_trace(struct journal *j, char out[24]);
/* The newest entry of a trace in a service; NULL: it isn't kept any more. Valid until the next is added. */
const struct journal_entry *journal_find(const struct journal *j, struct slice trace, const char *service);
/* How many it has given, and from where on it counts, if that is more: an id is never given twice. */
uint64_t journal_traces(const struct journal *j);
void journal_traces_from(struct journal *j, uint64_t given);
/* JSON lines, oldest first; trace absent: all; since: seq above which. */
void journal_write(const struct journal *j, struct slice trace, uint64_t since, struct buf *out);
/* fn sees every HTTP call when its answer leaves: request, answer, operation (CloudTrail makes its events of them). WATCHERS_MAX of them; fn NULL: arg's watches no more. */
enum { WATCHERS_MAX = 4 };
void journal_watch(struct journal *j, void (*fn)(void *arg, struct http_call *call), void *arg);
void journal_answered(struct journal *j, struct http_call *call);
uint64_t journal_last(const struct journal *j);

#endif
