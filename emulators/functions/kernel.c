#include "functions/kernel.h"

#include "spark/decimal.h"

#define GATHER(T) \
	do { \
		const T *from = v->p; \
		T *to = p; \
		for (i = 0; i < n; i++) \
			to[i] = from[v->code[i]]; \
	} while (0)

struct sp_col sp_col_of(struct sp_call *c, const struct sp_vec *v, size_t n)
{
	size_t size = sp_phys_size(sp_phys_of(v->type)), i;
	void *p;
	if (v->one || !v->code)
		return (struct sp_col){ v->p, v->one };
	p = arena_alloc(c->run->batch, (n + 1) * size);
	switch (size) {
	case 1:
		GATHER(uint8_t);
		break;
	case 4:
		GATHER(uint32_t);
		break;
	case 8:
		GATHER(uint64_t);
		break;
	default:
		GATHER(struct sp_i128);
		break;
	}
	return (struct sp_col){ p, false };
}

uint8_t *sp_fn_nulls(struct sp_out *o, size_t n)
{
	if (!o->null) {
		o->null = arena_alloc(o->arena, n + 1);
		if (o->v.null)
			memcpy(o->null, o->v.null, n);
		o->v.null = o->null;
	}
	return o->null;
}

static void add_nulls(struct sp_out *o, const struct sp_vec *v, size_t n)
{
	uint8_t *to;
	size_t i;
	if (!v->null)
		return;
	if (v->one) {
		if (v->null[0])
			memset(sp_fn_nulls(o, n), 1, n);
		return;
	}
	if (!v->code && !o->v.null) { /* nobody writes to them unless sp_fn_nulls has made a copy */
		o->v.null = v->null;
		return;
	}
	to = sp_fn_nulls(o, n);
	if (v->code)
		for (i = 0; i < n; i++)
			to[i] |= v->null[v->code[i]];
	else
		for (i = 0; i < n; i++)
			to[i] |= v->null[i];
}

void sp_fn_out(struct sp_call *c, const struct sp_vec *args, size_t arg_n, size_t n, struct sp_out *o)
{
	size_t i;
	sp_out_make(o, c->run->batch, c->e->type, n);
	for (i = 0; i < arg_n; i++)
		add_nulls(o, &args[i], n);
}

/* ---- errors ---- */

static const char if_necessary[] = "If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error";

int sp_fn_fail(struct sp_call *c, const char *class, const char *state, const char *java, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	sp_fail(&c->run->err, SP_E_RUN, class, state, "%.*s", SL(buf_slice(&b)));
	c->run->err.java = java;
	buf_free(&b);
	return 1;
}

static int placed(struct sp_call *c)
{
	sp_fail_at(&c->run->err, c->e->from, c->e->to);
	return 1;
}

int sp_fn_divide_by_zero(struct sp_call *c)
{
	sp_fn_fail(c, "DIVIDE_BY_ZERO", "22012", "org.apache.spark.SparkArithmeticException",
		   "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. %s.", if_necessary);
	return placed(c);
}

int sp_fn_overflow(struct sp_call *c, const char *what, const char *hint)
{
	sp_fn_fail(c, "ARITHMETIC_OVERFLOW", "22003", "org.apache.spark.SparkArithmeticException", "%s.%s%s%s %s.", what,
		   hint ? " Use '" : "", hint ? hint : "", hint ? "' to tolerate overflow and return NULL instead." : "", if_necessary);
	return hint ? placed(c) : 1;
}

int sp_fn_overflow_placed(struct sp_call *c, const char *what)
{
	sp_fn_overflow(c, what, NULL);
	return placed(c);
}

int sp_fn_out_of_range(struct sp_call *c, const struct sp_big *v, const struct sp_type *t)
{
	char text[SP_DEC_TEXT_MAX];
	size_t n = sp_big_text(v, true, text);
	sp_fn_fail(c, "NUMERIC_VALUE_OUT_OF_RANGE", "22003", "org.apache.spark.SparkArithmeticException",
		   "%.*s cannot be represented as Decimal(%d, %d). %s, and return NULL instead.", (int)n, text, t->precision, t->scale,
		   if_necessary);
	return placed(c);
}

/* ---- resolve ---- */

bool sp_fn_ordered(struct sp_resolve *x, size_t i)
{
	const struct sp_type *t = x->e->args[i]->type;
	struct buf b = { 0 };
	if (sp_is_orderable(t))
		return true;
	sp_type_sql(&b, t);
	sp_resolve_mismatch(x, "INVALID_ORDERING_TYPE", "The `%s` does not support ordering on type \"%.*s\".", x->e->fn->name, SL(buf_slice(&b)));
	buf_free(&b);
	return false;
}

static const struct sp_type *as_decimal(struct sp_resolve *x, const struct sp_expr *e)
{
	int digits = 1;
	int64_t v = e->value.i;
	if (e->op != SP_CONST || e->value.null || e->type->kind == SP_TINYINT) /* a literal like 1Y counts as a column does */
		return sp_dec_for(x->arena, e->type);
	for (; v > 9 || v < -9; v /= 10)
		digits++;
	return sp_decimal(x->arena, digits, 0);
}

/* try_add and its like show as the operator here. */
static void no_numbers(struct sp_resolve *x, char op)
{
	const struct sp_type *a = x->e->args[0]->type, *b = x->e->args[1]->type;
	struct slice before = x->e->shown;
	struct buf ta = { 0 }, tb = { 0 };
	sp_type_sql(&ta, a);
	sp_type_sql(&tb, b);
	if (strncmp(x->e->fn->name, "try_", 4) == 0) {
		struct slice left = sp_resolve_shown(x, 0), right = sp_resolve_shown(x, 1);
		x->e->shown = arena_printf(x->arena, "(%.*s %c %.*s)", SL(left), op, SL(right));
	}
	if (sp_type_eq(a, b))
		sp_resolve_mismatch(x, "BINARY_OP_WRONG_TYPE", "the binary operator requires the input type \"NUMERIC\", not \"%.*s\".",
				    SL(buf_slice(&ta)));
	else
		sp_resolve_mismatch(x, "BINARY_OP_DIFF_TYPES",
				    "the left and right operands of the binary operator have incompatible types (\"%.*s\" and \"%.*s\").",
				    SL(buf_slice(&ta)), SL(buf_slice(&tb)));
	x->e->shown = before;
	buf_free(&ta);
	buf_free(&tb);
}

const struct sp_type *sp_fn_arithmetic(struct sp_resolve *x, char op)
{
	struct sp_expr **a = x->e->args;
	const struct sp_type *t;
	size_t i;
	for (i = 0; i < 2; i++) {
		const struct sp_type *other = a[1 - i]->type;
		if (a[i]->type->kind == SP_STRING) {
			t = &sp_types[x->cx->ansi && sp_is_integral(other) ? SP_BIGINT : SP_DOUBLE];
			if (sp_resolve_cast(x, i, t))
				return NULL;
			if (strncmp(x->e->fn->name, "try_", 4) == 0 && x->cx->ansi) /* a text that is no number is what try_ is for, too */
				a[i]->cast = SP_CAST_TRY;
		} else if (a[i]->type->kind == SP_VOID && sp_resolve_cast(x, i, sp_is_numeric(other) ? other : &sp_types[SP_DOUBLE])) {
			return NULL;
		}
	}
	if ((a[0]->type->kind == SP_DECIMAL || a[1]->type->kind == SP_DECIMAL) && !sp_is_fractional(a[0]->type) &&
	    !sp_is_fractional(a[1]->type)) {
		for (i = 0; i < 2; i++)
			if (sp_is_integral(a[i]->type) && sp_resolve_cast(x, i, as_decimal(x, a[i])))
				return NULL;
		if (a[0]->type->kind == SP_DECIMAL && a[1]->type->kind == SP_DECIMAL)
			return sp_dec_type(x->arena, op, a[0]->type, a[1]->type);
	}
	for (i = 0; i < 2 && op == '/'; i++)
		if (sp_is_numeric(a[i]->type) && sp_resolve_cast(x, i, &sp_types[SP_DOUBLE]))
			return NULL;
	if (!sp_is_numeric(a[0]->type) || !sp_is_numeric(a[1]->type)) {
		no_numbers(x, op);
		return NULL;
	}
	return sp_resolve_common(x, 0, 2);
}
