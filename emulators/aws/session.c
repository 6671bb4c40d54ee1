/* Temporary credentials. Nothing is kept of them: the token says what they are, sealed with a key that only this process knows, and
 * their secret follows from that key. It says, as JSON:
 *   k the access key   a account   t role|user|root|fed   n name of the role or user   i its id   s name of the session
 *   b, e when it begins and ends (emulated ms)   p [session policies]   r [ARNs of session policies]   g {session tags}
 *   v [transitive tags]   o source identity   w {identity provider: claims of its token}   c true: made with a session's credentials */
#include "aws/iam.h"

enum { KEY_BYTES = 10, SECRET_BYTES = 30, MAC_BYTES = 32 };
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
#define HEAD "!\n\torigin_ec" /* tokens of AWS begin so: IQoJb3JpZ2luX2Vj */

/* ---- keys ---- */

void iam_key_id(struct aws *a, const char *prefix, const char *account, char out[21])
{
	uint64_t high = 1ull << 47 | strtoull(account, NULL, 10) << 7 | (aws_chance(a) & 127), low = aws_chance(a);
	uint8_t bytes[KEY_BYTES];
	for (int i = 0; i < 6; i++)
		bytes[i] = (uint8_t)(high >> (40 - 8 * i));
	for (int i = 0; i < 4; i++)
		bytes[6 + i] = (uint8_t)(low >> (8 * i));
	memcpy(out, prefix, 4);
	for (int i = 0; i < 16; i++) {
		int bit = i * 5, at = bit / 8;
		unsigned two = bytes[at] << 8 | (at + 1 < KEY_BYTES ? bytes[at + 1] : 0);
		out[4 + i] = letters[two >> (11 - bit % 8) & 31];
	}
	out[20] = '\0';
}

bool iam_key_account(struct slice key, char out[13])
{
	uint64_t high = 0;
	if (key.n != 20)
		return false;
	for (int i = 0; i < 10; i++) { /* 50 bits; the upper 48 count */
		const char *at = key.p[4 + i] ? strchr(letters, key.p[4 + i]) : NULL;
		if (!at)
			return false;
		high = high << 5 | (uint64_t)(at - letters);
	}
	snprintf(out, 13, "%012llu", (unsigned long long)((high >> 2 & 0x7fffffffff80ull) >> 7) % 1000000000000ull);
	return true;
}

static struct slice secret_of(const struct aws *a, struct arena *arena, struct slice key)
{
	uint8_t mac[MAC_BYTES];
	struct buf b = { 0 };
	char *text = xasprintf("secret %.*s", SL(key));
	struct slice s;
	hash_hmac_sha256(a->iam->seal, sizeof(a->iam->seal), text, strlen(text), mac);
	buf_base64(&b, mac, SECRET_BYTES);
	s = arena_dup(arena, buf_slice(&b));
	buf_free(&b);
	free(text);
	return s;
}

/* ---- tokens ---- */

int session_make(struct aws *a, const char *account, json_t *claims, int64_t end_ms, json_t **out, struct error *err)
{
	struct arena arena = { 0 };
	struct buf raw = { 0 }, token = { 0 };
	uint8_t mac[MAC_BYTES];
	char key[21], *text;
	int rc = 0;
	iam_key_id(a, "ASIA", account, key);
	jput(claims, "k", key);
	jput(claims, "a", account);
	json_object_set_new(claims, "e", json_integer(end_ms));
	text = json_dumps(claims, JSON_COMPACT);
	buf_adds(&raw, HEAD);
	buf_adds(&raw, text);
	hash_hmac_sha256(a->iam->seal, sizeof(a->iam->seal), raw.p, raw.n, mac);
	buf_add(&raw, mac, sizeof(mac));
	buf_base64(&token, raw.p, raw.n);
	if (token.n > SESSION_TOKEN_MAX) {
		rc = err_set(err, ERR_LIMIT, "%zu", token.n * 100 / SESSION_TOKEN_MAX);
	} else {
		*out = json_pack("{s:s,s:o,s:o,s:I}", "AccessKeyId", key, "SecretAccessKey", json_object(), "SessionToken", json_stringn(token.p, token.n),
				 "Expiration", (json_int_t)end_ms);
		struct slice secret = secret_of(a, &arena, sl(key));
		json_object_set_new(*out, "SecretAccessKey", json_stringn(secret.p, secret.n));
	}
	buf_free(&raw);
	buf_free(&token);
	arena_free(&arena);
	free(text);
	json_decref(claims);
	return rc;
}

static bool same(const uint8_t *x, const char *y)
{
	unsigned diff = 0;
	for (int i = 0; i < MAC_BYTES; i++)
		diff |= x[i] ^ (uint8_t)y[i];
	return diff == 0;
}

/* The claims as they stand in a token whose seal is ours; absent: it isn't. */
static struct slice unseal(const struct aws *a, struct arena *arena, struct slice token)
{
	uint8_t mac[MAC_BYTES];
	struct slice raw, claims;
	if (token.n > SESSION_TOKEN_MAX || !arena_base64(arena, token, &raw) || raw.n < MAC_BYTES)
		return sl(NULL);
	hash_hmac_sha256(a->iam->seal, sizeof(a->iam->seal), raw.p, raw.n - MAC_BYTES, mac);
	if (!same(mac, raw.p + raw.n - MAC_BYTES) || !sl_after(sl_of(raw.p, raw.n - MAC_BYTES), S(HEAD), &claims))
		return sl(NULL);
	return claims;
}

enum identity_known session_read(const struct aws *a, struct arena *arena, struct slice key, struct slice token, struct identity *out)
{
	struct slice claims = token.p ? unseal(a, arena, token) : sl(NULL);
	JSON_AUTO doc = claims.p ? json_loadb(claims.p, claims.n, 0, NULL) : NULL;
	struct slice kind = jslice(doc, "t");
	if (!doc || !sl_eq(jslice(doc, "k"), key))
		return IDENTITY_UNKNOWN;
	*out = (struct identity){ .key = key, .secret = secret_of(a, arena, key), .session = token, .claims = claims };
	snprintf(out->account, sizeof(out->account), "%s", jstr(doc, "a"));
	snprintf(out->user_id, sizeof(out->user_id), "%s", jstr(doc, "i"));
	if (!sl_eqs(kind, "root"))
		out->name = arena_dup(arena, jslice(doc, "n"));
	out->federated = sl_eqs(kind, "fed");
	if (sl_eqs(kind, "role") || out->federated)
		out->role_session = arena_dup(arena, jslice(doc, "s"));
	if (out->federated)
		out->name = out->role_session;
	if (sl_eqs(kind, "user")) {
		struct aws_place at = { out->account, "" };
		const json_t *user = aws_find(a, at, &iam_users, arena_cstr(arena, out->name));
		out->path = arena_dup(arena, jslice(user, "Path"));
	}
	identity_complete(out);
	return jint(doc, "e") > clock_now_ms(a->env->clock) ? IDENTITY_KNOWN : IDENTITY_EXPIRED;
}
