/* tarn fault: the faults of a running stack. */
#include <jansson.h>

#include "core/json.h"
#include "tarn/cmd.h"

struct fault {
	const char *data;
	bool json;
};

/* One call of the control port, and what is armed after it. */
static int call(const struct fault *f, const char *method, const char *path, struct slice body)
{
	struct buf out = { 0 };
	struct error err;
	int status = 0, rc = EXIT_OK;
	char *control = cmd_endpoint(f->data, "control");
	json_t *answer = NULL;
	const json_t *one;
	size_t i;
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(f->data));
	if (cmd_http(control, method, path, body, body.p ? "text/plain" : NULL, &status, &out, &err))
		rc = cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(f->data), err.text);
	else if (!(answer = json_loadb(buf_slice(&out).p, out.n, 0, NULL)) || status != 200)
		rc = cmd_fail(EXIT_USAGE, "tarn help faults", "%s", status == 400 ? jstr(answer, "error") : "no such answer");
	else if (cmd_is_json())
		cmd_json(buf_slice(&out));
	else
		json_array_foreach(answer, i, one)
			printf("%-40s fired %lld  %s\n", jstr(one, "site"), (long long)jint(one, "fired"),
			       jstr(one, "name"));
	json_decref(answer);
	buf_free(&out);
	free(control);
	return rc;
}

static int fault_list(void *self, char **words, int n)
{
	return call(self, "GET", "/_tarn/faults", sl(NULL));
}

static int fault_add(void *self, char **words, int n)
{
	struct buf b = { 0 };
	for (int i = 1; i < n; i++)
		buf_addf(&b, "%s%s", i > 1 ? " " : "", words[i]);
	int rc = call(self, "POST", "/_tarn/faults", buf_slice(&b));
	buf_free(&b);
	return rc;
}

static int fault_clear(void *self, char **words, int n)
{
	struct buf b = { 0 };
	buf_adds(&b, n > 1 ? "/_tarn/faults?name=" : "/_tarn/faults");
	if (n > 1)
		buf_url_escape(&b, sl(words[1]), false);
	int rc = call(self, "DELETE", buf_cstr(&b), sl(NULL));
	buf_free(&b);
	return rc;
}

static const struct flag fault_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct fault, json), NULL, "what is armed as JSON" },
	{ NULL },
};

static const struct action fault_actions[] = {
	{ "ls", "", "shows what is armed, and how often it fired", 0, 0, fault_list },
	{ "rm", "[NAME]", "takes one away, or all", 0, 1, fault_clear },
	{ "list", "", "the same as ls", 0, 0, fault_list },
	{ "add", "SITE KEY=VALUE...|PRESET", "arms one: tarn help faults; presets: throttle, slow, lost-ack, disk-full, outage", 1, 20, fault_add },
	{ "clear", "[NAME]", "the same as rm", 0, 1, fault_clear },
	{ NULL },
};

const struct command command_fault = {
	"fault", "ls | add SITE KEY=VALUE...|PRESET | rm [NAME]", "Arms faults in a running stack.", sizeof(struct fault),
	.flags = { data_flags, fault_flags }, .actions = fault_actions,
	.example = "tarn fault add kinesis.PutRecord error=ProvisionedThroughputExceededException on=2..3 name=throttle",
};
