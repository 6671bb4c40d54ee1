/* java.lang.String. Positions are UTF-16 units, as Java counts. */
#include <string.h>

#include "velocity/run.h"

#define METHOD(name) static enum vtl_called name(struct vtl_call *c)

static struct slice self(const struct vtl_call *c)
{
	return c->self.s;
}

static struct slice arg(const struct vtl_call *c, size_t i)
{
	return c->args[i].s;
}

static enum vtl_called ret_int(struct vtl_call *c, int64_t i)
{
	return vtl_return(c, vtl_int(i));
}

static enum vtl_called ret_bool(struct vtl_call *c, bool b)
{
	return vtl_return(c, vtl_bool(b));
}

static enum vtl_called ret_str(struct vtl_call *c, struct slice s)
{
	return vtl_return(c, vtl_str(s));
}

static enum vtl_called ret_buf(struct vtl_call *c, struct buf *b)
{
	bool bad = b->bad;
	c->out = vtl_str(arena_dup(c->r->arena, buf_slice(b)));
	buf_free(b);
	return bad ? vtl_throw(c, "a string over %d bytes", VTL_OUTPUT_MAX) : VTL_CALLED;
}

METHOD(str_length)
{
	return ret_int(c, (int64_t)vtl_u16_len(self(c)));
}

METHOD(str_is_empty)
{
	return ret_bool(c, self(c).n == 0);
}

METHOD(str_is_blank)
{
	return ret_bool(c, sl_trim(self(c)).n == 0);
}

METHOD(str_equals_nocase)
{
	return ret_bool(c, c->args[0].type == VTL_STRING && sl_eq_nocase(self(c), arg(c, 0)));
}

METHOD(str_contains)
{
	return ret_bool(c, sl_find(self(c), arg(c, 0)) >= 0);
}

METHOD(str_starts)
{
	return ret_bool(c, sl_starts(self(c), arg(c, 0)));
}

METHOD(str_starts_at)
{
	int64_t at = c->args[1].i;
	struct slice s = self(c);
	if (at < 0 || at > (int64_t)vtl_u16_len(s))
		return ret_bool(c, false);
	size_t skip = vtl_u16_offset(s, (size_t)at);
	return ret_bool(c, sl_starts((struct slice){ s.p + skip, s.n - skip }, arg(c, 0)));
}

METHOD(str_ends)
{
	return ret_bool(c, sl_ends(self(c), arg(c, 0)));
}

/* ---- searching ---- */

static enum vtl_called find_from(struct vtl_call *c, struct slice needle, int64_t from)
{
	struct slice s = self(c);
	int64_t length = (int64_t)vtl_u16_len(s);
	size_t skip = vtl_u16_offset(s, from < 0 ? 0 : from > length ? (size_t)length : (size_t)from);
	ssize_t at = sl_find((struct slice){ s.p + skip, s.n - skip }, needle);
	return ret_int(c, at < 0 ? -1 : (int64_t)vtl_u16_index(s, skip + (size_t)at));
}

static enum vtl_called find_last(struct vtl_call *c, struct slice needle, int64_t from)
{
	struct slice s = self(c);
	for (size_t at = s.n + 1; at-- > 0;) {
		if (s.n - at < needle.n || (needle.n && memcmp(s.p + at, needle.p, needle.n) != 0))
			continue;
		int64_t unit = (int64_t)vtl_u16_index(s, at);
		if (unit <= from)
			return ret_int(c, unit);
	}
	return ret_int(c, -1);
}

static struct slice char_text(struct vtl_call *c, struct vtl_value v)
{
	struct buf b;
	struct slice s;
	buf_init(&b, 16);
	vtl_utf8_add(&b, (uint32_t)v.i & 0x1fffff);
	s = arena_dup(c->r->arena, buf_slice(&b));
	buf_free(&b);
	return s;
}

METHOD(str_index)
{
	return find_from(c, arg(c, 0), 0);
}

METHOD(str_index_from)
{
	return find_from(c, arg(c, 0), c->args[1].i);
}

METHOD(str_index_char)
{
	return find_from(c, char_text(c, c->args[0]), 0);
}

METHOD(str_last)
{
	return find_last(c, arg(c, 0), INT32_MAX);
}

METHOD(str_last_from)
{
	return find_last(c, arg(c, 0), c->args[1].i);
}

METHOD(str_last_char)
{
	return find_last(c, char_text(c, c->args[0]), INT32_MAX);
}

/* ---- parts ---- */

static enum vtl_called part(struct vtl_call *c, int64_t from, int64_t to)
{
	int64_t length = (int64_t)vtl_u16_len(self(c));
	if (from < 0 || to > length || from > to)
		return vtl_throw(c, "StringIndexOutOfBoundsException: begin %lld, end %lld, length %lld", (long long)from,
				 (long long)to, (long long)length);
	return ret_str(c, vtl_u16_sub(c->r->arena, self(c), (size_t)from, (size_t)to));
}

METHOD(str_sub)
{
	return part(c, c->args[0].i, (int64_t)vtl_u16_len(self(c)));
}

METHOD(str_sub_to)
{
	return part(c, c->args[0].i, c->args[1].i);
}

METHOD(str_char_at)
{
	return part(c, c->args[0].i, c->args[0].i + 1);
}

METHOD(str_code_at)
{
	size_t i = 0;
	if (part(c, c->args[0].i, c->args[0].i + 1) != VTL_CALLED)
		return VTL_THREW;
	i = vtl_u16_offset(self(c), (size_t)c->args[0].i);
	return ret_int(c, vtl_utf8_next(self(c), &i));
}

METHOD(str_split)
{
	return vtl_regex_split(c, self(c), arg(c, 0), 0);
}

METHOD(str_split_limit)
{
	return vtl_regex_split(c, self(c), arg(c, 0), c->args[1].i);
}

METHOD(str_chars)
{
	struct vtl_list *l = vtl_list_new(c->r->arena, VTL_FIXED, 0);
	size_t n = vtl_u16_len(self(c));
	for (size_t i = 0; i < n && vtl_step(c->r); i++)
		vtl_list_add(l, vtl_str(vtl_u16_sub(c->r->arena, self(c), i, i + 1)));
	return c->r->status ? VTL_THREW : vtl_return(c, vtl_of_list(l));
}

METHOD(str_bytes)
{
	struct vtl_list *l = vtl_list_new(c->r->arena, VTL_FIXED, self(c).n);
	for (size_t i = 0; i < self(c).n; i++)
		vtl_list_add(l, vtl_int((int8_t)self(c).p[i]));
	return vtl_return(c, vtl_of_list(l));
}

/* ---- made from it ---- */

METHOD(str_concat)
{
	struct buf b;
	buf_init(&b, VTL_OUTPUT_MAX);
	buf_addsl(&b, self(c));
	buf_addsl(&b, arg(c, 0));
	return ret_buf(c, &b);
}

METHOD(str_replace)
{
	struct slice s = self(c), from = arg(c, 0), to = arg(c, 1);
	struct buf b;
	buf_init(&b, VTL_OUTPUT_MAX);
	if (!from.n) {
		/* "" is before each character and at the end. */
		for (size_t i = 0, at = 0; i < s.n; at = i) {
			buf_addsl(&b, to);
			vtl_utf8_next(s, &i);
			buf_add(&b, s.p + at, i - at);
		}
		buf_addsl(&b, to);
		return ret_buf(c, &b);
	}
	for (ssize_t at; (at = sl_find(s, from)) >= 0;) {
		buf_add(&b, s.p, (size_t)at);
		buf_addsl(&b, to);
		s = (struct slice){ s.p + at + from.n, s.n - (size_t)at - from.n };
	}
	buf_addsl(&b, s);
	return ret_buf(c, &b);
}

METHOD(str_replace_all)
{
	return vtl_regex_replace(c, self(c), arg(c, 0), arg(c, 1), true);
}

METHOD(str_replace_first)
{
	return vtl_regex_replace(c, self(c), arg(c, 0), arg(c, 1), false);
}

METHOD(str_matches)
{
	return vtl_regex_matches(c, self(c), arg(c, 0));
}

/* ASCII, Latin-1, Greek and Cyrillic have their cases at fixed distances; further letters stay as they are. */
static uint32_t change_case(uint32_t cp, bool upper)
{
	if (upper) {
		if ((cp >= 'a' && cp <= 'z') || (cp >= 0xe0 && cp <= 0xfe && cp != 0xf7) || (cp >= 0x3b1 && cp <= 0x3c9 && cp != 0x3c2) ||
		    (cp >= 0x430 && cp <= 0x44f))
			return cp - 32;
		if (cp >= 0x450 && cp <= 0x45f)
			return cp - 80;
		return cp == 0xff ? 0x178 : cp >= 0x100 && cp <= 0x17f && cp != 0x131 && cp != 0x138 && cp != 0x149 && cp != 0x17f ?
			       ((cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17e) ? (cp % 2 ? cp : cp - 1) : cp & ~1u) :
			       cp;
	}
	if ((cp >= 'A' && cp <= 'Z') || (cp >= 0xc0 && cp <= 0xde && cp != 0xd7) || (cp >= 0x391 && cp <= 0x3a9 && cp != 0x3a2) ||
	    (cp >= 0x410 && cp <= 0x42f))
		return cp + 32;
	if (cp >= 0x400 && cp <= 0x40f)
		return cp + 80;
	return cp == 0x178 ? 0xff : cp >= 0x100 && cp <= 0x17f && cp != 0x130 && cp != 0x138 && cp != 0x149 && cp != 0x17f ?
		       ((cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17e) ? (cp % 2 ? cp + 1 : cp) : cp | 1) :
		       cp;
}

static enum vtl_called with_case(struct vtl_call *c, bool upper)
{
	struct slice s = self(c);
	struct buf b;
	buf_init(&b, VTL_OUTPUT_MAX);
	for (size_t i = 0; i < s.n;) {
		size_t at = i;
		uint32_t cp = vtl_utf8_next(s, &i), changed = change_case(cp, upper);
		if (upper && cp == 0xdf)
			buf_adds(&b, "SS");
		else if (changed == cp)
			buf_add(&b, s.p + at, i - at);
		else
			vtl_utf8_add(&b, changed);
	}
	return ret_buf(c, &b);
}

METHOD(str_upper)
{
	return with_case(c, true);
}

METHOD(str_lower)
{
	return with_case(c, false);
}

/* String.trim takes everything up to the space. */
METHOD(str_trim)
{
	struct slice s = self(c);
	while (s.n && (uint8_t)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && (uint8_t)s.p[s.n - 1] <= ' ')
		s.n--;
	return ret_str(c, s);
}

METHOD(str_repeat)
{
	struct buf b;
	if (c->args[0].i < 0)
		return vtl_throw(c, "IllegalArgumentException: count is negative");
	buf_init(&b, VTL_OUTPUT_MAX);
	for (int64_t i = 0; i < c->args[0].i && self(c).n && !b.bad; i++)
		buf_addsl(&b, self(c));
	return ret_buf(c, &b);
}

METHOD(str_self)
{
	return vtl_return(c, c->self);
}

METHOD(str_value_of)
{
	return ret_str(c, vtl_text(c->r->arena, c->args[0]));
}

METHOD(str_join)
{
	struct buf b;
	buf_init(&b, VTL_OUTPUT_MAX);
	for (size_t i = 0; i < c->args[1].list->n; i++) {
		if (i)
			buf_addsl(&b, arg(c, 0));
		vtl_print(&b, c->args[1].list->v[i]);
	}
	return ret_buf(c, &b);
}

/* ---- comparison ---- */

/* By UTF-16 units: the difference of the first that differ, else of the lengths. */
static enum vtl_called compare(struct vtl_call *c, struct slice a, struct slice b)
{
	size_t i = 0, k = 0;
	while (i < a.n && k < b.n) {
		uint32_t x = vtl_utf8_next(a, &i), y = vtl_utf8_next(b, &k);
		if (x == y)
			continue;
		uint32_t xu = x < 0x10000 ? x : 0xd800 + ((x - 0x10000) >> 10), yu = y < 0x10000 ? y : 0xd800 + ((y - 0x10000) >> 10);
		if (xu == yu) {
			xu = x & 0x3ff;
			yu = y & 0x3ff;
		}
		return ret_int(c, (int64_t)xu - (int64_t)yu);
	}
	return ret_int(c, (int64_t)vtl_u16_len(a) - (int64_t)vtl_u16_len(b));
}

METHOD(str_compare)
{
	return compare(c, self(c), arg(c, 0));
}

METHOD(str_compare_nocase)
{
	struct slice other = arg(c, 0), mine;
	struct vtl_call lower = { c->r, c->self, NULL, 0, vtl_null() };
	if (with_case(&lower, false) != VTL_CALLED)
		return VTL_THREW;
	mine = lower.out.s;
	lower.self = vtl_str(other);
	if (with_case(&lower, false) != VTL_CALLED)
		return VTL_THREW;
	return compare(c, mine, lower.out.s);
}

static const struct vtl_method methods[] = {
	{ "length", "", str_length },
	{ "isEmpty", "", str_is_empty },
	{ "isBlank", "", str_is_blank },
	{ "equalsIgnoreCase", "o", str_equals_nocase },
	{ "contains", "s", str_contains },
	{ "startsWith", "s", str_starts },
	{ "startsWith", "si", str_starts_at },
	{ "endsWith", "s", str_ends },
	{ "indexOf", "s", str_index },
	{ "indexOf", "si", str_index_from },
	{ "indexOf", "i", str_index_char },
	{ "lastIndexOf", "s", str_last },
	{ "lastIndexOf", "si", str_last_from },
	{ "lastIndexOf", "i", str_last_char },
	{ "substring", "i", str_sub },
	{ "substring", "ii", str_sub_to },
	{ "subSequence", "ii", str_sub_to },
	{ "charAt", "i", str_char_at },
	{ "codePointAt", "i", str_code_at },
	{ "split", "s", str_split },
	{ "split", "si", str_split_limit },
	{ "toCharArray", "", str_chars },
	{ "getBytes", "", str_bytes },
	{ "concat", "s", str_concat },
	{ "replace", "ss", str_replace },
	{ "replaceAll", "ss", str_replace_all },
	{ "replaceFirst", "ss", str_replace_first },
	{ "matches", "s", str_matches },
	{ "toUpperCase", "", str_upper },
	{ "toLowerCase", "", str_lower },
	{ "trim", "", str_trim },
	{ "strip", "", str_trim },
	{ "repeat", "i", str_repeat },
	{ "toString", "", str_self },
	{ "intern", "", str_self },
	{ "valueOf", "o", str_value_of },
	{ "join", "sl", str_join },
	{ "compareTo", "s", str_compare },
	{ "compareToIgnoreCase", "s", str_compare_nocase },
};

enum vtl_called vtl_string_method(struct slice name, struct vtl_call *c)
{
	/* The one with any number of arguments; an array of them isn't unfolded. */
	if (sl_eqs(name, "format") && c->n && c->args[0].type == VTL_STRING)
		return vtl_format(c);
	return vtl_dispatch(methods, ARRAY_LEN(methods), name, c);
}
