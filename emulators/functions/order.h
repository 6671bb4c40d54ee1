/* The order in which Scala's and Spark's hash tables give values back: collect_set and mode show it. */
#ifndef TARN_FUNCTIONS_ORDER_H
#define TARN_FUNCTIONS_ORDER_H

#include "spark/value.h"

/* hashCode of a value as the JVM boxes it; false: of a type whose code isn't known here. */
bool sp_jvm_hash(const struct sp_type *t, const struct sp_value *v, uint32_t *out);
/* n different values put as they stand into a scala.collection.mutable.HashSet: its i-th is the one with hash[order[i]]. */
void sp_scala_order(struct arena *a, const uint32_t *hash, size_t n, size_t *order);
/* The same of Spark's OpenHashMap. */
void sp_open_order(struct arena *a, const uint32_t *hash, size_t n, size_t *order);

#endif
