/* Users with their access keys and passwords; groups. */
#include "aws/iam_ops.h"

enum { KEYS_MAX = 2, GROUPS_MAX = 10, SECRET_BYTES = 30 };
static const struct iam_entity *const user = &iam_entities[IAM_USER], *const group = &iam_entities[IAM_GROUP];

/* ---- users ---- */

static int create_user(struct aws_call *c)
{
	const json_t *doc = iam_new(c, user, NULL, NULL);
	if (!doc)
		return -1;
	json_object_set_new(c->out, "User", iam_view(doc, user, false));
	return 0;
}

/* Who is meant where no name is given: the caller, when that is a user. As a hook. */
static int name_caller(struct aws_call *c)
{
	if (jstr(c->in, "UserName"))
		return 0;
	if (!c->who.name.p)
		return 0;
	if (c->who.role_session.p || c->who.federated)
		return aws_refuse(c, 400, "ValidationError", "Must specify userName when calling with non-User credentials");
	json_object_set_new(c->in, "UserName", json_stringn(c->who.name.p, c->who.name.n));
	return 0;
}

static int get_user(struct aws_call *c)
{
	if (name_caller(c))
		return -1;
	if (!jstr(c->in, "UserName")) {
		json_object_set_new(c->out, "User", json_pack("{s:s,s:o,s:I}", "UserId", c->at.account, "Arn", json_sprintf("arn:aws:iam::%s:root", c->at.account),
							      "CreateDate", (json_int_t)0));
		return 0;
	}
	const json_t *doc = iam_named(c, user);
	if (!doc)
		return -1;
	json_object_set_new(c->out, "User", iam_view(doc, user, false));
	return 0;
}

static bool is_key_of(const struct aws_call *c, const json_t *key, const char *name)
{
	const char *of = jstr(key, "UserName");
	return !jtrue(key, "_gone") && !strcmp(jstr(key, "_account"), c->at.account) && (name ? of && !strcmp(of, name) : !of);
}

static size_t keys_of(const struct aws_call *c, const char *name)
{
	const json_t *key;
	size_t n = 0;
	for (struct aws_walk w = aws_walk(c->aws, iam_anywhere, &iam_keys); (key = aws_next(&w));)
		n += is_key_of(c, key, name);
	return n;
}

static size_t groups_of(const struct aws_call *c, const char *name)
{
	const json_t *doc;
	size_t n = 0;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_groups); (doc = aws_next(&w));)
		n += iam_listed(json_object_get(doc, "_users"), name);
	return n;
}

static int conflict(struct aws_call *c, const char *what)
{
	return aws_refuse(c, 409, "DeleteConflict", "Cannot delete entity, must %s first.", what);
}

static int delete_entity(struct aws_call *c, const struct iam_entity *e)
{
	struct error err;
	return aws_drop(c->aws, c->at, e->kind, jstr(c->in, e->name), &err) ? aws_broken(c, &err) : 0;
}

static int delete_user(struct aws_call *c)
{
	const json_t *doc = iam_named(c, user);
	const char *name = jstr(c->in, "UserName");
	if (!doc)
		return -1;
	if (json_array_size(json_object_get(doc, "_attached")))
		return conflict(c, "detach all policies");
	if (json_object_size(json_object_get(doc, "_inline")))
		return conflict(c, "delete policies");
	if (keys_of(c, name))
		return conflict(c, "delete access keys");
	if (json_object_get(doc, "_login"))
		return conflict(c, "delete login profile");
	if (groups_of(c, name))
		return conflict(c, "remove users from group");
	return iam_gone(c, user, doc) ? -1 : delete_entity(c, user);
}

/* ---- access keys ---- */

static int create_access_key(struct aws_call *c)
{
	const char *name;
	char id[21];
	uint8_t chance[SECRET_BYTES];
	struct buf secret = { 0 };
	struct error err;
	json_t *doc;
	if (name_caller(c))
		return -1;
	name = jstr(c->in, "UserName");
	if (name && !iam_named(c, user))
		return -1;
	if (keys_of(c, name) >= KEYS_MAX)
		return aws_refuse(c, 409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: %d", KEYS_MAX);
	iam_key_id(c->aws, "AKIA", c->at.account, id);
	hash_chance(chance, sizeof(chance));
	buf_base64(&secret, chance, sizeof(chance));
	doc = json_pack("{s:s,s:s,s:I,s:s,s:s}", "AccessKeyId", id, "Status", "Active", "CreateDate", (json_int_t)(c->now_ms / 1000 * 1000), "_account",
			c->at.account, "_secret", buf_cstr(&secret));
	jput(doc, "UserName", name);
	JSON_AUTO told = iam_view(doc, user, true);
	jput(told, "SecretAccessKey", buf_cstr(&secret));
	if (!name)
		jput(told, "UserName", "");
	buf_free(&secret);
	if (aws_keep(c->aws, iam_anywhere, &iam_keys, id, doc, &err))
		return aws_broken(c, &err);
	json_object_set(c->out, "AccessKey", told);
	return 0;
}

static int list_access_keys(struct aws_call *c)
{
	json_t *items = json_array(), *key;
	if (name_caller(c) || (jstr(c->in, "UserName") && !iam_named(c, user))) {
		json_decref(items);
		return -1;
	}
	for (struct aws_walk w = aws_walk(c->aws, iam_anywhere, &iam_keys); (key = aws_next(&w));)
		if (is_key_of(c, key, jstr(c->in, "UserName")))
			json_array_append_new(items, iam_view(key, user, true));
	return iam_page(c, items, "AccessKeyMetadata");
}

static json_t *named_key(struct aws_call *c)
{
	const char *id = jstr(c->in, "AccessKeyId"), *name = jstr(c->in, "UserName");
	json_t *key = aws_find(c->aws, iam_anywhere, &iam_keys, id);
	if (key && is_key_of(c, key, name))
		return key;
	(void)iam_no_such(c, "The Access Key with id %s cannot be found.", id);
	return NULL;
}

static int keep_key(struct aws_call *c, json_t *key)
{
	struct error err;
	return aws_keep(c->aws, iam_anywhere, &iam_keys, jstr(key, "AccessKeyId"), key, &err) ? aws_broken(c, &err) : 0;
}

static int update_access_key(struct aws_call *c)
{
	json_t *key = name_caller(c) ? NULL : named_key(c);
	if (!key)
		return -1;
	jput(key, "Status", jstr(c->in, "Status"));
	return keep_key(c, key);
}

static int delete_access_key(struct aws_call *c)
{
	json_t *key = name_caller(c) ? NULL : named_key(c);
	struct identity id;
	struct error err;
	if (!key)
		return -1;
	/* One of the stack's settings would be known from there again. */
	if (identity_of_key(c->env->conf, jslice(key, "AccessKeyId"), &id)) {
		json_object_set_new(key, "_gone", json_true());
		return keep_key(c, key);
	}
	return aws_drop(c->aws, iam_anywhere, &iam_keys, jstr(key, "AccessKeyId"), &err) ? aws_broken(c, &err) : 0;
}

static int get_access_key_last_used(struct aws_call *c)
{
	const json_t *key = aws_find(c->aws, iam_anywhere, &iam_keys, jstr(c->in, "AccessKeyId"));
	if (!key || jtrue(key, "_gone") || strcmp(jstr(key, "_account"), c->at.account) != 0) {
		struct buf who = { 0 };
		identity_arn(&c->who, &who);
		int rc = aws_refuse(c, 403, "AccessDenied", "User: %s is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key %s",
				    buf_cstr(&who), jstr(c->in, "AccessKeyId"));
		buf_free(&who);
		return rc;
	}
	/* DIFFERS: calls of the control planes count, S3's and Kinesis's don't; a restart forgets them. */
	json_t *used = json_object_get(key, "_used");
	jput(c->out, "UserName", jstr(key, "UserName"));
	json_object_set_new(c->out, "AccessKeyLastUsed", used ? json_deep_copy(used) : json_pack("{s:s,s:s}", "Region", "N/A", "ServiceName", "N/A"));
	return 0;
}

/* ---- passwords: kept as having been set ---- */

static int put_login(struct aws_call *c, json_t *doc)
{
	json_t *login = jobj(doc, "_login");
	if (!json_object_get(login, "CreateDate"))
		json_object_set_new(login, "CreateDate", json_integer(c->now_ms / 1000 * 1000));
	if (json_object_get(c->in, "PasswordResetRequired") || !json_object_get(login, "PasswordResetRequired"))
		json_object_set_new(login, "PasswordResetRequired", json_boolean(jtrue(c->in, "PasswordResetRequired")));
	return iam_keep(c, user, doc);
}

static int tell_login(struct aws_call *c, const json_t *doc)
{
	json_t *told = json_deep_copy(json_object_get(doc, "_login"));
	jput(told, "UserName", jstr(doc, "UserName"));
	json_object_set_new(c->out, "LoginProfile", told);
	return 0;
}

static json_t *login_of(struct aws_call *c)
{
	json_t *doc = name_caller(c) ? NULL : iam_named(c, user);
	if (doc && !json_object_get(doc, "_login")) {
		(void)iam_no_such(c, "Login Profile for User %s cannot be found.", jstr(doc, "UserName"));
		return NULL;
	}
	return doc;
}

static int create_login_profile(struct aws_call *c)
{
	json_t *doc = name_caller(c) ? NULL : iam_named(c, user);
	if (!doc)
		return -1;
	if (json_object_get(doc, "_login"))
		return aws_refuse(c, 409, "EntityAlreadyExists", "Login Profile for user %s already exists.", jstr(doc, "UserName"));
	return put_login(c, doc) ? -1 : tell_login(c, doc);
}

static int get_login_profile(struct aws_call *c)
{
	const json_t *doc = login_of(c);
	return doc ? tell_login(c, doc) : -1;
}

static int update_login_profile(struct aws_call *c)
{
	json_t *doc = login_of(c);
	return doc ? put_login(c, doc) : -1;
}

static int delete_login_profile(struct aws_call *c)
{
	json_t *doc = login_of(c);
	if (!doc)
		return -1;
	json_object_del(doc, "_login");
	return iam_keep(c, user, doc);
}

/* What users may have on AWS, and nobody has here. */
static int list_none(struct aws_call *c)
{
	const char *list = strstr(c->op->route.name, "List") + 4;
	if (jstr(c->in, "UserName") && !iam_named(c, user))
		return -1;
	json_object_set_new(c->out, strstr(list, "SigningCertificates") ? "Certificates" : list, json_array());
	json_object_set_new(c->out, "IsTruncated", json_false());
	return 0;
}

/* ---- groups ---- */

static int create_group(struct aws_call *c)
{
	const json_t *doc = iam_new(c, group, NULL, NULL);
	if (!doc)
		return -1;
	json_object_set_new(c->out, "Group", iam_view(doc, group, false));
	return 0;
}

static int get_group(struct aws_call *c)
{
	const json_t *doc = iam_named(c, group), *one;
	json_t *members = json_array(), *name;
	size_t i;
	if (!doc) {
		json_decref(members);
		return -1;
	}
	json_array_foreach(json_object_get(doc, "_users"), i, name)
		if ((one = aws_find(c->aws, c->at, &iam_users, json_string_value(name))))
			json_array_append_new(members, iam_view(one, user, true));
	json_object_set_new(c->out, "Group", iam_view(doc, group, false));
	return iam_page(c, members, "Users");
}

static int delete_group(struct aws_call *c)
{
	const json_t *doc = iam_named(c, group);
	if (!doc)
		return -1;
	if (json_array_size(json_object_get(doc, "_users")))
		return conflict(c, "remove users from group");
	if (json_array_size(json_object_get(doc, "_attached")))
		return conflict(c, "detach all policies");
	if (json_object_size(json_object_get(doc, "_inline")))
		return conflict(c, "delete policies");
	return delete_entity(c, group);
}

static int add_user_to_group(struct aws_call *c)
{
	json_t *doc = iam_named(c, group);
	const char *name = jstr(c->in, "UserName");
	if (!doc || !iam_named(c, user))
		return -1;
	if (iam_listed(json_object_get(doc, "_users"), name))
		return 0;
	if (groups_of(c, name) >= GROUPS_MAX)
		return aws_refuse(c, 409, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: %d", GROUPS_MAX);
	json_array_append_new(iam_array(doc, "_users"), json_string(name));
	return iam_keep(c, group, doc);
}

static int remove_user_from_group(struct aws_call *c)
{
	json_t *doc = iam_named(c, group);
	if (!doc || !iam_named(c, user))
		return -1;
	if (!iam_unlist(json_object_get(doc, "_users"), jstr(c->in, "UserName")))
		return iam_no_such(c, "User %s not in group %s", jstr(c->in, "UserName"), jstr(c->in, "GroupName"));
	return iam_keep(c, group, doc);
}

static int list_groups_for_user(struct aws_call *c)
{
	json_t *items, *doc;
	if (!iam_named(c, user))
		return -1;
	items = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_groups); (doc = aws_next(&w));)
		if (iam_listed(json_object_get(doc, "_users"), jstr(c->in, "UserName")))
			json_array_append_new(items, iam_view(doc, group, true));
	return iam_page(c, items, "Groups");
}

#define LOGIN "Password:s1-128~[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+~ PasswordResetRequired:b"
#define USER "UserName!:" IAM_NAME_128
#define USER_OR_CALLER "UserName:" IAM_NAME_128
#define MEMBER "GroupName!:" IAM_NAME_128 " " USER
#define KEY " AccessKeyId!:s16-128~[\\w]+~"
static const struct aws_op ops[] = {
	{ AWS_OP("iam", "CreateUser", "make a user"), IAM_PATH " UserName!:" IAM_NAME " PermissionsBoundary:" IAM_ARN " Tags:" IAM_TAGS, "User:{CreateDate:t}",
	  create_user, iam_resource },
	{ AWS_OP("iam", "GetUser", "a user, or who asks"), USER_OR_CALLER, "User:{CreateDate:t}", get_user, iam_resource },
	{ AWS_OP("iam", "DeleteUser", "drop a user"), USER, NULL, delete_user, iam_resource },
	{ AWS_OP("iam", "CreateAccessKey", "make an access key that signatures may use"), USER_OR_CALLER, "AccessKey:{CreateDate:t}", create_access_key,
	  iam_resource },
	{ AWS_OP("iam", "ListAccessKeys", "a user's access keys"), USER_OR_CALLER " " IAM_PAGE, "AccessKeyMetadata:[{CreateDate:t}]", list_access_keys, iam_resource },
	{ AWS_OP("iam", "UpdateAccessKey", "switch an access key on or off"), USER_OR_CALLER KEY " Status!:Active|Inactive", NULL, update_access_key, iam_resource },
	{ AWS_OP("iam", "DeleteAccessKey", "drop an access key"), USER_OR_CALLER KEY, NULL, delete_access_key, iam_resource },
	{ AWS_OP("iam", "GetAccessKeyLastUsed", "whose an access key is"), "AccessKeyId!:s16-128~[\\w]+~", "AccessKeyLastUsed:{LastUsedDate:t}",
	  get_access_key_last_used },
	{ AWS_OP("iam", "CreateLoginProfile", "keep that a user has a password"), USER_OR_CALLER " " LOGIN, "LoginProfile:{CreateDate:t}", create_login_profile,
	  iam_resource },
	{ AWS_OP("iam", "GetLoginProfile", "whether a user has a password"), USER_OR_CALLER, "LoginProfile:{CreateDate:t}", get_login_profile, iam_resource },
	{ AWS_OP("iam", "UpdateLoginProfile", "another password"), USER " " LOGIN, NULL, update_login_profile, iam_resource },
	{ AWS_OP("iam", "DeleteLoginProfile", "take a user's password away"), USER_OR_CALLER, NULL, delete_login_profile, iam_resource },
	{ AWS_OP("iam", "ListMFADevices", "none"), USER_OR_CALLER " " IAM_PAGE, "", list_none, iam_resource },
	{ AWS_OP("iam", "ListSSHPublicKeys", "none"), USER_OR_CALLER " " IAM_PAGE, "", list_none, iam_resource },
	{ AWS_OP("iam", "ListSigningCertificates", "none"), USER_OR_CALLER " " IAM_PAGE, "", list_none, iam_resource },
	{ AWS_OP("iam", "ListServiceSpecificCredentials", "none"), USER_OR_CALLER, "", list_none, iam_resource },
	{ AWS_OP("iam", "CreateGroup", "make a group"), IAM_PATH " GroupName!:" IAM_NAME_128, "Group:{CreateDate:t}", create_group, iam_resource },
	{ AWS_OP("iam", "GetGroup", "a group and its users"), "GroupName!:" IAM_NAME_128 " " IAM_PAGE, "Group:{CreateDate:t} Users:[{CreateDate:t}]", get_group,
	  iam_resource },
	{ AWS_OP("iam", "DeleteGroup", "drop a group"), "GroupName!:" IAM_NAME_128, NULL, delete_group, iam_resource },
	{ AWS_OP("iam", "AddUserToGroup", "put a user into a group"), MEMBER, NULL, add_user_to_group, iam_resource },
	{ AWS_OP("iam", "RemoveUserFromGroup", "take a user out of a group"), MEMBER, NULL, remove_user_from_group, iam_resource },
	{ AWS_OP("iam", "ListGroupsForUser", "a user's groups"), USER " " IAM_PAGE, "Groups:[{CreateDate:t}]", list_groups_for_user, iam_resource },
};
const struct routes iam_user_ops = ROUTES(ops);
