#include "java/pattern.h"

#include "java/text.h"

/* What is written so far of a sequence: usually one text; inside of a look-behind all the texts of fixed length it stands for. */
struct ways {
	struct slice *v;
	size_t n;
};
enum { WAYS_MAX = 300, DEPTH_MAX = 100, BEHIND_MAX = 64 };

int jp_fail(struct jp *p, int kind, const char *fmt, ...)
{
	va_list ap;
	char text[256];
	if (p->rc)
		return p->rc;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return p->rc = err_set(p->err, kind, "%s", text);
}

int32_t jp_raw(struct jp *p)
{
	return p->at < p->s.n ? (int32_t)java_next(p->s, &p->at) : JP_END;
}

int32_t jp_peek(struct jp *p)
{
	size_t at;
	while (p->flags & JP_COMMENTS && p->at < p->s.n) {
		char c = p->s.p[p->at];
		if (c == '#')
			while (p->at < p->s.n && p->s.p[p->at] != '\n' && p->s.p[p->at] != '\r')
				p->at++;
		else if (c == ' ' || (c >= '\t' && c <= '\r'))
			p->at++;
		else
			break;
	}
	at = p->at;
	return at < p->s.n ? (int32_t)java_next(p->s, &at) : JP_END;
}

int32_t jp_take(struct jp *p)
{
	(void)jp_peek(p);
	return jp_raw(p);
}

/* \Q...\E is done with first. */
static struct slice unquoted(struct arena *a, struct slice s)
{
	struct buf b = { 0 };
	struct slice out;
	bool in = false, first = false;
	if (sl_find(s, S("\\Q")) < 0)
		return s;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!in && c == '\\' && i + 1 < s.n) {
			in = first = s.p[++i] == 'Q';
			if (!in)
				buf_add(&b, s.p + i - 1, 2);
		} else if (in && c == '\\' && i + 1 < s.n && s.p[i + 1] == 'E') {
			in = false;
			i++;
		} else if (in && c >= '0' && c <= '9' && first) {
			buf_addf(&b, "\\x3%c", c);
			first = false;
		} else {
			if (in && !(c & 0x80) && !(c >= '0' && c <= '9') && !((c | 32) >= 'a' && (c | 32) <= 'z'))
				buf_addc(&b, '\\');
			buf_addc(&b, c);
			first = false;
		}
	}
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* ---- ways ---- */

static struct ways one_way(struct jp *p, struct slice text)
{
	struct ways w = { arena_alloc(p->arena, sizeof(*w.v)), 1 };
	w.v[0] = text;
	return w;
}

static struct ways product(struct jp *p, struct ways a, struct ways b)
{
	struct ways w = { NULL, a.n * b.n };
	if (w.n > WAYS_MAX) {
		(void)jp_fail(p, ERR_UNSUPPORTED, "a look-behind of so many lengths");
		return a;
	}
	w.v = arena_alloc(p->arena, (w.n + 1) * sizeof(*w.v));
	for (size_t i = 0; i < a.n; i++)
		for (size_t j = 0; j < b.n; j++)
			w.v[i * b.n + j] = arena_printf(p->arena, "%.*s%.*s", SL(a.v[i]), SL(b.v[j]));
	return w;
}

static struct ways sum(struct jp *p, struct ways a, struct ways b)
{
	struct ways w = { arena_alloc(p->arena, (a.n + b.n + 1) * sizeof(*w.v)), 0 };
	if (a.n + b.n > WAYS_MAX)
		(void)jp_fail(p, ERR_UNSUPPORTED, "a look-behind of so many lengths");
	for (size_t i = 0; i < a.n; i++)
		w.v[w.n++] = a.v[i];
	for (size_t i = 0; i < b.n; i++)
		w.v[w.n++] = b.v[i];
	return w;
}

static struct slice joined(struct jp *p, struct ways w)
{
	struct buf b = { 0 };
	struct slice out;
	for (size_t i = 0; i < w.n; i++) {
		if (i)
			buf_addc(&b, '|');
		buf_addsl(&b, w.v[i]);
	}
	out = arena_dup(p->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* ---- parts ---- */

static struct slice dot(const struct jp *p)
{
	return p->flags & JP_DOTALL ? S(".") : p->flags & JP_UNIX_LINES ? S("[^\\n]") : S("[^\\n\\r\\x{85}\\x{2028}\\x{2029}]");
}

static struct slice caret(const struct jp *p)
{
	if (!(p->flags & JP_MULTILINE))
		return S("\\A");
	return p->flags & JP_UNIX_LINES ? S("(?:(?!\\z)(?:\\A|(?<=\\n)))") :
					  S("(?:(?!\\z)(?:\\A|(?<=[\\n\\x{85}\\x{2028}\\x{2029}])|(?<=\\r)(?!\\n)))");
}

static struct slice last_line_end(const struct jp *p)
{
	return p->flags & JP_UNIX_LINES ? S("(?=\\n?\\z)") : S("(?=(?:\\r\\n|(?<!\\r)\\n|[\\r\\x{85}\\x{2028}\\x{2029}])?\\z)");
}

static struct slice dollar(const struct jp *p)
{
	if (!(p->flags & JP_MULTILINE))
		return last_line_end(p);
	return p->flags & JP_UNIX_LINES ? S("(?=\\n|\\z)") : S("(?=(?<!\\r)\\n|[\\r\\x{85}\\x{2028}\\x{2029}]|\\z)");
}

#define WORD "[\\p{L}\\p{Nd}_]"
#define WORD_U "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200c}\\x{200d}]"
static struct slice boundary(const struct jp *p, bool is)
{
	if (p->flags & JP_UNICODE_CLASS)
		return is ? S("(?:(?<=" WORD_U ")(?!" WORD_U ")|(?<!" WORD_U ")(?=" WORD_U "))") :
			    S("(?:(?<=" WORD_U ")(?=" WORD_U ")|(?<!" WORD_U ")(?!" WORD_U "))");
	return is ? S("(?:(?<=" WORD ")(?!" WORD ")|(?<!" WORD ")(?=" WORD "))") : S("(?:(?<=" WORD ")(?=" WORD ")|(?<!" WORD ")(?!" WORD "))");
}

static struct slice reference(struct jp *p, unsigned number)
{
	if (number > p->groups) /* of a group that comes later, or never: nothing matches it */
		return S("(?!)");
	return arena_printf(p->arena, p->flags & JP_NOCASE ? "(?i:\\g{%u})" : "\\g{%u}", number);
}

static struct slice numbered_reference(struct jp *p, unsigned number)
{
	for (int32_t c = jp_peek(p); c >= '0' && c <= '9' && number * 10 + (unsigned)(c - '0') <= p->groups; c = jp_peek(p)) {
		number = number * 10 + (unsigned)(c - '0');
		(void)jp_take(p);
	}
	return reference(p, number);
}

/* A name up to its '>'. */
static struct slice group_name(struct jp *p)
{
	size_t from = p->at;
	for (; p->at < p->s.n; p->at++) {
		char c = p->s.p[p->at];
		bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		if (!letter && (p->at == from || c < '0' || c > '9'))
			break;
	}
	if (p->at == from)
		(void)jp_fail(p, ERR_INVALID, "capturing group name does not start with a Latin letter");
	else if (p->at >= p->s.n || p->s.p[p->at] != '>')
		(void)jp_fail(p, ERR_INVALID, "named capturing group is missing trailing '>'");
	p->at++;
	return sl_of(p->s.p + from, p->rc ? 0 : p->at - 1 - from);
}

static struct slice named_reference(struct jp *p)
{
	struct slice name;
	if (jp_raw(p) != '<') {
		(void)jp_fail(p, ERR_INVALID, "\\k is not followed by '<' for named capturing group");
		return sl(NULL);
	}
	name = group_name(p);
	for (size_t i = 0; !p->rc && i < p->name_n; i++)
		if (sl_eq(p->names[i], name))
			return reference(p, p->numbers[i]);
	(void)jp_fail(p, ERR_INVALID, "named capturing group <%.*s> does not exist", SL(name));
	return sl(NULL);
}

/* Behind "\" outside of a class. */
static struct slice escaped(struct jp *p)
{
	struct jp_set set = { 0 };
	int32_t c = p->at < p->s.n ? p->s.p[p->at] : JP_END;
	if (c > 0 && strchr("ABGRXZbkpPz", c))
		p->at++;
	switch (c) {
	case 'p':
	case 'P':
		return jp_text(p, jp_property(p, c == 'P'));
	case 'A':
		return S("\\A");
	case 'z':
		return S("\\z");
	case 'Z':
		return last_line_end(p);
	case 'G': /* the end of the last match, which isn't where the search begins if that was empty */
		(void)jp_fail(p, ERR_UNSUPPORTED, "\\G");
		break;
	case 'R':
		return S("(?:\\r\\n|[\\n-\\r\\x{85}\\x{2028}\\x{2029}])");
	case 'X':
		return S("\\X");
	case 'k':
		return named_reference(p);
	case 'b':
		if (sl_starts(sl_from(p->s, p->at), S("{g}")))
			(void)jp_fail(p, ERR_UNSUPPORTED, "\\b{g}");
		return boundary(p, true);
	case 'B':
		return boundary(p, false);
	default:
		break;
	}
	if (c >= '1' && c <= '9') {
		p->at++;
		return numbered_reference(p, (unsigned)(c - '0'));
	}
	c = jp_escape(p, false, false, &set);
	if (p->rc)
		return sl(NULL);
	if (c >= 0xd800 && c < 0xe000)
		return S("(?!)"); /* half of a pair: no text holds one */
	return c == -2 ? jp_text(p, set) : jp_text(p, jp_char(p, (uint32_t)c));
}

static struct ways alternatives(struct jp *p, bool behind);

static bool flag_of(int32_t c, unsigned *flag)
{
	static const char letters[] = "idmsuxU";
	static const unsigned flags[] = { JP_NOCASE, JP_UNIX_LINES, JP_MULTILINE, JP_DOTALL, JP_UNICODE_CASE, JP_COMMENTS, JP_UNICODE_CLASS | JP_UNICODE_CASE };
	const char *at = c > 0 && c < 0x80 ? strchr(letters, c) : NULL;
	*flag = at ? flags[at - letters] : 0;
	return at;
}

/* "(?" is behind; the flags, up to ")" or ":". Returns which. */
static int32_t flags(struct jp *p)
{
	bool off = false;
	unsigned flag;
	for (;;) {
		int32_t c = jp_raw(p);
		if (c == ')' || c == ':')
			return c;
		if (c == '-' && !off)
			off = true;
		else if (!flag_of(c, &flag))
			return jp_fail(p, ERR_INVALID, c == JP_END ? "Unknown inline modifier" : "Unknown inline modifier");
		else if (off)
			p->flags &= ~flag;
		else
			p->flags |= flag;
	}
}

static struct ways look_behind(struct jp *p, const char *open)
{
	struct ways inner = alternatives(p, true);
	struct slice text = joined(p, inner);
	return one_way(p, arena_printf(p->arena, "%s%.*s)", open, SL(text)));
}

static struct ways grouped(struct jp *p, const char *open, bool behind)
{
	struct ways inner = alternatives(p, behind);
	struct slice text;
	if (behind && inner.n > 1) {
		if (open[1] != '?' || open[2] != ':')
			(void)jp_fail(p, ERR_UNSUPPORTED, "a look-behind with a group of more than one length");
		return inner;
	}
	text = joined(p, inner);
	return one_way(p, arena_printf(p->arena, "%s%.*s)", open, SL(text)));
}

static struct ways named_group(struct jp *p, bool behind)
{
	struct slice name = group_name(p);
	for (size_t i = 0; !p->rc && i < p->name_n; i++)
		if (sl_eq(p->names[i], name))
			(void)jp_fail(p, ERR_INVALID, "Named capturing group <%.*s> is already defined", SL(name));
	if (p->rc || p->name_n == ARRAY_LEN(p->names) || name.n > 32) {
		(void)jp_fail(p, ERR_UNSUPPORTED, name.n > 32 ? "a group's name of more than 32 letters" : "more than 64 named groups");
		return one_way(p, S(""));
	}
	p->names[p->name_n] = name;
	p->numbers[p->name_n++] = ++p->groups;
	return grouped(p, arena_cstr(p->arena, arena_printf(p->arena, "(?<%.*s>", SL(name))), behind);
}

/* Behind "(?". keep: flags go on behind it. */
static struct ways special_group(struct jp *p, bool behind, bool *keep)
{
	int32_t c = jp_raw(p), next;
	switch (c) {
	case ':':
		return grouped(p, "(?:", behind);
	case '=':
		return grouped(p, "(?=", false);
	case '!':
		return grouped(p, "(?!", false);
	case '>':
		return grouped(p, "(?>", behind);
	case '<':
		next = p->at < p->s.n ? p->s.p[p->at] : 0;
		if (next != '=' && next != '!')
			return named_group(p, behind);
		p->at++;
		return look_behind(p, next == '=' ? "(?<=" : "(?<!");
	case JP_END:
	case '$':
	case '@':
		(void)jp_fail(p, ERR_INVALID, "Unknown group type");
		return one_way(p, S(""));
	default:
		break;
	}
	p->at--; /* a flag is one byte; what isn't is refused there */
	if (c >= 0x80)
		(void)jp_fail(p, ERR_INVALID, "Unknown inline modifier");
	else if (flags(p) == ':')
		return grouped(p, "(?:", behind);
	*keep = true;
	return one_way(p, S(""));
}

static struct ways group(struct jp *p, bool behind, bool *keep)
{
	unsigned before = p->flags;
	struct ways out;
	if (++p->depth > DEPTH_MAX)
		(void)jp_fail(p, ERR_UNSUPPORTED, "more than %d groups inside of each other", DEPTH_MAX);
	if (p->at < p->s.n && p->s.p[p->at] == '?') {
		p->at++;
		out = p->rc ? one_way(p, S("")) : special_group(p, behind, keep);
	} else {
		p->groups++;
		out = p->rc ? one_way(p, S("")) : grouped(p, "(", behind);
	}
	p->depth--;
	if (*keep || p->rc)
		return out;
	p->flags = before;
	if (jp_take(p) != ')')
		(void)jp_fail(p, ERR_INVALID, "Unclosed group");
	return out;
}

/* ---- quantifiers ---- */

struct times {
	bool there;
	unsigned min, max; /* max 0 with there: any number */
	bool any;
	char how;          /* '?', '+', 0 */
};

static unsigned number(struct jp *p)
{
	unsigned v = 0;
	while (p->at < p->s.n && p->s.p[p->at] >= '0' && p->s.p[p->at] <= '9') {
		v = v * 10 + (unsigned)(p->s.p[p->at++] - '0');
		if (v > 65535) {
			(void)jp_fail(p, ERR_UNSUPPORTED, "a repetition of more than 65535 times");
			return 0;
		}
	}
	return v;
}

static void braces(struct jp *p, struct times *t)
{
	p->at++;
	if (p->at >= p->s.n || p->s.p[p->at] < '0' || p->s.p[p->at] > '9') {
		(void)jp_fail(p, ERR_INVALID, "Illegal repetition");
		return;
	}
	t->min = t->max = number(p);
	if (p->at < p->s.n && p->s.p[p->at] == ',') {
		p->at++;
		t->any = p->at < p->s.n && p->s.p[p->at] == '}';
		t->max = t->any ? 0 : number(p);
	}
	if (p->at >= p->s.n || p->s.p[p->at] != '}')
		(void)jp_fail(p, ERR_INVALID, "Unclosed counted closure");
	else if (!t->any && t->max < t->min)
		(void)jp_fail(p, ERR_INVALID, "Illegal repetition range");
	p->at++;
}

static struct times quantifier(struct jp *p)
{
	int32_t c = jp_peek(p);
	struct times t = { .there = c == '*' || c == '+' || c == '?' || c == '{' };
	if (!t.there)
		return t;
	if (c == '{') {
		braces(p, &t);
	} else {
		p->at++;
		t.min = c == '+';
		t.any = c != '?';
		t.max = c == '?';
	}
	c = jp_peek(p);
	if (!p->rc && (c == '?' || c == '+')) {
		t.how = (char)c;
		p->at++;
	}
	return t;
}

static struct slice repeated(struct jp *p, struct slice atom, struct times t)
{
	if (!atom.n)
		return atom;
	/* An assertion, or what came of several characters, is one thing to repeat. */
	if (atom.n > 1 && !((atom.p[0] == '(' || atom.p[0] == '[') && atom.p[0] != '\\'))
		atom = arena_printf(p->arena, "(?:%.*s)", SL(atom));
	if (t.any && t.min < 2)
		return arena_printf(p->arena, "%.*s%c%.1s", SL(atom), t.min ? '+' : '*', &t.how);
	if (t.any)
		return arena_printf(p->arena, "%.*s{%u,}%.1s", SL(atom), t.min, &t.how);
	if (t.min == 0 && t.max == 1)
		return arena_printf(p->arena, "%.*s?%.1s", SL(atom), &t.how);
	return arena_printf(p->arena, "%.*s{%u,%u}%.1s", SL(atom), t.min, t.max, &t.how);
}

/* In a look-behind: every number of times is a way. first: nothing stands before it, so as few as there must be are enough. */
static struct ways repeated_behind(struct jp *p, struct ways atom, struct times t, bool first)
{
	struct ways power = one_way(p, S("")), out = { 0 };
	if (t.any && !first)
		(void)jp_fail(p, ERR_UNSUPPORTED, "a look-behind without a greatest length");
	if (t.any || (first && atom.n == 1))
		t.max = t.min;
	if (t.max > BEHIND_MAX && atom.n == 1 && t.max == t.min)
		return one_way(p, repeated(p, atom.v[0], t));
	if (t.max > BEHIND_MAX)
		(void)jp_fail(p, ERR_UNSUPPORTED, "a look-behind of more than %d lengths", BEHIND_MAX);
	for (unsigned i = 0; i <= t.max && !p->rc; i++) {
		if (i >= t.min)
			out = sum(p, out, power);
		if (i < t.max)
			power = product(p, power, atom);
	}
	return out;
}

/* One thing, without what repeats it. */
static struct ways atom(struct jp *p, bool behind, bool *keep)
{
	int32_t c = jp_take(p);
	switch (c) {
	case '(':
		return group(p, behind, keep);
	case '[':
		return one_way(p, jp_text(p, jp_class(p, true)));
	case '\\':
		return one_way(p, escaped(p));
	case '^':
		return one_way(p, caret(p));
	case '$':
		return one_way(p, dollar(p));
	case '.':
		return one_way(p, dot(p));
	case '*':
	case '+':
	case '?':
		(void)jp_fail(p, ERR_INVALID, "Dangling meta character '%c'", (char)c);
		break;
	case '{': /* nothing, so many times */
		p->at--;
		break;
	default: {
		struct jp_set set = jp_char(p, (uint32_t)c);
		/* "[a]" is written "a", so that texts stay texts. */
		bool one = !set.whole && !(p->flags & JP_NOCASE);
		return one_way(p, one ? set.text : jp_text(p, set));
	}
	}
	return one_way(p, S(""));
}

static struct ways sequence(struct jp *p, bool behind)
{
	struct ways all = one_way(p, S(""));
	struct buf plain = { 0 };
	bool first = true;
	for (int32_t c = jp_peek(p); !p->rc && c != JP_END && c != '|' && c != ')'; c = jp_peek(p)) {
		bool keep = false;
		struct ways a = atom(p, behind, &keep);
		struct times t = p->rc || keep ? (struct times){ 0 } : quantifier(p);
		if (p->rc)
			break;
		if (!behind) {
			buf_addsl(&plain, t.there ? repeated(p, a.v[0], t) : a.v[0]);
			continue;
		}
		if (t.there)
			a = repeated_behind(p, a, t, first);
		all = product(p, all, a);
		first = false;
	}
	if (!behind)
		all.v[0] = arena_dup(p->arena, buf_slice(&plain));
	buf_free(&plain);
	return all;
}

static struct ways alternatives(struct jp *p, bool behind)
{
	struct ways all = sequence(p, behind);
	struct buf plain = { 0 };
	if (p->rc || jp_peek(p) != '|')
		return all;
	if (!behind)
		buf_addsl(&plain, all.v[0]);
	while (!p->rc && jp_peek(p) == '|') {
		struct ways next;
		(void)jp_take(p);
		next = sequence(p, behind);
		if (behind) {
			all = sum(p, all, next);
		} else {
			buf_addc(&plain, '|');
			buf_addsl(&plain, next.v[0]);
		}
	}
	if (!behind)
		all.v[0] = arena_dup(p->arena, buf_slice(&plain));
	buf_free(&plain);
	return all;
}

int java_pattern(struct buf *out, struct slice pattern, bool nocase, unsigned *groups, struct error *err)
{
	struct arena arena = { 0 };
	struct jp p = { .arena = &arena, .flags = nocase ? JP_NOCASE : 0, .err = err };
	struct ways all;
	p.s = unquoted(&arena, pattern);
	all = alternatives(&p, false);
	if (!p.rc && jp_peek(&p) == ')')
		(void)jp_fail(&p, ERR_INVALID, "Unmatched closing ')'");
	if (!p.rc)
		buf_addsl(out, all.v[0]);
	*groups = p.groups;
	arena_free(&arena);
	return p.rc;
}
