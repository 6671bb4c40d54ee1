/* The lake: the topics' objects cleaned into typed tables, and SQL over them.
 *
 *   service.c    the operations under /api/tarn/     queue.c  one piece of slow work at a time
 *   clean_run.c  a clean run; clean_tables.c  what of it goes into Delta tables; reader.c  the objects below a prefix
 *   statement.c  a statement, with topics and Delta tables as tables; token.c, names.c  what it names
 *   table_*.c    Delta tables in statements, and statements about them: table.h
 *   store*.c     lake.db, and the SQL: store.h
 *   export*.c    what Spark, Trino, DuckDB and ClickHouse need to read the tables
 *
 * Cleaning itself is cleaning/, Delta's log and files delta/. A re-run replaces the tables. */
#ifndef TARN_LAKE_H
#define TARN_LAKE_H

#include "cleaning/cleaning.h"
#include "core/problem.h"
#include "core/service.h"
#include "lake/store.h"

extern const struct service lake_service;

enum {
	LAKE_OBJECT_MAX = 256 << 20, /* bytes of one object */
	LAKE_RAW_MAX = 8,            /* topics in one statement */
	LAKE_SQL_MAX = 1 << 20,      /* bytes of a statement */
	LAKE_ROWS_MAX = 100000,      /* rows of an answer */
	LAKE_ANSWER_MAX = 64 << 20,  /* bytes of an answer */
	LAKE_SQL_SECONDS = 30,
	LAKE_QUARANTINE_MAX = 10000, /* rows kept; all are counted */
	LAKE_WAITING_MAX = 64,       /* requests waiting for the one before */
};

struct lake;
/* Each answers the call when its work is done; work is done one piece at a time, in order. */
struct lake_clean {
	struct clean_rules *rules;      /* of all datasets; taken over */
	struct slice bucket, base;      /* objects are base/TOPIC/...json */
	uint32_t on;                    /* datasets to clean, a bit each */
	struct slice source;            /* the path that was given; absent: none */
};
void lake_clean_start(struct lake *l, struct http_call *call, const struct lake_clean *what);
/* head: JSON members before the answer's own ("\"name\":\"q1\","), may be empty; both are copied. */
void lake_sql_start(struct lake *l, struct http_call *call, struct slice head, struct slice sql);

struct lake_task {
	struct lake_task *next;
	struct lake *l;
	struct http_call *call;
	void (*start)(struct lake_task *t);
	void (*free)(struct lake_task *t);
	struct owed *owed; /* what it waits for: cancelled before free */
};
enum { LAKE_M_CLEANS, LAKE_M_ROWS, LAKE_M_QUARANTINED, LAKE_M_STATEMENTS, LAKE_METRIC_N };
struct lake {
	const struct env *env;
	struct lake_store *store;
	char *bucket;         /* owned */
	bool delta;           /* clean runs write Delta tables */
	struct lake_limits limits;
	struct cleaning cleaning; /* as the stack chooses; a clean run may choose otherwise */
	struct arena arena;       /* of it */
	struct lake_task *first, *last; /* first is running */
	size_t task_n;
	struct metric metrics[LAKE_METRIC_N];
};
void lake_queue(struct lake *l, struct lake_task *t);
/* The running task is over: it is freed and the next one starts. */
void lake_next(struct lake *l);
/* Steps of a task: a call that owes it an answer, and a job. */
void lake_await(struct lake_task *t, struct owed *step);
void lake_job(struct lake_task *t, void (*work)(void *arg), void (*done)(void *arg), void *arg);
/* Ends all work, for closing: nothing is answered any more. */
void lake_drop(struct lake *l);

#endif
