/* Which service a request on the AWS port belongs to. */
#include <string.h>

#include "stack/server.h"

/* "Credential=AK/20260105/us-east-1/s3/aws4_request": the fourth part. */
static struct slice scope_service(struct slice credential)
{
	struct slice part = credential, rest = credential;
	for (int i = 0; i < 4 && rest.p; i++)
		sl_cut(rest, '/', &part, &rest);
	return rest.p ? part : sl(NULL);
}

static struct slice scope_of(const struct http_req *req)
{
	struct slice auth = http_get(req, "Authorization");
	ssize_t at = sl_find(auth, S("Credential="));
	if (auth.p && at >= 0) {
		struct slice c = sl_of(auth.p + at + 11, auth.n - (size_t)at - 11), head, rest;
		sl_cut(c, ',', &head, &rest);
		return scope_service(head);
	}
	struct slice q = req->query.p && sl_find(req->query, S("X-Amz-Credential=")) >= 0 ? http_query(req, "X-Amz-Credential")
											   : sl(NULL);
	return q.p ? scope_service(q) : sl(NULL);
}

static bool serves(const struct service *svc, const struct http_req *req, struct slice scope)
{
	if (scope.p)
		return svc->aws && sl_eqs(scope, svc->aws);
	return svc->aws_target && sl_starts(http_get(req, "X-Amz-Target"), sl(svc->aws_target));
}

struct slot *router_aws(struct slot *slots, size_t n, const struct http_req *req, struct slice *scope)
{
	struct slot *anonymous = NULL;
	for (size_t i = 0; i < n; i++)
		if (slots[i].svc->aws_claims && slots[i].svc->aws_claims(req))
			return &slots[i];
	*scope = scope_of(req);
	for (size_t i = 0; i < n; i++) {
		if (serves(slots[i].svc, req, *scope))
			return &slots[i];
		if (slots[i].svc->aws_anonymous && !scope->p)
			anonymous = &slots[i];
	}
	if (!scope->p)
		*scope = S("unsigned requests");
	return anonymous;
}
