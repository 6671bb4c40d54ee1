/* Plans and tables by hand, for tests of the engine. Memory is of one arena, emptied by plans_close. */
#ifndef TARN_TEST_PLANS_H
#define TARN_TEST_PLANS_H

#include "check_main.h"
#include "engine/plan.h"
#include "spark/print.h"

static struct arena pa;
static struct arena keep_, batch_;
static struct sp_context cx;
static struct sp_run run;
static struct sp_table *tables_[16];
static size_t table_n_;

static inline void plans_open(void)
{
	cx = (struct sp_context){ 0 };
	run = (struct sp_run){ .cx = &cx, .batch = &batch_, .keep = &keep_ };
	table_n_ = 0;
}

static inline void plans_close(void)
{
	for (size_t i = 0; i < table_n_; i++)
		sp_table_free(tables_[i]);
	sp_error_free(&run.err);
	arena_free(&pa);
	arena_free(&keep_);
	arena_free(&batch_);
}

/* ---- expressions ---- */

static inline struct sp_expr *x_new(enum sp_op op, const struct sp_type *t, size_t n, ...)
{
	struct sp_expr *e = arena_alloc(&pa, sizeof(*e));
	va_list ap;
	*e = (struct sp_expr){ .op = op, .type = t, .nullable = true, .arg_n = n };
	e->args = arena_alloc(&pa, (n + 1) * sizeof(e));
	va_start(ap, n);
	for (size_t i = 0; i < n; i++)
		e->args[i] = va_arg(ap, struct sp_expr *);
	va_end(ap);
	return e;
}
static inline struct sp_expr *x_col(const struct sp_plan *p, size_t i)
{
	struct sp_expr *e = x_new(SP_COLUMN, p->columns[i].type, 0);
	e->column = i;
	return e;
}
static inline struct sp_expr *x_at(enum sp_kind k, size_t i) /* a column of no plan yet: of a join */
{
	struct sp_expr *e = x_new(SP_COLUMN, &sp_types[k], 0);
	e->column = i;
	return e;
}
static inline struct sp_expr *x_int(int64_t v)
{
	struct sp_expr *e = x_new(SP_CONST, &sp_types[SP_INT], 0);
	e->value.i = v;
	e->foldable = true;
	return e;
}
static inline struct sp_expr *x_big(int64_t v)
{
	struct sp_expr *e = x_int(v);
	e->type = &sp_types[SP_BIGINT];
	return e;
}
static inline struct sp_expr *x_text(const char *s)
{
	struct sp_expr *e = x_new(SP_CONST, &sp_types[SP_STRING], 0);
	e->value.s = sl(s);
	e->value.null = !s;
	e->foldable = true;
	return e;
}
static inline struct sp_expr *x_call(const char *name, enum sp_kind k, size_t n, ...)
{
	struct sp_expr *e = x_new(SP_CALL, &sp_types[k], 0);
	va_list ap;
	e->fn = sp_function_find(sl(name));
	ck_assert_msg(e->fn != NULL, "no function %s", name);
	e->args = arena_alloc(&pa, (n + 1) * sizeof(e));
	va_start(ap, n);
	for (size_t i = 0; i < n; i++)
		e->args[i] = va_arg(ap, struct sp_expr *);
	va_end(ap);
	e->arg_n = n;
	if (e->fn->resolve) {
		struct sp_resolve x = { .arena = &pa, .cx = &cx, .e = e, .err = &run.err };
		const struct sp_type *t = e->fn->resolve(&x);
		e->type = t ? t : e->type;
	}
	return e;
}
#define x_and(a, b) x_new(SP_AND, &sp_types[SP_BOOLEAN], 2, (a), (b))
#define x_is(op, a, b) x_call((op), SP_BOOLEAN, 2, (a), (b))

/* ---- plans ---- */

static inline struct sp_plan *p_new(enum sp_plan_kind kind, size_t in_n, ...)
{
	struct sp_plan *p = arena_alloc(&pa, sizeof(*p));
	va_list ap;
	p->kind = kind;
	p->limit = kind == SP_P_LIMIT ? -1 : 0;
	p->in_n = in_n;
	p->in = arena_alloc(&pa, (in_n + 1) * sizeof(p));
	va_start(ap, in_n);
	for (size_t i = 0; i < in_n; i++)
		p->in[i] = va_arg(ap, struct sp_plan *);
	va_end(ap);
	if (in_n) {
		p->columns = p->in[0]->columns;
		p->column_n = p->in[0]->column_n;
	}
	return p;
}
/* The plan's output: its input's columns and n more of these types. */
static inline void p_columns(struct sp_plan *p, const struct sp_field *first, size_t first_n, const struct sp_field *more, size_t n)
{
	struct sp_field *f = arena_alloc(&pa, (first_n + n + 1) * sizeof(*f));
	if (first_n)
		memcpy(f, first, first_n * sizeof(*f));
	if (n)
		memcpy(f + first_n, more, n * sizeof(*f));
	p->columns = f;
	p->column_n = first_n + n;
}
/* A table from text: "a:int b:string", then rows "1 x|NULL y". Texts are dictionary-coded if the type is written "coded". */
static inline struct sp_plan *p_table(const char *head, const char *rows)
{
	struct sp_field fields[16];
	bool coded[16] = { 0 };
	size_t n = 0, row_n = 0;
	struct slice h = sl(head), word, name, type, r = sl(rows), line;
	while (h.n) {
		if (!sl_cut(h, ' ', &word, &h))
			h = S("");
		sl_cut(word, ':', &name, &type);
		enum sp_kind k = sl_eqs(type, "int") ? SP_INT : sl_eqs(type, "bigint") ? SP_BIGINT : sl_eqs(type, "double") ? SP_DOUBLE :
				 sl_eqs(type, "date") ? SP_DATE : sl_eqs(type, "boolean") ? SP_BOOLEAN : SP_STRING;
		coded[n] = sl_eqs(type, "coded");
		fields[n++] = (struct sp_field){ .name = name, .type = &sp_types[k], .nullable = true };
	}
	struct sp_out out[16];
	for (size_t i = 0; i < n; i++)
		sp_out_make(&out[i], &pa, fields[i].type, 4096);
	while (r.n) {
		if (!sl_cut(r, '|', &line, &r))
			r = S("");
		for (size_t i = 0; i < n; i++) {
			if (!sl_cut(line, ' ', &word, &line))
				line = S("");
			char c[64];
			snprintf(c, sizeof(c), "%.*s", SL(word));
			if (sl_eqs(word, "NULL"))
				sp_out_null(&out[i], row_n);
			else if (fields[i].type->kind == SP_STRING)
				out[i].str[row_n] = word;
			else if (fields[i].type->kind == SP_DOUBLE)
				out[i].f64[row_n] = strtod(c, NULL);
			else
				sp_out_put(&out[i], row_n, &(struct sp_value){ .i = strtoll(c, NULL, 10) });
		}
		row_n++;
	}
	struct sp_vec columns[16];
	for (size_t i = 0; i < n; i++) {
		columns[i] = out[i].v;
		columns[i].n = row_n;
		if (coded[i]) {
			uint32_t *code = arena_alloc(&pa, row_n * sizeof(*code) + 4);
			for (size_t j = 0; j < row_n; j++)
				code[j] = (uint32_t)j;
			columns[i].code = code;
			columns[i].dict_n = row_n;
		}
	}
	struct sp_table *t = tables_[table_n_++] = sp_table_new();
	struct sp_batch b = { row_n, n, columns };
	sp_table_add(t, &b);
	struct sp_plan *p = p_new(SP_P_SCAN, 0);
	p_columns(p, NULL, 0, fields, n);
	struct sp_relation *rel = arena_alloc(&pa, sizeof(*rel));
	*rel = (struct sp_relation){ .name = S("t"), .columns = p->columns, .column_n = n, .table = t, .row_n = (int64_t)row_n };
	p->relation = rel;
	return p;
}
static inline struct sp_plan *p_project(struct sp_plan *in, size_t n, ...)
{
	struct sp_plan *p = p_new(SP_P_PROJECT, 1, in);
	struct sp_field fields[16] = { 0 };
	va_list ap;
	p->exprs = arena_alloc(&pa, (n + 1) * sizeof(struct sp_expr *));
	p->expr_n = n;
	va_start(ap, n);
	for (size_t i = 0; i < n; i++) {
		p->exprs[i] = va_arg(ap, struct sp_expr *);
		fields[i] = (struct sp_field){ .name = S("c"), .type = p->exprs[i]->type, .nullable = true };
	}
	va_end(ap);
	p_columns(p, NULL, 0, fields, n);
	return p;
}
static inline struct sp_plan *p_filter(struct sp_plan *in, struct sp_expr *e)
{
	struct sp_plan *p = p_new(SP_P_FILTER, 1, in);
	p->condition = e;
	return p;
}
static inline struct sp_plan *p_join(enum sp_join j, struct sp_plan *l, struct sp_plan *r, struct sp_expr *on)
{
	struct sp_plan *p = p_new(SP_P_JOIN, 2, l, r);
	struct sp_field is = { .name = S("is"), .type = &sp_types[SP_BOOLEAN] };
	p->join = j;
	p->condition = on;
	if (j == SP_J_EXISTS)
		p_columns(p, l->columns, l->column_n, &is, 1);
	else if (j != SP_J_SEMI && j != SP_J_ANTI && j != SP_J_ANTI_NULL)
		p_columns(p, l->columns, l->column_n, r->columns, r->column_n);
	return p;
}
static inline struct sp_order *p_orders(size_t n, ...) /* expression and "asc", "desc", "asc last", "desc first" */
{
	struct sp_order *o = arena_alloc(&pa, n * sizeof(*o));
	va_list ap;
	va_start(ap, n);
	for (size_t i = 0; i < n; i++) {
		o[i].e = va_arg(ap, struct sp_expr *);
		const char *how = va_arg(ap, const char *);
		o[i].desc = how[0] == 'd';
		o[i].nulls_last = strstr(how, "last") || (o[i].desc && !strstr(how, "first"));
	}
	va_end(ap);
	return o;
}
static inline struct sp_plan *p_sort(struct sp_plan *in, size_t n, struct sp_order *o)
{
	struct sp_plan *p = p_new(SP_P_SORT, 1, in);
	p->order = o;
	p->order_n = n;
	return p;
}
static inline struct sp_plan *p_group(struct sp_plan *in, size_t group_n, struct sp_expr **groups, size_t n, struct sp_aggregation *aggs)
{
	struct sp_plan *p = p_new(SP_P_AGGREGATE, 1, in);
	struct sp_field fields[16] = { 0 };
	p->groups = groups;
	p->group_n = group_n;
	p->aggregates = aggs;
	p->aggregate_n = n;
	for (size_t i = 0; i < group_n + n; i++)
		fields[i] = (struct sp_field){ .name = S("g"), .type = i < group_n ? groups[i]->type : aggs[i - group_n].call->type, .nullable = true };
	p_columns(p, NULL, 0, fields, group_n + n);
	return p;
}

/* ---- what a plan gives: "1 x|NULL y" ---- */

static struct buf given_;

static inline const char *p_run(const struct sp_plan *p)
{
	struct sp_rowset *x = sp_open(&run, p);
	struct sp_batch b;
	size_t held = run.held;
	int rc;
	buf_reset(&given_);
	while ((rc = sp_next(x, &b)) > 0) {
		ck_assert_uint_gt(b.n, 0);
		ck_assert_uint_le(b.n, SP_BATCH);
		ck_assert_uint_eq(b.column_n, p->column_n);
		for (size_t r = 0; r < b.n; r++) {
			buf_adds(&given_, given_.n ? "|" : "");
			for (size_t i = 0; i < b.column_n; i++) {
				struct sp_value v = sp_get(&b.columns[i], r);
				ck_assert_uint_eq(b.columns[i].n, b.n);
				buf_adds(&given_, i ? " " : "");
				if (v.null)
					buf_adds(&given_, "NULL");
				else
					sp_print(&given_, b.columns[i].type, &v, NULL);
			}
		}
	}
	sp_close(x);
	ck_assert_uint_eq(run.held, held);
	if (rc < 0) {
		buf_reset(&given_);
		buf_addf(&given_, "%s: %s", run.err.class, run.err.text);
	}
	return buf_cstr(&given_);
}

#endif
