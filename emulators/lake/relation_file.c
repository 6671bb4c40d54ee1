/* Files of JSON, CSV, text and Parquet below a path, and topics: listed, read, their schema inferred as Spark does, then turned into columns.
 * A file is unpacked by its ending. Folders KEY=VALUE below the path are columns (spark.md 3). */
#include <fnmatch.h>

#include "columns/columns.h"
#include "core/gzip.h"
#include "core/path.h"
#include "lake/reader.h"
#include "lake/relation.h"
#include "spark/cast.h"
#include "spark/csv.h"
#include "spark/ddl.h"
#include "spark/json.h"

enum { PARTITIONS_MAX = 32 };
struct file {
	struct slice key;
	struct buf body;
	struct slice values[PARTITIONS_MAX]; /* of the folders */
};
struct files {
	struct lake_reader reader;
	struct slice pattern;          /* of keys, with a glob; absent: all below the path */
	size_t base_n;                 /* bytes of a key that are the path itself */
	struct file *files;
	size_t n, cap, bytes;
	struct slice names[PARTITIONS_MAX];
	size_t name_n;
	const struct sp_type *schema;  /* STRUCT of the files' own columns */
	struct sp_json_options json;
	struct sp_csv_options csv;
	size_t extra_n;                /* columns behind: partitions, or a topic's own three */
	bool topic;
	struct sp_run run;
	struct arena batch, keep;
};

static struct files *files_of(struct lake_relation *r)
{
	return r->own;
}

static void files_free(struct lake_relation *r)
{
	struct files *f = r->own;
	lake_reader_free(&f->reader);
	for (size_t i = 0; i < f->n; i++)
		buf_free(&f->files[i].body);
	free(f->files);
	sp_error_free(&f->run.err);
	arena_free(&f->batch);
	arena_free(&f->keep);
	free(f);
	r->own = NULL;
}

static struct slice option(const struct lake_relation *r, const char *key)
{
	for (size_t i = 0; i < r->option_n; i++)
		if (sl_eq_nocase(r->options[i].key, sl(key)))
			return r->options[i].value;
	return sl(NULL);
}

/* ---- which files ---- */

static bool is_glob(struct slice s)
{
	return sl_chr(s, '*') >= 0 || sl_chr(s, '?') >= 0 || sl_chr(s, '[') >= 0 || sl_chr(s, '{') >= 0;
}

/* {a,b} by trying each; a * doesn't pass a slash. */
static bool glob_match(struct arena *a, struct slice pattern, struct slice key)
{
	ssize_t open = sl_chr(pattern, '{'), close = open < 0 ? -1 : sl_chr(sl_from(pattern, (size_t)open), '}');
	struct slice head, rest;
	if (close < 0)
		return !fnmatch(arena_cstr(a, pattern), arena_cstr(a, key), FNM_PATHNAME);
	rest = sl_of(pattern.p + open + 1, (size_t)close - 1);
	while (rest.p) {
		sl_cut(rest, ',', &head, &rest);
		if (glob_match(a, arena_printf(a, "%.*s%.*s%.*s", (int)open, pattern.p, SL(head), SL(sl_from(pattern, (size_t)(open + close) + 1))), key))
			return true;
	}
	return false;
}

/* Whether the key is one of the path's: no name on the way that begins with _ or . (but KEY=VALUE folders). */
static bool is_data(struct slice below)
{
	struct slice part, rest = below;
	while (rest.p) {
		sl_cut(rest, '/', &part, &rest);
		if (part.n && (part.p[0] == '.' || (part.p[0] == '_' && sl_chr(part, '=') < 0)))
			return false;
	}
	return below.n == 0 || below.p[below.n - 1] != '/';
}

/* How far a key is the path itself: what the glob matched, or the prefix. Partition folders count behind it. 0: it isn't below. */
static size_t path_end(struct lake_relation *r, struct slice key)
{
	struct files *f = files_of(r);
	if (!f->pattern.p)
		return f->base_n;
	for (size_t n = 1; n <= key.n; n++)
		if ((n == key.n || key.p[n] == '/') && glob_match(r->arena, f->pattern, sl_of(key.p, n)))
			return n;
	return 0;
}

static bool wants(void *arg, struct slice key)
{
	struct lake_relation *r = arg;
	struct slice filter = option(r, "pathGlobFilter"), name = key;
	size_t end = path_end(r, key);
	if (!end && files_of(r)->pattern.p)
		return false;
	while (sl_chr(name, '/') >= 0)
		name = sl_from(name, (size_t)sl_chr(name, '/') + 1);
	if (filter.p && fnmatch(arena_cstr(r->arena, filter), arena_cstr(r->arena, name), 0))
		return false;
	return is_data(sl_from(key, end < key.n ? end : key.n - name.n));
}

static bool is_packed(const struct lake_relation *r, struct slice key)
{
	return r->format != &lake_parquet && (sl_ends(key, S(".gz")) || sl_ends(key, S(".zst")) || sl_ends(key, S(".snappy")) || sl_ends(key, S(".bz2")));
}

static int take_body(struct lake_relation *r, struct file *file, const struct lake_object *o)
{
	struct error err;
	if (!is_packed(r, o->key)) {
		buf_addsl(&file->body, buf_slice(&o->body));
		return 0;
	}
	if (!sl_ends(o->key, S(".gz")))
		return sp_fail(&r->err, SP_E_UNSERVED, "", "", "files packed as %.*s are aren't read here (.gz are)", SL(o->key));
	file->body.max = LAKE_OBJECT_MAX;
	return gzip_unpack(buf_slice(&o->body), &file->body, &err) ? lake_relation_fail(r, &err) : 0;
}

static void take(void *arg, const struct lake_object *o)
{
	struct lake_relation *r = arg;
	struct files *f = files_of(r);
	struct file *file;
	if (o->gone || r->err.set)
		return;
	GROW(f->files, f->n, f->cap);
	file = &f->files[f->n++];
	*file = (struct file){ .key = arena_dup(r->arena, o->key) };
	if (o->size > LAKE_OBJECT_MAX)
		sp_fail(&r->err, SP_E_LIMIT, "", "", "s3://%.*s/%.*s has %zu bytes, over %d", SL(r->ref.bucket), SL(o->key), o->size, LAKE_OBJECT_MAX);
	else
		(void)take_body(r, file, o);
	f->bytes += file->body.n;
	if (f->bytes > LAKE_RAW_BYTES)
		sp_fail(&r->err, SP_E_LIMIT, "", "", "the files of the statement have more than %d bytes", LAKE_RAW_BYTES);
	if (r->err.set)
		err_set(&f->reader.err, ERR_LIMIT, "%s", r->err.text);
}

/* ---- partitions: folders KEY=VALUE between the path and the file ---- */

static void find_partitions(struct lake_relation *r)
{
	struct files *f = files_of(r);
	for (size_t i = 0; i < f->n; i++) {
		struct slice key = f->files[i].key, part, rest = sl_from(key, path_end(r, key)), name, value;
		size_t at = 0;
		while (rest.p && sl_cut(rest, '/', &part, &rest))
			if (sl_cut(part, '=', &name, &value) && name.n && at < PARTITIONS_MAX) {
				if (!i)
					f->names[f->name_n++] = arena_url_decode(r->arena, name, false);
				f->files[i].values[at++] = arena_url_decode(r->arena, value, false);
			}
		for (; at < f->name_n; at++)
			f->files[i].values[at] = S("__HIVE_DEFAULT_PARTITION__");
	}
}

/* int, bigint, decimal aren't told apart further than a partition's values need: int, bigint, double, date, timestamp, else string. */
static const struct sp_type *partition_type(struct lake_relation *r, size_t at)
{
	static const enum sp_kind kinds[] = { SP_INT, SP_BIGINT, SP_DOUBLE, SP_DATE, SP_TIMESTAMP };
	struct files *f = files_of(r);
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		bool all = true;
		for (size_t i = 0; all && i < f->n; i++) {
			struct sp_value in = { .s = f->files[i].values[at] }, out;
			if (sl_eqs(in.s, "__HIVE_DEFAULT_PARTITION__"))
				continue;
			all = !sp_cast_value(&f->run, NULL, &sp_types[SP_STRING], &sp_types[kinds[k]], false, &in, &out) && !out.null &&
			      (kinds[k] > SP_BIGINT || sl_chr(in.s, '.') < 0);
		}
		if (all)
			return &sp_types[kinds[k]];
	}
	return &sp_types[SP_STRING];
}

/* ---- schemas ---- */

static bool is_json(const struct lake_relation *r)
{
	return r->format == &lake_json || r->format == &lake_topic;
}

static int read_options(struct lake_relation *r)
{
	struct files *f = files_of(r);
	sp_json_defaults(&f->json, r->cx);
	sp_csv_defaults(&f->csv, r->cx);
	for (size_t i = 0; i < r->option_n; i++) {
		struct slice key = r->options[i].key, value = r->options[i].value;
		if (is_json(r) ? sp_json_option(&f->json, key, value, &r->err) : sp_csv_option(&f->csv, key, value, &r->err))
			return 1;
	}
	return 0;
}

/* The first file's columns, as Spark takes them without mergeSchema. */
static const struct sp_type *parquet_schema(struct lake_relation *r)
{
	struct files *f = files_of(r);
	struct sp_field *fields;
	struct error err;
	size_t n;
	if (!col_schema(r->arena, buf_slice(&f->files[0].body), &fields, &n, &err))
		return sp_struct(r->arena, fields, n);
	lake_relation_fail(r, &err);
	return NULL;
}

static const struct sp_type *infer(struct lake_relation *r)
{
	struct files *f = files_of(r);
	if (r->format == &lake_parquet)
		return parquet_schema(r);
	struct sp_json_infer *json = is_json(r) ? sp_json_infer_new(r->arena, &f->json) : NULL;
	struct sp_csv_infer *csv = r->format == &lake_csv ? sp_csv_infer_new(r->arena, &f->csv, &r->err) : NULL;
	struct sp_field line = { .name = S("value"), .type = &sp_types[SP_STRING], .nullable = true };
	if (!json && !csv)
		return r->err.set ? NULL : sp_struct(r->arena, &line, 1);
	for (size_t i = 0; i < f->n; i++)
		if (json ? sp_json_infer_add(json, buf_slice(&f->files[i].body), &r->err) : sp_csv_infer_add(csv, buf_slice(&f->files[i].body), &r->err))
			return NULL;
	return json ? sp_json_infer_end(json, &r->err) : sp_csv_infer_end(csv, &r->err);
}

/* The three that tell where a topic's record stands. */
static const struct sp_field topic_columns[] = {
	{ .name = { "_object_key", 11 }, .type = &sp_types[SP_STRING], .nullable = true },
	{ .name = { "_line", 5 }, .type = &sp_types[SP_BIGINT], .nullable = true },
	{ .name = { "_record", 7 }, .type = &sp_types[SP_STRING], .nullable = true },
};

static void add_columns(struct lake_relation *r)
{
	struct files *f = files_of(r);
	size_t n = f->schema->field_n;
	f->extra_n = f->topic ? ARRAY_LEN(topic_columns) : f->name_n;
	struct sp_field *columns = arena_alloc(r->arena, (n + f->extra_n + 1) * sizeof(*columns));
	memcpy(columns, f->schema->fields, n * sizeof(*columns));
	for (size_t i = 0; i < n; i++)
		columns[i].nullable = true;
	for (size_t i = 0; i < f->extra_n; i++)
		columns[n + i] = f->topic ? topic_columns[i]
					  : (struct sp_field){ .name = f->names[i], .type = partition_type(r, i), .nullable = true };
	r->rel.columns = columns;
	r->rel.column_n = n + f->extra_n;
}

static void schema_work(void *arg)
{
	struct lake_relation *r = arg;
	struct files *f = files_of(r);
	struct slice ddl = option(r, "schema");
	f->run = (struct sp_run){ .cx = r->cx, .batch = &f->batch, .keep = &f->keep, .stop = &r->task->stopped };
	find_partitions(r);
	if (read_options(r))
		return;
	if (r->pinned)
		f->schema = r->pinned;
	else if (!ddl.p)
		f->schema = r->inferred = infer(r);
	else if (sp_ddl(r->arena, ddl, &f->schema, &r->err))
		return;
	if (f->schema && !f->schema->field_n && !f->topic)
		sp_fail(&r->err, SP_E_ANALYSIS, "UNABLE_TO_INFER_SCHEMA", "42KD9", "Unable to infer schema for %s. It must be specified manually.",
			r->format == &lake_csv ? "CSV" : r->format == &lake_parquet ? "Parquet" : "JSON");
	if (f->schema && !r->err.set)
		add_columns(r);
}

static void schema_done(void *arg)
{
	lake_relation_end(arg);
}

static void files_read(void *arg)
{
	struct lake_relation *r = arg;
	struct files *f = files_of(r);
	bool none = f->reader.err.kind && f->reader.err.def && !strcmp(f->reader.err.def->code, "NoSuchBucket");
	if (f->reader.err.kind && !none && !r->err.set)
		lake_relation_fail(r, &f->reader.err);
	if (!r->err.set && !f->n && f->topic)
		r->missing = true;
	else if (!r->err.set && !f->n)
		sp_fail(&r->err, SP_E_ANALYSIS, "PATH_NOT_FOUND", "42K03", "Path does not exist: %.*s.", SL(r->ref.name));
	if (r->err.set || r->missing)
		lake_relation_end(r);
	else
		lake_job(r->task, schema_work, schema_done, r);
}

static void start_reading(struct lake_relation *r, struct slice path, bool exact)
{
	struct files *f = files_of(r);
	struct slice prefix = path;
	if (is_glob(path)) {
		f->pattern = arena_dup(r->arena, path);
		for (size_t i = 0; i < path.n; i++)
			if (strchr("*?[{", path.p[i])) {
				prefix = sl_of(path.p, i);
				break;
			}
	} else {
		f->base_n = path.n;
	}
	f->reader = (struct lake_reader){ .task = r->task, .wants = wants, .clean = take, .done = files_read, .arg = r };
	lake_reader_start(&f->reader, r->ref.bucket, prefix);
}

static void file_find(struct lake_relation *r)
{
	r->own = xcalloc(1, sizeof(struct files));
	start_reading(r, r->ref.path, true);
}

static void topic_find(struct lake_relation *r)
{
	struct files *f = r->own = xcalloc(1, sizeof(struct files));
	f->topic = true;
	start_reading(r, arena_printf(r->arena, "topics/%.*s/", SL(r->topic)), false);
}

/* ---- rows ---- */

static const bool *own_needed(const struct lake_relation *r)
{
	return r->rel.needed;
}

/* Columns of a topic's record beside its own: needs its lines one by one. */
static void add_topic(struct lake_relation *r, const struct file *file, struct slice *rest, size_t *line, struct sp_batch *b)
{
	struct sp_out key, no, record;
	struct slice one;
	size_t at = b->column_n - ARRAY_LEN(topic_columns);
	struct files *f = files_of(r);
	sp_out_make(&key, &f->batch, &sp_types[SP_STRING], b->n);
	sp_out_make(&no, &f->batch, &sp_types[SP_BIGINT], b->n);
	sp_out_make(&record, &f->batch, &sp_types[SP_STRING], b->n);
	for (size_t i = 0; i < b->n; i++) {
		do {
			sl_cut(*rest, '\n', &one, rest);
			++*line;
		} while (rest->p && !sl_trim(one).n);
		key.str[i] = file->key;
		no.i64[i] = (int64_t)*line;
		record.str[i] = sl_trim(one);
	}
	b->columns[at] = key.v;
	b->columns[at + 1] = no.v;
	b->columns[at + 2] = record.v;
}

static int add_partitions(struct lake_relation *r, const struct file *file, struct sp_batch *b)
{
	struct files *f = files_of(r);
	for (size_t i = 0; i < f->name_n; i++) {
		size_t at = f->schema->field_n + i;
		struct sp_value in = { .s = file->values[i] }, out = SP_NULL_VALUE;
		if (!sl_eqs(in.s, "__HIVE_DEFAULT_PARTITION__") &&
		    sp_cast_value(&f->run, NULL, &sp_types[SP_STRING], r->rel.columns[at].type, false, &in, &out))
			return 1;
		b->columns[at] = sp_vec_one(&f->batch, r->rel.columns[at].type, &out, b->n);
	}
	return 0;
}

static int add_batch(struct lake_relation *r, const struct file *file, struct slice *rest, size_t *line, const struct sp_batch *own)
{
	struct files *f = files_of(r);
	struct sp_batch b = { .n = own->n, .column_n = r->rel.column_n };
	b.columns = arena_alloc(&f->batch, (b.column_n + 1) * sizeof(*b.columns));
	memcpy(b.columns, own->columns, own->column_n * sizeof(*b.columns));
	if (f->topic)
		add_topic(r, file, rest, line, &b);
	else if (add_partitions(r, file, &b))
		return 1;
	sp_table_add(r->table, &b);
	return 0;
}

static int text_lines(struct lake_relation *r, const struct file *file)
{
	struct files *f = files_of(r);
	struct slice rest = buf_slice(&file->body), one;
	size_t n = 0, line = 0;
	struct sp_out out;
	struct sp_vec v;
	struct sp_batch b = { .column_n = 1, .columns = &v };
	for (size_t i = 0; i < rest.n; i++)
		n += rest.p[i] == '\n';
	n += rest.n && rest.p[rest.n - 1] != '\n';
	sp_out_make(&out, &f->batch, &sp_types[SP_STRING], n);
	for (size_t i = 0; i < n; i++) {
		sl_cut(rest, '\n', &one, &rest);
		out.str[i] = one.n && one.p[one.n - 1] == '\r' ? sl_of(one.p, one.n - 1) : one;
	}
	v = out.v;
	b.n = n;
	return add_batch(r, file, &rest, &line, &b);
}

static int parquet_rows(struct lake_relation *r, const struct file *file)
{
	struct files *f = files_of(r);
	const struct col_read in = { .file = buf_slice(&file->body), .fields = f->schema->fields, .field_n = f->schema->field_n, .wanted = own_needed(r) };
	struct sp_batch *chunks;
	struct slice rest = sl(NULL);
	struct error err;
	size_t n, line = 0;
	if (col_read(&f->batch, &in, &chunks, &n, &err)) {
		struct error named;
		err_set(&named, err.kind, "s3://%.*s/%.*s: %s", SL(r->ref.bucket), SL(file->key), err.text);
		return lake_relation_fail(r, &named);
	}
	for (size_t i = 0; i < n; i++)
		if (add_batch(r, file, &rest, &line, &chunks[i]))
			return 1;
	return 0;
}

static int file_rows(struct lake_relation *r, const struct file *file)
{
	struct files *f = files_of(r);
	if (r->format == &lake_parquet)
		return parquet_rows(r, file);
	struct slice text = buf_slice(&file->body), rest = text;
	const struct sp_field *fields = f->schema->fields;
	size_t n = f->schema->field_n, line = 0;
	struct sp_json_reader *json = is_json(r) ? sp_json_open(&f->run, &f->json, fields, n, own_needed(r), text) : NULL;
	struct sp_csv_reader *csv = r->format == &lake_csv ? sp_csv_open(&f->run, &f->csv, fields, n, own_needed(r), text) : NULL;
	struct sp_batch b;
	int more = json || csv ? 1 : -1;
	if (r->format == &lake_text)
		return text_lines(r, file);
	while (more > 0) {
		more = json ? sp_json_next(json, &f->batch, &b) : sp_csv_next(csv, &f->batch, &b);
		if (more > 0 && add_batch(r, file, &rest, &line, &b))
			more = -1;
		arena_reset(&f->batch);
	}
	sp_json_close(json);
	sp_csv_close(csv);
	return more;
}

static void rows_work(void *arg)
{
	struct lake_relation *r = arg;
	struct files *f = files_of(r);
	r->table = sp_table_new();
	r->table->fields = r->rel.columns;
	r->table->field_n = r->rel.column_n;
	for (size_t i = 0; i < f->n; i++) {
		if (file_rows(r, &f->files[i])) {
			if (!r->err.set)
				r->err = f->run.err;
			f->run.err = (struct sp_error){ 0 };
			return;
		}
		buf_free(&f->files[i].body);
		arena_reset(&f->batch);
	}
}

static void rows_done(void *arg)
{
	lake_relation_end(arg);
}

static void file_read(struct lake_relation *r)
{
	lake_job(r->task, rows_work, rows_done, r);
}

const struct lake_format lake_json = { "json", file_find, file_read, files_free };
const struct lake_format lake_csv = { "csv", file_find, file_read, files_free };
const struct lake_format lake_text = { "text", file_find, file_read, files_free };
const struct lake_format lake_parquet = { "parquet", file_find, file_read, files_free };
const struct lake_format lake_topic = { "topic", topic_find, file_read, files_free };
