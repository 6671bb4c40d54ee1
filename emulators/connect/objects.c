#include "connect/objects.h"

#include "connect/connect.h"
#include "core/hash.h"

enum { PART_SIZE = 26214400, PART_MIN = 5 << 20 };

static const char *setting(const struct connector *c, const char *key)
{
	const char *v = con_get(&c->config, key);
	return v && sl_trim(sl(v)).n ? v : NULL;
}

static bool truth(const struct connector *c, const char *key)
{
	return sl_eq_nocase(sl_trim(sl(setting(c, key))), S("true"));
}

static void add_header(struct con_bucket *b, const char *name, struct slice value)
{
	b->headers[b->header_n++] = (struct object_header){ sl(name), arena_dup(&b->arena, value) };
}

/* SSE-C: the key in base64, as the configuration has it, and its digest. */
static void add_customer_key(struct con_bucket *b, const char *key)
{
	struct buf sum = { 0 };
	struct slice raw;
	uint8_t md5[16];
	if (arena_base64(&b->arena, sl(key), &raw)) {
		hash_whole(HASH_MD5, raw, md5);
		buf_base64(&sum, md5, sizeof(md5));
	}
	add_header(b, "x-amz-server-side-encryption-customer-algorithm", S("AES256"));
	add_header(b, "x-amz-server-side-encryption-customer-key", sl(key));
	add_header(b, "x-amz-server-side-encryption-customer-key-MD5", buf_slice(&sum));
	buf_free(&sum);
}

static void read_settings(struct con_bucket *b, const struct connector *c)
{
	const char *acl = setting(c, "s3.acl.canned"), *sse = setting(c, "s3.ssea.name"), *kms = setting(c, "s3.sse.kms.key.id");
	const char *customer = setting(c, "s3.sse.customer.key"), *size = setting(c, "s3.part.size"), *on_error = setting(c, "s3.object.behavior.on.tagging.error");
	if (acl)
		add_header(b, "x-amz-acl", sl(acl));
	if (sse)
		add_header(b, "x-amz-server-side-encryption", sl(sse));
	if (sse && kms && !strcmp(sse, "aws:kms"))
		add_header(b, "x-amz-server-side-encryption-aws-kms-key-id", sl(kms));
	if (customer)
		add_customer_key(b, customer);
	b->part_size = PART_SIZE;
	if (size)
		(void)sl_int(sl_trim(sl(size)), PART_MIN, INT32_MAX, &b->part_size);
	b->tags = truth(c, "s3.object.tagging");
	b->tags_must = on_error && sl_eq_nocase(sl(on_error), S("fail"));
}

static const char *kept(struct con_bucket *b, const char *text)
{
	return text ? arena_cstr(&b->arena, sl(text)) : NULL;
}

int con_bucket_open(struct connector *c, struct con_bucket **out, struct error *err)
{
	const struct ports *ports = c->k->env->ports;
	const char *url = setting(c, "store.url"), *key = setting(c, "aws.access.key.id"), *secret = setting(c, "aws.secret.access.key");
	struct con_bucket *b = xcalloc(1, sizeof(*b));
	struct error why;
	int rc = 0;
	b->refs = 1;
	b->k = c->k;
	b->at = &c->k->buckets;
	b->next = c->k->buckets;
	if (b->next)
		b->next->at = &b->next;
	*b->at = b;
	b->name = kept(b, c->sink.bucket ? c->sink.bucket : "");
	read_settings(b, c);
	b->target = (struct object_target){ .url = kept(b, url), .key = kept(b, key && secret ? key : NULL), .secret = kept(b, key && secret ? secret : NULL),
					    .region = kept(b, setting(c, "s3.region")) };
	/* Everything but a plain put is asked for as a client of S3 does. */
	if (ports->stores.self && (url || b->target.key || b->header_n || b->tags) && ports->stores.open(ports->stores.self, &b->target, &b->own, &why))
		rc = err_set(err, ERR_INVALID, "com.amazonaws.SdkClientException: Unable to execute HTTP request: %s", why.text);
	if (rc)
		con_bucket_release(b);
	else
		*out = b;
	return rc;
}

struct con_bucket *con_bucket_hold(struct con_bucket *b)
{
	b->refs++;
	return b;
}

void con_bucket_release(struct con_bucket *b)
{
	if (!b || --b->refs)
		return;
	*b->at = b->next;
	if (b->next)
		b->next->at = b->at;
	const struct stores *stores = &b->k->env->ports->stores;
	if (b->own.self)
		stores->close(&b->own);
	if (b->parts.self)
		stores->close(&b->parts);
	arena_free(&b->arena);
	free(b);
}

void con_buckets_close(struct connect *k)
{
	while (k->buckets) {
		k->buckets->refs = 1;
		con_bucket_release(k->buckets);
	}
}

struct object_store *con_bucket_store(struct con_bucket *b)
{
	return b->own.self ? &b->own : &b->k->env->ports->objects;
}

struct owed *con_bucket_put(struct con_bucket *b, struct slice key, struct slice body, struct slice trace, put_cb cb, void *arg)
{
	struct object_store *o = con_bucket_store(b);
	struct object_put in = { .bucket = sl(b->name), .key = key, .trace = trace, .headers = b->headers, .header_n = b->header_n };
	if (o->put_as)
		return o->put_as(o->self, &in, body, cb, arg);
	return o->put(o->self, sl(b->name), key, sl(NULL), body, trace, cb, arg);
}
