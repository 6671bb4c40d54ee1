/* A topic's settings as they are obeyed: its own, else the brokers', else Kafka's defaults. Times are milliseconds, sizes bytes. */
#ifndef TARN_KAFKA_OBEYED_H
#define TARN_KAFKA_OBEYED_H

#include "kafka/settings.h"

struct kafka;
struct kfk_topic;
struct kfk_obeyed {
	int64_t message_max;
	int64_t segment_max, segment_ms, jitter_ms;
	int64_t retention_ms, retention_max; /* -1: for ever, however large */
	int64_t before_ms, after_ms;         /* a record's time to the broker's */
	int64_t lag_min_ms, lag_max_ms;      /* of what is compacted */
	int64_t tombstone_ms;
	double dirty;       /* share of a log that is new, from which on it is compacted */
	bool deletes, compacts;
	bool append_time;   /* LogAppendTime */
	bool downconverts;
	bool unclean;       /* a replica that isn't in sync may lead */
	int codec, level;   /* -1: as the producer; the codec's default */
	int min_isr;
};
/* Reads it all again: its own settings are in the store. Returns a kfk_code. */
int kfk_obey(struct kafka *k, struct kfk_topic *t);
/* The same for all topics, and for those to come: the brokers' settings have changed. */
void kfk_topics_retake(struct kafka *k);

#endif
