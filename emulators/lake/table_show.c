/* Answers of the statements about tables: the columns that Spark's and Delta's have. */
#include <fnmatch.h>

#include "core/json.h"
#include "lake/table.h"

/* ---- rows ---- */

static void row(struct lake_command *c)
{
	jw_list(&c->out, NULL);
}

/* Absent: null. */
static void text(struct lake_command *c, struct slice s)
{
	jw_str(&c->out, NULL, s);
}

static void number(struct lake_command *c, int64_t v)
{
	jw_int(&c->out, NULL, v);
}

/* "2026-01-05 09:00:00.12" */
static void moment(struct lake_command *c, int64_t ms)
{
	char iso[32];
	clock_iso(ms, iso);
	size_t n = strlen("YYYY-MM-DD HH:MM:SS.mmm");
	iso[10] = ' ';
	while (iso[n - 1] == '0')
		n--;
	text(c, sl_of(iso, iso[n - 1] == '.' ? n - 1 : n));
}

/* A member of any kind, as text. */
static void member(struct lake_command *c, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	char *dump = !v || json_is_null(v) || json_is_string(v) ? NULL : json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	if (json_is_integer(v))
		number(c, json_integer_value(v));
	else
		text(c, json_is_string(v) ? sl(json_string_value(v)) : sl(dump));
	free(dump);
}

static void end_row(struct lake_command *c)
{
	jw_list_end(&c->out);
}

void lake_show_head(struct lake_command *c)
{
	static const char *const columns[] = {
		[LAKE_COLUMNS] = "\"col_name\",\"data_type\",\"comment\"",
		[LAKE_HISTORY] = "\"version\",\"timestamp\",\"userId\",\"userName\",\"operation\",\"operationParameters\",\"job\",\"notebook\",\"clusterId\","
				 "\"readVersion\",\"isolationLevel\",\"isBlindAppend\",\"operationMetrics\",\"userMetadata\",\"engineInfo\"",
		[LAKE_DETAIL] = "\"format\",\"id\",\"name\",\"description\",\"location\",\"createdAt\",\"lastModified\",\"partitionColumns\","
				"\"clusteringColumns\",\"numFiles\",\"sizeInBytes\",\"properties\",\"minReaderVersion\",\"minWriterVersion\",\"tableFeatures\"",
		[LAKE_OPTIMIZE] = "\"path\",\"metrics\"",
		[LAKE_VACUUM] = "\"path\"",
		[LAKE_SHOW_TABLES] = "\"database\",\"tableName\",\"isTemporary\"",
	};
	buf_addf(&c->out, "\"columns\":[%s],\"rows\":[", columns[c->what]);
}

static struct slice location(struct lake_command *c)
{
	return arena_printf(&c->arena, "s3://%.*s/%.*s", SL(c->ref.bucket), SL(c->ref.path));
}

/* ---- DESCRIBE ---- */

static const char *type_name(enum delta_type t)
{
	switch (t) {
	case DELTA_STRING:
		return "string";
	case DELTA_BINARY:
		return "binary";
	case DELTA_INTEGER:
		return "int";
	case DELTA_SHORT:
		return "smallint";
	case DELTA_BYTE:
		return "tinyint";
	case DELTA_DATE:
		return "date";
	case DELTA_LONG:
		return "bigint";
	case DELTA_TIMESTAMP:
		return "timestamp";
	case DELTA_FLOAT:
		return "float";
	case DELTA_DOUBLE:
		return "double";
	case DELTA_BOOLEAN:
		return "boolean";
	case DELTA_OTHER:
		break;
	}
	return "(not served)";
}

static struct slice lake_type_name(struct arena *a, const struct delta_field *f)
{
	return arena_printf(a, f->array ? "array<%s>" : "%s", type_name(f->type));
}

void lake_show_columns(struct lake_command *c, const struct delta_snapshot *s)
{
	for (size_t i = 0; i < s->schema.n; i++) {
		row(c);
		text(c, s->schema.fields[i].name);
		text(c, lake_type_name(&c->arena, &s->schema.fields[i]));
		text(c, sl(NULL));
		end_row(c);
	}
}

void lake_show_history(struct lake_command *c, const struct delta_event *e, size_t n)
{
	static const char *const members[] = { "userId",      "userName",       "operation",     "operationParameters", "job",
					       "notebook",    "clusterId",      "readVersion",   "isolationLevel",      "isBlindAppend",
					       "operationMetrics", "userMetadata", "engineInfo" };
	for (size_t i = 0; i < n; i++) {
		JSON_AUTO info = json_loadb(e[i].info.p ? e[i].info.p : "", e[i].info.n, 0, NULL);
		row(c);
		number(c, e[i].version);
		moment(c, e[i].timestamp_ms);
		for (size_t k = 0; k < ARRAY_LEN(members); k++)
			member(c, info, members[k]);
		end_row(c);
	}
}

void lake_show_detail(struct lake_command *c, const struct delta_snapshot *s, int64_t modified_ms)
{
	struct buf list = { 0 };
	int64_t bytes = 0;
	for (size_t i = 0; i < s->file_n; i++)
		bytes += s->files[i].live ? s->files[i].size : 0;
	row(c);
	text(c, S("delta"));
	text(c, s->meta.id);
	text(c, c->ref.by_path ? sl(NULL) : arena_printf(&c->arena, "spark_catalog.default.%.*s", SL(c->ref.name)));
	text(c, s->meta.description);
	text(c, location(c));
	moment(c, s->meta.created_ms);
	moment(c, modified_ms);
	for (size_t i = 0; i < s->meta.partition_n; i++)
		jw_str(&list, NULL, s->meta.partition[i]);
	text(c, arena_printf(&c->arena, "[%.*s]", SL(buf_slice(&list))));
	text(c, S("[]"));
	number(c, (int64_t)s->live_n);
	number(c, bytes);
	buf_reset(&list);
	for (size_t i = 0; i < s->meta.config_n; i++) {
		jw_key(&list, s->meta.config[i].key);
		jw_str(&list, NULL, s->meta.config[i].value);
	}
	text(c, arena_printf(&c->arena, "{%.*s}", SL(buf_slice(&list))));
	number(c, s->protocol.reader);
	number(c, s->protocol.writer);
	text(c, s->protocol.writer >= 2 ? S("[\"appendOnly\",\"invariants\"]") : S("[]"));
	end_row(c);
	buf_free(&list);
}

/* ---- OPTIMIZE, VACUUM ---- */

void lake_show_optimized(struct lake_command *c, const struct delta_optimized *r)
{
	row(c);
	text(c, location(c));
	text(c, arena_printf(&c->arena, "{\"numFilesAdded\":%lld,\"numFilesRemoved\":%lld,\"filesAdded\":{\"totalSize\":%lld},"
					"\"filesRemoved\":{\"totalSize\":%lld}}", (long long)r->added_n, (long long)r->removed_n, (long long)r->added_bytes,
			     (long long)r->removed_bytes));
	end_row(c);
}

/* As there: the table's address, or with DRY RUN the files that would go. */
void lake_show_vacuumed(struct lake_command *c, const struct slice *paths, size_t n)
{
	if (!c->dry_run) {
		row(c);
		text(c, location(c));
		end_row(c);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		row(c);
		text(c, arena_printf(&c->arena, "%.*s/%.*s", SL(location(c)), SL(paths[i])));
		end_row(c);
	}
}

/* ---- SHOW TABLES ---- */

void lake_show_table(struct lake_command *c, struct slice name)
{
	if (c->pattern && fnmatch(c->pattern, arena_cstr(&c->arena, name), 0))
		return;
	const struct datasets *sets = &c->task.base->cleaning.sets;
	for (size_t s = 0; s < sets->n; s++)
		if ((c->own >> s & 1) && sl_eqs(name, sets->at[s].table))
			return;
	row(c);
	text(c, S("default"));
	text(c, name);
	text(c, S("false"));
	end_row(c);
}

/* The lake's own tables, once a clean run has made them. */
int lake_show_own(struct lake_command *c, struct error *err)
{
	const struct datasets *sets = &c->task.base->cleaning.sets;
	const struct lake_limits limits = { 1, 1000, 1 << 20 };
	for (size_t s = 0; s <= sets->n; s++) {
		const char *name = s < sets->n ? sets->at[s].table : "quarantine";
		struct buf sql = { 0 }, out = { 0 };
		buf_addf(&sql, "SELECT 1 FROM \"%s\" LIMIT 1", name);
		int rc = lake_store_sql(c->session, buf_slice(&sql), &limits, NULL, &out, err);
		buf_free(&sql);
		buf_free(&out);
		if (rc && rc != ERR_INVALID)
			return rc;
		if (rc)
			continue;
		lake_show_table(c, sl(name));
		if (s < sets->n)
			c->own |= UINT32_C(1) << s;
	}
	return 0;
}
