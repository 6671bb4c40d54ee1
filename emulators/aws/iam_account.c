/* What IAM says of an account as a whole, its alias and password policy, and providers of identities. */
#include "aws/iam_ops.h"

static json_t *account_doc(struct aws_call *c)
{
	json_t *doc = aws_find(c->aws, c->at, &iam_accounts, "account");
	return doc ? doc : NULL;
}

static int keep_account(struct aws_call *c, json_t *doc)
{
	struct error err;
	return aws_keep(c->aws, c->at, &iam_accounts, "account", doc, &err) ? aws_broken(c, &err) : 0;
}

/* ---- alias ---- */

static int create_alias(struct aws_call *c)
{
	json_t *doc = account_doc(c);
	if (!doc)
		doc = json_object();
	jput(doc, "alias", jstr(c->in, "AccountAlias"));
	return keep_account(c, doc);
}

static int list_aliases(struct aws_call *c)
{
	const char *alias = jstr(account_doc(c), "alias");
	return iam_page(c, alias ? json_pack("[s]", alias) : json_array(), "AccountAliases");
}

static int delete_alias(struct aws_call *c)
{
	json_t *doc = account_doc(c);
	if (!jstr(doc, "alias") || strcmp(jstr(doc, "alias"), jstr(c->in, "AccountAlias")) != 0)
		return iam_no_such(c, "The account alias with name %s cannot be found.", jstr(c->in, "AccountAlias"));
	json_object_del(doc, "alias");
	return keep_account(c, doc);
}

/* ---- rules of passwords ---- */

static int update_password_policy(struct aws_call *c)
{
	static const char *const switches[] = { "RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters",
						"AllowUsersToChangePassword" };
	json_t *doc = account_doc(c), *rules = json_object();
	if (!doc)
		doc = json_object();
	json_object_set_new(rules, "MinimumPasswordLength", json_integer(6));
	for (size_t i = 0; i < ARRAY_LEN(switches); i++)
		json_object_set_new(rules, switches[i], json_false());
	json_object_update(rules, c->in);
	json_object_set_new(rules, "ExpirePasswords", json_boolean(json_object_get(rules, "MaxPasswordAge") != NULL));
	json_object_set_new(doc, "passwords", rules);
	return keep_account(c, doc);
}

static int get_password_policy(struct aws_call *c)
{
	json_t *rules = json_object_get(account_doc(c), "passwords");
	if (!rules)
		return iam_no_such(c, "The Password Policy with domain name %s cannot be found.", c->at.account);
	json_object_set(c->out, "PasswordPolicy", rules);
	return 0;
}

static int delete_password_policy(struct aws_call *c)
{
	json_t *doc = account_doc(c);
	if (json_object_del(doc, "passwords"))
		return iam_no_such(c, "The account policy with name PasswordPolicy cannot be found.");
	return keep_account(c, doc);
}

/* ---- summary ---- */

static int get_account_summary(struct aws_call *c)
{
	static const struct {
		const char *name;
		int64_t value;
	} quotas[] = {
		{ "AccessKeysPerUserQuota", 2 }, { "AssumeRolePolicySizeQuota", 2048 }, { "AttachedPoliciesPerGroupQuota", 10 },
		{ "AttachedPoliciesPerRoleQuota", 10 }, { "AttachedPoliciesPerUserQuota", 10 }, { "GlobalEndpointTokenVersion", 1 },
		{ "GroupPolicySizeQuota", 5120 }, { "GroupsPerUserQuota", 10 }, { "GroupsQuota", 300 }, { "InstanceProfilesQuota", 1000 },
		{ "PoliciesQuota", 1500 }, { "PolicySizeQuota", 6144 }, { "PolicyVersionsInUseQuota", 10000 }, { "RolePolicySizeQuota", 10240 },
		{ "RolesQuota", 1000 }, { "ServerCertificatesQuota", 20 }, { "SigningCertificatesPerUserQuota", 2 }, { "UserPolicySizeQuota", 2048 },
		{ "UsersQuota", 5000 }, { "VersionsPerPolicyQuota", 5 }, { "MFADevices", 0 }, { "MFADevicesInUse", 0 }, { "AccountMFAEnabled", 0 },
		{ "AccountAccessKeysPresent", 0 }, { "AccountPasswordPresent", 1 }, { "AccountSigningCertificatesPresent", 0 }, { "ServerCertificates", 0 },
	};
	static const struct {
		const char *name;
		const struct aws_kind *kind;
	} counts[] = {
		{ "Users", &iam_users }, { "Groups", &iam_groups }, { "Roles", &iam_roles }, { "Policies", &iam_policies }, { "InstanceProfiles", &iam_profiles },
		{ "Providers", &iam_providers },
	};
	json_t *map = jobj(c->out, "SummaryMap");
	const json_t *doc;
	size_t versions = 0;
	for (size_t i = 0; i < ARRAY_LEN(quotas); i++)
		json_object_set_new(map, quotas[i].name, json_integer(quotas[i].value));
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		json_object_set_new(map, counts[i].name, json_integer((json_int_t)aws_count(c->aws, c->at, counts[i].kind)));
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_policies); (doc = aws_next(&w));)
		versions += json_array_size(json_object_get(doc, "_versions"));
	json_object_set_new(map, "PolicyVersionsInUse", json_integer((json_int_t)versions));
	return 0;
}

/* ---- everything at once ---- */

static json_t *inline_list(const json_t *doc)
{
	json_t *list = json_array(), *text;
	const char *name;
	json_object_foreach(json_object_get(doc, "_inline"), name, text)
		json_array_append_new(list, json_pack("{s:s,s:o}", "PolicyName", name, "PolicyDocument", iam_escaped(json_string_value(text))));
	return list;
}

static json_t *attached_list(const json_t *doc)
{
	json_t *list = json_array(), *arn;
	size_t i;
	json_array_foreach(json_object_get(doc, "_attached"), i, arn)
		json_array_append_new(list, json_pack("{s:s,s:s}", "PolicyName", strrchr(json_string_value(arn), '/') + 1, "PolicyArn", json_string_value(arn)));
	return list;
}

static json_t *detail_of(struct aws_call *c, const struct iam_entity *e, const json_t *doc)
{
	json_t *told = iam_view(doc, e, false), *groups;
	const json_t *group;
	char name[32];
	snprintf(name, sizeof(name), "%sPolicyList", e->word);
	json_object_set_new(told, name, inline_list(doc));
	json_object_set_new(told, "AttachedManagedPolicies", attached_list(doc));
	json_object_del(told, "Description");
	json_object_del(told, "MaxSessionDuration");
	if (e == &iam_entities[IAM_USER]) {
		groups = json_array();
		for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_groups); (group = aws_next(&w));)
			if (iam_listed(json_object_get(group, "_users"), jstr(doc, "UserName")))
				json_array_append_new(groups, json_string(jstr(group, "GroupName")));
		json_object_set_new(told, "GroupList", groups);
	}
	if (e == &iam_entities[IAM_ROLE])
		json_object_set_new(told, "InstanceProfileList", json_array());
	return told;
}

static json_t *policy_detail(const json_t *doc)
{
	json_t *told = iam_view(doc, NULL, true), *list = json_array(), *one;
	size_t i;
	json_array_foreach(json_object_get(doc, "_versions"), i, one) {
		const char *id = jstr(one, "VersionId");
		json_array_append_new(list, json_pack("{s:s,s:b,s:I,s:o}", "VersionId", id, "IsDefaultVersion", !strcmp(id, jstr(doc, "DefaultVersionId")), "CreateDate",
						      (json_int_t)jint(one, "CreateDate"), "Document", iam_escaped(jstr(one, "Document"))));
	}
	json_object_set_new(told, "PolicyVersionList", list);
	return told;
}

static bool asked(const struct aws_call *c, const char *word)
{
	const json_t *filter = json_object_get(c->in, "Filter");
	return !json_array_size(filter) || iam_listed(filter, word);
}

static int get_account_authorization_details(struct aws_call *c)
{
	static const char *const lists[] = { "UserDetailList", "GroupDetailList", "RoleDetailList" };
	json_t *items;
	const json_t *doc;
	for (int i = IAM_USER; i <= IAM_ROLE; i++) {
		items = json_array();
		for (struct aws_walk w = aws_walk(c->aws, c->at, iam_entities[i].kind); asked(c, iam_entities[i].word) && (doc = aws_next(&w));)
			json_array_append_new(items, detail_of(c, &iam_entities[i], doc));
		json_object_set_new(c->out, lists[i], items);
	}
	items = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_policies); asked(c, "LocalManagedPolicy") && (doc = aws_next(&w));)
		json_array_append_new(items, policy_detail(doc));
	json_object_set_new(c->out, "Policies", items);
	json_object_set_new(c->out, "IsTruncated", json_false());
	return 0;
}

/* ---- providers of OpenID Connect ---- */

static int create_provider(struct aws_call *c)
{
	struct slice host;
	struct error err;
	if (!sl_after(jslice(c->in, "Url"), S("https://"), &host) || !host.n)
		return aws_refuse(c, 400, "ValidationError", "Invalid Open ID Connect Provider URL");
	if (sl_ends(host, S("/")))
		host.n--;
	const char *arn = arena_printf(c->arena, "arn:aws:iam::%s:oidc-provider/%.*s", c->at.account, SL(host)).p;
	if (aws_find(c->aws, c->at, &iam_providers, arn))
		return aws_refuse(c, 409, "EntityAlreadyExists", "Provider with url %s already exists.", jstr(c->in, "Url"));
	json_t *doc = json_pack("{s:o,s:I}", "Url", json_stringn(host.p, host.n), "CreateDate", (json_int_t)(c->now_ms / 1000 * 1000));
	jcopy(doc, c->in, "ClientIDList");
	jcopy(doc, c->in, "ThumbprintList");
	(void)iam_array(doc, "ClientIDList");
	(void)iam_array(doc, "ThumbprintList");
	if (iam_tag(c, doc)) {
		json_decref(doc);
		return -1;
	}
	if (json_object_get(doc, "Tags"))
		json_object_set(c->out, "Tags", json_object_get(doc, "Tags"));
	jput(c->out, "OpenIDConnectProviderArn", arn);
	return aws_keep(c->aws, c->at, &iam_providers, arn, doc, &err) ? aws_broken(c, &err) : 0;
}

static json_t *provider_of(struct aws_call *c)
{
	const char *arn = jstr(c->in, "OpenIDConnectProviderArn");
	json_t *doc = aws_find(c->aws, c->at, &iam_providers, arn);
	if (!doc)
		(void)iam_no_such(c, "OpenIDConnect Provider not found for arn %s", arn);
	return doc;
}

static int keep_provider(struct aws_call *c, json_t *doc)
{
	struct error err;
	return aws_keep(c->aws, c->at, &iam_providers, jstr(c->in, "OpenIDConnectProviderArn"), doc, &err) ? aws_broken(c, &err) : 0;
}

static int get_provider(struct aws_call *c)
{
	json_t *doc = provider_of(c);
	if (!doc)
		return -1;
	json_object_update(c->out, doc);
	return 0;
}

static int list_providers(struct aws_call *c)
{
	json_t *items = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_providers); aws_next(&w);)
		json_array_append_new(items, json_pack("{s:s}", "Arn", w.key));
	json_object_set_new(c->out, "OpenIDConnectProviderList", items);
	return 0;
}

static int delete_provider(struct aws_call *c)
{
	struct error err;
	if (!provider_of(c))
		return -1;
	return aws_drop(c->aws, c->at, &iam_providers, jstr(c->in, "OpenIDConnectProviderArn"), &err) ? aws_broken(c, &err) : 0;
}

static int update_thumbprint(struct aws_call *c)
{
	json_t *doc = provider_of(c);
	if (!doc)
		return -1;
	jcopy(doc, c->in, "ThumbprintList");
	return keep_provider(c, doc);
}

static int add_client(struct aws_call *c)
{
	json_t *doc = provider_of(c);
	if (!doc)
		return -1;
	if (!iam_listed(json_object_get(doc, "ClientIDList"), jstr(c->in, "ClientID")))
		json_array_append_new(json_object_get(doc, "ClientIDList"), json_string(jstr(c->in, "ClientID")));
	return keep_provider(c, doc);
}

static int remove_client(struct aws_call *c)
{
	json_t *doc = provider_of(c);
	if (!doc)
		return -1;
	(void)iam_unlist(json_object_get(doc, "ClientIDList"), jstr(c->in, "ClientID"));
	return keep_provider(c, doc);
}

static int tag_provider(struct aws_call *c)
{
	json_t *doc = provider_of(c);
	return !doc || iam_tag(c, doc) ? -1 : keep_provider(c, doc);
}

static int untag_provider(struct aws_call *c)
{
	json_t *doc = provider_of(c);
	if (!doc)
		return -1;
	iam_untag(c, doc);
	return keep_provider(c, doc);
}

static int list_provider_tags(struct aws_call *c)
{
	const json_t *doc = provider_of(c);
	return doc ? iam_list_tags(c, doc) : -1;
}

static void provider_resource(struct aws_call *c, struct buf *arn)
{
	if (jstr(c->in, "OpenIDConnectProviderArn"))
		buf_adds(arn, jstr(c->in, "OpenIDConnectProviderArn"));
}

#define ALIAS "AccountAlias!:s3-63~^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$~"
#define PROVIDER "OpenIDConnectProviderArn!:" IAM_ARN
#define SEPARATE(list) list ":[{CreateDate:t"
static const struct aws_op ops[] = {
	{ AWS_OP("iam", "CreateAccountAlias", "give the account a name"), ALIAS, NULL, create_alias },
	{ AWS_OP("iam", "ListAccountAliases", "the account's name"), IAM_PAGE, "", list_aliases },
	{ AWS_OP("iam", "DeleteAccountAlias", "take the account's name away"), ALIAS, NULL, delete_alias },
	{ AWS_OP("iam", "UpdateAccountPasswordPolicy", "rules of passwords, kept"),
	  "MinimumPasswordLength:i6-128 RequireSymbols:b RequireNumbers:b RequireUppercaseCharacters:b RequireLowercaseCharacters:b "
	  "AllowUsersToChangePassword:b MaxPasswordAge:i1-1095 PasswordReusePrevention:i1-24 HardExpiry:b", NULL, update_password_policy },
	{ AWS_OP("iam", "GetAccountPasswordPolicy", "rules of passwords"), "", "", get_password_policy },
	{ AWS_OP("iam", "DeleteAccountPasswordPolicy", "drop the rules of passwords"), "", NULL, delete_password_policy },
	{ AWS_OP("iam", "GetAccountSummary", "how many there are of everything, and may be"), "", "SummaryMap:<i>", get_account_summary },
	{ AWS_OP("iam", "GetAccountAuthorizationDetails", "all users, groups, roles and policies"),
	  "Filter:[User|Role|Group|LocalManagedPolicy|AWSManagedPolicy] " IAM_PAGE,
	  SEPARATE("UserDetailList") "}] " SEPARATE("GroupDetailList") "}] " SEPARATE("RoleDetailList") " RoleLastUsed:{LastUsedDate:t}}] "
	  SEPARATE("Policies") " UpdateDate:t PolicyVersionList:[{CreateDate:t}]}]", get_account_authorization_details },
	{ AWS_OP("iam", "CreateOpenIDConnectProvider", "keep an identity provider"),
	  "Url!:s1-255 ClientIDList:[s1-255] ThumbprintList:[s40-40] Tags:" IAM_TAGS, "", create_provider },
	{ AWS_OP("iam", "GetOpenIDConnectProvider", "an identity provider"), PROVIDER, "CreateDate:t", get_provider, provider_resource },
	{ AWS_OP("iam", "ListOpenIDConnectProviders", "identity providers"), "", "", list_providers },
	{ AWS_OP("iam", "DeleteOpenIDConnectProvider", "drop an identity provider"), PROVIDER, NULL, delete_provider, provider_resource },
	{ AWS_OP("iam", "UpdateOpenIDConnectProviderThumbprint", "its certificates, kept"), PROVIDER " ThumbprintList!:[s40-40]", NULL, update_thumbprint,
	  provider_resource },
	{ AWS_OP("iam", "AddClientIDToOpenIDConnectProvider", "an audience more"), PROVIDER " ClientID!:s1-255", NULL, add_client, provider_resource },
	{ AWS_OP("iam", "RemoveClientIDFromOpenIDConnectProvider", "an audience less"), PROVIDER " ClientID!:s1-255", NULL, remove_client, provider_resource },
	{ AWS_OP("iam", "TagOpenIDConnectProvider", "set tags of an identity provider"), PROVIDER " Tags!:" IAM_TAGS, NULL, tag_provider, provider_resource },
	{ AWS_OP("iam", "UntagOpenIDConnectProvider", "remove its tags"), PROVIDER " TagKeys!:" IAM_TAG_KEYS, NULL, untag_provider, provider_resource },
	{ AWS_OP("iam", "ListOpenIDConnectProviderTags", "its tags"), PROVIDER " " IAM_PAGE, "", list_provider_tags, provider_resource },
};
const struct routes iam_account_ops = ROUTES(ops);
