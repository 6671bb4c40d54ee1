/* A sink connector's consumer group: group.c. */
#ifndef TARN_CONNECT_GROUP_H
#define TARN_CONNECT_GROUP_H

#include "connect/connect.h"

struct slice con_group_id(struct arena *a, const struct connector *c); /* connect-NAME, or consumer.override.group.id */
/* Reads consumer.override.*. Errors: INVALID, as KafkaConsumer's constructor: the tasks fail. */
int con_group_conf(struct connector *c, struct error *err) WARN_UNUSED;
/* Opens what commits, unless it is open for that group. */
void con_group_open(struct connector *c);
void con_group_close(struct connector *c);
/* Finds where a partition begins and reads on from there, later or at once; con_tp.read is what is owed. */
void con_group_look(struct con_tp *tp);
/* All before that offset is stored. */
void con_group_commit(struct con_tp *tp, int64_t offset);

#endif
