/* Rows of CloudTrail in aws.db: management events, the newest TRAIL_KEPT of 90 days. */
#ifndef TARN_AWS_STORE_TRAIL_H
#define TARN_AWS_STORE_TRAIL_H

#include "core/db.h"

enum { TRAIL_KEPT = 10000 };
#define TRAIL_TABLES \
	"CREATE TABLE trail_event (id INTEGER PRIMARY KEY, place TEXT NOT NULL, at INTEGER NOT NULL, shown TEXT NOT NULL, json TEXT NOT NULL) STRICT"

enum trail_query { TRAIL_Q_PUT, TRAIL_Q_BEFORE, TRAIL_Q_LAST, TRAIL_Q_TRIM, TRAIL_Q_COUNT };
#define TRAIL_QUERIES(base) \
	[base + TRAIL_Q_PUT] = "INSERT INTO trail_event (id, place, at, shown, json) VALUES (?, ?, ?, ?, ?)", \
	[base + TRAIL_Q_BEFORE] = "SELECT id, shown, json FROM trail_event WHERE place = ? AND at BETWEEN ? AND ? AND id < ? ORDER BY id DESC", \
	[base + TRAIL_Q_LAST] = "SELECT max(id) FROM trail_event", \
	[base + TRAIL_Q_TRIM] = "DELETE FROM trail_event WHERE id IN (SELECT id FROM trail_event WHERE id <= ? OR at < ? LIMIT 200)"

struct trail_store {
	struct db *db;
	size_t base;
};
/* place: "ACCOUNT REGION"; shown: what LookupEvents tells beside the event itself, JSON. */
struct trail_row {
	int64_t id, at_ms;
	struct slice place, shown, json;
};
int trail_last(struct trail_store *s, int64_t *out, struct error *err) WARN_UNUSED;
int trail_put(struct trail_store *s, const struct trail_row *r, struct error *err) WARN_UNUSED;
int trail_trim(struct trail_store *s, int64_t up_to, int64_t before_ms, struct error *err) WARN_UNUSED;
/* The newest first, older than id, until fn returns false. */
int trail_each(struct trail_store *s, const char *place, int64_t from_ms, int64_t to_ms, int64_t id,
	       bool (*fn)(void *arg, const struct trail_row *r), void *arg, struct error *err) WARN_UNUSED;

#endif
