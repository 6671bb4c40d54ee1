/* What the store's files share: the statements of s3.db, prepared once (their texts: store.c). */
#ifndef TARN_S3_STORE_H
#define TARN_S3_STORE_H

#include "s3.h"

enum {
	Q_NEXT_ID, Q_BUCKET, Q_BUCKET_AFTER, Q_BUCKET_ADD, Q_BUCKET_DEL, Q_OBJECT, Q_OBJECT_PUT, Q_OBJECT_DEL, Q_SCAN, Q_PIECE_PUT,
	Q_PIECES, Q_PIECE_READ, Q_PIECE_KIND, Q_PIECE_DEL, Q_PIECE_AT, Q_OWNER_FILES, Q_OWNER_DEL, Q_UPLOAD, Q_UPLOAD_ADD, Q_UPLOAD_AFTER, Q_UPLOAD_DEL, Q_UPLOAD_TOUCH,
	Q_UPLOADS, Q_OTHERS, Q_TOTALS, Q_BUCKET_TAG, Q_BUCKET_OWNERSHIP, Q_BUCKET_ENCRYPTION, Q_BUCKET_POLICY, Q_ALL_TOTALS,
	Q_CONFIG, Q_CONFIG_AFTER, Q_CONFIG_PUT, Q_CONFIG_DEL, Q_CONFIG_OF,
	Q_VERSION, Q_VERSION_NULL, Q_VERSION_TOP, Q_VERSION_PUT, Q_VERSION_DEL, Q_VERSIONS, Q_COUNT
};

/* Steps a query for one row: 0, NOT_FOUND or STORE. The caller is done with it after reading the row. */
int s3_store_one(struct s3_store *s, size_t q, struct error *err) WARN_UNUSED;
/* Bucket and key as the first two parameters; with the columns of an object after them, up to the 13th. */
void s3_store_bind_key(sqlite3_stmt *st, struct slice bucket, struct slice key);
void s3_store_bind(sqlite3_stmt *st, struct slice bucket, const struct s3_object *o);
/* Views into a row of an object or version. */
void s3_store_view(sqlite3_stmt *st, struct s3_object *out);
/* One row of a query whose parameters are bound, in the arena: 0, NOT_FOUND or STORE. */
int s3_store_read(struct s3_store *s, struct arena *a, size_t q, struct s3_object *out, struct error *err) WARN_UNUSED;
/* Uploads of a key learn that what is current changed: their conditions can't hold any more. */
int s3_store_touch(struct s3_store *s, struct slice bucket, struct slice key, struct error *err) WARN_UNUSED;

#endif
