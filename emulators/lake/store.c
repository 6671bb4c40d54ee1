/* lake.db: the cleaned tables, as the datasets say. A clean run is one transaction, so readers see the old tables or the new. */
#include "lake/store_file.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

static const char quarantine[] =
	"CREATE TABLE IF NOT EXISTS quarantine(dataset TEXT NOT NULL, topic TEXT NOT NULL, object_key TEXT NOT NULL, line INTEGER NOT NULL,"
	" at INTEGER, reason TEXT NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL, record TEXT NOT NULL) STRICT";
/* Schema changes of the file. Older releases kept a second form of the columns that the questions count by. */
static const char *const schema[] = { "DROP TABLE IF EXISTS tarn_fact" };

/* What was committed outlives the process, if not a power cut: a clean run makes it anew. The log of a large run goes when it is
 * over. */
static int settings(struct lake_store *s, const struct env *env, struct error *err)
{
	int rc = env->durability == DURABILITY_FULL ? 0 : db_exec(&s->db, "PRAGMA synchronous=OFF", err);
	return rc ? rc : db_exec(&s->db, "PRAGMA journal_size_limit=0; PRAGMA cache_size=-8000; PRAGMA temp_store=FILE", err);
}

int lake_store_open(struct lake_store **out, const struct env *env, const struct datasets *sets, struct error *err)
{
	struct lake_store *s = xcalloc(1, sizeof(*s));
	s->sets = sets;
	s->alone = !env->dir || env->durability == DURABILITY_OFF;
	s->name = db_large_name(env, "lake");
	int rc = db_open_pooled(&s->db, env, "lake", schema, ARRAY_LEN(schema), err);
	if (!rc)
		rc = settings(s, env, err);
	if (rc)
		lake_store_close(s);
	*out = rc ? NULL : s;
	return rc;
}

bool lake_store_alone(const struct lake_store *s)
{
	return s->alone;
}

void lake_store_close(struct lake_store *s)
{
	if (!s)
		return;
	for (size_t set = 0; set < DATASETS_MAX; set++)
		sqlite3_finalize(s->tables[set].insert);
	sqlite3_finalize(s->bad);
	while (s->idle) {
		struct lake_session *x = s->idle;
		s->idle = x->next;
		lake_session_free(x, NULL);
	}
	db_close(&s->db);
	free(s->name);
	free(s);
}

/* Made anew by every clean run of the table, none before the first: without one a question has no answer, not an empty one. */
static void add_table(struct buf *b, const struct dataset *d)
{
	static const char *const types[] = { [CLEAN_TEXT] = "TEXT", [CLEAN_INT] = "INTEGER", [CLEAN_REAL] = "REAL", [CLEAN_BOOL] = "INTEGER" };
	buf_addf(b, "DROP TABLE IF EXISTS \"%s\"; CREATE TABLE \"%s\"(", d->table, d->table);
	for (size_t i = 0; i < d->out_n; i++)
		buf_addf(b, "%s\"%s\" %s%s", i ? ", " : "", d->columns[i].name, types[d->columns[i].type], i == d->key ? " NOT NULL" : "");
	buf_adds(b, ") STRICT;");
}

static int prepare_insert(struct lake_store *s, size_t set, struct error *err)
{
	struct buf sql = { 0 };
	if (s->tables[set].insert)
		return 0;
	buf_addf(&sql, "INSERT INTO \"%s\" VALUES(?", s->sets->at[set].table);
	for (size_t i = 1; i < s->sets->at[set].out_n; i++)
		buf_adds(&sql, ",?");
	buf_addc(&sql, ')');
	int rc = db_prepare(&s->db, buf_cstr(&sql), &s->tables[set].insert, err);
	buf_free(&sql);
	return rc;
}

/* What of the table was quarantined goes too. */
static int begin_set(struct lake_store *s, size_t set, struct error *err)
{
	struct buf sql = { 0 };
	add_table(&sql, &s->sets->at[set]);
	buf_addf(&sql, "DELETE FROM quarantine WHERE dataset = '%s'", s->sets->at[set].name);
	int rc = db_exec(&s->db, buf_cstr(&sql), err);
	buf_free(&sql);
	s->tables[set].rows = 0;
	return rc ? rc : prepare_insert(s, set, err);
}

int lake_store_begin(struct lake_store *s, uint32_t sets, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (!rc)
		rc = db_exec(&s->db, quarantine, err);
	for (size_t set = 0; !rc && set < s->sets->n; set++) {
		s->tables[set].on = sets >> set & 1;
		if (s->tables[set].on)
			rc = begin_set(s, set, err);
	}
	return rc || s->bad ? rc : db_prepare(&s->db, "INSERT INTO quarantine VALUES(?,?,?,?,?,?,?,?,?)", &s->bad, err);
}

/* Values live until the statement is reset, so they need no copy. */
static void bind(sqlite3_stmt *st, int at, const struct clean_value *v)
{
	switch ((enum clean_kind)v->kind) {
	case CLEAN_NULL:
		sqlite3_bind_null(st, at);
		break;
	case CLEAN_TEXT:
		sqlite3_bind_text64(st, at, v->text.p, v->text.n, SQLITE_STATIC, SQLITE_UTF8);
		break;
	case CLEAN_INT:
	case CLEAN_BOOL:
		sqlite3_bind_int64(st, at, v->i);
		break;
	case CLEAN_REAL:
		sqlite3_bind_double(st, at, v->d);
		break;
	}
}

int lake_store_row(struct lake_store *s, size_t set, const struct clean_value *v, struct error *err)
{
	struct lake_table *t = &s->tables[set];
	for (size_t i = 0; i < s->sets->at[set].out_n; i++)
		bind(t->insert, (int)i + 1, &v[i]);
	/* All are bound anew for the next row. */
	int rc = sqlite3_step(t->insert) == SQLITE_DONE ? 0 : db_error(&s->db, err);
	sqlite3_reset(t->insert);
	t->rows++;
	return rc;
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

/* What a run has written goes from the WAL into the file, as far as no statement reads what was there before; the rest follows at the
 * next time, and the WAL starts anew once all has. */
static void checkpoint(struct lake_store *s)
{
	(void)sqlite3_busy_timeout(s->db.h, 0);
	(void)sqlite3_wal_checkpoint_v2(s->db.h, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_busy_timeout(s->db.h, 5000);
}

/* For joins; made when the rows are in, which is cheaper, or when a statement first joins a large table. */
int lake_store_index(struct lake_store *s, size_t set, struct error *err)
{
	const struct dataset *d = &s->sets->at[set];
	const char *key = d->columns[d->key].name;
	struct buf sql = { 0 };
	buf_addf(&sql, "CREATE INDEX IF NOT EXISTS \"%s_%s\" ON \"%s\"(\"%s\")", d->table, key, d->table, key);
	int rc = db_exec(&s->db, buf_cstr(&sql), err);
	buf_free(&sql);
	if (!rc && !s->db.in_tx)
		checkpoint(s);
	return rc;
}

int lake_store_ready(struct lake_store *s, struct error *err)
{
	int rc = 0;
	for (size_t set = 0; !rc && set < s->sets->n; set++)
		if (s->tables[set].on && (s->tables[set].rows < LAKE_INDEX_LATER || s->alone))
			rc = lake_store_index(s, set, err);
	if (!rc && sqlite3_db_cacheflush(s->db.h) == SQLITE_FULL)
		rc = db_error(&s->db, err);
	return rc;
}

int lake_store_finish(struct lake_store *s, struct error *err)
{
	int rc = db_commit(&s->db, err);
	if (!rc)
		checkpoint(s);
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
