/* Filter patterns of CloudWatch Logs: the documentation's own examples, and what they refuse. */
#include <string.h>

#include "cloudwatch/logs_filter.h"
#include "check_main.h"
#include "core/json.h"

static const char accounts[] = "{\"eventType\": \"UpdateTrail\", \"sourceIPAddress\": \"111.111.111.111\", \"arrayKey\": [\"value\", \"another\"], "
			       "\"objectList\": [{\"name\": \"a\", \"id\": 1}, {\"name\": \"b\", \"id\": 2}], \"SomeObject\": null, \"ThisFlag\": true, "
			       "\"bandwidth\": 1.5e3, \"user\": {\"id\": 7, \"e-mail\": \"x@y.com\"}}";
static const char apache[] = "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534";

static const struct {
	const char *pattern, *line;
	bool is;
} cases[] = {
	{ "", "anything", true },
	{ "ERROR", "[ERROR 400] BAD REQUEST", true },
	{ "ERROR", "error", false },
	{ "ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true },
	{ "ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", false },
	{ "\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR", true },
	{ "\"INTERNAL SERVER ERROR\"", "[ERROR 500] SERVER INTERNAL ERROR", false },
	{ "?ERROR ?WARN", "[WARN 1] x", true },
	{ "?ERROR ?WARN", "fine", false },
	{ "?ERROR ?WARN REQUEST", "a REQUEST", true }, /* "?" beside others counts for nothing */
	{ "ERROR -ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST", true },
	{ "ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false },
	{ "-debug", "info", true },
	{ "ERROR -\"EXITING 2\"", "ERROR EXITING 2", false },
	{ "%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED", true },
	{ "%4[0-9]{2}%", "x 404", true },
	{ "%4[0-9]{2}%", "x 504", false },
	{ "\"a \\\"b\\\"\"", "say a \"b\" c", true },
	{ "{ $.eventType = \"UpdateTrail\" }", accounts, true },
	{ "{ $.eventType = UpdateTrail }", accounts, true },
	{ "{$.eventType=\"Update*\"}", accounts, true },
	{ "{ $.eventType != \"UpdateTrail\" }", accounts, false },
	{ "{ $.nothing != \"x\" }", accounts, false },
	{ "{ $.sourceIPAddress != 123.123.* }", accounts, true },
	{ "{ $.arrayKey[0] = \"value\" }", accounts, true },
	{ "{ $.arrayKey[1] = \"value\" }", accounts, false },
	{ "{ $.arrayKey[*] = another }", accounts, true },
	{ "{ $.objectList[1].id = 2 }", accounts, true },
	{ "{ $.objectList[*].id > 2 }", accounts, false },
	{ "{ $.SomeObject IS NULL }", accounts, true },
	{ "{ $.ThisFlag IS TRUE }", accounts, true },
	{ "{ $.ThisFlag IS FALSE }", accounts, false },
	{ "{ $.SomeOtherObject NOT EXISTS }", accounts, true },
	{ "{ $.ThisFlag NOT EXISTS }", accounts, false },
	{ "{ $.bandwidth > 1e3 }", accounts, true },
	{ "{ $.bandwidth <= 1499 }", accounts, false },
	{ "{ $.bandwidth = 1500 }", accounts, true },
	{ "{ ($.user.id = 1 || $.user.id = 7) && $.eventType = %^Upd% }", accounts, true },
	{ "{ $.user.id = 1 || $.user.id = 2 && $.ThisFlag IS TRUE }", accounts, false },
	{ "{ $.user.e-mail = \"*@y.com\" }", accounts, true },
	{ "{ $.user['e-mail'] = \"*@y.com\" }", accounts, true },
	{ "{ $.user.id = 7 }", "not json", false },
	{ "[ip, id, user, timestamp, request, status, bytes]", apache, true },
	{ "[ip, id, user, timestamp, request, status]", apache, false },
	{ "[ip, id, user, timestamp, request, status = 4*, bytes > 1000]", apache, true },
	{ "[ip, id, user, timestamp, request, status = 4*, bytes > 2000]", apache, false },
	{ "[..., request = *.html*, status_code = 4*, bytes]", apache, true },
	{ "[ip = 127.*, ...]", apache, true },
	{ "[ip, ..., bytes < 10]", apache, false },
	{ "[ip, ..., status = 404 || status = 410, bytes]", apache, true },
	{ "[ip, ..., (status >= 400 && status < 500), bytes]", apache, true },
	{ "[ip, , user = frank, ...]", apache, true },
	{ "[ip = %127\\.0\\.0\\.[1-9]%, ...]", apache, true },
	{ "[a, b]", "one two three", false },
};

START_TEST(lines_match)
{
	struct log_filter *f;
	struct error err = { 0 };
	int rc = log_filter_open(sl(cases[_i].pattern), &f, &err);
	ck_assert_msg(rc == 0, "%s: %s", cases[_i].pattern, err.text);
	ck_assert_msg(log_filter_matches(f, sl(cases[_i].line)) == cases[_i].is, "%s", cases[_i].pattern);
	log_filter_free(f);
}
END_TEST

static const struct {
	const char *pattern, *says;
} wrongs[] = {
	{ "foo.bar", "Invalid character(s) in term 'foo.bar'" },
	{ "\"open", "Invalid filter pattern" },
	{ "{ $.a }", "Invalid filter pattern" },
	{ "{ $.a = 1", "Invalid filter pattern" },
	{ "{ a = 1 }", "Invalid filter pattern" },
	{ "{ $.a = }", "Invalid filter pattern" },
	{ "{ $.a > \"x\" }", "Invalid filter pattern" },
	{ "{ $.a[x] = 1 }", "Invalid filter pattern" },
	{ "{ $.a = 1 } x", "Invalid filter pattern" },
	{ "[a, b", "Invalid filter pattern" },
	{ "[..., ..., a]", "Invalid filter pattern" },
	{ "%(%", "Invalid filter pattern" },
	{ "? x", "Invalid character(s) in term ''" },
};

START_TEST(patterns_are_refused)
{
	struct log_filter *f = NULL;
	struct error err = { 0 };
	ck_assert_msg(log_filter_open(sl(wrongs[_i].pattern), &f, &err) == ERR_INVALID, "%s", wrongs[_i].pattern);
	ck_assert_str_eq(err.text, wrongs[_i].says);
}
END_TEST

START_TEST(depth_and_size_have_limits)
{
	struct log_filter *f = NULL;
	struct error err = { 0 };
	char deep[LOG_FILTER_MAX + 8];
	memset(deep, '(', sizeof(deep));
	deep[0] = '{';
	ck_assert_int_eq(log_filter_open(sl_of(deep, 600), &f, &err), ERR_INVALID);
	ck_assert_int_eq(log_filter_open(sl_of(deep, sizeof(deep)), &f, &err), ERR_INVALID);
}
END_TEST

START_TEST(values_are_taken_out)
{
	struct log_filter *f;
	double n;
	ck_assert_int_eq(log_filter_open(S("[ip, id, user, timestamp, request = GET*, status, bytes]"), &f, NULL), 0);
	json_t *v = log_filter_values(f, sl(apache));
	ck_assert_str_eq(jstr(v, "$timestamp"), "10/Oct/2000:13:25:15 -0700");
	ck_assert_str_eq(jstr(v, "$request"), "GET /index.html HTTP/1.0");
	json_decref(v);
	ck_assert(log_filter_number(f, sl(apache), S("$bytes"), &n) && n == 1534);
	ck_assert(!log_filter_number(f, sl(apache), S("$user"), &n));
	log_filter_free(f);
	ck_assert_int_eq(log_filter_open(S("{ $.ThisFlag IS TRUE }"), &f, NULL), 0);
	ck_assert(log_filter_number(f, sl(accounts), S("$.user.id"), &n) && n == 7);
	v = log_filter_values(f, sl(accounts));
	ck_assert_str_eq(jstr(v, "$.ThisFlag"), "true");
	json_decref(v);
	log_filter_free(f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("logs filter");
	TCase *t = tcase_create("patterns");
	tcase_add_loop_test(t, lines_match, 0, (int)ARRAY_LEN(cases));
	tcase_add_loop_test(t, patterns_are_refused, 0, (int)ARRAY_LEN(wrongs));
	tcase_add_test(t, depth_and_size_have_limits);
	tcase_add_test(t, values_are_taken_out);
	suite_add_tcase(s, t);
	return run_suite(s);
}
