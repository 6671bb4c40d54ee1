#include "origin.h"

#include <arpa/inet.h>

#include "service.h"

const struct setting origin_settings[] = {
	{ "http", "hosts", NULL, "a, b: more names that the HTTP ports are reached under, *.example.com for all below it; others get 403" },
	{ "http", "origins", NULL, "a, b: http://HOST:PORT of web pages that may send requests, null for files, * for every page; others get 403" },
	{ NULL },
};

/* Names that lead to this machine or that only AWS and Databricks give out: nobody can point one of them here. */
static const char *const our_names[] = {
	"localhost", "*.localhost", "localhost.localstack.cloud", "*.localhost.localstack.cloud", "*.amazonaws.com", "*.amazonaws.com.cn",
	"*.api.aws", "*.on.aws", "*.ec2.internal", "*.compute.internal", "*.cloud.databricks.com", "*.gcp.databricks.com", "*.azuredatabricks.net",
};

/* "name:80", "[::1]:80": the name without its port and without the point of a full name. *port absent: none. */
static struct slice name_of(struct slice host, struct slice *port)
{
	struct slice name, rest;
	if (host.n && host.p[0] == '[' && sl_cut(sl_from(host, 1), ']', &name, &rest) && (!rest.n || rest.p[0] == ':')) {
		*port = rest.n ? sl_from(rest, 1) : sl(NULL);
		return name;
	}
	sl_cut(host, ':', &name, port);
	if (name.n > 1 && name.p[name.n - 1] == '.')
		name.n--;
	return name;
}

/* pattern: a name, "*.name" for what is below it, "*" for all. */
static bool fits(struct slice name, struct slice pattern)
{
	struct slice tail = sl_from(pattern, 1);
	if (!pattern.n || pattern.p[0] != '*')
		return sl_eq_nocase(name, pattern);
	return !tail.n || (name.n > tail.n && sl_eq_nocase(sl_from(name, name.n - tail.n), tail));
}

static bool listed_in(const char *list, struct slice name)
{
	struct slice one, pattern, service, rest = sl(list);
	while (rest.p) {
		sl_cut(rest, ',', &one, &rest);
		sl_cut(one, '=', &pattern, &service);
		if (fits(name, sl_trim(pattern)))
			return true;
	}
	return false;
}

static bool listed(const struct conf *conf, const char *key, struct slice name)
{
	return conf && listed_in(conf_get(conf, "http", key), name);
}

static bool is_address(struct slice name, bool *loopback)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char a[16];
	if (name.n >= sizeof(text))
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	if (inet_pton(AF_INET, text, a) == 1) {
		*loopback = a[0] == 127;
		return true;
	}
	if (inet_pton(AF_INET6, text, a) != 1)
		return false;
	*loopback = !memcmp(a, &in6addr_loopback, sizeof(a));
	return true;
}

bool origin_loopback(struct slice address)
{
	bool loopback;
	return is_address(address, &loopback) && loopback;
}

/* "api.127.0.0.1", as clients of AWS make it of an endpoint: no top-level domain is a number, and browsers take it for no host. */
static bool below_address(struct slice name)
{
	struct slice label, rest;
	bool loopback;
	return sl_cut(name, '.', &label, &rest) && label.n && (label.p[0] < '0' || label.p[0] > '9') && is_address(rest, &loopback);
}

bool origin_host(const struct conf *conf, struct slice host)
{
	bool loopback;
	struct slice port, name = name_of(sl_trim(host), &port);
	/* A name without a point is one of a container's network or of /etc/hosts; a page can't be of an address that isn't its
	 * server's, so neither leads a stranger's page here. */
	if (name.n && name.p[0] == '[')
		return false;
	if (sl_chr(name, '.') < 0 || is_address(name, &loopback) || below_address(name))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(our_names); i++)
		if (fits(name, sl(our_names[i])))
			return true;
	return listed(conf, "hosts", name) || (conf && listed_in(conf_get(conf, "front", "names"), name));
}

/* Whether one of our ports has this number; the services' sections say where they listen. */
static bool our_port(const struct conf *conf, struct slice port)
{
	const char *section, *at;
	for (size_t i = 0; conf && (section = conf_section(conf, "", i)); i++)
		if ((at = conf_get(conf, section, "listen_port")) && sl_eqs(port, at))
			return true;
	return false;
}

bool origin_page(const struct conf *conf, struct slice origin, struct slice host)
{
	struct slice at, port, own_port;
	if (listed(conf, "origins", origin))
		return true;
	if (!sl_after_nocase(origin, S("http://"), &at) && !sl_after_nocase(origin, S("https://"), &at))
		return false;
	if (sl_eq_nocase(at, sl_trim(host)))
		return true;
	struct slice name = name_of(at, &port), own = name_of(sl_trim(host), &own_port);
	if (!port.p && sl_eq_nocase(name, own)) /* the port that goes without saying */
		return !own_port.p || sl_eqs(own_port, sl_starts_nocase(origin, S("https")) ? "443" : "80");
	return port.p && (sl_eq_nocase(name, S("localhost")) || origin_loopback(name)) && our_port(conf, port);
}

bool origin_local(struct slice origin)
{
	struct slice at, port, name;
	if (!sl_after_nocase(origin, S("http://"), &at) && !sl_after_nocase(origin, S("https://"), &at))
		return false;
	name = name_of(at, &port);
	return sl_eq_nocase(name, S("localhost")) || origin_loopback(name);
}

bool origin_simple(const struct http_req *req)
{
	static const char *const types[] = { "text/plain", "application/x-www-form-urlencoded", "multipart/form-data" };
	struct slice type, rest;
	bool form = true;
	if (!sl_eqs(req->method, "POST"))
		return false;
	for (size_t i = 0; i < req->header_n; i++)
		if (sl_starts_nocase(req->headers[i].name, S("X-")) || sl_eq_nocase(req->headers[i].name, S("Authorization")))
			return false;
	if (http_get(req, "Content-Type").p) {
		sl_cut(http_get(req, "Content-Type"), ';', &type, &rest);
		form = false;
		for (size_t i = 0; i < ARRAY_LEN(types); i++)
			form |= sl_eq_nocase(sl_trim(type), sl(types[i]));
	}
	return form;
}

/* ---- the check of a request ---- */

static bool refuse(const struct env *env, struct http_call *call, const char *key, struct slice what, const char *says)
{
	struct buf b = { 0 };
	log_warn(env, "refused", "http.%s=\"%.*s\" method=%.*s target=\"%.*s\"", key, SL(what), SL(call->req.method), SL(call->req.target));
	buf_addf(&b, "tarn: %s %.*s. To allow it, put it on [http] %s: tarn up --set http.%s=%.*s\n", says, SL(what), key, key, SL(what));
	call->op = "Refused";
	http_reply_buf(call, 403, "text/plain; charset=utf-8", &b);
	return true;
}

static bool refused_host(const struct env *env, struct http_call *call)
{
	const struct http_req *req = &call->req;
	for (size_t i = 0; i < req->header_n; i++) {
		struct slice port;
		if (sl_eq_nocase(req->headers[i].name, S("Host")) && !origin_host(env->conf, req->headers[i].value))
			return refuse(env, call, "hosts", name_of(sl_trim(req->headers[i].value), &port), "this port isn't reached under the name");
	}
	return false;
}

/* Whether a page sends it that isn't ours or listed. */
static bool of_a_stranger(const struct env *env, const struct http_req *req)
{
	struct slice origin = http_get(req, "Origin");
	if (origin.p)
		return !origin_page(env->conf, origin, http_get(req, "Host"));
	return sl_eq_nocase(http_get(req, "Sec-Fetch-Site"), S("cross-site")) && !listed(env->conf, "origins", S("*"));
}

static bool refused_page(const struct env *env, struct http_call *call)
{
	struct slice origin = http_get(&call->req, "Origin");
	if (origin.p)
		return refuse(env, call, "origins", origin, "no request is taken from web pages of the origin");
	return refuse(env, call, "origins", S("*"), "a browser sent this for a page of another origin, which is not on");
}

/* What a page of another origin needs to see an answer, and to send what isn't simple. */
static bool cors(struct http_call *call)
{
	struct slice origin = http_get(&call->req, "Origin"), headers = http_get(&call->req, "Access-Control-Request-Headers");
	if (!origin.p)
		return false;
	http_setsl(call, "Access-Control-Allow-Origin", origin);
	http_setsl(call, "Vary", S("Origin"));
	if (!sl_eqs(call->req.method, "OPTIONS") || !http_get(&call->req, "Access-Control-Request-Method").p)
		return false;
	http_setsl(call, "Access-Control-Allow-Methods", S("GET, HEAD, POST, PUT, PATCH, DELETE"));
	if (headers.p)
		http_setsl(call, "Access-Control-Allow-Headers", headers);
	http_setsl(call, "Access-Control-Max-Age", S("600"));
	call->op = "Preflight";
	http_reply(call, 204, NULL, S(""));
	return true;
}

/* A page of ours that acts says the token that it was given when it was opened: so not every page of an own port may, which could be an
 * object of a bucket. Who calls without being a page has no Origin. */
static bool refused_token(const struct env *env, struct http_call *call)
{
	const struct http_req *req = &call->req;
	struct slice origin = http_get(req, "Origin");
	const char *token = env->conf ? conf_get(env->conf, "control", "listen_page_token") : NULL;
	if (!token || !origin.p || listed(env->conf, "origins", origin) || sl_eqs(http_get(req, "X-Tarn"), token))
		return false;
	if (sl_eqs(req->method, "GET") || sl_eqs(req->method, "HEAD") || sl_eqs(req->method, "OPTIONS"))
		return false;
	call->op = "Refused";
	http_reply(call, 403, "text/plain; charset=utf-8", S("tarn: X-Tarn isn't the console's token: load its page again; other pages are listed in [http] origins\n"));
	return true;
}

bool origin_answered(const struct env *env, bool acts, bool (*judges)(void *arg, struct http_call *call), void *arg, struct http_call *call)
{
	if (refused_host(env, call))
		return true;
	if (of_a_stranger(env, &call->req) && !(judges && judges(arg, call)))
		return refused_page(env, call);
	if (acts && origin_simple(&call->req)) {
		call->op = "Refused";
		http_reply(call, 403, "text/plain; charset=utf-8",
			   S("tarn: any web page can send a POST like this one: send it as application/json, or with a header X-Tarn: 1\n"));
		return true;
	}
	return acts && (refused_token(env, call) || cors(call));
}
