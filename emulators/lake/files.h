/* Files of JSON, CSV, text, Parquet and whole ones below paths, as spark.read finds them.
 *
 *   relation_file.c  the way: listed, fetched, schema, rows; what of it is kept from statement to statement
 *   file_list.c      which files: paths, globs, filters      file_kept.c   listings, kept while no object changes
 *   file_parts.c     folders KEY=VALUE -> columns
 *   file_schema.c    options, schemas given and inferred      file_rows.c   bytes -> columns
 *
 * What Spark does is in shared spec spark.md 3. */
#ifndef TARN_LAKE_FILES_H
#define TARN_LAKE_FILES_H

#include "core/hash.h"
#include "lake/cache.h"
#include "lake/relation.h"
#include "spark/csv.h"
#include "spark/json.h"

enum { LAKE_PARTITIONS_MAX = 32, LAKE_PATHS_MAX = 10000 };

struct lake_root {        /* a path that was asked for */
	struct slice shown;
	struct slice bucket, path, pattern; /* path: no slashes around; pattern: the same with a glob, absent: none */
	struct slice key0, shown0;          /* how a key is shown: shown0 in place of key0 at its beginning */
	bool there;
};
struct lake_found_file {
	const struct lake_root *root;
	struct slice key;
	size_t base_n;            /* bytes of the key that are the path itself, or its folder if it is a file */
	bool direct;              /* right below it */
	int64_t size, modified_ms;
	struct slice *parts;      /* values of partition columns; NULL: none */
	struct buf body;
	bool fetched;
};
struct lake_files {
	struct lake_relation *r;
	struct lake_root *roots;
	size_t root_n, listing;
	struct lake_found_file *files;
	size_t n, cap;
	struct hash *hash;             /* of all that was listed */
	struct slice stamp;
	struct lake_listing *listed;   /* that files were taken from, held; NULL: they were listed */
	/* general options */
	struct slice name_filter;
	int64_t after_ms, before_ms;   /* modifiedAfter, modifiedBefore; INT64_MIN, INT64_MAX: none */
	bool recursive, merge_schema, whole_text, wants_type; /* wants_type: partition columns have one */
	struct slice base_path;        /* a key prefix; absent: none */
	struct slice line_sep;
	/* what there is */
	struct slice names[LAKE_PARTITIONS_MAX];
	const struct sp_type *types[LAKE_PARTITIONS_MAX];
	size_t part_n;
	const struct sp_type *full;    /* STRUCT of the files' columns */
	const struct sp_type *schema;  /* the same without those that are partitions: what is read of them */
	size_t *order;                 /* the relation's columns -> own ones, then partitions: these stand where the files have them, too */
	struct sp_json_options json;
	struct sp_csv_options csv;
	bool given;                    /* the schema was */
	bool topic;
	/* bodies */
	size_t asked, in_flight, bytes, want_n; /* want_n: files that are to be fetched */
	void (*fetched)(struct lake_relation *r);
	/* rows: columns are own, partitions or a topic's, and the number of the file */
	struct lake_file *kept;        /* held in the cache */
	const struct sp_table *rows;   /* of it */
	struct sp_table *made;         /* on its way to it */
	bool whole;                    /* all columns are read, and kept */
	struct sp_run run;
	struct arena batch, keep;
};
extern const struct sp_field lake_topic_columns[3];
static inline struct lake_files *lake_files_of(const struct lake_relation *r)
{
	return r->own;
}
/* The last option of that name in either case; absent: none. */
struct slice lake_files_option(const struct lake_relation *r, const char *key);

/* ---- file_list.c, on the loop ---- */
/* Reads general options and paths. Nonzero: r->err. */
int lake_files_begin(struct lake_relation *r) WARN_UNUSED;
/* Lists all paths; then done, r->err set if a path isn't there or the store fails. */
void lake_files_list(struct lake_relation *r, void (*done)(struct lake_relation *r));
/* As a file's path is shown: "dbfs:/mnt/x/a.json". */
struct slice lake_files_shown(struct arena *a, const struct lake_found_file *f);

/* ---- file_kept.c, on the loop ---- */
struct lake_listing;
/* Takes files and stamp from the listing of that key, if no object has changed since (struct object_store's changes). */
bool lake_listing_take(struct lake_relation *r, struct slice key, uint64_t changes);
void lake_listing_keep(struct lake_relation *r, struct slice key, uint64_t changes);
void lake_listing_give(struct lake_listing *x); /* NULL is fine */

/* ---- file_parts.c, in a job ---- */
/* Finds partition columns and drops the files that aren't the paths' own. Nonzero: r->err. */
int lake_files_parts(struct lake_relation *r) WARN_UNUSED;
/* The value of a file in partition column i. Nonzero: run.err. */
int lake_files_part(struct lake_files *f, const struct lake_found_file *file, size_t i, struct sp_value *out) WARN_UNUSED;

/* ---- file_schema.c, in a job ---- */
/* Options of the format. Nonzero: r->err. */
int lake_files_options(struct lake_relation *r) WARN_UNUSED;
/* The schema given, if there is one. Nonzero: r->err. */
int lake_files_given(struct lake_relation *r) WARN_UNUSED;
/* How many files have to be fetched to know the schema. */
size_t lake_files_for_schema(const struct lake_relation *r);
int lake_files_infer(struct lake_relation *r) WARN_UNUSED;
/* r->rel.needed in that order; NULL: all. In the arena. */
const bool *lake_files_needed(const struct lake_relation *r);
void lake_files_columns(struct lake_relation *r); /* sets r->rel's */

/* ---- file_rows.c, in a job ---- */
/* Columns of all files into a new table: own, partitions or a topic's, number of the file. needed: of them, NULL: all. NULL: r->err. */
struct sp_table *lake_files_rows(struct lake_relation *r, const bool *needed);
/* r->table out of such a table, which must live as long. */
void lake_files_table(struct lake_relation *r, const struct sp_table *rows);

#endif
