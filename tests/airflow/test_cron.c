/* Cron expressions, intervals, trigger rules. Expected times: worked out by hand from the calendar. */
#include "airflow/airflow.h"

#include <stdio.h>

#include "check_main.h"

static int64_t at(const char *iso)
{
	int64_t ms;
	ck_assert_msg(clock_parse_iso(sl(iso), &ms), "%s", iso);
	return ms;
}

static void expect(int64_t got, const char *want, const char *label)
{
	char text[32] = "never";
	if (got >= 0)
		clock_iso_sec(got, text);
	ck_assert_msg(!strcmp(text, want), "%s: got %s, want %s", label, text, want);
}

static const struct {
	const char *cron, *from, *next, *prev;
} rows[] = {
	{ "0 0 * * *", "2024-08-18T00:00:00Z", "2024-08-19T00:00:00Z", "2024-08-17T00:00:00Z" },
	{ "0 0 * * *", "2024-08-18T00:00:01Z", "2024-08-19T00:00:00Z", "2024-08-18T00:00:00Z" },
	{ "0 12 * * *", "2024-08-18T11:59:00Z", "2024-08-18T12:00:00Z", "2024-08-17T12:00:00Z" },
	{ "*/15 * * * *", "2024-08-18T09:07:00Z", "2024-08-18T09:15:00Z", "2024-08-18T09:00:00Z" },
	{ "*/1 * * * *", "2024-08-18T09:07:30Z", "2024-08-18T09:08:00Z", "2024-08-18T09:07:00Z" },
	{ "0 6,10,18 * * MON-FRI", "2024-08-16T18:00:00Z", "2024-08-19T06:00:00Z", "2024-08-16T10:00:00Z" },
	{ "0 0 * * 0", "2024-08-18T00:00:00Z", "2024-08-25T00:00:00Z", "2024-08-11T00:00:00Z" },
	{ "0 0 * * 7", "2024-08-18T00:00:00Z", "2024-08-25T00:00:00Z", "2024-08-11T00:00:00Z" },
	{ "0 0 1 */3 *", "2024-08-18T00:00:00Z", "2024-10-01T00:00:00Z", "2024-07-01T00:00:00Z" },
	{ "0 0 1 1 *", "2024-08-18T00:00:00Z", "2025-01-01T00:00:00Z", "2024-01-01T00:00:00Z" },
	{ "0 0 29 2 *", "2024-08-18T00:00:00Z", "2028-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
	{ "0 0 L * *", "2024-02-10T00:00:00Z", "2024-02-29T00:00:00Z", "2024-01-31T00:00:00Z" },
	{ "0 0 * * MON#2", "2024-08-18T00:00:00Z", "2024-09-09T00:00:00Z", "2024-08-12T00:00:00Z" },
	{ "30 4 1,15 * 5", "2024-08-18T00:00:00Z", "2024-08-23T04:30:00Z", "2024-08-16T04:30:00Z" }, /* day or weekday */
	{ "0 22-2 * * *", "2024-08-18T23:30:00Z", "2024-08-19T00:00:00Z", "2024-08-18T23:00:00Z" },
	{ "5/20 3 * * *", "2024-08-18T03:06:00Z", "2024-08-18T03:25:00Z", "2024-08-18T03:05:00Z" },
	/* A star with a step is no star: day or weekday; one that takes all is, beside another star. */
	{ "0 12 */10 * mon", "2025-12-30T07:03:00Z", "2025-12-31T12:00:00Z", "2025-12-29T12:00:00Z" },
	{ "0 12 */10 * mon", "2025-12-31T12:00:00Z", "2026-01-01T12:00:00Z", "2025-12-29T12:00:00Z" },
	{ "31 * */24 jul,jun,may 3", "2025-12-30T07:03:00Z", "2026-05-01T00:31:00Z", "2025-07-30T23:31:00Z" },
	{ "0 0 1,15 * */2", "2025-12-30T07:03:00Z", "2026-01-01T00:00:00Z", "2025-12-30T00:00:00Z" },
	{ "0 0 1,15 * */2", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "2025-12-30T00:00:00Z" },
	{ "0 0 */1 * mon", "2025-12-30T07:03:00Z", "2025-12-31T00:00:00Z", "2025-12-30T00:00:00Z" },
	{ "0 0 */1 * */2", "2025-12-30T07:03:00Z", "2026-01-01T00:00:00Z", "2025-12-30T00:00:00Z" },
	{ "0 0 * * L5", "2025-12-30T07:03:00Z", "2026-01-30T00:00:00Z", "2025-12-26T00:00:00Z" },
	{ "0 0 * * L5", "2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2025-12-26T00:00:00Z" },
	{ "0 0 31 2 *", "2024-08-18T00:00:00Z", "never", "never" },
};

START_TEST(test_cron)
{
	struct af_cron c;
	const char *why;
	ck_assert_msg(af_cron_parse(sl(rows[_i].cron), &c, &why), "%s: %s", rows[_i].cron, why);
	expect(af_cron_next(&c, at(rows[_i].from)), rows[_i].next, rows[_i].cron);
	expect(af_cron_prev(&c, at(rows[_i].from)), rows[_i].prev, rows[_i].cron);
}
END_TEST

START_TEST(test_not_cron)
{
	static const char *const bad[] = { "", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "a * * * *",
					   "*/0 * * * *", "1,, * * * *", "1- * * * *", "* * * * * *", "* * * * MON#6" };
	struct af_cron c;
	const char *why;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!af_cron_parse(sl(bad[i]), &c, &why), "%s", bad[i]);
}
END_TEST

static struct af_schedule daily(void)
{
	struct af_schedule s = { .kind = SCHED_CRON };
	const char *why;
	ck_assert(af_cron_parse(S("0 0 * * *"), &s.cron, &why));
	return s;
}

static const struct {
	const char *label, *last_end, *start, *now;
	bool catchup;
	const char *from, *to;
} intervals[] = {
	{ "the first run covers the first whole day", NULL, "2024-08-18T00:00:00Z", "2024-08-18T09:00:00Z", true, "2024-08-18T00:00:00Z", "2024-08-19T00:00:00Z" },
	{ "a start within a day waits for the next tick", NULL, "2024-08-18T05:00:00Z", "2024-08-18T09:00:00Z", true, "2024-08-19T00:00:00Z", "2024-08-20T00:00:00Z" },
	{ "catchup starts at the start", NULL, "2024-08-01T00:00:00Z", "2024-08-18T09:00:00Z", true, "2024-08-01T00:00:00Z", "2024-08-02T00:00:00Z" },
	{ "without catchup the latest complete day", NULL, "2024-08-01T00:00:00Z", "2024-08-18T09:00:00Z", false, "2024-08-17T00:00:00Z", "2024-08-18T00:00:00Z" },
	{ "on the tick the day that just ended", NULL, "2024-08-01T00:00:00Z", "2024-08-18T00:00:00Z", false, "2024-08-17T00:00:00Z", "2024-08-18T00:00:00Z" },
	{ "without catchup not before the start", NULL, "2024-08-18T00:00:00Z", "2024-08-18T09:00:00Z", false, "2024-08-18T00:00:00Z", "2024-08-19T00:00:00Z" },
	{ "the one after the last", "2024-08-10T00:00:00Z", "2024-08-01T00:00:00Z", "2024-08-18T09:00:00Z", true, "2024-08-10T00:00:00Z", "2024-08-11T00:00:00Z" },
	{ "a pause is skipped without catchup", "2024-08-10T00:00:00Z", "2024-08-01T00:00:00Z", "2024-08-18T09:00:00Z", false, "2024-08-17T00:00:00Z", "2024-08-18T00:00:00Z" },
};

START_TEST(test_interval)
{
	struct af_schedule s = daily();
	struct af_interval i;
	const char *last = intervals[_i].last_end;
	ck_assert(af_sched_interval(&s, last ? at(last) : -1, at(intervals[_i].start), -1, intervals[_i].catchup, at(intervals[_i].now), &i));
	expect(i.start_ms, intervals[_i].from, intervals[_i].label);
	expect(i.end_ms, intervals[_i].to, intervals[_i].label);
	ck_assert_int_eq(i.after_ms, i.end_ms);
}
END_TEST

START_TEST(test_other_schedules)
{
	struct af_schedule none = { .kind = SCHED_NONE }, once = { .kind = SCHED_ONCE }, delta = { .kind = SCHED_DELTA, .delta_ms = 86400000 };
	struct af_schedule tick = daily();
	int64_t start = at("2024-08-18T06:00:00Z"), now = at("2024-08-20T09:00:00Z");
	struct af_interval i;
	ck_assert(!af_sched_interval(&none, -1, start, -1, true, now, &i));
	ck_assert(af_sched_interval(&once, -1, start, -1, true, now, &i));
	ck_assert_int_eq(i.after_ms, start);
	ck_assert(!af_sched_interval(&once, start, start, -1, true, now, &i));
	ck_assert(af_sched_interval(&delta, -1, start, -1, true, now, &i));
	expect(i.end_ms, "2024-08-19T06:00:00Z", "a timedelta counts from the start");
	tick.trigger = true;
	ck_assert(af_sched_interval(&tick, -1, start, -1, true, now, &i));
	expect(i.start_ms, "2024-08-19T00:00:00Z", "Airflow 3: the tick itself");
	ck_assert_int_eq(i.start_ms, i.end_ms);
	ck_assert(!af_sched_interval(&tick, at("2024-08-20T00:00:00Z"), start, at("2024-08-20T12:00:00Z"), true, now, &i));
	struct af_interval m = af_sched_manual(&delta, now);
	ck_assert_int_eq(m.end_ms - m.start_ms, 86400000);
	tick.trigger = false;
	struct af_schedule always = { .kind = SCHED_CONTINUOUS };
	ck_assert(af_sched_interval(&always, now, start, -1, false, now, &i));
	ck_assert_int_eq(i.after_ms, now + 1000);
	m = af_sched_manual(&tick, now);
	expect(m.start_ms, "2024-08-19T00:00:00Z", "a run by hand has the last complete day");
	expect(m.end_ms, "2024-08-20T00:00:00Z", "a run by hand has the last complete day");
}
END_TEST

/* Europe/London: UTC+1 from 2024-03-31T01:00Z to 2024-10-27T01:00Z. */
START_TEST(test_zone)
{
	struct af_zone_step steps[] = { { 0, 0 }, { at("2024-03-31T01:00:00Z"), 3600000 }, { at("2024-10-27T01:00:00Z"), 0 } };
	struct af_schedule s = daily();
	s.zone = steps;
	s.zone_n = ARRAY_LEN(steps);
	expect(af_sched_next(&s, at("2024-08-18T09:00:00Z")), "2024-08-18T23:00:00Z", "midnight in summer");
	expect(af_sched_prev(&s, at("2024-08-18T09:00:00Z")), "2024-08-17T23:00:00Z", "midnight in summer");
	expect(af_sched_next(&s, at("2024-03-30T12:00:00Z")), "2024-03-31T00:00:00Z", "the night the clock goes forward");
	expect(af_sched_next(&s, at("2024-03-31T00:00:00Z")), "2024-03-31T23:00:00Z", "the day after");
	expect(af_sched_next(&s, at("2024-10-26T23:00:00Z")), "2024-10-28T00:00:00Z", "the day of 25 hours");
	expect(af_sched_prev(&s, at("2024-10-28T00:00:00Z")), "2024-10-26T23:00:00Z", "and back");
}
END_TEST

/* The night that has an hour twice: Airflow goes by elapsed time where the hour field is a star, else the second one counts. */
START_TEST(test_hour_twice)
{
	static const struct {
		const char *cron, *zone_from;
		int64_t summer_h, winter_h;
		const char *from, *next[3];
	} nights[] = {
		{ "0 * * * *", "2026-10-25T01:00:00Z", 1, 0, "2026-10-24T23:00:00Z", { "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z" } },
		{ "30 1 * * *", "2026-10-25T01:00:00Z", 1, 0, "2026-10-24T12:00:00Z", { "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z", "2026-10-27T01:30:00Z" } },
		{ "0 1 * * *", "2026-11-01T06:00:00Z", -4, -5, "2026-10-31T12:00:00Z", { "2026-11-01T06:00:00Z", "2026-11-02T06:00:00Z", "2026-11-03T06:00:00Z" } },
	};
	for (size_t i = 0; i < ARRAY_LEN(nights); i++) {
		struct af_zone_step steps[] = { { 0, nights[i].summer_h * 3600000 }, { at(nights[i].zone_from), nights[i].winter_h * 3600000 } };
		struct af_schedule s = { .kind = SCHED_CRON, .zone = steps, .zone_n = 2 };
		const char *why;
		int64_t ms = at(nights[i].from), before;
		ck_assert(af_cron_parse(sl(nights[i].cron), &s.cron, &why));
		for (size_t n = 0; n < 3; n++) {
			before = ms;
			ms = af_sched_next(&s, ms);
			expect(ms, nights[i].next[n], nights[i].cron);
			if (n)
				ck_assert_msg(af_sched_prev(&s, ms) == before, "%s: back from %s", nights[i].cron, nights[i].next[n]);
		}
	}
}
END_TEST

static const struct {
	enum af_rule rule;
	size_t good, bad, skipped, open;
	enum af_ti_state want;
} rules[] = {
	{ RULE_ALL_SUCCESS, 2, 0, 0, 0, TI_SCHEDULED },      { RULE_ALL_SUCCESS, 1, 0, 0, 1, TI_NONE },
	{ RULE_ALL_SUCCESS, 1, 1, 0, 1, TI_UPSTREAM_FAILED }, { RULE_ALL_SUCCESS, 1, 0, 1, 0, TI_SKIPPED },
	{ RULE_ALL_FAILED, 0, 2, 0, 0, TI_SCHEDULED },       { RULE_ALL_FAILED, 1, 1, 0, 0, TI_SKIPPED },
	{ RULE_ALL_DONE, 1, 1, 0, 0, TI_SCHEDULED },         { RULE_ALL_DONE, 1, 0, 0, 1, TI_NONE },
	{ RULE_ALL_SKIPPED, 0, 0, 2, 0, TI_SCHEDULED },      { RULE_ALL_SKIPPED, 1, 0, 1, 0, TI_SKIPPED },
	{ RULE_ONE_SUCCESS, 1, 0, 0, 1, TI_SCHEDULED },      { RULE_ONE_SUCCESS, 0, 1, 1, 0, TI_UPSTREAM_FAILED },
	{ RULE_ONE_SUCCESS, 0, 0, 2, 0, TI_SKIPPED },        { RULE_ONE_FAILED, 0, 1, 0, 1, TI_SCHEDULED },
	{ RULE_ONE_FAILED, 2, 0, 0, 0, TI_SKIPPED },         { RULE_ONE_DONE, 0, 1, 0, 1, TI_SCHEDULED },
	{ RULE_ONE_DONE, 0, 0, 2, 0, TI_SKIPPED },           { RULE_NONE_FAILED, 1, 0, 1, 0, TI_SCHEDULED },
	{ RULE_NONE_FAILED, 1, 1, 0, 0, TI_UPSTREAM_FAILED }, { RULE_NONE_FAILED_MIN_ONE_SUCCESS, 1, 0, 1, 0, TI_SCHEDULED },
	{ RULE_NONE_FAILED_MIN_ONE_SUCCESS, 0, 0, 2, 0, TI_SKIPPED }, { RULE_NONE_SKIPPED, 1, 1, 0, 0, TI_SCHEDULED },
	{ RULE_NONE_SKIPPED, 1, 0, 1, 0, TI_SKIPPED },       { RULE_ALWAYS, 0, 0, 0, 2, TI_SCHEDULED },
};

START_TEST(test_rule)
{
	size_t count[TI_REMOVED + 1] = { 0 }, n = rules[_i].good + rules[_i].bad + rules[_i].skipped + rules[_i].open;
	count[TI_SUCCESS] = rules[_i].good;
	count[TI_FAILED] = rules[_i].bad;
	count[TI_SKIPPED] = rules[_i].skipped;
	count[TI_NONE] = rules[_i].open;
	ck_assert_msg(af_rule_judge(rules[_i].rule, n, count) == rules[_i].want, "%s, row %d", af_rule_name(rules[_i].rule), _i);
}
END_TEST

static const struct {
	const char *json, *error; /* error NULL: it is a DAG */
} dags[] = {
	{ "{\"dag_id\":\"x\",\"start_date\":\"2024-08-18\",\"schedule\":\"@daily\",\"tasks\":[{\"id\":\"a\"},{\"id\":\"b\",\"upstream\":[\"a\"]}]}", NULL },
	{ "{\"dag_id\":\"x\",\"schedule\":null,\"tasks\":[{\"id\":\"a\",\"notebook_path\":\"/n\",\"cluster\":\"c\"}]}", NULL },
	{ "{\"dag_id\":\"x y\",\"tasks\":[]}", "dag_id is made of" },
	{ "{\"dag_id\":\"x\",\"tasks\":3}", "tasks is a list" },
	{ "{\"dag_id\":\"x\",\"schedule\":\"@hourly\",\"tasks\":[{\"id\":\"a\"}]}", "start_date" },
	{ "{\"dag_id\":\"x\",\"schedule\":\"every day\",\"tasks\":[]}", "AirflowTimetableInvalid" },
	{ "{\"dag_id\":\"x\",\"start_date\":\"soon\",\"tasks\":[]}", "start_date is no date" },
	{ "{\"dag_id\":\"x\",\"tasks\":[{\"id\":\"a\"},{\"id\":\"a\"}]}", "already been added" },
	{ "{\"dag_id\":\"x\",\"tasks\":[{\"id\":\"a\",\"upstream\":[\"b\"]}]}", "no task of this DAG" },
	{ "{\"dag_id\":\"x\",\"tasks\":[{\"id\":\"a\",\"upstream\":[\"b\"]},{\"id\":\"b\",\"upstream\":[\"a\"]}]}", "Cycle detected" },
	{ "{\"dag_id\":\"x\",\"tasks\":[{\"id\":\"a\",\"trigger_rule\":\"most\"}]}", "trigger_rule most" },
};

START_TEST(test_dag)
{
	json_t *o = json_loads(dags[_i].json, 0, NULL);
	struct af_dag *d = NULL;
	struct error err = { 0 };
	int rc = af_dag_read(NULL, o, "x.json", &d, &err);
	if (dags[_i].error)
		ck_assert_msg(rc && strstr(err.text, dags[_i].error), "%s: %s", dags[_i].json, err.text);
	else
		ck_assert_msg(!rc, "%s", err.text);
	if (!rc)
		af_dag_free(d);
	json_decref(o);
}
END_TEST

START_TEST(test_time)
{
	int64_t a, b;
	ck_assert(af_parse_time(S("2024-08-18T09:00:00+01:00"), &a) && af_parse_time(S("2024-08-18T08:00:00Z"), &b));
	ck_assert_int_eq(a, b);
	ck_assert(af_parse_time(S("2024-08-18"), &a) && af_parse_time(S("2024-08-18 00:00:00.000000+0000"), &b));
	ck_assert_int_eq(a, b);
	ck_assert(!af_parse_time(S("2024-08-18T09:00:00+1"), &a));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("airflow");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, test_cron, 0, ARRAY_LEN(rows));
	tcase_add_test(t, test_not_cron);
	tcase_add_loop_test(t, test_interval, 0, ARRAY_LEN(intervals));
	tcase_add_test(t, test_other_schedules);
	tcase_add_test(t, test_zone);
	tcase_add_test(t, test_hour_twice);
	tcase_add_loop_test(t, test_rule, 0, ARRAY_LEN(rules));
	tcase_add_loop_test(t, test_dag, 0, ARRAY_LEN(dags));
	tcase_add_test(t, test_time);
	suite_add_tcase(s, t);
	return run_suite(s);
}
