#include "java/pattern.h"

#include "java/text.h"

static struct jp_set simple(struct slice inside)
{
	return (struct jp_set){ .text = inside };
}

struct slice jp_text(struct jp *p, struct jp_set a)
{
	return a.whole ? a.text : arena_printf(p->arena, "[%s%.*s]", a.negated ? "^" : "", SL(a.text));
}

static struct jp_set whole(struct slice text)
{
	return (struct jp_set){ .text = text, .whole = true };
}

struct jp_set jp_union(struct jp *p, struct jp_set a, struct jp_set b)
{
	struct slice x, y;
	if (!a.text.p || !b.text.p)
		return a.text.p ? a : b;
	if (!a.whole && !b.whole && !a.negated && !b.negated)
		return simple(arena_printf(p->arena, "%.*s%.*s", SL(a.text), SL(b.text)));
	x = jp_text(p, a);
	y = jp_text(p, b);
	return whole(arena_printf(p->arena, "(?:%.*s|%.*s)", SL(x), SL(y)));
}

static struct jp_set intersection(struct jp *p, struct jp_set a, struct jp_set b)
{
	struct slice x = jp_text(p, a), y = jp_text(p, b);
	return whole(arena_printf(p->arena, "(?:(?=%.*s)%.*s)", SL(x), SL(y)));
}

struct jp_set jp_negate(struct jp *p, struct jp_set a)
{
	if (a.whole)
		return whole(arena_printf(p->arena, "(?:(?!%.*s).)", SL(a.text)));
	a.negated = !a.negated;
	return a;
}

void jp_put(struct buf *b, uint32_t c)
{
	if (c < ' ' || c == 0x7f)
		buf_addf(b, "\\x{%x}", c);
	else if (c < 0x80 && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z') && c != '_' && c != ' ')
		buf_addf(b, "\\%c", (char)c);
	else
		buf_utf8(b, c);
}

static bool is_letter(uint32_t c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static struct slice kept(struct jp *p, struct buf *b)
{
	struct slice out = arena_dup(p->arena, buf_slice(b));
	buf_free(b);
	return out;
}

/* Case is of ASCII alone unless (?u) says otherwise. */
static struct jp_set in_any_case(struct jp *p, struct slice inside)
{
	return whole(arena_printf(p->arena, "(?i:[%.*s])", SL(inside)));
}

struct jp_set jp_char(struct jp *p, uint32_t c)
{
	struct buf b = { 0 };
	struct slice text;
	jp_put(&b, c);
	if (p->flags & JP_NOCASE && !(p->flags & JP_UNICODE_CASE) && is_letter(c))
		jp_put(&b, c ^ 32);
	text = kept(p, &b);
	return p->flags & JP_NOCASE && p->flags & JP_UNICODE_CASE ? in_any_case(p, text) : simple(text);
}

/* The part of from..to that lies in low..high, with the other case. */
static void other_case(struct buf *b, uint32_t from, uint32_t to, uint32_t low, uint32_t high)
{
	from = from > low ? from : low;
	to = to < high ? to : high;
	if (from <= to)
		buf_addf(b, "%c-%c", (char)(from ^ 32), (char)(to ^ 32));
}

static struct jp_set range_of(struct jp *p, uint32_t from, uint32_t to)
{
	struct buf b = { 0 };
	struct slice text;
	/* Halves of pairs aren't characters for PCRE2, and none is in a text. */
	if (from >= 0xd800 && from < 0xe000)
		from = 0xe000;
	if (to >= 0xd800 && to < 0xe000)
		to = 0xd7ff;
	if (from > to)
		return whole(S("(?!)"));
	jp_put(&b, from);
	buf_addc(&b, '-');
	jp_put(&b, to);
	if (p->flags & JP_NOCASE && !(p->flags & JP_UNICODE_CASE)) {
		other_case(&b, from, to, 'a', 'z');
		other_case(&b, from, to, 'A', 'Z');
	}
	text = kept(p, &b);
	return p->flags & JP_NOCASE && p->flags & JP_UNICODE_CASE ? in_any_case(p, text) : simple(text);
}

/* ---- escapes that are one character ---- */

static int32_t hex_number(struct jp *p, size_t digits)
{
	int32_t v = 0;
	for (size_t i = 0; i < digits; i++) {
		int d = p->at < p->s.n ? hex_digit(p->s.p[p->at]) : -1;
		if (d < 0)
			return jp_fail(p, ERR_INVALID, "Illegal %s escape sequence", digits == 4 ? "Unicode" : "hexadecimal");
		v = v * 16 + d;
		p->at++;
	}
	return v;
}

static int32_t escape_u(struct jp *p)
{
	int32_t c = hex_number(p, 4), low;
	size_t at = p->at;
	if (p->rc)
		return c;
	if (utf16_is_high((uint32_t)c) && sl_starts(sl_from(p->s, at), S("\\u"))) {
		p->at += 2;
		low = hex_number(p, 4);
		if (!p->rc && utf16_is_low((uint32_t)low))
			return (int32_t)utf16_join((uint32_t)c, (uint32_t)low);
		p->at = at;
	}
	return c;
}

static int32_t escape_x(struct jp *p)
{
	int32_t v = 0;
	size_t digits = 0;
	if (p->at >= p->s.n || p->s.p[p->at] != '{')
		return hex_number(p, 2);
	for (p->at++; p->at < p->s.n && p->s.p[p->at] != '}'; p->at++, digits++) {
		int d = hex_digit(p->s.p[p->at]);
		if (d < 0)
			return jp_fail(p, ERR_INVALID, "Illegal hexadecimal escape sequence");
		v = v * 16 + d;
		if (v > 0x10ffff)
			return jp_fail(p, ERR_INVALID, "Hexadecimal codepoint is too big");
	}
	if (p->at >= p->s.n || !digits)
		return jp_fail(p, ERR_INVALID, p->at >= p->s.n ? "Unclosed hexadecimal escape sequence" : "Illegal hexadecimal escape sequence");
	p->at++;
	return v;
}

static int octal_at(const struct jp *p)
{
	return p->at < p->s.n && p->s.p[p->at] >= '0' && p->s.p[p->at] <= '7' ? p->s.p[p->at] - '0' : -1;
}

static int32_t escape_octal(struct jp *p)
{
	int first = octal_at(p), next;
	int32_t v = first;
	if (first < 0)
		return jp_fail(p, ERR_INVALID, "Illegal octal escape sequence");
	for (int i = 0; i < 2; i++) {
		p->at++;
		next = octal_at(p);
		if (next < 0 || (i == 1 && first > 3))
			return v;
		v = v * 8 + next;
	}
	p->at++;
	return v;
}

static const struct {
	char letter;
	const char *plain, *unicode; /* insides of a class; ^ in front: turned round */
} predefined[] = {
	{ 'd', "0-9", "\\p{Nd}" },
	{ 'w', "a-zA-Z_0-9", "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200c}\\x{200d}" },
	{ 's', " \\x{9}-\\x{d}", "\\p{White_Space}" },
	{ 'h', "\\h", "\\h" },
	{ 'v', "\\v", "\\v" },
};

static bool predefined_set(const struct jp *p, int32_t c, struct jp_set *out)
{
	for (size_t i = 0; i < ARRAY_LEN(predefined); i++)
		if (predefined[i].letter == (c | 32)) {
			*out = simple(sl(p->flags & JP_UNICODE_CLASS ? predefined[i].unicode : predefined[i].plain));
			out->negated = !(c & 32);
			return true;
		}
	return false;
}

int32_t jp_escape(struct jp *p, bool in_class, bool range, struct jp_set *set)
{
	static const char letters[] = "aefnrt", codes[] = "\x07\x1b\x0c\n\r\t";
	int32_t c = jp_raw(p);
	const char *at;
	if (c == JP_END)
		return jp_fail(p, ERR_INVALID, "Unexpected internal error");
	at = c < 0x80 && c ? strchr(letters, (int)c) : NULL;
	if (at)
		return codes[at - letters];
	if (c == 'v' && range)
		return 0x0b;
	if (c < 0x80 && predefined_set(p, c, set))
		return -2;
	switch (c) {
	case '0':
		return escape_octal(p);
	case 'u':
		return escape_u(p);
	case 'x':
		return escape_x(p);
	case 'c':
		c = jp_raw(p);
		return c == JP_END ? jp_fail(p, ERR_INVALID, "Illegal control escape sequence") : c ^ 64;
	case 'N':
		return jp_fail(p, p->at < p->s.n && p->s.p[p->at] == '{' ? ERR_UNSUPPORTED : ERR_INVALID, "\\N{name}");
	default:
		break;
	}
	if (is_letter((uint32_t)c) || (in_class && c >= '1' && c <= '9'))
		return jp_fail(p, ERR_INVALID, "Illegal/unsupported escape sequence");
	return c;
}

/* ---- [...] ---- */

static struct jp_set range(struct jp *p)
{
	struct jp_set set = { 0 };
	int32_t c = jp_take(p), to;
	if (c == '\\') {
		int32_t next = p->at < p->s.n ? p->s.p[p->at] : 0;
		if (next == 'p' || next == 'P') {
			p->at++;
			return jp_property(p, next == 'P');
		}
		c = jp_escape(p, true, p->at + 1 < p->s.n && p->s.p[p->at + 1] == '-', &set);
		if (c == -2)
			return set;
	}
	if (p->rc || c == JP_END) {
		(void)jp_fail(p, ERR_INVALID, "Unclosed character class");
		return set;
	}
	if (jp_peek(p) != '-' || p->at + 1 >= p->s.n || p->s.p[p->at + 1] == '[' || p->s.p[p->at + 1] == ']')
		return jp_char(p, (uint32_t)c);
	(void)jp_take(p);
	to = jp_take(p);
	if (to == '\\')
		to = jp_escape(p, true, true, &set);
	if (!p->rc && to < c)
		(void)jp_fail(p, ERR_INVALID, "Illegal character range");
	return p->rc ? set : range_of(p, (uint32_t)c, (uint32_t)to);
}

/* Behind "&&". */
static struct jp_set right_side(struct jp *p)
{
	struct jp_set right = { 0 };
	for (int32_t c = jp_peek(p); !p->rc && c != ']' && c != '&'; c = jp_peek(p)) {
		if (c == '[') {
			(void)jp_take(p);
			right = jp_union(p, right, jp_class(p, true));
		} else if (c == JP_END) {
			(void)jp_fail(p, ERR_INVALID, "Unclosed character class");
		} else {
			right = jp_class(p, false);
		}
	}
	return right;
}

struct jp_set jp_class(struct jp *p, bool consume)
{
	struct jp_set set = { 0 }, right;
	bool negated = false;
	if (++p->depth > 100)
		(void)jp_fail(p, ERR_UNSUPPORTED, "a class inside of 100 others");
	if (consume && jp_peek(p) == '^') {
		(void)jp_take(p);
		negated = true;
	}
	while (!p->rc) {
		int32_t c = jp_peek(p);
		if (c == '[') {
			(void)jp_take(p);
			set = jp_union(p, set, jp_class(p, true));
			continue;
		}
		if (c == '&' && p->at + 1 < p->s.n && p->s.p[p->at + 1] == '&') {
			(void)jp_take(p);
			(void)jp_take(p);
			right = right_side(p);
			if (!set.text.p && !right.text.p)
				(void)jp_fail(p, ERR_INVALID, "Bad class syntax");
			else if (right.text.p)
				set = set.text.p ? intersection(p, set, right) : right;
			continue;
		}
		if (c == JP_END)
			(void)jp_fail(p, ERR_INVALID, "Unclosed character class");
		if (c == ']' && set.text.p)
			break;
		if (!p->rc)
			set = jp_union(p, set, range(p));
	}
	p->depth--;
	if (consume && !p->rc)
		(void)jp_take(p);
	return negated && !p->rc ? jp_negate(p, set) : set;
}
