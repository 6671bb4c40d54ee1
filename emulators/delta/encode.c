/* Rows <-> data files. */
#include "delta/delta.h"

#include <jansson.h>

#include "core/clock.h"
#include "core/text.h"

/* ---- stats ---- */

static bool put_stat(struct buf *b, enum delta_type type, union pq_stat v, bool max)
{
	static const enum sp_kind kinds[] = {
		[DELTA_STRING] = SP_STRING, [DELTA_BINARY] = SP_BINARY, [DELTA_INTEGER] = SP_INT, [DELTA_SHORT] = SP_SMALLINT,
		[DELTA_BYTE] = SP_TINYINT, [DELTA_DATE] = SP_DATE, [DELTA_LONG] = SP_BIGINT, [DELTA_TIMESTAMP] = SP_TIMESTAMP,
		[DELTA_FLOAT] = SP_FLOAT, [DELTA_DOUBLE] = SP_DOUBLE, [DELTA_BOOLEAN] = SP_BOOLEAN, [DELTA_OTHER] = SP_VOID,
	};
	return col_stat(b, &sp_types[kinds[type]], v, max);
}

static void put_bounds(struct buf *b, const struct delta_schema *s, const struct pq_stats *stats, bool max)
{
	bool first = true;
	struct buf one = { 0 };
	for (size_t i = 0; i < s->n && i < DELTA_STAT_FIELDS; i++) {
		buf_reset(&one);
		if (s->fields[i].array || !stats[i].has || !put_stat(&one, s->fields[i].type, max ? stats[i].max : stats[i].min, max))
			continue;
		if (!first)
			buf_addc(b, ',');
		first = false;
		buf_json_string(b, s->fields[i].name);
		buf_addc(b, ':');
		buf_addsl(b, buf_slice(&one));
	}
	buf_free(&one);
}

static void put_stats(struct buf *b, const struct delta_schema *s, const struct pq_stats *stats, int64_t rows)
{
	bool first = true;
	buf_addf(b, "{\"numRecords\":%lld,\"minValues\":{", (long long)rows);
	put_bounds(b, s, stats, false);
	buf_adds(b, "},\"maxValues\":{");
	put_bounds(b, s, stats, true);
	buf_adds(b, "},\"nullCount\":{");
	for (size_t i = 0; i < s->n && i < DELTA_STAT_FIELDS; i++) {
		if (s->fields[i].array) /* entries without a value aren't the arrays that are null */
			continue;
		if (!first)
			buf_addc(b, ',');
		first = false;
		buf_json_string(b, s->fields[i].name);
		buf_addf(b, ":%lld", (long long)stats[i].null_n);
	}
	buf_adds(b, "}}");
}

/* ---- rows -> file ---- */

static void fill_nulls(struct pq_column *c, size_t n)
{
	pq_column_room(c, n, 0);
	memset(c->def, 0, n);
	if (c->rep)
		memset(c->rep, 0, n);
	c->level_n = n;
}

/* The group's columns in the table's order; those the data hasn't are null (made[i]). */
static void arrange(const struct delta_rows *rows, const struct delta_group *g, const struct delta_schema *table, const struct pq_schema *pq,
		    struct pq_column *out, bool *made)
{
	for (size_t i = 0; i < table->n; i++) {
		ssize_t at = delta_schema_find(&rows->schema, table->fields[i].name);
		made[i] = at < 0;
		if (at >= 0) {
			out[i] = g->columns[at];
			continue;
		}
		pq_column_init(&out[i], &pq->leaves[i], 0);
		fill_nulls(&out[i], g->row_n);
	}
}

void delta_encoder_begin(struct delta_encoder *e, const struct delta_schema *table, enum pq_codec codec)
{
	*e = (struct delta_encoder){ .table = table };
	e->pq = delta_schema_parquet(&e->arena, table);
	pq_writer_init(&e->writer, &e->pq, codec);
}

void delta_encoder_add(struct delta_encoder *e, const struct delta_rows *rows)
{
	struct pq_column *columns = xcalloc(e->table->n + 1, sizeof(*columns));
	bool *made = xcalloc(e->table->n + 1, sizeof(*made));
	for (size_t g = 0; g < rows->group_n; g++) {
		if (!rows->groups[g].row_n)
			continue;
		arrange(rows, &rows->groups[g], e->table, &e->pq, columns, made);
		pq_write_group(&e->writer, columns, rows->groups[g].row_n);
		for (size_t i = 0; i < e->table->n; i++)
			if (made[i])
				pq_column_free(&columns[i]);
	}
	free(columns);
	free(made);
}

int delta_encoder_end(struct delta_encoder *e, struct buf *file, struct buf *stats, struct error *err)
{
	const struct delta_schema *table = e->table;
	struct pq_writer *w = &e->writer;
	int rc = pq_writer_finish(w, err);
	for (size_t i = 0; i < table->n && rc == 0; i++)
		if (table->fields[i].not_null && w->stats[i].null_n)
			rc = delta_fail(err, DELTA_E_NOT_NULL, "NOT NULL constraint violated for column: %.*s.", SL(table->fields[i].name));
	if (rc == 0) {
		put_stats(stats, table, w->stats, w->row_n);
		buf_free(file);
		*file = w->out;
		w->out = (struct buf){ 0 };
	}
	delta_encoder_free(e);
	return rc;
}

void delta_encoder_free(struct delta_encoder *e)
{
	if (e->table)
		pq_writer_free(&e->writer);
	arena_free(&e->arena);
	*e = (struct delta_encoder){ 0 };
}

int delta_encode(const struct delta_rows *rows, const struct delta_schema *table, enum pq_codec codec, struct buf *file, struct buf *stats,
		 struct error *err)
{
	struct delta_encoder e;
	delta_encoder_begin(&e, table, codec);
	delta_encoder_add(&e, rows);
	return delta_encoder_end(&e, file, stats, err);
}

/* ---- file -> rows ---- */

/* The file's leaf for a field, or -1. */
static ssize_t leaf_of(const struct pq_file *f, const struct delta_field *field)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < f->schema.leaf_n; i++) {
			struct slice name = f->schema.nodes[f->schema.leaves[i].chain[0]].name;
			if (pass ? sl_eq_nocase(name, field->name) : sl_eq(name, field->name))
				return (ssize_t)i;
		}
	return -1;
}

static int check_leaf(const struct pq_file *f, const struct pq_leaf *leaf, const struct delta_field *field, const struct pq_column *want,
		      struct error *err)
{
	int type = leaf->type == PQ_INT96 ? PQ_INT64 : leaf->type == PQ_FIXED ? PQ_BYTES : leaf->type;
	int kind = f->schema.nodes[leaf->chain[leaf->chain_n - 1]].kind;
	bool shape = field->array ? leaf->max_rep == 1 && leaf->chain_n <= 3 : leaf->max_rep == 0 && leaf->chain_n == 1;
	if (!shape || type != want->type || kind == PQ_DECIMAL || (field->type == DELTA_TIMESTAMP && leaf->type == PQ_INT64 && kind == PQ_RAW))
		return err_set(err, ERR_INVALID, "Parquet: column %.*s isn't of the table's type", SL(field->name));
	return 0;
}

/* Definition levels at which the leaf's ancestors end: present list, present entry. */
static void to_canonical(const struct pq_file *f, const struct pq_leaf *leaf, struct pq_column *c, struct pq_column *want)
{
	const struct pq_node *nodes = f->schema.nodes;
	int there = nodes[leaf->chain[0]].repetition == PQ_OPTIONAL; /* def of an empty list; of a value, where it isn't one */
	bool list = leaf->max_rep > 0;
	/* A repeated leaf right below, or itself: entries can't be null. */
	pq_column_room(want, c->level_n, 0);
	for (size_t i = 0; i < c->level_n; i++) {
		int def = c->max_def ? c->def[i] : 0;
		if (want->rep)
			want->rep[i] = c->max_rep ? c->rep[i] : 0;
		if (def == c->max_def)
			want->def[i] = (uint8_t)want->max_def;
		else if (!list || def < there)
			want->def[i] = 0;
		else
			want->def[i] = def == there ? 1 : 2;
	}
	want->level_n = c->level_n;
	free(want->values);
	want->values = c->values;
	want->n = c->n;
	want->cap = c->cap;
	buf_free(&want->bytes);
	want->bytes = c->bytes;
	c->values = NULL;
	c->bytes = (struct buf){ 0 };
}

static void scale_time(struct pq_column *c, int kind)
{
	for (size_t i = 0; i < c->n; i++)
		if (kind == PQ_MILLIS)
			c->i64[i] = (int64_t)((uint64_t)c->i64[i] * 1000);
		else if (kind == PQ_NANOS)
			c->i64[i] = c->i64[i] / 1000 - (c->i64[i] % 1000 < 0);
}

static int decode_field(const struct pq_file *f, size_t group, const struct delta_field *field, struct pq_column *want, struct error *err)
{
	ssize_t at = leaf_of(f, field);
	const struct pq_leaf *leaf = &f->schema.leaves[at < 0 ? 0 : at];
	struct pq_column c;
	int rc;
	if (at < 0) {
		fill_nulls(want, (size_t)f->groups[group].row_n);
		return 0;
	}
	rc = check_leaf(f, leaf, field, want, err);
	if (rc)
		return rc;
	pq_column_init(&c, leaf, want->bytes.max);
	rc = pq_read_chunk(f, group, (size_t)at, &c, err);
	if (rc == 0) {
		to_canonical(f, leaf, &c, want);
		if (field->type == DELTA_TIMESTAMP && leaf->type == PQ_INT64)
			scale_time(want, f->schema.nodes[leaf->chain[leaf->chain_n - 1]].kind);
	}
	pq_column_free(&c);
	return rc;
}

/* A column that the directory holds: the same value in each row. */
static int fill_partition(const char *text, const struct delta_field *field, struct pq_column *c, size_t n, struct error *err)
{
	struct slice s = sl(text);
	int64_t v = 0, ms = 0;
	double d = 0;
	char *end = NULL;
	if (!text || !*text) {
		fill_nulls(c, n);
		return 0;
	}
	if (field->type == DELTA_DATE || field->type == DELTA_TIMESTAMP) {
		char day[40];
		snprintf(day, sizeof(day), "%s%s", text, s.n == 10 ? " 00:00:00" : "");
		if (!clock_parse_iso(sl(day), &ms))
			return err_set(err, ERR_INVALID, "partition value %s of column %.*s", text, SL(field->name));
		v = field->type == DELTA_DATE ? ms / 86400000 : ms * 1000;
	} else if (c->type == PQ_DOUBLE) {
		d = strtod(text, &end);
	} else if ((c->type == PQ_INT32 || c->type == PQ_INT64) &&
		   !sl_int(s, c->type == PQ_INT32 ? INT32_MIN : INT64_MIN, c->type == PQ_INT32 ? INT32_MAX : INT64_MAX, &v)) {
		return err_set(err, ERR_INVALID, "partition value %s of column %.*s", text, SL(field->name));
	} else if (c->type == PQ_FLOAT || field->array) {
		return err_set(err, ERR_UNSUPPORTED, "partition column %.*s of a type that isn't served", SL(field->name));
	}
	for (size_t i = 0; i < n; i++)
		if (c->type == PQ_BYTES)
			pq_add_bytes(c, 0, s);
		else if (c->type == PQ_INT32)
			pq_add_i32(c, 0, (int32_t)v);
		else if (c->type == PQ_INT64)
			pq_add_i64(c, 0, v);
		else if (c->type == PQ_DOUBLE)
			pq_add_f64(c, 0, d);
		else
			pq_add_bool(c, 0, strcmp(text, "true") == 0);
	return 0;
}

static int decode_group(const struct pq_file *f, size_t g, json_t *partition, struct delta_rows *rows, struct error *err)
{
	struct pq_column *columns = xcalloc(rows->schema.n + 1, sizeof(*columns));
	size_t n = (size_t)f->groups[g].row_n;
	int rc = 0;
	for (size_t i = 0; i < rows->schema.n && rc == 0; i++) {
		const struct delta_field *field = &rows->schema.fields[i];
		char name[256];
		json_t *value;
		snprintf(name, sizeof(name), "%.*s", SL(field->name));
		value = json_object_get(partition, name);
		pq_column_init(&columns[i], &rows->parquet.leaves[i], PQ_BYTES_MAX);
		if (field->type == DELTA_OTHER)
			rc = delta_fail(err, DELTA_E_TYPE, "Found columns using unsupported data types: [%.*s]", SL(field->name));
		else if (value)
			rc = fill_partition(json_string_value(value), field, &columns[i], n, err);
		else
			rc = decode_field(f, g, field, &columns[i], err);
	}
	if (rc) {
		for (size_t i = 0; i < rows->schema.n; i++)
			pq_column_free(&columns[i]);
		free(columns);
		return rc;
	}
	GROW(rows->groups, rows->group_n, rows->group_cap);
	rows->groups[rows->group_n++] = (struct delta_group){ columns, n };
	rows->row_n += (int64_t)n;
	return 0;
}

int delta_decode(struct slice file, struct slice partition, struct delta_rows *rows, struct error *err)
{
	json_t *values = partition.n ? json_loadb(partition.p, partition.n, 0, NULL) : NULL;
	struct pq_file f;
	int rc = pq_open(&f, file, err);
	for (size_t g = 0; g < f.group_n && rc == 0; g++)
		if (f.groups[g].row_n)
			rc = decode_group(&f, g, values, rows, err);
	pq_close(&f);
	json_decref(values);
	return rc;
}
