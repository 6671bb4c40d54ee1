/* tarn clock: the emulated time of a running stack. */
#include <jansson.h>

#include "core/json.h"
#include "tarn/cmd.h"

struct clock_options {
	const char *data;
	bool json;
};

static void show(const json_t *c)
{
	const json_t *a = json_object_get(c, "advancing"), *one;
	size_t i;
	printf("%s%s\n", jstr(c, "now"), jtrue(c, "frozen") ? " (frozen)" : "");
	if (!a)
		return;
	printf("advancing to %s; in flight: %lld\n", jstr(a, "to"), (long long)jint(a, "in_flight"));
	json_array_foreach(json_object_get(a, "waiting"), i, one)
		printf("  waits for %s, %lld s\n", jstr(one, "for"), (long long)jint(one, "real_ms") / 1000);
}

static int call(const struct clock_options *o, const char *method, struct slice body)
{
	struct buf out = { 0 };
	struct error err;
	int status = 0, rc = EXIT_OK;
	char *control = cmd_endpoint(o->data, "control");
	json_t *answer = NULL;
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(o->data));
	if (cmd_http(control, method, "/_tarn/clock", body, body.p ? "text/plain" : NULL, &status, &out, &err))
		rc = cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(o->data), err.text);
	else if (!(answer = json_loadb(buf_slice(&out).p, out.n, 0, NULL)) || status != 200)
		rc = cmd_fail(status == 409 ? EXIT_CONFLICT : EXIT_USAGE, "tarn clock", "%s", answer ? jstr(answer, "error") : "no such answer");
	else if (cmd_is_json())
		cmd_json(buf_slice(&out));
	else
		show(answer);
	json_decref(answer);
	buf_free(&out);
	free(control);
	return rc;
}

static int clock_show(void *self, char **words, int n)
{
	return call(self, "GET", sl(NULL));
}

static int clock_post(void *self, char **words, int n)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s%s%s", words[0], n > 1 ? " " : "", n > 1 ? words[1] : "");
	int rc = call(self, "POST", buf_slice(&b));
	buf_free(&b);
	return rc;
}

static int clock_end(void *self, char **words, int n)
{
	return call(self, "DELETE", sl(NULL));
}

static const struct flag clock_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct clock_options, json), NULL, "the same as JSON" },
	{ NULL },
};

static const struct action clock_actions[] = {
	{ "show", "", "the time, and what an advance waits for", 0, 0, clock_show },
	{ "freeze", "[TIME]", "stands still, at 2026-01-05T09:00:00Z or where it is; kept over restarts", 0, 1, clock_post },
	{ "advance", "DURATION", "moves on by 30s, 16h, 7d; runs what falls due, and returns when that has come to rest", 1, 1, clock_post },
	{ "stop", "", "ends an advance where it is", 0, 0, clock_end },
	{ "resume", "", "goes with the real one again", 0, 0, clock_post },
	{ NULL },
};

const struct command command_clock = {
	"clock", "show | freeze [TIME] | advance DURATION | stop | resume", "The emulated time of a running stack.",
	sizeof(struct clock_options), .flags = { data_flags, clock_flags }, .actions = clock_actions, .example = "tarn clock advance 7d",
};
