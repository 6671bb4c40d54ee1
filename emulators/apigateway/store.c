/* Rows of apigateway.db: one table of documents. */
#include <stdlib.h>

#include "apigateway/manage.h"

struct gw_store {
	struct db db;
	sqlite3_stmt *put, *drop;
};

static const char *const steps[] = {
	"CREATE TABLE doc (kind TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, seq INTEGER PRIMARY KEY,"
	" UNIQUE (kind, parent, id)) STRICT",
};

void gw_store_close(struct gw_store *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->put);
	sqlite3_finalize(s->drop);
	db_close(&s->db);
	free(s);
}

int gw_store_open(const struct env *env, struct gw_store **out, struct error *err)
{
	struct gw_store *s = xcalloc(1, sizeof(*s));
	int rc = db_open(&s->db, env, "apigateway", steps, ARRAY_LEN(steps), NULL, 0, err);
	if (!rc)
		rc = db_prepare(&s->db, "INSERT INTO doc (kind, parent, id, json) VALUES (?, ?, ?, ?)"
				       " ON CONFLICT (kind, parent, id) DO UPDATE SET json = excluded.json", &s->put, err);
	if (!rc) /* the UNIQUE index */
		rc = db_prepare(&s->db, "DELETE FROM doc WHERE kind = ? AND parent = ? AND id = ?", &s->drop, err);
	if (rc) {
		gw_store_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

int gw_store_each(struct gw_store *s, gw_row_fn fn, void *arg, struct error *err)
{
	sqlite3_stmt *st;
	int rc = db_prepare(&s->db, "SELECT kind, parent, id, json FROM doc ORDER BY seq", &st, err);
	if (rc)
		return rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		fn(arg, db_text(st, 0), db_text(st, 1), db_text(st, 2), db_text(st, 3));
	rc = rc == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_finalize(st);
	return rc;
}

int gw_store_put(struct gw_store *s, struct slice kind, struct slice parent, struct slice id, struct slice json, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	db_bind(s->put, 1, kind);
	db_bind(s->put, 2, parent);
	db_bind(s->put, 3, id);
	db_bind(s->put, 4, json);
	return db_run(&s->db, s->put, err);
}

int gw_store_drop(struct gw_store *s, struct slice kind, struct slice parent, struct slice id, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc)
		return rc;
	db_bind(s->drop, 1, kind);
	db_bind(s->drop, 2, parent);
	db_bind(s->drop, 3, id);
	return db_run(&s->db, s->drop, err);
}

bool gw_store_dirty(const struct gw_store *s)
{
	return s && s->db.in_tx;
}

int gw_store_commit(struct gw_store *s, struct error *err)
{
	return db_commit(&s->db, err);
}
