/* CloudWatch's pure parts: metric math, sums and percentiles, what data points say of an alarm. */
#include <math.h>
#include <string.h>

#include "cloudwatch/alarm_rule.h"
#include "cloudwatch/metric_math.h"
#include "check_main.h"
#include "core/sum.h"

#define _ NAN
static const double m1[] = { 1, 2, _, 4 }, m2[] = { 10, 0, 30, _ };
static const struct math_var vars[] = { { "m1", m1 }, { "m2", m2 }, { "e1", m1 } };
static const struct math_grid grid = { .n = 4, .start_s = 600, .period_s = 60, .vars = vars, .var_n = 3, .metric_n = 2 };

static const struct {
	const char *text;
	double want[4]; /* a scalar is the same everywhere */
} sums[] = {
	{ "m1", { 1, 2, _, 4 } },
	{ "m1 + m2", { 11, 2, _, _ } },
	{ "m1 / m2", { 0.1, _, _, _ } },
	{ "2 ^ 3 ^ 2 - 500", { 12, 12, 12, 12 } },
	{ "-m1 * 2 + 1", { -1, -3, _, -7 } },
	{ "10 - 2 - 3", { 5, 5, 5, 5 } },
	{ "m1 >= 2 AND m2 < 5", { 0, 1, _, _ } },
	{ "m1 == 1 || m1 == 4", { 1, 0, _, 1 } },
	{ "FILL(m1, 0)", { 1, 2, 0, 4 } },
	{ "FILL(m1, REPEAT)", { 1, 2, 2, 4 } },
	{ "FILL(m1, LINEAR)", { 1, 2, 3, 4 } },
	{ "SUM(m1)", { 7, 7, 7, 7 } },
	{ "AVG([m1, m2])", { 5.5, 1, 30, 4 } },
	{ "MAX(METRICS())", { 10, 2, 30, 4 } },
	{ "SUM(METRICS(\"m2\"))", { 10, 0, 30, _ } },
	{ "SUM(METRICS() * 2)", { 22, 4, 60, 8 } },
	{ "IF(m1 > 1, m1, 100)", { 100, 2, _, 4 } },
	{ "RUNNING_SUM(m1)", { 1, 3, 3, 7 } },
	{ "DIFF(m1)", { _, 1, _, 2 } },
	{ "RATE(m2)", { _, -10.0 / 60, 0.5, _ } },
	{ "DIFF_TIME(m1)", { _, 60, _, 120 } },
	{ "EPOCH(m1)", { 600, 660, 720, 780 } },
	{ "PERIOD(m1)", { 60, 60, 60, 60 } },
	{ "METRIC_COUNT(METRICS())", { 2, 2, 2, 2 } },
	{ "ABS(0 - 3) + CEIL(1.2) + FLOOR(1.8) + LOG10(100)", { 8, 8, 8, 8 } },
	{ "FIRST(METRICS())", { 1, 2, _, 4 } },
	{ "1e2", { 100, 100, 100, 100 } },
};

START_TEST(expressions_have_values)
{
	struct arena a = { 0 };
	struct math_value v;
	struct error err = { 0 };
	int rc = math_eval(&a, &grid, sl(sums[_i].text), &v, &err);
	ck_assert_msg(rc == 0, "%s: %s", sums[_i].text, err.text);
	for (size_t i = 0; i < 4; i++) {
		double got = v.kind == MATH_SCALAR ? v.x : v.v[i], want = sums[_i].want[i];
		ck_assert_msg(isnan(want) ? isnan(got) : fabs(got - want) < 1e-9, "%s at %zu: %g", sums[_i].text, i, got);
	}
	arena_free(&a);
}
END_TEST

static const struct {
	const char *text, *says;
	int kind;
} wrongs[] = {
	{ "m1 +", "Invalid syntax", ERR_INVALID },
	{ "m9", "Undefined variable m9", ERR_INVALID },
	{ "SEARCH('x', 'Sum')", "tarn does not compute the function SEARCH with 2 arguments", ERR_UNSUPPORTED },
	{ "(m1", "Invalid syntax", ERR_INVALID },
	{ "m1 m2", "Invalid syntax", ERR_INVALID },
	{ "SUM(1)", "Unsupported operand type for SUM", ERR_INVALID },
	{ "", "Invalid syntax", ERR_INVALID },
	{ "((((((((((((((((((((((((((((((((((((((((1", "Invalid syntax", ERR_INVALID },
};

START_TEST(expressions_are_refused)
{
	struct arena a = { 0 };
	struct math_value v;
	struct error err = { 0 };
	ck_assert_int_eq(math_eval(&a, &grid, sl(wrongs[_i].text), &v, &err), wrongs[_i].kind);
	ck_assert_str_eq(err.text, wrongs[_i].says);
	arena_free(&a);
}
END_TEST

START_TEST(values_are_summed)
{
	struct metric_sum s = { 0 }, more = { 0 };
	for (int i = 1; i <= 4; i++)
		metric_sum_add(&s, i, 1);
	metric_sum_add(&more, 10, 2);
	metric_sum_join(&s, &more);
	ck_assert(s.n == 6 && s.sum == 30 && s.least == 1 && s.most == 10 && s.pair_n == 5);
	ck_assert(metric_sum_percentile(&s, 0) == 1 && metric_sum_percentile(&s, 100) == 10);
	ck_assert(fabs(metric_sum_percentile(&s, 50) - 3.5) < 1e-9);
	for (int i = 0; i < 10000; i++)
		metric_sum_add(&s, i, 1);
	ck_assert_uint_le(s.pair_n, METRIC_SPREAD_MAX);
	ck_assert(fabs(metric_sum_percentile(&s, 50) - 5000) < 500);
	metric_sum_free(&s);
	metric_sum_free(&more);
}
END_TEST

/* The tables of AWS's page "Configuring how CloudWatch alarms treat missing data": 0 is fine, X breaches. */
static const struct {
	const char *points;
	size_t needed;
	const char *states; /* missing, ignore, breaching, notBreaching: O A U - (as it was) */
} judged[] = {
	{ "0-X-X", 3, "OOOO" }, { "----0", 3, "OOOO" }, { "-----", 3, "U-AO" }, { "0XX-X", 3, "AAAA" }, { "--X--", 3, "A-AO" },
	{ "0-X-X", 2, "AAAA" }, { "00X-X", 2, "AAAA" }, { "0-X--", 2, "O-AO" }, { "----0", 2, "O-AO" }, { "---X-", 2, "A-AO" },
};

START_TEST(alarms_are_judged)
{
	for (int missing = 0; missing < 4; missing++) {
		struct alarm_rule r = { .periods = 3, .needed = judged[_i].needed, .compare = "GreaterThanThreshold", .threshold = 5, .missing = (enum alarm_missing)missing };
		double v[5];
		size_t used[5], n;
		for (size_t i = 0; i < 5; i++)
			v[i] = judged[_i].points[i] == '-' ? NAN : judged[_i].points[i] == 'X' ? 9 : 1;
		enum alarm_state got = alarm_judge(&r, v, used, &n);
		ck_assert_msg("OAU-"[got] == judged[_i].states[missing], "%s, %zu of 3, %d: %c", judged[_i].points, r.needed, missing, "OAU-"[got]);
	}
}
END_TEST

START_TEST(thresholds_are_compared)
{
	struct alarm_rule r = { .threshold = 5 };
	static const struct {
		const char *compare;
		bool less, same, more;
	} rows[] = { { "GreaterThanThreshold", 0, 0, 1 }, { "GreaterThanOrEqualToThreshold", 0, 1, 1 }, { "LessThanThreshold", 1, 0, 0 },
		     { "LessThanOrEqualToThreshold", 1, 1, 0 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		r.compare = rows[i].compare;
		ck_assert(alarm_breaches(&r, 4) == rows[i].less && alarm_breaches(&r, 5) == rows[i].same && alarm_breaches(&r, 6) == rows[i].more);
		ck_assert(alarm_compare_known(r.compare));
	}
	ck_assert(!alarm_compare_known("GreaterThanUpperThreshold"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cloudwatch");
	TCase *t = tcase_create("pure");
	tcase_add_loop_test(t, expressions_have_values, 0, (int)ARRAY_LEN(sums));
	tcase_add_loop_test(t, expressions_are_refused, 0, (int)ARRAY_LEN(wrongs));
	tcase_add_test(t, values_are_summed);
	tcase_add_loop_test(t, alarms_are_judged, 0, (int)ARRAY_LEN(judged));
	tcase_add_test(t, thresholds_are_compared);
	suite_add_tcase(s, t);
	return run_suite(s);
}
