#define PCRE2_CODE_UNIT_WIDTH 8
#include "java/regex.h"

#include <ctype.h>
#include <pcre2.h>

#include "core/text.h"
#include "java/pattern.h"

enum { MATCH_MIN = 10000, MATCH_MAX = 1000000, FIND_COST = 1600, LITERAL_COST = 32, COMPILE_COST = 16000, HEAP_KIB = 8 << 10,
       EXACT_MATCH = 10000000, EXACT_HEAP_KIB = 64 << 10 };

void java_regex_free(struct java_regex *x)
{
	pcre2_match_data_free(x->match);
	pcre2_match_context_free(x->limits);
	pcre2_code_free(x->code);
	*x = (struct java_regex){ 0 };
}

/* Most patterns are plain text, such as "\\\\'" or ",": characters that are no operators, or such behind a backslash. */
static bool literal_of(struct arena *a, struct slice pattern, bool exact, struct slice *out)
{
	char *to = arena_alloc(a, pattern.n);
	size_t n = 0;
	for (size_t i = 0; i < pattern.n; i++) {
		char ch = pattern.p[i];
		if (ch == '\\' && ++i < pattern.n) {
			ch = pattern.p[i];
			if (!ispunct((unsigned char)ch) || ch == '_')
				return false;
		} else if ((ch & 0x80 ? !exact : ch < ' ' || ch > '~') || strchr(".[]{}()*+?^$|\\", ch)) {
			return false;
		}
		to[n++] = ch;
	}
	*out = sl_of(to, n);
	return n;
}

/* The code of a pattern for PCRE2. */
static int compile(struct java_regex *x, struct slice pattern, uint32_t options, struct error *err)
{
	pcre2_compile_context *lines = pcre2_compile_context_create(NULL);
	int code;
	PCRE2_SIZE at, size = 0;
	PCRE2_UCHAR text[128];
	pcre2_set_newline(lines, x->exact ? PCRE2_NEWLINE_LF : PCRE2_NEWLINE_ANY); /* pattern.c says what ends a line */
	x->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options, &code, &at, lines);
	pcre2_compile_context_free(lines);
	if (!x->code) {
		pcre2_get_error_message(code, text, sizeof(text));
		/* What Java refuses is found in translating. */
		return x->exact ? err_set(err, ERR_UNSUPPORTED, "%s", (const char *)text) :
				  err_set(err, ERR_INVALID, "PatternSyntaxException near index %zu: %s", (size_t)at, (const char *)text);
	}
	(void)pcre2_pattern_info(x->code, PCRE2_INFO_SIZE, &size);
	x->cost = COMPILE_COST + 20 * pattern.n + 2 * size;
	x->match = pcre2_match_data_create_from_pattern(x->code, NULL);
	x->limits = pcre2_match_context_create(NULL);
	x->groups = pcre2_get_ovector_count(x->match) - 1;
	pcre2_set_heap_limit(x->limits, x->exact ? EXACT_HEAP_KIB : HEAP_KIB);
	return 0;
}

static int open_exact(struct java_regex *x, struct slice pattern, unsigned flags, struct error *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DOTALL |
			   (flags & JAVA_REGEX_WHOLE ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0);
	struct buf b = { 0 };
	unsigned groups;
	int rc = java_pattern(&b, pattern, flags & JAVA_REGEX_NOCASE, &groups, err);
	if (!rc)
		rc = compile(x, buf_slice(&b), options, err);
	if (!rc)
		(void)pcre2_jit_compile(x->code, PCRE2_JIT_COMPLETE); /* where it can't, it's interpreted */
	buf_free(&b);
	return rc;
}

int java_regex_open(struct java_regex *x, struct arena *a, struct slice pattern, unsigned flags, struct error *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | (flags & JAVA_REGEX_NOCASE ? PCRE2_CASELESS : 0) |
			   (flags & JAVA_REGEX_WHOLE ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0) |
			   (sl_find(pattern, S("\\u")) >= 0 ? PCRE2_ALT_BSUX : 0); /* \u002F; without braces behind \x then */
	*x = (struct java_regex){ .whole = flags & JAVA_REGEX_WHOLE, .exact = flags & JAVA_REGEX_EXACT };
	if (pattern.n > (x->exact ? JAVA_REGEX_EXACT_MAX : JAVA_REGEX_PATTERN_MAX))
		return err_set(err, x->exact ? ERR_UNSUPPORTED : ERR_INVALID, "a pattern of %zu bytes", pattern.n);
	if (!(flags & JAVA_REGEX_NOCASE) && a && literal_of(a, pattern, x->exact, &x->literal))
		return 0;
	x->literal = sl(NULL);
	return x->exact ? open_exact(x, pattern, flags, err) : compile(x, pattern, options, err);
}

static int literal_find(struct java_regex *x, struct slice s, size_t from)
{
	const char *at = s.n > from ? memmem(s.p + from, s.n - from, x->literal.p, x->literal.n) : NULL;
	x->cost += at ? (size_t)(at - s.p) - from + LITERAL_COST : s.n - from;
	if (!at || (x->whole && s.n != x->literal.n))
		return 0;
	x->found[0] = (size_t)(at - s.p);
	x->found[1] = x->found[0] + x->literal.n;
	return 1;
}

int java_regex_find(struct java_regex *x, struct slice s, size_t from)
{
	size_t limit = MATCH_MIN + 20 * s.n < MATCH_MAX ? MATCH_MIN + 20 * s.n : MATCH_MAX;
	bool bound = x->most && x->most < limit;
	int rc;
	if (x->literal.p)
		return literal_find(x, s, from);
	/* Backtracking in proportion to the text, which is also what it costs. */
	x->cost += FIND_COST + s.n - from;
	limit = x->exact ? EXACT_MATCH : limit;
	pcre2_set_match_limit(x->limits, (uint32_t)(bound ? x->most : limit));
	rc = pcre2_match(x->code, (PCRE2_SPTR)s.p, s.n, from, 0, x->match, x->limits);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(x->code, (PCRE2_SPTR)s.p, s.n, from, PCRE2_NO_JIT, x->match, x->limits);
	memcpy(x->found, pcre2_get_ovector_pointer(x->match), sizeof(x->found));
	x->cut = bound && rc == PCRE2_ERROR_MATCHLIMIT;
	return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

struct slice java_regex_group(const struct java_regex *x, struct slice s, unsigned group)
{
	const PCRE2_SIZE *v = x->code ? pcre2_get_ovector_pointer(x->match) : x->found;
	if (group > x->groups || v[2 * group] == PCRE2_UNSET || v[2 * group] > v[2 * group + 1])
		return sl(NULL);
	return sl_of(s.p + v[2 * group], v[2 * group + 1] - v[2 * group]);
}

size_t java_regex_behind(const struct java_regex *x, struct slice s)
{
	size_t at = x->found[1];
	if (at > x->found[0])
		return at;
	if (at < s.n)
		(void)utf8_next(s, &at);
	else
		at++;
	return at;
}

static void add_group(struct buf *out, const struct java_regex *x, struct slice s, uint32_t group)
{
	struct slice text = java_regex_group(x, s, group);
	if (text.p)
		buf_addsl(out, text);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "$" of a replacement; *i is behind it. Digits are taken as long as a group of that number exists. */
static int add_reference(const struct java_regex *x, struct slice s, struct slice with, size_t *i, struct buf *out, struct error *err)
{
	uint32_t groups = x->groups, group;
	char name[64];
	size_t n = 0;
	int number;
	if (*i < with.n && with.p[*i] == '{') {
		for (++*i; *i < with.n && with.p[*i] != '}' && n < sizeof(name) - 1; ++*i)
			name[n++] = with.p[*i];
		name[n] = '\0';
		++*i;
		number = x->code ? pcre2_substring_number_from_name(x->code, (PCRE2_SPTR)name) : -1;
		if (number < 0)
			return err_set(err, ERR_INVALID, "IllegalArgumentException: No group with name {%s}", name);
		add_group(out, x, s, (uint32_t)number);
		return 0;
	}
	if (*i >= with.n)
		return err_set(err, ERR_INVALID, "IllegalArgumentException: Illegal group reference: group index is missing");
	if (!is_digit(with.p[*i]))
		return err_set(err, ERR_INVALID, "IllegalArgumentException: Illegal group reference");
	group = (uint32_t)(with.p[(*i)++] - '0');
	if (group > groups)
		return err_set(err, ERR_INVALID, "IndexOutOfBoundsException: No group %u", group);
	while (*i < with.n && is_digit(with.p[*i]) && group * 10 + (uint32_t)(with.p[*i] - '0') <= groups)
		group = group * 10 + (uint32_t)(with.p[(*i)++] - '0');
	add_group(out, x, s, group);
	return 0;
}

int java_regex_replacement(const struct java_regex *x, struct slice s, struct slice with, struct buf *out, struct error *err)
{
	for (size_t i = 0; i < with.n;) {
		char ch = with.p[i++];
		if (ch == '$') {
			int rc = add_reference(x, s, with, &i, out, err);
			if (rc)
				return rc;
			continue;
		}
		if (ch == '\\') {
			if (i == with.n)
				return err_set(err, ERR_INVALID, "IllegalArgumentException: character to be escaped is missing");
			ch = with.p[i++];
		}
		buf_addc(out, ch);
	}
	return 0;
}

int java_matches(struct slice s, struct slice pattern, bool nocase)
{
	struct java_regex x;
	struct error err;
	int found = -1;
	if (!java_regex_open(&x, NULL, pattern, JAVA_REGEX_WHOLE | (nocase ? JAVA_REGEX_NOCASE : 0), &err))
		found = java_regex_find(&x, s, 0);
	java_regex_free(&x);
	return found;
}
