#include "s3.h"

const struct error_def s3_errors[S3_E_COUNT] = {
	[S3_E_ACCESS_DENIED] = { ERR_DENIED, "AccessDenied", 403 },
	[S3_E_ACCESS_FORBIDDEN] = { ERR_DENIED, "AccessForbidden", 403 },
	[S3_E_ACL] = { ERR_UNSUPPORTED, "AccessControlListNotSupported", 400 },
	[S3_E_AUTH_HEADER] = { ERR_INVALID, "AuthorizationHeaderMalformed", 400 },
	[S3_E_AUTH_QUERY] = { ERR_INVALID, "AuthorizationQueryParametersError", 400 },
	[S3_E_BAD_DIGEST] = { ERR_INVALID, "BadDigest", 400 },
	[S3_E_BAD_REQUEST] = { ERR_INVALID, "BadRequest", 400 },
	[S3_E_BUCKET_ACL] = { ERR_INVALID, "InvalidBucketAclWithObjectOwnership", 400 },
	[S3_E_BUCKET_OWNER_ID] = { ERR_INVALID, "InvalidBucketOwnerAWSAccountID", 400 },
	[S3_E_CONFLICT] = { ERR_CONFLICT, "ConditionalRequestConflict", 409 },
	[S3_E_INVALID_TAG] = { ERR_INVALID, "InvalidTag", 400 },
	[S3_E_MISSING_LENGTH] = { ERR_INVALID, "MissingContentLength", 411 },
	[S3_E_BUCKET_EXISTS] = { ERR_CONFLICT, "BucketAlreadyExists", 409 },
	[S3_E_RETENTION_PERIOD] = { ERR_INVALID, "InvalidRetentionPeriod", 400 },
	[S3_E_NO_LOCK_OF_OBJECT] = { ERR_NOT_FOUND, "NoSuchObjectLockConfiguration", 404 },
	[S3_E_BUCKET_STATE] = { ERR_CONFLICT, "InvalidBucketState", 409 },
	[S3_E_ILLEGAL_VERSIONING] = { ERR_INVALID, "IllegalVersioningConfigurationException", 400 },
	[S3_E_BUCKET_NOT_EMPTY] = { ERR_CONFLICT, "BucketNotEmpty", 409 },
	[S3_E_BUCKET_OWNED] = { ERR_CONFLICT, "BucketAlreadyOwnedByYou", 409 },
	[S3_E_CROSS_LOGGING] = { ERR_DENIED, "CrossLocationLoggingProhibitted", 403 },
	[S3_E_ENTITY_TOO_LARGE] = { ERR_LIMIT, "EntityTooLarge", 400 },
	[S3_E_ENTITY_TOO_SMALL] = { ERR_INVALID, "EntityTooSmall", 400 },
	[S3_E_EXPIRED_TOKEN] = { ERR_DENIED, "ExpiredToken", 400 },
	[S3_E_ID_MISMATCH] = { ERR_INVALID, "IdMismatch", 400 },
	[S3_E_INCOMPLETE_BODY] = { ERR_INVALID, "IncompleteBody", 400 },
	[S3_E_INTERNAL] = { ERR_STORE, "InternalError", 500 },
	[S3_E_INVALID_ACCESS_KEY] = { ERR_DENIED, "InvalidAccessKeyId", 403 },
	[S3_E_INVALID_ARGUMENT] = { ERR_INVALID, "InvalidArgument", 400 },
	[S3_E_INVALID_BUCKET_NAME] = { ERR_INVALID, "InvalidBucketName", 400 },
	[S3_E_INVALID_DESTINATION] = { ERR_INVALID, "InvalidS3DestinationBucket", 400 },
	[S3_E_INVALID_DIGEST] = { ERR_INVALID, "InvalidDigest", 400 },
	[S3_E_INVALID_LOCATION] = { ERR_INVALID, "InvalidLocationConstraint", 400 },
	[S3_E_ILLEGAL_LOCATION] = { ERR_INVALID, "IllegalLocationConstraintException", 400 },
	[S3_E_OBJECT_STATE] = { ERR_DENIED, "InvalidObjectState", 403 },
	[S3_E_INVALID_PART] = { ERR_INVALID, "InvalidPart", 400 },
	[S3_E_INVALID_PART_NUMBER] = { ERR_INVALID, "InvalidPartNumber", 416 },
	[S3_E_INVALID_PART_ORDER] = { ERR_INVALID, "InvalidPartOrder", 400 },
	[S3_E_INVALID_POLICY_DOCUMENT] = { ERR_INVALID, "InvalidPolicyDocument", 400 },
	[S3_E_INVALID_RANGE] = { ERR_INVALID, "InvalidRange", 416 },
	[S3_E_INVALID_REQUEST] = { ERR_INVALID, "InvalidRequest", 400 },
	[S3_E_INVALID_STORAGE_CLASS] = { ERR_INVALID, "InvalidStorageClass", 400 },
	[S3_E_INVALID_TARGET] = { ERR_INVALID, "InvalidTargetBucketForLogging", 400 },
	[S3_E_INVALID_TOKEN] = { ERR_DENIED, "InvalidToken", 400 },
	[S3_E_INVALID_URI] = { ERR_INVALID, "InvalidURI", 400 },
	[S3_E_KEY_TOO_LONG] = { ERR_LIMIT, "KeyTooLongError", 400 },
	[S3_E_MALFORMED_POLICY] = { ERR_INVALID, "MalformedPolicy", 400 },
	[S3_E_MALFORMED_POST] = { ERR_INVALID, "MalformedPOSTRequest", 400 },
	[S3_E_MALFORMED_XML] = { ERR_INVALID, "MalformedXML", 400 },
	[S3_E_METADATA_TOO_LARGE] = { ERR_LIMIT, "MetadataTooLarge", 400 },
	[S3_E_METHOD] = { ERR_INVALID, "MethodNotAllowed", 405 },
	[S3_E_NOT_IMPLEMENTED] = { ERR_UNSUPPORTED, "NotImplemented", 501 },
	[S3_E_NO_BUCKET] = { ERR_NOT_FOUND, "NoSuchBucket", 404 },
	[S3_E_NO_KEY] = { ERR_NOT_FOUND, "NoSuchKey", 404 },
	[S3_E_NO_UPLOAD] = { ERR_NOT_FOUND, "NoSuchUpload", 404 },
	[S3_E_NO_VERSION] = { ERR_NOT_FOUND, "NoSuchVersion", 404 },
	[S3_E_NOT_MODIFIED] = { ERR_CONFLICT, "NotModified", 304 },
	[S3_E_REDIRECT] = { ERR_INVALID, "PermanentRedirect", 301 },
	[S3_E_PRECONDITION] = { ERR_CONFLICT, "PreconditionFailed", 412 },
	[S3_E_SHA256_MISMATCH] = { ERR_INVALID, "XAmzContentSHA256Mismatch", 400 },
	[S3_E_SIGNATURE] = { ERR_DENIED, "SignatureDoesNotMatch", 403 },
	[S3_E_SKEW] = { ERR_DENIED, "RequestTimeTooSkewed", 403 },
	[S3_E_SLOW_DOWN] = { ERR_THROTTLED, "SlowDown", 503 },
	[S3_E_TRAILER] = { ERR_INVALID, "MalformedTrailerError", 400 },
	[S3_E_NO_CORS] = { ERR_NOT_FOUND, "NoSuchCORSConfiguration", 404 },
	[S3_E_NO_LIFECYCLE] = { ERR_NOT_FOUND, "NoSuchLifecycleConfiguration", 404 },
	[S3_E_NO_LOCK] = { ERR_NOT_FOUND, "ObjectLockConfigurationNotFoundError", 404 },
	[S3_E_NO_OBJECT_LOCK] = { ERR_INVALID, "InvalidRequest", 400 },
	[S3_E_NO_POLICY] = { ERR_NOT_FOUND, "NoSuchBucketPolicy", 404 },
	[S3_E_NO_REPLICATION] = { ERR_NOT_FOUND, "ReplicationConfigurationNotFoundError", 404 },
	[S3_E_NO_TAGS] = { ERR_NOT_FOUND, "NoSuchTagSet", 404 },
	[S3_E_NO_WEBSITE] = { ERR_NOT_FOUND, "NoSuchWebsiteConfiguration", 404 },
	[S3_E_NO_CONFIGURATION] = { ERR_NOT_FOUND, "NoSuchConfiguration", 404 },
	[S3_E_GRANT_EMAIL] = { ERR_INVALID, "UnresolvableGrantByEmailAddress", 400 },
	[S3_E_MALFORMED_ACL] = { ERR_INVALID, "MalformedACLError", 400 },
	[S3_E_MISSING_HEADER] = { ERR_INVALID, "MissingSecurityHeader", 400 },
	[S3_E_UNEXPECTED_CONTENT] = { ERR_INVALID, "UnexpectedContent", 400 },
	[S3_E_NO_OWNERSHIP] = { ERR_NOT_FOUND, "OwnershipControlsNotFoundError", 404 },
	[S3_E_NO_PUBLIC_BLOCK] = { ERR_NOT_FOUND, "NoSuchPublicAccessBlockConfiguration", 404 },
	[S3_E_BUCKET_ACL_BLOCKED] = { ERR_INVALID, "InvalidBucketAclWithBlockPublicAccessError", 400 },
	[S3_E_INVALID_ENCRYPTION] = { ERR_INVALID, "InvalidEncryptionAlgorithmError", 400 },
	[S3_E_KMS_NOT_FOUND] = { ERR_INVALID, "KMS.NotFoundException", 400 },
	[S3_E_KMS_DISABLED] = { ERR_DENIED, "KMS.DisabledException", 400 },
	[S3_E_KMS_STATE] = { ERR_DENIED, "KMS.KMSInvalidStateException", 400 },
	[S3_E_KMS_USAGE] = { ERR_DENIED, "KMS.InvalidKeyUsageException", 400 },
};

/* AWS's own words. */
static const char *const messages[S3_E_COUNT] = {
	[S3_E_REDIRECT] = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
	[S3_E_OBJECT_STATE] = "The operation is not valid for the object's storage class",
	[S3_E_ACCESS_DENIED] = "Access Denied",
	[S3_E_ACCESS_FORBIDDEN] = "CORSResponse: CORS is not enabled for this bucket.",
	[S3_E_ACL] = "The bucket does not allow ACLs",
	[S3_E_AUTH_HEADER] = "The authorization header is malformed; the authorization header requires three components: Credential, "
			     "SignedHeaders, and Signature.",
	[S3_E_AUTH_QUERY] = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
			    "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
	[S3_E_BAD_DIGEST] = "The Content-MD5 you specified did not match what we received.",
	[S3_E_BUCKET_ACL] = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
	[S3_E_BUCKET_OWNER_ID] = "The value of the expected bucket owner parameter must be an AWS Account ID...",
	[S3_E_CONFLICT] = "The conditional request cannot succeed due to a conflicting operation against this resource.",
	[S3_E_INVALID_TAG] = "The tag provided was not a valid tag. This error can occur if the tag did not pass input validation.",
	[S3_E_MISSING_LENGTH] = "You must provide the Content-Length HTTP header.",
	[S3_E_BUCKET_EXISTS] = "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
			       "Please select a different name and try again.",
	[S3_E_RETENTION_PERIOD] = "The retention period is invalid.",
	[S3_E_NO_LOCK_OF_OBJECT] = "The specified object does not have a ObjectLock configuration",
	[S3_E_BUCKET_STATE] = "The request is not valid for the current state of the bucket.",
	[S3_E_ILLEGAL_VERSIONING] = "The Versioning element must be specified",
	[S3_E_BUCKET_NOT_EMPTY] = "The bucket you tried to delete is not empty",
	[S3_E_BUCKET_OWNED] = "Your previous request to create the named bucket succeeded and you already own it.",
	[S3_E_ENTITY_TOO_LARGE] = "Your proposed upload exceeds the maximum allowed size",
	[S3_E_ENTITY_TOO_SMALL] = "Your proposed upload is smaller than the minimum allowed size",
	[S3_E_EXPIRED_TOKEN] = "The provided token has expired.",
	[S3_E_INCOMPLETE_BODY] = "You did not provide the number of bytes specified by the Content-Length HTTP header",
	[S3_E_INTERNAL] = "We encountered an internal error. Please try again.",
	[S3_E_INVALID_ACCESS_KEY] = "The AWS Access Key Id you provided does not exist in our records.",
	[S3_E_INVALID_ARGUMENT] = "Invalid Argument",
	[S3_E_INVALID_BUCKET_NAME] = "The specified bucket is not valid.",
	[S3_E_INVALID_DIGEST] = "The Content-MD5 you specified was invalid.",
	[S3_E_INVALID_LOCATION] = "The specified location-constraint is not valid",
	[S3_E_INVALID_PART] = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
			      "specified entity tag may not match the part's entity tag.",
	[S3_E_INVALID_PART_NUMBER] = "The requested partnumber is not satisfiable",
	[S3_E_INVALID_PART_ORDER] = "The list of parts was not in ascending order. Parts must be ordered by part number.",
	[S3_E_INVALID_RANGE] = "The requested range is not satisfiable",
	[S3_E_INVALID_REQUEST] = "Invalid Request",
	[S3_E_INVALID_STORAGE_CLASS] = "The storage class you specified is not valid",
	[S3_E_INVALID_TOKEN] = "The provided token is malformed or otherwise invalid.",
	[S3_E_INVALID_URI] = "Couldn't parse the specified URI.",
	[S3_E_KEY_TOO_LONG] = "Your key is too long",
	[S3_E_MALFORMED_POLICY] = "This policy contains invalid Json",
	[S3_E_MALFORMED_XML] = "The XML you provided was not well-formed or did not validate against our published schema",
	[S3_E_METADATA_TOO_LARGE] = "Your metadata headers exceed the maximum allowed metadata size",
	[S3_E_METHOD] = "The specified method is not allowed against this resource.",
	[S3_E_NOT_IMPLEMENTED] = "A header you provided implies functionality that is not implemented",
	[S3_E_NO_BUCKET] = "The specified bucket does not exist",
	[S3_E_NO_KEY] = "The specified key does not exist.",
	[S3_E_NO_UPLOAD] = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
			   "completed.",
	[S3_E_NO_VERSION] = "The specified version does not exist.",
	[S3_E_NOT_MODIFIED] = "Not Modified",
	[S3_E_PRECONDITION] = "At least one of the pre-conditions you specified did not hold",
	[S3_E_SHA256_MISMATCH] = "The provided 'x-amz-content-sha256' header does not match what was computed.",
	[S3_E_SIGNATURE] = "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
	[S3_E_SKEW] = "The difference between the request time and the current time is too large.",
	[S3_E_SLOW_DOWN] = "Please reduce your request rate.",
	[S3_E_TRAILER] = "The request contained trailing data that was not well-formed or did not conform to our published schema.",
	[S3_E_NO_CORS] = "The CORS configuration does not exist",
	[S3_E_NO_LIFECYCLE] = "The lifecycle configuration does not exist",
	[S3_E_NO_LOCK] = "Object Lock configuration does not exist for this bucket",
	[S3_E_NO_OBJECT_LOCK] = "Bucket is missing Object Lock Configuration",
	[S3_E_NO_POLICY] = "The bucket policy does not exist",
	[S3_E_NO_REPLICATION] = "The replication configuration was not found",
	[S3_E_NO_TAGS] = "The TagSet does not exist",
	[S3_E_NO_WEBSITE] = "The specified bucket does not have a website configuration",
	[S3_E_NO_CONFIGURATION] = "The specified configuration does not exist.",
	[S3_E_GRANT_EMAIL] = "The e-mail address you provided does not match any account on record.",
	[S3_E_MALFORMED_ACL] = "The XML you provided was not well-formed or did not validate against our published schema",
	[S3_E_MISSING_HEADER] = "Your request was missing a required header",
	[S3_E_UNEXPECTED_CONTENT] = "This request does not support content",
	[S3_E_NO_OWNERSHIP] = "The bucket ownership controls were not found",
	[S3_E_NO_PUBLIC_BLOCK] = "The public access block configuration was not found",
	[S3_E_BUCKET_ACL_BLOCKED] = "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
	[S3_E_INVALID_ENCRYPTION] = "The Encryption request you specified is not valid. Supported value: AES256.",
};

int s3_fail(struct s3_fail *f, enum s3_err e)
{
	return err_fail(&f->err, &s3_errors[e], "%s", messages[e]);
}

int s3_failf(struct s3_fail *f, enum s3_err e, const char *fmt, ...)
{
	char text[sizeof(f->err.text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_fail(&f->err, &s3_errors[e], "%s", text);
}

void s3_extra(struct s3_fail *f, const char *name, struct slice value)
{
	if (f->extra_n == S3_EXTRA_MAX)
		return;
	f->extra[f->extra_n].name = sl(name);
	f->extra[f->extra_n++].value = arena_dup(f->arena, value.p ? value : S(""));
}

int s3_store_fail(struct s3_fail *f, const struct error *err)
{
	struct error kept = *err;
	(void)s3_fail(f, S3_E_INTERNAL);
	f->cause = kept;
	return ERR_STORE;
}
