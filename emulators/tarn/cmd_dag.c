/* tarn dag: the DAGs of a running stack: list, trigger, runs, show, pause, unpause. */
#include "core/json.h"
#include "tarn/cmd_lake.h"

struct dag {
	struct cmd_lake l;
	const char *conf, *run_id;
};

/* One call below /api/v1; *out is the parsed answer. Says what went wrong. */
static int call(struct dag *d, const char *method, const char *path, const char *body, struct buf *text, json_t **out)
{
	struct error err;
	int status = 0, rc = EXIT_OK;
	if (!d->l.base && !(d->l.base = d->l.connect ? xstrdup(d->l.connect) : cmd_endpoint(d->l.data, "airflow")))
		return cmd_fail(EXIT_START, "tarn up -d", "no stack with airflow runs on %s", cmd_data(d->l.data));
	char *full = xasprintf("/api/v1%s", path);
	if (cmd_http(d->l.base, method, full, sl(body), body ? "application/json" : NULL, &status, text, &err)) {
		rc = cmd_error(EXIT_START, "UNREACHABLE", "tarn status, or tarn up -d", "airflow does not answer: %s", err.text);
	} else {
		*out = json_loadb(buf_slice(text).p, text->n, JSON_ALLOW_NUL, NULL);
		const char *title = jstr(*out, "title"), *detail = jstr(*out, "detail");
		if (status != 200 || !*out)
			rc = cmd_error(status == 404 || status == 400 ? EXIT_USAGE : EXIT_FAILED, title ? title : "BAD_ANSWER",
					  status == 404 ? "tarn dag list" : NULL, "dag: %s", detail ? detail : title ? title : "the answer is no JSON");
	}
	free(full);
	return rc;
}

static char *path_of(const char *fmt, const char *id)
{
	struct buf b = { 0 };
	buf_url_escape(&b, sl(id), false);
	char *path = xasprintf(fmt, buf_cstr(&b));
	buf_free(&b);
	return path;
}

static int dag_list(void *self, char **words, int n)
{
	struct dag *d = self;
	struct buf text = { 0 }, more = { 0 };
	json_t *out = NULL, *errors = NULL;
	int rc = call(d, "GET", "/dags", NULL, &text, &out);
	if (!rc && !(rc = call(d, "GET", "/importErrors", NULL, &more, &errors))) {
		const json_t *e;
		size_t i;
		if (cmd_is_json()) {
			json_object_set(out, "import_errors", json_object_get(errors, "import_errors"));
			char *all = json_dumps(out, 0);
			cmd_json(sl(all));
			free(all);
		} else {
			cmd_lake_members(json_object_get(out, "dags"),
					 "dag=dag_id, paused=is_paused, schedule=schedule_interval, next run at=next_dagrun_create_after, file=fileloc");
			json_array_foreach(json_object_get(errors, "import_errors"), i, e)
				fprintf(stderr, "\n%s could not be read:\n%s", jstr(e, "filename"),
					jstr(e, "stack_trace"));
		}
	}
	json_decref(out);
	json_decref(errors);
	buf_free(&text);
	buf_free(&more);
	return rc;
}

/* One call and a table of its answer. list: member that holds the rows; NULL: the answer is the row. */
static int ask(struct dag *d, const char *method, char *path, const char *body, const char *list, const char *columns)
{
	struct buf text = { 0 };
	json_t *out = NULL;
	int rc = call(d, method, path, body, &text, &out);
	if (!rc && cmd_is_json()) {
		cmd_json(buf_slice(&text));
	} else if (!rc) {
		json_t *one = list ? NULL : json_pack("[O]", out);
		cmd_lake_members(list ? json_object_get(out, list) : one, columns);
		json_decref(one);
	}
	free(path);
	json_decref(out);
	buf_free(&text);
	return rc;
}

static const char run_columns[] = "dag=dag_id, run=dag_run_id, state=state, started=start_date, ended=end_date";

/* As in Airflow, a run of a paused DAG stays queued. 0, or what a DAG that isn't there ends with. */
static int warn_paused(struct dag *d, const char *name)
{
	struct buf text = { 0 };
	char *path = path_of("/dags/%s", name);
	json_t *dag = NULL;
	int rc = call(d, "GET", path, NULL, &text, &dag);
	if (!rc && jtrue(dag, "is_paused"))
		cmd_warn("%s is paused; tarn dag unpause %s: until then the run stays queued", name, name);
	json_decref(dag);
	buf_free(&text);
	free(path);
	return rc;
}

static int dag_trigger(void *self, char **words, int n)
{
	struct dag *d = self;
	json_t *conf = d->conf ? json_loads(d->conf, 0, NULL) : json_object();
	if (!json_is_object(conf)) {
		json_decref(conf);
		return cmd_error(EXIT_USAGE, "USAGE", "--conf '{\"key\": 1}'", "--conf is a JSON object");
	}
	json_t *body = json_pack("{s:o}", "conf", conf);
	if (d->run_id)
		json_object_set_new(body, "dag_run_id", json_string(d->run_id));
	char *text = json_dumps(body, 0);
	int rc = warn_paused(d, words[1]);
	if (!rc)
		rc = ask(d, "POST", path_of("/dags/%s/dagRuns", words[1]), text, NULL, run_columns);
	free(text);
	json_decref(body);
	return rc;
}

static int dag_runs(void *self, char **words, int n)
{
	char *path = n > 1 ? path_of("/dags/%s/dagRuns?order_by=-execution_date", words[1])
			   : xstrdup("/dags/~/dagRuns?order_by=-execution_date");
	return ask(self, "GET", path, NULL, "dag_runs", run_columns);
}

static int set_paused(struct dag *d, const char *dag, const char *body)
{
	return ask(d, "PATCH", path_of("/dags/%s?update_mask=is_paused", dag), body, NULL,
		   "dag=dag_id, paused=is_paused, next run at=next_dagrun_create_after");
}

static int dag_pause(void *self, char **words, int n)
{
	return set_paused(self, words[1], "{\"is_paused\":true}");
}

static int dag_unpause(void *self, char **words, int n)
{
	return set_paused(self, words[1], "{\"is_paused\":false}");
}

/* Puts the answer of one more call into all; its member list, or the whole. */
static int add(struct dag *d, const char *dag, json_t *all, const char *fmt, const char *list, const char *as)
{
	struct buf text = { 0 };
	json_t *out = NULL;
	char *path = path_of(fmt, dag);
	int rc = call(d, "GET", path, NULL, &text, &out);
	if (!rc)
		json_object_set(all, as, list ? json_object_get(out, list) : out);
	free(path);
	json_decref(out);
	buf_free(&text);
	return rc;
}

static void print_dag(const char *name, const json_t *all)
{
	const json_t *dag = json_object_get(all, "dag"), *w;
	const json_t *schedule = json_object_get(dag, "schedule_interval"), *value = json_object_get(schedule, "value");
	char *text = json_is_string(value) ? xstrdup(json_string_value(value)) : json_dumps(schedule, JSON_ENCODE_ANY);
	size_t i;
	printf("%s: %s\n", name, jstr(dag, "fileloc"));
	printf("schedule %s, catchup %s, %s\n\n", text ? text : "none", jtrue(dag, "catchup") ? "yes" : "no",
	       jtrue(dag, "is_paused") ? "paused: tarn dag unpause starts it" : "running");
	free(text);
	cmd_lake_members(json_object_get(all, "tasks"),
			 "task=task_id, operator=operator_name, before=downstream_task_ids, retries=retries, rule=trigger_rule");
	if (json_array_size(json_object_get(all, "not_understood")))
		puts("\nnot understood:");
	json_array_foreach(json_object_get(all, "not_understood"), i, w)
		printf("  %s\n", jstr(w, "message"));
	if (json_array_size(json_object_get(all, "runs"))) {
		puts("\nlatest runs:");
		cmd_lake_members(json_object_get(all, "runs"), strchr(run_columns, ',') + 1);
	}
}

static int dag_show(void *self, char **words, int n)
{
	struct dag *d = self;
	json_t *all = json_object();
	int rc;
	if (!(rc = add(d, words[1], all, "/dags/%s/details", NULL, "dag")) && !(rc = add(d, words[1], all, "/dags/%s/tasks", "tasks", "tasks")) &&
	    !(rc = add(d, words[1], all, "/dagWarnings?dag_id=%s", "dag_warnings", "not_understood")) &&
	    !(rc = add(d, words[1], all, "/dags/%s/dagRuns?order_by=-execution_date&limit=5", "dag_runs", "runs"))) {
		if (cmd_is_json()) {
			char *text = json_dumps(all, 0);
			cmd_json(sl(text));
			free(text);
		} else {
			print_dag(words[1], all);
		}
	}
	json_decref(all);
	return rc;
}

static const struct flag dag_flags[] = {
	{ "conf", 0, FLAG_TEXT, offsetof(struct dag, conf), "JSON", "trigger: the run's conf, a JSON object" },
	{ "run-id", 0, FLAG_TEXT, offsetof(struct dag, run_id), "ID", "trigger: the run's id" },
	{ NULL },
};

static const struct action dag_actions[] = {
	{ "list", "", "lists the DAGs, and the files that could not be read", 0, 0, dag_list },
	{ "runs", "[DAG]", "lists runs, the newest first", 0, 1, dag_runs },
	{ "show", "DAG", "shows its tasks, its latest runs, and what of it was not understood", 1, 1, dag_show },
	{ "trigger", "DAG", "starts a run", 1, 1, dag_trigger },
	{ "pause", "DAG", "ends its schedule", 1, 1, dag_pause },
	{ "unpause", "DAG", "starts its schedule", 1, 1, dag_unpause },
	{ NULL },
};

const struct command command_dag = {
	"dag", "list | runs [DAG] | show DAG | trigger DAG | pause DAG | unpause DAG", "Shows and starts the DAGs of a running stack.",
	sizeof(struct dag), NULL, cmd_lake_done, .flags = { data_flags, lake_flags, dag_flags }, .actions = dag_actions,
	.example = "tarn dag list",
};
