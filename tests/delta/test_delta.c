/* Delta tables: rows written and read, writers side by side, answers that get lost, the table's schema.
 *
 * With arguments it is the writer of tests/clients/readers.py: see writer_main. */
#include "delta_table.h"

/* ---- tables ---- */

START_TEST(write_and_read)
{
	struct answer a = write_with(append, 0, 13), rows, log;
	ck_assert_str_eq(a.text, "");
	ck_assert_int_eq((int)a.version, 0);
	ck_assert_int_eq((int)write_with(append, 13, 2).version, 1);
	rows = scan(-1);
	ck_assert_int_eq((int)rows.rows, 15);
	ck_assert_msg(strncmp(buf_cstr(&rows.body),
			      "{\"ind\":0,\"country\":\"\",\"coordinates\":[0,-0],\"timestamp\":\"2026-01-05 08:00:00\"}\n"
			      "{\"ind\":1,\"country\":\"Chile \xf0\x9f\x87\xa8\xf0\x9f\x87\xb1\",\"coordinates\":[0.125,null],\"timestamp\":\"2026-01-05 "
			      "08:00:00.001500\"}\n"
			      "{\"ind\":2,\"country\":\"Chile \xf0\x9f\x87\xa8\xf0\x9f\x87\xb1\",\"coordinates\":[],\"timestamp\":\"2026-01-05 "
			      "08:00:00.003000\"}\n"
			      "{\"ind\":3,\"country\":\"Chile \xf0\x9f\x87\xa8\xf0\x9f\x87\xb1\",\"timestamp\":\"2026-01-05 08:00:00.004500\"}\n"
			      "{\"ind\":4,\"coordinates\":[0.5,-4],\"timestamp\":\"2026-01-05 08:00:00.006000\"}\n"
			      "{\"ind\":5,\"country\":\"\",\"coordinates\":[0.625,null]}\n", 400) == 0, "%s", buf_cstr(&rows.body));
	buf_free(&rows.body);
	log = get("delta/geo/_delta_log/00000000000000000001.json");
	ck_assert_msg(strstr(buf_cstr(&log.body), "\"stats\":\"{\\\"numRecords\\\":2,\\\"minValues\\\":{\\\"ind\\\":13,\\\"country\\\":\\\"Chile "
						  "\xf0\x9f\x87\xa8\xf0\x9f\x87\xb1\\\",\\\"timestamp\\\":\\\"2026-01-05T08:00:00.019Z\\\"}") != NULL,
		      "%s", buf_cstr(&log.body));
	ck_assert(strstr(buf_cstr(&log.body), "\\\"nullCount\\\":{\\\"ind\\\":0,\\\"country\\\":1,\\\"timestamp\\\":0}") != NULL);
	buf_free(&log.body);
}
END_TEST

/* The same rows, clock and seed in a fresh store: the same names and bytes. */
START_TEST(same_bytes)
{
	struct answer log[2], data[2];
	for (int i = 0; i < 2; i++) {
		char key[200] = "delta/geo/", *path;
		if (i) {
			env_close();
			table_open();
		}
		write_with(append, 0, 500);
		log[i] = get("delta/geo/_delta_log/00000000000000000000.json");
		path = strstr(buf_cstr(&log[i].body), "\"path\":\"") + 8;
		strncat(key, path, (size_t)(strchr(path, '"') - path));
		data[i] = get(key);
		ck_assert_str_eq(data[i].text, "");
	}
	ck_assert(sl_eq(buf_slice(&log[0].body), buf_slice(&log[1].body)));
	ck_assert(sl_eq(buf_slice(&data[0].body), buf_slice(&data[1].body)));
	for (int i = 0; i < 2; i++) {
		buf_free(&log[i].body);
		buf_free(&data[i].body);
	}
}
END_TEST

/* ---- a store whose calls fail on demand ---- */

static struct object_store faulty;
static struct {
	int call, fail_at; /* 1-based count of writing calls; 0: never */
	bool done_first;   /* the write happens, its answer is lost */
} fault;
struct late {
	struct owed owed;
	put_cb cb;
	void *arg;
	struct owed *written;
};

static void late_free(struct owed *o)
{
	owed_cancel_all(&((struct late *)o)->written);
	free(o);
}

static void say_lost(struct owed *o)
{
	struct late *l = (struct late *)o;
	struct error e;
	(void)err_set(&e, ERR_NETWORK, "connection reset by peer");
	l->cb(l->arg, &e);
}

static void on_written(void *arg, const struct error *e)
{
	struct late *l = arg;
	owed_end(&l->owed);
	say_lost(&l->owed);
	late_free(&l->owed);
}

static bool fails(void)
{
	return ++fault.call == fault.fail_at;
}

static struct late *late_new(put_cb cb, void *arg)
{
	struct late *l = xcalloc(1, sizeof(*l));
	owed_init(&l->owed, NULL, late_free);
	l->cb = cb;
	l->arg = arg;
	return l;
}

static struct owed *faulty_put_new(void *self, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace,
				   put_cb cb, void *arg)
{
	struct late *l;
	if (!fails())
		return store.put_new(self, bucket, key, type, body, trace, cb, arg);
	l = late_new(cb, arg);
	if (fault.done_first)
		owed_keep(&l->written, store.put_new(self, bucket, key, type, body, trace, on_written, l));
	else
		owed_soon(&l->owed, env.loop, say_lost);
	return &l->owed;
}

static struct owed *faulty_put(void *self, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace, put_cb cb,
			       void *arg)
{
	struct late *l;
	if (!fails())
		return store.put(self, bucket, key, type, body, trace, cb, arg);
	l = late_new(cb, arg);
	owed_soon(&l->owed, env.loop, say_lost);
	return &l->owed;
}

static void setup(void)
{
	table_open();
	memset(&fault, 0, sizeof(fault));
	faulty = store;
	faulty.put_new = faulty_put_new;
	faulty.put = faulty_put;
}

/* ---- writers side by side ---- */

START_TEST(two_appends)
{
	struct answer a, b;
	/* The table doesn't exist yet, and both write the very same bytes. */
	start_write(append, 0, 10, &a);
	start_write(append, 0, 10, &b);
	env_until(a.calls && b.calls);
	ck_assert_str_eq(a.text, "");
	ck_assert_str_eq(b.text, "");
	ck_assert_int_eq((int)(a.version + b.version), 1);
	ck_assert_int_eq((int)row_count(-1), 20);
	start_write(append, 20, 10, &a);
	start_write(append, 30, 10, &b);
	env_until(a.calls && b.calls);
	ck_assert_int_eq((int)(a.version + b.version), 5);
	ck_assert_int_eq((int)row_count(-1), 40);
}
END_TEST

START_TEST(many_appends)
{
	enum { N = 25 };
	struct answer a[N];
	int64_t sum = 0;
	for (int i = 0; i < N; i++)
		start_write(append, i * 4, 4, &a[i]);
	for (int i = 0; i < N; i++) {
		env_until(a[i].calls);
		ck_assert_str_eq(a[i].text, "");
		sum += a[i].version;
	}
	ck_assert_int_eq((int)sum, N * (N - 1) / 2);
	ck_assert_int_eq((int)row_count(-1), N * 4);
}
END_TEST

START_TEST(overwrite_loses)
{
	struct delta_write over = append;
	struct answer a, b;
	write_with(append, 0, 10);
	over.mode = DELTA_OVERWRITE;
	start_write(append, 10, 1, &a);
	start_write(over, 100, 50000, &b); /* takes longer to encode, so the append commits before it */
	env_until(a.calls && b.calls);
	ck_assert_str_eq(a.text, "");
	ck_assert_str_eq(b.code, "DELTA_CONCURRENT_APPEND");
	ck_assert(strstr(b.text, "ConcurrentAppendException: Files were added to the root of the table by a concurrent update.") != NULL);
	ck_assert_int_eq((int)row_count(-1), 11);
	ck_assert_int_eq((int)write_with(over, 100, 3).version, 2);
	ck_assert_int_eq((int)row_count(-1), 3);
	ck_assert_int_eq((int)row_count(1), 11);
}
END_TEST

START_TEST(one_batch_once)
{
	struct delta_write in = append;
	struct answer a, b;
	in.app = S("query-1");
	in.streaming = true;
	start_write(in, 0, 5, &a);
	start_write(in, 0, 5, &b);
	env_until(a.calls && b.calls);
	ck_assert_str_eq(a.text, "");
	ck_assert_str_eq(b.text, "");
	ck_assert_int_eq(a.skipped + b.skipped, 1);
	ck_assert(write_with(in, 0, 5).skipped);
	in.app_version = 1;
	ck_assert(!write_with(in, 5, 5).skipped);
	in.app = S("query-2");
	in.app_version = 0;
	ck_assert(!write_with(in, 0, 5).skipped);
	ck_assert_int_eq((int)row_count(-1), 15);
}
END_TEST

/* Each writing call in turn fails, with and without having been done; the same batch again: in once, whatever happened. */
START_TEST(lost_answers)
{
	for (int done = 0; done < 2; done++) {
		int failed = 0;
		for (int at = 1; at <= 6; at++) {
			struct delta_write in = append;
			struct answer a;
			char app[32];
			snprintf(app, sizeof(app), "q-%d-%d", done, at);
			in.app = sl(app);
			table.store = &faulty;
			fault.call = 0;
			fault.fail_at = at;
			fault.done_first = done;
			a = write_with(in, 0, 3);
			failed += a.text[0] != 0;
			table.store = &store;
			a = write_with(in, 0, 3);
			ck_assert_str_eq(a.text, "");
		}
		ck_assert_int_gt(failed, 0);
		ck_assert_int_eq((int)row_count(-1), 18 * (done + 1));
	}
}
END_TEST

/* ---- schema of a table ---- */

START_TEST(refused_schema)
{
	struct delta_field fewer[] = { { .name = { "IND", 3 }, .type = DELTA_INTEGER } };
	struct delta_field other[] = { { .name = { "ind", 3 }, .type = DELTA_STRING } };
	struct delta_field more[] = { { .name = { "note", 4 }, .type = DELTA_STRING }, { .name = { "ind", 3 }, .type = DELTA_INTEGER } };
	struct delta_write in = append;
	struct answer a;
	write_with(append, 0, 5);
	a = write_one(other, 1, in);
	ck_assert_str_eq(a.code, "DELTA_FAILED_TO_MERGE_FIELDS");
	a = write_one(more, 2, in);
	ck_assert(strncmp(a.text, "A schema mismatch detected when writing to the Delta table (Table ID: ", 70) == 0);
	ck_assert_int_eq((int)row_count(-1), 5);
	ck_assert_str_eq(write_one(fewer, 1, in).text, "");
	in.merge_schema = true;
	ck_assert_str_eq(write_one(more, 2, in).text, "");
	a = scan(-1);
	ck_assert_int_eq((int)a.rows, 7);
	ck_assert(strstr(buf_cstr(&a.body), "\n{\"ind\":1}\n{\"ind\":1,\"note\":\"x\"}\n") != NULL);
	buf_free(&a.body);
	in.merge_schema = false;
	in.mode = DELTA_OVERWRITE;
	ck_assert_str_eq(write_one(other, 1, in).code, "DELTA_FAILED_TO_MERGE_FIELDS");
	in.overwrite_schema = true;
	ck_assert_str_eq(write_one(other, 1, in).text, "");
	a = scan(-1);
	ck_assert_str_eq(buf_cstr(&a.body), "{\"ind\":\"x\"}\n");
	buf_free(&a.body);
	in.mode = DELTA_ERROR_IF_EXISTS;
	ck_assert_str_eq(write_one(other, 1, in).code, "DELTA_TABLE_ALREADY_EXISTS");
	in.mode = DELTA_IGNORE;
	ck_assert(write_one(other, 1, in).skipped);
}
END_TEST

START_TEST(no_rows)
{
	struct answer a = write_with(append, 0, 0), l;
	ck_assert_str_eq(a.text, "");
	ck_assert_int_eq((int)row_count(-1), 0);
	l = load(-1);
	ck_assert_uint_eq(l.s->schema.n, 4);
	ck_assert_uint_eq(l.s->file_n, 0);
	delta_snapshot_free(l.s);
	ck_assert_int_eq((int)write_with(append, 0, 3).version, 1);
	ck_assert_int_eq((int)row_count(-1), 3);
}
END_TEST

#include "delta_writer.h"

int main(int argc, char **argv)
{
	Suite *suite = suite_create("delta");
	TCase *t = tcase_create("delta");
	if (argc > 1)
		return writer_main(argc, argv);
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, env_close);
	tcase_add_test(t, write_and_read);
	tcase_add_test(t, same_bytes);
	tcase_add_test(t, two_appends);
	tcase_add_test(t, many_appends);
	tcase_add_test(t, overwrite_loses);
	tcase_add_test(t, one_batch_once);
	tcase_add_test(t, lost_answers);
	tcase_add_test(t, refused_schema);
	tcase_add_test(t, no_rows);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
