/* String.format: %s %d %x %X %o %c %b %f %e %n %%, with flags, width, precision and argument numbers. */
#include "velocity/run.h"

enum { FORMAT_WIDTH_MAX = 1000 };

struct spec {
	bool left, zero, plus, space, comma, upper;
	int width, precision; /* -1: not given */
	size_t index;         /* 0: the next argument */
	char conversion;
};

static int take_int(struct slice s, size_t *i)
{
	int n = 0;
	for (; *i < s.n && vtl_is_digit(s.p[*i]); ++*i)
		n = n > FORMAT_WIDTH_MAX ? n : n * 10 + (s.p[*i] - '0');
	return n;
}

/* Behind "%"; false: no format. */
static bool take_spec(struct slice s, size_t *i, struct spec *out)
{
	size_t back = *i;
	*out = (struct spec){ .precision = -1 };
	out->index = (size_t)take_int(s, i);
	if (*i < s.n && out->index && s.p[*i] == '$') {
		++*i;
	} else {
		out->index = 0;
		*i = back;
	}
	for (; *i < s.n; ++*i) {
		char c = s.p[*i];
		if (c == '-')
			out->left = true;
		else if (c == '0')
			out->zero = true;
		else if (c == '+')
			out->plus = true;
		else if (c == ' ')
			out->space = true;
		else if (c == ',')
			out->comma = true;
		else
			break;
	}
	out->width = take_int(s, i);
	if (*i < s.n && s.p[*i] == '.') {
		++*i;
		out->precision = take_int(s, i);
	}
	if (*i == s.n || out->width > FORMAT_WIDTH_MAX || out->precision > FORMAT_WIDTH_MAX)
		return false;
	out->conversion = s.p[(*i)++];
	out->upper = out->conversion == 'S' || out->conversion == 'X' || out->conversion == 'B' || out->conversion == 'E';
	if (out->upper)
		out->conversion = (char)(out->conversion | 0x20);
	return true;
}

static void add_grouped(struct buf *out, struct slice digits)
{
	size_t whole = 0;
	while (whole < digits.n && vtl_is_digit(digits.p[whole]))
		whole++;
	for (size_t i = 0; i < digits.n; i++) {
		if (i && i < whole && (whole - i) % 3 == 0)
			buf_addc(out, ',');
		buf_addc(out, digits.p[i]);
	}
}

/* A number's sign and digits, zeros between them as far as width asks. */
static void add_number(struct buf *out, const struct spec *f, bool negative, struct slice digits)
{
	struct buf b = { 0 };
	const char *sign = negative ? "-" : f->plus ? "+" : f->space ? " " : "";
	if (f->comma)
		add_grouped(&b, digits);
	else
		buf_addsl(&b, digits);
	buf_adds(out, sign);
	for (size_t n = b.n + strlen(sign); f->zero && n < (size_t)f->width; n++)
		buf_addc(out, '0');
	buf_addsl(out, buf_slice(&b));
	buf_free(&b);
}

static bool add_value(struct vtl_call *c, struct buf *out, const struct spec *f, struct vtl_value v)
{
	char text[400];
	struct slice s = vtl_text(c->r->arena, v);
	size_t cut = f->precision >= 0 ? java_offset(s, (size_t)f->precision) : s.n;
	bool negative = s.n && s.p[0] == '-';
	switch (f->conversion) {
	case 's':
		buf_add(out, s.p, cut);
		return true;
	case 'b':
		buf_adds(out, v.type == VTL_BOOL ? (v.b ? "true" : "false") : v.type == VTL_NULL ? "false" : "true");
		return true;
	case 'c':
		buf_addsl(out, s);
		return v.type == VTL_STRING && java_length(s) == 1;
	case 'd':
		add_number(out, f, negative, sl_from(s, negative));
		return vtl_is_integer(v);
	case 'x':
	case 'o':
		snprintf(text, sizeof(text), f->conversion == 'x' ? "%llx" : "%llo",
			 v.type == VTL_INT ? (unsigned long long)(uint32_t)v.i : (unsigned long long)v.i);
		add_number(out, f, false, sl(text));
		return v.type == VTL_INT || v.type == VTL_LONG;
	case 'f':
	case 'e':
		snprintf(text, sizeof(text), f->conversion == 'f' ? "%.*f" : "%.*e", f->precision < 0 ? 6 : f->precision % 60,
			 vtl_to_double(v));
		add_number(out, f, text[0] == '-', sl(text + (text[0] == '-')));
		return v.type == VTL_DOUBLE || v.type == VTL_DECIMAL;
	}
	return false;
}

static void add_padded(struct buf *out, const struct spec *f, struct slice s)
{
	size_t length = java_length(s), pad = (size_t)f->width > length ? (size_t)f->width - length : 0;
	for (size_t i = 0; i < pad && !f->left; i++)
		buf_addc(out, ' ');
	for (size_t i = 0; i < s.n; i++)
		buf_addc(out, f->upper && s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i]);
	for (size_t i = 0; i < pad && f->left; i++)
		buf_addc(out, ' ');
}

/* One "%..."; args[0] is the format itself. */
static bool add_spec(struct vtl_call *c, struct buf *out, const struct spec *f, size_t *next)
{
	struct buf b = { .max = c->r->string_max };
	size_t at;
	bool ok;
	if (f->conversion == 'n' || f->conversion == '%') {
		add_padded(out, f, f->conversion == 'n' ? S("\n") : S("%"));
		return true;
	}
	at = f->index ? f->index : ++*next;
	if (at >= c->n)
		return false;
	if (c->args[at].type == VTL_NULL && f->conversion != 'b') {
		buf_adds(&b, "null");
		ok = true;
	} else {
		ok = add_value(c, &b, f, c->args[at]);
	}
	add_padded(out, f, buf_slice(&b));
	buf_free(&b);
	return ok;
}

enum vtl_called vtl_format(struct vtl_call *c)
{
	struct slice s = c->args[0].s;
	struct buf b = { .max = c->r->string_max };
	size_t next = 0;
	struct spec f;
	bool ok = true;
	for (size_t i = 0; i < s.n && ok && !b.bad;) {
		if (s.p[i] != '%') {
			buf_addc(&b, s.p[i++]);
			continue;
		}
		i++;
		ok = vtl_step(c->r) && take_spec(s, &i, &f) && add_spec(c, &b, &f, &next);
	}
	c->out = vtl_str(arena_dup(c->r->arena, buf_slice(&b)));
	if (b.bad)
		vtl_too_long(c->r);
	ok = ok && !b.bad;
	buf_free(&b);
	return ok ? VTL_CALLED : vtl_throw(c, "IllegalFormatException");
}
