#include "dbimage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db.h"
#include "hash.h"

/* ---- which are open ---- */

struct opened {
	struct opened *next;
	const struct loop *loop;
	char *name;
	size_t steps;
	sqlite3 *h;
};
struct known {
	struct known *next;
	char *name;
	size_t steps;
};
static struct opened *all;
static struct known *knowns;

static void know(const char *name, size_t steps)
{
	struct known *k = knowns;
	while (k && strcmp(k->name, name) != 0)
		k = k->next;
	if (!k) {
		k = xcalloc(1, sizeof(*k));
		k->name = xstrdup(name);
		k->next = knowns;
		knowns = k;
	}
	k->steps = steps;
}

void dbimage_opened(const struct loop *l, const char *name, size_t steps, sqlite3 *h)
{
	struct opened *o = xcalloc(1, sizeof(*o));
	*o = (struct opened){ .next = all, .loop = l, .name = xstrdup(name), .steps = steps, .h = h };
	all = o;
	know(name, steps);
}

void dbimage_closed(sqlite3 *h)
{
	struct opened **at = &all, *o;
	while (*at && (*at)->h != h)
		at = &(*at)->next;
	if (!(o = *at))
		return;
	*at = o->next;
	free(o->name);
	free(o);
}

const char *dbimage_open_at(const struct loop *l, size_t i, const char **path, size_t *steps)
{
	for (struct opened *o = all; o; o = o->next) {
		if (o->loop != l || i-- > 0)
			continue;
		const char *file = sqlite3_db_filename(o->h, "main");
		*path = file && *file && !access(file, F_OK) ? file : NULL;
		*steps = o->steps;
		return o->name;
	}
	return NULL;
}

int64_t dbimage_steps(const char *name)
{
	for (const struct known *k = knowns; k; k = k->next)
		if (!strcmp(k->name, name))
			return (int64_t)k->steps;
	return -1;
}

/* ---- taking ---- */

struct dbview {
	sqlite3 *h;
	unsigned char *copy; /* NULL: the bytes are borrowed */
};
struct dbimage {
	sqlite3 *h; /* NULL: it is copied */
	unsigned char *bytes;
	uint64_t n;
	int64_t version;
};

static int trouble(sqlite3 *h, int rc, struct error *err)
{
	return err_set(err, rc == SQLITE_BUSY || rc == SQLITE_LOCKED ? ERR_CONFLICT : ERR_STORE, "%s", h ? sqlite3_errmsg(h) : "no memory");
}

int dbimage_hold(const char *path, struct dbimage **out, struct error *err)
{
	struct dbimage *m = xcalloc(1, sizeof(*m));
	int rc = sqlite3_open_v2(path, &m->h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (!rc)
		rc = sqlite3_exec(m->h, "PRAGMA cache_size=16; PRAGMA temp_store=MEMORY; BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
	(void)sqlite3_db_config(m->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	int64_t pages = rc ? 0 : db_number(m->h, "PRAGMA page_count"), page = rc ? 0 : db_number(m->h, "PRAGMA page_size");
	m->n = (uint64_t)(pages * page);
	m->version = rc ? 0 : db_number(m->h, "PRAGMA user_version");
	if (!rc && (pages < 0 || page < 0))
		rc = SQLITE_ERROR;
	if (rc) {
		rc = trouble(m->h, rc, err);
		dbimage_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

/* Page by page, as a connection that holds its moment reads them. */
static int serialize(sqlite3 *h, unsigned char **bytes, uint64_t *n, struct error *err)
{
	sqlite3_int64 size = 0;
	*bytes = sqlite3_serialize(h, "main", &size, 0);
	if (!*bytes)
		return err_set(err, ERR_STORE, "no image of a database: %s", sqlite3_errmsg(h));
	*n = (uint64_t)size;
	return 0;
}

int dbimage_copy(const struct loop *l, const char *name, struct dbimage **out, struct error *err)
{
	struct opened *o = all;
	while (o && (o->loop != l || strcmp(o->name, name) != 0))
		o = o->next;
	if (!o)
		return err_set(err, ERR_NOT_FOUND, "no database %s is open", name);
	int rc = sqlite3_exec(o->h, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1", NULL, NULL, NULL);
	if (rc) {
		rc = trouble(o->h, rc, err);
		if (!sqlite3_get_autocommit(o->h))
			(void)sqlite3_exec(o->h, "ROLLBACK", NULL, NULL, NULL);
		return rc;
	}
	struct dbimage *m = xcalloc(1, sizeof(*m));
	m->version = db_number(o->h, "PRAGMA user_version");
	rc = serialize(o->h, &m->bytes, &m->n, err);
	(void)sqlite3_exec(o->h, "COMMIT", NULL, NULL, NULL);
	if (rc)
		dbimage_free(m);
	else
		*out = m;
	return rc;
}

uint64_t dbimage_size(const struct dbimage *m)
{
	return m->n;
}

int64_t dbimage_version(const struct dbimage *m)
{
	return m->version;
}

int64_t dbimage_number(struct dbimage *m, const char *sql)
{
	struct dbview *v;
	struct error err;
	int64_t n;
	if (m->h) {
		n = db_number(m->h, sql);
	} else {
		if (dbview_open(sl_of(m->bytes, (size_t)m->n), &v, &err))
			return 0;
		n = db_number(v->h, sql);
		dbview_close(v);
	}
	return n < 0 ? 0 : n;
}

int dbimage_bytes(struct dbimage *m, struct slice *out, struct error *err)
{
	int rc = m->bytes || m->n == 0 ? 0 : serialize(m->h, &m->bytes, &m->n, err);
	*out = rc ? sl(NULL) : sl_of(m->bytes, (size_t)m->n);
	return rc;
}

int dbimage_to_file(struct dbimage *m, const char *path, struct error *err)
{
	sqlite3 *to = NULL;
	sqlite3_backup *b = NULL;
	int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (!rc)
		rc = sqlite3_exec(to, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", NULL, NULL, NULL);
	if (!rc && !(b = sqlite3_backup_init(to, "main", m->h, "main")))
		rc = sqlite3_errcode(to);
	if (!rc)
		rc = sqlite3_backup_step(b, -1) == SQLITE_DONE ? 0 : SQLITE_ERROR;
	int ended = b ? sqlite3_backup_finish(b) : 0;
	rc = rc || ended ? err_set(err, ERR_STORE, "%s: %s", path, to ? sqlite3_errmsg(to) : "no memory") : 0;
	sqlite3_close_v2(to);
	return rc;
}

void dbimage_free(struct dbimage *m)
{
	if (!m)
		return;
	sqlite3_close_v2(m->h);
	sqlite3_free(m->bytes);
	free(m);
}

/* ---- looking at one ---- */

static int by_bytes(void *arg, int an, const void *a, int bn, const void *b)
{
	int order = memcmp(a, b, (size_t)(an < bn ? an : bn));
	return order ? order : an - bn;
}

/* Collations of services aren't here, and nothing that is asked here goes by them. */
static void collate(void *arg, sqlite3 *h, int encoding, const char *name)
{
	(void)sqlite3_create_collation_v2(h, name, SQLITE_UTF8, NULL, by_bytes, NULL);
}

/* A file that was written in WAL mode says so in two bytes; what has no file beside it can't be opened so. */
int dbview_open(struct slice bytes, struct dbview **out, struct error *err)
{
	struct dbview *v = xcalloc(1, sizeof(*v));
	int rc = sqlite3_open_v2(":memory:", &v->h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	unsigned char *image = (unsigned char *)(uintptr_t)bytes.p;
	if (bytes.n > 19 && (image[18] != 1 || image[19] != 1)) {
		v->copy = image = memcpy(xmalloc(bytes.n), bytes.p, bytes.n);
		image[18] = image[19] = 1;
	}
	if (!rc)
		rc = sqlite3_collation_needed(v->h, NULL, collate);
	if (!rc)
		rc = sqlite3_deserialize(v->h, "main", image, (sqlite3_int64)bytes.n, (sqlite3_int64)bytes.n, SQLITE_DESERIALIZE_READONLY);
	if (!rc && db_number(v->h, "PRAGMA schema_version") < 0)
		rc = SQLITE_NOTADB;
	if (rc) {
		(void)err_set(err, ERR_INVALID, "is no database: %s", sqlite3_errmsg(v->h));
		dbview_close(v);
		return ERR_INVALID;
	}
	*out = v;
	return 0;
}

void dbview_close(struct dbview *v)
{
	if (!v)
		return;
	sqlite3_close_v2(v->h);
	free(v->copy);
	free(v);
}

bool dbview_has(struct dbview *v, const char *table)
{
	sqlite3_stmt *st = NULL;
	bool has = false;
	if (sqlite3_prepare_v2(v->h, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC) == SQLITE_OK)
		has = sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return has;
}

enum { COLUMNS_MAX = 8 };

int dbview_rows(struct dbview *v, const char *sql, dbview_fn fn, void *arg, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(v->h, sql, -1, &st, NULL), step;
	if (rc)
		return strstr(sqlite3_errmsg(v->h), "no such table") ? 0 : err_set(err, ERR_STORE, "%s", sqlite3_errmsg(v->h));
	int n = sqlite3_column_count(st);
	while (!rc && (step = sqlite3_step(st)) != SQLITE_DONE) {
		struct slice columns[COLUMNS_MAX];
		if (step != SQLITE_ROW) {
			rc = err_set(err, ERR_STORE, "%s", sqlite3_errmsg(v->h));
			break;
		}
		for (int i = 0; i < n && i < COLUMNS_MAX; i++) {
			const void *p = sqlite3_column_blob(st, i);
			columns[i] = sqlite3_column_type(st, i) == SQLITE_NULL ? sl(NULL) : sl_of(p ? p : "", (size_t)sqlite3_column_bytes(st, i));
		}
		rc = fn(arg, columns, n, err);
	}
	sqlite3_finalize(st);
	return rc;
}

static void hash_value(struct hash *h, sqlite3_stmt *st, int i)
{
	struct buf b = { 0 };
	int type = sqlite3_column_type(st, i);
	int64_t v = 0;
	double d;
	buf_u8(&b, (uint8_t)type);
	if (type == SQLITE_INTEGER) {
		v = sqlite3_column_int64(st, i);
	} else if (type == SQLITE_FLOAT) {
		d = sqlite3_column_double(st, i);
		memcpy(&v, &d, sizeof(v));
	} else if (type != SQLITE_NULL) {
		v = sqlite3_column_bytes(st, i);
	}
	buf_u64le(&b, (uint64_t)v);
	hash_add(h, b.p, b.n);
	buf_free(&b);
	if ((type == SQLITE_TEXT || type == SQLITE_BLOB) && v)
		hash_add(h, sqlite3_column_blob(st, i), (size_t)v);
}

int dbview_digest(struct dbview *v, const char *table, uint8_t out[32], int64_t *rows, struct error *err)
{
	sqlite3_stmt *st = NULL;
	char *by_row = sqlite3_mprintf("SELECT * FROM \"%w\" ORDER BY rowid", table), *by_key = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
	int rc = sqlite3_prepare_v2(v->h, by_row, -1, &st, NULL);
	if (rc)
		rc = sqlite3_prepare_v2(v->h, by_key, -1, &st, NULL);
	sqlite3_free(by_row);
	sqlite3_free(by_key);
	struct hash *h = hash_new(HASH_SHA256);
	*rows = 0;
	while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		rc = 0;
		++*rows;
		for (int i = 0; i < sqlite3_column_count(st); i++)
			hash_value(h, st, i);
	}
	rc = rc == SQLITE_DONE ? 0 : err_set(err, ERR_STORE, "%s: %s", table, sqlite3_errmsg(v->h));
	sqlite3_finalize(st);
	hash_end(h, rc ? NULL : out);
	return rc;
}

static int is_ok(void *arg, const struct slice *columns, int n, struct error *err)
{
	return sl_eqs(columns[0], "ok") ? 0 : err_set(err, ERR_INVALID, "is damaged: %.*s", SL(columns[0]));
}

int dbimage_check(struct slice bytes, bool thorough, int64_t *version, struct error *err)
{
	struct dbview *v;
	int rc = dbview_open(bytes, &v, err);
	if (rc)
		return rc;
	*version = db_number(v->h, "PRAGMA user_version");
	if (thorough && dbview_rows(v, "PRAGMA quick_check(1)", is_ok, NULL, err))
		rc = ERR_INVALID;
	dbview_close(v);
	return rc;
}

/* ---- putting ---- */

struct seed {
	struct seed *next;
	char *name;
	struct slice bytes;
};
static struct seed *seeds;

void dbimage_seed(const char *name, struct slice bytes)
{
	struct seed *d = xcalloc(1, sizeof(*d));
	*d = (struct seed){ .next = seeds, .name = xstrdup(name), .bytes = bytes };
	seeds = d;
}

void dbimage_seeds_end(void)
{
	while (seeds) {
		struct seed *d = seeds;
		seeds = d->next;
		free(d->name);
		free(d);
	}
}

static const struct seed *seed_of(const char *name)
{
	const struct seed *d = seeds;
	while (d && strcmp(d->name, name) != 0)
		d = d->next;
	return d;
}

bool dbimage_seeded(const char *name)
{
	return seed_of(name) != NULL;
}

int dbimage_plant(const char *name, sqlite3 *h, struct error *err)
{
	const struct seed *d = seed_of(name);
	struct dbview *v;
	char sql[64];
	if (!d)
		return 0;
	int rc = dbview_open(d->bytes, &v, err);
	if (rc)
		return rc;
	snprintf(sql, sizeof(sql), "PRAGMA page_size=%lld", (long long)db_number(v->h, "PRAGMA page_size"));
	(void)sqlite3_exec(h, sql, NULL, NULL, NULL);
	sqlite3_backup *b = sqlite3_backup_init(h, "main", v->h, "main");
	rc = b && sqlite3_backup_step(b, -1) == SQLITE_DONE ? 0 : ERR_STORE;
	if ((b && sqlite3_backup_finish(b)) || rc)
		rc = err_set(err, ERR_STORE, "%s from its image: %s", name, sqlite3_errmsg(h));
	dbview_close(v);
	return rc;
}
