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

static struct slice target_service(const struct http_req *req)
{
	struct slice target = http_get(req, "X-Amz-Target");
	return sl_starts(target, S("Kinesis_")) ? S("kinesis") : sl(NULL);
}

/* Invocations of an API: {id}.execute-api.* by Host, and both of LocalStack's paths. */
static bool invokes(const struct http_req *req)
{
	struct slice host = http_get(req, "Host"), id, rest;
	if (host.p && sl_cut(host, '.', &id, &rest) && id.n && sl_starts(rest, S("execute-api.")))
		return true;
	return sl_starts(req->path, S("/_aws/execute-api/")) ||
	       (sl_starts(req->path, S("/restapis/")) && sl_find(req->path, S("/_user_request_")) > 0);
}

struct slot *router_aws(struct slot *slots, size_t n, const struct http_req *req, struct slice *scope)
{
	*scope = invokes(req) ? S("apigateway") : scope_of(req);
	if (!scope->p)
		*scope = target_service(req);
	if (!scope->p) /* unsigned: S3 is the only one that serves anonymous callers */
		*scope = S("s3");
	for (size_t i = 0; i < n; i++)
		if (slots[i].svc->aws && sl_eqs(*scope, slots[i].svc->aws))
			return &slots[i];
	return NULL;
}
