/* tarn lake export: what another engine needs to read this lake's tables and to ask its questions.
 *
 *   export.c        tables and questions -> the files, as one JSON answer
 *   export_text.c   the files' texts
 *
 * Views give the tables the columns that the questions use: years of a time, which Delta's tables leave to whoever
 * reads them. Names of schemas: tarn_tables the tables, tarn the views. */
#ifndef TARN_LAKE_EXPORT_H
#define TARN_LAKE_EXPORT_H

#include "lake/table.h"

enum { EXPORT_TABLES_MAX = 200 };
struct export_table {
	struct slice name, why; /* why: a table that can't be read here, and the reason; absent: none */
	struct delta_snapshot *s;
};
struct export {
	struct lake_task task;
	struct lake_finder finder;
	struct arena arena;
	struct slice endpoint, host; /* "http://h:1", "h:1" */
	bool tls;
	const char *key, *secret;
	struct export_table tables[EXPORT_TABLES_MAX];
	size_t table_n, loaded;
	struct buf out; /* the answer */
};
/* One row a file; write appends its text. */
struct export_file {
	const char *path;
	void (*write)(struct buf *b, const struct export *x);
};
extern const struct export_file export_files[]; /* NULL path at the end */

/* GET /api/tarn/export[?endpoint=URL]: {"endpoint":...,"tables":[...],"files":[{"path":...,"text":...}]} */
void lake_export_start(struct lake *l, struct http_call *call);

#endif
