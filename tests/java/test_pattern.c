/* Patterns of Java beside what Java 17's Matcher.find gave: "from+length,from+length,;" of all groups in characters, a match a ";". */
#include <check.h>

#include "check_main.h"
#include "core/text.h"
#include "java/regex.h"

static const struct {
	const char *pattern, *text, *found;
} vectors[] = {
	{ "{2}", "", "0+0,;" },
	{ "{", "{", "refused" },
	{ "a{", "a{", "refused" },
	{ "(?i)\\p{Lu}", "aB", "0+1,;1+1,;" },
	{ "(?i)\\p{Lower}", "aB", "0+1,;1+1,;" },
	{ "(?i)[a-z&&[^b]]+", "AbC", "0+1,;2+1,;" },
	{ "(?<=a+)b", "aab", "2+1,;" },
	{ "(?<=a*)b", "aab", "2+1,;" },
	{ "(?<=(ab|c))d", "abdcd", "unserved" },
	{ "(?<=x.{0,3})d", "xabdd", "3+1,;4+1,;" },
	{ "(?<=[a-z]{2,5},)\\d", "abc,1", "4+1,;" },
	{ "(?i)\\u00c9", "\303\251\303\211", "1+1,;" },
	{ "(?iu)stra\303\237e", "STRASSE stra\303\237e STRA\303\237E", "8+6,;15+6,;" },
	{ "^$", "\012", "0+0,;" },
	{ "(?m)^a$", "b\012a\015\012a", "2+1,;5+1,;" },
	{ "\\p{InLatin-1Supplement}", "\303\251", "0+1,;" },
	{ "\\p{IsLatin}+", "a\303\2511", "0+2,;" },
	{ "\\p{script=Greek}", "\316\261a", "0+1,;" },
	{ "\\p{Lo}", "\344\270\255", "0+1,;" },
	{ "[\\p{Punct}&&[^_]]+", "a_!b?", "2+1,;4+1,;" },
	{ "[^a-zA-Z0-9\\s]+", "a b-c!", "3+1,;5+1,;" },
	{ "[\\s\\S]+?", "ab", "0+1,;1+1,;" },
	{ "\\b\303\251", "a\303\251 \303\251", "3+1,;" },
	{ "(\\d+)-(\\d+)", "10-20, 3-4", "0+5,0+2,3+2,;7+3,7+1,9+1,;" },
	{ "(?<year>\\d{4})-(?<m>\\d\\d)", "2020-12", "0+7,0+4,5+2,;" },
	{ "\\\\", "a\\b", "1+1,;" },
	{ "[kKmM]$", "12k", "2+1,;" },
	{ "a|b|", "xa", "0+0,;1+1,;2+0,;" },
	{ "x*", "axb", "0+0,;1+1,;2+0,;3+0,;" },
	{ "(?:)", "ab", "0+0,;1+0,;2+0,;" },
	{ "()", "ab", "0+0,0+0,;1+0,1+0,;2+0,2+0,;" },
	{ "[\\x00-\\x1f]+", "a\011\012", "1+2,;" },
	{ "[\303\200-\303\277]", "\303\251", "0+1,;" },
	{ "[\\uD83C\\uDF00-\\uD83D\\uDDFF]", "\360\237\214\200", "0+1,;" },
	{ "[^\\x00-\\x7F]", "a\303\251\360\237\214\200", "1+1,;2+1,;" },
	{ "^\\s+|\\s+$", "  a b  ", "0+2,;5+2,;" },
	{ "(a+)+b", "aaaaaaaaaaaaaaaaaaaaaaaac", "" },
	{ "\\p{Sc}\\d", "$5 \342\202\2546", "0+2,;3+2,;" },
	{ "\\p{Emoji}", "\360\237\230\200", "refused" },
	{ "\\p{IsEmoji}", "\360\237\230\200", "unserved" },
	{ "[\\p{So}]", "\360\237\230\200", "0+1,;" },
	{ "(?s:a.b)", "a\012b", "0+3,;" },
	{ "\\p{javaWhitespace}", "a b", "1+1,;" },
	{ "\\p{L1}", "a", "0+1,;" },
	{ "\\p{Is_L}", "a", "unserved" },
	{ "\\p{foo}", "a", "refused" },
	{ "[z-a]", "a", "refused" },
	{ "(?<1a>x)", "x", "refused" },
	{ "\\k<z>", "z", "refused" },
	{ "(?<n>a)(?<n>b)", "ab", "refused" },
	{ "a{99999}", "a", "unserved" },
	{ "a{3,2}", "a", "refused" },
	{ "(?", "a", "refused" },
	{ "(?<", "a", "refused" },
	{ "(?z)", "a", "refused" },
	{ "\\", "a", "refused" },
	{ "a\\", "a", "refused" },
	{ "\\x{110000}", "a", "refused" },
	{ "\\xg", "a", "refused" },
	{ "\\u12", "a", "refused" },
	{ "\\c", "a", "refused" },
	{ "\\08", "a", "refused" },
	{ "\\0400", "  0", "1+2,;" },
	{ "[a", "a", "refused" },
	{ "[a-", "a", "refused" },
	{ "[a&&", "a", "refused" },
	{ "[]", "a", "refused" },
	{ "[^", "a", "refused" },
	{ "\\p{L", "a", "refused" },
	{ "\\p", "a", "refused" },
	{ "a)", "a", "refused" },
	{ "*a", "a", "refused" },
	{ "+", "a", "refused" },
	{ "a**", "a", "refused" },
	{ "(?i)\305\277", "sS", "" },
	{ "(?i)[k]", "K", "0+1,;" },
	{ "[a-z&&[^aeiou]]+", "abcde", "1+3,;" },
	{ "[a[bc]]+", "cab", "0+3,;" },
	{ "(?i)\303\211", "\303\251", "" },
	{ "(?i)K", "\342\204\252", "" },
	{ "a.b", "a\013b", "0+3,;" },
	{ "a.b", "a\342\200\250b", "" },
	{ "[[:alpha:]]+", ":alph", "0+5,;" },
	{ "a{,3}", "a", "refused" },
	{ "(?P<n>a)", "a", "refused" },
	{ "(?x)[a b]+", "a b", "0+1,;2+1,;" },
	{ "(?x) a b # c", "ab", "0+2,;" },
	{ "a$", "a\015\012", "0+1,;" },
	{ "a\\Z", "a\012", "0+1,;" },
	{ "(?d)a$", "a\015\012", "" },
	{ "(?U)\\w+", "\303\2511", "0+2,;" },
	{ "(?R)", "a", "refused" },
	{ "\\Qa.b\\E+", "a.bb", "0+4,;" },
	{ "\\uD83D\\uDE00", "\360\237\230\200", "0+1,;" },
	{ "\\0101", "A", "0+1,;" },
	{ "[\\w&&[^\\d]]+", "a1", "0+1,;" },
	{ "a*+a", "aaa", "" },
	{ "(?>a*)b", "aab", "0+3,;" },
	{ "\\1(a)", "aa", "" },
	{ "(a)\\1", "aa", "0+2,0+1,;" },
	{ "(a)(b)?\\2", "a", "" },
	{ "\\h+", "a \302\240", "1+2,;" },
	{ "(?<!b)a", "ba a", "3+1,;" },
};

static size_t characters(const char *p, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += (p[i] & 0xc0) != 0x80;
	return count;
}

static void find_all(struct buf *b, struct java_regex *x, struct slice s)
{
	for (size_t from = 0; from <= s.n && java_regex_find(x, s, from) > 0; from = java_regex_behind(x, s)) {
		for (unsigned g = 0; g <= x->groups; g++) {
			struct slice t = java_regex_group(x, s, g);
			if (t.p)
				buf_addf(b, "%zu+%zu,", characters(s.p, (size_t)(t.p - s.p)), characters(t.p, t.n));
			else
				buf_adds(b, "-,");
		}
		buf_addc(b, ';');
	}
}

START_TEST(test_vectors)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct arena a = { 0 };
		struct java_regex x;
		struct error err;
		struct buf b = { 0 };
		int rc = java_regex_open(&x, &a, sl(vectors[i].pattern), JAVA_REGEX_EXACT, &err);
		if (rc)
			buf_adds(&b, rc == ERR_UNSUPPORTED ? "unserved" : "refused");
		else
			find_all(&b, &x, sl(vectors[i].text));
		ck_assert_msg(!strcmp(buf_cstr(&b), vectors[i].found), "%s on %s: %s, not %s", vectors[i].pattern, vectors[i].text, b.p, vectors[i].found);
		buf_free(&b);
		java_regex_free(&x);
		arena_free(&a);
	}
}
END_TEST

/* A pattern that backtracks without end is told so. */
START_TEST(test_limit)
{
	struct java_regex x;
	struct error err;
	ck_assert_int_eq(java_regex_open(&x, NULL, S("(a|a)*c\\1"), JAVA_REGEX_EXACT, &err), 0);
	ck_assert_int_eq(java_regex_find(&x, S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"), 0), -1);
	java_regex_free(&x);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("java patterns");
	TCase *tc = tcase_create("pattern");
	tcase_add_test(tc, test_vectors);
	tcase_add_test(tc, test_limit);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
