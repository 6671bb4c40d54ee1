/* Rules files: what they can say, what is refused and how, and every variant of the stack's own. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "cleaning/pinterest.h"

static struct arena text;
static struct cleaning all;
static struct clean_rules *rules; /* all.rules */

static void setup(void)
{
	pinterest_open(&all, &text);
	rules = all.rules;
}

static void teardown(void)
{
	arena_free(&text);
}

struct got {
	size_t column;
	bool row;
	char text[256];
};

static int on_row(void *arg, const struct clean_value *v)
{
	struct got *g = arg;
	struct arena a = { 0 };
	struct slice s = clean_text(&a, &v[g->column]);
	g->row = true;
	s = s.p ? s : S("null");
	snprintf(g->text, sizeof(g->text), "%.*s", SL(s));
	arena_free(&a);
	return 0;
}

/* The column's text that a record gives, "null", or "dropped". */
static const char *cleaned(const struct clean_rules *r, const char *column, const char *record)
{
	static struct got g;
	struct clean_cleaner c = { .rules = r, .row = on_row, .arg = &g };
	g = (struct got){ 0 };
	while (strcmp(r->set->columns[g.column].name, column))
		g.column++;
	ck_assert_int_eq(clean_line(&c, 1, sl(record)), 0);
	ck_assert_int_eq(c.records, c.rows + c.bad + c.dropped);
	ck_assert_int_eq(c.dropped, !g.row);
	arena_free(&c.arena);
	return g.row ? g.text : "dropped";
}

/* ---- the stack's variants ---- */

static const struct {
	enum set set;
	const char *choice, *variant, *record, *column, *want;
} variants[] = {
	{ PIN, "empty", "null", "\"title\":\"\"", "title", "null" },
	{ PIN, "empty", "keep", "\"title\":\"\"", "title", "" },
	{ PIN, "title", "exact", "\"title\":\"No Title Data\"", "title", "No Title Data" },
	{ PIN, "title", "prefix", "\"title\":\"No Title Data\"", "title", "null" },
	{ PIN, "description", "both", "\"description\":\"No description available\"", "description", "null" },
	{ PIN, "description", "story-only", "\"description\":\"No description available\"", "description", "No description available" },
	{ PIN, "description", "story-only", "\"description\":\"No description available Story format\"", "description", "null" },
	{ PIN, "description", "prefix", "\"description\":\"No description available here\"", "description", "null" },
	{ PIN, "description", "untitled", "\"description\":\"Untitled\"", "description", "null" },
	{ PIN, "image_src", "without-dot", "\"image_src\":\"Image src error.\"", "image_src", "Image src error." },
	{ PIN, "follower_count", "k-and-M", "\"follower_count\":\"15M\"", "follower_count", "15000000" },
	{ PIN, "follower_count", "k-only", "\"follower_count\":\"15M\"", "follower_count", "null" },
	{ PIN, "follower_count", "k-only", "\"follower_count\":\"12k\"", "follower_count", "12000" },
	{ PIN, "follower_count", "M-0000", "\"follower_count\":\"15M\"", "follower_count", "150000" },
	{ PIN, "follower_count", "digits", "\"follower_count\":\"12k\"", "follower_count", "12" },
	{ PIN, "follower_count", "none", "\"follower_count\":\"12k\"", "follower_count", "null" },
	{ PIN, "follower_count", "none", "\"follower_count\":\"12\"", "follower_count", "12" },
	{ PIN, "follower_nulls", "zero", "\"follower_count\":\"User Info Error\"", "follower_count", "0" },
	{ PIN, "save_location", "leading-space", "\"save_location\":\"Local save in /data/art\"", "save_location", " /data/art" },
	{ PIN, "save_location", "from-slash", "\"save_location\":\"kept at /data/art\"", "save_location", "/data/art" },
	{ PIN, "save_location", "from-slash", "\"save_location\":\"nowhere\"", "save_location", "nowhere" },
	{ PIN, "save_location", "keep", "\"save_location\":\"Local save in /data/art\"", "save_location", "Local save in /data/art" },
	{ PIN, "nulls", "drop", "\"title\":\"a\"", "title", "dropped" },
	{ PIN, "pin.nulls", "drop", "\"title\":\"a\"", "title", "dropped" },
	{ PIN, "geo.nulls", "drop", "\"title\":\"a\"", "title", "a" },
	{ GEO, "coordinates", "array", "\"latitude\":1.5,\"longitude\":-2", "coordinates", "[1.5,-2.0]" },
	{ GEO, "coordinates", "reversed", "\"latitude\":1.5,\"longitude\":-2", "coordinates", "[-2.0,1.5]" },
	{ GEO, "coordinates", "struct", "\"latitude\":1.5,\"longitude\":-2", "coordinates", "{\"latitude\":1.5,\"longitude\":-2.0}" },
	{ GEO, "coordinates", "text", "\"latitude\":1.5,\"longitude\":-2", "coordinates", "1.5,-2.0" },
	{ GEO, "coordinates", "text", "\"latitude\":1.5,\"country\":\"Peru\"", "coordinates", "null" },
	{ GEO, "timestamp", "date", "\"timestamp\":\"2020-08-28T03:52:47\"", "timestamp", "2020-08-28" },
	{ GEO, "timestamp", "date", "\"timestamp\":\"2020-08-28T03:52:47\"", "post_year", "2020" },
	{ USERS, "user_name", "space", "\"first_name\":\"Rachel\",\"last_name\":\"Davis\"", "user_name", "Rachel Davis" },
	{ USERS, "user_name", "no-space", "\"first_name\":\"Rachel\",\"last_name\":\"Davis\"", "user_name", "RachelDavis" },
	{ USERS, "user_name", "space", "\"first_name\":\"Rachel\"", "user_name", "null" },
	{ USERS, "user_name", "skip-null", "\"first_name\":\"Rachel\"", "user_name", "Rachel" },
	{ USERS, "user_name", "skip-null", "\"last_name\":\"Davis\"", "user_name", "Davis" },
	{ USERS, "date_joined", "date", "\"date_joined\":\"2015-10-24T11:23:51\"", "date_joined", "2015-10-24" },
};

START_TEST(variant)
{
	struct error err = { 0 };
	char *record = xasprintf("{\"ind\":7,%s}", variants[_i].record);
	ck_assert_msg(clean_rules_choose(rules, SET_N, sl(variants[_i].choice), sl(variants[_i].variant), &err) == 0, "%s", err.text);
	const char *got = cleaned(&rules[variants[_i].set], variants[_i].column, record);
	ck_assert_msg(!strcmp(got, variants[_i].want), "%s = %s: got %s, want %s", variants[_i].choice, variants[_i].variant, got,
		      variants[_i].want);
	free(record);
}
END_TEST

START_TEST(unknown_choices)
{
	struct error err = { 0 };
	ck_assert_int_eq(clean_rules_choose(rules, SET_N, S("follower_count"), S("m-only"), &err), ERR_INVALID);
	ck_assert_str_eq(err.text, "follower_count has no variant m-only; there is k-and-M, k-only, M-0000, digits, none");
	ck_assert_int_eq(clean_rules_choose(rules, SET_N, S("geo.user_name"), S("space"), &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, "the rules leave no choice geo.user_name; there is empty, title") != NULL, "%s", err.text);
}
END_TEST

START_TEST(conf_chooses)
{
	struct conf *conf = conf_new();
	struct error err = { 0 };
	conf_set(conf, "lake", "bucket", "b");
	conf_set(conf, "lake", "variant.user_name", "no-space");
	conf_set(conf, "stack", "datasets", "pin, geo, users");
	ck_assert_int_eq(cleaning_open(&all, &text, NULL, conf, &err), 0);
	rules = all.rules;
	ck_assert_str_eq(cleaned(&rules[USERS], "user_name", "{\"ind\":1,\"first_name\":\"A\",\"last_name\":\"B\"}"), "AB");
	conf_set(conf, "lake", "variant.user_name", "tab");
	ck_assert_int_eq(cleaning_open(&all, &text, NULL, conf, &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, "no variant tab") != NULL, "%s", err.text);
	conf_free(conf);
}
END_TEST

/* ---- what a file can say ---- */

static int parse(const char *s, struct error *err)
{
	static struct dataset d;
	*err = (struct error){ 0 };
	d = all.sets.at[PIN];
	d.file = "x.rules";
	d.rules = (struct dataset_part){ sl(s), 1 };
	return clean_rules_parse(&text, &d, &rules[PIN], err);
}

static const struct {
	const char *label, *rules, *record, *column, *want;
} said[] = {
	{ "no rules: types only", "", "{\"ind\":1,\"title\":\"\",\"follower_count\":\"7\"}", "follower_count", "7" },
	{ "a quote in a text", "title: null if 'it''s'", "{\"ind\":1,\"title\":\"it's\"}", "title", "null" },
	{ "a # in a text, a comment behind", "title: null if '#' # sharp", "{\"ind\":1,\"title\":\"#\"}", "title", "null" },
	{ "from top to bottom", "title: replace 'a' with 'b'\ntitle: replace 'b' with 'c'", "{\"ind\":1,\"title\":\"ab\"}", "title", "cc" },
	{ "Windows lines", "title: null if 'a'\r\ntitle: default 'z'\r\n", "{\"ind\":1,\"title\":\"a\"}", "title", "z" },
	{ "blanks don't matter", "  title :null   if 'a'", "{\"ind\":1,\"title\":\"a\"}", "title", "null" },
	{ "other keys", "rename number -> ind\nrename name, headline -> title", "{\"number\":4,\"headline\":\"a\"}", "title", "a" },
	{ "a boolean of JSON", "title: to boolean", "{\"ind\":1,\"title\":true}", "title", "true" },
	{ "a boolean by Spark's words", "title: to boolean", "{\"ind\":1,\"title\":\" No\"}", "title", "false" },
	{ "a boolean of a number", "title: to boolean", "{\"ind\":1,\"title\":0}", "title", "false" },
	{ "no boolean", "title: to boolean", "{\"ind\":1,\"title\":\"maybe\"}", "title", "null" },
	{ "a boolean as number", "title: to boolean\ntitle: to integer", "{\"ind\":1,\"title\":\"y\"}", "title", "1" },
	{ "a number as text", "title: keep digits", "{\"ind\":1,\"title\":\"a1b2\"}", "title", "12" },
	{ "replacing by nothing", "title: replace 'a' with ''", "{\"ind\":1,\"title\":\"banana\"}", "title", "bnn" },
	{ "the first variant is the usual one", "choice c: x\nvariant a: x\ntitle: null if 'a'\nvariant b: x\nend", "{\"ind\":1,\"title\":\"a\"}",
	  "title", "null" },
};

START_TEST(says)
{
	struct error err;
	ck_assert_msg(parse(said[_i].rules, &err) == 0, "%s: %s", said[_i].label, err.text);
	const char *got = cleaned(&rules[PIN], said[_i].column, said[_i].record);
	ck_assert_msg(!strcmp(got, said[_i].want), "%s: %s", said[_i].label, got);
}
END_TEST

static const struct {
	const char *rules, *error;
} refused[] = {
	{ "titel: null if 'a'", "x.rules:1: the table pin has no column titel" },
	{ "\n\ntitle null if 'a'", "x.rules:3: : is wanted here, not null" },
	{ "title: nul if 'a'", "x.rules:1: null if, replace, remove, keep, default, to, array, struct, join or year is wanted here, not nul" },
	{ "title: null if a", "x.rules:1: a text in quotes is wanted here, not a" },
	{ "title: null if 'a", "x.rules:1: a text without its closing quote" },
	{ "title: null if 'a' at end", "x.rules:1: \"start\" is wanted here, not end" },
	{ "title: replace '' with 'a'", "x.rules:1: the text is empty" },
	{ "title: to text", "x.rules:1: integer, number, boolean, timestamp or date is wanted here, not text" },
	{ "title: to integer now", "x.rules:1: the end of the line is wanted here, not now" },
	{ "title: array of a, b", "x.rules:1: the table pin has no column a" },
	{ "rows: distinct by latitude", "x.rules:1: the table pin has no column latitude" },
	{ "rows: null if 'a'", "x.rules:1: distinct or without nulls is wanted here, not null" },
	{ "title: distinct", "x.rules:1: null if, replace, remove, keep, default, to, array, struct, join or year is wanted here, not distinct" },
	{ "choice c: x\nend", "x.rules:2: a choice without variants" },
	{ "choice c: x\ntitle: null if 'a'\nend", "x.rules:2: a choice opens with a variant" },
	{ "choice c: x\nvariant a: x\n", "x.rules: the choice c has no end" },
	{ "choice c: x\nvariant a: x\nchoice d: x", "x.rules:3: the choice c has no end" },
	{ "choice c: x\nvariant a: x\nvariant a: x", "x.rules:3: a second variant a" },
	{ "variant a: x", "x.rules:1: a variant outside a choice" },
	{ "end", "x.rules:1: an end without its choice" },
	{ "rename a -> b", "x.rules:1: the table pin has no column b" },
	{ "rename a, b, c, d, e -> title", "x.rules:1: more than 4 keys" },
};

START_TEST(refuses)
{
	struct error err;
	ck_assert_int_eq(parse(refused[_i].rules, &err), ERR_INVALID);
	ck_assert_str_eq(err.text, refused[_i].error);
}
END_TEST

START_TEST(limits)
{
	struct error err;
	struct buf b = { 0 };
	for (int i = 0; i <= CLEAN_RULES_MAX; i++)
		buf_adds(&b, "title: keep digits\n");
	ck_assert_int_eq(parse(buf_cstr(&b), &err), ERR_INVALID);
	ck_assert_str_eq(err.text, "x.rules:65: more than 64 rules");
	buf_free(&b);
}
END_TEST

/* ---- one record of a stream ---- */

struct bad {
	size_t n, line, at;
	char reason[128];
	const struct clean_cleaner *c;
};

static int on_bad(void *arg, size_t line, struct slice record, const char *reason)
{
	struct bad *b = arg;
	ck_assert_ptr_nonnull(record.p);
	b->n++;
	b->line = line;
	b->at = b->c->bad_at;
	snprintf(b->reason, sizeof(b->reason), "%s", reason);
	return 0;
}

static const struct {
	const char *record, *reason;
	size_t at;
} bad_records[] = {
	{ "{\"index\":1,\"tit", "not JSON", 15 },
	{ "{\"index\":1 \"title\":\"a\"}", "not JSON", 18 },
	{ "", "not JSON", 0 },
	{ "\"\"", "not an object", 0 },
	{ "{\"index\":1,\"title\":\"a\xff\"}", "not UTF-8", 22 },
	{ "{\"index\":1,\"title\":\"a\xc3\"}", "not UTF-8", 22 },
	{ "{\"index\":1,\"title\":[1]}", "title is an object or array", 0 },
};

START_TEST(a_bad_record)
{
	struct bad bad = { 0 };
	struct clean_cleaner c = { .rules = &rules[PIN], .quarantine = on_bad, .arg = &bad };
	bad.c = &c;
	ck_assert_int_eq(clean_line(&c, 9, sl(bad_records[_i].record)), 0);
	ck_assert_uint_eq(bad.n, 1);
	ck_assert_uint_eq(bad.line, 9);
	ck_assert_str_eq(bad.reason, bad_records[_i].reason);
	ck_assert_msg(bad.at == bad_records[_i].at, "%s: at %zu", bad_records[_i].record, bad.at);
	arena_free(&c.arena);
}
END_TEST

START_TEST(a_line_too_long)
{
	struct bad bad = { 0 };
	struct clean_cleaner c = { .rules = &rules[PIN], .quarantine = on_bad, .arg = &bad };
	struct buf b = { 0 };
	bad.c = &c;
	buf_adds(&b, "{\"index\":1,\"title\":\"a\"}\n{\"index\":2,\"title\":\"");
	memset(buf_room(&b, CLEAN_LINE_MAX), 'a', CLEAN_LINE_MAX);
	b.n += CLEAN_LINE_MAX;
	buf_adds(&b, "\"}\n{\"index\":3,\"title\":\"a\"}\n");
	ck_assert_int_eq(clean_object(&c, buf_slice(&b)), 0);
	ck_assert_int_eq(c.rows, 2);
	ck_assert_uint_eq(bad.line, 2);
	ck_assert_str_eq(bad.reason, "a line of 16777238 bytes, over 16777216");
	arena_free(&c.arena);
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lake rules");
	TCase *t = tcase_create("rules");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, variant, 0, ARRAY_LEN(variants));
	tcase_add_test(t, unknown_choices);
	tcase_add_test(t, conf_chooses);
	tcase_add_loop_test(t, says, 0, ARRAY_LEN(said));
	tcase_add_loop_test(t, refuses, 0, ARRAY_LEN(refused));
	tcase_add_test(t, limits);
	tcase_add_loop_test(t, a_bad_record, 0, ARRAY_LEN(bad_records));
	tcase_add_test(t, a_line_too_long);
	suite_add_tcase(s, t);
	return run_suite(s);
}
