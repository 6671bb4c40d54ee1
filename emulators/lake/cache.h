/* Columns of data files, kept from statement to statement: the last used ones, up to [lake] cache_mib. On the loop, but for what a
 * statement holds: that doesn't change. */
#ifndef TARN_LAKE_CACHE_H
#define TARN_LAKE_CACHE_H

#include "spark/vec.h"

/* Columns read at one time: the others of its chunks have no type. */
struct lake_part_read {
	struct lake_part_read *next;
	struct sp_table *rows; /* owned */
	size_t bytes;
};
struct lake_file {
	struct lake_file *newer, *older;
	struct slice key;      /* its own */
	size_t refs;           /* statements */
	bool kept;             /* in the cache */
	struct lake_part_read *parts;
	size_t bytes;
};
struct lake_cache {
	struct lake_file *newest, *oldest;
	size_t bytes, max;
};
/* The file of that key, held until lake_file_free; made when it isn't there. */
struct lake_file *lake_cache_take(struct lake_cache *c, struct slice key);
/* Adds what was read, which is the file's from now on. */
void lake_cache_add(struct lake_cache *c, struct lake_file *f, struct sp_table *rows);
void lake_cache_give(struct lake_cache *c, struct lake_file *f);
void lake_cache_clear(struct lake_cache *c); /* what no statement holds */
/* How many chunks it has, each as many rows in whatever columns; 0 when nothing was read. */
static inline size_t lake_file_chunks(const struct lake_file *f)
{
	return f->parts ? f->parts->rows->chunk_n : 0;
}
/* A column of chunk i; NULL: not read. */
const struct sp_vec *lake_file_column(const struct lake_file *f, size_t chunk, size_t column);

#endif
