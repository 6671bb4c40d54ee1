/* Parameter mapping: what each source of a request parameter gives, and what goes where. */
#include <stdio.h>
#include <string.h>

#include "apigateway/openapi.h"
#include "check_main.h"

/* A call to PUT /dev/streams/{name}/{rest+} with headers, query, stage variables. */
struct made {
	struct arena arena;
	struct conf *conf;
	struct vtl_pair vars[1];
	struct env env;
	struct gateway g;
	struct gw_api *api;
	struct http_call call;
	struct http_header headers[4];
	struct gw_call c;
};

static const char document[] =
	"{\"openapi\":\"3.0.1\",\"info\":{\"title\":\"t\"},\"servers\":[{\"url\":\"https://abc123.execute-api.eu-west-1.amazonaws.com/\"}],"
	"\"paths\":{\"/streams/{name}/{rest+}\":{\"put\":{\"x-amazon-apigateway-integration\":{\"type\":\"http_proxy\","
	"\"httpMethod\":\"PUT\",\"uri\":\"http://b/\"}}}}}";

static void make(struct made *m)
{
	struct error err = { 0 };
	memset(m, 0, sizeof(*m));
	m->conf = conf_new();
	m->vars[0] = (struct vtl_pair){ S("colour"), S("green") };
	m->env.conf = m->conf;
	m->g.env = &m->env;
	ck_assert_msg(gw_import(sl(document), &m->api, &err) == 0, "%s", err.text);
	m->headers[0] = (struct http_header){ S("X-Token"), S("secret") };
	m->headers[1] = (struct http_header){ S("Host"), S("gw:4570") };
	m->headers[2] = (struct http_header){ S("User-Agent"), S("curl/8") };
	m->headers[3] = (struct http_header){ S("x-empty"), S("") };
	m->call.req = (struct http_req){ .arena = &m->arena, .method = S("PUT"), .path = S("/dev/streams/a%20b/c/d%2Fe"),
					 .query = S("q=a+b%21&q=second&flag&empty="), .version = S("HTTP/1.1"), .headers = m->headers,
					 .header_n = 4, .body = S("{\"x\":1}"), .remote = S("127.0.0.1") };
	m->c = (struct gw_call){ .g = &m->g, .call = &m->call, .api = m->api, .stage = S("dev"), .path = S("/streams/a%20b/c/d%2Fe"), .vars = m->vars, .var_n = 1, .request_id = "rid", .extended_id = "xid" };
	ck_assert(gw_route(m->api, S("PUT"), S("/streams/a%20b/c/d%2Fe"), &m->c.match));
}

static void done(struct made *m)
{
	gw_api_free(m->api);
	conf_free(m->conf);
	arena_free(&m->arena);
}

static const struct {
	const char *label;
	enum gw_source source;
	const char *name, *want; /* want NULL: absent */
} sources[] = {
	{ "static", GW_FROM_STATIC, "a text", "a text" },
	{ "header", GW_FROM_HEADER, "X-Token", "secret" },
	{ "header in another case", GW_FROM_HEADER, "x-TOKEN", "secret" },
	{ "empty header", GW_FROM_HEADER, "X-Empty", "" },
	{ "no header", GW_FROM_HEADER, "X-None", NULL },
	{ "query, decoded, the first", GW_FROM_QUERY, "q", "a b!" },
	{ "query without a value", GW_FROM_QUERY, "flag", "" },
	{ "query with an empty value", GW_FROM_QUERY, "empty", "" },
	{ "no query", GW_FROM_QUERY, "Q", NULL },
	{ "path, decoded", GW_FROM_PATH, "name", "a b" },
	{ "greedy path keeps its slashes", GW_FROM_PATH, "rest", "c/d/e" },
	{ "no path", GW_FROM_PATH, "other", NULL },
	{ "body", GW_FROM_BODY, "body", "{\"x\":1}" },
	{ "stage variable", GW_FROM_STAGE, "colour", "green" },
	{ "no stage variable", GW_FROM_STAGE, "size", NULL },
	{ "requestId", GW_FROM_CONTEXT, "requestId", "rid" },
	{ "extendedRequestId", GW_FROM_CONTEXT, "extendedRequestId", "xid" },
	{ "apiId", GW_FROM_CONTEXT, "apiId", "abc123" },
	{ "stage", GW_FROM_CONTEXT, "stage", "dev" },
	{ "httpMethod", GW_FROM_CONTEXT, "httpMethod", "PUT" },
	{ "path of the context has the stage", GW_FROM_CONTEXT, "path", "/dev/streams/a%20b/c/d%2Fe" },
	{ "resourcePath", GW_FROM_CONTEXT, "resourcePath", "/streams/{name}/{rest+}" },
	{ "sourceIp", GW_FROM_CONTEXT, "identity.sourceIp", "127.0.0.1" },
	{ "userAgent", GW_FROM_CONTEXT, "identity.userAgent", "curl/8" },
	{ "no API key", GW_FROM_CONTEXT, "identity.apiKey", NULL },
	{ "no such context", GW_FROM_CONTEXT, "nothing", NULL },
};

START_TEST(source)
{
	struct made m;
	struct gw_param p = { .source = sources[_i].source, .value = sl(sources[_i].name) };
	struct slice got;
	make(&m);
	got = gw_value(&m.c, &p);
	ck_assert_msg((got.p != NULL) == (sources[_i].want != NULL), "%s", sources[_i].label);
	if (got.p)
		ck_assert_msg(sl_eqs(got, sources[_i].want), "%s: %.*s", sources[_i].label, SL(got));
	done(&m);
}
END_TEST

static const struct {
	const char *text, *want; /* want NULL: an error */
} renders[] = {
	{ "{\"statusCode\": 200}", "{\"statusCode\": 200}" },
	{ "", "" },
	{ "costs 5$ or #1", "costs 5$ or #1" },
	{ "$input.body", "{\"x\":1}" },
	{ "$input.path('$.x')-$input.params('name')", "1-a b" },
	{ "$input.params('x-token') $input.params('flag')", "secret " },
	{ "$stageVariables.colour $context.stage $context.requestId", "green dev rid" },
	{ "$context.identity.userAgent$!context.identity.apiKey", "curl/8" },
	{ "#if($input.path('$.y') == '')none#end", "none" },
	{ "#if(", NULL },
};

START_TEST(render)
{
	struct made m;
	struct slice out;
	struct gw_template t = { .text = sl(renders[_i].text) };
	struct error err = { 0 };
	int rc;
	make(&m);
	gw_template_read(&m.arena, &t);
	rc = gw_render(&m.c, &t, m.call.req.body, &out, &err);
	ck_assert_msg((rc == 0) == (renders[_i].want != NULL), "%s: %s", renders[_i].text, err.text);
	if (!rc)
		ck_assert_msg(sl_eqs(out, renders[_i].want), "%s: %.*s", renders[_i].text, SL(out));
	done(&m);
}
END_TEST

START_TEST(overrides)
{
	struct made m;
	struct slice out, name, value;
	struct gw_template t = { .text = S("#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X = 'y')") };
	struct error err = { 0 };
	size_t i = 0;
	make(&m);
	gw_template_read(&m.arena, &t);
	ck_assert_msg(gw_render(&m.c, &t, m.call.req.body, &out, &err) == 0, "%s", err.text);
	ck_assert(sl_eqs(gw_override(&m.c, "responseOverride.status"), "418"));
	ck_assert(gw_override_next(&m.c, "responseOverride.header", &i, &name, &value) && sl_eqs(name, "X") && sl_eqs(value, "y"));
	ck_assert(!gw_override_next(&m.c, "responseOverride.header", &i, &name, &value));
	done(&m);
}
END_TEST

START_TEST(response_template)
{
	struct gw_template t[] = { { .type = S("text/plain") }, { .type = S("application/json") } };
	struct gw_answer a = { .templates = t, .template_n = 2 };
	ck_assert_ptr_eq(gw_response_template(&a, S("text/plain")), &t[0]);
	ck_assert_ptr_eq(gw_response_template(&a, S("*/*")), &t[1]);
	ck_assert_ptr_eq(gw_response_template(&a, sl(NULL)), &t[1]);
	a.template_n = 1;
	ck_assert_ptr_eq(gw_response_template(&a, S("a/b")), &t[0]);
	a.template_n = 0;
	ck_assert_ptr_null(gw_response_template(&a, S("a/b")));
}
END_TEST

START_TEST(body_values)
{
	struct arena a = { 0 };
	struct slice body = S("{\"a\":{\"b\":[1,\"two\",{\"c\":true}]}}");
	ck_assert(sl_eq(gw_body_value(&a, S("body"), body), body));
	ck_assert(sl_eqs(gw_body_value(&a, S("body.a.b[1]"), body), "two"));
	ck_assert(sl_eqs(gw_body_value(&a, S("body.a.b[2]"), body), "{\"c\":true}"));
	ck_assert(!gw_body_value(&a, S("body.a.x"), body).p);
	ck_assert(!gw_body_value(&a, S("body.a"), S("no json")).p);
	arena_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("apigateway mapping");
	TCase *t = tcase_create("mapping");

	tcase_add_loop_test(t, source, 0, ARRAY_LEN(sources));
	tcase_add_loop_test(t, render, 0, ARRAY_LEN(renders));
	tcase_add_test(t, response_template);
	tcase_add_test(t, overrides);
	tcase_add_test(t, body_values);
	suite_add_tcase(s, t);
	return run_suite(s);
}
