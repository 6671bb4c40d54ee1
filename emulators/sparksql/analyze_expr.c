/* Expressions of the tree: each kind to a typed expression. */
#include "sparksql/analysis.h"
#include "spark/cast.h"

static struct sp_expr *fail_null(int rc)
{
	(void)rc;
	return NULL;
}

static struct sp_expr *mismatch(struct sp_an *an, struct sp_expr *e, const char *sub, const char *fmt, ...) PRINTF_LIKE(4, 5);
static struct sp_expr *mismatch(struct sp_an *an, struct sp_expr *e, const char *sub, const char *fmt, ...)
{
	struct sp_resolve x = { .arena = an->a, .cx = an->cx, .e = e, .err = an->err };
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	sp_resolve_mismatch(&x, sub, "%s", buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

/* ---- conditions ---- */
static const struct sp_type *boolean(void)
{
	return &sp_types[SP_BOOLEAN];
}

static struct sp_expr *truth(struct sp_an *an, struct sp_expr *e)
{
	return e->type->kind == SP_VOID || (an->cx->ansi && e->type->kind == SP_STRING) ? sp_an_cast(an, e, boolean()) : e;
}

struct sp_expr *sp_an_condition(struct sp_env *env, const struct sp_ex *ex, const char *clause)
{
	struct sp_expr *e = sp_an_expr(env, ex);
	if (!e)
		return NULL;
	if (e->type->kind != SP_VOID)
		e = truth(env->an, e);
	if (e->type->kind == SP_BOOLEAN)
		return e;
	if (strcmp(clause, "WHERE") == 0)
		sp_an_fail_at(env->an, env->at, env->at + 1, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "42K09",
			      "Cannot resolve \"%.*s\" due to data type mismatch: Filter expression \"%.*s\" of type %.*s is not a boolean.",
			      SL(sp_an_shown(env->an, e)), SL(sp_an_shown(env->an, e)), SL(sp_an_type(env->an, e->type)));
	else if (strcmp(clause, "JOIN") == 0)
		sp_an_fail_at(env->an, env->at, env->at + 1, "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE", "", "The join condition \"%.*s\" has the invalid type %.*s, expected \"BOOLEAN\".",
			   SL(sp_an_shown(env->an, e)), SL(sp_an_type(env->an, e->type)));
	else
		mismatch(env->an, e, "FILTER_NOT_BOOLEAN", "Filter expression \"%.*s\" of type %.*s is not a boolean.", SL(sp_an_shown(env->an, e)),
			 SL(sp_an_type(env->an, e->type)));
	return NULL;
}

static struct sp_expr *logic(struct sp_env *env, const struct sp_ex *ex, struct sp_expr *a, struct sp_expr *b)
{
	struct sp_an *an = env->an;
	struct sp_expr *e = sp_an_expr_new(an, ex->op == SP_OP_AND ? SP_AND : SP_OR, boolean(), a->nullable || b->nullable, 2);
	sp_an_level(an, &a, &b);
	e->args[0] = truth(an, a);
	e->args[1] = truth(an, b);
	e->foldable = a->foldable && b->foldable;
	sp_an_placed(e, ex);
	if (!sp_type_eq(e->args[0]->type, e->args[1]->type))
		return mismatch(an, e, "BINARY_OP_DIFF_TYPES", "the left and right operands of the binary operator have incompatible types (%.*s and %.*s).",
				SL(sp_an_type(an, a->type)), SL(sp_an_type(an, b->type)));
	if (e->args[0]->type->kind != SP_BOOLEAN)
		return mismatch(an, e, "BINARY_OP_WRONG_TYPE", "the binary operator requires the input type \"BOOLEAN\", not %.*s.",
				SL(sp_an_type(an, a->type)));
	return e;
}

/* ---- operators ---- */
static struct sp_expr *concat(struct sp_env *env, struct sp_expr *a, struct sp_expr *b, const struct sp_ex *ex)
{
	const struct sp_function *fn = sp_function_find(S("concat"));
	if (!fn)
		fn = sp_function_find(S("||"));
	if (!fn)
		return fail_null(sp_fail(env->an->err, SP_E_UNSERVED, "", "", "concat is not served."));
	return sp_an_apply(env, fn, (struct sp_expr *[]){ a, b }, 2, ex);
}

static struct sp_expr *binary_of(struct sp_env *env, const struct sp_ex *ex, struct sp_expr *a)
{
	static const char *const shifts[] = { "shiftleft", "shiftright", "shiftrightunsigned" };
	struct sp_expr *b = a ? sp_an_expr(env, ex->b) : NULL;
	if (!b)
		return NULL;
	switch ((enum sp_operator)ex->op) {
	case SP_OP_AND:
	case SP_OP_OR:
		return logic(env, ex, a, b);
	case SP_OP_CONCAT:
		return concat(env, a, b, ex);
	case SP_OP_SHL:
	case SP_OP_SHR:
	case SP_OP_USHR: {
		const struct sp_function *fn = sp_function_find(sl(shifts[ex->op - SP_OP_SHL]));
		return fn ? sp_an_apply(env, fn, (struct sp_expr *[]){ a, b }, 2, ex) : NULL;
	}
	case SP_OP_NE:
		return sp_an_binary(env->an, "!=", a, b, sp_an_from(ex), ex->end);
	case SP_OP_EQ:
		return sp_an_binary(env->an, "=", a, b, sp_an_from(ex), ex->end);
	default:
		return sp_an_binary(env->an, sp_op_text((enum sp_operator)ex->op), a, b, sp_an_from(ex), ex->end);
	}
}

/* A chain is deep on its left: its links are gathered first. */
static struct sp_expr *binary(struct sp_env *env, const struct sp_ex *ex)
{
	const struct sp_ex **links = NULL, *at;
	size_t n = 0, cap = 0;
	struct sp_expr *e;
	for (at = ex; at->kind == SP_EX_BINARY; at = at->a) {
		ARENA_GROW(env->an->a, links, n, cap);
		links[n++] = at;
	}
	if (n > SP_AN_CHAIN_MAX)
		return fail_null(sp_fail(env->an->err, SP_E_LIMIT, "", "", "More than %d operators in a row.", SP_AN_CHAIN_MAX));
	e = sp_an_expr(env, at);
	while (e && n)
		e = binary_of(env, links[--n], e);
	return e;
}

static struct sp_expr *unary(struct sp_env *env, const struct sp_ex *ex)
{
	static const char *const names[] = { [SP_OP_NEG] = "negative", [SP_OP_PLUS] = "positive", [SP_OP_BITNOT] = "~", [SP_OP_NOT] = "not" };
	struct sp_expr *a = sp_an_expr(env, ex->a);
	if (!a)
		return NULL;
	/* NOT (x IN (SELECT ...)) and NOT EXISTS keep together: they are joins of their own. */
	if (ex->op == SP_OP_NOT && a->op == SP_SUBQUERY && ((struct sp_sub *)a->plan)->kind != SP_SUB_SCALAR && !((struct sp_sub *)a->plan)->negated)
		return sp_an_unary(env->an, "not", a, sp_an_from(ex), ex->end);
	return sp_an_unary(env->an, names[ex->op], a, sp_an_from(ex), ex->end);
}

static struct sp_expr *negate(struct sp_env *env, const struct sp_ex *ex, struct sp_expr *e)
{
	return e && ex->negated ? sp_an_unary(env->an, "not", e, sp_an_from(ex), ex->end) : e;
}

static struct sp_expr *between(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_expr *a = sp_an_expr(env, ex->a), *b = a ? sp_an_expr(env, ex->b) : NULL, *c = b ? sp_an_expr(env, ex->c) : NULL, *lo, *hi;
	if (!c)
		return NULL;
	lo = sp_an_binary(env->an, ">=", a, b, sp_an_from(ex), ex->end);
	hi = lo ? sp_an_binary(env->an, "<=", a, c, sp_an_from(ex), ex->end) : NULL;
	return hi ? negate(env, ex, sp_an_placed(sp_an_and(env->an, lo, hi), ex)) : NULL;
}

static struct sp_expr *null_test(struct sp_env *env, const char *fn, struct sp_expr *a, const struct sp_ex *ex)
{
	return sp_an_placed(sp_an_call(env->an, fn, boolean(), false, 1, &a), ex);
}

static struct sp_expr *is(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_expr *a = sp_an_expr(env, ex->is.a), *e;
	if (!a)
		return NULL;
	if (ex->is.what == SP_IS_NULL)
		return null_test(env, ex->negated ? "isnotnull" : "isnull", a, ex);
	if (ex->is.what == SP_IS_UNKNOWN) {
		a = truth(env->an, a);
		return null_test(env, ex->negated ? "isnotnull" : "isnull", a, ex);
	}
	e = sp_an_binary(env->an, "<=>", a, sp_an_bool(env->an, ex->is.what == SP_IS_TRUE), sp_an_from(ex), ex->end);
	return negate(env, ex, e);
}

static struct sp_expr *distinct(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_expr *a = sp_an_expr(env, ex->a), *b = a ? sp_an_expr(env, ex->b) : NULL;
	struct sp_expr *e = b ? sp_an_binary(env->an, "<=>", a, b, sp_an_from(ex), ex->end) : NULL;
	return e && !ex->negated ? sp_an_unary(env->an, "not", e, sp_an_from(ex), ex->end) : e;
}

static struct sp_expr *in(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_expr **items, *a;
	uint32_t i;
	if (ex->in.query)
		return negate(env, ex, sp_an_subquery(env, ex));
	if (!(a = sp_an_expr(env, ex->in.a)))
		return NULL;
	items = SP_NEWS(env->an, struct sp_expr *, ex->in.list.n + 1);
	for (i = 0; i < ex->in.list.n; i++)
		if (!(items[i] = sp_an_expr(env, ex->in.list.v[i])))
			return NULL;
	return negate(env, ex, sp_an_in_list(env->an, a, items, i, sp_an_from(ex), ex->end));
}

/* ---- LIKE ---- */
static struct sp_expr *like_one(struct sp_env *env, const struct sp_ex *ex, struct sp_expr *a, struct sp_expr *pattern)
{
	static const char *const names[] = { [SP_LIKE] = "like", [SP_ILIKE] = "ilike", [SP_RLIKE] = "rlike" };
	struct sp_an *an = env->an;
	struct sp_expr *v[3] = { a, pattern, NULL }, *e;
	size_t n = 2, i;
	if (ex->like.op != SP_RLIKE && ex->like.escape.p)
		v[n++] = sp_an_string(an, ex->like.escape);
	e = sp_an_placed(sp_an_call(an, names[ex->like.op], boolean(), a->nullable || pattern->nullable, n, v), ex);
	for (i = 0; i < 2; i++) {
		if (!sp_an_implicit(an, v[i]->type, &sp_types[SP_STRING]))
			return mismatch(an, e, "UNEXPECTED_INPUT_TYPE", "Parameter %zu requires the \"STRING\" type, however \"%.*s\" has the type %.*s.", i + 1,
					SL(sp_an_shown(an, v[i])), SL(sp_an_type(an, v[i]->type)));
		e->args[i] = sp_an_cast(an, v[i], &sp_types[SP_STRING]);
	}
	return e->fn ? e : NULL;
}

/* LIKE ANY (...), ALL: one condition a pattern; NOT LIKE ANY: any that isn't like it. */
static struct sp_expr *like_many(struct sp_env *env, const struct sp_ex *ex, struct sp_expr *a)
{
	bool all = ex->like.of == SP_LIKE_ALL;
	struct sp_expr *e = NULL, *one;
	struct buf b = { 0 };
	bool patterns = true; /* all are constant texts: then Spark has a node for it */
	uint32_t i;
	for (i = 0; i < ex->like.list.n; i++) {
		struct sp_expr *p = sp_an_expr(env, ex->like.list.v[i]), *both;
		patterns = patterns && p && p->foldable && p->type->kind == SP_STRING;
		one = p ? negate(env, ex, like_one(env, ex, a, p)) : NULL;
		if (!one)
			return NULL;
		if (!e) {
			e = one;
			continue;
		}
		both = sp_an_expr_new(env->an, all ? SP_AND : SP_OR, boolean(), e->nullable || one->nullable, 2);
		both->args[0] = e;
		both->args[1] = one;
		both->foldable = e->foldable && one->foldable;
		e = both;
	}
	if (!patterns)
		return sp_an_placed(e, ex);
	buf_addf(&b, "%slike%s(", ex->negated ? "not" : "", all ? "all" : "any");
	if (ex->like.op == SP_ILIKE)
		buf_adds(&b, "lower(");
	sp_an_show(&b, a);
	buf_adds(&b, ex->like.op == SP_ILIKE ? "))" : ")");
	e->shown = sp_an_text(env->an, &b);
	return sp_an_placed(e, ex);
}

static struct sp_expr *like(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_expr *a = sp_an_expr(env, ex->like.a), *p;
	if (!a)
		return NULL;
	if (ex->like.of != SP_LIKE_ONE)
		return like_many(env, ex, a);
	p = sp_an_expr(env, ex->like.pattern);
	return p ? negate(env, ex, like_one(env, ex, a, p)) : NULL;
}

/* ---- CASE ---- */
static struct sp_expr *unlike_cases(struct sp_an *an, struct sp_expr *e)
{
	struct buf b = { 0 };
	size_t i;
	for (i = 1; i < e->arg_n; i += 2)
		buf_addf(&b, "%s%.*s", i > 1 ? ", " : "", SL(sp_an_type(an, e->args[i]->type)));
	if (e->arg_n % 2)
		buf_addf(&b, ", %.*s", SL(sp_an_type(an, e->args[e->arg_n - 1]->type)));
	mismatch(an, e, "DATA_DIFF_TYPES", "Input to `casewhen` should all be the same type, but it's [%s].", buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

static struct sp_expr *case_types(struct sp_an *an, struct sp_expr *e)
{
	struct sp_expr **v = SP_NEWS(an, struct sp_expr *, e->arg_n + 1);
	size_t i, n = 0;
	for (i = 0; i + 1 < e->arg_n; i += 2) {
		if (e->args[i]->type->kind != SP_VOID)
			e->args[i] = truth(an, e->args[i]);
		if (e->args[i]->type->kind != SP_BOOLEAN)
			return mismatch(an, e, "UNEXPECTED_INPUT_TYPE", "Parameter %zu requires the \"BOOLEAN\" type, however \"%.*s\" has the type %.*s.", i / 2 + 1,
					SL(sp_an_shown(an, e->args[i])), SL(sp_an_type(an, e->args[i]->type)));
		v[n++] = e->args[i + 1];
	}
	if (i < e->arg_n)
		v[n++] = e->args[i];
	e->type = sp_an_common(an, v, n, 1, true);
	if (!e->type)
		return unlike_cases(an, e);
	e->nullable = e->arg_n % 2 == 0;
	e->foldable = true;
	for (i = 0, n = 0; i < e->arg_n; i++) {
		if (i % 2 || i + 1 == e->arg_n) {
			e->args[i] = v[n++];
			e->nullable |= e->args[i]->nullable;
		}
		e->foldable &= e->args[i]->foldable;
	}
	return e;
}

static struct sp_expr *cases(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_an *an = env->an;
	size_t n = 2 * ex->cases.n + (ex->cases.other != NULL);
	struct sp_expr *e = sp_an_placed(sp_an_expr_new(an, SP_CASE, NULL, true, n), ex), *a = NULL, *w;
	uint32_t i;
	if (ex->cases.a && !(a = sp_an_expr(env, ex->cases.a)))
		return NULL;
	for (i = 0; i < ex->cases.n; i++) {
		if (!(w = sp_an_expr(env, ex->cases.whens[i].when)) || !(e->args[2 * i + 1] = sp_an_expr(env, ex->cases.whens[i].then)))
			return NULL;
		if (a && !(w = sp_an_binary(an, "=", a, w, sp_an_from(ex), ex->end)))
			return NULL;
		e->args[2 * i] = w;
	}
	if (ex->cases.other && !(e->args[n - 1] = sp_an_expr(env, ex->cases.other)))
		return NULL;
	return case_types(an, e);
}

/* ---- CAST ---- */
/* The function that does what a cast of ANSI's doesn't. */
static const char *instead(const struct sp_type *from, const struct sp_type *to)
{
	if (from->kind == SP_DATE && sp_is_numeric(to))
		return "UNIX_DATE";
	if (sp_is_numeric(from) && to->kind == SP_DATE)
		return "DATE_FROM_UNIX_DATE";
	return NULL;
}

static struct sp_expr *no_cast(struct sp_an *an, struct sp_expr *a, struct sp_expr *e, bool ansi)
{
	struct slice from = sp_an_type(an, a->type), to = sp_an_type(an, e->type);
	const char *other = ansi ? instead(a->type, e->type) : NULL;
	if (sp_is_nested(e->type))
		e->shown = sp_an_shown(an, a); /* as it is there, for whatever reason */
	if (other)
		return mismatch(an, e, "CAST_WITH_FUNC_SUGGESTION", "cannot cast %.*s to %.*s.\nTo convert values from %.*s to %.*s, you can use the functions `%s` instead.",
				SL(from), SL(to), SL(from), SL(to), other);
	if (ansi && sp_can_cast(a->type, e->type, false) && e->cast != SP_CAST_TRY)
		return mismatch(an, e, "CAST_WITH_CONF_SUGGESTION", "cannot cast %.*s to %.*s with ANSI mode on.\nIf you have to cast %.*s to %.*s, "
				"you can set \"spark.sql.ansi.enabled\" as 'false'.", SL(from), SL(to), SL(from), SL(to));
	return mismatch(an, e, "CAST_WITHOUT_SUGGESTION", "cannot cast %.*s to %.*s.", SL(from), SL(to));
}

static struct sp_expr *cast(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_an *an = env->an;
	struct sp_expr *a = sp_an_expr(env, ex->cast.a), *e;
	bool ansi = an->cx->ansi || ex->cast.try_;
	if (!a)
		return NULL;
	e = sp_an_placed(sp_an_cast_explicit(an, a, ex->cast.type, ex->cast.try_ ? SP_CAST_TRY : SP_CAST_SESSION), ex);
	e->from = ex->at;
	e->to = ex->end;
	if (sp_can_cast(a->type, ex->cast.type, ansi))
		return e;
	return no_cast(an, a, e, ansi);
}

/* ---- the rest ---- */
static struct sp_expr *row(struct sp_env *env, const struct sp_ex *ex)
{
	const struct sp_function *fn = sp_function_find(S("named_struct"));
	struct sp_expr **v = SP_NEWS(env->an, struct sp_expr *, 2 * ex->list.n + 1);
	uint32_t i;
	if (!fn)
		return fail_null(sp_fail(env->an->err, SP_E_UNSERVED, "", "", "named_struct is not served."));
	for (i = 0; i < ex->list.n; i++) {
		const struct sp_ex *x = ex->list.v[i];
		struct slice name = sl(NULL);
		if (x->kind == SP_EX_ALIAS) {
			name = x->alias.name;
			x = x->alias.a;
		} else if (x->kind == SP_EX_NAME) {
			name = x->name.parts[x->name.n - 1];
		}
		v[2 * i] = sp_an_string(env->an, name.p ? name : arena_printf(env->an->a, "col%u", i + 1));
		if (!(v[2 * i + 1] = sp_an_expr(env, x)))
			return NULL;
	}
	return sp_an_apply(env, fn, v, 2 * ex->list.n, ex);
}

static struct sp_expr *parameter(struct sp_env *env, const struct sp_ex *ex)
{
	const struct sp_analysis *x = env->an->x;
	size_t i, nth = 0;
	for (i = 0; i < x->parameter_n; i++) {
		const struct sp_parameter *p = &x->parameters[i];
		if (ex->param.name.p ? p->name.p && sl_eq(p->name, ex->param.name) : !p->name.p && nth++ == ex->param.nth)
			return sp_an_placed(sp_an_const(env->an, p->type, p->value), ex);
	}
	sp_an_fail_at(env->an, sp_an_from(ex), ex->end, "UNBOUND_SQL_PARAMETER", "42P02",
		      "Found the unbound parameter: %.*s. Please, fix `args` and provide a mapping of the parameter to a SQL literal.",
		      SL(ex->param.name.p ? ex->param.name : arena_printf(env->an->a, "_%u", ex->at)));
	return NULL;
}

static struct sp_expr *json_path(struct sp_env *env, const struct sp_ex *ex)
{
	const struct sp_function *fn = sp_function_find(S("get_json_object"));
	struct sp_expr *a = sp_an_expr(env, ex->field.a);
	struct slice path = ex->field.name;
	if (!a || !fn)
		return NULL;
	path = arena_printf(env->an->a, path.n && path.p[0] == '[' ? "$%.*s" : "$.%.*s", SL(path));
	return sp_an_apply(env, fn, (struct sp_expr *[]){ a, sp_an_string(env->an, path) }, 2, ex);
}

static struct sp_expr *expr(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_expr *a, *b;
	switch ((enum sp_ex_kind)ex->kind) {
	case SP_EX_LITERAL:
		return sp_an_literal(env->an, ex);
	case SP_EX_NAME:
		return sp_an_name(env, &ex->name);
	case SP_EX_ALIAS:
		return sp_an_expr(env, ex->alias.a);
	case SP_EX_CALL:
		return sp_an_function(env, ex);
	case SP_EX_UNARY:
		return unary(env, ex);
	case SP_EX_BINARY:
		return binary(env, ex);
	case SP_EX_CASE:
		return cases(env, ex);
	case SP_EX_CAST:
		return cast(env, ex);
	case SP_EX_IS:
		return is(env, ex);
	case SP_EX_DISTINCT:
		return distinct(env, ex);
	case SP_EX_BETWEEN:
		return between(env, ex);
	case SP_EX_IN:
		return in(env, ex);
	case SP_EX_LIKE:
		return like(env, ex);
	case SP_EX_EXISTS:
		return negate(env, ex, sp_an_subquery(env, ex));
	case SP_EX_SUBQUERY:
		return sp_an_subquery(env, ex);
	case SP_EX_ROW:
		return row(env, ex);
	case SP_EX_SUBSCRIPT:
		a = sp_an_expr(env, ex->a);
		b = a ? sp_an_expr(env, ex->b) : NULL;
		return b ? sp_an_subscript(env->an, a, b, sp_an_from(ex), ex->end) : NULL;
	case SP_EX_FIELD:
		a = sp_an_expr(env, ex->field.a);
		return a ? sp_an_field(env->an, a, ex->field.name, sp_an_from(ex), ex->end) : NULL;
	case SP_EX_PARAM:
		return parameter(env, ex);
	case SP_EX_JSON_PATH:
		return json_path(env, ex);
	case SP_EX_STAR:
		return fail_null(sp_an_fail_at(env->an, sp_an_from(ex), ex->end, "INVALID_USAGE_OF_STAR_OR_REGEX", "42000", "Invalid usage of '*' in expression `unresolvedstar`."));
	case SP_EX_LAMBDA:
		return fail_null(sp_an_fail_at(env->an, sp_an_from(ex), ex->end, "UNSUPPORTED_FEATURE.LAMBDA", "0A000",
					       "A lambda function should only be used in a higher order function."));
	case SP_EX_NAMED_ARG:
	case SP_EX_TABLE_ARG:
		return fail_null(sp_an_fail_at(env->an, sp_an_from(ex), ex->end, "NAMED_PARAMETERS_NOT_SUPPORTED", "4274K",
					       "Named parameters are not supported for this function."));
	case SP_EX_COLLATE:
		return fail_null(sp_fail(env->an->err, SP_E_UNSERVED, "", "", "COLLATE is not served."));
	}
	return NULL;
}

/* A cast that coercion put in fails at the place of what wanted it. */
static void adopt(struct sp_expr *e)
{
	size_t i;
	for (i = 0; i < e->arg_n; i++) {
		struct sp_expr *a = e->args[i];
		if (!a || e->to <= e->from)
			continue;
		if (a->op == SP_CAST && a->implicit && a->from == a->args[0]->from && a->to == a->args[0]->to) {
			a->from = e->from;
			a->to = e->to;
		} else if (a->from == e->from && a->to == e->to && a->arg_n && a->op != SP_CAST) {
			adopt(a);
		}
	}
}

struct sp_expr *sp_an_expr(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_expr *e;
	if (sp_an_deeper(env->an))
		return NULL;
	e = sp_an_placed(expr(env, ex), ex);
	env->an->depth--;
	if (!e && !env->an->err->set)
		sp_fail(env->an->err, SP_E_UNSERVED, "", "", "This expression is not served.");
	if (e)
		adopt(e);
	return env->an->err->set ? NULL : e;
}

int sp_an_orders(struct sp_env *env, const struct sp_sorts *sorts, struct sp_order **out, size_t *n)
{
	struct sp_order *v = SP_NEWS(env->an, struct sp_order, sorts->n + 1);
	uint32_t i;
	for (i = 0; i < sorts->n; i++) {
		const struct sp_sort *s = &sorts->v[i];
		v[i].e = sp_an_expr(env, s->ex);
		if (!v[i].e)
			return 1;
		v[i].desc = s->descending;
		v[i].nulls_last = s->nulls == SP_NULLS_DEFAULT ? s->descending : s->nulls == SP_NULLS_LAST;
	}
	*out = v;
	*n = sorts->n;
	return 0;
}
