/* Lifecycle rules: lifecycle.c reads and judges them, lifecycle_run.c does what they say, at each midnight of the emulated clock. */
#ifndef TARN_S3_LIFECYCLE_H
#define TARN_S3_LIFECYCLE_H

#include "config.h"

enum { S3_DAY_MS = 86400000 };
extern const struct s3_shape s3_lifecycle_shapes[];
int s3_lifecycle_check(struct s3 *s, struct s3_req *r, const struct xml_node *root) WARN_UNUSED;
/* The document as it is kept: each rule has an id. */
void s3_lifecycle_text(struct buf *b, const struct xml_node *root);
int s3_op_get_lifecycle(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_lifecycle(struct s3 *s, struct s3_req *r) WARN_UNUSED;

/* The midnight at or after so many days from then. */
int64_t s3_lifecycle_days(int64_t from_ms, int64_t days);
/* Whether an enabled rule is about an object; o NULL: an upload, which has neither size nor tags. */
bool s3_lifecycle_is_about(const struct xml_node *rule, struct slice key, const struct s3_object *o);
/* A number of an action; -1: it hasn't that. */
int64_t s3_lifecycle_number(const struct xml_node *n, const char *name);
/* When an Expiration or Transition (NULL: never) falls due for what was made then; INT64_MAX: never. */
int64_t s3_lifecycle_when(const struct xml_node *action, int64_t from_ms);
/* Whether an object is to go to that class: only ever down, and small ones stay. */
bool s3_lifecycle_moves(struct s3 *s, struct arena *a, struct slice bucket, const struct xml_node *rule, const struct s3_object *o, struct slice class);
/* x-amz-expiration of an answer about an object. */
void s3_lifecycle_answer(struct s3 *s, struct s3_req *r, const struct s3_object *o);

/* Arms the clock; once at open. */
void s3_lifecycle_open(struct s3 *s);
void s3_lifecycle_close(struct s3 *s);

#endif
