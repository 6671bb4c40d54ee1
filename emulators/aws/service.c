#include "aws/aws.h"

static const struct route ops[] = {
	{ NULL, NULL, "GetCallerIdentity", "STS: account, id and ARN of who signs", sts_get_caller_identity },
};
const struct routes aws_routes = ROUTES(ops);

static int on_open(void *self, const struct env *env, struct error *err)
{
	struct aws *a = self;
	a->env = env;
	return 0;
}

static void on_http(void *self, struct http_call *call)
{
	const struct aws *a = self;
	const struct route *op = route_named(aws_service.routes, aws_param(&call->req, "Action"));
	struct aws_ask ask;
	if (op) {
		call->op = op->name;
		op->fn(self, call);
		return;
	}
	aws_ask_read(call, sl(NULL), &ask);
	if (!ask.service.p)
		ask.service = S("sts");
	call->op = "Unknown";
	log_warn(a->env, "unsupported", "service=%.*s operation=%.*s", SL(ask.service), SL(ask.operation));
	aws_unserved(&ask);
}

static void on_close(void *self)
{
}

const struct service aws_service = {
	.name = "aws",
	.doc = "control planes of AWS: STS GetCallerIdentity",
	.aws = "sts",
	.aws_claims = aws_is_query,
	.size = sizeof(struct aws),
	.body_max = 1 << 20,
	.open = on_open,
	.routes = { &aws_routes },
	.http = on_http,
	.close = on_close,
};
