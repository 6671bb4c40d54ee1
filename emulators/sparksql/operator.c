/* Operators: which casts their operands get, which type they give, and which function carries them out. */
#include "sparksql/analysis.h"
#include "spark/decimal.h"

static const struct sp_type *atom(enum sp_kind k)
{
	return &sp_types[k];
}

static bool is_interval(const struct sp_type *t)
{
	return t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT || t->kind == SP_INTERVAL;
}

static bool is_days(const struct sp_type *t)
{
	return t->kind == SP_INTERVAL_DT && t->precision == SP_DAY && t->scale == SP_DAY;
}

static bool is_stamp(const struct sp_type *t)
{
	return t->kind == SP_TIMESTAMP || t->kind == SP_TIMESTAMP_NTZ;
}

static struct sp_expr *placed(struct sp_expr *e, size_t from, size_t to)
{
	e->from = from;
	e->to = to;
	return e;
}

static struct sp_expr *two(struct sp_an *an, const char *fn, const struct sp_type *t, struct sp_expr *a, struct sp_expr *b, bool maybe)
{
	return sp_an_call(an, fn, t, a->nullable || b->nullable || maybe, 2, (struct sp_expr *[]){ a, b });
}

static struct sp_expr *mismatch(struct sp_an *an, const struct sp_expr *e, const char *sub, const char *fmt, ...) PRINTF_LIKE(4, 5);
static struct sp_expr *mismatch(struct sp_an *an, const struct sp_expr *e, const char *sub, const char *fmt, ...)
{
	struct sp_resolve x = { .arena = an->a, .cx = an->cx, .e = (struct sp_expr *)e, .err = an->err };
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	sp_resolve_mismatch(&x, sub, "%s", buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

static struct sp_expr *differ(struct sp_an *an, const struct sp_expr *e)
{
	return mismatch(an, e, "BINARY_OP_DIFF_TYPES", "the left and right operands of the binary operator have incompatible types (%.*s and %.*s).",
			SL(sp_an_type(an, e->args[0]->type)), SL(sp_an_type(an, e->args[1]->type)));
}

/* ---- times ---- */
struct place {
	size_t from, to;
};
static struct sp_expr *date_shift(struct sp_an *an, const char *fn, struct sp_expr *d, struct sp_expr *n, const struct place *at)
{
	struct sp_expr *e;
	if (n->type->kind == SP_STRING && !an->cx->ansi) /* text beside + is a number with a fraction, also here */
		n = sp_an_cast(an, n, atom(SP_DOUBLE));
	if (n->type->kind == SP_STRING)
		n = sp_an_cast(an, n, atom(SP_DATE));
	if (n->type->kind == SP_VOID)
		n = sp_an_cast(an, n, atom(SP_INT));
	e = placed(two(an, fn, atom(SP_DATE), d, n, false), at->from, at->to);
	if (n->type->kind != SP_INT && n->type->kind != SP_SMALLINT && n->type->kind != SP_TINYINT)
		return mismatch(an, e, "UNEXPECTED_INPUT_TYPE",
				"Parameter 2 requires the (\"INT\" or \"SMALLINT\" or \"TINYINT\") type, however \"%.*s\" has the type %.*s.",
				SL(sp_an_shown(an, n)), SL(sp_an_type(an, n->type)));
	e->args[1] = sp_an_cast(an, n, atom(SP_INT));
	return e;
}

static struct sp_expr *days_of(struct sp_an *an, struct sp_expr *i)
{
	return sp_an_call(an, "$interval_days", atom(SP_INT), i->nullable, 1, (struct sp_expr *[]){ i });
}

static struct sp_expr *not_time(struct sp_an *an, const struct sp_expr *e, size_t i)
{
	return mismatch(an, e, "UNEXPECTED_INPUT_TYPE", "Parameter %zu requires the \"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\" type, however \"%.*s\" has the type %.*s.",
			i + 1, SL(sp_an_shown(an, e->args[i])), SL(sp_an_type(an, e->args[i]->type)));
}

/* Of a - b the failure shows as a + (- b). */
static struct sp_expr *no_shift(struct sp_an *an, bool minus, struct sp_expr *t, struct sp_expr *i, const struct place *at)
{
	if (minus)
		i = sp_an_call(an, "$interval_neg", i->type, i->nullable, 1, &i);
	return not_time(an, placed(two(an, "$time_add", t->type, t, i, false), at->from, at->to), 0);
}

/* A time plus or minus an interval. Text stays text: it is a timestamp in between. */
static struct sp_expr *time_shift(struct sp_an *an, bool minus, struct sp_expr *t, struct sp_expr *i, const struct place *at)
{
	const struct sp_type *type = t->type;
	struct sp_expr *e;
	if (type->kind == SP_DATE && is_days(i->type)) {
		e = days_of(an, i);
		if (minus) {
			e = sp_an_call(an, "negative", atom(SP_INT), e->nullable, 1, (struct sp_expr *[]){ e });
		}
		return date_shift(an, "date_add", t, e, at);
	}
	if (type->kind == SP_DATE && i->type->kind != SP_INTERVAL_DT)
		return two(an, minus ? "$date_sub" : "$date_add", type, t, i, false);
	if (!is_stamp(type) && type->kind != SP_DATE && type->kind != SP_STRING && type->kind != SP_VOID)
		return no_shift(an, minus, t, i, at);
	if (!is_stamp(type))
		t = sp_an_cast(an, t, atom(SP_TIMESTAMP));
	e = two(an, minus ? "$time_sub" : "$time_add", t->type, t, i, false);
	return type->kind == SP_STRING ? sp_an_cast(an, e, type) : e;
}

static const struct sp_type *days_type(struct sp_an *an)
{
	struct sp_type *t = SP_NEW(an, struct sp_type);
	*t = *atom(SP_INTERVAL_DT);
	t->precision = t->scale = SP_DAY;
	return t;
}

static const struct sp_type *whole(struct sp_an *an, const struct sp_type *t)
{
	return is_interval(t) ? atom(t->kind) : t;
	(void)an;
}

static struct sp_expr *plus(struct sp_an *an, struct sp_expr *a, struct sp_expr *b, const struct place *at)
{
	const struct sp_type *x = a->type, *y = b->type;
	if (is_interval(x) && x->kind == y->kind) {
		const struct sp_type *t = sp_an_tightest(an, x, y);
		return two(an, "$interval_add", t ? t : x, a, b, false);
	}
	if (is_interval(x) && y->kind == SP_VOID)
		return two(an, "$interval_add", x, a, sp_an_cast(an, b, x), false);
	if (is_interval(y) && x->kind == SP_VOID)
		return two(an, "$interval_add", y, sp_an_cast(an, a, y), b, false);
	if (is_interval(y) && (x->kind == SP_DATE || is_stamp(x) || y->kind != SP_INTERVAL_YM))
		return time_shift(an, false, a, b, at);
	if (is_interval(x) && (y->kind == SP_DATE || is_stamp(y) || x->kind != SP_INTERVAL_YM))
		return time_shift(an, false, b, a, at);
	if (x->kind == SP_DATE)
		return date_shift(an, "date_add", a, b, at);
	if (y->kind == SP_DATE)
		return date_shift(an, "date_add", b, a, at);
	return NULL;
}

static struct sp_expr *minus(struct sp_an *an, struct sp_expr *a, struct sp_expr *b, const struct place *at)
{
	const struct sp_type *x = a->type, *y = b->type;
	if (is_interval(x) && x->kind == y->kind) {
		const struct sp_type *t = sp_an_tightest(an, x, y);
		return two(an, "$interval_sub", t ? t : x, a, b, false);
	}
	if (is_interval(x) && y->kind == SP_VOID)
		return two(an, "$interval_sub", x, a, sp_an_cast(an, b, x), false);
	if (is_interval(y) && x->kind == SP_VOID)
		return two(an, "$interval_sub", y, sp_an_cast(an, a, y), b, false);
	if (is_interval(y) && (x->kind == SP_DATE || is_stamp(x) || y->kind != SP_INTERVAL_YM))
		return time_shift(an, true, a, b, at);
	if (is_stamp(x) || is_stamp(y)) {
		const struct sp_type *o = is_stamp(x) ? y : x, *t = is_stamp(x) && is_stamp(y) && x->kind != y->kind ? atom(SP_TIMESTAMP) : is_stamp(x) ? x : y;
		if (!is_stamp(o) && o->kind != SP_DATE && o->kind != SP_VOID && !(o->kind == SP_STRING && an->cx->ansi))
			return not_time(an, placed(two(an, "$time_diff", t, a, b, false), at->from, at->to), is_stamp(x));
		return two(an, "$time_diff", atom(SP_INTERVAL_DT), sp_an_cast(an, a, t), sp_an_cast(an, b, t), false);
	}
	if (y->kind == SP_DATE && (x->kind == SP_DATE || x->kind == SP_STRING || x->kind == SP_VOID))
		return two(an, "$date_diff", days_type(an), sp_an_cast(an, a, atom(SP_DATE)), sp_an_cast(an, b, atom(SP_DATE)), false);
	if (y->kind == SP_DATE) {
		struct sp_expr *e = placed(two(an, "$date_diff", days_type(an), a, b, false), at->from, at->to);
		return mismatch(an, e, "UNEXPECTED_INPUT_TYPE", "Parameter 1 requires the \"DATE\" type, however \"%.*s\" has the type %.*s.", SL(sp_an_shown(an, a)),
				SL(sp_an_type(an, x)));
	}
	if (x->kind == SP_DATE && y->kind == SP_STRING && an->cx->ansi)
		return two(an, "$date_diff", days_type(an), a, sp_an_cast(an, b, x), false);
	if (x->kind == SP_DATE)
		return date_shift(an, "date_sub", a, b, at);
	return NULL;
}

static struct sp_expr *times(struct sp_an *an, const char *fn, struct sp_expr *i, struct sp_expr *n, const struct place *at)
{
	if (n->type->kind == SP_STRING || n->type->kind == SP_VOID || n->type->kind == SP_FLOAT || n->type->kind == SP_DOUBLE || i->type->kind == SP_INTERVAL)
		n = sp_an_cast(an, n, atom(SP_DOUBLE));
	else if (sp_is_integral(n->type))
		n = sp_an_cast(an, n, atom(SP_BIGINT));
	if (!sp_is_numeric(n->type))
		return mismatch(an, placed(two(an, fn, i->type, i, n, false), at->from, at->to), "UNEXPECTED_INPUT_TYPE",
				"Parameter 2 requires the \"NUMERIC\" type, however \"%.*s\" has the type %.*s.", SL(sp_an_shown(an, n)), SL(sp_an_type(an, n->type)));
	return two(an, fn, whole(an, i->type), i, n, false);
}

/* The operator over times and intervals; NULL without error: it is another's. */
static struct sp_expr *over_times(struct sp_an *an, const char *op, struct sp_expr *a, struct sp_expr *b, const struct place *at)
{
	if (strcmp(op, "div") == 0 && a->type->kind == b->type->kind && is_interval(a->type) && a->type->kind != SP_INTERVAL)
		return two(an, op, atom(SP_BIGINT), a, b, true);
	if (op[1])
		return NULL;
	switch (op[0]) {
	case '+':
		return plus(an, a, b, at);
	case '-':
		return minus(an, a, b, at);
	case '*':
		if (is_interval(a->type) && (a->type->kind != SP_INTERVAL_DT || b->type->kind != SP_INTERVAL_YM))
			return times(an, "$interval_mul", a, b, at);
		return is_interval(b->type) ? times(an, "$interval_mul", b, a, at) : NULL;
	case '/':
		return is_interval(a->type) ? times(an, "$interval_div", a, b, at) : NULL;
	}
	return NULL;
}

/* ---- numbers ---- */
static bool decimals(const struct sp_expr *a, const struct sp_expr *b)
{
	return a->type->kind == SP_DECIMAL || b->type->kind == SP_DECIMAL;
}

/* An integer beside a decimal: a literal counts by its digits. */
static struct sp_expr *as_decimal(struct sp_an *an, struct sp_expr *e)
{
	int64_t v = e->value.i;
	int digits = 1;
	if (!sp_is_integral(e->type))
		return e;
	if (e->op != SP_CONST || e->value.null || e->type->kind == SP_TINYINT) /* a literal like 1Y counts as a column does */
		return sp_an_cast(an, e, sp_dec_for(an->a, e->type));
	for (; v > 9 || v < -9; v /= 10)
		digits++;
	return sp_an_cast(an, e, sp_decimal(an->a, digits, 0));
}

static struct sp_expr *wrong_type(struct sp_an *an, struct sp_expr *e, const char *wanted)
{
	return mismatch(an, e, "BINARY_OP_WRONG_TYPE", "the binary operator requires the input type %s, not %.*s.", wanted,
			SL(sp_an_type(an, e->args[0]->type)));
}

static const char *wanted_by(const char *op)
{
	switch (op[0]) {
	case '+':
	case '-':
		return "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")";
	case '*':
	case '%':
		return "\"NUMERIC\"";
	case '/':
		return "(\"DOUBLE\" or \"DECIMAL\")";
	case 'd':
		return "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")";
	}
	return "\"INTEGRAL\"";
}

/* Text beside a number in arithmetic. */
static void texts_to_numbers(struct sp_an *an, struct sp_expr **a, struct sp_expr **b)
{
	const struct sp_type *t = atom(SP_DOUBLE);
	if ((*a)->type->kind != SP_STRING && (*b)->type->kind != SP_STRING)
		return;
	if (an->cx->ansi) {
		const struct sp_type *o = (*a)->type->kind == SP_STRING ? (*b)->type : (*a)->type;
		if (o->kind == SP_STRING)
			return;
		if (sp_is_integral(o))
			t = atom(SP_BIGINT);
		else if (o->kind != SP_STRING && !sp_is_numeric(o) && o->kind != SP_VOID)
			return;
		*a = sp_an_cast(an, *a, (*a)->type->kind == SP_STRING || sp_is_numeric((*a)->type) ? t : (*a)->type);
		*b = sp_an_cast(an, *b, (*b)->type->kind == SP_STRING || sp_is_numeric((*b)->type) ? t : (*b)->type);
		return;
	}
	if ((*a)->type->kind == SP_STRING)
		*a = sp_an_cast(an, *a, t);
	if ((*b)->type->kind == SP_STRING)
		*b = sp_an_cast(an, *b, t);
}

static bool number_or_null(const struct sp_type *t)
{
	return sp_is_numeric(t) || t->kind == SP_VOID;
}

static bool accepts(const char *op, const struct sp_type *t)
{
	switch (op[0]) {
	case '/':
		return t->kind == SP_DOUBLE || t->kind == SP_DECIMAL;
	case 'd':
		return t->kind == SP_BIGINT || t->kind == SP_DECIMAL;
	case '&':
	case '|':
	case '^':
		return sp_is_integral(t);
	}
	return sp_is_numeric(t);
}

/* Casts both sides of arithmetic; gives the result's type, or NULL: they don't fit. */
static const struct sp_type *settle(struct sp_an *an, const char *op, struct sp_expr **a, struct sp_expr **b)
{
	const struct sp_type *t;
	char o = op[0];
	bool bits = o == '&' || o == '|' || o == '^';
	texts_to_numbers(an, a, b);
	if (o == 'd') {
		if ((*a)->type->kind <= SP_INT && sp_is_integral((*a)->type))
			*a = sp_an_cast(an, *a, atom(SP_BIGINT));
		if ((*b)->type->kind <= SP_INT && sp_is_integral((*b)->type))
			*b = sp_an_cast(an, *b, atom(SP_BIGINT));
	}
	if (decimals(*a, *b) && number_or_null((*a)->type) && number_or_null((*b)->type)) {
		if (sp_is_fractional((*a)->type) || sp_is_fractional((*b)->type) || (o == '/' && (*a)->type->kind == SP_VOID)) {
			*a = sp_an_cast(an, *a, atom(SP_DOUBLE));
			*b = sp_an_cast(an, *b, atom(SP_DOUBLE));
		} else {
			*a = (*a)->type->kind == SP_VOID ? sp_an_cast(an, *a, (*b)->type) : as_decimal(an, *a);
			*b = (*b)->type->kind == SP_VOID ? sp_an_cast(an, *b, (*a)->type) : as_decimal(an, *b);
			return bits ? NULL : o == 'd' ? atom(SP_BIGINT) : sp_dec_type(an->a, o, (*a)->type, (*b)->type);
		}
	}
	if (o == '/' && number_or_null((*a)->type) && number_or_null((*b)->type)) {
		*a = sp_an_cast(an, *a, atom(SP_DOUBLE));
		*b = sp_an_cast(an, *b, atom(SP_DOUBLE));
	}
	t = sp_an_tightest(an, (*a)->type, (*b)->type);
	if (!t)
		return NULL;
	if (t->kind == SP_VOID)
		t = atom(o == 'd' ? SP_BIGINT : bits ? SP_INT : SP_DOUBLE);
	if (!accepts(op, t) && !sp_type_eq((*a)->type, (*b)->type))
		return NULL;
	*a = sp_an_cast(an, *a, t);
	*b = sp_an_cast(an, *b, t);
	return t;
}

static struct sp_expr *arithmetic(struct sp_an *an, const char *op, struct sp_expr *a, struct sp_expr *b, size_t from, size_t to)
{
	struct sp_expr *e = over_times(an, op, a, b, &(struct place){ from, to });
	const struct sp_type *t;
	bool maybe = op[0] == '/' || op[0] == '%' || op[0] == 'd';
	if (e || an->err->set)
		return e ? placed(e, from, to) : NULL;
	t = settle(an, op, &a, &b);
	e = placed(two(an, op, t ? t : a->type, a, b, maybe || (t && t->kind == SP_DECIMAL && !an->cx->ansi)), from, to);
	if (!t && sp_type_eq(a->type, b->type))
		return wrong_type(an, e, wanted_by(op));
	if (!t || (!sp_type_eq(a->type, b->type) && !decimals(a, b)))
		return differ(an, e);
	if (!accepts(op, a->type))
		return wrong_type(an, e, wanted_by(op));
	return e;
}

/* ---- comparison ---- */
static const struct sp_type *compared(struct sp_an *an, const struct sp_type *x, const struct sp_type *y, bool equality)
{
	const struct sp_type *o = x->kind == SP_STRING ? y : x;
	if ((x->kind == SP_STRING) != (y->kind == SP_STRING)) {
		if (an->cx->ansi)
			return sp_an_wider(an, x, y, true);
		if (o->kind == SP_DECIMAL)
			return atom(SP_DOUBLE);
		if (o->kind < SP_INTERVAL_YM)
			return o->kind == SP_VOID ? atom(SP_STRING) : o;
		return NULL;
	}
	if (equality && !an->cx->ansi) {
		if (x->kind == SP_BOOLEAN && sp_is_numeric(y))
			return y;
		if (y->kind == SP_BOOLEAN && sp_is_numeric(x))
			return x;
	}
	return sp_an_wider(an, x, y, false);
}

static bool is_comparable(const struct sp_type *t)
{
	size_t i;
	if (t->kind == SP_INTERVAL || t->kind == SP_MAP)
		return false;
	if (t->kind == SP_ARRAY)
		return is_comparable(t->item);
	for (i = 0; t->kind == SP_STRUCT && i < t->field_n; i++)
		if (!is_comparable(t->fields[i].type))
			return false;
	return true;
}

/* An integer beside a decimal literal under < and the like: the literal is rounded to what says the same. */
static bool rounded(struct sp_an *an, const char *op, struct sp_expr **a, struct sp_expr **b)
{
	bool right = (*b)->op == SP_CONST && (*b)->type->kind == SP_DECIMAL && sp_is_integral((*a)->type);
	struct sp_expr **lit = right ? b : a, *other = right ? *a : *b, *c;
	bool down = (op[0] == '>') == (op[1] == '\0');
	__int128 v;
	if (!strchr("<>", op[0]) || strcmp(op, "<=>") == 0 || (*lit)->op != SP_CONST || (*lit)->type->kind != SP_DECIMAL || (*lit)->value.null
	    || !sp_is_integral(other->type))
		return false;
	down = right ? down : !down;
	if (sp_dec_rescale(sp_wide((*lit)->value.x), (*lit)->type->scale, down ? SP_FLOOR : SP_CEILING, SP_PRECISION_MAX, 0, &v) != SP_DEC_OK
	    || v > INT64_MAX || v < INT64_MIN)
		return false;
	c = sp_an_const(an, atom(SP_BIGINT), (struct sp_value){ .i = (int64_t)v });
	c->from = (*lit)->from;
	c->to = (*lit)->to;
	*lit = c;
	return true;
}

/* 1: a literal that is one of its type; 0: zero; -1: another. */
static int one_or_zero(const struct sp_expr *e)
{
	if (e->op != SP_CONST || e->value.null)
		return -1;
	if (sp_is_integral(e->type))
		return e->value.i == 1 ? 1 : e->value.i == 0 ? 0 : -1;
	if (e->type->kind == SP_DECIMAL)
		return sp_dec_compare(sp_wide(e->value.x), e->type->scale, 1, 0) == 0 ? 1 : sp_wide(e->value.x) == 0 ? 0 : -1;
	return -1;
}

/* A boolean = 1 is the boolean itself, = 0 its NOT. NULL: it's not that. */
static struct sp_expr *truth_of(struct sp_an *an, const char *op, struct sp_expr *a, struct sp_expr *b, size_t from, size_t to)
{
	struct sp_expr *flag = a->type->kind == SP_BOOLEAN ? a : b, *number = flag == a ? b : a, *e;
	int is = one_or_zero(number);
	if (an->cx->ansi || flag->type->kind != SP_BOOLEAN || is < 0)
		return NULL;
	e = is ? flag : sp_an_unary(an, "not", flag, from, to);
	if (op[0] == '!')
		return sp_an_unary(an, "not", e, from, to);
	if (strcmp(op, "<=>") == 0)
		return placed(sp_an_and(an, sp_an_call(an, "isnotnull", atom(SP_BOOLEAN), false, 1, &flag), e), from, to);
	return e;
}

static struct sp_expr *comparison(struct sp_an *an, const char *op, struct sp_expr *a, struct sp_expr *b, size_t from, size_t to)
{
	bool equality = op[0] == '=' || op[0] == '!' || strcmp(op, "<=>") == 0;
	const struct sp_type *t;
	struct sp_expr *e;
	if (equality && (e = truth_of(an, op, a, b, from, to)))
		return e;
	if (rounded(an, op, &a, &b))
		;
	else if (a->type->kind == SP_DECIMAL && sp_is_integral(b->type))
		b = as_decimal(an, b);
	else if (b->type->kind == SP_DECIMAL && sp_is_integral(a->type))
		a = as_decimal(an, a);
	t = compared(an, a->type, b->type, equality);
	if (t) {
		a = sp_an_cast(an, a, t);
		b = sp_an_cast(an, b, t);
	}
	e = placed(two(an, op, atom(SP_BOOLEAN), a, b, false), from, to);
	if (strcmp(op, "<=>") == 0)
		e->nullable = false;
	if (!t)
		return differ(an, e);
	if (!is_comparable(t))
		return mismatch(an, e, "INVALID_ORDERING_TYPE", "The `%s` does not support ordering on type %.*s.", op[0] == '!' ? "=" : op,
				SL(sp_an_type(an, t)));
	return e;
}

struct sp_expr *sp_an_binary(struct sp_an *an, const char *op, struct sp_expr *a, struct sp_expr *b, size_t from, size_t to)
{
	if (!a || !b)
		return NULL;
	if (strchr("=<>!", op[0]))
		return comparison(an, op, a, b, from, to);
	return arithmetic(an, op, a, b, from, to);
}

void sp_an_level(struct sp_an *an, struct sp_expr **a, struct sp_expr **b)
{
	if (!decimals(*a, *b) || !sp_is_numeric((*a)->type) || !sp_is_numeric((*b)->type))
		return;
	if (sp_is_fractional((*a)->type) || sp_is_fractional((*b)->type)) {
		*a = sp_an_cast(an, *a, atom(SP_DOUBLE));
		*b = sp_an_cast(an, *b, atom(SP_DOUBLE));
		return;
	}
	*a = as_decimal(an, *a);
	*b = as_decimal(an, *b);
}

struct sp_expr *sp_an_equal(struct sp_an *an, struct sp_expr *a, struct sp_expr *b)
{
	return sp_an_binary(an, "=", a, b, a->from, b->to);
}

struct sp_expr *sp_an_unary(struct sp_an *an, const char *op, struct sp_expr *a, size_t from, size_t to)
{
	bool bits = op[0] == '~', not = op[0] == 'n' && op[1] == 'o';
	const char *fn = op;
	struct sp_expr *e;
	if (!a)
		return NULL;
	if (not && a->type->kind == SP_VOID)
		a = sp_an_cast(an, a, atom(SP_BOOLEAN));
	if (!not && !bits && (a->type->kind == SP_STRING || a->type->kind == SP_VOID))
		a = sp_an_cast(an, a, atom(SP_DOUBLE));
	if (bits && a->type->kind == SP_VOID)
		a = sp_an_cast(an, a, atom(SP_INT));
	if (is_interval(a->type) && strcmp(op, "negative") == 0)
		fn = "$interval_neg";
	e = placed(sp_an_call(an, fn, is_interval(a->type) ? whole(an, a->type) : a->type, a->nullable, 1, (struct sp_expr *[]){ a }), from, to);
	if (fn[0] == '$')
		e->type = a->type;
	if (not ? a->type->kind == SP_BOOLEAN : bits ? sp_is_integral(a->type) : sp_is_numeric(a->type) || is_interval(a->type))
		return e;
	return mismatch(an, e, "UNEXPECTED_INPUT_TYPE", "Parameter 1 requires the %s type, however \"%.*s\" has the type %.*s.",
			not ? "\"BOOLEAN\"" : bits ? "\"INTEGRAL\"" : "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")",
			SL(sp_an_shown(an, a)), SL(sp_an_type(an, a->type)));
}

/* The same but for the names of fields. */
static bool same_shape(const struct sp_type *x, const struct sp_type *y)
{
	size_t i;
	if (x->kind != SP_STRUCT || y->kind != SP_STRUCT || x->field_n != y->field_n)
		return sp_type_eq(x, y);
	for (i = 0; i < x->field_n; i++)
		if (!same_shape(x->fields[i].type, y->fields[i].type))
			return false;
	return true;
}

struct sp_expr *sp_an_in_list(struct sp_an *an, struct sp_expr *value, struct sp_expr **items, size_t n, size_t from, size_t to)
{
	struct sp_expr *e = placed(sp_an_expr_new(an, SP_CALL, atom(SP_BOOLEAN), value->nullable, n + 1), from, to);
	struct buf b = { 0 };
	size_t i;
	e->fn = sp_function_find(S("in"));
	e->args[0] = value;
	e->foldable = value->foldable;
	for (i = 0; i < n; i++) {
		e->args[i + 1] = items[i];
		e->nullable = e->nullable || items[i]->nullable;
		e->foldable = e->foldable && items[i]->foldable;
	}
	for (i = 0; i < n && same_shape(items[i]->type, value->type); i++)
		;
	if ((i < n && !sp_an_common(an, e->args, n + 1, 1, true)) || !is_comparable(e->args[0]->type)) {
		if (i == n)
			return mismatch(an, e, "INVALID_ORDERING_TYPE", "The `in` does not support ordering on type %.*s.", SL(sp_an_type(an, value->type)));
		for (i = 0; i <= n; i++)
			buf_addf(&b, "%s%.*s", i ? ", " : "", SL(sp_an_type(an, e->args[i]->type)));
		mismatch(an, e, "DATA_DIFF_TYPES", "Input to `in` should all be the same type, but it's [%s].", buf_cstr(&b));
		buf_free(&b);
		return NULL;
	}
	return e;
}
