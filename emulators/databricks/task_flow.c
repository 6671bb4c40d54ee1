/* Tasks that decide about others: condition_task, for_each_task, run_job_task. */
#include "core/json.h"
#include "databricks/task.h"

enum { ITERATIONS_MAX = 5000, CONCURRENCY_MAX = 100, NESTED_MAX = 3 };

/* ---- condition_task ---- */

static struct slice operand(const json_t *spec, const char *name, char room[32])
{
	const json_t *v = json_object_get(spec, name);
	if (json_is_string(v))
		return json_slice(v);
	if (json_is_boolean(v))
		return sl(json_is_true(v) ? "true" : "false");
	snprintf(room, 32, "%g", json_number_value(v));
	return sl(room);
}

static bool number(struct slice s, double *out)
{
	char text[64], *end;
	if (!s.n || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*out = strtod(text, &end);
	return !*end;
}

/* EQUAL_TO and NOT_EQUAL compare texts, the others numbers. -1: no such operation, or no numbers. */
static int compare(const char *op, struct slice left, struct slice right)
{
	double a = 0, b = 0;
	bool numbers = number(left, &a) && number(right, &b);
	if (!strcmp(op, "EQUAL_TO"))
		return sl_eq(left, right);
	if (!strcmp(op, "NOT_EQUAL"))
		return !sl_eq(left, right);
	if (!numbers)
		return -1;
	if (!strcmp(op, "GREATER_THAN"))
		return a > b;
	if (!strcmp(op, "GREATER_THAN_OR_EQUAL"))
		return a >= b;
	if (!strcmp(op, "LESS_THAN"))
		return a < b;
	return !strcmp(op, "LESS_THAN_OR_EQUAL") ? a <= b : -1;
}

void dbx_condition_start(struct dbx_task *t, const json_t *spec)
{
	char room[2][32];
	struct slice left = operand(spec, "left", room[0]), right = operand(spec, "right", room[1]);
	const char *op = jstr(spec, "op");
	int is = compare(op ? op : "", left, right);
	for (size_t i = 0; i < 2; i++) {
		static const char *const sides[] = { "left", "right" };
		if (!json_object_get(spec, sides[i])) {
			dbx_task_refuse(t, "Missing required field: condition_task.%s", sides[i]);
			return;
		}
	}
	if (is < 0) {
		dbx_task_refuse(t, "The condition %.*s %s %.*s can't be evaluated: EQUAL_TO and NOT_EQUAL compare texts, GREATER_THAN, LESS_THAN and "
				   "their ..._OR_EQUAL numbers", SL(left), op ? op : "?", SL(right));
		return;
	}
	t->result_doc = json_pack("{s:s}", "outcome", is ? "true" : "false");
	dbx_task_done(t, NULL, NULL, NULL);
}

/* ---- for_each_task ---- */

static int64_t concurrency(const struct dbx_task *t)
{
	int64_t n = dbx_number_of(json_object_get(json_object_get(t->spec, "for_each_task"), "concurrency"));
	return n < 1 ? 1 : n > CONCURRENCY_MAX ? CONCURRENCY_MAX : n;
}

void dbx_for_each_look(struct dbx_task *t)
{
	size_t open = 0, failed = 0;
	if (t->life >= DBX_TERMINATED)
		return;
	for (size_t i = 0; i < t->iteration_next; i++) {
		open += t->iterations[i].life < DBX_TERMINATED;
		failed += t->iterations[i].life >= DBX_TERMINATED && t->iterations[i].result != DBX_SUCCESS;
	}
	for (; t->iteration_next < t->iteration_n && (int64_t)open < concurrency(t); open++)
		dbx_task_begin(&t->iterations[t->iteration_next++]);
	if (open)
		return;
	json_decref(t->result_doc);
	t->result_doc = json_pack("{s:{s:i, s:i, s:i, s:i, s:i}}", "task_run_stats", "total_iterations", (int)t->iteration_n, "scheduled_iterations",
				  (int)t->iteration_n, "completed_iterations", (int)t->iteration_n, "succeeded_iterations", (int)(t->iteration_n - failed),
				  "failed_iterations", (int)failed);
	char *text = failed ? xasprintf("%zu of %zu iterations failed", failed, t->iteration_n) : NULL;
	dbx_task_done(t, NULL, text, text);
	free(text);
}

/* The iterations are made of the task inside, each with its own input. */
static void make_iterations(struct dbx_task *t, const json_t *inputs)
{
	json_t *inner = json_object_get(json_object_get(t->spec, "for_each_task"), "task"), *input;
	const char *key = jstr(inner, "task_key");
	size_t i;
	t->iteration_n = json_array_size(inputs);
	t->iterations = xcalloc(t->iteration_n + 1, sizeof(*t->iterations));
	json_array_foreach((json_t *)(uintptr_t)inputs, i, input)
		t->iterations[i] = (struct dbx_task){ .run = t->run, .parent = t, .run_id = ++t->run->j->last_id, .key = xstrdup(key ? key : t->key),
						      .spec = json_incref(inner), .input = json_incref(input) };
}

void dbx_for_each_start(struct dbx_task *t, const json_t *spec)
{
	json_t *inputs = json_object_get(spec, "inputs");
	JSON_AUTO parsed = json_is_string(inputs) ? json_loadb(json_string_value(inputs), json_string_length(inputs), 0, NULL) : json_incref(inputs);
	const struct dbx_task_kind *kind = dbx_task_kind(json_object_get(spec, "task"));
	if (!json_is_array(parsed) || json_array_size(parsed) > ITERATIONS_MAX) {
		dbx_task_refuse(t, "inputs of for_each_task must be a JSON array of up to %d items", ITERATIONS_MAX);
	} else if (!kind || !strcmp(kind->key, "for_each_task")) {
		dbx_task_refuse(t, "for_each_task needs a task of another kind inside");
	} else {
		make_iterations(t, parsed);
		dbx_for_each_look(t);
	}
}

void dbx_for_each_stop(struct dbx_task *t)
{
	for (size_t i = 0; i < t->iteration_n; i++)
		dbx_task_stop(&t->iterations[i], DBX_CANCELED, "Run cancelled.");
}

/* ---- run_job_task ---- */

static size_t depth(const struct dbx_run *r)
{
	size_t n = 0;
	for (; r->caller; r = r->caller->run)
		n++;
	return n;
}

void dbx_run_job_start(struct dbx_task *t, const json_t *spec)
{
	static const char *const kinds[] = { "notebook_params", "python_params", "python_named_params", "sql_params", "job_parameters" };
	struct databricks *j = t->run->j;
	struct dbx_job *job = dbx_find(j, dbx_number_of(json_object_get(spec, "job_id")));
	JSON_AUTO params = json_object();
	struct dbx_run *r;
	struct error err;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		jcopy(params, spec, kinds[i]);
	if (!job)
		dbx_task_refuse(t, "Job %lld does not exist.", (long long)dbx_number_of(json_object_get(spec, "job_id")));
	else if (depth(t->run) >= NESTED_MAX)
		dbx_task_refuse(t, "Jobs that run jobs can be nested %d times", NESTED_MAX);
	else if (dbx_start(j, job->job_id, "JOB_RUN", job->settings, params, NULL, &r, &err))
		dbx_task_refuse(t, "%s", err.text);
	else {
		t->result_doc = json_pack("{s:I}", "run_id", (json_int_t)r->run_id);
		if (dbx_ended(r))
			dbx_run_job_ended(t, r);
		else
			r->caller = t;
	}
}

void dbx_run_job_ended(struct dbx_task *t, const struct dbx_run *r)
{
	char *text = r->result == DBX_SUCCESS ? NULL : xasprintf("Run %lld of job %lld failed: %s", (long long)r->run_id, (long long)r->job_id,
							       r->message ? r->message : "");
	dbx_task_done(t, NULL, text, text);
	free(text);
}

void dbx_run_job_stop(struct dbx_task *t)
{
	for (struct dbx_run *r = t->run->j->runs; r; r = r->next) {
		if (r->caller != t)
			continue;
		r->caller = NULL;
		dbx_cancel(r, false);
		return;
	}
}
