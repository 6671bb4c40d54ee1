/* Writing Delta tables by statements: rows that a plan gave become files, a commit adds them and removes others.
 *
 *   data.c       the common part      do_data.c  INSERT, CREATE TABLE AS, DELETE, UPDATE, TRUNCATE
 *   do_merge.c   MERGE                do_ddl.c   CREATE, DROP, ALTER */
#ifndef TARN_LAKE_DATA_H
#define TARN_LAKE_DATA_H

#include "core/hset.h"
#include "lake/query.h"

/* A row of the target that goes, or is replaced. */
struct lake_edit {
	int64_t file, row;
	ssize_t with; /* row of .changed that comes in its place; -1: none */
};
/* What a statement does to its target. */
struct lake_data {
	struct delta_table at;
	struct delta_snapshot *base;    /* NULL: the table is being made */
	struct delta_target to;
	struct sp_table *changed;       /* rows that replace others: columns of the target */
	struct sp_table *fresh;         /* new ones */
	struct lake_edit *edits;
	size_t edit_n, edit_cap;
	size_t inserted, updated, deleted;
	bool overwrite;                 /* all files of the base go */
	bool dynamic;                   /* with overwrite: only those of partitions that are written */
	bool nothing;                   /* it is there, and stays as it is */
	/* its own */
	size_t at_edit;                 /* rewritten so far */
	struct delta_read ask;
	struct sp_table *part, *rewritten;
	struct delta_file *adds;        /* in the arena */
	size_t add_n, add_cap;
	struct slice *removes;
	size_t remove_n, remove_cap;
	struct delta_change change;
	struct delta_meta meta;
	size_t copied;
	int64_t bytes;
};
/* Of the statement under way, made if need be; base and target are the target relation's where it is there. */
struct lake_data *lake_data(struct lake_query *q);
/* Columns that new rows must have -> plan with casts of store assignment over plan's columns from `first` on. Nonzero: err says so. */
int lake_data_cast(struct lake_query *q, size_t first, const struct sp_field *to, size_t n);
/* The plan with the target's columns in their order: from says which of the plan's columns each is, -1: NULL. The plan's first columns stay
 * before them. */
void lake_data_arrange(struct lake_query *q, size_t first, const ssize_t *from);
/* Delta's words for rows that have other columns than the table; why: instead of the two schemas, or absent; overwrites: told how that
 * could be. Gives 1. */
int lake_data_mismatch(struct lake_query *q, struct slice why, bool overwrites);
/* Whether a table can have such columns: names without doubles and bad characters, no VOID. Nonzero: err says so. do_ddl.c */
int lake_data_check_new(struct lake_query *q, const struct sp_field *fields, size_t n) WARN_UNUSED;
/* A batch's columns from `first` on, as many as the target has, to a table of rows, which is made if need be; gives the index of the first. */
size_t lake_data_add(struct lake_query *q, struct sp_table **to, const struct sp_batch *b, size_t first);
void lake_data_edit(struct lake_query *q, int64_t file, int64_t row, ssize_t with);
/* Rewrites edited files, writes new ones, commits, answers with the columns named: num_affected_rows, num_updated_rows ... (Databricks'). */
void lake_data_commit(struct lake_query *q, const char *operation, struct slice parameters);

/* ---- do_data.c: trees of queries over the target ---- */
struct sp_ex *lake_ex_name(struct arena *a, struct slice table, struct slice column);
struct sp_ex *lake_ex_alias(struct arena *a, struct sp_ex *of, struct slice name);
struct sp_query *lake_ex_select(struct arena *a, struct sp_rel *from, size_t item_n); /* room for so many items */
void lake_ex_add(struct sp_query *q, struct sp_ex *item);
struct sp_rel *lake_ex_target(struct lake_query *q);
/* SELECT file, row of each row of the target that the expression is true for. */
struct sp_query *lake_ex_rows(struct lake_query *q, struct sp_ex *where);
struct slice lake_ex_target_name(const struct lake_query *q);
/* Nonzero: the table isn't there, err says so. */
int lake_target_there(struct lake_query *q) WARN_UNUSED;
ssize_t lake_assigned(struct lake_query *q, const struct sp_name *name);
/* ---- replace.c: q->stmt->where says which rows the new ones replace; absent: none, and these work as without ---- */
bool lake_replace_looks(const struct lake_query *q); /* the query now is the one for the rows that go: start lake_replace_look */
void lake_replace_look(struct lake_query *q);
/* The statement's query as this phase wants it. by_position: its columns are the target's whatever their names. */
const struct sp_query *lake_replace_query(struct lake_query *q, bool by_position);
/* Takes new rows; with a predicate, which stands before their columns, all have to match it. */
int lake_replace_take(struct lake_query *q, const struct sp_batch *b);
/* do_alter.c: the schema after ADD, ALTER, RENAME, DROP COLUMN; other statements leave it. Nonzero: err says so. */
int lake_alter_columns(struct lake_query *q, struct delta_meta *m) WARN_UNUSED;
/* {"key":"value"}; key NULL: {} */
struct slice lake_data_parameters(struct lake_query *q, const char *key, struct slice value);

#endif
