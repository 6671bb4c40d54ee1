/* EC2: key pairs. What makes them is in keypair.c; Parameter Store has the private halves of the stack's own. */
#include "ec2/ec2.h"
#include "kms/keypair.h"

static json_t *found(struct aws_call *c, const char *name, const char *id)
{
	json_t *doc;
	if (name)
		return aws_find(c->aws, c->at, &ec2_keypairs, name);
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_keypairs); id && (doc = aws_next(&w));)
		if (ec2_is(doc, "KeyPairId", id))
			return doc;
	return NULL;
}

static int absent(struct aws_call *c, const char *name, const char *id)
{
	return name ? aws_refuse(c, 400, "InvalidKeyPair.NotFound", "The key pair '%s' does not exist", name) :
		      aws_refuse(c, 400, "InvalidKeyPair.NotFound", "The key pair ID '%s' does not exist", id ? id : "");
}

/* A pair of the stack that nobody has asked for yet is made, and the operation runs again. */
static void learned(struct aws_call *c, const struct keypair *made)
{
	struct error err = { 0 };
	char *name = xstrdup(jstr(c->out, "waits for"));
	int rc = made->made ? 0 : aws_refuse(c, 500, "InternalError", "the key pair could not be made");
	if (!rc && keypair_learn(c->aws, c->at, name, made, &err))
		rc = aws_broken(c, &err);
	free(name);
	json_object_clear(c->out);
	if (rc || (rc = c->op->run(c)) != AWS_LATER)
		aws_answer(c);
}

static int learn(struct aws_call *c, const json_t *doc)
{
	struct buf what = { 0 };
	struct crypt_seed from = keypair_seed(c->aws, jstr(doc, "KeyName"), &what);
	json_object_clear(c->out);
	jput(c->out, "waits for", jstr(doc, "KeyName"));
	int rc = keypair_make(c, jstr(doc, "KeyType"), &from, learned);
	buf_free(&what);
	return rc;
}

static json_t *shown(const json_t *doc, bool public)
{
	static const char *const members[][2] = { { "KeyPairId", "keyPairId" }, { "KeyFingerprint", "keyFingerprint" }, { "KeyName", "keyName" },
						  { "KeyType", "keyType" }, { "CreateTime", "createTime" }, { "Tags", "tagSet" } };
	json_t *one = json_object();
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		json_object_set(one, members[i][1], json_object_get(doc, members[i][0]));
	if (public)
		jput(one, "publicKey", jstr(doc, "PublicKey"));
	return one;
}

static bool is_wanted(struct aws_call *c, const json_t *doc)
{
	const json_t *names = json_object_get(c->in, "KeyName"), *ids = json_object_get(c->in, "KeyPairId"), *one;
	bool any = !json_array_size(names) && !json_array_size(ids);
	size_t i;
	json_array_foreach(names, i, one)
		any |= ec2_is(doc, "KeyName", json_string_value(one));
	json_array_foreach(ids, i, one)
		any |= ec2_is(doc, "KeyPairId", json_string_value(one));
	return any;
}

int ec2_describe_pairs(struct aws_call *c)
{
	static const struct ec2_filter filters[] = { { "key-name", "keyName" }, { "key-pair-id", "keyPairId" }, { "fingerprint", "keyFingerprint" }, { NULL } };
	json_t *items, *doc, *one;
	size_t i;
	int rc = ec2_begin(c);
	if (rc)
		return rc;
	json_array_foreach(json_object_get(c->in, "KeyName"), i, one)
		if (!found(c, json_string_value(one), NULL))
			return absent(c, json_string_value(one), NULL);
	json_array_foreach(json_object_get(c->in, "KeyPairId"), i, one)
		if (!found(c, NULL, json_string_value(one)))
			return absent(c, NULL, json_string_value(one));
	items = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_keypairs); rc >= 0 && (doc = aws_next(&w));) {
		if (!is_wanted(c, doc))
			continue;
		if (jtrue(doc, "lazy")) {
			json_decref(items);
			return learn(c, doc);
		}
		one = shown(doc, jtrue(c->in, "IncludePublicKey"));
		if ((rc = ec2_fits(c, filters, one)) > 0)
			json_array_append(items, one);
		json_decref(one);
	}
	json_object_set_new(c->out, "keySet", items);
	return rc < 0 ? rc : 0;
}

static int check_name(struct aws_call *c)
{
	const char *name = jstr(c->in, "KeyName");
	if (!*name || strlen(name) > 255)
		return aws_refuse(c, 400, "InvalidParameterValue", "Value (%.300s) for parameter KeyName is invalid.", name);
	return found(c, name, NULL) ? aws_refuse(c, 400, "InvalidKeyPair.Duplicate", "The keypair already exists") : 0;
}

static int keep(struct aws_call *c, const char *type, struct slice fingerprint, struct slice public)
{
	struct error err = { 0 };
	json_t *doc = json_pack("{s:s, s:s, s:s, s:I, s:o}", "KeyName", jstr(c->in, "KeyName"), "KeyPairId", ec2_id(c, "key-"), "KeyType", type, "CreateTime",
				(json_int_t)c->now_ms, "Tags", ec2_tags_of(c, "key-pair"));
	json_object_set_new(doc, "KeyFingerprint", json_stringn(fingerprint.p, fingerprint.n));
	json_object_set_new(doc, "PublicKey", json_stringn(public.p, public.n));
	jput(c->out, "keyName", jstr(doc, "KeyName"));
	jput(c->out, "keyPairId", jstr(doc, "KeyPairId"));
	jput(c->out, "keyFingerprint", jstr(doc, "KeyFingerprint"));
	json_object_set(c->out, "tagSet", json_object_get(doc, "Tags"));
	return aws_keep(c->aws, c->at, &ec2_keypairs, jstr(c->in, "KeyName"), doc, &err) ? aws_broken(c, &err) : 0;
}

static void created(struct aws_call *c, const struct keypair *made)
{
	int rc = made->made ? check_name(c) : aws_refuse(c, 500, "InternalError", "the key pair could not be made");
	const char *type = jstr(c->in, "KeyType") ? jstr(c->in, "KeyType") : "rsa";
	if (!rc && !keep(c, type, buf_slice(&made->fingerprint), buf_slice(&made->public)))
		json_object_set_new(c->out, "keyMaterial", json_stringn(made->private.p, made->private.n));
	aws_answer(c);
}

int ec2_create_pair(struct aws_call *c)
{
	struct crypt_seed from = { (uint64_t)conf_int(c->env->conf, "stack", "seed", 0), S("ec2.created"), 0 };
	int rc = ec2_begin(c);
	if (rc || (rc = check_name(c)))
		return rc;
	if (jstr(c->in, "KeyFormat") && strcmp(jstr(c->in, "KeyFormat"), "pem"))
		return aws_refuse(c, 400, "InvalidParameterValue", "tarn writes keys as PEM: KeyFormat ppk is not served.");
	from.n = aws_chance(c->aws);
	return keypair_make(c, jstr(c->in, "KeyType") ? jstr(c->in, "KeyType") : "rsa", &from, created);
}

int ec2_import_pair(struct aws_call *c)
{
	struct buf fingerprint = { 0 };
	struct slice text;
	const char *type;
	int rc = ec2_begin(c);
	if (rc || (rc = check_name(c)))
		return rc;
	if (!arena_base64(c->arena, jslice(c->in, "PublicKeyMaterial"), &text) || !keypair_import(c->arena, text, &type, &fingerprint))
		rc = aws_refuse(c, 400, "InvalidKey.Format", "Key is not in valid OpenSSH public key format");
	else
		rc = keep(c, type, buf_slice(&fingerprint), sl_trim(text));
	buf_free(&fingerprint);
	return rc;
}

int ec2_delete_pair(struct aws_call *c)
{
	struct error err = { 0 };
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc)
		return rc;
	if (!jstr(c->in, "KeyName") && !jstr(c->in, "KeyPairId"))
		return aws_refuse(c, 400, "MissingParameter", "The request must contain the parameter KeyName");
	doc = found(c, jstr(c->in, "KeyName"), jstr(c->in, "KeyPairId"));
	ec2_done(c);
	if (!doc)
		return 0; /* as AWS */
	jput(c->out, "keyPairId", jstr(doc, "KeyPairId"));
	return aws_drop(c->aws, c->at, &ec2_keypairs, arena_cstr(c->arena, jslice(doc, "KeyName")), &err) ? aws_broken(c, &err) : 0;
}
