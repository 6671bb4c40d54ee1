/* STS: who signs. */
#include "aws/aws.h"

#include "core/identities.h"
#include "core/sigv4.h"

static void refuse(const struct aws_ask *ask, enum sigv4_verdict verdict)
{
	static const char mismatch[] = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
				       "Key and signing method. Consult the service documentation for details.";
	switch (verdict) {
	case SIGV4_OK:
		return;
	case SIGV4_ANONYMOUS:
		aws_fail(ask, 403, "MissingAuthenticationToken", "Request is missing Authentication Token");
		return;
	case SIGV4_UNREADABLE:
	case SIGV4_MALFORMED:
		aws_fail(ask, 400, "IncompleteSignature", "The request signature does not conform to AWS standards.");
		return;
	case SIGV4_UNKNOWN_KEY:
		aws_fail(ask, 403, "InvalidClientTokenId", "The security token included in the request is invalid.");
		return;
	case SIGV4_SKEW:
	case SIGV4_EXPIRED:
		aws_fail(ask, 403, "SignatureDoesNotMatch", "Signature expired: the date of the request is too far from now.");
		return;
	case SIGV4_MISMATCH:
	case SIGV4_BODY_MISMATCH:
		aws_fail(ask, 403, "SignatureDoesNotMatch", "%s", mismatch);
		return;
	}
}

void sts_get_caller_identity(void *self, struct http_call *call)
{
	const struct aws *a = self;
	struct sigv4_auth auth;
	struct identity id;
	struct aws_ask ask;
	struct buf b = { 0 }, arn = { 0 };
	enum sigv4_verdict verdict = sigv4_check(a->env->conf, &call->req, false, &auth, NULL);
	aws_ask_read(call, S("sts"), &ask);
	if (verdict != SIGV4_OK) {
		refuse(&ask, verdict);
		return;
	}
	(void)identity_of_key(a->env->conf, auth.key, &id);
	identity_arn(&id, &arn);
	buf_addf(&b, "<GetCallerIdentityResponse xmlns=\"%s\">\n  <GetCallerIdentityResult>\n    <Arn>", ask.ns);
	buf_xml_escape(&b, buf_slice(&arn));
	buf_addf(&b, "</Arn>\n    <UserId>%s%s", id.user_id, id.role_session.p ? ":" : "");
	buf_xml_escape(&b, id.role_session);
	buf_addf(&b, "</UserId>\n    <Account>%s</Account>\n  </GetCallerIdentityResult>\n  <ResponseMetadata>\n    <RequestId>%.*s</RequestId>\n"
		     "  </ResponseMetadata>\n</GetCallerIdentityResponse>\n", id.account, SL(ask.request_id));
	buf_free(&arn);
	http_setsl(call, "x-amzn-RequestId", ask.request_id);
	http_reply_buf(call, 200, "text/xml", &b);
}
