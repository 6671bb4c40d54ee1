/* Calls that are no ordinary functions: if, coalesce and their like, struct(...), casts by the name of a type, grouping(). */
#include "sparksql/call.h"
#include "spark/cast.h"

static const struct sp_function if_mark = { .name = "if" }, coalesce_mark = { .name = "coalesce" }, nvl_mark = { .name = "nvl" },
	ifnull_mark = { .name = "ifnull" }, grouping_mark = { .name = "grouping" }, grouping_id_mark = { .name = "grouping_id" };

struct sp_expr *sp_an_grouping_id(struct sp_env *env, const struct sp_name *name)
{
	struct sp_expr *e;
	if (env->clause != SP_IN_SELECT && env->clause != SP_IN_HAVING && env->clause != SP_IN_ORDER)
		return NULL;
	e = sp_an_expr_new(env->an, SP_CALL, &sp_types[SP_BIGINT], false, 0);
	e->fn = &grouping_id_mark;
	e->shown = name->parts[0];
	e->from = name->at;
	e->to = name->end;
	env->any_aggregate = true;
	return e;
}

static struct sp_expr *mismatch(struct sp_env *env, struct sp_expr *e, const char *sub, const char *fmt, ...) PRINTF_LIKE(4, 5);
static struct sp_expr *mismatch(struct sp_env *env, struct sp_expr *e, const char *sub, const char *fmt, ...)
{
	struct sp_resolve x = { .arena = env->an->a, .cx = env->an->cx, .e = e, .err = env->an->err };
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	sp_resolve_mismatch(&x, sub, "%s", buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

static void foldable_of(struct sp_expr *e)
{
	size_t i;
	e->foldable = true;
	for (i = 0; i < e->arg_n; i++)
		e->foldable &= e->args[i]->foldable;
}

static struct sp_expr *make_case(struct sp_env *env, size_t n, struct sp_expr **args, const struct sp_function *mark, const struct sp_ex *ex)
{
	struct sp_expr *e = sp_an_expr_new(env->an, SP_CASE, NULL, false, n);
	memcpy(e->args, args, n * sizeof(*args));
	e->fn = mark;
	foldable_of(e);
	return sp_an_placed(e, ex);
}

static struct sp_expr *if_call(struct sp_env *env, const struct sp_args *a, const struct sp_ex *ex)
{
	struct sp_expr *e = make_case(env, 3, a->v, &if_mark, ex), *pair[2] = { a->v[1], a->v[2] };
	if (e->args[0]->type->kind == SP_VOID)
		e->args[0] = sp_an_cast(env->an, e->args[0], &sp_types[SP_BOOLEAN]);
	if (e->args[0]->type->kind != SP_BOOLEAN)
		return mismatch(env, e, "UNEXPECTED_INPUT_TYPE", "Parameter 1 requires the \"BOOLEAN\" type, however \"%.*s\" has the type %.*s.",
				SL(sp_an_shown(env->an, e->args[0])), SL(sp_an_type(env->an, e->args[0]->type)));
	e->type = sp_an_common(env->an, pair, 2, 1, true);
	if (!e->type)
		return mismatch(env, e, "DATA_DIFF_TYPES", "Input to `if` should all be the same type, but it's [%.*s, %.*s].",
				SL(sp_an_type(env->an, pair[0]->type)), SL(sp_an_type(env->an, pair[1]->type)));
	e->args[1] = pair[0];
	e->args[2] = pair[1];
	e->nullable = pair[0]->nullable || pair[1]->nullable;
	return e;
}

static struct sp_expr *coalesce(struct sp_env *env, const struct sp_args *a, const struct sp_function *mark, const struct sp_ex *ex)
{
	struct sp_expr *e = sp_an_expr_new(env->an, SP_COALESCE, NULL, true, a->n);
	struct buf b = { 0 };
	size_t i;
	memcpy(e->args, a->v, a->n * sizeof(*a->v));
	e->fn = mark;
	foldable_of(e);
	sp_an_placed(e, ex);
	e->type = sp_an_common(env->an, e->args, e->arg_n, 1, true);
	for (i = 0; i < e->arg_n; i++)
		e->nullable = e->nullable && e->args[i]->nullable;
	if (e->type)
		return e;
	for (i = 0; i < e->arg_n; i++)
		buf_addf(&b, "%s%.*s", i ? " or " : "", SL(sp_an_type(env->an, e->args[i]->type)));
	mismatch(env, e, "DATA_DIFF_TYPES", "Input to `coalesce` should all be the same type, but it's (%s).", buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

struct slice sp_an_call_text(struct sp_env *env, const char *name, const struct sp_args *a)
{
	struct buf b = { 0 };
	size_t i;
	buf_addf(&b, "%s(", name);
	for (i = 0; i < a->n; i++) {
		if (i)
			buf_adds(&b, ", ");
		sp_an_show(&b, a->v[i]);
	}
	buf_addc(&b, ')');
	return sp_an_text(env->an, &b);
}

static struct sp_expr *nvl2(struct sp_env *env, const struct sp_args *a, const struct sp_ex *ex)
{
	struct sp_expr *test = sp_an_call(env->an, "isnotnull", &sp_types[SP_BOOLEAN], false, 1, a->v), *e;
	struct sp_expr *v[3] = { test, a->v[1], a->v[2] };
	struct slice shown = sp_an_call_text(env, "nvl2", a);
	e = if_call(env, &(struct sp_args){ .v = v, .n = 3 }, ex);
	if (e)
		e->shown = shown;
	return e;
}

static struct sp_expr *nullif(struct sp_env *env, const struct sp_args *a, const struct sp_ex *ex)
{
	struct slice shown = sp_an_call_text(env, "nullif", a);
	struct sp_expr *same = sp_an_binary(env->an, "=", a->v[0], a->v[1], ex->at, ex->end), *e;
	struct sp_expr *v[3];
	if (!same)
		return NULL;
	v[0] = same;
	v[1] = sp_an_null(env->an, a->v[0]->type);
	v[2] = a->v[0];
	e = if_call(env, &(struct sp_args){ .v = v, .n = 3 }, ex);
	if (e)
		e->shown = shown;
	return e;
}

/* int(x), string(x) and so on: a cast that doesn't show. */
static const struct sp_type *cast_type(struct slice name)
{
	static const struct {
		const char *name;
		enum sp_kind kind;
	} names[] = { { "boolean", SP_BOOLEAN }, { "tinyint", SP_TINYINT }, { "smallint", SP_SMALLINT }, { "int", SP_INT }, { "bigint", SP_BIGINT },
		      { "float", SP_FLOAT }, { "double", SP_DOUBLE }, { "decimal", SP_DECIMAL }, { "date", SP_DATE }, { "timestamp", SP_TIMESTAMP },
		      { "binary", SP_BINARY }, { "string", SP_STRING } };
	size_t i;
	for (i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(name, sl(names[i].name)))
			return &sp_types[names[i].kind];
	return NULL;
}

static struct sp_expr *named_struct(struct sp_env *env, struct sp_args *a, const struct sp_ex *ex, bool row)
{
	struct sp_expr **v = SP_NEWS(env->an, struct sp_expr *, 2 * a->n + 1), *e;
	const struct sp_function *fn = sp_function_find(S("named_struct"));
	struct buf b = { 0 };
	size_t i;
	buf_adds(&b, row ? "named_struct(" : "struct(");
	for (i = 0; i < a->n; i++) {
		const struct sp_ex *x = a->ex[i];
		bool aliased = x && x->kind == SP_EX_ALIAS;
		struct slice name = a->names[i];
		if (!name.p && x && x->kind == SP_EX_NAME)
			name = x->name.parts[x->name.n - 1];
		else if (!name.p && x && x->kind == SP_EX_FIELD)
			name = x->field.name;
		if (!name.p)
			name = arena_printf(env->an->a, "col%zu", i + 1);
		v[2 * i] = sp_an_string(env->an, name);
		v[2 * i + 1] = a->v[i];
		buf_adds(&b, i ? ", " : "");
		if (row)
			buf_addf(&b, "%.*s, ", SL(name));
		sp_an_show(&b, a->v[i]);
		if (aliased && !row)
			buf_addf(&b, " AS %.*s", SL(name));
	}
	buf_addc(&b, ')');
	if (!fn) {
		buf_free(&b);
		sp_fail(env->an->err, SP_E_UNSERVED, "", "", "named_struct is not served.");
		return NULL;
	}
	e = sp_an_apply(env, fn, v, 2 * a->n, ex);
	if (e)
		e->shown = sp_an_text(env->an, &b);
	else
		buf_free(&b);
	return e;
}

/* try_add and the like over times and intervals are the operators: they don't overflow in sensible use. */
static struct sp_expr *try_times(struct sp_env *env, struct slice name, const struct sp_ex *ex, struct sp_args *a)
{
	static const char *const names[] = { "try_add", "try_subtract", "try_multiply", "try_divide" };
	struct sp_expr *e;
	struct slice shown;
	size_t i, k;
	bool times = false;
	for (i = 0; i < ARRAY_LEN(names) && !sl_eq_nocase(name, sl(names[i])); i++)
		;
	if (i == ARRAY_LEN(names) || ex->call->args.n != 2 || sp_an_arguments(env, ex, false, a) || a->n != 2)
		return NULL;
	for (k = 0; k < 2; k++)
		times |= a->v[k]->type->kind >= SP_DATE && a->v[k]->type->kind <= SP_INTERVAL;
	if (!times)
		return NULL;
	shown = sp_an_call_text(env, names[i], a);
	if (i == 3 && sp_is_numeric(a->v[1]->type)) { /* by zero it is NULL */
		struct sp_expr *v[2] = { a->v[1], sp_an_int(env->an, 0) };
		if (!(a->v[1] = nullif(env, &(struct sp_args){ .v = v, .n = 2 }, ex)))
			return NULL;
	}
	e = sp_an_binary(env->an, i == 0 ? "+" : i == 1 ? "-" : i == 2 ? "*" : "/", a->v[0], a->v[1], ex->at, ex->end);
	if (e)
		e->shown = shown;
	return e;
}

/* input_file_name(): what the rows' files say of themselves; without FROM it is empty. Delta tables don't say theirs. */
static struct sp_expr *file_name(struct sp_env *env, const struct sp_ex *ex)
{
	struct slice parts[] = { S("_metadata"), S("file_path") };
	const struct sp_name name = { .parts = parts, .n = ARRAY_LEN(parts), .at = ex->at, .end = ex->end };
	bool found = false;
	struct sp_expr *e = sp_an_lookup(env->an, env->attrs, env->n, &name, &found);
	if (!e && !env->an->err->set && env->n)
		sp_fail(env->an->err, SP_E_UNSERVED, "", "", "The function input_file_name isn't served but for files of JSON, CSV, text and Parquet.");
	if (env->an->err->set)
		return NULL;
	if (!e)
		e = sp_an_const(env->an, &sp_types[SP_STRING], (struct sp_value){ .s = S("") });
	e->shown = S("input_file_name()");
	e->from = ex->at;
	e->to = ex->end;
	return e;
}

/* What needs no row in a table of functions; NULL without error: it is none of these. */
struct sp_expr *sp_an_form(struct sp_env *env, struct slice name, const struct sp_ex *ex, struct sp_args *a)
{
	static const struct {
		const char *name, *wanted;
		size_t least, most;
	} counts[] = { { "if", "3", 3, 3 }, { "coalesce", "> 0", 1, SIZE_MAX }, { "nvl", "2", 2, 2 }, { "ifnull", "2", 2, 2 },
		       { "nvl2", "3", 3, 3 }, { "nullif", "2", 2, 2 }, { "struct", "> 0", 1, SIZE_MAX } };
	const struct sp_type *t;
	struct sp_expr *e;
	size_t i;
	for (i = 0; i < ARRAY_LEN(counts) && !sl_eq_nocase(name, sl(counts[i].name)); i++)
		;
	if (i < ARRAY_LEN(counts)) {
		bool many = counts[i].most == SIZE_MAX;
		if (sp_an_arguments(env, ex, false, a))
			return NULL;
		if (a->n < counts[i].least || a->n > counts[i].most) {
			sp_an_arity(env->an, counts[i].name, counts[i].wanted, a->n, many ? 0 : ex->at, many ? 0 : ex->end);
			return NULL;
		}
		switch (i) {
		case 0:
			return if_call(env, a, ex);
		case 1:
			return coalesce(env, a, &coalesce_mark, ex);
		case 2:
		case 3:
			return coalesce(env, a, i == 2 ? &nvl_mark : &ifnull_mark, ex);
		case 4:
			return nvl2(env, a, ex);
		case 5:
			return nullif(env, a, ex);
		}
		return named_struct(env, a, ex, false);
	}
	if (sl_eq_nocase(name, S("input_file_name")) && !ex->call->args.n)
		return file_name(env, ex);
	if (sl_eq_nocase(name, S("grouping")) || sl_eq_nocase(name, S("grouping_id"))) {
		bool one = name.n == 8;
		struct sp_env in = *env;
		in.in_aggregate = true; /* its arguments are what is grouped by, not what the list makes of it */
		if (sp_an_arguments(&in, ex, false, a))
			return NULL;
		if (one && a->n != 1) {
			sp_an_arity(env->an, "grouping", "1", a->n, ex->at, ex->end);
			return NULL;
		}
		e = sp_an_placed(sp_an_expr_new(env->an, SP_CALL, &sp_types[one ? SP_TINYINT : SP_BIGINT], false, a->n), ex);
		e->fn = one ? &grouping_mark : &grouping_id_mark;
		if (a->n)
			memcpy(e->args, a->v, a->n * sizeof(*a->v));
		env->any_aggregate = true;
		return e;
	}
	if ((t = cast_type(name)) && !ex->call->over) {
		if (sp_an_arguments(env, ex, false, a))
			return NULL;
		if (a->n != 1) {
			sp_an_arity(env->an, arena_cstr(env->an->a, name), "1", a->n, ex->at, ex->end);
			return NULL;
		}
		e = sp_an_cast_explicit(env->an, a->v[0], t, SP_CAST_SESSION);
		e->implicit = true;
		e->from = ex->at;
		e->to = ex->end;
		if (sp_can_cast(a->v[0]->type, t, env->an->cx->ansi))
			return e;
		e->implicit = false;
		return mismatch(env, e, "CAST_WITHOUT_SUGGESTION", "cannot cast %.*s to %.*s.", SL(sp_an_type(env->an, a->v[0]->type)),
				SL(sp_an_type(env->an, t)));
	}
	return sl_starts_nocase(name, S("try_")) ? try_times(env, name, ex, a) : NULL;
}
