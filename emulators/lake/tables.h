/* Delta tables of the lake: folders below tables/ of its bucket, and any other by its path.
 *
 *   token.c    tokens of a statement
 *   names.c    names as Spark writes them, in a statement
 *   table_load.c     a version of a table -> a temporary table for one statement      store_delta.c   its rows
 *   table_find.c     which tables there are
 *   table_command.c  DESCRIBE HISTORY, OPTIMIZE, VACUUM, SHOW TABLES ...               table_show.c   their answers
 *   clean_tables.c    a clean run's rows -> files -> a new version
 *   export.h          what Spark, Trino, DuckDB and ClickHouse need to read them */
#ifndef TARN_LAKE_TABLES_H
#define TARN_LAKE_TABLES_H

#include "delta/place.h"
#include "lake/lake.h"

#define LAKE_TABLES "tables/" /* the folder of the lake's bucket whose folders have a name in SQL */

/* ---- tokens ---- */
enum lake_token_kind { TOKEN_END, TOKEN_SPACE, TOKEN_WORD, TOKEN_QUOTED, TOKEN_STRING, TOKEN_NUMBER, TOKEN_OTHER };
struct lake_token {
	enum lake_token_kind kind; /* comments are space */
	struct slice text;         /* with its quotes */
};
struct lake_token lake_token_at(struct slice s);
/* The next one that isn't space; *s is left behind it. */
struct lake_token lake_token_next(struct slice *s);
/* The same, when it is this word; else *s stays. */
bool lake_take_word(struct slice *s, const char *word);
struct slice lake_unquoted(struct arena *a, struct lake_token t);
bool lake_word_char(char c);
void lake_skip(struct slice *s, size_t n);

/* ---- names ---- */
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

/* ---- a version of a table for one statement ---- */
struct lake_loader {
	struct lake_task *task;
	void (*done)(void *arg); /* on the loop; see err */
	void *arg;
	struct slice name;       /* the temporary table's */
	struct error err;        /* kind 0: none */
	bool no_table;           /* the error is that there is no Delta table */
	/* its own */
	struct lake_ref ref;
	struct delta_place place;
	struct delta_snapshot *s;
	size_t next;
	struct slice key;
	char *body;
	size_t body_n;
	bool begun;
};
/* Set task, done, arg and name, which must stay until then; may be used again after it. */
void lake_loader_start(struct lake_loader *r, const struct lake_ref *ref);
void lake_loader_free(struct lake_loader *r);
int lake_store_delta_begin(struct lake_store *s, struct slice name, const struct delta_schema *schema, struct error *err) WARN_UNUSED;
int lake_store_delta_add(struct lake_store *s, const struct delta_rows *rows, struct error *err) WARN_UNUSED;

/* ---- which tables there are ---- */
/* Folders below tables/ that have a log. Set task, each, done and arg. */
struct lake_finder {
	struct lake_task *task;
	void (*each)(void *arg, struct slice name); /* in order of names; valid until done */
	void (*done)(void *arg);                    /* see err */
	void *arg;
	struct error err; /* kind 0: none; a bucket that isn't there has no tables */
	/* its own */
	struct arena arena;
	struct slice folder, after; /* being looked at, listed so far */
	bool found;                 /* the folder has a log */
};
void lake_finder_start(struct lake_finder *f);
void lake_finder_free(struct lake_finder *f);

/* ---- statements about tables ---- */
enum lake_what { LAKE_COLUMNS, LAKE_HISTORY, LAKE_DETAIL, LAKE_OPTIMIZE, LAKE_VACUUM, LAKE_SHOW_TABLES };
struct lake_command {
	struct lake_task task;
	enum lake_what what;
	struct slice name;
	struct lake_ref ref;
	int64_t limit, retention_ms; /* -1: the table's */
	bool dry_run, force;
	const char *pattern;         /* SHOW TABLES LIKE; NULL: none */
	struct lake_finder finder;
	uint32_t own;                /* datasets whose tables are shown already */
	struct delta_snapshot *s;
	struct arena arena;
	struct buf out;
	size_t row_n, cell_n;
	int rc;
	struct error err;
};
/* DESCRIBE, OPTIMIZE, VACUUM, SHOW TABLES: true, and the call is answered. False: the statement is none of them. */
bool lake_command_run(struct lake *l, struct http_call *call, struct slice head, struct slice sql);
void lake_show_head(struct lake_command *c);
void lake_show_columns(struct lake_command *c, const struct delta_snapshot *s);
void lake_show_history(struct lake_command *c, const struct delta_event *e, size_t n);
void lake_show_detail(struct lake_command *c, const struct delta_snapshot *s, int64_t modified_ms);
void lake_show_optimized(struct lake_command *c, const struct delta_optimized *r);
void lake_show_vacuumed(struct lake_command *c, const struct slice *paths, size_t n);
void lake_show_table(struct lake_command *c, struct slice name);
int lake_show_own(struct lake_command *c, struct error *err) WARN_UNUSED; /* on the pool */
struct slice lake_type_name(struct arena *a, const struct delta_field *f); /* "array<double>" */

/* ---- a clean run's Delta tables ---- */
enum { LAKE_PART_BYTES = 32 << 20 };   /* of rows in memory, before they become a file */
struct lake_part {                     /* a data file */
	struct lake_part *next;
	struct lake_parts *parts;
	size_t set;
	int64_t row_n;
	struct buf file, stats;
	size_t size;
	struct slice name;             /* once it is in the store */
};
struct lake_parts {
	struct lake_task *task;
	const struct clean_rules *rules;
	struct arena arena;
	int64_t now_ms;
	uint32_t on;                   /* datasets whose tables are written, a bit each */
	struct lake_out {
		struct clean_shape shape;
		struct delta_place place;
		struct delta_rows *rows;      /* not yet a file */
		size_t bytes;                 /* of them */
		struct clean_seen *seen;      /* NULL: repeated rows stay */
		struct lake_part *first, **end; /* files put, or being put */
		size_t part_n;
		int64_t row_n, size, version; /* what was written; version -1: not yet */
	} *out; /* of each dataset */
	struct lake_part *ready, **ready_end; /* files that wait to be put */
	size_t made;                   /* files so far, for their names */
	size_t owed;                   /* puts under way */
	struct error err;              /* of the loop's side; kind 0: none */
	size_t committing;
	void (*done)(void *arg);
	void *arg;
};
/* rules of all datasets must be there as long as p is used; none on: the calls do nothing. set: index of a dataset. */
void lake_parts_init(struct lake_parts *p, struct lake_task *task, const struct clean_rules *rules, uint32_t on);
void lake_parts_free(struct lake_parts *p);
/* On the pool: the rule about repeated rows that leaves this one out, see clean_seen_row. */
ssize_t lake_parts_repeated(struct lake_parts *p, size_t set, const struct clean_value *v);
/* On the pool: takes a row; makes a file of what is left. Errors: LIMIT. */
int lake_parts_row(struct lake_parts *p, size_t set, const struct clean_value *v, struct error *err) WARN_UNUSED;
int lake_parts_flush(struct lake_parts *p, size_t set, struct error *err) WARN_UNUSED;
/* On the loop, while no job adds rows: sends the files that are made. */
void lake_parts_send(struct lake_parts *p);
/* On the loop: waits for the files, then each table has its new version. done: see p->err. */
void lake_parts_commit(struct lake_parts *p, void (*done)(void *arg), void *arg);
/* Appends {"location":...,"version":...,"files":...,"bytes":...}, or null. */
void lake_parts_report(struct buf *b, const struct lake_parts *p, size_t set);

#endif
