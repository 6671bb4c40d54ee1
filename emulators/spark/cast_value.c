/* Casts of a value between atomic types, and what their failures say. */
#include <math.h>

#include "spark/cast_parts.h"
#include "spark/decimal.h"
#include "spark/print.h"
#include "spark/time.h"

static enum sp_cast_rc of_dec(enum sp_dec_rc rc)
{
	return rc == SP_DEC_OK ? SP_C_OK : rc == SP_DEC_OVERFLOW ? SP_C_RANGE : SP_C_MALFORMED;
}

static int64_t unit_us(uint8_t field)
{
	static const int64_t us[] = { SP_DAY_US, INT64_C(3600000000), INT64_C(60000000), INT64_C(1000000) };
	return us[field <= SP_SECOND ? field : SP_SECOND];
}

/* ---- to integral types ---- */

static enum sp_cast_rc fit_int(const struct sp_casting *c, const struct sp_type *to, int64_t v, struct sp_value *out)
{
	out->i = sp_wrap(to, v);
	return out->i == v || c->how == SP_HOW_LEGACY ? SP_C_OK : SP_C_OVERFLOW;
}

static enum sp_cast_rc real_to_int(const struct sp_casting *c, const struct sp_type *to, double d, struct sp_value *out)
{
	static const double most[] = { [SP_TINYINT] = 127, [SP_SMALLINT] = 32767, [SP_INT] = 2147483647, [SP_BIGINT] = 9223372036854775808.0 };
	static const double least[] = { [SP_TINYINT] = -128, [SP_SMALLINT] = -32768, [SP_INT] = -2147483648.0,
					[SP_BIGINT] = -9223372036854775808.0 };
	if (c->how != SP_HOW_LEGACY && !(floor(d) <= most[to->kind] && ceil(d) >= least[to->kind]))
		return SP_C_OVERFLOW;
	out->i = to->kind == SP_BIGINT ? sp_java_long(d) : sp_wrap(to, sp_java_int(d));
	return SP_C_OK;
}

static enum sp_cast_rc decimal_to_int(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, __int128 x,
				      struct sp_value *out)
{
	__int128 whole = x / sp_ten(from->scale);
	out->i = sp_wrap(to, (int64_t)whole);
	return out->i == whole || c->how == SP_HOW_LEGACY ? SP_C_OK : SP_C_OVERFLOW;
}

static enum sp_cast_rc to_int(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
			      struct sp_value *out)
{
	int64_t v;
	switch (from->kind) {
	case SP_STRING:
		if (!sp_text_int(in->s, c->how == SP_HOW_LEGACY, &v))
			return SP_C_MALFORMED;
		out->i = sp_wrap(to, v);
		return out->i == v ? SP_C_OK : SP_C_MALFORMED;
	case SP_BOOLEAN:
		out->i = in->i;
		return SP_C_OK;
	case SP_FLOAT:
	case SP_DOUBLE:
		return real_to_int(c, to, in->d, out);
	case SP_DECIMAL:
		return decimal_to_int(c, from, to, sp_wide(in->x), out);
	case SP_TIMESTAMP:
		return fit_int(c, to, sp_floor_div(in->i, SP_US), out);
	case SP_INTERVAL_YM:
		v = from->scale == SP_YEAR ? in->i / 12 : in->i;
		out->i = sp_wrap(to, v);
		return out->i == v ? SP_C_OK : SP_C_RAISED;
	case SP_INTERVAL_DT:
		v = in->i / unit_us(from->scale);
		out->i = sp_wrap(to, v);
		return out->i == v ? SP_C_OK : SP_C_RAISED;
	case SP_DATE:
		return SP_C_NULL;
	default:
		return fit_int(c, to, in->i, out);
	}
}

/* ---- to fractions and decimals ---- */

static double decimal_to_float(__int128 x, int scale)
{
	char text[SP_DEC_TEXT_MAX];
	if (x < 1 << 24 && x > -(1 << 24) && scale <= 10)
		return (float)(int32_t)x / (float)sp_ten(scale);
	text[sp_dec_text(x, scale, false, text)] = 0;
	return strtof(text, NULL);
}

static enum sp_cast_rc to_real(const struct sp_type *from, const struct sp_type *to, const struct sp_value *in, struct sp_value *out)
{
	const bool single = to->kind == SP_FLOAT;
	switch (from->kind) {
	case SP_STRING:
		return (single ? sp_text_float : sp_text_double)(in->s, &out->d) ? SP_C_OK : SP_C_MALFORMED;
	case SP_FLOAT:
	case SP_DOUBLE:
		out->d = single ? (float)in->d : in->d;
		return SP_C_OK;
	case SP_DECIMAL:
		out->d = single ? decimal_to_float(sp_wide(in->x), from->scale) : sp_dec_double(sp_wide(in->x), from->scale);
		return SP_C_OK;
	case SP_TIMESTAMP:
		out->d = (double)in->i / 1e6;
		out->d = single ? (float)out->d : out->d;
		return SP_C_OK;
	case SP_DATE:
		return SP_C_NULL;
	default:
		out->d = single ? (float)in->i : (double)in->i;
		return SP_C_OK;
	}
}

static enum sp_cast_rc text_to_decimal(const struct sp_casting *c, struct slice s, const struct sp_type *to, __int128 *v)
{
	enum sp_dec_rc rc;
	__int128 any;
	s = sp_plain_digits(c->r->batch, sp_java_trim(s));
	rc = sp_dec_parse(s, to->precision, to->scale, v, NULL);
	if (rc == SP_DEC_OVERFLOW && sp_dec_parse(s, SP_PRECISION_MAX, 0, &any, NULL) == SP_DEC_OVERFLOW)
		return SP_C_DIGITS;
	return of_dec(rc);
}

static enum sp_cast_rc to_decimal(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
				  struct sp_value *out)
{
	__int128 v = 0;
	enum sp_cast_rc rc;
	switch (from->kind) {
	case SP_STRING:
		rc = text_to_decimal(c, in->s, to, &v);
		break;
	case SP_FLOAT:
	case SP_DOUBLE:
		rc = of_dec(sp_dec_from_double(in->d, to->precision, to->scale, &v, NULL));
		if (rc == SP_C_MALFORMED)
			rc = SP_C_NULL;
		break;
	case SP_DECIMAL:
		rc = of_dec(sp_dec_rescale(sp_wide(in->x), from->scale, SP_HALF_UP, to->precision, to->scale, &v));
		break;
	case SP_TIMESTAMP:
		rc = of_dec(sp_dec_from_double((double)in->i / 1e6, to->precision, to->scale, &v, NULL));
		break;
	case SP_INTERVAL_YM:
		rc = of_dec(sp_dec_rescale(from->scale == SP_YEAR ? in->i / 12 : in->i, 0, SP_HALF_UP, to->precision, to->scale, &v));
		break;
	case SP_INTERVAL_DT:
		rc = of_dec(from->scale == SP_SECOND ? sp_dec_rescale(in->i, 6, SP_HALF_UP, to->precision, to->scale, &v)
						     : sp_dec_rescale(in->i / unit_us(from->scale), 0, SP_HALF_UP, to->precision, to->scale, &v));
		break;
	case SP_DATE:
		return SP_C_NULL;
	default:
		rc = of_dec(sp_dec_rescale(in->i, 0, SP_HALF_UP, to->precision, to->scale, &v));
	}
	out->x = sp_narrow(v);
	if (rc == SP_C_RANGE && (from->kind == SP_INTERVAL_YM || from->kind == SP_INTERVAL_DT))
		return SP_C_RANGE_RAISED;
	return rc;
}

static enum sp_cast_rc to_boolean(const struct sp_type *from, const struct sp_value *in, struct sp_value *out)
{
	bool is = false;
	switch (from->kind) {
	case SP_STRING:
		if (!sp_text_boolean(in->s, &is))
			return SP_C_MALFORMED;
		out->i = is;
		return SP_C_OK;
	case SP_FLOAT:
	case SP_DOUBLE:
		out->i = in->d != 0;
		return SP_C_OK;
	case SP_DECIMAL:
		out->i = sp_wide(in->x) != 0;
		return SP_C_OK;
	case SP_DATE:
		return SP_C_NULL;
	default:
		out->i = in->i != 0;
		return SP_C_OK;
	}
}

/* ---- to times ---- */

static enum sp_cast_rc real_to_timestamp(const struct sp_casting *c, double d, struct sp_value *out)
{
	if (!isfinite(d))
		return SP_C_MALFORMED;
	d *= SP_US;
	if (c->how == SP_HOW_LEGACY)
		out->i = sp_java_long(d);
	else if (c->how == SP_HOW_ANSI && !(floor(d) <= 9223372036854775808.0 && ceil(d) >= -9223372036854775808.0)) {
		struct sp_value scaled = { .d = d };
		sp_cast_failed(c, SP_C_OVERFLOW, &sp_types[SP_DOUBLE], &sp_types[SP_BIGINT], &scaled, out);
		return SP_C_FAILED;
	}
	out->i = sp_java_long(d);
	return SP_C_OK;
}

static enum sp_cast_rc to_timestamp(const struct sp_casting *c, const struct sp_type *from, const struct sp_value *in, struct sp_value *out)
{
	enum { DECIMAL128 = 34 };
	const struct sp_context *cx = c->r->cx;
	__int128 x;
	int cut;
	switch (from->kind) {
	case SP_STRING:
		return sp_text_timestamp(in->s, cx->zone, cx->now_us, &out->i) ? SP_C_OK : SP_C_MALFORMED;
	case SP_BOOLEAN:
		out->i = in->i;
		return SP_C_OK;
	case SP_DATE:
		out->i = sp_day_start(cx->zone, in->i);
		return SP_C_OK;
	case SP_TIMESTAMP_NTZ:
		out->i = sp_to_utc(cx->zone, in->i);
		return SP_C_OK;
	case SP_FLOAT:
	case SP_DOUBLE:
		return real_to_timestamp(c, in->d, out);
	case SP_DECIMAL: /* times a million by MathContext.DECIMAL128: 34 digits */
		x = sp_wide(in->x);
		for (cut = 0; !sp_dec_fits(x, DECIMAL128 + cut); cut++)
			;
		if (cut && sp_dec_rescale(x, cut, SP_HALF_EVEN, SP_PRECISION_MAX, 0, &x) == SP_DEC_OK)
			x *= sp_ten(cut);
		out->i = from->scale <= 6 ? (int64_t)((unsigned __int128)x * (unsigned __int128)sp_ten(6 - from->scale))
					  : (int64_t)(x / sp_ten(from->scale - 6));
		return SP_C_OK;
	default: /* seconds, as TimeUnit.toMicros: no further than 64 bits */
		if (__builtin_mul_overflow(in->i, (int64_t)SP_US, &out->i))
			out->i = in->i < 0 ? INT64_MIN : INT64_MAX;
		return SP_C_OK;
	}
}

static enum sp_cast_rc to_wall_time(const struct sp_casting *c, const struct sp_type *from, const struct sp_value *in, struct sp_value *out)
{
	if (from->kind == SP_STRING)
		return sp_text_timestamp_ntz(in->s, true, &out->i) ? SP_C_OK : SP_C_MALFORMED;
	out->i = from->kind == SP_DATE ? in->i * SP_DAY_US : sp_to_local(c->r->cx->zone, in->i);
	return SP_C_OK;
}

static enum sp_cast_rc to_date(const struct sp_casting *c, const struct sp_type *from, const struct sp_value *in, struct sp_value *out)
{
	int32_t days;
	if (from->kind == SP_STRING) {
		if (!sp_text_date(in->s, &days))
			return SP_C_MALFORMED;
		out->i = days;
	} else {
		out->i = from->kind == SP_TIMESTAMP ? sp_day_of(c->r->cx->zone, in->i) : sp_floor_div(in->i, SP_DAY_US);
	}
	return SP_C_OK;
}

static enum sp_cast_rc decimal_to_interval(const struct sp_type *from, const struct sp_type *to, __int128 x, struct sp_value *out)
{
	__int128 unit = to->kind == SP_INTERVAL_YM ? (to->scale == SP_YEAR ? 12 : 1) : unit_us(to->scale), v;
	if (sp_dec_op('*', x, from->scale, unit, 0, SP_PRECISION_MAX, 0, &v, NULL) != SP_DEC_OK || v != (int64_t)v ||
	    (to->kind == SP_INTERVAL_YM && v != (int32_t)v))
		return SP_C_RAISED;
	out->i = (int64_t)v;
	return SP_C_OK;
}

static enum sp_cast_rc text_to_interval(const struct sp_casting *c, const struct sp_type *to, struct slice s, struct sp_value *out)
{
	struct slice why = sl(NULL);
	if (sp_text_interval(to, s, out, c->r->batch, &why))
		return SP_C_OK;
	if (!why.p || c->how == SP_HOW_TRY)
		return SP_C_NULL;
	sp_fail(&c->r->err, SP_E_RUN, "", "", "%.*s", SL(why)); /* with ANSI off, too */
	c->r->err.java = "java.lang.IllegalArgumentException";
	return SP_C_FAILED;
}

static enum sp_cast_rc to_interval(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
				   struct sp_value *out)
{
	if (from->kind == SP_STRING)
		return text_to_interval(c, to, in->s, out);
	if (from->kind == SP_DECIMAL)
		return decimal_to_interval(from, to, sp_wide(in->x), out);
	if (sp_is_integral(from))
		return sp_interval_of(to, in->i, &out->i) ? SP_C_OK : SP_C_RAISED;
	out->i = sp_interval_cut(to, in->i);
	return SP_C_OK;
}

/* ---- to texts ---- */

static enum sp_cast_rc to_text(const struct sp_casting *c, const struct sp_type *from, const struct sp_value *in, struct sp_value *out)
{
	struct buf b = { 0 };
	if (from->kind == SP_BINARY) {
		out->s = in->s;
		return SP_C_OK;
	}
	(c->how == SP_HOW_LEGACY ? sp_print : sp_print_ansi)(&b, from, in, c->r->cx->zone);
	out->s = arena_dup(c->r->batch, buf_slice(&b));
	buf_free(&b);
	return SP_C_OK;
}

static enum sp_cast_rc to_binary(const struct sp_casting *c, const struct sp_type *from, const struct sp_value *in, struct sp_value *out)
{
	static const uint8_t sizes[] = { [SP_TINYINT] = 1, [SP_SMALLINT] = 2, [SP_INT] = 4, [SP_BIGINT] = 8 };
	uint8_t bytes[8];
	int i;
	if (from->kind == SP_STRING) {
		out->s = in->s;
		return SP_C_OK;
	}
	for (i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)in->i >> (56 - 8 * i));
	out->s = arena_dup(c->r->batch, sl_of(bytes + 8 - sizes[from->kind], sizes[from->kind]));
	return SP_C_OK;
}

enum sp_cast_rc sp_cast_atom(const struct sp_casting *c, const struct sp_type *from, const struct sp_type *to, const struct sp_value *in,
			     struct sp_value *out)
{
	switch (to->kind) {
	case SP_BOOLEAN:
		return to_boolean(from, in, out);
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
		return to_int(c, from, to, in, out);
	case SP_FLOAT:
	case SP_DOUBLE:
		return to_real(from, to, in, out);
	case SP_DECIMAL:
		return to_decimal(c, from, to, in, out);
	case SP_STRING:
		return to_text(c, from, in, out);
	case SP_BINARY:
		return to_binary(c, from, in, out);
	case SP_DATE:
		return to_date(c, from, in, out);
	case SP_TIMESTAMP:
		return to_timestamp(c, from, in, out);
	case SP_TIMESTAMP_NTZ:
		return to_wall_time(c, from, in, out);
	case SP_INTERVAL_YM:
	case SP_INTERVAL_DT:
	case SP_INTERVAL:
		return to_interval(c, from, to, in, out);
	case SP_VOID:
	case SP_ARRAY:
	case SP_MAP:
	case SP_STRUCT:
	case SP_KINDS:
		break;
	}
	return SP_C_NULL;
}

/* ---- failures ---- */

static void place(const struct sp_casting *c)
{
	if (c->at && c->how == SP_HOW_ANSI)
		sp_fail_at(&c->r->err, c->at->from, c->at->to);
}

/* What a decimal would have been. */
static void wanted(struct buf *b, const struct sp_type *from, const struct sp_value *in)
{
	char text[SP_DEC_TEXT_MAX];
	struct sp_big whole = { 0 };
	__int128 v;
	if (from->kind == SP_STRING) {
		if (sp_dec_parse(sp_java_trim(in->s), 0, 0, &v, &whole) == SP_DEC_OVERFLOW)
			buf_add(b, text, sp_big_text(&whole, true, text));
		else
			buf_addsl(b, sp_java_trim(in->s));
		return;
	}
	if (from->kind == SP_DECIMAL)
		buf_add(b, text, sp_dec_text(sp_wide(in->x), from->scale, true, text));
	else if (from->kind == SP_INTERVAL_DT)
		buf_add(b, text, from->scale == SP_SECOND ? sp_dec_text(in->i, 6, true, text)
							  : sp_dec_text(in->i / unit_us(from->scale), 0, true, text));
	else if (sp_is_fractional(from) || from->kind == SP_TIMESTAMP) {
		(void)sp_dec_from_double(from->kind == SP_TIMESTAMP ? (double)in->i / 1e6 : in->d, 0, 0, &v, &whole);
		buf_add(b, text, sp_big_text(&whole, true, text));
	} else
		buf_int(b, in->i);
}

int sp_cast_failed(const struct sp_casting *c, enum sp_cast_rc rc, const struct sp_type *from, const struct sp_type *to,
		   const struct sp_value *in, struct sp_value *out)
{
	static const char ansi_off[] = "If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error";
	struct buf value = { 0 }, from_type = { 0 }, to_type = { 0 };
	if (rc == SP_C_FAILED)
		return 1;
	if (rc == SP_C_NULL || c->how == SP_HOW_TRY || (c->how == SP_HOW_LEGACY && rc != SP_C_RAISED && rc != SP_C_RANGE_RAISED)) {
		*out = SP_NULL_VALUE;
		return 0;
	}
	if (rc == SP_C_RANGE_RAISED)
		rc = SP_C_RANGE;
	sp_type_sql(&from_type, from);
	sp_type_sql(&to_type, to);
	if (rc == SP_C_RANGE)
		wanted(&value, from, in);
	else if (from->kind == SP_STRING) {
		buf_addc(&value, '\'');
		buf_addsl(&value, in->s);
		buf_addc(&value, '\'');
	} else
		sp_print_literal(&value, from, in, c->r->cx->zone);
	if (rc == SP_C_RANGE) {
		sp_fail(&c->r->err, SP_E_RUN, "NUMERIC_VALUE_OUT_OF_RANGE", "22003",
			"%.*s cannot be represented as Decimal(%d, %d). %s, and return NULL instead.", SL(buf_slice(&value)), to->precision,
			to->scale, ansi_off);
		place(c);
	} else if (rc == SP_C_DIGITS) {
		sp_fail(&c->r->err, SP_E_RUN, "NUMERIC_OUT_OF_SUPPORTED_RANGE", "22003",
			"The value %.*s cannot be interpreted as a numeric since it has more than 38 digits.", SL(in->s));
	} else {
		bool bad = rc == SP_C_MALFORMED;
		sp_fail(&c->r->err, SP_E_RUN, bad ? "CAST_INVALID_INPUT" : "CAST_OVERFLOW", bad ? "22018" : "22003",
			bad ? "The value %.*s of the type \"%.*s\" cannot be cast to \"%.*s\" because it is malformed. Correct the value as per "
			      "the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead. %s."
			    : "The value %.*s of the type \"%.*s\" cannot be cast to \"%.*s\" due to an overflow. Use `try_cast` to tolerate "
			      "overflow and return NULL instead. %s.",
			SL(buf_slice(&value)), SL(buf_slice(&from_type)), SL(buf_slice(&to_type)), ansi_off);
		if (bad)
			place(c);
	}
	c->r->err.java = rc != SP_C_MALFORMED ? "org.apache.spark.SparkArithmeticException"
			 : to->kind == SP_DATE || to->kind == SP_TIMESTAMP || to->kind == SP_TIMESTAMP_NTZ ? "org.apache.spark.SparkDateTimeException"
			 : to->kind == SP_BOOLEAN ? "org.apache.spark.SparkRuntimeException"
						  : "org.apache.spark.SparkNumberFormatException";
	buf_free(&value);
	buf_free(&from_type);
	buf_free(&to_type);
	return 1;
}
