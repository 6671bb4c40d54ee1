/* Queries: WITH, set operations, what stands behind a whole query (ORDER BY, LIMIT, OFFSET). */
#include "sparksql/analysis.h"

/* ---- LIMIT ---- */
static int limit_value(struct sp_an *an, const struct sp_ex *ex, const struct sp_scope_in *in, const struct sp_source *s, const char *name,
		       size_t at, int64_t *out)
{
	struct sp_env env = { .an = an, .clause = SP_IN_LIMIT, .ctes = in->ctes, .attrs = s->attrs, .n = s->n };
	struct sp_expr *e = sp_an_expr(&env, ex);
	struct sp_run run = { .cx = an->cx, .batch = an->a, .keep = an->a };
	struct sp_value v;
	if (!e)
		return 1;
	if (!e->foldable)
		return sp_an_fail_at(an, at, at + 1, "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", "42K0E",
				     "The limit like expression \"%.*s\" is invalid. The %s expression must evaluate to a constant value.", SL(sp_an_shown(an, e)), name);
	if (!sp_is_integral(e->type) || e->type->kind == SP_BIGINT)
		return sp_an_fail_at(an, ex->at, ex->end, "INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE", "42K0E",
				     "The limit like expression \"%.*s\" is invalid. The %s expression must be integer type, but got %.*s.", SL(sp_an_shown(an, e)),
				     name, SL(sp_an_type(an, e->type)));
	if (sp_eval_const(&run, e, &v)) {
		*an->err = run.err;
		return 1;
	}
	if (v.null)
		return sp_an_fail_at(an, ex->at, ex->end, "INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL", "42K0E",
				     "The limit like expression \"%.*s\" is invalid. The evaluated %s expression must not be null.", SL(sp_an_shown(an, e)), name);
	if (v.i < 0)
		return sp_an_fail_at(an, ex->at, ex->end, "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "42K0E",
				     "The limit like expression \"%.*s\" is invalid. The %s expression must be equal to or greater than 0, but got %lld.",
				     SL(sp_an_shown(an, e)), name, (long long)v.i);
	*out = v.i;
	return 0;
}

int sp_an_limit(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *s)
{
	int64_t limit = -1, offset = 0;
	if (!q->limit && !q->offset)
		return 0;
	if ((q->limit && limit_value(an, q->limit, in, s, "limit", q->at, &limit)) || (q->offset && limit_value(an, q->offset, in, s, "offset", q->at, &offset)))
		return 1;
	s->node = sp_an_over(an, SP_P_LIMIT, s->node);
	s->node->p.limit = limit;
	s->node->p.offset = offset;
	return 0;
}

/* ---- ORDER BY over what is finished ---- */
static int order_by(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *s)
{
	const struct sp_sorts *sorts = q->order.n ? &q->order : &q->sort;
	struct sp_env env = { .an = an, .attrs = s->attrs, .n = s->n, .clause = SP_IN_ORDER, .ctes = in->ctes, .outer = in->outer, .sub = in->sub,
			      .sub_expr = in->sub_expr };
	struct sp_expr **exprs;
	struct sp_node *node;
	size_t i;
	if (!sorts->n)
		return 0;
	node = s->node;
	exprs = SP_NEWS(an, struct sp_expr *, sorts->n);
	for (i = 0; i < sorts->n; i++) {
		const struct sp_ex *ex = sorts->v[i].ex;
		if (ex->kind == SP_EX_LITERAL && ex->lit.kind == SP_LIT_INT) {
			if (ex->lit.number < 1 || (size_t)ex->lit.number > s->n)
				return sp_an_fail_at(an, ex->at, ex->end, "ORDER_BY_POS_OUT_OF_RANGE", "42805",
						     "ORDER BY position %lld is not in select list (valid range is [1, %zu]).", (long long)ex->lit.number, s->n);
			exprs[i] = sp_an_column(an, &s->attrs[ex->lit.number - 1]);
		} else if (!(exprs[i] = sp_an_expr(&env, ex))) {
			return 1;
		}
	}
	if (sp_an_subqueries(an, &node, exprs, sorts->n))
		return 1;
	node = sp_an_over(an, SP_P_SORT, node);
	node->p.order_n = sorts->n;
	node->p.order = SP_NEWS(an, struct sp_order, sorts->n);
	for (i = 0; i < sorts->n; i++) {
		const struct sp_sort *k = &sorts->v[i];
		node->p.order[i] = (struct sp_order){ .e = exprs[i], .desc = k->descending,
						      .nulls_last = k->nulls == SP_NULLS_DEFAULT ? k->descending : k->nulls == SP_NULLS_LAST };
		if (!sp_is_orderable(exprs[i]->type))
			return sp_an_fail(an, exprs[i], "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09",
					  "Cannot resolve \"%.*s %s NULLS %s\" due to data type mismatch: The `sortorder` does not support ordering on type %.*s.",
					  SL(sp_an_shown(an, exprs[i])), k->descending ? "DESC" : "ASC", node->p.order[i].nulls_last ? "LAST" : "FIRST",
					  SL(sp_an_type(an, exprs[i]->type)));
	}
	s->node = node;
	return 0;
}

/* ---- UNION, INTERSECT, EXCEPT ---- */
static const char *const set_names[] = { [SP_SET_UNION] = "UNION", [SP_SET_INTERSECT] = "INTERSECT", [SP_SET_EXCEPT] = "EXCEPT" };

static const char *ordinal(struct sp_an *an, size_t i)
{
	static const char *const words[] = { "first", "second", "third" };
	return i < ARRAY_LEN(words) ? words[i] : arena_printf(an->a, "%zuth", i + 1).p;
}

/* s with its columns cast to types, in the order of attrs, and nothing more. */
static void conform(struct sp_an *an, const struct sp_query *q, struct sp_source *s, const struct sp_type **types)
{
	struct sp_expr **v = SP_NEWS(an, struct sp_expr *, s->n + 1);
	struct sp_attr *attrs = SP_NEWS(an, struct sp_attr, s->n + 1);
	bool same = s->node->p.column_n == s->n;
	size_t i;
	for (i = 0; i < s->n; i++) {
		v[i] = sp_an_cast(an, sp_an_column(an, &s->attrs[i]), types[i]);
		if (v[i]->op == SP_CAST)
			v[i]->from = q->at, v[i]->to = q->end;
		attrs[i] = s->attrs[i];
		same = same && v[i]->op == SP_COLUMN && s->node->ids[i] == attrs[i].id;
		if (v[i]->op != SP_COLUMN)
			attrs[i].id = an->next_id++, attrs[i].uid = 0;
		attrs[i].type = types[i];
		attrs[i].nullable = v[i]->nullable;
	}
	s->attrs = attrs;
	if (!same)
		s->node = sp_an_project(an, s->node, v, attrs, s->n);
}

static int set_types(struct sp_an *an, const struct sp_query *q, const struct sp_source *l, const struct sp_source *r, const struct sp_type **types)
{
	const char *name = set_names[q->set.op];
	size_t i;
	if (l->n != r->n)
		return sp_an_fail_at(an, q->at, q->end, "NUM_COLUMNS_MISMATCH", "42826",
				     "%s%s can only be performed on inputs with the same number of columns, but the first input has %zu columns and the second input has "
				     "%zu columns.", name, q->set.all && q->set.op != SP_SET_UNION ? " ALL" : "", l->n, r->n);
	for (i = 0; i < l->n; i++) {
		types[i] = sp_an_wider(an, l->attrs[i].type, r->attrs[i].type, true);
		if (!types[i])
			return sp_an_fail_at(an, q->at, q->end, "INCOMPATIBLE_COLUMN_TYPE", "42825",
					     "%s%s can only be performed on tables with compatible column types. The %s column of the second table is %.*s type which is not "
					     "compatible with %.*s at the same column of the first table..", name, q->set.all && q->set.op != SP_SET_UNION ? " ALL" : "",
					     ordinal(an, i), SL(sp_an_type(an, r->attrs[i].type)), SL(sp_an_type(an, l->attrs[i].type)));
		if (!sp_is_orderable(types[i]) && types[i]->kind == SP_MAP && !(q->set.op == SP_SET_UNION && q->set.all))
			return sp_an_fail_at(an, q->at, q->end, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "0A000",
					     "The feature is not supported: Cannot have MAP type columns in DataFrame which calls set operations (INTERSECT, EXCEPT, etc.), but the "
					     "type of column `%.*s` is %.*s.", SL(l->attrs[i].name), SL(sp_an_type(an, types[i])));
	}
	return 0;
}

/* BY NAME: the right side's columns in the left's order. */
static int by_name(struct sp_an *an, const struct sp_query *q, const struct sp_source *l, struct sp_source *r)
{
	struct sp_attr *v = SP_NEWS(an, struct sp_attr, r->n + 1);
	size_t i, k;
	for (i = 0; i < l->n; i++) {
		for (k = 0; k < r->n && !sl_eq_nocase(r->attrs[k].name, l->attrs[i].name); k++)
			;
		if (k == r->n || l->n != r->n)
			return sp_an_fail_at(an, q->at, q->end, "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703",
					     "A column or function parameter with name `%.*s` cannot be resolved.", SL(l->attrs[i].name));
		v[i] = r->attrs[k];
	}
	r->attrs = v;
	return 0;
}

static int combine(struct sp_an *an, const struct sp_query *q, struct sp_source *l, struct sp_source *r, bool *open)
{
	const struct sp_type **types = SP_NEWS(an, const struct sp_type *, l->n + 1);
	bool changes = false, all_union = q->set.op == SP_SET_UNION;
	struct sp_node *node;
	size_t i;
	if (q->set.by_name && by_name(an, q, l, r))
		return 1;
	if (set_types(an, q, l, r, types))
		return 1;
	for (i = 0; i < l->n; i++)
		changes |= !sp_type_eq(types[i], l->attrs[i].type);
	conform(an, q, r, types);
	if (*open && all_union && !changes) { /* one more input of the UNION before */
		node = l->node;
	} else {
		conform(an, q, l, types);
		node = sp_an_node(an, all_union ? SP_P_UNION : SP_P_SETOP, l->n, 0);
		for (i = 0; i < l->n; i++)
			sp_an_set_column(node, i, an->next_id++, l->attrs[i].name, types[i], l->attrs[i].nullable);
		node->p.in = SP_NEWS(an, struct sp_plan *, 2);
		node->p.in[node->p.in_n++] = &l->node->p;
	}
	if (node->p.in_n >= 2 && (node->p.in_n & (node->p.in_n - 1)) == 0) {
		struct sp_plan **more = SP_NEWS(an, struct sp_plan *, 2 * node->p.in_n);
		memcpy(more, node->p.in, node->p.in_n * sizeof(*more));
		node->p.in = more;
	}
	node->p.in[node->p.in_n++] = &r->node->p;
	for (i = 0; i < l->n; i++)
		node->p.columns[i].nullable |= r->attrs[i].nullable && q->set.op != SP_SET_EXCEPT;
	if (!all_union) {
		node->p.all = q->set.all;
		node->p.except = q->set.op == SP_SET_EXCEPT;
	}
	*open = all_union && q->set.all;
	{
		struct sp_attr *attrs = SP_NEWS(an, struct sp_attr, l->n + 1);
		for (i = 0; i < l->n; i++)
			attrs[i] = (struct sp_attr){ .id = node->ids[i], .uid = l->attrs[i].uid, .name = l->attrs[i].name, .type = types[i],
						     .nullable = node->p.columns[i].nullable };
		l->attrs = attrs;
	}
	l->node = all_union && !q->set.all ? sp_an_over(an, SP_P_DISTINCT, node) : node;
	return 0;
}

static bool bare_set(const struct sp_query *q)
{
	return q->kind == SP_QUERY_SET && !q->n_ctes && !q->order.n && !q->sort.n && !q->limit && !q->offset;
}

int sp_an_set_operation(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *out)
{
	const struct sp_query **links = NULL, *at = q;
	size_t n = 0, cap = 0;
	bool open = false;
	/* Deep on its left: the links are gathered first. */
	do {
		ARENA_GROW(an->a, links, n, cap);
		links[n++] = at;
		at = at->set.left;
	} while (bare_set(at));
	if (sp_an_query(an, at, in, out))
		return 1;
	while (n) {
		struct sp_source r;
		if (sp_an_query(an, links[n - 1]->set.right, in, &r) || combine(an, links[n - 1], out, &r, &open))
			return 1;
		n--;
	}
	return 0;
}

int sp_an_query(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *around, struct sp_source *out)
{
	struct sp_scope_in in = *around;
	int rc = 1;
	if (sp_an_deeper(an) || sp_an_ctes(an, q, &in))
		return 1;
	switch ((enum sp_query_kind)q->kind) {
	case SP_QUERY_SELECT:
		rc = sp_an_select(an, q, &in, out); /* with its ORDER BY, which sees more than the select list */
		break;
	case SP_QUERY_SET:
		rc = sp_an_set_operation(an, q, &in, out) || order_by(an, q, &in, out);
		break;
	case SP_QUERY_REL:
		rc = sp_an_rel(an, q->rel, &in, out) || order_by(an, q, &in, out);
		break;
	case SP_QUERY_NESTED:
		rc = sp_an_query(an, q->nested, &in, out) || order_by(an, q, &in, out);
		break;
	}
	if (!rc)
		rc = sp_an_limit(an, q, &in, out);
	an->depth--;
	return rc;
}

static void start(struct sp_an *an, const struct sp_analysis *x)
{
	*an = (struct sp_an){ .a = x->arena, .cx = x->cx, .catalog = x->catalog, .x = x, .err = x->err, .next_id = 1 };
}

/* Hidden columns aren't a query's, but a frame keeps them; of what is found if nothing else is, only what files say of themselves. */
static void drop_hidden(struct sp_source *s, bool frame)
{
	size_t i, n = 0;
	for (i = 0; i < s->n; i++)
		if (!s->attrs[i].hidden || (frame && (s->attrs[i].hidden != SP_META || sl_eqs(s->attrs[i].name, "_metadata"))))
			s->attrs[n++] = s->attrs[i];
	s->n = n;
}

static bool is_known(const struct sp_known *known, size_t n, uint64_t uid)
{
	for (size_t i = 0; i < n; i++)
		if (known[i].uid == uid)
			return true;
	return false;
}

/* Which column before it the i-th is a copy of, from 1. */
static size_t copy_of(const struct sp_source *s, size_t i)
{
	for (size_t k = 0; s->attrs[i].origin && k < i; k++)
		if (s->attrs[k].origin == s->attrs[i].origin)
			return k + 1;
	return 0;
}

int sp_analyze_known(const struct sp_analysis *x, const struct sp_query *q, struct sp_plan **plan, struct sp_known **known)
{
	struct sp_scope_in in = { 0 };
	struct sp_source s;
	struct sp_an an;
	size_t i;
	start(&an, x);
	an.widen = known ? q : NULL;
	if (sp_an_query(&an, q, &in, &s))
		return 1;
	drop_hidden(&s, known != NULL);
	if (known) {
		*known = SP_NEWS(&an, struct sp_known, s.n + 1);
		for (i = 0; i < s.n; i++) {
			const struct sp_attr *a = &s.attrs[i];
			(*known)[i] = (struct sp_known){ is_known(*known, i, a->uid) ? 0 : a->uid, a->qual, a->qual_n, a->hidden, copy_of(&s, i) };
		}
	}
	return sp_an_bind(&an, &s, plan);
}

int sp_analyze(const struct sp_analysis *x, const struct sp_query *q, struct sp_plan **plan)
{
	return sp_analyze_known(x, q, plan, NULL);
}

static struct sp_expr *given_expr(struct sp_an *an, const struct sp_given *tables, size_t table_n, const struct sp_ex *ex, const char *condition,
				  struct sp_attr **out, size_t *n)
{
	struct sp_env env = { .an = an, .clause = SP_IN_DML };
	struct sp_attr *attrs;
	struct sp_expr *e;
	size_t t, i, m = 0;
	for (t = 0; t < table_n; t++)
		m += tables[t].field_n;
	*out = attrs = SP_NEWS(an, struct sp_attr, m + 1);
	*n = m;
	for (t = m = 0; t < table_n; t++)
		for (i = 0; i < tables[t].field_n; i++, m++) {
			const struct sp_field *f = &tables[t].fields[i];
			attrs[m] = (struct sp_attr){ .id = an->next_id++, .name = f->name, .type = f->type, .nullable = f->nullable,
						     .qual = tables[t].table.p ? &tables[t].table : NULL, .qual_n = tables[t].table.p ? 1 : 0 };
		}
	env.attrs = attrs;
	env.n = m;
	e = condition ? sp_an_condition(&env, ex, condition) : sp_an_expr(&env, ex);
	if (e && (env.any_aggregate || env.any_window || env.any_generator || env.any_sub)) {
		sp_an_fail(an, e, "UNSUPPORTED_EXPR_FOR_OPERATOR", "", "A query operator contains one or more unsupported expressions. Consider to rewrite it to "
			   "avoid window functions, aggregate functions, and generator functions in the WHERE clause.\nInvalid expressions: [\"%.*s\"]",
			   SL(sp_an_shown(an, e)));
		return NULL;
	}
	return e;
}

static int given(const struct sp_analysis *x, const struct sp_given *tables, size_t table_n, const struct sp_ex *ex, const char *condition,
		 struct sp_expr **out)
{
	struct sp_attr *attrs;
	size_t *ids, n, i;
	struct sp_an an;
	start(&an, x);
	*out = given_expr(&an, tables, table_n, ex, condition, &attrs, &n);
	if (!*out)
		return 1;
	ids = SP_NEWS(&an, size_t, n + 1);
	for (i = 0; i < n; i++)
		ids[i] = attrs[i].id;
	return sp_an_bind_expr(&an, out, ids, n);
}

int sp_analyze_expr(const struct sp_analysis *x, const struct sp_given *tables, size_t table_n, const struct sp_ex *ex, struct sp_expr **out)
{
	return given(x, tables, table_n, ex, NULL, out);
}

int sp_analyze_condition(const struct sp_analysis *x, const struct sp_given *tables, size_t table_n, const struct sp_ex *ex, const char *clause,
			 struct sp_expr **out)
{
	return given(x, tables, table_n, ex, clause, out);
}
