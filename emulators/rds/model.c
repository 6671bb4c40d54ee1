#include "core/text.h"
#include "rds/rds.h"

#include <math.h>
#include <strings.h>

enum { RESULT_COLUMNS_MAX = 2000, ERRNO_LOCKED = 1205 };

uint16_t rds_status(const struct rds_session *s, bool more)
{
	return (uint16_t)((s->autocommit ? STATUS_AUTOCOMMIT : 0) | (s->in_tx ? STATUS_IN_TRANS : 0) | (more ? STATUS_MORE : 0));
}

static void put_ok(struct rds_session *s, uint64_t affected, uint64_t id, bool more, struct buf *out)
{
	struct rds_ok ok = { .affected = affected, .insert_id = id, .status = rds_status(s, more) };
	rds_put_ok(out, &s->seq, &ok);
}

/* ---- types of result columns ---- */

static bool type_starts(const char *type, const char *prefix)
{
	return !strncmp(type, prefix, strlen(prefix));
}

static uint32_t in_brackets(const char *type)
{
	const char *open = strchr(type, '(');
	return open ? (uint32_t)atoi(open + 1) : 0;
}

void rds_column_typed(struct rds_column *c, const char *type)
{
	static const struct {
		const char *name;
		uint8_t type;
		uint32_t length;
		uint8_t decimals;
		uint16_t flags;
	} rows[] = {
		{ "tinyint", TYPE_TINY, 4, 0, 0 },	   { "smallint", TYPE_SHORT, 6, 0, 0 },
		{ "mediumint", TYPE_INT24, 9, 0, 0 },	   { "int", TYPE_LONG, 11, 0, 0 },
		{ "bigint", TYPE_LONGLONG, 20, 0, 0 },	   { "float", TYPE_FLOAT, 12, 31, 0 },
		{ "double", TYPE_DOUBLE, 22, 31, 0 },	   { "datetime", TYPE_DATETIME, 19, 0, 0x80 },
		{ "timestamp", TYPE_TIMESTAMP, 19, 0, 0xa0 }, { "date", TYPE_DATE, 10, 0, 0x80 },
		{ "time", TYPE_TIME, 10, 0, 0x80 },	   { "year", TYPE_YEAR, 4, 0, 0x60 },
		{ "json", TYPE_JSON, 4294967295u, 0, 0x90 }, { "longblob", TYPE_BLOB, 4294967295u, 0, 0x90 },
		{ "mediumblob", TYPE_BLOB, 16777215, 0, 0x90 }, { "tinyblob", TYPE_BLOB, 255, 0, 0x90 },
		{ "blob", TYPE_BLOB, 65535, 0, 0x90 },
	};
	uint32_t n = in_brackets(type);
	c->charset = 63;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (type_starts(type, rows[i].name)) {
			c->type = rows[i].type;
			c->length = rows[i].length;
			c->decimals = rows[i].decimals;
			c->flags |= rows[i].flags;
			if (strstr(type, "unsigned"))
				c->flags |= 0x20;
			return;
		}
	}
	if (type_starts(type, "decimal")) {
		const char *comma = strchr(type, ',');
		c->type = TYPE_DECIMAL;
		c->length = n + 2;
		c->decimals = (uint8_t)(comma ? atoi(comma + 1) : 0);
		return;
	}
	if (type_starts(type, "binary") || type_starts(type, "varbinary")) {
		c->type = type_starts(type, "binary") ? TYPE_STRING : TYPE_VAR_STRING;
		c->length = n;
		c->flags |= 0x80;
		return;
	}
	c->charset = 255;
	if (strstr(type, "text")) {
		c->type = TYPE_BLOB;
		c->flags |= 0x10;
		c->length = type_starts(type, "long") ? 4294967295u : type_starts(type, "medium") ? 67108860
							     : type_starts(type, "tiny")	 ? 1020
												 : 262140;
	} else {
		c->type = type_starts(type, "char") || type_starts(type, "enum") || type_starts(type, "set") ? TYPE_STRING
													      : TYPE_VAR_STRING;
		c->length = n ? n * 4 : 1020;
	}
}

/* A column that is no table's: by the value of the first row. */
static void column_by_value(struct rds_column *c, int sqlite_type)
{
	switch (sqlite_type) {
	case SQLITE_INTEGER:
		c->type = TYPE_LONGLONG;
		c->length = 21;
		c->charset = 63;
		c->flags |= 0x80;
		return;
	case SQLITE_FLOAT:
		c->type = TYPE_DOUBLE;
		c->length = 23;
		c->charset = 63;
		c->decimals = 31;
		c->flags |= 0x80;
		return;
	case SQLITE_BLOB:
		c->type = TYPE_BLOB;
		c->length = 65535;
		c->charset = 63;
		c->flags |= 0x80;
		return;
	default:
		c->type = TYPE_VAR_STRING;
		c->length = 1020;
		c->charset = 255;
	}
}

static void describe_column(struct rds_session *s, sqlite3_stmt *st, int i, bool row, struct rds_column *c)
{
	const char *table = sqlite3_column_table_name(st, i), *origin = sqlite3_column_origin_name(st, i);
	const struct rds_field *f = NULL;
	*c = (struct rds_column){ .name = arena_dup(&s->arena, sl(sqlite3_column_name(st, i))) };
	if (table && origin)
		f = rds_field_find(rds_table_find(s->r, sl(table)), origin);
	if (!f) {
		column_by_value(c, row ? sqlite3_column_type(st, i) : SQLITE_NULL);
		c->org_name = sl("");
		c->table = c->db = sl("");
		return;
	}
	c->org_name = arena_dup(&s->arena, sl(origin));
	c->table = arena_dup(&s->arena, sl(table));
	c->db = sl(s->r->database);
	c->flags = (uint16_t)((f->not_null ? 1 : 0) | (f->primary ? 2 : 0) | (f->unique && !f->primary ? 4 : 0) |
			      (f->indexed && !f->primary && !f->unique ? 8 : 0) | (f->auto_increment ? 0x200 : 0));
	rds_column_typed(c, f->type);
}

/* ---- values as text ---- */

/* MySQL's text of a DOUBLE: the shortest that reads back the same; of a FLOAT: six significant digits. */
static void put_double(struct buf *out, double v, bool is_float)
{
	char text[40];
	if (is_float)
		snprintf(text, sizeof(text), "%.6g", v);
	else
		(void)real_text(v, false, text);
	char *e = strchr(text, 'e');
	if (e && fabs(v) < 1e15 && fabs(v) >= 1e-15) { /* plain form up to fifteen digits */
		snprintf(text, sizeof(text), "%.*f", fabs(v) >= 1 ? 0 : is_float ? 21 : 30, v);
		if (strchr(text, '.')) {
			char *end = text + strlen(text) - 1;
			while (*end == '0')
				*end-- = '\0';
		}
		e = NULL;
	}
	struct buf b = { 0 };
	if (e) { /* 1e+20 is 1e20 in MySQL */
		long power = strtol(e + 1, NULL, 10);
		buf_addf(&b, "%.*se%ld", (int)(e - text), text, power);
	} else {
		buf_adds(&b, text);
	}
	buf_lenenc_string(out, buf_slice(&b));
	buf_free(&b);
}

static void put_cell(struct buf *out, sqlite3_stmt *st, int i, const struct rds_column *c)
{
	char text[64];
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_NULL:
		buf_u8(out, 0xfb);
		return;
	case SQLITE_FLOAT:
		if (c->type == TYPE_DECIMAL) {
			snprintf(text, sizeof(text), "%.*f", c->decimals > 30 ? 30 : c->decimals, sqlite3_column_double(st, i));
			buf_lenenc_string(out, sl(text));
		} else {
			put_double(out, sqlite3_column_double(st, i), c->type == TYPE_FLOAT);
		}
		return;
	case SQLITE_INTEGER:
		if (c->type == TYPE_DECIMAL && c->decimals) {
			snprintf(text, sizeof(text), "%lld.%0*d", (long long)sqlite3_column_int64(st, i), c->decimals, 0);
			buf_lenenc_string(out, sl(text));
			return;
		}
		break;
	}
	buf_lenenc_string(out, sqlite3_column_type(st, i) == SQLITE_BLOB ? db_blob(st, i) : db_text(st, i));
}

/* ---- result sets ---- */

static int send_rows(struct rds_session *s, sqlite3_stmt *st, struct slice sql, const struct tok *first, bool more,
		     struct buf *out, struct error *err)
{
	int n = sqlite3_column_count(st), step = sqlite3_step(st);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return rds_sql_error(s->r, sql, first, err);
	struct rds_column *c = arena_alloc(&s->arena, (size_t)n * sizeof(*c));
	for (int i = 0; i < n; i++)
		describe_column(s, st, i, step == SQLITE_ROW, &c[i]);
	/* An error half way must not follow half a result set: it takes the place of all of it. */
	size_t start = out->n;
	uint8_t seq = s->seq;
	rds_put_columns(out, &s->seq, s->caps, rds_status(s, more), c, (size_t)n);
	struct buf row = { 0 };
	for (; step == SQLITE_ROW; step = sqlite3_step(st)) {
		buf_reset(&row);
		for (int i = 0; i < n; i++)
			put_cell(&row, st, i, &c[i]);
		rds_packet_put(out, &s->seq, buf_slice(&row));
	}
	buf_free(&row);
	if (step != SQLITE_DONE) {
		out->n = start;
		s->seq = seq;
		return rds_sql_error(s->r, sql, first, err);
	}
	rds_put_eof(out, &s->seq, s->caps, rds_status(s, more), true);
	return 0;
}

int rds_select(struct rds_session *s, const char *sqlite_sql, struct slice sql, const struct tok *first, bool more, struct buf *out,
	       struct error *err)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v2(s->r->db.h, sqlite_sql, -1, &st, NULL) != SQLITE_OK)
		return rds_sql_error(s->r, sql, first, err);
	int r = st ? send_rows(s, st, sql, first, more, out, err) : rds_syntax(sql, first, err);
	sqlite3_finalize(st);
	return r;
}

/* ---- SELECT * FROM t LIMIT n, 1 at the same cost for every n ---- */

struct page {
	struct rds_table *table;
	int64_t skip, count;
};

static bool is_page(struct rds_session *s, const struct tok *t, size_t n, struct page *p)
{
	size_t at = 4;
	int64_t a, b = 0;
	if (n < 6 || n > 10 || !tok_is(&t[0], "SELECT") || !tok_is(&t[1], "*") || !tok_is(&t[2], "FROM"))
		return false;
	if (n > at + 1 && tok_is(&t[at], ".")) {
		if (!sl_eqs(t[3].value, s->r->database))
			return false;
		at += 2;
	}
	const struct tok *name = &t[at - 1];
	if ((name->kind != TOK_WORD && name->kind != TOK_QUOTED) || !(p->table = rds_table_find(s->r, name->value)))
		return false;
	if (at + 1 >= n || !tok_is(&t[at], "LIMIT") || !sl_int(t[at + 1].text, 0, INT32_MAX, &a))
		return false;
	if (at + 2 == n) {
		p->skip = 0;
		p->count = a;
		return true;
	}
	if (at + 4 != n || !sl_int(t[at + 3].text, 0, INT32_MAX, &b))
		return false;
	bool comma = tok_is(&t[at + 2], ",");
	if (!comma && !tok_is(&t[at + 2], "OFFSET"))
		return false;
	p->skip = comma ? a : b;
	p->count = comma ? b : a;
	return true;
}

/* Rowids without a gap make the offset a key; checked again after any write. */
static bool is_dense(struct rds *r, struct rds_table *t)
{
	if (t->dense_seq == r->writes + 1)
		return t->dense;
	sqlite3_stmt *st = NULL;
	char *sql = xasprintf("SELECT min(rowid), max(rowid), count(*) FROM \"%s\"", t->name);
	t->dense_seq = r->writes + 1;
	t->dense = false;
	if (sqlite3_prepare_v2(r->db.h, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		t->min_rowid = sqlite3_column_int64(st, 0);
		t->dense = sqlite3_column_int64(st, 1) - t->min_rowid + 1 == sqlite3_column_int64(st, 2);
	}
	sqlite3_finalize(st);
	free(sql);
	return t->dense;
}

/* ---- writing and transactions ---- */

static bool is_write(const struct tok *t)
{
	return tok_is(t, "INSERT") || tok_is(t, "UPDATE") || tok_is(t, "DELETE") || tok_is(t, "REPLACE");
}

/* One connection's transaction is the database's: others' writes wait, which here means error 1205 at once.
 * DIFFERS: MySQL waits innodb_lock_wait_timeout and locks rows, not the database; readers here see what the
 * open transaction has written. */
static int take_write_lock(struct rds_session *s, struct error *err)
{
	struct rds *r = s->r;
	if (r->owner && r->owner != s)
		return err_fail(err, &rds_errors[RDS_E_LOCKED], "Lock wait timeout exceeded; try restarting transaction");
	if ((s->in_tx || !s->autocommit) && !r->owner) {
		/* What this tick wrote before belongs to statements that are done. */
		int rc = db_commit(&r->db, err);
		if (rc)
			return rc;
		r->owner = s;
		s->in_tx = true;
	}
	return db_begin(&r->db, err);
}

int rds_end(struct rds_session *s, bool commit, struct error *err)
{
	struct rds *r = s->r;
	s->in_tx = false;
	if (r->owner != s)
		return 0;
	r->owner = NULL;
	r->writes++;
	if (commit)
		return db_commit(&r->db, err);
	int rc = db_rollback(&r->db, err);
	return rc ? rc : rds_catalogue_load(r, err);
}

static int run_write(struct rds_session *s, const char *sqlite_sql, struct slice sql, const struct tok *t, bool more,
		     struct buf *out, struct error *err)
{
	struct rds *r = s->r;
	sqlite3_stmt *st = NULL;
	int rc = take_write_lock(s, err);
	if (rc)
		return rc;
	if (sqlite3_prepare_v2(r->db.h, sqlite_sql, -1, &st, NULL) != SQLITE_OK)
		return rds_sql_error(r, sql, t, err);
	int64_t before = sqlite3_total_changes64(r->db.h), id = sqlite3_last_insert_rowid(r->db.h);
	int step = sqlite3_step(st);
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		rc = rds_sql_error(r, sql, t, err);
	sqlite3_finalize(st);
	r->writes++;
	if (rc)
		return rc;
	uint64_t affected = (uint64_t)(sqlite3_total_changes64(r->db.h) - before);
	uint64_t fresh = tok_is(t, "INSERT") && sqlite3_last_insert_rowid(r->db.h) != id
				 ? (uint64_t)sqlite3_last_insert_rowid(r->db.h)
				 : 0;
	if (fresh)
		s->last_insert_id = fresh;
	put_ok(s, affected, fresh, more, out);
	return 0;
}

static int run_translated(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, bool more, struct buf *out,
			  struct error *err)
{
	struct page p;
	struct buf b = { 0 };
	int rc;
	if (is_page(s, t, n, &p) && is_dense(s->r, p.table)) {
		buf_addf(&b, "SELECT * FROM \"%s\" WHERE rowid >= %lld LIMIT %lld", p.table->name,
			 (long long)(p.table->min_rowid + p.skip), (long long)p.count);
		rc = rds_select(s, buf_cstr(&b), sql, t, more, out, err);
	} else if (!(rc = rds_translate(&s->arena, s, sql, t, n, &b, err))) {
		rc = is_write(t) ? run_write(s, buf_cstr(&b), sql, t, more, out, err)
				: rds_select(s, buf_cstr(&b), sql, t, more, out, err);
	}
	buf_free(&b);
	return rc;
}

/* ---- SET ---- */

static bool set_flag(const struct tok *t)
{
	return t->kind == TOK_NUMBER ? !sl_eqs(t->text, "0") : !(tok_is(t, "OFF") || tok_is(t, "FALSE"));
}

static int set_variable(struct rds_session *s, const struct tok *name, const struct tok *value, struct error *err)
{
	struct slice n = name->kind == TOK_SYSVAR || name->kind == TOK_QUOTED ? name->value : name->text, v;
	if (name->kind == TOK_USERVAR)
		return err_fail(err, &rds_errors[RDS_E_UNSUPPORTED], "This version of MySQL doesn't yet support 'user variables'");
	v = rds_variable(&s->arena, n, s);
	if (!v.p)
		return err_fail(err, &rds_errors[RDS_E_VARIABLE], "Unknown system variable '%.*s'", SL(n));
	if (!sl_eq_nocase(n, S("autocommit")) && !sl_eq_nocase(n, S("session.autocommit")))
		return 0; /* known, and without effect here */
	bool on = set_flag(value);
	if (on && !s->autocommit) {
		int rc = rds_end(s, true, err);
		if (rc)
			return rc;
	}
	s->autocommit = on;
	return 0;
}

static int run_set(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	size_t i = 1;
	if (n > 1 && (tok_is(&t[1], "NAMES") || tok_is(&t[1], "CHARACTER") || tok_is(&t[1], "CHARSET")))
		return n > 2 ? 0 : rds_syntax(sql, &t[n], err);
	if (n > 2 && (tok_is(&t[1], "TRANSACTION") || tok_is(&t[2], "TRANSACTION")))
		return 0; /* one writer at a time is SERIALIZABLE, which every level allows */
	while (i < n) {
		if (tok_is(&t[i], "SESSION") || tok_is(&t[i], "GLOBAL") || tok_is(&t[i], "LOCAL"))
			i++;
		if (i + 2 >= n || (!tok_is(&t[i + 1], "=") && !tok_is(&t[i + 1], ":=")))
			return rds_syntax(sql, i < n ? &t[i + 1 < n ? i + 1 : i] : &t[n], err);
		int rc = set_variable(s, &t[i], &t[i + 2], err);
		if (rc)
			return rc;
		int depth = 0;
		for (i += 2; i < n && (depth || !tok_is(&t[i], ",")); i++)
			depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		i++;
	}
	return n > 1 ? 0 : rds_syntax(sql, &t[n], err);
}

/* ---- DDL ---- */

static bool is_name(const struct tok *t)
{
	return t->kind == TOK_WORD || t->kind == TOK_QUOTED;
}

/* [db.]name at *i; false when there is none. */
static bool take_table(struct rds_session *s, const struct tok *t, size_t n, size_t *i, struct slice *name)
{
	if (*i >= n || !is_name(&t[*i]))
		return false;
	*name = t[(*i)++].value;
	if (*i + 1 < n && tok_is(&t[*i], ".") && is_name(&t[*i + 1])) {
		*name = t[*i + 1].value;
		*i += 2;
	}
	return name->n < 64 && !sl_starts_nocase(*name, S("rds$")) && !sl_starts_nocase(*name, S("sqlite_")) &&
	       sl_chr(*name, '"') < 0;
}

static bool take_if(const struct tok *t, size_t n, size_t *i, bool negated)
{
	size_t words = negated ? 3 : 2;
	if (*i + words > n || !tok_is(&t[*i], "IF"))
		return false;
	*i += words;
	return true;
}

/* DDL ends a transaction, as in MySQL. */
static int begin_ddl(struct rds_session *s, struct error *err)
{
	int rc = rds_end(s, true, err);
	if (!rc && s->r->owner)
		rc = err_fail(err, &rds_errors[RDS_E_LOCKED], "Lock wait timeout exceeded; try restarting transaction");
	return rc;
}

static int create_table(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	struct slice name;
	struct rds_table *table = NULL;
	struct buf ddl = { 0 };
	size_t i = tok_is(&t[1], "TEMPORARY") ? 3 : 2;
	bool maybe = take_if(t, n, &i, true);
	if (!take_table(s, t, n, &i, &name) || i >= n || !tok_is(&t[i], "("))
		return rds_syntax(sql, &t[i < n ? i : n], err);
	if (rds_table_find(s->r, name))
		return maybe ? 0 : err_fail(err, &rds_errors[RDS_E_TABLE_EXISTS], "Table '%.*s' already exists", SL(name));
	int rc = rds_create_parse(&s->arena, sql, t + i + 1, n - i - 1, arena_cstr(&s->arena, name), &table, &ddl, err);
	if (!rc)
		rc = begin_ddl(s, err);
	if (!rc) {
		if ((rc = rds_table_create(s->r, table, buf_cstr(&ddl), err)) && !err->def)
			rc = rds_sql_error(s->r, sql, t, err);
		s->r->writes++;
	}
	rds_tables_free(table);
	buf_free(&ddl);
	return rc;
}

static int drop_tables(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	size_t i = 2;
	struct slice name;
	bool maybe = take_if(t, n, &i, false);
	int rc = begin_ddl(s, err);
	for (; !rc; i++) {
		if (!take_table(s, t, n, &i, &name))
			return rds_syntax(sql, &t[i < n ? i : n], err);
		struct rds_table *table = rds_table_find(s->r, name);
		if (table)
			rc = rds_table_drop(s->r, table, err);
		else if (!maybe)
			rc = err_fail(err, &rds_errors[RDS_E_BAD_TABLE], "Unknown table '%s.%.*s'", s->r->database, SL(name));
		s->r->writes++;
		if (i >= n || !tok_is(&t[i], ","))
			break;
	}
	return rc;
}

static int create_or_drop_database(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	size_t i = 2;
	bool create = tok_is(&t[0], "CREATE"), maybe = take_if(t, n, &i, create);
	if (i >= n || !is_name(&t[i]))
		return rds_syntax(sql, &t[i < n ? i : n], err);
	bool ours = sl_eqs(t[i].value, s->r->database);
	if (create && ours)
		return maybe ? 0 : err_fail(err, &rds_errors[RDS_E_DB_EXISTS], "Can't create database '%.*s'; database exists",
					    SL(t[i].value));
	if (!create && !ours)
		return maybe ? 0 : err_fail(err, &rds_errors[RDS_E_NO_DB_TO_DROP],
					    "Can't drop database '%.*s'; database doesn't exist", SL(t[i].value));
	return err_fail(err, &rds_errors[RDS_E_UNSUPPORTED], "This server holds the one database '%s'", s->r->database);
}

static int truncate(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, bool more, struct buf *out,
		    struct error *err)
{
	struct slice name;
	size_t i = n > 1 && tok_is(&t[1], "TABLE") ? 2 : 1;
	if (!take_table(s, t, n, &i, &name))
		return rds_syntax(sql, &t[i < n ? i : n], err);
	if (!rds_table_find(s->r, name))
		return err_fail(err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", s->r->database, SL(name));
	int rc = begin_ddl(s, err);
	if (rc || (rc = db_begin(&s->r->db, err)))
		return rc;
	rc = db_exec(&s->r->db, arena_printf(&s->arena, "DELETE FROM \"%.*s\"", SL(name)).p, err);
	s->r->writes++;
	if (!rc)
		put_ok(s, 0, 0, more, out);
	return rc;
}

int rds_use(struct rds_session *s, struct slice db, struct error *err)
{
	if (!sl_eqs(db, s->r->database) && !sl_eq_nocase(db, S("information_schema")))
		return err_fail(err, &rds_errors[RDS_E_BAD_DB], "Unknown database '%.*s'", SL(db));
	snprintf(s->db, sizeof(s->db), "%.*s", SL(db));
	return 0;
}

/* ---- one statement ---- */

static int run_plain(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, bool *known, struct error *err)
{
	*known = true;
	if (tok_is(t, "SET"))
		return run_set(s, sql, t, n, err);
	if (tok_is(t, "USE"))
		return n == 2 && is_name(&t[1]) ? rds_use(s, t[1].value, err) : rds_syntax(sql, &t[n > 1 ? 1 : n], err);
	if (tok_is(t, "BEGIN") || (tok_is(t, "START") && n > 1 && tok_is(&t[1], "TRANSACTION"))) {
		int rc = rds_end(s, true, err);
		s->in_tx = !rc;
		return rc;
	}
	if (tok_is(t, "COMMIT") || tok_is(t, "ROLLBACK")) {
		if (n > 1 && tok_is(&t[1], "TO"))
			return err_fail(err, &rds_errors[RDS_E_UNSUPPORTED], "This version of MySQL doesn't yet support 'SAVEPOINT'");
		return rds_end(s, tok_is(t, "COMMIT"), err);
	}
	if (tok_is(t, "CREATE") && n > 2 && (tok_is(&t[1], "TABLE") || tok_is(&t[1], "TEMPORARY")))
		return create_table(s, sql, t, n, err);
	if (tok_is(t, "DROP") && n > 2 && tok_is(&t[1], "TABLE"))
		return drop_tables(s, sql, t, n, err);
	if ((tok_is(t, "CREATE") || tok_is(t, "DROP")) && n > 2 && (tok_is(&t[1], "DATABASE") || tok_is(&t[1], "SCHEMA")))
		return create_or_drop_database(s, sql, t, n, err);
	*known = false;
	return 0;
}

static bool needs_db(const struct rds_session *s, const struct tok *t, size_t n)
{
	if (s->db[0])
		return false;
	for (size_t i = 0; i + 1 < n; i++)
		if ((tok_is(&t[i], "FROM") || tok_is(&t[i], "INTO") || tok_is(&t[i], "UPDATE")) && is_name(&t[i + 1]) &&
		    !tok_is(&t[i + 1], "DUAL") && !(i + 2 < n && tok_is(&t[i + 2], ".")))
			return true;
	return false;
}

int rds_run(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, bool more, struct buf *out, struct error *err)
{
	bool known;
	if (!n)
		return err_fail(err, &rds_errors[RDS_E_EMPTY], "Query was empty");
	s->r->current = s;
	int rc = run_plain(s, sql, t, n, &known, err);
	if (known) {
		if (!rc)
			put_ok(s, 0, 0, more, out);
		return rc;
	}
	if (tok_is(t, "TRUNCATE"))
		return truncate(s, sql, t, n, more, out, err);
	if (tok_is(t, "SHOW"))
		return rds_show(s, sql, t, n, more, out, err);
	if ((tok_is(t, "DESCRIBE") || tok_is(t, "DESC") || tok_is(t, "EXPLAIN")) && n > 1 && is_name(&t[1]) && !tok_is(&t[1], "SELECT")) {
		size_t i = 1;
		struct slice name;
		return take_table(s, t, n, &i, &name) ? rds_describe(s, name, false, more, out, err) : rds_syntax(sql, &t[1], err);
	}
	if (needs_db(s, t, n))
		return err_fail(err, &rds_errors[RDS_E_NO_DB], "No database selected");
	return run_translated(s, sql, t, n, more, out, err);
}

/* ---- loading without the wire ---- */

int rds_load_table(void *self, const char *create_sql, struct error *err)
{
	struct rds_session s = { .r = self, .autocommit = true };
	struct tokens t;
	int rc = rds_lex(&s.arena, sl(create_sql), &t, err);
	while (!rc && t.n && tok_is(&t.at[t.n - 1], ";"))
		t.n--;
	if (!rc)
		rc = create_table(&s, sl(create_sql), t.at, t.n, err);
	arena_free(&s.arena);
	return rc;
}

int rds_load_row(void *self, const char *table, const struct slice *cells, size_t n, struct error *err)
{
	struct rds *r = self;
	struct rds_table *t = rds_table_find(r, sl(table));
	struct buf b = { 0 };
	sqlite3_stmt *st = NULL;
	int rc;
	if (!t || t->field_n != n)
		return err_set(err, ERR_INVALID, "table %s: %zu values for %zu columns", table, n, t ? t->field_n : 0);
	if ((rc = db_begin(&r->db, err)))
		return rc;
	if (r->load_table != t) {
		buf_addf(&b, "INSERT INTO \"%s\" VALUES (", table);
		for (size_t i = 0; i < n; i++)
			buf_adds(&b, i ? ", ?" : "?");
		buf_addc(&b, ')');
		sqlite3_finalize(r->load);
		r->load = NULL;
		r->load_table = NULL;
		rc = db_prepare(&r->db, buf_cstr(&b), &r->load, err);
		buf_free(&b);
		if (rc)
			return rc;
		r->load_table = t;
	}
	st = r->load;
	for (size_t i = 0; i < n; i++)
		db_bind(st, (int)i + 1, cells[i]); /* the column's affinity makes numbers of them */
	r->writes++;
	return db_run(&r->db, st, err);
}

bool rds_has_table(void *self, const char *table)
{
	return rds_table_find(self, sl(table)) != NULL;
}
