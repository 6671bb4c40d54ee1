/* Offsets of a sink connector's group, asked of the broker (offsets.c). */
#ifndef TARN_CONNECT_OFFSETS_H
#define TARN_CONNECT_OFFSETS_H

#include "connect/connect.h"

struct con_offset_row {
	struct slice topic;
	int partition;
	int64_t offset; /* of a change: -1 takes it away */
};
typedef void (*con_offsets_cb)(void *arg, const struct con_offset_row *rows, size_t n, const struct error *err);
/* All that the group has, in no order. */
struct owed *con_offsets_get(struct connector *c, con_offsets_cb cb, void *arg);
/* Sets or takes away some; answered without rows. */
struct owed *con_offsets_set(struct connector *c, const struct con_offset_row *rows, size_t n, con_offsets_cb cb, void *arg);
/* Takes all away. */
struct owed *con_offsets_reset(struct connector *c, con_offsets_cb cb, void *arg);

#endif
