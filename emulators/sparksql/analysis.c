/* What all files of analysis stand on: errors, new expressions, new nodes of a plan. */
#include "sparksql/analysis.h"

int sp_an_fail_at(struct sp_an *an, size_t from, size_t to, const char *class, const char *state, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	sp_fail(an->err, SP_E_ANALYSIS, class, state, "%.*s", SL(buf_slice(&b)));
	buf_free(&b);
	if (to)
		sp_fail_at(an->err, from, to);
	return 1;
}

int sp_an_fail(struct sp_an *an, const struct sp_expr *at, const char *class, const char *state, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	sp_an_fail_at(an, at ? at->from : 0, at ? at->to : 0, class, state, "%.*s", SL(buf_slice(&b)));
	buf_free(&b);
	return 1;
}

struct slice sp_an_text(struct sp_an *an, struct buf *b)
{
	struct slice s = arena_dup(an->a, buf_slice(b));
	buf_free(b);
	return s;
}

void sp_an_quoted(struct buf *b, const struct slice *parts, size_t n)
{
	size_t i, k;
	for (i = 0; i < n; i++) {
		buf_adds(b, i ? ".`" : "`");
		for (k = 0; k < parts[i].n; k++) {
			if (parts[i].p[k] == '`')
				buf_addc(b, '`');
			buf_addc(b, parts[i].p[k]);
		}
		buf_addc(b, '`');
	}
}

struct slice sp_an_type(struct sp_an *an, const struct sp_type *t)
{
	struct buf b = { 0 };
	buf_addc(&b, '"');
	sp_type_sql(&b, t);
	buf_addc(&b, '"');
	return sp_an_text(an, &b);
}

int sp_an_deeper(struct sp_an *an)
{
	if (++an->depth < SP_AN_DEPTH_MAX)
		return 0;
	return sp_fail(an->err, SP_E_LIMIT, "", "", "The statement is nested too deeply.");
}

/* ---- expressions ---- */
struct sp_expr *sp_an_expr_new(struct sp_an *an, enum sp_op op, const struct sp_type *t, bool nullable, size_t args)
{
	struct sp_expr *e = SP_NEW(an, struct sp_expr);
	e->op = op;
	e->type = t;
	e->nullable = nullable;
	e->args = args ? SP_NEWS(an, struct sp_expr *, args) : NULL;
	e->arg_n = args;
	return e;
}

struct sp_expr *sp_an_column(struct sp_an *an, const struct sp_attr *attr)
{
	struct sp_expr *e = sp_an_expr_new(an, SP_COLUMN, attr->type, attr->nullable, 0);
	e->column = attr->id;
	e->shown = attr->name;
	return e;
}

struct sp_expr *sp_an_const(struct sp_an *an, const struct sp_type *t, struct sp_value v)
{
	struct sp_expr *e = sp_an_expr_new(an, SP_CONST, t, v.null, 0);
	e->value = v;
	e->foldable = true;
	return e;
}

struct sp_expr *sp_an_int(struct sp_an *an, int64_t v)
{
	return sp_an_const(an, &sp_types[SP_INT], (struct sp_value){ .i = v });
}

struct sp_expr *sp_an_bool(struct sp_an *an, bool v)
{
	return sp_an_const(an, &sp_types[SP_BOOLEAN], (struct sp_value){ .i = v });
}

struct sp_expr *sp_an_string(struct sp_an *an, struct slice s)
{
	return sp_an_const(an, &sp_types[SP_STRING], (struct sp_value){ .s = s.p ? s : S("") });
}

struct sp_expr *sp_an_null(struct sp_an *an, const struct sp_type *t)
{
	return sp_an_const(an, t, SP_NULL_VALUE);
}

struct sp_expr *sp_an_call(struct sp_an *an, const char *name, const struct sp_type *t, bool nullable, size_t n, struct sp_expr **args)
{
	struct sp_expr *e = sp_an_expr_new(an, SP_CALL, t, nullable, n);
	size_t i;
	e->fn = sp_function_find(sl(name));
	if (!e->fn)
		sp_fail(an->err, SP_E_UNSERVED, "", "", "%s is not served.", name);
	e->foldable = !(e->fn && (e->fn->flags & SP_F_VOLATILE));
	for (i = 0; i < n; i++) {
		e->args[i] = args[i];
		e->foldable = e->foldable && args[i]->foldable;
	}
	return e;
}

struct sp_expr *sp_an_and(struct sp_an *an, struct sp_expr *a, struct sp_expr *b)
{
	struct sp_expr *e;
	if (!a || !b)
		return a ? a : b;
	e = sp_an_expr_new(an, SP_AND, &sp_types[SP_BOOLEAN], a->nullable || b->nullable, 2);
	e->args[0] = a;
	e->args[1] = b;
	e->foldable = a->foldable && b->foldable;
	return e;
}

void sp_an_conjuncts(struct sp_an *an, struct sp_expr *e, struct sp_expr ***v, size_t *n, size_t *cap)
{
	size_t i;
	if (!e)
		return;
	if (e->op == SP_AND) {
		for (i = 0; i < e->arg_n; i++)
			sp_an_conjuncts(an, e->args[i], v, n, cap);
		return;
	}
	ARENA_GROW(an->a, *v, *n, *cap);
	(*v)[(*n)++] = e;
}

static bool same_orders(const struct sp_order *a, size_t an, const struct sp_order *b, size_t bn)
{
	size_t i;
	if (an != bn)
		return false;
	for (i = 0; i < an; i++)
		if (a[i].desc != b[i].desc || a[i].nulls_last != b[i].nulls_last || !sp_an_same(a[i].e, b[i].e))
			return false;
	return true;
}

static bool same_or_none(const struct sp_expr *a, const struct sp_expr *b)
{
	return (!a && !b) || (a && b && sp_an_same(a, b));
}

static bool same_over(const struct sp_over *a, const struct sp_over *b)
{
	size_t i;
	if (!a || !b)
		return a == b;
	if (a->partition_n != b->partition_n || !same_orders(a->order, a->order_n, b->order, b->order_n))
		return false;
	for (i = 0; i < a->partition_n; i++)
		if (!sp_an_same(a->partition[i], b->partition[i]))
			return false;
	return a->frame.unit == b->frame.unit && a->frame.from.kind == b->frame.from.kind && a->frame.to.kind == b->frame.to.kind
		&& same_or_none(a->frame.from.by, b->frame.from.by) && same_or_none(a->frame.to.by, b->frame.to.by);
}

/* A client's function is taken to give the same for the same, as Spark takes those of Python. */
static bool same_udf(const struct sp_expr *a, const struct sp_expr *b)
{
	const struct sp_udf *x = sp_udf_of(a), *y = sp_udf_of(b);
	return x && y && sl_eq_nocase(x->name, y->name);
}

bool sp_an_same(const struct sp_expr *a, const struct sp_expr *b)
{
	bool udf;
	size_t i;
	if (a == b)
		return true;
	udf = same_udf(a, b);
	if (a->op != b->op || (a->fn != b->fn && !udf) || a->arg_n != b->arg_n || !sp_type_eq(a->type, b->type))
		return false;
	if (a->fn && (a->fn->flags & SP_F_VOLATILE) && !udf)
		return false;
	switch (a->op) {
	case SP_CONST:
		if (a->value.null || b->value.null)
			return a->value.null && b->value.null;
		return sp_compare(a->type, &a->value, &b->value) == 0;
	case SP_COLUMN:
		return a->column == b->column;
	case SP_CAST:
		if (a->cast != b->cast)
			return false;
		break;
	case SP_SUBQUERY:
		return false;
	case SP_LAMBDA:
		return false;
	case SP_CALL:
		if (udf)
			break;
		if (sp_is_special(a)) {
			const struct sp_special *x = sp_special_of(a), *y = sp_special_of(b);
			if (x->distinct != y->distinct || x->ignore_nulls != y->ignore_nulls || !same_or_none(x->filter, y->filter)
			    || !same_orders(x->order, x->order_n, y->order, y->order_n) || !same_over(x->over, y->over))
				return false;
		} else if (a->given != b->given && sl_eqs(sl(a->fn->name), ".")) {
			return false;
		} else if (!a->fn || (a->given != b->given && (!a->given || !b->given))) {
			return a->given == b->given;
		}
		break;
	case SP_AND:
	case SP_OR:
	case SP_CASE:
	case SP_COALESCE:
		break;
	}
	for (i = 0; i < a->arg_n; i++)
		if (!sp_an_same(a->args[i], b->args[i]))
			return false;
	return true;
}

uint64_t sp_an_hash(const struct sp_expr *e)
{
	uint64_t h = e->op * UINT64_C(0x9e3779b97f4a7c15) ^ (sp_udf_of(e) ? 0 : (uintptr_t)e->fn);
	size_t i;
	if (e->op == SP_COLUMN)
		h ^= e->column * UINT64_C(0xff51afd7ed558ccd);
	else if (e->op == SP_CONST)
		h ^= sp_hash(e->type, &e->value);
	for (i = 0; i < e->arg_n; i++)
		h = (h ^ sp_an_hash(e->args[i])) * UINT64_C(0xc4ceb9fe1a85ec53) + (h >> 29);
	return h;
}

/* ---- nodes ---- */
struct sp_node *sp_an_node(struct sp_an *an, enum sp_plan_kind kind, size_t columns, size_t inputs)
{
	struct sp_node *node = SP_NEW(an, struct sp_node);
	node->p.kind = kind;
	node->p.columns = SP_NEWS(an, struct sp_field, columns + 1);
	node->p.column_n = columns;
	node->ids = SP_NEWS(an, size_t, columns + 1);
	node->p.in = inputs ? SP_NEWS(an, struct sp_plan *, inputs) : NULL;
	node->p.in_n = inputs;
	node->p.limit = -1;
	return node;
}

void sp_an_set_column(struct sp_node *node, size_t i, size_t id, struct slice name, const struct sp_type *t, bool nullable)
{
	node->p.columns[i] = (struct sp_field){ .name = name, .type = t, .nullable = nullable };
	node->ids[i] = id;
}

static void copy_columns(struct sp_node *node, size_t at, const struct sp_node *from, bool nullable)
{
	size_t i;
	for (i = 0; i < from->p.column_n; i++) {
		node->p.columns[at + i] = from->p.columns[i];
		node->p.columns[at + i].nullable |= nullable;
		node->ids[at + i] = from->ids[i];
	}
}

struct sp_node *sp_an_over(struct sp_an *an, enum sp_plan_kind kind, struct sp_node *in)
{
	struct sp_node *node = SP_NEW(an, struct sp_node);
	node->p.kind = kind;
	node->p.columns = in->p.columns; /* never changed once made */
	node->p.column_n = in->p.column_n;
	node->ids = in->ids;
	node->p.in = SP_NEWS(an, struct sp_plan *, 1);
	node->p.in_n = 1;
	node->p.in[0] = &in->p;
	node->p.limit = -1;
	return node;
}

struct sp_node *sp_an_filter(struct sp_an *an, struct sp_node *in, struct sp_expr *condition)
{
	struct sp_node *node = sp_an_over(an, SP_P_FILTER, in);
	node->p.condition = condition;
	return node;
}

struct sp_node *sp_an_project(struct sp_an *an, struct sp_node *in, struct sp_expr **exprs, const struct sp_attr *attrs, size_t n)
{
	struct sp_node *node = sp_an_node(an, SP_P_PROJECT, n, 1);
	size_t i;
	node->p.in[0] = &in->p;
	node->p.exprs = SP_NEWS(an, struct sp_expr *, n + 1);
	node->p.expr_n = n;
	for (i = 0; i < n; i++) {
		node->p.exprs[i] = exprs[i];
		sp_an_set_column(node, i, attrs[i].id, attrs[i].name, exprs[i]->type, exprs[i]->nullable);
	}
	return node;
}

struct sp_node *sp_an_extend(struct sp_an *an, struct sp_node *in, struct sp_expr **exprs, const struct sp_attr *attrs, size_t n)
{
	size_t m = in->p.column_n, i;
	struct sp_node *node = sp_an_node(an, SP_P_PROJECT, m + n, 1);
	node->p.in[0] = &in->p;
	node->p.exprs = SP_NEWS(an, struct sp_expr *, m + n + 1);
	node->p.expr_n = m + n;
	copy_columns(node, 0, in, false);
	for (i = 0; i < m; i++) {
		const struct sp_field *f = &in->p.columns[i];
		node->p.exprs[i] = sp_an_column(an, &(struct sp_attr){ .id = in->ids[i], .name = f->name, .type = f->type, .nullable = f->nullable });
	}
	for (i = 0; i < n; i++) {
		node->p.exprs[m + i] = exprs[i];
		sp_an_set_column(node, m + i, attrs[i].id, attrs[i].name, exprs[i]->type, exprs[i]->nullable);
	}
	return node;
}

struct sp_node *sp_an_join(struct sp_an *an, enum sp_join join, struct sp_node *l, struct sp_node *r, struct sp_expr *condition)
{
	bool both = join != SP_J_SEMI && join != SP_J_ANTI && join != SP_J_ANTI_NULL && join != SP_J_EXISTS;
	size_t n = l->p.column_n + (both ? r->p.column_n : join == SP_J_EXISTS);
	struct sp_node *node = sp_an_node(an, SP_P_JOIN, n, 2);
	node->p.join = join;
	node->p.in[0] = &l->p;
	node->p.in[1] = &r->p;
	node->p.condition = condition;
	copy_columns(node, 0, l, join == SP_J_RIGHT || join == SP_J_FULL);
	if (both)
		copy_columns(node, l->p.column_n, r, join == SP_J_LEFT || join == SP_J_FULL || join == SP_J_SINGLE);
	else if (join == SP_J_EXISTS)
		sp_an_set_column(node, n - 1, an->next_id++, S("exists"), &sp_types[SP_BOOLEAN], false);
	return node;
}

bool sp_an_has(const struct sp_node *node, size_t id)
{
	size_t i;
	for (i = 0; i < node->p.column_n; i++)
		if (node->ids[i] == id)
			return true;
	return false;
}

static int each_order(struct sp_order *v, size_t n, int (*f)(void *self, struct sp_expr **slot), void *self)
{
	size_t i;
	int rc = 0;
	for (i = 0; !rc && i < n; i++)
		rc = f(self, &v[i].e);
	return rc;
}

int sp_an_each(struct sp_expr *e, int (*f)(void *self, struct sp_expr **slot), void *self)
{
	struct sp_special *s;
	size_t i;
	int rc = 0;
	for (i = 0; !rc && i < e->arg_n; i++)
		rc = f(self, &e->args[i]);
	if (rc || !sp_is_special(e))
		return rc;
	s = sp_special_of(e);
	if (s->filter)
		rc = f(self, &s->filter);
	if (!rc)
		rc = each_order(s->order, s->order_n, f, self);
	if (rc || !s->over)
		return rc;
	for (i = 0; !rc && i < s->over->partition_n; i++)
		rc = f(self, &s->over->partition[i]);
	return rc ? rc : each_order(s->over->order, s->over->order_n, f, self);
}
