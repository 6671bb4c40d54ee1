/* Transactions: transactional ids, who produces by them, and which partitions are in the transaction that is open.
 *
 *   txn.c        the ids, and what they may turn to           store_txn.c  their rows in kafka.db
 *   txn_serve.c  InitProducerId … EndTxn, TxnOffsetCommit     txn_list.c   describe and list, WriteTxnMarkers
 *
 * Rows of kafka.db are the truth: an id as its record in __transaction_state says it, appended in the same tick. DIFFERS: a transaction ends at once:
 * its markers are written in the tick of EndTxn, so that an id is never seen between Prepare and Complete, though its records tell both.
 * What was appended, and what readers see of it, is producer.h's. Times are emulated, Unix milliseconds.
 * Spec: KIP-98, KIP-360 (epochs), KIP-664 (tools), KIP-890 (transaction.version 1). */
#ifndef TARN_KAFKA_TXN_H
#define TARN_KAFKA_TXN_H

#include "kafka/kafka.h"

#define KFK_TXN_TOPIC "__transaction_state"
enum { KFK_TXN_PARTS = 50 };

enum kfk_txn_state { /* as in their records */
	KFK_TXN_EMPTY, KFK_TXN_ONGOING, KFK_TXN_PREPARE_COMMIT, KFK_TXN_PREPARE_ABORT, KFK_TXN_COMPLETE_COMMIT, KFK_TXN_COMPLETE_ABORT, KFK_TXN_STATES
};
struct kfk_txn_part {
	char *topic; /* owned */
	int32_t partition;
};
struct kfk_txn {
	char *id; /* owned */
	int64_t pid, last_pid;     /* last_: before the last change of the epoch by a producer that said which it had; -1 */
	int16_t epoch, last_epoch; /* epoch -1: it was just made */
	int32_t timeout_ms;
	enum kfk_txn_state state;
	int64_t started_ms, updated_ms; /* started_ms -1: none was */
	struct kfk_txn_part *parts; /* owned; sorted by topic and partition */
	size_t part_n, part_cap;
};

/* ---- txn.c ---- */

/* Opens and closes with the broker's database. */
int kfk_txns_open(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_txns_close(struct kafka *k);
/* All anew from the rows, after topics are loaded. */
int kfk_txns_load(struct kafka *k, struct error *err) WARN_UNUSED;
/* At the end of a tick, before its commit: appends the records of __transaction_state. */
void kfk_txns_flush(struct kafka *k);
/* The topic that keeps them, made at its first use; NULL: it can't be made. */
struct kfk_topic *kfk_txn_topic(struct kafka *k);

struct kfk_txn *kfk_txn(struct kafka *k, struct slice id); /* NULL: unknown */
struct kfk_txn *kfk_txn_at(struct kafka *k, size_t i);     /* in order of their ids; NULL: past the end */
const char *kfk_txn_state_name(enum kfk_txn_state state);

/* All of these return a kfk_code, PRODUCER_FENCED as the newest versions tell it. */

/* A producer comes by that id: *pid and *epoch are what it has (-1: it says neither), then what it is to use. */
int kfk_txn_init(struct kafka *k, struct slice id, int32_t timeout_ms, int64_t *pid, int16_t *epoch);
/* Whether the id is of that producer as it is now. */
int kfk_txn_check(struct kafka *k, struct slice id, int64_t pid, int16_t epoch, struct kfk_txn **out);
bool kfk_txn_has(const struct kfk_txn *x, struct slice topic, int32_t partition);
/* Adds partitions; the transaction begins with the first. n of them, topics borrowed. */
int kfk_txn_add(struct kafka *k, struct kfk_txn *x, const struct kfk_txn_part *parts, size_t n);
/* Ends the open transaction: markers, staged offsets. bump: the epoch goes up with it, and markers have the new one. */
int kfk_txn_end(struct kafka *k, struct kfk_txn *x, bool commit, bool bump);
/* Before a batch of a transaction is appended to a partition: whether the producer has one open there, or it may begin as the partition was
 * added to it. Returns INVALID_PRODUCER_ID_MAPPING, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE or 0. */
int kfk_txn_covers(struct kafka *k, struct slice id, int64_t pid, int16_t epoch, const struct kfk_topic *t, int partition);

/* ---- txn_serve.c, txn_list.c ---- */

enum kfk_done kfk_serve_init_producer_id(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_add_partitions_to_txn(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_add_offsets_to_txn(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_end_txn(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_txn_offset_commit(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_write_txn_markers(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_producers(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_transactions(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_list_transactions(struct kafka *k, struct kfk_call *c);

/* ---- store_txn.c ---- */

struct kfk_txn_store; /* its statements */
int kfk_txn_store_open(struct db *db, struct kfk_txn_store **out, struct error *err) WARN_UNUSED;
void kfk_txn_store_close(struct kfk_txn_store *s);
/* value: what the id's record says, its version in front; absent: the id goes. */
int kfk_txn_store_put(struct kfk_txn_store *s, struct slice id, struct slice value, struct error *err) WARN_UNUSED;
typedef void (*kfk_txn_fn)(void *arg, struct slice id, struct slice value);
int kfk_txn_store_each(struct kfk_txn_store *s, kfk_txn_fn each, void *arg, struct error *err) WARN_UNUSED;

#endif
