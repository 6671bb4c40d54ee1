/* Rows from CSV and JSON lines, and rows as text. */
#include <jansson.h>

#include "core/text.h"
#include "rds/seed.h"

static ssize_t column_of(const struct seed_table *t, struct slice name)
{
	for (size_t i = 0; i < t->column_n; i++)
		if (sl_eqs(name, t->columns[i].name))
			return (ssize_t)i;
	return -1;
}

static int unknown_column(const char *name, int line, const struct seed_table *t, struct slice column, struct error *err)
{
	return err_set(err, ERR_INVALID, "%s:%d: %s has no column \"%.*s\"", name, line, t->name, (int)(column.n > 64 ? 64 : column.n),
		       column.p);
}

/* ---- CSV ---- */

struct csv {
	struct slice rest;
	struct buf cell;
	bool quoted, last; /* of the cell just read: was in quotes; ends its record */
	int line;
};

/* Reads one cell into c->cell. Nonzero: a quote that isn't closed, or text after one. */
static int csv_cell(struct csv *c)
{
	struct slice *s = &c->rest;
	buf_reset(&c->cell);
	c->quoted = s->n && *s->p == '"';
	size_t i = c->quoted;
	while (c->quoted && i < s->n) {
		if (s->p[i] == '"' && !(i + 1 < s->n && s->p[i + 1] == '"'))
			break;
		i += s->p[i] == '"';
		c->line += s->p[i] == '\n';
		buf_addc(&c->cell, s->p[i++]);
	}
	if (c->quoted && i++ >= s->n)
		return -1;
	while (!c->quoted && i < s->n && s->p[i] != ',' && s->p[i] != '\n' && s->p[i] != '\r')
		buf_addc(&c->cell, s->p[i++]);
	bool cr = i < s->n && s->p[i] == '\r';
	i += cr;
	c->last = i >= s->n || s->p[i] == '\n';
	if (!c->last && (cr || s->p[i] != ','))
		return -1;
	i += i < s->n;
	*s = sl_from(*s, i);
	return 0;
}

enum { CSV_COLUMNS = 64, CELL_SKIP = -1 };

static int csv_header(struct csv *c, const char *name, const struct seed_table *t, int *at, size_t *n, struct error *err)
{
	*n = 0;
	do {
		if (csv_cell(c) || *n == CSV_COLUMNS)
			return err_set(err, ERR_INVALID, "%s:1: not a CSV header", name);
		ssize_t k = column_of(t, buf_slice(&c->cell));
		if (k < 0 && c->cell.n)
			return unknown_column(name, 1, t, buf_slice(&c->cell), err);
		at[(*n)++] = (int)k;
	} while (!c->last);
	return 0;
}

static int csv_record(struct csv *c, const char *name, const struct seed_table *t, const int *at, size_t n, struct arena *a,
		      struct slice *cells, struct error *err)
{
	size_t i = 0;
	int line = c->line;
	memset(cells, 0, SEED_COLUMNS_MAX * sizeof(*cells));
	do {
		if (csv_cell(c))
			return err_set(err, ERR_INVALID, "%s:%d: a quoted cell that isn't closed", name, line);
		if (i == n)
			return err_set(err, ERR_INVALID, "%s:%d: more cells than the header has", name, line);
		bool null = !c->cell.n && !c->quoted && at[i] >= 0 && t->columns[at[i]].type != 't';
		if (at[i] >= 0 && !null)
			cells[at[i]] = arena_dup(a, buf_slice(&c->cell));
		i++;
	} while (!c->last);
	c->line++;
	return i == n ? 0 : err_set(err, ERR_INVALID, "%s:%d: %zu cells, the header has %zu", name, line, i, n);
}

static int read_csv(const char *name, struct slice text, const struct seed_table *t, seed_row_fn fn, void *arg, struct error *err)
{
	struct csv c = { .rest = text, .line = 2 };
	struct slice cells[SEED_COLUMNS_MAX];
	struct arena a = { 0 };
	int at[CSV_COLUMNS];
	size_t n;
	(void)sl_after(text, S("\xef\xbb\xbf"), &c.rest);
	int rc = csv_header(&c, name, t, at, &n, err);
	while (!rc && c.rest.n) {
		arena_reset(&a);
		rc = csv_record(&c, name, t, at, n, &a, cells, err);
		if (!rc)
			rc = fn(arg, t, cells, err);
	}
	buf_free(&c.cell);
	arena_free(&a);
	return rc;
}

/* ---- JSON lines ---- */

static struct slice shortest(struct arena *a, double v)
{
	char text[REAL_TEXT_MAX];
	return arena_dup(a, sl_of(text, real_text(v, false, text)));
}

static int json_cell(struct arena *a, const json_t *v, struct slice *out)
{
	if (json_is_string(v))
		*out = sl_of(json_string_value(v), json_string_length(v));
	else if (json_is_integer(v))
		*out = arena_printf(a, "%lld", (long long)json_integer_value(v));
	else if (json_is_real(v))
		*out = shortest(a, json_real_value(v));
	else if (json_is_boolean(v))
		*out = json_is_true(v) ? S("1") : S("0");
	else if (json_is_null(v))
		*out = sl(NULL);
	else
		return -1;
	return 0;
}

static int json_row(const char *name, int line, json_t *row, const struct seed_table *t, struct arena *a, struct slice *cells,
		    struct error *err)
{
	const char *key;
	json_t *v;
	memset(cells, 0, SEED_COLUMNS_MAX * sizeof(*cells));
	json_object_foreach(row, key, v) {
		ssize_t k = column_of(t, sl(key));
		if (k < 0)
			return unknown_column(name, line, t, sl(key), err);
		if (json_cell(a, v, &cells[k]))
			return err_set(err, ERR_INVALID, "%s:%d: \"%s\" is neither text nor a number", name, line, key);
	}
	return 0;
}

static int read_json(const char *name, struct slice text, const struct seed_table *t, seed_row_fn fn, void *arg, struct error *err)
{
	struct slice cells[SEED_COLUMNS_MAX], line;
	struct arena a = { 0 };
	int rc = 0;
	for (int n = 1; !rc && text.p && text.n; n++) {
		json_error_t why;
		sl_cut(text, '\n', &line, &text);
		if (!sl_trim(line).n)
			continue;
		json_t *row = json_loadb(line.p, line.n, JSON_ALLOW_NUL, &why);
		if (!json_is_object(row))
			rc = err_set(err, ERR_INVALID, "%s:%d: %s", name, n, row ? "not a JSON object" : why.text);
		if (!rc)
			rc = json_row(name, n, row, t, &a, cells, err);
		if (!rc)
			rc = fn(arg, t, cells, err);
		json_decref(row);
		arena_reset(&a);
	}
	arena_free(&a);
	return rc;
}

int seed_read(const char *name, struct slice text, const struct seed_table *t, seed_row_fn fn, void *arg, struct error *err)
{
	struct slice s = sl(name);
	if (sl_ends(s, S(".csv")))
		return read_csv(name, text, t, fn, arg, err);
	if (sl_ends(s, S(".jsonl")) || sl_ends(s, S(".ndjson")) || sl_ends(s, S(".json")))
		return read_json(name, text, t, fn, arg, err);
	return err_set(err, ERR_INVALID, "%s: rows are read from .csv, .jsonl, .ndjson and .json", name);
}

/* ---- rows as text ---- */

void seed_put_csv_header(struct buf *out, const struct seed_table *t)
{
	for (size_t i = 0; i < t->column_n; i++)
		buf_addf(out, "%s%s", i ? "," : "", t->columns[i].name);
	buf_addc(out, '\n');
}

void seed_put_csv(struct buf *out, const struct seed_table *t, const struct slice *cells)
{
	for (size_t i = 0; i < t->column_n; i++) {
		struct slice s = cells[i];
		if (i)
			buf_addc(out, ',');
		if (!s.p)
			continue;
		bool quoted = (!s.n && t->columns[i].type == 't') || sl_chr(s, ',') >= 0 || sl_chr(s, '"') >= 0 ||
			      sl_chr(s, '\n') >= 0 || sl_chr(s, '\r') >= 0;
		if (quoted)
			buf_addc(out, '"');
		for (size_t k = 0; k < s.n; k++) {
			if (s.p[k] == '"')
				buf_addc(out, '"');
			buf_addc(out, s.p[k]);
		}
		if (quoted)
			buf_addc(out, '"');
	}
	buf_addc(out, '\n');
}

void seed_put_json(struct buf *out, const struct seed_table *t, const struct slice *cells)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < t->column_n; i++) {
		buf_addf(out, "%s\"%s\": ", i ? ", " : "", t->columns[i].name);
		if (!cells[i].p)
			buf_adds(out, "null");
		else if (strchr("ifn", t->columns[i].type))
			buf_addsl(out, cells[i]);
		else
			buf_json_string(out, cells[i]);
	}
	buf_adds(out, "}\n");
}

static void put_sql_string(struct buf *out, struct slice s)
{
	buf_addc(out, '\'');
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '\0': buf_adds(out, "\\0"); break;
		case '\n': buf_adds(out, "\\n"); break;
		case '\r': buf_adds(out, "\\r"); break;
		case '\\': buf_adds(out, "\\\\"); break;
		case '\'': buf_adds(out, "\\'"); break;
		default: buf_addc(out, s.p[i]);
		}
	}
	buf_addc(out, '\'');
}

void seed_put_values(struct buf *out, const struct seed_table *t, const struct slice *cells)
{
	buf_addc(out, '(');
	for (size_t i = 0; i < t->column_n; i++) {
		if (i)
			buf_addc(out, ',');
		if (!cells[i].p)
			buf_adds(out, "NULL");
		else
			put_sql_string(out, cells[i]);
	}
	buf_addc(out, ')');
}
