/* read_stream(path, format => ...): a source of rows that come batch by batch. A statement sees its columns; its rows are those of the
 * batch of a streaming query that the statement belongs to (batch.h), others can't read it. With format => 'batch' it is what a batch
 * of a query gave: a table like others. */
#include "lake/batch.h"
#include "spark/ddl.h"

struct lake_stream {
	const struct lake_format *under;  /* of files and Delta tables */
	void (*done)(void *arg);          /* who waits while under works */
	void *arg;
	bool reads;                       /* goes on reading when under has found */
	struct feed *feed;
	struct lake_output *output;
};

static const struct sp_field kinesis_columns[] = {
#define COLUMN(name, kind) { { name, sizeof(name) - 1 }, &sp_types[kind], true, { NULL, 0 }, { NULL, 0 } }
	COLUMN("partitionKey", SP_STRING), COLUMN("data", SP_BINARY), COLUMN("stream", SP_STRING), COLUMN("shardId", SP_STRING),
	COLUMN("sequenceNumber", SP_STRING), COLUMN("approximateArrivalTimestamp", SP_TIMESTAMP),
};
static const struct sp_field rate_columns[] = { COLUMN("timestamp", SP_TIMESTAMP), COLUMN("value", SP_BIGINT) };
static const struct sp_field text_columns[] = { COLUMN("value", SP_STRING) };
#undef COLUMN

static const struct source {
	const char *format;
	const struct sp_field *columns;
	size_t column_n;
	const struct lake_format *under;
} sources[] = {
	{ "kinesis", kinesis_columns, ARRAY_LEN(kinesis_columns), NULL },
	{ "rate", rate_columns, ARRAY_LEN(rate_columns), NULL },
	{ "rate-micro-batch", rate_columns, ARRAY_LEN(rate_columns), NULL },
	{ "delta", NULL, 0, &lake_delta },
	{ "json", NULL, 0, &lake_json },
	{ "csv", NULL, 0, &lake_csv },
	{ "parquet", NULL, 0, &lake_parquet },
	{ "text", text_columns, ARRAY_LEN(text_columns), &lake_text },
	{ "batch", NULL, 0, NULL },
};

static struct slice option(const struct lake_relation *r, const char *key)
{
	for (size_t i = 0; i < r->option_n; i++)
		if (sl_eq_nocase(r->options[i].key, sl(key)))
			return r->options[i].value;
	return sl(NULL);
}

static const struct source *source_of(const struct lake_relation *r)
{
	struct slice format = option(r, "format");
	if (sl_eq_nocase(format, S("cloudFiles")))
		format = option(r, "cloudFiles.format");
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (sl_eq_nocase(format, sl(sources[i].format)))
			return &sources[i];
	return NULL;
}

static int unknown(const struct lake_relation *r, struct sp_error *err)
{
	static const char *const unserved[] = { "socket", "orc", "avro", "binaryFile", "cloudFiles", "pubsub", "pulsar", "eventhubs" };
	struct slice format = option(r, "format");
	if (sl_eq_nocase(format, S("kafka")))
		return sp_fail(err, SP_E_ANALYSIS, "", "", "Failed to find data source: kafka. Please deploy the application as per the deployment section of "
			       "Structured Streaming + Kafka Integration Guide.");
	for (size_t i = 0; i < ARRAY_LEN(unserved); i++)
		if (sl_eq_nocase(format, sl(unserved[i])))
			return sp_fail(err, SP_E_UNSERVED, "", "", "a stream of the format %.*s isn't served here", SL(format));
	return sp_fail(err, SP_E_ANALYSIS, "DATA_SOURCE_NOT_FOUND", "42K02",
		       "Failed to find the data source: %.*s. Please find packages at `https://spark.apache.org/third-party-projects.html`.", SL(format));
}

static struct slice bare_name(struct slice s)
{
	return s.n > 1 && s.p[0] == '`' && s.p[s.n - 1] == '`' ? sl_of(s.p + 1, s.n - 2) : s;
}

int lake_stream_meaning(struct lake_relation *r, const struct sp_table_name *name, struct sp_error *err)
{
	const struct source *s = source_of(r);
	struct slice path = name->parts[1], table = option(r, "table");
	r->stream = arena_alloc(r->arena, sizeof(*r->stream));
	r->format = &lake_stream_format;
	r->ref.name = path.n ? path : table.n ? table : option(r, "format");
	if (!s)
		return unknown(r, err);
	r->rel.streaming = r->streaming = strcmp(s->format, "batch") != 0;
	r->rel.name = arena_dup(r->arena, option(r, "format"));
	r->stream->under = s->under;
	if (!s->under)
		return 0;
	if (s->under == &lake_delta && table.n) {
		struct slice database = r->cx->database, head, rest = table;
		while (sl_cut(rest, '.', &head, &rest)) { /* catalog.database.table */
			database = bare_name(head);
			table = rest;
		}
		lake_relation_table(r, database, bare_name(table));
		r->format = &lake_stream_format;
		return 0;
	}
	if (!path.n) {
		sp_fail(err, SP_E_RUN, "", "", "'path' is not specified.");
		err->java = "IllegalArgumentException";
		return 1;
	}
	return lake_relation_path(r, path, err);
}

/* ---- finding ---- */

static struct lake_batch *batch_of(const struct lake_relation *r)
{
	return r->task->batch && !r->task->batch->check ? r->task->batch : NULL;
}

static void find_output(struct lake_relation *r)
{
	int64_t batch = LAKE_ALL;
	struct lake_output *o;
	if (option(r, "batch").p)
		(void)sl_int(option(r, "batch"), 0, INT64_MAX, &batch);
	o = lake_output_hold(r->task->l, r->ref.name, batch);
	r->stream->output = o;
	if (o) {
		r->rel.columns = o->rows->fields;
		r->rel.column_n = o->rows->field_n;
		r->rel.row_n = o->rows->row_n;
	} else {
		sp_fail(&r->err, SP_E_ANALYSIS, "", "", "The rows of batch %lld of this streaming query aren't kept any more: a DataFrame given to foreachBatch "
			"lives as long as its call.", (long long)batch);
	}
	lake_relation_end(r);
}

static void under_found(void *arg)
{
	struct lake_relation *r = arg;
	struct lake_stream *s = r->stream;
	r->done = s->done;
	r->arg = s->arg;
	if (!s->reads)
		r->format = &lake_stream_format;
	if (r->missing && !r->err.set)
		sp_fail(&r->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_NOT_FOUND", "42P01", "The table or view `%.*s` cannot be found. Verify the spelling and correctness of the "
			"schema and catalog.\nIf you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct "
			"schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.", SL(option(r, "table")));
	r->missing = false;
	if (s->reads && !r->err.set && !r->missing)
		r->format->read(r);
	else
		lake_relation_end(r);
}

static void find_under(struct lake_relation *r)
{
	struct lake_stream *s = r->stream;
	s->done = r->done;
	s->arg = r->arg;
	r->done = under_found;
	r->arg = r;
	r->format = s->under;
	r->format->find(r);
}

/* Nonzero: what is there is looked at first, which ends in its own time. */
static int schema_of(struct lake_relation *r, const struct source *s)
{
	struct slice ddl = option(r, "schema");
	const struct sp_type *type;
	struct sp_field *fields;
	if (s->columns && !ddl.p) {
		r->rel.columns = s->columns;
		r->rel.column_n = s->column_n;
		return 0;
	}
	if (!ddl.p) {
		struct slice infers = r->cx->conf ? r->cx->conf(r->cx->self, "spark.sql.streaming.schemaInference") : sl(NULL);
		if (sl_eq_nocase(infers, S("true"))) {
			find_under(r);
			return 1;
		}
		sp_fail(&r->err, SP_E_RUN, "", "", "Schema must be specified when creating a streaming source DataFrame. If some files already exist in the "
			"directory, then depending on the file format you may be able to create a static DataFrame on that directory with "
			"'spark.read.load(directory)' and infer schema from it.");
		r->err.java = "IllegalArgumentException";
		return 0;
	}
	if (sp_ddl(r->arena, ddl, &type, &r->err))
		return 0;
	fields = arena_alloc(r->arena, (type->field_n + 1) * sizeof(*fields));
	for (size_t i = 0; i < type->field_n; i++) {
		fields[i] = type->fields[i];
		fields[i].nullable = true;
	}
	r->rel.columns = fields;
	r->rel.column_n = type->field_n;
	return 0;
}

static void stream_find(struct lake_relation *r)
{
	const struct source *s = source_of(r);
	if (!strcmp(s->format, "batch")) {
		find_output(r);
	} else if (s->under == &lake_delta) {
		find_under(r);
	} else {
		if (!schema_of(r, s))
			lake_relation_end(r);
	}
}

/* ---- reading ---- */

static bool other_columns(struct lake_relation *r, const struct sp_table *of)
{
	if (!of || !of->chunk_n || of->field_n + r->rel.hidden_n == r->rel.column_n)
		return false;
	sp_fail(&r->err, SP_E_RUN, "DELTA_SCHEMA_CHANGED", "KD007", "Detected schema change in the source of the stream: it had %zu columns and has %zu. Please try "
		"restarting the query.", r->rel.column_n - r->rel.hidden_n, of->field_n);
	return true;
}

/* The table's rows without copying them: who holds them goes on doing so while the relation is there. */
static void share(struct lake_relation *r, const struct sp_table *of)
{
	r->table = sp_table_new();
	r->table->fields = r->rel.columns;
	r->table->field_n = r->rel.column_n;
	for (size_t i = 0; of && i < of->chunk_n; i++) {
		struct sp_batch *to;
		GROW(r->table->chunks, r->table->chunk_n, r->table->chunk_cap);
		to = &r->table->chunks[r->table->chunk_n++];
		*to = (struct sp_batch){ .n = of->chunks[i].n, .column_n = r->rel.column_n };
		to->columns = arena_alloc(&r->table->arena, (to->column_n + 1) * sizeof(*to->columns));
		for (size_t c = 0; c < of->chunks[i].column_n && c < to->column_n; c++)
			to->columns[c] = of->chunks[i].columns[c];
		r->table->row_n += (int64_t)to->n;
	}
}

static void read_files(struct lake_relation *r, struct slice paths)
{
	if (r->own) /* found for its schema */
		r->stream->under->free(r);
	struct sp_table_option *options = arena_alloc(r->arena, (r->option_n + 1) * sizeof(*options));
	memcpy(options, r->options, r->option_n * sizeof(*options));
	options[r->option_n++] = (struct sp_table_option){ S("paths"), arena_dup(r->arena, paths) };
	r->options = options;
	r->stream->reads = true;
	find_under(r);
}

static void stream_read(struct lake_relation *r)
{
	struct lake_stream *s = r->stream;
	struct lake_batch *b = batch_of(r);
	if (s->output) {
		share(r, s->output->rows);
	} else if (!b) {
		sp_fail(&r->err, SP_E_ANALYSIS, "", "", "Queries with streaming sources must be executed with writeStream.start();\n%.*s", SL(r->rel.name));
	} else if (s->under && s->under != &lake_delta && b->feed->files.p) {
		read_files(r, b->feed->files);
		return;
	} else {
		s->feed = b->feed;
		s->feed->refs++;
		if (!other_columns(r, s->feed->rows))
			share(r, s->feed->rows);
	}
	lake_relation_end(r);
}

static void stream_free(struct lake_relation *r)
{
	if (r->own && r->stream->under)
		r->stream->under->free(r);
}

void lake_stream_free(struct lake_relation *r)
{
	if (!r->stream)
		return;
	feed_release(r->stream->feed);
	lake_output_release(r->stream->output);
	r->stream->feed = NULL;
	r->stream->output = NULL;
}

const struct lake_format lake_stream_format = { "stream", stream_find, stream_read, stream_free };
