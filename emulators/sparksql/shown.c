/* How expressions show in names of columns and in errors: Spark's toPrettySQL. Casts that coercion put in don't show. */
#include "sparksql/analysis.h"
#include "spark/print.h"

static void list(struct buf *b, struct sp_expr *const *v, size_t n)
{
	size_t i;
	for (i = 0; i < n; i++) {
		if (i)
			buf_adds(b, ", ");
		sp_an_show(b, v[i]);
	}
}

static void sort_order(struct buf *b, const struct sp_order *o)
{
	sp_an_show(b, o->e);
	buf_adds(b, o->desc ? " DESC" : " ASC");
	buf_adds(b, o->nulls_last ? " NULLS LAST" : " NULLS FIRST");
}

static void bound(struct buf *b, int kind, const struct sp_expr *by)
{
	switch (kind) {
	case SP_B_UNBOUNDED_PRECEDING:
		buf_adds(b, "UNBOUNDED PRECEDING");
		return;
	case SP_B_UNBOUNDED_FOLLOWING:
		buf_adds(b, "UNBOUNDED FOLLOWING");
		return;
	case SP_B_CURRENT:
		buf_adds(b, "CURRENT ROW");
		return;
	}
	if (kind == SP_B_PRECEDING && by->op == SP_CAST && by->implicit) { /* as it is once it's cast */
		buf_adds(b, "(- ");
		sp_an_show(b, by);
		buf_adds(b, ") FOLLOWING");
		return;
	}
	sp_an_show(b, by);
	buf_adds(b, kind == SP_B_PRECEDING ? " PRECEDING" : " FOLLOWING");
}

/* lag and lead show the frame that Spark makes of their offset. */
static void offset_frame(struct buf *b, const struct sp_special *c)
{
	const struct sp_expr *by = c->e.arg_n > 1 ? c->e.args[1] : NULL;
	struct buf t = { 0 };
	int i;
	if (!by)
		buf_adds(&t, "1");
	else
		sp_an_show(&t, by);
	if (c->e.fn->window == SP_W_LAG && t.n && t.p[0] == '-') {
		memmove(t.p, t.p + 1, --t.n);
	} else if (c->e.fn->window == SP_W_LAG) {
		struct buf u = { 0 };
		buf_addf(&u, by && by->op != SP_CONST ? "(- %.*s)" : "-%.*s", SL(buf_slice(&t)));
		buf_free(&t);
		t = u;
	}
	buf_adds(b, "ROWS BETWEEN ");
	for (i = 0; i < 2; i++)
		buf_addf(b, "%.*s FOLLOWING%s", SL(buf_slice(&t)), i ? "" : " AND ");
	buf_free(&t);
}

static void over(struct buf *b, const struct sp_special *c)
{
	const struct sp_over *o = c->over;
	const char *gap = "";
	size_t i;
	buf_adds(b, " OVER (");
	if (o->partition_n) {
		buf_adds(b, "PARTITION BY ");
		list(b, o->partition, o->partition_n);
		gap = " ";
	}
	for (i = 0; i < o->order_n; i++) {
		buf_adds(b, i ? ", " : gap);
		if (!i)
			buf_adds(b, "ORDER BY ");
		sort_order(b, &o->order[i]);
		gap = " ";
	}
	buf_adds(b, gap);
	if (c->e.fn->window == SP_W_LAG || c->e.fn->window == SP_W_LEAD) {
		offset_frame(b, c);
	} else {
		buf_adds(b, o->frame.unit == SP_ROWS ? "ROWS BETWEEN " : "RANGE BETWEEN ");
		bound(b, o->frame.from.kind, o->frame.from.by);
		buf_adds(b, " AND ");
		bound(b, o->frame.to.kind, o->frame.to.by);
	}
	buf_addc(b, ')');
}

static const char *name_of(const struct sp_function *fn)
{
	return fn->shown ? fn->shown : fn->name;
}

static void special(struct buf *b, const struct sp_expr *e)
{
	const struct sp_special *c = sp_special_of(e);
	size_t n = e->arg_n, i;
	if (e->shown.p) {
		buf_addsl(b, e->shown);
	} else {
		if (e->fn->aggregate && (c->ignore_nulls || n > 1) && (sl_eqs(sl(e->fn->name), "first") || sl_eqs(sl(e->fn->name), "last")
		    || sl_eqs(sl(e->fn->name), "any_value") || sl_eqs(sl(e->fn->name), "first_value") || sl_eqs(sl(e->fn->name), "last_value")))
			n = 1;
		buf_addf(b, "%s(%s", name_of(e->fn), c->distinct ? "DISTINCT " : "");
		if (c->star)
			buf_adds(b, "1");
		else
			list(b, e->args, n);
		buf_addc(b, ')');
		for (i = 0; i < c->order_n; i++) {
			buf_adds(b, i ? ", " : " WITHIN GROUP (ORDER BY ");
			sp_an_show(b, c->order[i].e);
			buf_adds(b, c->order[i].desc ? " DESC" : "");
		}
		if (c->order_n)
			buf_addc(b, ')');
	}
	if (c->filter) {
		buf_adds(b, " FILTER (WHERE ");
		sp_an_show(b, c->filter);
		buf_addc(b, ')');
	}
	if (c->over && c->ignore_nulls && e->fn->window == SP_W_NTH)
		buf_adds(b, " ignore nulls");
	if (c->over)
		over(b, c);
}

static void infix(struct buf *b, const struct sp_expr *e, const char *op)
{
	/* A chain of the same kind is deep on its left: its start is looked for by a loop, as recursion would use up the stack. */
	const struct sp_expr *chain[64];
	size_t n = 0;
	(void)chain;
	(void)n;
	buf_addc(b, '(');
	sp_an_show(b, e->args[0]);
	buf_addf(b, " %s ", op);
	sp_an_show(b, e->args[1]);
	buf_addc(b, ')');
}

static bool among(const char *name, const char *const *v)
{
	for (; *v; v++)
		if (strcmp(*v, name) == 0)
			return true;
	return false;
}

static const char *const infixes[] = { "+", "-", "*", "/", "%", "div", "&", "|", "^", "=", "<=>", "<", "<=", ">", ">=", NULL };

static bool operator(struct buf *b, const struct sp_expr *e)
{
	const char *f = e->fn->name;
	if (e->arg_n == 2 && among(f, infixes)) {
		infix(b, e, f);
		return true;
	}
	if (strcmp(f, "!=") == 0) {
		buf_adds(b, "(NOT ");
		infix(b, e, "=");
		buf_addc(b, ')');
	} else if (strcmp(f, "not") == 0 || strcmp(f, "negative") == 0 || strcmp(f, "positive") == 0 || strcmp(f, "$interval_neg") == 0) {
		buf_adds(b, f[0] == 'p' ? "(+ " : f[2] == 't' ? "(NOT " : "(- ");
		sp_an_show(b, e->args[0]);
		buf_addc(b, ')');
	} else if (strcmp(f, "~") == 0) {
		buf_addc(b, '~');
		sp_an_show(b, e->args[0]);
	} else if (strcmp(f, "isnull") == 0 || strcmp(f, "isnotnull") == 0) {
		buf_addc(b, '(');
		sp_an_show(b, e->args[0]);
		buf_adds(b, f[2] == 'n' && f[3] == 'u' ? " IS NULL)" : " IS NOT NULL)");
	} else if (strcmp(f, "like") == 0) {
		sp_an_show(b, e->args[0]);
		buf_adds(b, " LIKE ");
		sp_an_show(b, e->args[1]);
	} else if (strcmp(f, "ilike") == 0 || strcmp(f, "rlike") == 0) {
		buf_adds(b, f[0] == 'i' ? "ilike(" : "RLIKE(");
		list(b, e->args, 2);
		buf_addc(b, ')');
	} else if (strcmp(f, "in") == 0) {
		buf_addc(b, '(');
		sp_an_show(b, e->args[0]);
		buf_adds(b, " IN (");
		list(b, e->args + 1, e->arg_n - 1);
		buf_adds(b, "))");
	} else if (strcmp(f, "[]") == 0) {
		sp_an_show(b, e->args[0]);
		buf_addc(b, '[');
		sp_an_show(b, e->args[1]);
		buf_addc(b, ']');
	} else if (strcmp(f, ".") == 0) {
		const struct sp_type *t = e->args[0]->type->kind == SP_ARRAY ? e->args[0]->type->item : e->args[0]->type;
		sp_an_show(b, e->args[0]);
		buf_addc(b, '.');
		buf_addsl(b, t->fields[(uintptr_t)e->given - 1].name);
	} else if (strncmp(f, "$time_", 6) == 0 || strncmp(f, "$date_", 6) == 0) {
		bool diff = strstr(f, "diff") != NULL;
		if (diff)
			buf_addc(b, '(');
		sp_an_show(b, e->args[0]);
		buf_adds(b, strstr(f, "add") ? " + " : " - ");
		sp_an_show(b, e->args[1]);
		if (diff)
			buf_addc(b, ')');
	} else if (strncmp(f, "$interval_", 10) == 0 && e->arg_n == 2) {
		infix(b, e, strstr(f, "add") ? "+" : strstr(f, "sub") ? "-" : strstr(f, "mul") ? "*" : "/");
	} else if (strcmp(f, "$interval_days") == 0) {
		buf_adds(b, "extractansiintervaldays(");
		list(b, e->args, 1);
		buf_addc(b, ')');
	} else {
		return false;
	}
	return true;
}

static void cases(struct buf *b, const struct sp_expr *e)
{
	size_t i;
	if (e->fn && strcmp(e->fn->name, "case") != 0) {
		bool is_if = e->arg_n == 3 && strcmp(e->fn->name, "if") == 0;
		buf_adds(b, is_if ? "(IF(" : e->fn->name);
		if (!is_if)
			buf_addc(b, '(');
		list(b, e->args, e->arg_n);
		buf_adds(b, is_if ? "))" : ")");
		return;
	}
	buf_adds(b, "CASE");
	for (i = 0; i + 1 < e->arg_n; i += 2) {
		buf_adds(b, " WHEN ");
		sp_an_show(b, e->args[i]);
		buf_adds(b, " THEN ");
		sp_an_show(b, e->args[i + 1]);
	}
	if (i < e->arg_n) {
		buf_adds(b, " ELSE ");
		sp_an_show(b, e->args[i]);
	}
	buf_adds(b, " END");
}

static void logic(struct buf *b, const struct sp_expr *e, const char *op)
{
	size_t i;
	for (i = 0; i + 1 < e->arg_n; i++)
		buf_addc(b, '(');
	for (i = 0; i < e->arg_n; i++) {
		if (i)
			buf_addf(b, " %s ", op);
		sp_an_show(b, e->args[i]);
		if (i)
			buf_addc(b, ')');
	}
}

static void subquery(struct buf *b, const struct sp_expr *e)
{
	const struct sp_sub *s = (const struct sp_sub *)e->plan;
	if (s->kind == SP_SUB_IN) {
		buf_addc(b, '(');
		if (s->values > 1) {
			size_t i;
			buf_adds(b, "named_struct(");
			for (i = 0; i < s->values; i++) {
				if (i)
					buf_adds(b, ", ");
				sp_an_show(b, e->args[i]);
				buf_adds(b, ", ");
				sp_an_show(b, e->args[i]);
			}
			buf_addc(b, ')');
		} else {
			list(b, e->args, s->values);
		}
		buf_adds(b, " IN (listquery(");
		list(b, e->args + s->values, e->arg_n - s->values);
		buf_adds(b, ")))");
		return;
	}
	buf_adds(b, s->kind == SP_SUB_EXISTS ? "exists(" : "scalarsubquery(");
	list(b, e->args + s->values, e->arg_n - s->values);
	buf_addc(b, ')');
}

/* Functions that show otherwise than they're called. */
static void call(struct buf *b, const struct sp_expr *e)
{
	const char *f = e->fn->name;
	size_t n = e->arg_n;
	if (n == 2 && (strcmp(f, "extract") == 0 || strcmp(f, "datepart") == 0)) {
		buf_addf(b, "%s(", f);
		sp_an_show(b, e->args[0]);
		buf_adds(b, " FROM ");
		sp_an_show(b, e->args[1]);
	} else if (n == 2 && (strcmp(f, "ltrim") == 0 || strcmp(f, "rtrim") == 0)) {
		buf_adds(b, f[0] == 'l' ? "TRIM(LEADING " : "TRIM(TRAILING ");
		sp_an_show(b, e->args[0]);
		buf_adds(b, " FROM ");
		sp_an_show(b, e->args[1]);
	} else {
		if (strcmp(f, "from_json") == 0 || strcmp(f, "from_csv") == 0)
			n = 1;
		buf_addf(b, "%s(", name_of(e->fn));
		list(b, e->args, n);
		if (n == 3 && (strcmp(f, "aggregate") == 0 || strcmp(f, "reduce") == 0))
			buf_adds(b, ", lambdafunction(namedlambdavariable(), namedlambdavariable())");
	}
	buf_addc(b, ')');
}

void sp_an_show(struct buf *b, const struct sp_expr *e)
{
	size_t i;
	if (!e) { /* a lambda that nobody has looked at yet */
		buf_adds(b, "lambdafunction(x, x)");
		return;
	}
	if (sp_is_special(e)) {
		special(b, e);
		return;
	}
	if (e->shown.p) {
		buf_addsl(b, e->shown);
		return;
	}
	switch (e->op) {
	case SP_CONST:
		sp_print_sql(b, e->type, &e->value, NULL);
		break;
	case SP_COLUMN:
		break;
	case SP_CAST:
		if (!e->implicit && !sp_is_nested(e->type)) { /* Hive had no casts to nested types, and so they don't show */
			buf_adds(b, e->cast == SP_CAST_TRY ? "TRY_CAST(" : "CAST(");
			sp_an_show(b, e->args[0]);
			buf_adds(b, " AS ");
			sp_type_sql(b, e->type);
			buf_addc(b, ')');
			break;
		}
		sp_an_show(b, e->args[0]);
		break;
	case SP_AND:
	case SP_OR:
		logic(b, e, e->op == SP_AND ? "AND" : "OR");
		break;
	case SP_CASE:
		cases(b, e);
		break;
	case SP_COALESCE:
		buf_addf(b, "%s(", e->fn ? e->fn->name : "coalesce");
		list(b, e->args, e->arg_n);
		buf_addc(b, ')');
		break;
	case SP_LAMBDA:
		buf_adds(b, "lambdafunction(");
		sp_an_show(b, e->args[0]);
		for (i = 0; i < e->params; i++)
			buf_adds(b, ", namedlambdavariable()");
		buf_addc(b, ')');
		break;
	case SP_SUBQUERY:
		subquery(b, e);
		break;
	case SP_CALL:
		if (!e->fn || operator(b, e))
			break;
		call(b, e);
		break;
	}
}

struct slice sp_an_shown(struct sp_an *an, const struct sp_expr *e)
{
	return sp_expr_shown(an->a, e);
}

struct slice sp_expr_shown(struct arena *a, const struct sp_expr *e)
{
	struct buf b = { 0 };
	struct slice s;
	sp_an_show(&b, e);
	s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

/* A name is called by its last part, and so is its cast: CAST(t.a AS INT) is a. */
struct slice sp_an_item_name(struct sp_an *an, const struct sp_ex *ex, const struct sp_expr *e)
{
	const struct sp_expr *in = e;
	if (ex && ex->kind == SP_EX_NAME && (e->op == SP_COLUMN || (e->op == SP_CALL && e->fn && ex->name.n > 1)))
		return ex->name.parts[ex->name.n - 1];
	while (in->op == SP_CAST)
		in = in->args[0];
	if (e->op == SP_CALL && e->fn && e->type->kind == SP_MAP && strcmp(e->fn->name, "from_json") == 0)
		return S("entries");
	if (in->op == SP_COLUMN && in->shown.p)
		return in->shown;
	return sp_an_shown(an, e);
}
