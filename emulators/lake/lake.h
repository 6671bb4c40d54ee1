/* The lake: the topics' objects cleaned into typed tables, and SQL over them.
 *
 *   store*.c   lake.db: a table for each dataset, and quarantine; read-only SQL; SQL functions of Spark
 *   reader.c   the objects below a prefix, several at a time
 *   run.c      a clean run; select.c a statement, with topics as tables; model.c the queue of both
 *   tables.h   Delta tables: names in statements, versions, what clean runs write
 *   service.c  the operations under /api/tarn/
 *
 * Cleaning itself is cleaning/. A re-run replaces the tables. */
#ifndef TARN_LAKE_H
#define TARN_LAKE_H

#include "cleaning/cleaning.h"
#include "core/problem.h"
#include "core/service.h"

extern const struct service lake_service;

enum {
	LAKE_OBJECT_MAX = 256 << 20,  /* bytes of one object */
	LAKE_BATCH = 1000,           /* objects listed before they are read */
	LAKE_BATCH_BYTES = 16 << 20, /* or as many bytes */
	LAKE_IN_FLIGHT = 32,         /* object reads at a time */
	LAKE_QUARANTINE_MAX = 10000, /* rows kept; all are counted */
	LAKE_SNIPPET = 200,          /* bytes of a quarantined record that are shown */
	LAKE_QUARANTINE_BYTES = 64 << 10, /* bytes of it that are kept */
	LAKE_RAW_MAX = 8,            /* topics in one statement */
	LAKE_RAW_BYTES = 512 << 20,  /* of their records */
	LAKE_RAW_KEYS = 200,         /* columns of such a table */
	LAKE_SQL_MAX = 1 << 20,      /* bytes of a statement */
	LAKE_ROWS_MAX = 100000,      /* rows of an answer */
	LAKE_ANSWER_MAX = 64 << 20,  /* bytes of an answer */
	LAKE_SQL_SECONDS = 30,
	LAKE_INDEX_LATER = 100000,   /* rows from which on a table has no index before a statement joins it */
	LAKE_WAITING_MAX = 64,       /* requests waiting for the one before */
};

/* ---- store ---- */
struct lake_store {
	struct db db;        /* writes; on the pool during a clean run, else idle */
	sqlite3 *read;       /* read-only connection of a file; NULL: memory, db.h is shared */
	sqlite3_stmt *bad, *raw;
	size_t raw_n, raw_bytes; /* topics that are tables now */
	volatile bool stop; /* set once, when the lake closes: a statement on the pool ends */
	const struct datasets *sets;
	struct lake_table {      /* of a dataset */
		sqlite3_stmt *insert;
		bool on;         /* this clean run makes it */
		bool indexed;    /* surely; false: perhaps */
		int64_t rows;    /* of this clean run */
	} tables[DATASETS_MAX];
};
/* sets must live as long as s. */
int lake_store_open(struct lake_store *s, const struct env *env, const struct datasets *sets, struct error *err) WARN_UNUSED;
void lake_store_close(struct lake_store *s);
/* A clean run's writes: begin makes empty tables of some datasets (a bit each), finish shows them to readers, cancel keeps the
 * old ones. set: index of a dataset. */
int lake_store_begin(struct lake_store *s, uint32_t sets, struct error *err) WARN_UNUSED;
int lake_store_row(struct lake_store *s, size_t set, const struct clean_value *v, struct error *err) WARN_UNUSED;
struct lake_bad {
	size_t set;
	struct slice key;       /* of the object */
	size_t line, at;        /* at: first wrong byte of the line; 0: not one byte */
	struct slice reason, record;
	size_t size;            /* of the whole record */
};
int lake_store_bad(struct lake_store *s, const struct lake_bad *bad, struct error *err) WARN_UNUSED;
int lake_store_finish(struct lake_store *s, struct error *err) WARN_UNUSED;
/* Makes the index of a table, unless it's there. */
int lake_store_index(struct lake_store *s, size_t set, struct error *err) WARN_UNUSED;
void lake_store_cancel(struct lake_store *s);

struct lake_limits {
	int64_t rows_max, time_ms;
};
/* Runs one SELECT and appends "columns":[...],"rows":[...],"truncated":bool (JSON members, no braces). Errors: INVALID
 * (not one statement that can be run), DENIED (not a SELECT), TIMEOUT, LIMIT, STORE. Safe on the pool while nothing else
 * uses s. */
int lake_store_sql(struct lake_store *s, struct slice sql, const struct lake_limits *limits, struct buf *out,
		   struct error *err) WARN_UNUSED;
/* The table that a statement failed for want of; absent when that wasn't it. */
struct slice lake_missing_table(struct arena *a, const struct error *err);
/* Whether it is one that clean runs make, in either case. */
bool lake_store_owns(const struct lake_store *s, struct slice table);
/* Topics as temporary tables of the reading connection: begin, add objects, end; then the table `name` has a column for
 * each key that its records have, and _object_key, _line, _record. Nothing is cleaned and nothing is left out. */
struct lake_object;
int lake_store_raw_begin(struct lake_store *s, struct slice name, struct error *err) WARN_UNUSED;
int lake_store_raw_add(struct lake_store *s, const struct lake_object *o, size_t n, struct error *err) WARN_UNUSED;
int lake_store_raw_end(struct lake_store *s, struct slice name, struct error *err) WARN_UNUSED;
void lake_store_raw_drop(struct lake_store *s);
/* Ends a lake_store_sql on the pool soon, for closing. */
void lake_store_interrupt(struct lake_store *s);
/* year(), median(), percentile_approx(), concat() ... on a connection. */
int lake_functions_add(sqlite3 *h);

/* ---- model ---- */
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
struct lake {
	const struct env *env;
	struct lake_store store;
	char *bucket;         /* owned */
	bool delta;           /* clean runs write Delta tables */
	struct lake_limits limits;
	struct cleaning cleaning; /* as the stack chooses; a clean run may choose otherwise */
	struct arena arena;       /* of it */
	struct lake_task *first, *last; /* first is running */
	size_t task_n;
	struct metric metrics[4];
};
void lake_queue(struct lake *l, struct lake_task *t);
/* The running task is over: it is freed and the next one starts. */
void lake_next(struct lake *l);
/* Steps of a task: a call that owes it an answer, and a job. */
void lake_await(struct lake_task *t, struct owed *step);
void lake_job(struct lake_task *t, void (*work)(void *arg), void (*done)(void *arg), void *arg);
struct lake_object {
	struct slice key;
	struct buf body;
	size_t size; /* over LAKE_OBJECT_MAX: body is empty */
	bool gone;   /* deleted since it was listed */
};
/* Reads .json objects below a prefix. Set task, clean, done and arg; start may be called again after done. */
struct lake_reader {
	struct lake_task *task;
	void (*clean)(void *arg, const struct lake_object *o, size_t n); /* on the pool, never twice at a time */
	void (*cleaned_some)(void *arg);                                 /* on the loop after each of them; may be NULL */
	void (*done)(void *arg);                                         /* on the loop; see err */
	void *arg;
	int64_t objects, skipped, bytes;
	struct error err; /* kind 0: none; clean may set it, which ends the reading */
	/* its own */
	struct slice bucket, prefix;
	struct buf after; /* last key listed */
	bool more;        /* the listing goes on */
	struct lake_object *batch;
	size_t n, asked, cleaned, in_flight;
	struct arena page, arena; /* page: keys of this batch */
};
void lake_reader_start(struct lake_reader *r, struct slice bucket, struct slice prefix);
void lake_reader_free(struct lake_reader *r);
/* Ends all work, for closing: nothing is answered any more. */
void lake_drop(struct lake *l);

#endif
