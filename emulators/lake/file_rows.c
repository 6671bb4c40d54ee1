/* Bytes of files -> columns. Rows of small files come together in chunks of many. */
#include "columns/columns.h"
#include "lake/files.h"
#include "spark/cast.h"

/* ---- chunks out of small batches ---- */

struct gather {
	struct sp_table *to;
	struct sp_out *out;
	size_t n;
	bool open;
};

static void flush(struct gather *g)
{
	struct sp_table *t = g->to;
	struct sp_batch *b;
	if (!g->open || !g->n)
		return;
	GROW(t->chunks, t->chunk_n, t->chunk_cap);
	b = &t->chunks[t->chunk_n++];
	*b = (struct sp_batch){ .n = g->n, .column_n = t->field_n };
	b->columns = arena_alloc(&t->arena, (t->field_n + 1) * sizeof(*b->columns));
	for (size_t i = 0; i < t->field_n; i++) {
		b->columns[i] = g->out[i].v;
		b->columns[i].n = g->n;
		b->columns[i].lasting = true;
	}
	t->row_n += (int64_t)g->n;
	g->n = 0;
	g->open = false;
}

static void open_chunk(struct gather *g, const struct sp_batch *like)
{
	struct sp_table *t = g->to;
	g->out = arena_alloc(&t->arena, (t->field_n + 1) * sizeof(*g->out));
	for (size_t i = 0; i < t->field_n; i++)
		if (like->columns[i].type)
			sp_out_make(&g->out[i], &t->arena, t->fields[i].type, SP_BATCH);
	g->open = true;
}

static void gather(struct gather *g, const struct sp_batch *b)
{
	struct sp_table *t = g->to;
	if (b->n >= SP_BATCH / 4) {
		flush(g);
		sp_table_add(t, b);
		return;
	}
	for (size_t r = 0; r < b->n; r++) {
		if (g->open && g->n == SP_BATCH)
			flush(g);
		if (!g->open)
			open_chunk(g, b);
		for (size_t i = 0; i < t->field_n; i++) {
			struct sp_value v;
			if (!b->columns[i].type)
				continue;
			v = sp_get(&b->columns[i], r);
			if (!v.null)
				v = sp_value_dup(&t->arena, t->fields[i].type, v);
			sp_out_put(&g->out[i], g->n, &v);
		}
		g->n++;
	}
}

/* ---- one file ---- */

struct rows {
	struct lake_relation *r;
	struct lake_files *f;
	struct gather g;
	const bool *needed;
	size_t no;             /* of the file */
	struct slice rest;     /* of a topic's file: lines whose records have been told */
	size_t line;
};

/* Columns of a topic's record beside its own: needs its lines one by one. */
static void add_topic(struct rows *x, struct sp_batch *b)
{
	struct lake_files *f = x->f;
	struct sp_out out[3];
	struct slice one;
	size_t at = f->schema->field_n;
	for (size_t i = 0; i < 3; i++)
		sp_out_make(&out[i], &f->batch, lake_topic_columns[i].type, b->n);
	for (size_t i = 0; i < b->n; i++) {
		do {
			sl_cut(x->rest, '\n', &one, &x->rest);
			++x->line;
		} while (x->rest.p && !sl_trim(one).n);
		out[0].str[i] = f->files[x->no].key;
		out[1].i64[i] = (int64_t)x->line;
		out[2].str[i] = sl_trim(one);
	}
	for (size_t i = 0; i < 3; i++)
		b->columns[at + i] = out[i].v;
}

static int add_parts(struct rows *x, struct sp_batch *b)
{
	struct lake_files *f = x->f;
	for (size_t i = 0; i < f->part_n; i++) {
		struct sp_value v;
		if (lake_files_part(f, &f->files[x->no], i, &v))
			return 1;
		b->columns[f->schema->field_n + i] = sp_vec_one(&f->batch, f->types[i], &v, b->n);
	}
	return 0;
}

static int add_batch(struct rows *x, const struct sp_batch *own)
{
	struct lake_files *f = x->f;
	struct sp_batch b = { .n = own->n, .column_n = x->g.to->field_n };
	struct sp_value no = { .i = (int64_t)x->no };
	b.columns = arena_alloc(&f->batch, (b.column_n + 1) * sizeof(*b.columns));
	memcpy(b.columns, own->columns, f->schema->field_n * sizeof(*b.columns));
	if (f->topic)
		add_topic(x, &b);
	else if (add_parts(x, &b))
		return 1;
	b.columns[b.column_n - 1] = sp_vec_one(&f->batch, &sp_types[SP_INT], &no, b.n);
	gather(&x->g, &b);
	return 0;
}

/* The next line; a separator of its own is that alone, else \n, \r\n, \r. */
static bool next_line(struct slice *rest, struct slice sep, struct slice *one)
{
	size_t i = 0;
	if (!rest->n)
		return false;
	if (sep.n) {
		ssize_t at = sl_find(*rest, sep);
		*one = at < 0 ? *rest : sl_of(rest->p, (size_t)at);
		*rest = at < 0 ? sl_from(*rest, rest->n) : sl_from(*rest, (size_t)at + sep.n);
		return true;
	}
	while (i < rest->n && rest->p[i] != '\n' && rest->p[i] != '\r')
		i++;
	*one = sl_of(rest->p, i);
	i += i + 1 < rest->n && rest->p[i] == '\r' && rest->p[i + 1] == '\n' ? 2 : 1;
	*rest = sl_from(*rest, i < rest->n ? i : rest->n);
	return true;
}

static int text_rows(struct rows *x, struct slice text)
{
	struct lake_files *f = x->f;
	struct slice one;
	while (text.n) {
		struct sp_out out;
		struct sp_vec v;
		struct sp_batch b = { .column_n = 1, .columns = &v };
		sp_out_make(&out, &f->batch, &sp_types[SP_STRING], f->whole_text ? 1 : text.n < SP_BATCH ? text.n + 1 : SP_BATCH);
		if (f->whole_text)
			out.str[b.n++] = text;
		while (!f->whole_text && b.n < SP_BATCH && next_line(&text, f->line_sep, &one))
			out.str[b.n++] = one;
		v = out.v;
		v.n = b.n;
		if (f->schema->field_n == 0)
			b.column_n = 0;
		if (add_batch(x, &b))
			return 1;
		arena_reset(&f->batch);
		if (f->whole_text)
			break;
	}
	return 0;
}

static int binary_row(struct rows *x, struct slice text)
{
	struct lake_files *f = x->f;
	const struct lake_found_file *file = &f->files[x->no];
	const struct sp_value v[] = { { .s = lake_files_shown(&f->batch, file) }, { .i = file->modified_ms * 1000 }, { .i = (int64_t)text.n }, { .s = text } };
	struct sp_vec columns[ARRAY_LEN(v)];
	const struct sp_batch b = { .n = 1, .column_n = ARRAY_LEN(v), .columns = columns };
	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		columns[i] = sp_vec_one(&f->batch, f->schema->fields[i].type, &v[i], 1);
	return add_batch(x, &b);
}

static int parquet_rows(struct rows *x, struct slice text)
{
	struct lake_files *f = x->f;
	const struct col_read in = { .file = text, .fields = f->schema->fields, .field_n = f->schema->field_n, .wanted = x->needed };
	struct sp_batch *chunks;
	struct error err;
	size_t n;
	if (col_read(&f->batch, &in, &chunks, &n, &err)) {
		struct error named;
		err_set(&named, err.kind, "%.*s: %s", SL(lake_files_shown(x->r->arena, &f->files[x->no])), err.text);
		return lake_relation_fail(x->r, &named);
	}
	for (size_t i = 0; i < n; i++)
		if (add_batch(x, &chunks[i]))
			return 1;
	return 0;
}

static int json_rows(struct rows *x, struct slice text)
{
	struct lake_files *f = x->f;
	struct sp_json_reader *json = sp_json_open(&f->run, &f->json, f->schema->fields, f->schema->field_n, x->needed, text);
	struct sp_batch b;
	int more = json ? 1 : -1;
	while (more > 0) {
		more = sp_json_next(json, &f->batch, &b);
		if (more > 0 && add_batch(x, &b))
			more = -1;
		arena_reset(&f->batch);
	}
	sp_json_close(json);
	return more;
}

static int csv_rows(struct rows *x, struct slice text)
{
	struct lake_files *f = x->f;
	struct sp_csv_reader *csv = sp_csv_open(&f->run, &f->csv, f->schema->fields, f->schema->field_n, x->needed, text);
	struct sp_batch b;
	int more = csv ? 1 : -1;
	while (more > 0) {
		more = sp_csv_next(csv, &f->batch, &b);
		if (more > 0 && add_batch(x, &b))
			more = -1;
		arena_reset(&f->batch);
	}
	sp_csv_close(csv);
	return more;
}

static int file_rows(struct rows *x)
{
	static const struct {
		const struct lake_format *format;
		int (*rows)(struct rows *x, struct slice text);
	} of[] = { { &lake_json, json_rows }, { &lake_topic, json_rows }, { &lake_csv, csv_rows }, { &lake_text, text_rows }, { &lake_parquet, parquet_rows },
		   { &lake_binary, binary_row } };
	struct slice text = buf_slice(&x->f->files[x->no].body);
	x->rest = text;
	x->line = 0;
	for (size_t i = 0; i < ARRAY_LEN(of); i++)
		if (of[i].format == x->r->format)
			return of[i].rows(x, text);
	return 1;
}

struct sp_table *lake_files_rows(struct lake_relation *r, const bool *needed)
{
	struct lake_files *f = lake_files_of(r);
	struct rows x = { .r = r, .f = f, .needed = needed };
	struct sp_table *t = x.g.to = sp_table_new();
	size_t n = f->schema->field_n + f->part_n + (f->topic ? ARRAY_LEN(lake_topic_columns) : 0);
	struct sp_field *fields = arena_alloc(&t->arena, (n + 1) * sizeof(*fields));
	for (size_t i = 0; i < n; i++) { /* the relation's, in the order in which they are read */
		size_t to = f->order[i];
		fields[to] = r->rel.columns[i];
		fields[to].name = arena_dup(&t->arena, fields[to].name);
		fields[to].type = sp_type_dup(&t->arena, fields[to].type);
		fields[to].comment = fields[to].metadata = sl(NULL);
	}
	fields[n] = (struct sp_field){ .type = &sp_types[SP_INT] };
	t->fields = fields;
	t->field_n = n + 1;
	for (; x.no < f->n && !r->err.set; x.no++) {
		if (file_rows(&x) && !r->err.set) {
			r->err = f->run.err;
			f->run.err = (struct sp_error){ 0 };
		}
		buf_free(&f->files[x.no].body);
		f->files[x.no].fetched = false;
		arena_reset(&f->batch);
	}
	flush(&x.g);
	if (!r->err.set)
		return t;
	sp_table_free(t);
	return NULL;
}

/* ---- the relation's table ---- */

/* _metadata of each file, of which a row's is one. */
static const struct sp_list **metadata(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	struct arena *a = &r->table->arena;
	const struct sp_list **all = arena_alloc(a, (f->n + 1) * sizeof(struct sp_list *));
	for (size_t i = 0; i < f->n; i++) {
		const struct lake_found_file *file = &f->files[i];
		struct slice path = lake_files_shown(a, file), name = path;
		const struct sp_list *list;
		while (sl_chr(name, '/') >= 0)
			name = sl_from(name, (size_t)sl_chr(name, '/') + 1);
		struct sp_list *l = sp_list_new(a, 6);
		l->items[0] = (struct sp_value){ .s = path };
		l->items[1] = (struct sp_value){ .s = name };
		l->items[2] = (struct sp_value){ .i = file->size };
		l->items[3] = (struct sp_value){ .i = 0 };
		l->items[4] = (struct sp_value){ .i = file->size };
		l->items[5] = (struct sp_value){ .i = file->modified_ms * 1000 };
		list = l;
		all[i] = list;
	}
	return all;
}

/* Numbers of files as codes of a dictionary: of a chunk that is all of one file they are a constant. */
static const uint32_t *codes_of(struct arena *a, const struct sp_vec *v)
{
	uint32_t *codes = arena_alloc(a, (v->n + 1) * sizeof(*codes));
	for (size_t i = 0; i < v->n; i++)
		codes[i] = (uint32_t)v->i32[sp_at(v, i)];
	return codes;
}

void lake_files_table(struct lake_relation *r, const struct sp_table *rows)
{
	const struct lake_files *f = lake_files_of(r);
	const size_t n = r->rel.column_n - 1;
	bool meta = !r->rel.needed || r->rel.needed[n];
	const struct sp_list **all = NULL;
	struct sp_table *t = r->table = sp_table_new();
	t->fields = r->rel.columns;
	t->field_n = r->rel.column_n;
	t->row_n = rows->row_n;
	t->chunks = xcalloc(rows->chunk_n + 1, sizeof(*t->chunks));
	t->chunk_n = t->chunk_cap = rows->chunk_n;
	if (meta)
		all = metadata(r);
	for (size_t c = 0; c < rows->chunk_n; c++) {
		const struct sp_batch *from = &rows->chunks[c];
		struct sp_batch *b = &t->chunks[c];
		*b = (struct sp_batch){ .n = from->n, .column_n = n + 1 };
		b->columns = arena_alloc(&t->arena, (n + 2) * sizeof(*b->columns));
		for (size_t i = 0; i < n; i++) {
			b->columns[i] = from->columns[f->order[i]];
			if (b->columns[i].type)
				b->columns[i].type = r->rel.columns[i].type;
		}
		if (meta)
			b->columns[n] = (struct sp_vec){ .type = r->rel.columns[n].type, .n = b->n, .lasting = true, .dict_n = f->n,
							 .code = codes_of(&t->arena, &from->columns[n]), .list = all };
	}
}
