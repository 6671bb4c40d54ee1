/* format_number: java.text.DecimalFormat for what Spark gives it, HALF_EVEN on the value as it is. */
#include <math.h>

#include "functions/kernel.h"
#include "java/text.h"
#include "spark/decimal.h"

enum { PLACES_MAX = 340, TEXT_MAX = 800, PATTERN_MAX = 128, REAL_WHOLE_MAX = 310 };
/* A pattern: "#,##0.00%". */
struct pattern {
	struct slice prefix, suffix, below, behind; /* below, behind: around negative ones; absent: "-" before prefix */
	int least, places_least, places_most, group, percent;
	int exponent; /* least digits of an exponent; 0: none */
	int whole_most;
};

/* The digits of Double.toString, where they are few enough to need no rounding: what the double has beyond them doesn't show. */
static bool shortest(double d, int places, char text[TEXT_MAX])
{
	char java[JAVA_REAL_MAX + 1], digits[JAVA_REAL_MAX];
	int n = (int)java_double_text(d, java), count = 0, point = 0, at = 0, i;
	bool behind = false;
	java[n] = 0;
	for (i = 0; i < n && java[i] != 'E'; i++) {
		if (java[i] == '.') {
			behind = true;
		} else if (count || java[i] != '0') {
			digits[count++] = java[i];
			point += !behind;
		} else {
			point -= behind;
		}
	}
	if (i < n)
		point += atoi(java + i + 1);
	while (count && digits[count - 1] == '0')
		count--;
	if (count - point > places || point > REAL_WHOLE_MAX || point < -places)
		return false;
	if (point <= 0)
		text[at++] = '0';
	for (i = 0; i < point; i++)
		text[at++] = i < count ? digits[i] : '0';
	if (count > point)
		text[at++] = '.';
	for (i = point; i < count; i++)
		text[at++] = i < 0 ? '0' : digits[i];
	text[at] = 0;
	return true;
}

/* Digits of |v| rounded to so many places: "1234.50"; whether v is negative. */
static bool digits_of(const struct sp_type *t, const struct sp_value *v, int places, int shift, char text[TEXT_MAX])
{
	char plain[SP_DEC_TEXT_MAX];
	__int128 x;
	size_t n;
	if (sp_is_fractional(t)) {
		double d = v->d;
		for (; shift > 0; shift--)
			d *= 10;
		if (!shortest(fabs(d), places, text))
			snprintf(text, TEXT_MAX, "%.*f", places, fabs(d)); /* exact, halves to even */
		return signbit(d);
	}
	x = t->kind == SP_DECIMAL ? sp_wide(v->x) : v->i;
	for (; shift > 0; shift--)
		x *= 10;
	if (t->kind == SP_DECIMAL && t->scale > places) {
		(void)sp_dec_rescale(x, t->scale, SP_HALF_EVEN, SP_PRECISION_MAX, places, &x);
		n = sp_dec_text(x < 0 ? -x : x, places, true, plain);
	} else {
		n = sp_dec_text(x < 0 ? -x : x, t->kind == SP_DECIMAL ? t->scale : 0, true, plain);
	}
	snprintf(text, TEXT_MAX, "%.*s", (int)n, plain);
	return x < 0 || (t->kind == SP_DECIMAL ? sp_wide(v->x) < 0 : v->i < 0);
}

static bool in_number(char c)
{
	return c == '#' || c == '0' || c == ',' || c == '.';
}

static bool parse_part(struct slice s, struct pattern *p)
{
	size_t i = 0, from, point = SIZE_MAX, zeros = 0, last = SIZE_MAX, digits = 0;
	while (i < s.n && !in_number(s.p[i]))
		i++;
	p->prefix = sl_of(s.p, i);
	for (from = i; i < s.n && in_number(s.p[i]); i++) {
		if (s.p[i] == '.') {
			if (point != SIZE_MAX)
				return false;
			point = digits;
			p->group = last == SIZE_MAX ? 0 : (int)(digits - last);
			continue;
		}
		if (s.p[i] == ',') {
			last = digits;
			continue;
		}
		digits++;
		zeros += s.p[i] == '0';
		if (s.p[i] == '0' && point == SIZE_MAX)
			p->least++;
		else if (s.p[i] == '0')
			p->places_least = (int)(digits - point);
	}
	if (point == SIZE_MAX) {
		p->group = last == SIZE_MAX ? 0 : (int)(digits - last);
		point = digits;
	} else if (!zeros && point > 0) {
		p->least = 1; /* "#.##" is "0.##" */
	}
	p->places_most = (int)(digits - point);
	p->whole_most = (int)point;
	if (i < s.n && s.p[i] == 'E') {
		for (i++; i < s.n && s.p[i] == '0'; i++)
			p->exponent++;
		if (!p->exponent)
			return false;
	}
	p->suffix = sl_from(s, i);
	for (i = 0; i < s.n; i++)
		if (s.p[i] == '%')
			p->percent = 2;
	return from < s.n && digits > 0;
}

static bool parse_pattern(struct slice s, struct pattern *p)
{
	struct slice first, second;
	struct pattern below = { 0 };
	*p = (struct pattern){ 0 };
	if (sl_chr(s, '\'') >= 0 || s.n > PATTERN_MAX)
		return false;
	if (sl_cut(s, ';', &first, &second) && second.n) {
		if (!parse_part(second, &below))
			return false;
		p->below = below.prefix;
		p->behind = below.suffix;
	}
	return parse_part(first, p);
}

static void grouped(struct buf *b, struct slice whole, int least, int group)
{
	int n = (int)whole.n, i;
	for (i = n > least ? n : least; i > 0; i--) {
		buf_addc(b, i > n ? '0' : whole.p[n - i]);
		if (group && i > 1 && (i - 1) % group == 0)
			buf_addc(b, ',');
	}
}

static void scientific(struct buf *b, const struct pattern *p, double d)
{
	char text[64];
	int e, shown;
	snprintf(text, sizeof(text), "%.*e", p->places_most + p->least - 1 > 0 ? p->places_most + (p->least ? p->least - 1 : 0) : 0, fabs(d));
	e = atoi(strchr(text, 'e') + 1) - (p->least > 1 ? p->least - 1 : 0);
	shown = (int)strlen(text) - (int)strlen(strchr(text, 'e'));
	buf_add(b, text, (size_t)shown);
	buf_addf(b, "E%s%0*d", e < 0 ? "-" : "", p->exponent, e < 0 ? -e : e);
}

static void lay_out(struct buf *b, const struct pattern *p, const struct sp_type *t, const struct sp_value *v)
{
	char text[TEXT_MAX];
	bool neg = digits_of(t, v, p->places_most, p->percent, text);
	char *point = strchr(text, '.');
	struct slice whole = sl_of(text, point ? (size_t)(point - text) : strlen(text)), part = sl(point ? point + 1 : "");
	size_t at = b->n;
	if (neg && !p->below.p)
		buf_addc(b, '-');
	buf_addsl(b, neg && p->below.p ? p->below : p->prefix);
	at = b->n;
	if (p->exponent) {
		scientific(b, p, sp_is_fractional(t) ? v->d : t->kind == SP_DECIMAL ? sp_dec_double(sp_wide(v->x), t->scale) : (double)v->i);
	} else {
		while (part.n > (size_t)p->places_least && part.p[part.n - 1] == '0')
			part.n--;
		if (sl_eqs(whole, "0"))
			whole.n = 0;
		grouped(b, whole, p->least, p->group);
		if (b->n == at && !part.n && !p->places_least)
			buf_addc(b, '0');
		if (part.n || p->places_least)
			buf_addc(b, '.');
		buf_addsl(b, part);
		for (at = part.n; at < (size_t)p->places_least; at++)
			buf_addc(b, '0');
	}
	buf_addsl(b, neg && p->below.p ? p->behind : p->suffix);
}

static int format_number(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	const struct sp_type *t = c->e->args[0]->type;
	struct pattern p = { .least = 1, .group = 3 };
	struct buf b = { 0 };
	if (c->e->args[1]->type->kind == SP_STRING) {
		if (args[1].s.n && !parse_pattern(args[1].s, &p))
			return sp_fn_fail(c, "", "", "java.lang.IllegalArgumentException", "Malformed pattern \"%.*s\"", SL(args[1].s));
	} else if (args[1].i < 0) {
		out->null = true;
		return 0;
	} else {
		p.places_least = p.places_most = args[1].i < PLACES_MAX ? (int)args[1].i : PLACES_MAX;
	}
	if (sp_is_fractional(t) && isnan(args[0].d))
		buf_adds(&b, "NaN");
	else if (sp_is_fractional(t) && isinf(args[0].d))
		buf_adds(&b, args[0].d < 0 ? "-\xe2\x88\x9e" : "\xe2\x88\x9e");
	else
		lay_out(&b, &p, t, args);
	out->s = arena_dup(c->run->batch, buf_slice(&b));
	buf_free(&b);
	return 0;
}

static const struct sp_type *type_format(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	if (t->kind == SP_VOID)
		return sp_resolve_cast(x, 0, &sp_types[SP_DOUBLE]) ? NULL : &sp_types[SP_STRING];
	if (sp_is_numeric(t))
		return &sp_types[SP_STRING];
	struct buf b = { 0 };
	sp_type_sql(&b, t);
	sp_resolve_mismatch(x, "UNEXPECTED_INPUT_TYPE", "Parameter 1 requires the \"NUMERIC\" type, however \"%.*s\" has the type \"%.*s\".",
			    SL(sp_resolve_shown(x, 0)), SL(buf_slice(&b)));
	buf_free(&b);
	return NULL;
}

const struct sp_function sp_number_formats[] = {
	{ "format_number", "any int|string", NULL, SP_F_MAYBE, .row = format_number, .resolve = type_format, .group = "string_funcs",
	  .doc = "format_number(a, n): a as 1,234.50 with n places, or by a pattern like '#,##0.00'." },
	{ NULL },
};
