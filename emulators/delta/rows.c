/* Rows in memory: built a cell at a time, read a row at a time. */
#include "delta/delta.h"

#include <assert.h>
#include <math.h>

#include "core/clock.h"
#include "core/text.h"

struct delta_rows *delta_rows_new(const struct delta_schema *schema)
{
	struct delta_rows *r = xcalloc(1, sizeof(*r));
	r->schema = delta_schema_dup(&r->arena, schema);
	r->parquet = delta_schema_parquet(&r->arena, &r->schema);
	return r;
}

void delta_rows_free(struct delta_rows *r)
{
	if (!r)
		return;
	for (size_t g = 0; g < r->group_n; g++) {
		for (size_t i = 0; i < r->schema.n; i++)
			pq_column_free(&r->groups[g].columns[i]);
		free(r->groups[g].columns);
	}
	free(r->groups);
	arena_free(&r->arena);
	free(r);
}

/* ---- building ---- */

static void add_group(struct delta_rows *r)
{
	struct delta_group *g;
	GROW(r->groups, r->group_n, r->group_cap);
	g = &r->groups[r->group_n++];
	*g = (struct delta_group){ .columns = xcalloc(r->schema.n + 1, sizeof(*g->columns)) };
	for (size_t i = 0; i < r->schema.n; i++)
		pq_column_init(&g->columns[i], &r->parquet.leaves[i], PQ_BYTES_MAX);
}

static struct pq_column *column(struct delta_rows *r, size_t field)
{
	if (!r->group_n || r->groups[r->group_n - 1].row_n >= PQ_GROUP_ROWS)
		add_group(r);
	return &r->groups[r->group_n - 1].columns[field];
}

static void put_text(struct delta_rows *r, size_t field, int rep, struct slice v)
{
	struct pq_column *c = column(r, field);
	struct buf b = { 0 };
	if (r->schema.fields[field].type == DELTA_BINARY || sl_is_utf8(v)) {
		pq_add_bytes(c, rep, v);
		return;
	}
	buf_utf8_mend(&b, v, "\xef\xbf\xbd");
	pq_add_bytes(c, rep, buf_slice(&b));
	buf_free(&b);
}

static void put_int(struct delta_rows *r, size_t field, int rep, int64_t v)
{
	struct pq_column *c = column(r, field);
	if (c->type == PQ_INT64) {
		pq_add_i64(c, rep, v);
		return;
	}
	assert(v >= INT32_MIN && v <= INT32_MAX);
	pq_add_i32(c, rep, (int32_t)v);
}

void delta_null(struct delta_rows *r, size_t field)
{
	pq_add_null(column(r, field), 0, 0);
}

void delta_text(struct delta_rows *r, size_t field, struct slice v)
{
	if (v.p)
		put_text(r, field, 0, v);
	else
		delta_null(r, field);
}

void delta_int(struct delta_rows *r, size_t field, int64_t v)
{
	put_int(r, field, 0, v);
}

void delta_real(struct delta_rows *r, size_t field, double v)
{
	pq_add_f64(column(r, field), 0, v);
}

void delta_bool(struct delta_rows *r, size_t field, bool v)
{
	pq_add_bool(column(r, field), 0, v);
}

void delta_array(struct delta_rows *r, size_t field, size_t n)
{
	if (n == 0)
		pq_add_null(column(r, field), 0, 1);
}

void delta_item_null(struct delta_rows *r, size_t field, size_t i)
{
	pq_add_null(column(r, field), i > 0, 2);
}

void delta_item_text(struct delta_rows *r, size_t field, size_t i, struct slice v)
{
	if (v.p)
		put_text(r, field, i > 0, v);
	else
		delta_item_null(r, field, i);
}

void delta_item_real(struct delta_rows *r, size_t field, size_t i, double v)
{
	pq_add_f64(column(r, field), i > 0, v);
}

void delta_row_end(struct delta_rows *r)
{
	struct delta_group *g = &r->groups[r->group_n - 1];
	assert(r->group_n);
	g->row_n++;
	r->row_n++;
	for (size_t i = 0; i < r->schema.n; i++)
		assert(g->columns[i].max_rep ? g->columns[i].level_n >= g->row_n : g->columns[i].level_n == g->row_n);
}

void delta_rows_compact(struct delta_rows *r)
{
	size_t kept = 0;
	for (size_t g = 1; g < r->group_n; g++) {
		struct delta_group *to = &r->groups[kept], *from = &r->groups[g];
		if (to->row_n + from->row_n > PQ_GROUP_ROWS) {
			r->groups[++kept] = *from;
			continue;
		}
		for (size_t i = 0; i < r->schema.n; i++) {
			pq_column_append(&to->columns[i], &from->columns[i]);
			pq_column_free(&from->columns[i]);
		}
		free(from->columns);
		to->row_n += from->row_n;
	}
	r->group_n = r->group_n ? kept + 1 : 0;
}

/* ---- reading ---- */

void delta_reader_init(struct delta_reader *d, const struct delta_rows *rows)
{
	*d = (struct delta_reader){ .rows = rows, .cursors = xcalloc(rows->schema.n + 1, sizeof(*d->cursors)) };
}

void delta_reader_free(struct delta_reader *d)
{
	free(d->cursors);
	*d = (struct delta_reader){ 0 };
}

static void take_cell(struct pq_cursor *cursor, struct delta_cell *cell)
{
	const struct pq_column *c = cursor->c;
	struct pq_entry e = { 0 };
	*cell = (struct delta_cell){ .at = *cursor };
	if (!pq_next(cursor, &e))
		return;
	cell->null = c->max_def && e.def == 0;
	if (!c->max_rep)
		return;
	cell->item_n = e.def >= 2;
	while (cursor->level < c->level_n && c->rep[cursor->level]) {
		(void)pq_next(cursor, &e);
		cell->item_n++;
	}
}

bool delta_reader_next(struct delta_reader *d, struct delta_cell *cells)
{
	const struct delta_rows *r = d->rows;
	while (d->group < r->group_n && d->row >= r->groups[d->group].row_n) {
		d->group++;
		d->row = 0;
	}
	if (d->group >= r->group_n)
		return false;
	if (d->row++ == 0)
		for (size_t i = 0; i < r->schema.n; i++)
			d->cursors[i] = (struct pq_cursor){ .c = &r->groups[d->group].columns[i] };
	for (size_t i = 0; i < r->schema.n; i++)
		take_cell(&d->cursors[i], &cells[i]);
	return true;
}

/* ---- JSON ---- */

static void real_json(struct buf *b, double v)
{
	if (!isfinite(v)) {
		buf_adds(b, isnan(v) ? "\"NaN\"" : v > 0 ? "\"Infinity\"" : "\"-Infinity\"");
		return;
	}
	buf_real(b, v, false);
}

static void time_json(struct buf *b, int64_t us)
{
	int64_t ms = us / 1000 - (us % 1000 < 0);
	char iso[32];
	clock_iso(ms, iso);
	iso[10] = ' ';
	buf_addf(b, "\"%.19s", iso);
	if (us % 1000000)
		buf_addf(b, ".%06d", (int)((us % 1000000 + 1000000) % 1000000));
	buf_addc(b, '"');
}

static void value_json(struct buf *b, enum delta_type type, const struct pq_column *c, size_t i)
{
	int y, m, d;
	switch (type) {
	case DELTA_STRING:
	case DELTA_BINARY:
	case DELTA_OTHER:
		buf_json_string(b, pq_bytes(c, i));
		break;
	case DELTA_DATE:
		clock_civil(c->i32[i], &y, &m, &d);
		buf_addf(b, "\"%04d-%02d-%02d\"", y, m, d);
		break;
	case DELTA_INTEGER:
	case DELTA_SHORT:
	case DELTA_BYTE:
		buf_addf(b, "%d", c->i32[i]);
		break;
	case DELTA_LONG:
		buf_addf(b, "%lld", (long long)c->i64[i]);
		break;
	case DELTA_TIMESTAMP:
		time_json(b, c->i64[i]);
		break;
	case DELTA_FLOAT:
		real_json(b, (double)c->f32[i]);
		break;
	case DELTA_DOUBLE:
		real_json(b, c->f64[i]);
		break;
	case DELTA_BOOLEAN:
		buf_adds(b, c->flags[i] ? "true" : "false");
		break;
	}
}

static void cell_json(struct buf *b, const struct delta_field *f, const struct delta_cell *cell)
{
	struct pq_cursor at = cell->at;
	struct pq_entry e;
	if (!f->array) {
		value_json(b, f->type, at.c, at.value);
		return;
	}
	buf_addc(b, '[');
	for (size_t i = 0; i < cell->item_n && pq_next(&at, &e); i++) {
		if (i)
			buf_addc(b, ',');
		if (e.has)
			value_json(b, f->type, at.c, e.value);
		else
			buf_adds(b, "null");
	}
	buf_addc(b, ']');
}

void delta_row_json(struct buf *b, const struct delta_rows *rows, const struct delta_cell *cells)
{
	bool first = true;
	buf_addc(b, '{');
	for (size_t i = 0; i < rows->schema.n; i++) {
		if (cells[i].null)
			continue;
		if (!first)
			buf_addc(b, ',');
		first = false;
		buf_json_string(b, rows->schema.fields[i].name);
		buf_addc(b, ':');
		cell_json(b, &rows->schema.fields[i], &cells[i]);
	}
	buf_addc(b, '}');
}
