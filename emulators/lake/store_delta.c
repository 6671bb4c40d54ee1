/* A version of a Delta table as a temporary table of a session. Values look as in the cleaned tables:
 * times and arrays are texts. */
#include <math.h>

#include "lake/store_file.h"

/* DIFFERS: a boolean is 1 or 0, an array the text of a JSON array; NaN is null. */

static const char *type_of(const struct delta_field *f)
{
	if (f->array)
		return "TEXT";
	switch (f->type) {
	case DELTA_INTEGER:
	case DELTA_SHORT:
	case DELTA_BYTE:
	case DELTA_LONG:
	case DELTA_BOOLEAN:
		return "INTEGER";
	case DELTA_FLOAT:
	case DELTA_DOUBLE:
		return "REAL";
	case DELTA_BINARY:
		return "BLOB";
	case DELTA_STRING:
	case DELTA_DATE:
	case DELTA_TIMESTAMP:
	case DELTA_OTHER:
		break;
	}
	return "TEXT";
}

int lake_store_delta_begin(struct lake_session *x, struct slice name, const struct delta_schema *schema, struct error *err)
{
	struct buf make = { 0 }, insert = { 0 };
	int rc = lake_session_open(x, err);
	if (rc)
		return rc;
	x->raw_n++;
	buf_adds(&make, "CREATE TEMP TABLE ");
	lake_quote(&make, name, '\"');
	buf_adds(&insert, "INSERT INTO temp.");
	lake_quote(&insert, name, '\"');
	for (size_t i = 0; i < schema->n; i++) {
		buf_adds(&make, i ? ", " : "(");
		lake_quote(&make, schema->fields[i].name, '\"');
		buf_addf(&make, " %s", type_of(&schema->fields[i]));
		buf_adds(&insert, i ? ",?" : " VALUES(?");
	}
	buf_adds(&make, ") STRICT");
	buf_adds(&insert, ")");
	sqlite3_finalize(x->raw);
	x->raw = NULL;
	rc = sqlite3_exec(x->h, buf_cstr(&make), NULL, NULL, NULL);
	if (!rc)
		rc = sqlite3_prepare_v2(x->h, buf_cstr(&insert), -1, &x->raw, NULL);
	buf_free(&make);
	buf_free(&insert);
	return rc ? lake_session_failed(x, err) : 0;
}

/* ---- values ---- */

/* "YYYY-MM-DD HH:MM:SS[.ffffff]", zeros at the end left out. */
static void add_time(struct buf *b, int64_t us)
{
	int64_t seconds = us / 1000000 - (us % 1000000 < 0), day = seconds / 86400 - (seconds % 86400 < 0);
	int micros = (int)(us - seconds * 1000000), rest = (int)(seconds - day * 86400), y, m, d;
	clock_civil(day, &y, &m, &d);
	buf_addf(b, "%04d-%02d-%02d %02d:%02d:%02d", y, m, d, rest / 3600, rest / 60 % 60, rest % 60);
	if (micros)
		buf_addf(b, ".%06d", micros);
	while (micros && b->p[b->n - 1] == '0')
		b->n--;
}

static void add_date(struct buf *b, int64_t day)
{
	int y, m, d;
	clock_civil(day, &y, &m, &d);
	buf_addf(b, "%04d-%02d-%02d", y, m, d);
}

static int64_t whole(const struct pq_column *c, size_t i)
{
	return c->type == PQ_INT64 ? c->i64[i] : c->type == PQ_BOOLEAN ? c->flags[i] : c->i32[i];
}

static void add_item(struct buf *b, struct arena *a, const struct delta_field *f, const struct pq_column *c, size_t i)
{
	double d;
	switch (f->type) {
	case DELTA_STRING:
	case DELTA_BINARY:
	case DELTA_OTHER:
		buf_json_string(b, pq_bytes(c, i));
		break;
	case DELTA_DATE:
	case DELTA_TIMESTAMP:
		buf_addc(b, '"');
		(f->type == DELTA_DATE ? add_date : add_time)(b, whole(c, i));
		buf_addc(b, '"');
		break;
	case DELTA_INTEGER:
	case DELTA_SHORT:
	case DELTA_BYTE:
	case DELTA_LONG:
		buf_addf(b, "%lld", (long long)whole(c, i));
		break;
	case DELTA_FLOAT:
	case DELTA_DOUBLE:
		d = c->type == PQ_FLOAT ? (double)c->f32[i] : c->f64[i];
		buf_addsl(b, isfinite(d) ? clean_real_text(a, d) : S("null"));
		break;
	case DELTA_BOOLEAN:
		buf_adds(b, c->flags[i] ? "true" : "false");
		break;
	}
}

static void add_array(struct buf *b, struct arena *a, const struct delta_field *f, const struct delta_cell *cell)
{
	struct pq_cursor at = cell->at;
	struct pq_entry e;
	buf_addc(b, '[');
	for (size_t i = 0; i < cell->item_n && pq_next(&at, &e); i++) {
		buf_adds(b, i ? "," : "");
		if (e.has)
			add_item(b, a, f, at.c, e.value);
		else
			buf_adds(b, "null");
	}
	buf_addc(b, ']');
}

/* Binds one cell; returns about how many bytes it takes. tmp and a hold texts until the statement is reset. */
static size_t bind_cell(sqlite3_stmt *st, int at, const struct delta_field *f, const struct delta_cell *cell, struct buf *tmp, struct arena *a)
{
	const struct pq_column *c = cell->at.c;
	size_t i = cell->at.value, from = tmp->n;
	struct slice s;
	if (cell->null) {
		sqlite3_bind_null(st, at);
		return 1;
	}
	if (f->array) {
		add_array(tmp, a, f, cell);
	} else if (f->type == DELTA_TIMESTAMP) {
		add_time(tmp, whole(c, i));
	} else if (f->type == DELTA_DATE) {
		add_date(tmp, whole(c, i));
	} else if (c->type == PQ_BYTES) {
		s = pq_bytes(c, i);
		if (f->type == DELTA_BINARY)
			sqlite3_bind_blob64(st, at, s.p, s.n, SQLITE_STATIC);
		else
			sqlite3_bind_text64(st, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
		return s.n + 2;
	} else if (c->type == PQ_DOUBLE || c->type == PQ_FLOAT) {
		sqlite3_bind_double(st, at, c->type == PQ_FLOAT ? (double)c->f32[i] : c->f64[i]);
		return 9;
	} else {
		sqlite3_bind_int64(st, at, whole(c, i));
		return 9;
	}
	s = arena_dup(a, sl_from(buf_slice(tmp), from));
	sqlite3_bind_text64(st, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
	tmp->n = from;
	return s.n + 2;
}

static int add_rows(struct lake_session *x, const struct delta_rows *rows, struct delta_reader *d, struct delta_cell *cells, struct error *err)
{
	struct arena a = { 0 };
	struct buf tmp = { 0 };
	int rc = 0;
	while (!rc && !x->stop && delta_reader_next(d, cells)) {
		for (size_t i = 0; i < rows->schema.n; i++)
			x->raw_bytes += bind_cell(x->raw, (int)i + 1, &rows->schema.fields[i], &cells[i], &tmp, &a);
		if (sqlite3_step(x->raw) != SQLITE_DONE)
			rc = lake_session_failed(x, err);
		sqlite3_reset(x->raw);
		if (!rc && x->raw_bytes > LAKE_RAW_BYTES)
			rc = err_set(err, ERR_LIMIT, "the tables and topics of the statement have more than %d bytes", LAKE_RAW_BYTES);
		arena_reset(&a);
	}
	arena_free(&a);
	buf_free(&tmp);
	return rc;
}

int lake_store_delta_add(struct lake_session *x, const struct delta_rows *rows, struct error *err)
{
	struct delta_cell *cells = xcalloc(rows->schema.n + 1, sizeof(*cells));
	struct delta_reader d;
	int rc = sqlite3_exec(x->h, "BEGIN", NULL, NULL, NULL) ? lake_session_failed(x, err) : 0;
	delta_reader_init(&d, rows);
	if (!rc) {
		rc = add_rows(x, rows, &d, cells, err);
		if (sqlite3_exec(x->h, rc ? "ROLLBACK" : "COMMIT", NULL, NULL, NULL) && !rc)
			rc = lake_session_failed(x, err);
	}
	delta_reader_free(&d);
	free(cells);
	return rc;
}
