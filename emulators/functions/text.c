#include "functions/text.h"

enum { TEXT_MAX = 1 << 30 };

char *sp_text_room(struct sp_call *c, size_t n)
{
	size_t most = c->run->held_max ? c->run->held_max : TEXT_MAX;
	if (n > most || c->run->batch->used + n > most) {
		sp_fail(&c->run->err, SP_E_LIMIT, "", "", "%s makes texts of more than %zu MiB.", c->e->fn->name, most >> 20);
		return NULL;
	}
	return arena_alloc(c->run->batch, n + 1);
}

int sp_text_done(struct sp_call *c, struct buf *b, struct sp_value *out)
{
	char *to = sp_text_room(c, b->n);
	if (to) {
		memcpy(to, b->p ? b->p : "", b->n);
		out->s = sl_of(to, b->n);
	}
	buf_free(b);
	return !to;
}

size_t sp_char_len(char first)
{
	unsigned char c = (unsigned char)first;
	return c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
}

size_t sp_chars(struct slice s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

size_t sp_char_at(struct slice s, size_t n)
{
	size_t i = 0;
	while (n-- > 0 && i < s.n)
		i += sp_char_len(s.p[i]);
	return i < s.n ? i : s.n;
}

ssize_t sp_text_find(struct slice s, struct slice needle, size_t from)
{
	const char *at;
	if (from > s.n || needle.n > s.n - from)
		return -1;
	if (!needle.n)
		return (ssize_t)from;
	at = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return at ? at - s.p : -1;
}

struct slice sp_text_part(struct slice s, bool binary, int64_t pos, int64_t length)
{
	int64_t n = 0, from, to;
	size_t a, b;
	if (pos < 0 || binary)
		n = (int64_t)(binary ? s.n : sp_chars(s));
	from = pos > 0 ? pos - 1 : pos < 0 ? n + pos : 0;
	to = length > 0 && from > INT64_MAX - length ? INT64_MAX : from + length;
	if (to <= from || to <= 0)
		return S("");
	from = from < 0 ? 0 : from;
	if (binary) {
		to = to > n ? n : to;
		return from < to ? sl_of(s.p + from, (size_t)(to - from)) : S("");
	}
	a = sp_char_at(s, (size_t)from);
	b = (size_t)(to - from) >= s.n - a ? s.n - a : sp_char_at(sl_from(s, a), (size_t)(to - from));
	return sl_of(s.p + a, b);
}

int sp_want_args(struct sp_resolve *x, size_t more_than)
{
	if (x->e->arg_n > more_than)
		return 0;
	return sp_fail(x->err, SP_E_ANALYSIS, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605",
		       "The `%s` requires > %zu parameters but the actual number is %zu. Please, refer to "
		       "'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix.",
		       x->e->fn->name, more_than, x->e->arg_n);
}

int sp_all_to(struct sp_resolve *x, size_t from, const struct sp_type *to)
{
	for (size_t i = from; i < x->e->arg_n; i++)
		if (sp_resolve_cast(x, i, to))
			return 1;
	return 0;
}

int sp_text_arg(struct sp_resolve *x, size_t i)
{
	const struct sp_expr *e = x->e->args[i];
	struct buf b = { 0 };
	if (e->type->kind == SP_STRING)
		return 0;
	if (e->type->kind == SP_VOID)
		return sp_resolve_cast(x, i, &sp_types[SP_STRING]);
	sp_type_sql(&b, e->type);
	(void)sp_resolve_mismatch(x, "UNEXPECTED_INPUT_TYPE", "Parameter %zu requires the \"STRING\" type, however \"%.*s\" has the type \"%s\".", i + 1,
				  SL(sp_expr_shown(x->arena, e)), buf_cstr(&b));
	buf_free(&b);
	return 1;
}

const struct sp_type *sp_strict_texts(struct sp_resolve *x)
{
	static const char *const names[] = { "string", "int", "array<string>" };
	const char *type = x->e->fn->type;
	for (size_t i = 0; i < x->e->arg_n; i++)
		if (sp_text_arg(x, i))
			return NULL;
	if (!strcmp(type, names[0]) || !strcmp(type, names[1]))
		return &sp_types[*type == 's' ? SP_STRING : SP_INT];
	return !strcmp(type, names[2]) ? sp_array(x->arena, &sp_types[SP_STRING], true) :
					 sp_map(x->arena, &sp_types[SP_STRING], &sp_types[SP_STRING], true);
}
