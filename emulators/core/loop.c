#include "loop.h"

#include <assert.h>
#include <sys/resource.h>
#include <uv.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "clock.h"
#include "owed.h"

enum { JOB_NICE = 5, COMMIT_HOOKS_MAX = 32, STACK_LEAST = 8 << 20 };

struct loop {
	uv_loop_t uv;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t idle; /* active while there are deferred calls, so poll doesn't wait */
	uv_timer_t turn_timer;
	bool turn_waiting;
	struct {
		loop_commit_fn fn;
		void *arg;
	} hooks[COMMIT_HOOKS_MAX];
	size_t hook_n;
	struct {
		loop_commit_fn fn;
		void *arg;
	} released[COMMIT_HOOKS_MAX];
	size_t released_n;
	bool flushing;
	struct loop_held *held, **held_end; /* answers of this tick */
	struct loop_held *releasing;        /* those being let go just now */
	struct loop_soon *soon, **soon_end;
	size_t pending, working;
	struct loop_work *works; /* of both, those that have a name */
	loop_commit_fn rest;
	void *rest_arg;
	bool fresh, failed;
	uv_mutex_t lock; /* of job.worked */
	uv_cond_t worked;
	struct job *waiting, **waiting_end; /* long jobs that have no thread yet */
	struct job *at_work;                /* those that have one */
	uv_timer_t turns;                   /* some of them will have worked long */
};

/* End of tick: commit all, then let the answers go. Answers that a release brings about join the next tick. */
static void loop_flush(struct loop *l)
{
	l->flushing = true;
	for (size_t i = 0; i < l->hook_n; i++)
		l->hooks[i].fn(l->hooks[i].arg);
	bool any = l->held != NULL; /* what a commit answers, too */
	l->releasing = l->held;
	l->held = NULL;
	l->held_end = &l->held;
	while (l->releasing) {
		struct loop_held *h = l->releasing;
		l->releasing = h->next;
		h->next = NULL;
		h->queued = false;
		h->fn(h);
	}
	for (size_t i = 0; any && i < l->released_n; i++)
		l->released[i].fn(l->released[i].arg);
	l->flushing = l->failed = false;
}

static void on_idle(uv_idle_t *h);

/* Runs those queued before this call; what they queue waits for the next turn. */
static void run_soon(struct loop *l)
{
	size_t n = 0;
	for (struct loop_soon *s = l->soon; s; s = s->next)
		n++;
	for (; n && l->soon; n--) {
		struct loop_soon *s = l->soon;
		l->soon = s->next;
		if (!l->soon)
			l->soon_end = &l->soon;
		s->queued = false;
		s->next = NULL;
		l->pending--;
		s->fn(s->arg);
	}
	if (!l->soon && !l->held)
		uv_idle_stop(&l->idle);
}

static void on_idle(uv_idle_t *h)
{
	struct loop *l = h->data;
	l->fresh = true;
	run_soon(l);
}

static void on_prepare(uv_prepare_t *h)
{
	struct loop *l = h->data;
	loop_flush(l);
	if (l->rest && !loop_pending(l))
		l->rest(l->rest_arg);
	l->fresh = true; /* the poll may sleep: whoever wakes takes the time anew */
}

static void on_check(uv_check_t *h)
{
	loop_flush(h->data);
}

static void on_turn(uv_timer_t *h)
{
}

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	int rc = uv_loop_init(&l->uv);
	assert(rc == 0);
	l->uv.data = l;
	uv_prepare_init(&l->uv, &l->prepare);
	uv_check_init(&l->uv, &l->check);
	uv_idle_init(&l->uv, &l->idle);
	uv_timer_init(&l->uv, &l->turn_timer);
	uv_timer_init(&l->uv, &l->turns);
	l->prepare.data = l->check.data = l->idle.data = l->turn_timer.data = l->turns.data = l;
	uv_prepare_start(&l->prepare, on_prepare);
	uv_check_start(&l->check, on_check);
	uv_mutex_init(&l->lock);
	uv_cond_init(&l->worked);
	l->held_end = &l->held;
	l->soon_end = &l->soon;
	l->waiting_end = &l->waiting;
	l->fresh = true;
	return l;
}

static void close_handle(uv_handle_t *h, void *arg)
{
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	uv_walk(&l->uv, close_handle, NULL);
	while (uv_run(&l->uv, UV_RUN_ONCE))
		;
	uv_loop_close(&l->uv);
	uv_mutex_destroy(&l->lock);
	uv_cond_destroy(&l->worked);
	free(l);
}

struct uv_loop_s *loop_uv(struct loop *l)
{
	return &l->uv;
}

void loop_turn(struct loop *l, int wait_ms)
{
	if (wait_ms <= 0) {
		uv_run(&l->uv, UV_RUN_NOWAIT);
		return;
	}
	uv_update_time(&l->uv);
	/* It repeats: when its time comes before the poll begins, the poll must not wait for the next timer after it. */
	uv_timer_start(&l->turn_timer, on_turn, (uint64_t)wait_ms, (uint64_t)wait_ms);
	uv_run(&l->uv, UV_RUN_ONCE);
	uv_timer_stop(&l->turn_timer);
}

void loop_on_commit(struct loop *l, loop_commit_fn fn, void *arg)
{
	assert(l->hook_n < COMMIT_HOOKS_MAX);
	l->hooks[l->hook_n].fn = fn;
	l->hooks[l->hook_n++].arg = arg;
}

void loop_on_released(struct loop *l, loop_commit_fn fn, void *arg)
{
	assert(l->released_n < COMMIT_HOOKS_MAX);
	l->released[l->released_n].fn = fn;
	l->released[l->released_n++].arg = arg;
}

void loop_off_released(struct loop *l, void *arg)
{
	size_t kept = 0;
	for (size_t i = 0; i < l->released_n; i++)
		if (l->released[i].arg != arg)
			l->released[kept++] = l->released[i];
	l->released_n = kept;
}

void loop_hold(struct loop *l, struct loop_held *h, void (*fn)(struct loop_held *))
{
	h->fn = fn;
	if (h->queued)
		return;
	h->queued = true;
	h->next = NULL;
	*l->held_end = h;
	l->held_end = &h->next;
	if (l->flushing) /* the poll that follows must not sleep over it */
		uv_idle_start(&l->idle, on_idle);
}

static bool unlink_held(struct loop_held **list, struct loop_held *h)
{
	for (struct loop_held **at = list; *at; at = &(*at)->next) {
		if (*at == h) {
			*at = h->next;
			return true;
		}
	}
	return false;
}

void loop_unhold(struct loop *l, struct loop_held *h)
{
	if (!h->queued)
		return;
	if (!unlink_held(&l->releasing, h) && unlink_held(&l->held, h)) {
		l->held_end = &l->held;
		while (*l->held_end)
			l->held_end = &(*l->held_end)->next;
	}
	h->queued = false;
	h->next = NULL;
}

void loop_later(struct loop *l, struct loop_soon *s, void (*fn)(void *arg), void *arg)
{
	s->fn = fn;
	s->arg = arg;
	if (s->queued)
		return;
	s->queued = true;
	s->next = NULL;
	*l->soon_end = s;
	l->soon_end = &s->next;
	l->pending++;
	uv_idle_start(&l->idle, on_idle);
}

void loop_never(struct loop *l, struct loop_soon *s)
{
	if (!s->queued)
		return;
	for (struct loop_soon **at = &l->soon; *at; at = &(*at)->next) {
		if (*at == s) {
			*at = s->next;
			l->pending--;
			break;
		}
	}
	l->soon_end = &l->soon;
	while (*l->soon_end)
		l->soon_end = &(*l->soon_end)->next;
	s->queued = false;
	s->next = NULL;
}

void loop_fail_tick(struct loop *l)
{
	l->failed = true;
}

bool loop_tick_failed(const struct loop *l)
{
	return l->failed;
}

bool loop_tick_fresh(struct loop *l)
{
	bool fresh = l->fresh;
	l->fresh = false;
	return fresh;
}

size_t loop_pending(const struct loop *l)
{
	return l->pending + (l->held != NULL);
}

size_t loop_working(const struct loop *l)
{
	return l->working;
}

void loop_working_add(struct loop *l, int delta)
{
	loop_pending_add(l, delta);
	l->working = (size_t)((long)l->working + delta);
}

void loop_pending_add(struct loop *l, int delta)
{
	l->pending = (size_t)((long)l->pending + delta);
}

static void work_begin(struct loop *l, struct loop_work *w, void (*say)(const struct loop_work *w, struct buf *out), bool calls)
{
	*w = (struct loop_work){ .next = l->works, .at = &l->works, .say = say, .began_us = clock_real_us(), .calls = calls };
	if (w->next)
		w->next->at = &w->next;
	l->works = w;
	if (calls)
		loop_pending_add(l, 1);
	else
		loop_working_add(l, 1);
}

void loop_work_begin(struct loop *l, struct loop_work *w, void (*say)(const struct loop_work *w, struct buf *out))
{
	work_begin(l, w, say, false);
}

void loop_call_begin(struct loop *l, struct loop_work *w, void (*say)(const struct loop_work *w, struct buf *out))
{
	work_begin(l, w, say, true);
}

void loop_work_end(struct loop *l, struct loop_work *w)
{
	if ((*w->at = w->next))
		w->next->at = w->at;
	w->at = NULL;
	if (w->calls)
		loop_pending_add(l, -1);
	else
		loop_working_add(l, -1);
}

const struct loop_work *loop_work_at(const struct loop *l, size_t i)
{
	const struct loop_work *w = l->works;
	while (w && i--)
		w = w->next;
	return w;
}

void loop_on_rest(struct loop *l, loop_commit_fn fn, void *arg)
{
	l->rest = fn;
	l->rest_arg = arg;
}

/* ---- real-time timers ---- */

struct loop_timer {
	uv_timer_t uv;
	void (*fn)(void *arg);
	void *arg;
};

static void timer_freed(uv_handle_t *h)
{
	free(h->data);
}

static void timer_fired(uv_timer_t *h)
{
	struct loop_timer *t = h->data;
	void (*fn)(void *) = t->fn;
	void *arg = t->arg;
	uv_close((uv_handle_t *)h, timer_freed);
	fn(arg);
}

struct loop_timer *loop_after(struct loop *l, int64_t real_ms, void (*fn)(void *arg), void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof(*t));
	t->fn = fn;
	t->arg = arg;
	uv_timer_init(&l->uv, &t->uv);
	t->uv.data = t;
	uv_timer_start(&t->uv, timer_fired, real_ms > 0 ? (uint64_t)real_ms : 0, 0);
	return t;
}

void loop_cancel(struct loop_timer *t)
{
	if (!t)
		return;
	uv_timer_stop(&t->uv);
	if (!uv_is_closing((uv_handle_t *)&t->uv))
		uv_close((uv_handle_t *)&t->uv, timer_freed);
}

/* ---- watched descriptors ---- */

struct loop_watch {
	uv_poll_t uv;
	void (*fn)(void *arg);
	void *arg;
};

static void watch_ready(uv_poll_t *h, int status, int events)
{
	struct loop_watch *w = h->data;
	w->fn(w->arg);
}

static void hung_up(uv_poll_t *h, int status, int events)
{
	struct loop_watch *w = h->data;
	uv_poll_stop(h);
	w->fn(w->arg);
}

static struct loop_watch *watch(struct loop *l, int fd, int events, uv_poll_cb cb, void (*fn)(void *arg), void *arg)
{
	struct loop_watch *w = xcalloc(1, sizeof(*w));
	w->fn = fn;
	w->arg = arg;
	uv_poll_init(&l->uv, &w->uv, fd);
	w->uv.data = w;
	uv_poll_start(&w->uv, events, cb);
	return w;
}

struct loop_watch *loop_watch_fd(struct loop *l, int fd, void (*fn)(void *arg), void *arg)
{
	return watch(l, fd, UV_READABLE, watch_ready, fn, arg);
}

struct loop_watch *loop_watch_hangup(struct loop *l, int fd, void (*fn)(void *arg), void *arg)
{
	return watch(l, fd, UV_DISCONNECT, hung_up, fn, arg);
}

void loop_unwatch(struct loop_watch *w)
{
	if (!w)
		return;
	uv_poll_stop(&w->uv);
	if (!uv_is_closing((uv_handle_t *)&w->uv))
		uv_close((uv_handle_t *)&w->uv, timer_freed);
}

/* ---- jobs ---- */

struct job {
	struct owed owed;
	uv_work_t uv;
	struct loop *loop;
	struct job_kind kind;
	struct loop_work named;
	void *arg;
	bool is_long, cancelled;
	bool worked;       /* of those that a cancel waits for; under the loop's lock */
	struct job *next;  /* of those that wait, or of those that work */
	struct job **at;   /* of those that work */
	uint64_t began_ms;
};

/* The loop comes first: four statements that never end on two processors would make it wait for its turn, 20 ms now and then. Of
 * Linux's threads each has its own niceness. */
static void give_way(void)
{
	static __thread bool given;
	if (!given)
		(void)setpriority(PRIO_PROCESS, 0, JOB_NICE);
	given = true;
}

static void on_own_stack(void *arg)
{
	struct job *j = arg;
	j->kind.work(j->arg);
}

/* A thread of the pool waits for one with a larger stack; where there is no room for that, less has to do. */
static void work_of(struct job *j)
{
	uv_thread_options_t with = { .flags = UV_THREAD_HAS_STACK_SIZE };
	uv_thread_t thread;
	give_way();
	for (with.stack_size = j->kind.stack; with.stack_size > STACK_LEAST; with.stack_size /= 2)
		if (uv_thread_create_ex(&thread, &with, on_own_stack, j) == 0) {
			(void)uv_thread_join(&thread);
			return;
		}
	j->kind.work(j->arg);
}

static void joined_work(uv_work_t *w)
{
	struct job *j = w->data;
	work_of(j);
	uv_mutex_lock(&j->loop->lock);
	j->worked = true;
	uv_cond_broadcast(&j->loop->worked);
	uv_mutex_unlock(&j->loop->lock);
}

static void long_work(uv_work_t *w)
{
	work_of(w->data);
}

static void job_done(uv_work_t *w, int status);

/* libuv reads the number of threads from the environment, once. Our children shall not: it may be their user's. */
static void job_queue(struct job *j)
{
	static bool begun;
	bool ours = !begun && !getenv("UV_THREADPOOL_SIZE");
	char n[8];
	snprintf(n, sizeof(n), "%d", LOOP_THREADS);
	if (ours)
		uv_os_setenv("UV_THREADPOOL_SIZE", n);
#ifdef __GLIBC__
	if (!begun)
		(void)mallopt(M_ARENA_MAX, 2); /* one a thread would keep what each needed at its worst hour */
#endif
	uv_queue_work(&j->loop->uv, &j->uv, j->kind.drop ? long_work : joined_work, job_done);
	if (ours)
		uv_os_unsetenv("UV_THREADPOOL_SIZE");
	begun = true;
}

static void start_working(struct job *j)
{
	struct loop *l = j->loop;
	j->began_ms = uv_now(&l->uv);
	j->next = l->at_work;
	j->at = &l->at_work;
	if (l->at_work)
		l->at_work->at = &j->next;
	l->at_work = j;
	job_queue(j);
}

static void stop_working(struct job *j)
{
	if ((*j->at = j->next))
		j->next->at = j->at;
}

static void on_turns(uv_timer_t *t);

static void long_next(struct loop *l)
{
	int all = 0, counted = 0;
	for (struct job *j = l->at_work; j; j = j->next, all++)
		counted += uv_now(&l->uv) - j->began_ms < LOOP_LONG_MS;
	for (; l->waiting && counted < LOOP_LONG_MAX && all < LOOP_LONG_ALL; all++, counted++) {
		struct job *j = l->waiting;
		l->waiting = j->next;
		if (!l->waiting)
			l->waiting_end = &l->waiting;
		start_working(j);
	}
	if (l->waiting && all < LOOP_LONG_ALL)
		uv_timer_start(&l->turns, on_turns, LOOP_LONG_MS / 4, 0);
}

static void on_turns(uv_timer_t *t)
{
	long_next(t->data);
}

/* Takes a long job out of the queue; false: it has a thread. */
static bool unqueue(struct job *j)
{
	for (struct job **at = &j->loop->waiting; *at; at = &(*at)->next) {
		if (*at != j)
			continue;
		*at = j->next;
		if (!*at)
			j->loop->waiting_end = at;
		return true;
	}
	return false;
}

static void join(struct job *j)
{
	uv_mutex_lock(&j->loop->lock);
	while (!j->worked)
		uv_cond_wait(&j->loop->worked, &j->loop->lock);
	uv_mutex_unlock(&j->loop->lock);
}

/* Cancelled: libuv still has the job, and gives it back in job_done. */
static void short_drop(struct owed *o)
{
	struct job *j = (struct job *)o;
	j->cancelled = true;
	loop_work_end(j->loop, &j->named);
	if (uv_cancel((uv_req_t *)&j->uv) != 0)
		join(j);
}

static void long_drop(struct owed *o)
{
	struct job *j = (struct job *)o;
	j->cancelled = true;
	loop_work_end(j->loop, &j->named);
	if (unqueue(j)) {
		if (j->kind.drop)
			j->kind.drop(j->arg);
		free(j);
	} else if (uv_cancel((uv_req_t *)&j->uv) != 0) {
		if (j->kind.stop)
			j->kind.stop(j->arg);
		if (!j->kind.drop)
			join(j);
	}
}

static void job_done(uv_work_t *w, int status)
{
	struct job *j = w->data;
	if (j->is_long) {
		stop_working(j);
		long_next(j->loop);
	}
	if (!j->cancelled) {
		owed_end(&j->owed);
		loop_work_end(j->loop, &j->named);
		j->kind.done(j->arg);
	} else if (j->kind.drop) {
		j->kind.drop(j->arg);
	}
	free(j);
}

static void say_job(const struct loop_work *w, struct buf *out)
{
	const struct job *j = (const struct job *)((const char *)w - offsetof(struct job, named));
	buf_adds(out, j->kind.name ? j->kind.name : "a job");
}

static struct job *job_new(struct loop *l, const struct job_kind *kind, void *arg, void (*drop)(struct owed *o))
{
	struct job *j = xcalloc(1, sizeof(*j));
	owed_init(&j->owed, NULL, drop);
	j->uv.data = j;
	j->loop = l;
	j->kind = *kind;
	j->arg = arg;
	loop_work_begin(l, &j->named, say_job);
	return j;
}

struct owed *loop_job(struct loop *l, void (*work)(void *arg), void (*done)(void *arg), void *arg)
{
	struct job *j = job_new(l, &(struct job_kind){ .work = work, .done = done }, arg, short_drop);
	job_queue(j);
	return &j->owed;
}

struct owed *loop_long_job(struct loop *l, const struct job_kind *kind, void *arg)
{
	struct job *j = job_new(l, kind, arg, long_drop);
	j->is_long = true;
	*l->waiting_end = j;
	l->waiting_end = &j->next;
	long_next(l);
	return &j->owed;
}
