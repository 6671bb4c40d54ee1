/* to_number, try_to_number, to_char: numbers by a format of 0 9 . D , G $ S MI PR. */
#include "functions/kernel.h"
#include "spark/decimal.h"

enum { DIGITS_MAX = 38 };
/* A format, read once: its pieces in order. sign: 'S', 'M' (MI), 'P' (PR), 0. */
struct format {
	char pieces[2 * DIGITS_MAX + 8]; /* digits, '.', ',', '$', 'S', 'M', '<', '>' */
	size_t n;
	int whole, places;      /* digits before and behind the point */
	int groups[DIGITS_MAX]; /* digits between separators, the first first */
	int group_n, required;  /* required: digits before the point from the first 0 on */
	bool dollar, null;
	char sign;
	bool sign_first;
	struct slice text;
};

/* ---- reading a format ---- */

static bool bad(struct sp_resolve *x, const char *sub, struct slice s, const char *why)
{
	char class[64];
	snprintf(class, sizeof(class), "INVALID_FORMAT.%s", sub);
	sp_fail(x->err, SP_E_ANALYSIS, class, "42601", "The format is invalid: '%.*s'. %s", SL(s), why);
	sp_fail_at(x->err, x->e->from, x->e->to);
	return false;
}

static bool unexpected(struct sp_resolve *x, struct slice s, const char *what)
{
	char why[256];
	snprintf(why, sizeof(why),
		 "Found the unexpected %s in the format string; the structure of the format string must match: `[MI|S]` `[$]` `[0|9|G|,]*` "
		 "`[.|D]` `[0|9]*` `[$]` `[PR|MI|S]`.",
		 what);
	return bad(x, "UNEXPECTED_TOKEN", s, why);
}

/* The pieces, letters in either case; '<' stands for PR until its place is known. */
static bool split(struct sp_resolve *x, struct slice s, struct format *f)
{
	size_t i;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i], next = i + 1 < s.n ? (char)(s.p[i + 1] & ~32) : 0;
		char what[40];
		c = c == 'D' ? '.' : c == 'G' ? ',' : c;
		if (c == 'M' && next == 'I')
			i++;
		else if (c == 'P' && next == 'R')
			i++;
		else if (!strchr("09.,$S", c) || !c) {
			snprintf(what, sizeof(what), "character '%c''", s.p[i]);
			return unexpected(x, s, what);
		}
		if (f->n == sizeof(f->pieces) - 2)
			return unexpected(x, s, "length");
		f->pieces[f->n++] = c;
	}
	return true;
}

static int count(const struct format *f, const char *which)
{
	int n = 0;
	size_t i;
	for (i = 0; i < f->n; i++)
		n += strchr(which, f->pieces[i]) != NULL;
	return n;
}

static bool check(struct sp_resolve *x, struct slice s, const struct format *f)
{
	size_t i;
	bool point = false;
	if (count(f, "09") == 0)
		return bad(x, "WRONG_NUM_DIGIT", s, "The format string requires at least one number digit.");
	if (count(f, ".") > 1)
		return bad(x, "WRONG_NUM_TOKEN", s, "At most one . or D is allowed in the number format.");
	if (count(f, "$") > 1)
		return bad(x, "WRONG_NUM_TOKEN", s, "At most one $ is allowed in the number format.");
	if (count(f, "S") > 1)
		return bad(x, "WRONG_NUM_TOKEN", s, "At most one S is allowed in the number format.");
	for (i = 0; i < f->n; i++) {
		point |= f->pieces[i] == '.';
		if (f->pieces[i] == ',' && point)
			return bad(x, "THOUSANDS_SEPS_MUST_BEFORE_DEC", s,
				   "Thousands separators (, or G) may not appear after the decimal point in the number format.");
	}
	for (i = 0; i < f->n; i++)
		if (f->pieces[i] == ',' && (i == 0 || i + 1 == f->n || !strchr("09", f->pieces[i - 1]) || !strchr("09", f->pieces[i + 1])))
			return bad(x, "CONT_THOUSANDS_SEPS", s, "Thousands separators (, or G) must have digits in between them in the number format.");
	/* Signs and $ stand at the ends. */
	i = f->pieces[0] == 'S' || f->pieces[0] == 'M';
	i += i < f->n && f->pieces[i] == '$';
	while (i < f->n && strchr("09,.", f->pieces[i]))
		i++;
	i += i < f->n && f->pieces[i] == '$';
	i += i < f->n && strchr("SMP", f->pieces[i]);
	return i == f->n ? true : unexpected(x, s, strchr("09,.", f->pieces[i]) ? "digit sequence" : "token");
}

static bool read_format(struct sp_resolve *x, struct slice s, struct format *f)
{
	bool point = false;
	size_t i;
	f->text = arena_dup(x->arena, s);
	if (!s.n)
		return bad(x, "EMPTY", s, "The number format string cannot be empty.");
	if (!split(x, s, f) || !check(x, s, f))
		return false;
	f->group_n = 1;
	for (i = 0; i < f->n; i++) {
		char c = f->pieces[i];
		if (c == '.') {
			point = true;
		} else if (c == ',') {
			f->group_n++;
		} else if (c == '$') {
			f->dollar = true;
		} else if (c != '0' && c != '9') {
			f->sign = c;
			f->sign_first = i == 0;
		} else if (point) {
			f->places++;
		} else {
			f->whole++;
			f->groups[f->group_n - 1]++;
			f->required += f->required || c == '0';
		}
	}
	if (f->whole + f->places > DIGITS_MAX)
		return unexpected(x, s, "length");
	return true;
}

static struct format *format_of(struct sp_resolve *x)
{
	struct format *f = arena_alloc(x->arena, sizeof(*f));
	struct sp_value v;
	if (sp_resolve_const(x, 1, &v))
		return NULL;
	f->null = v.null;
	if (!v.null && !read_format(x, v.s, f))
		return NULL;
	x->e->given = f;
	return f;
}

/* ---- text to number ---- */

static bool take(struct slice *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = sl_from(*s, 1);
	return true;
}

static bool take_last(struct slice *s, char c)
{
	if (!s->n || s->p[s->n - 1] != c)
		return false;
	s->n--;
	return true;
}

/* Digits before the point, with separators where the format has them. */
static bool whole_part(const struct format *f, struct slice s, char *out, size_t *n)
{
	struct slice groups[DIGITS_MAX], rest = s;
	int found = 0, i;
	size_t k;
	while (rest.p && found < DIGITS_MAX)
		sl_cut(rest, ',', &groups[found++], &rest);
	if (found > f->group_n || rest.p)
		return false;
	for (i = 0; i < found; i++) {
		size_t want = (size_t)f->groups[f->group_n - found + i];
		if (i ? groups[i].n != want : groups[i].n > want)
			return false;
		for (k = 0; k < groups[i].n; k++) {
			if (groups[i].p[k] < '0' || groups[i].p[k] > '9')
				return false;
			out[(*n)++] = groups[i].p[k];
		}
	}
	return (int)*n >= f->required;
}

static bool parse(const struct format *f, struct slice s, __int128 *out)
{
	char digits[2 * DIGITS_MAX];
	struct slice whole, part;
	size_t n = 0, i;
	bool neg = false;
	s = sl_trim(s);
	if (f->sign == 'P')
		neg = take(&s, '<') && take_last(&s, '>');
	else if (f->sign && f->sign_first)
		neg = take(&s, '-') || (f->sign == 'S' && take(&s, '+') && false);
	else if (f->sign)
		neg = take_last(&s, '-') || (f->sign == 'S' && take_last(&s, '+') && false);
	if (f->dollar && !take(&s, '$') && !take_last(&s, '$'))
		return false;
	sl_cut(s, '.', &whole, &part);
	if (!s.n || !whole_part(f, whole, digits, &n) || (part.p && (int)part.n > f->places))
		return false;
	if (n + part.n == 0)
		return false;
	for (i = 0; i < (size_t)f->places; i++) {
		char c = i < part.n ? part.p[i] : '0';
		if (c < '0' || c > '9')
			return false;
		digits[n++] = c;
	}
	for (*out = 0, i = 0; i < n; i++)
		*out = *out * 10 + (digits[i] - '0');
	*out = neg ? -*out : *out;
	return true;
}

static int to_number(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	const struct format *f = c->e->given;
	__int128 v;
	if (f->null || !parse(f, args[0].s, &v)) {
		out->null = true;
		if (f->null || c->e->fn->name[1] == 'r') /* try_ */
			return 0;
		return sp_fn_fail(c, "INVALID_FORMAT.MISMATCH_INPUT", "42601", "org.apache.spark.SparkIllegalArgumentException",
				  "The format is invalid: %.*s. The input \"STRING\" %.*s does not match the format.", SL(f->text), SL(args[0].s));
	}
	out->x = sp_narrow(v);
	return 0;
}

static const struct sp_type *type_number(struct sp_resolve *x)
{
	const struct format *f = format_of(x);
	return !f ? NULL : f->null ? &sp_types[SP_DECIMAL] : sp_decimal(x->arena, f->whole + f->places, f->places);
}

/* ---- number to text ---- */

/* A sign goes before the blanks at the end. */
static void add_sign(struct buf *b, char c)
{
	size_t at = b->n, i;
	while (at && b->p[at - 1] == ' ')
		at--;
	buf_addc(b, ' ');
	for (i = b->n - 1; i > at; i--)
		b->p[i] = b->p[i - 1];
	b->p[at] = c;
}

static void add_digit(struct buf *b, char c)
{
	buf_addc(b, c);
	if (c == ' ' && b->n > 1 && strchr("+-<", b->p[b->n - 2])) { /* signs at the front move up to the number */
		b->p[b->n - 1] = b->p[b->n - 2];
		b->p[b->n - 2] = ' ';
	}
}

static void lone_point(struct buf *b)
{
	if (b->n && b->p[b->n - 1] == '.')
		b->p[b->n - 1] = ' ';
}

static void end_sign(struct buf *b, char sign, bool neg)
{
	if (sign == 'P') {
		lone_point(b);
		if (neg)
			add_sign(b, '>');
		else
			buf_adds(b, "  ");
	} else if (sign == 'S' || neg) {
		lone_point(b);
		add_sign(b, neg ? '-' : '+');
	} else {
		buf_addc(b, ' ');
	}
}

static void print(struct buf *b, const struct format *f, struct slice whole, struct slice part, bool neg)
{
	const bool over = (int)whole.n > f->whole || (int)part.n > f->places;
	int at = f->whole, place = 0;
	bool point = false;
	size_t i;
	if (f->sign == 'P' && neg)
		buf_addc(b, '<');
	for (i = 0; i < f->n; i++) {
		char c = f->pieces[i], last = b->n ? b->p[b->n - 1] : 0;
		if (c == '0' || c == '9') {
			char d = point ? (place < (int)part.n ? part.p[place] : '0') : at > (int)whole.n ? ' ' : whole.p[(int)whole.n - at];
			place += point;
			at -= !point;
			add_digit(b, over ? '#' : d == ' ' && c == '0' ? '0' : d);
		} else if (c == '.') {
			if (last == ' ')
				b->p[b->n - 1] = '0';
			buf_addc(b, '.');
			point = true;
		} else if (c == ',') {
			if (last >= '0' && last <= '9')
				buf_addc(b, ',');
			else
				add_digit(b, ' ');
		} else if (c == '$') {
			buf_addc(b, '$');
		} else {
			end_sign(b, c, neg);
		}
	}
	lone_point(b);
	if (b->n == 0 || (b->n == 1 && strchr("+-", b->p[0]))) {
		buf_reset(b);
		buf_addc(b, '0');
	}
}

static int to_char(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	const struct format *f = c->e->given;
	char text[SP_DEC_TEXT_MAX];
	struct slice whole, part;
	struct buf b = { 0 };
	__int128 v = sp_wide(args[0].x);
	if (f->null) {
		out->null = true;
		return 0;
	}
	sl_cut(sl_of(text, sp_dec_text(v < 0 ? -v : v, c->e->args[0]->type->scale, true, text)), '.', &whole, &part);
	while (whole.n && whole.p[0] == '0')
		whole = sl_from(whole, 1);
	while (part.n && part.p[part.n - 1] == '0')
		part.n--;
	print(&b, f, whole, part, v < 0);
	out->s = arena_dup(c->run->batch, buf_slice(&b));
	buf_free(&b);
	return 0;
}

static const struct sp_type *type_char(struct sp_resolve *x)
{
	return format_of(x) ? &sp_types[SP_STRING] : NULL;
}

const struct sp_function sp_number_texts[] = {
	{ "to_number", "string string!", NULL, SP_F_MAYBE, .row = to_number, .resolve = type_number, .group = "string_funcs",
	  .doc = "to_number(text, format): The decimal that a text of that format ('$9,999.99') stands for." },
	{ "try_to_number", "string string!", NULL, SP_F_MAYBE, .row = to_number, .resolve = type_number, .group = "string_funcs",
	  .doc = "try_to_number(text, format): The same, NULL where the text is of another format." },
	{ "to_char", "decimal string!", NULL, SP_F_MAYBE, .row = to_char, .resolve = type_char, .group = "string_funcs",
	  .doc = "to_char(a, format): A number as text of that format." },
	{ "to_varchar", "decimal string!", NULL, SP_F_MAYBE | SP_F_ALIAS, .row = to_char, .resolve = type_char, .shown = "to_char",
	  .group = "string_funcs", .doc = "to_varchar(a, format): A number as text of that format." },
	{ NULL },
};
