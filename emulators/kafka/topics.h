/* Topics as admins make, grow and delete them: the rules of Kafka's controller, with its sentences.
 *   topics.c  CreateTopics, CreatePartitions      topics_delete.c  DeleteTopics */
#ifndef TARN_KAFKA_TOPICS_H
#define TARN_KAFKA_TOPICS_H

#include "kafka/cluster.h"

enum { KFK_PARTITIONS_A_REQUEST = 10000 }; /* that one request may make, as there */

/* Brokers that somebody names for a partition: others of them have factor replicas, -1: there are none yet. Returns a kfk_code, NONE or
 * INVALID_REPLICA_ASSIGNMENT; *why, in the arena, says it. */
int kfk_assignment_ok(const struct kafka *k, const int32_t *ids, int32_t n, int32_t factor, struct arena *a, struct slice *why);
/* The same for a topic's name: INVALID_TOPIC_EXCEPTION. */
int kfk_name_why(struct slice name, struct arena *a, struct slice *why);
/* Names of a request, in the arena: room for that many; those that are there twice or more, which takes the list's place; whether one is
 * among such. */
struct kfk_names {
	struct slice *v;
	size_t n;
};
struct kfk_names kfk_names(struct arena *a, int64_t most);
struct kfk_names kfk_names_twice(struct kfk_names *all);
bool kfk_among(const struct kfk_names *names, struct slice name);
/* A topic whose name becomes the same where . and _ can't be told apart, as in names of metrics; NULL: none. */
const char *kfk_collides(const struct kafka *k, struct slice name);

#endif
