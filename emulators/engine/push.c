/* Conditions go down to where the rows come from: through projections, joins, unions, groups. What could raise an error for a row that
 * wouldn't have come so far, or is of chance, stays where it is. */
#include "engine/optimize.h"

struct conds {
	struct sp_expr **e;
	size_t n, cap;
};

static void add(struct sp_optimizer *o, struct conds *c, struct sp_expr *e)
{
	sp_conjuncts(o->arena, e, &c->e, &c->n, &c->cap);
}

struct sp_plan *sp_plan_node(struct arena *a, enum sp_plan_kind kind, struct sp_plan *in)
{
	struct sp_plan *p = arena_alloc(a, sizeof(*p));
	p->kind = kind;
	p->in = arena_alloc(a, sizeof(struct sp_plan *));
	p->in[0] = in;
	p->in_n = 1;
	p->columns = in->columns;
	p->column_n = in->column_n;
	p->limit = -1;
	return p;
}

static struct sp_plan *filtered(struct sp_optimizer *o, struct sp_plan *p, const struct conds *c)
{
	if (c->n == 0)
		return p;
	struct sp_plan *f = sp_plan_node(o->arena, SP_P_FILTER, p);
	f->condition = sp_conjunction(o->arena, c->e, c->n);
	if (p->kind == SP_P_SCAN)
		p->pushed = f->condition;
	return f;
}

static struct sp_plan *push(struct sp_optimizer *o, struct sp_plan *p, struct conds *c);

/* Pushes down what of c reads only columns of in, said in its words: exprs[i] for column i (NULL: can't). The rest is left in c. */
static void take_down(struct sp_optimizer *o, struct conds *c, struct sp_expr *const *exprs, size_t n, struct conds *down)
{
	size_t left = 0;
	for (size_t i = 0; i < c->n; i++) {
		struct sp_expr *e = sp_expr_harmless(c->e[i], o->cx) && !sp_expr_within(c->e[i], 0, 0) ? sp_expr_replace(o->arena, c->e[i], exprs, n) : NULL;
		if (e)
			add(o, down, e);
		else
			c->e[left++] = c->e[i];
	}
	c->n = left;
}

static struct sp_expr *column(struct sp_optimizer *o, const struct sp_plan *p, size_t i)
{
	struct sp_expr *e = arena_alloc(o->arena, sizeof(*e));
	*e = (struct sp_expr){ .op = SP_COLUMN, .type = p->columns[i].type, .nullable = p->columns[i].nullable, .column = i };
	return e;
}

static struct sp_expr **names(struct sp_optimizer *o, size_t n)
{
	return arena_alloc(o->arena, (n + 1) * sizeof(struct sp_expr *));
}

static struct sp_plan *push_project(struct sp_optimizer *o, struct sp_plan *p, struct conds *c)
{
	struct sp_expr **as = names(o, p->expr_n);
	struct conds down = { 0 };
	bool chance = false;
	for (size_t i = 0; i < p->expr_n; i++) {
		chance |= sp_expr_volatile(p->exprs[i]);
		if (p->exprs[i]->op == SP_COLUMN || p->exprs[i]->op == SP_CONST)
			as[i] = p->exprs[i];
	}
	if (!chance)
		take_down(o, c, as, p->expr_n, &down);
	p->in[0] = push(o, p->in[0], &down);
	return filtered(o, p, c);
}

/* Whether e isn't true for a row whose columns from..to-1 are all NULL. */
static bool refuses_nulls(const struct sp_expr *e, size_t from, size_t to)
{
	static const char *const strict[] = { "=", "<", "<=", ">", ">=", "!=", "isnotnull", "like" };
	bool is = false;
	for (size_t i = 0; i < ARRAY_LEN(strict) && e->op == SP_CALL && !is; i++)
		is = strcmp(e->fn->name, strict[i]) == 0;
	if (!is)
		return false;
	for (size_t i = 0; i < e->arg_n; i++) {
		const struct sp_expr *x = e->args[i];
		while (x->op == SP_CAST)
			x = x->args[0];
		if (x->op == SP_COLUMN && x->column >= from && x->column < to)
			return true;
	}
	return false;
}

static void inner_if_refused(struct sp_plan *p, const struct conds *c)
{
	const size_t left_n = p->in[0]->column_n, all = left_n + p->in[1]->column_n;
	bool left = false, right = false;
	for (size_t i = 0; i < c->n; i++) {
		left |= refuses_nulls(c->e[i], 0, left_n);
		right |= refuses_nulls(c->e[i], left_n, all);
	}
	if (p->join == SP_J_FULL)
		p->join = left && right ? SP_J_INNER : left ? SP_J_LEFT : right ? SP_J_RIGHT : SP_J_FULL;
	else if ((p->join == SP_J_LEFT && right) || (p->join == SP_J_RIGHT && left))
		p->join = SP_J_INNER;
}

static struct sp_plan *push_join(struct sp_optimizer *o, struct sp_plan *p, struct conds *c)
{
	inner_if_refused(p, c);
	const size_t left_n = p->in[0]->column_n, right_n = p->in[1]->column_n, all = left_n + right_n;
	const enum sp_join j = p->join;
	const bool inner = j == SP_J_INNER || j == SP_J_CROSS, both = sp_join_both(j);
	struct sp_expr **as_left = names(o, all), **as_right = names(o, all);
	struct conds on = { 0 }, left = { 0 }, right = { 0 };
	for (size_t i = 0; i < left_n; i++)
		as_left[i] = column(o, p->in[0], i);
	for (size_t i = 0; i < right_n; i++)
		as_right[left_n + i] = column(o, p->in[1], i);
	/* From above: to the side whose rows all stay. */
	if (j != SP_J_RIGHT && j != SP_J_FULL)
		take_down(o, c, as_left, left_n, &left);
	if (inner || j == SP_J_RIGHT)
		take_down(o, c, as_right, all, &right);
	add(o, &on, p->condition);
	if (inner) {
		/* What is left speaks of both, and is the join's; what may fail comes after what was there. */
		size_t kept = 0;
		for (size_t i = 0; i < c->n; i++) {
			if (both && sp_expr_harmless(c->e[i], o->cx) && !sp_expr_within(c->e[i], 0, 0))
				add(o, &on, c->e[i]);
			else
				c->e[kept++] = c->e[i];
		}
		c->n = kept;
	}
	/* Of its own condition: to the side whose rows needn't stay. */
	if (inner || j == SP_J_RIGHT || j == SP_J_SEMI)
		take_down(o, &on, as_left, left_n, &left);
	if (inner || (j != SP_J_RIGHT && j != SP_J_FULL && j != SP_J_ANTI_NULL))
		take_down(o, &on, as_right, all, &right);
	p->condition = sp_conjunction(o->arena, on.e, on.n);
	p->join = j == SP_J_CROSS && on.n ? SP_J_INNER : j;
	p->in[0] = push(o, p->in[0], &left);
	p->in[1] = push(o, p->in[1], &right);
	return filtered(o, p, c);
}

/* Through what keeps rows of a group, a partition, an input whole: conditions over columns of the input that are as[i]. */
static struct sp_plan *push_through(struct sp_optimizer *o, struct sp_plan *p, struct conds *c, struct sp_expr *const *as, size_t n)
{
	struct conds down = { 0 };
	take_down(o, c, as, n, &down);
	p->in[0] = push(o, p->in[0], &down);
	for (size_t i = 1; i < p->in_n; i++) {
		struct conds none = { 0 };
		p->in[i] = push(o, p->in[i], &none);
	}
	return filtered(o, p, c);
}

static struct sp_plan *push_union(struct sp_optimizer *o, struct sp_plan *p, struct conds *c)
{
	struct conds stay = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (sp_expr_harmless(c->e[i], o->cx))
			c->e[n++] = c->e[i];
		else
			add(o, &stay, c->e[i]);
	}
	for (size_t i = 0; i < p->in_n; i++) {
		struct conds mine = { 0 };
		for (size_t j = 0; j < n; j++)
			add(o, &mine, c->e[j]);
		p->in[i] = push(o, p->in[i], &mine);
	}
	return filtered(o, p, &stay);
}

static struct sp_plan *push(struct sp_optimizer *o, struct sp_plan *p, struct conds *c)
{
	struct sp_expr **as = names(o, p->column_n);
	const size_t in_n = p->in_n ? p->in[0]->column_n : 0;
	struct conds own = { 0 };
	switch (p->kind) {
	case SP_P_FILTER:
		add(o, &own, p->condition);
		for (size_t i = 0; i < c->n; i++)
			add(o, &own, c->e[i]);
		return push(o, p->in[0], &own);
	case SP_P_PROJECT:
		return push_project(o, p, c);
	case SP_P_JOIN:
		return push_join(o, p, c);
	case SP_P_UNION:
		return push_union(o, p, c);
	case SP_P_AGGREGATE:
		for (size_t i = 0; i < p->group_n; i++)
			as[i] = p->groups[i]->op == SP_COLUMN ? p->groups[i] : NULL;
		return push_through(o, p, c, as, p->group_n);
	case SP_P_WINDOW:
		for (size_t i = 0; i < p->partition_n; i++)
			if (p->partition[i]->op == SP_COLUMN)
				as[p->partition[i]->column] = p->partition[i];
		return push_through(o, p, c, as, in_n);
	case SP_P_SORT:
	case SP_P_DISTINCT:
	case SP_P_SETOP:
	case SP_P_GENERATE:
	case SP_P_APPLY:
		for (size_t i = 0; i < in_n && !(p->kind == SP_P_SORT && p->limit > 0); i++)
			as[i] = column(o, p->in[0], i);
		return push_through(o, p, c, as, in_n);
	case SP_P_LIMIT:
	case SP_P_SAMPLE:
	case SP_P_EXPAND:
		return push_through(o, p, c, as, 0);
	case SP_P_ROWS:
	case SP_P_RANGE:
	case SP_P_SCAN:
	case SP_P_SHARED:
	case SP_P_OUTER:
		break;
	}
	return filtered(o, p, c);
}

struct sp_plan *sp_push_filters(struct sp_optimizer *o, struct sp_plan *p)
{
	struct conds none = { 0 };
	return push(o, p, &none);
}
