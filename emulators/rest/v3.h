/* API v3 of the proxy: what its Admin client asks of the broker, as Kafka's requests, and what it makes of the answers.
 *
 *   v3.c          clusters, brokers; links, names, errors, one question after the other     v3_topics.c   topics, partitions, replicas,
 *   v3_configs.c  settings of topics, brokers, the cluster                                                reassignments
 *   v3_groups.c   consumer groups, consumers, assignments, lags                             v3_acls.c     ACLs
 *   v3_records.c  records, a line each; records.h, stream.c: while they come
 *
 * Spec: docs.confluent.io/platform/7.2/kafka-rest/api.html#crest-api-v3; kafka-rest v7.2.0. */
#ifndef TARN_REST_V3_H
#define TARN_REST_V3_H

#include "core/json.h"
#include "kproto/code.h"
#include "kproto/message.h"
#include "rest/bean.h"
#include "rest/rest.h"

/* ---- questions to the broker, one after the other ---- */

/* Asks; then gets the answer (its struct kp_…_resp), which is valid during the call. Where there is none the client is told so. */
void v3_ask(struct rest_call *c, int key, const void *req, rest_then then);
/* Every operation begins by looking for its cluster: then goes on with it, c->cluster is set. Else 404, said by text ("Cluster %s cannot be found."). */
void v3_begin(struct rest_call *c, const char *text, rest_then then);
#define V3_CLUSTER "Cluster %.*s cannot be found."
#define V3_CLUSTER_OF_GROUPS "Cluster %.*s could not be found."
/* An answer of an API that outlives the question: a copy in the request's arena. */
void *v3_keep(struct rest_call *c, int key, const void *resp);
/* Zeroed, in the request's arena. */
void *v3_new(struct rest_call *c, size_t size);
#define V3_NEW(c, type) ((struct type *)v3_new(c, sizeof(struct type)))

/* ---- errors ---- */

/* The common mapper's answer to Kafka's code; message absent: the code's own text. */
void v3_fail_code(struct rest_call *c, int code, struct slice message);
/* Status and code of that mapper. */
void v3_map_code(int code, int *status, int *error);
/* 404; text NULL: "HTTP 404 Not Found". */
void v3_not_found(struct rest_call *c, const char *text);
void v3_fail(struct rest_call *c, int status, int code, struct slice message);

/* ---- answers ---- */

struct slice v3_url(struct rest_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);  /* of the cluster and what follows */
struct slice v3_base(struct rest_call *c);                                          /* "http://HOST" */
struct slice v3_crn(struct rest_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);  /* the same as a resource name */
/* Begins an object: kind, metadata (crn absent: none), cluster_id. */
void v3_head(struct rest_call *c, const char *kind, struct slice self, struct slice crn);
void v3_link(struct rest_call *c, const char *name, struct slice url);
void v3_list(struct rest_call *c, const char *kind, struct slice self);
void v3_list_end(struct rest_call *c);
/* The body is made. */
void v3_done(struct rest_call *c);
/* 204, or 201 with a place and the body. */
void v3_done_empty(struct rest_call *c);
void v3_created(struct rest_call *c, struct slice location);

/* The request's body as a bean; NULL: it is answered. */
void *v3_body(struct rest_call *c, const struct bean_type *t);

/* ---- looking at a topic (v3_topics.c) ---- */
/* Asks for the call's topic: then gets its Metadata where there is such a topic. */
void v3_topic_ask(struct rest_call *c, struct slice topic, rest_then then);

/* ---- v2_topics.c: the same of API v2 ---- */
void v2_topic(struct rest_call *c);
void v2_partitions(struct rest_call *c);
void v2_offsets(struct rest_call *c);
void v2_brokers(struct rest_call *c);

/* ---- operations ---- */
void v3_clusters(struct rest_call *c);
void v3_cluster(struct rest_call *c);
void v3_brokers(struct rest_call *c);
void v3_broker(struct rest_call *c);
void v3_topics(struct rest_call *c);
void v3_topic(struct rest_call *c);
void v3_topic_create(struct rest_call *c);
void v3_topic_delete(struct rest_call *c);
void v3_partitions(struct rest_call *c);
void v3_partition(struct rest_call *c);
void v3_replicas(struct rest_call *c);
void v3_replica(struct rest_call *c);
void v3_broker_replicas(struct rest_call *c);
void v3_reassignments(struct rest_call *c);
void v3_topic_reassignments(struct rest_call *c);
void v3_reassignment(struct rest_call *c);
void v3_configs(struct rest_call *c);
void v3_config(struct rest_call *c);
void v3_config_put(struct rest_call *c);
void v3_config_delete(struct rest_call *c);
void v3_configs_alter(struct rest_call *c);
void v3_all_configs(struct rest_call *c);
void v3_groups(struct rest_call *c);
void v3_group(struct rest_call *c);
void v3_consumers(struct rest_call *c);
void v3_consumer(struct rest_call *c);
void v3_assignments(struct rest_call *c);
void v3_assignment(struct rest_call *c);
void v3_lag_summary(struct rest_call *c);
void v3_lags(struct rest_call *c);
void v3_lag(struct rest_call *c);
void v3_acls(struct rest_call *c);
void v3_acl_create(struct rest_call *c);
void v3_acls_delete(struct rest_call *c);
void v3_records(struct rest_call *c);

#endif
