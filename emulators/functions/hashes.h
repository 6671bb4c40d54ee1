/* Spark's hashes of values, for functions that build on them. */
#ifndef TARN_FUNCTIONS_HASHES_H
#define TARN_FUNCTIONS_HASHES_H

#include "spark/value.h"

/* hash() and xxhash64() of one value; of NULL the seed. */
uint32_t sp_murmur3(const struct sp_type *t, const struct sp_value *v, uint32_t seed);
uint64_t sp_xxhash64(const struct sp_type *t, const struct sp_value *v, uint64_t seed);

#endif
