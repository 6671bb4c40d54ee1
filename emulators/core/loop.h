/* The one loop and its tick.
 *
 * A tick: now is taken once -> every ready request is served -> due timers run -> loop_flush: each dirty
 * service commits once, then the held answers leave. libuv is named in loop.c, listener.c, tcp.c, tls.c,
 * http2.c, httpc.c and child.c only; everything else sees these calls. */
#ifndef TARN_LOOP_H
#define TARN_LOOP_H

#include "err.h"

struct loop;
struct owed;
struct uv_loop_s;

struct loop *loop_new(void);
void loop_free(struct loop *l);
struct uv_loop_s *loop_uv(struct loop *l); /* for core files only */

/* One turn: waits for an event at most wait_ms real milliseconds (0: doesn't wait). */
void loop_turn(struct loop *l, int wait_ms);

/* Called at the end of each tick, in order of registration, before any held answer leaves. */
typedef void (*loop_commit_fn)(void *arg);
void loop_on_commit(struct loop *l, loop_commit_fn fn, void *arg);
/* Called after the held answers of a tick were let go (to push what they queued). */
void loop_on_released(struct loop *l, loop_commit_fn fn, void *arg);
void loop_off_released(struct loop *l, void *arg);
/* Runs fn once, after this tick's commit. The node is the caller's and must stay alive until then; adding it
 * twice is harmless. */
struct loop_held {
	struct loop_held *next;
	void (*fn)(struct loop_held *);
	bool queued;
};
void loop_hold(struct loop *l, struct loop_held *h, void (*fn)(struct loop_held *));
/* Takes a node that has not run out of the queue. */
void loop_unhold(struct loop *l, struct loop_held *h);
/* Runs fn on the next turn, from the top of the loop (answers "never before the call returns"). */
struct loop_soon {
	struct loop_soon *next;
	void (*fn)(void *arg);
	void *arg;
	bool queued;
};
void loop_later(struct loop *l, struct loop_soon *s, void (*fn)(void *arg), void *arg);
/* Takes a queued one back. */
void loop_never(struct loop *l, struct loop_soon *s);
/* A commit hook failed: the answers of this tick are cut instead of sent (http.c, tcp.c ask loop_tick_failed). */
void loop_fail_tick(struct loop *l);
bool loop_tick_failed(const struct loop *l);

/* Real-time timers, for protocol waits (long poll, timeouts) that must end even when the clock is frozen.
 * Everything with a meaning in the emulated world uses clock timers instead. */
struct loop_timer;
struct loop_timer *loop_after(struct loop *l, int64_t real_ms, void (*fn)(void *arg), void *arg);
void loop_cancel(struct loop_timer *t); /* NULL is fine; not needed after it fired */

/* Calls fn while fd is readable (a client library's event descriptor). */
struct loop_watch;
struct loop_watch *loop_watch_fd(struct loop *l, int fd, void (*fn)(void *arg), void *arg);
/* Calls fn when the peer of a socket has hung up, once. */
struct loop_watch *loop_watch_hangup(struct loop *l, int fd, void (*fn)(void *arg), void *arg);
void loop_unwatch(struct loop_watch *w); /* before fd is closed; NULL is fine */
/* True once per tick for the first caller: the clock's cue to take `now` again. */
bool loop_tick_fresh(struct loop *l);

/* Jobs: work() runs on the pool (a pure function of its input), done() on the loop afterwards.
 *
 * loop_job: for what takes milliseconds (hashing a piece, a checkpoint). Cancelling one that has begun waits for work() to end;
 * arg is the caller's again then. */
struct owed *loop_job(struct loop *l, void (*work)(void *arg), void (*done)(void *arg), void *arg);
/* loop_long_job: for what a client can make long (a statement, a document). At most LOOP_LONG_MAX of them work at a time, the
 * others wait for their turn; one that has worked for LOOP_LONG_MS isn't counted any more, up to LOOP_LONG_ALL in all. So who asks for little
 * isn't kept waiting by those that never end, and short jobs always find a thread. Cancelling doesn't wait: stop() is called on the loop when work()
 * has begun, drop() takes the place of done(), at once or when work() has ended; arg is the job's until then. loop_free waits for
 * what still works. */
enum { LOOP_THREADS = 24, LOOP_LONG_MAX = 8, LOOP_LONG_ALL = 20, LOOP_LONG_MS = 1000 };
struct job_kind {
	void (*work)(void *arg); /* on the pool */
	void (*done)(void *arg); /* on the loop; arg is the caller's again */
	void (*stop)(void *arg); /* asks work() to end soon; it may be just about to begin, or to end; NULL: it can't be asked */
	/* Frees arg; knows nothing of who asked, which may be gone. NULL: arg is the asker's all along, so cancelling waits for work(),
	 * which is to look whether it was stopped every few milliseconds. */
	void (*drop)(void *arg);
	const char *name; /* what is said of it while it is waited for, or cut: "a statement of MySQL"; NULL: "a job" */
	size_t stack;     /* bytes that it may need, more than a thread of the pool has (8 MiB): touched pages alone cost; 0: what that has */
};
struct owed *loop_long_job(struct loop *l, const struct job_kind *kind, void *arg);
/* How many jobs and deferred calls are still under way. */
size_t loop_pending(const struct loop *l);
/* Adds to (or takes from) that count, for network calls in flight. */
void loop_pending_add(struct loop *l, int delta);
/* Of it: jobs and child processes, which end by themselves; what else is pending may wait for a peer for ever. */
size_t loop_working(const struct loop *l);
void loop_working_add(struct loop *l, int delta); /* counts as pending, too */
/* The same with a name: what `settle`, an advance of the clock and the end of tarn say they wait for, or cut. The node is the
 * caller's, and in the list from loop_work_begin to loop_work_end. */
struct loop_work {
	struct loop_work *next, **at;
	void (*say)(const struct loop_work *w, struct buf *out); /* adds what it is: "python3 of task census.load" */
	int64_t began_us; /* clock_real_us */
	bool calls;       /* pending, not working: it may wait for a peer */
	int pid;          /* of a process of ours, the leader of its group; 0: it is none */
};
void loop_work_begin(struct loop *l, struct loop_work *w, void (*say)(const struct loop_work *w, struct buf *out));
void loop_call_begin(struct loop *l, struct loop_work *w, void (*say)(const struct loop_work *w, struct buf *out));
void loop_work_end(struct loop *l, struct loop_work *w);
/* The i-th in flight, the latest first; NULL past the end. What has no name isn't among them. */
const struct loop_work *loop_work_at(const struct loop *l, size_t i);
/* Called before the loop waits for events, when nothing is pending; one of them. NULL: nobody is. */
void loop_on_rest(struct loop *l, loop_commit_fn fn, void *arg);

#endif
