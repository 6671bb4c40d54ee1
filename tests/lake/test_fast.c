/* The fast text of each question beside its own text, over rows as dirty as they come, cleaned by each variant of the rules. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "core/stack.h"
#include "lake/fact.h"

static struct env env = { .durability = DURABILITY_OFF };
static struct lake_store s;
static struct lake_rules rules[LAKE_SET_N];
static struct stack_files *files;
static const struct lake_limits limits = { 1000000, 60000 };

static uint32_t seed;
static uint32_t next(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static const char *any(const char *const *of, size_t n)
{
	return of[next((uint32_t)n)];
}
#define ANY(...) any((const char *const[]){ __VA_ARGS__ }, ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

/* Indexes repeat, lie apart, are missing here and there; values tie. */
static int index_of(void)
{
	return next(50) ? (int)next(400) : (int)next(3000) - 1500;
}

static void add_pin(struct buf *b)
{
	buf_addf(b, "{\"index\":%d,\"title\":\"t%u\"", index_of(), next(9));
	if (next(30))
		buf_addf(b, ",\"category\":%s", ANY("\"art\"", "\"beauty\"", "\"\"", "null", "\"\\u00e9t\\u00e9\"", "7", "\"art \"", "\"travel\"", "\"quotes\""));
	if (next(30))
		buf_addf(b, ",\"follower_count\":%s", ANY("\"1k\"", "\"5M\"", "\"12\"", "\"0\"", "\"User Info Error\"", "null", "\"many\"", "-3", "\"2k\"", "\"2147M\""));
	if (next(30))
		buf_addf(b, ",\"poster_name\":%s", ANY("\"Ann\"", "\"Bob\"", "\"User Info Error\"", "null", "\"ann\"", "\"\"", "\"Zo\\u00eb\"", "\"Cy\""));
	buf_adds(b, "}\n");
}

static void add_geo(struct buf *b)
{
	buf_addf(b, "{\"ind\":%d", index_of());
	if (next(30))
		buf_addf(b, ",\"country\":%s", ANY("\"Albania\"", "\"Chad\"", "\"chad\"", "null", "\"Peru\"", "\"Cote d'Ivoire\"", "\"\"", "\"Z\\u00e9\""));
	if (next(30))
		buf_addf(b, ",\"timestamp\":\"%s-0%u-1%u %s\"", ANY("2017", "2018", "2019", "2020", "2022", "2023", "20", "0001"), next(9) + 1, next(9), ANY("03:52:47", "25:00:00", "23:59:59Z"));
	buf_adds(b, ",\"latitude\":1}\n");
}

static void add_user(struct buf *b)
{
	buf_addf(b, "{\"ind\":%d", index_of());
	if (next(30))
		buf_addf(b, ",\"age\":%s", ANY("17", "18", "24", "25", "35", "36", "50", "51", "\"60\"", "null", "\"old\"", "-1", "20", "30", "40"));
	if (next(30))
		buf_addf(b, ",\"date_joined\":\"%s-1%u-02T03:04:05\"", ANY("2014", "2015", "2016", "2017", "2020", "2021"), next(4));
	buf_addf(b, ",\"first_name\":\"%s\",\"last_name\":\"Li\"}\n", ANY("A", "B", "C"));
}

static int on_row(void *arg, const struct lake_value *v)
{
	struct error err;
	return lake_store_row(&s, *(enum lake_set *)arg, v, &err);
}

/* Cleans rows of each table into the store. */
static void fill(const struct lake_rules *by, size_t rows)
{
	static void (*const adders[])(struct buf *) = { [LAKE_PIN] = add_pin, [LAKE_GEO] = add_geo, [LAKE_USERS] = add_user };
	struct error err = { 0 };
	ck_assert_msg(lake_store_begin(&s, &err) == 0, "%s", err.text);
	for (int set = 0; set < LAKE_SET_N; set++) {
		enum lake_set which = (enum lake_set)set;
		struct lake_cleaner c = { .rules = &by[set], .row = on_row, .arg = &which };
		struct buf b = { 0 };
		for (size_t i = 0; i < rows; i++)
			adders[set](&b);
		ck_assert_int_eq(lake_clean_object(&c, buf_slice(&b)), 0);
		arena_free(&c.arena);
		buf_free(&b);
	}
	ck_assert_msg(lake_store_finish(&s, &err) == 0, "%s", err.text);
}

static struct buf ask(struct slice sql)
{
	struct buf out = { 0 };
	struct error err = { 0 };
	ck_assert_msg(lake_store_sql(&s, sql, &limits, &out, &err) == 0, "%s", err.text);
	return out;
}

/* Every question both ways. fast: whether there must be facts. */
static void compare(bool fast, const char *label)
{
	const char *path;
	size_t asked = 0;
	ck_assert_msg(fact_store_ready(&s) == fast, "%s", label);
	for (size_t i = 0; (path = stack_list(files, "queries/", i)); i++) {
		char *text = NULL;
		size_t n = 0;
		struct arena a = { 0 };
		struct buf portable = { 0 };
		if (strchr(path + strlen("queries/"), '/'))
			continue;
		ck_assert(stack_read(files, path, &text, &n, NULL) == 0);
		struct slice quick = fast_text(&a, sl_of(text, n));
		ck_assert_msg(quick.p != NULL, "%s has no fast text", path);
		buf_addf(&portable, "-- portable\n%s", text);
		ck_assert(!fast_text(&a, buf_slice(&portable)).p);
		struct buf want = ask(buf_slice(&portable)), got = ask(sl_of(text, n));
		ck_assert_msg(sl_eq(buf_slice(&want), buf_slice(&got)), "%s, %s:\n%s\n%s", label, path, buf_cstr(&want), buf_cstr(&got));
		if (fast) { /* and it was the fast text that answered */
			struct buf direct = ask(quick);
			ck_assert_msg(sl_eq(buf_slice(&want), buf_slice(&direct)), "%s, %s", label, path);
			buf_free(&direct);
		}
		buf_free(&want);
		buf_free(&got);
		buf_free(&portable);
		arena_free(&a);
		free(text);
		asked++;
	}
	ck_assert_uint_eq(asked, 9);
}

static void setup(void)
{
	struct error err = { 0 };
	seed = 1;
	ck_assert_msg(lake_store_open(&s, &env, &err) == 0, "%s", err.text);
}

static void teardown(void)
{
	lake_store_close(&s);
}

START_TEST(dirty_rows)
{
	static const size_t sizes[] = { 0, 1, 2, 10, 100, 700, 700, 700 };
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		fill(rules, sizes[i]);
		compare(true, "usual rules");
	}
}
END_TEST

/* One by one, the others as usual. */
START_TEST(each_variant)
{
	struct lake_rules chosen[LAKE_SET_N];
	char label[96];
	for (int set = 0; set < LAKE_SET_N; set++)
		for (size_t c = 0; c < rules[set].choice_n; c++)
			for (size_t v = 1; v < rules[set].choices[c].variant_n; v++) {
				memcpy(chosen, rules, sizeof(chosen));
				chosen[set].chosen[c] = (int)v;
				fill(chosen, 300);
				snprintf(label, sizeof(label), "%s.%.*s=%.*s", lake_tables[set].name, SL(rules[set].choices[c].name),
					 SL(rules[set].choices[c].variants[v].name));
				compare(true, label);
			}
}
END_TEST

/* More rows than one value of tarn_fact holds; joined by hand on both sides. */
START_TEST(many_rows)
{
	struct error err = { 0 };
	ck_assert(lake_store_begin(&s, &err) == 0);
	for (int i = 0; i < 150000; i++) {
		char word[16];
		snprintf(word, sizeof(word), "c%d", i % 17);
		struct lake_value pin[LAKE_COLUMNS_MAX] = { { .kind = LAKE_INT, .i = i } }, geo[LAKE_COLUMNS_MAX] = { { .kind = LAKE_INT, .i = i ^ 1 } };
		struct lake_value user[LAKE_COLUMNS_MAX] = { { .kind = LAKE_INT, .i = i } };
		pin[4] = (struct lake_value){ .kind = LAKE_INT, .i = next(1000) };
		pin[5] = pin[10] = (struct lake_value){ .kind = LAKE_TEXT, .text = sl(word) };
		geo[1] = pin[10];
		geo[4] = (struct lake_value){ .kind = LAKE_INT, .i = 2016 + i % 9 };
		user[2] = (struct lake_value){ .kind = LAKE_INT, .i = 15 + i % 50 };
		user[4] = (struct lake_value){ .kind = LAKE_INT, .i = 2015 + i % 4 };
		ck_assert(lake_store_row(&s, LAKE_PIN, pin, &err) == 0 && lake_store_row(&s, LAKE_GEO, geo, &err) == 0 &&
			  lake_store_row(&s, LAKE_USERS, user, &err) == 0);
	}
	ck_assert(lake_store_finish(&s, &err) == 0);
	/* The indexes of large tables are made by the first statement that joins them. */
	static const char *const steps[][2] = {
		{ "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index'", "[[0]]" },
		{ "SELECT COUNT(*) FROM pin WHERE ind < 5", "[[5]]" },
		{ "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index'", "[[0]]" },
		{ "SELECT COUNT(*) FROM pin JOIN geo ON pin.ind = geo.ind", "[[150000]]" },
		{ "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index'", "[[2]]" },
	};
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct buf out = ask(sl(steps[i][0]));
		ck_assert_msg(sl_find(buf_slice(&out), sl(steps[i][1])) > 0, "%s: %s", steps[i][0], buf_cstr(&out));
		buf_free(&out);
	}
	compare(true, "many rows");
}
END_TEST

/* What can't be facts: the questions' own text answers. */
START_TEST(no_facts)
{
	struct error err = { 0 };
	struct lake_value pin[LAKE_COLUMNS_MAX] = { { .kind = LAKE_INT, .i = 1 } };
	ck_assert(lake_store_begin(&s, &err) == 0);
	pin[4] = (struct lake_value){ .kind = LAKE_INT, .i = INT32_MIN };
	ck_assert(lake_store_row(&s, LAKE_PIN, pin, &err) == 0 && lake_store_finish(&s, &err) == 0);
	compare(false, "the number that stands for null");

	ck_assert(lake_store_begin(&s, &err) == 0);
	pin[4].i = 5;
	for (int i = 0; i <= FACT_WORDS_MAX; i++) {
		char word[16];
		snprintf(word, sizeof(word), "%d", i);
		pin[10] = (struct lake_value){ .kind = LAKE_TEXT, .text = sl(word) };
		ck_assert(lake_store_row(&s, LAKE_PIN, pin, &err) == 0);
	}
	ck_assert(lake_store_finish(&s, &err) == 0);
	compare(false, "too many words");

	fill(rules, 50);
	compare(true, "and again");
}
END_TEST

/* Indexes that lie too far apart for a table of all between: facts are there, and the statement falls back. */
START_TEST(far_apart)
{
	struct error err = { 0 };
	struct buf out = { 0 };
	ck_assert(lake_store_begin(&s, &err) == 0);
	for (int i = 0; i < 4; i++) {
		struct lake_value v[LAKE_COLUMNS_MAX] = { { .kind = LAKE_INT, .i = i % 2 ? INT32_MAX - i : INT32_MIN + 1 + i } };
		v[4] = (struct lake_value){ .kind = LAKE_INT, .i = 2016 };
		v[2] = v[10] = v[5] = v[1] = (struct lake_value){ .kind = LAKE_TEXT, .text = S("x") };
		ck_assert(lake_store_row(&s, LAKE_PIN, v, &err) == 0 && lake_store_row(&s, LAKE_GEO, v, &err) == 0);
		v[2] = (struct lake_value){ .kind = LAKE_INT, .i = 30 };
		ck_assert(lake_store_row(&s, LAKE_USERS, v, &err) == 0);
	}
	ck_assert(lake_store_finish(&s, &err) == 0 && fact_store_ready(&s));
	ck_assert_int_eq(lake_store_sql(&s, S("SELECT * FROM fact_groups('country', 'category')"), &limits, &out, &err), ERR_INVALID);
	buf_free(&out);
	char *text = NULL;
	size_t n = 0;
	ck_assert(stack_read(files, "queries/q1_top_category_by_country.sql", &text, &n, &err) == 0);
	out = ask(sl_of(text, n));
	ck_assert_str_eq(buf_cstr(&out), "\"columns\":[\"country\",\"category\",\"category_count\"],\"rows\":[[\"x\",\"x\",4]],\"truncated\":false");
	buf_free(&out);
	free(text);
}
END_TEST

/* As users may call them. */
START_TEST(functions)
{
	static const struct {
		const char *sql, *rows; /* rows NULL: refused */
	} cases[] = {
		{ "SELECT COUNT(*) > 0 FROM fact_groups('country')", "[[1]]" },
		{ "SELECT k2, most FROM fact_groups('country', '') LIMIT 1", "[[null,null]]" },
		{ "SELECT SUM(n) = (SELECT COUNT(*) FROM users WHERE age IS NOT NULL) FROM fact_groups('age')", "[[1]]" },
		{ "SELECT MAX(most) = (SELECT MAX(follower_count) FROM pin p JOIN geo g USING (ind) WHERE country IS NOT NULL) FROM "
		  "fact_groups('country', '', 'follower_count')", "[[1]]" },
		{ "SELECT COUNT(*) FROM fact_leaders('country') l JOIN pin p ON p.rowid = l.post WHERE p.follower_count <> l.follower_count", "[[0]]" },
		{ "SELECT * FROM fact_groups('colour')", NULL },
		{ "SELECT * FROM fact_groups()", NULL },
		{ "SELECT * FROM fact_groups('country', 'age')", NULL },
		{ "SELECT * FROM fact_groups('country', 'category', 'age')", NULL },
		{ "SELECT * FROM fact_leaders('category')", NULL },
	};
	fill(rules, 200);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = { 0 }, want = { 0 };
		struct error err;
		int r = lake_store_sql(&s, sl(cases[i].sql), &limits, &out, &err);
		ck_assert_msg((r == 0) == (cases[i].rows != NULL), "%s", cases[i].sql);
		if (cases[i].rows) {
			buf_addf(&want, "\"rows\":%s", cases[i].rows);
			ck_assert_msg(sl_find(buf_slice(&out), buf_slice(&want)) > 0, "%s: %s", cases[i].sql, buf_cstr(&out));
		}
		buf_free(&out);
		buf_free(&want);
	}
}
END_TEST

int main(void)
{
	struct arena text = { 0 };
	struct error err;
	if (lake_rules_load(&text, NULL, NULL, rules, &err) || stack_open(NULL, &files, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	Suite *suite = suite_create("fast");
	TCase *t = tcase_create("fast");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, dirty_rows);
	tcase_add_test(t, each_variant);
	tcase_add_test(t, many_rows);
	tcase_add_test(t, no_facts);
	tcase_add_test(t, far_apart);
	tcase_add_test(t, functions);
	suite_add_tcase(suite, t);
	int r = run_suite(suite);
	stack_close(files);
	arena_free(&text);
	return r;
}
