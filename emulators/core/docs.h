/* JSON documents kept as rows: kind, parent, key -> document, in the order in which they first came.
 *
 * The table and the queries are part of the service's own database: DOCS_TABLE is a schema step of it, DOCS_QUERIES begin its
 * queries (those of the service follow from DOCS_Q on), and a service that has nothing else opens with docs_queries, DOCS_Q. */
#ifndef TARN_DOCS_H
#define TARN_DOCS_H

#include <jansson.h>

#include "db.h"

#define DOCS_TABLE \
	"CREATE TABLE doc (kind TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, seq INTEGER PRIMARY KEY," \
	" UNIQUE (kind, parent, id)) STRICT"
enum { DOCS_PUT, DOCS_DROP, DOCS_EACH, DOCS_Q };
/* By the UNIQUE index; the last by the rowid. */
#define DOCS_QUERIES \
	[DOCS_PUT] = "INSERT INTO doc (kind, parent, id, json) VALUES (?, ?, ?, ?)" \
		     " ON CONFLICT (kind, parent, id) DO UPDATE SET json = excluded.json", \
	[DOCS_DROP] = "DELETE FROM doc WHERE kind = ? AND parent = ? AND id = ?", \
	[DOCS_EACH] = "SELECT kind, parent, id, json FROM doc ORDER BY seq"
extern const char *const docs_queries[DOCS_Q];

/* Writes a document, new or in the place of what the key had; doc stays the caller's. */
int docs_put(struct db *db, const char *kind, const char *parent, const char *key, const json_t *doc, struct error *err) WARN_UNUSED;
/* The same of its compact text. */
int docs_put_text(struct db *db, const char *kind, const char *parent, const char *key, struct slice text, struct error *err) WARN_UNUSED;
/* Without such a document nothing happens. */
int docs_drop(struct db *db, const char *kind, const char *parent, const char *key, struct error *err) WARN_UNUSED;
/* Gives fn every document, until it fails. What it gets is valid during the call; it may take references to doc. */
typedef int (*docs_fn)(void *arg, const char *kind, const char *parent, const char *key, json_t *doc, struct error *err);
int docs_each(struct db *db, docs_fn fn, void *arg, struct error *err) WARN_UNUSED;

#endif
