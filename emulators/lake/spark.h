/* Spark sessions: what a client has set and named, from statement to statement. A client that names none has one for its request.
 *
 *   POST /api/tarn/spark/sessions -> {"session_id":...}    POST /api/tarn/sql?session=ID    DELETE .../sessions/ID
 *   POST .../sessions/ID/functions {"name":"f","type":"int"}: a function that the client runs. A statement that calls it is answered by
 *     202 {"udf":{"call":7,"function":"f","types":[...],"rows":2,"arguments":[[1,2],["a","b"]]}}; what
 *   POST .../sessions/ID/results {"call":7,"values":[...]} (or {"error":"..."}) is answered by is the next one, or the statement's answer. */
#ifndef TARN_LAKE_SPARK_H
#define TARN_LAKE_SPARK_H

#include "lake/lake.h"
#include "sparksql/catalog.h"

enum { LAKE_SPARKS_MAX = 200, LAKE_SPARK_ID = 36 };

/* A temporary view: its SELECT is analysed anew wherever it is read, as Spark does. */
struct lake_view {
	struct lake_view *next;
	struct slice name, text;
	struct slice *columns; /* names given to its columns; NULL: the query's own */
	struct slice *comments; /* of its columns; absent ones have none. NULL as columns */
	size_t column_n;
	struct lake_spark *owner; /* of a global view over a frame: its session stays while the view can be read; NULL: none */
	const struct lake_frame *frame;
	bool gone;             /* dropped (of global ones, which are never unlinked: a statement on the pool may read them) */
};
struct lake_setting {
	struct lake_setting *next;
	struct slice key, value;
};
/* A function that the client runs (udf.c). */
struct lake_function {
	struct lake_function *next;
	struct slice name;
	const struct sp_type *type; /* of what it gives */
};
struct lake_query;
struct lake_spark {
	struct lake_spark *next;
	char id[LAKE_SPARK_ID + 1];
	struct arena arena;         /* of all below */
	struct lake_view *views;
	struct lake_setting *settings;
	struct lake_function *functions;
	struct lake_frame **frames; /* frame.h: by number, from 1 */
	size_t frame_n, frame_cap;
	uint64_t column_n;          /* ids of their columns */
	struct lake_query *asking;  /* a statement that waits for the client to run a function */
	struct slice database;
	int64_t used_ms;
	size_t refs;                /* the list, and statements */
	bool closed;
};
struct lake_spark *lake_spark_new(void);
void lake_spark_free(struct lake_spark *s); /* lets go of it */
/* A setting's value: the session's, else Spark's default; absent: none. */
struct slice lake_spark_setting(const struct lake_spark *s, struct slice key);
/* Nonzero: a value that Spark refuses, err says so. */
int lake_spark_set(struct lake_spark *s, struct slice key, struct slice value, struct sp_error *err) WARN_UNUSED;
void lake_spark_unset(struct lake_spark *s, struct slice key); /* absent: all */
/* Settings and defaults in order of keys: calls each. */
void lake_spark_settings(const struct lake_spark *s, void (*each)(void *arg, struct slice key, struct slice value, struct slice doc), void *arg);
void lake_frames_free(struct lake_spark *s); /* frame.c */
/* The view of that name in either case; NULL: none. */
const struct lake_view *lake_view_find(const struct lake_view *views, struct slice name);
/* What statements see of a session. zone: where a zone made for it goes (freed with a). Nonzero: its time zone isn't one. */
int lake_spark_context(struct lake_spark *s, struct arena *a, int64_t now_us, struct sp_context *out, struct sp_error *err) WARN_UNUSED;

/* ---- named ones, of the service ---- */
struct lake_spark *lake_spark_find(struct lake *l, struct slice id); /* NULL: none */
/* POST, DELETE of /api/tarn/spark/sessions; its functions, and what they gave: udf.c */
void lake_spark_post(void *self, struct http_call *call);
void lake_spark_delete(void *self, struct http_call *call);

void lake_spark_function(void *self, struct http_call *call);
void lake_spark_results(void *self, struct http_call *call);
/* A statement that waits for the client to run a function waits no longer. */
void lake_udf_forget(struct lake_spark *s);

#endif
