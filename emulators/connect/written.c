#include "connect/written.h"

enum { PRUNE_EVERY = 1024, LOOK_MOST = 4096 };

struct run {
	int64_t line, offset;
};

void con_span_add(struct sink_file *f, int64_t offset)
{
	struct run run = { (int64_t)f->record_n, offset };
	if (f->record_n && offset != f->last + 1)
		buf_add(&f->runs, &run, sizeof(run));
}

void con_wrote(struct con_tp *tp, const char *bucket, const char *key, const struct con_span *span)
{
	struct db *db = &tp->c->k->db;
	sqlite3_stmt *st = db_q(db, CON_WRITTEN_PUT);
	struct error err;
	db_bind(st, 1, sl(tp->topic));
	sqlite3_bind_int(st, 2, tp->partition);
	sqlite3_bind_int64(st, 3, span->first);
	db_bind(st, 4, sl(key));
	db_bind(st, 5, sl(bucket));
	db_bind(st, 6, sl(tp->c->name));
	sqlite3_bind_int64(st, 7, span->last);
	sqlite3_bind_int64(st, 8, (int64_t)span->n);
	db_bind_blob(st, 9, span->runs.n ? buf_slice(&span->runs) : sl(NULL));
	int rc = db_write(db, CON_WRITTEN_PUT, &err);
	if (!rc && span->first > CON_WRITTEN_KEPT && span->first / PRUNE_EVERY != (span->last + 1) / PRUNE_EVERY) {
		st = db_q(db, CON_WRITTEN_OLD);
		db_bind(st, 1, sl(tp->topic));
		sqlite3_bind_int(st, 2, tp->partition);
		sqlite3_bind_int64(st, 3, span->first - CON_WRITTEN_KEPT);
		rc = db_write(db, CON_WRITTEN_OLD, &err);
	}
	if (rc)
		log_warn(tp->c->k->env, "written", "key=%s error=\"%s\"", key, err.text);
}

/* The i-th run of an object's row: what begins at its first record is the 0th. */
static bool run_at(const struct con_place *p, struct slice runs, size_t i, struct run *out, int64_t *end)
{
	struct run next = { p->n, 0 };
	if (i * sizeof(*out) > runs.n)
		return false;
	*out = (struct run){ 0, p->first };
	if (i)
		memcpy(out, runs.p + (i - 1) * sizeof(*out), sizeof(*out));
	if ((i + 1) * sizeof(next) <= runs.n)
		memcpy(&next, runs.p + i * sizeof(next), sizeof(next));
	*end = next.line;
	return true;
}

static bool find_offset(struct con_place *p, struct slice runs, int64_t offset)
{
	struct run r;
	int64_t end;
	for (size_t i = 0; run_at(p, runs, i, &r, &end); i++) {
		if (offset < r.offset || offset - r.offset >= end - r.line)
			continue;
		p->line = r.line + (offset - r.offset) + 1;
		p->offset = offset;
		return true;
	}
	return false;
}

static bool find_line(struct con_place *p, struct slice runs, int64_t line)
{
	struct run r;
	int64_t end;
	for (size_t i = 0; run_at(p, runs, i, &r, &end); i++) {
		if (line - 1 < r.line || line - 1 >= end)
			continue;
		p->line = line;
		p->offset = r.offset + (line - 1 - r.line);
		return true;
	}
	return false;
}

static void read_row(sqlite3_stmt *st, struct con_place *out)
{
	*out = (struct con_place){ .topic = db_text(st, 0), .partition = sqlite3_column_int(st, 1), .first = sqlite3_column_int64(st, 2),
				   .key = db_text(st, 3), .bucket = db_text(st, 4), .connector = db_text(st, 5), .last = sqlite3_column_int64(st, 6),
				   .n = sqlite3_column_int64(st, 7) };
}

static void keep(struct arena *a, struct con_place *p)
{
	p->topic = arena_dup(a, p->topic);
	p->key = arena_dup(a, p->key);
	p->bucket = arena_dup(a, p->bucket);
	p->connector = arena_dup(a, p->connector);
}

/* Of the objects that may have a record of that offset, the newest that fits. */
static bool look(struct connect *k, struct slice topic, int partition, int64_t offset, bool (*fits)(const void *arg, struct con_place *p, struct slice runs),
		 const void *arg, struct arena *a, struct con_place *out)
{
	sqlite3_stmt *st = db_q(&k->db, CON_WRITTEN_FIND);
	bool found = false;
	db_bind(st, 1, topic);
	sqlite3_bind_int(st, 2, partition);
	sqlite3_bind_int64(st, 3, offset);
	for (int i = 0; !found && i < LOOK_MOST && db_row(&k->db, CON_WRITTEN_FIND, NULL) > 0; i++) {
		read_row(st, out);
		found = fits(arg, out, db_blob(st, 8));
	}
	if (found)
		keep(a, out);
	db_done(&k->db, CON_WRITTEN_FIND);
	return found;
}

static bool has_offset(const void *arg, struct con_place *p, struct slice runs)
{
	int64_t offset = *(const int64_t *)arg;
	return offset <= p->last && find_offset(p, runs, offset);
}

bool con_written(struct connect *k, struct arena *a, struct slice topic, int partition, int64_t offset, struct con_place *out)
{
	return look(k, topic, partition, offset, has_offset, &offset, a, out);
}

struct wanted {
	struct slice bucket, key;
	int64_t line;
};

static bool is_object(const void *arg, struct con_place *p, struct slice runs)
{
	const struct wanted *w = arg;
	return sl_eq(p->key, w->key) && sl_eq(p->bucket, w->bucket) && find_line(p, runs, w->line);
}

/* What stands before the last '+' and goes. */
static bool number_behind(struct slice *name, int64_t *out)
{
	ssize_t at = (ssize_t)name->n - 1;
	while (at >= 0 && name->p[at] != '+')
		at--;
	if (at < 0 || !sl_int(sl_from(*name, (size_t)at + 1), 0, INT64_MAX, out))
		return false;
	name->n = (size_t)at;
	return true;
}

bool con_written_at(struct connect *k, struct arena *a, struct slice bucket, struct slice key, int64_t line, struct con_place *out)
{
	const struct wanted w = { bucket, key, line };
	struct slice name = key;
	int64_t first, partition;
	for (size_t i = key.n; i-- > 0;) {
		if (key.p[i] != '/')
			continue;
		name = sl_from(key, i + 1);
		break;
	}
	ssize_t plus = (ssize_t)name.n - 1;
	while (plus >= 0 && name.p[plus] != '+')
		plus--;
	ssize_t dot = plus < 0 ? -1 : sl_chr(sl_from(name, (size_t)plus), '.');
	if (dot >= 0)
		name.n = (size_t)(plus + dot);
	return number_behind(&name, &first) && number_behind(&name, &partition) && partition <= INT32_MAX &&
	       look(k, name, (int)partition, first, is_object, &w, a, out);
}
