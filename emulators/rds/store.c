#include "rds/rds.h"

#include <strings.h>

/* The users' tables live beside these; their names can't clash, as a name with a leading rds$ is refused. */
static const char *const schema[] = {
	"CREATE TABLE \"rds$column\" (tbl TEXT NOT NULL, pos INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,"
	" flags INTEGER NOT NULL, dflt TEXT, PRIMARY KEY (tbl, pos)) STRICT, WITHOUT ROWID",
	"CREATE TABLE \"rds$filled\" (done INTEGER NOT NULL) STRICT",
};

enum { Q_CATALOGUE, Q_COLUMN_ADD, Q_COLUMNS_DEL, Q_FILLED, Q_SET_FILLED, Q_COUNT };
/* By the primary key. */
static const char *const queries[Q_COUNT] = {
	[Q_CATALOGUE] = "SELECT tbl, name, type, flags, dflt FROM \"rds$column\" ORDER BY tbl, pos",
	[Q_COLUMN_ADD] = "INSERT INTO \"rds$column\" VALUES (?, ?, ?, ?, ?, ?)",
	[Q_COLUMNS_DEL] = "DELETE FROM \"rds$column\" WHERE tbl = ?",
	[Q_FILLED] = "SELECT 1 FROM \"rds$filled\"",
	[Q_SET_FILLED] = "INSERT INTO \"rds$filled\" VALUES (1)",
};

/* information_schema over the catalogue, as far as clients' metadata queries go. */
static const char views[] =
	"CREATE TEMP VIEW information_schema_tables AS SELECT DISTINCT 'def' AS TABLE_CATALOG, DATABASE() AS TABLE_SCHEMA,"
	" tbl AS TABLE_NAME, 'BASE TABLE' AS TABLE_TYPE, 'InnoDB' AS ENGINE, 10 AS VERSION, 'Dynamic' AS ROW_FORMAT,"
	" NULL AS TABLE_ROWS, NULL AS AUTO_INCREMENT, 'utf8mb4_0900_ai_ci' AS TABLE_COLLATION, '' AS TABLE_COMMENT,"
	" '' AS CREATE_OPTIONS FROM main.\"rds$column\";"
	"CREATE TEMP VIEW information_schema_columns AS SELECT 'def' AS TABLE_CATALOG, DATABASE() AS TABLE_SCHEMA,"
	" tbl AS TABLE_NAME, name AS COLUMN_NAME, pos + 1 AS ORDINAL_POSITION, dflt AS COLUMN_DEFAULT,"
	" iif(flags & 1, 'NO', 'YES') AS IS_NULLABLE, iif(instr(type, '('), substr(type, 1, instr(type, '(') - 1), type) AS DATA_TYPE,"
	" type AS COLUMN_TYPE, iif(flags & 2, 'PRI', iif(flags & 4, 'UNI', iif(flags & 8, 'MUL', ''))) AS COLUMN_KEY,"
	" iif(flags & 16, 'auto_increment', '') AS EXTRA, '' AS COLUMN_COMMENT FROM main.\"rds$column\";"
	"CREATE TEMP VIEW information_schema_schemata AS SELECT 'def' AS CATALOG_NAME, DATABASE() AS SCHEMA_NAME,"
	" 'utf8mb4' AS DEFAULT_CHARACTER_SET_NAME, 'utf8mb4_0900_ai_ci' AS DEFAULT_COLLATION_NAME;";

enum field_flag { FIELD_NOT_NULL = 1, FIELD_PRIMARY = 2, FIELD_UNIQUE = 4, FIELD_INDEXED = 8, FIELD_AUTO = 16 };

int rds_store_open(struct rds *r, struct error *err)
{
	int rc;
	if ((rc = db_open(&r->db, r->env, "rds", schema, ARRAY_LEN(schema), queries, Q_COUNT, err)) || (rc = rds_functions_open(r, err)) ||
	    (rc = db_exec(&r->db, views, err)))
		return rc;
	return rds_catalogue_load(r, err);
}

void rds_tables_free(struct rds_table *t)
{
	while (t) {
		struct rds_table *next = t->next;
		for (size_t i = 0; i < t->field_n; i++) {
			free(t->fields[i].name);
			free(t->fields[i].type);
			free(t->fields[i].dflt);
		}
		free(t->fields);
		free(t->name);
		free(t);
		t = next;
	}
}

int rds_store_filled(struct rds *r, bool *out, struct error *err)
{
	int rc = db_row(&r->db, Q_FILLED, err);
	if (rc < 0)
		return rc;
	*out = rc;
	db_done(&r->db, Q_FILLED);
	return 0;
}

int rds_store_set_filled(struct rds *r, struct error *err)
{
	return db_write(&r->db, Q_SET_FILLED, err);
}

/* Table names are case-sensitive, as on RDS (lower_case_table_names = 0). */
struct rds_table *rds_table_find(struct rds *r, struct slice name)
{
	for (struct rds_table *t = r->tables; t; t = t->next)
		if (sl_eqs(name, t->name))
			return t;
	return NULL;
}

const struct rds_field *rds_field_find(const struct rds_table *t, const char *name)
{
	for (size_t i = 0; t && i < t->field_n; i++)
		if (!strcasecmp(t->fields[i].name, name))
			return &t->fields[i];
	return NULL;
}

static void add_field(struct rds_table *t, sqlite3_stmt *st)
{
	int flags = sqlite3_column_int(st, 3);
	struct slice name = db_text(st, 1), type = db_text(st, 2), dflt = db_text(st, 4);
	t->fields = xrealloc(t->fields, (t->field_n + 1) * sizeof(*t->fields));
	t->fields[t->field_n++] = (struct rds_field){
		.name = xstrndup(name.p, name.n),
		.type = xstrndup(type.p, type.n),
		.not_null = flags & FIELD_NOT_NULL,
		.primary = flags & FIELD_PRIMARY,
		.unique = flags & FIELD_UNIQUE,
		.indexed = flags & FIELD_INDEXED,
		.auto_increment = flags & FIELD_AUTO,
		.dflt = dflt.p ? xstrndup(dflt.p, dflt.n) : NULL,
	};
}

int rds_catalogue_load(struct rds *r, struct error *err)
{
	sqlite3_stmt *st = db_q(&r->db, Q_CATALOGUE);
	struct rds_table *list = NULL, **end = &list, *t = NULL;
	int rc;
	while ((rc = db_row(&r->db, Q_CATALOGUE, err)) > 0) {
		struct slice name = db_text(st, 0);
		if (!t || !sl_eqs(name, t->name)) {
			t = xcalloc(1, sizeof(*t));
			t->name = xstrndup(name.p, name.n);
			*end = t;
			end = &t->next;
		}
		add_field(t, st);
	}
	if (rc) {
		rds_tables_free(list);
		return rc;
	}
	rds_tables_free(r->tables);
	r->tables = list;
	r->load_table = NULL;
	return 0;
}

static int write_catalogue(struct rds *r, const struct rds_table *t, struct error *err)
{
	sqlite3_stmt *st = db_q(&r->db, Q_COLUMN_ADD);
	int rc = 0;
	for (size_t i = 0; !rc && i < t->field_n; i++) {
		const struct rds_field *f = &t->fields[i];
		int flags = (f->not_null ? FIELD_NOT_NULL : 0) | (f->primary ? FIELD_PRIMARY : 0) |
			    (f->unique ? FIELD_UNIQUE : 0) | (f->indexed ? FIELD_INDEXED : 0) |
			    (f->auto_increment ? FIELD_AUTO : 0);
		db_bind(st, 1, sl(t->name));
		sqlite3_bind_int(st, 2, (int)i);
		db_bind(st, 3, sl(f->name));
		db_bind(st, 4, sl(f->type));
		sqlite3_bind_int(st, 5, flags);
		db_bind(st, 6, sl(f->dflt));
		rc = db_write(&r->db, Q_COLUMN_ADD, err);
	}
	return rc;
}

int rds_table_create(struct rds *r, const struct rds_table *t, const char *ddl, struct error *err)
{
	int rc;
	if ((rc = db_begin(&r->db, err)) || (rc = db_exec(&r->db, ddl, err)) || (rc = write_catalogue(r, t, err)))
		return rc;
	/* Secondary keys: single columns, as the users' tables have them. */
	for (size_t i = 0; !rc && i < t->field_n; i++) {
		char *sql;
		if (!t->fields[i].indexed || t->fields[i].primary || t->fields[i].unique)
			continue;
		sql = xasprintf("CREATE INDEX \"ix$%s$%s\" ON \"%s\" (\"%s\")", t->name, t->fields[i].name, t->name,
				t->fields[i].name);
		rc = db_exec(&r->db, sql, err);
		free(sql);
	}
	return rc ? rc : rds_catalogue_load(r, err);
}

int rds_table_drop(struct rds *r, const struct rds_table *t, struct error *err)
{
	char *sql = xasprintf("DROP TABLE \"%s\"", t->name);
	int rc = db_begin(&r->db, err);
	if (!rc)
		rc = db_exec(&r->db, sql, err);
	if (!rc) {
		db_bind(db_q(&r->db, Q_COLUMNS_DEL), 1, sl(t->name));
		rc = db_write(&r->db, Q_COLUMNS_DEL, err);
	}
	free(sql);
	return rc ? rc : rds_catalogue_load(r, err);
}

/* "UNIQUE constraint failed: users.id" -> what follows the colon, and the column alone. */
static struct slice failing_column(const char *text)
{
	const char *colon = strstr(text, "failed: ");
	struct slice all = colon ? sl(colon + 8) : sl(text), table, column;
	struct slice first, rest;
	sl_cut(all, ',', &first, &rest);
	return sl_cut(first, '.', &table, &column) ? column : first;
}

static int constraint(struct rds *r, const char *text, struct error *err)
{
	struct slice column = failing_column(text);
	switch (sqlite3_extended_errcode(r->db.h)) {
	case SQLITE_CONSTRAINT_NOTNULL:
		return err_fail(err, &rds_errors[RDS_E_NULL], "Column '%.*s' cannot be null", SL(column));
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		return err_fail(err, &rds_errors[RDS_E_FOREIGN_KEY],
				"Cannot add or update a child row: a foreign key constraint fails");
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return err_fail(err, &rds_errors[RDS_E_DUP_ENTRY], "Duplicate entry for key 'PRIMARY'");
	default:
		return err_fail(err, &rds_errors[RDS_E_DUP_ENTRY], "Duplicate entry for key '%.*s'", SL(column));
	}
}

/* The word after a prefix of SQLite's message. */
static struct slice after(const char *text, const char *prefix)
{
	return sl_starts(sl(text), sl(prefix)) ? sl(text + strlen(prefix)) : sl(NULL);
}

int rds_sql_error(struct rds *r, struct slice sql, const struct tok *first, struct error *err)
{
	const char *text = sqlite3_errmsg(r->db.h);
	int code = sqlite3_errcode(r->db.h);
	struct slice x;
	if (code == SQLITE_CONSTRAINT)
		return constraint(r, text, err);
	if (code == SQLITE_FULL || code == SQLITE_IOERR)
		return err_fail(err, &rds_errors[RDS_E_DISK], "Disk full or failing (%s)", text);
	if ((x = after(text, "no such table: ")).p)
		return err_fail(err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", r->database, SL(x));
	if ((x = after(text, "no such column: ")).p)
		return err_fail(err, &rds_errors[RDS_E_BAD_FIELD], "Unknown column '%.*s' in 'field list'", SL(x));
	if ((x = after(text, "no such function: ")).p)
		return err_fail(err, &rds_errors[RDS_E_FUNCTION], "FUNCTION %s.%.*s does not exist", r->database, SL(x));
	if ((x = after(text, "ambiguous column name: ")).p)
		return err_fail(err, &rds_errors[RDS_E_AMBIGUOUS], "Column '%.*s' in field list is ambiguous", SL(x));
	if (strstr(text, "has no column named "))
		return err_fail(err, &rds_errors[RDS_E_BAD_FIELD], "Unknown column '%s' in 'field list'",
				strstr(text, "has no column named ") + 20);
	if (strstr(text, "values for") || strstr(text, "values were supplied") || strstr(text, "VALUES must all have"))
		return err_fail(err, &rds_errors[RDS_E_VALUE_COUNT], "Column count doesn't match value count at row 1");
	x = after(text, "near \"");
	if (x.p) {
		/* SQLite names the token; find it in what the client wrote. */
		struct slice word, rest;
		sl_cut(x, '"', &word, &rest);
		ssize_t at = word.n ? sl_find(sql, word) : -1;
		struct tok t = { .text = at >= 0 ? sl_of(sql.p + at, word.n) : first->text };
		return rds_syntax(sql, &t, err);
	}
	if (strstr(text, "incomplete input")) {
		struct tok t = { .text = sl_of(sql.p + sql.n, 0) };
		return rds_syntax(sql, &t, err);
	}
	return err_fail(err, &rds_errors[RDS_E_UNKNOWN], "%s", text);
}
