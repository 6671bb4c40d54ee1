/* Kafka's protocol: messages, record batches, codecs. What a broker and its clients share.
 *
 *   schema.h, schema_*.h  the messages, as tables      message.c  one reader and one writer of them, headers
 *   batch.c               record batches v2 and message sets v0/v1 <-> records     codec.c  gzip snappy lz4 zstd
 * Spec: kafka.apache.org/protocol.html, KIP-98 (batches), KIP-482 (flexible versions). */
#ifndef KP_MESSAGE_H
#define KP_MESSAGE_H

#include "kproto/schema.h"

enum kp_kind { KP_I8, KP_I16, KP_I32, KP_I64, KP_U16, KP_F64, KP_BOOL, KP_STRING, KP_BYTES, KP_RECORDS, KP_UUID, KP_INNER };
enum kp_shape { KP_SHAPE_ONE, KP_SHAPE_LIST, KP_SHAPE_POINTER };
struct kp_table;
struct kp_field {
	const char *name;
	enum kp_kind kind;
	enum kp_shape shape;
	int16_t since, until;   /* versions */
	int16_t null_since;     /* 1 + the first version that may be null; 0: none */
	int16_t tag, tag_since; /* tag: 1 + its number; 0: not a tagged field */
	bool null;              /* by default */
	int64_t value;          /* by default, of numbers */
	size_t at, n_at;        /* in its struct: the value; how many */
	const struct kp_table *of; /* KP_INNER */
};
struct kp_table {
	const char *name;
	const struct kp_field *fields;
	size_t n, size; /* fields; bytes of the struct */
};
#define KP_TABLE_OF(type, rows) extern const struct kp_table type##_table;
KP_STRUCTS(KP_TABLE_OF)

struct kp_api {
	int16_t key, min, max, flex; /* versions there ever were of it, from 2.8 to 4.0; flex: the first flexible one */
	const char *name;            /* Kafka's */
	const struct kp_table *request, *response;
};
const struct kp_api *kp_apis(size_t *n);   /* by key */
const struct kp_api *kp_api(int16_t key);  /* NULL: unknown */

/* Every field at its default. */
void kp_init(const struct kp_table *t, void *message);
/* Reads a message of that version from r into message (of t->size bytes): what the version lacks gets its default. Strings and bytes borrow
 * from r, the rest is of the arena. False: malformed, a null where there is none to be, or over a million elements. */
bool kp_read(const struct kp_table *t, int16_t version, bool flex, struct rd *r, struct arena *a, void *message) WARN_UNUSED;
/* Appends it; what the version lacks is left out, a null where there is none to be is written as empty. */
void kp_write(const struct kp_table *t, int16_t version, bool flex, const void *message, struct buf *out);

/* A request's header: api key, version, correlation id, client id. */
struct kp_header {
	const struct kp_api *api; /* NULL: unknown */
	int16_t key, version;
	int32_t correlation;
	struct slice client;
	bool flex;
};
/* The header at the start of r. False: malformed or unknown. A version over the known ones is left to the caller: its body can't be read. */
bool kp_header_read(struct rd *r, struct kp_header *h) WARN_UNUSED;

/* The client's side: a request as a whole, its size in front; and the body of an answer (a frame without its size field, whose correlation
 * id is stored). False: malformed. */
void kp_request_write(const struct kp_api *api, int16_t version, int32_t correlation, struct slice client, const void *request, struct buf *out);
bool kp_response_read(const struct kp_api *api, int16_t version, struct slice frame, struct arena *a, int32_t *correlation, void *response) WARN_UNUSED;
/* The broker's: size, header and body of the answer. */
void kp_response_write(const struct kp_api *api, int16_t version, int32_t correlation, const void *response, struct buf *out);

/* Arrays of an answer that is being made: n elements at their defaults. */
void *kp_elements(const struct kp_table *t, struct arena *a, size_t n);

#endif
