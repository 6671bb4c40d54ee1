/* Frames: what a client's DataFrames are. A frame is the plan of a query over tables and over frames made before, kept in its session;
 * names and types are resolved when it is made, and it is run when a statement reads it by its name, `#`.`N`.
 *
 *   POST /api/tarn/spark/sessions/ID/frames {"sql":"SELECT ... FROM `#`.`12`"} -> {"frame":13,"streaming":false,"schema":[{...,"id":57}],...}
 *     SQL that is no query runs at once; the answer is that of /api/tarn/sql.
 *   POST .../frames {"columns":[[1,2],["a","b"]],"schema":{"type":"struct",...}}: rows of the client's
 *   POST .../views {"name":"v","frame":13,"replace":true,"global":false}
 *
 * A column has an id that it keeps from frame to frame; `\x01ID\x01name` in SQL is the column with that id, whatever it is called; ID@N is ID
 * with a note of the client's. `#`.`N+` is frame N as if it had been made anew: its columns get ids of their own.
 * A frame's tables are looked up anew whenever it is run; the schema that was inferred from files stays. */
#ifndef TARN_LAKE_FRAME_H
#define TARN_LAKE_FRAME_H

#include "lake/query.h"

enum { LAKE_FRAMES_MAX = 100000, LAKE_FRAMES_BODY = 256 << 20 };

struct lake_frame {
	struct arena arena;            /* of all below */
	const struct sp_plan *plan;    /* never changed: it is copied to be run */
	const struct sp_known *known;  /* of its columns */
	size_t shown_n;                /* of the plan's columns: the others are there for those who know them */
	struct lake_relation *relations; /* that the plan scans: what they are, not their rows */
	struct slice sql;              /* that it was made by; absent: rows of the client's */
	const uint64_t *parents;       /* frames that sql names */
	size_t parent_n;
	struct sp_relation *rows;      /* those rows; NULL: made by sql */
	struct sp_table *table;        /* of rows, owned */
	bool streaming;
};
/* The session's frame of that number; NULL: none. */
struct lake_frame *lake_frame_of(const struct lake_spark *s, uint64_t number);
/* For the catalog: the frame that the second part of a name `#`.`N` is. Nonzero: err says so. */
int lake_frame_find(struct lake_query *q, struct slice number, struct sp_found *out, struct sp_error *err) WARN_UNUSED;
/* After analysis, in a job: q->plan becomes a copy that scans relations of the statement. Nonzero: q->err; SP_E_AGAIN: they are looked up first. */
int lake_frames_bind(struct lake_query *q) WARN_UNUSED;
/* The analysed statement becomes a frame, and that is the answer. On the loop. */
void lake_frame_keep(struct lake_query *q);
/* Rows that the client sent become a frame: the answer. On the loop. */
void lake_frame_rows(struct lake_query *q);

/* POST .../frames, .../views */
void lake_frame_post(void *self, struct http_call *call);
void lake_frame_view(void *self, struct http_call *call);

#endif
