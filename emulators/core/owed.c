#include "owed.h"

#include <assert.h>

void owed_init(struct owed *o, struct owed **list, void (*fn)(struct owed *o))
{
	*o = (struct owed){ .drop = fn };
	if (!list)
		return;
	o->next_by = *list;
	o->at_by = list;
	if (*list)
		(*list)->at_by = &o->next_by;
	*list = o;
}

void owed_keep(struct owed **list, struct owed *o)
{
	assert(!o->at);
	o->next = *list;
	o->at = list;
	if (*list)
		(*list)->at = &o->next;
	*list = o;
}

void owed_end(struct owed *o)
{
	if (o->at && (*o->at = o->next))
		o->next->at = o->at;
	if (o->at_by && (*o->at_by = o->next_by))
		o->next_by->at_by = o->at_by;
	o->at = o->at_by = NULL;
}

static void drop(struct owed *o)
{
	if (o->drop)
		o->drop(o);
	else
		free(o);
}

void owed_cancel(struct owed *o)
{
	if (!o)
		return;
	owed_end(o);
	if (o->loop) {
		loop_unhold(o->loop, &o->held);
		loop_never(o->loop, &o->soon);
	}
	drop(o);
}

void owed_cancel_all(struct owed **list)
{
	while (*list)
		owed_cancel(*list);
}

static void answer(void *arg)
{
	struct owed *o = arg;
	owed_end(o);
	o->answer(o);
	drop(o);
}

static void on_commit(struct loop_held *h)
{
	answer((char *)h - offsetof(struct owed, held));
}

void owed_hold(struct owed *o, struct loop *l, void (*fn)(struct owed *o))
{
	o->loop = l;
	o->answer = fn;
	loop_hold(l, &o->held, on_commit);
}

void owed_soon(struct owed *o, struct loop *l, void (*fn)(struct owed *o))
{
	o->loop = l;
	o->answer = fn;
	loop_later(l, &o->soon, answer, o);
}

struct timed {
	struct owed owed;
	struct loop_timer *timer; /* NULL: it fired */
	void (*fn)(void *arg);
	void *arg;
};

static void timed_free(struct owed *o)
{
	loop_cancel(((struct timed *)o)->timer);
	free(o);
}

static void on_time(void *arg)
{
	struct timed *t = arg;
	t->timer = NULL;
	owed_end(&t->owed);
	t->fn(t->arg);
	timed_free(&t->owed);
}

struct owed *owed_after(struct loop *l, int64_t real_ms, void (*fn)(void *arg), void *arg)
{
	struct timed *t = xcalloc(1, sizeof(*t));
	owed_init(&t->owed, NULL, timed_free);
	t->fn = fn;
	t->arg = arg;
	t->timer = loop_after(l, real_ms, on_time, t);
	return &t->owed;
}
