/* Running a task. Databricks operators talk to the Jobs API at their connection's host, one call at a time, so that the
 * ids handed out there are the same in every run; Python and Bash tasks run in a child process. */
#include "airflow/airflow.h"
#include "core/httpc.h"
#include "core/json.h"

struct af_exec;
typedef void (*exec_answer)(struct af_exec *e, int status, const json_t *body, const char *text);
struct af_exec {
	struct af_exec *next, *prev;
	struct af_exec *next_http; /* in the queue of calls */
	struct airflow *a;
	struct af_ti *ti; /* NULL: killed */
	enum af_task_kind kind;
	json_t *spec;
	struct owed *child, *call;
	struct clock_timer timer, limit;
	/* the call being made */
	const char *method;
	char *path, *body;
	exec_answer on;
	int tries;
	bool queued;
	int64_t run_id; /* at Databricks; 0: none yet */
	bool url_known;
	char *failed_tasks; /* what they said */
	json_t *to_ask;     /* run_ids of failed tasks */
	size_t asked;
	json_t *look, *found; /* a sensor's: where to look in the object store, and what was there */
};

static void exec_free(struct af_exec *e)
{
	struct clock *c = e->a->env->clock;
	if (e->prev)
		e->prev->next = e->next;
	else
		e->a->execs = e->next;
	if (e->next)
		e->next->prev = e->prev;
	owed_cancel_all(&e->child);
	owed_cancel_all(&e->call);
	clock_cancel(c, &e->timer);
	clock_cancel(c, &e->limit);
	json_decref(e->spec);
	json_decref(e->to_ask);
	json_decref(e->look);
	json_decref(e->found);
	free(e->failed_tasks);
	free(e->path);
	free(e->body);
	free(e);
}

static void finish(struct af_exec *e, enum af_ti_state state, bool no_retry)
{
	struct af_ti *t = e->ti;
	exec_free(e);
	af_ti_done(t, state, no_retry);
}

static void fail(struct af_exec *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void fail(struct af_exec *e, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	af_ti_log(e->ti, "taskinstance.py:2905", "ERROR", "Task failed with exception\nairflow.exceptions.AirflowException: %s", buf_cstr(&b));
	buf_free(&b);
	finish(e, TI_FAILED, false);
}

static void push(struct af_ti *t, const char *key, json_t *value)
{
	if (!t->xcoms)
		t->xcoms = json_object();
	json_object_set_new(t->xcoms, key, value);
	af_touch(t->run);
}

/* ---- calls ---- */

static void http_next(struct airflow *a);

static json_t *af_connection(const struct airflow *a, const char *id)
{
	return json_object_get(a->kept[AF_CONNECTION], id);
}

/* Address of the workspace that a connection names; one without a host means this process's lake. */
static char *base_of(const struct airflow *a, const json_t *conn)
{
	const struct conf *conf = a->env->conf;
	const char *host = jstr(conn, "host"), *schema = jstr(conn, "schema");
	const char *other = conf_get(conf, "airflow", "databricks");
	json_int_t port = jint(conn, "port");
	if (!host || !*host)
		return other ? xstrdup(other) : xasprintf("http://%s:%s", conf_str(conf, "control", "listen_host", "127.0.0.1"),
							  conf_str(conf, "control", "listen_port", "4580"));
	const char *scheme = strstr(host, "://");
	if (scheme && !schema)
		schema = !strncmp(host, "http:", 5) ? "http" : "https";
	host = scheme ? scheme + 3 : host;
	size_t n = strcspn(host, "/");
	return port ? xasprintf("%s://%.*s:%lld", schema && *schema ? schema : "https", (int)n, host, (long long)port)
		    : xasprintf("%s://%.*s", schema && *schema ? schema : "https", (int)n, host);
}

static struct slice token_of(struct arena *a, const json_t *conn)
{
	const json_t *extra = json_object_get(conn, "extra");
	json_t *parsed = json_is_string(extra) ? json_loads(json_string_value(extra), 0, NULL) : NULL;
	const char *token = jstr(parsed, "token"), *password = jstr(conn, "password");
	const char *login = jstr(conn, "login");
	struct slice out = sl(NULL);
	struct buf b = { 0 };
	if (token || (password && (!login || !*login))) {
		out = arena_printf(a, "Bearer %s", token ? token : password);
	} else if (login && *login) {
		char *pair = xasprintf("%s:%s", login, password ? password : "");
		buf_base64(&b, pair, strlen(pair));
		out = arena_printf(a, "Basic %s", buf_cstr(&b));
		free(pair);
	}
	buf_free(&b);
	json_decref(parsed);
	return out;
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err);

static void send_call(struct af_exec *e)
{
	struct airflow *a = e->a;
	const char *id = jstr(e->spec, "conn_id");
	const json_t *conn = af_connection(a, id ? id : "databricks_default");
	struct arena arena = { 0 };
	char *base = base_of(a, conn), *url = xasprintf("%s/api/%s/%s", base, conf_str(a->env->conf, "airflow", "jobs_api", "2.1"), e->path);
	struct http_header h[3] = { { S("User-Agent"), S("databricks-airflow/6.12.0 _/0.0.0 python/3.11.9 os/linux airflow/" AF_VERSION
							 " operator/DatabricksSubmitRunOperator") },
				    { S("Content-Type"), S("application/json") },
				    { S("Authorization"), token_of(&arena, conn) } };
	struct httpc_req req = { .method = sl(e->method), .url = sl(url), .headers = h, .header_n = h[2].value.p ? 3 : 2,
				 .body = e->body ? sl(e->body) : sl(NULL), .timeout_ms = 180000 };
	a->http_busy = true;
	owed_keep(&e->call, httpc_send(a->env->httpc, &req, on_answer, e));
	free(base);
	free(url);
	arena_free(&arena);
}

static void http_next(struct airflow *a)
{
	struct af_exec *e = a->http_first;
	if (a->http_busy || !e)
		return;
	a->http_first = e->next_http;
	if (!a->http_first)
		a->http_last = NULL;
	e->queued = false;
	send_call(e);
}

static void queue_call(struct af_exec *e)
{
	struct airflow *a = e->a;
	e->queued = true;
	e->next_http = NULL;
	if (a->http_last)
		a->http_last->next_http = e;
	else
		a->http_first = e;
	a->http_last = e;
	http_next(a);
}

/* path is taken. */
static void call(struct af_exec *e, const char *method, char *path, json_t *body, exec_answer on)
{
	free(e->path);
	free(e->body);
	e->method = method;
	e->path = path;
	e->body = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	e->on = on;
	e->tries = 0;
	queue_call(e);
}

static void on_try_again(void *arg)
{
	queue_call(arg);
}

static bool worth_a_retry(int status, const json_t *body)
{
	const char *code = jstr(body, "error_code");
	return !status || status >= 500 || status == 429 || (status == 400 && code && !strcmp(code, "COULD_NOT_ACQUIRE_LOCK"));
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct af_exec *e = arg;
	struct airflow *a = e->a;
	int status = err ? 0 : resp->status;
	a->http_busy = false;
	if (!e->ti) { /* killed: this was the cancel call, or one that came too late */
		if (e->run_id && strcmp(e->path, "jobs/runs/cancel"))
			call(e, "POST", xstrdup("jobs/runs/cancel"), json_pack("{s:I}", "run_id", (json_int_t)e->run_id), NULL);
		else
			exec_free(e);
		http_next(a);
		return;
	}
	struct slice text = err ? sl(err->text) : resp->body;
	json_t *body = err ? NULL : json_loadb(text.p ? text.p : "", text.n, JSON_ALLOW_NUL, NULL);
	char *copy = xstrndup(text.p ? text.p : "", text.n);
	int limit = (int)jint(e->spec, "retry_limit");
	int64_t delay = jint(e->spec, "retry_delay_ms");
	if (status != 200 && worth_a_retry(status, body) && ++e->tries < limit) {
		af_ti_log(e->ti, "databricks_base.py:571", "ERROR", "Attempt %d API Request to Databricks failed with reason: %s", e->tries, copy);
		clock_at(a->env->clock, &e->timer, af_now(a) + (delay << (e->tries - 1)), on_try_again, e);
	} else if (err) {
		fail(e, "API requests to Databricks failed %d times. Giving up: %s", e->tries, copy);
	} else if (status != 200) {
		fail(e, "Response: %s, Status Code: %d", copy, status);
	} else {
		e->on(e, status, body, copy);
	}
	free(copy);
	json_decref(body);
	http_next(a);
}

/* ---- Databricks ---- */

static void on_state(struct af_exec *e, int status, const json_t *body, const char *text);

static void poll(void *arg)
{
	struct af_exec *e = arg;
	call(e, "GET", xasprintf("jobs/runs/get?run_id=%lld", (long long)e->run_id), NULL, on_state);
}

static char *state_text(const json_t *state)
{
	json_t *s = json_pack("{s:s, s:s, s:s}", "life_cycle_state", jstr(state, "life_cycle_state") ?
			      jstr(state, "life_cycle_state") : "", "result_state",
			      jstr(state, "result_state") ? jstr(state, "result_state") : "",
			      "state_message", jstr(state, "state_message") ?
			      jstr(state, "state_message") : "");
	char *text = json_dumps(s, 0);
	json_decref(s);
	return text;
}

static void ask_output(struct af_exec *e);

static void on_output(struct af_exec *e, int status, const json_t *body, const char *text)
{
	const char *error = jstr(body, "error");
	if (error) {
		char *more = e->failed_tasks ? xasprintf("%s; %s", e->failed_tasks, error) : xstrdup(error);
		free(e->failed_tasks);
		e->failed_tasks = more;
	}
	e->asked++;
	ask_output(e);
}

/* Asks each failed task for its error, then fails with all of them. */
static void ask_output(struct af_exec *e)
{
	const json_t *id = json_array_get(json_object_get(e->to_ask, "ids"), e->asked);
	if (id) {
		call(e, "GET", xasprintf("jobs/runs/get-output?run_id=%lld", (long long)json_integer_value(id)), NULL, on_output);
		return;
	}
	const char *state = jstr(e->to_ask, "state");
	fail(e, "%s failed with terminal state: %s and with the error %s", e->ti->task_id, state, e->failed_tasks ? e->failed_tasks : "");
}

static void run_failed(struct af_exec *e, const json_t *body, const char *state)
{
	const json_t *tasks = json_object_get(body, "tasks"), *t;
	json_t *ids = json_array();
	size_t i;
	json_array_foreach(tasks, i, t) {
		const char *result = jstr(json_object_get(t, "state"), "result_state");
		if (result && !strcmp(result, "FAILED"))
			json_array_append(ids, json_object_get(t, "run_id"));
	}
	if (!tasks)
		json_array_append_new(ids, json_integer(e->run_id));
	e->to_ask = json_pack("{s:o, s:s}", "ids", ids, "state", state);
	ask_output(e);
}

static void on_state(struct af_exec *e, int status, const json_t *body, const char *text)
{
	const json_t *state = json_object_get(body, "state");
	const char *life = jstr(state, "life_cycle_state");
	const char *result = jstr(state, "result_state");
	const char *url = jstr(body, "run_page_url");
	int64_t period = jint(e->spec, "polling_ms");
	char *said = state_text(state);
	if (!e->url_known && url) {
		e->url_known = true;
		push(e->ti, "run_page_url", json_string(url));
		af_ti_log(e->ti, "databricks.py:73", "INFO", "View run status, Spark UI, and logs at %s", url);
	}
	bool over = life && (!strcmp(life, "TERMINATED") || !strcmp(life, "SKIPPED") || !strcmp(life, "INTERNAL_ERROR"));
	if (!jtrue(e->spec, "wait") || (over && result && !strcmp(result, "SUCCESS"))) {
		const char *message = jstr(state, "state_message");
		if (over && message && *message) /* how a notebook that isn't there was done */
			af_ti_log(e->ti, "databricks.py:60", "INFO", "%s", message);
		if (over)
			af_ti_log(e->ti, "databricks.py:60", "INFO", "%s completed successfully.", e->ti->task_id);
		finish(e, TI_SUCCESS, false);
	} else if (over) {
		run_failed(e, body, said);
	} else if (!life) {
		fail(e, "Response: %s has no state", text);
	} else {
		af_ti_log(e->ti, "databricks.py:98", "INFO", "%s in run state: %s", e->ti->task_id, said);
		af_ti_log(e->ti, "databricks.py:101", "INFO", "Sleeping for %lld seconds.", (long long)(period / 1000));
		clock_at(e->a->env->clock, &e->timer, af_now(e->a) + (period > 1000 ? period : 1000), poll, e);
	}
	free(said);
}

static void on_submitted(struct af_exec *e, int status, const json_t *body, const char *text)
{
	const json_t *id = json_object_get(body, "run_id");
	if (!json_is_integer(id)) {
		fail(e, "Response: %s has no run_id", text);
		return;
	}
	e->run_id = json_integer_value(id);
	push(e->ti, "run_id", json_integer(e->run_id));
	af_ti_log(e->ti, "databricks.py:67", "INFO", "Run submitted with run_id: %lld", (long long)e->run_id);
	poll(e);
}

static void on_jobs(struct af_exec *e, int status, const json_t *body, const char *text)
{
	const json_t *jobs = json_object_get(body, "jobs");
	json_t *ask = json_deep_copy(json_object_get(e->spec, "json"));
	const char *name = jstr(ask, "job_name");
	if (json_array_size(jobs) != 1) {
		fail(e, json_array_size(jobs) ? "There are more than one job with name %s" : "Job ID for job name %s can not be found", name);
	} else {
		json_object_set(ask, "job_id", json_object_get(json_array_get(jobs, 0), "job_id"));
		json_object_del(ask, "job_name");
		call(e, "POST", xstrdup("jobs/run-now"), json_incref(ask), on_submitted);
	}
	json_decref(ask);
}

static void databricks_start(struct af_exec *e)
{
	json_t *ask = json_object_get(e->spec, "json");
	const char *id = jstr(e->spec, "conn_id"), *name = jstr(ask, "job_name");
	if (!id || !af_connection(e->a, id)) {
		fail(e, "The conn_id `%s` isn't defined", id ? id : "");
	} else if (e->kind == TASK_SUBMIT) {
		call(e, "POST", xstrdup("jobs/runs/submit"), json_incref(ask), on_submitted);
	} else if (name) {
		struct buf path = { 0 };
		buf_adds(&path, "jobs/list?limit=25&expand_tasks=False&name=");
		buf_url_escape(&path, sl(name), false);
		call(e, "GET", xstrdup(buf_cstr(&path)), NULL, on_jobs);
		buf_free(&path);
	} else {
		call(e, "POST", xstrdup("jobs/run-now"), json_incref(ask), on_submitted);
	}
}

/* ---- child processes ---- */

static void add_log(struct af_ti *t, const char *source, struct slice text)
{
	struct slice line;
	while (text.n) {
		sl_cut(text, '\n', &line, &text);
		if (sl_starts(line, S("INFO - ")))
			af_ti_log(t, source, "INFO", "%.*s", (int)line.n - 7, line.p + 7);
		else if (sl_starts(line, S("ERROR - ")))
			af_ti_log(t, source, "ERROR", "%.*s", (int)line.n - 8, line.p + 8);
		else
			af_ti_log(t, source, "INFO", "%.*s", SL(line));
		if (!text.p)
			break;
	}
}

static void take_variables(struct airflow *a, const json_t *changed)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)changed, key, v) {
		json_t *doc = json_pack("{s:O, s:n}", "value", v, "description");
		af_keep(a, AF_VARIABLE, key, doc);
		json_decref(doc);
	}
}

/* ---- sensors: a child looks once; until it sees what it waits for the task goes on and looks again ---- */

enum { FOUND_MAX = 1000 }; /* objects that a sensor is shown of each place */

static void child_begin(struct af_exec *e, bool render);

static void look_again(void *arg)
{
	child_begin(arg, false);
}

static void next_look(struct af_exec *e);

static bool on_object(void *arg, const struct object_entry *o)
{
	struct af_exec *e = arg;
	json_t *objects = json_object_get(json_array_get(e->found, json_array_size(e->found) - 1), "objects");
	json_array_append_new(objects, json_pack("{s:o, s:I}", "key", json_stringn(o->key.p, o->key.n), "size", (json_int_t)o->size));
	return json_array_size(objects) < FOUND_MAX;
}

static void on_looked(void *arg, const struct error *err)
{
	struct af_exec *e = arg;
	if (err && (!err->def || strcmp(err->def->code, "NoSuchBucket")))
		fail(e, "the object store: %s", err->text);
	else
		next_look(e);
}

static void next_look(struct af_exec *e)
{
	const json_t *at = json_array_get(e->look, json_array_size(e->found));
	const struct object_store *s = &e->a->env->ports->objects;
	const char *bucket = jstr(at, "bucket"), *prefix = jstr(at, "prefix");
	if (!at) {
		child_begin(e, false);
		return;
	}
	json_array_append_new(e->found, json_pack("{s:s, s:s, s:[]}", "bucket", bucket ? bucket : "", "prefix", prefix ? prefix : "", "objects"));
	owed_keep(&e->child, objects_each(s, sl(bucket ? bucket : ""), sl(prefix ? prefix : ""), sl(NULL), on_object, on_looked, e));
}

/* Answers what a sensor asked of the object store: the child is begun again with it. */
static void look(struct af_exec *e, const json_t *where)
{
	struct error err;
	json_decref(e->look);
	json_decref(e->found);
	e->look = json_deep_copy(where);
	e->found = json_array();
	if (port_needed(e->a->env, PORT_OBJECTS, &err))
		fail(e, "%s", err.text);
	else
		next_look(e);
}

static void poke_later(struct af_exec *e, int64_t after_ms)
{
	json_decref(e->found);
	e->found = NULL;
	clock_at(e->a->env->clock, &e->timer, af_now(e->a) + (after_ms > 1000 ? after_ms : 1000), look_again, e);
}

static void on_child(void *arg, const struct child_result *r, const struct error *err)
{
	struct af_exec *e = arg;
	struct af_ti *t = e->ti;
	json_t *out = json_loadb(r->out.p, r->out.n, JSON_ALLOW_NUL, NULL);
	const json_t *log = json_object_get(out, "log");
	const char *state = jstr(out, "state"), *key;
	json_t *v;
	if (json_is_string(log))
		add_log(t, "logging_mixin.py:188", sl_of(json_string_value(log), json_string_length(log)));
	if (r->err_out.n)
		add_log(t, "subprocess.py:93", r->err_out);
	json_object_foreach(json_object_get(out, "xcoms"), key, v)
		push(t, key, json_incref(v));
	take_variables(e->a, json_object_get(out, "variables"));
	json_t *spec = json_object_get(out, "spec");
	if (err) {
		fail(e, "this task needs python3: %s", err->text);
	} else if (!state) {
		fail(e, r->late ? "Task timed out after %d seconds of real time" : "Task exited with return code %d", r->late ? AF_TASK_MS / 1000 : r->code);
	} else if (!strcmp(state, "poke")) {
		poke_later(e, json_integer_value(json_object_get(out, "after_ms")));
	} else if (!strcmp(state, "look") && !e->found) {
		look(e, json_object_get(out, "look"));
	} else if (!strcmp(state, "success") && spec && (e->kind == TASK_SUBMIT || e->kind == TASK_RUN_NOW)) {
		json_decref(e->spec);
		e->spec = json_incref(spec);
		databricks_start(e);
	} else if (!strcmp(state, "success")) {
		if (e->kind == TASK_BRANCH)
			af_ti_skip_below(t, json_object_get(out, "follow"));
		if (e->kind == TASK_SHORT && json_is_false(json_object_get(out, "go_on")))
			af_ti_skip_below(t, NULL);
		finish(e, TI_SUCCESS, false);
	} else {
		finish(e, !strcmp(state, "skipped") ? TI_SKIPPED : TI_FAILED, jtrue(out, "no_retry"));
	}
	json_decref(out);
}

static json_t *xcoms_of(const struct af_run *r)
{
	json_t *all = json_array();
	for (size_t i = 0; i < r->ti_n; i++) {
		const char *key;
		json_t *v;
		json_object_foreach(r->tis[i].xcoms, key, v)
			json_array_append_new(all, json_pack("{s:s, s:s, s:O}", "task_id", r->tis[i].task_id, "key", key, "value", v));
	}
	return all;
}

static void child_begin(struct af_exec *e, bool render)
{
	const struct af_run *r = e->ti->run;
	static const char *const env[] = { "PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1", NULL };
	const char *argv[] = { "python3", "-c", e->a->reader, NULL };
	json_t *ask = af_files_ask(e->a, "run");
	json_object_set_new(ask, "file", json_string(r->dag->file));
	json_object_set_new(ask, "dag_id", json_string(r->dag->id));
	json_object_set_new(ask, "task_id", json_string(e->ti->task_id));
	json_object_set_new(ask, "render", json_boolean(render));
	json_object_set_new(ask, "xcoms", xcoms_of(r));
	if (e->found)
		json_object_set(ask, "found", e->found);
	json_object_set_new(ask, "context",
			    json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:O}", "run_id", r->id, "run_type", r->type, "dag_id", r->dag->id,
				      "task_id", e->ti->task_id, "try_number", (json_int_t)e->ti->try_number, "logical_ms",
				      (json_int_t)r->logical_ms, "interval_start_ms", (json_int_t)r->interval_start_ms, "interval_end_ms",
				      (json_int_t)r->interval_end_ms, "conf", r->conf));
	json_object_set_new(json_object_get(ask, "context"), "began_ms", json_integer(e->ti->start_ms));
	char *text = json_dumps(ask, JSON_COMPACT);
	char *what = xasprintf("task %s.%s", r->dag->id, e->ti->task_id);
	struct child_opts o = { .argv = argv, .env = env, .what = what, .input = sl(text), .real_ms = AF_TASK_MS };
	owed_keep(&e->child, child_start(e->a->env->loop, &o, on_child, e));
	free(what);
	free(text);
	json_decref(ask);
}

/* ---- the rest ---- */

static void latest_only(struct af_exec *e)
{
	const struct af_run *r = e->ti->run;
	int64_t now = af_now(e->a), next = -1;
	if (r->dag->schedule.kind == SCHED_CRON || r->dag->schedule.kind == SCHED_DELTA)
		next = af_sched_next(&r->dag->schedule, r->interval_end_ms);
	if (!r->external && next >= 0 && now > next) {
		json_t *none = json_array();
		af_ti_log(e->ti, "latest_only.py:70", "INFO", "Not latest execution, skipping downstream.");
		af_ti_skip_below(e->ti, none);
		json_decref(none);
	}
	finish(e, TI_SUCCESS, false);
}

static void trigger_dag(void *arg)
{
	struct af_exec *e = arg;
	const char *id = jstr(e->spec, "dag_id"), *run_id = jstr(e->spec, "run_id");
	struct af_dag *d = id ? af_dag(e->a, sl(id)) : NULL;
	struct af_run *r;
	struct error err;
	if (!d)
		fail(e, "Dag id %s not found in DagModel", id ? id : "");
	else if (af_trigger(d, "manual", sl(run_id), -1, json_object_get(e->spec, "conf"), NULL, &r, &err))
		fail(e, "%s", err.text);
	else
		finish(e, TI_SUCCESS, false);
}

static void on_limit(void *arg)
{
	struct af_exec *e = arg;
	struct af_ti *t = e->ti;
	af_ti_log(t, "timeout.py:68", "ERROR", "Process timed out: airflow.exceptions.AirflowTaskTimeout: Timeout");
	af_exec_kill(e);
	af_ti_done(t, TI_FAILED, false);
}

static bool has_template(const json_t *spec)
{
	char *text = json_dumps(spec, JSON_COMPACT | JSON_ENCODE_ANY);
	bool found = text && (strstr(text, "{{") || strstr(text, "{%") || strstr(text, "{#"));
	free(text);
	return found;
}

void af_exec_start(struct af_ti *t, const struct af_task *task)
{
	struct airflow *a = t->run->dag->a;
	struct af_exec *e = xcalloc(1, sizeof(*e));
	*e = (struct af_exec){ .a = a, .ti = t, .kind = task->kind, .spec = json_incref(task->spec), .next = a->execs };
	if (a->execs)
		a->execs->prev = e;
	a->execs = e;
	t->exec = e;
	if (task->timeout_ms)
		clock_at(a->env->clock, &e->limit, af_now(a) + task->timeout_ms, on_limit, e);
	char code[64];
	if (faults_ask_error(a->env->faults, "task", t->task_id, code)) {
		fail(e, "%s", code);
		return;
	}
	switch (task->kind) {
	case TASK_EMPTY:
		finish(e, TI_SUCCESS, false);
		return;
	case TASK_SUBMIT:
	case TASK_RUN_NOW:
		if (has_template(task->spec))
			child_begin(e, true);
		else
			databricks_start(e);
		return;
	case TASK_PYTHON:
	case TASK_BASH:
	case TASK_BRANCH:
	case TASK_SHORT:
		child_begin(e, false);
		return;
	case TASK_LATEST:
		latest_only(e);
		return;
	case TASK_TRIGGER:
		/* It takes a moment, so that a DAG that starts itself does not stop the clock. */
		clock_at(a->env->clock, &e->timer, af_now(a) + 1000, trigger_dag, e);
		return;
	case TASK_OTHER:
		break;
	}
	fail(e, "operator %s is not known here", t->operator);
}

void af_exec_kill(struct af_exec *e)
{
	struct airflow *a = e->a;
	struct clock *c = a->env->clock;
	e->ti = NULL;
	clock_cancel(c, &e->timer);
	clock_cancel(c, &e->limit);
	owed_cancel_all(&e->child);
	if (e->call || e->queued) /* its answer is waited for: it may name a run that is to be cancelled */
		return;
	if (e->run_id) /* on_kill of the operator */
		call(e, "POST", xstrdup("jobs/runs/cancel"), json_pack("{s:I}", "run_id", (json_int_t)e->run_id), NULL);
	else
		exec_free(e);
}

void af_exec_close(struct airflow *a)
{
	while (a->execs) {
		if (a->execs->ti)
			a->execs->ti->exec = NULL;
		exec_free(a->execs);
	}
}
