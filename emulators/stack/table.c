#include "stack/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* One UTF-8 character from s (well-formed: MySQL's utf8mb4), its length in *n. */
static uint32_t utf8_char(const unsigned char *s, size_t *n)
{
	*n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c = *n == 1 ? s[0] : s[0] & (0x7fu >> *n);
	for (size_t i = 1; i < *n; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			*n = i;
			return 0xfffd;
		}
		c = c << 6 | (s[i] & 0x3f);
	}
	return c;
}

static void ascii_string(struct buf *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n;
	buf_addc(out, '"');
	for (; *s; s += n) {
		uint32_t c = utf8_char(s, &n);
		if (c < 0x80)
			buf_json_escape(out, sl_of(s, 1));
		else if (c < 0x10000)
			buf_addf(out, "\\u%04x", c);
		else
			buf_addf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
	}
	buf_addc(out, '"');
}

/* Python's repr of the float that the text says. */
static void python_float(struct buf *out, const char *text)
{
	double v = strtod(text, NULL);
	char digits[40];
	for (int precision = 0; precision < 17; precision++) {
		snprintf(digits, sizeof(digits), "%.*e", precision, v);
		if (strtod(digits, NULL) == v)
			break;
	}
	int exponent = atoi(strchr(digits, 'e') + 1), shown = (int)(strchr(digits, 'e') - digits) - (digits[0] == '-');
	int places = shown > 1 ? shown - 2 : 0; /* after the point of d.ddd */
	if (exponent >= 16 || exponent < -4) {
		buf_adds(out, digits);
		return;
	}
	places = places > exponent ? places - exponent : 0;
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
		ascii_string(out, text);
	}
}

void table_row_json(const struct table *t, size_t row, struct buf *out)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < t->column_n; i++) {
		if (i)
			buf_adds(out, ", ");
		ascii_string(out, t->columns[i]);
		buf_adds(out, ": ");
		cell(out, t->types ? t->types[i] : 't', t->cells[row * t->column_n + i]);
	}
	buf_addc(out, '}');
}
