/* tarn reset: every service of a running stack as in an empty folder. */
#include <jansson.h>

#include "core/json.h"
#include "tarn/cmd.h"

struct reset {
	const char *data;
	bool json;
};

static int reset_ask(const char *control, char **words, int n, int *status, struct buf *out, struct error *err)
{
	struct buf body = { 0 };
	if (n) {
		jw_obj(&body, NULL);
		jw_list(&body, "services");
		for (int i = 0; i < n; i++)
			jw_text(&body, NULL, words[i]);
		jw_list_end(&body);
		jw_obj_end(&body);
	}
	int rc = cmd_http(control, "POST", "/_tarn/reset", n ? buf_slice(&body) : sl(""), n ? "application/json" : NULL, status, out, err);
	buf_free(&body);
	return rc;
}

/* 400: a word of the command line is wrong. */
static int fails(int status, struct slice body)
{
	JSON_AUTO o = json_loadb(body.p, body.n, 0, NULL);
	const char *text = jstr(o, "error");
	return cmd_fail(status == 400 ? EXIT_USAGE : EXIT_FAILED, status == 400 ? "tarn help services" : "tarn logs", "%.*s", SL(text ? sl(text) : sl_trim(body)));
}

static void say(char **words, int n, struct slice body)
{
	JSON_AUTO o = json_loadb(body.p, body.n, 0, NULL);
	struct buf names = { 0 };
	for (int i = 0; i < n; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", words[i]);
	printf("reset: %s %s as in an empty folder, in %.1f ms%s\n", n ? buf_cstr(&names) : "every service", n > 1 ? "are" : "is",
	       json_number_value(json_object_get(o, "ms")), n ? "; the others have what they had" : "");
	buf_free(&names);
}

static int reset_run(void *self, char **words, int n)
{
	struct reset *r = self;
	struct buf out = { 0 };
	struct error err;
	int status, rc = EXIT_OK;
	char *control = cmd_endpoint(r->data, "control");
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(r->data));
	if (reset_ask(control, words, n, &status, &out, &err))
		rc = cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(r->data), err.text);
	else if (status != 200)
		rc = fails(status, buf_slice(&out));
	else if (cmd_is_json())
		cmd_json(buf_slice(&out));
	else
		say(words, n, buf_slice(&out));
	free(control);
	buf_free(&out);
	return rc;
}

static const struct flag reset_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct reset, json), NULL, "the answer as JSON" },
	{ NULL },
};

const struct command command_reset = {
	"reset", "[SERVICE...]", "Puts services of a running stack back to what an empty folder is.", sizeof(struct reset), reset_run,
	.max = -1, .flags = { data_flags, reset_flags }, .example = "tarn reset",
	.more = "Rows, topics, objects, streams, APIs, runs: what clients made is gone, what the stack makes is there, with the same names and\n"
		"numbers as in a first run. Addresses and connections stay; a reset of all disarms faults. The clock goes on from where it is:\n"
		"tarn clock. What the other services then see when some are reset, and how to ask over HTTP: tarn help reset.\n",
};
