/* Statements to trees, wrong ones to Spark's words, the splitter, and what is long or deep. */
#include <check.h>

#include "sparksql/lex.h"
#include "sparksql/parse.h"
#include "check_main.h"
#include "parse_cases.h"
#include "tree.h"

START_TEST(a_statement_is_read)
{
	struct arena a = { 0 };
	struct sp_error err = { 0 };
	struct sp_stmt *s = NULL;
	struct buf b = { 0 };
	if (sp_parse(&a, sl(trees[_i].sql), &s, &err))
		buf_adds(&b, err.text);
	else
		tree_print(&b, s);
	ck_assert_msg(strcmp(buf_cstr(&b), trees[_i].tree) == 0, "%s\n is %s\n not %s", trees[_i].sql, buf_cstr(&b), trees[_i].tree);
	sp_error_free(&err);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

START_TEST(an_error_is_worded_as_spark_does)
{
	struct arena a = { 0 };
	struct sp_error err = { 0 };
	struct sp_stmt *s = NULL;
	struct buf b = { 0 };
	struct slice sql = sl(errors[_i].sql), message;
	ssize_t end;
	if (sp_parse(&a, sql, &s, &err))
		sp_error_message(&b, &err, sql);
	message = sl_trim(buf_slice(&b));
	end = sl_find(message, S("\n== SQL =="));
	message = sl_trim((struct slice){ message.p, end < 0 ? message.n : (size_t)end });
	ck_assert_msg(sl_eqs(message, errors[_i].message ? errors[_i].message : ""), "%s\n gives %.*s\n not %s", errors[_i].sql, SL(message),
		      errors[_i].message ? errors[_i].message : "(no error)");
	sp_error_free(&err);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

/* The parts of text, by `|`. */
static void split_is(const char *text, const char *parts)
{
	struct buf b = { 0 };
	size_t at = 0;
	struct slice part;
	while ((part = sp_split(sl(text), &at)).p) {
		if (b.n)
			buf_addc(&b, '|');
		buf_addsl(&b, sl_trim(part));
	}
	ck_assert_str_eq(buf_cstr(&b), parts);
	buf_free(&b);
}

START_TEST(statements_are_cut_at_semicolons)
{
	split_is("SELECT 1; SELECT 2", "SELECT 1|SELECT 2");
	split_is("SELECT ';' ; SELECT \"a;b\", `c;d` -- e;f\n; /* g;h */ SELECT 3;", "SELECT ';'|SELECT \"a;b\", `c;d` -- e;f|/* g;h */ SELECT 3");
	split_is("SELECT 'it\\';' ; x", "SELECT 'it\\';'|x");
	split_is("SELECT 'open; SELECT 2", "SELECT 'open|SELECT 2");
	ck_assert(sp_is_blank(S(" -- x\n /* y /* z */ */ ")));
	ck_assert(!sp_is_blank(S(" -- x\n 1")));
}
END_TEST

static int parse_text(struct buf *b, struct sp_error *err)
{
	struct arena a = { 0 };
	struct sp_stmt *s;
	int rc = sp_parse(&a, buf_slice(b), &s, err);
	arena_free(&a);
	buf_free(b);
	return rc;
}

START_TEST(what_is_long_is_fine)
{
	struct buf b = { 0 };
	struct sp_error err = { 0 };
	buf_adds(&b, "SELECT 1");
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, " + a");
	ck_assert_int_eq(parse_text(&b, &err), 0);
	buf_adds(&b, "SELECT a IN (0");
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, ", %d", i);
	buf_adds(&b, ")");
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, " AND b");
	ck_assert_int_eq(parse_text(&b, &err), 0);
	buf_adds(&b, "SELECT 1");
	for (int i = 0; i < 20000; i++)
		buf_adds(&b, " UNION ALL SELECT 1");
	ck_assert_int_eq(parse_text(&b, &err), 0);
	buf_adds(&b, "SELECT a");
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, ".a");
	ck_assert_int_eq(parse_text(&b, &err), 0);
}
END_TEST

/* What nests when it is repeated: refused beyond a depth, never a crash, and soon. */
static const char *const nesting[] = { "(", "f(", "NOT ", "- ", "a[", "CASE WHEN ", "(SELECT ", "x -> ", "CAST(", "EXISTS (SELECT ", "a IN (", "struct(",
	"(SELECT 1 FROM ", "trim(both ", "(a, ", "a BETWEEN ", "WHERE ", "FROM ", "a OR (", "f(a, (", "substring(a FROM " };

START_TEST(what_is_deep_is_refused)
{
	static const int times[] = { 100, 3000, 100000 };
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct buf b = { 0 };
		struct sp_error err = { 0 };
		buf_adds(&b, "SELECT ");
		for (int k = 0; k < times[i]; k++)
			buf_adds(&b, nesting[_i]);
		(void)parse_text(&b, &err);
		sp_error_free(&err);
	}
}
END_TEST

START_TEST(relations_may_not_be_deep)
{
	static const char *const what[] = { "(", "(SELECT * FROM ", "LATERAL (", "a JOIN (", "f(TABLE " };
	for (size_t i = 0; i < ARRAY_LEN(what); i++) {
		struct buf b = { 0 };
		struct sp_error err = { 0 };
		buf_adds(&b, "SELECT * FROM ");
		for (int k = 0; k < 50000; k++)
			buf_adds(&b, what[i]);
		ck_assert_int_ne(parse_text(&b, &err), 0);
		ck_assert_msg(err.kind == SP_E_LIMIT || err.kind == SP_E_PARSE, "%s: %s", what[i], err.text);
		sp_error_free(&err);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("parse");
	TCase *tc = tcase_create("statements");
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, a_statement_is_read, 0, (int)ARRAY_LEN(trees));
	tcase_add_loop_test(tc, an_error_is_worded_as_spark_does, 0, (int)ARRAY_LEN(errors));
	tcase_add_test(tc, statements_are_cut_at_semicolons);
	tcase_add_test(tc, what_is_long_is_fine);
	tcase_add_loop_test(tc, what_is_deep_is_refused, 0, (int)ARRAY_LEN(nesting));
	tcase_add_test(tc, relations_may_not_be_deep);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
