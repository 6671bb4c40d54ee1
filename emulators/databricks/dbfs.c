/* Folders and files of DBFS: what is at a path, what lies below it, what is done to all of it. */
#include "databricks/dbfs.h"

enum { PATH_MAX_BYTES = 4096, AT_ONCE = 32 };
#define LAST_OF_ALL "\xf4\x8f\xbf\xbf" /* U+10FFFF: no key of a folder comes behind it */

/* ---- places ---- */

static bool is_s3(struct slice path)
{
	return sl_starts_nocase(path, S("s3://")) || sl_starts_nocase(path, S("s3a://")) || sl_starts_nocase(path, S("s3n://"));
}

static bool goes_up(struct slice path)
{
	struct slice part;
	while (path.p) {
		sl_cut(path, '/', &part, &path);
		if (sl_eqs(part, "..") || sl_eqs(part, "."))
			return true;
	}
	return false;
}

int dbx_place(const struct databricks *j, struct arena *a, struct slice path, struct dbx_place *out, struct error *err)
{
	struct object_path to;
	struct slice full = path_dbfs(path);
	int rc = port_needed(j->env, PORT_OBJECTS, err);
	if (rc)
		return rc;
	if (path.n > PATH_MAX_BYTES || !sl_is_utf8(path) || sl_chr(path, '\0') >= 0 || goes_up(path))
		return err_set(err, ERR_INVALID, "Invalid path: %.*s", SL(path));
	if (!full.p && !is_s3(path))
		return err_set(err, ERR_INVALID, "Path must be absolute: %.*s", SL(path));
	rc = path_resolve(j->env->ports, a, path, &to, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NOT_FOUND, "No file or directory exists on path %.*s.", SL(full));
	if (!rc)
		objects_wanted(&j->env->ports->objects, to.bucket, to.key);
	if (!rc)
		*out = (struct dbx_place){ arena_dup(a, full.p ? full : path), arena_dup(a, to.bucket), arena_dup(a, to.key) };
	return rc;
}

static struct slice below(struct arena *a, struct slice key)
{
	return key.n ? arena_printf(a, "%.*s/", SL(key)) : S("");
}

/* The next name of a path below dir; absent: it isn't below it. */
static struct slice next_name(struct slice dir, struct slice path)
{
	struct slice rest, name;
	if (!sl_after(path, dir, &rest) || rest.n < 2 || rest.p[0] != '/')
		return sl(NULL);
	sl_cut(sl_from(rest, 1), '/', &name, &rest);
	return name;
}

/* Folders that are there though no object lies in them: those on the way to a mount or to the tables. */
static struct slice named_child(const struct databricks *j, struct slice dir, size_t i)
{
	return i < j->mounts.n ? next_name(dir, sl(j->mounts.rows[i].point)) : next_name(dir, S(DBX_WAREHOUSE));
}

static bool always_there(const struct databricks *j, const struct dbx_place *at)
{
	if (!at->path.n || sl_eqs(at->path, DBX_WAREHOUSE) || !at->key.n)
		return true;
	for (size_t i = 0; i <= j->mounts.n; i++)
		if (named_child(j, at->path, i).p || (i < j->mounts.n && sl_eqs(at->path, j->mounts.rows[i].point)))
			return true;
	return false;
}

/* ---- what is at a place ---- */

struct look {
	struct owed owed;
	struct owed *step;
	struct databricks *j;
	struct arena arena;
	const struct dbx_place *at;
	dbx_look_fn done;
	void *arg;
};

static void look_free(struct owed *o)
{
	struct look *l = (struct look *)o;
	owed_cancel_all(&l->step);
	arena_free(&l->arena);
	free(l);
}

static struct slice last_name(struct slice path)
{
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	return sl_from(path, at);
}

static void look_end(struct look *l, struct dbx_entry *e, const struct error *err)
{
	if (e)
		e->name = last_name(l->at->path);
	owed_end(&l->owed);
	l->done(l->arg, err ? NULL : e, err);
	look_free(&l->owed);
}

static bool no_bucket(const struct error *err)
{
	return err && err->def && !strcmp(err->def->code, "NoSuchBucket");
}

static void on_folder(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct look *l = arg;
	struct dbx_entry folder = { .dir = true };
	bool there = n || always_there(l->j, l->at);
	look_end(l, there ? &folder : NULL, no_bucket(err) ? NULL : err);
}

static void on_file(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct look *l = arg;
	const struct object_store *s = &l->j->env->ports->objects;
	if (err && !no_bucket(err)) {
		look_end(l, NULL, err);
	} else if (l->at->key.n && n && sl_eq(e->key, l->at->key)) {
		struct dbx_entry file = { .size = e->size, .modified_ms = e->modified_ms };
		look_end(l, &file, NULL);
	} else {
		owed_keep(&l->step, s->list(s->self, l->at->bucket, below(&l->arena, l->at->key), sl(NULL), on_folder, l));
	}
}

struct owed *dbx_look(struct databricks *j, const struct dbx_place *at, dbx_look_fn done, void *arg)
{
	const struct object_store *s = &j->env->ports->objects;
	struct look *l = xcalloc(1, sizeof(*l));
	owed_init(&l->owed, NULL, look_free);
	l->j = j;
	l->at = at;
	l->done = done;
	l->arg = arg;
	owed_keep(&l->step, s->list(s->self, at->bucket, at->key, sl(NULL), on_file, l));
	return &l->owed;
}

/* ---- children ---- */

struct children {
	struct owed owed;
	struct owed *step;
	struct databricks *j;
	struct arena arena;
	struct slice prefix; /* with its slash */
	struct slice last;   /* folder told last */
	const struct dbx_place *at;
	struct slice *named; /* folders that are always there, in order and each once; those told are cut from the front */
	size_t named_n, named_at;
	bool there;
	dbx_child_fn each;
	dbx_listed_fn done;
	void *arg;
};

static void children_free(struct owed *o)
{
	struct children *c = (struct children *)o;
	owed_cancel_all(&c->step);
	arena_free(&c->arena);
	free(c);
}

static int by_name(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static void find_named(struct children *c)
{
	const struct databricks *j = c->j;
	c->named = arena_alloc(&c->arena, (j->mounts.n + 1) * sizeof(*c->named));
	for (size_t i = 0; i <= j->mounts.n; i++) {
		struct slice name = named_child(j, c->at->path, i);
		if (name.p)
			c->named[c->named_n++] = arena_dup(&c->arena, name);
	}
	qsort(c->named, c->named_n, sizeof(*c->named), by_name);
}

/* Tells the folders that are always there and come before name; absent: all that are left. */
static void tell_named(struct children *c, struct slice name)
{
	for (; c->named_at < c->named_n && (!name.p || sl_cmp(c->named[c->named_at], name) <= 0); c->named_at++) {
		struct slice own = c->named[c->named_at];
		if ((name.p && sl_eq(own, name)) || (c->named_at && sl_eq(own, c->named[c->named_at - 1])))
			continue;
		c->each(c->arg, &(struct dbx_entry){ .name = own, .dir = true });
	}
}

static void children_end(struct children *c, const struct error *err)
{
	if (!err)
		tell_named(c, sl(NULL));
	owed_end(&c->owed);
	c->done(c->arg, c->there, err);
	children_free(&c->owed);
}

static void on_children(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct children *c = arg;
	const struct object_store *s = &c->j->env->ports->objects;
	struct slice name, rest, after = sl(NULL);
	if (err) {
		children_end(c, no_bucket(err) ? NULL : err);
		return;
	}
	c->there |= n > 0;
	for (size_t i = 0; i < n; i++) {
		bool dir = sl_cut(sl_from(e[i].key, c->prefix.n), '/', &name, &rest);
		after = e[i].key;
		if (dir)
			after = arena_printf(&c->arena, "%.*s%.*s/" LAST_OF_ALL, SL(c->prefix), SL(name));
		if (!name.n || (dir && sl_eq(name, c->last)))
			continue;
		tell_named(c, name);
		if (dir)
			c->last = arena_dup(&c->arena, name);
		c->each(c->arg, &(struct dbx_entry){ name, dir, dir ? 0 : e[i].size, dir ? 0 : e[i].modified_ms });
	}
	if (more && after.p)
		owed_keep(&c->step, s->list(s->self, c->at->bucket, c->prefix, after, on_children, c));
	else
		children_end(c, NULL);
}

struct owed *dbx_children(struct databricks *j, const struct dbx_place *at, dbx_child_fn each, dbx_listed_fn done, void *arg)
{
	const struct object_store *s = &j->env->ports->objects;
	struct children *c = xcalloc(1, sizeof(*c));
	owed_init(&c->owed, NULL, children_free);
	c->j = j;
	c->at = at;
	c->each = each;
	c->done = done;
	c->arg = arg;
	c->prefix = below(&c->arena, at->key);
	c->last = sl(NULL);
	c->there = always_there(j, at);
	find_named(c);
	owed_keep(&c->step, s->list(s->self, at->bucket, c->prefix, sl(NULL), on_children, c));
	return &c->owed;
}

/* ---- all objects at or below a place ---- */

struct each {
	struct owed owed;
	struct owed *steps;
	struct databricks *j;
	struct arena arena;
	enum dbx_each what;
	const struct dbx_place *from, *to;
	struct slice *keys;
	size_t n, cap, next, open;
	struct error err; /* of the first that failed */
	bool failed;
	dbx_each_fn done;
	void *arg;
};
struct one { /* object under way */
	struct each *e;
	struct slice key;
};

static void each_free(struct owed *o)
{
	struct each *e = (struct each *)o;
	owed_cancel_all(&e->steps);
	arena_free(&e->arena);
	free(e);
}

static void each_go(struct each *e);

static void one_done(struct one *o, const struct error *err)
{
	struct each *e = o->e;
	if (err && !e->failed) {
		e->failed = true;
		e->err = *err;
	}
	e->open--;
	each_go(e);
}

static void on_deleted(void *arg, const struct error *err)
{
	one_done(arg, err);
}

static void delete_one(struct one *o)
{
	const struct object_store *s = &o->e->j->env->ports->objects;
	owed_keep(&o->e->steps, s->del(s->self, o->e->from->bucket, o->key, on_deleted, o));
}

static void on_copied(void *arg, const struct error *err)
{
	struct one *o = arg;
	if (err || o->e->what == DBX_COPY)
		one_done(o, err);
	else
		delete_one(o);
}

static void on_read(void *arg, struct slice body, const struct error *err)
{
	struct one *o = arg;
	struct each *e = o->e;
	const struct object_store *s = &e->j->env->ports->objects;
	struct slice rest = sl_from(o->key, e->from->key.n), key;
	if (err) {
		one_done(o, err);
		return;
	}
	while (rest.n && rest.p[0] == '/' && !e->to->key.n)
		rest = sl_from(rest, 1);
	key = arena_printf(&e->arena, "%.*s%s%.*s", SL(e->to->key), e->to->key.n && rest.n && rest.p[0] != '/' ? "/" : "", SL(rest));
	owed_keep(&e->steps, s->put(s->self, e->to->bucket, key, sl(NULL), body, sl(NULL), on_copied, o));
}

static void each_go(struct each *e)
{
	const struct object_store *s = &e->j->env->ports->objects;
	while (!e->failed && e->next < e->n && e->open < AT_ONCE) {
		struct one *o = arena_alloc(&e->arena, sizeof(*o));
		*o = (struct one){ e, e->keys[e->next++] };
		e->open++;
		if (e->what == DBX_DELETE)
			delete_one(o);
		else
			owed_keep(&e->steps, s->get(s->self, e->from->bucket, o->key, on_read, o));
	}
	if (e->open)
		return;
	owed_end(&e->owed);
	e->done(e->arg, e->n, e->failed ? &e->err : NULL);
	each_free(&e->owed);
}

static bool on_key(void *arg, const struct object_entry *o)
{
	struct each *e = arg;
	struct slice rest = sl_from(o->key, e->from->key.n);
	if (e->from->key.n && rest.n && rest.p[0] != '/') /* "/a-b" isn't below "/a" */
		return true;
	ARENA_GROW(&e->arena, e->keys, e->n, e->cap);
	e->keys[e->n++] = arena_dup(&e->arena, o->key);
	return true;
}

static void on_keys(void *arg, const struct error *err)
{
	struct each *e = arg;
	if (err && !no_bucket(err)) {
		e->failed = true;
		e->err = *err;
	}
	each_go(e);
}

struct owed *dbx_each(struct databricks *j, enum dbx_each what, const struct dbx_place *from, const struct dbx_place *to, dbx_each_fn done, void *arg)
{
	struct each *e = xcalloc(1, sizeof(*e));
	owed_init(&e->owed, NULL, each_free);
	e->j = j;
	e->what = what;
	e->from = from;
	e->to = to;
	e->done = done;
	e->arg = arg;
	owed_keep(&e->steps, objects_each(&j->env->ports->objects, from->bucket, from->key, sl(NULL), on_key, on_keys, e));
	return &e->owed;
}
