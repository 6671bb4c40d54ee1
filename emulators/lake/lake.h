/* The lake: the topics' objects cleaned into typed tables, and SQL over them.
 *
 *   record.c   one object's text (JSON lines, each an object or an array of objects) -> raw records
 *   clean.c    the rules: raw record -> typed row; every rule is a row of lake_rules
 *   store*.c   lake.db: tables pin, geo, users, quarantine; read-only SQL; SQL functions of Spark
 *   model.c    a clean run (list, get, clean, replace) and the queue of slow work
 *   service.c  the operations under /api/tarn/
 *
 * Rules and questions: the task of the Pinterest project as most of its users solved it. No rows are dropped as
 * duplicates; a re-run replaces the tables. */
#ifndef TARN_LAKE_H
#define TARN_LAKE_H

#include "core/service.h"

extern const struct service lake_service;

enum {
	LAKE_COLUMNS_MAX = 12,       /* of one table, inputs included */
	LAKE_OBJECT_MAX = 64 << 20,  /* bytes of one object */
	LAKE_BATCH = 1000,           /* objects read before they are cleaned: one listing */
	LAKE_BATCH_BYTES = 64 << 20, /* or as many bytes */
	LAKE_IN_FLIGHT = 32,         /* object reads at a time */
	LAKE_QUARANTINE_MAX = 10000, /* rows kept; all are counted */
	LAKE_SNIPPET = 200,          /* bytes of a quarantined record that are kept */
	LAKE_SQL_MAX = 1 << 20,      /* bytes of a statement */
	LAKE_ROWS_MAX = 100000,      /* rows of an answer */
	LAKE_ANSWER_MAX = 64 << 20,  /* bytes of an answer */
	LAKE_SQL_SECONDS = 30,
	LAKE_WAITING_MAX = 64,       /* requests waiting for the one before */
};

/* ---- tables and rules ---- */
enum lake_set { LAKE_PIN, LAKE_GEO, LAKE_USERS, LAKE_SET_N };

enum lake_kind { LAKE_NULL, LAKE_TEXT, LAKE_INT, LAKE_REAL };
struct lake_value {
	int kind; /* enum lake_kind */
	struct slice text;
	int64_t i;
	double d;
};

/* Columns [0, out_n) are the table's, in its order; the rest are inputs that rules build columns from. Rules work on
 * one row of column_n values. */
struct lake_table {
	const char *name;  /* table */
	const char *topic; /* suffix of the topic: <user>.<topic> */
	size_t out_n, column_n;
	struct lake_column {
		const char *name;       /* table column and record key */
		const char *alias[2];   /* other keys that real senders use */
		int type;               /* enum lake_kind: column type */
		bool made;              /* built by a rule, not read from the record */
	} columns[LAKE_COLUMNS_MAX];
};
extern const struct lake_table lake_tables[LAKE_SET_N];

enum lake_action {
	LAKE_NULL_IF,      /* text equal to arg -> null */
	LAKE_REPLACE,      /* every arg in the text -> with */
	LAKE_STRIP,        /* arg at the start of the text goes */
	LAKE_TO_INT,       /* as Spark's cast: digits, a fraction is cut, anything else null */
	LAKE_TO_REAL,
	LAKE_TO_TIMESTAMP, /* "YYYY-MM-DD HH:MM:SS[.ffffff]", UTC */
	LAKE_ARRAY,        /* [arg, with], two columns, as JSON text */
	LAKE_CONCAT,       /* arg || ' ' || with; null if either is */
	LAKE_YEAR,         /* year of the timestamp column arg */
};
struct lake_rule {
	enum lake_set set;
	const char *column; /* "*": every text column */
	enum lake_action action;
	const char *arg, *with;
};
enum { LAKE_RULES_MAX = 40 };
extern const struct lake_rule lake_rules[];
extern const size_t lake_rule_n;
/* What the rule does, in words: "'User Info Error' -> null". */
struct slice lake_rule_words(struct arena *a, const struct lake_rule *r);

/* Cleans one object's records. */
struct lake_cleaner {
	enum lake_set set;
	int64_t records, rows, bad;
	int64_t hits[LAKE_RULES_MAX]; /* per rule: values it changed */
	struct arena arena;           /* emptied after each record */
	/* A cleaned row: out_n values of the table. Returns nonzero to stop. */
	int (*row)(void *arg, const struct lake_value *v);
	/* A record that can't be a row, and why. */
	int (*quarantine)(void *arg, size_t line, struct slice record, const char *reason);
	void *arg;
};
/* Returns 0, or what a callback returned. Free the arena afterwards. */
int lake_clean_object(struct lake_cleaner *c, struct slice text) WARN_UNUSED;
/* Applies the rules of c->set to the raw values, in place. */
void lake_apply(struct lake_cleaner *c, struct lake_value *v);
/* A value's text form as Spark would cast it; absent for null. */
struct slice lake_text(struct arena *a, const struct lake_value *v);
/* Shortest decimal that reads back as d, always with a point or exponent. */
struct slice lake_real_text(struct arena *a, double d);

/* ---- store ---- */
struct lake_store {
	struct db db;        /* writes; on the pool during a clean run, else idle */
	sqlite3 *read;       /* read-only connection of a file; NULL: memory, db.h is shared */
	sqlite3_stmt *insert[LAKE_SET_N], *bad;
};
int lake_store_open(struct lake_store *s, const struct env *env, struct error *err) WARN_UNUSED;
void lake_store_close(struct lake_store *s);
/* A clean run's writes: begin makes empty tables, finish shows them to readers, cancel keeps the old ones. */
int lake_store_begin(struct lake_store *s, struct error *err) WARN_UNUSED;
int lake_store_row(struct lake_store *s, enum lake_set set, const struct lake_value *v, struct error *err) WARN_UNUSED;
int lake_store_bad(struct lake_store *s, enum lake_set set, struct slice key, size_t line, const char *reason,
		   struct slice record, struct error *err) WARN_UNUSED;
int lake_store_finish(struct lake_store *s, struct error *err) WARN_UNUSED;
void lake_store_cancel(struct lake_store *s);

struct lake_limits {
	int64_t rows_max, time_ms;
};
/* Runs one SELECT and appends "columns":[...],"rows":[...],"truncated":bool (JSON members, no braces). Errors: INVALID
 * (not one statement that can be run), DENIED (not a SELECT), TIMEOUT, LIMIT, STORE. Safe on the pool while nothing else
 * uses s. */
int lake_store_sql(struct lake_store *s, struct slice sql, const struct lake_limits *limits, struct buf *out,
		   struct error *err) WARN_UNUSED;
/* Ends a running lake_store_sql soon; from the loop's thread. */
void lake_store_interrupt(struct lake_store *s);
/* year(), median(), percentile_approx(), concat() ... on a connection. */
int lake_functions_add(sqlite3 *h);

/* ---- model ---- */
struct lake;
/* Each answers the call when its work is done; work is done one piece at a time, in order. */
void lake_clean_start(struct lake *l, struct http_call *call);
/* head: JSON members before the answer's own ("\"name\":\"q1\","), may be empty; both are copied. */
void lake_sql_start(struct lake *l, struct http_call *call, struct slice head, struct slice sql);
void lake_fail(struct http_call *call, const struct error *err);

struct lake_task {
	struct lake_task *next;
	struct lake *l;
	struct http_call *call;
	void (*start)(struct lake_task *t);
	void (*free)(struct lake_task *t);
};
struct jobs; /* jobs.h */
struct lake {
	const struct env *env;
	struct jobs *jobs;
	struct lake_store store;
	char *bucket;         /* owned */
	const char *user;     /* conf's */
	struct lake_limits limits;
	struct lake_task *first, *last; /* first is running */
	size_t task_n;
	bool job;     /* a job uses the store */
	size_t owed;  /* answers that the object store owes */
	bool closing;
	struct metric metrics[4];
};
void lake_queue(struct lake *l, struct lake_task *t);
/* The running task is over: it is freed and the next one starts. */
void lake_next(struct lake *l);
/* Ends all work, for closing: nothing is answered any more. */
void lake_drop(struct lake *l);

#endif
