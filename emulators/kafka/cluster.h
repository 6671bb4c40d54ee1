/* What clients are told of the cluster: which brokers there are, who leads and keeps a partition, what who asks may do.
 *   cluster.c  that        meta.c  ApiVersions, Metadata, DescribeCluster, DescribeTopicPartitions
 *   quorum.c   DescribeQuorum, features, brokers that are to be forgotten, delegation tokens
 *   elect.c    leaders, where partitions are        log_dirs.c  where their logs are */
#ifndef KAFKA_CLUSTER_H
#define KAFKA_CLUSTER_H

#include "kafka/kafka.h"

struct kfk_broker {
	int32_t id;
	struct slice host, rack; /* rack absent: it has none */
	int port;
};
/* The brokers that are there, as a client who came in on conn reaches them. Returns how many; they are of the arena. */
size_t kfk_brokers(struct kafka *k, const struct conn *conn, struct arena *a, struct kfk_broker **out);
/* How many there are at most, the lost ones too: ids 1 to that. */
int kfk_broker_n(const struct kafka *k);
/* Whether that broker is there. */
bool kfk_broker_up(const struct kafka *k, int32_t id);
int32_t kfk_controller(const struct kafka *k);
struct slice kfk_cluster_id(const struct kafka *k);

/* Where a partition is; the lists are of the request under way. leader -1: nobody leads it. */
struct kfk_place {
	int32_t leader, epoch;
	int32_t *replicas, *isr, *offline;
	int32_t replica_n, isr_n, offline_n;
};
void kfk_place(struct kafka *k, const struct kfk_topic *t, int partition, struct kfk_place *out);

/* Topics that belong to the broker itself: __consumer_offsets, __transaction_state. */
bool kfk_internal(struct slice topic);

/* Sets of bits, as answers have them: what who came in on conn may do to the topic, to the cluster. */
int32_t kfk_topic_operations(struct kafka *k, const struct conn *conn, struct slice topic);
int32_t kfk_cluster_operations(struct kafka *k, const struct conn *conn);

/* ---- quorum.c ---- */

struct kfk_feature {
	const char *name;
	int16_t min, max, level; /* what is supported, and what is in force until it is changed; 0: it isn't finalized */
};
const struct kfk_feature *kfk_features(size_t *n);
int16_t kfk_feature_level(const struct kafka *k, const struct kfk_feature *f);
/* Goes up with each change. */
int64_t kfk_features_epoch(const struct kafka *k);

enum kfk_done kfk_serve_describe_quorum(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_update_features(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_unregister_broker(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_create_token(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_renew_token(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_expire_token(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_describe_tokens(struct kafka *k, struct kfk_call *c);

/* ---- log_dirs.c, elect.c ---- */

enum kfk_done kfk_serve_describe_log_dirs(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_alter_log_dirs(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_elect_leaders(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_alter_reassignments(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_list_reassignments(struct kafka *k, struct kfk_call *c);

enum kfk_done kfk_serve_topic_partitions(struct kafka *k, struct kfk_call *c);

#endif
