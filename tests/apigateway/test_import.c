/* Imports, routes, header rules and mappings, on exports written here and on the default stack's. */
#include <stdio.h>
#include <string.h>

#include "apigateway/openapi.h"
#include "check_main.h"

#define MOCK "\"x-amazon-apigateway-integration\":{\"type\":\"mock\",\"requestTemplates\":{\"application/json\":\"{\\\"statusCode\\\":200}\"}," \
	"\"responses\":{\"default\":{\"statusCode\":\"200\"},\"4\\\\d{2}\":{\"statusCode\":\"404\"}}}"
#define OP "{" MOCK "}"

static struct gw_api *import(const char *text)
{
	struct gw_api *api = NULL;
	struct error err = { 0 };
	int rc = gw_import(sl(text), &api, &err);
	ck_assert_msg(rc == 0, "%s", err.text);
	return api;
}

static const char *routed(const char *text)
{
	static char json[8192];
	snprintf(json, sizeof(json), "{\"openapi\":\"3.0.1\",\"info\":{\"title\":\"t\"},\"paths\":{%s}}", text);
	return json;
}

static const char tree[] =
	"\"/\":{\"get\":" OP "},"
	"\"/test\":{\"post\":" OP "},"
	"\"/{proxy+}\":{\"options\":" OP ",\"put\":" OP "},"
	"\"/topics\":{\"x-amazon-apigateway-any-method\":" OP ",\"get\":" OP ",\"parameters\":[]},"
	"\"/topics/{topic}\":{\"x-amazon-apigateway-any-method\":" OP "},"
	"\"/topics/{topic}/partitions\":{\"get\":" OP "},"
	"\"/topics/special/deep/{rest+}\":{\"get\":" OP "}";

static const struct {
	const char *method, *path, *node, *values; /* node NULL: not found; values "name=value " each */
} routes[] = {
	{ "GET", "", "/", "" },
	{ "GET", "/", "/", "" },
	{ "POST", "/", NULL, "" },
	{ "POST", "/test", "/test", "" },
	{ "POST", "/test/", "/test", "" },
	{ "OPTIONS", "/test", "/{proxy+}", "proxy=test " },
	{ "GET", "/test", NULL, "" },
	{ "HEAD", "/", NULL, "" },
	{ "HEAD", "/topics", "/topics", "" },
	{ "get", "/topics/", "/topics", "" },
	{ "POST", "/topics/a.pin", "/topics/{topic}", "topic=a.pin " },
	{ "POST", "/topics/a%2Fb", "/topics/{topic}", "topic=a%2Fb " },
	{ "GET", "/topics/a/partitions", "/topics/{topic}/partitions", "topic=a " },
	{ "PUT", "/topics/a/partitions", "/{proxy+}", "proxy=topics/a/partitions " },
	{ "GET", "/topics/special", "/topics/{topic}", "topic=special " },
	{ "GET", "/topics/special/deep/1/2/", "/topics/special/deep/{rest+}", "rest=1/2 " },
	{ "GET", "/topics/special/deep", NULL, "" },
	{ "GET", "/topics/special/partitions", "/topics/{topic}/partitions", "topic=special " },
	{ "PUT", "/a//b", "/{proxy+}", "proxy=a//b " },
	{ "PUT", "/Test", "/{proxy+}", "proxy=Test " },
	{ "ANY", "/topics", NULL, "" },
	{ "TRACE", "/topics", NULL, "" },
	{ "GET", "topics", NULL, "" },
};

START_TEST(route)
{
	struct gw_api *api = import(routed(tree));
	struct gw_match m;
	char values[256] = "";
	size_t n = 0;
	bool found = gw_route(api, sl(routes[_i].method), sl(routes[_i].path), &m);
	ck_assert_msg(found == (routes[_i].node != NULL), "%s %s", routes[_i].method, routes[_i].path);
	for (size_t i = 0; found && i < m.value_n; i++)
		n += (size_t)snprintf(values + n, sizeof(values) - n, "%.*s=%.*s ", SL(m.values[i].name), SL(m.values[i].value));
	if (found) {
		ck_assert_msg(sl_eqs(m.node->path, routes[_i].node), "%s %s: %.*s", routes[_i].method, routes[_i].path, SL(m.node->path));
		ck_assert_str_eq(values, routes[_i].values);
	}
	gw_api_free(api);
}
END_TEST

#define INTEGRATION(text) "\"/x\":{\"get\":{\"x-amazon-apigateway-integration\":{" text "}}}"
static const struct {
	const char *text, *why;
} refused[] = {
	{ "\"/{a}\":{},\"/{b}\":{}", "A sibling ({a}) of this resource already has a variable path part" },
	{ "\"/{a+}/b\":{}", "greedy path variable" },
	{ "\"/a{b}\":{}", "path part" },
	{ "\"a\":{}", "slash" },
	{ "\"/a//b\":{}", "empty path part" },
	{ "\"/a\":{\"get\":{}}", "No integration defined for method" },
	{ "\"/a\":{\"get\":" OP ",\"GET\":" OP "}", "Method already exists" },
	{ INTEGRATION("\"type\":\"http_proxy\",\"httpMethod\":\"GET\",\"uri\":\"example.com\""), "Invalid HTTP endpoint specified for URI" },
	{ INTEGRATION("\"type\":\"aws\",\"httpMethod\":\"POST\",\"uri\":\"x\""), "Invalid ARN specified in the request" },
	{ INTEGRATION("\"type\":\"http\",\"uri\":\"http://x\""), "Enumeration value for HttpMethod must be non-empty" },
	{ INTEGRATION("\"type\":\"grpc\""), "Enumeration value for Type" },
	{ INTEGRATION("\"type\":\"mock\",\"timeoutInMillis\":10"), "Timeout should be between" },
	{ INTEGRATION("\"type\":\"mock\",\"responses\":{\"default\":{\"statusCode\":\"abc\"}}"), "Invalid status code" },
	{ INTEGRATION("\"type\":\"mock\",\"responses\":{\"(\":{\"statusCode\":\"200\"}}"), "Invalid selection pattern" },
	{ INTEGRATION("\"type\":\"mock\",\"requestParameters\":{\"x\":\"'y'\"}"), "Invalid mapping expression specified: x" },
	{ INTEGRATION("\"type\":\"mock\",\"requestParameters\":{\"integration.request.header.x\":\"y\"}"), "Invalid mapping expression specified: y" },
};

START_TEST(refuse)
{
	struct gw_api *api = NULL;
	struct error err = { 0 };
	ck_assert_int_lt(gw_import(sl(routed(refused[_i].text)), &api, &err), 0);
	ck_assert_ptr_null(api);
	ck_assert_msg(strstr(err.text, refused[_i].why) != NULL, "%s", err.text);
}
END_TEST

START_TEST(refuse_documents)
{
	struct gw_api *api = NULL;
	struct error err = { 0 };
	ck_assert_int_eq(gw_import(S(""), &api, &err), ERR_INVALID);
	ck_assert_int_eq(gw_import(S("[1]"), &api, &err), ERR_INVALID);
	ck_assert_int_eq(gw_import(S("{\"openapi\":\"3.0.1\"}"), &api, &err), ERR_INVALID);
	ck_assert_int_eq(gw_import(S("{\"paths\":{}}"), &api, &err), ERR_INVALID);
}
END_TEST

START_TEST(limit_of_resources)
{
	struct gw_api *api = NULL;
	struct error err = { 0 };
	struct buf b = { 0 };
	buf_adds(&b, "{\"openapi\":\"3.0.1\",\"paths\":{\"/0\":{}");
	for (int i = 1; i < GW_RESOURCES_MAX; i++)
		buf_addf(&b, ",\"/%d\":{}", i);
	buf_adds(&b, "}}");
	ck_assert_int_eq(gw_import(buf_slice(&b), &api, &err), ERR_LIMIT);
	buf_free(&b);
}
END_TEST

START_TEST(default_stack)
{
	FILE *f = fopen("fixtures/pinterest/apigateway/kafka-rest.json", "r");
	static char text[65536];
	struct gw_match m;
	struct gw_api *api;
	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = 0;
	fclose(f);
	api = import(text);
	ck_assert(sl_eqs(api->id, "c9wlxu8n0d"));
	ck_assert(gw_route(api, S("POST"), S("/topics/0affea73130b.pin"), &m));
	ck_assert_int_eq(m.method->in.type, GW_HTTP_PROXY);
	ck_assert(sl_eqs(m.values[0].value, "topics/0affea73130b.pin"));
	ck_assert(gw_route(api, S("OPTIONS"), S("/topics"), &m));
	ck_assert_int_eq(m.method->in.type, GW_MOCK);
	ck_assert(!gw_route(api, S("POST"), S("/"), &m));
	gw_api_free(api);
}
END_TEST

static const struct gw_method *only_method(const struct gw_api *api)
{
	struct gw_match m;
	ck_assert(gw_route(api, S("GET"), S("/x"), &m));
	return m.method;
}

START_TEST(security)
{
	static const char *const schemes = "\"components\":{\"securitySchemes\":{\"api_key\":{\"type\":\"apiKey\",\"name\":\"x-api-key\",\"in\":\"header\"},"
		"\"sigv4\":{\"type\":\"apiKey\",\"name\":\"Authorization\",\"in\":\"header\",\"x-amazon-apigateway-authtype\":\"awsSigv4\"}}}";
	static const struct {
		const char *top, *op;
		bool key, authorized;
	} rows[] = {
		{ "", "", false, false },
		{ "", "\"security\":[{\"api_key\":[]}],", true, false },
		{ "\"security\":[{\"api_key\":[]}],", "", true, false },
		{ "\"security\":[{\"api_key\":[]}],", "\"security\":[],", false, false },
		{ "", "\"security\":[{\"sigv4\":[]},{\"api_key\":[]}],", true, true },
	};
	char text[2048];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct gw_api *api;
		snprintf(text, sizeof(text), "{\"openapi\":\"3.0.1\",%s%s,\"paths\":{\"/x\":{\"get\":{%s" MOCK "}}}}", rows[i].top, schemes, rows[i].op);
		api = import(text);
		ck_assert_int_eq(only_method(api)->key_required, rows[i].key);
		ck_assert_int_eq(only_method(api)->authorized, rows[i].authorized);
		gw_api_free(api);
	}
}
END_TEST

START_TEST(answers)
{
	struct gw_api *api = import(routed("\"/x\":{\"get\":" OP "}"));
	const struct gw_integration *in = &only_method(api)->in;
	ck_assert_int_eq(gw_pick_answer(in, 200)->status, 200);
	ck_assert_int_eq(gw_pick_answer(in, 418)->status, 404);
	ck_assert_int_eq(gw_pick_answer(in, 500)->status, 200);
	gw_api_free(api);
	api = import(routed(INTEGRATION("\"type\":\"mock\",\"responses\":{\"200\":{\"statusCode\":200}}")));
	ck_assert_ptr_null(gw_pick_answer(&only_method(api)->in, 500));
	gw_api_free(api);
}
END_TEST

START_TEST(templates)
{
	struct gw_template t[] = { { .type = S("application/json"), .text = S("j") }, { .type = S("text/plain"), .text = S("t") } };
	struct gw_integration in = { .templates = t, .template_n = 2 };
	const struct gw_template *out;
	ck_assert(gw_request_template(&in, S(""), &out) && out == &t[0]);
	ck_assert(gw_request_template(&in, S("text/plain; charset=utf-8"), &out) && out == &t[1]);
	ck_assert(gw_request_template(&in, S("a/b"), &out) && !out);
	in.passthrough = GW_WHEN_NO_TEMPLATES;
	ck_assert(!gw_request_template(&in, S("a/b"), &out));
	in.template_n = 0;
	ck_assert(gw_request_template(&in, S("a/b"), &out) && !out);
	in.passthrough = GW_NEVER;
	ck_assert(!gw_request_template(&in, S("a/b"), &out));
}
END_TEST

START_TEST(mock_status)
{
	ck_assert_int_eq(gw_mock_status(S("{\"statusCode\": 200}")), 200);
	ck_assert_int_eq(gw_mock_status(S("{statusCode: 204}")), 204);
	ck_assert_int_eq(gw_mock_status(S("{ \"x\": 1, \"statusCode\" :\n404 }")), 404);
	ck_assert_int_eq(gw_mock_status(S("{\"statusCode\": \"200\"}")), -1);
	ck_assert_int_eq(gw_mock_status(S("{\"statusCode\": 99}")), -1);
	ck_assert_int_eq(gw_mock_status(S("{\"statusCode\"")), -1);
	ck_assert_int_eq(gw_mock_status(S("")), -1);
}
END_TEST

START_TEST(headers)
{
	ck_assert(!gw_header_goes_in(S("host")));
	ck_assert(!gw_header_goes_in(S("Transfer-Encoding")));
	ck_assert(!gw_header_goes_in(S("content-encoding")));
	ck_assert(gw_header_goes_in(S("Accept")));
	ck_assert(gw_header_goes_in(S("Authorization")));
	ck_assert(gw_header_goes_in(S("User-Agent")));
	ck_assert_int_eq(gw_header_goes_out(S("date")), GW_REMAP);
	ck_assert_int_eq(gw_header_goes_out(S("WWW-Authenticate")), GW_REMAP);
	ck_assert_int_eq(gw_header_goes_out(S("x-amzn-requestid")), GW_REMAP);
	ck_assert_int_eq(gw_header_goes_out(S("Content-Type")), GW_PASS);
	ck_assert_int_eq(gw_header_goes_out(S("TE")), GW_PASS);
	ck_assert_int_eq(gw_header_goes_out(S("Transfer-Encoding")), GW_DROP);
	/* Recorded on AWS: mapping either of these two ends with 500. */
	ck_assert(!gw_header_may_map(GW_HTTP, S("content-length")));
	ck_assert(!gw_header_may_map(GW_HTTP, S("transfer-encoding")));
	ck_assert(gw_header_may_map(GW_HTTP, S("Server")));
	ck_assert(gw_header_may_map(GW_HTTP, S("Expect")));
	ck_assert(!gw_header_may_map(GW_AWS, S("expect")));
	/* Recorded: these are mapped without an error and never arrive. */
	ck_assert(!gw_header_map_goes_in(GW_HTTP, S("Expect")));
	ck_assert(!gw_header_map_goes_in(GW_HTTP, S("te")));
	ck_assert(!gw_header_map_goes_in(GW_HTTP_PROXY, S("Proxy-Authenticate")));
	ck_assert(gw_header_map_goes_in(GW_HTTP, S("Host")));
	ck_assert(!gw_header_map_goes_in(GW_HTTP_PROXY, S("host")));
	ck_assert(gw_header_map_goes_in(GW_HTTP_PROXY, S("Max-Forwards")));
}
END_TEST

/* ---- urls ---- */

static const struct {
	const char *uri, *params, *path, *query, *url; /* url NULL: fails */
} urls[] = {
	{ "http://b:1/{proxy}", "\"integration.request.path.proxy\":\"method.request.path.proxy\"", "/topics/a%20b/c", NULL, "http://b:1/topics/a%20b/c" },
	{ "http://b/{proxy}", "\"integration.request.path.proxy\":\"method.request.path.proxy\"", "/t", "a=1&a=2&b=%20", "http://b/t?a=1&a=2&b=%20" },
	{ "http://b/{proxy}", "", "/t", NULL, NULL },
	{ "http://b/x?k=v", "\"integration.request.querystring.q\":\"method.request.path.proxy\"", "/t%20u", "a=1", "http://b/x?k=v&a=1&q=t%20u" },
	{ "http://b/{q}", "\"integration.request.path.q\":\"method.request.querystring.q\"", "/t", "q=a+b/c", "http://b/a%20b/c?q=a+b/c" },
	{ "http://${stageVariables.host}/y", "", "/t", NULL, "http://backend:99/y" },
	{ "http://${stageVariables.none}/y", "", "/t", NULL, NULL },
	{ "http://b/y", "\"integration.request.querystring.s\":\"context.stage\",\"integration.request.querystring.n\":\"method.request.querystring.n\"", "/t", NULL, "http://b/y?s=prod" },
};

START_TEST(url)
{
	char text[1024];
	struct arena arena = { 0 };
	struct vtl_pair vars[] = { { S("host"), S("backend:99") } };
	struct env env = { .conf = conf_new() };
	struct gateway g = { .env = &env };
	struct http_call call = { .req = { .arena = &arena, .method = S("GET") } };
	struct gw_call c = { .g = &g, .call = &call, .stage = S("prod"), .vars = vars, .var_n = 1 };
	enum gw_error e;
	snprintf(text, sizeof(text), "\"/{proxy+}\":{\"get\":{\"x-amazon-apigateway-integration\":{\"type\":\"http_proxy\",\"httpMethod\":\"ANY\","
		 "\"uri\":\"%s\",\"requestParameters\":{%s}}}}", urls[_i].uri, urls[_i].params);
	struct gw_api *api = import(routed(text));
	c.api = api;
	call.req.query = sl(urls[_i].query);
	ck_assert(gw_route(api, S("GET"), sl(urls[_i].path), &c.match));
	e = gw_prepare(&c);
	ck_assert_int_eq(e, urls[_i].url ? GW_OK : GW_E_CONFIGURATION);
	ck_assert_int_eq(c.why.p != NULL, !urls[_i].url);
	if (!e)
		ck_assert_msg(sl_eqs(c.request->url, urls[_i].url), "%.*s", SL(c.request->url));
	gw_api_free(api);
	conf_free((struct conf *)env.conf);
	arena_free(&arena);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("apigateway");
	TCase *t = tcase_create("import");

	tcase_add_loop_test(t, route, 0, ARRAY_LEN(routes));
	tcase_add_loop_test(t, refuse, 0, ARRAY_LEN(refused));
	tcase_add_test(t, refuse_documents);
	tcase_add_test(t, limit_of_resources);
	tcase_add_test(t, default_stack);
	tcase_add_test(t, security);
	tcase_add_test(t, answers);
	tcase_add_test(t, templates);
	tcase_add_test(t, mock_status);
	tcase_add_test(t, headers);
	tcase_add_loop_test(t, url, 0, ARRAY_LEN(urls));
	suite_add_tcase(s, t);
	return run_suite(s);
}
