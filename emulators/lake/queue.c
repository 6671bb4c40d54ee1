/* The queue: slow work is done one piece at a time, in order. A piece is a clean run (run.c) or a statement (select.c).
 */
#include "lake/lake.h"

#include <stdlib.h>
#include <string.h>

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

void lake_next(struct lake *l)
{
	struct lake_task *done = l->first;
	l->first = done->next;
	if (!l->first)
		l->last = NULL;
	l->task_n--;
	loop_working_add(l->env->loop, -1);
	done->free(done);
	if (l->first && !l->closing)
		l->first->start(l->first);
}

void lake_drop(struct lake *l)
{
	enum { TURNS_MAX = 100, TURN_MS = 10 };
	l->closing = true;
	/* A job must end before its store goes; an object that a remote store still owes is given up after a second. */
	for (int turn = 0; l->job || (l->owed && turn < TURNS_MAX); turn++) {
		lake_store_interrupt(&l->store);
		loop_turn(l->env->loop, TURN_MS);
	}
	while (l->first && !l->owed) {
		struct lake_task *t = l->first;
		l->first = t->next;
		loop_working_add(l->env->loop, -1);
		t->free(t);
	}
	lake_store_cancel(&l->store);
}
