/* What tarn topic and tarn group share. */
#ifndef TARN_CMD_KAFKA_H
#define TARN_CMD_KAFKA_H

#include <jansson.h>

#include "tarn/cmd.h"
#include "tarn/kafka_client.h"

/* The first member of their options. */
struct cmd_kafka {
	const char *data, *bootstrap;
	bool json;
	struct kafka_client *c; /* by cmd_kafka_open */
};
extern const struct flag kafka_flags[]; /* --bootstrap, --json */
void cmd_kafka_done(void *self);        /* their .done */
/* Connects to the stack's broker, or to another. 0 or an exit code. */
int cmd_kafka_open(struct cmd_kafka *k);
/* Says that no answer came. Returns the exit code. */
int cmd_kafka_lost(const struct error *err);
/* Says the broker's code: its own message, or Kafka's text. Returns the exit code. */
int cmd_kafka_refused(const char *what, int code, struct slice message);
/* A topic's partitions. Says what went wrong. */
int cmd_kafka_topic(struct cmd_kafka *k, const char *name, const struct kp_metadata_resp_topic **out);
json_t *cmd_kafka_text(struct slice s); /* null where it is absent; what is no UTF-8 with \x.. */
/* Rows of objects as a table ("HEAD=MEMBER, …"), or as JSON. They are consumed. */
int cmd_kafka_rows(json_t *rows, const char *columns);

#endif
