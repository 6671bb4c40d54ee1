/* GROUP BY: grouping expressions, aggregates, and what the expressions over them become. */
#include "sparksql/analyze_select.h"

struct grouper {
	struct sp_sel *x;
	struct sp_an *an;
	struct sp_expr **groups;
	struct sp_attr *outs;     /* one a group: the AGGREGATE's columns */
	size_t n, cap, out_cap;
	struct sp_special **calls; /* aggregates, and their columns */
	size_t *call_ids;
	size_t call_n, call_cap, id_cap;
	bool *from_source;        /* by id: a column that only a group or an aggregate may read */
	size_t id_n;
	bool after;               /* HAVING and ORDER BY: what isn't grouped isn't there at all */
	bool *sets;               /* set_n rows of n: whether the group is in the set; NULL: no GROUPING SETS */
	size_t set_n;
	bool repeated;            /* two sets are the same: their groups stay apart, by a position */
	struct sp_attr gid;
};

/* ---- which expressions ---- */
static int bad_position(struct sp_sel *x, const struct sp_ex *ex)
{
	return sp_an_fail_at(x->an, ex->at, ex->end, "GROUP_BY_POS_OUT_OF_RANGE", "42805",
			     "GROUP BY position %lld is not in select list (valid range is [1, %zu]).", (long long)ex->lit.number, x->n);
}

static bool has_aggregate(struct sp_expr *e);
static int is_aggregate_slot(void *self, struct sp_expr **slot)
{
	(void)self;
	return sp_is_aggregate(*slot) || sp_an_each(*slot, is_aggregate_slot, self);
}

static bool has_aggregate(struct sp_expr *e)
{
	return is_aggregate_slot(NULL, &e);
}

static struct sp_expr *aggregate_in(struct sp_expr *e);
static int take_aggregate(void *self, struct sp_expr **slot)
{
	if (sp_is_aggregate(*slot)) {
		*(struct sp_expr **)self = *slot;
		return 1;
	}
	return sp_an_each(*slot, take_aggregate, self);
}

static struct sp_expr *aggregate_in(struct sp_expr *e)
{
	struct sp_expr *found = NULL;
	take_aggregate(&found, &e);
	return found;
}

static int qualify_slot(void *self, struct sp_expr **slot)
{
	struct sp_sel *x = self;
	size_t i, k;
	for (i = 0; (*slot)->op == SP_COLUMN && i < x->source.n; i++) {
		const struct sp_attr *a = &x->source.attrs[i];
		struct buf b = { 0 };
		if (a->id != (*slot)->column)
			continue;
		for (k = 0; k < a->qual_n; k++)
			buf_addf(&b, "%.*s.", SL(a->qual[k]));
		buf_addsl(&b, a->name);
		(*slot)->shown = sp_an_text(x->an, &b);
		break;
	}
	return sp_an_each(*slot, qualify_slot, self);
}

static struct slice sql_of(struct sp_sel *x, struct sp_expr *e)
{
	qualify_slot(x, &e);
	return sp_an_shown(x->an, e);
}

static int add_group(struct grouper *g, struct sp_expr *e, size_t *at)
{
	size_t i;
	for (i = 0; i < g->n && !sp_an_same(g->groups[i], e); i++)
		;
	if (at)
		*at = i;
	if (i < g->n)
		return 0;
	if (!sp_is_orderable(e->type))
		return sp_an_fail(g->an, e, "GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE", "",
				     "The expression \"%.*s\" cannot be used as a grouping expression because its data type %.*s is not an orderable data type.",
				     SL(sp_an_shown(g->an, e)), SL(sp_an_type(g->an, e->type)));
	ARENA_GROW(g->an->a, g->groups, g->n, g->cap);
	ARENA_GROW(g->an->a, g->outs, g->n, g->out_cap);
	g->groups[g->n] = e;
	g->outs[g->n++] = (struct sp_attr){ .id = g->an->next_id++, .name = sp_an_shown(g->an, e), .type = e->type, .nullable = e->nullable };
	return 0;
}

static bool plain_name(const struct sp_ex *ex, struct slice word)
{
	return ex->kind == SP_EX_NAME && ex->name.n == 1 && !ex->name.quoted && sl_eq_nocase(ex->name.parts[0], word);
}

/* The expression of a GROUP BY element: a position, a column of FROM, else an alias. */
static struct sp_expr *group_expr(struct sp_sel *x, const struct sp_ex *ex)
{
	struct sp_env env = x->env;
	struct sp_expr *e, *bad;
	env.clause = SP_IN_GROUP;
	env.more = x->outs;
	env.more_n = x->n;
	env.any_aggregate = env.any_window = env.any_generator = false;
	if (ex->kind == SP_EX_LITERAL && ex->lit.kind == SP_LIT_INT) {
		const struct sp_item *it;
		size_t i;
		for (i = 0; i < x->n; i++)
			if (x->items[i].star && x->items[i].ex->star.of.n == 0) {
				sp_an_fail_at(x->an, 0, 0, "STAR_GROUP_BY_POS", "0A000", "Star (*) is not allowed in a select list when GROUP BY an ordinal position is used.");
				return NULL;
			}
		if (ex->lit.number < 1 || (size_t)ex->lit.number > x->n) {
			bad_position(x, ex);
			return NULL;
		}
		it = &x->items[ex->lit.number - 1];
		if (!has_aggregate(it->e))
			return it->e;
		sp_an_fail_at(x->an, ex->at, ex->end, "GROUP_BY_POS_AGGREGATE", "42903",
			      "GROUP BY %lld refers to an expression %.*s%s%.*s that contains an aggregate function. Aggregate functions are not allowed in GROUP BY.",
			      (long long)ex->lit.number, SL(sql_of(x, it->e)), it->aliased ? " AS " : "", SL(it->aliased ? it->name : S("")));
		return NULL;
	}
	if (!(e = sp_an_expr(&env, ex)))
		return NULL;
	sp_sel_inline(x, &e);
	if ((bad = aggregate_in(e))) {
		sp_an_fail(x->an, bad, "GROUP_BY_AGGREGATE", "42903", "Aggregate functions are not allowed in GROUP BY, but found %.*s.", SL(sql_of(x, bad)));
		return NULL;
	}
	return e;
}

static int group_all(struct grouper *g)
{
	size_t i;
	for (i = 0; i < g->x->n; i++)
		if (!has_aggregate(g->x->items[i].e) && !sp_is_window(g->x->items[i].e) && !g->x->items[i].e->foldable && add_group(g, g->x->items[i].e, NULL))
			return 1;
	return 0;
}

/* ---- ROLLUP, CUBE, GROUPING SETS: rows of group numbers ---- */
struct sets {
	size_t **v; /* v[i][0] numbers follow */
	size_t n, cap;
};

static void add_set(struct grouper *g, struct sets *s, const size_t *a, const size_t *b)
{
	size_t *row = SP_NEWS(g->an, size_t, 1 + (a ? a[0] : 0) + (b ? b[0] : 0));
	size_t i;
	ARENA_GROW(g->an->a, s->v, s->n, s->cap);
	for (i = 0; a && i < a[0]; i++)
		row[++row[0]] = a[i + 1];
	for (i = 0; b && i < b[0]; i++)
		row[++row[0]] = b[i + 1];
	s->v[s->n++] = row;
}

static int exprs_set(struct grouper *g, const struct sp_exs *list, size_t **out)
{
	size_t *row = SP_NEWS(g->an, size_t, list->n + 1);
	uint32_t i;
	for (i = 0; i < list->n; i++) {
		struct sp_expr *e = group_expr(g->x, list->v[i]);
		if (!e || add_group(g, e, &row[i + 1]))
			return 1;
	}
	row[0] = list->n;
	*out = row;
	return 0;
}

static int sets_of(struct grouper *g, const struct sp_grouping *k, struct sets *out)
{
	size_t **parts = SP_NEWS(g->an, size_t *, k->n + 1), *one, i, mask;
	struct sp_exs single = { .v = (struct sp_ex **)&k->ex, .n = 1 };
	uint32_t j;
	switch ((enum sp_grouping_kind)k->kind) {
	case SP_GROUPING_EX:
	case SP_GROUPING_SET:
		if (exprs_set(g, k->kind == SP_GROUPING_EX ? &single : &k->set, &one))
			return 1;
		add_set(g, out, one, NULL);
		return 0;
	case SP_GROUPING_SETS:
		for (j = 0; j < k->n; j++)
			if (sets_of(g, &k->inner[j], out))
				return 1;
		return 0;
	case SP_GROUPING_ROLLUP:
	case SP_GROUPING_CUBE:
		break;
	}
	for (j = 0; j < k->n; j++)
		if (exprs_set(g, &k->inner[j].set, &parts[j]))
			return 1;
	if (k->kind == SP_GROUPING_CUBE && k->n > 12)
		return sp_fail(g->an->err, SP_E_LIMIT, "", "", "CUBE of more than 12 is not served.");
	for (mask = 0; mask < (k->kind == SP_GROUPING_CUBE ? (size_t)1 << k->n : k->n + 1); mask++) {
		size_t *row = NULL;
		for (i = 0; i < k->n; i++)
			if (k->kind == SP_GROUPING_CUBE ? !(mask >> (k->n - 1 - i) & 1) : i + mask < k->n) {
				struct sets tmp = { 0 };
				add_set(g, &tmp, row, parts[i]);
				row = tmp.v[0];
			}
		add_set(g, out, row, NULL);
	}
	return 0;
}

static int cross(struct grouper *g, struct sets *all, const struct sets *more)
{
	struct sets out = { 0 };
	size_t i, k;
	if (!all->n) {
		*all = *more;
		return 0;
	}
	if (all->n * more->n > 4096)
		return sp_fail(g->an->err, SP_E_LIMIT, "", "", "More than 4096 grouping sets are not served.");
	for (i = 0; i < all->n; i++)
		for (k = 0; k < more->n; k++)
			add_set(g, &out, all->v[i], more->v[k]);
	*all = out;
	return 0;
}

static void to_bits(struct grouper *g, const struct sets *s)
{
	size_t i, k;
	g->set_n = s->n;
	g->sets = SP_NEWS(g->an, bool, s->n * g->n + 1);
	for (i = 0; i < s->n; i++)
		for (k = 0; k < s->v[i][0]; k++)
			g->sets[i * g->n + s->v[i][k + 1]] = true;
	for (i = 0; i < s->n; i++)
		for (k = 0; k < i; k++)
			g->repeated |= memcmp(g->sets + i * g->n, g->sets + k * g->n, g->n * sizeof(*g->sets)) == 0;
	for (i = 0; i < g->n; i++)
		g->outs[i].nullable = true;
	g->gid = (struct sp_attr){ .id = g->an->next_id++, .name = S("spark_grouping_id"), .type = &sp_types[SP_BIGINT] };
}

static int groups(struct grouper *g)
{
	const struct sp_select *s = g->x->s;
	struct sets all = { 0 };
	bool sets = false;
	uint32_t i;
	for (i = 0; i < s->n_group; i++)
		sets |= s->group[i].kind != SP_GROUPING_EX;
	if (!sets && !s->group_with && s->n_group == 1 && plain_name(s->group[0].ex, S("all"))) {
		bool found = false;
		(void)sp_an_lookup(g->an, g->x->env.attrs, g->x->env.n, &s->group[0].ex->name, &found);
		if (!found)
			return group_all(g);
	}
	if (s->group_with) {
		struct sp_grouping k = { .kind = s->group_with == SP_GROUPING_SETS ? SP_GROUPING_SETS : s->group_with };
		struct sp_grouping *inner = SP_NEWS(g->an, struct sp_grouping, s->n_group + 1);
		for (i = 0; i < s->n_group; i++) {
			struct sp_expr *e = group_expr(g->x, s->group[i].ex);
			if (!e || add_group(g, e, NULL))
				return 1;
			inner[i] = (struct sp_grouping){ .kind = SP_GROUPING_SET, .set = { .v = &s->group[i].ex, .n = 1 } };
		}
		k.inner = s->group_with == SP_GROUPING_SETS ? s->group_sets : inner;
		k.n = s->group_with == SP_GROUPING_SETS ? s->n_group_sets : s->n_group;
		if (sets_of(g, &k, &all))
			return 1;
		to_bits(g, &all);
		return 0;
	}
	for (i = 0; i < s->n_group; i++) {
		struct sets more = { 0 };
		struct sp_expr *e;
		if (sets) {
			if (sets_of(g, &s->group[i], &more) || cross(g, &all, &more))
				return 1;
		} else if (!(e = group_expr(g->x, s->group[i].ex)) || add_group(g, e, NULL)) {
			return 1;
		}
	}
	if (sets)
		to_bits(g, &all);
	return 0;
}

/* ---- what is over the groups ---- */
static struct sp_expr *column_for(struct grouper *g, const struct sp_attr *a, const struct sp_expr *e)
{
	struct sp_expr *c = sp_an_column(g->an, a);
	c->from = e->from;
	c->to = e->to;
	c->shown = sp_an_shown(g->an, e);
	return c;
}

static int not_grouped(struct grouper *g, struct sp_expr *e)
{
	struct slice name = sp_an_shown(g->an, e);
	if (!g->x->s->n_group)
		return sp_an_fail_at(g->an, g->x->q->at, g->x->q->at + 1, "MISSING_GROUP_BY", "42803",
				     "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the window functions using OVER clauses.");
	if (g->after) {
		struct sp_name n = { .parts = &name, .n = 1, .at = (uint32_t)e->from, .end = (uint32_t)e->to };
		return sp_an_unresolved(g->an, &n, g->x->outs, g->x->n);
	}
	return sp_an_fail_at(g->an, 0, 0, "MISSING_AGGREGATION", "42803",
			     "The non-aggregating expression \"%.*s\" is based on columns which are not participating in the GROUP BY clause.\n"
			     "Add the columns or the expression to the GROUP BY, aggregate the expression, or use \"any_value(%.*s)\" if you do not care which of the values "
			     "within a group is returned.", SL(name), SL(name));
}

static int no_aggregate(void *self, struct sp_expr **slot)
{
	struct grouper *g = self;
	if (sp_is_window(*slot))
		return sp_an_fail_at(g->an, 0, 0, "_LEGACY_ERROR_TEMP_1031", "", "It is not allowed to use a window function inside an aggregate function. Please use the "
				     "inner window function in a sub-query.");
	if (sp_is_aggregate(*slot))
		return sp_an_fail(g->an, *slot, "NESTED_AGGREGATE_FUNCTION", "42607", "It is not allowed to use an aggregate function in the argument of another aggregate "
				  "function. Please use the inner aggregate function in a sub-query.");
	return sp_an_each(*slot, no_aggregate, self);
}

static int inline_item(void *self, struct sp_expr **slot)
{
	return sp_sel_inline(self, slot);
}

static int aggregate(struct grouper *g, struct sp_expr **slot)
{
	struct sp_expr *e = *slot;
	struct sp_attr a = { .name = sp_an_shown(g->an, e), .type = e->type, .nullable = e->nullable };
	size_t i;
	if (sp_an_each(e, inline_item, g->x) || sp_an_each(e, no_aggregate, g))
		return 1;
	for (i = 0; i < g->call_n && !sp_an_same(&g->calls[i]->e, e); i++)
		;
	if (i == g->call_n) {
		ARENA_GROW(g->an->a, g->calls, g->call_n, g->call_cap);
		ARENA_GROW(g->an->a, g->call_ids, g->call_n, g->id_cap);
		g->calls[g->call_n] = sp_special_of(e);
		g->call_ids[g->call_n++] = g->an->next_id++;
	}
	a.id = g->call_ids[i];
	*slot = column_for(g, &a, e);
	return 0;
}

/* Whether e is group k as what is over the AGGREGATE sees it: an item that was rewritten already. */
static bool is_out(const struct grouper *g, size_t k, const struct sp_expr *e)
{
	return e->op == SP_COLUMN && e->column == g->outs[k].id;
}

/* grouping(a): its bit of the grouping id. */
static int grouping(struct grouper *g, struct sp_expr **slot)
{
	struct sp_expr *e = *slot, *id = sp_an_column(g->an, &g->gid), *bits = NULL;
	bool one = sl_eqs(sl(e->fn->name), "grouping");
	size_t i, k;
	if (sp_an_each(e, inline_item, g->x))
		return 1;
	if (!g->sets)
		return sp_an_fail(g->an, e, "UNSUPPORTED_GROUPING_EXPRESSION", "", "grouping()/grouping_id() can only be used with GroupingSets/Cube/Rollup.");
	for (i = 0; i < e->arg_n; i++) {
		struct sp_expr *shift, *v[2];
		for (k = 0; k < g->n && !sp_an_same(g->groups[k], e->args[i]) && !is_out(g, k, e->args[i]); k++)
			;
		if (k == g->n)
			return sp_an_fail(g->an, e, one ? "GROUPING_COLUMN_MISMATCH" : "GROUPING_ID_COLUMN_MISMATCH", one ? "42803" : "42803",
					  one ? "Column of grouping (%.*s) can't be found in grouping columns." : "Columns of grouping_id (%.*s) does not match grouping columns.",
					  SL(sp_an_shown(g->an, e->args[i])));
		v[0] = id;
		v[1] = sp_an_int(g->an, (int64_t)(g->n - 1 - k));
		shift = sp_an_call(g->an, "shiftright", &sp_types[SP_BIGINT], false, 2, v);
		v[0] = shift;
		v[1] = sp_an_const(g->an, &sp_types[SP_BIGINT], (struct sp_value){ .i = 1 });
		if (!one)
			continue;
		bits = sp_an_call(g->an, "&", &sp_types[SP_BIGINT], false, 2, v);
		bits = sp_an_cast(g->an, bits, &sp_types[SP_TINYINT]);
	}
	if (g->an->err->set)
		return 1;
	if (!one)
		bits = id;
	bits->shown = sp_an_shown(g->an, e);
	*slot = bits;
	return 0;
}

static bool is_grouping(const struct sp_expr *e)
{
	return e->op == SP_CALL && e->fn && (sl_eqs(sl(e->fn->name), "grouping") || sl_eqs(sl(e->fn->name), "grouping_id"));
}

/* Without sets grouping() is refused before anything else is. */
static int no_sets(void *self, struct sp_expr **slot)
{
	return is_grouping(*slot) ? grouping(self, slot) : sp_an_each(*slot, no_sets, self);
}

static int rewrite(void *self, struct sp_expr **slot)
{
	struct grouper *g = self;
	struct sp_expr *e = *slot;
	size_t i;
	if (e->op == SP_CONST)
		return 0;
	if (sp_is_aggregate(e))
		return aggregate(g, slot);
	if (is_grouping(e))
		return grouping(g, slot);
	for (i = 0; i < g->n; i++)
		if (sp_an_same(g->groups[i], e)) {
			*slot = column_for(g, &g->outs[i], e);
			return 0;
		}
	if (e->op == SP_SUBQUERY && !g->after && ((struct sp_sub *)e->plan)->kind == SP_SUB_SCALAR && ((struct sp_sub *)e->plan)->outer_n)
		return sp_an_fail(g->an, e, "SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION", "",
				  "The correlated scalar subquery '\"%.*s\"' is neither present in GROUP BY, nor in an aggregate function. Add it to GROUP BY using ordinal position "
				  "or wrap it in `first()` (or `first_value`) if you don't care which value you get.", SL(sp_an_shown(g->an, e)));
	if (e->op == SP_COLUMN)
		return e->column < g->id_n && g->from_source[e->column] ? not_grouped(g, e) : 0;
	return sp_an_each(e, rewrite, self);
}

/* ---- the operators ---- */
static struct sp_node *expand(struct grouper *g, struct sp_node *in)
{
	struct sp_an *an = g->an;
	size_t m = in->p.column_n, n = m + g->n + 1 + g->repeated, gid = m + g->n, i, k, s;
	struct sp_node *node = sp_an_node(an, SP_P_EXPAND, n, 1);
	node->p.in[0] = &in->p;
	node->p.expand_n = g->set_n;
	node->p.expands = SP_NEWS(an, struct sp_expr **, g->set_n + 1);
	for (i = 0; i < m; i++) {
		node->p.columns[i] = in->p.columns[i];
		node->ids[i] = in->ids[i];
	}
	for (k = 0; k < g->n; k++)
		sp_an_set_column(node, m + k, an->next_id++, g->outs[k].name, g->outs[k].type, true);
	sp_an_set_column(node, gid, an->next_id++, g->gid.name, g->gid.type, false);
	if (g->repeated)
		sp_an_set_column(node, gid + 1, an->next_id++, S("_gen_grouping_pos"), &sp_types[SP_INT], false);
	for (s = 0; s < g->set_n; s++) {
		struct sp_expr **v = node->p.expands[s] = SP_NEWS(an, struct sp_expr *, n);
		int64_t id = 0;
		for (i = 0; i < m; i++)
			v[i] = sp_an_column(an, &(struct sp_attr){ .id = in->ids[i], .type = in->p.columns[i].type, .nullable = in->p.columns[i].nullable });
		for (k = 0; k < g->n; k++) {
			bool has = g->sets[s * g->n + k];
			v[m + k] = has ? g->groups[k] : sp_an_null(an, g->outs[k].type);
			id = id << 1 | !has;
		}
		v[gid] = sp_an_const(an, g->gid.type, (struct sp_value){ .i = id });
		if (g->repeated)
			v[gid + 1] = sp_an_int(an, (int64_t)s);
	}
	/* The groups are the columns it makes. */
	for (k = 0; k < g->n; k++) {
		g->groups[k] = sp_an_column(an, &(struct sp_attr){ .id = node->ids[m + k], .name = g->outs[k].name, .type = g->outs[k].type, .nullable = true });
		g->outs[k].nullable = true;
	}
	return node;
}

static struct sp_node *aggregate_node(struct grouper *g, struct sp_node *in)
{
	struct sp_an *an = g->an;
	const size_t own = g->sets ? 1 + g->repeated : 0; /* the id of the grouping set, its position */
	size_t n = g->n + own, i, k;
	struct sp_node *node = sp_an_node(an, SP_P_AGGREGATE, n + g->call_n, 1);
	node->p.in[0] = &in->p;
	node->p.groups = SP_NEWS(an, struct sp_expr *, n + 1);
	node->p.group_n = n;
	for (i = 0; i < g->n; i++) {
		node->p.groups[i] = g->groups[i];
		sp_an_set_column(node, i, g->outs[i].id, g->outs[i].name, g->outs[i].type, g->outs[i].nullable);
	}
	for (k = 0; k < own; k++, i++) {
		size_t at = in->p.column_n - own + k;
		node->p.groups[i] = sp_an_column(an, &(struct sp_attr){ .id = in->ids[at], .type = in->p.columns[at].type });
		sp_an_set_column(node, i, k ? an->next_id++ : g->gid.id, in->p.columns[at].name, in->p.columns[at].type, false);
	}
	node->p.aggregates = SP_NEWS(an, struct sp_aggregation, g->call_n + 1);
	node->p.aggregate_n = g->call_n;
	for (i = 0; i < g->call_n; i++) {
		struct sp_special *c = g->calls[i];
		node->p.aggregates[i] = (struct sp_aggregation){ .call = &c->e, .filter = c->filter, .distinct = c->distinct, .order = c->order, .order_n = c->order_n };
		sp_an_set_column(node, n + i, g->call_ids[i], sp_an_shown(an, &c->e), c->e.type, c->e.nullable);
	}
	return node;
}

/* Subqueries in groups and in arguments are below the AGGREGATE. */
static int below(struct grouper *g)
{
	struct sp_expr **v;
	size_t n = g->n, i, k;
	for (i = 0; i < g->call_n; i++)
		n += g->calls[i]->e.arg_n + (g->calls[i]->filter != NULL);
	v = SP_NEWS(g->an, struct sp_expr *, n + 1);
	if (g->n)
		memcpy(v, g->groups, g->n * sizeof(*v));
	for (i = 0, n = g->n; i < g->call_n; i++) {
		for (k = 0; k < g->calls[i]->e.arg_n; k++)
			v[n++] = g->calls[i]->e.args[k];
		if (g->calls[i]->filter)
			v[n++] = g->calls[i]->filter;
	}
	if (sp_an_subqueries(g->an, &g->x->node, v, n))
		return 1;
	if (g->n)
		memcpy(g->groups, v, g->n * sizeof(*v));
	for (i = 0, n = g->n; i < g->call_n; i++) {
		for (k = 0; k < g->calls[i]->e.arg_n; k++)
			g->calls[i]->e.args[k] = v[n++];
		if (g->calls[i]->filter)
			g->calls[i]->filter = v[n++];
	}
	return 0;
}

int sp_sel_group(struct sp_sel *x)
{
	struct grouper *g = SP_NEW(x->an, struct grouper);
	size_t i;
	*g = (struct grouper){ .x = x, .an = x->an };
	if (groups(g))
		return 1;
	g->id_n = x->an->next_id;
	g->from_source = SP_NEWS(x->an, bool, g->id_n + 1);
	for (i = 0; i < x->source.n; i++)
		g->from_source[x->source.attrs[i].id] = true;
	for (i = 0; i < x->n && !g->sets; i++)
		if (no_sets(g, &x->items[i].e))
			return 1;
	for (i = 0; i < x->generated_n; i++)
		if (sp_an_each(x->generated[i].call, rewrite, g))
			return 1;
	for (i = 0; i < x->n; i++)
		if (rewrite(g, &x->items[i].e))
			return 1;
	g->after = true;
	if ((x->having && rewrite(g, &x->having)) || (x->qualify && rewrite(g, &x->qualify)))
		return 1;
	for (i = 0; i < x->order_n; i++)
		if (rewrite(g, &x->order[i].e))
			return 1;
	if (below(g))
		return 1;
	if (g->sets)
		x->node = expand(g, x->node);
	x->node = aggregate_node(g, x->node);
	return 0;
}
