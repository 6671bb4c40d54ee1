#include "core/json.h"
#include "core/text.h"
#include "tarn/draw.h"

#include <math.h>

/* ---- cells ---- */

/* Arrays and objects as compact JSON. */
static void draw_nested(struct buf *b, const json_t *v)
{
	char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_adds(b, text);
	free(text);
}

void draw_cell(struct buf *b, const json_t *v)
{
	if (json_is_string(v))
		buf_addsl(b, sl_of(json_string_value(v), json_string_length(v)));
	else if (json_is_real(v))
		buf_real(b, json_real_value(v), true);
	else if (json_is_integer(v))
		buf_addf(b, "%lld", (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		buf_adds(b, json_is_true(v) ? "true" : "false");
	else if (json_is_array(v) || json_is_object(v))
		draw_nested(b, v);
}

void draw_line_cell(struct buf *b, const json_t *v)
{
	struct buf raw = { 0 };
	draw_cell(&raw, v);
	if (json_is_null(v))
		buf_adds(&raw, "NULL");
	for (size_t i = 0; i < raw.n; i++) {
		unsigned char c = (unsigned char)raw.p[i];
		if (c == '\n')
			buf_adds(b, "\\n");
		else if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\x%02x", c);
		else
			buf_addc(b, (char)c);
	}
	buf_free(&raw);
}

size_t draw_width(struct slice s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

static bool numbers(const json_t *rows, size_t column)
{
	const json_t *row;
	size_t i;
	bool any = false;
	json_array_foreach(rows, i, row) {
		const json_t *v = json_array_get(row, column);
		if (json_is_string(v))
			return false;
		any |= json_is_number(v);
	}
	return any;
}

/* ---- Markdown ---- */

static void markdown_row(struct buf *b, const json_t *cells)
{
	struct buf cell = { 0 };
	const json_t *v;
	size_t i;
	json_array_foreach(cells, i, v) {
		buf_reset(&cell);
		draw_line_cell(&cell, v);
		buf_adds(b, "| ");
		for (size_t k = 0; k < cell.n; k++) {
			if (cell.p[k] == '|' || cell.p[k] == '\\')
				buf_addc(b, '\\');
			buf_addc(b, cell.p[k]);
		}
		buf_addc(b, ' ');
	}
	buf_adds(b, "|\n");
	buf_free(&cell);
}

bool draw_is_number(const json_t *column)
{
	static const char *const names[] = { "tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "void" };
	const char *type = jstr(column, "type");
	for (size_t i = 0; type && i < ARRAY_LEN(names); i++)
		if (!strncmp(type, names[i], strlen(names[i])) && strncmp(type, "interval", 8))
			return true;
	return false;
}

void draw_markdown(struct buf *b, const json_t *columns, const json_t *rows, const json_t *schema)
{
	const json_t *row;
	size_t i;
	markdown_row(b, columns);
	for (i = 0; i < json_array_size(columns); i++)
		buf_adds(b, numbers(rows, i) || (json_array_size(rows) && draw_is_number(json_array_get(schema, i))) ? "| ---: " : "| --- ");
	buf_adds(b, "|\n");
	json_array_foreach(rows, i, row)
		markdown_row(b, row);
}

/* ---- bars ---- */

/* The last column of numbers; -1: none. */
static int value_column(const json_t *columns, const json_t *rows)
{
	int column = (int)json_array_size(columns) - 1;
	while (column >= 0 && !numbers(rows, (size_t)column))
		column--;
	return column;
}

static double value_of(const json_t *row, int column)
{
	const json_t *v = json_array_get(row, (size_t)column);
	return json_is_number(v) ? json_number_value(v) : 0;
}

static double largest(const json_t *rows, int column)
{
	const json_t *row;
	double most = 0;
	size_t i;
	json_array_foreach(rows, i, row)
		most = fmax(most, fabs(value_of(row, column)));
	return most;
}

/* The other columns of the row; of a single column, the row's number. */
static void add_label(struct buf *b, const json_t *row, size_t number, int column)
{
	const json_t *v;
	size_t i, n = b->n;
	json_array_foreach(row, i, v) {
		if ((int)i == column)
			continue;
		buf_adds(b, b->n > n ? " " : "");
		draw_line_cell(b, v);
	}
	if (json_array_size(row) == 1)
		buf_addf(b, "%zu", number + 1);
}

static size_t widest_label(const json_t *rows, int column)
{
	struct buf label = { 0 };
	const json_t *row;
	size_t i, most = 0;
	json_array_foreach(rows, i, row) {
		buf_reset(&label);
		add_label(&label, row, i, column);
		size_t n = draw_width(buf_slice(&label));
		most = n > most ? n : most;
	}
	buf_free(&label);
	return most;
}

static void add_bar(struct buf *b, double share)
{
	enum { CELLS = 40, PARTS = 8 };
	static const char *const part[PARTS] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	int eighths = (int)lround(share * CELLS * PARTS);
	for (int i = 0; i < eighths / PARTS; i++)
		buf_adds(b, "█");
	buf_adds(b, part[eighths % PARTS]);
	if (!eighths && share > 0)
		buf_adds(b, part[1]);
}

bool draw_chart(struct buf *b, const json_t *columns, const json_t *rows)
{
	int column = value_column(columns, rows);
	const json_t *row;
	size_t i;
	if (column < 0)
		return false;
	size_t wide = widest_label(rows, column);
	double most = largest(rows, column);
	buf_addf(b, "%*s  ", (int)wide, "");
	draw_line_cell(b, json_array_get(columns, (size_t)column));
	buf_addc(b, '\n');
	json_array_foreach(rows, i, row) {
		struct buf label = { 0 };
		add_label(&label, row, i, column);
		buf_addsl(b, buf_slice(&label));
		buf_addf(b, "%*s  ", (int)(wide - draw_width(buf_slice(&label))), "");
		size_t start = b->n;
		add_bar(b, most > 0 ? fabs(value_of(row, column)) / most : 0);
		buf_adds(b, b->n > start ? " " : "");
		draw_line_cell(b, json_array_get(row, (size_t)column));
		buf_addc(b, '\n');
		buf_free(&label);
	}
	return true;
}

/* ---- SVG ---- */

enum { ROW = 22, TOP = 56, EDGE = 16, BARS = 480, LETTER = 7, NUMBERS = 120, LABEL_MAX = 60 };

static void add_text(struct buf *b, int x, int y, const char *attributes, struct slice text)
{
	buf_addf(b, "<text x=\"%d\" y=\"%d\"%s>", x, y, attributes);
	buf_xml_escape(b, text);
	buf_adds(b, "</text>\n");
}

/* At most LABEL_MAX characters of it. */
static void shorten(struct buf *label)
{
	size_t at = 0, n = 0;
	if (draw_width(buf_slice(label)) <= LABEL_MAX)
		return;
	for (; at < label->n; at++)
		if (((unsigned char)label->p[at] & 0xC0) != 0x80 && n++ == LABEL_MAX - 1)
			break;
	label->n = at;
	buf_adds(label, "…");
}

static void svg_row(struct buf *b, const json_t *row, size_t i, int column, int left, double most)
{
	struct buf text = { 0 };
	int y = TOP + (int)i * ROW, bar = most > 0 ? (int)lround(fabs(value_of(row, column)) / most * BARS) : 0;
	add_label(&text, row, i, column);
	shorten(&text);
	add_text(b, left - 8, y + 15, " text-anchor=\"end\"", buf_slice(&text));
	buf_addf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", left, y + 3, bar, ROW - 6,
		 value_of(row, column) < 0 ? "#b3452c" : "#2c6fb3");
	buf_reset(&text);
	draw_line_cell(&text, json_array_get(row, (size_t)column));
	add_text(b, left + bar + 6, y + 15, "", buf_slice(&text));
	buf_free(&text);
}

bool draw_svg(struct buf *b, struct slice title, const json_t *columns, const json_t *rows)
{
	int column = value_column(columns, rows);
	struct buf name = { 0 };
	const json_t *row;
	size_t i;
	if (column < 0)
		return false;
	size_t wide = widest_label(rows, column);
	int left = EDGE + 8 + LETTER * (int)(wide < LABEL_MAX ? wide : LABEL_MAX), width = left + BARS + NUMBERS;
	int height = TOP + ROW * (int)json_array_size(rows) + EDGE;
	buf_addf(b,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		 "font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n<title>",
		 width, height, width, height);
	buf_xml_escape(b, title);
	buf_addf(b, "</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", width, height);
	add_text(b, EDGE, 24, " font-size=\"14\" font-weight=\"bold\"", title);
	draw_line_cell(&name, json_array_get(columns, (size_t)column));
	add_text(b, left, 46, " fill=\"#555\"", buf_slice(&name));
	double most = largest(rows, column);
	json_array_foreach(rows, i, row)
		svg_row(b, row, i, column, left, most);
	buf_adds(b, "</svg>\n");
	buf_free(&name);
	return true;
}
