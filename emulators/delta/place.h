/* Where a table is, and what whoever writes its files and its log shares. */
#ifndef TARN_DELTA_PLACE_H
#define TARN_DELTA_PLACE_H

#include "delta/delta.h"

struct delta_place { /* a table's address, copied */
	struct loop *loop;
	const struct object_store *store;
	struct arena arena;
	struct slice bucket, path;
	struct delta_table table; /* the same, to hand on */
};
void delta_place_init(struct delta_place *p, const struct delta_table *t);
struct slice delta_key(struct delta_place *p, const char *fmt, ...) PRINTF_LIKE(2, 3); /* path/... in the arena */
/* err with the object's name before its words, out of the store's error. */
void delta_store_error(struct error *out, const struct delta_place *p, struct slice key, const struct error *err);
/* Writes a data file under a fresh name part-0000N-UUID-c000.CODEC.parquet; name (in the place's arena) is its path. file is taken
 * over; p must live until the answer. seed: what the name is made from, besides the bytes. */
typedef void (*delta_put_file_cb)(void *arg, struct slice name, const struct error *err);
struct owed *delta_put_file(struct delta_place *p, struct buf *file, struct slice seed, enum pq_codec codec, delta_put_file_cb cb, void *arg);

#endif
