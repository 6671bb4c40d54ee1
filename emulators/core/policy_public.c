/* Whether a document lets in everyone. */
#include "policy_parts.h"

/* Condition keys that hold a request to somebody, where their value is a fixed one.
 * Spec: docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, the meaning of "public" */
static const char *const fixing[] = {
	"aws:SourceIp", "aws:SourceArn", "aws:SourceVpc", "aws:SourceVpce", "aws:SourceOwner", "aws:SourceAccount", "aws:userid", "aws:PrincipalArn",
	"aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "s3:x-amz-server-side-encryption-aws-kms-key-id",
	"s3:DataAccessPointArn", "s3:DataAccessPointAccount",
};

/* "0.0.0.0/0" and the like: any address. */
static bool any_address(struct slice v)
{
	return sl_ends(v, S("/0"));
}

static bool fixes(const struct policy_condition *c)
{
	bool known = false;
	for (size_t i = 0; i < sizeof(fixing) / sizeof(*fixing); i++)
		known |= sl_eq_nocase(c->key, sl(fixing[i]));
	if (!known || c->if_exists || c->set == SET_ALL || c->op->negated || c->op->type == TYPE_NULL)
		return false;
	for (size_t i = 0; i < c->values.n; i++) {
		struct slice v = c->values.at[i], name;
		size_t pos = 0;
		if (memchr(v.p, POLICY_STAR, v.n) || memchr(v.p, POLICY_ONE, v.n) || policy_variable(v, &pos, &name) ||
		    (c->op->type == TYPE_IP && any_address(v)))
			return false;
	}
	return c->values.n > 0;
}

static bool lets_all(const struct policy_statement *st)
{
	bool all = st->not_principal;
	for (size_t i = 0; i < st->principal_n; i++)
		all |= sl_eqs(st->principals[i].value, "*");
	if (!st->allow || !all)
		return false;
	for (size_t i = 0; i < st->condition_n; i++)
		if (fixes(&st->conditions[i]))
			return false;
	return true;
}

bool policy_public(const struct policy *p)
{
	for (size_t i = 0; p && i < p->statement_n; i++)
		if (lets_all(&p->statements[i]))
			return true;
	return false;
}
