/* SHOW and DESCRIBE, from the catalogue. */
#include <strings.h>

#include "rds/rds.h"

static void quote_name(struct buf *b, const char *name, const char *suffix)
{
	buf_addf(b, "\"%s%s\"", name, suffix);
}

struct show {
	struct rds_session *s;
	struct slice sql, like;
	const struct tok *t;
	size_t n, i;
	struct error *err;
};

static int run(struct show *w, struct buf *sql)
{
	struct rds_read in = { .sql = buf_cstr(sql), .plain = true };
	int rc = rds_select(w->s, &in, w->sql, w->t, w->err);
	buf_free(sql);
	return rc;
}

static bool word(struct show *w, const char *text)
{
	if (w->i >= w->n || !tok_is(&w->t[w->i], text))
		return false;
	w->i++;
	return true;
}

static int syntax(struct show *w)
{
	return rds_syntax(w->sql, &w->t[w->i < w->n ? w->i : w->n], w->err);
}

/* [FROM|IN db] [LIKE 'x'] at the end. A database of another name: 1049. */
static int tail(struct show *w)
{
	if (word(w, "FROM") || word(w, "IN")) {
		if (w->i >= w->n)
			return syntax(w);
		if (!sl_eqs(w->t[w->i].value, w->s->r->database))
			return err_fail(w->err, &rds_errors[RDS_E_BAD_DB], "Unknown database '%.*s'", SL(w->t[w->i].value));
		w->i++;
	}
	w->like = sl(NULL);
	if (word(w, "LIKE") && w->i < w->n && w->t[w->i].kind == TOK_STRING)
		w->like = w->t[w->i++].value;
	return w->i == w->n ? 0 : syntax(w);
}

static void like(struct show *w, struct buf *b, const char *column)
{
	if (!w->like.p)
		return;
	buf_addf(b, " WHERE %s LIKE ", column);
	rds_quote(b, w->like);
	buf_adds(b, " ESCAPE '\\'");
}

static int tables(struct show *w, bool full)
{
	struct buf b = { 0 };
	char head[160];
	int rc = tail(w);
	if (rc)
		return rc;
	if (!w->s->db[0])
		snprintf(w->s->db, sizeof(w->s->db), "%s", w->s->r->database);
	snprintf(head, sizeof(head), "Tables_in_%s", w->s->r->database);
	buf_adds(&b, "SELECT TABLE_NAME AS ");
	quote_name(&b, head, w->like.p ? arena_printf(&w->s->arena, " (%.*s)", SL(w->like)).p : "");
	if (full)
		buf_adds(&b, ", TABLE_TYPE AS Table_type");
	buf_adds(&b, " FROM \"information_schema.tables\"");
	like(w, &b, "TABLE_NAME");
	buf_adds(&b, " ORDER BY 1");
	return run(w, &b);
}

static int databases(struct show *w)
{
	struct buf b = { 0 };
	int rc = tail(w);
	if (rc)
		return rc;
	buf_adds(&b, "SELECT x AS \"Database\" FROM (SELECT 'information_schema' AS x UNION ALL SELECT ");
	rds_quote(&b, sl(w->s->r->database));
	buf_addc(&b, ')');
	like(w, &b, "x");
	buf_adds(&b, " ORDER BY 1");
	return run(w, &b);
}

int rds_describe(struct rds_session *s, struct slice table, bool full, struct error *err)
{
	struct show w = { .s = s, .sql = table, .err = err };
	struct buf b = { 0 };
	w.t = s->t.at; /* what an error would be near */
	const struct rds_table *t = rds_session_table(s, table);
	if (!t)
		return err_fail(err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", s->r->database, SL(table));
	buf_addf(&b, "SELECT COLUMN_NAME AS Field, COLUMN_TYPE AS Type, %sIS_NULLABLE AS \"Null\", COLUMN_KEY AS \"Key\","
		     " COLUMN_DEFAULT AS \"Default\", EXTRA AS Extra%s FROM \"information_schema.columns\" WHERE TABLE_NAME = ",
		 full ? "'utf8mb4_0900_ai_ci' AS Collation, " : "",
		 full ? ", 'select,insert,update,references' AS Privileges, '' AS Comment" : "");
	rds_quote(&b, sl(t->name));
	buf_adds(&b, " ORDER BY ORDINAL_POSITION");
	return run(&w, &b);
}

/* SHOW [FULL] COLUMNS FROM t [FROM db]. */
static int columns(struct show *w, bool full)
{
	if (!word(w, "FROM") && !word(w, "IN"))
		return syntax(w);
	if (w->i >= w->n)
		return syntax(w);
	struct slice name = w->t[w->i++].value;
	if (word(w, ".") && w->i < w->n)
		name = w->t[w->i++].value;
	int rc = tail(w);
	return rc ? rc : rds_describe(w->s, name, full, w->err);
}

static void put_name(struct buf *b, struct slice name)
{
	buf_addc(b, '`');
	for (size_t i = 0; i < name.n; i++)
		buf_addf(b, name.p[i] == '`' ? "``" : "%c", name.p[i]);
	buf_addc(b, '`');
}

static void create_line(struct buf *b, const struct rds_field *f)
{
	buf_adds(b, "  ");
	put_name(b, sl(f->name));
	buf_addf(b, " %s", f->type);
	if (f->not_null)
		buf_adds(b, " NOT NULL");
	if (f->auto_increment) {
		buf_adds(b, " AUTO_INCREMENT");
	} else if (f->dflt && !strncasecmp(f->dflt, "CURRENT_TIMESTAMP", 17)) {
		buf_adds(b, " DEFAULT CURRENT_TIMESTAMP");
	} else if (f->dflt) {
		buf_adds(b, " DEFAULT ");
		rds_quote(b, sl(f->dflt));
	} else if (!f->not_null && !strstr(f->type, "text") && !strstr(f->type, "blob")) {
		buf_adds(b, " DEFAULT NULL");
	} else if (!f->not_null) {
		/* TEXT and BLOB have no default to print */
	}
}

/* Layout as MySQL's: SQLAlchemy reads columns, keys and options back by regular expressions. */
static int create_table(struct show *w)
{
	struct buf text = { 0 }, b = { 0 };
	struct slice name;
	if (w->i >= w->n)
		return syntax(w);
	name = w->t[w->i++].value;
	if (word(w, ".") && w->i < w->n)
		name = w->t[w->i++].value;
	const struct rds_table *t = rds_session_table(w->s, name);
	if (!t)
		return err_fail(w->err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", w->s->r->database, SL(name));
	struct slice plain = rds_plain_name(sl(t->name));
	buf_addf(&text, "CREATE %sTABLE ", plain.p == t->name ? "" : "TEMPORARY ");
	put_name(&text, plain);
	buf_adds(&text, " (\n");
	const char *comma = "";
	for (size_t i = 0; i < t->field_n; i++) {
		buf_adds(&text, comma);
		create_line(&text, &t->fields[i]);
		comma = ",\n";
	}
	bool primary = false;
	for (size_t i = 0; i < t->field_n; i++) {
		if (!t->fields[i].primary)
			continue;
		buf_adds(&text, primary ? "," : ",\n  PRIMARY KEY (");
		put_name(&text, sl(t->fields[i].name));
		primary = true;
	}
	buf_adds(&text, primary ? ")" : "");
	for (size_t i = 0; i < t->field_n; i++) {
		const struct rds_field *f = &t->fields[i];
		if (f->primary || !(f->unique || f->indexed))
			continue;
		buf_adds(&text, f->unique ? ",\n  UNIQUE KEY " : ",\n  KEY ");
		put_name(&text, f->unique ? sl(f->name) : arena_printf(&w->s->arena, "ix_%.*s_%s", SL(plain), f->name));
		buf_adds(&text, " (");
		put_name(&text, sl(f->name));
		buf_adds(&text, !f->unique && strstr(f->type, "text") ? "(20))" : ")");
	}
	buf_adds(&text, "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci");
	buf_adds(&b, "SELECT ");
	rds_quote(&b, plain);
	buf_adds(&b, " AS \"Table\", ");
	rds_quote(&b, buf_slice(&text));
	buf_adds(&b, " AS \"Create Table\"");
	buf_free(&text);
	return run(w, &b);
}

static int variables(struct show *w)
{
	const char *name;
	struct buf b = { 0 };
	int rc = tail(w);
	if (rc)
		return rc;
	buf_adds(&b, "SELECT column1 AS Variable_name, column2 AS Value FROM (VALUES ");
	for (size_t i = 0; (name = rds_variable_at(i)); i++) {
		struct slice v = rds_variable(&w->s->arena, sl(name), w->s);
		buf_adds(&b, i ? ", (" : "(");
		rds_quote(&b, sl(name));
		buf_adds(&b, ", ");
		rds_quote(&b, sl_eqs(sl(name), "autocommit") ? (sl_eqs(v, "1") ? S("ON") : S("OFF")) : v);
		buf_addc(&b, ')');
	}
	buf_addc(&b, ')');
	like(w, &b, "column1");
	buf_adds(&b, " ORDER BY 1");
	return run(w, &b);
}

/* Nothing is kept for these: an empty set of the right columns is the truth. */
static int empty(struct show *w, const char *select)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s LIMIT 0", select);
	return run(w, &b);
}

int rds_show(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	struct show w = { .s = s, .sql = sql, .t = t, .n = n, .i = 1, .err = err };
	if (word(&w, "SESSION") || word(&w, "GLOBAL")) {
		/* one set of variables */
	}
	bool full = word(&w, "FULL");
	if (word(&w, "TABLES"))
		return tables(&w, full);
	if (word(&w, "COLUMNS") || word(&w, "FIELDS"))
		return columns(&w, full);
	if (word(&w, "DATABASES") || word(&w, "SCHEMAS"))
		return databases(&w);
	if (word(&w, "VARIABLES"))
		return variables(&w);
	if (word(&w, "CREATE") && word(&w, "TABLE"))
		return create_table(&w);
	if (word(&w, "WARNINGS") || word(&w, "ERRORS"))
		return empty(&w, "SELECT '' AS Level, 0 AS Code, '' AS Message");
	if (word(&w, "PROCESSLIST")) {
		struct buf b = { 0 };
		rds_processlist_sql(s, full, false, &b);
		return run(&w, &b);
	}
	if (word(&w, "ENGINES")) {
		struct buf b = { 0 };
		buf_adds(&b, "SELECT 'InnoDB' AS Engine, 'DEFAULT' AS Support, 'kept in SQLite' AS Comment, 'YES' AS Transactions,"
			     " 'NO' AS XA, 'YES' AS Savepoints");
		return run(&w, &b);
	}
	return err_fail(err, &rds_errors[RDS_E_UNSUPPORTED], "This version of MySQL doesn't yet support 'SHOW %.*s'",
			SL(t[w.i < n ? w.i : n - 1].text));
}
