/* Policies of users, groups and roles: inline, attached, and the boundary. */
#include "aws/iam_ops.h"

enum { ATTACHED_MAX = 10 };

/* ---- inline ---- */

static size_t inline_size(const json_t *doc, const char *but)
{
	const char *name;
	json_t *text;
	size_t n = 0;
	json_object_foreach(json_object_get(doc, "_inline"), name, text)
		if (strcmp(name, but) != 0)
			n += iam_size(json_string_value(text));
	return n;
}

static int put_policy(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	const char *name = jstr(c->in, "PolicyName"), *text = jstr(c->in, "PolicyDocument");
	json_t *doc = iam_named(c, e);
	if (!doc || iam_check_document(c, text, POLICY_OF_IDENTITY))
		return -1;
	if (inline_size(doc, name) + iam_size(text) > e->inline_max)
		return aws_refuse(c, 409, "LimitExceeded", "Maximum policy size of %zu bytes exceeded for %s %s", e->inline_max, e->what, jstr(doc, e->name));
	json_object_set_new(jobj(doc, "_inline"), name, json_string(text));
	return iam_keep(c, e, doc);
}

static int no_inline(struct aws_call *c, const struct iam_entity *e)
{
	return iam_no_such(c, "The %s policy with name %s cannot be found.", e->what, jstr(c->in, "PolicyName"));
}

static int get_policy(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	const char *name = jstr(c->in, "PolicyName"), *text;
	const json_t *doc = iam_named(c, e);
	if (!doc)
		return -1;
	text = jstr(json_object_get(doc, "_inline"), name);
	if (!text)
		return no_inline(c, e);
	jput(c->out, e->name, jstr(doc, e->name));
	jput(c->out, "PolicyName", name);
	json_object_set_new(c->out, "PolicyDocument", iam_escaped(text));
	return 0;
}

static int by_text(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int list_policies(struct aws_call *c)
{
	const json_t *doc = iam_named(c, iam_entity_of(c)), *all = json_object_get(doc, "_inline");
	const char **names, *name;
	json_t *items, *text;
	size_t n = 0;
	if (!doc)
		return -1;
	names = arena_alloc(c->arena, (json_object_size(all) + 1) * sizeof(*names));
	json_object_foreach((json_t *)all, name, text)
		names[n++] = name;
	qsort(names, n, sizeof(*names), by_text);
	items = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, json_string(names[i]));
	return iam_page(c, items, "PolicyNames");
}

static int delete_policy(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	json_t *doc = iam_named(c, e);
	if (!doc)
		return -1;
	if (json_object_del(json_object_get(doc, "_inline"), jstr(c->in, "PolicyName")))
		return no_inline(c, e);
	return iam_keep(c, e, doc);
}

/* ---- attached ---- */

static int attach(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	const char *arn = jstr(c->in, "PolicyArn");
	json_t *doc = iam_named(c, e), *list;
	if (!doc)
		return -1;
	if (!iam_policy_text(c->aws, c->at.account, arn))
		return iam_no_such(c, "Policy %s does not exist or is not attachable.", arn);
	list = iam_array(doc, "_attached");
	if (iam_listed(list, arn))
		return 0;
	if (json_array_size(list) >= ATTACHED_MAX)
		return aws_refuse(c, 409, "LimitExceeded", "Cannot exceed quota for PoliciesPer%s: %d", e->word, ATTACHED_MAX);
	json_array_append_new(list, json_string(arn));
	return iam_keep(c, e, doc);
}

static int detach(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	const char *arn = jstr(c->in, "PolicyArn");
	json_t *doc = iam_named(c, e);
	if (!doc)
		return -1;
	if (!iam_unlist(json_object_get(doc, "_attached"), arn))
		return iam_no_such(c, "Policy %s was not found.", arn);
	return iam_keep(c, e, doc);
}

static int list_attached(struct aws_call *c)
{
	const json_t *doc = iam_named(c, iam_entity_of(c));
	const char *prefix = jstr(c->in, "PathPrefix"), *arn, *path;
	json_t *items, *one;
	size_t i;
	if (!doc)
		return -1;
	items = json_array();
	json_array_foreach(json_object_get(doc, "_attached"), i, one) {
		arn = json_string_value(one);
		path = strchr(arn, '/');
		if (!prefix || (path && !strncmp(path, prefix, strlen(prefix))))
			json_array_append_new(items, json_pack("{s:s,s:s}", "PolicyName", strrchr(arn, '/') ? strrchr(arn, '/') + 1 : arn, "PolicyArn", arn));
	}
	return iam_page(c, items, "AttachedPolicies");
}

/* ---- the boundary ---- */

static int put_boundary(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	const char *arn = jstr(c->in, "PermissionsBoundary");
	json_t *doc = iam_named(c, e);
	if (!doc)
		return -1;
	if (!iam_policy_text(c->aws, c->at.account, arn))
		return iam_no_such(c, "Policy %s does not exist or is not attachable.", arn);
	jput(doc, "_boundary", arn);
	return iam_keep(c, e, doc);
}

static int delete_boundary(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	json_t *doc = iam_named(c, e);
	if (!doc)
		return -1;
	if (json_object_del(doc, "_boundary"))
		return iam_no_such(c, "%s %s does not have a permission boundary", e->word, jstr(doc, e->name));
	return iam_keep(c, e, doc);
}

#define POLICY " PolicyName!:" IAM_NAME_128
#define GRANTS(e, what, name) \
	{ AWS_OP("iam", "Put" e "Policy", "an inline policy of " what), e "Name!:" name POLICY " PolicyDocument!:" IAM_DOCUMENT, NULL, put_policy, iam_resource }, \
	{ AWS_OP("iam", "Get" e "Policy", "an inline policy of " what), e "Name!:" name POLICY, "", get_policy, iam_resource }, \
	{ AWS_OP("iam", "List" e "Policies", "names of inline policies of " what), e "Name!:" name " " IAM_PAGE, "", list_policies, iam_resource }, \
	{ AWS_OP("iam", "Delete" e "Policy", "drop an inline policy of " what), e "Name!:" name POLICY, NULL, delete_policy, iam_resource }, \
	{ AWS_OP("iam", "Attach" e "Policy", "give " what " a managed policy"), e "Name!:" name " PolicyArn!:" IAM_ARN, NULL, attach, iam_resource }, \
	{ AWS_OP("iam", "Detach" e "Policy", "take a managed policy from " what), e "Name!:" name " PolicyArn!:" IAM_ARN, NULL, detach, iam_resource }, \
	{ AWS_OP("iam", "ListAttached" e "Policies", "managed policies of " what), e "Name!:" name " " IAM_PREFIX " " IAM_PAGE, "", list_attached, iam_resource }
#define BOUNDARY(e, what, name) \
	{ AWS_OP("iam", "Put" e "PermissionsBoundary", "limit " what " by a managed policy"), e "Name!:" name " PermissionsBoundary!:" IAM_ARN, NULL, \
	  put_boundary, iam_resource }, \
	{ AWS_OP("iam", "Delete" e "PermissionsBoundary", "take the limit of " what " away"), e "Name!:" name, NULL, delete_boundary, iam_resource }
static const struct aws_op ops[] = {
	GRANTS("User", "a user", IAM_NAME_128),
	GRANTS("Group", "a group", IAM_NAME_128),
	GRANTS("Role", "a role", IAM_NAME),
	BOUNDARY("User", "a user", IAM_NAME),
	BOUNDARY("Role", "a role", IAM_NAME),
};
const struct routes iam_grant_ops = ROUTES(ops);
