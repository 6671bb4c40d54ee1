/* A bucket as a website: at BUCKET.s3-website.HOST and BUCKET.s3-website-REGION.amazonaws.com, for everyone who may read its objects.
 * Spec: docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html */
#include "body.h"
#include "website.h"

const struct s3_shape s3_website_shapes[] = {
	{ "root", "ErrorDocument?@error IndexDocument?@index RedirectAllRequestsTo?@all RoutingRules?@rules" },
	{ "error", "Key" },
	{ "index", "Suffix" },
	{ "all", "HostName Protocol?" },
	{ "rules", "RoutingRule*@rule" },
	{ "rule", "Condition?@condition Redirect@redirect" },
	{ "condition", "HttpErrorCodeReturnedEquals? KeyPrefixEquals?" },
	{ "redirect", "HostName? HttpRedirectCode? Protocol? ReplaceKeyPrefixWith? ReplaceKeyWith?" },
	{ NULL, NULL },
};

/* ---- what is wrong with a document ---- */

static int check_protocol(struct s3_req *r, const struct xml_node *n)
{
	struct slice v = xml_text(n, "Protocol");
	if (!v.p || sl_eqs(v, "http") || sl_eqs(v, "https"))
		return 0;
	return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
			"Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.");
}

int s3_website_check(struct s3 *s, struct s3_req *r, const struct xml_node *root)
{
	const struct xml_node *all = xml_child(root, "RedirectAllRequestsTo"), *index = xml_child(root, "IndexDocument"), *rules = xml_child(root, "RoutingRules");
	struct slice suffix = index ? xml_text(index, "Suffix") : sl(NULL);
	int rc;
	if (all && root->first != root->last)
		return s3_bad_argument(r, "RedirectAllRequestsTo", S("not null"), "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.");
	if (all)
		return check_protocol(r, all);
	if (!index)
		return s3_bad_argument(r, "IndexDocument", S("null"), "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty");
	if (!suffix.n || sl_chr(suffix, '/') >= 0)
		return s3_bad_argument(r, "IndexDocument", suffix.n ? suffix : S(""), "The IndexDocument Suffix is not well formed");
	if (rules && !rules->first)
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	for (const struct xml_node *rule = rules ? rules->first : NULL; rule; rule = rule->next) {
		const struct xml_node *to = xml_child(rule, "Redirect"), *condition = xml_child(rule, "Condition");
		if ((rc = check_protocol(r, to)) != 0)
			return rc;
		if (xml_child(to, "ReplaceKeyPrefixWith") && xml_child(to, "ReplaceKeyWith"))
			return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
		if (condition && !condition->first)
			return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
					"Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.");
	}
	return 0;
}

/* ---- serving ---- */

bool s3_website_host(struct slice host, struct slice *bucket)
{
	ssize_t at = sl_find(host, S(".s3-website"));
	struct slice rest;
	if (at <= 0)
		return false;
	rest = sl_from(host, (size_t)at + 11);
	*bucket = sl_of(host.p, (size_t)at);
	return rest.n > 1 && (rest.p[0] == '.' || rest.p[0] == '-') && s3_bucket_name_ok(*bucket);
}

static int redirect(struct s3_req *r, struct slice code, struct slice protocol, struct slice host, struct slice key)
{
	struct buf b = { 0 };
	int64_t status;
	buf_addf(&b, "%.*s://%.*s/", SL(protocol.n ? protocol : r->http->secure ? S("https") : S("http")), SL(host.n ? host : http_get(r->http, "host")));
	buf_url_escape(&b, key, true);
	http_setsl(r->call, "Location", buf_slice(&b));
	buf_free(&b);
	r->call->resp.status = sl_int(code, 300, 399, &status) ? (int)status : 301;
	return 0;
}

/* Whether a routing rule sends the request elsewhere; status: of what was found out, 0: nothing yet. */
static bool routed(struct s3_req *r, const struct xml_node *root, struct slice key, int status)
{
	const struct xml_node *rules = xml_child(root, "RoutingRules");
	for (const struct xml_node *rule = rules ? rules->first : NULL; rule; rule = rule->next) {
		const struct xml_node *condition = xml_child(rule, "Condition"), *to = xml_child(rule, "Redirect");
		struct slice prefix = condition ? xml_text(condition, "KeyPrefixEquals") : sl(NULL), whole = xml_text(to, "ReplaceKeyWith");
		struct slice code = condition ? xml_text(condition, "HttpErrorCodeReturnedEquals") : sl(NULL), other = xml_text(to, "ReplaceKeyPrefixWith");
		int64_t n;
		if ((code.p && (!sl_int(code, 0, 999, &n) || n != status)) || (!code.p && status) || (prefix.p && !sl_starts(key, prefix)))
			continue;
		if (whole.p)
			key = whole;
		else if (other.p)
			key = arena_printf(r->a, "%.*s%.*s", SL(other), SL(sl_from(key, prefix.n)));
		(void)redirect(r, xml_text(to, "HttpRedirectCode"), xml_text(to, "Protocol"), xml_text(to, "HostName"), key);
		return true;
	}
	return false;
}

static int get(struct s3 *s, struct s3_req *r, struct slice key)
{
	struct s3_object o;
	struct slice to;
	int rc;
	r->key = key;
	r->fail = (struct s3_fail){ .arena = r->a };
	if ((rc = s3_authorize(s, r, "GetObject")) != 0)
		return rc;
	rc = s3_object_find(s, r->bucket, r->key, &o, &r->fail);
	if (rc && r->fail.err.def == &s3_errors[S3_E_NO_KEY] && !s3_may_list(s, r))
		return s3_fail(&r->fail, S3_E_ACCESS_DENIED);
	if (rc)
		return rc;
	to = s3_header_of(&o, "x-amz-website-redirect-location");
	if (to.n) {
		http_setsl(r->call, "Location", sl_starts(to, S("/")) ? arena_printf(r->a, "%s://%.*s%.*s", r->http->secure ? "https" : "http", SL(http_get(r->http, "host")), SL(to))
								      : to);
		r->call->resp.status = 301;
		return 0;
	}
	return s3_op_get(s, r);
}

static int to_folder(struct s3_req *r, struct slice key)
{
	struct buf b = { 0 };
	buf_addc(&b, '/');
	buf_url_escape(&b, key, true);
	buf_addc(&b, '/');
	http_setsl(r->call, "Location", buf_slice(&b));
	buf_free(&b);
	r->call->resp.status = 302;
	return 0;
}

static int not_found(struct s3 *s, struct s3_req *r, const struct xml_node *root, struct slice asked, struct slice index, struct s3_fail *no_document)
{
	const struct xml_node *error = xml_child(root, "ErrorDocument");
	struct s3_fail why = r->fail;
	struct s3_object o;
	int rc, status = why.err.def->http;
	/* A folder, asked for without its slash. */
	if (asked.n && asked.p[asked.n - 1] != '/' && s3_object_find(s, r->bucket, arena_printf(r->a, "%.*s/%.*s", SL(asked), SL(index)), &o, &r->fail) == 0)
		return to_folder(r, asked);
	if (routed(r, root, asked, status))
		return 0;
	if (error && status >= 400 && status < 500) {
		rc = get(s, r, xml_text(error, "Key"));
		if (rc == 0 && r->call->resp.status < 300)
			r->call->resp.status = status;
		if (rc == 0)
			return 0;
		*no_document = r->fail;
	}
	r->fail = why;
	return why.err.kind;
}

static int serve(struct s3 *s, struct s3_req *r, struct s3_fail *no_document)
{
	struct slice path = r->http->path, doc, key, index;
	const struct xml_node *root, *all;
	struct s3_bucket b;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	if (!sl_eqs(r->http->method, "GET") && !sl_eqs(r->http->method, "HEAD")) {
		s3_extra(&r->fail, "Method", r->http->method);
		s3_extra(&r->fail, "ResourceType", S("OBJECT"));
		return s3_fail(&r->fail, S3_E_METHOD);
	}
	doc = s3_config(s, r->a, r->bucket, "website");
	if (!doc.n || !(root = s3_xml_stored(r->a, doc))) {
		s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, S3_E_NO_WEBSITE);
	}
	key = arena_url_decode(r->a, path.n && path.p[0] == '/' ? sl_from(path, 1) : path, false);
	if ((all = xml_child(root, "RedirectAllRequestsTo")))
		return redirect(r, S("301"), xml_text(all, "Protocol"), xml_text(all, "HostName"), key);
	if (routed(r, root, key, 0))
		return 0;
	index = xml_text(xml_child(root, "IndexDocument"), "Suffix");
	rc = get(s, r, !key.n || key.p[key.n - 1] == '/' ? arena_printf(r->a, "%.*s%.*s", SL(key), SL(index)) : key);
	return rc < 0 && r->fail.err.def != &s3_errors[S3_E_INTERNAL] && r->fail.err.def->http >= 400 ? not_found(s, r, root, key, index, no_document) : rc;
}

/* In place of XML. */
static void add_failure(struct buf *b, const struct s3_fail *f)
{
	buf_addf(b, "<ul>\n<li>Code: %s</li>\n<li>Message: ", f->err.def->code);
	buf_xml_escape(b, sl(f->err.text));
	buf_adds(b, "</li>\n");
	for (size_t i = 0; i < f->extra_n; i++) {
		buf_addf(b, "<li>%.*s: ", SL(f->extra[i].name));
		buf_xml_escape(b, f->extra[i].value);
		buf_adds(b, "</li>\n");
	}
}

static void answer_html(struct s3_req *r, const struct s3_fail *no_document)
{
	static const struct {
		int status;
		const char *text;
	} texts[] = { { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 412, "Precondition Failed" }, { 416, "Requested Range Not Satisfiable" } };
	struct http_resp *resp = &r->call->resp;
	const char *text = "Error";
	if (resp->status < 400 || r->call->head_only)
		return;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		text = texts[i].status == resp->status ? texts[i].text : text;
	buf_reset(&resp->body);
	buf_addf(&resp->body, "<html>\n<head><title>%d %s</title></head>\n<body>\n<h1>%d %s</h1>\n", resp->status, text, resp->status, text);
	add_failure(&resp->body, &r->fail);
	buf_addf(&resp->body, "<li>RequestId: %.*s</li>\n<li>HostId: %.*s</li>\n</ul>\n", SL(r->request_id), SL(s3_host_id(r)));
	if (no_document->err.def) {
		buf_adds(&resp->body, "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n");
		add_failure(&resp->body, no_document);
		buf_adds(&resp->body, "</ul>\n");
	}
	buf_adds(&resp->body, "<hr/>\n</body>\n</html>\n");
	http_set(r->call, "Content-Type", "text/html; charset=utf-8");
}

bool s3_website(struct s3 *s, struct s3_req *r)
{
	struct s3_fail no_document = { 0 };
	int rc;
	if (!s3_website_host(http_get(r->http, "host"), &r->bucket))
		return false;
	r->call->op = "WebsiteGet";
	r->virtual_host = true;
	rc = serve(s, r, &no_document);
	if (rc == S3_LATER)
		return true;
	s3_finish(s, r, rc);
	if (rc)
		answer_html(r, &no_document);
	http_done(r->call);
	return true;
}
