/* Confluent REST Proxy, APIs v2 and v3: producing, consuming and administration over HTTP.
 *
 *   jackson.c   JSON pull parser that says what Jackson 2.13 says        node.c     JSON values, written as Jackson does
 *   produce.c   body of a produce request -> struct rest_produce         protocol.c routes, media types, answers
 *   send.c      records to the log                                       model.c    topics and partitions
 *   consumers.h consumers of v2    v3.h  API v3    bean.c  Jackson's beans    service.c  the operation table
 *
 * Why no jansson here: the proxy hands Jackson's own error texts (with line, column and reference chain) to the
 * client, keeps integers of any length, and forgives what follows the first value; jansson does none of these.
 *
 * Spec: docs.confluent.io/platform/7.2/kafka-rest/api.html; behaviour as recorded from 7.2, replayed by
 * tests/rest/test_exchange.c. */
#ifndef TARN_REST_H
#define TARN_REST_H

#include "core/service.h"

enum {
	REST_PORT = 8082,
	REST_BROKER_ID = 1,
	REST_BLOCK_MS = 60000,             /* producer's max.block.ms */
	REST_REQUEST_SIZE_MAX = 1048576,   /* producer's max.request.size, bytes */
	REST_PARSE_NOW = 64 << 10,         /* a larger body is read in a job */
	REST_SLICE_RECORDS = 500,          /* of a produce request: what goes to the log at a time */
	REST_SLICE_BYTES = 512 << 10,
	REST_DEPTH_MAX = 2000,             /* nested arrays and objects in one value */
};

/* Error codes of the proxy; without one the code is the HTTP status. */
enum {
	REST_E_BROKER = 40002,             /* the broker refused */
	REST_E_NO_PARTITION = 40402,
	REST_E_NO_TOPIC_PARTITION = 40403,
	REST_E_SERIALIZATION = 40801,
	REST_E_AUTHENTICATION = 40101,
	REST_E_AUTHORIZATION = 40301,
	REST_E_KAFKA = 50002,
	REST_E_RETRIABLE = 50003,
	REST_E_BROKER_NOT_AVAILABLE = 50302,
};

enum rest_format { REST_BINARY, REST_JSON, REST_AVRO, REST_PROTOBUF, REST_JSONSCHEMA };

/* What goes wrong with a request: {"error_code":code,"message":message}, or the bare message when plain. */
struct rest_error {
	int status, code;
	struct slice message;
	bool plain;
};

struct rest_record {
	bool has_partition;
	int partition;
	struct slice key, value; /* as they land in the topic; absent: null */
	/* Of API v3. */
	bool has_timestamp; /* else the request's */
	int64_t timestamp_ms;
	struct slice headers; /* as records have them, header_n */
	int32_t header_n;
};

struct rest_produce {
	struct slice topic;
	bool has_partition; /* from the path: for records without one of their own */
	int partition;
	struct rest_record *records;
	size_t record_n;
	bool has_schema; /* key_schema, value_schema or an id of one was given */
};

/* One element of the answer's "offsets". */
struct rest_offset {
	int partition;
	int64_t offset;
	int error_code; /* 0: none, and then error is absent */
	struct slice error;
	bool blocked; /* it waits still for what would be this error */
};

struct rest {
	const struct env *env;
	struct record_log *log;
	struct broker *broker; /* what the Admin client asks; NULL or without self: nobody answers */
	struct owed *asks;  /* of log and broker, not answered yet; bodies that are read in jobs */
	struct owed *waits; /* of after */
	struct rest_instance *instances; /* consumers.c */
	uint64_t instance_n;             /* made so far: of their ids */
	struct rest_stream *streams;     /* stream.c */
	/* Runs fn(arg) after ms of real time: the producer's wait for metadata. */
	void (*after)(struct rest *r, int64_t ms, void (*fn)(void *arg), void *arg);
};

struct rest_call;
typedef void (*rest_then)(struct rest_call *c, const void *resp);
struct kp_describe_cluster_resp;

/* One request on its way: the caller fills the upper half, rest_serve answers through done. All of it lives in the
 * request's arena. */
struct rest_call {
	struct rest *r;
	const struct http_req *req;
	void (*done)(struct rest_call *c);
	void *arg;
	/* the answer */
	const char *op;
	int status;
	const char *type; /* Content-Type, NULL: none */
	const char *allow; /* Allow, NULL: none */
	struct slice location; /* Location; absent: none */
	struct buf body;
	/* what the request asks for */
	struct slice args[HTTP_ARGS_MAX]; /* of the path */
	struct slice topic;
	int partition;
	bool has_partition;
	struct slice group, instance; /* of a consumer */
	bool unserved; /* a resource of the real proxy that isn't served here */
	struct rest_produce produce;
	bool streams;            /* it may end before its asks: they are in its own list, not the proxy's */
	struct owed *asks;
	/* v3.h: */
	bool v3;                 /* of that API */
	int number, number2;     /* that a path names: a partition or a broker; a replica */
	bool has_number;
	int asked;               /* the question under way */
	rest_then then, begun, topic_then; /* who goes on with its answer; with the cluster; with the topic */
	const char *no_cluster;
	struct kp_describe_cluster_resp *cluster;
	void *state;             /* of the operation, between its questions */
};

/* ---- protocol.c ---- */
extern const struct routes rest_routes, rest_v3_routes;
/* Routes, negotiates and serves; done is called exactly once, now or later on the loop. */
void rest_serve(struct rest_call *c);
void rest_answer(struct rest_call *c, int status, const char *type); /* body is c->body */
void rest_answer_code(struct rest_call *c, int status, int code, struct slice message, const char *type);
void rest_refuse(struct rest_call *c, int status, const char *type); /* "HTTP 404 Not Found" */
/* Of types, in the server's order, the one that the client likes best; NULL: none. */
const char *rest_accept(const struct rest_call *c, const char *const *types, size_t n);
/* Whether body and answer may be the plain type of v2; answers itself when not. */
bool rest_negotiate(struct rest_call *c);
void rest_answer_offsets(struct rest_call *c, const struct rest_offset *o, size_t n);
void rest_answer_topics(struct rest_call *c, const struct slice *names, size_t n);
void rest_answer_topic(struct rest_call *c, const struct topic_info *t);
void rest_answer_partitions(struct rest_call *c, int partition_n);
void rest_answer_partition(struct rest_call *c);
void rest_answer_range(struct rest_call *c, int64_t first, int64_t end);
void rest_answer_error(struct rest_call *c, const struct rest_error *e);

/* ---- produce.c ---- */
/* Body of a produce request to records ready for the topic. Errors in *e (ERR_INVALID is returned): what the proxy
 * answers for that body. */
int rest_parse_produce(struct arena *a, struct slice body, enum rest_format f, struct rest_produce *out,
		       struct rest_error *e) WARN_UNUSED;
/* Key or value as it lands in the topic. */
struct jk_node;
int rest_serialize(struct arena *a, enum rest_format f, const struct jk_node *node, struct slice *out, struct rest_error *e) WARN_UNUSED;
/* The body of POST /: any map of strings. */
int rest_parse_map(struct arena *a, struct slice body, struct rest_error *e) WARN_UNUSED;
/* Base64 as Guava decodes it: padding is optional. */
bool rest_base64(struct arena *a, struct slice s, struct slice *out) WARN_UNUSED;

/* ---- v2_topics.c ---- */
/* Whether there is somebody who answers Kafka's requests; else only the log is there, of another cluster. */
bool rest_has_broker(const struct rest_call *c);

/* ---- send.c ---- */
/* Records on their way to one topic; of the request's arena, as all that it names. */
struct rest_sending {
	struct rest_call *c;
	struct slice topic;
	const struct rest_record *records;
	size_t n;
	bool has_partition; /* for records without one of their own */
	int partition;
	struct rest_offset *offsets; /* n, zeroed: what becomes of each */
	void (*done)(void *arg);     /* all of them are known */
	void *arg;
	bool broken; /* done: a record named a partition below 0; it and those behind it weren't sent */
	/* send.c's own */
	uint32_t *sent;     /* which of them are with the log */
	size_t sent_n;
	size_t at;          /* records before this one are answered or with the log */
	size_t blocked;     /* how many wait for metadata */
	size_t waits_for;   /* which of them does now */
	int64_t waited_ms;
	bool away;          /* no log answers */
};
void rest_send(struct rest_sending *s);

/* ---- stream.c ---- */
/* Whether a request is one for records of API v3, which is answered while its body comes where its client sends it in chunks. */
bool rest_streams(struct slice method, struct slice target);
/* Serves such a call; false: its body is here, or it isn't one that could be taken. */
bool rest_stream(struct rest *r, struct http_call *call);
bool rest_streams_busy(const struct rest *r);
void rest_streams_close(struct rest *r);
/* protocol.c: whether the call is one for records, in types that will do; args and op are set. */
bool rest_records_route(struct rest_call *c);

/* ---- model.c ---- */
/* Each answers through one of the rest_answer_ functions. */
void rest_produce(struct rest_call *c);
void rest_topics(struct rest_call *c);
void rest_topic(struct rest_call *c);
void rest_partitions(struct rest_call *c);
void rest_offsets(struct rest_call *c);
/* Orders names as the values of a java.util.HashMap made for n entries come out. */
void rest_java_order(struct arena *a, struct slice *names, size_t n);

/* ---- consumers.c ---- */
extern const struct routes rest_consumer_routes;
/* Whether the path is one of a consumer's; then it is served. */
bool rest_consumers_serve(struct rest_call *c);
void rest_consumers_close(struct rest *r);

extern const struct service rest_service;

#endif
