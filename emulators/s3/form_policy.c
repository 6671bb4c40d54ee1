/* The policy of a form: JSON with an end and conditions, each field's. */
#include "core/json.h"
#include "form.h"

static int bad_policy(struct s3_req *r, const char *text)
{
	return s3_failf(&r->fail, S3_E_INVALID_POLICY_DOCUMENT, "Invalid Policy: %s", text);
}

/* Every argument as a string, as AWS shows them. */
static int condition_failed(struct s3_req *r, const struct slice *words, size_t n)
{
	struct buf b = { 0 };
	int rc;
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s\"%.*s\"", i ? ", " : "", SL(words[i]));
	rc = s3_failf(&r->fail, S3_E_ACCESS_DENIED, "Invalid according to Policy: Policy Condition failed: [%s]", buf_cstr(&b));
	buf_free(&b);
	return rc;
}

/* ---- one condition ---- */

static struct slice word_of(struct s3_req *r, const json_t *v)
{
	if (json_is_integer(v))
		return arena_printf(r->a, "%lld", (long long)json_integer_value(v));
	return json_is_string(v) ? json_slice(v) : sl(NULL);
}

static int size_range(struct s3_req *r, const struct slice *words, struct s3_form_range *size)
{
	int64_t min, max;
	if (!sl_int(words[1], INT64_MIN, INT64_MAX, &min) || !sl_int(words[2], INT64_MIN, INT64_MAX, &max))
		return condition_failed(r, words, 3);
	if (min < 0 || max < 0)
		return bad_policy(r, "Invalid content-length-range: the bounds must not be negative.");
	*size = (struct s3_form_range){ min, max };
	return 0;
}

/* The value of a field; the bucket is where the form was posted to, the key has the file's name in it. */
static struct slice value_of(struct s3_req *r, const struct s3_form *f, struct slice name)
{
	if (sl_eq_nocase(name, S("bucket")))
		return r->bucket;
	if (sl_eq_nocase(name, S("key")))
		return f->key;
	for (size_t i = 0; i < f->field_n; i++)
		if (sl_eq_nocase(f->fields[i].name, name))
			return f->fields[i].value;
	return sl(NULL);
}

/* A Content-Type may be a list: each of it begins so. */
static bool begins(struct slice name, struct slice value, struct slice with)
{
	struct slice one;
	if (!value.p)
		return with.n == 0;
	if (!sl_eq_nocase(name, S("content-type")) || sl_chr(value, ',') < 0 || sl_chr(with, ',') >= 0)
		return sl_starts(value, with);
	while (value.p) {
		sl_cut(value, ',', &one, &value);
		if (!sl_starts(sl_trim(one), with))
			return false;
	}
	return true;
}

struct checking {
	struct s3_req *r;
	const struct s3_form *f;
	bool named[S3_FORM_FIELDS_MAX]; /* fields that a condition speaks of */
	struct s3_form_range *size;
};

static int check_words(struct checking *c, const struct slice *words)
{
	struct slice name, value;
	bool good;
	if (sl_eq_nocase(words[0], S("content-length-range")))
		return size_range(c->r, words, c->size);
	if (!sl_after(words[1], S("$"), &name))
		return condition_failed(c->r, words, 3);
	value = value_of(c->r, c->f, name);
	for (size_t i = 0; i < c->f->field_n; i++)
		c->named[i] |= sl_eq_nocase(c->f->fields[i].name, name);
	if (sl_eq_nocase(words[0], S("eq")))
		good = value.p ? sl_eq(value, words[2]) : words[2].n == 0;
	else if (sl_eq_nocase(words[0], S("starts-with")))
		good = begins(name, value, words[2]);
	else
		return bad_policy(c->r, arena_cstr(c->r->a, arena_printf(c->r->a, "Invalid Condition: unknown operation '%.*s'.", SL(words[0]))));
	return good ? 0 : condition_failed(c->r, words, 3);
}

/* {"name": "value"} */
static int check_simple(struct checking *c, json_t *v)
{
	struct slice words[3] = { S("eq"), { 0 }, { 0 } };
	void *it = json_object_iter(v);
	if (json_object_size(v) != 1)
		return bad_policy(c->r, "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
	words[1] = arena_printf(c->r->a, "$%s", json_object_iter_key(it));
	words[2] = word_of(c->r, json_object_iter_value(it));
	return words[2].p ? check_words(c, words) : bad_policy(c->r, "Invalid Simple-Condition: value must be a string.");
}

static int check_one(struct checking *c, json_t *v)
{
	struct slice words[3];
	size_t n = json_array_size(v);
	if (json_is_object(v))
		return check_simple(c, v);
	if (!json_is_array(v))
		return bad_policy(c->r, "Invalid Condition: Conditions must be objects or arrays.");
	if (n != 3)
		return bad_policy(c->r, "Invalid Condition: wrong number of arguments.");
	for (size_t i = 0; i < 3; i++) {
		words[i] = word_of(c->r, json_array_get(v, i));
		if (!words[i].p)
			return bad_policy(c->r, "Invalid Condition: arguments must be strings.");
	}
	return check_words(c, words);
}

/* ---- the document ---- */

/* What needs no condition: the signature, the policy, what a client wants ignored; and a checksum, which speaks of the file. */
static bool is_free(struct slice name)
{
	static const char *const names[] = { "x-amz-signature", "signature", "awsaccesskeyid", "policy", "file", "bucket" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(name, sl(names[i])))
			return true;
	return sl_starts_nocase(name, S("x-ignore-")) || sl_starts_nocase(name, S("x-amz-checksum-"));
}

static int check_extra(struct checking *c)
{
	struct buf b = { 0 };
	int rc = 0;
	for (size_t i = 0; i < c->f->field_n; i++)
		if (!c->named[i] && !is_free(c->f->fields[i].name))
			buf_addf(&b, "%s%.*s", b.n ? ", " : "", SL(c->f->fields[i].name));
	if (b.n)
		rc = s3_failf(&c->r->fail, S3_E_ACCESS_DENIED, "Invalid according to Policy: Extra input fields: %s", buf_cstr(&b));
	buf_free(&b);
	return rc;
}

static int check_document(struct checking *c, json_t *root)
{
	struct slice expiration = jslice(root, "expiration");
	json_t *conditions = json_object_get(root, "conditions"), *one;
	const char *name;
	size_t i;
	int64_t ms;
	int rc = 0;
	if (!json_is_object(root))
		return bad_policy(c->r, "Invalid JSON.");
	json_object_foreach(root, name, one)
		if (strcmp(name, "expiration") != 0 && strcmp(name, "conditions") != 0)
			return bad_policy(c->r, arena_cstr(c->r->a, arena_printf(c->r->a, "Unexpected: '%s'.", name)));
	if (!expiration.p)
		return bad_policy(c->r, "Policy missing expiration.");
	if (!json_is_array(conditions))
		return bad_policy(c->r, "Policy missing conditions.");
	if (expiration.n < 20 || expiration.p[10] != 'T' || expiration.p[expiration.n - 1] != 'Z' || !clock_parse_iso(expiration, &ms))
		return bad_policy(c->r, arena_cstr(c->r->a, arena_printf(c->r->a, "Invalid 'expiration' value: '%.*s'", SL(expiration))));
	/* By the real time, as every signature is. */
	if (ms < clock_real_ms())
		return s3_failf(&c->r->fail, S3_E_ACCESS_DENIED, "Invalid according to Policy: Policy expired.");
	json_array_foreach(conditions, i, one)
		if ((rc = check_one(c, one)) != 0)
			return rc;
	return check_extra(c);
}

int s3_form_policy(struct s3_req *r, const struct s3_form *f, struct slice text, struct s3_form_range *size)
{
	struct checking c = { .r = r, .f = f, .size = size };
	struct slice json;
	JSON_AUTO root = NULL;
	*size = (struct s3_form_range){ 0, -1 };
	if (!arena_base64(r->a, sl_trim(text), &json) || !(root = json_loadb(json.p, json.n, JSON_ALLOW_NUL, NULL)))
		return bad_policy(r, "Invalid JSON.");
	return check_document(&c, root);
}

int s3_form_size(struct s3_req *r, const struct s3_form_range *size, int64_t n)
{
	bool small = n < size->min;
	if (size->max < 0 || (n >= size->min && n <= size->max))
		return 0;
	s3_extra(&r->fail, "ProposedSize", arena_printf(r->a, "%lld", (long long)n));
	s3_extra(&r->fail, small ? "MinSizeAllowed" : "MaxSizeAllowed", arena_printf(r->a, "%lld", (long long)(small ? size->min : size->max)));
	return s3_fail(&r->fail, small ? S3_E_ENTITY_TOO_SMALL : S3_E_ENTITY_TOO_LARGE);
}
