/* The export: finds the tables, reads the snapshot of each, writes the files. */
#include "core/json.h"
#include "lake/export.h"

static void export_free(struct lake_task *t)
{
	struct export *x = (struct export *)t;
	for (size_t i = 0; i < x->table_n; i++)
		delta_snapshot_free(x->tables[i].s);
	lake_finder_free(&x->finder);
	arena_free(&x->arena);
	buf_free(&x->out);
	free(x);
}

/* ---- the answer ---- */

static void add_file(struct export *x, struct slice path, struct slice text)
{
	jw_obj(&x->out, NULL);
	jw_str(&x->out, "path", path);
	jw_str(&x->out, "text", text);
	jw_obj_end(&x->out);
}

static void add_queries(struct export *x)
{
	const struct stack_files *files = x->task.l->env->files;
	const char *path;
	struct error err;
	char *sql;
	size_t n;
	for (size_t i = 0; (path = stack_list(files, "queries/", i)); i++) {
		if (!sl_ends(sl(path), S(".sql")) || stack_read(files, path, &sql, &n, &err))
			continue;
		add_file(x, sl(path), sl_of(sql, n));
		free(sql);
	}
}

static void answer(struct export *x)
{
	struct buf *b = &x->out;
	jw_obj(b, NULL);
	jw_str(b, "endpoint", x->endpoint);
	jw_list(b, "tables");
	for (size_t i = 0; i < x->table_n; i++)
		jw_str(b, NULL, x->tables[i].name);
	jw_list_end(b);
	jw_list(b, "files");
	for (size_t i = 0; export_files[i].path; i++) {
		struct buf text = { 0 };
		export_files[i].write(&text, x);
		add_file(x, sl(export_files[i].path), buf_slice(&text));
		buf_free(&text);
	}
	add_queries(x);
	jw_list_end(b);
	jw_obj_end(b);
	buf_addc(b, '\n');
	http_reply_buf(x->task.call, 200, "application/json", b);
	lake_end(&x->task);
}

static void fail(struct export *x, const struct error *err)
{
	problem_reply(x->task.call, err);
	lake_end(&x->task);
}

/* ---- the tables ---- */

static void next_table(struct export *x);

static void on_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct export *x = arg;
	struct export_table *t = &x->tables[x->loaded];
	/* A table that only others can read is theirs to read. */
	if (err && err->kind != ERR_UNSUPPORTED) {
		fail(x, err);
		return;
	}
	t->s = s;
	if (err)
		t->why = arena_dup(&x->arena, sl(err->text));
	x->loaded++;
	next_table(x);
}

static void next_table(struct export *x)
{
	struct lake *l = x->task.l;
	if (x->loaded == x->table_n) {
		answer(x);
		return;
	}
	struct delta_table t = { l->env->loop, &l->env->ports->objects, sl(l->bucket),
				 arena_printf(&x->arena, LAKE_TABLES "%.*s", SL(x->tables[x->loaded].name)) };
	lake_await(&x->task, delta_load(&t, -1, on_loaded, x));
}

static void on_table(void *arg, struct slice name)
{
	struct export *x = arg;
	if (x->table_n < EXPORT_TABLES_MAX)
		x->tables[x->table_n++] = (struct export_table){ .name = name };
}

static void found(void *arg)
{
	struct export *x = arg;
	struct error err;
	if (!x->finder.err.kind && !x->table_n)
		err_set(&x->finder.err, ERR_NOT_FOUND, "bucket %s has no Delta tables below " LAKE_TABLES "; a clean run writes them, unless the stack's "
						       "[lake] tables is none", x->task.l->bucket);
	err = x->finder.err;
	if (err.kind)
		fail(x, &err);
	else
		next_table(x);
}

/* ---- the start ---- */

static void export_start(struct lake_task *t)
{
	struct export *x = (struct export *)t;
	struct error err;
	x->finder = (struct lake_finder){ .task = t, .each = on_table, .done = found, .arg = x };
	if (port_needed(t->l->env, PORT_OBJECTS, &err))
		fail(x, &err);
	else
		lake_finder_start(&x->finder);
}

/* Where the object store is for others: as asked, the remote one, or this process's. */
static struct slice endpoint_of(struct export *x, struct slice asked)
{
	const struct conf *conf = x->task.l->env->conf;
	const char *remote = conf_get(conf, "remote", "s3");
	if (asked.n)
		return arena_dup(&x->arena, asked);
	if (remote)
		return arena_dup(&x->arena, sl(remote));
	return arena_printf(&x->arena, "http://%s:%s", conf_str(conf, "aws", "listen_host", "127.0.0.1"), conf_str(conf, "aws", "listen_port", "4566"));
}

void lake_export_start(struct lake *l, struct http_call *call)
{
	struct export *x = xcalloc(1, sizeof(*x));
	const char *secret;
	x->task.call = call;
	x->task.start = export_start;
	x->task.free = export_free;
	x->task.l = l;
	x->endpoint = endpoint_of(x, http_query(&call->req, "endpoint"));
	while (sl_ends(x->endpoint, S("/")))
		x->endpoint.n--;
	x->tls = sl_starts_nocase(x->endpoint, S("https://"));
	ssize_t at = sl_find(x->endpoint, S("://"));
	x->host = at < 0 ? x->endpoint : sl_of(x->endpoint.p + at + 3, x->endpoint.n - (size_t)at - 3);
	/* Without identities any key is right; with them, a secret isn't written down here. */
	bool any = !conf_at(l->env->conf, "identities", 0, &x->key, &secret) && !conf_get(l->env->conf, "remote", "s3");
	x->key = any ? "test" : x->key ? x->key : "ACCESS_KEY";
	x->secret = any ? "test" : "SECRET_KEY";
	lake_begin(l, &x->task);
}
