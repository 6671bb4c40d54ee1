/* Delta tables in statements: folders below tables/ of the lake's bucket, and any other by its path.
 *
 *   table_load.c     a version of a table -> a temporary table for one statement
 *   table_find.c     which tables there are
 *   table_command.c  DESCRIBE HISTORY, OPTIMIZE, VACUUM, SHOW TABLES ...      table_show.c  their answers */
#ifndef TARN_LAKE_TABLE_H
#define TARN_LAKE_TABLE_H

#include "delta/place.h"
#include "lake/names.h"

/* ---- a version of a table for one statement ---- */
struct lake_loader {
	struct lake_task *task;
	struct lake_session *session;
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
/* Set task, session, done, arg and name, which must stay until then; may be used again after it. */
void lake_loader_start(struct lake_loader *r, const struct lake_ref *ref);
void lake_loader_free(struct lake_loader *r);

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
	struct lake_session *session; /* SHOW TABLES */
	struct loop *loop;
	struct lake_turn turn;        /* of the table that is written; of the lake's own to look at */
	uint32_t own;                /* datasets whose tables are shown already */
	struct delta_snapshot *s;
	struct arena arena;
	struct buf out;
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

#endif
