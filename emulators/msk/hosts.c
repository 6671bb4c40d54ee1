#include "msk/msk.h"

char *msk_host(const json_t *cluster, const char *kind, int i, const char *tail)
{
	const char *arn = jstr(cluster, "clusterArn"), *region = strchr(strchr(strchr(arn, ':') + 1, ':') + 1, ':') + 1;
	return xasprintf("%s-%d%s.%s.%s.c%d.kafka.%.*s.amazonaws.com", kind, i, tail, jstr(cluster, "clusterName"), jstr(cluster, "hash"),
			 (int)jint(cluster, "number"), (int)strcspn(region, ":"), region);
}

/* ZooKeeper's, which clusters have before 3.7 of Kafka, and beyond unless they say KRaft. */
static bool has_zookeeper(const char *version)
{
	int major = atoi(version), minor = strchr(version, '.') ? atoi(strchr(version, '.') + 1) : 0;
	return !strstr(version, "kraft") && (major < 3 || (major == 3 && minor < 7));
}

void msk_put_zookeeper(json_t *cluster)
{
	json_t *p = msk_provisioned(cluster);
	struct buf plain = { 0 }, tls = { 0 };
	if (!p || !has_zookeeper(jstr(json_object_get(p, "currentBrokerSoftwareInfo"), "kafkaVersion")))
		return;
	for (int i = 1; i <= 3; i++) {
		char *host = msk_host(cluster, "z", i, "");
		buf_addf(&plain, "%s%s:2181", i > 1 ? "," : "", host);
		buf_addf(&tls, "%s%s:2182", i > 1 ? "," : "", host);
		free(host);
	}
	jput(p, "zookeeperConnectString", buf_cstr(&plain));
	jput(p, "zookeeperConnectStringTls", buf_cstr(&tls));
	buf_free(&plain);
	buf_free(&tls);
}

/* ---- bootstrap strings ---- */

enum { BOOTSTRAP_MAX = 3 };

static void put_brokers(json_t *out, const char *name, const json_t *cluster, const char *tail, int port)
{
	int64_t n = jint(msk_provisioned(cluster), "numberOfBrokerNodes");
	struct buf b = { 0 };
	for (int i = 1; i <= n && i <= BOOTSTRAP_MAX; i++) {
		char *host = msk_host(cluster, "b", i, tail);
		buf_addf(&b, "%s%s:%d", i > 1 ? "," : "", host, port);
		free(host);
	}
	jput(out, name, buf_cstr(&b));
	buf_free(&b);
}

static bool on(const json_t *authentication, const char *kind)
{
	const json_t *sasl = json_object_get(authentication, "sasl");
	return jtrue(json_object_get(!strcmp(kind, "scram") || !strcmp(kind, "iam") ? sasl : authentication, kind), "enabled");
}

/* Who may come by which listener. */
struct ways {
	bool plain, tls, scram, iam;
};

static struct ways ways_of(const json_t *p)
{
	const json_t *a = json_object_get(p, "clientAuthentication");
	const char *in_transit = jstr(json_object_get(json_object_get(p, "encryptionInfo"), "encryptionInTransit"), "clientBroker");
	bool anyone = on(a, "unauthenticated") || !(on(a, "scram") || on(a, "iam") || on(a, "tls"));
	bool plain = in_transit && strcmp(in_transit, "TLS") != 0, tls = !in_transit || strcmp(in_transit, "PLAINTEXT") != 0;
	return (struct ways){ anyone && plain, tls && (anyone || on(a, "tls")), tls && on(a, "scram"), tls && on(a, "iam") };
}

static void put_serverless(struct aws_call *c, const json_t *cluster)
{
	json_object_set_new(c->out, "bootstrapBrokerStringSaslIam",
			    json_sprintf("boot-%s.c%d.kafka-serverless.%s.amazonaws.com:9098", jstr(cluster, "hash"), (int)jint(cluster, "number"), c->at.region));
}

int msk_bootstrap(struct aws_call *c)
{
	const json_t *cluster = msk_cluster(c), *p = msk_provisioned(cluster);
	if (!cluster)
		return -1;
	if (!p) {
		put_serverless(c, cluster);
		return 0;
	}
	const json_t *net = json_object_get(json_object_get(p, "brokerNodeGroupInfo"), "connectivityInfo");
	const json_t *vpc = json_object_get(json_object_get(net, "vpcConnectivity"), "clientAuthentication");
	const char *public = jstr(json_object_get(net, "publicAccess"), "type"), *type = jstr(net, "networkType");
	bool open = public && !strcmp(public, "SERVICE_PROVIDED_EIPS"), dual = type && !strcmp(type, "DUAL");
	struct ways w = ways_of(p);
	const struct {
		const char *name, *tail;
		bool there;
		int port;
	} all[] = {
		{ "bootstrapBrokerString", "", w.plain, 9092 },
		{ "bootstrapBrokerStringTls", "", w.tls, 9094 },
		{ "bootstrapBrokerStringSaslScram", "", w.scram, 9096 },
		{ "bootstrapBrokerStringSaslIam", "", w.iam, 9098 },
		{ "bootstrapBrokerStringPublicTls", "-public", open && w.tls, 9194 },
		{ "bootstrapBrokerStringPublicSaslScram", "-public", open && w.scram, 9196 },
		{ "bootstrapBrokerStringPublicSaslIam", "-public", open && w.iam, 9198 },
		{ "bootstrapBrokerStringVpcConnectivityTls", ".tls", on(vpc, "tls"), 14001 },
		{ "bootstrapBrokerStringVpcConnectivitySaslScram", ".scram", on(vpc, "scram"), 14001 },
		{ "bootstrapBrokerStringVpcConnectivitySaslIam", ".iam", on(vpc, "iam"), 14001 },
		{ "bootstrapBrokerStringIpv6", "", dual && w.plain, 20092 },
		{ "bootstrapBrokerStringTlsIpv6", "", dual && w.tls, 20094 },
		{ "bootstrapBrokerStringSaslScramIpv6", "", dual && w.scram, 20096 },
		{ "bootstrapBrokerStringSaslIamIpv6", "", dual && w.iam, 20098 },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].there)
			put_brokers(c->out, all[i].name, cluster, all[i].tail, all[i].port);
	return 0;
}

/* ---- nodes ---- */

static json_t *node(struct aws_call *c, const json_t *cluster, const json_t *p, int i)
{
	const json_t *group = json_object_get(p, "brokerNodeGroupInfo"), *subnets = json_object_get(group, "clientSubnets");
	char *host = msk_host(cluster, "b", i, "");
	json_t *info = json_object();
	json_object_set_new(info, "attachedENIId", json_sprintf("eni-%08x%s", (unsigned)i, jstr(cluster, "hash")));
	json_object_set_new(info, "brokerId", json_real(i));
	json_object_set(info, "clientSubnet", json_array_get(subnets, (size_t)(i - 1) % json_array_size(subnets)));
	json_object_set_new(info, "clientVpcIpAddress", json_sprintf("10.0.%d.%d", i, 10 + i));
	json_object_set(info, "currentBrokerSoftwareInfo", json_object_get(p, "currentBrokerSoftwareInfo"));
	json_object_set_new(info, "endpoints", json_pack("[s]", host));
	free(host);
	json_t *n = json_object();
	json_object_set_new(n, "addedToClusterTime", json_incref(json_object_get(cluster, "creationTime")));
	json_object_set_new(n, "brokerNodeInfo", info);
	json_object_set(n, "instanceType", json_object_get(group, "instanceType"));
	json_object_set_new(n, "nodeARN", json_string(aws_arn(c, "kafka", "broker/%s/%s-%d", jstr(cluster, "clusterName"), jstr(cluster, "hash"), i)));
	json_object_set_new(n, "nodeType", json_string("BROKER"));
	return n;
}

int msk_nodes(struct aws_call *c)
{
	const json_t *cluster = msk_cluster(c), *p = msk_provisioned(cluster);
	json_t *all = json_array();
	for (int i = 1; p && i <= jint(p, "numberOfBrokerNodes"); i++)
		json_array_append_new(all, node(c, cluster, p, i));
	if (cluster)
		return msk_page(c, all, "nodeInfoList");
	json_decref(all);
	return -1;
}

/* ---- the port ---- */

static bool has_broker(const json_t *cluster, struct slice host)
{
	char *first = msk_host(cluster, "b", 1, "");
	bool same = sl_eq_nocase(sl(strchr(first, '.')), host);
	free(first);
	return same;
}

static bool arn_of(void *self, struct slice host, struct buf *arn)
{
	const struct aws *a = self;
	const char *name = conf_str(a->env->conf, "msk", "cluster", MSK_STACK_CLUSTER);
	const json_t *one, *found = NULL;
	ssize_t at = sl_chr(host, '.');
	struct slice rest = at < 0 ? S("") : sl_from(host, (size_t)at);
	for (struct aws_walk w = aws_walk_all(a, &msk_clusters); (one = aws_next(&w));) {
		if (msk_provisioned(one) && has_broker(one, rest)) {
			found = one;
			break;
		}
		if (!strcmp(jstr(one, "clusterName"), name))
			found = one;
	}
	if (found)
		buf_adds(arn, jstr(found, "clusterArn"));
	return found;
}

void msk_provide(struct aws *a, struct ports *ports)
{
	ports->clusters = (struct clusters){ .self = a, .arn = arn_of };
}
