/* What clients may do. Those who came by IAM, with [stack] auth = enforce: actions of kafka-cluster on the ARNs of the cluster by whose
 * broker's name they came, of its topics, groups and transactional ids. Who came otherwise isn't IAM's, here as there: access control
 * lists say, where there is an authorizer. */
#include "core/authority.h"
#include "kafka/acl.h"
#include "kafka/sasl.h"

/* IAM's actions, and what they are to the lists. */
static const struct right {
	const char *action;
	enum kfk_resource resource;
	enum kfk_operation operation;
} rights[] = {
	{ "AlterCluster", KFK_CLUSTER, KFK_ALTER },
	{ "AlterClusterDynamicConfiguration", KFK_CLUSTER, KFK_ALTER_CONFIGS },
	{ "AlterGroup", KFK_GROUP, KFK_READ },
	{ "AlterTopic", KFK_TOPIC, KFK_ALTER },
	{ "AlterTopicDynamicConfiguration", KFK_TOPIC, KFK_ALTER_CONFIGS },
	{ "AlterTransactionalId", KFK_TXN_ID, KFK_WRITE },
	{ "CreateTopic", KFK_TOPIC, KFK_CREATE },
	{ "DeleteGroup", KFK_GROUP, KFK_DELETE },
	{ "DeleteTopic", KFK_TOPIC, KFK_DELETE },
	{ "DescribeCluster", KFK_CLUSTER, KFK_DESCRIBE },
	{ "DescribeClusterDynamicConfiguration", KFK_CLUSTER, KFK_DESCRIBE_CONFIGS },
	{ "DescribeGroup", KFK_GROUP, KFK_DESCRIBE },
	{ "DescribeTopic", KFK_TOPIC, KFK_DESCRIBE },
	{ "DescribeTopicDynamicConfiguration", KFK_TOPIC, KFK_DESCRIBE_CONFIGS },
	{ "DescribeTransactionalId", KFK_TXN_ID, KFK_DESCRIBE },
	{ "ReadData", KFK_TOPIC, KFK_READ },
	{ "WriteData", KFK_TOPIC, KFK_WRITE },
	{ "WriteDataIdempotently", KFK_CLUSTER, KFK_IDEMPOTENT_WRITE },
};

static const struct right *right_of(const char *action)
{
	for (size_t i = 0; i < ARRAY_LEN(rights); i++)
		if (!strcmp(rights[i].action, action))
			return &rights[i];
	return NULL; /* Connect: whoever is in */
}

static struct slice kept(struct arena *a, struct slice s)
{
	return s.p ? arena_dup(a, s) : s;
}

void kfk_session_is(struct kfk_session *s, const struct identity *who)
{
	struct identity *own;
	arena_reset(&s->arena);
	own = arena_alloc(&s->arena, sizeof(*own));
	*own = *who;
	struct slice *const all[] = { &own->key, &own->secret, &own->session, &own->name, &own->path, &own->role_session, &own->claims, &own->canonical_id };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		*all[i] = kept(&s->arena, *all[i]);
	s->who = own;
}

/* "…:cluster/NAME/UUID" as "…:topic/NAME/UUID/TOPIC". */
static void add_below(struct buf *b, struct slice cluster, enum kfk_resource kind, struct slice name)
{
	const char *word = kind == KFK_GROUP ? "group" : kind == KFK_TXN_ID ? "transactional-id" : "topic";
	struct slice rest;
	ssize_t at = sl_find(cluster, S(":cluster/"));
	if (at < 0) {
		buf_addsl(b, cluster);
		return;
	}
	rest = sl_from(cluster, (size_t)at + sizeof(":cluster/") - 1);
	buf_addf(b, "%.*s:%s/%.*s/%.*s", (int)at, cluster.p, word, SL(rest), SL(name));
}

static bool policy_allows(struct kafka *k, const struct conn *conn, const char *action, const struct right *right, struct slice of)
{
	const struct kfk_session *s = conn->user;
	struct buf cluster = { 0 }, resource = { 0 };
	char name[64];
	const struct clusters *clusters = &k->env->ports->clusters;
	if (!clusters->self || !clusters->arn(clusters->self, sl(conn->host), &cluster))
		buf_addf(&cluster, "arn:aws:kafka:%s:%s:cluster/tarn/0", identities_region(k->env->conf), identities_account(k->env->conf));
	if (of.p && right && right->resource != KFK_CLUSTER)
		add_below(&resource, buf_slice(&cluster), right->resource, of);
	else
		buf_addsl(&resource, buf_slice(&cluster));
	snprintf(name, sizeof(name), "kafka-cluster:%s", action);
	struct authority_ask ask = { .env = k->env, .who = s->who, .action = sl(name), .resource = buf_slice(&resource),
				     .region = sl(identities_region(k->env->conf)) };
	bool may = authority_allows(&ask, NULL, NULL);
	if (!may && !k->quiet)
		log_info(k->env, "denied", "peer=%s principal=\"%s\" action=%s resource=\"%.*s\"", conn->peer, s->principal ? s->principal : "", name, SL(buf_slice(&resource)));
	buf_free(&cluster);
	buf_free(&resource);
	return may;
}

/* Its address, without the port. */
static struct slice address_of(const struct conn *conn)
{
	struct slice all = sl(conn->peer);
	size_t n = all.n;
	while (n > 0 && all.p[n - 1] != ':')
		n--;
	return n ? sl_of(all.p, n - 1) : all;
}

static bool lists_allow(struct kafka *k, const struct conn *conn, const struct right *right, struct slice of)
{
	const struct kfk_session *s = conn->user;
	struct slice principal = s && s->known ? sl(s->principal) : S("User:ANONYMOUS"), host = address_of(conn);
	enum kfk_resource kind = of.p ? right->resource : KFK_CLUSTER;
	bool may = kfk_acl_allows(k, principal, host, kind, kind == KFK_CLUSTER ? S(KFK_CLUSTER_NAME) : of, right->operation);
	if (!may && kind == KFK_TOPIC && right->operation == KFK_CREATE) /* who may create in the cluster may create this one, too */
		may = kfk_acl_allows(k, principal, host, KFK_CLUSTER, S(KFK_CLUSTER_NAME), KFK_CREATE);
	if (!may && right->operation == KFK_IDEMPOTENT_WRITE) /* as who may write anywhere */
		may = kfk_acl_allows_any(k, principal, host, KFK_TOPIC, KFK_WRITE);
	if (!may && !k->quiet)
		log_info(k->env, "denied", "peer=%s principal=\"%.*s\" action=%s resource=\"%.*s\"", conn->peer, SL(principal), right->action,
			 SL(of.p ? of : S(KFK_CLUSTER_NAME)));
	return may;
}

bool kfk_may(struct kafka *k, const struct conn *conn, const char *action, struct slice of)
{
	const struct kfk_session *s = conn->user;
	const struct right *right = right_of(action);
	if (conn == &k->inside)
		return true;
	if (s && s->who)
		return !identities_enforced(k->env->conf) || policy_allows(k, conn, action, right, of);
	return !right || !kfk_authorizer(k) || lists_allow(k, conn, right, of);
}

bool kfk_may_see(struct kafka *k, const struct conn *conn, const char *action, struct slice of)
{
	bool may;
	k->quiet = true;
	may = kfk_may(k, conn, action, of);
	k->quiet = false;
	return may;
}
