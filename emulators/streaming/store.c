/* lake_streams.db: which queries were started, so that those that ran when tarn ended run again. The file is made by the
 * first start of a query. */
#include <unistd.h>

#include "streaming/query.h"

/* ---- the queries there are ---- */

struct sq *sq_find(struct streaming *m, struct slice name)
{
	for (size_t i = 0; i < m->n; i++)
		if (sl_eqs(name, m->queries[i]->o.name))
			return m->queries[i];
	return NULL;
}

static bool has_ended(const struct sq *q)
{
	return q->o.plan && q->state != SQ_ACTIVE && q->state != SQ_STARTING && !q->waits;
}

/* Queries of clients that have ended go, the oldest first, once there are many. */
static void make_room(struct streaming *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->n; i++)
		n += has_ended(m->queries[i]);
	for (size_t i = 0; i < m->n && n > SQ_ENDED_MAX; i++) {
		struct sq *q = m->queries[i];
		if (!has_ended(q))
			continue;
		n--;
		m->n--;
		memmove(&m->queries[i], &m->queries[i + 1], (m->n - i) * sizeof(struct sq *));
		sq_free(q);
		i--;
	}
}

struct sq *sq_add(struct streaming *m, const struct sq_options *o)
{
	struct sq *q = sq_find(m, sl(o->name));
	if (!q)
		make_room(m);
	if (!q && m->n == SQ_QUERIES_MAX)
		return NULL;
	if (!q) {
		q = xcalloc(1, sizeof(*q));
		q->m = m;
		m->queries[m->n++] = q;
	}
	q->o = *o;
	return q;
}

static const char *const steps[] = {
	"CREATE TABLE queries(name TEXT PRIMARY KEY, options TEXT NOT NULL, state INTEGER NOT NULL, exception TEXT, starts INTEGER NOT NULL, "
	"polled_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID",
};

enum { Q_ALL, Q_SAVE, Q_COUNT };
static const char *const queries[Q_COUNT] = {
	[Q_ALL] = "SELECT name, options, state, exception, starts, polled_ms FROM queries ORDER BY name",
	[Q_SAVE] = "INSERT OR REPLACE INTO queries VALUES(?,?,?,?,?,?)",
};

bool sq_store_exists(const struct streaming *m)
{
	if (!m->env->dir)
		return false;
	char *path = xasprintf("%s/lake_streams.db", m->env->dir);
	bool there = access(path, F_OK) == 0;
	free(path);
	return there;
}

static int need(struct streaming *m, struct error *err)
{
	return m->db.h ? 0 : db_open(&m->db, m->env, "lake_streams", steps, ARRAY_LEN(steps), queries, Q_COUNT, err);
}

static int read_row(struct streaming *m, sqlite3_stmt *st, struct error *err)
{
	struct sq_options o;
	struct slice name = db_text(st, 0), why = db_text(st, 3);
	sq_options_init(&o, &m->cleaning.sets, name);
	if (sq_options_parse(&o, db_text(st, 1), err) || sq_options_finish(&o, err))
		return err->kind;
	struct sq *q = sq_add(m, &o);
	if (!q)
		return err_set(err, ERR_LIMIT, "more than %d streaming queries", SQ_QUERIES_MAX);
	q->state = (enum sq_state)sqlite3_column_int(st, 2);
	q->exception = why.p ? xstrndup(why.p, why.n) : NULL;
	q->starts = sqlite3_column_int64(st, 4);
	q->polled_ms = q->saved_ms = sqlite3_column_int64(st, 5);
	return 0;
}

int sq_store_load(struct streaming *m, struct error *err)
{
	int rc = need(m, err);
	if (rc)
		return rc;
	while ((rc = db_row(&m->db, Q_ALL, err)) > 0)
		if ((rc = read_row(m, db_q(&m->db, Q_ALL), err))) {
			db_done(&m->db, Q_ALL);
			return rc;
		}
	return rc;
}

int sq_store_save(struct streaming *m, const struct sq *q, struct error *err)
{
	struct buf options = { 0 };
	int rc = need(m, err);
	if (rc)
		return rc;
	sqlite3_stmt *st = db_q(&m->db, Q_SAVE);
	sq_options_text(&options, &q->o);
	db_bind(st, 1, sl(q->o.name));
	db_bind(st, 2, buf_slice(&options));
	sqlite3_bind_int(st, 3, (int)q->state);
	db_bind(st, 4, sl(q->exception));
	sqlite3_bind_int64(st, 5, q->starts);
	sqlite3_bind_int64(st, 6, q->polled_ms);
	buf_free(&options);
	return db_write(&m->db, Q_SAVE, err);
}
