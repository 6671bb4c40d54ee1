/* CloudWatch Logs: thousands of lines are put and read in pieces, so that nobody else waits for them. */
#include "cloudwatch/logs.h"

enum { PIECE_US = 2000 };

static int piece(struct logs_work *w)
{
	struct error err;
	if (w->lost) {
		err_set(&err, ERR_STORE, "A piece of it could not be committed");
		return aws_broken(w->c, &err);
	}
	w->until_us = clock_real_us() + PIECE_US;
	w->begun = w->fresh = true;
	return w->piece(w);
}

static void append(struct logs *l, struct logs_work *w)
{
	struct logs_work **at = &l->works;
	while (*at)
		at = &(*at)->next;
	w->next = NULL;
	*at = w;
}

static bool may_run(const struct logs *l, const struct logs_work *w)
{
	for (const struct logs_work *o = l->works; o && w->stream && !w->begun; o = o->next)
		if (o->begun && o->stream == w->stream)
			return false;
	return true;
}

static void on_turn(void *arg);

/* After the commit of the tick in which a piece was done. */
static void on_committed(struct loop_held *h)
{
	struct logs *l = (struct logs *)(void *)((char *)h - offsetof(struct logs, held));
	struct loop *loop = l->a->env->loop;
	for (struct logs_work *w = l->works; w; w = w->next) {
		w->lost = w->lost || (w->fresh && loop_tick_failed(loop));
		w->fresh = false;
	}
	if (l->works)
		loop_later(loop, &l->turn, on_turn, l);
}

static void on_turn(void *arg)
{
	struct logs *l = arg;
	struct logs_work **at = &l->works, *w;
	while (*at && !may_run(l, *at))
		at = &(*at)->next;
	if (!(w = *at))
		return;
	*at = w->next;
	int rc = piece(w);
	if (rc == AWS_LATER) {
		append(l, w);
	} else {
		struct aws_call *c = w->c;
		w->drop(w);
		aws_answer(c);
	}
	if (l->works)
		loop_hold(l->a->env->loop, &l->held, on_committed);
}

int logs_work(struct logs *l, struct logs_work *w)
{
	int rc = l->works ? AWS_LATER : piece(w);
	if (rc != AWS_LATER) {
		w->drop(w);
		return rc;
	}
	append(l, w);
	loop_hold(l->a->env->loop, &l->held, on_committed);
	return AWS_LATER;
}

void logs_work_end(struct logs *l)
{
	loop_never(l->a->env->loop, &l->turn);
	loop_unhold(l->a->env->loop, &l->held);
	while (l->works) {
		struct logs_work *w = l->works;
		l->works = w->next;
		w->drop(w);
	}
}
