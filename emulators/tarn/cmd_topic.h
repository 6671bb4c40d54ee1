/* tarn topic: cmd_topic.c, and its tail, cmd_topic_tail.c. */
#ifndef TARN_CMD_TOPIC_H
#define TARN_CMD_TOPIC_H

#include "tarn/cmd_kafka.h"

enum { TOPIC_WORDS = 64 };
struct topic_options {
	struct cmd_kafka k;
	bool all, dry, follow, values;
	int64_t partitions, replication, partition, lines; /* -1: not given */
	const char *separator, *from;
	const char *configs[TOPIC_WORDS], *headers[TOPIC_WORDS]; /* NAME=VALUE */
	size_t config_n, header_n;
};
int topic_tail(void *self, char **words, int n);

#endif
