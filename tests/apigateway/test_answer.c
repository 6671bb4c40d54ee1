/* From the integration's answer to the client's, and gateway responses: no loop, no socket, no clock. */
#include <stdio.h>
#include <string.h>

#include "apigateway/openapi.h"
#include "check_main.h"
#include "core/httpc.h"

/* A call of GET /prod/x of an API whose method has this integration, and whose document has these further members. */
struct made {
	struct arena arena;
	struct gw_api *api;
	struct gateway g;
	struct http_call call;
	struct http_header headers[2];
	struct gw_call c;
};

static void make(struct made *m, const char *integration, const char *members)
{
	struct error err = { 0 };
	char text[4096];
	memset(m, 0, sizeof(*m));
	snprintf(text, sizeof(text), "{\"openapi\":\"3.0.1\",\"info\":{\"title\":\"t\"},%s\"paths\":{\"/x\":{\"get\":{\"x-amazon-apigateway-integration\":{%s}}}}}",
		 members, integration);
	ck_assert_msg(gw_import(sl(text), &m->api, &err) == 0, "%s", err.text);
	m->headers[0] = (struct http_header){ S("Accept"), S("text/x") };
	m->headers[1] = (struct http_header){ S("X-In"), S("in") };
	m->call.req = (struct http_req){ .arena = &m->arena, .method = S("GET"), .path = S("/prod/x"), .version = S("HTTP/1.1"), .headers = m->headers,
					 .header_n = 2, .body = S("sent"), .remote = S("127.0.0.1") };
	m->c = (struct gw_call){ .g = &m->g, .call = &m->call, .api = m->api, .stage = S("prod"), .path = S("/x"), .request_id = "rid", .extended_id = "xid",
				 .trace_id = "Root=1-tid" };
	ck_assert(gw_route(m->api, S("GET"), S("/x"), &m->c.match));
}

static void done(struct made *m)
{
	gw_api_free(m->api);
	arena_free(&m->arena);
}

/* "Name: value\n" of each header that is set. */
static const char *headers_of(struct made *m)
{
	struct buf b = { 0 };
	const char *out;
	for (size_t i = 0; i < m->call.resp.header_n; i++)
		buf_addf(&b, "%.*s: %.*s\n", SL(m->call.resp.headers[i].name), SL(m->call.resp.headers[i].value));
	out = arena_cstr(&m->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

#define IDS "x-amzn-RequestId: rid\nx-amz-apigw-id: xid\n"
#define TRACE "X-Amzn-Trace-Id: Root=1-tid\n"
#define HTTP "\"type\":\"http\",\"httpMethod\":\"GET\",\"uri\":\"http://b/\",\"responses\":"
#define PROXY "\"type\":\"http_proxy\",\"httpMethod\":\"GET\",\"uri\":\"http://b/\""
static const struct {
	const char *label, *integration;
	int from;
	const char *body;
	int status; /* 0: the call fails */
	const char *out, *headers, *type; /* headers, when it fails: why */
} answers[] = {
	{ "the default response", HTTP "{\"default\":{\"statusCode\":200}}", 404, "no", 200, "no", IDS TRACE, "application/json" },
	{ "a pattern", HTTP "{\"default\":{\"statusCode\":200},\"4..\":{\"statusCode\":410}}", 404, "no", 410, "no", IDS TRACE, "application/json" },
	{ "no response", HTTP "{\"2..\":{\"statusCode\":200}}", 404, "no", 0, NULL,
	  "No match for output mapping and no default output mapping configured.", NULL },
	{ "mapped headers",
	  HTTP "{\"default\":{\"statusCode\":200,\"responseParameters\":{\"method.response.header.A\":\"integration.response.header.x-b\","
	       "\"method.response.header.Date\":\"integration.response.body.d\",\"method.response.header.Content-Type\":\"'a/b'\","
	       "\"method.response.header.None\":\"integration.response.header.none\",\"method.response.header.Transfer-Encoding\":\"'x'\"}}}",
	  200, "{\"d\":7}", 200, "{\"d\":7}", IDS TRACE "A: backend\nx-amzn-Remapped-Date: 7\nContent-Type: a/b\n", NULL },
	{ "a template by Accept", HTTP "{\"default\":{\"statusCode\":200,\"responseTemplates\":{\"application/json\":\"j\",\"text/x\":\"$input.path('$.d')!\"}}}", 200,
	  "{\"d\":7}", 200, "7!", IDS TRACE, "application/json" },
	{ "a template that doesn't parse", HTTP "{\"default\":{\"statusCode\":200,\"responseTemplates\":{\"application/json\":\"#if(\"}}}", 200, "{}", 0, NULL, NULL, NULL },
	{ "a status from the template",
	  HTTP "{\"default\":{\"statusCode\":200,\"responseTemplates\":{\"application/json\":\"#set($context.responseOverride.status = 418)"
	       "#set($context.responseOverride.header.T = 'pot')\"}}}",
	  200, "{}", 418, "", IDS TRACE "T: pot\n", "application/json" },
	{ "a status that is none", HTTP "{\"default\":{\"statusCode\":200,\"responseTemplates\":{\"application/json\":\"#set($context.responseOverride.status = 'x')\"}}}", 200,
	  "{}", 0, NULL, "the status override is not a status", NULL },
	{ "bytes that are no text", HTTP "{\"default\":{\"statusCode\":200}}", 200, "a\xff", 200, "a\xef\xbf\xbd", IDS TRACE, "application/json" },
	{ "not base64", HTTP "{\"default\":{\"statusCode\":200,\"contentHandling\":\"CONVERT_TO_BINARY\"}}", 200, "***", 0, NULL,
	  "Unable to base64 decode the body.", NULL },
	{ "a proxy", PROXY, 404, "a\xff", 404, "a\xff", IDS TRACE "X-B: backend\nx-amzn-Remapped-Server: s\n", "application/json" },
	{ "a mock", "\"type\":\"mock\",\"responses\":{\"default\":{\"statusCode\":201,\"responseParameters\":{\"method.response.header.A\":\"integration.response.body\"}}}",
	  200, NULL, 201, "", IDS, "application/json" },
};

START_TEST(answer)
{
	const struct http_header h[] = { { S("X-B"), S("backend") }, { S("Server"), S("s") } };
	struct httpc_resp resp = { .status = answers[_i].from, .headers = h, .header_n = answers[_i].body ? 2 : 0, .body = sl(answers[_i].body) };
	struct made m;
	struct gw_out out;
	enum gw_error e;
	make(&m, answers[_i].integration, "");
	m.c.resp = &resp;
	e = gw_answer(&m.c);
	out = m.c.out;
	ck_assert_msg(e == (answers[_i].status ? GW_OK : GW_E_CONFIGURATION), "%s: %d", answers[_i].label, e);
	ck_assert_int_eq(m.c.why.p != NULL, e != GW_OK);
	if (e) {
		ck_assert_str_eq(headers_of(&m), "");
		ck_assert_msg(!answers[_i].headers || sl_eqs(m.c.why, answers[_i].headers), "%s: %.*s", answers[_i].label, SL(m.c.why));
	} else {
		ck_assert_msg(out.status == answers[_i].status, "%s: %d", answers[_i].label, out.status);
		ck_assert_msg(sl_eqs(out.body, answers[_i].out), "%s: %.*s", answers[_i].label, SL(out.body));
		ck_assert_msg(!strcmp(headers_of(&m), answers[_i].headers), "%s: %s", answers[_i].label, headers_of(&m));
		ck_assert_pstr_eq(out.type, answers[_i].type);
	}
	done(&m);
}
END_TEST

#define OWN(members) "\"x-amazon-apigateway-gateway-responses\":{" members "},"
static const struct {
	const char *label, *members;
	enum gw_error e;
	const char *why;
	int status;
	const char *out, *headers, *type;
} refusals[] = {
	{ "a refusal", "", GW_E_BAD_KEY, NULL, 403, "{\"message\":\"Forbidden\"}", IDS "x-amzn-ErrorType: ForbiddenException\n", "application/json" },
	{ "with words of its own", "", GW_E_BAD_PARAMETERS, "Missing [x]", 400, "{\"message\":\"Missing [x]\"}", IDS "x-amzn-ErrorType: BadRequestException\n", "application/json" },
	{ "a failure keeps its reason to itself", "", GW_E_CONFIGURATION, "secret", 500, "{\"message\": \"Internal server error\"}",
	  IDS "x-amzn-ErrorType: InternalServerErrorException\n", "application/json" },
	{ "no such API", "", GW_E_NO_API, NULL, 404, "{\"message\": \"Not Found\"}", IDS, "application/json" },
	{ "the API's own",
	  OWN("\"THROTTLED\":{\"statusCode\":503,\"responseParameters\":{\"gatewayresponse.header.A\":\"'a'\",\"gatewayresponse.header.B\":\"method.request.header.x-in\","
	      "\"gatewayresponse.header.C\":\"context.stage\",\"gatewayresponse.header.D\":\"method.request.header.none\",\"E\":\"'e'\"},"
	      "\"responseTemplates\":{\"application/json\":\"{}\",\"text/x\":\"$context.error.responseType: $context.error.messageString of $input.body\"}}"),
	  GW_E_THROTTLED, NULL, 503, "THROTTLED: \"Too Many Requests\" of sent", IDS "x-amzn-ErrorType: TooManyRequestsException\nA: a\nB: in\nC: prod\n", "text/x" },
	{ "that of all 4xx", OWN("\"DEFAULT_4XX\":{\"responseTemplates\":{\"a/b\":\"$context.error.message\"}}"), GW_E_UNSUPPORTED_TYPE, NULL, 415,
	  "Unsupported Media Type", IDS "x-amzn-ErrorType: BadRequestException\n", "a/b" },
	{ "that of all 4xx isn't for 5xx", OWN("\"DEFAULT_4XX\":{\"statusCode\":418}"), GW_E_TIMEOUT, "late", 504, "{\"message\": \"Endpoint request timed out\"}",
	  IDS "x-amzn-ErrorType: InternalServerErrorException\n", "application/json" },
	{ "a template that doesn't parse", OWN("\"QUOTA_EXCEEDED\":{\"responseTemplates\":{\"a/b\":\"#if(\"}}"), GW_E_QUOTA, NULL, 429, "{\"message\":\"Limit Exceeded\"}",
	  IDS "x-amzn-ErrorType: LimitExceededException\n", "a/b" },
	{ "without an API nothing is customised", OWN("\"DEFAULT_4XX\":{\"statusCode\":418}"), GW_E_FORBIDDEN, NULL, 403, "{\"message\":\"Forbidden\"}",
	  IDS "x-amzn-ErrorType: ForbiddenException\n", "application/json" },
};

START_TEST(refusal)
{
	struct made m;
	struct gw_out out = { 0 };
	make(&m, PROXY, refusals[_i].members);
	m.c.why = sl(refusals[_i].why);
	gw_response(&m.c, refusals[_i].e, &out);
	ck_assert_msg(out.status == refusals[_i].status, "%s: %d", refusals[_i].label, out.status);
	ck_assert_msg(sl_eqs(out.body, refusals[_i].out), "%s: %.*s", refusals[_i].label, SL(out.body));
	ck_assert_msg(!strcmp(headers_of(&m), refusals[_i].headers), "%s: %s", refusals[_i].label, headers_of(&m));
	ck_assert_pstr_eq(out.type, refusals[_i].type);
	done(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("apigateway answer");
	TCase *t = tcase_create("answer");
	tcase_add_loop_test(t, answer, 0, ARRAY_LEN(answers));
	tcase_add_loop_test(t, refusal, 0, ARRAY_LEN(refusals));
	suite_add_tcase(s, t);
	return run_suite(s);
}
