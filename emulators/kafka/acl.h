/* Who may do what, by access control lists (KIP-11, KIP-290): kept in kafka.db, obeyed where [kafka] authorizer.class.name names Kafka's
 * authorizer; without it they can't be made (SECURITY_DISABLED), as with a real broker.
 *   acl.c       those there are, and what they allow     acl_apis.c  DescribeAcls, CreateAcls, DeleteAcls
 *   rights.c    kfk_may: IAM's policies for who came by IAM, these for all others
 * As StandardAuthorizer has it: a denial counts before what is allowed, super.users may everything, and where no list names a resource
 * allow.everyone.if.no.acl.found says. Services of this process may everything. */
#ifndef TARN_KAFKA_ACL_H
#define TARN_KAFKA_ACL_H

#include "kafka/kafka.h"

/* Kafka's numbers. */
enum kfk_resource { KFK_ANY_RESOURCE = 1, KFK_TOPIC, KFK_GROUP, KFK_CLUSTER, KFK_TXN_ID, KFK_TOKEN, KFK_USER, KFK_RESOURCES };
enum kfk_pattern { KFK_ANY_PATTERN = 1, KFK_MATCH, KFK_LITERAL, KFK_PREFIXED };
enum kfk_operation {
	KFK_ANY_OP = 1, KFK_ALL, KFK_READ, KFK_WRITE, KFK_CREATE, KFK_DELETE, KFK_ALTER, KFK_DESCRIBE, KFK_CLUSTER_ACTION, KFK_DESCRIBE_CONFIGS,
	KFK_ALTER_CONFIGS, KFK_IDEMPOTENT_WRITE, KFK_CREATE_TOKENS, KFK_DESCRIBE_TOKENS, KFK_OPERATIONS
};
enum kfk_permission { KFK_ANY_PERMISSION = 1, KFK_DENY, KFK_ALLOW };
#define KFK_CLUSTER_NAME "kafka-cluster"

struct kfk_acl {
	int8_t resource, pattern, operation, permission;
	struct slice name, principal, host;
};
/* What a filter says: absent names, and the numbers for any, fit all. */
bool kfk_acl_fits(const struct kfk_acl *filter, const struct kfk_acl *acl);

struct kfk_acls {
	struct kfk_acl *all; /* in order of resource, name, pattern, principal, …; names owned */
	size_t n, cap;
};

bool kfk_authorizer(const struct kafka *k);
/* Whether a principal ("User:alice") at a host may do that to a resource. */
bool kfk_acl_allows(const struct kafka *k, struct slice principal, struct slice host, enum kfk_resource resource, struct slice name,
		    enum kfk_operation operation);
/* The same for any resource of that kind. */
bool kfk_acl_allows_any(const struct kafka *k, struct slice principal, struct slice host, enum kfk_resource resource, enum kfk_operation operation);
/* One that is there already is left as it is. Returns a kfk_code. */
int kfk_acl_add(struct kafka *k, const struct kfk_acl *acl);
/* Removes the i-th. */
int kfk_acl_drop(struct kafka *k, size_t i);

int kfk_acls_load(struct kafka *k, struct error *err) WARN_UNUSED;
void kfk_acls_free(struct kafka *k);

/* store_acl.c */
int kfk_store_acl(struct db *db, const struct kfk_acl *acl, bool add, struct error *err) WARN_UNUSED;
typedef void (*kfk_acl_fn)(void *arg, const struct kfk_acl *acl);
int kfk_store_acls(struct db *db, kfk_acl_fn each, void *arg, struct error *err) WARN_UNUSED;

enum kfk_done kfk_serve_describe_acls(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_create_acls(struct kafka *k, struct kfk_call *c);
enum kfk_done kfk_serve_delete_acls(struct kafka *k, struct kfk_call *c);

#endif
