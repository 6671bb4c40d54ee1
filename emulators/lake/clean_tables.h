/* A clean run's Delta tables: rows -> files, while the run goes on -> a new version each, at its end. */
#ifndef TARN_LAKE_CLEAN_TABLES_H
#define TARN_LAKE_CLEAN_TABLES_H

#include "delta/place.h"
#include "lake/lake.h"

enum { LAKE_PART_BYTES = 12 << 20 };   /* of rows in memory, before they become a file */
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
	const struct datasets *sets;
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
/* The Delta table's key among turns. */
struct slice lake_parts_key(struct lake_parts *p, size_t set);
/* On the pool: the rule about repeated rows that leaves this one out, see clean_seen_row. */
ssize_t lake_parts_repeated(struct lake_parts *p, size_t set, const struct clean_value *v);
/* On the pool: takes a row; makes a file of what is left. Errors: LIMIT. */
int lake_parts_row(struct lake_parts *p, size_t set, const struct clean_value *v, struct error *err) WARN_UNUSED;
int lake_parts_flush(struct lake_parts *p, size_t set, struct error *err) WARN_UNUSED;
/* On the loop, while no job adds rows: sends the files that are made. */
void lake_parts_send(struct lake_parts *p);
/* On the loop: waits for the files, then each table has its new version. done: see p->err. */
void lake_parts_commit(struct lake_parts *p, void (*done)(void *arg), void *arg);
/* Appends "delta":{"location":...,"version":...,"files":...,"bytes":...}, or "delta":null. */
void lake_parts_report(struct buf *b, const struct lake_parts *p, size_t set);

#endif
