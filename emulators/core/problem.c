#include "problem.h"

#include "identities.h"
#include "json.h"
#include "service.h"
#include "text.h"

static void send(struct http_call *call, int status, const char *code, struct slice words)
{
	struct buf b = { 0 }, good = { 0 };
	buf_utf8_mend(&good, words, "?");
	jw_obj(&b, NULL);
	jw_text(&b, "error_code", code);
	jw_str(&b, "message", buf_slice(&good));
	jw_obj_end(&b);
	buf_addc(&b, '\n');
	http_reply(call, status, "application/json", buf_slice(&b));
	buf_free(&good);
	buf_free(&b);
}

void problem_send(struct http_call *call, int status, const char *code, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	send(call, status, code, buf_slice(&text));
	buf_free(&text);
}

void problem_reply(struct http_call *call, const struct error *err)
{
	static const struct {
		int kind, status;
		const char *code;
	} rows[] = {
		{ ERR_INVALID, 400, "INVALID_PARAMETER_VALUE" },
		{ ERR_NOT_FOUND, 404, "RESOURCE_DOES_NOT_EXIST" },
		{ ERR_CONFLICT, 400, "RESOURCE_ALREADY_EXISTS" },
		{ ERR_DENIED, 403, "PERMISSION_DENIED" },
		{ ERR_LIMIT, 400, "QUOTA_EXCEEDED" },
		{ ERR_TIMEOUT, 408, "DEADLINE_EXCEEDED" },
		{ ERR_THROTTLED, 429, "REQUEST_LIMIT_EXCEEDED" },
		{ ERR_UNSUPPORTED, 501, "NOT_IMPLEMENTED" },
		{ ERR_NETWORK, 503, "TEMPORARILY_UNAVAILABLE" },
	};
	size_t i = 0;
	while (i < ARRAY_LEN(rows) && rows[i].kind != err->kind)
		i++;
	if (i < ARRAY_LEN(rows))
		send(call, rows[i].status, rows[i].code, sl(err->text));
	else
		send(call, 500, "INTERNAL_ERROR", sl(err->text));
}

void problem_no_route(const struct env *env, struct http_call *call)
{
	log_warn(env, "unserved", "method=%.*s path=%.*s", SL(call->req.method), SL(call->req.path));
	problem_send(call, 404, "ENDPOINT_NOT_FOUND", "No API found for '%.*s %.*s'", SL(call->req.method), SL(call->req.path));
}

bool problem_admits(const struct conf *conf, struct http_call *call)
{
	enum identity_said said = identity_of_call(conf, call);
	if (said == IDENTITY_OK)
		return true;
	call->op = "Unauthorized";
	if (said == IDENTITY_UNSAID)
		problem_send(call, 401, "401", "Credential was not sent or was of an unsupported type for this API.");
	else
		problem_send(call, 403, "403", "Invalid access token.");
	return false;
}
