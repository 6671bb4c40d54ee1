/* tree_print: a statement's tree as an S-expression on one line, which tests compare. Names are as written, `x` where quoted; texts in '..'. */
#ifndef TARN_TESTS_SPARKSQL_TREE_H
#define TARN_TESTS_SPARKSQL_TREE_H

#include "sparksql/ast.h"

static void ex(struct buf *b, const struct sp_ex *e);
static void rel(struct buf *b, const struct sp_rel *r);
static void query(struct buf *b, const struct sp_query *q);

static void text(struct buf *b, struct slice s)
{
	buf_addc(b, '\'');
	buf_json_escape(b, s);
	buf_addc(b, '\'');
}

static void name(struct buf *b, const struct sp_name *n)
{
	for (uint32_t i = 0; i < n->n; i++) {
		bool q = i < 32 && (n->quoted >> i & 1);
		buf_adds(b, i ? "." : "");
		buf_adds(b, q ? "`" : "");
		buf_addsl(b, n->parts[i]);
		buf_adds(b, q ? "`" : "");
	}
}

static void idents(struct buf *b, const char *what, const struct sp_idents *l)
{
	if (!l->n)
		return;
	buf_addf(b, " (%s", what);
	for (uint32_t i = 0; i < l->n; i++)
		buf_addf(b, " %.*s", SL(l->v[i]));
	buf_addc(b, ')');
}

static void exs(struct buf *b, const struct sp_exs *l)
{
	for (uint32_t i = 0; i < l->n; i++) {
		buf_addc(b, ' ');
		ex(b, l->v[i]);
	}
}

static void list(struct buf *b, const char *what, const struct sp_exs *l)
{
	if (!l->n)
		return;
	buf_addf(b, " (%s", what);
	exs(b, l);
	buf_addc(b, ')');
}

static void one(struct buf *b, const char *what, const struct sp_ex *e)
{
	if (!e)
		return;
	buf_addf(b, " (%s ", what);
	ex(b, e);
	buf_addc(b, ')');
}

static void sorts(struct buf *b, const char *what, const struct sp_sorts *l)
{
	if (!l->n)
		return;
	buf_addf(b, " (%s", what);
	for (uint32_t i = 0; i < l->n; i++) {
		buf_addc(b, ' ');
		ex(b, l->v[i].ex);
		buf_adds(b, l->v[i].descending ? " desc" : "");
		buf_adds(b, l->v[i].nulls == SP_NULLS_FIRST ? " nulls-first" : l->v[i].nulls == SP_NULLS_LAST ? " nulls-last" : "");
	}
	buf_addc(b, ')');
}

static void literal(struct buf *b, const struct sp_ex *e)
{
	static const char *const kinds[] = { "null", "boolean", "tinyint", "smallint", "int", "bigint", "decimal", "float", "double", "string",
					     "binary", "date", "timestamp", "timestamp_ntz", "timestamp_ltz", "ym", "dt", "calendar" };
	switch (e->lit.kind) {
	case SP_LIT_NULL:
		buf_adds(b, "null");
		break;
	case SP_LIT_BOOLEAN:
		buf_adds(b, e->lit.flag ? "true" : "false");
		break;
	case SP_LIT_INT:
		buf_int(b, e->lit.number);
		break;
	case SP_LIT_TINYINT: case SP_LIT_SMALLINT: case SP_LIT_BIGINT:
		buf_addf(b, "(%s %lld)", kinds[e->lit.kind], (long long)e->lit.number);
		break;
	case SP_LIT_STRING:
		text(b, e->lit.text);
		break;
	case SP_LIT_BINARY:
		buf_adds(b, "(binary ");
		buf_hex(b, e->lit.text.p, e->lit.text.n);
		buf_addc(b, ')');
		break;
	case SP_LIT_YEAR_MONTH: case SP_LIT_DAY_TIME: case SP_LIT_CALENDAR:
		buf_addf(b, "(%s %lld %d..%d)", kinds[e->lit.kind],
			 e->lit.kind == SP_LIT_YEAR_MONTH ? (long long)e->lit.interval.months : (long long)e->lit.interval.micros,
			 e->lit.interval.first, e->lit.interval.last);
		break;
	default:
		buf_addf(b, "(%s ", kinds[e->lit.kind]);
		text(b, e->lit.text);
		buf_addc(b, ')');
	}
}

static void frame_bound(struct buf *b, const struct sp_frame_bound *f)
{
	static const char *const kinds[] = { "unbounded-preceding", "preceding", "current", "following", "unbounded-following" };
	if (f->ex)
		one(b, kinds[f->kind], f->ex);
	else
		buf_addf(b, " %s", kinds[f->kind]);
}

static void window(struct buf *b, const struct sp_window *w)
{
	if (w->ref.p) {
		buf_addf(b, " (over %.*s)", SL(w->ref));
		return;
	}
	buf_adds(b, " (over");
	list(b, "by", &w->partition);
	sorts(b, "order", &w->order);
	if (w->has_frame) {
		buf_adds(b, w->rows ? " (rows" : " (range");
		frame_bound(b, &w->start);
		frame_bound(b, &w->stop);
		buf_addc(b, ')');
	}
	buf_addc(b, ')');
}

static void call(struct buf *b, const struct sp_ex_call *c)
{
	static const char *const forms[] = { "", "extract ", "substring ", "both ", "leading ", "trailing ", "position ", "overlay ", "add ", "diff ", "inner " };
	buf_addf(b, "(call %s", forms[c->form]);
	name(b, &c->name);
	buf_adds(b, c->distinct ? " distinct" : "");
	exs(b, &c->args);
	sorts(b, "within", &c->within_order);
	one(b, "filter", c->filter);
	buf_adds(b, c->nulls == SP_NULLS_IGNORE ? " ignore-nulls" : c->nulls == SP_NULLS_RESPECT ? " respect-nulls" : "");
	if (c->over)
		window(b, c->over);
	buf_addc(b, ')');
}

static void like(struct buf *b, const struct sp_ex *e)
{
	static const char *const ops[] = { "like", "ilike", "rlike" }, *const of[] = { "", "-any", "-all" };
	buf_addf(b, "(%s%s ", ops[e->like.op], of[e->like.of]);
	ex(b, e->like.a);
	if (e->like.pattern) {
		buf_addc(b, ' ');
		ex(b, e->like.pattern);
	}
	exs(b, &e->like.list);
	if (e->like.escape.p) {
		buf_adds(b, " escape ");
		text(b, e->like.escape);
	}
	buf_addc(b, ')');
}

static void cases(struct buf *b, const struct sp_ex *e)
{
	buf_adds(b, "(case");
	if (e->cases.a) {
		buf_addc(b, ' ');
		ex(b, e->cases.a);
	}
	for (uint32_t i = 0; i < e->cases.n; i++) {
		buf_adds(b, " (when ");
		ex(b, e->cases.whens[i].when);
		buf_addc(b, ' ');
		ex(b, e->cases.whens[i].then);
		buf_addc(b, ')');
	}
	one(b, "else", e->cases.other);
	buf_addc(b, ')');
}

/* `(what a b c)` of those that are there. */
static void terms(struct buf *b, const char *what, const struct sp_ex *x, const struct sp_ex *y, const struct sp_ex *z)
{
	const struct sp_ex *const all[] = { x, y, z };
	buf_addf(b, "(%s", what);
	for (size_t i = 0; i < 3; i++)
		if (all[i]) {
			buf_addc(b, ' ');
			ex(b, all[i]);
		}
	buf_addc(b, ')');
}

static void field(struct buf *b, const char *what, const struct sp_ex *e)
{
	buf_addf(b, "(%s ", what);
	ex(b, e->field.a);
	buf_addf(b, " %.*s)", SL(e->field.name));
}

static void in(struct buf *b, const struct sp_ex *e)
{
	buf_adds(b, "(in ");
	ex(b, e->in.a);
	exs(b, &e->in.list);
	if (e->in.query) {
		buf_addc(b, ' ');
		query(b, e->in.query);
	}
	buf_addc(b, ')');
}

static void plain(struct buf *b, const struct sp_ex *e);

static void ex(struct buf *b, const struct sp_ex *e)
{
	if (b->bad)
		return;
	buf_adds(b, e->negated ? "(not " : "");
	plain(b, e);
	buf_adds(b, e->negated ? ")" : "");
}

static void plain(struct buf *b, const struct sp_ex *e)
{
	static const char *const is[] = { "is-null", "is-true", "is-false", "is-unknown" };
	switch ((enum sp_ex_kind)e->kind) {
	case SP_EX_LITERAL:
		literal(b, e);
		return;
	case SP_EX_NAME:
		name(b, &e->name);
		return;
	case SP_EX_STAR:
		buf_adds(b, "(*");
		if (e->star.of.n) {
			buf_addc(b, ' ');
			name(b, &e->star.of);
		}
		for (uint32_t i = 0; i < e->star.except.n; i++) {
			buf_adds(b, i ? " " : " except ");
			name(b, &e->star.except.v[i]);
		}
		buf_addc(b, ')');
		return;
	case SP_EX_ALIAS:
		buf_adds(b, "(as ");
		ex(b, e->alias.a);
		if (e->alias.name.p)
			buf_addf(b, " %.*s", SL(e->alias.name));
		idents(b, "names", &e->alias.names);
		buf_addc(b, ')');
		return;
	case SP_EX_CALL:
		call(b, e->call);
		return;
	case SP_EX_NAMED_ARG:
		buf_addf(b, "(=> %.*s ", SL(e->named.key));
		ex(b, e->named.a);
		buf_addc(b, ')');
		return;
	case SP_EX_TABLE_ARG:
		buf_adds(b, "(table ");
		rel(b, e->table.rel);
		buf_addc(b, ')');
		return;
	case SP_EX_LAMBDA:
		buf_adds(b, "(lambda");
		idents(b, "of", &e->lambda.params);
		buf_addc(b, ' ');
		ex(b, e->lambda.body);
		buf_addc(b, ')');
		return;
	case SP_EX_UNARY: case SP_EX_BINARY:
		terms(b, sp_op_text(e->op), e->a, e->kind == SP_EX_BINARY ? e->b : NULL, NULL);
		return;
	case SP_EX_CASE:
		cases(b, e);
		return;
	case SP_EX_CAST:
		buf_addf(b, "(%scast ", e->cast.try_ ? "try-" : "");
		ex(b, e->cast.a);
		buf_addf(b, " %.*s)", SL(e->cast.type_text));
		return;
	case SP_EX_IS:
		terms(b, is[e->is.what], e->is.a, NULL, NULL);
		return;
	case SP_EX_DISTINCT:
		terms(b, "is-distinct", e->a, e->b, NULL);
		return;
	case SP_EX_BETWEEN:
		terms(b, "between", e->a, e->b, e->c);
		return;
	case SP_EX_IN:
		in(b, e);
		return;
	case SP_EX_LIKE:
		like(b, e);
		return;
	case SP_EX_EXISTS: case SP_EX_SUBQUERY:
		buf_adds(b, e->kind == SP_EX_EXISTS ? "(exists " : "(scalar ");
		query(b, e->query);
		buf_addc(b, ')');
		return;
	case SP_EX_ROW:
		buf_adds(b, "(row");
		exs(b, &e->list);
		buf_addc(b, ')');
		return;
	case SP_EX_SUBSCRIPT:
		terms(b, "at", e->a, e->b, NULL);
		return;
	case SP_EX_FIELD:
		field(b, "field", e);
		return;
	case SP_EX_COLLATE:
		field(b, "collate", e);
		return;
	case SP_EX_JSON_PATH:
		field(b, "path", e);
		return;
	case SP_EX_PARAM:
		if (e->param.name.p)
			buf_addf(b, "(param %.*s)", SL(e->param.name));
		else
			buf_addf(b, "(param %u)", e->param.nth);
		return;
	}
}

/* ---------------------------------------------------------------- relations, queries */

static void alias(struct buf *b, const struct sp_alias *a)
{
	if (!a->name.p && !a->columns.n)
		return;
	buf_addf(b, " (as %.*s", a->name.p ? (int)a->name.n : 1, a->name.p ? a->name.p : "-");
	for (uint32_t i = 0; i < a->columns.n; i++)
		buf_addf(b, " %.*s", SL(a->columns.v[i]));
	buf_addc(b, ')');
}

static void options(struct buf *b, const char *what, const struct sp_options *o)
{
	if (!o->n)
		return;
	buf_addf(b, " (%s", what);
	for (uint32_t i = 0; i < o->n; i++) {
		buf_addf(b, " %.*s", SL(o->v[i].key));
		if (o->v[i].value.p) {
			buf_addc(b, '=');
			text(b, o->v[i].value);
		}
	}
	buf_addc(b, ')');
}

static void table(struct buf *b, const struct sp_rel *r)
{
	buf_adds(b, "(table ");
	name(b, &r->table.name);
	if (r->table.version.p)
		buf_addf(b, " (version %.*s)", SL(r->table.version));
	one(b, "timestamp", r->table.timestamp);
	options(b, "options", &r->table.options);
}

static void pivot(struct buf *b, const struct sp_rel *r)
{
	buf_adds(b, "(pivot ");
	rel(b, r->pivot.of);
	list(b, "aggregates", &r->pivot.aggregates);
	idents(b, "for", &r->pivot.columns);
	buf_adds(b, " (in");
	for (uint32_t i = 0; i < r->pivot.n; i++) {
		buf_addc(b, ' ');
		ex(b, r->pivot.values[i].ex);
		if (r->pivot.values[i].name.p)
			buf_addf(b, " as %.*s", SL(r->pivot.values[i].name));
	}
	buf_addc(b, ')');
}

static void unpivot(struct buf *b, const struct sp_rel *r)
{
	buf_addf(b, "(unpivot%s ", r->unpivot.include_nulls ? "-nulls" : "");
	rel(b, r->unpivot.of);
	idents(b, "values", &r->unpivot.values);
	buf_addf(b, " (for %.*s)", SL(r->unpivot.name));
	for (uint32_t i = 0; i < r->unpivot.n; i++) {
		const struct sp_unpivot_set *s = &r->unpivot.sets[i];
		buf_adds(b, " (set");
		for (uint32_t k = 0; k < s->columns.n; k++) {
			buf_addc(b, ' ');
			name(b, &s->columns.v[k]);
		}
		if (s->name.p)
			buf_addf(b, " as %.*s", SL(s->name));
		buf_addc(b, ')');
	}
}

static void join(struct buf *b, const struct sp_rel *r)
{
	static const char *const kinds[] = { "inner", "cross", "left", "right", "full", "semi", "anti" };
	buf_addf(b, "(%s%s ", r->join.natural ? "natural-" : "", r->join.comma ? "comma" : kinds[r->join.kind]);
	rel(b, r->join.left);
	buf_addc(b, ' ');
	rel(b, r->join.right);
	one(b, "on", r->join.on);
	idents(b, "using", &r->join.using);
}

static void sample(struct buf *b, const struct sp_sample *s)
{
	if (s->kind == SP_SAMPLE_PERCENT)
		buf_addf(b, " (sample %g%%", s->percent);
	else if (s->kind == SP_SAMPLE_BUCKET)
		buf_addf(b, " (sample %lld/%lld", (long long)s->bucket, (long long)s->of);
	else
		buf_adds(b, " (sample");
	one(b, "rows", s->rows);
	if (s->has_seed)
		buf_addf(b, " seed %lld", (long long)s->seed);
	buf_addc(b, ')');
}

static void rel(struct buf *b, const struct sp_rel *r)
{
	buf_adds(b, r->lateral ? "(lateral " : "");
	switch ((enum sp_rel_kind)r->kind) {
	case SP_REL_TABLE:
		table(b, r);
		break;
	case SP_REL_QUERY:
		buf_adds(b, "(from ");
		query(b, r->query);
		break;
	case SP_REL_VALUES:
		buf_adds(b, "(values");
		exs(b, &r->rows);
		break;
	case SP_REL_FUNCTION:
		buf_adds(b, "(function ");
		name(b, &r->function.name);
		exs(b, &r->function.args);
		break;
	case SP_REL_JOIN:
		join(b, r);
		break;
	case SP_REL_LATERAL_VIEW:
		buf_adds(b, r->view.outer ? "(view-outer " : "(view ");
		rel(b, r->view.of);
		buf_addc(b, ' ');
		name(b, &r->view.name);
		exs(b, &r->view.args);
		break;
	case SP_REL_PIVOT:
		pivot(b, r);
		break;
	case SP_REL_UNPIVOT:
		unpivot(b, r);
		break;
	case SP_REL_PARENS:
		buf_adds(b, "(parens ");
		rel(b, r->inner);
		break;
	}
	if (r->sample)
		sample(b, r->sample);
	alias(b, &r->alias);
	buf_adds(b, r->lateral ? "))" : ")");
}

static void groupings(struct buf *b, const char *what, const struct sp_grouping *v, uint32_t n)
{
	static const char *const kinds[] = { "ex", "rollup", "cube", "sets", "set" };
	if (!n)
		return;
	buf_addf(b, " (%s", what);
	for (uint32_t i = 0; i < n; i++) {
		if (v[i].ex) {
			buf_addc(b, ' ');
			ex(b, v[i].ex);
		} else if (v[i].kind == SP_GROUPING_SET) {
			buf_adds(b, " (set");
			exs(b, &v[i].set);
			buf_addc(b, ')');
		} else {
			groupings(b, kinds[v[i].kind], v[i].inner, v[i].n);
		}
	}
	buf_addc(b, ')');
}

static void windows(struct buf *b, const struct sp_named_window *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		buf_addf(b, " (window %.*s", SL(v[i].name));
		window(b, v[i].window);
		buf_addc(b, ')');
	}
}

static void select_list(struct buf *b, const struct sp_select *s)
{
	static const char *const withs[] = { "", " with-rollup", " with-cube", "" };
	buf_adds(b, s->distinct ? "(select-distinct" : "(select");
	for (uint32_t i = 0; i < s->n_hints; i++) {
		buf_addf(b, " (hint %.*s", SL(s->hints[i].name));
		exs(b, &s->hints[i].args);
		buf_addc(b, ')');
	}
	exs(b, &s->items);
	if (s->from) {
		buf_adds(b, " (from ");
		rel(b, s->from);
		buf_addc(b, ')');
	}
	one(b, "where", s->where);
	groupings(b, "group", s->group, s->n_group);
	buf_adds(b, withs[s->group_with < 4 ? s->group_with : 0]);
	groupings(b, "with-sets", s->group_sets, s->n_group_sets);
	one(b, "having", s->having);
	one(b, "qualify", s->qualify);
	windows(b, s->windows, s->n_windows);
}

/* A chain of set operations, deep on the left: its operands from the first on. */
static void set_chain(struct buf *b, const struct sp_query *q)
{
	static const char *const ops[] = { "union", "intersect", "except" };
	const struct sp_query *p = q, **chain;
	size_t n = 0, i;
	for (; p->kind == SP_QUERY_SET && (p == q || (!p->order.n && !p->limit && !p->offset && !p->n_ctes)); p = p->set.left)
		n++;
	chain = xcalloc(n + 1, sizeof(*chain));
	p = q;
	for (i = n; i > 0; i--, p = p->set.left)
		chain[i - 1] = p;
	for (i = n; i > 0; i--)
		buf_addf(b, "(%s%s ", ops[chain[i - 1]->set.op], chain[i - 1]->set.all ? "-all" : chain[i - 1]->set.by_name ? "-by-name" : "");
	query(b, p);
	for (i = 0; i < n; i++) {
		buf_addc(b, ' ');
		query(b, chain[i]->set.right);
		if (i + 1 < n)
			buf_addc(b, ')');
	}
	free(chain);
}

static void query(struct buf *b, const struct sp_query *q)
{
	if (q->n_ctes) {
		buf_adds(b, "(with");
		for (uint32_t i = 0; i < q->n_ctes; i++) {
			buf_addf(b, " (%.*s", SL(q->ctes[i].name));
			idents(b, "columns", &q->ctes[i].columns);
			buf_addc(b, ' ');
			query(b, q->ctes[i].query);
			buf_addc(b, ')');
		}
		buf_addc(b, ' ');
	}
	switch ((enum sp_query_kind)q->kind) {
	case SP_QUERY_SELECT:
		select_list(b, q->select);
		break;
	case SP_QUERY_SET:
		set_chain(b, q);
		break;
	case SP_QUERY_REL:
		buf_adds(b, "(rel ");
		rel(b, q->rel);
		break;
	case SP_QUERY_NESTED:
		buf_adds(b, "(nested ");
		query(b, q->nested);
		break;
	}
	sorts(b, "order", &q->order);
	list(b, "cluster", &q->cluster);
	list(b, "distribute", &q->distribute);
	sorts(b, "sort", &q->sort);
	windows(b, q->windows, q->n_windows);
	one(b, "limit", q->limit);
	one(b, "offset", q->offset);
	buf_adds(b, q->n_ctes ? "))" : ")");
}

/* ---------------------------------------------------------------- statements */

static void said(struct buf *b, const char *what, struct slice s)
{
	if (!s.p)
		return;
	buf_addf(b, " (%s ", what);
	text(b, s);
	buf_addc(b, ')');
}

static void said_name(struct buf *b, const char *what, const struct sp_name *n)
{
	if (!n->n)
		return;
	buf_addf(b, " (%s ", what);
	name(b, n);
	buf_addc(b, ')');
}

static void columns(struct buf *b, const struct sp_stmt *s)
{
	for (uint32_t i = 0; i < s->n_columns; i++) {
		const struct sp_column_def *c = &s->columns[i];
		buf_adds(b, " (column ");
		name(b, &c->name);
		if (c->type_text.p)
			buf_addf(b, " %.*s", SL(c->type_text));
		buf_adds(b, c->not_null ? " not-null" : "");
		one(b, "default", c->value);
		one(b, "generated", c->generated);
		buf_adds(b, c->identity ? " identity" : "");
		said(b, "comment", c->comment);
		buf_adds(b, c->position == SP_POSITION_FIRST ? " first" : "");
		said(b, "after", c->after);
		buf_addc(b, ')');
	}
}

static void assigns(struct buf *b, const struct sp_assign *v, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		buf_adds(b, " (set ");
		name(b, &v[i].name);
		buf_addc(b, ' ');
		ex(b, v[i].value);
		buf_addc(b, ')');
	}
}

static void whens(struct buf *b, const struct sp_stmt *s)
{
	static const char *const matches[] = { "matched", "not-matched", "by-source" };
	static const char *const actions[] = { "update", "update*", "delete", "insert", "insert*" };
	for (uint32_t i = 0; i < s->n_whens; i++) {
		const struct sp_merge_when *w = &s->whens[i];
		buf_addf(b, " (%s", matches[w->match]);
		one(b, "and", w->condition);
		buf_addf(b, " %s", actions[w->action]);
		assigns(b, w->sets, w->n);
		buf_addc(b, ')');
	}
}

static void table_parts(struct buf *b, const struct sp_stmt *s)
{
	said(b, "using", s->format);
	options(b, "options", &s->options);
	options(b, "properties", &s->properties);
	for (uint32_t i = 0; i < s->n_partitioning; i++) {
		buf_adds(b, " (partitioned ");
		name(b, &s->partitioning[i].name);
		exs(b, &s->partitioning[i].args);
		buf_addc(b, ')');
	}
	for (uint32_t i = 0; i < s->cluster.n; i++)
		said_name(b, "clustered", &s->cluster.v[i]);
	for (uint32_t i = 0; i < s->n_partition; i++) {
		buf_addf(b, " (partition %.*s", SL(s->partition[i].name));
		if (s->partition[i].value) {
			buf_addc(b, ' ');
			ex(b, s->partition[i].value);
		}
		buf_addc(b, ')');
	}
}

static void flags(struct buf *b, const struct sp_stmt *s)
{
	const struct {
		bool is;
		const char *name;
	} all[] = { { s->or_replace, "or-replace" }, { s->temporary, "temporary" }, { s->global, "global" }, { s->external, "external" },
		    { s->if_exists, "if-exists" }, { s->if_not_exists, "if-not-exists" }, { s->purge, "purge" }, { s->cascade, "cascade" },
		    { s->view, "view" }, { s->database, "database" }, { s->catalog, "catalog" }, { s->overwrite, "overwrite" }, { s->by_name, "by-name" },
		    { s->lazy, "lazy" }, { s->extended, "extended" }, { s->show_all, "all" }, { s->dry_run, "dry-run" }, { s->local, "local" } };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].is)
			buf_addf(b, " %s", all[i].name);
	if (s->kind == SP_STMT_ALTER_COLUMN)
		buf_addf(b, " alter-%d", s->alter);
	if (s->kind == SP_STMT_EXPLAIN)
		buf_addf(b, " explain-%d", s->explain);
}

static const char *const kinds[] = {
	"query", "create-view", "create-view-using", "create-table", "replace-table", "create-table-like", "create-database", "create-function",
	"drop-table", "drop-view", "drop-database", "drop-function", "truncate", "alter-add-columns", "alter-drop-columns", "alter-rename-column",
	"alter-column", "alter-replace-columns", "alter-rename", "alter-set-properties", "alter-unset-properties", "alter-add-constraint",
	"alter-drop-constraint", "alter-set-location", "alter-view-as", "alter-cluster-by", "alter-other", "alter-database", "insert", "save", "save-table", "update",
	"delete", "merge", "copy-into", "use", "set", "set-time-zone", "reset", "cache", "uncache", "clear-cache", "refresh", "show-databases",
	"show-tables", "show-table-extended", "show-views", "show-columns", "show-functions", "show-properties", "show-create-table",
	"show-partitions", "show-catalogs", "show-current", "describe-table", "describe-database", "describe-function", "describe-query",
	"describe-detail", "describe-history", "explain", "optimize", "vacuum", "restore", "convert", "analyze", "msck", "comment", "refused",
};

static void tree_print(struct buf *out, const struct sp_stmt *s)
{
	if (s->kind == SP_STMT_QUERY) {
		query(out, s->query);
		return;
	}
	buf_addf(out, "(%s", kinds[s->kind]);
	flags(out, s);
	if (s->name.n) {
		buf_addc(out, ' ');
		name(out, &s->name);
	}
	alias(out, &s->alias);
	said_name(out, "source", &s->source);
	said_name(out, "target", &s->target);
	said_name(out, "at", &s->column);
	said(out, "text", s->text);
	said(out, "pattern", s->pattern);
	said(out, "key", s->key);
	said(out, "value", s->value);
	said(out, "comment", s->comment);
	said(out, "location", s->location);
	said(out, "version", s->version);
	columns(out, s);
	table_parts(out, s);
	idents(out, "list", &s->column_list);
	for (uint32_t i = 0; i < s->names.n; i++)
		said_name(out, "of", &s->names.v[i]);
	if (s->merge_source) {
		buf_addc(out, ' ');
		rel(out, s->merge_source);
	}
	assigns(out, s->sets, s->n_sets);
	one(out, "where", s->where);
	one(out, "body", s->body);
	one(out, "limit", s->limit);
	one(out, "hours", s->hours);
	one(out, "timestamp", s->timestamp);
	whens(out, s);
	if (s->query) {
		buf_addc(out, ' ');
		query(out, s->query);
	}
	if (s->inner) {
		buf_addc(out, ' ');
		tree_print(out, s->inner);
	}
	buf_addc(out, ')');
}

#endif
