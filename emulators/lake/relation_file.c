/* Files below paths, and topics: listed, fetched, their schema found, read. What was read of files that haven't changed since (keys,
 * entity tags, sizes, times) is kept in the cache with its schema, for a statement that asks for the same: notebooks read thousands of
 * small objects anew at every step. */
#include "core/gzip.h"
#include "lake/files.h"

enum { IN_FLIGHT = 32, IN_FLIGHT_HERE = 256 }; /* gets at a time; of a store in this process, which answers all in its next turn */

static void file_free(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	for (size_t i = 0; i < f->n; i++)
		buf_free(&f->files[i].body);
	if (f->hash)
		hash_end(f->hash, NULL);
	if (f->kept)
		lake_cache_give(&r->task->base->cache, f->kept);
	lake_listing_give(f->listed);
	sp_table_free(f->made);
	sp_error_free(&f->run.err);
	arena_free(&f->batch);
	arena_free(&f->keep);
	free(f);
	r->own = NULL;
}

/* ---- bodies ---- */

struct fetch {
	struct lake_relation *r;
	struct lake_found_file *file;
};

static void fetch_more(struct lake_relation *r);

static bool is_packed(const struct lake_relation *r, struct slice key)
{
	static const char *const endings[] = { ".gz", ".deflate", ".zst", ".zstd", ".snappy", ".bz2", ".lz4" };
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (sl_ends(key, sl(endings[i])))
			return r->format != &lake_parquet && r->format != &lake_binary;
	return false;
}

static int take_body(struct lake_relation *r, struct lake_found_file *file, struct slice body)
{
	struct error err;
	if (!is_packed(r, file->key)) {
		buf_addsl(&file->body, body);
		return 0;
	}
	if (!sl_ends(file->key, S(".gz")) && !sl_ends(file->key, S(".deflate")))
		return sp_fail(&r->err, SP_E_UNSERVED, "", "", "files packed as %.*s are aren't read here (.gz and .deflate are)", SL(file->key));
	file->body.max = LAKE_OBJECT_MAX;
	return gzip_unpack(body, &file->body, &err) ? lake_relation_fail(r, &err) : 0;
}

static void take(struct lake_relation *r, struct lake_found_file *file, struct slice body)
{
	struct lake_files *f = lake_files_of(r);
	if (body.n > LAKE_OBJECT_MAX)
		sp_fail(&r->err, SP_E_LIMIT, "", "", "%.*s has %zu bytes, over %d", SL(lake_files_shown(r->arena, file)), body.n, LAKE_OBJECT_MAX);
	else
		(void)take_body(r, file, body);
	file->fetched = true;
	f->bytes += file->body.n;
	if (f->bytes > LAKE_RAW_BYTES)
		sp_fail(&r->err, SP_E_LIMIT, "", "", "the files of the statement have more than %d bytes", LAKE_RAW_BYTES);
}

static void on_body(void *arg, struct slice body, const struct error *err)
{
	struct fetch *x = arg;
	struct lake_relation *r = x->r;
	size_t left = --lake_files_of(r)->in_flight;
	if (err && !(err->def && !strcmp(err->def->code, "NoSuchKey"))) /* that one is deleted since it was listed */
		lake_relation_fail(r, err);
	else if (!r->err.set)
		take(r, x->file, err ? S("") : body);
	if (!left || !r->task->l->env->ports->objects.changes) /* here they come all at once */
		fetch_more(r);
}

static void fetch_more(struct lake_relation *r)
{
	const struct object_store *s = &r->task->l->env->ports->objects;
	struct lake_files *f = lake_files_of(r);
	size_t most = s->changes ? IN_FLIGHT_HERE : IN_FLIGHT;
	while (!r->err.set && f->asked < f->want_n && f->in_flight < most) {
		struct lake_found_file *file = &f->files[f->asked++];
		struct fetch *x;
		if (file->fetched)
			continue;
		x = arena_alloc(r->arena, sizeof(*x));
		*x = (struct fetch){ r, file };
		f->in_flight++;
		lake_await(r->task, s->get(s->self, file->root->bucket, file->key, on_body, x));
	}
	if (!f->in_flight)
		f->fetched(r);
}

/* The first n files, those that aren't there yet; then done. */
static void fetch(struct lake_relation *r, size_t n, void (*done)(struct lake_relation *r))
{
	struct lake_files *f = lake_files_of(r);
	f->asked = 0;
	f->want_n = n;
	f->fetched = done;
	fetch_more(r);
}

/* ---- what is kept ---- */

/* What else rows and schemas depend on. */
static const char *const settings[] = {
	"spark.sql.session.timeZone", "spark.sql.legacy.timeParserPolicy", "spark.sql.columnNameOfCorruptRecord", "spark.sql.caseSensitive", "spark.sql.ansi.enabled",
	"spark.sql.sources.partitionColumnTypeInference.enabled", "spark.sql.timestampType",
};

static struct slice kept_key(const struct lake_relation *r, bool pinned)
{
	const struct lake_files *f = lake_files_of(r);
	struct buf b = { 0 };
	struct slice key;
	buf_addf(&b, "%s\n%.*s", r->format->name, SL(f->stamp));
	for (size_t i = 0; i < f->root_n; i++)
		buf_addf(&b, "\n%.*s %.*s", SL(f->roots[i].bucket), SL(f->roots[i].pattern.p ? f->roots[i].pattern : f->roots[i].path));
	for (size_t i = 0; i < r->option_n; i++)
		buf_addf(&b, "\n%.*s=%.*s", SL(r->options[i].key), SL(r->options[i].value));
	for (size_t i = 0; r->cx->conf && i < ARRAY_LEN(settings); i++)
		buf_addf(&b, "\n%.*s", SL(r->cx->conf(r->cx->self, settings[i])));
	if (pinned) {
		buf_addc(&b, '\n');
		sp_type_json(&b, r->pinned);
	}
	key = arena_dup(r->arena, buf_slice(&b));
	buf_free(&b);
	return key;
}

/* A table without chunks that says the schema, partition columns' types behind. */
static struct sp_table *schema_table(const struct lake_relation *r)
{
	const struct lake_files *f = lake_files_of(r);
	struct sp_table *t = sp_table_new();
	size_t own = f->full->field_n, n = own + f->part_n;
	struct sp_field *fields = arena_alloc(&t->arena, (n + 1) * sizeof(*fields));
	for (size_t i = 0; i < n; i++) {
		fields[i] = i < own ? f->full->fields[i] : (struct sp_field){ .name = f->names[i - own], .type = f->types[i - own], .nullable = true };
		fields[i].name = arena_dup(&t->arena, fields[i].name);
		fields[i].type = sp_type_dup(&t->arena, fields[i].type);
		fields[i].comment = fields[i].comment.p ? arena_dup(&t->arena, fields[i].comment) : sl(NULL);
		fields[i].metadata = fields[i].metadata.p ? arena_dup(&t->arena, fields[i].metadata) : sl(NULL);
	}
	t->fields = fields;
	t->field_n = n;
	t->row_n = -1;
	return t;
}

static const struct sp_table *kept(const struct lake_files *f, bool rows)
{
	for (const struct lake_part_read *p = f->kept ? f->kept->parts : NULL; p; p = p->next)
		if ((p->rows->row_n >= 0) == rows)
			return p->rows;
	return NULL;
}

static void keep(struct lake_relation *r, struct sp_table *t)
{
	lake_cache_add(&r->task->base->cache, lake_files_of(r)->kept, t);
}

/* ---- finding ---- */

static void end(struct lake_relation *r)
{
	lake_relation_end(r);
}

/* Whether rows don't depend on which columns are asked for: else all can't be read at once, and kept. */
static bool rows_are_fixed(const struct lake_relation *r)
{
	const struct lake_files *f = lake_files_of(r);
	if (r->format == &lake_csv)
		return f->csv.mode == SP_PERMISSIVE && sp_field_find(f->schema->fields, f->schema->field_n, f->csv.corrupt) == -1;
	if (r->format == &lake_json)
		return !f->given || (f->json.mode == SP_PERMISSIVE && sp_field_find(f->schema->fields, f->schema->field_n, f->json.corrupt) == -1);
	return r->format != &lake_parquet || f->bytes < LAKE_RAW_BYTES / 64;
}

static bool can_keep(const struct lake_relation *r)
{
	return rows_are_fixed(r) && lake_files_of(r)->bytes <= r->task->base->cache.max / 4;
}

static void schema_work(void *arg)
{
	struct lake_relation *r = arg;
	struct lake_files *f = lake_files_of(r);
	if (lake_files_infer(r))
		return;
	lake_files_columns(r);
	if (f->want_n == f->n && f->n && can_keep(r))
		f->made = lake_files_rows(r, NULL);
}

static void schema_done(void *arg)
{
	struct lake_relation *r = arg;
	struct lake_files *f = lake_files_of(r);
	if (!r->err.set && !kept(f, false))
		keep(r, schema_table(r));
	if (f->made)
		keep(r, f->made);
	f->made = NULL;
	end(r);
}

static void schema_fetched(struct lake_relation *r)
{
	if (r->err.set)
		end(r);
	else
		lake_job(r->task, schema_work, schema_done, r);
}

/* The schema that was found before: own columns, then the partitions'. */
static void use_kept(struct lake_relation *r, const struct sp_table *t)
{
	struct lake_files *f = lake_files_of(r);
	size_t own = t->field_n - f->part_n;
	struct sp_field *fields = arena_alloc(r->arena, (t->field_n + 1) * sizeof(*fields));
	for (size_t i = 0; i < t->field_n; i++) {
		fields[i] = t->fields[i];
		fields[i].name = arena_dup(r->arena, fields[i].name);
		fields[i].type = sp_type_dup(r->arena, fields[i].type);
		fields[i].comment = fields[i].comment.p ? arena_dup(r->arena, fields[i].comment) : sl(NULL);
		fields[i].metadata = fields[i].metadata.p ? arena_dup(r->arena, fields[i].metadata) : sl(NULL);
	}
	for (size_t i = 0; i < f->part_n; i++)
		f->types[i] = fields[own + i].type;
	f->schema = sp_struct(r->arena, fields, own);
	r->inferred = f->given ? NULL : f->schema;
}

/* Whether a schema that was kept is the one that a frame has found before. */
static bool is_pinned(const struct lake_relation *r, const struct sp_table *t)
{
	const struct sp_type *p = r->pinned;
	size_t n = t ? t->field_n - lake_files_of(r)->part_n : 0;
	if (!t || p->field_n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!sl_eq(p->fields[i].name, t->fields[i].name) || !sp_type_eq(p->fields[i].type, t->fields[i].type))
			return false;
	return true;
}

static void begin_work(void *arg)
{
	struct lake_relation *r = arg;
	struct lake_files *f = lake_files_of(r);
	f->run = (struct sp_run){ .cx = r->cx, .batch = &f->batch, .keep = &f->keep, .stop = &r->task->stopped };
	(void)(lake_files_options(r) || lake_files_given(r) || lake_files_parts(r));
}

static void columns_work(void *arg)
{
	lake_files_columns(arg);
}

static void columns_done(void *arg)
{
	end(arg);
}

static void begin_done(void *arg)
{
	struct lake_relation *r = arg;
	struct lake_files *f = lake_files_of(r);
	const struct sp_table *schema;
	if (r->err.set) {
		end(r);
		return;
	}
	f->kept = lake_cache_take(&r->task->base->cache, kept_key(r, false));
	if (r->pinned && !is_pinned(r, kept(f, false))) {
		lake_cache_give(&r->task->base->cache, f->kept);
		f->kept = lake_cache_take(&r->task->base->cache, kept_key(r, true));
	}
	schema = kept(f, false);
	if (schema) {
		use_kept(r, schema);
		lake_job(r->task, columns_work, columns_done, r);
	} else {
		fetch(r, lake_files_for_schema(r), schema_fetched);
	}
}

static void listed(struct lake_relation *r)
{
	const struct lake_files *f = lake_files_of(r);
	r->missing = f->topic && !r->err.set && !f->n;
	if (r->err.set || r->missing)
		end(r);
	else
		lake_job(r->task, begin_work, begin_done, r);
}

static void find(struct lake_relation *r, bool topic)
{
	struct lake_files *f = r->own = xcalloc(1, sizeof(struct lake_files));
	f->r = r;
	f->topic = topic;
	if (lake_files_begin(r))
		end(r);
	else
		lake_files_list(r, listed);
}

static void file_find(struct lake_relation *r)
{
	find(r, false);
}

static void topic_find(struct lake_relation *r)
{
	find(r, true);
}

/* ---- reading ---- */

static int only_corrupt(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	size_t n = 0;
	bool corrupt = false;
	const bool *needed = lake_files_needed(r);
	for (size_t i = 0; i < f->schema->field_n; i++)
		if (!needed || needed[i]) {
			corrupt |= sl_eq(f->schema->fields[i].name, f->json.corrupt);
			n++;
		}
	if (r->format != &lake_json || n != 1 || !corrupt)
		return 0;
	return sp_fail(&r->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1285", "", "Since Spark 2.3, the queries from raw JSON/CSV files are disallowed when the\nreferenced "
		       "columns only include the internal corrupt record column\n(named _corrupt_record by default). For example:\n"
		       "spark.read.schema(schema).csv(file).filter($\"_corrupt_record\".isNotNull).count()\n"
		       "and spark.read.schema(schema).csv(file).select(\"_corrupt_record\").show().\n"
		       "Instead, you can cache or save the parsed results and then send the same query.\n"
		       "For example, val df = spark.read.schema(schema).csv(file).cache() and then\ndf.filter($\"_corrupt_record\".isNotNull).count().");
}

static void table_work(void *arg)
{
	lake_files_table(arg, lake_files_of(arg)->rows);
}

static void table_done(void *arg)
{
	end(arg);
}

/* What is kept is found on the loop, where others add to it. */
static void use_rows(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	f->rows = kept(f, true);
	lake_job(r->task, table_work, table_done, r);
}

static void rows_work(void *arg)
{
	struct lake_relation *r = arg;
	struct lake_files *f = lake_files_of(r);
	f->whole = can_keep(r);
	f->made = lake_files_rows(r, f->whole ? NULL : lake_files_needed(r));
	if (f->made && !f->whole)
		lake_files_table(r, f->made);
}

static void rows_done(void *arg)
{
	struct lake_relation *r = arg;
	struct lake_files *f = lake_files_of(r);
	if (r->err.set || !f->whole) {
		end(r);
		return;
	}
	keep(r, f->made);
	f->made = NULL;
	use_rows(r);
}

static void rows_fetched(struct lake_relation *r)
{
	if (r->err.set)
		end(r);
	else
		lake_job(r->task, rows_work, rows_done, r);
}

static void file_read(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	sp_table_free(f->made);
	f->made = NULL;
	if (only_corrupt(r))
		end(r);
	else if (kept(f, true))
		use_rows(r);
	else
		fetch(r, f->n, rows_fetched);
}

const struct lake_format lake_json = { "json", file_find, file_read, file_free };
const struct lake_format lake_csv = { "csv", file_find, file_read, file_free };
const struct lake_format lake_text = { "text", file_find, file_read, file_free };
const struct lake_format lake_parquet = { "parquet", file_find, file_read, file_free };
const struct lake_format lake_binary = { "binaryFile", file_find, file_read, file_free };
const struct lake_format lake_topic = { "topic", topic_find, file_read, file_free };
