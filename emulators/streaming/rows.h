/* Records of a stream -> rows of the batch's Delta tables. Pure: fit for a job. */
#ifndef TARN_STREAMING_ROWS_H
#define TARN_STREAMING_ROWS_H

#include "cleaning/cleaning.h"

struct sq_record {
	const char *shard;
	struct slice sequence, key, data;
	int64_t arrived_ms;
};
struct sq_cleaned {
	struct delta_rows *rows, *bad; /* the receiver's to take or free */
	int64_t records, out, quarantined, dropped, filtered;
	int64_t hits[CLEAN_RULES_MAX];
};
/* shared: what there is beside this dataset, for a stream with several datasets' records, or NULL. seen: rows that are in already, or
 * NULL. */
void sq_clean(const struct clean_rules *rules, const struct cleaning *shared, const char *partition_key, const struct sq_record *r, size_t n,
	      struct clean_seen *seen, struct sq_cleaned *out);

#endif
