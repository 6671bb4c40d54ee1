/* The worker's loggers and their levels, which its REST calls show and set; they last as long as the process, as there. */
#ifndef TARN_CONNECT_LOGGERS_H
#define TARN_CONNECT_LOGGERS_H

#include "core/mem.h"

struct con_logger {
	char *name; /* owned */
	const char *level;
	int64_t modified_ms; /* -1: never */
};
struct con_loggers {
	struct con_logger *v; /* by name */
	size_t n, cap;
};
void con_loggers_open(struct con_loggers *l);
void con_loggers_close(struct con_loggers *l);
const struct con_logger *con_logger_find(const struct con_loggers *l, struct slice name);
/* A level as it is written, of any case; NULL: there is none of that name. */
const char *con_logger_level(struct slice name);
/* Sets the level of a logger and of those below it; adds their names, a JSON list. It comes to be where there is none. */
void con_logger_set(struct con_loggers *l, struct slice name, const char *level, int64_t now_ms, struct buf *out);
/* {"name":{"level":"INFO","last_modified":null},...} */
void con_loggers_json(const struct con_loggers *l, struct buf *out);
void con_logger_json(const struct con_logger *l, const char *name, struct buf *out); /* name NULL: the document itself */

#endif
