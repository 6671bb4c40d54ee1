/* What every port promises of calls that are taken back. Include it behind struct answer (with `calls`), the number ASKED of
 * calls that ask_all makes, and nothing else; each test adds what is its port's own. */
#ifndef TARN_TEST_PORTS_CANCEL_H
#define TARN_TEST_PORTS_CANCEL_H

struct asked {
	struct owed *owed;
	struct answer a[ASKED];
};
/* One call for each place of out->a, kept in out->owed. */
static void ask_all(struct asked *out);

static int answered(const struct asked *all)
{
	int n = 0;
	for (int i = 0; i < ASKED; i++)
		n += all->a[i].calls;
	return n;
}

/* Until nothing is under way: whatever was not cancelled has answered. */
static void rest(void)
{
	for (int i = 0; i < 2000 && (i < 3 || loop_pending(env.loop)); i++)
		loop_turn(env.loop, 5);
	ck_assert_int_eq((int)loop_pending(env.loop), 0);
}

START_TEST(answered_calls_leave_their_list)
{
	static struct asked all;
	ask_all(&all);
	rest();
	ck_assert_int_eq(answered(&all), ASKED);
	ck_assert_ptr_null(all.owed);
}
END_TEST

/* Under way for some turns: sent, perhaps answered already. */
START_TEST(cancelled_in_mid_flight)
{
	static struct asked all;
	for (int turns = 1; turns < 6; turns++) {
		int n;
		ask_all(&all);
		for (int i = 0; i < turns; i++)
			loop_turn(env.loop, 1);
		n = answered(&all);
		owed_cancel_all(&all.owed);
		rest();
		ck_assert_int_eq(answered(&all), n);
	}
}
END_TEST

START_TEST(cancelled_at_close)
{
	static struct asked all;
	ask_all(&all);
	loop_turn(env.loop, 0);
	owed_cancel_all(&all.owed);
}
END_TEST

static void cancel_tests(TCase *t)
{
	tcase_add_test(t, answered_calls_leave_their_list);
	tcase_add_test(t, cancelled_in_mid_flight);
	tcase_add_test(t, cancelled_at_close);
}

#endif
