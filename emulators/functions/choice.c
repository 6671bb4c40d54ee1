/* greatest and least, checks, and what a session is. The forms (if, coalesce, nvl ...) are analysis' own; their rows here are for
 * DESCRIBE FUNCTION. */
#include "functions/kernel.h"

/* ---- greatest, least: NULLs are passed over ---- */

static int extreme(struct sp_call *c, const struct sp_value *args, struct sp_value *out, int sign)
{
	size_t i;
	*out = SP_NULL_VALUE;
	for (i = 0; i < c->e->arg_n; i++)
		if (!args[i].null && (out->null || sp_compare(c->e->type, &args[i], out) * sign > 0))
			*out = args[i];
	return 0;
}

static int greatest(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	return extreme(c, args, out, 1);
}

static int least(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	return extreme(c, args, out, -1);
}

/* No text out of what isn't text. */
static const struct sp_type *type_extreme(struct sp_resolve *x)
{
	bool text = false, other = false, nullable = true;
	struct buf b = { 0 };
	const struct sp_type *t;
	size_t i;
	for (i = 0; i < x->e->arg_n; i++) {
		enum sp_kind kind = x->e->args[i]->type->kind;
		text |= kind == SP_STRING;
		other |= kind != SP_STRING && kind != SP_VOID;
		nullable &= x->e->args[i]->nullable;
	}
	if (text && other) {
		for (i = 0; i < x->e->arg_n; i++) {
			buf_adds(&b, i ? ", \"" : "\"");
			sp_type_sql(&b, x->e->args[i]->type);
			buf_addc(&b, '"');
		}
		sp_resolve_mismatch(x, "DATA_DIFF_TYPES", "Input to `%s` should all be the same type, but it's [%.*s].", x->e->fn->name,
				    SL(buf_slice(&b)));
		buf_free(&b);
		return NULL;
	}
	t = sp_resolve_common(x, 0, x->e->arg_n);
	if (t && !sp_fn_ordered(x, 0))
		return NULL;
	x->e->nullable = nullable;
	return t;
}

/* ---- checks ---- */

static int raise_error(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	return sp_fn_fail(c, "", "", "java.lang.RuntimeException", "%.*s", SL(args[0].null ? S("null") : args[0].s));
}

static int assert_true(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->null = true;
	return !args[0].null && args[0].i ? 0 : raise_error(c, &args[1], out);
}

/* Without a text there is one that shows the condition. */
static const struct sp_type *type_assert(struct sp_resolve *x)
{
	struct sp_expr *text, **args;
	if (x->e->arg_n == 2)
		return &sp_types[SP_VOID];
	args = arena_alloc(x->arena, 2 * sizeof(struct sp_expr *));
	text = arena_alloc(x->arena, sizeof(*text));
	text->op = SP_CONST;
	text->type = &sp_types[SP_STRING];
	text->foldable = true;
	text->value.s = arena_printf(x->arena, "'%.*s' is not true!", SL(sp_resolve_shown(x, 0)));
	text->from = x->e->from;
	text->to = x->e->to;
	args[0] = x->e->args[0];
	args[1] = text;
	x->e->args = args;
	x->e->arg_n = 2;
	return &sp_types[SP_VOID];
}

static int type_of(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	struct buf b = { 0 };
	sp_type_simple(&b, c->e->args[0]->type);
	out->s = arena_dup(c->run->batch, buf_slice(&b));
	buf_free(&b);
	return 0;
}

/* ---- the session ---- */

static int version(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->s = S("3.5.5 7c29c664cdc9321205a98a14858aaf8daaa19db2");
	return 0;
}

static struct slice or(struct slice s, struct slice other)
{
	return s.n ? s : other;
}

static int user(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->s = or(c->run->cx->user, S("root"));
	return 0;
}

static int database(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->s = or(c->run->cx->database, S("default"));
	return 0;
}

static int catalog(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->s = or(c->run->cx->catalog, S("spark_catalog"));
	return 0;
}

#define SESSION (SP_F_STATEMENT | SP_F_NEVER_NULL)
#define FORM(name, args, text) { name, args, "=1", SP_F_NULLS, .group = "conditional_funcs", .doc = text }
const struct sp_function sp_choices[] = {
	{ "greatest", "any any+", NULL, SP_F_NULLS, .row = greatest, .resolve = type_extreme, .group = "math_funcs",
	  .doc = "greatest(a, b, ...): The greatest that isn't NULL." },
	{ "least", "any any+", NULL, SP_F_NULLS, .row = least, .resolve = type_extreme, .group = "math_funcs",
	  .doc = "least(a, b, ...): The least that isn't NULL." },
	{ "raise_error", "string", "void", SP_F_NULLS | SP_F_VOLATILE, .row = raise_error, .group = "misc_funcs",
	  .doc = "raise_error(text): Fails with that text." },
	{ "assert_true", "boolean string?", NULL, SP_F_NULLS | SP_F_VOLATILE, .row = assert_true, .resolve = type_assert, .group = "misc_funcs",
	  .doc = "assert_true(a[, text]): Fails unless a is true." },
	{ "typeof", "any", "string", SP_F_NULLS | SP_F_NEVER_NULL, .row = type_of, .group = "misc_funcs",
	  .doc = "typeof(a): The name of its type." },
	{ "version", "", "string", SESSION, .row = version, .group = "misc_funcs", .doc = "version(): The version of Spark that is imitated." },
	{ "current_user", "", "string", SESSION | SP_F_NO_PARENS, .row = user, .group = "misc_funcs", .doc = "current_user(): The session's user." },
	{ "user", "", "string", SESSION | SP_F_NO_PARENS | SP_F_ALIAS, .row = user, .shown = "current_user", .group = "misc_funcs",
	  .doc = "user(): The session's user." },
	{ "current_database", "", "string", SESSION, .row = database, .group = "misc_funcs", .doc = "current_database(): The session's database." },
	{ "current_schema", "", "string", SESSION | SP_F_ALIAS, .row = database, .shown = "current_database", .group = "misc_funcs",
	  .doc = "current_schema(): The session's database." },
	{ "current_catalog", "", "string", SESSION, .row = catalog, .group = "misc_funcs", .doc = "current_catalog(): The session's catalog." },
	FORM("if", "boolean T T", "if(a, b, c): b where a is true, else c."),
	FORM("coalesce", "T+", "coalesce(a, ...): The first that isn't NULL."),
	FORM("nvl", "T T", "nvl(a, b): a, or b where a is NULL."),
	FORM("ifnull", "T T", "ifnull(a, b): a, or b where a is NULL."),
	FORM("nvl2", "any T T", "nvl2(a, b, c): b where a isn't NULL, else c."),
	FORM("nullif", "T T", "nullif(a, b): a, or NULL where it equals b."),
	FORM("when", "boolean T", "CASE WHEN a THEN b ... ELSE c END: The value of the first condition that is true."),
	{ NULL },
};
