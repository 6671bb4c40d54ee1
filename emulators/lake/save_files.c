/* Rows -> bytes of files of JSON, CSV, text and Parquet, one for each combination of partition values. */
#include <zlib.h>

#include "columns/columns.h"
#include "core/hset.h"
#include "core/text.h"
#include "lake/save.h"
#include "spark/csv.h"
#include "spark/json.h"
#include "spark/print.h"

struct pack { /* how files are packed; zip < 0: not at all, else zlib's window bits; codec: Parquet's */
	const char *name, *ending;
	int codec, zip;
};
struct lake_saver {
	const struct format *format;
	const struct pack *pack;
	struct sp_json_options json;
	struct sp_csv_options csv;
	struct sp_json_writer *json_out;
	struct sp_csv_writer *csv_out;
	struct slice line_end;
	const size_t *partition;      /* the plan's columns that make folders */
	size_t partition_n, column_n;
	size_t *columns;              /* the others */
	struct sp_field *fields;      /* of these */
	const struct sp_type *row;    /* STRUCT of these */
	struct lake_saved *files;
	size_t n, cap;
	struct hset folders;
	char ending[40];
};
struct format {
	const char *name, *shown, *ending;
	const struct pack *packs;
	int (*open)(struct lake_saver *s, struct lake_query *q);
	void (*row)(struct lake_saver *s, struct lake_query *q, struct lake_saved *file, const struct sp_value *values); /* NULL: columns */
	bool (*takes)(const struct sp_type *t);
};

/* ---- the formats ---- */

static int json_open(struct lake_saver *s, struct lake_query *q)
{
	sp_json_defaults(&s->json, &q->cx);
	for (uint32_t i = 0; i < q->stmt->options.n; i++)
		if (!sl_eq_nocase(q->stmt->options.v[i].key, S("mode")) &&
		    sp_json_option(&s->json, q->stmt->options.v[i].key, q->stmt->options.v[i].value, &q->err))
			return 1;
	s->line_end = s->json.line_sep.p ? s->json.line_sep : S("\n");
	s->row = sp_struct(&q->arena, s->fields, s->column_n);
	s->json_out = sp_json_writer_new(&q->arena, &s->json, &q->err);
	return !s->json_out;
}

static void json_row(struct lake_saver *s, struct lake_query *q, struct lake_saved *file, const struct sp_value *values)
{
	union {
		struct sp_list list;
		char room[sizeof(struct sp_list) + 64 * sizeof(struct sp_value)];
	} small;
	size_t size = sizeof(struct sp_list) + s->column_n * sizeof(struct sp_value);
	struct sp_list *list = s->column_n <= 64 ? &small.list : xcalloc(1, size);
	struct sp_value row = { .list = list };
	list->n = s->column_n;
	memcpy(list->items, values, s->column_n * sizeof(*values));
	sp_json_write(s->json_out, &file->body, s->row, &row);
	buf_addsl(&file->body, s->line_end);
	if (list != &small.list)
		free(list);
}

static bool json_takes(const struct sp_type *t)
{
	return true;
}

static int csv_open(struct lake_saver *s, struct lake_query *q)
{
	sp_csv_defaults(&s->csv, &q->cx);
	for (uint32_t i = 0; i < q->stmt->options.n; i++)
		if (!sl_eq_nocase(q->stmt->options.v[i].key, S("mode")) &&
		    sp_csv_option(&s->csv, q->stmt->options.v[i].key, q->stmt->options.v[i].value, &q->err))
			return 1;
	s->line_end = s->csv.line_sep.p ? s->csv.line_sep : S("\n");
	s->csv_out = sp_csv_writer_new(&q->arena, &s->csv, &q->err);
	return !s->csv_out;
}

static void csv_row(struct lake_saver *s, struct lake_query *q, struct lake_saved *file, const struct sp_value *values)
{
	if (!file->body.n && s->csv.header) {
		sp_csv_write_header(s->csv_out, &file->body, s->fields, s->column_n);
		buf_addsl(&file->body, s->line_end);
	}
	if (!values) /* a file without rows has its header */
		return;
	sp_csv_write(s->csv_out, &file->body, s->fields, s->column_n, values);
	buf_addsl(&file->body, s->line_end);
}

static bool csv_takes(const struct sp_type *t)
{
	return !sp_is_nested(t) && t->kind != SP_BINARY && t->kind != SP_VOID;
}

static int text_open(struct lake_saver *s, struct lake_query *q)
{
	struct slice end = lake_save_option(q, "lineSep");
	s->line_end = end.p ? end : S("\n");
	if (s->column_n == 1)
		return 0;
	return sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1290", "", "Text data source supports only a single column, and you have %zu columns.", s->column_n);
}

static void text_row(struct lake_saver *s, struct lake_query *q, struct lake_saved *file, const struct sp_value *values)
{
	if (!values[0].null)
		buf_addsl(&file->body, values[0].s);
	buf_addsl(&file->body, s->line_end);
}

static bool text_takes(const struct sp_type *t)
{
	return t->kind == SP_STRING;
}

static int parquet_open(struct lake_saver *s, struct lake_query *q)
{
	return 0;
}

static bool parquet_takes(const struct sp_type *t)
{
	return !sp_type_has(t, SP_VOID);
}

static const struct pack text_packs[] = {
	{ "none", "", 0, -1 }, { "uncompressed", "", 0, -1 }, { "gzip", ".gz", 0, 15 + 16 }, { "deflate", ".deflate", 0, 15 },
	{ "bzip2", NULL }, { "snappy", NULL }, { "lz4", NULL }, { NULL },
};
static const struct pack parquet_packs[] = {
	{ "snappy", ".snappy", PQ_SNAPPY, -1 }, { "none", "", PQ_NONE, -1 }, { "uncompressed", "", PQ_NONE, -1 }, { "gzip", ".gz", PQ_GZIP, -1 },
	{ "zstd", ".zstd", PQ_ZSTD, -1 }, { "lz4_raw", ".lz4raw", PQ_LZ4, -1 }, { "lz4", NULL }, { "lzo", NULL }, { "brotli", NULL }, { NULL },
};
static const struct format formats[] = {
	{ "json", "JSON", ".json", text_packs, json_open, json_row, json_takes },
	{ "csv", "CSV", ".csv", text_packs, csv_open, csv_row, csv_takes },
	{ "text", "Text", ".txt", text_packs, text_open, text_row, text_takes },
	{ "parquet", "Parquet", ".parquet", parquet_packs, parquet_open, NULL, parquet_takes },
};

/* ---- what can't be saved ---- */

static int bad_codec(struct lake_query *q, const struct format *f, struct slice name)
{
	q->err.java = NULL;
	if (f->packs == text_packs)
		sp_fail(&q->err, SP_E_RUN, "", "", "Codec [%.*s] is not available. Known codecs are bzip2, deflate, uncompressed, lz4, gzip, snappy, none.", SL(name));
	else
		sp_fail(&q->err, SP_E_RUN, "", "", "Codec [%.*s] is not available. Available codecs are brotli, uncompressed, lzo, snappy, lz4_raw, none, zstd, lz4, gzip.",
			SL(name));
	q->err.java = "java.lang.IllegalArgumentException";
	return 1;
}

static int choose_pack(struct lake_saver *s, struct lake_query *q)
{
	struct slice name = lake_save_option(q, "compression");
	if (!name.p)
		name = lake_save_option(q, s->format->row ? "codec" : "parquet.compression");
	s->pack = s->format->packs;
	while (name.p && s->pack->name && !sl_eq_nocase(name, sl(s->pack->name)))
		s->pack++;
	if (!s->pack->name)
		return bad_codec(q, s->format, name);
	if (!s->pack->ending)
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "the compression %s of files of %s isn't written here", s->pack->name, s->format->shown);
	snprintf(s->ending, sizeof(s->ending), s->format->row ? "%2$s%1$s" : "%1$s%2$s", s->pack->ending, s->format->ending);
	return 0;
}

static int check_columns(struct lake_saver *s, struct lake_query *q)
{
	const struct sp_field *all = q->plan->columns;
	struct buf type = { 0 };
	if (!q->plan->column_n)
		return sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1142", "", "Datasource does not support writing empty or nested empty schemas. "
			       "Please make sure the data schema has at least one or more column(s).");
	for (size_t i = 0; i < q->plan->column_n; i++) {
		if (sp_type_has(all[i].type, SP_INTERVAL))
			return sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1136", "", "Cannot save interval data type into external storage.");
		if (sp_field_find(all, q->plan->column_n, all[i].name) == -2) {
			struct buf name = { 0 };
			for (size_t k = 0; k < all[i].name.n; k++)
				buf_addc(&name, all[i].name.p[k] >= 'A' && all[i].name.p[k] <= 'Z' ? (char)(all[i].name.p[k] | 32) : all[i].name.p[k]);
			sp_fail(&q->err, SP_E_ANALYSIS, "COLUMN_ALREADY_EXISTS", "42711", "The column `%.*s` already exists. Consider to choose another name or rename "
				"the existing column.", SL(buf_slice(&name)));
			buf_free(&name);
			return 1;
		}
	}
	for (size_t i = 0; i < s->column_n; i++) {
		if (s->format->takes(s->fields[i].type))
			continue;
		sp_type_sql(&type, s->fields[i].type);
		sp_fail(&q->err, SP_E_ANALYSIS, "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "", "The %s datasource doesn't support the column `%.*s` of the type \"%.*s\".",
			s->format->shown, SL(s->fields[i].name), SL(buf_slice(&type)));
		buf_free(&type);
		return 1;
	}
	return 0;
}

static int check_encoding(struct lake_query *q)
{
	struct slice name = lake_save_option(q, "encoding");
	if (!name.p)
		name = lake_save_option(q, "charset");
	if (!name.p || sl_eq_nocase(name, S("UTF-8")) || sl_eq_nocase(name, S("UTF8")) || sl_eq_nocase(name, S("US-ASCII")))
		return 0;
	return sp_fail(&q->err, SP_E_UNSERVED, "", "", "files are written in UTF-8 here, not in %.*s", SL(name));
}

/* ---- */

static const struct format *format_of(struct lake_query *q, struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (sl_eq_nocase(name, sl(formats[i].name)))
			return &formats[i];
	if (sl_eq_nocase(name, S("jdbc")))
		sp_fail(&q->err, SP_E_UNSERVED, "", "", "rows aren't written into databases here: they are read from MySQL's");
	else if (sl_eq_nocase(name, S("orc")))
		sp_fail(&q->err, SP_E_UNSERVED, "", "", "files of ORC aren't written here: JSON, CSV, text and Parquet are");
	else if (sl_eq_nocase(name, S("avro")))
		sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1139", "", "Failed to find data source: avro. Avro is built-in but external data source module since "
			"Spark 2.4. Please deploy the application as per the deployment section of Apache Avro Data Source Guide.");
	else
		sp_fail(&q->err, SP_E_RUN, "DATA_SOURCE_NOT_FOUND", "42K02", "Failed to find the data source: %.*s. Please find packages at "
			"`https://spark.apache.org/third-party-projects.html`.", SL(name));
	return NULL;
}

static void split_columns(struct lake_saver *s, struct lake_query *q)
{
	s->columns = arena_alloc(&q->arena, (q->plan->column_n + 1) * sizeof(*s->columns));
	s->fields = arena_alloc(&q->arena, (q->plan->column_n + 1) * sizeof(*s->fields));
	for (size_t i = 0; i < q->plan->column_n; i++) {
		bool is = false;
		for (size_t k = 0; k < s->partition_n; k++)
			is |= s->partition[k] == i;
		if (is)
			continue;
		s->columns[s->column_n] = i;
		s->fields[s->column_n++] = q->plan->columns[i];
	}
}

struct lake_saver *lake_saver_new(struct lake_query *q, struct slice format, const size_t *partition, size_t partition_n)
{
	struct lake_saver *s = arena_alloc(&q->arena, sizeof(*s));
	s->format = format_of(q, format);
	if (!s->format)
		return NULL;
	s->partition = partition;
	s->partition_n = partition_n;
	split_columns(s, q);
	if (check_columns(s, q) || choose_pack(s, q) || check_encoding(q) || s->format->open(s, q))
		return NULL;
	return s;
}

void lake_saver_free(struct lake_saver *s)
{
	for (size_t i = 0; i < s->n; i++) {
		buf_free(&s->files[i].body);
		sp_table_free(s->files[i].rows);
	}
	hset_free(&s->folders);
	s->n = 0;
}

/* ---- rows ---- */

/* A name or value in a folder's name: Hive's escapes. */
static void escape(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < ' ' || c == 0x7f || (c && strchr("\"#%'*/:=?\\{[]^", c)))
			buf_addf(b, "%%%02X", c);
		else
			buf_addc(b, (char)c);
	}
}

static struct slice folder_of(struct lake_saver *s, struct lake_query *q, const struct sp_batch *b, size_t row, struct buf *out)
{
	struct buf text = { 0 };
	buf_reset(out);
	for (size_t i = 0; i < s->partition_n; i++) {
		const struct sp_field *f = &q->plan->columns[s->partition[i]];
		struct sp_value v = sp_get(&b->columns[s->partition[i]], row);
		buf_reset(&text);
		if (!v.null)
			sp_print(&text, f->type, &v, q->cx.zone);
		escape(out, f->name);
		buf_addc(out, '=');
		if (text.n)
			escape(out, buf_slice(&text));
		else
			buf_adds(out, "__HIVE_DEFAULT_PARTITION__");
		buf_addc(out, '/');
	}
	buf_free(&text);
	return buf_slice(out);
}

static struct lake_saved *file_of(struct lake_saver *s, struct lake_query *q, struct slice folder)
{
	uint32_t hash = hset_hash(folder), i;
	struct lake_saved *f;
	for (struct hset_walk w = hset_walk(&s->folders, hash); hset_next(&w, &i);)
		if (sl_eq(s->files[i].folder, folder))
			return &s->files[i];
	hset_add(&s->folders, hash, (uint32_t)s->n);
	ARENA_GROW(&q->arena, s->files, s->n, s->cap);
	f = &s->files[s->n++];
	*f = (struct lake_saved){ .folder = arena_dup(&q->arena, folder) };
	f->body.max = q->limits.memory;
	if (!s->format->row) {
		f->rows = sp_table_new();
		f->rows->fields = s->fields;
		f->rows->field_n = s->column_n;
	}
	return f;
}

static void add_columns(struct lake_saver *s, struct lake_saved *file, const struct sp_batch *b, const uint32_t *rows, size_t n)
{
	struct arena a = { 0 };
	struct sp_vec *columns = arena_alloc(&a, (s->column_n + 1) * sizeof(*columns));
	const struct sp_batch part = { .n = n, .column_n = s->column_n, .columns = columns };
	for (size_t i = 0; i < s->column_n; i++)
		columns[i] = rows ? sp_vec_pick(&a, &b->columns[s->columns[i]], rows, n) : b->columns[s->columns[i]];
	sp_table_add(file->rows, &part);
	arena_free(&a);
}

static void add_row(struct lake_saver *s, struct lake_query *q, struct lake_saved *file, const struct sp_batch *b, uint32_t row)
{
	struct sp_value values[64], *v = s->column_n <= ARRAY_LEN(values) ? values : xcalloc(s->column_n, sizeof(*v));
	if (!s->format->row) {
		add_columns(s, file, b, &row, 1);
	} else {
		for (size_t i = 0; i < s->column_n; i++)
			v[i] = sp_get(&b->columns[s->columns[i]], row);
		s->format->row(s, q, file, v);
	}
	if (v != values)
		free(v);
}

int lake_saver_add(struct lake_saver *s, struct lake_query *q, const struct sp_batch *b)
{
	struct buf folder = { 0 };
	struct lake_saved *file = s->partition_n ? NULL : file_of(s, q, S(""));
	if (file && !s->format->row) {
		add_columns(s, file, b, NULL, b->n);
		return 0;
	}
	for (size_t r = 0; r < b->n && !q->err.set; r++) {
		if (s->partition_n)
			file = file_of(s, q, folder_of(s, q, b, r, &folder));
		add_row(s, q, file, b, (uint32_t)r);
		if (file->body.bad)
			sp_fail(&q->err, SP_E_LIMIT, "", "", "a file would be larger than %zu MiB ([lake] statement_mib)", q->limits.memory >> 20);
	}
	buf_free(&folder);
	return q->err.set;
}

/* ---- bytes ---- */

static int zip(struct lake_saved *f, int bits, struct lake_query *q)
{
	z_stream z = { .next_in = (Bytef *)f->body.p, .avail_in = (uInt)f->body.n };
	struct buf out = { 0 };
	char *to;
	int rc;
	if (f->body.n > UINT32_MAX || deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return sp_fail(&q->err, SP_E_LIMIT, "", "", "a file of %zu bytes is more than is packed", f->body.n);
	z.avail_out = (uInt)deflateBound(&z, f->body.n);
	to = buf_room(&out, z.avail_out);
	z.next_out = (Bytef *)to;
	rc = deflate(&z, Z_FINISH);
	out.n = z.total_out;
	deflateEnd(&z);
	buf_free(&f->body);
	f->body = out;
	return rc == Z_STREAM_END ? 0 : sp_fail(&q->err, SP_E_LIMIT, "", "", "a file could not be packed");
}

static int encode(struct lake_saver *s, struct lake_saved *f, struct lake_query *q)
{
	const struct col_write in = { .fields = s->fields, .field_n = s->column_n, .codec = (enum pq_codec)s->pack->codec };
	struct lake_relation r = { .arena = &q->arena };
	struct error err;
	if (!col_write(&in, f->rows->chunks, f->rows->chunk_n, &f->body, NULL, NULL, &err))
		return 0;
	lake_relation_fail(&r, &err);
	q->err = r.err;
	return 1;
}

int lake_saver_end(struct lake_saver *s, struct lake_query *q)
{
	if (!s->n && !s->partition_n) { /* no rows are a file, too */
		struct lake_saved *f = file_of(s, q, S(""));
		if (s->format->row == csv_row)
			csv_row(s, q, f, NULL);
	}
	for (size_t i = 0; i < s->n; i++)
		if (s->format->row ? s->pack->zip >= 0 && zip(&s->files[i], s->pack->zip, q) : encode(s, &s->files[i], q))
			return 1;
	return 0;
}

struct lake_saved *lake_saver_files(struct lake_saver *s, size_t *n)
{
	*n = s->n;
	return s->files;
}

const char *lake_saver_ending(const struct lake_saver *s)
{
	return s->ending;
}
