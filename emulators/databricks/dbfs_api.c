/* /api/2.0/dbfs: the DBFS API. Contents come and go as base64, a block of at most 1 MiB at a time. */
#include "core/json.h"
#include "databricks/dbfs.h"

enum { BLOCK_MAX = 1 << 20, HANDLES_MAX = 100, HANDLE_BYTES_MAX = 256 << 20 };

/* A file being written. */
struct dbx_handle {
	struct dbx_handle *next;
	int64_t id;
	char *path;
	bool overwrite;
	struct buf bytes;
};

/* A request under way; in its call's arena. */
struct fs {
	struct databricks *j;
	struct http_call *call;
	struct dbx_place at, to;
	int64_t offset, length;
	bool flag;        /* overwrite, recursive */
	struct slice bytes;
	struct dbx_entry *files;
	size_t n, cap;
	enum dbx_each what;
};

void dbx_no_file(struct http_call *call, const struct dbx_place *at)
{
	problem_send(call, 404, "RESOURCE_DOES_NOT_EXIST", "No file or directory exists on path %s%.*s.", at->path.n ? "" : "/", SL(at->path));
}

void dbx_store_said(struct http_call *call, const struct error *err)
{
	if (err->def)
		problem_send(call, err->kind == ERR_DENIED ? 403 : 400, "IO_ERROR", "%s: %s", err->def->code, err->text);
	else
		problem_reply(call, err);
}

static void there_already(struct fs *f, const struct dbx_place *at)
{
	problem_send(f->call, 400, "RESOURCE_ALREADY_EXISTS", "A file or directory already exists at the input path %.*s.", SL(at->path));
}

/* Reads a path. False: refused already. */
static bool path_of(const struct dbx_in *in, const char *name, struct dbx_place *out)
{
	struct slice path = dbx_param(in, name);
	struct error err;
	if (!path.n)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: %s", name);
	else if (dbx_place(in->j, in->call->req.arena, path, out, &err))
		problem_reply(in->call, &err);
	else
		return true;
	return false;
}

/* NULL: refused already. */
static struct fs *begin(const struct dbx_in *in, const char *name)
{
	struct fs *f = arena_alloc(in->call->req.arena, sizeof(*f));
	f->j = in->j;
	f->call = in->call;
	return path_of(in, name, &f->at) ? f : NULL;
}

static void await(struct fs *f, struct owed *step)
{
	owed_keep(&f->j->owed, step);
}

static void done_well(struct fs *f)
{
	http_reply(f->call, 200, "application/json", S("{}\n"));
}

/* ---- list, get-status ---- */

static json_t *file_json(const struct dbx_place *at, const struct dbx_entry *e, bool child)
{
	bool slash = child && !(at->path.n && at->path.p[at->path.n - 1] == '/');
	char *path = child ? xasprintf("%.*s%s%.*s", SL(at->path), slash ? "/" : "", SL(e->name)) : xasprintf("%s%.*s", at->path.n ? "" : "/", SL(at->path));
	json_t *o = json_pack("{s:s, s:b, s:I, s:I}", "path", path, "is_dir", (int)e->dir, "file_size", (json_int_t)e->size, "modification_time",
			      (json_int_t)e->modified_ms);
	free(path);
	return o;
}

static void on_status(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else if (!e)
		dbx_no_file(f->call, &f->at);
	else
		dbx_reply(f->call, 200, file_json(&f->at, e, false));
}

static void op_status(const struct dbx_in *in)
{
	struct fs *f = begin(in, "path");
	if (f)
		await(f, dbx_look(f->j, &f->at, on_status, f));
}

static void on_child(void *arg, const struct dbx_entry *e)
{
	struct fs *f = arg;
	struct arena *a = f->call->req.arena;
	ARENA_GROW(a, f->files, f->n, f->cap);
	f->files[f->n] = *e;
	f->files[f->n++].name = arena_dup(a, e->name);
}

static void on_listed(void *arg, bool there, const struct error *err)
{
	struct fs *f = arg;
	if (err) {
		dbx_store_said(f->call, err);
		return;
	}
	json_t *files = f->n ? json_array() : NULL;
	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(files, file_json(&f->at, &f->files[i], true));
	if (there)
		dbx_reply(f->call, 200, json_pack("{s:o*}", "files", files));
	else
		dbx_no_file(f->call, &f->at);
}

/* A file is listed as itself. */
static void on_looked_to_list(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	if (err || !e) {
		on_status(f, e, err);
	} else if (!e->dir) {
		dbx_reply(f->call, 200, json_pack("{s:[o]}", "files", file_json(&f->at, e, false)));
	} else {
		await(f, dbx_children(f->j, &f->at, on_child, on_listed, f));
	}
}

static void op_list(const struct dbx_in *in)
{
	struct fs *f = begin(in, "path");
	if (f)
		await(f, dbx_look(f->j, &f->at, on_looked_to_list, f));
}

/* ---- read ---- */

static void on_bytes(void *arg, struct slice body, const struct error *err)
{
	struct fs *f = arg;
	struct buf b = { 0 };
	if (err) {
		dbx_store_said(f->call, err);
		return;
	}
	body = sl_from(body, (size_t)f->offset);
	body.n = body.n < (size_t)f->length ? body.n : (size_t)f->length;
	buf_addf(&b, "{\"bytes_read\":%zu,\"data\":\"", body.n);
	buf_base64(&b, body.p, body.n);
	buf_adds(&b, "\"}");
	http_reply_buf(f->call, 200, "application/json", &b);
	buf_free(&b);
}

static void on_looked_to_read(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	const struct object_store *s = &f->j->env->ports->objects;
	if (err || !e)
		on_status(f, e, err);
	else if (e->dir)
		problem_send(f->call, 400, "INVALID_PARAMETER_VALUE", "Cannot read a directory: %.*s", SL(f->at.path));
	else if (f->offset > e->size)
		problem_send(f->call, 400, "INVALID_PARAMETER_VALUE", "Offset %lld is behind the end of the file", (long long)f->offset);
	else
		await(f, s->get(s->self, f->at.bucket, f->at.key, on_bytes, f));
}

static void op_read(const struct dbx_in *in)
{
	struct fs *f = begin(in, "path");
	if (!f)
		return;
	f->length = BLOCK_MAX / 2;
	if ((dbx_param(in, "offset").p && !dbx_number(in, "offset", &f->offset)) || (dbx_param(in, "length").p && !dbx_number(in, "length", &f->length)))
		return;
	if (f->length > BLOCK_MAX)
		problem_send(in->call, 400, "MAX_READ_SIZE_EXCEEDED", "The read length %lld exceeds the maximum of %d bytes", (long long)f->length, BLOCK_MAX);
	else
		await(f, dbx_look(f->j, &f->at, on_looked_to_read, f));
}

/* ---- put; create, add-block, close ---- */

static void handle_free(struct databricks *j, struct dbx_handle *h)
{
	struct dbx_handle **at = &j->handles;
	while (*at && *at != h)
		at = &(*at)->next;
	if (*at)
		*at = h->next;
	free(h->path);
	buf_free(&h->bytes);
	free(h);
}

void dbx_handles_free(struct databricks *j)
{
	while (j->handles)
		handle_free(j, j->handles);
}

static void on_put(void *arg, const struct error *err)
{
	struct fs *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else
		done_well(f);
}

static void put_bytes(struct fs *f)
{
	const struct object_store *s = &f->j->env->ports->objects;
	await(f, s->put(s->self, f->at.bucket, f->at.key, sl(NULL), f->bytes, sl(NULL), on_put, f));
}

static void on_looked_to_put(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else if (e && (e->dir || !f->flag))
		there_already(f, &f->at);
	else
		put_bytes(f);
}

/* Decodes a field of base64. False: refused already. */
static bool block_of(const struct dbx_in *in, const char *name, struct slice *out)
{
	struct slice text = jslice(in->body, name);
	if (!text.p)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: %s", name);
	else if (!arena_base64(in->call->req.arena, text, out))
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "%s is no base64", name);
	else if (out->n > BLOCK_MAX)
		problem_send(in->call, 400, "MAX_BLOCK_SIZE_EXCEEDED", "%zu bytes are more than the maximum of %d in one call", out->n, BLOCK_MAX);
	else
		return true;
	return false;
}

static void op_put(const struct dbx_in *in)
{
	struct fs *f = begin(in, "path");
	if (!f || !block_of(in, "contents", &f->bytes))
		return;
	f->flag = jtrue(in->body, "overwrite");
	await(f, dbx_look(f->j, &f->at, on_looked_to_put, f));
}

static void on_looked_to_create(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	struct databricks *j = f->j;
	size_t n = 0;
	if (err) {
		dbx_store_said(f->call, err);
		return;
	}
	if (e && (e->dir || !f->flag)) {
		there_already(f, &f->at);
		return;
	}
	for (struct dbx_handle *h = j->handles; h; h = h->next)
		n++;
	if (n >= HANDLES_MAX) {
		problem_send(f->call, 400, "QUOTA_EXCEEDED", "More than %d files are being written", HANDLES_MAX);
		return;
	}
	struct dbx_handle *h = xcalloc(1, sizeof(*h));
	*h = (struct dbx_handle){ j->handles, ++j->last_handle, xstrndup(f->at.path.p, f->at.path.n), f->flag, { .max = HANDLE_BYTES_MAX } };
	j->handles = h;
	dbx_reply(f->call, 200, json_pack("{s:I}", "handle", (json_int_t)h->id));
}

static void op_create(const struct dbx_in *in)
{
	struct fs *f = begin(in, "path");
	if (!f)
		return;
	f->flag = jtrue(in->body, "overwrite");
	await(f, dbx_look(f->j, &f->at, on_looked_to_create, f));
}

/* NULL: refused already. */
static struct dbx_handle *handle_of(const struct dbx_in *in)
{
	struct dbx_handle *h = in->j->handles;
	int64_t id;
	if (!dbx_number(in, "handle", &id))
		return NULL;
	while (h && h->id != id)
		h = h->next;
	if (!h)
		problem_send(in->call, 404, "RESOURCE_DOES_NOT_EXIST", "No file is being written by the handle %lld", (long long)id);
	return h;
}

static void op_add_block(const struct dbx_in *in)
{
	struct dbx_handle *h = handle_of(in);
	struct slice bytes;
	if (!h || !block_of(in, "data", &bytes))
		return;
	buf_addsl(&h->bytes, bytes);
	if (h->bytes.bad)
		problem_send(in->call, 400, "QUOTA_EXCEEDED", "A file may have up to %d bytes here", HANDLE_BYTES_MAX);
	else
		http_reply(in->call, 200, "application/json", S("{}\n"));
}

static void op_close(const struct dbx_in *in)
{
	struct dbx_handle *h = handle_of(in);
	struct fs *f = arena_alloc(in->call->req.arena, sizeof(*f));
	struct error err;
	if (!h)
		return;
	*f = (struct fs){ .j = in->j, .call = in->call, .flag = h->overwrite };
	f->bytes = arena_dup(in->call->req.arena, h->bytes.n ? buf_slice(&h->bytes) : S(""));
	if (dbx_place(in->j, in->call->req.arena, sl(h->path), &f->at, &err))
		problem_reply(in->call, &err);
	else
		await(f, dbx_look(f->j, &f->at, on_looked_to_put, f));
	handle_free(in->j, h);
}

/* ---- mkdirs ---- */

static void on_looked_to_make(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	if (err) {
		dbx_store_said(f->call, err);
	} else if (e && !e->dir) {
		there_already(f, &f->at);
	} else if (e) {
		done_well(f);
	} else {
		f->at.key = arena_printf(f->call->req.arena, "%.*s/", SL(f->at.key));
		f->bytes = S("");
		put_bytes(f);
	}
}

static void op_mkdirs(const struct dbx_in *in)
{
	struct fs *f = begin(in, "path");
	if (f)
		await(f, dbx_look(f->j, &f->at, on_looked_to_make, f));
}

/* ---- delete, move, copy ---- */

static void on_each(void *arg, size_t n, const struct error *err)
{
	struct fs *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else
		done_well(f);
}

static bool first_child(void *arg, const struct object_entry *o)
{
	struct fs *f = arg;
	f->n += o->key.n > f->at.key.n + 1; /* not the folder's own object */
	return !f->n;
}

static void on_counted(void *arg, const struct error *err)
{
	struct fs *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else if (f->n)
		problem_send(f->call, 400, "IO_ERROR", "Directory %.*s is not empty. Use recursive mode to delete it.", SL(f->at.path));
	else
		await(f, dbx_each(f->j, DBX_DELETE, &f->at, NULL, on_each, f));
}

static void on_looked_to_delete(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	struct slice prefix = arena_printf(f->call->req.arena, "%.*s/", SL(f->at.key));
	if (err || !e)
		on_status(f, e, err);
	else if (!e->dir || f->flag)
		await(f, dbx_each(f->j, DBX_DELETE, &f->at, NULL, on_each, f));
	else
		await(f, objects_each(&f->j->env->ports->objects, f->at.bucket, f->at.key.n ? prefix : S(""), sl(NULL), first_child, on_counted, f));
}

/* Mounts and what holds them can't be deleted or moved: the objects behind them aren't of DBFS. */
static bool holds_mount(const struct databricks *j, struct slice path)
{
	bool holds = !path.n;
	for (size_t i = 0; i < j->mounts.n; i++) {
		struct slice point = sl(j->mounts.rows[i].point), rest;
		holds |= sl_after(point, path, &rest) && (!rest.n || rest.p[0] == '/');
	}
	return holds;
}

static bool may_go(const struct dbx_in *in, const struct dbx_place *at)
{
	if (!holds_mount(in->j, at->path))
		return true;
	problem_send(in->call, 403, "PERMISSION_DENIED", "Cannot delete or move %s: it is a mount point, or holds one", at->path.n ? arena_cstr(in->call->req.arena, at->path) : "/");
	return false;
}

static void op_delete(const struct dbx_in *in)
{
	struct fs *f = begin(in, "path");
	if (!f || !may_go(in, &f->at))
		return;
	f->flag = jtrue(in->body, "recursive");
	await(f, dbx_look(f->j, &f->at, on_looked_to_delete, f));
}

static void on_looked_at_target(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	if (err)
		dbx_store_said(f->call, err);
	else if (e && !e->dir && !f->flag)
		there_already(f, &f->to);
	else
		await(f, dbx_each(f->j, f->what, &f->at, &f->to, on_each, f));
}

static void on_looked_at_source(void *arg, const struct dbx_entry *e, const struct error *err)
{
	struct fs *f = arg;
	if (err || !e)
		on_status(f, e, err);
	else
		await(f, dbx_look(f->j, &f->to, on_looked_at_target, f));
}

static void transfer(const struct dbx_in *in, enum dbx_each what)
{
	struct fs *f = begin(in, "source_path");
	struct slice rest;
	if (!f || !path_of(in, "destination_path", &f->to) || (what == DBX_MOVE && !may_go(in, &f->at)))
		return;
	f->what = what;
	f->flag = jtrue(in->body, "overwrite");
	if (sl_eq(f->at.bucket, f->to.bucket) && sl_after(f->to.key, f->at.key, &rest) && (!rest.n || rest.p[0] == '/'))
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "%.*s lies in %.*s", SL(f->to.path), SL(f->at.path));
	else
		await(f, dbx_look(f->j, &f->at, on_looked_at_source, f));
}

static void op_move(const struct dbx_in *in)
{
	transfer(in, DBX_MOVE);
}

static void op_copy(const struct dbx_in *in)
{
	transfer(in, DBX_COPY);
}

static const struct dbx_op rows[] = {
	{ { "GET", "/api/2.{}/dbfs/get-status", "DbfsGetStatus", "what is at a path of DBFS" }, op_status },
	{ { "GET", "/api/2.{}/dbfs/list", "DbfsList", "what lies in a folder of DBFS" }, op_list },
	{ { "GET", "/api/2.{}/dbfs/read", "DbfsRead", "bytes of a file, as base64" }, op_read },
	{ { "POST", "/api/2.{}/dbfs/put", "DbfsPut", "writes a file of up to 1 MiB" }, op_put },
	{ { "POST", "/api/2.{}/dbfs/create", "DbfsCreate", "begins to write a file" }, op_create },
	{ { "POST", "/api/2.{}/dbfs/add-block", "DbfsAddBlock", "goes on writing" }, op_add_block },
	{ { "POST", "/api/2.{}/dbfs/close", "DbfsClose", "what was written is there" }, op_close },
	{ { "POST", "/api/2.{}/dbfs/mkdirs", "DbfsMkdirs", "makes a folder" }, op_mkdirs },
	{ { "POST", "/api/2.{}/dbfs/move", "DbfsMove", "moves a file or a folder" }, op_move },
	{ { "POST", "/api/2.{}/dbfs/copy", "DbfsCopy", "copies a file or a folder, for dbutils.fs.cp: no operation of the real API" }, op_copy },
	{ { "POST", "/api/2.{}/dbfs/delete", "DbfsDelete", "deletes a file or a folder" }, op_delete },
};
const struct routes dbx_dbfs_routes = ROUTES(rows);
