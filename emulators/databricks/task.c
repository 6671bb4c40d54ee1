/* The life of a task: PENDING while its cluster gets ready, RUNNING while it does what its kind does and at least [jobs] execution, then
 * ended, or tried again. All of it on the emulated clock. */
#include "databricks/task.h"

#include "core/json.h"

int64_t dbx_now(const struct databricks *j)
{
	return clock_now_ms(j->env->clock);
}

void dbx_set_text(char **at, const char *text)
{
	char *copy = text ? xstrdup(text) : NULL;
	free(*at);
	*at = copy;
}

void dbx_touch(struct dbx_run *r)
{
	r->dirty = r->j->dirty = true;
}

int64_t dbx_number_of(const json_t *v)
{
	int64_t n = 0;
	if (json_is_string(v))
		(void)sl_int(sl(json_string_value(v)), -1, INT64_MAX, &n);
	return json_is_integer(v) ? json_integer_value(v) : n;
}

static struct clock *clock_of(const struct dbx_task *t)
{
	return t->run->j->env->clock;
}

void dbx_task_free(struct dbx_task *t)
{
	clock_cancel(clock_of(t), &t->timer);
	clock_cancel(clock_of(t), &t->limit);
	owed_cancel_all(&t->owed);
	for (size_t i = 0; i < t->iteration_n; i++)
		dbx_task_free(&t->iterations[i]);
	free(t->iterations);
	json_decref(t->spec);
	json_decref(t->resolved);
	json_decref(t->values);
	json_decref(t->result_doc);
	json_decref(t->input);
	json_decref(t->past);
	free(t->key);
	free(t->message);
	free(t->error);
	free(t->trace);
	free(t->output);
	free(t->way);
	free(t->cells);
}

/* ---- ends ---- */

static void task_end(struct dbx_task *t, enum dbx_life life, enum dbx_result result, const char *message)
{
	clock_cancel(clock_of(t), &t->timer);
	clock_cancel(clock_of(t), &t->limit);
	t->life = life;
	t->result = result;
	dbx_set_text(&t->message, message);
	t->end_ms = dbx_now(t->run->j);
	if (t->start_ms)
		t->execution_ms = t->end_ms - t->start_ms - t->setup_ms;
	else
		t->start_ms = t->end_ms;
	dbx_touch(t->run);
}

/* Whoever waits for it looks. */
static void tell(struct dbx_task *t)
{
	if (t->parent)
		dbx_for_each_look(t->parent);
	else
		dbx_run_look(t->run);
}

static void on_try_again(void *arg)
{
	struct dbx_task *t = arg;
	t->waits = false;
	dbx_task_begin(t);
}

/* Keeps what this attempt came to, and makes the task new. */
static void next_attempt(struct dbx_task *t)
{
	if (!t->past)
		t->past = json_array();
	json_array_append_new(t->past, dbx_output_json(t));
	free(t->cells); /* of this attempt: only those of the last are shown */
	t->cells = NULL;
	t->cells_new = false;
	t->run_id = ++t->run->j->last_id;
	t->attempt++;
	t->life = DBX_BLOCKED;
	t->result = DBX_NONE;
	t->start_ms = t->end_ms = t->setup_ms = t->execution_ms = 0;
	dbx_set_text(&t->message, NULL);
	dbx_set_text(&t->error, NULL);
	dbx_set_text(&t->trace, NULL);
	dbx_set_text(&t->output, NULL);
	dbx_set_text(&t->way, NULL);
	json_decref(t->resolved);
	json_decref(t->values);
	json_decref(t->result_doc);
	t->resolved = t->values = t->result_doc = NULL;
	for (size_t i = 0; i < t->iteration_n; i++)
		dbx_task_free(&t->iterations[i]);
	free(t->iterations);
	t->iterations = NULL;
	t->iteration_n = t->iteration_next = 0;
	dbx_touch(t->run);
}

void dbx_task_again(struct dbx_task *t)
{
	next_attempt(t);
	t->tries = 0;
}

/* Whether it is tried once more. */
static bool try_again(struct dbx_task *t)
{
	int64_t most = dbx_number_of(json_object_get(t->spec, "max_retries")), pause = dbx_number_of(json_object_get(t->spec, "min_retry_interval_millis"));
	bool may = t->result == DBX_FAILED || (t->result == DBX_TIMEDOUT && jtrue(t->spec, "retry_on_timeout"));
	if (!may || (most >= 0 && t->tries >= most) || t->run->cancelled || t->run->timed_out)
		return false;
	t->tries++;
	next_attempt(t);
	t->life = DBX_PENDING;
	t->waits = true;
	dbx_set_text(&t->message, "Waiting for retry");
	/* A moment at least, so that a task without a limit of retries doesn't stop the clock. */
	clock_at(clock_of(t), &t->timer, dbx_now(t->run->j) + (pause > 1000 ? pause : 1000), on_try_again, t);
	return true;
}

static void end_and_tell(struct dbx_task *t, enum dbx_life life, enum dbx_result result, const char *message)
{
	task_end(t, life, result, message);
	if (!try_again(t))
		tell(t);
}

static void on_execution_over(void *arg)
{
	struct dbx_task *t = arg;
	if (t->error)
		end_and_tell(t, DBX_TERMINATED, DBX_FAILED, "Workload failed, see run output for details");
	else
		end_and_tell(t, DBX_TERMINATED, DBX_SUCCESS, t->way ? t->way : "");
}

void dbx_task_done(struct dbx_task *t, const char *output, const char *error, const char *trace)
{
	struct databricks *j = t->run->j;
	const struct dbx_task_kind *kind = dbx_task_kind(t->spec);
	int64_t least = t->start_ms + t->setup_ms + (kind && kind->cluster ? j->execution_ms : 0);
	dbx_set_text(&t->output, output);
	dbx_set_text(&t->error, error);
	dbx_set_text(&t->trace, trace);
	clock_at(j->env->clock, &t->timer, least > dbx_now(j) ? least : dbx_now(j), on_execution_over, t);
	dbx_touch(t->run);
}

static void on_refused(void *arg)
{
	struct dbx_task *t = arg;
	char *words = xstrdup(t->error);
	end_and_tell(t, DBX_INTERNAL_ERROR, DBX_FAILED, words);
	free(words);
}

void dbx_task_refuse(struct dbx_task *t, const char *fmt, ...)
{
	struct buf words = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&words, fmt, ap);
	va_end(ap);
	dbx_set_text(&t->error, buf_cstr(&words));
	buf_free(&words);
	clock_at(clock_of(t), &t->timer, dbx_now(t->run->j), on_refused, t);
}

/* Takes back whatever it has begun. */
static void stop_work(struct dbx_task *t)
{
	const struct dbx_task_kind *kind = dbx_task_kind(t->spec);
	clock_cancel(clock_of(t), &t->timer);
	clock_cancel(clock_of(t), &t->limit);
	if (kind && kind->stop && t->life == DBX_RUNNING)
		kind->stop(t);
	owed_cancel_all(&t->owed);
	t->waits = false;
}

void dbx_task_stop(struct dbx_task *t, enum dbx_result result, const char *message)
{
	if (t->life >= DBX_TERMINATED)
		return;
	stop_work(t);
	task_end(t, DBX_TERMINATED, result, message);
}

void dbx_task_leave_out(struct dbx_task *t, enum dbx_result result, const char *message)
{
	task_end(t, DBX_TERMINATED, result, message);
}

void dbx_task_lost(struct dbx_task *t)
{
	task_end(t, DBX_INTERNAL_ERROR, DBX_FAILED,
		 "Cluster was terminated. Reason: DRIVER_UNREACHABLE (the process ended while the run was on its way)");
}

static void on_limit(void *arg)
{
	struct dbx_task *t = arg;
	stop_work(t);
	dbx_set_text(&t->error, "Run timed out.");
	end_and_tell(t, DBX_TERMINATED, DBX_TIMEDOUT, "Run timed out.");
}

/* ---- runs ---- */

/* A fault armed at notebook.NAME makes the task fail as an exception of the notebook would. */
static bool failed_by_fault(struct dbx_task *t)
{
	const char *path = jstr(json_object_get(t->spec, "notebook_task"), "notebook_path"), *base = path ? strrchr(path, '/') : NULL;
	char code[64];
	if (!path || !faults_ask_error(t->run->j->env->faults, "notebook", base ? base + 1 : path, code))
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
	const struct dbx_task_kind *kind = dbx_task_kind(t->spec);
	struct error err;
	t->setup_ms = dbx_now(j) - t->start_ms;
	t->life = DBX_RUNNING;
	dbx_set_text(&t->message, "In run");
	dbx_touch(t->run);
	if (!kind || !kind->start)
		dbx_task_refuse(t, "Task %.100s can't be run here: %s", t->key, kind ? kind->refusal : "it has no task of a known kind");
	else if (!failed_by_fault(t) && !(t->resolved = dbx_resolve(t, json_object_get(t->spec, kind->key), &err)))
		dbx_task_refuse(t, "Failed to resolve references: %s", err.text);
	else if (t->resolved)
		kind->start(t, t->resolved);
	if (!t->parent)
		dbx_run_look(t->run);
}

void dbx_task_begin(struct dbx_task *t)
{
	struct databricks *j = t->run->j;
	const struct dbx_task_kind *kind = dbx_task_kind(t->spec);
	bool cluster = !kind || kind->cluster;
	int64_t limit = t->run->multi || t->parent ? dbx_number_of(json_object_get(t->spec, "timeout_seconds")) : 0;
	t->life = DBX_PENDING;
	t->start_ms = dbx_now(j);
	dbx_set_text(&t->message, cluster ? "Waiting for cluster" : "");
	clock_at(j->env->clock, &t->timer, t->start_ms + (cluster ? j->setup_ms : 0), on_cluster_ready, t);
	if (limit > 0)
		clock_at(j->env->clock, &t->limit, t->start_ms + limit * 1000, on_limit, t);
	dbx_touch(t->run);
}
