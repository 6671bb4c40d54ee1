/* Structured log: one line an event, key=value, on stderr or the log file. */
#ifndef TARN_LOG_H
#define TARN_LOG_H

#include "err.h"

struct log;
struct env;
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
struct log *log_new(int fd, enum log_level least);
void log_free(struct log *l);
/* What is below it isn't written. */
enum log_level log_least(const struct log *l);
void log_set_least(struct log *l, enum log_level least);
/* fn is told each event from WARN on, also where it isn't written: service, event, its fields. One of them; NULL: none. */
typedef void log_watcher(void *arg, enum log_level level, const char *service, const char *event, int64_t at_ms, struct slice text);
void log_watch(struct log *l, log_watcher *fn, void *arg);
/* Its descriptor is that of path, which becomes path.1 when it has max bytes, and so on, keep old ones. */
void log_rotate(struct log *l, const char *path, int64_t max, int keep);
/* "2026-01-05T09:00:00.000Z INFO kafka produce topic=x records=3"; values with blanks are the caller's to quote. */
void log_event(const struct env *env, enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(4, 5);
#define log_debug(env, event, ...) log_event(env, LOG_DEBUG, event, __VA_ARGS__)
#define log_info(env, event, ...) log_event(env, LOG_INFO, event, __VA_ARGS__)
#define log_warn(env, event, ...) log_event(env, LOG_WARN, event, __VA_ARGS__)
#define log_error(env, event, ...) log_event(env, LOG_ERROR, event, __VA_ARGS__)

#endif
