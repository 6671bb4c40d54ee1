/* ALTER TABLE of columns: those that metadata alone can carry out. */
#include "lake/data.h"

static int exists(struct lake_query *q, struct slice name)
{
	const struct lake_data *d = lake_data(q);
	struct buf b = { 0 };
	for (size_t i = 0; i < d->base->field_n; i++) {
		const struct sp_field *f = &d->base->fields[i];
		buf_addf(&b, "%s%.*s: ", i ? ", " : "", SL(f->name));
		sp_type_sql(&b, f->type);
		if (!f->nullable)
			buf_adds(&b, " NOT NULL");
		if (f->comment.p)
			buf_addf(&b, " COMMENT '%.*s'", SL(f->comment));
	}
	sp_fail(&q->err, SP_E_ANALYSIS, "FIELDS_ALREADY_EXISTS", "", "Cannot add column, because `%.*s` already exists in \"STRUCT<%s>\".", SL(name), buf_cstr(&b));
	sp_fail_at(&q->err, 0, q->sql.n);
	buf_free(&b);
	return 1;
}

static int missing(struct lake_query *q, const struct sp_name *name)
{
	const struct lake_data *d = lake_data(q);
	struct buf b = { 0 };
	sp_schema_tree(&b, d->base->fields, d->base->field_n);
	sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1331", "", "Missing field %.*s in table spark_catalog.%.*s.%.*s with schema:\n%s.",
		SL(name->parts[name->n - 1]), SL(q->cx.database), SL(q->target->ref.name), buf_cstr(&b));
	sp_fail_at(&q->err, 0, q->sql.n);
	buf_free(&b);
	return 1;
}

/* Where a column goes: FIRST, AFTER one that is there, or the end. -1: err says so. */
static ssize_t place_of(struct lake_query *q, const struct sp_column_def *c, const struct sp_field *fields, size_t n)
{
	struct sp_name after = { .parts = (struct slice *)(uintptr_t)&c->after, .n = 1 };
	ssize_t at;
	if (c->position == SP_POSITION_FIRST)
		return 0;
	if (c->position != SP_POSITION_AFTER)
		return (ssize_t)n;
	at = sp_field_find(fields, n, c->after);
	if (at < 0) {
		(void)missing(q, &after);
		return -1;
	}
	return at + 1;
}

static void put(struct sp_field *fields, size_t n, size_t at, struct sp_field f)
{
	memmove(fields + at + 1, fields + at, (n - at) * sizeof(*fields));
	fields[at] = f;
}

static int add(struct lake_query *q, struct sp_field *fields, size_t *n)
{
	const struct sp_stmt *s = q->stmt;
	for (uint32_t i = 0; i < s->n_columns; i++) {
		const struct sp_column_def *c = &s->columns[i];
		ssize_t at;
		if (c->name.n > 1 || c->not_null || c->value)
			return sp_fail(&q->err, SP_E_UNSERVED, "", "", "ADD COLUMNS of fields within columns, NOT NULL or with DEFAULT isn't served here: %.*s",
				       SL(c->name.parts[0]));
		if (sp_field_find(fields, *n, c->name.parts[0]) != -1)
			return exists(q, c->name.parts[0]);
		at = place_of(q, c, fields, *n);
		if (at < 0)
			return 1;
		put(fields, *n, (size_t)at, (struct sp_field){ .name = c->name.parts[0], .type = c->type, .nullable = true, .comment = c->comment });
		++*n;
	}
	return 0;
}

static int other_type(struct lake_query *q, const struct sp_field *f, const struct sp_type *to)
{
	struct buf a = { 0 }, b = { 0 };
	sp_type_sql(&a, f->type);
	sp_type_sql(&b, to);
	sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP", "0AKDC",
		"ALTER TABLE CHANGE COLUMN is not supported for changing column %.*s from %s to %s", SL(f->name), buf_cstr(&a), buf_cstr(&b));
	buf_free(&a);
	buf_free(&b);
	return 1;
}

static int change(struct lake_query *q, struct sp_field *fields, size_t n)
{
	const struct sp_column_def *c = q->stmt->columns;
	ssize_t at = q->stmt->column.n == 1 ? sp_field_find(fields, n, q->stmt->column.parts[0]) : -1, to;
	struct sp_field f;
	if (q->stmt->column.n > 1)
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "ALTER COLUMN of a field within a column isn't served here");
	if (at < 0)
		return missing(q, &q->stmt->column);
	f = fields[at];
	switch ((enum sp_alter)q->stmt->alter) {
	case SP_ALTER_TYPE:
		if (!sl_eq_nocase(c->name.parts[0], f.name))
			return sp_fail(&q->err, SP_E_UNSERVED, "", "", "CHANGE COLUMN to another name isn't served here");
		if (!sp_type_eq(f.type, c->type))
			return other_type(q, &f, c->type);
		if (c->comment.p)
			f.comment = c->comment;
		break;
	case SP_ALTER_COMMENT:
		f.comment = c->comment;
		break;
	case SP_ALTER_SET_NOT_NULL:
		if (!f.nullable)
			break;
		sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_2330", "", "Cannot change nullable column to non-nullable: %.*s.", SL(f.name));
		sp_fail_at(&q->err, 0, q->sql.n);
		return 1;
	case SP_ALTER_DROP_NOT_NULL:
		f.nullable = true;
		break;
	case SP_ALTER_POSITION:
		break;
	case SP_ALTER_SET_DEFAULT:
	case SP_ALTER_DROP_DEFAULT:
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "defaults of columns aren't served here");
	}
	memmove(fields + at, fields + at + 1, (n - 1 - (size_t)at) * sizeof(*fields));
	to = c->position ? place_of(q, c, fields, n - 1) : at;
	if (to < 0)
		return 1;
	put(fields, n - 1, (size_t)to, f);
	return 0;
}

/* RENAME and DROP need column mapping, which isn't written here. */
static int mapped_only(struct lake_query *q)
{
	const bool renames = q->stmt->kind == SP_STMT_ALTER_RENAME_COLUMN;
	const struct lake_data *d = lake_data(q);
	const struct sp_name *name = renames ? &q->stmt->column : &q->stmt->names.v[0];
	if (sp_field_find(d->base->fields, d->base->field_n, name->parts[0]) < 0 && !q->stmt->if_exists)
		return missing(q, name);
	if (d->base->match != COL_BY_NAME)
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "%s of a table with column mapping isn't served here", renames ? "RENAME COLUMN" : "DROP COLUMN");
	return sp_fail(&q->err, SP_E_ANALYSIS, renames ? "DELTA_UNSUPPORTED_RENAME_COLUMN" : "DELTA_UNSUPPORTED_DROP_COLUMN", "0AKDC",
		       "%s is not supported for your Delta table. \nPlease enable Column Mapping on your Delta table with mapping mode 'name'.\n"
		       "You can use one of the following commands.\n\nALTER TABLE table_name SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')\n\n"
		       "Note, if your table is not on the required protocol version it will be upgraded.\n"
		       "Column mapping requires at least protocol (2, 5)\n", renames ? "Column rename" : "DROP COLUMN");
}

int lake_alter_columns(struct lake_query *q, struct delta_meta *m)
{
	const struct sp_stmt *s = q->stmt;
	const struct lake_data *d = lake_data(q);
	size_t n = d->base->field_n;
	struct sp_field *fields;
	int rc;
	if (s->kind == SP_STMT_ALTER_RENAME_COLUMN || s->kind == SP_STMT_ALTER_DROP_COLUMNS)
		return mapped_only(q);
	if (s->kind != SP_STMT_ALTER_ADD_COLUMNS && s->kind != SP_STMT_ALTER_COLUMN)
		return 0;
	if (d->base->match != COL_BY_NAME)
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "changing columns of a table with column mapping isn't served here");
	fields = arena_alloc(&q->arena, (n + s->n_columns + 1) * sizeof(*fields));
	memcpy(fields, d->base->fields, n * sizeof(*fields));
	rc = s->kind == SP_STMT_ALTER_ADD_COLUMNS ? add(q, fields, &n) : change(q, fields, n);
	if (!rc)
		m->schema_text = delta_fields_text(&q->arena, fields, n);
	return rc;
}
