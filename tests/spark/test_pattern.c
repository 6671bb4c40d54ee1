/* Patterns of times beside Spark's own answers. */
#include "check_main.h"

#include "pattern_parsed.h"
#include "pattern_printed.h"
#include "spark/pattern.h"

static struct arena a;
static int bad;

static const char *why(struct sp_error *e)
{
	const char *text = strstr(e->class, "PATTERN_RECOGNITION") ? "!pattern" : strstr(e->class, "NEW_PARSER") ? "!upgrade" : NULL;
	if (!text)
		text = arena_printf(&a, "!%s", e->text).p;
	text = arena_cstr(&a, sl(text));
	sp_error_free(e);
	return text;
}

static void same(const char *zone, const char *pattern, const char *text, const char *old, const char *got, const char *want)
{
	if ((!got != !want) || (got && strcmp(got, want) != 0)) {
		fprintf(stderr, "%s \"%s\" of \"%s\"%s: %s, but Spark: %s\n", zone, pattern, text, old, got ? got : "NULL", want ? want : "NULL");
		bad++;
	}
}

static const char *parse(const char *pattern, const char *text, enum sp_time_policy policy)
{
	struct sp_error e = { 0 };
	struct buf b = { 0 };
	struct sp_pattern *p = sp_pattern_make(&a, sl(pattern), SP_PATTERN_PARSE, policy, &e);
	const char *out = NULL;
	int64_t us;
	int rc;
	if (!p)
		return why(&e);
	rc = sp_pattern_timestamp(p, sl(text), NULL, &us);
	if (rc < 0 && sp_pattern_upgrade(&e, sl(text)))
		return why(&e);
	if (rc > 0) {
		sp_print_timestamp(&b, us, NULL);
		out = arena_cstr(&a, buf_slice(&b));
	}
	buf_free(&b);
	return out;
}

START_TEST(test_parse)
{
	bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(parsed); i++) {
		same("", parsed[i].pattern, parsed[i].text, "", parse(parsed[i].pattern, parsed[i].text, SP_POLICY_EXCEPTION), parsed[i].is);
		same("", parsed[i].pattern, parsed[i].text, " (old)", parse(parsed[i].pattern, parsed[i].text, SP_POLICY_LEGACY), parsed[i].old);
	}
	ck_assert_int_eq(bad, 0);
}
END_TEST

static const char *print(const struct sp_zone *z, const char *pattern, const char *time, enum sp_time_policy policy)
{
	struct sp_error e = { 0 };
	struct buf b = { 0 };
	struct sp_pattern *p = sp_pattern_make(&a, sl(pattern), SP_PATTERN_FORMAT, policy, &e);
	const char *out = NULL;
	int64_t us;
	if (!p)
		return why(&e);
	ck_assert(sp_text_timestamp(sl(time), z, 0, &us));
	if (sp_pattern_print(p, &b, us, z, &e)) {
		buf_free(&b);
		return why(&e);
	}
	out = arena_cstr(&a, buf_slice(&b));
	buf_free(&b);
	return out;
}

START_TEST(test_print)
{
	bad = 0;
	for (size_t i = 0; i < ARRAY_LEN(printed); i++) {
		const struct sp_zone *z = sp_zone_make(&a, sl(printed[i].zone));
		same(printed[i].zone, printed[i].pattern, printed[i].time, "", print(z, printed[i].pattern, printed[i].time, SP_POLICY_EXCEPTION),
		     printed[i].is);
		same(printed[i].zone, printed[i].pattern, printed[i].time, " (old)", print(z, printed[i].pattern, printed[i].time, SP_POLICY_LEGACY),
		     printed[i].old);
	}
	ck_assert_int_eq(bad, 0);
}
END_TEST

START_TEST(test_words)
{
	struct sp_error e = { 0 };
	ck_assert_int_eq(sp_pattern_upgrade(&e, S("2020-1-5")), 1);
	ck_assert_str_eq(e.class, "INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER");
	ck_assert_str_eq(e.text, "You may get a different result due to the upgrading to Spark >= 3.0:\nFail to parse '2020-1-5' in the new parser. "
				 "You can set \"spark.sql.legacy.timeParserPolicy\" to \"LEGACY\" to restore the behavior before Spark 3.0, or set "
				 "to \"CORRECTED\" and treat it as an invalid datetime string.");
	sp_error_free(&e);
	ck_assert_ptr_null(sp_pattern_make(&a, S("YYYY-MM-dd"), SP_PATTERN_FORMAT, SP_POLICY_EXCEPTION, &e));
	ck_assert_str_eq(e.text, "You may get a different result due to the upgrading to Spark >= 3.0:\nFail to recognize 'YYYY-MM-dd' pattern in the "
				 "DateTimeFormatter. 1) You can set \"spark.sql.legacy.timeParserPolicy\" to \"LEGACY\" to restore the behavior "
				 "before Spark 3.0. 2) You can form a valid datetime pattern with the guide from "
				 "'https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html'.");
	sp_error_free(&e);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pattern");
	TCase *t = tcase_create("all");
	int rc;
	tcase_add_test(t, test_parse);
	tcase_add_test(t, test_print);
	tcase_add_test(t, test_words);
	suite_add_tcase(s, t);
	rc = run_suite(s);
	arena_free(&a);
	return rc;
}
