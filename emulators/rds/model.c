#include "rds/rds.h"

enum { HERE_SQL = 8 << 10, HERE_TOKENS = 400, HERE_TABLES = 6 };

void rds_ok(struct rds_session *s, uint64_t affected, uint64_t id)
{
	struct rds_ok ok = { .affected = affected, .insert_id = id, .status = rds_status(s) };
	rds_put_ok(&s->c->out, &s->seq, &ok);
}

/* ---- reading and writing ---- */

/* INSERT, UPDATE ... also behind a WITH; NULL: it reads. */
static const struct tok *writing_word(const struct tok *t, size_t n)
{
	static const char *const words[] = { "INSERT", "UPDATE", "DELETE", "REPLACE" };
	int depth = 0;
	for (size_t i = 0; i < n; i++) {
		depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		for (size_t k = 0; !depth && k < ARRAY_LEN(words); k++)
			if (tok_is(&t[i], words[k]))
				return &t[i];
		if (!depth && (tok_is(&t[i], "SELECT") || !tok_is(t, "WITH")))
			return NULL;
	}
	return NULL;
}

/* What may take long whatever the tables hold, or long to be prepared. */
static bool is_heavy(struct slice sql, const struct tok *t, size_t n)
{
	static const char *const words[] = { "WITH", "REGEXP", "RLIKE", "SLEEP", "BENCHMARK" };
	size_t tables = 0;
	if (sql.n > HERE_SQL || n > HERE_TOKENS)
		return true;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			if (tok_is(&t[i], words[k]))
				return true;
		tables += tok_is(&t[i], "FROM") || tok_is(&t[i], "JOIN");
	}
	return tables > HERE_TABLES;
}

/* INSERT of values that are there, or cost next to nothing to make. */
static bool is_short_insert(struct slice sql, const struct tok *t, size_t n)
{
	static const char *const cheap[] = { "NOW", "VALUES", "VALUE", "CURRENT_TIMESTAMP", "CURDATE", "CURTIME", "CONCAT", "UNIX_TIMESTAMP" };
	if (!tok_is(t, "INSERT") || is_heavy(sql, t, n))
		return false;
	for (size_t i = 1; i < n; i++) {
		size_t k = 0;
		if (tok_is(&t[i], "SELECT"))
			return false;
		if (!tok_is(&t[i], "(") || t[i - 1].kind != TOK_WORD || (i > 1 && tok_is(&t[i - 2], "INTO")))
			continue;
		while (k < ARRAY_LEN(cheap) && !tok_is(&t[i - 1], cheap[k]))
			k++;
		if (k == ARRAY_LEN(cheap))
			return false;
	}
	return true;
}

/* FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE: it waits for who writes, and nobody writes until the transaction ends. */
static bool locks(const struct tok *t, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if ((tok_is(&t[i], "FOR") && (tok_is(&t[i + 1], "UPDATE") || tok_is(&t[i + 1], "SHARE"))) ||
		    (tok_is(&t[i], "LOCK") && tok_is(&t[i + 1], "IN")))
			return true;
	return false;
}

static bool has_tables(const struct tok *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tok_is(&t[i], "FROM") || tok_is(&t[i], "INTO") || tok_is(&t[i], "UPDATE"))
			return true;
	return false;
}

static bool needs_db(const struct tok *t, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if ((tok_is(&t[i], "FROM") || tok_is(&t[i], "INTO") || tok_is(&t[i], "UPDATE")) && tok_is_name(&t[i + 1]) &&
		    !tok_is(&t[i + 1], "DUAL") && !(i + 2 < n && tok_is(&t[i + 2], ".")))
			return true;
	return false;
}

void rds_translate_long(struct arena *a, const struct rds_scope *scope, struct slice sql, const struct tok *t, size_t n,
			struct rds_translation *out)
{
	buf_reset(&out->sql);
	out->rc = rds_translate_in(a, scope, sql, t, n, &out->sql, &out->err);
	(void)buf_cstr(&out->sql);
	out->writes = writing_word(t, n);
	out->tables = has_tables(t, n);
	out->locks = locks(t, n);
	out->needs_db = needs_db(t, n);
}

/* The same for one that a job has translated. */
static int run_long(struct rds_session *s, struct slice sql, const struct tok *t, struct rds_translation *x, struct error *err)
{
	if (!s->db[0] && x->needs_db)
		return err_fail(err, &rds_errors[RDS_E_NO_DB], "No database selected");
	if (!s->autocommit && (x->writes || x->tables))
		s->in_tx = true;
	if (x->rc) {
		*err = x->err;
		return x->rc;
	}
	if (x->writes)
		return rds_write(s, x->sql.p, false, sql, x->writes, err);
	struct rds_read in = { .sql = x->sql.p, .heavy = true, .lock = s->in_tx && x->locks };
	return rds_select(s, &in, sql, t, err);
}

static int run_translated(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	const struct tok *writes = writing_word(t, n);
	struct buf b = { 0 };
	int rc = 0;
	if (!s->autocommit && (writes || has_tables(t, n)))
		s->in_tx = true;
	struct rds_read in = { 0 };
	if (writes || !rds_page(s, t, n, &b, &in))
		rc = rds_translate(&s->arena, s, sql, t, n, &b, err);
	if (!rc && writes) {
		rc = rds_write(s, buf_cstr(&b), is_short_insert(sql, t, n), sql, writes, err);
	} else if (!rc) {
		in.sql = buf_cstr(&b);
		in.heavy = is_heavy(sql, t, n);
		in.lock = s->in_tx && locks(t, n);
		rc = rds_select(s, &in, sql, t, err);
	}
	buf_free(&b);
	return rc;
}

/* ---- DDL ---- */

/* [db.]name at *i. */
static int take_table(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, size_t *i, struct slice *name, struct error *err)
{
	if (*i >= n || !tok_is_name(&t[*i]))
		return rds_syntax(sql, &t[*i < n ? *i : n], err);
	*name = t[(*i)++].value;
	if (*i + 1 < n && tok_is(&t[*i], ".") && tok_is_name(&t[*i + 1])) {
		if (!sl_eq_nocase(*name, sl(s->r->database)))
			return err_fail(err, &rds_errors[RDS_E_BAD_DB], "Unknown database '%.*s'", SL(*name));
		*name = t[*i + 1].value;
		*i += 2;
	}
	if (name->n < 64 && !sl_starts_nocase(*name, S("rds$")) && !sl_starts_nocase(*name, S("sqlite_")) &&
	    !sl_starts_nocase(*name, S("information_schema.")) && sl_chr(*name, '"') < 0)
		return 0;
	return rds_syntax(sql, &t[*i < n ? *i : n], err);
}

static bool take_if(const struct tok *t, size_t n, size_t *i, bool negated)
{
	size_t words = negated ? 3 : 2;
	if (*i + words > n || !tok_is(&t[*i], "IF"))
		return false;
	*i += words;
	return true;
}

static int create_table(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	struct slice name;
	struct rds_table *table = NULL;
	struct buf ddl = { 0 }, script = { 0 };
	bool temporary = tok_is(&t[1], "TEMPORARY");
	size_t i = temporary ? 3 : 2;
	bool maybe = take_if(t, n, &i, true);
	int rc = take_table(s, sql, t, n, &i, &name, err);
	if (rc || i >= n || !tok_is(&t[i], "("))
		return rc ? rc : rds_syntax(sql, &t[i < n ? i : n], err);
	struct slice kept = temporary ? rds_temporary_name(&s->arena, s, name) : name;
	if (rds_table_find(s->r, kept) && maybe) {
		rds_ok(s, 0, 0);
		return 0;
	}
	if (rds_table_find(s->r, kept))
		return err_fail(err, &rds_errors[RDS_E_TABLE_EXISTS], "Table '%.*s' already exists", SL(name));
	rc = rds_create_parse(&s->arena, sql, t + i + 1, n - i - 1, arena_cstr(&s->arena, kept), &table, &ddl, err);
	if (!rc) {
		s->has_temporary |= temporary;
		rds_store_create(&script, table, buf_cstr(&ddl));
		rc = rds_ddl(s, buf_cstr(&script), sql, t, err);
		rds_tables_free(table);
	}
	buf_free(&script);
	buf_free(&ddl);
	return rc;
}

/* All of them, or none. */
static int drop_tables(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	bool temporary = tok_is(&t[1], "TEMPORARY");
	size_t i = temporary ? 3 : 2;
	struct slice name;
	struct buf script = { 0 }, missing = { 0 };
	bool maybe = take_if(t, n, &i, false);
	int rc = 0;
	for (; !rc; i++) {
		if ((rc = take_table(s, sql, t, n, &i, &name, err)))
			break;
		const struct rds_table *table = rds_session_table(s, name);
		if (table && (!temporary || !sl_eqs(name, table->name)))
			rds_store_drop(&script, table->name);
		else
			buf_addf(&missing, "%s%s.%.*s", missing.n ? "," : "", s->r->database, SL(name));
		if (i >= n || !tok_is(&t[i], ","))
			break;
	}
	if (!rc && missing.n && !maybe)
		rc = err_fail(err, &rds_errors[RDS_E_BAD_TABLE], "Unknown table '%s'", buf_cstr(&missing));
	if (!rc)
		rc = rds_ddl(s, buf_cstr(&script), sql, t, err);
	buf_free(&script);
	buf_free(&missing);
	return rc;
}

static int create_or_drop_database(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	size_t i = 2;
	bool create = tok_is(&t[0], "CREATE"), maybe = take_if(t, n, &i, create);
	if (i >= n || !tok_is_name(&t[i]))
		return rds_syntax(sql, &t[i < n ? i : n], err);
	bool ours = sl_eqs(t[i].value, s->r->database);
	if (maybe && create == ours) {
		rds_ok(s, 0, 0);
		return 0;
	}
	if (create && ours)
		return err_fail(err, &rds_errors[RDS_E_DB_EXISTS], "Can't create database '%.*s'; database exists",
				SL(t[i].value));
	if (!create && !ours)
		return err_fail(err, &rds_errors[RDS_E_NO_DB_TO_DROP],
				"Can't drop database '%.*s'; database doesn't exist", SL(t[i].value));
	return err_fail(err, &rds_errors[RDS_E_UNSUPPORTED], "This server holds the one database '%s'", s->r->database);
}

static int truncate(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	struct slice name;
	size_t i = n > 1 && tok_is(&t[1], "TABLE") ? 2 : 1;
	int rc = take_table(s, sql, t, n, &i, &name, err);
	if (rc)
		return rc;
	const struct rds_table *table = rds_session_table(s, name);
	if (!table)
		return err_fail(err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", s->r->database, SL(name));
	/* Ids begin anew, where SQLite has counted some. */
	return rds_ddl(s, arena_printf(&s->arena, "DELETE FROM \"%s\"; CREATE TABLE \"rds$counts\" (id INTEGER PRIMARY KEY AUTOINCREMENT);"
		       " DROP TABLE \"rds$counts\"; DELETE FROM sqlite_sequence WHERE name = '%s'", table->name, table->name).p, sql, t, err);
}

int rds_use(struct rds_session *s, struct slice db, struct error *err)
{
	if (!sl_eqs(db, s->r->database) && !sl_eq_nocase(db, S("information_schema")))
		return err_fail(err, &rds_errors[RDS_E_BAD_DB], "Unknown database '%.*s'", SL(db));
	snprintf(s->db, sizeof(s->db), "%.*s", SL(db));
	return 0;
}

/* ---- one statement ---- */

static int use(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	int rc = n == 2 && tok_is_name(&t[1]) ? rds_use(s, t[1].value, err) : rds_syntax(sql, &t[n > 1 ? 1 : n], err);
	if (!rc)
		rds_ok(s, 0, 0);
	return rc;
}

static int set(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	int rc = rds_set(s, sql, t, n, err);
	if (!rc)
		rds_ok(s, 0, 0);
	return rc;
}

static int create_or_drop(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	bool create = tok_is(t, "CREATE");
	if (n > 2 && (tok_is(&t[1], "DATABASE") || tok_is(&t[1], "SCHEMA")))
		return create_or_drop_database(s, sql, t, n, err);
	if (n > 2 && create && (tok_is(&t[1], "TABLE") || tok_is(&t[1], "TEMPORARY")))
		return create_table(s, sql, t, n, err);
	if (n > 2 && !create && (tok_is(&t[1], "TABLE") || (tok_is(&t[1], "TEMPORARY") && tok_is(&t[2], "TABLE"))))
		return drop_tables(s, sql, t, n, err);
	return rds_syntax(sql, t, err);
}

static int describe(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	size_t i = 1;
	struct slice name;
	if (n < 2 || !tok_is_name(&t[1]) || tok_is(&t[1], "SELECT"))
		return rds_syntax(sql, &t[0], err);
	int rc = take_table(s, sql, t, n, &i, &name, err);
	return rc ? rc : rds_describe(s, name, false, err);
}

static const struct {
	const char *word;
	int (*run)(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err);
} statements[] = {
	{ "SET", set },		       { "USE", use },		     { "COMMIT", rds_tx_statement },
	{ "ROLLBACK", rds_tx_statement }, { "SAVEPOINT", rds_tx_statement }, { "RELEASE", rds_tx_statement },
	{ "CREATE", create_or_drop },  { "DROP", create_or_drop },   { "TRUNCATE", truncate },
	{ "SHOW", rds_show },	       { "DESCRIBE", describe },     { "DESC", describe },
	{ "EXPLAIN", describe },       { "KILL", rds_kill_statement },
};

int rds_run(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	if (!n)
		return err_fail(err, &rds_errors[RDS_E_EMPTY], "Query was empty");
	if (tok_is(t, "BEGIN") || (tok_is(t, "START") && n > 1 && tok_is(&t[1], "TRANSACTION")))
		return rds_begin(s, t, n, sql, err);
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (tok_is(t, statements[i].word))
			return statements[i].run(s, sql, t, n, err);
	struct rds_translation *translated;
	if (rds_parse_translate(s, t, n, &translated))
		return RDS_LATER;
	if (translated)
		return run_long(s, sql, t, translated, err);
	if (!s->db[0] && needs_db(t, n))
		return err_fail(err, &rds_errors[RDS_E_NO_DB], "No database selected");
	return run_translated(s, sql, t, n, err);
}
