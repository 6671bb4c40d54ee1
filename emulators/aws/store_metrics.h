/* Rows of CloudWatch in aws.db: series, and what was measured in each minute (or second) of one.
 *
 * DIFFERS: CloudWatch: data points stay 15 days, whatever their period. */
#ifndef TARN_AWS_STORE_METRICS_H
#define TARN_AWS_STORE_METRICS_H

#include "core/db.h"
#include "core/sum.h"

#define METRICS_TABLES \
	"CREATE TABLE metric (id INTEGER PRIMARY KEY AUTOINCREMENT, place TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL, dims TEXT NOT NULL," \
	" unit TEXT NOT NULL, last INTEGER NOT NULL, UNIQUE (place, ns, name, dims, unit)) STRICT;" \
	"CREATE TABLE metric_point (series INTEGER NOT NULL, at INTEGER NOT NULL, n REAL NOT NULL, sum REAL NOT NULL, least REAL NOT NULL," \
	" most REAL NOT NULL, spread BLOB, PRIMARY KEY (series, at)) STRICT, WITHOUT ROWID"

enum metrics_query { METRICS_Q_FIND, METRICS_Q_NEW, METRICS_Q_SEEN, METRICS_Q_LIST, METRICS_Q_POINT, METRICS_Q_PUT, METRICS_Q_READ, METRICS_Q_EXPIRE, METRICS_Q_COUNT };
#define METRICS_QUERIES(base) \
	[base + METRICS_Q_FIND] = "SELECT id, unit, last FROM metric WHERE place = ? AND ns = ? AND name = ? AND dims = ? ORDER BY unit", \
	[base + METRICS_Q_NEW] = "INSERT INTO metric (place, ns, name, dims, unit, last) VALUES (?, ?, ?, ?, ?, ?)", \
	[base + METRICS_Q_SEEN] = "UPDATE metric SET last = ? WHERE id = ?", \
	[base + METRICS_Q_LIST] = "SELECT id, ns, name, dims, last FROM metric WHERE place = ? ORDER BY ns, name, dims", \
	[base + METRICS_Q_POINT] = "SELECT n, sum, least, most, spread FROM metric_point WHERE series = ? AND at = ?", \
	[base + METRICS_Q_PUT] = "INSERT OR REPLACE INTO metric_point (series, at, n, sum, least, most, spread) VALUES (?, ?, ?, ?, ?, ?, ?)", \
	[base + METRICS_Q_READ] = "SELECT at, n, sum, least, most, spread FROM metric_point WHERE series = ? AND at >= ? AND at < ? ORDER BY at", \
	[base + METRICS_Q_EXPIRE] = "DELETE FROM metric_point WHERE series = ?1 AND at IN" \
				    " (SELECT at FROM metric_point WHERE series = ?1 AND at < ?2 ORDER BY at LIMIT 50)"

struct metrics_store {
	struct db *db;
	size_t base;
};
struct metric_key {
	const char *place, *ns, *name, *dims, *unit; /* place: "ACCOUNT REGION"; dims: [["Name","Value"],…] by name, as JSON */
};
enum { METRIC_UNITS_MAX = 8 };
struct metric_series {
	int64_t id;
	char unit[24];
};
/* The series of a key, one a unit (unit NULL: all); how many, or ERR_STORE. */
int metrics_find(struct metrics_store *s, const struct metric_key *k, struct metric_series out[METRIC_UNITS_MAX], struct error *err) WARN_UNUSED;
/* Adds to what a time has (at_s: begin of the minute, or of the second); now_s: what is older than 15 days then goes. */
int metrics_put(struct metrics_store *s, const struct metric_key *k, int64_t at_s, int64_t now_s, const struct metric_sum *sum, struct error *err) WARN_UNUSED;
/* Those with data since then, by name, once for all of its units; what fn gets is valid during the call. */
int metrics_each(struct metrics_store *s, const char *place, int64_t since_s,
		 void (*fn)(void *arg, const char *ns, const char *name, const char *dims), void *arg, struct error *err) WARN_UNUSED;
/* From a time to before another; spread: with the values. What fn gets is valid during the call. */
int metrics_read(struct metrics_store *s, int64_t series, int64_t from_s, int64_t to_s, bool spread,
		 void (*fn)(void *arg, int64_t at_s, const struct metric_sum *sum), void *arg, struct error *err) WARN_UNUSED;

#endif
