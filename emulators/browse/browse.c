/* Looks at the state for the console: what they share; objects; tables of MySQL. */
#include "browse/browse.h"

#include "core/json.h"
#include "stack/control.h"
#include "stack/inside.h"
#include "stack/mysql_job.h"

enum { LISTED_MAX = 500, OBJECT_PIECE = 1 << 20, OBJECT_MOST = 64 << 20, ROWS_MOST = 5000 };

/* ---- a look ---- */

void *browse_begin(struct server *s, struct http_call *call, size_t size)
{
	struct browse *v = xcalloc(1, size);
	v->s = s;
	v->env = server_env(s);
	v->call = call;
	v->at = &s->browses;
	if ((v->next = s->browses))
		v->next->at = &v->next;
	s->browses = v;
	return v;
}

static void browse_free(struct browse *v)
{
	owed_cancel_all(&v->waits);
	if ((*v->at = v->next))
		v->next->at = v->at;
	arena_free(&v->arena);
	buf_free(&v->out);
	buf_free(&v->more);
	free(v);
}

void browse_end(struct browse *v, int status, struct buf *out)
{
	control_reply(v->call, status, out);
	browse_free(v);
}

void browse_fail(struct browse *v, int status, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	control_error(v->call, status, text);
	browse_free(v);
}

void browses_end(struct server *s)
{
	while (s->browses)
		browse_fail(s->browses, 503, "the services were reset or stopped meanwhile");
}

/* ---- objects ---- */

/* Folders are gathered in .more, objects in .out. */
struct look_objects {
	struct browse v;
	struct slice bucket, prefix, after;
	size_t n;
};

static void list_on(struct look_objects *l);

static void end_list(struct look_objects *l, bool more)
{
	struct buf b = { 0 };
	jw_list_end(&l->v.more);
	jw_list_end(&l->v.out);
	jw_obj(&b, NULL);
	jw_str(&b, "bucket", l->bucket);
	jw_str(&b, "prefix", l->prefix);
	jw_raw(&b, "folders", buf_slice(&l->v.more));
	jw_raw(&b, "objects", buf_slice(&l->v.out));
	jw_str(&b, "after", more ? l->after : sl(NULL));
	jw_obj_end(&b);
	browse_end(&l->v, 200, &b);
}

static void add_object(struct buf *b, const struct object_entry *e)
{
	char when[32];
	clock_iso(e->modified_ms, when);
	jw_obj(b, NULL);
	jw_str(b, "key", e->key);
	jw_int(b, "size", e->size);
	jw_text(b, "modified", when);
	jw_str(b, "etag", e->etag);
	jw_obj_end(b);
}

/* A folder is listed once, and what is in it is jumped over: no key goes on with a byte that UTF-8 hasn't. */
static void on_list(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct look_objects *l = arg;
	size_t i;
	bool jumps = false;
	if (err) {
		browse_fail(&l->v, err->kind == ERR_NOT_FOUND ? 404 : 502, "%s", err->text);
		return;
	}
	for (i = 0; i < n && l->n < LISTED_MAX && !jumps; i++) {
		struct slice rest = sl_from(e[i].key, l->prefix.n);
		ssize_t slash = sl_chr(rest, '/');
		l->n++;
		if (slash < 0) {
			add_object(&l->v.out, &e[i]);
			l->after = arena_dup(&l->v.arena, e[i].key);
			continue;
		}
		struct slice folder = sl_of(e[i].key.p, l->prefix.n + (size_t)slash + 1);
		jw_str(&l->v.more, NULL, folder);
		l->after = arena_printf(&l->v.arena, "%.*s\xf4\x8f\xbf\xbf", SL(folder));
		jumps = true;
	}
	if (l->n < LISTED_MAX && (jumps || more))
		list_on(l);
	else
		end_list(l, i < n || jumps || more);
}

static void list_on(struct look_objects *l)
{
	const struct object_store *store = &l->v.env->ports->objects;
	owed_keep(&l->v.waits, store->list(store->self, l->bucket, l->prefix, l->after, on_list, l));
}

static struct slice query_or(struct browse *v, const char *name, const char *otherwise)
{
	struct slice q = http_query(&v->call->req, name);
	return q.p ? arena_dup(&v->arena, q) : sl(otherwise);
}

static bool has_objects(struct browse *v)
{
	struct error err;
	if (port_needed(v->env, PORT_OBJECTS, &err) == 0)
		return true;
	browse_fail(v, 404, "%s", err.text);
	return false;
}

void browse_objects(void *self, struct http_call *call)
{
	struct look_objects *l = browse_begin(self, call, sizeof(*l));
	if (!has_objects(&l->v))
		return;
	l->bucket = arena_dup(&l->v.arena, call->arg[0]);
	l->prefix = query_or(&l->v, "prefix", "");
	l->after = query_or(&l->v, "after", NULL);
	jw_list(&l->v.more, NULL);
	jw_list(&l->v.out, NULL);
	objects_wanted(&l->v.env->ports->objects, l->bucket, l->prefix);
	list_on(l);
}

static void on_buckets(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct browse *v = arg;
	struct buf b = { 0 };
	if (err) {
		browse_fail(v, 502, "%s", err->text);
		return;
	}
	jw_obj(&b, NULL);
	jw_list(&b, "buckets");
	for (size_t i = 0; i < n; i++) {
		char when[32];
		clock_iso(e[i].modified_ms, when);
		jw_obj(&b, NULL);
		jw_str(&b, "name", e[i].key);
		jw_text(&b, "created", when);
		jw_obj_end(&b);
	}
	jw_list_end(&b);
	jw_bool(&b, "more", more);
	jw_obj_end(&b);
	browse_end(v, 200, &b);
}

void browse_buckets(void *self, struct http_call *call)
{
	struct browse *v = browse_begin(self, call, sizeof(*v));
	const struct object_store *store = &v->env->ports->objects;
	if (has_objects(v))
		owed_keep(&v->waits, store->list(store->self, sl(NULL), S(""), sl(NULL), on_buckets, v));
}

static void on_object(void *arg, struct slice body, const struct error *err)
{
	struct browse *v = arg;
	struct http_call *call = v->call;
	int64_t most = OBJECT_PIECE;
	struct slice max = http_query(&call->req, "max");
	if (err) {
		browse_fail(v, err->kind == ERR_NOT_FOUND ? 404 : 502, "%s", err->text);
		return;
	}
	bool whole = http_query(&call->req, "download").p != NULL;
	if (max.p && !sl_int(max, 0, INT64_MAX, &most)) {
		browse_fail(v, 400, "max is a number of bytes");
		return;
	}
	if (whole)
		http_set(call, "Content-Disposition", "attachment");
	http_set(call, "X-Tarn-Bytes", "%zu", body.n);
	http_set(call, "X-Content-Type-Options", "nosniff");
	http_set(call, "Content-Security-Policy", "sandbox; default-src 'none'");
	struct slice piece = !whole && (uint64_t)most < body.n ? sl_of(body.p, (size_t)most) : body;
	http_reply(call, 200, whole || !sl_is_utf8(body) ? "application/octet-stream" : "text/plain; charset=utf-8", piece);
	browse_free(v);
}

/* Objects come whole: what is too large for that is left to programs of S3. */
static void on_size(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct browse *v = arg;
	const struct object_store *store = &v->env->ports->objects;
	const struct slice *at = v->call->arg;
	(void)more;
	if (err)
		browse_fail(v, err->kind == ERR_NOT_FOUND ? 404 : 502, "%s", err->text);
	else if (n && sl_eq(e[0].key, at[1]) && e[0].size > OBJECT_MOST)
		browse_fail(v, 413, "it has %lld bytes, more than are shown here: aws s3 cp s3://%.*s/%.*s .", (long long)e[0].size, SL(at[0]), SL(at[1]));
	else
		owed_keep(&v->waits, store->get(store->self, at[0], at[1], on_object, v));
}

void browse_object(void *self, struct http_call *call)
{
	struct browse *v = browse_begin(self, call, sizeof(*v));
	const struct object_store *store = &v->env->ports->objects;
	if (has_objects(v))
		owed_keep(&v->waits, store->list(store->self, call->arg[0], call->arg[1], sl(NULL), on_size, v));
}

/* ---- MySQL ---- */

/* The work of a job ends by itself; who asked may be gone by then. */
struct statement {
	struct look_sql *look; /* NULL: it has ended */
	struct owed owed;
	struct table table;
	char *sql, *database;
};
struct look_sql {
	struct browse v;
	struct statement *of;
};

static void statement_forgotten(struct owed *o)
{
	struct statement *st = (struct statement *)((char *)o - offsetof(struct statement, owed));
	st->look = NULL;
}

static void add_table(struct buf *b, const struct table *t)
{
	size_t n = t->row_n < ROWS_MOST ? t->row_n : ROWS_MOST;
	jw_obj(b, NULL);
	jw_list(b, "columns");
	for (size_t c = 0; c < t->column_n; c++)
		jw_text(b, NULL, t->columns[c]);
	jw_list_end(b);
	jw_list(b, "types");
	for (size_t c = 0; c < t->column_n; c++)
		jw_text(b, NULL, t->types[c] == 'i' ? "integer" : t->types[c] == 'f' ? "float" : t->types[c] == 'd' ? "time" : "text");
	jw_list_end(b);
	jw_list(b, "rows");
	for (size_t r = 0; r < n; r++) {
		jw_list(b, NULL);
		for (size_t c = 0; c < t->column_n; c++)
			jw_text(b, NULL, t->cells[r * t->column_n + c]);
		jw_list_end(b);
	}
	jw_list_end(b);
	jw_bool(b, "truncated", n < t->row_n);
	jw_obj_end(b);
}

static void on_statement(void *arg, const struct error *err)
{
	struct statement *st = arg;
	struct buf b = { 0 };
	if (st->look)
		owed_end(&st->owed);
	if (st->look && err) {
		browse_fail(&st->look->v, 400, "%s", err->text);
	} else if (st->look) {
		add_table(&b, &st->table);
		browse_end(&st->look->v, 200, &b);
	}
	table_clear(&st->table);
	free(st->sql);
	free(st->database);
	free(st);
}

void browse_sql(void *self, struct http_call *call)
{
	struct look_sql *l = browse_begin(self, call, sizeof(*l));
	const char *address = server_endpoint(self, "rds");
	struct slice database = query_or(&l->v, "database", conf_str(l->v.env->conf, "rds", "database", ""));
	if (!address) {
		browse_fail(&l->v, 404, "rds doesn't run here: start tarn without --only, or with rds in it");
		return;
	}
	if (!call->req.body.n) {
		browse_fail(&l->v, 400, "the body is the statement");
		return;
	}
	struct statement *st = xcalloc(1, sizeof(*st));
	*st = (struct statement){ .look = l, .sql = xstrndup(call->req.body.p, call->req.body.n), .database = xstrndup(database.p, database.n) };
	owed_init(&st->owed, NULL, statement_forgotten);
	owed_keep(&l->v.waits, &st->owed);
	mysql_job(l->v.env->loop, address, st->database, st->sql, &st->table, on_statement, st);
}
