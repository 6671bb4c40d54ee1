/* librdkafka: its header, its functions, and what kafka.c and consumer.c share. */
#ifndef TARN_REMOTE_RDK_H
#define TARN_REMOTE_RDK_H

#include <librdkafka/rdkafka.h>

#include "core/lazy.h"
#include "core/service.h"

/* librdkafka, loaded when a stack names a remote cluster: rdk.new() is rd_kafka_new(). */
#define RDK_CALLS(X) \
	X(rd_kafka, conf_destroy) X(rd_kafka, conf_new) X(rd_kafka, conf_set) X(rd_kafka, conf_set_events) \
	X(rd_kafka, consume_start_queue) X(rd_kafka, consume_stop) X(rd_kafka, destroy) X(rd_kafka, destroy_flags) \
	X(rd_kafka, err2str) X(rd_kafka, event_destroy) X(rd_kafka, event_error) X(rd_kafka, event_error_string) \
	X(rd_kafka, event_log) X(rd_kafka, event_message_next) X(rd_kafka, event_topic_partition) \
	X(rd_kafka, event_type) X(rd_kafka, get_watermark_offsets) X(rd_kafka, header_add) \
	X(rd_kafka, header_get_last) X(rd_kafka, headers_destroy) X(rd_kafka, headers_new) X(rd_kafka, last_error) \
	X(rd_kafka, message_headers) X(rd_kafka, message_timestamp) X(rd_kafka, metadata) \
	X(rd_kafka, metadata_destroy) X(rd_kafka, new) X(rd_kafka, producev) X(rd_kafka, purge) \
	X(rd_kafka, queue_destroy) X(rd_kafka, queue_get_main) X(rd_kafka, queue_io_event_enable) \
	X(rd_kafka, queue_new) X(rd_kafka, queue_poll) X(rd_kafka, set_log_queue) X(rd_kafka, topic_destroy) \
	X(rd_kafka, topic_name) X(rd_kafka, topic_new) X(rd_kafka, topic_partition_destroy) \
	X(rd_kafka, assign) X(rd_kafka, assignment) X(rd_kafka, commit_queue) X(rd_kafka, committed) \
	X(rd_kafka, consumer_close) X(rd_kafka, consumer_poll) X(rd_kafka, event_opaque) \
	X(rd_kafka, event_topic_partition_list) X(rd_kafka, header_get_all) X(rd_kafka, message_destroy) \
	X(rd_kafka, offsets_for_times) X(rd_kafka, poll_set_consumer) X(rd_kafka, position) \
	X(rd_kafka, queue_get_consumer) X(rd_kafka, seek_partitions) X(rd_kafka, subscribe) \
	X(rd_kafka, error_destroy) X(rd_kafka, topic_partition_list_add) X(rd_kafka, topic_partition_list_destroy) \
	X(rd_kafka, topic_partition_list_find) X(rd_kafka, topic_partition_list_new) X(rd_kafka, unsubscribe)
struct rdk_calls {
	RDK_CALLS(LAZY_FIELD)
};
extern struct rdk_calls rdk;

int rdk_load(struct error *err) WARN_UNUSED;
/* An error of librdkafka's as a code of Kafka's. */
int rdk_code(rd_kafka_resp_err_t err);
struct property {
	const char *name, *value;
};
int rdk_set(rd_kafka_conf_t *conf, const struct property *p, size_t n, struct error *err) WARN_UNUSED;
/* What [remote] has for it: kafka.NAME = VALUE. */
int rdk_set_users(const struct env *env, rd_kafka_conf_t *conf, struct error *err) WARN_UNUSED;

#endif
