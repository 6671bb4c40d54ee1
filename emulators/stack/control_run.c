/* Commands of tarn that the control port runs as clients of this stack: tarn lesson, tarn workshop. Their callers stay over a reset, which
 * they may ask for themselves; nothing of the stack waits for them. */
#include "core/child.h"
#include "stack/control.h"
#include "stack/inside.h"

struct control_run {
	struct control_run *next, **at;
	struct http_call *call;
	struct owed *child;
	control_done fn;
};

static void forget(struct control_run *r)
{
	if ((*r->at = r->next))
		r->next->at = r->at;
	free(r);
}

static void on_done(void *arg, const struct child_result *result, const struct error *err)
{
	struct control_run *r = arg;
	struct http_call *call = r->call;
	control_done fn = r->fn;
	forget(r);
	fn(call, result, err);
}

void control_run(struct server *s, struct http_call *call, const char *const *argv, const char *const *env, int64_t real_ms, control_done fn)
{
	const struct child_opts o = { .argv = argv, .env = env, .what = "the control port", .real_ms = real_ms, .outside = true };
	struct control_run *r = xcalloc(1, sizeof(*r));
	*r = (struct control_run){ .next = s->runs, .at = &s->runs, .call = call, .fn = fn };
	if (r->next)
		r->next->at = &r->next;
	s->runs = r;
	r->child = child_start(server_loop(s), &o, on_done, r);
}

bool control_runs(const struct server *s, const struct http_call *call)
{
	const struct control_run *r = s->runs;
	while (r && r->call != call)
		r = r->next;
	return r != NULL;
}

void control_runs_end(struct server *s)
{
	while (s->runs) {
		owed_cancel(s->runs->child);
		forget(s->runs);
	}
}
