/* Texts changed: case, characters, parts of them. */
#include "functions/text.h"
#include "java/case.h"

#define STRING (&sp_types[SP_STRING])

/* ---- case ---- */

static bool all_ascii(struct slice s)
{
	unsigned char any = 0;
	for (size_t i = 0; i < s.n; i++)
		any |= (unsigned char)s.p[i];
	return !(any & 0x80);
}

static int change_case(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	bool up = c->e->fn->name[0] == 'u';
	struct slice s = a[0].s;
	struct buf b = { 0 };
	char *to;
	if (!all_ascii(s)) {
		if (up)
			java_upper(&b, s);
		else
			java_lower(&b, s);
		return sp_text_done(c, &b, out);
	}
	to = sp_text_room(c, s.n);
	for (size_t i = 0; to && i < s.n; i++) {
		char ch = s.p[i];
		to[i] = up ? (ch >= 'a' && ch <= 'z' ? ch - 32 : ch) : (ch >= 'A' && ch <= 'Z' ? ch + 32 : ch);
	}
	out->s = sl_of(to, s.n);
	return !to;
}

static int initcap(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct buf low = { 0 }, b = { 0 };
	struct slice s = a[0].s;
	bool first = true;
	if (all_ascii(s)) {
		char *to = sp_text_room(c, s.n);
		for (size_t i = 0; to && i < s.n; i++) {
			char ch = s.p[i];
			to[i] = first ? (ch >= 'a' && ch <= 'z' ? ch - 32 : ch) : (ch >= 'A' && ch <= 'Z' ? ch + 32 : ch);
			first = ch == ' ';
		}
		out->s = sl_of(to, s.n);
		return !to;
	}
	java_lower(&low, s);
	s = buf_slice(&low);
	for (size_t i = 0; i < s.n;) {
		uint32_t ch = java_next(s, &i);
		buf_utf8(&b, first ? java_title_char(ch) : ch);
		first = ch == ' ';
	}
	buf_free(&low);
	return sp_text_done(c, &b, out);
}

/* ---- order, replacements ---- */

static int reverse(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s;
	char *to;
	if (c->e->type->kind == SP_ARRAY) {
		struct sp_list *list = sp_list_new(c->run->batch, a[0].list->n);
		for (size_t i = 0; i < list->n; i++)
			list->items[i] = a[0].list->items[list->n - 1 - i];
		out->list = list;
		return 0;
	}
	to = sp_text_room(c, s.n);
	for (size_t i = 0; to && i < s.n;) {
		size_t n = sp_char_len(s.p[i]);
		n = n < s.n - i ? n : s.n - i;
		memcpy(to + s.n - i - n, s.p + i, n);
		i += n;
	}
	out->s = sl_of(to, s.n);
	return !to;
}

static const struct sp_type *reverse_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	if (t->kind == SP_ARRAY)
		return t;
	return sp_resolve_cast(x, 0, STRING) ? NULL : STRING;
}

static int replace(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s, from = a[1].s, with = a[2].s;
	size_t hits = 0, at = 0, n;
	char *to, *p;
	if (!from.n || from.n > s.n) {
		out->s = s;
		return 0;
	}
	for (ssize_t i = sp_text_find(s, from, 0); i >= 0; i = sp_text_find(s, from, (size_t)i + from.n))
		hits++;
	if (!hits) {
		out->s = s;
		return 0;
	}
	n = s.n + hits * with.n - hits * from.n;
	to = p = sp_text_room(c, n);
	if (!to)
		return 1;
	for (ssize_t i = sp_text_find(s, from, 0); i >= 0; i = sp_text_find(s, from, at)) {
		memcpy(p, s.p + at, (size_t)i - at);
		p += (size_t)i - at;
		memcpy(p, with.p ? with.p : "", with.n);
		p += with.n;
		at = (size_t)i + from.n;
	}
	memcpy(p, s.p + at, s.n - at);
	out->s = sl_of(to, n);
	return 0;
}

/* The character of `with` for one of `from`; absent: dropped. *is: whether it's of from. */
static struct slice counterpart(struct slice from, struct slice with, struct slice ch, bool *is)
{
	size_t w = 0;
	for (size_t i = 0; i < from.n;) {
		size_t n = sp_char_len(from.p[i]), m = w < with.n ? sp_char_len(with.p[w]) : 0;
		n = n < from.n - i ? n : from.n - i;
		m = m < with.n - w ? m : with.n - w;
		*is = sl_eq(sl_of(from.p + i, n), ch);
		if (*is)
			return m ? sl_of(with.p + w, m) : sl(NULL);
		i += n;
		w += m;
	}
	return ch;
}

static int translate(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s;
	struct buf b = { 0 };
	for (size_t i = 0; i < s.n;) {
		size_t n = sp_char_len(s.p[i]);
		bool is = false;
		n = n < s.n - i ? n : s.n - i;
		buf_addsl(&b, counterpart(a[1].s, a[2].s, sl_of(s.p + i, n), &is));
		i += n;
	}
	return sp_text_done(c, &b, out);
}

static int overlay(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	bool binary = c->e->type->kind == SP_BINARY;
	int64_t length = a[3].i >= 0 ? a[3].i : (int64_t)(binary ? a[1].s.n : sp_chars(a[1].s));
	struct slice head = sp_text_part(a[0].s, binary, 1, a[2].i - 1), tail;
	char *to;
	tail = sp_text_part(a[0].s, binary, (int32_t)(uint32_t)(a[2].i + length), INT32_MAX); /* ints wrap */
	to = sp_text_room(c, head.n + a[1].s.n + tail.n);
	if (!to)
		return 1;
	memcpy(to, head.p, head.n);
	memcpy(to + head.n, a[1].s.p ? a[1].s.p : "", a[1].s.n);
	memcpy(to + head.n + a[1].s.n, tail.p, tail.n);
	out->s = sl_of(to, head.n + a[1].s.n + tail.n);
	return 0;
}

static const struct sp_type *overlay_type(struct sp_resolve *x)
{
	bool binary = x->e->args[0]->type->kind == SP_BINARY && x->e->args[1]->type->kind == SP_BINARY;
	const struct sp_type *t = binary ? &sp_types[SP_BINARY] : STRING;
	for (size_t i = 0; i < x->e->arg_n; i++)
		if (sp_resolve_cast(x, i, i < 2 ? t : &sp_types[SP_INT]))
			return NULL;
	return t;
}

static int split_part(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s, by = a[1].s;
	int64_t want = a[2].i, n = 1, i = 1;
	size_t from = 0;
	if (!want)
		return sp_fail(&c->run->err, SP_E_RUN, "INVALID_INDEX_OF_ZERO", "22003",
			       "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).");
	for (ssize_t at = by.n ? sp_text_find(s, by, 0) : -1; at >= 0; at = sp_text_find(s, by, (size_t)at + by.n))
		n++;
	want = want < 0 ? n + want + 1 : want;
	out->s = S("");
	if (want < 1 || want > n)
		return 0;
	for (; i < want; i++)
		from = (size_t)sp_text_find(s, by, from) + by.n;
	out->s = want == n ? sl_from(s, from) : sl_of(s.p + from, (size_t)sp_text_find(s, by, from) - from);
	return 0;
}

/* ---- characters ---- */

static int ascii(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	size_t i = 0;
	out->i = a[0].s.n ? (int64_t)java_next(a[0].s, &i) : 0;
	return 0;
}

static int chr(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct buf b = { 0 };
	if (a[0].i >= 0)
		buf_utf8(&b, (uint32_t)(a[0].i & 255));
	return sp_text_done(c, &b, out);
}

static int soundex(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	static const char codes[] = "01230127022455012623017202"; /* 7: h and w, which don't part equal codes */
	struct slice s = a[0].s;
	char *to, last, first = s.n ? s.p[0] : 0;
	size_t n = 1;
	if (first >= 'a' && first <= 'z')
		first -= 32;
	out->s = s;
	if (first < 'A' || first > 'Z')
		return 0;
	to = arena_alloc(c->run->batch, 4);
	memcpy(to, "0000", 4);
	to[0] = first;
	last = codes[first - 'A'];
	for (size_t i = 1; i < s.n && n < 4; i++) {
		char ch = s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i], code;
		if (ch < 'A' || ch > 'Z') {
			last = '0';
			continue;
		}
		code = codes[ch - 'A'];
		if (code >= '1' && code <= '6' && code != last)
			to[n++] = code;
		if (code != '7')
			last = code;
	}
	out->s = sl_of(to, 4);
	return 0;
}

static uint32_t *characters(struct arena *a, struct slice s, size_t *n)
{
	uint32_t *out = arena_alloc(a, (s.n + 1) * sizeof(*out));
	*n = 0;
	for (size_t i = 0; i < s.n;)
		out[(*n)++] = java_next(s, &i);
	return out;
}

static int levenshtein(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct arena room = { 0 };
	size_t n, m, up, left, *row;
	uint32_t *x, *y;
	int64_t most = c->e->arg_n < 3 ? INT64_MAX : a[2].null ? 0 : a[2].i; /* no threshold is 0 there */
	out->null = a[0].null || a[1].null;
	if (out->null)
		return 0;
	x = characters(&room, a[0].s, &n);
	y = characters(&room, a[1].s, &m);
	row = arena_alloc(&room, (m + 1) * sizeof(*row));
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			up = row[j] + 1;
			left = row[j - 1] + 1;
			diagonal += x[i - 1] != y[j - 1];
			up = up < left ? up : left;
			left = diagonal;
			diagonal = row[j];
			row[j] = up < left ? up : left;
		}
		if ((i & 63) == 0 && sp_run_check(c->run, m / 8)) {
			arena_free(&room);
			return 1;
		}
	}
	out->i = (int64_t)row[m] > most ? -1 : (int64_t)row[m];
	arena_free(&room);
	return 0;
}

static int elt(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	if (!a[0].null && (a[0].i < 1 || (size_t)a[0].i >= c->e->arg_n) && c->run->cx->ansi) {
		sp_fail(&c->run->err, SP_E_RUN, "INVALID_ARRAY_INDEX", "22003",
			       "The index %lld is out of bounds. The array has %zu elements. Use the SQL function `get()` to tolerate accessing element "
			       "at invalid index and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.",
			       (long long)a[0].i, c->e->arg_n - 1);
		sp_fail_at(&c->run->err, c->e->from, c->e->to);
		return 1;
	}
	*out = a[0].null || a[0].i < 1 || (size_t)a[0].i >= c->e->arg_n ? SP_NULL_VALUE : a[a[0].i];
	return 0;
}

static const struct sp_type *elt_type(struct sp_resolve *x)
{
	bool binary = true;
	if (sp_want_args(x, 1) || sp_resolve_cast(x, 0, &sp_types[SP_INT]))
		return NULL;
	for (size_t i = 1; i < x->e->arg_n; i++)
		binary &= x->e->args[i]->type->kind == SP_BINARY;
	return sp_all_to(x, 1, binary ? &sp_types[SP_BINARY] : STRING) ? NULL : &sp_types[binary ? SP_BINARY : SP_STRING];
}

/* ---- masks, checks ---- */

static bool is_kind(uint32_t c, char kind)
{
	if (kind == 'u')
		return java_lower_char(c) != c;
	if (kind == 'l')
		return java_upper_char(c) != c || c == 0xdf;
	return c >= '0' && c <= '9';
}

static int mask(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	static const char kinds[] = "uld";
	struct slice s = a[0].s;
	struct buf b = { 0 };
	out->null = a[0].null;
	for (size_t i = 0; !a[0].null && i < s.n;) {
		size_t from = i, kind = 0;
		uint32_t ch = java_next(s, &i);
		while (kind < 3 && !is_kind(ch, kinds[kind]))
			kind++;
		if (a[kind + 1].null)
			buf_add(&b, s.p + from, i - from);
		else
			buf_addsl(&b, a[kind + 1].s);
	}
	if (!a[0].null)
		return sp_text_done(c, &b, out);
	return 0;
}

static const struct sp_type *mask_type(struct sp_resolve *x)
{
	static const char *const names[] = { "upperChar", "lowerChar", "digitChar", "otherChar" };
	for (size_t i = 0; i < x->e->arg_n; i++) {
		struct sp_value v;
		if (sp_text_arg(x, i))
			return NULL;
		if (!i)
			continue;
		if (sp_resolve_const(x, i, &v))
			return NULL;
		if (!v.null && sp_chars(v.s) != 1) {
			(void)sp_resolve_mismatch(x, "INPUT_SIZE_NOT_ONE", "Length of %s should be 1.", names[i - 1]);
			return NULL;
		}
	}
	return STRING;
}

static int luhn_check(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s;
	unsigned sum = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)(s.p[s.n - 1 - i] - '0');
		if (digit > 9)
			return 0;
		digit *= i % 2 ? 2 : 1;
		sum += digit > 9 ? digit - 9 : digit;
	}
	out->i = s.n && sum % 10 == 0;
	return 0;
}

#define G "string_funcs"
const struct sp_function sp_strings_change[] = {
	{ "upper", "string", "string", .row = change_case, .group = G, .doc = "upper(text): in upper case" },
	{ "ucase", "string", "string", .row = change_case, .group = G, .flags = SP_F_ALIAS, .doc = "ucase(text): in upper case" },
	{ "lower", "string", "string", .row = change_case, .group = G, .doc = "lower(text): in lower case" },
	{ "lcase", "string", "string", .row = change_case, .group = G, .flags = SP_F_ALIAS, .doc = "lcase(text): in lower case" },
	{ "initcap", "string", "string", .row = initcap, .group = G, .doc = "initcap(text): each word's first letter in upper case, the rest in lower" },
	{ "reverse", "any", .row = reverse, .resolve = reverse_type, .group = "collection_funcs", .doc = "reverse(x): a text or an array from its end to its beginning" },
	{ "replace", "string string string?", "string", .row = replace, .defaults = "''", .group = G,
	  .doc = "replace(text, part[, with]): every part replaced" },
	{ "translate", "string string string", "string", .row = translate, .group = G,
	  .doc = "translate(text, from, to): each character of from becomes the one at its place in to, or nothing" },
	{ "overlay", "string|binary string|binary int int?", .row = overlay, .resolve = overlay_type, .defaults = "-1", .group = G,
	  .doc = "overlay(text, by, from[, length]), overlay(text PLACING by FROM from FOR length): a part replaced" },
	{ "split_part", "string string int", "string", .row = split_part, .group = G,
	  .doc = "split_part(text, delimiter, n): the n-th part; n < 0: from the end" },
	{ "ascii", "string", "int", .row = ascii, .group = G, .doc = "ascii(text): code of the first character" },
	{ "chr", "bigint", "string", .row = chr, .group = G, .doc = "chr(n): the character of a code from 0 to 255" },
	{ "char", "bigint", "string", .row = chr, .group = G, .flags = SP_F_ALIAS, .doc = "char(n): the character of a code from 0 to 255" },
	{ "soundex", "any", "string", .row = soundex, .resolve = sp_strict_texts, .group = G, .doc = "soundex(text): its sound as a letter and three digits" },
	{ "levenshtein", "string string int?", "int", .row = levenshtein, .flags = SP_F_NULLS | SP_F_MAYBE, .group = G,
	  .doc = "levenshtein(a, b[, most]): how many characters must change; more than most: -1" },
	{ "elt", "any*", .row = elt, .resolve = elt_type, .flags = SP_F_NULLS | SP_F_MAYBE, .group = G, .doc = "elt(n, a, b, ...): the n-th of them" },
	{ "mask", "any any? any? any? any?", .row = mask, .resolve = mask_type, .flags = SP_F_NULLS, .defaults = "'X','x','n',NULL",
	  .group = G, .doc = "mask(text[, upper, lower, digit, other]): its characters replaced by kind" },
	{ "luhn_check", "string", "boolean", .row = luhn_check, .group = G, .doc = "luhn_check(digits): whether the last digit checks the others" },
	{ NULL },
};
