/* Whom a port serves: names in Host, pages in Origin, and what a browser sends without asking. */
#include "core/origin.h"
#include "env.h"

START_TEST(hosts_that_are_ours)
{
	static const char *const ours[] = {
		"127.0.0.1:4566", "127.9.9.9", "[::1]:80", "10.1.2.3:4580", "localhost", "LOCALHOST:4566", "localhost.:1", "b.localhost:4566",
		"b.s3.localhost.localstack.cloud:4566", "abc.execute-api.us-east-1.amazonaws.com", "b.s3.cn-north-1.amazonaws.com.cn",
		"ec2-54-82-14-231.compute-1.amazonaws.com:8082", "tarn:4566", "connect:8083", "", "own.example:1", "a.b.below.example", "[fe80::1]",
		"api.127.0.0.1", "env.127.0.0.1:4566",
	};
	static const char *const foreign[] = {
		"evil.example", "evil.example:4566", "127.0.0.1.evil.example", "localhost.evil.example", "notlocalhost.com", "evilamazonaws.com",
		"amazonaws.com.evil.example", "below.example", "1.2.3.4.5", "a.b.127.0.0.1", "127.0.0.1@evil.example", "[::1].evil.example",
	};
	env_open("test");
	conf_set(env_conf, "http", "hosts", "own.example, *.below.example");
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		ck_assert_msg(origin_host(env_conf, sl(ours[i])), "%s", ours[i]);
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		ck_assert_msg(!origin_host(env_conf, sl(foreign[i])), "%s", foreign[i]);
	ck_assert(!origin_host(NULL, S("own.example")));
	conf_set(env_conf, "http", "hosts", "*");
	ck_assert(origin_host(env_conf, S("evil.example")));
	env_close();
}
END_TEST

START_TEST(pages_that_are_ours)
{
	static const struct {
		const char *origin, *host;
		bool ours;
	} rows[] = {
		{ "http://127.0.0.1:4580", "127.0.0.1:4566", true }, /* a port of ours */
		{ "http://localhost:4580", "127.0.0.1:4566", true },
		{ "http://[::1]:4580", "127.0.0.1:4566", true },
		{ "http://127.0.0.1:3000", "127.0.0.1:4566", false },
		{ "http://localhost:3000", "localhost:4566", false },
		{ "http://tarn:8080", "tarn:8080", true }, /* its own page */
		{ "https://tarn", "tarn:443", true },
		{ "https://tarn", "tarn:80", false },
		{ "http://tarn", "tarn", true },
		{ "http://tarn:4580", "tarn:8080", false },
		{ "http://10.0.0.9:4580", "127.0.0.1:4566", false },
		{ "http://evil.example", "127.0.0.1:4566", false },
		{ "http://evil.example:4580", "127.0.0.1:4566", false },
		{ "null", "127.0.0.1:4566", false },
		{ "chrome-extension://abc", "127.0.0.1:4566", false },
		{ "http://front.example:3000", "127.0.0.1:4566", true }, /* listed */
		{ "http://front.example", "127.0.0.1:4566", false },
		{ "http://a.shop.example", "127.0.0.1:4566", false },
	};
	env_open("test");
	conf_set(env_conf, "http", "origins", "http://front.example:3000 , https://a.shop.example");
	conf_set(env_conf, "control", "listen_port", "4580");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(origin_page(env_conf, sl(rows[i].origin), sl(rows[i].host)) == rows[i].ours, "%s for %s", rows[i].origin, rows[i].host);
	conf_set(env_conf, "http", "origins", "*");
	ck_assert(origin_page(env_conf, S("null"), S("127.0.0.1:4566")));
	env_close();
}
END_TEST

START_TEST(requests_that_no_browser_asks_about_first)
{
	static const struct {
		const char *method, *name, *value;
		bool simple;
	} rows[] = {
		{ "POST", "Accept", "*/*", true },
		{ "POST", "Content-Type", "text/plain", true },
		{ "POST", "Content-Type", "Text/Plain; charset=utf-8", true },
		{ "POST", "Content-Type", "application/x-www-form-urlencoded", true },
		{ "POST", "Content-Type", "multipart/form-data; boundary=x", true },
		{ "POST", "Content-Type", "application/json", false },
		{ "POST", "X-Tarn", "1", false },
		{ "POST", "authorization", "Bearer x", false },
		{ "PUT", "Content-Type", "text/plain", false },
		{ "GET", "Accept", "*/*", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_header h = { sl(rows[i].name), sl(rows[i].value) };
		struct http_req req = { .method = sl(rows[i].method), .headers = &h, .header_n = 1 };
		ck_assert_msg(origin_simple(&req) == rows[i].simple, "%s %s: %s", rows[i].method, rows[i].name, rows[i].value);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("origin");
	TCase *t = tcase_create("origin");
	tcase_add_test(t, hosts_that_are_ours);
	tcase_add_test(t, pages_that_are_ours);
	tcase_add_test(t, requests_that_no_browser_asks_about_first);
	suite_add_tcase(s, t);
	return run_suite(s);
}
