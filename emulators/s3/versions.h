/* Versions of a key, and locks on them: versions.c, lock.c. */
#ifndef TARN_S3_VERSIONS_H
#define TARN_S3_VERSIONS_H

#include "s3.h"

/* A version's id as clients have it: "null" for the null version; in the arena. The number of one; -1: not one of ours. */
struct slice s3_version_text(struct arena *a, int64_t version);
int64_t s3_version_number(struct arena *a, struct slice text);
/* The same, or InvalidArgument for the argument of that name. */
int s3_version_check(struct s3_fail *f, const char *name, struct slice text, int64_t *out) WARN_UNUSED;
/* A version by its id (absent or empty: what is current). On NO_KEY with out->marker a delete marker is current; by its id one is found. */
int s3_version_of(struct s3 *s, const struct s3_bucket *b, struct slice key, struct slice id, struct s3_object *out, struct s3_fail *f) WARN_UNUSED;
/* The same of a bucket by name; a delete marker by its id is S3_E_METHOD, with out->marker. */
int s3_version_find(struct s3 *s, struct slice bucket, struct slice key, struct slice id, struct s3_object *out, struct s3_fail *f) WARN_UNUSED;
/* The object the request names, its versionId if it has one. Where that is a delete marker the answer's headers say so, and what isn't a
 * read gets MethodNotAllowed. */
int s3_request_object(struct s3 *s, struct s3_req *r, struct s3_object *out) WARN_UNUSED;
/* x-amz-version-id and, of a delete marker, x-amz-delete-marker. */
void s3_answer_version(struct s3_req *r, const struct s3_object *o);
/* Completes the error of one that was a delete marker: its headers, what may be done with it. Returns r's error. */
int s3_refuse_marker(struct s3_req *r, const struct s3_object *o);
/* Makes o what is current of its key, as the bucket's versioning has it; fills o->version and version_id. */
int s3_version_place(struct s3 *s, const struct s3_bucket *b, struct s3_object *o, struct arena *a, struct error *err) WARN_UNUSED;

struct s3_deleted {
	bool marker;             /* a delete marker came to be, or went */
	bool gone;               /* something was there, and went */
	struct slice version_id; /* which version came or went; absent: the bucket has none */
};
/* Deletes what is current, or the version d names; nothing there is no error. d->etag: If-Match. bypass: of governance. */
int s3_version_delete(struct s3 *s, const struct s3_bucket *b, const struct s3_delete *d, bool bypass, struct s3_deleted *out,
		      struct s3_fail *f) WARN_UNUSED;
/* If-Match of a delete; o NULL: nothing is there. */
int s3_check_delete(const struct s3_object *o, struct slice key, struct slice match, struct s3_fail *f) WARN_UNUSED;
/* With MfaDelete on: whether the request has an x-amz-mfa. */
int s3_mfa_check(struct s3 *s, struct s3_req *r) WARN_UNUSED;

/* ---- lock.c ---- */
/* Whether a version may be deleted now. */
int s3_lock_may_go(struct s3 *s, const struct s3_object *o, bool bypass, struct s3_fail *f) WARN_UNUSED;

/* The lines for an object's headers that a request's headers ask for; "": none. */
int s3_lock_of(struct s3 *s, struct s3_req *r, struct slice *out) WARN_UNUSED;
/* Adds the retention of the bucket's default, unless headers have one. */
void s3_lock_default(struct s3 *s, const struct s3_bucket *b, struct arena *a, struct slice *headers);
/* Headers without lines of locks, which no copy inherits. */
struct slice s3_lock_without(struct arena *a, struct slice headers);
/* The headers of an answer about an object that has locks. */
void s3_lock_answer(struct s3_req *r, const struct s3_object *o);
/* Whether CreateBucket asks for locks; gives a new bucket them, and versions. */
bool s3_lock_asked(const struct s3_req *r);
int s3_lock_enable(struct s3 *s, struct slice bucket, struct s3_fail *f) WARN_UNUSED;
int s3_op_get_object_lock(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_object_lock(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_get_retention(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_retention(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_get_legal_hold(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_legal_hold(struct s3 *s, struct s3_req *r) WARN_UNUSED;

int s3_op_get_versioning(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_versioning(struct s3 *s, struct s3_req *r) WARN_UNUSED;

#endif
