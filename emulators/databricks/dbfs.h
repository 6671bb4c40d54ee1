/* The Databricks file system over the object store.
 *
 *   /mnt/x/a, dbfs:/mnt/x/a, /dbfs/mnt/x/a     where the mount leads
 *   /user/hive/warehouse/t, .../d.db/t         tables/t, tables/d.db/t of the lake's bucket: the tables of SQL
 *   any other: /FileStore/a, /tmp/a, /a        dbfs/FileStore/a ... of the lake's bucket, the root of DBFS
 *   s3a://bucket/a, s3n://, s3://              as it says: dbutils.fs takes them where DBFS paths go
 *
 * A folder is there when an object lies below it, when it was made (an empty object whose key ends in '/'), or when a mount or the
 * warehouse lies below it. The port `paths` (mounts.h) leads the same ways, so reads, writes and tables by path agree. */
#ifndef TARN_DATABRICKS_DBFS_H
#define TARN_DATABRICKS_DBFS_H

#include "databricks/databricks.h"

#define DBX_WAREHOUSE "/user/hive/warehouse"
#define DBX_ROOT_FOLDER "dbfs" /* of the lake's bucket */

/* Where a path leads. path: as it is shown, without dbfs: and slashes at its end; "" is the root of DBFS. */
struct dbx_place {
	struct slice path, bucket, key;
};
/* Errors: INVALID (no absolute path, "..", no UTF-8), NOT_FOUND (no such mount), NETWORK (no object store). */
int dbx_place(const struct databricks *j, struct arena *a, struct slice path, struct dbx_place *out, struct error *err) WARN_UNUSED;

struct dbx_entry {
	struct slice name; /* of the child, without slashes */
	bool dir;
	int64_t size, modified_ms; /* of a folder: 0 */
};
/* What is at a place: e NULL when nothing is, or err says why that isn't known. at must live as long as the call. */
typedef void (*dbx_look_fn)(void *arg, const struct dbx_entry *e, const struct error *err);
struct owed *dbx_look(struct databricks *j, const struct dbx_place *at, dbx_look_fn done, void *arg);
/* The children of a folder in byte order, each once; then done with whether there is such a folder at all. */
typedef void (*dbx_child_fn)(void *arg, const struct dbx_entry *e);
typedef void (*dbx_listed_fn)(void *arg, bool there, const struct error *err);
struct owed *dbx_children(struct databricks *j, const struct dbx_place *at, dbx_child_fn each, dbx_listed_fn done, void *arg);

/* What is done to each object at or below a place, in no order and many at once. */
enum dbx_each { DBX_DELETE, DBX_COPY, DBX_MOVE };
/* to: where they go; NULL: nowhere (DBX_DELETE). Objects that are there already are replaced. done gets how many there were. */
typedef void (*dbx_each_fn)(void *arg, size_t n, const struct error *err);
struct owed *dbx_each(struct databricks *j, enum dbx_each what, const struct dbx_place *from, const struct dbx_place *to, dbx_each_fn done, void *arg);

/* ---- dbfs_api.c, files_api.c: rows are struct dbx_op ---- */
extern const struct routes dbx_dbfs_routes, dbx_file_routes;
void dbx_handles_free(struct databricks *j);
/* Answers with what went wrong in the object store, or with RESOURCE_DOES_NOT_EXIST of that path. */
void dbx_no_file(struct http_call *call, const struct dbx_place *at);
void dbx_store_said(struct http_call *call, const struct error *err);

#endif
