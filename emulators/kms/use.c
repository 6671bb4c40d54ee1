/* KMS: encrypting, data keys, signatures, MACs. */
#include "kms/kms.h"

enum { PLAIN_MAX = 4096, BLOB_MAX = 6144, MESSAGE_MAX = 4096 };

static struct slice blob_of(struct aws_call *c, const char *member)
{
	struct slice raw = S("");
	return arena_base64(c->arena, jslice(c->in, member), &raw) ? raw : S("");
}

static void put_blob(struct aws_call *c, const char *member, struct slice raw)
{
	struct buf text = { 0 };
	buf_base64(&text, raw.p, raw.n);
	jput(c->out, member, buf_cstr(&text));
	buf_free(&text);
}

static int too_long(struct aws_call *c, const char *member, size_t n, size_t most)
{
	if (n && n <= most)
		return 0;
	return aws_refuse(c, 400, "ValidationException", "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length %s "
			  "than or equal to %zu", member, n ? "less" : "greater", n ? most : 1);
}

static int dry_run(struct aws_call *c)
{
	return jtrue(c->in, "DryRun") ? aws_refuse(c, 400, "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.") : 0;
}

/* The key that a member names, usable for what the operation is. */
static int key_for(struct aws_call *c, const char *member, const char *usage, const char *operation, struct kms_ref *key)
{
	struct error err = { 0 };
	int rc = kms_of_call(c, member, true, key);
	if (rc)
		return rc;
	return kms_usable(key, usage, operation, &err) ? kms_refuse(c, &err) : 0;
}

static int must_know(struct aws_call *c, const struct kms_ref *key, const char *algorithm)
{
	if (kms_knows(key->meta, algorithm))
		return 0;
	return aws_refuse(c, 400, "InvalidKeyUsageException", "Algorithm %s and key spec %s are incompatible.", algorithm, jstr(key->meta, "KeySpec"));
}

static const char *said(const json_t *in, const char *member, const char *otherwise)
{
	return jstr(in, member) ? jstr(in, member) : otherwise;
}

/* ---- encrypting ---- */

static int oaep(const char *algorithm)
{
	return !strcmp(algorithm, "RSAES_OAEP_SHA_1") ? 1 : 256;
}

static int seal(struct aws_call *c, const struct kms_ref *key, const char *algorithm, const json_t *context, struct slice plain, struct buf *out)
{
	if (!strcmp(algorithm, "SYMMETRIC_DEFAULT")) {
		kms_seal(c->aws, key, context, false, plain, out);
		return 0;
	}
	struct crypt_seed fresh = kms_fresh(c->aws, "kms.oaep");
	if (json_object_size(context))
		return aws_refuse(c, 400, "ValidationException", "EncryptionContext is not supported for asymmetric CMKs.");
	if (pair_encrypt(kms_pair(c->arena, key), oaep(algorithm), &fresh, plain, out))
		return 0;
	return aws_refuse(c, 400, "ValidationException", "Algorithm %s and key spec %s cannot encrypt data larger than %d bytes.", algorithm,
			  jstr(key->meta, "KeySpec"), atoi(jstr(key->meta, "KeySpec") + 4) / 8 - 2 - 2 * (int)crypt_hash_size(oaep(algorithm)));
}

int kms_encrypt(struct aws_call *c)
{
	const char *algorithm = said(c->in, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
	struct slice plain = blob_of(c, "Plaintext");
	struct buf out = { 0 };
	struct kms_ref key;
	int rc = too_long(c, "plaintext", plain.n, PLAIN_MAX);
	if (rc || (rc = key_for(c, "KeyId", "ENCRYPT_DECRYPT", "Encrypt", &key)) || (rc = must_know(c, &key, algorithm)) || (rc = dry_run(c)))
		return rc;
	rc = seal(c, &key, algorithm, json_object_get(c->in, "EncryptionContext"), plain, &out);
	if (!rc) {
		put_blob(c, "CiphertextBlob", buf_slice(&out));
		jput(c->out, "KeyId", jstr(key.meta, "Arn"));
		jput(c->out, "EncryptionAlgorithm", algorithm);
	}
	buf_free(&out);
	return rc;
}

/* What Decrypt and the first half of ReEncrypt do. */
struct opening {
	const char *key, *algorithm, *context, *operation; /* members of the request, and what it is called in errors */
};

static int open_symmetric(struct aws_call *c, const struct opening *o, struct slice blob, struct kms_ref *key, struct buf *plain)
{
	struct kms_ref named;
	struct error err = { 0 };
	int rc;
	if (kms_sealed_by(c->aws, c->at, blob, key, &err))
		return kms_refuse(c, &err);
	if (jstr(c->in, o->key)) {
		if ((rc = kms_of_call(c, o->key, true, &named)))
			return rc;
		if (strcmp(named.id, key->id))
			return aws_refuse(c, 400, "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
	}
	if (kms_usable(key, "ENCRYPT_DECRYPT", o->operation, &err))
		return kms_refuse(c, &err);
	if (!kms_open(c->aws, key, json_object_get(c->in, o->context), blob, plain))
		return aws_refuse(c, 400, "InvalidCiphertextException", "%s", "");
	return 0;
}

static int open_blob(struct aws_call *c, const struct opening *o, struct kms_ref *key, struct buf *plain)
{
	const char *algorithm = said(c->in, o->algorithm, "SYMMETRIC_DEFAULT");
	struct slice blob = blob_of(c, "CiphertextBlob");
	int rc = too_long(c, "ciphertextBlob", blob.n, BLOB_MAX);
	if (rc)
		return rc;
	if (!strcmp(algorithm, "SYMMETRIC_DEFAULT"))
		return open_symmetric(c, o, blob, key, plain);
	if (!jstr(c->in, o->key))
		return aws_refuse(c, 400, "ValidationException", "The %s parameter is required for asymmetric CMKs.", o->key);
	if ((rc = key_for(c, o->key, "ENCRYPT_DECRYPT", o->operation, key)) || (rc = must_know(c, key, algorithm)))
		return rc;
	if (!pair_decrypt(kms_pair(c->arena, key), oaep(algorithm), blob, plain))
		return aws_refuse(c, 400, "InvalidCiphertextException", "%s", "");
	return 0;
}

int kms_decrypt(struct aws_call *c)
{
	static const struct opening how = { "KeyId", "EncryptionAlgorithm", "EncryptionContext", "Decrypt" };
	struct buf plain = { 0 };
	struct kms_ref key;
	int rc = open_blob(c, &how, &key, &plain);
	if (!rc && !(rc = dry_run(c))) {
		put_blob(c, "Plaintext", buf_slice(&plain));
		jput(c->out, "KeyId", jstr(key.meta, "Arn"));
		jput(c->out, "EncryptionAlgorithm", said(c->in, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT"));
	}
	buf_free(&plain);
	return rc;
}

int kms_re_encrypt(struct aws_call *c)
{
	static const struct opening how = { "SourceKeyId", "SourceEncryptionAlgorithm", "SourceEncryptionContext", "ReEncrypt" };
	const char *algorithm = said(c->in, "DestinationEncryptionAlgorithm", "SYMMETRIC_DEFAULT");
	struct buf plain = { 0 }, out = { 0 };
	struct kms_ref from, to;
	int rc = open_blob(c, &how, &from, &plain);
	if (!rc && !(rc = key_for(c, "DestinationKeyId", "ENCRYPT_DECRYPT", "ReEncrypt", &to)) && !(rc = must_know(c, &to, algorithm)) &&
	    !(rc = dry_run(c)))
		rc = seal(c, &to, algorithm, json_object_get(c->in, "DestinationEncryptionContext"), buf_slice(&plain), &out);
	if (!rc) {
		put_blob(c, "CiphertextBlob", buf_slice(&out));
		jput(c->out, "SourceKeyId", jstr(from.meta, "Arn"));
		jput(c->out, "KeyId", jstr(to.meta, "Arn"));
		jput(c->out, "SourceEncryptionAlgorithm", said(c->in, how.algorithm, "SYMMETRIC_DEFAULT"));
		jput(c->out, "DestinationEncryptionAlgorithm", algorithm);
	}
	buf_free(&plain);
	buf_free(&out);
	return rc;
}

/* ---- data keys ---- */

static int symmetric_for(struct aws_call *c, const char *operation, struct kms_ref *key)
{
	int rc = key_for(c, "KeyId", "ENCRYPT_DECRYPT", operation, key);
	return rc || (rc = must_know(c, key, "SYMMETRIC_DEFAULT")) ? rc : dry_run(c);
}

static int data_key(struct aws_call *c, const char *operation, bool show)
{
	const char *spec = jstr(c->in, "KeySpec");
	int64_t n = jint(c->in, "NumberOfBytes");
	uint8_t plain[1024];
	struct buf out = { 0 };
	struct kms_ref key;
	int rc = symmetric_for(c, operation, &key);
	if (rc)
		return rc;
	if (!spec == !n)
		return aws_refuse(c, 400, "ValidationException", "Please specify either number of bytes or key spec.");
	if (spec)
		n = !strcmp(spec, "AES_256") ? 32 : 16;
	struct crypt_seed fresh = kms_fresh(c->aws, "kms.data");
	crypt_derive(&fresh, plain, (size_t)n);
	kms_seal(c->aws, &key, json_object_get(c->in, "EncryptionContext"), true, sl_of(plain, (size_t)n), &out);
	put_blob(c, "CiphertextBlob", buf_slice(&out));
	if (show)
		put_blob(c, "Plaintext", sl_of(plain, (size_t)n));
	jput(c->out, "KeyId", jstr(key.meta, "Arn"));
	buf_free(&out);
	return 0;
}

int kms_generate_data_key(struct aws_call *c)
{
	return data_key(c, "GenerateDataKey", true);
}

int kms_generate_data_key_only(struct aws_call *c)
{
	return data_key(c, "GenerateDataKeyWithoutPlaintext", false);
}

struct pairing {
	struct aws_call *c;
	enum pair_kind kind;
	struct crypt_seed from;
	struct buf pair, pub;
	bool made, show;
};

static void pairing_free(void *arg)
{
	struct pairing *p = arg;
	buf_free(&p->pair);
	buf_free(&p->pub);
	free(p);
}

static void pairing_work(void *arg)
{
	struct pairing *p = arg;
	p->made = pair_make(p->kind, &p->from, &p->pair) && pair_public(buf_slice(&p->pair), &p->pub);
}

static void pairing_done(void *arg)
{
	struct pairing *p = arg;
	struct aws_call *c = p->c;
	struct buf out = { 0 };
	struct kms_ref key;
	int rc = symmetric_for(c, "GenerateDataKeyPair", &key); /* it may have been disabled meanwhile */
	if (!rc && !p->made)
		rc = aws_refuse(c, 500, "KMSInternalException", "the key pair could not be made");
	if (!rc) {
		kms_seal(c->aws, &key, json_object_get(c->in, "EncryptionContext"), true, buf_slice(&p->pair), &out);
		put_blob(c, "PrivateKeyCiphertextBlob", buf_slice(&out));
		if (p->show)
			put_blob(c, "PrivateKeyPlaintext", buf_slice(&p->pair));
		put_blob(c, "PublicKey", buf_slice(&p->pub));
		jput(c->out, "KeyId", jstr(key.meta, "Arn"));
		jput(c->out, "KeyPairSpec", jstr(c->in, "KeyPairSpec"));
	}
	buf_free(&out);
	aws_answer(c);
	pairing_free(p);
}

static int data_pair(struct aws_call *c, bool show)
{
	static const struct job_kind job = { pairing_work, pairing_done, NULL, pairing_free, "a key pair of KMS" };
	const struct kms_spec *spec = kms_spec(jstr(c->in, "KeyPairSpec"));
	struct pairing *p;
	struct kms_ref key;
	int rc = symmetric_for(c, "GenerateDataKeyPair", &key);
	if (rc)
		return rc;
	if (!spec || !spec->pair)
		return aws_refuse(c, 400, "UnsupportedOperationException", "tarn has no key pairs of KeyPairSpec %s.", jstr(c->in, "KeyPairSpec"));
	p = xcalloc(1, sizeof(*p));
	*p = (struct pairing){ .c = c, .kind = spec->pair, .from = kms_fresh(c->aws, "kms.pair"), .show = show };
	owed_keep(&c->owed, loop_long_job(c->env->loop, &job, p));
	return AWS_LATER;
}

int kms_generate_pair(struct aws_call *c)
{
	return data_pair(c, true);
}

int kms_generate_pair_only(struct aws_call *c)
{
	return data_pair(c, false);
}

int kms_generate_random(struct aws_call *c)
{
	int64_t n = jint(c->in, "NumberOfBytes");
	uint8_t out[1024];
	if (jstr(c->in, "CustomKeyStoreId"))
		return aws_refuse(c, 400, "CustomKeyStoreNotFoundException", "%s", "");
	if (!n)
		return aws_refuse(c, 400, "ValidationException", "NumberOfBytes is required.");
	struct crypt_seed fresh = kms_fresh(c->aws, "kms.random");
	crypt_derive(&fresh, out, (size_t)n);
	put_blob(c, "Plaintext", sl_of(out, (size_t)n));
	return 0;
}

/* ---- signatures ---- */

static const struct signing {
	const char *name;
	enum pair_scheme scheme;
	int sha;
} signings[] = {
	{ "RSASSA_PKCS1_V1_5_SHA_256", PAIR_PKCS1, 256 }, { "RSASSA_PKCS1_V1_5_SHA_384", PAIR_PKCS1, 384 },
	{ "RSASSA_PKCS1_V1_5_SHA_512", PAIR_PKCS1, 512 }, { "RSASSA_PSS_SHA_256", PAIR_PSS, 256 },
	{ "RSASSA_PSS_SHA_384", PAIR_PSS, 384 },          { "RSASSA_PSS_SHA_512", PAIR_PSS, 512 },
	{ "ECDSA_SHA_256", PAIR_ECDSA, 256 },             { "ECDSA_SHA_384", PAIR_ECDSA, 384 },
	{ "ECDSA_SHA_512", PAIR_ECDSA, 512 },             { "ED25519_SHA_512", PAIR_EDDSA, 512 },
};

static const struct signing *signing_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(signings); i++)
		if (!strcmp(signings[i].name, name))
			return &signings[i];
	return NULL;
}

/* Key and algorithm of Sign and Verify, and what is signed: the digest, or Ed25519's message. */
static int to_sign(struct aws_call *c, const char *operation, struct kms_ref *key, const struct signing **how, struct slice *what)
{
	const char *algorithm = jstr(c->in, "SigningAlgorithm"), *type = said(c->in, "MessageType", "RAW");
	struct slice message = blob_of(c, "Message");
	uint8_t digest[CRYPT_HASH_MAX];
	int rc = too_long(c, "message", message.n, MESSAGE_MAX);
	if (rc || (rc = key_for(c, "KeyId", "SIGN_VERIFY", operation, key)) || (rc = must_know(c, key, algorithm)))
		return rc;
	*how = signing_of(algorithm);
	*what = message;
	if ((*how)->scheme == PAIR_EDDSA) {
		if (strcmp(type, "RAW"))
			return aws_refuse(c, 400, "ValidationException", "MessageType %s is not supported for %s.", type, algorithm);
		return dry_run(c);
	}
	if (!strcmp(type, "EXTERNAL_MU"))
		return aws_refuse(c, 400, "ValidationException", "MessageType EXTERNAL_MU is not supported for %s.", algorithm);
	if (!strcmp(type, "DIGEST")) {
		if (message.n != crypt_hash_size((*how)->sha))
			return aws_refuse(c, 400, "ValidationException", "Digest is invalid length for algorithm %s.", algorithm);
		return dry_run(c);
	}
	*what = arena_dup(c->arena, sl_of(digest, crypt_hash((*how)->sha, message, digest)));
	return dry_run(c);
}

int kms_sign(struct aws_call *c)
{
	const struct signing *how;
	struct slice what;
	struct buf out = { 0 };
	struct kms_ref key;
	int rc = to_sign(c, "Sign", &key, &how, &what);
	if (rc)
		return rc;
	if (!pair_sign(kms_pair(c->arena, &key), how->scheme, how->sha, what, &out))
		rc = aws_refuse(c, 500, "KMSInternalException", "it could not be signed");
	put_blob(c, "Signature", buf_slice(&out));
	buf_free(&out);
	jput(c->out, "KeyId", jstr(key.meta, "Arn"));
	jput(c->out, "SigningAlgorithm", how->name);
	return rc;
}

int kms_verify(struct aws_call *c)
{
	const struct signing *how;
	struct slice what;
	struct kms_ref key;
	int rc = to_sign(c, "Verify", &key, &how, &what);
	if (rc)
		return rc;
	if (!pair_verify(kms_pair(c->arena, &key), how->scheme, how->sha, what, blob_of(c, "Signature")))
		return aws_refuse(c, 400, "KMSInvalidSignatureException", "%s", "");
	jput(c->out, "KeyId", jstr(key.meta, "Arn"));
	json_object_set_new(c->out, "SignatureValid", json_true());
	jput(c->out, "SigningAlgorithm", how->name);
	return 0;
}

static int mac(struct aws_call *c, const char *operation, uint8_t out[CRYPT_HASH_MAX], size_t *n)
{
	const char *algorithm = jstr(c->in, "MacAlgorithm");
	struct slice message = blob_of(c, "Message");
	uint8_t own[128];
	struct kms_ref key;
	int rc = too_long(c, "message", message.n, MESSAGE_MAX);
	if (rc || (rc = key_for(c, "KeyId", "GENERATE_VERIFY_MAC", operation, &key)) || (rc = must_know(c, &key, algorithm)) || (rc = dry_run(c)))
		return rc;
	size_t own_n = kms_hmac_key(c->aws, &key, own);
	*n = crypt_hmac(kms_spec(jstr(key.meta, "KeySpec"))->sha, sl_of(own, own_n), message, out);
	jput(c->out, "KeyId", jstr(key.meta, "Arn"));
	jput(c->out, "MacAlgorithm", algorithm);
	return 0;
}

int kms_generate_mac(struct aws_call *c)
{
	uint8_t out[CRYPT_HASH_MAX];
	size_t n;
	int rc = mac(c, "GenerateMac", out, &n);
	if (!rc)
		put_blob(c, "Mac", sl_of(out, n));
	return rc;
}

int kms_verify_mac(struct aws_call *c)
{
	uint8_t out[CRYPT_HASH_MAX];
	size_t n;
	int rc = mac(c, "VerifyMac", out, &n);
	if (rc)
		return rc;
	if (!sl_eq(blob_of(c, "Mac"), sl_of(out, n)))
		return aws_refuse(c, 400, "KMSInvalidMacException", "%s", "");
	json_object_set_new(c->out, "MacValid", json_true());
	return 0;
}

int kms_get_public_key(struct aws_call *c)
{
	struct buf out = { 0 };
	struct kms_ref key;
	int rc = key_for(c, "KeyId", NULL, "GetPublicKey", &key);
	if (rc)
		return rc;
	if (!kms_spec(jstr(key.meta, "KeySpec"))->pair)
		return aws_refuse(c, 400, "UnsupportedOperationException", "%s", "");
	if (!pair_public(kms_pair(c->arena, &key), &out))
		rc = aws_refuse(c, 500, "KMSInternalException", "the key pair could not be read");
	put_blob(c, "PublicKey", buf_slice(&out));
	buf_free(&out);
	jput(c->out, "KeyId", jstr(key.meta, "Arn"));
	static const char *const parts[] = { "CustomerMasterKeySpec", "KeySpec", "KeyUsage", "EncryptionAlgorithms", "SigningAlgorithms" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		jcopy(c->out, key.meta, parts[i]);
	return rc;
}
