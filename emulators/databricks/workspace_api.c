/* /api/2.0/workspace: the tree of workspace.h as calls. Importing is in workspace_import.c, exporting here. */
#include "core/hash.h"
#include "core/json.h"
#include "databricks/notebook.h"
#include "databricks/workspace_api.h"

static void none(const struct dbx_in *in, struct slice path)
{
	problem_send(in->call, 404, "RESOURCE_DOES_NOT_EXIST", "Path (%s%.*s) doesn't exist.", path.n ? "" : "/", SL(path));
}

bool dbx_path_of(const struct dbx_in *in, struct slice *out)
{
	struct slice path = dbx_param(in, "path");
	struct error err;
	if (!path.p)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: path");
	else if (dbx_workspace_path(in->call->req.arena, path, out, &err))
		problem_reply(in->call, &err);
	else
		return true;
	return false;
}

/* The same for the same path everywhere. */
static json_int_t id_of(struct slice path)
{
	uint8_t sum[HASH_BYTES_MAX];
	uint64_t id = 0;
	hash_whole(HASH_SHA256, path, sum);
	for (size_t i = 0; i < 7; i++)
		id = id << 8 | sum[i];
	return (json_int_t)(id >> 3);
}

static json_t *folder_json(struct slice path)
{
	bool repo = false;
	struct slice rest, user, name, more;
	if (sl_after(path, S("/Repos/"), &rest) && sl_cut(rest, '/', &user, &name))
		repo = !sl_cut(name, '/', &user, &more);
	return json_pack("{s:s, s:s%, s:I}", "object_type", repo ? "REPO" : "DIRECTORY", "path", path.n ? path.p : "/", path.n ? path.n : (size_t)1, "object_id",
			 id_of(path));
}

static json_t *object_json(const struct dbx_object *o)
{
	json_t *out;
	if (o->kind == DBX_FOLDER)
		return folder_json(sl(o->path));
	out = json_pack("{s:s, s:s, s:I, s:I, s:I}", "object_type", o->kind == DBX_NOTEBOOK ? "NOTEBOOK" : "FILE", "path", o->path, "object_id",
			id_of(sl(o->path)), "created_at", (json_int_t)o->created_ms, "modified_at", (json_int_t)o->modified_ms);
	if (o->language)
		json_object_set_new(out, "language", json_string(o->language));
	else
		json_object_set_new(out, "size", json_integer((json_int_t)o->content.n));
	json_object_set_new(out, "resource_id", json_sprintf("%lld", (long long)id_of(sl(o->path))));
	return out;
}

static void op_status(const struct dbx_in *in)
{
	struct slice path;
	if (!dbx_path_of(in, &path))
		return;
	const struct dbx_object *o = dbx_workspace_find(in->j, path);
	if (o)
		dbx_reply(in->call, 200, object_json(o));
	else if (dbx_workspace_folder(in->j, path))
		dbx_reply(in->call, 200, folder_json(path));
	else if (dbx_notebook(in->j, arena_cstr(in->call->req.arena, path)))
		dbx_reply(in->call, 200, json_pack("{s:s, s:s%, s:s}", "object_type", "NOTEBOOK", "path", path.p, path.n, "language", "PYTHON"));
	else
		none(in, path);
}

static void op_list(const struct dbx_in *in)
{
	static const char *const roots[] = { "/Repos", "/Shared", "/Users" };
	struct slice path, name, rest, last = sl(NULL);
	struct dbx_object *o;
	size_t at = 0, from;
	if (!dbx_path_of(in, &path))
		return;
	o = dbx_workspace_find(in->j, path);
	if (!o && !dbx_workspace_folder(in->j, path)) {
		none(in, path);
		return;
	}
	json_t *list = json_array();
	if (o && o->kind != DBX_FOLDER)
		json_array_append_new(list, object_json(o));
	for (size_t i = 0; !path.n && i < ARRAY_LEN(roots); i++)
		json_array_append_new(list, folder_json(sl(roots[i])));
	if (sl_eqs(path, "/Users") && !dbx_workspace_below(in->j, arena_printf(in->call->req.arena, "/Users/%s", in->j->workspace.user), &at))
		json_array_append_new(list, folder_json(arena_printf(in->call->req.arena, "/Users/%s", in->j->workspace.user)));
	at = 0;
	from = path.n + 1;
	while (path.n && (o = dbx_workspace_below(in->j, path, &at))) {
		if (strlen(o->path) <= from)
			continue;
		bool deeper = sl_cut(sl(o->path + from), '/', &name, &rest);
		if (!sl_eq(name, last))
			json_array_append_new(list, deeper ? folder_json(sl_of(o->path, from + name.n)) : object_json(o));
		last = name;
	}
	dbx_reply(in->call, 200, json_pack("{s:o}", "objects", list));
}

static void op_mkdirs(const struct dbx_in *in)
{
	struct slice path;
	struct error err;
	if (!dbx_path_of(in, &path))
		return;
	for (size_t n = 1; n <= path.n; n++) {
		const struct dbx_object *o = n == path.n || path.p[n] == '/' ? dbx_workspace_find(in->j, sl_of(path.p, n)) : NULL;
		if (!o || o->kind == DBX_FOLDER)
			continue;
		problem_send(in->call, 400, "RESOURCE_ALREADY_EXISTS", "Path (%s) already exists and is no folder.", o->path);
		return;
	}
	if (!dbx_workspace_folder(in->j, path) && dbx_workspace_put(in->j, path, DBX_FOLDER, NULL, false, S(""), &err))
		problem_reply(in->call, &err);
	else
		dbx_reply(in->call, 200, json_object());
}

static void op_delete(const struct dbx_in *in)
{
	struct slice path;
	struct error err;
	struct dbx_object *o;
	size_t at = 0, n = 0;
	int rc = 0;
	if (!dbx_path_of(in, &path))
		return;
	o = dbx_workspace_find(in->j, path);
	if (!o && !dbx_workspace_folder(in->j, path)) {
		none(in, path);
		return;
	}
	while (dbx_workspace_below(in->j, path, &at))
		n++;
	if (!path.n || (n > (o != NULL) && !jtrue(in->body, "recursive"))) {
		problem_send(in->call, 400, "DIRECTORY_NOT_EMPTY", "Folder (%s%.*s) is not empty", path.n ? "" : "/", SL(path));
		return;
	}
	for (at = 0; !rc && (o = dbx_workspace_below(in->j, path, &at)); at = 0)
		rc = dbx_workspace_drop(in->j, o, &err);
	if (rc)
		problem_reply(in->call, &err);
	else
		dbx_reply(in->call, 200, json_object());
}

/* ---- export ---- */

static int read_notebook(struct arena *a, const struct dbx_object *o, struct dbx_notebook *n, struct error *err)
{
	struct slice content = o->content.n ? buf_slice(&o->content) : S(""), path = sl(o->path);
	size_t at = path.n;
	int rc = 0;
	if (o->ipynb)
		rc = dbx_ipynb_read(a, content, n, err);
	else
		dbx_source_read(a, content, o->language, n);
	while (at && path.p[at - 1] != '/')
		at--;
	n->name = sl_from(path, at);
	return rc;
}

/* Writes an object in a format; *ending: of a file's name. */
static int write_as(struct arena *a, const struct dbx_object *o, const char *format, struct buf *out, const char **ending, struct error *err)
{
	struct slice content = o->content.n ? buf_slice(&o->content) : S("");
	struct dbx_notebook n;
	int rc = 0;
	*ending = dbx_object_ending(o);
	if (o->kind == DBX_FILE || (!strcmp(format, "SOURCE") && !o->ipynb) || (!strcmp(format, "JUPYTER") && o->ipynb)) {
		buf_addsl(out, content);
		return 0;
	}
	if ((rc = read_notebook(a, o, &n, err)))
		return rc;
	if (!strcmp(format, "JUPYTER")) {
		dbx_ipynb_write(&n, out);
		*ending = ".ipynb";
	} else if (!strcmp(format, "HTML")) {
		dbx_html_write(&n, out);
		*ending = ".html";
	} else {
		dbx_source_write(&n, out);
		*ending = dbx_language_ending(o->language);
	}
	return 0;
}

static int add_to_archive(struct arena *a, const struct dbx_object *o, struct slice name, struct dbx_archive *z, struct error *err)
{
	struct dbx_notebook n;
	struct buf word = { 0 };
	int rc = read_notebook(a, o, &n, err);
	if (rc)
		return rc;
	JSON_AUTO model = dbx_model_write(&n);
	char *text = json_dumps(model, JSON_COMPACT);
	dbx_archive_add(z, arena_printf(a, "%.*s.%s", SL(name), jstr(model, "language")), sl(text ? text : "{}"));
	free(text);
	buf_free(&word);
	return 0;
}

/* A notebook or a folder of them. */
static int write_archive(const struct dbx_in *in, struct slice path, struct buf *out, struct error *err)
{
	struct arena *a = in->call->req.arena;
	struct dbx_archive z = { 0 };
	struct dbx_object *o;
	size_t at = 0, top = path.n;
	int rc = 0;
	while (top && path.p[top - 1] != '/')
		top--;
	while (!rc && (o = dbx_workspace_below(in->j, path, &at)))
		if (o->kind == DBX_NOTEBOOK)
			rc = add_to_archive(a, o, sl(o->path + top), &z, err);
	dbx_archive_end(&z);
	*out = z.out;
	return rc;
}

static void send_export(const struct dbx_in *in, struct slice path, struct buf *bytes, const char *ending)
{
	struct buf b = { 0 };
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	if (sl_eqs(dbx_param(in, "direct_download"), "true")) {
		http_set(in->call, "Content-Disposition", "attachment; filename=\"%.*s%s\"", SL(sl_from(path, at)), ending);
		http_reply_buf(in->call, 200, "application/octet-stream", bytes);
		return;
	}
	buf_adds(&b, "{\"content\":\"");
	buf_base64(&b, bytes->p, bytes->n);
	buf_addf(&b, "\",\"file_type\":\"%s\"}", ending + (*ending == '.'));
	http_reply_buf(in->call, 200, "application/json", &b);
	buf_free(&b);
}

static void op_export(const struct dbx_in *in)
{
	static const char *const formats[] = { "SOURCE", "HTML", "JUPYTER", "DBC", "AUTO", "RAW" };
	struct slice path, named = dbx_param(in, "format");
	const char *format = NULL, *ending = ".dbc";
	struct buf bytes = { 0 };
	struct error err;
	int rc;
	if (!dbx_path_of(in, &path))
		return;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (sl_eqs(named.n ? named : S("SOURCE"), formats[i]))
			format = formats[i];
	const struct dbx_object *o = dbx_workspace_find(in->j, path);
	bool folder = !o || o->kind == DBX_FOLDER, dbc = format && !strcmp(format, "DBC");
	if (!format) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "%.*s is no format of an export here: SOURCE, HTML, JUPYTER, DBC, AUTO, RAW", SL(named));
	} else if (!o && !dbx_workspace_folder(in->j, path)) {
		none(in, path);
	} else if ((folder && !dbc) || (!folder && o->kind == DBX_FILE && dbc)) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", folder ? "A folder is exported as DBC only" : "A file isn't exported as DBC");
	} else {
		rc = dbc ? write_archive(in, path, &bytes, &err) : write_as(in->call->req.arena, o, format, &bytes, &ending, &err);
		if (rc)
			problem_reply(in->call, &err);
		else if (bytes.n > DBX_OBJECT_MAX)
			problem_send(in->call, 400, "MAX_NOTEBOOK_SIZE_EXCEEDED", "The export is larger than %d bytes", DBX_OBJECT_MAX);
		else
			send_export(in, path, &bytes, ending);
	}
	buf_free(&bytes);
}

/* ---- repos ---- */

/* The next folder /Repos/USER/NAME; absent: no more. *at and *last begin at 0 and absent. */
static struct slice next_repo(const struct databricks *j, size_t *at, struct slice *last)
{
	struct dbx_object *o;
	struct slice user, name, rest;
	while ((o = dbx_workspace_below(j, S("/Repos"), at))) {
		if (!sl_after(sl(o->path), S("/Repos/"), &rest) || !sl_cut(rest, '/', &user, &rest))
			continue;
		sl_cut(rest, '/', &name, &rest);
		struct slice path = sl_of(o->path, (size_t)(name.p + name.n - o->path));
		if (sl_eq(path, *last))
			continue;
		return *last = path;
	}
	return sl(NULL);
}

static json_t *repo_json(struct slice path)
{
	return json_pack("{s:I, s:s%, s:s, s:s}", "id", id_of(path), "path", path.p, path.n, "url", "", "provider", "gitHub");
}

static void op_repos(const struct dbx_in *in)
{
	struct slice path, last = sl(NULL);
	json_t *list = json_array();
	size_t at = 0;
	while ((path = next_repo(in->j, &at, &last)).p)
		json_array_append_new(list, repo_json(path));
	dbx_reply(in->call, 200, json_pack("{s:o}", "repos", list));
}

static void op_repo(const struct dbx_in *in)
{
	struct slice path, last = sl(NULL);
	size_t at = 0;
	int64_t id;
	if (sl_int(in->call->arg[1], 0, INT64_MAX, &id))
		while ((path = next_repo(in->j, &at, &last)).p)
			if (id_of(path) == id) {
				dbx_reply(in->call, 200, repo_json(path));
				return;
			}
	problem_send(in->call, 404, "RESOURCE_DOES_NOT_EXIST", "Repo %.*s does not exist", SL(in->call->arg[1]));
}

static void op_no_clone(const struct dbx_in *in)
{
	problem_send(in->call, 501, "NOT_IMPLEMENTED", "Nothing is cloned here: there is no network. Put the repository's files below "
		     "notebooks/Repos/USER/NAME of the stack, or import them.");
}

/* Each request sees the stack's files as they are now. */
#define LOOKS(name, of) \
	static void name(const struct dbx_in *in) \
	{ \
		dbx_workspace_look(in->j); \
		of(in); \
	}
LOOKS(look_status, op_status)
LOOKS(look_list, op_list)
LOOKS(look_mkdirs, op_mkdirs)
LOOKS(look_delete, op_delete)
LOOKS(look_export, op_export)
LOOKS(look_import, dbx_workspace_import)
LOOKS(look_import_file, dbx_workspace_import_file)
LOOKS(look_repos, op_repos)
LOOKS(look_repo, op_repo)

static const struct dbx_op rows[] = {
	{ { "GET", "/api/2.{}/workspace/get-status", "WorkspaceGetStatus", "what is at a path of the workspace" }, look_status },
	{ { "GET", "/api/2.{}/workspace/list", "WorkspaceList", "what lies in a folder of the workspace" }, look_list },
	{ { "POST", "/api/2.{}/workspace/mkdirs", "WorkspaceMkdirs", "makes a folder" }, look_mkdirs },
	{ { "POST", "/api/2.{}/workspace/delete", "WorkspaceDelete", "deletes a notebook, a file or a folder" }, look_delete },
	{ { "POST", "/api/2.{}/workspace/import", "WorkspaceImport", "writes a notebook, a file or an archive of notebooks", .flags = DBX_RAW }, look_import },
	{ { "POST", "/api/2.{}/workspace-files/import-file/{+}", "WorkspaceImportFile", "writes a file or a notebook, as it is", .flags = DBX_RAW }, look_import_file },
	{ { "GET", "/api/2.{}/workspace/export", "WorkspaceExport", "a notebook or a file, a folder as DBC" }, look_export },
	{ { "GET", "/api/2.{}/repos", "ReposList", "folders of /Repos" }, look_repos },
	{ { "POST", "/api/2.{}/repos", "ReposCreate", "refused: nothing is cloned" }, op_no_clone },
	{ { "GET", "/api/2.{}/repos/{}", "ReposGet", "a folder of /Repos" }, look_repo },
	{ { "PATCH", "/api/2.{}/repos/{}", "ReposUpdate", "refused: nothing is fetched" }, op_no_clone },
};
const struct routes dbx_workspace_routes = ROUTES(rows);
