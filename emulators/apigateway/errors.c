/* Gateway responses. Refusals are written without a space after the colon, failures of an integration with one: a
 * recorded 500 is 36 bytes long, a recorded 403 42, the 504 of a network error 56. */
#include <string.h>

#include "apigateway/manage.h"

const struct error_def gw_errors[] = {
	[GW_E_MISSING_TOKEN] = { ERR_DENIED, "MissingAuthenticationTokenException", 403 },
	[GW_E_SIGNATURE] = { ERR_DENIED, "InvalidSignatureException", 403 },
	[GW_E_FORBIDDEN] = { ERR_DENIED, "ForbiddenException", 403 },
	[GW_E_BAD_KEY] = { ERR_DENIED, "ForbiddenException", 403 },
	[GW_E_NO_API] = { ERR_NOT_FOUND, NULL, 404 },
	[GW_E_UNSUPPORTED_TYPE] = { ERR_INVALID, "BadRequestException", 415 },
	[GW_E_TOO_LARGE] = { ERR_LIMIT, "RequestTooLargeException", 413 },
	[GW_E_BAD_PARAMETERS] = { ERR_INVALID, "BadRequestException", 400 },
	[GW_E_BAD_BODY] = { ERR_INVALID, "BadRequestException", 400 },
	[GW_E_THROTTLED] = { ERR_THROTTLED, "TooManyRequestsException", 429 },
	[GW_E_QUOTA] = { ERR_THROTTLED, "LimitExceededException", 429 },
	[GW_E_CONFIGURATION] = { ERR_INTERNAL, "InternalServerErrorException", 500 },
	[GW_E_NETWORK] = { ERR_NETWORK, "InternalServerErrorException", 504 },
	[GW_E_TIMEOUT] = { ERR_TIMEOUT, "InternalServerErrorException", 504 },
};

/* type NULL: no API, hence nothing to customise. */
static const struct {
	const char *type, *message;
} words[] = {
	[GW_E_MISSING_TOKEN] = { "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token" },
	[GW_E_SIGNATURE] = { "INVALID_SIGNATURE", "The request signature we calculated does not match the signature you provided. Check your AWS "
				   "Secret Access Key and signing method. Consult the service documentation for details." },
	[GW_E_FORBIDDEN] = { NULL, "Forbidden" },
	[GW_E_BAD_KEY] = { "INVALID_API_KEY", "Forbidden" },
	[GW_E_NO_API] = { NULL, "Not Found" },
	[GW_E_UNSUPPORTED_TYPE] = { "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type" },
	[GW_E_TOO_LARGE] = { "REQUEST_TOO_LARGE", "Request Too Long" },
	[GW_E_BAD_PARAMETERS] = { "BAD_REQUEST_PARAMETERS", "Missing required request parameters" },
	[GW_E_BAD_BODY] = { "BAD_REQUEST_BODY", "Invalid request body" },
	[GW_E_THROTTLED] = { "THROTTLED", "Too Many Requests" },
	[GW_E_QUOTA] = { "QUOTA_EXCEEDED", "Limit Exceeded" },
	[GW_E_CONFIGURATION] = { "API_CONFIGURATION_ERROR", "Internal server error" },
	[GW_E_NETWORK] = { "INTEGRATION_FAILURE", "Network error communicating with endpoint" },
	[GW_E_TIMEOUT] = { "INTEGRATION_TIMEOUT", "Endpoint request timed out" },
};

void gw_set_ids(struct gw_call *c)
{
	http_setsl(c->call, "x-amzn-RequestId", sl(c->request_id));
	http_setsl(c->call, "x-amz-apigw-id", sl(c->extended_id));
}

/* A gateway response's parameter: "gatewayresponse.header.X" = 'text', method.request..., context..., stageVariables... */
static void set_header(struct gw_call *c, const char *target, const char *source)
{
	struct arena *a = c->call->req.arena;
	struct slice name = sl(target), v = sl(source), value = { 0 };
	struct gw_param p = { 0 };
	if (!sl_starts(name, S("gatewayresponse.header.")) || !v.p)
		return;
	if (v.n >= 2 && v.p[0] == '\'' && v.p[v.n - 1] == '\'') {
		value = sl_of(v.p + 1, v.n - 2);
	} else {
		static const struct {
			const char *prefix;
			enum gw_source source;
		} known[] = {
			{ "method.request.header.", GW_FROM_HEADER }, { "method.request.querystring.", GW_FROM_QUERY },
			{ "method.request.path.", GW_FROM_PATH }, { "stageVariables.", GW_FROM_STAGE }, { "context.", GW_FROM_CONTEXT },
		};
		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			if (sl_starts(v, sl(known[i].prefix))) {
				p.source = known[i].source;
				p.value = sl_of(v.p + strlen(known[i].prefix), v.n - strlen(known[i].prefix));
				value = gw_value(c, &p);
			}
	}
	if (value.p)
		http_setsl(c->call, arena_cstr(a, sl_of(name.p + 23, name.n - 23)), arena_dup(a, value));
}

static void customised(struct gw_call *c, enum gw_error e, struct slice message, json_t *doc)
{
	struct arena *a = c->call->req.arena;
	json_t *templates = json_object_get(doc, "responseTemplates"), *v;
	struct slice accept = http_get(&c->call->req, "Accept"), body = S(""), quoted;
	const char *type = "application/json", *key;
	struct gw_template t = { 0 };
	int64_t status = gw_errors[e].http;
	struct error err;
	struct buf b = { 0 };
	(void)sl_int(sl(jstr(doc, "statusCode")), 100, 599, &status);
	json_object_foreach(json_object_get(doc, "responseParameters"), key, v)
		set_header(c, key, json_string_value(v));
	json_object_foreach(templates, key, v)
		if (json_is_string(v) && (!t.text.p || (accept.p && sl_eqs(accept, key)))) {
			t.text = arena_dup(a, sl(json_string_value(v)));
			type = arena_cstr(a, sl(key));
		}
	buf_json_string(&b, message);
	quoted = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	gw_context_set(c, "error.message", message);
	gw_context_set(c, "error.messageString", quoted);
	gw_context_set(c, "error.responseType", sl(words[e].type));
	if (t.text.p) {
		gw_template_read(a, &t);
		if (gw_render(c, &t, c->call->req.body, &body, &err))
			body = arena_printf(a, "{\"message\":%.*s}", SL(quoted));
	}
	gw_reply(c, (int)status, type, body);
}

void gw_fail(struct gw_call *c, enum gw_error e)
{
	struct arena *a = c->call->req.arena;
	struct slice message = c->bad.p ? c->bad : sl(words[e].message);
	json_t *own = c->api && words[e].type ? json_object_get(c->api->doc, "responses") : NULL;
	gw_set_ids(c);
	if (gw_errors[e].code)
		http_setsl(c->call, "x-amzn-ErrorType", sl(gw_errors[e].code));
	if (json_object_get(own, words[e].type ? words[e].type : "") || json_object_get(own, gw_errors[e].http < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX")) {
		JSON_AUTO doc = gw_response_doc(own, words[e].type);
		customised(c, e, message, doc);
		return;
	}
	gw_reply(c, gw_errors[e].http, "application/json", arena_printf(a, "{\"message\":%s\"%.*s\"}", gw_errors[e].http >= 500 || e == GW_E_NO_API ? " " : "", SL(message)));
}
