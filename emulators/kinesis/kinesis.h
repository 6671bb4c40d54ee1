/* Kinesis Data Streams: streams, shards and records, and the service's rules on them.
 *   errors.c     the wire's errors
 *   model.c      finding and keeping streams, shards, states     streams.c   make, list, describe, retention, metrics
 *   records.c    put, positions, get                             reshard.c   split, merge, shard count, mode
 *   labels.c     tags, consumers, policies                       account.c   settings and warm throughput
 *   number.c     hash keys, sequence numbers                     store.c, doc.c   kinesis.db
 *   sweep.c      what was deleted or is too old goes, a piece a tick
 *   wire.h       requests and answers; service.c: the table of operations, the stack's streams
 * A rule takes a request decoded (struct kin_in) and fills what there is to answer (struct kin_out).
 * Spec: docs.aws.amazon.com/kinesis/latest/APIReference, shared spec kinesis.md. */
#ifndef TARN_KINESIS_H
#define TARN_KINESIS_H

#include "core/service.h"

extern const struct service kinesis_service;

enum {
	KIN_RECORDS_MAX = 500,
	KIN_PUT_BYTES = 10 << 20,
	KIN_GET_RECORDS = 10000,
	KIN_GET_BYTES = 10 << 20,
	KIN_EVENT_BYTES = 1 << 20,  /* of records in an event of SubscribeToShard */
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
	KIN_TAGS_MAX = 50,
	KIN_METRICS = 7,
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
/* Numbers of versions 0 and 1 are read too, without index and time; "0" gives zeros. false: no sequence number. */
bool kin_seq_parse(struct slice s, struct kin_seq *out);

/* ---- state ---- */
struct kin_shard {
	uint32_t ix;
	kin_hash lo, hi;
	int64_t create_s;       /* in its sequence numbers */
	int64_t created_ms, closed_ms; /* closed_ms 0: open */
	uint64_t next_index;    /* of its next record; the first has 1 */
	int64_t parent, adjacent; /* -1: none */
	/* limits = aws: what went in this second */
	int64_t second, read_second;
	int64_t records, bytes, reads;
	int64_t read_free_ms;  /* when what was read has been paid for */
};
#define KIN_INDEX_MAX UINT32_MAX /* the last record of a shard */
struct kin_tag {
	struct slice key, value;
};
struct kin_tags { /* by key; of a stream or consumer: owned, see kin_tag_set */
	struct kin_tag *at;
	size_t n;
};
struct kin_consumer {
	char *name;
	int64_t created_ms;
	char *policy;
	struct kin_tags tags;
};
enum kin_status { KIN_CREATING, KIN_DELETING, KIN_ACTIVE, KIN_UPDATING };
struct kin_stream {
	struct kin_stream *next;
	int64_t id;             /* row */
	char *name, *account, *region; /* where it was made: elsewhere nobody sees it */
	int64_t created_ms, ready_ms; /* ready_ms: when CREATING, DELETING or UPDATING ends */
	enum kin_status status;
	bool on_demand;
	int64_t retention_h, record_kib;
	int64_t warm_mibps, warm_before; /* warm throughput; before: while the stream is UPDATING to it */
	char *key_id;           /* encryption; NULL: none */
	char *policy;           /* resource policy; NULL: none */
	struct kin_tags tags;
	unsigned metrics;       /* enhanced monitoring: bits in the order of kin_metric_names */
	struct kin_shard *shards;
	size_t shard_n;
	struct kin_consumer *consumers;
	size_t consumer_n;
	int64_t rescaled_ms[KIN_RESCALES]; /* the last ones, oldest first */
	int64_t trimmed_ms;     /* when its old records were last looked for */
	size_t trimming;        /* how many of its shards are yet to be looked at */
};
struct kin_subscription;
struct kin_commitment { /* to a least throughput */
	bool on;
	int64_t started_ms, ended_ms; /* ended_ms: of the last one, or when this one ends; 0: not yet */
};
enum { KIN_M_RECORDS, KIN_M_BYTES, KIN_M_READ, KIN_M_THROTTLED, KIN_M_N };
struct kinesis {
	const struct env *env;
	struct db db;
	struct kin_stream *streams; /* by account, region and name */
	int64_t delay_ms, next_id, shard_limit;
	bool limits;
	struct kin_commitment commitment;
	const char *account, *region; /* the stack's: of its [streams], and of who calls in this process */
	uint64_t request_n;
	struct kin_subscription *subscriptions;
	struct owed *pending; /* calls of the port */
	struct loop_soon sweep;
	uint8_t going[KIN_STREAM_ID_MAX / 8 + 1]; /* a bit a stream id: records of such a dropped stream are yet to be removed */
	struct metric metrics[KIN_M_N];
};

/* ---- a request and what is answered ---- */
struct kin_entry { /* a record to put */
	struct slice key, explicit, data; /* explicit: absent when there is none */
};
struct kin_entries {
	struct kin_entry *at;
	size_t n;
};
struct kin_names {
	struct slice *at;
	size_t n;
};
/* Members as the API names them, of any operation; absent: absent slice, -1, false, none. All of it lives in the arena. */
struct kin_in {
	struct arena *arena;
	int64_t now_ms;
	struct slice region, account;
	struct slice stream, stream_arn, resource_arn, consumer, consumer_arn, shard, other_shard, start_after, token;
	struct slice hash_key, sequence, position, iterator, key_id, policy, mode, status, filter, filter_shard;
	int64_t count, limit, record_kib, warm_mibps, time_ms, filter_ms;
	bool enforce;
	struct kin_tags tags;
	struct kin_names names;
	struct kin_entry one;
	struct kin_entries entries;
	bool goes; /* the operation deletes the stream */
	int twin; /* of the operation's row: which of two alike it is */
	/* whom the operation is about, see kin_need */
	struct kin_stream *s;
	struct kin_consumer *c;
};
#define KIN_IN { .count = -1, .limit = -1, .record_kib = -1, .warm_mibps = -1, .time_ms = -1, .filter_ms = -1 }

struct kin_placed { /* a record that was put, or was refused by its shard */
	uint32_t shard;
	bool refused;
	char seq[KIN_SEQ_TEXT];
};
struct kin_iterator {
	int64_t stream, made_ms;
	uint32_t shard;
	uint64_t from; /* next index */
	struct slice name;
};
/* In the arena of the request, or state that lasts until the answer is written. */
struct kin_out {
	const struct kin_stream *first; /* of a list of streams, n of them */
	struct kin_shard **shards;      /* n of them */
	struct kin_placed *placed;      /* n of them */
	const struct kin_tag *tags;     /* n of them */
	size_t from, n, failed, before;
	bool more;
	unsigned metrics;               /* before the call */
	struct kin_iterator iterator;
};

enum kin_e {
	KIN_E_NOT_FOUND, KIN_E_IN_USE, KIN_E_LIMIT, KIN_E_ARGUMENT, KIN_E_VALIDATION, KIN_E_EXPIRED_ITERATOR, KIN_E_EXPIRED_TOKEN,
	KIN_E_THROUGHPUT, KIN_E_SERIALIZATION, KIN_E_UNKNOWN_OPERATION, KIN_E_DENIED, KIN_E_INTERNAL, KIN_E_MISSING_TOKEN,
	KIN_E_INCOMPLETE, KIN_E_SIGNATURE, KIN_E_CLIENT_TOKEN, KIN_E_EXPIRED_SESSION, KIN_E_KMS_NOT_FOUND, KIN_E_KMS_DISABLED, KIN_E_KMS_STATE,
	KIN_E_ACCESS_DENIED, KIN_E_N,
};
extern const struct error_def kin_errors[KIN_E_N];
int kin_fail(struct error *err, enum kin_e e, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- model.c ---- */
struct kin_stream *kin_find(struct kinesis *k, struct slice account, struct slice region, struct slice name);
/* The first stream of that account in that region, and the one after s there; NULL: none. */
const struct kin_stream *kin_first(const struct kinesis *k, const struct kin_in *in);
const struct kin_stream *kin_next(const struct kin_stream *s);
/* Their open shards. */
size_t kin_shards_there(const struct kinesis *k, const struct kin_in *in);
enum kin_needs { KIN_NOBODY, KIN_A_STREAM, KIN_ACTIVE_STREAM, KIN_RESOURCE, KIN_CONSUMER };
/* Finds whom a request is about: in->s by StreamName, StreamARN or ResourceARN; with RESOURCE in->c too, where the ARN names
 * one; with CONSUMER it must. Errors: NOT_FOUND, IN_USE (not ACTIVE) in the service's words. */
int kin_need(struct kinesis *k, enum kin_needs needs, struct kin_in *in, struct error *err) WARN_UNUSED;
/* "arn:aws:kinesis:us-east-1:000000000000:stream/NAME/consumer/CONSUMER:TIME": both names, absent where it has none. */
void kin_arn_names(struct slice arn, struct slice *stream, struct slice *consumer);
const char *kin_status_name(enum kin_status s);
/* Ends states whose time has come. */
int kin_settle(struct kinesis *k, int64_t now_ms, struct error *err) WARN_UNUSED;
/* Whether the account can have n open shards more, and a stream n more in its life. Errors: LIMIT. */
int kin_shard_limit(const struct kinesis *k, const struct kin_in *in, size_t n, struct error *err) WARN_UNUSED;
int kin_shard_room(const struct kin_in *in, size_t n, struct error *err) WARN_UNUSED;
struct kin_stream *kin_make(struct kinesis *k, struct slice account, struct slice region, struct slice name, size_t shards, bool on_demand, int64_t now_ms);
struct kin_shard *kin_add_shard(struct kin_stream *s, kin_hash lo, kin_hash hi, int64_t create_s, int64_t now_ms);
void kin_insert(struct kinesis *k, struct kin_stream *s);
/* Deletes it with its records. */
int kin_drop(struct kinesis *k, struct kin_stream *s, struct error *err) WARN_UNUSED;
void kin_stream_free(struct kin_stream *s);
int kin_save(struct kinesis *k, struct kin_stream *s, struct error *err) WARN_UNUSED;
/* A changed stream: UPDATING for the configured time, saved. */
int kin_updated(struct kinesis *k, struct kin_stream *s, int64_t now_ms, struct error *err) WARN_UNUSED;
/* "shardId-000000000007"; the service takes "7" and "whatever-7" too. */
bool kin_shard_number(struct slice id, uint32_t *out);
/* The long form of an id. Errors: NOT_FOUND when it is none. */
int kin_shard_id(const struct kin_in *in, struct slice id, struct slice stream, struct slice *out, struct error *err) WARN_UNUSED;
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
/* Sets a tag, copied. */
void kin_tag_set(struct kin_tags *t, struct slice key, struct slice value);
void kin_consumer_free(struct kin_consumer *c);

/* ---- rules: one an operation; in->s and in->c are found, in is checked against its shape ---- */
typedef int kin_rule(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err);
/* Whether a stream encrypted by that key (absent: none) can be written and read now. */
int kin_may_use_key(struct kinesis *k, struct kin_in *in, const struct kin_stream *s, struct slice key, struct error *err) WARN_UNUSED;
kin_rule kin_create, kin_delete, kin_list, kin_describe, kin_list_shards, kin_retention, kin_encrypt, kin_metrics, kin_record_size; /* streams.c */
kin_rule kin_add_tags, kin_remove_tags, kin_list_tags, kin_register, kin_deregister, kin_consumers, kin_put_policy, kin_delete_policy; /* labels.c */
kin_rule kin_split_shard, kin_merge_shards, kin_shard_count, kin_mode; /* reshard.c */
kin_rule kin_put, kin_put_all, kin_get_iterator; /* records.c */
kin_rule kin_settings, kin_update_settings, kin_warm; /* account.c */
extern const char *const kin_metric_names[KIN_METRICS];

/* ---- records.c ---- */
/* Where position, sequence and time_ms of the request point to in a shard of in->s. */
int kin_position(struct kinesis *k, const struct kin_in *in, const struct kin_shard *sh, uint64_t *from, struct error *err) WARN_UNUSED;
struct kin_record {
	uint64_t index;
	int64_t time_ms;
	struct slice key, data;
};
/* Records of a shard from an index on, until there are max or max_bytes. */
struct kin_read {
	const struct kin_stream *s;
	const struct kin_shard *sh;
	void (*put)(struct kin_read *r, const struct kin_record *rec, const char *seq);
	void *arg;
	size_t max, max_bytes;
	uint64_t next;     /* in: the first; out: the first that was not read */
	/* found */
	size_t n, bytes;
	int64_t behind_ms; /* of the first that is left; 0: none is */
	bool more, ended;  /* ended: the shard is closed and read */
};
int kin_read(struct kinesis *k, struct kin_read *r, int64_t now_ms, struct error *err) WARN_UNUSED;
/* The place of an iterator, which must be in time. Errors: ARGUMENT, EXPIRED_ITERATOR, NOT_FOUND, THROUGHPUT. */
int kin_get_from(struct kinesis *k, const struct kin_in *in, const struct kin_iterator *it, struct kin_stream **s, struct kin_shard **sh,
		 struct error *err) WARN_UNUSED;
/* A reader was given that many bytes of a shard. */
void kin_was_read(struct kinesis *k, struct kin_shard *sh, const struct kin_read *r, int64_t now_ms);

/* ---- sweep.c ---- */
/* Goes on until nothing that is to go is left; harmless when there is nothing. */
void kin_sweep(struct kinesis *k);
/* After a put: now and then, what is past the retention period is to go. */
void kin_trim(struct kinesis *k, struct kin_stream *s, int64_t now_ms);
/* At the start: what was left to do. */
int kin_sweep_open(struct kinesis *k, struct error *err) WARN_UNUSED;
void kin_sweep_close(struct kinesis *k);
bool kin_going(const struct kinesis *k, int64_t id);
/* The dropped stream's id is taken until its records are removed. */
void kin_goes(struct kinesis *k, int64_t id);

/* ---- account.c ---- */
enum { KIN_COMMITTED_MS = 24 * 3600 * 1000 };
/* Whether a stream can be warm. Errors: VALIDATION, LIMIT. */
int kin_warm_allowed(struct kinesis *k, const struct kin_in *in, struct slice name, bool on_demand, struct error *err) WARN_UNUSED;
/* A commitment that was ended early lasts until it may end. */
void kin_settle_commitment(struct kin_commitment *m, int64_t now_ms);

/* ---- doc.c: streams and settings, kept as documents ---- */
int kin_keep_stream(struct db *db, const struct kin_stream *s, struct error *err) WARN_UNUSED;
int kin_keep_settings(struct db *db, const struct kin_commitment *m, struct error *err) WARN_UNUSED;
/* Reads what is kept: the settings into *m; every stream goes to fn, whose it is then. */
typedef int (*kin_stream_fn)(void *arg, struct kin_stream *s, struct error *err);
int kin_kept(struct db *db, struct kin_commitment *m, kin_stream_fn fn, void *arg, struct error *err) WARN_UNUSED;

/* ---- store.c ---- */
int kin_store_open(struct db *db, const struct env *env, struct error *err) WARN_UNUSED;
/* A stream's document goes at once, its records by and by. */
int kin_store_drop(struct db *db, int64_t id, struct error *err) WARN_UNUSED;
/* Removes a piece of what is to go. 1: there may be more, and if all of a dropped stream is gone, *ended is its id, else 0. 0: there
 * was nothing left. */
int kin_store_sweep(struct db *db, int64_t *ended, struct error *err) WARN_UNUSED;
/* The ids of the streams of which something is to go. */
int kin_store_going(struct db *db, void (*fn)(void *arg, int64_t id), void *arg, struct error *err) WARN_UNUSED;
/* Sets the next index of the shards that have records. */
int kin_store_next(struct db *db, struct kin_stream *s, struct error *err) WARN_UNUSED;
int kin_store_put(struct db *db, int64_t stream, uint32_t shard, const struct kin_record *r, struct error *err) WARN_UNUSED;
/* Calls fn for the records of a shard from index on and not older than horizon, until it says stop (nonzero). */
typedef int (*kin_each_record)(void *arg, const struct kin_record *r);
int kin_store_get(struct db *db, int64_t stream, uint32_t shard, uint64_t from, int64_t horizon_ms, kin_each_record fn, void *arg,
		  struct error *err) WARN_UNUSED;
/* From which index on records came at or after a time; end: none before that did. */
int kin_store_at(struct db *db, int64_t stream, uint32_t shard, int64_t time_ms, uint64_t end, uint64_t *out, struct error *err)
	WARN_UNUSED;
/* A shard's records before the first that isn't older than a time are to go, but never its newest. 1: some are. */
int kin_store_trim(struct db *db, int64_t stream, uint32_t shard, int64_t before_ms, uint64_t newest, struct error *err) WARN_UNUSED;

/* measure.c: struct service's look. */
void kin_look(void *self, struct buf *out);

#endif
