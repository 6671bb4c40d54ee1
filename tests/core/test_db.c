/* Checkpoints of the WAL go beside the loop, and the WAL stays small also when the writing never pauses. */
#include <sys/stat.h>

#include "core/wal.h"
#include "env.h"

static const char *const steps[] = { "CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)" };
enum { Q_PUT, Q_SUM, Q_COUNT };
static const char *const queries[Q_COUNT] = {
	[Q_PUT] = "INSERT INTO t (v) VALUES (zeroblob(?))",
	[Q_SUM] = "SELECT sum(length(v)) FROM t",
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
	tcase_add_test(t, close_during_a_checkpoint);
	suite_add_tcase(s, t);
	return run_suite(s);
}
