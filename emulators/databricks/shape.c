/* Jobs, runs and tasks as the API shows them. */
#include "core/json.h"
#include "databricks/databricks.h"

static const char *const life_names[] = { "BLOCKED", "PENDING", "RUNNING", "TERMINATED", "SKIPPED", "INTERNAL_ERROR" };
static const char *const result_names[] = { "", "SUCCESS", "FAILED", "TIMEDOUT", "CANCELED", "UPSTREAM_FAILED", "EXCLUDED" };

const char *dbx_life_name(enum dbx_life life)
{
	return life_names[life];
}

const char *dbx_result_name(enum dbx_result result)
{
	return result_names[result];
}

static json_t *state_json(enum dbx_life life, enum dbx_result result, const char *message, bool cut)
{
	json_t *s = json_object();
	json_object_set_new(s, "life_cycle_state", json_string(life_names[life]));
	if (result)
		json_object_set_new(s, "result_state", json_string(result_names[result]));
	json_object_set_new(s, "state_message", json_string(message ? message : ""));
	json_object_set_new(s, "user_cancelled_or_timedout", json_boolean(cut));
	return s;
}

/* "status", which 2.1 and 2.2 show beside the older "state". */
static json_t *status_json(enum dbx_life life, enum dbx_result result, const char *message)
{
	static const char *const codes[] = { "", "SUCCESS", "RUN_EXECUTION_ERROR", "TIMED_OUT", "USER_CANCELED", "UPSTREAM_FAILED", "SKIPPED" };
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

static json_t *task_json(const struct dbx_task *t)
{
	const struct dbx_run *r = t->run;
	json_t *o = json_object();
	static const char *const kept[] = { "notebook_task", "spark_python_task", "spark_jar_task", "depends_on", "description",
					    "existing_cluster_id", "new_cluster", "job_cluster_key", "libraries", "run_if", "timeout_seconds" };
	json_object_set_new(o, "run_id", json_integer(t->run_id));
	json_object_set_new(o, "task_key", json_string(t->key));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		json_t *v = json_object_get(t->spec, kept[i]);
		if (v)
			json_object_set(o, kept[i], v);
	}
	json_object_set_new(o, "state", state_json(t->life, t->result, t->message, r->cancelled || r->timed_out));
	json_object_set_new(o, "status", status_json(t->life, t->result, t->message));
	page_url(r->j, r->job_id, t->run_id, o);
	json_object_set_new(o, "start_time", json_integer(t->start_ms));
	json_object_set_new(o, "setup_duration", json_integer(t->setup_ms));
	json_object_set_new(o, "execution_duration", json_integer(t->execution_ms));
	json_object_set_new(o, "cleanup_duration", json_integer(0));
	json_object_set_new(o, "end_time", json_integer(t->end_ms));
	if (t->life >= DBX_RUNNING && t->life != DBX_SKIPPED)
		json_object_set_new(o, "cluster_instance", json_pack("{s:s, s:s}", "cluster_id", cluster_of(t), "spark_context_id", "1"));
	json_object_set_new(o, "attempt_number", json_integer(0));
	json_t *run_if = json_object_get(t->spec, "run_if");
	json_object_set_new(o, "run_if", run_if ? json_incref(run_if) : json_string("ALL_SUCCESS"));
	return o;
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
	json_object_set_new(o, "creator_user_name", json_string("student@example.com"));
	json_object_set_new(o, "number_in_job", json_integer(r->number));
	json_object_set_new(o, "original_attempt_run_id", json_integer(r->run_id));
	json_object_set_new(o, "state", state_json(r->life, r->result, r->message, r->cancelled || r->timed_out));
	json_object_set_new(o, "status", status_json(r->life, r->result, r->message));
	if (!r->multi) {
		json_object_set_new(o, "task", json_pack("{s:O?}", "notebook_task", json_object_get(first->spec, "notebook_task")));
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
	json_object_set_new(o, "trigger", json_string("ONE_TIME"));
	json_object_set_new(o, "run_name", json_string(r->name));
	page_url(r->j, r->job_id, r->run_id, o);
	json_object_set_new(o, "run_type", json_string(r->type));
	json_object_set_new(o, "format", json_string(r->multi ? "MULTI_TASK" : "SINGLE_TASK"));
	json_object_set_new(o, "attempt_number", json_integer(0));
	if (with_tasks) {
		json_t *tasks = json_array();
		for (size_t i = 0; i < r->task_n; i++)
			json_array_append_new(tasks, task_json(&r->tasks[i]));
		json_object_set_new(o, "tasks", tasks);
	}
	return o;
}

json_t *dbx_output_json(const struct dbx_task *t)
{
	json_t *o = json_object(), *meta = dbx_run_json(t->run, false), *own = task_json(t);
	static const char *const from_task[] = { "run_id", "task_key", "state", "status", "start_time", "end_time", "setup_duration",
						 "execution_duration", "run_page_url", "cluster_instance" };
	for (size_t i = 0; i < ARRAY_LEN(from_task); i++) {
		json_t *v = json_object_get(own, from_task[i]);
		if (v)
			json_object_set(meta, from_task[i], v);
	}
	json_decref(own);
	json_object_set_new(o, "metadata", meta);
	if (t->error) {
		json_object_set_new(o, "error", json_string(t->error));
		json_object_set_new(o, "error_trace", json_string(t->trace ? t->trace : t->error));
	} else {
		json_t *out = json_object();
		if (t->output) {
			json_object_set_new(out, "result", json_string(t->output));
			json_object_set_new(out, "truncated", json_false());
		}
		json_object_set_new(o, "notebook_output", out);
	}
	return o;
}

json_t *dbx_job_json(const struct dbx_job *job)
{
	return json_pack("{s:I, s:s, s:O, s:I}", "job_id", (json_int_t)job->job_id, "creator_user_name", "student@example.com", "settings",
			 job->settings, "created_time", (json_int_t)job->created_ms);
}

json_t *dbx_cluster_json(const struct databricks *j, const char *id, const char *name)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:i}", "cluster_id", id, "cluster_name", name, "spark_version",
			 "11.3.x-scala2.12", "node_type_id", "m5.large", "driver_node_type_id", "m5.large", "num_workers", 1, "state",
			 "RUNNING", "state_message", "", "cluster_source", "UI", "autotermination_minutes", 120);
}
