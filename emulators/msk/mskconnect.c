#include "msk/mskconnect.h"

#include "core/owed.h"

const struct aws_kind mskc_connectors = { .name = "kafkaconnect.connector" };

/* ---- helpers ---- */

int mskc_bad(struct aws_call *c, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	int rc = aws_refuse(c, 400, "BadRequestException", "%.*s", SL(buf_slice(&b)));
	buf_free(&b);
	return rc;
}

int mskc_not_found(struct aws_call *c)
{
	return aws_refuse(c, 404, "NotFoundException", "The requested resource doesn't exist.");
}

json_t *mskc_find(struct aws_call *c, const struct aws_kind *kind, const char *name)
{
	json_t *doc = aws_find(c->aws, c->at, kind, jstr(c->in, name));
	if (!doc)
		mskc_not_found(c);
	return doc;
}

static bool taken(struct aws_call *c, const struct aws_kind *kind, const char *member, const char *name)
{
	json_t *one;
	for (struct aws_walk w = aws_walk(c->aws, c->at, kind); (one = aws_next(&w));)
		if (!strcmp(jstr(one, member), name))
			return true;
	return false;
}

const char *mskc_new_arn(struct aws_call *c, const struct aws_kind *kind, const char *type, const char *member, const char *name)
{
	char uuid[37];
	if (taken(c, kind, member, name)) {
		aws_refuse(c, 409, "ConflictException", "A resource with this name already exists.");
		return NULL;
	}
	aws_uuid(c->aws, uuid);
	return aws_arn(c, "kafkaconnect", "%s/%s/%s-%d", type, name, uuid, (int)(aws_chance(c->aws) % 4) + 1);
}

void mskc_new_version(struct aws *a, json_t *connector)
{
	char text[14];
	aws_letters(a, 13, text);
	json_object_set_new(connector, "currentVersion", json_sprintf("K%s", text));
}

int mskc_page(struct aws_call *c, json_t *items, const char *list)
{
	return aws_page(c, items, list, "maxResults", 100, "nextToken", "nextToken") ? mskc_bad(c, "The specified nextToken is not valid.") : 0;
}

int mskc_list(struct aws_call *c, const struct aws_kind *kind, const char *name, const char *prefix_name, json_t *(*told)(const json_t *doc), const char *list)
{
	struct slice prefix = jslice(c->in, prefix_name);
	json_t *all = json_array(), *one;
	for (struct aws_walk w = aws_walk(c->aws, c->at, kind); (one = aws_next(&w));)
		if (!prefix.p || sl_starts(jslice(one, name), prefix))
			json_array_append_new(all, told(one));
	return mskc_page(c, all, list);
}

void mskc_resource(struct aws_call *c, struct buf *arn)
{
	static const char *const names[] = { "connectorArn", "customPluginArn", "workerConfigurationArn", "resourceArn", "connectorOperationArn" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (jstr(c->in, names[i])) {
			buf_adds(arn, jstr(c->in, names[i]));
			return;
		}
	buf_addc(arn, '*');
}

/* ---- making one ---- */

/* The worker's connectors are all in one place: whoever has the name there keeps it. */
static void on_known(void *arg, int status, const json_t *body, const struct error *err)
{
	struct aws_call *c = arg;
	const char *name = jstr(c->in, "connectorName"), *arn = NULL;
	if (err)
		mskc_no_worker(c, err);
	else if (status == 200)
		aws_refuse(c, 409, "ConflictException", "A resource with this name already exists.");
	else
		arn = mskc_new_arn(c, &mskc_connectors, "connector", "connectorName", name);
	if (arn) {
		json_t *doc = json_deep_copy(c->in);
		json_object_set_new(doc, "connectorArn", json_string(arn));
		json_object_set_new(doc, "creationTime", json_integer(c->now_ms));
		jput(doc, "connectorState", "CREATING");
		if (!json_object_get(doc, "networkType"))
			jput(doc, "networkType", "IPV4");
		jobj(doc, "tags");
		mskc_new_version(c->aws, doc);
		if (!msk_keep(c, &mskc_connectors, arn, doc)) {
			jput(c->out, "connectorArn", arn);
			jput(c->out, "connectorName", name);
			jput(c->out, "connectorState", "CREATING");
			mskc_tell_worker(c->aws, c->at, doc);
		}
	}
	aws_answer(c);
}

static int create(struct aws_call *c)
{
	int rc = mskc_check_new(c);
	if (rc)
		return rc;
	if (taken(c, &mskc_connectors, "connectorName", jstr(c->in, "connectorName")))
		return aws_refuse(c, 409, "ConflictException", "A resource with this name already exists.");
	owed_keep(&c->owed, mskc_ask(c->aws, c->http->hops + 1, "GET", jstr(c->in, "connectorName"), "", NULL, on_known, c));
	return AWS_LATER;
}

/* ---- telling ---- */

static json_t *told(const json_t *connector)
{
	json_t *v = json_deep_copy(connector);
	json_object_del(v, "asked");
	json_object_del(v, "tags");
	return v;
}

static json_t *told_in_list(const json_t *connector)
{
	json_t *v = told(connector);
	json_object_del(v, "connectorConfiguration");
	json_object_del(v, "stateDescription");
	return v;
}

static int describe_now(struct aws_call *c, json_t *connector)
{
	if (!connector)
		return mskc_not_found(c);
	json_object_update_new(c->out, told(connector));
	return 0;
}

static int describe(struct aws_call *c)
{
	return mskc_find(c, &mskc_connectors, "connectorArn") ? mskc_look(c, jstr(c->in, "connectorArn"), describe_now) : -1;
}

static void on_all(void *arg, int status, const json_t *body, const struct error *err)
{
	struct aws_call *c = arg;
	json_t *one;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &mskc_connectors); status == 200 && (one = aws_next(&w));) {
		const json_t *said = json_object_get(json_object_get(body, jstr(one, "connectorName")), "status");
		mskc_take_status(c->aws, c->at, one, said ? 200 : 404, said);
	}
	mskc_list(c, &mskc_connectors, "connectorName", "connectorNamePrefix", told_in_list, "connectors");
	aws_answer(c);
}

static int list(struct aws_call *c)
{
	owed_keep(&c->owed, mskc_ask(c->aws, c->http->hops + 1, "GET", NULL, "?expand=status", NULL, on_all, c));
	return AWS_LATER;
}

/* ---- deleting ---- */

static int forget(struct aws_call *c)
{
	const char *arn = jstr(c->in, "connectorArn");
	struct error err;
	if (mskc_drop_operations(c, arn))
		return -1;
	if (aws_drop(c->aws, c->at, &mskc_connectors, arn, &err))
		return aws_broken(c, &err);
	jput(c->out, "connectorArn", arn);
	jput(c->out, "connectorState", "DELETING");
	return 0;
}

static void on_deleted(void *arg, int status, const json_t *body, const struct error *err)
{
	struct aws_call *c = arg;
	if (err)
		mskc_no_worker(c, err);
	else if (status != 204 && status != 404)
		aws_refuse(c, 500, "InternalServerErrorException", "%s", jstr(body, "message") ? jstr(body, "message") : "the Connect worker failed");
	else
		forget(c);
	aws_answer(c);
}

static int delete(struct aws_call *c)
{
	const json_t *connector = mskc_find(c, &mskc_connectors, "connectorArn");
	const char *version = jstr(c->in, "currentVersion");
	if (!connector)
		return -1;
	if (version && strcmp(version, jstr(connector, "currentVersion")) != 0)
		return mskc_bad(c, "The currentVersion is not the connector's: that is %s.", jstr(connector, "currentVersion"));
	/* What the worker refused isn't there: the name may be another's by now. */
	if (!jtrue(connector, "asked") && !strcmp(jstr(connector, "connectorState"), "FAILED"))
		return forget(c);
	owed_keep(&c->owed, mskc_ask(c->aws, c->http->hops + 1, "DELETE", jstr(connector, "connectorName"), "", NULL, on_deleted, c));
	return AWS_LATER;
}

/* ---- the table ---- */

static int open_mskc(struct aws *a, struct error *err)
{
	mskc_open_plugins(a);
	return 0;
}

#define AUTO "autoScaling:{maxWorkerCount!:i1-10 mcuCount!:i1-8 minWorkerCount!:i1-10 scaleInPolicy:{cpuUtilizationPercentage!:i1-100}" \
	" scaleOutPolicy:{cpuUtilizationPercentage!:i1-100} maxAutoscalingTaskCount:i1-}"
#define CAPACITY "{" AUTO " provisionedCapacity:{mcuCount!:i1-8 workerCount!:i1-10}}"
#define LOGS "{workerLogDelivery!:{cloudWatchLogs:{enabled!:b logGroup} firehose:{deliveryStream enabled!:b} s3:{bucket enabled!:b prefix}}}"
#define PLUGINS "[{customPlugin!:{customPluginArn!:s revision!:i1-}}]"
#define WORKER "{revision!:i1- workerConfigurationArn!:s}"
#define PAGE " ?maxResults:i1-100 ?nextToken:s"
#define ARN "@connectorArn!:s"
#define R .resource = mskc_resource

static const struct aws_op ops[] = {
	{ AWS_REST_OP("kafkaconnect", "POST", "/v1/connectors", "CreateConnector", "make a connector in the Connect worker"),
	  "capacity!:" CAPACITY " connectorConfiguration!:<s> connectorDescription:s0-1024 connectorName!:s1-128"
	  " kafkaCluster!:{apacheKafkaCluster!:{bootstrapServers!:s vpc!:{securityGroups:[s] subnets!:[s]}}}"
	  " kafkaClusterClientAuthentication!:{authenticationType!:NONE|IAM} kafkaClusterEncryptionInTransit!:{encryptionType!:PLAINTEXT|TLS}"
	  " kafkaConnectVersion!:s logDelivery:" LOGS " networkType:IPV4|DUAL plugins!:" PLUGINS " serviceExecutionRoleArn!:s workerConfiguration:" WORKER " tags:<s0-256>",
	  "", create },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/connectors", "ListConnectors", "connectors"), "?connectorNamePrefix" PAGE, "connectors:[{creationTime:t}]", list },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/connectors/{}", "DescribeConnector", "a connector, and how it fares"), ARN, "creationTime:t", describe, R },
	{ AWS_REST_OP("kafkaconnect", "PUT", "/v1/connectors/{}", "UpdateConnector", "its capacity, or its configuration"),
	  ARN " ?currentVersion!:s capacity:" CAPACITY " connectorConfiguration:<s> plugins:" PLUGINS " workerConfiguration:" WORKER
	  " useDefaultWorkerConfiguration:b skipHealthValidation:b", "", mskc_update, R },
	{ AWS_REST_OP("kafkaconnect", "DELETE", "/v1/connectors/{}", "DeleteConnector", "end it"), ARN " ?currentVersion", "", delete, R },
	{ AWS_REST_OP("kafkaconnect", "PUT", "/v1/connectors/{}/pause", "PauseConnector", "pause it"), ARN, "", mskc_pause, R },
	{ AWS_REST_OP("kafkaconnect", "PUT", "/v1/connectors/{}/resume", "ResumeConnector", "let it run again"), ARN, "", mskc_resume, R },
	{ AWS_REST_OP("kafkaconnect", "POST", "/v1/connectors/{}/restart", "RestartConnector", "restart its tasks"), ARN " ?onlyFailedTasks:b", "", mskc_restart, R },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/connectors/{}/operations", "ListConnectorOperations", "what was changed"), ARN PAGE,
	  "connectorOperations:[{creationTime:t endTime:t}]", mskc_list_operations, R },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/connectorOperations/{}", "DescribeConnectorOperation", "a change"), "@connectorOperationArn!:s",
	  "creationTime:t endTime:t", mskc_operation, R },
	{ AWS_REST_OP("kafkaconnect", "POST", "/v1/custom-plugins", "CreateCustomPlugin", "name the file of a plugin, which is looked for in its bucket"),
	  "contentType!:JAR|ZIP description:s0-1024 location!:{s3Location!:{bucketArn!:s fileKey!:s objectVersion}} name!:s1-128 tags:<s0-256>", "",
	  mskc_create_plugin },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/custom-plugins", "ListCustomPlugins", "plugins"), "?namePrefix" PAGE,
	  "customPlugins:[{creationTime:t latestRevision:{creationTime:t}}]", mskc_list_plugins },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/custom-plugins/{}", "DescribeCustomPlugin", "a plugin"), "@customPluginArn!:s",
	  "creationTime:t latestRevision:{creationTime:t}", mskc_plugin, R },
	{ AWS_REST_OP("kafkaconnect", "DELETE", "/v1/custom-plugins/{}", "DeleteCustomPlugin", "forget it"), "@customPluginArn!:s", "", mskc_delete_plugin, R },
	{ AWS_REST_OP("kafkaconnect", "POST", "/v1/worker-configurations", "CreateWorkerConfiguration", "keep one; converters are taken from it"),
	  "description:s0-1024 name!:s1-128 propertiesFileContent!:s1- tags:<s0-256>", "creationTime:t latestRevision:{creationTime:t}", mskc_create_worker },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/worker-configurations", "ListWorkerConfigurations", "worker configurations"), "?namePrefix" PAGE,
	  "workerConfigurations:[{creationTime:t latestRevision:{creationTime:t}}]", mskc_list_workers },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/worker-configurations/{}", "DescribeWorkerConfiguration", "a worker configuration"),
	  "@workerConfigurationArn!:s", "creationTime:t latestRevision:{creationTime:t}", mskc_worker, R },
	{ AWS_REST_OP("kafkaconnect", "DELETE", "/v1/worker-configurations/{}", "DeleteWorkerConfiguration", "forget it"), "@workerConfigurationArn!:s", "",
	  mskc_delete_worker, R },
	{ AWS_REST_OP("kafkaconnect", "GET", "/v1/tags/{}", "ListTagsForResource", "tags"), "@resourceArn!:s", "", msk_tags, R },
	{ AWS_REST_OP("kafkaconnect", "POST", "/v1/tags/{}", "TagResource", "set tags"), "@resourceArn!:s tags!:<s0-256>", "", msk_tag, R },
	{ AWS_REST_OP("kafkaconnect", "DELETE", "/v1/tags/{}", "UntagResource", "take tags away"), "@resourceArn!:s ?tagKeys!:[s1-128]0-200", "", msk_untag, R },
};
const struct routes mskc_ops = ROUTES(ops);
const struct aws_api mskc_api = { .name = "kafkaconnect", .scope = "kafkaconnect", .protocol = AWS_REST_JSON, .time = SHAPE_ISO,
				  .invalid = "BadRequestException", .ops = { &mskc_ops }, .open = open_mskc };
