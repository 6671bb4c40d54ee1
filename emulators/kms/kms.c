/* KMS: the table of operations; keys, policies, tags, rotation. */
#include "kms/kms.h"

enum { DAY_MS = 86400000, ROTATIONS_MAX = 10 };

/* A change of a key that is answered by nothing else: found by its id, kept afterwards. */
static int change_state(struct aws_call *c, struct kms_ref *key, const char *to)
{
	jput(key->meta, "KeyState", to);
	json_object_set_new(key->meta, "Enabled", json_boolean(!strcmp(to, "Enabled")));
	return kms_kept(c, key);
}

/* The key, which must be the account's own. */
static int own_key(struct aws_call *c, struct kms_ref *key, const char *doing)
{
	int rc = kms_of_call(c, "KeyId", false, key);
	if (!rc && !strcmp(jstr(key->meta, "KeyManager"), "AWS"))
		return aws_refuse(c, 400, "AccessDeniedException", "%s of an AWS managed key is not allowed: %s", doing, jstr(key->meta, "Arn"));
	return rc;
}

static int not_pending(struct aws_call *c, const struct kms_ref *key)
{
	if (strcmp(jstr(key->meta, "KeyState"), "PendingDeletion"))
		return 0;
	return aws_refuse(c, 400, "KMSInvalidStateException", "%s is pending deletion.", jstr(key->meta, "Arn"));
}

/* ---- making ---- */

struct making {
	struct aws_call *c; /* NULL: nobody waits any more */
	enum pair_kind kind;
	struct crypt_seed from;
	struct buf what, pair;
	bool made;
	char id[37];
	const char *spec, *usage;
};

static void making_free(void *arg)
{
	struct making *m = arg;
	buf_free(&m->what);
	buf_free(&m->pair);
	free(m);
}

static void make_work(void *arg)
{
	struct making *m = arg;
	m->made = pair_make(m->kind, &m->from, &m->pair);
}

static int keep_new(struct aws_call *c, const char *id, const char *spec, const char *usage, struct slice pair)
{
	struct error err = { 0 };
	json_t *key = kms_new(c->aws, c->at, id, spec, usage, "CUSTOMER", pair), *meta = json_object_get(key, "meta");
	jcopy(meta, c->in, "Description");
	jcopy(key, c->in, "Policy");
	if (jstr(c->in, "Policy"))
		jput(key, "policy", jstr(c->in, "Policy"));
	json_object_del(key, "Policy");
	aws_tags_set(json_object_get(key, "tags"), json_object_get(c->in, "Tags"), "TagKey", "TagValue");
	json_object_set(c->out, "KeyMetadata", meta);
	return aws_keep(c->aws, c->at, &kms_keys, id, key, &err) ? aws_broken(c, &err) : 0;
}

static void make_done(void *arg)
{
	struct making *m = arg;
	if (!m->made)
		(void)aws_refuse(m->c, 500, "KMSInternalException", "the key pair could not be made");
	else
		(void)keep_new(m->c, m->id, m->spec, m->usage, buf_slice(&m->pair));
	aws_answer(m->c);
	making_free(m);
}

static int make_pair(struct aws_call *c, const struct kms_spec *spec, const char *usage, const char *id)
{
	static const struct job_kind job = { make_work, make_done, NULL, making_free, "a key pair of KMS" };
	struct making *m = xcalloc(1, sizeof(*m));
	m->c = c;
	m->kind = spec->pair;
	m->spec = spec->name;
	m->usage = arena_cstr(c->arena, sl(usage));
	memcpy(m->id, id, sizeof(m->id));
	buf_addf(&m->what, "kms/pair/%s", id);
	m->from = kms_fresh(c->aws, "");
	m->from.what = buf_slice(&m->what);
	if (spec->pair <= PAIR_RSA_4096) {
		owed_keep(&c->owed, loop_long_job(c->env->loop, &job, m));
		return AWS_LATER;
	}
	make_work(m);
	int rc = m->made ? keep_new(c, id, m->spec, m->usage, buf_slice(&m->pair))
			 : aws_refuse(c, 500, "KMSInternalException", "the key pair could not be made");
	making_free(m);
	return rc;
}

static int unserved_kind(struct aws_call *c, const char *name)
{
	const char *origin = jstr(c->in, "Origin");
	if (origin && strcmp(origin, "AWS_KMS"))
		return aws_refuse(c, 400, "UnsupportedOperationException", "tarn makes the material of its keys: Origin %s is not served.", origin);
	if (jtrue(c->in, "MultiRegion"))
		return aws_refuse(c, 400, "UnsupportedOperationException", "tarn's keys are of one Region each: MultiRegion is not served.");
	if (!kms_spec(name))
		return aws_refuse(c, 400, "UnsupportedOperationException", "tarn has no keys of KeySpec %s.", name);
	return 0;
}

static int check_policy(struct aws_call *c, const char *text)
{
	JSON_AUTO doc = text ? json_loads(text, 0, NULL) : NULL;
	if (text && !json_object_get(doc, "Statement"))
		return aws_refuse(c, 400, "MalformedPolicyDocumentException", "The new key policy is not valid: it must be JSON with a Statement.");
	return 0;
}

static int create_key(struct aws_call *c)
{
	const char *name = jstr(c->in, "KeySpec"), *older = jstr(c->in, "CustomerMasterKeySpec"), *usage = jstr(c->in, "KeyUsage");
	char id[37];
	if (name && older && strcmp(name, older))
		return aws_refuse(c, 400, "ValidationException", "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.");
	name = name ? name : older ? older : "SYMMETRIC_DEFAULT";
	int rc = unserved_kind(c, name);
	if (rc || (rc = check_policy(c, jstr(c->in, "Policy"))))
		return rc;
	const struct kms_spec *spec = kms_spec(name);
	if (!usage && strcmp(name, "SYMMETRIC_DEFAULT"))
		return aws_refuse(c, 400, "ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
	usage = usage ? usage : spec->usages[0];
	if (strcmp(usage, spec->usages[0]) && (!spec->usages[1] || strcmp(usage, spec->usages[1])))
		return aws_refuse(c, 400, "ValidationException", "KeyUsage %s is not compatible with KeySpec %s", usage, name);
	aws_uuid(c->aws, id);
	return spec->pair ? make_pair(c, spec, usage, id) : keep_new(c, id, name, usage, sl(NULL));
}

/* ---- keys ---- */

static int describe_key(struct aws_call *c)
{
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", true, &key);
	if (rc)
		return rc;
	json_t *meta = json_deep_copy(key.meta);
	if (!strcmp(jstr(meta, "KeySpec"), "SYMMETRIC_DEFAULT"))
		json_object_set_new(meta, "CurrentKeyMaterialId", json_sprintf("%064llx", (unsigned long long)json_array_size(json_object_get(key.key, "rotations")) + 1));
	json_object_set_new(c->out, "KeyMetadata", meta);
	return 0;
}

static int list_keys(struct aws_call *c)
{
	json_t *items = json_array(), *key;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &kms_keys); (key = aws_next(&w));) {
		json_t *meta = json_object_get(key, "meta"), *one;
		if (!strcmp(jstr(meta, "KeyState"), "PendingDeletion") && jint(meta, "DeletionDate") <= c->now_ms)
			continue;
		one = json_object();
		jput(one, "KeyId", jstr(meta, "KeyId"));
		jput(one, "KeyArn", jstr(meta, "Arn"));
		json_array_append_new(items, one);
	}
	return kms_page(c, items, "Keys");
}

static int enable_key(struct aws_call *c)
{
	struct kms_ref key;
	int rc = own_key(c, &key, "EnableKey");
	return rc || (rc = not_pending(c, &key)) ? rc : change_state(c, &key, "Enabled");
}

static int disable_key(struct aws_call *c)
{
	struct kms_ref key;
	int rc = own_key(c, &key, "DisableKey");
	return rc || (rc = not_pending(c, &key)) ? rc : change_state(c, &key, "Disabled");
}

static int schedule_deletion(struct aws_call *c)
{
	int64_t days = json_object_get(c->in, "PendingWindowInDays") ? jint(c->in, "PendingWindowInDays") : 30;
	struct kms_ref key;
	int rc = own_key(c, &key, "ScheduleKeyDeletion");
	if (rc || (rc = not_pending(c, &key)))
		return rc;
	if (days < 7 || days > 30)
		return aws_refuse(c, 400, "ValidationException", "PendingWindowInDays must be between 7 and 30.");
	json_object_set_new(key.meta, "DeletionDate", json_integer(c->now_ms + days * DAY_MS));
	jput(c->out, "KeyId", jstr(key.meta, "Arn"));
	jcopy(c->out, key.meta, "DeletionDate");
	jput(c->out, "KeyState", "PendingDeletion");
	json_object_set_new(c->out, "PendingWindowInDays", json_integer(days));
	return change_state(c, &key, "PendingDeletion");
}

static int cancel_deletion(struct aws_call *c)
{
	struct kms_ref key;
	int rc = own_key(c, &key, "CancelKeyDeletion");
	if (rc)
		return rc;
	if (strcmp(jstr(key.meta, "KeyState"), "PendingDeletion"))
		return aws_refuse(c, 400, "KMSInvalidStateException", "%s is not pending deletion.", jstr(key.meta, "Arn"));
	json_object_del(key.meta, "DeletionDate");
	jput(c->out, "KeyId", jstr(key.meta, "Arn"));
	return change_state(c, &key, "Disabled");
}

static int update_description(struct aws_call *c)
{
	struct kms_ref key;
	int rc = own_key(c, &key, "UpdateKeyDescription");
	if (rc || (rc = not_pending(c, &key)))
		return rc;
	jcopy(key.meta, c->in, "Description");
	return kms_kept(c, &key);
}

/* ---- policies ---- */

static int default_policy(struct aws_call *c)
{
	const char *name = jstr(c->in, "PolicyName");
	return name && strcmp(name, "default") ? aws_refuse(c, 400, "NotFoundException", "No such policy exists") : 0;
}

static int put_policy(struct aws_call *c)
{
	struct kms_ref key;
	int rc = own_key(c, &key, "PutKeyPolicy");
	if (rc || (rc = default_policy(c)) || (rc = check_policy(c, jstr(c->in, "Policy"))))
		return rc;
	jput(key.key, "policy", jstr(c->in, "Policy"));
	return kms_kept(c, &key);
}

static int get_policy(struct aws_call *c)
{
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", false, &key);
	if (rc || (rc = default_policy(c)))
		return rc;
	jput(c->out, "Policy", jstr(key.key, "policy"));
	jput(c->out, "PolicyName", "default");
	return 0;
}

static int list_policies(struct aws_call *c)
{
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", false, &key);
	return rc ? rc : kms_page(c, json_pack("[s]", "default"), "PolicyNames");
}

/* ---- rotation ---- */

static int rotating(struct aws_call *c, struct kms_ref *key)
{
	struct error err = { 0 };
	int rc = kms_of_call(c, "KeyId", false, key);
	if (rc)
		return rc;
	if (strcmp(jstr(key->meta, "KeySpec"), "SYMMETRIC_DEFAULT"))
		return aws_refuse(c, 400, "UnsupportedOperationException", "%s", "");
	return kms_usable(key, NULL, NULL, &err) ? kms_refuse(c, &err) : 0;
}

static int enable_rotation(struct aws_call *c)
{
	int64_t days = json_object_get(c->in, "RotationPeriodInDays") ? jint(c->in, "RotationPeriodInDays") : 365;
	struct kms_ref key;
	int rc = rotating(c, &key);
	if (rc)
		return rc;
	json_object_set_new(key.key, "rotation", json_pack("{s:b, s:I, s:I}", "on", 1, "days", (json_int_t)days, "next",
							   (json_int_t)(c->now_ms + days * DAY_MS)));
	return kms_kept(c, &key);
}

static int disable_rotation(struct aws_call *c)
{
	struct kms_ref key;
	int rc = rotating(c, &key);
	if (rc)
		return rc;
	json_object_del(key.key, "rotation");
	return kms_kept(c, &key);
}

static int rotation_status(struct aws_call *c)
{
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", false, &key);
	if (rc)
		return rc;
	const json_t *rotation = json_object_get(key.key, "rotation");
	json_object_set_new(c->out, "KeyRotationEnabled", json_boolean(jtrue(rotation, "on")));
	if (jtrue(rotation, "on")) {
		jput(c->out, "KeyId", jstr(key.meta, "Arn"));
		json_object_set(c->out, "RotationPeriodInDays", json_object_get(rotation, "days"));
		json_object_set(c->out, "NextRotationDate", json_object_get(rotation, "next"));
	}
	return 0;
}

static int list_rotations(struct aws_call *c)
{
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", false, &key);
	return rc ? rc : kms_page(c, json_copy(json_object_get(key.key, "rotations")), "Rotations");
}

static int rotate_now(struct aws_call *c)
{
	struct error err = { 0 };
	struct kms_ref key;
	size_t i, asked = 0;
	json_t *one;
	int rc = rotating(c, &key);
	if (rc)
		return rc;
	json_array_foreach(json_object_get(key.key, "rotations"), i, one)
		asked += !strcmp(jstr(one, "RotationType"), "ON_DEMAND");
	if (asked >= ROTATIONS_MAX)
		return aws_refuse(c, 400, "LimitExceededException", "%s", "");
	jput(c->out, "KeyId", jstr(key.meta, "Arn"));
	return kms_rotate(c->aws, &key, "ON_DEMAND", &err) ? aws_broken(c, &err) : 0;
}

/* ---- tags ---- */

static int tag(struct aws_call *c)
{
	struct kms_ref key;
	int rc = own_key(c, &key, "TagResource");
	if (rc || (rc = not_pending(c, &key)))
		return rc;
	aws_tags_set(json_object_get(key.key, "tags"), json_object_get(c->in, "Tags"), "TagKey", "TagValue");
	return kms_kept(c, &key);
}

static int untag(struct aws_call *c)
{
	struct kms_ref key;
	int rc = own_key(c, &key, "UntagResource");
	if (rc || (rc = not_pending(c, &key)))
		return rc;
	aws_tags_drop(json_object_get(key.key, "tags"), json_object_get(c->in, "TagKeys"), "TagKey");
	return kms_kept(c, &key);
}

static int list_tags(struct aws_call *c)
{
	struct kms_ref key;
	int rc = kms_of_call(c, "KeyId", false, &key);
	return rc ? rc : kms_page(c, json_copy(json_object_get(key.key, "tags")), "Tags");
}

/* ---- the table ---- */

#define OP(name, doc) AWS_OP("kms", name, "KMS: " doc)
#define SPECS "RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|"
#define HASHES "|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2"
#define KEY "KeyId!:s1-2048"
#define GRANTS " GrantTokens:[s1-8192]0-10 DryRun:b"
#define PAGE " Limit:i1-1000 Marker:s1-1024"
#define CRYPT "SYMMETRIC_DEFAULT|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|SM2PKE"
#define SIGN "RSASSA_PSS_SHA_256|RSASSA_PSS_SHA_384|RSASSA_PSS_SHA_512|RSASSA_PKCS1_V1_5_SHA_256|RSASSA_PKCS1_V1_5_SHA_384|RSASSA_PKCS1_V1_5_SHA_512|" \
	"ECDSA_SHA_256|ECDSA_SHA_384|ECDSA_SHA_512|SM2DSA|ML_DSA_SHAKE_256|ED25519_SHA_512|ED25519_PH_SHA_512"
#define MAC "HMAC_SHA_224|HMAC_SHA_256|HMAC_SHA_384|HMAC_SHA_512"
#define TAGS "[{TagKey!:s1-128 TagValue!:s0-256}]"
#define META "KeyMetadata:{CreationDate:t DeletionDate:t}"
#define GRANT_OPS "Decrypt|Encrypt|GenerateDataKey|GenerateDataKeyWithoutPlaintext|ReEncryptFrom|ReEncryptTo|Sign|Verify|GetPublicKey|CreateGrant|" \
	"RetireGrant|DescribeKey|GenerateDataKeyPair|GenerateDataKeyPairWithoutPlaintext|GenerateMac|VerifyMac|DeriveSharedSecret"

static const struct aws_op ops[] = {
	{ OP("CreateKey", "makes a key: symmetric, RSA, NIST's curves, Ed25519, HMAC; its material comes of the seed"),
	  "Policy:s1-131072 Description:s0-8192 KeyUsage:SIGN_VERIFY|ENCRYPT_DECRYPT|GENERATE_VERIFY_MAC|KEY_AGREEMENT CustomerMasterKeySpec:" SPECS
	  "SYMMETRIC_DEFAULT" HASHES " KeySpec:" SPECS "SYMMETRIC_DEFAULT" HASHES
	  "|ML_DSA_44|ML_DSA_65|ML_DSA_87|ECC_NIST_EDWARDS25519 Origin:AWS_KMS|EXTERNAL|AWS_CLOUDHSM|EXTERNAL_KEY_STORE CustomKeyStoreId:s1-64 "
	  "BypassPolicyLockoutSafetyCheck:b Tags:" TAGS " MultiRegion:b XksKeyId:s1-128", META, create_key },
	{ OP("DescribeKey", "a key, by id, ARN or alias"), KEY GRANTS, META, describe_key, kms_resource },
	{ OP("ListKeys", "ids and ARNs of the keys"), "Limit:i1-1000 Marker:s1-1024", "", list_keys },
	{ OP("EnableKey", "may be used again"), KEY, NULL, enable_key, kms_resource },
	{ OP("DisableKey", "can't be used until it is enabled"), KEY, NULL, disable_key, kms_resource },
	{ OP("ScheduleKeyDeletion", "goes after 7..30 days of the emulated clock"), KEY " PendingWindowInDays:i1-365", "DeletionDate:t", schedule_deletion,
	  kms_resource },
	{ OP("CancelKeyDeletion", "stays, disabled"), KEY, "", cancel_deletion, kms_resource },
	{ OP("UpdateKeyDescription", "another description"), KEY " Description!:s0-8192", NULL, update_description, kms_resource },
	{ OP("PutKeyPolicy", "another policy"), KEY " PolicyName:s1-128 Policy!:s1-131072 BypassPolicyLockoutSafetyCheck:b", NULL, put_policy, kms_resource },
	{ OP("GetKeyPolicy", "its policy"), KEY " PolicyName:s1-128", "", get_policy, kms_resource },
	{ OP("ListKeyPolicies", "default"), KEY PAGE, "", list_policies, kms_resource },
	{ OP("EnableKeyRotation", "fresh material every 365 days, or as many as are named"), KEY " RotationPeriodInDays:i90-2560", NULL, enable_rotation,
	  kms_resource },
	{ OP("DisableKeyRotation", "no fresh material by itself"), KEY, NULL, disable_rotation, kms_resource },
	{ OP("GetKeyRotationStatus", "whether, and when"), KEY, "NextRotationDate:t", rotation_status, kms_resource },
	{ OP("ListKeyRotations", "the rotations that were"), KEY " IncludeKeyMaterial:ALL_KEY_MATERIAL|ROTATIONS_ONLY" PAGE, "Rotations:[{RotationDate:t}]",
	  list_rotations, kms_resource },
	{ OP("RotateKeyOnDemand", "fresh material now; older ciphertexts still open"), KEY, "", rotate_now, kms_resource },
	{ OP("TagResource", "sets tags of a key"), KEY " Tags!:" TAGS, NULL, tag, kms_resource },
	{ OP("UntagResource", "takes tags away"), KEY " TagKeys!:[s1-128]", NULL, untag, kms_resource },
	{ OP("ListResourceTags", "its tags"), KEY PAGE, "", list_tags, kms_resource },

	{ OP("CreateAlias", "a name for a key"), "AliasName!:s1-256 TargetKeyId!:s1-2048", NULL, kms_create_alias, kms_resource },
	{ OP("UpdateAlias", "points it to another key"), "AliasName!:s1-256 TargetKeyId!:s1-2048", NULL, kms_update_alias, kms_resource },
	{ OP("DeleteAlias", "takes it away"), "AliasName!:s1-256", NULL, kms_delete_alias },
	{ OP("ListAliases", "all, or those of a key"), "KeyId:s1-2048" PAGE, "Aliases:[{CreationDate:t LastUpdatedDate:t}]", kms_list_aliases },
	{ OP("CreateGrant", "keeps a grant"), KEY " GranteePrincipal!:s1-256 RetiringPrincipal:s1-256 Operations!:[" GRANT_OPS
	  "] Constraints:{EncryptionContextSubset:<s> EncryptionContextEquals:<s>} Name:s1-256" GRANTS, "", kms_create_grant, kms_resource },
	{ OP("ListGrants", "of a key"), KEY " GrantId:s1-128 GranteePrincipal:s1-256" PAGE, "Grants:[{CreationDate:t}]", kms_list_grants, kms_resource },
	{ OP("ListRetirableGrants", "that a principal may retire"), "RetiringPrincipal!:s1-256" PAGE, "Grants:[{CreationDate:t}]",
	  kms_list_retirable_grants },
	{ OP("RetireGrant", "ends one, by token or id"), "GrantToken:s1-8192 KeyId:s1-2048 GrantId:s1-128 DryRun:b", NULL, kms_retire_grant, kms_resource },
	{ OP("RevokeGrant", "ends one"), KEY " GrantId!:s1-128 DryRun:b", NULL, kms_revoke_grant, kms_resource },

	{ OP("Encrypt", "up to 4096 bytes; AES-256-GCM with the context, or RSAES_OAEP"), KEY " Plaintext!:x EncryptionContext:<s> EncryptionAlgorithm:" CRYPT
	  GRANTS, "CiphertextBlob:x", kms_encrypt, kms_resource },
	{ OP("Decrypt", "what Encrypt or GenerateDataKey gave"), "CiphertextBlob!:x EncryptionContext:<s> KeyId:s1-2048 EncryptionAlgorithm:" CRYPT GRANTS,
	  "Plaintext:x", kms_decrypt, kms_resource },
	{ OP("ReEncrypt", "from one key or context to another"), "CiphertextBlob!:x SourceEncryptionContext:<s> SourceKeyId:s1-2048 DestinationKeyId!:s1-2048 "
	  "DestinationEncryptionContext:<s> SourceEncryptionAlgorithm:" CRYPT " DestinationEncryptionAlgorithm:" CRYPT GRANTS, "CiphertextBlob:x",
	  kms_re_encrypt },
	{ OP("GenerateDataKey", "a key in plain and sealed"), KEY " EncryptionContext:<s> NumberOfBytes:i1-1024 KeySpec:AES_256|AES_128" GRANTS,
	  "CiphertextBlob:x Plaintext:x", kms_generate_data_key, kms_resource },
	{ OP("GenerateDataKeyWithoutPlaintext", "a sealed key"), KEY " EncryptionContext:<s> NumberOfBytes:i1-1024 KeySpec:AES_256|AES_128" GRANTS,
	  "CiphertextBlob:x", kms_generate_data_key_only, kms_resource },
	{ OP("GenerateDataKeyPair", "a key pair, the private half in plain and sealed"), KEY " EncryptionContext:<s> KeyPairSpec!:" SPECS
	  "SM2|ECC_NIST_EDWARDS25519" GRANTS, "PrivateKeyCiphertextBlob:x PrivateKeyPlaintext:x PublicKey:x", kms_generate_pair, kms_resource },
	{ OP("GenerateDataKeyPairWithoutPlaintext", "the same, sealed only"), KEY " EncryptionContext:<s> KeyPairSpec!:" SPECS "SM2|ECC_NIST_EDWARDS25519"
	  GRANTS, "PrivateKeyCiphertextBlob:x PublicKey:x", kms_generate_pair_only, kms_resource },
	{ OP("GenerateRandom", "bytes of the seed, never the same twice in a run"), "NumberOfBytes:i1-1024 CustomKeyStoreId:s1-64", "Plaintext:x",
	  kms_generate_random },
	{ OP("Sign", "RSA PKCS #1 v1.5 and PSS, ECDSA, Ed25519"), KEY " Message!:x MessageType:RAW|DIGEST|EXTERNAL_MU SigningAlgorithm!:" SIGN GRANTS, "Signature:x",
	  kms_sign, kms_resource },
	{ OP("Verify", "whether a signature is the key's"), KEY " Message!:x MessageType:RAW|DIGEST|EXTERNAL_MU Signature!:x SigningAlgorithm!:" SIGN GRANTS, "",
	  kms_verify, kms_resource },
	{ OP("GenerateMac", "HMAC"), KEY " Message!:x MacAlgorithm!:" MAC GRANTS, "Mac:x", kms_generate_mac, kms_resource },
	{ OP("VerifyMac", "whether a MAC is the key's"), KEY " Message!:x MacAlgorithm!:" MAC " Mac!:x" GRANTS, "", kms_verify_mac, kms_resource },
	{ OP("GetPublicKey", "the other half of a key pair"), KEY " GrantTokens:[s1-8192]0-10", "PublicKey:x", kms_get_public_key, kms_resource },
};

const struct routes kms_ops = ROUTES(ops);
const struct aws_api kms_api = { .name = "kms", .scope = "kms", .protocol = AWS_JSON, .policy = kms_policy, .ops = { &kms_ops } };
