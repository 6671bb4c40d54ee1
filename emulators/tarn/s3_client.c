#include "tarn/s3_client.h"

#include <strings.h>

#include "core/clock.h"
#include "core/lib_curl.h"
#include "core/sigv4.h"
#include "core/xml.h"

enum { ERROR_BYTES = 1 << 20 };

struct s3_client {
	CURL *curl;
	char *base, *host, *key, *secret, *session, *region;
};

int s3_client_new(const char *base, const char *key, const char *secret, const char *session, const char *region, struct s3_client **out,
		  struct error *err)
{
	const char *host = strstr(base, "://");
	if (lib_curl_load(err))
		return ERR_NETWORK;
	struct s3_client *c = xcalloc(1, sizeof(*c));
	c->curl = curl.easy_init();
	c->base = xstrdup(base);
	while (strlen(c->base) && c->base[strlen(c->base) - 1] == '/')
		c->base[strlen(c->base) - 1] = '\0';
	host = host ? host + 3 : base;
	c->host = xstrndup(host, strcspn(host, "/"));
	c->key = xstrdup(key);
	c->secret = xstrdup(secret);
	c->session = session && *session ? xstrdup(session) : NULL;
	c->region = xstrdup(region);
	*out = c;
	return 0;
}

void s3_client_free(struct s3_client *c)
{
	if (!c)
		return;
	curl.easy_cleanup(c->curl);
	free(c->base);
	free(c->host);
	free(c->key);
	free(c->secret);
	free(c->session);
	free(c->region);
	free(c);
}

void s3_call_header(struct s3_call *call, const char *name, struct slice value)
{
	if (value.p && call->header_n < S3_CALL_HEADERS)
		call->headers[call->header_n++] = (struct http_header){ sl(name), value };
}

void s3_call_free(struct s3_call *call)
{
	buf_free(&call->answer);
	arena_free(&call->a);
}

/* ---- what curl asks for ---- */

static size_t on_read(char *to, size_t size, size_t n, void *arg)
{
	struct s3_call *call = arg;
	size_t got = fread(to, size, n, call->from);
	call->cut = call->cut || (got < n && ferror(call->from));
	return call->cut ? CURL_READFUNC_ABORT : got;
}

static int on_seek(void *arg, curl_off_t at, int whence)
{
	const struct s3_call *call = arg;
	return fseeko(call->from, at, whence) ? CURL_SEEKFUNC_CANTSEEK : CURL_SEEKFUNC_OK;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct s3_call *call = arg;
	n *= size;
	if (!call->to || call->status / 100 != 2) {
		buf_add(&call->answer, p, n);
		return call->answer.bad ? 0 : n;
	}
	call->cut = fwrite(p, 1, n, call->to) != n;
	return call->cut ? 0 : n;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct s3_call *call = arg;
	struct slice line = sl_trim(sl_of(p, size * n)), name, value;
	int64_t status;
	if (sl_starts(line, S("HTTP/")) && sl_cut(line, ' ', &name, &value)) {
		sl_cut(value, ' ', &value, &name);
		call->status = sl_int(value, 100, 999, &status) ? (int)status : 0;
		return size * n;
	}
	if (!sl_cut(line, ':', &name, &value))
		return size * n;
	value = arena_dup(&call->a, sl_trim(value));
	if (sl_eq_nocase(name, S("ETag")))
		call->etag = value;
	else if (sl_eq_nocase(name, S("Content-Type")))
		call->type = value;
	else if (sl_eq_nocase(name, S("x-amz-bucket-region")))
		call->region = value;
	else if (sl_eq_nocase(name, S("x-amz-version-id")))
		call->version = value;
	else if (sl_eq_nocase(name, S("Content-Length")))
		(void)sl_int(value, 0, INT64_MAX, &call->size);
	return size * n;
}

/* ---- a call ---- */

static struct slice path_of(struct arena *a, struct slice bucket, struct slice key)
{
	struct buf b = { 0 };
	buf_addc(&b, '/');
	buf_url_escape(&b, bucket, false);
	if (key.p) {
		buf_addc(&b, '/');
		buf_url_escape(&b, key, true);
	}
	struct slice s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

static struct curl_slist *add_line(struct curl_slist *to, struct slice name, struct slice value)
{
	char *line = value.n ? xasprintf("%.*s: %.*s", SL(name), SL(value)) : xasprintf("%.*s;", SL(name)); /* ";": sent without a value */
	to = curl.slist_append(to, line); /* copied */
	free(line);
	return to;
}

/* Signs the call; its headers for curl. */
static struct curl_slist *signed_headers(const struct s3_client *c, struct s3_call *call, struct slice path)
{
	struct http_header h[S3_CALL_HEADERS + 4];
	struct http_req req = { .arena = &call->a, .method = sl(call->method), .path = path, .query = call->query, .headers = h };
	struct curl_slist *lines = curl.slist_append(NULL, "Expect:");
	bool typed = false;
	char now[24];
	clock_amz(clock_real_ms(), now);
	h[req.header_n++] = (struct http_header){ S("host"), sl(c->host) };
	h[req.header_n++] = (struct http_header){ S("x-amz-date"), sl(now) };
	h[req.header_n++] = (struct http_header){ S("x-amz-content-sha256"), S("UNSIGNED-PAYLOAD") };
	if (c->session)
		h[req.header_n++] = (struct http_header){ S("x-amz-security-token"), sl(c->session) };
	for (size_t i = 0; i < call->header_n; i++) {
		typed = typed || sl_eq_nocase(call->headers[i].name, S("Content-Type"));
		h[req.header_n++] = call->headers[i];
	}
	struct slice auth = sigv4_sign(&req, sl(c->key), sl(c->secret), sl(c->region), S("s3"), true);
	for (size_t i = 0; i < req.header_n; i++)
		lines = add_line(lines, h[i].name, h[i].value);
	lines = add_line(lines, S("Authorization"), auth);
	return typed ? lines : curl.slist_append(lines, "Content-Type:");
}

static void set_body(CURL *h, struct s3_call *call)
{
	if (call->from) {
		curl.easy_setopt(h, CURLOPT_UPLOAD, 1L);
		curl.easy_setopt(h, CURLOPT_READFUNCTION, on_read);
		curl.easy_setopt(h, CURLOPT_READDATA, call);
		curl.easy_setopt(h, CURLOPT_SEEKFUNCTION, on_seek);
		curl.easy_setopt(h, CURLOPT_SEEKDATA, call);
		curl.easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->from_n);
	} else if (call->body.p || !strcmp(call->method, "PUT") || !strcmp(call->method, "POST")) {
		curl.easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
		curl.easy_setopt(h, CURLOPT_POSTFIELDS, call->body.p ? call->body.p : "");
	} else if (!strcmp(call->method, "HEAD")) {
		curl.easy_setopt(h, CURLOPT_NOBODY, 1L);
	}
}

static CURLcode perform(struct s3_client *c, struct s3_call *call, char why[CURL_ERROR_SIZE])
{
	CURL *h = c->curl;
	struct slice path = path_of(&call->a, call->bucket, call->key);
	struct slice url = arena_printf(&call->a, "%s%.*s%s%.*s", c->base, SL(path), call->query.p ? "?" : "", SL(call->query));
	struct curl_slist *lines = signed_headers(c, call, path);
	const char *trust = getenv("AWS_CA_BUNDLE");
	curl.easy_setopt(h, CURLOPT_ERRORBUFFER, why);
	curl.easy_setopt(h, CURLOPT_URL, arena_cstr(&call->a, url));
	curl.easy_setopt(h, CURLOPT_PATH_AS_IS, 1L);
	curl.easy_setopt(h, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl.easy_setopt(h, CURLOPT_HTTPGET, 1L);
	curl.easy_setopt(h, CURLOPT_UPLOAD, 0L);
	curl.easy_setopt(h, CURLOPT_NOBODY, 0L);
	set_body(h, call);
	curl.easy_setopt(h, CURLOPT_CUSTOMREQUEST, strcmp(call->method, "HEAD") ? call->method : NULL);
	curl.easy_setopt(h, CURLOPT_HTTPHEADER, lines);
	curl.easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
	curl.easy_setopt(h, CURLOPT_WRITEDATA, call);
	curl.easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
	curl.easy_setopt(h, CURLOPT_HEADERDATA, call);
	curl.easy_setopt(h, CURLOPT_PROXY, "");
	curl.easy_setopt(h, CURLOPT_CONNECTTIMEOUT, 5L);
	if (trust && *trust)
		curl.easy_setopt(h, CURLOPT_CAINFO, trust);
	CURLcode r = curl.easy_perform(h);
	curl.easy_setopt(h, CURLOPT_HTTPHEADER, NULL);
	curl.slist_free_all(lines);
	return r;
}

/* What an error's body says, or its status. */
static void read_error(struct s3_call *call)
{
	struct xml_node *x;
	struct error err;
	call->code = arena_printf(&call->a, "HTTP %d", call->status);
	call->message = call->status == 404 ? S("not found") : call->status == 403 ? S("access denied") : S("no reason was given");
	if (!call->answer.n || xml_parse(&call->a, buf_slice(&call->answer), &x, &err) || !sl_eqs(x->name, "Error"))
		return;
	if (xml_text(x, "Code").n)
		call->code = xml_text(x, "Code");
	if (xml_text(x, "Message").n)
		call->message = xml_text(x, "Message");
	if (xml_text(x, "Region").n)
		call->region = xml_text(x, "Region");
}

/* CopyObject and CompleteMultipartUpload may fail after their 200. */
static bool is_late_error(const struct s3_call *call)
{
	return !call->to && call->answer.n && sl_find(buf_slice(&call->answer), S("<Error>")) >= 0 &&
	       (!strcmp(call->method, "POST") || !strcmp(call->method, "PUT"));
}

int s3_client_call(struct s3_client *c, struct s3_call *call, struct error *err)
{
	off_t begin = call->from ? ftello(call->from) : 0, end = call->to ? ftello(call->to) : 0;
	char why[CURL_ERROR_SIZE];
	for (int tries = 0;; tries++) {
		why[0] = '\0';
		buf_reset(&call->answer);
		call->etag = call->type = call->region = call->version = call->code = call->message = sl(NULL);
		call->status = 0;
		call->size = -1;
		call->cut = false;
		CURLcode r = perform(c, call, why);
		if (r != CURLE_OK)
			return err_set(err, ERR_NETWORK, "%s: %s", c->base, call->cut ? "a file could not be read or written" : *why ? why : curl.easy_strerror(r));
		if (call->status / 100 == 2 && !is_late_error(call))
			return 0;
		read_error(call);
		if (tries || !call->region.n || sl_eqs(call->region, c->region) || (call->from && fseeko(call->from, begin, SEEK_SET)) ||
		    (call->to && fseeko(call->to, end, SEEK_SET)))
			break;
		free(c->region);
		c->region = xstrndup(call->region.p, call->region.n);
	}
	return err_set(err, ERR_INVALID, "%.*s: %.*s", SL(call->code), SL(call->message));
}

void s3_client_presign(struct s3_client *c, const char *method, struct slice bucket, struct slice key, int64_t seconds, struct buf *out)
{
	struct arena a = { 0 };
	struct http_header host = { S("host"), sl(c->host) };
	struct http_req req = { .arena = &a, .method = sl(method), .path = path_of(&a, bucket, key), .headers = &host, .header_n = 1 };
	struct buf q = { 0 };
	char now[24], sig[65];
	clock_amz(clock_real_ms(), now);
	buf_addf(&q, "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=");
	buf_url_escape(&q, arena_printf(&a, "%s/%.8s/%s/s3/aws4_request", c->key, now, c->region), false);
	buf_addf(&q, "&X-Amz-Date=%s&X-Amz-Expires=%lld", now, (long long)seconds);
	if (c->session) {
		buf_adds(&q, "&X-Amz-Security-Token=");
		buf_url_escape(&q, sl(c->session), false);
	}
	buf_adds(&q, "&X-Amz-SignedHeaders=host");
	req.query = buf_slice(&q);
	sigv4_presign(&req, sl(c->secret), sl(now), S("host"), sl(c->region), S("s3"), sig);
	buf_addf(out, "%s%.*s?%.*s&X-Amz-Signature=%s", c->base, SL(req.path), SL(req.query), sig);
	buf_free(&q);
	arena_free(&a);
}
