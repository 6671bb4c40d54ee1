/* Ports: the only way services meet. Each port is a table of calls with a local side (a call into the
 * service in this process) and a remote side (the standard protocol through a client library).
 *
 * Every call is answered once by its callback, on the loop, never before the call returns, unless the struct owed it returned is
 * cancelled: then never. What a callback gets is valid during the callback only; what a call is given is copied before it returns. */
#ifndef TARN_PORTS_H
#define TARN_PORTS_H

#include "journal.h"
#include "owed.h"

struct env;

/* ---- record_log: topics of records (Kafka) ---- */
struct log_record {
	struct slice key, value; /* absent slice (p == NULL) = null */
	int64_t timestamp_ms;    /* -1: the broker's now */
	struct slice trace;      /* journal trace id, record header "tarn-trace"; absent: none */
	struct slice headers;    /* header_n of them as records have them, kp_header_next and kp_header_put; the trace may be one of them */
	int32_t header_n;
	int64_t offset;          /* read only */
};
struct append_result {
	int error; /* 0 or a Kafka error code (3 UNKNOWN_TOPIC_OR_PARTITION, 10 MESSAGE_TOO_LARGE ...) */
	int partition;
	int64_t offset;
};
struct log_append {
	struct slice topic;
	int partition; /* -1: chosen by key hash (murmur2) or, without key, the sticky partition */
	struct log_record record;
};
/* Where a partition is: nodes by their ids; leader -1: nobody leads it. */
struct topic_place {
	int32_t leader;
	const int32_t *replicas, *isr;
	int32_t replica_n, isr_n;
};
struct topic_info {
	struct slice name;
	int partition_n;
	const struct topic_place *places; /* of each partition, for the call; NULL: there is one broker, or it isn't known */
};
typedef void (*append_cb)(void *arg, const struct append_result *r, size_t n, const struct error *err);
/* err NULL on success. next: offset to ask for next; high: high watermark. error_code: Kafka code or 0. */
typedef void (*read_cb)(void *arg, int error_code, const struct log_record *r, size_t n, int64_t next, int64_t high);
struct topic_config {
	struct slice name, value; /* "retention.ms" */
};
enum topic_act { TOPIC_LOOK, TOPIC_CREATE, TOPIC_CHANGE, TOPIC_DELETE };
struct topic_change {
	enum topic_act act;
	struct slice topic;
	int partition_n; /* CREATE, CHANGE; 0: the broker's own number, or as many as there are */
	int factor;      /* CREATE, where there are several brokers: replicas; 0: the broker's own number */
	const struct topic_config *configs; /* that are set */
	size_t config_n;
};
/* error: 0 or a Kafka error code. configs: those that the topic sets itself; of a deleted one there is nothing. */
typedef void (*change_cb)(void *arg, int error, const struct topic_info *t, const struct topic_config *configs, size_t n, const struct error *err);
typedef void (*topics_cb)(void *arg, const struct topic_info *t, size_t n, const struct error *err);

struct record_log {
	void *self;
	/* Appends n records; results in the same order. */
	struct owed *(*append)(void *self, const struct log_append *in, size_t n, append_cb cb, void *arg);
	/* Reads from offset (-2: earliest, -1: latest) up to about max_bytes; doesn't wait. */
	struct owed *(*read)(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg);
	/* The same, of committed transactions only (isolation.level). NULL: this side can't. */
	struct owed *(*read_committed)(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg);
	struct owed *(*topics)(void *self, topics_cb cb, void *arg);
	/* Looks at a topic, makes, changes or deletes it. NULL: this side can't. */
	struct owed *(*change)(void *self, const struct topic_change *in, change_cb cb, void *arg);
	/* Calls fn whenever records may have been added to any topic (local: after the commit; remote: on a timer). */
	void (*watch)(void *self, void (*fn)(void *arg), void *arg);
	/* Counts up whenever topics or partitions are made or deleted, so that they needn't be listed for nothing. NULL: it isn't known. */
	const uint64_t *changes;
};

/* ---- broker: what record_log hasn't, as Kafka's protocol has it ---- */
/* response: struct kp_…_resp of the request's API, in its highest version; NULL where err says why there is none. */
typedef void (*broker_cb)(void *arg, const void *response, const struct error *err);
struct broker {
	void *self;
	/* key: of the API (kproto/schema.h, enum kp_key); request: its struct kp_…_req, in its highest version, served before ask returns. Fetch
	 * and ListOffsets don't wait; JoinGroup and SyncGroup are answered when the group is. Nobody checks what the asker may do. */
	struct owed *(*ask)(void *self, int key, const void *request, broker_cb cb, void *arg);
	/* One of several brokers restarts: its clients are hung up on, for some seconds of the clock others lead. */
	void (*restart)(void *self, int node);
};

/* ---- consumers: who reads as a member of a group, or partitions that it names (Kafka) ---- */
/* As a client library of Kafka has it: nothing is asked of the cluster until the first poll; then it keeps its place in the group by itself,
 * also between polls, and commits by itself where it is to. */
struct consumer_conf {
	struct slice group, client;  /* group.id, client.id */
	struct slice instance;       /* group.instance.id; absent: none */
	struct slice reset;          /* auto.offset.reset: "earliest", "latest", "none" */
	int64_t auto_commit_ms;      /* 0: it commits only when it is told to */
	int64_t session_ms;          /* session.timeout.ms */
	bool committed;              /* isolation.level read_committed */
	size_t fetch_bytes;          /* asked of a partition at a time; 0: its own number */
};
struct consumer_place {
	struct slice topic;
	int partition;
	int64_t offset;              /* -1: the end or none, -2: the beginning; of times: ms */
	struct slice metadata;
	int error;                   /* of answers: 0 or a Kafka error code */
};
struct consumed {
	struct slice topic;
	int partition;
	struct log_record record;
};
typedef void (*consumed_cb)(void *arg, const struct consumed *r, size_t n, const struct error *err);
typedef void (*places_cb)(void *arg, const struct consumer_place *p, size_t n, const struct error *err);
struct consumer;
struct consumers {
	void *self;
	/* Never fails: what is wrong with conf, poll says. */
	struct consumer *(*open)(void *self, const struct consumer_conf *conf);
	/* Leaves its group, in the background. What it owes must have been cancelled. */
	void (*close)(struct consumer *c);
	/* Replaces what it was subscribed or assigned to. pattern (a regular expression of Java): absent where topics are named; neither: nothing. */
	void (*subscribe)(struct consumer *c, const struct slice *topics, size_t n, struct slice pattern);
	void (*assign)(struct consumer *c, const struct consumer_place *p, size_t n);
	/* What it reads now, with the offsets of the next poll (-1, -2: not looked up yet). Answered at once. */
	size_t (*assignment)(struct consumer *c, struct arena *a, struct consumer_place **out);
	/* Up to most records, as soon as there is one; none after wait_ms of real time. A group that is still forming is waited for. */
	struct owed *(*poll)(struct consumer *c, size_t most, int64_t wait_ms, consumed_cb cb, void *arg);
	/* Where the next poll reads. ERR_NOT_FOUND: not assigned. */
	int (*seek)(struct consumer *c, const struct consumer_place *p, struct error *err) WARN_UNUSED;
	/* Commits p, or where n is 0 all that was polled; answers with the errors of each. */
	struct owed *(*commit)(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg);
	/* Where the group is: offset -1 where it has none. */
	struct owed *(*committed)(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg);
	/* The first offsets from those times on; -1: there is none. */
	struct owed *(*times)(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg);
};

/* ---- object_store: buckets of objects (S3) ---- */
struct object_entry {
	struct slice key;
	int64_t size, modified_ms;
	struct slice etag;
};
typedef void (*put_cb)(void *arg, const struct error *err); /* err->def->code = S3 code when the store said no */
typedef void (*get_cb)(void *arg, struct slice body, const struct error *err);
typedef void (*list_cb)(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err);
/* What a put says in headers of S3 beside its body: "x-amz-acl" ... */
struct object_header {
	struct slice name, value;
};
struct object_put {
	struct slice bucket, key, content_type, trace;
	const struct object_header *headers;
	size_t header_n; /* OBJECT_HEADERS_MAX at most */
};
enum { OBJECT_HEADERS_MAX = 8 };
typedef void (*text_cb)(void *arg, struct slice text, const struct error *err);
struct object_store {
	void *self;
	struct owed *(*put)(void *self, struct slice bucket, struct slice key, struct slice content_type, struct slice body,
			    struct slice trace, put_cb cb, void *arg);
	struct owed *(*get)(void *self, struct slice bucket, struct slice key, get_cb cb, void *arg);
	/* The same, but only where no object has the key: ERR_CONFLICT (PreconditionFailed) when one has, also when another
	 * writer is creating it at this moment (ConditionalRequestConflict: ask again). */
	struct owed *(*put_new)(void *self, struct slice bucket, struct slice key, struct slice content_type, struct slice body,
				struct slice trace, put_cb cb, void *arg);
	/* Keys > after (absent: all) with the prefix, in byte order, at most 1000 a call. bucket absent: the buckets, key being the name. */
	struct owed *(*list)(void *self, struct slice bucket, struct slice prefix, struct slice after, list_cb cb, void *arg);
	struct owed *(*del)(void *self, struct slice bucket, struct slice key, put_cb cb, void *arg);
	/* What S3's API has beside these; NULL: this side can't (stores, below, open one that can). A put with headers; an upload's id, a part's
	 * ETag, of parts from 1 on; its end with the ETags of all, or none of it; an object's tags, "name=value&name=value". */
	struct owed *(*put_as)(void *self, const struct object_put *in, struct slice body, put_cb cb, void *arg);
	struct owed *(*begin)(void *self, const struct object_put *in, text_cb cb, void *arg);
	struct owed *(*part)(void *self, const struct object_put *in, struct slice id, int n, struct slice body, text_cb cb, void *arg);
	struct owed *(*complete)(void *self, const struct object_put *in, struct slice id, const struct slice *etags, size_t n, put_cb cb, void *arg);
	struct owed *(*abort)(void *self, const struct object_put *in, struct slice id, put_cb cb, void *arg);
	struct owed *(*tag)(void *self, struct slice bucket, struct slice key, struct slice tags, put_cb cb, void *arg);
	/* A number that is another one once any object has changed, never 0. NULL: this side can't say. Answered at once. */
	uint64_t (*changes)(void *self);
	/* Who reads as a workspace does is about to look at key and below, or in a folder on the way to it: what the stack keeps for that
	 * ([objects]) comes to be. NULL: this side has none. Answered at once. */
	void (*wanted)(void *self, struct slice bucket, struct slice key);
};
/* Calls .wanted where there is one. */
void objects_wanted(const struct object_store *store, struct slice bucket, struct slice key);
/* Lists page after page: each gets every object after `after` (absent: all) until it returns false, then done is called once.
 * each must not cancel the walk: it returns false. store must live as long as the call. */
typedef bool (*objects_fn)(void *arg, const struct object_entry *e);
struct owed *objects_each(const struct object_store *store, struct slice bucket, struct slice prefix, struct slice after, objects_fn each,
			  put_cb done, void *arg);

/* ---- stores: object stores at other addresses, or for other identities ---- */
struct object_target {
	const char *url;         /* "http://host:port"; NULL: the stack's own S3, asked as a client does */
	const char *key, *secret, *region; /* NULL: those of [remote] */
};
struct stores {
	void *self;
	/* Errors: INVALID (not such an address), NETWORK (there is no S3 of the stack's). close cancels what is owed. */
	int (*open)(void *self, const struct object_target *to, struct object_store *out, struct error *err) WARN_UNUSED;
	void (*close)(struct object_store *store);
};

/* ---- stream: calls of the Kinesis API ---- */
/* status and body as the service answers (JSON 1.1; an error's body has __type and message); err when there is no answer. */
typedef void (*stream_cb)(void *arg, int status, struct slice body, const struct error *err);
/* How a statement begins that is a look, too, for rds. */
#define RDS_LOOKS "/* tarn trace */ "
#define STREAM_LOOKS S(JOURNAL_LOOKS)
struct stream {
	void *self;
	/* trace STREAM_LOOKS: it is neither journaled nor counted, since who looks at the journal's records asks. region: where the streams are; absent: the stack's. action "PutRecord", "GetRecords" ...; json is its request body. */
	struct owed *(*call)(void *self, struct slice region, struct slice action, struct slice json, struct slice trace, stream_cb cb, void *arg);
};

/* ---- paths: mounts of the workspace (Databricks) ---- */
struct object_path {
	struct slice bucket, key; /* key without slashes around; "" is the bucket's root */
};
struct paths {
	void *self;
	/* Where a path of DBFS ("/mnt/x/y", see path.h) leads; false: no mount has it. A look into memory: it is answered at once,
	 * unlike the calls above. *out borrows from the mounts and the arena. */
	bool (*find)(void *self, struct arena *a, struct slice path, struct object_path *out);
};

/* ---- authority: who has keys, and what policies let them do (IAM and STS of the aws service) ---- */
struct identity;
struct policy_ask;
struct authority {
	void *self;
	/* Whose an access key made at run time is, see identity_find; *known is its answer. False: it was never made. */
	bool (*find)(void *self, struct arena *a, struct slice key, struct slice token, struct identity *out, int *known);
	/* Fills the policies of who and what conditions may ask of them: identity, boundary, session, facts. Valid until the next call. */
	void (*gather)(void *self, struct arena *a, const struct identity *who, struct policy_ask *ask);
};

/* ---- keys: what services encrypt by (KMS) ---- */
struct keys_ask {
	const char *account, *region; /* where the caller is */
	const char *service;          /* "s3": whose AWS managed key is meant when key is absent */
	struct slice key;             /* id, ARN, alias or its ARN; absent: alias/aws/SERVICE */
};
struct key_store {
	void *self;
	/* Whether a service may encrypt and decrypt by that key now; *arn is the key's. It is answered at once, unlike the calls above.
	 * Errors, with KMS's own code in err->def: NOT_FOUND; DENIED (disabled, pending deletion, a key for something else). */
	int (*find)(void *self, struct arena *a, const struct keys_ask *ask, struct slice *arn, struct error *err);
};

/* ---- lines: what services say into logs that users read (CloudWatch Logs) ---- */
struct log_lines {
	void *self;
	/* Adds a line to a stream of a group; both are made where they aren't. region: the group's; absent: the stack's. It is written with
	 * the tick's commit, and nobody is told. */
	void (*put)(void *self, struct slice region, struct slice group, struct slice stream, int64_t at_ms, struct slice text);
	/* Whether a database of RDS sends that log ("general", "error"), as its instance says. A look into memory. */
	bool (*rds_wants)(void *self, const char *instance, const char *log);
};

/* ---- clusters: what MSK calls the broker ---- */
struct clusters {
	void *self;
	/* Adds the ARN of the cluster one of whose brokers has that name; absent or foreign: of the stack's own. False: there is none. A look
	 * into memory, answered at once. */
	bool (*arn)(void *self, struct slice host, struct buf *arn);
};

/* ---- feeds: rows of streaming queries' batches ---- */
struct sp_table;
struct feed {
	size_t refs;
	struct sp_table *rows;  /* NULL: none */
	struct slice files;     /* of sources of files instead: a JSON list of paths; absent: none */
	struct feed *before;    /* of the batch before, held, where a query keeps a state; NULL: there is none, or it keeps none */
	void (*free)(struct feed *f);
};
struct feeds {
	void *self;
	/* What the source of a query gives for the batch that is under way, held once more; NULL: there is no such batch. A look into memory,
	 * answered at once. On the loop, as feed_release. */
	struct feed *(*hold)(void *self, struct slice query, int64_t batch);
};
void feed_release(struct feed *f); /* NULL is fine */

/* What a process has: a member whose self is NULL isn't there (its service was left out and no remote is named). */
struct ports {
	struct record_log log;
	struct broker broker; /* of another cluster only without TLS and login */
	struct consumers consumers;
	struct object_store objects;
	struct stores stores;
	struct stream stream;
	struct paths paths;
	struct authority authority;
	struct key_store keys;
	struct log_lines lines;
	struct clusters clusters;
	struct feeds feeds;
};
/* Adds a line at the clock's now, if there is somebody who keeps lines. */
void lines_put(const struct env *env, struct slice region, const char *group, const char *stream, struct slice text);

/* 0 when the port is there; else NETWORK, with what to do in words: "no object store: start s3 too, or name one as [remote] s3". */
enum port { PORT_LOG, PORT_OBJECTS, PORT_STREAM };
int port_needed(const struct env *env, enum port port, struct error *err) WARN_UNUSED;

#endif
