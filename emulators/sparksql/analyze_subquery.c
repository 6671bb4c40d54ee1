/* Subqueries: scalar, EXISTS, IN. Those that read nothing of the query around are values or joins; the others are joins on what they are
 * correlated by, or an APPLY where no join says it. */
#include "sparksql/analyze_subquery.h"

/* ---- a subquery in an expression ---- */
static struct sp_expr *refuse(struct sp_an *an, const struct sp_ex *ex, const char *class, const char *state, const char *fmt, ...) PRINTF_LIKE(5, 6);
static struct sp_expr *refuse(struct sp_an *an, const struct sp_ex *ex, const char *class, const char *state, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	sp_an_fail_at(an, ex->at, ex->end, class, state, "%s", buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

static struct sp_expr *lengths_differ(struct sp_an *an, const struct sp_ex *ex, struct sp_expr *e, const struct sp_sub *sub)
{
	struct buf l = { 0 }, r = { 0 };
	size_t i;
	for (i = 0; i < sub->values; i++)
		buf_addf(&l, "%s\"%.*s\"", i ? ", " : "", SL(sp_an_shown(an, e->args[i])));
	for (i = 0; i < sub->inner.n; i++)
		buf_addf(&r, "%s\"%.*s\"", i ? ", " : "", SL(sub->inner.attrs[i].name));
	refuse(an, ex, "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH", "42K09",
	       "Cannot resolve \"%.*s\" due to data type mismatch: The number of columns in the left hand side of an IN subquery does not match the number of columns in "
	       "the output of subquery. Left hand side columns(length: %zu): [%s], right hand side columns(length: %zu): [%s].", SL(sp_an_shown(an, e)), sub->values,
	       buf_cstr(&l), sub->inner.n, buf_cstr(&r));
	buf_free(&l);
	buf_free(&r);
	return NULL;
}

static int left_side(struct sp_env *env, const struct sp_ex *ex, struct sp_sub *sub, struct sp_expr *e)
{
	const struct sp_ex *a = ex->in.a;
	const struct sp_exs *list = a->kind == SP_EX_ROW ? &a->list : &(struct sp_exs){ .v = (struct sp_ex **)&ex->in.a, .n = 1 };
	uint32_t i;
	e->args = SP_NEWS(env->an, struct sp_expr *, list->n + 1);
	for (i = 0; i < list->n; i++)
		if (!(e->args[e->arg_n++] = sp_an_expr(env, list->v[i])))
			return 1;
	sub->values = list->n;
	return 0;
}

struct sp_expr *sp_an_subquery(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_an *an = env->an;
	struct sp_sub *sub = SP_NEW(an, struct sp_sub);
	struct sp_expr *e = sp_an_placed(sp_an_expr_new(an, SP_SUBQUERY, &sp_types[SP_BOOLEAN], true, 0), ex);
	struct sp_scope_in in = { .outer = env, .sub = sub, .sub_expr = e, .ctes = env->ctes };
	const struct sp_query *q = ex->kind == SP_EX_IN ? ex->in.query : ex->query;
	sub->kind = ex->kind == SP_EX_IN ? SP_SUB_IN : ex->kind == SP_EX_EXISTS ? SP_SUB_EXISTS : SP_SUB_SCALAR;
	e->plan = (struct sp_plan *)sub;
	env->any_sub = true;
	if ((sub->kind == SP_SUB_IN && left_side(env, ex, sub, e)) || sp_an_query(an, q, &in, &sub->inner))
		return NULL;
	if (sub->kind == SP_SUB_SCALAR && sub->inner.n != 1)
		return refuse(an, ex, "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN", "42823",
			      "Invalid subquery: Scalar subquery must return only one column, but got %zu.", sub->inner.n);
	if (sub->kind == SP_SUB_IN && sub->inner.n != sub->values)
		return lengths_differ(an, ex, e, sub);
	if (sub->kind == SP_SUB_SCALAR)
		e->type = sub->inner.attrs[0].type;
	else
		e->nullable = sub->kind == SP_SUB_IN;
	return e;
}

/* ---- into the plan ---- */
static struct sp_sub *sub_of(const struct sp_expr *e)
{
	return e->op == SP_SUBQUERY ? (struct sp_sub *)e->plan : NULL;
}

/* value = column, of each pair. */
static struct sp_expr *in_condition(struct sp_an *an, const struct sp_sub *sub, const struct sp_expr *e)
{
	struct sp_expr *on = NULL;
	size_t i;
	for (i = 0; i < sub->values; i++) {
		struct sp_expr *eq = sp_an_equal(an, e->args[i], sp_an_column(an, &sub->inner.attrs[i]));
		if (!eq)
			return NULL;
		on = sp_an_and(an, on, eq);
	}
	return on;
}

static struct sp_expr *pulled_condition(struct sp_pulled *p, const struct sp_expr *e)
{
	struct sp_expr *on = NULL;
	size_t i;
	for (i = 0; i < p->n; i++) {
		sp_sub_substitute(p->an, p->sub, e, &p->preds[i]);
		on = sp_an_and(p->an, on, p->preds[i]);
	}
	return on;
}

/* The inner plan without outer columns; *on: what ties it to the outer one. NULL: only an APPLY can say it. */
static struct sp_node *uncorrelated(struct sp_an *an, struct sp_sub *sub, const struct sp_expr *e, bool *global, struct sp_expr **on)
{
	struct sp_pulled p = { .an = an, .sub = sub, .exists = sub->kind == SP_SUB_EXISTS };
	struct sp_node *node;
	*on = NULL;
	*global = false;
	if (!sub->outer_n)
		return sub->inner.node;
	node = sp_sub_pull(&p, sub->inner.node);
	if (!node || p.failed)
		return NULL;
	*global = p.global;
	*on = pulled_condition(&p, e);
	return node;
}

/* Plain columns for what an APPLY hands in. */
static struct sp_params *params_of(struct sp_an *an, struct sp_node **node, const struct sp_sub *sub, struct sp_expr *e)
{
	struct sp_params *p = SP_NEW(an, struct sp_params);
	size_t *columns = SP_NEWS(an, size_t, sub->outer_n + 1), i, k;
	for (i = 0; i < sub->outer_n; i++) {
		struct sp_expr **a = &e->args[sub->values + i];
		if ((*a)->op != SP_COLUMN) {
			struct sp_attr attr = { .id = an->next_id++, .name = S("outer"), .type = (*a)->type, .nullable = (*a)->nullable };
			*node = sp_an_extend(an, *node, a, &attr, 1);
			*a = sp_an_column(an, &attr);
		}
		for (k = 0; k < (*node)->p.column_n && (*node)->ids[k] != (*a)->column; k++)
			;
		if (k == (*node)->p.column_n)
			sp_fail(an->err, SP_E_UNSERVED, "", "", "A subquery can't read column %.*s here.", SL((*a)->shown.p ? (*a)->shown : S("?")));
		columns[i] = k;
	}
	p->columns = columns;
	p->n = sub->outer_n;
	p->at = an->params_n++;
	return p;
}

static struct sp_node *apply(struct sp_an *an, struct sp_node *l, struct sp_node *r, struct sp_params *params, bool outer)
{
	struct sp_node *node = sp_an_join(an, outer ? SP_J_LEFT : SP_J_INNER, l, r, NULL);
	node->p.kind = SP_P_APPLY;
	node->p.params = params;
	node->p.outer = outer;
	return node;
}

static struct sp_expr *marker_test(struct sp_an *an, const struct sp_attr *marker, bool there)
{
	struct sp_expr *c = sp_an_column(an, marker);
	return sp_an_call(an, there ? "isnotnull" : "isnull", &sp_types[SP_BOOLEAN], false, 1, &c);
}

/* EXISTS by an APPLY: at most one row, marked. */
static struct sp_expr *exists_by_apply(struct sp_an *an, struct sp_node **node, struct sp_sub *sub, struct sp_expr *e, struct sp_node *inner)
{
	struct sp_attr marker = { .id = an->next_id++, .name = S("there"), .type = &sp_types[SP_BOOLEAN] };
	struct sp_expr *yes = sp_an_bool(an, true);
	struct sp_params *params = params_of(an, node, sub, e);
	inner = sp_sub_with_outer(an, sub, e, params, inner);
	inner = sp_an_project(an, inner, &yes, &marker, 1);
	inner = sp_an_over(an, SP_P_LIMIT, inner);
	inner->p.limit = 1;
	*node = apply(an, *node, inner, params, true);
	marker.nullable = true;
	return marker_test(an, &marker, true);
}

static struct sp_expr *exists(struct sp_an *an, struct sp_node **node, struct sp_sub *sub, struct sp_expr *e, bool not_in)
{
	struct sp_expr *on, *eq = NULL, *column;
	bool global;
	struct sp_node *inner = uncorrelated(an, sub, e, &global, &on);
	if (sub->kind == SP_SUB_IN) {
		eq = in_condition(an, sub, e);
		if (!eq)
			return NULL;
		if (not_in) { /* what may be equal counts, too */
			struct sp_expr *either = sp_an_expr_new(an, SP_OR, &sp_types[SP_BOOLEAN], false, 2);
			either->args[0] = eq;
			either->args[1] = sp_an_call(an, "isnull", &sp_types[SP_BOOLEAN], false, 1, &eq);
			eq = either;
		}
	}
	if (!inner || global) {
		inner = sub->inner.node;
		if (eq) { /* the values come in as outer columns */
			size_t i, m = sub->values;
			struct sp_expr **args = SP_NEWS(an, struct sp_expr *, e->arg_n + 1);
			size_t *ids = SP_NEWS(an, size_t, sub->outer_n + m + 1);
			memcpy(args, e->args, e->arg_n * sizeof(*args));
			memcpy(ids, sub->outer, sub->outer_n * sizeof(*ids));
			for (i = 0; i < m; i++) {
				struct sp_attr a = { .id = an->next_id++, .name = S("value"), .type = e->args[i]->type, .nullable = e->args[i]->nullable };
				args[e->arg_n - m + i] = e->args[i];
				ids[sub->outer_n + i] = a.id;
				e->args[i] = sp_an_column(an, &a);
			}
			eq = in_condition(an, sub, e);
			if (eq && not_in)
				eq = sp_an_call(an, "isnull", &sp_types[SP_BOOLEAN], false, 1, &eq);
			memmove(args, e->args + m, (e->arg_n - m) * sizeof(*args));
			e->args = args;
			sub->outer = ids;
			sub->outer_n += m;
			sub->values = 0;
			if (not_in) {
				sp_fail(an->err, SP_E_UNSERVED, "", "", "This correlated NOT IN is not served.");
				return NULL;
			}
			inner = sp_an_filter(an, inner, eq);
		}
		return exists_by_apply(an, node, sub, e, inner);
	}
	*node = sp_an_join(an, SP_J_EXISTS, *node, inner, sp_an_and(an, on, eq));
	column = sp_an_column(an, &(struct sp_attr){ .id = (*node)->ids[(*node)->p.column_n - 1], .name = S("exists"), .type = &sp_types[SP_BOOLEAN] });
	return column;
}

/* Spark wants a correlated scalar subquery to be an aggregate, so that it has one row. */
static int one_row_at_most(struct sp_an *an, const struct sp_sub *sub, const struct sp_expr *e)
{
	const struct sp_node *node = sub->inner.node;
	while (node->p.kind == SP_P_PROJECT || node->p.kind == SP_P_FILTER || node->p.kind == SP_P_SORT)
		node = sp_an_in(node, 0);
	if (node->p.kind == SP_P_LIMIT)
		return sp_an_fail(an, e, "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED", "0A000",
				  "Unsupported subquery expression: Accessing outer query column is not allowed in this location");
	if (node->p.kind == SP_P_AGGREGATE || (node->p.kind == SP_P_ROWS && node->p.row_n <= 1))
		return 0;
	return sp_an_fail(an, e, "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.MUST_AGGREGATE_CORRELATED_SCALAR_SUBQUERY", "0A000",
			  "Unsupported subquery expression: Correlated scalar subqueries must be aggregated to return at most one row.");
}

static struct sp_expr *scalar(struct sp_an *an, struct sp_node **node, struct sp_sub *sub, struct sp_expr *e)
{
	struct sp_attr value = sub->inner.attrs[0], marker = { .name = S("there"), .type = &sp_types[SP_BOOLEAN] };
	struct sp_expr *on, *empty, *c, *yes;
	bool global;
	struct sp_node *inner;
	if (!sub->outer_n)
		return e;
	if (one_row_at_most(an, sub, e))
		return NULL;
	inner = uncorrelated(an, sub, e, &global, &on);
	value.nullable = true;
	if (!inner) {
		struct sp_params *params = params_of(an, node, sub, e);
		inner = sp_sub_with_outer(an, sub, e, params, sub->inner.node);
		*node = apply(an, *node, inner, params, true);
		return sp_an_column(an, &value);
	}
	empty = global ? sp_sub_empty(an, sub->inner.node, value.id) : NULL;
	if (!global) {
		*node = sp_an_join(an, SP_J_SINGLE, *node, inner, on);
		(*node)->p.condition = on;
		return sp_an_column(an, &value);
	}
	marker.id = an->next_id++;
	yes = sp_an_bool(an, true);
	inner = sp_an_extend(an, inner, &yes, &marker, 1);
	*node = sp_an_join(an, SP_J_LEFT, *node, inner, on);
	if (!empty || (empty->op == SP_CONST && empty->value.null))
		return sp_an_column(an, &value);
	marker.nullable = true;
	c = sp_an_expr_new(an, SP_CASE, value.type, true, 3);
	c->args[0] = marker_test(an, &marker, false);
	c->args[1] = empty;
	c->args[2] = sp_an_column(an, &value);
	return c;
}

struct placing {
	struct sp_an *an;
	struct sp_node **node;
};

static int place(void *self, struct sp_expr **slot)
{
	struct placing *p = self;
	struct sp_expr *e = *slot, *out;
	struct sp_sub *sub = sub_of(e), *under = e->op == SP_CALL && e->fn && e->arg_n == 1 && strcmp(e->fn->name, "not") == 0 ? sub_of(e->args[0]) : NULL;
	if (under && under->kind == SP_SUB_IN) {
		out = exists(p->an, p->node, under, e->args[0], true);
		if (!out)
			return 1;
		e->args[0] = out;
		return 0;
	}
	if (!sub)
		return sp_an_each(e, place, self);
	if (sp_an_each(e, place, self)) /* subqueries in the left side of IN */
		return 1;
	out = sub->kind == SP_SUB_SCALAR ? scalar(p->an, p->node, sub, e) : exists(p->an, p->node, sub, e, false);
	if (!out)
		return 1;
	if (out != e) {
		out->shown = sp_an_shown(p->an, e);
		out->nullable |= sub->kind == SP_SUB_IN;
		out->from = e->from;
		out->to = e->to;
	}
	*slot = out;
	return 0;
}

int sp_an_subqueries(struct sp_an *an, struct sp_node **node, struct sp_expr **exprs, size_t n)
{
	struct placing p = { an, node };
	size_t i;
	for (i = 0; i < n; i++)
		if (place(&p, &exprs[i]))
			return 1;
	return an->err->set;
}

/* ---- WHERE ---- */
/* NULL: not a condition of a join of its own. */
static struct sp_expr *alone(struct sp_expr *c, bool *negated)
{
	*negated = c->op == SP_CALL && c->fn && c->arg_n == 1 && strcmp(c->fn->name, "not") == 0;
	if (*negated)
		c = c->args[0];
	return sub_of(c) && sub_of(c)->kind != SP_SUB_SCALAR ? c : NULL;
}

static int semi(struct sp_an *an, struct sp_node **node, struct sp_expr *e, bool negated)
{
	struct sp_sub *sub = sub_of(e);
	struct sp_expr *on, *eq = NULL;
	bool global;
	struct sp_node *inner;
	if (sub->values && sp_an_subqueries(an, node, e->args, sub->values))
		return 1;
	inner = uncorrelated(an, sub, e, &global, &on);
	if (!inner || global) {
		struct sp_expr *c = exists(an, node, sub, e, negated && sub->kind == SP_SUB_IN);
		if (!c)
			return 1;
		if (negated)
			c = sp_an_unary(an, "not", c, e->from, e->to);
		*node = sp_an_filter(an, *node, c);
		return 0;
	}
	if (sub->kind == SP_SUB_IN && !(eq = in_condition(an, sub, e)))
		return 1;
	if (negated && eq && on) /* an unknown correlation is none; an unknown equality may be one */
		on = sp_an_binary(an, "<=>", on, sp_an_bool(an, true), e->from, e->to);
	*node = sp_an_join(an, !negated ? SP_J_SEMI : eq ? SP_J_ANTI_NULL : SP_J_ANTI, *node, inner, sp_an_and(an, on, eq));
	return 0;
}

int sp_an_where(struct sp_an *an, struct sp_node **node, struct sp_expr *condition)
{
	struct sp_expr **v = NULL, *plain = NULL, *rest = NULL;
	size_t n = 0, cap = 0, i;
	bool negated;
	sp_an_conjuncts(an, condition, &v, &n, &cap);
	for (i = 0; i < n; i++) {
		struct sp_node *before = *node;
		if (alone(v[i], &negated))
			continue;
		if (sp_an_subqueries(an, node, &v[i], 1))
			return 1;
		if (before == *node)
			plain = sp_an_and(an, plain, v[i]);
		else
			rest = sp_an_and(an, rest, v[i]);
	}
	if (sp_an_and(an, plain, rest))
		*node = sp_an_filter(an, *node, sp_an_and(an, plain, rest));
	for (i = 0; i < n; i++) {
		struct sp_expr *e = alone(v[i], &negated);
		if (e && semi(an, node, e, negated))
			return 1;
	}
	return 0;
}

/* ---- LATERAL ---- */
int sp_an_lateral_join(struct sp_an *an, struct sp_node **left, enum sp_join join, struct sp_sub *sub, struct sp_expr *e, struct sp_expr *condition)
{
	struct sp_node *inner = sub->inner.node, *l = *left;
	struct sp_params *params;
	struct sp_expr *on;
	bool global;
	if (inner->p.kind == SP_P_GENERATE && sp_an_in(inner, 0)->p.kind == SP_P_ROWS && sp_an_in(inner, 0)->p.column_n == 0 && !condition) {
		struct sp_special *c = sp_special_of(inner->p.generator);
		struct sp_attr *attrs = SP_NEWS(an, struct sp_attr, inner->p.column_n + 1);
		size_t i;
		for (i = 0; i < inner->p.column_n; i++)
			attrs[i] = (struct sp_attr){ .id = inner->ids[i], .name = inner->p.columns[i].name, .type = inner->p.columns[i].type,
						     .nullable = inner->p.columns[i].nullable };
		for (i = 0; i < c->e.arg_n; i++)
			sp_sub_substitute(an, sub, e, &c->e.args[i]);
		*left = sp_an_generate(an, l, c, attrs, i = inner->p.column_n, inner->p.outer || join == SP_J_LEFT);
		return 0;
	}
	inner = uncorrelated(an, sub, e, &global, &on);
	if (inner && !global) {
		on = sp_an_and(an, on, condition);
		*left = sp_an_join(an, on ? join : join == SP_J_INNER ? SP_J_CROSS : join, l, inner, on);
		return 0;
	}
	params = params_of(an, &l, sub, e);
	inner = sp_sub_with_outer(an, sub, e, params, sub->inner.node);
	if (condition && condition->op == SP_CONST && !condition->value.null && condition->value.i)
		condition = NULL; /* ON true */
	if (condition && join == SP_J_LEFT)
		return sp_fail(an->err, SP_E_UNSERVED, "", "", "LEFT JOIN LATERAL with this condition is not served.");
	*left = apply(an, l, inner, params, join == SP_J_LEFT);
	if (condition)
		*left = sp_an_filter(an, *left, condition);
	return 0;
}
