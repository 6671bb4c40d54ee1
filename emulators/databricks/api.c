/* The operations of the Jobs API: requests read, answers and errors written. */
#include "core/json.h"
#include "databricks/databricks.h"

static bool token_of(const struct dbx_in *in, const char **out)
{
	const char *token = jstr(in->body, "idempotency_token");
	*out = token && *token ? token : NULL;
	if (!*out || strlen(*out) <= DBX_TOKEN_MAX)
		return true;
	problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "idempotency_token must have at most %d characters", DBX_TOKEN_MAX);
	return false;
}

static struct dbx_job *job_of(const struct dbx_in *in)
{
	int64_t id;
	if (!dbx_number(in, "job_id", &id))
		return NULL;
	struct dbx_job *job = dbx_find(in->j, id);
	if (!job)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Job %lld does not exist.", (long long)id);
	return job;
}

static struct dbx_run *run_of(const struct dbx_in *in, struct dbx_task **task)
{
	struct dbx_run *r = NULL;
	int64_t id;
	if (!dbx_number(in, "run_id", &id))
		return NULL;
	struct dbx_task *t = dbx_find_task(in->j, id, &r);
	if (!r)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Run %lld does not exist.", (long long)id);
	if (task)
		*task = t;
	return r;
}

/* What a run is given over what its job says. */
static json_t *params_of(const struct dbx_in *in)
{
	static const char *const kinds[] = { "notebook_params", "python_params", "jar_params", "spark_submit_params", "python_named_params",
					     "sql_params", "job_parameters", "dbt_commands" };
	json_t *params = json_object();
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		json_t *v = json_object_get(in->body, kinds[i]);
		if (v)
			json_object_set(params, kinds[i], v);
	}
	return params;
}

/* ---- runs ---- */

static void op_submit(const struct dbx_in *in)
{
	const char *token;
	struct dbx_run *r;
	struct error err;
	if (!token_of(in, &token))
		return;
	r = token ? dbx_by_token(in->j, token) : NULL;
	if (!r && dbx_start(in->j, 0, "SUBMIT_RUN", in->body, NULL, token, &r, &err))
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "%s", err.text);
	else
		dbx_reply(in->call, 200, json_pack("{s:I}", "run_id", (json_int_t)r->run_id));
}

static void op_run_get(const struct dbx_in *in)
{
	struct dbx_task *t;
	struct dbx_run *r = run_of(in, &t);
	int64_t id;
	if (!r)
		return;
	(void)dbx_number(in, "run_id", &id);
	json_t *out = dbx_run_json(r, true);
	if (id != r->run_id) { /* a task's run is shown as a run of its own */
		json_t *one = dbx_output_json(t), *meta = json_object_get(one, "metadata");
		json_object_update(out, meta);
		json_object_del(out, "tasks");
		json_decref(one);
		if (t->iteration_n)
			json_object_set_new(out, "iterations", dbx_iterations_json(t));
	}
	if (sl_eqs(dbx_param(in, "include_history"), "true"))
		json_object_set_new(out, "repair_history", dbx_repairs_json(r));
	dbx_reply(in->call, 200, out);
}

/* An attempt that was followed by another, by its own id. */
static json_t *earlier_attempt(const struct databricks *j, int64_t run_id)
{
	for (const struct dbx_run *r = j->runs; r; r = r->next)
		for (size_t i = 0; i < r->task_n; i++) {
			const json_t *one;
			size_t k;
			json_array_foreach(r->tasks[i].past, k, one)
				if (jint(json_object_get(one, "task"), "run_id") == run_id)
					return json_incref((json_t *)(uintptr_t)one);
		}
	return NULL;
}

static void op_output(const struct dbx_in *in)
{
	struct dbx_task *t = NULL;
	struct slice id_text = dbx_param(in, "run_id");
	int64_t id;
	json_t *past = sl_int(id_text, 0, INT64_MAX, &id) ? earlier_attempt(in->j, id) : NULL;
	if (past) {
		dbx_reply(in->call, 200, past);
		return;
	}
	struct dbx_run *r = run_of(in, &t);
	if (!r)
		return;
	if (!t)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE",
			    "Retrieving the output of runs with multiple tasks is not supported. Please retrieve the output of each individual "
			    "task run instead.");
	else
		dbx_reply(in->call, 200, dbx_output_json(t));
}

static void op_export(const struct dbx_in *in)
{
	struct dbx_task *t = NULL;
	struct dbx_run *r = run_of(in, &t);
	struct buf page = { 0 };
	if (!r)
		return;
	if (!t) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "A run with several tasks is exported task by task.");
		return;
	}
	if (!t->cells) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Run %lld has no notebook that was run", (long long)t->run_id);
		return;
	}
	dbx_cells_page(t, &page);
	dbx_reply(in->call, 200, json_pack("{s:[{s:s%, s:s, s:s}]}", "views", "content", page.p, page.n, "name", t->key, "type", "NOTEBOOK"));
	buf_free(&page);
}

static void op_repair(const struct dbx_in *in)
{
	struct dbx_run *r = run_of(in, NULL);
	struct dbx_repair what = { .keys = json_object_get(in->body, "rerun_tasks"), .failed = jtrue(in->body, "rerun_all_failed_tasks"),
				   .dependents = jtrue(in->body, "rerun_dependent_tasks") };
	struct error err;
	int64_t id;
	if (!r)
		return;
	what.params = params_of(in);
	if (dbx_repair(r, &what, &id, &err))
		problem_send(in->call, 400, err.kind == ERR_CONFLICT ? "INVALID_STATE" : "INVALID_PARAMETER_VALUE", "%s", err.text);
	else
		dbx_reply(in->call, 200, json_pack("{s:I}", "repair_id", (json_int_t)id));
	json_decref(what.params);
}

static void op_cancel(const struct dbx_in *in)
{
	struct dbx_run *r = run_of(in, NULL);
	if (!r)
		return;
	dbx_cancel(r, false);
	dbx_reply(in->call, 200, json_object());
}

static void op_cancel_all(const struct dbx_in *in)
{
	struct dbx_job *job = job_of(in);
	if (!job)
		return;
	for (struct dbx_run *r = in->j->runs; r; r = r->next)
		if (r->job_id == job->job_id)
			dbx_cancel(r, false);
	dbx_reply(in->call, 200, json_object());
}

static void op_run_delete(const struct dbx_in *in)
{
	struct dbx_run *r = run_of(in, NULL), **at = &in->j->runs;
	struct error err;
	if (!r)
		return;
	if (!dbx_ended(r)) {
		problem_send(in->call, 400, "INVALID_STATE", "Run %lld is still active and cannot be deleted", (long long)r->run_id);
		return;
	}
	while (*at != r)
		at = &(*at)->next;
	if (dbx_store_run_del(r, &err)) {
		problem_send(in->call, 500, "INTERNAL_ERROR", "%s", err.text);
		return;
	}
	*at = r->next;
	in->j->run_n--;
	dbx_run_free(r);
	dbx_reply(in->call, 200, json_object());
}

static void op_runs_list(const struct dbx_in *in)
{
	struct slice only = dbx_param(in, "job_id"), active = dbx_param(in, "active_only"), completed = dbx_param(in, "completed_only");
	struct slice expand = dbx_param(in, "expand_tasks");
	int64_t limit, offset, job = 0, seen = 0;
	if (!dbx_page_of(in, 20, &limit, &offset) || (only.p && !dbx_number(in, "job_id", &job)))
		return;
	json_t *runs = json_array(), *out = json_object();
	for (struct dbx_run *r = in->j->runs; r; r = r->next) {
		if ((job && r->job_id != job) || (sl_eqs(active, "true") && dbx_ended(r)) || (sl_eqs(completed, "true") && !dbx_ended(r)))
			continue;
		if (seen >= offset && seen < offset + limit)
			json_array_append_new(runs, dbx_run_json(r, sl_eqs(expand, "true")));
		seen++;
	}
	dbx_page_add(out, "runs", runs, offset, limit, seen);
	dbx_reply(in->call, 200, out);
}

/* ---- jobs ---- */

static void op_run_now(const struct dbx_in *in)
{
	struct dbx_job *job = job_of(in);
	struct dbx_run *r;
	struct error err;
	const char *token;
	if (!job || !token_of(in, &token))
		return;
	json_t *params = params_of(in);
	r = token ? dbx_by_token(in->j, token) : NULL;
	if (!r && dbx_start(in->j, job->job_id, "JOB_RUN", job->settings, params, token, &r, &err))
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "%s", err.text);
	else
		dbx_reply(in->call, 200, json_pack("{s:I, s:I}", "run_id", (json_int_t)r->run_id, "number_in_job", (json_int_t)r->number));
	json_decref(params);
}

static int save(struct databricks *j, const struct dbx_job *job, struct error *err)
{
	j->dirty = true;
	return dbx_store_put(j, "job", job->job_id,
			      json_pack("{s:O, s:I}", "settings", job->settings, "created", (json_int_t)job->created_ms), err);
}

static json_t *completed(const json_t *settings)
{
	json_t *s = json_deep_copy(settings);
	if (!json_object_get(s, "name"))
		json_object_set_new(s, "name", json_string("Untitled"));
	json_object_set_new(s, "format", json_string(json_object_get(s, "tasks") ? "MULTI_TASK" : "SINGLE_TASK"));
	if (!json_object_get(s, "max_concurrent_runs"))
		json_object_set_new(s, "max_concurrent_runs", json_integer(1));
	if (!json_object_get(s, "timeout_seconds"))
		json_object_set_new(s, "timeout_seconds", json_integer(0));
	return s;
}

/* A schedule that would run a job by itself isn't read over. */
static bool has_schedule(const struct dbx_in *in, const json_t *settings)
{
	static const char *const kinds[] = { "schedule", "trigger", "continuous" };
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const json_t *v = json_object_get(settings, kinds[i]);
		const char *paused = jstr(v, "pause_status");
		if (!json_is_object(v) || (paused && !strcmp(paused, "PAUSED")))
			continue;
		problem_send(in->call, 501, "NOT_IMPLEMENTED", "Jobs begin here when they are told to (run-now, a DAG): %s isn't served unless it is PAUSED", kinds[i]);
		return true;
	}
	return false;
}

static void op_create(const struct dbx_in *in)
{
	struct error err;
	if (has_schedule(in, in->body))
		return;
	if (in->j->job_n >= DBX_MAX) {
		problem_send(in->call, 400, "QUOTA_EXCEEDED", "The quota for the number of jobs has been reached. The current quota is %d.", DBX_MAX);
		return;
	}
	struct dbx_job *job = xcalloc(1, sizeof(*job));
	*job = (struct dbx_job){ in->j->jobs, ++in->j->last_id, in->call->req.now_ms, completed(in->body) };
	if (save(in->j, job, &err)) {
		problem_send(in->call, 500, "INTERNAL_ERROR", "%s", err.text);
		dbx_job_free(job);
		return;
	}
	in->j->jobs = job;
	in->j->job_n++;
	dbx_reply(in->call, 200, json_pack("{s:I}", "job_id", (json_int_t)job->job_id));
}

static void op_get(const struct dbx_in *in)
{
	struct dbx_job *job = job_of(in);
	if (job)
		dbx_reply(in->call, 200, dbx_job_json(in->j, job));
}

static void op_list(const struct dbx_in *in)
{
	struct slice name = dbx_param(in, "name"), expand = dbx_param(in, "expand_tasks");
	int64_t limit, offset, seen = 0;
	if (!dbx_page_of(in, 20, &limit, &offset))
		return;
	json_t *list = json_array(), *out = json_object();
	for (struct dbx_job *job = in->j->jobs; job; job = job->next) {
		const char *own = jstr(job->settings, "name");
		if (name.n && !sl_eq_nocase(name, sl(own)))
			continue;
		if (seen >= offset && seen < offset + limit) {
			json_t *one = dbx_job_json(in->j, job), *s = json_copy(job->settings);
			if (!sl_eqs(expand, "true"))
				json_object_del(s, "tasks");
			json_object_set_new(one, "settings", s);
			json_array_append_new(list, one);
		}
		seen++;
	}
	dbx_page_add(out, "jobs", list, offset, limit, seen);
	dbx_reply(in->call, 200, out);
}

static void op_reset(const struct dbx_in *in)
{
	struct dbx_job *job = job_of(in);
	json_t *fresh = json_object_get(in->body, "new_settings");
	struct error err;
	if (!job)
		return;
	if (!json_is_object(fresh)) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: new_settings");
		return;
	}
	if (has_schedule(in, fresh))
		return;
	json_decref(job->settings);
	job->settings = completed(fresh);
	if (save(in->j, job, &err))
		problem_send(in->call, 500, "INTERNAL_ERROR", "%s", err.text);
	else
		dbx_reply(in->call, 200, json_object());
}

static void op_update(const struct dbx_in *in)
{
	struct dbx_job *job = job_of(in);
	json_t *fresh = json_object_get(in->body, "new_settings"), *gone = json_object_get(in->body, "fields_to_remove"), *f;
	struct error err;
	size_t i;
	if (!job)
		return;
	if (has_schedule(in, fresh))
		return;
	if (json_is_object(fresh))
		json_object_update(job->settings, fresh);
	json_array_foreach(gone, i, f)
		if (json_is_string(f))
			json_object_del(job->settings, json_string_value(f));
	if (save(in->j, job, &err))
		problem_send(in->call, 500, "INTERNAL_ERROR", "%s", err.text);
	else
		dbx_reply(in->call, 200, json_object());
}

static void op_delete(const struct dbx_in *in)
{
	struct dbx_job *job = job_of(in), **at = &in->j->jobs;
	struct error err;
	if (!job)
		return;
	if (dbx_store_del(in->j, "job", job->job_id, &err)) {
		problem_send(in->call, 500, "INTERNAL_ERROR", "%s", err.text);
		return;
	}
	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	in->j->job_n--;
	in->j->dirty = true;
	dbx_job_free(job);
	dbx_reply(in->call, 200, json_object());
}

/* ---- rows ---- */

static const struct dbx_op ops[] = {
	{ { "POST", "/api/2.{}/jobs/runs/submit", "RunsSubmit", "runs a task, or several, that are no job" }, op_submit },
	{ { "GET", "/api/2.{}/jobs/runs/get", "RunsGet", "a run, or a task of one" }, op_run_get },
	{ { "GET", "/api/2.{}/jobs/runs/get-output", "RunsGetOutput", "what a notebook returned or raised" }, op_output },
	{ { "GET", "/api/2.{}/jobs/runs/export", "RunsExport", "an executed notebook, as a page" }, op_export },
	{ { "POST", "/api/2.{}/jobs/runs/repair", "RunsRepair", "runs tasks of a run again" }, op_repair },
	{ { "POST", "/api/2.{}/jobs/runs/cancel", "RunsCancel", "stops a run" }, op_cancel },
	{ { "POST", "/api/2.{}/jobs/runs/cancel-all", "RunsCancelAll", "stops the runs of a job" }, op_cancel_all },
	{ { "POST", "/api/2.{}/jobs/runs/delete", "RunsDelete", "forgets a run that has ended" }, op_run_delete },
	{ { "GET", "/api/2.{}/jobs/runs/list", "RunsList", "runs, newest first" }, op_runs_list },
	{ { "POST", "/api/2.{}/jobs/run-now", "RunNow", "runs a job" }, op_run_now },
	{ { "POST", "/api/2.{}/jobs/create", "JobsCreate", "a new job" }, op_create },
	{ { "GET", "/api/2.{}/jobs/get", "JobsGet", "a job" }, op_get },
	{ { "GET", "/api/2.{}/jobs/list", "JobsList", "jobs, newest first" }, op_list },
	{ { "POST", "/api/2.{}/jobs/reset", "JobsReset", "other settings for a job" }, op_reset },
	{ { "POST", "/api/2.{}/jobs/update", "JobsUpdate", "some other settings for a job" }, op_update },
	{ { "POST", "/api/2.{}/jobs/delete", "JobsDelete", "drops a job" }, op_delete },
	{ { "POST", "/api/2.{}/sql/statements", "StatementsExecute", "a statement for the lake" }, dbx_statement_post },
	{ { "GET", "/api/2.{}/sql/statements/{}", "StatementsGet", "how far a statement is, its rows" }, dbx_statement_get },
	{ { "GET", "/api/2.{}/sql/statements/{}/result/chunks/{}", "StatementsGet", "rows of a statement" }, dbx_statement_chunk },
	{ { "POST", "/api/2.{}/sql/statements/{}/cancel", "StatementsCancel", "stops a statement" }, dbx_statement_cancel },
};
const struct routes dbx_routes = ROUTES(ops);
