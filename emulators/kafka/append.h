/* What comes into a partition's log. It is checked first, and what takes long, compressed batches above all, is checked in jobs: nothing that
 * can't be read is ever kept. */
#ifndef TARN_KAFKA_APPEND_H
#define TARN_KAFKA_APPEND_H

#include "kafka/check.h"
#include "kafka/kafka.h"

struct kfk_appended {
	int code;
	int64_t base, time_ms, start; /* offset of the first record; LogAppendTime; where the log starts. -1: none, unknown */
	struct slice trace, why;      /* absent: none; of the arena it was asked with */
	struct kfk_record_error *errors; /* likewise */
	size_t error_n;
};
/* Appends what a Produce request of that version has for a partition. known: what was found out about it in a job; NULL: nothing was.
 * False: that must be done first, unless now. */
bool kfk_produce(struct kafka *k, struct kfk_topic *t, int partition, int version, struct slice records, struct kfk_checked *known, bool now,
		 struct arena *a, struct kfk_appended *out) WARN_UNUSED;
/* Checks a batch of a service of this process and appends it. Returns a kfk_code; *base is the offset its first record got. */
int kfk_append(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, int64_t *base);
/* Appends a batch of the broker's own, a marker: nothing is checked, and no producer is told of it. */
int kfk_append_own(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, int64_t *base);

/* The records of a request that are being looked at in a job. They are copied, so it ends by itself when nobody waits any longer. */
struct kfk_look;
/* Begins one; conn is paused, and resumed when it is done. */
struct kfk_look *kfk_look_new(struct kafka *k, struct conn *conn, int version);
/* Adds the i-th partition of the request. False: it has enough to do. */
bool kfk_look_add(struct kfk_look *l, size_t i, const struct kfk_topic *t, int partition, struct slice records);
void kfk_look_start(struct kfk_look *l);
/* What it found out about the i-th; NULL: nothing. l may be NULL. */
struct kfk_checked *kfk_look_at(struct kfk_look *l, size_t i);
void kfk_look_free(struct kfk_look *l); /* NULL is fine */

#endif
