/* Answers of the lake as Markdown and as bar charts: text for the terminal, SVG for a file. The same answer gives the same
 * bytes. */
#ifndef TARN_LAKE_DRAW_H
#define TARN_LAKE_DRAW_H

#include <jansson.h>

#include "core/mem.h"

/* A cell as it is printed: no quotes, reals in their shortest form; null gives nothing. */
void draw_cell(struct buf *b, const json_t *v);
/* The same in one line: control characters, which would break lines or drive the terminal, as escapes; null as NULL. */
void draw_line_cell(struct buf *b, const json_t *v);
size_t draw_width(struct slice s); /* characters */
/* schema: types of columns whose numbers come as texts; NULL: numbers are numbers. */
void draw_markdown(struct buf *b, const json_t *columns, const json_t *rows, const json_t *schema);
/* Whether a column of the schema ({"type":"bigint"}) holds numbers. */
bool draw_is_number(const json_t *column);
/* A bar a row: its length is the last column of numbers, its label the other columns. Returns false when there is no such
 * column. */
bool draw_chart(struct buf *b, const json_t *columns, const json_t *rows) WARN_UNUSED;
bool draw_svg(struct buf *b, struct slice title, const json_t *columns, const json_t *rows) WARN_UNUSED;

#endif
