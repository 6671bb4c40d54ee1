/* Configuration: `key = value` lines under [section]s (stack.conf), overridden by flags and TARN_* variables. */
#ifndef TARN_CONF_H
#define TARN_CONF_H

#include "err.h"

struct conf;
struct conf *conf_new(void);
void conf_free(struct conf *c);
/* Adds what a text says; name is for messages ("stack.conf:12: ..."). */
int conf_parse(struct conf *c, const char *name, struct slice text, struct error *err) WARN_UNUSED;
void conf_set(struct conf *c, const char *section, const char *key, const char *value);
/* NULL when absent. */
const char *conf_get(const struct conf *c, const char *section, const char *key);
const char *conf_str(const struct conf *c, const char *section, const char *key, const char *otherwise);
int64_t conf_int(const struct conf *c, const char *section, const char *key, int64_t otherwise);
bool conf_bool(const struct conf *c, const char *section, const char *key, bool otherwise);
/* The i-th key of a section, in file order; false past the end. */
bool conf_at(const struct conf *c, const char *section, size_t i, const char **key, const char **value);

/* A stack is a folder or the default embedded in the binary: reads one of its files ("connect/s3-sink.properties")
 * into heap memory (*out, caller frees). Errors: NOT_FOUND. */
struct stack_files;
int stack_read(const struct stack_files *f, const char *path, char **out, size_t *n, struct error *err) WARN_UNUSED;
/* The i-th file under a folder prefix ("queries/"), in name order; NULL past the end. */
const char *stack_list(const struct stack_files *f, const char *prefix, size_t i);

#endif
