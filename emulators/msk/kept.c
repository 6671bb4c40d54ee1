/* What is kept beside clusters: configurations and their revisions, secrets of SCRAM, policies; and which versions there are. */
#include "msk/msk.h"

#include "core/text.h"

const struct aws_kind msk_configurations = { .name = "kafka.configuration" };

/* ---- versions ---- */

static const struct {
	const char *version, *status;
} versions[] = {
	{ "1.1.1", "DEPRECATED" }, { "2.2.1", "DEPRECATED" }, { "2.3.1", "DEPRECATED" }, { "2.4.1", "DEPRECATED" }, { "2.4.1.1", "DEPRECATED" },
	{ "2.5.1", "DEPRECATED" }, { "2.6.0", "DEPRECATED" }, { "2.6.1", "DEPRECATED" }, { "2.6.2", "DEPRECATED" }, { "2.6.3", "DEPRECATED" },
	{ "2.7.0", "DEPRECATED" }, { "2.7.1", "DEPRECATED" }, { "2.7.2", "DEPRECATED" }, { "2.8.0", "DEPRECATED" }, { "2.8.1", "ACTIVE" },
	{ "2.8.2.tiered", "ACTIVE" }, { "3.1.1", "ACTIVE" }, { "3.2.0", "ACTIVE" }, { "3.3.1", "ACTIVE" }, { "3.3.2", "ACTIVE" }, { "3.4.0", "ACTIVE" },
	{ "3.5.1", "ACTIVE" }, { "3.6.0", "ACTIVE" }, { "3.7.x", "ACTIVE" }, { "3.7.x.kraft", "ACTIVE" }, { "3.8.x", "ACTIVE" },
	{ "3.8.x.kraft", "ACTIVE" }, { "3.9.x", "ACTIVE" }, { "3.9.x.kraft", "ACTIVE" }, { "4.0.x.kraft", "ACTIVE" },
};

bool msk_known_version(struct aws_call *c, const char *version)
{
	struct buf all = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		if (!strcmp(version, versions[i].version))
			return true;
		buf_addf(&all, "%s%s", i ? ", " : "", versions[i].version);
	}
	msk_bad(c, "kafkaVersion", "Unsupported KafkaVersion [%.60s]. Valid values: [%.*s]", version, SL(buf_slice(&all)));
	buf_free(&all);
	return false;
}

int msk_versions(struct aws_call *c)
{
	json_t *all = json_array();
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		json_array_append_new(all, json_pack("{ssss}", "version", versions[i].version, "status", versions[i].status));
	return msk_page(c, all, "kafkaVersions");
}

static json_t *newer_than(size_t i)
{
	json_t *all = json_array();
	while (++i < ARRAY_LEN(versions))
		if (!strcmp(versions[i].status, "ACTIVE") && !strstr(versions[i].version, "kraft"))
			json_array_append_new(all, json_string(versions[i].version));
	return all;
}

int msk_compatible(struct aws_call *c)
{
	const json_t *cluster = jstr(c->in, "clusterArn") ? msk_cluster(c) : NULL;
	const char *of = jstr(json_object_get(msk_provisioned(cluster), "currentBrokerSoftwareInfo"), "kafkaVersion");
	json_t *all = json_array();
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (!of || !strcmp(of, versions[i].version))
			json_array_append_new(all, json_pack("{ss, so}", "sourceVersion", versions[i].version, "targetVersions", newer_than(i)));
	json_object_set_new(c->out, "compatibleKafkaVersions", all);
	return *c->code ? -1 : 0;
}

/* ---- configurations: the document as it is described, and revisions [{revision, creationTime, description, serverProperties}] ---- */

static json_t *configuration(struct aws_call *c)
{
	json_t *doc = aws_find(c->aws, c->at, &msk_configurations, jstr(c->in, "arn"));
	if (!doc) /* Terraform's provider waits for these words */
		(void)msk_bad(c, "arn", "Configuration ARN does not exist.");
	return doc;
}

static const json_t *find_revision(const json_t *doc, int64_t n)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(doc, "revisions"), i, one)
		if (jint(one, "revision") == n)
			return one;
	return NULL;
}

bool msk_known_configuration(struct aws_call *c, const json_t *info)
{
	const json_t *doc = info ? aws_find(c->aws, c->at, &msk_configurations, jstr(info, "arn")) : NULL;
	if (!info || find_revision(doc, jint(info, "revision")))
		return true;
	msk_bad(c, doc ? "revision" : "configurationArn", "The specified configuration %s doesn't exist.", doc ? "revision" : "ARN");
	return false;
}

/* Checks "name = value" lines: broker settings that MSK takes are many, so only their form. */
static int check_properties(struct aws_call *c)
{
	struct slice text, line, name, value, rest;
	if (!arena_base64(c->arena, jslice(c->in, "serverProperties"), &text) || !sl_is_utf8(text))
		return msk_bad(c, "serverProperties", "The server properties are not valid.");
	rest = text;
	while (rest.p) {
		(void)sl_cut(rest, '\n', &line, &rest);
		line = sl_trim(line);
		if (line.n && line.p[0] != '#' && (!sl_cut(line, '=', &name, &value) || !sl_trim(name).n))
			return msk_bad(c, "serverProperties", "The server properties are not valid: %.*s", (int)(line.n < 80 ? line.n : 80), line.p);
	}
	return 0;
}

static json_t *plain_revision(const json_t *one)
{
	json_t *r = json_object();
	jcopy(r, one, "creationTime");
	jcopy(r, one, "description");
	jcopy(r, one, "revision");
	return r;
}

/* Adds the request's as the latest. */
static void add_revision(struct aws_call *c, json_t *doc)
{
	json_t *all = json_object_get(doc, "revisions"), *r = json_object();
	const char *description = jstr(c->in, "description");
	if (!all)
		json_object_set_new(doc, "revisions", all = json_array());
	json_object_set_new(r, "revision", json_integer((json_int_t)json_array_size(all) + 1));
	json_object_set_new(r, "creationTime", json_integer(c->now_ms));
	jput(r, "description", description ? description : "");
	jcopy(r, c->in, "serverProperties");
	json_array_append_new(all, r);
	json_object_set_new(doc, "latestRevision", plain_revision(r));
}

static json_t *told(const json_t *doc)
{
	json_t *v = json_deep_copy(doc);
	json_object_del(v, "revisions");
	json_object_del(v, "tags");
	return v;
}

int msk_create_configuration(struct aws_call *c)
{
	char uuid[37];
	const char *name = jstr(c->in, "name"), *arn;
	json_t *one, *doc;
	if (check_properties(c))
		return -1;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &msk_configurations); (one = aws_next(&w));) {
		if (!strcmp(jstr(one, "name"), name)) {
			c->also = json_pack("{ss}", "invalidParameter", "name");
			return aws_refuse(c, 409, "ConflictException", "A resource with this name already exists.");
		}
	}
	aws_uuid(c->aws, uuid);
	arn = aws_arn(c, "kafka", "configuration/%s/%s-%d", name, uuid, (int)(aws_chance(c->aws) % 26) + 1);
	doc = json_pack("{ss, ss, ss}", "arn", arn, "name", name, "state", "ACTIVE");
	json_object_set_new(doc, "creationTime", json_integer(c->now_ms));
	jput(doc, "description", jstr(c->in, "description") ? jstr(c->in, "description") : "");
	json_object_set_new(doc, "kafkaVersions", json_object_get(c->in, "kafkaVersions") ? json_deep_copy(json_object_get(c->in, "kafkaVersions")) : json_array());
	add_revision(c, doc);
	json_object_update_new(c->out, told(doc));
	json_object_del(c->out, "description");
	json_object_del(c->out, "kafkaVersions");
	return msk_keep(c, &msk_configurations, arn, doc);
}

int msk_configuration(struct aws_call *c)
{
	const json_t *doc = configuration(c);
	if (!doc)
		return -1;
	json_object_update_new(c->out, told(doc));
	return 0;
}

int msk_list_configurations(struct aws_call *c)
{
	json_t *all = json_array(), *one;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &msk_configurations); (one = aws_next(&w));)
		json_array_append_new(all, told(one));
	return msk_page(c, all, "configurations");
}

int msk_update_configuration_doc(struct aws_call *c)
{
	json_t *doc = configuration(c);
	if (!doc || check_properties(c))
		return -1;
	add_revision(c, doc);
	jcopy(c->out, doc, "arn");
	jcopy(c->out, doc, "latestRevision");
	return msk_keep(c, &msk_configurations, jstr(c->in, "arn"), doc);
}

int msk_delete_configuration(struct aws_call *c)
{
	const char *arn = jstr(c->in, "arn");
	struct error err;
	json_t *one;
	if (!configuration(c))
		return -1;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &msk_clusters); (one = aws_next(&w));) {
		const char *used = jstr(json_object_get(msk_provisioned(one), "currentBrokerSoftwareInfo"), "configurationArn");
		if (used && !strcmp(used, arn))
			return msk_bad(c, "arn", "The configuration is in use by one or more clusters.");
	}
	jput(c->out, "arn", arn);
	jput(c->out, "state", "DELETING");
	return aws_drop(c->aws, c->at, &msk_configurations, arn, &err) ? aws_broken(c, &err) : 0;
}

int msk_revision(struct aws_call *c)
{
	const json_t *doc = configuration(c), *one = find_revision(doc, jint(c->in, "revision"));
	if (!doc)
		return -1;
	if (!one)
		return msk_not_found(c, "revision");
	json_object_update_new(c->out, json_deep_copy(one));
	jcopy(c->out, doc, "arn");
	return 0;
}

int msk_revisions(struct aws_call *c)
{
	const json_t *doc = configuration(c), *one;
	json_t *all = json_array();
	size_t i;
	json_array_foreach(json_object_get(doc, "revisions"), i, one)
		json_array_append_new(all, plain_revision(one));
	if (doc)
		return msk_page(c, all, "revisions");
	json_decref(all);
	return -1;
}

/* ---- secrets ---- */

static json_t *secrets_of(json_t *cluster)
{
	json_t *all = json_object_get(cluster, "secrets");
	if (!all)
		json_object_set_new(cluster, "secrets", all = json_array());
	return all;
}

static ssize_t at(const json_t *all, const json_t *text)
{
	json_t *one;
	size_t i;
	json_array_foreach(all, i, one)
		if (json_equal(one, text))
			return (ssize_t)i;
	return -1;
}

/* Of Secrets Manager, whose names begin with AmazonMSK_. */
static bool is_secret(const char *arn)
{
	const char *name = arn ? strstr(arn, ":secret:") : NULL;
	return name && sl_starts(sl(arn), S("arn:aws")) && sl_starts(sl(name + strlen(":secret:")), S("AmazonMSK_"));
}

static int change_secrets(struct aws_call *c, bool add)
{
	json_t *cluster = msk_cluster(c), *all, *one, *failed = json_array();
	size_t i;
	if (!cluster) {
		json_decref(failed);
		return -1;
	}
	all = secrets_of(cluster);
	json_array_foreach(json_object_get(c->in, "secretArnList"), i, one) {
		ssize_t found = at(all, one);
		const char *why = !add ? found < 0 ? "The provided secret ARN is not associated with the cluster." : NULL
				: found >= 0 ? "The provided secret ARN is already associated with the cluster."
				: is_secret(json_string_value(one)) ? NULL : "The provided secret ARN is invalid.";
		if (why)
			json_array_append_new(failed, json_pack("{ss, ss, sO}", "errorCode", "InvalidSecretArn", "errorMessage", why, "secretArn", one));
		else if (add)
			json_array_append(all, one);
		else
			json_array_remove(all, (size_t)found);
	}
	jcopy(c->out, cluster, "clusterArn");
	json_object_set_new(c->out, "unprocessedScramSecrets", failed);
	return msk_keep(c, &msk_clusters, jstr(c->in, "clusterArn"), cluster);
}

int msk_add_secrets(struct aws_call *c)
{
	return change_secrets(c, true);
}

int msk_drop_secrets(struct aws_call *c)
{
	return change_secrets(c, false);
}

int msk_secrets(struct aws_call *c)
{
	json_t *cluster = msk_cluster(c);
	return cluster ? msk_page(c, json_deep_copy(secrets_of(cluster)), "secretArnList") : -1;
}

/* ---- policies ---- */

int msk_policy(struct aws_call *c)
{
	const json_t *cluster = msk_cluster(c);
	if (!cluster)
		return -1;
	if (!jstr(cluster, "policy"))
		return msk_not_found(c, "clusterArn");
	jcopy(c->out, cluster, "policy");
	json_object_set(c->out, "currentVersion", json_object_get(cluster, "policyVersion"));
	return 0;
}

int msk_put_policy(struct aws_call *c)
{
	json_t *cluster = msk_cluster(c);
	const char *text = jstr(c->in, "policy"), *known = jstr(c->in, "currentVersion");
	JSON_AUTO policy = json_loads(text, 0, NULL);
	char version[14];
	if (!cluster)
		return -1;
	if (!json_is_object(policy) || !json_object_get(policy, "Statement"))
		return msk_bad(c, "policy", "The policy is not valid.");
	if (known && (!jstr(cluster, "policyVersion") || strcmp(known, jstr(cluster, "policyVersion")) != 0))
		return msk_bad(c, "currentVersion", "The specified version isn't the current version of the policy.");
	aws_letters(c->aws, 13, version);
	json_object_set_new(cluster, "policyVersion", json_sprintf("K%s", version));
	jput(cluster, "policy", text);
	json_object_set(c->out, "currentVersion", json_object_get(cluster, "policyVersion"));
	return msk_keep(c, &msk_clusters, jstr(c->in, "clusterArn"), cluster);
}

int msk_drop_policy(struct aws_call *c)
{
	json_t *cluster = msk_cluster(c);
	if (!cluster)
		return -1;
	if (!jstr(cluster, "policy"))
		return msk_not_found(c, "clusterArn");
	json_object_del(cluster, "policy");
	json_object_del(cluster, "policyVersion");
	return msk_keep(c, &msk_clusters, jstr(c->in, "clusterArn"), cluster);
}
