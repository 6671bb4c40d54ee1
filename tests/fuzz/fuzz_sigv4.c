/* Authorization header or X-Amz-* query, then the whole verification: "METHOD target\nname: value\n...". */
#include "core/service.h"
#include "core/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct conf *conf;
	struct arena a = { 0 };
	struct http_header headers[32];
	struct http_req http = { .arena = &a, .headers = headers, .body = S("") };
	struct slice rest = sl_of(p, n), line, x, y;
	struct sigv4_auth auth;
	struct error err;
	if (!conf) {
		conf = conf_new();
		conf_set(conf, "identities", "AK", "secret");
	}
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
	if (sigv4_parse(&http, &auth, &err) == 0) {
		for (int s3 = 0; s3 < 2; s3++) {
			struct sigv4_result res = { 0 };
			(void)sigv4_verify(&(struct env){ .conf = conf }, &http, &auth, 1369353600000, s3, &res);
			buf_free(&res.canonical);
			buf_free(&res.to_sign);
		}
	}
	arena_free(&a);
	return 0;
}
