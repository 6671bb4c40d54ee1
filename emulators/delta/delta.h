/* Delta tables in an object store: data in Parquet files, state in a log of commits that are written only where none is.
 *
 *   schema.c      schemaString <-> fields, Delta's words when a write doesn't fit   rows.c  rows in memory, cells
 *   actions.c     lines of the log, in and out        snapshot.c   what a replay of them leaves
 *   checkpoint.c  a snapshot as a Parquet file        encode.c     rows <-> data files (jobs)
 *   load.c        log -> snapshot of a version        commit.c     the next version, with retry on conflict
 *   write.c       append, overwrite                   scan.c       rows of a version
 *   optimize.c    many small files -> few             vacuum.c     deletes what no version needs
 *   restore.c     makes a version of before the latest one
 *   history.c     who did what                        fields.c     schemaString <-> Spark's types; features
 *   read.c        columns of a version                put.c        columns -> data files of partitions
 *   change.c      one commit of files added, removed  partition.c  values of partition columns
 *   vector.c      deletion vectors
 *
 * Calls that touch the store answer once through their callback, on the loop, never before they return, unless the struct owed
 * they return is cancelled (core/owed.h). Time comes from the caller; names of files and ids come from hashes of what they stand
 * for: same input, same bytes.
 * Two ways in and out: struct delta_rows (the cleaned and the streamed tables: flat types and arrays, no partitions, written at
 * reader version 1, writer version 2), and columns of Spark's types (any table that can be read; see "columns").
 * Spec: github.com/delta-io/delta/blob/master/PROTOCOL.md; words of errors: its delta-error-classes.json. */
#ifndef TARN_DELTA_H
#define TARN_DELTA_H

#include "columns/columns.h"
#include "core/hset.h"
#include "core/loop.h"
#include "core/ports.h"

enum {
	DELTA_FIELDS_MAX = 10000,
	DELTA_TRIES = 1000,             /* conflicts that one commit survives */
	DELTA_CHECKPOINT_EVERY = 10,    /* commits; delta.checkpointInterval */
	DELTA_LINE_MAX = 64 << 20,      /* bytes of one log entry */
	DELTA_STAT_FIELDS = 32,         /* columns that have stats */
	DELTA_FILE_TARGET = 16 << 20,   /* bytes OPTIMIZE aims at */
};
#define DELTA_RETENTION_MS (INT64_C(7) * 24 * 3600 * 1000)

enum delta_error {
	DELTA_E_NO_TABLE,
	DELTA_E_EXISTS,
	DELTA_E_NOT_CONTIGUOUS,
	DELTA_E_TRUNCATED,
	DELTA_E_NO_VERSION,
	DELTA_E_RESTORE_VERSION,
	DELTA_E_TIME_EARLY,
	DELTA_E_TIME_LATE,
	DELTA_E_STATE,
	DELTA_E_PROTOCOL,
	DELTA_E_FEATURES,
	DELTA_E_FEATURES_WRITE,
	DELTA_E_SCHEMA,
	DELTA_E_MERGE,
	DELTA_E_NOT_NULL,
	DELTA_E_DUPLICATE,
	DELTA_E_BAD_NAME,
	DELTA_E_APPEND_ONLY,
	DELTA_E_PROTOCOL_CHANGED,
	DELTA_E_METADATA_CHANGED,
	DELTA_E_CONCURRENT_APPEND,
	DELTA_E_CONCURRENT_DELETE,
	DELTA_E_CONCURRENT_WRITE,
	DELTA_E_FILE_GONE,
	DELTA_E_RETENTION,
	DELTA_E_LOG,
	DELTA_E_TYPE,
};
extern const struct error_def delta_errors[];
/* err_fail with "[CODE] " before the words. */
int delta_fail(struct error *err, enum delta_error e, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- schema ---- */
enum delta_type {
	DELTA_STRING,
	DELTA_BINARY,
	DELTA_INTEGER,
	DELTA_SHORT,
	DELTA_BYTE,
	DELTA_DATE,
	DELTA_LONG,
	DELTA_TIMESTAMP, /* microseconds, UTC */
	DELTA_FLOAT,     /* read only */
	DELTA_DOUBLE,
	DELTA_BOOLEAN,
	DELTA_OTHER,     /* not served: the table can't be read or written */
};
struct delta_field {
	struct slice name;
	enum delta_type type; /* of the elements, if array */
	bool array, not_null;
	struct slice json;    /* the field as the schemaString has it */
};
struct delta_schema {
	struct delta_field *fields;
	size_t n;
};
int delta_schema_parse(struct arena *a, struct slice text, struct delta_schema *out, struct error *err) WARN_UNUSED;
/* Appends the schemaString. */
void delta_schema_text(struct buf *b, const struct delta_schema *s);
/* Appends "root\n |-- ind: integer (nullable = true)\n ...". */
void delta_schema_tree(struct buf *b, const struct delta_schema *s);
/* Field of this name, ignoring case; -1: none. */
ssize_t delta_schema_find(const struct delta_schema *s, struct slice name);
/* As a Parquet schema, in a. Each field is one leaf. */
struct pq_schema delta_schema_parquet(struct arena *a, const struct delta_schema *s);
struct delta_schema delta_schema_dup(struct arena *a, const struct delta_schema *s);
/* Whether data may be written to table: no other columns, no other types (SCHEMA, MERGE in Delta's words). With merge set
 * new columns are added: *merged (in a) is the schema to have. Table id is for the message. */
int delta_schema_check(struct arena *a, const struct delta_schema *table, const struct delta_schema *data, bool merge, struct slice id,
		       struct delta_schema *merged, struct error *err) WARN_UNUSED;
/* Names that can stand in a table: no doubles ignoring case, none of " ,;{}()\n\t=". */
int delta_schema_names(const struct delta_schema *s, struct error *err) WARN_UNUSED;

/* ---- rows in memory ---- */
struct delta_group {
	struct pq_column *columns; /* one a field */
	size_t row_n;
};
struct delta_rows {
	struct arena arena;
	struct delta_schema schema;
	struct pq_schema parquet;
	struct delta_group *groups;
	size_t group_n, group_cap;
	int64_t row_n;
};
struct delta_rows *delta_rows_new(const struct delta_schema *schema); /* copied */
void delta_rows_free(struct delta_rows *r);
/* A row: one call a field, in order of fields, then delta_row_end. */
void delta_null(struct delta_rows *r, size_t field);
void delta_text(struct delta_rows *r, size_t field, struct slice v); /* absent: null; malformed UTF-8 is mended */
void delta_int(struct delta_rows *r, size_t field, int64_t v);       /* integers, long, date (days), timestamp (µs) */
void delta_real(struct delta_rows *r, size_t field, double v);
void delta_bool(struct delta_rows *r, size_t field, bool v);
/* Array fields: begin, then elements by delta_item_*; an array without items is empty, delta_null says there is none. */
void delta_array(struct delta_rows *r, size_t field, size_t n);
void delta_item_null(struct delta_rows *r, size_t field, size_t i);
void delta_item_text(struct delta_rows *r, size_t field, size_t i, struct slice v);
void delta_item_real(struct delta_rows *r, size_t field, size_t i, double v);
void delta_row_end(struct delta_rows *r);
/* Puts small groups together, up to PQ_GROUP_ROWS rows each. */
void delta_rows_compact(struct delta_rows *r);
/* Reads rows back one at a time: delta_row_next steps, the cells are those of the row. */
struct delta_cell {
	bool null;
	size_t item_n;            /* entries of an array */
	struct pq_cursor at;      /* on the first entry */
};
struct delta_reader {
	const struct delta_rows *rows;
	struct pq_cursor *cursors;
	size_t group, row;
};
void delta_reader_init(struct delta_reader *d, const struct delta_rows *rows);
bool delta_reader_next(struct delta_reader *d, struct delta_cell *cells); /* one cell a field */
void delta_reader_free(struct delta_reader *d);
/* Appends the row as a JSON object (timestamps as "2018-03-01 10:00:00[.ffffff]", no member for null). */
void delta_row_json(struct buf *b, const struct delta_rows *rows, const struct delta_cell *cells);

/* ---- log ---- */
struct delta_file {
	struct slice path;      /* as the log has it: percent-encoded */
	struct slice partition; /* JSON object */
	struct slice stats;     /* JSON text; absent: none */
	int64_t size, modified_ms, deleted_ms;
	bool live;              /* false: a tombstone */
	bool data_change;
	struct delta_vector {
		char storage;       /* 'i' inline, 'u' beside the table, 'p' at a path; 0: none */
		struct slice where; /* bytes or path, as storage says */
		int64_t offset, size, rows;
	} vector;               /* which of its rows are deleted */
};
struct delta_txn {
	struct slice app;
	int64_t version, updated_ms;
};
struct delta_pair {
	struct slice key, value;
};
struct delta_meta {
	struct slice id, name, description, schema_text;
	struct slice *partition;
	struct delta_pair *config;
	size_t partition_n, config_n;
	int64_t created_ms;
};
struct delta_protocol {
	int reader, writer;
	struct slice *reader_features, *writer_features; /* of versions 3 and 7 */
	size_t reader_feature_n, writer_feature_n;
	bool unknown_reader, unknown_writer; /* one that isn't served; writer: by the calls that know rows, delta_write and so on */
};
/* One line. */
struct delta_action {
	enum { DELTA_A_OTHER, DELTA_A_PROTOCOL, DELTA_A_META, DELTA_A_TXN, DELTA_A_ADD, DELTA_A_REMOVE, DELTA_A_INFO, DELTA_A_SIDECAR } kind;
	struct delta_protocol protocol;
	struct delta_meta meta;
	struct delta_txn txn;
	struct delta_file file; /* of a sidecar only the path, below _delta_log/_sidecars/ */
	struct slice info; /* commitInfo's JSON */
};
/* Parses a commit; each action goes to fn, which returns nonzero to stop. Errors name the line (LOG), or are fn's. */
typedef int (*delta_action_fn)(void *arg, const struct delta_action *a, struct error *err);
int delta_parse(struct arena *a, struct slice text, delta_action_fn fn, void *arg, struct error *err) WARN_UNUSED;
/* Sets unknown_reader and unknown_writer from the rest. */
void delta_protocol_judge(struct delta_protocol *p);
void delta_put_protocol(struct buf *b, const struct delta_protocol *p);
void delta_put_meta(struct buf *b, const struct delta_meta *m);
void delta_put_txn(struct buf *b, const struct delta_txn *t);
void delta_put_add(struct buf *b, const struct delta_file *f);
void delta_put_remove(struct buf *b, const struct delta_file *f); /* deleted_ms, data_change */
/* A UUID out of a hash of what it stands for. */
void delta_uuid(struct slice seed, char out[37]);

struct delta_snapshot {
	size_t refs;
	struct delta_snapshot *parent; /* in whose arena texts are, too; NULL: none */
	struct arena arena;
	int64_t version;           /* -1: no table */
	bool has_protocol, has_meta;
	struct delta_protocol protocol;
	struct delta_meta meta;
	struct delta_schema schema; /* set by delta_snapshot_ready, as the rest up to files */
	struct sp_field *fields;    /* the same columns with any type */
	size_t field_n;
	enum col_match match;
	struct delta_file *files;   /* in order of their first mention; see live */
	size_t file_n, file_cap, live_n;
	struct hset paths;          /* file indices, by hash of path */
	struct delta_txn *txns;
	size_t txn_n, txn_cap;
	struct slice *sidecars;     /* that a checkpoint named: objects with more of it, below _delta_log/_sidecars/ */
	size_t sidecar_n, sidecar_cap;
};
struct delta_snapshot *delta_snapshot_new(void);
/* Holds it once more, on the loop: a job reads it. */
struct delta_snapshot *delta_snapshot_ref(const struct delta_snapshot *s);
/* Lets go of it; NULL is fine. */
void delta_snapshot_free(struct delta_snapshot *s);
/* Applies one commit. */
int delta_replay(struct delta_snapshot *s, int64_t version, struct slice text, struct error *err) WARN_UNUSED;
void delta_apply(struct delta_snapshot *s, const struct delta_action *a);
/* Checks that protocol and metaData are there and served; parses the schema. */
int delta_snapshot_ready(struct delta_snapshot *s, struct error *err) WARN_UNUSED;
/* Whether what works with struct delta_rows can read it: types of delta_schema, no deletion vectors, no column mapping. */
int delta_plain(const struct delta_snapshot *s, struct error *err) WARN_UNUSED;
/* The application's last version, or -1. */
int64_t delta_snapshot_txn(const struct delta_snapshot *s, struct slice app);
const struct delta_file *delta_snapshot_file(const struct delta_snapshot *s, struct slice path);
/* A table property, or absent. */
struct slice delta_property(const struct delta_snapshot *s, const char *key);
/* "interval 168 hours" -> ms; false when malformed. */
bool delta_interval(struct slice text, int64_t *ms);
/* A checkpoint of the snapshot; tombstones older than cut_ms are left out. rows: how many. */
int delta_checkpoint_make(const struct delta_snapshot *s, int64_t cut_ms, struct buf *out, int64_t *rows, struct error *err) WARN_UNUSED;
int delta_checkpoint_read(struct delta_snapshot *s, int64_t version, struct slice bytes, struct error *err) WARN_UNUSED;

/* ---- data files (pure: fit for jobs) ---- */
/* Rows as a file of a table of this schema: columns by name, missing ones null. stats: the add action's, as JSON text. */
int delta_encode(const struct delta_rows *rows, const struct delta_schema *table, enum pq_codec codec, struct buf *file, struct buf *stats,
		 struct error *err) WARN_UNUSED;
/* The same, a part of the rows after the other: begin, add, end, which frees it. e and table stay where they are until then. */
struct delta_encoder {
	const struct delta_schema *table;
	struct arena arena;
	struct pq_schema pq;
	struct pq_writer writer;
};
void delta_encoder_begin(struct delta_encoder *e, const struct delta_schema *table, enum pq_codec codec);
void delta_encoder_add(struct delta_encoder *e, const struct delta_rows *rows);
int delta_encoder_end(struct delta_encoder *e, struct buf *file, struct buf *stats, struct error *err) WARN_UNUSED;
void delta_encoder_free(struct delta_encoder *e); /* one that was begun and not ended, or all zero */
/* Adds a file's rows. partition: values of the columns that stand there instead of in the file (JSON object). */
int delta_decode(struct slice file, struct slice partition, struct delta_rows *rows, struct error *err) WARN_UNUSED;

/* ---- tables ---- */
struct delta_table {
	struct loop *loop;
	const struct object_store *store;
	struct slice bucket, path; /* path without slashes at its ends: "lake/posts" */
};
typedef void (*delta_load_cb)(void *arg, struct delta_snapshot *s, const struct error *err); /* s: the receiver's to free */
/* Snapshot of a version (-1: the latest). Errors: NO_TABLE, NO_VERSION, NOT_CONTIGUOUS, TRUNCATED, STATE, PROTOCOL, LOG,
 * and the store's. */
struct owed *delta_load(const struct delta_table *t, int64_t version, delta_load_cb cb, void *arg);
/* Snapshot of the last version committed at or before a time, by the times of the log's objects. Errors: also TIME_EARLY and
 * TIME_LATE. */
struct owed *delta_load_at(const struct delta_table *t, int64_t at_ms, delta_load_cb cb, void *arg);

struct delta_commit {
	const struct delta_snapshot *base;  /* what was read; version -1: the table is being created */
	struct slice text;                  /* lines of the entry */
	struct slice app;                   /* txn: idempotent by (app, app_version); absent: none */
	int64_t app_version;
	bool reads_all;                     /* files added meanwhile are a conflict (overwrite) */
	bool appends_pass;                  /* but not those of a blind append (isolation level WriteSerializable, Delta's default) */
	const struct slice *reads;          /* files whose removal meanwhile is one (compaction) */
	size_t read_n;
};
/* version: the one committed; skipped: the application's batch was in already (version is then the one seen). */
typedef void (*delta_commit_cb)(void *arg, int64_t version, bool skipped, const struct error *err);
/* Writes the version after base, or the next free one when others came first and nothing of theirs matters. Errors:
 * CONCURRENT_*, METADATA_CHANGED, PROTOCOL_CHANGED. base must live until the answer; the rest is copied. */
struct owed *delta_commit(const struct delta_table *t, const struct delta_commit *c, delta_commit_cb cb, void *arg);

enum delta_mode { DELTA_APPEND, DELTA_OVERWRITE, DELTA_ERROR_IF_EXISTS, DELTA_IGNORE };
struct delta_write {
	struct delta_rows *rows;   /* taken over */
	enum delta_mode mode;
	enum pq_codec codec;
	int64_t now_ms;
	struct slice app;          /* txn; absent: none */
	int64_t app_version;
	bool streaming;            /* operation "STREAMING UPDATE" with queryId = app, epochId = app_version */
	bool merge_schema, overwrite_schema;
	struct slice seed;         /* goes into names of files */
	const struct delta_file *files; /* data files that delta_put_file has written: they go in beside the rows */
	size_t file_n;
	int64_t file_rows;         /* rows in them */
};
/* Appends or overwrites; creates the table where there is none; a checkpoint follows when one is due. Errors: those of
 * delta_load and delta_commit, SCHEMA, MERGE, NOT_NULL, EXISTS. */
struct owed *delta_write(const struct delta_table *t, const struct delta_write *in, delta_commit_cb cb, void *arg);

typedef void (*delta_done_cb)(void *arg, const struct error *err);
/* Writes a checkpoint of s and then _last_checkpoint. s must live until the answer. */
struct owed *delta_checkpoint(const struct delta_table *t, const struct delta_snapshot *s, int64_t now_ms, delta_done_cb cb, void *arg);

/* Rows of a snapshot, a file at a time, in order of the log; fn returns false to stop (it must not cancel). Afterwards done. s
 * must live until then. */
typedef bool (*delta_rows_fn)(void *arg, const struct delta_rows *rows);
struct owed *delta_scan(const struct delta_table *t, const struct delta_snapshot *s, delta_rows_fn fn, delta_done_cb done, void *arg);

/* ---- columns: tables of any types, partitions and features ---- */
struct delta_read {
	const bool *wanted;             /* one a field of the snapshot (s->fields); NULL: all */
	bool (*file)(void *arg, const struct delta_file *f); /* whether a file is to be read; NULL: all */
	const struct delta_file *only;  /* this one alone; NULL: all that are live, in order of the log */
};
/* One file's rows without those its deletion vector hides: chunks whose columns are the snapshot's fields (type NULL: not wanted), all
 * memory the table's. Partition values are constants. *part is the receiver's to free or to take apart (arena_take). Returns false to
 * stop (it must not cancel). file's number among the snapshot's is file - s->files. */
typedef bool (*delta_part_fn)(void *arg, const struct delta_file *file, struct sp_table *part);
/* Then done. s must live until then. Errors: those of delta_load; FILE_GONE, and what a file can't be read for. */
struct owed *delta_read(const struct delta_table *t, const struct delta_snapshot *s, const struct delta_read *in, delta_part_fn fn,
			delta_done_cb done, void *arg);
/* A whole snapshot as one table of columns, which is the receiver's (sp_table_free); it needs s no longer. */
typedef void (*delta_table_cb)(void *arg, struct sp_table *rows, const struct error *err);
struct owed *delta_read_all(const struct delta_table *t, const struct delta_snapshot *s, const bool *wanted, delta_table_cb cb, void *arg);

/* Writing in two steps: rows become files that no version has yet, then a commit adds them (and removes others). */
struct delta_target { /* what the files are for: a snapshot's (delta_target_of), or a table's that is being made */
	const struct sp_field *fields;
	size_t field_n;
	const struct slice *partition; /* names of partition columns, as in fields */
	size_t partition_n;
	enum col_match match;
};
struct delta_target delta_target_of(const struct delta_snapshot *s);
/* Files of rows: one for each combination of partition values, in its folder. file_n: 0 for no rows. They live until the answer is
 * over. Errors: NOT_NULL, and the store's. */
typedef void (*delta_files_cb)(void *arg, const struct delta_file *files, size_t file_n, int64_t rows, const struct error *err);
/* rows (columns in order of the target's fields) are taken over; the target must live until the answer. seed goes into names. */
struct owed *delta_put_rows(const struct delta_table *t, const struct delta_target *to, struct sp_table *rows, enum pq_codec codec,
			    int64_t now_ms, struct slice seed, delta_files_cb cb, void *arg);

struct delta_change {
	const struct delta_snapshot *base;     /* what was read; version -1 (or NULL): the table is being made */
	const struct delta_meta *meta;         /* new metadata; NULL: as it is. Needed for a table that is being made */
	const struct slice *removes;           /* paths of the base's files: conflicts with whoever removed them, too */
	size_t remove_n;
	const struct delta_file *adds;         /* as delta_put_rows gives them */
	size_t add_n;
	bool reads_all;                        /* it read the table: files that others add meanwhile are a conflict (ConcurrentAppend), but
						* those of a blind append. False for a blind append */
	bool constraints_checked;              /* the caller has checked delta.constraints and delta.invariants of the rows */
	bool rearranges;                       /* the rows stay the same (OPTIMIZE): dataChange is false */
	const char *operation;                 /* "DELETE", "UPDATE", "MERGE", "WRITE", "CREATE TABLE AS SELECT" ... */
	struct slice parameters, metrics;      /* of commitInfo: JSON objects; absent: {} */
	int64_t now_ms;
	struct slice user;                     /* userMetadata of commitInfo; absent: none */
	struct slice app;                      /* txn; absent: none */
	int64_t app_version;
};
/* One commit, and a checkpoint when one is due. Refused, in Delta's words, where the table has writer features that this can't honour
 * (change data feed with rows removed, generated and identity columns, row tracking ...), constraints unchecked, or removals from a
 * table that only appends. Errors: those of delta_commit, PROTOCOL, FEATURES, APPEND_ONLY. What it points to must live until the answer. */
struct owed *delta_change(const struct delta_table *t, const struct delta_change *c, delta_commit_cb cb, void *arg);
/* Whether such a change would be refused, asked before the rows are made. removes: rows or files go. */
int delta_change_check(const struct delta_snapshot *s, bool removes, bool constraints_checked, struct error *err) WARN_UNUSED;

/* A schemaString of fields, and the metadata of a new table (in a). Partition columns are names of fields. */
struct slice delta_fields_text(struct arena *a, const struct sp_field *fields, size_t n);
int delta_fields_parse(struct arena *a, struct slice text, struct sp_field **fields, size_t *n, struct error *err) WARN_UNUSED;
struct delta_meta delta_meta_new(struct arena *a, const struct delta_table *t, const struct sp_field *fields, size_t n,
				 const struct slice *partition, size_t partition_n, int64_t now_ms, struct slice seed);

struct delta_optimized {
	int64_t version;           /* -1: nothing to do */
	int64_t removed_n, added_n, removed_bytes, added_bytes;
};
typedef void (*delta_optimize_cb)(void *arg, const struct delta_optimized *r, const struct error *err);
/* Files smaller than target (0: DELTA_FILE_TARGET) are put together. */
struct owed *delta_optimize(const struct delta_table *t, int64_t target, enum pq_codec codec, int64_t now_ms, delta_optimize_cb cb, void *arg);

struct delta_vacuum {
	int64_t retention_ms;      /* -1: the table's (delta.deletedFileRetentionDuration, else 7 days) */
	bool dry_run, force;       /* force: even below the table's retention */
	int64_t now_ms;
};
typedef void (*delta_vacuum_cb)(void *arg, const struct slice *paths, size_t n, const struct error *err);
/* Deletes (dry_run: names) data files that no kept version needs. Errors: RETENTION. */
struct owed *delta_vacuum(const struct delta_table *t, const struct delta_vacuum *in, delta_vacuum_cb cb, void *arg);

struct delta_restore {
	int64_t version, at_ms; /* version -1: the last one committed at or before at_ms */
	struct slice timestamp; /* as it was written, for the history; absent: a version was asked for */
	int64_t now_ms;
};
struct delta_restored {
	int64_t left_n, left_bytes;         /* files and bytes of the table afterwards */
	int64_t removed_n, removed_bytes, restored_n, restored_bytes;
};
typedef void (*delta_restore_cb)(void *arg, const struct delta_restored *r, const struct error *err);
/* Commits that the table is as it was: files, schema, properties. Errors: those of delta_load_at and delta_change; RESTORE_VERSION,
 * FILE_GONE when VACUUM has deleted what it would need. */
struct owed *delta_restore(const struct delta_table *t, const struct delta_restore *in, delta_restore_cb cb, void *arg);

struct delta_event {
	int64_t version, timestamp_ms;
	struct slice operation, parameters, metrics; /* the last two JSON objects */
	struct slice info;                           /* commitInfo, whole */
};
typedef void (*delta_history_cb)(void *arg, const struct delta_event *e, size_t n, const struct error *err);
/* Newest first, at most limit (0: all that the log still has). */
struct owed *delta_history(const struct delta_table *t, size_t limit, delta_history_cb cb, void *arg);

#endif
