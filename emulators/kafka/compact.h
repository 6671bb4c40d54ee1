/* Compaction: of the records of a key the last one stays, with its offset. As Kafka's log cleaner: of segments that aren't active, below the last
 * stable offset; a log at a time, in jobs, a piece of it at a time. DIFFERS: markers of transactions stay. */
#ifndef TARN_KAFKA_COMPACT_H
#define TARN_KAFKA_COMPACT_H

#include "kafka/kafka.h"

/* Looks for logs to compact, soon: after the backoff of the cleaner. */
void kfk_compact_soon(struct kafka *k);
/* Ends what is under way; what was done stays, the rest is done another time. */
void kfk_compact_end(struct kafka *k);

/* ---- clean.c: the work itself, without the log: on the pool ---- */

struct kfk_keys; /* the last offset of each key, by a hash of it; as Kafka, whose hash it is (MD5), it takes those for the keys */
struct kfk_keys *kfk_keys_new(void);
void kfk_keys_free(struct kfk_keys *keys);
bool kfk_keys_full(const struct kfk_keys *keys);

struct kfk_clean {
	struct kfk_keys *keys;
	int64_t now_ms, tombstone_ms;
	const struct kfk_gone { /* aborted transactions */
		int64_t pid, first, marker;
	} *gone;
	size_t gone_n;
	int64_t horizon; /* the first of those of the batches that stay; INT64_MAX: they have none */
};
/* Adds the keys of these batches. Returns the offset after the last whole one that there was room for. */
int64_t kfk_clean_learn(struct kfk_clean *c, struct slice batches, int64_t from);
/* What becomes of each of these batches. */
struct kfk_cleaned {
	int64_t base, max_ts;
	size_t was, at, n; /* its size; where in out, and how long; n 0: it goes; n = was and at SIZE_MAX: it stays as it is */
};
/* Appends the changed ones to out; the list is the caller's to free. */
struct kfk_cleaned *kfk_clean_batches(struct kfk_clean *c, struct slice batches, struct buf *out, size_t *n);

#endif
