/* The local side of the stream port: calls of the API without HTTP. */
#include "kinesis/wire.h"

struct pending {
	struct owed owed;
	stream_cb cb;
	void *arg;
	int status;
	struct buf body;
};

static void pending_free(struct owed *o)
{
	struct pending *p = (struct pending *)o;
	buf_free(&p->body);
	free(p);
}

static void answer(struct owed *o)
{
	struct pending *p = (struct pending *)o;
	struct error err;
	if (loop_tick_failed(o->loop)) {
		(void)err_set(&err, ERR_STORE, "the commit failed");
		p->cb(p->arg, 0, S(""), &err);
	} else {
		p->cb(p->arg, p->status, buf_slice(&p->body), NULL);
	}
}

/* A member's text, without reading the whole document; absent: not found. */
static struct slice member(struct slice json, const char *name)
{
	struct slice value, rest;
	ssize_t at = sl_find(json, sl(name));
	rest = at < 0 ? sl(NULL) : sl_from(json, (size_t)at + strlen(name));
	if (!rest.p || (at = sl_chr(rest, '"')) < 0)
		return sl(NULL);
	sl_cut(sl_from(rest, (size_t)at + 1), '"', &value, &rest);
	return value;
}

/* A record's place is told, where there is one. */
static void note(struct kinesis *k, int64_t now_ms, int64_t us, struct slice trace, const char *name, struct slice json, const struct pending *p)
{
	bool put = !strcmp(name, "PutRecord") && p->status == 200;
	struct slice out = buf_slice(&p->body), stream = put ? member(json, "\"StreamName\":") : sl(NULL);
	if (stream.n)
		journal_add(k->env->journal, now_ms, us, trace, "kinesis", name, p->status, "stream=%.*s shard=%.*s sequence=%.*s", SL(stream),
			    SL(member(out, "\"ShardId\":")), SL(member(out, "\"SequenceNumber\":")));
	else
		journal_add(k->env->journal, now_ms, us, trace, "kinesis", name, p->status, "%.*s", (int)(json.n > 100 ? 100 : json.n), json.p);
}

static struct owed *call(void *self, struct slice region, struct slice action, struct slice json, struct slice trace, stream_cb cb, void *arg)
{
	struct kinesis *k = self;
	struct pending *p = xcalloc(1, sizeof(*p));
	int64_t now = clock_now_ms(k->env->clock), began = clock_real_us();
	char name[48];
	owed_init(&p->owed, &k->pending, pending_free);
	p->cb = cb;
	p->arg = arg;
	snprintf(name, sizeof(name), "%.*s", SL(action));
	p->status = kin_invoke(k, action, json, region.p ? region : sl(k->region), sl(k->account), now, &p->body);
	if (!sl_eq(trace, STREAM_LOOKS)) {
		metrics_op(k->env->metrics, "kinesis", p->status == 200 ? name : "-", p->status < 400, clock_real_us() - began);
		note(k, now, clock_real_us() - began, trace, name, json, p);
	}
	owed_hold(&p->owed, k->env->loop, answer);
	return &p->owed;
}

void kin_provide(void *self, struct ports *ports)
{
	ports->stream = (struct stream){ .self = self, .call = call };
}
