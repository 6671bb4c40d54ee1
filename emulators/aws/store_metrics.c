#include "aws/store_metrics.h"

enum { KEPT_S = 15 * 86400, SEEN_EVERY_S = 300 };

static sqlite3_stmt *query(const struct metrics_store *s, enum metrics_query q)
{
	return db_q(s->db, s->base + q);
}

static int row(struct metrics_store *s, enum metrics_query q, struct error *err)
{
	return db_row(s->db, s->base + q, err);
}

static int run(struct metrics_store *s, enum metrics_query q, struct error *err)
{
	return db_write(s->db, s->base + q, err);
}

static void bind_key(sqlite3_stmt *st, const struct metric_key *k)
{
	db_bind(st, 1, sl(k->place));
	db_bind(st, 2, sl(k->ns));
	db_bind(st, 3, sl(k->name));
	db_bind(st, 4, sl(k->dims));
}

/* As metrics_find; last: when each last had data. */
static int find(struct metrics_store *s, const struct metric_key *k, struct metric_series out[METRIC_UNITS_MAX], int64_t *last, struct error *err)
{
	sqlite3_stmt *st = query(s, METRICS_Q_FIND);
	int rc, n = 0;
	bind_key(st, k);
	while ((rc = row(s, METRICS_Q_FIND, err)) > 0) {
		struct slice unit = db_text(st, 1);
		if (k->unit && !sl_eqs(unit, k->unit))
			continue;
		if (n == METRIC_UNITS_MAX)
			continue;
		out[n].id = sqlite3_column_int64(st, 0);
		last[n] = sqlite3_column_int64(st, 2);
		snprintf(out[n++].unit, sizeof(out->unit), "%.*s", SL(unit));
	}
	return rc < 0 ? rc : n;
}

int metrics_find(struct metrics_store *s, const struct metric_key *k, struct metric_series out[METRIC_UNITS_MAX], struct error *err)
{
	int64_t last[METRIC_UNITS_MAX];
	return find(s, k, out, last, err);
}

/* The id of the one series of a key with a unit, made where it isn't. */
static int series_of(struct metrics_store *s, const struct metric_key *k, int64_t at_s, int64_t *id, struct error *err)
{
	struct metric_series found[METRIC_UNITS_MAX];
	int64_t last[METRIC_UNITS_MAX];
	int rc = find(s, k, found, last, err);
	if (rc < 0)
		return rc;
	if (!rc) {
		sqlite3_stmt *st = query(s, METRICS_Q_NEW);
		bind_key(st, k);
		db_bind(st, 5, sl(k->unit));
		sqlite3_bind_int64(st, 6, at_s);
		rc = run(s, METRICS_Q_NEW, err);
		*id = sqlite3_last_insert_rowid(s->db->h);
		return rc;
	}
	*id = found[0].id;
	if (at_s < last[0] + SEEN_EVERY_S)
		return 0;
	sqlite3_bind_int64(query(s, METRICS_Q_SEEN), 1, at_s);
	sqlite3_bind_int64(query(s, METRICS_Q_SEEN), 2, *id);
	return run(s, METRICS_Q_SEEN, err);
}

/* Columns from `at` on; the pairs borrow from the row. */
static struct metric_sum sum_of(sqlite3_stmt *st, int at, bool spread)
{
	struct metric_sum sum = {
		.n = sqlite3_column_double(st, at),
		.sum = sqlite3_column_double(st, at + 1),
		.least = sqlite3_column_double(st, at + 2),
		.most = sqlite3_column_double(st, at + 3),
	};
	struct slice pairs = spread ? db_blob(st, at + 4) : sl(NULL);
	size_t n = pairs.n / sizeof(*sum.pairs);
	for (size_t i = 0; i < n; i++) {
		struct metric_pair p;
		memcpy(&p, pairs.p + i * sizeof(p), sizeof(p));
		GROW(sum.pairs, sum.pair_n, sum.pair_cap);
		sum.pairs[sum.pair_n++] = p;
	}
	return sum;
}

int metrics_put(struct metrics_store *s, const struct metric_key *k, int64_t at_s, int64_t now_s, const struct metric_sum *sum, struct error *err)
{
	struct metric_sum all = { 0 };
	int64_t id;
	int rc = series_of(s, k, at_s, &id, err);
	if (rc)
		return rc;
	sqlite3_stmt *st = query(s, METRICS_Q_POINT);
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, at_s);
	rc = row(s, METRICS_Q_POINT, err);
	if (rc < 0)
		return rc;
	bool is_new = !rc;
	if (rc) {
		all = sum_of(st, 0, true);
		db_done(s->db, s->base + METRICS_Q_POINT);
	}
	metric_sum_join(&all, sum);
	st = query(s, METRICS_Q_PUT);
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, at_s);
	sqlite3_bind_double(st, 3, all.n);
	sqlite3_bind_double(st, 4, all.sum);
	sqlite3_bind_double(st, 5, all.least);
	sqlite3_bind_double(st, 6, all.most);
	db_bind_blob(st, 7, all.pair_n ? sl_of(all.pairs, all.pair_n * sizeof(*all.pairs)) : sl(NULL));
	rc = run(s, METRICS_Q_PUT, err);
	metric_sum_free(&all);
	if (rc || !is_new)
		return rc;
	sqlite3_bind_int64(query(s, METRICS_Q_EXPIRE), 1, id);
	sqlite3_bind_int64(query(s, METRICS_Q_EXPIRE), 2, now_s - KEPT_S);
	return run(s, METRICS_Q_EXPIRE, err);
}

int metrics_each(struct metrics_store *s, const char *place, int64_t since_s,
		 void (*fn)(void *arg, const char *ns, const char *name, const char *dims), void *arg, struct error *err)
{
	sqlite3_stmt *st = query(s, METRICS_Q_LIST);
	struct buf ns = { 0 }, name = { 0 }, dims = { 0 };
	int rc;
	db_bind(st, 1, sl(place));
	while ((rc = row(s, METRICS_Q_LIST, err)) > 0) {
		if (sqlite3_column_int64(st, 4) < since_s)
			continue;
		struct slice a = db_text(st, 1), b = db_text(st, 2), c = db_text(st, 3);
		if (dims.p && sl_eq(a, buf_slice(&ns)) && sl_eq(b, buf_slice(&name)) && sl_eq(c, buf_slice(&dims)))
			continue;
		buf_reset(&ns);
		buf_reset(&name);
		buf_reset(&dims);
		buf_addsl(&ns, a);
		buf_addsl(&name, b);
		buf_addsl(&dims, c);
		fn(arg, buf_cstr(&ns), buf_cstr(&name), buf_cstr(&dims));
	}
	buf_free(&ns);
	buf_free(&name);
	buf_free(&dims);
	return rc;
}

int metrics_read(struct metrics_store *s, int64_t series, int64_t from_s, int64_t to_s, bool spread,
		 void (*fn)(void *arg, int64_t at_s, const struct metric_sum *sum), void *arg, struct error *err)
{
	sqlite3_stmt *st = query(s, METRICS_Q_READ);
	int rc;
	sqlite3_bind_int64(st, 1, series);
	sqlite3_bind_int64(st, 2, from_s);
	sqlite3_bind_int64(st, 3, to_s);
	while ((rc = row(s, METRICS_Q_READ, err)) > 0) {
		struct metric_sum sum = sum_of(st, 1, spread);
		fn(arg, sqlite3_column_int64(st, 0), &sum);
		metric_sum_free(&sum);
	}
	return rc;
}
