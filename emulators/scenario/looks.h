/* What a scenario can look at beside the last answer: streams, tables, DAGs, connectors, the log, journeys. For acts.c, expect.c, looks.c. */
#ifndef TARN_LOOKS_H
#define TARN_LOOKS_H

#include <poll.h>
#include <unistd.h>

#include "scenario/scenario.h"

/* A request to one of the stack's own ports that leaves the last send's answer as it is. *out is the arena's. Errors: NOT_FOUND, it isn't
 * served; NETWORK, TIMEOUT. */
int look_http(struct runner *r, const char *endpoint, const char *method, const char *path, struct slice body, int *status, struct slice *out,
	      struct error *err) WARN_UNUSED;
/* GET of one as JSON; *out, the caller's, is NULL where the status isn't 200. */
int look_json(struct runner *r, const char *endpoint, const char *path, json_t **out, struct error *err) WARN_UNUSED;
/* A call of the control port that does something. Errors: INVALID, with what it says against it. */
int look_act(struct runner *r, const char *method, const char *path, struct slice body, struct error *err) WARN_UNUSED;
/* The stack's time. */
int look_clock(struct runner *r, int64_t *ms, struct error *err) WARN_UNUSED;
/* What words [from, to) of a statement, a subject and its arguments, say; *got NULL: it is absent. */
int look_subject(struct runner *r, const struct statement *st, size_t from, size_t to, const char **got, struct error *err) WARN_UNUSED;

/* Subjects, as struct subject has them. */
int look_topic(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
int look_stream(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
int look_table(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
int look_dag(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
int look_connector(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
int look_lag(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
int look_log(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
int look_trace(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
int look_quality(struct runner *r, char **args, size_t n, const char **got, struct error *err) WARN_UNUSED;
/* Whether quality's value is one that is known. Errors: INVALID. */
int check_quality(const char *want, struct error *err) WARN_UNUSED;

#endif
