/* Roles with their trust, and instance profiles. */
#include "aws/iam_ops.h"

enum { TRUST_MAX = 2048, SESSION_S = 3600 };
static const struct iam_entity *const role = &iam_entities[IAM_ROLE], *const profile = &iam_entities[IAM_PROFILE];
#define SERVICE_PATH "/aws-service-role/"

/* ---- trust ---- */

struct trusting {
	struct aws_call *c;
	int rc;
};

/* A principal of this account must be there. */
static void check_principal(void *arg, const char *kind, struct slice value)
{
	struct trusting *t = arg;
	const char *arn = arena_cstr(t->c->arena, value), *name;
	char account[13];
	const struct iam_entity *e = strstr(arn, ":user/") ? &iam_entities[IAM_USER] : role;
	if (t->rc || strcmp(kind, "AWS") != 0 || !iam_arn_read(arn, e->arn, account, &name) || strcmp(account, t->c->at.account) != 0)
		return;
	const json_t *doc = aws_find(t->c->aws, t->c->at, e->kind, name);
	if (!doc || strcmp(jstr(doc, "Arn"), arn) != 0)
		t->rc = aws_refuse(t->c, 400, "MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":\"%s\"", arn);
}

static int check_trust(struct aws_call *c, const char *text)
{
	struct policy *p = NULL;
	struct trusting t = { c, 0 };
	struct error err;
	if (iam_size(text) > TRUST_MAX)
		return aws_refuse(c, 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", TRUST_MAX);
	if (policy_read(sl(text), POLICY_OF_TRUST, &p, &err))
		return aws_refuse(c, 400, err.def->code, "%s", err.text);
	policy_principals(p, check_principal, &t);
	policy_free(p);
	return t.rc;
}

/* ---- roles ---- */

static int create_role(struct aws_call *c)
{
	const char *trust = jstr(c->in, "AssumeRolePolicyDocument");
	json_t *doc, *told;
	if (jstr(c->in, "Path") && sl_starts(jslice(c->in, "Path"), S(SERVICE_PATH)))
		return aws_refuse(c, 400, "ValidationError", "Roles with path " SERVICE_PATH " are made by CreateServiceLinkedRole only.");
	if (check_trust(c, trust))
		return -1;
	doc = json_pack("{s:s,s:I}", "AssumeRolePolicyDocument", trust, "MaxSessionDuration",
			(json_int_t)(json_object_get(c->in, "MaxSessionDuration") ? jint(c->in, "MaxSessionDuration") : SESSION_S));
	jput(doc, "Description", jstr(c->in, "Description"));
	doc = iam_new(c, role, NULL, doc);
	if (!doc)
		return -1;
	told = iam_view(doc, role, false);
	json_object_del(told, "RoleLastUsed");
	json_object_del(told, "MaxSessionDuration");
	json_object_set_new(c->out, "Role", told);
	return 0;
}

static int get_role(struct aws_call *c)
{
	const json_t *doc = iam_named(c, role);
	if (!doc)
		return -1;
	json_object_set_new(c->out, "Role", iam_view(doc, role, false));
	return 0;
}

static bool of_service(const json_t *doc)
{
	return sl_starts(jslice(doc, "Path"), S(SERVICE_PATH));
}

static json_t *changeable(struct aws_call *c)
{
	json_t *doc = iam_named(c, role);
	if (doc && of_service(doc)) {
		(void)aws_refuse(c, 400, "UnmodifiableEntity", "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS",
				 jstr(doc, "RoleName"));
		return NULL;
	}
	return doc;
}

static int update_role(struct aws_call *c)
{
	json_t *doc = changeable(c);
	if (!doc)
		return -1;
	jcopy(doc, c->in, "Description");
	jcopy(doc, c->in, "MaxSessionDuration");
	return iam_keep(c, role, doc);
}

static int update_role_description(struct aws_call *c)
{
	json_t *doc = changeable(c), *told;
	if (!doc)
		return -1;
	jcopy(doc, c->in, "Description");
	if (iam_keep(c, role, doc))
		return -1;
	told = iam_view(doc, role, true);
	json_object_del(told, "MaxSessionDuration");
	json_object_set_new(c->out, "Role", told);
	return 0;
}

static int update_assume_role_policy(struct aws_call *c)
{
	json_t *doc = changeable(c);
	if (!doc || check_trust(c, jstr(c->in, "PolicyDocument")))
		return -1;
	jput(doc, "AssumeRolePolicyDocument", jstr(c->in, "PolicyDocument"));
	return iam_keep(c, role, doc);
}

static bool in_profile(struct aws_call *c, const char *name)
{
	const json_t *doc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_profiles); (doc = aws_next(&w));)
		if (iam_listed(json_object_get(doc, "_roles"), name))
			return true;
	return false;
}

static int conflict(struct aws_call *c, const char *what)
{
	return aws_refuse(c, 409, "DeleteConflict", "Cannot delete entity, must %s first.", what);
}

static int drop(struct aws_call *c, const struct iam_entity *e)
{
	struct error err;
	return aws_drop(c->aws, c->at, e->kind, jstr(c->in, e->name), &err) ? aws_broken(c, &err) : 0;
}

static int delete_role(struct aws_call *c)
{
	const json_t *doc = changeable(c);
	if (!doc)
		return -1;
	if (in_profile(c, jstr(c->in, "RoleName")))
		return conflict(c, "remove roles from instance profile");
	if (json_array_size(json_object_get(doc, "_attached")))
		return conflict(c, "detach all policies");
	if (json_object_size(json_object_get(doc, "_inline")))
		return conflict(c, "delete policies");
	return iam_gone(c, role, doc) ? -1 : drop(c, role);
}

/* ---- roles of services ---- */

/* What the roles of services are called that don't follow from their name. */
static const struct {
	const char *service, *role;
} service_roles[] = {
	{ "kafka.amazonaws.com", "AWSServiceRoleForKafka" },		{ "kafkaconnect.amazonaws.com", "AWSServiceRoleForKafkaConnect" },
	{ "airflow.amazonaws.com", "AWSServiceRoleForAmazonMWAA" },	{ "rds.amazonaws.com", "AWSServiceRoleForRDS" },
	{ "ops.apigateway.amazonaws.com", "AWSServiceRoleForAPIGateway" }, { "autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling" },
	{ "ecs.amazonaws.com", "AWSServiceRoleForECS" },		{ "elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing" },
};

static int create_service_linked_role(struct aws_call *c)
{
	const char *service = jstr(c->in, "AWSServiceName"), *suffix = jstr(c->in, "CustomSuffix"), *name = NULL;
	for (size_t i = 0; i < ARRAY_LEN(service_roles); i++)
		if (!strcmp(service_roles[i].service, service))
			name = service_roles[i].role;
	if (!name)
		return aws_refuse(c, 400, "InvalidInput", "tarn knows no service-linked role of %s", service);
	name = arena_printf(c->arena, "%s%s%s", name, suffix ? "_" : "", suffix ? suffix : "").p;
	if (aws_find(c->aws, c->at, &iam_roles, name))
		return aws_refuse(c, 400, "InvalidInput", "Service role name %s has been taken in this account, please try a different suffix.", name);
	jput(c->in, "RoleName", name);
	json_t *doc = json_pack("{s:o,s:i}", "AssumeRolePolicyDocument",
				json_sprintf("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":[\"%s\"]},\"Action\":[\"sts:AssumeRole\"]}]}",
					     service), "MaxSessionDuration", SESSION_S);
	jput(doc, "Description", jstr(c->in, "Description"));
	doc = iam_new(c, role, arena_printf(c->arena, SERVICE_PATH "%s/", service).p, doc);
	if (!doc)
		return -1;
	json_t *told = iam_view(doc, role, false);
	json_object_del(told, "RoleLastUsed");
	json_object_del(told, "MaxSessionDuration");
	json_object_set_new(c->out, "Role", told);
	return 0;
}

static int delete_service_linked_role(struct aws_call *c)
{
	const json_t *doc = iam_named(c, role);
	char id[37];
	if (!doc)
		return -1;
	if (!of_service(doc))
		return aws_refuse(c, 400, "InvalidInput", "The role with name %s is not a service-linked role.", jstr(doc, "RoleName"));
	aws_uuid(c->aws, id);
	json_object_set_new(c->out, "DeletionTaskId", json_sprintf("task%s%s/%s", jstr(doc, "Path"), jstr(doc, "RoleName"), id));
	return drop(c, role);
}

/* Dropping one takes no time here. */
static int deletion_status(struct aws_call *c)
{
	if (!sl_starts(jslice(c->in, "DeletionTaskId"), S("task" SERVICE_PATH)))
		return iam_no_such(c, "Deletion task %s cannot be found.", jstr(c->in, "DeletionTaskId"));
	jput(c->out, "Status", "SUCCEEDED");
	return 0;
}

/* ---- instance profiles ---- */

static json_t *view_profile(struct aws_call *c, const json_t *doc, bool brief)
{
	json_t *told = iam_view(doc, profile, brief), *roles = json_array(), *name;
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(doc, "_roles"), i, name)
		if ((one = aws_find(c->aws, c->at, &iam_roles, json_string_value(name))))
			json_array_append_new(roles, iam_view(one, role, true));
	json_object_set_new(told, "Roles", roles);
	return told;
}

static int create_instance_profile(struct aws_call *c)
{
	const json_t *doc = iam_new(c, profile, NULL, NULL);
	if (!doc)
		return -1;
	json_object_set_new(c->out, "InstanceProfile", view_profile(c, doc, false));
	return 0;
}

static int get_instance_profile(struct aws_call *c)
{
	const json_t *doc = iam_named(c, profile);
	if (!doc)
		return -1;
	json_object_set_new(c->out, "InstanceProfile", view_profile(c, doc, false));
	return 0;
}

static int delete_instance_profile(struct aws_call *c)
{
	const json_t *doc = iam_named(c, profile);
	if (!doc)
		return -1;
	return json_array_size(json_object_get(doc, "_roles")) ? conflict(c, "remove roles from instance profile") : drop(c, profile);
}

static int list_instance_profiles(struct aws_call *c)
{
	const char *of = jstr(c->in, "RoleName"), *prefix = jstr(c->in, "PathPrefix");
	json_t *items, *doc;
	if (of && !iam_named(c, role))
		return -1;
	items = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_profiles); (doc = aws_next(&w));)
		if ((!of || iam_listed(json_object_get(doc, "_roles"), of)) && (!prefix || sl_starts(jslice(doc, "Path"), sl(prefix))))
			json_array_append_new(items, view_profile(c, doc, true));
	return iam_page(c, items, "InstanceProfiles");
}

static int add_role_to_instance_profile(struct aws_call *c)
{
	json_t *doc = iam_named(c, profile), *roles;
	const json_t *one = doc ? iam_named(c, role) : NULL;
	if (!one || aws_pass_role(c, jstr(one, "Arn"), "ec2.amazonaws.com"))
		return -1;
	roles = iam_array(doc, "_roles");
	if (iam_listed(roles, jstr(c->in, "RoleName")))
		return aws_refuse(c, 409, "EntityAlreadyExists", "Role %s is already associated with instance profile.", jstr(c->in, "RoleName"));
	if (json_array_size(roles))
		return aws_refuse(c, 409, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
	json_array_append_new(roles, json_string(jstr(c->in, "RoleName")));
	return iam_keep(c, profile, doc);
}

static int remove_role_from_instance_profile(struct aws_call *c)
{
	json_t *doc = iam_named(c, profile);
	if (!doc || !iam_named(c, role))
		return -1;
	if (!iam_unlist(json_object_get(doc, "_roles"), jstr(c->in, "RoleName")))
		return iam_no_such(c, "Role %s not in instance profile %s.", jstr(c->in, "RoleName"), jstr(c->in, "InstanceProfileName"));
	return iam_keep(c, profile, doc);
}

#define DESCRIPTION "s0-1000~[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*~"
#define NAME "RoleName!:" IAM_NAME
#define PROFILE "InstanceProfileName!:" IAM_NAME_128
#define ROLE_OUT "Role:{CreateDate:t RoleLastUsed:{LastUsedDate:t}}"
#define PROFILE_OUT "{CreateDate:t Roles:[{CreateDate:t}]}"
static const struct aws_op ops[] = {
	{ AWS_OP("iam", "CreateRole", "make a role that its trust policy lets be assumed"),
	  IAM_PATH " " NAME " AssumeRolePolicyDocument!:" IAM_DOCUMENT " Description:" DESCRIPTION " MaxSessionDuration:i3600-43200 PermissionsBoundary:" IAM_ARN
	  " Tags:" IAM_TAGS, ROLE_OUT, create_role, iam_resource },
	{ AWS_OP("iam", "GetRole", "a role and its trust policy"), NAME, ROLE_OUT, get_role, iam_resource },
	{ AWS_OP("iam", "UpdateRole", "a role's description and longest session"), NAME " Description:" DESCRIPTION " MaxSessionDuration:i3600-43200", "",
	  update_role, iam_resource },
	{ AWS_OP("iam", "UpdateRoleDescription", "a role's description"), NAME " Description!:" DESCRIPTION, ROLE_OUT, update_role_description, iam_resource },
	{ AWS_OP("iam", "UpdateAssumeRolePolicy", "another trust policy"), NAME " PolicyDocument!:" IAM_DOCUMENT, NULL, update_assume_role_policy, iam_resource },
	{ AWS_OP("iam", "DeleteRole", "drop a role"), NAME, NULL, delete_role, iam_resource },
	{ AWS_OP("iam", "CreateServiceLinkedRole", "make a service's role"),
	  "AWSServiceName!:" IAM_NAME_128 " Description:" DESCRIPTION " CustomSuffix:" IAM_NAME, ROLE_OUT, create_service_linked_role },
	{ AWS_OP("iam", "DeleteServiceLinkedRole", "drop a service's role"), NAME, "", delete_service_linked_role, iam_resource },
	{ AWS_OP("iam", "GetServiceLinkedRoleDeletionStatus", "whether it is gone"), "DeletionTaskId!:s1-1000", "", deletion_status },
	{ AWS_OP("iam", "CreateInstanceProfile", "make an instance profile"), PROFILE " " IAM_PATH " Tags:" IAM_TAGS, "InstanceProfile:" PROFILE_OUT,
	  create_instance_profile, iam_resource },
	{ AWS_OP("iam", "GetInstanceProfile", "an instance profile and its role"), PROFILE, "InstanceProfile:" PROFILE_OUT, get_instance_profile, iam_resource },
	{ AWS_OP("iam", "DeleteInstanceProfile", "drop an instance profile"), PROFILE, NULL, delete_instance_profile, iam_resource },
	{ AWS_OP("iam", "ListInstanceProfiles", "instance profiles"), IAM_PREFIX " " IAM_PAGE, "InstanceProfiles:[" PROFILE_OUT "]", list_instance_profiles },
	{ AWS_OP("iam", "ListInstanceProfilesForRole", "a role's instance profiles"), NAME " " IAM_PAGE, "InstanceProfiles:[" PROFILE_OUT "]",
	  list_instance_profiles, iam_resource },
	{ AWS_OP("iam", "AddRoleToInstanceProfile", "give an instance profile its role"), PROFILE " " NAME, NULL, add_role_to_instance_profile, iam_resource },
	{ AWS_OP("iam", "RemoveRoleFromInstanceProfile", "take the role away"), PROFILE " " NAME, NULL, remove_role_from_instance_profile, iam_resource },
};
const struct routes iam_role_ops = ROUTES(ops);
