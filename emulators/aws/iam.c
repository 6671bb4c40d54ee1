/* What users, groups, roles and instance profiles have in common. */
#include "aws/iam_ops.h"

#include <ctype.h>

const struct aws_kind iam_users = { "iam.user", true }, iam_groups = { "iam.group", true }, iam_roles = { "iam.role", true },
		      iam_policies = { "iam.policy", true }, iam_profiles = { "iam.profile", true }, iam_keys = { "iam.key", true },
		      iam_providers = { "iam.provider", true }, iam_accounts = { "iam.account", true };

enum { INLINE_USER = 2048, INLINE_GROUP = 5120, INLINE_ROLE = 10240, TAGS_MAX = 50 };
const struct iam_entity iam_entities[IAM_ENTITIES] = {
	[IAM_USER] = { "User", "user", "UserName", "UserId", "Users", "AIDA", "user", &iam_users, INLINE_USER },
	[IAM_GROUP] = { "Group", "group", "GroupName", "GroupId", "Groups", "AGPA", "group", &iam_groups, INLINE_GROUP },
	[IAM_ROLE] = { "Role", "role", "RoleName", "RoleId", "Roles", "AROA", "role", &iam_roles, INLINE_ROLE },
	[IAM_PROFILE] = { "InstanceProfile", "instance profile", "InstanceProfileName", "InstanceProfileId", "InstanceProfiles", "AIPA", "instance-profile",
			  &iam_profiles, 0 },
};

const struct iam_entity *iam_entity_of(const struct aws_call *c)
{
	for (int i = IAM_ENTITIES - 1; i >= 0; i--)
		if (strstr(c->op->route.name, iam_entities[i].word))
			return &iam_entities[i];
	abort();
}

/* ---- refusals ---- */

int iam_no_such(struct aws_call *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return aws_refuse(c, 404, "NoSuchEntity", "%s", text);
}

json_t *iam_named_as(struct aws_call *c, const struct iam_entity *e, const char *name)
{
	json_t *doc = aws_find(c->aws, c->at, e->kind, name);
	if (!doc && e == &iam_entities[IAM_PROFILE])
		(void)iam_no_such(c, "Instance Profile %s cannot be found.", name);
	else if (!doc)
		(void)iam_no_such(c, "The %s with name %s cannot be found.", e->what, name);
	return doc;
}

json_t *iam_named(struct aws_call *c, const struct iam_entity *e)
{
	return iam_named_as(c, e, jstr(c->in, e->name));
}

int iam_keep(struct aws_call *c, const struct iam_entity *e, json_t *doc)
{
	struct error err;
	return aws_keep(c->aws, c->at, e->kind, jstr(doc, e->name), doc, &err) ? aws_broken(c, &err) : 0;
}

/* ---- small things ---- */

bool iam_listed(const json_t *list, const char *text)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		if (!strcmp(json_string_value(one), text))
			return true;
	return false;
}

bool iam_unlist(json_t *list, const char *text)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		if (!strcmp(json_string_value(one), text)) {
			json_array_remove(list, i);
			return true;
		}
	return false;
}

json_t *iam_array(json_t *doc, const char *name)
{
	if (!json_object_get(doc, name))
		json_object_set_new(doc, name, json_array());
	return json_object_get(doc, name);
}

json_t *iam_escaped(const char *text)
{
	struct buf b = { 0 };
	buf_url_escape(&b, sl(text), false);
	json_t *v = json_string(buf_cstr(&b));
	buf_free(&b);
	return v;
}

size_t iam_size(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += !isspace((unsigned char)*text);
	return n;
}

int iam_check_document(struct aws_call *c, const char *text, enum policy_use use)
{
	struct policy *p = NULL;
	struct error err;
	if (policy_read(sl(text), use, &p, &err))
		return aws_refuse(c, 400, err.def->code, "%s", err.text);
	policy_free(p);
	return 0;
}

int iam_page(struct aws_call *c, json_t *items, const char *list)
{
	if (aws_page(c, items, list, "MaxItems", 100, "Marker", "Marker"))
		return aws_refuse(c, 400, "ValidationError", "Invalid Marker.");
	json_object_set_new(c->out, "IsTruncated", json_boolean(json_object_get(c->out, "Marker") != NULL));
	return 0;
}

/* ---- tags ---- */

int iam_tag(struct aws_call *c, json_t *doc)
{
	const json_t *tags = json_object_get(c->in, "Tags"), *one, *other;
	for (size_t i = 0; i < json_array_size(tags); i++)
		for (size_t k = 0; k < i; k++) {
			one = json_array_get(tags, i);
			other = json_array_get(tags, k);
			if (!strcmp(jstr(one, "Key"), jstr(other, "Key")))
				return aws_refuse(c, 400, "InvalidInput", "Duplicate tag keys found.");
		}
	JSON_AUTO all = json_object_get(doc, "Tags") ? json_deep_copy(json_object_get(doc, "Tags")) : json_array();
	aws_tags_set(all, tags, "Key", "Value");
	if (json_array_size(all) > TAGS_MAX)
		return aws_refuse(c, 409, "LimitExceeded", "The number of tags has reached the maximum limit.");
	if (json_array_size(all))
		json_object_set(doc, "Tags", all);
	return 0;
}

void iam_untag(struct aws_call *c, json_t *doc)
{
	json_t *tags = json_object_get(doc, "Tags");
	aws_tags_drop(tags, json_object_get(c->in, "TagKeys"), "Key");
	if (!json_array_size(tags))
		json_object_del(doc, "Tags");
}

int iam_list_tags(struct aws_call *c, const json_t *doc)
{
	json_t *tags = json_object_get(doc, "Tags");
	return iam_page(c, tags ? json_copy(tags) : json_array(), "Tags");
}

static int tag_entity(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	json_t *doc = iam_named(c, e);
	if (!doc || iam_tag(c, doc))
		return -1;
	return iam_keep(c, e, doc);
}

static int untag_entity(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	json_t *doc = iam_named(c, e);
	if (!doc)
		return -1;
	iam_untag(c, doc);
	return iam_keep(c, e, doc);
}

static int list_entity_tags(struct aws_call *c)
{
	const json_t *doc = iam_named(c, iam_entity_of(c));
	return doc ? iam_list_tags(c, doc) : -1;
}

/* ---- making ---- */

json_t *iam_entity_doc(struct aws *a, struct aws_place at, const struct iam_entity *e, const char *name, const char *path, const char *id, int64_t now_ms)
{
	char made[22];
	snprintf(made, sizeof(made), "%s", e->prefix);
	if (!id)
		aws_letters(a, 17, made + 4);
	return json_pack("{s:s,s:s,s:s,s:o,s:I}", "Path", path, e->name, name, e->id, id ? id : made, "Arn",
			 json_sprintf("arn:aws:iam::%s:%s%s%s", at.account, e->arn, path, name), "CreateDate", (json_int_t)(now_ms / 1000 * 1000));
}

/* Names differ in more than the case of their letters. */
static bool taken(const struct aws_call *c, const struct iam_entity *e, const char *name)
{
	for (struct aws_walk w = aws_walk(c->aws, c->at, e->kind); aws_next(&w);)
		if (!strcasecmp(w.key, name))
			return true;
	return false;
}

static int refuse_taken(struct aws_call *c, const struct iam_entity *e, const char *name)
{
	bool profile = e == &iam_entities[IAM_PROFILE];
	return aws_refuse(c, 409, "EntityAlreadyExists", "%s %s already exists.", profile ? "Instance Profile" : arena_printf(c->arena, "%s with name", e->word).p, name);
}

static int check_boundary(struct aws_call *c, const char *arn)
{
	if (arn && !iam_policy_text(c->aws, c->at.account, arn))
		return iam_no_such(c, "Scope ARN: %s does not exist or is not attachable.", arn);
	return 0;
}

json_t *iam_new(struct aws_call *c, const struct iam_entity *e, const char *path, json_t *more)
{
	const char *name = jstr(c->in, e->name), *boundary = jstr(c->in, "PermissionsBoundary");
	JSON_AUTO extra = more;
	json_t *doc;
	struct error err;
	if (taken(c, e, name)) {
		(void)refuse_taken(c, e, name);
		return NULL;
	}
	if (check_boundary(c, boundary))
		return NULL;
	if (!path)
		path = jstr(c->in, "Path") ? jstr(c->in, "Path") : "/";
	doc = iam_entity_doc(c->aws, c->at, e, name, path, NULL, c->now_ms);
	json_object_update(doc, extra);
	jput(doc, "_boundary", boundary);
	if (iam_tag(c, doc)) {
		json_decref(doc);
		return NULL;
	}
	if (aws_keep(c->aws, c->at, e->kind, name, doc, &err)) {
		(void)aws_broken(c, &err);
		return NULL;
	}
	return doc;
}

/* ---- telling ---- */

json_t *iam_view(const json_t *doc, const struct iam_entity *e, bool brief)
{
	json_t *view = json_object(), *value;
	const char *name;
	json_object_foreach((json_t *)doc, name, value) {
		if (*name == '_' || (brief && !strcmp(name, "Tags")))
			continue;
		if (!strcmp(name, "AssumeRolePolicyDocument"))
			json_object_set_new(view, name, iam_escaped(json_string_value(value)));
		else
			json_object_set_new(view, name, json_deep_copy(value));
	}
	if (!brief && jstr(doc, "_boundary"))
		json_object_set_new(view, "PermissionsBoundary",
				    json_pack("{s:s,s:s}", "PermissionsBoundaryType", "Policy", "PermissionsBoundaryArn", jstr(doc, "_boundary")));
	if (!brief && e == &iam_entities[IAM_ROLE])
		json_object_set_new(view, "RoleLastUsed", json_object_get(doc, "_used") ? json_deep_copy(json_object_get(doc, "_used")) : json_object());
	return view;
}

static bool has_prefix(const json_t *doc, const char *prefix)
{
	return !prefix || sl_starts(jslice(doc, "Path"), sl(prefix));
}

static int list_entities(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	json_t *items = json_array(), *doc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, e->kind); (doc = aws_next(&w));)
		if (has_prefix(doc, jstr(c->in, "PathPrefix")))
			json_array_append_new(items, iam_view(doc, e, true));
	return iam_page(c, items, e->list);
}

/* ---- changing ---- */

/* What names a user elsewhere: its keys, its groups. */
static int rename_user(struct aws_call *c, const char *old, const char *name)
{
	struct error err;
	json_t *doc;
	int rc = 0;
	for (struct aws_walk w = aws_walk(c->aws, iam_anywhere, &iam_keys); !rc && (doc = aws_next(&w));)
		if (jstr(doc, "UserName") && !strcmp(jstr(doc, "UserName"), old) && !strcmp(jstr(doc, "_account"), c->at.account)) {
			jput(doc, "UserName", name);
			rc = aws_keep(c->aws, iam_anywhere, &iam_keys, w.key, doc, &err);
		}
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_groups); !rc && (doc = aws_next(&w));)
		if (iam_unlist(json_object_get(doc, "_users"), old)) {
			json_array_append_new(json_object_get(doc, "_users"), json_string(name));
			rc = aws_keep(c->aws, c->at, &iam_groups, w.key, doc, &err);
		}
	return rc ? aws_broken(c, &err) : 0;
}

static int update_entity(struct aws_call *c)
{
	const struct iam_entity *e = iam_entity_of(c);
	char member[32];
	snprintf(member, sizeof(member), "New%s", e->name);
	const char *name = jstr(c->in, member), *old = jstr(c->in, e->name), *path = jstr(c->in, "NewPath");
	json_t *doc = iam_named(c, e);
	struct error err;
	if (!doc)
		return -1;
	if (name && strcasecmp(name, old) != 0 && taken(c, e, name))
		return refuse_taken(c, e, name);
	doc = json_deep_copy(doc);
	jput(doc, "Path", path);
	jput(doc, e->name, name);
	json_object_set_new(doc, "Arn", json_sprintf("arn:aws:iam::%s:%s%s%s", c->at.account, e->arn, jstr(doc, "Path"), jstr(doc, e->name)));
	if (name && strcmp(name, old) != 0 && aws_drop(c->aws, c->at, e->kind, old, &err)) {
		json_decref(doc);
		return aws_broken(c, &err);
	}
	if (iam_keep(c, e, doc))
		return -1;
	return name && strcmp(name, old) != 0 && e == &iam_entities[IAM_USER] ? rename_user(c, old, name) : 0;
}

/* ---- going ---- */

static char *renamed(const char *text, const char *arn, const char *id)
{
	char *quoted = xasprintf("\"%s\"", arn), *out = NULL;
	const char *at = strstr(text, quoted);
	if (at)
		out = xasprintf("%.*s\"%s\"%s", (int)(at - text), text, id, at + strlen(quoted));
	free(quoted);
	return out;
}

int iam_gone(struct aws_call *c, const struct iam_entity *e, const json_t *gone)
{
	const char *arn = arena_dup(c->arena, jslice(gone, "Arn")).p, *id = arena_dup(c->arena, jslice(gone, e->id)).p;
	struct error err;
	json_t *doc;
	int rc = 0;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_roles); !rc && (doc = aws_next(&w));) {
		char *text = renamed(jstr(doc, "AssumeRolePolicyDocument"), arn, id);
		if (!text)
			continue;
		jput(doc, "AssumeRolePolicyDocument", text);
		free(text);
		rc = aws_keep(c->aws, c->at, &iam_roles, w.key, doc, &err);
	}
	return rc ? aws_broken(c, &err) : 0;
}

/* ---- which resource an operation is about ---- */

void iam_resource(struct aws_call *c, struct buf *arn)
{
	const char *policy = strstr(c->op->route.name, "Attach") || strstr(c->op->route.name, "Detach") ? NULL : jstr(c->in, "PolicyArn"), *name;
	if (policy) {
		buf_adds(arn, policy);
		return;
	}
	for (int i = IAM_ENTITIES - 1; i >= 0; i--) {
		const struct iam_entity *e = &iam_entities[i];
		if (!(name = jstr(c->in, e->name)) || (i == IAM_ROLE && strstr(c->op->route.name, "InstanceProfile")))
			continue;
		const json_t *doc = aws_find(c->aws, c->at, e->kind, name);
		const char *path = jstr(c->in, "Path") ? jstr(c->in, "Path") : "/";
		if (doc)
			buf_adds(arn, jstr(doc, "Arn"));
		else
			buf_addf(arn, "arn:aws:iam::%s:%s%s%s", c->at.account, e->arn, path, name);
		return;
	}
	if (strstr(c->op->route.name, "CreatePolicy") && jstr(c->in, "PolicyName"))
		buf_addf(arn, "arn:aws:iam::%s:policy%s%s", c->at.account, jstr(c->in, "Path") ? jstr(c->in, "Path") : "/", jstr(c->in, "PolicyName"));
	else if (!strstr(c->op->route.name, ".List"))
		buf_addf(arn, "arn:aws:iam::%s:user/%.*s", c->at.account, SL(c->who.name.p ? c->who.name : S("*")));
}

#define NEW(name, more) "NewPath:s1-512~(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)~ New" name ":" more
static const struct aws_op ops[] = {
	{ AWS_OP("iam", "ListUsers", "users"), IAM_PREFIX " " IAM_PAGE, "Users:[{CreateDate:t}]", list_entities },
	{ AWS_OP("iam", "UpdateUser", "another name or path of a user"), "UserName!:" IAM_NAME_128 " " NEW("UserName", IAM_NAME), NULL, update_entity, iam_resource },
	{ AWS_OP("iam", "TagUser", "set tags of a user"), "UserName!:" IAM_NAME_128 " Tags!:" IAM_TAGS, NULL, tag_entity, iam_resource },
	{ AWS_OP("iam", "UntagUser", "remove tags of a user"), "UserName!:" IAM_NAME_128 " TagKeys!:" IAM_TAG_KEYS, NULL, untag_entity, iam_resource },
	{ AWS_OP("iam", "ListUserTags", "tags of a user"), "UserName!:" IAM_NAME_128 " " IAM_PAGE, "", list_entity_tags, iam_resource },
	{ AWS_OP("iam", "ListGroups", "groups"), IAM_PREFIX " " IAM_PAGE, "Groups:[{CreateDate:t}]", list_entities },
	{ AWS_OP("iam", "UpdateGroup", "another name or path of a group"), "GroupName!:" IAM_NAME_128 " " NEW("GroupName", IAM_NAME_128), NULL, update_entity, iam_resource },
	{ AWS_OP("iam", "ListRoles", "roles"), IAM_PREFIX " " IAM_PAGE, "Roles:[{CreateDate:t}]", list_entities },
	{ AWS_OP("iam", "TagRole", "set tags of a role"), "RoleName!:" IAM_NAME " Tags!:" IAM_TAGS, NULL, tag_entity, iam_resource },
	{ AWS_OP("iam", "UntagRole", "remove tags of a role"), "RoleName!:" IAM_NAME " TagKeys!:" IAM_TAG_KEYS, NULL, untag_entity, iam_resource },
	{ AWS_OP("iam", "ListRoleTags", "tags of a role"), "RoleName!:" IAM_NAME " " IAM_PAGE, "", list_entity_tags, iam_resource },
	{ AWS_OP("iam", "TagInstanceProfile", "set tags of an instance profile"), "InstanceProfileName!:" IAM_NAME_128 " Tags!:" IAM_TAGS, NULL, tag_entity,
	  iam_resource },
	{ AWS_OP("iam", "UntagInstanceProfile", "remove tags of an instance profile"), "InstanceProfileName!:" IAM_NAME_128 " TagKeys!:" IAM_TAG_KEYS, NULL,
	  untag_entity, iam_resource },
	{ AWS_OP("iam", "ListInstanceProfileTags", "tags of an instance profile"), "InstanceProfileName!:" IAM_NAME_128 " " IAM_PAGE, "", list_entity_tags,
	  iam_resource },
};
const struct routes iam_entity_ops = ROUTES(ops);

static int open_iam(struct aws *a, struct error *err)
{
	int rc = iam_open(a, err);
	return rc ? rc : iam_seed(a, err);
}

const struct aws_api iam_api = {
	.name = "iam", .scope = "iam", .protocol = AWS_QUERY, .nameless = true, .open = open_iam, .close = iam_close,
	.ops = { &iam_entity_ops, &iam_user_ops, &iam_role_ops, &iam_grant_ops, &iam_policy_ops, &iam_account_ops, &iam_simulate_ops },
};
