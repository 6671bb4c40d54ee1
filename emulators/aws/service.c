#include "aws/call.h"
#include "cloudwatch/cloudtrail.h"
#include "aws/iam.h"
#include "kms/kms.h"
#include "cloudwatch/logs.h"
#include "msk/msk.h"

/* ---- APIs: a line each, here and below ---- */

extern const struct aws_api sts_api;
extern const struct aws_api cloudtrail_api;
extern const struct aws_api cloudwatch_api;
extern const struct aws_api iam_api;
extern const struct aws_api kms_api;
extern const struct aws_api msk_api;
extern const struct aws_api mskc_api;
extern const struct aws_api ssm_api;
extern const struct aws_api ec2_api;
extern const struct aws_api rds_api;
extern const struct aws_api logs_api;
extern const struct routes sts_ops;
extern const struct routes cloudtrail_ops;
extern const struct routes cloudwatch_ops;
extern const struct routes kms_ops;
extern const struct routes ssm_ops;
extern const struct routes ec2_ops;
extern const struct routes rds_instance_ops;
extern const struct routes rds_group_ops;
extern const struct routes msk_ops;
extern const struct routes mskc_ops;
extern const struct routes logs_ops;
extern const struct routes sts_web_ops;
extern const struct routes iam_entity_ops;
extern const struct routes iam_user_ops;
extern const struct routes iam_role_ops;
extern const struct routes iam_grant_ops;
extern const struct routes iam_policy_ops;
extern const struct routes iam_account_ops;
extern const struct routes iam_simulate_ops;

static const struct aws_api *const apis[] = {
	&sts_api,
	&iam_api,
	&kms_api,
	&msk_api,
	&mskc_api,
	&ssm_api,
	&ec2_api,
	&rds_api,
	&logs_api,
	&cloudtrail_api,
	&cloudwatch_api,
};

static int on_open(void *self, const struct env *env, struct error *err)
{
	struct aws *a = self;
	a->env = env;
	return aws_store_open(a, err);
}

static int on_start(void *self, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < ARRAY_LEN(apis); i++)
		rc = apis[i]->open ? apis[i]->open(self, err) : 0;
	return rc;
}

static void on_provide(void *self, struct ports *ports)
{
	iam_provide(self, ports);
	kms_provide(self, ports);
	logs_sink_provide(self, &ports->lines);
	msk_provide(self, ports);
}

/* Lines of the tick's other services are written with its commit. */
static bool is_dirty(const void *self)
{
	const struct aws *a = self;
	return a->db.in_tx || (a->logs && logs_sink_waits(a->logs->sink));
}

static int on_commit(void *self, struct error *err)
{
	struct aws *a = self;
	int rc = a->logs ? logs_sink_flush(a->logs->sink, err) : 0;
	if (!rc && a->trail)
		rc = trail_flush(a->trail, err);
	return rc ? rc : db_commit(&a->db, err);
}

static void on_close(void *self)
{
	struct aws *a = self;
	aws_calls_end(a);
	owed_cancel_all(&a->owed);
	for (size_t i = 0; i < ARRAY_LEN(apis); i++)
		if (apis[i]->close)
			apis[i]->close(a);
	aws_store_close(a);
}

/* ---- requests ---- */

static const struct aws_api *api_of(struct slice scope)
{
	for (size_t i = 0; scope.p && i < ARRAY_LEN(apis); i++)
		if (sl_eqs(scope, apis[i]->scope))
			return apis[i];
	return NULL;
}

static const struct aws_op *op_of(const struct aws_api *api, struct http_call *call, struct slice operation)
{
	char *name;
	const struct aws_op *op;
	if (api->protocol == AWS_REST_JSON)
		return route_find(api->ops, &call->req, call->arg, NULL);
	name = xasprintf("%s.%.*s", api->name, SL(operation));
	op = route_named(api->ops, sl(name));
	free(name);
	return op;
}

static void on_http(void *self, struct http_call *call)
{
	const struct aws *a = self;
	struct sigv4_auth auth;
	struct error err;
	struct aws_ask ask;
	bool is_signed = sigv4_parse(&call->req, &auth, &err) == 0 && auth.present;
	aws_ask_read(call, is_signed ? auth.service : sl(NULL), &ask);
	const struct aws_api *api = api_of(ask.service);
	/* What a request doesn't say is what its service speaks. */
	if (api && (api->protocol == AWS_REST_JSON || ask.protocol == AWS_REST_JSON))
		ask.protocol = api->protocol;
	const struct aws_op *op = api ? op_of(api, call, ask.operation) : NULL;
	if (op) {
		call->op = op->route.name;
		aws_run(self, api, op, call, &ask);
		return;
	}
	call->op = "Unknown";
	if (!ask.service.p)
		ask.service = S("sts");
	log_warn(a->env, "unsupported", "service=%.*s operation=%.*s target=%.*s", SL(ask.service), SL(ask.operation), SL(call->req.target));
	aws_unserved(&ask);
}

/* Unsigned requests that name an API of ours. */
static bool claims(const struct http_req *req)
{
	struct http_req copy = *req;
	struct http_call call = { .req = copy };
	struct aws_ask ask;
	if (aws_is_query(req))
		return true;
	if (!http_get(req, "X-Amz-Target").p && !http_get(req, "smithy-protocol").p)
		return false;
	aws_ask_read(&call, sl(NULL), &ask);
	return api_of(ask.service) != NULL;
}

static const struct fault_site faults[] = {
	{ "aws.", FAULT_ERRORS, "error=: an operation isn't done, and answers with it" },
	{ NULL },
};

const struct service aws_service = {
	.name = "aws",
	.doc = "control planes of AWS: STS"
	       ", CloudTrail"
	       ", CloudWatch"
	       ", IAM"
	       ", KMS"
	       ", SSM Parameter Store"
	       ", EC2"
	       ", RDS"
	       ", MSK"
	       ", MSK Connect"
	       ", CloudWatch Logs",
	.aws = "sts"
	       " cloudtrail"
	       " monitoring"
	       " iam"
	       " kms"
	       " ssm"
	       " ec2"
	       " rds"
	       " kafka"
	       " kafkaconnect"
	       " logs",
	.aws_claims = claims,
	.size = sizeof(struct aws),
	.body_max = 8 << 20,
	.open = on_open,
	.provide = on_provide,
	.start = on_start,
	.settings = aws_settings,
	.faults = faults,
	.routes = {
		&sts_ops,
		&sts_web_ops,
		&iam_entity_ops,
		&iam_user_ops,
		&iam_role_ops,
		&iam_grant_ops,
		&iam_policy_ops,
		&iam_account_ops,
		&iam_simulate_ops,
		&kms_ops,
		&ssm_ops,
		&ec2_ops,
		&rds_instance_ops,
		&rds_group_ops,
		&msk_ops,
		&mskc_ops,
		&logs_ops,
		&cloudtrail_ops,
		&cloudwatch_ops,
	},
	.http = on_http,
	.db = offsetof(struct aws, db),
	.dirty = is_dirty,
	.commit = on_commit,
	.close = on_close,
};
