/* How the calls of delta.h are built: an operation of several steps, each a call of the store or a job. */
#ifndef TARN_DELTA_OP_H
#define TARN_DELTA_OP_H

#include "delta/place.h"

/* Each operation's struct begins with one: callbacks of its steps get it as their arg. */
struct delta_op {
	struct owed owed;
	struct owed *steps; /* under way */
	void (*release)(void *op);
	struct delta_place p;
	size_t refs; /* itself, and its jobs on the pool: what they use is released when they have ended */
};
/* size: of the struct, whose other members are zero. release (may be NULL) frees them. */
void *delta_op_new(size_t size, const struct delta_table *t, void (*release)(void *op));
/* After owed_end and the answer, or when it is cancelled: cancels the steps under way, then releases and frees. */
void delta_op_free(struct delta_op *o);
void delta_step(struct delta_op *o, struct owed *step);
void delta_get(struct delta_op *o, struct slice key, get_cb cb);
void delta_put(struct delta_op *o, struct slice key, const char *type, struct slice body, put_cb cb);
void delta_put_new(struct delta_op *o, struct slice key, const char *type, struct slice body, put_cb cb);
void delta_job(struct delta_op *o, void (*work)(void *arg), void (*done)(void *arg));
/* The same for what takes time by the bytes of text that it reads: few are read at once, before the call returns. */
void delta_job_for(struct delta_op *o, size_t bytes, void (*work)(void *arg), void (*done)(void *arg));

struct slice delta_log_key(struct delta_place *p, int64_t version); /* path/_delta_log/0..0.json */
/* Versions there are, ascending, and when each commit's object was written. */
struct delta_listing {
	int64_t *commits, *commit_ms, *checkpoints; /* checkpoints: versions of which all parts are there */
	size_t commit_n, checkpoint_n, commit_cap, ms_cap, checkpoint_cap;
	struct delta_part { /* an object of a checkpoint */
		int64_t version;
		struct slice name;  /* below _delta_log/, in the operation's arena */
		int64_t part, parts; /* of several; 1, 1: whole (one with a UUID, too) */
	} *parts;
	size_t part_n, part_cap;
};
void delta_listing_free(struct delta_listing *l);
/* The next object of a version's checkpoint: of several checkpoints the first whole one. *at begins at 0; false: that was all. */
bool delta_listing_part(const struct delta_listing *l, int64_t version, size_t *at, struct slice *name);
/* Lists _delta_log/ from a version on, as a step of the operation: cb gets it, and owns *l. */
typedef void (*delta_listing_cb)(void *arg, struct delta_listing *l, const struct error *err);
void delta_list(struct delta_op *o, int64_t from, delta_listing_cb cb);

/* Appends a commitInfo line. parameters, metrics: JSON objects; read_version -1: left out. */
struct delta_info {
	int64_t now_ms, read_version;
	const char *operation;
	struct slice parameters, metrics;
	struct slice user; /* userMetadata; absent: none */
	bool blind;
};
void delta_put_info(struct buf *b, const struct delta_info *i, const struct delta_place *p, struct slice seed);
/* read.c: where a path of the log leads. */
int delta_place_of(struct delta_place *p, struct slice path, struct slice *bucket, struct slice *key, struct error *err) WARN_UNUSED;
/* vector.c: path of the file in which a deletion vector stands ('u', 'p'), and the rows that it names, ascending, out of the file's
 * bytes (none for 'i'). */
int delta_vector_path(struct arena *a, const struct delta_vector *v, struct slice *path, struct error *err) WARN_UNUSED;
int delta_vector_rows(struct arena *a, const struct delta_vector *v, struct slice file, uint64_t **rows, size_t *n, struct error *err) WARN_UNUSED;
/* partition.c: a value and its text (absent or empty: NULL; false: NULL has none), and a folder's name for it. */
int delta_partition_parse(struct arena *a, const struct sp_field *f, struct slice text, struct sp_value *out, struct error *err) WARN_UNUSED;
bool delta_partition_text(struct buf *b, const struct sp_type *t, const struct sp_value *v);
void delta_folder_escape(struct buf *b, struct slice s);
/* checkpoint.c: whether a version is to have one, and its making as a step of the operation; whatever comes of it, done is called. */
bool delta_checkpoint_due(const struct delta_snapshot *base, int64_t version);
void delta_checkpoint_at(struct delta_op *o, int64_t version, int64_t now_ms, void (*done)(void *op));
/* fields.c */
bool delta_feature_read(struct slice name); /* whether tables with it can be read */
int delta_protocol_check(const struct delta_protocol *p, struct error *err) WARN_UNUSED;
/* Whether the log may be written by us. */
int delta_may_write(const struct delta_snapshot *s, bool removes, struct error *err) WARN_UNUSED;

#endif
