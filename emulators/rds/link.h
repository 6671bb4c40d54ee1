/* A connection to SQLite: what a thread of MySQL's engine is to its sessions. One thread uses it at a time.
 *
 * The loop's own (rds.main) serves what is over in a moment; a transaction has one from its first statement to its end, a long
 * statement for as long as it runs. What a statement asks of its session is copied into the link before it begins: the session may
 * be gone while it runs. So nothing here that a job can reach knows the service or a session. */
#ifndef TARN_RDS_LINK_H
#define TARN_RDS_LINK_H

#include "rds/rds.h"

/* A few names of tables. */
struct rds_names {
	char **at;
	size_t n, cap;
};
bool rds_names_has(const struct rds_names *l, const char *name);
void rds_names_add(struct rds_names *l, const char *name); /* once */
void rds_names_free(struct rds_names *l);

/* What the SQL functions know of the session. */
struct rds_caller {
	uint32_t id;
	char user[64];
	bool has_db;
	uint64_t last_insert_id;
	int64_t now_ms;
	uint64_t seed, random; /* RAND() without a seed: how many there were */
	int64_t recursion_max; /* cte_max_recursion_depth */
	const char *database, *version; /* of the configuration, which outlives every job */
};

struct rds_link {
	sqlite3 *h; /* NULL: not opened yet */
	char *path, *pragmas; /* NULL: the loop's own */
	struct rds_caller caller;
	volatile bool stop;      /* its statement is to end soon; set by the loop while a job works */
	bool here;               /* on the loop */
	int steps;               /* what its statement took so far, in thousands of SQLite's instructions */
	int steps_max;           /* the most it may, whatever else the machine does meanwhile; 0: no limit */
	bool over;               /* it was too much, and nothing of what it did counts */
	bool guarded;            /* a user's statement: it sees what is the user's only */
	double sleep_s;          /* SLEEP: to be waited for before the answer goes on */
	struct error_def const *why; /* of an error that one of our functions raised, with its text in why_text; NULL: none */
	char why_text[200];
	char denied[80];         /* the table, column or function that the authorizer refused; denied_as: the error it makes */
	enum rds_e denied_as;
	bool large;              /* see rds_link_large */
	bool open;               /* in a transaction */
	uint64_t snapshot;       /* rds.commits when that began to read */
	struct rds_names written; /* tables that its transaction wrote */
	bool gaps;               /* not only by adding rows at the end */
	const struct rds_names *avoid; /* a statement that reads one of these has to run on another link: elsewhere */
	bool elsewhere;
	struct {
		char *sql;
		sqlite3_stmt *st;
	} kept[4];               /* of the pages' statements, the latest at kept_next - 1 */
	unsigned kept_next;
	struct {
		bool asked, due;      /* rds$auto was; the next row's key is SQLite's choice */
		int64_t first, given; /* the first one chosen, the last one given by the client; 0: none */
	} ids;                   /* of one statement, see ids.c */
	int wal_pages;           /* of the WAL after its last commit; 0: it made none */
	struct rds_link *next;   /* idle ones */
};

/* A link that is opened by its first job, or by rds_link_open. */
struct rds_link *rds_link_new(const char *path, const char *pragmas);
/* SQLite's result code. */
int rds_link_open(struct rds_link *k);
/* Rolls back what is open. NULL is fine. */
void rds_link_free(struct rds_link *k);
/* Sets functions, limits, the authorizer of a connection that is open. */
int rds_link_prepare(struct rds_link *k);
/* Runs SQL of our own. SQLite's result code. */
int rds_link_exec(struct rds_link *k, const char *sql);
/* A cache of pages as large as a long statement wants it, and back: a few pages are the memory that a transaction holds while its
 * client thinks. The loop's own link keeps what it has. */
void rds_link_large(struct rds_link *k, bool on);
/* A statement of our own that stays prepared: to be reset, not finalized. SQLite's result code. */
int rds_link_kept(struct rds_link *k, const char *sql, sqlite3_stmt **st);
/* Forgets what a statement left behind, before the next. */
void rds_link_clear(struct rds_link *k);

/* One of the idle links, or a new one; and back. */
struct rds_link *rds_link_take(struct rds *r);
void rds_link_give(struct rds *r, struct rds_link *k);

/* ids.c: takes note of the ids that rows get. SQLite's result code. */
int rds_ids_watch(struct rds_link *k);

/* functions.c */
int rds_functions_open(struct rds_link *k);
/* Fails the statement with a wire error. */
void rds_function_fail(sqlite3_context *c, struct rds_link *k, const struct error_def *def, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* SQLite's failure, taken while its link stood still. */
struct rds_failure {
	int code, extended;
	char *text; /* owned */
	const struct error_def *why;
	enum rds_e denied_as;
	char denied[80];
};
void rds_failure_take(struct rds_failure *f, const struct rds_link *k);
void rds_failure_free(struct rds_failure *f);
/* As MySQL's. */
int rds_sql_error(const char *database, const struct rds_failure *f, struct slice sql, const struct tok *first, struct error *err);

/* ---- result.c ---- */
struct rds_catalogue;
/* Columns of a statement that is at its first row (row), or has none; names live in a. */
struct rds_column *rds_result_columns(struct arena *a, const struct rds_catalogue *cat, const char *database, sqlite3_stmt *st, bool row,
				      size_t *n);
void rds_result_row(struct buf *out, uint8_t *seq, sqlite3_stmt *st, const struct rds_column *c, size_t n);

#endif
