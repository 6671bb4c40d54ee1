/* tarn status and tarn env: what runs, and how clients reach it. */
#include <jansson.h>

#include "core/json.h"
#include "stack/endpoints.h"
#include "tarn/cmd.h"

struct status {
	const char *data;
	bool json;
};

struct env_print {
	const char *data;
	int shell;
	size_t n;
};
enum { SHELL_SH, SHELL_FISH, SHELL_JSON, SHELL_DOTENV };

static int get_health(const char *data, struct buf *out)
{
	struct error err;
	int status;
	char *control = cmd_endpoint(data, "control");
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(data));
	int rc = cmd_http(control, "GET", "/health", sl(NULL), NULL, &status, out, &err);
	free(control);
	return rc ? cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(data), err.text) : 0;
}

static int status_run(void *self, char **words, int n)
{
	struct status *s = self;
	struct buf out = { 0 };
	int rc = get_health(s->data, &out);
	if (rc)
		return rc;
	json_t *h = json_loadb(out.p, out.n, 0, NULL);
	if (cmd_is_json()) {
		cmd_json(buf_slice(&out));
	} else {
		const char *key;
		json_t *v;
		printf("clock  %s%s\n", jstr(h, "clock"),
		       jtrue(h, "frozen") ? " (frozen)" : "");
		json_object_foreach(json_object_get(h, "endpoints"), key, v)
			printf("  %-11s %s\n", key, json_string_value(v));
	}
	json_decref(h);
	buf_free(&out);
	return EXIT_OK;
}

static void print_one(void *arg, const char *name, const char *value)
{
	struct env_print *p = arg;
	struct buf b = { 0 };
	switch (p->shell) {
	case SHELL_SH:
		printf("export %s='%s'\n", name, value);
		break;
	case SHELL_FISH:
		printf("set -gx %s '%s'\n", name, value);
		break;
	case SHELL_JSON:
		buf_json_string(&b, sl(value));
		printf("%s\"%s\":%.*s", p->n ? "," : "{", name, SL(buf_slice(&b)));
		break;
	default:
		printf("%s=%s\n", name, value);
	}
	p->n++;
	buf_free(&b);
}

static const char *from_json(const void *arg, const char *key)
{
	return jstr(arg, key);
}

static int env_run(void *self, char **words, int n)
{
	struct env_print *p = self;
	struct buf out = { 0 };
	int rc = get_health(p->data, &out);
	if (rc)
		return rc;
	json_t *h = json_loadb(out.p, out.n, 0, NULL);
	const json_t *stack = json_object_get(h, "stack");
	endpoints_environment(from_json, json_object_get(h, "endpoints"), from_json(stack, "database"), from_json(stack, "region"), print_one, p);
	if (p->shell == SHELL_JSON)
		puts("}");
	json_decref(h);
	buf_free(&out);
	return EXIT_OK;
}

static const struct flag status_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct status, json), NULL, "the same as JSON" },
	{ NULL },
};

const struct command command_status = {
	"status", "", "Shows services, addresses and the clock of a running stack.", sizeof(struct status), status_run,
	.flags = { data_flags, status_flags },
};

static const struct flag env_flags[] = {
	{ "shell", 0, FLAG_WORD, offsetof(struct env_print, shell), "sh|fish|json|dotenv", "for which shell", "sh" },
	{ NULL },
};

const struct command command_env = {
	"env", "", "Prints the environment for clients: eval \"$(tarn env)\".", sizeof(struct env_print), env_run,
	.flags = { data_flags, env_flags },
};
