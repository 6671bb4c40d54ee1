/* s3.db: buckets, objects, uploads and their pieces. A piece over S3_INLINE_MAX is a file s3/<id> (store_files.c); files
 * without a row are removed at open. */
#include "body.h"
#include "encrypt.h"
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const steps[] = {
	"CREATE TABLE bucket(name TEXT PRIMARY KEY, region TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"CREATE TABLE object(bucket TEXT NOT NULL, key BLOB NOT NULL, id INTEGER NOT NULL, size INTEGER NOT NULL,"
	" modified_ms INTEGER NOT NULL, etag TEXT NOT NULL, headers BLOB, class TEXT NOT NULL, alg INTEGER NOT NULL,"
	" composite INTEGER NOT NULL, sum BLOB, part_n INTEGER NOT NULL, PRIMARY KEY(bucket, key)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE piece(id INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL, n INTEGER NOT NULL, size INTEGER NOT NULL,"
	" modified_ms INTEGER NOT NULL, etag TEXT NOT NULL, alg INTEGER NOT NULL, sum BLOB, data BLOB) STRICT;"
	"CREATE UNIQUE INDEX piece_owner ON piece(owner, n);"
	"CREATE TABLE upload(id INTEGER PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, headers BLOB, class TEXT NOT NULL,"
	" started_ms INTEGER NOT NULL, alg INTEGER NOT NULL, composite INTEGER NOT NULL) STRICT;"
	"CREATE INDEX upload_key ON upload(bucket, key, id);"
	"CREATE TABLE counter(name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO counter VALUES('id', 0);",
	"ALTER TABLE bucket ADD COLUMN ownership TEXT NOT NULL DEFAULT 'BucketOwnerEnforced';"
	"ALTER TABLE bucket ADD COLUMN tags TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE upload ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;",
	"ALTER TABLE bucket ADD COLUMN account TEXT NOT NULL DEFAULT '';",
	"ALTER TABLE bucket ADD COLUMN encryption TEXT NOT NULL DEFAULT '';",
	"ALTER TABLE bucket ADD COLUMN policy TEXT NOT NULL DEFAULT '';",
	"CREATE TABLE config(bucket TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL,"
	" PRIMARY KEY(bucket, kind, id)) STRICT, WITHOUT ROWID;",
	/* The rank of a version is the negated number of when it came: the newest of a key stands first. version 0: the null one. */
	"ALTER TABLE object ADD COLUMN version INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE version(bucket TEXT NOT NULL, key BLOB NOT NULL, rank INTEGER NOT NULL, id INTEGER NOT NULL, size INTEGER NOT NULL,"
	" modified_ms INTEGER NOT NULL, etag TEXT NOT NULL, headers BLOB, class TEXT NOT NULL, alg INTEGER NOT NULL,"
	" composite INTEGER NOT NULL, sum BLOB, part_n INTEGER NOT NULL, version INTEGER NOT NULL, marker INTEGER NOT NULL,"
	" PRIMARY KEY(bucket, key, rank)) STRICT, WITHOUT ROWID;"
	"CREATE UNIQUE INDEX version_null ON version(bucket, key) WHERE version = 0;",
};

#define OBJECT_COLUMNS "key, id, size, modified_ms, etag, headers, class, alg, composite, sum, part_n, version"
#define VERSION_COLUMNS OBJECT_COLUMNS ", rank, marker"
#define UPLOAD_COLUMNS "id, bucket, key, headers, class, started_ms, alg, composite"
#define BUCKET_COLUMNS "name, region, created_ms, ownership, tags, account, encryption, policy"
#define CONFIG_OF(kind) "ifnull((SELECT doc FROM config WHERE bucket = name AND kind = '" kind "' AND id = ''), '')"
#define BUCKET_READ BUCKET_COLUMNS ", " CONFIG_OF("versioning") ", " CONFIG_OF("object-lock")
/* Every WHERE below is a primary key, piece_owner, upload_key or version_null, but Q_OTHERS. */
static const char *const queries[Q_COUNT] = {
	[Q_NEXT_ID] = "INSERT INTO counter VALUES('id', 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n",
	[Q_BUCKET] = "SELECT " BUCKET_READ " FROM bucket WHERE name = ?1",
	[Q_BUCKET_AFTER] = "SELECT " BUCKET_READ " FROM bucket WHERE name > ?1 ORDER BY name LIMIT 1",
	[Q_BUCKET_ADD] = "INSERT INTO bucket(" BUCKET_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, '')",
	[Q_BUCKET_OWNERSHIP] = "UPDATE bucket SET ownership = ?2 WHERE name = ?1",
	[Q_BUCKET_TAG] = "UPDATE bucket SET tags = ?2 WHERE name = ?1",
	[Q_BUCKET_ENCRYPTION] = "UPDATE bucket SET encryption = ?2 WHERE name = ?1",
	[Q_BUCKET_POLICY] = "UPDATE bucket SET policy = ?2 WHERE name = ?1",
	[Q_BUCKET_DEL] = "DELETE FROM bucket WHERE name = ?1",
	[Q_OBJECT] = "SELECT " OBJECT_COLUMNS ", 0, 0 FROM object WHERE bucket = ?1 AND key = ?2",
	[Q_OBJECT_PUT] = "INSERT OR REPLACE INTO object(bucket, " OBJECT_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[Q_OBJECT_DEL] = "DELETE FROM object WHERE bucket = ?1 AND key = ?2",
	[Q_SCAN] = "SELECT " OBJECT_COLUMNS ", 0, 0 FROM object WHERE bucket = ?1 AND key >= ?2 ORDER BY key",
	[Q_PIECE_PUT] = "INSERT INTO piece(owner, n, size, modified_ms, etag, alg, sum, data) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_PIECES] = "SELECT id, n, size, modified_ms, etag, alg, sum, data IS NULL FROM piece WHERE owner = ?1 AND n > ?2 ORDER BY n LIMIT ?3",
	[Q_PIECE_READ] = "SELECT data FROM piece WHERE id = ?1",
	[Q_PIECE_KIND] = "SELECT data IS NULL, owner, size FROM piece WHERE id = ?1",
	[Q_PIECE_DEL] = "DELETE FROM piece WHERE id = ?1",
	[Q_PIECE_AT] = "SELECT id FROM piece WHERE owner = ?1 AND n = ?2",
	[Q_OWNER_FILES] = "SELECT id, size FROM piece WHERE owner = ?1 AND data IS NULL",
	[Q_OWNER_DEL] = "DELETE FROM piece WHERE owner = ?1",
	[Q_UPLOAD] = "SELECT " UPLOAD_COLUMNS ", touched FROM upload WHERE id = ?1",
	[Q_UPLOAD_ADD] = "INSERT INTO upload(" UPLOAD_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_UPLOAD_AFTER] = "SELECT " UPLOAD_COLUMNS ", touched FROM upload WHERE bucket = ?1 AND (key, id) > (?2, ?3) ORDER BY key, id LIMIT 1",
	[Q_UPLOAD_DEL] = "DELETE FROM upload WHERE id = ?1",
	[Q_UPLOAD_TOUCH] = "UPDATE upload SET touched = 1 WHERE bucket = ?1 AND key = ?2",
	[Q_ALL_TOTALS] = "SELECT count(*), ifnull(sum(size), 0) FROM (SELECT size FROM object LIMIT ?1)",
	[Q_TOTALS] = "SELECT count(*), ifnull(sum(size), 0) FROM (SELECT size FROM object WHERE bucket = ?1 UNION ALL"
		     " SELECT size FROM version WHERE bucket = ?1)",
	[Q_OTHERS] = "SELECT 1 FROM bucket WHERE account <> '' LIMIT 1", /* once, at the start */
	[Q_UPLOADS] = "SELECT count(*) FROM upload",
	[Q_VERSION] = "SELECT " VERSION_COLUMNS " FROM version WHERE bucket = ?1 AND key = ?2 AND rank = ?3",
	[Q_VERSION_NULL] = "SELECT " VERSION_COLUMNS " FROM version WHERE bucket = ?1 AND key = ?2 AND version = 0",
	[Q_VERSION_TOP] = "SELECT " VERSION_COLUMNS " FROM version WHERE bucket = ?1 AND key = ?2 ORDER BY rank LIMIT 1",
	[Q_VERSION_PUT] = "INSERT OR REPLACE INTO version(bucket, " VERSION_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
	[Q_VERSION_DEL] = "DELETE FROM version WHERE bucket = ?1 AND key = ?2 AND rank = ?3",
	[Q_VERSIONS] = "SELECT " VERSION_COLUMNS " FROM version WHERE bucket = ?1 AND (key, rank) > (?2, ?3) ORDER BY key, rank",
	[Q_CONFIG] = "SELECT doc FROM config WHERE bucket = ?1 AND kind = ?2 AND id = ?3",
	[Q_CONFIG_AFTER] = "SELECT id, doc FROM config WHERE bucket = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT 1",
	[Q_CONFIG_PUT] = "INSERT OR REPLACE INTO config(bucket, kind, id, doc) VALUES(?1, ?2, ?3, ?4)",
	[Q_CONFIG_DEL] = "DELETE FROM config WHERE bucket = ?1 AND kind = ?2 AND id = ?3",
	[Q_CONFIG_OF] = "DELETE FROM config WHERE bucket = ?1",
};

/* ---- helpers ---- */

int s3_store_one(struct s3_store *s, size_t q, struct error *err)
{
	int rc = db_row(&s->db, q, err);
	return rc > 0 ? 0 : rc ? rc : err_set(err, ERR_NOT_FOUND, "no such row");
}

static struct slice blob_of(sqlite3_stmt *st, int column)
{
	struct slice b = db_blob(st, column);
	return b.p ? b : S("");
}

void s3_store_bind_key(sqlite3_stmt *st, struct slice bucket, struct slice key)
{
	db_bind(st, 1, bucket);
	db_bind_blob(st, 2, key.p ? key : S(""));
}

static void bind_key(sqlite3_stmt *st, int at, struct slice key)
{
	db_bind_blob(st, at, key.p ? key : S(""));
}

static void bind_sum(sqlite3_stmt *st, int at, const struct s3_sum *sum)
{
	db_bind_blob(st, at, sum->alg ? sl_of(sum->p, sum->n) : sl(NULL));
}

static void read_sum(sqlite3_stmt *st, int alg_at, int sum_at, struct s3_sum *out)
{
	struct slice b = db_blob(st, sum_at);
	*out = (struct s3_sum){ 0 };
	if (!b.p || b.n > sizeof(out->p))
		return;
	out->alg = (enum s3_alg)sqlite3_column_int(st, alg_at);
	out->n = b.n;
	memcpy(out->p, b.p, b.n);
}

/* ---- life ---- */

/* After a crash: files whose row was never committed, or whose removal was cut short. */
static void remove_strays(struct s3_store *s)
{
	DIR *d = opendir(s->dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *end;
		unsigned long long id = strtoull(e->d_name, &end, 16);
		bool keep = false;
		if (end != e->d_name + 16)
			continue;
		if (*end == 0) {
			sqlite3_bind_int64(db_q(&s->db, Q_PIECE_READ), 1, (int64_t)id);
			keep = db_row(&s->db, Q_PIECE_READ, NULL) != 0;
			db_done(&s->db, Q_PIECE_READ);
		} else if (strcmp(end, ".part") != 0) {
			continue;
		}
		if (!keep)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		closedir(d);
}

int s3_store_open(struct s3_store *s, const struct env *env, struct error *err)
{
	s->changes = (uint64_t)clock_real_us();
	int rc = db_open(&s->db, env, "s3", steps, ARRAY_LEN(steps), queries, Q_COUNT, err);
	if (rc == 0 && db_row(&s->db, Q_UPLOADS, err) > 0)
		s->upload_n = (size_t)sqlite3_column_int64(db_q(&s->db, Q_UPLOADS), 0);
	if (rc == 0)
		db_done(&s->db, Q_UPLOADS);
	if (rc || !env->dir)
		return rc;
	s->loop = env->loop;
	s->dir = xasprintf("%s/s3", env->dir);
	s->sync = env->durability == DURABILITY_FULL;
	if (mkdir(s->dir, 0777) != 0 && errno != EEXIST)
		return err_set(err, ERR_STORE, "%s: %s", s->dir, strerror(errno));
	remove_strays(s);
	return 0;
}

void s3_store_close(struct s3_store *s)
{
	s3_files_close(s);
	db_close(&s->db);
	free(s->dir);
	s->dir = NULL;
}

int s3_store_commit(struct s3_store *s, struct error *err)
{
	int rc = db_commit(&s->db, err);
	s3_files_committed(s, rc == 0);
	if (rc) {
		s->upload_n = SIZE_MAX / 2; /* rolled back: nobody knows */
		s->changes++;
	}
	return rc;
}

int s3_store_next_id(struct s3_store *s, int64_t *out, struct error *err)
{
	int rc = db_begin(&s->db, err);
	if (rc == 0)
		rc = s3_store_one(s, Q_NEXT_ID, err);
	if (rc)
		return rc;
	*out = sqlite3_column_int64(db_q(&s->db, Q_NEXT_ID), 0);
	db_done(&s->db, Q_NEXT_ID);
	return 0;
}

/* ---- buckets ---- */

/* Of the document that PutBucketVersioning left. */
static enum s3_versioning versioning_of(struct slice doc)
{
	if (sl_find(doc, S("<Status>Enabled</Status>")) >= 0)
		return S3_VERSIONED;
	return sl_find(doc, S("<Status>Suspended</Status>")) >= 0 ? S3_SUSPENDED : S3_UNVERSIONED;
}

static int read_bucket(struct s3_store *s, struct arena *a, size_t q, struct slice name, struct s3_bucket *out, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, q);
	int rc;
	db_bind(st, 1, name.p ? name : S(""));
	rc = s3_store_one(s, q, err);
	if (rc == 0) {
		out->name = arena_dup(a, db_text(st, 0));
		out->region = arena_dup(a, db_text(st, 1));
		out->created_ms = sqlite3_column_int64(st, 2);
		out->ownership = arena_dup(a, db_text(st, 3));
		out->tags = arena_dup(a, db_text(st, 4));
		out->account = arena_dup(a, db_text(st, 5));
		out->encryption = arena_dup(a, db_text(st, 6));
		out->policy = arena_dup(a, db_text(st, 7));
		out->versioning = versioning_of(db_text(st, 8));
		out->lock = arena_dup(a, db_text(st, 9));
	}
	db_done(&s->db, q);
	return rc;
}

int s3_store_bucket(struct s3_store *s, struct arena *a, struct slice name, struct s3_bucket *out, struct error *err)
{
	return read_bucket(s, a, Q_BUCKET, name, out, err);
}

int s3_store_bucket_after(struct s3_store *s, struct arena *a, struct slice after, struct s3_bucket *out, struct error *err)
{
	return read_bucket(s, a, Q_BUCKET_AFTER, after, out, err);
}

int s3_store_others(struct s3_store *s, bool *any, struct error *err)
{
	int rc = db_row(&s->db, Q_OTHERS, err);
	*any = rc > 0;
	db_done(&s->db, Q_OTHERS);
	return rc < 0 ? rc : 0;
}

static int totals(struct s3_store *s, size_t q, int64_t *n, int64_t *bytes, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, q);
	int rc = db_row(&s->db, q, err);
	*n = rc > 0 ? sqlite3_column_int64(st, 0) : 0;
	*bytes = rc > 0 ? sqlite3_column_int64(st, 1) : 0;
	db_done(&s->db, q);
	return rc < 0 ? rc : 0;
}

int s3_store_totals(struct s3_store *s, struct slice bucket, int64_t *n, int64_t *bytes, struct error *err)
{
	db_bind(db_q(&s->db, Q_TOTALS), 1, bucket);
	return totals(s, Q_TOTALS, n, bytes, err);
}

int s3_store_count(struct s3_store *s, int64_t *n, int64_t *bytes, struct error *err)
{
	sqlite3_bind_int64(db_q(&s->db, Q_ALL_TOTALS), 1, S3_COUNTED_MAX);
	return totals(s, Q_ALL_TOTALS, n, bytes, err);
}

int s3_store_bucket_add(struct s3_store *s, const struct s3_bucket *b, struct error *err)
{
	db_bind(db_q(&s->db, Q_BUCKET_ADD), 1, b->name);
	db_bind(db_q(&s->db, Q_BUCKET_ADD), 2, b->region);
	sqlite3_bind_int64(db_q(&s->db, Q_BUCKET_ADD), 3, b->created_ms);
	db_bind(db_q(&s->db, Q_BUCKET_ADD), 4, b->ownership);
	db_bind(db_q(&s->db, Q_BUCKET_ADD), 5, b->tags);
	db_bind(db_q(&s->db, Q_BUCKET_ADD), 6, b->account);
	db_bind(db_q(&s->db, Q_BUCKET_ADD), 7, b->encryption.p ? b->encryption : S(""));
	s->changes++;
	return db_write(&s->db, Q_BUCKET_ADD, err);
}

int s3_store_bucket_tag(struct s3_store *s, const struct s3_bucket *b, struct error *err)
{
	db_bind(db_q(&s->db, Q_BUCKET_TAG), 1, b->name);
	db_bind(db_q(&s->db, Q_BUCKET_TAG), 2, b->tags);
	return db_write(&s->db, Q_BUCKET_TAG, err);
}

int s3_store_bucket_ownership(struct s3_store *s, const struct s3_bucket *b, struct error *err)
{
	db_bind(db_q(&s->db, Q_BUCKET_OWNERSHIP), 1, b->name);
	db_bind(db_q(&s->db, Q_BUCKET_OWNERSHIP), 2, b->ownership);
	s->changes++;
	return db_write(&s->db, Q_BUCKET_OWNERSHIP, err);
}

int s3_store_bucket_encryption(struct s3_store *s, const struct s3_bucket *b, struct error *err)
{
	db_bind(db_q(&s->db, Q_BUCKET_ENCRYPTION), 1, b->name);
	db_bind(db_q(&s->db, Q_BUCKET_ENCRYPTION), 2, b->encryption);
	s->changes++;
	return db_write(&s->db, Q_BUCKET_ENCRYPTION, err);
}

int s3_store_bucket_policy(struct s3_store *s, const struct s3_bucket *b, struct error *err)
{
	db_bind(db_q(&s->db, Q_BUCKET_POLICY), 1, b->name);
	db_bind(db_q(&s->db, Q_BUCKET_POLICY), 2, b->policy);
	s->changes++;
	return db_write(&s->db, Q_BUCKET_POLICY, err);
}

int s3_store_bucket_del(struct s3_store *s, struct slice name, struct error *err)
{
	int rc;
	db_bind(db_q(&s->db, Q_BUCKET_DEL), 1, name);
	db_bind(db_q(&s->db, Q_CONFIG_OF), 1, name);
	s->changes++;
	rc = db_write(&s->db, Q_BUCKET_DEL, err);
	return rc ? rc : db_write(&s->db, Q_CONFIG_OF, err);
}

/* ---- objects ---- */

void s3_store_view(sqlite3_stmt *st, struct s3_object *out)
{
	out->key = blob_of(st, 0);
	out->id = sqlite3_column_int64(st, 1);
	out->size = sqlite3_column_int64(st, 2);
	out->modified_ms = sqlite3_column_int64(st, 3);
	out->etag = db_text(st, 4);
	out->headers = blob_of(st, 5);
	out->class = db_text(st, 6);
	read_sum(st, 7, 9, &out->sum);
	out->sum.composite = sqlite3_column_int(st, 8);
	out->part_n = sqlite3_column_int(st, 10);
	out->version = sqlite3_column_int64(st, 11);
	out->seq = -sqlite3_column_int64(st, 12);
	out->marker = sqlite3_column_int(st, 13);
}

int s3_store_read(struct s3_store *s, struct arena *a, size_t q, struct s3_object *out, struct error *err)
{
	int rc = s3_store_one(s, q, err);
	if (rc == 0) {
		s3_store_view(db_q(&s->db, q), out);
		out->key = arena_dup(a, out->key);
		out->etag = arena_dup(a, out->etag);
		out->headers = arena_dup(a, out->headers);
		out->class = arena_dup(a, out->class);
	}
	db_done(&s->db, q);
	return rc;
}

void s3_store_bind(sqlite3_stmt *st, struct slice bucket, const struct s3_object *o)
{
	s3_store_bind_key(st, bucket, o->key);
	sqlite3_bind_int64(st, 3, o->id);
	sqlite3_bind_int64(st, 4, o->size);
	sqlite3_bind_int64(st, 5, o->modified_ms);
	db_bind(st, 6, o->etag);
	db_bind_blob(st, 7, o->headers);
	db_bind(st, 8, o->class);
	sqlite3_bind_int(st, 9, o->sum.alg);
	sqlite3_bind_int(st, 10, o->sum.composite);
	bind_sum(st, 11, &o->sum);
	sqlite3_bind_int(st, 12, o->part_n);
	sqlite3_bind_int64(st, 13, o->version);
}

int s3_store_object(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, struct s3_object *out, struct error *err)
{
	s3_store_bind_key(db_q(&s->db, Q_OBJECT), bucket, key);
	return s3_store_read(s, a, Q_OBJECT, out, err);
}

int s3_store_touch(struct s3_store *s, struct slice bucket, struct slice key, struct error *err)
{
	s->changes++;
	if (!s->upload_n)
		return 0;
	s3_store_bind_key(db_q(&s->db, Q_UPLOAD_TOUCH), bucket, key);
	return db_write(&s->db, Q_UPLOAD_TOUCH, err);
}

int s3_store_object_put(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err)
{
	int64_t old = 0;
	int rc;
	s3_store_bind_key(db_q(&s->db, Q_OBJECT), bucket, o->key);
	rc = s3_store_one(s, Q_OBJECT, err);
	if (rc == 0)
		old = sqlite3_column_int64(db_q(&s->db, Q_OBJECT), 1);
	db_done(&s->db, Q_OBJECT);
	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	s3_store_bind(db_q(&s->db, Q_OBJECT_PUT), bucket, o);
	rc = db_write(&s->db, Q_OBJECT_PUT, err);
	if (rc == 0)
		rc = s3_store_touch(s, bucket, o->key, err);
	return rc || !old || old == o->id ? rc : s3_store_pieces_drop(s, old, err);
}

int s3_store_object_del(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err)
{
	int rc;
	s3_store_bind_key(db_q(&s->db, Q_OBJECT_DEL), bucket, o->key);
	rc = db_write(&s->db, Q_OBJECT_DEL, err);
	if (rc == 0)
		rc = s3_store_touch(s, bucket, o->key, err);
	return rc ? rc : s3_store_pieces_drop(s, o->id, err);
}

int s3_store_scan(struct s3_store *s, struct slice bucket, struct slice from, struct error *err)
{
	db_done(&s->db, Q_SCAN);
	db_bind(db_q(&s->db, Q_SCAN), 1, bucket);
	bind_key(db_q(&s->db, Q_SCAN), 2, from);
	return 0;
}

int s3_store_scan_next(struct s3_store *s, struct s3_object *out, struct error *err)
{
	int rc = db_row(&s->db, Q_SCAN, err);
	if (rc > 0)
		s3_store_view(db_q(&s->db, Q_SCAN), out);
	return rc;
}

void s3_store_scan_end(struct s3_store *s)
{
	db_done(&s->db, Q_SCAN);
}

/* ---- pieces ---- */

/* The row of a piece, in place of an older one of that number. data absent: its bytes are a file. */
static int put_row(struct s3_store *s, int64_t owner, const struct s3_piece *p, struct slice data, int64_t *id, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, Q_PIECE_PUT), *at = db_q(&s->db, Q_PIECE_AT);
	int64_t old = 0;
	int rc;
	sqlite3_bind_int64(at, 1, owner);
	sqlite3_bind_int(at, 2, p->n);
	rc = s3_store_one(s, Q_PIECE_AT, err);
	if (rc == 0)
		old = sqlite3_column_int64(at, 0);
	db_done(&s->db, Q_PIECE_AT);
	if (rc && rc != ERR_NOT_FOUND)
		return rc;
	if (old && (rc = s3_store_piece_drop(s, old, err)) != 0)
		return rc;
	sqlite3_bind_int64(st, 1, owner);
	sqlite3_bind_int(st, 2, p->n);
	sqlite3_bind_int64(st, 3, p->size);
	sqlite3_bind_int64(st, 4, p->modified_ms);
	db_bind(st, 5, p->etag);
	sqlite3_bind_int(st, 6, p->sum.alg);
	bind_sum(st, 7, &p->sum);
	db_bind_blob(st, 8, data);
	rc = db_write(&s->db, Q_PIECE_PUT, err);
	if (rc == 0)
		*id = sqlite3_last_insert_rowid(s->db.h);
	return rc;
}

/* A row whose file didn't come. */
static int take_back(struct s3_store *s, int64_t id, int rc)
{
	sqlite3_bind_int64(db_q(&s->db, Q_PIECE_DEL), 1, id);
	return db_write(&s->db, Q_PIECE_DEL, NULL) ? ERR_STORE : rc;
}

int s3_store_piece_put(struct s3_store *s, int64_t owner, const struct s3_piece *p, struct s3_content *c, struct error *err)
{
	bool in_file = c->path || (s->dir && c->body.n > S3_INLINE_MAX);
	struct slice body = c->body.p ? c->body : S("");
	struct buf sealed = { 0 };
	int64_t id;
	int rc = 0;
	if (c->seal.on && !c->path) {
		s3_seal_body(&c->seal, body, &sealed);
		body = buf_slice(&sealed);
	}
	if (in_file && !c->path)
		rc = s3_file_write(s, body, &c->path, err);
	if (rc == 0)
		rc = put_row(s, owner, p, in_file ? sl(NULL) : body, &id, err);
	buf_free(&sealed);
	if (rc)
		return rc;
	return in_file && (rc = s3_file_take(s, id, &c->path, err)) != 0 ? take_back(s, id, rc) : 0;
}

int s3_store_piece_link(struct s3_store *s, int64_t owner, const struct s3_piece *p, const struct s3_piece *from, struct error *err)
{
	struct buf body = { 0 };
	int64_t id;
	int rc = from->file ? 0 : s3_store_piece_read(s, from->id, 0, from->size, &body, err);
	if (rc == 0)
		rc = put_row(s, owner, p, from->file ? sl(NULL) : body.p ? buf_slice(&body) : S(""), &id, err);
	buf_free(&body);
	if (rc || !from->file)
		return rc;
	return (rc = s3_file_link(s, id, from->id, err)) != 0 ? take_back(s, id, rc) : 0;
}

int s3_store_pieces(struct s3_store *s, struct arena *a, int64_t owner, int after, size_t max, struct s3_piece **out, size_t *n,
		    struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, Q_PIECES);
	struct s3_piece *list = NULL;
	size_t got = 0, cap = 0;
	int rc;
	sqlite3_bind_int64(st, 1, owner);
	sqlite3_bind_int(st, 2, after);
	sqlite3_bind_int64(st, 3, (int64_t)max);
	while ((rc = db_row(&s->db, Q_PIECES, err)) > 0) {
		if (got == cap) {
			struct s3_piece *bigger;
			cap = cap ? 4 * cap : 4;
			bigger = arena_alloc(a, cap * sizeof(*bigger));
			if (got)
				memcpy(bigger, list, got * sizeof(*bigger));
			list = bigger;
		}
		list[got] = (struct s3_piece){ .id = sqlite3_column_int64(st, 0), .n = sqlite3_column_int(st, 1), .size = sqlite3_column_int64(st, 2) };
		list[got].modified_ms = sqlite3_column_int64(st, 3);
		list[got].file = sqlite3_column_int(st, 7);
		list[got].etag = arena_dup(a, db_text(st, 4));
		read_sum(st, 5, 6, &list[got++].sum);
	}
	if (rc)
		return rc;
	*out = list;
	*n = got;
	return 0;
}

int s3_store_piece_drop(struct s3_store *s, int64_t id, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, Q_PIECE_KIND);
	bool file = false;
	int64_t owner = 0, size = 0;
	int rc;
	sqlite3_bind_int64(st, 1, id);
	rc = s3_store_one(s, Q_PIECE_KIND, err);
	if (rc == 0) {
		file = sqlite3_column_int(st, 0);
		owner = sqlite3_column_int64(st, 1);
		size = sqlite3_column_int64(st, 2);
	}
	db_done(&s->db, Q_PIECE_KIND);
	if (rc)
		return rc;
	sqlite3_bind_int64(db_q(&s->db, Q_PIECE_DEL), 1, id);
	rc = db_write(&s->db, Q_PIECE_DEL, err);
	if (rc == 0 && file)
		s3_file_goes(s, id, owner, size);
	return rc;
}

int s3_store_pieces_drop(struct s3_store *s, int64_t owner, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, Q_OWNER_FILES);
	int rc = 0;
	sqlite3_bind_int64(st, 1, owner);
	while (s->dir && (rc = db_row(&s->db, Q_OWNER_FILES, err)) > 0)
		s3_file_goes(s, sqlite3_column_int64(st, 0), owner, sqlite3_column_int64(st, 1));
	if (rc)
		return rc;
	sqlite3_bind_int64(db_q(&s->db, Q_OWNER_DEL), 1, owner);
	return db_write(&s->db, Q_OWNER_DEL, err);
}

int s3_store_piece_read(struct s3_store *s, int64_t id, int64_t at, int64_t n, struct buf *out, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, Q_PIECE_READ);
	struct slice data;
	int rc;
	sqlite3_bind_int64(st, 1, id);
	rc = s3_store_one(s, Q_PIECE_READ, err);
	if (rc == 0 && sqlite3_column_type(st, 0) == SQLITE_NULL) {
		db_done(&s->db, Q_PIECE_READ);
		return s3_file_read(s, id, at, n, out, err);
	}
	if (rc == 0) {
		data = blob_of(st, 0);
		if (at < 0 || n < 0 || at > (int64_t)data.n || n > (int64_t)data.n - at)
			rc = err_set(err, ERR_STORE, "piece %lld is cut short", (long long)id);
		else
			buf_add(out, data.p + at, (size_t)n);
	}
	db_done(&s->db, Q_PIECE_READ);
	return rc;
}

/* ---- uploads ---- */

static int read_upload(struct s3_store *s, struct arena *a, size_t q, struct s3_upload *out, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, q);
	int rc = s3_store_one(s, q, err);
	if (rc == 0) {
		out->id = sqlite3_column_int64(st, 0);
		out->bucket = arena_dup(a, db_text(st, 1));
		out->key = arena_dup(a, blob_of(st, 2));
		out->headers = arena_dup(a, blob_of(st, 3));
		out->class = arena_dup(a, db_text(st, 4));
		out->started_ms = sqlite3_column_int64(st, 5);
		out->alg = (enum s3_alg)sqlite3_column_int(st, 6);
		out->composite = sqlite3_column_int(st, 7);
		out->touched = sqlite3_column_int(st, 8);
	}
	db_done(&s->db, q);
	return rc;
}

int s3_store_upload(struct s3_store *s, struct arena *a, int64_t id, struct s3_upload *out, struct error *err)
{
	sqlite3_bind_int64(db_q(&s->db, Q_UPLOAD), 1, id);
	return read_upload(s, a, Q_UPLOAD, out, err);
}

int s3_store_upload_after(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, int64_t id, struct s3_upload *out,
			  struct error *err)
{
	db_bind(db_q(&s->db, Q_UPLOAD_AFTER), 1, bucket);
	bind_key(db_q(&s->db, Q_UPLOAD_AFTER), 2, key);
	sqlite3_bind_int64(db_q(&s->db, Q_UPLOAD_AFTER), 3, id);
	return read_upload(s, a, Q_UPLOAD_AFTER, out, err);
}

int s3_store_upload_add(struct s3_store *s, const struct s3_upload *u, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, Q_UPLOAD_ADD);
	sqlite3_bind_int64(st, 1, u->id);
	db_bind(st, 2, u->bucket);
	bind_key(st, 3, u->key);
	db_bind_blob(st, 4, u->headers);
	db_bind(st, 5, u->class);
	sqlite3_bind_int64(st, 6, u->started_ms);
	sqlite3_bind_int(st, 7, u->alg);
	sqlite3_bind_int(st, 8, u->composite);
	s->upload_n++;
	return db_write(&s->db, Q_UPLOAD_ADD, err);
}

int s3_store_upload_del(struct s3_store *s, int64_t id, struct error *err)
{
	s->upload_n -= s->upload_n > 0;
	sqlite3_bind_int64(db_q(&s->db, Q_UPLOAD_DEL), 1, id);
	return db_write(&s->db, Q_UPLOAD_DEL, err);
}
