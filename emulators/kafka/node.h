/* Several brokers in one process: [kafka] brokers = N. All of them serve the same topics out of one store; what makes them several is
 * who may answer: partitions have a leader, replicas and those in sync, groups and transactional ids a coordinator, and a connection
 * belongs to the node on whose port, or by whose name, it came in. Nodes are numbered 1 to N.
 *   node.c     who is who, and what clients are told to go to
 *   leader.c   leaders, replicas, epochs: kept in kafka.db, in the tick in which they change
 *   away.c     brokers that go away and come back, leaders that move: by fault, or asked at the control port
 * With one node nothing of it costs anything: a partition without a row in the store has node 1 as its leader, epoch 0. */
#ifndef TARN_KAFKA_NODE_H
#define TARN_KAFKA_NODE_H

#include "kafka/cluster.h"

enum { KFK_NODES_MAX = 15 };

/* How many there are, by the settings; those that are away count. */
int kfk_node_n(const struct kafka *k);
/* The node a connection came in on, 1..N; 0: it is of the services of this process, which are at all of them. */
int kfk_node(const struct kafka *k, const struct conn *conn);
/* Whether what is the node's own is to be told to who asks: it is at that node, or of this process. */
bool kfk_is_here(const struct kafka *k, const struct kfk_call *c, int node);
bool kfk_node_up(const struct kafka *k, int node);
/* Where clients of that connection reach a node: [kafka] advertised (external_advertised on external_port), else as the client reached
 * us. The name is in the arena, or borrowed. */
void kfk_advertised(const struct kafka *k, const struct conn *c, int node, struct arena *a, struct slice *host, int *port);

/* ---- partitions ---- */

/* Whether who asks may be answered about a partition that there is; epoch: the leader epoch of the request, -1 where it has none.
 * Returns a kfk_code: NONE, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, LEADER_NOT_AVAILABLE. */
int kfk_not_leader(struct kafka *k, const struct kfk_call *c, struct kfk_topic *t, int partition, int32_t epoch);
/* Whether such an answer says who leads instead. */
static inline bool kfk_led_elsewhere(int code)
{
	return code == KE_NOT_LEADER_OR_FOLLOWER || code == KE_FENCED_LEADER_EPOCH;
}
/* The leader as clients are told it: -1 for none. */
int32_t kfk_leader(const struct kfk_part *p);
/* Ids of a partition's replicas in their order, in the arena: all of them, those in sync, or those on nodes that are away. */
enum kfk_replicas { KFK_REPLICAS, KFK_IN_SYNC, KFK_OFFLINE };
int32_t *kfk_replicas(const struct kafka *k, const struct kfk_part *p, enum kfk_replicas which, struct arena *a, int32_t *n);
int kfk_replica_n(const struct kfk_part *p);
/* Whether acks=all must be refused: fewer are in sync than min.insync.replicas asks for (or than there are replicas). */
bool kfk_isr_short(const struct kfk_topic *t, int partition);
/* What a topic without a number of its own gets. */
int kfk_default_factor(const struct kafka *k);
/* A new partition's place in memory. */
void kfk_part_init(struct kfk_part *p);
/* Spreads a topic's partitions from `from` on over the nodes. factor -1: the default. Returns a kfk_code: INVALID_REPLICATION_FACTOR,
 * KAFKA_STORAGE_ERROR; *why, in the arena, is Kafka's text. Can be called again. */
int kfk_spread(struct kafka *k, struct kfk_topic *t, int from, int factor, struct arena *a, struct slice *why);
/* Puts one partition on these nodes, in this order. Returns a kfk_code: INVALID_REPLICA_ASSIGNMENT, KAFKA_STORAGE_ERROR. */
int kfk_spread_part(struct kafka *k, struct kfk_topic *t, int partition, const int32_t *replicas, int32_t n);
/* Whether a topic may have that many replicas, with Kafka's text. Returns a kfk_code. */
int kfk_factor_ok(const struct kafka *k, int factor, struct arena *a, struct slice *why);
/* The same for a partition that clients know: whoever leads stays, or the epoch goes up. */
int kfk_reassign(struct kafka *k, struct kfk_topic *t, int partition, const int32_t *replicas, int32_t n);
/* An election: the preferred replica, or, unclean, any that lives. Returns a kfk_code: NONE, ELECTION_NOT_NEEDED,
 * PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, KAFKA_STORAGE_ERROR. */
int kfk_elect(struct kafka *k, struct kfk_topic *t, int partition, bool unclean);
/* Leadership goes to that node, one of the replicas in sync; 0: to the next of them. The epoch goes up in any case. Returns a kfk_code. */
int kfk_move_leader(struct kafka *k, struct kfk_topic *t, int partition, int node);
/* For OffsetForLeaderEpoch: the greatest epoch up to `epoch` that has records, and the offset at which the next one begins (the log's end
 * for the last); *found -1 when there is none. Returns a kfk_code. */
int kfk_epoch_end(struct kafka *k, const struct kfk_topic *t, int partition, int32_t epoch, int32_t *found, int64_t *end);

/* The leader epoch of a record. */
int32_t kfk_epoch_of(struct kafka *k, const struct kfk_topic *t, int partition, int64_t offset);

/* ---- coordinators: the leader of the key's partition of the topic that keeps it ---- */

/* type as in FindCoordinator: 0 a group, 1 a transactional id. */
int kfk_kept_in(struct slice key); /* its partition, of 50 */
/* The node that coordinates it; -1: none that is up. With no topic yet it is node 1, or the first that is up. */
int32_t kfk_coordinator(struct kafka *k, struct slice key, int type);
/* Whether who asks must look for another: NONE, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE. */
int kfk_not_coordinator(struct kafka *k, const struct kfk_call *c, struct slice key, int type);

/* ---- away.c: brokers that go away, by fault ---- */
/* A client is there: false, its broker isn't. Its connection is known until kfk_away_closed. */
bool kfk_away_opened(struct kafka *k, struct conn *conn);
void kfk_away_closed(struct kafka *k, struct conn *conn);
/* Before each request of a client: false, its broker has just gone, hang up. */
bool kfk_away_serves(struct kafka *k, struct conn *conn);
/* The port `broker`: a broker is away for some seconds of the clock. With one alone nothing is done. */
void kfk_restart(void *self, int node);
/* Whether a fault fires at kafka.WHAT.API, "leader" or "coordinator". */
bool kfk_fault(struct kafka *k, const struct kfk_call *c, const char *what);

/* ---- the whole ---- */
int kfk_nodes_open(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_nodes_start(struct kafka *k); /* when the ports are known */
void kfk_nodes_close(struct kafka *k);
/* After the topics were loaded. */
int kfk_nodes_load(struct kafka *k, struct error *err) WARN_UNUSED;
/* A deleted topic. */
int kfk_nodes_forget(struct kafka *k, int64_t topic, struct error *err) WARN_UNUSED;
/* Ports of the service: one for each node. */
int kfk_ports(const struct conf *conf);

#endif
