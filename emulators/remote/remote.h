/* The remote side of each port: the standard protocol, spoken to our own service in another container or to the real thing.
 *   kafka.c  librdkafka: records, topics       consumer.c  librdkafka: members of groups
 *   s3.c  S3's REST API, signed       kinesis.c  Kinesis JSON 1.1 */
#ifndef TARN_REMOTE_H
#define TARN_REMOTE_H

#include "core/ports.h"

/* Addresses come from the stack's config ([remote] kafka = host:port, s3 = http://host:port,
 * kinesis = http://host:port). */
int remote_kafka_open(const struct env *env, const char *bootstrap, struct record_log *out, struct error *err) WARN_UNUSED;
void remote_kafka_close(struct record_log *log);
int remote_consumers_open(const struct env *env, const char *bootstrap, struct consumers *out, struct error *err) WARN_UNUSED;
void remote_consumers_close(struct consumers *port);
/* self stays NULL where the cluster's settings ask for TLS or a login. */
void remote_broker_open(const struct env *env, const char *bootstrap, struct broker *out);
void remote_broker_close(struct broker *port);
int remote_s3_open(const struct env *env, const char *endpoint, struct object_store *out, struct error *err) WARN_UNUSED;
/* The same for another identity; to->url is there. */
int remote_s3_at(const struct env *env, const struct object_target *to, struct object_store *out, struct error *err) WARN_UNUSED;
/* The port stores: needs nothing but env, which outlives it. */
void remote_stores_provide(const struct env *env, struct stores *out);
void remote_s3_close(struct object_store *store);
int remote_kinesis_open(const struct env *env, const char *endpoint, struct stream *out, struct error *err) WARN_UNUSED;
void remote_kinesis_close(struct stream *stream);

#endif
