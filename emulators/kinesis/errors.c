/* The service's errors, as they are on the wire. */
#include "kinesis/kinesis.h"

const struct error_def kin_errors[KIN_E_N] = {
	[KIN_E_NOT_FOUND] = { ERR_NOT_FOUND, "ResourceNotFoundException", 400, 0 },
	[KIN_E_IN_USE] = { ERR_CONFLICT, "ResourceInUseException", 400, 0 },
	[KIN_E_LIMIT] = { ERR_LIMIT, "LimitExceededException", 400, 0 },
	[KIN_E_ARGUMENT] = { ERR_INVALID, "InvalidArgumentException", 400, 0 },
	[KIN_E_VALIDATION] = { ERR_INVALID, "ValidationException", 400, 0 },
	[KIN_E_EXPIRED_ITERATOR] = { ERR_INVALID, "ExpiredIteratorException", 400, 0 },
	[KIN_E_EXPIRED_TOKEN] = { ERR_INVALID, "ExpiredNextTokenException", 400, 0 },
	[KIN_E_THROUGHPUT] = { ERR_THROTTLED, "ProvisionedThroughputExceededException", 400, 0 },
	[KIN_E_SERIALIZATION] = { ERR_INVALID, "SerializationException", 400, 0 },
	[KIN_E_UNKNOWN_OPERATION] = { ERR_UNSUPPORTED, "UnknownOperationException", 400, 0 },
	[KIN_E_DENIED] = { ERR_DENIED, "AccessDeniedException", 400, 0 },
	[KIN_E_INTERNAL] = { ERR_STORE, "InternalFailure", 500, 0 },
	[KIN_E_MISSING_TOKEN] = { ERR_DENIED, "MissingAuthenticationTokenException", 400, 0 },
	[KIN_E_INCOMPLETE] = { ERR_DENIED, "IncompleteSignatureException", 400, 0 },
	[KIN_E_SIGNATURE] = { ERR_DENIED, "InvalidSignatureException", 400, 0 },
	[KIN_E_ACCESS_DENIED] = { ERR_DENIED, "AccessDeniedException", 400, 0 },
	[KIN_E_EXPIRED_SESSION] = { ERR_DENIED, "ExpiredTokenException", 400, 0 },
	[KIN_E_KMS_NOT_FOUND] = { ERR_NOT_FOUND, "KMSNotFoundException", 400, 0 },
	[KIN_E_KMS_DISABLED] = { ERR_DENIED, "KMSDisabledException", 400, 0 },
	[KIN_E_KMS_STATE] = { ERR_DENIED, "KMSInvalidStateException", 400, 0 },
	[KIN_E_CLIENT_TOKEN] = { ERR_DENIED, "UnrecognizedClientException", 400, 0 },
};

int kin_fail(struct error *err, enum kin_e e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	err->kind = kin_errors[e].kind;
	err->def = &kin_errors[e];
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return kin_errors[e].kind;
}
