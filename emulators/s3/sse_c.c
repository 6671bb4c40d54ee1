/* Keys that bodies are encrypted by: a customer's, of which only a salted HMAC is kept, and those of objects with a KMS key, each kept
 * encrypted by a key of its ARN, which comes of one that the store has. */
#include "sse.h"

#define KEYS "seal" /* the store's own key, a configuration of no bucket */

struct slice s3_line_of(struct slice headers, const char *name)
{
	const struct s3_object o = { .headers = headers };
	return s3_header_of(&o, name);
}

bool s3_sse_sealed(struct slice headers)
{
	return s3_line_of(headers, S3_SEAL).p != NULL;
}

bool s3_sse_customer(struct slice headers)
{
	return s3_line_of(headers, SSE_C).p != NULL;
}

static struct slice base64_line(struct arena *a, const char *name, const struct buf *bytes)
{
	struct buf text = { 0 };
	struct slice line;
	buf_adds(&text, name);
	buf_base64(&text, bytes->p, bytes->n);
	buf_addc(&text, '\n');
	line = arena_dup(a, buf_slice(&text));
	buf_free(&text);
	return line;
}

/* ---- a customer's key ---- */

static int refuse(struct s3_req *r, const char *why)
{
	s3_extra(&r->fail, "ArgumentName", S(SSE));
	return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "%s", why);
}

static int wrong_algorithm(struct s3_req *r, struct slice said)
{
	s3_extra(&r->fail, "ArgumentName", S(SSE));
	s3_extra(&r->fail, "ArgumentValue", said);
	return s3_fail(&r->fail, S3_E_INVALID_ENCRYPTION);
}

static int incompatible(struct s3_req *r, struct slice how)
{
	s3_extra(&r->fail, "ArgumentName", S(SSE));
	s3_extra(&r->fail, "ArgumentValue", how);
	return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "Server Side Encryption with Customer provided key is incompatible with the encryption method specified");
}

static int wrong_key(struct s3_fail *f)
{
	return s3_failf(f, S3_E_ACCESS_DENIED, "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.");
}

/* Whether the MD5 that came is the key's. */
static bool md5_fits(const struct s3_customer *c)
{
	struct buf b = { 0 };
	uint8_t md5[16];
	bool same;
	hash_md5(c->key, sizeof(c->key), md5);
	buf_base64(&b, md5, sizeof(md5));
	same = sl_eq(sl_trim(c->md5), buf_slice(&b));
	buf_free(&b);
	return same;
}

int s3_customer_of(struct s3_req *r, bool source, struct s3_customer *out)
{
	static const char *const names[2][3] = {
		{ SSE_C, SSE_C_KEY, SSE_C_MD5 },
		{ "x-amz-copy-source-server-side-encryption-customer-algorithm", "x-amz-copy-source-server-side-encryption-customer-key",
		  "x-amz-copy-source-server-side-encryption-customer-key-md5" },
	};
	struct slice how = source ? sl(NULL) : s3_request_header(r, SSE), said = s3_request_header(r, names[source][0]);
	struct slice key = s3_request_header(r, names[source][1]), raw;
	bool reads = source || sl_eqs(r->http->method, "GET") || sl_eqs(r->http->method, "HEAD");
	*out = (struct s3_customer){ .md5 = s3_request_header(r, names[source][2]) };
	if (!said.p && !key.p && !out->md5.p)
		return 0;
	if (how.p)
		return incompatible(r, how);
	if (!said.n)
		return refuse(r, "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.");
	if (!sl_eqs(said, "AES256"))
		return wrong_algorithm(r, said);
	if (!key.n)
		return refuse(r, "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.");
	if (!out->md5.n || !arena_base64(r->a, sl_trim(key), &raw) || raw.n != sizeof(out->key))
		return reads ? wrong_key(&r->fail) : refuse(r, "The secret key was invalid for the specified algorithm.");
	memcpy(out->key, raw.p, raw.n);
	if (!md5_fits(out))
		return refuse(r, "The calculated MD5 hash of the key did not match the hash that was provided.");
	out->given = true;
	return 0;
}

static void mac_of(const struct s3_customer *c, const char salt[S3_SALT], uint8_t out[CRYPT_HASH_MAX])
{
	(void)crypt_hmac(256, sl_of((const char *)c->key, sizeof(c->key)), sl_of(salt, S3_SALT), out);
}

int s3_seal_customer(struct s3_req *r, struct slice *out)
{
	uint8_t mac[CRYPT_HASH_MAX] = { 0 };
	struct buf b = { 0 };
	char salt[S3_SALT];
	hash_chance(salt, sizeof(salt));
	mac_of(&r->customer, salt, mac);
	buf_add(&b, salt, sizeof(salt));
	buf_add(&b, (const char *)mac, 32);
	*out = base64_line(r->a, SSE_C ":AES256\n" S3_SEAL ":c:", &b);
	buf_free(&b);
	return 0;
}

static int customer_seal(const struct s3_customer *c, struct slice raw, struct s3_seal *out, struct s3_fail *f)
{
	uint8_t mac[CRYPT_HASH_MAX] = { 0 };
	if (!c || !c->given)
		return s3_failf(f, S3_E_INVALID_REQUEST, "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.");
	if (raw.n == S3_SALT + 32)
		mac_of(c, raw.p, mac);
	if (raw.n != S3_SALT + 32 || memcmp(raw.p + S3_SALT, mac, 32) != 0)
		return wrong_key(f);
	out->on = true;
	memcpy(out->key, c->key, sizeof(out->key));
	return 0;
}

/* ---- a key of an object with a KMS key ---- */

static int key_of_arn(struct s3 *s, struct slice arn, uint8_t key[CRYPT_KEY], struct s3_fail *f)
{
	uint8_t out[CRYPT_HASH_MAX] = { 0 };
	struct slice text, raw;
	struct buf b = { 0 };
	struct error err;
	char fresh[CRYPT_KEY];
	int rc = s3_store_config(&s->store, f->arena, S(""), KEYS, S(""), &text, &err);
	if (rc == ERR_NOT_FOUND) {
		hash_chance(fresh, sizeof(fresh));
		buf_base64(&b, fresh, sizeof(fresh));
		text = arena_dup(f->arena, buf_slice(&b));
		buf_free(&b);
		rc = s3_store_config_put(&s->store, S(""), KEYS, S(""), text, &err);
	}
	if (rc == 0 && !arena_base64(f->arena, text, &raw))
		rc = err_set(&err, ERR_STORE, "the store's key is unreadable");
	if (rc)
		return s3_store_fail(f, &err);
	(void)crypt_hmac(256, raw, arn, out);
	memcpy(key, out, CRYPT_KEY);
	return 0;
}

int s3_seal_make(struct s3 *s, struct slice arn, struct slice *out, struct s3_fail *f)
{
	uint8_t by[CRYPT_KEY], nonce[CRYPT_NONCE];
	char fresh[CRYPT_KEY];
	struct buf b = { 0 };
	int rc = key_of_arn(s, arn, by, f);
	if (rc)
		return rc;
	hash_chance(fresh, sizeof(fresh));
	hash_chance(nonce, sizeof(nonce));
	buf_add(&b, (const char *)nonce, sizeof(nonce));
	crypt_seal(by, nonce, arn, sl_of(fresh, sizeof(fresh)), &b);
	*out = base64_line(f->arena, S3_SEAL ":k:", &b);
	buf_free(&b);
	return 0;
}

static int kms_seal(struct s3 *s, struct slice arn, struct slice raw, struct s3_seal *out, struct s3_fail *f)
{
	uint8_t by[CRYPT_KEY];
	struct buf b = { 0 };
	struct error err;
	int rc = key_of_arn(s, arn, by, f);
	if (rc)
		return rc;
	if (raw.n > CRYPT_NONCE && crypt_open(by, (const uint8_t *)raw.p, arn, sl_from(raw, CRYPT_NONCE), &b) && b.n == sizeof(out->key)) {
		memcpy(out->key, b.p, b.n);
		out->on = true;
	} else {
		(void)err_set(&err, ERR_STORE, "an object's key is unreadable");
		rc = s3_store_fail(f, &err);
	}
	buf_free(&b);
	return rc;
}

int s3_seal_of(struct s3 *s, struct slice headers, const struct s3_customer *customer, struct s3_seal *out, struct s3_fail *f)
{
	struct slice line = s3_line_of(headers, S3_SEAL), raw = sl(NULL);
	*out = (struct s3_seal){ 0 };
	if (line.n < 2)
		return 0;
	if (!arena_base64(f->arena, sl_from(line, 2), &raw))
		raw = S("");
	return line.p[0] == 'c' ? customer_seal(customer, raw, out, f) : kms_seal(s, s3_line_of(headers, SSE_KEY), raw, out, f);
}

/* ---- requests ---- */

int s3_sse_part(struct s3 *s, struct s3_req *r, const struct s3_upload *u, struct s3_seal *seal)
{
	bool wants = s3_sse_customer(u->headers), given = s3_request_header(r, SSE_C).p != NULL;
	int rc = wants ? s3_customer_of(r, false, &r->customer) : 0;
	if (rc)
		return rc;
	if (wants != given)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST,
				"The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.");
	rc = s3_seal_of(s, u->headers, &r->customer, seal, &r->fail);
	if (rc && r->fail.err.def == &s3_errors[S3_E_ACCESS_DENIED])
		rc = s3_failf(&r->fail, S3_E_INVALID_REQUEST, "The provided encryption parameters did not match the ones used originally.");
	return rc;
}

int s3_sse_key(struct s3 *s, struct s3_req *r, struct s3_object *o, bool copy)
{
	struct s3_customer *c = copy ? &r->source : &r->customer;
	bool wants = s3_sse_customer(o->headers);
	struct s3_customer *kept;
	struct s3_seal seal;
	int rc;
	if (!copy && http_get(r->http, SSE).p) {
		s3_extra(&r->fail, "ArgumentName", S(SSE));
		s3_extra(&r->fail, "ArgumentValue", http_get(r->http, SSE));
		return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, SSE " header is not supported for this operation.");
	}
	if ((rc = s3_customer_of(r, copy, c)) != 0)
		return rc;
	if (c->given && !wants)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "The encryption parameters are not applicable to this object.");
	kept = arena_alloc(r->a, sizeof(*kept)); /* it is read when the request was moved */
	*kept = *c;
	o->customer = kept;
	return wants ? s3_seal_of(s, o->headers, c, &seal, &r->fail) : 0;
}
