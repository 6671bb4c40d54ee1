/* KMS: aliases and grants. */
#include "kms/kms.h"

/* ---- aliases ---- */

static int check_name(struct aws_call *c, const char *name)
{
	if (!strncmp(name, "alias/aws/", 10))
		return aws_refuse(c, 400, "NotAuthorizedException", "%s", "");
	if (strncmp(name, "alias/", 6) || !name[6])
		return aws_refuse(c, 400, "ValidationException", "Invalid identifier");
	for (const char *s = name; *s; s++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-", *s))
			return aws_refuse(c, 400, "ValidationException", "1 validation error detected: Value '%s' at 'aliasName' failed to satisfy "
					  "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$", name);
	return 0;
}

static int target(struct aws_call *c, struct kms_ref *key)
{
	struct error err = { 0 };
	if (!strncmp(jstr(c->in, "TargetKeyId"), "alias/", 6))
		return aws_refuse(c, 400, "ValidationException", "Aliases must refer to keys. Not aliases");
	int rc = kms_of_call(c, "TargetKeyId", false, key);
	if (!rc && !strcmp(jstr(key->meta, "KeyState"), "PendingDeletion") && kms_usable(key, NULL, NULL, &err))
		return kms_refuse(c, &err);
	return rc;
}

static int keep_alias(struct aws_call *c, const char *name, const struct kms_ref *key, json_t *alias)
{
	struct error err = { 0 };
	jput(alias, "AliasName", name);
	json_object_set_new(alias, "AliasArn", json_sprintf("arn:aws:kms:%s:%s:%s", c->at.region, c->at.account, name));
	jput(alias, "TargetKeyId", key->id);
	json_object_set_new(alias, "LastUpdatedDate", json_integer(c->now_ms));
	return aws_keep(c->aws, c->at, &kms_aliases, name, alias, &err) ? aws_broken(c, &err) : 0;
}

int kms_create_alias(struct aws_call *c)
{
	const char *name = jstr(c->in, "AliasName");
	struct kms_ref key;
	json_t *alias;
	int rc = check_name(c, name);
	if (rc || (rc = target(c, &key)))
		return rc;
	if (aws_find(c->aws, c->at, &kms_aliases, name))
		return aws_refuse(c, 400, "AlreadyExistsException", "An alias with the name arn:aws:kms:%s:%s:%s already exists", c->at.region, c->at.account,
				  name);
	alias = json_object();
	json_object_set_new(alias, "CreationDate", json_integer(c->now_ms));
	return keep_alias(c, name, &key, alias);
}

static int find_alias(struct aws_call *c, const char *name, json_t **out)
{
	*out = aws_find(c->aws, c->at, &kms_aliases, name);
	return *out ? 0 : aws_refuse(c, 400, "NotFoundException", "Alias arn:aws:kms:%s:%s:%s is not found.", c->at.region, c->at.account, name);
}

int kms_update_alias(struct aws_call *c)
{
	const char *name = jstr(c->in, "AliasName");
	struct kms_ref key, old;
	json_t *alias;
	int rc = check_name(c, name);
	if (rc || (rc = find_alias(c, name, &alias)) || (rc = target(c, &key)))
		return rc;
	if (!kms_find(c->aws, c->at, jstr(alias, "TargetKeyId"), false, &old, NULL) && strcmp(jstr(old.meta, "KeyUsage"), jstr(key.meta, "KeyUsage")))
		return aws_refuse(c, 400, "ValidationException", "The key usage of the current and the new key of alias %s must be the same.", name);
	return keep_alias(c, name, &key, alias);
}

int kms_delete_alias(struct aws_call *c)
{
	const char *name = jstr(c->in, "AliasName");
	struct error err = { 0 };
	json_t *alias;
	int rc = check_name(c, name);
	if (rc || (rc = find_alias(c, name, &alias)))
		return rc;
	return aws_drop(c->aws, c->at, &kms_aliases, name, &err) ? aws_broken(c, &err) : 0;
}

int kms_list_aliases(struct aws_call *c)
{
	struct kms_ref key = { 0 };
	json_t *items, *alias;
	const char *name;
	int rc = jstr(c->in, "KeyId") ? kms_of_call(c, "KeyId", false, &key) : 0;
	if (rc)
		return rc;
	items = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &kms_aliases); (alias = aws_next(&w));)
		if (!key.id || !strcmp(key.id, jstr(alias, "TargetKeyId")))
			json_array_append(items, alias);
	for (size_t i = 0; !key.id && (name = kms_managed(i)); i++) /* AWS's own are listed before they have a key */
		if (!aws_find(c->aws, c->at, &kms_aliases, name))
			json_array_append_new(items, json_pack("{s:s, s:o}", "AliasName", name, "AliasArn",
							       json_sprintf("arn:aws:kms:%s:%s:%s", c->at.region, c->at.account, name)));
	return kms_page(c, items, "Aliases");
}

/* ---- grants: by "KEY/ID" ---- */

/* The name makes it one that was made before, when all else is the same. */
static json_t *same_grant(struct aws_call *c, const struct kms_ref *key)
{
	static const char *const parts[] = { "Name", "GranteePrincipal", "RetiringPrincipal", "Operations", "Constraints" };
	json_t *grant;
	if (!jstr(c->in, "Name"))
		return NULL;
	for (struct aws_walk w = aws_walk(c->aws, key->at, &kms_grants); (grant = aws_next(&w));) {
		bool same = !strcmp(jstr(grant, "KeyId"), jstr(key->meta, "Arn"));
		for (size_t i = 0; same && i < ARRAY_LEN(parts); i++) {
			const json_t *a = json_object_get(grant, parts[i]), *b = json_object_get(c->in, parts[i]);
			same = a && b ? json_equal(a, b) : a == b;
		}
		if (same)
			return grant;
	}
	return NULL;
}

int kms_create_grant(struct aws_call *c)
{
	static const char *const parts[] = { "Name", "GranteePrincipal", "RetiringPrincipal", "Operations", "Constraints" };
	struct error err = { 0 };
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", false, &key);
	if (rc)
		return rc;
	if (kms_usable(&key, NULL, NULL, &err))
		return kms_refuse(c, &err);
	json_t *grant = same_grant(c, &key);
	if (!grant) {
		char id[65], token[129];
		char *at;
		aws_hex(c->aws, 64, id);
		aws_hex(c->aws, 128, token);
		grant = json_object();
		jput(grant, "KeyId", jstr(key.meta, "Arn"));
		jput(grant, "GrantId", id);
		jput(grant, "token", token);
		json_object_set_new(grant, "CreationDate", json_integer(c->now_ms));
		json_object_set_new(grant, "IssuingAccount", json_sprintf("arn:aws:iam::%s:root", c->at.account));
		for (size_t i = 0; i < ARRAY_LEN(parts); i++)
			jcopy(grant, c->in, parts[i]);
		at = xasprintf("%s/%s", key.id, id);
		rc = aws_keep(c->aws, key.at, &kms_grants, at, grant, &err);
		free(at);
		if (rc)
			return aws_broken(c, &err);
	}
	jput(c->out, "GrantId", jstr(grant, "GrantId"));
	jput(c->out, "GrantToken", jstr(grant, "token"));
	return 0;
}

static bool fits(const struct aws_call *c, const json_t *grant, const char *member)
{
	return !jstr(c->in, member) || (jstr(grant, member) && !strcmp(jstr(c->in, member), jstr(grant, member)));
}

static int list_grants(struct aws_call *c, const char *key_arn)
{
	json_t *items = json_array(), *grant;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &kms_grants); (grant = aws_next(&w));) {
		json_t *one;
		if ((key_arn && strcmp(key_arn, jstr(grant, "KeyId"))) || !fits(c, grant, "GrantId") || !fits(c, grant, "GranteePrincipal") ||
		    !fits(c, grant, "RetiringPrincipal"))
			continue;
		one = json_copy(grant);
		json_object_del(one, "token");
		json_array_append_new(items, one);
	}
	return kms_page(c, items, "Grants");
}

int kms_list_grants(struct aws_call *c)
{
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", false, &key);
	return rc ? rc : list_grants(c, jstr(key.meta, "Arn"));
}

int kms_list_retirable_grants(struct aws_call *c)
{
	return list_grants(c, NULL);
}

static int drop_grant(struct aws_call *c, const char *key_id, const char *grant_id)
{
	char *at = xasprintf("%s/%s", key_id, grant_id);
	struct error err = { 0 };
	bool there = aws_find(c->aws, c->at, &kms_grants, at) != NULL;
	int rc = there ? aws_drop(c->aws, c->at, &kms_grants, at, &err) : 0;
	free(at);
	if (!there)
		return aws_refuse(c, 400, "NotFoundException", "Grant ID %s not found", grant_id);
	return rc ? aws_broken(c, &err) : 0;
}

int kms_revoke_grant(struct aws_call *c)
{
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", false, &key);
	return rc ? rc : drop_grant(c, key.id, jstr(c->in, "GrantId"));
}

int kms_retire_grant(struct aws_call *c)
{
	const char *token = jstr(c->in, "GrantToken"), *id = jstr(c->in, "GrantId");
	struct kms_ref key;
	json_t *grant;
	if (!token && (!id || !jstr(c->in, "KeyId")))
		return aws_refuse(c, 400, "ValidationException", "Must provide grant token or key ID and grant ID.");
	if (!token) {
		int rc = kms_of_call(c, "KeyId", false, &key);
		return rc ? rc : drop_grant(c, key.id, id);
	}
	for (struct aws_walk w = aws_walk(c->aws, c->at, &kms_grants); (grant = aws_next(&w));)
		if (!strcmp(jstr(grant, "token"), token))
			return drop_grant(c, strrchr(jstr(grant, "KeyId"), '/') + 1, jstr(grant, "GrantId"));
	return aws_refuse(c, 400, "InvalidGrantTokenException", "The grant token is not valid.");
}
