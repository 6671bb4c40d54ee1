/* Rows of a query saved: INSERT OVERWRITE DIRECTORY, which is what PySpark's writers are in SQL.
 *
 *   do_save.c     into files of JSON, CSV, text and Parquet: what is there, what goes, puts
 *   save_files.c  rows -> the files' bytes        do_save_table.c  into a Delta table
 *
 * One form for all of df.write, values of options as texts:
 *
 *   save(path), json(path) ...  INSERT OVERWRITE DIRECTORY 'path' USING json OPTIONS ('mode' 'append', 'partitionBy' '["a","b"]', ...) SELECT ...
 *   saveAsTable(name)           INSERT OVERWRITE DIRECTORY USING delta OPTIONS ('table' 'db.name', 'mode' ..., ['path' '...',] ...) SELECT ...
 *   insertInto(name, overwrite) INSERT INTO|OVERWRITE name SELECT ... (by position)
 *   jdbc                        INSERT OVERWRITE DIRECTORY USING jdbc OPTIONS ('url' ..., 'dbtable' ..., 'user' ..., 'password' ..., 'mode' ...) SELECT ...
 *
 * mode: error, errorifexists, default, append, overwrite, ignore; without the option it is overwrite, as the statement says. Delta's own
 * options: mergeSchema, overwriteSchema, replaceWhere, userMetadata, txnAppId, txnVersion, partitionOverwriteMode. */
#ifndef TARN_LAKE_SAVE_H
#define TARN_LAKE_SAVE_H

#include "lake/query.h"

enum lake_save_mode { LAKE_SAVE_ERROR, LAKE_SAVE_APPEND, LAKE_SAVE_OVERWRITE, LAKE_SAVE_IGNORE };
struct slice lake_save_option(const struct lake_query *q, const char *key); /* absent: not given */
/* An option that is true or false; not given: otherwise. Nonzero: q->err says that it is neither. */
int lake_save_flag(struct lake_query *q, const char *key, bool otherwise, bool *out) WARN_UNUSED;
int lake_save_mode(struct lake_query *q, enum lake_save_mode *out) WARN_UNUSED;
/* Columns of partitionBy, as numbers of the plan's columns. Nonzero: q->err says why they can't be. */
int lake_save_partitions(struct lake_query *q, size_t *out, size_t max, size_t *n) WARN_UNUSED;

/* ---- save_files.c ---- */
struct lake_saved {       /* a file: rows of the same partition values */
	struct slice folder;  /* "a=1/b=2/" or empty */
	struct buf body;
	struct sp_table *rows; /* of Parquet, until it is encoded */
};
struct lake_saver;
/* In a job: a saver of the plan's columns in a format ("json"), or NULL: q->err says why not. In q's arena but for lake_saver_free. */
struct lake_saver *lake_saver_new(struct lake_query *q, struct slice format, const size_t *partition, size_t partition_n);
void lake_saver_free(struct lake_saver *s);
int lake_saver_add(struct lake_saver *s, struct lake_query *q, const struct sp_batch *b) WARN_UNUSED;
/* All rows are there: files packed and encoded. */
int lake_saver_end(struct lake_saver *s, struct lake_query *q) WARN_UNUSED;
struct lake_saved *lake_saver_files(struct lake_saver *s, size_t *n);
const char *lake_saver_ending(const struct lake_saver *s); /* ".json.gz" */

#endif
