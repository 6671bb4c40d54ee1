/* Changes of a cluster: each wants the version that it knows, makes a new one and is an operation that is told of. */
#include "msk/msk.h"

#include "core/text.h"

static const struct aws_kind operations = { .name = "kafka.operation" };

/* ---- operations ---- */

/* Begins one; the change is made by then. before: what it was, taken; after: what it is, taken. */
static int begin(struct aws_call *c, json_t *cluster, const char *type, json_t *before, json_t *after)
{
	char uuid[37];
	const char *arn = jstr(cluster, "clusterArn"), *of = strstr(arn, ":cluster/") + strlen(":cluster/");
	aws_uuid(c->aws, uuid);
	json_t *op = json_pack("{ss, si, ss, ss}", "clusterArn", arn, "creationTime", 0, "operationState", "PENDING", "operationType", type);
	const char *id = aws_arn(c, "kafka", "cluster-operation/%s/%s", of, uuid);
	json_object_set_new(op, "creationTime", json_integer(c->now_ms));
	json_object_set_new(op, "clientRequestId", json_stringn(c->ask.request_id.p, c->ask.request_id.n));
	jput(op, "operationArn", id);
	if (before)
		json_object_set_new(op, "sourceClusterInfo", before);
	if (after)
		json_object_set_new(op, "targetClusterInfo", after);
	jput(cluster, "state", strcmp(type, "REBOOT_NODE") != 0 ? "UPDATING" : "REBOOTING_BROKER");
	jput(cluster, "activeOperationArn", id);
	msk_new_version(c->aws, cluster);
	jput(c->out, "clusterArn", arn);
	jput(c->out, "clusterOperationArn", id);
	int rc = msk_keep(c, &operations, id, op);
	return rc ? rc : msk_keep(c, &msk_clusters, arn, cluster);
}

/* The cluster, if it is provisioned and has the version that the request knows; NULL: it is refused. */
static json_t *changing(struct aws_call *c)
{
	json_t *cluster = msk_cluster(c);
	const char *version = jstr(c->in, "currentVersion");
	if (!cluster)
		return NULL;
	if (!msk_provisioned(cluster)) {
		msk_bad(c, "clusterArn", "This operation cannot be performed on serverless clusters.");
		return NULL;
	}
	if (version && strcmp(version, jstr(cluster, "currentVersion")) != 0) {
		msk_bad(c, "currentVersion", "This operation cannot be performed on version %s of the cluster: its current version is %s.", version,
			jstr(cluster, "currentVersion"));
		return NULL;
	}
	return cluster;
}

static int unchanged(struct aws_call *c, const char *parameter)
{
	return msk_bad(c, parameter, "The request does not include any updates to the cluster. Verify the request, then try again.");
}

/* Members of the request that take the place of the cluster's own. */
static int replace(struct aws_call *c, const char *type, const char *const *names, size_t n)
{
	json_t *cluster = changing(c), *p = msk_provisioned(cluster), *before = json_object(), *after = json_object();
	bool any = false;
	for (size_t i = 0; cluster && i < n; i++) {
		json_t *v = json_object_get(c->in, names[i]);
		if (!v)
			continue;
		jcopy(before, p, names[i]);
		json_object_set(after, names[i], v);
		any |= !json_equal(v, json_object_get(p, names[i]));
	}
	if (!cluster || !any) {
		json_decref(before);
		json_decref(after);
		return cluster ? unchanged(c, NULL) : -1;
	}
	for (size_t i = 0; i < n; i++)
		jcopy(p, c->in, names[i]);
	return begin(c, cluster, type, before, after);
}

int msk_reboot(struct aws_call *c)
{
	json_t *cluster = changing(c), *one;
	size_t i;
	if (!cluster)
		return -1;
	json_array_foreach(json_object_get(c->in, "brokerIds"), i, one) {
		int64_t id;
		if (!sl_int(json_slice(one), 1, jint(msk_provisioned(cluster), "numberOfBrokerNodes"), &id))
			return msk_bad(c, "brokerIds", "The broker ID %s is not valid for the cluster.", json_string_value(one));
	}
	const struct broker *broker = &c->env->ports->broker;
	json_array_foreach(json_object_get(c->in, "brokerIds"), i, one)
		if (broker->self && broker->restart)
			broker->restart(broker->self, atoi(json_string_value(one)));
	return begin(c, cluster, "REBOOT_NODE", NULL, NULL);
}

int msk_update_count(struct aws_call *c)
{
	json_t *cluster = changing(c), *p = msk_provisioned(cluster);
	int64_t now = jint(p, "numberOfBrokerNodes"), want = jint(c->in, "targetNumberOfBrokerNodes");
	if (!cluster)
		return -1;
	if (want == now)
		return unchanged(c, "targetNumberOfBrokerNodes");
	if (want % (int64_t)json_array_size(json_object_get(json_object_get(p, "brokerNodeGroupInfo"), "clientSubnets")))
		return msk_bad(c, "targetNumberOfBrokerNodes", "The number of broker nodes must be a multiple of the number of client subnets.");
	json_object_set_new(p, "numberOfBrokerNodes", json_integer(want));
	return begin(c, cluster, want > now ? "INCREASE_BROKER_COUNT" : "DECREASE_BROKER_COUNT", json_pack("{sI}", "numberOfBrokerNodes", (json_int_t)now),
		     json_pack("{sI}", "numberOfBrokerNodes", (json_int_t)want));
}

static json_t *ebs_of(json_t *cluster)
{
	return jobj(jobj(jobj(msk_provisioned(cluster), "brokerNodeGroupInfo"), "storageInfo"), "ebsStorageInfo");
}

/* Volumes only grow. size 0: as they are. */
static int grow(struct aws_call *c, json_t *cluster, int64_t size, const json_t *throughput, const char *type)
{
	json_t *ebs = ebs_of(cluster);
	int64_t now = jint(ebs, "volumeSize");
	if (size && size < now)
		return msk_bad(c, "volumeSizeGB", "The target volume size must be larger than the current one, %lld GiB.", (long long)now);
	if ((!size || size == now) && (!throughput || json_equal(throughput, json_object_get(ebs, "provisionedThroughput"))))
		return unchanged(c, "volumeSizeGB");
	json_t *before = json_pack("{s[{sssI}]}", "brokerEBSVolumeInfo", "kafkaBrokerNodeId", "All", "volumeSizeGB", (json_int_t)now);
	json_t *after = json_pack("{s[{sssI}]}", "brokerEBSVolumeInfo", "kafkaBrokerNodeId", "All", "volumeSizeGB", (json_int_t)(size ? size : now));
	if (size)
		json_object_set_new(ebs, "volumeSize", json_integer(size));
	if (throughput)
		json_object_set_new(ebs, "provisionedThroughput", json_deep_copy(throughput));
	return begin(c, cluster, type, before, after);
}

int msk_update_storage(struct aws_call *c)
{
	json_t *cluster = changing(c), *one = json_array_get(json_object_get(c->in, "targetBrokerEBSVolumeInfo"), 0);
	if (!cluster)
		return -1;
	return grow(c, cluster, jint(one, "volumeSizeGB"), json_object_get(one, "provisionedThroughput"), "UPDATE_BROKER_STORAGE");
}

int msk_update_storage_mode(struct aws_call *c)
{
	static const char *const names[] = { "storageMode" };
	if (json_object_get(c->in, "storageMode"))
		return replace(c, "UPDATE_STORAGE", names, 1);
	json_t *cluster = changing(c);
	return cluster ? grow(c, cluster, jint(c->in, "volumeSizeGB"), json_object_get(c->in, "provisionedThroughput"), "UPDATE_STORAGE") : -1;
}

int msk_update_type(struct aws_call *c)
{
	json_t *cluster = changing(c), *group = json_object_get(msk_provisioned(cluster), "brokerNodeGroupInfo");
	const char *want = jstr(c->in, "targetInstanceType"), *now = jstr(group, "instanceType");
	if (!cluster)
		return -1;
	if (!strcmp(want, now))
		return unchanged(c, "targetInstanceType");
	if (!sl_starts(sl(want), S("kafka.")) && !sl_starts(sl(want), S("express.")))
		return msk_bad(c, "targetInstanceType", "Unsupported InstanceType [%s].", want);
	json_t *before = json_pack("{ss}", "instanceType", now), *after = json_pack("{ss}", "instanceType", want);
	jput(group, "instanceType", want);
	return begin(c, cluster, "UPDATE_BROKER_TYPE", before, after);
}

static json_t *software(json_t *cluster)
{
	return jobj(msk_provisioned(cluster), "currentBrokerSoftwareInfo");
}

static json_t *configuration_of(const json_t *s)
{
	json_t *o = json_object();
	if (!jstr(s, "configurationArn"))
		return o;
	jput(jobj(o, "configurationInfo"), "arn", jstr(s, "configurationArn"));
	json_object_set(jobj(o, "configurationInfo"), "revision", json_object_get(s, "configurationRevision"));
	return o;
}

static void set_configuration(json_t *s, const json_t *info)
{
	jput(s, "configurationArn", jstr(info, "arn"));
	if (info)
		json_object_set(s, "configurationRevision", json_object_get(info, "revision"));
}

int msk_update_configuration(struct aws_call *c)
{
	json_t *cluster = changing(c), *info = json_object_get(c->in, "configurationInfo");
	if (!cluster || !msk_known_configuration(c, info))
		return -1;
	json_t *before = configuration_of(software(cluster));
	if (json_equal(json_object_get(before, "configurationInfo"), info)) {
		json_decref(before);
		return unchanged(c, "configurationInfo");
	}
	set_configuration(software(cluster), info);
	return begin(c, cluster, "UPDATE_CLUSTER_CONFIGURATION", before, configuration_of(software(cluster)));
}

int msk_update_version(struct aws_call *c)
{
	json_t *cluster = changing(c), *info = json_object_get(c->in, "configurationInfo");
	const char *want = jstr(c->in, "targetKafkaVersion");
	if (!cluster || !msk_known_version(c, want) || !msk_known_configuration(c, info))
		return -1;
	const char *now = jstr(software(cluster), "kafkaVersion");
	if (!strcmp(want, now))
		return unchanged(c, "targetKafkaVersion");
	json_t *before = json_pack("{ss}", "kafkaVersion", now), *after = json_pack("{ss}", "kafkaVersion", want);
	jput(software(cluster), "kafkaVersion", want);
	set_configuration(software(cluster), info);
	return begin(c, cluster, "UPDATE_CLUSTER_KAFKA_VERSION", before, after);
}

int msk_update_connectivity(struct aws_call *c)
{
	json_t *cluster = changing(c), *group = json_object_get(msk_provisioned(cluster), "brokerNodeGroupInfo");
	json_t *want = json_object_get(c->in, "connectivityInfo"), *now = json_object_get(group, "connectivityInfo");
	if (!cluster)
		return -1;
	if (json_equal(want, now))
		return unchanged(c, "connectivityInfo");
	json_t *before = json_object(), *after = json_object();
	jcopy(before, group, "connectivityInfo");
	json_object_set(after, "connectivityInfo", want);
	if (now)
		json_object_update(now, want);
	else
		json_object_set_new(group, "connectivityInfo", json_deep_copy(want));
	return begin(c, cluster, "UPDATE_CONNECTIVITY", before, after);
}

int msk_update_monitoring(struct aws_call *c)
{
	static const char *const names[] = { "enhancedMonitoring", "openMonitoring", "loggingInfo" };
	return replace(c, "UPDATE_MONITORING", names, ARRAY_LEN(names));
}

int msk_update_security(struct aws_call *c)
{
	static const char *const names[] = { "clientAuthentication", "encryptionInfo" };
	return replace(c, "UPDATE_SECURITY", names, ARRAY_LEN(names));
}

int msk_update_rebalancing(struct aws_call *c)
{
	static const char *const names[] = { "rebalancing" };
	return replace(c, "UPDATE_REBALANCING", names, ARRAY_LEN(names));
}

/* ---- telling ---- */

/* What was begun is over when it is looked at. */
static json_t *settled(struct aws_call *c, const char *arn, json_t *op)
{
	if (!strcmp(jstr(op, "operationState"), "PENDING")) {
		jput(op, "operationState", "UPDATE_COMPLETE");
		json_object_set_new(op, "endTime", json_integer(c->now_ms));
		if (msk_keep(c, &operations, arn, op))
			return NULL;
	}
	return json_deep_copy(op);
}

static json_t *as_v2(json_t *op, bool whole)
{
	json_t *v = json_pack("{ss}", "clusterType", "PROVISIONED");
	jcopy(v, op, "clusterArn");
	jcopy(v, op, "endTime");
	jcopy(v, op, "operationArn");
	jcopy(v, op, "operationState");
	jcopy(v, op, "operationType");
	json_object_set(v, "startTime", json_object_get(op, "creationTime"));
	if (whole) {
		jcopy(jobj(v, "provisioned"), op, "sourceClusterInfo");
		jcopy(jobj(v, "provisioned"), op, "targetClusterInfo");
	}
	json_decref(op);
	return v;
}

static int list(struct aws_call *c, bool v2)
{
	const json_t *cluster = msk_cluster(c);
	json_t *all = json_array(), *one;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &operations); cluster && (one = aws_next(&w));) {
		if (strcmp(jstr(one, "clusterArn"), jstr(c->in, "clusterArn")) != 0 || !(one = settled(c, w.key, one)))
			continue;
		json_array_insert_new(all, 0, v2 ? as_v2(one, false) : one);
	}
	if (cluster && !*c->code)
		return msk_page(c, all, "clusterOperationInfoList");
	json_decref(all);
	return -1;
}

int msk_operations(struct aws_call *c)
{
	return list(c, false);
}

int msk_operations_v2(struct aws_call *c)
{
	return list(c, true);
}

static int describe(struct aws_call *c, bool v2)
{
	const char *arn = jstr(c->in, "clusterOperationArn");
	json_t *op = aws_find(c->aws, c->at, &operations, arn);
	if (!op)
		return msk_not_found(c, "clusterOperationArn");
	op = settled(c, arn, op);
	if (!op)
		return -1;
	json_object_set_new(c->out, "clusterOperationInfo", v2 ? as_v2(op, true) : op);
	return 0;
}

int msk_operation(struct aws_call *c)
{
	return describe(c, false);
}

int msk_operation_v2(struct aws_call *c)
{
	return describe(c, true);
}

int msk_drop_operations(struct aws_call *c, const char *cluster)
{
	struct error err;
	json_t *one;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &operations); (one = aws_next(&w));) {
		if (strcmp(jstr(one, "clusterArn"), cluster) != 0)
			continue;
		if (aws_drop(c->aws, c->at, &operations, w.key, &err))
			return aws_broken(c, &err);
		w = aws_walk(c->aws, c->at, &operations);
	}
	return 0;
}
