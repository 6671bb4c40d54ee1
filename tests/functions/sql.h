/* An expression of Spark SQL run through parser, analysis and engine, beside what Spark 3.5.5 said of it. */
#ifndef TARN_TEST_FUNCTIONS_SQL_H
#define TARN_TEST_FUNCTIONS_SQL_H

#include "check_main.h"

#include "engine/plan.h"
#include "spark/print.h"
#include "spark/time.h"
#include "sparksql/analyze.h"
#include "sparksql/parse.h"

struct sql_case {
	const char *expression, *is; /* is: as CAST(... AS STRING) says it, NULL; behind !: class of the error, or its text */
};
static struct {
	const char *zone;
	bool ansi;
} sql_session = { "UTC", false };

/* The value of SELECT expression, in a. */
static const char *sql_value(struct arena *a, const char *expression)
{
	struct sp_error err = { 0 };
	struct sp_context cx = { .ansi = sql_session.ansi, .zone = sp_zone_make(a, sl(sql_session.zone)), .now_us = INT64_C(1700000000123456) };
	struct sp_analysis x = { .arena = a, .cx = &cx, .err = &err };
	struct sp_run run = { .cx = &cx, .batch = arena_alloc(a, sizeof(struct arena)), .keep = a };
	struct slice sql = arena_printf(a, "SELECT %s", expression);
	struct sp_stmt *st;
	struct sp_plan *plan;
	struct sp_batch out;
	const char *text = NULL;
	if (!sp_parse(a, sql, &st, &err) && !sp_analyze(&x, st->query, &plan) && !sp_optimize(a, &cx, &plan, &err)) {
		struct sp_rowset *rows = sp_open(&run, plan);
		if (sp_next(rows, &out) > 0) {
			struct sp_value v = sp_get(&out.columns[0], 0);
			struct buf b = { 0 };
			sp_print(&b, out.columns[0].type, &v, cx.zone);
			text = v.null ? "NULL" : arena_cstr(a, buf_slice(&b));
			buf_free(&b);
		}
		sp_close(rows);
		if (run.err.set)
			err = run.err;
	}
	if (err.set)
		text = arena_printf(a, "!%s", err.class[0] && strncmp(err.class, "_LEGACY", 7) ? err.class : err.text).p;
	text = text ? arena_cstr(a, sl(text)) : "no row";
	sp_error_free(&err);
	arena_free(run.batch);
	return text;
}

static void sql_check(const struct sql_case *cases, size_t n)
{
	size_t bad = 0;
	for (size_t i = 0; i < n; i++) {
		struct arena a = { 0 };
		const char *got = sql_value(&a, cases[i].expression);
		if (strcmp(got, cases[i].is) != 0) {
			fprintf(stderr, "%s: %s, but Spark: %s\n", cases[i].expression, got, cases[i].is);
			bad++;
		}
		arena_free(&a);
	}
	ck_assert_uint_eq(bad, 0);
}

#endif
