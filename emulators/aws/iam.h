/* IAM and STS: who there is, what their policies say, credentials.
 *
 *   iam.c         what all kinds of entities share: names, tags, paths, pages    iam_ops.h  texts of shapes
 *   iam_user.c    users, access keys, login profiles      iam_group.c  groups      iam_role.c  roles, instance profiles
 *   iam_grant.c   inline, attached and boundary policies of users, groups and roles
 *   iam_policy.c  managed policies and their versions     iam_managed.c  those of AWS that users name
 *   iam_account.c aliases, summaries, OIDC providers      iam_simulate.c  what would be decided
 *   iam_stack.c   what the stack's settings say of identities and roles
 *   session.c     credentials of STS: sealed, in no table       authority.c  the port that all services ask      sts.c  its operations
 *
 * A document is what Get... answers, and members that begin with "_", which stay here:
 *   user, group, role  _inline {name: text}, _attached [ARN], _boundary ARN; user _login {}; group _users [name]; role _used {date, region}
 *   policy             _versions [{VersionId, CreateDate, Document}], _next: number of the next version
 *   access key         AccessKeyId, Status, CreateDate, UserName, _secret, _account, _used {date, service, region}, _gone: deleted
 * Keys: the name, or the ARN of a policy and a provider; access keys lie all in one place, by their id. */
#ifndef TARN_IAM_H
#define TARN_IAM_H

#include "aws/api.h"
#include "core/policy.h"

extern const struct aws_kind iam_users, iam_groups, iam_roles, iam_policies, iam_profiles, iam_keys, iam_providers, iam_accounts;
extern const struct aws_place iam_anywhere; /* of access keys */

/* What the process keeps of them beside the documents. */
struct iam {
	uint8_t seal[32];      /* of session tokens */
	struct iam_read *read; /* policies that were read, by their text */
	size_t read_n;
};

/* ---- session.c ---- */
enum { SESSION_TOKEN_MAX = 4096 };
/* An access key's id: prefix ("AKIA"), then the account and chance, as AWS makes them. */
void iam_key_id(struct aws *a, const char *prefix, const char *account, char out[21]);
/* The account that an access key's id speaks of; false: it can't be one of AWS's. */
bool iam_key_account(struct slice key, char out[13]);
/* Credentials until end_ms: what they claim (see session.c) is sealed in their token; takes claims. Fills *out as Credentials.
 * Errors: LIMIT, the claims are too long. */
int session_make(struct aws *a, const char *account, json_t *claims, int64_t end_ms, json_t **out, struct error *err) WARN_UNUSED;
/* Whose they are; IDENTITY_UNKNOWN: no token of ours, or of another key. Slices are the arena's. */
enum identity_known session_read(const struct aws *a, struct arena *arena, struct slice key, struct slice token, struct identity *out);

/* ---- authority.c ---- */
int iam_open(struct aws *a, struct error *err) WARN_UNUSED;
void iam_close(struct aws *a);
/* A call came with an access key: what GetAccessKeyLastUsed says of it. */
void iam_used(struct aws_call *c);
void iam_provide(struct aws *a, struct ports *ports);
/* A document that was read before or is read now; NULL: it is malformed. It lives until iam_forget, which iam_gather begins with. */
const struct policy *iam_read(struct aws *a, struct slice text, enum policy_use use);
void iam_forget(struct aws *a);
/* The text of a managed policy's default version, of the account or AWS's own; NULL: there is none. */
const char *iam_policy_text(const struct aws *a, const char *account, const char *arn);

/* ---- iam_managed.c: AWS's own policies ---- */
struct iam_managed {
	const char *name, *path, *version, *description; /* description NULL: not known */
	int64_t made_ms;
	const char *document;
};
const struct iam_managed *iam_managed_at(size_t i); /* NULL past the end */
const struct iam_managed *iam_managed_find(const char *arn);

/* "arn:aws:iam::123456789012:role/path/name": its account and the name after the last slash; false: no ARN of that kind ("role"). */
bool iam_arn_read(const char *arn, const char *kind, char account[13], const char **name);

#endif
