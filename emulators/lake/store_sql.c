/* Read-only SQL for users: one SELECT, bounded in time, rows and bytes. */
#include "lake/store_file.h"

enum { STEPS_BETWEEN_CHECKS = 10000, VALUE_MAX = 16 << 20 };

struct bound {
	const struct lake_session *session;
	int64_t end_us;
	bool timed_out;
};

/* Reading is all a SELECT needs; whatever writes, attaches or changes settings is refused here. */
static bool allowed(int action, const char *a, const char *b)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return true;
	case SQLITE_FUNCTION:
		return !b || sqlite3_stricmp(b, "load_extension");
	case SQLITE_PRAGMA: /* as the table-valued function */
		return a && !sqlite3_stricmp(a, "table_info");
	default:
		return false;
	}
}

struct asked {
	const struct datasets *sets;
	bool denied;           /* SQLite's own result code doesn't always say it was that */
	uint32_t tables, keys; /* of the datasets, a bit each: the statement reads the table, and names its key */
};

static int authorize(void *arg, int action, const char *a, const char *b, const char *database, const char *trigger)
{
	struct asked *asked = arg;
	if (!allowed(action, a, b)) {
		asked->denied = true;
		return SQLITE_DENY;
	}
	for (size_t set = 0; action == SQLITE_READ && set < asked->sets->n; set++) {
		const struct dataset *d = &asked->sets->at[set];
		if (sqlite3_stricmp(a, d->table))
			continue;
		asked->tables |= UINT32_C(1) << set;
		if (!sqlite3_stricmp(b, d->columns[d->key].name))
			asked->keys |= UINT32_C(1) << set;
	}
	return SQLITE_OK;
}

static int on_progress(void *arg)
{
	struct bound *b = arg;
	b->timed_out = clock_real_us() > b->end_us;
	return b->timed_out || b->session->stop;
}

static bool owns(const struct datasets *sets, struct slice table)
{
	for (size_t set = 0; set < sets->n; set++)
		if (sl_eq_nocase(table, sl(sets->at[set].table)))
			return true;
	return sl_eq_nocase(table, S("quarantine"));
}

/* The statement just refused asks for a table that the first clean run will make. */
static bool names_unmade_table(sqlite3 *h, const struct datasets *sets)
{
	struct slice table;
	return sl_after(sl(sqlite3_errmsg(h)), S("no such table: "), &table) && owns(sets, table);
}

bool lake_store_owns(const struct lake_store *s, struct slice table)
{
	return owns(s->sets, table);
}

struct slice lake_missing_table(struct arena *a, const struct error *err)
{
	const struct slice says = S("no such table: ");
	struct slice text = sl(err->text), head, rest;
	if (err->kind != ERR_INVALID || !sl_starts(text, says))
		return sl(NULL);
	sl_cut(sl_of(text.p + says.n, text.n - says.n), ';', &head, &rest);
	return arena_dup(a, head);
}

static int prepare(sqlite3 *h, struct slice sql, const struct asked *asked, sqlite3_stmt **out, struct error *err)
{
	const char *tail = NULL;
	if (sql.n > LAKE_SQL_MAX)
		return err_set(err, ERR_LIMIT, "the statement is longer than %d bytes", LAKE_SQL_MAX);
	/* Names of columns repeat the statement's text, and SQLite would stop reading at a NUL. */
	if (!sl_is_utf8(sql) || sl_chr(sql, '\0') >= 0)
		return err_set(err, ERR_INVALID, "the statement is not UTF-8 text");
	int rc = sqlite3_prepare_v2(h, sql.p, (int)sql.n, out, &tail);
	if (rc && asked->denied)
		return err_set(err, ERR_DENIED, "only SELECT is allowed here: %s", sqlite3_errmsg(h));
	if (rc)
		return err_set(err, ERR_INVALID, "%s%s", sqlite3_errmsg(h),
			       names_unmade_table(h, asked->sets) ? "; nothing is cleaned yet" : "");
	if (!*out)
		return err_set(err, ERR_INVALID, "no statement");
	sqlite3_stmt *more = NULL;
	rc = sqlite3_prepare_v2(h, tail, (int)(sql.p + sql.n - tail), &more, NULL);
	bool second = rc || more;
	sqlite3_finalize(more);
	if (second)
		return err_set(err, ERR_INVALID, "one statement at a time");
	if (!sqlite3_stmt_readonly(*out) || !sqlite3_column_count(*out))
		return err_set(err, ERR_DENIED, "only SELECT is allowed here");
	return 0;
}

static void write_cell(struct buf *out, sqlite3_stmt *st, int at, struct arena *a)
{
	double d;
	switch (sqlite3_column_type(st, at)) {
	case SQLITE_NULL:
		buf_adds(out, "null");
		break;
	case SQLITE_INTEGER:
		buf_addf(out, "%lld", (long long)sqlite3_column_int64(st, at));
		break;
	case SQLITE_FLOAT:
		d = sqlite3_column_double(st, at);
		if (d - d != 0) /* an infinity has no JSON number */
			buf_adds(out, "null");
		else
			buf_addsl(out, clean_real_text(a, d));
		break;
	case SQLITE_BLOB: {
		struct slice blob = db_blob(st, at);
		buf_addc(out, '"');
		buf_hex(out, blob.p, blob.n);
		buf_addc(out, '"');
		break;
	}
	default: {
		struct slice text = db_text(st, at);
		if (sl_is_utf8(text)) {
			buf_json_string(out, text);
		} else { /* CAST(x'ff' AS TEXT) */
			buf_addc(out, '"');
			buf_hex(out, text.p, text.n);
			buf_addc(out, '"');
		}
	}
	}
}

static int write_rows(sqlite3 *h, sqlite3_stmt *st, const struct lake_limits *limits, const struct bound *bound,
		      struct buf *out, struct error *err)
{
	struct arena a = { 0 };
	bool truncated = false;
	int64_t n = 0;
	int rc, column_n = sqlite3_column_count(st);
	buf_adds(out, "\"columns\":[");
	for (int i = 0; i < column_n; i++) {
		buf_adds(out, i ? "," : "");
		buf_json_string(out, sl(sqlite3_column_name(st, i)));
	}
	buf_adds(out, "],\"rows\":[");
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		if ((truncated = n == limits->rows_max))
			break;
		buf_adds(out, n++ ? ",[" : "[");
		for (int i = 0; i < column_n; i++) {
			buf_adds(out, i ? "," : "");
			write_cell(out, st, i, &a);
		}
		buf_addc(out, ']');
		arena_reset(&a);
		if (out->bad)
			break;
	}
	arena_free(&a);
	buf_addf(out, "],\"truncated\":%s", truncated ? "true" : "false");
	if (out->bad)
		return err_set(err, ERR_LIMIT, "the answer is larger than %zu MiB ([lake] statement_mib)", limits->memory >> 20);
	if (rc == SQLITE_INTERRUPT)
		return bound->timed_out ? err_set(err, ERR_TIMEOUT, "the statement took longer than %lld ms",
						  (long long)limits->time_ms)
					: err_set(err, ERR_STORE, "the statement was cancelled");
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		return err_set(err, rc == SQLITE_TOOBIG || rc == SQLITE_ERROR ? ERR_INVALID : ERR_STORE, "%s",
			       sqlite3_errmsg(h));
	return 0;
}

static bool indexed(sqlite3 *h, const char *table)
{
	sqlite3_stmt *st = NULL;
	bool has = true; /* unless it's surely not: then it's only slow */
	if (!sqlite3_prepare_v2(h, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", -1, &st, NULL)) {
		sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
		has = sqlite3_step(st) != SQLITE_ROW || sqlite3_column_int(st, 0) > 0;
	}
	sqlite3_finalize(st);
	return has;
}

/* A statement that joins large tables wants their indexes. */
static uint32_t wanted_indexes(sqlite3 *h, const struct asked *asked)
{
	uint32_t want = 0;
	if (!(asked->tables & (asked->tables - 1))) /* fewer than two */
		return 0;
	for (size_t set = 0; set < asked->sets->n; set++)
		if ((asked->keys >> set & 1) && !indexed(h, asked->sets->at[set].table))
			want |= UINT32_C(1) << set;
	return want;
}

int lake_store_sql(struct lake_session *x, struct slice sql, const struct lake_limits *limits, uint32_t *want, struct buf *out,
		   struct error *err)
{
	sqlite3_stmt *st = NULL;
	struct asked asked = { .sets = x->store->sets };
	struct bound bound = { x, clock_real_us() + limits->time_ms * 1000, false };
	int rc = lake_session_open(x, err);
	if (rc)
		return rc;
	x->held_max = limits->memory;
	sqlite3_limit(x->h, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	sqlite3_set_authorizer(x->h, authorize, &asked);
	rc = prepare(x->h, sql, &asked, &st, err);
	sqlite3_set_authorizer(x->h, NULL, NULL);
	if (want)
		*want = rc ? 0 : wanted_indexes(x->h, &asked);
	sqlite3_set_authorizer(x->h, authorize, &asked);
	sqlite3_progress_handler(x->h, STEPS_BETWEEN_CHECKS, on_progress, &bound);
	if (!rc && !(want && *want))
		rc = write_rows(x->h, st, limits, &bound, out, err);
	sqlite3_finalize(st);
	sqlite3_progress_handler(x->h, 0, NULL, NULL);
	sqlite3_set_authorizer(x->h, NULL, NULL);
	return rc;
}
