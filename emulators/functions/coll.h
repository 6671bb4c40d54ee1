/* What functions of arrays and maps share. */
#ifndef TARN_FUNCTIONS_COLL_H
#define TARN_FUNCTIONS_COLL_H

#include "functions/times.h"

/* A list for the batch; NULL: more elements than an array may have, or than memory is there for, and run->err says so. */
struct sp_list *sp_coll_list(struct sp_call *c, int64_t n);
/* As array functions compare: sp_compare, but 0.0 and -0.0 are two. */
bool sp_coll_same(const struct sp_type *t, const struct sp_value *x, const struct sp_value *y);

/* Values that have been seen. NULL counts as a value. */
struct sp_coll_set {
	struct sp_call *c;
	const struct sp_type *t;
	const struct sp_value **slots;
	size_t n, cap;
	bool null;
};
bool sp_coll_has(const struct sp_coll_set *s, const struct sp_value *v);
bool sp_coll_add(struct sp_coll_set *s, const struct sp_value *v); /* false: it was there; v must stay */

/* A map being made: keys aren't NULL and come once, or as spark.sql.mapKeyDedupPolicy says. */
struct sp_coll_map {
	struct sp_call *c;
	const struct sp_type *key;
	struct sp_list *list; /* n is what is used */
	size_t cap;
	uint32_t *slots;      /* entry + 1, by hash of the key */
	size_t slot_n;
};
int sp_coll_map_put(struct sp_coll_map *m, const struct sp_value *key, const struct sp_value *value) WARN_UNUSED;
struct sp_value sp_coll_map_done(struct sp_coll_map *m);
/* Value of a key in a map; NULL: it isn't there. */
const struct sp_value *sp_coll_find(const struct sp_type *map, const struct sp_list *list, const struct sp_value *key);

/* ---- resolve ---- */
/* The common type of arguments that aren't next to each other: from, from + step ... */
const struct sp_type *sp_coll_common(struct sp_resolve *x, size_t from, size_t step);
/* "Input to `f` should have been "ARRAY" followed by a value with same element type": array argument a and value argument v get a common
 * element type, without becoming texts; wide: decimals of two kinds and reals may meet in a third. NULL: err says so. kind: SP_ARRAY, or
 * SP_MAP (then v is a key). */
const struct sp_type *sp_coll_pair(struct sp_resolve *x, enum sp_kind kind, size_t a, size_t v, bool wide);
/* A nested type's keys may hold no map. NULL: INVALID_MAP_KEY_TYPE. */
const struct sp_type *sp_coll_key(struct sp_resolve *x, const struct sp_type *key);
int sp_coll_zero_index(struct sp_call *c, bool placed);

#endif
