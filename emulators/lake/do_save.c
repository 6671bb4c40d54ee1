/* INSERT OVERWRITE DIRECTORY: rows into files below a path, as Spark's writers name them. New files are put before old ones go, so that a
 * stop between leaves no rows lost. */
#include "core/json.h"
#include "core/path.h"
#include "delta/delta.h"
#include "lake/data.h"
#include "lake/files.h"
#include "lake/save.h"

enum { PARTITIONS_MAX = 32, IN_FLIGHT = 32 };
struct save {
	enum lake_save_mode mode;
	bool dynamic;                /* overwrite only the folders that are written */
	size_t partition[PARTITIONS_MAX], partition_n;
	struct lake_saver *saver;
	struct slice bucket, path;
	struct slice *old;           /* keys below the path */
	size_t old_n, old_cap;
	int64_t old_bytes;
	bool there;
	char uuid[37];
	struct lake_saved *files;
	size_t n, next, in_flight;
	bool marked;
};

/* ---- options ---- */

struct slice lake_save_option(const struct lake_query *q, const char *key)
{
	for (uint32_t i = 0; i < q->stmt->options.n; i++)
		if (sl_eq_nocase(q->stmt->options.v[i].key, sl(key)))
			return q->stmt->options.v[i].value.p ? q->stmt->options.v[i].value : S("");
	return sl(NULL);
}

int lake_save_flag(struct lake_query *q, const char *key, bool otherwise, bool *out)
{
	struct slice v = lake_save_option(q, key);
	*out = v.p ? sl_eq_nocase(v, S("true")) : otherwise;
	if (!v.p || *out || sl_eq_nocase(v, S("false")))
		return 0;
	sp_fail(&q->err, SP_E_RUN, "", "", "For input string: \"%.*s\"", SL(v));
	q->err.java = "java.lang.IllegalArgumentException";
	return 1;
}

int lake_save_mode(struct lake_query *q, enum lake_save_mode *out)
{
	static const struct {
		const char *name;
		enum lake_save_mode mode;
	} rows[] = { { "error", LAKE_SAVE_ERROR }, { "errorifexists", LAKE_SAVE_ERROR }, { "default", LAKE_SAVE_ERROR }, { "append", LAKE_SAVE_APPEND },
		     { "overwrite", LAKE_SAVE_OVERWRITE }, { "ignore", LAKE_SAVE_IGNORE } };
	struct slice mode = lake_save_option(q, "mode");
	*out = LAKE_SAVE_OVERWRITE;
	if (!mode.p)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sl_eq_nocase(mode, sl(rows[i].name))) {
			*out = rows[i].mode;
			return 0;
		}
	sp_fail(&q->err, SP_E_RUN, "", "", "Unknown save mode: %.*s. Accepted save modes are 'overwrite', 'append', 'ignore', 'error', 'errorifexists', 'default'.", SL(mode));
	q->err.java = "java.lang.IllegalArgumentException";
	return 1;
}

static int add_partition(struct lake_query *q, struct slice name, size_t *out, size_t max, size_t *n)
{
	ssize_t at = sp_field_find(q->plan->columns, q->plan->column_n, name);
	struct buf b = { 0 };
	if (at < 0) {
		sp_type_simple(&b, sp_struct(&q->arena, q->plan->columns, q->plan->column_n));
		sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1155", "", "Partition column `%.*s` not found in schema %.*s.", SL(name), SL(buf_slice(&b)));
	} else if (sp_is_nested(q->plan->columns[at].type)) {
		sp_type_simple(&b, q->plan->columns[at].type);
		sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1153", "", "Cannot use %.*s for partition column.", SL(buf_slice(&b)));
	}
	buf_free(&b);
	for (size_t i = 0; i < *n && !q->err.set; i++)
		if (out[i] == (size_t)at)
			sp_fail(&q->err, SP_E_ANALYSIS, "COLUMN_ALREADY_EXISTS", "42711", "The column `%.*s` already exists. Consider to choose another name or rename "
				"the existing column.", SL(name));
	if (!q->err.set && *n == max)
		sp_fail(&q->err, SP_E_LIMIT, "", "", "more than %zu partition columns", max);
	if (!q->err.set)
		out[(*n)++] = (size_t)at;
	return q->err.set;
}

int lake_save_partitions(struct lake_query *q, size_t *out, size_t max, size_t *n)
{
	struct slice text = lake_save_option(q, "partitionBy");
	json_t *list, *item;
	size_t i;
	*n = 0;
	for (uint32_t k = 0; k < q->stmt->n_partitioning && !q->err.set; k++)
		(void)add_partition(q, q->stmt->partitioning[k].name.parts[0], out, max, n);
	if (!text.n)
		return q->err.set;
	list = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
	if (!json_is_array(list) && !json_is_string(list))
		sp_fail(&q->err, SP_E_ANALYSIS, "", "", "partitionBy is a JSON array of names, not %.*s", SL(text));
	if (json_is_string(list))
		(void)add_partition(q, arena_dup(&q->arena, sl(json_string_value(list))), out, max, n);
	json_array_foreach(list, i, item)
		if (!q->err.set && json_is_string(item))
			(void)add_partition(q, arena_dup(&q->arena, sl(json_string_value(item))), out, max, n);
	json_decref(list);
	if (!q->err.set && *n && *n == q->plan->column_n)
		sp_fail(&q->err, SP_E_ANALYSIS, "ALL_PARTITION_COLUMNS_NOT_ALLOWED", "", "Cannot use all columns for partition columns.");
	return q->err.set;
}

/* ---- analysis ---- */

static void save_free(struct lake_query *q)
{
	struct save *s = q->own;
	if (s->saver)
		lake_saver_free(s->saver);
}

static int set_place(struct lake_query *q, struct save *s)
{
	struct object_path p = { 0 };
	if (lake_path_resolve(&q->task, &q->arena, q->stmt->location, &p, &q->err))
		return 1;
	s->bucket = arena_dup(&q->arena, p.bucket);
	s->path = arena_dup(&q->arena, p.key);
	return 0;
}

static int hive_format(struct lake_query *q)
{
	return sp_fail(&q->err, SP_E_ANALYSIS, "NOT_SUPPORTED_COMMAND_WITHOUT_HIVE_SUPPORT", "0A000", "INSERT OVERWRITE DIRECTORY with the Hive format is not "
		       "supported, if you want to enable it, please set \"spark.sql.catalogImplementation\" to \"hive\".");
}

/* INSERT into a table of files: the plan with the table's columns by their places; its folders stay what they are. */
static int insert_shape(struct lake_query *q, struct save *s)
{
	const struct lake_relation *r = q->target;
	const struct lake_files *f = lake_files_of(r);
	size_t n = r->rel.column_n - 1; /* without _metadata */
	s->mode = q->stmt->overwrite ? LAKE_SAVE_OVERWRITE : LAKE_SAVE_APPEND;
	if (q->stmt->column_list.n || q->stmt->n_partition || q->stmt->by_name || q->stmt->where)
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "INSERT into a table of files takes no columns, no PARTITION and no REPLACE WHERE here");
	if (q->plan->column_n != n)
		return sp_fail(&q->err, SP_E_ANALYSIS, q->plan->column_n < n ? "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS" :
			       "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "21S01", "Cannot write to `spark_catalog`.`%.*s`.`%.*s`, the reason is %s data columns.",
			       SL(q->cx.database), SL(r->ref.name), q->plan->column_n < n ? "not enough" : "too many");
	for (size_t k = 0; k < f->part_n && k < PARTITIONS_MAX; k++)
		s->partition[s->partition_n++] = (size_t)sp_field_find(r->rel.columns, n, f->names[k]);
	return lake_data_cast(q, 0, r->rel.columns, n);
}

static int save_shape(struct lake_query *q)
{
	struct slice how = lake_save_option(q, "partitionOverwriteMode");
	struct save *s = q->own = arena_alloc(&q->arena, sizeof(*s));
	q->own_free = save_free;
	if (!q->stmt->format.p)
		return hive_format(q);
	if (q->stmt->kind == SP_STMT_INSERT ? insert_shape(q, s) : lake_save_mode(q, &s->mode) ||
	    lake_save_partitions(q, s->partition, ARRAY_LEN(s->partition), &s->partition_n))
		return 1;
	if (!how.p)
		how = q->cx.conf(q->cx.self, "spark.sql.sources.partitionOverwriteMode");
	s->dynamic = how.p && sl_eq_nocase(how, S("dynamic")) && s->partition_n;
	if (!q->stmt->location.n && !sl_eq_nocase(q->stmt->format, S("jdbc"))) {
		sp_fail(&q->err, SP_E_RUN, "_LEGACY_ERROR_TEMP_2050", "", "Expected exactly one path to be specified, but got: .");
		q->err.java = "java.lang.IllegalArgumentException";
		return 1;
	}
	if (q->stmt->location.n && set_place(q, s))
		return 1;
	s->saver = lake_saver_new(q, q->stmt->format, s->partition, s->partition_n);
	return !s->saver;
}

/* ---- what is there ---- */

static void refuse(struct lake_query *q, const struct error *err)
{
	struct lake_relation r = { .arena = &q->arena };
	q->rc = lake_relation_fail(&r, err);
	q->err = r.err;
	lake_query_end(q);
}

static bool on_old(void *arg, const struct object_entry *e)
{
	struct lake_query *q = arg;
	struct save *s = q->own;
	struct slice below = sl_from(e->key, s->path.n);
	if (s->path.n && below.n && below.p[0] != '/')
		return true;
	if (q->stmt->kind != SP_STMT_SAVE && sl_eqs(below, "/_table")) /* says that it is a table */
		return true;
	s->there = true;
	if (!below.n && s->path.n)
		return true;
	ARENA_GROW(&q->arena, s->old, s->old_n, s->old_cap);
	s->old[s->old_n++] = arena_dup(&q->arena, e->key);
	s->old_bytes += e->size;
	return true;
}

static int take(struct lake_query *q, const struct sp_batch *b)
{
	return lake_saver_add(((struct save *)q->own)->saver, q, b);
}

static void taken(struct lake_query *q);

static void run(struct lake_query *q)
{
	struct save *s = q->own;
	struct slice shown = q->stmt->location;
	bool named = q->stmt->kind != SP_STMT_SAVE && !q->place.p;
	if (named && s->mode == LAKE_SAVE_ERROR) {
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07", "Cannot create table or view `%.*s`.`%.*s` because it already exists.\n"
				"Choose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects.",
				SL(q->cx.database), SL(q->target->ref.name));
		lake_query_end(q);
	} else if (s->there && s->mode == LAKE_SAVE_ERROR) {
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "PATH_ALREADY_EXISTS", "42K04",
				"Path %s%.*s already exists. Set mode as \"overwrite\" to overwrite the existing path.", shown.n && shown.p[0] == '/' ? "dbfs:" : "", SL(shown));
		lake_query_end(q);
	} else if (s->there && s->mode == LAKE_SAVE_IGNORE) {
		lake_query_end(q);
	} else {
		lake_query_rows(q, take, taken);
	}
}

static void listed(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	struct save *s = q->own;
	if (err && err->def && !strcmp(err->def->code, "NoSuchBucket")) {
		refuse(q, err);
		return;
	}
	if (err) {
		refuse(q, err);
		return;
	}
	delta_uuid(arena_printf(&q->arena, "save|%lld|%.*s|%zu|%lld|%.*s", (long long)clock_now_ms(q->task.l->env->clock), SL(s->path), s->old_n,
				(long long)s->old_bytes, SL(s->old_n ? s->old[s->old_n - 1] : S(""))), s->uuid);
	run(q);
}

/* Nobody else writes there meanwhile. */
static void on_turn(void *arg)
{
	struct lake_query *q = arg;
	struct save *s = q->own;
	lake_await(&q->task, objects_each(&q->task.l->env->ports->objects, s->bucket, s->path, sl(NULL), on_old, listed, q));
}

static void save(struct lake_query *q)
{
	struct save *s = q->own;
	struct error err;
	if (port_needed(q->task.l->env, PORT_OBJECTS, &err))
		refuse(q, &err);
	else if (q->writing.asked) /* of the table whose files they are */
		on_turn(q);
	else
		lake_turn_take(q->task.base, &q->writing, lake_table_key(&q->arena, s->bucket, s->path), false, on_turn, q);
}

/* ---- puts ---- */

static void go_on(struct lake_query *q);

static void on_step(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	struct save *s = q->own;
	s->in_flight--;
	if (err && !q->err.set) {
		struct lake_relation r = { .arena = &q->arena };
		lake_relation_fail(&r, err);
		q->err = r.err;
	}
	go_on(q);
}

static struct slice below(struct lake_query *q, struct slice rest)
{
	struct save *s = q->own;
	return arena_printf(&q->arena, "%.*s%s%.*s", SL(s->path), s->path.n ? "/" : "", SL(rest));
}

static void put_file(struct lake_query *q, struct lake_saved *f)
{
	struct save *s = q->own;
	const struct object_store *o = &q->task.l->env->ports->objects;
	struct slice name = arena_printf(&q->arena, "%.*spart-00000-%s%s000%s", SL(f->folder), s->uuid, s->partition_n ? ".c" : "-c", lake_saver_ending(s->saver));
	lake_await(&q->task, o->put(o->self, s->bucket, below(q, name), sl(NULL), buf_slice(&f->body), sl(NULL), on_step, q));
	buf_free(&f->body);
}

/* Whether an old object goes: all, or (dynamic) those in folders that were written. */
static bool goes(const struct save *s, struct slice key)
{
	struct slice rest = s->path.n ? sl_from(key, s->path.n + 1) : key;
	if (!s->dynamic)
		return true;
	for (size_t i = 0; i < s->n; i++)
		if (sl_starts(rest, s->files[i].folder))
			return true;
	return false;
}

/* The files, then the old ones, then the mark that it is done. */
static bool step(struct lake_query *q)
{
	struct save *s = q->own;
	const struct object_store *o = &q->task.l->env->ports->objects;
	size_t old_n = s->mode == LAKE_SAVE_OVERWRITE ? s->old_n : 0;
	if (s->next < s->n) {
		put_file(q, &s->files[s->next++]);
		return true;
	}
	if (s->next == s->n && s->in_flight)
		return false;
	while (s->next - s->n < old_n && !goes(s, s->old[s->next - s->n]))
		s->next++;
	if (s->next - s->n < old_n) {
		lake_await(&q->task, o->del(o->self, s->bucket, s->old[s->next++ - s->n], on_step, q));
		return true;
	}
	if (s->in_flight || s->marked)
		return false;
	s->marked = true;
	lake_await(&q->task, o->put(o->self, s->bucket, below(q, S("_SUCCESS")), sl(NULL), S(""), sl(NULL), on_step, q));
	return true;
}

static void go_on(struct lake_query *q)
{
	struct save *s = q->own;
	while (!q->err.set && s->in_flight < IN_FLIGHT && step(q))
		s->in_flight++;
	if (s->in_flight)
		return;
	if (q->place.p && !q->err.set)
		lake_place_put(q, lake_query_end);
	else
		lake_query_end(q);
}

static void end_work(void *arg)
{
	struct lake_query *q = arg;
	q->rc = lake_saver_end(((struct save *)q->own)->saver, q);
}

static void end_done(void *arg)
{
	struct lake_query *q = arg;
	struct save *s = q->own;
	s->files = lake_saver_files(s->saver, &s->n);
	if (q->rc)
		lake_query_end(q);
	else
		go_on(q);
}

static void taken(struct lake_query *q)
{
	if (q->rc)
		lake_query_end(q);
	else
		lake_job(&q->task, end_work, end_done, q);
}

const struct lake_doing lake_doings_save[] = {
	{ SP_STMT_SAVE, .analyses = true, .runs = true, .shape = save_shape, .start = save },
	{ -1 },
};
