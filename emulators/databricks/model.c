/* Runs and their tasks. A task waits for those it depends on, is PENDING while its cluster gets ready, RUNNING while its
 * steps run and at least [jobs] execution, then TERMINATED. All of it on the emulated clock. */
#include "core/json.h"
#include "databricks/databricks.h"

static int64_t now(struct databricks *j)
{
	return clock_now_ms(j->env->clock);
}

static void set_text(char **at, const char *text)
{
	char *copy = text ? xstrdup(text) : NULL;
	free(*at);
	*at = copy;
}

static void touch(struct dbx_run *r)
{
	r->dirty = r->j->dirty = true;
}

struct dbx_job *dbx_find(struct databricks *j, int64_t job_id)
{
	struct dbx_job *job = j->jobs;
	while (job && job->job_id != job_id)
		job = job->next;
	return job;
}

struct dbx_task *dbx_find_task(struct databricks *j, int64_t run_id, struct dbx_run **run)
{
	*run = NULL;
	for (struct dbx_run *r = j->runs; r; r = r->next) {
		if (r->run_id == run_id)
			*run = r;
		if (r->run_id == run_id && r->task_n == 1)
			return &r->tasks[0];
		for (size_t i = 0; i < r->task_n; i++) {
			if (r->tasks[i].run_id != run_id)
				continue;
			*run = r;
			return &r->tasks[i];
		}
	}
	return NULL;
}

struct dbx_run *dbx_by_token(struct databricks *j, const char *token)
{
	struct dbx_run *r = j->runs;
	while (r && (!r->token || strcmp(r->token, token)))
		r = r->next;
	return r;
}

const char *dbx_cluster(const struct databricks *j, const char *id)
{
	return conf_get(j->env->conf, "clusters", id);
}

bool dbx_ended(const struct dbx_run *r)
{
	return r->life >= DBX_TERMINATED;
}

void dbx_job_free(struct dbx_job *job)
{
	json_decref(job->settings);
	free(job);
}

void dbx_run_free(struct dbx_run *r)
{
	clock_cancel(r->j->env->clock, &r->timeout);
	for (size_t i = 0; i < r->task_n; i++) {
		struct dbx_task *t = &r->tasks[i];
		clock_cancel(r->j->env->clock, &t->timer);
		json_decref(t->spec);
		free(t->key);
		free(t->message);
		free(t->error);
		free(t->trace);
		free(t->output);
	}
	json_decref(r->params);
	json_decref(r->settings);
	free(r->tasks);
	free(r->name);
	free(r->type);
	free(r->token);
	free(r->message);
	free(r);
}

/* ---- the life of a task ---- */

static void run_look(struct dbx_run *r);

static void task_end(struct dbx_task *t, enum dbx_life life, enum dbx_result result, const char *message)
{
	t->life = life;
	t->result = result;
	set_text(&t->message, message);
	t->end_ms = now(t->run->j);
	if (t->start_ms)
		t->execution_ms = t->end_ms - t->start_ms - t->setup_ms;
	else
		t->start_ms = t->end_ms;
	touch(t->run);
}

static void on_execution_over(void *arg)
{
	struct dbx_task *t = arg;
	if (t->error)
		task_end(t, DBX_TERMINATED, DBX_FAILED, "Workload failed, see run output for details");
	else
		task_end(t, DBX_TERMINATED, DBX_SUCCESS, "");
	run_look(t->run);
}

void dbx_task_done(struct dbx_task *t, const char *output, const char *error, const char *trace)
{
	struct databricks *j = t->run->j;
	int64_t least = t->start_ms + t->setup_ms + j->execution_ms;
	t->work = NULL;
	set_text(&t->output, output);
	set_text(&t->error, error);
	set_text(&t->trace, trace);
	clock_at(j->env->clock, &t->timer, least > now(j) ? least : now(j), on_execution_over, t);
	touch(t->run);
}

/* A fault armed at notebook.NAME makes the task fail as an exception of the notebook would. */
static bool failed_by_fault(struct dbx_task *t, const char *path)
{
	const char *base = strrchr(path, '/');
	char code[64];
	if (!faults_ask_error(t->run->j->env->faults, "notebook", base ? base + 1 : path, code))
		return false;
	char *text = xasprintf("Exception: %s", code);
	char *trace = xasprintf("---------------------------------------------------------------------------\n"
				"Exception                                 Traceback (most recent call last)\n"
				"<command-1> in <module>\n----> 1 raise Exception(\"%s\")\n\n%s",
				code, text);
	dbx_task_done(t, NULL, text, trace);
	free(text);
	free(trace);
	return true;
}

static void on_cluster_ready(void *arg)
{
	struct dbx_task *t = arg;
	struct databricks *j = t->run->j;
	const json_t *notebook = json_object_get(t->spec, "notebook_task");
	const char *path = jstr(notebook, "notebook_path");
	const char *steps = path ? dbx_notebook(j, path) : NULL;
	char text[600];
	t->setup_ms = now(j) - t->start_ms;
	t->life = DBX_RUNNING;
	set_text(&t->message, "In run");
	touch(t->run);
	if (path && !steps) {
		snprintf(text, sizeof(text),
			 "Unable to access the notebook \"%.300s\". Either it does not exist, or the identity used to run this job, "
			 "student@example.com, lacks the required permissions.", path);
		set_text(&t->error, text);
		task_end(t, DBX_INTERNAL_ERROR, DBX_FAILED, text);
	} else if (!path) {
		/* DIFFERS: only notebook tasks run here. */
		snprintf(text, sizeof(text), "Task %.100s is no notebook task: tarn runs notebook tasks only", t->key);
		set_text(&t->error, text);
		task_end(t, DBX_INTERNAL_ERROR, DBX_FAILED, text);
	} else if (!failed_by_fault(t, path)) {
		dbx_work_start(t, path, steps);
	}
	run_look(t->run);
}

static struct dbx_task *task_of(struct dbx_run *r, const char *key)
{
	for (size_t i = 0; i < r->task_n; i++)
		if (!strcmp(r->tasks[i].key, key))
			return &r->tasks[i];
	return NULL;
}

/* What run_if says of a task whose dependencies have all ended. */
static bool may_run(const char *rule, size_t n, size_t good, size_t bad)
{
	if (!strcmp(rule, "ALL_DONE") || !n)
		return true;
	if (!strcmp(rule, "AT_LEAST_ONE_SUCCESS"))
		return good > 0;
	if (!strcmp(rule, "NONE_FAILED"))
		return bad == 0;
	if (!strcmp(rule, "ALL_FAILED"))
		return bad == n;
	if (!strcmp(rule, "AT_LEAST_ONE_FAILED"))
		return bad > 0;
	return good == n;
}

/* Starts a blocked task, or ends it, once all that it depends on has ended. Returns whether it changed. */
static bool unblock(struct dbx_task *t)
{
	struct dbx_run *r = t->run;
	const json_t *deps = json_object_get(t->spec, "depends_on"), *d;
	const char *rule = jstr(t->spec, "run_if");
	size_t i, good = 0, bad = 0;
	json_array_foreach(deps, i, d) {
		const struct dbx_task *on = task_of(r, jstr(d, "task_key"));
		if (on->life < DBX_TERMINATED)
			return false;
		good += on->result == DBX_SUCCESS;
		bad += on->result != DBX_SUCCESS && on->result != DBX_EXCLUDED;
	}
	if (!may_run(rule ? rule : "ALL_SUCCESS", json_array_size(deps), good, bad)) {
		task_end(t, DBX_TERMINATED, bad ? DBX_UPSTREAM_FAILED : DBX_EXCLUDED,
			 bad ? "Run stopped since an upstream task failed" : "");
		return true;
	}
	t->life = DBX_PENDING;
	t->start_ms = now(r->j);
	set_text(&t->message, "Waiting for cluster");
	touch(r);
	clock_at(r->j->env->clock, &t->timer, t->start_ms + r->j->setup_ms, on_cluster_ready, t);
	return true;
}

static bool is_leaf(const struct dbx_run *r, const struct dbx_task *t)
{
	for (size_t i = 0; i < r->task_n; i++) {
		const json_t *deps = json_object_get(r->tasks[i].spec, "depends_on"), *d;
		size_t k;
		json_array_foreach(deps, k, d)
			if (!strcmp(jstr(d, "task_key"), t->key))
				return false;
	}
	return true;
}

static void run_end(struct dbx_run *r)
{
	const struct dbx_task *bad = NULL, *cause = NULL;
	for (size_t i = 0; i < r->task_n; i++) {
		const struct dbx_task *t = &r->tasks[i];
		if (t->result != DBX_SUCCESS && t->result != DBX_EXCLUDED && is_leaf(r, t))
			bad = bad ? bad : t;
		if (t->result == DBX_FAILED)
			cause = cause ? cause : t;
	}
	r->end_ms = now(r->j);
	clock_cancel(r->j->env->clock, &r->timeout);
	r->life = DBX_TERMINATED;
	r->result = DBX_SUCCESS;
	if (r->cancelled || r->timed_out) {
		r->result = r->cancelled ? DBX_CANCELED : DBX_TIMEDOUT;
		set_text(&r->message, r->cancelled ? "Run cancelled." : "Run timed out.");
	} else if (bad) {
		cause = cause ? cause : bad;
		r->result = DBX_FAILED;
		r->life = r->multi ? DBX_TERMINATED : cause->life;
		char *text = r->multi ? xasprintf("Task %s failed with message: %s. This caused all downstream tasks to get skipped.", cause->key,
						  cause->message)
				      : xstrdup(cause->message);
		free(r->message);
		r->message = text;
	} else {
		set_text(&r->message, "");
	}
	log_info(r->j->env, "run-ended", "run_id=%lld name=%s state=%s/%s", (long long)r->run_id, r->name, dbx_life_name(r->life),
		 dbx_result_name(r->result));
	touch(r);
}

/* Looks where the run stands after one of its tasks changed. */
static void run_look(struct dbx_run *r)
{
	bool changed = true, running = false, over = true;
	if (dbx_ended(r))
		return;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < r->task_n; i++)
			changed |= r->tasks[i].life == DBX_BLOCKED && unblock(&r->tasks[i]);
	}
	for (size_t i = 0; i < r->task_n; i++) {
		running |= r->tasks[i].life >= DBX_RUNNING;
		over &= r->tasks[i].life >= DBX_TERMINATED;
	}
	if (over) {
		run_end(r);
	} else if (running && r->life == DBX_PENDING) {
		r->life = DBX_RUNNING;
		set_text(&r->message, "In run");
		touch(r);
	}
}

void dbx_cancel(struct dbx_run *r, bool timed_out)
{
	if (dbx_ended(r))
		return;
	r->cancelled = !timed_out;
	r->timed_out = timed_out;
	for (size_t i = 0; i < r->task_n; i++) {
		struct dbx_task *t = &r->tasks[i];
		if (t->life >= DBX_TERMINATED)
			continue;
		clock_cancel(r->j->env->clock, &t->timer);
		if (t->work)
			dbx_work_drop(t->work);
		t->work = NULL;
		task_end(t, DBX_TERMINATED, timed_out ? DBX_TIMEDOUT : DBX_CANCELED, timed_out ? "Run timed out." : "Run cancelled.");
	}
	run_look(r);
}

static void on_timeout(void *arg)
{
	dbx_cancel(arg, true);
}

/* ---- starting ---- */

static int check_cluster(const struct databricks *j, const json_t *task, struct error *err)
{
	const json_t *id = json_object_get(task, "existing_cluster_id");
	if (!id)
		return 0;
	if (!json_is_string(id) || !dbx_cluster(j, json_string_value(id)))
		return err_set(err, ERR_INVALID, "Cluster %.100s does not exist", json_is_string(id) ? json_string_value(id) : "?");
	return 0;
}

static int check_task(const struct databricks *j, const json_t *tasks, size_t at, struct error *err)
{
	const json_t *t = json_array_get(tasks, at), *d, *deps = json_object_get(t, "depends_on");
	const char *key = jstr(t, "task_key");
	size_t i, k;
	if (!key || !*key || strlen(key) > 100)
		return err_set(err, ERR_INVALID, "Missing required field: tasks[%zu].task_key", at);
	for (i = 0; i < at; i++)
		if (!strcmp(jstr(json_array_get(tasks, i), "task_key"), key))
			return err_set(err, ERR_INVALID, "Duplicate task key '%s'", key);
	json_array_foreach(deps, k, d) {
		const char *on = jstr(d, "task_key");
		bool known = false;
		const json_t *other;
		json_array_foreach(tasks, i, other) {
			const char *name = jstr(other, "task_key");
			known |= on && name && i != at && !strcmp(name, on);
		}
		if (!known)
			return err_set(err, ERR_INVALID, "Task '%s' depends on unknown task '%s'", key, on ? on : "");
	}
	return check_cluster(j, t, err);
}

/* Whether the tasks can be put in an order: each round takes those whose dependencies were taken. */
static bool has_cycle(const json_t *tasks)
{
	size_t n = json_array_size(tasks), left = n;
	bool *done = xcalloc(n, sizeof(*done)), moved = true;
	while (moved) {
		moved = false;
		for (size_t i = 0; i < n; i++) {
			const json_t *deps = json_object_get(json_array_get(tasks, i), "depends_on"), *d;
			size_t k, open = 0;
			json_array_foreach(deps, k, d)
				for (size_t m = 0; m < n; m++)
					open += !done[m] && !strcmp(jstr(json_array_get(tasks, m), "task_key"),
								    jstr(d, "task_key"));
			if (done[i] || open)
				continue;
			done[i] = moved = true;
			left--;
		}
	}
	free(done);
	return left > 0;
}

static int check_settings(const struct databricks *j, const json_t *settings, struct error *err)
{
	static const char *const kinds[] = { "notebook_task", "spark_python_task", "spark_jar_task", "spark_submit_task", "pipeline_task",
					     "dbt_task", "python_wheel_task", "sql_task", "run_job_task" };
	const json_t *tasks = json_object_get(settings, "tasks"), *t;
	size_t i;
	int rc;
	if (!tasks) {
		bool any = false;
		for (i = 0; i < ARRAY_LEN(kinds); i++)
			any |= json_is_object(json_object_get(settings, kinds[i]));
		if (!any)
			return err_set(err, ERR_INVALID, "One of job_cluster_key, new_cluster, or existing_cluster_id must be specified with a task: "
							 "no task was given");
		if (!json_object_get(settings, "existing_cluster_id") && !json_object_get(settings, "new_cluster"))
			return err_set(err, ERR_INVALID, "One of job_cluster_key, new_cluster, or existing_cluster_id must be specified.");
		return check_cluster(j, settings, err);
	}
	if (!json_is_array(tasks) || !json_array_size(tasks) || json_array_size(tasks) > DBX_TASKS_MAX)
		return err_set(err, ERR_INVALID, "tasks must hold 1 to %d tasks", DBX_TASKS_MAX);
	json_array_foreach(tasks, i, t)
		if ((rc = check_task(j, tasks, i, err)))
			return rc;
	return has_cycle(tasks) ? err_set(err, ERR_INVALID, "The task dependencies have a cycle") : 0;
}

/* Numbers arrive as strings from the Airflow operator. */
static int64_t number_of(const json_t *v)
{
	int64_t n = 0;
	if (json_is_string(v))
		(void)sl_int(sl(json_string_value(v)), 0, INT32_MAX, &n);
	return json_is_integer(v) ? json_integer_value(v) : n;
}

static void forget_oldest(struct databricks *j)
{
	struct dbx_run **at = &j->runs, **last = NULL;
	struct error err;
	if (j->run_n <= DBX_RUNS_MAX)
		return;
	for (; *at; at = &(*at)->next)
		if (dbx_ended(*at))
			last = at;
	if (!last)
		return;
	struct dbx_run *r = *last;
	*last = r->next;
	j->run_n--;
	if (dbx_store_del(j, "run", r->run_id, &err))
		log_error(j->env, "runs", "error=\"%s\"", err.text);
	dbx_run_free(r);
}

int dbx_start(struct databricks *j, int64_t job_id, const char *type, json_t *settings, json_t *params, const char *token,
	       struct dbx_run **out, struct error *err)
{
	json_t *tasks = json_object_get(settings, "tasks");
	int rc = check_settings(j, settings, err);
	if (rc)
		return rc;
	const char *name = jstr(settings, "run_name");
	name = name ? name : jstr(settings, "name");
	struct dbx_run *r = xcalloc(1, sizeof(*r));
	*r = (struct dbx_run){ .j = j, .name = xstrdup(name ? name : "Untitled"), .type = xstrdup(type), .params = json_incref(params),
				.settings = json_incref(settings), .multi = tasks != NULL, .task_n = tasks ? json_array_size(tasks) : 1,
				.start_ms = now(j), .life = DBX_PENDING, .message = xstrdup("Waiting for cluster"),
				.token = token ? xstrdup(token) : NULL };
	r->job_id = job_id ? job_id : ++j->last_id;
	r->run_id = ++j->last_id;
	r->number = r->run_id;
	r->tasks = xcalloc(r->task_n, sizeof(*r->tasks));
	for (size_t i = 0; i < r->task_n; i++) {
		json_t *spec = tasks ? json_array_get(tasks, i) : settings;
		const char *key = tasks ? jstr(spec, "task_key") : r->name;
		r->tasks[i] = (struct dbx_task){ .run = r, .run_id = ++j->last_id, .key = xstrdup(key), .spec = json_incref(spec) };
	}
	r->next = j->runs;
	j->runs = r;
	j->run_n++;
	int64_t limit = number_of(json_object_get(settings, "timeout_seconds"));
	if (limit)
		clock_at(j->env->clock, &r->timeout, r->start_ms + limit * 1000, on_timeout, r);
	touch(r);
	run_look(r);
	forget_oldest(j);
	*out = r;
	return 0;
}

void dbx_end_lost(struct databricks *j)
{
	for (struct dbx_run *r = j->runs; r; r = r->next) {
		if (dbx_ended(r))
			continue;
		for (size_t i = 0; i < r->task_n; i++)
			if (r->tasks[i].life < DBX_TERMINATED)
				task_end(&r->tasks[i], DBX_INTERNAL_ERROR, DBX_FAILED,
					 "Cluster was terminated. Reason: DRIVER_UNREACHABLE (the process ended while the run was on its way)");
		run_end(r);
	}
}
