/* The settings of topics, as Kafka 3.9 has them: types, defaults, what is valid, and what it says of what isn't. */
#ifndef TARN_KAFKA_SETTINGS_H
#define TARN_KAFKA_SETTINGS_H

#include "core/mem.h"

struct kfk_setting {
	const char *name, *value; /* and its default */
	char type;                /* 'l' long, 'i' int, 'b' boolean, 'd' double, 's' string, 'L' list */
	int64_t min, max;         /* of numbers */
	const char *valid;        /* of strings and lists, in Kafka's order, ", " between; NULL: anything, or as the code says */
	const char *broker;       /* its names among the broker's settings, the strongest first, blanks between; NULL: it has none */
	const char *help;
};
/* All, by name. */
const struct kfk_setting *kfk_settings(size_t *n);
/* NULL: there is none of that name. */
const struct kfk_setting *kfk_setting(struct slice name);
/* Whether the value will do. If not, Kafka's sentence is appended to why (error INVALID_CONFIG). */
bool kfk_setting_valid(const struct kfk_setting *s, struct slice value, struct buf *why);

struct kfk_config {
	struct slice name, value;
};
/* The same for all that a topic is to have of its own: names, values, and how they go together. */
bool kfk_configs_valid(const struct kfk_config *v, size_t n, struct buf *why);
/* Values as Kafka reads them: with white space around, a plus, in any case. Only of what is valid. */
int64_t kfk_setting_int(struct slice value);
bool kfk_setting_bool(struct slice value);

#endif
