/* Mapping templates: the recorded vectors, then a table of what they leave open, then limits. */
#include <check.h>

#include "velocity/vectors.h"
#include "check_main.h"

static int render(struct arena *a, struct slice text, const struct vtl_input *in, struct buf *out, struct error *err)
{
	struct vtl_tree *tree;
	int status = vtl_parse(a, text, 300 << 10, &tree, err);
	return status ? status : vtl_render(tree, in, out, err);
}

/* ---- recorded ---- */

static json_t *load_vectors(void)
{
	char path[512];
	const char *shared = getenv("TARN_SHARED");
	snprintf(path, sizeof(path), "%s/vectors/vtl.json", shared ? shared : "../shared");
	return json_load_file(path, 0, NULL);
}

static void check_vector(json_t *v)
{
	const char *id = json_string_value(json_object_get(v, "id"));
	json_t *expected = json_object_get(v, "expected");
	struct arena a = { 0 };
	struct vtl_input in;
	struct error err;
	struct buf out = { 0 };
	int status;
	vector_input(&a, v, &in);
	status = render(&a, vector_text(&a, v, "template"), &in, &out, &err);
	if (!json_is_string(expected)) {
		ck_assert_msg(status != 0, "%s: expected an error, got %s", id, buf_cstr(&out));
	} else {
		ck_assert_msg(status == 0, "%s: %s", id, err.text);
		if (strcmp(json_string_value(json_object_get(v, "compare")), "text") == 0) {
			ck_assert_msg(sl_eqs(buf_slice(&out), json_string_value(expected)), "%s:\n%s\nexpected\n%s", id, buf_cstr(&out),
				      json_string_value(expected));
		} else {
			json_t *x = json_loads(buf_cstr(&out), 0, NULL), *y = json_loads(json_string_value(expected), 0, NULL);
			ck_assert_msg(x && json_equal(x, y), "%s:\n%s", id, buf_cstr(&out));
			json_decref(x);
			json_decref(y);
		}
	}
	buf_free(&out);
	arena_free(&a);
}

START_TEST(vectors)
{
	json_t *file = load_vectors(), *v;
	size_t i;
	if (!file) {
		printf("SKIP: no shared/vectors/vtl.json\n");
		return;
	}
	ck_assert_uint_gt(json_array_size(json_object_get(file, "vectors")), 100);
	json_array_foreach(json_object_get(file, "vectors"), i, v)
		check_vector(v);
	json_decref(file);
}
END_TEST

/* ---- variables of evaluated texts; patterns that are plain text ---- */

static const struct {
	const char *template, *expected;
} more[] = {
	{ "#evaluate('#set($n=1)')$n", "1" },
	{ "#evaluate('#set($q=1)')#evaluate('$q#set($r=2)')#evaluate('$q$r')", "112" },
	{ "#foreach($i in [1,2])#evaluate('#set($k=$i)$k')#end#evaluate('$k')", "122" },
	{ "#evaluate('#set($a=1)#set($b=2)#set($c=3)#set($d=4)#set($e=5)#set($f=6)')#evaluate('#set($g=7)#set($h=8)$a$f$g$h')$a", "16781" },
	{ "#macro(m $p)#evaluate('#set($z=\"$p\")$z')#end#m('x')#evaluate('$z')", "xx" },
	{ "#set($t='#set($w=7)')#set($u='#evaluate($t)')#evaluate($u)#evaluate('$w')", "7" },
	{ "#evaluate('#define($d)D$i#end')#foreach($i in [1,2])#evaluate('$d')#end", "D1D2" },
	{ "#set($input='mine')$input#evaluate('$input')#set($foreach=4)$foreach#foreach($x in [1])$foreach.index#end$foreach", "minemine404" },
	{ "#set($s='a,b,,c,')#foreach($x in $s.split(','))[$x]#end #foreach($x in $s.split(',', 2))[$x]#end", "[a][b][][c] [a][b,,c,]" },
	{ "#set($s='a.b.c')$s.replaceAll('\\.','-') $s.replaceFirst('\\.','$0$0') $s.replaceAll('b','\\$x')", "a-b-c a..b.c a.$x.c" },
	{ "#set($s='a.b.c')$s.matches('a\\.b\\.c') $s.matches('b') $s.matches('a.b.c') $s.replaceAll('b,', '')", "true false true a.b.c" },
	{ "#set($s='aaa')$s.replaceAll('aa','b') [$s.replaceAll('a','')] $s.split('a').size() $s.split('b').size()", "ba [] 0 1" },
	{ "$util.escapeJavaScript(\"it's\").replaceAll(\"\\\\'\", \"'\")", "it's" },
};

START_TEST(more_cases)
{
	struct arena a = { 0 };
	struct vtl_input in = { .arena = &a };
	struct error err;
	struct buf out = { 0 };
	ck_assert_msg(render(&a, sl(more[_i].template), &in, &out, &err) == 0, "%s: %s", more[_i].template, err.text);
	ck_assert_msg(sl_eqs(buf_slice(&out), more[_i].expected), "%s gave %s", more[_i].template, buf_cstr(&out));
	buf_free(&out);
	arena_free(&a);
}
END_TEST

/* ---- own table ---- */

#include "velocity/cases.h"

static void render_case(const struct vtl_case *c, struct buf *out, int *status, struct error *err, struct arena *a)
{
	static const struct vtl_pair query[] = { { S("x"), S("ab12cd3") } }, header[] = { { S("X-Trace"), S("t1") } };
	static const struct vtl_pair stage[] = { { S("stream"), S("s1") } };
	struct vtl_input in = { .arena = a, .body = sl(vtl_body), .query = query, .query_n = 1, .header = header,
				.header_n = 1, .stage = stage, .stage_n = 1, .context = vtl_map_new(a) };
	vtl_map_set(in.context, "identity.sourceIp", S("127.0.0.1"));
	*status = render(a, sl(c->template), &in, out, err);
}

START_TEST(table)
{
	const struct vtl_case *c = &vtl_cases[_i];
	struct arena a = { 0 };
	struct error err;
	struct buf out = { 0 };
	int status;
	render_case(c, &out, &status, &err, &a);
	if (!c->expected)
		ck_assert_msg(status != 0, "%s\ngave %s\nexpected an error", c->template, buf_cstr(&out));
	else
		ck_assert_msg(status == 0 && sl_eqs(buf_slice(&out), c->expected), "%s\ngave     %s %s\nexpected %s", c->template,
			      buf_cstr(&out), status ? err.text : "", c->expected);
	buf_free(&out);
	arena_free(&a);
}
END_TEST

/* ---- limits ---- */

static int status_of(const char *text, struct error *err)
{
	struct vtl_case c = { text, NULL };
	struct arena a = { 0 };
	struct buf out = { 0 };
	int status;
	render_case(&c, &out, &status, err, &a);
	buf_free(&out);
	arena_free(&a);
	return status;
}

START_TEST(limits)
{
	struct error err;
	ck_assert_int_eq(status_of("#set($s='xxxxxxxxxx')#foreach($i in [1..100])#set($s=$s+$s)#end", &err), ERR_LIMIT);
	ck_assert_int_eq(status_of("#foreach($i in [1..100000])#foreach($j in [1..100000])#end#end", &err), ERR_LIMIT);
	ck_assert_int_eq(status_of("#foreach($i in [1..2000000000])#end", &err), ERR_LIMIT);
	ck_assert_int_eq(status_of("#macro(m)#m()#end#m()", &err), ERR_LIMIT);
	ck_assert_int_eq(status_of("#set($l=[])#set($x=$l.add($l))$l.hashCode()", &err), 0);
	ck_assert_int_eq(status_of("#set($x='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$x.matches('(a+)+')", &err), ERR_LIMIT);
	ck_assert_int_eq(status_of("#set($l=[])#set($x=$l.add($l))#set($x=$l.add($l))$l.hashCode()$l.equals([$l,$l])", &err), 0);
	ck_assert_int_eq(status_of("#set($s='x')#set($s=$s.repeat(9000000))#foreach($i in [1..100000])$s.contains('y')#end", &err),
			 ERR_LIMIT);
	ck_assert_int_eq(status_of("#set($s='x')#set($s=$s.repeat(3000))#set($s=$s.replaceAll('x','yz'))", &err), 0);
	ck_assert_int_eq(status_of("#evaluate('#stop')", &err), 0);
}
END_TEST

START_TEST(macros)
{
	struct buf b = { 0 };
	struct error err;
	for (int i = 0; i < VTL_MACROS_MAX; i++)
		buf_addf(&b, "#macro(m%d)x#end", i);
	ck_assert_int_eq(status_of(buf_cstr(&b), &err), 0);
	buf_adds(&b, "#macro(more)x#end");
	ck_assert_int_eq(status_of(buf_cstr(&b), &err), ERR_INVALID);
	buf_free(&b);
}
END_TEST

START_TEST(context_written)
{
	struct arena a = { 0 };
	struct vtl_input in = { .arena = &a, .context = vtl_map_new(&a) };
	struct slice name, value;
	struct error err;
	struct buf out = { 0 };
	size_t i = 0;
	vtl_map_at(in.context, "responseOverride.header");
	ck_assert_int_eq(render(&a, S("#set($context.responseOverride.status = 404)#set($context.responseOverride.header.X = 'y')"), &in,
				&out, &err), 0);
	ck_assert(sl_eqs(vtl_map_text(in.context, "responseOverride.status"), "404"));
	ck_assert(vtl_map_next(vtl_map_at(in.context, "responseOverride.header"), &i, &name, &value));
	ck_assert(sl_eqs(name, "X") && sl_eqs(value, "y"));
	ck_assert(!vtl_map_next(vtl_map_at(in.context, "responseOverride.header"), &i, &name, &value));
	buf_free(&out);
	arena_free(&a);
}
END_TEST

static Suite *vtl_suite(void)
{
	Suite *s = suite_create("vtl");
	TCase *t = tcase_create("templates");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, vectors);
	tcase_add_loop_test(t, table, 0, (int)ARRAY_LEN(vtl_cases));
	tcase_add_loop_test(t, more_cases, 0, (int)ARRAY_LEN(more));
	tcase_add_test(t, limits);
	tcase_add_test(t, macros);
	tcase_add_test(t, context_written);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(vtl_suite());
}
