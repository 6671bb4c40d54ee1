/* Record batches and what is in them. */
#ifndef KP_BATCH_H
#define KP_BATCH_H

#include "core/err.h"
#include "core/mem.h"

enum {
	KP_INFLATED_MAX = 16 << 20, /* one batch, decompressed, bytes */
	KP_PLAIN_MAX = 4 << 20,     /* the same, where nothing else may be held up */
	KP_BATCH_HEADER = 61,       /* bytes before the first record */
};

enum kp_codec { KP_NONE, KP_GZIP, KP_SNAPPY, KP_LZ4, KP_ZSTD };
/* Decompresses in into out, as far as out->max (0: KP_INFLATED_MAX). Errors: INVALID, UNSUPPORTED (unknown codec), LIMIT. */
int kp_inflate(int codec, struct slice in, struct buf *out) WARN_UNUSED;
/* The other way, as producers do it; level as the codec counts, -1: its default. Errors: UNSUPPORTED, INTERNAL. */
int kp_deflate(int codec, int level, struct slice in, struct buf *out) WARN_UNUSED;
uint32_t kp_crc32c(uint32_t crc, const void *p, size_t n);

enum { KP_ATTR_CODEC = 7, KP_ATTR_LOG_TIME = 8, KP_ATTR_TXN = 16, KP_ATTR_CONTROL = 32 };
struct kp_batch {
	struct slice bytes, records; /* the whole; after the header */
	int64_t base_offset, base_ts, max_ts, pid;
	uint32_t crc;
	int32_t last_delta, base_seq, count, leader_epoch;
	int16_t attributes, epoch;
	int8_t magic;
};
/* Parses and checks the batch at the start of in. Returns a kp_code: CORRUPT_MESSAGE, UNSUPPORTED_FORMAT (magic 0, 1). */
int kp_batch_parse(struct slice in, struct kp_batch *out);

/* Puts the checksum into a batch of n bytes. */
void kp_batch_seal(char *batch, size_t n);

struct kp_record {
	int64_t offset, ts;
	struct slice key, value, trace; /* trace: header "tarn-trace" */
	struct slice headers;           /* all of them, as in the record: kp_header_next; header_n of them */
	int32_t header_n;
};
/* The next header of headers, which moves on; "tarn-trace" is stepped over. False: there are no more. */
bool kp_header_next(struct slice *headers, struct slice *name, struct slice *value);
/* Appends a header as records have it; value absent: null. */
void kp_header_put(struct buf *headers, struct slice name, struct slice value);
struct kp_cursor {
	struct rd r;
	const struct kp_batch *b;
	int32_t left;
	bool bad; /* the records are not what the header says */
};
/* scratch holds the decompressed records and must outlive the cursor. Errors as kp_inflate. */
int kp_cursor_open(struct kp_cursor *cur, const struct kp_batch *b, struct buf *scratch) WARN_UNUSED;
bool kp_cursor_next(struct kp_cursor *cur, struct kp_record *out);

/* Appends a record as batches have it; one is scratch. rec->trace becomes a header unless one has that name; its offset and time aren't looked at. */
void kp_record_write(struct buf *out, struct buf *one, const struct kp_record *rec, int64_t ts_delta, int64_t delta);

struct kp_builder {
	struct buf records, one;
	int64_t base_ts, max_ts;
	int32_t count;
	const struct kp_batch *like; /* whose attributes, producer, epoch and sequence the batch has; NULL: nobody's */
};
/* Most bytes a record takes in a batch. */
size_t kp_record_room(struct slice key, struct slice value, struct slice trace);
void kp_builder_add(struct kp_builder *b, int64_t ts, struct slice key, struct slice value, struct slice trace);
/* The same with headers; rec->trace becomes one more, unless one has that name. Its offset isn't looked at. */
void kp_builder_put(struct kp_builder *b, const struct kp_record *rec);
/* Appends the uncompressed batch to out and empties the builder. */
void kp_builder_end(struct kp_builder *b, struct buf *out);
void kp_builder_free(struct kp_builder *b);
/* Reads a message set v0/v1 into b; a message that is cut short at its end is none. max: bytes of a compressed one, decompressed; *codec what it
 * is compressed with. Returns a kp_code, that of the broker. */
int kp_message_set_read(struct slice in, size_t max, struct kp_builder *b, int *codec);
/* Writes the batch's records with offsets from `from` on as a message set of magic 0 or 1, uncompressed. Errors as kp_inflate. */
int kp_message_set_write(const struct kp_batch *b, int magic, int64_t from, struct buf *out) WARN_UNUSED;

#endif
