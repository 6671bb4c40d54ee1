/* lake.db: the quarantine. A clean run's records of a dataset replace those of the run before, in one transaction. */
#include "lake/store.h"

#include "core/db.h"
#include "core/service.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

struct lake_store {
	struct db db; /* on the pool, by whoever has the turn of LAKE_KEY */
	sqlite3_stmt *bad;
	const struct datasets *sets;
};

static const char quarantine[] =
	"CREATE TABLE IF NOT EXISTS quarantine(dataset TEXT NOT NULL, topic TEXT NOT NULL, object_key TEXT NOT NULL, line INTEGER NOT NULL,"
	" at INTEGER, reason TEXT NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL, record TEXT NOT NULL) STRICT";
/* Schema changes of the file. Older releases kept a second form of the columns that the questions count by. */
static const char *const schema[] = { "DROP TABLE IF EXISTS tarn_fact" };

/* Older releases kept the cleaned tables here beside their Delta tables. */
static int drop_tables(struct lake_store *s, struct error *err)
{
	sqlite3_stmt *st;
	struct buf sql = { 0 };
	int rc = db_prepare(&s->db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'quarantine'", &st, err);
	while (!rc && sqlite3_step(st) == SQLITE_ROW)
		buf_addf(&sql, "DROP TABLE \"%s\";", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	if (!rc && sql.n)
		rc = db_exec(&s->db, buf_cstr(&sql), err);
	buf_free(&sql);
	return rc;
}

int lake_store_open(struct lake_store **out, const struct env *env, const struct datasets *sets, struct error *err)
{
	struct lake_store *s = xcalloc(1, sizeof(*s));
	s->sets = sets;
	int rc = db_open_pooled(&s->db, env, "lake", schema, ARRAY_LEN(schema), err);
	if (!rc)
		rc = db_exec(&s->db, "PRAGMA journal_size_limit=0", err);
	if (!rc)
		rc = drop_tables(s, err);
	if (rc)
		lake_store_close(s);
	*out = rc ? NULL : s;
	return rc;
}

void lake_store_close(struct lake_store *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->bad);
	db_close(&s->db);
	free(s);
}

/* ---- a clean run ---- */

int lake_store_begin(struct lake_store *s, uint32_t sets, struct error *err)
{
	struct buf sql = { 0 };
	int rc = db_begin(&s->db, err);
	if (!rc)
		rc = db_exec(&s->db, quarantine, err);
	for (size_t set = 0; set < s->sets->n; set++)
		if (sets >> set & 1)
			buf_addf(&sql, "DELETE FROM quarantine WHERE dataset = '%s';", s->sets->at[set].name);
	if (!rc && sql.n)
		rc = db_exec(&s->db, buf_cstr(&sql), err);
	buf_free(&sql);
	return rc || s->bad ? rc : db_prepare(&s->db, "INSERT INTO quarantine VALUES(?,?,?,?,?,?,?,?,?)", &s->bad, err);
}

/* Cut at a whole character; bytes that are no text are shown in hex. */
static void bind_snippet(sqlite3_stmt *st, int at, struct slice record)
{
	struct slice cut = sl_of(record.p, record.n < LAKE_SNIPPET ? record.n : LAKE_SNIPPET);
	while (cut.n < record.n && cut.n && ((unsigned char)record.p[cut.n] & 0xC0) == 0x80)
		cut.n--;
	struct buf hex = { 0 };
	if (!sl_is_utf8(cut) || sl_chr(cut, '\0') >= 0) {
		buf_hex(&hex, cut.p, cut.n < LAKE_SNIPPET / 2 ? cut.n : LAKE_SNIPPET / 2);
		cut = buf_slice(&hex);
	}
	db_bind(st, at, cut);
	buf_free(&hex);
}

int lake_store_bad(struct lake_store *s, const struct lake_bad *bad, struct error *err)
{
	const struct dataset *d = &s->sets->at[bad->set];
	struct slice kept = bad->record;
	kept.n = kept.n < LAKE_QUARANTINE_BYTES ? kept.n : LAKE_QUARANTINE_BYTES;
	db_bind(s->bad, 1, sl(d->name));
	db_bind(s->bad, 2, sl(d->topic));
	db_bind(s->bad, 3, bad->key);
	sqlite3_bind_int64(s->bad, 4, (sqlite3_int64)bad->line);
	if (bad->at)
		sqlite3_bind_int64(s->bad, 5, (sqlite3_int64)bad->at);
	db_bind(s->bad, 6, bad->reason);
	sqlite3_bind_int64(s->bad, 7, (sqlite3_int64)bad->size);
	db_bind_blob(s->bad, 8, kept);
	bind_snippet(s->bad, 9, bad->record);
	return db_run(&s->db, s->bad, err);
}

int lake_store_ready(struct lake_store *s, struct error *err)
{
	return sqlite3_db_cacheflush(s->db.h) == SQLITE_FULL ? db_error(&s->db, err) : 0;
}

int lake_store_finish(struct lake_store *s, struct error *err)
{
	int rc = db_commit(&s->db, err);
#ifdef __GLIBC__
	(void)malloc_trim(0); /* a large run's memory goes back, questions need none of it */
#endif
	return rc;
}

void lake_store_cancel(struct lake_store *s)
{
	if (s->db.in_tx)
		(void)sqlite3_exec(s->db.h, "ROLLBACK", NULL, NULL, NULL);
	s->db.in_tx = false;
}

/* ---- reading ---- */

int lake_store_quarantined(struct lake_store *s, bool *there, struct error *err)
{
	sqlite3_stmt *st;
	int rc = db_prepare(&s->db, "SELECT 1 FROM sqlite_schema WHERE name = 'quarantine'", &st, err);
	*there = !rc && sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return rc;
}

static struct sp_value cell(struct arena *a, sqlite3_stmt *st, int at)
{
	struct slice bytes;
	switch (sqlite3_column_type(st, at)) {
	case SQLITE_NULL:
		return SP_NULL_VALUE;
	case SQLITE_INTEGER:
		return (struct sp_value){ .i = sqlite3_column_int64(st, at) };
	default:
		bytes = sqlite3_column_type(st, at) == SQLITE_BLOB ? db_blob(st, at) : db_text(st, at);
		return (struct sp_value){ .s = bytes.n ? arena_dup(a, bytes) : S("") };
	}
}

int lake_store_quarantine(struct lake_store *s, const bool *needed, struct sp_table *out, struct error *err)
{
	struct sp_out columns[LAKE_QUARANTINE_COLUMNS];
	struct sp_batch *b;
	sqlite3_stmt *st;
	size_t n = 0;
	int rc = db_prepare(&s->db, "SELECT dataset, topic, object_key, line, at, reason, size, bytes, record, COUNT(*) OVER () FROM quarantine ORDER BY rowid",
			    &st, err);
	if (rc)
		return rc;
	GROW(out->chunks, out->chunk_n, out->chunk_cap);
	b = &out->chunks[out->chunk_n++];
	*b = (struct sp_batch){ .column_n = LAKE_QUARANTINE_COLUMNS };
	b->columns = arena_alloc(&out->arena, LAKE_QUARANTINE_COLUMNS * sizeof(*b->columns));
	while (sqlite3_step(st) == SQLITE_ROW) {
		if (!b->n)
			b->n = (size_t)sqlite3_column_int64(st, LAKE_QUARANTINE_COLUMNS);
		for (int i = 0; i < LAKE_QUARANTINE_COLUMNS; i++) {
			struct sp_value v;
			if (needed && !needed[i])
				continue;
			if (!n)
				sp_out_make(&columns[i], &out->arena, out->fields[i].type, b->n);
			v = cell(&out->arena, st, i);
			sp_out_put(&columns[i], n, &v);
		}
		n++;
	}
	sqlite3_finalize(st);
	if (!n)
		out->chunk_n--;
	for (int i = 0; n && i < LAKE_QUARANTINE_COLUMNS; i++)
		if (!needed || needed[i])
			b->columns[i] = columns[i].v;
	out->row_n = (int64_t)n;
	return 0;
}
