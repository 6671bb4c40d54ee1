/* A call whose answer is owed. The ports, the HTTP client and the loop's jobs return one, and so does whatever of ours takes
 * several such steps to answer.
 *
 * Who asked keeps it in a list (`struct owed *owed`, NULL at first) and cancels what it no longer wants: after owed_cancel the
 * callback never comes, and what it would have been called with is the asker's again. A call leaves the list by itself before its
 * callback runs. It need not be kept: then it can't be cancelled. So closing is owed_cancel_all, and never turns the loop.
 *
 * Who answers begins its own struct of the call with a struct owed:
 *	struct call { struct owed owed; get_cb cb; void *arg; struct owed *steps; };
 *	owed_init(&c->owed, &list, drop)       drop frees the call: after its answer, or in its place; NULL: free does
 *	owed_end(&c->owed); c->cb(c->arg, …); drop(&c->owed);     its answer, in this order
 * drop cancels the steps under way; so a call of many steps is cancelled as one. */
#ifndef TARN_OWED_H
#define TARN_OWED_H

#include "loop.h"

struct owed {
	struct owed *next, **at;       /* in the list of who asked; at NULL: kept by nobody */
	struct owed *next_by, **at_by; /* in the list of who answers */
	void (*drop)(struct owed *o);
	void (*answer)(struct owed *o); /* of owed_hold and owed_soon */
	struct loop *loop;
	struct loop_held held;
	struct loop_soon soon;
};

/* ---- who asked ---- */

/* Puts a call just begun into the asker's list. */
void owed_keep(struct owed **list, struct owed *o);
/* The callback never comes. Waits for nothing but the work of a job that has begun. NULL is fine. */
void owed_cancel(struct owed *o);
/* Cancels all of a list, of who asked or of who answers, the latest first. */
void owed_cancel_all(struct owed **list);
/* Calls fn(arg) once, after a real time: a loop_after that is kept and cancelled like everything else that is waited for. */
struct owed *owed_after(struct loop *l, int64_t real_ms, void (*fn)(void *arg), void *arg);

/* ---- who answers ---- */

/* list: all that this answerer owes, to cancel when it closes; NULL: it keeps none. */
void owed_init(struct owed *o, struct owed **list, void (*drop)(struct owed *o));
/* The call is about to be answered: it leaves both lists. */
void owed_end(struct owed *o);
/* Ends, answers and drops it: after this tick's commit (answer asks loop_tick_failed), or on the next turn. */
void owed_hold(struct owed *o, struct loop *l, void (*answer)(struct owed *o));
void owed_soon(struct owed *o, struct loop *l, void (*answer)(struct owed *o));

#endif
