/* Functions of dates, times and intervals beside Spark's answers. */
#include "sql.h"

#include "date_answers.h"

START_TEST(test_dates)
{
	sql_check(dates, ARRAY_LEN(dates));
}
END_TEST

START_TEST(test_ansi)
{
	sql_session.ansi = true;
	sql_check(dates_ansi, ARRAY_LEN(dates_ansi));
	sql_session.ansi = false;
}
END_TEST

START_TEST(test_zone)
{
	sql_session.zone = "America/New_York";
	sql_check(dates_new_york, ARRAY_LEN(dates_new_york));
	sql_session.zone = "UTC";
}
END_TEST

/* What a statement sees of the clock is one instant. */
START_TEST(test_now)
{
	static const struct sql_case now[] = {
		{ "current_timestamp()", "2023-11-14 22:13:20.123456" }, { "now() = current_timestamp", "true" }, { "current_date", "2023-11-14" },
		{ "curdate()", "2023-11-14" }, { "unix_timestamp()", "1700000000" }, { "localtimestamp()", "2023-11-14 22:13:20.123456" },
		{ "DATE 'tomorrow'", "2023-11-15" }, { "TIMESTAMP 'now'", "2023-11-14 22:13:20.123456" },
		{ "CAST('12:30' AS TIMESTAMP)", "2023-11-14 12:30:00" },
	};
	sql_check(now, ARRAY_LEN(now));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dates");
	TCase *t = tcase_create("all");
	tcase_add_test(t, test_dates);
	tcase_add_test(t, test_ansi);
	tcase_add_test(t, test_zone);
	tcase_add_test(t, test_now);
	suite_add_tcase(s, t);
	return run_suite(s);
}
