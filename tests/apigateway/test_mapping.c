/* Parameter mapping: what each source of a request parameter gives, and what goes where. */
#include <stdio.h>
#include <string.h>

#include "apigateway/apigateway.h"
#include "check_main.h"

/* A call to PUT /dev/streams/{name}/{rest+} with headers, query, stage variables. */
struct made {
	struct arena arena;
	struct conf *conf;
	struct env env;
	struct agw g;
	struct agw_api *api;
	struct http_call call;
	struct http_header headers[4];
	struct agw_call c;
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
	conf_set(m->conf, "apigateway.stage.dev", "colour", "green");
	m->env.conf = m->conf;
	m->g.env = &m->env;
	ck_assert_msg(agw_import(sl(document), &m->api, &err) == 0, "%s", err.text);
	m->headers[0] = (struct http_header){ S("X-Token"), S("secret") };
	m->headers[1] = (struct http_header){ S("Host"), S("gw:4570") };
	m->headers[2] = (struct http_header){ S("User-Agent"), S("curl/8") };
	m->headers[3] = (struct http_header){ S("x-empty"), S("") };
	m->call.req = (struct http_req){ .arena = &m->arena, .method = S("PUT"), .path = S("/dev/streams/a%20b/c/d%2Fe"),
					 .query = S("q=a+b%21&q=second&flag&empty="), .version = S("HTTP/1.1"), .headers = m->headers,
					 .header_n = 4, .body = S("{\"x\":1}"), .remote = S("127.0.0.1") };
	m->c = (struct agw_call){ .g = &m->g, .call = &m->call, .api = m->api, .stage = S("dev"), .request_id = "rid", .extended_id = "xid" };
	ck_assert(agw_route(m->api, S("PUT"), S("/streams/a%20b/c/d%2Fe"), &m->c.match));
}

static void done(struct made *m)
{
	agw_api_free(m->api);
	conf_free(m->conf);
	arena_free(&m->arena);
}

static const struct {
	const char *label;
	enum agw_source source;
	const char *name, *want; /* want NULL: absent */
} sources[] = {
	{ "static", AGW_FROM_STATIC, "a text", "a text" },
	{ "header", AGW_FROM_HEADER, "X-Token", "secret" },
	{ "header in another case", AGW_FROM_HEADER, "x-TOKEN", "secret" },
	{ "empty header", AGW_FROM_HEADER, "X-Empty", "" },
	{ "no header", AGW_FROM_HEADER, "X-None", NULL },
	{ "query, decoded, the first", AGW_FROM_QUERY, "q", "a b!" },
	{ "query without a value", AGW_FROM_QUERY, "flag", "" },
	{ "query with an empty value", AGW_FROM_QUERY, "empty", "" },
	{ "no query", AGW_FROM_QUERY, "Q", NULL },
	{ "path, decoded", AGW_FROM_PATH, "name", "a b" },
	{ "greedy path keeps its slashes", AGW_FROM_PATH, "rest", "c/d/e" },
	{ "no path", AGW_FROM_PATH, "other", NULL },
	{ "body", AGW_FROM_BODY, "body", "{\"x\":1}" },
	{ "stage variable", AGW_FROM_STAGE, "colour", "green" },
	{ "no stage variable", AGW_FROM_STAGE, "size", NULL },
	{ "requestId", AGW_FROM_CONTEXT, "requestId", "rid" },
	{ "extendedRequestId", AGW_FROM_CONTEXT, "extendedRequestId", "xid" },
	{ "apiId", AGW_FROM_CONTEXT, "apiId", "abc123" },
	{ "stage", AGW_FROM_CONTEXT, "stage", "dev" },
	{ "httpMethod", AGW_FROM_CONTEXT, "httpMethod", "PUT" },
	{ "path of the context has the stage", AGW_FROM_CONTEXT, "path", "/dev/streams/a%20b/c/d%2Fe" },
	{ "resourcePath", AGW_FROM_CONTEXT, "resourcePath", "/streams/{name}/{rest+}" },
	{ "sourceIp", AGW_FROM_CONTEXT, "identity.sourceIp", "127.0.0.1" },
	{ "userAgent", AGW_FROM_CONTEXT, "identity.userAgent", "curl/8" },
	{ "no API key", AGW_FROM_CONTEXT, "identity.apiKey", NULL },
	{ "no such context", AGW_FROM_CONTEXT, "nothing", NULL },
};

START_TEST(source)
{
	struct made m;
	struct agw_param p = { .source = sources[_i].source, .value = sl(sources[_i].name) };
	struct slice got;

	make(&m);
	got = agw_value(&m.c, &p);
	ck_assert_msg((got.p != NULL) == (sources[_i].want != NULL), "%s", sources[_i].label);
	if (got.p)
		ck_assert_msg(sl_eqs(got, sources[_i].want), "%s: %.*s", sources[_i].label, SL(got));
	done(&m);
}
END_TEST

static const struct {
	const char *text;
	bool literal;
} renders[] = {
	{ "{\"statusCode\": 200}", true },
	{ "", true },
	{ "costs 5$ or #1", true },
	{ "$ {x}", true },
	{ "$input.body", false },
	{ "a ${stage} b", false },
	{ "$!quiet", false },
	{ "#set($x = 1)", false },
	{ "## a comment", false },
	{ "#[[raw]]#", false },
};

START_TEST(render)
{
	struct made m;
	struct slice out;
	struct error err = { 0 };
	int r;

	make(&m);
	r = agw_render(&m.c, sl(renders[_i].text), &out, &err);
	ck_assert_int_eq(r == 0, renders[_i].literal);
	if (r)
		ck_assert_int_eq(r, ERR_UNSUPPORTED);
	else
		ck_assert(sl_eqs(out, renders[_i].text));
	done(&m);
}
END_TEST

START_TEST(response_template)
{
	struct agw_template t[] = { { S("text/plain"), S("t") }, { S("application/json"), S("j") } };
	struct agw_answer a = { .templates = t, .template_n = 2 };

	ck_assert(sl_eqs(agw_response_template(&a, S("text/plain")), "t"));
	ck_assert(sl_eqs(agw_response_template(&a, S("*/*")), "j"));
	ck_assert(sl_eqs(agw_response_template(&a, (struct slice){ 0 }), "j"));
	a.template_n = 1;
	ck_assert(sl_eqs(agw_response_template(&a, S("a/b")), "t"));
	a.template_n = 0;
	ck_assert_ptr_null(agw_response_template(&a, S("a/b")).p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("apigateway mapping");
	TCase *t = tcase_create("mapping");

	tcase_add_loop_test(t, source, 0, ARRAY_LEN(sources));
	tcase_add_loop_test(t, render, 0, ARRAY_LEN(renders));
	tcase_add_test(t, response_template);
	suite_add_tcase(s, t);
	return run_suite(s);
}
