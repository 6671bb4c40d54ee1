/* Ids of AUTO_INCREMENT columns: a value that is missing, NULL or 0 is the next one, and the first one made is the statement's.
 *
 * INSERT INTO t (x) VALUES (1), (2)   is   INSERT INTO t ("id", x) VALUES (rds$auto(NULL), 1), (rds$auto(NULL), 2)
 * INSERT INTO t VALUES (0, 1)         is   INSERT INTO t VALUES (rds$auto(0), 1)
 * rds$auto gives NULL where SQLite is to choose, and the link takes note of what it chose (rds_ids_watch). */
#include "rds/link.h"

struct ids {
	struct arena *a;
	struct tok *out;
	size_t n, cap;
};

static void put(struct ids *x, struct tok t)
{
	ARENA_GROW(x->a, x->out, x->n + 1, x->cap);
	x->out[x->n++] = t;
}

static void put_as(struct ids *x, enum tok_kind kind, const char *text)
{
	put(x, (struct tok){ .kind = kind, .text = sl(text), .value = sl(text), .spaced = kind == TOK_WORD });
}

static void put_next_id(struct ids *x)
{
	put_as(x, TOK_WORD, RDS_AUTO);
	put_as(x, TOK_OP, "(");
	put_as(x, TOK_WORD, "NULL");
	put_as(x, TOK_OP, ")");
	put_as(x, TOK_OP, ",");
}

/* The key that SQLite can choose: its own row id. */
static const struct rds_field *auto_field(const struct rds_table *t, size_t *at)
{
	for (size_t i = 0; t && i < t->field_n; i++) {
		if (t->fields[i].auto_increment && t->fields[i].primary) {
			*at = i;
			return &t->fields[i];
		}
	}
	return NULL;
}

/* The column's place in the list from i ( to its end; SIZE_MAX: it isn't listed. */
static size_t listed(const struct tok *t, size_t i, size_t end, const char *name)
{
	size_t at = 0;
	for (i++; i < end; i++) {
		if (tok_is(&t[i], ","))
			at++;
		else if (sl_eq_nocase(t[i].value.p ? t[i].value : t[i].text, sl(name)) && (tok_is(&t[i + 1], ",") || i + 1 == end))
			return at;
	}
	return SIZE_MAX;
}

/* One tuple of VALUES from i ( on: its item at is asked, or one is put before the others (SIZE_MAX). Where the tuple ends. */
static size_t tuple(struct ids *x, const struct tok *t, size_t i, size_t n, size_t at)
{
	size_t end = tok_closes(t, i, n), item = 0;
	int depth = 0;
	put(x, t[i++]);
	if (at == SIZE_MAX)
		put_next_id(x);
	for (bool begins = true; i < end; i++) {
		if (begins && item == at) {
			put_as(x, TOK_WORD, RDS_AUTO);
			put_as(x, TOK_OP, "(");
		}
		begins = !depth && tok_is(&t[i], ",");
		depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		if (begins && item++ == at)
			put_as(x, TOK_OP, ")");
		put(x, t[i]);
	}
	if (item == at)
		put_as(x, TOK_OP, ")");
	return end;
}

/* What follows the columns: VALUES (...), (...), or a SELECT whose list gets the id when the column isn't listed. */
static void rows(struct ids *x, const struct tok *t, size_t i, size_t n, size_t at)
{
	bool values = false;
	int depth = 0;
	while (i < n) {
		values |= !depth && (tok_is(&t[i], "VALUES") || tok_is(&t[i], "VALUE"));
		if (values && !depth && tok_is(&t[i], "(")) {
			i = tuple(x, t, i, n, at);
			if (i < n)
				put(x, t[i++]);
			continue;
		}
		depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		bool list = !values && !depth && at == SIZE_MAX && tok_is(&t[i], "SELECT");
		put(x, t[i++]);
		if (list && i < n && (tok_is(&t[i], "DISTINCT") || tok_is(&t[i], "ALL")))
			put(x, t[i++]);
		if (list)
			put_next_id(x);
	}
}

void rds_ids(struct arena *a, const struct rds_scope *scope, const struct tok **tokens, size_t *count)
{
	const struct tok *t = *tokens;
	size_t n = *count, i = 1, at = 0, end;
	struct ids x = { .a = a };
	if (!tok_is(&t[0], "INSERT") && !tok_is(&t[0], "REPLACE"))
		return;
	while (i < n && (tok_is(&t[i], "INTO") || tok_is(&t[i], "IGNORE") || tok_is(&t[i], "LOW_PRIORITY") || tok_is(&t[i], "DELAYED")))
		i++;
	if (i + 2 < n && tok_is(&t[i + 1], ".")) /* database.table */
		i += 2;
	const struct rds_field *f = i + 1 < n ? auto_field(rds_scope_table(scope, t[i].value), &at) : NULL;
	if (!f || tok_is(&t[i + 1], "SET"))
		return;
	size_t columns = ++i;
	for (size_t k = 0; k < i; k++)
		put(&x, t[k]);
	if (tok_is(&t[columns], "(") && !tok_is(&t[columns + 1], "SELECT") && (end = tok_closes(t, columns, n)) < n) {
		at = listed(t, columns, end, f->name);
		put(&x, t[columns]);
		if (at == SIZE_MAX) {
			put_as(&x, TOK_QUOTED, f->name);
			put_as(&x, TOK_OP, ",");
		}
		for (i = columns + 1; i <= end; i++)
			put(&x, t[i]);
	}
	rows(&x, t, i, n, at);
	put(&x, t[n]);
	*tokens = x.out;
	*count = x.n - 1;
}

/* ---- while the statement runs ---- */

static void inserted(void *arg, int op, const char *db, const char *table, sqlite3_int64 id)
{
	struct rds_link *k = arg;
	if (op != SQLITE_INSERT || !k->ids.asked)
		return;
	if (!k->ids.due)
		k->ids.given = id;
	else if (!k->ids.first)
		k->ids.first = id;
	k->ids.due = false;
}

static void f_auto(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct rds_link *k = sqlite3_user_data(c);
	int type = sqlite3_value_numeric_type(v[0]);
	k->ids.asked = true;
	k->ids.due = type == SQLITE_NULL || (type == SQLITE_INTEGER && !sqlite3_value_int64(v[0]));
	if (!k->ids.due)
		sqlite3_result_value(c, v[0]);
}

int rds_ids_watch(struct rds_link *k)
{
	sqlite3_update_hook(k->h, inserted, k);
	return sqlite3_create_function(k->h, RDS_AUTO, 1, SQLITE_UTF8, k, f_auto, NULL, NULL);
}
