/* Tables by name whose files are elsewhere: CREATE TABLE t USING json LOCATION 's3://b/x'. An object `_table` in the folder that the table
 * would have says where and what they are: {"format":"json","location":"s3://b/x","options":{"multiLine":"true"}}. */
#include "core/json.h"
#include "lake/query.h"

struct slice lake_place_key(const struct lake_relation *r)
{
	return arena_printf(r->arena, "%.*s/_table", SL(r->ref.path));
}

/* ---- looking ---- */

static void read_options(struct lake_relation *r, const json_t *options)
{
	struct sp_table_option *v = arena_alloc(r->arena, (json_object_size(options) + 1) * sizeof(*v));
	const char *key;
	json_t *value;
	r->option_n = 0;
	json_object_foreach((json_t *)(uintptr_t)options, key, value)
		if (json_is_string(value))
			v[r->option_n++] = (struct sp_table_option){ arena_dup(r->arena, sl(key)), arena_dup(r->arena, sl(json_string_value(value))) };
	r->options = v;
}

static void on_table(void *arg, struct slice body, const struct error *err)
{
	struct lake_relation *r = arg;
	json_t *doc = err ? NULL : json_loadb(body.p, body.n, 0, NULL);
	const char *format = jstr(doc, "format"), *location = jstr(doc, "location");
	if (!format || !location) {
		json_decref(doc);
		r->none(r);
		return;
	}
	r->placed = lake_place_key(r);
	read_options(r, json_object_get(doc, "options"));
	if (lake_relation_place(r, arena_dup(r->arena, sl(format)), arena_dup(r->arena, sl(location))))
		lake_relation_end(r);
	else
		r->format->find(r);
	json_decref(doc);
}

void lake_place_find(struct lake_relation *r, void (*none)(struct lake_relation *r))
{
	const struct object_store *s = &r->task->l->env->ports->objects;
	r->none = none;
	if (s->self)
		lake_await(r->task, s->get(s->self, r->ref.bucket, lake_place_key(r), on_table, r));
	else
		none(r);
}

/* ---- CREATE TABLE ... LOCATION ---- */

/* Options that say how rows are saved, not how they are read. */
static bool is_saves_own(struct slice key)
{
	static const char *const names[] = { "mode", "table", "path", "partitionBy" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(key, sl(names[i])))
			return true;
	return false;
}

static struct slice document(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	struct buf b = { 0 }, schema = { 0 };
	struct slice out;
	jw_obj(&b, NULL);
	jw_str(&b, "format", s->format.p ? s->format : S("delta"));
	jw_str(&b, "location", s->location);
	jw_obj(&b, "options");
	for (uint32_t i = 0; i < s->options.n; i++)
		if (s->kind != SP_STMT_SAVE_TABLE || !is_saves_own(s->options.v[i].key))
			jw_str(&b, arena_cstr(&q->arena, s->options.v[i].key), s->options.v[i].value.p ? s->options.v[i].value : S(""));
	for (uint32_t i = 0; i < s->n_columns; i++)
		buf_addf(&schema, "%s`%.*s` %.*s", i ? ", " : "", SL(s->columns[i].name.parts[0]), SL(s->columns[i].type_text));
	if (s->query && q->plan) /* what its files hold doesn't say all of it */
		sp_schema_json(&schema, q->plan->columns, q->plan->column_n);
	if (schema.n)
		jw_str(&b, "schema", buf_slice(&schema));
	jw_obj_end(&b);
	jw_obj_end(&b);
	out = arena_dup(&q->arena, buf_slice(&b));
	buf_free(&b);
	buf_free(&schema);
	return out;
}

struct placing {
	void (*then)(struct lake_query *q);
	struct lake_query *q;
};

static void on_put(void *arg, const struct error *err)
{
	struct placing *p = arg;
	struct lake_query *q = p->q;
	struct lake_relation r = { .arena = &q->arena };
	if (err) {
		q->rc = lake_relation_fail(&r, err);
		q->err = r.err;
		lake_query_end(q);
		return;
	}
	p->then(q);
}

void lake_place_put(struct lake_query *q, void (*then)(struct lake_query *q))
{
	struct lake *l = q->task.l;
	const struct object_store *s = &l->env->ports->objects;
	struct placing *p = arena_alloc(&q->arena, sizeof(*p));
	*p = (struct placing){ then, q };
	lake_await(&q->task, s->put(s->self, sl(l->bucket), q->place, S("application/json"), document(q), sl(NULL), on_put, p));
}

/* The Delta table at the location was looked for: it is given a name, or made. */
static void located(void *arg)
{
	struct lake_query *q = arg;
	struct lake_relation *r = q->target;
	const struct sp_stmt *s = q->stmt;
	r->found = true;
	if (!r->err.set && !s->query) {
		lake_place_put(q, lake_query_end);
	} else if (!r->err.set) {
		sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION", "42601", "Cannot create table ('`spark_catalog`.`%.*s`.`%.*s`'). The "
			"associated location ('%.*s') is not empty and also not a Delta table.", SL(q->cx.database), SL(r->ref.name), SL(s->location));
		lake_query_end(q);
	} else if (s->n_columns || s->query) {
		sp_error_free(&r->err);
		r->missing = true;
		lake_query_go_on(q);
	} else {
		q->err = r->err;
		r->err = (struct sp_error){ 0 };
		lake_query_end(q);
	}
}

static bool refuse(struct lake_query *q, const char *text)
{
	sp_fail(&q->err, SP_E_UNSERVED, "", "", "%s", text);
	lake_query_end(q);
	return true;
}

/* saveAsTable of a format of files: they lie in the folder of the table's name, or where the option path says. */
static bool place_files(struct lake_query *q)
{
	struct sp_stmt *s = q->stmt;
	struct lake_relation *r = q->target;
	if (!r->missing && !sl_eq_nocase(s->format, sl(r->format->name))) {
		sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1159", "", "The format of the existing table spark_catalog.%.*s.%.*s is `%s`. It doesn't match the specified "
			"format `%.*s`.", SL(q->cx.database), SL(r->ref.name), r->format->name, SL(s->format));
		lake_query_end(q);
		return true;
	}
	if (r->missing)
		q->place = lake_place_key(r);
	if (!r->missing || !s->location.p)
		s->location = arena_printf(&q->arena, "s3://%.*s/%.*s", SL(r->ref.bucket), SL(r->ref.path));
	r->read = r->found = true; /* nothing of it is needed but where it is */
	q->doing = &lake_doings_save[0];
	lake_query_go_on(q);
	return true;
}

/* A new table of files: what its query gives, or what lies or will lie where it is. */
static bool new_files(struct lake_query *q)
{
	struct sp_stmt *s = q->stmt;
	struct lake_relation *r = q->target;
	if (s->query)
		return place_files(q);
	q->place = lake_place_key(r);
	if (!s->location.p)
		s->location = arena_printf(&q->arena, "s3://%.*s/%.*s", SL(r->ref.bucket), SL(r->ref.path));
	if (s->n_partitioning && s->n_columns)
		return refuse(q, "CREATE TABLE of files with columns takes no PARTITIONED BY here: folders KEY=VALUE are found");
	r->missing = false;
	if (lake_relation_place(r, s->format, s->location)) {
		q->err = r->err;
		r->err = (struct sp_error){ 0 };
		lake_query_end(q);
	} else {
		lake_place_put(q, lake_query_end);
	}
	return true;
}

/* INSERT into a table of files: more of them, or others. */
static bool insert_files(struct lake_query *q)
{
	struct sp_stmt *s = q->stmt;
	struct lake_relation *r = q->target;
	s->format = sl(r->format->name);
	s->location = arena_printf(&q->arena, "s3://%.*s/%.*s", SL(r->ref.bucket), SL(r->ref.path));
	s->options.v = arena_alloc(&q->arena, (r->option_n + 1) * sizeof(*s->options.v));
	s->options.n = 0;
	for (size_t i = 0; i < r->option_n; i++)
		if (!is_saves_own(r->options[i].key))
			s->options.v[s->options.n++] = (struct sp_option){ .key = r->options[i].key, .value = r->options[i].value };
	r->read = true;
	q->doing = &lake_doings_save[0];
	lake_query_go_on(q);
	return true;
}

/* OPTIONS (path '...') is LOCATION, too. */
static void take_path(struct sp_stmt *s)
{
	for (uint32_t i = 0; i < s->options.n && !s->location.p; i++)
		if (sl_eq_nocase(s->options.v[i].key, S("path")))
			s->location = s->options.v[i].value;
}

bool lake_place_target(struct lake_query *q)
{
	struct sp_stmt *s = q->stmt;
	struct lake_relation *r = q->target;
	if (s->kind == SP_STMT_SAVE_TABLE && !sl_eq_nocase(s->format, S("delta")))
		return place_files(q);
	if (s->kind == SP_STMT_INSERT && r->placed.p && !r->missing && lake_is_files(sl(r->format->name)))
		return insert_files(q);
	if (s->kind != SP_STMT_CREATE_TABLE && s->kind != SP_STMT_REPLACE_TABLE && (s->kind != SP_STMT_SAVE_TABLE || !r->missing))
		return r->format != &lake_delta && s->kind != SP_STMT_DROP_TABLE && refuse(q, "tables of files aren't written here: Delta tables are");
	take_path(s);
	if (r->missing && s->kind != SP_STMT_SAVE_TABLE && s->format.p && !sl_eq_nocase(s->format, S("delta")) && lake_is_files(s->format))
		return new_files(q);
	if (!s->location.p || (!r->missing && (s->if_not_exists || !s->or_replace)))
		return false;
	if (!r->missing)
		return refuse(q, "CREATE OR REPLACE TABLE ... LOCATION of a table that is there isn't served here");
	q->place = lake_place_key(r);
	r->missing = false;
	if (lake_relation_place(r, s->format.p ? s->format : S("delta"), s->location)) {
		q->err = r->err;
		r->err = (struct sp_error){ 0 };
		lake_query_end(q);
	} else if (r->format == &lake_delta) {
		r->found = false;
		r->done = located;
		r->format->find(r);
	} else {
		refuse(q, "tables of this format aren't served here");
	}
	return true;
}
