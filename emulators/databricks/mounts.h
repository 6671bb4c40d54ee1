/* What is mounted where: the port `paths`. */
#ifndef TARN_DATABRICKS_MOUNTS_H
#define TARN_DATABRICKS_MOUNTS_H

#include "core/path.h"
#include "core/service.h"

struct dbx_mount {
	char *point, *source; /* "/mnt/x", "s3n://bucket/folder" */
};
struct dbx_mounts {
	struct db db;
	struct dbx_mount *rows; /* by point */
	size_t n;
	const struct adopt *adopt;
	char *bucket;           /* the lake's, where the root of DBFS lies */
};

/* Reads what was mounted before, and [mounts] of the stack. Close in any case. */
int dbx_mounts_open(struct dbx_mounts *m, const struct env *env, struct error *err) WARN_UNUSED;
void dbx_mounts_close(struct dbx_mounts *m);
struct dbx_mounting { /* point and source as they will be shown */
	struct slice point, source;
	struct object_path at;
};
/* Whether source can be mounted on point; fills out, which borrows from both and from the arena. Errors: INVALID, CONFLICT
 * ("Directory already mounted"), LIMIT. */
int dbx_mounts_check(const struct dbx_mounts *m, struct arena *a, struct slice source, struct slice point, struct dbx_mounting *out,
		     struct error *err) WARN_UNUSED;
int dbx_mounts_add(struct dbx_mounts *m, const struct dbx_mounting *checked, struct error *err) WARN_UNUSED;
/* Errors: NOT_FOUND ("Directory not mounted"). */
int dbx_mounts_remove(struct dbx_mounts *m, struct slice point, struct error *err) WARN_UNUSED;
/* Only into the list. */
void dbx_mounts_list(struct dbx_mounts *m, struct slice point, struct slice source);
/* The port: see ports.h; self is a struct dbx_mounts. What no mount has lies in the root of DBFS (dbfs.h), but below
 * /mnt: then it is false. */
bool dbx_mounts_find(void *self, struct arena *a, struct slice path, struct object_path *out);

/* ---- store.c ---- */
/* Reads the mounts there are, by dbx_mounts_list. */
int dbx_store_mounts(struct dbx_mounts *m, const struct env *env, struct error *err) WARN_UNUSED;
int dbx_store_mount(struct dbx_mounts *m, struct slice point, struct slice source, struct error *err) WARN_UNUSED;
int dbx_store_unmount(struct dbx_mounts *m, struct slice point, struct error *err) WARN_UNUSED;

#endif
