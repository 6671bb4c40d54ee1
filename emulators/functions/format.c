/* format_string and printf: java.util.Formatter over Spark's values. */
#include <math.h>

#include "functions/text.h"
#include "java/case.h"
#include "spark/java_text.h"
#include "spark/print.h"

struct spec {
	struct slice text;      /* "%5.2f" */
	size_t index;           /* 1$; 0: the next */
	bool again;             /* < */
	bool left, alternate, plus, blank, zero, group, paren;
	int width, precision;   /* -1: none */
	char conversion;
	bool upper;
};

static int throw(struct sp_call *c, const char *class, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int throw(struct sp_call *c, const char *class, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sp_fail(&c->run->err, SP_E_RUN, "", "", "%s", text);
	c->run->err.java = class;
	return 1;
}

static int number(struct slice s, size_t *i)
{
	int v = 0;
	while (*i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9' && v < 100000000)
		v = v * 10 + (s.p[(*i)++] - '0');
	return v;
}

/* Behind "%". false: no such thing. */
static bool read_spec(struct slice s, size_t *i, struct spec *x)
{
	size_t from = *i;
	int v;
	*x = (struct spec){ .width = -1, .precision = -1 };
	v = number(s, i);
	if (*i < s.n && s.p[*i] == '$' && *i > from && s.p[from] != '0') {
		x->index = (size_t)v;
		++*i;
	} else {
		*i = from;
		if (*i < s.n && s.p[*i] == '<') {
			x->again = true;
			++*i;
		}
	}
	for (; *i < s.n && strchr("-#+ 0,(", s.p[*i]) && s.p[*i]; ++*i) {
		char c = s.p[*i];
		bool *flag = c == '-' ? &x->left : c == '#' ? &x->alternate : c == '+' ? &x->plus : c == ' ' ? &x->blank : c == '0' ? &x->zero :
			     c == ',' ? &x->group : &x->paren;
		*flag = true;
	}
	if (*i < s.n && s.p[*i] >= '1' && s.p[*i] <= '9')
		x->width = number(s, i);
	if (*i < s.n && s.p[*i] == '.') {
		++*i;
		from = *i;
		x->precision = number(s, i);
		if (*i == from)
			return false;
	}
	if (*i >= s.n)
		return false;
	x->conversion = s.p[(*i)++];
	x->upper = x->conversion >= 'A' && x->conversion <= 'Z';
	return true;
}

static const char flag_letters[] = "-#+ 0,(";

static bool has(const struct spec *x, char flag)
{
	switch (flag) {
	case '-':
		return x->left;
	case '#':
		return x->alternate;
	case '+':
		return x->plus;
	case ' ':
		return x->blank;
	case '0':
		return x->zero;
	case ',':
		return x->group;
	default:
		return x->paren;
	}
}

/* Flags that the conversion doesn't take, in the order in which Java looks. */
static int bad_flags(struct sp_call *c, const struct spec *x, const char *flags)
{
	for (; *flags; flags++)
		if (has(x, *flags))
			return throw(c, "java.util.FormatFlagsConversionMismatchException", "Conversion = %c, Flags = %c", x->conversion | 32, *flags);
	return 0;
}

static int bad_set(struct sp_call *c, const struct spec *x)
{
	char set[8];
	size_t n = 0;
	for (const char *f = flag_letters; *f; f++)
		if (has(x, *f))
			set[n++] = *f;
	set[n] = '\0';
	return throw(c, "java.util.IllegalFormatFlagsException", "Flags = '%s'", set);
}

static int check_percent(struct sp_call *c, const struct spec *x)
{
	bool others = x->alternate || x->plus || x->blank || x->zero || x->group || x->paren;
	if (others || (x->left && x->conversion == 'n'))
		return bad_set(c, x);
	if (x->conversion == 'n' && x->width >= 0)
		return throw(c, "java.util.IllegalFormatWidthException", "%d", x->width);
	return 0;
}

/* What Java finds when it reads the format. */
static int check_spec(struct sp_call *c, const struct spec *x)
{
	static const struct {
		const char *conversions, *bad;
		bool numeric, precise;
	} rules[] = {
		{ "bhBH", "#+ 0,(", false, true }, { "sS", "+ 0,(", false, true }, { "cC", "#+ 0,(", false, false }, { "d", "#", true, false },
		{ "oxX", ",", true, false }, { "eE", ",", true, true }, { "gG", "#", true, true }, { "f", "", true, true },
	};
	if (x->precision >= 0 && strchr("cCdoxX%n", x->conversion))
		return throw(c, "java.util.IllegalFormatPrecisionException", "%d", x->precision);
	if (x->conversion == '%' || x->conversion == 'n')
		return check_percent(c, x);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (!strchr(rules[i].conversions, x->conversion))
			continue;
		if (x->width < 0 && (x->left || (rules[i].numeric && x->zero)))
			return throw(c, "java.util.MissingFormatWidthException", "%.*s", SL(x->text));
		if (rules[i].numeric && ((x->plus && x->blank) || (x->left && x->zero)))
			return bad_set(c, x);
		return bad_flags(c, x, rules[i].bad);
	}
	return 0;
}

static void pad(struct buf *b, const struct spec *x, struct slice s)
{
	size_t have = java_length(s), more = x->width > 0 && (size_t)x->width > have ? (size_t)x->width - have : 0;
	struct buf up = { 0 };
	if (x->upper) {
		java_upper(&up, s);
		s = buf_slice(&up);
	}
	for (size_t i = 0; i < more && !x->left; i++)
		buf_addc(b, ' ');
	buf_addsl(b, s);
	for (size_t i = 0; i < more && x->left; i++)
		buf_addc(b, ' ');
	buf_free(&up);
}

/* Digits with sign, groups and zeros. */
static void put_number(struct buf *b, const struct spec *x, bool minus, struct slice digits)
{
	struct buf n = { 0 };
	ssize_t point = sl_chr(digits, '.');
	size_t whole = 0, more = 0;
	while (whole < (point < 0 ? digits.n : (size_t)point) && digits.p[whole] >= '0' && digits.p[whole] <= '9')
		whole++;
	if (minus)
		buf_addc(&n, x->paren ? '(' : '-');
	else if (x->plus || x->blank)
		buf_addc(&n, x->plus ? '+' : ' ');
	if (x->zero && x->width > 0) {
		size_t have = n.n + digits.n + (x->group ? (whole - 1) / 3 : 0) + (minus && x->paren);
		more = (size_t)x->width > have ? (size_t)x->width - have : 0;
	}
	for (size_t i = 0; i < more; i++)
		buf_addc(&n, '0');
	for (size_t i = 0; i < digits.n; i++) {
		if (x->group && i && i < whole && (whole - i) % 3 == 0)
			buf_addc(&n, ',');
		buf_addc(&n, digits.p[i]);
	}
	if (minus && x->paren)
		buf_addc(&n, ')');
	pad(b, x, buf_slice(&n));
	buf_free(&n);
}

static void put_whole(struct buf *b, const struct spec *x, const struct sp_type *t, int64_t v)
{
	char text[32];
	static const uint64_t masks[] = { [SP_TINYINT] = 0xff, [SP_SMALLINT] = 0xffff, [SP_INT] = 0xffffffff, [SP_BIGINT] = UINT64_MAX };
	uint64_t bits = (uint64_t)v & masks[t->kind];
	char how = (char)(x->conversion | 32);
	int n;
	if (how == 'd') {
		n = snprintf(text, sizeof(text), "%llu", (unsigned long long)(v < 0 ? -(uint64_t)v : (uint64_t)v));
		put_number(b, x, v < 0, sl_of(text, (size_t)n));
		return;
	}
	n = how == 'x' ? snprintf(text, sizeof(text), "%s%llx", x->alternate ? "0x" : "", (unsigned long long)bits) :
			 snprintf(text, sizeof(text), "%s%llo", x->alternate ? "0" : "", (unsigned long long)bits);
	put_number(b, x, false, sl_of(text, (size_t)n));
}

/* HALF_UP of the shortest digits, as Java rounds (printf would of the exact value). */
static void fixed(char *out, size_t room, double d, int precision)
{
	char digits[REAL_DIGITS_MAX];
	int exponent = 0, n = d == 0 ? 0 : real_digits(d, digits, &exponent), keep = exponent + 1 + precision;
	bool up = d != 0 && keep >= 0 && keep < n && digits[keep] >= '5';
	size_t at = 0;
	char all[700];
	int len = 0;
	/* The digits of the whole number d * 10^precision. */
	if (keep > 350) {
		snprintf(out, room, "%.*f", precision, d);
		return;
	}
	for (int i = 0; i < keep; i++)
		all[len++] = i < n ? digits[i] : '0';
	for (int i = len - 1; up && i >= 0; i--) {
		up = all[i] == '9';
		all[i] = up ? '0' : (char)(all[i] + 1);
	}
	if (up) {
		memmove(all + 1, all, (size_t)len);
		all[0] = '1';
		len++;
	}
	for (int i = len; i < precision + 1 && at < room - 1; i++) {
		out[at++] = '0';
		if (at == 1 && precision)
			out[at++] = '.';
	}
	for (int i = 0; i < len && at < room - 2; i++) {
		if (precision && len > precision && len - i == precision)
			out[at++] = '.';
		out[at++] = all[i];
	}
	out[at] = '\0';
}

static void scientific(char *out, size_t room, double d, int precision, bool point)
{
	char digits[REAL_DIGITS_MAX + 1];
	int exponent = 0, n = d == 0 ? 0 : real_digits(d, digits, &exponent);
	if (n > precision + 1) {
		bool up = digits[precision + 1] >= '5';
		n = precision + 1;
		for (int i = n - 1; up && i >= 0; i--) {
			up = digits[i] == '9';
			digits[i] = up ? '0' : (char)(digits[i] + 1);
		}
		if (up) {
			digits[0] = '1';
			exponent++;
		}
	}
	size_t at = 0;
	for (int i = 0; i <= precision && at < room - 8; i++) {
		if (i == 1)
			out[at++] = '.';
		out[at++] = i < n ? digits[i] : '0';
	}
	if (point && precision == 0)
		out[at++] = '.';
	snprintf(out + at, room - at, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

static void put_real(struct buf *b, const struct spec *x, double d)
{
	char text[1200], how = (char)(x->conversion | 32);
	double size = fabs(d);
	int precision = x->precision < 0 ? 6 : x->precision;
	struct spec plain = *x;
	precision = precision > 500 ? 500 : precision;
	if (isnan(d) || isinf(d)) {
		plain.zero = plain.group = false;
		if (isnan(d))
			pad(b, &plain, S("NaN"));
		else
			put_number(b, &plain, d < 0, S("Infinity"));
		return;
	}
	if (how == 'f') {
		fixed(text, sizeof(text), size, precision);
	} else if (how == 'e') {
		scientific(text, sizeof(text), size, precision, x->alternate);
	} else {
		/* By the exponent that it has once rounded. */
		precision = precision ? precision : 1;
		scientific(text, sizeof(text), size, precision - 1, false);
		int exponent = size == 0 ? 0 : atoi(strchr(text, 'e') + 1);
		if (exponent >= -4 && exponent < precision)
			fixed(text, sizeof(text), size, precision - 1 - exponent);
	}
	put_number(b, x, signbit(d), sl(text));
}

static const char *class_of(const struct sp_type *t)
{
	static const char *const names[] = { [SP_BOOLEAN] = "java.lang.Boolean", [SP_TINYINT] = "java.lang.Byte", [SP_SMALLINT] = "java.lang.Short",
		[SP_INT] = "java.lang.Integer", [SP_BIGINT] = "java.lang.Long", [SP_FLOAT] = "java.lang.Float", [SP_DOUBLE] = "java.lang.Double",
		[SP_DECIMAL] = "org.apache.spark.sql.types.Decimal", [SP_STRING] = "org.apache.spark.unsafe.types.UTF8String",
		[SP_BINARY] = "[B", [SP_DATE] = "java.lang.Integer", [SP_TIMESTAMP] = "java.lang.Long", [SP_TIMESTAMP_NTZ] = "java.lang.Long",
		[SP_INTERVAL_YM] = "java.lang.Integer", [SP_INTERVAL_DT] = "java.lang.Long" };
	const char *name = t->kind < ARRAY_LEN(names) ? names[t->kind] : NULL;
	return name ? name : "java.lang.Object";
}

/* What Formatter would be given for it: dates are ints there. */
static const struct sp_type *held_as(const struct sp_type *t)
{
	return t->kind == SP_DATE || t->kind == SP_INTERVAL_YM ? &sp_types[SP_INT] :
	       t->kind == SP_TIMESTAMP || t->kind == SP_TIMESTAMP_NTZ || t->kind == SP_INTERVAL_DT ? &sp_types[SP_BIGINT] : t;
}

static void put_text(struct buf *b, const struct spec *x, const struct sp_type *t, const struct sp_value *v)
{
	struct buf s = { 0 };
	struct slice text;
	sp_java_text(&s, t, v);
	text = buf_slice(&s);
	if (x->precision >= 0)
		text = sl_of(text.p, java_offset(text, (size_t)x->precision));
	pad(b, x, text);
	buf_free(&s);
}

static int put(struct sp_call *c, struct buf *b, const struct spec *x, const struct sp_type *t, const struct sp_value *v)
{
	static const char conversion_error[] = "java.util.IllegalFormatConversionException";
	char how = x->conversion, low = (char)(how | 32);
	struct buf one = { 0 };
	t = held_as(t);
	switch (low) {
	case 's':
		if (x->alternate)
			return bad_flags(c, x, "#");
		put_text(b, x, t, v);
		return 0;
	case 'b':
		pad(b, x, v->null || (t->kind == SP_BOOLEAN && !v->i) ? S("false") : S("true"));
		return 0;
	case 'h': {
		char text[16];
		struct buf s = { 0 };
		sp_java_text(&s, t, v);
		int n = v->null ? snprintf(text, sizeof(text), "null") :
				  snprintf(text, sizeof(text), "%x", t->kind == SP_INT ? (uint32_t)v->i : java_hash(buf_slice(&s)));
		buf_free(&s);
		pad(b, x, sl_of(text, (size_t)n));
		return 0;
	}
	default:
		break;
	}
	if (v->null && strchr("dxocfegaDXOCFEGA", how)) {
		struct sp_value null = SP_NULL_VALUE;
		struct spec plain = *x;
		plain.precision = -1;
		put_text(b, &plain, t, &null);
		return 0;
	}
	if (low == 'c' && (sp_is_integral(t) && t->kind != SP_BIGINT)) {
		buf_utf8(&one, (uint32_t)v->i);
		pad(b, x, buf_slice(&one));
		buf_free(&one);
		return 0;
	}
	if (how == 'd' || low == 'x' || how == 'o') {
		if (!sp_is_integral(t))
			return throw(c, conversion_error, "%c != %s", how, class_of(t));
		if (how != 'd' && bad_flags(c, x, "( +"))
			return 1;
		put_whole(b, x, t, v->i);
		return 0;
	}
	if (how == 'f' || low == 'e' || low == 'g') {
		if (!sp_is_fractional(t))
			return throw(c, conversion_error, "%c != %s", how, class_of(t));
		put_real(b, x, v->d);
		return 0;
	}
	if (low == 'c')
		return throw(c, conversion_error, "%c != %s", how, class_of(t));
	if (low == 'a' || low == 't')
		return sp_fail(&c->run->err, SP_E_UNSERVED, "", "", "The conversion %%%c of format_string isn't served.", how);
	return throw(c, "java.util.UnknownFormatConversionException", "Conversion = '%c'", how);
}

static int format_string(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s;
	struct buf b = { 0 };
	size_t next = 1, last = 0;
	out->null = a[0].null;
	for (size_t i = 0; !a[0].null && i < s.n;) {
		struct spec x;
		size_t at = i;
		int rc;
		if (s.p[i] != '%') {
			buf_addc(&b, s.p[i++]);
			continue;
		}
		i++;
		if (!read_spec(s, &i, &x)) {
			buf_free(&b);
			return throw(c, "java.util.UnknownFormatConversionException", "Conversion = '%%'");
		}
		x.text = sl_of(s.p + at, i - at);
		rc = check_spec(c, &x);
		if (rc) {
			buf_free(&b);
			return rc;
		}
		if (x.conversion == 'n' || x.conversion == '%') {
			x.upper = false;
			pad(&b, &x, x.conversion == 'n' ? S("\n") : S("%"));
			continue;
		}
		if (!x.again)
			last = x.index ? x.index : next++;
		if (!last || last >= c->e->arg_n) {
			buf_free(&b);
			return throw(c, "java.util.MissingFormatArgumentException", "Format specifier '%.*s'", (int)(i - at), s.p + at);
		}
		rc = put(c, &b, &x, c->e->args[last]->type, &a[last]);
		if (rc) {
			buf_free(&b);
			return rc;
		}
	}
	return a[0].null ? 0 : sp_text_done(c, &b, out);
}

static const struct sp_type *format_type(struct sp_resolve *x)
{
	if (sp_want_args(x, 0) || sp_resolve_cast(x, 0, &sp_types[SP_STRING]))
		return NULL;
	x->e->nullable = x->e->args[0]->nullable;
	return &sp_types[SP_STRING];
}

#define G "string_funcs"
const struct sp_function sp_formats[] = {
	{ "format_string", "any*", .row = format_string, .resolve = format_type, .flags = SP_F_NULLS, .group = G,
	  .doc = "format_string(format, a, b, ...): %d %s %.2f %x and others as Java has them" },
	{ "printf", "any*", .row = format_string, .resolve = format_type, .flags = SP_F_NULLS | SP_F_ALIAS, .group = G,
	  .doc = "printf(format, a, b, ...): %d %s %.2f %x and others as Java has them" },
	{ NULL },
};
