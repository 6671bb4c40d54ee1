#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/stack.h"
#include "rds/seed.h"

static struct stack_files *files;
static struct conf *conf;
static struct seed *usual; /* of the default stack */

static struct seed *open_seed(uint64_t seed, int64_t count)
{
	struct error err;
	struct seed *g;
	ck_assert_msg(!seed_open(files, conf, seed, count, &g, &err), "%s", err.text);
	return g;
}

static const struct seed_table *pins(const struct seed *g)
{
	return seed_table(g, S("pinterest_data"));
}

static const struct seed_table *places(const struct seed *g)
{
	return seed_table(g, S("geolocation_data"));
}

static const struct seed_table *people(const struct seed *g)
{
	return seed_table(g, S("user_data"));
}

/* ---- made rows ---- */

START_TEST(a_row_is_a_function_of_seed_and_place)
{
	struct slice one[SEED_COLUMNS_MAX], two[SEED_COLUMNS_MAX];
	struct seed *a = open_seed(7, SEED_ROWS), *b = open_seed(7, SEED_ROWS), *c = open_seed(8, SEED_ROWS);
	for (size_t n = 0; n < 3; n++) {
		const struct seed_table *of_a = seed_table_at(a, n), *of_b = seed_table_at(b, n), *of_c = seed_table_at(c, n);
		size_t others = 0;
		for (int64_t i = 11153; i >= 0; i -= 13) {
			seed_row(b, of_b, i + 1 < SEED_ROWS ? i + 1 : 0, two); /* another order of asking */
			seed_row(a, of_a, i, one);
			seed_row(b, of_b, i, two);
			for (size_t k = 0; k < of_a->column_n; k++)
				ck_assert(sl_eq(one[k], two[k]));
			seed_row(c, of_c, i, two);
			others += !sl_eq(one[1], two[1]);
		}
		ck_assert_uint_gt(others, 700);
	}
	ck_assert_ptr_eq(seed_table_at(a, 3), NULL);
	seed_close(a);
	seed_close(b);
	seed_close(c);
}
END_TEST

struct counts {
	int64_t rows, next, dirty, story, described, tags, image, k, m, plain, empty, ascii, newline, long_title, text_max;
	const char *category;
	struct seed *g;
};

static bool has(struct slice s, const char *part)
{
	return sl_find(s, sl(part)) >= 0;
}

static int count_pin(void *arg, const struct seed_table *t, const struct slice *c, struct error *err)
{
	struct counts *n = arg;
	char ind[24];
	snprintf(ind, sizeof(ind), "%lld", (long long)n->next++);
	ck_assert(sl_eqs(c[0], ind));
	for (size_t i = 0; i < 12; i++)
		ck_assert(c[i].p && sl_is_utf8(c[i]));
	bool dirty = sl_eqs(c[5], "User Info Error");
	n->dirty += dirty;
	ck_assert_int_eq(dirty, sl_eqs(c[4], "User Info Error"));
	n->story += sl_eqs(c[3], "No description available Story format");
	ck_assert_int_eq(sl_eqs(c[3], "No description available Story format"), sl_eqs(c[7], "multi-video(story page format)"));
	n->described += sl_eqs(c[3], "No description available");
	n->tags += sl_eqs(c[6], "N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e");
	n->image += sl_eqs(c[8], "Image src error.");
	ck_assert_int_eq(sl_eqs(c[8], "Image src error."), sl_eqs(c[9], "0"));
	n->k += sl_ends(c[5], S("k"));
	n->m += sl_ends(c[5], S("M"));
	n->plain += !dirty && !sl_ends(c[5], S("k")) && !sl_ends(c[5], S("M"));
	n->empty += c[2].n == 0;
	n->newline += has(c[2], "\n");
	n->long_title += c[2].n > 150;
	bool ascii = true;
	for (size_t i = 0; i < c[2].n; i++)
		ascii &= (unsigned char)c[2].p[i] < 128;
	n->ascii += ascii;
	n->text_max = (int64_t)c[3].n > n->text_max ? (int64_t)c[3].n : n->text_max;
	ck_assert(sl_starts(c[10], S("Local save in /data/")) && sl_ends(c[10], c[11]));
	ck_assert_uint_le(c[2].n, 210);
	return 0;
}

/* Rates of the real table, in 10,000ths, with room for chance. */
static void about(int64_t n, int64_t rate, const char *what)
{
	int64_t want = rate * SEED_ROWS / 10000, room = want / 3 + 12;
	ck_assert_msg(n >= want - room && n <= want + room, "%s: %lld, about %lld wanted", what, (long long)n, (long long)want);
}

START_TEST(dirt_at_the_measured_rates)
{
	struct error err;
	struct counts n = { 0 };
	struct slice cells[SEED_COLUMNS_MAX];
	struct seed *g = open_seed(42, SEED_ROWS);
	ck_assert_int_eq(seed_rows(g, pins(g), count_pin, &n, &err), 0);
	ck_assert_int_eq(n.next, SEED_ROWS);
	about(n.dirty, 60, "wholly dirty rows");
	about(n.story, 690, "story descriptions");
	about(n.described, 157, "no descriptions");
	about(n.tags, 112, "no tags");
	about(n.image, 191, "image errors");
	about(n.k, 7489, "counts in k");
	about(n.m, 776, "counts in M");
	about(n.plain, 1675, "plain counts");
	about(n.empty, 8, "empty titles");
	about(SEED_ROWS - n.ascii, 1038, "titles beyond ASCII");
	about(n.newline, 15, "titles with a new line");
	ck_assert_int_gt(n.long_title, 10);
	ck_assert_int_le(n.text_max, 200);
	seed_row(g, pins(g), 7528, cells);
	ck_assert(sl_eqs(cells[2], "No Title Data Available"));
	seed_close(g);
}
END_TEST

struct crowd {
	struct slice seen[SEED_ROWS];
	struct arena arena;
	size_t n;
	int64_t young, in_2015;
};

static int count_user(void *arg, const struct seed_table *t, const struct slice *c, struct error *err)
{
	struct crowd *p = arg;
	int64_t age;
	ck_assert(sl_int(c[3], 20, 60, &age));
	p->young += age <= 24;
	p->in_2015 += sl_starts(c[4], S("2015"));
	ck_assert(sl_cmp(c[4], S("2015-10-21")) >= 0 && sl_cmp(c[4], S("2017-10-21")) < 0);
	p->seen[p->n++] = arena_printf(&p->arena, "%.*s %.*s %.*s %.*s", SL(c[1]), SL(c[2]), SL(c[3]), SL(c[4]));
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

START_TEST(people_come_back)
{
	static struct crowd p;
	struct error err;
	struct seed *g = open_seed(42, SEED_ROWS);
	size_t distinct = 0;
	ck_assert_int_eq(seed_rows(g, people(g), count_user, &p, &err), 0);
	qsort(p.seen, p.n, sizeof(p.seen[0]), by_text);
	for (size_t i = 0; i < p.n; i++)
		distinct += i == 0 || !sl_eq(p.seen[i], p.seen[i - 1]);
	ck_assert_msg(distinct > 4500 && distinct < 6200, "%zu people", distinct); /* 5,307 in the real table */
	about(p.young, 4407, "people under 25");
	about(p.in_2015, 4041, "people of 2015");
	arena_free(&p.arena);
	seed_close(g);
}
END_TEST

START_TEST(places_have_six_digits)
{
	struct slice user[SEED_COLUMNS_MAX], c[SEED_COLUMNS_MAX];
	struct seed *g = open_seed(42, SEED_ROWS);
	for (int64_t i = 0; i < SEED_ROWS; i += 7) {
		seed_row(g, places(g), i, c);
		for (int k = 2; k < 4; k++) {
			char text[32], again[32];
			snprintf(text, sizeof(text), "%.*s", SL(c[k]));
			snprintf(again, sizeof(again), "%.6g", strtod(text, NULL));
			ck_assert_str_eq(text, again);
			ck_assert(strtod(text, NULL) >= (k == 2 ? -90 : -180) && strtod(text, NULL) <= (k == 2 ? 90 : 180));
		}
		ck_assert(sl_cmp(c[1], S("2017-10-19")) >= 0 && sl_cmp(c[1], S("2022-10-20")) < 0);
		struct slice posted = c[1];
		char when[32];
		snprintf(when, sizeof(when), "%.*s", SL(posted));
		seed_row(g, people(g), i, user);
		ck_assert(sl_cmp(user[4], sl(when)) < 0); /* joined before posting */
	}
	seed_close(g);
}
END_TEST

/* ---- what a source can say ---- */

static struct seed *own;

static void put_file(const char *folder, const char *name, const char *head, const char *text)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fprintf(out, "%s%s", head, text);
	fclose(out);
}

/* A stack of one source, in a folder. */
static int open_own(const char *source, const char *entity, struct error *err)
{
	char folder[] = "/tmp/tarn-seed-XXXXXX", command[256];
	struct stack_files *f = NULL;
	struct conf *c = conf_new();
	struct buf text = { 0 };
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(command, sizeof(command), "mkdir %s/datasets %s/seed", folder, folder);
	ck_assert_int_eq(system(command), 0);
	buf_addf(&text, "%s\ntable t\n  id integer key\n", source);
	put_file(folder, "datasets/t.dataset", "source t\n", buf_cstr(&text));
	put_file(folder, "seed/words.txt", "one\ntwo\n",
		 "[fruit|weight|kind]\napple|3|red,green\nplum|1|blue\n[about]\n{Kind} {fruit} {3..3}\n[torn]\n{nobody}\n");
	conf_set(c, "entities", "who", entity);
	seed_close(own);
	own = NULL;
	ck_assert_int_eq(stack_open(folder, &f, err), 0);
	int rc = seed_open(f, c, 7, 400, &own, err);
	stack_close(f);
	conf_free(c);
	buf_free(&text);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
	return rc;
}

/* source, the number of a row, and what its last column then is; NULL: null */
static const struct {
	const char *source;
	int64_t row;
	const char *value;
} values[] = {
	{ "  a BIGINT row", 9, "9" },
	{ "  a BIGINT row from 1000", 9, "1009" },
	{ "  a BIGINT row of who", 9, "9" }, /* whose rows these are */
	{ "  a BIGINT UNSIGNED NOT NULL row", 9, "9" },
	{ "  a VARCHAR(9) 'it''s ' row '#' # and more", 9, "it's 9#" },
	{ "  a TEXT", 9, NULL },
	{ "  a TEXT null", 9, NULL },
	{ "  a DECIMAL(4,2) number 2.50..2.50", 9, "2.50" },
	{ "  a DECIMAL(4,2) number -2.05..-2.05", 9, "-2.05" },
	{ "  a FLOAT number 2.5..2.5", 9, "2.5" },
	{ "  a BIGINT number -3..-3 leaning 2.5", 9, "-3" },
	{ "  a DATE time 2024-02-29..2024-02-29", 9, "2024-02-29" },
	{ "  a TEXT share words", 199, "one" },
	{ "  a TEXT share words", 200, "two" },
	{ "  a TEXT share fruit", 299, "apple" },
	{ "  a TEXT share fruit", 300, "plum" },
	{ "  a TEXT share fruit\n  b TEXT word about", 399, "Blue plum 3" },
	{ "  a TEXT share fruit\n  b TEXT word about times 2 with '/'", 399, "Blue plum 3/Blue plum 3" },
	{ "  a TEXT share fruit\n  b TEXT word about filling 30 cut 20", 399, "Blue plum 3\xe2\x80\xa6\xc2\xa0" },
	{ "  a TEXT share fruit\n  b TEXT word about cut 7", 399, "\xe2\x80\xa6\xc2\xa0" }, /* no word is short enough */
	{ "  b TEXT 'of ' a\n  a TEXT share words\n  c TEXT '-' a", 0, "-one" },
	{ "  a TEXT 'x'\n    when row 9: 'y'", 9, "y" },
	{ "  a TEXT 'x'\n    when row 9: 'y'", 8, "x" },
	{ "  a TEXT 'x'\n    when row 9 or 100%: 'y'\n    when row 9: 'z'", 9, "y" },
	{ "  case odd row 9 or row 7\n  a TEXT 'x'\n    when odd: null", 7, NULL },
};

START_TEST(made_of_its_words)
{
	struct slice cells[SEED_COLUMNS_MAX];
	struct error err;
	ck_assert_msg(!open_own(values[_i].source, "leaning of t", &err), "%s", err.text);
	const struct seed_table *t = seed_table_at(own, 0);
	seed_row(own, t, values[_i].row, cells);
	struct slice got = cells[t->column_n - 1];
	ck_assert_msg(values[_i].value ? sl_eqs(got, values[_i].value) : !got.p, "%s: %.*s", values[_i].source, SL(got));
}
END_TEST

START_TEST(shares_and_entities)
{
	struct slice cells[SEED_COLUMNS_MAX];
	struct error err;
	int64_t a = 0, b = 0, first = 0;
	char seen[128] = "", now[128];
	ck_assert_msg(!open_own("  n BIGINT row of who\n  a TEXT 'x'\n    when 20%: 'a'\n    when 30.5%: 'b'\n  c TEXT uuid of who\n"
				"  d TEXT 'x'\n    when 50% of who: 'y'",
				"leaning 3", &err),
		      "%s", err.text);
	for (int64_t i = 0; i < 4000; i++) {
		seed_row(own, seed_table_at(own, 0), i, cells);
		a += sl_eqs(cells[1], "a");
		b += sl_eqs(cells[1], "b");
		if (!sl_eqs(cells[0], "0"))
			continue;
		snprintf(now, sizeof(now), "%.*s %.*s", SL(cells[2]), SL(cells[3]));
		ck_assert_msg(!first++ || !strcmp(seen, now), "%s, and %s", seen, now);
		memcpy(seen, now, sizeof(seen));
	}
	ck_assert_msg(a > 700 && a < 900, "%lld", (long long)a);
	ck_assert_msg(b > 1110 && b < 1330, "%lld", (long long)b);
	ck_assert_msg(first > 430 && first < 660, "%lld", (long long)first); /* the 400th part to the third root */
}
END_TEST

static const struct {
	const char *source, *why;
} refused[] = {
	{ "", "the source t has no columns" },
	{ "  a bigint row", ":2: an SQL type in capitals is wanted here, not bigint" },
	{ "  a BIGINT rows", "rows is no way to make a value, and no column that is made without another" },
	{ "  a TEXT b\n  b TEXT a", "b is no way to make a value, and no column that is made without another" },
	{ "  a TEXT 'x", "'x is no way to make a value" },
	{ "  a TEXT word nouns", ":2: a list of words below seed/ is wanted here, not nouns" },
	{ "  a TEXT word torn", ":2: of torn nothing fills the holes of \"{nobody}\"" },
	{ "  a BIGINT number 1", ":2: a range (1..10) is wanted here, not 1" },
	{ "  a BIGINT number 9..1", ":2: a range (1..10) is wanted here, not 9..1" },
	{ "  a DATE time 2024-02-30..2024-03-01", ":2: a range of days (2024-01-01..2024-12-31) is wanted here, not 2024-02-30..2024-03-01" },
	{ "  a BIGINT number 1..2 of whom", ":2: an entity of [entities] in stack.conf is wanted here, not whom" },
	{ "  a BIGINT number 1..2 leaning 2.3", ":2: a power in halves is wanted here, not 2.3" },
	{ "  a BIGINT number 1..2 times 3", "times is no way to make a value" },
	{ "  a TEXT word words times many", ":2: a number is wanted here, not many" },
	{ "  a TEXT word words with comma", ":2: a text in quotes is wanted here, not comma" },
	{ "  a TEXT 'x'\n    when odd: 'y'", ":3: a share (8.3%), row N or a case above is wanted here, not odd" },
	{ "  a TEXT 'x'\n    when 60%: 'y'\n    when 41%: 'z'", ":4: no more than 100% for all shares together is wanted here, not 41%" },
	{ "  a TEXT 'x'\n    when 60% 'y'", ":3: : is wanted here, not y" },
	{ "  a TEXT\n    when 60%: 'y'", ":3: when follows a column that is made" },
	{ "  when 60%: 'y'", ":2: when follows a column that is made" },
	{ "  case", ":2: a name is wanted here, not the end of the line" },
};

START_TEST(refused_with_its_line)
{
	struct error err;
	ck_assert_int_eq(open_own(refused[_i].source, "leaning", &err), ERR_INVALID);
	ck_assert_msg(sl_starts(sl(err.text), S("datasets/t.dataset:")) && strstr(err.text, refused[_i].why), "%s", err.text);
}
END_TEST

START_TEST(entities_and_generation)
{
	struct error err;
	struct conf *other = conf_new();
	ck_assert_int_eq(open_own("  a TEXT", "leaning of nothing", &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, "a source is wanted here, not nothing"), "%s", err.text);
	ck_assert_int_eq(open_own("  a TEXT", "often", &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, "leaning, each or of is wanted here, not often"), "%s", err.text);
	ck_assert_msg(!open_own("  a BIGINT row of who", "each", &err), "%s", err.text);
	struct slice cells[SEED_COLUMNS_MAX];
	seed_row(own, seed_table_at(own, 0), 399, cells);
	ck_assert(sl_eqs(cells[0], "399"));
	conf_set(other, "stack", "generation", "1");
	ck_assert_int_eq(seed_open(files, other, 7, 10, &own, &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, "rows of generation 1"), "%s", err.text);
	conf_free(other);
}
END_TEST

/* ---- files ---- */

struct rows {
	struct buf text;
	size_t n;
};

static int collect(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err)
{
	struct rows *r = arg;
	seed_put_json(&r->text, t, cells);
	r->n++;
	return 0;
}

static void reads(const char *name, const char *text, const char *want)
{
	struct rows r = { 0 };
	struct error err;
	ck_assert_msg(!seed_read(name, sl(text), seed_file_table(usual, name), collect, &r, &err), "%s", err.text);
	ck_assert_str_eq(buf_cstr(&r.text), want);
	buf_free(&r.text);
}

static void refuses(const char *name, const char *text, const char *why)
{
	struct rows r = { 0 };
	struct error err;
	ck_assert_int_eq(seed_read(name, sl(text), seed_file_table(usual, name), collect, &r, &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, why) != NULL, "%s", err.text);
	buf_free(&r.text);
}

START_TEST(csv_files)
{
	reads("user_data.csv", "ind,first_name,last_name,age,date_joined\n1,Ann,\"O\"\"Neil, Jr\n\",20,2016-01-02 03:04:05\n",
	      "{\"ind\": 1, \"first_name\": \"Ann\", \"last_name\": \"O\\\"Neil, Jr\\n\", \"age\": 20, \"date_joined\": \"2016-01-02 03:04:05\"}\n");
	reads("user_data.csv", ",ind,first_name\r\n0,1,\r\n1,,x\r\n",
	      "{\"ind\": 1, \"first_name\": \"\", \"last_name\": null, \"age\": null, \"date_joined\": null}\n"
	      "{\"ind\": null, \"first_name\": \"x\", \"last_name\": null, \"age\": null, \"date_joined\": null}\n");
	reads("user_data.csv", "\xef\xbb\xbf" "age,ind\n20,1",
	      "{\"ind\": 1, \"first_name\": null, \"last_name\": null, \"age\": 20, \"date_joined\": null}\n");
	refuses("user_data.csv", "ind,nickname\n1,x\n", "user_data.csv:1: user_data has no column \"nickname\"");
	refuses("user_data.csv", "ind,age\n1,20\n2\n", "user_data.csv:3: 1 cells, the header has 2");
	refuses("user_data.csv", "ind,age\n1,20,30\n", "user_data.csv:2: more cells");
	refuses("user_data.csv", "ind,age\n1,\"20\n", "user_data.csv:2: a quoted cell");
	refuses("user_data.txt", "ind\n1\n", "rows are read from");
}
END_TEST

START_TEST(json_lines)
{
	reads("user_data.jsonl", "{\"ind\": 1, \"first_name\": \"\\u00e9\"}\n\n{\"age\": 20.5, \"ind\": null}\n",
	      "{\"ind\": 1, \"first_name\": \"\xc3\xa9\", \"last_name\": null, \"age\": null, \"date_joined\": null}\n"
	      "{\"ind\": null, \"first_name\": null, \"last_name\": null, \"age\": 20.5, \"date_joined\": null}\n");
	refuses("user_data.jsonl", "{\"ind\": 1}\n[1]\n", "user_data.jsonl:2: not a JSON object");
	refuses("user_data.jsonl", "{\"ind\": 1\n", "user_data.jsonl:1: ");
	refuses("user_data.jsonl", "{\"ind\": [1]}\n", "user_data.jsonl:1: \"ind\" is neither");
	refuses("user_data.jsonl", "{\"x\": 1}\n", "has no column \"x\"");
}
END_TEST

START_TEST(files_are_named_after_tables)
{
	ck_assert_ptr_eq(seed_file_table(usual, "a/b/pinterest_data.csv"), pins(usual));
	ck_assert_ptr_eq(seed_file_table(usual, "pinterest_data_part2.jsonl"), pins(usual));
	ck_assert_ptr_eq(seed_file_table(usual, "users.csv"), NULL);
}
END_TEST

/* What is written is read back the same. */
START_TEST(csv_and_back)
{
	struct slice cells[SEED_COLUMNS_MAX];
	struct seed *g = open_seed(3, 400);
	struct buf csv = { 0 }, json = { 0 };
	struct rows back = { 0 };
	struct error err;
	seed_put_csv_header(&csv, pins(usual));
	for (int64_t i = 0; i < 400; i++) {
		seed_row(g, pins(g), i, cells);
		seed_put_csv(&csv, pins(g), cells);
		seed_put_json(&json, pins(g), cells);
	}
	ck_assert_int_eq(seed_read("pinterest_data.csv", buf_slice(&csv), pins(g), collect, &back, &err), 0);
	ck_assert(sl_eq(buf_slice(&back.text), buf_slice(&json)));
	buf_free(&csv);
	buf_free(&json);
	buf_free(&back.text);
	seed_close(g);
}
END_TEST

START_TEST(sql_values_are_escaped)
{
	struct buf b = { 0 };
	struct slice cells[5] = { S("1"), S("O'Neil\\"), { NULL, 0 }, S("20"), S("a\nb") };
	seed_put_values(&b, people(usual), cells);
	ck_assert_str_eq(buf_cstr(&b), "('1','O\\'Neil\\\\',NULL,'20','a\\nb')");
	buf_free(&b);
}
END_TEST

int main(void)
{
	struct error err;
	Suite *s = suite_create("seed");
	TCase *t = tcase_create("rows");
	conf = conf_new();
	if (stack_open(NULL, &files, &err) || stack_conf(files, conf, &err) || seed_open(files, conf, 42, 10, &usual, &err))
		return EXIT_FAILURE;
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_row_is_a_function_of_seed_and_place);
	tcase_add_test(t, dirt_at_the_measured_rates);
	tcase_add_test(t, people_come_back);
	tcase_add_test(t, places_have_six_digits);
	tcase_add_loop_test(t, made_of_its_words, 0, ARRAY_LEN(values));
	tcase_add_test(t, shares_and_entities);
	tcase_add_loop_test(t, refused_with_its_line, 0, ARRAY_LEN(refused));
	tcase_add_test(t, entities_and_generation);
	tcase_add_test(t, csv_files);
	tcase_add_test(t, json_lines);
	tcase_add_test(t, files_are_named_after_tables);
	tcase_add_test(t, csv_and_back);
	tcase_add_test(t, sql_values_are_escaped);
	suite_add_tcase(s, t);
	int rc = run_suite(s);
	seed_close(usual);
	seed_close(own);
	conf_free(conf);
	stack_close(files);
	return rc;
}
