/* A call of a control plane: who asks, what it asks for, its hook, the answer in its protocol. */
#include "aws/call.h"
#include "aws/iam.h"

#include "parquet/parquet.h"

/* ---- errors ---- */

int aws_refuse(struct aws_call *c, int status, const char *code, const char *fmt, ...)
{
	va_list ap;
	c->status = status;
	snprintf(c->code, sizeof(c->code), "%s", code);
	c->text.n = 0;
	va_start(ap, fmt);
	buf_addv(&c->text, fmt, ap);
	va_end(ap);
	return -1;
}

int aws_broken(struct aws_call *c, const struct error *err)
{
	log_error(c->env, "store-failed", "operation=%s error=\"%s\"", c->op->route.name, err->text);
	return aws_refuse(c, 500, "InternalFailure", "%s", "The request processing has failed because of an unknown error, exception or failure.");
}

const char *aws_arn(struct aws_call *c, const char *service, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	buf_addf(&b, "arn:aws:%s:%s:%s:", service, c->at.region, c->at.account);
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	struct slice s = arena_dup(c->arena, sl(buf_cstr(&b)));
	buf_free(&b);
	return s.p;
}

/* ---- who signs ---- */

int aws_family(const struct aws_call *c)
{
	return c->api->protocol == AWS_EC2 ? FAMILY_EC2 : c->api->protocol == AWS_QUERY && c->ask.protocol == AWS_QUERY ? FAMILY_QUERY : FAMILY_JSON;
}

/* Rows of front-door.md 5, "bad authentication". Of REST-JSON 403 where JSON says 400. */
static int refuse_signature(struct aws_call *c, enum sigv4_verdict verdict)
{
	static const char mismatch[] = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
				       "Key and signing method. Consult the service documentation for details.";
	static const char invalid[] = "AWS was not able to validate the provided access credentials";
	int f = aws_family(c), json = c->ask.protocol == AWS_REST_JSON ? 403 : 400;
	switch (verdict) {
	case SIGV4_OK:
		return 0;
	case SIGV4_ANONYMOUS:
		return f == FAMILY_JSON ? aws_refuse(c, json, "MissingAuthenticationTokenException", "Missing Authentication Token") :
					  aws_refuse(c, 403, "MissingAuthenticationToken", "Request is missing Authentication Token");
	case SIGV4_UNREADABLE:
	case SIGV4_MALFORMED:
		return aws_refuse(c, 400, f == FAMILY_JSON ? "IncompleteSignatureException" : "IncompleteSignature",
				  "The request signature does not conform to AWS standards.");
	case SIGV4_UNKNOWN_KEY:
		if (f == FAMILY_EC2)
			return aws_refuse(c, 401, "AuthFailure", "%s", invalid);
		return aws_refuse(c, f == FAMILY_JSON ? json : 403, f == FAMILY_JSON ? "UnrecognizedClientException" : "InvalidClientTokenId",
				  "The security token included in the request is invalid.");
	case SIGV4_EXPIRED_SESSION:
		if (f == FAMILY_EC2)
			return aws_refuse(c, 400, "RequestExpired", "Request has expired.");
		return aws_refuse(c, f == FAMILY_JSON ? json : 403, f == FAMILY_JSON ? "ExpiredTokenException" : "ExpiredToken",
				  "The security token included in the request is expired");
	case SIGV4_SKEW:
	case SIGV4_EXPIRED:
		return aws_refuse(c, f == FAMILY_JSON ? json : 403, f == FAMILY_JSON ? "InvalidSignatureException" : "SignatureDoesNotMatch",
				  "Signature expired: the date of the request is too far from now.");
	case SIGV4_MISMATCH:
	case SIGV4_BODY_MISMATCH:
		if (f == FAMILY_EC2)
			return aws_refuse(c, 401, "AuthFailure", "%s", invalid);
		return aws_refuse(c, f == FAMILY_JSON ? json : 403, f == FAMILY_JSON ? "InvalidSignatureException" : "SignatureDoesNotMatch", "%s", mismatch);
	}
	return 0;
}

static int authenticate(struct aws_call *c)
{
	enum sigv4_verdict verdict = sigv4_check(c->env, &c->http->req, false, &c->auth, NULL);
	bool nobody = verdict == SIGV4_ANONYMOUS && c->op->unsigned_too;
	int rc = nobody ? 0 : refuse_signature(c, verdict);
	if (rc)
		return rc;
	if (nobody)
		(void)identity_of_key(c->env->conf, S(""), &c->auth.who);
	c->who = c->auth.who;
	iam_used(c);
	c->at.account = c->who.account;
	c->at.region = arena_dup(c->arena, c->auth.region.n ? c->auth.region : sl(identities_region(c->env->conf))).p;
	return 0;
}

/* ---- the request ---- */

enum { UNPACKED_MAX = 8 << 20 };

static int bad_body(struct aws_call *c, const char *text)
{
	if (c->ask.protocol == AWS_QUERY || c->ask.protocol == AWS_EC2)
		return aws_refuse(c, 400, "MalformedInput", "%s", text);
	return aws_refuse(c, 400, "SerializationException", "%s", text);
}

/* SDKs pack large bodies of some operations (PutMetricData's). */
static int unpack_body(struct aws_call *c, struct error *err)
{
	struct http_req *req = &c->http->req;
	struct rd r = rd_of(req->body.p, req->body.n);
	struct buf plain = { 0 };
	if (!sl_eq_nocase(http_get(req, "Content-Encoding"), S("gzip")))
		return 0;
	(void)rd_bytes(&r, req->body.n > 4 ? req->body.n - 4 : 0);
	uint32_t n = rd_u32le(&r); /* its trailer says how many bytes there were */
	int rc = r.bad || n > UNPACKED_MAX ? err_set(err, ERR_INVALID, "%s", "The body is no gzip, or too large") : pq_unpack(PQ_GZIP, req->body, n, &plain, err);
	if (!rc)
		req->body = arena_dup(c->arena, buf_slice(&plain));
	buf_free(&plain);
	return rc;
}

static int read_body(struct aws_call *c, struct error *err)
{
	const struct http_req *req = &c->http->req;
	if (unpack_body(c, err))
		return bad_body(c, err->text);
	switch (c->ask.protocol) {
	case AWS_QUERY:
	case AWS_EC2:
		c->in = shape_form(req, err);
		break;
	case AWS_CBOR:
		c->in = req->body.n ? cbor_read(req->body, CBOR_SECONDS, err) : json_object();
		break;
	default:
		c->in = req->body.n ? json_loadb(req->body.p, req->body.n, 0, NULL) : json_object();
		if (!c->in)
			err_set(err, ERR_INVALID, "The request body is no JSON");
		break;
	}
	return json_is_object(c->in) ? 0 : bad_body(c, c->in ? "Expected a structure" : err->text);
}

static int refuse_shape(struct aws_call *c, int n, const struct buf *problems)
{
	const char *code = c->api->invalid ? c->api->invalid : c->api->protocol == AWS_QUERY ? "ValidationError" : "ValidationException";
	return aws_refuse(c, 400, code, "%d validation error%s detected: %.*s", n, n == 1 ? "" : "s", SL(buf_slice(problems)));
}

/* Of a large body it runs on the pool. */
static int read_request(struct aws_call *c, const struct shape *s)
{
	struct buf problems = { .max = 64 << 10 };
	struct error err = { 0 };
	bool form = c->ask.protocol == AWS_QUERY || c->ask.protocol == AWS_EC2;
	int rc = read_body(c, &err), n;
	if (rc)
		return rc;
	const char *unknown = c->ask.protocol == AWS_EC2 ? shape_unknown(s, c->in) : NULL;
	if (unknown)
		return aws_refuse(c, 400, "UnknownParameter", "The parameter %s is not recognized", unknown);
	if (shape_decode(s, c->in, form ? SHAPE_FORM : SHAPE_JSON, &err))
		return bad_body(c, err.text);
	shape_uri(s, &c->http->req, c->http->arg, c->in);
	n = shape_check(s, c->in, !c->api->nameless, &problems);
	rc = n ? refuse_shape(c, n, &problems) : 0;
	buf_free(&problems);
	return rc;
}

/* ---- the answer ---- */

static void put_xml(struct aws_call *c, struct buf *b)
{
	const char *op = strchr(c->op->route.name, '.') + 1;
	bool ec2 = c->ask.protocol == AWS_EC2;
	buf_addf(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%sResponse xmlns=\"%s\">", op, c->ask.ns ? c->ask.ns : "");
	if (ec2) {
		buf_addf(b, "<requestId>%.*s</requestId>", SL(c->ask.request_id));
		if (c->op->out)
			shape_xml(shape_of(c->op->out), c->out, "item", true, b);
		else
			buf_adds(b, "<return>true</return>");
	} else {
		if (c->op->out) {
			buf_addf(b, "<%sResult>", op);
			shape_xml(shape_of(c->op->out), c->out, "member", false, b);
			buf_addf(b, "</%sResult>", op);
		}
		buf_addf(b, "<ResponseMetadata><RequestId>%.*s</RequestId></ResponseMetadata>", SL(c->ask.request_id));
	}
	buf_addf(b, "</%sResponse>\n", op);
}

/* Another protocol than JSON takes an answer that was made as text. */
static void tree_of_json(struct aws_call *c)
{
	if (!c->json.n || c->ask.protocol == AWS_JSON || c->ask.protocol == AWS_REST_JSON)
		return;
	json_decref(c->out);
	c->out = json_loadb(c->json.p, c->json.n, 0, NULL);
}

static void put_answer(struct aws_call *c)
{
	struct buf b = { 0 };
	int status = c->op->status ? c->op->status : 200;
	http_setsl(c->http, "x-amzn-RequestId", c->ask.request_id);
	tree_of_json(c);
	switch (c->ask.protocol) {
	case AWS_QUERY:
	case AWS_EC2:
	case AWS_REST_XML:
		put_xml(c, &b);
		http_reply_buf(c->http, status, "text/xml", &b);
		return;
	case AWS_CBOR:
		http_set(c->http, "smithy-protocol", "rpc-v2-cbor");
		shape_cbor(c->op->out ? shape_of(c->op->out) : NULL, c->out, &b);
		http_reply_buf(c->http, status, "application/cbor", &b);
		return;
	case AWS_JSON:
	case AWS_REST_JSON:
		if (c->json.n) {
			b = c->json;
			c->json = (struct buf){ 0 };
		} else if (c->op->out || c->ask.protocol == AWS_REST_JSON) {
			shape_json(c->op->out ? shape_of(c->op->out) : NULL, c->out, c->api->time, &b);
		}
		http_reply_buf(c->http, status, c->ask.protocol == AWS_REST_JSON ? "application/json" : aws_json_type(&c->http->req), &b);
		return;
	}
}

/* Ten thousand lines are a hundred thousand pieces of memory. */
struct trash {
	json_t *tree;
};

static void free_tree(void *arg)
{
	struct trash *t = arg;
	json_decref(t->tree);
	t->tree = NULL;
}

static void free_trash(void *arg)
{
	free_tree(arg);
	free(arg);
}

static void free_in(struct aws_call *c, bool ends)
{
	static const struct job_kind kind = { free_tree, free_trash, NULL, free_trash, "the end of a large request" };
	if (!c->large || !c->in || ends) {
		json_decref(c->in);
		return;
	}
	struct trash *t = xcalloc(1, sizeof(*t));
	t->tree = c->in;
	(void)loop_long_job(c->env->loop, &kind, t);
}

static void call_free(struct aws_call *c, bool ends)
{
	owed_cancel_all(&c->owed);
	free_in(c, ends);
	json_decref(c->out);
	json_decref(c->also);
	buf_free(&c->text);
	buf_free(&c->json);
	free(c);
}

void aws_answer(struct aws_call *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		c->aws->later = c->next;
	if (c->next)
		c->next->prev = c->prev;
	if (*c->code)
		aws_fail(&c->ask, c->status, c->code, c->also, "%.*s", SL(buf_slice(&c->text)));
	else
		put_answer(c);
	call_free(c, false);
}

void aws_calls_end(struct aws *a)
{
	while (a->later) {
		struct aws_call *c = a->later;
		a->later = c->next;
		call_free(c, true);
	}
}

static int refuse_by_fault(struct aws_call *c)
{
	char code[64];
	if (!faults_ask_error(c->env->faults, "aws", c->op->route.name, code))
		return 0;
	return aws_refuse(c, strstr(code, "Internal") || strstr(code, "Unavailable") ? 500 : 400, code, "%s", "an injected error");
}

/* ---- its steps ---- */

enum { LARGE_BODY = 64 << 10 };

static void serve(struct aws_call *c, int rc)
{
	if (!rc)
		rc = aws_call_authorize(c);
	if (!rc)
		rc = c->op->run(c);
	if (rc != AWS_LATER)
		aws_answer(c);
}

struct reading {
	struct aws_call *c;
	const struct shape *shape;
	int rc;
};

static void read_on_pool(void *arg)
{
	struct reading *r = arg;
	r->rc = read_request(r->c, r->shape);
}

static void on_read(void *arg)
{
	struct reading *r = arg;
	r->c->now_ms = clock_now_ms(r->c->env->clock);
	serve(r->c, r->rc);
}

/* What it works on is the call's: who ends it waits for the job. */
static void read_large(struct aws_call *c)
{
	static const struct job_kind kind = { read_on_pool, on_read, NULL, NULL, "a large request to a control plane" };
	struct reading *r = arena_alloc(c->arena, sizeof(*r));
	*r = (struct reading){ c, shape_of(c->op->in), 0 };
	c->large = true;
	owed_keep(&c->owed, loop_long_job(c->env->loop, &kind, r));
}

void aws_run(struct aws *a, const struct aws_api *api, const struct aws_op *op, struct http_call *http, const struct aws_ask *ask)
{
	struct aws_call *c = xcalloc(1, sizeof(*c));
	*c = (struct aws_call){ .aws = a, .env = a->env, .api = api, .op = op, .http = http, .ask = *ask, .out = json_object(),
				.arena = http->req.arena, .now_ms = clock_now_ms(a->env->clock), .text = { .max = 16384 }, .next = a->later };
	if (c->next)
		c->next->prev = c;
	a->later = c;
	int rc = authenticate(c);
	if (!rc)
		rc = refuse_by_fault(c);
	if (!rc && http->req.body.n > LARGE_BODY)
		read_large(c);
	else
		serve(c, rc ? rc : read_request(c, shape_of(op->in)));
}
