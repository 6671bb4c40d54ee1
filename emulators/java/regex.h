/* java.util.regex on PCRE2: the syntax is nearly the same; replacement text is Java's ($1, ${name}, \x). */
#ifndef TARN_JAVA_REGEX_H
#define TARN_JAVA_REGEX_H

#include "core/err.h"

enum java_regex_flags {
	JAVA_REGEX_WHOLE = 1,  /* a match is all of the text */
	JAVA_REGEX_NOCASE = 2,
	JAVA_REGEX_EXACT = 4,  /* the pattern is translated (pattern.h), compiled to machine code where the system lets us, and may backtrack
				* for long: for patterns that see many texts. Else it is taken as PCRE2 reads it */
};
enum { JAVA_REGEX_PATTERN_MAX = 4096, JAVA_REGEX_EXACT_MAX = 1 << 16 };

struct java_regex {
	struct slice literal; /* the pattern is this text: no code is made */
	bool whole, exact;
	unsigned groups;      /* capturing ones */
	size_t found[2];      /* the last match, where it begins and ends */
	size_t cost;          /* of making it and of all matching so far, in bytes looked at, about */
	size_t most;          /* backtracking of one search, where the text's length allows more; 0: no such bound */
	bool cut;             /* the last search ended by it */
	void *code, *match, *limits;
};

/* a: for a pattern that is plain text; NULL: none is looked for. Free it either way. Errors: INVALID, text = Java's exception;
 * UNSUPPORTED (EXACT): Java knows it, and we don't, text says what. */
int java_regex_open(struct java_regex *x, struct arena *a, struct slice pattern, unsigned flags, struct error *err) WARN_UNUSED;
void java_regex_free(struct java_regex *x);
/* The next match from a byte position on: 1; 0: none; -1: it takes too long. */
int java_regex_find(struct java_regex *x, struct slice s, size_t from);
/* A group of the last match (0: all of it), absent when it took no part or there is none of that number. */
struct slice java_regex_group(const struct java_regex *x, struct slice s, unsigned group);
/* Where to look on behind the last match: one that is empty passes a character. */
size_t java_regex_behind(const struct java_regex *x, struct slice s);
/* Appends Java's replacement text for the last match. Errors: INVALID, text = Java's exception. */
int java_regex_replacement(const struct java_regex *x, struct slice s, struct slice with, struct buf *out, struct error *err) WARN_UNUSED;
/* Whether all of s matches: 1, 0, or -1 for a bad pattern or too much work. */
int java_matches(struct slice s, struct slice pattern, bool nocase);

#endif
