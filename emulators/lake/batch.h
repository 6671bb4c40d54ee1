/* Batches of streaming queries: a frame over a stream, run on the rows that the query's source gave for one batch. The result is kept
 * while the batch is under way, and read by read_stream('QUERY', format => 'batch', batch => 'N'); with "keep" the rows of all batches
 * stay, without a number.
 *
 *   POST /api/tarn/spark/sessions/ID/batches
 *     {"sql":"SELECT * FROM `#`.`13`","mode":"append","check":true} -> {"sources":[{"format":"kinesis","options":{...}}],"stateful":false,...}
 *       whether a query may be started with it, in Spark's words; its sources
 *     {"sql":...,"mode":"append","query":"Q","batch":3,"watermark":MS,"before":MS} -> {"rows":5,"eventTime":MS}
 *       runs it; watermark: of this batch, before: of the one before it (append). eventTime: the latest of the batch less the delay */
#ifndef TARN_LAKE_BATCH_H
#define TARN_LAKE_BATCH_H

#include "lake/query.h"

enum { LAKE_ALL = -1 };

struct lake_output {
	struct lake_output *next;
	size_t refs;         /* the list, and statements */
	char *query;
	int64_t batch;       /* LAKE_ALL: of all batches, for the sink "memory" */
	char session[LAKE_SPARK_ID + 1];
	struct sp_table *rows; /* fields lie in its arena */
};
struct lake_output *lake_output_hold(struct lake *l, struct slice query, int64_t batch); /* NULL: there is none */
void lake_output_release(struct lake_output *o);                                         /* NULL is fine */
void lake_outputs_free(struct lake *l, const char *session); /* of a session; NULL: all */

/* Fields that lie in a; rows of another table, whose types become the table's. */
struct sp_field *lake_own_fields(struct arena *a, const struct sp_field *of, size_t n);
void lake_add_rows(struct sp_table *to, const struct sp_table *rows);

struct lake_state;
struct lake_batch {
	bool check, keep;           /* keep: the rows of all batches stay, as `batch` without a number */
	enum lake_mode { LAKE_APPEND, LAKE_UPDATE, LAKE_COMPLETE } mode;
	char *query, *id;           /* id: the checkpoint's */
	int64_t batch, watermark_us, before_us;
	struct feed *feed;          /* held; NULL: check */
	struct sp_table *out;
	struct lake_state *state;   /* of the statement, in its arena (batch_state.c) */
	int64_t event_us;           /* INT64_MIN: none */
};
/* Reads a request's body. *sql: the statement, in the call's arena. Nonzero: err says why not. */
int lake_batch_read(struct lake_query *q, struct lake *l, struct http_call *call, struct slice *sql, struct error *err) WARN_UNUSED;
void lake_batch_free(struct lake_batch *b); /* NULL is fine */
void lake_batch_forget(struct lake_batch *b); /* what lies in the statement's arena; NULL is fine */
/* In the job of analysis, before the plan is optimized. Nonzero: q->err. */
int lake_batch_shape(struct lake_query *q) WARN_UNUSED;
/* On the loop, when the tables are read (or only checked): runs it and answers. */
void lake_batch_begin(struct lake_query *q);

/* ---- batch_check.c: may a query be started with a plan ---- */
bool lake_is_streaming(const struct sp_plan *p);
int lake_batch_check(const struct sp_plan *p, enum lake_mode mode, struct sp_error *err) WARN_UNUSED;
/* The operator that keeps a state; NULL: none does. */
struct sp_plan **lake_batch_stateful(struct sp_plan **p);

/* ---- batch_event.c ---- */
/* Whether a column of a plan is an event's time, or a window of it. */
bool lake_event_column(const struct sp_plan *p, size_t at);
/* The group of an aggregate that is one; -1: none is. */
ssize_t lake_event_group(const struct sp_plan *aggregate);
/* The part of a plan that says which column is one, with the filters over it: its column at; NULL: none does. */
struct sp_plan *lake_event_mark(struct sp_plan *p, size_t *at, const int64_t **delay_us);
/* That part as Spark runs it: filters that read the event's time aren't pushed below the mark, so they are taken off. */
struct sp_plan *lake_event_pushed(struct sp_plan *p);

/* ---- batch_state.c ---- */
/* In the job of analysis: takes operators that keep a state out of q->plan. Nonzero: q->err. */
int lake_state_shape(struct lake_query *q) WARN_UNUSED;
/* On the loop, before it is run: finds the state that the last batch left. Nonzero: q->err. */
int lake_state_hold(struct lake_query *q) WARN_UNUSED;
int lake_state_run(struct lake_query *q) WARN_UNUSED; /* in a job: fills batch->out */
void lake_state_keep(struct lake_query *q);           /* on the loop, when it has run */
bool lake_state_again(const struct lake_batch *b);
void lake_state_free(struct lake_state *s);           /* NULL is fine */
void lake_kept_free(struct lake *l);

void lake_batch_post(void *self, struct http_call *call);

#endif
