/* What each engine is told: how to reach the store, where the tables are, the views that the questions ask. */
#include "lake/export.h"

/* The name between quotes, each q in it twice. */
static void lake_quote(struct buf *b, struct slice name, char q)
{
	buf_addc(b, q);
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == q)
			buf_addc(b, q);
		buf_addc(b, name.p[i]);
	}
	buf_addc(b, q);
}

static void address(struct buf *b, const struct export *x, const char *scheme, const struct export_table *t)
{
	buf_addf(b, "%s://%s/" LAKE_TABLES "%.*s", scheme, x->task.l->bucket, SL(t->name));
}

static void address_text(struct buf *b, const struct export *x, const char *scheme, const struct export_table *t)
{
	struct buf s = { 0 };
	address(&s, x, scheme, t);
	lake_quote(b, buf_slice(&s), '\'');
	buf_free(&s);
}

/* ---- views ---- */

/* Rules of the dataset whose table it is; NULL: of none. */
static const struct clean_rules *rules_of(const struct export *x, const struct export_table *t)
{
	const struct cleaning *c = &x->task.l->base->cleaning;
	for (size_t s = 0; s < c->sets.n; s++)
		if (sl_eqs(t->name, c->sets.at[s].table))
			return &c->rules[s];
	return NULL;
}

static const struct delta_field *field(const struct export_table *t, const char *name)
{
	ssize_t at = t->s ? delta_schema_find(&t->s->schema, sl(name)) : -1;
	return at < 0 ? NULL : &t->s->schema.fields[at];
}

/* A column that questions use and that Delta's table leaves out: the year of another one. */
struct year {
	const char *column, *of;
	const struct delta_field *time; /* of */
};
static bool year_at(const struct export *x, const struct export_table *t, size_t column, struct year *out)
{
	const struct clean_rules *r = rules_of(x, t);
	int of = r && column < r->set->out_n ? clean_rules_year(r, (int)column) : -1;
	if (of < 0)
		return false;
	*out = (struct year){ r->set->columns[column].name, r->set->columns[of].name, field(t, r->set->columns[of].name) };
	return out->time && !field(t, out->column);
}

/* ", year(`timestamp`) AS post_year", in the engine's words: of a date, and of a time. */
static void add_years(struct buf *b, const struct export *x, const struct export_table *t, char q, const char *date, const char *time)
{
	struct year y;
	for (size_t i = 0; i < CLEAN_COLUMNS_MAX; i++) {
		if (!year_at(x, t, i, &y))
			continue;
		buf_adds(b, ", ");
		buf_addf(b, y.time->type == DELTA_STRING ? "CAST(substr(%c%s%c, 1, 4) AS INTEGER)" : y.time->type == DELTA_TIMESTAMP ? time : date, q,
			 y.of, q);
		buf_addf(b, " AS %s", y.column);
	}
}

/* CREATE OR REPLACE VIEW tarn.x AS SELECT *, ... FROM tarn_tables.x */
static void views(struct buf *b, const struct export *x, const char *catalog, char q)
{
	for (size_t i = 0; i < x->table_n; i++) {
		const struct export_table *t = &x->tables[i];
		if (!rules_of(x, t))
			continue;
		buf_addf(b, "CREATE OR REPLACE VIEW %starn.%.*s AS SELECT *", catalog, SL(t->name));
		add_years(b, x, t, q, "year(%c%s%c)", "year(%c%s%c)");
		buf_addf(b, " FROM %starn_tables.%.*s;\n", catalog, SL(t->name));
	}
}

/* ---- Spark, Databricks ---- */

static void spark_conf(struct buf *b, const struct export *x)
{
	buf_addf(b,
		 "# spark-defaults.conf, a cluster's Spark config, or --conf each. Spark 3.5 with io.delta:delta-spark_2.12:3.2.0 and\n"
		 "# org.apache.hadoop:hadoop-aws:3.3.4 (--packages); Databricks has both and takes the spark.hadoop lines.\n"
		 "spark.sql.extensions io.delta.sql.DeltaSparkSessionExtension\n"
		 "spark.sql.catalog.spark_catalog org.apache.spark.sql.delta.catalog.DeltaCatalog\n"
		 "spark.sql.session.timeZone UTC\n"
		 "spark.hadoop.fs.s3a.endpoint %.*s\n"
		 "spark.hadoop.fs.s3a.endpoint.region us-east-1\n"
		 "spark.hadoop.fs.s3a.path.style.access true\n"
		 "spark.hadoop.fs.s3a.connection.ssl.enabled %s\n"
		 "spark.hadoop.fs.s3a.access.key %s\n"
		 "spark.hadoop.fs.s3a.secret.key %s\n",
		 SL(x->endpoint), x->tls ? "true" : "false", x->key, x->secret);
}

static void spark_tables(struct buf *b, const struct export *x)
{
	buf_adds(b, "CREATE SCHEMA IF NOT EXISTS tarn_tables;\n");
	for (size_t i = 0; i < x->table_n; i++) {
		buf_adds(b, "CREATE TABLE IF NOT EXISTS tarn_tables.");
		lake_quote(b, x->tables[i].name, '`');
		buf_adds(b, " USING DELTA LOCATION ");
		address_text(b, x, "s3a", &x->tables[i]);
		buf_adds(b, ";\n");
	}
}

static void spark_views(struct buf *b, const struct export *x)
{
	buf_adds(b, "SET TIME ZONE 'UTC';\nCREATE SCHEMA IF NOT EXISTS tarn;\n");
	views(b, x, "", '`');
	buf_adds(b, "USE tarn;\n");
}

/* ---- Trino ---- */

static void trino_catalog(struct buf *b, const struct export *x)
{
	buf_addf(b,
		 "# etc/catalog/delta.properties\n"
		 "connector.name=delta_lake\n"
		 "delta.register-table-procedure.enabled=true\n"
		 "hive.metastore=file\n"
		 "hive.metastore.catalog.dir=s3://%s/trino\n"
		 "fs.native-s3.enabled=true\n"
		 "s3.endpoint=%.*s\n"
		 "s3.region=us-east-1\n"
		 "s3.path-style-access=true\n"
		 "s3.aws-access-key=%s\n"
		 "s3.aws-secret-key=%s\n",
		 x->task.l->bucket, SL(x->endpoint), x->key, x->secret);
}

static void trino_tables(struct buf *b, const struct export *x)
{
	buf_adds(b, "CREATE SCHEMA IF NOT EXISTS delta.tarn_tables;\n");
	for (size_t i = 0; i < x->table_n; i++) {
		buf_adds(b, "CALL delta.system.register_table(schema_name => 'tarn_tables', table_name => ");
		lake_quote(b, x->tables[i].name, '\'');
		buf_adds(b, ", table_location => ");
		address_text(b, x, "s3", &x->tables[i]);
		buf_adds(b, ");\n");
	}
}

static void trino_views(struct buf *b, const struct export *x)
{
	buf_adds(b, "CREATE SCHEMA IF NOT EXISTS delta.tarn;\n");
	views(b, x, "delta.", '"');
	buf_adds(b, "USE delta.tarn;\n");
}

/* ---- DuckDB ---- */

static void duckdb_s3(struct buf *b, const struct export *x)
{
	buf_addf(b,
		 "INSTALL httpfs;\nLOAD httpfs;\n"
		 "CREATE OR REPLACE SECRET tarn (TYPE s3, KEY_ID '%s', SECRET '%s', REGION 'us-east-1', ENDPOINT '%.*s', URL_STYLE 'path', "
		 "USE_SSL %s, SCOPE 's3://%s');\n",
		 x->key, x->secret, SL(x->host), x->tls ? "true" : "false", x->task.l->bucket);
}

static void duckdb_delta(struct buf *b, const struct export *x)
{
	buf_adds(b, "-- The tables as they are whenever they are read.\nINSTALL delta;\nLOAD delta;\nCREATE SCHEMA IF NOT EXISTS tarn_tables;\n");
	for (size_t i = 0; i < x->table_n; i++) {
		buf_adds(b, "CREATE OR REPLACE VIEW tarn_tables.");
		lake_quote(b, x->tables[i].name, '"');
		buf_adds(b, " AS SELECT * FROM delta_scan(");
		address_text(b, x, "s3", &x->tables[i]);
		buf_adds(b, ");\n");
	}
}

static const char *duckdb_type(const struct delta_field *f)
{
	switch (f->type) {
	case DELTA_STRING:
	case DELTA_OTHER:
		return "VARCHAR";
	case DELTA_BINARY:
		return "BLOB";
	case DELTA_INTEGER:
		return "INTEGER";
	case DELTA_SHORT:
		return "SMALLINT";
	case DELTA_BYTE:
		return "TINYINT";
	case DELTA_DATE:
		return "DATE";
	case DELTA_LONG:
		return "BIGINT";
	case DELTA_TIMESTAMP:
		return "TIMESTAMPTZ";
	case DELTA_FLOAT:
		return "FLOAT";
	case DELTA_DOUBLE:
		return "DOUBLE";
	case DELTA_BOOLEAN:
		return "BOOLEAN";
	}
	return "VARCHAR";
}

/* A column that no file has is null; without files there are no rows. */
static void duckdb_empty(struct buf *b, const struct delta_schema *s)
{
	buf_adds(b, " AS SELECT ");
	for (size_t i = 0; i < s->n; i++) {
		buf_addf(b, "%sCAST(NULL AS %s%s) AS ", i ? ", " : "", duckdb_type(&s->fields[i]), s->fields[i].array ? "[]" : "");
		lake_quote(b, s->fields[i].name, '"');
	}
	buf_adds(b, " WHERE false;\n");
}

static void duckdb_files(struct buf *b, const struct export *x, const struct export_table *t)
{
	struct arena a = { 0 };
	bool first = true;
	buf_adds(b, " AS SELECT * FROM read_parquet([");
	for (size_t i = 0; i < t->s->file_n; i++) {
		const struct delta_file *f = &t->s->files[i];
		if (!f->live)
			continue;
		struct slice path = arena_printf(&a, "/%.*s/%.*s", SL(t->name), SL(arena_url_decode(&a, f->path, false)));
		buf_adds(b, first ? "\n\tgetvariable('tarn_tables') || " : ",\n\tgetvariable('tarn_tables') || ");
		lake_quote(b, path, '\'');
		first = false;
	}
	buf_adds(b, "], union_by_name = true);\n");
	arena_free(&a);
}

static void duckdb_parquet(struct buf *b, const struct export *x)
{
	buf_addf(b,
		 "-- The files of the tables' versions of this export: needs no extension for Delta. Files that were copied are found in\n"
		 "-- another folder when it is set before: SET VARIABLE tarn_tables = '/data/tables';\n"
		 "SET VARIABLE tarn_tables = coalesce(getvariable('tarn_tables'), 's3://%s/tables');\nCREATE SCHEMA IF NOT EXISTS tarn_tables;\n", x->task.l->bucket);
	for (size_t i = 0; i < x->table_n; i++) {
		const struct export_table *t = &x->tables[i];
		if (!t->s || t->s->meta.partition_n) {
			buf_addf(b, "-- %.*s: %s\n", SL(t->name), t->s ? "is partitioned, delta_scan reads it" : "is read by delta_scan alone");
			continue;
		}
		buf_addf(b, "-- version %lld\nCREATE OR REPLACE VIEW tarn_tables.", (long long)t->s->version);
		lake_quote(b, t->name, '"');
		if (t->s->live_n)
			duckdb_files(b, x, t);
		else
			duckdb_empty(b, &t->s->schema);
	}
}

static void duckdb_views(struct buf *b, const struct export *x)
{
	buf_adds(b, "SET TimeZone = 'UTC';\nCREATE SCHEMA IF NOT EXISTS tarn;\n");
	views(b, x, "", '"');
	buf_adds(b, "USE tarn;\n");
}

/* ---- ClickHouse ---- */

static void clickhouse(struct buf *b, const struct export *x)
{
	/* ClickHouse 26.7 finds no row with `x IS NOT NULL` where nothing else reads x of a Delta table. */
	buf_adds(b, "SET optimize_functions_to_subcolumns = 0;\nCREATE DATABASE IF NOT EXISTS tarn;\n");
	for (size_t i = 0; i < x->table_n; i++) {
		const struct export_table *t = &x->tables[i];
		buf_adds(b, "CREATE OR REPLACE VIEW tarn.");
		lake_quote(b, t->name, '`');
		buf_adds(b, " AS SELECT *");
		add_years(b, x, t, '`', "toYear(%c%s%c)", "toYear(%c%s%c, 'UTC')");
		buf_addf(b, " FROM deltaLake('%.*s/%s/" LAKE_TABLES "%.*s/', '%s', '%s');\n", SL(x->endpoint), x->task.l->bucket, SL(t->name), x->key, x->secret);
	}
	buf_adds(b, "USE tarn;\n");
}

/* ---- for programs, and for people ---- */

static void tables_json(struct buf *b, const struct export *x)
{
	buf_adds(b, "{\"endpoint\":");
	buf_json_string(b, x->endpoint);
	buf_addf(b, ",\"region\":\"us-east-1\",\"path_style\":true,\"tables\":[");
	for (size_t i = 0; i < x->table_n; i++) {
		const struct export_table *t = &x->tables[i];
		struct buf at = { 0 };
		bool first = true;
		address(&at, x, "s3", t);
		buf_adds(b, i ? ",\n{\"name\":" : "\n{\"name\":");
		buf_json_string(b, t->name);
		buf_adds(b, ",\"location\":");
		buf_json_string(b, buf_slice(&at));
		buf_free(&at);
		if (t->s)
			buf_addf(b, ",\"version\":%lld,\"schema\":%.*s,\"files\":[", (long long)t->s->version, SL(t->s->meta.schema_text));
		else
			buf_adds(b, ",\"version\":null,\"schema\":null,\"files\":[");
		for (size_t k = 0; t->s && k < t->s->file_n; k++) {
			if (!t->s->files[k].live)
				continue;
			buf_adds(b, first ? "\n\t{\"path\":" : ",\n\t{\"path\":");
			buf_json_string(b, t->s->files[k].path);
			buf_addf(b, ",\"size\":%lld}", (long long)t->s->files[k].size);
			first = false;
		}
		buf_adds(b, "]}");
	}
	buf_adds(b, "\n]}\n");
}

/* " (`TABLE.COLUMN`, ...)" */
static void year_names(struct buf *b, const struct export *x)
{
	struct year y;
	for (size_t i = 0; i < x->table_n; i++)
		for (size_t k = 0; k < CLEAN_COLUMNS_MAX; k++)
			if (year_at(x, &x->tables[i], k, &y))
				buf_addf(b, "%s`%.*s.%s`", b->n ? ", " : " (", SL(x->tables[i].name), y.column);
	buf_adds(b, b->n ? ")" : "");
}

static void readme(struct buf *b, const struct export *x)
{
	struct buf years = { 0 };
	year_names(&years, x);
	buf_addf(b, "# Delta tables of s3://%s, and the questions to them\n\n| table | address | version | files |\n|---|---|---|---|\n", x->task.l->bucket);
	for (size_t i = 0; i < x->table_n; i++) {
		const struct export_table *t = &x->tables[i];
		buf_addf(b, "| %.*s | ", SL(t->name));
		address(b, x, "s3", t);
		if (t->s)
			buf_addf(b, " | %lld | %zu |\n", (long long)t->s->version, t->s->live_n);
		else
			buf_addf(b, " | %.*s | |\n", SL(t->why));
	}
	buf_addf(b,
		 "\nThe store answers at %.*s, path style, region us-east-1. An engine in a container or on another machine needs an\n"
		 "address that it can reach: `tarn lake export --endpoint http://HOST:4566`.\n\n"
		 "Each engine: first its tables, then its views, then any file of `queries/`. The questions are written in SQL that all of\n"
		 "them read alike; the views add the years the questions use%s. Times are UTC.\n\n"
		 "| engine | reach the store | tables | views |\n|---|---|---|---|\n"
		 "| Spark 3.5, Databricks | spark/spark.conf | spark/tables.sql | spark/views.sql |\n"
		 "| Trino | trino/delta.properties (a catalog) | trino/tables.sql | trino/views.sql |\n"
		 "| DuckDB | duckdb/s3.sql | duckdb/tables_delta.sql, or without its delta extension duckdb/tables_parquet.sql | duckdb/views.sql |\n"
		 "| ClickHouse | in the views | clickhouse/views.sql | clickhouse/views.sql |\n\n"
		 "    spark-sql --packages io.delta:delta-spark_2.12:3.2.0,org.apache.hadoop:hadoop-aws:3.3.4 --properties-file spark/spark.conf\n"
		 "    trino --catalog delta -f trino/tables.sql\n"
		 "    duckdb -init duckdb/s3.sql lake.duckdb\n\n"
		 "tables.json has the same for programs: addresses, schemas, the files of each version.\n",
		 SL(x->endpoint), buf_cstr(&years));
	buf_free(&years);
}

const struct export_file export_files[] = {
	{ "README.md", readme },
	{ "tables.json", tables_json },
	{ "spark/spark.conf", spark_conf },
	{ "spark/tables.sql", spark_tables },
	{ "spark/views.sql", spark_views },
	{ "trino/delta.properties", trino_catalog },
	{ "trino/tables.sql", trino_tables },
	{ "trino/views.sql", trino_views },
	{ "duckdb/s3.sql", duckdb_s3 },
	{ "duckdb/tables_delta.sql", duckdb_delta },
	{ "duckdb/tables_parquet.sql", duckdb_parquet },
	{ "duckdb/views.sql", duckdb_views },
	{ "clickhouse/views.sql", clickhouse },
	{ NULL, NULL },
};
