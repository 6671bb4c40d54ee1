/* What the operations that give a role's credentials share. */
#ifndef TARN_STS_H
#define TARN_STS_H

#include "aws/iam.h"

#define STS_ARN "s20-2048"
#define STS_POLICIES "PolicyArns:[{arn:" STS_ARN "}] Policy:s1-"
extern const struct routes sts_web_ops;

bool sts_is_arn(const char *arn);
/* Checks the session policies of the request and puts them into claims. As a hook. */
int sts_policies(struct aws_call *c, const char *account, json_t *claims);
/* Whether the request's duration is within the role's. As a hook. */
int sts_duration(struct aws_call *c, const json_t *role, bool chained);
/* Answers with credentials of the role; takes claims. As a hook. */
int sts_give_role(struct aws_call *c, const char *account, json_t *role, json_t *claims);

#endif
