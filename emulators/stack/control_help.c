/* The help on the control port, as tarn help prints it: this program is run for it, so that there is one way to make it. */
#include "core/child.h"
#include "core/path.h"
#include "stack/control.h"

enum { HELP_MS = 10000 };

static void on_list(void *arg, const struct child_result *r, const struct error *err)
{
	struct http_call *call = arg;
	if (err || r->code)
		control_error(call, 500, err ? err->text : "tarn help ended with an error");
	else
		http_reply(call, 200, "application/json", r->out);
}

static void on_topic(void *arg, const struct child_result *r, const struct error *err)
{
	struct http_call *call = arg;
	if (err)
		control_error(call, 500, err->text);
	else if (r->code)
		control_error(call, 404, "no command, service or topic is called so; GET /_tarn/help lists them");
	else
		http_reply(call, 200, "text/plain; charset=utf-8", r->out);
}

static void run(struct server *s, struct http_call *call, const char *const *words, child_cb cb)
{
	const char *argv[4] = { "/proc/self/exe", "help", words[0], NULL };
	const struct child_opts o = { .argv = argv, .what = "tarn help", .real_ms = HELP_MS };
	(void)child_start(server_loop(s), &o, cb, call);
}

void control_help(void *self, struct http_call *call)
{
	run(self, call, (const char *const[]){ "--list" }, on_list);
}

void control_help_topic(void *self, struct http_call *call)
{
	struct slice name = call->arg[0];
	for (size_t i = 0; i < name.n; i++)
		if (!((name.p[i] >= 'a' && name.p[i] <= 'z') || name.p[i] == '-')) {
			control_error(call, 404, "a topic's name has letters and - only");
			return;
		}
	run(self, call, (const char *const[]){ arena_cstr(call->req.arena, name) }, on_topic);
}
