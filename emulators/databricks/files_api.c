/* /api/2.0/fs: the Files API, files as they are. The real one has volumes only (/Volumes/...); here any path of DBFS goes, and S3's:
 * /api/2.0/fs/files/mnt/x/a.csv, /api/2.0/fs/files/s3a://bucket/a.csv. */
#include "core/json.h"
#include "databricks/dbfs.h"

struct file {
	struct databricks *j;
	struct http_call *call;
	struct dbx_place at;
	bool flag; /* overwrite */
	struct dbx_entry *files;
	size_t n, cap;
	bool there;
};

static struct file *begin(const struct dbx_in *in)
{
	struct arena *a = in->call->req.arena;
	struct file *f = arena_alloc(a, sizeof(*f));
	struct slice path = in->call->arg[1];
	struct error err;
	*f = (struct file){ .j = in->j, .call = in->call };
	path = sl_find(path, S("://")) > 0 || sl_starts(path, S("/")) ? path : arena_printf(a, "/%.*s", SL(path));
	if (!dbx_place(in->j, a, path, &f->at, &err))
		return f;
	problem_reply(in->call, &err);
	return NULL;
}

static void await(struct file *f, struct owed *step)
{
	owed_keep(&f->j->owed, step);
}

static void none(struct file *f)
{
	problem_send(f->call, 404, "NOT_FOUND", "The file or directory being accessed is not found: %.*s", SL(f->at.path));
}

static void no_content(struct file *f)
{
	http_reply(f->call, 204, "application/json", S(""));
}

static void on_bytes(void *arg, struct slice body, const struct error *err)
{
	struct file *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else
		http_reply(f->call, 200, "application/octet-stream", body);
}

static void set_time(struct http_call *call, int64_t at_ms)
{
	char text[40];
	clock_http(at_ms, text);
	http_set(call, "Last-Modified", "%s", text);
}

static void on_looked_to_get(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct file *f = arg;
	const struct object_store *s = &f->j->env->ports->objects;
	if (err) {
		dbx_store_said(f->call, err);
	} else if (!e || e->dir) {
		none(f);
	} else {
		set_time(f->call, e->modified_ms);
		await(f, s->get(s->self, f->at.bucket, f->at.key, on_bytes, f));
	}
}

static void op_get(const struct dbx_in *in)
{
	struct file *f = begin(in);
	if (f)
		await(f, dbx_look(f->j, &f->at, on_looked_to_get, f));
}

static void on_done(void *arg, const struct error *err)
{
	struct file *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else
		no_content(f);
}

static void on_looked_to_put(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct file *f = arg;
	const struct object_store *s = &f->j->env->ports->objects;
	struct slice body = f->call->req.body;
	if (err)
		dbx_store_said(f->call, err);
	else if (e && (e->dir || !f->flag))
		problem_send(f->call, 409, "ALREADY_EXISTS", "The file being created already exists: %.*s", SL(f->at.path));
	else
		await(f, s->put(s->self, f->at.bucket, f->at.key, sl(NULL), body.p ? body : S(""), sl(NULL), on_done, f));
}

static void op_put(const struct dbx_in *in)
{
	struct file *f = begin(in);
	if (!f)
		return;
	f->flag = sl_eq_nocase(http_query(&in->call->req, "overwrite"), S("true"));
	await(f, dbx_look(f->j, &f->at, on_looked_to_put, f));
}

static void on_looked_to_delete(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct file *f = arg;
	const struct object_store *s = &f->j->env->ports->objects;
	if (err)
		dbx_store_said(f->call, err);
	else if (!e || e->dir)
		none(f);
	else
		await(f, s->del(s->self, f->at.bucket, f->at.key, on_done, f));
}

static void op_delete(const struct dbx_in *in)
{
	struct file *f = begin(in);
	if (f)
		await(f, dbx_look(f->j, &f->at, on_looked_to_delete, f));
}

/* ---- folders ---- */

static void on_child(void *arg, const struct dbx_entry *e)
{
	struct file *f = arg;
	struct arena *a = f->call->req.arena;
	ARENA_GROW(a, f->files, f->n, f->cap);
	f->files[f->n] = *e;
	f->files[f->n++].name = arena_dup(a, e->name);
}

static void on_listed(void *arg, bool there, const struct error *err)
{
	struct file *f = arg;
	struct buf b = { 0 };
	if (err || !there) {
		if (err)
			dbx_store_said(f->call, err);
		else
			none(f);
		return;
	}
	jw_obj(&b, NULL);
	jw_list(&b, "contents");
	for (size_t i = 0; i < f->n; i++) {
		const struct dbx_entry *e = &f->files[i];
		jw_obj(&b, NULL);
		jw_str(&b, "path", arena_printf(f->call->req.arena, "%.*s/%.*s", SL(f->at.path), SL(e->name)));
		jw_bool(&b, "is_directory", e->dir);
		if (!e->dir)
			jw_int(&b, "file_size", e->size);
		jw_int(&b, "last_modified", e->modified_ms);
		jw_str(&b, "name", e->name);
		jw_obj_end(&b);
	}
	jw_list_end(&b);
	jw_obj_end(&b);
	http_reply_buf(f->call, 200, "application/json", &b);
	buf_free(&b);
}

static void op_list(const struct dbx_in *in)
{
	struct file *f = begin(in);
	if (f)
		await(f, dbx_children(f->j, &f->at, on_child, on_listed, f));
}

static void on_looked_to_make(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct file *f = arg;
	const struct object_store *s = &f->j->env->ports->objects;
	if (err)
		dbx_store_said(f->call, err);
	else if (e && !e->dir)
		problem_send(f->call, 409, "ALREADY_EXISTS", "A file is there: %.*s", SL(f->at.path));
	else if (e)
		no_content(f);
	else
		await(f, s->put(s->self, f->at.bucket, arena_printf(f->call->req.arena, "%.*s/", SL(f->at.key)), sl(NULL), S(""), sl(NULL), on_done, f));
}

static void op_make(const struct dbx_in *in)
{
	struct file *f = begin(in);
	if (f)
		await(f, dbx_look(f->j, &f->at, on_looked_to_make, f));
}

static void on_emptied(void *arg, size_t n, const struct error *err)
{
	on_done(arg, err);
}

static bool count(void *arg, const struct object_entry *o)
{
	struct file *f = arg;
	f->n += o->key.n > f->at.key.n + 1;
	f->there = true;
	return !f->n;
}

static void on_counted(void *arg, const struct error *err)
{
	struct file *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else if (f->n)
		problem_send(f->call, 400, "DIRECTORY_NOT_EMPTY", "The directory being deleted is not empty: %.*s", SL(f->at.path));
	else if (!f->there)
		none(f);
	else
		await(f, dbx_each(f->j, DBX_DELETE, &f->at, NULL, on_emptied, f));
}

static void op_drop(const struct dbx_in *in)
{
	struct file *f = begin(in);
	if (!f)
		return;
	struct slice prefix = f->at.key.n ? arena_printf(in->call->req.arena, "%.*s/", SL(f->at.key)) : S("");
	await(f, objects_each(&f->j->env->ports->objects, f->at.bucket, prefix, sl(NULL), count, on_counted, f));
}

static const struct dbx_op rows[] = {
	{ { "GET", "/api/2.{}/fs/files/{+}", "FilesDownload", "a file as it is", .flags = DBX_RAW }, op_get },
	{ { "PUT", "/api/2.{}/fs/files/{+}", "FilesUpload", "writes a file", .flags = DBX_RAW }, op_put },
	{ { "DELETE", "/api/2.{}/fs/files/{+}", "FilesDelete", "deletes a file", .flags = DBX_RAW }, op_delete },
	{ { "GET", "/api/2.{}/fs/directories/{+}", "FilesListDirectory", "what lies in a folder", .flags = DBX_RAW }, op_list },
	{ { "PUT", "/api/2.{}/fs/directories/{+}", "FilesCreateDirectory", "makes a folder", .flags = DBX_RAW }, op_make },
	{ { "DELETE", "/api/2.{}/fs/directories/{+}", "FilesDeleteDirectory", "deletes an empty folder", .flags = DBX_RAW }, op_drop },
};
const struct routes dbx_file_routes = ROUTES(rows);
