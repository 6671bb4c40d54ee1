/* Policy documents, for each use, then a decision by what was read: "DOCUMENT\0RESOURCE". */
#include "core/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void look(void *arg, struct slice key)
{
	*(size_t *)arg += key.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice document, resource;
	sl_cut(sl_of(p, n), 0, &document, &resource);
	for (int use = POLICY_OF_IDENTITY; use <= POLICY_OF_RESOURCE; use++) {
		struct policy_fact facts[] = { { S("aws:username"), resource.p ? resource : S("alice") }, { S("aws:SourceIp"), S("127.0.0.1") } };
		struct policy_ask ask = { { POLICY_USER, S("000000000000"), S("arn:aws:iam::000000000000:user/alice") }, S("s3:GetObject"), S("arn:aws:s3:::b/x") };
		struct policy_answer answer;
		struct policy *policy = NULL;
		struct error err;
		struct buf why = { 0 };
		size_t sum = 0;
		if (policy_read(document, (enum policy_use)use, &policy, &err))
			continue;
		const struct policy *one = policy;
		if (resource.p)
			ask.resource = resource;
		ask.facts = facts;
		ask.fact_n = ARRAY_LEN(facts);
		ask.identity = &one;
		ask.identity_n = use == POLICY_OF_IDENTITY;
		ask.on_resource = use == POLICY_OF_IDENTITY ? NULL : policy;
		policy_decide(&ask, &answer);
		policy_why(&ask, &answer, true, &why);
		policy_keys(policy, look, &sum);
		buf_free(&why);
		policy_free(policy);
	}
	return 0;
}
