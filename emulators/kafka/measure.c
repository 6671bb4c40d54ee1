/* What CloudWatch shows of the cluster (AWS/Kafka), under the name that MSK has for it. */
#include "core/json.h"
#include "core/measure.h"
#include "kafka/kafka.h"

#define CLUSTER { "Cluster Name" }
#define BROKER { "Broker ID", "Cluster Name" }
#define TOPIC { "Broker ID", "Cluster Name", "Topic" }
enum { CONTROLLERS, TOPICS, PARTITIONS, OFFLINE, BROKER_PARTITIONS, BROKER_LEADERS, BYTES_IN, MESSAGES_IN, BYTES_OUT, TOPIC_BYTES_IN, TOPIC_MESSAGES_IN, TOPIC_BYTES_OUT };
static const struct measure rows[] = {
	[CONTROLLERS] = { "AWS/Kafka", "ActiveControllerCount", "Count", CLUSTER, MEASURE_GAUGE },
	[TOPICS] = { "AWS/Kafka", "GlobalTopicCount", "Count", CLUSTER, MEASURE_GAUGE },
	[PARTITIONS] = { "AWS/Kafka", "GlobalPartitionCount", "Count", CLUSTER, MEASURE_GAUGE },
	[OFFLINE] = { "AWS/Kafka", "OfflinePartitionsCount", "Count", CLUSTER, MEASURE_GAUGE },
	[BROKER_PARTITIONS] = { "AWS/Kafka", "PartitionCount", "Count", BROKER, MEASURE_GAUGE },
	[BROKER_LEADERS] = { "AWS/Kafka", "LeaderCount", "Count", BROKER, MEASURE_GAUGE },
	[BYTES_IN] = { "AWS/Kafka", "BytesInPerSec", "Bytes/Second", BROKER, MEASURE_PER_SECOND },
	[MESSAGES_IN] = { "AWS/Kafka", "MessagesInPerSec", "Count/Second", BROKER, MEASURE_PER_SECOND },
	[BYTES_OUT] = { "AWS/Kafka", "BytesOutPerSec", "Bytes/Second", BROKER, MEASURE_PER_SECOND },
	[TOPIC_BYTES_IN] = { "AWS/Kafka", "BytesInPerSec", "Bytes/Second", TOPIC, MEASURE_PER_SECOND },
	[TOPIC_MESSAGES_IN] = { "AWS/Kafka", "MessagesInPerSec", "Count/Second", TOPIC, MEASURE_PER_SECOND },
	[TOPIC_BYTES_OUT] = { "AWS/Kafka", "BytesOutPerSec", "Bytes/Second", TOPIC, MEASURE_PER_SECOND },
};

static void add(const struct kafka *k, int row, struct slice topic, double value)
{
	bool whole = rows[row].dims[1] == NULL;
	struct slice dims[] = { whole ? sl(k->cluster) : S("1"), sl(k->cluster), topic };
	if (*k->cluster) /* without a cluster there is nobody to show them of */
		measure_add(k->env, &rows[row], sl(NULL), dims, value);
}

void kfk_measure_in(const struct kafka *k, const struct kfk_topic *t, size_t bytes, double messages)
{
	if (!k->env->measures)
		return;
	add(k, BYTES_IN, sl(NULL), (double)bytes);
	add(k, MESSAGES_IN, sl(NULL), messages);
	add(k, TOPIC_BYTES_IN, sl(t->name), (double)bytes);
	add(k, TOPIC_MESSAGES_IN, sl(t->name), messages);
}

void kfk_measure_out(const struct kafka *k, const struct kfk_topic *t, size_t bytes)
{
	if (!k->env->measures || !bytes)
		return;
	add(k, BYTES_OUT, sl(NULL), (double)bytes);
	add(k, TOPIC_BYTES_OUT, sl(t->name), (double)bytes);
}

static void on_look(void *arg)
{
	const struct kafka *k = arg;
	double partitions = 0;
	for (size_t i = 0; i < k->topic_n; i++)
		partitions += k->topics[i]->part_n;
	add(k, CONTROLLERS, sl(NULL), 1);
	add(k, TOPICS, sl(NULL), (double)k->topic_n);
	add(k, PARTITIONS, sl(NULL), partitions);
	add(k, OFFLINE, sl(NULL), 0);
	add(k, BROKER_PARTITIONS, sl(NULL), partitions);
	add(k, BROKER_LEADERS, sl(NULL), partitions);
}

void kfk_measure_open(struct kafka *k)
{
	k->cluster = conf_str(k->env->conf, "msk", "cluster", "tarn-msk-cluster");
	measures_on_look(k->env->measures, on_look, k);
}

void kfk_look(void *self, struct buf *out)
{
	const struct kafka *k = self;
	int64_t records = 0, held = 0, partitions = 0;
	for (size_t i = 0; i < k->topic_n; i++) {
		const struct kfk_topic *t = k->topics[i];
		for (int p = 0; p < t->part_n && sl(t->name).p[0] != '_'; p++) {
			records += t->parts[p].next;
			held += t->parts[p].next - t->parts[p].start;
			partitions++;
		}
	}
	jw_int(out, "records", records);
	jw_int(out, "held", held);
	jw_int(out, "topics", (int64_t)k->topic_n);
	jw_int(out, "partitions", partitions);
}
