/* The cluster as clients see it. */
#include "kafka/node.h"

size_t kfk_brokers(struct kafka *k, const struct conn *conn, struct arena *a, struct kfk_broker **out)
{
	size_t n = 0;
	*out = arena_alloc(a, (size_t)kfk_node_n(k) * sizeof(**out));
	for (int i = 1; i <= kfk_node_n(k); i++) {
		if (!kfk_node_up(k, i))
			continue;
		(*out)[n] = (struct kfk_broker){ .id = i };
		kfk_advertised(k, conn, i, a, &(*out)[n].host, &(*out)[n].port);
		n++;
	}
	return n;
}

int kfk_broker_n(const struct kafka *k)
{
	return kfk_node_n(k);
}

bool kfk_broker_up(const struct kafka *k, int32_t id)
{
	return kfk_node_up(k, id);
}

struct slice kfk_cluster_id(const struct kafka *k)
{
	return sl(conf_str(k->env->conf, "kafka", "cluster_id", "tarn"));
}

void kfk_place(struct kafka *k, const struct kfk_topic *t, int partition, struct kfk_place *out)
{
	const struct kfk_part *p = &t->parts[partition];
	*out = (struct kfk_place){ .leader = kfk_leader(p), .epoch = p->epoch };
	out->replicas = kfk_replicas(k, p, KFK_REPLICAS, &k->arena, &out->replica_n);
	out->isr = kfk_replicas(k, p, KFK_IN_SYNC, &k->arena, &out->isr_n);
	out->offline = kfk_replicas(k, p, KFK_OFFLINE, &k->arena, &out->offline_n);
}

bool kfk_internal(struct slice topic)
{
	return sl_eqs(topic, "__consumer_offsets") || sl_eqs(topic, "__transaction_state");
}

/* ---- authorized operations ---- */

struct operation {
	int bit; /* its number among Kafka's operations */
	const char *action; /* IAM's name of it */
};
static const struct operation of_topics[] = {
	{ 3, "ReadData" },
	{ 4, "WriteData" },
	{ 5, "CreateTopic" },
	{ 6, "DeleteTopic" },
	{ 7, "AlterTopic" },
	{ 8, "DescribeTopic" },
	{ 10, "DescribeTopicDynamicConfiguration" },
	{ 11, "AlterTopicDynamicConfiguration" },
};
static const struct operation of_cluster[] = {
	{ 5, "CreateTopic" },
	{ 7, "AlterCluster" },
	{ 8, "DescribeCluster" },
	{ 9, "AlterCluster" },
	{ 10, "DescribeClusterDynamicConfiguration" },
	{ 11, "AlterClusterDynamicConfiguration" },
	{ 12, "WriteDataIdempotently" },
};

static int32_t operations(struct kafka *k, const struct conn *conn, const struct operation *all, size_t n, struct slice topic)
{
	int32_t bits = 0;
	for (size_t i = 0; i < n; i++)
		if (kfk_may_see(k, conn, all[i].action, topic))
			bits |= 1 << all[i].bit;
	return bits;
}

int32_t kfk_topic_operations(struct kafka *k, const struct conn *conn, struct slice topic)
{
	return operations(k, conn, of_topics, ARRAY_LEN(of_topics), topic);
}

int32_t kfk_cluster_operations(struct kafka *k, const struct conn *conn)
{
	return operations(k, conn, of_cluster, ARRAY_LEN(of_cluster), sl(NULL));
}
