/* Importing into the workspace: as JSON with base64, as a form of several parts (what the SDK's workspace.upload sends), or the bytes
 * themselves (what bundles send). */
#include "core/json.h"
#include "databricks/form.h"
#include "databricks/notebook.h"
#include "databricks/workspace_api.h"

struct import {
	const struct dbx_in *in;
	struct slice path, content;
	const char *format, *language;
	bool overwrite;
};

static const char *const formats[] = { "SOURCE", "HTML", "JUPYTER", "DBC", "AUTO", "RAW" };

static struct slice name_of(struct slice path)
{
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	return sl_from(path, at);
}

static struct slice parent_of(struct slice path)
{
	return sl_of(path.p, path.n - name_of(path).n - (path.n > 0));
}

static int put(const struct import *m, struct slice path, enum dbx_kind kind, const char *language, bool ipynb, struct slice content, struct error *err)
{
	const struct dbx_object *there = dbx_workspace_find(m->in->j, path);
	if (content.n > DBX_OBJECT_MAX)
		return err_set(err, ERR_LIMIT, "The content is larger than %d bytes", DBX_OBJECT_MAX);
	if (!path.n || (!there && dbx_workspace_folder(m->in->j, path)) || (there && (there->kind != kind || !m->overwrite)))
		return err_set(err, ERR_CONFLICT, "Path (%s%.*s) already exists.", path.n ? "" : "/", SL(path));
	return dbx_workspace_put(m->in->j, path, kind, language, ipynb, content, err);
}

/* A notebook by its commands is kept as source. */
static int put_commands(const struct import *m, struct slice path, const struct dbx_notebook *n, struct error *err)
{
	struct buf text = { 0 };
	dbx_source_write(n, &text);
	int rc = put(m, path, DBX_NOTEBOOK, n->language, false, buf_slice(&text), err);
	buf_free(&text);
	return rc;
}

/* ---- archives ---- */

struct unpacking {
	const struct import *m;
	struct slice top; /* the folder that all members are in; absent: not looked for yet */
	size_t n;         /* members */
	bool counted;
};

/* First time round: how many there are, and whether they have a folder in common. */
static int count_member(void *arg, struct slice name, struct slice bytes, struct error *err)
{
	struct unpacking *u = arg;
	struct slice top, rest;
	bool folder = sl_cut(name, '/', &top, &rest);
	if (!u->n)
		u->top = folder ? arena_dup(u->m->in->call->req.arena, top) : S("");
	else if (!folder || !sl_eq(top, u->top))
		u->top = S("");
	u->n++;
	return 0;
}

static int take_member(void *arg, struct slice name, struct slice bytes, struct error *err)
{
	struct unpacking *u = arg;
	struct arena *a = u->m->in->call->req.arena;
	JSON_AUTO model = json_loadb(bytes.p ? bytes.p : "", bytes.n, JSON_ALLOW_NUL, NULL);
	struct dbx_notebook n;
	struct slice path;
	size_t dot;
	int rc;
	if (u->top.n)
		name = sl_from(name, u->top.n + 1);
	for (dot = name.n; dot && name.p[dot - 1] != '.' && name.p[dot - 1] != '/';)
		dot--;
	name.n = dot && name.p[dot - 1] == '.' ? dot - 1 : name.n;
	rc = dbx_model_read(a, model, &n, err);
	if (!rc)
		rc = dbx_workspace_path(a, u->n == 1 ? u->m->path : arena_printf(a, "%.*s/%.*s", SL(u->m->path), SL(name)), &path, err);
	return rc ? rc : put_commands(u->m, path, &n, err);
}

static int import_archive(const struct import *m, struct error *err)
{
	struct unpacking u = { .m = m };
	int rc = dbx_archive_read(m->content, 4 * DBX_OBJECT_MAX, count_member, &u, err);
	if (!rc && (dbx_workspace_find(m->in->j, m->path) || dbx_workspace_folder(m->in->j, m->path)))
		rc = err_set(err, ERR_CONFLICT, "Path (%.*s) already exists.", SL(m->path));
	return rc ? rc : dbx_archive_read(m->content, 4 * DBX_OBJECT_MAX, take_member, &u, err);
}

/* ---- by format ---- */

/* AUTO: what the name and the first line say. */
static int import_auto(const struct import *m, struct error *err)
{
	bool ipynb;
	struct slice path = m->path;
	const char *language = dbx_notebook_of_file(name_of(path), m->content, &ipynb);
	size_t ending = !language ? 0 : ipynb ? strlen(".ipynb") : strlen(dbx_language_ending(language));
	if (sl_ends(path, S(".dbc")) && sl_starts(m->content, S("PK\003\004"))) {
		struct import archive = *m;
		archive.path.n -= strlen(".dbc");
		return import_archive(&archive, err);
	}
	path.n -= ending;
	return put(m, path, language ? DBX_NOTEBOOK : DBX_FILE, language, ipynb, m->content, err);
}

static int import(const struct import *m, struct error *err)
{
	struct arena *a = m->in->call->req.arena;
	struct dbx_notebook n;
	const char *language = m->language ? dbx_language(sl(m->language)) : NULL;
	int rc;
	if (!strcmp(m->format, "DBC"))
		return import_archive(m, err);
	if (!strcmp(m->format, "AUTO"))
		return import_auto(m, err);
	if (!strcmp(m->format, "RAW"))
		return put(m, m->path, DBX_FILE, NULL, false, m->content, err);
	if (!strcmp(m->format, "JUPYTER")) {
		rc = dbx_ipynb_read(a, m->content, &n, err);
		return rc ? rc : put(m, m->path, DBX_NOTEBOOK, language ? language : n.language, true, m->content, err);
	}
	if (!strcmp(m->format, "HTML")) {
		rc = dbx_html_read(a, m->content, &n, err);
		return rc ? rc : put_commands(m, m->path, &n, err);
	}
	if (!language)
		return err_set(err, ERR_INVALID, m->language ? "%s is no language of notebooks: PYTHON, SQL, SCALA, R" : "Missing required field: language", m->language);
	return put(m, m->path, DBX_NOTEBOOK, language, false, m->content, err);
}

static void run(struct import *m)
{
	struct http_call *call = m->in->call;
	struct error err;
	struct slice parent = parent_of(m->path);
	size_t i = 0;
	while (i < ARRAY_LEN(formats) && strcmp(formats[i], m->format))
		i++;
	if (i == ARRAY_LEN(formats))
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "%s is no format of an import here: SOURCE, HTML, JUPYTER, DBC, AUTO, RAW", m->format);
	else if (!dbx_workspace_folder(m->in->j, parent))
		problem_send(call, 404, "RESOURCE_DOES_NOT_EXIST", "The parent folder (%.*s) does not exist.", SL(parent));
	else if (import(m, &err))
		problem_reply(call, &err);
	else
		dbx_reply(call, 200, json_object());
}

/* ---- requests ---- */

static struct slice field(const struct dbx_in *in, const struct dbx_form *form, const json_t *body, const char *name)
{
	return form ? dbx_form_field(form, name) : jslice(body, name);
}

void dbx_workspace_import(const struct dbx_in *in)
{
	struct http_call *call = in->call;
	struct arena *a = call->req.arena;
	struct dbx_form form;
	struct error err;
	bool parts = dbx_form_read(a, http_get(&call->req, "Content-Type"), call->req.body, &form);
	JSON_AUTO body = parts ? NULL : json_loadb(call->req.body.p ? call->req.body.p : "", call->req.body.n, JSON_ALLOW_NUL, NULL);
	const struct dbx_form *from = parts ? &form : NULL;
	struct slice path = field(in, from, body, "path"), format = field(in, from, body, "format"), language = field(in, from, body, "language");
	struct import m = { .in = in, .content = field(in, from, body, "content"), .format = format.n ? arena_cstr(a, format) : "SOURCE" };
	m.language = language.n ? arena_cstr(a, language) : NULL;
	m.overwrite = parts ? sl_eq_nocase(dbx_form_field(&form, "overwrite"), S("true")) : jtrue(body, "overwrite");
	if (!parts && !json_is_object(body))
		problem_send(call, 400, "MALFORMED_REQUEST", "Could not parse request object: expected a JSON object, or a form");
	else if (!path.p)
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: path");
	else if (dbx_workspace_path(a, path, &m.path, &err))
		problem_reply(call, &err);
	else if (!parts && m.content.p && !arena_base64(a, m.content, &m.content))
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "content is no base64");
	else if (!m.content.p)
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: content");
	else
		run(&m);
}

void dbx_workspace_import_file(const struct dbx_in *in)
{
	struct http_call *call = in->call;
	struct arena *a = call->req.arena;
	struct slice path = call->arg[1], body = call->req.body;
	struct import m = { .in = in, .content = body.p ? body : S(""), .format = "AUTO" };
	struct error err;
	m.overwrite = sl_eq_nocase(http_query(&call->req, "overwrite"), S("true"));
	path = sl_starts(path, S("/")) ? path : arena_printf(a, "/%.*s", SL(path));
	if (dbx_workspace_path(a, path, &m.path, &err))
		problem_reply(call, &err);
	else
		run(&m);
}
