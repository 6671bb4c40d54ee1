/* The remote side of the object_store port: S3 over HTTP, signed with SigV4, for our own service elsewhere and for AWS.
 * [remote] s3 = http://host:port (path style), s3_region, s3_key, s3_secret. */
#include "remote/remote.h"

#include "core/httpc.h"
#include "core/service.h"
#include "core/sigv4.h"
#include "core/xml.h"

struct remote {
	const struct env *env;
	char *endpoint;
	char *key, *secret, *region;
	struct owed *asks;
};

enum kind { PUT, GET, LIST, DEL, BEGIN, PART };
struct ask {
	struct owed owed;
	enum kind kind;
	put_cb on_put;
	get_cb on_get;
	list_cb on_list;
	text_cb on_text;
	void *arg;
	struct owed *sent;
};

static void ask_free(struct owed *o)
{
	struct ask *ask = (struct ask *)o;
	owed_cancel_all(&ask->sent);
	free(ask);
}

/* ---- errors ---- */

/* What callers tell apart by def->code. */
static const struct error_def known[] = {
	{ ERR_NOT_FOUND, "NoSuchKey", 404, 0 },
	{ ERR_NOT_FOUND, "NoSuchBucket", 404, 0 },
	{ ERR_DENIED, "AccessDenied", 403, 0 },
	{ ERR_DENIED, "SignatureDoesNotMatch", 403, 0 },
	{ ERR_DENIED, "InvalidAccessKeyId", 403, 0 },
	{ ERR_DENIED, "RequestTimeTooSkewed", 403, 0 },
	{ ERR_CONFLICT, "PreconditionFailed", 412, 0 },
	{ ERR_CONFLICT, "ConditionalRequestConflict", 409, 0 },
	{ ERR_LIMIT, "EntityTooLarge", 400, 0 },
	{ ERR_LIMIT, "KeyTooLongError", 400, 0 },
	{ ERR_THROTTLED, "SlowDown", 503, 0 },
	{ ERR_STORE, "InternalError", 500, 0 },
};

static int kind_of_status(int status)
{
	if (status == 404)
		return ERR_NOT_FOUND;
	if (status == 401 || status == 403)
		return ERR_DENIED;
	if (status == 409 || status == 412)
		return ERR_CONFLICT;
	if (status == 429 || status == 503)
		return ERR_THROTTLED;
	return status >= 500 ? ERR_STORE : ERR_INVALID;
}

static void fail_answer(struct arena *a, const struct httpc_resp *resp, struct error *err)
{
	struct xml_node *root;
	struct slice code = { 0 }, message = { 0 };
	if (xml_parse(a, resp->body, &root, NULL) == 0) {
		code = xml_text(root, "Code");
		message = xml_text(root, "Message");
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (sl_eqs(code, known[i].code)) {
			(void)err_fail(err, &known[i], "%.*s", SL(message));
			return;
		}
	(void)err_set(err, kind_of_status(resp->status), "HTTP %d %.*s %.*s", resp->status, SL(code), SL(message));
}

/* ---- answers ---- */

static int read_entry(const struct xml_node *c, struct arena *a, struct object_entry *e, struct error *err)
{
	const struct xml_node *key = xml_child(c, "Key");
	struct slice etag = xml_text(c, "ETag");
	if (!key || !sl_int(xml_text(c, "Size"), 0, INT64_MAX, &e->size))
		return err_set(err, ERR_NETWORK, "an entry of the list lacks Key or Size");
	if (!clock_parse_iso(xml_text(c, "LastModified"), &e->modified_ms))
		return err_set(err, ERR_NETWORK, "an entry of the list lacks LastModified");
	e->key = arena_url_decode(a, key->text, true);
	e->etag = etag.n >= 2 && etag.p[0] == '"' ? sl_of(etag.p + 1, etag.n - 2) : etag;
	return 0;
}

/* <ListAllMyBucketsResult>: names only. */
static int read_buckets(struct arena *a, const struct xml_node *root, struct object_entry **out, size_t *n)
{
	const struct xml_node *all = xml_child(root, "Buckets");
	size_t count = 0;
	for (const struct xml_node *c = all ? all->first : NULL; c; c = c->next)
		count++;
	*out = arena_alloc(a, (count + 1) * sizeof(**out));
	*n = 0;
	for (const struct xml_node *c = all ? all->first : NULL; c; c = c->next) {
		struct object_entry *e = &(*out)[(*n)++];
		*e = (struct object_entry){ .key = xml_text(c, "Name") };
		(void)clock_parse_iso(xml_text(c, "CreationDate"), &e->modified_ms);
	}
	return 0;
}

static int read_list(struct arena *a, struct slice body, struct object_entry **out, size_t *n, bool *more, struct error *err)
{
	struct xml_node *root;
	size_t count = 0, at = 0;
	int rc = xml_parse(a, body, &root, err);
	if (rc)
		return rc;
	*more = false;
	if (sl_eqs(root->name, "ListAllMyBucketsResult"))
		return read_buckets(a, root, out, n);
	if (!sl_eqs(root->name, "ListBucketResult"))
		return err_set(err, ERR_NETWORK, "not a list: <%.*s>", SL(root->name));
	for (const struct xml_node *c = root->first; c; c = c->next)
		count += sl_eqs(c->name, "Contents");
	*out = arena_alloc(a, (count + 1) * sizeof(**out));
	for (const struct xml_node *c = root->first; c && rc == 0; c = c->next)
		if (sl_eqs(c->name, "Contents"))
			rc = read_entry(c, a, &(*out)[at++], err);
	*n = count;
	*more = sl_eqs(xml_text(root, "IsTruncated"), "true");
	return rc;
}

static void answer_list(struct ask *ask, struct arena *a, const struct httpc_resp *resp, const struct error *err)
{
	struct object_entry *entries = NULL;
	struct error bad;
	size_t n = 0;
	bool more = false;
	if (!err && read_list(a, resp->body, &entries, &n, &more, &bad) != 0)
		err = &bad;
	ask->on_list(ask->arg, entries, err ? 0 : n, err ? false : more, err);
}

/* An upload's id, a part's ETag. */
static void answer_text(struct ask *ask, struct arena *a, const struct httpc_resp *resp, const struct error *err)
{
	struct slice text = S("");
	struct xml_node *root;
	struct error bad;
	if (!err && ask->kind == BEGIN && !xml_parse(a, resp->body, &root, NULL))
		text = xml_text(root, "UploadId");
	for (size_t i = 0; !err && ask->kind == PART && i < resp->header_n; i++)
		if (sl_eq_nocase(resp->headers[i].name, S("ETag")))
			text = resp->headers[i].value;
	if (!err && !text.n) {
		(void)err_set(&bad, ERR_NETWORK, "the answer has no %s", ask->kind == BEGIN ? "UploadId" : "ETag");
		err = &bad;
	}
	ask->on_text(ask->arg, err ? sl(NULL) : text, err);
}

/* CompleteMultipartUpload may find out after its 200. */
static bool is_error(const struct ask *ask, const struct httpc_resp *resp)
{
	return resp->status < 200 || resp->status > 299 || (ask->kind == PUT && resp->body.n && sl_find(resp->body, S("<Error>")) >= 0);
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct ask *ask = arg;
	struct arena a = { 0 };
	struct error bad;
	if (!err && is_error(ask, resp)) {
		fail_answer(&a, resp, &bad);
		err = &bad;
	}
	owed_end(&ask->owed);
	switch (ask->kind) {
	case PUT:
	case DEL:
		ask->on_put(ask->arg, err);
		break;
	case GET:
		ask->on_get(ask->arg, err ? sl(NULL) : resp->body.p ? resp->body : S(""), err);
		break;
	case LIST:
		answer_list(ask, &a, resp, err);
		break;
	case BEGIN:
	case PART:
		answer_text(ask, &a, resp, err);
		break;
	}
	arena_free(&a);
	ask_free(&ask->owed);
}

/* ---- requests ---- */

/* "http://host:port/base" -> "host:port" */
static struct slice host_of(struct slice endpoint)
{
	ssize_t at = sl_find(endpoint, S("://"));
	struct slice rest = sl_of(endpoint.p + at + 3, endpoint.n - (size_t)at - 3), host;
	sl_cut(rest, '/', &host, &rest);
	return host;
}

/* Signed here and not by the HTTP client: S3's rules for path, query and payload hash are ours to keep. */
static void send_signed(struct remote *m, struct ask *ask, struct http_req *signing, struct slice url, struct slice body)
{
	struct http_header *h = &signing->headers[signing->header_n];
	struct httpc_req req = { .method = signing->method, .url = url, .headers = signing->headers, .body = body };
	char date[24];
	uint8_t sum[32];
	struct buf hex = { 0 };
	clock_amz(clock_real_ms(), date);
	hash_sha256(body.p, body.n, sum);
	buf_hex(&hex, sum, sizeof(sum));
	h[0] = (struct http_header){ S("Host"), host_of(sl(m->endpoint)) };
	h[1] = (struct http_header){ S("x-amz-date"), sl(date) };
	h[2] = (struct http_header){ S("x-amz-content-sha256"), buf_slice(&hex) };
	signing->header_n += 3;
	h[3] = (struct http_header){ S("Authorization"), sigv4_sign(signing, sl(m->key), sl(m->secret), sl(m->region), S("s3"), true) };
	req.header_n = signing->header_n + 1;
	owed_keep(&ask->sent, httpc_send(m->env->httpc, &req, on_answer, ask));
	buf_free(&hex);
}

enum { HEADERS_MAX = OBJECT_HEADERS_MAX + 8 };
static struct owed *send_ask(struct remote *m, struct ask *ask, const char *method, struct slice bucket, struct slice key, struct slice query,
			     const struct http_header *headers, size_t header_n, struct slice body)
{
	struct http_header all[HEADERS_MAX];
	struct arena a = { 0 };
	struct http_req signing = { .arena = &a, .method = sl(method), .headers = all, .header_n = header_n, .body = body };
	struct buf url = { 0 };
	size_t path_at;
	for (size_t i = 0; i < header_n; i++)
		all[i] = headers[i];
	buf_adds(&url, m->endpoint);
	path_at = (size_t)(host_of(sl(m->endpoint)).p - m->endpoint) + host_of(sl(m->endpoint)).n;
	buf_addc(&url, '/');
	buf_url_escape(&url, bucket, false);
	if (key.p) {
		buf_addc(&url, '/');
		buf_url_escape(&url, key, true);
	}
	signing.path = arena_dup(&a, sl_from(buf_slice(&url), path_at));
	if (query.n) {
		buf_addc(&url, '?');
		buf_addsl(&url, query);
		signing.query = query;
	}
	send_signed(m, ask, &signing, buf_slice(&url), body);
	buf_free(&url);
	arena_free(&a);
	return &ask->owed;
}

static struct ask *ask_new(struct remote *m, enum kind kind, void *arg)
{
	struct ask *ask = xcalloc(1, sizeof(*ask));
	owed_init(&ask->owed, &m->asks, ask_free);
	ask->kind = kind;
	ask->arg = arg;
	return ask;
}

static struct owed *send_put(struct remote *m, bool only_new, struct slice bucket, struct slice key, struct slice content_type, struct slice body,
			     struct slice trace, put_cb cb, void *arg)
{
	struct http_header headers[3];
	struct ask *ask = ask_new(m, PUT, arg);
	size_t n = 0;
	ask->on_put = cb;
	headers[n++] = (struct http_header){ S("Content-Type"), content_type.n ? content_type : S("binary/octet-stream") };
	if (only_new)
		headers[n++] = (struct http_header){ S("If-None-Match"), S("*") };
	if (trace.n)
		headers[n++] = (struct http_header){ S("x-amz-meta-tarn-trace"), trace };
	return send_ask(m, ask, "PUT", bucket, key, S(""), headers, n, body.p ? body : S(""));
}

static struct owed *remote_put(void *self, struct slice bucket, struct slice key, struct slice content_type, struct slice body, struct slice trace,
		       put_cb cb, void *arg)
{
	return send_put(self, false, bucket, key, content_type, body, trace, cb, arg);
}

static struct owed *remote_put_new(void *self, struct slice bucket, struct slice key, struct slice content_type, struct slice body, struct slice trace,
			   put_cb cb, void *arg)
{
	return send_put(self, true, bucket, key, content_type, body, trace, cb, arg);
}

static struct owed *remote_get(void *self, struct slice bucket, struct slice key, get_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, GET, arg);
	ask->on_get = cb;
	return send_ask(self, ask, "GET", bucket, key, S(""), NULL, 0, sl(NULL));
}

static struct owed *remote_list(void *self, struct slice bucket, struct slice prefix, struct slice after, list_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, LIST, arg);
	struct buf q = { 0 };
	ask->on_list = cb;
	if (!bucket.p) /* all of them: nobody has more than a page */
		return send_ask(self, ask, "GET", S(""), sl(NULL), S(""), NULL, 0, sl(NULL));
	/* In the order a signature sorts them. */
	buf_adds(&q, "encoding-type=url&list-type=2&prefix=");
	buf_url_escape(&q, prefix.p ? prefix : S(""), false);
	if (after.n) {
		buf_adds(&q, "&start-after=");
		buf_url_escape(&q, after, false);
	}
	(void)send_ask(self, ask, "GET", bucket, sl(NULL), buf_slice(&q), NULL, 0, sl(NULL));
	buf_free(&q);
	return &ask->owed;
}

static struct owed *remote_del(void *self, struct slice bucket, struct slice key, put_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, DEL, arg);
	ask->on_put = cb;
	return send_ask(self, ask, "DELETE", bucket, key, S(""), NULL, 0, sl(NULL));
}

/* ---- what only S3's API has ---- */

static struct owed *send_object(struct remote *m, struct ask *ask, const char *method, const struct object_put *in, struct slice query, bool all, struct slice body)
{
	struct http_header h[OBJECT_HEADERS_MAX + 3];
	size_t n = 0;
	if (all) {
		h[n++] = (struct http_header){ S("Content-Type"), in->content_type.n ? in->content_type : S("binary/octet-stream") };
		if (in->trace.n)
			h[n++] = (struct http_header){ S("x-amz-meta-tarn-trace"), in->trace };
		for (size_t i = 0; i < in->header_n && i < OBJECT_HEADERS_MAX; i++)
			h[n++] = (struct http_header){ in->headers[i].name, in->headers[i].value };
	}
	return send_ask(m, ask, method, in->bucket, in->key, query, h, n, body.p ? body : S(""));
}

static struct owed *remote_put_as(void *self, const struct object_put *in, struct slice body, put_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, PUT, arg);
	ask->on_put = cb;
	return send_object(self, ask, "PUT", in, S(""), true, body);
}

static struct owed *remote_begin(void *self, const struct object_put *in, text_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, BEGIN, arg);
	ask->on_text = cb;
	return send_object(self, ask, "POST", in, S("uploads="), true, S(""));
}

static struct slice id_query(struct buf *b, int part, struct slice id)
{
	if (part)
		buf_addf(b, "partNumber=%d&", part);
	buf_adds(b, "uploadId=");
	buf_url_escape(b, id, false);
	return buf_slice(b);
}

static struct owed *remote_part(void *self, const struct object_put *in, struct slice id, int n, struct slice body, text_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, PART, arg);
	struct buf q = { 0 };
	ask->on_text = cb;
	(void)send_object(self, ask, "PUT", in, id_query(&q, n, id), false, body);
	buf_free(&q);
	return &ask->owed;
}

static struct owed *remote_complete(void *self, const struct object_put *in, struct slice id, const struct slice *etags, size_t n, put_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, PUT, arg);
	struct buf q = { 0 }, body = { 0 };
	ask->on_put = cb;
	buf_adds(&body, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (size_t i = 0; i < n; i++)
		buf_addf(&body, "<Part><PartNumber>%zu</PartNumber><ETag>%.*s</ETag></Part>", i + 1, SL(etags[i]));
	buf_adds(&body, "</CompleteMultipartUpload>");
	(void)send_object(self, ask, "POST", in, id_query(&q, 0, id), false, buf_slice(&body));
	buf_free(&q);
	buf_free(&body);
	return &ask->owed;
}

static struct owed *remote_abort(void *self, const struct object_put *in, struct slice id, put_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, DEL, arg);
	struct buf q = { 0 };
	ask->on_put = cb;
	(void)send_object(self, ask, "DELETE", in, id_query(&q, 0, id), false, S(""));
	buf_free(&q);
	return &ask->owed;
}

static struct owed *remote_tag(void *self, struct slice bucket, struct slice key, struct slice tags, put_cb cb, void *arg)
{
	struct ask *ask = ask_new(self, PUT, arg);
	struct object_put in = { .bucket = bucket, .key = key };
	struct buf body = { 0 };
	struct slice one, name, value, rest = tags;
	ask->on_put = cb;
	buf_adds(&body, "<Tagging><TagSet>");
	while (rest.p) {
		sl_cut(rest, '&', &one, &rest);
		sl_cut(one, '=', &name, &value);
		buf_addf(&body, "<Tag><Key>%.*s</Key><Value>%.*s</Value></Tag>", SL(name), SL(value));
	}
	buf_adds(&body, "</TagSet></Tagging>");
	(void)send_object(self, ask, "PUT", &in, S("tagging="), false, buf_slice(&body));
	buf_free(&body);
	return &ask->owed;
}

int remote_s3_at(const struct env *env, const struct object_target *to, struct object_store *out, struct error *err)
{
	struct slice url = sl(to->url);
	struct remote *m;
	if (!sl_starts(url, S("http://")) && !sl_starts(url, S("https://")))
		return err_set(err, ERR_INVALID, "not an http:// or https:// address: %s", to->url);
	while (url.p[url.n - 1] == '/')
		url.n--;
	m = xcalloc(1, sizeof(*m));
	m->env = env;
	m->endpoint = xstrndup(url.p, url.n);
	m->key = xstrdup(to->key ? to->key : conf_str(env->conf, "remote", "s3_key", "test"));
	m->secret = xstrdup(to->secret ? to->secret : conf_str(env->conf, "remote", "s3_secret", "test"));
	m->region = xstrdup(to->region ? to->region : conf_str(env->conf, "remote", "s3_region", "us-east-1"));
	*out = (struct object_store){ .self = m, .put = remote_put, .put_new = remote_put_new, .get = remote_get, .list = remote_list, .del = remote_del,
				      .put_as = remote_put_as, .begin = remote_begin, .part = remote_part, .complete = remote_complete, .abort = remote_abort,
				      .tag = remote_tag };
	return 0;
}

int remote_s3_open(const struct env *env, const char *endpoint, struct object_store *out, struct error *err)
{
	struct object_target to = { .url = endpoint };
	struct error why;
	return remote_s3_at(env, &to, out, &why) ? err_set(err, ERR_INVALID, "[remote] s3: %s", why.text) : 0;
}

static int stores_open(void *self, const struct object_target *to, struct object_store *out, struct error *err)
{
	const struct env *env = self;
	const char *host = conf_get(env->conf, "aws", "listen_host"), *port = conf_get(env->conf, "aws", "listen_port"), *s3 = conf_get(env->conf, "remote", "s3");
	struct object_target own = *to;
	char *url;
	int rc;
	if (to->url)
		return remote_s3_at(env, to, out, err);
	if (!s3 && (!host || !port))
		return err_set(err, ERR_NETWORK, "no object store: start s3 too, or name one as [remote] s3");
	own.url = url = s3 ? xstrdup(s3) : xasprintf("http://%s:%s", host, port);
	rc = remote_s3_at(env, &own, out, err);
	free(url);
	return rc;
}

void remote_stores_provide(const struct env *env, struct stores *out)
{
	*out = (struct stores){ .self = (void *)env, .open = stores_open, .close = remote_s3_close };
}

void remote_s3_close(struct object_store *store)
{
	struct remote *m = store->self;
	if (!m)
		return;
	owed_cancel_all(&m->asks);
	free(m->endpoint);
	free(m->key);
	free(m->secret);
	free(m->region);
	free(m);
	*store = (struct object_store){ 0 };
}
