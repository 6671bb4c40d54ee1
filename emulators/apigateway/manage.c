/* Requests of the management API: whose they are, which operation, what it is given. */
#include "apigateway/manage.h"
#include "core/sigv4.h"

static int check_signature(const struct gw_manage *o, struct error *err)
{
	const struct conf *conf = o->g->env->conf;
	switch (sigv4_any(conf) ? SIGV4_OK : sigv4_check(conf, &o->call->req, false, NULL, NULL)) {
	case SIGV4_OK:
		return 0;
	case SIGV4_UNREADABLE:
		return gw_manage_fail(err, GW_M_DENIED, "The request signature is malformed.");
	case SIGV4_ANONYMOUS:
		return gw_manage_fail(err, GW_M_ANONYMOUS, "Missing Authentication Token");
	case SIGV4_UNKNOWN_KEY:
		return gw_manage_fail(err, GW_M_UNKNOWN_KEY, "The security token included in the request is invalid.");
	case SIGV4_SKEW:
	case SIGV4_EXPIRED:
		return gw_manage_fail(err, GW_M_DENIED, "Signature expired or not yet current.");
	case SIGV4_MALFORMED:
	case SIGV4_MISMATCH:
	case SIGV4_BODY_MISMATCH:
		break;
	}
	return gw_manage_fail(err, GW_M_DENIED, "The request signature we calculated does not match the signature you provided. Check your AWS "
						"Secret Access Key and signing method. Consult the service documentation for details.");
}

static int run(struct gw_manage *o, struct error *err)
{
	struct slice body = o->call->req.body;
	unsigned flags = o->row->route.flags;
	bool raw = flags & GW_RAW || (flags & GW_RAW_IMPORT && gw_query_is(o, "mode", "import"));
	int rc = check_signature(o, err);
	if (rc)
		return rc;
	if (!raw && body.n) {
		o->in = gw_json(body, GW_DOCUMENT, NULL);
		if (!json_is_object(o->in))
			return gw_manage_fail(err, GW_M_SERIALIZATION, "Unable to parse the request body");
	}
	return o->row->fn(o, err);
}

void gw_manage_serve(struct gateway *g, struct http_call *call, const struct routes *const *tables)
{
	struct gw_manage *o = arena_alloc(call->req.arena, sizeof(*o));
	unsigned allowed;
	struct error err;
	int rc;
	o->g = g;
	o->call = call;
	o->a = call->req.arena;
	o->row = route_call(tables, call, &allowed);
	if (sl_eqs(call->req.method, "HEAD")) { /* no operation has it */
		o->row = NULL;
		call->op = "Unknown";
	}
	http_setsl(call, "x-amzn-RequestId", gw_uuid(g, call));
	if (!o->row) {
		(void)gw_manage_fail(&err, GW_M_UNKNOWN, "Unable to determine service/operation name to be authorized");
		gw_manage_answer(o, &err);
		return;
	}
	for (size_t i = 0; i < HTTP_ARGS_MAX && call->arg[i].p; i++)
		o->arg[i] = arena_cstr(o->a, call->arg[i]);
	o->status = o->row->status;
	rc = run(o, &err);
	if (rc)
		gw_manage_answer(o, &err);
	else if (!o->later)
		gw_manage_answer(o, NULL);
}
