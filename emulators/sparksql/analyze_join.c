/* Joins: which columns they give, USING and NATURAL, conditions, LATERAL. */
#include "sparksql/analysis.h"

static const enum sp_join joins[] = { [SP_JOIN_INNER] = SP_J_INNER, [SP_JOIN_CROSS] = SP_J_CROSS, [SP_JOIN_LEFT] = SP_J_LEFT, [SP_JOIN_RIGHT] = SP_J_RIGHT,
				      [SP_JOIN_FULL] = SP_J_FULL, [SP_JOIN_LEFT_SEMI] = SP_J_SEMI, [SP_JOIN_LEFT_ANTI] = SP_J_ANTI };

static bool left_only(enum sp_join j)
{
	return j == SP_J_SEMI || j == SP_J_ANTI;
}

static void attrs_of(struct sp_an *an, enum sp_join j, const struct sp_source *l, const struct sp_source *r, struct sp_source *out)
{
	size_t i, n = l->n + (left_only(j) ? 0 : r->n);
	out->attrs = SP_NEWS(an, struct sp_attr, n + 1);
	out->n = n;
	for (i = 0; i < l->n; i++) {
		out->attrs[i] = l->attrs[i];
		out->attrs[i].nullable |= j == SP_J_RIGHT || j == SP_J_FULL;
	}
	for (; i < n; i++) {
		out->attrs[i] = r->attrs[i - l->n];
		out->attrs[i].nullable |= j == SP_J_LEFT || j == SP_J_FULL;
	}
}

/* ---- USING ---- */
static const struct sp_attr *by_name(const struct sp_source *s, struct slice name, size_t *times)
{
	const struct sp_attr *found = NULL;
	size_t i;
	*times = 0;
	for (i = 0; i < s->n; i++)
		if (!s->attrs[i].hidden && sl_eq_nocase(s->attrs[i].name, name)) {
			found = found ? found : &s->attrs[i];
			++*times;
		}
	return found;
}

static int by_text(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static int no_using(struct sp_an *an, const struct sp_rel *rel, struct slice name, const char *side, const struct sp_source *s)
{
	struct slice *names = SP_NEWS(an, struct slice, s->n + 1);
	struct buf b = { 0 };
	size_t i, n = 0;
	for (i = 0; i < s->n; i++)
		if (!s->attrs[i].hidden)
			names[n++] = s->attrs[i].name;
	qsort(names, n, sizeof(*names), by_text);
	for (i = 0; i < n; i++) {
		if (i)
			buf_adds(&b, ", ");
		sp_an_quoted(&b, &names[i], 1);
	}
	(void)rel;
	sp_an_fail_at(an, 0, 0, "UNRESOLVED_USING_COLUMN_FOR_JOIN", "42703",
		      "USING column `%.*s` cannot be resolved on the %s side of the join. The %s-side columns: [%s].", SL(name), side, side, buf_cstr(&b));
	buf_free(&b);
	return 1;
}

static struct sp_idents natural(struct sp_an *an, const struct sp_source *l, const struct sp_source *r)
{
	struct sp_idents out = { .v = SP_NEWS(an, struct slice, l->n + 1) };
	size_t i, times;
	for (i = 0; i < l->n; i++)
		if (!l->attrs[i].hidden && by_name(r, l->attrs[i].name, &times))
			out.v[out.n++] = l->attrs[i].name;
	return out;
}

static bool listed(const struct sp_idents *v, struct slice name)
{
	uint32_t i;
	for (i = 0; i < v->n; i++)
		if (sl_eq_nocase(v->v[i], name))
			return true;
	return false;
}

/* The keys once and first, then the rest; the other side's keys are hidden. */
static int using(struct sp_an *an, const struct sp_rel *rel, enum sp_join j, const struct sp_idents *names, struct sp_source *l, struct sp_source *r,
		 struct sp_source *out)
{
	struct sp_expr *on = NULL, **full = SP_NEWS(an, struct sp_expr *, names->n + 1);
	struct sp_attr *attrs, *keys = SP_NEWS(an, struct sp_attr, names->n + 1);
	size_t i, n = 0, times;
	for (i = 0; i < names->n; i++) {
		const struct sp_attr *a = by_name(l, names->v[i], &times), *b;
		struct sp_expr *eq;
		if (!a)
			return no_using(an, rel, names->v[i], "left", l);
		if (times > 1)
			return sp_an_fail_at(an, rel->at, rel->end, "AMBIGUOUS_REFERENCE", "42704", "Reference `%.*s` is ambiguous, could be: [`%.*s`, `%.*s`].", SL(names->v[i]),
					     SL(a->name), SL(a->name));
		b = by_name(r, names->v[i], &times);
		if (!b)
			return no_using(an, rel, names->v[i], "right", r);
		eq = sp_an_equal(an, sp_an_column(an, a), sp_an_column(an, b));
		if (!eq)
			return 1;
		on = sp_an_and(an, on, eq);
		keys[i] = j == SP_J_RIGHT ? *b : *a;
		if (j == SP_J_FULL) {
			struct sp_expr *v[2] = { sp_an_column(an, a), sp_an_column(an, b) }, *c;
			const struct sp_type *t = sp_an_common(an, v, 2, 1, true);
			c = full[i] = sp_an_expr_new(an, SP_COALESCE, t, a->nullable && b->nullable, 2);
			c->args[0] = v[0];
			c->args[1] = v[1];
			keys[i] = (struct sp_attr){ .id = an->next_id++, .name = a->name, .type = t, .nullable = true };
		}
	}
	out->node = sp_an_join(an, j, l->node, r->node, on);
	if (j == SP_J_FULL)
		out->node = sp_an_extend(an, out->node, full, keys, names->n);
	attrs = SP_NEWS(an, struct sp_attr, l->n + r->n + names->n + 1);
	for (i = 0; i < names->n; i++)
		attrs[n++] = keys[i];
	for (i = 0; i < l->n; i++) {
		attrs[n] = l->attrs[i];
		attrs[n].nullable |= j == SP_J_RIGHT || j == SP_J_FULL;
		if (listed(names, l->attrs[i].name)) {
			if (j != SP_J_RIGHT && j != SP_J_FULL)
				continue;
			attrs[n].hidden = SP_QUALIFIED;
		}
		n++;
	}
	for (i = 0; i < r->n && !left_only(j); i++) {
		attrs[n] = r->attrs[i];
		attrs[n].nullable |= j == SP_J_LEFT || j == SP_J_FULL;
		if (listed(names, r->attrs[i].name)) {
			if (j == SP_J_RIGHT)
				continue;
			attrs[n].hidden = SP_QUALIFIED;
		}
		n++;
	}
	out->attrs = attrs;
	out->n = n;
	return 0;
}

/* ---- ON ---- */
static int take_special(void *self, struct sp_expr **slot)
{
	if (sp_is_special(*slot)) {
		*(struct sp_expr **)self = *slot;
		return 1;
	}
	return sp_an_each(*slot, take_special, self);
}

static struct sp_expr *special_in(struct sp_expr *e)
{
	struct sp_expr *found = e;
	take_special(&found, &e);
	return found;
}

struct sides {
	const struct sp_source *l, *r;
};

/* A frame joined with itself: a.x = a.x is the left's and the right's. */
static int both_sides(void *self, struct sp_expr **slot)
{
	const struct sides *x = self;
	struct sp_expr *e = *slot;
	uint64_t uid = 0;
	size_t i;
	if (e->op != SP_CALL || !e->fn || (strcmp(e->fn->name, "=") != 0 && strcmp(e->fn->name, "<=>") != 0) || e->args[0]->op != SP_COLUMN ||
	    e->args[1]->op != SP_COLUMN || e->args[0]->column != e->args[1]->column)
		return sp_an_each(e, both_sides, self);
	for (i = 0; i < x->l->n; i++)
		if (x->l->attrs[i].id == e->args[0]->column)
			uid = x->l->attrs[i].uid;
	for (i = 0; uid && i < x->r->n; i++)
		if (x->r->attrs[i].uid == uid)
			e->args[1]->column = x->r->attrs[i].id;
	return 0;
}

static int on_condition(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, enum sp_join j, struct sp_source *l, struct sp_source *r,
			struct sp_source *out)
{
	struct sp_source both = { 0 };
	struct sp_env env = { .an = an, .at = rel->word, .clause = SP_IN_JOIN, .ctes = in->ctes, .outer = in->outer, .sub = in->sub, .sub_expr = in->sub_expr };
	struct sp_expr *on = NULL;
	attrs_of(an, SP_J_INNER, l, r, &both);
	env.attrs = both.attrs;
	env.n = both.n;
	if (rel->join.on && !(on = sp_an_condition(&env, rel->join.on, "JOIN")))
		return 1;
	if (on)
		(void)both_sides(&(struct sides){ l, r }, &on);
	if (env.any_aggregate || env.any_window || env.any_generator)
		return sp_an_fail_at(an, rel->word, rel->end, "UNSUPPORTED_EXPR_FOR_OPERATOR", "", "A query operator contains one or more unsupported expressions. Consider to rewrite it to "
				  "avoid window functions, aggregate functions, and generator functions in the WHERE clause.\nInvalid expressions: [\"%.*s\"]",
				  SL(sp_an_shown(an, special_in(on))));
	attrs_of(an, j, l, r, out);
	if (on && env.any_sub && (j == SP_J_INNER || j == SP_J_CROSS)) {
		out->node = sp_an_join(an, SP_J_CROSS, l->node, r->node, NULL);
		return sp_an_where(an, &out->node, on);
	}
	if (on && env.any_sub && j == SP_J_LEFT) { /* it may look at the right side alone */
		if (sp_an_subqueries(an, &r->node, &on, 1))
			return 1;
	} else if (on && env.any_sub && sp_an_subqueries(an, &l->node, &on, 1)) {
		return 1;
	}
	out->node = sp_an_join(an, on && j == SP_J_CROSS ? SP_J_INNER : !on && j == SP_J_INNER ? SP_J_CROSS : j, l->node, r->node, on);
	return 0;
}

/* ---- LATERAL ---- */
static int lateral(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, enum sp_join j, struct sp_source *l, struct sp_source *out)
{
	struct sp_env left = { .an = an, .attrs = l->attrs, .n = l->n, .ctes = in->ctes, .clause = SP_IN_JOIN };
	struct sp_env env = { .an = an, .clause = SP_IN_JOIN, .ctes = in->ctes };
	struct sp_sub *sub = SP_NEW(an, struct sp_sub);
	struct sp_expr *e = sp_an_expr_new(an, SP_SUBQUERY, &sp_types[SP_VOID], true, 0), *on = NULL;
	struct sp_scope_in inner = { .outer = &left, .sub = sub, .sub_expr = e, .ctes = in->ctes };
	struct sp_source both = { 0 };
	sub->kind = SP_SUB_SCALAR; /* its rows count, not only whether there are any */
	e->plan = (struct sp_plan *)sub;
	if (sp_an_rel(an, rel->join.right, &inner, &sub->inner))
		return 1;
	if (j != SP_J_INNER && j != SP_J_CROSS && j != SP_J_LEFT)
		return sp_an_fail_at(an, rel->at, rel->end, "INVALID_LATERAL_JOIN_TYPE", "42613", "The %s JOIN with LATERAL correlation is not allowed because an OUTER subquery "
				     "cannot correlate to its join partner. Remove the LATERAL correlation or use an INNER JOIN, or LEFT OUTER JOIN instead.",
				     j == SP_J_RIGHT ? "RIGHT OUTER" : j == SP_J_FULL ? "FULL OUTER" : "LEFT SEMI");
	attrs_of(an, SP_J_INNER, l, &sub->inner, &both);
	env.attrs = both.attrs;
	env.n = both.n;
	if (rel->join.on && !(on = sp_an_condition(&env, rel->join.on, "JOIN")))
		return 1;
	attrs_of(an, j, l, &sub->inner, out);
	out->node = l->node;
	return sp_an_lateral_join(an, &out->node, j == SP_J_LEFT ? SP_J_LEFT : SP_J_INNER, sub, e, on);
}

static int one(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *l, struct sp_source *out)
{
	enum sp_join j = joins[rel->join.kind];
	struct sp_idents names = rel->join.using;
	struct sp_source r;
	if (rel->join.right->lateral)
		return lateral(an, rel, in, j, l, out);
	if (sp_an_rel(an, rel->join.right, in, &r))
		return 1;
	if (rel->join.natural)
		names = natural(an, l, &r);
	if (names.n)
		return using(an, rel, j == SP_J_CROSS ? SP_J_INNER : j, &names, l, &r, out);
	return on_condition(an, rel, in, j, l, &r, out);
}

/* Joins are deep on their left. */
int sp_an_join_rel(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out)
{
	const struct sp_rel **links = NULL, *at = rel;
	struct sp_source l;
	size_t n = 0, cap = 0;
	do {
		ARENA_GROW(an->a, links, n, cap);
		links[n++] = at;
		at = at->join.left;
	} while (at->kind == SP_REL_JOIN && !at->alias.name.p && !at->sample);
	if (sp_an_rel(an, at, in, &l))
		return 1;
	while (n) {
		if (one(an, links[n - 1], in, &l, out))
			return 1;
		l = *out;
		n--;
	}
	return 0;
}
