/* Steps of a call that a client can make long: templates, schemas, large bodies. A step is tried on the loop with a small
 * allowance, which does for nearly all; what takes more, or has a large body, is done from its beginning by a long job. A step
 * reads the call, its API and its arena, which stay as they are meanwhile, and writes to the call only. */
#include "apigateway/run.h"
#include "core/httpc.h"

enum { SMALL_BODY = 64 << 10 };

struct work {
	struct gw_call *c;
	gw_step step;
	gw_then then;
	enum gw_error e;
	size_t log_n; /* of the execution log before */
};

static void on_pool(void *arg)
{
	struct work *w = arg;
	w->e = w->step(w->c);
}

static void on_end(void *arg)
{
	struct work *w = arg;
	if (!w->c->test)
		http_on_gone(w->c->call, NULL, NULL);
	w->c->now_ms = clock_now_ms(w->c->g->env->clock);
	w->then(w->c, w->e);
}

/* The gateway closes, or the client has gone: what is made of the failure then nobody gets. */
static void on_stop(void *arg)
{
	struct work *w = arg;
	w->c->stop = true;
}

/* An integration's answer that is valid for this moment only. */
static void keep_answer(struct gw_call *c)
{
	struct arena *a = c->call->req.arena;
	struct httpc_resp *r = arena_alloc(a, sizeof(*r));
	struct http_header *h = arena_alloc(a, (c->resp->header_n + 1) * sizeof(*h));
	for (size_t i = 0; i < c->resp->header_n; i++)
		h[i] = (struct http_header){ arena_dup(a, c->resp->headers[i].name), arena_dup(a, c->resp->headers[i].value) };
	*r = (struct httpc_resp){ c->resp->status, h, c->resp->header_n, arena_dup(a, c->resp->body) };
	c->resp = r;
}

void gw_work(struct gw_call *c, size_t bytes, gw_step step, gw_then then)
{
	/* What the job works on is the call's: a cancel waits until it has noticed that it was stopped. */
	static const struct job_kind job = { on_pool, on_end, on_stop, NULL, "a document of API Gateway" };
	struct work w = { .c = c, .step = step, .then = then, .log_n = c->log ? c->log->n : 0 }, *kept;
	bool context = c->context;
	c->now_ms = clock_now_ms(c->g->env->clock);
	if (bytes <= SMALL_BODY) {
		c->quick = true;
		w.e = step(c);
		c->quick = false;
		if (w.e != GW_E_LONG) {
			then(c, w.e);
			return;
		}
		c->why = sl(NULL);
		if (!context)
			c->context = NULL;
		if (c->log)
			c->log->n = w.log_n;
	}
	if (c->resp)
		keep_answer(c);
	kept = arena_alloc(c->call->req.arena, sizeof(*kept));
	*kept = w;
	if (!c->test)
		http_on_gone(c->call, on_stop, kept);
	owed_keep(&c->g->owed, loop_long_job(c->g->env->loop, &job, kept));
}
