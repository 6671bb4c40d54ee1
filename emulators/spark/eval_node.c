/* Running the nodes of a program: each once a frame, and once an entry where a dictionary is all it depends on. */
#include "spark/cast.h"
#include "spark/program.h"

enum {
	MEMO_DICT_MAX = 1 << 16, /* longer dictionaries aren't worth it: their entries are few rows' */
	ARGS_ON_STACK = 8,
};

struct sp_scope sp_scope_of(struct sp_program *p, struct sp_scope *f, const uint32_t *rows, size_t n)
{
	return (struct sp_scope){ .up = f, .rows = rows, .n = n, .stamp = ++p->stamp };
}

/* What x has given already in f, or in a frame around it. */
static bool known(struct sp_program *p, const struct sp_node *x, const struct sp_scope *f, struct sp_vec *out)
{
	if (x->stamp == f->stamp) {
		*out = x->v;
		return true;
	}
	struct sp_vec outer;
	if (!f->up || x->stamp == 0 || !known(p, x, f->up, &outer))
		return false;
	*out = sp_vec_pick(p->run->batch, &outer, f->rows, f->n);
	return true;
}

static int column(struct sp_program *p, struct sp_node *x, size_t i, struct sp_scope *f, struct sp_vec *out)
{
	if (i - f->first < f->more_n) {
		*out = f->more[i - f->first];
		return 0;
	}
	if (f->in && i < f->in->column_n) {
		*out = f->in->columns[i];
		return 0;
	}
	struct sp_vec outer;
	if (!f->up)
		return sp_fail(&p->run->err, SP_E_UNSERVED, "", "", "There is no column %zu where an expression reads it.", i);
	if (column(p, x, i, f->up, &outer))
		return 1;
	*out = sp_vec_pick(p->run->batch, &outer, f->rows, f->n);
	return 0;
}

static bool is_null_value(const struct sp_vec *v)
{
	return v->one && sp_null_at(v, 0);
}

/* A function that is written for a row, over all. */
static int call_rows(struct sp_program *p, struct sp_node *x, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	const struct sp_function *fn = x->e->fn;
	const bool nulls = fn->flags & SP_F_NULLS;
	struct sp_value few[ARGS_ON_STACK], *v = x->kid_n > ARGS_ON_STACK ? arena_alloc(p->run->batch, x->kid_n * sizeof(*v)) : few;
	struct sp_out o;
	sp_out_make(&o, p->run->batch, x->e->type, n);
	for (size_t i = 0; i < x->kid_n; i++)
		v[i] = args[i].one ? sp_get(&args[i], 0) : SP_NULL_VALUE;
	for (size_t r = 0; r < n; r++) {
		bool null = false;
		for (size_t i = 0; i < x->kid_n; i++) {
			if (args[i].one)
				continue;
			v[i] = sp_get(&args[i], r);
			null |= v[i].null;
		}
		struct sp_value made = { 0 };
		if (null && !nulls) {
			sp_out_null(&o, r);
			continue;
		}
		if (fn->row(&x->call, v, &made) || ((r & 255) == 255 && sp_run_check(p->run, 256)))
			return 1;
		if (made.null)
			sp_out_null(&o, r);
		else
			sp_out_put(&o, r, &made);
	}
	*out = o.v;
	return 0;
}

static int call(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out)
{
	struct sp_vec few[ARGS_ON_STACK], *args = x->kid_n > ARGS_ON_STACK ? arena_alloc(p->run->batch, x->kid_n * sizeof(*args)) : few;
	const struct sp_function *fn = x->e->fn;
	bool one = !(fn->flags & SP_F_VOLATILE), null = false;
	/* Beside a NULL nothing is looked at: what would fail there doesn't. */
	for (size_t i = 0; i < x->kid_n && p->run->cx->ansi && !(fn->flags & SP_F_NULLS); i++) {
		const struct sp_expr *e = x->kids[i]->e;
		while (e->op == SP_CAST)
			e = e->args[0];
		if (e->op == SP_CONST && e->value.null) {
			*out = sp_vec_one(p->run->batch, x->e->type, &e->value, f->n);
			return 0;
		}
	}
	for (size_t i = 0; i < x->kid_n; i++) {
		if (x->kids[i]->e->op == SP_LAMBDA) {
			args[i] = (struct sp_vec){ .type = &sp_types[SP_VOID], .n = f->n, .one = true };
			one = false;
			continue;
		}
		if (sp_node_eval(p, x->kids[i], f, &args[i]))
			return 1;
		one &= args[i].one;
		null |= is_null_value(&args[i]);
	}
	size_t n = one && f->n ? 1 : f->n;
	for (size_t i = 0; i < x->kid_n; i++)
		args[i].n = n;
	if (null && !(fn->flags & SP_F_NULLS)) {
		struct sp_value nothing = SP_NULL_VALUE;
		*out = sp_vec_one(p->run->batch, x->e->type, &nothing, f->n);
		return 0;
	}
	struct sp_scope *before = p->frame;
	for (struct sp_scope *g = f; g; g = g->up)
		x->call.in = g->in;
	p->frame = f;
	int rc = fn->vec ? fn->vec(&x->call, args, n, out)
	       : fn->row ? call_rows(p, x, args, n, out)
			 : sp_fail(&p->run->err, SP_E_UNSERVED, "", "", "The function %s can't be called here.", fn->name);
	p->frame = before;
	if (rc)
		return p->run->err.set ? 1 : sp_fail(&p->run->err, SP_E_UNSERVED, "", "", "The function %s failed.", fn->name);
	out->type = x->e->type;
	out->one |= n != f->n;
	out->n = f->n;
	return sp_run_check(p->run, n);
}

static int cast(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out)
{
	struct sp_vec from;
	if (sp_node_eval(p, x->kids[0], f, &from))
		return 1;
	from.n = from.one && f->n ? 1 : f->n;
	from.dict_n = 0; /* entries that no row has mustn't fail */
	if (sp_cast_expr(p->run, x->e, &from, out))
		return 1;
	out->type = x->e->type;
	out->one |= from.n != f->n;
	out->n = f->n;
	return sp_run_check(p->run, from.n);
}

static int fresh(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out)
{
	struct sp_value v;
	switch (x->e->op) {
	case SP_CONST:
		*out = sp_vec_one(p->run->keep, x->e->type, &x->e->value, f->n);
		return 0;
	case SP_COLUMN:
		return column(p, x, x->e->column, f, out);
	case SP_CALL:
		return call(p, x, f, out);
	case SP_CAST:
		return cast(p, x, f, out);
	case SP_AND:
	case SP_OR:
		return sp_node_logic(p, x, f, out);
	case SP_CASE:
		return sp_node_case(p, x, f, out);
	case SP_COALESCE:
		return sp_node_coalesce(p, x, f, out);
	case SP_SUBQUERY:
		if (!p->run->subquery)
			return sp_fail(&p->run->err, SP_E_UNSERVED, "", "", "A subquery can't stand here.");
		if (p->run->subquery(p->run, x->e, &v))
			return 1;
		*out = sp_vec_one(p->run->keep, x->e->type, &v, f->n);
		return 0;
	case SP_LAMBDA:
		break;
	}
	return sp_fail(&p->run->err, SP_E_UNSERVED, "", "", "A lambda can't stand here.");
}

static int constant(struct sp_program *p, struct sp_node *x, size_t n, struct sp_vec *out)
{
	if (!x->known) {
		struct sp_scope f = { .n = 1, .stamp = ++p->stamp };
		if (fresh(p, x, &f, &x->v))
			return 1;
		if (x->e->op != SP_CONST && x->e->op != SP_SUBQUERY) {
			struct sp_value v = sp_get(&x->v, 0);
			if (sp_run_room(p->run, x->e->type, &v))
				return 1;
			v = sp_value_dup(p->run->keep, x->e->type, v);
			x->v = sp_vec_one(p->run->keep, x->e->type, &v, 1);
		}
		x->known = true;
	}
	*out = x->v;
	out->n = n;
	return 0;
}

static struct sp_memo *memo_of(struct sp_program *p, struct sp_node *x, const struct sp_vec *dict)
{
	for (struct sp_memo **at = &x->memos, *m; (m = *at); at = &m->next) {
		if (m->p != dict->p || m->null != dict->null || m->dict_n != dict->dict_n)
			continue;
		*at = m->next;
		m->next = x->memos;
		return x->memos = m;
	}
	struct sp_memo *m = arena_alloc(p->run->keep, sizeof(*m));
	*m = (struct sp_memo){ .p = dict->p, .null = dict->null, .dict_n = dict->dict_n, .next = x->memos };
	m->done = arena_alloc(p->run->keep, dict->dict_n);
	sp_out_make(&m->out, p->run->keep, x->e->type, dict->dict_n);
	return x->memos = m;
}

/* Over the entries of a dictionary that rows of f have and that aren't made yet; then f's rows are codes into what was made. */
static int by_entry(struct sp_program *p, struct sp_node *x, const struct sp_vec *dict, struct sp_scope *f, struct sp_vec *out)
{
	struct sp_memo *m = memo_of(p, x, dict);
	uint32_t *entries = NULL;
	size_t n = 0;
	if (m->done_n < m->dict_n) {
		entries = arena_alloc(p->run->batch, (f->n < m->dict_n ? f->n : m->dict_n) * sizeof(*entries));
		for (size_t r = 0; r < f->n; r++) {
			uint32_t c = dict->code[r];
			if (!m->done[c]) {
				m->done[c] = 1;
				entries[n++] = c;
			}
		}
	}
	if (n) {
		struct sp_vec picked = *dict, made;
		picked.dict_n = 0;
		picked.code = entries;
		picked.n = n;
		struct sp_scope g = { .n = n, .stamp = ++p->stamp, .more = &picked, .first = (size_t)x->column, .more_n = 1 };
		if (fresh(p, x, &g, &made)) {
			for (size_t i = 0; i < n; i++)
				m->done[entries[i]] = 0;
			return 1;
		}
		for (size_t i = 0; i < n; i++) {
			struct sp_value v = sp_get(&made, i);
			if (sp_run_room(p->run, x->e->type, &v))
				return 1;
			v = sp_value_dup(p->run->keep, x->e->type, v);
			if (v.null)
				sp_out_null(&m->out, entries[i]);
			else
				sp_out_put(&m->out, entries[i], &v);
		}
		m->done_n += n;
	}
	*out = m->out.v;
	out->type = x->e->type;
	out->n = f->n;
	out->code = dict->code;
	out->lasting = true;
	if (sp_phys_of(x->e->type) == SP_STR) {
		out->dict_n = m->dict_n;
		out->lazy = true;
		return 0;
	}
	/* Numbers are as short as codes. */
	*out = sp_vec_flat(p->run->batch, out);
	out->lasting = true;
	return 0;
}

int sp_node_eval(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out)
{
	if (x->constant)
		return constant(p, x, f->n, out);
	if (known(p, x, f, out))
		return 0;
	struct sp_vec dict = { 0 };
	if (x->column >= 0 && x->e->op != SP_COLUMN && x->pure && column(p, x, (size_t)x->column, f, &dict))
		return 1;
	bool each = dict.dict_n && dict.dict_n <= MEMO_DICT_MAX && dict.code && !dict.one;
	if (each ? by_entry(p, x, &dict, f, out) : fresh(p, x, f, out))
		return 1;
	x->v = *out;
	x->stamp = f->stamp;
	return 0;
}
