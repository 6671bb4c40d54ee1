/* Tokens of Spark SQL (SqlBaseLexer.g4 of 3.5), and the splitter of a text into statements.
 * The longest match wins, so `12` is a number, `12L` one with a suffix and `12_a` a name. */
#ifndef TARN_SPARKSQL_LEX_H
#define TARN_SPARKSQL_LEX_H

#include "core/mem.h"
#include "sparksql/keywords.h"

enum sp_token_kind {
	SP_T_END,
	SP_T_UNKNOWN,   /* a character that begins nothing: also a quote that isn't closed */
	SP_T_WORD,      /* a name that is no keyword */
	SP_T_BACKQUOTED,
	SP_T_STRING,    /* '..', r'..' and r".." */
	SP_T_DSTRING,   /* ".." */
	SP_T_INTEGER,   /* digits; the number kinds follow in a row */
	SP_T_BIGINT, SP_T_SMALLINT, SP_T_TINYINT, SP_T_EXPONENT, SP_T_DECIMAL, SP_T_FLOAT, SP_T_DOUBLE, SP_T_BIGDECIMAL,
	SP_T_SEMICOLON, SP_T_OPEN, SP_T_CLOSE, SP_T_COMMA, SP_T_DOT, SP_T_OPEN_BRACKET, SP_T_CLOSE_BRACKET,
	SP_T_BANG, SP_T_EQ, SP_T_NSEQ, SP_T_NE, SP_T_LT, SP_T_LE, SP_T_GT, SP_T_GE,
	SP_T_PLUS, SP_T_MINUS, SP_T_STAR, SP_T_SLASH, SP_T_PERCENT, SP_T_TILDE, SP_T_AND, SP_T_PIPE, SP_T_CONCAT, SP_T_HAT,
	SP_T_COLON, SP_T_ARROW, SP_T_FAT_ARROW, SP_T_QUESTION, SP_T_HINT, SP_T_HINT_END,
	SP_T_KEYWORDS,  /* from here on: keywords */
#define X(word) SP_K_##word,
	SP_KEYWORDS(X)
#undef X
	SP_T_KINDS
};

struct sp_token {
	uint16_t kind;
	uint32_t at, end;
	uint32_t match; /* of '(' the index of its ')', or of the END token; others 0 */
};

struct sp_tokens {
	struct sp_token *v; /* the last is END */
	uint32_t n;
	bool unclosed_comment;
};

/* Tokens of a text, in the arena. The text is less than 2 GiB. */
void sp_lex(struct arena *a, struct slice sql, struct sp_tokens *out);

/* Cuts text at each `;` outside of quotes and comments: *at is where to begin (0 at first) and where to go on. Gives the next part, the `;`
 * not in it, which may be blank; absent when there is none any more. Offsets in the part are offsets in text from part.p on. */
struct slice sp_split(struct slice text, size_t *at);
/* Whether there is nothing but blanks and comments in it. */
bool sp_is_blank(struct slice sql);

/* What a string token means, quotes off and escapes done; a backquoted name. In the arena, or in the text where nothing is to be done. */
struct slice sp_unquote(struct arena *a, struct slice token);

#endif
