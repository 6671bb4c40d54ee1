/* Owed calls: jobs and calls of many steps, cancelled before they begin, while they work, and by one another. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"
#include "core/child.h"

static struct loop *loop;
static struct owed *list;
static int done_n, freed_n;

static void setup(void)
{
	loop = loop_new();
	list = NULL;
	done_n = freed_n = 0;
}

static void teardown(void)
{
	loop_free(loop);
}

static void rest(void)
{
	for (int i = 0; i < 1000 && loop_pending(loop); i++)
		loop_turn(loop, 5);
	ck_assert_int_eq((int)loop_pending(loop), 0);
	ck_assert_int_eq((int)loop_working(loop), 0);
}

static void work(void *arg)
{
	int *p = arg;
	usleep(20000);
	*p = 1;
}

static void done(void *arg)
{
	ck_assert_int_eq(*(int *)arg, 1);
	done_n++;
}

/* More than the pool has threads: some have begun, some have not. */
START_TEST(jobs_give_their_memory_back)
{
	int *worked[3 * LOOP_THREADS], begun = 0;
	for (size_t i = 0; i < ARRAY_LEN(worked); i++) {
		worked[i] = xcalloc(1, sizeof(int));
		owed_keep(&list, loop_job(loop, work, done, worked[i]));
	}
	usleep(5000);
	owed_cancel_all(&list);
	for (size_t i = 0; i < ARRAY_LEN(worked); i++) {
		begun += *worked[i];
		free(worked[i]);
	}
	ck_assert_int_ge(begun, 1);
	ck_assert_int_lt(begun, (int)ARRAY_LEN(worked));
	rest();
	ck_assert_int_eq(done_n, 0);
}
END_TEST

START_TEST(jobs_cancelled_when_they_are_done)
{
	int worked = 0;
	owed_keep(&list, loop_job(loop, work, done, &worked));
	usleep(60000);
	owed_cancel_all(&list); /* worked, but not yet told */
	rest();
	ck_assert_int_eq(done_n, 0);
	owed_keep(&list, loop_job(loop, work, done, &worked));
	rest();
	ck_assert_int_eq(done_n, 1);
	ck_assert_ptr_null(list);
}
END_TEST

/* A long job works until it is told to stop. */
struct endless {
	int begun, stop;
};

static void endless_work(void *arg)
{
	struct endless *e = arg;
	__atomic_store_n(&e->begun, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&e->stop, __ATOMIC_SEQ_CST))
		usleep(1000);
}

static void endless_done(void *arg)
{
	done_n++;
	free(arg);
}

static void endless_stop(void *arg)
{
	__atomic_store_n(&((struct endless *)arg)->stop, 1, __ATOMIC_SEQ_CST);
}

static void endless_drop(void *arg)
{
	freed_n++;
	free(arg);
}

static const struct job_kind endless = { endless_work, endless_done, endless_stop, endless_drop };

/* More long jobs than may work at a time: short ones have a thread, a place that gets free is taken, and cancelling waits for none. */
START_TEST(long_jobs_leave_threads_to_short_ones)
{
	struct endless *e[2 * LOOP_LONG_MAX];
	int worked = 0;
	for (size_t i = 0; i < ARRAY_LEN(e); i++) {
		e[i] = xcalloc(1, sizeof(*e[i]));
		owed_keep(&list, loop_long_job(loop, &endless, e[i]));
	}
	struct owed *mine = NULL;
	owed_keep(&mine, loop_job(loop, work, done, &worked));
	while (!done_n)
		loop_turn(loop, 50);
	while (!__atomic_load_n(&e[0]->begun, __ATOMIC_SEQ_CST))
		loop_turn(loop, 5);
	ck_assert_int_eq(e[LOOP_LONG_MAX]->begun, 0);
	endless_stop(e[0]);
	while (!__atomic_load_n(&e[LOOP_LONG_MAX]->begun, __ATOMIC_SEQ_CST))
		loop_turn(loop, 5);
	ck_assert_int_eq(done_n, 2);
	owed_cancel_all(&list);
	ck_assert_int_ge(freed_n, LOOP_LONG_MAX - 1); /* those that had not begun; the others when they end */
	while (freed_n < (int)ARRAY_LEN(e) - 1)
		loop_turn(loop, 50);
	rest();
	ck_assert_int_eq(done_n, 2);
}
END_TEST

/* Without drop the job's arg is the asker's: it may go as soon as the cancel is back. */
START_TEST(cancelling_a_long_job_without_drop_waits_for_it)
{
	static const struct job_kind joined = { endless_work, endless_done, endless_stop, NULL };
	struct endless e[2 * LOOP_LONG_MAX] = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(e); i++)
		owed_keep(&list, loop_long_job(loop, &joined, &e[i]));
	while (!__atomic_load_n(&e[0].begun, __ATOMIC_SEQ_CST))
		loop_turn(loop, 5);
	owed_cancel_all(&list);
	memset(e, 0xff, sizeof(e));
	rest();
	ck_assert_int_eq(done_n, 0);
}
END_TEST

/* Those that never end don't keep the next one waiting for ever. */
START_TEST(long_jobs_that_work_long_are_not_counted)
{
	struct endless *e[LOOP_LONG_MAX + 1];
	for (size_t i = 0; i < ARRAY_LEN(e); i++) {
		e[i] = xcalloc(1, sizeof(*e[i]));
		owed_keep(&list, loop_long_job(loop, &endless, e[i]));
	}
	while (!__atomic_load_n(&e[LOOP_LONG_MAX]->begun, __ATOMIC_SEQ_CST))
		loop_turn(loop, 50);
	owed_cancel_all(&list);
	while (freed_n < (int)ARRAY_LEN(e))
		loop_turn(loop, 50);
	rest();
	ck_assert_int_eq(done_n, 0);
}
END_TEST

START_TEST(a_loop_waits_for_long_jobs_that_were_cancelled)
{
	for (int i = 0; i < 2 * LOOP_LONG_MAX; i++)
		owed_keep(&list, loop_long_job(loop, &endless, xcalloc(1, sizeof(struct endless))));
	owed_cancel_all(&list);
	loop_free(loop);
	ck_assert_int_eq(freed_n, 2 * LOOP_LONG_MAX);
	loop = NULL;
}
END_TEST

START_TEST(a_loop_that_closes_with_cancelled_jobs)
{
	static int worked[6];
	for (size_t i = 0; i < ARRAY_LEN(worked); i++)
		owed_keep(&list, loop_job(loop, work, done, &worked[i]));
	owed_cancel_all(&list);
}
END_TEST

/* A call of two steps: a job, then the next turn. */
struct call {
	struct owed owed;
	struct owed *steps;
	int worked;
};

static void call_free(struct owed *o)
{
	owed_cancel_all(&((struct call *)o)->steps);
	freed_n++;
	free(o);
}

static void call_answer(struct owed *o)
{
	done_n++;
}

static void call_work(void *arg)
{
	work(&((struct call *)arg)->worked);
}

static void call_worked(void *arg)
{
	struct call *c = arg;
	owed_soon(&c->owed, loop, call_answer);
}

static struct owed *call_begin(struct owed **by)
{
	struct call *c = xcalloc(1, sizeof(*c));
	owed_init(&c->owed, by, call_free);
	owed_keep(&c->steps, loop_job(loop, call_work, call_worked, c));
	return &c->owed;
}

START_TEST(a_call_of_steps_is_cancelled_as_one)
{
	struct owed *by = NULL;
	for (int turns = 0; turns < 8; turns++) {
		int was = done_n;
		for (int i = 0; i < 3; i++)
			owed_keep(&list, call_begin(&by));
		for (int i = 0; i < turns; i++)
			loop_turn(loop, 8);
		was = done_n;
		owed_cancel_all(turns % 2 ? &list : &by); /* who asked, or who answers */
		ck_assert_ptr_null(list);
		ck_assert_ptr_null(by);
		rest();
		ck_assert_int_eq(done_n, was);
		ck_assert_int_eq(freed_n, 3 * (turns + 1));
	}
	ck_assert_int_ge(done_n, 1);
}
END_TEST

START_TEST(held_for_a_commit_and_cancelled)
{
	struct call *c[3];
	for (int i = 0; i < 3; i++) {
		c[i] = xcalloc(1, sizeof(*c[i]));
		owed_init(&c[i]->owed, NULL, call_free);
		owed_hold(&c[i]->owed, loop, call_answer);
	}
	owed_cancel(&c[1]->owed);
	owed_cancel(NULL);
	loop_turn(loop, 0);
	ck_assert_int_eq(done_n, 2);
	ck_assert_int_eq(freed_n, 3);
}
END_TEST

static void child_done(void *arg, const struct child_result *r, const struct error *err)
{
	ck_assert_ptr_null(err);
	ck_assert_int_eq(r->code, 0);
	done_n++;
}

START_TEST(children_are_killed_and_seen_off)
{
	const char *sleeps[] = { "sleep", "600", NULL }, *ends[] = { "true", NULL }, *none[] = { "/no/such/program", NULL };
	struct child_opts o = { .argv = sleeps, .input = S("text") };
	for (int turns = 0; turns < 3; turns++) {
		owed_keep(&list, child_start(loop, &o, child_done, NULL));
		o.argv = turns == 1 ? ends : none;
		owed_keep(&list, child_start(loop, &o, child_done, NULL));
		o.argv = sleeps;
		owed_cancel_all(&list);
		ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
		ck_assert_int_eq(errno, ECHILD);
		for (int i = 0; i < turns; i++)
			loop_turn(loop, 0);
	}
	o.argv = ends;
	owed_keep(&list, child_start(loop, &o, child_done, NULL));
	rest();
	ck_assert_int_eq(done_n, 1);
	owed_keep(&list, child_start(loop, &o, child_done, NULL));
	usleep(50000);
	loop_turn(loop, 5); /* it has ended, its pipes may still be open */
	owed_cancel_all(&list);
	rest();
}
END_TEST

static void on_time(void *arg)
{
	done_n++;
}

START_TEST(waits_end_or_are_cancelled)
{
	owed_keep(&list, owed_after(loop, 1, on_time, NULL));
	owed_cancel_all(&list);
	owed_keep(&list, owed_after(loop, 1, on_time, NULL));
	for (int i = 0; i < 20 && list; i++)
		loop_turn(loop, 5);
	ck_assert_ptr_null(list);
	ck_assert_int_eq(done_n, 1);
	owed_keep(&list, owed_after(loop, 60000, on_time, NULL));
	owed_cancel_all(&list);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("owed");
	TCase *t = tcase_create("owed");
	signal(SIGPIPE, SIG_IGN); /* as tarn does: children that don't read */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, jobs_give_their_memory_back);
	tcase_add_test(t, jobs_cancelled_when_they_are_done);
	tcase_add_test(t, a_loop_that_closes_with_cancelled_jobs);
	tcase_add_test(t, long_jobs_leave_threads_to_short_ones);
	tcase_add_test(t, cancelling_a_long_job_without_drop_waits_for_it);
	tcase_add_test(t, long_jobs_that_work_long_are_not_counted);
	tcase_add_test(t, a_loop_waits_for_long_jobs_that_were_cancelled);
	tcase_add_test(t, a_call_of_steps_is_cancelled_as_one);
	tcase_add_test(t, held_for_a_commit_and_cancelled);
	tcase_add_test(t, children_are_killed_and_seen_off);
	tcase_add_test(t, waits_end_or_are_cancelled);
	suite_add_tcase(s, t);
	return run_suite(s);
}
