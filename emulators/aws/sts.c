/* STS: who signs, and credentials for a while. */
#include "aws/sts.h"

#include "aws/iam_ops.h"
#include "core/adopt.h"

enum { ROLE_S = 3600, CHAINED_S = 3600, USER_S = 43200, FACTS_MAX = 128, POLICY_ARNS_MAX = 10, SESSION_POLICY_MAX = 2048 };

static int get_caller_identity(struct aws_call *c)
{
	struct buf arn = { 0 };
	identity_arn(&c->who, &arn);
	jput(c->out, "Arn", buf_cstr(&arn));
	buf_free(&arn);
	if (c->who.federated)
		json_object_set_new(c->out, "UserId", json_sprintf("%s:%.*s", c->who.account, SL(c->who.name)));
	else
		json_object_set_new(c->out, "UserId", json_sprintf("%s%s%.*s", c->who.user_id, c->who.role_session.p ? ":" : "", SL(c->who.role_session)));
	jput(c->out, "Account", c->who.account);
	return 0;
}

/* ---- what a session is given with ---- */

static int check_policy(struct aws_call *c, const char *text)
{
	struct policy *p = NULL;
	struct error err;
	if (!text)
		return 0;
	if (strlen(text) > SESSION_POLICY_MAX)
		return aws_refuse(c, 400, "ValidationError", "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have "
							     "length less than or equal to %d", SESSION_POLICY_MAX);
	if (policy_read(sl(text), POLICY_OF_SESSION, &p, &err))
		return aws_refuse(c, 400, err.def->code, "%s", err.text);
	policy_free(p);
	return 0;
}

int sts_policies(struct aws_call *c, const char *account, json_t *claims)
{
	const json_t *arns = json_object_get(c->in, "PolicyArns");
	const char *text = jstr(c->in, "Policy");
	size_t i;
	json_t *one;
	int rc = check_policy(c, text);
	if (rc)
		return rc;
	if (json_array_size(arns) > POLICY_ARNS_MAX)
		return aws_refuse(c, 400, "ValidationError", "Member must have length less than or equal to %d", POLICY_ARNS_MAX);
	json_array_foreach(arns, i, one) {
		const char *arn = jstr(one, "arn");
		if (!arn || !iam_policy_text(c->aws, account, arn))
			return aws_refuse(c, 400, "MalformedPolicyDocument", "The policy %s does not exist or is not attachable.", arn ? arn : "");
		if (!json_object_get(claims, "r"))
			json_object_set_new(claims, "r", json_array());
		json_array_append_new(json_object_get(claims, "r"), json_string(arn));
	}
	if (text)
		json_object_set_new(claims, "p", json_pack("[s]", text));
	return 0;
}

static bool has_nocase(const json_t *o, const char *name)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)o, key, v)
		if (!strcasecmp(key, name))
			return true;
	return false;
}

/* The tags of the session, those that go on with it, and what the calling session hands on. */
static int take_tags(struct aws_call *c, const json_t *mine, json_t *claims)
{
	json_t *tags = json_object(), *transitive = json_array(), *one;
	const char *key;
	size_t i;
	json_object_set_new(claims, "g", tags);
	json_object_set_new(claims, "v", transitive);
	json_array_foreach(json_object_get(c->in, "Tags"), i, one) {
		if (has_nocase(tags, jstr(one, "Key")))
			return aws_refuse(c, 400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
		json_object_set(tags, jstr(one, "Key"), json_object_get(one, "Value"));
	}
	json_array_foreach(json_object_get(c->in, "TransitiveTagKeys"), i, one) {
		if (!has_nocase(tags, json_string_value(one)))
			return aws_refuse(c, 400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.");
		json_array_append(transitive, one);
	}
	json_array_foreach(json_object_get(mine, "v"), i, one) {
		key = json_string_value(one);
		if (has_nocase(tags, key))
			return aws_refuse(c, 400, "InvalidParameterValue", "One of the specified transitive tag keys can't be set because it conflicts with a "
									   "transitive tag key from the calling session.");
		json_object_set(tags, key, json_object_get(json_object_get(mine, "g"), key));
		json_array_append(transitive, one);
	}
	return 0;
}

/* Makes the credentials and puts them into the answer; takes claims. */
static int give(struct aws_call *c, const char *account, json_t *claims, int64_t seconds)
{
	bool packed = json_object_get(claims, "p") || json_object_get(claims, "r") || json_object_size(json_object_get(claims, "g"));
	json_t *credentials = NULL;
	struct error err;
	json_object_set_new(claims, "b", json_integer(c->now_ms));
	if (session_make(c->aws, account, claims, c->now_ms / 1000 * 1000 + seconds * 1000, &credentials, &err))
		return aws_refuse(c, 400, "PackedPolicyTooLarge", "Packed size of session tags and policies consumes %s%% of allotted space.", err.text);
	if (packed || !strcmp(c->op->route.name, "sts.GetFederationToken"))
		json_object_set_new(c->out, "PackedPolicySize", json_integer((json_int_t)json_string_length(json_object_get(credentials, "SessionToken")) * 100 /
									       SESSION_TOKEN_MAX));
	json_object_set_new(c->out, "Credentials", credentials);
	return 0;
}

/* ---- AssumeRole ---- */

static json_t *mine_of(const struct aws_call *c)
{
	return c->who.claims.p ? json_loadb(c->who.claims.p, c->who.claims.n, 0, NULL) : NULL;
}

static int deny(struct aws_call *c, const char *action, const char *arn)
{
	struct buf who = { 0 };
	identity_arn(&c->who, &who);
	int rc = aws_refuse(c, 403, "AccessDenied", "User: %s is not authorized to perform: %s on resource: %s", buf_cstr(&who), action, arn);
	buf_free(&who);
	return rc;
}

bool sts_is_arn(const char *arn)
{
	struct slice rest = sl(arn), part;
	for (int i = 0; i < 5; i++)
		if (!sl_cut(rest, ':', &part, &rest) || (i < 3 && i != 0 && !part.n))
			return false;
	return rest.n > 0;
}

struct facts {
	struct policy_fact at[FACTS_MAX];
	size_t n;
};

static void add_fact(struct facts *f, struct slice key, struct slice value)
{
	if (value.p && f->n < FACTS_MAX)
		f->at[f->n++] = (struct policy_fact){ key, value };
}

static void request_facts(struct aws_call *c, struct facts *f)
{
	size_t i;
	json_t *one;
	add_fact(f, S("sts:ExternalId"), jslice(c->in, "ExternalId"));
	add_fact(f, S("sts:RoleSessionName"), jslice(c->in, "RoleSessionName"));
	add_fact(f, S("sts:SourceIdentity"), jslice(c->in, "SourceIdentity"));
	json_array_foreach(json_object_get(c->in, "Tags"), i, one) {
		add_fact(f, arena_printf(c->arena, "aws:RequestTag/%s", jstr(one, "Key")), jslice(one, "Value"));
		add_fact(f, S("aws:TagKeys"), jslice(one, "Key"));
	}
	json_array_foreach(json_object_get(c->in, "TransitiveTagKeys"), i, one)
		add_fact(f, S("sts:TransitiveTagKeys"), json_slice(one));
}

/* Whether the role's trust lets the caller do so; with auth = enforce the caller's own policies, too. */
static bool trusts(struct aws_call *c, const json_t *role, const char *account, const char *action, const struct facts *f)
{
	struct authority_ask ask = { c->env, c->http, &c->who, sl(action), jslice(role, "Arn"), .region = sl(c->at.region), .owner = sl(account),
				     .policy = jslice(role, "AssumeRolePolicyDocument"), .use = POLICY_OF_TRUST, .gate = true, .facts = f->at, .fact_n = f->n };
	if (!identities_on(c->env->conf))
		return true;
	return authority_judges(&ask, identities_enforced(c->env->conf), NULL, NULL);
}

static int check_trust(struct aws_call *c, const json_t *role, const char *account, const char *arn)
{
	struct facts f = { 0 };
	if (role && identities_on(c->env->conf) && !c->who.name.p)
		return aws_refuse(c, 403, "AccessDenied", "Roles may not be assumed by root accounts.");
	request_facts(c, &f);
	if (!role || !trusts(c, role, account, "sts:AssumeRole", &f))
		return deny(c, "sts:AssumeRole", arn);
	if (json_array_size(json_object_get(c->in, "Tags")) && !trusts(c, role, account, "sts:TagSession", &f))
		return deny(c, "sts:TagSession", arn);
	if (json_object_get(c->in, "SourceIdentity") && !trusts(c, role, account, "sts:SetSourceIdentity", &f))
		return deny(c, "sts:SetSourceIdentity", arn);
	return 0;
}

/* Programs name roles of the account that their user has on AWS; here that is the caller's. One that isn't there is made, where nobody
 * is asked for credentials. */
static json_t *adopt_role(struct aws_call *c, const char *name, char account[13])
{
	struct aws_place at = { c->who.account, "" };
	struct error err;
	if (!*name || identities_on(c->env->conf) || !adopt_on(c->env->adopt))
		return NULL;
	json_t *role = aws_find(c->aws, at, &iam_roles, name);
	if (!role && !adopt_take(c->env->adopt, "roles", sl(name), "any"))
		return NULL;
	snprintf(account, 13, "%s", c->who.account);
	if (role)
		return role;
	role = iam_entity_doc(c->aws, at, &iam_entities[IAM_ROLE], name, "/", NULL, c->now_ms);
	jput(role, "AssumeRolePolicyDocument", "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},"
						"\"Action\":\"sts:AssumeRole\"}]}");
	json_object_set_new(role, "MaxSessionDuration", json_integer(43200));
	if (aws_keep(c->aws, at, &iam_roles, name, role, &err)) {
		(void)aws_broken(c, &err);
		return NULL;
	}
	return role;
}

static int64_t seconds_of(const struct aws_call *c, int64_t otherwise)
{
	return json_object_get(c->in, "DurationSeconds") ? jint(c->in, "DurationSeconds") : otherwise;
}

int sts_duration(struct aws_call *c, const json_t *role, bool chained)
{
	int64_t most = json_object_get(role, "MaxSessionDuration") ? jint(role, "MaxSessionDuration") : ROLE_S;
	if (chained && seconds_of(c, ROLE_S) > CHAINED_S)
		return aws_refuse(c, 400, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
	if (seconds_of(c, ROLE_S) > most)
		return aws_refuse(c, 400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
	return 0;
}

/* The role was used: what GetRole says of it. */
static int used(struct aws_call *c, const char *account, const char *name, json_t *role)
{
	struct aws_place at = { account, "" };
	struct error err;
	json_object_set_new(role, "_used", json_pack("{s:I,s:s}", "LastUsedDate", (json_int_t)c->now_ms, "Region", c->at.region));
	return aws_keep(c->aws, at, &iam_roles, name, role, &err) ? aws_broken(c, &err) : 0;
}

int sts_give_role(struct aws_call *c, const char *account, json_t *role, json_t *claims)
{
	const char *session = jstr(c->in, "RoleSessionName"), *name = jstr(role, "RoleName");
	int rc;
	jput(claims, "t", "role");
	jput(claims, "n", name);
	jput(claims, "i", jstr(role, "RoleId"));
	jput(claims, "s", session);
	jput(claims, "o", jstr(c->in, "SourceIdentity"));
	rc = give(c, account, claims, seconds_of(c, ROLE_S));
	if (rc)
		return rc;
	json_object_set_new(c->out, "AssumedRoleUser",
			    json_pack("{s:o,s:o}", "AssumedRoleId", json_sprintf("%s:%s", jstr(role, "RoleId"), session), "Arn",
				      json_sprintf("arn:aws:sts::%s:assumed-role/%s/%s", account, name, session)));
	jput(c->out, "SourceIdentity", jstr(c->in, "SourceIdentity"));
	return used(c, account, name, role);
}

static int assume_role(struct aws_call *c)
{
	const char *arn = jstr(c->in, "RoleArn"), *name = "";
	char account[13] = "";
	if (!sts_is_arn(arn))
		return aws_refuse(c, 400, "ValidationError", "%s is invalid", arn);
	json_t *role = iam_arn_read(arn, "role", account, &name) ? aws_find(c->aws, (struct aws_place){ account, "" }, &iam_roles, name) : NULL;
	if (role && strcmp(jstr(role, "Arn"), arn) != 0)
		role = NULL;
	if (!role)
		role = adopt_role(c, name, account);
	JSON_AUTO mine = mine_of(c);
	JSON_AUTO claims = json_object();
	int rc = take_tags(c, mine, claims);
	if (!rc)
		rc = sts_policies(c, account, claims);
	if (!rc)
		rc = check_trust(c, role, account, arn);
	if (!rc)
		rc = sts_duration(c, role, mine != NULL && c->who.role_session.p);
	if (rc)
		return rc;
	if (mine)
		json_object_set_new(claims, "c", json_true());
	return sts_give_role(c, account, role, json_incref(claims));
}

/* ---- users' sessions ---- */

static int refuse_session(struct aws_call *c, const char *operation)
{
	return aws_refuse(c, 403, "AccessDenied", "Cannot call %s with session credentials", operation);
}

static json_t *user_claims(const struct aws_call *c)
{
	json_t *claims = json_object();
	jput(claims, "t", c->who.name.p ? "user" : "root");
	json_object_set_new(claims, "n", json_stringn(c->who.name.p ? c->who.name.p : "", c->who.name.n));
	jput(claims, "i", c->who.user_id);
	return claims;
}

static int get_session_token(struct aws_call *c)
{
	if (c->who.claims.p || c->who.role_session.p)
		return refuse_session(c, "GetSessionToken");
	return give(c, c->who.account, user_claims(c), seconds_of(c, c->who.name.p ? USER_S : ROLE_S));
}

static int get_federation_token(struct aws_call *c)
{
	const char *name = jstr(c->in, "Name");
	JSON_AUTO claims = user_claims(c);
	int rc;
	if (c->who.claims.p || c->who.role_session.p)
		return refuse_session(c, "GetFederationToken");
	rc = take_tags(c, NULL, claims);
	if (!rc)
		rc = sts_policies(c, c->who.account, claims);
	if (rc)
		return rc;
	jput(claims, "t", "fed");
	jput(claims, "s", name);
	rc = give(c, c->who.account, json_incref(claims), seconds_of(c, c->who.name.p ? USER_S : ROLE_S));
	if (!rc)
		json_object_set_new(c->out, "FederatedUser",
				    json_pack("{s:o,s:o}", "FederatedUserId", json_sprintf("%s:%s", c->who.account, name), "Arn",
					      json_sprintf("arn:aws:sts::%s:federated-user/%s", c->who.account, name)));
	return rc;
}

/* ---- keys ---- */

static int get_access_key_info(struct aws_call *c)
{
	struct slice key = jslice(c->in, "AccessKeyId");
	struct identity id;
	char account[13];
	const json_t *made = aws_find(c->aws, iam_anywhere, &iam_keys, jstr(c->in, "AccessKeyId"));
	if (made)
		jput(c->out, "Account", jstr(made, "_account"));
	else if (identity_of_key(c->env->conf, key, &id))
		jput(c->out, "Account", id.account);
	else if (iam_key_account(key, account))
		jput(c->out, "Account", account);
	else
		return aws_refuse(c, 400, "ValidationError", "The access key %.*s is not valid.", SL(key));
	return 0;
}

static int decode_authorization_message(struct aws_call *c)
{
	struct slice text;
	JSON_AUTO doc = arena_base64(c->arena, jslice(c->in, "EncodedMessage"), &text) ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	if (!json_object_get(doc, "explicitDeny"))
		return aws_refuse(c, 400, "InvalidAuthorizationMessageException", "Message is not valid");
	json_object_set_new(c->out, "DecodedMessage", json_stringn(text.p, text.n));
	return 0;
}

#define TAG_KEY "s1-128~[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+~"
#define SESSION_TAGS "Tags:[{Key!:" TAG_KEY " Value!:s0-256~[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*~}]0-50"
#define MFA "SerialNumber:s9-256~[\\w+=/:,.@-]*~ TokenCode:s6-6~[\\d]*~"
static const struct aws_op ops[] = {
	{ AWS_OP("sts", "GetCallerIdentity", "account, id and STS_ARN of who signs"), "", "", get_caller_identity, .action = AWS_ANYONE },
	{ AWS_OP("sts", "AssumeRole", "credentials of a role that trusts the caller"),
	  "RoleArn!:" STS_ARN " RoleSessionName!:s2-64~[\\w+=,.@-]*~ " STS_POLICIES " DurationSeconds:i900-43200 " SESSION_TAGS
	  " TransitiveTagKeys:[" TAG_KEY "]0-50 ExternalId:s2-1224~[\\w+=,.@:\\/-]*~ " MFA " SourceIdentity:s2-256~[\\w+=,.@-]*~",
	  "Credentials:{Expiration:t}", assume_role, .action = AWS_ANYONE },
	{ AWS_OP("sts", "GetSessionToken", "temporary credentials of the caller"), "DurationSeconds:i900-129600 " MFA, "Credentials:{Expiration:t}",
	  get_session_token, .action = AWS_ANYONE },
	{ AWS_OP("sts", "GetFederationToken", "temporary credentials with fewer rights"),
	  "Name!:s2-32~[\\w+=,.@-]*~ " STS_POLICIES " DurationSeconds:i900-129600 " SESSION_TAGS, "Credentials:{Expiration:t}", get_federation_token },
	{ AWS_OP("sts", "DecodeAuthorizationMessage", "what an EC2 refusal holds"), "EncodedMessage!:s1-10240", "", decode_authorization_message },
	{ AWS_OP("sts", "GetAccessKeyInfo", "the account of an access key"), "AccessKeyId!:s16-128~[\\w]*~", "", get_access_key_info, .action = AWS_ANYONE },
};
const struct routes sts_ops = ROUTES(ops);
const struct aws_api sts_api = { .name = "sts", .scope = "sts", .protocol = AWS_QUERY, .ops = { &sts_ops, &sts_web_ops } };
