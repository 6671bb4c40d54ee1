/* Programs: trees of expressions made into nodes, of which equal ones are one, and what is asked of them. */
#include "spark/program.h"

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t hash_of(const struct sp_node *x)
{
	uint64_t h = mix(x->e->op, (uint64_t)(uintptr_t)x->e->fn);
	h = mix(h, x->e->type->kind);
	h = mix(h, x->e->column);
	if (x->e->op == SP_CONST)
		h = mix(h, x->e->value.null ? 1 : (uint64_t)x->e->value.i);
	for (size_t i = 0; i < x->kid_n; i++)
		h = mix(h, x->kids[i]->hash);
	return h;
}

static bool same_type(const struct sp_type *a, const struct sp_type *b)
{
	return a == b || (a->kind == b->kind && a->precision == b->precision && a->scale == b->scale && sp_type_eq(a, b));
}

static bool same_value(const struct sp_type *t, const struct sp_value *a, const struct sp_value *b)
{
	if (a->null || b->null)
		return a->null == b->null;
	switch (sp_phys_of(t)) {
	case SP_STR:
		return sl_eq(a->s, b->s);
	case SP_X128:
		return a->x.lo == b->x.lo && a->x.hi == b->x.hi;
	case SP_CAL:
		return a->c.months == b->c.months && a->c.days == b->c.days && a->c.us == b->c.us;
	default:
		return a->i == b->i; /* doubles by their bits, lists by address */
	}
}

static bool same(const struct sp_node *a, const struct sp_node *b)
{
	const struct sp_expr *x = a->e, *y = b->e;
	if (x == y)
		return true;
	if (x->op != y->op || x->fn != y->fn || x->given != y->given || x->column != y->column || x->cast != y->cast || x->plan != y->plan ||
	    x->params != y->params || a->kid_n != b->kid_n || !a->pure || !same_type(x->type, y->type))
		return false;
	if (x->op == SP_CONST && !same_value(x->type, &x->value, &y->value))
		return false;
	for (size_t i = 0; i < a->kid_n; i++)
		if (a->kids[i] != b->kids[i])
			return false;
	return true;
}

/* Functions that can't fail and cost little, whatever their arguments; arithmetic only without ANSI. */
static bool is_safe(const struct sp_expr *e, const struct sp_context *cx)
{
	static const char *const always[] = { "=", "<=>", "<", "<=", ">", ">=", "!=", "not", "isnull", "isnotnull", "in" };
	static const char *const unless_ansi[] = { "+", "-", "*", "/", "%", "div", "negative", "positive", "&", "|", "^", "~" };
	const char *name = e->fn->name;
	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (strcmp(name, always[i]) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(unless_ansi) && !cx->ansi; i++)
		if (strcmp(name, unless_ansi[i]) == 0)
			return true;
	return false;
}

static void describe(struct sp_program *p, struct sp_node *x)
{
	const struct sp_expr *e = x->e;
	x->pure = !(e->op == SP_CALL && e->fn->flags & SP_F_VOLATILE);
	x->column = e->op == SP_COLUMN ? (ssize_t)e->column : SP_NO_COLUMN;
	x->constant = e->op != SP_COLUMN && e->op != SP_LAMBDA && x->pure;
	switch (e->op) {
	case SP_CALL:
		x->safe = is_safe(e, p->run->cx);
		break;
	case SP_CONST:
	case SP_COLUMN:
	case SP_AND:
	case SP_OR:
		x->safe = true;
		break;
	default:
		x->safe = false;
	}
	for (size_t i = 0; i < x->kid_n; i++) {
		const struct sp_node *k = x->kids[i];
		x->pure &= k->pure;
		x->safe &= k->safe;
		x->constant &= k->constant;
		if (k->column != SP_NO_COLUMN && x->column != k->column)
			x->column = x->column == SP_NO_COLUMN ? k->column : SP_MANY_COLUMNS;
	}
	/* What has a lambda is made for each row: its body's columns are of two kinds. */
	if (e->op == SP_LAMBDA) {
		x->column = SP_MANY_COLUMNS;
		x->constant = x->safe = false;
	}
	x->constant &= x->pure;
}

static void table_put(struct sp_program *p, struct sp_node *x)
{
	if (p->node_n * 2 >= p->table_n) {
		struct sp_node **old = p->table;
		size_t old_n = p->table_n;
		p->table_n = old_n ? old_n * 2 : 64;
		p->table = arena_alloc(&p->own, p->table_n * sizeof(*p->table));
		for (size_t i = 0; i < old_n; i++) {
			for (struct sp_node *y = old[i], *next; y; y = next) {
				next = y->chain;
				y->chain = p->table[y->hash & (p->table_n - 1)];
				p->table[y->hash & (p->table_n - 1)] = y;
			}
		}
	}
	x->chain = p->table[x->hash & (p->table_n - 1)];
	p->table[x->hash & (p->table_n - 1)] = x;
	p->node_n++;
}

static struct sp_node *node_of(struct sp_program *p, const struct sp_expr *e)
{
	struct sp_node x = { .e = e, .kid_n = e->arg_n };
	x.kids = arena_alloc(&p->own, (e->arg_n ? e->arg_n : 1) * sizeof(struct sp_node *));
	for (size_t i = 0; i < e->arg_n; i++)
		x.kids[i] = node_of(p, e->args[i]);
	describe(p, &x);
	x.hash = hash_of(&x);
	for (struct sp_node *y = p->table_n && x.pure ? p->table[x.hash & (p->table_n - 1)] : NULL; y; y = y->chain)
		if (y->hash == x.hash && same(&x, y))
			return y;
	struct sp_node *made = arena_alloc(&p->own, sizeof(*made));
	*made = x;
	made->call = (struct sp_call){ .run = p->run, .e = e, .program = p };
	if (e->op == SP_CALL && e->fn->state_size) {
		made->call.state = arena_alloc(p->run->keep, e->fn->state_size);
		ARENA_GROW(&p->own, p->with_state, p->state_n, p->state_cap);
		p->with_state[p->state_n++] = made;
	}
	table_put(p, made);
	return made;
}

struct sp_program *sp_program_new(struct sp_run *r, struct sp_expr *const *exprs, size_t n)
{
	struct sp_program *p = xcalloc(1, sizeof(*p));
	p->run = r;
	p->roots = arena_alloc(&p->own, (n ? n : 1) * sizeof(struct sp_node *));
	p->root_n = n;
	for (size_t i = 0; i < n; i++)
		p->roots[i] = node_of(p, exprs[i]);
	return p;
}

void sp_program_free(struct sp_program *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->state_n; i++)
		if (p->with_state[i]->e->fn->state_free)
			p->with_state[i]->e->fn->state_free(p->with_state[i]->call.state);
	arena_free(&p->own);
	free(p);
}

static struct sp_scope outermost(struct sp_program *p, const struct sp_batch *in)
{
	return (struct sp_scope){ .n = in->n, .stamp = ++p->stamp, .in = in };
}

int sp_eval(struct sp_program *p, size_t i, const struct sp_batch *in, struct sp_vec *out)
{
	struct sp_scope f = outermost(p, in);
	return sp_node_eval(p, p->roots[i], &f, out);
}

int sp_eval_all(struct sp_program *p, const struct sp_batch *in, struct sp_vec *out)
{
	struct sp_scope f = outermost(p, in);
	for (size_t i = 0; i < p->root_n; i++)
		if (sp_node_eval(p, p->roots[i], &f, &out[i]))
			return 1;
	return 0;
}

int sp_eval_filter(struct sp_program *p, size_t i, const struct sp_batch *in, uint32_t *rows, size_t *n)
{
	struct sp_scope f = outermost(p, in);
	return sp_node_filter(p, p->roots[i], &f, rows, n);
}

int sp_eval_lambda(struct sp_call *c, const struct sp_expr *e, const uint32_t *rows, size_t n, const struct sp_vec *params,
		   struct sp_vec *out)
{
	struct sp_node *x = (struct sp_node *)c;
	struct sp_program *p = c->program;
	struct sp_node *lambda = NULL;
	for (size_t i = 0; i < x->kid_n && !lambda; i++)
		if (x->e->args[i] == e)
			lambda = x->kids[i];
	if (!lambda)
		return sp_fail(&c->run->err, SP_E_UNSERVED, "", "", "A lambda that isn't an argument of its call.");
	struct sp_scope f = sp_scope_of(p, p->frame, rows, n);
	f.more = params;
	f.first = e->column;
	f.more_n = e->params;
	return sp_node_eval(p, lambda->kids[0], &f, out);
}

int sp_eval_const(struct sp_run *r, const struct sp_expr *e, struct sp_value *out)
{
	struct arena scratch = { 0 }, *before = r->batch;
	struct sp_expr *const one[] = { (struct sp_expr *)(uintptr_t)e };
	struct sp_batch in = { .n = 1 };
	struct sp_vec v;
	r->batch = &scratch;
	struct sp_program *p = sp_program_new(r, one, 1);
	int rc = sp_eval(p, 0, &in, &v);
	if (!rc) {
		struct sp_value made = sp_get(&v, 0);
		rc = sp_run_room(r, e->type, &made);
		if (!rc)
			*out = sp_value_dup(r->keep, e->type, made);
	}
	sp_program_free(p);
	r->batch = before;
	arena_free(&scratch);
	return rc;
}
