/* Constants: numbers, strings, typed literals. Intervals are in parse_interval.c. */
#include <math.h>

#include "sparksql/parser.h"

/* The digits with their sign, suffix cut off: tokens first..now. */
static struct slice digits_of(struct sp_parser *p, uint32_t first, size_t suffix)
{
	struct slice t = sp_text(p, p->i - 1);
	t.n -= suffix;
	return p->i - first == 1 ? t : arena_printf(p->a, "-%.*s", SL(t));
}

/* How many digits an unsuffixed number has: precision of its decimal. */
static size_t precision_of(struct slice text)
{
	size_t n = 0, fraction = 0;
	bool dot = false, any = false;
	int64_t exponent = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '.')
			dot = true;
		if (c == 'e' || c == 'E') {
			size_t at = i + 1 + (i + 1 < text.n && text.p[i + 1] == '+');
			(void)sl_int(sl_from(text, at), -1000000, 1000000, &exponent);
			break;
		}
		if (c < '0' || c > '9')
			continue;
		fraction += dot;
		any |= c != '0';
		n += any;
	}
	if (exponent > (int64_t)fraction)
		n += (size_t)(exponent - (int64_t)fraction);
	if (exponent <= (int64_t)fraction && n < (size_t)((int64_t)fraction - exponent))
		n = (size_t)((int64_t)fraction - exponent);
	return n;
}

static void check_range(struct sp_parser *p, uint32_t first, bool fine, struct slice text, const char *type, const char *low, const char *high)
{
	if (!fine)
		sp_late(p, first, p->i, "INVALID_NUMERIC_LITERAL_RANGE", "22003", "Numeric literal %.*s is outside the valid range for %s with minimum "
			"value of %s and maximum value of %s. Please adjust the value accordingly.", SL(text), type, low, high);
}

static void check_precision(struct sp_parser *p, uint32_t first, struct slice text, bool suffixed)
{
	size_t n = precision_of(text);
	if (n <= SP_PRECISION_MAX || p->late.set)
		return;
	sp_late(p, first, p->i, "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "22003", "Decimal precision %zu exceeds max precision %d.%s", n,
		SP_PRECISION_MAX, suffixed ? "." : "");
	if (!suffixed) { /* Spark's is an exception of arithmetic, not of the parser */
		p->late.kind = SP_E_RUN;
		p->late.placed = false;
	}
}

static const struct {
	uint16_t token;
	uint8_t kind;
	const char *type, *low, *high;
	int64_t min, max;
} wholes[] = {
	{ SP_T_BIGINT, SP_LIT_BIGINT, "bigint", "-9223372036854775808", "9223372036854775807", INT64_MIN, INT64_MAX },
	{ SP_T_SMALLINT, SP_LIT_SMALLINT, "smallint", "-32768", "32767", INT16_MIN, INT16_MAX },
	{ SP_T_TINYINT, SP_LIT_TINYINT, "tinyint", "-128", "127", INT8_MIN, INT8_MAX },
};

static void whole_number(struct sp_parser *p, uint32_t first, struct sp_ex *e, enum sp_token_kind k)
{
	struct slice text = digits_of(p, first, k != SP_T_INTEGER);
	int64_t v = 0;
	bool fits = sl_int(text, INT64_MIN, INT64_MAX, &v);
	e->lit.number = v;
	if (k == SP_T_INTEGER) {
		e->lit.kind = !fits ? SP_LIT_DECIMAL : v >= INT32_MIN && v <= INT32_MAX ? SP_LIT_INT : SP_LIT_BIGINT;
		if (!fits) {
			check_precision(p, first, text, false);
			e->lit.text = text;
		}
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(wholes); i++)
		if (wholes[i].token == k) {
			e->lit.kind = wholes[i].kind;
			check_range(p, first, fits && v >= wholes[i].min && v <= wholes[i].max, text, wholes[i].type, wholes[i].low, wholes[i].high);
		}
}

static void fraction(struct sp_parser *p, uint32_t first, struct sp_ex *e, enum sp_token_kind k)
{
	struct slice text = digits_of(p, first, k == SP_T_BIGDECIMAL ? 2 : k == SP_T_FLOAT || k == SP_T_DOUBLE);
	double v;
	e->lit.text = text;
	if (k == SP_T_DECIMAL || k == SP_T_BIGDECIMAL) {
		e->lit.kind = SP_LIT_DECIMAL;
		check_precision(p, first, text, k == SP_T_BIGDECIMAL);
		return;
	}
	v = strtod(arena_cstr(p->a, text), NULL);
	if (k == SP_T_FLOAT) {
		e->lit.kind = SP_LIT_FLOAT;
		check_range(p, first, fabs(v) <= 3.4028234663852886e38, text, "float", "-3.4028234663852886E+38", "3.4028234663852886E+38");
	} else {
		e->lit.kind = SP_LIT_DOUBLE;
		check_range(p, first, isfinite(v), text, "double", "-1.7976931348623157E+308", "1.7976931348623157E+308");
	}
}

static struct sp_ex *number(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct sp_ex *e;
	enum sp_token_kind k;
	(void)sp_take(p, SP_T_MINUS);
	k = sp_kind_at(p, 0);
	p->i++;
	e = sp_new_ex(p, SP_EX_LITERAL, first);
	if (k >= SP_T_INTEGER && k <= SP_T_TINYINT)
		whole_number(p, first, e, k);
	else
		fraction(p, first, e, k);
	return e;
}

static struct sp_ex *string(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct slice text = sp_string(p);
	struct buf b = { 0 };
	if (sp_is_string(sp_kind_at(p, 0))) {
		buf_addsl(&b, text);
		while (sp_is_string(sp_kind_at(p, 0)))
			buf_addsl(&b, sp_string(p));
		text = arena_dup(p->a, buf_slice(&b));
		buf_free(&b);
	}
	return sp_string_ex(p, first, text);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The bytes of X'1F'; an odd digit goes first. false: no hexadecimal digits. */
static bool hex_bytes(struct sp_parser *p, struct slice text, struct slice *out)
{
	uint8_t *to = arena_alloc(p->a, text.n / 2 + 1);
	size_t n = 0;
	int high = text.n % 2 ? 0 : -1;
	for (size_t i = 0; i < text.n; i++) {
		int d = hex_digit(text.p[i]);
		if (d < 0)
			return false;
		if (high < 0) {
			high = d;
		} else {
			to[n++] = (uint8_t)(high * 16 + d);
			high = -1;
		}
	}
	*out = (struct slice){ (const char *)to, n };
	return true;
}

/* `DATE '2020-01-01'`: a word and a string. */
static struct sp_ex *typed(struct sp_parser *p)
{
	static const struct {
		uint16_t token;
		uint8_t kind;
	} kinds[] = { { SP_K_DATE, SP_LIT_DATE }, { SP_K_TIMESTAMP, SP_LIT_TIMESTAMP }, { SP_K_TIMESTAMP_NTZ, SP_LIT_TIMESTAMP_NTZ },
		      { SP_K_TIMESTAMP_LTZ, SP_LIT_TIMESTAMP_LTZ }, { SP_K_X, SP_LIT_BINARY } };
	uint32_t first = p->i;
	enum sp_token_kind k = sp_kind_at(p, 0);
	struct slice word = sp_text(p, first), text;
	struct sp_ex *e;
	char *up;
	if (k == SP_K_INTERVAL)
		return sp_interval(p);
	p->i++;
	text = sp_string(p);
	e = sp_new_ex(p, SP_EX_LITERAL, first);
	e->lit.text = text;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].token == k) {
			e->lit.kind = kinds[i].kind;
			if (k == SP_K_X && !hex_bytes(p, text, &e->lit.text))
				sp_late(p, first, p->i, "INVALID_TYPED_LITERAL", "42604", "The value of the typed literal \"X\" is invalid: '%.*s'.", SL(text));
			return e;
		}
	up = arena_cstr(p->a, word);
	for (char *c = up; *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	sp_late(p, first, p->i, "UNSUPPORTED_TYPED_LITERAL", "0A000", "Literals of the type \"%s\" are not supported. Supported types are \"DATE\", "
		"\"TIMESTAMP_NTZ\", \"TIMESTAMP_LTZ\", \"TIMESTAMP\", \"INTERVAL\", \"X\".", up);
	return e;
}

struct sp_ex *sp_literal(struct sp_parser *p)
{
	uint32_t first = p->i;
	enum sp_token_kind k = sp_kind_at(p, 0), next = sp_kind_at(p, 1);
	struct sp_ex *e;
	if (sp_is_number(k) || (k == SP_T_MINUS && sp_is_number(next)))
		return number(p);
	if (sp_is_string(k))
		return string(p);
	if ((k == SP_K_NULL || k == SP_K_TRUE || k == SP_K_FALSE) && next != SP_T_OPEN && !sp_is_string(next)) {
		p->i++;
		e = sp_new_ex(p, SP_EX_LITERAL, first);
		e->lit.kind = k == SP_K_NULL ? SP_LIT_NULL : SP_LIT_BOOLEAN;
		e->lit.flag = k == SP_K_TRUE;
		return e;
	}
	if (sp_is_word(k) && sp_is_string(next) && k != SP_K_CASE)
		return typed(p);
	return k == SP_K_INTERVAL ? sp_interval(p) : NULL;
}
