/* LIKE and ILIKE: % is any text, _ a character, the escape only before those and itself. */
#include "functions/text.h"
#include "java/case.h"
#include "spark/print.h"

/* A pattern taken apart at its %: a text must have the parts one behind the other. */
struct part {
	struct slice text;  /* without escapes; '_' where any[i] */
	const bool *any;    /* one a byte of text: it stands for any character; NULL: none does */
};
struct like {
	struct arena arena;
	struct buf pattern; /* that this is of */
	uint32_t escape;
	bool open, folds;   /* folds: ILIKE */
	bool free_start, free_end;
	struct part *parts;
	size_t part_n;
	struct buf folded;
};

static void like_free(void *state)
{
	struct like *k = state;
	arena_free(&k->arena);
	buf_free(&k->pattern);
	buf_free(&k->folded);
}

static int bad_escape(struct sp_call *c, struct slice pattern, struct slice before)
{
	struct sp_value v = { .s = pattern };
	struct buf b = { 0 };
	sp_print_literal(&b, &sp_types[SP_STRING], &v, NULL);
	if (before.p)
		sp_fail(&c->run->err, SP_E_ANALYSIS, "INVALID_FORMAT.ESC_IN_THE_MIDDLE", "42601",
			"The format is invalid: %s. The escape character is not allowed to precede '%.*s'.", buf_cstr(&b), SL(before));
	else
		sp_fail(&c->run->err, SP_E_ANALYSIS, "INVALID_FORMAT.ESC_AT_THE_END", "42601",
			"The format is invalid: %s. The escape character is not allowed to end with.", buf_cstr(&b));
	buf_free(&b);
	return 1;
}

static void end_part(struct like *k, struct buf *text, struct buf *any, size_t *cap)
{
	ARENA_GROW(&k->arena, k->parts, k->part_n, *cap);
	k->parts[k->part_n].text = arena_dup(&k->arena, buf_slice(text));
	k->parts[k->part_n++].any = memchr(any->p ? any->p : "", 1, any->n) ? (const bool *)arena_dup(&k->arena, buf_slice(any)).p : NULL;
	buf_reset(text);
	buf_reset(any);
}

static int compile(struct sp_call *c, struct like *k, struct slice shown, struct slice s)
{
	struct buf text = { 0 }, any = { 0 };
	size_t cap = 0, at;
	int rc = 0;
	k->parts = NULL;
	k->part_n = 0;
	k->free_start = sl_starts(s, S("%")) && k->escape != '%';
	k->free_end = false;
	for (size_t i = 0; i < s.n && !rc;) {
		uint32_t ch = java_next(s, &i);
		bool wild = ch == '_';
		k->free_end = ch == '%' && ch != k->escape;
		if (ch == k->escape) {
			at = i;
			ch = i < s.n ? java_next(s, &i) : 0;
			if (at == s.n || (ch != '%' && ch != '_' && ch != k->escape))
				rc = bad_escape(c, shown, at == s.n ? sl(NULL) : sl_of(s.p + at, i - at));
			wild = false;
		} else if (ch == '%') {
			if (text.n)
				end_part(k, &text, &any, &cap);
			continue;
		}
		at = text.n;
		buf_utf8(&text, ch);
		for (; at < text.n; at++)
			buf_u8(&any, wild);
	}
	if (text.n || !k->free_end)
		end_part(k, &text, &any, &cap);
	buf_free(&text);
	buf_free(&any);
	return rc;
}

/* Bytes of s, from its beginning on, that the part takes; -1: it isn't there. */
static ssize_t matches(const struct part *p, struct slice s)
{
	size_t at = 0;
	if (!p->any)
		return sl_starts(s, p->text) ? (ssize_t)p->text.n : -1;
	for (size_t i = 0; i < p->text.n; i++) {
		if (at >= s.n)
			return -1;
		if (p->any[i])
			at += sp_char_len(s.p[at]);
		else if (s.p[at++] != p->text.p[i])
			return -1;
	}
	return at <= s.n ? (ssize_t)at : -1;
}

/* The first place where it is, from which *len bytes are taken; -1: nowhere. */
static ssize_t find(const struct part *p, struct slice s, size_t *len)
{
	if (!p->any) {
		*len = p->text.n;
		return sp_text_find(s, p->text, 0);
	}
	for (size_t i = 0; i <= s.n; i += i < s.n ? sp_char_len(s.p[i]) : 1) {
		ssize_t n = matches(p, sl_from(s, i));
		if (n >= 0) {
			*len = (size_t)n;
			return (ssize_t)i;
		}
	}
	return -1;
}

/* Whether s ends with the part. */
static bool ends(const struct part *p, struct slice s)
{
	size_t at = s.n, n = 0;
	if (!p->any)
		return sl_ends(s, p->text);
	for (size_t i = 0; i < p->text.n; i++)
		n += ((unsigned char)p->text.p[i] & 0xc0) != 0x80;
	for (; n > 0 && at > 0; n--) {
		at--;
		while (at > 0 && ((unsigned char)s.p[at] & 0xc0) == 0x80)
			at--;
	}
	return !n && matches(p, sl_from(s, at)) == (ssize_t)(s.n - at);
}

static bool is_like(const struct like *k, struct slice s)
{
	size_t i = 0, last = k->part_n, len;
	if (!k->part_n)
		return !s.n || k->free_start;
	if (k->part_n == 1 && !k->free_start && !k->free_end)
		return matches(&k->parts[0], s) == (ssize_t)s.n;
	if (!k->free_start) {
		ssize_t n = matches(&k->parts[0], s);
		if (n < 0)
			return false;
		s = sl_from(s, (size_t)n);
		i = 1;
	}
	if (!k->free_end)
		last--;
	for (; i < last; i++) {
		ssize_t at = find(&k->parts[i], s, &len);
		if (at < 0)
			return false;
		s = sl_from(s, (size_t)at + len);
	}
	return k->free_end || ends(&k->parts[last], s);
}

static int open_like(struct sp_call *c, struct slice pattern, struct slice escape, struct like **out)
{
	struct like *k = *out = c->state;
	struct slice s = pattern;
	size_t i = 0;
	uint32_t esc = escape.n ? java_next(escape, &i) : '\\';
	int rc;
	if (k->open && k->escape == esc && sl_eq(buf_slice(&k->pattern), pattern))
		return 0;
	k->open = true;
	k->escape = esc;
	k->folds = c->e->fn->name[0] == 'i';
	buf_reset(&k->pattern);
	buf_addsl(&k->pattern, pattern);
	arena_reset(&k->arena);
	buf_reset(&k->folded);
	if (k->folds) {
		java_lower(&k->folded, pattern);
		s = buf_slice(&k->folded);
	}
	rc = compile(c, k, s, s);
	if (rc)
		k->open = false;
	return rc;
}

static int like(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	bool escaped = c->e->arg_n > 2;
	struct like *k = NULL;
	struct sp_out o;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		struct slice s;
		if (sp_null_at(&args[0], r) || sp_null_at(&args[1], r) || (escaped && sp_null_at(&args[2], r))) {
			sp_out_null(&o, r);
			continue;
		}
		if ((!k || !args[1].one) &&
		    open_like(c, args[1].str[sp_at(&args[1], r)], escaped ? args[2].str[sp_at(&args[2], r)] : sl(NULL), &k))
			return 1;
		s = args[0].str[sp_at(&args[0], r)];
		if (k->folds) {
			buf_reset(&k->folded);
			java_lower(&k->folded, s);
			s = buf_slice(&k->folded);
		}
		o.u8[r] = is_like(k, s);
	}
	*out = o.v;
	return 0;
}

#define LIKE .vec = like, .state_size = sizeof(struct like), .state_free = like_free, .group = "predicate_funcs"
const struct sp_function sp_likes[] = {
	{ "like", "string string string?", "boolean", LIKE, .doc = "text LIKE pattern [ESCAPE 'c']: whether all of it is so; % is any text, _ any character" },
	{ "ilike", "string string string?", "boolean", LIKE, .doc = "text ILIKE pattern [ESCAPE 'c']: as LIKE, in either case" },
	{ NULL },
};
