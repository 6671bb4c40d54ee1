/* tarn trace: a record's way through the pipeline. */
#include "core/json.h"
#include "tarn/cmd.h"

struct trace {
	const char *data, *key, *field;
	bool random, all, json;
};

static char *id_of(const struct trace *t, char **words, int n)
{
	if ((n > 0) + (t->key != NULL) + (t->field != NULL) + t->random != 1)
		return NULL;
	if (t->key)
		return xasprintf("key:%s", t->key);
	return xstrdup(t->field ? t->field : t->random ? "random" : words[0]);
}

static void print_text(const char *name, const char *text)
{
	struct slice line, rest = sl(text);
	printf("    %s:\n", name);
	while (rest.p && rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		printf("      %.*s\n", SL(line));
	}
}

/* "title: 'No Title Data Available' -> null". */
static void print_changed(const json_t *hop)
{
	const json_t *changed = json_object_get(hop, "changed"), *name;
	JSON_AUTO from = json_loads(jstr(hop, "input") ? jstr(hop, "input") : "", 0, NULL);
	JSON_AUTO to = json_loads(jstr(hop, "output") ? jstr(hop, "output") : "", 0, NULL);
	size_t i;
	json_array_foreach(changed, i, name) {
		const json_t *old = json_object_get(from, json_string_value(name));
		char *a = old ? json_dumps(old, JSON_ENCODE_ANY) : NULL, *b = json_dumps(json_object_get(to, json_string_value(name)), JSON_ENCODE_ANY);
		printf("    %-16s %s -> %s\n", json_string_value(name), a ? a : "(made)", b ? b : "null");
		free(a);
		free(b);
	}
}

static void print_facts(const json_t *hop)
{
	const char *name;
	json_t *v;
	json_object_foreach(json_object_get(hop, "facts"), name, v) {
		char *text = json_is_string(v) ? NULL : json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
		if (!json_is_null(v) && strcmp(name, "template"))
			printf("    %-16s %s\n", name, text ? text : json_string_value(v));
		free(text);
	}
}

static void print_hop(const json_t *hop, bool all)
{
	const char *state = jstr(hop, "state"), *template = jstr(json_object_get(hop, "facts"), "template");
	const json_t *us = json_object_get(hop, "real_us"), *bytes = json_object_get(hop, "bytes");
	printf("%-10s %-12s %s\n", jstr(hop, "kind"), jstr(hop, "service"), jstr(hop, "title"));
	if (jstr(hop, "time") || bytes || strcmp(state, "done")) {
		printf("    %s", state);
		if (jstr(hop, "time"))
			printf(", %s", jstr(hop, "time"));
		if (us)
			printf(", took %.2f ms", (double)json_integer_value(us) / 1000);
		if (bytes)
			printf(", %lld bytes", (long long)json_integer_value(bytes));
		puts("");
	}
	print_changed(hop);
	if (!all)
		return;
	print_facts(hop);
	if (template)
		print_text("template", template);
	if (jstr(hop, "input"))
		print_text("in", jstr(hop, "input"));
	if (jstr(hop, "output"))
		print_text("out", jstr(hop, "output"));
}

static void print_journey(const json_t *o, bool all)
{
	const json_t *hop;
	size_t i;
	printf("%s: %s\n", jstr(o, "id"), jstr(o, "path"));
	if (jstr(o, "record"))
		printf("record %s%s%s\n", jstr(o, "record"), jstr(o, "trace") ? ", trace " : "", jstr(o, "trace") ? jstr(o, "trace") : "");
	puts("");
	json_array_foreach(json_object_get(o, "hops"), i, hop)
		print_hop(hop, all);
}

static int ask(const struct trace *t, const char *control, const char *id)
{
	struct buf path = { 0 }, out = { 0 };
	struct error err;
	int status, rc = EXIT_OK;
	buf_adds(&path, "/api/journey/");
	buf_url_escape(&path, sl(id), true);
	if (cmd_http(control, "GET", buf_cstr(&path), sl(NULL), NULL, &status, &out, &err)) {
		rc = cmd_fail(EXIT_START, "tarn up -d", "the stack does not answer: %s", err.text);
	} else {
		JSON_AUTO o = json_loadb(out.p, out.n, 0, NULL);
		const char *why = jstr(o, "why") ? jstr(o, "why") : jstr(o, "error");
		if (status != 200 || !jtrue(o, "found"))
			rc = cmd_error(EXIT_FAILED, "NOT_FOUND", "tarn trace --random", "trace %s: %s", id, why ? why : "the answer is no JSON");
		else if (cmd_is_json())
			cmd_json(sl_trim(buf_slice(&out)));
		else
			print_journey(o, t->all);
	}
	buf_free(&path);
	buf_free(&out);
	return rc;
}

static int trace_run(void *self, char **words, int n)
{
	const struct trace *t = self;
	char *id = id_of(t, words, n), *control = id ? cmd_endpoint(t->data, "control") : NULL;
	int rc;
	if (!id)
		rc = cmd_fail(EXIT_USAGE, "tarn trace --random", "one of ID, --key, --field or --random says which record");
	else if (!control)
		rc = cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(t->data));
	else
		rc = ask(t, control, id);
	free(control);
	free(id);
	return rc;
}

static const struct flag trace_flags[] = {
	{ "key", 0, FLAG_TEXT, offsetof(struct trace, key), "KEY", "the newest record with this key" },
	{ "field", 0, FLAG_TEXT, offsetof(struct trace, field), "NAME=VALUE", "the newest record with this member" },
	{ "random", 0, FLAG_ON, offsetof(struct trace, random), NULL, "any record of the topics, another one each time" },
	{ "all", 'a', FLAG_ON, offsetof(struct trace, all), NULL, "with what each service was given and made of it" },
	{ "json", 0, FLAG_ON, offsetof(struct trace, json), NULL, "the answer as JSON" },
	{ NULL },
};

const struct command command_trace = {
	"trace", "[ID]", "Shows a record's way through the pipeline.", sizeof(struct trace), trace_run, .max = 1,
	.flags = { data_flags, trace_flags }, .example = "tarn trace --field index=5730",
	.more = "ID: a trace (t-000000000012, the header X-Tarn-Trace), TOPIC/PARTITION/OFFSET, s3://BUCKET/KEY#LINE, NAME=VALUE, key:KEY or random.\n"
		"The same: GET /api/journey/ID on the control port, expect trace in scenarios, the console's first page.\n",
};
