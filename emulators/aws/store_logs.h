/* Rows of CloudWatch Logs in aws.db: streams, lines, and what is to go. Groups are documents; a group's and a stream's id is never
 * used again, so what is left of one that was deleted is seen by nobody and goes piece by piece. */
#ifndef TARN_AWS_STORE_LOGS_H
#define TARN_AWS_STORE_LOGS_H

#include "core/db.h"

/* A schema step. */
#define LOGS_TABLES \
	"CREATE TABLE log_stream (id INTEGER PRIMARY KEY AUTOINCREMENT, grp INTEGER NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL," \
	" first INTEGER, last INTEGER, ingested INTEGER, bytes INTEGER NOT NULL DEFAULT 0, UNIQUE (grp, name)) STRICT;" \
	"CREATE TABLE log_event (id INTEGER PRIMARY KEY, grp INTEGER NOT NULL, stream INTEGER NOT NULL, at INTEGER NOT NULL," \
	" ingested INTEGER NOT NULL, text TEXT NOT NULL) STRICT;" \
	"CREATE INDEX log_event_grp ON log_event (grp, at); CREATE INDEX log_event_stream ON log_event (stream, at);" \
	"CREATE TABLE log_gone (id INTEGER PRIMARY KEY, grp INTEGER, stream INTEGER) STRICT"

/* The queries stand among those of aws.db, from LOGS_Q on. */
enum logs_query {
	LOGS_Q_STREAM_NEW, LOGS_Q_STREAM, LOGS_Q_STREAMS, LOGS_Q_STREAM_GROWS, LOGS_Q_STREAM_DROP, LOGS_Q_STREAMS_DROP, LOGS_Q_BYTES,
	LOGS_Q_PUT, LOGS_Q_AFTER, LOGS_Q_BEFORE, LOGS_Q_GROUP_AFTER, LOGS_Q_GO, LOGS_Q_GOING, LOGS_Q_GONE, LOGS_Q_WIPE_GROUP,
	LOGS_Q_WIPE_STREAM, LOGS_Q_GROUP_MAX, LOGS_Q_COUNT
};
#define LOGS_QUERIES(base) \
	[base + LOGS_Q_STREAM_NEW] = "INSERT INTO log_stream (grp, name, created) VALUES (?, ?, ?)", \
	[base + LOGS_Q_STREAM] = "SELECT id, name, created, first, last, ingested, bytes FROM log_stream WHERE grp = ? AND name = ?", \
	/* Either order is made of all of a group's streams, as there is no index by time. */ \
	[base + LOGS_Q_STREAMS] = "SELECT id, name, created, first, last, ingested, bytes FROM log_stream WHERE grp = ? AND name >= ? ORDER BY name", \
	[base + LOGS_Q_STREAM_GROWS] = "UPDATE log_stream SET first = min(ifnull(first, ?1), ?1), last = max(ifnull(last, ?2), ?2)," \
				       " ingested = ?3, bytes = bytes + ?4 WHERE id = ?5", \
	[base + LOGS_Q_STREAM_DROP] = "DELETE FROM log_stream WHERE id = ?", \
	[base + LOGS_Q_STREAMS_DROP] = "DELETE FROM log_stream WHERE grp = ?", \
	[base + LOGS_Q_BYTES] = "SELECT sum(bytes) FROM log_stream WHERE grp = ?", \
	[base + LOGS_Q_PUT] = "INSERT INTO log_event (grp, stream, at, ingested, text) VALUES (?, ?, ?, ?, ?)", \
	[base + LOGS_Q_AFTER] = "SELECT id, at, ingested, text FROM log_event WHERE stream = ?1 AND at BETWEEN ?2 AND ?3 AND (at > ?4 OR id > ?5)" \
				" ORDER BY at, id LIMIT ?6", \
	[base + LOGS_Q_BEFORE] = "SELECT id, at, ingested, text FROM log_event WHERE stream = ?1 AND at BETWEEN ?2 AND ?3 AND (at < ?4 OR id < ?5)" \
				 " ORDER BY at DESC, id DESC LIMIT ?6", \
	[base + LOGS_Q_GROUP_AFTER] = "SELECT e.id, e.at, e.ingested, e.text, s.name FROM log_event e JOIN log_stream s ON s.id = e.stream" \
				      " WHERE e.grp = ?1 AND e.at BETWEEN ?2 AND ?3 AND (e.at > ?4 OR e.id > ?5) ORDER BY e.at, e.id LIMIT ?6", \
	[base + LOGS_Q_GO] = "INSERT INTO log_gone (grp, stream) VALUES (?, ?)", \
	[base + LOGS_Q_GOING] = "SELECT id, grp, stream FROM log_gone ORDER BY id LIMIT 1", \
	[base + LOGS_Q_GONE] = "DELETE FROM log_gone WHERE id = ?", \
	[base + LOGS_Q_WIPE_GROUP] = "DELETE FROM log_event WHERE id IN (SELECT id FROM log_event WHERE grp = ? AND at < ? ORDER BY at LIMIT ?)", \
	[base + LOGS_Q_WIPE_STREAM] = "DELETE FROM log_event WHERE id IN (SELECT id FROM log_event WHERE stream = ? AND at < ? ORDER BY at LIMIT ?)", \
	[base + LOGS_Q_GROUP_MAX] = "SELECT max(grp) FROM (SELECT max(grp) AS grp FROM log_event UNION SELECT max(grp) FROM log_stream UNION SELECT max(grp) FROM log_gone)"

/* A database that has the queries from base on. */
struct logs_store {
	struct db *db;
	size_t base;
};
struct log_stream {
	int64_t id, created_ms, first_ms, last_ms, ingested_ms, bytes; /* first_ms -1: it has had no line yet */
	struct slice name; /* valid until the next step */
};
struct log_line {
	int64_t id, at_ms, ingested_ms;
	struct slice text, stream; /* stream: only of a group's lines */
};
/* Where a reader stands: between two lines. */
struct log_place {
	int64_t at_ms, id;
};
/* Which lines: of one stream, or of all of a group; from_ms to to_ms, both in it. */
struct log_range {
	int64_t grp, stream, from_ms, to_ms;
	bool of_group;
};

/* 1, 0: there is none, or ERR_STORE. */
int logs_stream_find(struct logs_store *s, int64_t grp, struct slice name, struct log_stream *out, struct error *err) WARN_UNUSED;
int logs_stream_new(struct logs_store *s, int64_t grp, struct slice name, int64_t now_ms, int64_t *id, struct error *err) WARN_UNUSED;
/* From a name on, in the order of names, until fn returns false. */
int logs_streams_each(struct logs_store *s, int64_t grp, struct slice from, bool (*fn)(void *arg, const struct log_stream *st), void *arg,
		      struct error *err) WARN_UNUSED;
int logs_stream_drop(struct logs_store *s, int64_t id, struct error *err) WARN_UNUSED;
int logs_group_drop(struct logs_store *s, int64_t grp, struct error *err) WARN_UNUSED;
/* 0 when that can't be read, too. */
int64_t logs_group_bytes(struct logs_store *s, int64_t grp);
/* The highest id that a group has or had and that rows still name. */
int logs_group_last(struct logs_store *s, int64_t *out, struct error *err) WARN_UNUSED;
int logs_line_put(struct logs_store *s, int64_t grp, int64_t stream, int64_t at_ms, int64_t now_ms, struct slice text, struct error *err) WARN_UNUSED;
/* After lines were put: their times, and their bytes together. */
int logs_stream_grows(struct logs_store *s, int64_t stream, int64_t first_ms, int64_t last_ms, int64_t now_ms, int64_t bytes, struct error *err) WARN_UNUSED;
/* The lines behind a place in their order, at most max, until fn returns false; back: those before it, the latest first (of a stream). */
int logs_lines_each(struct logs_store *s, const struct log_range *r, struct log_place from, bool back, int64_t max,
		    bool (*fn)(void *arg, const struct log_line *l), void *arg, struct error *err) WARN_UNUSED;
/* Removes lines of a group that are older. Returns how many, or ERR_STORE. */
int logs_expire(struct logs_store *s, int64_t grp, int64_t before_ms, int max, struct error *err) WARN_UNUSED;
/* Removes a piece of what was dropped: 1: there may be more, 0: none is left. */
int logs_sweep(struct logs_store *s, int max, struct error *err) WARN_UNUSED;

#endif
