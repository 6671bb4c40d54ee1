/* Calls: which function a name is, its arguments, what stands behind its parentheses. form.c has the forms that are no ordinary functions. */
#include <ctype.h>

#include "sparksql/call.h"

int sp_an_arity(struct sp_an *an, const char *name, const char *wanted, size_t n, size_t from, size_t to)
{
	return sp_an_fail_at(an, from, to, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605",
			     "The `%s` requires %s parameters but the actual number is %zu. Please, refer to "
			     "'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix.", name, wanted, n);
}

static int stars(struct sp_env *env, const struct sp_exs *list, struct sp_args *out)
{
	size_t cap = list->n + 4, i;
	uint32_t k;
	*out = (struct sp_args){ 0 };
	for (k = 0; k < list->n; k++)
		if (list->v[k]->kind == SP_EX_STAR)
			cap += env->n + 64;
	out->v = SP_NEWS(env->an, struct sp_expr *, cap);
	out->ex = SP_NEWS(env->an, const struct sp_ex *, cap);
	out->names = SP_NEWS(env->an, struct slice, cap);
	for (k = 0; k < list->n; k++) {
		struct sp_expr **exprs;
		struct slice *names;
		size_t n;
		if (list->v[k]->kind != SP_EX_STAR) {
			out->ex[out->n++] = list->v[k];
			continue;
		}
		if (sp_an_star(env, list->v[k], &exprs, &names, &n))
			return 1;
		for (i = 0; i < n && out->n < cap; i++) {
			out->v[out->n] = exprs[i];
			out->names[out->n++] = names[i];
		}
	}
	return 0;
}

/* Resolves all arguments but lambdas, which are refused where a function has no use for them. */
int sp_an_arguments(struct sp_env *env, const struct sp_ex *call, bool lambdas, struct sp_args *out)
{
	const struct slice name = call->call->name.parts[call->call->name.n - 1];
	size_t i;
	if (stars(env, &call->call->args, out))
		return 1;
	for (i = 0; i < out->n; i++) {
		const struct sp_ex *ex = out->ex[i];
		if (ex && ex->kind == SP_EX_LAMBDA && !lambdas)
			return sp_an_fail_at(env->an, call->at, call->end, "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION", "42K0D",
				"Invalid lambda function call. A lambda function should only be used in a higher order function. However, its class is "
				"org.apache.spark.sql.catalyst.expressions.%c%.*s, which is not a higher order function.", toupper((unsigned char)name.p[0]),
				(int)name.n - 1, name.p + 1);
		if (!ex || ex->kind == SP_EX_LAMBDA)
			continue;
		if (ex->kind == SP_EX_NAMED_ARG && i == 0 && sl_eq_nocase(ex->named.key, S("collection")))
			ex = ex->named.a;
		if (ex->kind == SP_EX_ALIAS) {
			out->names[i] = ex->alias.name;
			ex = ex->alias.a;
		}
		if (!(out->v[i] = sp_an_expr(env, ex)))
			return 1;
	}
	return 0;
}

/* ---- functions of the session ---- */
static int udf_vec(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	const struct sp_udf *u = c->e->given;
	return u->call(u->self, c, args, c->e->arg_n, n, out);
}

/* Without what tells it apart from others of that name: `\x01N\x01f` is shown as f. */
static struct slice shown_name(struct slice name)
{
	struct slice head, rest;
	return name.n && name.p[0] == '\1' && sl_cut(sl_from(name, 1), '\1', &head, &rest) ? rest : name;
}

const struct sp_udf *sp_udf_of(const struct sp_expr *e)
{
	return e->op == SP_CALL && e->fn && e->fn->vec == udf_vec ? e->given : NULL;
}

static struct sp_expr *udf_call(struct sp_env *env, const struct sp_udf *u, const struct sp_args *a, const struct sp_ex *ex)
{
	struct sp_function *fn = SP_NEW(env->an, struct sp_function);
	struct sp_expr *e = sp_an_expr_new(env->an, SP_CALL, u->type, true, a->n);
	fn->name = arena_cstr(env->an->a, shown_name(u->name));
	fn->flags = SP_F_NULLS | SP_F_MAYBE | SP_F_VOLATILE;
	fn->vec = udf_vec;
	if (a->n) /* memcpy takes no NULL */
		memcpy(e->args, a->v, a->n * sizeof(*a->v));
	e->fn = fn;
	e->given = (void *)u;
	return sp_an_placed(e, ex);
}

/* ---- ordinary functions ---- */
struct sp_expr *sp_an_apply(struct sp_env *env, const struct sp_function *fn, struct sp_expr **args, size_t n, const struct sp_ex *ex)
{
	bool special = fn->aggregate || fn->window || fn->generate;
	struct sp_expr *e = special ? &SP_NEW(env->an, struct sp_special)->e : SP_NEW(env->an, struct sp_expr);
	e->op = SP_CALL;
	e->fn = fn;
	e->arg_n = n;
	e->args = SP_NEWS(env->an, struct sp_expr *, n + 1);
	if (n)
		memcpy(e->args, args, n * sizeof(*args));
	return sp_an_signature(env, e, ex, NULL) ? NULL : e;
}

static struct sp_expr *operator_call(struct sp_env *env, const struct sp_function *fn, const struct sp_args *a, const struct sp_ex *ex)
{
	const char *f = fn->name;
	if (a->n == 1 && (strcmp(f, "not") == 0 || strcmp(f, "negative") == 0 || strcmp(f, "positive") == 0 || strcmp(f, "~") == 0)) {
		struct slice shown = sp_an_call_text(env, f, a);
		struct sp_expr *e = sp_an_unary(env->an, f, a->v[0], ex->at, ex->end);
		if (e && strcmp(f, "negative") == 0)
			e->shown = shown;
		return e;
	}
	if (a->n == 1 && (strcmp(f, "isnull") == 0 || strcmp(f, "isnotnull") == 0))
		return sp_an_placed(sp_an_call(env->an, f, &sp_types[SP_BOOLEAN], false, 1, a->v), ex);
	if (a->n >= 2 && strcmp(f, "in") == 0)
		return sp_an_in_list(env->an, a->v[0], a->v + 1, a->n - 1, ex->at, ex->end);
	if (a->n == 2 && (strcmp(f, "like") == 0 || strcmp(f, "ilike") == 0 || strcmp(f, "rlike") == 0)) {
		struct sp_expr *v[3];
		size_t i;
		for (i = 0; i < a->n; i++)
			v[i] = sp_an_cast(env->an, a->v[i], &sp_types[SP_STRING]);
		return sp_an_placed(sp_an_call(env->an, f, &sp_types[SP_BOOLEAN], v[0]->nullable || v[1]->nullable, a->n, v), ex);
	}
	if (a->n == 2)
		return sp_an_binary(env->an, f, a->v[0], a->v[1], ex->at, ex->end);
	sp_an_arity(env->an, f, "2", a->n, ex->at, ex->end);
	return NULL;
}

static int unresolved_routine(struct sp_env *env, const struct sp_ex *ex)
{
	const struct sp_name *name = &ex->call->name;
	struct buf b = { 0 };
	sp_an_quoted(&b, name->parts, name->n);
	sp_an_fail_at(env->an, ex->at, ex->end, "UNRESOLVED_ROUTINE", "42883",
		      "Cannot resolve function %s on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`%.*s`].", buf_cstr(&b),
		      SL(env->an->cx->database.n ? env->an->cx->database : S("default")));
	buf_free(&b);
	return 1;
}

static int not_windowed(struct sp_env *env, const struct sp_expr *e)
{
	return sp_an_fail(env->an, e, "UNSUPPORTED_EXPR_FOR_WINDOW", "42P20", "Expression \"%.*s\" not supported within a window function.",
			  SL(sp_an_shown(env->an, e)));
}

/* WITHIN GROUP, FILTER, OVER, IGNORE NULLS of an aggregate, a window function or a generator. */
static struct sp_expr *decorated(struct sp_env *env, struct sp_special *s, const struct sp_ex *ex)
{
	const struct sp_ex_call *c = ex->call;
	struct sp_env in = *env;
	s->distinct = c->distinct;
	s->ignore_nulls = c->nulls == SP_NULLS_IGNORE;
	s->within = c->within;
	in.in_aggregate = true;
	if (c->filter && !(s->filter = sp_an_expr(&in, c->filter)))
		return NULL;
	if (s->filter && s->filter->type->kind != SP_BOOLEAN) {
		sp_an_fail(env->an, &s->e, "_LEGACY_ERROR_TEMP_1025", "", "FILTER expression is not of type boolean. It cannot be used in an aggregate function.");
		return NULL;
	}
	if (s->filter && c->over) {
		sp_an_fail_at(env->an, 0, 0, "_LEGACY_ERROR_TEMP_1030", "", "Window aggregate function with filter predicate is not supported yet.");
		return NULL;
	}
	env->any_sub |= in.any_sub;
	if (s->e.fn->generate) {
		env->any_generator = true;
		s->columns = s->e.type;
		if (s->columns->field_n == 1)
			s->e.type = s->columns->fields[0].type;
	}
	if (c->over) {
		env->any_window = true;
		return sp_an_window(env, ex, s);
	}
	if (s->e.fn->window) {
		sp_an_fail(env->an, NULL, "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "", "Window function \"%.*s\" requires an OVER clause.",
			   SL(sp_an_shown(env->an, &s->e)));
		return NULL;
	}
	if (s->e.fn->aggregate)
		env->any_aggregate = true;
	return &s->e;
}

static bool is_percentile(const struct sp_function *fn)
{
	return strcmp(fn->name, "percentile_cont") == 0 || strcmp(fn->name, "percentile_disc") == 0;
}

/* Whatever WITHIN GROUP orders by. percentile_cont(0.5) WITHIN GROUP (ORDER BY x DESC) is the function of (0.5, x, true). */
static int within(struct sp_env *env, const struct sp_ex *ex, const struct sp_function *fn, struct sp_args *a, struct sp_order **order, size_t *n)
{
	struct sp_env in = *env;
	struct sp_expr **v;
	const struct sp_ex **at;
	in.in_aggregate = true;
	if (sp_an_orders(&in, &ex->call->within_order, order, n))
		return 1;
	env->any_aggregate |= in.any_aggregate;
	if (!is_percentile(fn) || *n != 1)
		return 0;
	v = SP_NEWS(env->an, struct sp_expr *, a->n + 2);
	at = SP_NEWS(env->an, const struct sp_ex *, a->n + 2);
	memcpy(v, a->v, a->n * sizeof(*v));
	memcpy(at, a->ex, a->n * sizeof(*at));
	v[a->n] = (*order)->e;
	at[a->n++] = ex->call->within_order.v[0].ex;
	if ((*order)->desc) {
		v[a->n] = sp_an_bool(env->an, true);
		at[a->n++] = ex;
	}
	a->v = v;
	a->ex = at;
	return 0;
}

/* It's shown as it was written, and needs no rows in order: it sorts values itself. */
static void show_percentile(struct sp_env *env, struct sp_special *s)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s(", s->e.fn->name);
	sp_an_show(&b, s->e.args[0]);
	buf_adds(&b, ") WITHIN GROUP (ORDER BY ");
	sp_an_show(&b, s->e.args[1]);
	buf_adds(&b, s->order->desc ? " DESC)" : ")");
	s->e.shown = arena_dup(env->an->a, buf_slice(&b));
	s->order_n = 0;
	buf_free(&b);
}

static bool is_star_count(const struct sp_ex *ex)
{
	const struct sp_exs *v = &ex->call->args;
	return sl_eq_nocase(ex->call->name.parts[0], S("count")) && v->n == 1 && v->v[0]->kind == SP_EX_STAR && !v->v[0]->star.of.n
		&& !ex->call->distinct;
}

/* What count doesn't take. */
static int refused_count(struct sp_env *env, const struct sp_ex *ex)
{
	const struct sp_exs *v = &ex->call->args;
	uint32_t i;
	if (!sl_eq_nocase(ex->call->name.parts[0], S("count")))
		return 0;
	if (!v->n)
		return sp_an_fail_at(env->an, 0, 0, "WRONG_NUM_ARGS.WITH_SUGGESTION", "42605",
				     "The `count` requires  >= 1 parameters but the actual number is 0. If you have to call this function with 0 parameters, set the legacy "
				     "configuration \"spark.sql.legacy.allowParameterlessCount\" to \"true\".");
	for (i = 0; i < v->n; i++)
		if (v->v[i]->kind == SP_EX_STAR && v->v[i]->star.of.n)
			return sp_an_fail_at(env->an, 0, 0, "_LEGACY_ERROR_TEMP_1021", "", "count(%.*s.*) is not allowed. Please use count(*) or expand the columns manually, "
					     "e.g. count(col1, col2).", SL(v->v[i]->star.of.parts[v->v[i]->star.of.n - 1]));
	return 0;
}

/* first(x) IGNORE NULLS is first(x, true), also of first_value; so of last and any_value. */
static const struct sp_function *ignoring(struct sp_env *env, const struct sp_function *fn, struct sp_args *a, const struct sp_ex *ex)
{
	static const char *const names[][2] = { { "first", "first" }, { "first_value", "first" }, { "last", "last" }, { "last_value", "last" },
						{ "any_value", "any_value" } };
	struct sp_expr **v;
	size_t i;
	for (i = 0; i < ARRAY_LEN(names) && strcmp(names[i][0], fn->name) != 0; i++)
		;
	if (ex->call->nulls != SP_NULLS_IGNORE || i == ARRAY_LEN(names) || a->n != 1)
		return fn;
	v = SP_NEWS(env->an, struct sp_expr *, 2);
	v[0] = a->v[0];
	v[1] = sp_an_bool(env->an, true);
	a->v = v;
	a->n = 2;
	return sp_function_find(sl(names[i][1]));
}

static struct sp_expr *call_of(struct sp_env *env, const struct sp_function *fn, struct sp_args *a, const struct sp_ex *ex)
{
	bool special = fn->aggregate || fn->window || fn->generate, star = fn->aggregate && is_star_count(ex);
	struct sp_special *s = special ? SP_NEW(env->an, struct sp_special) : NULL;
	struct sp_expr *e = special ? &s->e : SP_NEW(env->an, struct sp_expr);
	struct sp_env in = *env;
	if (fn->aggregate && refused_count(env, ex))
		return NULL;
	if (special) {
		in.in_aggregate |= fn->aggregate != NULL;
		if (star) {
			a->v = SP_NEWS(env->an, struct sp_expr *, 1);
			a->v[0] = sp_an_int(env->an, 1);
			a->n = 1;
			s->star = true;
		} else if (sp_an_arguments(&in, ex, fn->lambda != NULL, a)) {
			return NULL;
		}
		if (fn->window == SP_W_RANK || fn->window == SP_W_DENSE_RANK || fn->window == SP_W_PERCENT_RANK)
			a->n = 0; /* rank(x) is what the window is ordered by, whatever x is */
		if (ex->call->within && within(&in, ex, fn, a, &s->order, &s->order_n))
			return NULL;
	} else if (sp_an_arguments(&in, ex, fn->lambda != NULL, a)) {
		return NULL;
	}
	env->any_aggregate |= in.any_aggregate;
	env->any_window |= in.any_window;
	env->any_generator |= in.any_generator;
	env->any_sub |= in.any_sub;
	if (fn->flags & SP_F_LISTED_AS_OPERATOR || strcmp(fn->name, "isnull") == 0 || strcmp(fn->name, "isnotnull") == 0)
		return operator_call(env, fn, a, ex);
	if (fn->aggregate)
		fn = ignoring(env, fn, a, ex);
	e->op = SP_CALL;
	e->fn = fn;
	e->arg_n = fn->window == SP_W_RANK || fn->window == SP_W_DENSE_RANK || fn->window == SP_W_PERCENT_RANK ? 0 : a->n;
	e->args = a->v;
	if (sp_an_signature(env, e, ex, a->ex))
		return NULL;
	if (special && s->order_n == 1 && is_percentile(fn))
		show_percentile(env, s);
	if (special)
		return decorated(env, s, ex);
	if (ex->call->over) {
		not_windowed(env, e);
		return NULL;
	}
	if (ex->call->distinct || ex->call->filter) {
		sp_an_fail(env->an, e, "_LEGACY_ERROR_TEMP_1023", "", "Function %s does not support %s.", fn->name,
			   ex->call->distinct ? "DISTINCT" : "FILTER clause");
		return NULL;
	}
	return e;
}

/* The function that a call's form means, where it isn't the name's. */
static struct slice form_name(const struct sp_ex_call *c)
{
	struct slice name = c->name.parts[c->name.n - 1];
	switch ((enum sp_form)c->form) {
	case SP_FORM_TIMESTAMPADD:
		return S("timestampadd");
	case SP_FORM_TIMESTAMPDIFF:
		return S("timestampdiff");
	case SP_FORM_POSITION:
		return S("locate");
	case SP_FORM_TRIM_BOTH:
	case SP_FORM_TRIM_LEADING:
	case SP_FORM_TRIM_TRAILING:
	case SP_FORM_PLAIN:
	case SP_FORM_EXTRACT:
	case SP_FORM_SUBSTRING:
	case SP_FORM_OVERLAY:
	case SP_FORM_FIRST_LAST:
		break;
	}
	return name;
}

/* What is written otherwise than as a call has a name of its own. */
static struct sp_expr *written(struct sp_env *env, struct sp_expr *e, const struct sp_args *a, const struct sp_ex *ex)
{
	uint8_t f = ex->call->form;
	struct buf b = { 0 };
	if (!e || f == SP_FORM_PLAIN)
		return e;
	if (f == SP_FORM_EXTRACT && a->n == 2) {
		buf_adds(&b, "extract(");
		sp_an_show(&b, a->v[0]);
		buf_adds(&b, " FROM ");
		sp_an_show(&b, a->v[1]);
		buf_addc(&b, ')');
	} else {
		return e;
	}
	e->shown = sp_an_text(env->an, &b);
	return e;
}

static struct sp_ex *swapped(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_ex *x = SP_NEW(env->an, struct sp_ex);
	struct sp_ex_call *c = SP_NEW(env->an, struct sp_ex_call);
	*x = *ex;
	*c = *ex->call;
	x->call = c;
	c->args.v = SP_NEWS(env->an, struct sp_ex *, 2);
	c->args.v[0] = ex->call->args.v[1];
	c->args.v[1] = ex->call->args.v[0];
	return x;
}

struct sp_expr *sp_an_function(struct sp_env *env, const struct sp_ex *ex)
{
	const struct sp_function *fn;
	const struct sp_udf *u = NULL;
	struct sp_expr *e;
	struct sp_args a = { 0 };
	struct slice name = form_name(ex->call);
	uint8_t f = ex->call->form;
	if (ex->call->name.n > 1 && !(ex->call->name.n == 3 && sl_eq_nocase(ex->call->name.parts[1], S("builtin")))) {
		unresolved_routine(env, ex);
		return NULL;
	}
	e = sp_an_time_window_column(env, ex);
	if (!e)
		e = sp_an_form(env, name, ex, &a);
	if (e || env->an->err->set)
		return e;
	if (f >= SP_FORM_TRIM_BOTH && f <= SP_FORM_TRIM_TRAILING && ex->call->args.n == 2) {
		ex = swapped(env, ex);
	}
	if ((sl_eq_nocase(name, S("like")) || sl_eq_nocase(name, S("ilike"))) && ex->call->args.n == 3) { /* ESCAPE is of the operator alone */
		sp_an_arity(env->an, sl_eq_nocase(name, S("like")) ? "like" : "ilike", "2", 3, ex->at, ex->end);
		return NULL;
	}
	if (env->an->catalog && env->an->catalog->udf) /* the session's own function hides Spark's of that name */
		u = env->an->catalog->udf(env->an->catalog->self, name);
	fn = u ? NULL : sp_function_find(name);
	if (fn && fn->flags & SP_F_HIDDEN)
		fn = NULL;
	if (!fn && !u) {
		unresolved_routine(env, ex);
		return NULL;
	}
	if (u)
		return sp_an_arguments(env, ex, false, &a) ? NULL : udf_call(env, u, &a, ex);
	return written(env, call_of(env, fn, &a, ex), &a, ex);
}
