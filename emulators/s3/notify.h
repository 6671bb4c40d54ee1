/* Notifications of a bucket: see notify.c. */
#ifndef TARN_S3_NOTIFY_H
#define TARN_S3_NOTIFY_H

#include "config.h"

extern const struct s3_shape s3_notify_shapes[];
int s3_notify_check(struct s3 *s, struct s3_req *r, const struct xml_node *root) WARN_UNUSED;
void s3_notify_text(struct buf *b, const struct xml_node *root);

struct s3_happened {
	const char *event;             /* "ObjectCreated:Put" */
	struct slice key, version;     /* version: the id of one that is gone, or a marker; absent: the object's */
	const struct s3_object *object; /* NULL: it is gone */
};
/* Tells whoever a bucket's configuration names, once this tick is committed. */
void s3_notify(struct s3 *s, const struct s3_bucket *b, const struct s3_happened *h);
/* Whether any bucket names somebody. */
bool s3_notifies(struct s3 *s);
/* Of an operation that was done, and of which the model says nothing: tags, ACLs, restores. */
void s3_notify_op(struct s3 *s, struct s3_req *r, const char *op);
/* What is on its way isn't sent any more. */
void s3_notify_close(struct s3 *s);

#endif
