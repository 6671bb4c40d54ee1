/* KMS: keys, and what is done with them.
 *
 *   keys.c   finding a key by any of its names, its states, its material, what it seals
 *   kms.c        the table of operations; keys, policies, tags, rotation
 *   names.c  aliases and grants
 *   use.c    encrypting, data keys, signatures, MACs
 *
 * This is not a vault: a key's material comes of the run's seed, the key's id and how often it was rotated (core/crypt.h), so the
 * same run has the same keys and ciphertexts.
 *
 * A key's document: "meta" as KeyMetadata with times in ms, "policy", "tags", "rotation" {on, days, next}, "rotations"
 * [{RotationDate, RotationType}], "pair" (the private half of a key pair, PKCS #8 in base64). */
#ifndef TARN_AWS_KMS_H
#define TARN_AWS_KMS_H

#include "aws/api.h"
#include "core/crypt.h"

extern const struct aws_kind kms_keys, kms_aliases, kms_grants;

/* A key that was found, wherever its name led. It points into itself: it is not to be copied. */
struct kms_ref {
	char account[16], region[40];
	struct aws_place at; /* those two */
	const char *id;      /* of the document */
	json_t *key, *meta;  /* borrowed */
};
/* By its id, ARN, alias or alias ARN; aliases: those, too. An AWS managed key (alias/aws/s3) is made when it is first looked for.
 * Keys whose last day is over are gone, and those due to be rotated are. Errors: NOT_FOUND with KMS's code and text; STORE. */
int kms_find(struct aws *a, struct aws_place at, const char *name, bool aliases, struct kms_ref *out, struct error *err) WARN_UNUSED;
/* Whether it may be used now, and for what the operation is (usage NULL: any). Errors: DENIED with KMS's code and text. */
int kms_usable(const struct kms_ref *key, const char *usage, const char *operation, struct error *err) WARN_UNUSED;
/* Keeps what was changed in it. */
int kms_keep(struct aws *a, const struct kms_ref *key, struct error *err) WARN_UNUSED;
/* The i-th service that has a managed key, as alias/aws/NAME; NULL past the end. */
const char *kms_managed(size_t i);
/* Makes a key's document with that spec and usage; pair: its private half, or absent. The caller's. */
json_t *kms_new(struct aws *a, struct aws_place at, const char *id, const char *spec, const char *usage, const char *manager, struct slice pair);
int kms_rotate(struct aws *a, const struct kms_ref *key, const char *type, struct error *err) WARN_UNUSED;
/* Now of the emulated clock. */
int64_t kms_now(const struct aws *a);

/* Seals by the key's latest material; context: names and texts that must be told to open it, or NULL. data: it is a data key. */
void kms_seal(struct aws *a, const struct kms_ref *key, const json_t *context, bool data, struct slice plain, struct buf *out);
/* Finds the key that sealed it. Errors: INVALID (no ciphertext), DENIED (a key that isn't here). */
int kms_sealed_by(struct aws *a, struct aws_place at, struct slice blob, struct kms_ref *out, struct error *err) WARN_UNUSED;
/* False: it isn't what was sealed, or not with that context. */
bool kms_open(struct aws *a, const struct kms_ref *key, const json_t *context, struct slice blob, struct buf *plain) WARN_UNUSED;
/* A fresh seed, by a counter: what comes of it comes once. */
struct crypt_seed kms_fresh(struct aws *a, const char *what);
/* The bytes of an HMAC key. */
size_t kms_hmac_key(struct aws *a, const struct kms_ref *key, uint8_t out[128]);
/* A key pair's private half, in the call's arena. */
struct slice kms_pair(struct arena *arena, const struct kms_ref *key);

/* A spec that is served; NULL: none of ours. */
struct kms_spec {
	const char *name;
	enum pair_kind pair;
	int sha;                /* of an HMAC */
	const char *usages[2];
	const char *algorithms[2]; /* of each usage, separated by commas */
};
const struct kms_spec *kms_spec(const char *name);
/* Whether a key with that meta knows the algorithm. */
bool kms_knows(const json_t *meta, const char *algorithm);

/* The port of other services. */
void kms_provide(struct aws *a, struct ports *ports);

/* ---- of hooks ---- */
/* kms_find by a member of the request; a refusal otherwise. */
int kms_of_call(struct aws_call *c, const char *member, bool aliases, struct kms_ref *out) WARN_UNUSED;
/* Answers with what a function above said. */
int kms_refuse(struct aws_call *c, const struct error *err);
int kms_kept(struct aws_call *c, const struct kms_ref *key) WARN_UNUSED; /* kms_keep, or a refusal */
/* The resource of a policy: the key that KeyId names. */
void kms_resource(struct aws_call *c, struct buf *arn);
/* That key's own policy. */
const char *kms_policy(struct aws_call *c);
/* A page by Limit and Marker, with Truncated. Takes items. */
int kms_page(struct aws_call *c, json_t *items, const char *list);

aws_hook kms_create_alias, kms_update_alias, kms_delete_alias, kms_list_aliases, kms_create_grant, kms_list_grants, kms_list_retirable_grants,
	kms_retire_grant, kms_revoke_grant;
aws_hook kms_encrypt, kms_decrypt, kms_re_encrypt, kms_generate_data_key, kms_generate_data_key_only, kms_generate_pair, kms_generate_pair_only,
	kms_generate_random, kms_sign, kms_verify, kms_generate_mac, kms_verify_mac, kms_get_public_key;

#endif
