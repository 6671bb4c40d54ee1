/* Owners of buckets and objects. A bucket is its account's; an object its bucket's owner's, unless a line of its headers says another's
 * canonical id: that of another account which put it where ownership is ObjectWriter or BucketOwnerPreferred. */
#ifndef TARN_S3_OWNER_H
#define TARN_S3_OWNER_H

#include "s3.h"

#define S3_OWNER_LINE "tarn-owner"

struct s3_owner {
	struct slice id, name; /* canonical id, and display name; name absent: it has none */
	bool all;              /* of a bucket: of all that is in it, whoever put it there */
};
/* All of these give slices of the arena's, or of the bucket's owner. account: "" is the stack's. */
struct s3_owner s3_owner_of_account(struct s3 *s, struct arena *a, struct slice account);
struct s3_owner s3_owner_of_id(struct s3 *s, struct arena *a, struct slice id);
struct s3_owner s3_owner_of_bucket(struct s3 *s, struct arena *a, const struct s3_bucket *b);
/* Of an object, a version or an upload with those stored headers in a bucket of that owner. */
struct s3_owner s3_owner_of(struct s3 *s, struct arena *a, const struct s3_owner *bucket, struct slice headers);
struct s3_owner s3_owner_of_caller(struct s3 *s, struct s3_req *r);
void s3_xml_owner(struct buf *b, const char *element, const struct s3_owner *owner);
/* Who began an upload: always with a display name, as AWS has it. */
void s3_xml_initiator(struct buf *b, const struct s3_owner *owner);

#endif
