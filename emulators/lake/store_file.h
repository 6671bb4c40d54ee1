/* The store's insides, for store*.c. */
#ifndef TARN_LAKE_STORE_FILE_H
#define TARN_LAKE_STORE_FILE_H

#include "core/service.h"
#include "lake/lake.h"
#include "lake/token.h"

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
/* The connection that statements read by, and its last error: STORE. */
sqlite3 *lake_store_reading(const struct lake_store *s);
int lake_store_failed(const struct lake_store *s, struct error *err);
/* year(), median(), percentile_approx(), concat() ... on a connection. */
int lake_functions_add(sqlite3 *h);

#endif
