/* What a connector may say. DIFFERS: the words of these refusals are ours, as nobody has published theirs. */
#include "aws/iam.h"
#include "msk/mskconnect.h"
#include "core/policy.h"

int mskc_check_capacity(struct aws_call *c, const json_t *capacity)
{
	const json_t *fixed = json_object_get(capacity, "provisionedCapacity"), *scale = json_object_get(capacity, "autoScaling");
	int64_t mcu = jint(fixed ? fixed : scale, "mcuCount");
	if (!fixed == !scale)
		return mskc_bad(c, "Exactly one of autoScaling and provisionedCapacity must be specified for capacity.");
	if (mcu != 1 && mcu != 2 && mcu != 4 && mcu != 8)
		return mskc_bad(c, "Invalid parameter mcuCount: the valid values are 1, 2, 4, 8.");
	if (fixed && (jint(fixed, "workerCount") < 1 || jint(fixed, "workerCount") > 10))
		return mskc_bad(c, "Invalid parameter workerCount: it is 1 to 10.");
	if (scale && (jint(scale, "minWorkerCount") < 1 || jint(scale, "maxWorkerCount") > 10 || jint(scale, "minWorkerCount") > jint(scale, "maxWorkerCount")))
		return mskc_bad(c, "Invalid parameter autoScaling: 1 <= minWorkerCount <= maxWorkerCount <= 10.");
	return 0;
}

int mskc_check_configuration(struct aws_call *c, const json_t *configuration, const char *connector)
{
	static const char *const needed[] = { "connector.class", "tasks.max" };
	const char *name = jstr(configuration, "name");
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!jstr(configuration, needed[i]))
			return mskc_bad(c, "Invalid parameter connectorConfiguration: The connector configuration must contain %s.", needed[i]);
	if (name && strcmp(name, connector) != 0)
		return mskc_bad(c, "Invalid parameter connectorConfiguration: name is %s, and the connector's name is %s.", name, connector);
	return 0;
}

int mskc_check_plugins(struct aws_call *c, const json_t *plugins)
{
	const json_t *one, *plugin;
	size_t i;
	if (!json_array_size(plugins))
		return mskc_bad(c, "Invalid parameter plugins: at least one plugin must be specified.");
	json_array_foreach(plugins, i, one) {
		const json_t *named = json_object_get(one, "customPlugin");
		plugin = aws_find(c->aws, c->at, &mskc_plugins, jstr(named, "customPluginArn"));
		if (!plugin)
			return mskc_not_found(c);
		if (jint(named, "revision") != jint(json_object_get(plugin, "latestRevision"), "revision"))
			return mskc_bad(c, "Invalid parameter plugins: the custom plugin %s has no revision %lld.", jstr(plugin, "name"), (long long)jint(named, "revision"));
		if (strcmp(jstr(plugin, "customPluginState"), "ACTIVE") != 0)
			return mskc_bad(c, "Invalid parameter plugins: the custom plugin %s is %s, not ACTIVE.", jstr(plugin, "name"), jstr(plugin, "customPluginState"));
	}
	return 0;
}

int mskc_check_worker(struct aws_call *c, const json_t *worker)
{
	const json_t *doc = worker ? aws_find(c->aws, c->at, &mskc_workers, jstr(worker, "workerConfigurationArn")) : NULL;
	if (!worker)
		return 0;
	if (!doc)
		return mskc_not_found(c);
	if (jint(worker, "revision") != jint(json_object_get(doc, "latestRevision"), "revision"))
		return mskc_bad(c, "Invalid parameter workerConfiguration: %s has no such revision.", jstr(doc, "name"));
	return 0;
}

/* ---- the cluster it reads ---- */

/* The ports of MSK's listeners that a way of authentication and encryption has. */
static bool fits(int64_t port, bool iam, bool tls)
{
	static const struct {
		int port;
		bool iam, tls;
	} ports[] = {
		{ 9092, false, false }, { 9094, false, true }, { 9096, false, true }, { 9098, true, true },
		{ 9194, false, true }, { 9196, false, true }, { 9198, true, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		if (ports[i].port == port)
			return ports[i].iam == iam && ports[i].tls == tls;
	return true;
}

/* b-1.NAME.HASH.cN.kafka.REGION.amazonaws.com */
static bool is_broker(struct slice host)
{
	return sl_starts_nocase(host, S("b-")) && sl_find(host, S(".kafka.")) > 0 && sl_find(host, S(".amazonaws.com")) > 0;
}

static int check_cluster(struct aws_call *c)
{
	struct slice one, host, port, rest = jslice(json_object_get(json_object_get(c->in, "kafkaCluster"), "apacheKafkaCluster"), "bootstrapServers");
	bool iam = !strcmp(jstr(json_object_get(c->in, "kafkaClusterClientAuthentication"), "authenticationType"), "IAM");
	bool tls = !strcmp(jstr(json_object_get(c->in, "kafkaClusterEncryptionInTransit"), "encryptionType"), "TLS");
	if (iam && !tls)
		return mskc_bad(c, "Invalid parameter kafkaClusterEncryptionInTransit: IAM authentication needs TLS.");
	while (rest.p) {
		int64_t n;
		(void)sl_cut(rest, ',', &one, &rest);
		one = sl_trim(one);
		if (!sl_cut(one, ':', &host, &port) || !host.n || !sl_int(port, 1, 65535, &n))
			return mskc_bad(c, "Invalid parameter bootstrapServers: %.*s is not HOST:PORT.", (int)(one.n < 100 ? one.n : 100), one.p);
		if (is_broker(host) && !fits(n, iam, tls))
			return mskc_bad(c, "Invalid parameter bootstrapServers: the brokers' port %lld is not that of %s authentication with %s.", (long long)n,
					iam ? "IAM" : "no", tls ? "TLS" : "plain text");
	}
	return 0;
}

/* ---- its role ---- */

struct trusted {
	bool found;
};

static void look(void *arg, const char *kind, struct slice value)
{
	struct trusted *t = arg;
	t->found |= !strcmp(kind, "Service") && sl_eqs(value, "kafkaconnect.amazonaws.com");
}

static bool trusts(struct aws_call *c, const json_t *role)
{
	struct trusted t = { false };
	struct policy *trust;
	struct error err;
	if (policy_read(jslice(role, "AssumeRolePolicyDocument"), POLICY_OF_TRUST, &trust, &err))
		return false;
	policy_principals(trust, look, &t);
	policy_free(trust);
	return t.found;
}

static int check_role(struct aws_call *c)
{
	struct slice arn = jslice(c->in, "serviceExecutionRoleArn"), rest, part;
	rest = arn;
	for (int i = 0; i < 5 && rest.p; i++)
		(void)sl_cut(rest, ':', &part, &rest);
	if (!sl_starts(arn, S("arn:aws")) || !rest.p || !sl_starts(rest, S("role/")) || rest.n == sizeof("role/") - 1)
		return mskc_bad(c, "Invalid parameter serviceExecutionRoleArn: it is not the ARN of a role.");
	char *name = xstrndup(rest.p, rest.n);
	const json_t *role = aws_find(c->aws, c->at, &iam_roles, strrchr(name, '/') + 1);
	free(name);
	if (!role && identities_on(c->env->conf))
		return mskc_bad(c, "Invalid parameter serviceExecutionRoleArn: there is no such role.");
	if (role && !trusts(c, role))
		return mskc_bad(c, "Invalid parameter serviceExecutionRoleArn: A service linked role or the trust relationship of the role must let "
				   "kafkaconnect.amazonaws.com assume it.");
	return aws_pass_role(c, jstr(c->in, "serviceExecutionRoleArn"), "kafkaconnect.amazonaws.com");
}

static int check_logs(struct aws_call *c)
{
	const json_t *to = json_object_get(json_object_get(json_object_get(c->in, "logDelivery"), "workerLogDelivery"), "cloudWatchLogs");
	if (jtrue(to, "enabled") && !jstr(to, "logGroup"))
		return mskc_bad(c, "Invalid parameter logDelivery: logGroup is required where cloudWatchLogs is enabled.");
	return 0;
}

int mskc_check_new(struct aws_call *c)
{
	static const char *const versions[] = { "2.7.1", "3.7.x", "4.0.x" };
	const char *version = jstr(c->in, "kafkaConnectVersion");
	bool known = false;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		known |= !strcmp(versions[i], version);
	if (!known)
		return mskc_bad(c, "Invalid parameter kafkaConnectVersion: the supported versions are 2.7.1, 3.7.x, 4.0.x.");
	int rc = mskc_check_capacity(c, json_object_get(c->in, "capacity"));
	if (!rc)
		rc = mskc_check_configuration(c, json_object_get(c->in, "connectorConfiguration"), jstr(c->in, "connectorName"));
	if (!rc)
		rc = check_cluster(c);
	if (!rc)
		rc = check_role(c);
	if (!rc)
		rc = check_logs(c);
	if (!rc)
		rc = mskc_check_plugins(c, json_object_get(c->in, "plugins"));
	return rc ? rc : mskc_check_worker(c, json_object_get(c->in, "workerConfiguration"));
}
