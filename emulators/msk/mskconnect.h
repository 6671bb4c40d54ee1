/* MSK Connect: connectors that run in this stack's Connect worker. What both APIs share is msk.h's: msk_keep, tags.c.
 *   mskconnect.c   the table of operations; connectors made, told, deleted
 *   mskc_check.c   what a connector may say             mskc_worker.c  what is said to the worker, over its REST API
 *   mskc_change.c  updates, pauses, their operations    mskc_kept.c    plugins, worker configurations */
#ifndef TARN_AWS_MSKCONNECT_H
#define TARN_AWS_MSKCONNECT_H

#include "msk/msk.h"

/* A connector's document: as DescribeConnector tells it, and
 *   asked   the worker took it       tags */
extern const struct aws_kind mskc_connectors, mskc_plugins, mskc_workers, mskc_operations;

int mskc_bad(struct aws_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
int mskc_not_found(struct aws_call *c);
/* What is kept under the ARN in c->in[name]; NULL: it is refused. */
json_t *mskc_find(struct aws_call *c, const struct aws_kind *kind, const char *name);
/* A new ARN: "arn:aws:kafkaconnect:R:A:TYPE/NAME/UUID-N"; the document of that name is refused when there is one. NULL: refused. */
const char *mskc_new_arn(struct aws_call *c, const struct aws_kind *kind, const char *type, const char *member, const char *name);
void mskc_new_version(struct aws *a, json_t *connector);
int mskc_page(struct aws_call *c, json_t *items, const char *list);
/* The documents of a kind whose c->in[prefix_name] is the beginning of their `name`; told makes what is listed of each. */
int mskc_list(struct aws_call *c, const struct aws_kind *kind, const char *name, const char *prefix_name, json_t *(*told)(const json_t *doc), const char *list);
void mskc_resource(struct aws_call *c, struct buf *arn);

/* ---- mskc_check.c ---- */
int mskc_check_capacity(struct aws_call *c, const json_t *capacity);
int mskc_check_configuration(struct aws_call *c, const json_t *configuration, const char *connector);
int mskc_check_plugins(struct aws_call *c, const json_t *plugins);
int mskc_check_worker(struct aws_call *c, const json_t *worker);
int mskc_check_new(struct aws_call *c);

/* ---- mskc_worker.c ---- */
/* err: there was no answer; body: borrowed, NULL without JSON. */
typedef void (*mskc_cb)(void *arg, int status, const json_t *body, const struct error *err);
/* Asks the worker; path: what stands behind /connectors, "" or "/NAME/status" with the name of the connector (NULL: none) escaped for
 * "%". Answered once, later, unless what it returns is cancelled. */
struct owed *mskc_ask(struct aws *a, int hops, const char *method, const char *connector, const char *tail, const json_t *body, mskc_cb cb, void *arg);
/* The configuration that the worker gets: the connector's, with what its worker configuration and its capacity say. New. */
json_t *mskc_worker_config(const struct aws *a, struct aws_place at, const json_t *connector);
/* Makes it in the worker, in the background; how that goes is seen when it is looked at. */
void mskc_tell_worker(struct aws *a, struct aws_place at, const json_t *connector);
/* Takes what the worker says of a connector (its status, 404: nothing) into the document. */
void mskc_take_status(struct aws *a, struct aws_place at, json_t *connector, int status, const json_t *body);
/* Looks how a connector fares, then calls then(c) with its document, NULL: it is gone by now. Returns AWS_LATER. */
int mskc_look(struct aws_call *c, const char *arn, int (*then)(struct aws_call *c, json_t *connector));
/* The worker isn't there. */
int mskc_no_worker(struct aws_call *c, const struct error *err);

/* ---- mskc_change.c, mskc_kept.c ---- */
int mskc_drop_operations(struct aws_call *c, const char *connector);
aws_hook mskc_update, mskc_pause, mskc_resume, mskc_restart, mskc_list_operations, mskc_operation, mskc_create_plugin, mskc_plugin, mskc_list_plugins,
	mskc_delete_plugin, mskc_create_worker, mskc_worker, mskc_list_workers, mskc_delete_worker;
/* Looks for the files of plugins on which a stop of tarn came. */
void mskc_open_plugins(struct aws *a);

#endif
