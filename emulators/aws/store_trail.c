#include "aws/store_trail.h"

int trail_last(struct trail_store *s, int64_t *out, struct error *err)
{
	int rc = db_row(s->db, s->base + TRAIL_Q_LAST, err);
	if (rc < 0)
		return rc;
	*out = rc ? sqlite3_column_int64(db_q(s->db, s->base + TRAIL_Q_LAST), 0) : 0;
	db_done(s->db, s->base + TRAIL_Q_LAST);
	return 0;
}

int trail_put(struct trail_store *s, const struct trail_row *r, struct error *err)
{
	sqlite3_stmt *st = db_q(s->db, s->base + TRAIL_Q_PUT);
	sqlite3_bind_int64(st, 1, r->id);
	db_bind(st, 2, r->place);
	sqlite3_bind_int64(st, 3, r->at_ms);
	db_bind(st, 4, r->shown);
	db_bind(st, 5, r->json);
	return db_write(s->db, s->base + TRAIL_Q_PUT, err);
}

int trail_trim(struct trail_store *s, int64_t up_to, int64_t before_ms, struct error *err)
{
	sqlite3_stmt *st = db_q(s->db, s->base + TRAIL_Q_TRIM);
	sqlite3_bind_int64(st, 1, up_to);
	sqlite3_bind_int64(st, 2, before_ms);
	return db_write(s->db, s->base + TRAIL_Q_TRIM, err);
}

int trail_each(struct trail_store *s, const char *place, int64_t from_ms, int64_t to_ms, int64_t id,
	       bool (*fn)(void *arg, const struct trail_row *r), void *arg, struct error *err)
{
	sqlite3_stmt *st = db_q(s->db, s->base + TRAIL_Q_BEFORE);
	int rc;
	db_bind(st, 1, sl(place));
	sqlite3_bind_int64(st, 2, from_ms);
	sqlite3_bind_int64(st, 3, to_ms);
	sqlite3_bind_int64(st, 4, id);
	while ((rc = db_row(s->db, s->base + TRAIL_Q_BEFORE, err)) > 0) {
		struct trail_row r = { .id = sqlite3_column_int64(st, 0), .shown = db_text(st, 1), .json = db_text(st, 2) };
		if (fn(arg, &r))
			continue;
		db_done(s->db, s->base + TRAIL_Q_BEFORE);
		return 0;
	}
	return rc;
}
