/* Statements about the session: SET, USE, temporary views, CACHE. */
#include "lake/frame.h"

#define TEXT(name, can) { { name, sizeof(name) - 1 }, &sp_types[SP_STRING], can, { NULL, 0 }, { NULL, 0 } }

/* ---- SET ---- */

static const struct sp_field pair[] = { TEXT("key", false), TEXT("value", false) };
static const struct sp_field triple[] = { TEXT("key", false), TEXT("value", false), TEXT("meaning", false), TEXT("Since version", false) };

static void each_setting(void *arg, struct slice key, struct slice value, struct slice doc)
{
	struct lake_query *q = arg;
	struct sp_value v[4] = { { .s = key }, { .s = value }, { .s = doc }, { .s = S("") } };
	if (q->stmt->show_all)
		lake_answer_row(q, triple, ARRAY_LEN(triple), v);
	else
		lake_answer_row(q, pair, ARRAY_LEN(pair), v);
}

static void show_pair(struct lake_query *q, struct slice key, struct slice value)
{
	struct sp_value v[2] = { { .s = key }, { .s = value } };
	lake_answer_head(q, pair, ARRAY_LEN(pair));
	lake_answer_row(q, pair, ARRAY_LEN(pair), v);
	lake_answer_end(q);
}

static int set(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	struct slice value;
	if (!s->key.p) {
		lake_answer_head(q, s->show_all ? triple : pair, s->show_all ? ARRAY_LEN(triple) : ARRAY_LEN(pair));
		lake_spark_settings(q->spark, each_setting, q);
		lake_answer_end(q);
		return 0;
	}
	if (s->value.p && lake_spark_set(q->spark, s->key, s->value, &q->err))
		return 1;
	value = lake_spark_setting(q->spark, s->key);
	show_pair(q, s->key, value.p ? value : S("<undefined>"));
	return 0;
}

static int set_time_zone(struct lake_query *q)
{
	const struct slice key = S("spark.sql.session.timeZone");
	struct slice zone = q->stmt->text;
	if (q->stmt->body && q->stmt->body->kind == SP_EX_LITERAL) { /* INTERVAL 1 HOUR */
		int64_t s = q->stmt->body->lit.interval.micros / 1000000, a = s < 0 ? -s : s;
		zone = arena_printf(&q->arena, "%c%02d:%02d:%02d", s < 0 ? '-' : '+', (int)(a / 3600), (int)(a / 60 % 60), (int)(a % 60));
	} else if (!zone.p) {
		zone = S("UTC");
	}
	if (lake_spark_set(q->spark, key, zone, &q->err))
		return 1;
	show_pair(q, key, lake_spark_setting(q->spark, key));
	return 0;
}

static int reset(struct lake_query *q)
{
	lake_spark_unset(q->spark, q->stmt->key);
	return 0;
}

/* ---- views ---- */

static struct lake_view *view_new(struct arena *a, const struct lake_query *q, struct slice name)
{
	const struct sp_stmt *s = q->stmt;
	struct lake_view *v = arena_alloc(a, sizeof(*v));
	v->name = arena_dup(a, name);
	v->text = arena_dup(a, s->query_text);
	v->column_n = s->n_columns;
	v->columns = v->column_n ? arena_alloc(a, v->column_n * sizeof(*v->columns)) : NULL;
	v->comments = v->column_n ? arena_alloc(a, v->column_n * sizeof(*v->comments)) : NULL;
	for (size_t i = 0; i < v->column_n; i++) {
		v->columns[i] = arena_dup(a, s->columns[i].name.parts[0]);
		v->comments[i] = s->columns[i].comment.p ? arena_dup(a, s->columns[i].comment) : sl(NULL);
	}
	return v;
}

static int view_exists(struct lake_query *q, struct slice name)
{
	return sp_fail(&q->err, SP_E_ANALYSIS, "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", "42P07",
		       "Cannot create the temporary view `%.*s` because it already exists.\n"
		       "Choose a different name, drop or replace the existing view,  or add the IF NOT EXISTS clause to tolerate pre-existing views.",
		       SL(name));
}

/* In the session's own list a view is replaced; in the global one, which others read, a newer one comes before it. */
static void keep_view(struct lake_query *q, struct slice name, bool global)
{
	struct lake *l = q->task.l;
	struct lake_view *v, **at = &q->spark->views;
	if (global) {
		v = view_new(&l->view_arena, q, name);
		v->next = (struct lake_view *)(uintptr_t)l->global_views;
		if (q->asks == LAKE_ASKS_VIEW && q->used_n == 1 && (v->frame = lake_frame_of(q->spark, q->used[0]))) {
			v->owner = q->spark;
			v->owner->refs++;
		}
		l->global_views = v;
		return;
	}
	while (*at && !sl_eq_nocase((*at)->name, name))
		at = &(*at)->next;
	v = view_new(&q->spark->arena, q, name);
	v->next = *at ? (*at)->next : NULL;
	*at = v;
}

/* Columns given and columns there are: not as many. */
static int wrong_columns(struct lake_query *q, struct slice name)
{
	const struct sp_stmt *s = q->stmt;
	bool few = s->n_columns > q->plan->column_n;
	struct buf b = { 0 };
	int rc;
	for (uint32_t i = 0; i < s->n_columns; i++)
		buf_addf(&b, "%s`%.*s`", i ? ", " : "", SL(s->columns[i].name.parts[0]));
	buf_adds(&b, ".\nData columns: ");
	for (size_t i = 0; i < q->plan->column_n; i++)
		buf_addf(&b, "%s`%.*s`", i ? ", " : "", SL(q->plan->columns[i].name));
	rc = sp_fail(&q->err, SP_E_ANALYSIS,
		     few ? "CREATE_VIEW_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS" : "CREATE_VIEW_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "21S01",
		     "Cannot create view `%.*s`, the reason is %s data columns:\nView columns: %s.", SL(name), few ? "not enough" : "too many", buf_cstr(&b));
	buf_free(&b);
	return rc;
}

/* Two columns of one name can't be a view's. */
static int same_columns(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	for (size_t i = 1; i < q->plan->column_n; i++)
		for (size_t k = 0; k < i; k++) {
			struct slice a = s->n_columns ? s->columns[i].name.parts[0] : q->plan->columns[i].name;
			struct slice b = s->n_columns ? s->columns[k].name.parts[0] : q->plan->columns[k].name;
			if (sl_eq_nocase(a, b))
				return sp_fail(&q->err, SP_E_ANALYSIS, "COLUMN_ALREADY_EXISTS", "42711", "The column `%.*s` already exists. Consider to choose "
					       "another name or rename the existing column.", SL(a));
		}
	return 0;
}

static void create_view(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	struct slice name = s->name.parts[s->name.n - 1];
	bool there = lake_view_find(s->global ? q->task.l->global_views : q->spark->views, name) != NULL;
	if (!s->temporary && !s->global)
		q->rc = sp_fail(&q->err, SP_E_UNSERVED, "", "", "CREATE VIEW isn't served here: temporary and global temporary views are");
	else if (s->name.n > 1 && !(s->global && sl_eq_nocase(s->name.parts[0], S("global_temp"))))
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", "428EK",
				"CREATE TEMPORARY VIEW or the corresponding Dataset APIs only accept single-part view names, but got: %.*s.",
				SL(sl_of(q->sql.p + s->name.at, s->name.end - s->name.at)));
	else if (s->n_columns && s->n_columns != q->plan->column_n)
		q->rc = wrong_columns(q, name);
	else if (!q->used_n && same_columns(q)) /* a DataFrame's may */
		q->rc = 1;
	else if (there && s->or_replace && q->reads_itself)
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "RECURSIVE_VIEW", "", "Recursive view `%.*s` detected (cycle: `%.*s` -> `%.*s`).", SL(name), SL(name), SL(name));
	else if (there && !s->or_replace && !s->if_not_exists)
		q->rc = view_exists(q, name);
	else if (!there || s->or_replace)
		keep_view(q, name, s->global);
	q->globals = q->task.l->global_views;
	lake_query_end(q);
}

/* CREATE TEMPORARY VIEW v USING json OPTIONS (path '...'): a view of read_files. */
static void create_view_using(struct lake_query *q)
{
	struct sp_stmt *s = q->stmt;
	struct buf b = { 0 };
	struct slice path = sl(NULL);
	for (size_t i = 0; i < s->options.n; i++)
		if (sl_eq_nocase(s->options.v[i].key, S("path")))
			path = s->options.v[i].value;
	buf_adds(&b, "SELECT * FROM read_files(r'");
	buf_addsl(&b, path.p ? path : S(""));
	buf_addf(&b, "', format => '%.*s'", SL(s->format));
	for (size_t i = 0; i < s->options.n; i++)
		if (!sl_eq_nocase(s->options.v[i].key, S("path")))
			buf_addf(&b, ", `%.*s` => r'%.*s'", SL(s->options.v[i].key), SL(s->options.v[i].value));
	buf_addc(&b, ')');
	s->query_text = arena_dup(&q->arena, buf_slice(&b));
	buf_free(&b);
	s->n_columns = 0;
	if (lake_view_find(q->spark->views, s->name.parts[0]) && !s->or_replace)
		q->rc = view_exists(q, s->name.parts[0]);
	else
		keep_view(q, s->name.parts[s->name.n - 1], s->global);
	q->globals = q->task.l->global_views;
	lake_query_end(q);
}

/* ALTER VIEW v AS query: of a temporary view. */
static void alter_view(struct lake_query *q)
{
	struct slice name = q->stmt->name.parts[q->stmt->name.n - 1];
	bool global = q->stmt->name.n == 2 && sl_eq_nocase(q->stmt->name.parts[0], S("global_temp"));
	if (lake_view_find(global ? q->task.l->global_views : q->stmt->name.n == 1 ? q->spark->views : NULL, name))
		keep_view(q, name, global);
	else
		q->rc = lake_query_no_table(q);
	q->globals = q->task.l->global_views;
	lake_query_end(q);
}

int lake_query_no_table(struct lake_query *q)
{
	const struct sp_name *n = &q->stmt->name;
	struct slice database = n->n > 1 ? n->parts[n->n - 2] : q->spark->database;
	return sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_NOT_FOUND", "42P01", "The table or view `spark_catalog`.`%.*s`.`%.*s` cannot be found. Verify the "
		       "spelling and correctness of the schema and catalog.\nIf you did not qualify the name with a schema, verify the current_schema() output, or "
		       "qualify the name with the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.",
		       SL(database), SL(n->parts[n->n - 1]));
}

static bool drop_from(struct lake_view **at, struct slice name)
{
	while (*at && !sl_eq_nocase((*at)->name, name))
		at = &(*at)->next;
	if (!*at)
		return false;
	*at = (*at)->next;
	return true;
}

static void drop_view(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	struct lake *l = q->task.l;
	struct slice name = s->name.parts[s->name.n - 1];
	bool global = s->name.n == 2 && sl_eq_nocase(s->name.parts[0], S("global_temp"));
	bool gone = false;
	if (global && lake_view_find(l->global_views, name)) {
		struct lake_view *v = arena_alloc(&l->view_arena, sizeof(*v));
		*v = (struct lake_view){ .name = arena_dup(&l->view_arena, name), .gone = true, .next = (struct lake_view *)(uintptr_t)l->global_views };
		l->global_views = v;
		gone = true;
	} else if (s->name.n == 1) {
		gone = drop_from(&q->spark->views, name);
	}
	if (!gone && !s->if_exists)
		q->rc = lake_query_no_table(q);
	q->globals = l->global_views;
	lake_query_end(q);
}

/* ---- USE, CACHE, REFRESH ---- */

/* A database is "default", or a folder NAME.db below tables/ with anything in it. */
struct looking {
	bool there;
	struct slice name;
	void (*then)(struct lake_query *q);
};

static bool on_object(void *arg, const struct object_entry *e)
{
	((struct looking *)((struct lake_query *)arg)->own)->there = true;
	return false;
}

static void looked(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	const struct looking x = *(struct looking *)q->own;
	q->own = NULL;
	if (x.there) {
		x.then(q);
		return;
	}
	q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "SCHEMA_NOT_FOUND", "42704",
			"The schema `%.*s` cannot be found. Verify the spelling and correctness of the schema and catalog.\n"
			"If you did not qualify the name with a catalog, verify the current_schema() output, or qualify the name with the correct catalog.\n"
			"To tolerate the error on drop use DROP SCHEMA IF EXISTS.", SL(x.name));
	lake_query_end(q);
}

void lake_query_database(struct lake_query *q, struct slice name, void (*then)(struct lake_query *q))
{
	struct lake *l = q->task.l;
	struct looking *x = arena_alloc(&q->arena, sizeof(*x));
	if (sl_eq_nocase(name, S("default"))) {
		then(q);
		return;
	}
	*x = (struct looking){ .name = name, .then = then };
	q->own = x;
	if (l->env->ports->objects.self)
		lake_await(&q->task, objects_each(&l->env->ports->objects, sl(l->bucket), arena_printf(&q->arena, "tables/%.*s.db/", SL(name)), sl(NULL),
						  on_object, looked, q));
	else
		looked(q, NULL);
}

static void use_it(struct lake_query *q)
{
	q->spark->database = arena_dup(&q->spark->arena, q->stmt->name.parts[q->stmt->name.n - 1]);
	lake_query_end(q);
}

static void use(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	struct slice name = s->name.n ? s->name.parts[s->name.n - 1] : S("default");
	bool ours = sl_eq_nocase(name, S("spark_catalog")) || sl_eq_nocase(name, S("hive_metastore"));
	if (s->catalog && !ours)
		q->rc = sp_fail(&q->err, SP_E_ANALYSIS, "", "", "Catalog '%.*s' plugin class not found: spark.sql.catalog.%.*s is not defined", SL(name), SL(name));
	if (s->catalog || (s->name.n == 1 && ours && !s->database))
		lake_query_end(q);
	else
		lake_query_database(q, name, use_it);
}

/* What is cached makes no difference to an answer: columns that were read stay as long as there is room. CACHE TABLE v AS q makes a view. */
static void cache(struct lake_query *q)
{
	if (q->stmt->query_text.p) {
		if (lake_view_find(q->spark->views, q->stmt->name.parts[0]))
			q->rc = view_exists(q, q->stmt->name.parts[0]);
		else
			keep_view(q, q->stmt->name.parts[0], false);
	}
	lake_query_end(q);
}

/* The query behind AS, else the relation that is named; none for a path, and where it needn't be there. */
static const struct sp_query *named_or_query(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	return s->query ? s->query : s->name.n && !s->if_exists ? lake_query_named(q) : NULL;
}

static int nothing(struct lake_query *q)
{
	return 0;
}

const struct lake_doing lake_doings_session[] = {
	{ SP_STMT_SET, .work = set },
	{ SP_STMT_SET_TIME_ZONE, .work = set_time_zone },
	{ SP_STMT_RESET, .work = reset },
	{ SP_STMT_ALTER_VIEW_AS, .analyses = true, .start = alter_view },
	{ SP_STMT_CREATE_VIEW, .analyses = true, .start = create_view },
	{ SP_STMT_CREATE_VIEW_USING, .start = create_view_using },
	{ SP_STMT_DROP_VIEW, .start = drop_view },
	{ SP_STMT_USE, .start = use },
	{ SP_STMT_CACHE, .analyses = true, .query = named_or_query, .start = cache },
	{ SP_STMT_UNCACHE, .analyses = true, .query = named_or_query, .work = nothing },
	{ SP_STMT_CLEAR_CACHE, .work = nothing },
	{ SP_STMT_REFRESH, .analyses = true, .query = named_or_query, .work = nothing },
	{ SP_STMT_ANALYZE, .analyses = true, .query = named_or_query, .work = nothing },
	{ -1 },
};
