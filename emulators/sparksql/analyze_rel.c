/* What stands in FROM: tables, views, CTEs, VALUES, queries, aliases. */
#include "sparksql/analysis.h"
#include "sparksql/parse.h"
#include "spark/print.h"

struct sp_source sp_an_requalified(struct sp_an *an, const struct sp_source *s, const struct slice *qual, size_t qual_n)
{
	struct sp_source out = { .node = s->node, .attrs = SP_NEWS(an, struct sp_attr, s->n + 1), .n = s->n };
	size_t i, n = 0;
	for (i = 0; i < s->n; i++) {
		if (s->attrs[i].hidden == SP_QUALIFIED || s->attrs[i].hidden == SP_BELOW)
			continue;
		out.attrs[n] = s->attrs[i];
		out.attrs[n].qual = qual;
		out.attrs[n++].qual_n = qual_n;
	}
	out.n = n;
	return out;
}

int sp_an_alias(struct sp_an *an, const struct sp_alias *alias, struct sp_source *s, size_t from, size_t to)
{
	struct slice *qual;
	size_t shown;
	uint32_t i;
	if (!alias->name.p)
		return 0;
	qual = SP_NEW(an, struct slice);
	*qual = alias->name;
	*s = sp_an_requalified(an, s, qual, 1);
	if (!alias->columns.n)
		return 0;
	for (shown = 0; shown < s->n && !s->attrs[shown].hidden; shown++)
		;
	if (alias->columns.n != shown)
		return sp_an_fail_at(an, from, to, "_LEGACY_ERROR_TEMP_1028", "",
				     "Number of column aliases does not match number of columns. Number of column aliases: %u; number of columns: %zu.",
				     alias->columns.n, shown);
	for (i = 0; i < alias->columns.n; i++)
		s->attrs[i].name = alias->columns.v[i];
	return 0;
}

/* A relation whose columns are node's own, in order. */
static void attrs_of(struct sp_an *an, struct sp_node *node, struct sp_source *out)
{
	size_t i, n = node->p.column_n;
	*out = (struct sp_source){ .node = node, .attrs = SP_NEWS(an, struct sp_attr, n + 1), .n = n };
	for (i = 0; i < n; i++) {
		const struct sp_field *f = &node->p.columns[i];
		out->attrs[i] = (struct sp_attr){ .id = node->ids[i], .name = f->name, .type = f->type, .nullable = f->nullable };
	}
}

/* ---- VALUES ---- */
static const struct sp_exs *cells(const struct sp_ex *row, struct sp_exs *one, struct sp_ex **slot)
{
	if (row->kind == SP_EX_ROW)
		return &row->list;
	if (row->kind == SP_EX_CALL && sl_eq_nocase(row->call->name.parts[0], S("struct")) && row->call->name.n == 1)
		return &row->call->args; /* STRUCT(1, 'a') is a row as (1, 'a') is */
	*slot = (struct sp_ex *)row;
	*one = (struct sp_exs){ .v = slot, .n = 1 };
	return one;
}

static struct slice column_name(struct sp_an *an, const struct sp_rel *rel, size_t c)
{
	return rel->alias.columns.n > c ? rel->alias.columns.v[c] : arena_printf(an->a, "col%zu", c + 1);
}

static int volatile_slot(void *self, struct sp_expr **slot)
{
	return ((*slot)->op == SP_CALL && (*slot)->fn && (*slot)->fn->flags & SP_F_VOLATILE) || sp_an_each(*slot, volatile_slot, self);
}

static int column_type(struct sp_an *an, struct sp_expr **v, size_t rows, size_t columns, size_t c, const struct sp_rel *rel)
{
	const struct sp_type **types = SP_NEWS(an, const struct sp_type *, rows + 1), *t;
	size_t r, n = 0;
	for (r = 0; r < rows; r++) {
		t = v[r * columns + c]->type;
		if (!n || types[n - 1] != t)
			types[n++] = t;
	}
	t = sp_an_wider_n(an, types, n, false);
	if (!t)
		return sp_an_fail_at(an, rel->at, rel->end, "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE", "",
				     "Invalid inline table. Found incompatible types in the column `%.*s` for inline table.", SL(column_name(an, rel, c)));
	for (r = 0; r < rows; r++)
		v[r * columns + c] = sp_an_cast(an, v[r * columns + c], t);
	return 0;
}

static int values(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out)
{
	struct sp_env env = { .an = an, .clause = SP_IN_VALUES, .ctes = in->ctes };
	struct sp_exs one;
	struct sp_ex *slot;
	size_t rows = rel->rows.n, columns = cells(rel->rows.v[0], &one, &slot)->n, r, c;
	struct sp_expr **v = SP_NEWS(an, struct sp_expr *, rows * columns + 1);
	struct sp_node *node = sp_an_node(an, SP_P_ROWS, columns, 0);
	if (rel->alias.columns.n && rel->alias.columns.n != columns)
		return sp_an_fail_at(an, rel->at, rel->end, "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "",
				     "Invalid inline table. Inline table expected %u columns but found %zu columns in row 0.", rel->alias.columns.n, columns);
	for (r = 0; r < rows; r++) {
		const struct sp_exs *row = cells(rel->rows.v[r], &one, &slot);
		if (row->n != columns)
			return sp_an_fail_at(an, rel->at, rel->end, "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "",
					     "Invalid inline table. Inline table expected %zu columns but found %u columns in row %zu.", columns, row->n, r);
		for (c = 0; c < columns; c++) {
			struct sp_ex *ex = row->v[c];
			if (!(v[r * columns + c] = sp_an_expr(&env, ex->kind == SP_EX_ALIAS ? ex->alias.a : ex)))
				return 1;
			if (env.any_aggregate || env.any_window || env.any_generator || env.any_sub || volatile_slot(NULL, &v[r * columns + c]))
				return sp_an_fail_at(an, ex->at, ex->end, "INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE", "",
						     "Invalid inline table. Cannot evaluate the expression \"%.*s\" in inline table definition.",
						     SL(sp_an_shown(an, v[r * columns + c])));
		}
	}
	for (c = 0; c < columns; c++) {
		bool nullable = false;
		if (column_type(an, v, rows, columns, c, rel))
			return 1;
		for (r = 0; r < rows; r++)
			nullable |= v[r * columns + c]->nullable;
		sp_an_set_column(node, c, an->next_id++, arena_printf(an->a, "col%zu", c + 1), v[c]->type, nullable);
	}
	node->p.exprs = v;
	node->p.row_n = rows;
	node->p.expr_n = rows * columns;
	attrs_of(an, node, out);
	return 0;
}

/* ---- tables and views ---- */
static int not_found(struct sp_an *an, const struct sp_rel *rel)
{
	struct buf b = { 0 };
	const struct sp_name *n = &rel->table.name;
	sp_an_quoted(&b, n->parts, n->n);
	sp_an_fail_at(an, rel->at, rel->end, "TABLE_OR_VIEW_NOT_FOUND", "42P01",
		      "The table or view %s cannot be found. Verify the spelling and correctness of the schema and catalog.\n"
		      "If you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and "
		      "catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.", buf_cstr(&b));
	buf_free(&b);
	return 1;
}

static void scan(struct sp_an *an, const struct sp_found *f, struct sp_source *out)
{
	struct sp_node *node = sp_an_node(an, SP_P_SCAN, f->relation->column_n, 0);
	size_t i;
	node->p.relation = f->relation;
	for (i = 0; i < f->relation->column_n; i++) {
		const struct sp_field *c = &f->relation->columns[i];
		sp_an_set_column(node, i, an->next_id++, c->name, c->type, c->nullable);
		node->p.columns[i] = *c;
	}
	attrs_of(an, node, out);
	for (i = f->relation->column_n - f->relation->hidden_n; i < f->relation->column_n; i++)
		out->attrs[i].hidden = SP_META;
}

/* A plan that is finished: its columns get ids, nothing in it is touched. */
static void kept_plan(struct sp_an *an, const struct sp_plan *plan, const struct sp_known *known, struct sp_source *out)
{
	struct sp_node *node = SP_NEW(an, struct sp_node);
	size_t i;
	node->p = *plan;
	node->bound = true;
	node->ids = SP_NEWS(an, size_t, plan->column_n + 1);
	for (i = 0; i < plan->column_n; i++)
		node->ids[i] = an->next_id++;
	attrs_of(an, node, out);
	for (i = 0; known && i < plan->column_n; i++) {
		out->attrs[i].hidden = known[i].hidden;
		out->attrs[i].uid = known[i].uid;
		out->attrs[i].qual = known[i].qual;
		out->attrs[i].qual_n = known[i].qual_n;
		if (known[i].copy) {
			struct sp_attr *first = &out->attrs[known[i].copy - 1];
			out->attrs[i].origin = first->origin = first->origin ? first->origin : first->id;
		}
	}
}

static int view_text(struct sp_an *an, const struct sp_found *f, const struct sp_rel *rel, struct sp_source *out)
{
	struct sp_view_stack here = { .up = an->views, .view = f };
	const struct sp_view_stack *v;
	struct sp_scope_in in = { 0 };
	struct sp_stmt *stmt;
	int rc;
	for (v = an->views; v; v = v->up)
		if (v->view->shown_n == f->shown_n && f->shown_n && sl_eq_nocase(v->view->shown[f->shown_n - 1], f->shown[f->shown_n - 1])
		    && sl_eq_nocase(v->view->shown[0], f->shown[0]))
			return sp_an_fail_at(an, rel->at, rel->end, "RECURSIVE_VIEW", "42K0H",
					     "Recursive view `%.*s` detected (cycle: `%.*s` -> `%.*s`).", SL(f->shown[f->shown_n - 1]), SL(f->shown[f->shown_n - 1]),
					     SL(f->shown[f->shown_n - 1]));
	stmt = NULL;
	if (sp_parse(an->a, f->text, &stmt, an->err) || !stmt || !stmt->query)
		return an->err->set ? 1 : sp_fail(an->err, SP_E_UNSERVED, "", "", "A view's text is no query.");
	an->views = &here;
	rc = sp_an_query(an, stmt->query, &in, out);
	an->views = here.up;
	return rc;
}

static int table_name(struct sp_an *an, const struct sp_rel *rel, struct sp_table_name *t)
{
	const struct sp_ex *ts = rel->table.timestamp;
	*t = (struct sp_table_name){ .parts = rel->table.name.parts, .n = rel->table.name.n, .version = -1 };
	if (rel->table.version.p && !sl_int(rel->table.version, 0, INT64_MAX, &t->version))
		return sp_fail(an->err, SP_E_UNSERVED, "", "", "VERSION AS OF takes a number here.");
	if (ts) {
		struct sp_env env = { .an = an, .clause = SP_IN_VALUES };
		struct sp_expr *e = sp_an_expr(&env, ts);
		struct sp_resolve x = { .arena = an->a, .cx = an->cx, .e = e, .err = an->err };
		struct sp_value v;
		struct buf b = { 0 };
		if (!e)
			return 1;
		x.e = sp_an_expr_new(an, SP_CALL, e->type, true, 1);
		x.e->args[0] = e;
		if (sp_resolve_const(&x, 0, &v))
			return 1;
		sp_print(&b, e->type, &v, an->cx->zone);
		t->timestamp = sp_an_text(an, &b);
	}
	return 0;
}

/* A CTE's relation, read once more. */
struct sp_cte_def {
	struct sp_source s;
	struct sp_shared *shared;
	const struct sp_cte *cte;
	const struct sp_ctes *around;
	bool correlated;
};

static void read_cte(struct sp_an *an, struct sp_cte_def *d, struct sp_source *out)
{
	struct sp_node *node;
	size_t i;
	if (!d->shared) {
		d->shared = SP_NEW(an, struct sp_shared);
		d->shared->plan = &d->s.node->p;
		d->shared->at = an->shared_n++;
	}
	d->shared->uses++;
	node = sp_an_node(an, SP_P_SHARED, d->s.node->p.column_n, 0);
	for (i = 0; i < node->p.column_n; i++) {
		const struct sp_field *f = &d->s.node->p.columns[i];
		sp_an_set_column(node, i, an->next_id++, f->name, f->type, f->nullable);
	}
	node->p.shared = d->shared;
	*out = (struct sp_source){ .node = node, .attrs = SP_NEWS(an, struct sp_attr, d->s.n + 1), .n = d->s.n };
	for (i = 0; i < d->s.n; i++) {
		size_t k;
		out->attrs[i] = d->s.attrs[i];
		for (k = 0; k < node->p.column_n && d->s.node->ids[k] != d->s.attrs[i].id; k++)
			;
		out->attrs[i].id = node->ids[k];
		out->attrs[i].origin = 0;
		for (k = 0; k < i && d->s.attrs[i].origin; k++) /* copies stay copies of one another, not of another reading's */
			if (d->s.attrs[k].origin == d->s.attrs[i].origin)
				out->attrs[i].origin = out->attrs[k].origin = out->attrs[k].origin ? out->attrs[k].origin : out->attrs[k].id;
	}
}

int sp_an_ctes(struct sp_an *an, const struct sp_query *q, struct sp_scope_in *in)
{
	const struct sp_ctes *around = in->derived ? NULL : in->ctes;
	uint32_t i;
	in->derived = false;
	for (i = 0; i < q->n_ctes; i++) {
		struct sp_cte_def *d = SP_NEW(an, struct sp_cte_def);
		struct sp_ctes *c = SP_NEW(an, struct sp_ctes);
		struct sp_alias alias = { .name = q->ctes[i].name, .columns = q->ctes[i].columns };
		size_t before = in->sub ? in->sub->outer_n : 0;
		const struct sp_ctes *o;
		for (o = around; o; o = o->up)
			if (sl_eq_nocase(o->name, q->ctes[i].name))
				return sp_an_fail_at(an, 0, 0, "AMBIGUOUS_ALIAS_IN_NESTED_CTE", "", "Name `%.*s` is ambiguous in nested CTE.\nPlease set "
						     "\"spark.sql.legacy.ctePrecedencePolicy\" to \"CORRECTED\" so that name defined in inner CTE takes precedence. If set it to \"LEGACY\", "
						     "outer CTE definitions will take precedence.\nSee 'https://spark.apache.org/docs/latest/sql-migration-guide.html#query-engine'.",
						     SL(q->ctes[i].name));
		d->cte = &q->ctes[i];
		d->around = in->ctes;
		if (sp_an_query(an, q->ctes[i].query, in, &d->s) || sp_an_alias(an, &alias, &d->s, q->ctes[i].at, q->ctes[i].end))
			return 1;
		d->correlated = in->sub && in->sub->outer_n > before;
		*c = (struct sp_ctes){ .up = in->ctes, .name = q->ctes[i].name, .def = d };
		in->ctes = c;
	}
	return 0;
}

static int table(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out)
{
	struct sp_found f = { 0 };
	struct sp_table_name name;
	struct slice *qual;
	const struct sp_ctes *c;
	for (c = in->ctes; c && rel->table.name.n == 1; c = c->up)
		if (sl_eq_nocase(c->name, rel->table.name.parts[0])) {
			read_cte(an, c->def, out);
			qual = SP_NEW(an, struct slice);
			*qual = rel->table.name.parts[0];
			*out = sp_an_requalified(an, out, qual, 1);
			return 0;
		}
	if (table_name(an, rel, &name))
		return 1;
	if (an->catalog && an->catalog->find(an->catalog->self, &name, &f, an->err))
		return 1;
	if (f.kind == SP_FOUND_LATER)
		return sp_fail(an->err, SP_E_AGAIN, "", "", "A table is being looked up.");
	if (f.kind == SP_FOUND_NOTHING && name.n == 3 && !sl_eq_nocase(name.parts[0], S("spark_catalog")) && !sl_eq_nocase(name.parts[0], S("hive_metastore")))
		return sp_an_fail_at(an, 0, 0, "REQUIRES_SINGLE_PART_NAMESPACE", "42K05", "spark_catalog requires a single-part namespace, but got `%.*s`.`%.*s`.",
				     SL(name.parts[0]), SL(name.parts[1]));
	if (f.kind == SP_FOUND_NOTHING)
		return not_found(an, rel);
	if (f.kind == SP_FOUND_TABLE)
		scan(an, &f, out);
	else if (f.plan)
		kept_plan(an, f.plan, f.known, out);
	else if (view_text(an, &f, rel, out))
		return 1;
	if (f.known) /* its columns have tables of their own */
		return 0;
	qual = SP_NEWS(an, struct slice, 4);
	memcpy(qual, f.shown, f.shown_n * sizeof(*qual));
	if (!f.shown_n) {
		qual[0] = rel->table.name.parts[rel->table.name.n - 1];
		f.shown_n = 1;
	}
	*out = sp_an_requalified(an, out, qual, f.shown_n);
	if (f.kind == SP_FOUND_VIEW && f.aliases) {
		size_t i;
		for (i = 0; i < out->n; i++)
			out->attrs[i].name = f.aliases[i];
	}
	return 0;
}

/* ---- TABLESAMPLE ---- */
static int sample(struct sp_an *an, const struct sp_rel *rel, struct sp_source *s)
{
	const struct sp_sample *k = rel->sample;
	struct sp_node *node;
	if (k->kind == SP_SAMPLE_ROWS) {
		struct sp_query q = { .limit = k->rows };
		struct sp_scope_in in = { 0 };
		return sp_an_limit(an, &q, &in, s);
	}
	node = sp_an_over(an, SP_P_SAMPLE, s->node);
	node->p.fraction = k->kind == SP_SAMPLE_BUCKET ? (double)k->bucket / (double)k->of : k->percent / 100;
	if (k->kind == SP_SAMPLE_BUCKET) {
		node->p.fraction = 1.0 / (double)k->of;
		node->p.fraction_from = (double)(k->bucket - 1) / (double)k->of;
	}
	node->p.seed = k->has_seed ? (uint64_t)k->seed : an->cx->seed;
	s->node = node;
	return 0;
}

int sp_an_rel(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out)
{
	struct sp_scope_in inner;
	int rc = 1;
	if (sp_an_deeper(an))
		return 1;
	switch ((enum sp_rel_kind)rel->kind) {
	case SP_REL_TABLE:
		rc = table(an, rel, in, out);
		break;
	case SP_REL_QUERY:
		inner = *in;
		inner.derived = true;
		rc = sp_an_query(an, rel->query, &inner, out);
		if (!rc)
			*out = sp_an_requalified(an, out, NULL, 0);
		break;
	case SP_REL_VALUES:
		rc = values(an, rel, in, out);
		break;
	case SP_REL_FUNCTION:
		rc = sp_an_table_function(an, rel, in, out);
		break;
	case SP_REL_JOIN:
		rc = sp_an_join_rel(an, rel, in, out);
		break;
	case SP_REL_LATERAL_VIEW:
		an->depth--;
		return sp_an_lateral_view(an, rel, in, out);
	case SP_REL_PIVOT:
		rc = sp_an_pivot(an, rel, in, out);
		break;
	case SP_REL_UNPIVOT:
		rc = sp_an_unpivot(an, rel, in, out);
		break;
	case SP_REL_PARENS:
		rc = sp_an_rel(an, rel->inner, in, out);
		break;
	}
	if (!rc && rel->sample)
		rc = sample(an, rel, out);
	if (!rc)
		rc = sp_an_alias(an, &rel->alias, out, rel->at, rel->end);
	an->depth--;
	return rc;
}
