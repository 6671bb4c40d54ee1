/* Rows saved into a Delta table, by path or name, as df.write does: columns by their names, without casts; what the options change. */
#include "core/json.h"
#include "lake/data.h"
#include "lake/save.h"

enum { PARTITIONS_MAX = 32 };

/* ---- the rows ---- */

static int read_predicate(struct lake_query *q)
{
	struct slice text = lake_save_option(q, "replaceWhere");
	struct sp_error err = { 0 };
	enum lake_save_mode mode;
	enum sp_ex_kind kind;
	if (lake_save_mode(q, &mode))
		return 1;
	if (!text.p || q->stmt->where || mode != LAKE_SAVE_OVERWRITE)
		return 0;
	if (sp_parse_expression(&q->arena, text, &q->stmt->where, &err)) {
		sp_error_free(&err);
		return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_FAILED_RECOGNIZE_PREDICATE", "42601", "Cannot recognize the predicate '%.*s'", SL(text));
	}
	kind = (enum sp_ex_kind)q->stmt->where->kind;
	if (kind == SP_EX_ALIAS)
		q->stmt->where = q->stmt->where->alias.a;
	q->stmt->where_text = text;
	return 0;
}

static const struct sp_query *save_query(struct lake_query *q)
{
	return read_predicate(q) ? NULL : lake_replace_query(q, false);
}

/* ---- what can't be written ---- */

static int is_there(struct lake_query *q)
{
	const struct lake_ref *ref = &q->target->ref;
	if (ref->by_path)
		return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_PATH_EXISTS", "42K04", "Cannot write to already existent path %s%.*s without setting OVERWRITE = 'true'.",
			       ref->name.n && ref->name.p[0] == '/' ? "dbfs:" : "", SL(ref->name));
	return sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07", "Cannot create table or view `%.*s`.`%.*s` because it already exists."
		       "\nChoose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects.",
		       SL(q->cx.database), SL(ref->name));
}

static int other_parts(struct lake_query *q, const size_t *given, size_t n)
{
	struct lake_data *d = lake_data(q);
	struct buf b = { 0 };
	buf_adds(&b, "Partition columns do not match the partition columns of the table.\nGiven: [");
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s`%.*s`", i ? ", " : "", SL(q->plan->columns[given[i]].name));
	buf_adds(&b, "]\nTable: [");
	for (size_t i = 0; i < d->to.partition_n; i++)
		buf_addf(&b, "%s`%.*s`", i ? ", " : "", SL(d->to.partition[i]));
	buf_adds(&b, "]\n         ");
	lake_data_mismatch(q, buf_slice(&b), lake_data(q)->overwrite);
	buf_free(&b);
	return 1;
}

/* ---- columns ---- */

static bool small_int(const struct sp_type *t)
{
	return t->kind == SP_TINYINT || t->kind == SP_SMALLINT || t->kind == SP_INT;
}

static int check_types(struct lake_query *q, const struct sp_field *to, const struct sp_field *from)
{
	const struct sp_type *a = to->type, *b = from->type;
	if (b->kind == SP_VOID || sp_type_eq(a, b) || (small_int(a) && small_int(b) && b->kind <= a->kind))
		return 0;
	return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_FAILED_TO_MERGE_FIELDS", "22005", "Failed to merge fields '%.*s' and '%.*s'", SL(to->name), SL(from->name));
}

static bool merges(struct lake_query *q, bool *out)
{
	struct slice all = q->cx.conf(q->cx.self, "spark.databricks.delta.schema.autoMerge.enabled");
	return lake_save_flag(q, "mergeSchema", sl_eq_nocase(all, S("true")), out);
}

/* The plan's column for each of the table's, by name, and new columns of the table where they may come. */
static int match(struct lake_query *q, size_t first, ssize_t **out)
{
	struct lake_data *d = lake_data(q);
	const struct sp_field *columns = q->plan->columns + first;
	size_t n = q->plan->column_n - first, extra = 0, had = d->to.field_n;
	struct sp_field *fields = arena_alloc(&q->arena, (had + n + 1) * sizeof(*fields));
	ssize_t *from = arena_alloc(&q->arena, (had + n + 1) * sizeof(*from));
	bool merge;
	if (merges(q, &merge))
		return 1;
	if (had)
		memcpy(fields, d->to.fields, had * sizeof(*fields));
	for (size_t i = 0; i < had; i++) {
		from[i] = sp_field_find(columns, n, fields[i].name);
		if (from[i] >= 0 && check_types(q, &fields[i], &columns[from[i]]))
			return 1;
		from[i] += from[i] >= 0 ? (ssize_t)first : 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (sp_field_find(d->to.fields, had, columns[i].name) != -1)
			continue;
		fields[had + extra] = (struct sp_field){ .name = columns[i].name, .type = sp_type_nullable(&q->arena, columns[i].type), .nullable = true };
		from[had + extra++] = (ssize_t)(first + i);
	}
	*out = from;
	if (!extra)
		return 0;
	if (!merge)
		return lake_data_mismatch(q, sl(NULL), d->overwrite);
	d->to.fields = fields;
	d->to.field_n = had + extra;
	d->meta = d->base->meta;
	d->meta.schema_text = delta_fields_text(&q->arena, fields, d->to.field_n);
	d->change.meta = &d->meta;
	return 0;
}

static int same_parts(struct lake_query *q, const size_t *given, size_t n)
{
	const struct lake_data *d = lake_data(q);
	bool same = n == d->to.partition_n;
	for (size_t i = 0; same && i < n; i++)
		same = sl_eq_nocase(q->plan->columns[given[i]].name, d->to.partition[i]);
	return !n || same ? 0 : other_parts(q, given, n);
}

static int check_names(struct lake_query *q)
{
	const struct sp_field *all = q->plan->columns;
	struct buf b = { 0 };
	for (size_t i = 0; i < q->plan->column_n && !b.n; i++)
		for (size_t k = 0; sp_field_find(all, q->plan->column_n, all[i].name) == -2 && k < all[i].name.n; k++)
			buf_addc(&b, all[i].name.p[k] >= 'A' && all[i].name.p[k] <= 'Z' ? (char)(all[i].name.p[k] | 32) : all[i].name.p[k]);
	if (b.n)
		sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_DUPLICATE_COLUMNS_FOUND", "42711", "Found duplicate column(s) in the data to save: %.*s", SL(buf_slice(&b)));
	buf_free(&b);
	return q->err.set;
}

/* Delta's own words for columns that can't be partitions. */
static int delta_partitions(struct lake_query *q, size_t *given, size_t *n)
{
	struct buf b = { 0 };
	if (!lake_save_partitions(q, given, PARTITIONS_MAX, n))
		return 0;
	if (!strcmp(q->err.class, "ALL_PARTITION_COLUMNS_NOT_ALLOWED")) {
		sp_error_free(&q->err);
		return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION", "428FT", "Cannot use all columns for partition columns");
	}
	if (strcmp(q->err.class, "_LEGACY_ERROR_TEMP_1155"))
		return 1;
	for (size_t i = 0; i < q->plan->column_n; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", SL(q->plan->columns[i].name));
	struct slice text = sl(q->err.text), name = sl_cut(sl_from(text, strlen("Partition column `")), '`', &name, &text) ? arena_dup(&q->arena, name) : S("");
	sp_error_free(&q->err);
	sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_PARTITION_COLUMN_NOT_FOUND", "42703", "Partition column `%.*s` not found in schema [%.*s]", SL(name), SL(buf_slice(&b)));
	buf_free(&b);
	return 1;
}

/* A table that is made, or that gets the rows' columns instead of its own. */
static int new_table(struct lake_query *q, const size_t *given, size_t n)
{
	struct lake_data *d = lake_data(q);
	struct sp_field *fields = arena_alloc(&q->arena, (q->plan->column_n + 1) * sizeof(*fields));
	struct slice *parts = arena_alloc(&q->arena, (n + 1) * sizeof(*parts));
	ssize_t *from = arena_alloc(&q->arena, (q->plan->column_n + 1) * sizeof(*from));
	struct delta_meta fresh;
	size_t field_n = 0;
	for (size_t i = 0; i < q->plan->column_n; i++) {
		const struct sp_field *c = &q->plan->columns[i];
		if (c->type->kind == SP_VOID) /* Delta reads over them */
			continue;
		from[field_n] = (ssize_t)i;
		fields[field_n++] = (struct sp_field){ .name = c->name, .type = sp_type_nullable(&q->arena, c->type), .nullable = true, .metadata = c->metadata, .comment = c->comment };
	}
	for (size_t i = 0; i < n; i++)
		parts[i] = q->plan->columns[given[i]].name;
	if (check_names(q) || lake_data_check_new(q, fields, field_n))
		return 1;
	d->to = (struct delta_target){ .fields = fields, .field_n = field_n, .partition = parts, .partition_n = n };
	fresh = delta_meta_new(&q->arena, &d->at, fields, d->to.field_n, parts, n, q->cx.now_us / 1000, S("sql"));
	d->meta = fresh;
	if (d->base) {
		d->meta = d->base->meta;
		d->meta.schema_text = fresh.schema_text;
		d->meta.partition = fresh.partition;
		d->meta.partition_n = fresh.partition_n;
	}
	d->change.meta = &d->meta;
	lake_data_arrange(q, 0, from);
	return lake_data_cast(q, 0, fields, d->to.field_n);
}

static int read_commit_options(struct lake_query *q)
{
	struct lake_data *d = lake_data(q);
	struct slice app = lake_save_option(q, "txnAppId"), version = lake_save_option(q, "txnVersion");
	struct slice how = lake_save_option(q, "partitionOverwriteMode");
	d->change.user = lake_save_option(q, "userMetadata");
	if (!d->change.user.p)
		d->change.user = q->cx.conf(q->cx.self, "spark.databricks.delta.commitInfo.userMetadata");
	if (!how.p)
		how = q->cx.conf(q->cx.self, "spark.sql.sources.partitionOverwriteMode");
	d->dynamic = d->overwrite && d->to.partition_n && sl_eq_nocase(how, S("dynamic"));
	if (app.p != NULL && version.p != NULL && sl_int(version, INT64_MIN, INT64_MAX, &d->change.app_version))
		d->change.app = app;
	else if (app.p || version.p)
		return sp_fail(&q->err, SP_E_RUN, "DELTA_INVALID_IDEMPOTENT_WRITES_OPTIONS", "42616", "Invalid options for idempotent Dataframe writes: both txnAppId and "
			       "txnVersion must be specified for idempotent Dataframe writes");
	if (d->change.app.p && d->base && delta_snapshot_txn(d->base, app) >= d->change.app_version)
		d->nothing = true; /* it was written before */
	return 0;
}

static int save_shape(struct lake_query *q)
{
	struct lake_data *d = lake_data(q);
	size_t given[PARTITIONS_MAX], n;
	enum lake_save_mode mode;
	bool other;
	ssize_t *from;
	if (!lake_save_option(q, "mode").p && q->target->ref.by_path)
		return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_OPERATION_NOT_ALLOWED", "0AKDC", "Operation not allowed: `INSERT OVERWRITE DIRECTORY` is not supported for "
			       "Delta tables");
	if (lake_replace_looks(q))
		return 0;
	if (lake_save_mode(q, &mode) || delta_partitions(q, given, &n) || lake_save_flag(q, "overwriteSchema", false, &other))
		return 1;
	if (q->target->missing)
		return new_table(q, given, n) || read_commit_options(q);
	if (mode == LAKE_SAVE_ERROR)
		return is_there(q);
	if (mode == LAKE_SAVE_IGNORE) {
		d->nothing = true;
		return 0;
	}
	d->overwrite = mode == LAKE_SAVE_OVERWRITE && !q->stmt->where;
	if (d->overwrite && other)
		return new_table(q, given, n) || read_commit_options(q);
	if (same_parts(q, given, n) || match(q, q->stmt->where != NULL, &from) || read_commit_options(q))
		return 1;
	lake_data_arrange(q, q->stmt->where != NULL, from);
	return lake_data_cast(q, q->stmt->where != NULL, d->to.fields, d->to.field_n);
}

/* ---- the way ---- */

static struct slice parameters(struct lake_query *q)
{
	static const char *const names[] = { "ErrorIfExists", "Append", "Overwrite", "Ignore" };
	const struct lake_data *d = lake_data(q);
	enum lake_save_mode mode = LAKE_SAVE_ERROR;
	struct buf b = { 0 }, list = { 0 };
	struct slice out;
	int rc = lake_save_mode(q, &mode);
	(void)rc;
	buf_addc(&list, '[');
	for (size_t i = 0; d->change.meta && i < d->to.partition_n; i++)
		buf_addf(&list, "%s\"%.*s\"", i ? "," : "", SL(d->to.partition[i]));
	buf_addc(&list, ']');
	jw_obj(&b, NULL);
	jw_text(&b, "mode", names[mode]);
	jw_str(&b, "partitionBy", buf_slice(&list));
	if (q->stmt->where)
		jw_str(&b, "predicate", q->stmt->where_text);
	jw_obj_end(&b);
	out = arena_dup(&q->arena, buf_slice(&b));
	buf_free(&b);
	buf_free(&list);
	return out;
}

/* As Delta's sink of streams says of a batch. */
static struct slice stream_parameters(struct lake_query *q, struct slice mode)
{
	struct buf b = { 0 };
	struct slice out;
	jw_obj(&b, NULL);
	jw_str(&b, "outputMode", mode);
	jw_str(&b, "queryId", lake_save_option(q, "txnAppId"));
	jw_str(&b, "epochId", lake_save_option(q, "txnVersion"));
	jw_obj_end(&b);
	out = arena_dup(&q->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void commit(struct lake_query *q)
{
	struct slice stream = lake_save_option(q, "tarnOutputMode");
	if (q->rc)
		lake_query_end(q);
	else if (stream.p)
		lake_data_commit(q, "STREAMING UPDATE", stream_parameters(q, stream));
	else
		lake_data_commit(q, "WRITE", parameters(q));
}

static void taken(struct lake_query *q)
{
	if (q->place.p && !q->rc)
		lake_place_put(q, commit);
	else
		commit(q);
}

static void save(struct lake_query *q)
{
	if (lake_data(q)->nothing)
		lake_query_end(q);
	else if (lake_replace_looks(q))
		lake_replace_look(q);
	else
		lake_query_rows(q, lake_replace_take, taken);
}

const struct lake_doing lake_doings_save_table[] = {
	{ SP_STMT_SAVE_TABLE, .analyses = true, .runs = true, .writes = true, .query = save_query, .shape = save_shape, .start = save },
	{ -1 },
};
