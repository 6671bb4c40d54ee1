#include "check_main.h"
#include "scenario/scenario.h"

#include <string.h>

START_TEST(statements)
{
	struct scenario sc;
	struct error err;
	const char *text = "scenario \"A b\"\nseed 7\nclock 2026-01-05T09:00:00Z\nset x = 1\n"
			   "step \"One\" # comment\n  send POST /p type=a/b <<JSON\n{\"q\": 1}\nJSON\n"
			   "  expect json $.a[0] == \"two words\"\nstep Two\n  settle\n";
	ck_assert_msg(scenario_parse(&sc, "f", sl(text), &err) == 0, "%s", err.text);
	ck_assert_str_eq(sc.title, "A b");
	ck_assert_uint_eq(sc.seed, 7);
	ck_assert_uint_eq(sc.step_n, 2);
	ck_assert_uint_eq(sc.steps[0].n, 2);
	const struct statement *send = &sc.statements[sc.steps[0].first];
	ck_assert_str_eq(send->verb, "send");
	ck_assert_str_eq(send->here, "{\"q\": 1}\n");
	ck_assert_str_eq(statement_option(send, "type"), "a/b");
	ck_assert_str_eq(send[1].words[3].text, "two words");
	ck_assert_int_eq(send[1].line, 9);
	scenario_free(&sc);
}
END_TEST

static const struct {
	const char *text, *error;
} wrong[] = {
	{ "step a\n  expct x\n", "f:2:3: no such statement: expct (did you mean expect?)" },
	{ "settle\nstep a\n", "f:1:1: this line belongs into a step: settle" },
	{ "step a\nseed 4\n", "f:2:1: this line belongs before the first step: seed" },
	{ "seed x\nstep a\n", "f:1:6: not a value for this line: x" },
	{ "step a\n query <<SQL\nSELECT 1\n", "f:2:1: a here-document is not closed by: SQL" },
	{ "step a\n send \"x\n", "f:2:7: a quote is not closed" },
	{ "step a\n expect statu == 200\n", "f:2:9: nothing to expect is called statu (did you mean status?)" },
	{ "step a\n expect status = 200\n", "f:2:9: an operator is wanted: == is != < <= > >= ~ !~ contains exists absent (did you mean ==?)" },
	{ "step a\n expect status\n", "f:2:9: an operator is wanted: == is != < <= > >= ~ !~ contains exists absent" },
	{ "step a\n expect topic x recrods == 1\n", "f:2:17: topic has no recrods (did you mean records?)" },
	{ "step a\n expect row 1 == 2\n", "f:2:9: expect row N COLUMN OPERATOR VALUE" },
	{ "step a\n expect status == 200 OK\n", "f:2:16: one value is wanted after == (quote blanks)" },
	{ "step a\n expect body exists x\n", "f:2:14: no value is wanted after exists" },
	{ "step a\n query onn=rds q1\n", "f:2:8: query has no onn= (did you mean on?)" },
	{ "step a\n query into=x\n", "f:2:2: query wants NAME, or a here-document of SQL" },
	{ "step a\n send GET\n", "f:2:2: words are missing: send METHOD PATH|URL [to=SERVICE] [type=T] [header=\"Name: value\"]... [<<BODY]" },
	{ "step a\n settle now\n", "f:2:9: a word too many: settle" },
	{ "step a\n clock advance 7\n", "f:2:16: not a duration: 7" },
	{ "step a\n fault ad x\n", "f:2:8: fault add SITE key=value..., or fault clear [NAME...], not ad (did you mean add?)" },
	{ "step a\n fault clear name=x\n", "f:2:14: fault clear has no name=" },
	{ "step a after=b\n settle\n", "f:1:8: no step before it has the title: b" },
	{ "step a b\n settle\n", "f:1:8: a word too many: step \"TITLE\" [after=\"TITLE\"]" },
	{ "step a\n snapshot sav x\n", "f:2:11: snapshot save|restore NAME, not sav (did you mean save?)" },
	{ "step a\n connector c paus\n", "f:2:14: connector NAME pause|resume|stop|restart|delete, not paus (did you mean pause?)" },
	{ "step a\n connector c\n", "f:2:2: connector NAME pause|resume|stop|restart|delete, or NAME and a here-document of JSON" },
	{ "step a\n reset kafka ss3\n", "f:2:14: there is no service ss3 (did you mean s3?)" },
	{ "step a\n reset kafka=on\n", "f:2:8: reset has no kafka=" },
	{ "step a\n set x\n", "f:2:2: set NAME = VALUE" },
	{ "# nothing\n", "f:1:1: a scenario has at least one step" },
};

START_TEST(errors_point_at_the_place)
{
	struct scenario sc;
	struct error err = { 0 };
	ck_assert_int_eq(scenario_parse(&sc, "f", sl(wrong[_i].text), &err), ERR_INVALID);
	ck_assert_str_eq(err.text, wrong[_i].error);
	scenario_free(&sc);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario");
	TCase *t = tcase_create("scenario");
	tcase_add_test(t, statements);
	tcase_add_loop_test(t, errors_point_at_the_place, 0, ARRAY_LEN(wrong));
	suite_add_tcase(s, t);
	return run_suite(s);
}
