/* A JSON pull parser with Jackson's tokens, order of reading, and error texts (UTF8StreamJsonParser 2.13, reading a
 * Jersey input stream), and JSON values (JsonNode) with Jackson's way of writing them. */
#ifndef TARN_REST_JACKSON_H
#define TARN_REST_JACKSON_H

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

struct jk_scope { /* an array, an object, or the root */
	struct jk_scope *up;
	char kind; /* '[', '{', or 0 for the root */
	int entries;
	int line;
	size_t column; /* where it starts */
};

struct jackson {
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
	struct slice message; /* without place and chain */
	int error_line;
	size_t error_column;
	struct buf chain; /* "a["b"]->c[0]", grows at the front while unwinding */
	bool too_deep;
};

void jk_init(struct jackson *j, struct arena *a, struct slice input);
/* The next token; JK_NONE at the end of input and on error. */
enum jk_token jk_next(struct jackson *j);
/* Text of the current name, string or number (surrogates each as three bytes). */
struct slice jk_text(struct jackson *j);
/* Fails at the current token. */
void jk_fail_token(struct jackson *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Fails where reading stands. */
void jk_fail_here(struct jackson *j, struct slice message);
/* Puts a reference in front of the chain: Class["property"], or Class[index] when property is NULL. */
void jk_wrap(struct jackson *j, const char *class, const char *property, size_t index);
/* Message, place and chain, in the arena. */
struct slice jk_message(struct jackson *j);

/* JsonNode. */
struct jk_node {
	enum jk_token kind; /* START_OBJECT, START_ARRAY, STRING, INT, FLOAT, TRUE, FALSE, NULL */
	struct slice name;  /* inside an object */
	struct slice text;  /* string, or an integer's digits */
	double number;      /* FLOAT */
	struct jk_node *first, *last, *next;
	struct jk_index *index; /* big objects: name -> member */
	size_t count;
};

/* The value that starts at the current token; NULL when the parser failed. */
struct jk_node *jk_read_node(struct jackson *j);
/* Compact JSON: names in order of first appearance, doubles as Java prints them, non-ASCII raw but characters beyond
 * U+FFFF as \uD83D\uDE00 (Jackson's UTF8JsonGenerator does so). */
void jk_write(struct buf *b, const struct jk_node *node);
/* The same for one string, with quotes. */
void jk_write_string(struct buf *b, struct slice s);
/* java.lang.Double.toString; room for 32 bytes. */
void jk_double(double d, char out[32]);

#endif
