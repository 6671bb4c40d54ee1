/* The control port's own answers: what control.c shares with the files that hold a subject of it. */
#ifndef TARN_CONTROL_H
#define TARN_CONTROL_H

#include "stack/server.h"

/* A JSON document, which is taken over, or {"error": text}; then http_done. */
void control_reply(struct http_call *call, int status, struct buf *b);
void control_error(struct http_call *call, int status, const char *text);

/* ---- control_clock.c: operations; self is the server ---- */
void control_clock(void *self, struct http_call *call);
void control_clock_set(void *self, struct http_call *call);
void control_clock_stop(void *self, struct http_call *call);

/* ---- control_run.c: commands of tarn as clients of this stack ---- */
struct child_result;
typedef void (*control_done)(struct http_call *call, const struct child_result *r, const struct error *err);
/* Starts argv (NULL-terminated), with env beside ours (NULL: none); fn answers call when it has ended, real_ms at the latest. */
void control_run(struct server *s, struct http_call *call, const char *const *argv, const char *const *env, int64_t real_ms, control_done fn);
/* Whether one waits to answer this call, which then stays over a reset. */
bool control_runs(const struct server *s, const struct http_call *call);
/* Kills them; nobody is answered. */
void control_runs_end(struct server *s);

/* ---- control_lesson.c: lessons, by tarn lesson; self is the server ---- */
void control_lessons(void *self, struct http_call *call);
void control_lesson_act(void *self, struct http_call *call);

/* ---- control_workshop.c: operations of a teacher's stack; self is the server ---- */
void control_workshop(void *self, struct http_call *call);
void control_workshop_act(void *self, struct http_call *call);

/* ---- control_help.c: operations; self is the server ---- */
void control_help(void *self, struct http_call *call);
void control_help_topic(void *self, struct http_call *call);
/* ---- control_reset.c ---- */
void control_reset(void *self, struct http_call *call);
/* Of the AWS port, by LocalStack's, moto's and others' paths: the services of a path's argument by AWS's names, or all. */
void control_reset_alias(void *self, struct http_call *call);
/* ---- snapshot/control.c ---- */
void control_snapshots(void *self, struct http_call *call);
void control_snapshot(void *self, struct http_call *call);
void control_snapshot_save(void *self, struct http_call *call);
void control_snapshot_restore(void *self, struct http_call *call);
void control_snapshot_remove(void *self, struct http_call *call);
void control_snapshot_diff(void *self, struct http_call *call);
void control_snapshot_digest(void *self, struct http_call *call);
void control_snapshot_export(void *self, struct http_call *call);
void control_snapshot_import(void *self, struct http_call *call);
/* A request's headers are in: takes the body of an import. True: it is answered. */
bool control_snapshot_head(struct server *s, struct http_call *call);

/* Whether the caller may come in; false: it is answered. */
bool control_admits(struct server *s, struct http_call *call);
/* All rows of the control port's own operations. */
extern const struct routes *const control_tables[];

#endif
