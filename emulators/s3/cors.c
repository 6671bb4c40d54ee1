/* CORS: which scripts of other origins may ask, by the rules of the bucket; browsers ask so beforehand, with OPTIONS.
 * Spec: docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
#include "config.h"
#include "core/origin.h"

int s3_cors_check(struct s3 *s, struct s3_req *r, const struct xml_node *root)
{
	static const char *const methods[] = { "GET", "PUT", "HEAD", "POST", "DELETE" };
	size_t rules = 0;
	for (const struct xml_node *rule = root->first; rule; rule = rule->next, rules++)
		for (const struct xml_node *c = rule->first; c; c = c->next) {
			bool good = !sl_eqs(c->name, "AllowedMethod");
			ssize_t star = sl_chr(c->text, '*');
			for (size_t i = 0; i < ARRAY_LEN(methods); i++)
				good |= sl_eqs(c->text, methods[i]);
			if (!good)
				return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Found unsupported HTTP method in CORS config. Unsupported method is %.*s", SL(c->text));
			if (star >= 0 && sl_chr(sl_from(c->text, (size_t)star + 1), '*') >= 0 && (sl_eqs(c->name, "AllowedOrigin") || sl_eqs(c->name, "AllowedHeader")))
				return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "%.*s \"%.*s\" can not have more than one wildcard.", SL(c->name), SL(c->text));
			if (star >= 0 && sl_eqs(c->name, "ExposeHeader"))
				return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "ExposeHeader \"%.*s\" contains wildcard. We currently do not support wildcard for ExposeHeader.",
						SL(c->text));
		}
	if (rules > 100)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "The number of CORS rules should not exceed allowed limit of 100 rules.");
	return 0;
}

/* One star stands for any text. */
static bool matches(struct slice pattern, struct slice text, bool nocase)
{
	ssize_t star = sl_chr(pattern, '*');
	struct slice head, tail;
	if (star < 0)
		return nocase ? sl_eq_nocase(pattern, text) : sl_eq(pattern, text);
	head = sl_of(pattern.p, (size_t)star);
	tail = sl_from(pattern, (size_t)star + 1);
	if (text.n < head.n + tail.n)
		return false;
	if (nocase)
		return sl_starts_nocase(text, head) && sl_eq_nocase(sl_from(text, text.n - tail.n), tail);
	return sl_starts(text, head) && sl_ends(text, tail);
}

static const struct xml_node *one_of(const struct xml_node *rule, const char *name, struct slice text, bool nocase)
{
	for (const struct xml_node *c = rule->first; c; c = c->next)
		if (sl_eqs(c->name, name) && matches(c->text, text, nocase))
			return c;
	return NULL;
}

static bool headers_allowed(const struct xml_node *rule, struct slice headers)
{
	struct slice one;
	while (headers.n) {
		sl_cut(headers, ',', &one, &headers);
		one = sl_trim(one);
		if (one.n && !one_of(rule, "AllowedHeader", one, true))
			return false;
	}
	return true;
}

/* The first rule that lets it: *origin is what of the rule the request's origin is. */
static const struct xml_node *rule_for(const struct xml_node *root, const struct s3_req *r, struct slice method, const struct xml_node **origin)
{
	for (const struct xml_node *rule = root->first; rule; rule = rule->next) {
		*origin = one_of(rule, "AllowedOrigin", http_get(r->http, "origin"), false);
		if (*origin && one_of(rule, "AllowedMethod", method, false) && headers_allowed(rule, http_get(r->http, "access-control-request-headers")))
			return rule;
	}
	return NULL;
}

static void set_list(struct s3_req *r, const char *header, const struct xml_node *rule, const char *name)
{
	struct buf b = { 0 };
	for (const struct xml_node *c = rule->first; c; c = c->next)
		if (sl_eqs(c->name, name))
			buf_addf(&b, "%s%.*s", b.n ? ", " : "", SL(c->text));
	if (b.n)
		http_setsl(r->call, header, buf_slice(&b));
	buf_free(&b);
}

static void set_headers(struct s3_req *r, const struct xml_node *rule, const struct xml_node *origin)
{
	struct slice asked = http_get(r->http, "access-control-request-headers"), one, age = xml_text(rule, "MaxAgeSeconds");
	bool any = sl_eqs(origin->text, "*");
	struct buf b = { 0 };
	http_setsl(r->call, "Access-Control-Allow-Origin", any ? S("*") : http_get(r->http, "origin"));
	set_list(r, "Access-Control-Allow-Methods", rule, "AllowedMethod");
	while (asked.n) {
		sl_cut(asked, ',', &one, &asked);
		one = sl_trim(one);
		for (size_t i = 0; i < one.n; i++)
			buf_addf(&b, "%s%c", i == 0 && b.n ? ", " : "", one.p[i] >= 'A' && one.p[i] <= 'Z' ? one.p[i] + 32 : one.p[i]);
	}
	if (b.n)
		http_setsl(r->call, "Access-Control-Allow-Headers", buf_slice(&b));
	buf_free(&b);
	set_list(r, "Access-Control-Expose-Headers", rule, "ExposeHeader");
	if (age.n)
		http_setsl(r->call, "Access-Control-Max-Age", age);
	if (!any)
		http_set(r->call, "Access-Control-Allow-Credentials", "true");
	http_set(r->call, "Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

void s3_cors_answer(struct s3 *s, struct s3_req *r)
{
	struct slice origin = http_get(r->http, "origin"), method = http_get(r->http, "access-control-request-method");
	const struct xml_node *root, *rule, *by;
	if (!origin.p || !r->bucket.p || sl_eqs(r->http->method, "OPTIONS"))
		return;
	root = s3_xml_stored(r->a, s3_config(s, r->a, r->bucket, "cors"));
	if (root && (rule = rule_for(root, r, method.p ? method : r->http->method, &by)))
		set_headers(r, rule, by);
}

static int forbidden(struct s3_req *r, struct slice method, bool object, const char *text)
{
	s3_extra(&r->fail, "Method", method.p ? method : S("OPTIONS"));
	s3_extra(&r->fail, "ResourceType", object ? S("OBJECT") : S("BUCKET"));
	return s3_failf(&r->fail, S3_E_ACCESS_FORBIDDEN, "CORSResponse: %s", text);
}

int s3_op_preflight(struct s3 *s, struct s3_req *r)
{
	struct slice method = http_get(r->http, "access-control-request-method");
	const struct xml_node *root, *rule, *origin;
	struct s3_bucket b;
	struct error err;
	if (!http_get(r->http, "origin").p)
		return s3_failf(&r->fail, S3_E_BAD_REQUEST, "Insufficient information. Origin request header needed.");
	if (s3_store_bucket(&s->store, r->a, r->bucket, &b, &err))
		return forbidden(r, method, false, "Bucket not found");
	root = s3_xml_stored(r->a, s3_config(s, r->a, r->bucket, "cors"));
	if (!root)
		return forbidden(r, method, false, "CORS is not enabled for this bucket.");
	if (!method.p)
		return s3_failf(&r->fail, S3_E_BAD_REQUEST, "Invalid Access-Control-Request-Method: null");
	if (!(rule = rule_for(root, r, method, &origin)))
		return forbidden(r, method, r->key.p != NULL,
				 "This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
				 "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.");
	set_headers(r, rule, origin);
	r->call->resp.status = 200;
	return 0;
}

bool s3_page(void *self, struct http_call *call)
{
	struct s3 *s = self;
	struct slice origin = http_get(&call->req, "origin");
	const struct xml_node *root, *by;
	struct s3_req r;
	if (!s->any_identity || origin_local(origin) || sl_eqs(call->req.method, "OPTIONS"))
		return true;
	s3_begin(s, &r, call);
	if (!origin.p || s3_request_address(&r, conf_get(s->env->conf, "s3", "host")) || !r.bucket.p)
		return false;
	root = s3_xml_stored(r.a, s3_config(s, r.a, r.bucket, "cors"));
	return root && rule_for(root, &r, call->req.method, &by);
}
