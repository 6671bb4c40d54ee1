/* tarn connector: the connectors of a running stack, or of any Kafka Connect worker: list, status with what each partition waits for,
 * offsets, create, pause, resume, stop, restart, delete. */
#include <errno.h>

#include "connect/props.h"
#include "core/json.h"
#include "tarn/cmd_lake.h"

enum { CONFIG_MAX = 1 << 20 };
struct worker {
	struct cmd_lake l;
};

/* One call; *out is the parsed answer, NULL when it has no body. Says what went wrong. */
static int call(struct worker *w, const char *method, const char *path, struct slice body, struct buf *text, json_t **out)
{
	struct error err;
	int status = 0;
	if (!w->l.base && !(w->l.base = w->l.connect ? xstrdup(w->l.connect) : cmd_endpoint(w->l.data, "connect")))
		return cmd_fail(EXIT_START, "tarn up -d", "no stack with connect runs on %s", cmd_data(w->l.data));
	if (cmd_http(w->l.base, method, path, body, body.n ? "application/json" : NULL, &status, text, &err))
		return cmd_error(EXIT_START, "UNREACHABLE", "tarn status, or tarn up -d", "connect does not answer: %s", err.text);
	*out = text->n ? json_loadb(buf_slice(text).p, text->n, JSON_ALLOW_NUL, NULL) : NULL;
	if (status >= 200 && status < 300)
		return EXIT_OK;
	const char *message = jstr(*out, "message");
	return cmd_error(status == 404 || status == 400 || status == 409 ? EXIT_USAGE : EXIT_FAILED, status == 404 ? "NOT_FOUND" : "REFUSED",
			 status == 404 ? "tarn connector ls" : NULL, "connector: %s", message ? message : "the answer is no JSON");
}

static char *path_of(const char *fmt, const char *name)
{
	struct buf b = { 0 };
	buf_url_escape(&b, sl(name), false);
	char *path = xasprintf(fmt, buf_cstr(&b));
	buf_free(&b);
	return path;
}

static void print_json(const json_t *v)
{
	char *text = json_dumps(v, 0);
	cmd_json(sl(text));
	free(text);
}

static json_t *row_of(const char *name, const json_t *one)
{
	const json_t *status = json_object_get(one, "status"), *info = json_object_get(one, "info"), *t;
	const json_t *tasks = json_object_get(status, "tasks");
	const char *state = jstr(json_object_get(status, "connector"), "state"), *class = jstr(json_object_get(info, "config"), "connector.class");
	size_t i, running = 0;
	json_array_foreach(tasks, i, t)
		running += !strcmp(jstr(t, "state") ? jstr(t, "state") : "", "RUNNING");
	char *ran = xasprintf("%zu of %zu", running, json_array_size(tasks));
	const char *dot = class ? strrchr(class, '.') : NULL;
	json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", name, "state", state ? state : "UNASSIGNED", "running", ran, "type",
				jstr(info, "type") ? jstr(info, "type") : "", "class", dot ? dot + 1 : class ? class : "");
	free(ran);
	return row;
}

static int list(void *self, char **words, int n)
{
	struct buf text = { 0 };
	json_t *out = NULL, *rows = json_array();
	const json_t *one;
	const char *name;
	int rc = call(self, "GET", "/connectors?expand=status&expand=info", S(""), &text, &out);
	if (!rc && cmd_is_json()) {
		cmd_json(buf_slice(&text));
	} else if (!rc) {
		json_object_foreach(out, name, one)
			json_array_append_new(rows, row_of(name, one));
		cmd_lake_members(rows, "connector=name, type=type, class=class, state=state, tasks running=running");
	}
	json_decref(rows);
	json_decref(out);
	buf_free(&text);
	return rc;
}

static void print_status(const json_t *s)
{
	const json_t *tasks = json_object_get(s, "tasks"), *t, *c = json_object_get(s, "connector");
	const json_t *partitions = json_object_get(s, "partitions"), *p;
	size_t i;
	printf("%s: %s\n", jstr(s, "name"), jstr(c, "state"));
	if (jstr(c, "trace"))
		puts(jstr(c, "trace"));
	json_array_foreach(tasks, i, t) {
		printf("task %lld: %s\n", (long long)jint(t, "id"), jstr(t, "state"));
		if (jstr(t, "trace"))
			puts(jstr(t, "trace"));
	}
	if (jstr(s, "waiting_for"))
		printf("\nit waits: %s\n", jstr(s, "waiting_for"));
	if (!json_array_size(partitions))
		return;
	puts("");
	cmd_lake_members(partitions, "topic=topic, partition=partition, task=task, committed=committed_offset, read=position, buffered=buffered_records");
	puts("");
	json_array_foreach(partitions, i, p)
		printf("%s-%lld: %s\n", jstr(p, "topic"), (long long)jint(p, "partition"), jstr(p, "waiting_for"));
}

static int status(void *self, char **words, int n)
{
	struct buf text = { 0 };
	json_t *out = NULL;
	char *path = path_of("/connectors/%s/status?explain", words[1]);
	int rc = call(self, "GET", path, S(""), &text, &out);
	if (!rc && cmd_is_json())
		cmd_json(buf_slice(&text));
	else if (!rc)
		print_status(out);
	free(path);
	json_decref(out);
	buf_free(&text);
	return rc;
}

static int config(void *self, char **words, int n)
{
	struct buf text = { 0 };
	json_t *out = NULL;
	const json_t *v;
	const char *key;
	char *path = path_of("/connectors/%s/config", words[1]);
	int rc = call(self, "GET", path, S(""), &text, &out);
	if (!rc && cmd_is_json())
		cmd_json(buf_slice(&text));
	else
		json_object_foreach(out, key, v)
			if (!rc)
				printf("%s=%s\n", key, json_string_value(v) ? json_string_value(v) : "");
	free(path);
	json_decref(out);
	buf_free(&text);
	return rc;
}

static int offsets(void *self, char **words, int n)
{
	struct buf text = { 0 };
	json_t *out = NULL, *rows = json_array();
	const json_t *o;
	size_t i;
	char *path = path_of("/connectors/%s/offsets", words[1]);
	int rc = call(self, "GET", path, S(""), &text, &out);
	if (!rc && cmd_is_json()) {
		cmd_json(buf_slice(&text));
	} else if (!rc) {
		json_array_foreach(json_object_get(out, "offsets"), i, o) {
			json_t *row = json_object();
			json_object_update(row, json_object_get(o, "partition"));
			json_object_update(row, json_object_get(o, "offset"));
			json_array_append_new(rows, row);
		}
		cmd_lake_members(rows, "topic=kafka_topic, partition=kafka_partition, offset=kafka_offset, file=filename, position=position");
	}
	free(path);
	json_decref(rows);
	json_decref(out);
	buf_free(&text);
	return rc;
}

/* A call without a body whose success is all that it says. */
static int act(void *self, const char *method, const char *fmt, const char *name, const char *done)
{
	struct buf text = { 0 };
	json_t *out = NULL;
	char *path = path_of(fmt, name);
	int rc = call(self, method, path, S(""), &text, &out);
	if (!rc && cmd_is_json())
		cmd_json(S("{}"));
	else if (!rc)
		printf("%s is %s\n", name, done);
	free(path);
	json_decref(out);
	buf_free(&text);
	return rc;
}

static int pause_it(void *self, char **words, int n)
{
	return act(self, "PUT", "/connectors/%s/pause", words[1], "paused");
}

static int resume(void *self, char **words, int n)
{
	return act(self, "PUT", "/connectors/%s/resume", words[1], "resumed");
}

static int stop(void *self, char **words, int n)
{
	return act(self, "PUT", "/connectors/%s/stop", words[1], "stopped");
}

static int restart(void *self, char **words, int n)
{
	return act(self, "POST", "/connectors/%s/restart?includeTasks=true", words[1], "restarted, with its tasks");
}

static int delete(void *self, char **words, int n)
{
	return act(self, "DELETE", "/connectors/%s", words[1], "deleted");
}

/* The file as a configuration, JSON {"name": …, "config": {…}} or the configuration alone, or .properties; *name is heap, NULL: none. */
static int read_config(const char *path, struct buf *body, char **name, struct error *err)
{
	struct con_config c = { 0 };
	json_t *v;
	char *text = xmalloc(CONFIG_MAX);
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, CONFIG_MAX, f) : 0;
	int rc = !f ? err_set(err, ERR_NOT_FOUND, "%s", strerror(errno)) : n == CONFIG_MAX ? err_set(err, ERR_LIMIT, "over %d bytes", CONFIG_MAX) : 0;
	if (f)
		(void)fclose(f);
	if (!rc && (v = json_loadb(text, n, 0, NULL))) {
		json_t *config = json_object_get(v, "config");
		*name = jdup(v, "name");
		char *dumped = json_dumps(json_is_object(config) ? config : v, 0);
		buf_adds(body, dumped);
		free(dumped);
		json_decref(v);
	} else if (!rc && !(rc = con_properties(sl_of(text, n), &c, err))) {
		*name = con_get(&c, "name") ? xstrdup(con_get(&c, "name")) : NULL;
		con_config_json(&c, body);
	}
	con_config_free(&c);
	free(text);
	return rc;
}

static int create(void *self, char **words, int n)
{
	struct buf body = { 0 }, text = { 0 };
	char *name = NULL, *path = NULL;
	json_t *out = NULL;
	struct error err;
	int rc;
	if (read_config(words[1], &body, &name, &err)) {
		rc = cmd_fail(EXIT_USAGE, "tarn connector create FILE.json", "%s: %s", words[1], err.text);
	} else if (n < 3 && !name) {
		rc = cmd_fail(EXIT_USAGE, "tarn connector create FILE NAME", "%s names no connector", words[1]);
	} else {
		path = path_of("/connectors/%s/config", n > 2 ? words[2] : name);
		if (!(rc = call(self, "PUT", path, buf_slice(&body), &text, &out))) {
			if (cmd_is_json())
				print_json(out);
			else
				printf("%s is there: tarn connector status %s\n", jstr(out, "name"), jstr(out, "name"));
		}
	}
	free(path);
	free(name);
	json_decref(out);
	buf_free(&body);
	buf_free(&text);
	return rc;
}

static const struct action actions[] = {
	{ "ls", "", "lists the connectors", 0, 0, list },
	{ "status", "NAME", "shows its tasks, what each partition has read and not written, and which rule will write it, when", 1, 1, status },
	{ "config", "NAME", "shows its configuration", 1, 1, config },
	{ "offsets", "NAME", "shows how far it has come", 1, 1, offsets },
	{ "create", "FILE [NAME]", "makes one, or changes it, of a .json or .properties file", 1, 2, create },
	{ "pause", "NAME", "pauses it", 1, 1, pause_it },
	{ "resume", "NAME", "lets it run again", 1, 1, resume },
	{ "stop", "NAME", "ends its tasks; then its offsets may be changed", 1, 1, stop },
	{ "restart", "NAME", "starts it and its tasks anew", 1, 1, restart },
	{ "delete", "NAME", "ends it and forgets it", 1, 1, delete },
	{ NULL },
};

const struct command command_connector = {
	"connector", "ls | status NAME | config NAME | offsets NAME | create FILE [NAME] | pause NAME | resume NAME | stop NAME | restart NAME | delete NAME",
	"Shows and changes connectors of Kafka Connect.", sizeof(struct worker), NULL, cmd_lake_done, .flags = { data_flags, lake_flags },
	.actions = actions, .example = "tarn connector status s3-sink",
};
