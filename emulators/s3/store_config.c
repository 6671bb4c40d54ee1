/* s3.db: configurations of buckets. */
#include "store.h"

static void bind_config(struct s3_store *s, size_t q, struct slice bucket, const char *kind, struct slice id)
{
	db_bind(db_q(&s->db, q), 1, bucket);
	db_bind(db_q(&s->db, q), 2, sl(kind));
	db_bind(db_q(&s->db, q), 3, id.p ? id : S(""));
}

int s3_store_config(struct s3_store *s, struct arena *a, struct slice bucket, const char *kind, struct slice id, struct slice *doc, struct error *err)
{
	int rc;
	bind_config(s, Q_CONFIG, bucket, kind, id);
	rc = s3_store_one(s, Q_CONFIG, err);
	if (rc == 0)
		*doc = arena_dup(a, db_text(db_q(&s->db, Q_CONFIG), 0));
	db_done(&s->db, Q_CONFIG);
	return rc;
}

int s3_store_config_after(struct s3_store *s, struct arena *a, struct slice bucket, const char *kind, struct slice *id, struct slice *doc, struct error *err)
{
	int rc;
	bind_config(s, Q_CONFIG_AFTER, bucket, kind, *id);
	rc = db_row(&s->db, Q_CONFIG_AFTER, err);
	if (rc > 0) {
		*id = arena_dup(a, db_text(db_q(&s->db, Q_CONFIG_AFTER), 0));
		*doc = arena_dup(a, db_text(db_q(&s->db, Q_CONFIG_AFTER), 1));
	}
	db_done(&s->db, Q_CONFIG_AFTER);
	return rc;
}

int s3_store_config_put(struct s3_store *s, struct slice bucket, const char *kind, struct slice id, struct slice doc, struct error *err)
{
	bind_config(s, Q_CONFIG_PUT, bucket, kind, id);
	db_bind(db_q(&s->db, Q_CONFIG_PUT), 4, doc.p ? doc : S(""));
	s->changes++;
	return db_write(&s->db, Q_CONFIG_PUT, err);
}

int s3_store_config_del(struct s3_store *s, struct slice bucket, const char *kind, struct slice id, struct error *err)
{
	bind_config(s, Q_CONFIG_DEL, bucket, kind, id);
	s->changes++;
	return db_write(&s->db, Q_CONFIG_DEL, err);
}
