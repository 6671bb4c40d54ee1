/* Where in a partition's log: its ends, and records by their time. */
#ifndef TARN_KAFKA_SEEK_H
#define TARN_KAFKA_SEEK_H

#include "kafka/kafka.h"

/* Times that aren't: the end, the start, the record with the greatest time, the start of what is on the broker's own disk (the start, without
 * tiered storage), the end of what isn't (there is none). */
enum { KFK_LATEST = -1, KFK_EARLIEST = -2, KFK_NEWEST = -3, KFK_EARLIEST_LOCAL = -4, KFK_TIERED = -5 };
struct kfk_found {
	int64_t offset, ts; /* -1: none */
	int32_t epoch;      /* of the leader that took it */
};
/* The first record at or after ts, or one of the above. committed: the end is that of what is committed. Returns a kfk_code. */
int kfk_offset_at(struct kafka *k, struct kfk_topic *t, int partition, int64_t ts, bool committed, struct kfk_found *out);
/* The log starts there from now on, unless it starts later. Returns a kfk_code. */
int kfk_move_start(struct kafka *k, struct kfk_topic *t, int partition, int64_t start);

enum kfk_done kfk_serve_list_offsets(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_leader_epoch(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_delete_records(struct kafka *k, struct kfk_call *c);

#endif
