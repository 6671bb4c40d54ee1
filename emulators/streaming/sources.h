/* Sources without shards: what sources.c, source_delta.c and source_files.c share. Each step ends in reading->after, or in sq_fail. */
#ifndef TARN_STREAMING_SOURCES_H
#define TARN_STREAMING_SOURCES_H

#include "streaming/query.h"

struct source_file {
	struct slice key;
	int64_t modified_ms;
};
/* What is under way, and known of the files so far. */
struct sq_reading {
	struct arena arena;           /* of all below */
	struct sq *q;
	void (*after)(struct sq *q);
	bool again;
	/* Delta */
	struct delta_snapshot *s;
	struct delta_table at;
	struct slice *paths;          /* to be read */
	size_t path_n, path_cap, path_at;
	struct delta_read ask;
	struct slice log_key;
	/* files */
	struct arena seen_arena;
	struct slice *seen;           /* keys, in order of bytes */
	size_t seen_n, seen_cap;
	struct source_file *files;
	size_t file_n, file_cap;
	int64_t entry;                /* of sources/0 that is read */
	int64_t wanted;               /* up to that one */
};
struct sq_reading *sq_reading(struct sq *q); /* made when it is first asked for */
/* Empties q->rows for rows of these columns, which must last as long. */
void sq_new_rows(struct sq *q, const struct sp_field *fields, size_t n);

/* ---- source_delta.c ---- */
void sq_delta_first(struct sq *q);
void sq_delta_read(struct sq *q);

/* ---- source_files.c ---- */
void sq_files_resume(struct sq *q);
void sq_files_read(struct sq *q);
void sq_files_note(struct sq *q);

#endif
