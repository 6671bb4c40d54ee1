/* Jobs, runs and tasks as the API shows them. */
#include "core/json.h"
#include "databricks/task.h"

static const char *const life_names[] = { "BLOCKED", "PENDING", "RUNNING", "TERMINATED", "SKIPPED", "INTERNAL_ERROR" };
static const char *const result_names[] = { "", "SUCCESS", "FAILED", "TIMEDOUT", "CANCELED", "UPSTREAM_FAILED", "EXCLUDED",
					     "UPSTREAM_CANCELED", "MAXIMUM_CONCURRENT_RUNS_REACHED" };

const char *dbx_life_name(enum dbx_life life)
{
	return life_names[life];
}

const char *dbx_result_name(enum dbx_result result)
{
	return result_names[result];
}

static json_t *state_json(const char *life, enum dbx_result result, const char *message, bool cut)
{
	json_t *s = json_object();
	json_object_set_new(s, "life_cycle_state", json_string(life));
	if (result)
		json_object_set_new(s, "result_state", json_string(result_names[result]));
	json_object_set_new(s, "state_message", json_string(message ? message : ""));
	json_object_set_new(s, "user_cancelled_or_timedout", json_boolean(cut));
	return s;
}

/* "status", which 2.1 and 2.2 show beside the older "state". */
static json_t *status_json(enum dbx_life life, enum dbx_result result, const char *message)
{
	static const char *const codes[] = { "", "SUCCESS", "RUN_EXECUTION_ERROR", "TIMED_OUT", "USER_CANCELED", "UPSTREAM_FAILED", "SKIPPED",
					     "UPSTREAM_CANCELED", "MAX_CONCURRENT_RUNS_EXCEEDED" };
	json_t *s = json_object();
	json_object_set_new(s, "state", json_string(life >= DBX_TERMINATED ? "TERMINATED" : life_names[life]));
	if (life < DBX_TERMINATED)
		return s;
	bool ok = result == DBX_SUCCESS;
	json_object_set_new(s, "termination_details",
			    json_pack("{s:s, s:s, s:s}", "code", life == DBX_INTERNAL_ERROR ? "RESOURCE_NOT_FOUND" : codes[result], "type",
				      ok ? "SUCCESS" : "CLIENT_ERROR", "message", message ? message : ""));
	return s;
}

static json_t *cluster_spec(const json_t *task)
{
	json_t *spec = json_object();
	static const char *const keys[] = { "existing_cluster_id", "new_cluster", "job_cluster_key", "libraries" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		json_t *v = json_object_get(task, keys[i]);
		if (v)
			json_object_set(spec, keys[i], v);
	}
	return spec;
}

static void page_url(const struct databricks *j, int64_t job_id, int64_t run_id, json_t *to)
{
	const struct conf *c = j->env->conf;
	char *url = xasprintf("http://%s:%s/?o=0#job/%lld/run/%lld", conf_str(c, "control", "listen_host", "127.0.0.1"),
			      conf_str(c, "control", "listen_port", "4580"), (long long)job_id, (long long)run_id);
	json_object_set_new(to, "run_page_url", json_string(url));
	free(url);
}

static int64_t spent(int64_t from, int64_t to)
{
	return from && to > from ? to - from : 0;
}

static const char *cluster_of(const struct dbx_task *t)
{
	const char *id = jstr(t->spec, "existing_cluster_id");
	return id ? id : "job-cluster";
}

static const char *task_life(const struct dbx_task *t)
{
	return t->waits ? "WAITING_FOR_RETRY" : life_names[t->life];
}

static void add_times(json_t *o, const struct dbx_task *t)
{
	json_object_set_new(o, "start_time", json_integer(t->start_ms));
	json_object_set_new(o, "setup_duration", json_integer(t->setup_ms));
	json_object_set_new(o, "execution_duration", json_integer(t->execution_ms));
	json_object_set_new(o, "cleanup_duration", json_integer(0));
	json_object_set_new(o, "end_time", json_integer(t->end_ms));
}

/* What its kind came to, beside what was sent: the outcome of a condition, the run of a job, how many iterations there were. */
static void add_result(json_t *o, const struct dbx_task_kind *kind, const struct dbx_task *t)
{
	json_t *sent = kind ? json_object_get(o, kind->key) : NULL, *more;
	if (!sent || !t->result_doc || !strcmp(kind->key, "sql_task"))
		return;
	more = json_copy(sent);
	if (!strcmp(kind->key, "for_each_task"))
		json_object_set_new(more, "stats", json_copy(t->result_doc));
	else if (!strcmp(kind->key, "condition_task"))
		json_object_update(more, t->result_doc);
	json_object_set_new(o, kind->key, more);
}

static json_t *task_json(const struct dbx_task *t)
{
	const struct dbx_run *r = t->run;
	const struct dbx_task_kind *kind = dbx_task_kind(t->spec);
	json_t *o = json_object();
	static const char *const kept[] = { "depends_on", "description", "existing_cluster_id", "new_cluster", "job_cluster_key", "libraries",
					    "run_if", "timeout_seconds", "max_retries", "min_retry_interval_millis", "retry_on_timeout",
					    "environment_key" };
	json_object_set_new(o, "run_id", json_integer(t->run_id));
	json_object_set_new(o, "task_key", json_string(t->key));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		json_t *v = json_object_get(t->spec, kept[i]);
		if (v)
			json_object_set(o, kept[i], v);
	}
	if (kind)
		json_object_set(o, kind->key, json_object_get(t->spec, kind->key));
	add_result(o, kind, t);
	if (kind && t->resolved)
		json_object_set_new(o, "resolved_values", json_pack("{s:O}", kind->key, t->resolved));
	json_object_set_new(o, "state", state_json(task_life(t), t->result, t->message, r->cancelled || r->timed_out));
	json_object_set_new(o, "status", status_json(t->life, t->result, t->message));
	page_url(r->j, r->job_id, t->run_id, o);
	add_times(o, t);
	if (t->life >= DBX_RUNNING && t->life != DBX_SKIPPED && (!kind || kind->cluster))
		json_object_set_new(o, "cluster_instance", json_pack("{s:s, s:s}", "cluster_id", cluster_of(t), "spark_context_id", "1"));
	json_object_set_new(o, "attempt_number", json_integer(t->attempt));
	json_t *run_if = json_object_get(t->spec, "run_if");
	json_object_set_new(o, "run_if", run_if ? json_incref(run_if) : json_string("ALL_SUCCESS"));
	return o;
}

/* Its attempts that are over, then the one that counts. */
static void add_attempts(json_t *list, const struct dbx_task *t)
{
	const json_t *attempt;
	size_t i;
	json_array_foreach(t->past, i, attempt)
		json_array_append(list, json_object_get(attempt, "task"));
	json_array_append_new(list, task_json(t));
}

static json_t *overriding(const struct dbx_run *r)
{
	json_t *o = json_object();
	const char *k;
	json_t *v;
	json_object_foreach(r->params, k, v)
		if (strcmp(k, "job_parameters"))
			json_object_set(o, k, v);
	return o;
}

/* The job's parameters as a run shows them. */
static json_t *parameters_json(const struct dbx_run *r, json_t *all)
{
	const json_t *declared = json_object_get(r->settings, "parameters"), *d;
	json_t *list = json_array(), *v;
	const char *name;
	size_t i;
	json_object_foreach(all, name, v) {
		json_t *one = json_pack("{s:s, s:O}", "name", name, "value", v);
		json_array_foreach(declared, i, d)
			if (jstr(d, "name") && !strcmp(jstr(d, "name"), name))
				json_object_set(one, "default", json_object_get(d, "default"));
		json_array_append_new(list, one);
	}
	return list;
}

json_t *dbx_run_json(const struct dbx_run *r, bool with_tasks)
{
	json_t *o = json_object();
	const struct dbx_task *first = &r->tasks[0];
	int64_t setup = 0, run = 0;
	for (size_t i = 0; i < r->task_n; i++) {
		setup += r->tasks[i].setup_ms;
		run += r->tasks[i].execution_ms;
	}
	json_object_set_new(o, "job_id", json_integer(r->job_id));
	json_object_set_new(o, "run_id", json_integer(r->run_id));
	json_object_set_new(o, "creator_user_name", json_string(r->j->workspace.user));
	json_object_set_new(o, "number_in_job", json_integer(r->number));
	json_object_set_new(o, "original_attempt_run_id", json_integer(r->run_id));
	json_object_set_new(o, "state", state_json(r->queued ? "QUEUED" : life_names[r->life], r->result, r->message, r->cancelled || r->timed_out));
	json_object_set_new(o, "status", status_json(r->life, r->result, r->message));
	if (!r->multi) {
		const struct dbx_task_kind *kind = dbx_task_kind(first->spec);
		json_object_set_new(o, "task", kind ? json_pack("{s:O}", kind->key, json_object_get(first->spec, kind->key)) : json_object());
		json_object_set_new(o, "cluster_spec", cluster_spec(first->spec));
		if (first->life >= DBX_RUNNING)
			json_object_set_new(o, "cluster_instance",
					    json_pack("{s:s, s:s}", "cluster_id", cluster_of(first), "spark_context_id", "1"));
	}
	if (json_object_size(r->params))
		json_object_set_new(o, "overriding_parameters", overriding(r));
	json_object_set_new(o, "start_time", json_integer(r->start_ms));
	json_object_set_new(o, "setup_duration", json_integer(r->multi ? 0 : setup));
	json_object_set_new(o, "execution_duration", json_integer(r->multi ? 0 : run));
	json_object_set_new(o, "cleanup_duration", json_integer(0));
	json_object_set_new(o, "end_time", json_integer(r->end_ms));
	if (r->multi)
		json_object_set_new(o, "run_duration", json_integer(spent(r->start_ms, r->end_ms)));
	json_object_set_new(o, "trigger", json_string(r->caller ? "RUN_JOB_TASK" : "ONE_TIME"));
	json_object_set_new(o, "run_name", json_string(r->name));
	page_url(r->j, r->job_id, r->run_id, o);
	json_object_set_new(o, "run_type", json_string(r->type));
	json_object_set_new(o, "format", json_string(r->multi ? "MULTI_TASK" : "SINGLE_TASK"));
	json_object_set_new(o, "attempt_number", json_integer(r->multi ? 0 : first->attempt));
	json_t *parameters = dbx_job_parameters(r);
	if (json_object_size(parameters))
		json_object_set_new(o, "job_parameters", parameters_json(r, parameters));
	json_decref(parameters);
	if (with_tasks) {
		json_t *tasks = json_array();
		for (size_t i = 0; i < r->task_n; i++)
			add_attempts(tasks, &r->tasks[i]);
		json_object_set_new(o, "tasks", tasks);
	}
	return o;
}

json_t *dbx_iterations_json(const struct dbx_task *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->iteration_n; i++)
		add_attempts(list, &t->iterations[i]);
	return list;
}

json_t *dbx_repairs_json(const struct dbx_run *r)
{
	json_t *list = json_pack("[{s:s, s:I, s:I}]", "type", "ORIGINAL", "start_time", (json_int_t)r->start_ms, "end_time", (json_int_t)r->end_ms);
	if (r->repairs)
		json_array_extend(list, r->repairs);
	return list;
}

/* What each kind of task leaves for get-output. */
static void add_output(json_t *o, const struct dbx_task *t)
{
	const struct dbx_task_kind *kind = dbx_task_kind(t->spec);
	if (t->plain) {
		json_object_set_new(o, "logs", json_string(t->output ? t->output : ""));
		json_object_set_new(o, "logs_truncated", json_false());
	} else if (kind && !strcmp(kind->key, "run_job_task") && t->result_doc) {
		json_object_set(o, "run_job_output", t->result_doc);
	} else if (kind && !strcmp(kind->key, "sql_task")) {
		json_object_set_new(o, "sql_output", json_pack("{s:{s:s, s:O?}}", "query_output", "warehouse_id", "", "rows", json_object_get(t->result_doc, "rows")));
	} else if (!t->error && kind && kind->start == dbx_notebook_start) {
		json_t *out = json_object();
		if (t->output) {
			json_object_set_new(out, "result", json_string(t->output));
			json_object_set_new(out, "truncated", json_boolean(t->truncated));
		}
		json_object_set_new(o, "notebook_output", out);
	}
}

json_t *dbx_output_json(const struct dbx_task *t)
{
	json_t *o = json_object(), *meta = dbx_run_json(t->run, false), *own = task_json(t);
	static const char *const from_task[] = { "run_id", "task_key", "state", "status", "start_time", "end_time", "setup_duration",
						 "execution_duration", "run_page_url", "cluster_instance", "attempt_number" };
	for (size_t i = 0; i < ARRAY_LEN(from_task); i++) {
		json_t *v = json_object_get(own, from_task[i]);
		if (v)
			json_object_set(meta, from_task[i], v);
	}
	json_object_set_new(o, "metadata", meta);
	json_object_set_new(o, "task", own);
	if (t->error) {
		json_object_set_new(o, "error", json_string(t->error));
		json_object_set_new(o, "error_trace", json_string(t->trace ? t->trace : t->error));
	}
	add_output(o, t);
	return o;
}

json_t *dbx_job_json(const struct databricks *j, const struct dbx_job *job)
{
	return json_pack("{s:I, s:s, s:O, s:I}", "job_id", (json_int_t)job->job_id, "creator_user_name", j->workspace.user, "settings",
			 job->settings, "created_time", (json_int_t)job->created_ms);
}
