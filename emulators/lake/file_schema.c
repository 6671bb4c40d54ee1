/* Schemas of files: options, what is given as DDL or as Spark's JSON, what the files say, partition columns. */
#include "columns/columns.h"
#include "delta/delta.h"
#include "lake/files.h"
#include "spark/ddl.h"

/* The three that tell where a topic's record stands. */
const struct sp_field lake_topic_columns[3] = {
	{ .name = { "_object_key", 11 }, .type = &sp_types[SP_STRING], .nullable = true },
	{ .name = { "_line", 5 }, .type = &sp_types[SP_BIGINT], .nullable = true },
	{ .name = { "_record", 7 }, .type = &sp_types[SP_STRING], .nullable = true },
};
static const struct sp_field binary_columns[] = {
	{ .name = { "path", 4 }, .type = &sp_types[SP_STRING], .nullable = true },
	{ .name = { "modificationTime", 16 }, .type = &sp_types[SP_TIMESTAMP], .nullable = true },
	{ .name = { "length", 6 }, .type = &sp_types[SP_BIGINT], .nullable = true },
	{ .name = { "content", 7 }, .type = &sp_types[SP_BINARY], .nullable = true },
};
/* Of the hidden column _metadata. */
static const struct sp_field meta_fields[] = {
	{ .name = { "file_path", 9 }, .type = &sp_types[SP_STRING] }, { .name = { "file_name", 9 }, .type = &sp_types[SP_STRING] },
	{ .name = { "file_size", 9 }, .type = &sp_types[SP_BIGINT] }, { .name = { "file_block_start", 16 }, .type = &sp_types[SP_BIGINT] },
	{ .name = { "file_block_length", 17 }, .type = &sp_types[SP_BIGINT] }, { .name = { "file_modification_time", 22 }, .type = &sp_types[SP_TIMESTAMP] },
};

static bool is_json(const struct lake_relation *r)
{
	return r->format == &lake_json || r->format == &lake_topic;
}

static const char *shown(const struct lake_relation *r)
{
	return r->format == &lake_csv ? "CSV" : r->format == &lake_parquet ? "Parquet" : r->format == &lake_text ? "Text" : "JSON";
}

int lake_files_options(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	sp_json_defaults(&f->json, r->cx);
	sp_csv_defaults(&f->csv, r->cx);
	for (size_t i = 0; i < r->option_n; i++) {
		struct slice key = r->options[i].key, value = r->options[i].value;
		bool encoding = sl_eq_nocase(key, S("encoding")) || sl_eq_nocase(key, S("charset"));
		if (is_json(r) && encoding && !sl_eq_nocase(value, S("UTF-8")) && !sl_eq_nocase(value, S("UTF8")))
			return sp_fail(&r->err, SP_E_UNSERVED, "", "", "The option encoding is served as UTF-8 only.");
		if (is_json(r) ? sp_json_option(&f->json, key, value, &r->err) : r->format == &lake_csv && sp_csv_option(&f->csv, key, value, &r->err))
			return 1;
	}
	return 0;
}

/* ---- schemas given ---- */

static int twice(struct lake_relation *r, const struct sp_field *fields, size_t n)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < n; i++) {
		if (sp_field_find(fields, n, fields[i].name) != -2)
			continue;
		for (size_t k = 0; k < fields[i].name.n; k++)
			buf_addc(&b, fields[i].name.p[k] >= 'A' && fields[i].name.p[k] <= 'Z' ? (char)(fields[i].name.p[k] | 32) : fields[i].name.p[k]);
		sp_fail(&r->err, SP_E_ANALYSIS, "COLUMN_ALREADY_EXISTS", "42711", "The column `%.*s` already exists. Consider to choose another name or rename the existing "
			"column.", SL(buf_slice(&b)));
		buf_free(&b);
		return 1;
	}
	return 0;
}

static int check_given(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	struct slice corrupt = is_json(r) ? f->json.corrupt : f->csv.corrupt;
	struct buf b = { 0 };
	for (size_t i = 0; i < f->schema->field_n; i++) {
		const struct sp_field *c = &f->schema->fields[i];
		bool fits = r->format == &lake_text ? c->type->kind == SP_STRING : r->format != &lake_csv || (!sp_is_nested(c->type) && c->type->kind != SP_BINARY);
		if ((is_json(r) || r->format == &lake_csv) && sl_eq(c->name, corrupt) && c->type->kind != SP_STRING)
			return sp_fail(&r->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1097", "", "The field for corrupt records must be string type and nullable.");
		if (fits)
			continue;
		sp_type_sql(&b, c->type);
		sp_fail(&r->err, SP_E_ANALYSIS, "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "", "The %s datasource doesn't support the column `%.*s` of the type \"%.*s\".",
			shown(r), SL(c->name), SL(buf_slice(&b)));
		buf_free(&b);
		return 1;
	}
	if (r->format == &lake_text && f->schema->field_n > 1)
		return sp_fail(&r->err, SP_E_ANALYSIS, "", "", "Text data source supports only a single column, and you have %zu columns.", f->schema->field_n);
	return twice(r, f->schema->fields, f->schema->field_n);
}

/* What is wrong with a schema is told at its own text, not the statement's. */
static int bad_ddl(struct lake_relation *r, struct slice text)
{
	struct buf b = { 0 };
	struct slice words, head;
	sp_error_message(&b, &r->err, text);
	words = buf_slice(&b);
	if (sl_starts(words, S("[")))
		sl_cut(words, ' ', &head, &words);
	free(r->err.text);
	r->err.text = xstrndup(words.p, words.n);
	r->err.placed = false;
	buf_free(&b);
	return 1;
}

/* Columns, as StructType.fromDDL takes them, or a struct's simpleString. */
static int from_ddl(struct lake_relation *r, struct slice text)
{
	struct lake_files *f = lake_files_of(r);
	const struct sp_field *fields;
	size_t n;
	if (sl_starts_nocase(text, S("struct<")))
		return sp_ddl(r->arena, text, &f->schema, &r->err) ? bad_ddl(r, text) : 0;
	if (sp_ddl_fields(r->arena, text, &fields, &n, &r->err))
		return bad_ddl(r, text);
	f->schema = sp_struct(r->arena, fields, n);
	return 0;
}

int lake_files_given(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	struct slice text = sl_trim(lake_files_option(r, "schema"));
	struct sp_field *fields;
	struct error err;
	size_t n;
	if (!text.p || r->format == &lake_binary)
		return 0;
	f->given = true;
	if (text.n && text.p[0] == '{') {
		if (delta_fields_parse(r->arena, text, &fields, &n, &err))
			return lake_relation_fail(r, &err);
		f->schema = sp_struct(r->arena, fields, n);
	} else if (from_ddl(r, text)) {
		return 1;
	}
	f->schema = sp_type_nullable(r->arena, f->schema);
	return check_given(r);
}

/* ---- inferred ---- */

size_t lake_files_for_schema(const struct lake_relation *r)
{
	const struct lake_files *f = lake_files_of(r);
	size_t n = 0;
	if (f->given || r->pinned || r->format == &lake_text || r->format == &lake_binary)
		return 0;
	if (r->format == &lake_parquet && !f->merge_schema)
		return f->n > 0;
	if (r->format == &lake_csv && !f->csv.infer_schema) { /* the first that has a line */
		while (n < f->n && !f->files[n].size)
			n++;
		return n < f->n ? n + 1 : f->n;
	}
	return f->n;
}

static int merge_parquet(struct lake_relation *r, struct sp_field *all, size_t *n, const struct sp_field *fields, size_t field_n)
{
	for (size_t i = 0; i < field_n; i++) {
		ssize_t at = sp_field_find(all, *n, fields[i].name);
		struct buf a = { 0 }, b = { 0 };
		if (at < 0) {
			all[(*n)++] = fields[i];
			continue;
		}
		if (sp_type_eq(all[at].type, fields[i].type))
			continue;
		sp_type_sql(&a, all[at].type);
		sp_type_sql(&b, fields[i].type);
		sp_fail(&r->err, SP_E_RUN, "CANNOT_MERGE_SCHEMAS", "42KD9", "Failed merging schemas:\nInitial schema:\n\"%.*s\"\nSchema that cannot be merged with the initial "
			"schema:\n\"%.*s\".", SL(buf_slice(&a)), SL(buf_slice(&b)));
		buf_free(&a);
		buf_free(&b);
		return 1;
	}
	return 0;
}

/* One file's columns, or those of all together. */
static const struct sp_type *parquet_schema(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	size_t count = f->merge_schema ? f->n : f->n > 0, n = 0, cap = 0;
	struct sp_field *all = NULL;
	for (size_t i = 0; i < count; i++) {
		struct sp_field *fields, *more;
		struct error err, named;
		size_t field_n;
		if (col_schema(r->arena, buf_slice(&f->files[i].body), &fields, &field_n, &err)) {
			err_set(&named, err.kind, "%.*s: %s", SL(lake_files_shown(r->arena, &f->files[i])), err.text);
			lake_relation_fail(r, &named);
			return NULL;
		}
		if (n + field_n > cap) {
			cap = 2 * (n + field_n);
			more = arena_alloc(r->arena, cap * sizeof(*more));
			if (n)
				memcpy(more, all, n * sizeof(*all));
			all = more;
		}
		if (merge_parquet(r, all, &n, fields, field_n))
			return NULL;
	}
	return sp_struct(r->arena, all, n);
}

static const struct sp_type *text_schema(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	size_t count = lake_files_for_schema(r);
	struct sp_json_infer *json = is_json(r) ? sp_json_infer_new(r->arena, &f->json) : NULL;
	struct sp_csv_infer *csv = json ? NULL : sp_csv_infer_new(r->arena, &f->csv, &r->err);
	if (!json && !csv)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct slice text = buf_slice(&f->files[i].body);
		if (json ? sp_json_infer_add(json, text, &r->err) : sp_csv_infer_add(csv, text, &r->err))
			return NULL;
	}
	return json ? sp_json_infer_end(json, &r->err) : sp_csv_infer_end(csv, &r->err);
}

int lake_files_infer(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	const struct sp_field line = { .name = S("value"), .type = &sp_types[SP_STRING], .nullable = true };
	if (f->given)
		return 0;
	if (r->pinned)
		f->schema = r->pinned;
	else if (r->format == &lake_text)
		f->schema = sp_struct(r->arena, &line, 1);
	else if (r->format == &lake_binary)
		f->schema = sp_struct(r->arena, binary_columns, ARRAY_LEN(binary_columns));
	else if (!f->n && !f->topic)
		return sp_fail(&r->err, SP_E_ANALYSIS, "UNABLE_TO_INFER_SCHEMA", "42KD9", "Unable to infer schema for %s. It must be specified manually.", shown(r));
	else
		f->schema = r->format == &lake_parquet ? parquet_schema(r) : text_schema(r);
	if (f->schema)
		r->inferred = f->schema = sp_type_nullable(r->arena, f->schema);
	return r->err.set || !f->schema;
}

/* ---- the relation's columns ---- */

static ssize_t part_of(const struct lake_files *f, struct slice name)
{
	for (size_t k = 0; k < f->part_n; k++)
		if (sl_eq_nocase(name, f->names[k]))
			return (ssize_t)k;
	return -1;
}

static struct sp_field part_column(const struct lake_files *f, size_t k)
{
	return (struct sp_field){ .name = f->names[k], .type = f->types[k], .nullable = true };
}

const bool *lake_files_needed(const struct lake_relation *r)
{
	const struct lake_files *f = lake_files_of(r);
	bool *needed;
	if (!r->rel.needed)
		return NULL;
	needed = arena_alloc(r->arena, r->rel.column_n);
	for (size_t i = 0; i + 1 < r->rel.column_n; i++)
		needed[f->order[i]] = r->rel.needed[i];
	return needed;
}

/* Partition columns that the files have, too: a schema given says their type, and they come last; else they stay where the files have
 * them. */
void lake_files_columns(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	const struct sp_type *full = f->full = f->schema;
	size_t most = full->field_n + f->part_n + ARRAY_LEN(lake_topic_columns) + 1, n = 0, own = 0;
	struct sp_field *columns = arena_alloc(r->arena, most * sizeof(*columns)), *fields = arena_alloc(r->arena, most * sizeof(*fields));
	bool placed[LAKE_PARTITIONS_MAX] = { false };
	f->order = arena_alloc(r->arena, most * sizeof(*f->order));
	for (size_t i = 0; i < full->field_n; i++) {
		ssize_t k = part_of(f, full->fields[i].name);
		if (k >= 0 && f->given) {
			f->types[k] = full->fields[i].type;
			continue;
		}
		if (k >= 0) {
			placed[k] = true;
			f->order[n] = (size_t)k + most; /* behind the own columns, as many as there will be */
			columns[n++] = part_column(f, (size_t)k);
			continue;
		}
		fields[own] = full->fields[i];
		f->order[n] = own++;
		columns[n++] = full->fields[i];
	}
	for (size_t i = 0; i < n; i++)
		f->order[i] = f->order[i] >= most ? f->order[i] - most + own : f->order[i];
	f->schema = sp_struct(r->arena, fields, own);
	for (size_t k = 0; k < f->part_n; k++)
		if (!placed[k]) {
			f->order[n] = own + k;
			columns[n++] = part_column(f, k);
		}
	for (size_t i = 0; f->topic && i < ARRAY_LEN(lake_topic_columns); i++) {
		f->order[n] = own + i;
		columns[n++] = lake_topic_columns[i];
	}
	columns[n] = (struct sp_field){ .name = S("_metadata"), .type = sp_struct(r->arena, meta_fields, ARRAY_LEN(meta_fields)) };
	r->rel.columns = columns;
	r->rel.column_n = n + 1;
	r->rel.hidden_n = 1;
}
