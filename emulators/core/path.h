/* Paths as Spark and Databricks write them, and the place in an object store that each leads to.
 *
 *   s3://bucket/key, s3n://..., s3a://KEY:QUOTED_SECRET@bucket/key     as it says; the secret is read over
 *   /mnt/x/y, dbfs:/mnt/x/y, /dbfs/mnt/x/y                             where the mount leads: port `paths` */
#ifndef TARN_PATH_H
#define TARN_PATH_H

#include "ports.h"

/* Where a path leads; out borrows from the path, the arena and the mounts. Errors: NOT_FOUND (a path of DBFS that no mount
 * has), INVALID. */
int path_resolve(const struct ports *ports, struct arena *a, struct slice path, struct object_path *out, struct error *err) WARN_UNUSED;
/* "dbfs:/mnt/x/", "/dbfs/mnt/x" -> "/mnt/x"; absent: no path of DBFS. */
struct slice path_dbfs(struct slice s);
/* A path of S3. scheme (may be NULL): "s3a://". Errors: INVALID, in Hadoop's words. */
int path_s3(struct slice s, struct slice *scheme, struct object_path *out, struct error *err) WARN_UNUSED;
/* Without slashes at its ends. */
struct slice path_bare(struct slice s);

#endif
