/* POST object: a browser's form that puts an object, multipart/form-data with a signed policy of what it may say.
 *   form.c         the form: its fields, whose it is, the put it stands for, the answer
 *   form_policy.c  whether the fields are what the policy lets them be
 * Spec: docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html and sigv4-HTTPPOSTConstructPolicy.html */
#ifndef TARN_S3_FORM_H
#define TARN_S3_FORM_H

#include "s3.h"

enum {
	S3_FORM_HEAD_MAX = 64 << 10, /* bytes of what stands before the file */
	S3_FORM_FIELDS_MAX = 128,
};

/* The size a policy wants of the file; max -1: any. */
struct s3_form_range {
	int64_t min, max;
};
struct s3_form {
	struct slice boundary;                        /* "--…" as it stands before each part */
	struct http_header fields[S3_FORM_FIELDS_MAX]; /* names as sent; those after the file aren't read */
	size_t field_n;
	bool has_file;
	struct slice filename; /* without folders; absent: the file came without a name */
	size_t file_at;        /* where its bytes begin */
	struct slice key;      /* with the file's name in the place of ${filename} */
	struct s3_form_range size;
	const struct http_req *posted; /* what r->http was */
	struct http_req put;           /* and is: the fields as headers of a put */
};
/* What the Content-Type says; r->fail otherwise. */
int s3_form_begin(struct s3_req *r, struct s3_form *f) WARN_UNUSED;
/* Reads the fields of what has come so far, until the file begins: 1, and file_at is set; 0: more is needed (whole: the form has none);
 * or an error of r's. Slices of *f are those of `bytes`, or the arena's. */
int s3_form_head(struct s3_req *r, struct slice bytes, bool whole, struct s3_form *f) WARN_UNUSED;
/* Where the file ends in bytes, which begin at the file's or in it; -1: not here. */
ssize_t s3_form_end(const struct s3_form *f, struct slice bytes);
/* The field, in any case; absent: none. */
struct slice s3_form_field(const struct s3_form *f, const char *name);
/* Whose it is, may they put this, is all as the policy says but the file's size; makes r the put that is meant. */
int s3_form_judge(struct s3 *s, struct s3_req *r, struct s3_form *f) WARN_UNUSED;

/* Whether the fields are as the policy (base64) says; what it says of the size. */
int s3_form_policy(struct s3_req *r, const struct s3_form *f, struct slice text, struct s3_form_range *size) WARN_UNUSED;
int s3_form_size(struct s3_req *r, const struct s3_form_range *size, int64_t n) WARN_UNUSED;

/* The operation, of a body that is in. */
int s3_op_form(struct s3 *s, struct s3_req *r) WARN_UNUSED;
/* Makes of the put's answer the form's, if r is one; rc: what the put gave. */
void s3_form_answer(struct s3_req *r, int rc);

#endif
