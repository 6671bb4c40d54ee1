/* s3.db: versions of a key that aren't current, and delete markers. What is current stays in the table object, so that reads and
 * listings of a bucket without versions cost what they did. */
#include "store.h"

static int by_key(struct s3_store *s, struct arena *a, size_t q, struct slice bucket, struct slice key, struct s3_object *out, struct error *err)
{
	s3_store_bind_key(db_q(&s->db, q), bucket, key);
	return s3_store_read(s, a, q, out, err);
}

int s3_store_version(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, int64_t seq, struct s3_object *out, struct error *err)
{
	sqlite3_bind_int64(db_q(&s->db, Q_VERSION), 3, -seq);
	return by_key(s, a, Q_VERSION, bucket, key, out, err);
}

int s3_store_version_null(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, struct s3_object *out, struct error *err)
{
	return by_key(s, a, Q_VERSION_NULL, bucket, key, out, err);
}

int s3_store_version_top(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, struct s3_object *out, struct error *err)
{
	return by_key(s, a, Q_VERSION_TOP, bucket, key, out, err);
}

int s3_store_version_put(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err)
{
	sqlite3_stmt *st = db_q(&s->db, Q_VERSION_PUT);
	s3_store_bind(st, bucket, o);
	sqlite3_bind_int64(st, 14, -o->seq);
	sqlite3_bind_int(st, 15, o->marker);
	s->changes++;
	return db_write(&s->db, Q_VERSION_PUT, err);
}

static int drop_row(struct s3_store *s, size_t q, struct slice bucket, const struct s3_object *o, struct error *err)
{
	s3_store_bind_key(db_q(&s->db, q), bucket, o->key);
	if (q == Q_VERSION_DEL)
		sqlite3_bind_int64(db_q(&s->db, q), 3, -o->seq);
	s->changes++;
	return db_write(&s->db, q, err);
}

int s3_store_version_del(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err)
{
	int rc = drop_row(s, Q_VERSION_DEL, bucket, o, err);
	return rc || o->marker ? rc : s3_store_pieces_drop(s, o->id, err);
}

int s3_store_demote(struct s3_store *s, struct slice bucket, const struct s3_object *o, int64_t seq, struct error *err)
{
	struct s3_object old = *o;
	int rc = drop_row(s, Q_OBJECT_DEL, bucket, o, err);
	old.seq = seq;
	if (rc == 0)
		rc = s3_store_version_put(s, bucket, &old, err);
	return rc ? rc : s3_store_touch(s, bucket, o->key, err);
}

int s3_store_promote(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err)
{
	struct s3_object now = *o;
	int rc = drop_row(s, Q_VERSION_DEL, bucket, o, err);
	now.seq = 0;
	return rc ? rc : s3_store_object_put(s, bucket, &now, err);
}

int s3_store_object_update(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err)
{
	if (o->seq)
		return s3_store_version_put(s, bucket, o, err);
	s3_store_bind(db_q(&s->db, Q_OBJECT_PUT), bucket, o);
	s->changes++;
	return db_write(&s->db, Q_OBJECT_PUT, err);
}

void s3_store_versions(struct s3_store *s, struct slice bucket, struct slice key, int64_t seq)
{
	db_done(&s->db, Q_VERSIONS);
	s3_store_bind_key(db_q(&s->db, Q_VERSIONS), bucket, key);
	sqlite3_bind_int64(db_q(&s->db, Q_VERSIONS), 3, -seq);
}

int s3_store_versions_next(struct s3_store *s, struct s3_object *out, struct error *err)
{
	int rc = db_row(&s->db, Q_VERSIONS, err);
	if (rc > 0)
		s3_store_view(db_q(&s->db, Q_VERSIONS), out);
	return rc;
}

void s3_store_versions_end(struct s3_store *s)
{
	db_done(&s->db, Q_VERSIONS);
}
