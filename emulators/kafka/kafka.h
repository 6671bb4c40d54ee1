/* Kafka broker: one node that leads every partition; topics are append-only lists of record batches, kept as the
 * producer sent them (only base offset and leader epoch are patched, both lie before the checksum).
 *   wire.c      frames, headers and primitive types, old encoding and flexible one
 *   batch.c     record batches v2 and message sets v0/v1 <-> records     codec.c  gzip snappy lz4 zstd
 *   model.c     topics, appending, reading, offsets, idempotent producers store.c  one SQLite file, kafka.db
 *   retain.c    where logs start; what is before that goes, a piece a tick
 *   data.c meta.c admin.c  what each API's request and answer look like  service.c the table of APIs
 *   port.c      the local side of the record_log port
 *   sasl.h      who a connection is of
 * Spec: kafka.apache.org/protocol.html (names and field order as there), KIP-98 (batches), KIP-482 (flexible). */
#ifndef TARN_KAFKA_H
#define TARN_KAFKA_H

#include "core/service.h"

enum {
	KFK_NODE_ID = 1,
	KFK_REQUEST_MAX = 104857600,        /* socket.request.max.bytes */
	KFK_MESSAGE_MAX = 1048588,          /* max.message.bytes */
	KFK_FETCH_MAX = 57671680,           /* fetch.max.bytes */
	KFK_INFLATED_MAX = 16 << 20,        /* one batch, decompressed */
	KFK_PLAIN_MAX = 4 << 20,            /* the same, on the loop */
	KFK_ANSWER_MAX = 4 << 20,           /* records of one Fetch answer: fewer than asked for are allowed, and don't hold the loop */
	KFK_PRODUCE_PIECE = 2 << 20,        /* of a Produce request: what is appended in a tick */
	KFK_TOPICS_MAX = 10000,
	KFK_PARTITIONS_MAX = 1000,          /* of one topic */
	KFK_NAME_MAX = 249,
	KFK_BATCH_HEADER = 61,              /* bytes before the first record */
	KFK_BATCH_SIZE = 16384,             /* local appends: records grouped as a producer's batch.size does */
};

/* Error codes of the protocol, as far as they are answered here. */
enum kfk_code {
	KFK_UNKNOWN = -1,
	KFK_OK = 0,
	KFK_OFFSET_OUT_OF_RANGE = 1,
	KFK_CORRUPT_MESSAGE = 2,
	KFK_UNKNOWN_TOPIC = 3,
	KFK_MESSAGE_TOO_LARGE = 10,
	KFK_NO_COORDINATOR = 15,
	KFK_INVALID_TOPIC = 17,
	KFK_INVALID_ACKS = 21,
	KFK_TOPIC_DENIED = 29,
	KFK_CLUSTER_DENIED = 31,
	KFK_INVALID_TIMESTAMP = 32,
	KFK_UNSUPPORTED_MECHANISM = 33,
	KFK_ILLEGAL_SASL_STATE = 34,
	KFK_UNSUPPORTED_VERSION = 35,
	KFK_TOPIC_EXISTS = 36,
	KFK_INVALID_PARTITIONS = 37,
	KFK_INVALID_REPLICATION = 38,
	KFK_INVALID_ASSIGNMENT = 39,
	KFK_INVALID_CONFIG = 40,
	KFK_INVALID_REQUEST = 42,
	KFK_UNSUPPORTED_FORMAT = 43,
	KFK_POLICY_VIOLATION = 44,
	KFK_OUT_OF_ORDER_SEQUENCE = 45,
	KFK_INVALID_EPOCH = 47,
	KFK_INVALID_TXN_STATE = 48,
	KFK_STORAGE_ERROR = 56,
	KFK_SASL_FAILED = 58,
	KFK_NO_FETCH_SESSION = 70,
	KFK_UNKNOWN_LEADER_EPOCH = 75,
	KFK_UNSUPPORTED_COMPRESSION = 76,
	KFK_INVALID_RECORD = 87,
	KFK_RESOURCE_NOT_FOUND = 91,
	KFK_DUPLICATE_RESOURCE = 92,
	KFK_UNACCEPTABLE_CREDENTIAL = 93,
	KFK_UNKNOWN_TOPIC_ID = 100,
};

/* ---- wire.c ---- */

/* A request under way: its header, a cursor on its body, and where its answer goes. */
struct kfk_call {
	struct conn *conn;
	const struct kfk_api *apis, *api; /* all that are served, api_n of them; this one */
	size_t api_n;
	struct slice frame;   /* without the size field */
	struct rd r;          /* the body; r.bad: cut short or nonsense */
	struct buf *out;
	struct arena *arena;
	int16_t key, version;
	int32_t correlation;
	struct slice client;
	bool flex;            /* compact strings and arrays, tagged fields */
	bool last;            /* a fetch that has waited long enough */
	bool denied;          /* who asks may not see the topic at hand */
	int32_t wait_ms;      /* of an answer KFK_PARKED: how long it waits for more */
	size_t answer_at;     /* start of the answer's size field in out */
};
/* What a handler did. LATER: only a piece, it wants the same request again on the next turn. */
enum kfk_done { KFK_ANSWERED, KFK_SILENT, KFK_PARKED, KFK_LATER, KFK_MALFORMED };
struct kafka;
struct kfk_api {
	struct route route;
	int16_t key, min, max, flex; /* flex: first flexible version */
	enum kfk_done (*serve)(struct kafka *k, struct kfk_call *c);
};
/* Reads the header into c (frame set). False: malformed. */
bool kfk_header(struct kfk_call *c);
void kfk_answer_begin(struct kfk_call *c, bool tagged_header); /* size, correlation id */
void kfk_answer_end(struct kfk_call *c);                        /* fills the size in */

int8_t kfk_i8(struct kfk_call *c);
int16_t kfk_i16(struct kfk_call *c);
int32_t kfk_i32(struct kfk_call *c);
int64_t kfk_i64(struct kfk_call *c);
struct slice kfk_str(struct kfk_call *c);   /* STRING, nullable or not: null is absent */
struct slice kfk_bytes(struct kfk_call *c); /* BYTES, RECORDS */
int32_t kfk_array(struct kfk_call *c);      /* count; -1 null; never more than bytes are left */
void kfk_tags(struct kfk_call *c);          /* skips tagged fields of a flexible version */

void kfk_put_i8(struct kfk_call *c, int8_t v);
void kfk_put_i16(struct kfk_call *c, int v);
void kfk_put_i32(struct kfk_call *c, int32_t v);
void kfk_put_i64(struct kfk_call *c, int64_t v);
void kfk_put_str(struct kfk_call *c, struct slice s); /* absent: null */
void kfk_put_array(struct kfk_call *c, int32_t n);    /* -1: null */
void kfk_put_tags(struct kfk_call *c);

/* ---- codec.c, batch.c ---- */

enum kfk_codec { KFK_NONE, KFK_GZIP, KFK_SNAPPY, KFK_LZ4, KFK_ZSTD };
/* Decompresses in into out, as far as out->max (0: KFK_INFLATED_MAX). Errors: INVALID, UNSUPPORTED (unknown codec), LIMIT. */
int kfk_inflate(int codec, struct slice in, struct buf *out) WARN_UNUSED;
uint32_t kfk_crc32c(uint32_t crc, const void *p, size_t n);

enum { KFK_ATTR_CODEC = 7, KFK_ATTR_LOG_TIME = 8, KFK_ATTR_TXN = 16, KFK_ATTR_CONTROL = 32 };
struct kfk_batch {
	struct slice bytes, records; /* the whole; after the header */
	int64_t base_offset, base_ts, max_ts, pid;
	uint32_t crc;
	int32_t last_delta, base_seq, count;
	int16_t attributes, epoch;
	int8_t magic;
};
/* Parses and checks the batch at the start of in. Returns a kfk_code: CORRUPT_MESSAGE, UNSUPPORTED_FORMAT (magic 0, 1). */
int kfk_batch_parse(struct slice in, struct kfk_batch *out);

struct kfk_record {
	int64_t offset, ts;
	struct slice key, value, trace; /* trace: header "tarn-trace" */
};
struct kfk_cursor {
	struct rd r;
	const struct kfk_batch *b;
	int32_t left;
	bool bad; /* the records are not what the header says */
};
/* scratch holds the decompressed records and must outlive the cursor. Errors as kfk_inflate. */
int kfk_cursor_open(struct kfk_cursor *cur, const struct kfk_batch *b, struct buf *scratch) WARN_UNUSED;
bool kfk_cursor_next(struct kfk_cursor *cur, struct kfk_record *out);

struct kfk_builder {
	struct buf records, one;
	int64_t base_ts, max_ts;
	int32_t count;
};
/* Most bytes a record takes in a batch. */
size_t kfk_record_room(struct slice key, struct slice value, struct slice trace);
void kfk_builder_add(struct kfk_builder *b, int64_t ts, struct slice key, struct slice value, struct slice trace);
/* Appends the uncompressed batch to out and empties the builder. */
void kfk_builder_end(struct kfk_builder *b, struct buf *out);
void kfk_builder_free(struct kfk_builder *b);
/* Reads message sets v0/v1 (compressed or not) into b; max: bytes of a compressed one, decompressed. Returns a kfk_code. */
int kfk_message_set_read(struct slice in, size_t max, struct kfk_builder *b);
/* Writes the batch's records from offset on as a message set of magic 0 or 1. Errors as kfk_inflate. */
int kfk_message_set_write(const struct kfk_batch *b, int magic, struct buf *out) WARN_UNUSED;

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
/* The last five rows of a producer in a partition, newest first, without bytes. */
int kfk_store_recent(struct db *db, int64_t topic, int partition, int64_t pid, kfk_row_fn each, void *arg,
		     struct error *err) WARN_UNUSED;
/* Offset after the last batch; 0 when there is none. */
int kfk_store_end(struct db *db, int64_t topic, int partition, int64_t *end, struct error *err) WARN_UNUSED;
int kfk_store_topic_add(struct db *db, struct slice name, int partition_n, int64_t *id, struct error *err) WARN_UNUSED;
/* Its batches are to go: kfk_store_sweep with start INT64_MAX for each of its partitions. */
int kfk_store_topic_del(struct db *db, int64_t id, int partition_n, struct error *err) WARN_UNUSED;
/* The newest timestamp of the last batch; INT64_MIN: there is none. */
int kfk_store_last_ts(struct db *db, int64_t topic, int partition, int64_t *ts, struct error *err) WARN_UNUSED;
/* The first batch from offset `from` on that has a timestamp of at least ts, or end. */
int kfk_store_fresh(struct db *db, int64_t topic, int partition, int64_t from, int64_t ts, int64_t end, int64_t *base, struct error *err) WARN_UNUSED;
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

/* ---- model.c ---- */

struct kfk_part {
	int64_t start;  /* the first offset there is */
	int64_t next;   /* log end, this tick's appends included */
	int64_t stable; /* high watermark: what is committed, all that readers see */
};
struct kfk_topic {
	int64_t id;
	char *name; /* owned */
	int part_n;
	int64_t message_max; /* bytes of a batch */
	int64_t retention_ms, segment_ms; /* retention_ms -1: for ever */
	bool deletes;        /* cleanup.policy */
	int64_t retained_ms; /* when its old batches were last looked for */
	int sticky;          /* partition of local records without key */
	uint64_t sticky_n;   /* how often it was picked */
	struct kfk_part *parts; /* owned */
	bool dirty;          /* appended to since the last commit */
};
struct kfk_setting {
	const char *name, *value; /* topic config and its default */
	char type;                /* 'l' long, 'i' int, 'b' boolean, 'd' double, 's' string, 'L' list */
	int64_t min;              /* of numbers */
};

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
	size_t topic_n;
	struct arena arena;        /* of the request being served */
	struct buf scratch;        /* a batch on its way into the store */
	struct buf plain;          /* decompressed records */
	struct kfk_waiter *waiters;
	struct loop_soon waking, sweeping;
	struct kfk_going {         /* what is to be removed; owned */
		int64_t topic, start;
		int partition;
	} *going;
	size_t going_n, going_cap;
	struct owed *owed;         /* calls of the port */
	struct kfk_watch watches[KFK_WATCHES_MAX];
	size_t watch_n;
	struct loop_soon told;     /* tells the watches */
	bool appended;             /* since the last commit */
	bool told_groups;          /* that there are none, in the log */
	const char *cluster;       /* its name in CloudWatch; "": it has none */
	uint64_t admitted, refused; /* by IAM: from these their ids are made */
};

/* ---- measure.c: records came in, went out ---- */
void kfk_measure_open(struct kafka *k);
void kfk_measure_in(const struct kafka *k, const struct kfk_topic *t, size_t bytes, double messages);
void kfk_measure_out(const struct kafka *k, const struct kfk_topic *t, size_t bytes);

struct kfk_topic *kfk_topic(struct kafka *k, struct slice name);
/* By name, made when the broker's auto_create allows it. Returns a kfk_code. */
int kfk_topic_auto(struct kafka *k, struct slice name, bool allowed, struct kfk_topic **out);
struct kfk_topic *kfk_topic_by_id(struct kafka *k, struct slice uuid);
void kfk_topic_uuid(const struct kfk_topic *t, char out[16]);
bool kfk_name_ok(struct slice name);
/* Returns a kfk_code: INVALID_TOPIC, TOPIC_EXISTS, INVALID_PARTITIONS, POLICY_VIOLATION, STORAGE_ERROR. */
int kfk_topic_create(struct kafka *k, struct slice name, int partition_n, struct kfk_topic **out);
int kfk_topic_delete(struct kafka *k, struct kfk_topic *t);
int kfk_topic_resize(struct kafka *k, struct kfk_topic *t, int partition_n);
int kfk_default_partitions(const struct kafka *k);
const struct kfk_setting *kfk_settings(size_t *n);
/* Whether a topic may have this config value. */
bool kfk_setting_ok(struct slice name, struct slice value);
/* value absent: back to the default. Returns a kfk_code. */
int kfk_topic_set(struct kafka *k, struct kfk_topic *t, struct slice name, struct slice value);

/* Checks a produced v2 batch and appends it. Returns a kfk_code; *base is the offset its first record got. */
int kfk_append(struct kafka *k, struct kfk_topic *t, int partition, const struct kfk_batch *b, int64_t *base);
/* The same for what a Produce request carries, old message sets included. */
int kfk_produce(struct kafka *k, struct kfk_topic *t, int partition, int version, struct slice records, int64_t *base);
/* Appends batches from offset on to out, whole ones, up to max bytes; one over it if `first`. magic: 2 as kept, 0 or 1
 * as message sets. Returns a kfk_code. */
int kfk_fetch(struct kafka *k, struct kfk_topic *t, int partition, int64_t offset, size_t max, bool first, int magic,
	      struct buf *out);
/* ts: -1 latest, -2 earliest, -3 the greatest timestamp, else the first record at or after it; -1/-1 when none. */
int kfk_offset_at(struct kafka *k, struct kfk_topic *t, int partition, int64_t ts, int64_t *offset, int64_t *found_ts);
int kfk_producer_id(struct kafka *k, int64_t *pid);
/* "host:port" clients are told. */
/* [kafka] advertised (external_advertised on external_port), else the address at which the client reached us. */
void kfk_advertised(const struct kafka *k, const struct conn *c, struct slice *host, int *port);
int kfk_load(struct kafka *k, struct error *err) WARN_UNUSED;
int kfk_commit(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_free(struct kafka *k);
/* Partition of a key over n, as Java's DefaultPartitioner: murmur2. */
int kfk_key_partition(struct slice key, int n);

/* ---- rights.c ---- */

/* Whether who the connection is of may do that, "WriteData", to a topic; absent: to the cluster. */
bool kfk_may(struct kafka *k, const struct conn *conn, const char *action, struct slice topic);

/* ---- data.c meta.c admin.c ---- */

enum kfk_done kfk_serve_produce(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_fetch(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_list_offsets(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_leader_epoch(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_versions(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_metadata(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_find_coordinator(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_cluster(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_producer_id(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_create_topics(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_delete_topics(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_create_partitions(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_quotas(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_configs(struct kafka *k, struct kfk_call *c);

/* ---- retain.c ---- */

/* Moves the starts of a topic's logs by retention.ms, now and then. */
void kfk_retain(struct kafka *k, struct kfk_topic *t);
/* What is before start is to go. */
void kfk_goes(struct kafka *k, int64_t topic, int partition, int64_t start);
/* After the topics were loaded: where their logs start, and what is left to remove. */
int kfk_starts(struct kafka *k, struct error *err) WARN_UNUSED;

/* ---- port.c, port_topics.c ---- */

struct owed *kfk_port_change(void *self, const struct topic_change *in, change_cb cb, void *arg);

void kfk_provide(void *self, struct ports *ports);
/* Tells the watches on the next turn. */
void kfk_tell(struct kafka *k);
/* Drops what is still on its way. */
void kfk_port_close(struct kafka *k);

extern const struct service kafka_service;

#endif
