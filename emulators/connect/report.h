/* Records that fail: what the log, the dead letter queue and the task's state say of them. */
#ifndef TARN_CONNECT_REPORT_H
#define TARN_CONNECT_REPORT_H

#include "connect/connect.h"

enum con_stage { STAGE_KEY_CONVERTER, STAGE_VALUE_CONVERTER, STAGE_HEADER_CONVERTER, STAGE_TRANSFORMATION, STAGE_TASK_PUT };
struct con_failure {
	enum con_stage stage;
	const char *class; /* what was at work */
	const char *cause; /* "Class: message", each further cause behind "\nCaused by: " */
};
/* A record that failed in a stage. True: it is skipped, errors.tolerance says so, and it is in the log and in the dead letter queue as
 * the connector wants. False: the task has to fail, with *trace, a heap string. */
bool con_report(struct con_tp *tp, const struct log_record *r, const struct con_failure *f, char **trace);
/* The dead letter queue is made before the tasks start, with one partition. DIFFERS: it has as many replicas as the broker gives a topic,
 * where a cluster with fewer brokers than errors.deadletterqueue.topic.replication.factor says fails the tasks. */
void con_make_queue(struct connector *c);
/* The stack trace of a failure: as it is printed itself, or of the task that ends by it. Heap strings. */
char *con_trace_failure(const struct con_failure *f, bool task);

/* trace_frames.c */
struct con_frames {
	const char *class, *text;    /* of what was at work, and how the exception begins, without Connect's package */
	const char *frames, *causes; /* see there */
};
extern const struct con_frames con_frames[];
extern const size_t con_frames_n;

#endif
