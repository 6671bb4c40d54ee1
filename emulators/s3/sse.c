/* Server-side encryption: what a request asks for, or its bucket's default, kept as lines of the object's headers:
 * x-amz-server-side-encryption and, with KMS, the key's ARN and whether the bucket key is on; customers' keys: sse_c.c.
 * With KMS and with a customer's key the bytes lie encrypted (encrypt.h), and S3_SEAL says how; with AES256, where nobody needs a
 * key to read them, they lie as they are. An object whose KMS key is disabled or gone can't be read. */
#include "sse.h"

#include "core/json.h"

static bool is_kms(struct slice how)
{
	return sl_eqs(how, "aws:kms") || sl_eqs(how, "aws:kms:dsse");
}

static struct slice line_of(struct slice headers, const char *name)
{
	return s3_line_of(headers, name);
}

/* KMS's refusals, with S3's prefix. */
static int refuse(struct s3_fail *f, const struct error *err)
{
	static const struct {
		const char *code;
		enum s3_err as;
	} all[] = {
		{ "NotFoundException", S3_E_KMS_NOT_FOUND }, { "DisabledException", S3_E_KMS_DISABLED }, { "KMSInvalidStateException", S3_E_KMS_STATE },
		{ "InvalidKeyUsageException", S3_E_KMS_USAGE },
	};
	for (size_t i = 0; err->def && i < ARRAY_LEN(all); i++)
		if (!strcmp(err->def->code, all[i].code))
			return s3_failf(f, all[i].as, "%s", err->text);
	return s3_store_fail(f, err);
}

static int find_key(struct s3 *s, const struct s3_bucket *b, struct slice key, struct slice *arn, struct s3_fail *f)
{
	const struct key_store *keys = &s->env->ports->keys;
	struct keys_ask ask = { .service = "s3", .key = key };
	struct error err = { 0 };
	/* Where no KMS runs, any key is there; without one it is the managed one's alias. */
	if (!keys->self) {
		*arn = key.n ? arena_dup(f->arena, key) : arena_printf(f->arena, "arn:aws:kms:%.*s:%s:alias/aws/s3", SL(s3_region_of(b->region)), identities_account(s->env->conf));
		return memchr(arn->p, '\n', arn->n) ? s3_failf(f, S3_E_KMS_NOT_FOUND, "Invalid keyId") : 0;
	}
	ask.account = b->account.n ? arena_cstr(f->arena, b->account) : identities_account(s->env->conf);
	ask.region = arena_cstr(f->arena, b->region);
	return keys->find(keys->self, f->arena, &ask, arn, &err) ? refuse(f, &err) : 0;
}

/* The lines of an object that is encrypted so. */
static int lines(struct s3 *s, const struct s3_bucket *b, struct slice how, struct slice key, bool bucket_key, struct slice *out, struct s3_fail *f)
{
	struct slice arn;
	struct slice seal;
	int rc = find_key(s, b, key, &arn, f);
	if (rc == 0 && (rc = s3_seal_make(s, arn, &seal, f)) == 0)
		*out = arena_printf(f->arena, SSE ":%.*s\n" SSE_KEY ":%.*s\n%s%.*s", SL(how), SL(arn), bucket_key ? SSE_BUCKET_KEY ":true\n" : "", SL(seal));
	return rc;
}

static int needs_kms(struct s3_req *r)
{
	s3_extra(&r->fail, "ArgumentName", S(SSE));
	return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "Server Side Encryption with AWS KMS managed key requires HTTP header " SSE " : aws:kms");
}

/* Base64 of an object of strings. */
static bool context_ok(struct s3_req *r, struct slice text)
{
	struct slice raw;
	json_t *doc, *v;
	const char *key;
	bool ok = arena_base64(r->a, text, &raw);
	doc = ok ? json_loadb(raw.p, raw.n, 0, NULL) : NULL;
	ok = json_is_object(doc);
	json_object_foreach(doc, key, v)
		ok &= json_is_string(v);
	json_decref(doc);
	return ok;
}

int s3_sse_of(struct s3 *s, struct s3_req *r, struct slice *out)
{
	struct slice how = s3_request_header(r, SSE), key = s3_request_header(r, SSE_KEY), context = s3_request_header(r, SSE_CONTEXT);
	bool bucket_key = sl_eq_nocase(s3_request_header(r, SSE_BUCKET_KEY), S("true"));
	struct s3_bucket b;
	int rc;
	*out = S("");
	if ((rc = s3_customer_of(r, false, &r->customer)) != 0)
		return rc;
	if (r->customer.given)
		return s3_seal_customer(r, out);
	if (!is_kms(how) && (key.p || context.p))
		return needs_kms(r);
	if (!how.p)
		return 0;
	if (sl_eqs(how, "AES256")) {
		*out = S(SSE ":AES256\n");
		return 0;
	}
	if (!is_kms(how)) {
		s3_extra(&r->fail, "ArgumentName", S(SSE));
		s3_extra(&r->fail, "ArgumentValue", how);
		return s3_fail(&r->fail, S3_E_INVALID_ENCRYPTION);
	}
	if (context.p && !context_ok(r, context))
		return s3_bad_argument(r, SSE_CONTEXT, context, "The header '" SSE_CONTEXT "' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map");
	if ((rc = s3_bucket_get(s, r->bucket, &b, &r->fail)) != 0)
		return rc;
	if (!s3_request_header(r, SSE_BUCKET_KEY).p)
		bucket_key = line_of(b.encryption, SSE_BUCKET_KEY).p != NULL;
	return lines(s, &b, how, key.n ? key : sl(NULL), bucket_key, out, &r->fail);
}

int s3_sse_default(struct s3 *s, const struct s3_bucket *b, struct slice *headers, struct s3_fail *f)
{
	struct slice how = line_of(b->encryption, SSE), more = S("");
	int rc = 0;
	if (line_of(*headers, SSE).p || line_of(*headers, SSE_C).p)
		return 0;
	if (is_kms(how))
		rc = lines(s, b, how, line_of(b->encryption, SSE_KEY), line_of(b->encryption, SSE_BUCKET_KEY).p != NULL, &more, f);
	if (rc == 0 && more.n)
		*headers = arena_printf(f->arena, "%.*s%.*s", SL(*headers), SL(more));
	return rc;
}

struct slice s3_sse_without(struct arena *a, struct slice headers)
{
	struct buf b = { 0 };
	struct slice line, rest = headers;
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (line.n && !sl_starts(line, S(SSE)) && !sl_starts(line, S(S3_SEAL ":")))
			buf_addf(&b, "%.*s\n", SL(line));
	}
	line = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return line;
}

bool s3_sse_kms(struct slice headers)
{
	return is_kms(line_of(headers, SSE));
}

void s3_sse_answer(struct s3_req *r, struct slice headers)
{
	static const char *const names[] = { SSE, SSE_KEY, SSE_BUCKET_KEY };
	struct slice context = s3_request_header(r, SSE_CONTEXT);
	if (line_of(headers, SSE_C).p) {
		if (!r->customer.given)
			return;
		http_set(r->call, SSE_C, "AES256");
		http_setsl(r->call, SSE_C_MD5, r->customer.md5);
		return;
	}
	http_set(r->call, SSE, "AES256");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (line_of(headers, names[i]).p)
			http_setsl(r->call, names[i], line_of(headers, names[i]));
	if (context.p && s3_sse_kms(headers) && !sl_eqs(r->http->method, "GET"))
		http_setsl(r->call, SSE_CONTEXT, context);
}

int s3_sse_plan(struct s3 *s, struct s3_req *r, const struct s3_bucket *b, struct slice *lines, struct s3_seal *seal)
{
	int rc = s3_sse_of(s, r, lines);
	if (rc || (rc = s3_sse_default(s, b, lines, &r->fail)) != 0)
		return rc;
	return s3_seal_of(s, *lines, &r->customer, seal, &r->fail);
}

int s3_sse_may_read(struct s3 *s, struct slice bucket, const struct s3_object *o, struct s3_fail *f)
{
	struct s3_bucket b;
	struct slice arn;
	int rc;
	if (!s3_sse_kms(o->headers))
		return 0;
	rc = s3_bucket_get(s, bucket, &b, f);
	return rc ? rc : find_key(s, &b, line_of(o->headers, SSE_KEY), &arn, f);
}

/* ---- a bucket's default ---- */

int s3_op_get_encryption(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct buf xml = { 0 };
	struct slice how, key;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	how = line_of(b.encryption, SSE);
	key = line_of(b.encryption, SSE_KEY);
	s3_xml_start(&xml, "ServerSideEncryptionConfiguration");
	buf_adds(&xml, "<Rule><ApplyServerSideEncryptionByDefault>");
	s3_xml_el(&xml, "SSEAlgorithm", how.p ? how : S("AES256"));
	if (key.p)
		s3_xml_el(&xml, "KMSMasterKeyID", key);
	buf_addf(&xml, "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>%s</BucketKeyEnabled></Rule>",
		 line_of(b.encryption, SSE_BUCKET_KEY).p ? "true" : "false");
	return s3_answer_xml(r, &xml, "ServerSideEncryptionConfiguration");
}

static int set_encryption(struct s3 *s, struct s3_req *r, struct slice text, int status)
{
	struct s3_bucket b;
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	b.encryption = text;
	if (s3_store_bucket_encryption(&s->store, &b, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = status;
	return 0;
}

int s3_op_put_encryption(struct s3 *s, struct s3_req *r)
{
	const struct xml_node *root, *rule, *by;
	struct slice how, key;
	struct s3_bucket b;
	bool bucket_key;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = s3_request_xml(r, "ServerSideEncryptionConfiguration", &root)) != 0)
		return rc;
	if (!root->first || root->first->next)
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	rule = xml_child(root, "Rule");
	by = rule ? xml_child(rule, "ApplyServerSideEncryptionByDefault") : NULL;
	how = by ? xml_text(by, "SSEAlgorithm") : sl(NULL);
	key = by ? xml_text(by, "KMSMasterKeyID") : sl(NULL);
	bucket_key = rule && sl_eqs(xml_text(rule, "BucketKeyEnabled"), "true");
	if (!is_kms(how) && !sl_eqs(how, "AES256"))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if (key.n && (!is_kms(how) || memchr(key.p, '\n', key.n))) {
		s3_extra(&r->fail, "ArgumentName", S("ApplyServerSideEncryptionByDefault"));
		return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
	}
	return set_encryption(s, r, arena_printf(r->a, SSE ":%.*s\n%s%.*s%s%s", SL(how), key.n ? SSE_KEY ":" : "", SL(key.n ? key : S("")), key.n ? "\n" : "",
						 bucket_key ? SSE_BUCKET_KEY ":true\n" : ""), 200);
}

int s3_op_delete_encryption(struct s3 *s, struct s3_req *r)
{
	return set_encryption(s, r, S(""), 204);
}
