/* Kafka's file connectors: FileStreamSink (file_sink.c) and FileStreamSource (file_source.c). */
#ifndef TARN_CONNECT_FILE_H
#define TARN_CONNECT_FILE_H

#include "connect/connect.h"

/* FileStreamSinkTask.start. Errors: INVALID, text = the exception's class and message: the tasks fail. */
int con_file_sink_open(struct connector *c, struct error *err) WARN_UNUSED;
void con_file_sink_close(struct connector *c);
/* put: a record's value as a line; con_file_flush writes what one poll gave and commits it. */
void con_file_line(struct con_tp *tp, const struct sink_record *r);
int con_file_flush(struct con_tp *tp, struct error *err) WARN_UNUSED;

/* The source's one task begins, if it runs and hasn't. */
void con_file_source_go(struct connector *c);
void con_file_source_end(struct connector *c);

#endif
