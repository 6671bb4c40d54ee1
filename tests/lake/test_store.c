/* The quarantine: what a clean run leaves of it, and when that is seen. */
#include "cleaning/pinterest.h"
#include "env.h"
#include "lake/store.h"

static struct lake_store *s;
static struct cleaning all;
static struct arena sets_text;

static void open_store(void)
{
	struct error err = { 0 };
	if (!all.sets.n)
		pinterest_open(&all, &sets_text);
	ck_assert_msg(lake_store_open(&s, &env, &all.sets, &err) == 0, "%s", err.text);
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
	lake_store_close(s);
	env_close();
}

static void begin(uint32_t sets)
{
	struct error err = { 0 };
	ck_assert_msg(lake_store_begin(s, sets, &err) == 0, "%s", err.text);
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

/* "dataset key line length-of-record;" of each row. */
static void shows(const char *want)
{
	static const struct sp_field fields[LAKE_QUARANTINE_COLUMNS] = {
		{ .type = &sp_types[SP_STRING] }, { .type = &sp_types[SP_STRING] }, { .type = &sp_types[SP_STRING] },
		{ .type = &sp_types[SP_BIGINT] }, { .type = &sp_types[SP_BIGINT] }, { .type = &sp_types[SP_STRING] },
		{ .type = &sp_types[SP_BIGINT] }, { .type = &sp_types[SP_BINARY] }, { .type = &sp_types[SP_STRING] },
	};
	const bool needed[LAKE_QUARANTINE_COLUMNS] = { true, false, true, true, false, false, false, false, true };
	struct sp_table *t = sp_table_new();
	struct buf got = { 0 };
	struct error err = { 0 };
	bool there;
	t->fields = fields;
	t->field_n = LAKE_QUARANTINE_COLUMNS;
	ck_assert_int_eq(lake_store_quarantined(s, &there, &err), 0);
	ck_assert(there);
	ck_assert_msg(lake_store_quarantine(s, needed, t, &err) == 0, "%s", err.text);
	for (int64_t r = 0; r < t->row_n; r++) {
		const struct sp_vec *c = t->chunks[0].columns;
		buf_addf(&got, "%.*s %.*s %lld %zu;", SL(sp_get(&c[0], (size_t)r).s), SL(sp_get(&c[2], (size_t)r).s),
			 (long long)sp_get(&c[3], (size_t)r).i, sp_get(&c[8], (size_t)r).s.n);
		ck_assert_ptr_null(c[7].type); /* not asked for, not read */
	}
	ck_assert_str_eq(buf_cstr(&got), want);
	buf_free(&got);
	sp_table_free(t);
}

START_TEST(records_are_cut_at_a_character)
{
	char record[2 * LAKE_SNIPPET];
	memset(record, 'a', sizeof(record));
	memcpy(record + LAKE_SNIPPET - 1, "\xc3\xbc", 2); /* a letter across the cut */
	begin(1 << PIN | 1 << GEO);
	bad(PIN, S("topics/x"), 3, S("{\"a\":"));
	bad(PIN, S("topics/x"), 4, S("\xff\xfe"));
	bad(GEO, S("topics/y"), 1, sl_of(record, sizeof(record)));
	finish();
	shows("pin topics/x 3 5;pin topics/x 4 4;geo topics/y 1 199;");
}
END_TEST

START_TEST(a_run_replaces_what_it_cleans)
{
	begin(1 << PIN | 1 << GEO);
	bad(PIN, S("p"), 1, S("x"));
	bad(GEO, S("g"), 1, S("x"));
	finish();
	begin(1 << GEO);
	bad(GEO, S("new"), 2, S("yy"));
	finish();
	shows("pin p 1 1;geo new 2 2;");
	begin(1 << GEO);
	lake_store_cancel(s);
	shows("pin p 1 1;geo new 2 2;");
}
END_TEST

START_TEST(there_is_none_before_the_first_run)
{
	struct error err = { 0 };
	bool there = true;
	ck_assert_int_eq(lake_store_quarantined(s, &there, &err), 0);
	ck_assert(!there);
	begin(0);
	finish();
	shows("");
}
END_TEST

START_TEST(it_outlives_the_process)
{
	begin(1 << PIN);
	bad(PIN, S("p"), 1, S("x"));
	finish();
	begin(1 << PIN);
	lake_store_close(s); /* in mid-run */
	open_store();
	shows("pin p 1 1;");
}
END_TEST

/* Older releases had the cleaned tables here, too: they go, the quarantine stays. */
START_TEST(a_folder_of_an_older_release_opens)
{
	sqlite3 *h;
	char *path = xasprintf("%s/lake.db", env.dir), *wrong = NULL;
	lake_store_close(s);
	ck_assert_int_eq(sqlite3_open(path, &h), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(h, "CREATE TABLE \"pin\"(ind INTEGER NOT NULL, title TEXT) STRICT; INSERT INTO pin VALUES(1, 'a');"
				      "CREATE INDEX pin_ind ON pin(ind);"
				      "CREATE TABLE quarantine(dataset TEXT NOT NULL, topic TEXT NOT NULL, object_key TEXT NOT NULL, line INTEGER NOT NULL,"
				      " at INTEGER, reason TEXT NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL, record TEXT NOT NULL) STRICT;"
				      "INSERT INTO quarantine VALUES('pin', 't', 'p', 7, NULL, 'r', 1, x'78', 'x')", NULL, NULL, &wrong) == SQLITE_OK,
		      "%s", wrong);
	sqlite3_close(h);
	open_store();
	shows("pin p 7 1;");
	lake_store_close(s);
	ck_assert_int_eq(sqlite3_open(path, &h), SQLITE_OK);
	ck_assert_int_ne(sqlite3_exec(h, "SELECT * FROM pin", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
	open_store();
	free(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lake store");
	TCase *t = tcase_create("file");
	tcase_add_checked_fixture(t, setup_file, teardown);
	tcase_add_test(t, records_are_cut_at_a_character);
	tcase_add_test(t, a_run_replaces_what_it_cleans);
	tcase_add_test(t, there_is_none_before_the_first_run);
	tcase_add_test(t, it_outlives_the_process);
	tcase_add_test(t, a_folder_of_an_older_release_opens);
	suite_add_tcase(suite, t);
	t = tcase_create("memory");
	tcase_add_checked_fixture(t, setup_memory, teardown);
	tcase_add_test(t, records_are_cut_at_a_character);
	tcase_add_test(t, a_run_replaces_what_it_cleans);
	tcase_add_test(t, there_is_none_before_the_first_run);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
