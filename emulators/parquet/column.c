/* One leaf's values in memory. */
#include "parquet/parquet.h"

#include <assert.h>

size_t pq_value_size(int type)
{
	switch (type) {
	case PQ_BOOLEAN:
		return 1;
	case PQ_INT64:
	case PQ_INT96:
	case PQ_DOUBLE:
		return 8;
	default:
		return 4;
	}
}

void pq_column_init(struct pq_column *c, const struct pq_leaf *leaf, size_t bytes_max)
{
	*c = (struct pq_column){ .type = leaf->type, .size = leaf->size, .max_def = leaf->max_def, .max_rep = leaf->max_rep };
	buf_init(&c->bytes, bytes_max);
}

void pq_column_keep(struct pq_column *c, const struct pq_leaf *leaf, struct arena *a)
{
	pq_column_init(c, leaf, 0);
	c->keep = a;
}

void pq_column_reset(struct pq_column *c)
{
	c->n = c->level_n = 0;
	c->dict = NULL;
	buf_reset(&c->bytes);
}

void pq_column_free(struct pq_column *c)
{
	if (!c->keep) {
		free(c->def);
		free(c->rep);
		free(c->values);
		buf_free(&c->bytes);
	}
	*c = (struct pq_column){ 0 };
}

static size_t grown(size_t cap, size_t need)
{
	size_t twice = cap ? cap * 2 : 256;
	return twice > need ? twice : need;
}

static void *more_of(struct pq_column *c, void *p, size_t used, size_t bytes)
{
	void *fresh;
	if (!c->keep)
		return xrealloc(p, bytes);
	fresh = arena_raw(c->keep, bytes);
	if (used)
		memcpy(fresh, p, used);
	return fresh;
}

static void make_room(struct pq_column *c, size_t levels, size_t values)
{
	size_t size = c->keep && pq_is_text(c) ? sizeof(*c->text) : pq_value_size(c->type);
	if (c->level_n + levels > c->level_cap) {
		c->level_cap = grown(c->level_cap, c->level_n + levels);
		if (c->max_def)
			c->def = more_of(c, c->def, c->level_n, c->level_cap);
		if (c->max_rep)
			c->rep = more_of(c, c->rep, c->level_n, c->level_cap);
	}
	if (c->n + values > c->cap) {
		c->cap = grown(c->cap, c->n + values);
		c->values = more_of(c, c->values, c->n * size, c->cap * size);
	}
}

void pq_column_room(struct pq_column *c, size_t levels, size_t values)
{
	if (c->level_n + levels > c->level_cap || c->n + values > c->cap)
		make_room(c, levels, values);
}

static void level(struct pq_column *c, int rep, int def)
{
	if (c->max_def)
		c->def[c->level_n] = (uint8_t)def;
	if (c->max_rep)
		c->rep[c->level_n] = (uint8_t)rep;
	c->level_n++;
}

void pq_add_null(struct pq_column *c, int rep, int def)
{
	assert(def < c->max_def);
	pq_column_room(c, 1, 0);
	level(c, rep, def);
}

void pq_add_bool(struct pq_column *c, int rep, bool v)
{
	assert(c->type == PQ_BOOLEAN);
	pq_column_room(c, 1, 1);
	level(c, rep, c->max_def);
	c->flags[c->n++] = v;
}

void pq_add_i32(struct pq_column *c, int rep, int32_t v)
{
	assert(c->type == PQ_INT32);
	pq_column_room(c, 1, 1);
	level(c, rep, c->max_def);
	c->i32[c->n++] = v;
}

void pq_add_i64(struct pq_column *c, int rep, int64_t v)
{
	assert(c->type == PQ_INT64);
	pq_column_room(c, 1, 1);
	level(c, rep, c->max_def);
	c->i64[c->n++] = v;
}

void pq_add_f32(struct pq_column *c, int rep, float v)
{
	assert(c->type == PQ_FLOAT);
	pq_column_room(c, 1, 1);
	level(c, rep, c->max_def);
	c->f32[c->n++] = v;
}

void pq_add_f64(struct pq_column *c, int rep, double v)
{
	assert(c->type == PQ_DOUBLE);
	pq_column_room(c, 1, 1);
	level(c, rep, c->max_def);
	c->f64[c->n++] = v;
}

void pq_add_bytes(struct pq_column *c, int rep, struct slice v)
{
	assert(c->type == PQ_BYTES || c->type == PQ_FIXED);
	pq_column_room(c, 1, 1);
	level(c, rep, c->max_def);
	buf_addsl(&c->bytes, v);
	c->end[c->n++] = (uint32_t)c->bytes.n;
}

bool pq_next(struct pq_cursor *at, struct pq_entry *out)
{
	const struct pq_column *c = at->c;
	if (at->level >= c->level_n)
		return false;
	out->rep = c->max_rep ? c->rep[at->level] : 0;
	out->def = c->max_def ? c->def[at->level] : 0;
	out->has = out->def == c->max_def;
	out->value = at->value;
	at->value += out->has;
	at->level++;
	return true;
}

void pq_column_append(struct pq_column *c, const struct pq_column *more)
{
	size_t size = pq_value_size(c->type);
	uint32_t shift = (uint32_t)c->bytes.n;
	pq_column_room(c, more->level_n, more->n);
	if (c->max_def && more->level_n)
		memcpy(c->def + c->level_n, more->def, more->level_n);
	if (c->max_rep && more->level_n)
		memcpy(c->rep + c->level_n, more->rep, more->level_n);
	if (more->n)
		memcpy((char *)c->values + c->n * size, more->values, more->n * size);
	if (c->type == PQ_BYTES || c->type == PQ_FIXED) {
		for (size_t i = 0; i < more->n; i++)
			c->end[c->n + i] += shift;
		buf_addsl(&c->bytes, buf_slice(&more->bytes));
	}
	c->level_n += more->level_n;
	c->n += more->n;
}
