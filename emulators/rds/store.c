#include "core/park.h"
#include "rds/link.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

/* The users' tables live beside these; their names can't clash, as a name with a leading rds$ is refused. */
static const char *const schema[] = {
	"CREATE TABLE \"rds$column\" (tbl TEXT NOT NULL, pos INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,"
	" flags INTEGER NOT NULL, dflt TEXT, PRIMARY KEY (tbl, pos)) STRICT, WITHOUT ROWID",
	"CREATE TABLE \"rds$filled\" (done INTEGER NOT NULL) STRICT",
};

enum { Q_CATALOGUE, Q_FILLED, Q_COUNT };
/* By the primary key. */
static const char *const queries[Q_COUNT] = {
	[Q_CATALOGUE] = "SELECT tbl, name, type, flags, dflt FROM \"rds$column\" ORDER BY tbl, pos",
	[Q_FILLED] = "SELECT 1 FROM \"rds$filled\"",
};
const char rds_store_set_filled[] = "INSERT INTO \"rds$filled\" VALUES (1)";

/* information_schema over the catalogue, as far as clients' metadata queries go. */
const char rds_store_views[] =
	"CREATE TEMP VIEW IF NOT EXISTS \"information_schema.tables\" AS SELECT DISTINCT 'def' AS TABLE_CATALOG, DATABASE() AS TABLE_SCHEMA,"
	" tbl AS TABLE_NAME, 'BASE TABLE' AS TABLE_TYPE, 'InnoDB' AS ENGINE, 10 AS VERSION, 'Dynamic' AS ROW_FORMAT,"
	" NULL AS TABLE_ROWS, NULL AS AUTO_INCREMENT, 'utf8mb4_0900_ai_ci' AS TABLE_COLLATION, '' AS TABLE_COMMENT,"
	" '' AS CREATE_OPTIONS FROM main.\"rds$column\" WHERE tbl NOT LIKE 'rds$%';"
	"CREATE TEMP VIEW IF NOT EXISTS \"information_schema.columns\" AS SELECT 'def' AS TABLE_CATALOG, DATABASE() AS TABLE_SCHEMA,"
	" tbl AS TABLE_NAME, name AS COLUMN_NAME, pos + 1 AS ORDINAL_POSITION, dflt AS COLUMN_DEFAULT,"
	" iif(flags & 1, 'NO', 'YES') AS IS_NULLABLE, iif(instr(type, '('), substr(type, 1, instr(type, '(') - 1), type) AS DATA_TYPE,"
	" type AS COLUMN_TYPE, iif(flags & 2, 'PRI', iif(flags & 4, 'UNI', iif(flags & 8, 'MUL', ''))) AS COLUMN_KEY,"
	" iif(flags & 16, 'auto_increment', '') AS EXTRA, '' AS COLUMN_COMMENT FROM main.\"rds$column\""
	" WHERE tbl NOT LIKE 'rds$%' OR tbl LIKE 'rds$t' || CONNECTION_ID() || '$%';"
	"CREATE TEMP VIEW IF NOT EXISTS \"information_schema.schemata\" AS SELECT 'def' AS CATALOG_NAME, DATABASE() AS SCHEMA_NAME,"
	" 'utf8mb4' AS DEFAULT_CHARACTER_SET_NAME, 'utf8mb4_0900_ai_ci' AS DEFAULT_COLLATION_NAME;";

enum field_flag { FIELD_NOT_NULL = 1, FIELD_PRIMARY = 2, FIELD_UNIQUE = 4, FIELD_INDEXED = 8, FIELD_AUTO = 16 };

/* Sessions' connections are several, so a database in memory won't do: it lies in a folder that goes with it. */
static int forgotten_folder(struct rds *r, struct error *err)
{
	const char *at = getenv("TMPDIR");
	r->folder = xasprintf("%s/tarn-rds-XXXXXX", at && *at ? at : "/tmp");
	if (mkdtemp(r->folder))
		return 0;
	int rc = err_set(err, ERR_STORE, "%s: %s", r->folder, strerror(errno));
	free(r->folder);
	r->folder = NULL;
	return rc;
}

/* Of a service that closed for a moment: its database is parked, and it comes back to that. */
static char *waits;

static void forget(struct rds *r)
{
	static const char *const files[] = { "rds.db", "rds.db-wal", "rds.db-shm" };
	for (size_t i = 0; r->folder && i < ARRAY_LEN(files); i++) {
		char *path = xasprintf("%s/%s", r->folder, files[i]);
		(void)unlink(path);
		free(path);
	}
	if (r->folder)
		(void)rmdir(r->folder);
	free(r->folder);
	r->folder = NULL;
}

int rds_store_open(struct rds *r, struct error *err)
{
	static const char *const sync[] = { [DURABILITY_NORMAL] = "NORMAL", [DURABILITY_FULL] = "FULL", [DURABILITY_OFF] = "OFF" };
	struct env env = *r->env;
	int rc;
	if (!env.dir || env.durability == DURABILITY_OFF) {
		r->folder = waits;
		waits = NULL;
		if (r->folder && !park_waits(r->folder, "rds"))
			forget(r);
		if (!r->folder && (rc = forgotten_folder(r, err)))
			return rc;
		env.dir = r->folder;
		env.durability = DURABILITY_NORMAL;
	}
	if ((rc = db_open(&r->db, &env, "rds", schema, ARRAY_LEN(schema), queries, Q_COUNT, err))) {
		forget(r);
		return rc;
	}
	r->db.shared = true;
	r->path = xasprintf("%s/rds.db", env.dir);
	r->pragmas = xasprintf("PRAGMA synchronous=%s; PRAGMA cache_size=12; PRAGMA temp_store=FILE; PRAGMA foreign_keys=ON",
			       sync[r->folder ? DURABILITY_OFF : env.durability]);
	r->main = rds_link_new(NULL, NULL);
	r->main->h = r->db.h;
	if (rds_link_prepare(r->main))
		return db_error(&r->db, err);
	if (r->db.made)
		park_as_first(&r->db);
	r->is_first = park_is_first(&r->db);
	return rds_catalogue_load(r, err);
}

void rds_store_as_first(struct rds *r)
{
	if (r->is_first && !r->commits)
		park_as_first(&r->db);
}

void rds_store_close(struct rds *r)
{
	while (r->idle) {
		struct rds_link *k = r->idle;
		r->idle = k->next;
		rds_link_free(k);
	}
	rds_catalogue_free(r->cat);
	if (r->main) {
		r->main->h = NULL;
		rds_link_free(r->main);
	}
	db_close(&r->db);
	if (r->folder && park_waits(r->folder, "rds"))
		waits = r->folder;
	else
		forget(r);
	free(r->path);
	free(r->pragmas);
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

/* Table names are case-sensitive, as on RDS (lower_case_table_names = 0). */
const struct rds_table *rds_catalogue_find(const struct rds_catalogue *cat, struct slice name)
{
	for (const struct rds_table *t = cat ? cat->tables : NULL; t; t = t->next)
		if (sl_eqs(name, t->name))
			return t;
	return NULL;
}

const struct rds_table *rds_table_find(const struct rds *r, struct slice name)
{
	return rds_catalogue_find(r->cat, name);
}

struct rds_catalogue *rds_catalogue_use(struct rds_catalogue *cat)
{
	cat->users++;
	return cat;
}

void rds_catalogue_free(struct rds_catalogue *cat)
{
	if (!cat || --cat->users)
		return;
	rds_tables_free(cat->tables);
	free(cat);
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
	rds_catalogue_free(r->cat);
	r->cat = xcalloc(1, sizeof(*r->cat));
	r->cat->tables = list;
	r->cat->users = 1;
	return 0;
}

void rds_quote(struct buf *out, struct slice s)
{
	if (!s.p) {
		buf_adds(out, "NULL");
		return;
	}
	struct slice head, rest = s;
	buf_addc(out, '\'');
	while (sl_cut(rest, '\'', &head, &rest)) {
		buf_addsl(out, head);
		buf_adds(out, "''");
	}
	buf_addsl(out, head);
	buf_addc(out, '\'');
}

static void catalogue_row(struct buf *out, const struct rds_table *t, size_t i)
{
	const struct rds_field *f = &t->fields[i];
	int flags = (f->not_null ? FIELD_NOT_NULL : 0) | (f->primary ? FIELD_PRIMARY : 0) | (f->unique ? FIELD_UNIQUE : 0) |
		    (f->indexed ? FIELD_INDEXED : 0) | (f->auto_increment ? FIELD_AUTO : 0);
	buf_adds(out, "INSERT INTO \"rds$column\" VALUES (");
	rds_quote(out, sl(t->name));
	buf_addf(out, ", %zu, ", i);
	rds_quote(out, sl(f->name));
	buf_adds(out, ", ");
	rds_quote(out, sl(f->type));
	buf_addf(out, ", %d, ", flags);
	rds_quote(out, sl(f->dflt));
	buf_adds(out, "); ");
}

void rds_store_create(struct buf *out, const struct rds_table *t, const char *ddl)
{
	buf_addf(out, "%s; ", ddl);
	for (size_t i = 0; i < t->field_n; i++)
		catalogue_row(out, t, i);
	/* Secondary keys: single columns, as the users' tables have them. */
	for (size_t i = 0; i < t->field_n; i++) {
		const struct rds_field *f = &t->fields[i];
		if (f->indexed && !f->primary && !f->unique)
			buf_addf(out, "CREATE INDEX \"ix$%s$%s\" ON \"%s\" (\"%s\"); ", t->name, f->name, t->name, f->name);
	}
}

void rds_store_drop(struct buf *out, const char *table)
{
	buf_addf(out, "DROP TABLE \"%s\"; DELETE FROM \"rds$column\" WHERE tbl = ", table);
	rds_quote(out, sl(table));
	buf_adds(out, "; ");
}

/* ---- failures ---- */

void rds_failure_take(struct rds_failure *f, const struct rds_link *k)
{
	rds_failure_free(f);
	f->code = k->h ? sqlite3_errcode(k->h) : SQLITE_NOMEM;
	f->extended = k->h ? sqlite3_extended_errcode(k->h) : SQLITE_NOMEM;
	f->why = k->why;
	f->text = xstrdup(k->why ? k->why_text : k->h ? sqlite3_errmsg(k->h) : "out of memory");
	f->denied_as = k->denied_as;
	snprintf(f->denied, sizeof(f->denied), "%s", k->denied);
}

void rds_failure_free(struct rds_failure *f)
{
	free(f->text);
	*f = (struct rds_failure){ 0 };
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

static int constraint(const struct rds_failure *f, struct error *err)
{
	struct slice column = failing_column(f->text);
	switch (f->extended) {
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

static int denied(const char *database, const struct rds_failure *f, struct error *err)
{
	switch (f->denied_as) {
	case RDS_E_FUNCTION:
		return err_fail(err, &rds_errors[RDS_E_FUNCTION], "FUNCTION %s.%s does not exist", database, f->denied);
	case RDS_E_BAD_FIELD:
		return err_fail(err, &rds_errors[RDS_E_BAD_FIELD], "Unknown column '%s' in 'field list'", f->denied);
	default:
		return err_fail(err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%s' doesn't exist", database, f->denied);
	}
}

int rds_sql_error(const char *database, const struct rds_failure *f, struct slice sql, const struct tok *first, struct error *err)
{
	const char *text = f->text ? f->text : "";
	struct slice x;
	if (f->why)
		return err_fail(err, f->why, "%s", text);
	if (f->denied[0])
		return denied(database, f, err);
	switch (f->code) {
	case SQLITE_CONSTRAINT:
		return constraint(f, err);
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return err_fail(err, &rds_errors[RDS_E_DISK], "Disk full (%s); waiting for someone to free some space...", text);
	case SQLITE_BUSY:
		return err_fail(err, &rds_errors[RDS_E_LOCKED], "Lock wait timeout exceeded; try restarting transaction");
	case SQLITE_TOOBIG:
		return err_fail(err, &rds_errors[RDS_E_LONG_RESULT], "Result of a function or row was larger than max_allowed_packet (%d)",
				RDS_ALLOWED_PACKET);
	case SQLITE_NOMEM:
		return err_fail(err, &rds_errors[RDS_E_MEMORY], "Out of memory");
	case SQLITE_INTERRUPT:
		return err_fail(err, &rds_errors[RDS_E_KILLED], "Query execution was interrupted");
	}
	if ((x = after(text, "no such table: ")).p)
		return err_fail(err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", database, SL(x));
	if ((x = after(text, "table ")).p && strstr(text, " may not be modified"))
		return err_fail(err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", database, (int)strcspn(x.p, " "), x.p);
	if ((x = after(text, "no such column: ")).p)
		return err_fail(err, &rds_errors[RDS_E_BAD_FIELD], "Unknown column '%.*s' in 'field list'", SL(x));
	if ((x = after(text, "no such function: ")).p)
		return err_fail(err, &rds_errors[RDS_E_FUNCTION], "FUNCTION %s.%.*s does not exist", database, SL(x));
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
