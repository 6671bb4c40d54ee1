#include "msk/msk.h"

#include "core/text.h"

const struct aws_kind msk_clusters = { .name = "kafka.cluster" };

/* ---- helpers ---- */

int msk_bad(struct aws_call *c, const char *parameter, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	json_decref(c->also);
	c->also = parameter ? json_pack("{ss}", "invalidParameter", parameter) : NULL;
	int rc = aws_refuse(c, 400, "BadRequestException", "%.*s", SL(buf_slice(&b)));
	buf_free(&b);
	return rc;
}

int msk_not_found(struct aws_call *c, const char *parameter)
{
	c->also = json_pack("{ss}", "invalidParameter", parameter);
	return aws_refuse(c, 404, "NotFoundException", "The requested resource doesn't exist.");
}

int msk_keep(struct aws_call *c, const struct aws_kind *kind, const char *key, json_t *doc)
{
	struct error err;
	return aws_keep(c->aws, c->at, kind, key, doc, &err) ? aws_broken(c, &err) : 0;
}

int msk_page(struct aws_call *c, json_t *items, const char *list)
{
	return aws_page(c, items, list, "maxResults", 100, "nextToken", "nextToken") ? msk_bad(c, "nextToken", "The specified nextToken is not valid.") : 0;
}

void msk_resource(struct aws_call *c, struct buf *arn)
{
	static const char *const names[] = { "clusterArn", "resourceArn", "arn", "clusterOperationArn" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (jstr(c->in, names[i])) {
			buf_adds(arn, jstr(c->in, names[i]));
			return;
		}
	if (jstr(c->in, "clusterName"))
		buf_adds(arn, aws_arn(c, "kafka", "cluster/%s/*", jstr(c->in, "clusterName")));
	else
		buf_addc(arn, '*');
}

json_t *msk_provisioned(const json_t *cluster)
{
	return json_object_get(cluster, "provisioned");
}

static void fill(struct aws *a, char *out, int n, const char *letters, size_t letter_n)
{
	for (int i = 0; i < n; i++)
		out[i] = letters[aws_chance(a) % letter_n];
	out[n] = '\0';
}

void msk_new_version(struct aws *a, json_t *cluster)
{
	char text[14];
	aws_letters(a, 13, text);
	json_object_set_new(cluster, "currentVersion", json_sprintf("K%s", text));
}

/* What was begun is over when it is looked at. False: it is gone. */
static bool settle(struct aws_call *c, json_t *cluster)
{
	const char *state = jstr(cluster, "state");
	if (!strcmp(state, "ACTIVE"))
		return true;
	jput(cluster, "state", "ACTIVE");
	json_object_del(cluster, "activeOperationArn");
	return !msk_keep(c, &msk_clusters, jstr(cluster, "clusterArn"), cluster);
}

json_t *msk_cluster(struct aws_call *c)
{
	const char *arn = jstr(c->in, "clusterArn");
	json_t *cluster = aws_find(c->aws, c->at, &msk_clusters, arn);
	if (!cluster && !sl_starts(sl(arn), S("arn:"))) {
		msk_bad(c, "clusterArn", "One or more of the parameters are not valid.");
		return NULL;
	}
	if (!cluster)
		msk_not_found(c, "clusterArn");
	return cluster && settle(c, cluster) ? cluster : NULL;
}

/* ---- making one ---- */

static bool by_name(struct aws *a, struct aws_place at, const char *name)
{
	json_t *one;
	for (struct aws_walk w = aws_walk(a, at, &msk_clusters); (one = aws_next(&w));)
		if (!strcmp(jstr(one, "clusterName"), name))
			return true;
	return false;
}

/* The rest of a cluster that has its name and the account and region it is in. Takes doc. */
static int add_cluster(struct aws *a, struct aws_place at, const char *type, int64_t now_ms, json_t *doc, struct error *err)
{
	char uuid[37], hash[9];
	bool serverless = !strcmp(type, "SERVERLESS");
	aws_uuid(a, uuid);
	fill(a, hash, serverless ? 8 : 6, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
	int number = serverless ? 1 : (int)(aws_chance(a) % 26) + 1;
	json_t *arn = json_sprintf("arn:aws:kafka:%s:%s:cluster/%s/%s-%s%d", at.region, at.account, jstr(doc, "clusterName"), uuid, serverless ? "s" : "", number);
	json_object_set_new(doc, "clusterArn", arn);
	jput(doc, "clusterType", type);
	jput(doc, "hash", hash);
	json_object_set_new(doc, "number", json_integer(number));
	json_object_set_new(doc, "creationTime", json_integer(now_ms));
	jput(doc, "state", "CREATING");
	msk_new_version(a, doc);
	msk_put_zookeeper(doc);
	return aws_keep(a, at, &msk_clusters, json_string_value(arn), doc, err);
}

static bool good_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || (*p == '-' && p != name)))
			return false;
	return true;
}

static int check_new(struct aws_call *c, const json_t *in)
{
	const json_t *group = json_object_get(in, "brokerNodeGroupInfo");
	size_t subnets = json_array_size(json_object_get(group, "clientSubnets"));
	int64_t brokers = jint(in, "numberOfBrokerNodes");
	const char *instance = jstr(group, "instanceType");
	if (!msk_known_version(c, jstr(in, "kafkaVersion")) || !msk_known_configuration(c, json_object_get(in, "configurationInfo")))
		return -1;
	if (subnets < 2)
		return msk_bad(c, "clientSubnets", "Specify either two or three client subnets.");
	if (brokers % (int64_t)subnets)
		return msk_bad(c, "numberOfBrokerNodes", "The number of broker nodes must be a multiple of the number of client subnets.");
	if (!sl_starts(sl(instance), S("kafka.")) && !sl_starts(sl(instance), S("express.")))
		return msk_bad(c, "instanceType", "Unsupported InstanceType [%s].", instance);
	return 0;
}

static json_t *software(const json_t *in)
{
	const json_t *configuration = json_object_get(in, "configurationInfo");
	json_t *s = json_pack("{ss}", "kafkaVersion", jstr(in, "kafkaVersion"));
	jput(s, "configurationArn", jstr(configuration, "arn"));
	if (configuration)
		json_object_set(s, "configurationRevision", json_object_get(configuration, "revision"));
	return s;
}

/* Of the request, with what it leaves out. */
static json_t *provisioned(const json_t *in, struct aws_place at)
{
	static const char *const same[] = { "brokerNodeGroupInfo", "rebalancing", "clientAuthentication", "encryptionInfo", "enhancedMonitoring",
					    "openMonitoring", "loggingInfo", "numberOfBrokerNodes", "storageMode" };
	json_t *p = json_object();
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		jcopy(p, in, same[i]);
	json_t *group = jobj(p, "brokerNodeGroupInfo"), *ebs = jobj(jobj(group, "storageInfo"), "ebsStorageInfo");
	if (!json_object_get(group, "brokerAZDistribution"))
		jput(group, "brokerAZDistribution", "DEFAULT");
	if (!json_object_get(group, "securityGroups"))
		json_object_set_new(group, "securityGroups", json_pack("[s]", "sg-0a1b2c3d4e5f60718"));
	if (!json_object_get(ebs, "volumeSize"))
		json_object_set_new(ebs, "volumeSize", json_integer(1000));
	if (!json_object_get(p, "enhancedMonitoring"))
		jput(p, "enhancedMonitoring", "DEFAULT");
	if (!json_object_get(p, "storageMode"))
		jput(p, "storageMode", "LOCAL");
	json_t *encryption = jobj(p, "encryptionInfo"), *transit = jobj(encryption, "encryptionInTransit"), *rest = jobj(encryption, "encryptionAtRest");
	if (!json_object_get(transit, "clientBroker"))
		jput(transit, "clientBroker", "TLS");
	if (!json_object_get(transit, "inCluster"))
		json_object_set_new(transit, "inCluster", json_true());
	if (!json_object_get(rest, "dataVolumeKMSKeyId"))
		json_object_set_new(rest, "dataVolumeKMSKeyId", json_sprintf("arn:aws:kms:%s:%s:alias/aws/kafka", at.region, at.account));
	json_object_set_new(p, "currentBrokerSoftwareInfo", software(in));
	return p;
}

static int create(struct aws_call *c, const char *type, json_t *part, const char *as)
{
	const char *name = jstr(c->in, "clusterName");
	struct error err;
	if (!good_name(name) || by_name(c->aws, c->at, name)) {
		json_decref(part);
		if (!good_name(name))
			return msk_bad(c, "clusterName", "The cluster name is not valid: it has letters, digits and hyphens, and begins with no hyphen.");
		c->also = json_pack("{ss}", "invalidParameter", "clusterName");
		return aws_refuse(c, 409, "ConflictException", "A resource with this name already exists.");
	}
	json_t *doc = json_pack("{ss, so}", "clusterName", name, as, part);
	json_object_set_new(doc, "tags", json_object_get(c->in, "tags") ? json_deep_copy(json_object_get(c->in, "tags")) : json_object());
	if (add_cluster(c->aws, c->at, type, c->now_ms, doc, &err))
		return aws_broken(c, &err);
	jcopy(c->out, doc, "clusterArn");
	jcopy(c->out, doc, "clusterName");
	jcopy(c->out, doc, "state");
	return 0;
}

static int create_v1(struct aws_call *c)
{
	int rc = check_new(c, c->in);
	return rc ? rc : create(c, "PROVISIONED", provisioned(c->in, c->at), "provisioned");
}

static int create_v2(struct aws_call *c)
{
	const json_t *p = json_object_get(c->in, "provisioned"), *s = json_object_get(c->in, "serverless");
	int rc = 0;
	if (!p == !s)
		return msk_bad(c, NULL, "Specify either provisioned or serverless.");
	if (p)
		rc = check_new(c, p);
	if (!rc && p)
		rc = create(c, "PROVISIONED", provisioned(p, c->at), "provisioned");
	else if (!rc)
		rc = create(c, "SERVERLESS", json_deep_copy(s), "serverless");
	if (!rc)
		jput(c->out, "clusterType", p ? "PROVISIONED" : "SERVERLESS");
	return rc;
}

/* ---- telling ---- */

static const char *const common[] = { "activeOperationArn", "clusterArn", "clusterName", "creationTime", "currentVersion", "state", "stateInfo", "tags" };

static json_t *as_v1(const json_t *cluster)
{
	json_t *v = json_deep_copy(msk_provisioned(cluster));
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		jcopy(v, cluster, common[i]);
	return v;
}

static json_t *as_v2(const json_t *cluster)
{
	json_t *v = json_object();
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		jcopy(v, cluster, common[i]);
	jcopy(v, cluster, "clusterType");
	jcopy(v, cluster, "provisioned");
	jcopy(v, cluster, "serverless");
	return v;
}

static int describe(struct aws_call *c)
{
	const json_t *cluster = msk_cluster(c);
	if (!cluster)
		return -1;
	if (!msk_provisioned(cluster))
		return msk_bad(c, "clusterArn", "This operation cannot be performed on serverless clusters.");
	json_object_set_new(c->out, "clusterInfo", as_v1(cluster));
	return 0;
}

static int describe_v2(struct aws_call *c)
{
	const json_t *cluster = msk_cluster(c);
	if (!cluster)
		return -1;
	json_object_set_new(c->out, "clusterInfo", as_v2(cluster));
	return 0;
}

static int list(struct aws_call *c, bool v2)
{
	const char *prefix = jstr(c->in, "clusterNameFilter"), *type = v2 ? jstr(c->in, "clusterTypeFilter") : "PROVISIONED";
	json_t *all = json_array(), *one;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &msk_clusters); (one = aws_next(&w));) {
		if ((prefix && !sl_starts(sl(jstr(one, "clusterName")), sl(prefix))) || (type && strcmp(jstr(one, "clusterType"), type) != 0) || !settle(c, one))
			continue;
		json_array_append_new(all, v2 ? as_v2(one) : as_v1(one));
	}
	return msk_page(c, all, "clusterInfoList");
}

static int list_v1(struct aws_call *c)
{
	return list(c, false);
}

static int list_v2(struct aws_call *c)
{
	return list(c, true);
}

static int delete(struct aws_call *c)
{
	const json_t *cluster = msk_cluster(c);
	const char *version = jstr(c->in, "currentVersion");
	struct error err;
	if (!cluster)
		return -1;
	if (version && strcmp(version, jstr(cluster, "currentVersion")) != 0)
		return msk_bad(c, "currentVersion", "This operation cannot be performed on version %s of the cluster: its current version is %s.", version,
			       jstr(cluster, "currentVersion"));
	jcopy(c->out, cluster, "clusterArn");
	jput(c->out, "state", "DELETING");
	int rc = msk_drop_operations(c, jstr(c->in, "clusterArn"));
	if (!rc && aws_drop(c->aws, c->at, &msk_clusters, jstr(c->in, "clusterArn"), &err))
		rc = aws_broken(c, &err);
	return rc;
}

/* ---- the stack's ---- */

/* [msk]: the cluster of the walkthrough, with every way in. */
static int open_msk(struct aws *a, struct error *err)
{
	const struct conf *conf = a->env->conf;
	const char *name = conf_str(conf, "msk", "cluster", MSK_STACK_CLUSTER);
	struct aws_place at = { identities_account(conf), identities_region(conf) };
	if (!*name || by_name(a, at, name))
		return 0;
	int64_t brokers = conf_int(conf, "kafka", "brokers", 3); /* as many as Kafka has, in three zones */
	brokers = conf_int(conf, "msk", "brokers", brokers < 3 ? 3 : (brokers + 2) / 3 * 3);
	json_t *in = json_pack("{s{s[sss]ss} ss si s{s{s{sb}s{sb}}s{sb}} s{s{ss}}}", "brokerNodeGroupInfo", "clientSubnets", "subnet-0a1b2c3d4e5f60711",
			       "subnet-0a1b2c3d4e5f60712", "subnet-0a1b2c3d4e5f60713", "instanceType", conf_str(conf, "msk", "instance", "kafka.m5.large"),
			       "kafkaVersion", conf_str(conf, "msk", "version", "2.8.1"), "numberOfBrokerNodes", (int)brokers,
			       "clientAuthentication", "sasl", "scram", "enabled", 1, "iam", "enabled", 1, "unauthenticated", "enabled", 1,
			       "encryptionInfo", "encryptionInTransit", "clientBroker", "TLS_PLAINTEXT");
	json_t *doc = json_pack("{ss, so, s{}}", "clusterName", name, "provisioned", provisioned(in, at), "tags");
	json_decref(in);
	jput(doc, "state", "ACTIVE");
	return add_cluster(a, at, "PROVISIONED", clock_now_ms(a->env->clock), doc, err);
}

/* ---- the table ---- */

#define LOG_TO "{cloudWatchLogs:{enabled!:b logGroup} firehose:{deliveryStream enabled!:b} s3:{bucket enabled!:b prefix}}"
#define LOGGING "{authorizerLogs:" LOG_TO " brokerLogs!:" LOG_TO "}"
#define ON "{enabled:b}"
#define AUTHENTICATION "{sasl:{scram:" ON " iam:" ON "} tls:{certificateAuthorityArnList:[s] enabled:b} unauthenticated:" ON "}"
#define CONNECTIVITY "{publicAccess:{type:DISABLED|SERVICE_PROVIDED_EIPS} vpcConnectivity:{clientAuthentication:{sasl:{scram:" ON " iam:" ON "} tls:" ON "}}" \
	" networkType:IPV4|DUAL}"
#define ENCRYPTION "{encryptionAtRest:{dataVolumeKMSKeyId!:s} encryptionInTransit:{clientBroker:TLS|TLS_PLAINTEXT|PLAINTEXT inCluster:b}}"
#define MONITORING "enhancedMonitoring:DEFAULT|PER_BROKER|PER_TOPIC_PER_BROKER|PER_TOPIC_PER_PARTITION" \
	" openMonitoring:{prometheus!:{jmxExporter:{enabledInBroker!:b} nodeExporter:{enabledInBroker!:b}}} loggingInfo:" LOGGING
#define THROUGHPUT "provisionedThroughput:{enabled:b volumeThroughput:i}"
#define CONFIGURATION "{arn!:s revision!:i}"
#define PROVISIONED "brokerNodeGroupInfo!:{brokerAZDistribution:DEFAULT clientSubnets!:[s] instanceType!:s5-64 securityGroups:[s]" \
	" storageInfo:{ebsStorageInfo:{" THROUGHPUT " volumeSize:i1-16384}} connectivityInfo:" CONNECTIVITY " zoneIds:[s]} rebalancing:{status:PAUSED|ACTIVE}" \
	" clientAuthentication:" AUTHENTICATION " configurationInfo:" CONFIGURATION " encryptionInfo:" ENCRYPTION " " MONITORING " kafkaVersion!:s1-128" \
	" numberOfBrokerNodes!:i1-15 storageMode:LOCAL|TIERED"
#define SERVERLESS "{vpcConfigs!:[{subnetIds!:[s] securityGroupIds:[s]}]1- clientAuthentication:{sasl:{iam:" ON "}}}"
#define CLUSTER "/v1/clusters/{}"
#define ARN "@clusterArn!:s"
#define PAGE " ?maxResults:i1-100 ?nextToken:s"
#define VERSIONED ARN " currentVersion!:s "
#define OP_TIMES "creationTime:t endTime:t"
#define R .resource = msk_resource

static const struct aws_op ops[] = {
	{ AWS_REST_OP("kafka", "POST", "/v1/clusters", "CreateCluster", "make a cluster"), "clusterName!:s1-64 tags:<s> " PROVISIONED, "", create_v1, R },
	{ AWS_REST_OP("kafka", "POST", "/api/v2/clusters", "CreateClusterV2", "make a cluster, a serverless one too"),
	  "clusterName!:s1-64 tags:<s> provisioned:{" PROVISIONED "} serverless:" SERVERLESS, "", create_v2, R },
	{ AWS_REST_OP("kafka", "GET", "/v1/clusters", "ListClusters", "clusters"), "?clusterNameFilter" PAGE, "clusterInfoList:[{" MSK_CLUSTER_TIMES "}]", list_v1 },
	{ AWS_REST_OP("kafka", "GET", "/api/v2/clusters", "ListClustersV2", "clusters, serverless ones too"), "?clusterNameFilter ?clusterTypeFilter" PAGE,
	  "clusterInfoList:[{" MSK_CLUSTER_TIMES "}]", list_v2 },
	{ AWS_REST_OP("kafka", "GET", CLUSTER, "DescribeCluster", "a cluster"), ARN, "clusterInfo:{" MSK_CLUSTER_TIMES "}", describe, R },
	{ AWS_REST_OP("kafka", "GET", "/api/v2/clusters/{}", "DescribeClusterV2", "a cluster"), ARN, "clusterInfo:{" MSK_CLUSTER_TIMES "}", describe_v2, R },
	{ AWS_REST_OP("kafka", "DELETE", CLUSTER, "DeleteCluster", "delete a cluster; the broker and its topics stay"), ARN " ?currentVersion", "", delete, R },
	{ AWS_REST_OP("kafka", "GET", CLUSTER "/bootstrap-brokers", "GetBootstrapBrokers", "where clients begin"), ARN, "", msk_bootstrap, R },
	{ AWS_REST_OP("kafka", "GET", CLUSTER "/nodes", "ListNodes", "brokers of a cluster"), ARN PAGE, "nodeInfoList:[{addedToClusterTime:t}]", msk_nodes, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/reboot-broker", "RebootBroker", "one of several brokers is away for some seconds; one alone stays"), ARN " brokerIds!:[s]1-", "", msk_reboot, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/nodes/count", "UpdateBrokerCount", "how many brokers it tells of"),
	  VERSIONED "targetNumberOfBrokerNodes!:i1-15", "", msk_update_count, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/nodes/storage", "UpdateBrokerStorage", "size of the volumes"),
	  VERSIONED "targetBrokerEBSVolumeInfo!:[{kafkaBrokerNodeId!:s " THROUGHPUT " volumeSizeGB:i1-16384}]1-", "", msk_update_storage, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/storage", "UpdateStorage", "size or mode of the storage"),
	  VERSIONED THROUGHPUT " storageMode:LOCAL|TIERED volumeSizeGB:i1-16384", "", msk_update_storage_mode, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/nodes/type", "UpdateBrokerType", "type of the machines"), VERSIONED "targetInstanceType!:s", "", msk_update_type, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/configuration", "UpdateClusterConfiguration", "configuration of a cluster"),
	  VERSIONED "configurationInfo!:" CONFIGURATION, "", msk_update_configuration, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/version", "UpdateClusterKafkaVersion", "version that it tells of"),
	  VERSIONED "targetKafkaVersion!:s configurationInfo:" CONFIGURATION, "", msk_update_version, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/connectivity", "UpdateConnectivity", "public access, VPC connections"),
	  VERSIONED "connectivityInfo!:" CONNECTIVITY, "", msk_update_connectivity, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/monitoring", "UpdateMonitoring", "monitoring and logs"), VERSIONED MONITORING, "", msk_update_monitoring, R },
	{ AWS_REST_OP("kafka", "PATCH", CLUSTER "/security", "UpdateSecurity", "who may come in, and how"),
	  VERSIONED "clientAuthentication:" AUTHENTICATION " encryptionInfo:" ENCRYPTION, "", msk_update_security, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/rebalancing", "UpdateRebalancing", "intelligent rebalancing"),
	  VERSIONED "rebalancing!:{status:PAUSED|ACTIVE}", "", msk_update_rebalancing, R },
	{ AWS_REST_OP("kafka", "GET", CLUSTER "/operations", "ListClusterOperations", "what was changed"), ARN PAGE,
	  "clusterOperationInfoList:[{" OP_TIMES "}]", msk_operations, R },
	{ AWS_REST_OP("kafka", "GET", "/v1/operations/{}", "DescribeClusterOperation", "a change"), "@clusterOperationArn!:s",
	  "clusterOperationInfo:{" OP_TIMES "}", msk_operation, R },
	{ AWS_REST_OP("kafka", "GET", "/api/v2/clusters/{}/operations", "ListClusterOperationsV2", "what was changed"), ARN PAGE,
	  "clusterOperationInfoList:[{startTime:t endTime:t}]", msk_operations_v2, R },
	{ AWS_REST_OP("kafka", "GET", "/api/v2/operations/{}", "DescribeClusterOperationV2", "a change"), "@clusterOperationArn!:s",
	  "clusterOperationInfo:{startTime:t endTime:t}", msk_operation_v2, R },
	{ AWS_REST_OP("kafka", "POST", "/v1/configurations", "CreateConfiguration", "keep a configuration"),
	  "description kafkaVersions:[s] name!:s1-64 serverProperties!:x", "creationTime:t latestRevision:{creationTime:t}", msk_create_configuration },
	{ AWS_REST_OP("kafka", "GET", "/v1/configurations", "ListConfigurations", "configurations"), "?maxResults:i1-100 ?nextToken:s",
	  "configurations:[{creationTime:t latestRevision:{creationTime:t}}]", msk_list_configurations },
	{ AWS_REST_OP("kafka", "GET", "/v1/configurations/{}", "DescribeConfiguration", "a configuration"), "@arn!:s",
	  "creationTime:t latestRevision:{creationTime:t}", msk_configuration, R },
	{ AWS_REST_OP("kafka", "PUT", "/v1/configurations/{}", "UpdateConfiguration", "a new revision"), "@arn!:s description serverProperties!:x",
	  "latestRevision:{creationTime:t}", msk_update_configuration_doc, R },
	{ AWS_REST_OP("kafka", "DELETE", "/v1/configurations/{}", "DeleteConfiguration", "delete it"), "@arn!:s", "", msk_delete_configuration, R },
	{ AWS_REST_OP("kafka", "GET", "/v1/configurations/{}/revisions", "ListConfigurationRevisions", "its revisions"), "@arn!:s" PAGE,
	  "revisions:[{creationTime:t}]", msk_revisions, R },
	{ AWS_REST_OP("kafka", "GET", "/v1/configurations/{}/revisions/{}", "DescribeConfigurationRevision", "a revision and its properties"),
	  "@arn!:s @revision!:i", "creationTime:t serverProperties:x", msk_revision, R },
	{ AWS_REST_OP("kafka", "GET", "/v1/kafka-versions", "ListKafkaVersions", "versions there are"), "?maxResults:i1-100 ?nextToken:s", "", msk_versions },
	{ AWS_REST_OP("kafka", "GET", "/v1/compatible-kafka-versions", "GetCompatibleKafkaVersions", "what can be updated to what"), "?clusterArn", "",
	  msk_compatible, R },
	{ AWS_REST_OP("kafka", "POST", CLUSTER "/scram-secrets", "BatchAssociateScramSecret", "name secrets of SCRAM; passwords are [kafka.users]"),
	  ARN " secretArnList!:[s]1-", "", msk_add_secrets, R },
	{ AWS_REST_OP("kafka", "PATCH", CLUSTER "/scram-secrets", "BatchDisassociateScramSecret", "forget secrets"), ARN " secretArnList!:[s]1-", "",
	  msk_drop_secrets, R },
	{ AWS_REST_OP("kafka", "GET", CLUSTER "/scram-secrets", "ListScramSecrets", "secrets named"), ARN PAGE, "", msk_secrets, R },
	{ AWS_REST_OP("kafka", "GET", CLUSTER "/policy", "GetClusterPolicy", "its policy"), ARN, "", msk_policy, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/policy", "PutClusterPolicy", "keep a policy"), ARN " currentVersion policy!:s1-20480", "", msk_put_policy, R },
	{ AWS_REST_OP("kafka", "DELETE", CLUSTER "/policy", "DeleteClusterPolicy", "forget it"), ARN, "", msk_drop_policy, R },
	{ AWS_REST_OP("kafka", "POST", CLUSTER "/topics", "CreateTopic", "make a topic of the broker"),
	  ARN " topicName!:s1-249 partitionCount!:i1- replicationFactor!:i1- configs", "", msk_create_topic, R },
	{ AWS_REST_OP("kafka", "GET", CLUSTER "/topics", "ListTopics", "topics of the broker"), ARN " ?topicNameFilter" PAGE, "", msk_list_topics, R },
	{ AWS_REST_OP("kafka", "GET", CLUSTER "/topics/{}", "DescribeTopic", "a topic"), ARN " @topicName!:s", "", msk_topic, R },
	{ AWS_REST_OP("kafka", "GET", CLUSTER "/topics/{}/partitions", "DescribeTopicPartitions", "its partitions"), ARN " @topicName!:s" PAGE, "", msk_topic, R },
	{ AWS_REST_OP("kafka", "PUT", CLUSTER "/topics/{}", "UpdateTopic", "more partitions, other configs"), ARN " @topicName!:s configs partitionCount:i1-", "",
	  msk_update_topic, R },
	{ AWS_REST_OP("kafka", "DELETE", CLUSTER "/topics/{}", "DeleteTopic", "delete a topic"), ARN " @topicName!:s", "", msk_delete_topic, R },
	{ AWS_REST_OP("kafka", "GET", "/v1/tags/{}", "ListTagsForResource", "tags"), "@resourceArn!:s", "", msk_tags, R },
	{ AWS_REST_OP("kafka", "POST", "/v1/tags/{}", "TagResource", "set tags"), "@resourceArn!:s tags!:<s>", NULL, msk_tag, R, .status = 204 },
	{ AWS_REST_OP("kafka", "DELETE", "/v1/tags/{}", "UntagResource", "take tags away"), "@resourceArn!:s ?tagKeys!:[s]", NULL, msk_untag, R, .status = 204 },
};
const struct routes msk_ops = ROUTES(ops);
const struct aws_api msk_api = { .name = "kafka", .scope = "kafka", .protocol = AWS_REST_JSON, .time = SHAPE_ISO, .invalid = "BadRequestException",
				 .ops = { &msk_ops }, .open = open_msk };
