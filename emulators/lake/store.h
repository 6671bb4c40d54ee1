/* lake.db: what clean runs could not read. */
#ifndef TARN_LAKE_STORE_H
#define TARN_LAKE_STORE_H

#include "cleaning/cleaning.h"
#include "spark/vec.h"

enum {
	LAKE_SNIPPET = 200,               /* bytes of a quarantined record that are shown */
	LAKE_QUARANTINE_BYTES = 64 << 10, /* bytes of it that are kept */
	LAKE_QUARANTINE_COLUMNS = 9,
};

struct env;
struct lake_store;
/* sets must live as long as the store. *out is NULL after a failure. */
int lake_store_open(struct lake_store **out, const struct env *env, const struct datasets *sets, struct error *err) WARN_UNUSED;
void lake_store_close(struct lake_store *s);
/* A clean run of some datasets (a bit each): begin forgets what was quarantined of them, finish shows what is now, cancel keeps
 * the old. */
int lake_store_begin(struct lake_store *s, uint32_t sets, struct error *err) WARN_UNUSED;
struct lake_bad {
	size_t set;
	struct slice key;       /* of the object */
	size_t line, at;        /* at: first wrong byte of the line; 0: not one byte */
	struct slice reason, record;
	size_t size;            /* of the whole record */
};
int lake_store_bad(struct lake_store *s, const struct lake_bad *bad, struct error *err) WARN_UNUSED;
/* All records are in: what is left to do but to show them, so that finish takes no time and a full disk is told before the Delta
 * tables have their versions. */
int lake_store_ready(struct lake_store *s, struct error *err) WARN_UNUSED;
int lake_store_finish(struct lake_store *s, struct error *err) WARN_UNUSED;
void lake_store_cancel(struct lake_store *s);
/* Whether there ever was a clean run. */
int lake_store_quarantined(struct lake_store *s, bool *there, struct error *err) WARN_UNUSED;
/* The quarantine's rows, columns that are needed (NULL: all), into a table whose fields are set: dataset, topic, object_key, line, at, reason,
 * size, bytes, record. */
int lake_store_quarantine(struct lake_store *s, const bool *needed, struct sp_table *out, struct error *err) WARN_UNUSED;

#endif
