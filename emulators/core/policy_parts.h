/* What a policy document is once it is read; for policy_read.c, policy_match.c and policy.c alone. */
#ifndef TARN_POLICY_PARTS_H
#define TARN_POLICY_PARTS_H

#include "policy.h"

/* In a pattern these two bytes, which no UTF-8 text has, stand for its wildcards, so that a value that is put in place of a variable
 * never brings one with it. */
enum { POLICY_STAR = 0xFE, POLICY_ONE = 0xFF };

struct policy_texts {
	const struct slice *at;
	size_t n;
};

enum policy_principal_kind { PRINCIPAL_AWS, PRINCIPAL_SERVICE, PRINCIPAL_FEDERATED, PRINCIPAL_CANONICAL };
struct policy_principal {
	enum policy_principal_kind kind;
	struct slice value; /* "*" is any */
};

enum policy_type { TYPE_STRING, TYPE_LIKE, TYPE_NUMBER, TYPE_DATE, TYPE_BOOL, TYPE_BINARY, TYPE_IP, TYPE_ARN, TYPE_NULL };
enum policy_order { ORDER_EQ, ORDER_LT, ORDER_LE, ORDER_GT, ORDER_GE };
struct policy_operator {
	const char *name;
	enum policy_type type;
	bool negated, nocase;
	enum policy_order order;
};

enum policy_set { SET_NONE, SET_ALL, SET_ANY };
struct policy_condition {
	const struct policy_operator *op;
	enum policy_set set;
	bool if_exists;
	struct slice key;
	struct policy_texts values; /* patterns for LIKE and ARN */
};

struct policy_statement {
	struct slice sid;
	bool allow, not_action, not_resource, not_principal;
	struct policy_texts actions, resources; /* patterns */
	const struct policy_principal *principals;
	size_t principal_n;
	const struct policy_condition *conditions;
	size_t condition_n;
};

struct policy {
	struct arena arena;
	enum policy_use use;
	bool variables; /* Version 2012-10-17: ${…} means something */
	bool effect_case; /* of an identity policy: "allow" and the like, which its older parser stumbles over */
	const struct policy_statement *statements;
	size_t statement_n;
};

extern const struct policy_operator policy_operators[]; /* ends with a NULL name */

/* policy_check.c: what is wrong with a document whose parts are all there. Errors: INVALID. */
int policy_check(struct policy *p, struct error *err) WARN_UNUSED;
/* ISO 8601 from year and month to fractions of a second, or seconds since 1970. */
bool policy_date(struct slice s, int64_t *out_ms);

/* The next "${…}" at or after *pos of a pattern: *name is what stands inside, *pos behind it; false: none. */
bool policy_variable(struct slice pattern, size_t *pos, struct slice *name);

/* How well a statement's principal names the caller. */
enum policy_named { NAMED_NOT, NAMED_ACCOUNT, NAMED_ANY, NAMED_ROLE, NAMED_SELF };
/* Whether a statement says something of the request, and how it names the caller (identity policies: NAMED_SELF). *bad is set when
 * that is beyond our limits. */
enum policy_named policy_matches(const struct policy *p, const struct policy_statement *st, const struct policy_ask *ask, bool *bad);

#endif
