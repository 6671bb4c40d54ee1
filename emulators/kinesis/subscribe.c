/* SubscribeToShard: records of one shard as events of an application/vnd.amazon.eventstream, for five minutes. */
#include <zlib.h>

#include "kinesis/wire.h"

/* A subscriber that doesn't read is asked after in real time, until less than UNSENT_MAX is on its way. */
enum { LASTS_MS = 300000, ALIVE_MS = 5000, UNSENT_MAX = 1 << 20, AGAIN_MS = 20 };
struct kin_subscription {
	struct kin_subscription *next;
	struct kinesis *k;
	struct http_call *call; /* NULL once the client is gone */
	bool cbor, over;
	int64_t stream;
	char *consumer;
	uint32_t shard;
	uint64_t from;
	int64_t end_ms, heard_ms; /* last event */
	struct clock_timer timer;
	struct owed *again; /* it has enough unread */
};

/* ---- frames ---- */

static void put_header(struct buf *b, const char *name, const char *value)
{
	buf_u8(b, (uint8_t)strlen(name));
	buf_adds(b, name);
	buf_u8(b, 7); /* string */
	buf_u16be(b, (uint16_t)strlen(value));
	buf_adds(b, value);
}

static uint32_t crc_of(const struct buf *b)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), (const unsigned char *)b->p, (unsigned)b->n);
}

static void put_frame(struct buf *out, const char *kind, const char *type, bool cbor, struct slice payload)
{
	struct buf head = { 0 }, f = { 0 };
	put_header(&head, ":message-type", kind);
	put_header(&head, !strcmp(kind, "event") ? ":event-type" : ":exception-type", type);
	put_header(&head, ":content-type", cbor ? "application/x-amz-cbor-1.1" : "application/json");
	buf_u32be(&f, (uint32_t)(16 + head.n + payload.n));
	buf_u32be(&f, (uint32_t)head.n);
	buf_u32be(&f, crc_of(&f));
	buf_addsl(&f, buf_slice(&head));
	buf_addsl(&f, payload);
	buf_u32be(&f, crc_of(&f));
	buf_addsl(out, buf_slice(&f));
	buf_free(&head);
	buf_free(&f);
}

static void push(struct kin_subscription *s, const char *type, const struct buf *json)
{
	struct buf frame = { 0 }, body = { 0 };
	if (s->cbor) {
		json_t *v = json_loadb(json->p, json->n, JSON_ALLOW_NUL, NULL);
		if (v)
			kin_cbor_write(v, &body);
		json_decref(v);
	}
	put_frame(&frame, "event", type, s->cbor, s->cbor ? buf_slice(&body) : buf_slice(json));
	http_push(s->call, buf_slice(&frame));
	buf_free(&frame);
	buf_free(&body);
}

/* ---- events ---- */

static struct kin_stream *stream_of(struct kin_subscription *s)
{
	for (struct kin_stream *t = s->k->streams; t; t = t->next)
		if (t->id == s->stream)
			return t;
	return NULL;
}

static void finish(struct kin_subscription *s)
{
	if (s->over)
		return;
	s->over = true;
	clock_cancel(s->k->env->clock, &s->timer);
	owed_cancel(s->again);
	if (s->call)
		http_push_end(s->call);
}

static void on_time(void *arg);
static void on_again(void *arg);

static void arm(struct kin_subscription *s, int64_t now_ms)
{
	int64_t at = now_ms + ALIVE_MS < s->end_ms ? now_ms + ALIVE_MS : s->end_ms;
	clock_cancel(s->k->env->clock, &s->timer);
	clock_at(s->k->env->clock, &s->timer, at, on_time, s);
}

/* Sends what there is; with nothing, only when `always`. */
static void send_event(struct kin_subscription *s, int64_t now_ms, bool always)
{
	struct kin_stream *t = stream_of(s);
	struct buf json = { 0 };
	bool ended = false, any = false;
	if (s->again)
		return;
	do {
		if (s->call && http_unsent(s->call) > UNSENT_MAX) {
			owed_keep(&s->again, owed_after(s->k->env->loop, AGAIN_MS, on_again, s));
			break;
		}
		any = false;
		if (!t || kin_put_event(&json, s->k, t, s->shard, &s->from, now_ms, &any, &ended)) {
			finish(s);
			break;
		}
		if (any || always || ended)
			push(s, "SubscribeToShardEvent", &json);
		always = false;
		buf_reset(&json);
	} while (any && !ended);
	buf_free(&json);
	if (ended)
		finish(s);
	else if (!s->over)
		arm(s, now_ms);
}

static void on_again(void *arg)
{
	struct kin_subscription *s = arg;
	s->again = NULL;
	send_event(s, clock_now_ms(s->k->env->clock), false);
}

static void on_time(void *arg)
{
	struct kin_subscription *s = arg;
	int64_t now = clock_now_ms(s->k->env->clock);
	if (now >= s->end_ms)
		finish(s);
	else
		send_event(s, now, true);
}

void kin_notify(struct kinesis *k, const struct kin_stream *t, int64_t now_ms)
{
	for (struct kin_subscription *s = k->subscriptions, *next; s; s = next) {
		next = s->next;
		if (!s->over && s->stream == t->id)
			send_event(s, now_ms, false);
	}
}

static void on_gone(void *arg)
{
	struct kin_subscription *s = arg;
	for (struct kin_subscription **at = &s->k->subscriptions; *at; at = &(*at)->next) {
		if (*at == s) {
			*at = s->next;
			break;
		}
	}
	clock_cancel(s->k->env->clock, &s->timer);
	owed_cancel(s->again);
	free(s->consumer);
	free(s);
}

void kin_unsubscribe_all(struct kinesis *k)
{
	while (k->subscriptions) { /* the calls are ended by their listener */
		http_forget(k->subscriptions->call);
		on_gone(k->subscriptions);
	}
}

/* ---- the call ---- */

int kin_op_subscribe(struct kinesis *k, struct kin_in *in, struct buf *b, struct error *err)
{
	return kin_fail(err, KIN_E_INTERNAL, "SubscribeToShard answers over HTTP only.");
}

int kin_subscribe(struct kinesis *k, struct kin_in *in, struct http_call *call, bool cbor, struct error *err)
{
	uint64_t from;
	int rc = kin_settle(k, in->now_ms, err);
	if (rc)
		return rc;
	if (kin_need(k, KIN_CONSUMER, in, err))
		return kin_fail(err, KIN_E_NOT_FOUND, "Consumer %.*s not found.", SL(in->consumer_arn));
	struct kin_shard *sh = kin_shard_of(in->s, in->shard);
	if (!sh || kin_shard_gone(in->s, sh, in->now_ms))
		return kin_fail(err, KIN_E_NOT_FOUND, "Could not find shard %.*s in stream %s under account %.*s.", SL(in->shard), in->s->name, SL(in->account));
	if ((rc = kin_position(k, in, sh, &from, err)))
		return rc;
	for (struct kin_subscription *o = k->subscriptions; o; o = o->next) {
		if (o->over || o->stream != in->s->id || o->shard != sh->ix || strcmp(o->consumer, in->c->name))
			continue;
		if (in->now_ms - (o->end_ms - LASTS_MS) < ALIVE_MS)
			return kin_fail(err, KIN_E_IN_USE, "Another active subscription exists for this consumer: %.*s:%.*s:%s:%s", SL(in->account),
					SL(in->shard), in->s->name, in->c->name);
		finish(o); /* a later one takes over */
	}
	struct kin_subscription *sub = xcalloc(1, sizeof(*sub));
	*sub = (struct kin_subscription){ .next = k->subscriptions, .k = k, .call = call, .cbor = cbor, .stream = in->s->id,
					  .consumer = xstrdup(in->c->name), .shard = sh->ix, .from = from, .end_ms = in->now_ms + LASTS_MS };
	k->subscriptions = sub;
	call->resp.status = 200;
	http_set(call, "Content-Type", "application/vnd.amazon.eventstream");
	http_stream(call, on_gone, sub);
	struct buf empty = { 0 };
	buf_adds(&empty, "{}");
	push(sub, "initial-response", &empty);
	buf_free(&empty);
	send_event(sub, in->now_ms, true);
	return 0;
}
