/* Configurations of a bucket: what PUT ?cors, ?lifecycle … brings is checked against its shape, kept, and given back.
 *   config.c    the kinds, their operations       shape.c    the shapes of their documents
 *   cors.c      who of other origins may ask      lifecycle.c  what is done to objects as time goes by
 *   website.c   a bucket as a website             lifecycle_run.c  … at each midnight
 *   control.c   S3 Control: tags                  notify.c    who is told what happens to objects
 * Shapes: docs.aws.amazon.com/AmazonS3/latest/API/API_Types.html */
#ifndef TARN_S3_CONFIG_H
#define TARN_S3_CONFIG_H

#include "s3.h"

/* ---- shape.c ---- */

/* What an element may have in it: "Name" once, "Name?" at most once, "Name*" any number, "Name+" one at least; then ":" and what its text is
 * ("int": not negative, "bool", "date", or words "A|B"), or "@" and the type that says what is in it. Otherwise its text is free. */
struct s3_shape {
	const char *type, *children;
};
/* Whether an element is as the type says, which is one of the list's (ended by NULL). */
bool s3_shape_fits(const struct s3_shape *shapes, const char *type, const struct xml_node *n);
/* Writes what is in an element as XML. */
void s3_xml_inside(struct buf *b, const struct xml_node *n);
/* Reads a stored document: the root of what is in it. NULL: none. */
const struct xml_node *s3_xml_stored(struct arena *a, struct slice doc);

/* ---- config.c ---- */

enum { S3_CONFIG_OPS = 34 };
extern const struct s3_op s3_config_ops[S3_CONFIG_OPS];
extern const struct routes s3_config_routes;
/* The document of a kind ("cors") without id; absent: none is set, or the bucket isn't there. */
struct slice s3_config(struct s3 *s, struct arena *a, struct slice bucket, const char *kind);

/* The operations of the kind that a request names. */
int s3_config_get(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_config_put(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_config_delete(struct s3 *s, struct s3_req *r) WARN_UNUSED;

/* Checks of a document beyond its shape; r->fail says what is wrong. */
int s3_cors_check(struct s3 *s, struct s3_req *r, const struct xml_node *root) WARN_UNUSED;

/* ---- control.c ---- */

/* Whether a request is S3 Control's for the tags of a bucket: r->bucket is the bucket then. */
bool s3_is_control(struct s3_req *r);
int s3_control(struct s3 *s, struct s3_req *r) WARN_UNUSED;

/* ---- cors.c ---- */

/* OPTIONS of a browser. */
int s3_op_preflight(struct s3 *s, struct s3_req *r) WARN_UNUSED;
/* The headers of an answer that another origin's script may read. */
void s3_cors_answer(struct s3 *s, struct s3_req *r);

/* struct service's http_page: who isn't of this machine may ask as the bucket's rules let him; where there are identities, each request
 * says whose it is, or asks for what everyone may have. */
bool s3_page(void *self, struct http_call *call);

#endif
