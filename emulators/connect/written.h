/* Which object has a record: offset -> bucket, key, line. Kept in connect.db for the newest CON_WRITTEN_KEPT offsets of a partition, for who
 * asks where a record went (journey/journey.h). */
#ifndef TARN_CONNECT_WRITTEN_H
#define TARN_CONNECT_WRITTEN_H

#include "connect/connect.h"

enum { CON_WRITTEN_KEPT = 200000 };

/* Records of an object, in its order: from first to last, n of them. runs: absent where they follow each other without a gap; else pairs
 * of int64_t, line and offset, where a run of such begins. */
struct con_span {
	int64_t first, last;
	size_t n;
	struct buf runs;
};
struct con_place {
	struct slice connector, bucket, key, topic;
	int partition;
	int64_t offset;
	int64_t line; /* from 1 */
	int64_t first, last, n; /* of the object */
};
/* A record of that offset is about to be added to a file. */
void con_span_add(struct sink_file *f, int64_t offset);
/* An object is stored. */
void con_wrote(struct con_tp *tp, const char *bucket, const char *key, const struct con_span *span);
/* The object that was written last of those with that record. Texts are the arena's. False: none has it, or it is long ago. */
bool con_written(struct connect *k, struct arena *a, struct slice topic, int partition, int64_t offset, struct con_place *out);
/* The record of an object's line; the key is one that the sink makes, "…/TOPIC+PARTITION+OFFSET.json". */
bool con_written_at(struct connect *k, struct arena *a, struct slice bucket, struct slice key, int64_t line, struct con_place *out);

/* ---- for store.c ---- */
#define CON_WRITTEN_STEP                                                                                                                              \
	"CREATE TABLE written (topic TEXT NOT NULL, partition INTEGER NOT NULL, first INTEGER NOT NULL, key TEXT NOT NULL, bucket TEXT NOT NULL,"       \
	" connector TEXT NOT NULL, last INTEGER NOT NULL, n INTEGER NOT NULL, runs BLOB, PRIMARY KEY (topic, partition, first, key, bucket)) STRICT, WITHOUT ROWID;"
enum { CON_WRITTEN_FIRST = 17, CON_WRITTEN_PUT = CON_WRITTEN_FIRST, CON_WRITTEN_FIND, CON_WRITTEN_OLD, CON_WRITTEN_Q = 3 };
#define CON_WRITTEN_COLUMNS "topic, partition, first, key, bucket, connector, last, n, runs"
#define CON_WRITTEN_QUERIES(at)                                                                                                                       \
	[at] = "INSERT OR REPLACE INTO written (" CON_WRITTEN_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",                               \
	[at + 1] = "SELECT " CON_WRITTEN_COLUMNS " FROM written WHERE topic = ?1 AND partition = ?2 AND first <= ?3 ORDER BY first DESC",             \
	[at + 2] = "DELETE FROM written WHERE topic = ?1 AND partition = ?2 AND first < ?3",

#endif
