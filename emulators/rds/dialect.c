#include "rds/rds.h"

#include <ctype.h>
#include <strings.h>

/* ---- translation ---- */

struct translator {
	struct arena *a;
	const struct rds_scope *scope;
	struct slice sql;
	const struct tok *t;
	size_t n;
	struct buf *out;
	struct error *err;
	bool top_select; /* in the select list of the outermost SELECT: an item's text is its name */
	size_t item;     /* first token of the item */
	int depth;
	bool later;    /* see rds_translate_in */
	uint64_t from; /* bit n: a list of tables is open n brackets deep (deeper than 63 none is known) */
};

static void sqlite_bytes(struct buf *out, struct slice s)
{
	char some[512];
	buf_adds(out, "x'");
	for (size_t i = 0, n = 0; i < s.n; i++) {
		some[n++] = "0123456789abcdef"[(uint8_t)s.p[i] >> 4];
		some[n++] = "0123456789abcdef"[(uint8_t)s.p[i] & 15];
		if (n == sizeof(some) || i + 1 == s.n) {
			buf_add(out, some, n);
			n = 0;
		}
	}
	buf_addc(out, '\'');
}

static void sqlite_string(struct buf *out, struct slice s)
{
	if (memchr(s.p, '\0', s.n)) { /* SQLite's text ends there */
		buf_adds(out, "CAST(");
		sqlite_bytes(out, s);
		buf_adds(out, " AS TEXT)");
		return;
	}
	rds_quote(out, s);
}

static void sqlite_name(struct buf *out, struct slice s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

static bool is_number(struct slice v)
{
	bool digit = false;
	for (size_t i = 0; i < v.n; i++) {
		if (!isdigit((unsigned char)v.p[i]))
			return false;
		digit = true;
	}
	return digit && v.n < 19;
}

static const struct tok *at(const struct translator *tr, size_t i)
{
	static const struct tok end = { .kind = TOK_END };
	return i < tr->n ? &tr->t[i] : &end;
}

static int system_variable(struct translator *tr, size_t i)
{
	const struct tok *t = at(tr, i);
	if (!tr->scope->s) {
		tr->later = true;
		return 0;
	}
	struct slice v = rds_variable(tr->a, t->value, tr->scope->s);
	if (!v.p) {
		struct slice head, name = t->value;
		if (sl_cut(name, '.', &head, &name))
			;
		else
			name = t->value;
		return err_fail(tr->err, &rds_errors[RDS_E_VARIABLE], "Unknown system variable '%.*s'", SL(name));
	}
	if (is_number(v))
		buf_addsl(tr->out, v);
	else
		sqlite_string(tr->out, v);
	return 0;
}

/* An item of the select list that ends before token `end`: MySQL names it by its text where SQLite, having been given
 * another text, would not. Plain columns, * and items with a name of their own are left alone. */
static void name_item(struct translator *tr, size_t end)
{
	size_t first = tr->item;
	if (first < end && (tok_is(at(tr, first), "DISTINCT") || tok_is(at(tr, first), "ALL")))
		first++;
	if (first >= end)
		return;
	const struct tok *a = at(tr, first), *last = at(tr, end - 1), *before = end - first > 1 ? at(tr, end - 2) : NULL;
	bool name = last->kind == TOK_WORD || last->kind == TOK_QUOTED || last->kind == TOK_STRING;
	if (tok_is(last, "*") || (!before && (last->kind == TOK_WORD || last->kind == TOK_QUOTED)))
		return;
	bool strings = a->kind == TOK_STRING && last->kind == TOK_STRING; /* 'a' 'b': named by the first */
	if (before && name && !strings && !tok_is(last, "END") && !tok_is(last, "NULL") &&
	    (tok_is(before, ".") || tok_is(before, ")") || before->kind != TOK_OP))
		return;
	struct slice text = sl_of(a->text.p, (size_t)(last->text.p + last->text.n - a->text.p));
	buf_adds(tr->out, " AS ");
	sqlite_name(tr->out, strings ? a->value : text);
}

/* The select list ends at the first of these outside brackets. */
static bool ends_select_list(const struct tok *t)
{
	static const char *const words[] = { "FROM", "WHERE", "LIMIT", "UNION", "ORDER", "GROUP", "HAVING", "FOR" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (tok_is(t, words[i]))
			return true;
	return false;
}

/* Words and operators that only need another spelling. */
static const struct spelling {
	const char *mysql, *sqlite;
} spellings[] = {
	{ "&&", "AND" },	   { "||", "OR" },		{ "<=>", "IS" },	 { "RLIKE", "REGEXP" },
	{ "DIV", "/" },		   { "STRAIGHT_JOIN", "JOIN" }, { "SQL_NO_CACHE", "" },	 { "SQL_CACHE", "" },
	{ "SQL_CALC_FOUND_ROWS", "" }, { "HIGH_PRIORITY", "" },	{ "LOW_PRIORITY", "" },	 { "DELAYED", "" },
	{ "SQL_SMALL_RESULT", "" }, { "SQL_BIG_RESULT", "" },	{ "UTC_TIMESTAMP", "NOW" }, { "TRUE", "1" },
	{ "FALSE", "0" },
};

/* Functions without parentheses in MySQL, or whose names SQLite keeps for itself. */
static const struct spelling functions[] = {
	{ "CURRENT_USER", "USER()" },	{ "CURRENT_TIMESTAMP", "NOW()" }, { "LOCALTIME", "NOW()" },
	{ "LOCALTIMESTAMP", "NOW()" },	{ "CURRENT_DATE", "CURDATE()" },  { "CURRENT_TIME", "CURTIME()" },
};

static const struct spelling renamed_calls[] = {
	{ "LEFT", "mysql_left" },   { "RIGHT", "mysql_right" }, { "REPLACE", "replace" }, { "IF", "iif" },
	{ "INSERT", "mysql_insert" }, { "LENGTH", "mysql_length" }, { "SCHEMA", "DATABASE" },
	{ "MOD", "mysql_mod" },
};

static const char *respell(const struct spelling *rows, size_t n, const struct tok *t)
{
	for (size_t i = 0; i < n; i++)
		if (tok_is(t, rows[i].mysql))
			return rows[i].sqlite;
	return NULL;
}

/* FOR UPDATE, LOCK IN SHARE MODE, FROM DUAL: left out. How many tokens, or 0. */
static size_t left_out(const struct translator *tr, size_t i)
{
	if (tok_is(at(tr, i), "FOR") && (tok_is(at(tr, i + 1), "UPDATE") || tok_is(at(tr, i + 1), "SHARE")))
		return 2;
	if (tok_is(at(tr, i), "LOCK") && tok_is(at(tr, i + 1), "IN") && tok_is(at(tr, i + 2), "SHARE"))
		return 4;
	if (tok_is(at(tr, i), "FROM") && tok_is(at(tr, i + 1), "DUAL"))
		return 2;
	return 0;
}

static bool one_of(const struct tok *t, const char *const *words, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (tok_is(t, words[k]))
			return true;
	return false;
}

/* Keeps up with the lists of tables: what stands before token i has been read. */
static void follow_tables(struct translator *tr, size_t i)
{
	static const char *const opens[] = { "FROM", "JOIN", "STRAIGHT_JOIN", "INTO", "UPDATE", "INSERT", "REPLACE" };
	static const char *const ends[] = { "SELECT", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "SET", "VALUES", "VALUE", "UNION", "WINDOW" };
	uint64_t bit = tr->depth >= 0 && tr->depth < 64 ? (uint64_t)1 << tr->depth : 0;
	const struct tok *t = at(tr, i);
	if (t->kind == TOK_OP) {
		bool inside = tok_is(t, "(") && (tr->from & bit) && i && !tok_is_name(at(tr, i - 1));
		if (tok_is(t, "("))
			tr->from = inside ? tr->from | bit << 1 : tr->from & ~(bit << 1);
		return;
	}
	if (t->kind != TOK_WORD || (i && (tok_is(at(tr, i - 1), ".") || tok_is(at(tr, i - 1), "KEY") || tok_is(at(tr, i - 1), "FOR"))))
		return; /* a column; ON DUPLICATE KEY UPDATE; FOR UPDATE */
	for (size_t k = 0; k < ARRAY_LEN(opens); k++)
		if (tok_is(t, opens[k]) && !tok_is(at(tr, i + 1), "("))
			tr->from |= bit;
	for (size_t k = 0; k < ARRAY_LEN(ends); k++)
		if (tok_is(t, ends[k]))
			tr->from &= ~bit;
}

/* A table's name is due at token i: what stands before a dot there is a database. */
static bool names_table(const struct translator *tr, size_t i)
{
	static const char *const before[] = { "FROM", "JOIN", "STRAIGHT_JOIN", "INTO", "UPDATE", "INSERT", "REPLACE", "IGNORE", "LOW_PRIORITY", ",", "(" };
	bool open = tr->depth >= 0 && tr->depth < 64 && (tr->from >> tr->depth & 1);
	for (size_t k = 0; open && i && k < ARRAY_LEN(before); k++)
		if (tok_is(at(tr, i - 1), before[k]))
			return true;
	return false;
}

/* A temporary table is known by the name that its client gave it. next: the token after that. False: it is none. */
static bool temporary(struct translator *tr, struct slice name, size_t next)
{
	static const char *const follows[] = { "WHERE", "SET", "VALUES", "VALUE", "SELECT", "JOIN", "LEFT", "RIGHT", "INNER", "CROSS", "NATURAL", "STRAIGHT_JOIN",
					       "ON", "USING", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "FOR", "LOCK", "WINDOW" };
	const struct rds_table *t = tr->scope->has_temporary ? rds_scope_table(tr->scope, name) : NULL;
	const struct tok *after = at(tr, next);
	if (!t || rds_plain_name(sl(t->name)).p == t->name)
		return false;
	sqlite_name(tr->out, sl(t->name));
	if (tok_is_name(after) && (after->kind == TOK_QUOTED || !one_of(after, follows, ARRAY_LEN(follows))))
		return true; /* an alias */
	buf_adds(tr->out, " AS ");
	sqlite_name(tr->out, name);
	return true;
}

/* db.table, db.table.column and information_schema.x without the database. How many tokens that takes, 0: it is none of these; negative:
 * an error. Where a table's name is due, what stands before the dot is a database; elsewhere it is a table if one has the name. */
static ssize_t qualified(struct translator *tr, size_t i)
{
	const struct tok *db = at(tr, i), *name = at(tr, i + 2);
	bool table_due = names_table(tr, i);
	if (!tok_is_name(db) || !tok_is(at(tr, i + 1), ".") || !tok_is_name(name))
		return tok_is_name(db) && table_due && temporary(tr, db->value, i + 1) ? 1 : 0;
	if (sl_eq_nocase(db->value, S("information_schema")) && sl_eq_nocase(name->value, S("PROCESSLIST"))) {
		tr->later |= !tr->scope->s;
		if (tr->later)
			return 3;
		buf_addc(tr->out, '(');
		rds_processlist_sql(tr->scope->s, true, true, tr->out);
		buf_addc(tr->out, ')');
		return 3;
	}
	if (sl_eq_nocase(db->value, S("information_schema"))) {
		struct slice v = arena_printf(tr->a, "information_schema.%.*s", SL(name->value));
		sqlite_name(tr->out, v);
		return 3;
	}
	bool column_follows = tok_is(at(tr, i + 3), ".") && (tok_is_name(at(tr, i + 4)) || tok_is(at(tr, i + 4), "*"));
	if (!sl_eq_nocase(db->value, sl(tr->scope->database))) {
		if (!table_due && !column_follows)
			return 0;
		return err_fail(tr->err, &rds_errors[RDS_E_BAD_DB], "Unknown database '%.*s'", SL(db->value));
	}
	if (!table_due && !column_follows && rds_scope_table(tr->scope, db->value))
		return 0;
	if (!table_due || !temporary(tr, name->value, i + 3))
		sqlite_name(tr->out, name->value);
	return 3;
}

/* 'a' 'b' is 'ab'. How many tokens that were. */
static size_t strings(struct translator *tr, size_t i, void (*put)(struct buf *out, struct slice s))
{
	struct buf joined = { 0 };
	size_t n = 0;
	for (; at(tr, i + n)->kind == TOK_STRING; n++)
		buf_addsl(&joined, at(tr, i + n)->value);
	put(tr->out, buf_slice(&joined));
	buf_free(&joined);
	return n;
}

/* _utf8mb4'text': the character set of a literal; all of them are read as UTF-8, but for _binary. How many tokens, 0: it is none. */
static size_t introduced(struct translator *tr, size_t i)
{
	static const char *const sets[] = { "_utf8mb4", "_utf8", "_utf8mb3", "_latin1", "_ascii", "_binary" };
	const struct tok *t = at(tr, i), *literal = at(tr, i + 1);
	bool known = false;
	for (size_t k = 0; k < ARRAY_LEN(sets); k++)
		known |= sl_eq_nocase(t->text, sl(sets[k]));
	if (!known || (literal->kind != TOK_STRING && literal->kind != TOK_HEX))
		return 0;
	bool binary = tok_is(t, "_binary");
	if (literal->kind == TOK_STRING)
		return 1 + strings(tr, i + 1, binary ? sqlite_bytes : sqlite_string);
	(binary ? sqlite_bytes : sqlite_string)(tr->out, literal->value);
	return 2;
}

static bool compares(const struct tok *t)
{
	static const char *const ops[] = { "=", "<", ">", "<=", ">=", "<>", "!=", "<=>" };
	return one_of(t, ops, ARRAY_LEN(ops));
}

/* Bytes are a number where one is reckoned with, or compared to one. */
static bool is_reckoned(const struct translator *tr, size_t i)
{
	static const char *const ops[] = { "+", "-", "*", "/", "%", "DIV", "MOD", "&", "|", "^", "<<", ">>" };
	return one_of(at(tr, i + 1), ops, ARRAY_LEN(ops)) || (i && one_of(at(tr, i - 1), ops, ARRAY_LEN(ops))) ||
	       (compares(at(tr, i + 1)) && at(tr, i + 2)->kind == TOK_NUMBER) ||
	       (i > 1 && compares(at(tr, i - 1)) && at(tr, i - 2)->kind == TOK_NUMBER);
}

/* 0x41, b'1': bytes, a number, or what the column before it is that they are compared with. */
static void hexadecimal(struct translator *tr, size_t i)
{
	struct slice v = at(tr, i)->value;
	uint64_t n = 0;
	for (size_t k = 0; k < v.n; k++)
		n = n << 8 | (uint8_t)v.p[k];
	bool column = i > 1 && compares(at(tr, i - 1)) && tok_is_name(at(tr, i - 2)) && v.n <= 8;
	if (v.n <= 8 && is_reckoned(tr, i)) {
		buf_addf(tr->out, "%lld", (long long)n);
		return;
	}
	if (column) {
		size_t first = i - 2;
		while (first > 1 && tok_is(at(tr, first - 1), "."))
			first -= 2;
		buf_adds(tr->out, "iif(typeof(");
		for (size_t k = first; k < i - 1; k += 2) {
			buf_adds(tr->out, k > first ? "." : "");
			sqlite_name(tr->out, at(tr, k)->value);
		}
		buf_addf(tr->out, ") = 'integer', %lld, ", (long long)n);
	}
	sqlite_bytes(tr->out, v);
	if (column)
		buf_addc(tr->out, ')');
}

static int word(struct translator *tr, size_t i, size_t *eaten)
{
	const struct tok *t = at(tr, i);
	bool call = tok_is(at(tr, i + 1), "(");
	bool field = i > 0 && tok_is(at(tr, i - 1), ".");
	const char *other;
	if (!field && (*eaten = left_out(tr, i)))
		return 0;
	if (!field && (*eaten = introduced(tr, i)))
		return 0;
	ssize_t name = field ? 0 : qualified(tr, i);
	*eaten = name > 0 ? (size_t)name : 1;
	if (name)
		return name < 0 ? (int)name : 0;
	if (!field && call && (other = respell(renamed_calls, ARRAY_LEN(renamed_calls), t))) {
		buf_adds(tr->out, other);
	} else if (!field && (other = respell(functions, ARRAY_LEN(functions), t))) {
		buf_adds(tr->out, other);
		if (call && tok_is(at(tr, i + 2), ")"))
			*eaten = 3;
	} else if (!field && tok_is(t, "MOD")) {
		buf_adds(tr->out, "%");
	} else if (!field && tok_is(t, "BINARY") && !call) {
		/* a cast that makes a comparison exact: SQLite's default is exact where no collation is declared */
	} else if (!field && tok_is(t, "INTERVAL") && !call) {
		return err_fail(tr->err, &rds_errors[RDS_E_UNSUPPORTED],
				"This version of MySQL doesn't yet support 'INTERVAL arithmetic'");
	} else if (!field && !call && (other = respell(spellings, ARRAY_LEN(spellings), t))) {
		buf_adds(tr->out, other);
	} else if (tok_is(t, "INDEX") && !call) {
		sqlite_name(tr->out, t->value); /* a column of the users' tables; an error in MySQL unless quoted */
	} else {
		buf_addsl(tr->out, t->text);
	}
	return 0;
}

static int quoted_name(struct translator *tr, size_t i, size_t *eaten)
{
	ssize_t name = i && tok_is(at(tr, i - 1), ".") ? 0 : qualified(tr, i);
	*eaten = name > 0 ? (size_t)name : 1;
	if (!name)
		sqlite_name(tr->out, at(tr, i)->value);
	return name < 0 ? (int)name : 0;
}

/* INSERT IGNORE INTO, REPLACE: the words before INTO. */
static size_t insert_head(struct translator *tr)
{
	size_t i = 1;
	if (!tok_is(at(tr, 0), "INSERT"))
		return 0;
	buf_adds(tr->out, "INSERT");
	for (; tok_is(at(tr, i), "IGNORE") || tok_is(at(tr, i), "LOW_PRIORITY") || tok_is(at(tr, i), "DELAYED"); i++)
		if (tok_is(at(tr, i), "IGNORE"))
			buf_adds(tr->out, " OR IGNORE");
	if (!tok_is(at(tr, i), "INTO"))
		buf_adds(tr->out, " INTO");
	return i;
}

static bool known_statement(const struct tok *t)
{
	static const char *const heads[] = { "SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "(", "VALUES" };
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (tok_is(t, heads[i]))
			return true;
	return false;
}

int rds_translate(struct arena *a, const struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct buf *out,
		  struct error *err)
{
	struct rds_scope scope = rds_scope_of(s);
	return rds_translate_in(a, &scope, sql, t, n, out, err);
}

int rds_translate_in(struct arena *a, const struct rds_scope *scope, struct slice sql, const struct tok *t, size_t n, struct buf *out,
		     struct error *err)
{
	struct translator tr = { .a = a, .scope = scope, .sql = sql, .t = t, .n = n, .out = out, .err = err };
	size_t i, eaten;
	int rc;
	if (!n || !known_statement(t))
		return rds_syntax(sql, t, err);
	tr.top_select = tok_is(t, "SELECT");
	tr.item = 1;
	if ((rc = rds_recursion(a, scope, &tr.t, &tr.n, err)))
		return rc;
	rds_ids(a, scope, &tr.t, &tr.n);
	t = tr.t;
	n = tr.n;
	for (i = insert_head(&tr); i < n; i += eaten) {
		const struct tok *x = &t[i];
		const char *other;
		eaten = 1;
		if (scope->stop && *scope->stop)
			return RDS_LATER;
		follow_tables(&tr, i);
		if (tr.top_select && !tr.depth && (tok_is(x, ",") || (i && ends_select_list(x)))) {
			name_item(&tr, i);
			tr.item = i + 1;
			tr.top_select = tok_is(x, ",");
		}
		if (i && (x->spaced || x->kind != TOK_OP))
			buf_addc(out, ' ');
		switch (x->kind) {
		case TOK_STRING:
			eaten = strings(&tr, i, sqlite_string);
			break;
		case TOK_QUOTED:
			if ((rc = quoted_name(&tr, i, &eaten)))
				return rc;
			break;
		case TOK_SYSVAR:
			if ((rc = system_variable(&tr, i)))
				return rc;
			break;
		case TOK_HEX:
			hexadecimal(&tr, i);
			break;
		case TOK_USERVAR:
			return err_fail(err, &rds_errors[RDS_E_UNSUPPORTED],
					"This version of MySQL doesn't yet support 'user variables'");
		case TOK_WORD:
			if ((rc = word(&tr, i, &eaten)))
				return rc;
			break;
		case TOK_NUMBER:
			buf_addsl(out, x->text);
			break;
		case TOK_OP:
			tr.depth += tok_is(x, "(") - tok_is(x, ")");
			if (tok_is(x, ";") || tok_is(x, "?") || tok_is(x, "\\"))
				return rds_syntax(sql, x, err);
			if (tok_is(x, "/")) /* MySQL's division keeps the fraction */
				buf_adds(out, " * 1.0 / ");
			else if (tok_is(x, "!"))
				buf_adds(out, " NOT ");
			else if ((other = respell(spellings, ARRAY_LEN(spellings), x)))
				buf_addf(out, " %s ", other);
			else
				buf_addsl(out, x->text);
			break;
		case TOK_END:
			break;
		}
	}
	if (tr.top_select)
		name_item(&tr, n);
	return tr.later ? RDS_LATER : 0;
}
