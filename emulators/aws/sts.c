/* STS: who signs. */
#include "aws/api.h"

static int get_caller_identity(struct aws_call *c)
{
	struct buf arn = { 0 };
	identity_arn(&c->who, &arn);
	jput(c->out, "Arn", buf_cstr(&arn));
	buf_free(&arn);
	json_object_set_new(c->out, "UserId", json_sprintf("%s%s%.*s", c->who.user_id, c->who.role_session.p ? ":" : "", SL(c->who.role_session)));
	jput(c->out, "Account", c->who.account);
	return 0;
}

static const struct aws_op ops[] = {
	{ AWS_OP("sts", "GetCallerIdentity", "account, id and ARN of who signs"), "", "", get_caller_identity },
};
const struct routes sts_ops = ROUTES(ops);
const struct aws_api sts_api = { .name = "sts", .scope = "sts", .protocol = AWS_QUERY, .ops = { &sts_ops } };
