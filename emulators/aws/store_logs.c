#include "aws/store_logs.h"

static sqlite3_stmt *query(const struct logs_store *s, enum logs_query q)
{
	return db_q(s->db, s->base + q);
}

static int run(struct logs_store *s, enum logs_query q, struct error *err)
{
	return db_write(s->db, s->base + q, err);
}

static int row(struct logs_store *s, enum logs_query q, struct error *err)
{
	return db_row(s->db, s->base + q, err);
}

static void done(struct logs_store *s, enum logs_query q)
{
	db_done(s->db, s->base + q);
}

static struct log_stream stream_of(sqlite3_stmt *st)
{
	bool has = sqlite3_column_type(st, 3) != SQLITE_NULL;
	return (struct log_stream){
		.id = sqlite3_column_int64(st, 0),
		.name = db_text(st, 1),
		.created_ms = sqlite3_column_int64(st, 2),
		.first_ms = has ? sqlite3_column_int64(st, 3) : -1,
		.last_ms = sqlite3_column_int64(st, 4),
		.ingested_ms = sqlite3_column_int64(st, 5),
		.bytes = sqlite3_column_int64(st, 6),
	};
}

int logs_stream_find(struct logs_store *s, int64_t grp, struct slice name, struct log_stream *out, struct error *err)
{
	sqlite3_stmt *st = query(s, LOGS_Q_STREAM);
	sqlite3_bind_int64(st, 1, grp);
	db_bind(st, 2, name);
	int rc = row(s, LOGS_Q_STREAM, err);
	if (rc <= 0)
		return rc;
	*out = stream_of(st);
	out->name = name;
	done(s, LOGS_Q_STREAM);
	return 1;
}

int logs_stream_new(struct logs_store *s, int64_t grp, struct slice name, int64_t now_ms, int64_t *id, struct error *err)
{
	sqlite3_stmt *st = query(s, LOGS_Q_STREAM_NEW);
	sqlite3_bind_int64(st, 1, grp);
	db_bind(st, 2, name);
	sqlite3_bind_int64(st, 3, now_ms);
	int rc = run(s, LOGS_Q_STREAM_NEW, err);
	*id = rc ? 0 : sqlite3_last_insert_rowid(s->db->h);
	return rc;
}

int logs_streams_each(struct logs_store *s, int64_t grp, struct slice from, bool (*fn)(void *arg, const struct log_stream *st), void *arg,
		      struct error *err)
{
	sqlite3_stmt *st = query(s, LOGS_Q_STREAMS);
	int rc;
	sqlite3_bind_int64(st, 1, grp);
	db_bind(st, 2, from.p ? from : S(""));
	while ((rc = row(s, LOGS_Q_STREAMS, err)) > 0) {
		struct log_stream found = stream_of(st);
		if (fn(arg, &found))
			continue;
		done(s, LOGS_Q_STREAMS);
		return 0;
	}
	return rc;
}

static int go(struct logs_store *s, int at, int64_t id, struct error *err)
{
	sqlite3_stmt *st = query(s, LOGS_Q_GO);
	sqlite3_bind_null(st, 1);
	sqlite3_bind_null(st, 2);
	sqlite3_bind_int64(st, at, id);
	return run(s, LOGS_Q_GO, err);
}

int logs_stream_drop(struct logs_store *s, int64_t id, struct error *err)
{
	sqlite3_bind_int64(query(s, LOGS_Q_STREAM_DROP), 1, id);
	int rc = run(s, LOGS_Q_STREAM_DROP, err);
	return rc ? rc : go(s, 2, id, err);
}

int logs_group_drop(struct logs_store *s, int64_t grp, struct error *err)
{
	sqlite3_bind_int64(query(s, LOGS_Q_STREAMS_DROP), 1, grp);
	int rc = run(s, LOGS_Q_STREAMS_DROP, err);
	return rc ? rc : go(s, 1, grp, err);
}

int64_t logs_group_bytes(struct logs_store *s, int64_t grp)
{
	sqlite3_stmt *st = query(s, LOGS_Q_BYTES);
	int64_t bytes = 0;
	sqlite3_bind_int64(st, 1, grp);
	if (row(s, LOGS_Q_BYTES, NULL) > 0) {
		bytes = sqlite3_column_int64(st, 0);
		done(s, LOGS_Q_BYTES);
	}
	return bytes;
}

int logs_group_last(struct logs_store *s, int64_t *out, struct error *err)
{
	int rc = row(s, LOGS_Q_GROUP_MAX, err);
	if (rc < 0)
		return rc;
	*out = rc ? sqlite3_column_int64(query(s, LOGS_Q_GROUP_MAX), 0) : 0;
	done(s, LOGS_Q_GROUP_MAX);
	return 0;
}

int logs_line_put(struct logs_store *s, int64_t grp, int64_t stream, int64_t at_ms, int64_t now_ms, struct slice text, struct error *err)
{
	sqlite3_stmt *st = query(s, LOGS_Q_PUT);
	sqlite3_bind_int64(st, 1, grp);
	sqlite3_bind_int64(st, 2, stream);
	sqlite3_bind_int64(st, 3, at_ms);
	sqlite3_bind_int64(st, 4, now_ms);
	db_bind(st, 5, text);
	return run(s, LOGS_Q_PUT, err);
}

int logs_stream_grows(struct logs_store *s, int64_t stream, int64_t first_ms, int64_t last_ms, int64_t now_ms, int64_t bytes, struct error *err)
{
	sqlite3_stmt *st = query(s, LOGS_Q_STREAM_GROWS);
	sqlite3_bind_int64(st, 1, first_ms);
	sqlite3_bind_int64(st, 2, last_ms);
	sqlite3_bind_int64(st, 3, now_ms);
	sqlite3_bind_int64(st, 4, bytes);
	sqlite3_bind_int64(st, 5, stream);
	return run(s, LOGS_Q_STREAM_GROWS, err);
}

int logs_lines_each(struct logs_store *s, const struct log_range *r, struct log_place from, bool back, int64_t max,
		    bool (*fn)(void *arg, const struct log_line *l), void *arg, struct error *err)
{
	enum logs_query q = r->of_group ? LOGS_Q_GROUP_AFTER : back ? LOGS_Q_BEFORE : LOGS_Q_AFTER;
	sqlite3_stmt *st = query(s, q);
	int rc;
	/* The range begins where the reader stands: the index leads there. */
	sqlite3_bind_int64(st, 1, r->of_group ? r->grp : r->stream);
	sqlite3_bind_int64(st, 2, !back && from.at_ms > r->from_ms ? from.at_ms : r->from_ms);
	sqlite3_bind_int64(st, 3, back && from.at_ms < r->to_ms ? from.at_ms : r->to_ms);
	sqlite3_bind_int64(st, 4, from.at_ms);
	sqlite3_bind_int64(st, 5, from.id);
	sqlite3_bind_int64(st, 6, max);
	while ((rc = row(s, q, err)) > 0) {
		struct log_line l = {
			.id = sqlite3_column_int64(st, 0),
			.at_ms = sqlite3_column_int64(st, 1),
			.ingested_ms = sqlite3_column_int64(st, 2),
			.text = db_text(st, 3),
			.stream = r->of_group ? db_text(st, 4) : sl(NULL),
		};
		if (fn(arg, &l))
			continue;
		done(s, q);
		return 0;
	}
	return rc;
}

static int wipe(struct logs_store *s, enum logs_query q, int64_t of, int64_t before_ms, int max, struct error *err)
{
	sqlite3_stmt *st = query(s, q);
	sqlite3_bind_int64(st, 1, of);
	sqlite3_bind_int64(st, 2, before_ms);
	sqlite3_bind_int64(st, 3, max);
	int rc = run(s, q, err);
	return rc ? rc : sqlite3_changes(s->db->h);
}

int logs_expire(struct logs_store *s, int64_t grp, int64_t before_ms, int max, struct error *err)
{
	return wipe(s, LOGS_Q_WIPE_GROUP, grp, before_ms, max, err);
}

int logs_sweep(struct logs_store *s, int max, struct error *err)
{
	sqlite3_stmt *st = query(s, LOGS_Q_GOING);
	int rc = row(s, LOGS_Q_GOING, err);
	if (rc <= 0)
		return rc;
	bool of_group = sqlite3_column_type(st, 1) != SQLITE_NULL;
	int64_t id = sqlite3_column_int64(st, 0), of = sqlite3_column_int64(st, of_group ? 1 : 2);
	done(s, LOGS_Q_GOING);
	rc = wipe(s, of_group ? LOGS_Q_WIPE_GROUP : LOGS_Q_WIPE_STREAM, of, INT64_MAX, max, err);
	if (rc < 0 || rc == max)
		return rc < 0 ? rc : 1;
	sqlite3_bind_int64(query(s, LOGS_Q_GONE), 1, id);
	rc = run(s, LOGS_Q_GONE, err);
	return rc ? rc : 1;
}
