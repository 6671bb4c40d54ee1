/* Runs: their tasks begin when those they depend on have ended, and they end with the last of them. All of it on the emulated clock. */
#include "core/json.h"
#include "databricks/task.h"

struct dbx_job *dbx_find(struct databricks *j, int64_t job_id)
{
	struct dbx_job *job = j->jobs;
	while (job && job->job_id != job_id)
		job = job->next;
	return job;
}

/* The task, or an iteration of it. */
static struct dbx_task *of_id(struct dbx_task *t, int64_t run_id)
{
	for (size_t i = 0; i < t->iteration_n; i++)
		if (t->iterations[i].run_id == run_id)
			return &t->iterations[i];
	return t->run_id == run_id ? t : NULL;
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
			struct dbx_task *t = of_id(&r->tasks[i], run_id);
			if (!t)
				continue;
			*run = r;
			return t;
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
	for (size_t i = 0; i < r->task_n; i++)
		dbx_task_free(&r->tasks[i]);
	json_decref(r->repairs);
	json_decref(r->params);
	json_decref(r->settings);
	free(r->tasks);
	free(r->name);
	free(r->type);
	free(r->token);
	free(r->message);
	free(r);
}

static struct dbx_task *task_of(const struct dbx_run *r, const char *key)
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
		return bad == 0 && good > 0;
	if (!strcmp(rule, "ALL_FAILED"))
		return bad == n;
	if (!strcmp(rule, "AT_LEAST_ONE_FAILED"))
		return bad > 0;
	return good == n;
}

/* Whether a condition before it came out otherwise than the task wants. */
static bool other_outcome(const struct dbx_task *on, const json_t *dependency)
{
	const char *wanted = jstr(dependency, "outcome"), *is = jstr(on->result_doc, "outcome");
	return wanted && (!is || strcmp(wanted, is) != 0);
}

/* Starts a blocked task, or ends it, once all that it depends on has ended. Returns whether it changed. */
static bool unblock(struct dbx_task *t)
{
	struct dbx_run *r = t->run;
	const json_t *deps = json_object_get(t->spec, "depends_on"), *d;
	const char *rule = jstr(t->spec, "run_if");
	size_t i, good = 0, bad = 0, cut = 0, other = 0;
	json_array_foreach(deps, i, d) {
		const struct dbx_task *on = task_of(r, jstr(d, "task_key"));
		if (on->life < DBX_TERMINATED)
			return false;
		other += on->result == DBX_SUCCESS && other_outcome(on, d);
		good += on->result == DBX_SUCCESS;
		bad += on->result != DBX_SUCCESS && on->result != DBX_EXCLUDED;
		cut += on->result == DBX_CANCELED || on->result == DBX_UPSTREAM_CANCELED;
	}
	if (other)
		dbx_task_leave_out(t, DBX_EXCLUDED, "");
	else if (may_run(rule ? rule : "ALL_SUCCESS", json_array_size(deps), good, bad))
		dbx_task_begin(t);
	else
		dbx_task_leave_out(t, cut && cut == bad ? DBX_UPSTREAM_CANCELED : bad ? DBX_UPSTREAM_FAILED : DBX_EXCLUDED,
				   bad ? "Run stopped since an upstream task failed" : "");
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

static size_t active_runs(const struct databricks *j, int64_t job_id)
{
	size_t n = 0;
	for (const struct dbx_run *r = j->runs; r; r = r->next)
		n += r->job_id == job_id && !dbx_ended(r) && !r->queued;
	return n;
}

static int64_t concurrent(const struct dbx_run *r)
{
	const json_t *most = json_object_get(r->settings, "max_concurrent_runs");
	return most ? dbx_number_of(most) : 1;
}

/* A run of the job has ended: the one that has waited longest begins. */
static void begin_queued(struct databricks *j, int64_t job_id)
{
	struct dbx_run *oldest = NULL;
	for (struct dbx_run *r = j->runs; r; r = r->next)
		if (r->job_id == job_id && r->queued && !dbx_ended(r))
			oldest = r;
	if (!oldest || (int64_t)active_runs(j, job_id) >= concurrent(oldest))
		return;
	oldest->queued = false;
	dbx_touch(oldest);
	dbx_run_look(oldest);
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
	r->end_ms = dbx_now(r->j);
	clock_cancel(r->j->env->clock, &r->timeout);
	r->life = DBX_TERMINATED;
	r->result = DBX_SUCCESS;
	if (r->cancelled || r->timed_out) {
		r->result = r->cancelled ? DBX_CANCELED : DBX_TIMEDOUT;
		dbx_set_text(&r->message, r->cancelled ? "Run cancelled." : "Run timed out.");
	} else if (bad) {
		cause = cause ? cause : bad;
		r->result = DBX_FAILED;
		r->life = r->multi ? DBX_INTERNAL_ERROR : cause->life; /* which the SDK's waiters raise for */
		char *text = r->multi ? xasprintf("Task %s failed with message: %s. This caused all downstream tasks to get skipped.", cause->key,
						  cause->message)
				      : xstrdup(cause->message);
		free(r->message);
		r->message = text;
	} else {
		dbx_set_text(&r->message, r->multi ? "" : r->tasks[0].message);
	}
	log_info(r->j->env, "run-ended", "run_id=%lld name=%s state=%s/%s", (long long)r->run_id, r->name, dbx_life_name(r->life),
		 dbx_result_name(r->result));
	dbx_touch(r);
	struct dbx_task *caller = r->caller;
	r->caller = NULL;
	if (caller)
		dbx_run_job_ended(caller, r);
	begin_queued(r->j, r->job_id);
}

/* Looks where the run stands after one of its tasks changed. */
void dbx_run_look(struct dbx_run *r)
{
	bool changed = true, running = false, over = true;
	if (dbx_ended(r) || r->queued)
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
		dbx_set_text(&r->message, "In run");
		dbx_touch(r);
	}
}

void dbx_cancel(struct dbx_run *r, bool timed_out)
{
	if (dbx_ended(r))
		return;
	r->cancelled = !timed_out;
	r->timed_out = timed_out;
	r->queued = false;
	for (size_t i = 0; i < r->task_n; i++)
		dbx_task_stop(&r->tasks[i], timed_out ? DBX_TIMEDOUT : DBX_CANCELED, timed_out ? "Run timed out." : "Run cancelled.");
	dbx_run_look(r);
}

static void on_timeout(void *arg)
{
	dbx_cancel(arg, true);
}

/* ---- starting ---- */

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
	if (dbx_store_run_del(r, &err))
		log_error(j->env, "runs", "error=\"%s\"", err.text);
	dbx_run_free(r);
}

/* One more than may run at once: it is queued where the job says so, else skipped. */
static void wait_or_skip(struct dbx_run *r)
{
	if (jtrue(json_object_get(r->settings, "queue"), "enabled")) {
		r->queued = true;
		dbx_set_text(&r->message, "Queued due to reaching maximum concurrent runs of the job");
		return;
	}
	for (size_t i = 0; i < r->task_n; i++)
		dbx_task_leave_out(&r->tasks[i], DBX_TOO_MANY, "");
	r->life = DBX_SKIPPED;
	r->result = DBX_TOO_MANY;
	r->end_ms = r->start_ms;
	dbx_set_text(&r->message, "Skipping this run because the limit of maximum concurrent runs has been reached.");
}

static void set_limit(struct dbx_run *r)
{
	int64_t limit = dbx_number_of(json_object_get(r->settings, "timeout_seconds"));
	if (limit > 0 && !dbx_ended(r))
		clock_at(r->j->env->clock, &r->timeout, dbx_now(r->j) + limit * 1000, on_timeout, r);
}

int dbx_start(struct databricks *j, int64_t job_id, const char *type, json_t *settings, json_t *params, const char *token,
	       struct dbx_run **out, struct error *err)
{
	json_t *tasks = json_object_get(settings, "tasks");
	int rc = dbx_check_settings(j, settings, err);
	if (rc)
		return rc;
	const char *name = jstr(settings, "run_name");
	name = name ? name : jstr(settings, "name");
	struct dbx_run *r = xcalloc(1, sizeof(*r));
	*r = (struct dbx_run){ .j = j, .name = xstrdup(name ? name : "Untitled"), .type = xstrdup(type), .params = json_incref(params),
				.settings = json_incref(settings), .multi = tasks != NULL, .task_n = tasks ? json_array_size(tasks) : 1,
				.start_ms = dbx_now(j), .life = DBX_PENDING, .message = xstrdup("Waiting for cluster"),
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
	dbx_touch(r);
	if (job_id && (int64_t)active_runs(j, job_id) > concurrent(r))
		wait_or_skip(r);
	set_limit(r);
	dbx_run_look(r);
	forget_oldest(j);
	*out = r;
	return 0;
}

void dbx_end_lost(struct databricks *j)
{
	for (struct dbx_run *r = j->runs; r; r = r->next) {
		if (dbx_ended(r))
			continue;
		r->queued = false;
		for (size_t i = 0; i < r->task_n; i++)
			if (r->tasks[i].life < DBX_TERMINATED)
				dbx_task_lost(&r->tasks[i]);
		run_end(r);
	}
}

/* ---- repairs ---- */

static bool depends(const struct dbx_task *t, const struct dbx_task *on)
{
	const json_t *deps = json_object_get(t->spec, "depends_on"), *d;
	size_t i;
	json_array_foreach(deps, i, d)
		if (!strcmp(jstr(d, "task_key"), on->key))
			return true;
	return false;
}

/* Which tasks run again: those named, those that failed, and what depends on them where it has to. */
static size_t choose(const struct dbx_run *r, const struct dbx_repair *what, bool *again, struct error *err)
{
	size_t n = 0, i, k;
	const json_t *key;
	json_array_foreach(what->keys, i, key) {
		struct dbx_task *t = json_is_string(key) ? task_of(r, json_string_value(key)) : NULL;
		if (!t) {
			err_set(err, ERR_INVALID, "Task %s isn't of this run", json_is_string(key) ? json_string_value(key) : "?");
			return 0;
		}
		again[t - r->tasks] = true;
	}
	for (i = 0; i < r->task_n; i++)
		again[i] |= what->failed && r->tasks[i].result != DBX_SUCCESS && r->tasks[i].result != DBX_EXCLUDED;
	for (bool more = what->dependents || what->failed; more;) {
		more = false;
		for (i = 0; i < r->task_n; i++)
			for (k = 0; !again[i] && k < r->task_n; k++)
				if (again[k] && depends(&r->tasks[i], &r->tasks[k]))
					more = again[i] = true;
	}
	for (i = 0; i < r->task_n; i++)
		n += again[i];
	if (!n)
		err_set(err, ERR_INVALID, "No task of run %lld is to run again", (long long)r->run_id);
	return n;
}

static void begin_again(struct dbx_run *r, const bool *again, json_t *params, int64_t id)
{
	json_t *ids = json_array();
	for (size_t i = 0; i < r->task_n; i++)
		if (again[i]) {
			dbx_task_again(&r->tasks[i]);
			json_array_append_new(ids, json_integer(r->tasks[i].run_id));
		}
	if (!r->repairs)
		r->repairs = json_array();
	json_array_append_new(r->repairs, json_pack("{s:s, s:I, s:I, s:o}", "type", "REPAIR", "id", (json_int_t)id, "start_time", (json_int_t)dbx_now(r->j),
						    "task_run_ids", ids));
	if (params) {
		json_t *all = r->params ? json_deep_copy(r->params) : json_object();
		json_object_update(all, params);
		json_decref(r->params);
		r->params = all;
	}
	r->life = DBX_PENDING;
	r->result = DBX_NONE;
	r->end_ms = 0;
	r->cancelled = r->timed_out = false;
	dbx_set_text(&r->message, "Waiting for cluster");
}

int dbx_repair(struct dbx_run *r, const struct dbx_repair *what, int64_t *id, struct error *err)
{
	bool *again;
	if (!dbx_ended(r))
		return err_set(err, ERR_CONFLICT, "Run %lld is still active and can't be repaired", (long long)r->run_id);
	if (r->life == DBX_SKIPPED)
		return err_set(err, ERR_INVALID, "Run %lld was skipped and can't be repaired", (long long)r->run_id);
	again = xcalloc(r->task_n, sizeof(*again));
	if (!choose(r, what, again, err)) {
		free(again);
		return ERR_INVALID;
	}
	*id = ++r->j->last_id;
	begin_again(r, again, what->params, *id);
	free(again);
	set_limit(r);
	dbx_touch(r);
	dbx_run_look(r);
	return 0;
}
