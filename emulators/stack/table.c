#include "core/text.h"
#include "stack/table.h"

void table_clear(struct table *t)
{
	for (size_t i = 0; i < t->column_n; i++)
		free(t->columns[i]);
	for (size_t i = 0; i < t->column_n * t->row_n; i++)
		free(t->cells[i]);
	free(t->columns);
	free(t->cells);
	free(t->types);
	*t = (struct table){ 0 };
}

static void ascii_string(struct buf *out, struct slice s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n;) {
		size_t at = i;
		int32_t next = utf8_next(s, &i);
		uint32_t c = next == UTF8_BAD ? 0xfffd : (uint32_t)next;
		if (c < 0x80)
			buf_json_escape(out, sl_of(s.p + at, 1));
		else if (c < 0x10000)
			buf_addf(out, "\\u%04x", c);
		else
			buf_addf(out, "\\u%04x\\u%04x", utf16_high(c), utf16_low(c));
	}
	buf_addc(out, '"');
}

/* Python's repr of the float that the text says. */
static void python_float(struct buf *out, const char *text)
{
	double v = strtod(text, NULL);
	char digits[REAL_DIGITS_MAX];
	int exponent, n = real_digits(v, digits, &exponent), places = n > exponent + 1 ? n - 1 - exponent : 0;
	if (exponent >= 16 || exponent < -4)
		buf_addf(out, "%.*e", n - 1, v);
	else
		buf_addf(out, "%.*f%s", places, v, places ? "" : ".0");
}

static void cell(struct buf *out, char type, const char *text)
{
	if (!text) {
		buf_adds(out, "null");
	} else if (type == 'i') {
		buf_adds(out, text);
	} else if (type == 'f') {
		python_float(out, text);
	} else if (type == 'd' && strlen(text) > 10 && text[10] == ' ') {
		buf_addf(out, "\"%.10sT%s\"", text, text + 11);
	} else {
		ascii_string(out, sl(text));
	}
}

void table_row_json(const struct table *t, size_t row, struct buf *out)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < t->column_n; i++) {
		if (i)
			buf_adds(out, ", ");
		ascii_string(out, sl(t->columns[i]));
		buf_adds(out, ": ");
		cell(out, t->types ? t->types[i] : 't', t->cells[row * t->column_n + i]);
	}
	buf_addc(out, '}');
}
