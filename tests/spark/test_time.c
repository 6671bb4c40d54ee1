/* Times, zones and intervals as Spark reads and prints them. */
#include "check_main.h"

#include "spark/time.h"
#include "time_answers.h"

static struct arena a;
static const struct sp_zone *new_york;

static void setup(void)
{
	new_york = sp_zone_make(&a, S("America/New_York"));
	ck_assert_ptr_nonnull(new_york);
}

static void teardown(void)
{
	arena_free(&a);
}

static const char *printed(struct buf *b, bool good)
{
	const char *text = good ? arena_cstr(&a, buf_slice(b)) : NULL;
	buf_free(b);
	*b = (struct buf){ 0 };
	return text;
}

static void same(const char *what, const char *text, const char *got, const char *want)
{
	if ((!got != !want) || (got && strcmp(got, want) != 0))
		ck_abort_msg("%s of \"%s\": %s, but Spark: %s", what, text, got ? got : "NULL", want ? want : "NULL");
}

START_TEST(test_texts)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct slice s = sl(texts[i].text);
		struct buf b = { 0 };
		int32_t days;
		int64_t us;
		bool good = sp_text_date(s, &days);
		if (good)
			sp_print_date(&b, days);
		same("date", texts[i].text, printed(&b, good), texts[i].date);
		good = sp_text_timestamp(s, NULL, 0, &us);
		if (good)
			sp_print_timestamp(&b, us, NULL);
		same("timestamp", texts[i].text, printed(&b, good), texts[i].utc);
		good = sp_text_timestamp_ntz(s, true, &us);
		if (good)
			sp_print_local(&b, us);
		same("timestamp_ntz", texts[i].text, printed(&b, good), texts[i].ntz);
		good = sp_text_timestamp(s, new_york, 0, &us);
		if (good)
			sp_print_timestamp(&b, us, new_york);
		same("timestamp in New York", texts[i].text, printed(&b, good), texts[i].new_york);
	}
}
END_TEST

START_TEST(test_time_alone)
{
	int64_t us;
	ck_assert(sp_text_timestamp(S("12:30"), NULL, 86400 * INT64_C(1000000) * 3 + 5, &us));
	ck_assert_int_eq(us, (86400 * 3 + 45000) * INT64_C(1000000));
	ck_assert(sp_text_timestamp(S("T12:30:01"), NULL, 5, &us));
	ck_assert_int_eq(us, 45001 * INT64_C(1000000));
	ck_assert(!sp_text_timestamp(S(" T12:30:01"), NULL, 5, &us));
	ck_assert(!sp_text_timestamp_ntz(S("12:30"), true, &us));
	ck_assert(!sp_text_timestamp_ntz(S("2020-01-01 00:00:00Z"), false, &us));
}
END_TEST

START_TEST(test_specials)
{
	int64_t now = INT64_C(1700000000123456), us; /* 2023-11-14 22:13:20.123456 */
	int32_t days;
	ck_assert(sp_literal_date(S(" Tomorrow "), NULL, now, &days) && days == 19676);
	ck_assert(sp_literal_date(S("epoch UTC"), NULL, now, &days) && days == 0);
	ck_assert(!sp_literal_date(S("now UTC"), NULL, now, &days));
	ck_assert(sp_literal_timestamp(S("now"), new_york, now, &us) && us == now);
	ck_assert(sp_literal_timestamp(S("today"), new_york, now, &us) && us == (INT64_C(19675) * 86400 + 5 * 3600) * SP_US);
	ck_assert(sp_literal_timestamp_ntz(S("now"), new_york, now, &us) && us == now - 5 * INT64_C(3600000000));
	ck_assert(sp_text_has_zone(S("2020-01-01 00:00:00 PST")) && !sp_text_has_zone(S("2020-01-01")));
}
END_TEST

/* Days, fields and back over the whole calendar; instants over the changes of several zones. */
START_TEST(test_there_and_back)
{
	static const char *const zones[] = { "America/New_York", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca",
					     "America/Sao_Paulo", "Pacific/Apia", "+05:30", "GMT-3", "America/Godthab" };
	for (int64_t d = -800000; d < 800000; d += 7) {
		int64_t y;
		int m, day;
		sp_civil(d, &y, &m, &day);
		ck_assert_int_eq(sp_days(y, m, day), d);
	}
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		const struct sp_zone *z = sp_zone_make(&a, sl(zones[i]));
		ck_assert_msg(z, "%s", zones[i]);
		for (int64_t s = -3000000000; s < 4000000000; s += 10800 * 7 + 1800) {
			int64_t local = sp_to_local(z, s * SP_US), back = sp_to_utc(z, local);
			if (back != s * SP_US) /* an overlap: the earlier one */
				ck_assert(back < s * SP_US && sp_to_local(z, back) == local);
		}
	}
}
END_TEST

START_TEST(test_zones)
{
	static const struct {
		const char *name, *id;
	} known[] = { { "UTC", "UTC" }, { "Z", "Z" }, { "+8:00", "+08:00" }, { "-08", "-08:00" }, { "+0530", "+05:30" }, { "GMT+8", "GMT+08:00" },
		      { "UT", "UT" }, { "GMT0", "GMT0" }, { "PST", "America/Los_Angeles" }, { "EST", "-05:00" }, { "+1", "+01:00" },
		      { "UTC-03:30", "UTC-03:30" }, { "Etc/GMT-14", "Etc/GMT-14" }, { "+00:00", "Z" }, { "UTC+0", "UTC" } };
	static const char *const unknown[] = { "", "utc", "Foo", "+19:00", "+18:01", "+1:2:3", "../etc/passwd", "Europe", "tzdata.zi", "z", "GMT+",
					       "ROC", "posixrules", "America/New York", "A" };
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct sp_zone *z = sp_zone_make(&a, sl(known[i].name));
		ck_assert_msg(z, "%s", known[i].name);
		same("zone", known[i].name, arena_cstr(&a, sp_zone_id(z)), known[i].id);
	}
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		ck_assert_msg(!sp_zone_make(&a, sl(unknown[i])), "%s", unknown[i]);
}
END_TEST

START_TEST(test_units)
{
	struct slice why = sl(NULL);
	struct sp_calendar c;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		struct buf b = { 0 };
		struct sp_value v = { 0 };
		bool good = sp_interval_units(sl(units[i].text), &v.c, NULL, NULL);
		if (good)
			sp_print_interval(&b, &sp_types[SP_INTERVAL], &v, SP_INTERVAL_ANSI);
		same("interval", units[i].text, printed(&b, good), units[i].is);
	}
	ck_assert(!sp_interval_units(S(" 1 foo"), &c, &a, &why));
	same("why", "1 foo", arena_cstr(&a, why), "Error parsing ' 1 foo' to interval, invalid unit 'foo'");
	ck_assert(!sp_interval_units(S(" 9223372036854775807 day"), &c, &a, &why));
	same("why", "day", arena_cstr(&a, why), "Error parsing ' 9223372036854775807 day' to interval, integer overflow");
}
END_TEST

static struct sp_type type_of(const char *fields)
{
	static const char *const names[] = { "year", "month", "day", "hour", "minute", "second" };
	struct sp_type t = { 0 };
	struct slice first, last, s = sl(fields);
	ssize_t to = sl_find(s, S(" to "));
	first = to < 0 ? s : sl_of(s.p, (size_t)to);
	last = to < 0 ? s : sl_from(s, (size_t)to + 4);
	for (uint8_t i = 0; i < ARRAY_LEN(names); i++) {
		uint8_t field = i < 2 ? i : (uint8_t)(i - 2);
		t.kind = sl_eqs(first, names[i]) ? i < 2 ? SP_INTERVAL_YM : SP_INTERVAL_DT : t.kind;
		t.precision = sl_eqs(first, names[i]) ? field : t.precision;
		t.scale = sl_eqs(last, names[i]) ? field : t.scale;
	}
	return t;
}

START_TEST(test_ranges)
{
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		struct sp_type t = type_of(ranges[i].fields);
		struct buf b = { 0 };
		struct slice why;
		struct sp_value v;
		bool good = sp_text_interval(&t, sl(ranges[i].text), &v, &a, &why);
		if (good)
			sp_print_interval(&b, &t, &v, SP_INTERVAL_ANSI);
		else if (why.p)
			buf_addf(&b, "!%.*s", SL(why));
		same(ranges[i].fields, ranges[i].text, printed(&b, good || why.p), ranges[i].is);
	}
}
END_TEST

START_TEST(test_calendar)
{
	int32_t days;
	int64_t us, year;
	ck_assert(sp_add_months((int32_t)sp_days(2020, 1, 31), 1, &days) && days == sp_days(2020, 2, 29));
	ck_assert(sp_add_months((int32_t)sp_days(2020, 2, 29), -12, &days) && days == sp_days(2019, 2, 28));
	ck_assert_int_eq(sp_day_of_week(0), 4);
	ck_assert_int_eq(sp_day_of_year(sp_days(2020, 12, 31)), 366);
	ck_assert_int_eq(sp_iso_week(sp_days(2021, 1, 3), &year), 53);
	ck_assert_int_eq(year, 2020);
	ck_assert_int_eq(sp_trunc_date((int32_t)sp_days(2020, 5, 17), SP_TRUNC_QUARTER), sp_days(2020, 4, 1));
	ck_assert_int_eq(sp_trunc_date((int32_t)sp_days(2020, 5, 17), SP_TRUNC_WEEK), sp_days(2020, 5, 11));
	/* A day over the change of a clock has 23 hours; 24 hours are 24 hours. */
	ck_assert(sp_text_timestamp(S("2021-03-13 12:00:00"), new_york, 0, &us));
	ck_assert(sp_add_interval(new_york, us, 0, 1, 0, &year));
	ck_assert_int_eq(year - us, 23 * INT64_C(3600000000));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("time");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_texts);
	tcase_add_test(t, test_time_alone);
	tcase_add_test(t, test_specials);
	tcase_add_test(t, test_there_and_back);
	tcase_add_test(t, test_zones);
	tcase_add_test(t, test_units);
	tcase_add_test(t, test_ranges);
	tcase_add_test(t, test_calendar);
	suite_add_tcase(s, t);
	return run_suite(s);
}
