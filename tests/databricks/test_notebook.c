/* Notebooks from one form to another, archives, forms. */
#include "databricks/form.h"
#include "databricks/notebook.h"
#include "check_main.h"

static struct arena a;

static void teardown(void)
{
	arena_free(&a);
}

#define HEAD "# Databricks notebook source\n"
#define CUT "\n# COMMAND ----------\n\n"
static const struct {
	const char *source, *commands[4]; /* as written again: source, unless it is said */
	const char *written;
} sources[] = {
	{ HEAD "x = 1\n", { "x = 1" } },
	{ HEAD "x = 1\n" CUT "y = 2\n", { "x = 1", "y = 2" } },
	{ HEAD "# MAGIC %md\n# MAGIC # Title\n# MAGIC\n# MAGIC text\n" CUT "y\n", { "%md\n# Title\n\ntext", "y" } },
	{ HEAD "# MAGIC %sql SELECT 1\n", { "%sql SELECT 1" } },
	{ HEAD "a\r\nb\r\n", { "a\r\nb" }, HEAD "a\r\nb\n" },
	{ "x = 1\n", { "x = 1" }, HEAD "x = 1\n" },
	{ HEAD "\n\nx\n\n\n" CUT "\n\ny\n", { "x", "y" }, HEAD "x\n" CUT "y\n" },
	{ HEAD "# a comment\n# MAGICAL\nx\n", { "# a comment\n# MAGICAL\nx" } },
	{ "\xef\xbb\xbf" HEAD "x\n", { "x" }, HEAD "x\n" },
};

START_TEST(source)
{
	struct dbx_notebook n;
	struct buf b = { 0 };
	size_t count = 0;
	dbx_source_read(&a, sl(sources[_i].source), "PYTHON", &n);
	for (; count < ARRAY_LEN(sources[_i].commands) && sources[_i].commands[count]; count++) {
		ck_assert_uint_lt(count, n.n);
		ck_assert_str_eq(arena_cstr(&a, n.commands[count].text), sources[_i].commands[count]);
	}
	ck_assert_uint_eq(n.n, count);
	dbx_source_write(&n, &b);
	ck_assert_str_eq(buf_cstr(&b), sources[_i].written ? sources[_i].written : sources[_i].source);
	buf_free(&b);
}
END_TEST

START_TEST(titles)
{
	struct dbx_notebook n;
	struct buf b = { 0 };
	const char *text = "-- Databricks notebook source\n-- DBTITLE 1,Load, then look\nSELECT 1\n";
	dbx_source_read(&a, sl(text), "SQL", &n);
	ck_assert_str_eq(arena_cstr(&a, n.commands[0].title), "Load, then look");
	dbx_source_write(&n, &b);
	ck_assert_str_eq(buf_cstr(&b), text);
	buf_free(&b);
}
END_TEST

static const struct {
	const char *name, *text, *language;
	bool ipynb;
} files[] = {
	{ "a.py", HEAD, "PYTHON", false },
	{ "a.py", "#Databricks notebook source", "PYTHON", false },
	{ "a.py", "x = 1\n" HEAD, NULL, false },
	{ "a.sql", "-- Databricks notebook source\n", "SQL", false },
	{ "a.sql", HEAD, NULL, false },
	{ "a.R", HEAD, "R", false },
	{ "a.txt", HEAD, NULL, false },
	{ "a.ipynb", "{\"cells\": []}", "PYTHON", true },
	{ "a.ipynb", "{\"cells\": [], \"metadata\": {\"language_info\": {\"name\": \"sql\"}}}", "SQL", true },
	{ "a.ipynb", "{}", NULL, false },
	{ "a.ipynb", "", NULL, false },
};

START_TEST(kinds)
{
	bool ipynb;
	const char *language = dbx_notebook_of_file(sl(files[_i].name), sl(files[_i].text), &ipynb);
	ck_assert_msg((!language && !files[_i].language) || (language && files[_i].language && !strcmp(language, files[_i].language)), "%s", language ? language : "none");
	ck_assert_int_eq(ipynb, files[_i].ipynb);
}
END_TEST

static int count_member(void *arg, struct slice name, struct slice bytes, struct error *err)
{
	size_t *n = arg;
	*n += name.n + bytes.n;
	return 0;
}

START_TEST(archives)
{
	struct dbx_archive z = { 0 };
	struct error err;
	size_t n = 0;
	dbx_archive_add(&z, S("a/b.python"), S("12345"));
	dbx_archive_add(&z, S("c.sql"), S(""));
	dbx_archive_end(&z);
	ck_assert_int_eq(dbx_archive_read(buf_slice(&z.out), 100, count_member, &n, &err), 0);
	ck_assert_uint_eq(n, 10 + 5 + 5);
	ck_assert_int_eq(dbx_archive_read(buf_slice(&z.out), 4, count_member, &n, &err), ERR_LIMIT);
	for (size_t cut = 0; cut < z.out.n; cut++) /* no part of it is one */
		ck_assert_int_eq(dbx_archive_read(sl_of(z.out.p, cut), 100, count_member, &n, &err), ERR_INVALID);
	z.out.p[35 + 10] ^= 1; /* a byte of the first file's name or text */
	ck_assert_int_ne(dbx_archive_read(buf_slice(&z.out), 100, count_member, &n, &err) == 0 && n == 3 * 20, true);
	buf_free(&z.out);
}
END_TEST

START_TEST(forms)
{
	struct dbx_form f;
	struct slice body = S("--b\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n/a\r\n--b\r\n"
			      "content-disposition: form-data; name=\"content\"; filename=\"x\"\r\nContent-Type: text/plain\r\n\r\n1\r\n2\r\n--b--\r\n");
	ck_assert(dbx_form_read(&a, S("multipart/form-data; boundary=b"), body, &f));
	ck_assert_str_eq(arena_cstr(&a, dbx_form_field(&f, "path")), "/a");
	ck_assert_str_eq(arena_cstr(&a, dbx_form_field(&f, "content")), "1\r\n2");
	ck_assert(!dbx_form_field(&f, "none").p);
	ck_assert(!dbx_form_read(&a, S("application/json"), body, &f));
	ck_assert(dbx_form_read(&a, S("multipart/form-data"), body, &f) && !f.n);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("notebooks");
	TCase *t = tcase_create("notebooks");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, source, 0, ARRAY_LEN(sources));
	tcase_add_test(t, titles);
	tcase_add_loop_test(t, kinds, 0, ARRAY_LEN(files));
	tcase_add_test(t, archives);
	tcase_add_test(t, forms);
	suite_add_tcase(s, t);
	return run_suite(s);
}
