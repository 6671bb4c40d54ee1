/* Lessons on the control port: tarn lesson, which this process runs on itself. What steps give names lies in the state folder. */
#include <jansson.h>

#include "core/child.h"
#include "core/identities.h"
#include "core/json.h"
#include "stack/control.h"

enum { LESSON_MS = 180000 };

/* Its envelope's data, or its error. */
static void on_done(struct http_call *call, const struct child_result *r, const struct error *err)
{
	struct buf b = { 0 };
	JSON_AUTO o = err ? NULL : json_loadb(r->out.p ? r->out.p : "", r->out.n, 0, NULL);
	const json_t *data = json_object_get(o, "data"), *why = json_object_get(json_object_get(o, "error"), "message");
	if (!json_is_object(data)) {
		control_error(call, 502, err ? err->text : json_is_string(why) ? json_string_value(why) : "tarn lesson says nothing");
		return;
	}
	char *text = json_dumps(data, JSON_COMPACT);
	buf_adds(&b, text);
	free(text);
	control_reply(call, 200, &b);
}

/* words end with NULL and have room for what is added. */
static void run(struct server *s, struct http_call *call, const char **words, size_t n)
{
	const char *token = identities_token(server_env(s)->conf), *control = server_endpoint(s, "control");
	const char *secret = arena_printf(call->req.arena, "TARN_TOKEN=%s", token ? token : "").p;
	const char *env[] = { secret, NULL };
	if (control) {
		words[n++] = "--against";
		words[n++] = control;
	}
	words[n++] = "--json";
	words[n] = NULL;
	control_run(s, call, words, token ? env : NULL, LESSON_MS, on_done);
}

static bool is_lesson(struct slice word)
{
	int64_t n;
	return sl_int(word, 1, 99, &n);
}

void control_lessons(void *self, struct http_call *call)
{
	struct slice word = http_query(&call->req, "n");
	const char *argv[8] = { "/proc/self/exe", "lesson", word.p ? arena_cstr(call->req.arena, word) : NULL };
	if (!word.p || is_lesson(word))
		run(self, call, argv, word.p ? 3 : 2);
	else
		control_error(call, 404, "there is no such lesson: GET /_tarn/lessons has them");
}

void control_lesson_act(void *self, struct http_call *call)
{
	struct server *s = self;
	const char *dir = server_env(s)->dir;
	JSON_AUTO o = json_loadb(call->req.body.p, call->req.body.n, 0, NULL);
	const char *act = jstr(o, "act"), *lesson = jstr(o, "lesson");
	int64_t step = jint(o, "step");
	bool known = act && (!strcmp(act, "check") || !strcmp(act, "show"));
	bool begins = act && !strcmp(act, "begin");
	if (!(begins || (known && step > 0)) || !lesson || !is_lesson(sl(lesson))) {
		control_error(call, 400, "want {\"lesson\":\"01\",\"step\":1,\"act\":\"check\"|\"show\"} or {\"lesson\":\"01\",\"act\":\"begin\"}");
		return;
	}
	const char *number = arena_printf(call->req.arena, "%lld", (long long)step).p;
	const char *vars = dir ? arena_printf(call->req.arena, "%s/lesson-%s.json", dir, lesson).p : "/dev/null"; /* in memory, steps stand alone */
	const char *argv[12] = { "/proc/self/exe", "lesson", lesson, act, "--vars", vars, begins ? NULL : number };
	run(s, call, argv, begins ? 6 : 7);
}
