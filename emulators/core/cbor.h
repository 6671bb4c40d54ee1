/* CBOR as JSON values: byte strings are base64 text, timestamps (tag 1) numbers of seconds. libcbor is named in cbor.c only. */
#ifndef TARN_CBOR_H
#define TARN_CBOR_H

#include <jansson.h>

#include "err.h"

/* What a time counts in, on the wire: Kinesis's CBOR 1.1, Smithy's RPC v2. */
enum cbor_time { CBOR_MS, CBOR_SECONDS };
/* The caller's to free. Errors: INVALID (not CBOR, or what JSON can't hold). */
json_t *cbor_read(struct slice in, enum cbor_time time, struct error *err);

enum cbor_as { CBOR_PLAIN, CBOR_BLOB, CBOR_TIMESTAMP }; /* TIMESTAMP: a number of seconds */
/* What a value is, by what its writer knows. */
struct cbor_form {
	enum cbor_time time;
	/* The node of a member of node's (name NULL: of an item of its list). NULL: nothing is known of it. */
	const void *(*member)(const void *node, const char *name);
	/* name: of the member that it is, or that its list is. */
	enum cbor_as (*as)(const void *node, const char *name);
};
void cbor_write(const json_t *v, const struct cbor_form *form, const void *node, struct buf *out);

#endif
