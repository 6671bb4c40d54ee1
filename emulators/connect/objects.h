/* What the S3 sink's s3.*, aws.* and store.url settings mean for the objects that it writes, and uploads in parts. */
#ifndef TARN_CONNECT_OBJECTS_H
#define TARN_CONNECT_OBJECTS_H

#include "core/ports.h"

struct connector;
struct connect;
/* Where objects go, and with which headers. Who writes one holds it: it outlives the tasks. */
struct con_bucket {
	struct con_bucket *next, **at; /* of the worker's */
	size_t refs;
	struct connect *k;
	struct arena arena;
	const char *name;
	struct object_store own;      /* of other credentials or another address; self NULL: the stack's port */
	struct object_store parts;    /* for uploads, where the port has none; opened with the first */
	struct object_target target;
	struct object_header headers[OBJECT_HEADERS_MAX];
	size_t header_n;
	int64_t part_size;            /* s3.part.size */
	bool tags;                    /* s3.object.tagging */
	bool tags_must;               /* a failed one fails the task */
};
/* Errors: INVALID, text = the exception's class and message: the tasks fail. */
int con_bucket_open(struct connector *c, struct con_bucket **out, struct error *err) WARN_UNUSED;
struct con_bucket *con_bucket_hold(struct con_bucket *b);
void con_bucket_release(struct con_bucket *b); /* NULL is fine */
/* All of them, whoever holds them: the worker closes. */
void con_buckets_close(struct connect *k);
struct object_store *con_bucket_store(struct con_bucket *b);
/* Puts an object whole. */
struct owed *con_bucket_put(struct con_bucket *b, struct slice key, struct slice body, struct slice trace, put_cb cb, void *arg);

bool con_worth_repeating(const struct error *err); /* whether the call may succeed another time */

/* ---- upload.c: an object that goes part by part ---- */
struct con_upload;
/* sent is called after each part that was sent. NULL: the store can't take parts. */
struct con_upload *con_upload_new(struct con_bucket *b, struct slice key, struct slice trace, void (*sent)(void *arg), void *arg);
/* Takes the bytes over as the next part, and sends it when those before are. */
void con_upload_part(struct con_upload *u, struct buf *body);
/* Why it can't go on, before its end; NULL: it does. */
const struct error *con_upload_trouble(const struct con_upload *u);
size_t con_upload_waiting(const struct con_upload *u); /* parts that aren't sent */
int64_t con_upload_bytes(const struct con_upload *u);  /* of all parts */
/* The last part: cb is called once all is stored, or with what was wrong; then con_upload_again tries once more. */
void con_upload_end(struct con_upload *u, struct buf *body, put_cb cb, void *arg);
void con_upload_again(struct con_upload *u);
/* Forgets it, at the store too unless it is complete. */
void con_upload_drop(struct con_upload *u);

#endif
