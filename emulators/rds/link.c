#include "rds/link.h"

#include <strings.h>

enum {
	PROGRESS_OPS = 1000,         /* some tens of microseconds */
	IDLE_MAX = 8,                /* links kept for the next who need one */
	VALUE_MAX = RDS_ALLOWED_PACKET, /* of a string, a row, a statement's text */
	HERE_VALUE_MAX = 64 << 10,   /* the same on the loop: no function of SQLite takes long over it */
};

/* ---- names ---- */

bool rds_names_has(const struct rds_names *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->at[i], name))
			return true;
	return false;
}

void rds_names_add(struct rds_names *l, const char *name)
{
	if (rds_names_has(l, name))
		return;
	GROW(l->at, l->n, l->cap);
	l->at[l->n++] = xstrdup(name);
}

void rds_names_free(struct rds_names *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i]);
	free(l->at);
	*l = (struct rds_names){ 0 };
}

/* ---- what a user's statement may name ---- */

static int refuse(struct rds_link *k, enum rds_e as, const char *name)
{
	if (!k->denied[0]) {
		snprintf(k->denied, sizeof(k->denied), "%s", name);
		k->denied_as = as;
	}
	return SQLITE_DENY;
}

static bool begins(const char *name, const char *prefix)
{
	return !strncasecmp(name, prefix, strlen(prefix));
}

/* Tables of SQLite's and of ours; what a view of information_schema reads is asked for in its name. */
static bool hidden_table(const struct rds_link *k, const char *name, const char *view)
{
	static const char *const prefixes[] = { "rds$", "sqlite_", "pragma_", "fts3", "fts4", "fts5", "rtree", "geopoly" };
	static const char *const names[] = { "dbstat", "json_each", "json_tree", "bytecode", "tables_used", "generate_series", "completion" };
	char own[32];
	snprintf(own, sizeof(own), RDS_TEMPORARY "%u$", k->caller.id);
	if ((view && begins(view, "information_schema.")) || begins(name, own))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (begins(name, prefixes[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

static bool hidden_function(const char *name)
{
	static const char *const prefixes[] = { "sqlite_", "load_", "fts3", "fts5", "rtree", "geopoly" };
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (begins(name, prefixes[i]))
			return true;
	return false;
}

/* A written table: whether it was only added to at its end is told by what was done to it. */
static int writes(struct rds_link *k, const char *table, const char *db, bool gaps)
{
	if (db && !strcmp(db, "temp"))
		return SQLITE_OK;
	if (hidden_table(k, table, NULL))
		return refuse(k, RDS_E_NO_TABLE, table);
	rds_names_add(&k->written, table);
	k->gaps |= gaps;
	return SQLITE_OK;
}

static int reads(struct rds_link *k, const char *table, const char *column, const char *view)
{
	if (hidden_table(k, table, view))
		return refuse(k, RDS_E_NO_TABLE, table);
	if (!strcmp(column, "ROWID") && !(view && begins(view, "rds$"))) /* a key of the user's goes by its own name */
		return refuse(k, RDS_E_BAD_FIELD, "rowid");
	k->elsewhere |= k->avoid && rds_names_has(k->avoid, table);
	return SQLITE_OK;
}

static int authorize(void *arg, int action, const char *a, const char *b, const char *db, const char *view)
{
	struct rds_link *k = arg;
	if (!k->guarded)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		return reads(k, a ? a : "", b ? b : "", view);
	case SQLITE_INSERT:
		return writes(k, a, db, false);
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return writes(k, a, db, true);
	case SQLITE_FUNCTION:
		return hidden_function(b) ? refuse(k, RDS_E_FUNCTION, b) : SQLITE_OK;
	}
	return refuse(k, RDS_E_NO_TABLE, a ? a : "");
}

/* ---- ends of a statement ---- */

static int progress(void *arg)
{
	struct rds_link *k = arg;
	if (k->stop)
		return 1;
	k->steps++;
	k->over |= k->steps_max && k->steps > k->steps_max;
	return k->over;
}

static int committed(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct rds_link *k = arg;
	k->wal_pages = pages;
	return SQLITE_OK;
}

/* ---- open and close ---- */

int rds_link_prepare(struct rds_link *k)
{
	sqlite3_limit(k->h, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(k->h, SQLITE_LIMIT_WORKER_THREADS, 0);
	sqlite3_limit(k->h, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	/* A name in quotes that nothing has is an error, and no string. */
	sqlite3_db_config(k->h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(k->h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_set_authorizer(k->h, authorize, k);
	sqlite3_progress_handler(k->h, PROGRESS_OPS, progress, k);
	int rc = rds_ids_watch(k);
	return rc ? rc : rds_functions_open(k);
}

struct rds_link *rds_link_new(const char *path, const char *pragmas)
{
	struct rds_link *k = xcalloc(1, sizeof(*k));
	k->path = path ? xstrdup(path) : NULL;
	k->pragmas = path ? xstrdup(pragmas) : NULL;
	return k;
}

int rds_link_open(struct rds_link *k)
{
	int rc;
	if (k->h)
		return SQLITE_OK;
	if ((rc = sqlite3_open_v2(k->path, &k->h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)))
		return rc;
	sqlite3_busy_timeout(k->h, 5000); /* a checkpoint's last moment; writers take turns on the loop */
	if (!(rc = rds_link_exec(k, k->pragmas)) && !(rc = rds_link_prepare(k)))
		sqlite3_wal_hook(k->h, committed, k); /* and so no checkpoint in a commit */
	return rc;
}

int rds_link_kept(struct rds_link *k, const char *sql, sqlite3_stmt **st)
{
	for (size_t i = 0; i < ARRAY_LEN(k->kept); i++) {
		if (k->kept[i].sql && !strcmp(k->kept[i].sql, sql)) {
			*st = k->kept[i].st;
			return SQLITE_OK;
		}
	}
	size_t at = k->kept_next++ % ARRAY_LEN(k->kept);
	free(k->kept[at].sql);
	sqlite3_finalize(k->kept[at].st);
	k->kept[at].sql = NULL;
	int rc = sqlite3_prepare_v3(k->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &k->kept[at].st, NULL);
	if (!rc)
		k->kept[at].sql = xstrdup(sql);
	*st = k->kept[at].st;
	return rc;
}

void rds_link_free(struct rds_link *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < ARRAY_LEN(k->kept); i++) {
		sqlite3_finalize(k->kept[i].st);
		free(k->kept[i].sql);
	}
	sqlite3_close_v2(k->h);
	rds_names_free(&k->written);
	free(k->path);
	free(k->pragmas);
	free(k);
}

void rds_link_large(struct rds_link *k, bool on)
{
	if (k->large == on || !k->path)
		return;
	k->large = on;
	(void)rds_link_exec(k, on ? "PRAGMA cache_size=-1000" : "PRAGMA cache_size=12");
	if (!on)
		(void)sqlite3_db_release_memory(k->h);
}

int rds_link_exec(struct rds_link *k, const char *sql)
{
	bool guarded = k->guarded;
	k->guarded = false;
	int rc = sqlite3_exec(k->h, sql, NULL, NULL, NULL);
	k->guarded = guarded;
	return rc;
}

void rds_link_clear(struct rds_link *k)
{
	k->stop = k->over = k->elsewhere = false;
	k->sleep_s = 0;
	k->steps = k->steps_max = 0;
	k->why = NULL;
	k->denied[0] = '\0';
	k->avoid = NULL;
	if (k->h)
		sqlite3_limit(k->h, SQLITE_LIMIT_LENGTH, k->here ? HERE_VALUE_MAX : VALUE_MAX);
}

struct rds_link *rds_link_take(struct rds *r)
{
	struct rds_link *k = r->idle;
	if (!k)
		return rds_link_new(r->path, r->pragmas);
	r->idle = k->next;
	r->idle_n--;
	k->next = NULL;
	return k;
}

void rds_link_give(struct rds *r, struct rds_link *k)
{
	if (!k)
		return;
	rds_names_free(&k->written);
	k->gaps = k->open = false;
	if (!k->h || !sqlite3_get_autocommit(k->h) || r->idle_n >= IDLE_MAX) {
		rds_link_free(k);
		return;
	}
	k->next = r->idle;
	r->idle = k;
	r->idle_n++;
}
