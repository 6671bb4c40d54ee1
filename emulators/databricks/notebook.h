/* Notebooks' files: source (.py .sql .scala .r), .ipynb, .dbc and .html, and from one to another.
 *
 * All are the same list of commands, as a .dbc has them: the text of a cell, which begins with %LANGUAGE where it isn't the notebook's
 * own. How cells are run is none of this (python/kernel). */
#ifndef TARN_DATABRICKS_NOTEBOOK_H
#define TARN_DATABRICKS_NOTEBOOK_H

#include <jansson.h>

#include "core/err.h"

/* "python", "PYTHON" -> "PYTHON", which lives for ever; NULL: no language of notebooks. */
const char *dbx_language(struct slice name);
const char *dbx_language_ending(const char *language); /* ".py"; NULL: "" */
/* The language of a file that is a notebook, by its name and first line; NULL: it is none. ipynb: which kind. */
const char *dbx_notebook_of_file(struct slice name, struct slice text, bool *ipynb);

struct dbx_command {
	struct slice title, text;
};
struct dbx_notebook {
	const char *language;
	struct slice name;
	struct dbx_command *commands;
	size_t n, cap;
};
/* Reads a notebook into out, of the arena. language: of source. Errors: INVALID. */
void dbx_source_read(struct arena *a, struct slice text, const char *language, struct dbx_notebook *out);
int dbx_ipynb_read(struct arena *a, struct slice text, struct dbx_notebook *out, struct error *err) WARN_UNUSED;
int dbx_model_read(struct arena *a, const json_t *model, struct dbx_notebook *out, struct error *err) WARN_UNUSED; /* of .dbc and .html */
int dbx_html_read(struct arena *a, struct slice text, struct dbx_notebook *out, struct error *err) WARN_UNUSED;

void dbx_source_write(const struct dbx_notebook *n, struct buf *out);
void dbx_ipynb_write(const struct dbx_notebook *n, struct buf *out);
json_t *dbx_model_write(const struct dbx_notebook *n); /* a fresh reference */
void dbx_html_write(const struct dbx_notebook *n, struct buf *out);

/* ---- archive.c: .dbc, a zip of such models ---- */
/* One file of an archive; fn's error ends the reading. */
typedef int (*dbx_member_fn)(void *arg, struct slice name, struct slice bytes, struct error *err);
/* Calls fn with each file, unpacked. Errors: INVALID, LIMIT. */
int dbx_archive_read(struct slice zip, size_t bytes_max, dbx_member_fn fn, void *arg, struct error *err) WARN_UNUSED;
struct dbx_archive {
	struct buf out, directory;
	size_t n;
};
void dbx_archive_add(struct dbx_archive *z, struct slice name, struct slice bytes);
/* Ends it: the archive is z->out, which is the caller's. */
void dbx_archive_end(struct dbx_archive *z);

#endif
