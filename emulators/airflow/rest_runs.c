/* REST: DAG runs, task instances, logs, XComs. */
#include "airflow/rest.h"
#include "core/json.h"

/* ---- filters ---- */

/* Whether the query has name more than once or not at all, and one of its values is text. */
static bool among(const struct af_rest *r, const char *name, const char *text)
{
	struct slice key, value;
	size_t pos = 0;
	bool asked = false;
	while (r->req.query.p && http_query_next(&r->req, &pos, &key, &value)) {
		if (!sl_eqs(key, name))
			continue;
		asked = true;
		struct slice rest = arena_url_decode(r->req.arena, value, true), one;
		while (rest.p) {
			sl_cut(rest, ',', &one, &rest);
			if (sl_eqs(one, text ? text : "none"))
				return true;
		}
	}
	return !asked;
}

static bool in_range(const struct af_rest *r, const char *name, int64_t ms)
{
	static const struct {
		const char *end;
		int sign;
	} ends[] = { { "_gte", 1 }, { "_lte", -1 } };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char *key = xasprintf("%s%s", name, ends[i].end);
		struct slice s = af_rest_param(r, key);
		int64_t bound;
		free(key);
		if (s.n && af_parse_time(s, &bound) && (ms < 0 || (ms - bound) * ends[i].sign < 0))
			return false;
	}
	return true;
}

static bool dates_good(struct af_rest *r)
{
	static const char *const names[] = { "execution_date_gte", "execution_date_lte", "start_date_gte", "start_date_lte", "end_date_gte",
					     "end_date_lte" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct slice s = af_rest_param(r, names[i]);
		int64_t ms;
		if (!s.n || af_parse_time(s, &ms))
			continue;
		af_rest_fail(r, 400, "Bad Request", "Incorrect datetime argument. Invalid isoformat string: '%.*s'", SL(s));
		return false;
	}
	return true;
}

static bool run_wanted(const struct af_rest *r, const struct af_run *run)
{
	return among(r, "state", af_run_state_name(run->state)) && in_range(r, "execution_date", run->logical_ms) &&
	       in_range(r, "start_date", run->start_ms) && in_range(r, "end_date", run->end_ms);
}

/* ---- runs ---- */

static const char *const run_orders[] = { "dag_run_id", "execution_date", "start_date", "end_date", "state", "external_trigger", "dag_id", NULL };

static void op_runs(struct af_rest *r)
{
	bool any = sl_eqs(r->arg[0], "~");
	if (!dates_good(r) || (!any && !af_rest_dag(r)))
		return;
	json_t *all = json_array();
	for (const struct af_dag *d = r->a->dags; d; d = d->next)
		for (const struct af_run *run = d->runs; run && (any || sl_eqs(r->arg[0], d->id)); run = run->next)
			if (run_wanted(r, run))
				json_array_append_new(all, af_run_json(run));
	af_rest_list(r, "dag_runs", all, run_orders);
}

static bool holds(const json_t *list, const char *text)
{
	const json_t *v;
	size_t i;
	if (!json_array_size(list))
		return true;
	json_array_foreach(list, i, v)
		if (json_is_string(v) && text && !strcmp(json_string_value(v), text))
			return true;
	return false;
}

static void op_runs_batch(struct af_rest *r)
{
	json_t *all = json_array();
	for (const struct af_dag *d = r->a->dags; d; d = d->next)
		for (const struct af_run *run = d->runs; run && holds(json_object_get(r->body, "dag_ids"), d->id); run = run->next)
			if (holds(json_object_get(r->body, "states"), af_run_state_name(run->state)))
				json_array_append_new(all, af_run_json(run));
	af_rest_list(r, "dag_runs", all, run_orders);
}

static void op_trigger(struct af_rest *r)
{
	struct af_dag *d = af_dag(r->a, r->arg[0]);
	const json_t *id = json_object_get(r->body, "dag_run_id"), *when = json_object_get(r->body, "logical_date");
	json_t *conf = json_object_get(r->body, "conf");
	const char *key;
	json_t *v;
	struct af_run *run;
	struct error err;
	int64_t logical = -1;
	if (!d || !d->raw) {
		af_rest_fail(r, 404, "DAG not found", "DAG with dag_id: '%.*s' not found", SL(r->arg[0]));
		return;
	}
	json_object_foreach((json_t *)(uintptr_t)r->body, key, v) {
		static const char *const known[] = { "dag_run_id", "logical_date", "execution_date", "conf", "note", "data_interval_start",
						     "data_interval_end", "state" };
		bool fits = false;
		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			fits |= !strcmp(known[i], key);
		if (!fits) {
			af_rest_fail(r, 400, "Bad Request", "{'%s': ['Unknown field.']}", key);
			return;
		}
	}
	if (!when || json_is_null(when))
		when = json_object_get(r->body, "execution_date");
	if (json_is_string(when) && !af_parse_time(sl(json_string_value(when)), &logical)) {
		af_rest_fail(r, 400, "Bad Request", "{'logical_date': ['Not a valid datetime.']}");
		return;
	}
	if (conf && !json_is_object(conf) && !json_is_null(conf)) {
		af_rest_fail(r, 400, "Bad Request", "'%s' is not of type 'object' - 'conf'", json_is_string(conf) ? json_string_value(conf) : "conf");
		return;
	}
	if (af_trigger(d, "manual", json_is_string(id) ? sl(json_string_value(id)) : sl(NULL), logical, json_is_object(conf) ? conf : NULL,
			jstr(r->body, "note"), &run, &err)) {
		af_rest_fail(r, 409, "Conflict", "%s", err.text);
		return;
	}
	af_rest_ok(r, af_run_json(run)); /* as it was when made: queued */
	af_pass(r->a);
}

static void op_run(struct af_rest *r)
{
	const struct af_run *run = af_rest_find_run(r);
	if (run)
		af_rest_ok(r, af_run_json(run));
}

static void op_run_patch(struct af_rest *r)
{
	struct af_run *run = af_rest_find_run(r);
	const char *state = jstr(r->body, "state");
	if (!run)
		return;
	if (state && !strcmp(state, "success")) {
		af_set_run(run, RUN_SUCCESS);
	} else if (state && !strcmp(state, "failed")) {
		af_set_run(run, RUN_FAILED);
	} else if (state && !strcmp(state, "queued")) {
		af_set_run(run, RUN_QUEUED);
	} else {
		af_rest_fail(r, 400, "Bad Request", "'%s' is not one of ['success', 'failed', 'queued'] - 'state'", state ? state : "");
		return;
	}
	af_rest_ok(r, af_run_json(run));
}

static void op_run_delete(struct af_rest *r)
{
	struct af_run *run = af_rest_find_run(r);
	if (!run)
		return;
	af_delete_run(run);
	r->status = 204;
}

static json_t *reference(const struct af_ti *t)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "task_id", t->task_id, "dag_id", t->run->dag->id, "dag_run_id", t->run->id, "execution_date",
			 af_time_json(t->run->logical_ms));
}

static void op_run_clear(struct af_rest *r)
{
	struct af_run *run = af_rest_find_run(r);
	if (!run)
		return;
	if (!json_is_false(json_object_get(r->body, "dry_run"))) { /* dry_run's default is true */
		json_t *all = json_array();
		for (size_t i = 0; i < run->ti_n; i++)
			json_array_append_new(all, reference(&run->tis[i]));
		af_rest_ok(r, json_pack("{s:o}", "task_instances", all));
		return;
	}
	af_clear(run, NULL);
	af_rest_ok(r, af_run_json(run));
	af_pass(r->a);
}

static void op_run_note(struct af_rest *r)
{
	struct af_run *run = af_rest_find_run(r);
	const char *note = jstr(r->body, "note");
	if (!run)
		return;
	free(run->note);
	run->note = note ? xstrdup(note) : NULL;
	af_touch(run);
	af_rest_ok(r, af_run_json(run));
}

/* ---- clearing tasks of a DAG ---- */

static bool to_clear(const struct af_rest *r, const struct af_ti *t)
{
	const json_t *b = r->body, *ids = json_object_get(b, "task_ids"), *run = json_object_get(b, "dag_run_id");
	const json_t *only_failed = json_object_get(b, "only_failed");
	const char *from = jstr(b, "start_date"), *to = jstr(b, "end_date");
	int64_t ms;
	if (json_is_string(run) && strcmp(json_string_value(run), t->run->id))
		return false;
	if ((from && af_parse_time(sl(from), &ms) && t->run->logical_ms < ms) || (to && af_parse_time(sl(to), &ms) && t->run->logical_ms > ms))
		return false;
	if (!json_is_false(only_failed) && t->state != TI_FAILED && t->state != TI_UPSTREAM_FAILED)
		return false;
	if (jtrue(b, "only_running") && t->state != TI_RUNNING)
		return false;
	return t->state != TI_NONE && holds(ids, t->task_id);
}

/* Which tasks of a run are cleared: those chosen, and with include_upstream and include_downstream those around them. */
static void choose(const struct af_rest *r, const struct af_run *run, bool *take)
{
	const struct af_dag *d = run->dag;
	bool *around = xcalloc(d->task_n + 1, sizeof(*around));
	for (size_t i = 0; i < run->ti_n; i++) {
		const struct af_task *task = af_dag_task(d, run->tis[i].task_id);
		take[i] = to_clear(r, &run->tis[i]);
		if (task && take[i] && jtrue(r->body, "include_upstream"))
			af_dag_reach(d, task, false, around);
	}
	for (size_t i = 0; i < run->ti_n; i++) {
		const struct af_task *task = af_dag_task(d, run->tis[i].task_id);
		if (task && take[i] && jtrue(r->body, "include_downstream"))
			af_dag_reach(d, task, true, around);
	}
	for (size_t i = 0; i < run->ti_n; i++) {
		const struct af_task *task = af_dag_task(d, run->tis[i].task_id);
		take[i] |= task && around[task - d->tasks];
	}
	free(around);
}

static void op_clear_tasks(struct af_rest *r)
{
	struct af_dag *d = af_rest_dag(r);
	bool dry = !json_is_false(json_object_get(r->body, "dry_run"));
	if (!d)
		return;
	json_t *all = json_array();
	for (struct af_run *run = d->runs; run; run = run->next) {
		bool *take = xcalloc(run->ti_n + 1, sizeof(*take));
		choose(r, run, take);
		for (size_t i = 0; i < run->ti_n; i++) {
			if (!take[i])
				continue;
			json_array_append_new(all, reference(&run->tis[i]));
			if (!dry)
				af_clear(run, run->tis[i].task_id);
		}
		free(take);
	}
	af_rest_ok(r, json_pack("{s:o}", "task_instances", all));
	if (!dry)
		af_pass(r->a);
}

/* ---- task instances ---- */

static struct af_ti *find_ti(struct af_rest *r)
{
	struct af_run *run = af_rest_find_run(r);
	struct af_ti *t = run ? af_run_ti(run, arena_cstr(r->req.arena, r->arg[2])) : NULL;
	if (run && !t)
		af_rest_fail(r, 404, "Task instance not found", "Task instance with task_id: `%.*s` of run %s was not found", SL(r->arg[2]), run->id);
	return t;
}

static const char *const ti_orders[] = { "task_id", "state", "start_date", "end_date", "duration", NULL };

static void op_tis(struct af_rest *r)
{
	bool any_dag = sl_eqs(r->arg[0], "~"), any_run = sl_eqs(r->arg[1], "~");
	if (!dates_good(r) || (!any_dag && !any_run && !af_rest_find_run(r)))
		return;
	json_t *all = json_array();
	for (const struct af_dag *d = r->a->dags; d; d = d->next) {
		for (const struct af_run *run = d->runs; run && (any_dag || sl_eqs(r->arg[0], d->id)); run = run->next) {
			if ((!any_run && !sl_eqs(r->arg[1], run->id)) || !in_range(r, "execution_date", run->logical_ms))
				continue;
			for (size_t i = 0; i < run->ti_n; i++)
				if (among(r, "state", af_ti_state_name(run->tis[i].state)) && in_range(r, "start_date", run->tis[i].start_ms))
					json_array_append_new(all, af_ti_json(&run->tis[i]));
		}
	}
	af_rest_list(r, "task_instances", all, ti_orders);
}

static void op_ti(struct af_rest *r)
{
	const struct af_ti *t = find_ti(r);
	if (t)
		af_rest_ok(r, af_ti_json(t));
}

static void op_ti_patch(struct af_rest *r)
{
	struct af_ti *t = find_ti(r);
	const char *name = jstr(r->body, "new_state");
	enum af_ti_state state;
	if (!t)
		return;
	if (!af_ti_state_of(name, &state) || (state != TI_SUCCESS && state != TI_FAILED && state != TI_SKIPPED)) {
		af_rest_fail(r, 400, "Bad Request", "'%s' is not one of ['success', 'failed', 'skipped'] - 'new_state'", name ? name : "");
		return;
	}
	if (json_is_false(json_object_get(r->body, "dry_run")))
		af_set_ti(t, state);
	af_rest_ok(r, reference(t));
}

static void op_log(struct af_rest *r)
{
	const struct af_ti *t = find_ti(r);
	int64_t try = 0;
	if (!t)
		return;
	if (!sl_int(r->arg[3], 1, INT32_MAX, &try)) {
		af_rest_fail(r, 400, "Bad Request", "task_try_number must be a positive number");
		return;
	}
	struct slice text = (size_t)try <= t->log_n ? buf_slice(&t->logs[try - 1]) : S("");
	r->status = 200;
	if (sl_find(http_get(&r->req, "Accept"), S("application/json")) < 0) {
		r->type = "text/plain";
		buf_addsl(&r->text, text);
		return;
	}
	char *content = xasprintf("[('tarn', '*** Found local files:\\n%.*s')]", SL(text));
	json_t *s = json_string(content);
	af_rest_ok(r, json_pack("{s:o, s:s}", "content", s ? s : json_string(""), "continuation_token",
			     "eyJlbmRfb2ZfbG9nIjp0cnVlfQ.tarn"));
	free(content);
}

static json_t *xcom_json(const struct af_ti *t, const char *key, json_t *value)
{
	json_t *o = json_pack("{s:s, s:o, s:o, s:s, s:s, s:i}", "key", key, "timestamp", af_time_json(t->end_ms >= 0 ? t->end_ms : t->start_ms),
			      "execution_date", af_time_json(t->run->logical_ms), "task_id", t->task_id, "dag_id", t->run->dag->id, "map_index", -1);
	if (value) {
		char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
		json_object_set_new(o, "value", text ? json_string(text) : json_incref(value));
		free(text);
	}
	return o;
}

static void op_xcoms(struct af_rest *r)
{
	const struct af_ti *t = find_ti(r);
	const char *key;
	json_t *v, *all = json_array();
	if (!t) {
		json_decref(all);
		return;
	}
	json_object_foreach(t->xcoms, key, v)
		json_array_append_new(all, xcom_json(t, key, NULL));
	af_rest_list(r, "xcom_entries", all, NULL);
}

static void op_xcom(struct af_rest *r)
{
	const struct af_ti *t = find_ti(r);
	if (!t)
		return;
	char *key = arena_cstr(r->req.arena, r->arg[3]);
	json_t *v = json_object_get(t->xcoms, key);
	if (v)
		af_rest_ok(r, xcom_json(t, key, v));
	else
		af_rest_fail(r, 404, "XCom entry not found", NULL);
}

static const struct af_op ops[] = {
	{ { "GET", "/api/v1/dags/{}/dagRuns", "DagRunsList", "runs of a DAG, or of all (~)", .flags = AF_FILES }, op_runs },
	{ { "POST", "/api/v1/dags/{}/dagRuns", "DagRunTrigger", "start a run", .flags = AF_FILES }, op_trigger },
	{ { "POST", "/api/v1/dags/~/dagRuns/list", "DagRunsBatch", "runs of several DAGs", .flags = AF_FILES }, op_runs_batch },
	{ { "GET", "/api/v1/dags/{}/dagRuns/{}", "DagRunGet", "a run", .flags = AF_FILES }, op_run },
	{ { "PATCH", "/api/v1/dags/{}/dagRuns/{}", "DagRunPatch", "set the state of a run", .flags = AF_FILES }, op_run_patch },
	{ { "DELETE", "/api/v1/dags/{}/dagRuns/{}", "DagRunDelete", "delete a run", .flags = AF_FILES }, op_run_delete },
	{ { "POST", "/api/v1/dags/{}/dagRuns/{}/clear", "DagRunClear", "run a run again", .flags = AF_FILES }, op_run_clear },
	{ { "PATCH", "/api/v1/dags/{}/dagRuns/{}/setNote", "DagRunNote", "note on a run", .flags = AF_FILES }, op_run_note },
	{ { "POST", "/api/v1/dags/{}/clearTaskInstances", "TaskInstancesClear", "run tasks of a DAG again", .flags = AF_FILES }, op_clear_tasks },
	{ { "GET", "/api/v1/dags/{}/dagRuns/{}/taskInstances", "TaskInstancesList", "task instances of a run, or of all (~)", .flags = AF_FILES }, op_tis },
	{ { "GET", "/api/v1/dags/{}/dagRuns/{}/taskInstances/{}", "TaskInstanceGet", "a task instance", .flags = AF_FILES }, op_ti },
	{ { "PATCH", "/api/v1/dags/{}/dagRuns/{}/taskInstances/{}", "TaskInstancePatch", "set the state of a task instance", .flags = AF_FILES }, op_ti_patch },
	{ { "GET", "/api/v1/dags/{}/dagRuns/{}/taskInstances/{}/logs/{}", "TaskLogs", "log of a try", .flags = AF_FILES }, op_log },
	{ { "GET", "/api/v1/dags/{}/dagRuns/{}/taskInstances/{}/xcomEntries", "XComList", "keys that a task pushed", .flags = AF_FILES }, op_xcoms },
	{ { "GET", "/api/v1/dags/{}/dagRuns/{}/taskInstances/{}/xcomEntries/{}", "XComGet", "a value that a task pushed", .flags = AF_FILES }, op_xcom },
};
const struct routes af_run_routes = ROUTES(ops);
