/* Names of tables as Spark writes them; cleaned rows as rows of Delta tables. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "core/stack.h"
#include "lake/tables.h"

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

START_TEST(a_name_leads_to_a_folder)
{
	struct conf *conf = conf_new();
	struct env env = { .conf = conf, .durability = DURABILITY_OFF };
	struct lake l = { .env = &env, .bucket = (char *)(uintptr_t)"the-bucket" };
	struct arena a = { 0 };
	struct lake_ref ref;
	struct error err = { 0 };
	conf_set(conf, "mounts", "/mnt/m", "s3a://conf-bucket/deep");
	ck_assert_int_eq(lake_mounts_open(&l.mounts, &env, &err), 0);
	ck_assert_int_eq(lake_ref_parse(&l, &a, sl(refs[_i].name), &ref, &err), refs[_i].kind);
	if (!refs[_i].kind) {
		ck_assert_msg(sl_eqs(ref.bucket, refs[_i].bucket) && sl_eqs(ref.path, refs[_i].path), "%s: %.*s %.*s", refs[_i].name, SL(ref.bucket),
			      SL(ref.path));
		ck_assert_int_eq(ref.version, refs[_i].version);
		ck_assert_int_eq(ref.at_ms, refs[_i].at_ms);
	}
	lake_mounts_close(&l.mounts);
	arena_free(&a);
	conf_free(conf);
}
END_TEST

/* ---- rows ---- */

static struct stack_files *files;
static struct arena rules_text;
static struct clean_rules rules[LAKE_SET_N];

static void setup(void)
{
	struct conf *conf = conf_new();
	struct error err = { 0 };
	ck_assert_int_eq(stack_open(NULL, &files, &err), 0);
	ck_assert_msg(clean_rules_load(&rules_text, files, conf, rules, &err) == 0, "%s", err.text);
	conf_free(conf);
}

static void teardown(void)
{
	stack_close(files);
	arena_free(&rules_text);
}

struct made {
	struct clean_shape shape;
	struct delta_rows *rows;
};

static int on_row(void *arg, const struct clean_value *v)
{
	struct made *m = arg;
	ck_assert_uint_gt(clean_shape_row(&m->shape, m->rows, v), 0);
	return 0;
}

static int on_bad(void *arg, size_t line, struct slice record, const char *reason)
{
	(void)arg;
	(void)line;
	ck_abort_msg("%.*s: %s", SL(record), reason);
}

static const struct {
	enum lake_set set;
	const char *variant, *record, *schema, *row;
} rows[] = {
	{ LAKE_GEO, NULL, "{\"ind\":1,\"timestamp\":\"2018-03-01T10:00:00\",\"latitude\":-89.9787,\"longitude\":-0.0,\"country\":\"Peru\"}",
	  "ind:integer country:string coordinates:array<double> timestamp:timestamp",
	  "{\"ind\":1,\"country\":\"Peru\",\"coordinates\":[-89.9787,-0],\"timestamp\":\"2018-03-01 10:00:00\"}" },
	{ LAKE_GEO, NULL, "{\"ind\":2,\"timestamp\":\"1969-12-31 23:59:59.5\",\"latitude\":\"x\",\"longitude\":12}", NULL,
	  "{\"ind\":2,\"coordinates\":[null,12],\"timestamp\":\"1969-12-31 23:59:59.500000\"}" },
	{ LAKE_GEO, NULL, "{\"ind\":3,\"timestamp\":\"0001-01-01\",\"longitude\":1e300}", NULL,
	  "{\"ind\":3,\"coordinates\":[null,1e+300],\"timestamp\":\"0001-01-01 00:00:00\"}" },
	{ LAKE_GEO, "coordinates=reversed", "{\"ind\":4,\"latitude\":1,\"longitude\":2}", NULL, "{\"ind\":4,\"coordinates\":[2,1]}" },
	{ LAKE_GEO, "coordinates=text", "{\"ind\":5,\"latitude\":1,\"longitude\":2}", "ind:integer country:string coordinates:string timestamp:timestamp",
	  "{\"ind\":5,\"coordinates\":\"1.0,2.0\"}" },
	{ LAKE_GEO, "timestamp=date", "{\"ind\":6,\"timestamp\":\"9999-12-31 23:59:59\"}",
	  "ind:integer country:string coordinates:array<double> timestamp:date", "{\"ind\":6,\"coordinates\":[null,null],\"timestamp\":\"9999-12-31\"}" },
	{ LAKE_USERS, NULL, "{\"ind\":7,\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"age\":20,\"date_joined\":\"2015-10-24T11:23:51\"}",
	  "ind:integer user_name:string age:integer date_joined:timestamp",
	  "{\"ind\":7,\"user_name\":\"Ann Lee\",\"age\":20,\"date_joined\":\"2015-10-24 11:23:51\"}" },
	{ LAKE_PIN, NULL, "{\"index\":8,\"follower_count\":\"12k\",\"title\":\"t\"}",
	  "ind:integer unique_id:string title:string description:string follower_count:integer poster_name:string tag_list:string "
	  "is_image_or_video:string image_src:string save_location:string category:string", "{\"ind\":8,\"title\":\"t\",\"follower_count\":12000}" },
};

static void schema_words(const struct delta_schema *s, struct buf *b)
{
	static const char *const types[] = { [DELTA_STRING] = "string", [DELTA_INTEGER] = "integer", [DELTA_DATE] = "date",
					     [DELTA_TIMESTAMP] = "timestamp", [DELTA_DOUBLE] = "double" };
	for (size_t i = 0; i < s->n; i++)
		buf_addf(b, s->fields[i].array ? "%s%.*s:array<%s>" : "%s%.*s:%s", i ? " " : "", SL(s->fields[i].name), types[s->fields[i].type]);
}

START_TEST(a_cleaned_row_is_typed)
{
	struct clean_rules all[LAKE_SET_N];
	struct slice choice, variant;
	struct arena a = { 0 };
	struct error err = { 0 };
	struct made m;
	struct buf b = { 0 };
	struct delta_reader d;
	struct delta_cell cells[CLEAN_COLUMNS_MAX];
	memcpy(all, rules, sizeof(all));
	if (rows[_i].variant && sl_cut(sl(rows[_i].variant), '=', &choice, &variant))
		ck_assert_int_eq(clean_rules_choose(all, choice, variant, &err), 0);
	clean_shape_make(&a, &all[rows[_i].set], &m.shape);
	schema_words(&m.shape.schema, &b);
	if (rows[_i].schema)
		ck_assert_str_eq(buf_cstr(&b), rows[_i].schema);
	m.rows = delta_rows_new(&m.shape.schema);
	struct clean_cleaner c = { .rules = &all[rows[_i].set], .row = on_row, .quarantine = on_bad, .arg = &m };
	ck_assert_int_eq(clean_line(&c, 1, sl(rows[_i].record)), 0);
	delta_reader_init(&d, m.rows);
	ck_assert(delta_reader_next(&d, cells));
	buf_reset(&b);
	delta_row_json(&b, m.rows, cells);
	ck_assert_str_eq(buf_cstr(&b), rows[_i].row);
	delta_reader_free(&d);
	delta_rows_free(m.rows);
	arena_free(&c.arena);
	arena_free(&a);
	buf_free(&b);
}
END_TEST

START_TEST(rows_seen_before)
{
	struct clean_seen s = { 0 };
	char text[32];
	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < 5000; i++) {
			snprintf(text, sizeof(text), "text %d", i / 2);
			const struct clean_value v[] = { { .kind = CLEAN_INT, .i = i % 2 }, { .kind = CLEAN_TEXT, .text = sl(text) }, { .kind = CLEAN_NULL } };
			ck_assert_int_eq(clean_seen_add(&s, v, 3), turn == 0);
		}
	ck_assert_uint_eq(s.n, 5000);
	const struct clean_value null = { 0 }, empty = { .kind = CLEAN_TEXT, .text = S("") };
	ck_assert(clean_seen_add(&s, &null, 1) && clean_seen_add(&s, &empty, 1) && !clean_seen_add(&s, &null, 1));
	clean_seen_free(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lake tables");
	TCase *names = tcase_create("names"), *cleaned = tcase_create("cleaned");
	tcase_add_loop_test(names, a_statement_in_plain_names, 0, ARRAY_LEN(statements));
	tcase_add_loop_test(names, a_version_that_is_none, 0, ARRAY_LEN(wrong));
	tcase_add_loop_test(names, a_name_leads_to_a_folder, 0, ARRAY_LEN(refs));
	tcase_add_checked_fixture(cleaned, setup, teardown);
	tcase_add_loop_test(cleaned, a_cleaned_row_is_typed, 0, ARRAY_LEN(rows));
	tcase_add_test(cleaned, rows_seen_before);
	suite_add_tcase(s, names);
	suite_add_tcase(s, cleaned);
	return run_suite(s);
}
