/* tarn status and tarn env: what runs, and how clients reach it. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/endpoints.h"
#include "tarn/cmd.h"

enum { OPT_DATA = 256, OPT_SHELL, OPT_JSON };
static const struct option options[] = { { "data", required_argument, NULL, OPT_DATA },
					 { "shell", required_argument, NULL, OPT_SHELL },
					 { "json", no_argument, NULL, OPT_JSON },
					 { "help", no_argument, NULL, 'h' },
					 { NULL, 0, NULL, 0 } };

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

int cmd_status(int argc, char **argv)
{
	const char *data = NULL;
	bool json = false;
	struct buf out = { 0 };
	int c, rc;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == OPT_DATA) {
			data = optarg;
		} else if (c == OPT_JSON) {
			json = true;
		} else if (c == 'h') {
			cmd_usage("status");
			return EXIT_OK;
		} else {
			return EXIT_USAGE;
		}
	}
	if ((rc = get_health(data, &out)))
		return rc;
	json_t *h = json_loadb(out.p, out.n, 0, NULL);
	if (json) {
		printf("{\"schema\":1,\"command\":\"status\",\"ok\":true,\"data\":%.*s,\"warnings\":[],\"error\":null}\n",
		       (int)sl_trim(buf_slice(&out)).n, out.p);
	} else {
		const char *key;
		json_t *v;
		printf("clock  %s%s\n", json_string_value(json_object_get(h, "clock")),
		       json_is_true(json_object_get(h, "frozen")) ? " (frozen)" : "");
		json_object_foreach(json_object_get(h, "endpoints"), key, v)
			printf("  %-11s %s\n", key, json_string_value(v));
	}
	json_decref(h);
	buf_free(&out);
	return EXIT_OK;
}

struct env_print {
	int shell; /* index of names below */
	size_t n;
};
static const char *const shells[] = { "sh", "fish", "json", "dotenv" };

static void print_one(void *arg, const char *name, const char *value)
{
	struct env_print *p = arg;
	struct buf b = { 0 };
	switch (p->shell) {
	case 0:
		printf("export %s='%s'\n", name, value);
		break;
	case 1:
		printf("set -gx %s '%s'\n", name, value);
		break;
	case 2:
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
	return json_string_value(json_object_get(arg, key));
}

int cmd_env(int argc, char **argv)
{
	struct env_print p = { 0 };
	const char *data = NULL;
	struct buf out = { 0 };
	int c, rc;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == OPT_DATA) {
			data = optarg;
		} else if (c == OPT_SHELL) {
			for (p.shell = 0; p.shell < (int)ARRAY_LEN(shells) && strcmp(shells[p.shell], optarg); p.shell++)
				;
			if (p.shell == (int)ARRAY_LEN(shells))
				return cmd_fail(EXIT_USAGE, "--shell sh|fish|json|dotenv", "no such shell: %s", optarg);
		} else if (c == 'h') {
			cmd_usage("env");
			return EXIT_OK;
		} else {
			return EXIT_USAGE;
		}
	}
	if ((rc = get_health(data, &out)))
		return rc;
	json_t *h = json_loadb(out.p, out.n, 0, NULL);
	endpoints_environment(from_json, json_object_get(h, "endpoints"), print_one, &p);
	if (p.shell == 2)
		puts("}");
	json_decref(h);
	buf_free(&out);
	return EXIT_OK;
}
