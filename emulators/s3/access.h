/* What a bucket lets ACLs and policies do: ownership controls (access.c) and the public access block; and who may do what (rights.c). */
#ifndef TARN_S3_ACCESS_H
#define TARN_S3_ACCESS_H

#include "acl.h"

struct s3_public_block {
	bool block_acls, ignore_acls, block_policy, restrict_buckets;
};
/* A bucket's; all on where nobody said anything, as AWS makes buckets. */
int s3_public_block(struct s3 *s, struct arena *a, struct slice bucket, struct s3_public_block *out, struct s3_fail *f) WARN_UNUSED;
/* Whether no ACL counts in a bucket: all in it is its owner's. */
bool s3_owner_enforced(const struct s3_bucket *b);
/* Whether buckets are made as before April 2023: [s3] acls. */
bool s3_acls_on(const struct s3 *s);
/* "BucketOwnerEnforced" and the like. */
bool s3_ownership_known(struct slice v);
/* Ownership and ACL (absent: its owner's alone) of a bucket to be made. */
int s3_access_asked(struct s3 *s, struct s3_req *r, struct s3_bucket *b, struct slice *acl) WARN_UNUSED;
/* Once it is made. */
int s3_access_set(struct s3 *s, struct s3_req *r, const struct s3_bucket *b, struct slice acl) WARN_UNUSED;

int s3_op_get_ownership(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_ownership(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete_ownership(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_get_public_block(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_public_block(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete_public_block(struct s3 *s, struct s3_req *r) WARN_UNUSED;

/* Whether a bucket policy lets everyone in, as AWS counts it. */
bool s3_policy_public(struct slice policy);

/* Whether nobody signed the request, and that matters: identities are configured. */
bool s3_caller_anonymous(const struct s3 *s, const struct s3_req *r);

#endif
