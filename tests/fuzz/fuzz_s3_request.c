/* Request line and headers: "METHOD target\nname: value\n...": address, authorization, ranges, conditions, stored headers. */
#include "s3/s3.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct http_header headers[32];
	struct http_req http = { .arena = &a, .headers = headers, .body = S("") };
	struct s3_req r = { .http = &http, .a = &a, .body = S("") };
	struct slice rest = sl_of(p, n), line, x, y;
	struct s3_conditions c;
	struct s3_sum sum;
	struct sigv4_auth auth;
	struct error err;
	int64_t at, count;
	r.fail.arena = &a;
	sl_cut(rest, '\n', &line, &rest);
	sl_cut(line, ' ', &http.method, &http.target);
	if (!http.target.p)
		http.target = S("/");
	sl_cut(http.target, '?', &http.path, &http.query);
	while (rest.p && http.header_n < ARRAY_LEN(headers)) {
		sl_cut(rest, '\n', &line, &rest);
		if (sl_cut(line, ':', &x, &y))
			headers[http.header_n++] = (struct http_header){ x, sl_trim(y) };
	}
	(void)(s3_request_address(&r, "s3.example") == 0);
	if (sigv4_parse(&http, &auth, &err) == 0)
		r.auth = auth;
	(void)(s3_request_headers(&r, &x, &y) == 0);
	(void)(s3_request_put(&r, &x, &sum) == 0);
	c = s3_request_conditions(&r, false);
	s3_request_copy_conditions(&r, &c);
	(void)(s3_request_copy_source(&r, &x, &y, &line) == 0);
	(void)(s3_request_copy_range(&r, 100, &at, &count) == 0);
	(void)(s3_request_int(&r, "max-keys", 1000, &at) == 0);
	(void)(s3_request_body(&r, S("secret")) == 0);
	arena_free(&a);
	return 0;
}
