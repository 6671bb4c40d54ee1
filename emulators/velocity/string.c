/* java.lang.String. Positions are UTF-16 units, as Java counts. */
#include "velocity/run.h"

static struct slice self(const struct vtl_call *c)
{
	return c->self.s;
}

static struct slice arg(const struct vtl_call *c, size_t i)
{
	return c->args[i].s;
}

METHOD_IS(str_length, vtl_return_int(c, (int64_t)java_length(self(c))))
METHOD_IS(str_is_empty, vtl_return_bool(c, self(c).n == 0))
METHOD_IS(str_is_blank, vtl_return_bool(c, sl_trim(self(c)).n == 0))
METHOD_IS(str_equals_nocase, vtl_return_bool(c, c->args[0].type == VTL_STRING && sl_eq_nocase(self(c), arg(c, 0))))
METHOD_IS(str_contains, vtl_return_bool(c, sl_find(self(c), arg(c, 0)) >= 0))
METHOD_IS(str_starts, vtl_return_bool(c, sl_starts(self(c), arg(c, 0))))

METHOD(str_starts_at)
{
	int64_t at = c->args[1].i;
	struct slice s = self(c);
	if (at < 0 || at > (int64_t)java_length(s))
		return vtl_return_bool(c, false);
	size_t skip = java_offset(s, (size_t)at);
	return vtl_return_bool(c, sl_starts(sl_from(s, skip), arg(c, 0)));
}

METHOD_IS(str_ends, vtl_return_bool(c, sl_ends(self(c), arg(c, 0))))

/* ---- searching ---- */

static enum vtl_called find_from(struct vtl_call *c, struct slice needle, int64_t from)
{
	struct slice s = self(c);
	int64_t length = (int64_t)java_length(s);
	size_t skip = java_offset(s, from < 0 ? 0 : from > length ? (size_t)length : (size_t)from);
	ssize_t at = sl_find(sl_from(s, skip), needle);
	return vtl_return_int(c, at < 0 ? -1 : (int64_t)java_index(s, skip + (size_t)at));
}

static enum vtl_called find_last(struct vtl_call *c, struct slice needle, int64_t from)
{
	struct slice s = self(c);
	size_t at = from < 0 || needle.n > s.n ? 0 : java_offset(s, (size_t)from) + 1;
	if (needle.n <= s.n && at > s.n - needle.n + 1)
		at = s.n - needle.n + 1;
	while (at-- > 0) {
		if (memcmp(s.p + at, needle.p, needle.n) == 0)
			return vtl_return_int(c, (int64_t)java_index(s, at));
		if (needle.n && s.p[at] == needle.p[0] && !vtl_spend(1 + needle.n / 64))
			break;
	}
	return vtl_return_int(c, -1);
}

static struct slice char_text(struct vtl_call *c, struct vtl_value v)
{
	char text[4];
	return arena_dup(c->r->arena, sl_of(text, utf8_put(text, (uint32_t)v.i & 0x1fffff)));
}

METHOD_IS(str_index, find_from(c, arg(c, 0), 0))
METHOD_IS(str_index_from, find_from(c, arg(c, 0), c->args[1].i))
METHOD_IS(str_index_char, find_from(c, char_text(c, c->args[0]), 0))
METHOD_IS(str_last, find_last(c, arg(c, 0), INT32_MAX))
METHOD_IS(str_last_from, find_last(c, arg(c, 0), c->args[1].i))
METHOD_IS(str_last_char, find_last(c, char_text(c, c->args[0]), INT32_MAX))

/* ---- parts ---- */

static enum vtl_called part(struct vtl_call *c, int64_t from, int64_t to)
{
	int64_t length = (int64_t)java_length(self(c));
	if (from < 0 || to > length || from > to)
		return vtl_throw(c, "StringIndexOutOfBoundsException: begin %lld, end %lld, length %lld", (long long)from,
				 (long long)to, (long long)length);
	return vtl_return_str(c, java_substring(c->r->arena, self(c), (size_t)from, (size_t)to));
}

METHOD_IS(str_sub, part(c, c->args[0].i, (int64_t)java_length(self(c))))
METHOD_IS(str_sub_to, part(c, c->args[0].i, c->args[1].i))
METHOD_IS(str_char_at, part(c, c->args[0].i, c->args[0].i + 1))

METHOD(str_code_at)
{
	size_t i = 0;
	if (part(c, c->args[0].i, c->args[0].i + 1) != VTL_CALLED)
		return VTL_THREW;
	i = java_offset(self(c), (size_t)c->args[0].i);
	return vtl_return_int(c, java_next(self(c), &i));
}

static enum vtl_called bad_pattern(struct vtl_call *c, struct java_regex *x, const struct error *err)
{
	java_regex_free(x);
	return vtl_throw(c, "%s", err->text);
}

static int open_pattern(struct vtl_call *c, struct java_regex *x, unsigned flags, struct error *err)
{
	int rc = java_regex_open(x, c->r->arena, arg(c, 0), flags, err);
	(void)vtl_spend(x->cost / 16);
	return rc;
}

/* Counts what a search costs. */
static bool search(struct vtl_call *c, struct java_regex *x, size_t from)
{
	size_t before = x->cost;
	int found = vtl_find(x, self(c), from);
	vtl_charge(c->r, x->cost - before);
	return found < 0 ? vtl_run_fail(c->r, ERR_LIMIT, "a regular expression takes too long") : found;
}

/* No empty piece before a zero-width match at the start; trailing empty ones go when limit is 0. */
static enum vtl_called split(struct vtl_call *c, int64_t limit)
{
	struct vtl_list *l = vtl_list_new(c->r->arena, VTL_FIXED, 0);
	struct slice s = self(c);
	struct java_regex x;
	struct error err;
	size_t from = 0, piece = 0;
	if (open_pattern(c, &x, 0, &err))
		return bad_pattern(c, &x, &err);
	while (from <= s.n && (limit <= 0 || (int64_t)l->n < limit - 1) && vtl_step(c->r) && search(c, &x, from)) {
		size_t start = x.found[0], end = x.found[1];
		if (start > end || start < piece)
			break;
		from = java_regex_behind(&x, s);
		if (end == 0)
			continue;
		if (start == end && start == s.n)
			break;
		vtl_list_add(l, vtl_str(sl_of(s.p + piece, start - piece)));
		piece = end;
	}
	java_regex_free(&x);
	vtl_list_add(l, vtl_str(sl_from(s, piece)));
	while (limit == 0 && l->n > 1 && !l->v[l->n - 1].s.n)
		l->n--;
	/* All pieces empty: "," split by "," is an empty array, "" split by anything is [""]. */
	if (limit == 0 && l->n == 1 && !l->v[0].s.n && s.n)
		l->n = 0;
	return c->r->status ? VTL_THREW : vtl_return(c, vtl_of_list(l));
}

METHOD_IS(str_split, split(c, 0))
METHOD_IS(str_split_limit, split(c, c->args[1].i))

METHOD(str_chars)
{
	struct vtl_list *l = vtl_list_new(c->r->arena, VTL_FIXED, 0);
	struct slice s = self(c), one;
	for (size_t i = 0, at; i < s.n && vtl_step(c->r);) {
		at = i;
		bool pair = java_next(s, &i) >= 0x10000;
		one = sl_of(s.p + at, i - at);
		for (size_t k = 0; k < 1u + pair; k++)
			vtl_list_add(l, vtl_str(pair ? java_substring(c->r->arena, one, k, k + 1) : one));
	}
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
	struct buf b = { .max = c->r->string_max };
	buf_addsl(&b, self(c));
	buf_addsl(&b, arg(c, 0));
	return vtl_return_buf(c, &b);
}

METHOD(str_replace)
{
	struct slice s = self(c), from = arg(c, 0), to = arg(c, 1);
	struct buf b = { .max = c->r->string_max };
	if (!from.n) {
		/* "" is before each character and at the end. */
		for (size_t i = 0, at = 0; i < s.n && !b.bad; at = i) {
			buf_addsl(&b, to);
			java_next(s, &i);
			buf_add(&b, s.p + at, i - at);
		}
		buf_addsl(&b, to);
		return vtl_return_buf(c, &b);
	}
	for (ssize_t at; !b.bad && (at = sl_find(s, from)) >= 0;) {
		buf_add(&b, s.p, (size_t)at);
		buf_addsl(&b, to);
		s = sl_of(s.p + at + from.n, s.n - (size_t)at - from.n);
	}
	buf_addsl(&b, s);
	return vtl_return_buf(c, &b);
}

static enum vtl_called replace(struct vtl_call *c, bool all)
{
	struct slice s = self(c);
	struct buf out = { .max = c->r->string_max };
	struct java_regex x;
	struct error err;
	size_t from = 0, copied = 0;
	if (open_pattern(c, &x, 0, &err))
		return bad_pattern(c, &x, &err);
	while (from <= s.n && !out.bad && vtl_step(c->r) && search(c, &x, from)) {
		size_t start = x.found[0], end = x.found[1];
		if (start > end || start < copied)
			break;
		(void)vtl_spend(arg(c, 1).n / 4);
		buf_add(&out, s.p + copied, start - copied);
		if (java_regex_replacement(&x, s, arg(c, 1), &out, &err)) {
			buf_free(&out);
			return bad_pattern(c, &x, &err);
		}
		copied = end;
		if (!all)
			break;
		from = java_regex_behind(&x, s);
	}
	java_regex_free(&x);
	buf_addsl(&out, sl_from(s, copied));
	if (out.bad)
		vtl_too_long(c->r);
	(void)vtl_return_buf(c, &out);
	return c->r->status ? VTL_THREW : VTL_CALLED;
}

METHOD_IS(str_replace_all, replace(c, true))
METHOD_IS(str_replace_first, replace(c, false))

METHOD(str_matches)
{
	struct java_regex x;
	struct error err;
	bool found;
	if (open_pattern(c, &x, JAVA_REGEX_WHOLE, &err))
		return bad_pattern(c, &x, &err);
	found = search(c, &x, 0);
	java_regex_free(&x);
	return c->r->status ? VTL_THREW : vtl_return_bool(c, found);
}

/* Lower-case letters whose upper ones stand less before them, each step-th from first on; further letters stay as they
 * are. */
static const struct {
	uint16_t first, last, less, step;
} cases[] = {
	{ 'a', 'z', 32, 1 }, { 0xe0, 0xf6, 32, 1 }, { 0xf8, 0xfe, 32, 1 }, { 0x101, 0x12f, 1, 2 },
	{ 0x133, 0x137, 1, 2 }, { 0x13a, 0x148, 1, 2 }, { 0x14b, 0x177, 1, 2 }, { 0x17a, 0x17e, 1, 2 },
	{ 0x3b1, 0x3c1, 32, 1 }, { 0x3c3, 0x3c9, 32, 1 }, { 0x430, 0x44f, 32, 1 }, { 0x450, 0x45f, 80, 1 },
};

static uint32_t change_case(uint32_t cp, bool upper)
{
	if (cp == 0xff || cp == 0x178)
		return upper ? 0x178 : 0xff;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t lower = upper ? cp : cp + cases[i].less;
		if (lower >= cases[i].first && lower <= cases[i].last && (lower - cases[i].first) % cases[i].step == 0)
			return upper ? cp - cases[i].less : lower;
	}
	return cp;
}

static enum vtl_called with_case(struct vtl_call *c, bool upper)
{
	struct slice s = self(c);
	struct buf b = { .max = c->r->string_max };
	for (size_t i = 0; i < s.n;) {
		size_t at = i;
		uint32_t cp = java_next(s, &i), changed = change_case(cp, upper);
		if (upper && cp == 0xdf)
			buf_adds(&b, "SS");
		else if (changed == cp)
			buf_add(&b, s.p + at, i - at);
		else
			buf_utf8(&b, changed);
	}
	return vtl_return_buf(c, &b);
}

METHOD_IS(str_upper, with_case(c, true))
METHOD_IS(str_lower, with_case(c, false))

/* String.trim takes everything up to the space. */
METHOD(str_trim)
{
	struct slice s = self(c);
	while (s.n && (uint8_t)s.p[0] <= ' ') {
		s = sl_from(s, 1);
	}
	while (s.n && (uint8_t)s.p[s.n - 1] <= ' ')
		s.n--;
	return vtl_return_str(c, s);
}

METHOD(str_repeat)
{
	struct buf b = { .max = c->r->string_max };
	if (c->args[0].i < 0)
		return vtl_throw(c, "IllegalArgumentException: count is negative");
	if (self(c).n && (uint64_t)c->args[0].i > c->r->string_max / self(c).n)
		return vtl_too_long(c->r) ? VTL_CALLED : VTL_THREW;
	(void)vtl_spend(self(c).n ? (size_t)c->args[0].i : 0);
	for (int64_t i = 0; i < c->args[0].i && self(c).n; i++)
		buf_addsl(&b, self(c));
	return vtl_return_buf(c, &b);
}

METHOD_IS(str_self, vtl_return(c, c->self))
METHOD_IS(str_value_of, vtl_return_str(c, vtl_text(c->r->arena, c->args[0])))

METHOD(str_join)
{
	struct buf b = { .max = c->r->string_max };
	for (size_t i = 0; i < c->args[1].list->n; i++) {
		if (i)
			buf_addsl(&b, arg(c, 0));
		vtl_print(&b, c->args[1].list->v[i]);
	}
	return vtl_return_buf(c, &b);
}

/* ---- comparison ---- */

/* By UTF-16 units: the difference of the first that differ, else of the lengths. */
static enum vtl_called compare(struct vtl_call *c, struct slice a, struct slice b)
{
	size_t i = 0, k = 0;
	while (i < a.n && k < b.n) {
		uint32_t x = java_next(a, &i), y = java_next(b, &k);
		if (x == y)
			continue;
		uint32_t xu = x < 0x10000 ? x : utf16_high(x), yu = y < 0x10000 ? y : utf16_high(y);
		if (xu == yu) {
			xu = x & 0x3ff;
			yu = y & 0x3ff;
		}
		return vtl_return_int(c, (int64_t)xu - (int64_t)yu);
	}
	return vtl_return_int(c, (int64_t)java_length(a) - (int64_t)java_length(b));
}

METHOD_IS(str_compare, compare(c, self(c), arg(c, 0)))

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
	enum vtl_called called;
	/* The one with any number of arguments; an array of them isn't unfolded. */
	if (sl_eqs(name, "format") && c->n && c->args[0].type == VTL_STRING)
		return vtl_format(c);
	called = vtl_dispatch(methods, ARRAY_LEN(methods), name, c);
	return called == VTL_NO_METHOD && c->n == 1 && sl_eqs(name, "compareTo") ? vtl_bad_cast(c) : called;
}
