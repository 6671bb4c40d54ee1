/* java.util.regex.Pattern written as PCRE2's: of Java 17, whose syntax is near enough to be taken for the same, and isn't. */
#ifndef TARN_JAVA_PATTERN_H
#define TARN_JAVA_PATTERN_H

#include "core/err.h"

/* Appends what PCRE2 compiles with UTF and DOTALL, and without any other option that changes a meaning, to out; *groups: how many
 * capturing groups there are. nocase: as with (?i) in front. Errors: INVALID, Java refuses it, too; UNSUPPORTED, Java knows it, and
 * text names what PCRE2 can't say. */
int java_pattern(struct buf *out, struct slice pattern, bool nocase, unsigned *groups, struct error *err) WARN_UNUSED;

/* ---- pattern_class.c: sets of characters, of the same pattern ---- */

enum java_pattern_flags { JP_NOCASE = 1, JP_DOTALL = 2, JP_MULTILINE = 4, JP_UNIX_LINES = 8, JP_UNICODE_CASE = 16, JP_COMMENTS = 32,
			  JP_UNICODE_CLASS = 64 };

struct jp {
	struct arena *arena;
	struct slice s;
	size_t at;
	unsigned flags;
	unsigned groups;          /* opened so far */
	int depth;
	struct slice names[64];   /* of named groups */
	unsigned numbers[64];
	size_t name_n;
	struct error *err;
	int rc;                   /* != 0: failed */
};
enum { JP_END = -1 };
/* A set of characters: the inside of [...] or [^...], or, where that can't say it, an expression that matches one character. */
struct jp_set {
	struct slice text;
	bool whole, negated;
};
int jp_fail(struct jp *p, int kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The character at .at (blanks and comments passed where they don't count), JP_END at the end; not moved past it, but past those. */
int32_t jp_peek(struct jp *p);
/* The same, moved past it. */
int32_t jp_take(struct jp *p);
/* The next character as it stands; JP_END. */
int32_t jp_raw(struct jp *p);
/* Behind "\": a character, or -2 and *set. in_class: in [...]; range: it is an end of a range. Only of escapes that are one character. */
int32_t jp_escape(struct jp *p, bool in_class, bool range, struct jp_set *set);
/* Behind "\p" or "\P". */
struct jp_set jp_property(struct jp *p, bool negated);
/* Behind "[". */
struct jp_set jp_class(struct jp *p, bool consume);
struct jp_set jp_char(struct jp *p, uint32_t c);
struct jp_set jp_union(struct jp *p, struct jp_set a, struct jp_set b);
struct jp_set jp_negate(struct jp *p, struct jp_set a);
/* As a part of a pattern. */
struct slice jp_text(struct jp *p, struct jp_set a);
/* A character inside [...] or outside. */
void jp_put(struct buf *b, uint32_t c);

#endif
