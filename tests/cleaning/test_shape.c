/* Cleaned rows as rows of their Delta table; which of them were there before. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "cleaning/pinterest.h"

static struct arena rules_text;
static struct cleaning all;
static struct clean_rules *rules; /* all.rules */

static void setup(void)
{
	pinterest_open(&all, &rules_text);
	rules = all.rules;
}

static void teardown(void)
{
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
	ck_abort_msg("%.*s: %s", SL(record), reason);
}

static const struct {
	enum set set;
	const char *variant, *record, *schema, *row;
} rows[] = {
	{ GEO, NULL, "{\"ind\":1,\"timestamp\":\"2018-03-01T10:00:00\",\"latitude\":-89.9787,\"longitude\":-0.0,\"country\":\"Peru\"}",
	  "ind:integer country:string coordinates:array<double> timestamp:timestamp",
	  "{\"ind\":1,\"country\":\"Peru\",\"coordinates\":[-89.9787,-0],\"timestamp\":\"2018-03-01 10:00:00\"}" },
	{ GEO, NULL, "{\"ind\":2,\"timestamp\":\"1969-12-31 23:59:59.5\",\"latitude\":\"x\",\"longitude\":12}", NULL,
	  "{\"ind\":2,\"coordinates\":[null,12],\"timestamp\":\"1969-12-31 23:59:59.500000\"}" },
	{ GEO, NULL, "{\"ind\":3,\"timestamp\":\"0001-01-01\",\"longitude\":1e300}", NULL,
	  "{\"ind\":3,\"coordinates\":[null,1e+300],\"timestamp\":\"0001-01-01 00:00:00\"}" },
	{ GEO, "coordinates=reversed", "{\"ind\":4,\"latitude\":1,\"longitude\":2}", NULL, "{\"ind\":4,\"coordinates\":[2,1]}" },
	{ GEO, "coordinates=text", "{\"ind\":5,\"latitude\":1,\"longitude\":2}", "ind:integer country:string coordinates:string timestamp:timestamp",
	  "{\"ind\":5,\"coordinates\":\"1.0,2.0\"}" },
	{ GEO, "timestamp=date", "{\"ind\":6,\"timestamp\":\"9999-12-31 23:59:59\"}",
	  "ind:integer country:string coordinates:array<double> timestamp:date", "{\"ind\":6,\"coordinates\":[null,null],\"timestamp\":\"9999-12-31\"}" },
	{ USERS, NULL, "{\"ind\":7,\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"age\":20,\"date_joined\":\"2015-10-24T11:23:51\"}",
	  "ind:integer user_name:string age:integer date_joined:timestamp",
	  "{\"ind\":7,\"user_name\":\"Ann Lee\",\"age\":20,\"date_joined\":\"2015-10-24 11:23:51\"}" },
	{ PIN, NULL, "{\"index\":8,\"follower_count\":\"12k\",\"title\":\"t\"}",
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
	struct clean_rules mine[SET_N];
	struct slice choice, variant;
	struct arena a = { 0 };
	struct error err = { 0 };
	struct made m;
	struct buf b = { 0 };
	struct delta_reader d;
	struct delta_cell cells[CLEAN_COLUMNS_MAX];
	memcpy(mine, rules, sizeof(mine));
	if (rows[_i].variant && sl_cut(sl(rows[_i].variant), '=', &choice, &variant))
		ck_assert_int_eq(clean_rules_choose(mine, SET_N, choice, variant, &err), 0);
	clean_shape_make(&a, &mine[rows[_i].set], &m.shape);
	schema_words(&m.shape.schema, &b);
	if (rows[_i].schema)
		ck_assert_str_eq(buf_cstr(&b), rows[_i].schema);
	m.rows = delta_rows_new(&m.shape.schema);
	struct clean_cleaner c = { .rules = &mine[rows[_i].set], .row = on_row, .quarantine = on_bad, .arg = &m };
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

/* ---- rows seen before ---- */

/* Records of users by twos: the second is the first again, or differs in one thing. */
static const struct {
	enum set set;
	const char *variant, *first, *second;
	bool repeated;
} pairs[] = {
	{ USERS, "duplicates=row", "{\"ind\":1,\"age\":20}", "{\"ind\":1,\"age\":20}", true },
	{ USERS, "duplicates=row", "{\"ind\":1,\"age\":20}", "{\"ind\":1,\"age\":\"20\"}", true },
	{ USERS, "duplicates=row", "{\"ind\":1,\"age\":20}", "{\"ind\":1,\"age\":21}", false },
	{ USERS, "duplicates=row", "{\"ind\":1,\"age\":20}", "{\"ind\":2,\"age\":20}", false },
	{ USERS, "duplicates=row", "{\"ind\":1,\"age\":0}", "{\"ind\":1,\"age\":null}", false },
	{ USERS, "duplicates=row", "{\"ind\":1,\"first_name\":\"A\",\"last_name\":\"B C\"}", "{\"ind\":1,\"first_name\":\"A B\",\"last_name\":\"C\"}", true },
	{ USERS, "duplicates=row", "{\"ind\":1,\"date_joined\":\"2015-10-24 11:23:51\"}", "{\"ind\":1,\"date_joined\":\"2015-10-24T11:23:51.000Z\"}", true },
	{ USERS, "duplicates=row", "{\"ind\":1,\"date_joined\":\"2015-10-24 11:23:51.5\"}", "{\"ind\":1,\"date_joined\":\"2015-10-24 11:23:51\"}", false },
	{ USERS, "duplicates=ind", "{\"ind\":1,\"age\":20}", "{\"ind\":1,\"age\":21}", true },
	{ USERS, "duplicates=ind", "{\"ind\":1,\"age\":20}", "{\"ind\":2,\"age\":20}", false },
	{ GEO, "duplicates=row", "{\"ind\":1,\"latitude\":1,\"longitude\":2.50}", "{\"ind\":1,\"latitude\":\"1.0\",\"longitude\":2.5}", true },
	{ GEO, "duplicates=row", "{\"ind\":1,\"latitude\":1,\"longitude\":2}", "{\"ind\":1,\"latitude\":2,\"longitude\":1}", false },
	{ GEO, "duplicates=row", "{\"ind\":1,\"latitude\":\"x\",\"longitude\":2}", "{\"ind\":1,\"longitude\":2}", true },
	{ GEO, "duplicates=row", "{\"ind\":1,\"latitude\":2}", "{\"ind\":1,\"longitude\":2}", false },
	{ PIN, "duplicates=row", "{\"ind\":1,\"title\":\"\"}", "{\"ind\":1,\"title\":null,\"category\":\"\"}", true },
};

struct seen_pass {
	struct clean_seen *s;
	struct made made;
	ssize_t found[2];
	size_t n;
};

static int on_pair(void *arg, const struct clean_value *v)
{
	struct seen_pass *p = arg;
	p->found[p->n++] = clean_seen_row(p->s, v);
	if (p->made.rows)
		(void)clean_shape_row(&p->made.shape, p->made.rows, v);
	return 0;
}

static void clean_with(struct seen_pass *p, const struct clean_rules *r, const char *record)
{
	struct clean_cleaner c = { .rules = r, .row = on_pair, .quarantine = on_bad, .arg = p };
	ck_assert_int_eq(clean_line(&c, 1, sl(record)), 0);
	arena_free(&c.arena);
}

/* A clean run, or a stream that reads both; then a stream that finds the first in its table. */
START_TEST(a_row_that_came_before)
{
	struct clean_rules mine[SET_N], *r = &mine[pairs[_i].set];
	struct slice choice, variant;
	struct arena a = { 0 };
	struct error err = { 0 };
	struct seen_pass p = { 0 }, again = { 0 };
	memcpy(mine, rules, sizeof(mine));
	ck_assert(sl_cut(sl(pairs[_i].variant), '=', &choice, &variant) && clean_rules_choose(mine, SET_N, choice, variant, &err) == 0);
	clean_shape_make(&a, r, &p.made.shape);
	p.made.rows = delta_rows_new(&p.made.shape.schema);
	p.s = clean_seen_new(r);
	ck_assert_ptr_nonnull(p.s);
	clean_with(&p, r, pairs[_i].first);
	again.s = clean_seen_new(r);
	clean_seen_table(again.s, p.made.rows);
	clean_with(&p, r, pairs[_i].second);
	clean_with(&again, r, pairs[_i].second);
	ck_assert_int_eq(p.found[0], -1);
	ck_assert_int_eq(p.found[1], again.found[0]);
	ck_assert_int_eq(p.found[1] >= 0, pairs[_i].repeated);
	if (pairs[_i].repeated)
		ck_assert_str_eq(clean_rule_column(r, &r->rules[p.found[1]]), "rows");
	clean_seen_free(p.s);
	clean_seen_free(again.s);
	delta_rows_free(p.made.rows);
	arena_free(&a);
}
END_TEST

START_TEST(many_rows_seen_before)
{
	struct seen_pass p = { 0 };
	struct error err = { 0 };
	char text[64];
	ck_assert_int_eq(clean_rules_choose(rules, SET_N, S("duplicates"), S("row"), &err), 0);
	p.s = clean_seen_new(&rules[USERS]);
	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < 5000; i++) {
			snprintf(text, sizeof(text), "{\"ind\":%d,\"age\":%d}", i / 2, i % 2);
			p.n = 0;
			clean_with(&p, &rules[USERS], text);
			ck_assert_int_eq(p.found[0] < 0, turn == 0);
		}
	clean_seen_free(p.s);
	clean_seen_free(NULL);
	ck_assert_int_eq(clean_rules_choose(rules, SET_N, S("duplicates"), S("none"), &err), 0);
	ck_assert_ptr_null(clean_seen_new(&rules[USERS]));
	ck_assert_int_eq(clean_seen_row(NULL, NULL), -1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cleaned rows");
	TCase *cleaned = tcase_create("cleaned");
	tcase_add_checked_fixture(cleaned, setup, teardown);
	tcase_add_loop_test(cleaned, a_cleaned_row_is_typed, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(cleaned, a_row_that_came_before, 0, ARRAY_LEN(pairs));
	tcase_add_test(cleaned, many_rows_seen_before);
	suite_add_tcase(s, cleaned);
	return run_suite(s);
}
