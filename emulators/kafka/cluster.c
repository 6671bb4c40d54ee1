/* The cluster as clients see it: one broker that leads and keeps everything. */
#include "kafka/cluster.h"

static int32_t self[] = { KFK_NODE_ID };

size_t kfk_brokers(struct kafka *k, const struct conn *conn, struct arena *a, struct kfk_broker **out)
{
	struct kfk_broker *b = arena_alloc(a, sizeof(*b));
	*b = (struct kfk_broker){ .id = KFK_NODE_ID };
	kfk_advertised(k, conn, &b->host, &b->port);
	*out = b;
	return 1;
}

int kfk_broker_n(const struct kafka *k)
{
	(void)k;
	return 1;
}

bool kfk_broker_up(const struct kafka *k, int32_t id)
{
	return id >= 1 && id <= kfk_broker_n(k);
}

int32_t kfk_controller(const struct kafka *k)
{
	(void)k;
	return KFK_NODE_ID;
}

struct slice kfk_cluster_id(const struct kafka *k)
{
	return sl(conf_str(k->env->conf, "kafka", "cluster_id", "tarn"));
}

void kfk_place(const struct kafka *k, const struct kfk_topic *t, int partition, struct kfk_place *out)
{
	(void)k;
	(void)t;
	(void)partition;
	*out = (struct kfk_place){ .leader = KFK_NODE_ID, .replicas = self, .replica_n = 1, .isr = self, .isr_n = 1 };
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
		if (kfk_may(k, conn, all[i].action, topic))
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
