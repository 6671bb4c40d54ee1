/* Statements about Delta tables and about which there are: DESCRIBE, DETAIL, HISTORY, SHOW TABLES, OPTIMIZE, VACUUM. */
#include "core/json.h"
#include "lake/query.h"
#include "lake/table.h"
#include "spark/time.h"
#include "sparksql/analyze.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

static const enum pq_codec codec = PQ_SNAPPY;

#define COLUMN(name, type) { { name, sizeof(name) - 1 }, type, true, { NULL, 0 }, { NULL, 0 } }
#define STRING(name) COLUMN(name, &sp_types[SP_STRING])
#define BIGINT(name) COLUMN(name, &sp_types[SP_BIGINT])
#define INT(name) COLUMN(name, &sp_types[SP_INT])
#define TIMESTAMP(name) COLUMN(name, &sp_types[SP_TIMESTAMP])
#define BOOLEAN(name) COLUMN(name, &sp_types[SP_BOOLEAN])

static const struct sp_type texts = { .kind = SP_ARRAY, .item = &sp_types[SP_STRING], .item_null = true };
static const struct sp_type text_map = { .kind = SP_MAP, .key = &sp_types[SP_STRING], .item = &sp_types[SP_STRING], .item_null = true };
static const struct sp_field notebook_fields[] = { STRING("notebookId") };
static const struct sp_type notebook = { .kind = SP_STRUCT, .fields = notebook_fields, .field_n = ARRAY_LEN(notebook_fields) };
static const struct sp_field job_fields[] = { STRING("jobId"), STRING("jobName"), STRING("jobRunId"), STRING("runId"), STRING("jobOwnerId"), STRING("triggerType") };
static const struct sp_type job = { .kind = SP_STRUCT, .fields = job_fields, .field_n = ARRAY_LEN(job_fields) };

/* What a statement works on. */
struct about {
	struct lake_ref ref;
	struct delta_snapshot *s;
	struct lake_turn turn; /* of the table that is written */
	struct lake_finder finder;
	int64_t limit, retention_ms;
	struct slice database;
	bool any;
};

static void about_free(struct lake_query *q)
{
	struct about *t = q->own;
	lake_turn_end(q->task.base, &t->turn);
	delta_snapshot_free(t->s);
	lake_finder_free(&t->finder);
}

static struct about *about_new(struct lake_query *q)
{
	struct about *t = arena_alloc(&q->arena, sizeof(*t));
	q->own = t;
	q->own_free = about_free;
	return t;
}

static void fail(struct lake_query *q, const struct error *err)
{
	struct lake_relation r = { .arena = &q->arena };
	struct about *t = q->own;
	if (err->def == &delta_errors[DELTA_E_NO_TABLE] && t && !t->ref.by_path)
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_NOT_FOUND", "42P01",
				"The table or view `%.*s` cannot be found. Verify the spelling and correctness of the schema and catalog.\n"
				"If you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct "
				"schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.", SL(t->ref.name));
	else {
		q->rc = lake_relation_fail(&r, err);
		q->err = r.err;
	}
	lake_query_end(q);
}

/* ---- values ---- */

static struct sp_value text(struct slice s)
{
	return s.p ? (struct sp_value){ .s = s } : SP_NULL_VALUE;
}

static struct sp_value number(int64_t v)
{
	return (struct sp_value){ .i = v };
}

/* A JSON value as text: texts as they are. */
static struct slice json_as_text(struct arena *a, const json_t *v)
{
	char *dump = json_is_string(v) || json_is_null(v) ? NULL : json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	struct slice out = json_is_string(v) ? arena_dup(a, sl(json_string_value(v))) : dump ? arena_dup(a, sl(dump)) : sl(NULL);
	free(dump);
	return out;
}

static struct sp_value map_of(struct arena *a, const json_t *o)
{
	struct sp_list *list;
	const char *key;
	json_t *v;
	size_t i = 0;
	if (!json_is_object(o))
		return SP_NULL_VALUE;
	list = sp_list_new(a, 2 * json_object_size(o));
	json_object_foreach((json_t *)(uintptr_t)o, key, v) {
		list->items[i++] = text(arena_dup(a, sl(key)));
		list->items[i++] = text(json_as_text(a, v));
	}
	return (struct sp_value){ .list = list };
}

static struct sp_value struct_of(struct arena *a, const struct sp_type *t, const json_t *o)
{
	struct sp_list *list;
	if (!json_is_object(o))
		return SP_NULL_VALUE;
	list = sp_list_new(a, t->field_n);
	for (size_t i = 0; i < t->field_n; i++)
		list->items[i] = text(json_as_text(a, json_object_get(o, arena_cstr(a, t->fields[i].name))));
	return (struct sp_value){ .list = list };
}

static struct sp_value list_of(struct arena *a, const struct slice *s, size_t n)
{
	struct sp_list *list = sp_list_new(a, n);
	for (size_t i = 0; i < n; i++)
		list->items[i] = text(s[i]);
	return (struct sp_value){ .list = list };
}

static struct slice location(struct lake_query *q)
{
	const struct about *t = q->own;
	return arena_printf(&q->arena, "s3://%.*s/%.*s", SL(t->ref.bucket), SL(t->ref.path));
}

/* ---- DESCRIBE HISTORY, DESCRIBE DETAIL ---- */

static const struct sp_field history_columns[] = {
	BIGINT("version"), TIMESTAMP("timestamp"), STRING("userId"), STRING("userName"), STRING("operation"), COLUMN("operationParameters", &text_map),
	COLUMN("job", &job), COLUMN("notebook", &notebook), STRING("clusterId"), BIGINT("readVersion"), STRING("isolationLevel"), BOOLEAN("isBlindAppend"),
	COLUMN("operationMetrics", &text_map), STRING("userMetadata"), STRING("engineInfo"),
};

static struct sp_value member(struct arena *a, const struct sp_field *f, const json_t *info)
{
	const json_t *v = json_object_get(info, arena_cstr(a, f->name));
	switch (f->type->kind) {
	case SP_MAP:
		return map_of(a, v);
	case SP_STRUCT:
		return struct_of(a, f->type, v);
	case SP_BIGINT:
		return json_is_integer(v) ? number(json_integer_value(v)) : SP_NULL_VALUE;
	case SP_BOOLEAN:
		return json_is_boolean(v) ? number(json_is_true(v)) : SP_NULL_VALUE;
	default:
		return text(json_as_text(a, v));
	}
}

static void show_history(struct lake_query *q, const struct delta_event *e, size_t n)
{
	struct sp_value v[ARRAY_LEN(history_columns)];
	lake_answer_head(q, history_columns, ARRAY_LEN(history_columns));
	for (size_t i = 0; i < n; i++) {
		JSON_AUTO info = json_loadb(e[i].info.p ? e[i].info.p : "", e[i].info.n, 0, NULL);
		v[0] = number(e[i].version);
		v[1] = number(e[i].timestamp_ms * 1000);
		for (size_t k = 2; k < ARRAY_LEN(history_columns); k++)
			v[k] = member(&q->arena, &history_columns[k], info);
		lake_answer_row(q, history_columns, ARRAY_LEN(history_columns), v);
	}
	lake_answer_end(q);
}

static const struct sp_field detail_columns[] = {
	STRING("format"), STRING("id"), STRING("name"), STRING("description"), STRING("location"), TIMESTAMP("createdAt"), TIMESTAMP("lastModified"),
	COLUMN("partitionColumns", &texts), COLUMN("clusteringColumns", &texts), BIGINT("numFiles"), BIGINT("sizeInBytes"), COLUMN("properties", &text_map),
	INT("minReaderVersion"), INT("minWriterVersion"), COLUMN("tableFeatures", &texts),
};

static struct sp_value properties_of(struct arena *a, const struct delta_meta *m)
{
	struct sp_list *list = sp_list_new(a, 2 * m->config_n);
	for (size_t i = 0; i < m->config_n; i++) {
		list->items[2 * i] = text(m->config[i].key);
		list->items[2 * i + 1] = text(m->config[i].value);
	}
	return (struct sp_value){ .list = list };
}

static void show_detail(struct lake_query *q, int64_t modified_ms)
{
	static const struct slice features[] = { { "appendOnly", 10 }, { "invariants", 10 } };
	struct about *t = q->own;
	const struct delta_snapshot *s = t->s;
	int64_t bytes = 0;
	for (size_t i = 0; i < s->file_n; i++)
		bytes += s->files[i].live ? s->files[i].size : 0;
	struct sp_value v[] = {
		text(S("delta")), text(s->meta.id),
		text(t->ref.by_path ? sl(NULL) : arena_printf(&q->arena, "spark_catalog.default.%.*s", SL(t->ref.name))),
		text(s->meta.description.n ? s->meta.description : sl(NULL)), text(location(q)), number(s->meta.created_ms * 1000), number(modified_ms * 1000),
		list_of(&q->arena, s->meta.partition, s->meta.partition_n), list_of(&q->arena, NULL, 0), number((int64_t)s->live_n), number(bytes),
		properties_of(&q->arena, &s->meta), number(s->protocol.reader), number(s->protocol.writer),
		list_of(&q->arena, features, s->protocol.writer >= 2 ? ARRAY_LEN(features) : 0),
	};
	lake_answer_head(q, detail_columns, ARRAY_LEN(detail_columns));
	lake_answer_row(q, detail_columns, ARRAY_LEN(detail_columns), v);
	lake_answer_end(q);
}

static void on_history(void *arg, const struct delta_event *e, size_t n, const struct error *err)
{
	struct lake_query *q = arg;
	struct about *t = q->own;
	if (err) {
		fail(q, err);
		return;
	}
	if (q->stmt->kind == SP_STMT_DESCRIBE_HISTORY)
		show_history(q, e, n);
	else
		show_detail(q, n ? e->timestamp_ms : t->s->meta.created_ms);
	lake_query_end(q);
}

static void ask_history(struct lake_query *q, size_t limit)
{
	struct about *t = q->own;
	struct delta_table at = lake_ref_table(q->task.l, &t->ref);
	lake_await(&q->task, delta_history(&at, limit, on_history, q));
}

static void on_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct lake_query *q = arg;
	((struct about *)q->own)->s = s;
	if (err)
		fail(q, err);
	else
		ask_history(q, 1);
}

/* ---- OPTIMIZE, VACUUM ---- */

static void trim(void *arg)
{
#ifdef __GLIBC__
	(void)malloc_trim(0); /* what the rows took goes back */
#endif
}

static void trimmed(void *arg)
{
}

static const struct sp_field optimized_columns[] = { STRING("path"), STRING("metrics") };

static void on_optimized(void *arg, const struct delta_optimized *r, const struct error *err)
{
	struct lake_query *q = arg;
	(void)loop_job(q->loop, trim, trimmed, NULL);
	if (err) {
		fail(q, err);
		return;
	}
	/* DIFFERS: metrics is a text with some of the members that Databricks' struct has. */
	struct sp_value v[] = {
		text(location(q)),
		text(arena_printf(&q->arena, "{\"numFilesAdded\":%lld,\"numFilesRemoved\":%lld,\"filesAdded\":{\"totalSize\":%lld},"
					     "\"filesRemoved\":{\"totalSize\":%lld}}", (long long)r->added_n, (long long)r->removed_n,
				  (long long)r->added_bytes, (long long)r->removed_bytes)),
	};
	lake_answer_head(q, optimized_columns, ARRAY_LEN(optimized_columns));
	lake_answer_row(q, optimized_columns, ARRAY_LEN(optimized_columns), v);
	lake_answer_end(q);
	lake_query_end(q);
}

static void optimize(struct lake_query *q)
{
	struct about *t = q->own;
	struct delta_table at = lake_ref_table(q->task.l, &t->ref);
	lake_await(&q->task, delta_optimize(&at, 0, codec, clock_now_ms(q->task.l->env->clock), on_optimized, q));
}

/* ZORDER BY's columns, which must be there. DIFFERS: files are put together as without it, rows stay in their order: a reader's answers are
 * the same, and nothing here would read fewer files for it. The history says so, by an empty zOrderBy. */
static int check_order(struct lake_query *q, const struct delta_snapshot *s)
{
	for (uint32_t i = 0; i < q->stmt->names.n; i++) {
		const struct sp_name *n = &q->stmt->names.v[i];
		struct slice name = n->parts[n->n - 1];
		size_t k = 0;
		while (k < s->field_n && !sl_eq_nocase(s->fields[k].name, n->parts[0]))
			k++;
		if (k == s->field_n)
			return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST", "42703", "Z-Ordering column %.*s does not exist in data schema.",
				       SL(name));
		for (k = 0; k < s->meta.partition_n; k++)
			if (sl_eq_nocase(s->meta.partition[k], n->parts[0]))
				return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_ZORDERING_ON_PARTITION_COLUMN", "42P10",
					       "%.*s is a partition column. Z-Ordering can only be performed on data columns", SL(name));
	}
	return 0;
}

static void on_to_order(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct lake_query *q = arg;
	((struct about *)q->own)->s = s;
	if (err) {
		fail(q, err);
		return;
	}
	q->rc = check_order(q, s);
	if (q->rc)
		lake_query_end(q);
	else
		optimize(q);
}

static const struct sp_field path_column[] = { STRING("path") };

/* As there: the table's address, or with DRY RUN the files that would go. */
static void on_vacuumed(void *arg, const struct slice *paths, size_t n, const struct error *err)
{
	struct lake_query *q = arg;
	struct sp_value v;
	if (err) {
		fail(q, err);
		return;
	}
	lake_answer_head(q, path_column, 1);
	for (size_t i = 0; i < (q->stmt->dry_run ? n : 1); i++) {
		v = text(q->stmt->dry_run ? arena_printf(&q->arena, "%.*s/%.*s", SL(location(q)), SL(paths[i])) : location(q));
		lake_answer_row(q, path_column, 1, &v);
	}
	lake_answer_end(q);
	lake_query_end(q);
}

static void do_about(void *arg)
{
	struct lake_query *q = arg;
	struct about *t = q->own;
	struct delta_table at = lake_ref_table(q->task.l, &t->ref);
	int64_t now_ms = clock_now_ms(q->task.l->env->clock);
	bool force = sl_eq_nocase(lake_spark_setting(q->spark, S("spark.databricks.delta.retentionDurationCheck.enabled")), S("false"));
	const struct delta_vacuum vacuum = { .retention_ms = t->retention_ms, .dry_run = q->stmt->dry_run, .force = force, .now_ms = now_ms };
	if (q->stmt->kind == SP_STMT_DESCRIBE_HISTORY)
		ask_history(q, (size_t)t->limit);
	else if (q->stmt->kind == SP_STMT_VACUUM)
		lake_await(&q->task, delta_vacuum(&at, &vacuum, on_vacuumed, q));
	else if (q->stmt->kind == SP_STMT_OPTIMIZE && q->stmt->names.n)
		lake_await(&q->task, delta_load(&at, -1, on_to_order, q));
	else if (q->stmt->kind == SP_STMT_OPTIMIZE)
		optimize(q);
	else
		lake_await(&q->task, delta_load(&at, -1, on_loaded, q));
}

/* A constant number of the statement: LIMIT n, RETAIN n HOURS. */
static bool constant(struct lake_query *q, const struct sp_ex *e, double *out)
{
	if (e->kind != SP_EX_LITERAL)
		return false;
	if (e->lit.kind >= SP_LIT_TINYINT && e->lit.kind <= SP_LIT_BIGINT)
		*out = (double)e->lit.number;
	else if (e->lit.kind == SP_LIT_DECIMAL || e->lit.kind == SP_LIT_DOUBLE)
		*out = strtod(arena_cstr(&q->arena, e->lit.text), NULL);
	else
		return false;
	return true;
}

int lake_query_ref(struct lake_query *q, const struct sp_name *name, struct slice path, struct lake_ref *ref)
{
	struct slice delta[2] = { S("delta"), path };
	const struct sp_table_name n = { .parts = path.p ? delta : name->parts, .n = path.p ? 2 : name->n, .version = -1 };
	struct lake_relation *r = lake_relation_new(&q->task, &q->arena, &q->cx, &n, &q->err);
	if (!r)
		return 1;
	*ref = r->ref;
	if (r->format == &lake_delta && !r->missing)
		return 0;
	return sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_NOT_FOUND", "42P01", "The table or view %.*s cannot be found.",
		       SL(sl_of(q->sql.p + name->at, name->end - name->at)));
}

static void about_table(struct lake_query *q)
{
	struct about *t = about_new(q);
	const struct sp_stmt *s = q->stmt;
	double n = 0;
	bool writes = s->kind == SP_STMT_OPTIMIZE || s->kind == SP_STMT_VACUUM;
	q->rc = lake_query_ref(q, &s->name, s->name.n ? sl(NULL) : s->text, &t->ref);
	if (!q->rc && s->where)
		q->rc = sp_fail(&q->err, SP_E_UNSERVED, "", "", "OPTIMIZE ... WHERE isn't served here");
	if (!q->rc && ((s->limit && !constant(q, s->limit, &n)) || (s->hours && !constant(q, s->hours, &n))))
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", "42K0E", "a number is needed here");
	t->limit = s->limit ? (int64_t)n : 0;
	t->retention_ms = s->hours ? (int64_t)(n * 3600 * 1000) : -1;
	if (q->rc)
		lake_query_end(q);
	else if (writes)
		lake_turn_take(q->task.base, &t->turn, lake_table_key(&q->arena, t->ref.bucket, t->ref.path), false, do_about, q);
	else
		do_about(q);
}

const struct lake_doing lake_doings_table[] = {
	{ SP_STMT_DESCRIBE_HISTORY, .start = about_table },
	{ SP_STMT_DESCRIBE_DETAIL, .start = about_table },
	{ SP_STMT_OPTIMIZE, .start = about_table },
	{ SP_STMT_VACUUM, .start = about_table },
	{ -1 },
};
