/* Types as SQL writes them; expectations are Spark 3.5's. */
#include <check.h>

#include "spark/ddl.h"
#include "check_main.h"

static const struct ddl_case {
	const char *text, *simple; /* or the error: "CLASS@from text" */
} cases[] = {
	{ "int", "int" },
	{ "INTEGER", "int" },
	{ "byte", "tinyint" },
	{ " long ", "bigint" },
	{ "decimal", "decimal(10,0)" },
	{ "decimal ( 12 , 3 )", "decimal(12,3)" },
	{ "dec(3)", "decimal(3,0)" },
	{ "varchar(5)", "string" },
	{ "timestamp_ltz", "timestamp" },
	{ "map<string,array<struct<a:int>>>", "map<string,array<struct<a:int>>>" },
	{ "struct<>", "struct<>" },
	{ "struct<a int, `b c`: string comment 'x' , c: int not null>", "struct<a:int,b c:string,c:int>" },
	{ "interval", "interval" },
	{ "interval day to second", "interval day to second" },
	{ "interval month", "interval month" },
	{ "interval hour to minute", "interval hour to minute" },
	{ "a INT, B STRING NOT NULL COMMENT 'it''s'", "PARSE_SYNTAX_ERROR@2 Syntax error at or near 'INT'." },
	{ "a INT, B STRING NOT NULL COMMENT 'x'", "struct<a:int,B:string>" },
	{ "from int -- a comment", "struct<from:int>" },
	{ "int /* a /* nested */ comment */", "int" },
	{ "foo", "UNSUPPORTED_DATATYPE@0 Unsupported data type \"FOO\"." },
	{ "int(3)", "UNSUPPORTED_DATATYPE@0 Unsupported data type \"INT(3)\"." },
	{ "`int`", "UNSUPPORTED_DATATYPE@0 Unsupported data type \"INT\"." },
	{ "varchar", "DATATYPE_MISSING_SIZE@0 DataType \"VARCHAR\" requires a length parameter, for example \"VARCHAR\"(10). Please specify the length." },
	{ "array<int", "PARSE_SYNTAX_ERROR@9 Syntax error at or near end of input: missing '>'." },
	{ "a:int", "PARSE_SYNTAX_ERROR@1 Syntax error at or near ':'." },
	{ "a int b", "PARSE_SYNTAX_ERROR@2 Syntax error at or near 'int'." },
	{ "", "PARSE_SYNTAX_ERROR@0 Syntax error at or near end of input." },
	{ "map<int>", "PARSE_SYNTAX_ERROR@7 Syntax error at or near '>'." },
	{ "interval second to day", "PARSE_SYNTAX_ERROR@19 Syntax error at or near 'day'." },
	{ "decimal(50,2)", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION@0 Decimal precision 50 exceeds max precision 38." },
};

START_TEST(a_type_as_sql_writes_it)
{
	const struct ddl_case *c = &cases[_i];
	struct arena a = { 0 };
	struct sp_error err = { 0 };
	struct buf b = { 0 };
	const struct sp_type *t;
	if (sp_ddl(&a, sl(c->text), &t, &err))
		buf_addf(&b, "%s@%zu %s", err.class, err.from, err.text);
	else
		sp_type_simple(&b, t);
	ck_assert_str_eq(buf_cstr(&b), c->simple);
	sp_error_free(&err);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

START_TEST(a_type_ends_where_something_else_begins)
{
	struct arena a = { 0 };
	struct sp_error err = { 0 };
	const struct sp_type *t;
	size_t used;
	ck_assert_int_eq(sp_ddl_type(&a, S("array<int> NOT NULL"), &used, &t, &err), 0);
	ck_assert_uint_eq(used, 10);
	ck_assert_int_eq(sp_ddl_type(&a, S("interval day , x"), &used, &t, &err), 0);
	ck_assert_uint_eq(used, 12);
	arena_free(&a);
}
END_TEST

START_TEST(depth_has_a_limit)
{
	struct arena a = { 0 };
	struct sp_error err = { 0 };
	struct buf b = { 0 };
	const struct sp_type *t;
	for (int i = 0; i < 100000; i++)
		buf_adds(&b, "array<");
	ck_assert_int_ne(sp_ddl_type(&a, buf_slice(&b), NULL, &t, &err), 0);
	ck_assert_int_eq(err.kind, SP_E_LIMIT);
	sp_error_free(&err);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ddl");
	TCase *tc = tcase_create("types");
	tcase_add_loop_test(tc, a_type_as_sql_writes_it, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, a_type_ends_where_something_else_begins);
	tcase_add_test(tc, depth_has_a_limit);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
