/* A JSON pull parser with Jackson's tokens, order of reading, and error texts (UTF8StreamJsonParser), and JSON values
 * (JsonNode) with Jackson's way of writing them. jansson can't be used where they count: it refuses or changes what Jackson
 * takes (integers past 64 bits, lone surrogates, text after the value). */
#ifndef TARN_JAVA_JACKSON_H
#define TARN_JAVA_JACKSON_H

#include "core/mem.h"

enum jk_token {
	JK_NONE, /* end of input, or nothing read yet */
	JK_START_OBJECT,
	JK_END_OBJECT,
	JK_START_ARRAY,
	JK_END_ARRAY,
	JK_FIELD_NAME,
	JK_STRING,
	JK_INT,
	JK_FLOAT,
	JK_TRUE,
	JK_FALSE,
	JK_NULL,
};

/* In what the versions and their settings differ. */
struct jk_words {
	const char *source;    /* what a place says of the input: "[Source: %s; line: 1, column: 1]" */
	const char *odd_allow; /* the feature that would allow NaN: "JsonParser.Feature.X", from 2.14 on "`JsonReadFeature.X`" */
	const char *plus;      /* of a number with '+' in front, from 2.14 on; NULL: as of any that has no digit */
	int depth_max;         /* JK_LIMIT beyond */
	size_t number_max;     /* characters of a number; 0: no limit */
	bool zeros;            /* ALLOW_LEADING_ZEROS_FOR_NUMBERS */
};

/* What kind of exception an error is. */
enum jk_error { JK_PARSE, JK_EOF, JK_LIMIT };

struct jk_scope { /* an array, an object, or the root */
	struct jk_scope *up;
	char kind; /* '[', '{', or 0 for the root */
	int entries;
	int line;
	size_t column; /* where it starts */
};

struct jackson {
	const struct jk_words *words;
	struct arena *arena;
	const uint8_t *p;
	size_t n, at;
	int line;
	size_t row; /* offset of the line's first byte */
	enum jk_token token, ahead; /* ahead: after a name, the token of its value, read already */
	int token_line;
	size_t token_column;
	struct jk_scope *scope;
	int depth;
	bool lazy;         /* token is a string not read to its end yet */
	struct slice text; /* name, string or number */
	struct slice ahead_text;
	/* The first error; then every call fails. */
	bool failed;
	enum jk_error error;
	struct slice message; /* without place and chain */
	int error_line;
	size_t error_column;
	struct slice chain; /* "a["b"]->c[0]", grows at the front while unwinding */
};

void jk_init(struct jackson *j, const struct jk_words *words, struct arena *a, struct slice input);
/* The next token; JK_NONE at the end of input and on error. */
enum jk_token jk_next(struct jackson *j);
/* Text of the current name, string or number. */
struct slice jk_text(struct jackson *j);
/* Fails at the current token. */
void jk_fail_token(struct jackson *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Fails where reading stands. */
void jk_fail_here(struct jackson *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Puts a reference in front of the chain: Class["property"], or Class[index] when property is NULL. */
void jk_wrap(struct jackson *j, const char *class, const char *property, size_t index);
/* Message, place and chain, in the arena. */
struct slice jk_message(struct jackson *j);

/* JsonNode. */
struct jk_node {
	enum jk_token kind; /* NONE (the input held no value), START_OBJECT, START_ARRAY, STRING, INT, FLOAT, TRUE, FALSE, NULL */
	struct slice name;  /* inside an object */
	struct slice text;  /* string, or a number as it stood (-0 is 0) */
	double number;      /* FLOAT */
	struct jk_node *first, *last, *next; /* a name that comes twice has its first place and its last value */
	struct jk_index *index; /* big objects: name -> member */
	size_t count;
};

/* The value that starts at the current token; NULL when the parser failed. */
struct jk_node *jk_read_node(struct jackson *j);
/* A member of an object, else NULL. */
struct jk_node *jk_get(const struct jk_node *object, struct slice name);
/* Compact JSON: names in order of first appearance, doubles as Java prints them, non-ASCII raw but characters beyond
 * U+FFFF as \uD83D\uDE00 (Jackson's UTF8JsonGenerator does so). */
void jk_write(struct buf *b, const struct jk_node *node);
/* One string so, with quotes. */
void jk_write_string(struct buf *b, struct slice s);
/* The same as a value under a name: see jw_str in core/json.h. */
void jk_str(struct buf *b, const char *name, struct slice s);

#endif
