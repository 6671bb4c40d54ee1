/* Rows kept in memory, a column one array: of a join's one side, of a sort, of a window. */
#include "engine/op.h"

enum {
	FIRST_ROWS = 4096,
	DICT_MAX = 1 << 17, /* joined dictionaries longer than that are given up */
};

/* Where a dictionary's entries have gone. */
struct moved {
	const void *p;
	size_t n, to;
};
struct sp_column {
	const struct sp_type *type;
	enum { NEW, ONE, CODED, FLAT } mode;
	size_t size;            /* of a value */
	struct sp_vec one;      /* ONE: all rows are it */
	char *p;                /* FLAT: values */
	uint8_t *null;          /* FLAT: NULL when none is NULL; CODED: of dict */
	uint32_t *code;         /* CODED */
	bool dict_own;          /* dict and null are ours: several that we joined */
	const struct slice *dict;
	size_t dict_n, dict_cap;
	struct moved *moved;
	size_t moved_n, moved_cap;
};

void sp_store_init(struct sp_store *s, struct sp_run *r, size_t column_n)
{
	*s = (struct sp_store){ .run = r, .column_n = column_n };
	s->columns = xcalloc(column_n ? column_n : 1, sizeof(*s->columns));
}

void sp_store_free(struct sp_store *s)
{
	if (!s->columns)
		return;
	for (size_t i = 0; i < s->column_n; i++) {
		struct sp_column *c = &s->columns[i];
		free(c->p);
		free(c->code);
		free(c->moved);
		if (c->mode == FLAT || c->dict_own)
			free(c->null);
		if (c->dict_own)
			free((void *)(uintptr_t)c->dict);
	}
	free(s->columns);
	arena_free(&s->own);
	(void)sp_run_hold(s->run, -(ssize_t)s->held);
	*s = (struct sp_store){ 0 };
}

/* Makes room for rows up to cap in what the column has. */
static void column_room(struct sp_column *c, size_t n, size_t cap)
{
	if (c->mode == FLAT)
		c->p = xrealloc(c->p, (cap + 1) * (c->size ? c->size : 1));
	if (c->mode == CODED)
		c->code = xrealloc(c->code, (cap + 1) * sizeof(*c->code));
	if (c->mode == FLAT && c->null) {
		c->null = xrealloc(c->null, cap + 1);
		memset(c->null + n, 0, cap + 1 - n);
	}
}

static int account(struct sp_store *s)
{
	size_t all = s->own.used;
	for (size_t i = 0; i < s->column_n; i++) {
		const struct sp_column *c = &s->columns[i];
		all += c->mode == FLAT ? s->cap * (c->size + (c->null != NULL)) : 0;
		all += c->mode == CODED ? s->cap * sizeof(*c->code) + c->dict_cap * (sizeof(*c->dict) + 1) : 0;
	}
	size_t before = s->held;
	s->held = all;
	return sp_run_hold(s->run, (ssize_t)all - (ssize_t)before) || s->run->err.set;
}

void sp_store_done(struct sp_store *s)
{
	for (size_t i = 0; i < s->column_n && s->columns; i++) {
		struct sp_column *c = &s->columns[i];
		free(c->p);
		free(c->code);
		c->p = NULL;
		c->code = NULL;
		if (c->mode == FLAT) {
			free(c->null);
			c->null = NULL;
		}
	}
	s->n = s->cap = 0;
	(void)account(s);
}

static void flat_nulls(struct sp_store *s, struct sp_column *c)
{
	if (!c->null)
		c->null = xcalloc(s->cap + 1, 1);
}

#define COPY(T) \
	do { \
		const T *f = v->p; \
		T *t = (T *)c->p + at; \
		for (size_t i = 0; i < n; i++) \
			t[i] = f[rows ? sp_at(v, rows[i]) : sp_at(v, i)]; \
	} while (0)
#define COPY_ROWS(T) \
	do { \
		const T *f = v->p; \
		T *t = (T *)c->p + at; \
		for (size_t i = 0; i < n; i++) \
			t[i] = f[rows[i]]; \
	} while (0)

/* The bytes texts of rows at.. point to become ours. */
static void own_values(struct sp_store *s, struct sp_column *c, size_t at, size_t n)
{
	enum sp_phys phys = sp_phys_of(c->type);
	if (phys == SP_LIST) {
		const struct sp_list **l = (const struct sp_list **)c->p + at;
		for (size_t i = 0; i < n; i++) {
			struct sp_value v = { .list = l[i] };
			if (c->null && c->null[at + i])
				continue;
			/* Without room for it there is none of it; the error says so at the next account. */
			l[i] = sp_run_room(s->run, c->type, &v) ? sp_list_new(&s->own, 0) : sp_value_dup(&s->own, c->type, v).list;
		}
	}
	if (phys != SP_STR)
		return;
	struct slice *t = (struct slice *)c->p + at;
	size_t all = 0;
	for (size_t i = 0; i < n; i++)
		all += c->null && c->null[at + i] ? 0 : t[i].n;
	char *to = arena_alloc(&s->own, all + 1);
	for (size_t i = 0; i < n; i++) {
		if (c->null && c->null[at + i]) {
			t[i] = S("");
			continue;
		}
		memcpy(to, t[i].n ? t[i].p : "", t[i].n);
		t[i].p = to;
		to += t[i].n;
	}
}

static void add_flat(struct sp_store *s, struct sp_column *c, const struct sp_vec *v, const uint32_t *rows, size_t n)
{
	const size_t at = s->n;
	if (v->type->kind == SP_VOID || v->null) {
		flat_nulls(s, c);
		for (size_t i = 0; i < n; i++)
			c->null[at + i] = sp_null_at(v, rows ? rows[i] : i);
	}
	if (v->type->kind == SP_VOID) {
		memset(c->p + at * c->size, 0, n * c->size);
		return;
	}
	if (!v->one && !v->code && !rows) {
		memcpy(c->p + at * c->size, v->p, n * c->size);
	} else if (!v->one && !v->code && c->size == 4) {
		COPY_ROWS(uint32_t);
	} else if (!v->one && !v->code && c->size == 8) {
		COPY_ROWS(uint64_t);
	} else {
		switch (c->size) {
		case 1:
			COPY(uint8_t);
			break;
		case 4:
			COPY(uint32_t);
			break;
		case 8:
			COPY(uint64_t);
			break;
		case 16:
			COPY(struct sp_i128);
			break;
		}
	}
	if (!v->lasting && !v->dict_n)
		own_values(s, c, at, n);
}

/* Turns what is there to flat values. */
static void make_flat(struct sp_store *s, struct sp_column *c)
{
	struct sp_column old = *c;
	*c = (struct sp_column){ .type = old.type, .mode = FLAT, .size = old.size };
	column_room(c, 0, s->cap);
	if (old.mode == ONE || old.mode == CODED) {
		struct sp_vec v = old.one;
		if (old.mode == CODED)
			v = (struct sp_vec){ .type = old.type, .code = old.code, .null = old.null, .str = old.dict };
		v.lasting = true;
		size_t n = s->n;
		s->n = 0;
		add_flat(s, c, &v, NULL, n);
		s->n = n;
	}
	free(old.code);
	free(old.moved);
	if (old.dict_own) {
		free(old.null);
		free((void *)(uintptr_t)old.dict);
	}
}

/* A dictionary of ours instead of the one borrowed. */
static void own_dict(struct sp_column *c, size_t more)
{
	size_t need = c->dict_n + more, cap = c->dict_cap;
	if (c->dict_own && need <= cap)
		return;
	cap = cap * 2 > need + 1 ? cap * 2 : need + 1;
	struct slice *dict = xmalloc(cap * sizeof(*dict));
	uint8_t *null = xcalloc(cap, 1);
	memcpy(dict, c->dict, c->dict_n * sizeof(*dict));
	if (c->null)
		memcpy(null, c->null, c->dict_n);
	if (c->dict_own) {
		free((void *)(uintptr_t)c->dict);
		free(c->null);
	}
	c->dict = dict;
	c->null = null;
	c->dict_cap = cap;
	c->dict_own = true;
}

/* Where codes into v's dictionary begin in ours; SIZE_MAX: too much. */
static size_t dict_at(struct sp_column *c, const struct sp_vec *v)
{
	for (size_t i = c->moved_n; i-- > 0;)
		if (c->moved[i].p == v->p && c->moved[i].n == v->dict_n)
			return c->moved[i].to;
	size_t to = c->dict_n;
	if (to + v->dict_n > DICT_MAX && to)
		return SIZE_MAX;
	if (to == 0) {
		c->dict = v->str;
		c->null = (uint8_t *)(uintptr_t)v->null;
		c->dict_n = v->dict_n;
	} else {
		own_dict(c, v->dict_n);
		struct slice *dict = (struct slice *)(uintptr_t)c->dict;
		memcpy(dict + to, v->str, v->dict_n * sizeof(*dict));
		for (size_t i = 0; i < v->dict_n && v->null; i++)
			c->null[to + i] = v->null[i];
		c->dict_n += v->dict_n;
	}
	GROW(c->moved, c->moved_n, c->moved_cap);
	c->moved[c->moved_n++] = (struct moved){ v->p, v->dict_n, to };
	return to;
}

/* Entries that have come to a dictionary meanwhile: those of these rows. */
static void refresh(struct sp_column *c, const struct sp_vec *v, const uint32_t *rows, size_t n, size_t to)
{
	if (!c->dict_own) {
		c->null = (uint8_t *)(uintptr_t)v->null;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t code = v->code[rows ? rows[i] : i];
		((struct slice *)(uintptr_t)c->dict)[to + code] = v->str[code];
		c->null[to + code] = v->null && v->null[code];
	}
}

static void column_add(struct sp_store *s, struct sp_column *c, const struct sp_vec *v, const uint32_t *rows, size_t n)
{
	if (c->mode == NEW) {
		c->type = v->type;
		c->size = sp_phys_size(sp_phys_of(v->type));
		c->mode = v->one && (v->lasting || v->type->kind == SP_VOID) ? ONE : v->dict_n && sp_phys_of(v->type) == SP_STR ? CODED : FLAT;
		c->one = *v;
		column_room(c, 0, s->cap);
	}
	if (c->mode == ONE) {
		if (v->one && v->p == c->one.p && v->null == c->one.null && v->type->kind == c->one.type->kind)
			return;
		if (c->type->kind == SP_VOID)
			c->size = sp_phys_size(sp_phys_of(c->type = v->type));
		make_flat(s, c);
	}
	if (c->mode == CODED) {
		size_t to = v->dict_n && v->code ? dict_at(c, v) : SIZE_MAX;
		if (to != SIZE_MAX) {
			if (v->lazy)
				refresh(c, v, rows, n, to);
			for (size_t i = 0; i < n; i++)
				c->code[s->n + i] = (uint32_t)(v->code[rows ? rows[i] : i] + to);
			return;
		}
		make_flat(s, c);
	}
	if (c->type->kind == SP_VOID && v->type->kind != SP_VOID) {
		c->size = sp_phys_size(sp_phys_of(c->type = v->type));
		make_flat(s, c);
	}
	add_flat(s, c, v, rows, n);
}

int sp_store_add(struct sp_store *s, const struct sp_batch *b, const uint32_t *rows, size_t n)
{
	bool grown = s->n + n > s->cap;
	if (s->n + n >= UINT32_MAX - 1)
		return sp_fail(&s->run->err, SP_E_LIMIT, "", "", "More than four thousand million rows in one step.");
	if (grown) {
		size_t cap = s->cap ? s->cap + s->cap / 2 : FIRST_ROWS;
		s->cap = cap > s->n + n ? cap : s->n + n;
		for (size_t i = 0; i < s->column_n; i++)
			column_room(&s->columns[i], s->n, s->cap);
	}
	for (size_t i = 0; i < s->column_n; i++)
		column_add(s, &s->columns[i], &b->columns[i], rows, n);
	s->n += n;
	return account(s);
}

int sp_store_all(struct sp_store *s, struct sp_oper *o, size_t i)
{
	struct sp_batch b;
	int rc;
	while ((rc = sp_op_pull(o, i, &b)) > 0)
		if (sp_store_add(s, &b, NULL, b.n))
			return 1;
	arena_free(&o->arena);
	return rc < 0;
}

void sp_store_null_row(struct sp_store *s)
{
	if (s->n + 1 > s->cap) {
		for (size_t i = 0; i < s->column_n; i++)
			column_room(&s->columns[i], s->n, s->n + 1);
		s->cap = s->n + 1;
	}
	for (size_t i = 0; i < s->column_n; i++) {
		struct sp_column *c = &s->columns[i];
		if (c->mode == ONE && !sp_null_at(&c->one, 0))
			make_flat(s, c);
		if (c->mode == FLAT) {
			flat_nulls(s, c);
			c->null[s->n] = 1;
			memset(c->p + s->n * c->size, 0, c->size);
		} else if (c->mode == CODED) {
			own_dict(c, 1);
			((struct slice *)(uintptr_t)c->dict)[c->dict_n] = S("");
			c->null[c->dict_n] = 1;
			c->code[s->n] = (uint32_t)c->dict_n++;
		}
	}
}

struct sp_vec sp_store_column(const struct sp_store *s, size_t i)
{
	const struct sp_column *c = &s->columns[i];
	struct sp_vec v = { .type = c->type, .n = s->n, .lasting = true };
	switch (c->mode) {
	case NEW:
		return sp_vec_nulls(&sp_types[SP_VOID], s->n);
	case ONE:
		v = c->one;
		v.n = s->n;
		return v;
	case CODED:
		v.code = c->code;
		v.dict_n = c->dict_n;
		v.str = c->dict;
		v.null = c->null;
		return v;
	case FLAT:
		break;
	}
	v.p = c->p;
	v.null = c->null;
	return v;
}

void sp_store_part(const struct sp_store *s, size_t from, size_t n, struct arena *a, struct sp_batch *out)
{
	*out = (struct sp_batch){ .n = n, .column_n = s->column_n, .columns = arena_alloc(a, (s->column_n + 1) * sizeof(struct sp_vec)) };
	for (size_t i = 0; i < s->column_n; i++) {
		struct sp_vec v = sp_store_column(s, i);
		out->columns[i] = sp_vec_part(&v, from, n);
	}
}

void sp_store_pick(const struct sp_store *s, const uint32_t *rows, size_t n, struct arena *a, struct sp_batch *out)
{
	*out = (struct sp_batch){ .n = n, .column_n = s->column_n, .columns = arena_alloc(a, (s->column_n + 1) * sizeof(struct sp_vec)) };
	for (size_t i = 0; i < s->column_n; i++) {
		struct sp_vec v = sp_store_column(s, i);
		out->columns[i] = sp_vec_pick(a, &v, rows, n);
	}
}
