/* JSON as Jackson reads it with Spark's options: a cursor over a text, without a tree. json.h is for others. */
#ifndef TARN_SPARK_JSON_SCAN_H
#define TARN_SPARK_JSON_SCAN_H

#include "spark/json.h"

enum { SP_JSON_DEPTH = 1000 };
struct sp_jx {
	const char *p, *end;
	struct arena *a;         /* for strings with escapes */
	bool comments, unquoted_names, single_quotes, leading_zeros, backslash_any, nan, control_chars;
	bool bad;                /* a syntax error was met; p stands about there */
	int depth;
};
enum sp_jx_kind { SP_JX_END, SP_JX_BAD, SP_JX_OBJECT, SP_JX_ARRAY, SP_JX_STRING, SP_JX_INT, SP_JX_FLOAT, SP_JX_TRUE, SP_JX_FALSE, SP_JX_NULL };
/* A scalar that was taken: text is a string's characters, a number's digits, NaN or [+-]Infinity (INF). */
struct sp_jx_token {
	enum sp_jx_kind kind;
	struct slice text;
};

void sp_jx_init(struct sp_jx *x, struct arena *a, struct slice text, const struct sp_json_options *o);
/* What the next value is by its first character, without taking it; a number is INT here. END: nothing is left. */
enum sp_jx_kind sp_jx_peek(struct sp_jx *x);
/* Takes a string, number, true, false or null. BAD: x->bad. */
struct sp_jx_token sp_jx_scalar(struct sp_jx *x);
/* Over any value. false: bad. */
bool sp_jx_skip(struct sp_jx *x);
/* Into an object ('{' is next): then sp_jx_name until false. The value of each name has to be taken. */
void sp_jx_enter(struct sp_jx *x);
bool sp_jx_name(struct sp_jx *x, bool *first, struct slice *name);
/* Into an array the same way: whether an element is next. */
bool sp_jx_element(struct sp_jx *x, bool *first);
/* Takes any value and appends it as Jackson writes it anew: compact, numbers with a fraction as Java prints doubles. pairs: characters
 * beyond U+FFFF as \uD83D\uDE00. false: bad. */
bool sp_jx_copy(struct sp_jx *x, struct buf *b, bool pairs);
/* A string with quotes, as Jackson writes it. */
void sp_json_string(struct buf *b, struct slice s, bool pairs);
/* A text that is UTF-8, bad bytes replaced; in a if it must be made. */
struct slice sp_json_mended(struct arena *a, struct slice s);

#endif
