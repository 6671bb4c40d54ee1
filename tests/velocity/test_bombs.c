/* Templates and bodies made to take all: a render with a small allowance ends soon, one with the whole allowance ends too, and
 * its memory is bounded. Time is that of this thread, so a busy machine doesn't matter. */
#include <check.h>
#include <time.h>

#include "velocity/velocity.h"
#include "check_main.h"

enum { BODY = 1 << 20, SMALL_BODY = 64 << 10, STEPS = 60000, MEMORY = 2 << 20 };

/* What a template is made of: text, then middle n times, then end. body: of that text again and again, within open and close. */
static const struct bomb {
	const char *name, *text, *middle;
	int n;
	const char *end, *open, *body, *close;
} bombs[] = {
	{ "nested loops", "", "#foreach($a in [1..1000])", 6, "x#end#end#end#end#end#end" },
	{ "a string doubled", "#set($s='x')", "#set($s=$s+$s)", 60, "$s.length()" },
	{ "a string doubled in quotes", "#set($s='x')", "#set($s=\"$s$s\")", 60, "$s.length()" },
	{ "macros that call macros", "#macro(m0)x#end", "", 0, "#macro(m1)#m0()#m0()#m0()#m0()#end#macro(m2)#m1()#m1()#m1()#m1()#end#macro(m3)#m2()#m2()#m2()#m2()#end"
	  "#foreach($i in [1..1000])#foreach($i in [1..1000])#m3()#end#end" },
	{ "arguments by name", "#macro(a $x)$x$x$x$x#end", "#macro(a $x)#a(\"$x$x\")#end", 1, "#macro(b $x)#if($x)#b(\"$x$x$x\")#end#end#b('y')" },
	{ "many parameters", "#macro(m", " $a", 20000, ")#foreach($i in [1..1000])#foreach($j in [1..1000])$q#end#end#end#m(1)" },
	{ "many macros", "", "#macro(m)x#end", 10000, "#foreach($i in [1..1000])#foreach($j in [1..1000])#n()#end#end" },
	{ "blocks of blocks", "#define($a)x#end#define($b)$a$a$a$a#end#define($c)$b$b$b$b#end#define($d)$c$c$c$c#end", "", 0,
	  "#foreach($i in [1..1000])#foreach($j in [1..1000])$d#end#end" },
	{ "a tree of one list, printed", "#set($l=[1])", "#set($l=[$l,$l])", 40, "$l" },
	{ "a tree of one list, as json", "#set($l=$input.path('$'))", "#set($l=[$l,$l])", 30, "#set($m=$input.path('$'))$m.add($l)$m.toJSONString()", "[", "1,", "1]" },
	{ "a tree of one list, compared", "#set($l=[1])#set($m=[1])", "#set($l=[$l,$l])#set($m=[$m,$m])", 40,
	  "#foreach($i in [1..1000])#foreach($j in [1..1000])#if($l == $m)x#end#end#end" },
	{ "a tree of one list, hashed", "#set($l=[1])", "#set($l=[$l,$l])", 40, "#foreach($i in [1..1000])#foreach($j in [1..1000])$l.hashCode()#end#end" },
	{ "a tree of one list as key", "#set($l=[1])#set($m={})", "#set($l=[$l,$l])", 40, "#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x=$m.put([$i,$l],1))#end#end" },
	{ "a tree of one map", "#set($l={'a':1})", "#set($l={'a':$l,'b':$l})", 40, "$l" },
	{ "a list in itself", "#set($l=[])#set($x=$l.add($l))#set($x=$l.add([$l,$l]))", "", 0, "#foreach($i in [1..1000])$l$l.hashCode()#end" },
	{ "long strings in a list", "#set($s=$input.body)#set($l=[])#foreach($i in [1..1000])#set($x=$l.add(\"$s$i\"))#end", "", 0,
	  "#foreach($i in [1..1000])#foreach($j in [1..1000])#if($l.contains(\"$s.\"))x#end#end#end", "", "x", "" },
	{ "one long string, compared", "#set($s=$input.body)#set($t=\"$s\")", "", 0, "#foreach($i in [1..1000])#foreach($j in [1..1000])#if($s==$t)x#end#end#end", "", "x", "" },
	{ "the last place of a string", "#set($s=$input.body)#set($t=$s.substring(1)+'y')", "", 0, "#foreach($i in [1..1000])$s.lastIndexOf($t)#end", "", "x", "" },
	{ "the last place before another", "#set($s=$input.body)", "", 0, "#foreach($i in [1..1000])$s.lastIndexOf('x',0)#end", "", "x", "" },
	{ "characters of a string", "#set($s=$input.body)", "", 0, "#foreach($i in [1..1000])#set($c=$s.toCharArray())#end", "", "\xc3\xa9", "" },
	{ "replace by much", "#set($s=$input.body)", "", 0, "#foreach($i in [1..1000])#set($c=$s.replace('',$s))#end", "", "x", "" },
	{ "replaceAll by much", "#set($s=$input.body)", "", 0, "#foreach($i in [1..1000])#set($c=$s.replaceAll('x',$s))#end", "", "x", "" },
	{ "split", "#set($s=$input.body)", "", 0, "#foreach($i in [1..1000])#set($c=$s.split('[x]'))#end", "", "x", "" },
	{ "backtracking", "#set($s=$input.body)", "", 0, "#foreach($i in [1..1000])#set($c=$s.matches('(x+x+)+y'))#end", "", "x", "" },
	{ "large patterns", "#set($s='x')", "", 0, "#foreach($i in [1..1000])#foreach($j in [1..1000])#if($s.matches('((x{0,60}){0,30}){0,9}y'))#end#end#end" },
	{ "repeat", "#set($s='x')", "", 0, "#foreach($i in [1..1000])#set($t=$s.repeat(9000000))#end" },
	{ "repeat of much", "#set($s='x')", "", 0, "#foreach($i in [1..1000])#foreach($i in [1..1000])#set($t=$s.repeat(2000000000))#end#end" },
	{ "format", "#set($s=$input.body)#set($f='%1$s%1$s%1$s%1$s')", "#set($f=$f+$f)", 12, "$s.format($f,$s)", "", "x", "" },
	{ "format of a list", "#set($l=[1])#set($f='%1$.0s')", "#set($l=[$l,$l])#set($f=$f+$f)", 14, "#set($x=$f.format($f,$l))", "", "x", "" },
	{ "ranges", "", "", 0, "#foreach($i in [1..1000])#set($r=[1..1300000])#end" },
	{ "a list's removal", "#set($l=[1..100000])", "", 0, "#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x=$l.remove(0))#set($x=$l.add(1))#end#end" },
	{ "a map's removal", "#set($m={})#foreach($i in [1..1000])#foreach($j in [1..100])#set($x=$m.put(\"$i $j\",1))#end#end", "", 0,
	  "#foreach($i in [1..1000])#foreach($j in [1..1000])#set($x=$m.remove(\"1 1\"))#set($x=$m.put(\"1 1\",1))#end#end" },
	{ "parseJson", "", "", 0, "#foreach($i in [1..1000])#set($x=$util.parseJson($input.body))#end", "[", "1,", "1]" },
	{ "a body of small values", "", "", 0, "#set($x=$input.path('$'))#foreach($i in [1..1000])$input.json('$')#end", "[", "[],", "1]" },
	{ "a body of small values, by json", "", "", 0, "#foreach($i in [1..1000])#set($x=$input.json('$'))#end", "[", "1,", "1]" },
	{ "a deep body", "", "", 0, "#foreach($i in [1..1000])#foreach($i in [1..1000])$input.json('$..a..a..a..a')#end#end", "[", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}},", "1]" },
	{ "a recursive path", "", "", 0, "#foreach($i in [1..1000])#foreach($i in [1..1000])#set($x=$input.path('$..*..*..*'))#end#end", "[", "[[[[1]]]],", "1]" },
	{ "filters", "", "", 0, "#foreach($i in [1..1000])#set($x=$input.path('$[?(@.a =~ /(x+x+)+y/)]'))#end", "[", "{\"a\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"},", "1]" },
	{ "filters of the root", "", "", 0, "#foreach($i in [1..1000])#set($x=$input.path('$[?($.length() > @.a)]'))#set($x=$input.path('$[?(@.a == $[9].a)]'))#end", "[", "{\"a\":\"x\"},", "1]" },
	{ "escapes", "", "", 0, "#foreach($i in [1..1000])#set($x=$util.escapeJavaScript($util.urlEncode($input.body)))#end", "", "\xc3\xa9", "" },
	{ "evaluate", "#set($t=\"", "$x.y ", 20000, "\")#foreach($i in [1..1000])#evaluate($t)#end" },
	{ "evaluate that evaluates", "#set($t='#evaluate($t)#evaluate($t)')", "", 0, "#evaluate($t)" },
	{ "many parts", "#set($m={'a':1})$m", ".a", 50000, "" },
	{ "numbers", "#set($n=9)", "#set($n=$n*$n)", 200, "#foreach($i in [1..1000])#foreach($j in [1..1000])$n.compareTo($n)#end#end" },
	{ "logic", "#if(true", " && true", 30000, ")x#end" },
};

static struct slice repeat(struct arena *a, const char *open, const char *middle, size_t n, const char *close)
{
	struct buf b = { 0 };
	struct slice out;
	buf_adds(&b, open);
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, middle);
	buf_adds(&b, close);
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static double thread_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* How long a render takes, -1 when the template is none. */
static double run(const struct bomb *b, size_t body, struct vtl_input *in, int *status, size_t *used)
{
	struct arena given = { 0 }, a = { 0 };
	struct vtl_tree *tree;
	struct error err;
	struct buf out;
	double ms = -1;
	if (b->body)
		in->body = repeat(&given, b->open, b->body, body / strlen(b->body), b->close);
	buf_init(&out, VTL_STRING_MAX);
	in->arena = &a;
	*status = vtl_parse(&given, repeat(&given, b->text, b->middle, (size_t)b->n, b->end), 300 << 10, &tree, &err);
	if (!*status) {
		ms = thread_ms();
		*status = vtl_render(tree, in, &out, &err);
		ms = thread_ms() - ms;
	}
	*used = a.used;
	if (getenv("SHOW"))
		printf("%-34s %8.2f ms %6zu KiB  %d %s\n", b->name, ms, a.used >> 10, *status, *status ? err.text : "");
	buf_free(&out);
	arena_free(&a);
	arena_free(&given);
	return ms;
}

START_TEST(small_allowance)
{
	struct vtl_input in = { .steps_max = STEPS, .memory_max = MEMORY, .loops_max = 1000 };
	size_t used;
	int status;
	double ms = run(&bombs[_i], SMALL_BODY, &in, &status, &used);
	ck_assert_msg(ms >= 0 && ms < 100, "%s: %g ms", bombs[_i].name, ms);
	ck_assert_msg(status == 0 || status == ERR_LIMIT, "%s: %d", bombs[_i].name, status);
	ck_assert_msg(used < 10u << 20, "%s: %zu", bombs[_i].name, used);
}
END_TEST

START_TEST(whole_allowance)
{
	struct vtl_input in = { .loops_max = 1000 };
	size_t used;
	int status;
	double ms = run(&bombs[_i], SMALL_BODY, &in, &status, &used);
	ck_assert_msg(ms >= 0 && ms < 10000, "%s: %g ms", bombs[_i].name, ms);
	ck_assert_msg(used < 2u * VTL_MEMORY_MAX, "%s: %zu", bombs[_i].name, used);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vtl bombs");
	TCase *t = tcase_create("bombs");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, small_allowance, 0, (int)ARRAY_LEN(bombs));
	tcase_add_loop_test(t, whole_allowance, 0, (int)ARRAY_LEN(bombs));
	suite_add_tcase(s, t);
	return run_suite(s);
}
