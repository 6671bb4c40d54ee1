/* Who a request is of: one table, made of [identities] and [identity.NAME] of the configuration, for the signatures of AWS's
 * services and for the basic and bearer credentials of the others; and the keys and sessions that IAM and STS made since (ports.h:
 * authority). Whether it is asked is [stack] auth: off takes anyone at their word, verify only who is known, enforce looks at what
 * policies let them do, too (authority.h). */
#ifndef TARN_IDENTITIES_H
#define TARN_IDENTITIES_H

#include "conf.h"
#include "http.h"

struct env;
struct identity {
	struct slice key, secret;   /* access key and its secret; secret absent: it isn't in the table */
	struct slice session;       /* token that requests must carry beside them; absent: none */
	struct slice name;          /* of the user or the role; absent: the account's root */
	struct slice path;          /* of the user, "/team/"; absent: "/" */
	struct slice role_session;  /* name of a role's session; absent: a user */
	bool federated;             /* name is no user's, but what GetFederationToken was told */
	struct slice claims;        /* of credentials that STS made: what they were given with, JSON; absent: none */
	struct slice canonical_id;  /* of S3: 64 hex digits, or what the table says; its account's */
	struct slice display_name;  /* of its account; absent: it has none, as accounts of AWS since 2025 */
	char account[13];           /* 12 digits and a NUL */
	char user_id[32], made_id[65]; /* what AWS would have made, of the names: the same in every run */
};

/* Whether only those in the table are served. conf may be NULL. */
bool identities_on(const struct conf *conf);
/* Whether policies are asked, too. */
bool identities_enforced(const struct conf *conf);
enum identity_known { IDENTITY_UNKNOWN, IDENTITY_KNOWN, IDENTITY_EXPIRED };
/* Whose that access key is, with the session token that a request carries (absent: none): made at run time, or in the table. UNKNOWN:
 * *out is the root of an account, as below. Slices of *out are the arena's, the configuration's, or key's; as long as the request. */
enum identity_known identity_find(const struct env *env, struct arena *a, struct slice key, struct slice token, struct identity *out);
/* The one of the table with that access key; its slices are the configuration's and key's. False: not in the table, and *out is the root of the
 * account that the key stands for: its 12 digits, or else the stack's. */
bool identity_of_key(const struct conf *conf, struct slice key, struct identity *out);
/* The i-th; false past the end. */
bool identity_at(const struct conf *conf, size_t i, struct identity *out);
/* Fills what isn't set and follows from account and name: its ids. */
void identity_complete(struct identity *id);
/* "arn:aws:iam::000000000000:user/alice" and the like, added to b. */
void identity_arn(const struct identity *id, struct buf *b);
/* An account as S3 names owners and grantees: what [identity.NAME] says of it, or made of its digits. */
struct account_owner {
	char account[13];
	struct slice canonical_id, display_name; /* display_name absent: none. Of the configuration, or made_id: don't copy the struct */
	char made_id[65];
};
/* account: 12 digits, copied; "" is the stack's. */
void account_owner(const struct conf *conf, struct slice account, struct account_owner *out);
/* The one with that canonical id, or the e-mail address. False: none is known by it. */
bool account_owner_by_id(const struct conf *conf, struct slice canonical_id, struct account_owner *out);
bool account_owner_by_email(const struct conf *conf, struct slice email, struct account_owner *out);
/* The stack's account and region: of what is made from its settings, and of our own boxes. */
const char *identities_account(const struct conf *conf);
const char *identities_region(const struct conf *conf);

enum identity_said { IDENTITY_OK, IDENTITY_UNSAID, IDENTITY_WRONG };
/* Judges the Authorization of a request over plain HTTP: Basic with access key (or name) and secret, Bearer with a secret.
 * OK too where auth is off, for our own boxes, and for tarn's own commands, which send the state folder's token. */
enum identity_said identity_of_call(const struct conf *conf, const struct http_call *call);
/* Whether one of tarn's own commands calls, with the state folder's token. False where auth is off. */
bool identity_is_tarn(const struct conf *conf, const struct http_call *call);
/* Whether the settings make sense together. Errors: INVALID. */
int identities_check(const struct conf *conf, struct error *err) WARN_UNUSED;
/* With auth on, a token for tarn's own commands: 64 hex digits, kept in conf until it is freed. */
void identities_make_token(struct conf *conf);
const char *identities_token(const struct conf *conf); /* NULL: auth is off */

extern const struct setting identity_settings[];

#endif
