/* Kinesis on the wire: JSON 1.1 and CBOR 1.1 on the AWS port.
 *   protocol.c   a call: who asks, checks, its rule, errors      request.c   JSON -> struct kin_in
 *   answer.c     struct kin_out -> JSON                          token.c     iterators and page tokens
 *   shape.c      types and constraints of requests               plain.c     the short way of puts
 *   cbor.c       CBOR <-> JSON                                   subscribe.c events pushed to a consumer */
#ifndef TARN_KINESIS_WIRE_H
#define TARN_KINESIS_WIRE_H

#include "core/json.h"
#include "kinesis/kinesis.h"
#include "kinesis/shape.h"

enum kin_then { KIN_NOTHING, KIN_SAVED, KIN_UPDATED, KIN_RECORDS }; /* what becomes of in->s after the rule; RECORDS: some may have come */
typedef void kin_encode(struct buf *b, struct kinesis *k, const struct kin_in *in, const struct kin_out *out);
struct kin_op {
	struct route route;
	const struct kin_member *shape;
	enum kin_needs needs;
	kin_rule *rule;      /* NULL: nothing but what it needs */
	enum kin_then then;
	kin_encode *put; /* NULL: no body */
	int twin;
	/* Instead of rule and put: writes what it finds as it goes. */
	int (*stream)(struct kinesis *k, struct kin_in *in, struct buf *b, struct error *err);
};
extern const struct routes kin_routes; /* of struct kin_op */

/* ---- protocol.c ---- */
void kin_http(void *self, struct http_call *call);
bool kin_http_grows(const struct http_req *req);
void kin_http_full(void *self, struct http_call *call);
/* One call by name, from JSON to JSON: the status and the body (an error's too). */
int kin_invoke(struct kinesis *k, struct slice action, struct slice json, struct slice region, struct slice account, int64_t now_ms,
	       struct buf *out);

/* ---- request.c ---- */
/* Members of a checked request, by their rows' places in struct kin_in. */
void kin_take(struct kin_in *in, const json_t *o, const struct kin_member *shape);
/* Reads the body of a PutRecord or PutRecords when it is of the plain kind: known members once each, texts without escapes,
 * everything within its constraints. False: it isn't, and what is wrong, if anything, is for the checks to tell. (plain.c) */
bool kin_plain_read(struct kin_in *in, const struct kin_op *op, struct slice body);

/* ---- answer.c ---- */
kin_encode kin_put_summary, kin_put_description, kin_put_streams, kin_put_shards, kin_put_tags, kin_put_metrics, kin_put_limits, kin_put_placed,
	kin_put_all_placed, kin_put_iterator, kin_put_consumer, kin_put_consumer_description, kin_put_consumers, kin_put_policy_text, kin_put_count,
	kin_put_settings, kin_put_warm;
int kin_get_records(struct kinesis *k, struct kin_in *in, struct buf *b, struct error *err);
/* One SubscribeToShardEvent from *from on, which moves on. any: it has records; ended: the shard is closed and read. */
int kin_put_event(struct buf *b, struct kinesis *k, struct kin_stream *s, uint32_t shard, uint64_t *from, int64_t now_ms, bool *any, bool *ended);

/* ---- token.c ---- */
void kin_iterator_text(struct buf *b, const struct kin_iterator *it);
bool kin_iterator_read(struct arena *a, struct slice text, struct kin_iterator *out);

/* ---- cbor.c: byte strings are base64 text, timestamps (tag 1, ms) numbers of seconds ---- */
json_t *kin_cbor_read(struct slice in, struct error *err);
void kin_cbor_write(const json_t *v, struct buf *out);

/* ---- subscribe.c ---- */
void kin_unsubscribe_all(struct kinesis *k);
/* Records came: to those who subscribed. */
void kin_notify(struct kinesis *k, const struct kin_stream *s, int64_t now_ms);
int kin_op_subscribe(struct kinesis *k, struct kin_in *in, struct buf *b, struct error *err); /* fails: it answers over HTTP only */
/* Answers SubscribeToShard with a stream of events. Errors: as any operation; then the call is still to be answered. */
int kin_subscribe(struct kinesis *k, struct kin_in *in, struct http_call *call, bool cbor, struct error *err) WARN_UNUSED;

/* ---- port.c ---- */
void kin_provide(void *self, struct ports *ports);

/* measure.c: a put that ended so, and a read. */
void kin_measure(const struct kinesis *k, const struct kin_op *op, const struct kin_in *in, const struct kin_out *out, int rc, int64_t us);
void kin_measure_read(const struct kinesis *k, const struct kin_read *r, int64_t us);

/* authorize.c: with [stack] auth = enforce, whether policies let who do an operation. Errors: DENIED, in AWS's words. */
struct identity;
int kin_authorize(struct kinesis *k, struct http_call *call, const struct identity *who, const char *op, const struct kin_in *in, struct error *err) WARN_UNUSED;

#endif
