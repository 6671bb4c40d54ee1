/* sql_task: a file of statements of the workspace, run by the lake. */
#include "core/json.h"
#include "databricks/task.h"
#include "databricks/workspace.h"

static void on_rows(void *arg, int status, const json_t *body, const char *wrong)
{
	struct dbx_task *t = arg;
	const json_t *rows = json_object_get(body, "rows"), *columns = json_object_get(body, "columns"), *cell;
	size_t i;
	if (wrong) {
		dbx_task_done(t, NULL, wrong, wrong);
		return;
	}
	json_t *first = json_object();
	json_array_foreach(json_array_get(rows, 0), i, cell)
		if (json_string_value(json_array_get(columns, i)))
			json_object_set(first, json_string_value(json_array_get(columns, i)), (json_t *)(uintptr_t)cell);
	/* rows and first_row are what {{tasks.KEY.output...}} gives. */
	t->result_doc = json_pack("{s:O?, s:o}", "rows", rows, "first_row", first);
	dbx_task_done(t, NULL, NULL, NULL);
}

static json_t *named_parameters(struct dbx_task *t, const json_t *spec)
{
	JSON_AUTO all = dbx_parameters(t, json_object_get(spec, "parameters"), "sql_params");
	json_t *list = json_array(), *v;
	const char *name;
	json_object_foreach(all, name, v)
		json_array_append_new(list, json_pack("{s:s, s:O}", "name", name, "value", v));
	return list;
}

/* {{name}} of Databricks SQL's own files is resolved in the text, where it isn't a reference. */
static char *with_parameters(struct slice text, const json_t *list)
{
	struct buf b = { 0 };
	ssize_t at, end;
	while ((at = sl_find(text, S("{{"))) >= 0 && (end = sl_find(sl_from(text, (size_t)at), S("}}"))) >= 0) {
		struct slice name = sl_trim(sl_of(text.p + at + 2, (size_t)end - 2));
		const json_t *p, *found = NULL;
		size_t i;
		json_array_foreach(list, i, p)
			if (sl_eqs(name, jstr(p, "name")))
				found = json_object_get(p, "value");
		buf_addsl(&b, sl_of(text.p, found ? (size_t)at : (size_t)(at + end) + 2));
		if (found)
			buf_addsl(&b, json_slice(found));
		text = sl_from(text, (size_t)(at + end) + 2);
	}
	buf_addsl(&b, text);
	char *out = xstrndup(b.p ? b.p : "", b.n);
	buf_free(&b);
	return out;
}

static void ask(struct dbx_task *t, const json_t *spec, struct slice text)
{
	JSON_AUTO list = named_parameters(t, spec);
	char *statement = with_parameters(text, list);
	JSON_AUTO body = json_pack("{s:s, s:O*}", "statement", statement, "parameters", json_array_size(list) ? list : NULL);
	char *sent = json_dumps(body, JSON_COMPACT);
	owed_keep(&t->owed, dbx_lake_call(t->run->j, "POST", "/api/tarn/sql?as=text", sl(sent ? sent : "{}"), on_rows, t));
	free(sent);
	free(statement);
}

void dbx_sql_start(struct dbx_task *t, const json_t *spec)
{
	const json_t *file = json_object_get(spec, "file");
	const char *path = jstr(file, "path"), *source = jstr(file, "source");
	struct arena a = { 0 };
	struct slice at;
	struct error err;
	if (!path) {
		dbx_task_refuse(t, "sql_task runs a file of the workspace here ({\"file\": {\"path\": ...}}): there are no saved queries, dashboards or alerts");
		return;
	}
	if (source && !strcmp(source, "GIT")) {
		dbx_task_refuse(t, "sql_task runs a file of the workspace here, not one of a git repository");
		return;
	}
	dbx_workspace_look(t->run->j);
	int bad = dbx_workspace_path(&a, sl(path), &at, &err);
	const struct dbx_object *o = bad ? NULL : dbx_workspace_named(t->run->j, at, DBX_FILE);
	if (!bad && !o && sl_ends(at, S(".sql"))) /* with the first line of a notebook it is one, and has no ending */
		o = dbx_workspace_named(t->run->j, sl_of(at.p, at.n - strlen(".sql")), DBX_NOTEBOOK);
	o = o && o->ipynb ? NULL : o;
	if (!o)
		dbx_task_refuse(t, "Unable to access the file \"%.300s\". It does not exist.", path);
	else
		ask(t, spec, o->content.n ? buf_slice(&o->content) : S(""));
	arena_free(&a);
}
