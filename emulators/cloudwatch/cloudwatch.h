/* CloudWatch, between its files:
 *
 *   cloudwatch.c        metrics put and listed, dashboards, tags; the table of operations
 *   read.c   statistics of metrics
 *   alarm.c  alarms and their states on the clock
 *   own.c    metrics of tarn's own services
 *   metric_math.c       expressions;  metric_sum.c, store_metrics.c  rows */
#ifndef TARN_AWS_CLOUDWATCH_H
#define TARN_AWS_CLOUDWATCH_H

#include "aws/api.h"
#include "aws/store_metrics.h"

struct watch {
	struct aws *a;
	struct metrics_store store;
	struct clock_timer alarm; /* the next look at alarms */
};
extern const struct aws_kind cw_alarms;

/* ---- cloudwatch.c ---- */

/* Errors of CloudWatch have two names: the query protocol's (code), and the shape's, which other protocols say. */
int cw_invalid(struct aws_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);     /* InvalidParameterValue */
int cw_combination(struct aws_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3); /* InvalidParameterCombination */
int cw_validation(struct aws_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);  /* ValidationError */
/* [{Name, Value}] as the text by which a series is kept; the caller's. */
char *cw_dims(const json_t *list);
json_t *cw_dims_shown(const char *dims);
/* "ACCOUNT REGION", in the arena. */
const char *cw_place(struct arena *a, struct aws_place at);
/* Whether it is "p99" or "p99.9", and which. */
bool cw_percentile(const char *stat, double *percent);
/* Adds a value to a metric's minute. dims: of cw_dims. */
int cw_put(struct watch *w, const struct metric_key *k, int64_t at_ms, double value, struct error *err) WARN_UNUSED;

/* ---- own.c ---- */

/* Writes what was counted in minutes that are over, or in all. */
void cw_own_flush(struct watch *w);
void cw_own_open(struct watch *w);
void cw_own_close(struct watch *w);

/* ---- read.c ---- */

struct cw_grid {
	int64_t from_s;
	int period_s;
	size_t n;
};
enum { CW_GRID_MAX = 100800 };
/* One statistic at each time of a grid, NAN where there is nothing. unit: of what was found, or "None". */
int cw_series(struct watch *w, const struct metric_key *k, const struct cw_grid *g, const char *stat, double *out, char unit[24], struct error *err) WARN_UNUSED;
/* The queries of GetMetricData and of alarms: [{Id, MetricStat | Expression, ...}]. Those results with ReturnData (or all) are called
 * out: values of the grid. Errors: INVALID, UNSUPPORTED, in words. */
typedef void (*cw_result_fn)(void *arg, const json_t *query, const char *label, const double *v, const struct cw_grid *g);
int cw_run_queries(struct watch *w, struct arena *a, struct aws_place at, const json_t *queries, int64_t from_s, int64_t to_s, cw_result_fn fn,
		   void *arg, struct error *err) WARN_UNUSED;
/* Whether a period is one: 1, 5, 10, 20, 30 or minutes. */
bool cw_period(int64_t period_s);
int cw_get_statistics(struct aws_call *c);
int cw_get_data(struct aws_call *c);

/* ---- alarm.c ---- */
int cw_put_alarm(struct aws_call *c);
int cw_describe_alarms(struct aws_call *c);
int cw_alarms_for_metric(struct aws_call *c);
int cw_alarm_history(struct aws_call *c);
int cw_set_state(struct aws_call *c);
int cw_delete_alarms(struct aws_call *c);
int cw_enable_actions(struct aws_call *c);
int cw_disable_actions(struct aws_call *c);
/* Arms the clock for the next look, if there are alarms. */
void cw_alarms_arm(struct watch *w);

#endif
