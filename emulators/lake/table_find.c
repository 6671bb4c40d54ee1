/* The folders below tables/ that are Delta tables. */
#include "lake/table.h"

static void next_folder(struct lake_finder *f);

void lake_finder_free(struct lake_finder *f)
{
	arena_free(&f->arena);
}

static void walk(struct lake_finder *f, struct slice prefix, objects_fn each, put_cb done)
{
	const struct lake *l = f->task->l;
	lake_await(f->task, objects_each(&l->env->ports->objects, sl(l->bucket), prefix, f->after, each, done, f));
}

/* ---- is there a log ---- */

/* A log, or the object that says where the table is. */
static bool on_log(void *arg, const struct object_entry *e)
{
	struct lake_finder *f = arg;
	struct slice rest = sl_from(e->key, strlen(LAKE_TABLES) + f->below.n + f->folder.n + 1);
	f->found = sl_starts(rest, S("_delta_log/")) || sl_eqs(rest, "_table");
	return !f->found;
}

static void on_log_listed(void *arg, const struct error *err)
{
	struct lake_finder *f = arg;
	if (err) {
		f->err = *err;
		f->done(f->arg);
		return;
	}
	if (f->found)
		f->each(f->arg, f->folder);
	f->after = arena_printf(&f->arena, LAKE_TABLES "%.*s%.*s/\xf4\x8f\xbf\xbf", SL(f->below), SL(f->folder)); /* behind all that is in it */
	next_folder(f);
}

/* ---- folders ---- */

static bool on_entry(void *arg, const struct object_entry *e)
{
	struct lake_finder *f = arg;
	struct slice folder, rest;
	if (!sl_cut(sl_from(e->key, strlen(LAKE_TABLES) + f->below.n), '/', &folder, &rest))
		return true; /* an object beside the folders */
	f->folder = arena_dup(&f->arena, folder);
	return false;
}

static void on_folder(void *arg, const struct error *err)
{
	struct lake_finder *f = arg;
	if (err && (!err->def || strcmp(err->def->code, "NoSuchBucket")))
		f->err = *err;
	if (err || !f->folder.p) {
		f->done(f->arg);
		return;
	}
	f->found = false;
	f->after = sl(NULL);
	walk(f, arena_printf(&f->arena, LAKE_TABLES "%.*s%.*s/_", SL(f->below), SL(f->folder)), on_log, on_log_listed);
}

static void next_folder(struct lake_finder *f)
{
	f->folder = sl(NULL);
	walk(f, arena_printf(&f->arena, LAKE_TABLES "%.*s", SL(f->below)), on_entry, on_folder);
}

void lake_finder_start(struct lake_finder *f)
{
	f->err = (struct error){ 0 };
	f->after = sl(NULL);
	next_folder(f);
}
