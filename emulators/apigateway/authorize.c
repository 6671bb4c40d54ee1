/* AWS_IAM and the API's resource policy: with [stack] auth = enforce policies say who may call a method. */
#include "apigateway/manage.h"
#include "apigateway/run.h"
#include "core/authority.h"
#include "core/json.h"
#include "core/sigv4.h"

/* "arn:aws:execute-api:REGION:ACCOUNT:ID/STAGE/GET/path". */
static struct slice method_arn(const struct gw_call *c)
{
	struct slice path = c->path, rest;
	while (sl_after(path, S("/"), &rest))
		path = rest;
	return arena_printf(c->call->req.arena, "arn:aws:execute-api:%s:%.*s:%.*s/%.*s/%.*s/%.*s", c->g->region,
			    SL(c->api->account.n ? c->api->account : sl(c->g->account)), SL(c->api->id), SL(c->stage), SL(c->call->req.method), SL(path));
}

/* The policy with its short form of resources, "execute-api:/stage/…", written out. Absent: the API has none. */
static struct slice policy_of(const struct gw_call *c)
{
	struct slice text = jslice(json_object_get(c->api->doc, "api"), "policy"), out;
	struct buf b = { 0 };
	ssize_t at;
	if (!text.n)
		return sl(NULL);
	while ((at = sl_find(text, S("\"execute-api:/"))) >= 0) {
		buf_add(&b, text.p, (size_t)at);
		buf_addf(&b, "\"arn:aws:execute-api:%s:%.*s:%.*s/", c->g->region, SL(c->api->account.n ? c->api->account : sl(c->g->account)), SL(c->api->id));
		text = sl_from(text, (size_t)at + strlen("\"execute-api:/"));
	}
	buf_addsl(&b, text);
	out = arena_dup(c->call->req.arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* AWS's words: accounts are masked but for their last four digits, and no policy is named. */
static enum gw_error refuse(struct gw_call *c, const struct identity *who, struct slice arn, bool deny)
{
	struct buf name = { 0 }, path = { 0 };
	struct slice rest = arn, part = { 0 };
	for (int i = 0; i < 5; i++)
		sl_cut(rest, ':', &part, &rest);
	if (who)
		identity_arn(who, &name);
	buf_json_escape(&path, rest);
	c->why = arena_printf(c->call->req.arena, "User: %s is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:%s:********%.*s:%.*s%s",
			      who ? buf_cstr(&name) : "anonymous", c->g->region, SL(sl_from(part, part.n > 4 ? part.n - 4 : 0)), SL(buf_slice(&path)),
			      deny ? " with an explicit deny" : "");
	buf_free(&name);
	buf_free(&path);
	return GW_E_ACCESS_DENIED;
}

static enum gw_error check_policies(struct gw_call *c, const struct identity *who)
{
	struct policy_answer answer;
	struct authority_ask ask = { .env = c->g->env, .call = c->call, .who = who, .action = S("execute-api:Invoke"), .region = sl(c->g->region),
				     .owner = c->api->account.n ? c->api->account : sl(c->g->account), .policy = policy_of(c), .use = POLICY_OF_RESOURCE };
	if (!identities_enforced(c->g->env->conf) || (!who && !ask.policy.p))
		return GW_OK;
	ask.resource = method_arn(c);
	return authority_allows(&ask, &answer, NULL) ? GW_OK : refuse(c, who, ask.resource, answer.decision == POLICY_EXPLICIT_DENY);
}

enum gw_error gw_check_iam(struct gw_call *c)
{
	struct sigv4_auth auth;
	enum sigv4_verdict verdict;
	if (!c->match.method->iam)
		return check_policies(c, NULL);
	verdict = sigv4_check(c->g->env, &c->call->req, false, &auth, NULL);
	if (verdict == SIGV4_OK)
		return check_policies(c, &auth.who);
	if (verdict == SIGV4_UNKNOWN_KEY || verdict == SIGV4_EXPIRED_SESSION)
		return verdict == SIGV4_UNKNOWN_KEY ? GW_E_UNKNOWN_KEY : GW_E_EXPIRED_TOKEN;
	return verdict == SIGV4_UNREADABLE || verdict == SIGV4_ANONYMOUS ? GW_E_MISSING_TOKEN : GW_E_SIGNATURE;
}

/* ---- the management API: a verb on a path ---- */

int gw_manage_authorize(const struct gw_manage *o, const struct identity *who, struct error *err)
{
	const struct http_req *req = &o->call->req;
	struct authority_ask ask = { .env = o->g->env, .call = o->call, .who = who, .action = arena_printf(o->a, "apigateway:%.*s", SL(req->method)),
				     .resource = arena_printf(o->a, "arn:aws:apigateway:%s::%.*s", o->region, SL(arena_url_decode(o->a, req->path, false))),
				     .region = sl(o->region) };
	struct buf why = { 0 };
	int rc = authority_allows(&ask, NULL, &why) ? 0 : gw_manage_fail(err, GW_M_NOT_ALLOWED, "%s", buf_cstr(&why));
	buf_free(&why);
	return rc;
}
