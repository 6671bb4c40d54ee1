/* AssumeRoleWithWebIdentity: a role for who has a token of an identity provider (OpenID Connect).
 *
 * DIFFERS: the token's signature can't be checked, as the provider's keys are elsewhere: with [stack] auth = off the token is taken at
 * its word, else nobody is let in by one. Its times are judged by the emulated clock. */
#include "aws/sts.h"

enum { PART_MAX = 16384 };

static int invalid(struct aws_call *c, const char *text)
{
	return aws_refuse(c, 400, "InvalidIdentityToken", "%s", text);
}

/* The middle of "HEADER.CLAIMS.SIGNATURE", which is base64 of URLs without padding. */
static json_t *token_read(struct arena *a, const char *token)
{
	struct slice head, claims, seal, raw;
	if (!sl_cut(sl(token), '.', &head, &claims) || !sl_cut(claims, '.', &claims, &seal) || !head.n || !claims.n || claims.n > PART_MAX ||
	    sl_chr(seal, '.') >= 0)
		return NULL;
	size_t n = (claims.n + 3) / 4 * 4;
	char *text = arena_alloc(a, n + 1);
	memset(text, '=', n);
	for (size_t i = 0; i < claims.n; i++)
		text[i] = claims.p[i] == '-' ? '+' : claims.p[i] == '_' ? '/' : claims.p[i];
	return arena_base64(a, sl_of(text, n), &raw) ? json_loadb(raw.p, raw.n, 0, NULL) : NULL;
}

static struct slice issuer_name(const json_t *token)
{
	struct slice iss = jslice(token, "iss"), rest;
	return sl_after(iss, S("https://"), &rest) ? rest : iss;
}

static bool in_list(const json_t *list, struct slice value)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		if (sl_eq(json_slice(one), value))
			return true;
	return false;
}

/* Whom the token is for: "azp" where it says so, else "aud", or the one of its list that the provider knows. */
static struct slice audience(const json_t *token, const json_t *known)
{
	const json_t *aud = json_object_get(token, "aud"), *one;
	size_t i;
	if (json_is_string(json_object_get(token, "azp")))
		return jslice(token, "azp");
	if (json_is_string(aud))
		return json_slice(aud);
	json_array_foreach(aud, i, one)
		if (in_list(known, json_slice(one)))
			return json_slice(one);
	return sl(NULL);
}

static int check_token(struct aws_call *c, const json_t *token, const json_t *provider)
{
	int64_t end = jint(token, "exp");
	if (!provider)
		return aws_refuse(c, 400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for %.*s", SL(jslice(token, "iss")));
	if (end && end * 1000 <= c->now_ms)
		return aws_refuse(c, 400, "ExpiredTokenException", "Token expired: current date/time %lld must be before the expiration date/time %lld",
				  (long long)(c->now_ms / 1000), (long long)end);
	if (!in_list(json_object_get(provider, "ClientIDList"), audience(token, json_object_get(provider, "ClientIDList"))))
		return invalid(c, "Incorrect token audience");
	if (identities_on(c->env->conf))
		return invalid(c, "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for "
				  "requirements");
	return 0;
}

/* Condition keys of the token: "token.actions.githubusercontent.com:sub" and so on. */
static size_t token_facts(struct aws_call *c, const json_t *token, struct slice aud, struct policy_fact *facts, size_t most)
{
	struct slice issuer = issuer_name(token);
	const char *name;
	json_t *value, *one;
	size_t n = 0, i;
	facts[n++] = (struct policy_fact){ arena_printf(c->arena, "%.*s:aud", SL(issuer)), aud };
	facts[n++] = (struct policy_fact){ S("sts:RoleSessionName"), jslice(c->in, "RoleSessionName") };
	json_object_foreach((json_t *)token, name, value) {
		struct slice key = arena_printf(c->arena, "%.*s:%s", SL(issuer), name);
		if (!strcmp(name, "aud") || !strcmp(name, "azp"))
			continue;
		if (json_is_string(value) && n < most)
			facts[n++] = (struct policy_fact){ key, json_slice(value) };
		json_array_foreach(value, i, one)
			if (json_is_string(one) && n < most)
				facts[n++] = (struct policy_fact){ key, json_slice(one) };
	}
	return n;
}

static bool trusted(struct aws_call *c, const json_t *role, const char *provider_arn, const json_t *token, struct slice aud)
{
	struct policy_fact facts[64];
	struct policy *trust = NULL;
	struct policy_answer answer;
	struct error err;
	struct policy_ask ask = { .caller = { .who = POLICY_FEDERATED, .name = sl(provider_arn) }, .action = S("sts:AssumeRoleWithWebIdentity"),
				  .resource = jslice(role, "Arn"), .facts = facts, .gate = true };
	ask.fact_n = token_facts(c, token, aud, facts, ARRAY_LEN(facts));
	if (!role || policy_read(jslice(role, "AssumeRolePolicyDocument"), POLICY_OF_TRUST, &trust, &err))
		return false;
	ask.on_resource = trust;
	policy_decide(&ask, &answer);
	policy_free(trust);
	return answer.decision == POLICY_ALLOWED;
}

static int assume_role_with_web_identity(struct aws_call *c)
{
	const char *arn = jstr(c->in, "RoleArn"), *name;
	char account[13];
	if (!sts_is_arn(arn) || !iam_arn_read(arn, "role", account, &name))
		return aws_refuse(c, 400, "ValidationError", "%s is invalid", arn);
	JSON_AUTO token = token_read(c->arena, jstr(c->in, "WebIdentityToken"));
	JSON_AUTO claims = json_object();
	if (!json_is_object(token))
		return invalid(c, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
	if (!jstr(token, "iss") || !jstr(token, "sub"))
		return invalid(c, "Missing a required claim: iss, sub");
	struct aws_place at = { account, "" };
	struct slice provider_arn = arena_printf(c->arena, "arn:aws:iam::%s:oidc-provider/%.*s", account, SL(issuer_name(token)));
	const json_t *provider = aws_find(c->aws, at, &iam_providers, provider_arn.p);
	json_t *role = aws_find(c->aws, at, &iam_roles, name);
	int rc = check_token(c, token, provider);
	if (rc)
		return rc;
	struct slice aud = audience(token, json_object_get(provider, "ClientIDList"));
	if (!role || strcmp(jstr(role, "Arn"), arn) || !trusted(c, role, provider_arn.p, token, aud))
		return aws_refuse(c, 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
	rc = sts_policies(c, account, claims);
	if (!rc)
		rc = sts_duration(c, role, false);
	if (rc)
		return rc;
	log_warn(c->env, "web-identity", "role=%s issuer=%.*s: the signature of its token was not checked", arn, SL(jslice(token, "iss")));
	json_object_set_new(claims, "w", json_pack("{s:{}}", provider_arn.p));
	json_object_set_new(c->out, "SubjectFromWebIdentityToken", json_string(jstr(token, "sub")));
	json_object_set_new(c->out, "Provider", json_string(provider_arn.p));
	json_object_set_new(c->out, "Audience", json_stringn(aud.p, aud.n));
	return sts_give_role(c, account, role, json_incref(claims));
}

static const struct aws_op ops[] = {
	{ AWS_OP("sts", "AssumeRoleWithWebIdentity", "credentials of a role for a token of OpenID Connect"),
	  "RoleArn!:" STS_ARN " RoleSessionName!:s2-64~[\\w+=,.@-]*~ WebIdentityToken!:s4-20000 ProviderId:s4-2048 " STS_POLICIES " DurationSeconds:i900-43200",
	  "Credentials:{Expiration:t}", assume_role_with_web_identity, .unsigned_too = true },
};
const struct routes sts_web_ops = ROUTES(ops);
