/* KMS: finding a key, its states, its material, what it seals. */
#include "kms/kms.h"

#include <ctype.h>

#include "core/text.h"

const struct aws_kind kms_keys = { "kms.key", false }, kms_aliases = { "kms.alias", false }, kms_grants = { "kms.grant", false };

static const struct error_def not_found = { ERR_NOT_FOUND, "NotFoundException", 400, 0 }, disabled = { ERR_DENIED, "DisabledException", 400, 0 },
			      state = { ERR_DENIED, "KMSInvalidStateException", 400, 0 }, usage_wrong = { ERR_DENIED, "InvalidKeyUsageException", 400, 0 },
			      ciphertext = { ERR_INVALID, "InvalidCiphertextException", 400, 0 }, denied = { ERR_DENIED, "AccessDeniedException", 400, 0 };

int64_t kms_now(const struct aws *a)
{
	return clock_now_ms(a->env->clock);
}

/* ---- specs ---- */

#define RSA_CRYPT "RSAES_OAEP_SHA_1,RSAES_OAEP_SHA_256"
#define RSA_SIGN "RSASSA_PKCS1_V1_5_SHA_256,RSASSA_PKCS1_V1_5_SHA_384,RSASSA_PKCS1_V1_5_SHA_512,RSASSA_PSS_SHA_256,RSASSA_PSS_SHA_384,RSASSA_PSS_SHA_512"
static const struct kms_spec specs[] = {
	{ "SYMMETRIC_DEFAULT", PAIR_NONE, 0, { "ENCRYPT_DECRYPT" }, { "SYMMETRIC_DEFAULT" } },
	{ "RSA_2048", PAIR_RSA_2048, 0, { "ENCRYPT_DECRYPT", "SIGN_VERIFY" }, { RSA_CRYPT, RSA_SIGN } },
	{ "RSA_3072", PAIR_RSA_3072, 0, { "ENCRYPT_DECRYPT", "SIGN_VERIFY" }, { RSA_CRYPT, RSA_SIGN } },
	{ "RSA_4096", PAIR_RSA_4096, 0, { "ENCRYPT_DECRYPT", "SIGN_VERIFY" }, { RSA_CRYPT, RSA_SIGN } },
	{ "ECC_NIST_P256", PAIR_P256, 0, { "SIGN_VERIFY" }, { "ECDSA_SHA_256" } },
	{ "ECC_NIST_P384", PAIR_P384, 0, { "SIGN_VERIFY" }, { "ECDSA_SHA_384" } },
	{ "ECC_NIST_P521", PAIR_P521, 0, { "SIGN_VERIFY" }, { "ECDSA_SHA_512" } },
	{ "ECC_NIST_EDWARDS25519", PAIR_ED25519, 0, { "SIGN_VERIFY" }, { "ED25519_SHA_512" } },
	{ "HMAC_224", PAIR_NONE, 224, { "GENERATE_VERIFY_MAC" }, { "HMAC_SHA_224" } },
	{ "HMAC_256", PAIR_NONE, 256, { "GENERATE_VERIFY_MAC" }, { "HMAC_SHA_256" } },
	{ "HMAC_384", PAIR_NONE, 384, { "GENERATE_VERIFY_MAC" }, { "HMAC_SHA_384" } },
	{ "HMAC_512", PAIR_NONE, 512, { "GENERATE_VERIFY_MAC" }, { "HMAC_SHA_512" } },
};

const struct kms_spec *kms_spec(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(specs); i++)
		if (!strcmp(specs[i].name, name))
			return &specs[i];
	return NULL;
}

static const char *list_of_usage(const char *usage)
{
	return !strcmp(usage, "ENCRYPT_DECRYPT") ? "EncryptionAlgorithms" : !strcmp(usage, "SIGN_VERIFY") ? "SigningAlgorithms" : "MacAlgorithms";
}

bool kms_knows(const json_t *meta, const char *algorithm)
{
	const json_t *list = json_object_get(meta, list_of_usage(jstr(meta, "KeyUsage"))), *one;
	size_t i;
	json_array_foreach(list, i, one)
		if (!strcmp(json_string_value(one), algorithm))
			return true;
	return false;
}

/* ---- a new key ---- */

static json_t *algorithms_of(const struct kms_spec *spec, const char *usage)
{
	json_t *list = json_array();
	struct slice one, rest = sl(spec->algorithms[spec->usages[1] && !strcmp(spec->usages[1], usage)]);
	while (rest.p) {
		sl_cut(rest, ',', &one, &rest);
		json_array_append_new(list, json_stringn(one.p, one.n));
	}
	return list;
}

static json_t *policy_of(const char *account)
{
	return json_sprintf("{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {\n    \"Sid\" : \"Enable IAM User "
			    "Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {\n      \"AWS\" : \"arn:aws:iam::%s:root\"\n    },\n    "
			    "\"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  } ]\n}", account);
}

json_t *kms_new(struct aws *a, struct aws_place at, const char *id, const char *spec, const char *usage, const char *manager, struct slice pair)
{
	json_t *key = json_object(), *meta = jobj(key, "meta");
	jput(meta, "AWSAccountId", at.account);
	jput(meta, "KeyId", id);
	json_object_set_new(meta, "Arn", json_sprintf("arn:aws:kms:%s:%s:key/%s", at.region, at.account, id));
	json_object_set_new(meta, "CreationDate", json_integer(kms_now(a)));
	json_object_set_new(meta, "Enabled", json_true());
	jput(meta, "Description", "");
	jput(meta, "KeyUsage", usage);
	jput(meta, "KeyState", "Enabled");
	jput(meta, "Origin", "AWS_KMS");
	jput(meta, "KeyManager", manager);
	jput(meta, "CustomerMasterKeySpec", spec);
	jput(meta, "KeySpec", spec);
	json_object_set_new(meta, list_of_usage(usage), algorithms_of(kms_spec(spec), usage));
	json_object_set_new(meta, "MultiRegion", json_false());
	json_object_set_new(key, "policy", policy_of(at.account));
	json_object_set_new(key, "tags", json_array());
	json_object_set_new(key, "rotations", json_array());
	if (pair.p) {
		struct buf text = { 0 };
		buf_base64(&text, pair.p, pair.n);
		jput(key, "pair", buf_cstr(&text));
		buf_free(&text);
	}
	return key;
}

/* ---- finding ---- */

static bool is_id(const char *s)
{
	if (!strncmp(s, "mrk-", 4))
		return strlen(s) == 36;
	for (int i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	return !s[36];
}

/* The keys that AWS's services make for an account when it first asks for one. */
const char *kms_managed(size_t i)
{
	static const char *const names[] = { "alias/aws/dynamodb", "alias/aws/ebs", "alias/aws/kafka", "alias/aws/kinesis", "alias/aws/lambda",
					     "alias/aws/rds", "alias/aws/s3", "alias/aws/secretsmanager", "alias/aws/sns", "alias/aws/sqs", "alias/aws/ssm" };
	return i < ARRAY_LEN(names) ? names[i] : NULL;
}

static bool is_managed(const char *alias)
{
	const char *name;
	for (size_t i = 0; (name = kms_managed(i)); i++)
		if (!strcmp(alias, name))
			return true;
	return false;
}

static int make_managed(struct aws *a, struct aws_place at, const char *alias, json_t **out, struct error *err)
{
	char id[37];
	json_t *key, *entry = json_object();
	bool s3 = !strcmp(alias, "alias/aws/s3");
	aws_uuid(a, id);
	key = kms_new(a, at, id, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS", sl(NULL));
	json_object_set_new(json_object_get(key, "meta"), "Description",
			    json_sprintf("Default key that protects my %s %s when no other key is defined", s3 ? "S3" : alias + 10, s3 ? "objects" : "data"));
	jput(entry, "AliasName", alias);
	json_object_set_new(entry, "AliasArn", json_sprintf("arn:aws:kms:%s:%s:%s", at.region, at.account, alias));
	jput(entry, "TargetKeyId", id);
	json_object_set_new(entry, "CreationDate", json_integer(kms_now(a)));
	json_object_set_new(entry, "LastUpdatedDate", json_integer(kms_now(a)));
	int rc = aws_keep(a, at, &kms_keys, id, key, err);
	if (rc) {
		json_decref(entry);
		return rc;
	}
	rc = aws_keep(a, at, &kms_aliases, alias, entry, err);
	*out = aws_find(a, at, &kms_aliases, alias);
	return rc;
}

/* Takes an ARN apart, into the place and what stands behind it; false: it is none of KMS's. */
static bool cut_arn(const char *arn, struct kms_ref *out, const char **name)
{
	struct slice part, rest = sl(arn);
	struct slice parts[5];
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (!sl_cut(rest, ':', &part, &rest))
			return false;
		parts[i] = part;
	}
	if (!sl_eqs(parts[2], "kms") || parts[3].n >= sizeof(out->region) || parts[4].n >= sizeof(out->account))
		return false;
	snprintf(out->region, sizeof(out->region), "%.*s", SL(parts[3]));
	snprintf(out->account, sizeof(out->account), "%.*s", SL(parts[4]));
	*name = rest.p;
	return true;
}

/* What time has done to it since it was last looked at. */
static int settle(struct aws *a, struct kms_ref *ref, struct error *err)
{
	int64_t now = kms_now(a);
	json_t *rotation = json_object_get(ref->key, "rotation");
	int rc = 0;
	if (!strcmp(jstr(ref->meta, "KeyState"), "PendingDeletion") && jint(ref->meta, "DeletionDate") <= now) {
		rc = aws_drop(a, ref->at, &kms_keys, ref->id, err);
		ref->key = ref->meta = NULL;
		return rc;
	}
	while (!rc && jtrue(rotation, "on") && jint(rotation, "next") <= now) {
		json_object_set_new(rotation, "next", json_integer(jint(rotation, "next") + jint(rotation, "days") * 86400000));
		rc = kms_rotate(a, ref, "AUTOMATIC", err);
	}
	return rc;
}

static int find_id(struct aws *a, struct kms_ref *out, const char *id, struct error *err)
{
	int rc = 0;
	out->key = aws_find(a, out->at, &kms_keys, id);
	out->meta = json_object_get(out->key, "meta");
	out->id = jstr(out->meta, "KeyId");
	if (out->key)
		rc = settle(a, out, err);
	return rc || out->key ? rc : err_fail(err, &not_found, "Key 'arn:aws:kms:%s:%s:key/%s' does not exist", out->at.region, out->at.account, id);
}

int kms_find(struct aws *a, struct aws_place at, const char *name, bool aliases, struct kms_ref *out, struct error *err)
{
	const char *full = name;
	*out = (struct kms_ref){ 0 };
	snprintf(out->account, sizeof(out->account), "%s", at.account);
	snprintf(out->region, sizeof(out->region), "%s", at.region);
	if (!strncmp(name, "arn:", 4)) {
		if (!cut_arn(full, out, &name))
			return err_fail(err, &not_found, "Invalid arn %s", full);
		if (strcmp(out->region, at.region))
			return err_fail(err, &not_found, "Invalid arn %s", out->region);
		if (!strncmp(name, "key/", 4))
			name += 4;
		else if (strncmp(name, "alias/", 6))
			return err_fail(err, &not_found, "Invalid arn %s", full);
	}
	out->at = (struct aws_place){ out->account, out->region };
	if (aliases && !strncmp(name, "alias/", 6)) {
		json_t *alias = aws_find(a, out->at, &kms_aliases, name);
		int rc = !alias && is_managed(name) ? make_managed(a, out->at, name, &alias, err) : 0;
		if (rc)
			return rc;
		if (!alias)
			return err_fail(err, &not_found, "Alias arn:aws:kms:%s:%s:%s is not found.", out->region, out->account, name);
		name = jstr(alias, "TargetKeyId");
	}
	return is_id(name) ? find_id(a, out, name, err) : err_fail(err, &not_found, "Invalid keyId '%s'", full);
}

int kms_usable(const struct kms_ref *key, const char *usage, const char *operation, struct error *err)
{
	const char *arn = jstr(key->meta, "Arn"), *is = jstr(key->meta, "KeyState");
	if (!strcmp(is, "PendingDeletion"))
		return err_fail(err, &state, "%s is pending deletion.", arn);
	if (!strcmp(is, "Disabled"))
		return err_fail(err, &disabled, "%s is disabled.", arn);
	if (usage && strcmp(usage, jstr(key->meta, "KeyUsage")))
		return err_fail(err, &usage_wrong, "%s key usage is %s which is not valid for %s.", arn, jstr(key->meta, "KeyUsage"), operation);
	return 0;
}

int kms_keep(struct aws *a, const struct kms_ref *key, struct error *err)
{
	return aws_keep(a, key->at, &kms_keys, key->id, key->key, err);
}

int kms_rotate(struct aws *a, const struct kms_ref *key, const char *type, struct error *err)
{
	json_t *one = json_object();
	jcopy(one, key->meta, "KeyId");
	json_object_set_new(one, "RotationDate", json_integer(kms_now(a)));
	jput(one, "RotationType", type);
	json_array_append_new(json_object_get(key->key, "rotations"), one);
	return kms_keep(a, key, err);
}

/* ---- material ---- */

/* DIFFERS: KMS is not a vault: a key's material comes of [stack] seed, its ARN and its rotations, so that the same run has the
 * same keys, signatures and ciphertexts. Who knows the seed can open everything. */

static uint64_t seed_of(const struct aws *a)
{
	return (uint64_t)conf_int(a->env->conf, "stack", "seed", 0);
}

struct crypt_seed kms_fresh(struct aws *a, const char *what)
{
	return (struct crypt_seed){ seed_of(a), sl(what), aws_chance(a) };
}

static void material(const struct aws *a, const struct kms_ref *key, uint64_t version, uint8_t *out, size_t n)
{
	struct buf what = { 0 };
	buf_addf(&what, "kms/%s", jstr(key->meta, "Arn"));
	struct crypt_seed from = { seed_of(a), buf_slice(&what), version };
	crypt_derive(&from, out, n);
	buf_free(&what);
}

size_t kms_hmac_key(struct aws *a, const struct kms_ref *key, uint8_t out[128])
{
	size_t n = crypt_hash_size(kms_spec(jstr(key->meta, "KeySpec"))->sha);
	material(a, key, 0, out, n);
	return n;
}

struct slice kms_pair(struct arena *arena, const struct kms_ref *key)
{
	struct slice pair = sl(NULL);
	return arena_base64(arena, jslice(key->key, "pair"), &pair) ? pair : sl(NULL);
}

/* ---- what it seals: 01 02 02 00 78, the id's 16 bytes, which material, nonce, ciphertext ---- */

enum { BLOB_ID = 5, BLOB_VERSION = 21, BLOB_NONCE = 23, BLOB_TEXT = 35 };

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The same for the same pairs in any order. */
static void add_context(const json_t *context, struct buf *out)
{
	const char *key, **keys = xcalloc(json_object_size(context) + 1, sizeof(*keys));
	json_t *v;
	size_t n = 0;
	json_object_foreach((json_t *)context, key, v)
		keys[n++] = key;
	qsort(keys, n, sizeof(*keys), by_name);
	for (size_t i = 0; i < n; i++) {
		struct slice value = jslice(context, keys[i]);
		buf_u32be(out, (uint32_t)strlen(keys[i]));
		buf_adds(out, keys[i]);
		buf_u32be(out, (uint32_t)value.n);
		buf_addsl(out, value);
	}
	free(keys);
}

static void id_bytes(const char *id, uint8_t out[16])
{
	int n = 0;
	memset(out, 0, 16);
	for (; *id && n < 32; id++)
		if (hex_digit(*id) >= 0) {
			out[n / 2] = (uint8_t)(out[n / 2] << 4 | hex_digit(*id));
			n++;
		}
}

void kms_seal(struct aws *a, const struct kms_ref *key, const json_t *context, bool data, struct slice plain, struct buf *out)
{
	uint64_t version = json_array_size(json_object_get(key->key, "rotations"));
	struct crypt_seed fresh = kms_fresh(a, "kms.nonce");
	uint8_t own[CRYPT_KEY], nonce[CRYPT_NONCE], id[16];
	struct buf aad = { 0 };
	crypt_derive(&fresh, nonce, sizeof(nonce));
	id_bytes(key->id, id);
	material(a, key, version, own, sizeof(own));
	buf_add(out, data ? "\1\2\3\0\x78" : "\1\2\2\0\x78", BLOB_ID);
	buf_add(out, id, sizeof(id));
	buf_u16be(out, (uint16_t)version);
	buf_add(out, nonce, sizeof(nonce));
	add_context(context, &aad);
	crypt_seal(own, nonce, buf_slice(&aad), plain, out);
	buf_free(&aad);
}

int kms_sealed_by(struct aws *a, struct aws_place at, struct slice blob, struct kms_ref *out, struct error *err)
{
	char id[37];
	uint64_t half[2];
	if (blob.n < BLOB_TEXT + CRYPT_TAG || (memcmp(blob.p, "\1\2\2\0\x78", BLOB_ID) && memcmp(blob.p, "\1\2\3\0\x78", BLOB_ID)))
		return err_fail(err, &ciphertext, "%s", "");
	struct rd r = rd_of(blob.p + BLOB_ID, 16);
	half[0] = rd_u64be(&r);
	half[1] = rd_u64be(&r);
	snprintf(id, sizeof(id), "%08x-%04x-%04x-%04x-%012llx", (unsigned)(half[0] >> 32), (unsigned)(half[0] >> 16) & 0xffff, (unsigned)half[0] & 0xffff,
		 (unsigned)(half[1] >> 48), (unsigned long long)half[1] & 0xffffffffffffULL);
	int rc = kms_find(a, at, id, false, out, err);
	if (rc == ERR_NOT_FOUND)
		return err_fail(err, &denied, "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or "
					      "you are not allowed to access.");
	return rc;
}

bool kms_open(struct aws *a, const struct kms_ref *key, const json_t *context, struct slice blob, struct buf *plain)
{
	struct rd r = rd_of(blob.p + BLOB_VERSION, 2);
	uint8_t own[CRYPT_KEY];
	struct buf aad = { 0 };
	bool done;
	material(a, key, rd_u16be(&r), own, sizeof(own));
	add_context(context, &aad);
	done = crypt_open(own, (const uint8_t *)blob.p + BLOB_NONCE, buf_slice(&aad), sl_from(blob, BLOB_TEXT), plain);
	buf_free(&aad);
	return done;
}

/* ---- the port ---- */

static int port_find(void *self, struct arena *arena, const struct keys_ask *ask, struct slice *arn, struct error *err)
{
	char name[2100];
	struct kms_ref key;
	if (ask->key.n > 2048)
		return err_fail(err, &not_found, "Invalid keyId");
	if (ask->key.p)
		snprintf(name, sizeof(name), "%.*s", SL(ask->key));
	else
		snprintf(name, sizeof(name), "alias/aws/%s", ask->service);
	int rc = kms_find(self, (struct aws_place){ ask->account, ask->region }, name, true, &key, err);
	if (rc || (rc = kms_usable(&key, "ENCRYPT_DECRYPT", "GenerateDataKey", err)))
		return rc;
	if (strcmp(jstr(key.meta, "KeySpec"), "SYMMETRIC_DEFAULT"))
		return err_fail(err, &usage_wrong, "%s is not a symmetric key.", jstr(key.meta, "Arn"));
	*arn = arena_dup(arena, jslice(key.meta, "Arn"));
	return 0;
}

void kms_provide(struct aws *a, struct ports *ports)
{
	ports->keys = (struct key_store){ a, port_find };
}

/* ---- of hooks ---- */

int kms_refuse(struct aws_call *c, const struct error *err)
{
	return err->def ? aws_refuse(c, err->def->http, err->def->code, "%s", err->text) : aws_broken(c, err);
}

int kms_of_call(struct aws_call *c, const char *member, bool aliases, struct kms_ref *out)
{
	struct error err = { 0 };
	int rc = kms_find(c->aws, c->at, jstr(c->in, member), aliases, out, &err);
	return rc ? kms_refuse(c, &err) : 0;
}

int kms_kept(struct aws_call *c, const struct kms_ref *key)
{
	struct error err = { 0 };
	return kms_keep(c->aws, key, &err) ? aws_broken(c, &err) : 0;
}

/* The key that a request is about: by name, or by what it sealed. */
static bool named(struct aws_call *c, struct kms_ref *key)
{
	const char *name = jstr(c->in, "KeyId") ? jstr(c->in, "KeyId") : jstr(c->in, "TargetKeyId");
	struct slice blob;
	if (name)
		return !kms_find(c->aws, c->at, name, true, key, NULL);
	return arena_base64(c->arena, jslice(c->in, "CiphertextBlob"), &blob) && !kms_sealed_by(c->aws, c->at, blob, key, NULL);
}

void kms_resource(struct aws_call *c, struct buf *arn)
{
	struct kms_ref key;
	buf_adds(arn, named(c, &key) ? jstr(key.meta, "Arn") : "*");
}

const char *kms_policy(struct aws_call *c)
{
	struct kms_ref key;
	return named(c, &key) ? jstr(key.key, "policy") : NULL;
}

int kms_page(struct aws_call *c, json_t *items, const char *list)
{
	if (aws_page(c, items, list, "Limit", 100, "Marker", "NextMarker"))
		return aws_refuse(c, 400, "InvalidMarkerException", "Invalid marker");
	json_object_set_new(c->out, "Truncated", json_boolean(jstr(c->out, "NextMarker") != NULL));
	return 0;
}
