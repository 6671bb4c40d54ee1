/* Consumers of API v2: an instance is a consumer of Kafka that the proxy keeps for a client, until it is deleted or nobody has called it
 * for five minutes.
 *   consumers.c       instances, and the calls        consumer_read.c  reading records
 *   consumer_body.c   what their bodies say */
#ifndef TARN_REST_CONSUMERS_H
#define TARN_REST_CONSUMERS_H

#include "rest/rest.h"

#define REST_V2 "application/vnd.kafka.v2+json"

enum {
	REST_INSTANCE_MS = 300000,      /* consumer.instance.timeout.ms, emulated */
	REST_READ_MS = 1000,            /* consumer.request.timeout.ms, real: the most that a read waits */
	REST_READ_BYTES = 64 << 20,     /* consumer.request.max.bytes */
	REST_POLL_RECORDS = 500,        /* max.poll.records */
	REST_MIN_BYTES_MAX = 10000000,
	REST_AUTO_COMMIT_MS = 5000,
};
enum {
	REST_E_NO_INSTANCE = 40403,
	REST_E_OTHER_FORMAT = 40601,
	REST_E_INSTANCE_EXISTS = 40902,
	REST_E_ILLEGAL_STATE = 40903,
	REST_E_CONSUMER_CONFIG = 42204,
};

struct rest_reading;
struct rest_instance {
	struct rest_instance *next;
	struct rest *r;
	char *group, *name; /* owned */
	enum rest_format format;
	struct consumer *consumer;
	bool subscribed, assigned, by_pattern;
	char **topics;      /* subscribed to; owned */
	size_t topic_n;
	int64_t min_bytes;  /* fetch.min.bytes; -1: only the time counts */
	int64_t read_ms;    /* its own consumer.request.timeout.ms */
	struct clock_timer expiry;
	/* Polled and not delivered. */
	struct arena arena;
	struct consumed *cache;
	size_t cache_n, cache_at;
	struct rest_reading *reading, *waiting; /* under way; behind it */
};

/* ---- consumer_body.c: false after an answer ---- */
struct rest_instance_body {
	struct slice id, name, format, reset, auto_commit; /* absent: not given */
	struct slice min_bytes, read_ms;
};
struct rest_places_body {
	struct slice *topics;  /* of {"topics": …} */
	size_t topic_n;
	struct slice pattern;  /* absent: none */
	struct consumer_place *places; /* of partitions, offsets or timestamps; offset as given, of timestamps as ms */
	size_t place_n, time_from;     /* from time_from on they are timestamps */
	bool given;            /* there was a body */
};
bool rest_read_instance(struct rest_call *c, struct rest_instance_body *out);
/* class: of the request, in Jackson's errors. */
bool rest_read_places(struct rest_call *c, const char *class, struct rest_places_body *out);

/* ---- consumer_read.c ---- */
/* Whether the query's timeout and max_bytes are whole numbers, if they are there. */
bool rest_read_numbers(const struct http_req *req);
void rest_read_records(struct rest_call *c, struct rest_instance *i, const char *type);
/* All that wait for records of it are answered that it is gone. */
void rest_read_end(struct rest_instance *i);

/* ---- consumers.c ---- */
/* Nobody has to call it for five more minutes. */
void rest_instance_renew(struct rest_instance *i);

#endif
