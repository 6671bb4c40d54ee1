/* Policy documents of IAM: what a document says, and what documents together decide of a request.
 *
 *   policy_read.c   JSON -> the statements of policy_parts.h
 *   policy_check.c  what is malformed, in AWS's words
 *   policy_match.c  one statement against one request: wildcards, variables, principals, conditions
 *   policy_public.c whether a resource's lets everyone in
 *   policy.c        identity, boundary, session and resource policies together; the words of a refusal
 *
 * Nothing here knows services, users or clocks: who asks fills struct policy_ask. A document may hold any text of at most
 * POLICY_MAX bytes; the time taken grows with document times request, never faster.
 * Spec: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, reference_policies_elements.html */
#ifndef TARN_POLICY_H
#define TARN_POLICY_H

#include "err.h"

enum { POLICY_MAX = 131072, POLICY_HITS_MAX = 32 };

/* What a document is for: which elements it must have and may not. */
enum policy_use { POLICY_OF_IDENTITY, POLICY_OF_SESSION, POLICY_OF_TRUST, POLICY_OF_RESOURCE };

struct policy;
/* Reads a document. *out owns copies of everything; policy_free takes NULL. Errors: INVALID, MalformedPolicyDocument/400. */
int policy_read(struct slice text, enum policy_use use, struct policy **out, struct error *err) WARN_UNUSED;
void policy_free(struct policy *p);
/* Each condition key and variable that a document names ("aws:SourceIp"), repeated as it repeats them. */
void policy_keys(const struct policy *p, void (*each)(void *arg, struct slice key), void *arg);
/* The principals of a trust or resource policy, "AWS", "Service", "Federated" or "CanonicalUser" with their value ("*" too). */
void policy_principals(const struct policy *p, void (*each)(void *arg, const char *kind, struct slice value), void *arg);

/* Whether a resource's document lets everyone in: "public" as S3 counts it. policy_public.c. */
bool policy_public(const struct policy *p);
/* Whether a text fits one of those below. */
bool policy_like(struct slice pattern, struct slice text);
/* The resources of a document, as they stand there; wildcards are bytes that no text has. */
void policy_resources(const struct policy *p, void (*each)(void *arg, struct slice value), void *arg);

/* A condition key of the request and one of its values: a key with several values is there several times. Names are compared without
 * regard to case, "aws:PrincipalTag/team" as a whole. */
struct policy_fact {
	struct slice key, value;
};

enum policy_who { POLICY_ANONYMOUS, POLICY_ROOT, POLICY_USER, POLICY_SESSION, POLICY_SERVICE, POLICY_FEDERATED };
/* Who asks. Absent slices: doesn't have one. */
struct policy_caller {
	enum policy_who who;
	struct slice account;
	struct slice arn;          /* of the user, of the session ("arn:aws:sts::…:assumed-role/…"), of the root */
	struct slice role_arn;     /* SESSION: of its role */
	struct slice id;           /* AIDA…, AROA…: what a principal that was deleted is called in documents */
	struct slice canonical_id; /* of its account, S3's */
	struct slice name;         /* SERVICE: "kafkaconnect.amazonaws.com"; FEDERATED: of its provider */
};

struct policy_ask {
	struct policy_caller caller;
	struct slice action, resource; /* "s3:GetObject", an ARN or "*" */
	const struct policy_fact *facts;
	size_t fact_n;
	/* Documents may be NULL, which say nothing. */
	const struct policy *const *identity; /* the user's own, its groups', the role's */
	size_t identity_n;
	const struct policy *boundary;        /* NULL: none */
	const struct policy *const *session;  /* given with AssumeRole; 0: none, which limits nothing */
	size_t session_n;
	const struct policy *on_resource;     /* bucket, stream, key, API or trust policy; NULL: none */
	struct slice owner;                   /* account of the resource; absent: the caller's */
	bool gate;                            /* trust and key policies: without their word an identity policy doesn't count */
};

enum policy_kind { POLICY_BY_IDENTITY, POLICY_BY_BOUNDARY, POLICY_BY_SESSION, POLICY_BY_RESOURCE };
enum policy_decision { POLICY_ALLOWED, POLICY_EXPLICIT_DENY, POLICY_IMPLICIT_DENY };
struct policy_hit {
	enum policy_kind by;
	size_t policy, statement; /* index among those of its kind; index in the document */
	bool allow;
};
struct policy_answer {
	enum policy_decision decision;
	enum policy_kind by;                   /* denied: which kind denies, or which fails to allow */
	struct policy_hit hit[POLICY_HITS_MAX]; /* statements that match, the first of them */
	size_t hit_n;
};
/* Decides. It can't fail: a request that is beyond our limits is denied. */
void policy_decide(const struct policy_ask *ask, struct policy_answer *out);
/* "User: ARN is not authorized to perform: ACTION on resource: RES because no identity-based policy allows the ACTION action":
 * AWS's words for an answer that isn't ALLOWED, added to b. quote: the resource in quotes, as S3 says it. */
void policy_why(const struct policy_ask *ask, const struct policy_answer *answer, bool quote, struct buf *b);

#endif
