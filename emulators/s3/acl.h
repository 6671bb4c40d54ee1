/* Access control lists. As kept they are text: grants with commas between, each a permission's letter, a kind's letter and the canonical id
 * of one account ("Fi7a6f…,Rg2": everything to that account, and reading to all who are signed in). The line tarn-acl of an object's
 * headers, or the configuration "acl" of a bucket; without one its owner has FULL_CONTROL, and nobody else anything.
 * Spec: docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
#ifndef TARN_S3_ACL_H
#define TARN_S3_ACL_H

#include "owner.h"

#define S3_ACL_LINE "tarn-acl"
#define S3_ACL_KIND "acl"
#define S3_ANONYMOUS_ID "65a011a29cdf8ec533ec3d1ccaae921c" /* AWS's canonical id of who doesn't sign */

enum s3_perm { S3_NO_PERM, S3_FULL_CONTROL = 'F', S3_READ = 'R', S3_WRITE = 'W', S3_READ_ACP = 'A', S3_WRITE_ACP = 'P' };
/* Whether an ACL lets someone: id absent: who doesn't sign. without_public: as if grants to groups of everyone weren't there. */
bool s3_acl_allows(struct slice acl, enum s3_perm perm, struct slice id, bool without_public);
/* Whether it has grants to everyone, or to everyone signed in. */
bool s3_acl_public(struct slice acl);
struct slice s3_acl_private(struct arena *a, struct slice owner_id);
/* A bucket's, as it is or as it is by default. */
int s3_acl_of_bucket(struct s3 *s, struct arena *a, const struct s3_bucket *b, struct slice *out, struct s3_fail *f) WARN_UNUSED;
/* Of an object with those headers that this account owns. */
struct slice s3_acl_of(struct arena *a, struct slice headers, struct slice owner_id);

/* What a request says of the ACL of what it makes, by x-amz-acl and x-amz-grant-*. */
struct s3_acl_ask {
	bool bucket;                     /* of one, not of an object */
	struct s3_owner owner, of_bucket; /* of what it is about, and of its bucket */
};
/* *out absent: nothing. Errors: INVALID_ARGUMENT, INVALID_REQUEST, UNRESOLVABLE_EMAIL. */
int s3_acl_asked(struct s3 *s, struct s3_req *r, const struct s3_acl_ask *ask, struct slice *out) WARN_UNUSED;
/* Whether the request has any of those headers. */
bool s3_acl_said(const struct s3_req *r);
/* Whether ownership and the public access block of a bucket let that ACL be set. *out: as it is to be kept; absent: it isn't. */
int s3_acl_check(struct s3 *s, struct s3_req *r, const struct s3_bucket *b, const struct s3_acl_ask *ask, struct slice acl, struct slice *out) WARN_UNUSED;
/* Owner and ACL of an object to be made by the request, as lines of its headers: r->lines. */
int s3_acl_lines(struct s3 *s, struct s3_req *r) WARN_UNUSED;

/* Headers without those lines. */
struct slice s3_acl_without(struct arena *a, struct slice headers);

int s3_op_get_bucket_acl(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_bucket_acl(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_get_object_acl(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_object_acl(struct s3 *s, struct s3_req *r) WARN_UNUSED;

#endif
