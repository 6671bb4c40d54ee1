/* What functions of texts share. */
#ifndef TARN_FUNCTIONS_TEXT_H
#define TARN_FUNCTIONS_TEXT_H

#include "functions/functions.h"

/* Room for a result of n bytes, for the batch. NULL: too much, and run->err says so. */
char *sp_text_room(struct sp_call *c, size_t n);
/* A buffer's text as the result, in the batch's arena; the buffer is freed. Nonzero: too much. */
int sp_text_done(struct sp_call *c, struct buf *b, struct sp_value *out) WARN_UNUSED;

/* Characters of UTF-8 as UTF8String counts them: by their first bytes. */
size_t sp_char_len(char first);
size_t sp_chars(struct slice s);
/* Byte position of the n-th character; s.n beyond. */
size_t sp_char_at(struct slice s, size_t n);
/* First needle at a byte or behind; -1: none. */
ssize_t sp_text_find(struct slice s, struct slice needle, size_t from);
static inline bool sp_is_binary(const struct sp_call *c, size_t i)
{
	return c->e->args[i]->type->kind == SP_BINARY;
}
/* substring by position and length as SQL counts: from 1, 0 is 1, negative from the end. binary: bytes count. */
struct slice sp_text_part(struct slice s, bool binary, int64_t pos, int64_t length);

/* How many arguments a call must have, for rows whose .resolve takes any. Nonzero: fewer, err says so. */
int sp_want_args(struct sp_resolve *x, size_t more_than);
/* An implicit cast of all arguments from one on. */
int sp_all_to(struct sp_resolve *x, size_t from, const struct sp_type *to);

/* Argument i must be a text, no cast makes one of it. */
int sp_text_arg(struct sp_resolve *x, size_t i);
/* A hook for functions whose arguments all must be: gives what .type says, string, int, array<string> or map<string,string>. */
const struct sp_type *sp_strict_texts(struct sp_resolve *x);

#endif
