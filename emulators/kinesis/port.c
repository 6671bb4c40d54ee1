/* The local side of the stream port: calls of the API without HTTP. */
#include <stdlib.h>

#include "kinesis/kinesis.h"

struct pending {
	struct loop_held held;
	struct kinesis *k;
	stream_cb cb;
	void *arg;
	int status;
	struct buf body;
	struct pending *prev, *next;
};

static void release(struct loop_held *h)
{
	struct pending *p = (struct pending *)h;
	struct error err;
	if (p->prev)
		p->prev->next = p->next;
	else
		p->k->pending = p->next;
	if (p->next)
		p->next->prev = p->prev;
	if (loop_tick_failed(p->k->env->loop)) {
		(void)err_set(&err, ERR_STORE, "the commit failed");
		p->cb(p->arg, 0, S(""), &err);
	} else {
		p->cb(p->arg, p->status, buf_slice(&p->body), NULL);
	}
	buf_free(&p->body);
	free(p);
}

static void call(void *self, struct slice action, struct slice json, struct slice trace, stream_cb cb, void *arg)
{
	struct kinesis *k = self;
	struct pending *p = xcalloc(1, sizeof(*p));
	int64_t now = clock_now_ms(k->env->clock), began = clock_real_us();
	char name[48];
	*p = (struct pending){ .k = k, .cb = cb, .arg = arg, .next = k->pending };
	if (k->pending)
		k->pending->prev = p;
	k->pending = p;
	snprintf(name, sizeof(name), "%.*s", SL(action));
	p->status = kin_invoke(k, action, json, S("us-east-1"), sl(k->account), now, &p->body);
	metrics_op(k->env->metrics, "kinesis", p->status == 200 ? name : "-", p->status < 400, clock_real_us() - began);
	journal_add(k->env->journal, now, clock_real_us() - began, trace, "kinesis", name, p->status, "%.*s", (int)(json.n > 100 ? 100 : json.n), json.p);
	loop_hold(k->env->loop, &p->held, release);
}

void kin_provide(void *self, struct ports *ports)
{
	ports->stream = (struct stream){ .self = self, .call = call };
}

void kin_port_close(struct kinesis *k)
{
	while (k->pending) {
		struct pending *p = k->pending;
		k->pending = p->next;
		loop_unhold(k->env->loop, &p->held);
		buf_free(&p->body);
		free(p);
	}
}
