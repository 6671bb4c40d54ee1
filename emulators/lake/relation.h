/* What a statement names, found and read: Delta tables by name or path, files of JSON, CSV, text and Parquet, topics, quarantine.
 *
 *   relation.c      a name -> what it is      relation_delta.c  a Delta table's snapshot, its files' columns
 *   relation_file.c files below paths, their schema and rows: files.h
 *   relation_stream.c  a stream, and the rows that a batch of a query gave (batch.c)
 *   relation_jdbc.c tables of MySQL
 *   place.c         tables by name whose files are elsewhere: CREATE TABLE ... LOCATION
 *   cache.c         columns of data files that statements have read, kept for the next ones */
#ifndef TARN_LAKE_RELATION_H
#define TARN_LAKE_RELATION_H

#include "delta/place.h"
#include "lake/spark.h"

#define LAKE_TABLES "tables/" /* the folder of the lake's bucket whose folders have a name in SQL */

/* Of a table that is written: number of the file among the snapshot's, and of the row among those that delta_read gives of it. */
#define LAKE_FILE "_tarn_file"
#define LAKE_ROW "_tarn_row"

/* A Delta table. */
struct lake_ref {
	struct slice name;         /* as written, without the version */
	struct slice bucket, path; /* the table's folder, without slashes around */
	bool by_path;
	int64_t version, at_ms;    /* -1: not asked for */
};
struct delta_table lake_ref_table(struct lake *l, const struct lake_ref *ref);

struct lake_relation;
struct lake_stream;
struct lake_format {
	const char *name; /* "delta", "json": as in json.`path` */
	/* On the loop: finds what there is and its columns; then lake_relation_found. */
	void (*find)(struct lake_relation *r);
	/* On the loop: reads the columns that are needed into r->table; then lake_relation_read. */
	void (*read)(struct lake_relation *r);
	void (*free)(struct lake_relation *r);
};
struct lake_relation {
	struct lake_relation *next;
	struct lake_task *task;
	struct arena *arena;           /* the statement's */
	const struct sp_context *cx;
	struct slice key;              /* as the statement asks for it */
	const struct lake_format *format;
	struct lake_ref ref;
	const struct sp_table_option *options;
	size_t option_n;
	struct sp_relation rel;        /* for analysis and the engine */
	struct sp_table *table;        /* owned */
	bool found, missing, read;
	bool positions;                /* hidden columns say where a row is: LAKE_FILE, LAKE_ROW */
	struct sp_error err;
	void (*done)(void *arg);       /* find and read end with it */
	void *arg;
	void *own;                     /* the format's */
	struct sp_table_name asked;    /* by which it was asked for, and the database then */
	struct slice database;
	const struct sp_relation *twin_of; /* of a frame, for which this one stands in a statement (frame.h); NULL: found by its name */
	const struct sp_type *inferred;    /* columns that were inferred from files; NULL: none were */
	const struct sp_type *pinned;      /* columns to be taken instead of inferring them */
	bool streaming;                /* a stream's: it is read by streaming queries only */
	struct slice topic;            /* of a raw_NAME */
	struct lake_stream *stream;    /* of a read_stream(...) (relation_stream.c) */
	struct slice placed;           /* the object that says where the table of this name is; absent: below tables/ (place.c) */
	void (*none)(struct lake_relation *r);
};
extern const struct lake_format lake_delta, lake_json, lake_csv, lake_text, lake_parquet, lake_binary, lake_jdbc, lake_topic, lake_quarantine, lake_stream_format;

/* What a name of a statement means: a relation to be found, in a. NULL: nothing that could be there (err is set or it is missing). */
struct lake_relation *lake_relation_new(struct lake_task *t, struct arena *a, const struct sp_context *cx, const struct sp_table_name *name,
					struct sp_error *err);
/* Where a path of a statement leads: S3, DBFS (a path without scheme and slash is below its root); files of this machine are refused by name.
 * *out borrows. Nonzero: err says so. */
int lake_path_resolve(struct lake_task *t, struct arena *a, struct slice path, struct object_path *out, struct sp_error *err) WARN_UNUSED;
/* Whether tables of a format are files that are written here: json, csv, text, parquet. */
bool lake_is_files(struct slice format);
/* Makes it the files of a format at a path. Nonzero: r->err says so. */
int lake_relation_place(struct lake_relation *r, struct slice format, struct slice path) WARN_UNUSED;
/* place.c: a table whose files are elsewhere is looked for by an object in the folder it would have; found as those, else none goes on. */
void lake_place_find(struct lake_relation *r, void (*none)(struct lake_relation *r));
struct slice lake_place_key(const struct lake_relation *r);
void lake_relation_free(struct lake_relation *r); /* its table and what the format has */
/* A path, or a table of that name in the database of the statement, as the relation's place. Nonzero: err says so. */
int lake_relation_path(struct lake_relation *r, struct slice path, struct sp_error *err) WARN_UNUSED;
void lake_relation_table(struct lake_relation *r, struct slice database, struct slice name);
/* relation_stream.c: what read_stream(...) means. Nonzero: err says so. */
int lake_stream_meaning(struct lake_relation *r, const struct sp_table_name *name, struct sp_error *err) WARN_UNUSED;
void lake_stream_free(struct lake_relation *r); /* lets go of what it holds */
/* The same name gives the same key. */
struct slice lake_relation_key(struct arena *a, const struct sp_context *cx, const struct sp_table_name *name);
/* Of a Delta table that was found; NULL: it is none. */
const struct delta_snapshot *lake_relation_snapshot(const struct lake_relation *r);
/* For formats: ends find or read. */
void lake_relation_end(struct lake_relation *r);
/* Begins to find it: what the stack keeps for who looks there comes to be. On the loop. */
void lake_relation_find(struct lake_relation *r);
/* An error of ours or of the store's as Spark would say it. */
int lake_relation_fail(struct lake_relation *r, const struct error *err);

#endif
