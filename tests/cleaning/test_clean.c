/* The cleaning rules: one row per case, from the value a record carries to the value the table gets. */
#include "check_main.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleaning/pinterest.h"

struct one_case {
	const char *label;
	enum set set;
	const char *record; /* JSON; an ind is added */
	const char *column, *want; /* NULL: null */
};

static const struct one_case cases[] = {
	{ "a title is kept as it is", PIN, "\"title\":\" 25 \\ud83c\\udf42\\nFun \"", "title", " 25 \xf0\x9f\x8d\x82\nFun " },
	{ "title sentinel", PIN, "\"title\":\"No Title Data Available\"", "title", NULL },
	{ "a title sentinel is the whole text", PIN, "\"title\":\"No Title Data Available!\"", "title", "No Title Data Available!" },
	{ "sentinels heed case", PIN, "\"title\":\"no title data available\"", "title", "no title data available" },
	{ "a sentinel of another column is a text", PIN, "\"title\":\"User Info Error\"", "title", "User Info Error" },
	{ "an empty text", PIN, "\"title\":\"\"", "title", NULL },
	{ "blanks are not empty", PIN, "\"title\":\" \"", "title", " " },
	{ "null", PIN, "\"title\":null", "title", NULL },
	{ "no such key", PIN, "\"category\":\"art\"", "title", NULL },
	{ "a number as title", PIN, "\"title\":2016", "title", "2016" },
	{ "a fraction as title", PIN, "\"title\":1.50", "title", "1.5" },
	{ "a boolean as title", PIN, "\"title\":true", "title", "true" },
	{ "description sentinel of stories", PIN, "\"description\":\"No description available Story format\"", "description", NULL },
	{ "description sentinel", PIN, "\"description\":\"No description available\"", "description", NULL },
	{ "description beyond the sentinel", PIN, "\"description\":\"No description available here\"", "description", "No description available here" },
	{ "short description", PIN, "\"description\":\"Art.\"", "description", "Art." },
	{ "an ellipsis at the end stays", PIN, "\"description\":\"and\xe2\x80\xa6\xc2\xa0\"", "description", "and\xe2\x80\xa6\xc2\xa0" },
	{ "poster sentinel", PIN, "\"poster_name\":\"User Info Error\"", "poster_name", NULL },
	{ "outer blanks of a poster stay", PIN, "\"poster_name\":\" Ann \"", "poster_name", " Ann " },
	{ "tags sentinel", PIN, "\"tag_list\":\"N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e\"", "tag_list", NULL },
	{ "tags", PIN, "\"tag_list\":\"W\xc3\xb6rter Tattoos,b\"", "tag_list", "W\xc3\xb6rter Tattoos,b" },
	{ "image sentinel, with its dot", PIN, "\"image_src\":\"Image src error.\"", "image_src", NULL },
	{ "without the dot it is a text", PIN, "\"image_src\":\"Image src error\"", "image_src", "Image src error" },
	{ "image under another key", PIN, "\"img_src\":\"https://x\"", "image_src", "https://x" },
	{ "the first key wins", PIN, "\"img_src\":\"b\",\"image_src\":\"a\"", "image_src", "a" },
	{ "followers", PIN, "\"follower_count\":\"0\"", "follower_count", "0" },
	{ "followers in thousands", PIN, "\"follower_count\":\"124k\"", "follower_count", "124000" },
	{ "followers in millions", PIN, "\"follower_count\":\"15M\"", "follower_count", "15000000" },
	{ "followers as a number", PIN, "\"follower_count\":6", "follower_count", "6" },
	{ "followers sentinel", PIN, "\"follower_count\":\"User Info Error\"", "follower_count", NULL },
	{ "only small k counts", PIN, "\"follower_count\":\"12K\"", "follower_count", NULL },
	{ "only capital M counts", PIN, "\"follower_count\":\"12m\"", "follower_count", NULL },
	{ "followers that are no number", PIN, "\"follower_count\":\"many\"", "follower_count", NULL },
	{ "a bare suffix is digits, as regexp_replace makes it", PIN, "\"follower_count\":\"k\"", "follower_count", "0" },
	{ "a fraction before k is cut by the cast", PIN, "\"follower_count\":\"1.2k\"", "follower_count", "1" },
	{ "blanks around a number", PIN, "\"follower_count\":\" 12 \"", "follower_count", "12" },
	{ "signs", PIN, "\"follower_count\":\"+12\"", "follower_count", "12" },
	{ "the largest 32-bit count", PIN, "\"follower_count\":\"2147M\"", "follower_count", "2147000000" },
	{ "beyond 32 bits", PIN, "\"follower_count\":\"2148M\"", "follower_count", NULL },
	{ "far beyond", PIN, "\"follower_count\":\"99999999999999999999\"", "follower_count", NULL },
	{ "save location", PIN, "\"save_location\":\"Local save in /data/mens-fashion\"", "save_location", "/data/mens-fashion" },
	{ "save location is stripped once, at the start", PIN, "\"save_location\":\"Local save in Local save in /x\"", "save_location", "Local save in /x" },
	{ "another save location", PIN, "\"save_location\":\"s3://b\"", "save_location", "s3://b" },
	{ "type stays", PIN, "\"is_image_or_video\":\"multi-video(story page format)\"", "is_image_or_video", "multi-video(story page format)" },
	{ "text with NUL", PIN, "\"title\":\"a\\u0000b\"", "title", "a\\0b" },

	{ "coordinates", GEO, "\"latitude\":-89.9787,\"longitude\":-173.293", "coordinates", "[-89.9787,-173.293]" },
	{ "whole coordinates", GEO, "\"latitude\":5,\"longitude\":-7", "coordinates", "[5.0,-7.0]" },
	{ "coordinates as text", GEO, "\"latitude\":\" -5.34445\",\"longitude\":\"1e2\"", "coordinates", "[-5.34445,100.0]" },
	{ "coordinates that are none", GEO, "\"latitude\":\"north\",\"longitude\":1", "coordinates", "[null,1.0]" },
	{ "country", GEO, "\"country\":\"Cote d'Ivoire\"", "country", "Cote d'Ivoire" },
	{ "ISO timestamp", GEO, "\"timestamp\":\"2020-08-28T03:52:47\"", "timestamp", "2020-08-28 03:52:47" },
	{ "its year", GEO, "\"timestamp\":\"2020-08-28T03:52:47\"", "post_year", "2020" },
	{ "timestamp with a space", GEO, "\"timestamp\":\"2020-08-28 03:52:47\"", "timestamp", "2020-08-28 03:52:47" },
	{ "timestamp with a fraction", GEO, "\"timestamp\":\"2020-08-28 03:52:47.120\"", "timestamp", "2020-08-28 03:52:47.12" },
	{ "timestamp in UTC", GEO, "\"timestamp\":\"2020-08-28T03:52:47Z\"", "timestamp", "2020-08-28 03:52:47" },
	{ "a zone may change the year", GEO, "\"timestamp\":\"2021-01-01 00:30:00+01:00\"", "post_year", "2020" },
	{ "a zone to the west", GEO, "\"timestamp\":\"2020-12-31T23:30:00-05:30\"", "timestamp", "2021-01-01 05:00:00" },
	{ "date only", GEO, "\"timestamp\":\"2020-08-28\"", "timestamp", "2020-08-28 00:00:00" },
	{ "leap day", GEO, "\"timestamp\":\"2020-02-29 00:00:00\"", "timestamp", "2020-02-29 00:00:00" },
	{ "no leap day", GEO, "\"timestamp\":\"2019-02-29 00:00:00\"", "timestamp", NULL },
	{ "day and month swapped", GEO, "\"timestamp\":\"2020-28-08 03:52:47\"", "timestamp", NULL },
	{ "no year without a timestamp", GEO, "\"timestamp\":\"2020-28-08 03:52:47\"", "post_year", NULL },
	{ "colons in the date", GEO, "\"timestamp\":\"2020:08:28 03:52:47\"", "timestamp", NULL },
	{ "American form", GEO, "\"timestamp\":\"08/28/2020, 03:52:47\"", "timestamp", NULL },
	{ "a hole in the format", GEO, "\"timestamp\":\"2016-03- 13:38:37\"", "timestamp", NULL },
	{ "hour 24", GEO, "\"timestamp\":\"2020-08-28 24:00:00\"", "timestamp", NULL },
	{ "something behind it", GEO, "\"timestamp\":\"2020-08-28 03:52:47 x\"", "timestamp", NULL },

	{ "user name", USERS, "\"first_name\":\"Abigail\",\"last_name\":\"Ali\"", "user_name", "Abigail Ali" },
	{ "concat with a null is null", USERS, "\"first_name\":\"Abigail\",\"last_name\":null", "user_name", NULL },
	{ "an empty name is a text", USERS, "\"first_name\":\"\",\"last_name\":\"Ali\"", "user_name", " Ali" },
	{ "age", USERS, "\"age\":20", "age", "20" },
	{ "age as text", USERS, "\"age\":\"20\"", "age", "20" },
	{ "age that is none", USERS, "\"age\":\"old\"", "age", NULL },
	{ "joined", USERS, "\"date_joined\":\"2015-10-24T11:23:51\"", "date_joined", "2015-10-24 11:23:51" },
	{ "year joined", USERS, "\"date_joined\":\"2015-10-24T11:23:51\"", "join_year", "2015" },
};

static struct arena rules_text;
static struct cleaning all;
static struct clean_rules *rules; /* all.rules */

static void load_rules(void)
{
	pinterest_open(&all, &rules_text);
	rules = all.rules;
}

static void free_rules(void)
{
	arena_free(&rules_text);
}

struct seen {
	size_t rows, bad, line;
	enum set set;
	const char *column;
	bool null;
	struct buf text;
	char reason[64];
	int64_t ind[16];
	int stop; /* what the row callback returns */
};

static int on_row(void *arg, const struct clean_value *v)
{
	struct seen *s = arg;
	struct arena a = { 0 };
	for (size_t i = 0; s->column && i < all.sets.at[s->set].out_n; i++) {
		if (strcmp(all.sets.at[s->set].columns[i].name, s->column))
			continue;
		struct slice text = clean_text(&a, &v[i]);
		s->null = !text.p;
		for (size_t k = 0; k < text.n; k++) {
			if (text.p[k])
				buf_addc(&s->text, text.p[k]);
			else
				buf_adds(&s->text, "\\0");
		}
		/* Typed columns hold their type or nothing, whatever came in. */
		ck_assert(v[i].kind == CLEAN_NULL || v[i].kind == all.sets.at[s->set].columns[i].type);
	}
	arena_free(&a);
	if (s->rows < ARRAY_LEN(s->ind))
		s->ind[s->rows] = v[0].i;
	s->rows++;
	return s->stop;
}

static int on_bad(void *arg, size_t line, struct slice record, const char *reason)
{
	struct seen *s = arg;
	ck_assert_ptr_nonnull(record.p);
	s->bad++;
	s->line = line;
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
	return 0;
}

static int clean(struct seen *s, struct clean_cleaner *c, enum set set, struct slice text)
{
	*c = (struct clean_cleaner){ .rules = &rules[set], .row = on_row, .quarantine = on_bad, .arg = s };
	s->set = set;
	int rc = clean_object(c, text);
	arena_free(&c->arena);
	return rc;
}

START_TEST(rule)
{
	const struct one_case *c = &cases[_i];
	struct seen s = { .column = c->column };
	struct clean_cleaner cleaner;
	char *text = xasprintf("{\"ind\":7,%s}\n", c->record);
	ck_assert_int_eq(clean(&s, &cleaner, c->set, sl(text)), 0);
	ck_assert_msg(s.rows == 1 && !s.bad, "%s: %zu rows, bad: %s", c->label, s.rows, s.reason);
	if (c->want)
		ck_assert_msg(!s.null && !strcmp(buf_cstr(&s.text), c->want), "%s: got %s, want %s", c->label,
			      s.null ? "null" : buf_cstr(&s.text), c->want);
	else
		ck_assert_msg(s.null, "%s: got %s, want null", c->label, buf_cstr(&s.text));
	buf_free(&s.text);
	free(text);
}
END_TEST

/* ---- records ---- */

static const struct {
	const char *label, *text;
	size_t rows, bad;
	const char *reason; /* of the last bad one */
	size_t line;
} objects[] = {
	{ "one record", "{\"index\":1,\"title\":\"a\"}\n", 1, 0, "", 0 },
	{ "no newline at the end", "{\"index\":1,\"title\":\"a\"}", 1, 0, "", 0 },
	{ "Windows lines", "{\"index\":1,\"title\":\"a\"}\r\n{\"index\":2,\"title\":\"a\"}\r\n", 2, 0, "", 0 },
	{ "empty lines", "\n\n{\"index\":1,\"title\":\"a\"}\n \n", 1, 0, "", 0 },
	{ "nothing", "", 0, 0, "", 0 },
	{ "a list of records", "[{\"index\":1,\"title\":\"a\"},{\"index\":2,\"title\":\"b\"}]\n", 2, 0, "", 0 },
	{ "an empty list", "[]\n", 0, 0, "", 0 },
	{ "a bad one in a list", "[{\"index\":1,\"title\":\"a\"},5]\n", 1, 1, "not an object", 1 },
	{ "the index under ind, index or idx", "{\"ind\":1,\"title\":\"a\"}\n{\"index\":2,\"title\":\"a\"}\n{\"idx\":3,\"title\":\"a\"}\n", 3, 0, "", 0 },
	{ "an index in text", "{\"index\":\"12\",\"title\":\"a\"}\n", 1, 0, "", 0 },
	{ "no index", "{\"title\":\"a\"}\n", 0, 1, "no integer index", 1 },
	{ "an index that is none", "{\"index\":\"x\",\"title\":\"a\"}\n", 0, 1, "no integer index", 1 },
	{ "a null index", "{\"index\":null,\"title\":\"a\"}\n", 0, 1, "no integer index", 1 },
	{ "a row of another table", "{\"index\":1,\"name\":\"Maya\",\"role\":\"engineer\"}\n", 0, 1, "no column of this table", 1 },
	{ "cut JSON, then a good line", "{\"index\":1,\"tit\n{\"index\":2,\"title\":\"a\"}\n", 1, 1, "not JSON", 1 },
	{ "no JSON in line 2", "{\"index\":1,\"title\":\"a\"}\nhello\n", 1, 1, "not JSON", 2 },
	{ "bytes that are no text", "{\"index\":1,\"title\":\"\xff\"}\n", 0, 1, "not UTF-8", 1 },
	{ "a value that is an object", "{\"index\":1,\"title\":{\"a\":1}}\n", 0, 1, "title is an object or array", 1 },
	{ "keys the table lacks are dropped", "{\"index\":1,\"title\":\"a\",\"downloaded\":1,\"x\":[1]}\n", 1, 0, "", 0 },
	{ "a post repeated is a row repeated", "{\"index\":1,\"title\":\"a\"}\n{\"index\":1,\"title\":\"a\"}\n", 2, 0, "", 0 },
};

START_TEST(an_object)
{
	struct seen s = { 0 };
	struct clean_cleaner c;
	ck_assert_int_eq(clean(&s, &c, PIN, sl(objects[_i].text)), 0);
	ck_assert_msg(s.rows == objects[_i].rows && s.bad == objects[_i].bad && s.line == objects[_i].line &&
			      !strcmp(s.reason, objects[_i].reason),
		      "%s: %zu rows, %zu bad, line %zu: %s", objects[_i].label, s.rows, s.bad, s.line, s.reason);
	ck_assert_int_eq(c.rows, (int64_t)s.rows);
	ck_assert_int_eq(c.bad, (int64_t)s.bad);
	ck_assert_int_eq(c.records, (int64_t)(s.rows + s.bad));
}
END_TEST

START_TEST(a_callback_stops_the_object)
{
	struct seen s = { .stop = -8 };
	struct clean_cleaner c;
	ck_assert_int_eq(clean(&s, &c, PIN, S("{\"index\":1,\"title\":\"a\"}\n{\"index\":2,\"title\":\"a\"}\n")), -8);
	ck_assert_uint_eq(s.rows, 1);
}
END_TEST

/* What the run reports per rule: the values it changed. */
START_TEST(hits)
{
	struct seen s = { 0 };
	struct clean_cleaner c;
	struct arena a = { 0 };
	const struct slice text = S("{\"index\":1,\"title\":\"\",\"poster_name\":\"User Info Error\",\"follower_count\":\"User Info Error\"}\n"
				    "{\"index\":2,\"title\":\"a\",\"follower_count\":\"12k\"}\n"
				    "{\"index\":3,\"title\":\"a\",\"follower_count\":\"x\",\"description\":\"\"}\n");
	static const struct {
		const char *column, *words;
		int64_t hits;
	} want[] = {
		{ "*", "'' -> null", 2 },
		{ "poster_name", "'User Info Error' -> null", 1 },
		{ "follower_count", "'User Info Error' -> null", 1 },
		{ "follower_count", "k -> 000", 1 },
		{ "follower_count", "M -> 000000", 0 },
		{ "follower_count", "not an integer -> null", 1 },
		{ "save_location", "without 'Local save in '", 0 },
	};
	ck_assert_int_eq(clean(&s, &c, PIN, text), 0);
	for (size_t w = 0; w < ARRAY_LEN(want); w++) {
		bool found = false;
		for (size_t i = 0; i < rules[PIN].rule_n; i++) {
			const struct clean_rule *r = &rules[PIN].rules[i];
			if (!clean_rule_on(&rules[PIN], r) || strcmp(clean_rule_column(&rules[PIN], r), want[w].column) ||
			    !sl_eqs(clean_rule_words(&a, &rules[PIN], r), want[w].words))
				continue;
			found = true;
			ck_assert_msg(c.hits[i] == want[w].hits, "%s %s: %lld", want[w].column, want[w].words, (long long)c.hits[i]);
		}
		ck_assert_msg(found, "no rule %s %s", want[w].column, want[w].words);
	}
	arena_free(&a);
}
END_TEST

START_TEST(numbers_read_back)
{
	static const struct {
		double d;
		const char *text;
	} rows[] = { { 0.1, "0.1" }, { 1, "1.0" }, { -89.9787, "-89.9787" }, { 1e300, "1e+300" }, { 1.0 / 3, "0.3333333333333333" } };
	struct arena a = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_str_eq(arena_cstr(&a, clean_real_text(&a, rows[i].d)), rows[i].text);
	arena_free(&a);
}
END_TEST

/* The columns in the order that most users gave them. */
START_TEST(column_order)
{
	static const char *const want[SET_N] = {
		"ind unique_id title description follower_count poster_name tag_list is_image_or_video image_src save_location category ",
		"ind country coordinates timestamp post_year ",
		"ind user_name age date_joined join_year ",
	};
	for (int set = 0; set < SET_N; set++) {
		struct buf b = { 0 };
		for (size_t i = 0; i < all.sets.at[set].out_n; i++)
			buf_addf(&b, "%s ", all.sets.at[set].columns[i].name);
		ck_assert_str_eq(buf_cstr(&b), want[set]);
		buf_free(&b);
	}
}
END_TEST

/* The shortest decimal, however it is found: as printf's 15, 16 or 17 digits; where precision runs out, fewer. */
static void same_real(struct arena *a, double d)
{
	char text[40];
	for (int digits = fabs(d) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	if (!strpbrk(text, ".e"))
		strcat(text, ".0");
	struct slice got = clean_real_text(a, d);
	ck_assert_msg(sl_eqs(got, text), "%a: %.*s, not %s", d, (int)got.n, got.p, text);
}

START_TEST(real_texts)
{
	static const double some[] = { 0.0, -0.0, 0.5, -89.9787, -173.293, 1e-4, 9.9999e-5, 0.05, 999999.999999999, 1e6, 1e15, 1e21, 1e300, 5e-324,
				       0.1 + 0.2, 1.0 / 3, 123456.123456789, 0.0001, 100, 1.5, 2147483647 };
	struct arena a = { 0 };
	uint64_t seed = 7;
	for (size_t i = 0; i < ARRAY_LEN(some); i++)
		same_real(&a, some[i]);
	for (int i = 0; i < 200000; i++) {
		char text[40];
		double d;
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		snprintf(text, sizeof(text), "%s%d.%0*d", seed >> 63 ? "-" : "", (int)(seed >> 33 & 0x7fffffff) % (i % 2 ? 200 : 1200000), (int)(seed >> 20) % 10 & 15,
			 (int)(seed >> 40 & 0x7fffff));
		same_real(&a, strtod(text, NULL));
		memcpy(&d, &seed, sizeof(d));
		if (d - d == 0)
			same_real(&a, d);
		arena_reset(&a);
	}
	arena_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lake clean");
	TCase *t = tcase_create("clean");
	tcase_add_checked_fixture(t, load_rules, free_rules);
	tcase_add_loop_test(t, rule, 0, ARRAY_LEN(cases));
	tcase_add_loop_test(t, an_object, 0, ARRAY_LEN(objects));
	tcase_add_test(t, a_callback_stops_the_object);
	tcase_add_test(t, real_texts);
	tcase_add_test(t, hits);
	tcase_add_test(t, numbers_read_back);
	tcase_add_test(t, column_order);
	suite_add_tcase(s, t);
	return run_suite(s);
}
