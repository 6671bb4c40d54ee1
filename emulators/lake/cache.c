#include "lake/cache.h"

static void file_free(struct lake_file *f)
{
	while (f->parts) {
		struct lake_part_read *p = f->parts;
		f->parts = p->next;
		sp_table_free(p->rows);
		free(p);
	}
	free((char *)(uintptr_t)f->key.p);
	free(f);
}

static void unlink_file(struct lake_cache *c, struct lake_file *f)
{
	*(f->newer ? &f->newer->older : &c->newest) = f->older;
	*(f->older ? &f->older->newer : &c->oldest) = f->newer;
	f->newer = f->older = NULL;
}

static void put_first(struct lake_cache *c, struct lake_file *f)
{
	f->older = c->newest;
	f->newer = NULL;
	*(c->newest ? &c->newest->newer : &c->oldest) = f;
	c->newest = f;
}

static void drop(struct lake_cache *c, struct lake_file *f)
{
	unlink_file(c, f);
	c->bytes -= f->bytes;
	f->kept = false;
	if (!f->refs)
		file_free(f);
}

/* Files that statements hold go from the cache, too, and are freed by the last of them. */
static void shrink(struct lake_cache *c)
{
	struct lake_file *f = c->oldest;
	while (f && c->bytes > c->max) {
		struct lake_file *newer = f->newer;
		if (!f->refs)
			drop(c, f);
		f = newer;
	}
}

struct lake_file *lake_cache_take(struct lake_cache *c, struct slice key)
{
	struct lake_file *f = c->newest;
	while (f && !sl_eq(f->key, key))
		f = f->older;
	if (f) {
		unlink_file(c, f);
	} else {
		f = xcalloc(1, sizeof(*f));
		f->key = sl_of(xstrndup(key.p, key.n), key.n);
		f->kept = true;
	}
	put_first(c, f);
	f->refs++;
	return f;
}

void lake_cache_add(struct lake_cache *c, struct lake_file *f, struct sp_table *rows)
{
	struct lake_part_read *p = xcalloc(1, sizeof(*p));
	p->rows = rows;
	p->bytes = rows->arena.used;
	p->next = f->parts;
	f->parts = p;
	f->bytes += p->bytes;
	c->bytes += f->kept ? p->bytes : 0;
	shrink(c);
}

void lake_cache_give(struct lake_cache *c, struct lake_file *f)
{
	if (--f->refs)
		return;
	if (!f->kept)
		file_free(f);
	else
		shrink(c);
}

void lake_cache_clear(struct lake_cache *c)
{
	struct lake_file *f = c->newest;
	while (f) {
		struct lake_file *older = f->older;
		drop(c, f);
		f = older;
	}
}

const struct sp_vec *lake_file_column(const struct lake_file *f, size_t chunk, size_t column)
{
	for (const struct lake_part_read *p = f->parts; p; p = p->next)
		if (chunk < p->rows->chunk_n && p->rows->chunks[chunk].columns[column].type)
			return &p->rows->chunks[chunk].columns[column];
	return NULL;
}
