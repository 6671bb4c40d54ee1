/* PatternSyntaxException.getMessage: where in a pattern java.util.regex stopped reading, of the mistakes that people make. */
#include "connect/check.h"

/* The next place after i: an escape is one. */
static size_t step(struct slice p, size_t i)
{
	return i + (p.p[i] == '\\' && i + 1 < p.n ? 2 : 1);
}

/* A quantifier with nothing before it. */
static ssize_t dangling(struct slice p)
{
	int before = 1; /* 1: nothing to repeat; 2: it is repeated already; 3: and possessively */
	for (size_t i = 0; i < p.n; i = step(p, i)) {
		bool quantifier = p.p[i] == '*' || p.p[i] == '+' || p.p[i] == '?';
		if (quantifier && (before == 1 || before == 3 || (before == 2 && p.p[i] == '*')))
			return (ssize_t)i;
		if (p.p[i] == '(' && i + 1 < p.n && p.p[i + 1] == '?')
			i++;
		before = quantifier ? (before == 2 ? 3 : 2) : p.p[i] == '(' || p.p[i] == '|' ? 1 : 0;
	}
	return -1;
}

static ssize_t unmatched(struct slice p)
{
	int depth = 0;
	for (size_t i = 0; i < p.n; i = step(p, i)) {
		depth += (p.p[i] == '(') - (p.p[i] == ')');
		if (depth < 0)
			return (ssize_t)i - 1;
	}
	return -1;
}

static ssize_t bad_range(struct slice p)
{
	for (size_t i = 1; i + 1 < p.n; i++)
		if (p.p[i] == '-' && p.p[i - 1] != '[' && p.p[i + 1] != ']' && (uint8_t)p.p[i - 1] > (uint8_t)p.p[i + 1])
			return (ssize_t)i + 1;
	return -1;
}

static ssize_t bad_escape(struct slice p)
{
	static const char known[] = "AaBbcDdefGHhknNpPQRrSstuvVWwxXzZ0123456789";
	for (size_t i = 0; i + 1 < p.n; i = step(p, i)) {
		char c = p.p[i + 1];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		if (p.p[i] == '\\' && letter && !strchr(known, c))
			return (ssize_t)i + 1;
	}
	return -1;
}

static ssize_t at_end(struct slice p)
{
	return (ssize_t)p.n;
}

static ssize_t at_last(struct slice p)
{
	return (ssize_t)p.n - 1;
}

static const struct {
	const char *begin;
	ssize_t (*where)(struct slice pattern);
} mistakes[] = {
	{ "Unclosed group", at_end },
	{ "Unclosed character class", at_last },
	{ "Unclosed counted closure", at_end },
	{ "Unexpected internal error", at_end },
	{ "Dangling meta character", dangling },
	{ "Unmatched closing", unmatched },
	{ "Illegal character range", bad_range },
	{ "Illegal/unsupported escape sequence", bad_escape },
};

struct slice con_regex_text(struct arena *a, struct slice pattern, const char *what)
{
	ssize_t at = -1;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++)
		if (!strncmp(what, mistakes[i].begin, strlen(mistakes[i].begin)))
			at = mistakes[i].where(pattern);
	if (at < 0)
		return arena_printf(a, "%s", what);
	size_t unit = java_length(sl_of(pattern.p, (size_t)at < pattern.n ? (size_t)at : pattern.n));
	if ((size_t)at >= pattern.n)
		return arena_printf(a, "%s near index %zu\n%.*s", what, unit, SL(pattern));
	return arena_printf(a, "%s near index %zu\n%.*s\n%*s^", what, unit, SL(pattern), (int)unit, "");
}
