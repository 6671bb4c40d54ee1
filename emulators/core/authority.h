/* Whether who signed a request may do what it asks for: the question that services put beside their operations. Without [stack]
 * auth = enforce everybody may. */
#ifndef TARN_AUTHORITY_H
#define TARN_AUTHORITY_H

#include "identities.h"
#include "policy.h"

struct authority_ask {
	const struct env *env;
	const struct http_call *call; /* its address, TLS, user agent are what conditions see; NULL: nothing. Our own boxes may do all */
	const struct identity *who;   /* NULL: anonymous */
	struct slice action, resource; /* "s3:GetObject"; an ARN or "*" */
	struct slice region;          /* that was asked; absent: nothing is known */
	struct slice owner;           /* account of the resource; absent: the caller's */
	struct slice policy;          /* document of the resource; absent: it has none */
	enum policy_use use;          /* of that: POLICY_OF_RESOURCE or POLICY_OF_TRUST */
	bool gate;                    /* without the resource's word nothing helps: trust and key policies */
	const struct policy_fact *facts; /* condition keys of the service */
	size_t fact_n;
	bool quote;                   /* the resource stands in quotes in the words of the refusal */
};
/* False: it may not, and AWS's words for it are added to why (NULL: nobody wants them); *answer too, unless NULL. */
bool authority_allows(const struct authority_ask *in, struct policy_answer *answer, struct buf *why);
/* The same decision whatever [stack] auth says; identity: whether the caller's own policies count (else they allow everything). */
bool authority_judges(const struct authority_ask *in, bool identity, struct policy_answer *answer, struct buf *why);

#endif
