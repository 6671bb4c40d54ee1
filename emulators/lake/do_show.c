/* What there is: SHOW, DESCRIBE of tables, views, databases, functions. */
#include "lake/query.h"
#include "lake/table.h"

#define COLUMN(name, kind, can) { { name, sizeof(name) - 1 }, &sp_types[kind], can, { NULL, 0 }, { NULL, 0 } }
#define TEXT(name) COLUMN(name, SP_STRING, false)

static struct sp_value text(struct slice s)
{
	return s.p ? (struct sp_value){ .s = s } : SP_NULL_VALUE;
}

/* ---- patterns: * any, | or, case ignored ---- */

static bool one_pattern(struct slice p, struct slice s)
{
	while (p.n && p.p[0] != '*') {
		if (!s.n || ((p.p[0] | 32) != (s.p[0] | 32) && p.p[0] != s.p[0] && p.p[0] != '.'))
			return false;
		p = sl_from(p, 1);
		s = sl_from(s, 1);
	}
	if (!p.n)
		return !s.n;
	for (size_t i = 0; i <= s.n; i++)
		if (one_pattern(sl_from(p, 1), sl_from(s, i)))
			return true;
	return false;
}

static bool matches(struct slice pattern, struct slice name)
{
	struct slice one;
	if (!pattern.p)
		return true;
	while (pattern.p) {
		sl_cut(pattern, '|', &one, &pattern);
		if (one_pattern(sl_trim(one), name))
			return true;
	}
	return false;
}

/* ---- SHOW TABLES, SHOW VIEWS ---- */

static const struct sp_field table_columns[] = { TEXT("namespace"), TEXT("tableName"), COLUMN("isTemporary", SP_BOOLEAN, false) };
static const struct sp_field view_columns[] = { TEXT("namespace"), TEXT("viewName"), COLUMN("isTemporary", SP_BOOLEAN, false) };

struct showing {
	struct lake_finder finder;
	struct slice database;
	const struct sp_field *columns;
};

static void showing_free(struct lake_query *q)
{
	lake_finder_free(&((struct showing *)q->own)->finder);
}

static void show_one(struct lake_query *q, struct slice space, struct slice name, bool temporary)
{
	struct showing *t = q->own;
	struct sp_value v[] = { text(space), text(name), { .i = temporary } };
	if (matches(q->stmt->pattern, name))
		lake_answer_row(q, t->columns, 3, v);
}

/* In the order of their names. */
static void show_views(struct lake_query *q, const struct lake_view *views, struct slice space)
{
	struct slice last = sl(NULL);
	for (;;) {
		const struct lake_view *next = NULL;
		for (const struct lake_view *v = views; v; v = v->next)
			if ((!last.p || sl_cmp(v->name, last) > 0) && (!next || sl_cmp(v->name, next->name) < 0) && lake_view_find(views, v->name) == v)
				next = v;
		if (!next)
			return;
		show_one(q, space, next->name, true);
		last = next->name;
	}
}

static void on_table(void *arg, struct slice name)
{
	struct lake_query *q = arg;
	if (!sl_ends(name, S(".db")))
		show_one(q, ((struct showing *)q->own)->database, name, false);
}

static void shown(struct lake_query *q)
{
	show_views(q, q->spark->views, S(""));
	lake_answer_end(q);
	lake_query_end(q);
}

static void found(void *arg)
{
	struct lake_query *q = arg;
	struct showing *t = q->own;
	struct lake_relation r = { .arena = &q->arena };
	if (t->finder.err.kind) {
		q->rc = lake_relation_fail(&r, &t->finder.err);
		q->err = r.err;
		lake_query_end(q);
		return;
	}
	shown(q);
}

static struct showing *showing_new(struct lake_query *q, const struct sp_field *columns)
{
	struct showing *t = arena_alloc(&q->arena, sizeof(*t));
	q->own = t;
	q->own_free = showing_free;
	t->columns = columns;
	t->database = q->stmt->name.n ? q->stmt->name.parts[q->stmt->name.n - 1] : q->spark->database;
	lake_answer_head(q, columns, 3);
	return t;
}

static void show_tables_there(struct lake_query *q);

static void show_tables(struct lake_query *q)
{
	struct slice name = q->stmt->name.n ? q->stmt->name.parts[q->stmt->name.n - 1] : q->spark->database;
	if (sl_eq_nocase(name, S("global_temp")))
		show_tables_there(q);
	else
		lake_query_database(q, name, show_tables_there);
}

static void show_tables_there(struct lake_query *q)
{
	struct showing *t = showing_new(q, table_columns);
	if (sl_eq_nocase(t->database, S("global_temp")))
		show_views(q, q->globals, S("global_temp"));
	if (!q->task.l->env->ports->objects.self || sl_eq_nocase(t->database, S("global_temp"))) {
		shown(q);
		return;
	}
	t->finder = (struct lake_finder){ .task = &q->task, .each = on_table, .done = found, .arg = q };
	if (!sl_eq_nocase(t->database, S("default")))
		t->finder.below = arena_printf(&q->arena, "%.*s.db/", SL(t->database));
	lake_finder_start(&t->finder);
}

static int show_views_only(struct lake_query *q)
{
	struct showing *t = showing_new(q, view_columns);
	if (sl_eq_nocase(t->database, S("global_temp")))
		show_views(q, q->globals, S("global_temp"));
	show_views(q, q->spark->views, S(""));
	lake_answer_end(q);
	return 0;
}

/* ---- names that are few ---- */

static int show_list(struct lake_query *q, const char *column, const char *const *names, size_t n)
{
	const struct sp_field one = { .name = sl(column), .type = &sp_types[SP_STRING] };
	lake_answer_head(q, &one, 1);
	for (size_t i = 0; i < n; i++) {
		struct sp_value v = text(sl(names[i]));
		if (matches(q->stmt->pattern, sl(names[i])))
			lake_answer_row(q, &one, 1, &v);
	}
	lake_answer_end(q);
	return 0;
}

static int show_catalogs(struct lake_query *q)
{
	static const char *const names[] = { "spark_catalog" };
	return show_list(q, "catalog", names, ARRAY_LEN(names));
}

static int show_current(struct lake_query *q)
{
	static const struct sp_field columns[] = { TEXT("catalog"), TEXT("namespace") };
	struct sp_value v[] = { text(S("spark_catalog")), text(q->spark->database) };
	lake_answer_head(q, columns, 2);
	lake_answer_row(q, columns, 2, v);
	lake_answer_end(q);
	return 0;
}

/* Folders NAME.db below tables/. */
struct databases {
	struct slice last;
};

static bool on_object(void *arg, const struct object_entry *e)
{
	struct lake_query *q = arg;
	struct databases *t = q->own;
	const struct sp_field one = TEXT("namespace");
	struct slice folder, rest;
	struct sp_value v;
	if (!sl_cut(sl_from(e->key, strlen(LAKE_TABLES)), '/', &folder, &rest) || !sl_ends(folder, S(".db")) || sl_eq(folder, t->last))
		return true;
	t->last = arena_dup(&q->arena, folder);
	v = text(sl_of(t->last.p, t->last.n - 3));
	if (matches(q->stmt->pattern, v.s))
		lake_answer_row(q, &one, 1, &v);
	return true;
}

static void listed(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	lake_answer_end(q);
	lake_query_end(q);
}

static void show_databases(struct lake_query *q)
{
	struct lake *l = q->task.l;
	const struct sp_field one = TEXT("namespace");
	struct sp_value v = text(S("default"));
	q->own = arena_alloc(&q->arena, sizeof(struct databases));
	lake_answer_head(q, &one, 1);
	if (matches(q->stmt->pattern, v.s))
		lake_answer_row(q, &one, 1, &v);
	if (l->env->ports->objects.self)
		lake_await(&q->task, objects_each(&l->env->ports->objects, sl(l->bucket), S(LAKE_TABLES), sl(NULL), on_object, listed, q));
	else
		listed(q, NULL);
}

/* ---- functions ---- */

static int show_functions(struct lake_query *q)
{
	static const struct sp_field one = TEXT("function");
	size_t n;
	const struct sp_function *const *all = sp_functions_all(&n);
	lake_answer_head(q, &one, 1);
	for (size_t i = 0; i < n; i++) {
		struct sp_value v = text(sl(all[i]->name));
		if (!(all[i]->flags & SP_F_HIDDEN) && all[i]->name[0] != '_' && matches(q->stmt->pattern, v.s) && !sl_eqs(q->stmt->text, "USER"))
			lake_answer_row(q, &one, 1, &v);
	}
	lake_answer_end(q);
	return 0;
}

static int describe_function(struct lake_query *q)
{
	static const struct sp_field one = TEXT("function_desc");
	struct slice name = q->stmt->name.n ? q->stmt->name.parts[q->stmt->name.n - 1] : q->stmt->text;
	const struct sp_function *f = sp_function_find(name);
	struct slice lines[2];
	if (!f)
		return sp_fail(&q->err, SP_E_ANALYSIS, "UNRESOLVED_ROUTINE", "42883",
			       "Cannot resolve function `%.*s` on search path [`system`.`builtin`, `system`.`session`, `spark_catalog`.`%.*s`].", SL(name),
			       SL(q->spark->database));
	lines[0] = arena_printf(&q->arena, "Function: %s", f->name);
	lines[1] = arena_printf(&q->arena, "Usage: %s", f->doc ? f->doc : "");
	lake_answer_head(q, &one, 1);
	for (size_t i = 0; i < 2; i++) {
		struct sp_value v = text(lines[i]);
		lake_answer_row(q, &one, 1, &v);
	}
	lake_answer_end(q);
	return 0;
}

/* ---- DESCRIBE TABLE, SHOW COLUMNS: of a plan TABLE name, so that views are served as well ---- */

static const struct sp_field describe_columns[] = { TEXT("col_name"), TEXT("data_type"), COLUMN("comment", SP_STRING, true) };

static void row3(struct lake_query *q, struct slice a, struct slice b, struct slice c)
{
	struct sp_value v[] = { text(a), text(b), text(c) };
	lake_answer_row(q, describe_columns, 3, v);
}

/* The temporary view that the statement names; NULL: it isn't one. */
static const struct lake_view *named_view(const struct lake_query *q)
{
	const struct sp_name *n = &q->stmt->name;
	bool global = n->n == 2 && sl_eq_nocase(n->parts[0], S("global_temp"));
	return n->n == 1 || global ? lake_view_find(global ? q->globals : q->spark->views, n->parts[n->n - 1]) : NULL;
}

static struct slice comment_of(const struct lake_query *q, size_t column)
{
	const struct lake_view *v = named_view(q);
	const struct lake_relation *r = q->relations;
	if (!v && r && !r->next && !r->missing) {
		ssize_t at = sp_field_find(r->rel.columns, r->rel.column_n, q->plan->columns[column].name);
		return at >= 0 ? r->rel.columns[at].comment : sl(NULL);
	}
	return v && v->comments && column < v->column_n ? v->comments[column] : q->plan->columns[column].comment;
}

/* DESCRIBE t column */
static int describe_column(struct lake_query *q)
{
	static const struct sp_field columns[] = { TEXT("info_name"), COLUMN("info_value", SP_STRING, true) };
	const struct sp_name *c = &q->stmt->column;
	ssize_t at = sp_field_find(q->plan->columns, q->plan->column_n, c->parts[0]);
	struct buf type = { 0 };
	struct sp_value rows[3][2];
	if (c->n > 1)
		return sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1060", "", "DESC TABLE COLUMN does not support nested column: %.*s.",
			       SL(sl_of(q->sql.p + c->at, c->end - c->at)));
	if (at < 0) {
		struct sp_name whole = *c;
		whole.at = 0;
		whole.end = (uint32_t)q->sql.n;
		return sp_unresolved_column(&q->arena, &whole, q->plan->columns, q->plan->column_n, &q->err);
	}
	sp_type_simple(&type, q->plan->columns[at].type);
	rows[0][0] = text(S("col_name"));
	rows[0][1] = text(q->plan->columns[at].name);
	rows[1][0] = text(S("data_type"));
	rows[1][1] = text(buf_slice(&type));
	rows[2][0] = text(S("comment"));
	rows[2][1] = text(comment_of(q, (size_t)at));
	lake_answer_head(q, columns, 2);
	for (size_t i = 0; i < 3; i++)
		lake_answer_row(q, columns, 2, rows[i]);
	lake_answer_end(q);
	buf_free(&type);
	return 0;
}

static int describe_table(struct lake_query *q)
{
	struct buf type = { 0 };
	if (q->stmt->column.n)
		return describe_column(q);
	lake_answer_head(q, describe_columns, 3);
	for (size_t i = 0; i < q->plan->column_n; i++) {
		const struct sp_field *f = &q->plan->columns[i];
		buf_reset(&type);
		sp_type_simple(&type, f->type);
		row3(q, f->name, buf_slice(&type), comment_of(q, i));
	}
	buf_free(&type);
	for (const struct lake_relation *r = named_view(q) ? NULL : q->relations; r; r = r->next)
		if (!r->missing)
			lake_describe_relation(q, r);
	lake_answer_end(q);
	return 0;
}

/* The partition columns of a table, and (EXTENDED) where and what it is. */
void lake_describe_relation(struct lake_query *q, const struct lake_relation *r)
{
	const struct delta_snapshot *s = lake_relation_snapshot(r);
	struct buf type = { 0 };
	if (s && s->meta.partition_n) {
		row3(q, S("# Partition Information"), S(""), S(""));
		row3(q, S("# col_name"), S("data_type"), S("comment"));
		for (size_t i = 0; i < s->meta.partition_n; i++) {
			ssize_t at = sp_field_find(r->rel.columns, r->rel.column_n, s->meta.partition[i]);
			buf_reset(&type);
			if (at >= 0)
				sp_type_simple(&type, r->rel.columns[at].type);
			row3(q, s->meta.partition[i], buf_slice(&type), at >= 0 ? r->rel.columns[at].comment : sl(NULL));
		}
	}
	buf_free(&type);
	if (!q->stmt->extended && !q->stmt->formatted)
		return;
	row3(q, S(""), S(""), S(""));
	row3(q, S("# Detailed Table Information"), S(""), S(""));
	row3(q, S("Catalog"), S("spark_catalog"), S(""));
	row3(q, S("Database"), q->cx.database, S(""));
	row3(q, S("Table"), r->ref.name, S(""));
	row3(q, S("Type"), S("MANAGED"), S(""));
	row3(q, S("Location"), arena_printf(&q->arena, "s3://%.*s/%.*s", SL(r->ref.bucket), SL(r->ref.path)), S(""));
	row3(q, S("Provider"), sl(r->format->name), S(""));
}

static int show_columns(struct lake_query *q)
{
	static const struct sp_field one = TEXT("col_name");
	lake_answer_head(q, &one, 1);
	for (size_t i = 0; i < q->plan->column_n; i++) {
		struct sp_value v = text(q->plan->columns[i].name);
		lake_answer_row(q, &one, 1, &v);
	}
	lake_answer_end(q);
	return 0;
}

const struct lake_doing lake_doings_show[] = {
	{ SP_STMT_SHOW_TABLES, .start = show_tables },
	{ SP_STMT_SHOW_VIEWS, .work = show_views_only },
	{ SP_STMT_SHOW_CATALOGS, .work = show_catalogs },
	{ SP_STMT_SHOW_CURRENT, .work = show_current },
	{ SP_STMT_SHOW_DATABASES, .start = show_databases },
	{ SP_STMT_SHOW_FUNCTIONS, .work = show_functions },
	{ SP_STMT_DESCRIBE_FUNCTION, .work = describe_function },
	{ SP_STMT_DESCRIBE_TABLE, .analyses = true, .names = true, .work = describe_table },
	{ SP_STMT_SHOW_COLUMNS, .analyses = true, .names = true, .work = show_columns },
	{ -1 },
};
