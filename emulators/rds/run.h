/* A statement on its way, between run.c, read.c and write.c. */
#ifndef TARN_RDS_RUN_H
#define TARN_RDS_RUN_H

#include "rds/link.h"

enum run_kind { RUN_READ, RUN_WRITE, RUN_SCRIPT };
enum run_place { RUN_HERE, RUN_WAITS, RUN_WORKS, RUN_STALLED, RUN_SLEEPS };

struct rds_run {
	struct rds *r;         /* NULL: closed */
	struct rds_session *s; /* NULL: gone */
	struct rds_run *prev, *next, *next_read;
	enum run_kind kind;
	enum run_place place;
	struct slice text;     /* the client's words, of the session */
	const struct tok *first;
	bool of_tx, was_open;  /* link is the transaction's, and was in it before */
	bool owns;             /* without a session: the lock that it held */
	bool ends_tx, again, ddl, plain;
	struct loop_timer *timer;
	struct owed *job;
	/* what a job works with */
	struct rds_link *link;
	struct rds_catalogue *cat;
	const char *database;
	char *sql, *begin;
	int lane;              /* of reads: 0, until it shows that it isn't short */
	int64_t batch_us;      /* what its last batch took */
	bool commit;           /* a transaction of its own */
	bool kept;             /* st is the link's */
	int64_t bind[3];
	sqlite3_stmt *st;
	struct arena arena;
	struct rds_column *columns; /* NULL: not yet */
	size_t column_n;
	struct buf out;
	uint8_t seq;
	uint32_t caps;
	uint16_t status;
	size_t batch;
	int rc;                /* SQLite's, or RUN_ELSEWHERE */
	struct rds_failure failure;
	uint64_t affected;
	int64_t id;            /* of an AUTO_INCREMENT column: the first one made, else the last one given; 0: none */
	bool made_id;
};
enum { RUN_ELSEWHERE = 10000, RUN_BATCH = 64 << 10 }; /* bytes of rows that a job brings */

struct rds_run *rds_run_new(struct rds_session *s, enum run_kind kind, const char *sql, struct slice text, const struct tok *first);
/* The link that the run works on; used is the transaction's. */
void rds_run_on(struct rds_run *u, struct rds_link *k, bool used);
/* The link of a statement in the session's transaction, which begins with it. write: nobody else may write until it ends. */
struct rds_link *rds_run_tx_link(struct rds_session *s, struct rds_run *u, bool write);
/* The transaction has read what somebody changed since, and promised that nobody would. */
bool rds_run_outdated(const struct rds_session *s);
int rds_run_deadlock(struct rds_session *s, struct error *err);
/* Ends the run for its session; whether that has to be told is the caller's. */
struct rds_session *rds_run_leave(struct rds_run *u);
/* The same with its failure, also when it was asked for; what SQLite took back with it is taken note of. */
int rds_run_fails(struct rds_run *u, struct error *err);
void rds_run_reset(struct rds_run *u);     /* the statement */
void rds_run_give_back(struct rds_run *u); /* the link */
void rds_run_free(struct rds_run *u);
/* SLEEP was asked for: its time passes on the loop, and not in a thread; then the run goes on. */
bool rds_run_sleeps(struct rds_run *u);
/* Of its jobs; work is called on the loop, too. */
void rds_run_work(void *arg);
void rds_run_stop(void *arg);
void rds_run_drop(void *arg);

/* read.c */
void rds_reads_start(struct rds *r); /* a job has ended */
void rds_read_next(struct rds_run *u);
void rds_read_goes_on(struct rds_run *u);
void rds_run_unqueue(struct rds_run *u);

#endif
