/* A teacher's stack of tarn workshop: [workshop] folder has students.json, {"students":[{"id","user","data","control","name"}]}. What they have
 * their own stacks say; what is done to them tarn workshop does, which this process runs. */
#include <jansson.h>

#include "core/child.h"
#include "core/httpc.h"
#include "core/json.h"
#include "stack/control.h"

enum { ASK_MS = 3000, ACT_MS = 120000 };

struct board {
	struct http_call *call;
	json_t *students;
	size_t left;
};
struct asked {
	struct board *b;
	json_t *student; /* borrowed from it */
};

static json_t *read_students(struct server *s)
{
	const char *folder = conf_get(server_env(s)->conf, "workshop", "folder");
	char *path = folder ? xasprintf("%s/students.json", folder) : NULL;
	json_t *o = path ? json_load_file(path, 0, NULL) : NULL;
	free(path);
	return o;
}

static void answer(struct board *b)
{
	struct buf out = { 0 };
	char *text = json_dumps(b->students, JSON_COMPACT);
	buf_adds(&out, text);
	free(text);
	control_reply(b->call, 200, &out);
	json_decref(b->students);
	free(b);
}

static void on_state(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct asked *a = arg;
	struct board *b = a->b;
	json_t *state = !err && resp->status == 200 ? json_loadb(resp->body.p, resp->body.n, 0, NULL) : NULL;
	json_object_set_new(a->student, "up", json_boolean(state));
	if (state) {
		jcopy(a->student, state, "clock");
		jcopy(a->student, state, "faults");
		jcopy(a->student, state, "services");
		json_decref(state);
	}
	free(a);
	if (!--b->left)
		answer(b);
}

static void ask(struct server *s, struct board *b, json_t *student)
{
	const char *control = jstr(student, "control");
	const struct http_header h = { S("X-Tarn-Trace"), S(JOURNAL_LOOKS) };
	struct asked *a = xcalloc(1, sizeof(*a));
	char *url = xasprintf("%s/_tarn/state", control ? control : "http://127.0.0.1:1");
	*a = (struct asked){ b, student };
	struct httpc_req req = { .method = S("GET"), .url = sl(url), .headers = &h, .header_n = 1, .timeout_ms = ASK_MS };
	(void)httpc_send(server_env(s)->httpc, &req, on_state, a);
	free(url);
}

void control_workshop(void *self, struct http_call *call)
{
	json_t *all = read_students(self), *one;
	size_t i, n = json_array_size(json_object_get(all, "students"));
	if (!n) {
		json_decref(all);
		control_error(call, 404, "this is no teacher's stack: tarn workshop N makes one");
		return;
	}
	struct board *b = xcalloc(1, sizeof(*b));
	*b = (struct board){ call, all, n };
	json_array_foreach(json_object_get(all, "students"), i, one)
		ask(self, b, one);
}

static void on_done(struct http_call *call, const struct child_result *r, const struct error *err)
{
	struct buf b = { 0 };
	if (err || r->code) {
		char *why = err ? xstrdup(err->text) : xstrndup(r->err_out.p ? r->err_out.p : "", r->err_out.n);
		control_error(call, 502, why);
		free(why);
		return;
	}
	jw_obj(&b, NULL);
	jw_str(&b, "done", sl_trim(r->out));
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

static bool is_plain(const char *word)
{
	return word && *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] && *word != '-';
}

void control_workshop_act(void *self, struct http_call *call)
{
	struct server *s = self;
	JSON_AUTO o = json_loadb(call->req.body.p, call->req.body.n, 0, NULL);
	const char *act = jstr(o, "act"), *who = jstr(o, "who"), *name = jstr(o, "snapshot"), *folder = conf_get(server_env(s)->conf, "workshop", "folder");
	bool reset = act && !strcmp(act, "reset") && is_plain(who), give = act && !strcmp(act, "give") && is_plain(name);
	if (!folder || !(reset || give)) {
		control_error(call, folder ? 400 : 404, folder ? "want {\"act\":\"reset\",\"who\":ID or \"all\"} or {\"act\":\"give\",\"snapshot\":NAME}" : "this is no teacher's stack");
		return;
	}
	const char *argv[] = { "/proc/self/exe", "workshop", act, reset ? who : name, "--dir", folder, NULL };
	control_run(s, call, argv, NULL, ACT_MS, on_done);
}
