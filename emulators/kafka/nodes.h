/* What node.c, leader.c, away.c and their rows in the store share. Nobody else includes this. */
#ifndef TARN_KAFKA_NODES_H
#define TARN_KAFKA_NODES_H

#include "kafka/node.h"

enum { KFK_NODE_QUERIES = 10 };

struct kfk_nodes {
	int n;
	int port[KFK_NODES_MAX + 1];  /* 0: not known yet */
	bool away[KFK_NODES_MAX + 1]; /* by number, from 1 */
	int64_t restarts_ms[KFK_NODES_MAX + 1]; /* until then it is away, fault or not */
	struct conn *conns;           /* all of clients */
	struct clock_timer asking;    /* while one is away: is it still */
	struct clock_timer balancing; /* preferred leaders come back */
	struct loop_soon changed;     /* faults did */
	sqlite3_stmt *q[KFK_NODE_QUERIES];
};

/* After nodes went away or came back. */
int kfk_leaders_settle(struct kafka *k, struct error *err) WARN_UNUSED;
/* Leadership goes back to preferred replicas that are in sync. Returns how many moved. */
int kfk_leaders_balance(struct kafka *k);
bool kfk_leaders_balanced(const struct kafka *k);

/* ---- away.c ---- */
void kfk_away_open(struct kafka *k);
void kfk_away_close(struct kafka *k);

/* ---- store_nodes.c ---- */
int kfk_store_nodes_open(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_store_nodes_close(struct kafka *k);
int kfk_store_leader(struct kafka *k, int64_t topic, int partition, const struct kfk_part *p, struct error *err) WARN_UNUSED;
/* In order of topics and partitions. */
typedef void (*kfk_leader_fn)(void *arg, int64_t topic, int partition, const struct kfk_part *row);
int kfk_store_leaders(struct kafka *k, kfk_leader_fn each, void *arg, struct error *err) WARN_UNUSED;
/* An epoch begins at that offset: those that had no records never were. */
int kfk_store_epoch(struct kafka *k, int64_t topic, int partition, int32_t epoch, int64_t start, struct error *err) WARN_UNUSED;
/* The first row from epoch on, the last up to it, the first after it, the last that begins at offset `epoch` or before. 1: there is one, 0: there is none, below 0: an error. */
enum kfk_epoch_which { KFK_EPOCH_FIRST, KFK_EPOCH_FLOOR, KFK_EPOCH_HIGHER, KFK_EPOCH_AT };
struct kfk_epoch {
	int64_t epoch, start;
};
int kfk_store_epoch_at(struct kafka *k, enum kfk_epoch_which which, int64_t topic, int partition, int64_t epoch, struct kfk_epoch *out,
		       struct error *err) WARN_UNUSED;

#endif
