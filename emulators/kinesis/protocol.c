/* Requests and answers: targets, content types, authentication, errors; the checks in the service's order. */
#include "core/identities.h"
#include "core/json.h"
#include "core/sigv4.h"
#include "core/text.h"
#include "kinesis/wire.h"

#define JSON11 "application/x-amz-json-1.1"
#define CBOR11 "application/x-amz-cbor-1.1"
#define TARGET "Kinesis_20131202."

/* ---- one call ---- */

struct call {
	struct kinesis *k;
	const struct kin_op *op;
	json_t *body;      /* NULL: `in` holds a plain put already */
	bool plain;
	struct kin_in in;
	struct buf *out;   /* JSON of the answer; empty: none */
	struct error *err;
	struct http_call *http; /* NULL: one of our own boxes asks */
	struct identity who;
	struct buf said;   /* what a check found, which may be longer than err has room for, and hold a NUL */
};

/* said: in place of err's text; absent: that. */
static void put_error(struct buf *out, const struct error *err, struct slice said)
{
	const char *type = err->def ? err->def->code : "InternalFailure";
	buf_reset(out);
	jw_obj(out, NULL);
	jw_text(out, "__type", type);
	if (err->def && (said.n || err->text[0])) {
		/* A message that was cut may end inside a letter, before its last words too: such a letter goes. */
		struct buf whole = { 0 };
		buf_utf8_mend(&whole, said.n ? said : sl(err->text), "");
		jw_str(out, err->def == &kin_errors[KIN_E_SERIALIZATION] ? "Message" : "message", buf_slice(&whole));
		buf_free(&whole);
	}
	jw_obj_end(out);
}

static int check(struct call *c)
{
	int rc = kin_check_types(c->body, c->op->shape, c->err);
	if (rc) {
		c->err->def = &kin_errors[KIN_E_SERIALIZATION];
		return rc;
	}
	if (kin_check_values(c->body, c->op->shape, &c->said))
		return kin_fail(c->err, KIN_E_VALIDATION, "%.*s", SL(buf_slice(&c->said)));
	kin_take(&c->in, c->body, c->op->shape);
	return 0;
}

/* An armed fault: the error it names, in the service's own words where it has them. */
static int injected(const struct call *c)
{
	char code[64];
	if (!faults_ask_error(c->k->env->faults, "kinesis", c->op->route.name, code))
		return 0;
	for (size_t i = 0; i < KIN_E_N; i++) {
		if (strcmp(kin_errors[i].code, code))
			continue;
		if (i == KIN_E_THROUGHPUT)
			return kin_fail(c->err, KIN_E_THROUGHPUT, "Rate exceeded for shard shardId-000000000000 in stream %.*s under account %.*s.",
					SL(c->plain ? c->in.stream : jslice(c->body, "StreamName")), SL(c->in.account));
		return kin_fail(c->err, (enum kin_e)i, "An armed fault.");
	}
	return kin_fail(c->err, KIN_E_INTERNAL, "%s", code);
}

/* Checks, whom it is about, the rule, what becomes of the stream, the answer. */
static int run_call(struct call *c)
{
	const struct kin_op *op = c->op;
	struct kin_out out = { 0 };
	int64_t began_us = op->then == KIN_RECORDS ? clock_real_us() : 0;
	int rc = injected(c);
	if (!rc && !c->plain)
		rc = check(c);
	if (!rc && c->http)
		rc = kin_authorize(c->k, c->http, &c->who, op->route.name, &c->in, c->err);
	if (!rc)
		rc = kin_settle(c->k, c->in.now_ms, c->err);
	c->in.twin = op->twin;
	c->in.goes = op->rule == kin_delete;
	if (!rc)
		rc = kin_need(c->k, op->needs, &c->in, c->err);
	if (rc || op->stream)
		return rc ? rc : op->stream(c->k, &c->in, c->out, c->err);
	if (op->rule)
		rc = op->rule(c->k, &c->in, &out, c->err);
	if (op->then == KIN_RECORDS)
		kin_measure(c->k, op, &c->in, &out, rc, clock_real_us() - began_us);
	if (!rc && op->then == KIN_SAVED)
		rc = kin_save(c->k, c->in.s, c->err);
	else if (!rc && op->then == KIN_UPDATED)
		rc = kin_updated(c->k, c->in.s, c->in.now_ms, c->err);
	if (c->in.s && (op->then == KIN_UPDATED || op->then == KIN_RECORDS)) /* shards may have ended, records came */
		kin_notify(c->k, c->in.s, c->in.now_ms);
	if (!rc && op->put)
		op->put(c->out, c->k, &c->in, &out);
	return rc;
}

static int status_of(struct kinesis *k, const struct error *err)
{
	if (!err->def)
		log_error(k->env, "store-failed", "error=\"%s\"", err->text);
	return err->def ? err->def->http : 500;
}

/* JSON of a body, in one of two forms: a plain put in c->in, or c->body, which may be NULL. */
static void read_json(struct call *c, struct slice body)
{
	c->plain = c->op && kin_plain_read(&c->in, c->op, body);
	if (!c->plain)
		c->body = json_loadb(body.p, body.n, JSON_ALLOW_NUL, NULL);
}

static int refused(const struct call *c)
{
	if (!c->plain && !json_is_object(c->body))
		return kin_fail(c->err, KIN_E_SERIALIZATION, "%s", "");
	return c->op ? 0 : kin_fail(c->err, KIN_E_UNKNOWN_OPERATION, "%s", "");
}

int kin_invoke(struct kinesis *k, struct slice action, struct slice json, struct slice region, struct slice account, int64_t now_ms,
	       struct buf *out)
{
	struct error err = { 0 };
	struct arena a = { 0 };
	struct call c = { .k = k, .op = route_named(kinesis_service.routes, action), .in = KIN_IN, .out = out, .err = &err };
	int status = 200;
	c.in.arena = &a;
	c.in.region = region;
	c.in.account = account;
	c.in.now_ms = now_ms;
	read_json(&c, json);
	if (refused(&c) || run_call(&c)) {
		status = status_of(k, &err);
		put_error(out, &err, buf_slice(&c.said));
	}
	json_decref(c.body);
	buf_free(&c.said);
	arena_free(&a);
	return status;
}

/* ---- HTTP ---- */

enum form { FORM_NONE, FORM_JSON11, FORM_CBOR, FORM_JSON10 };

static enum form form_of(struct slice type)
{
	struct slice head, rest;
	sl_cut(type, ';', &head, &rest);
	head = sl_trim(head);
	return sl_eq_nocase(head, S(JSON11)) ? FORM_JSON11 : sl_eq_nocase(head, S(CBOR11)) ? FORM_CBOR :
	       sl_eq_nocase(head, S("application/json")) ? FORM_JSON10 : FORM_NONE;
}

static void request_ids(struct kinesis *k, struct http_call *call, bool id2)
{
	uint64_t n = ++k->request_n, a = faults_hash(n, S("kinesis.request"), 0), b = faults_hash(n, S("kinesis.request"), 1);
	char id[37];
	uuid_text(a, b, 4, id);
	http_set(call, "x-amzn-RequestId", "%s", id);
	if (!id2)
		return;
	struct buf t = { 0 };
	uint64_t raw[9];
	for (uint64_t i = 0; i < 9; i++)
		raw[i] = faults_hash(n, S("kinesis.id2"), i);
	buf_base64(&t, raw, sizeof(raw));
	http_setsl(call, "x-amz-id-2", buf_slice(&t));
	buf_free(&t);
}

static void reply(struct http_call *call, int status, enum form form, struct buf *json)
{
	struct buf out = { 0 };
	const char *type = form == FORM_CBOR ? CBOR11 : form == FORM_JSON10 ? "application/json" : JSON11;
	if (form != FORM_CBOR || !json->n) {
		http_reply_buf(call, status, type, json);
		return;
	}
	json_t *v = json_loadb(json->p, json->n, JSON_ALLOW_NUL, NULL);
	if (v)
		kin_cbor_write(v, &out);
	http_reply_buf(call, status, type, &out);
	json_decref(v);
}

static void reply_error(struct kinesis *k, struct http_call *call, enum form form, const struct error *err, struct slice said)
{
	struct buf out = { 0 };
	put_error(&out, err, said);
	http_set(call, "x-amzn-ErrorType", "%s", err->def ? err->def->code : "InternalFailure");
	reply(call, status_of(k, err), form, &out);
	buf_free(&out); /* where CBOR was made of it */
}

static void reply_text(struct http_call *call, int status, const char *type, const char *body)
{
	http_reply(call, status, type, sl(body));
}

/* Browsers: a preflight is answered, other requests are let through. True: done. */
static bool cors(struct kinesis *k, struct http_call *call)
{
	struct slice origin = http_get(&call->req, "Origin");
	if (!origin.p)
		return false;
	http_set(call, "Access-Control-Allow-Origin", "*");
	if (!sl_eqs(call->req.method, "OPTIONS")) {
		http_set(call, "Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date");
		return false;
	}
	struct slice headers = http_get(&call->req, "Access-Control-Request-Headers"), method = http_get(&call->req, "Access-Control-Request-Method");
	if (headers.p)
		http_setsl(call, "Access-Control-Allow-Headers", headers);
	if (method.p)
		http_setsl(call, "Access-Control-Allow-Methods", method);
	http_set(call, "Access-Control-Max-Age", "172800");
	request_ids(k, call, false);
	http_reply(call, 200, NULL, S(""));
	return true;
}

static int missing_parts(const struct http_req *req, struct slice auth, struct error *err)
{
	struct buf text = { 0 };
	if (sl_find(auth, S("Credential=")) < 0)
		buf_adds(&text, "Authorization header requires 'Credential' parameter. ");
	if (sl_find(auth, S("Signature=")) < 0)
		buf_adds(&text, "Authorization header requires 'Signature' parameter. ");
	if (sl_find(auth, S("SignedHeaders=")) < 0)
		buf_adds(&text, "Authorization header requires 'SignedHeaders' parameter. ");
	if (!http_get(req, "X-Amz-Date").p && !http_get(req, "Date").p)
		buf_adds(&text, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
	int rc = 0;
	if (text.n)
		rc = kin_fail(err, KIN_E_INCOMPLETE, "%.*sAuthorization=%.*s", SL(buf_slice(&text)), SL(auth));
	buf_free(&text);
	return rc;
}

static int missing_query(const struct http_req *req, struct error *err)
{
	static const char *const names[] = { "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date" };
	struct buf text = { 0 };
	int rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!http_query(req, names[i]).n)
			buf_addf(&text, "AWS query-string parameters must include '%s'. ", names[i]);
	if (text.n)
		rc = kin_fail(err, KIN_E_INCOMPLETE, "%.*sRe-examine the query-string parameters.", SL(buf_slice(&text)));
	buf_free(&text);
	return rc;
}

static int authenticate(struct kinesis *k, const struct http_req *req, struct kin_in *in, struct identity *who, struct error *err)
{
	struct slice auth = http_get(req, "Authorization");
	bool query = http_query(req, "X-Amz-Algorithm").p != NULL;
	struct sigv4_auth parsed;
	enum sigv4_verdict verdict;
	int rc;
	if (auth.p && query)
		return kin_fail(err, KIN_E_SIGNATURE, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
	if (!auth.p && !query)
		return kin_fail(err, KIN_E_MISSING_TOKEN, "Missing Authentication Token");
	if ((rc = query ? missing_query(req, err) : missing_parts(req, auth, err)))
		return rc;
	verdict = sigv4_check(k->env, req, false, &parsed, NULL);
	*who = parsed.who;
	in->region = parsed.region;
	in->account = arena_dup(req->arena, sl(parsed.who.account));
	switch (verdict) {
	case SIGV4_OK:
	case SIGV4_ANONYMOUS:
		return 0;
	case SIGV4_UNREADABLE:
		return kin_fail(err, KIN_E_INCOMPLETE, "%s", parsed.unreadable);
	case SIGV4_UNKNOWN_KEY:
		return kin_fail(err, KIN_E_CLIENT_TOKEN, "The security token included in the request is invalid.");
	case SIGV4_EXPIRED_SESSION:
		return kin_fail(err, KIN_E_EXPIRED_SESSION, "The security token included in the request is expired");
	case SIGV4_SKEW:
	case SIGV4_EXPIRED:
		return kin_fail(err, KIN_E_SIGNATURE, "Signature expired: the date of the request is too far from now.");
	case SIGV4_MALFORMED:
		return kin_fail(err, KIN_E_INCOMPLETE, "The request signature does not conform to AWS standards.");
	case SIGV4_MISMATCH:
	case SIGV4_BODY_MISMATCH:
		break;
	}
	return kin_fail(err, KIN_E_SIGNATURE, "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");
}

/* The checks before the body is understood. True: answered. */
static bool refused_early(struct kinesis *k, struct http_call *call, enum form form, bool known)
{
	struct error err = { 0 };
	bool has_target = http_get(&call->req, "X-Amz-Target").p != NULL;
	if (!sl_eqs(call->req.method, "POST")) {
		reply_text(call, 403, "application/xml", "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n");
		return true;
	}
	if (!call->req.body.n) {
		(void)kin_fail(&err, known ? KIN_E_SERIALIZATION : KIN_E_UNKNOWN_OPERATION, "%s", "");
		reply_error(k, call, form == FORM_JSON11 ? FORM_JSON11 : FORM_CBOR, &err, sl(NULL));
		return true;
	}
	if (form == FORM_NONE) {
		if (has_target)
			reply_text(call, 404, "application/xml", "<UnknownOperationException/>\n");
		else
			reply_text(call, 403, "application/xml", "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n");
		return true;
	}
	return false;
}

bool kin_http_grows(const struct http_req *req)
{
	struct slice name;
	return sl_after(http_get(req, "X-Amz-Target"), S(TARGET), &name) && sl_starts(name, S("PutRecord"));
}

void kin_http_full(void *self, struct http_call *call)
{
	struct error err;
	(void)kin_fail(&err, KIN_E_INTERNAL, "The request processing has failed because of an unknown error, exception or failure.");
	request_ids(self, call, true);
	reply_error(self, call, form_of(http_get(&call->req, "Content-Type")), &err, S(""));
}

void kin_http(void *self, struct http_call *call)
{
	struct kinesis *k = self;
	struct slice target = http_get(&call->req, "X-Amz-Target");
	struct slice name;
	enum form form = form_of(http_get(&call->req, "Content-Type"));
	struct error err = { 0 };
	struct buf out = { 0 };
	struct call c = { .k = k, .in = KIN_IN, .out = &out, .err = &err, .http = call };
	int rc;
	if (sl_after(target, S(TARGET), &name))
		c.op = route_named(kinesis_service.routes, name);
	c.in.arena = call->req.arena;
	c.in.region = sl(k->region);
	c.in.account = sl(k->account);
	c.in.now_ms = call->req.now_ms;
	call->op = c.op ? c.op->route.name : "-";
	if (cors(k, call))
		return;
	request_ids(k, call, true);
	if (refused_early(k, call, form, c.op != NULL))
		return;
	if (form == FORM_CBOR)
		c.body = kin_cbor_read(call->req.body, &err);
	else
		read_json(&c, call->req.body);
	if (form == FORM_JSON10) {
		bool ok = c.body || c.plain;
		reply_text(call, ok ? 404 : 400, "application/json",
			   ok ? "{\"Output\":{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"},\"Version\":\"1.0\"}" :
				  "{\"Output\":{\"__type\":\"com.amazon.coral.service#SerializationException\"},\"Version\":\"1.0\"}");
		json_decref(c.body);
		return;
	}
	bool subscribe = c.op && c.op->stream == kin_op_subscribe;
	rc = refused(&c);
	if (!rc && !(rc = authenticate(k, &call->req, &c.in, &c.who, &err)))
		rc = subscribe ? check(&c) : run_call(&c);
	if (!rc && subscribe)
		rc = kin_authorize(k, call, &c.who, c.op->route.name, &c.in, &err);
	if (!c.op)
		log_warn(k->env, "unserved", "target=%.*s", SL(target));
	if (!rc && subscribe)
		rc = kin_subscribe(k, &c.in, call, form == FORM_CBOR, &err);
	else if (!rc)
		reply(call, 200, form, &out);
	if (rc)
		reply_error(k, call, form, &err, buf_slice(&c.said));
	json_decref(c.body);
	buf_free(&c.said);
	buf_free(&out);
}
