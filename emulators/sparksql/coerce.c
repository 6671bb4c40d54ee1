/* Which type two types become, and which implicit casts there are: Spark's TypeCoercion, AnsiTypeCoercion and DecimalPrecision. */
#include "sparksql/analysis.h"
#include "spark/cast.h"
#include "spark/decimal.h"

static const struct sp_type *atom(enum sp_kind k)
{
	return &sp_types[k];
}

static bool is_interval(const struct sp_type *t)
{
	return t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT;
}

static bool is_atomic(const struct sp_type *t)
{
	return t->kind != SP_VOID && t->kind != SP_INTERVAL && t->kind < SP_ARRAY;
}

typedef const struct sp_type *joiner(struct sp_an *an, const struct sp_type *x, const struct sp_type *y, bool strings);

/* Arrays, maps and structs by what is inside. */
static const struct sp_type *nested(struct sp_an *an, const struct sp_type *x, const struct sp_type *y, bool strings, joiner *join)
{
	const struct sp_type *k, *v;
	struct sp_field *f;
	size_t i;
	if (x->kind != y->kind || !sp_is_nested(x))
		return NULL;
	if (x->kind == SP_ARRAY) {
		v = join(an, x->item, y->item, strings);
		return v ? sp_array(an->a, v, x->item_null || y->item_null || sp_cast_may_null(x->item, v, false) || sp_cast_may_null(y->item, v, false))
			 : NULL;
	}
	if (x->kind == SP_MAP) {
		k = join(an, x->key, y->key, strings);
		v = join(an, x->item, y->item, strings);
		return k && v ? sp_map(an->a, k, v, x->item_null || y->item_null || sp_cast_may_null(x->item, v, false)
				       || sp_cast_may_null(y->item, v, false))
			      : NULL;
	}
	if (x->field_n != y->field_n)
		return NULL;
	f = SP_NEWS(an, struct sp_field, x->field_n + 1);
	for (i = 0; i < x->field_n; i++) {
		if (!sl_eq_nocase(x->fields[i].name, y->fields[i].name))
			return NULL;
		v = join(an, x->fields[i].type, y->fields[i].type, strings);
		if (!v)
			return NULL;
		f[i] = (struct sp_field){ .name = x->fields[i].name, .type = v, .nullable = x->fields[i].nullable || y->fields[i].nullable };
	}
	return sp_struct(an->a, f, x->field_n);
}

/* A decimal that has room for all values of the other. */
static bool decimal_holds(struct sp_an *an, const struct sp_type *d, const struct sp_type *t)
{
	const struct sp_type *o = sp_dec_for(an->a, t);
	return d->precision - d->scale >= o->precision - o->scale && d->scale >= o->scale;
}

static const struct sp_type *numbers(struct sp_an *an, const struct sp_type *x, const struct sp_type *y)
{
	const struct sp_type *more = x->kind >= y->kind ? x : y;
	if (x->kind == SP_DECIMAL || y->kind == SP_DECIMAL) {
		const struct sp_type *d = x->kind == SP_DECIMAL ? x : y, *o = d == x ? y : x;
		return sp_is_integral(o) && decimal_holds(an, d, o) ? d : NULL;
	}
	if (an->cx->ansi && more->kind == SP_FLOAT && x->kind != y->kind)
		return atom(SP_DOUBLE);
	return more;
}

static const struct sp_type *times(const struct sp_type *x, const struct sp_type *y)
{
	if (x->kind < SP_DATE || y->kind < SP_DATE || x->kind > SP_TIMESTAMP_NTZ || y->kind > SP_TIMESTAMP_NTZ)
		return NULL;
	if (x->kind == SP_TIMESTAMP || y->kind == SP_TIMESTAMP)
		return atom(SP_TIMESTAMP);
	return atom(SP_TIMESTAMP_NTZ);
}

static const struct sp_type *intervals(struct sp_an *an, const struct sp_type *x, const struct sp_type *y)
{
	struct sp_type *t;
	if (x->kind != y->kind || !is_interval(x))
		return NULL;
	t = SP_NEW(an, struct sp_type);
	*t = *x;
	t->precision = x->precision < y->precision ? x->precision : y->precision;
	t->scale = x->scale > y->scale ? x->scale : y->scale;
	return t;
}

static const struct sp_type *tightest(struct sp_an *an, const struct sp_type *x, const struct sp_type *y, bool strings)
{
	const struct sp_type *t;
	(void)strings;
	if (x->kind == y->kind && !sp_is_nested(x) && sp_type_eq(x, y))
		return x;
	if (x->kind == SP_VOID)
		return y;
	if (y->kind == SP_VOID)
		return x;
	if (sp_is_numeric(x) && sp_is_numeric(y))
		return numbers(an, x, y);
	if ((t = times(x, y)) || (t = intervals(an, x, y)))
		return t;
	return nested(an, x, y, strings, tightest);
}

const struct sp_type *sp_an_tightest(struct sp_an *an, const struct sp_type *x, const struct sp_type *y)
{
	return tightest(an, x, y, false);
}

static const struct sp_type *with_decimal(struct sp_an *an, const struct sp_type *x, const struct sp_type *y)
{
	const struct sp_type *d = x->kind == SP_DECIMAL ? x : y, *o = d == x ? y : x;
	if (d->kind != SP_DECIMAL || !sp_is_numeric(o))
		return NULL;
	if (sp_is_fractional(o))
		return atom(SP_DOUBLE);
	return sp_dec_type(an->a, 'u', d, sp_dec_for(an->a, o));
}

/* Text beside something else. */
static const struct sp_type *promoted(struct sp_an *an, const struct sp_type *x, const struct sp_type *y)
{
	const struct sp_type *o = x->kind == SP_STRING ? y : x;
	if ((x->kind != SP_STRING && y->kind != SP_STRING) || !is_atomic(o))
		return NULL;
	if (!an->cx->ansi)
		return o->kind == SP_BINARY || o->kind == SP_BOOLEAN ? NULL : atom(SP_STRING);
	if (is_interval(o))
		return NULL;
	return sp_is_integral(o) ? atom(SP_BIGINT) : sp_is_numeric(o) ? atom(SP_DOUBLE) : o;
}

static const struct sp_type *wider(struct sp_an *an, const struct sp_type *x, const struct sp_type *y, bool strings)
{
	const struct sp_type *t = tightest(an, x, y, strings);
	if (!t)
		t = with_decimal(an, x, y);
	if (!t && strings)
		t = promoted(an, x, y);
	return t ? t : nested(an, x, y, strings, wider);
}

const struct sp_type *sp_an_wider(struct sp_an *an, const struct sp_type *x, const struct sp_type *y, bool strings)
{
	return wider(an, x, y, strings);
}

static bool has_string(const struct sp_type *t)
{
	return t->kind == SP_STRING || (t->kind == SP_ARRAY && has_string(t->item));
}

/* Texts go first, so that the order of others makes no difference. */
const struct sp_type *sp_an_wider_n(struct sp_an *an, const struct sp_type *const *types, size_t n, bool strings)
{
	const struct sp_type *t = NULL;
	int pass;
	size_t i;
	for (pass = strings ? 0 : 1; pass < 2; pass++)
		for (i = 0; i < n; i++) {
			if (strings && has_string(types[i]) != (pass == 0))
				continue;
			t = t ? wider(an, t, types[i], strings) : types[i];
			if (!t)
				return NULL;
		}
	return t;
}

/* ---- implicit casts of arguments ---- */
bool sp_an_implicit(struct sp_an *an, const struct sp_type *from, const struct sp_type *to)
{
	if (sp_type_eq(from, to) || from->kind == SP_VOID)
		return true;
	if (from->kind == SP_ARRAY && to->kind == SP_ARRAY)
		return sp_an_implicit(an, from->item, to->item);
	if (from->kind == SP_MAP && to->kind == SP_MAP)
		return sp_an_implicit(an, from->key, to->key) && sp_an_implicit(an, from->item, to->item);
	if (an->cx->ansi && from->kind == SP_STRING)
		return is_atomic(to);
	if (sp_is_numeric(from) && sp_is_numeric(to))
		return true;
	if (from->kind == SP_STRING)
		return sp_is_numeric(to) || (to->kind >= SP_BINARY && to->kind <= SP_TIMESTAMP_NTZ) || is_interval(to);
	if (to->kind == SP_STRING)
		return is_atomic(from);
	return times(from, from) && times(to, to);
}

/* ---- casts ---- */
static bool cast_ansi(struct sp_an *an, enum sp_cast_mode mode)
{
	return mode == SP_CAST_ANSI || (mode == SP_CAST_SESSION && an->cx->ansi);
}

struct sp_expr *sp_an_cast_explicit(struct sp_an *an, struct sp_expr *e, const struct sp_type *to, enum sp_cast_mode mode)
{
	struct sp_expr *c = sp_an_expr_new(an, SP_CAST, to, false, 1);
	c->args[0] = e;
	c->cast = mode;
	c->foldable = e->foldable;
	c->nullable = e->nullable || mode == SP_CAST_TRY || sp_cast_may_null(e->type, to, cast_ansi(an, mode));
	c->from = e->from;
	c->to = e->to;
	return c;
}

struct sp_expr *sp_an_cast(struct sp_an *an, struct sp_expr *e, const struct sp_type *to)
{
	if (sp_type_eq(e->type, to))
		return e;
	if (e->op == SP_CONST && e->value.null) {
		struct sp_expr *n = sp_an_null(an, to);
		n->shown = e->shown;
		n->from = e->from;
		n->to = e->to;
		return n;
	}
	e = sp_an_cast_explicit(an, e, to, SP_CAST_SESSION);
	e->implicit = true;
	return e;
}

const struct sp_type *sp_an_common(struct sp_an *an, struct sp_expr **v, size_t n, size_t step, bool strings)
{
	const struct sp_type **types = SP_NEWS(an, const struct sp_type *, n + 1), *t;
	size_t i, m = 0;
	for (i = 0; i < n; i += step)
		types[m++] = v[i]->type;
	t = sp_an_wider_n(an, types, m, strings);
	for (i = 0; t && i < n; i += step)
		v[i] = sp_an_cast(an, v[i], t);
	return t;
}

/* ---- for resolve hooks of functions (spark/function.h) ---- */
static struct sp_an an_of(struct sp_resolve *x)
{
	return (struct sp_an){ .a = x->arena, .cx = x->cx, .err = x->err };
}

static const char *nth(struct sp_an *an, size_t i)
{
	static const char *const words[] = { "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth" };
	return i < ARRAY_LEN(words) ? words[i] : arena_printf(an->a, "%zuth", i + 1).p;
}

int sp_resolve_cast(struct sp_resolve *x, size_t i, const struct sp_type *to)
{
	struct sp_an an = an_of(x);
	struct sp_expr *e = x->e->args[i];
	if (!sp_an_implicit(&an, e->type, to))
		return sp_resolve_mismatch(x, "UNEXPECTED_INPUT_TYPE", "Parameter %zu requires the %.*s type, however \"%.*s\" has the type %.*s.", i + 1,
					   SL(sp_an_type(&an, to)), SL(sp_an_shown(&an, e)), SL(sp_an_type(&an, e->type)));
	x->e->args[i] = sp_an_cast(&an, e, to);
	return 0;
}

const struct sp_type *sp_resolve_common(struct sp_resolve *x, size_t from, size_t to)
{
	struct sp_an an = an_of(x);
	const struct sp_type *t = sp_an_common(&an, x->e->args + from, to - from, 1, true);
	struct buf b = { 0 };
	bool list;
	size_t i;
	if (t || from >= to)
		return t ? t : atom(SP_VOID);
	list = sl_eqs(sl(x->e->fn->name), "greatest") || sl_eqs(sl(x->e->fn->name), "least");
	for (i = from; i < to; i++)
		buf_addf(&b, "%s%.*s", i == from ? "" : list ? ", " : " or ", SL(sp_an_type(&an, x->e->args[i]->type)));
	sp_resolve_mismatch(x, "DATA_DIFF_TYPES", list ? "Input to `%s` should all be the same type, but it's [%s]."
			    : "Input to `%s` should all be the same type, but it's (%s).", x->e->fn->name, buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

int sp_resolve_const(struct sp_resolve *x, size_t i, struct sp_value *out)
{
	struct sp_an an = an_of(x);
	struct sp_expr *e = x->e->args[i];
	struct sp_run run = { .cx = x->cx, .batch = x->arena, .keep = x->arena };
	int rc;
	if (!e->foldable)
		return sp_resolve_mismatch(x, "NON_FOLDABLE_INPUT", "the input %s should be a foldable %.*s expression; however, got \"%.*s\".",
					   nth(&an, i), SL(sp_an_type(&an, e->type)), SL(sp_an_shown(&an, e)));
	rc = sp_eval_const(&run, e, out);
	if (rc) {
		if (!x->err->set)
			*x->err = run.err;
		else
			sp_error_free(&run.err);
	}
	return rc;
}

struct slice sp_resolve_shown(struct sp_resolve *x, size_t i)
{
	struct sp_an an = an_of(x);
	return sp_an_shown(&an, x->e->args[i]);
}

int sp_resolve_mismatch(struct sp_resolve *x, const char *sub, const char *fmt, ...)
{
	struct sp_an an = an_of(x);
	struct buf b = { 0 };
	char class[96];
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	snprintf(class, sizeof(class), "DATATYPE_MISMATCH.%s", sub);
	sp_an_fail(&an, x->e, class, "42K09", "Cannot resolve \"%.*s\" due to data type mismatch: %s", SL(sp_an_shown(&an, x->e)), buf_cstr(&b));
	buf_free(&b);
	return 1;
}
