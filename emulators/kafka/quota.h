/* Quotas (KIP-13, KIP-546, KIP-612): what clients may take, by user, client id, or address. Kept in kafka.db and told; with [kafka] quotas =
 * enforced the bytes a second of producers and consumers are obeyed, as Kafka does it: the answer leaves, says how long its client is to
 * wait, and the connection isn't read for so long, on the clock. The other quotas are told only.
 *   quota.c       those there are, DescribeClientQuotas, AlterClientQuotas     throttle.c  obeyed */
#ifndef TARN_KAFKA_QUOTA_H
#define TARN_KAFKA_QUOTA_H

#include "kafka/kafka.h"

enum kfk_quota_of { KFK_OF_CLIENT, KFK_OF_IP, KFK_OF_USER, KFK_OF_COUNT };
enum kfk_quota_key { KFK_PRODUCER_RATE, KFK_CONSUMER_RATE, KFK_REQUEST_PERCENTAGE, KFK_MUTATION_RATE, KFK_CONNECTION_RATE, KFK_QUOTA_KEYS };

/* Who it is for: each said or not, and then a name, or absent: who has none of his own. */
struct kfk_entity {
	bool said[KFK_OF_COUNT];
	struct slice name[KFK_OF_COUNT];
};
struct kfk_quota {
	char *text;               /* as it is kept; owned */
	struct kfk_entity entity; /* names lie in text_names */
	struct arena names;
	bool set[KFK_QUOTA_KEYS];
	double value[KFK_QUOTA_KEYS];
};
struct kfk_rate;
struct kfk_quotas {
	struct kfk_quota *all;  /* by text */
	size_t n, cap;
	struct kfk_rate *rates; /* what was taken lately; throttle.c */
	size_t rate_n, rate_cap;
};
int kfk_quotas_load(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_quotas_free(struct kafka *k);
/* NULL: there is none for exactly that. */
const struct kfk_quota *kfk_quota(const struct kafka *k, const struct kfk_entity *e);

/* Before an answer is written: counts what it took, says in it how long its client is to wait, and lets the connection rest for so long. */
void kfk_throttle(struct kafka *k, struct kfk_call *c);
/* Whether it rests for that. */
bool kfk_rests(const struct conn *conn);
/* The connection is gone. */
void kfk_throttle_closed(struct kafka *k, struct conn *conn);
void kfk_rates_free(struct kfk_quotas *q);

/* store_acl.c; value NULL: it goes. */
int kfk_store_quota(struct db *db, const char *entity, const char *name, const double *value, struct error *err) WARN_UNUSED;
typedef void (*kfk_quota_fn)(void *arg, struct slice entity, struct slice name, double value);
int kfk_store_quotas(struct db *db, kfk_quota_fn each, void *arg, struct error *err) WARN_UNUSED;

enum kfk_done kfk_serve_describe_quotas(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_alter_quotas(struct kafka *k, struct kfk_call *c);

#endif
