/* A journey under way: what journey.c (the hops), find.c (where it begins) and journey_lake.c (what became of the line) share. */
#ifndef TARN_WALK_H
#define TARN_WALK_H

#include "cleaning/cleaning.h"
#include "connect/written.h"
#include "journey/journey.h"

enum hop_kind { HOP_ROW, HOP_REQUEST, HOP_TEMPLATE, HOP_RECORD, HOP_OBJECT, HOP_CLEAN, HOP_COMMIT, HOP_QUESTION, HOP_N };
struct walk;
/* Goes on at once or later: then calls walk_next. */
typedef void (*walk_step)(struct walk *w);
struct walk {
	struct walk *next, **at; /* of the server's */
	struct owed owed;        /* for who asked */
	journey_done done;
	void *arg;
	struct server *s;
	const struct env *env;
	struct arena arena;
	struct owed *waits;
	const walk_step *step;
	struct slice id;
	struct buf hops[HOP_N];  /* JSON each; empty: none */
	const char *service[HOP_N]; /* NULL: it isn't there yet */
	struct slice why;        /* nothing was found: what was looked for, where */
	struct cleaning cleaning;
	/* The record. */
	bool found, is_stream;
	struct slice topic;      /* or the stream's name */
	struct slice shard, sequence;
	int partition;
	int64_t offset, at_ms;
	struct slice key, value, trace;
	int64_t dataset;         /* index; -1: none */
	/* Its object. */
	struct con_place place;
	bool placed;
	struct slice line;
	/* What is searched. */
	struct find *find;
	struct slice *streams;
	size_t stream_n, stream_at;
	struct slice reason;     /* of its quarantine */
	struct lake_look *look;
};
void walk_next(struct walk *w);
/* Ends the search: it is the record, or nothing is. */
void walk_not_found(struct walk *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Begins a hop: {"service":…,"kind":…,"state":…,"title":…; who fills it ends it by jw_obj_end. */
struct buf *walk_hop(struct walk *w, enum hop_kind at, const char *service, const char *kind, const char *state, struct slice title);
/* "time" and, unless negative, "real_us". */
void walk_time(struct buf *b, int64_t at_ms, int64_t us);
/* Sends a request to one of our own ports; then is called with status 0 where there is no answer. */
void walk_http(struct walk *w, const char *endpoint, const char *method, struct slice path, struct slice body, void (*then)(struct walk *w, int status, struct slice body));

void walk_find(struct walk *w);      /* find.c */
void walk_clean(struct walk *w);     /* lake.c: rules on the line */
void walk_versions(struct walk *w);  /* which versions of the table have the row */
void walk_questions(struct walk *w); /* which of the stack's questions ask that table */

#endif
