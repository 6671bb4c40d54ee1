/* Kinesis Data Streams: JSON 1.1 and CBOR 1.1 on the AWS port.
 *   service.c   the table of operations, the stack's streams     protocol.c  requests and answers, errors, CBOR
 *   shape.c     types and constraints of requests                ops*.c      what an operation does
 *   model.c     streams, shards, resharding, states              records.c   put, iterators, get
 *   number.c    hash keys, sequence numbers                      store.c     kinesis.db
 * Spec: docs.aws.amazon.com/kinesis/latest/APIReference, shared spec kinesis.md. */
#ifndef TARN_KINESIS_H
#define TARN_KINESIS_H

#include <jansson.h>

#include "core/service.h"
#include "kinesis/shape.h"

extern const struct service kinesis_service;

enum {
	KIN_RECORDS_MAX = 500,
	KIN_PUT_BYTES = 5 << 20,
	KIN_GET_RECORDS = 10000,
	KIN_GET_BYTES = 10 << 20,
	KIN_READ_BYTES = 2 << 20,   /* a second, of a shard */
	KIN_RESCALES = 10,          /* UpdateShardCount of a stream in a day */
	KIN_ITERATOR_MS = 300000,
	KIN_SHARDS_MAX = 10000,
	KIN_STREAM_ID_MAX = 0x7fff, /* what a record's place in the store has room for */
	KIN_SHARD_MAX = 0xffff,     /* the last shard that a stream can have in its life */
	KIN_SEQ_TEXT = 64,
	KIN_HASH_TEXT = 40,
	KIN_RETENTION_H = 24,
	KIN_RETENTION_MAX_H = 8760,
	KIN_CONSUMERS_MAX = 20,
	KIN_ON_DEMAND_SHARDS = 4,
};

/* ---- number.c ---- */
typedef unsigned __int128 kin_hash;
#define KIN_HASH_MAX (~(kin_hash)0)
void kin_hash_text(kin_hash v, char out[KIN_HASH_TEXT]);
/* false: no decimal number below 2^128. */
bool kin_hash_parse(struct slice s, kin_hash *out);
kin_hash kin_hash_key(struct slice partition_key); /* MD5, big-endian */
/* A sequence number of version 2: 47 hex digits shown as 56 decimal ones. */
struct kin_seq {
	int64_t create_s; /* of the shard */
	uint64_t index;
	int64_t time_s;
	uint32_t shard;
};
void kin_seq_text(const struct kin_seq *q, char out[KIN_SEQ_TEXT]);
/* false: not one of ours. "0" gives zeros and is one. */
bool kin_seq_parse(struct slice s, struct kin_seq *out);

/* ---- state ---- */
struct kin_shard {
	uint32_t ix;
	kin_hash lo, hi;
	int64_t create_s;       /* in its sequence numbers */
	int64_t created_ms, closed_ms; /* closed_ms 0: open */
	uint64_t end_index;     /* closed: of EndingSequenceNumber */
	int64_t parent, adjacent; /* -1: none */
	/* limits = aws: what went in this second */
	int64_t second, read_second;
	int64_t records, bytes, reads;
	int64_t read_free_ms;  /* when what was read has been paid for */
};
#define KIN_INDEX_MAX UINT32_MAX /* the last record of a stream */
struct kin_consumer {
	char *name;
	int64_t created_ms;
	char *policy;
	json_t *tags;
	void *subscriptions;
};
enum kin_status { KIN_CREATING, KIN_DELETING, KIN_ACTIVE, KIN_UPDATING };
struct kin_stream {
	struct kin_stream *next;
	int64_t id;             /* row */
	char *name;
	int64_t created_ms, ready_ms; /* ready_ms: when CREATING, DELETING or UPDATING ends */
	enum kin_status status;
	bool on_demand;
	int64_t retention_h, record_kib;
	int64_t warm_mibps, warm_before; /* warm throughput; before: while the stream is UPDATING to it */
	char *key_id;           /* encryption; NULL: none */
	char *policy;           /* resource policy; NULL: none */
	json_t *tags;           /* object */
	json_t *metrics;        /* enhanced monitoring: array of names */
	struct kin_shard *shards;
	size_t shard_n;
	struct kin_consumer *consumers;
	size_t consumer_n;
	uint64_t next_index;    /* of the next record, stream-wide */
	int64_t rescaled_ms[KIN_RESCALES]; /* the last ones, oldest first */
	int64_t trimmed_ms;     /* when old records were last removed */
};
struct kin_db {
	struct db db;
	sqlite3_stmt *put_stream, *del_stream, *all_streams, *max_place;
	sqlite3_stmt *put, *get, *wipe, *at_time;
};
struct kin_commitment { /* to a least throughput */
	bool on;
	int64_t started_ms, ended_ms; /* ended_ms: of the last one, or when this one ends; 0: not yet */
};
enum { KIN_M_RECORDS, KIN_M_BYTES, KIN_M_READ, KIN_M_THROTTLED, KIN_M_N };
struct kinesis {
	const struct env *env;
	struct kin_db store;
	struct kin_stream *streams; /* by name */
	size_t shard_n;         /* open ones of all streams */
	int64_t delay_ms, next_id, shard_limit;
	bool limits;
	struct kin_commitment commitment;
	const char *account;
	uint64_t request_n;
	struct kin_subscription *subscriptions;
	struct owed *pending; /* calls of the port */
	struct metric metrics[KIN_M_N];
};

/* ---- a call ---- */
struct kin_op;
struct kin_subscription;
struct kin_entry { /* a record to put */
	struct slice key, explicit, data; /* explicit: absent when there is none */
};
struct kin_plain {
	struct slice stream;
	struct kin_entry *entries;
	size_t n;
};
struct kin_call {
	struct kinesis *k;
	const struct kin_op *op;
	json_t *in;
	const struct kin_plain *plain; /* instead of `in`, for puts; see plain.c */
	struct arena *arena;
	struct slice region, account;
	int64_t now_ms;
	struct buf *out;        /* JSON of the answer; empty: none */
	struct error *err;
};
struct kin_op {
	struct route route;
	const struct kin_member *shape;
	int (*run)(struct kin_call *c); /* 0, or an error kin_fail made */
};
extern const struct routes kin_routes; /* of struct kin_op */

enum kin_e {
	KIN_E_NOT_FOUND, KIN_E_IN_USE, KIN_E_LIMIT, KIN_E_ARGUMENT, KIN_E_VALIDATION, KIN_E_EXPIRED_ITERATOR, KIN_E_EXPIRED_TOKEN,
	KIN_E_THROUGHPUT, KIN_E_SERIALIZATION, KIN_E_UNKNOWN_OPERATION, KIN_E_DENIED, KIN_E_INTERNAL, KIN_E_MISSING_TOKEN,
	KIN_E_INCOMPLETE, KIN_E_SIGNATURE, KIN_E_CLIENT_TOKEN,
};
extern const struct error_def kin_errors[];
int kin_fail(struct kin_call *c, enum kin_e e, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Request members; absent: NULL, absent slice, otherwise. */
struct slice kin_str(const struct kin_call *c, const char *name);
int64_t kin_int(const struct kin_call *c, const char *name, int64_t otherwise);
bool kin_has(const struct kin_call *c, const char *name);
/* Timestamp in ms, -1 when absent. */
int64_t kin_time(const struct kin_call *c, const char *name);

/* ---- model.c ---- */
struct kin_stream *kin_find(struct kinesis *k, struct slice name);
/* The stream the request names by StreamName or StreamARN. Errors: NOT_FOUND with the service's words. */
int kin_stream_of(struct kin_call *c, struct kin_stream **out);
/* The same, and it must be ACTIVE. */
int kin_active_of(struct kin_call *c, struct kin_stream **out);
void kin_stream_arn(const struct kin_call *c, const struct kin_stream *s, struct buf *out);
/* Ends states whose time has come. */
int kin_settle(struct kinesis *k, int64_t now_ms, struct error *err) WARN_UNUSED;
/* Whether the stream can have n shards more in its life. Errors: LIMIT. */
int kin_shard_room(struct kin_call *c, const struct kin_stream *s, size_t n);
struct kin_stream *kin_make(struct kinesis *k, struct slice name, size_t shards, bool on_demand, int64_t now_ms);
void kin_insert(struct kinesis *k, struct kin_stream *s);
/* Deletes it with its records. */
int kin_drop(struct kinesis *k, struct kin_stream *s, struct error *err) WARN_UNUSED;
void kin_stream_free(struct kin_stream *s);
int kin_save(struct kinesis *k, struct kin_stream *s, struct error *err) WARN_UNUSED;
/* A changed stream: UPDATING for the configured time, saved. */
int kin_updated(struct kin_call *c, struct kin_stream *s);
/* "shardId-000000000007", or in short "shardId-7" and "7", as the service takes them. */
bool kin_shard_number(struct slice id, uint32_t *out);
/* The long form of an id. Errors: NOT_FOUND when it is none. */
int kin_shard_id(struct kin_call *c, struct slice id, struct slice stream, struct slice *out);
struct kin_shard *kin_shard_of(struct kin_stream *s, struct slice id);
struct kin_shard *kin_route(struct kin_stream *s, kin_hash h);
size_t kin_open_shards(const struct kin_stream *s);
/* Records and closed shards older than this are gone. */
int64_t kin_horizon(const struct kin_stream *s, int64_t now_ms);
bool kin_shard_gone(const struct kin_stream *s, const struct kin_shard *sh, int64_t now_ms);
void kin_split(struct kinesis *k, struct kin_stream *s, struct kin_shard *sh, kin_hash at, int64_t now_ms);
void kin_merge(struct kinesis *k, struct kin_stream *s, struct kin_shard *a, struct kin_shard *b, int64_t now_ms);
void kin_start_seq(const struct kin_shard *sh, char out[KIN_SEQ_TEXT]);
void kin_end_seq(const struct kin_shard *sh, char out[KIN_SEQ_TEXT]);
void kin_put_shard(struct buf *out, const struct kin_shard *sh);
struct kin_consumer *kin_consumer_find(struct kin_stream *s, struct slice name);
/* The JSON a stream is kept as, and back. */
json_t *kin_stream_doc(const struct kin_stream *s);
struct kin_stream *kin_stream_of_doc(int64_t id, const json_t *doc);

/* ---- records.c ---- */
int kin_op_put_record(struct kin_call *c);
int kin_op_put_records(struct kin_call *c);
int kin_op_get_iterator(struct kin_call *c);
int kin_op_get_records(struct kin_call *c);
/* Where ShardIteratorType, StartingSequenceNumber and Timestamp of the request point to in a shard. */
int kin_position(struct kin_call *c, struct kin_stream *s, struct kin_shard *sh, uint64_t *from);
/* One SubscribeToShardEvent from *from on, which moves on. any: it has records; ended: the shard is closed and read. */
int kin_event(struct kinesis *k, struct kin_stream *s, uint32_t shard, uint64_t *from, int64_t now_ms, struct buf *out, bool *any, bool *ended);

/* ---- ops.c, reshard.c, consumers.c ---- */
int kin_op_create(struct kin_call *c);
int kin_op_delete(struct kin_call *c);
int kin_op_describe(struct kin_call *c);
int kin_op_summary(struct kin_call *c);
int kin_op_list(struct kin_call *c);
int kin_op_list_shards(struct kin_call *c);
int kin_op_increase_retention(struct kin_call *c);
int kin_op_decrease_retention(struct kin_call *c);
int kin_op_add_tags(struct kin_call *c);
int kin_op_remove_tags(struct kin_call *c);
int kin_op_list_tags(struct kin_call *c);
int kin_op_tag_resource(struct kin_call *c);
int kin_op_untag_resource(struct kin_call *c);
int kin_op_list_resource_tags(struct kin_call *c);
int kin_op_start_encryption(struct kin_call *c);
int kin_op_stop_encryption(struct kin_call *c);
int kin_op_enable_metrics(struct kin_call *c);
int kin_op_disable_metrics(struct kin_call *c);
int kin_op_limits(struct kin_call *c);
int kin_op_settings(struct kin_call *c);
int kin_op_update_settings(struct kin_call *c);
int kin_op_warm(struct kin_call *c);
int kin_op_record_size(struct kin_call *c);
int kin_op_mode(struct kin_call *c);
int kin_op_split(struct kin_call *c);
int kin_op_merge(struct kin_call *c);
int kin_op_shard_count(struct kin_call *c);
int kin_op_register_consumer(struct kin_call *c);
int kin_op_deregister_consumer(struct kin_call *c);
int kin_op_describe_consumer(struct kin_call *c);
int kin_op_list_consumers(struct kin_call *c);
int kin_op_get_policy(struct kin_call *c);
int kin_op_put_policy(struct kin_call *c);
int kin_op_delete_policy(struct kin_call *c);
int kin_op_subscribe(struct kin_call *c); /* marks the operation: see kin_subscribe */

/* ---- account.c ---- */
enum { KIN_SETTINGS_ID = 0 }; /* they are kept beside the streams, whose ids begin with 1 */
void kin_settings_of_doc(struct kinesis *k, const json_t *doc);
/* Whether a stream can be warm. Errors: VALIDATION, LIMIT. */
int kin_warm_allowed(struct kin_call *c, struct slice name, bool on_demand, int64_t mibps);
/* ,"WarmThroughput":{...}, where there is any. */
void kin_put_warm(struct kin_call *c, const struct kin_stream *s);

/* ---- protocol.c ---- */
void kin_http(void *self, struct http_call *call);
/* One call by name, from JSON to JSON: the status and the body (an error's too). */
int kin_invoke(struct kinesis *k, struct slice action, struct slice json, struct slice region, struct slice account, int64_t now_ms,
	       struct buf *out);
/* CBOR <-> JSON: byte strings are base64 text, timestamps (tag 1, ms) numbers of seconds. */
json_t *kin_cbor_read(struct slice in, struct error *err);
void kin_cbor_write(const json_t *v, struct buf *out);

/* ---- plain.c ---- */
/* Reads the body of a PutRecord or PutRecords into the arena when it is of the plain kind: known members once each, texts
 * without escapes, everything within its constraints. False: it isn't, and what is wrong, if anything, is for the checks to
 * tell. */
bool kin_plain_read(struct arena *a, const struct kin_op *op, struct slice body, struct kin_plain *out);

/* ---- subscribe.c ---- */
/* Answers SubscribeToShard with a stream of events. Errors: as any operation; then the call is still to be answered. */
int kin_subscribe(struct kin_call *c, struct http_call *call, bool cbor);
void kin_unsubscribe_all(struct kinesis *k);
/* Records came: to those who subscribed. */
void kin_notify(struct kinesis *k, const struct kin_stream *s, int64_t now_ms);

/* ---- port.c ---- */
void kin_provide(void *self, struct ports *ports);

/* ---- store.c ---- */
int kin_store_open(struct kin_db *s, const struct env *env, struct error *err) WARN_UNUSED;
void kin_store_close(struct kin_db *s);
int kin_store_stream(struct kin_db *s, int64_t id, const char *doc, struct error *err) WARN_UNUSED;
int kin_store_drop(struct kin_db *s, int64_t id, struct error *err) WARN_UNUSED;
typedef int (*kin_each_stream)(void *arg, int64_t id, struct slice doc, uint64_t next_index, struct error *err);
int kin_store_streams(struct kin_db *s, kin_each_stream fn, void *arg, struct error *err) WARN_UNUSED;
struct kin_record {
	uint64_t index;
	int64_t time_ms;
	struct slice key, data;
};
int kin_store_put(struct kin_db *s, int64_t stream, uint32_t shard, const struct kin_record *r, struct error *err) WARN_UNUSED;
/* Calls fn for the records of a shard from index on and not older than horizon, until it says stop (nonzero). */
typedef int (*kin_each_record)(void *arg, const struct kin_record *r);
int kin_store_get(struct kin_db *s, int64_t stream, uint32_t shard, uint64_t from, int64_t horizon_ms, kin_each_record fn, void *arg,
		  struct error *err) WARN_UNUSED;
/* Index of the first record at or after a time, or otherwise. */
int kin_store_at(struct kin_db *s, int64_t stream, uint32_t shard, int64_t time_ms, uint64_t otherwise, uint64_t *out, struct error *err)
	WARN_UNUSED;
/* Removes a shard's records before the first that isn't older than a time, but never the newest of the stream. */
int kin_store_trim(struct kin_db *s, int64_t stream, uint32_t shard, int64_t before_ms, uint64_t newest, struct error *err) WARN_UNUSED;

#endif
