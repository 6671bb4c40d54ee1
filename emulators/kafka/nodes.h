/* What node.c, leader.c and away.c share. Nobody else includes this. */
#ifndef TARN_KAFKA_NODES_H
#define TARN_KAFKA_NODES_H

#include "kafka/node.h"

enum { KFK_NODE_QUERIES = 9 };

struct kfk_nodes {
	int n;
	int port[KFK_NODES_MAX + 1];  /* 0: not known yet */
	bool away[KFK_NODES_MAX + 1]; /* by number, from 1 */
	sqlite3_stmt *q[KFK_NODE_QUERIES];
};

int kfk_leaders_open(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_leaders_close(struct kafka *k);
int kfk_leaders_load(struct kafka *k, struct error *err) WARN_UNUSED;
/* After nodes went away or came back. */
int kfk_leaders_settle(struct kafka *k, struct error *err) WARN_UNUSED;

#endif
