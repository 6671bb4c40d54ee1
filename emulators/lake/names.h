/* Names of tables as Spark writes them, in a statement, and the folders they mean. */
#ifndef TARN_LAKE_NAMES_H
#define TARN_LAKE_NAMES_H

#include "lake/lake.h"
#include "lake/token.h"

#define LAKE_TABLES "tables/" /* the folder of the lake's bucket whose folders have a name in SQL */

/* Spark's ways to name a table become names that SQLite reads; one that is asked for at a version has it in its name:
 *   12ab_posts, default.posts                 -> `12ab_posts`, posts
 *   delta.`/mnt/x/posts`                      -> `delta./mnt/x/posts`
 *   posts VERSION AS OF 3, posts@v3           -> `posts@v3` AS `posts`
 *   posts TIMESTAMP AS OF '2026-01-05 09:00'  -> `posts@20260105090000000` AS `posts`
 * Appends the statement to out. Errors: INVALID. */
int lake_names_plain(struct slice sql, struct buf *out, struct error *err) WARN_UNUSED;
/* The table's name that a command has next, in that form; '/a/b' is a path too. Errors: INVALID. */
int lake_take_table(struct arena *a, struct slice *s, struct slice *name, struct error *err) WARN_UNUSED;
struct lake_ref {
	struct slice name;         /* as written, without the version */
	struct slice bucket, path; /* the table's folder, without slashes around */
	bool by_path;
	int64_t version, at_ms; /* -1: not asked for */
};
/* What such a name means. Returns 0; NOT_FOUND or INVALID for a path that leads nowhere; CONFLICT: it can't be a table's. */
int lake_ref_parse(const struct lake *l, struct arena *a, struct slice name, struct lake_ref *out, struct error *err) WARN_UNUSED;
/* "[TABLE_OR_VIEW_NOT_FOUND] The table or view `x` cannot be found. ...", and why. */
int lake_ref_missing(struct error *err, struct slice name, const char *why);
struct delta_table lake_ref_table(struct lake *l, const struct lake_ref *ref);

#endif
