/* What those who came by IAM may do, with [stack] auth = enforce: actions of kafka-cluster on the ARNs of the cluster by whose broker's
 * name they came, and of its topics. Who came otherwise isn't IAM's, here as there. */
#include "core/authority.h"
#include "kafka/sasl.h"

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
static void add_topic(struct buf *b, struct slice cluster, struct slice topic)
{
	struct slice rest;
	ssize_t at = sl_find(cluster, S(":cluster/"));
	if (at < 0) {
		buf_addsl(b, cluster);
		return;
	}
	rest = sl_from(cluster, (size_t)at + sizeof(":cluster/") - 1);
	buf_addf(b, "%.*s:topic/%.*s/%.*s", (int)at, cluster.p, SL(rest), SL(topic));
}

bool kfk_may(struct kafka *k, const struct conn *conn, const char *action, struct slice topic)
{
	const struct kfk_session *s = conn->user;
	struct buf cluster = { 0 }, resource = { 0 };
	char name[64];
	if (!s || !s->who || !identities_enforced(k->env->conf))
		return true;
	const struct clusters *clusters = &k->env->ports->clusters;
	if (!clusters->self || !clusters->arn(clusters->self, sl(conn->host), &cluster))
		buf_addf(&cluster, "arn:aws:kafka:%s:%s:cluster/tarn/0", identities_region(k->env->conf), identities_account(k->env->conf));
	if (topic.p)
		add_topic(&resource, buf_slice(&cluster), topic);
	else
		buf_addsl(&resource, buf_slice(&cluster));
	snprintf(name, sizeof(name), "kafka-cluster:%s", action);
	struct authority_ask ask = { .env = k->env, .who = s->who, .action = sl(name), .resource = buf_slice(&resource),
				     .region = sl(identities_region(k->env->conf)) };
	bool may = authority_allows(&ask, NULL, NULL);
	if (!may)
		log_info(k->env, "denied", "peer=%s principal=\"%s\" action=%s resource=\"%.*s\"", conn->peer, s->principal ? s->principal : "", name, SL(buf_slice(&resource)));
	buf_free(&cluster);
	buf_free(&resource);
	return may;
}
