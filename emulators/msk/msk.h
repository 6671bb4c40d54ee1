/* MSK: clusters, all of which are this stack's brokers, and what belongs to them.
 *   msk.c         the table of operations; clusters made, told, deleted; the stack's own
 *   hosts.c   names of brokers, bootstrap and ZooKeeper strings, nodes
 *   change.c  updates and their operations          kept.c  configurations, secrets, policies, versions
 *   topics.c  topics
 * DIFFERS: clusters are made, changed and deleted by the time they are next looked at, in which they take minutes there. */
#ifndef TARN_AWS_MSK_H
#define TARN_AWS_MSK_H

#include "aws/api.h"

#define MSK_STACK_CLUSTER "tarn-msk-cluster"

/* A cluster's document: as DescribeClusterV2 tells it, and
 *   hash, number     of its hosts' names: "x7k2p1", 3
 *   secrets          those of SCRAM; policy, policyVersion; factors: replicas of topics */
extern const struct aws_kind msk_clusters, msk_configurations;
/* Times in a cluster, of either version. */
#define MSK_CLUSTER_TIMES "creationTime:t"

int msk_bad(struct aws_call *c, const char *parameter, const char *fmt, ...) PRINTF_LIKE(3, 4);
int msk_not_found(struct aws_call *c, const char *parameter);
/* Keeps a document that was changed or is new, and takes it over. */
int msk_keep(struct aws_call *c, const struct aws_kind *kind, const char *key, json_t *doc);
/* The cluster that c->in names, come to rest; NULL: it is refused. */
json_t *msk_cluster(struct aws_call *c);
/* A cluster's next version: "K3P5ROKL5A1OLE". */
void msk_new_version(struct aws *a, json_t *cluster);
json_t *msk_provisioned(const json_t *cluster); /* NULL: it is serverless */
/* A list from at most maxResults on. */
int msk_page(struct aws_call *c, json_t *items, const char *list);
void msk_resource(struct aws_call *c, struct buf *arn); /* of policies: the ARN in the path */

/* ---- hosts.c ---- */
void msk_provide(struct aws *a, struct ports *ports);
/* "b-1.NAME.HASH.cN.kafka.REGION.amazonaws.com"; kind: "b", or "z"; tail: "-public" */
char *msk_host(const json_t *cluster, const char *kind, int i, const char *tail);
void msk_put_zookeeper(json_t *cluster);
aws_hook msk_bootstrap, msk_nodes;

/* ---- change.c ---- */
/* Operations of a cluster go with it. */
int msk_drop_operations(struct aws_call *c, const char *cluster);
aws_hook msk_reboot, msk_update_count, msk_update_storage, msk_update_storage_mode, msk_update_type, msk_update_configuration, msk_update_version,
	msk_update_connectivity, msk_update_monitoring, msk_update_security, msk_update_rebalancing, msk_operations, msk_operation,
	msk_operations_v2, msk_operation_v2;

/* ---- kept.c ---- */
/* Whether there is such a version; if not, it is refused. */
bool msk_known_version(struct aws_call *c, const char *version);
/* Whether there is such a configuration. configuration: {arn, revision}; NULL is fine. */
bool msk_known_configuration(struct aws_call *c, const json_t *configuration);
aws_hook msk_create_configuration, msk_configuration, msk_list_configurations, msk_update_configuration_doc, msk_delete_configuration,
	msk_revision, msk_revisions, msk_versions, msk_compatible, msk_add_secrets, msk_drop_secrets, msk_secrets, msk_policy, msk_put_policy,
	msk_drop_policy;

/* ---- tags.c: of both APIs ---- */
aws_hook msk_tags, msk_tag, msk_untag;

/* ---- topics.c ---- */
aws_hook msk_create_topic, msk_topic, msk_update_topic, msk_delete_topic, msk_list_topics;

#endif
