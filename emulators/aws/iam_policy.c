/* Managed policies and their versions. */
#include "aws/iam_ops.h"

enum { POLICY_SIZE = 6144, VERSIONS_MAX = 5 };

/* ---- AWS's own as documents, so that one way tells both ---- */

static json_t *managed_doc(const struct iam_managed *m)
{
	struct identity id = { .name = sl(m->name), .account = "aws" };
	json_int_t made = m->made_ms;
	identity_complete(&id);
	json_t *doc = json_pack("{s:s,s:o,s:o,s:s,s:s,s:b,s:I,s:I,s:[{s:s,s:I,s:s}]}", "PolicyName", m->name, "PolicyId", json_sprintf("ANPA%s", id.user_id + 4),
				"Arn", json_sprintf("arn:aws:iam::aws:policy%s%s", m->path, m->name), "Path", m->path, "DefaultVersionId", m->version, "IsAttachable",
				1, "CreateDate", made, "UpdateDate", made, "_versions", "VersionId", m->version, "CreateDate", made, "Document", m->document);
	jput(doc, "Description", m->description);
	return doc;
}

/* The policy that the request names, the caller's; NULL: there is none. */
static json_t *policy_of(const struct aws_call *c)
{
	const char *arn = jstr(c->in, "PolicyArn");
	const struct iam_managed *m = iam_managed_find(arn);
	json_t *doc = m ? NULL : aws_find(c->aws, c->at, &iam_policies, arn);
	return m ? managed_doc(m) : json_incref(doc);
}

/* One that may be changed, borrowed; NULL: refused. */
static json_t *own(struct aws_call *c, const char *absent)
{
	const char *arn = jstr(c->in, "PolicyArn");
	json_t *doc = aws_find(c->aws, c->at, &iam_policies, arn);
	if (!doc && iam_managed_find(arn)) {
		struct buf who = { 0 };
		identity_arn(&c->who, &who);
		(void)aws_refuse(c, 403, "AccessDenied", "User: %s is not authorized to perform: %s:%s on resource: policy %s", buf_cstr(&who), c->api->name,
				 strchr(c->op->route.name, '.') + 1, arn);
		buf_free(&who);
	} else if (!doc) {
		(void)iam_no_such(c, absent, arn);
	}
	return doc;
}

static const char not_found[] = "Policy %s was not found.", not_there[] = "Policy %s does not exist or is not attachable.";

/* ---- how often it is used ---- */

struct uses {
	size_t attached, boundary;
};

static struct uses uses_of(const struct aws_call *c, const char *arn)
{
	struct uses u = { 0 };
	const json_t *doc;
	for (int i = IAM_USER; i <= IAM_ROLE; i++)
		for (struct aws_walk w = aws_walk(c->aws, c->at, iam_entities[i].kind); (doc = aws_next(&w));) {
			u.attached += iam_listed(json_object_get(doc, "_attached"), arn);
			u.boundary += jstr(doc, "_boundary") && !strcmp(jstr(doc, "_boundary"), arn);
		}
	return u;
}

static json_t *view(const struct aws_call *c, const json_t *doc, bool brief)
{
	json_t *told = iam_view(doc, NULL, brief);
	struct uses u = uses_of(c, jstr(doc, "Arn"));
	json_object_set_new(told, "AttachmentCount", json_integer((json_int_t)u.attached));
	json_object_set_new(told, "PermissionsBoundaryUsageCount", json_integer((json_int_t)u.boundary));
	if (brief)
		json_object_del(told, "Description");
	return told;
}

static int keep(struct aws_call *c, json_t *doc)
{
	struct error err;
	return aws_keep(c->aws, c->at, &iam_policies, jstr(doc, "Arn"), doc, &err) ? aws_broken(c, &err) : 0;
}

static int check(struct aws_call *c)
{
	const char *text = jstr(c->in, "PolicyDocument");
	if (iam_size(text) > POLICY_SIZE)
		return aws_refuse(c, 409, "LimitExceeded", "Cannot exceed quota for PolicySize: %d", POLICY_SIZE);
	return iam_check_document(c, text, POLICY_OF_IDENTITY);
}

/* ---- policies ---- */

static int create_policy(struct aws_call *c)
{
	const char *name = jstr(c->in, "PolicyName"), *path = jstr(c->in, "Path") ? jstr(c->in, "Path") : "/";
	int64_t now = c->now_ms / 1000 * 1000;
	char id[22] = "ANPA";
	json_t *doc, *told;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_policies); (doc = aws_next(&w));)
		if (!strcasecmp(jstr(doc, "PolicyName"), name))
			return aws_refuse(c, 409, "EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", name);
	if (check(c))
		return -1;
	aws_letters(c->aws, 17, id + 4);
	doc = json_pack("{s:s,s:s,s:o,s:s,s:s,s:b,s:I,s:I,s:[{s:s,s:I,s:s}],s:i}", "PolicyName", name, "PolicyId", id, "Arn",
			json_sprintf("arn:aws:iam::%s:policy%s%s", c->at.account, path, name), "Path", path, "DefaultVersionId", "v1", "IsAttachable", 1,
			"CreateDate", (json_int_t)now, "UpdateDate", (json_int_t)now, "_versions", "VersionId", "v1", "CreateDate", (json_int_t)now, "Document",
			jstr(c->in, "PolicyDocument"), "_next", 2);
	jput(doc, "Description", jstr(c->in, "Description"));
	if (iam_tag(c, doc)) {
		json_decref(doc);
		return -1;
	}
	if (keep(c, doc))
		return -1;
	told = view(c, doc, false);
	json_object_del(told, "Description");
	json_object_set_new(c->out, "Policy", told);
	return 0;
}

static int get_policy(struct aws_call *c)
{
	JSON_AUTO doc = policy_of(c);
	json_t *told;
	if (!doc)
		return iam_no_such(c, not_found, jstr(c->in, "PolicyArn"));
	told = view(c, doc, false);
	(void)iam_array(told, "Tags");
	json_object_set_new(c->out, "Policy", told);
	return 0;
}

static bool wanted(const struct aws_call *c, const json_t *told)
{
	const char *prefix = jstr(c->in, "PathPrefix"), *usage = jstr(c->in, "PolicyUsageFilter");
	int64_t attached = jint(told, "AttachmentCount"), boundary = jint(told, "PermissionsBoundaryUsageCount");
	if (prefix && !sl_starts(jslice(told, "Path"), sl(prefix)))
		return false;
	if (jtrue(c->in, "OnlyAttached") && !attached && !boundary)
		return false;
	return !usage || (!strcmp(usage, "PermissionsBoundary") ? boundary > 0 : attached > 0);
}

static int list_policies(struct aws_call *c)
{
	const char *scope = jstr(c->in, "Scope");
	json_t *items = json_array(), *doc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_policies); (!scope || strcmp(scope, "AWS") != 0) && (doc = aws_next(&w));) {
		JSON_AUTO told = view(c, doc, true);
		if (wanted(c, told))
			json_array_append(items, told);
	}
	for (size_t i = 0; (!scope || strcmp(scope, "Local") != 0) && iam_managed_at(i); i++) {
		JSON_AUTO managed = managed_doc(iam_managed_at(i));
		JSON_AUTO told = view(c, managed, true);
		if (wanted(c, told))
			json_array_append(items, told);
	}
	return iam_page(c, items, "Policies");
}

static int conflict(struct aws_call *c, const char *text)
{
	return aws_refuse(c, 409, "DeleteConflict", "%s", text);
}

static int delete_policy(struct aws_call *c)
{
	const json_t *doc = own(c, not_found);
	struct error err;
	if (!doc)
		return -1;
	struct uses u = uses_of(c, jstr(doc, "Arn"));
	if (u.attached)
		return conflict(c, "Cannot delete a policy attached to entities.");
	if (u.boundary)
		return conflict(c, "Cannot delete a policy that is used as a permissions boundary.");
	if (json_array_size(json_object_get(doc, "_versions")) > 1)
		return conflict(c, "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is "
				   "deleted with the policy.");
	return aws_drop(c->aws, c->at, &iam_policies, jstr(doc, "Arn"), &err) ? aws_broken(c, &err) : 0;
}

/* ---- versions ---- */

static json_t *version_of(const json_t *doc, const char *id, size_t *at)
{
	const json_t *all = json_object_get(doc, "_versions");
	for (*at = 0; *at < json_array_size(all); ++*at)
		if (!strcmp(jstr(json_array_get(all, *at), "VersionId"), id))
			return json_array_get(all, *at);
	return NULL;
}

static json_t *view_version(const json_t *doc, const json_t *version, bool document)
{
	const char *id = jstr(version, "VersionId");
	json_t *told = json_pack("{s:s,s:b,s:I}", "VersionId", id, "IsDefaultVersion", !strcmp(id, jstr(doc, "DefaultVersionId")), "CreateDate",
				 (json_int_t)jint(version, "CreateDate"));
	if (document)
		json_object_set_new(told, "Document", iam_escaped(jstr(version, "Document")));
	return told;
}

static int no_version(struct aws_call *c)
{
	return iam_no_such(c, "Policy %s version %s does not exist or is not attachable.", jstr(c->in, "PolicyArn"), jstr(c->in, "VersionId"));
}

static int create_version(struct aws_call *c)
{
	json_t *doc = own(c, not_there), *versions, *version;
	int64_t now = c->now_ms / 1000 * 1000;
	char id[32];
	if (!doc || check(c))
		return -1;
	versions = json_object_get(doc, "_versions");
	if (json_array_size(versions) >= VERSIONS_MAX)
		return aws_refuse(c, 409, "LimitExceeded", "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing "
							   "version.", VERSIONS_MAX);
	snprintf(id, sizeof(id), "v%lld", (long long)jint(doc, "_next"));
	version = json_pack("{s:s,s:I,s:s}", "VersionId", id, "CreateDate", (json_int_t)now, "Document", jstr(c->in, "PolicyDocument"));
	json_array_insert_new(versions, 0, version);
	json_object_set_new(doc, "_next", json_integer(jint(doc, "_next") + 1));
	json_object_set_new(doc, "UpdateDate", json_integer(now));
	if (jtrue(c->in, "SetAsDefault"))
		jput(doc, "DefaultVersionId", id);
	json_object_set_new(c->out, "PolicyVersion", view_version(doc, version, false));
	return keep(c, doc);
}

static int get_version(struct aws_call *c)
{
	JSON_AUTO doc = policy_of(c);
	size_t at;
	const json_t *version = doc ? version_of(doc, jstr(c->in, "VersionId"), &at) : NULL;
	if (!version)
		return no_version(c);
	json_object_set_new(c->out, "PolicyVersion", view_version(doc, version, true));
	return 0;
}

static int list_versions(struct aws_call *c)
{
	JSON_AUTO doc = policy_of(c);
	json_t *items, *one;
	size_t i;
	if (!doc)
		return iam_no_such(c, not_found, jstr(c->in, "PolicyArn"));
	items = json_array();
	json_array_foreach(json_object_get(doc, "_versions"), i, one)
		json_array_append_new(items, view_version(doc, one, false));
	return iam_page(c, items, "Versions");
}

static int delete_version(struct aws_call *c)
{
	json_t *doc = own(c, not_there);
	size_t at;
	if (!doc)
		return -1;
	if (!version_of(doc, jstr(c->in, "VersionId"), &at))
		return no_version(c);
	if (!strcmp(jstr(doc, "DefaultVersionId"), jstr(c->in, "VersionId")))
		return conflict(c, "Cannot delete the default version of a policy.");
	json_array_remove(json_object_get(doc, "_versions"), at);
	return keep(c, doc);
}

static int set_default_version(struct aws_call *c)
{
	json_t *doc = aws_find(c->aws, c->at, &iam_policies, jstr(c->in, "PolicyArn"));
	size_t at;
	if (!doc || !version_of(doc, jstr(c->in, "VersionId"), &at))
		return no_version(c);
	jput(doc, "DefaultVersionId", jstr(c->in, "VersionId"));
	json_object_set_new(doc, "UpdateDate", json_integer(c->now_ms / 1000 * 1000));
	return keep(c, doc);
}

/* ---- tags, and who has it ---- */

static int tag_policy(struct aws_call *c)
{
	json_t *doc = own(c, not_found);
	return !doc || iam_tag(c, doc) ? -1 : keep(c, doc);
}

static int untag_policy(struct aws_call *c)
{
	json_t *doc = own(c, not_found);
	if (!doc)
		return -1;
	iam_untag(c, doc);
	return keep(c, doc);
}

static int list_policy_tags(struct aws_call *c)
{
	JSON_AUTO doc = policy_of(c);
	return doc ? iam_list_tags(c, doc) : iam_no_such(c, not_found, jstr(c->in, "PolicyArn"));
}

static int list_entities(struct aws_call *c)
{
	static const char *const lists[] = { "PolicyUsers", "PolicyGroups", "PolicyRoles" };
	const char *arn = jstr(c->in, "PolicyArn"), *filter = jstr(c->in, "EntityFilter"), *usage = jstr(c->in, "PolicyUsageFilter");
	const json_t *doc;
	if (!iam_policy_text(c->aws, c->at.account, arn))
		return iam_no_such(c, not_found, arn);
	for (int i = IAM_USER; i <= IAM_ROLE; i++) {
		const struct iam_entity *e = &iam_entities[i];
		json_t *items = json_array();
		for (struct aws_walk w = aws_walk(c->aws, c->at, e->kind); (!filter || !strcmp(filter, e->word)) && (doc = aws_next(&w));) {
			bool bound = jstr(doc, "_boundary") && !strcmp(jstr(doc, "_boundary"), arn);
			if (usage && !strcmp(usage, "PermissionsBoundary") ? bound : iam_listed(json_object_get(doc, "_attached"), arn))
				json_array_append_new(items, json_pack("{s:s,s:s}", e->name, jstr(doc, e->name), e->id, jstr(doc, e->id)));
		}
		json_object_set_new(c->out, lists[i], items);
	}
	json_object_set_new(c->out, "IsTruncated", json_false());
	return 0;
}

#define ARN "PolicyArn!:" IAM_ARN
#define VERSION " VersionId!:s~v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?~"
#define POLICY_PATH "s1-512~((/[A-Za-z0-9\\.,\\+@=_-]+)*)/~"
static const struct aws_op ops[] = {
	{ AWS_OP("iam", "CreatePolicy", "make a managed policy"),
	  "PolicyName!:" IAM_NAME_128 " Path:" POLICY_PATH " PolicyDocument!:" IAM_DOCUMENT " Description:s0-1000 Tags:" IAM_TAGS,
	  "Policy:{CreateDate:t UpdateDate:t}", create_policy, iam_resource },
	{ AWS_OP("iam", "GetPolicy", "a managed policy"), ARN, "Policy:{CreateDate:t UpdateDate:t}", get_policy, iam_resource },
	{ AWS_OP("iam", "ListPolicies", "managed policies, AWS's own too"),
	  "Scope:All|AWS|Local OnlyAttached:b PathPrefix:" POLICY_PATH " PolicyUsageFilter:PermissionsPolicy|PermissionsBoundary " IAM_PAGE,
	  "Policies:[{CreateDate:t UpdateDate:t}]", list_policies },
	{ AWS_OP("iam", "DeletePolicy", "drop a managed policy"), ARN, NULL, delete_policy, iam_resource },
	{ AWS_OP("iam", "CreatePolicyVersion", "another version of a managed policy"), ARN " PolicyDocument!:" IAM_DOCUMENT " SetAsDefault:b",
	  "PolicyVersion:{CreateDate:t}", create_version, iam_resource },
	{ AWS_OP("iam", "GetPolicyVersion", "a version and its document"), ARN VERSION, "PolicyVersion:{CreateDate:t}", get_version, iam_resource },
	{ AWS_OP("iam", "ListPolicyVersions", "versions of a managed policy"), ARN " " IAM_PAGE, "Versions:[{CreateDate:t}]", list_versions, iam_resource },
	{ AWS_OP("iam", "DeletePolicyVersion", "drop a version"), ARN VERSION, NULL, delete_version, iam_resource },
	{ AWS_OP("iam", "SetDefaultPolicyVersion", "which version counts"), ARN VERSION, NULL, set_default_version, iam_resource },
	{ AWS_OP("iam", "TagPolicy", "set tags of a managed policy"), ARN " Tags!:" IAM_TAGS, NULL, tag_policy, iam_resource },
	{ AWS_OP("iam", "UntagPolicy", "remove tags of a managed policy"), ARN " TagKeys!:" IAM_TAG_KEYS, NULL, untag_policy, iam_resource },
	{ AWS_OP("iam", "ListPolicyTags", "tags of a managed policy"), ARN " " IAM_PAGE, "", list_policy_tags, iam_resource },
	{ AWS_OP("iam", "ListEntitiesForPolicy", "who has a managed policy"),
	  ARN " EntityFilter:User|Role|Group|LocalManagedPolicy|AWSManagedPolicy PathPrefix:s1-512 PolicyUsageFilter:PermissionsPolicy|PermissionsBoundary " IAM_PAGE,
	  "", list_entities, iam_resource },
};
const struct routes iam_policy_ops = ROUTES(ops);
