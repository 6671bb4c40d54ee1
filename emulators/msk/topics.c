/* Topics of a cluster: the broker's. DIFFERS: where Kafka has one broker, how many replicas a topic has is only told. */
#include "core/owed.h"
#include "core/ports.h"

#include "msk/msk.h"

enum { CONFIGS_MAX = 64, FACTOR = 3 };

static const char *topic_arn(struct aws_call *c, const char *topic)
{
	const char *arn = jstr(c->in, "clusterArn"), *of = strstr(arn, ":cluster/");
	return of ? arena_printf(c->arena, "%.*s:topic/%s/%s", (int)(of - arn), arn, of + strlen(":cluster/"), topic).p : arn;
}

/* As it was made with, else as MSK's default is. */
static int64_t factor_of(const json_t *cluster, const char *topic)
{
	int64_t given = jint(json_object_get(cluster, "factors"), topic), brokers = jint(msk_provisioned(cluster), "numberOfBrokerNodes");
	return given ? given : brokers && brokers < FACTOR ? brokers : FACTOR;
}

static json_t *replicas(int64_t n)
{
	json_t *all = json_array();
	for (int64_t i = 1; i <= n; i++)
		json_array_append_new(all, json_integer(i));
	return all;
}

static int refuse(struct aws_call *c, int code)
{
	static const struct {
		int code, status;
		const char *name, *text;
	} says[] = {
		{ 3, 404, "UnknownTopicOrPartitionException", "This server does not host this topic-partition." },
		{ 17, 400, "BadRequestException", "The topic name is not valid." },
		{ 36, 409, "TopicExistsException", "A topic with this name already exists." },
		{ 37, 400, "BadRequestException", "The number of partitions is not valid: it is 1 to 1000, and never less than the topic has." },
		{ 38, 400, "BadRequestException", "The replication factor is larger than the number of brokers." },
		{ 40, 400, "BadRequestException", "The topic configuration is not valid." },
	};
	for (size_t i = 0; i < ARRAY_LEN(says); i++) {
		if (says[i].code != code)
			continue;
		bool unknown = code == 3 && !strcmp(c->op->route.name, "kafka.DescribeTopic");
		unknown |= code == 3 && !strcmp(c->op->route.name, "kafka.DescribeTopicPartitions");
		return aws_refuse(c, says[i].status, unknown ? "NotFoundException" : says[i].name, "%s", says[i].text);
	}
	return aws_refuse(c, 400, "KafkaRequestException", "The broker answered with error %d.", code);
}

/* Base64 of lines NAME=VALUE. Returns how many, -1: refused. */
static int read_configs(struct aws_call *c, struct topic_config *out)
{
	struct slice text, line, rest, name, value;
	int n = 0;
	if (!jstr(c->in, "configs"))
		return 0;
	if (!arena_base64(c->arena, jslice(c->in, "configs"), &text))
		return msk_bad(c, "configs", "The topic configuration is not Base64.");
	for (rest = text; rest.p;) {
		(void)sl_cut(rest, '\n', &line, &rest);
		line = sl_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (n == CONFIGS_MAX || !sl_cut(line, '=', &name, &value))
			return msk_bad(c, "configs", "The topic configuration is not valid.");
		out[n++] = (struct topic_config){ sl_trim(name), sl_trim(value) };
	}
	return n;
}

static void put_configs(json_t *out, const struct topic_config *configs, size_t n)
{
	struct buf text = { 0 }, b = { 0 };
	for (size_t i = 0; i < n; i++)
		buf_addf(&text, "%.*s=%.*s\n", SL(configs[i].name), SL(configs[i].value));
	buf_base64(&b, text.p, text.n);
	json_object_set_new(out, "configs", json_stringn(b.p ? b.p : "", b.n));
	buf_free(&text);
	buf_free(&b);
}

static json_t *ids(const int32_t *id, int32_t n)
{
	json_t *all = json_array();
	for (int32_t i = 0; i < n; i++)
		json_array_append_new(all, json_integer(id[i]));
	return all;
}

static void put_partitions(struct aws_call *c, const struct topic_info *t, int64_t factor)
{
	json_t *all = json_array();
	for (int i = 0; i < t->partition_n; i++) {
		const struct topic_place *at = t->places ? &t->places[i] : NULL;
		json_array_append_new(all, json_pack("{si, si, so, so}", "partition", i, "leader", at ? at->leader : 1, "replicas",
						     at ? ids(at->replicas, at->replica_n) : replicas(factor), "isr", at ? ids(at->isr, at->isr_n) : replicas(factor)));
	}
	msk_page(c, all, "partitions");
}

/* What the brokers say of it where there are several. */
static int64_t factor_in(const struct topic_info *t, const json_t *cluster, const char *topic)
{
	return t && t->places && t->partition_n ? t->places[0].replica_n : factor_of(cluster, topic);
}

/* Partitions of whose replicas one isn't in sync. */
static int out_of_sync(const struct topic_info *t)
{
	int n = 0;
	for (int i = 0; t->places && i < t->partition_n; i++)
		n += t->places[i].isr_n < t->places[i].replica_n;
	return n;
}

static void on_topic(void *arg, int code, const struct topic_info *t, const struct topic_config *configs, size_t n, const struct error *err)
{
	struct aws_call *c = arg;
	const char *op = c->op->route.name, *topic = jstr(c->in, "topicName");
	json_t *cluster = aws_find(c->aws, c->at, &msk_clusters, jstr(c->in, "clusterArn"));
	int64_t factor = factor_in(t, cluster, topic);
	if (err)
		aws_refuse(c, 503, "ServiceUnavailableException", "%s", err->text);
	else if (code)
		refuse(c, code);
	else if (!strcmp(op, "kafka.DescribeTopicPartitions"))
		put_partitions(c, t, factor);
	if (!*c->code && cluster && !strcmp(op, "kafka.CreateTopic")) {
		json_object_set(jobj(cluster, "factors"), topic, json_object_get(c->in, "replicationFactor"));
		msk_keep(c, &msk_clusters, jstr(c->in, "clusterArn"), cluster);
	}
	if (!*c->code && strcmp(op, "kafka.DescribeTopicPartitions") != 0) {
		jput(c->out, "topicArn", topic_arn(c, topic));
		jput(c->out, "topicName", topic);
		jput(c->out, "status", !strcmp(op, "kafka.DescribeTopic") ? "ACTIVE" : !strcmp(op, "kafka.CreateTopic") ? "CREATING"
				     : !strcmp(op, "kafka.DeleteTopic") ? "DELETING" : "UPDATING");
	}
	if (!*c->code && !strcmp(op, "kafka.DescribeTopic")) {
		json_object_set_new(c->out, "partitionCount", json_integer(t->partition_n));
		json_object_set_new(c->out, "replicationFactor", json_integer(factor));
		json_object_set_new(c->out, "replicaIds", t->places && t->partition_n ? ids(t->places[0].replicas, t->places[0].replica_n) : replicas(factor));
		put_configs(c->out, configs, n);
	}
	aws_answer(c);
}

static int act(struct aws_call *c, enum topic_act what)
{
	struct topic_config configs[CONFIGS_MAX];
	json_t *cluster = msk_cluster(c);
	const struct record_log *log = &c->env->ports->log;
	int n = cluster ? read_configs(c, configs) : -1;
	if (n < 0)
		return -1;
	if (!log->self || !log->change)
		return aws_refuse(c, 409, "ClusterConnectivityException", "%s", log->self ? "topics of a remote Kafka are changed by its own tools" :
				  "no broker: start kafka, too");
	int64_t factor = jint(c->in, "replicationFactor");
	if (what == TOPIC_CREATE && factor > jint(msk_provisioned(cluster), "numberOfBrokerNodes") && msk_provisioned(cluster))
		return msk_bad(c, "replicationFactor", "The replication factor is larger than the number of brokers.");
	struct topic_change change = { .act = what, .topic = jslice(c->in, "topicName"), .partition_n = (int)jint(c->in, "partitionCount"),
				       .factor = (int)factor, .configs = configs, .config_n = (size_t)n };
	owed_keep(&c->owed, log->change(log->self, &change, on_topic, c));
	return AWS_LATER;
}

int msk_create_topic(struct aws_call *c)
{
	return act(c, TOPIC_CREATE);
}

int msk_topic(struct aws_call *c)
{
	return act(c, TOPIC_LOOK);
}

int msk_update_topic(struct aws_call *c)
{
	return act(c, TOPIC_CHANGE);
}

int msk_delete_topic(struct aws_call *c)
{
	return act(c, TOPIC_DELETE);
}

static void on_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct aws_call *c = arg;
	struct slice prefix = jslice(c->in, "topicNameFilter");
	const json_t *cluster = aws_find(c->aws, c->at, &msk_clusters, jstr(c->in, "clusterArn"));
	json_t *all = json_array();
	for (size_t i = 0; !err && i < n; i++) {
		if (prefix.p && !sl_starts(t[i].name, prefix))
			continue;
		const char *name = arena_cstr(c->arena, t[i].name);
		int64_t factor = factor_in(&t[i], cluster, name);
		json_array_append_new(all, json_pack("{ss, ss, sI, si, si}", "topicArn", topic_arn(c, name), "topicName", name, "replicationFactor",
						     (json_int_t)factor, "partitionCount", t[i].partition_n, "outOfSyncReplicaCount", out_of_sync(&t[i])));
	}
	if (err) {
		json_decref(all);
		aws_refuse(c, 503, "ServiceUnavailableException", "%s", err->text);
	} else {
		msk_page(c, all, "topics");
	}
	aws_answer(c);
}

int msk_list_topics(struct aws_call *c)
{
	const struct record_log *log = &c->env->ports->log;
	if (!msk_cluster(c))
		return -1;
	if (!log->self)
		return aws_refuse(c, 503, "ServiceUnavailableException", "no broker: start kafka, too");
	owed_keep(&c->owed, log->topics(log->self, on_topics, c));
	return AWS_LATER;
}
