/* Dataset files: what the default stack's say, what is refused and how. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "cleaning/dataset.h"
#include "core/stack.h"

static struct arena a;

static void teardown(void)
{
	arena_free(&a);
}

START_TEST(the_default_stack)
{
	struct datasets all;
	struct error err = { 0 };
	struct conf *conf = conf_new();
	conf_set(conf, "stack", "datasets", "pin, geo, users");
	conf_set(conf, "stack", "user", "ab12");
	ck_assert_msg(!datasets_open(&a, NULL, conf, &all, &err), "%s", err.text);
	ck_assert_uint_eq(all.n, 3);
	ck_assert(sl_eqs(dataset_names(&a, &all), "pin, geo, users"));
	const struct dataset *d = dataset_find(&all, S("geo"));
	ck_assert_ptr_eq(d, &all.at[1]);
	ck_assert_str_eq(d->source, "geolocation_data");
	ck_assert_str_eq(d->topic, "ab12.geo");
	ck_assert_str_eq(d->stream, "streaming-ab12-geo");
	ck_assert_uint_eq(d->out_n, 5);
	ck_assert_uint_eq(d->column_n, 7);
	ck_assert_uint_eq(d->key, 0);
	ck_assert_int_eq(dataset_column(d, S("longitude")), 6);
	ck_assert_int_eq(dataset_column(d, S("altitude")), -1);
	ck_assert_int_eq(d->columns[2].made, true);
	ck_assert_int_eq(d->columns[4].type, CLEAN_INT);
	ck_assert(sl_find(d->rules.text, S("rename index, idx -> ind")) >= 0);
	ck_assert_ptr_eq(dataset_find(&all, S("users")), &all.at[2]);
	ck_assert_ptr_eq(dataset_find(&all, S("user")), &all.at[2]); /* its topic's */
	ck_assert_ptr_eq(dataset_find(&all, S("people")), NULL);
	conf_set(conf, "stack", "datasets", "pin, people");
	ck_assert_int_eq(datasets_open(&a, NULL, conf, &all, &err), ERR_NOT_FOUND);
	ck_assert_msg(strstr(err.text, "datasets/people.dataset"), "%s", err.text);
	conf_free(conf);
}
END_TEST

static int parse(const char *text, struct dataset *d, struct error *err)
{
	return dataset_parse(&a, NULL, "datasets/x.dataset", sl(text), d, err);
}

START_TEST(parts_keep_their_lines)
{
	struct dataset d;
	struct error err = { 0 };
	ck_assert_msg(!parse("# words\n\nsource s\n  rules INT row\n\n# more\n  b TEXT uuid\ntable t\r\n\tid integer key\n"
			     "rules\n  id: to integer\n\nid: null if ''",
			     &d, &err),
		      "%s", err.text);
	ck_assert_str_eq(d.name, "x");
	ck_assert_str_eq(d.tail, "t");
	ck_assert_ptr_eq(d.topic, NULL);
	ck_assert_int_eq(d.source_lines.line, 4);
	ck_assert(sl_eqs(d.source_lines.text, "  rules INT row\n\n# more\n  b TEXT uuid"));
	ck_assert_int_eq(d.rules.line, 11);
	ck_assert(sl_eqs(d.rules.text, "  id: to integer\n\nid: null if ''"));
	ck_assert_msg(!parse("table t\n id integer key", &d, &err), "%s", err.text);
	ck_assert(!d.rules.text.p && !d.source && !d.stream);
	ck_assert_msg(!parse("table t\n id integer key\nrules", &d, &err), "%s", err.text);
	ck_assert_uint_eq(d.rules.text.n, 0);
}
END_TEST

static const struct {
	const char *text, *why;
} refused[] = {
	{ "", "datasets/x.dataset: no table" },
	{ "table t\n  id integer", "datasets/x.dataset: the table t has no key" },
	{ "table t\n  id text key", "datasets/x.dataset: the key id is no integer of the record" },
	{ "table t\n  id integer key\n  k integer key", "datasets/x.dataset:3: a second key: k" },
	{ "table t\n  id integer key\n  id text", "datasets/x.dataset:3: a second column id" },
	{ "table t\n  id integer key\n  x float", "datasets/x.dataset:3: text, integer, number or boolean is wanted here, not float" },
	{ "table t\n  id", "datasets/x.dataset:2: text, integer, number or boolean is wanted here, not the end of the line" },
	{ "table t\n  id integer key made", "datasets/x.dataset:2: the end of the line is wanted here, not made" },
	{ "table t\n  id integer unique", "datasets/x.dataset:2: key or made is wanted here, not unique" },
	{ "table t\n  input x text made", "datasets/x.dataset:2: the end of the line is wanted here, not made" },
	{ "table t\n  input x text\n  id integer key", "datasets/x.dataset:3: columns stand before inputs: id" },
	{ "table t\n  a.b text", "datasets/x.dataset:2: a column's name is letters, digits and _, not a.b" },
	{ "table t-1", "datasets/x.dataset:1: a table's name is letters, digits and _, not t-1" },
	{ "table", "datasets/x.dataset:1: a table's name is letters, digits and _, not nothing" },
	{ "table t\ntable u", "datasets/x.dataset:2: a second one: u" },
	{ "source s many rows", "datasets/x.dataset:1: N rows is wanted here, not many" },
	{ "source s 5 rows more", "datasets/x.dataset:1: the end of the line is wanted here, not more" },
	{ "topic a b", "datasets/x.dataset:1: the end of the line is wanted here, not b" },
	{ "topic", "datasets/x.dataset:1: a name is wanted here" },
	{ "topic a\n  b", "datasets/x.dataset:2: source, topic, stream, table or rules is wanted at the start of the line, not b" },
	{ "  table t", "datasets/x.dataset:1: source, topic, stream, table or rules is wanted at the start of the line, not table" },
	{ "tabel t", "datasets/x.dataset:1: source, topic, stream, table or rules is wanted at the start of the line, not tabel" },
	{ "table \xff", "datasets/x.dataset: not UTF-8 text" },
};

START_TEST(refused_with_its_line)
{
	struct dataset d;
	struct error err = { 0 };
	ck_assert_int_eq(parse(refused[_i].text, &d, &err), ERR_INVALID);
	ck_assert_str_eq(err.text, refused[_i].why);
}
END_TEST

START_TEST(limits)
{
	struct buf b = { 0 };
	struct dataset d;
	struct error err = { 0 };
	buf_adds(&b, "table t\n  id integer key\n");
	for (int i = 1; i < CLEAN_COLUMNS_MAX; i++)
		buf_addf(&b, "  c%d text\n", i);
	ck_assert_msg(!parse(buf_cstr(&b), &d, &err), "%s", err.text);
	buf_adds(&b, "  input more text\n");
	ck_assert_int_eq(parse(buf_cstr(&b), &d, &err), ERR_INVALID);
	ck_assert_str_eq(err.text, "datasets/x.dataset:34: more than 32 columns");
	buf_reset(&b);
	while (b.n <= DATASET_FILE_MAX)
		buf_adds(&b, "# a comment\n");
	ck_assert_int_eq(parse(buf_cstr(&b), &d, &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, "longer than"), "%s", err.text);
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dataset");
	TCase *t = tcase_create("dataset");
	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, the_default_stack);
	tcase_add_test(t, parts_keep_their_lines);
	tcase_add_loop_test(t, refused_with_its_line, 0, ARRAY_LEN(refused));
	tcase_add_test(t, limits);
	suite_add_tcase(s, t);
	return run_suite(s);
}
