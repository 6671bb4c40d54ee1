/* What IAM finds wrong with a document whose parts are all there: formats of actions, resources and dates, in the order in which it
 * looks (the older parser of identity policies says other words than that of trust and resource policies). */
#include "policy_parts.h"

#include "clock.h"
#include "text.h"

static const struct error_def malformed = { ERR_INVALID, "MalformedPolicyDocument", 400, 0 };
enum { SHOWN_MAX = 300 };
#define SHOW(s) (int)((s).n < SHOWN_MAX ? (s).n : SHOWN_MAX), (s).p

static int wrong(struct error *err, const char *text)
{
	return err_fail(err, &malformed, "%s", text);
}

/* A pattern as the document says it. */
static struct slice plain(struct arena *a, struct slice pattern)
{
	char *p = arena_cstr(a, pattern);
	for (size_t i = 0; i < pattern.n; i++)
		p[i] = pattern.p[i] == (char)POLICY_STAR ? '*' : pattern.p[i] == (char)POLICY_ONE ? '?' : pattern.p[i];
	return sl_of(p, pattern.n);
}

/* ---- actions ---- */

static int check_action(struct slice action, struct error *err)
{
	struct slice vendor, name;
	bool colon = sl_cut(action, ':', &vendor, &name);
	if (sl_eqs(action, "*"))
		return 0;
	if (!colon)
		return wrong(err, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
	if (sl_chr(name, ':') >= 0)
		return wrong(err, "Actions/Condition can contain only one colon.");
	if (sl_eqs(vendor, "*"))
		return 0;
	for (size_t i = 0; i < vendor.n; i++) {
		char c = vendor.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' && c != '.')
			return err_fail(err, &malformed, "Vendor %.*s is not valid", SHOW(vendor));
	}
	return 0;
}

static int check_actions(struct policy *p, struct arena *a, struct error *err)
{
	int rc = 0;
	for (int negated = 0; negated < 2; negated++)
		for (size_t i = 0; i < p->statement_n; i++) {
			const struct policy_statement *st = &p->statements[i];
			for (size_t k = 0; st->not_action == negated && !rc && k < st->actions.n; k++)
				rc = check_action(plain(a, st->actions.at[k]), err);
		}
	return rc;
}

static int check_trust_actions(struct policy *p, struct error *err)
{
	for (size_t i = 0; i < p->statement_n; i++)
		for (size_t k = 0; k < p->statements[i].actions.n; k++)
			if (!sl_starts_nocase(p->statements[i].actions.at[k], S("sts:")))
				return wrong(err, "AssumeRole policy may only specify STS AssumeRole actions.");
	return 0;
}

/* ---- resources ---- */

static bool is_partition(struct slice s)
{
	static const char *const known[] = { "*", "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc" };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (sl_eqs(s, known[i]))
			return true;
	return false;
}

static int bad_partition(struct slice partition, struct slice rest, struct error *err)
{
	struct slice part[4] = { rest, S("*"), S("*"), S("*") };
	bool more = sl_cut(rest, ':', &part[0], &rest);
	for (int i = 1; more && i < 3; i++)
		more = sl_cut(rest, ':', &part[i], &rest);
	if (more)
		part[3] = rest;
	if (!part[0].n && sl_eqs(part[1], "*"))
		part[0] = S("*");
	return err_fail(err, &malformed, "Partition \"%.*s\" is not valid for resource \"arn:%.*s:%.*s:%.*s:%.*s:%.*s\".", SHOW(partition), SHOW(partition),
			SHOW(part[0]), SHOW(part[1]), SHOW(part[2]), SHOW(part[3]));
}

/* IAM's and S3's resources are of no region, IAM's of a kind. */
static int check_vendor(struct slice resource, struct slice service, struct slice region, struct slice path, struct error *err)
{
	static const char kinds[] = "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "
				    "oidc-provider/, report/, access-report/";
	struct slice rest = sl(kinds), kind;
	if (sl_eqs(service, "s3") && region.n && !sl_starts(path, S("accesspoint/")))
		return err_fail(err, &malformed, "Resource %.*s can not contain region information.", SHOW(resource));
	if (!sl_eqs(service, "iam"))
		return 0;
	if (region.n)
		return err_fail(err, &malformed, "IAM resource %.*s cannot contain region information.", SHOW(resource));
	while (rest.p) {
		sl_cut(rest, ',', &kind, &rest);
		if (sl_starts(path, sl_trim(kind)))
			return 0;
	}
	return sl_eqs(path, "*") ? 0 : err_fail(err, &malformed, "IAM resource path must either be \"*\" or start with %s.", kinds);
}

/* *legacy: what the older parser stumbles over, which it says before anything else. */
static int check_resource(struct slice resource, bool *legacy, struct error *err)
{
	struct slice head, partition, service, region, account, rest;
	int colons = 0;
	if (sl_eqs(resource, "*"))
		return 0;
	if (!sl_cut(resource, ':', &head, &rest))
		return err_fail(err, &malformed, "Resource %.*s must be in ARN format or \"*\".", SHOW(resource));
	bool more = sl_cut(rest, ':', &partition, &rest);
	if (!is_partition(partition))
		return bad_partition(partition, rest, err);
	if (!more)
		return wrong(err, "Resource vendor must be fully qualified and cannot contain regexes.");
	for (size_t i = 0; i < resource.n; i++)
		colons += resource.p[i] == ':';
	sl_cut(rest, ':', &service, &rest);
	sl_cut(rest, ':', &region, &rest);
	sl_cut(rest, ':', &account, &rest);
	*legacy |= !service.n || (colons < 5 && sl_find(resource, S("::")) >= 0);
	return check_vendor(resource, service, region, rest.p ? rest : S(""), err);
}

static int check_resources(struct policy *p, struct arena *a, bool *legacy, struct error *err)
{
	struct error first = { 0 };
	for (int negated = 0; negated < 2; negated++)
		for (size_t i = 0; i < p->statement_n; i++) {
			const struct policy_statement *st = &p->statements[i];
			for (size_t k = 0; st->not_resource == negated && k < st->resources.n; k++) {
				struct error one;
				if (check_resource(plain(a, st->resources.at[k]), first.kind ? &(bool){ 0 } : legacy, &one) && !first.kind)
					first = one;
			}
		}
	return first.kind ? err_fail(err, &malformed, "%s", first.text) : 0;
}

/* ---- the whole ---- */

static bool dates_right(const struct policy *p)
{
	int64_t unused;
	for (size_t i = 0; i < p->statement_n; i++)
		for (size_t c = 0; c < p->statements[i].condition_n; c++) {
			const struct policy_condition *one = &p->statements[i].conditions[c];
			for (size_t k = 0; one->op->type == TYPE_DATE && k < one->values.n; k++)
				if (!policy_date(one->values.at[k], &unused))
					return false;
		}
	return true;
}

static bool sids_unique(const struct policy *p)
{
	for (size_t i = 0; i < p->statement_n; i++)
		for (size_t k = 0; k < i; k++)
			if (p->statements[i].sid.n && sl_eq(p->statements[i].sid, p->statements[k].sid))
				return false;
	return true;
}

static bool each_has(const struct policy *p, bool actions)
{
	for (size_t i = 0; i < p->statement_n; i++)
		if (!(actions ? p->statements[i].actions.n : p->statements[i].resources.n))
			return false;
	return true;
}

static int check_identity(struct policy *p, struct arena *a, struct error *err)
{
	struct error resource = { 0 };
	bool legacy = p->effect_case || !dates_right(p);
	int rc = check_resources(p, a, &legacy, &resource);
	if (legacy)
		return wrong(err, "The policy failed legacy parsing");
	if (!sids_unique(p))
		return wrong(err, "Statement IDs (SID) in a single policy must be unique.");
	if (!each_has(p, true))
		return wrong(err, "Policy statement must contain actions.");
	if (rc)
		return err_fail(err, &malformed, "%s", resource.text);
	rc = check_actions(p, a, err);
	if (!rc && !each_has(p, false))
		rc = wrong(err, "Policy statement must contain resources.");
	return rc;
}

static int check_other(struct policy *p, struct arena *a, struct error *err)
{
	bool legacy = false;
	int rc = 0;
	if (!each_has(p, true))
		return wrong(err, "Missing required field Action");
	if (p->use == POLICY_OF_TRUST)
		rc = check_trust_actions(p, err);
	for (size_t i = 0; !rc && p->use == POLICY_OF_TRUST && i < p->statement_n; i++) {
		if (p->statements[i].not_principal)
			rc = wrong(err, p->statements[i].allow ? "Allow with NotPrincipal is not allowed." :
								 "AssumeRole policy must not contain NotPrincipal field.");
		else if (p->statements[i].resources.n || p->statements[i].not_resource)
			rc = wrong(err, "Has prohibited field Resource");
	}
	if (!rc && p->use == POLICY_OF_RESOURCE && !each_has(p, false))
		rc = wrong(err, "Missing required field Resource");
	if (!rc)
		rc = check_actions(p, a, err);
	if (!rc)
		rc = check_resources(p, a, &legacy, err);
	if (!rc && (legacy || !dates_right(p)))
		rc = wrong(err, "Syntax error in policy.");
	return !rc && !sids_unique(p) ? wrong(err, "The Statement Ids in the policy are not unique") : rc;
}

int policy_check(struct policy *p, struct error *err)
{
	struct arena a = { 0 };
	int rc = p->use == POLICY_OF_IDENTITY || p->use == POLICY_OF_SESSION ? check_identity(p, &a, err) : check_other(p, &a, err);
	arena_free(&a);
	return rc;
}
