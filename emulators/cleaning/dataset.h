/* Datasets of a stack, one file each: datasets/NAME.dataset says where rows come from (source), how they travel (topic,
 * stream) and what they become (table, rules). The grammar: tarn help datasets.
 *   dataset.c    the file's parts and its table       rules.c   the rules       rds/seed.c   the source's columns
 * Everything that has a column, a topic or a table of its own takes it from here. */
#ifndef TARN_CLEANING_DATASET_H
#define TARN_CLEANING_DATASET_H

#include "core/conf.h"

enum {
	DATASETS_MAX = 32,       /* of a stack: a set of them is a bit mask */
	CLEAN_COLUMNS_MAX = 32,  /* of one table, inputs included */
	DATASET_FILE_MAX = 256 << 10,
};
enum clean_kind { CLEAN_NULL, CLEAN_TEXT, CLEAN_INT, CLEAN_REAL, CLEAN_BOOL };

/* Lines of a file that another parser reads; absent when the file hasn't the part. */
struct dataset_part {
	struct slice text;
	int line; /* of its first line, from 1 */
};
struct dataset {
	const char *name; /* "orders", of datasets/orders.dataset */
	const char *file; /* for messages */
	const char *source;          /* table of rds; NULL: the dataset has no rows of its own */
	int64_t rows;                /* that are made of it; 0: as many as [stack] says */
	struct dataset_part source_lines; /* its columns */
	const char *topic, *stream;  /* with ${user} filled in; NULL: none */
	const char *tail;            /* what a topic's name ends with: "orders" of "shop-orders"; the table's name without one */
	/* Columns [0, out_n) are the table's, in its order; the rest are inputs that rules build columns from. Rules work on
	 * one row of column_n values. */
	const char *table;
	size_t out_n, column_n, key; /* key: a record without it is no row */
	struct clean_column {
		const char *name; /* table column and record key */
		int type;         /* enum clean_kind */
		bool made;        /* built by a rule, not read from the record */
	} columns[CLEAN_COLUMNS_MAX];
	struct dataset_part rules;
};
struct datasets {
	struct dataset *at;
	size_t n;
};
/* Reads the datasets that [stack] datasets names, in its order; without it all there are, by name. What the stack has no
 * file of is the default stack's. All of it belongs to the arena. Errors: NOT_FOUND, INVALID, naming file and line. */
int datasets_open(struct arena *a, const struct stack_files *files, const struct conf *conf, struct datasets *out,
		  struct error *err) WARN_UNUSED;
/* Reads one file's text. Errors: INVALID. */
int dataset_parse(struct arena *a, const struct conf *conf, const char *path, struct slice text, struct dataset *out,
		  struct error *err) WARN_UNUSED;
/* The dataset that is called so, or whose table, or whose topic's tail is; NULL: none. */
const struct dataset *dataset_find(const struct datasets *all, struct slice name);
/* "customers, orders, payments", for messages. */
struct slice dataset_names(struct arena *a, const struct datasets *all);
/* Index of the table's column or input; -1: none. */
int dataset_column(const struct dataset *d, struct slice name);
/* [stack] user: what ${user} stands for. */
const char *dataset_user(const struct conf *conf);
/* The bucket of topics, tables and checkpoints: [lake] bucket, or user-USER-bucket. The caller frees it. */
char *dataset_bucket(const struct conf *conf);

#endif
