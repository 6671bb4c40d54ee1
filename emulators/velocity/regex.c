/* java.util.regex on PCRE2: the syntax is nearly the same; replacement text is Java's ($1, ${name}, \x). */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "velocity/run.h"

enum { REGEX_MATCH_MIN = 10000, REGEX_MATCH_MAX = 1000000, REGEX_FIND_COST = 1600, REGEX_HEAP_KIB = 8 << 10, REGEX_PATTERN_MAX = 4096 };

struct regex {
	struct slice literal; /* the pattern is this text: no code is made */
	bool whole;           /* a match is all of the text */
	PCRE2_SIZE found[2];  /* the last match, where it begins and ends */
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
};

static void regex_free(struct regex *x)
{
	pcre2_match_data_free(x->match);
	pcre2_match_context_free(x->limits);
	pcre2_code_free(x->code);
}

/* Most patterns of templates are plain text, such as "\\\\'" or ",": ASCII without operators, or such behind a backslash. */
static bool literal_of(struct vtl_call *c, struct slice pattern, struct slice *out)
{
	char *to = arena_alloc(c->r->arena, pattern.n);
	size_t n = 0;
	for (size_t i = 0; i < pattern.n; i++) {
		char ch = pattern.p[i];
		if (ch == '\\' && ++i < pattern.n) {
			ch = pattern.p[i];
			if (!ispunct((unsigned char)ch) || ch == '_')
				return false;
		} else if (ch < ' ' || ch > '~' || strchr(".[]{}()*+?^$|\\", ch)) {
			return false;
		}
		to[n++] = ch;
	}
	*out = (struct slice){ to, n };
	return n;
}

static bool regex_open(struct vtl_call *c, struct regex *x, struct slice pattern, uint32_t options)
{
	int code;
	PCRE2_SIZE at;
	PCRE2_UCHAR text[128];

	*x = (struct regex){ 0 };
	if (pattern.n > REGEX_PATTERN_MAX) {
		vtl_throw(c, "a pattern of %zu bytes", pattern.n);
		return false;
	}
	x->whole = options & PCRE2_ENDANCHORED;
	if (!(options & PCRE2_CASELESS) && c->r->arena && literal_of(c, pattern, &x->literal))
		return true;
	x->literal = sl(NULL);
	pcre2_compile_context *lines = pcre2_compile_context_create(NULL);
	pcre2_set_newline(lines, PCRE2_NEWLINE_ANY);
	x->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &at, lines);
	pcre2_compile_context_free(lines);
	if (!x->code) {
		pcre2_get_error_message(code, text, sizeof(text));
		vtl_throw(c, "PatternSyntaxException near index %zu: %s", (size_t)at, (const char *)text);
		return false;
	}
	x->match = pcre2_match_data_create_from_pattern(x->code, NULL);
	x->limits = pcre2_match_context_create(NULL);
	pcre2_set_heap_limit(x->limits, REGEX_HEAP_KIB);
	return true;
}

static int literal_find(struct vtl_call *c, struct regex *x, struct slice s, size_t from)
{
	const char *at = s.n > from ? memmem(s.p + from, s.n - from, x->literal.p, x->literal.n) : NULL;
	vtl_charge(c->r, at ? (size_t)(at - s.p) - from + 32 : s.n - from);
	if (!at || (x->whole && s.n != x->literal.n))
		return 0;
	x->found[0] = (size_t)(at - s.p);
	x->found[1] = x->found[0] + x->literal.n;
	return 1;
}

/* 1 match, 0 none, -1 after an error. */
static int regex_find(struct vtl_call *c, struct regex *x, struct slice s, size_t from, uint32_t options)
{
	size_t limit = REGEX_MATCH_MIN + 20 * s.n;
	int rc;
	if (x->literal.p)
		return literal_find(c, x, s, from);
	/* Backtracking in proportion to the text, which is also what it costs. */
	vtl_charge(c->r, REGEX_FIND_COST + s.n - from);
	pcre2_set_match_limit(x->limits, (uint32_t)(limit < REGEX_MATCH_MAX ? limit : REGEX_MATCH_MAX));
	rc = pcre2_match(x->code, (PCRE2_SPTR)s.p, s.n, from, options, x->match, x->limits);

	memcpy(x->found, pcre2_get_ovector_pointer(x->match), sizeof(x->found));
	if (rc >= 0)
		return 1;
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	vtl_run_fail(c->r, ERR_LIMIT, "a regular expression takes too long");
	return -1;
}

enum vtl_called vtl_regex_matches(struct vtl_call *c, struct slice s, struct slice pattern)
{
	struct regex x;
	int found;
	if (!regex_open(c, &x, pattern, PCRE2_ANCHORED | PCRE2_ENDANCHORED))
		return VTL_THREW;
	found = regex_find(c, &x, s, 0, 0);
	regex_free(&x);
	return found < 0 ? VTL_THREW : vtl_return(c, vtl_bool(found));
}

static void add_group(struct buf *out, const struct regex *x, struct slice s, uint32_t group)
{
	const PCRE2_SIZE *v = x->code ? pcre2_get_ovector_pointer(x->match) : x->found;
	if (!x->code)
		buf_add(out, s.p + v[0], v[1] - v[0]);
	else if (group < pcre2_get_ovector_count(x->match) && v[2 * group] != PCRE2_UNSET && v[2 * group] <= v[2 * group + 1])
		buf_add(out, s.p + v[2 * group], v[2 * group + 1] - v[2 * group]);
}

/* "$" of a replacement; *i is behind it. Digits are taken as long as a group of that number exists. */
static bool add_reference(struct vtl_call *c, struct buf *out, const struct regex *x, struct slice s, struct slice with, size_t *i)
{
	uint32_t groups = x->code ? pcre2_get_ovector_count(x->match) - 1 : 0, group;
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
			return vtl_throw(c, "IllegalArgumentException: No group with name {%s}", name) == VTL_CALLED;
		add_group(out, x, s, (uint32_t)number);
		return true;
	}
	if (*i >= with.n || !vtl_is_digit(with.p[*i]))
		return vtl_throw(c, "IllegalArgumentException: Illegal group reference") == VTL_CALLED;
	group = (uint32_t)(with.p[(*i)++] - '0');
	if (group > groups)
		return vtl_throw(c, "IndexOutOfBoundsException: No group %u", group) == VTL_CALLED;
	while (*i < with.n && vtl_is_digit(with.p[*i]) && group * 10 + (uint32_t)(with.p[*i] - '0') <= groups)
		group = group * 10 + (uint32_t)(with.p[(*i)++] - '0');
	add_group(out, x, s, group);
	return true;
}

static bool add_replacement(struct vtl_call *c, struct buf *out, const struct regex *x, struct slice s, struct slice with)
{
	for (size_t i = 0; i < with.n;) {
		char ch = with.p[i++];
		if (ch == '$') {
			if (!add_reference(c, out, x, s, with, &i))
				return false;
			continue;
		}
		if (ch == '\\') {
			if (i == with.n)
				return vtl_throw(c, "IllegalArgumentException: character to be escaped is missing") == VTL_CALLED;
			ch = with.p[i++];
		}
		buf_addc(out, ch);
	}
	return true;
}

/* Start of the character behind at. */
static size_t next_char(struct slice s, size_t at)
{
	if (at < s.n)
		vtl_utf8_next(s, &at);
	else
		at++;
	return at;
}

enum vtl_called vtl_regex_replace(struct vtl_call *c, struct slice s, struct slice pattern, struct slice with, bool all)
{
	struct regex x;
	struct buf out;
	size_t from = 0, copied = 0;
	int found = 0;
	if (!regex_open(c, &x, pattern, 0))
		return VTL_THREW;
	buf_init(&out, VTL_OUTPUT_MAX);
	while (from <= s.n && vtl_step(c->r) && (found = regex_find(c, &x, s, from, 0)) == 1) {
		size_t start = x.found[0], end = x.found[1];
		if (start > end || start < copied)
			break;
		buf_add(&out, s.p + copied, start - copied);
		if (!add_replacement(c, &out, &x, s, with))
			break;
		copied = end;
		if (!all)
			break;
		from = end > start ? end : next_char(s, end);
	}
	buf_add(&out, s.p + copied, s.n - copied);
	c->out = vtl_str(arena_dup(c->r->arena, buf_slice(&out)));
	if (out.bad)
		vtl_run_fail(c->r, ERR_LIMIT, "a string over %d bytes", VTL_OUTPUT_MAX);
	buf_free(&out);
	regex_free(&x);
	return c->r->status ? VTL_THREW : VTL_CALLED;
}

/* String.split: no empty piece before a zero-width match at the start; trailing empty ones go when limit is 0. */
enum vtl_called vtl_regex_split(struct vtl_call *c, struct slice s, struct slice pattern, int64_t limit)
{
	struct vtl_list *l = vtl_list_new(c->r->arena, VTL_FIXED, 0);
	struct regex x;
	size_t from = 0, piece = 0;
	if (!regex_open(c, &x, pattern, 0))
		return VTL_THREW;
	while (from <= s.n && (limit <= 0 || (int64_t)l->n < limit - 1) && vtl_step(c->r) && regex_find(c, &x, s, from, 0) == 1) {
		size_t start = x.found[0], end = x.found[1];
		if (start > end || start < piece)
			break;
		from = end > start ? end : next_char(s, end);
		if (end == 0)
			continue;
		if (start == end && start == s.n)
			break;
		vtl_list_add(l, vtl_str((struct slice){ s.p + piece, start - piece }));
		piece = end;
	}
	regex_free(&x);
	vtl_list_add(l, vtl_str((struct slice){ s.p + piece, s.n - piece }));
	while (limit == 0 && l->n > 1 && !l->v[l->n - 1].s.n)
		l->n--;
	/* All pieces empty: "," split by "," is an empty array, "" split by anything is [""]. */
	if (limit == 0 && l->n == 1 && !l->v[0].s.n && s.n)
		l->n = 0;
	return c->r->status ? VTL_THREW : vtl_return(c, vtl_of_list(l));
}

int vtl_regex_test(struct slice s, struct slice pattern, bool nocase)
{
	struct vtl_run run = { 0 }; /* without an arena */
	struct vtl_call c = { .r = &run };
	struct regex x;
	int found;
	if (!regex_open(&c, &x, pattern, PCRE2_ANCHORED | PCRE2_ENDANCHORED | (nocase ? PCRE2_CASELESS : 0)))
		return -1;
	found = regex_find(&c, &x, s, 0, 0);
	regex_free(&x);
	return found;
}
