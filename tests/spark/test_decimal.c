/* Decimals against java.math.BigDecimal's answers, and doubles' texts against Java 17's. */
#include <check.h>

#include "java/text.h"
#include "spark/decimal.h"
#include "check_main.h"

static const struct operation {
	const char *x, *op, *y;
	int precision, scale;
	const char *want; /* "!1.5": doesn't fit, and this is the whole value; "0": by zero */
} operations[] = {
	{ "1.5", "+", "0.25", 4, 2, "1.75" },
	{ "-99999999999999999999999999999999999999", "-", "1", 38, 0, "!-100000000000000000000000000000000000000" },
	{ "99999999999999999999999999999999999999", "+", "0.00000000000000000000000000000000000001", 38, 6, "!99999999999999999999999999999999999999.00000000000000000000000000000000000001" },
	{ "12.34", "*", "-5.6", 6, 3, "-69.104" },
	{ "100000000", "*", "10000000000000000000000000000000000000", 38, 0, "!1000000000000000000000000000000000000000000000" },
	{ "1.0", "/", "3", 8, 6, "0.333333" },
	{ "2", "/", "3", 38, 37, "0.6666666666666666666666666666666666667" },
	{ "10", "/", "0", 8, 6, "0" },
	{ "-7.5", "%", "2", 3, 1, "-1.5" },
	{ "7.5", "d", "-2", 3, 0, "-3" },
	/* To scale 39 first, then to 38: 0.4...95 becomes 0.5. */
	{ "49999999999999999999999999999999999999", "/", "99999999999999999999999999999999999999", 38, 38, "0.50000000000000000000000000000000000000" },
};

static void split(const char *text, __int128 *v, int *scale)
{
	const char *point = strchr(text, '.');
	*scale = point ? (int)strlen(point + 1) : 0;
	ck_assert_int_eq(sp_dec_parse(sl(text), 38, *scale, v, NULL), SP_DEC_OK);
}

START_TEST(operations_give_what_java_gives)
{
	const struct operation *o = &operations[_i];
	char text[SP_DEC_TEXT_MAX + 1];
	struct sp_big whole;
	__int128 x, y, z;
	int xs, ys;
	enum sp_dec_rc rc;
	split(o->x, &x, &xs);
	split(o->y, &y, &ys);
	rc = sp_dec_op(o->op[0], x, xs, y, ys, o->precision, o->scale, &z, &whole);
	text[0] = '!';
	if (rc == SP_DEC_OVERFLOW)
		text[1 + sp_big_text(&whole, true, text + 1)] = 0;
	else if (rc == SP_DEC_ZERO)
		memcpy(text, "0", 2);
	else
		text[sp_dec_text(z, o->scale, true, text)] = 0;
	ck_assert_str_eq(text, o->want);
}
END_TEST

static const struct parsed {
	const char *text;
	int precision, scale;
	const char *plain, *java; /* plain NULL: no number; "": too big */
} texts[] = {
	{ "1.005", 5, 2, "1.01", "1.01" },
	{ "-0.0000001", 10, 7, "-0.0000001", "-1E-7" },
	{ "0", 10, 8, "0.00000000", "0E-8" },
	{ "1e3", 10, 2, "1000.00", "1000.00" },
	{ ".5", 2, 1, "0.5", "0.5" },
	{ "5.", 2, 1, "5.0", "5.0" },
	{ "1e-400", 10, 2, "0.00", "0.00" },
	{ "99.95", 3, 1, "", "" },
	{ "1e99", 38, 0, "", "" },
	{ "1e", 3, 1, NULL, NULL },
	{ "1.2.3", 3, 1, NULL, NULL },
	{ ".", 3, 1, NULL, NULL },
	{ "12k", 3, 1, NULL, NULL },
};

START_TEST(texts_are_read_and_printed)
{
	const struct parsed *t = &texts[_i];
	char out[SP_DEC_TEXT_MAX + 1];
	__int128 v;
	enum sp_dec_rc rc = sp_dec_parse(sl(t->text), t->precision, t->scale, &v, NULL);
	ck_assert_int_eq(rc, !t->plain ? SP_DEC_BAD : !*t->plain ? SP_DEC_OVERFLOW : SP_DEC_OK);
	if (rc != SP_DEC_OK)
		return;
	out[sp_dec_text(v, t->scale, true, out)] = 0;
	ck_assert_str_eq(out, t->plain);
	out[sp_dec_text(v, t->scale, false, out)] = 0;
	ck_assert_str_eq(out, t->java);
}
END_TEST

static const struct rounded {
	int x, scale;
	enum sp_rounding mode;
	int want;
} roundings[] = {
	{ 25, 1, SP_HALF_UP, 3 }, { 25, 1, SP_HALF_EVEN, 2 }, { -25, 1, SP_HALF_UP, -3 }, { -21, 1, SP_FLOOR, -3 },
	{ -29, 1, SP_CEILING, -2 }, { 29, 1, SP_DOWN, 2 }, { 2501, 3, SP_HALF_EVEN, 3 }, { 1, 38, SP_CEILING, 1 },
};

START_TEST(rounding)
{
	const struct rounded *r = &roundings[_i];
	__int128 v;
	ck_assert_int_eq(sp_dec_rescale(r->x, r->scale, r->mode, 10, 0, &v), SP_DEC_OK);
	ck_assert_int_eq((int)v, r->want);
}
END_TEST

static const struct real {
	double d;
	const char *text, *as_float;
} reals[] = {
	{ 0.1, "0.1", "0.1" }, { 2e23, "1.9999999999999998E23", "2.0E23" }, { 1e23, "9.999999999999999E22", "1.0E23" },
	{ 1e7, "1.0E7", "1.0E7" }, { 9999999, "9999999.0", "9999999.0" }, { 0.001, "0.001", "0.001" }, { 0.0009, "9.0E-4", "9.0E-4" },
	{ -0.0, "-0.0", "-0.0" }, { 5e-324, "4.9E-324", "0.0" }, { 16777216, "1.6777216E7", "1.6777216E7" },
	{ 5.44144118315531e16, "5.4414411831553104E16", "5.4414414E16" }, { -89.9787, "-89.9787", "-89.9787" },
	{ 1 / 3.0, "0.3333333333333333", "0.33333334" }, { 100, "100.0", "100.0" }, { 0.0036200000000000004, "0.0036200000000000004", "0.00362" },
};

START_TEST(reals_print_as_in_java)
{
	char out[JAVA_REAL_MAX + 1];
	out[java_double_text(reals[_i].d, out)] = 0;
	ck_assert_str_eq(out, reals[_i].text);
	out[java_float_text((float)reals[_i].d, out)] = 0;
	ck_assert_str_eq(out, reals[_i].as_float);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spark_decimal");
	TCase *t = tcase_create("decimal");
	tcase_add_loop_test(t, operations_give_what_java_gives, 0, ARRAY_LEN(operations));
	tcase_add_loop_test(t, texts_are_read_and_printed, 0, ARRAY_LEN(texts));
	tcase_add_loop_test(t, rounding, 0, ARRAY_LEN(roundings));
	tcase_add_loop_test(t, reals_print_as_in_java, 0, ARRAY_LEN(reals));
	suite_add_tcase(s, t);
	return run_suite(s);
}
