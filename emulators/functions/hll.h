/* HyperLogLog++ as Spark's approx_count_distinct keeps it: 2^p registers of the longest runs of zeros in hashes. */
#ifndef TARN_FUNCTIONS_HLL_H
#define TARN_FUNCTIONS_HLL_H

#include "core/mem.h"

struct sp_hll {
	uint8_t *m; /* 2^p registers, the owner's memory; NULL: nothing was put */
};
void sp_hll_put(struct sp_hll *h, int p, uint64_t hash);
/* false: the estimate wants a table of this p that isn't here (all p do without for few values, 9 has it). */
bool sp_hll_count(const struct sp_hll *h, int p, int64_t *out);

#endif
