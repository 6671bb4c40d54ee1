/* The columns of facts and their words. See fact.h. */
#include "lake/fact.h"

#include <stdlib.h>
#include <string.h>

const struct fact_source fact_sources[FACT_N] = {
	[FACT_PIN_IND] = { LAKE_PIN, "pin.ind", 0, false, false },
	[FACT_CATEGORY] = { LAKE_PIN, "category", 10, true, false },
	[FACT_FOLLOWERS] = { LAKE_PIN, "follower_count", 4, false, false },
	[FACT_NAMED] = { LAKE_PIN, "poster_name", 5, false, true },
	[FACT_GEO_IND] = { LAKE_GEO, "geo.ind", 0, false, false },
	[FACT_COUNTRY] = { LAKE_GEO, "country", 1, true, false },
	[FACT_POST_YEAR] = { LAKE_GEO, "post_year", 4, false, false },
	[FACT_USERS_IND] = { LAKE_USERS, "users.ind", 0, false, false },
	[FACT_AGE] = { LAKE_USERS, "age", 2, false, false },
	[FACT_JOIN_YEAR] = { LAKE_USERS, "join_year", 4, false, false },
};

int fact_column(struct slice name)
{
	for (int c = 0; c < FACT_N; c++)
		if (sl_eqs(name, fact_sources[c].name))
			return c;
	return sl_eqs(name, "age_group") ? FACT_AGE_GROUP : -1;
}

void fact_push(struct fact_values *c, int32_t v)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 1024;
		c->v = xrealloc(c->v, c->cap * sizeof(*c->v));
	}
	c->v[c->n++] = v;
}

static uint64_t hash(struct slice s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

static void place(struct fact_words *w, uint32_t code)
{
	size_t at = hash(w->v[code]) & (w->slot_n - 1);
	while (w->slots[at])
		at = (at + 1) & (w->slot_n - 1);
	w->slots[at] = code + 1;
}

static void grow(struct fact_words *w)
{
	w->cap = w->cap ? w->cap * 2 : 64;
	w->v = xrealloc(w->v, w->cap * sizeof(*w->v));
	free(w->slots);
	w->slot_n = w->cap * 2;
	w->slots = xcalloc(w->slot_n, sizeof(*w->slots));
	for (size_t i = 0; i < w->n; i++)
		place(w, (uint32_t)i);
}

int32_t fact_word(struct fact *f, enum fact_column c, struct slice text)
{
	struct fact_words *w = &f->words[c];
	if (w->slot_n)
		for (size_t at = hash(text) & (w->slot_n - 1); w->slots[at]; at = (at + 1) & (w->slot_n - 1))
			if (sl_eq(w->v[w->slots[at] - 1], text))
				return (int32_t)w->slots[at] - 1;
	if (w->n == FACT_WORDS_MAX)
		return FACT_NULL;
	if (w->n == w->cap)
		grow(w);
	w->v[w->n] = arena_dup(&f->arena, text);
	place(w, (uint32_t)w->n);
	return (int32_t)w->n++;
}

void fact_add(struct fact *f, enum lake_set set, const struct lake_value *row)
{
	for (int c = 0; c < FACT_N; c++) {
		const struct fact_source *s = &fact_sources[c];
		if (s->set != set)
			continue;
		const struct lake_value *v = &row[s->column];
		int32_t value = FACT_NULL;
		if (v->kind != LAKE_NULL) {
			value = s->flag ? 0 : s->words ? fact_word(f, (enum fact_column)c, v->text) : (int32_t)v->i;
			f->none[set] |= value == FACT_NULL;
		}
		fact_push(&f->columns[c], value);
	}
}

void fact_clear(struct fact *f, enum lake_set set)
{
	for (int c = 0; c < FACT_N; c++) {
		if (fact_sources[c].set != set)
			continue;
		free(f->columns[c].v);
		free(f->words[c].v);
		free(f->words[c].slots);
		f->columns[c] = (struct fact_values){ 0 };
		f->words[c] = (struct fact_words){ 0 };
	}
	f->none[set] = false;
}

void fact_free(struct fact *f)
{
	for (int set = 0; set < LAKE_SET_N; set++)
		fact_clear(f, (enum lake_set)set);
	arena_free(&f->arena);
}
