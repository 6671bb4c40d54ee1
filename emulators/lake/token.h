/* Tokens of a statement, and names in quotes. */
#ifndef TARN_LAKE_TOKEN_H
#define TARN_LAKE_TOKEN_H

#include "core/mem.h"

enum lake_token_kind { TOKEN_END, TOKEN_SPACE, TOKEN_WORD, TOKEN_QUOTED, TOKEN_STRING, TOKEN_NUMBER, TOKEN_OTHER };
struct lake_token {
	enum lake_token_kind kind; /* comments are space */
	struct slice text;         /* with its quotes */
};
struct lake_token lake_token_at(struct slice s);
/* The next one that isn't space; *s is left behind it. */
struct lake_token lake_token_next(struct slice *s);
/* Whether the next one is this word, which is then taken; else *s stays. */
bool lake_take_word(struct slice *s, const char *word);
struct slice lake_unquoted(struct arena *a, struct lake_token t);
bool lake_word_char(char c);
void lake_skip(struct slice *s, size_t n);
/* The name between quotes, each q in it twice. */
void lake_quote(struct buf *b, struct slice name, char q);

#endif
