/* Names of tables as Spark writes them. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "cleaning/pinterest.h"
#include "lake/names.h"

/* ---- statements ---- */

static const struct {
	const char *in, *out; /* out NULL: as it was */
} statements[] = {
	{ "SELECT 1", NULL },
	{ "", NULL },
	{ "SELECT * FROM pin WHERE ind = 1e5 AND x > .5e-3 AND y = 0xFFee OR z = 1.e3", NULL },
	{ "SELECT '0affea_x delta.`/a/b`@v3', \"a@v3\", [b@v3], `c``d` -- 0affea_x@v3\n/* 0affea_x@v3 */ FROM pin", NULL },
	{ "SELECT 1--", NULL },
	{ "SELECT 'not closed", NULL },
	{ "SELECT \"not closed", NULL },
	{ "SELECT /* not closed", NULL },
	{ "SELECT version AS of, timestamp AS t FROM geo", NULL },
	{ "SELECT geo.timestamp AS day FROM geo", NULL },
	{ "SELECT ?1, :name, @name, $x FROM pin", NULL },
	{ "SELECT * FROM 0affea73130b_pin_table", "SELECT * FROM `0affea73130b_pin_table`" },
	{ "SELECT 0affe_t.ind FROM 0affe_t", "SELECT `0affe_t`.ind FROM `0affe_t`" },
	{ "SELECT t.0abc FROM t", "SELECT t.`0abc` FROM t" },
	{ "SELECT * FROM 12e5_x", "SELECT * FROM `12e5_x`" },
	{ "SELECT * FROM pin VERSION AS OF 3", "SELECT * FROM `pin@v3` AS `pin`" },
	{ "SELECT * FROM pin version as of '3' WHERE x", "SELECT * FROM `pin@v3` AS `pin` WHERE x" },
	{ "SELECT * FROM pin FOR SYSTEM_VERSION AS OF 3 p", "SELECT * FROM `pin@v3` p" },
	{ "SELECT * FROM pin@v3 AS p", "SELECT * FROM `pin@v3` AS p" },
	{ "SELECT * FROM `pin`@v3, geo@v12", "SELECT * FROM `pin@v3` AS `pin`, `geo@v12` AS `geo`" },
	{ "SELECT * FROM pin@20260105090000000 JOIN geo", "SELECT * FROM `pin@20260105090000000` AS `pin` JOIN geo" },
	{ "SELECT * FROM pin TIMESTAMP AS OF '2026-01-05'", "SELECT * FROM `pin@20260105000000000` AS `pin`" },
	{ "SELECT * FROM pin TIMESTAMP AS OF timestamp'2026-01-05 09:10'", "SELECT * FROM `pin@20260105091000000` AS `pin`" },
	{ "SELECT * FROM pin FOR TIMESTAMP AS OF '2026-01-05T09:10:11.123Z' x", "SELECT * FROM `pin@20260105091011123` x" },
	{ "SELECT * FROM delta.`/mnt/x/y`", "SELECT * FROM `delta./mnt/x/y`" },
	{ "SELECT * FROM DELTA.\"s3://b/k\" VERSION AS OF 0 t", "SELECT * FROM `delta.s3://b/k@v0` t" },
	{ "SELECT * FROM delta.`a``/b`", "SELECT * FROM `delta.a``/b`" },
	{ "SELECT delta.`x` FROM pin AS delta", NULL },
	{ "SELECT * FROM default.pin, spark_catalog.default.geo JOIN hive_metastore.default.`x y`", "SELECT * FROM pin, geo JOIN `x y`" },
	{ "SELECT 1 AS\xff\xfe" "b", NULL },
};

START_TEST(a_statement_in_plain_names)
{
	struct buf out = { 0 };
	struct error err = { 0 };
	const char *want = statements[_i].out ? statements[_i].out : statements[_i].in;
	ck_assert_msg(lake_names_plain(sl(statements[_i].in), &out, &err) == 0, "%s: %s", statements[_i].in, err.text);
	ck_assert_str_eq(buf_cstr(&out), want);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *in, *says;
} wrong[] = {
	{ "SELECT * FROM pin VERSION AS OF x", "[PARSE_SYNTAX_ERROR] Syntax error at or near 'x'" },
	{ "SELECT * FROM pin VERSION AS OF", "[PARSE_SYNTAX_ERROR]" },
	{ "SELECT * FROM pin VERSION AS OF -1", "[PARSE_SYNTAX_ERROR]" },
	{ "SELECT * FROM pin TIMESTAMP AS OF 'x'", "[INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT]" },
	{ "SELECT * FROM pin TIMESTAMP AS OF now()", "[INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT]" },
};

START_TEST(a_version_that_is_none)
{
	struct buf out = { 0 };
	struct error err = { 0 };
	ck_assert_int_eq(lake_names_plain(sl(wrong[_i].in), &out, &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, wrong[_i].says) != NULL, "%s", err.text);
	buf_free(&out);
}
END_TEST

/* ---- what a name means ---- */

static const struct {
	const char *name, *bucket, *path;
	int64_t version, at_ms;
	int kind;
} refs[] = {
	{ "x", "the-bucket", "tables/x", -1, -1, 0 },
	{ "Users@v7", "the-bucket", "tables/users", 7, -1, 0 },
	{ "x@v7", "the-bucket", "tables/x", 7, -1, 0 },
	{ "x@20260105091011123", "the-bucket", "tables/x", -1, 1767604211123, 0 },
	{ "x@v", "the-bucket", "tables/x@v", -1, -1, 0 },
	{ "x@2026", "the-bucket", "tables/x@2026", -1, -1, 0 },
	{ "x@20261305091011123", "the-bucket", "tables/x@20261305091011123", -1, -1, 0 },
	{ "@v1", "the-bucket", "tables/@v1", -1, -1, 0 },
	{ "delta.x", "the-bucket", "tables/delta.x", -1, -1, 0 },
	{ "delta.s3://b/k/l/@v2", "b", "k/l", 2, -1, 0 },
	{ "delta.s3a://b", "b", "", -1, -1, 0 },
	{ "delta./mnt/m/y", "conf-bucket", "deep/y", -1, -1, 0 },
	{ "delta./mnt/other/y", NULL, NULL, 0, 0, ERR_NOT_FOUND },
	{ "delta.ftp://x/y", NULL, NULL, 0, 0, ERR_INVALID },
	{ "a/b", NULL, NULL, 0, 0, ERR_CONFLICT },
	{ "", NULL, NULL, 0, 0, ERR_CONFLICT },
};

static bool find_mount(void *self, struct arena *mem, struct slice path, struct object_path *out)
{
	struct slice rest;
	if (!sl_after(path, S("/mnt/m/"), &rest))
		return false;
	*out = (struct object_path){ S("conf-bucket"), arena_printf(mem, "deep/%.*s", SL(rest)) };
	return true;
}

START_TEST(a_name_leads_to_a_folder)
{
	struct ports ports = { .paths = { &ports, find_mount } };
	struct env env = { .ports = &ports };
	struct lake_base base = { 0 };
	struct lake l = { .base = &base, .env = &env, .bucket = (char *)(uintptr_t)"the-bucket" };
	struct arena a = { 0 };
	pinterest_open(&base.cleaning, &a);
	struct lake_ref ref;
	struct error err = { 0 };
	ck_assert_int_eq(lake_ref_parse(&l, &a, sl(refs[_i].name), &ref, &err), refs[_i].kind);
	if (!refs[_i].kind) {
		ck_assert_msg(sl_eqs(ref.bucket, refs[_i].bucket) && sl_eqs(ref.path, refs[_i].path), "%s: %.*s %.*s", refs[_i].name, SL(ref.bucket),
			      SL(ref.path));
		ck_assert_int_eq(ref.version, refs[_i].version);
		ck_assert_int_eq(ref.at_ms, refs[_i].at_ms);
	}
	arena_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lake names");
	TCase *names = tcase_create("names");
	tcase_add_loop_test(names, a_statement_in_plain_names, 0, ARRAY_LEN(statements));
	tcase_add_loop_test(names, a_version_that_is_none, 0, ARRAY_LEN(wrong));
	tcase_add_loop_test(names, a_name_leads_to_a_folder, 0, ARRAY_LEN(refs));
	suite_add_tcase(s, names);
	return run_suite(s);
}
