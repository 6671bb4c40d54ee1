/* What the worker's REST answers look like (answer.c); protocol.c decides which to give. */
#ifndef TARN_CONNECT_ANSWER_H
#define TARN_CONNECT_ANSWER_H

#include "connect/offsets.h"

/* A restart asked for: the status shows what will be RESTARTING. */
struct con_restart {
	bool tasks, only_failed;
};

/* The configuration as a HashMap with that many slots gives it back; strings stay c's. */
void con_config_hashed(struct arena *a, const struct con_config *c, size_t table, struct con_config *out);

void con_answer_config(struct arena *a, const struct connector *c, struct buf *out);
/* as_given: the configuration in its own order. */
void con_answer_info(struct arena *a, const char *name, const struct con_config *config, bool as_given, size_t task_n, struct buf *out);
/* r NULL: as it is. explain: with con_explain's members. */
void con_answer_status(const struct connector *c, const char *worker, const struct con_restart *r, bool explain, struct buf *out);
/* Adds what each partition waits for to an object (explain.c). */
void con_explain(const struct connector *c, struct buf *out);
/* state NULL: the task's own. */
void con_answer_task(const struct con_task *t, size_t i, const char *state, const char *worker, struct buf *out);
void con_answer_tasks(struct arena *a, const struct connector *c, struct buf *out);
void con_answer_topics(struct arena *a, struct connect *k, const char *name, struct buf *out);
void con_answer_connectors(struct arena *a, struct connect *k, bool status, bool info, const char *worker, struct buf *out);
void con_answer_offsets(struct arena *a, const struct con_offset_row *rows, size_t n, struct buf *out);
/* Of a source: how far it has read each file. */
void con_answer_sources(struct connect *k, const char *name, struct buf *out);
struct con_judgement;
void con_answer_definitions(const struct con_judgement *j, struct buf *out);
void con_answer_validation(const struct con_config *c, const struct con_judgement *j, struct buf *out);

/* ---- request.c: bodies. Errors: INVALID, text = the exception's message. ---- */
struct con_create {
	struct slice name, state; /* absent: not given */
	struct con_config config; /* the caller frees it */
	bool has_config;
};
int con_parse_create(struct arena *a, struct slice body, struct con_create *out, struct error *err) WARN_UNUSED;
/* Changes c as a PATCH does: null takes a key away. */
int con_parse_patch(struct arena *a, struct slice body, struct con_config *c, struct error *err) WARN_UNUSED;
enum { CON_OFFSETS_MAX = 1024 };
/* source: of files (topic is the name), as FileStreamSourceConnector.alterOffsets takes them. */
int con_parse_offsets(struct arena *a, bool source, struct slice body, struct con_offset_row *out, size_t *n, struct error *err) WARN_UNUSED;

#endif
