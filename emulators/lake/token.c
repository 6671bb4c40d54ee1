/* Tokens of a statement: SQLite's quotes and numbers, Spark's names, which may begin with a digit. */
#include <ctype.h>

#include "lake/token.h"

bool lake_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static size_t quoted_end(struct slice s, char close)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] != close)
			continue;
		if (close == ']' || i + 1 == s.n || s.p[i + 1] != close)
			return i + 1;
		i++;
	}
	return s.n;
}

static size_t space_end(struct slice s)
{
	ssize_t at;
	size_t n = 0;
	if (sl_starts(s, S("--"))) {
		at = sl_chr(s, '\n');
		return at < 0 ? s.n : (size_t)at;
	}
	if (sl_starts(s, S("/*"))) {
		at = sl_find(sl_from(s, 2), S("*/"));
		return at < 0 ? s.n : (size_t)at + 4;
	}
	while (n < s.n && isspace((unsigned char)s.p[n]))
		n++;
	return n;
}

static size_t run(struct slice s, size_t at, int (*is)(int))
{
	while (at < s.n && is((unsigned char)s.p[at]))
		at++;
	return at;
}

/* End of a number of SQLite's at the start of s; 0: none. */
static size_t number_end(struct slice s)
{
	size_t n = run(s, 0, isdigit), digits = n;
	if (n == 1 && s.p[0] == '0' && s.n > 2 && (s.p[1] | 32) == 'x' && isxdigit((unsigned char)s.p[2]))
		return run(s, 2, isxdigit);
	if (n < s.n && s.p[n] == '.') {
		digits = run(s, n + 1, isdigit) - 1;
		n = run(s, n + 1, isdigit);
	}
	if (!digits)
		return 0;
	if (n < s.n && (s.p[n] | 32) == 'e') {
		size_t e = n + 1 + (n + 1 < s.n && (s.p[n + 1] == '+' || s.p[n + 1] == '-'));
		n = run(s, e, isdigit) > e ? run(s, e, isdigit) : n;
	}
	return n;
}

struct lake_token lake_token_at(struct slice s)
{
	size_t n = 0;
	enum lake_token_kind kind = TOKEN_OTHER;
	if (!s.n)
		return (struct lake_token){ TOKEN_END, s };
	if ((n = space_end(s)) > 0) {
		kind = TOKEN_SPACE;
	} else if (s.p[0] == '\'') {
		kind = TOKEN_STRING;
		n = quoted_end(s, '\'');
	} else if (s.p[0] == '"' || s.p[0] == '`' || s.p[0] == '[') {
		kind = TOKEN_QUOTED;
		n = quoted_end(s, s.p[0] == '[' ? ']' : s.p[0]);
	} else {
		size_t number = number_end(s);
		while (n < s.n && lake_word_char(s.p[n]))
			n++;
		if (number >= n && number) {
			kind = TOKEN_NUMBER;
			n = number;
		} else if (n) {
			kind = TOKEN_WORD;
		} else {
			n = 1;
		}
	}
	return (struct lake_token){ kind, sl_of(s.p, n) };
}

void lake_skip(struct slice *s, size_t n)
{
	*s = sl_from(*s, n);
}

struct lake_token lake_token_next(struct slice *s)
{
	struct lake_token t;
	do {
		t = lake_token_at(*s);
		lake_skip(s, t.text.n);
	} while (t.kind == TOKEN_SPACE);
	return t;
}

bool lake_take_word(struct slice *s, const char *word)
{
	struct slice at = *s;
	struct lake_token t = lake_token_next(&at);
	if (t.kind != TOKEN_WORD || !sl_eq_nocase(t.text, sl(word)))
		return false;
	*s = at;
	return true;
}

struct slice lake_unquoted(struct arena *a, struct lake_token t)
{
	char close = t.text.p[0] == '[' ? ']' : t.text.p[0];
	if (t.kind != TOKEN_QUOTED && t.kind != TOKEN_STRING)
		return t.text;
	char *out = arena_alloc(a, t.text.n + 1);
	size_t n = 0;
	for (size_t i = 1; i + 1 < t.text.n; i++) {
		out[n++] = t.text.p[i];
		i += t.text.p[i] == close;
	}
	return sl_of(out, n);
}

void lake_quote(struct buf *b, struct slice name, char q)
{
	buf_addc(b, q);
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == q)
			buf_addc(b, q);
		buf_addc(b, name.p[i]);
	}
	buf_addc(b, q);
}
