/* SSM Parameter Store.
 *
 *   ssm.c        the table of operations; reading, by name, version, label
 *   ssm_write.c  putting, deleting, labels, tags
 *   ssm_list.c   by path, filters, descriptions
 *
 * A parameter's document is {Name, first, latest, tags}; each version has one of its own, by "NAME:00000001": Version, Type, Value
 * (of a SecureString: what KMS sealed, in base64) and what GetParameterHistory tells. "pair": its value is the private half of that
 * key pair of the stack, which is made when it is first read. */
#ifndef TARN_AWS_SSM_H
#define TARN_AWS_SSM_H

#include "aws/api.h"

extern const struct aws_kind ssm_parameters, ssm_versions;

struct ssm_found {
	const char *name;
	struct slice selector;  /* ":3", ":prod"; absent: none was named */
	json_t *param, *version; /* borrowed; NULL: there is none */
};
/* By a name, with a selector or not, or an ARN. */
void ssm_find(struct aws_call *c, const char *asked, struct ssm_found *out);
json_t *ssm_version(struct aws *a, struct aws_place at, const char *name, int64_t version);
int ssm_keep_version(struct aws *a, struct aws_place at, const char *name, json_t *version, struct error *err) WARN_UNUSED;
json_t *ssm_arn(struct aws_call *c, const char *name);
int ssm_not_found(struct aws_call *c);
int ssm_no_version(struct aws_call *c, const struct ssm_found *f);
/* The ciphertext of a SecureString's value. 0, or it is refused (InvalidKeyId). */
int ssm_seal(struct aws_call *c, const char *name, const char *key, struct slice value, struct buf *base64) WARN_UNUSED;
/* Adds a version as GetParameter shows it to out. AWS_LATER: its key pair is being made, and the operation runs again after that. */
int ssm_show(struct aws_call *c, const struct ssm_found *f, bool decrypt, json_t *out) WARN_UNUSED;
bool ssm_name_ok(const char *name);

/* What filters leave. */
int ssm_check_filters(struct aws_call *c, const char *const *known, const char *said) WARN_UNUSED;
bool ssm_fits(struct aws_call *c, const json_t *param, const json_t *version);

aws_hook ssm_put, ssm_delete, ssm_delete_some, ssm_label, ssm_unlabel, ssm_tag, ssm_untag, ssm_list_tags;
aws_hook ssm_by_path, ssm_describe, ssm_history;

#endif
