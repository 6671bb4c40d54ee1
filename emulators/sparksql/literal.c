/* Literals of the tree as constants. */
#include "sparksql/analysis.h"
#include "spark/decimal.h"
#include "spark/time.h"

static struct sp_expr *integer(struct sp_an *an, enum sp_kind kind, int64_t v)
{
	return sp_an_const(an, &sp_types[kind], (struct sp_value){ .i = v });
}

static struct sp_expr *invalid(struct sp_an *an, const struct sp_ex *ex, const char *type)
{
	sp_fail(an->err, SP_E_PARSE, "INVALID_TYPED_LITERAL", "42604", "The value of the typed literal \"%s\" is invalid: '%.*s'.", type, SL(ex->lit.text));
	sp_fail_at(an->err, ex->at, ex->end);
	return NULL;
}

/* Precision and scale as written: leading zeros don't count. */
static struct sp_expr *decimal(struct sp_an *an, const struct sp_ex *ex)
{
	struct slice s = ex->lit.text;
	int digits = 0, scale = 0, exp = 0;
	bool dot = false, some = false;
	__int128 v;
	size_t i;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == 'e' || c == 'E') {
			exp = atoi(arena_cstr(an->a, sl_from(s, i + 1)));
			break;
		}
		if (c == '.') {
			dot = true;
			continue;
		}
		if (c < '0' || c > '9')
			continue;
		scale += dot;
		some = some || c != '0';
		digits += some;
	}
	scale -= exp;
	if (scale < 0) {
		digits -= some ? scale : 0;
		scale = 0;
	}
	if (digits < scale)
		digits = scale;
	if (digits == 0)
		digits = 1;
	if (digits > SP_PRECISION_MAX || sp_dec_parse(s, digits, scale, &v, NULL) != SP_DEC_OK) {
		sp_fail(an->err, SP_E_PARSE, "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "22003", "Decimal precision %d exceeds max precision 38.", digits);
		sp_fail_at(an->err, ex->at, ex->end);
		return NULL;
	}
	return sp_an_const(an, sp_decimal(an->a, digits, scale), (struct sp_value){ .x = sp_narrow(v) });
}

static struct sp_expr *interval(struct sp_an *an, const struct sp_ex *ex)
{
	const struct sp_interval_lit *l = &ex->lit.interval;
	struct sp_type *t;
	if (ex->lit.kind == SP_LIT_CALENDAR)
		return sp_an_const(an, &sp_types[SP_INTERVAL],
				   (struct sp_value){ .c = { .months = l->months, .days = l->days, .us = l->micros } });
	t = SP_NEW(an, struct sp_type);
	*t = sp_types[ex->lit.kind == SP_LIT_YEAR_MONTH ? SP_INTERVAL_YM : SP_INTERVAL_DT];
	t->precision = ex->lit.kind == SP_LIT_YEAR_MONTH ? l->first - SP_UNIT_YEAR : l->first - SP_UNIT_DAY;
	t->scale = ex->lit.kind == SP_LIT_YEAR_MONTH ? l->last - SP_UNIT_YEAR : l->last - SP_UNIT_DAY;
	return sp_an_const(an, t, (struct sp_value){ .i = ex->lit.kind == SP_LIT_YEAR_MONTH ? l->months : l->micros });
}

static struct sp_expr *stamp(struct sp_an *an, const struct sp_ex *ex)
{
	struct slice text = ex->lit.text;
	struct sp_expr *e;
	struct buf b = { 0 };
	int64_t us;
	if (ex->lit.kind == SP_LIT_TIMESTAMP_NTZ) {
		if (!sp_literal_timestamp_ntz(text, an->cx->zone, an->cx->now_us, &us))
			return invalid(an, ex, "TIMESTAMP_NTZ");
		return integer(an, SP_TIMESTAMP_NTZ, us);
	}
	if (!sp_literal_timestamp(text, an->cx->zone, an->cx->now_us, &us))
		return invalid(an, ex, ex->lit.kind == SP_LIT_TIMESTAMP ? "TIMESTAMP" : "TIMESTAMP_LTZ");
	e = integer(an, SP_TIMESTAMP, us);
	buf_adds(&b, "TIMESTAMP '");
	sp_print_timestamp(&b, us, an->cx->zone);
	buf_addc(&b, '\'');
	e->shown = sp_an_text(an, &b); /* in the session's zone, which printing doesn't know */
	return e;
}

struct sp_expr *sp_an_literal(struct sp_an *an, const struct sp_ex *ex)
{
	struct slice text = ex->lit.text;
	int32_t days;
	switch ((enum sp_lit)ex->lit.kind) {
	case SP_LIT_NULL:
		return sp_an_null(an, &sp_types[SP_VOID]);
	case SP_LIT_BOOLEAN:
		return sp_an_bool(an, ex->lit.flag);
	case SP_LIT_TINYINT:
		return integer(an, SP_TINYINT, ex->lit.number);
	case SP_LIT_SMALLINT:
		return integer(an, SP_SMALLINT, ex->lit.number);
	case SP_LIT_INT:
		return integer(an, SP_INT, ex->lit.number);
	case SP_LIT_BIGINT:
		return integer(an, SP_BIGINT, ex->lit.number);
	case SP_LIT_DECIMAL:
		return decimal(an, ex);
	case SP_LIT_FLOAT:
		return sp_an_const(an, &sp_types[SP_FLOAT], (struct sp_value){ .d = strtof(arena_cstr(an->a, text), NULL) });
	case SP_LIT_DOUBLE:
		return sp_an_const(an, &sp_types[SP_DOUBLE], (struct sp_value){ .d = strtod(arena_cstr(an->a, text), NULL) });
	case SP_LIT_STRING:
		return sp_an_string(an, text);
	case SP_LIT_BINARY:
		return sp_an_const(an, &sp_types[SP_BINARY], (struct sp_value){ .s = text.p ? text : S("") });
	case SP_LIT_DATE:
		return sp_literal_date(text, an->cx->zone, an->cx->now_us, &days) ? integer(an, SP_DATE, days) : invalid(an, ex, "DATE");
	case SP_LIT_TIMESTAMP:
	case SP_LIT_TIMESTAMP_NTZ:
	case SP_LIT_TIMESTAMP_LTZ:
		return stamp(an, ex);
	case SP_LIT_YEAR_MONTH:
	case SP_LIT_DAY_TIME:
	case SP_LIT_CALENDAR:
		return interval(an, ex);
	}
	return NULL;
}
