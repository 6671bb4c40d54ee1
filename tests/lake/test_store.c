/* The tables and the SQL over them: what readers see of a clean run, what is refused, the functions of Spark. */
#include "cleaning/pinterest.h"
#include "env.h"
#include "lake/store_file.h"

static struct lake_store *s;
static struct lake_session *x;
static struct cleaning all;
static struct arena sets_text;

static void open_store(void)
{
	struct error err = { 0 };
	if (!all.sets.n)
		pinterest_open(&all, &sets_text);
	ck_assert_msg(lake_store_open(&s, &env, &all.sets, &err) == 0, "%s", err.text);
	x = lake_session_new(s);
}

static void close_store(void)
{
	lake_session_free(x, NULL);
	lake_store_close(s);
}

static void setup_file(void)
{
	env_open("lake");
	env_folder();
	open_store();
}

static void setup_memory(void)
{
	env_open("lake");
	open_store();
}

static void teardown(void)
{
	close_store();
	env_close();
}

/* ---- helpers ---- */

static struct clean_value text(const char *t)
{
	return t ? (struct clean_value){ .kind = CLEAN_TEXT, .text = sl(t) } : (struct clean_value){ 0 };
}

static struct clean_value num(int64_t i)
{
	return (struct clean_value){ .kind = CLEAN_INT, .i = i };
}

static void begin(void)
{
	struct error err = { 0 };
	ck_assert_msg(lake_store_begin(s, 1 << PIN | 1 << GEO | 1 << USERS, &err) == 0, "%s", err.text);
}

static void user(int64_t ind, const char *name, int64_t age, const char *joined, int64_t year)
{
	struct error err = { 0 };
	struct clean_value v[CLEAN_COLUMNS_MAX] = { num(ind), text(name), num(age), text(joined), num(year) };
	ck_assert_msg(lake_store_row(s, USERS, v, &err) == 0, "%s", err.text);
}

static void finish(void)
{
	struct error err = { 0 };
	ck_assert_msg(lake_store_ready(s, &err) == 0 && lake_store_finish(s, &err) == 0, "%s", err.text);
}

static void bad(enum set set, struct slice key, size_t line, struct slice record)
{
	struct error err = { 0 };
	const struct lake_bad b = { set, key, line, 5, S("not JSON"), record, record.n };
	ck_assert_msg(lake_store_bad(s, &b, &err) == 0, "%s", err.text);
}

static int ask(const char *sql, const struct lake_limits *limits, struct buf *out, struct error *err)
{
	static const struct lake_limits roomy = { 1000, 10000, 1 << 20 };
	uint32_t want = 0;
	int rc;
	memset(err, 0, sizeof(*err));
	buf_reset(out);
	rc = lake_store_sql(x, sl(sql), limits ? limits : &roomy, &want, out, err);
	if (rc || !want)
		return rc;
	for (size_t set = 0; set < DATASETS_MAX; set++)
		if (want >> set & 1)
			ck_assert_int_eq(lake_store_index(s, set, err), 0);
	return lake_store_sql(x, sl(sql), limits ? limits : &roomy, NULL, out, err);
}

static void answers(const char *sql, const char *want)
{
	struct buf out = { 0 };
	struct error err;
	ck_assert_msg(ask(sql, NULL, &out, &err) == 0, "%s: %s", sql, err.text);
	char *whole = xasprintf("%s,\"truncated\":false", want);
	ck_assert_str_eq(buf_cstr(&out), whole);
	free(whole);
	buf_free(&out);
}

static void refuses(const char *sql, int kind, const char *words)
{
	struct buf out = { 0 };
	struct error err;
	ck_assert_msg(ask(sql, NULL, &out, &err) == kind, "%s: kind %d: %s", sql, err.kind, err.text);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s: %s", sql, err.text);
	buf_free(&out);
}

/* ---- a clean run's writes ---- */

START_TEST(no_tables_before_the_first_run)
{
	refuses("SELECT * FROM pin", ERR_INVALID, "no such table: pin; nothing is cleaned yet");
	refuses("SELECT * FROM Users u", ERR_INVALID, "nothing is cleaned yet");
	refuses("SELECT * FROM pins", ERR_INVALID, "no such table: pins");
	begin();
	lake_store_cancel(s);
	refuses("SELECT * FROM geo", ERR_INVALID, "nothing is cleaned yet");
	begin();
	finish();
	answers("SELECT * FROM geo",
		"\"columns\":[\"ind\",\"country\",\"coordinates\",\"timestamp\",\"post_year\"],\"rows\":[]");
	refuses("SELECT * FROM pins", ERR_INVALID, "no such table: pins");
}
END_TEST

START_TEST(a_run_replaces_the_tables)
{
	for (int turn = 0; turn < 3; turn++) {
		begin();
		user(1, "Ann Lee", 20, "2015-10-24 11:23:51", 2015);
		user(1, "Ann Lee", 20, "2015-10-24 11:23:51", 2015);
		finish();
		answers("SELECT ind, user_name, join_year FROM users",
			"\"columns\":[\"ind\",\"user_name\",\"join_year\"],\"rows\":[[1,\"Ann Lee\",2015],[1,\"Ann Lee\",2015]]");
	}
	begin();
	user(2, NULL, 30, NULL, 2016);
	lake_store_cancel(s);
	answers("SELECT COUNT(*) AS n, MIN(ind) AS i FROM users", "\"columns\":[\"n\",\"i\"],\"rows\":[[2,1]]");
	begin();
	user(2, NULL, 30, NULL, 2016);
	finish();
	answers("SELECT ind, user_name FROM users", "\"columns\":[\"ind\",\"user_name\"],\"rows\":[[2,null]]");
}
END_TEST

START_TEST(readers_see_old_tables_until_the_run_ends)
{
	begin();
	user(1, "Ann Lee", 20, NULL, 2015);
	finish();
	begin();
	answers("SELECT user_name FROM users", "\"columns\":[\"user_name\"],\"rows\":[[\"Ann Lee\"]]");
	user(2, "Bo Ek", 20, NULL, 2015);
	answers("SELECT user_name FROM users", "\"columns\":[\"user_name\"],\"rows\":[[\"Ann Lee\"]]");
	finish();
	answers("SELECT user_name FROM users", "\"columns\":[\"user_name\"],\"rows\":[[\"Bo Ek\"]]");
}
END_TEST

START_TEST(tables_outlive_the_process)
{
	begin();
	user(1, "Ann Lee", 20, NULL, 2015);
	finish();
	begin();
	user(2, "Bo Ek", 20, NULL, 2015);
	close_store(); /* in mid-run */
	open_store();
	answers("SELECT ind FROM users", "\"columns\":[\"ind\"],\"rows\":[[1]]");
}
END_TEST

START_TEST(quarantine)
{
	char record[2 * LAKE_SNIPPET];
	memset(record, 'a', sizeof(record));
	memcpy(record + LAKE_SNIPPET - 1, "\xc3\xbc", 2); /* a letter across the cut */
	begin();
	bad(PIN, S("topics/x"), 3, S("{\"a\":"));
	bad(PIN, S("topics/x"), 4, S("\xff\xfe"));
	bad(GEO, S("topics/y"), 1, sl_of(record, sizeof(record)));
	finish();
	answers("SELECT dataset, object_key, line, reason, length(record) AS n FROM quarantine",
		"\"columns\":[\"dataset\",\"object_key\",\"line\",\"reason\",\"n\"],\"rows\":[[\"pin\",\"topics/x\",3,\"not JSON\",5],"
		"[\"pin\",\"topics/x\",4,\"not JSON\",4],[\"geo\",\"topics/y\",1,\"not JSON\",199]]");
}
END_TEST

/* ---- what is refused ---- */

static const struct {
	const char *sql;
	int kind;
	const char *words;
} refused[] = {
	{ "", ERR_INVALID, "no statement" },
	{ "-- nothing", ERR_INVALID, "no statement" },
	{ "selec 1", ERR_INVALID, "syntax error" },
	{ "SELECT nope FROM users", ERR_INVALID, "no such column" },
	{ "SELECT 1; SELECT 2", ERR_INVALID, "one statement at a time" },
	{ "SELECT 1; DELETE FROM users", ERR_INVALID, "one statement at a time" },
	{ "SELECT 1; nonsense", ERR_INVALID, "one statement at a time" },
	{ "INSERT INTO users(ind) VALUES(1)", ERR_DENIED, "only SELECT" },
	{ "DELETE FROM users", ERR_DENIED, "only SELECT" },
	{ "UPDATE users SET age = 1", ERR_DENIED, "only SELECT" },
	{ "DROP TABLE users", ERR_DENIED, "only SELECT" },
	{ "CREATE TABLE t(a)", ERR_DENIED, "only SELECT" },
	{ "CREATE TEMP TABLE t(a)", ERR_DENIED, "only SELECT" },
	{ "CREATE TABLE t AS SELECT 1", ERR_DENIED, "only SELECT" },
	{ "WITH a AS (SELECT 1) DELETE FROM users", ERR_DENIED, "only SELECT" },
	{ "EXPLAIN DELETE FROM users", ERR_DENIED, "only SELECT" },
	{ "PRAGMA journal_mode = DELETE", ERR_DENIED, "only SELECT" },
	{ "PRAGMA writable_schema = 1", ERR_DENIED, "only SELECT" },
	{ "SELECT * FROM pragma_database_list", ERR_DENIED, "only SELECT" },
	{ "ATTACH '/tmp/x.db' AS x", ERR_DENIED, "only SELECT" },
	{ "DETACH main", ERR_DENIED, "only SELECT" },
	{ "VACUUM INTO '/tmp/x.db'", ERR_DENIED, "only SELECT" },
	{ "BEGIN", ERR_DENIED, "only SELECT" },
	{ "ROLLBACK", ERR_DENIED, "only SELECT" },
	{ "SAVEPOINT a", ERR_DENIED, "only SELECT" },
	{ "SELECT load_extension('x')", ERR_DENIED, "only SELECT" },
	{ "SELECT zeroblob(1000000000)", ERR_INVALID, "too big" },
	{ "SELECT percentile(age, 2) FROM users", ERR_INVALID, "between 0 and 1" },
	{ "SELECT date_part('week', '2020-01-01')", ERR_INVALID, "date_part" },
};

START_TEST(refuse)
{
	begin();
	user(1, "Ann Lee", 20, NULL, 2015);
	finish();
	refuses(refused[_i].sql, refused[_i].kind, refused[_i].words);
	answers("SELECT COUNT(*) AS n FROM users", "\"columns\":[\"n\"],\"rows\":[[1]]");
	/* And the next run can write. */
	begin();
	user(1, "Ann Lee", 20, NULL, 2015);
	finish();
}
END_TEST

START_TEST(limits)
{
	const struct lake_limits two_rows = { 2, 10000, 1 << 20 }, no_time = { 1000, 20, 1 << 20 };
	struct buf out = { 0 };
	struct error err;
	ck_assert_int_eq(ask("SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3", &two_rows, &out, &err), 0);
	ck_assert_str_eq(buf_cstr(&out), "\"columns\":[\"a\"],\"rows\":[[1],[2]],\"truncated\":true");
	ck_assert_int_eq(ask("SELECT 1 AS a UNION ALL SELECT 2", &two_rows, &out, &err), 0);
	ck_assert_str_eq(buf_cstr(&out), "\"columns\":[\"a\"],\"rows\":[[1],[2]],\"truncated\":false");
	ck_assert_int_eq(ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n", &no_time, &out, &err),
			 ERR_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(err.text, "longer than 20 ms"));
	out.max = 1000;
	ck_assert_int_eq(ask("SELECT hex(zeroblob(2000))", NULL, &out, &err), ERR_LIMIT);
	buf_free(&out);
	char *large = xmalloc(LAKE_SQL_MAX + 2);
	memset(large, ' ', LAKE_SQL_MAX + 1);
	large[LAKE_SQL_MAX + 1] = '\0';
	refuses(large, ERR_LIMIT, "longer than");
	free(large);
}
END_TEST

START_TEST(statements_are_text)
{
	static const struct slice rows[] = { S("SELECT 1 AS \xff"), S("SELECT 1\0; DELETE FROM users") };
	const struct lake_limits roomy = { 10, 1000, 1 << 20 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = { 0 };
		struct error err = { 0 };
		ck_assert_int_eq(lake_store_sql(x, rows[i], &roomy, NULL, &out, &err), ERR_INVALID);
		ck_assert_str_eq(err.text, "the statement is not UTF-8 text");
		buf_free(&out);
	}
}
END_TEST

/* ---- values and functions ---- */

static const struct {
	const char *expression, *want;
} values[] = {
	{ "NULL", "null" },
	{ "9007199254740993", "9007199254740993" },
	{ "0.1", "0.1" },
	{ "2.0", "2.0" },
	{ "1e999", "null" },
	{ "'a\"\\' || char(10)", "\"a\\\"\\\\\\n\"" },
	{ "x'00ff'", "\"00ff\"" },
	{ "CAST(x'ff' AS TEXT)", "\"ff\"" },
	{ "year('2020-08-28 03:52:47')", "2020" },
	{ "month('2020-08-28 03:52:47')", "8" },
	{ "day('2020-08-28 03:52:47')", "28" },
	{ "hour('2020-08-28 03:52:47')", "3" },
	{ "minute('2020-08-28 03:52:47')", "52" },
	{ "second('2020-08-28 03:52:47')", "47" },
	{ "year(NULL)", "null" },
	{ "year('x')", "null" },
	{ "date_part('YEAR', '2020-08-28 03:52:47')", "2020" },
	{ "concat('a', 1, 'b')", "\"a1b\"" },
	{ "concat('a', NULL)", "null" },
	{ "concat_ws('-', 'a', NULL, 'b')", "\"a-b\"" },
	{ "concat_ws(NULL, 'a')", "null" },
	/* Of 3 5 5 7 9 and of 1 2 3 4 and of nothing. */
	{ "(SELECT median(v) FROM odd)", "5.0" },
	{ "(SELECT percentile_approx(v, 0.5) FROM odd)", "5" },
	{ "(SELECT median(v) FROM even)", "2.5" },
	{ "(SELECT percentile(v, 0.5) FROM even)", "2.5" },
	{ "(SELECT percentile_approx(v, 0.5) FROM even)", "2" },
	{ "(SELECT approx_percentile(v, 0.5, 100) FROM even)", "2" },
	{ "(SELECT percentile_approx(v, 0.0) FROM even)", "1" },
	{ "(SELECT percentile_approx(v, 1.0) FROM even)", "4" },
	{ "(SELECT percentile(v, 0.25) FROM even)", "1.75" },
	{ "(SELECT percentile_approx(v, 0.51) FROM even)", "3" },
	{ "(SELECT percentile_approx(v + 0.5, 0.5) FROM even)", "2.5" },
	{ "(SELECT median(v) FROM none)", "null" },
	{ "(SELECT percentile_approx(v, 0.5) FROM none)", "null" },
};

START_TEST(value)
{
	char *sql = xasprintf("WITH odd(v) AS (VALUES(9),(3),(5),(NULL),(7),(5)), even(v) AS (VALUES(4),(1),(3),(2)),"
			      " none(v) AS (SELECT 1 WHERE 0) SELECT %s AS v",
			      values[_i].expression);
	char *want = xasprintf("\"columns\":[\"v\"],\"rows\":[[%s]]", values[_i].want);
	answers(sql, want);
	free(want);
	free(sql);
}
END_TEST

/* The indexes of large tables are made by the first statement that joins them. */
START_TEST(large_tables_are_indexed_late)
{
	struct error err = { 0 };
	begin();
	for (int64_t i = 0; i < LAKE_INDEX_LATER; i++) {
		struct clean_value v[CLEAN_COLUMNS_MAX] = { num(i) };
		ck_assert(lake_store_row(s, PIN, v, &err) == 0 && lake_store_row(s, GEO, v, &err) == 0 &&
			  lake_store_row(s, USERS, v, &err) == 0);
	}
	finish();
	answers("SELECT COUNT(*) AS n FROM sqlite_schema WHERE type = 'index'", "\"columns\":[\"n\"],\"rows\":[[0]]");
	answers("SELECT COUNT(*) AS n FROM pin WHERE ind < 5", "\"columns\":[\"n\"],\"rows\":[[5]]");
	answers("SELECT COUNT(*) AS n FROM sqlite_schema WHERE type = 'index'", "\"columns\":[\"n\"],\"rows\":[[0]]");
	answers("SELECT COUNT(*) AS n FROM pin JOIN geo ON pin.ind = geo.ind", "\"columns\":[\"n\"],\"rows\":[[100000]]");
	answers("SELECT COUNT(*) AS n FROM sqlite_schema WHERE type = 'index'", "\"columns\":[\"n\"],\"rows\":[[2]]");
}
END_TEST

/* Its file has one table more, and no schema version. */
START_TEST(a_folder_of_an_older_release_opens)
{
	struct error err = { 0 };
	begin();
	user(1, "Ann Lee", 20, "2015-10-24 11:23:51", 2015);
	finish();
	ck_assert_int_eq(db_exec(&s->db, "CREATE TABLE tarn_fact(dataset TEXT NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
				 "INSERT INTO tarn_fact VALUES('users', 'whole', x''); PRAGMA user_version = 0", &err), 0);
	close_store();
	open_store();
	answers("SELECT COUNT(*) AS n FROM sqlite_schema WHERE name = 'tarn_fact'", "\"columns\":[\"n\"],\"rows\":[[0]]");
	answers("SELECT user_name FROM users", "\"columns\":[\"user_name\"],\"rows\":[[\"Ann Lee\"]]");
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, no_tables_before_the_first_run);
	tcase_add_test(t, a_run_replaces_the_tables);
	tcase_add_test(t, quarantine);
	tcase_add_loop_test(t, refuse, 0, ARRAY_LEN(refused));
	tcase_add_test(t, statements_are_text);
	tcase_add_test(t, limits);
	tcase_add_loop_test(t, value, 0, ARRAY_LEN(values));
}

int main(void)
{
	Suite *suite = suite_create("lake store");
	TCase *file = tcase_create("file"), *memory = tcase_create("memory");
	tcase_add_checked_fixture(file, setup_file, teardown);
	tcase_add_checked_fixture(memory, setup_memory, teardown);
	add_tests(file);
	tcase_add_test(file, readers_see_old_tables_until_the_run_ends);
	tcase_add_test(file, large_tables_are_indexed_late);
	tcase_add_test(file, tables_outlive_the_process);
	tcase_add_test(file, a_folder_of_an_older_release_opens);
	add_tests(memory);
	suite_add_tcase(suite, file);
	suite_add_tcase(suite, memory);
	return run_suite(suite);
}
