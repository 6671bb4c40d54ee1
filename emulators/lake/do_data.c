/* INSERT, DELETE, UPDATE, TRUNCATE. What PySpark's writers are in SQL: save.h. */
#include "core/json.h"
#include "lake/data.h"

/* ---- making trees ---- */

static struct sp_ex *new_ex(struct arena *a, enum sp_ex_kind kind, uint32_t at, uint32_t end)
{
	struct sp_ex *e = arena_alloc(a, sizeof(*e));
	e->kind = (uint8_t)kind;
	e->at = at;
	e->end = end;
	return e;
}

struct sp_ex *lake_ex_name(struct arena *a, struct slice table, struct slice column)
{
	struct sp_ex *e = new_ex(a, SP_EX_NAME, 0, 0);
	e->name.parts = arena_alloc(a, 2 * sizeof(*e->name.parts));
	if (table.p)
		e->name.parts[e->name.n++] = table;
	e->name.parts[e->name.n++] = column;
	return e;
}

struct sp_ex *lake_ex_alias(struct arena *a, struct sp_ex *of, struct slice name)
{
	struct sp_ex *e = new_ex(a, SP_EX_ALIAS, of->at, of->end);
	e->alias.a = of;
	e->alias.name = name;
	return e;
}

struct sp_query *lake_ex_select(struct arena *a, struct sp_rel *from, size_t item_n)
{
	struct sp_query *q = arena_alloc(a, sizeof(*q));
	q->kind = SP_QUERY_SELECT;
	q->select = arena_alloc(a, sizeof(*q->select));
	q->select->from = from;
	q->select->items.v = arena_alloc(a, (item_n + 1) * sizeof(*q->select->items.v));
	return q;
}

void lake_ex_add(struct sp_query *q, struct sp_ex *item)
{
	q->select->items.v[q->select->items.n++] = item;
}

/* The target as a relation of a query, under the name by which the statement's expressions know it. */
struct sp_rel *lake_ex_target(struct lake_query *q)
{
	struct sp_rel *r = arena_alloc(&q->arena, sizeof(*r));
	r->kind = SP_REL_TABLE;
	r->at = q->stmt->name.at;
	r->end = q->stmt->name.end;
	r->alias = q->stmt->alias;
	r->table.name = q->stmt->name;
	return r;
}

struct slice lake_ex_target_name(const struct lake_query *q)
{
	return q->stmt->alias.name.p ? q->stmt->alias.name : q->stmt->name.parts[q->stmt->name.n - 1];
}

int lake_target_there(struct lake_query *q)
{
	const struct sp_name *name = &q->stmt->name;
	struct buf b = { 0 };
	if (!q->target->missing)
		return 0;
	for (uint32_t i = 0; i < name->n; i++)
		buf_addf(&b, "%s`%.*s`", i ? "." : "", SL(name->parts[i]));
	sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_NOT_FOUND", "42P01",
		"The table or view %.*s cannot be found. Verify the spelling and correctness of the schema and catalog.\n"
		"If you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema and "
		"catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.", SL(buf_slice(&b)));
	sp_fail_at(&q->err, name->at, name->end);
	buf_free(&b);
	return 1;
}

/* ---- INSERT ---- */

/* How many of PARTITION (a = 1, b) have values: they come behind the query's own columns. */
static size_t static_n(const struct sp_stmt *s)
{
	size_t n = 0;
	for (uint32_t i = 0; i < s->n_partition; i++)
		n += s->partition[i].value != NULL;
	return n;
}

static int check_partition(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	const struct lake_data *d = lake_data(q);
	for (uint32_t i = 0; i < s->n_partition; i++) {
		bool is = false;
		for (size_t k = 0; k < d->to.partition_n; k++)
			is |= sl_eq_nocase(d->to.partition[k], s->partition[i].name);
		if (!is)
			return sp_fail(&q->err, SP_E_ANALYSIS, "NON_PARTITION_COLUMN", "42000", "PARTITION clause cannot contain the non-partition column: `%.*s`.",
				       SL(s->partition[i].name));
	}
	return 0;
}

/* The statement's query; SELECT *, 1 AS a FROM (query) where PARTITION (a = 1) gives values. */
static struct sp_query *new_rows(struct lake_query *q)
{
	struct arena *a = &q->arena;
	const struct sp_stmt *s = q->stmt;
	struct sp_rel *from;
	struct sp_query *out;
	if (static_n(s) == 0)
		return s->query;
	from = arena_alloc(a, sizeof(*from));
	*from = (struct sp_rel){ .kind = SP_REL_QUERY, .query = s->query, .at = s->query->at, .end = s->query->end, .alias.name = sl(NULL) };
	out = lake_ex_select(a, from, 1 + s->n_partition);
	lake_ex_add(out, new_ex(a, SP_EX_STAR, s->query->at, s->query->at));
	for (uint32_t i = 0; i < s->n_partition; i++)
		if (s->partition[i].value)
			lake_ex_add(out, lake_ex_alias(a, s->partition[i].value, s->partition[i].name));
	return out;
}

/* INSERT OVERWRITE ... PARTITION (a = 1): only that one's rows go, phase 0 looks for them. */
static bool overwrites_part(const struct lake_query *q)
{
	return q->stmt->overwrite && static_n(q->stmt) > 0;
}

static struct sp_ex *part_is(struct lake_query *q)
{
	struct arena *a = &q->arena;
	struct sp_ex *all = NULL;
	for (uint32_t i = 0; i < q->stmt->n_partition; i++) {
		const struct sp_partition *p = &q->stmt->partition[i];
		struct sp_ex *e, *both;
		if (!p->value)
			continue;
		e = new_ex(a, SP_EX_BINARY, p->value->at, p->value->end);
		e->op = SP_OP_NSEQ;
		e->a = lake_ex_name(a, sl(NULL), p->name);
		e->b = p->value;
		if (all) {
			both = new_ex(a, SP_EX_BINARY, e->at, e->end);
			both->op = SP_OP_AND;
			both->a = all;
			both->b = e;
			e = both;
		}
		all = e;
	}
	return all;
}

static const struct sp_query *insert_query(struct lake_query *q)
{
	if (lake_target_there(q) || check_partition(q))
		return NULL;
	if (q->stmt->where)
		return lake_replace_query(q, !q->stmt->by_name);
	return overwrites_part(q) && q->phase == 0 ? lake_ex_rows(q, part_is(q)) : new_rows(q);
}

/* Columns that the statement lists, and those of its query: not as many. */
static int list_arity(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	size_t n = q->plan->column_n - static_n(s);
	bool few = n < s->column_list.n;
	struct buf b = { 0 };
	for (uint32_t i = 0; i < s->column_list.n; i++)
		buf_addf(&b, "%s`%.*s`", i ? ", " : "", SL(s->column_list.v[i]));
	buf_adds(&b, ".\nData columns: ");
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s`%.*s`", i ? ", " : "", SL(q->plan->columns[i].name));
	sp_fail(&q->err, SP_E_ANALYSIS, few ? "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS" : "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "21S01",
		"Cannot write to `spark_catalog`.`%.*s`.`%.*s`, the reason is %s data columns:\nTable columns: %s.", SL(q->cx.database), SL(q->target->ref.name),
		few ? "not enough" : "too many", buf_cstr(&b));
	buf_free(&b);
	return 1;
}

/* "root\n-- a: integer (nullable = true)", as Delta puts a schema into its message. */
static void put_schema(struct buf *out, const struct sp_field *fields, size_t n)
{
	struct buf b = { 0 };
	struct slice rest, one;
	sp_schema_tree(&b, fields, n);
	for (rest = buf_slice(&b); rest.n;) {
		sl_cut(rest, '\n', &one, &rest);
		buf_addsl(out, sl_starts(one, S(" |")) ? sl_from(one, 2) : one);
		buf_addc(out, '\n');
	}
	buf_free(&b);
}

int lake_data_mismatch(struct lake_query *q, struct slice why, bool overwrites)
{
	const struct lake_data *d = lake_data(q);
	struct buf b = { 0 };
	buf_adds(&b, "[_LEGACY_ERROR_TEMP_DELTA_0007] ");
	if (why.p) {
		buf_addsl(&b, why);
	} else {
		buf_addf(&b, "A schema mismatch detected when writing to the Delta table (Table ID: %.*s).\n", SL(d->base->meta.id));
		buf_adds(&b, "To enable schema migration using DataFrameWriter or DataStreamWriter, please set:\n'.option(\"mergeSchema\", \"true\")'.\n"
			 "For other operations, set the session configuration\nspark.databricks.delta.schema.autoMerge.enabled to \"true\". See the documentation\n"
			 "specific to the operation for details.\n\nTable schema:\n");
		put_schema(&b, d->to.fields, d->to.field_n);
		buf_adds(&b, "\n\nData schema:\n");
		for (size_t i = 0; q->stmt->kind == SP_STMT_SAVE_TABLE && i < q->plan->column_n; i++)
			q->plan->columns[i].nullable = true;
		put_schema(&b, q->plan->columns, q->plan->column_n);
		buf_adds(&b, "\n         ");
	}
	if (overwrites)
		buf_adds(&b, "\nTo overwrite your schema or change partitioning, please set:\n'.option(\"overwriteSchema\", \"true\")'.\n\n"
			 "Note that the schema can't be overwritten when using\n'replaceWhere'.\n         ");
	sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_DELTA_0007", "", "%s", buf_cstr(&b));
	buf_free(&b);
	return 1;
}

static int other_schema(struct lake_query *q)
{
	return lake_data_mismatch(q, sl(NULL), false);
}

static int arity(struct lake_query *q)
{
	const struct lake_data *d = lake_data(q);
	size_t has = q->plan->column_n;
	if (has > d->to.field_n)
		return other_schema(q);
	return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_INSERT_COLUMN_ARITY_MISMATCH", "42802", "Cannot write to 'spark_catalog.%.*s.%.*s', not enough data columns; "
		       "target table has %zu column(s) but the inserted data has %zu column(s)", SL(q->cx.database), SL(q->target->ref.name), d->to.field_n, has);
}

static int not_listed(struct lake_query *q, struct slice name)
{
	const struct lake_data *d = lake_data(q);
	struct buf b = { 0 };
	for (size_t i = 0; i < d->to.field_n && i < 5; i++)
		buf_addf(&b, "%s`%.*s`", i ? ", " : "", SL(d->to.fields[i].name));
	sp_fail(&q->err, SP_E_ANALYSIS, "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703",
		"A column or function parameter with name `%.*s` cannot be resolved. Did you mean one of the following? [%s].", SL(name), buf_cstr(&b));
	sp_fail_at(&q->err, 0, q->sql.n);
	buf_free(&b);
	return 1;
}

static int check_list(struct lake_query *q)
{
	const struct lake_data *d = lake_data(q);
	const struct sp_idents *l = &q->stmt->column_list;
	for (uint32_t k = 0; k < l->n; k++) {
		if (sp_field_find(d->to.fields, d->to.field_n, l->v[k]) == -1)
			return not_listed(q, l->v[k]);
		for (uint32_t i = 0; i < k; i++)
			if (sl_eq_nocase(l->v[i], l->v[k]))
				return sp_fail(&q->err, SP_E_ANALYSIS, "COLUMN_ALREADY_EXISTS", "42711", "The column `%.*s` already exists. Consider to choose another name "
					       "or rename the existing column.", SL(l->v[k]));
	}
	return l->n && l->n + static_n(q->stmt) != q->plan->column_n ? list_arity(q) : 0;
}

/* The plan's column of the value that PARTITION gives a column; -1: none. */
static ssize_t static_of(const struct lake_query *q, struct slice name)
{
	const struct sp_stmt *s = q->stmt;
	size_t at = q->plan->column_n - static_n(s);
	for (uint32_t i = 0; i < s->n_partition; i++) {
		if (!s->partition[i].value)
			continue;
		if (sl_eq_nocase(s->partition[i].name, name))
			return (ssize_t)at;
		at++;
	}
	return -1;
}

/* The plan's column for each of the table's: by a list of names, by name, or by position; -1: none, it is NULL. */
static int match_columns(struct lake_query *q, ssize_t *from)
{
	const struct lake_data *d = lake_data(q);
	const struct sp_stmt *s = q->stmt;
	size_t n = q->plan->column_n, used = 0, next = 0, own = n - static_n(s);
	if (check_list(q))
		return 1;
	for (size_t i = 0; i < d->to.field_n; i++) {
		from[i] = static_of(q, d->to.fields[i].name);
		if (from[i] >= 0) {
			used++;
			continue;
		}
		if (s->column_list.n) {
			for (uint32_t k = 0; k < s->column_list.n; k++)
				if (sl_eq_nocase(s->column_list.v[k], d->to.fields[i].name))
					from[i] = (ssize_t)k;
		} else if (s->by_name) {
			from[i] = sp_field_find(q->plan->columns, n, d->to.fields[i].name);
		} else {
			from[i] = next < own ? (ssize_t)next++ : -1;
		}
		used += from[i] >= 0;
	}
	if (s->column_list.n || s->by_name)
		return used == n ? 0 : other_schema(q);
	return n == d->to.field_n ? 0 : arity(q);
}

void lake_data_arrange(struct lake_query *q, size_t first, const ssize_t *from)
{
	const struct lake_data *d = lake_data(q);
	struct arena *a = &q->arena;
	struct sp_plan *p = arena_alloc(a, sizeof(*p));
	size_t n = first + d->to.field_n;
	*p = (struct sp_plan){ .kind = SP_P_PROJECT, .column_n = n, .expr_n = n, .in_n = 1 };
	p->in = arena_alloc(a, sizeof(*p->in));
	p->in[0] = q->plan;
	p->columns = arena_alloc(a, (n + 1) * sizeof(*p->columns));
	p->exprs = arena_alloc(a, (n + 1) * sizeof(*p->exprs));
	for (size_t i = 0; i < n; i++) {
		struct sp_expr *e = p->exprs[i] = arena_alloc(a, sizeof(*e));
		ssize_t of = i < first ? (ssize_t)i : from[i - first];
		if (of < 0)
			*e = (struct sp_expr){ .op = SP_CONST, .type = &sp_types[SP_VOID], .nullable = true, .foldable = true, .value = SP_NULL_VALUE };
		else
			*e = (struct sp_expr){ .op = SP_COLUMN, .type = q->plan->columns[of].type, .nullable = q->plan->columns[of].nullable,
					       .column = (size_t)of };
		p->columns[i] = (struct sp_field){ .name = i < first ? q->plan->columns[i].name : d->to.fields[i - first].name, .type = e->type, .nullable = true };
	}
	q->plan = p;
}

/* With schema.autoMerge the table gets the columns that it lacks: those behind its own, or (BY NAME) of other names. */
static int widen(struct lake_query *q)
{
	struct lake_data *d = lake_data(q);
	const struct sp_stmt *s = q->stmt;
	struct slice on = q->cx.conf(q->cx.self, "spark.databricks.delta.schema.autoMerge.enabled");
	size_t n = q->plan->column_n, had = d->to.field_n, extra = 0;
	struct sp_field *fields;
	if (!sl_eq_nocase(on, S("true")) || s->column_list.n || s->n_partition)
		return 0;
	fields = arena_alloc(&q->arena, (had + n + 1) * sizeof(*fields));
	if (had)
		memcpy(fields, d->to.fields, had * sizeof(*fields));
	for (size_t i = s->by_name ? 0 : had; i < n; i++)
		if (sp_field_find(d->to.fields, had, q->plan->columns[i].name) == -1 && q->plan->columns[i].type->kind != SP_VOID)
			fields[had + extra++] = (struct sp_field){ .name = q->plan->columns[i].name, .type = sp_type_nullable(&q->arena, q->plan->columns[i].type),
								   .nullable = true };
	if (!extra)
		return 0;
	if (lake_data_check_new(q, fields, had + extra))
		return 1;
	d->to.fields = fields;
	d->to.field_n = had + extra;
	d->meta = d->base->meta;
	d->meta.schema_text = delta_fields_text(&q->arena, fields, d->to.field_n);
	d->change.meta = &d->meta;
	return 0;
}

static int insert_shape(struct lake_query *q)
{
	struct lake_data *d = lake_data(q);
	ssize_t *from = arena_alloc(&q->arena, (d->to.field_n + q->plan->column_n + 1) * sizeof(*from));
	if (lake_replace_looks(q) || (overwrites_part(q) && q->phase == 0))
		return 0;
	if (q->stmt->where) /* they have the table's names, in its order */
		for (size_t i = 0; i < d->to.field_n; i++)
			from[i] = (ssize_t)i + 1;
	else if (widen(q) || match_columns(q, from))
		return 1;
	if (q->stmt->where && q->plan->column_n != d->to.field_n + 1)
		return other_schema(q);
	lake_data_arrange(q, q->stmt->where != NULL, from);
	return lake_data_cast(q, q->stmt->where != NULL, d->to.fields, d->to.field_n);
}

struct slice lake_data_parameters(struct lake_query *q, const char *key, struct slice value)
{
	struct buf b = { 0 };
	struct slice out;
	jw_obj(&b, NULL);
	if (key)
		jw_str(&b, key, value);
	jw_obj_end(&b);
	out = arena_dup(&q->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void inserted(struct lake_query *q)
{
	if (q->rc)
		lake_query_end(q);
	else
		lake_data_commit(q, "WRITE", q->stmt->overwrite ? S("{\"mode\":\"Overwrite\",\"partitionBy\":\"[]\"}") : S("{\"mode\":\"Append\",\"partitionBy\":\"[]\"}"));
}

static int take_replaced(struct lake_query *q, const struct sp_batch *b)
{
	for (size_t r = 0; r < b->n; r++)
		lake_data_edit(q, sp_get(&b->columns[0], r).i, sp_get(&b->columns[1], r).i, -1);
	return 0;
}

static void replaced(struct lake_query *q)
{
	if (q->rc) {
		lake_query_end(q);
		return;
	}
	lake_data(q)->deleted = 0; /* rows overwritten aren't counted */
	q->phase = 1;
	lake_query_again(q);
}

static void insert(struct lake_query *q)
{
	if (lake_replace_looks(q)) {
		lake_replace_look(q);
		return;
	}
	if (overwrites_part(q) && q->phase == 0) {
		lake_query_rows(q, take_replaced, replaced);
		return;
	}
	lake_data(q)->overwrite = q->stmt->overwrite && !overwrites_part(q);
	lake_query_rows(q, lake_replace_take, inserted);
}

/* ---- DELETE, UPDATE, TRUNCATE: SELECT file, row[, new values] FROM target WHERE ... ---- */

struct sp_query *lake_ex_rows(struct lake_query *q, struct sp_ex *where)
{
	struct arena *a = &q->arena;
	struct sp_query *out;
	struct slice name;
	name = lake_ex_target_name(q);
	out = lake_ex_select(a, lake_ex_target(q), 2 + lake_data(q)->to.field_n);
	lake_ex_add(out, lake_ex_name(a, name, S(LAKE_FILE)));
	lake_ex_add(out, lake_ex_name(a, name, S(LAKE_ROW)));
	out->select->where = where;
	return out;
}

static const struct sp_query *rows_query(struct lake_query *q)
{
	return lake_target_there(q) ? NULL : lake_ex_rows(q, q->stmt->where);
}

/* Index of the column that an assignment names: col, or target.col. -1: err says so. */
ssize_t lake_assigned(struct lake_query *q, const struct sp_name *name)
{
	const struct lake_data *d = lake_data(q);
	ssize_t at = sp_field_find(d->to.fields, d->to.field_n, name->parts[name->n - 1]);
	if (at >= 0 && (name->n == 1 || sl_eq_nocase(name->parts[0], lake_ex_target_name(q))))
		return at;
	if (name->n > 1 && sp_field_find(d->to.fields, d->to.field_n, name->parts[0]) >= 0)
		sp_fail(&q->err, SP_E_UNSERVED, "", "", "an assignment to a field of a struct isn't served here");
	(void)sp_unresolved_column(&q->arena, name, d->to.fields, d->to.field_n, &q->err);
	return -1;
}

static const struct sp_query *update_query(struct lake_query *q)
{
	struct sp_query *out = (struct sp_query *)(uintptr_t)rows_query(q);
	struct lake_data *d = out ? lake_data(q) : NULL;
	struct arena *a = &q->arena;
	struct sp_ex **values;
	if (!out)
		return NULL;
	values = arena_alloc(a, (d->to.field_n + 1) * sizeof(*values));
	for (size_t i = 0; i < d->to.field_n; i++)
		values[i] = lake_ex_name(a, lake_ex_target_name(q), d->to.fields[i].name);
	for (uint32_t i = 0; i < q->stmt->n_sets; i++) {
		ssize_t at = lake_assigned(q, &q->stmt->sets[i].name);
		if (at < 0)
			return NULL;
		if (values[at]->kind != SP_EX_NAME || values[at]->end)
			sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_CONFLICT_SET_COLUMN", "42701", "There is a conflict from these SET columns: [`%.*s`, `%.*s`].",
				SL(d->to.fields[at].name), SL(d->to.fields[at].name));
		if (q->err.set)
			return NULL;
		values[at] = q->stmt->sets[i].value;
	}
	for (size_t i = 0; i < d->to.field_n; i++)
		lake_ex_add(out, lake_ex_alias(a, values[i], d->to.fields[i].name));
	return out;
}

static int update_shape(struct lake_query *q)
{
	const struct lake_data *d = lake_data(q);
	return lake_data_cast(q, 2, d->to.fields, d->to.field_n);
}

static int take_rows(struct lake_query *q, const struct sp_batch *b)
{
	struct lake_data *d = lake_data(q);
	bool updates = q->stmt->kind == SP_STMT_UPDATE;
	size_t first = updates ? lake_data_add(q, &d->changed, b, 2) : 0;
	for (size_t r = 0; r < b->n; r++)
		lake_data_edit(q, sp_get(&b->columns[0], r).i, sp_get(&b->columns[1], r).i, updates ? (ssize_t)(first + r) : -1);
	return 0;
}

static void rows_taken(struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	struct slice predicate = s->where_text.p ? s->where_text : s->where ? sl_of(q->sql.p + s->where->at, s->where->end - s->where->at) : S("true");
	if (q->rc)
		lake_query_end(q);
	else
		lake_data_commit(q, s->kind == SP_STMT_UPDATE ? "UPDATE" : s->kind == SP_STMT_DELETE ? "DELETE" : "TRUNCATE",
				 lake_data_parameters(q, "predicate", arena_printf(&q->arena, s->kind == SP_STMT_DELETE ? "[\"%.*s\"]" : "%.*s", SL(predicate))));
}

static void edit_rows(struct lake_query *q)
{
	lake_query_rows(q, take_rows, rows_taken);
}

const struct lake_doing lake_doings_data[] = {
	{ SP_STMT_INSERT, .analyses = true, .runs = true, .writes = true, .query = insert_query, .shape = insert_shape, .start = insert },
	{ SP_STMT_DELETE, .analyses = true, .runs = true, .writes = true, .query = rows_query, .start = edit_rows },
	{ SP_STMT_TRUNCATE, .analyses = true, .runs = true, .writes = true, .query = rows_query, .start = edit_rows },
	{ SP_STMT_UPDATE, .analyses = true, .runs = true, .writes = true, .query = update_query, .shape = update_shape, .start = edit_rows },
	{ -1 },
};
