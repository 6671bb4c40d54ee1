#include "spark/vec.h"

static const struct phys {
	size_t size;
} sizes[] = {
	[SP_U8] = { 1 },
	[SP_I32] = { 4 },
	[SP_I64] = { 8 },
	[SP_F64] = { 8 },
	[SP_X128] = { sizeof(struct sp_i128) },
	[SP_STR] = { sizeof(struct slice) },
	[SP_CAL] = { sizeof(struct sp_calendar) },
	[SP_LIST] = { sizeof(struct sp_list *) },
	[SP_NONE] = { 0 },
};

enum sp_phys sp_phys_of(const struct sp_type *t)
{
	static const uint8_t of[SP_KINDS] = {
		[SP_VOID] = SP_NONE, [SP_BOOLEAN] = SP_U8, [SP_TINYINT] = SP_I32, [SP_SMALLINT] = SP_I32, [SP_INT] = SP_I32,
		[SP_BIGINT] = SP_I64, [SP_FLOAT] = SP_F64, [SP_DOUBLE] = SP_F64, [SP_DECIMAL] = SP_X128, [SP_STRING] = SP_STR,
		[SP_BINARY] = SP_STR, [SP_DATE] = SP_I32, [SP_TIMESTAMP] = SP_I64, [SP_TIMESTAMP_NTZ] = SP_I64,
		[SP_INTERVAL_YM] = SP_I32, [SP_INTERVAL_DT] = SP_I64, [SP_INTERVAL] = SP_CAL, [SP_ARRAY] = SP_LIST,
		[SP_MAP] = SP_LIST, [SP_STRUCT] = SP_LIST,
	};
	return of[t->kind];
}

size_t sp_phys_size(enum sp_phys p)
{
	return sizes[p].size;
}

struct sp_value sp_get(const struct sp_vec *v, size_t r)
{
	struct sp_value out = { 0 };
	size_t at = sp_at(v, r);
	if (v->type->kind == SP_VOID || (v->null && v->null[at]))
		return SP_NULL_VALUE;
	switch (sp_phys_of(v->type)) {
	case SP_U8:
		out.i = v->u8[at];
		break;
	case SP_I32:
		out.i = v->i32[at];
		break;
	case SP_I64:
		out.i = v->i64[at];
		break;
	case SP_F64:
		out.d = v->f64[at];
		break;
	case SP_X128:
		out.x = v->x128[at];
		break;
	case SP_STR:
		out.s = v->str[at];
		break;
	case SP_CAL:
		out.c = v->cal[at];
		break;
	case SP_LIST:
		out.list = v->list[at];
		break;
	case SP_NONE:
		break;
	}
	return out;
}

void sp_out_make(struct sp_out *o, struct arena *a, const struct sp_type *type, size_t n)
{
	size_t size = sp_phys_size(sp_phys_of(type));
	*o = (struct sp_out){ .arena = a };
	o->p = arena_alloc(a, n * size + 16);
	o->v = (struct sp_vec){ .type = type, .n = n, .p = o->p };
}

void sp_out_null(struct sp_out *o, size_t r)
{
	if (!o->null) {
		o->null = arena_alloc(o->arena, o->v.n + 1);
		o->v.null = o->null;
	}
	o->null[r] = 1;
}

void sp_out_put(struct sp_out *o, size_t r, const struct sp_value *v)
{
	if (v->null) {
		sp_out_null(o, r);
		return;
	}
	switch (sp_phys_of(o->v.type)) {
	case SP_U8:
		o->u8[r] = v->i != 0;
		break;
	case SP_I32:
		o->i32[r] = (int32_t)v->i;
		break;
	case SP_I64:
		o->i64[r] = v->i;
		break;
	case SP_F64:
		o->f64[r] = v->d;
		break;
	case SP_X128:
		o->x128[r] = v->x;
		break;
	case SP_STR:
		o->str[r] = v->s;
		break;
	case SP_CAL:
		o->cal[r] = v->c;
		break;
	case SP_LIST:
		o->list[r] = v->list;
		break;
	case SP_NONE:
		break;
	}
}

struct sp_vec sp_vec_one(struct arena *a, const struct sp_type *type, const struct sp_value *v, size_t n)
{
	struct sp_out o;
	sp_out_make(&o, a, type, 1);
	sp_out_put(&o, 0, v);
	o.v.one = true;
	o.v.n = n;
	return o.v;
}

struct sp_vec sp_vec_pick(struct arena *a, const struct sp_vec *v, const uint32_t *rows, size_t n)
{
	struct sp_vec out = *v;
	out.n = n;
	if (v->one)
		return out;
	if (v->code) {
		uint32_t *code = arena_alloc(a, n * sizeof(*code) + 4);
		for (size_t r = 0; r < n; r++)
			code[r] = v->code[rows[r]];
		out.code = code;
	} else {
		out.code = rows;
	}
	return out;
}

#define GATHER(T, from, to)                                   \
	do {                                                  \
		const T *f_ = (const T *)(from);              \
		T *t_ = (T *)(to);                            \
		if (v->one)                                   \
			for (size_t r = 0; r < v->n; r++)     \
				t_[r] = f_[0];                \
		else                                          \
			for (size_t r = 0; r < v->n; r++)     \
				t_[r] = f_[v->code[r]];       \
	} while (0)

struct sp_vec sp_vec_flat(struct arena *a, const struct sp_vec *v)
{
	struct sp_out o;
	if (!v->one && !v->code)
		return *v;
	sp_out_make(&o, a, v->type, v->n);
	switch (sp_phys_size(sp_phys_of(v->type))) {
	case 1:
		GATHER(uint8_t, v->p, o.p);
		break;
	case 4:
		GATHER(uint32_t, v->p, o.p);
		break;
	case 8:
		GATHER(uint64_t, v->p, o.p);
		break;
	case 16:
		GATHER(struct sp_i128, v->p, o.p);
		break;
	}
	if (v->null) {
		o.null = arena_alloc(a, v->n + 1);
		GATHER(uint8_t, v->null, o.null);
		o.v.null = o.null;
	}
	return o.v;
}

struct sp_vec sp_vec_part(const struct sp_vec *v, size_t from, size_t n)
{
	struct sp_vec out = *v;
	out.n = n;
	if (v->one)
		return out;
	if (v->code) {
		out.code = v->code + from;
		return out;
	}
	out.p = (const char *)v->p + from * sp_phys_size(sp_phys_of(v->type));
	if (v->null)
		out.null = v->null + from;
	return out;
}

/* ---- tables ---- */

struct sp_table *sp_table_new(void)
{
	return xcalloc(1, sizeof(struct sp_table));
}

void sp_table_free(struct sp_table *t)
{
	if (!t)
		return;
	free(t->chunks);
	arena_free(&t->arena);
	free(t);
}

/* Entries 0..n-1 of what v points to, in a. */
static void own_values(struct arena *a, struct sp_vec *v, size_t n)
{
	struct sp_out o;
	uint8_t *null = NULL;
	if (v->null) {
		null = arena_alloc(a, n + 1);
		memcpy(null, v->null, n);
	}
	sp_out_make(&o, a, v->type, n);
	if (sp_phys_of(v->type) != SP_STR && sp_phys_of(v->type) != SP_LIST) {
		memcpy(o.p, v->p, n * sp_phys_size(sp_phys_of(v->type)));
	} else {
		struct sp_vec flat = *v;
		flat.code = NULL;
		flat.n = n;
		for (size_t i = 0; i < n; i++) {
			struct sp_value x = sp_get(&flat, i);
			x = sp_value_dup(a, v->type, x);
			if (!x.null)
				sp_out_put(&o, i, &x);
		}
	}
	v->p = o.p;
	v->null = null;
}

static struct sp_vec own_vec(struct arena *a, const struct sp_vec *v)
{
	struct sp_vec out;
	if (v->dict_n) {
		uint32_t *code = arena_alloc(a, v->n * sizeof(*code) + 4);
		out = *v;
		memcpy(code, v->code, v->n * sizeof(*code));
		out.code = code;
		own_values(a, &out, v->dict_n);
		return out;
	}
	out = *v;
	if (v->one) {
		own_values(a, &out, 1);
		return out;
	}
	out = sp_vec_flat(a, v);
	own_values(a, &out, v->n);
	return out;
}

void sp_table_add(struct sp_table *t, const struct sp_batch *b)
{
	struct sp_batch *own;
	GROW(t->chunks, t->chunk_n, t->chunk_cap);
	own = &t->chunks[t->chunk_n++];
	*own = (struct sp_batch){ .n = b->n, .column_n = b->column_n };
	own->columns = arena_alloc(&t->arena, (b->column_n + 1) * sizeof(*own->columns));
	for (size_t i = 0; i < b->column_n; i++)
		if (b->columns[i].type)
			own->columns[i] = own_vec(&t->arena, &b->columns[i]);
	t->row_n += (int64_t)b->n;
}
