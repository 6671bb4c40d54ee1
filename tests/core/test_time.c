/* Clock, timers, faults, configuration. */
#include "env.h"
#include "core/conf.h"
#include "core/fault.h"

#include <string.h>

static const struct {
	const char *text;
	bool ok;
	int64_t ms;
} times[] = {
	{ "1970-01-01T00:00:00Z", true, 0 },
	{ "2026-01-05T09:00:00Z", true, 1767603600000 },
	{ "2026-01-05 09:00:00.250", true, 1767603600250 },
	{ "2024-02-29", true, 1709164800000 },
	{ "2023-02-29", false, 0 },
	{ "2026-13-01", false, 0 },
	{ "2026-01-05T24:00:00Z", false, 0 },
	{ "2026-01-05T09:00:00Zx", false, 0 },
	{ "", false, 0 },
};

START_TEST(iso)
{
	int64_t ms = -1;
	ck_assert_int_eq(clock_parse_iso(sl(times[_i].text), &ms), times[_i].ok);
	if (times[_i].ok)
		ck_assert_int_eq(ms, times[_i].ms);
}
END_TEST

START_TEST(calendar_round)
{
	for (int64_t d = -800000; d < 800000; d += 97) {
		int y, m, day;
		clock_civil(d, &y, &m, &day);
		ck_assert_int_eq(clock_days(y, m, day), d);
	}
	char text[40];
	clock_http(1767603600000, text);
	ck_assert_str_eq(text, "Mon, 05 Jan 2026 09:00:00 GMT");
	clock_amz(1767603600000, text);
	ck_assert_str_eq(text, "20260105T090000Z");
}
END_TEST

struct seen {
	struct clock *c;
	char order[16];
	size_t n;
	int64_t at[16];
	struct clock_timer again;
};

static struct seen seen;

static void note(void *arg)
{
	seen.at[seen.n] = clock_now_ms(seen.c);
	seen.order[seen.n++] = *(const char *)arg;
}

static void note_and_rearm(void *arg)
{
	note(arg);
	if (seen.n < 10)
		clock_at(seen.c, &seen.again, clock_now_ms(seen.c) + 100, note, (void *)"r");
}

START_TEST(virtual_timers_in_order)
{
	struct loop *l = loop_new();
	struct clock *c = clock_new(l);
	struct clock_timer t[4] = { 0 };
	struct error err;
	memset(&seen, 0, sizeof(seen));
	seen.c = c;
	clock_freeze(c, 1000);
	clock_at(c, &t[0], 3000, note, (void *)"c");
	clock_at(c, &t[1], 2000, note_and_rearm, (void *)"a");
	clock_at(c, &t[2], 2000, note, (void *)"b");
	clock_at(c, &t[3], 2050, note, (void *)"x");
	clock_cancel(c, &t[3]);
	ck_assert_int_eq(env_advance(l, c, 500, &err), 0);
	ck_assert_uint_eq(seen.n, 0);
	ck_assert_int_eq(env_advance(l, c, 5000, &err), 0);
	ck_assert_str_eq(seen.order, "abrc");
	ck_assert_int_eq(seen.at[0], 2000);
	ck_assert_int_eq(seen.at[2], 2100);
	ck_assert_int_eq(seen.at[3], 3000);
	ck_assert_int_eq(clock_now_ms(c), 6500);
	ck_assert_int_eq(env_advance(l, c, -1, &err), ERR_INVALID);
	ck_assert_int_eq(env_advance(l, c, 1000000000LL * 86400000, &err), ERR_LIMIT);
	clock_resume(c);
	ck_assert_int_eq(env_advance(l, c, 1, &err), ERR_INVALID);
	clock_free(c);
	loop_free(l);
}
END_TEST

static struct {
	struct loop *l;
	struct loop_work work;
	struct clock_timer timers[2];
	int64_t ended_ms;
	int over; /* 1: not yet */
	char why[128];
} slow;

static void say_slow(const struct loop_work *w, struct buf *out)
{
	buf_adds(out, "a peer");
}

static void slow_over(void *arg)
{
	slow.ended_ms = clock_now_ms(arg);
	loop_work_end(slow.l, &slow.work);
}

/* What a timer sets off takes longer than any patience of old. */
static void slow_begins(void *arg)
{
	loop_call_begin(slow.l, &slow.work, say_slow);
	(void)loop_after(slow.l, 450, slow_over, arg);
}

static void on_over(void *arg, const struct error *err)
{
	slow.over = err ? err->kind : 0;
	snprintf(slow.why, sizeof(slow.why), "%.120s", err ? err->text : "");
}

static struct clock *slow_start(void)
{
	memset(&slow, 0, sizeof(slow));
	memset(&seen, 0, sizeof(seen));
	slow.l = loop_new();
	struct clock *c = seen.c = clock_new(slow.l);
	slow.over = 1;
	clock_freeze(c, 1000);
	clock_at(c, &slow.timers[0], 2000, slow_begins, c);
	clock_at(c, &slow.timers[1], 2001, note, (void *)"n");
	return c;
}

START_TEST(an_advance_waits_for_what_is_in_flight)
{
	struct clock *c = slow_start();
	struct buf what = { 0 };
	struct error err;
	int64_t to;
	ck_assert_int_eq(clock_advance(c, 5000, on_over, NULL, &err), 0);
	ck_assert_int_eq(clock_advance(c, 5000, on_over, NULL, &err), ERR_CONFLICT);
	while (!loop_work_at(slow.l, 0))
		loop_turn(slow.l, 1);
	loop_work_at(slow.l, 0)->say(loop_work_at(slow.l, 0), &what);
	ck_assert_str_eq(buf_cstr(&what), "a peer");
	ck_assert(clock_advancing(c, &to) && to == 6000);
	while (slow.over == 1)
		loop_turn(slow.l, 100);
	ck_assert_int_eq(slow.over, 0);
	ck_assert_int_eq(slow.ended_ms, 2000);
	ck_assert_int_eq(seen.at[0], 2001);
	ck_assert_int_eq(clock_now_ms(c), 6000);
	ck_assert(!clock_advancing(c, NULL));
	buf_free(&what);
	clock_free(c);
	loop_free(slow.l);
}
END_TEST

START_TEST(an_advance_is_ended)
{
	struct clock *c = slow_start();
	struct error err;
	ck_assert_int_eq(clock_advance(c, 5000, on_over, NULL, &err), 0);
	while (!loop_work_at(slow.l, 0))
		loop_turn(slow.l, 1);
	if (_i == 0)
		clock_stop(c, "asked");
	else if (_i == 1)
		clock_freeze(c, clock_now_ms(c));
	else
		clock_resume(c);
	ck_assert_int_eq(slow.over, ERR_CONFLICT);
	ck_assert_msg(strstr(slow.why, "1970-01-01T00:00:02.000Z") != NULL, "%s", slow.why);
	slow.over = 1;
	while (!slow.ended_ms)
		loop_turn(slow.l, 100);
	ck_assert_int_eq(slow.over, 1); /* told once */
	ck_assert_uint_eq(seen.n, _i == 2 ? 1 : 0);
	if (_i < 2)
		ck_assert_int_eq(clock_now_ms(c), 2000);
	clock_free(c);
	loop_free(slow.l);
}
END_TEST

static void add(void *arg)
{
	strcat(arg, "k");
}

static char trail[16];

static void let_go(struct loop_held *h)
{
	strcat(trail, "r");
}

START_TEST(commit_before_release)
{
	struct loop *l = loop_new();
	struct loop_held h = { 0 }, dropped = { 0 };
	trail[0] = '\0';
	loop_on_commit(l, add, trail);
	loop_hold(l, &h, let_go);
	loop_hold(l, &dropped, let_go);
	loop_unhold(l, &dropped);
	loop_turn(l, 0);
	ck_assert_msg(trail[0] == 'k' && strchr(trail, 'r') && strchr(trail, 'r') == strrchr(trail, 'r'), "%s", trail);
	loop_free(l);
}
END_TEST

/* A turn's own timer may fall due just before the poll: it must not sleep until the next one then. Check's limit ends it. */
START_TEST(turns_are_short)
{
	struct loop *l = loop_new();
	struct loop_timer *far = loop_after(l, 60000, note, NULL);
	for (int i = 0; i < 1500; i++)
		loop_turn(l, 1);
	loop_cancel(far);
	loop_free(l);
}
END_TEST

START_TEST(fault_is_a_function_of_seed_and_count)
{
	struct faults *a = faults_new(7), *b = faults_new(7);
	struct error err;
	ck_assert_int_eq(faults_arm(a, S("kafka.Produce on=3..5 status=503 name=f"), &err), 0);
	for (int i = 1; i <= 8; i++)
		ck_assert_int_eq(faults_ask(a, "kafka", "Produce").act, i >= 3 && i <= 5 ? FAULT_STATUS : FAULT_NONE);
	ck_assert_int_eq(faults_fired(a, S("f")), 3);
	ck_assert_int_eq(faults_fired(a, S("other")), -1);
	faults_clear(a, S("f"));
	ck_assert_int_eq(faults_arm(a, S("s3 p=0.5 drop"), &err), 0);
	ck_assert_int_eq(faults_arm(b, S("s3 p=0.5 drop"), &err), 0);
	int hits = 0;
	for (int i = 0; i < 1000; i++) {
		enum fault_act x = faults_ask(a, "s3", "Put").act;
		(void)faults_ask(b, "other", "Put");
		ck_assert_int_eq(x, faults_ask(b, "s3", "Put").act);
		hits += x == FAULT_DROP;
	}
	ck_assert(hits > 400 && hits < 600);
	ck_assert_int_eq(faults_arm(a, S("s3"), &err), ERR_INVALID);
	ck_assert_int_eq(faults_arm(a, S("s3 on=0 drop"), &err), ERR_INVALID);
	ck_assert_int_eq(faults_arm(a, S("s3 p=2 drop"), &err), ERR_INVALID);
	faults_free(a);
	faults_free(b);
}
END_TEST

START_TEST(configuration)
{
	struct conf *c = conf_new();
	struct error err;
	const char *key, *value;
	ck_assert_int_eq(conf_parse(c, "t", S("# c\n[a]\nx = 1\ny= two words \n[b.c]\nx=yes"), &err), 0);
	ck_assert_int_eq(conf_int(c, "a", "x", 9), 1);
	ck_assert_str_eq(conf_get(c, "a", "y"), "two words");
	ck_assert(conf_bool(c, "b.c", "x", false));
	ck_assert(conf_at(c, "a", 1, &key, &value) && !strcmp(key, "y"));
	ck_assert(!conf_at(c, "a", 2, &key, &value));
	conf_set(c, "a", "x", "5");
	ck_assert_int_eq(conf_int(c, "a", "x", 9), 5);
	ck_assert_int_eq(conf_parse(c, "t", S("[a]\nnonsense"), &err), ERR_INVALID);
	ck_assert_str_eq(err.text, "t:2: a line is key = value, got: nonsense");
	conf_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("time");
	TCase *t = tcase_create("time");
	tcase_add_loop_test(t, iso, 0, ARRAY_LEN(times));
	tcase_add_test(t, calendar_round);
	tcase_add_test(t, virtual_timers_in_order);
	tcase_add_test(t, an_advance_waits_for_what_is_in_flight);
	tcase_add_loop_test(t, an_advance_is_ended, 0, 3);
	tcase_add_test(t, commit_before_release);
	tcase_add_test(t, turns_are_short);
	tcase_add_test(t, fault_is_a_function_of_seed_and_count);
	tcase_add_test(t, configuration);
	suite_add_tcase(s, t);
	return run_suite(s);
}
