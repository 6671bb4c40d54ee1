/* CloudWatch Logs, between its files:
 *
 *   logs.c         groups, streams, tags, retention; the table of operations
 *   logs_put.c     lines put
 *   logs_lines.c   lines read
 *   logs_work.c    either in pieces, when there is much of it
 *   logs_kept.c    metric and subscription filters, resource policies, destinations, saved queries
 *   logs_sink.c    lines of tarn's own services
 *   logs_filter.c, logs_match.c   filter patterns
 *   store_logs.c   rows */
#ifndef TARN_AWS_LOGS_H
#define TARN_AWS_LOGS_H

#include "aws/api.h"
#include "cloudwatch/logs_filter.h"
#include "aws/store_logs.h"

enum {
	LOGS_EVENT_OVERHEAD = 26,
	LOGS_BATCH_MAX = 1048576,
	LOGS_PAGE_MAX = 10000, /* lines */
	LOGS_PAGE_BYTES = 1 << 20,
};
struct logs_sink;
struct logs_work;
struct logs {
	struct aws *a;
	struct logs_store store;
	struct logs_sink *sink;
	struct logs_rule *rules; /* metric filters, read when the first line comes */
	size_t rule_n, rule_cap;
	bool rules_read, sweeping;
	int64_t last_group;
	struct loop_soon sweep;
	struct logs_work *works; /* what is done in pieces */
	struct loop_soon turn;
	struct loop_held held;
};

extern const struct aws_kind logs_groups, logs_metric_filters, logs_subscriptions;

/* ---- logs.c ---- */

/* The group of logGroupName, logGroupIdentifier or resourceArn, borrowed, and its name; NULL: the call is refused. */
json_t *logs_group(struct aws_call *c, const char **name);
/* What stands in a request for a name or an ARN: the name. In the call's arena. */
const char *logs_name_of(struct aws_call *c, const char *text);
/* A new group; borrowed. NULL: it can't be stored. */
json_t *logs_group_make(struct logs *l, struct aws_place at, const char *name, struct error *err);
/* Before when lines of a group are gone; 0: never. */
int64_t logs_cutoff(const json_t *group, int64_t now_ms);
/* Begins to remove what was dropped. */
void logs_sweep_soon(struct logs *l);
int logs_refuse(struct aws_call *c, const struct error *err);

/* ---- logs_work.c ---- */

/* What may take long is done a piece a turn, each after the one before was committed; several take turns. Of those that put lines
 * into one stream the first ends before the next begins. */
struct logs_work {
	struct logs_work *next;
	struct aws_call *c;
	/* Does something for a few milliseconds. AWS_LATER: there is more to do; else as a hook. */
	int (*piece)(struct logs_work *w);
	void (*drop)(struct logs_work *w); /* frees it; c may be gone */
	int64_t stream, until_us;          /* stream: whose lines it puts, or 0; until_us: of clock_real_us, when the piece should end */
	bool begun, fresh, lost;           /* fresh: a piece is not committed; lost: it couldn't be */
};
/* As a hook: begins it, at once when nothing else is under way. It is ended and dropped here. */
int logs_work(struct logs *l, struct logs_work *w);
/* At the end, when the calls are gone. */
void logs_work_end(struct logs *l);

/* ---- logs_put.c ---- */
int logs_put(struct aws_call *c);

/* ---- logs_lines.c ---- */
/* The stream of the request; 0, or refused. */
int logs_find_stream(struct aws_call *c, int64_t grp, struct log_stream *out);
int logs_get(struct aws_call *c);
int logs_filter(struct aws_call *c);

/* ---- logs_kept.c ---- */
int logs_put_metric_filter(struct aws_call *c);
int logs_describe_metric_filters(struct aws_call *c);
int logs_delete_metric_filter(struct aws_call *c);
int logs_test_metric_filter(struct aws_call *c);
int logs_put_subscription(struct aws_call *c);
int logs_describe_subscriptions(struct aws_call *c);
int logs_delete_subscription(struct aws_call *c);
int logs_put_policy(struct aws_call *c);
int logs_describe_policies(struct aws_call *c);
int logs_delete_policy(struct aws_call *c);
int logs_put_query(struct aws_call *c);
int logs_describe_queries(struct aws_call *c);
int logs_delete_query(struct aws_call *c);
/* Those of a group, before it goes. */
int logs_kept_drop(struct logs *l, struct aws_place at, const char *group, struct error *err) WARN_UNUSED;
/* A line came: what metric filters say of it. */
void logs_count(struct logs *l, struct aws_place at, const char *group, int64_t at_ms, struct slice text);
void logs_rules_forget(struct logs *l);

/* ---- logs_sink.c ---- */
struct logs_sink *logs_sink_new(struct logs *l);
void logs_sink_free(struct logs_sink *s);
/* Whether lines wait for the end of the tick. */
bool logs_sink_waits(const struct logs_sink *s);
/* Writes what waits. Errors: STORE. */
int logs_sink_flush(struct logs_sink *s, struct error *err) WARN_UNUSED;
/* Once an emulated hour: removes a piece of what groups no longer keep. */
int logs_sink_expire(struct logs_sink *s, struct error *err) WARN_UNUSED;
/* A group or stream goes: nothing of it is remembered. */
void logs_sink_forget(struct logs_sink *s);
void logs_sink_provide(struct aws *a, struct log_lines *out);

#endif
