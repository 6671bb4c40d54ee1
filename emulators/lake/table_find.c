/* The folders below tables/ that are Delta tables. */
#include <string.h>

#include "lake/tables.h"

static void list(struct lake_finder *f, bool behind_folder);

void lake_finder_free(struct lake_finder *f)
{
	arena_free(&f->arena);
}

static bool back(struct lake_finder *f)
{
	f->l->owed--;
	return !f->l->closing;
}

static void on_log(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct lake_finder *f = arg;
	(void)e;
	(void)more;
	if (!back(f))
		return;
	if (err) {
		f->err = *err;
		f->done(f->arg);
		return;
	}
	if (n)
		f->each(f->arg, f->folder);
	list(f, true);
}

static void look_at(struct lake_finder *f, struct slice folder)
{
	const struct object_store *store = &f->l->env->ports->objects;
	f->folder = folder;
	f->l->owed++;
	store->list(store->self, sl(f->l->bucket), arena_printf(&f->arena, LAKE_TABLES "%.*s/_delta_log/", SL(folder)), sl(NULL), on_log, f);
}

static void on_page(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct lake_finder *f = arg;
	struct slice folder, rest;
	if (!back(f))
		return;
	if (err && (!err->def || strcmp(err->def->code, "NoSuchBucket")))
		f->err = *err;
	for (size_t i = 0; !err && i < n; i++) {
		f->after = arena_dup(&f->arena, e[i].key);
		if (sl_cut(sl_of(f->after.p + strlen(LAKE_TABLES), f->after.n - strlen(LAKE_TABLES)), '/', &folder, &rest)) {
			look_at(f, folder);
			return;
		} /* else an object beside the folders */
	}
	if (!err && n && more)
		list(f, false);
	else
		f->done(f->arg);
}

/* behind_folder: whatever else is in it. */
static void list(struct lake_finder *f, bool behind_folder)
{
	const struct object_store *store = &f->l->env->ports->objects;
	if (behind_folder)
		f->after = arena_printf(&f->arena, LAKE_TABLES "%.*s/\xf4\x8f\xbf\xbf", SL(f->folder));
	f->l->owed++;
	store->list(store->self, sl(f->l->bucket), S(LAKE_TABLES), f->after, on_page, f);
}

void lake_finder_start(struct lake_finder *f)
{
	f->err = (struct error){ 0 };
	f->after = sl(NULL);
	list(f, false);
}
