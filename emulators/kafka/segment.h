/* A partition's log as segments, which go, or are compacted, as a whole. They are bookkeeping: batches are rows, whichever segment they are
 * in. In memory once a partition is appended to or looked at; where they begin is in kafka.db, and what is in them now and then, so that
 * little of the log must be looked at again after a start. Times are emulated, Unix milliseconds. */
#ifndef TARN_KAFKA_SEGMENT_H
#define TARN_KAFKA_SEGMENT_H

#include "kafka/kafka.h"

struct kfk_segment {
	int64_t base;       /* offset at which it begins */
	int64_t first_ts;   /* the newest time in its first batch, -1: none */
	int64_t max_ts;     /* the newest in it, -1: none */
	int64_t bytes;
	int64_t made_ms, changed_ms; /* when it was begun, appended to last */
};
struct kfk_segments {
	struct kfk_segment *v; /* oldest first; the last is the active one; owned */
	size_t n, cap;
	int64_t kept;      /* bytes of the active one when it was written to the store */
	int64_t cleaned;   /* what is before it is compacted */
	int64_t horizon;   /* when the first tombstones that a compaction left are to go; INT64_MAX: there are none */
	bool busy;         /* it is being compacted */
};
/* Those of a partition, read from the store if need be; NULL: it failed, and the log says so. */
struct kfk_segments *kfk_segments(struct kafka *k, struct kfk_topic *t, int partition);
/* Before a batch is appended: ends the active segment where it is full or old. Returns a kfk_code. */
int kfk_segment_roll(struct kafka *k, struct kfk_topic *t, int partition, const struct kfk_row *row);
/* After it was. Returns a kfk_code. */
int kfk_segment_note(struct kafka *k, struct kfk_topic *t, int partition, const struct kfk_row *row);
/* The newest time in a segment; where its records have none, when it was appended to last. */
int64_t kfk_segment_ts(const struct kfk_segment *s);
/* Where the i-th ends: the next one's beginning, or the log's end. */
int64_t kfk_segment_end(const struct kfk_part *p, size_t i);
/* Forgets the first n. Returns a kfk_code. */
int kfk_segments_drop(struct kafka *k, struct kfk_topic *t, int partition, size_t n);
/* Writes the i-th to the store. Returns a kfk_code. */
int kfk_segment_keep(struct kafka *k, const struct kfk_topic *t, int partition, size_t i);
/* Bytes of a partition's log. */
int64_t kfk_log_bytes(struct kafka *k, struct kfk_topic *t, int partition);
void kfk_segments_free(struct kfk_part *p);

/* ---- store.c ---- */
struct kfk_kept_segment {
	struct kfk_segment s;
	int64_t upto; /* what is before it is in s */
};
int kfk_store_segment(struct db *db, int64_t topic, int partition, const struct kfk_segment *s, int64_t upto, struct error *err) WARN_UNUSED;
int kfk_store_segment_del(struct db *db, int64_t topic, int partition, int64_t below, struct error *err) WARN_UNUSED;
typedef void (*kfk_segment_fn)(void *arg, const struct kfk_segment *s, int64_t upto);
int kfk_store_segments(struct db *db, int64_t topic, int partition, kfk_segment_fn each, void *arg, struct error *err) WARN_UNUSED;
/* Batches from offset on: base, newest time, bytes. */
typedef void (*kfk_size_fn)(void *arg, int64_t base, int64_t max_ts, int64_t bytes);
int kfk_store_sizes(struct db *db, int64_t topic, int partition, int64_t from, kfk_size_fn each, void *arg, struct error *err) WARN_UNUSED;
/* How far a log is compacted, and its horizon. */
int kfk_store_cleaned(struct db *db, int64_t topic, int partition, int64_t *cleaned, int64_t *horizon, struct error *err) WARN_UNUSED;
int kfk_store_cleaned_set(struct db *db, int64_t topic, int partition, int64_t cleaned, int64_t horizon, struct error *err) WARN_UNUSED;
/* A batch gets other bytes, or goes (bytes absent). */
int kfk_store_rewrite(struct db *db, int64_t topic, int partition, int64_t base, int64_t max_ts, struct slice bytes, struct error *err) WARN_UNUSED;

#endif
