/* CREATE TABLE [AS], REPLACE TABLE, DROP TABLE, databases, ALTER TABLE of what changes metadata alone. */
#include "core/json.h"
#include "lake/data.h"

/* ---- CREATE TABLE ---- */

/* The statement's own columns, or the query's. */
static int new_fields(struct lake_query *q, struct sp_field **out, size_t *n)
{
	const struct sp_stmt *s = q->stmt;
	struct sp_field *fields = NULL;
	*n = s->query ? q->plan->column_n : s->n_columns;
	fields = arena_alloc(&q->arena, (*n + 1) * sizeof(*fields));
	for (size_t i = 0; i < *n; i++) {
		if (s->query) {
			fields[i] = (struct sp_field){ .name = q->plan->columns[i].name, .type = sp_type_nullable(&q->arena, q->plan->columns[i].type), .nullable = true };
			if (fields[i].type->kind == SP_VOID)
				return sp_fail(&q->err, SP_E_ANALYSIS, "", "", "Cannot create tables with null type: the column %.*s.", SL(fields[i].name));
			continue;
		}
		if (s->columns[i].generated || s->columns[i].identity || s->columns[i].value)
			return sp_fail(&q->err, SP_E_UNSERVED, "", "", "generated, identity and DEFAULT columns aren't served here: %.*s",
				       SL(s->columns[i].name.parts[0]));
		fields[i] = (struct sp_field){ .name = s->columns[i].name.parts[0], .type = s->columns[i].type, .nullable = !s->columns[i].not_null,
					       .comment = s->columns[i].comment };
	}
	*out = fields;
	return 0;
}

static int partition_of(struct lake_query *q, const struct sp_field *fields, size_t n, struct slice **out, size_t *out_n)
{
	const struct sp_stmt *s = q->stmt;
	*out = arena_alloc(&q->arena, (s->n_partitioning + 1) * sizeof(**out));
	for (uint32_t i = 0; i < s->n_partitioning; i++) {
		struct slice name = s->partitioning[i].name.parts[0];
		ssize_t at = sp_field_find(fields, n, name);
		if (s->partitioning[i].transform)
			return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_UNSUPPORTED_EXPRESSION", "0A000", "partitioning by %.*s(...) isn't supported by Delta tables.", SL(name));
		if (at < 0)
			return sp_fail(&q->err, SP_E_ANALYSIS, "", "", "Couldn't find column %.*s in the schema.", SL(name));
		(*out)[(*out_n)++] = fields[at].name;
	}
	return 0;
}

static void add_properties(struct lake_query *q, struct delta_meta *m)
{
	const struct sp_stmt *s = q->stmt;
	m->config = arena_alloc(&q->arena, (s->properties.n + 1) * sizeof(*m->config));
	m->config_n = 0;
	for (uint32_t i = 0; i < s->properties.n; i++)
		m->config[m->config_n++] = (struct delta_pair){ s->properties.v[i].key, s->properties.v[i].value };
	if (s->comment.p)
		m->description = s->comment;
}

static int already_there(struct lake_query *q)
{
	return sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07",
		       "Cannot create table or view `%.*s`.`%.*s` because it already exists.\n"
		       "Choose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects.",
		       SL(q->cx.database), SL(q->target->ref.name));
}

static int none_there(struct lake_query *q)
{
	return sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_NOT_FOUND", "42P01",
		       "The table or view `%.*s`.`%.*s` cannot be found. Verify the spelling and correctness of the schema and catalog.\n"
		       "If you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and "
		       "catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.",
		       SL(q->cx.database), SL(q->target->ref.name));
}

/* Tables and databases have names of letters, digits and _. */
static int bad_name(struct lake_query *q, struct slice name)
{
	bool bad = name.n == 0;
	for (size_t i = 0; i < name.n; i++)
		bad |= !((name.p[i] | 32) >= 'a' && (name.p[i] | 32) <= 'z') && !(name.p[i] >= '0' && name.p[i] <= '9') && name.p[i] != '_';
	if (!bad || q->target->ref.by_path)
		return 0;
	return sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1065", "",
		       "`%.*s` is not a valid name for tables/databases. Valid names only contain alphabet characters, numbers and _.", SL(name));
}

static int bad_characters(struct lake_query *q, const struct sp_field *fields, size_t n)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < fields[i].name.n; k++)
			if (strchr(" ,;{}()\n\t=", fields[i].name.p[k])) {
				buf_addf(&b, "%s%.*s", b.n ? ", " : "", SL(fields[i].name));
				break;
			}
	if (b.n)
		sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "42K05", "Found invalid character(s) among ' ,;{}()\\n\\t=' in the column "
			"names of your schema.\nInvalid column names: %s.\nPlease use other characters and try again.\nAlternatively, enable Column Mapping to keep "
			"using these characters.", buf_cstr(&b));
	buf_free(&b);
	return q->err.set;
}

static int check_doubles(struct lake_query *q, const struct sp_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sp_field_find(fields, n, fields[i].name) == -2)
			return sp_fail(&q->err, SP_E_ANALYSIS, "COLUMN_ALREADY_EXISTS", "42711", "The column `%.*s` already exists. Consider to choose another name or "
				       "rename the existing column.", SL(fields[i].name));
	return 0;
}

int lake_data_check_new(struct lake_query *q, const struct sp_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fields[i].type->kind == SP_VOID)
			return sp_fail(&q->err, SP_E_ANALYSIS, "", "", "Cannot create tables with null type: the column %.*s.", SL(fields[i].name));
	return bad_name(q, q->stmt->name.parts[q->stmt->name.n - 1]) || bad_characters(q, fields, n) || check_doubles(q, fields, n);
}

/* In the job: what the table will be. */
static int create_shape(struct lake_query *q)
{
	struct lake_data *d = lake_data(q);
	const struct sp_stmt *s = q->stmt;
	struct sp_field *fields = NULL;
	struct slice *partition;
	size_t n, partition_n = 0;
	bool replaces = s->or_replace || s->kind == SP_STMT_REPLACE_TABLE;
	if (!q->target->missing && s->if_not_exists)
		return 0;
	if (!q->target->missing && !replaces)
		return already_there(q);
	if (q->target->missing && replaces && !s->or_replace)
		return none_there(q);
	if (s->format.p && !sl_eq_nocase(s->format, S("delta")))
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "CREATE TABLE ... USING %.*s isn't served here: Delta tables are", SL(s->format));
	if (bad_name(q, q->stmt->name.parts[q->stmt->name.n - 1]) || new_fields(q, &fields, &n) || bad_characters(q, fields, n) || partition_of(q, fields, n, &partition, &partition_n))
		return 1;
	if (check_doubles(q, fields, n))
		return 1;
	d->to = (struct delta_target){ .fields = fields, .field_n = n, .partition = partition, .partition_n = partition_n };
	d->meta = delta_meta_new(&q->arena, &d->at, fields, n, partition, partition_n, q->cx.now_us / 1000, S("sql"));
	add_properties(q, &d->meta);
	d->change.meta = &d->meta;
	d->overwrite = d->base != NULL;
	return s->query ? lake_data_cast(q, 0, fields, n) : 0;
}

static int take_rows(struct lake_query *q, const struct sp_batch *b)
{
	struct lake_data *d = lake_data(q);
	lake_data_add(q, &d->fresh, b, 0);
	d->inserted += b->n;
	return 0;
}

static void commit(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	bool replaces = s->or_replace || s->kind == SP_STMT_REPLACE_TABLE;
	if (q->rc)
		lake_query_end(q);
	else
		lake_data_commit(q, s->or_replace ? (s->query ? "CREATE OR REPLACE TABLE AS SELECT" : "CREATE OR REPLACE TABLE")
				 : replaces       ? (s->query ? "REPLACE TABLE AS SELECT" : "REPLACE TABLE")
				 : s->query       ? "CREATE TABLE AS SELECT" : "CREATE TABLE",
				 S("{\"partitionBy\":\"[]\",\"isManaged\":\"true\",\"description\":null,\"properties\":\"{}\"}"));
}

/* The rows are there. */
static void created(struct lake_query *q)
{
	if (q->place.p && !q->rc)
		lake_place_put(q, commit);
	else
		commit(q);
}

static void create(struct lake_query *q)
{
	if (!lake_data(q)->change.meta) /* IF NOT EXISTS, and it is there */
		lake_query_end(q);
	else if (q->stmt->query)
		lake_query_rows(q, take_rows, created);
	else
		created(q);
}

static const struct sp_query *create_query(struct lake_query *q)
{
	if (!q->stmt->query)
		(void)create_shape(q);
	return q->stmt->query;
}

/* ---- DROP TABLE: all below its folder goes ---- */

struct dropping {
	struct slice *keys;
	size_t n, cap, at;
	struct lake_ref to; /* of a table that is renamed: where its objects go first */
	size_t copied;
};

static bool on_key(void *arg, const struct object_entry *e)
{
	struct lake_query *q = arg;
	struct dropping *d = q->own;
	ARENA_GROW(&q->arena, d->keys, d->n, d->cap);
	d->keys[d->n++] = arena_dup(&q->arena, e->key);
	return true;
}

static void refuse(struct lake_query *q, const struct error *err)
{
	struct lake_relation r = { .arena = &q->arena };
	q->rc = lake_relation_fail(&r, err);
	q->err = r.err;
	lake_query_end(q);
}

static void drop_next(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	struct dropping *d = q->own;
	struct lake *l = q->task.l;
	const struct object_store *s = &l->env->ports->objects;
	const struct slice bucket = q->target ? q->target->ref.bucket : sl(l->bucket);
	if (err)
		refuse(q, err);
	else if (d->at == d->n)
		lake_query_end(q);
	else
		lake_await(&q->task, s->del(s->self, bucket, d->keys[d->at++], drop_next, q));
}

/* The log goes last: until then the table is whole to whoever reads it. */
static int log_last(const void *x, const void *y)
{
	const struct slice *a = x, *b = y;
	bool la = sl_find(*a, S("/_delta_log/")) >= 0, lb = sl_find(*b, S("/_delta_log/")) >= 0;
	return la != lb ? la - lb : sl_cmp(*a, *b);
}

/* Another name: all objects are copied, those of the log last, before the old ones go, in the same order. */
static void copy_next(void *arg, const struct error *err);

static void on_copied(void *arg, struct slice body, const struct error *err)
{
	struct lake_query *q = arg;
	struct dropping *d = q->own;
	const struct object_store *s = &q->task.l->env->ports->objects;
	struct slice key = d->keys[d->copied++];
	if (err) {
		refuse(q, err);
		return;
	}
	key = arena_printf(&q->arena, "%.*s%.*s", SL(d->to.path), SL(sl_from(key, q->target->ref.path.n)));
	lake_await(&q->task, s->put(s->self, d->to.bucket, key, sl(NULL), body, sl(NULL), copy_next, q));
}

static void copy_next(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	struct dropping *d = q->own;
	const struct object_store *s = &q->task.l->env->ports->objects;
	if (err)
		refuse(q, err);
	else if (d->copied == d->n)
		drop_next(q, NULL);
	else
		lake_await(&q->task, s->get(s->self, q->target->ref.bucket, d->keys[d->copied], on_copied, q));
}

static void listed(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	struct dropping *d = q->own;
	if (d->n)
		qsort(d->keys, d->n, sizeof(*d->keys), log_last);
	if (d->to.path.n)
		copy_next(q, err);
	else
		drop_next(q, err);
}

static bool on_taken(void *arg, const struct object_entry *e)
{
	struct lake_query *q = arg;
	struct dropping *d = q->own;
	d->at = 1;
	return false;
}

static void list_keys(struct lake_query *q)
{
	struct lake *l = q->task.l;
	lake_await(&q->task, objects_each(&l->env->ports->objects, q->target->ref.bucket, arena_printf(&q->arena, "%.*s/", SL(q->target->ref.path)),
					  sl(NULL), on_key, listed, q));
}

static void looked(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	struct dropping *d = q->own;
	if (err) {
		refuse(q, err);
	} else if (d->at) {
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07",
				"Cannot create table or view `%.*s`.`%.*s` because it already exists.\n"
				"Choose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects.",
				SL(q->cx.database), SL(d->to.name));
		lake_query_end(q);
	} else {
		list_keys(q);
	}
}

static void rename_table(struct lake_query *q)
{
	struct lake *l = q->task.l;
	struct dropping *d;
	if (lake_target_there(q)) {
		lake_query_end(q);
		return;
	}
	d = q->own = arena_alloc(&q->arena, sizeof(*d));
	if (lake_query_ref(q, &q->stmt->target, sl(NULL), &d->to)) {
		lake_query_end(q);
		return;
	}
	lake_await(&q->task, objects_each(&l->env->ports->objects, d->to.bucket, arena_printf(&q->arena, "%.*s/_delta_log/", SL(d->to.path)), sl(NULL),
					  on_taken, looked, q));
}

/* Files that lie where the table's name is are the table's. */
static bool is_own(const struct lake_query *q)
{
	const struct lake_relation *r = q->target;
	return sl_eqs(r->ref.bucket, q->task.l->bucket) && sl_starts(r->placed, r->ref.path) &&
	       sl_eqs(sl_from(r->placed, r->ref.path.n), "/_table");
}

static void drop_table(struct lake_query *q)
{
	if (q->target->missing && q->stmt->if_exists) {
		lake_query_end(q);
		return;
	}
	if (q->target->missing) {
		q->rc = lake_query_no_table(q);
		lake_query_end(q);
		return;
	}
	q->own = arena_alloc(&q->arena, sizeof(struct dropping));
	q->own_free = NULL;
	if (q->target->placed.p && !is_own(q)) { /* its files are somebody's: only the name goes */
		struct dropping *d = q->own;
		d->keys = &q->target->placed;
		d->n = 1;
		q->target->ref.bucket = sl(q->task.l->bucket);
		drop_next(q, NULL);
		return;
	}
	list_keys(q);
}

/* ---- databases: a folder NAME.db below tables/, kept by an object of its own ---- */

static void database_exists(struct lake_query *q)
{
	q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "SCHEMA_ALREADY_EXISTS", "42P06", "Cannot create schema `%.*s` because it already exists.\n"
			"Choose a different name, drop the existing schema, or add the IF NOT EXISTS clause to tolerate pre-existing schema.",
			SL(q->stmt->name.parts[q->stmt->name.n - 1]));
}

static void database_put(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	if (err && err->kind != ERR_CONFLICT) {
		refuse(q, err);
		return;
	}
	if (err && !q->stmt->if_not_exists)
		database_exists(q);
	lake_query_end(q);
}

/* Of a database that is to go: with nothing in it, or CASCADE, all below its folder does. */
static void database_listed(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	struct dropping *d = q->own;
	struct slice name = q->stmt->name.parts[q->stmt->name.n - 1];
	if (err) {
		refuse(q, err);
		return;
	}
	if (d->n == 0 && !q->stmt->if_exists)
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "SCHEMA_NOT_FOUND", "42704",
				"The schema `%.*s` cannot be found. Verify the spelling and correctness of the schema and catalog.\n"
				"If you did not qualify the name with a catalog, verify the current_schema() output, or qualify the name with the correct catalog.\n"
				"To tolerate the error on drop use DROP SCHEMA IF EXISTS.", SL(name));
	else if (d->n > 1 && !q->stmt->cascade)
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "SCHEMA_NOT_EMPTY", "2BP01", "Cannot drop a schema `%.*s` because it contains objects.\n"
				"Use DROP SCHEMA ... CASCADE to drop the schema and all its objects.", SL(name));
	if (q->rc) {
		lake_query_end(q);
		return;
	}
	if (sl_eq_nocase(q->spark->database, name))
		q->spark->database = S("default");
	listed(q, NULL);
}

static void drop_database(struct lake_query *q)
{
	struct lake *l = q->task.l;
	struct slice name = q->stmt->name.parts[q->stmt->name.n - 1];
	struct error err;
	if (sl_eq_nocase(name, S("default"))) {
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "UNSUPPORTED_FEATURE.DROP_DATABASE", "0A000", "The feature is not supported: Drop the default database `default`.");
		lake_query_end(q);
		return;
	}
	if (port_needed(l->env, PORT_OBJECTS, &err)) {
		refuse(q, &err);
		return;
	}
	q->own = arena_alloc(&q->arena, sizeof(struct dropping));
	q->own_free = NULL;
	lake_await(&q->task, objects_each(&l->env->ports->objects, sl(l->bucket), arena_printf(&q->arena, LAKE_TABLES "%.*s.db/", SL(name)), sl(NULL), on_key,
					  database_listed, q));
}

static void create_database(struct lake_query *q)
{
	struct lake *l = q->task.l;
	struct slice name = q->stmt->name.parts[q->stmt->name.n - 1];
	const struct object_store *s = &l->env->ports->objects;
	struct error err;
	if (port_needed(l->env, PORT_OBJECTS, &err)) {
		refuse(q, &err);
		return;
	}
	if (sl_eq_nocase(name, S("default"))) {
		if (!q->stmt->if_not_exists)
			database_exists(q);
		lake_query_end(q);
		return;
	}
	lake_await(&q->task, s->put_new(s->self, sl(l->bucket), arena_printf(&q->arena, LAKE_TABLES "%.*s.db/_database", SL(name)), S("text/plain"), S(""),
					sl(NULL), database_put, q));
}

/* ---- ALTER TABLE: metadata ---- */

static void set_property(struct lake_query *q, struct delta_meta *m, struct slice key, struct slice value)
{
	size_t i = 0;
	while (i < m->config_n && !sl_eq(m->config[i].key, key))
		i++;
	if (!value.p) {
		if (i < m->config_n)
			m->config[i] = m->config[--m->config_n];
		return;
	}
	if (i == m->config_n)
		m->config_n++;
	m->config[i] = (struct delta_pair){ key, value };
	(void)q;
}

static int alter_work(struct lake_query *q)
{
	struct lake_data *d;
	const struct sp_stmt *s = q->stmt;
	struct delta_meta *m;
	struct delta_pair *config;
	if (lake_target_there(q))
		return 1;
	d = lake_data(q);
	m = &d->meta;
	*m = d->base->meta;
	config = arena_alloc(&q->arena, (m->config_n + s->properties.n + 1) * sizeof(*config));
	if (m->config_n)
		memcpy(config, m->config, m->config_n * sizeof(*config));
	m->config = config;
	for (uint32_t i = 0; i < s->properties.n; i++)
		set_property(q, m, s->properties.v[i].key, s->kind == SP_STMT_ALTER_SET_PROPERTIES ? s->properties.v[i].value : sl(NULL));
	if (s->kind == SP_STMT_COMMENT)
		m->description = s->comment.p ? s->comment : S("");
	d->change.meta = m;
	return lake_alter_columns(q, m);
}

static const struct sp_query *alter_query(struct lake_query *q)
{
	(void)alter_work(q);
	return NULL;
}

static void alter(struct lake_query *q)
{
	static const struct {
		int kind;
		const char *operation;
	} rows[] = { { SP_STMT_ALTER_SET_PROPERTIES, "SET TBLPROPERTIES" }, { SP_STMT_ALTER_UNSET_PROPERTIES, "UNSET TBLPROPERTIES" },
		     { SP_STMT_ALTER_ADD_COLUMNS, "ADD COLUMNS" }, { SP_STMT_ALTER_COLUMN, "CHANGE COLUMN" },
		     { SP_STMT_COMMENT, "CHANGE DESCRIPTION" } };
	size_t i = 0;
	while (rows[i].kind != q->stmt->kind)
		i++;
	lake_data_commit(q, rows[i].operation, S("{}"));
}

const struct lake_doing lake_doings_ddl[] = {
	{ SP_STMT_CREATE_TABLE, .analyses = true, .runs = true, .writes = true, .query = create_query, .shape = create_shape, .start = create },
	{ SP_STMT_REPLACE_TABLE, .analyses = true, .runs = true, .writes = true, .query = create_query, .shape = create_shape, .start = create },
	{ SP_STMT_DROP_TABLE, .writes = true, .start = drop_table },
	{ SP_STMT_ALTER_RENAME, .writes = true, .start = rename_table },
	{ SP_STMT_CREATE_DATABASE, .start = create_database },
	{ SP_STMT_DROP_DATABASE, .start = drop_database },
	{ SP_STMT_ALTER_SET_PROPERTIES, .analyses = true, .writes = true, .query = alter_query, .start = alter },
	{ SP_STMT_ALTER_UNSET_PROPERTIES, .analyses = true, .writes = true, .query = alter_query, .start = alter },
	{ SP_STMT_ALTER_ADD_COLUMNS, .analyses = true, .writes = true, .query = alter_query, .start = alter },
	{ SP_STMT_ALTER_COLUMN, .analyses = true, .writes = true, .query = alter_query, .start = alter },
	{ SP_STMT_ALTER_RENAME_COLUMN, .analyses = true, .writes = true, .query = alter_query, .start = alter },
	{ SP_STMT_ALTER_DROP_COLUMNS, .analyses = true, .writes = true, .query = alter_query, .start = alter },
	{ SP_STMT_COMMENT, .analyses = true, .writes = true, .query = alter_query, .start = alter },
	{ -1 },
};
