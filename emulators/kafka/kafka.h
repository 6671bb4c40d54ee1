/* Kafka brokers: topics are append-only lists of record batches, kept as the producer sent them (only base offset and leader epoch are
 * patched, both lie before the checksum).
 *   serve.c     a request: read, served, answered; those that wait
 *   model.c     topics, reading                store.c  one SQLite file, kafka.db
 *   append.c    what comes in: checked, on the loop or in a job (check.c), and appended
 *   obeyed.c    settings of topics, as they are obeyed      settings.c  what they are
 *   producer.h  what idempotent and transactional producers appended to a partition, and which of it readers may see
 *   segment.c   logs as segments               retain.c   where logs start; what is before that goes, a piece a tick
 *   compact.c   which logs are compacted, when     clean.c    what stays of them
 *   produce.c fetch.c seek.c meta.c  what is asked most     topics.h config.h cluster.h  what admins ask     service.c  the table of APIs
 *   port.c      the local side of the record_log port
 *   group.h     groups of consumers, their offsets
 *   txn.h       transactional ids
 *   node.h      several brokers: who leads and coordinates what, and may answer
 *   sasl.h      who a connection is of         acl.h    what it may do         quota.h  how much
 * Spec: kafka.apache.org/protocol.html (names and field order as there), KIP-98 (batches), KIP-482 (flexible). */
#ifndef TARN_KAFKA_H
#define TARN_KAFKA_H

#include "core/service.h"
#include "kafka/obeyed.h"
#include "kproto/batch.h"
#include "kproto/code.h"
#include "kproto/consumer.h"
#include "kproto/message.h"

enum {
	KFK_NODE_ID = 1,
	KFK_REQUEST_MAX = 104857600,        /* socket.request.max.bytes */
	KFK_MESSAGE_MAX = 1048588,          /* max.message.bytes */
	KFK_FETCH_MAX = 57671680,           /* fetch.max.bytes */
	KFK_PLAIN_MAX = KP_PLAIN_MAX,
	KFK_ANSWER_MAX = 4 << 20,           /* records of one Fetch answer: fewer than asked for are allowed, and don't hold the loop */
	KFK_PRODUCE_PIECE = 2 << 20,        /* of a Produce request: what is appended in a tick */
	KFK_TOPICS_MAX = 10000,
	KFK_PARTITIONS_MAX = 100000,        /* of one topic */
	KFK_BATCH_SIZE = 16384,             /* local appends: records grouped as a producer's batch.size does */
};

/* ---- a request ---- */

/* A request under way: what it asks, and where its answer goes. */
struct kfk_call {
	struct conn *conn;    /* of the services of this process: kafka.inside */
	const struct kfk_api *api;
	const void *req;      /* as its table has it: struct kp_…_req */
	void *resp;           /* struct kp_…_resp, every field at its default */
	struct arena *arena;  /* until the answer is written */
	int16_t key, version;
	int32_t correlation;
	struct slice client;  /* client id; absent: it has none */
	bool last;            /* a fetch that has waited long enough */
	bool whole;           /* it can't be served in pieces */
	int32_t wait_ms;      /* of an answer KFK_PARKED: how long it waits for more */
	const int64_t *wants; /* of which topics, by number; NULL: it looks again whatever came */
	size_t want_n;
	struct kfk_asking *asking; /* of a service of this process; NULL: of a client */
	struct slice frame;   /* without the size field; its life is that of conn's input */
	struct rd r;          /* what of it isn't read yet */
	bool flex;            /* compact strings and arrays, tagged fields */
};
/* What a handler did. ANSWERED: resp says it. LATER: only a piece, it wants the same request again on the next turn. HELD: kfk_hold was
 * called, kfk_answer will be. SILENT: there is no answer. RESTS: the connection was paused by who resumes it; then the same request is
 * served again. PARKED: again when records have come, or after wait_ms. */
enum kfk_done { KFK_ANSWERED, KFK_SILENT, KFK_PARKED, KFK_LATER, KFK_RESTS, KFK_HELD, KFK_MALFORMED };
struct kafka;
struct kfk_api {
	struct route route;
	int16_t key;
	enum kfk_done (*serve)(struct kafka *k, struct kfk_call *c);
};
/* Those that are served, by key. */
const struct kfk_api *kfk_apis(size_t *n);
/* What a request is called; "Unknown": it isn't served. */
const char *kfk_api_name(struct slice frame);

/* An answer that comes later. The connection rests until then. */
struct kfk_held;
/* For HELD: *slot is the answer owed, until it is given, or nobody waits for it any longer: then it is NULL by itself. */
void kfk_hold(struct kafka *k, struct kfk_call *c, struct kfk_held **slot);
/* Gives it: resp is of the call's API, and is only read. */
void kfk_answer(struct kfk_held *h, const void *resp);

/* ---- store.c ---- */

struct kfk_row {
	int64_t topic;
	int32_t partition;
	int64_t base, last, max_ts, pid;
	int32_t epoch, first_seq, last_seq;
	struct slice bytes;
};
int kfk_store_open(struct db *db, const struct env *env, struct error *err) WARN_UNUSED;
int kfk_store_add(struct db *db, const struct kfk_row *row, struct error *err) WARN_UNUSED;
/* Rows of a partition from the batch that holds offset on, below end: each(arg, row) until it returns false. */
typedef bool (*kfk_row_fn)(void *arg, const struct kfk_row *row);
int kfk_store_from(struct db *db, int64_t topic, int partition, int64_t offset, int64_t end, kfk_row_fn each, void *arg,
		   struct error *err) WARN_UNUSED;
/* Rows from offset start on, oldest first, whose newest timestamp is at least ts. */
int kfk_store_since(struct db *db, int64_t topic, int partition, int64_t start, int64_t ts, kfk_row_fn each, void *arg,
		    struct error *err) WARN_UNUSED;
/* The row from start on with the greatest timestamp. */
int kfk_store_newest(struct db *db, int64_t topic, int partition, int64_t start, kfk_row_fn each, void *arg, struct error *err) WARN_UNUSED;
/* Offset after the last batch; 0 when there is none. */
int kfk_store_end(struct db *db, int64_t topic, int partition, int64_t *end, struct error *err) WARN_UNUSED;
int kfk_store_topic_add(struct db *db, struct slice name, int partition_n, int64_t *id, struct error *err) WARN_UNUSED;
/* Its batches are to go: kfk_store_sweep with start INT64_MAX for each of its partitions. */
int kfk_store_topic_del(struct db *db, int64_t id, int partition_n, struct error *err) WARN_UNUSED;
/* Where a partition's log starts from now on. */
int kfk_store_start(struct db *db, int64_t topic, int partition, int64_t start, struct error *err) WARN_UNUSED;
typedef void (*kfk_start_fn)(void *arg, int64_t topic, int partition, int64_t start);
int kfk_store_starts(struct db *db, kfk_start_fn each, void *arg, struct error *err) WARN_UNUSED;
/* Removes a piece of what is before start. 1: there is more, 0: there isn't. */
int kfk_store_sweep(struct db *db, int64_t topic, int partition, int64_t start, struct error *err) WARN_UNUSED;
int kfk_store_resize(struct db *db, int64_t id, int partition_n, struct error *err) WARN_UNUSED;
typedef int (*kfk_topic_fn)(void *arg, int64_t id, struct slice name, int partition_n, struct error *err);
int kfk_store_topics(struct db *db, kfk_topic_fn each, void *arg, struct error *err) WARN_UNUSED;
int kfk_store_config_set(struct db *db, int64_t topic, struct slice name, struct slice value, struct error *err) WARN_UNUSED;
typedef void (*kfk_config_fn)(void *arg, struct slice name, struct slice value);
int kfk_store_configs(struct db *db, int64_t topic, kfk_config_fn each, void *arg, struct error *err) WARN_UNUSED;
/* Counter kept in the file: its next value, counted up. */
int kfk_store_next(struct db *db, const char *counter, int64_t *out, struct error *err) WARN_UNUSED;

/* ---- sorted.c ---- */

/* Where among n sorted elements `what` stands, or would go: order(in, i, what) says how the i-th stands to it. */
size_t kfk_sorted(size_t n, int (*order)(const void *in, size_t i, const void *what), const void *in, const void *what, bool *found);

/* ---- model.c ---- */

struct kfk_part {
	int64_t start;  /* the first offset there is */
	int64_t next;   /* log end, this tick's appends included */
	int64_t stable; /* high watermark: what is committed, all that readers see */
	struct kfk_producers *producers; /* producer.h; owned; NULL: there were none */
	struct kfk_segments *segs; /* segment.h; owned; NULL: not looked at yet */
	/* node.h: */
	uint64_t replicas; /* nodes in order, 4 bits each, the first the lowest; 0 ends them */
	int32_t epoch;     /* of the leader */
	uint16_t isr;      /* nodes in sync: bit N */
	uint8_t leader;    /* 0: none */
};
struct kfk_topic {
	int64_t id;
	char *name; /* owned */
	int part_n;
	struct kfk_obeyed set;
	int64_t retained_ms; /* when its old batches were last looked for */
	int sticky;          /* partition of local records without key; -1: none yet */
	uint64_t sticky_n;   /* how often it was picked */
	size_t sticky_bytes; /* that went there since */
	struct kfk_part *parts; /* owned */
	uint64_t changed;    /* the commit that last did so, as kafka.commits counts them */
};
struct kfk_nodes;  /* node.h */
struct kfk_acls;
struct kfk_quotas;
struct kfk_waiter; /* a parked fetch */
struct kfk_watch {
	void (*fn)(void *arg);
	void *arg;
};
enum { KFK_WATCHES_MAX = 16 };
struct kafka {
	const struct env *env;
	struct db db;
	struct kfk_topic **topics; /* by name; owned */
	struct kfk_topic **numbered; /* the same by number */
	size_t topic_n;
	uint64_t topic_changes;    /* record_log.changes */
	struct kfk_dirty {         /* partitions that were appended to since the last commit; owned */
		int64_t topic;
		int partition;
	} *dirty;
	size_t dirty_n, dirty_cap;
	struct kfk_obeyed defaults; /* of topics */
	struct kfk_nodes *nodes;   /* owned */
	struct kfk_acls *acls;     /* acl.h; owned */
	struct kfk_quotas *quotas; /* quota.h; owned */
	struct kfk_kept *kept;     /* owned; config.h */
	bool quiet;                /* what is denied isn't said in the log; rights.c */
	struct arena arena;        /* of the request being served */
	struct buf scratch;        /* a batch on its way into the store */
	struct buf plain;          /* decompressed records */
	struct buf fetched;        /* records of the answer to a fetch */
	struct kfk_waiter *waiters;
	struct kfk_held *held;
	struct conn inside;        /* whose requests those of the other services are */
	struct loop_soon waking, sweeping, retaining;
	struct clock_timer retain_due;
	struct clock_timer clean_due;  /* compact.h */
	struct kfk_cleaning *cleaning; /* owned; NULL: none is under way */
	size_t retain_at;          /* the next topic whose old segments are looked for */
	struct kfk_going {         /* what is to be removed; owned */
		int64_t topic, start;
		int partition;
	} *going;
	size_t going_n, going_cap;
	struct owed *owed;         /* calls of the port */
	struct kp_consumers consumers;
	struct kfk_watch watches[KFK_WATCHES_MAX];
	size_t watch_n;
	struct loop_soon told;     /* tells the watches */
	bool appended;             /* since the last commit */
	uint64_t commits;          /* that had appended something */
	bool moved;                /* leaders, since the last commit: all that waits looks again */
	struct kfk_producers *changed; /* those that are to be written in the tick */
	struct kfk_groups *groups; /* owned, group.c */
	uint64_t topics_changed;   /* goes up with every topic that comes, goes or gets partitions; never 0 */
	struct kfk_txns *txns;     /* owned, txn.c */
	const char *cluster;       /* its name in CloudWatch; "": it has none */
	uint64_t admitted, refused; /* by IAM: from these their ids are made */
};

/* ---- measure.c: records came in, went out ---- */
void kfk_measure_open(struct kafka *k);
void kfk_look(void *self, struct buf *out); /* measure.c: struct service's look */
void kfk_measure_in(const struct kafka *k, const struct kfk_topic *t, size_t bytes, double messages);
void kfk_measure_out(const struct kafka *k, const struct kfk_topic *t, size_t bytes);

/* Says so in the log. Returns KAFKA_STORAGE_ERROR. */
int kfk_store_failed(struct kafka *k, const char *what, const struct error *err);
struct kfk_topic *kfk_topic(struct kafka *k, struct slice name);
/* By name, made when the broker's auto_create allows it. Returns a kfk_code. */
int kfk_topic_auto(struct kafka *k, struct slice name, bool allowed, struct kfk_topic **out);
struct kfk_topic *kfk_topic_by_number(const struct kafka *k, int64_t id);
struct kfk_topic *kfk_topic_by_id(struct kafka *k, struct slice uuid);
void kfk_topic_uuid(const struct kfk_topic *t, char out[16]);
/* Returns a kfk_code: INVALID_TOPIC, TOPIC_EXISTS, INVALID_PARTITIONS, POLICY_VIOLATION, STORAGE_ERROR. */
int kfk_topic_create(struct kafka *k, struct slice name, int partition_n, struct kfk_topic **out);
int kfk_topic_delete(struct kafka *k, struct kfk_topic *t);
int kfk_topic_resize(struct kafka *k, struct kfk_topic *t, int partition_n);
int kfk_default_partitions(const struct kafka *k);
/* Whether a topic may have this config value. */
bool kfk_setting_ok(struct slice name, struct slice value);
/* value absent: back to the default. Returns a kfk_code. */
int kfk_topic_set(struct kafka *k, struct kfk_topic *t, struct slice name, struct slice value);

/* Appends batches from offset on to out, whole ones, up to max bytes; one over it if `first`. magic: 2 as kept, 0 or 1
 * as message sets. committed: none of a transaction that is open, or later ones. Returns a kfk_code. */
int kfk_fetch(struct kafka *k, struct kfk_topic *t, int partition, int64_t offset, size_t max, bool first, int magic,
	      bool committed, struct buf *out);
int kfk_producer_id(struct kafka *k, int64_t *pid);
int kfk_load(struct kafka *k, struct error *err) WARN_UNUSED;
int kfk_commit(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_free(struct kafka *k);
/* Partition of a key over n, as Java's DefaultPartitioner: murmur2. */
int kfk_key_partition(struct slice key, int n);

/* ---- rights.c ---- */

/* Whether who the connection is of may do that, "WriteData", to a topic, "AlterGroup" to a group; absent: to the cluster. By IAM's policies,
 * or by access control lists: acl.h. */
bool kfk_may(struct kafka *k, const struct conn *conn, const char *action, struct slice of);
/* The same where nobody asked for it: of what is only told, or left out, the log says nothing. */
bool kfk_may_see(struct kafka *k, const struct conn *conn, const char *action, struct slice of);

/* ---- produce.c fetch.c seek.c meta.c admin.c ---- */

enum kfk_done kfk_serve_produce(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_fetch(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_versions(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_metadata(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_cluster(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_create_topics(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_delete_topics(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_create_partitions(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_configs(struct kafka *k, struct kfk_call *c);

/* ---- retain.c ---- */

/* Moves the starts of a topic's logs by its retention, now and then. */
void kfk_retain(struct kafka *k, struct kfk_topic *t);
/* Looks after topics that nobody asks for, too, from now on. */
void kfk_retain_begin(struct kafka *k);
void kfk_retain_end(struct kafka *k);
/* What is before start is to go. */
void kfk_goes(struct kafka *k, int64_t topic, int partition, int64_t start);
/* After the topics were loaded: where their logs start, and what is left to remove. */
int kfk_starts(struct kafka *k, struct error *err) WARN_UNUSED;

/* ---- port.c, port_topics.c ---- */

/* Of the arena of the request; NULL with one node. */
const struct topic_place *kfk_port_places(struct kafka *k, const struct kfk_topic *t);
struct owed *kfk_port_change(void *self, const struct topic_change *in, change_cb cb, void *arg);

void kfk_provide(void *self, struct ports *ports);

/* ---- serve.c ---- */
/* Serves one framed request. */
enum kfk_done kfk_serve(struct kafka *k, struct conn *conn, struct slice frame, bool last);
void kfk_wake(struct kafka *k); /* parked fetches look again, those that want what the last commit changed */
void kfk_serve_closed(void *self, struct conn *conn);
/* What it waits for is asked again of the state that follows. False: it can't be, half of it is appended. */
bool kfk_serve_leaves(struct kafka *k, struct conn *conn, bool emptied);
void kfk_serve_stop(struct kafka *k);
/* The port `broker`. */
struct owed *kfk_ask(void *self, int key, const void *request, broker_cb cb, void *arg);

/* Tells the watches on the next turn. */
void kfk_tell(struct kafka *k);
/* Drops what is still on its way. */
void kfk_port_close(struct kafka *k);

extern const struct service kafka_service;

#endif
