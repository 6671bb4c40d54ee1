/* Analysis as others call it: expressions over given columns, parameters, the catalog that asks for patience, long and deep statements. */
#include <check.h>
#include <time.h>

#include "check_main.h"
#include "sparksql/analyze.h"
#include "sparksql/parse.h"

struct sut {
	struct arena a;
	struct sp_error err;
	struct sp_context cx;
	struct sp_analysis x;
};

static void begin(struct sut *s)
{
	*s = (struct sut){ 0 };
	s->x = (struct sp_analysis){ .arena = &s->a, .cx = &s->cx, .err = &s->err };
}

static void finish(struct sut *s)
{
	sp_error_free(&s->err);
	arena_free(&s->a);
}

/* Analyses a query; NULL: failed. */
static struct sp_plan *analysed(struct sut *s, struct slice sql)
{
	struct sp_stmt *st = NULL;
	struct sp_plan *plan = NULL;
	if (sp_parse(&s->a, sql, &st, &s->err))
		return NULL;
	return sp_analyze(&s->x, st->query, &plan) ? NULL : plan;
}

static struct sp_expr *expression(struct sut *s, const char *sql, const char *condition)
{
	static const struct sp_field source[] = { { .name = { "k", 1 }, .type = &sp_types[SP_INT] }, { .name = { "v", 1 }, .type = &sp_types[SP_STRING], .nullable = true } };
	static const struct sp_field target[] = { { .name = { "k", 1 }, .type = &sp_types[SP_BIGINT], .nullable = true } };
	const struct sp_given tables[] = { { S("t"), target, 1 }, { S("s"), source, 2 } };
	struct sp_expr *e = NULL;
	struct sp_ex *ex = NULL;
	if (sp_parse_expression(&s->a, sl(sql), &ex, &s->err))
		return NULL;
	if (condition)
		return sp_analyze_condition(&s->x, tables, 2, ex, condition, &e) ? NULL : e;
	return sp_analyze_expr(&s->x, tables, 2, ex, &e) ? NULL : e;
}

START_TEST(an_expression_reads_given_columns)
{
	struct sut s;
	struct sp_expr *e;
	begin(&s);
	e = expression(&s, "t.k = s.k AND v LIKE 'a%'", "MERGE");
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->type->kind, SP_BOOLEAN);
	ck_assert_uint_eq(e->args[0]->args[0]->column, 0);
	ck_assert_int_eq(e->args[0]->args[1]->op, SP_CAST); /* INT beside BIGINT */
	ck_assert_uint_eq(e->args[0]->args[1]->args[0]->column, 1);
	ck_assert_uint_eq(e->args[1]->args[0]->column, 2);
	e = expression(&s, "transform(array(s.k), x -> x + t.k)", NULL);
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->args[1]->column, 3); /* parameters follow the columns */
	finish(&s);
}
END_TEST

START_TEST(what_is_no_plain_expression_is_refused)
{
	static const struct {
		const char *sql, *class;
	} cases[] = { { "k", "AMBIGUOUS_REFERENCE" }, { "nope", "UNRESOLVED_COLUMN.WITH_SUGGESTION" }, { "sum(v) > 1", "UNSUPPORTED_EXPR_FOR_OPERATOR" },
		      { "v", "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN" }, { "s.k IN (SELECT 1)", "UNSUPPORTED_EXPR_FOR_OPERATOR" } };
	size_t i;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct sut s;
		begin(&s);
		ck_assert_ptr_null(expression(&s, cases[i].sql, "DELETE"));
		ck_assert_str_eq(s.err.class, cases[i].class);
		finish(&s);
	}
}
END_TEST

START_TEST(parameters_are_constants)
{
	const struct sp_parameter p[] = { { S("a"), &sp_types[SP_INT], { .i = 5 } }, { { NULL, 0 }, &sp_types[SP_STRING], { .s = { "x", 1 } } } };
	struct sut s;
	struct sp_plan *plan;
	begin(&s);
	s.x.parameters = p;
	s.x.parameter_n = 2;
	plan = analysed(&s, S("SELECT :a + 1"));
	ck_assert_ptr_nonnull(plan);
	ck_assert_int_eq(plan->columns[0].type->kind, SP_INT);
	plan = analysed(&s, S("SELECT ?"));
	ck_assert_ptr_nonnull(plan);
	ck_assert_int_eq(plan->columns[0].type->kind, SP_STRING);
	ck_assert_ptr_null(analysed(&s, S("SELECT :b")));
	ck_assert_str_eq(s.err.class, "UNBOUND_SQL_PARAMETER");
	finish(&s);
}
END_TEST

static int later(void *self, const struct sp_table_name *name, struct sp_found *out, struct sp_error *err)
{
	++*(int *)self;
	*out = (struct sp_found){ .kind = SP_FOUND_LATER };
	return 0;
}

START_TEST(a_table_that_is_looked_up_is_waited_for)
{
	int asked = 0;
	const struct sp_catalog catalog = { .self = &asked, .find = later };
	struct sut s;
	begin(&s);
	s.x.catalog = &catalog;
	ck_assert_ptr_null(analysed(&s, S("SELECT * FROM a JOIN b")));
	ck_assert_int_eq(s.err.kind, SP_E_AGAIN);
	ck_assert_int_eq(asked, 1);
	finish(&s);
}
END_TEST

static double seconds_of(struct slice sql)
{
	struct timespec from, to;
	struct sut s;
	begin(&s);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	ck_assert_msg(analysed(&s, sql) != NULL, "%s", s.err.text ? s.err.text : "");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	finish(&s);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Steps that each read a column of the one before three times, and the one before once or twice. */
static void chain(struct buf *b, int steps, bool twice)
{
	int i;
	buf_reset(b);
	buf_adds(b, "WITH s0 AS (SELECT 1 AS a, 'x' AS b)");
	for (i = 1; i <= steps; i++)
		if (twice)
			buf_addf(b, ", s%d AS (SELECT x.a, y.b FROM s%d x JOIN s%d y ON x.a = y.a)", i, i - 1, i - 1);
		else
			buf_addf(b, ", s%d AS (SELECT *, CASE WHEN b LIKE 'a%%' THEN a + 1 ELSE a * a END AS c%d FROM s%d)", i, i, i - 1);
	buf_addf(b, " SELECT * FROM s%d", steps);
}

START_TEST(a_long_chain_of_steps_grows_with_its_length)
{
	struct buf b = { 0 };
	double few, many;
	chain(&b, 75, false);
	few = seconds_of(buf_slice(&b));
	chain(&b, 300, false); /* four times the steps, of up to four times the columns */
	many = seconds_of(buf_slice(&b));
	ck_assert_msg(many < 100 * few + 0.05, "75 steps take %f s, 300 take %f s", few, many);
	chain(&b, 60, true); /* 2^60 readings, if each were one */
	ck_assert(seconds_of(buf_slice(&b)) < 10);
	buf_free(&b);
}
END_TEST

START_TEST(deep_and_long_statements_are_served_or_refused)
{
	struct buf b = { 0 };
	struct sut s;
	int i;
	buf_adds(&b, "SELECT 0");
	for (i = 1; i < 5000; i++)
		buf_addf(&b, " + %d", i);
	begin(&s);
	ck_assert_ptr_nonnull(analysed(&s, buf_slice(&b)));
	finish(&s);
	buf_reset(&b);
	buf_adds(&b, "SELECT 1 AS a");
	for (i = 1; i < 5000; i++)
		buf_addf(&b, " UNION ALL SELECT %d", i);
	begin(&s);
	ck_assert_ptr_nonnull(analysed(&s, buf_slice(&b)));
	finish(&s);
	buf_reset(&b);
	for (i = 0; i < 900; i++)
		buf_adds(&b, "SELECT * FROM (");
	buf_adds(&b, "SELECT 1 AS a");
	for (i = 0; i < 900; i++)
		buf_addc(&b, ')');
	begin(&s);
	ck_assert(analysed(&s, buf_slice(&b)) != NULL || s.err.set);
	finish(&s);
	buf_free(&b);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("analysis");
	Suite *suite = suite_create("analysis");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_expression_reads_given_columns);
	tcase_add_test(tc, what_is_no_plain_expression_is_refused);
	tcase_add_test(tc, parameters_are_constants);
	tcase_add_test(tc, a_table_that_is_looked_up_is_waited_for);
	tcase_add_test(tc, a_long_chain_of_steps_grows_with_its_length);
	tcase_add_test(tc, deep_and_long_statements_are_served_or_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
