/* Policy documents: AWS's words for malformed ones, and decisions after its evaluation logic and the examples of its documentation. */
#include "check_main.h"
#include <stdlib.h>
#include <string.h>

#include "core/policy.h"

/* ---- documents ---- */

#define ONE(inside) "{\"Version\":\"2012-10-17\",\"Statement\":{" inside "}}"
#define OLD(inside) "{\"Version\":\"2008-10-17\",\"Statement\":[{" inside "}]}"
#define ALLOW "\"Effect\":\"Allow\","
#define DENY "\"Effect\":\"Deny\","
#define GET "\"Action\":\"s3:GetObject\","
#define ANY "\"Resource\":\"*\""
#define SYNTAX "Syntax errors in policy."
#define LEGACY "The policy failed legacy parsing"

struct document {
	enum policy_use use;
	const char *text, *says; /* says NULL: it is right */
};
static const struct document documents[] = {
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET ANY), NULL },
	{ POLICY_OF_IDENTITY, "{\"Version\":\"2012-10-17\",\"Id\":\"x\",\"Statement\":[{" ALLOW GET ANY "},{" DENY "\"NotAction\":[\"iam:*\"],\"NotResource\":[\"arn:aws:s3:::b\"]}]}", NULL },
	{ POLICY_OF_IDENTITY, "", SYNTAX },
	{ POLICY_OF_IDENTITY, "[]", SYNTAX },
	{ POLICY_OF_IDENTITY, "{\"Version\":\"2012-10-17\"}", SYNTAX },
	{ POLICY_OF_IDENTITY, "{\"Version\":\"2012-10-17\",\"Statement\":[]}", SYNTAX },
	{ POLICY_OF_IDENTITY, "{\"Version\":\"2012-10-17\",\"Statement\":[1]}", SYNTAX },
	{ POLICY_OF_IDENTITY, "{\"Version\":\"2011-10-17\",\"Statement\":[{" ALLOW GET ANY "}]}", SYNTAX },
	{ POLICY_OF_IDENTITY, "{\"Version\":\"2012-10-17\",\"Version\":\"2012-10-17\",\"Statement\":[{" ALLOW GET ANY "}]}", SYNTAX },
	{ POLICY_OF_IDENTITY, OLD(ALLOW GET ANY), "Policy document must be version 2012-10-17 or greater." },
	{ POLICY_OF_IDENTITY, "{\"Statement\":[{" ALLOW GET ANY "}]}", "Policy document must be version 2012-10-17 or greater." },
	{ POLICY_OF_IDENTITY, ONE(GET ANY), SYNTAX },
	{ POLICY_OF_IDENTITY, ONE("\"Effect\":\"allow\"," GET ANY), LEGACY },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET "\"Colour\":1," ANY), SYNTAX },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET "\"NotAction\":\"s3:x\"," ANY), SYNTAX },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET "\"Principal\":\"*\"," ANY), "Policy document should not specify a principal." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW ANY), "Policy statement must contain actions." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW "\"Action\":[]," ANY), "Policy statement must contain actions." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW "\"Action\":\"s3:GetObject\""), "Policy statement must contain resources." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW "\"Action\":\"GetObject\"," ANY), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW "\"Action\":\"s3:Get:Object\"," ANY), "Actions/Condition can contain only one colon." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW "\"Action\":\"s 3:Get\"," ANY), "Vendor s 3 is not valid" },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET "\"Resource\":\"bucket\""), "Resource bucket must be in ARN format or \"*\"." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET "\"Resource\":\"arn:was:s3:::b\""), "Partition \"was\" is not valid for resource \"arn:was:s3:::b\"." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET "\"Resource\":\"arn:aws\""), "Resource vendor must be fully qualified and cannot contain regexes." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET "\"Resource\":\"arn:aws:s3::b\""), LEGACY },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET "\"Resource\":\"arn:aws:s3:eu-west-1::b\""), "Resource arn:aws:s3:eu-west-1::b can not contain region information." },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET ANY ",\"Condition\":{\"StringSame\":{\"a\":\"b\"}}"), SYNTAX },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET ANY ",\"Condition\":{\"DateLessThan\":{\"aws:CurrentTime\":\"soon\"}}"), LEGACY },
	{ POLICY_OF_IDENTITY, ONE(ALLOW GET ANY ",\"Condition\":{\"ForAllValues:StringLikeIfExists\":{\"aws:TagKeys\":[\"a\",\"b*\"]}}"), NULL },
	{ POLICY_OF_IDENTITY, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"a\"," ALLOW GET ANY "},{\"Sid\":\"a\"," DENY GET ANY "}]}",
	  "Statement IDs (SID) in a single policy must be unique." },
	{ POLICY_OF_TRUST, ONE(ALLOW "\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\""), NULL },
	{ POLICY_OF_TRUST, OLD(ALLOW "\"Principal\":{\"AWS\":[\"123456789012\",\"arn:aws:iam::123456789012:role/x\"]},\"Action\":[\"sts:AssumeRole\",\"sts:TagSession\"]"), NULL },
	{ POLICY_OF_TRUST, "{", "This policy contains invalid Json" },
	{ POLICY_OF_TRUST, "{\"Version\":\"2012-10-17\",\"Statement\":[]}", "Could not parse the policy: Statement is empty!" },
	{ POLICY_OF_TRUST, ONE(ALLOW "\"Action\":\"sts:AssumeRole\""), "Missing required field Principal" },
	{ POLICY_OF_TRUST, ONE(ALLOW "\"Principal\":{},\"Action\":\"sts:AssumeRole\""), "Missing required field Principal cannot be empty!" },
	{ POLICY_OF_TRUST, ONE(ALLOW "\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"," ANY), "Has prohibited field Resource" },
	{ POLICY_OF_TRUST, ONE(ALLOW "\"Principal\":\"*\",\"Action\":\"s3:*\""), "AssumeRole policy may only specify STS AssumeRole actions." },
	{ POLICY_OF_TRUST, ONE(ALLOW "\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:role/*\"},\"Action\":\"sts:AssumeRole\""),
	  "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:role/*\"" },
	{ POLICY_OF_TRUST, ONE(ALLOW "\"Principal\":{\"Service\":\"ec2\"},\"Action\":\"sts:AssumeRole\""), "Invalid principal in policy: \"SERVICE\":\"ec2\"" },
	{ POLICY_OF_TRUST, ONE("\"Effect\":\"May\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\""), "Invalid effect: May" },
	{ POLICY_OF_RESOURCE, OLD(ALLOW "\"Principal\":\"*\"," GET "\"Resource\":\"arn:aws:s3:::b/*\""), NULL },
	{ POLICY_OF_RESOURCE, OLD(ALLOW "\"Principal\":\"*\",\"Action\":\"s3:GetObject\""), "Missing required field Resource" },
};

START_TEST(a_document_is_judged)
{
	const struct document *d = &documents[_i];
	struct policy *p = NULL;
	struct error err;
	int rc = policy_read(sl(d->text), d->use, &p, &err);
	ck_assert_str_eq(rc ? err.text : "", d->says ? d->says : "");
	ck_assert_int_eq(rc, d->says ? ERR_INVALID : 0);
	if (rc)
		ck_assert_str_eq(err.def->code, "MalformedPolicyDocument");
	policy_free(p);
}
END_TEST

/* ---- one statement ---- */

static const struct policy_fact facts[] = {
	{ S("aws:username"), S("alice") },
	{ S("aws:PrincipalTag/team"), S("blue*") },
	{ S("aws:SourceIp"), S("203.0.113.7") },
	{ S("aws:CurrentTime"), S("2026-01-05T09:00:00Z") },
	{ S("aws:EpochTime"), S("1767603600") },
	{ S("aws:SecureTransport"), S("false") },
	{ S("s3:prefix"), S("home/alice/") },
	{ S("s3:max-keys"), S("10") },
	{ S("aws:TagKeys"), S("a") },
	{ S("aws:TagKeys"), S("b") },
	{ S("aws:SourceArn"), S("arn:aws:s3:us-east-1:111122223333:bucket/x:y") },
};

static void ask_of(struct policy_ask *ask, const char *action, const char *resource)
{
	*ask = (struct policy_ask){
		.caller = { POLICY_USER, S("111122223333"), S("arn:aws:iam::111122223333:user/alice"), .id = S("AIDAAAAAAAAAAAAAAAAA2") },
		.action = sl(action),
		.resource = sl(resource),
		.facts = facts,
		.fact_n = ARRAY_LEN(facts),
	};
}

static struct policy *read_one(const char *text, enum policy_use use)
{
	struct policy *p = NULL;
	struct error err = { 0 };
	int rc = policy_read(sl(text), use, &p, &err);
	ck_assert_msg(rc == 0, "%s: %s", text, err.text);
	return p;
}

#define IF(text) ONE(ALLOW "\"Action\":\"*\"," ANY ",\"Condition\":{" text "}")
#define ON(text) ONE(ALLOW "\"Action\":\"*\",\"Resource\":\"" text "\"")
#define DO(text) ONE(ALLOW "\"Action\":\"" text "\"," ANY)
struct statement {
	const char *document, *action, *resource;
	bool allows;
};
static const struct statement statements[] = {
	/* actions */
	{ DO("s3:GetObject"), "s3:GetObject", "*", true },
	{ DO("S3:getobject"), "s3:GetObject", "*", true },
	{ DO("s3:Get*"), "s3:GetObject", "*", true },
	{ DO("s3:Get?bject"), "s3:GetObject", "*", true },
	{ DO("s3:*Object*"), "s3:GetObjectAcl", "*", true },
	{ DO("*"), "kinesis:PutRecord", "*", true },
	{ DO("s3:Get"), "s3:GetObject", "*", false },
	{ DO("kinesis:*"), "s3:GetObject", "*", false },
	{ ONE(ALLOW "\"NotAction\":[\"iam:*\",\"s3:Delete*\"]," ANY), "s3:GetObject", "*", true },
	{ ONE(ALLOW "\"NotAction\":[\"iam:*\",\"s3:Delete*\"]," ANY), "s3:DeleteObject", "*", false },
	/* resources */
	{ ON("arn:aws:s3:::b/*"), "s3:GetObject", "arn:aws:s3:::b/a/b/c", true },
	{ ON("arn:aws:s3:::b/*"), "s3:GetObject", "arn:aws:s3:::b", false },
	{ ON("arn:aws:s3:::B/*"), "s3:GetObject", "arn:aws:s3:::b/x", false },
	{ ON("arn:aws:kinesis:*:*:stream/demo-?"), "kinesis:PutRecord", "arn:aws:kinesis:us-east-1:111122223333:stream/demo-1", true },
	{ ON("arn:aws:kinesis:*:stream/demo"), "kinesis:PutRecord", "arn:aws:kinesis:us-east-1:111122223333:stream/demo", true },
	{ ON("arn:aws:s3:::b/${aws:username}/*"), "s3:GetObject", "arn:aws:s3:::b/alice/x", true },
	{ ON("arn:aws:s3:::b/${aws:username}/*"), "s3:GetObject", "arn:aws:s3:::b/bob/x", false },
	{ ON("arn:aws:s3:::b/${aws:nothing}/*"), "s3:GetObject", "arn:aws:s3:::b//x", false },
	{ ON("arn:aws:s3:::b/${aws:nothing, 'all'}/*"), "s3:GetObject", "arn:aws:s3:::b/all/x", true },
	{ ON("arn:aws:s3:::b/${aws:PrincipalTag/team}"), "s3:GetObject", "arn:aws:s3:::b/blueish", false },
	{ ON("arn:aws:s3:::b/${aws:PrincipalTag/Team}"), "s3:GetObject", "arn:aws:s3:::b/blue*", true },
	{ ON("arn:aws:s3:::b/${*}${?}${$}"), "s3:GetObject", "arn:aws:s3:::b/*?$", true },
	{ ON("arn:aws:s3:::b/${*}"), "s3:GetObject", "arn:aws:s3:::b/x", false },
	{ ONE(ALLOW GET "\"NotResource\":\"arn:aws:s3:::secret/*\""), "s3:GetObject", "arn:aws:s3:::b/x", true },
	{ ONE(ALLOW GET "\"NotResource\":\"arn:aws:s3:::secret/*\""), "s3:GetObject", "arn:aws:s3:::secret/x", false },
	/* conditions */
	{ IF("\"StringEquals\":{\"aws:UserName\":[\"bob\",\"alice\"]}"), "a:b", "*", true },
	{ IF("\"StringEquals\":{\"aws:username\":\"Alice\"}"), "a:b", "*", false },
	{ IF("\"StringEqualsIgnoreCase\":{\"aws:username\":\"Alice\"}"), "a:b", "*", true },
	{ IF("\"StringEquals\":{\"aws:username\":\"al*\"}"), "a:b", "*", false },
	{ IF("\"StringNotEquals\":{\"aws:username\":[\"bob\",\"carol\"]}"), "a:b", "*", true },
	{ IF("\"StringNotEquals\":{\"aws:username\":[\"bob\",\"alice\"]}"), "a:b", "*", false },
	{ IF("\"StringNotEquals\":{\"aws:absent\":\"x\"}"), "a:b", "*", true },
	{ IF("\"StringEquals\":{\"aws:absent\":\"x\"}"), "a:b", "*", false },
	{ IF("\"StringEqualsIfExists\":{\"aws:absent\":\"x\"}"), "a:b", "*", true },
	{ IF("\"StringLike\":{\"s3:prefix\":[\"\",\"home/\",\"home/${aws:username}/*\"]}"), "a:b", "*", true },
	{ IF("\"StringLike\":{\"s3:prefix\":\"home/bob/*\"}"), "a:b", "*", false },
	{ IF("\"StringNotLike\":{\"s3:prefix\":\"home/bob/*\"}"), "a:b", "*", true },
	{ IF("\"NumericLessThanEquals\":{\"s3:max-keys\":10}"), "a:b", "*", true },
	{ IF("\"NumericLessThan\":{\"s3:max-keys\":\"10\"}"), "a:b", "*", false },
	{ IF("\"NumericGreaterThan\":{\"s3:max-keys\":\"9.5\"}"), "a:b", "*", true },
	{ IF("\"NumericGreaterThanEquals\":{\"s3:max-keys\":\"11\"}"), "a:b", "*", false },
	{ IF("\"NumericEquals\":{\"s3:max-keys\":\"1e1\"}"), "a:b", "*", true },
	{ IF("\"NumericNotEquals\":{\"s3:max-keys\":\"10\"}"), "a:b", "*", false },
	{ IF("\"DateGreaterThan\":{\"aws:CurrentTime\":\"2026-01-05T08:59:59Z\"},\"DateLessThan\":{\"aws:CurrentTime\":\"2026-01-05T10:00:00+00:30\"}"), "a:b", "*", true },
	{ IF("\"DateLessThan\":{\"aws:CurrentTime\":\"2026-01-05\"}"), "a:b", "*", false },
	{ IF("\"DateEquals\":{\"aws:EpochTime\":\"2026-01-05T09:00:00Z\"}"), "a:b", "*", true },
	{ IF("\"DateNotEquals\":{\"aws:CurrentTime\":\"1767603600\"}"), "a:b", "*", false },
	{ IF("\"DateLessThanEquals\":{\"aws:CurrentTime\":\"2026-01-05T09:00Z\"},\"DateGreaterThanEquals\":{\"aws:CurrentTime\":\"2026-01\"}"), "a:b", "*", true },
	{ IF("\"Bool\":{\"aws:SecureTransport\":\"false\"}"), "a:b", "*", true },
	{ IF("\"Bool\":{\"aws:SecureTransport\":true}"), "a:b", "*", false },
	{ IF("\"Bool\":{\"aws:MultiFactorAuthPresent\":\"false\"}"), "a:b", "*", false },
	{ IF("\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":\"true\"}"), "a:b", "*", true },
	{ IF("\"IpAddress\":{\"aws:SourceIp\":[\"198.51.100.0/24\",\"203.0.113.0/24\"]}"), "a:b", "*", true },
	{ IF("\"IpAddress\":{\"aws:SourceIp\":\"203.0.113.8/31\"}"), "a:b", "*", false },
	{ IF("\"IpAddress\":{\"aws:SourceIp\":\"0.0.0.0/0\"}"), "a:b", "*", true },
	{ IF("\"IpAddress\":{\"aws:SourceIp\":\"2001:db8::/32\"}"), "a:b", "*", false },
	{ IF("\"NotIpAddress\":{\"aws:SourceIp\":\"203.0.113.7\"}"), "a:b", "*", false },
	{ IF("\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:s3:*:111122223333:bucket/*\"}"), "a:b", "*", true },
	{ IF("\"ArnEquals\":{\"aws:SourceArn\":\"arn:aws:s3:*:*:*\"}"), "a:b", "*", true },
	{ IF("\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:*:bucket/x:y\"}"), "a:b", "*", false },
	{ IF("\"ArnNotLike\":{\"aws:SourceArn\":\"arn:aws:sns:*:*:*\"}"), "a:b", "*", true },
	{ IF("\"Null\":{\"aws:TokenIssueTime\":\"true\"}"), "a:b", "*", true },
	{ IF("\"Null\":{\"aws:username\":\"true\"}"), "a:b", "*", false },
	{ IF("\"Null\":{\"aws:username\":false}"), "a:b", "*", true },
	{ IF("\"ForAllValues:StringEquals\":{\"aws:TagKeys\":[\"a\",\"b\",\"c\"]}"), "a:b", "*", true },
	{ IF("\"ForAllValues:StringEquals\":{\"aws:TagKeys\":[\"a\",\"c\"]}"), "a:b", "*", false },
	{ IF("\"ForAllValues:StringEquals\":{\"aws:absent\":\"a\"}"), "a:b", "*", true },
	{ IF("\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":[\"b\",\"z\"]}"), "a:b", "*", true },
	{ IF("\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"z\"}"), "a:b", "*", false },
	{ IF("\"ForAnyValue:StringEquals\":{\"aws:absent\":\"a\"}"), "a:b", "*", false },
	{ IF("\"ForAnyValue:StringNotEquals\":{\"aws:TagKeys\":\"a\"}"), "a:b", "*", true },
	{ IF("\"ForAllValues:StringNotEquals\":{\"aws:TagKeys\":\"a\"}"), "a:b", "*", false },
	{ IF("\"StringEquals\":{\"aws:username\":\"alice\",\"s3:max-keys\":\"11\"}"), "a:b", "*", false },
	{ IF("\"StringEquals\":{\"aws:username\":\"alice\"},\"Bool\":{\"aws:SecureTransport\":\"true\"}"), "a:b", "*", false },
};

START_TEST(a_statement_says)
{
	const struct statement *t = &statements[_i];
	const struct policy *p = read_one(t->document, POLICY_OF_IDENTITY);
	struct policy_answer answer;
	struct policy_ask ask;
	ask_of(&ask, t->action, t->resource);
	ask.identity = &p;
	ask.identity_n = 1;
	policy_decide(&ask, &answer);
	ck_assert_msg((answer.decision == POLICY_ALLOWED) == t->allows, "%s on %s: %s", t->action, t->resource, t->document);
	policy_free((struct policy *)p);
}
END_TEST

/* ---- kinds of policies together ---- */

#define ME "arn:aws:iam::111122223333:user/alice"
#define ROLE "arn:aws:iam::111122223333:role/reader"
#define SESSION "arn:aws:sts::111122223333:assumed-role/reader/s1"
#define YES ONE(ALLOW "\"Action\":\"*\"," ANY)
#define NO ONE(DENY "\"Action\":\"*\"," ANY)
#define NONE ONE(ALLOW "\"Action\":\"x:y\"," ANY)
#define FOR(effect, who) ONE(effect "\"Principal\":" who ",\"Action\":\"*\"," ANY)
#define AWS(who) "{\"AWS\":\"" who "\"}"
struct decision {
	const char *name;
	enum policy_who who;
	const char *identity, *boundary, *session, *resource; /* NULL: none */
	const char *owner;
	bool gate;
	enum policy_decision decision;
	enum policy_kind by; /* where it is denied */
};
static const struct decision decisions[] = {
	{ "nothing said", POLICY_USER, NULL, NULL, NULL, NULL, NULL, false, POLICY_IMPLICIT_DENY, POLICY_BY_IDENTITY },
	{ "allowed", POLICY_USER, YES, NULL, NULL, NULL, NULL, false, POLICY_ALLOWED, 0 },
	{ "denied", POLICY_USER, NO, NULL, NULL, NULL, NULL, false, POLICY_EXPLICIT_DENY, POLICY_BY_IDENTITY },
	{ "boundary silent", POLICY_USER, YES, NONE, NULL, NULL, NULL, false, POLICY_IMPLICIT_DENY, POLICY_BY_BOUNDARY },
	{ "boundary alone", POLICY_USER, NULL, YES, NULL, NULL, NULL, false, POLICY_IMPLICIT_DENY, POLICY_BY_IDENTITY },
	{ "boundary denies", POLICY_USER, YES, NO, NULL, NULL, NULL, false, POLICY_EXPLICIT_DENY, POLICY_BY_BOUNDARY },
	{ "session silent", POLICY_SESSION, YES, NULL, NONE, NULL, NULL, false, POLICY_IMPLICIT_DENY, POLICY_BY_SESSION },
	{ "session and role", POLICY_SESSION, YES, NULL, YES, NULL, NULL, false, POLICY_ALLOWED, 0 },
	{ "session alone", POLICY_SESSION, NULL, NULL, YES, NULL, NULL, false, POLICY_IMPLICIT_DENY, POLICY_BY_IDENTITY },
	{ "resource names the user", POLICY_USER, NULL, NULL, NULL, FOR(ALLOW, AWS(ME)), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource names the user's id", POLICY_USER, NULL, NULL, NULL, FOR(ALLOW, AWS("AIDAAAAAAAAAAAAAAAAA2")), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource names the user, boundary silent", POLICY_USER, NULL, NONE, NULL, FOR(ALLOW, AWS(ME)), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource names all", POLICY_USER, NULL, NULL, NULL, FOR(ALLOW, "\"*\""), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource names the account", POLICY_USER, NULL, NULL, NULL, FOR(ALLOW, AWS("111122223333")), NULL, false, POLICY_IMPLICIT_DENY, POLICY_BY_IDENTITY },
	{ "resource names the root, identity allows", POLICY_USER, YES, NULL, NULL, FOR(ALLOW, AWS("arn:aws:iam::111122223333:root")), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource denies", POLICY_USER, YES, NULL, NULL, FOR(DENY, AWS(ME)), NULL, false, POLICY_EXPLICIT_DENY, POLICY_BY_RESOURCE },
	{ "resource denies others", POLICY_USER, YES, NULL, NULL, FOR(DENY, AWS("arn:aws:iam::111122223333:user/bob")), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource denies all but", POLICY_USER, YES, NULL, NULL, ONE(DENY "\"NotPrincipal\":" AWS(ME) ",\"Action\":\"*\"," ANY), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource names the session", POLICY_SESSION, NULL, NULL, NONE, FOR(ALLOW, AWS(SESSION)), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource names the role", POLICY_SESSION, NULL, NULL, NULL, FOR(ALLOW, AWS(ROLE)), NULL, false, POLICY_ALLOWED, 0 },
	{ "resource names the role, session silent", POLICY_SESSION, NULL, NULL, NONE, FOR(ALLOW, AWS(ROLE)), NULL, false, POLICY_IMPLICIT_DENY, POLICY_BY_SESSION },
	{ "resource names the role, boundary silent", POLICY_SESSION, NULL, NONE, NULL, FOR(ALLOW, AWS(ROLE)), NULL, false, POLICY_IMPLICIT_DENY, POLICY_BY_BOUNDARY },
	{ "other account, identity alone", POLICY_USER, YES, NULL, NULL, NULL, "444455556666", false, POLICY_IMPLICIT_DENY, POLICY_BY_RESOURCE },
	{ "other account, resource alone", POLICY_USER, NULL, NULL, NULL, FOR(ALLOW, AWS(ME)), "444455556666", false, POLICY_IMPLICIT_DENY, POLICY_BY_IDENTITY },
	{ "other account, both", POLICY_USER, YES, NULL, NULL, FOR(ALLOW, AWS("111122223333")), "444455556666", false, POLICY_ALLOWED, 0 },
	{ "root", POLICY_ROOT, NULL, NULL, NULL, NULL, NULL, false, POLICY_ALLOWED, 0 },
	{ "root, resource denies", POLICY_ROOT, NULL, NULL, NULL, FOR(DENY, "\"*\""), NULL, false, POLICY_EXPLICIT_DENY, POLICY_BY_RESOURCE },
	{ "root of another account", POLICY_ROOT, NULL, NULL, NULL, NULL, "444455556666", false, POLICY_IMPLICIT_DENY, POLICY_BY_RESOURCE },
	{ "anonymous", POLICY_ANONYMOUS, NULL, NULL, NULL, NULL, "111122223333", false, POLICY_IMPLICIT_DENY, POLICY_BY_RESOURCE },
	{ "anonymous, all", POLICY_ANONYMOUS, NULL, NULL, NULL, FOR(ALLOW, "\"*\""), "111122223333", false, POLICY_ALLOWED, 0 },
	{ "anonymous, all of AWS", POLICY_ANONYMOUS, NULL, NULL, NULL, FOR(ALLOW, AWS("*")), "111122223333", false, POLICY_ALLOWED, 0 },
	{ "anonymous, an account", POLICY_ANONYMOUS, NULL, NULL, NULL, FOR(ALLOW, AWS("111122223333")), "111122223333", false, POLICY_IMPLICIT_DENY, POLICY_BY_RESOURCE },
	{ "gate, identity alone", POLICY_USER, YES, NULL, NULL, NULL, NULL, true, POLICY_IMPLICIT_DENY, POLICY_BY_RESOURCE },
	{ "gate, account and identity", POLICY_USER, YES, NULL, NULL, FOR(ALLOW, AWS("111122223333")), NULL, true, POLICY_ALLOWED, 0 },
	{ "gate, account alone", POLICY_USER, NULL, NULL, NULL, FOR(ALLOW, AWS("111122223333")), NULL, true, POLICY_IMPLICIT_DENY, POLICY_BY_IDENTITY },
	{ "gate, named", POLICY_USER, NULL, NULL, NULL, FOR(ALLOW, AWS(ME)), NULL, true, POLICY_ALLOWED, 0 },
	{ "service", POLICY_SERVICE, NULL, NULL, NULL, FOR(ALLOW, "{\"Service\":\"ec2.amazonaws.com\"}"), NULL, true, POLICY_ALLOWED, 0 },
	{ "another service", POLICY_SERVICE, NULL, NULL, NULL, FOR(ALLOW, "{\"Service\":[\"kafkaconnect.amazonaws.com\"]}"), NULL, true, POLICY_IMPLICIT_DENY, POLICY_BY_RESOURCE },
};

START_TEST(policies_decide)
{
	const struct decision *t = &decisions[_i];
	const struct policy *identity = t->identity ? read_one(t->identity, POLICY_OF_IDENTITY) : NULL;
	const struct policy *boundary = t->boundary ? read_one(t->boundary, POLICY_OF_IDENTITY) : NULL;
	const struct policy *session = t->session ? read_one(t->session, POLICY_OF_SESSION) : NULL;
	const struct policy *resource = t->resource ? read_one(t->resource, POLICY_OF_RESOURCE) : NULL;
	struct policy_answer answer;
	struct policy_ask ask;
	ask_of(&ask, "s3:GetObject", "arn:aws:s3:::b/x");
	ask.caller.who = t->who;
	if (t->who == POLICY_SESSION)
		ask.caller = (struct policy_caller){ POLICY_SESSION, S("111122223333"), S(SESSION), S(ROLE), S("AROAAAAAAAAAAAAAAAAA2") };
	if (t->who == POLICY_SERVICE)
		ask.caller.name = S("ec2.amazonaws.com");
	if (t->who == POLICY_ANONYMOUS)
		ask.caller = (struct policy_caller){ POLICY_ANONYMOUS };
	ask.identity = &identity;
	ask.identity_n = identity != NULL;
	ask.boundary = boundary;
	ask.session = &session;
	ask.session_n = session != NULL;
	ask.on_resource = resource;
	ask.owner = sl(t->owner);
	ask.gate = t->gate;
	policy_decide(&ask, &answer);
	ck_assert_msg(answer.decision == t->decision && (t->decision == POLICY_ALLOWED || answer.by == t->by), "%s: decision %d by %d", t->name,
		      answer.decision, answer.by);
	policy_free((struct policy *)identity);
	policy_free((struct policy *)boundary);
	policy_free((struct policy *)session);
	policy_free((struct policy *)resource);
}
END_TEST

START_TEST(refusals_are_in_awss_words)
{
	struct policy_answer answer = { POLICY_IMPLICIT_DENY, POLICY_BY_IDENTITY };
	struct policy_ask ask;
	struct buf b = { 0 };
	ask_of(&ask, "s3:GetObject", "arn:aws:s3:::b/x");
	policy_why(&ask, &answer, true, &b);
	ck_assert_str_eq(buf_cstr(&b), "User: " ME " is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b/x\" because no "
				       "identity-based policy allows the s3:GetObject action");
	buf_reset(&b);
	answer = (struct policy_answer){ POLICY_EXPLICIT_DENY, POLICY_BY_RESOURCE };
	policy_why(&ask, &answer, false, &b);
	ck_assert_str_eq(buf_cstr(&b), "User: " ME " is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/x with an explicit deny "
				       "in a resource-based policy");
	buf_free(&b);
}
END_TEST

/* A pattern that makes a naive matcher run for ever. */
START_TEST(many_stars_are_no_trap)
{
	struct buf b = { 0 };
	struct buf resource = { 0 };
	const struct policy *p;
	struct policy_answer answer;
	struct policy_ask ask;
	buf_adds(&b, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::");
	for (int i = 0; i < 2000; i++)
		buf_adds(&b, "*a");
	buf_adds(&b, "b\"}]}");
	buf_adds(&resource, "arn:aws:s3:::");
	for (int i = 0; i < 4000; i++)
		buf_addc(&resource, 'a');
	p = read_one(buf_cstr(&b), POLICY_OF_IDENTITY);
	ask_of(&ask, "s3:GetObject", buf_cstr(&resource));
	ask.identity = &p;
	ask.identity_n = 1;
	policy_decide(&ask, &answer);
	ck_assert_int_eq(answer.decision, POLICY_IMPLICIT_DENY);
	policy_free((struct policy *)p);
	buf_free(&b);
	buf_free(&resource);
}
END_TEST

static void count_key(void *arg, struct slice key)
{
	struct buf *b = arg;
	buf_addf(b, "%.*s ", SL(key));
}

START_TEST(keys_are_named)
{
	struct policy *p = read_one(ONE(ALLOW "\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::b/${aws:username}/${*}\",\"Condition\":"
					      "{\"StringLike\":{\"s3:prefix\":\"${aws:PrincipalTag/t, 'x'}\"}}"), POLICY_OF_IDENTITY);
	struct buf b = { 0 };
	policy_keys(p, count_key, &b);
	ck_assert_str_eq(buf_cstr(&b), "aws:username s3:prefix aws:PrincipalTag/t ");
	policy_free(p);
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy");
	TCase *t = tcase_create("policy");
	tcase_add_loop_test(t, a_document_is_judged, 0, ARRAY_LEN(documents));
	tcase_add_loop_test(t, a_statement_says, 0, ARRAY_LEN(statements));
	tcase_add_loop_test(t, policies_decide, 0, ARRAY_LEN(decisions));
	tcase_add_test(t, refusals_are_in_awss_words);
	tcase_add_test(t, many_stars_are_no_trap);
	tcase_add_test(t, keys_are_named);
	suite_add_tcase(s, t);
	return run_suite(s);
}
