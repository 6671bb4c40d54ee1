/* A connector's configuration: names and texts, in the order in which they came. */
#ifndef TARN_CONNECT_PROPS_H
#define TARN_CONNECT_PROPS_H

#include "core/err.h"
#include "core/mem.h"

struct con_pair {
	char *key, *value;
};
struct con_config {
	struct con_pair *pairs;
	size_t n;
};
const char *con_get(const struct con_config *c, const char *key); /* NULL when absent */
void con_put(struct con_config *c, struct slice key, struct slice value);
void con_remove(struct con_config *c, const char *key);
void con_copy(struct con_config *to, const struct con_config *from);
void con_config_free(struct con_config *c);
/* Java's Properties.load, as UTF-8. Errors: INVALID (malformed \uxxxx), LIMIT. */
int con_properties(struct slice text, struct con_config *out, struct error *err) WARN_UNUSED;
/* JSON of a configuration, in its own order; and back. */
void con_config_json(const struct con_config *c, struct buf *out);
int con_config_parse(struct slice json, struct con_config *out, struct error *err) WARN_UNUSED;

#endif
