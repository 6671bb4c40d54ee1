/* The store's insides, for store*.c. */
#ifndef TARN_LAKE_STORE_FILE_H
#define TARN_LAKE_STORE_FILE_H

#include "core/service.h"
#include "lake/lake.h"
#include "lake/token.h"

enum { LAKE_SESSIONS_KEPT = 2 };
struct lake_store {
	struct db db;        /* writes; on the pool, by whoever has the turn of LAKE_KEY */
	char *name;          /* of the database, for sessions; owned */
	bool alone;
	sqlite3_stmt *bad;
	const struct datasets *sets;
	struct lake_session *idle; /* whose connections are kept for the next statements */
	size_t idle_n;
	struct lake_table {      /* of a dataset */
		sqlite3_stmt *insert;
		bool on;         /* this clean run makes it */
		int64_t rows;    /* of this clean run */
	} tables[DATASETS_MAX];
};
struct lake_session {
	struct lake_session *next;
	struct lake_store *store;
	sqlite3 *h;              /* read-only, NULL: not yet there */
	sqlite3_stmt *raw;       /* writes what is read beside */
	size_t raw_n, raw_bytes; /* temporary tables, and what is in them */
	size_t held, held_max;   /* bytes that functions have collected, and may */
	volatile bool stop;      /* its statement shall end */
};
/* The connection, made if need be. */
int lake_session_open(struct lake_session *x, struct error *err) WARN_UNUSED;
/* Its last error: STORE. */
int lake_session_failed(const struct lake_session *x, struct error *err);
/* year(), median(), percentile_approx(), concat() ... for a session. */
int lake_functions_add(struct lake_session *x);

#endif
