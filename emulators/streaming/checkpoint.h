/* The files of a checkpoint folder: metadata, offsets/N, commits/N, sources/0/0. */
#ifndef TARN_STREAMING_CHECKPOINT_H
#define TARN_STREAMING_CHECKPOINT_H

#include "streaming/options.h"

enum {
	SQ_SHARDS_MAX = 1000,
	SQ_ID_MAX = 128,              /* characters of a shard id or sequence number, as AWS */
	SQ_FILE_MAX = 4 << 20,        /* of a file */
};
struct sq_shard {
	char id[SQ_ID_MAX + 1];
	char first[SQ_ID_MAX + 2]; /* this batch's first record; "": none */
	char last[SQ_ID_MAX + 2];  /* last record read so far; "": none, then: */
	enum sq_initial from;      /* SQ_TRIM_HORIZON or SQ_AT_TIMESTAMP */
	int64_t at_ms;
	bool closed;               /* read to its end */
};
/* Where a source without shards stands: what it has given ends there. */
struct sq_mark {
	int64_t at;      /* rate: seconds; rate-micro-batch: rows; delta: version to be read next; files: batches of files */
	int64_t index;   /* delta: last file of that version that was read, of the first version (initial) only; -1: none */
	int64_t ms;      /* rate: when it began; rate-micro-batch: time of the rows to come */
	bool initial;    /* delta: that version is read as a whole, as a snapshot */
};
struct sq_offsets {
	char stream[SQ_NAME_MAX + 1];
	struct sq_mark mark;
	struct sq_shard *shards; /* by id */
	size_t n;
	int64_t batch_ms;        /* when the batch was begun */
	int64_t watermark_ms;    /* that holds in it */
	char *variants;          /* the rules' variants it is cleaned with: "title=exact,..."; NULL: not said */
};
void sq_offsets_free(struct sq_offsets *o);
void sq_offsets_copy(struct sq_offsets *to, const struct sq_offsets *from); /* to is freed first */
struct sq_shard *sq_offsets_find(const struct sq_offsets *o, const char *id);
struct sq_shard *sq_offsets_add(struct sq_offsets *o, const char *id); /* in its place; the found one if there */
/* Numbers of one shard in order of writing. */
int sq_sequence_cmp(const char *a, const char *b);
/* Each parse: errors INVALID, in Spark's words where it has some; name is for messages. *out is the caller's to free. */
int sq_metadata_parse(const char *name, struct slice text, char id[37], struct error *err) WARN_UNUSED;
void sq_metadata_text(struct buf *b, const char *id);
int sq_offsets_parse(const char *name, struct slice text, struct sq_offsets *out, struct error *err) WARN_UNUSED;
void sq_offsets_text(struct buf *b, const struct sq_offsets *o);
/* sources/0/0: where the query began; the same without the line about the batch. */
int sq_initial_parse(const char *name, struct slice text, struct sq_offsets *out, struct error *err) WARN_UNUSED;
void sq_initial_text(struct buf *b, const struct sq_offsets *o);
/* The same for sources without shards. */
int sq_mark_parse(const char *name, struct slice text, enum sq_source source, struct sq_offsets *out, struct error *err) WARN_UNUSED;
void sq_mark_text(struct buf *b, enum sq_source source, const struct sq_offsets *o);
void sq_mark_json(struct buf *b, enum sq_source source, const struct sq_mark *m);
/* sources/0/0 of them: where the query began. */
int sq_mark_initial_parse(const char *name, struct slice text, enum sq_source source, struct sq_mark *out, struct error *err) WARN_UNUSED;
void sq_mark_initial_text(struct buf *b, enum sq_source source, const struct sq_mark *m);
/* sources/0/N of a source of files: a line a file, {"path":"s3://b/k","timestamp":ms,"batchId":N}. each is called for every path. */
int sq_files_parse(const char *name, struct slice text, int (*each)(void *arg, struct slice path), void *arg, struct error *err) WARN_UNUSED;
int sq_commit_parse(const char *name, struct slice text, struct error *err) WARN_UNUSED;
void sq_commit_text(struct buf *b, int64_t watermark_ms);
/* Only the JSON array of shards. */
void sq_shards_json(struct buf *b, const struct sq_offsets *o);

#endif
