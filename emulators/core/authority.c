#include "authority.h"

#include "service.h"

enum { FACTS_MAX = 32 };
#define ALL_ALLOWED "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}"

/* The caller as policies know it. */
static void caller_of(const struct identity *who, struct arena *a, struct policy_caller *out)
{
	struct buf arn = { 0 };
	if (!who) {
		*out = (struct policy_caller){ POLICY_ANONYMOUS };
		return;
	}
	identity_arn(who, &arn);
	*out = (struct policy_caller){ POLICY_USER, sl(who->account), arena_dup(a, buf_slice(&arn)), .canonical_id = who->canonical_id };
	if (!who->name.p)
		out->who = POLICY_ROOT;
	else if (who->role_session.p)
		out->who = POLICY_SESSION;
	out->id = sl(who->user_id);
	buf_free(&arn);
}

static void add(struct policy_ask *ask, struct policy_fact *facts, const char *key, struct slice value)
{
	if (value.p)
		facts[ask->fact_n++] = (struct policy_fact){ sl(key), value };
}

static struct slice text_of(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld", (long long)n);
}

/* What is known of any request. */
static void add_request(const struct authority_ask *in, struct arena *a, struct policy_ask *ask, struct policy_fact *facts)
{
	const struct http_req *req = in->call ? &in->call->req : NULL;
	const char *pretended = conf_get(in->env->conf, "stack", "source_ip");
	int64_t now = in->env->clock ? clock_now_ms(in->env->clock) : 0;
	char at[32];
	clock_iso_sec(now, at);
	add(ask, facts, "aws:CurrentTime", arena_dup(a, sl(at)));
	add(ask, facts, "aws:EpochTime", text_of(a, now / 1000));
	add(ask, facts, "aws:RequestedRegion", in->region);
	add(ask, facts, "aws:ResourceAccount", in->owner.p ? in->owner : ask->caller.account);
	if (!req)
		return;
	add(ask, facts, "aws:SourceIp", pretended ? sl(pretended) : req->remote);
	add(ask, facts, "aws:SecureTransport", req->secure ? S("true") : S("false"));
	add(ask, facts, "aws:UserAgent", http_get(req, "User-Agent"));
	add(ask, facts, "aws:Referer", http_get(req, "Referer"));
}

static void add_caller(const struct identity *who, struct arena *a, struct policy_ask *ask, struct policy_fact *facts)
{
	static const char *const types[] = { [POLICY_ROOT] = "Account", [POLICY_USER] = "User", [POLICY_SESSION] = "AssumedRole" };
	add(ask, facts, "aws:ViaAWSService", S("false"));
	add(ask, facts, "aws:PrincipalIsAWSService", S("false"));
	if (!who) {
		add(ask, facts, "aws:PrincipalType", S("Anonymous"));
		return;
	}
	add(ask, facts, "aws:PrincipalAccount", ask->caller.account);
	add(ask, facts, "aws:PrincipalType", sl(who->federated ? "FederatedUser" : types[ask->caller.who]));
	add(ask, facts, "aws:userid", who->role_session.p ? arena_printf(a, "%s:%.*s", who->user_id, SL(who->role_session)) : sl(who->user_id));
	add(ask, facts, "aws:PrincipalArn", ask->caller.role_arn.p ? ask->caller.role_arn : ask->caller.arn);
}

static struct policy *read_policy(struct slice text, enum policy_use use)
{
	struct policy *p = NULL;
	struct error err;
	return text.p && !policy_read(text, use, &p, &err) ? p : NULL;
}

static bool decide(const struct authority_ask *in, bool identity, struct arena *a, struct policy_answer *answer, struct buf *why)
{
	const struct authority *authority = in->env->ports ? &in->env->ports->authority : NULL;
	struct policy_fact *facts = arena_alloc(a, (FACTS_MAX + in->fact_n) * sizeof(*facts));
	struct policy_ask ask = { .action = in->action, .resource = in->resource, .facts = facts, .owner = in->owner, .gate = in->gate };
	struct policy *on_resource = read_policy(in->policy, in->use), *all = NULL;
	caller_of(in->who, a, &ask.caller);
	if (in->who && authority && authority->self)
		authority->gather(authority->self, a, in->who, &ask);
	/* The request's own facts go behind the caller's in one array. */
	struct policy_fact *both = arena_alloc(a, (ask.fact_n + FACTS_MAX + in->fact_n) * sizeof(*both));
	if (ask.fact_n)
		memcpy(both, ask.facts, ask.fact_n * sizeof(*both));
	ask.facts = both;
	add_request(in, a, &ask, both);
	add_caller(in->who, a, &ask, both);
	for (size_t i = 0; i < in->fact_n; i++)
		both[ask.fact_n++] = in->facts[i];
	if (!identity)
		all = read_policy(S(ALL_ALLOWED), POLICY_OF_IDENTITY);
	const struct policy *alone[] = { all };
	if (all) {
		ask.identity = alone;
		ask.identity_n = 1;
	}
	ask.on_resource = on_resource;
	policy_decide(&ask, answer);
	if (answer->decision != POLICY_ALLOWED && why)
		policy_why(&ask, answer, in->quote, why);
	policy_free(on_resource);
	policy_free(all);
	return answer->decision == POLICY_ALLOWED;
}

bool authority_judges(const struct authority_ask *in, bool identity, struct policy_answer *answer, struct buf *why)
{
	struct policy_answer own;
	struct arena a = { 0 };
	bool allowed = decide(in, identity, &a, answer ? answer : &own, why);
	arena_free(&a);
	return allowed;
}

bool authority_allows(const struct authority_ask *in, struct policy_answer *answer, struct buf *why)
{
	if (!identities_enforced(in->env->conf) || (in->call && in->call->own))
		return true;
	return authority_judges(in, true, answer, why);
}
