/* Checkpoints of the WAL go beside the loop, and the WAL stays small also when the writing never pauses. */
#include <sys/stat.h>
#include <time.h>

#include "core/wal.h"
#include "env.h"

static const char *const steps[] = { "CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)" };
enum { Q_PUT, Q_SUM, Q_DEL, Q_COUNT };
static const char *const queries[Q_COUNT] = {
	[Q_PUT] = "INSERT INTO t (v) VALUES (zeroblob(?))",
	[Q_SUM] = "SELECT sum(length(v)) FROM t",
	[Q_DEL] = "DELETE FROM t WHERE id > ?",
};
enum { MIB = 1 << 20 };

static void open_db(struct db *db)
{
	struct error err = { 0 };
	ck_assert_msg(db_open_large(db, &env, "t", steps, 1, queries, Q_COUNT, &err) == 0, "%s", err.text);
}

static void put(struct db *db)
{
	struct error err = { 0 };
	sqlite3_bind_int64(db_q(db, Q_PUT), 1, MIB);
	ck_assert_msg(db_write(db, Q_PUT, &err) == 0 && db_commit(db, &err) == 0, "%s", err.text);
}

static int64_t sum(struct db *db)
{
	struct error err = { 0 };
	ck_assert_int_eq(db_row(db, Q_SUM, &err), 1);
	int64_t n = sqlite3_column_int64(db_q(db, Q_SUM), 0);
	db_done(db, Q_SUM);
	return n;
}

static int64_t size(const char *name)
{
	char path[128];
	struct stat st;
	snprintf(path, sizeof(path), "%s/%s", env.dir, name);
	return stat(path, &st) ? 0 : (int64_t)st.st_size;
}

START_TEST(commit_copies_nothing)
{
	struct db db;
	env_open("db");
	env_folder();
	open_db(&db);
	int64_t before = size("t.db");
	for (int i = 0; i < 16; i++)
		put(&db);
	/* The loop hasn't turned: one job may be under way, what came after its start is only in the WAL. */
	ck_assert_uint_eq(loop_working(env.loop), 1);
	ck_assert_int_ge(size("t.db-wal"), 16 * (int64_t)MIB);
	env_until(loop_working(env.loop) == 0);
	ck_assert_int_ge(size("t.db"), before + 4 * (int64_t)MIB);
	db_close(&db);
	ck_assert_int_eq(size("t.db-wal"), 0);
	ck_assert_int_ge(size("t.db"), 16 * (int64_t)MIB);
	env_close();
}
END_TEST

START_TEST(wal_is_bounded)
{
	struct db db;
	env_open("db");
	env_folder();
	open_db(&db);
	for (int i = 0; i < 60; i++) {
		put(&db);
		put(&db); /* while a job may be copying */
		env_until(loop_working(env.loop) == 0);
		ck_assert_int_le(size("t.db-wal"), WAL_MOST + 8 * (int64_t)MIB);
	}
	ck_assert_int_eq(sum(&db), 120 * (int64_t)MIB);
	db_close(&db);
	open_db(&db);
	ck_assert_int_eq(sum(&db), 120 * (int64_t)MIB);
	db_close(&db);
	env_close();
}
END_TEST

static void keep_one(struct db *db)
{
	struct error err = { 0 };
	sqlite3_bind_int64(db_q(db, Q_DEL), 1, 1);
	ck_assert_msg(db_write(db, Q_DEL, &err) == 0 && db_commit(db, &err) == 0, "%s", err.text);
}

/* Of this thread: how busy the machine is doesn't count. */
static int64_t cpu_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Nobody writes any more, and the file shrinks all the same, while others are served. */
START_TEST(deletions_give_room_back)
{
	struct db db;
	env_open("db");
	env_folder();
	open_db(&db);
	for (int i = 0; i < 24; i++)
		put(&db);
	env_until(loop_working(env.loop) == 0);
	for (int i = 0; i < 200 && size("t.db") < 20 * (int64_t)MIB; i++) { /* what came during a job is copied by the next */
		put(&db);
		env_until(loop_working(env.loop) == 0);
	}
	ck_assert_int_ge(size("t.db"), 20 * (int64_t)MIB);
	keep_one(&db);
	int64_t worst = 0;
	for (int64_t began = clock_real_us(); size("t.db") > 3 * (int64_t)MIB && clock_real_us() - began < 20000000;) {
		int64_t turn = cpu_us();
		loop_turn(env.loop, 0);
		turn = cpu_us() - turn;
		worst = turn > worst ? turn : worst;
	}
	ck_assert_int_le(size("t.db"), 3 * (int64_t)MIB);
	ck_assert_int_eq(sum(&db), MIB);
	ck_assert_int_lt(worst, 10000);
	db_close(&db);
	env_close();
}
END_TEST

/* A file of an older release has no map to give room back by; it is rewritten at the start that finds it mostly empty. */
START_TEST(an_old_file_is_rewritten)
{
	char path[128];
	struct db db;
	sqlite3 *old;
	env_open("db");
	env_folder();
	snprintf(path, sizeof(path), "%s/t.db", env.dir);
	ck_assert_int_eq(sqlite3_open(path, &old), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(old, "CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
				      "WHERE i < 24) INSERT INTO t SELECT i, zeroblob(1048576) FROM n; DELETE FROM t WHERE id > 1; PRAGMA user_version = 1",
				      NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(old);
	ck_assert_int_ge(size("t.db"), 24 * (int64_t)MIB);
	open_db(&db);
	ck_assert_int_eq(sum(&db), MIB);
	db_close(&db);
	ck_assert_int_le(size("t.db"), 2 * (int64_t)MIB);
	env_close();
}
END_TEST

START_TEST(close_during_a_checkpoint)
{
	struct db db;
	env_open("db");
	env_folder();
	open_db(&db);
	for (int i = 0; i < 8; i++)
		put(&db);
	db_close(&db);
	ck_assert_uint_eq(loop_working(env.loop), 0);
	open_db(&db);
	ck_assert_int_eq(sum(&db), 8 * (int64_t)MIB);
	db_close(&db);
	env_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("db");
	TCase *t = tcase_create("wal");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, commit_copies_nothing);
	tcase_add_test(t, wal_is_bounded);
	tcase_add_test(t, deletions_give_room_back);
	tcase_add_test(t, an_old_file_is_rewritten);
	tcase_add_test(t, close_during_a_checkpoint);
	suite_add_tcase(s, t);
	return run_suite(s);
}
