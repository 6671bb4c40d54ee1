#include "docs.h"

const char *const docs_queries[DOCS_Q] = { DOCS_QUERIES };

static void bind_key(struct db *db, size_t q, const char *kind, const char *parent, const char *key)
{
	db_bind(db_q(db, q), 1, sl(kind));
	db_bind(db_q(db, q), 2, sl(parent));
	db_bind(db_q(db, q), 3, sl(key));
}

int docs_put_text(struct db *db, const char *kind, const char *parent, const char *key, struct slice text, struct error *err)
{
	bind_key(db, DOCS_PUT, kind, parent, key);
	db_bind(db_q(db, DOCS_PUT), 4, text);
	return db_write(db, DOCS_PUT, err);
}

int docs_put(struct db *db, const char *kind, const char *parent, const char *key, const json_t *doc, struct error *err)
{
	char *text = json_dumps(doc, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text)
		return err_set(err, ERR_INTERNAL, "%s %s has no JSON text", kind, key);
	bind_key(db, DOCS_PUT, kind, parent, key);
	db_bind(db_q(db, DOCS_PUT), 4, sl(text));
	free(text);
	return db_write(db, DOCS_PUT, err);
}

int docs_drop(struct db *db, const char *kind, const char *parent, const char *key, struct error *err)
{
	bind_key(db, DOCS_DROP, kind, parent, key);
	return db_write(db, DOCS_DROP, err);
}

int docs_each(struct db *db, docs_fn fn, void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(db, DOCS_EACH);
	int rc;
	while ((rc = db_row(db, DOCS_EACH, err)) > 0) {
		struct slice text = db_text(st, 3);
		const char *kind = db_text(st, 0).p, *parent = db_text(st, 1).p, *key = db_text(st, 2).p;
		json_t *doc = json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL);
		rc = doc ? fn(arg, kind, parent, key, doc, err) : err_set(err, ERR_STORE, "%s %s is no JSON", kind, key);
		json_decref(doc);
		if (rc) {
			db_done(db, DOCS_EACH);
			break;
		}
	}
	return rc;
}
