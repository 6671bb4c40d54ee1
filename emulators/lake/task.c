/* Tasks: a clean run, a statement, an export. They run beside each other; what can be done by one at a time only has turns. */
#include "lake/lake.h"

/* ---- what outlives the service ---- */

struct lake_base *lake_base_new(void)
{
	struct lake_base *b = xcalloc(1, sizeof(*b));
	b->refs = 1;
	b->turns_end = &b->turns;
	return b;
}

void lake_base_free(struct lake_base *b)
{
	if (!b || --b->refs)
		return;
	lake_cache_clear(&b->cache);
	lake_listings_free(b);
	lake_store_close(b->store);
	arena_free(&b->arena);
	free(b);
}

/* ---- turns ---- */

static bool must_wait(const struct lake_base *b, const struct lake_turn *t)
{
	for (const struct lake_turn *u = b->turns; u && u != t; u = u->next)
		if (sl_eq(u->key, t->key) && !(u->shared && t->shared))
			return true;
	return false;
}

static void append(struct lake_base *b, struct lake_turn *t, struct slice key, bool shared)
{
	*t = (struct lake_turn){ .key = key, .shared = shared, .asked = true };
	*b->turns_end = t;
	b->turns_end = &t->next;
}

static void unlink_turn(struct lake_base *b, struct lake_turn *t)
{
	struct lake_turn **at = &b->turns;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	if (!*at)
		b->turns_end = at;
	t->asked = t->held = false;
}

void lake_turn_take(struct lake_base *b, struct lake_turn *t, struct slice key, bool shared, void (*got)(void *arg), void *arg)
{
	append(b, t, key, shared);
	t->got = got;
	t->arg = arg;
	if (must_wait(b, t))
		return;
	t->held = true;
	got(arg);
}

bool lake_turn_try(struct lake_base *b, struct lake_turn *t, struct slice key)
{
	append(b, t, key, false);
	t->held = !must_wait(b, t);
	if (!t->held)
		unlink_turn(b, t);
	return t->held;
}

/* Who gets a turn may end it, and others, at once: so the list is looked at anew after each. */
void lake_turn_end(struct lake_base *b, struct lake_turn *t)
{
	struct lake_turn *u;
	if (!t->asked)
		return;
	unlink_turn(b, t);
	for (u = b->turns; u;) {
		if (u->held || must_wait(b, u)) {
			u = u->next;
			continue;
		}
		u->held = true;
		u->got(u->arg);
		u = b->turns;
	}
}

struct slice lake_table_key(struct arena *a, struct slice bucket, struct slice path)
{
	return arena_printf(a, "%.*s/%.*s", SL(bucket), SL(path));
}

/* ---- tasks ---- */

static void release(struct lake_task *t)
{
	struct lake_base *b = t->base;
	if (--t->refs)
		return;
	t->free(t);
	lake_base_free(b);
}

static void on_gone(void *arg)
{
	struct lake_task *t = arg;
	struct http_call *call = t->call;
	lake_end(t);
	http_reply(call, 499, "text/plain", S("the client hung up\n"));
}

void lake_begin(struct lake *l, struct lake_task *t)
{
	t->l = l;
	t->base = l->base;
	t->base->refs++;
	t->refs = 1;
	t->next = l->tasks;
	t->at = &l->tasks;
	if (t->next)
		t->next->at = &t->next;
	l->tasks = t;
	l->task_n++;
	loop_working_add(l->env->loop, 1);
	if (t->call)
		http_on_gone(t->call, on_gone, t);
	t->start(t);
}

void lake_end(struct lake_task *t)
{
	*t->at = t->next;
	if (t->next)
		t->next->at = t->at;
	t->l->task_n--;
	if (t->call)
		http_on_gone(t->call, NULL, NULL);
	loop_working_add(t->l->env->loop, -1);
	t->stopped = true;
	owed_cancel_all(&t->owed);
	release(t);
}

void lake_task_call(struct lake_task *t, struct http_call *call)
{
	if (t->call)
		http_on_gone(t->call, NULL, NULL);
	t->call = call;
	if (call)
		http_on_gone(call, on_gone, t);
}

void lake_await(struct lake_task *t, struct owed *step)
{
	owed_keep(&t->owed, step);
}

/* ---- jobs ---- */

struct job {
	struct lake_task *task;
	void (*work)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

static void job_work(void *arg)
{
	struct job *j = arg;
	j->work(j->arg);
}

static void job_done(void *arg)
{
	struct job j = *(struct job *)arg;
	free(arg);
	j.task->refs--; /* the list has it */
	j.done(j.arg);
}

static void job_stop(void *arg)
{
	struct job *j = arg;
	if (j->task->stop)
		j->task->stop(j->task);
}

static void job_drop(void *arg)
{
	struct job *j = arg;
	release(j->task);
	free(j);
}

void lake_job(struct lake_task *t, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
	static const struct job_kind kind = { job_work, job_done, job_stop, job_drop, "a statement or a clean of the lake", LAKE_STACK };
	struct job *j = xcalloc(1, sizeof(*j));
	*j = (struct job){ t, work, done, arg };
	t->refs++;
	lake_await(t, loop_long_job(t->l->env->loop, &kind, j));
}

void lake_drop(struct lake *l)
{
	l->base->closed = true;
	while (l->tasks)
		lake_end(l->tasks);
}
