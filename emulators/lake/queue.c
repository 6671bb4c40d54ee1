/* The queue: slow work is done one piece at a time, in order. A piece is a clean run, a statement or an export. */
#include "lake/lake.h"

void lake_queue(struct lake *l, struct lake_task *t)
{
	t->l = l;
	t->next = NULL;
	loop_working_add(l->env->loop, 1);
	l->task_n++;
	if (l->last)
		l->last->next = t;
	l->last = t;
	if (l->first)
		return;
	l->first = t;
	t->start(t);
}

static void task_free(struct lake_task *t)
{
	loop_working_add(t->l->env->loop, -1);
	owed_cancel_all(&t->owed);
	t->free(t);
}

void lake_next(struct lake *l)
{
	struct lake_task *done = l->first;
	l->first = done->next;
	if (!l->first)
		l->last = NULL;
	l->task_n--;
	task_free(done);
	if (l->first)
		l->first->start(l->first);
}

void lake_await(struct lake_task *t, struct owed *step)
{
	owed_keep(&t->owed, step);
}

void lake_job(struct lake_task *t, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
	lake_await(t, loop_job(t->l->env->loop, work, done, arg));
}

void lake_drop(struct lake *l)
{
	lake_store_interrupt(l->store);
	while (l->first) {
		struct lake_task *t = l->first;
		l->first = t->next;
		task_free(t);
	}
	lake_store_cancel(l->store);
}
