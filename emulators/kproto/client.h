/* A client of any cluster, for who may wait: a job, the command line. It asks in the highest version that both know, and whom Kafka's own
 * clients ask: the controller for what changes topics and settings, a group's coordinator, a partition's leader, all brokers for a list of
 * groups. No TLS, no login. */
#ifndef KP_CLIENT_H
#define KP_CLIENT_H

#include "core/err.h"
#include "kproto/message.h"

struct kp_client;
/* bootstrap: "HOST:PORT", more of them after commas; the first that answers is taken. timeout_ms: of connecting and of each answer. Errors:
 * NETWORK, INVALID (not an address). */
int kp_client_open(struct kp_client **out, const char *bootstrap, int timeout_ms, struct error *err) WARN_UNUSED;
void kp_client_close(struct kp_client *c); /* NULL is fine */
/* Asks: req is the API's struct as in its highest version, *resp the same of the answer, of the arena. Errors: NETWORK; UNSUPPORTED, the
 * cluster doesn't know the API, or not in a version that can say what req says. */
int kp_client_ask(struct kp_client *c, struct arena *a, int key, const void *req, void **resp, struct error *err) WARN_UNUSED;
/* The same of one node, whoever it is for (-1: any). */
int kp_client_ask_node(struct kp_client *c, struct arena *a, int32_t node, int key, const void *req, void **resp, struct error *err) WARN_UNUSED;
/* The same of a node, or of one of these, in a version of at most `most`: req is as that version has it, whatever the highest does. A node
 * that isn't known is looked for. */
enum { KP_ANY_NODE = -1, KP_CONTROLLER = -2 };
int kp_client_ask_up_to(struct kp_client *c, struct arena *a, int32_t node, int key, int16_t most, const void *req, void **resp, struct error *err) WARN_UNUSED;

#endif
