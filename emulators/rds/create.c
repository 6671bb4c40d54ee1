#include "rds/rds.h"

#include <ctype.h>
#include <strings.h>

struct creator {
	struct arena *a;
	struct slice sql;
	const struct tok *t;
	size_t n, i;
	struct rds_table *table;
	struct buf *ddl;
	struct buf tail; /* table constraints */
	struct buf cols; /* of the key being read */
	struct error *err;
};

static const struct tok *cur(const struct creator *c)
{
	static const struct tok end = { .kind = TOK_END };
	return c->i < c->n ? &c->t[c->i] : &end;
}

static bool take(struct creator *c, const char *word)
{
	if (!tok_is(cur(c), word))
		return false;
	c->i++;
	return true;
}

static bool take_name(struct creator *c, struct slice *out)
{
	const struct tok *t = cur(c);
	if ((t->kind != TOK_WORD && t->kind != TOK_QUOTED) || sl_chr(t->value, '"') >= 0 || sl_chr(t->value, '\0') >= 0)
		return false; /* DIFFERS: no double quotes in column names */
	*out = t->value;
	c->i++;
	return true;
}

static int here(struct creator *c)
{
	return rds_syntax(c->sql, cur(c)->kind == TOK_END ? &c->t[c->n] : cur(c), c->err);
}

/* How MySQL prints a type: lower case, synonyms resolved, (n) without blanks. */
static int take_type(struct creator *c, struct buf *out)
{
	static const struct {
		const char *from, *to;
	} synonyms[] = {
		{ "integer", "int" }, { "bool", "tinyint(1)" },	 { "boolean", "tinyint(1)" }, { "numeric", "decimal" },
		{ "dec", "decimal" }, { "real", "double" },	 { "fixed", "decimal" },      { "int4", "int" },
		{ "int8", "bigint" },
	};
	static const char *const known[] = { "tinyint", "smallint", "mediumint", "int", "bigint", "float", "double", "decimal",
					     "date", "time", "datetime", "timestamp", "year", "char", "varchar", "binary",
					     "varbinary", "tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob",
					     "mediumblob", "longblob", "json", "enum", "set", "bit", "tinyint(1)" };
	struct slice word;
	if (cur(c)->kind != TOK_WORD || !take_name(c, &word))
		return here(c);
	char *name = arena_cstr(c->a, word);
	for (char *p = name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	for (size_t i = 0; i < ARRAY_LEN(synonyms); i++)
		if (!strcmp(name, synonyms[i].from))
			name = arena_cstr(c->a, sl(synonyms[i].to));
	size_t k = 0;
	while (k < ARRAY_LEN(known) && strcmp(known[k], name))
		k++;
	if (k == ARRAY_LEN(known)) {
		c->i--;
		return here(c);
	}
	if (!strcmp(name, "double"))
		(void)take(c, "PRECISION");
	buf_adds(out, name);
	if (take(c, "(")) {
		bool length = !strcmp(name, "int") || !strcmp(name, "bigint") || !strcmp(name, "smallint") ||
			      !strcmp(name, "mediumint") || (!strcmp(name, "tinyint") && !sl_eqs(cur(c)->text, "1"));
		struct buf args = { 0 };
		buf_addc(&args, '(');
		for (; c->i < c->n && !tok_is(cur(c), ")"); c->i++)
			buf_addsl(&args, cur(c)->text);
		buf_addc(&args, ')');
		if (!length) /* display widths are gone since 8.0.19 */
			buf_addsl(out, buf_slice(&args));
		buf_free(&args);
		if (!take(c, ")"))
			return here(c);
	} else if (!strcmp(name, "decimal")) {
		buf_adds(out, "(10,0)");
	} else if (!strcmp(name, "char") || !strcmp(name, "binary")) {
		buf_adds(out, "(1)");
	}
	if (take(c, "UNSIGNED"))
		buf_adds(out, " unsigned");
	return 0;
}

static bool is_text(const char *type)
{
	return strstr(type, "char") || strstr(type, "text") || !strncmp(type, "enum", 4) || !strncmp(type, "set", 3);
}

static bool is_integer(const char *type)
{
	return strstr(type, "int") != NULL || !strncmp(type, "year", 4) || !strncmp(type, "bit", 3);
}

/* SQLite's affinity for a MySQL type; the true type stays in the catalogue. */
static const char *affinity(const char *type)
{
	if (is_integer(type))
		return "INTEGER";
	if (!strncmp(type, "float", 5) || !strncmp(type, "double", 6))
		return "REAL";
	if (!strncmp(type, "decimal", 7))
		return "NUMERIC";
	if (strstr(type, "blob") || strstr(type, "binary"))
		return "BLOB";
	return is_text(type) ? "TEXT COLLATE mysql_ci" : "TEXT";
}

static void add_default(struct creator *c, struct rds_field *f)
{
	const struct tok *t = cur(c);
	struct buf b = { 0 };
	if (take(c, "(")) {
		int depth = 1;
		for (; c->i < c->n && depth; c->i++)
			depth += tok_is(cur(c), "(") - tok_is(cur(c), ")");
		return;
	}
	c->i++;
	if (tok_is(t, "NULL"))
		return;
	if ((tok_is(t, "-") || tok_is(t, "+")) && cur(c)->kind == TOK_NUMBER) {
		buf_addsl(&b, t->text);
		buf_addsl(&b, cur(c)->text);
		c->i++;
	} else {
		buf_addsl(&b, t->kind == TOK_STRING ? t->value : t->text);
	}
	if (take(c, "(")) /* CURRENT_TIMESTAMP(6) */
		while (c->i < c->n && !take(c, ")"))
			c->i++;
	free(f->dflt); /* the last DEFAULT counts */
	f->dflt = xstrndup(b.p, b.n);
	buf_free(&b);
}

static int column_options(struct creator *c, struct rds_field *f)
{
	struct slice ignored;
	while (c->i < c->n && !tok_is(cur(c), ",") && !tok_is(cur(c), ")")) {
		if (take(c, "NOT") && take(c, "NULL"))
			f->not_null = true;
		else if (take(c, "NULL"))
			;
		else if (take(c, "AUTO_INCREMENT"))
			f->auto_increment = true;
		else if (take(c, "PRIMARY") && take(c, "KEY"))
			f->primary = f->not_null = true;
		else if (take(c, "UNIQUE")) {
			f->unique = true;
			(void)take(c, "KEY");
		} else if (take(c, "DEFAULT"))
			add_default(c, f);
		else if (take(c, "CHARACTER") || take(c, "CHARSET") || take(c, "COLLATE") || take(c, "COMMENT")) {
			(void)take(c, "SET");
			c->i++;
		} else if (take(c, "ON") && take(c, "UPDATE")) {
			c->i++;
		} else if (take_name(c, &ignored)) {
			c->i--;
			return here(c);
		} else {
			return here(c);
		}
	}
	return 0;
}

static struct rds_field *field_named(struct rds_table *t, struct slice name)
{
	for (size_t i = 0; i < t->field_n; i++)
		if (sl_eq_nocase(sl(t->fields[i].name), name))
			return &t->fields[i];
	return NULL;
}

static int column(struct creator *c)
{
	struct slice name;
	struct buf type = { 0 };
	int rc;
	if (!take_name(c, &name))
		return here(c);
	if (field_named(c->table, name))
		return err_fail(c->err, &rds_errors[RDS_E_DUP_COLUMN], "Duplicate column name '%.*s'", SL(name));
	struct rds_table *t = c->table;
	t->fields = xrealloc(t->fields, (t->field_n + 1) * sizeof(*t->fields));
	struct rds_field *f = &t->fields[t->field_n++];
	*f = (struct rds_field){ .name = xstrndup(name.p, name.n) };
	rc = take_type(c, &type);
	f->type = xstrndup(type.p, type.n);
	buf_free(&type);
	return rc ? rc : column_options(c, f);
}

static const struct error_def no_key_column = { ERR_INVALID, "42000", 0, 1072 };

/* PRIMARY KEY (a, b), UNIQUE KEY x (a), KEY x (a(20)). */
static int key(struct creator *c, bool primary, bool unique)
{
	struct slice name, col;
	struct buf *cols = &c->cols;
	struct rds_field *only = NULL;
	size_t n = 0;
	buf_reset(cols);
	if (!tok_is(cur(c), "("))
		(void)take_name(c, &name);
	if (!take(c, "("))
		return here(c);
	do {
		if (!take_name(c, &col))
			return here(c);
		struct rds_field *f = field_named(c->table, col);
		if (!f)
			return err_fail(c->err, &no_key_column, "Key column '%.*s' doesn't exist in table", SL(col));
		only = f;
		f->primary |= primary;
		f->not_null |= primary;
		f->indexed |= n == 0;
		buf_addf(cols, "%s\"%s\"", n++ ? ", " : "", f->name);
		if (take(c, "("))
			while (c->i < c->n && !take(c, ")"))
				c->i++;
		if (!take(c, "ASC"))
			(void)take(c, "DESC");
	} while (take(c, ","));
	if (!take(c, ")"))
		return here(c);
	if (unique && n == 1)
		only->unique = true;
	if (primary || unique)
		buf_addf(&c->tail, ", %s (%.*s)", primary ? "PRIMARY KEY" : "UNIQUE", SL(buf_slice(cols)));
	while (c->i < c->n && !tok_is(cur(c), ",") && !tok_is(cur(c), ")")) /* USING BTREE, COMMENT */
		c->i++;
	return 0;
}

static int item(struct creator *c)
{
	struct slice name;
	if (take(c, "CONSTRAINT") && !tok_is(cur(c), "PRIMARY") && !tok_is(cur(c), "UNIQUE") && !tok_is(cur(c), "FOREIGN"))
		(void)take_name(c, &name);
	if (take(c, "PRIMARY"))
		return take(c, "KEY") ? key(c, true, false) : here(c);
	if (take(c, "UNIQUE")) {
		if (!take(c, "KEY"))
			(void)take(c, "INDEX");
		return key(c, false, true);
	}
	if (cur(c)->kind == TOK_WORD && (take(c, "KEY") || take(c, "INDEX") || take(c, "FULLTEXT")))
		return key(c, false, false);
	if (tok_is(cur(c), "FOREIGN") || tok_is(cur(c), "CHECK"))
		return err_fail(c->err, &rds_errors[RDS_E_UNSUPPORTED],
				"This version of MySQL doesn't yet support '%.*s constraints'", SL(cur(c)->text));
	return column(c);
}

/* Bytes that are put into a BIT column become its number: SQLite would keep them as they are. */
static void bit_triggers(struct creator *c, const char *field)
{
	static const char *const when[] = { "INSERT", "UPDATE OF" };
	for (size_t i = 0; i < ARRAY_LEN(when); i++) {
		buf_addf(c->ddl, "; CREATE TRIGGER \"rds$bit%zu %s %s\" AFTER %s ", i, c->table->name, field, when[i]);
		if (i)
			buf_addf(c->ddl, "\"%s\" ", field);
		buf_addf(c->ddl, "ON \"%s\" WHEN typeof(NEW.\"%s\") = 'blob' BEGIN UPDATE \"%s\" SET \"%s\" = \"rds$bits\"(\"%s\")"
			 " WHERE rowid = NEW.rowid; END", c->table->name, field, c->table->name, field, field);
	}
}

static void write_ddl(struct creator *c)
{
	const struct rds_table *t = c->table;
	buf_addf(c->ddl, "CREATE TABLE \"%s\" (", t->name);
	bool rowid_key = false;
	for (size_t i = 0; i < t->field_n; i++) {
		const struct rds_field *f = &t->fields[i];
		/* A single integer key is the rowid: storage order is key order, as InnoDB's. */
		bool alias = f->primary && is_integer(f->type) && !rowid_key && sl_find(buf_slice(&c->tail), S("PRIMARY")) < 0;
		buf_addf(c->ddl, "%s\"%s\" %s", i ? ", " : "", f->name, affinity(f->type));
		if (alias)
			buf_adds(c->ddl, f->auto_increment ? " PRIMARY KEY AUTOINCREMENT" : " PRIMARY KEY");
		else if (f->primary && sl_find(buf_slice(&c->tail), S("PRIMARY")) < 0)
			buf_adds(c->ddl, " PRIMARY KEY");
		rowid_key |= alias;
		if (f->not_null && !f->auto_increment)
			buf_adds(c->ddl, " NOT NULL");
		if (f->unique)
			buf_adds(c->ddl, " UNIQUE");
		if (f->dflt && !strncasecmp(f->dflt, "CURRENT_TIMESTAMP", 17))
			buf_adds(c->ddl, " DEFAULT (strftime('%Y-%m-%d %H:%M:%S'))");
		else if (f->dflt) {
			buf_adds(c->ddl, " DEFAULT '");
			for (const char *p = f->dflt; *p; p++)
				buf_addf(c->ddl, *p == '\'' ? "''" : "%c", *p);
			buf_addc(c->ddl, '\'');
		}
	}
	buf_addsl(c->ddl, buf_slice(&c->tail));
	buf_addc(c->ddl, ')');
	for (size_t i = 0; i < t->field_n; i++)
		if (!strncmp(t->fields[i].type, "bit", 3))
			bit_triggers(c, t->fields[i].name);
}

int rds_create_parse(struct arena *a, struct slice sql, const struct tok *t, size_t n, const char *name, struct rds_table **out,
		     struct buf *ddl, struct error *err)
{
	struct creator c = { .a = a, .sql = sql, .t = t, .n = n, .ddl = ddl, .err = err };
	int rc;
	c.table = xcalloc(1, sizeof(*c.table));
	c.table->name = xstrdup(name);
	do {
		rc = item(&c);
	} while (!rc && take(&c, ","));
	if (!rc && (!take(&c, ")") || !c.table->field_n))
		rc = here(&c);
	/* One integer PRIMARY KEY (x) clause is the rowid too. */
	if (!rc && c.tail.n) {
		for (size_t i = 0; i < c.table->field_n; i++) {
			struct rds_field *f = &c.table->fields[i];
			struct slice clause = arena_printf(a, ", PRIMARY KEY (\"%s\")", f->name);
			ssize_t at = sl_find(buf_slice(&c.tail), clause);
			if (at < 0 || !is_integer(f->type))
				continue;
			memmove(c.tail.p + at, c.tail.p + at + clause.n, c.tail.n - (size_t)at - clause.n);
			c.tail.n -= clause.n;
		}
	}
	if (!rc)
		write_ddl(&c);
	buf_free(&c.tail);
	buf_free(&c.cols);
	if (rc)
		rds_tables_free(c.table);
	else
		*out = c.table;
	return rc;
}
