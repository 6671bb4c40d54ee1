/* Listings that statements have made, while no object changes: to list thousands is most of what a statement over kept columns does. On
 * the loop. */
#include "lake/files.h"

enum { LISTINGS_MAX = 16, LISTED_MAX = 200000 }; /* LISTED_MAX: files of all */
struct lake_listing {
	struct lake_listing *next;
	struct slice key, stamp;
	uint64_t changes;
	size_t refs;          /* being kept, and statements */
	struct arena arena;
	struct lake_found_file *files;
	uint32_t *roots;      /* of each file, its path's number */
	size_t n;
};

void lake_listing_give(struct lake_listing *x)
{
	if (!x || --x->refs)
		return;
	arena_free(&x->arena);
	free(x);
}

static void drop_after(struct lake_base *b, struct lake_listing **at)
{
	while (*at) {
		struct lake_listing *x = *at;
		*at = x->next;
		lake_listing_give(x);
	}
}

void lake_listings_free(struct lake_base *b)
{
	drop_after(b, &b->listings);
}

bool lake_listing_take(struct lake_relation *r, struct slice key, uint64_t changes)
{
	struct lake_base *b = r->task->base;
	struct lake_files *f = lake_files_of(r);
	struct lake_listing **at = &b->listings, *x;
	while (*at && !sl_eq((*at)->key, key))
		at = &(*at)->next;
	x = *at;
	if (!x)
		return false;
	*at = x->next;
	if (x->changes != changes) {
		lake_listing_give(x);
		return false;
	}
	x->next = b->listings;
	b->listings = x;
	x->refs++;
	f->listed = x;
	f->stamp = x->stamp;
	f->n = f->cap = x->n;
	f->files = arena_alloc(r->arena, (x->n + 1) * sizeof(*f->files));
	if (x->n)
		memcpy(f->files, x->files, x->n * sizeof(*f->files));
	for (size_t i = 0; i < x->n; i++)
		f->files[i].root = &f->roots[x->roots[i]];
	return true;
}

void lake_listing_keep(struct lake_relation *r, struct slice key, uint64_t changes)
{
	struct lake_base *b = r->task->base;
	struct lake_files *f = lake_files_of(r);
	struct lake_listing *x, **at;
	size_t n = 0, listed = 0;
	if (f->n > LISTED_MAX / 2)
		return;
	x = xcalloc(1, sizeof(*x));
	*x = (struct lake_listing){ .next = b->listings, .changes = changes, .refs = 1, .n = f->n };
	x->key = arena_dup(&x->arena, key);
	x->stamp = arena_dup(&x->arena, f->stamp);
	x->files = arena_alloc(&x->arena, (f->n + 1) * sizeof(*x->files));
	x->roots = arena_alloc(&x->arena, (f->n + 1) * sizeof(*x->roots));
	for (size_t i = 0; i < f->n; i++) {
		x->files[i] = f->files[i];
		x->files[i].key = arena_dup(&x->arena, f->files[i].key);
		x->roots[i] = (uint32_t)(f->files[i].root - f->roots);
	}
	b->listings = x;
	for (at = &b->listings; *at; at = &(*at)->next) {
		listed += (*at)->n;
		if (++n > LISTINGS_MAX || listed > LISTED_MAX)
			break;
	}
	drop_after(b, at);
}
