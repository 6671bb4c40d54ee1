/* Gateway responses. Refusals are written without a space after the colon, failures of an integration with one: a
 * recorded 500 is 36 bytes long, a recorded 403 42, the 504 of a network error 56. */
#include "apigateway/apigateway.h"

const struct error_def agw_errors[] = {
	[AGW_E_MISSING_TOKEN] = { ERR_DENIED, "MissingAuthenticationTokenException", 403 },
	[AGW_E_FORBIDDEN] = { ERR_DENIED, "ForbiddenException", 403 },
	[AGW_E_NO_API] = { ERR_NOT_FOUND, NULL, 404 },
	[AGW_E_UNSUPPORTED_TYPE] = { ERR_INVALID, "BadRequestException", 415 },
	[AGW_E_TOO_LARGE] = { ERR_LIMIT, "RequestTooLargeException", 413 },
	[AGW_E_CONFIGURATION] = { ERR_INTERNAL, "InternalServerErrorException", 500 },
	[AGW_E_NETWORK] = { ERR_NETWORK, "InternalServerErrorException", 504 },
	[AGW_E_TIMEOUT] = { ERR_TIMEOUT, "InternalServerErrorException", 504 },
};

static const char *message(enum agw_error e)
{
	switch (e) {
	case AGW_E_MISSING_TOKEN:
		return "Missing Authentication Token";
	case AGW_E_FORBIDDEN:
		return "Forbidden";
	case AGW_E_NO_API:
		return "Not Found";
	case AGW_E_UNSUPPORTED_TYPE:
		return "Unsupported Media Type";
	case AGW_E_TOO_LARGE:
		return "Request Too Long";
	case AGW_E_CONFIGURATION:
		return "Internal server error";
	case AGW_E_NETWORK:
		return "Network error communicating with endpoint";
	case AGW_E_TIMEOUT:
		return "Endpoint request timed out";
	}
	return "Internal server error";
}

void agw_set_ids(struct agw_call *c)
{
	http_setsl(c->call, "x-amzn-RequestId", sl(c->request_id));
	http_setsl(c->call, "x-amz-apigw-id", sl(c->extended_id));
}

void agw_fail(struct agw_call *c, enum agw_error e)
{
	const char *space = agw_errors[e].http >= 500 ? " " : "";
	struct slice body = arena_printf(c->call->req.arena, "{\"message\":%s\"%s\"}", space, message(e));

	agw_set_ids(c);
	if (agw_errors[e].code)
		http_setsl(c->call, "x-amzn-ErrorType", sl(agw_errors[e].code));
	http_reply(c->call, agw_errors[e].http, "application/json", body);
}
