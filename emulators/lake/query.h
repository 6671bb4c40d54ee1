/* Statements of Spark SQL: parsed and analysed in jobs, what they name found and read in between, run in a job, answered.
 *
 *   request.c  what is asked        query.c   the way through      catalog.c  names      answer.c  rows -> JSON
 *   do_*.c     statements that aren't queries */
#ifndef TARN_LAKE_QUERY_H
#define TARN_LAKE_QUERY_H

#include <jansson.h>

#include "lake/relation.h"
#include "sparksql/analyze.h"
#include "sparksql/parse.h"

/* How cells are written. */
enum lake_as { LAKE_AS_JSON, /* numbers, booleans, arrays, objects */
	       LAKE_AS_TEXT, /* texts, as the SQL statements' API has them */
	       LAKE_AS_SHOW, /* texts as show() prints them; NULL is null */
	       LAKE_AS_HIVE, /* texts as spark-sql prints them: arrays and structs are JSON */
	       LAKE_AS_N };

/* What a request is: statements whose rows are wanted, a frame to be made, a view of one (frame.h), a batch of a streaming query (batch.h). */
enum lake_asks { LAKE_ASKS_ROWS, LAKE_ASKS_FRAME, LAKE_ASKS_VIEW, LAKE_ASKS_BATCH };

struct lake_query;
/* What a statement of a kind does once it is parsed. */
struct lake_doing {
	int kind;                            /* enum sp_stmt_kind */
	bool analyses;                       /* it has a query, which is analysed first: q->plan */
	bool names;                          /* or it has a name: then that is TABLE name */
	bool runs;                           /* and the plan is read for; its rows are the answer unless there is a start */
	bool writes;                         /* the table of its name: nobody else does meanwhile, its snapshot is q->target */
	const struct sp_query *(*query)(struct lake_query *q); /* in a job: the query to be analysed where it isn't the statement's; NULL: failed */
	int (*shape)(struct lake_query *q);  /* in a job: checks and changes q->plan once it is analysed; NULL: it stays */
	void (*start)(struct lake_query *q); /* on the loop, when that is done; ends with lake_query_end */
	int (*work)(struct lake_query *q);   /* or: in a job, fills q->out; nonzero with q->err set */
};
struct lake_query {
	struct lake_task task;
	struct loop *loop;
	struct lake_spark *spark;
	struct slice database;        /* that the request asked for; absent: the session's */
	const struct lake_view *globals;
	struct lake_turn turn;        /* of the session */
	struct slice turn_key;
	struct buf text;              /* all statements */
	struct slice rest;            /* those to come */
	struct lake_limits limits;
	enum lake_as as;
	enum lake_asks asks;
	struct buf out;               /* the answer; head_n bytes before the statement's own */
	size_t head_n;
	json_t *params;               /* values of :name, as they were sent; NULL: none */
	/* of the statement under way */
	struct arena arena;
	struct slice sql;
	int64_t now_us;               /* when it began, by the stack's clock */
	struct sp_stmt *stmt;
	const struct lake_doing *doing;
	struct sp_context cx;
	struct sp_catalog catalog;
	struct sp_parameter *parameters;
	size_t parameter_n;
	struct sp_plan *plan;
	struct sp_known *made;        /* of a frame's columns */
	const struct sp_known *known; /* whose ids the answer shows */
	uint64_t *used;               /* frames that it names */
	size_t used_n, used_cap;
	bool borrows;                 /* it reads a global view of another session's frame */
	struct lake_relation *relations, *reading;
	struct lake_relation *target; /* of those that write; missing: there is no such table */
	struct lake_turn writing;
	struct slice place;           /* CREATE TABLE ... LOCATION: the object that will say where the table is */
	bool reads_itself;            /* a view's own query names the view */
	int phase;                    /* of those that analyse more than one query */
	struct sp_error err;
	int rc;
	/* of the answer */
	int64_t answered;             /* rows */
	bool truncated;
	struct sp_json_writer *writer;
	/* of functions that the client runs: udf.c */
	struct question *question;
	struct loop_timer *patience;
	struct buf asked;             /* the document that is sent */
	struct slice given;           /* the document that came, in given_arena */
	struct arena given_arena;
	int64_t call_n;
	/* of those who write tables */
	void *own;
	void (*own_free)(struct lake_query *q);
};
/* request.c: reads a request into a new q: session, manner of cells, parameters' texts. *sql: the statements. Nonzero: err says why not. */
int lake_query_read(struct lake_query *q, struct lake *l, struct http_call *call, struct slice *sql, struct error *err) WARN_UNUSED;
/* Begins one; arguments as lake_sql_start's. */
void lake_query_start(struct lake *l, struct http_call *call, enum lake_asks asks, struct slice head, struct slice body);
/* Parameters of the statement under way, in its arena. Nonzero: q->err is set. */
int lake_query_parameters(struct lake_query *q) WARN_UNUSED;
/* catalog.c: makes q->catalog. */
void lake_query_catalog(struct lake_query *q);
/* The statement is over, well or (q->err set) not: the next one, or the answer. On the loop. */
void lake_query_end(struct lake_query *q);
/* Analyses, reads and starts once more: for those that have several queries. On the loop. */
void lake_query_again(struct lake_query *q);
/* Runs the analysed plan in a job again and again until done: each batch goes to take (on the pool), then done on the loop. */
void lake_query_rows(struct lake_query *q, int (*take)(struct lake_query *q, const struct sp_batch *b), void (*done)(struct lake_query *q));
/* The Delta table that a statement is about, by name or (path not absent) path. Nonzero: err says so. */
int lake_query_ref(struct lake_query *q, const struct sp_name *name, struct slice path, struct lake_ref *ref) WARN_UNUSED;
/* Goes on with then if there is a database of that name, else ends the statement. On the loop. do_session.c */
void lake_query_database(struct lake_query *q, struct slice name, void (*then)(struct lake_query *q));
/* What comes after the target of a statement was found: analysis, or its start. */
void lake_query_go_on(struct lake_query *q);
/* place.c. Once the target was found: true when CREATE TABLE ... LOCATION, or a table of files, takes another way. */
bool lake_place_target(struct lake_query *q);
/* Writes q->place, then goes on. */
void lake_place_put(struct lake_query *q, void (*then)(struct lake_query *q));
/* The relation of the statement's name, as a query; in a job. */
const struct sp_query *lake_query_named(struct lake_query *q);
/* "The table or view `spark_catalog`.`default`.`t` cannot be found...", as DROP says it. */
int lake_query_no_table(struct lake_query *q);
/* DESCRIBE TABLE's rows below the columns. */
void lake_describe_relation(struct lake_query *q, const struct lake_relation *r);
/* udf.c */
const struct sp_udf *lake_udf(struct lake_query *q, struct slice name);
void lake_udf_begin(struct lake_query *q); /* on the loop, before its first statement */
void lake_udf_free(struct lake_query *q);
/* Writes rows of fixed columns: for SHOW, DESCRIBE. */
void lake_answer_head(struct lake_query *q, const struct sp_field *columns, size_t n);
int lake_answer_batch(struct lake_query *q, const struct sp_field *columns, size_t n, const struct sp_batch *b);
void lake_answer_row(struct lake_query *q, const struct sp_field *columns, size_t n, const struct sp_value *v);
void lake_answer_end(struct lake_query *q);
/* Times within columns go out with all of their microseconds: to_json's form cuts them, and a client takes them for values. */
struct sp_json_options;
void lake_exact_times(struct sp_json_options *o);
/* do_*.c: rows up to kind -1. */
extern const struct lake_doing lake_doings_query[], lake_doings_session[], lake_doings_show[], lake_doings_look[], lake_doings_table[], lake_doings_data[],
	lake_doings_merge[], lake_doings_ddl[], lake_doings_save[],
	lake_doings_save_table[], lake_doings_restore[];

#endif
