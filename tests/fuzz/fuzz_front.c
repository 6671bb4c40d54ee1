/* What the AWS port and every HTTP port read of a stranger's request before any service does: "METHOD target\nname: value\n...\n\nbody". */
#include "aws/aws.h"
#include "core/identities.h"
#include "core/origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct conf *conf;
	struct arena a = { 0 };
	struct http_header headers[32];
	struct http_call call = { .req = { .arena = &a, .headers = headers, .body = S("") } };
	struct http_req *req = &call.req;
	struct slice rest = sl_of(p, n), line, x, y;
	struct aws_ask ask;
	if (!conf) {
		conf = conf_new();
		conf_set(conf, "identities", "AK", "secret");
		conf_set(conf, "http", "hosts", "own.example, *.below.example");
		conf_set(conf, "http", "origins", "http://front.example:3000");
		conf_set(conf, "control", "listen_port", "4580");
	}
	sl_cut(rest, '\n', &line, &rest);
	sl_cut(line, ' ', &req->method, &req->target);
	if (!req->target.p)
		req->target = S("/");
	sl_cut(req->target, '?', &req->path, &req->query);
	while (rest.p && req->header_n < ARRAY_LEN(headers)) {
		sl_cut(rest, '\n', &line, &rest);
		if (!sl_cut(line, ':', &x, &y))
			break;
		headers[req->header_n++] = (struct http_header){ x, sl_trim(y) };
	}
	if (rest.p)
		req->body = rest;
	(void)origin_host(conf, http_get(req, "Host"));
	(void)origin_page(conf, http_get(req, "Origin"), http_get(req, "Host"));
	(void)origin_simple(req);
	(void)identity_of_call(conf, &call);
	aws_ask_read(&call, http_query(req, "scope"), &ask);
	arena_free(&a);
	return 0;
}
