/* The workspace's tree: folders, notebooks, files, by paths as /Users/me@example.com/clean. "/Workspace/Users/..." is the same.
 *
 * It is what was imported (kept in jobs.db), over the files below [workspace] notebooks of the stack, which are looked at anew with every
 * request: an edited notebook is run as it is now. notebooks/Users/..., Repos/..., Shared/... are those paths; what lies beside them has
 * the path /Users/<the workspace's user>/..., and is found from any folder when nothing has the path itself, as DAG files name their
 * author's: /Users/somebody@example.com/clean is notebooks/clean.ipynb, or notebooks/any/where/clean.ipynb when there is one clean only. The notebooks of a .dbc lie beside it, in its folders. */
#ifndef TARN_DATABRICKS_WORKSPACE_H
#define TARN_DATABRICKS_WORKSPACE_H

#include "databricks/databricks.h"

enum {
	DBX_OBJECT_MAX = 10 << 20, /* bytes of a notebook or file, as the real limit */
	DBX_OBJECTS_MAX = 20000,
	DBX_STACK_BYTES_MAX = 128 << 20, /* of the stack's files: a task has a copy of them */
	DBX_WORKSPACE_PATH_MAX = 1024,
};
enum dbx_kind { DBX_FOLDER, DBX_NOTEBOOK, DBX_FILE, DBX_GONE }; /* GONE: one of the stack's that was deleted */

struct dbx_object {
	char *path; /* of a notebook: without an ending */
	enum dbx_kind kind;
	const char *language; /* of a notebook: "PYTHON" "SQL" "SCALA" "R"; else NULL */
	bool ipynb;           /* of a notebook: content is .ipynb; else source */
	bool stack;           /* a file of the stack, not kept by us */
	bool loose;           /* one that is found from any folder */
	int64_t created_ms, modified_ms;
	struct buf content;
	char *file;   /* of the stack's: where it is; */
	int64_t size; /* what it was when it was read */
	bool seen;    /* by the look under way */
};
/* The path as it is kept: without /Workspace and slashes at its end ("" is the root). Errors: INVALID. */
int dbx_workspace_path(struct arena *a, struct slice path, struct slice *out, struct error *err) WARN_UNUSED;
/* Reads the stack's files that are new or changed, and forgets those that are gone. */
void dbx_workspace_look(struct databricks *j);
/* What has that path (see dbx_workspace_path); NULL: nothing. A folder without an object of its own is no object: dbx_workspace_folder. */
struct dbx_object *dbx_workspace_find(struct databricks *j, struct slice path);
/* Whether it is a folder: an object, or something lies below it, or it is one that every workspace has. */
bool dbx_workspace_folder(const struct databricks *j, struct slice path);
/* The notebook or file that a task names: dbx_workspace_find, or a loose one: by the end of its path, or by its name if no other has it; NULL: none. */
struct dbx_object *dbx_workspace_named(struct databricks *j, struct slice path, enum dbx_kind kind);
/* The i-th object at or below a folder, those that are gone left out; *at starts at 0. */
struct dbx_object *dbx_workspace_below(const struct databricks *j, struct slice folder, size_t *at);
/* Puts an object where nothing or an object of the same path is; content is copied. Errors: LIMIT, STORE. */
int dbx_workspace_put(struct databricks *j, struct slice path, enum dbx_kind kind, const char *language, bool ipynb, struct slice content,
		      struct error *err) WARN_UNUSED;
int dbx_workspace_drop(struct databricks *j, struct dbx_object *o, struct error *err) WARN_UNUSED;
/* Of store.c: an object as it was kept. */
void dbx_workspace_read(struct databricks *j, const char *path, const json_t *doc);
void dbx_workspace_free(struct databricks *j);
/* The ending of its file: ".py", ".sql", ".ipynb"; "" for a file. */
const char *dbx_object_ending(const struct dbx_object *o);
/* Writes all notebooks and files below a folder of the disk, for a task; those on the way to it, too. Errors: STORE. */
int dbx_workspace_unfold(struct databricks *j, const char *dir, struct error *err) WARN_UNUSED;

/* ---- workspace_api.c: rows are struct dbx_op ---- */
extern const struct routes dbx_workspace_routes;

#endif
