/* Requests of the management API: whose they are, which operation, what it is given. */
#include "apigateway/manage.h"
#include "core/identities.h"
#include "core/sigv4.h"

static int check_signature(const struct gw_manage *o, struct error *err)
{
	const struct conf *conf = o->g->env->conf;
	struct sigv4_auth auth;
	if (sigv4_any(conf))
		return 0;
	switch (sigv4_check(o->g->env, &o->call->req, false, &auth, NULL)) {
	case SIGV4_OK:
		return gw_manage_authorize(o, &auth.who, err);
	case SIGV4_UNREADABLE:
		return gw_manage_fail(err, GW_M_DENIED, "The request signature is malformed.");
	case SIGV4_ANONYMOUS:
		return gw_manage_fail(err, GW_M_ANONYMOUS, "Missing Authentication Token");
	case SIGV4_UNKNOWN_KEY:
		return gw_manage_fail(err, GW_M_UNKNOWN_KEY, "The security token included in the request is invalid.");
	case SIGV4_EXPIRED_SESSION:
		return gw_manage_fail(err, GW_M_EXPIRED_TOKEN, "The security token included in the request is expired");
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

/* ---- regions and accounts ---- */

static void find_home(struct gw_manage *o)
{
	struct sigv4_auth auth;
	struct error err;
	o->account = o->g->account;
	o->region = o->g->region;
	if (sigv4_parse(&o->call->req, &auth, &err) || !auth.present)
		return;
	(void)sigv4_identity(o->g->env, &o->call->req, &auth);
	o->account = arena_cstr(o->a, sl(auth.who.account));
	o->region = arena_cstr(o->a, auth.region);
	if (strcmp(o->account, o->g->account) || strcmp(o->region, o->g->region))
		o->home = arena_printf(o->a, "%s/%s", o->account, o->region).p;
}

void gw_mark(const struct gw_manage *o, json_t *doc)
{
	if (o->home)
		jput(doc, "_home", o->home);
}

bool gw_here(const struct gw_manage *o, const json_t *doc)
{
	const char *home = jstr(doc, "_home");
	return home && o->home ? !strcmp(home, o->home) : home == o->home;
}

/* What the path names, but in another region or account. */
static int check_home(const struct gw_manage *o, struct error *err)
{
	static const struct {
		const char *path, *docs, *missing;
	} rows[] = {
		{ "/apikeys/{}", GW_DOC_KEY, "Invalid API Key identifier specified" },
		{ "/usageplans/{}", GW_DOC_PLAN, "Invalid Usage Plan ID specified" },
		{ "/vpclinks/{}", GW_DOC_LINK, "Invalid Vpc Link identifier specified" },
	};
	const char *path = o->row->route.path;
	json_t *doc;
	if (sl_starts(sl(path), S("/restapis/{}")))
		return (doc = gw_doc(o->g, GW_DOC_API, "", o->arg[0])) && !gw_here(o, doc) ? gw_need_api(o, err) : 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sl_starts(sl(path), sl(rows[i].path)) && (doc = gw_doc(o->g, rows[i].docs, "", o->arg[0])) && !gw_here(o, doc))
			return gw_missing(err, "%s", rows[i].missing);
	return 0;
}

int gw_manage_run(struct gw_manage *o, struct error *err)
{
	struct slice body = o->call->req.body;
	unsigned flags = o->row->route.flags;
	bool raw = flags & GW_RAW || (flags & GW_RAW_IMPORT && gw_query_is(o, "mode", "import"));
	if (!raw && body.n) {
		o->in = gw_json(body, GW_DOCUMENT, NULL);
		if (!json_is_object(o->in))
			return gw_manage_fail(err, GW_M_SERIALIZATION, "Unable to parse the request body");
	}
	return o->row->fn(o, err);
}

void gw_manage_begin(struct gw_manage *o)
{
	struct gw_manage **at = &o->g->waiting;
	struct error err;
	int rc;
	if (o->g->large) {
		while (*at)
			at = &(*at)->next;
		o->next = NULL;
		*at = o;
		return;
	}
	rc = check_home(o, &err);
	if (!rc && gw_is_large(o)) {
		gw_large(o);
		return;
	}
	if (!rc)
		rc = gw_manage_run(o, &err);
	if (rc)
		gw_manage_answer(o, &err);
	else if (!o->later)
		gw_manage_answer(o, NULL);
}

void gw_manage_serve(struct gateway *g, struct http_call *call, const struct routes *const *tables)
{
	struct gw_manage *o = arena_alloc(call->req.arena, sizeof(*o));
	unsigned allowed;
	struct error err;
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
		log_warn(g->env, "unserved", "method=%.*s path=%.*s", SL(call->req.method), SL(call->req.path));
		(void)gw_manage_fail(&err, GW_M_UNKNOWN, "Unable to determine service/operation name to be authorized");
		gw_manage_answer(o, &err);
		return;
	}
	for (size_t i = 0; i < HTTP_ARGS_MAX && call->arg[i].p; i++)
		o->arg[i] = arena_cstr(o->a, call->arg[i]);
	o->status = o->row->status;
	find_home(o);
	if (check_signature(o, &err))
		gw_manage_answer(o, &err);
	else
		gw_manage_begin(o);
}
