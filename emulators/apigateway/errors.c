/* Gateway responses. Refusals are written without a space after the colon, failures of an integration with one: a
 * recorded 500 is 36 bytes long, a recorded 403 42, the 504 of a network error 56. */
#include "apigateway/run.h"

static const struct {
	int status;
	const char *code; /* x-amzn-ErrorType; NULL: none */
	const char *type; /* of the gateway response; NULL: no API, hence nothing to customise */
	const char *message;
} errors[] = {
	[GW_E_MISSING_TOKEN] = { 403, "MissingAuthenticationTokenException", "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token" },
	[GW_E_SIGNATURE] = { 403, "InvalidSignatureException", "INVALID_SIGNATURE",
			     "The request signature we calculated does not match the signature you provided. Check your AWS "
			     "Secret Access Key and signing method. Consult the service documentation for details." },
	[GW_E_UNKNOWN_KEY] = { 403, "UnrecognizedClientException", "INVALID_SIGNATURE", "The security token included in the request is invalid." },
	[GW_E_EXPIRED_TOKEN] = { 403, "ExpiredTokenException", "EXPIRED_TOKEN", "The security token included in the request is expired" },
	[GW_E_ACCESS_DENIED] = { 403, "AccessDeniedException", "ACCESS_DENIED", "Forbidden" },
	[GW_E_UNAUTHORIZED] = { 401, "UnauthorizedException", "UNAUTHORIZED", "Unauthorized" },
	[GW_E_FORBIDDEN] = { 403, "ForbiddenException", NULL, "Forbidden" },
	[GW_E_BAD_KEY] = { 403, "ForbiddenException", "INVALID_API_KEY", "Forbidden" },
	[GW_E_NO_API] = { 404, NULL, NULL, "Not Found" },
	[GW_E_UNSUPPORTED_TYPE] = { 415, "BadRequestException", "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type" },
	[GW_E_TOO_LARGE] = { 413, "RequestTooLargeException", "REQUEST_TOO_LARGE", "Request Too Long" },
	[GW_E_BAD_PARAMETERS] = { 400, "BadRequestException", "BAD_REQUEST_PARAMETERS", "Missing required request parameters" },
	[GW_E_BAD_BODY] = { 400, "BadRequestException", "BAD_REQUEST_BODY", "Invalid request body" },
	[GW_E_THROTTLED] = { 429, "TooManyRequestsException", "THROTTLED", "Too Many Requests" },
	[GW_E_QUOTA] = { 429, "LimitExceededException", "QUOTA_EXCEEDED", "Limit Exceeded" },
	[GW_E_CONFIGURATION] = { 500, "InternalServerErrorException", "API_CONFIGURATION_ERROR", "Internal server error" },
	[GW_E_NETWORK] = { 504, "InternalServerErrorException", "INTEGRATION_FAILURE", "Network error communicating with endpoint" },
	[GW_E_TIMEOUT] = { 504, "InternalServerErrorException", "INTEGRATION_TIMEOUT", "Endpoint request timed out" },
};

/* ---- the types and their documents ---- */

static const struct {
	const char *type;
	int status; /* 0: of the error */
} types[] = { /* in the order AWS lists them */
	{ "ACCESS_DENIED", 403 }, { "API_CONFIGURATION_ERROR", 500 }, { "AUTHORIZER_CONFIGURATION_ERROR", 500 }, { "AUTHORIZER_FAILURE", 500 },
	{ "BAD_REQUEST_BODY", 400 }, { "BAD_REQUEST_PARAMETERS", 400 }, { "DEFAULT_4XX", 0 }, { "DEFAULT_5XX", 0 }, { "EXPIRED_TOKEN", 403 },
	{ "INTEGRATION_FAILURE", 504 }, { "INTEGRATION_TIMEOUT", 504 }, { "INVALID_API_KEY", 403 }, { "INVALID_SIGNATURE", 403 },
	{ "MISSING_AUTHENTICATION_TOKEN", 403 }, { "QUOTA_EXCEEDED", 429 }, { "REQUEST_TOO_LARGE", 413 }, { "RESOURCE_NOT_FOUND", 404 },
	{ "THROTTLED", 429 }, { "UNAUTHORIZED", 401 }, { "UNSUPPORTED_MEDIA_TYPE", 415 }, { "WAF_FILTERED", 403 },
};

const char *gw_response_type(size_t i)
{
	return i < ARRAY_LEN(types) ? types[i].type : NULL;
}

int gw_response_status(const char *type)
{
	size_t i = 0;
	while (i < ARRAY_LEN(types) && strcmp(types[i].type, type))
		i++;
	return i < ARRAY_LEN(types) ? types[i].status : -1;
}

static const char *family_of(int status)
{
	return status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
}

json_t *gw_response_doc(json_t *own, const char *type)
{
	int status = gw_response_status(type);
	json_t *doc = json_object_get(own, type), *family;
	char text[16];
	if (doc)
		return json_deep_copy(doc);
	family = status >= 400 ? json_object_get(own, family_of(status)) : NULL;
	doc = family ? json_deep_copy(family) :
		       json_pack("{s:{},s:{s:s}}", "responseParameters", "responseTemplates", "application/json",
				 "{\"message\":$context.error.messageString}");
	jput(doc, "responseType", type);
	json_object_set_new(doc, "defaultResponse", json_true());
	snprintf(text, sizeof(text), "%d", status);
	if (status && !jstr(doc, "statusCode"))
		jput(doc, "statusCode", text);
	return doc;
}

/* ---- a call's ---- */

bool gw_is_failure(enum gw_error e)
{
	return errors[e].status >= 500;
}

/* "gatewayresponse.header.X" = 'text', method.request..., context..., stageVariables... */
static void set_header(struct gw_call *c, const char *target, json_t *source)
{
	struct gw_param p = { 0 };
	struct slice name, value;
	if (!sl_after(sl(target), S("gatewayresponse.header."), &name) || !json_is_string(source) || !gw_source_read(json_slice(source), &p))
		return;
	value = gw_value(c, &p);
	if (value.p)
		http_setsl(c->call, arena_cstr(c->call->req.arena, name), value);
}

static void customised(struct gw_call *c, enum gw_error e, struct slice message, json_t *doc, struct gw_out *out)
{
	struct arena *a = c->call->req.arena;
	struct slice accept = http_get(&c->call->req, "Accept"), quoted;
	struct gw_template t = { 0 };
	int64_t status = errors[e].status;
	struct error err;
	struct buf b = { 0 };
	const char *key;
	json_t *v;
	(void)sl_int(jslice(doc, "statusCode"), 100, 599, &status);
	*out = (struct gw_out){ (int)status, "application/json", S("") };
	json_object_foreach(json_object_get(doc, "responseParameters"), key, v)
		set_header(c, key, v);
	json_object_foreach(json_object_get(doc, "responseTemplates"), key, v)
		if (json_is_string(v) && (!t.text.p || (accept.p && sl_eqs(accept, key)))) {
			t.text = arena_dup(a, json_slice(v));
			out->type = arena_cstr(a, sl(key));
		}
	buf_json_string(&b, message);
	quoted = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	gw_context_set(c, "error.message", message);
	gw_context_set(c, "error.messageString", quoted);
	gw_context_set(c, "error.responseType", sl(errors[e].type));
	if (!t.text.p)
		return;
	if (gw_render(c, &t, c->call->req.body, &out->body, &err))
		out->body = arena_printf(a, "{\"message\":%.*s}", SL(quoted));
}

void gw_response(struct gw_call *c, enum gw_error e, struct gw_out *out)
{
	struct arena *a = c->call->req.arena;
	bool failure = gw_is_failure(e);
	struct slice message = c->why.p && !failure ? c->why : sl(errors[e].message);
	json_t *own = c->api && errors[e].type ? json_object_get(c->api->doc, "responses") : NULL;
	gw_set_ids(c);
	if (errors[e].code)
		http_setsl(c->call, "x-amzn-ErrorType", sl(errors[e].code));
	if (own && (json_object_get(own, errors[e].type) || json_object_get(own, family_of(errors[e].status)))) {
		JSON_AUTO doc = gw_response_doc(own, errors[e].type);
		customised(c, e, message, doc, out);
		return;
	}
	*out = (struct gw_out){ errors[e].status, "application/json",
				arena_printf(a, "{\"%s\":%s\"%.*s\"}", e == GW_E_ACCESS_DENIED ? "Message" : "message", failure || e == GW_E_NO_API ? " " : "", SL(message)) };
}
