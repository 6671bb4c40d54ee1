/* Key pairs of EC2's kind: made in a job, written as ssh and AWS write them. The stack's own ([keypairs] NAME = rsa) are made when
 * they are first asked for, never at the start; their private half lies in Parameter Store as /ec2/keypair/ID, as CloudFormation
 * does it. */
#ifndef TARN_AWS_KEYPAIR_H
#define TARN_AWS_KEYPAIR_H

#include "aws/api.h"
#include "core/crypt.h"

/* Documents by name: KeyName, KeyPairId, KeyType, KeyFingerprint, PublicKey, CreateTime (ms), Tags; "lazy": the first three of
 * these five aren't made yet. */
extern const struct aws_kind ec2_keypairs;

struct keypair {
	bool made;
	struct buf private, public, fingerprint; /* PEM, or OpenSSH's for ed25519; "ssh-rsa AAAA..."; as AWS shows it */
};
/* Makes one in a job, then calls then() on the loop, which answers the call by aws_answer. type: "rsa" or "ed25519"; the seed's
 * what is copied. Returns AWS_LATER. */
int keypair_make(struct aws_call *c, const char *type, const struct crypt_seed *from, void (*then)(struct aws_call *c, const struct keypair *made));
/* The seed of one of the stack's pairs; name lives as long as the seed. */
struct crypt_seed keypair_seed(const struct aws *a, const char *name, struct buf *what);
/* What the other side of a lazy one is, kept in its document. */
int keypair_learn(struct aws *a, struct aws_place at, const char *name, const struct keypair *made, struct error *err) WARN_UNUSED;
/* The fingerprint of an imported public key, "ssh-rsa AAAA... comment". False: it is none; *type is rsa or ed25519. */
bool keypair_import(struct arena *arena, struct slice text, const char **type, struct buf *fingerprint);
/* The stack's pairs, as documents, where they aren't yet. */
int keypairs_open(struct aws *a, struct error *err) WARN_UNUSED;
/* The i-th name that [keypairs] has, NULL past the end, and its type. */
const char *keypair_at(const struct aws *a, size_t i, const char **type);

#endif
