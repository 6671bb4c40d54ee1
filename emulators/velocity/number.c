/* java.lang.Integer, Long, Double, the big ones, and Boolean. */
#include <math.h>

#include "velocity/run.h"

static enum vtl_called ret_long(struct vtl_call *c, int64_t i)
{
	return vtl_return(c, (struct vtl_value){ .type = VTL_LONG, .i = i });
}

static int64_t narrow(struct vtl_value v)
{
	int64_t i = vtl_to_long(v);
	/* A Double saturates where a Long is cut. */
	if (v.type == VTL_DOUBLE || v.type == VTL_DECIMAL)
		return i > INT32_MAX ? INT32_MAX : i < INT32_MIN ? INT32_MIN : i;
	return (int32_t)i;
}

METHOD_IS(num_int, vtl_return(c, vtl_int(narrow(c->self))))
METHOD_IS(num_long, ret_long(c, vtl_to_long(c->self)))
METHOD_IS(num_double, vtl_return(c, vtl_double(vtl_to_double(c->self))))
METHOD_IS(num_float, vtl_return(c, vtl_double((float)vtl_to_double(c->self))))
METHOD_IS(num_compare, vtl_return(c, vtl_int(vtl_compare_numbers(c->self, c->args[0]))))

static bool is_decimal(struct slice s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	if (i == s.n)
		return false;
	for (; i < s.n; i++)
		if (!vtl_is_digit(s.p[i]))
			return false;
	return true;
}

static enum vtl_called parse(struct vtl_call *c, int64_t lo, int64_t hi, bool wide)
{
	struct slice s = c->args[0].s, digits = s;
	int64_t i;
	if (digits.n && digits.p[0] == '+') {
		digits.p++;
		digits.n--;
	}
	if (!is_decimal(s) || !sl_int(digits, lo, hi, &i))
		return vtl_throw(c, "NumberFormatException: For input string: \"%.*s\"", SL(s));
	return wide ? ret_long(c, i) : vtl_return(c, vtl_int(i));
}

METHOD_IS(int_parse, parse(c, INT32_MIN, INT32_MAX, false))
METHOD_IS(long_parse, parse(c, INT64_MIN, INT64_MAX, true))

METHOD(double_parse)
{
	struct slice s = sl_trim(c->args[0].s);
	char *text = arena_cstr(c->r->arena, s), *end;
	double d = strtod(text, &end);
	/* strtod also takes hexadecimal and "inf", which Java writes otherwise. */
	if (!s.n || *end || (!vtl_is_digit(end[-1]) && end[-1] != '.') || sl_chr(s, 'x') >= 0 || sl_chr(s, 'X') >= 0)
		return vtl_throw(c, "NumberFormatException: For input string: \"%.*s\"", SL(s));
	return vtl_return(c, vtl_double(d));
}

/* An Integer where the class is asked for by a value of it, e.g. $i.valueOf(5). */
METHOD_IS(num_value_of, vtl_return(c, c->args[0]))
METHOD_IS(num_to_string, vtl_return(c, vtl_str(vtl_text(c->r->arena, c->args[0]))))
METHOD_IS(num_max, vtl_return(c, vtl_compare_numbers(c->args[0], c->args[1]) >= 0 ? c->args[0] : c->args[1]))
METHOD_IS(num_min, vtl_return(c, vtl_compare_numbers(c->args[0], c->args[1]) <= 0 ? c->args[0] : c->args[1]))
METHOD_IS(num_sum, vtl_return(c, vtl_int((int32_t)((uint32_t)c->args[0].i + (uint32_t)c->args[1].i))))

static enum vtl_called in_base(struct vtl_call *c, int bits)
{
	uint32_t u = (uint32_t)c->args[0].i;
	char text[33];
	size_t at = sizeof(text);
	do {
		text[--at] = "0123456789abcdef"[u & ((1u << bits) - 1)];
		u >>= bits;
	} while (u);
	return vtl_return(c, vtl_str(arena_dup(c->r->arena, sl_of(text + at, sizeof(text) - at))));
}

METHOD_IS(int_hex, in_base(c, 4))
METHOD_IS(int_octal, in_base(c, 3))
METHOD_IS(int_binary, in_base(c, 1))
METHOD_IS(double_is_nan, vtl_return(c, vtl_bool(isnan(c->self.d))))
METHOD_IS(double_is_infinite, vtl_return(c, vtl_bool(isinf(c->self.d))))
METHOD_IS(bool_compare, vtl_return(c, vtl_int(c->self.b - c->args[0].b)))
METHOD_IS(bool_value, vtl_return(c, c->self))
METHOD_IS(bool_parse, vtl_return(c, vtl_bool(c->args[0].type == VTL_STRING && sl_eq_nocase(c->args[0].s, S("true")))))

static const struct vtl_method number_methods[] = {
	{ "intValue", "", num_int },	   { "longValue", "", num_long },     { "doubleValue", "", num_double },
	{ "floatValue", "", num_float },   { "shortValue", "", num_int },     { "byteValue", "", num_int },
	{ "compareTo", "n", num_compare }, { "toString", "n", num_to_string },
};
static const struct vtl_method int_methods[] = {
	{ "parseInt", "s", int_parse },	     { "valueOf", "s", int_parse },	  { "valueOf", "i", num_value_of },
	{ "max", "ii", num_max },	     { "min", "ii", num_min },		  { "sum", "ii", num_sum },
	{ "toHexString", "i", int_hex },     { "toOctalString", "i", int_octal }, { "toBinaryString", "i", int_binary },
};
static const struct vtl_method long_methods[] = {
	{ "parseLong", "s", long_parse },
	{ "valueOf", "s", long_parse },
};
static const struct vtl_method double_methods[] = {
	{ "parseDouble", "s", double_parse },
	{ "valueOf", "s", double_parse },
	{ "isNaN", "", double_is_nan },
	{ "isInfinite", "", double_is_infinite },
};
static const struct vtl_method bool_methods[] = {
	{ "booleanValue", "", bool_value },
	{ "compareTo", "b", bool_compare },
	{ "parseBoolean", "o", bool_parse },
	{ "valueOf", "o", bool_parse },
};

enum vtl_called vtl_number_method(struct slice name, struct vtl_call *c)
{
	enum vtl_called called = VTL_NO_METHOD;
	/* compareTo takes the own class only. */
	if (c->n == 1 && sl_eqs(name, "compareTo") && c->args[0].type != c->self.type)
		return vtl_bad_cast(c);
	if (c->self.type == VTL_BOOL)
		return vtl_dispatch(bool_methods, ARRAY_LEN(bool_methods), name, c);
	if (c->self.type == VTL_INT)
		called = vtl_dispatch(int_methods, ARRAY_LEN(int_methods), name, c);
	else if (c->self.type == VTL_LONG)
		called = vtl_dispatch(long_methods, ARRAY_LEN(long_methods), name, c);
	else if (c->self.type == VTL_DOUBLE)
		called = vtl_dispatch(double_methods, ARRAY_LEN(double_methods), name, c);
	return called == VTL_NO_METHOD ? vtl_dispatch(number_methods, ARRAY_LEN(number_methods), name, c) : called;
}
