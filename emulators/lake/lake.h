/* The lake: the topics' objects cleaned into Delta tables, and Spark SQL over these and others.
 *
 *   service.c    the operations under /api/tarn/     task.c  slow work: beside each other, in turn where it must be
 *   clean_run.c  a clean run; clean_tables.c  its Delta tables; reader.c  the objects below a prefix; store.c  quarantine
 *   spark.c      sessions      query.c  statements, answer.c  their rows, do_*.c  those that aren't queries
 *   do_save*.c, save_files.c  rows saved as files, and as Delta tables by PySpark's writers: save.h
 *   batch*.c     batches of streaming queries
 *   relation*.c  what a statement names, found and read: relation.h; cache.c  columns that were read
 *   export*.c    what Spark, Trino, DuckDB and ClickHouse need to read the tables
 *
 * Cleaning itself is cleaning/, Delta's log and files delta/, Spark SQL sparksql/ and the rooms below it. A re-run replaces the tables. */
#ifndef TARN_LAKE_H
#define TARN_LAKE_H

#include "cleaning/cleaning.h"
#include "core/problem.h"
#include "core/service.h"
#include "lake/cache.h"
#include "lake/store.h"

extern const struct service lake_service;

enum {
	LAKE_OBJECT_MAX = 256 << 20, /* bytes of one object */
	LAKE_RAW_BYTES = 512 << 20,  /* of files of texts that one statement reads */
	LAKE_SQL_MAX = 1 << 20,      /* bytes of a statement */
	LAKE_STACK = 512 << 20,      /* bytes of stack, for trees as deep as a statement can be */
	LAKE_ROWS_MAX = 100000,      /* rows of an answer */
	LAKE_SQL_SECONDS = 30,
	LAKE_STATEMENT_MIB = 1024,   /* memory of a statement: what it sorts, groups and joins, and its answer */
	LAKE_CACHE_MIB = 256,
	LAKE_QUARANTINE_MAX = 10000, /* rows kept; all are counted */
	LAKE_TASKS_MAX = 64,         /* requests under way */
};

struct lake;
/* Each answers the call when its work is done, or ends its work when the client hangs up. */
struct lake_clean {
	struct clean_rules *rules;      /* of all datasets; taken over */
	struct slice bucket, base;      /* objects are base/TOPIC/...json */
	uint32_t on;                    /* datasets to clean, a bit each */
	struct slice source;            /* the path that was given; absent: none */
};
void lake_clean_start(struct lake *l, struct http_call *call, const struct lake_clean *what);
struct lake_limits {
	int64_t rows_max, time_ms;
	size_t memory; /* bytes of what a statement sorts, groups and joins, and of its answer */
};
/* head: JSON members before the answer's own ("\"name\":\"q1\""), may be empty; both are copied. */
void lake_sql_start(struct lake *l, struct http_call *call, struct slice head, struct slice sql);

/* What work on the pool may still use when the service has closed: the last of its holders frees it. */
struct lake_base {
	size_t refs;
	struct cleaning cleaning; /* as the stack chooses; a clean run may choose otherwise */
	struct arena arena;       /* of it */
	struct lake_store *store;
	struct lake_cache cache;
	struct lake_listing *listings; /* the last used first: file_kept.c */
	struct lake_turn *turns, **turns_end; /* in the order they were asked for */
	bool closed;
};

/* What only one may do at a time: write lake.db, write a Delta table. Whoever comes later waits, in order. */
struct lake_turn {
	struct lake_turn *next;
	struct slice key;
	bool shared, asked, held; /* shared: beside others that share */
	void (*got)(void *arg);
	void *arg;
};
struct lake_task {
	struct lake_task *next, **at; /* of all that are under way */
	struct lake *l;               /* not for work on the pool: it may be gone by then */
	struct lake_base *base;
	struct lake_batch *batch;     /* of a streaming query, that this statement runs (batch.h); NULL: none */
	struct http_call *call;
	void (*start)(struct lake_task *t);
	void (*stop)(struct lake_task *t); /* asks work on the pool to end soon; NULL: it looks at stopped */
	void (*free)(struct lake_task *t); /* l and call may be gone */
	struct owed *owed; /* what it waits for: cancelled before free */
	size_t refs;       /* the list, and its jobs on the pool */
	volatile bool stopped;
};
struct lake_spark;
struct lake_view;
enum { LAKE_M_CLEANS, LAKE_M_ROWS, LAKE_M_QUARANTINED, LAKE_M_STATEMENTS, LAKE_METRIC_N };
struct lake {
	const struct env *env;
	struct lake_base *base;
	char *bucket;         /* owned */
	struct lake_limits limits;
	struct lake_task *tasks;
	size_t task_n;
	struct lake_spark *sparks;            /* sessions that clients have named */
	uint64_t spark_n;
	const struct lake_view *global_views; /* newest first; in view_arena */
	struct arena view_arena;
	struct lake_kept *kept;               /* states of streaming queries (batch_state.c) */
	struct lake_output *outputs;          /* what batches of streaming queries gave (batch.h) */
	struct metric metrics[LAKE_METRIC_N];
};
/* Begins a task: it ends by itself, or when its client hangs up. */
void lake_begin(struct lake *l, struct lake_task *t);
/* The task is over, its call answered: it is freed as soon as no job works on it. */
void lake_end(struct lake_task *t);
/* The call that its answer goes to from now on; NULL: none for a while (its client will come back). */
void lake_task_call(struct lake_task *t, struct http_call *call);
/* Steps of a task: a call that owes it an answer, and a job. */
void lake_await(struct lake_task *t, struct owed *step);
void lake_job(struct lake_task *t, void (*work)(void *arg), void (*done)(void *arg), void *arg);
/* Calls got(arg), on the loop, when the turn has come: perhaps at once. The key must stay. */
void lake_turn_take(struct lake_base *b, struct lake_turn *t, struct slice key, bool shared, void (*got)(void *arg), void *arg);
/* Takes it if nobody must be waited for. */
bool lake_turn_try(struct lake_base *b, struct lake_turn *t, struct slice key);
/* Gives it up, held or only asked for; neither is fine. */
void lake_turn_end(struct lake_base *b, struct lake_turn *t);
/* The key of lake.db; a Delta table's is lake_table_key. */
#define LAKE_KEY S("lake.db")
struct slice lake_table_key(struct arena *a, struct slice bucket, struct slice path);
void lake_listings_free(struct lake_base *b);
struct lake_base *lake_base_new(void);
void lake_base_free(struct lake_base *b); /* lets go of it */
/* Ends all work, for closing: nothing is answered any more. */
void lake_drop(struct lake *l);

#endif
