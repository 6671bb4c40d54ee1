/* REST: DAGs, their tasks, import errors, what was not understood. */
#include "airflow/rest.h"

static bool wanted(const struct af_rest *r, const struct af_dag *d)
{
	struct slice active = af_rest_param(r, "only_active"), paused = af_rest_param(r, "paused"), like = af_rest_param(r, "dag_id_pattern");
	size_t pos = 0;
	struct slice name, value;
	bool tagged = true;
	if (!d->raw || (!d->active && !sl_eq_nocase(active, S("false"))))
		return false;
	if (paused.p && d->paused != sl_eq_nocase(paused, S("true")))
		return false;
	if (like.n && sl_find(sl(d->id), like) < 0)
		return false;
	while (r->req.query.p && http_query_next(&r->req, &pos, &name, &value)) {
		const json_t *t;
		size_t i;
		if (!sl_eqs(name, "tags"))
			continue;
		bool has = false;
		value = arena_url_decode(r->req.arena, value, true);
		json_array_foreach(d->tags, i, t)
			has |= json_is_string(t) && sl_eqs(value, json_string_value(t));
		tagged &= has;
	}
	return tagged;
}

static void op_list(struct af_rest *r)
{
	static const char *const orders[] = { "dag_id", "is_paused", "next_dagrun", "last_parsed_time", NULL };
	json_t *all = json_array();
	for (const struct af_dag *d = r->a->dags; d; d = d->next)
		if (wanted(r, d))
			json_array_append_new(all, af_dag_json(d, false));
	af_rest_list(r, "dags", all, orders);
}

static void op_get(struct af_rest *r)
{
	const struct af_dag *d = af_rest_dag(r);
	if (d)
		af_rest_ok(r, af_dag_json(d, false));
}

static void op_details(struct af_rest *r)
{
	const struct af_dag *d = af_rest_dag(r);
	if (d)
		af_rest_ok(r, af_dag_json(d, true));
}

static bool mask_allows(struct af_rest *r)
{
	struct slice mask = af_rest_param(r, "update_mask");
	if (!mask.p || sl_eqs(sl_trim(mask), "is_paused"))
		return true;
	af_rest_fail(r, 400, "Bad Request", "Only `is_paused` field can be updated through the REST API");
	return false;
}

static const json_t *paused_of(struct af_rest *r)
{
	const json_t *v = json_object_get(r->body, "is_paused");
	if (!mask_allows(r))
		return NULL;
	if (json_is_boolean(v))
		return v;
	af_rest_fail(r, 400, "Bad Request", "{'is_paused': ['Missing data for required field.']}");
	return NULL;
}

static void op_patch(struct af_rest *r)
{
	struct af_dag *d = af_rest_dag(r);
	const json_t *v = d ? paused_of(r) : NULL;
	if (!v)
		return;
	af_pause(d, json_is_true(v));
	af_rest_ok(r, af_dag_json(d, false));
}

static void op_patch_all(struct af_rest *r)
{
	struct slice like = af_rest_param(r, "dag_id_pattern");
	const json_t *v = paused_of(r);
	if (!v)
		return;
	if (!like.n) {
		af_rest_fail(r, 400, "Bad Request", "Missing query parameter 'dag_id_pattern'");
		return;
	}
	json_t *all = json_array();
	for (struct af_dag *d = r->a->dags; d; d = d->next) {
		if (!wanted(r, d) && !sl_eqs(like, "~"))
			continue;
		af_pause(d, json_is_true(v));
		json_array_append_new(all, af_dag_json(d, false));
	}
	af_rest_list(r, "dags", all, NULL);
}

static void op_delete(struct af_rest *r)
{
	struct af_dag *d = af_dag(r->a, r->arg[0]);
	if (!d) {
		af_rest_fail(r, 404, "Not Found", "Dag with id: '%.*s' not found", SL(r->arg[0]));
		return;
	}
	for (const struct af_run *run = d->first_open; run; run = run->next) {
		for (size_t i = 0; i < run->ti_n; i++) {
			if (run->tis[i].state != TI_RUNNING)
				continue;
			af_rest_fail(r, 409, "Conflict", "Task instances of dag with id: '%s' are still running", d->id);
			return;
		}
	}
	af_delete_dag(d);
	af_files_forget(r->a); /* its file, if it is still there, brings it back at the next look */
	r->status = 204;
}

static void op_tasks(struct af_rest *r)
{
	static const char *const orders[] = { "task_id", NULL };
	const struct af_dag *d = af_rest_dag(r);
	if (!d)
		return;
	json_t *all = json_array();
	for (size_t i = 0; i < d->task_n; i++)
		json_array_append_new(all, af_task_json(d, &d->tasks[i]));
	af_rest_list(r, "tasks", all, orders);
}

static void op_task(struct af_rest *r)
{
	const struct af_dag *d = af_rest_dag(r);
	const struct af_task *t = d ? af_dag_task(d, arena_cstr(r->req.arena, r->arg[1])) : NULL;
	if (t)
		af_rest_ok(r, af_task_json(d, t));
	else if (d)
		af_rest_fail(r, 404, "Task not found", NULL);
}

static void op_source(struct af_rest *r)
{
	const json_t *f;
	size_t i;
	json_array_foreach(r->a->files, i, f) {
		const char *path = jstr(f, "path"), *text = jstr(f, "text");
		char *full = xasprintf("/usr/local/airflow/dags/%s", path);
		struct buf token = { 0 };
		buf_base64(&token, full, strlen(full));
		bool same = sl_eqs(r->arg[0], buf_cstr(&token));
		buf_free(&token);
		free(full);
		if (!same)
			continue;
		r->status = 200;
		if (sl_find(http_get(&r->req, "Accept"), S("application/json")) >= 0) {
			af_rest_ok(r, json_pack("{s:s}", "content", text));
		} else {
			r->type = "text/plain";
			buf_adds(&r->text, text);
		}
		return;
	}
	af_rest_fail(r, 404, "Not Found", "Dag source not found");
}

static void op_errors(struct af_rest *r)
{
	static const char *const orders[] = { "import_error_id", "timestamp", "filename", NULL };
	af_rest_list(r, "import_errors", json_copy(r->a->errors), orders);
}

static void op_error(struct af_rest *r)
{
	const json_t *e;
	int64_t id = -1;
	size_t i;
	(void)sl_int(r->arg[0], 0, INT64_MAX, &id);
	json_array_foreach(r->a->errors, i, e) {
		if (jint(e, "import_error_id") != id)
			continue;
		af_rest_ok(r, json_incref((json_t *)(uintptr_t)e));
		return;
	}
	af_rest_fail(r, 404, "Import error not found", "The ImportError with import_error_id: `%.*s` was not found", SL(r->arg[0]));
}

/* What the stand-in package did not understand of each file, as warnings of the DAG. */
static void op_warnings(struct af_rest *r)
{
	struct slice only = af_rest_param(r, "dag_id");
	json_t *all = json_array();
	for (const struct af_dag *d = r->a->dags; d; d = d->next) {
		const json_t *n;
		size_t i;
		if (only.p && !sl_eqs(only, d->id))
			continue;
		json_array_foreach(d->notes, i, n)
			json_array_append_new(all, json_pack("{s:s, s:s, s:O, s:o}", "dag_id", d->id, "warning_type", "not understood", "message", n,
							     "timestamp", af_time_json(d->parsed_ms)));
	}
	af_rest_list(r, "dag_warnings", all, NULL);
}

static const struct af_op ops[] = {
	{ { "GET", "/api/v1/dags", "DagsList", "DAGs, filtered and sorted", .flags = AF_FILES }, op_list },
	{ { "PATCH", "/api/v1/dags", "DagsPatch", "pause or unpause DAGs by pattern", .flags = AF_FILES }, op_patch_all },
	{ { "GET", "/api/v1/dags/{}", "DagGet", "a DAG", .flags = AF_FILES }, op_get },
	{ { "PATCH", "/api/v1/dags/{}", "DagPatch", "pause or unpause a DAG", .flags = AF_FILES }, op_patch },
	{ { "DELETE", "/api/v1/dags/{}", "DagDelete", "forget a DAG and its runs", .flags = AF_FILES }, op_delete },
	{ { "GET", "/api/v1/dags/{}/details", "DagDetails", "a DAG with its parameters", .flags = AF_FILES }, op_details },
	{ { "GET", "/api/v1/dags/{}/tasks", "TasksList", "tasks of a DAG", .flags = AF_FILES }, op_tasks },
	{ { "GET", "/api/v1/dags/{}/tasks/{}", "TaskGet", "a task", .flags = AF_FILES }, op_task },
	{ { "GET", "/api/v1/dagSources/{}", "DagSource", "text of a DAG file", .flags = AF_FILES }, op_source },
	{ { "GET", "/api/v1/importErrors", "ImportErrorsList", "files that could not be read", .flags = AF_FILES }, op_errors },
	{ { "GET", "/api/v1/importErrors/{}", "ImportErrorGet", "why a file could not be read", .flags = AF_FILES }, op_error },
	{ { "GET", "/api/v1/dagWarnings", "DagWarningsList", "what the stand-in package did not understand", .flags = AF_FILES }, op_warnings },
};
const struct routes af_dag_routes = ROUTES(ops);
