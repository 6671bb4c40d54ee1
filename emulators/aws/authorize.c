/* What [stack] auth = enforce asks of policies beside each operation of the control planes.
 *
 * DIFFERS: grants of KMS let nobody in, and what S3, Kinesis and Parameter Store do with a key for somebody isn't asked of its policy;
 * aws:ResourceTag is known of Kinesis streams alone; organizations' policies there are none. */
#include "aws/call.h"

/* What EC2 says of a refusal for who may decode it (sts:DecodeAuthorizationMessage): JSON in base64, where AWS's is sealed. */
static void add_encoded(struct buf *b, const struct authority_ask *ask, const struct policy_answer *answer)
{
	struct buf arn = { 0 };
	identity_arn(ask->who, &arn);
	JSON_AUTO doc = json_pack("{s:b,s:b,s:{s:[]},s:{s:[]},s:{s:{s:s,s:s},s:o,s:o,s:{s:[]}}}", "allowed", 0, "explicitDeny",
				  answer->decision == POLICY_EXPLICIT_DENY, "matchedStatements", "items", "failures", "items", "context", "principal", "id",
				  ask->who->user_id, "arn", buf_cstr(&arn), "action", json_stringn(ask->action.p, ask->action.n), "resource",
				  json_stringn(ask->resource.p, ask->resource.n), "conditions", "items");
	char *text = json_dumps(doc, JSON_COMPACT);
	buf_base64(b, text, strlen(text));
	free(text);
	buf_free(&arn);
}

static int refuse_action(struct aws_call *c, const struct authority_ask *ask, const struct policy_answer *answer, const char *why)
{
	struct buf encoded = { 0 };
	const char *op = strchr(c->op->route.name, '.') + 1;
	int rc;
	switch (aws_family(c)) {
	case FAMILY_QUERY:
		return aws_refuse(c, 403, "AccessDenied", "%s", why);
	case FAMILY_EC2:
		if (!strncmp(op, "Describe", 8) || !strncmp(op, "Get", 3))
			return aws_refuse(c, 403, "UnauthorizedOperation", "You are not authorized to perform this operation. %s", why);
		add_encoded(&encoded, ask, answer);
		rc = aws_refuse(c, 403, "UnauthorizedOperation", "You are not authorized to perform this operation. %s. Encoded authorization failure message: %s",
				why, buf_cstr(&encoded));
		buf_free(&encoded);
		return rc;
	default:
		return aws_refuse(c, c->ask.protocol == AWS_REST_JSON ? 403 : 400, "AccessDeniedException", "%s", why);
	}
}

static int authorize_with(struct aws_call *c, struct authority_ask *ask)
{
	struct policy_answer answer;
	struct buf why = { 0 };
	int rc = 0;
	ask->env = c->env;
	ask->call = c->http;
	ask->who = &c->who;
	ask->region = sl(c->at.region);
	if (!authority_allows(ask, &answer, &why))
		rc = refuse_action(c, ask, &answer, buf_cstr(&why));
	buf_free(&why);
	return rc;
}

int aws_authorize(struct aws_call *c, const char *action, struct slice resource, const struct policy_fact *facts, size_t fact_n)
{
	return authorize_with(c, &(struct authority_ask){ .action = sl(action), .resource = resource, .facts = facts, .fact_n = fact_n });
}

int aws_pass_role(struct aws_call *c, const char *role_arn, const char *service)
{
	struct policy_fact to = { S("iam:PassedToService"), sl(service) };
	return aws_authorize(c, "iam:PassRole", sl(role_arn), &to, 1);
}

struct tag_facts {
	struct aws_call *c;
	struct policy_fact *at;
	size_t n, most;
};

static void add_tag(struct tag_facts *f, struct slice name, const json_t *value)
{
	if (!name.p || f->n + 2 > f->most)
		return;
	f->at[f->n++] = (struct policy_fact){ S("aws:TagKeys"), name };
	if (json_is_string(value))
		f->at[f->n++] = (struct policy_fact){ arena_printf(f->c->arena, "aws:RequestTag/%.*s", SL(name)), json_slice(value) };
}

/* A list of tags, as one API or another calls their parts, or a map of them. */
static void add_tags(struct tag_facts *f, const json_t *tags)
{
	const char *name;
	json_t *value, *one;
	size_t i;
	json_array_foreach(tags, i, one)
		add_tag(f, json_slice(json_object_get(one, json_object_get(one, "Key") ? "Key" : "TagKey")),
			json_object_get(one, json_object_get(one, "Value") ? "Value" : "TagValue"));
	json_object_foreach((json_t *)tags, name, value)
		add_tag(f, sl(name), value);
}

/* Tags of the request: conditions ask for them whatever the operation is. */
static size_t tag_facts(struct aws_call *c, struct policy_fact *facts, size_t most)
{
	static const char *const members[] = { "Tags", "tags", "Tag" };
	struct tag_facts f = { c, facts, 0, most };
	size_t i;
	json_t *one;
	for (i = 0; i < ARRAY_LEN(members); i++)
		add_tags(&f, json_object_get(c->in, members[i]));
	json_array_foreach(json_object_get(c->in, "TagSpecification"), i, one)
		add_tags(&f, json_object_get(one, "Tag"));
	return f.n;
}

/* ---- which resource ---- */

/* Of operations that don't say it themselves: the member that names it, and its ARN behind "arn:aws:API:REGION:ACCOUNT:". */
static const struct {
	const char *api, *member, *before; /* a slash once: of "/a/b" parameter/a/b, of "x" parameter/x */
} resources[] = {
	{ "ssm", "Name", "parameter/" },
	{ "ssm", "ResourceId", "parameter/" },
	{ "ssm", "Path", "parameter/" },
	{ "cloudwatch", "AlarmName", "alarm:" },
	{ "cloudwatch", "DashboardName", "dashboard/" },
	{ "rds", "DBInstanceIdentifier", "db:" },
	{ "rds", "DBParameterGroupName", "pg:" },
	{ "rds", "DBSubnetGroupName", "subgrp:" },
	{ "cloudtrail", "Name", "trail/" },
};

static bool is_arn_member(const char *name)
{
	size_t n = strlen(name);
	return n >= 3 && !strcasecmp(name + n - 3, "arn");
}

/* Logs speak of a stream of a group, also where there is none. */
static bool logs_arn(struct aws_call *c, struct buf *arn)
{
	const char *group = jstr(c->in, "logGroupName"), *stream = jstr(c->in, "logStreamName");
	if (!group)
		group = jstr(c->in, "logGroupIdentifier");
	if (strcmp(c->api->name, "logs") != 0 || !group)
		return false;
	if (!strncmp(group, "arn:", 4))
		buf_adds(arn, group);
	else
		buf_addf(arn, "arn:aws:logs:%s:%s:log-group:%s:log-stream:%s", c->at.region, c->at.account, group, stream ? stream : "");
	return true;
}

static void resource_of(struct aws_call *c, struct buf *arn)
{
	const char *name;
	json_t *value;
	if (c->op->resource) {
		c->op->resource(c, arn);
		return;
	}
	if (logs_arn(c, arn))
		return;
	for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
		const char *named = strcmp(resources[i].api, c->api->name) ? NULL : jstr(c->in, resources[i].member);
		if (!named)
			continue;
		if (!strncmp(named, "arn:", 4))
			buf_adds(arn, named);
		else
			buf_addf(arn, "arn:aws:%s:%s:%s:%s%s", c->api->name, c->at.region, c->at.account, resources[i].before,
				 named + (named[0] == '/' && sl_ends(sl(resources[i].before), S("/"))));
		return;
	}
	json_object_foreach(c->in, name, value)
		if (!arn->n && json_is_string(value) && is_arn_member(name))
			buf_adds(arn, json_string_value(value));
}

/* ---- before an operation ---- */

int aws_call_authorize(struct aws_call *c)
{
	struct policy_fact facts[128];
	struct authority_ask ask = { .facts = facts, .gate = c->op->gate, .use = POLICY_OF_RESOURCE };
	struct buf arn = { 0 };
	const char *policy = NULL;
	int rc;
	if (!identities_enforced(c->env->conf) || (c->op->action && !strcmp(c->op->action, AWS_ANYONE)) || c->op->unsigned_too)
		return 0;
	resource_of(c, &arn);
	ask.action = c->op->action ? sl(c->op->action) : arena_printf(c->arena, "%s:%s", c->api->name, strchr(c->op->route.name, '.') + 1);
	ask.resource = arn.n ? buf_slice(&arn) : S("*");
	if (c->op->policy)
		policy = c->op->policy(c);
	else if (c->api->policy)
		ask.gate |= (policy = c->api->policy(c)) != NULL;
	ask.policy = sl(policy);
	ask.fact_n = tag_facts(c, facts, ARRAY_LEN(facts));
	rc = authorize_with(c, &ask);
	buf_free(&arn);
	return rc;
}
