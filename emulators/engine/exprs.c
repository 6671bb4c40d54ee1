/* Looking at expressions and rewriting them. */
#include "engine/op.h"

void sp_conjuncts(struct arena *a, struct sp_expr *e, struct sp_expr ***list, size_t *n, size_t *cap)
{
	if (!e)
		return;
	if (e->op == SP_AND) {
		for (size_t i = 0; i < e->arg_n; i++)
			sp_conjuncts(a, e->args[i], list, n, cap);
		return;
	}
	ARENA_GROW(a, *list, *n, *cap);
	(*list)[(*n)++] = e;
}

struct sp_expr *sp_conjunction(struct arena *a, struct sp_expr *const *list, size_t n)
{
	if (n < 2)
		return n ? list[0] : NULL;
	struct sp_expr *e = arena_alloc(a, sizeof(*e));
	*e = (struct sp_expr){ .op = SP_AND, .type = &sp_types[SP_BOOLEAN], .arg_n = n, .from = list[0]->from, .to = list[n - 1]->to };
	e->args = arena_alloc(a, n * sizeof(struct sp_expr *));
	for (size_t i = 0; i < n; i++) {
		e->args[i] = list[i];
		e->nullable |= list[i]->nullable;
	}
	return e;
}

struct sp_expr *sp_expr_shift(struct arena *a, const struct sp_expr *e, ptrdiff_t delta)
{
	struct sp_expr *copy = arena_alloc(a, sizeof(*copy));
	*copy = *e;
	if (e->op == SP_COLUMN || e->op == SP_LAMBDA)
		copy->column = (size_t)((ptrdiff_t)e->column + delta);
	copy->args = arena_alloc(a, (e->arg_n + 1) * sizeof(struct sp_expr *));
	for (size_t i = 0; i < e->arg_n; i++)
		copy->args[i] = sp_expr_shift(a, e->args[i], delta);
	return copy;
}

/* Columns from `end` on are parameters of lambdas around. */
static void columns(const struct sp_expr *e, size_t end, void (*fn)(void *arg, size_t column), void *arg)
{
	if (e->op == SP_COLUMN && e->column < end)
		fn(arg, e->column);
	if (e->op == SP_LAMBDA && e->column < end)
		end = e->column;
	for (size_t i = 0; i < e->arg_n; i++)
		columns(e->args[i], end, fn, arg);
}

void sp_expr_columns(const struct sp_expr *e, void (*fn)(void *arg, size_t column), void *arg)
{
	columns(e, SIZE_MAX, fn, arg);
}

struct within {
	size_t from, to;
	bool is;
};

static void within(void *arg, size_t column)
{
	struct within *w = arg;
	w->is &= column >= w->from && column < w->to;
}

bool sp_expr_within(const struct sp_expr *e, size_t from, size_t to)
{
	struct within w = { from, to, true };
	sp_expr_columns(e, within, &w);
	return w.is;
}

bool sp_expr_volatile(const struct sp_expr *e)
{
	if (e->op == SP_CALL && e->fn->flags & SP_F_VOLATILE)
		return true;
	for (size_t i = 0; i < e->arg_n; i++)
		if (sp_expr_volatile(e->args[i]))
			return true;
	return false;
}

static struct sp_expr *replace(struct arena *a, struct sp_expr *e, struct sp_expr *const *exprs, size_t n, size_t end)
{
	if (e->op == SP_COLUMN)
		return e->column >= end ? e : e->column < n ? exprs[e->column] : NULL;
	if (e->arg_n == 0)
		return e;
	/* A lambda's parameters are counted behind the input's columns, of which there may be others now. */
	if (e->op == SP_LAMBDA)
		return NULL;
	struct sp_expr *copy = arena_alloc(a, sizeof(*copy));
	*copy = *e;
	copy->args = arena_alloc(a, e->arg_n * sizeof(struct sp_expr *));
	for (size_t i = 0; i < e->arg_n; i++)
		if (!(copy->args[i] = replace(a, e->args[i], exprs, n, end)))
			return NULL;
	return copy;
}

struct sp_expr *sp_expr_replace(struct arena *a, struct sp_expr *e, struct sp_expr *const *exprs, size_t n)
{
	return replace(a, e, exprs, n, SIZE_MAX);
}

bool sp_expr_harmless(const struct sp_expr *e, const struct sp_context *cx)
{
	static const char *const never[] = { "raise_error", "assert_true" };
	static const char *const always[] = { "=", "<=>", "<", "<=", ">", ">=", "!=", "not", "isnull", "isnotnull", "in", "like", "ilike", "length",
					      "upper", "lower", "trim", "startswith", "endswith", "contains", "year", "month", "isnan" };
	bool is = true;
	if (e->op == SP_SUBQUERY || (e->op == SP_CAST && (e->cast == SP_CAST_ANSI || (cx->ansi && e->cast == SP_CAST_SESSION))))
		return false;
	if (e->op == SP_CALL && e->fn->flags & SP_F_VOLATILE)
		return false;
	if (e->op == SP_CALL && cx->ansi) {
		is = false;
		for (size_t i = 0; i < ARRAY_LEN(always) && !is; i++)
			is = strcmp(e->fn->name, always[i]) == 0;
	} else if (e->op == SP_CALL) {
		for (size_t i = 0; i < ARRAY_LEN(never) && is; i++)
			is = strcmp(e->fn->name, never[i]) != 0;
	}
	for (size_t i = 0; i < e->arg_n && is; i++)
		is = sp_expr_harmless(e->args[i], cx);
	return is;
}
