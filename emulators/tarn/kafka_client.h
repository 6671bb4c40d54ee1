/* What the command line asks of any Kafka: over kproto/client.h, in versions whose requests name topics and groups as they always did. */
#ifndef TARN_KAFKA_CLIENT_H
#define TARN_KAFKA_CLIENT_H

#include "core/err.h"
#include "kproto/code.h"
#include "kproto/message.h"

struct kafka_client;
enum { KAFKA_ANY = -1, KAFKA_CONTROLLER = -2 }; /* in place of a broker's number, as KP_ANY_NODE and KP_CONTROLLER */
/* Connects; bootstrap is HOST:PORT, or several with commas between, of which the first that answers counts. Errors: NETWORK, INVALID. */
int kafka_client_open(const char *bootstrap, struct kafka_client **out, struct error *err) WARN_UNUSED;
void kafka_client_close(struct kafka_client *c); /* NULL is fine */
/* Asks a broker, in the highest version that both know and that is at most `most`. *resp (struct kp_…_resp) is of the client's arena.
 * Errors: NETWORK, UNSUPPORTED (the broker has it not), MALFORMED. */
int kafka_client_ask(struct kafka_client *c, int32_t broker, int key, int16_t most, const void *req, void *resp, struct error *err) WARN_UNUSED;
/* What answers are in; kafka_client_forget empties it. */
struct arena *kafka_client_arena(struct kafka_client *c);
void kafka_client_forget(struct kafka_client *c);
/* Brokers as they were last told; asks for one topic's partitions, all topics' where name is absent. The answer is the arena's. */
int kafka_client_metadata(struct kafka_client *c, struct slice name, const struct kp_metadata_resp **out, struct error *err) WARN_UNUSED;
/* The broker that keeps a group. Errors: besides those of ask, INTERNAL: the broker's own code. */
int kafka_client_coordinator(struct kafka_client *c, struct slice group, int32_t *broker, struct error *err) WARN_UNUSED;
/* Offsets of a topic's partitions at a time (-1 the end, -2 the start, else ms), into out, by index; -1: there is none. */
int kafka_client_offsets(struct kafka_client *c, const struct kp_metadata_resp_topic *t, int64_t at, int64_t *out, struct error *err) WARN_UNUSED;

#endif
