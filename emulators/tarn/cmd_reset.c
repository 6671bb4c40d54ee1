/* tarn reset: every service of a running stack as in an empty folder. */
#include <jansson.h>

#include "core/json.h"
#include "tarn/cmd.h"

struct reset {
	const char *data;
	bool json;
};

static int reset_run(void *self, char **words, int n)
{
	struct reset *r = self;
	struct buf out = { 0 };
	struct error err;
	int status, rc = EXIT_OK;
	char *control = cmd_endpoint(r->data, "control");
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(r->data));
	if (cmd_http(control, "POST", "/_tarn/reset", sl(""), NULL, &status, &out, &err))
		rc = cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(r->data), err.text);
	else if (status != 200)
		rc = cmd_fail(EXIT_FAILED, "tarn logs", "%.*s", SL(sl_trim(buf_slice(&out))));
	else if (cmd_is_json())
		cmd_json(buf_slice(&out));
	else
		puts("reset: every service is as in an empty folder");
	free(control);
	buf_free(&out);
	return rc;
}

static const struct flag reset_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct reset, json), NULL, "the answer as JSON" },
	{ NULL },
};

const struct command command_reset = {
	"reset", "", "Puts every service of a running stack back to what an empty folder is.", sizeof(struct reset), reset_run,
	.flags = { data_flags, reset_flags }, .example = "tarn reset",
	.more = "Rows, topics, objects, streams, APIs, runs: what clients made is gone, what the stack makes is there, with the same names and\n"
		"numbers as in a first run. Addresses stay, clients that were being served are hung up on, faults are disarmed. The clock goes on\n"
		"from where it is: tarn clock.\n",
};
