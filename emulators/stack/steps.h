/* The steps of a scenario that runs on a stack, for who looks on: the console's bar, its page /runs.
 *
 * GET /api/scenario
 *	{"file","title","paused":bool,"steps":[{"title","line","state":"waiting|running|passed|failed","us","why"}, …]}; {} where none runs
 * POST /api/scenario
 *	goes on, where it pauses (tarn run --step); 409 where it doesn't */
#ifndef TARN_STEPS_H
#define TARN_STEPS_H

#include "core/http.h"

enum step_state { STEP_WAITING, STEP_RUNNING, STEP_PASSED, STEP_FAILED };
/* Whose scenario it is owns it, and outlives the server that shows it. */
struct steps {
	const char *file, *title; /* title NULL: none */
	size_t n;
	bool paused, goes_on;     /* it waits for somebody; somebody said so over HTTP */
	struct step_shown {
		const char *title;
		int line;
		enum step_state state;
		int64_t us;
		char why[512];    /* it failed; "": it didn't */
	} *steps;
};

struct server;
void server_shows(struct server *s, struct steps *steps); /* NULL: no longer */
/* "scenario":{…}, unless there is none. */
void steps_add(const struct server *s, struct buf *b);
/* Operations; self is the server. */
void control_steps(void *self, struct http_call *call);
void control_steps_go(void *self, struct http_call *call);

#endif
