/* A Delta table over time: checkpoints, a log with gaps, time travel, damage, OPTIMIZE, VACUUM, history. */
#include "delta_table.h"

/* ---- log and checkpoint ---- */

START_TEST(checkpoint_and_log)
{
	struct answer hint, a;
	char key[100];
	grow_to(12);
	hint = get("delta/geo/_delta_log/_last_checkpoint");
	ck_assert_msg(strncmp(buf_cstr(&hint.body), "{\"version\":10,\"size\":13,", 24) == 0, "%s", buf_cstr(&hint.body));
	buf_free(&hint.body);
	for (int i = 0; i < 10; i++) {
		snprintf(key, sizeof(key), "delta/geo/_delta_log/%020d.json", i);
		drop(key);
	}
	ck_assert_int_eq((int)row_count(-1), 130);
	ck_assert_int_eq((int)row_count(10), 110);
	a = load(9);
	ck_assert_str_eq(a.text, "[DELTA_VERSION_NOT_FOUND] Cannot time travel Delta table to version 9. Available versions: [10, 12].");
	put("delta/geo/_delta_log/_last_checkpoint", "{\"version\":11}"); /* a lie */
	ck_assert_int_eq((int)row_count(-1), 130);
	put("delta/geo/_delta_log/_last_checkpoint", "not JSON");
	ck_assert_int_eq((int)row_count(-1), 130);
	drop("delta/geo/_delta_log/_last_checkpoint");
	ck_assert_int_eq((int)row_count(-1), 130);
	drop("delta/geo/_delta_log/00000000000000000010.checkpoint.parquet");
	a = load(-1);
	ck_assert_str_eq(a.code, "DELTA_TRUNCATED_TRANSACTION_LOG");
}
END_TEST

START_TEST(missing_entry)
{
	struct answer a;
	grow_to(4);
	drop("delta/geo/_delta_log/00000000000000000002.json");
	a = load(-1);
	ck_assert_str_eq(a.code, "DELTA_VERSIONS_NOT_CONTIGUOUS");
	ck_assert(strstr(a.text, "s3://lake/delta/geo/_delta_log/00000000000000000002.json is missing") != NULL);
	put("delta/geo/_delta_log/00000000000000000002.json", "{\"add\":");
	a = load(-1);
	ck_assert_str_eq(a.code, "DELTA_LOG_DAMAGED");
	ck_assert_msg(strncmp(a.text, "s3://lake/delta/geo/_delta_log/00000000000000000002.json: ", 57) == 0, "%s", a.text);
	table.path = S("delta/none");
	a = load(-1);
	ck_assert_str_eq(a.text, "[DELTA_TABLE_NOT_FOUND] Delta table `s3://lake/delta/none` doesn't exist.");
}
END_TEST

START_TEST(time_travel)
{
	struct answer a = { 0 };
	for (int i = 0; i < 3; i++) {
		clock_freeze(env.clock, NOW_MS + i * DAY_MS);
		write_with(append, i * 10, 10);
	}
	ck_assert_int_eq((int)row_count(0), 10);
	ck_assert_int_eq((int)row_count(1), 20);
	ck_assert_str_eq(load(3).text, "[DELTA_VERSION_NOT_FOUND] Cannot time travel Delta table to version 3. Available versions: [0, 2].");
	delta_load_at(&table, NOW_MS + DAY_MS + 5, on_snapshot, &a);
	wait_for(&a);
	ck_assert_int_eq((int)a.s->version, 1);
	delta_snapshot_free(a.s);
	a = (struct answer){ 0 };
	delta_load_at(&table, NOW_MS - 1, on_snapshot, &a);
	wait_for(&a);
	ck_assert_str_eq(a.code, "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION");
	a = (struct answer){ 0 };
	delta_load_at(&table, NOW_MS + 9 * DAY_MS, on_snapshot, &a);
	wait_for(&a);
	ck_assert_str_eq(a.code, "DELTA_TIMESTAMP_GREATER_THAN_COMMIT");
}
END_TEST

/* Whatever is wrong with a file: its name, what and where. */
START_TEST(damaged_file)
{
	struct delta_field ind = { .name = { "ind", 3 }, .type = DELTA_INTEGER };
	struct answer a, l;
	char key[200], want[300];
	ck_assert_str_eq(write_one(&ind, 1, append).text, "");
	l = load(-1);
	snprintf(key, sizeof(key), "delta/geo/%.*s", SL(l.s->files[0].path));
	delta_snapshot_free(l.s);
	put(key, "PAR1 and then something else");
	snprintf(want, sizeof(want), "s3://lake/%s: Parquet: 28 bytes that don't begin and end with PAR1", key);
	a = scan(-1);
	ck_assert_str_eq(a.text, want);
	buf_free(&a.body);
	put(key, "PAR1....\x01\x01\x01\x01PAR1");
	snprintf(want, sizeof(want), "s3://lake/%s: Parquet: a footer of 16843009 bytes in a file of 16, at byte 8", key);
	a = scan(-1);
	ck_assert_str_eq(a.text, want);
	buf_free(&a.body);
}
END_TEST

/* ---- OPTIMIZE, VACUUM, history ---- */

static struct answer vacuum(int64_t retention_ms, bool dry_run, bool force)
{
	struct delta_vacuum in = { retention_ms, dry_run, force, clock_now_ms(env.clock) };
	struct answer a = { 0 };
	delta_vacuum(&table, &in, on_vacuumed, &a);
	wait_for(&a);
	return a;
}

START_TEST(optimize_and_vacuum)
{
	struct answer before, after, a = { 0 };
	grow_to(7);
	before = scan(-1);
	delta_optimize(&table, 0, PQ_ZSTD, NOW_MS, on_optimized, &a);
	wait_for(&a);
	ck_assert_str_eq(a.text, "");
	ck_assert_int_eq((int)a.optimized.version, 8);
	ck_assert_int_eq((int)a.optimized.removed_n, 8);
	ck_assert_int_eq((int)a.optimized.added_n, 1);
	after = scan(-1);
	ck_assert_int_eq((int)after.rows, 80);
	ck_assert(sl_eq(buf_slice(&before.body), buf_slice(&after.body)));
	buf_free(&after.body);
	a = (struct answer){ 0 };
	delta_optimize(&table, 0, PQ_ZSTD, NOW_MS, on_optimized, &a);
	wait_for(&a);
	ck_assert_int_eq((int)a.optimized.version, -1); /* nothing to do */

	put("delta/geo/part-orphan.parquet", "never committed");
	put("delta/geo/_checkpoints/q/offsets/0", "a stream's");
	ck_assert_uint_eq(vacuum(-1, false, false).n, 0); /* all too young */
	clock_freeze(env.clock, NOW_MS + 8 * DAY_MS);
	a = vacuum(DAY_MS, false, false);
	ck_assert_str_eq(a.code, "DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT");
	ck_assert(strstr(a.text, "please use a value not less than \"168 hours\".") != NULL);
	ck_assert_uint_eq(vacuum(-1, true, false).n, 9);
	ck_assert_int_eq((int)row_count(5), 60);
	ck_assert_uint_eq(vacuum(-1, false, false).n, 9);
	after = scan(-1);
	ck_assert(sl_eq(buf_slice(&before.body), buf_slice(&after.body)));
	buf_free(&before.body);
	buf_free(&after.body);
	after = scan(5);
	ck_assert_str_eq(after.code, "DELTA_FILE_NOT_FOUND_DETAILED");
	buf_free(&after.body);
	after = get("delta/geo/_checkpoints/q/offsets/0");
	ck_assert_str_eq(buf_cstr(&after.body), "a stream's");
	buf_free(&after.body);
}
END_TEST

START_TEST(optimize_beside_others)
{
	struct delta_write over = append;
	struct answer a = { 0 }, b;
	grow_to(3);
	start_write(append, 100, 10, &b);
	delta_optimize(&table, 0, PQ_SNAPPY, NOW_MS, on_optimized, &a);
	env_until(a.calls && b.calls);
	ck_assert_str_eq(a.text, "");
	ck_assert_str_eq(b.text, "");
	ck_assert_int_eq((int)row_count(-1), 50);
	over.mode = DELTA_OVERWRITE;
	a = (struct answer){ 0 };
	delta_optimize(&table, 0, PQ_SNAPPY, NOW_MS, on_optimized, &a);
	start_write(over, 0, 1, &b);
	env_until(a.calls && b.calls);
	/* Who is second loses or sees that nothing of the first matters; never both versions of the data. */
	ck_assert_str_eq(b.text, "");
	ck_assert(a.text[0] == 0 || strcmp(a.code, "DELTA_CONCURRENT_DELETE_READ") == 0);
	ck_assert_int_eq((int)row_count(-1), 1);
	/* The same when the overwrite is second, as its rows take longer to encode: it would leave the file that was put together. */
	start_write(append, 200, 10, &b);
	env_until(b.calls);
	a = (struct answer){ 0 };
	delta_optimize(&table, 0, PQ_SNAPPY, NOW_MS, on_optimized, &a);
	start_write(over, 0, 50000, &b);
	env_until(a.calls && b.calls);
	ck_assert_int_eq((int)row_count(-1), b.text[0] ? 11 : 50000);
	ck_assert(b.text[0] == 0 || strcmp(b.code, "DELTA_CONCURRENT_DELETE_READ") == 0);
}
END_TEST

static void on_history(void *arg, const struct delta_event *e, size_t n, const struct error *er)
{
	struct answer *a = arg;
	note(a, er);
	buf_init(&a->body, 0);
	for (size_t i = 0; i < n; i++)
		buf_addf(&a->body, "%lld %lld %.*s %.*s\n", (long long)e[i].version, (long long)(e[i].timestamp_ms - NOW_MS), SL(e[i].operation),
			 SL(e[i].parameters));
}

START_TEST(history)
{
	struct delta_write in = append;
	struct answer a = { 0 };
	in.app = S("q");
	in.streaming = true;
	write_with(in, 0, 5);
	clock_freeze(env.clock, NOW_MS + 60000);
	in = append;
	in.mode = DELTA_OVERWRITE;
	write_with(in, 0, 5);
	delta_history(&table, 0, on_history, &a);
	wait_for(&a);
	ck_assert_str_eq(buf_cstr(&a.body), "1 60000 WRITE {\"mode\":\"Overwrite\",\"partitionBy\":\"[]\"}\n"
					    "0 0 STREAMING UPDATE {\"outputMode\":\"Append\",\"queryId\":\"q\",\"epochId\":\"0\"}\n");
	buf_free(&a.body);
	a = (struct answer){ 0 };
	delta_history(&table, 1, on_history, &a);
	wait_for(&a);
	ck_assert(strncmp(buf_cstr(&a.body), "1 60000", 7) == 0 && !strstr(buf_cstr(&a.body), "STREAMING"));
	buf_free(&a.body);
}
END_TEST

/* ---- taken back ---- */

enum { OP_LOAD, OP_WRITE, OP_SCAN, OP_OPTIMIZE, OP_VACUUM, OP_HISTORY, OP_N };

static struct owed *begin_op(int op, const struct delta_snapshot *snapshot, struct answer *a)
{
	struct delta_write in = append;
	switch (op) {
	case OP_LOAD:
		return delta_load(&table, -1, on_snapshot, a);
	case OP_WRITE:
		in.rows = some_rows(0, 3);
		return delta_write(&table, &in, on_version, a);
	case OP_SCAN:
		return delta_scan(&table, snapshot, on_rows, on_done, a);
	case OP_OPTIMIZE:
		return delta_optimize(&table, 0, PQ_ZSTD, NOW_MS, on_optimized, a);
	case OP_VACUUM:
		return delta_vacuum(&table, &(struct delta_vacuum){ .retention_ms = 0, .force = true, .now_ms = NOW_MS + 5 * DAY_MS }, on_vacuumed, a);
	default:
		return delta_history(&table, 0, on_history, a);
	}
}

/* A call that is cancelled after any number of its steps answers never, holds nothing (asan), and leaves a table that works. */
START_TEST(taken_back)
{
	int turns = 0, answered = 0;
	for (int i = 0; i < 3; i++)
		write_with(append, i * 5, 5);
	for (; !answered; turns++) {
		struct answer l = load(-1), a = { 0 };
		struct owed *owed = NULL;
		owed_keep(&owed, begin_op(_i, l.s, &a));
		for (int t = 0; t < turns; t++)
			loop_turn(env.loop, 1);
		answered = a.calls;
		owed_cancel_all(&owed);
		for (int t = 0; t < 3; t++)
			loop_turn(env.loop, 1);
		ck_assert_int_eq(a.calls, answered);
		delta_snapshot_free(l.s);
		delta_snapshot_free(a.s);
		buf_free(&a.body);
	}
	ck_assert_int_gt(turns, 3);
	write_with(append, 100, 5);
	ck_assert_int_ge(row_count(-1), 20);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("delta upkeep");
	TCase *t = tcase_create("delta upkeep");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, table_open, env_close);
	tcase_add_test(t, checkpoint_and_log);
	tcase_add_test(t, missing_entry);
	tcase_add_test(t, time_travel);
	tcase_add_test(t, damaged_file);
	tcase_add_test(t, optimize_and_vacuum);
	tcase_add_test(t, optimize_beside_others);
	tcase_add_test(t, history);
	tcase_add_loop_test(t, taken_back, 0, OP_N);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
