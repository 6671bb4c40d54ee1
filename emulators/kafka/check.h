/* What a batch must be to be appended, and what it is kept as: Kafka's LogValidator.
 *
 * Pure: of the records of a request and a topic's rules, on the loop for what is little work, in a job for the rest. What it says is
 * that of Kafka 3.9 and 4.0, whose brokers were asked. DIFFERS: records whose offsets aren't within their batch are refused (87), a batch
 * that has more than 16 MiB when decompressed is, too (10), and of more than KFK_ERRORS_MAX records that are refused the first are told. */
#ifndef TARN_KAFKA_CHECK_H
#define TARN_KAFKA_CHECK_H

#include "kproto/batch.h"
#include "kproto/code.h"

enum { KFK_ERRORS_MAX = 10000 };

struct kfk_rules {
	const char *topic; /* for what is said; borrowed */
	int partition;
	int64_t message_max, segment_max; /* bytes */
	int64_t now_ms, before_ms, after_ms;
	int64_t real_ms;   /* clients' own now, where that is later than now_ms (a clock that stands): nobody sends from the future */
	bool compacted;    /* records need a key */
	bool append_time;  /* LogAppendTime */
	int codec, level;  /* what it is kept in; -1: as it was sent */
};
struct kfk_record_error {
	int32_t index;
	struct slice why;
};
struct kfk_checked {
	int code;
	bool early;        /* refused before the log was looked at: its start isn't told */
	bool none;         /* there is nothing to append, which is fine */
	struct kp_batch b; /* what to append: borrows from the records, or from bytes. Its fields count, where bytes say otherwise */
	struct slice trace; /* of the first record, if it has one; borrows likewise */
	struct buf bytes;
	struct arena kept; /* of what follows */
	struct slice why;  /* absent: nothing is told */
	struct kfk_record_error *errors;
	size_t error_n, error_cap;
};
/* Whether the records, of a Produce request of that version, take more than the loop has time for. */
bool kfk_check_is_long(const struct kfk_rules *r, struct slice records);
/* Fills *out, which the caller frees by kfk_checked_free. plain_max: bytes of the records when decompressed; more than that: false, and it
 * is to be asked again in a job, with KP_INFLATED_MAX. scratch is where they are decompressed. */
bool kfk_check(const struct kfk_rules *r, int version, struct slice records, size_t plain_max, struct buf *scratch, struct kfk_checked *out) WARN_UNUSED;
/* The same for a batch that was parsed, of a service of this process: its fields count, where bytes say otherwise. */
void kfk_check_parsed(const struct kfk_rules *r, const struct kp_batch *b, struct buf *scratch, struct kfk_checked *out);
void kfk_checked_free(struct kfk_checked *c);

#endif
