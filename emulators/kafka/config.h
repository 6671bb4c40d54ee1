/* Settings as clients see and change them: of topics, brokers, loggers, groups, client metrics.
 *   config.c         which values are in force, and where they come from      config_show.c   DescribeConfigs
 *   config_alter.c   AlterConfigs, IncrementalAlterConfigs                     broker_settings.c  the broker's own, a table
 *   store_kept.c     what is set of things that aren't topics: in memory and in kafka.db */
#ifndef TARN_KAFKA_CONFIG_H
#define TARN_KAFKA_CONFIG_H

#include "kafka/topics.h"
#include "kafka/settings.h"

/* Kafka's numbers, and one of our own. */
enum kfk_thing { KFK_OF_FEATURE = 1, KFK_OF_TOPIC = 2, KFK_OF_BROKER = 4, KFK_OF_LOGGER = 8, KFK_OF_METRICS = 16, KFK_OF_GROUP = 32 };
enum kfk_source {
	KFK_BY_TOPIC = 1,
	KFK_BY_DYNAMIC = 2,
	KFK_BY_DYNAMIC_DEFAULT = 3,
	KFK_BY_STATIC = 4,
	KFK_BY_DEFAULT = 5,
	KFK_BY_LOGGER = 6,
	KFK_BY_METRICS = 7,
	KFK_BY_GROUP = 8,
};

/* ---- broker_settings.c ---- */

/* READ_ONLY: only in the settings of the stack. OBEYED: the default of topics' settings. HARMLESS: nothing can be told from it, it is kept.
 * REFUSED: Kafka's broker would act on it, this one can't. */
enum kfk_how { KFK_READ_ONLY, KFK_OBEYED, KFK_HARMLESS, KFK_REFUSED };
struct kfk_broker_setting {
	const char *name, *value; /* and its default; NULL: null, or its own */
	char type;                /* as struct kfk_setting's; 'h' short, 'c' class, 'p' password */
	enum kfk_how how;
};
const struct kfk_broker_setting *kfk_broker_settings(size_t *n); /* by name */
const struct kfk_broker_setting *kfk_broker_setting(struct slice name);

/* ---- store_kept.c ---- */

/* What is set of a resource that isn't a topic. name: "1" (a broker; "": all of them), a group, a logger. */
struct kfk_kept; /* all of it; of struct kafka */
int kfk_kept_open(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_kept_close(struct kafka *k);
int kfk_kept_load(struct kafka *k, struct error *err) WARN_UNUSED;
/* Absent: it isn't set. Valid until the next change. */
struct slice kfk_kept(const struct kafka *k, enum kfk_thing of, struct slice name, struct slice key);
/* value absent: not any longer. Returns a kfk_code. */
int kfk_keep(struct kafka *k, enum kfk_thing of, struct slice name, struct slice key, struct slice value);
/* All that is set of a resource, by key; name absent: of all of them, the resources' names as names. In the arena. */
size_t kfk_kept_of(const struct kafka *k, enum kfk_thing of, struct slice name, struct arena *a, struct kfk_config **out);
/* What the brokers say of a topic's setting, once that was found out, until something of a broker changes. */
struct kfk_known {
	char *value; /* owned; NULL: not found out */
	enum kfk_source source;
};
enum { KFK_KNOWN_MAX = 64 };
struct kfk_known *kfk_known(const struct kafka *k, size_t setting);
/* The resources that something is set of. */
size_t kfk_kept_names(const struct kafka *k, enum kfk_thing of, struct arena *a, struct slice **out);

/* ---- config.c ---- */

struct kfk_synonym {
	const char *name;
	struct slice value;
	enum kfk_source source;
};
/* What a topic sets itself; in the arena. */
size_t kfk_topic_own(struct kafka *k, struct arena *a, const struct kfk_topic *t, struct kfk_config **out);
/* The value of a topic's setting, own_n being what it sets itself; borrowed from there, or as kfk_default's. */
struct slice kfk_in_force(struct kafka *k, const struct kfk_config *own, size_t own_n, const struct kfk_setting *s, enum kfk_source *source);
/* The same where no topic sets it: what the brokers say. Valid until the settings of a broker change. */
struct slice kfk_default(struct kafka *k, const struct kfk_setting *s, enum kfk_source *source);
/* A broker's setting. Absent: null. */
struct slice kfk_broker_value(struct kafka *k, struct arena *a, int node, const struct conn *conn, const struct kfk_broker_setting *s, enum kfk_source *source);
/* Where a setting of the broker is set, under the names it has (blanks between), the strongest first; from its first name on. */
size_t kfk_broker_synonyms(struct kafka *k, struct arena *a, int node, const struct conn *conn, const char *names, struct kfk_synonym **out);
/* The names of a setting of the broker that stands for the same as others do; itself first. */
const char *kfk_broker_names(const char *name);
/* The level of the process's log, as log4j calls it; sets it. */
struct slice kfk_log_level(const struct kafka *k);
void kfk_set_log_level(struct kafka *k, struct slice level);
/* How fast replicas may be copied: kept and told, there is nothing to copy. */
bool kfk_is_rate(struct slice name);
/* The one folder of a broker's logs, as DescribeLogDirs tells it. */
struct slice kfk_log_dir(const struct kafka *k, struct arena *a);
/* Settings of groups: name, default, least, most. NULL: there is none of that name. */
struct kfk_group_setting {
	const char *name, *value;
	char type;
	int64_t min, max;
	const char *least, *most; /* the broker's names of these bounds */
	const char *help;
};
const struct kfk_group_setting *kfk_group_settings(size_t *n);

enum kfk_done kfk_serve_alter_configs(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_incremental_alter(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_metrics_resources(struct kafka *k, struct kfk_call *c);

#endif
