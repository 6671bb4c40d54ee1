/* What idempotent and transactional producers appended to a partition, beside its log: which batch may follow, which one is there already,
 * where open transactions begin, and which were aborted.
 *
 * In memory with each partition that has any, written to the file once a tick, read again at start and after a commit that failed. Who
 * appends asks kfk_producer_check before, and says so by kfk_producer_note after. Times are emulated, Unix milliseconds. */
#ifndef TARN_KAFKA_PRODUCER_H
#define TARN_KAFKA_PRODUCER_H

#include "kafka/kafka.h"

enum { KFK_SEEN_MAX = 5 };
struct kfk_producer {
	int64_t pid;
	int64_t last_ms;           /* of its last append */
	int64_t txn_first;         /* where its open transaction begins; -1: there is none */
	int32_t coordinator_epoch; /* of its last marker; -1: there was none */
	int16_t epoch;
	uint8_t seen_n;
	bool changed;              /* in this tick: its id is among those that are to be written */
	struct kfk_seen {
		int64_t base, ts;  /* ts: the newest of its records */
		int32_t first_seq, last_seq;
	} seen[KFK_SEEN_MAX];      /* its last batches of that epoch, oldest first */
};
struct kfk_aborted {
	int64_t pid, first, marker; /* offsets */
};
struct kfk_producers {
	int64_t topic;
	int partition;
	struct kfk_producer *all; /* by pid; owned */
	size_t n, cap;
	struct kfk_aborted *aborted; /* by marker; owned */
	size_t aborted_n, aborted_cap;
	size_t aborted_kept;  /* how many of them are in the file */
	int64_t *changes;     /* owned; ids of those that are to be written */
	size_t change_n, change_cap;
	size_t open_n;        /* open transactions */
	int64_t open;         /* where the oldest one begins; INT64_MAX: there is none */
	int64_t swept_ms;     /* when those that were silent for too long were last looked for */
	bool changed;
	struct kfk_producers *next_changed;
};

int32_t kfk_sequence_add(int32_t seq, int32_t n);
/* Before a batch of a producer (pid >= 0) that is otherwise right is appended; whether its transaction has the partition
 * is txn.h's to say (kfk_txn_covers). Returns a kfk_code: NONE, it may follow; DUPLICATE_SEQUENCE_NUMBER,
 * it is there, *before says where, and the answer is a success; or why not. */
int kfk_producer_check(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, struct kfk_seen *before);
/* It was appended at base. */
void kfk_producer_note(struct kafka *k, struct kfk_topic *t, int partition, const struct kp_batch *b, int64_t base);
/* Ends the producer's transaction in a partition by a marker. coordinator_epoch: older than that of the last marker is refused. Returns a
 * kfk_code. */
int kfk_producer_end(struct kafka *k, struct kfk_topic *t, int partition, int64_t pid, int16_t epoch, bool committed, int32_t coordinator_epoch);
/* A producer that is known and wasn't silent for too long, or NULL; good until the next append. */
struct kfk_producer *kfk_producer(struct kafka *k, const struct kfk_part *p, int64_t pid);
/* All of them: *n, by pid; some may be silent for too long (kfk_producer says so). */
const struct kfk_producer *kfk_producer_all(const struct kfk_part *p, size_t *n);

/* The last stable offset: what a reader of committed records may read up to. */
int64_t kfk_last_stable(const struct kfk_part *p);
/* The aborted transactions that a reader of [from, end) must know of, by their markers; of the arena. */
const struct kfk_aborted *kfk_aborted_in(const struct kfk_part *p, int64_t from, int64_t end, struct arena *a, size_t *n);

/* The partition's log starts later than before: what was aborted before that is forgotten. */
void kfk_producers_start(struct kafka *k, struct kfk_topic *t, int partition);
void kfk_producers_free(struct kafka *k, struct kfk_part *p);
/* All of them, once topics are loaded. */
int kfk_producers_load(struct kafka *k, struct error *err) WARN_UNUSED;
/* Writes what changed in the tick, before it is committed. */
int kfk_producers_save(struct kafka *k, struct error *err) WARN_UNUSED;

/* ---- store.c ---- */
int kfk_store_producer(struct db *db, int64_t topic, int partition, const struct kfk_producer *p, struct error *err) WARN_UNUSED;
int kfk_store_producer_del(struct db *db, int64_t topic, int partition, int64_t pid, struct error *err) WARN_UNUSED;
typedef void (*kfk_producer_fn)(void *arg, int64_t topic, int partition, const struct kfk_producer *p);
int kfk_store_producers(struct db *db, kfk_producer_fn each, void *arg, struct error *err) WARN_UNUSED;
int kfk_store_aborted(struct db *db, int64_t topic, int partition, const struct kfk_aborted *a, struct error *err) WARN_UNUSED;
/* Those whose marker is before start. */
int kfk_store_aborted_del(struct db *db, int64_t topic, int partition, int64_t start, struct error *err) WARN_UNUSED;
typedef void (*kfk_aborted_fn)(void *arg, int64_t topic, int partition, const struct kfk_aborted *a);
int kfk_store_all_aborted(struct db *db, kfk_aborted_fn each, void *arg, struct error *err) WARN_UNUSED;

#endif
