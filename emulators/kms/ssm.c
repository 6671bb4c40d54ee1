/* SSM Parameter Store: the table of operations; reading. */
#include "kms/ssm.h"

#include "kms/keypair.h"
#include "kms/kms.h"

const struct aws_kind ssm_parameters = { "ssm.parameter", false }, ssm_versions = { "ssm.version", false };

/* ---- finding ---- */

static void version_key(const char *name, int64_t version, struct buf *out)
{
	buf_addf(out, "%s:%08lld", name, (long long)version);
}

json_t *ssm_version(struct aws *a, struct aws_place at, const char *name, int64_t version)
{
	struct buf key = { 0 };
	version_key(name, version, &key);
	json_t *doc = aws_find(a, at, &ssm_versions, buf_cstr(&key));
	buf_free(&key);
	return doc;
}

int ssm_keep_version(struct aws *a, struct aws_place at, const char *name, json_t *version, struct error *err)
{
	struct buf key = { 0 };
	version_key(name, jint(version, "Version"), &key);
	int rc = aws_keep(a, at, &ssm_versions, buf_cstr(&key), version, err);
	buf_free(&key);
	return rc;
}

json_t *ssm_arn(struct aws_call *c, const char *name)
{
	return json_sprintf("arn:aws:ssm:%s:%s:parameter%s%s", c->at.region, c->at.account, *name == '/' ? "" : "/", name);
}

/* The version that a number or a label means. */
static json_t *selected(struct aws_call *c, const char *name, const json_t *param, struct slice selector)
{
	int64_t n;
	if (sl_int(selector, 1, INT64_MAX, &n))
		return ssm_version(c->aws, c->at, name, n);
	for (n = jint(param, "latest"); n >= jint(param, "first"); n--) {
		json_t *version = ssm_version(c->aws, c->at, name, n), *label;
		size_t i;
		json_array_foreach(json_object_get(version, "Labels"), i, label)
			if (sl_eqs(selector, json_string_value(label)))
				return version;
	}
	return NULL;
}

void ssm_find(struct aws_call *c, const char *asked, struct ssm_found *out)
{
	struct slice name = sl(asked), rest;
	bool arn = sl_starts(name, S("arn:"));
	*out = (struct ssm_found){ 0 };
	if (arn) {
		ssize_t at = sl_find(name, S(":parameter/"));
		name = at >= 0 ? sl_from(name, (size_t)at + 10) : name;
	}
	if (sl_cut(name, ':', &name, &rest))
		out->selector = sl_of(rest.p - 1, rest.n + 1);
	out->name = arena_cstr(c->arena, name);
	out->param = aws_find(c->aws, c->at, &ssm_parameters, out->name);
	if (!out->param && arn && *out->name == '/') /* of "x" it is parameter/x, too */
		out->param = aws_find(c->aws, c->at, &ssm_parameters, ++out->name);
	if (out->param)
		out->version = out->selector.p ? selected(c, out->name, out->param, sl_from(out->selector, 1))
					       : ssm_version(c->aws, c->at, out->name, jint(out->param, "latest"));
}

int ssm_not_found(struct aws_call *c)
{
	return aws_refuse(c, 400, "ParameterNotFound", "%s", "");
}

int ssm_no_version(struct aws_call *c, const struct ssm_found *f)
{
	return aws_refuse(c, 400, "ParameterVersionNotFound", "Systems Manager could not find version %.*s of %s. Verify the version and try again.",
			  SL(sl_from(f->selector, 1)), f->name);
}

/* ---- SecureString ---- */

static int key_refused(struct aws_call *c, const struct error *err)
{
	if (!err->def)
		return aws_broken(c, err);
	return aws_refuse(c, 400, "InvalidKeyId", "%s (Service: AWSKMS; Status Code: 400; Error Code: %s)", err->text, err->def->code);
}

static json_t *context(struct aws_call *c, const char *name)
{
	return json_pack("{s:o}", "PARAMETER_ARN", ssm_arn(c, name));
}

int ssm_seal(struct aws_call *c, const char *name, const char *key, struct slice value, struct buf *base64)
{
	JSON_AUTO pairs = context(c, name);
	struct error err = { 0 };
	struct buf blob = { 0 };
	struct kms_ref ref;
	if (kms_find(c->aws, c->at, key, true, &ref, &err) || kms_usable(&ref, "ENCRYPT_DECRYPT", "Encrypt", &err))
		return key_refused(c, &err);
	kms_seal(c->aws, &ref, pairs, false, value, &blob);
	buf_base64(base64, blob.p, blob.n);
	buf_free(&blob);
	return 0;
}

static int open_value(struct aws_call *c, const struct ssm_found *f, json_t *out)
{
	JSON_AUTO pairs = context(c, f->name);
	struct error err = { 0 };
	struct buf plain = { 0 };
	struct slice blob = S("");
	struct kms_ref ref;
	(void)!arena_base64(c->arena, jslice(f->version, "Value"), &blob);
	if (kms_sealed_by(c->aws, c->at, blob, &ref, &err) || kms_usable(&ref, "ENCRYPT_DECRYPT", "Decrypt", &err))
		return key_refused(c, &err);
	bool opened = kms_open(c->aws, &ref, pairs, blob, &plain);
	if (opened)
		json_object_set_new(out, "Value", json_stringn(plain.p ? plain.p : "", plain.n));
	buf_free(&plain);
	return opened ? 0 : aws_refuse(c, 500, "InternalServerError", "the value can't be decrypted");
}

/* ---- values that are a key pair of the stack ---- */

/* What is found now has its value: the operation runs again. */
static void pair_made(struct aws_call *c, const struct keypair *made)
{
	struct error err = { 0 };
	json_t *version;
	int rc = made->made ? 0 : aws_refuse(c, 500, "InternalServerError", "the key pair could not be made");
	struct aws_walk w = aws_walk(c->aws, c->at, &ssm_versions);
	struct aws_place home = { identities_account(c->env->conf), identities_region(c->env->conf) };
	char *pair = xstrdup(jstr(c->out, "waits for"));
	while (!rc && (version = aws_next(&w))) {
		struct buf text = { 0 };
		struct slice name, rest;
		if (!jstr(version, "pair") || jstr(version, "Value") || strcmp(jstr(version, "pair"), pair))
			continue;
		sl_cut(sl(w.key), ':', &name, &rest);
		rc = ssm_seal(c, arena_cstr(c->arena, name), "alias/aws/ssm", buf_slice(&made->private), &text);
		jput(version, "Value", buf_cstr(&text));
		buf_free(&text);
		if (!rc && (aws_keep(c->aws, c->at, &ssm_versions, w.key, version, &err) ||
			    keypair_learn(c->aws, home, pair, made, &err)))
			rc = aws_broken(c, &err);
		w = aws_walk(c->aws, c->at, &ssm_versions);
	}
	free(pair);
	json_object_clear(c->out);
	if (rc || (rc = c->op->run(c)) != AWS_LATER)
		aws_answer(c);
}

static int wait_for_pair(struct aws_call *c, const char *pair)
{
	struct buf what = { 0 };
	const char *name, *type = "rsa";
	for (size_t i = 0; (name = keypair_at(c->aws, i, &type)) && strcmp(name, pair); i++)
		;
	struct crypt_seed from = keypair_seed(c->aws, pair, &what);
	json_object_clear(c->out);
	jput(c->out, "waits for", pair);
	int rc = keypair_make(c, name ? type : "rsa", &from, pair_made);
	buf_free(&what);
	return rc;
}

int ssm_show(struct aws_call *c, const struct ssm_found *f, bool decrypt, json_t *out)
{
	const char *type = jstr(f->version, "Type");
	if (jstr(f->version, "pair") && !jstr(f->version, "Value"))
		return wait_for_pair(c, jstr(f->version, "pair"));
	jput(out, "Name", f->name);
	jput(out, "Type", type);
	jcopy(out, f->version, "Value");
	jcopy(out, f->version, "Version");
	if (f->selector.p)
		json_object_set_new(out, "Selector", json_stringn(f->selector.p, f->selector.n));
	jcopy(out, f->version, "LastModifiedDate");
	json_object_set_new(out, "ARN", ssm_arn(c, f->name));
	jcopy(out, f->version, "DataType");
	return decrypt && !strcmp(type, "SecureString") ? open_value(c, f, out) : 0;
}

/* ---- reading ---- */

/* What AWS publishes for everybody: here, the newest images, which are the one that EC2 has. */
static bool is_public(struct aws_call *c, const char *name, json_t *out)
{
	if (strncmp(name, "/aws/service/ami-amazon-linux-latest/", 37))
		return false;
	jput(out, "Name", name);
	jput(out, "Type", "String");
	jput(out, "Value", "ami-0c02fb55956c7d316");
	json_object_set_new(out, "Version", json_integer(1));
	json_object_set_new(out, "LastModifiedDate", json_integer(1767225600000));
	json_object_set_new(out, "ARN", json_sprintf("arn:aws:ssm:%s::parameter%s", c->at.region, name));
	jput(out, "DataType", "text");
	return true;
}

static int get_parameter(struct aws_call *c)
{
	struct ssm_found f;
	json_t *out = json_object();
	int rc;
	ssm_find(c, jstr(c->in, "Name"), &f);
	if (!f.param)
		rc = is_public(c, f.name, out) ? 0 : ssm_not_found(c);
	else
		rc = !f.version ? ssm_no_version(c, &f) : ssm_show(c, &f, jtrue(c->in, "WithDecryption"), out);
	if (rc)
		json_decref(out);
	else
		json_object_set_new(c->out, "Parameter", out);
	return rc;
}

static int get_parameters(struct aws_call *c)
{
	json_t *found = json_array(), *absent = json_array(), *name;
	size_t i;
	int rc = 0;
	json_array_foreach(json_object_get(c->in, "Names"), i, name) {
		json_t *out = json_object();
		struct ssm_found f;
		ssm_find(c, json_string_value(name), &f);
		if (f.version && (rc = ssm_show(c, &f, jtrue(c->in, "WithDecryption"), out))) {
			json_decref(out);
			break;
		}
		if (f.version || is_public(c, f.name, out)) {
			json_array_append_new(found, out);
		} else {
			json_array_append(absent, name);
			json_decref(out);
		}
	}
	if (rc) {
		json_decref(found);
		json_decref(absent);
		return rc;
	}
	json_object_set_new(c->out, "Parameters", found);
	json_object_set_new(c->out, "InvalidParameters", absent);
	return 0;
}

/* ---- the stack's ---- */

static int keep_stacks(struct aws *a, const char *name, const char *value, const char *pair, struct error *err)
{
	struct aws_place at = { identities_account(a->env->conf), identities_region(a->env->conf) };
	if (aws_find(a, at, &ssm_parameters, name))
		return 0;
	json_t *version = json_object();
	json_object_set_new(version, "Version", json_integer(1));
	jput(version, "Type", pair ? "SecureString" : "String");
	jput(version, "Value", pair ? NULL : value);
	jput(version, "pair", pair);
	jput(version, "KeyId", pair ? "alias/aws/ssm" : NULL);
	json_object_set_new(version, "LastModifiedDate", json_integer(clock_now_ms(a->env->clock)));
	json_object_set_new(version, "LastModifiedUser", json_sprintf("arn:aws:iam::%s:root", at.account));
	jput(version, "Tier", "Standard");
	jput(version, "DataType", "text");
	json_object_set_new(version, "Labels", json_array());
	int rc = ssm_keep_version(a, at, name, version, err);
	if (rc)
		return rc;
	return aws_keep(a, at, &ssm_parameters, name, json_pack("{s:s, s:i, s:i, s:[]}", "Name", name, "first", 1, "latest", 1, "tags"), err);
}

static int open_stacks(struct aws *a, struct error *err)
{
	struct aws_place at = { identities_account(a->env->conf), identities_region(a->env->conf) };
	const char *name, *value;
	int rc = keypairs_open(a, err);
	for (size_t i = 0; !rc && (name = keypair_at(a, i, &value)); i++) {
		json_t *doc = aws_find(a, at, &ec2_keypairs, name);
		char *path = xasprintf("/ec2/keypair/%s", jstr(doc, "KeyPairId"));
		if (jtrue(doc, "lazy"))
			rc = keep_stacks(a, path, NULL, name, err);
		free(path);
	}
	for (size_t i = 0; !rc && conf_at(a->env->conf, "parameters", i, &name, &value); i++)
		rc = strncmp(value, "keypair ", 8) ? keep_stacks(a, name, value, NULL, err) : keep_stacks(a, name, NULL, value + 8, err);
	return rc;
}

/* ---- the table ---- */

#define OP(name, doc) AWS_OP("ssm", name, "Parameter Store: " doc)
#define TAGS "[{Key!:s1-128 Value!:s0-256}]0-1000"
#define FILTERS " ParameterFilters:[{Key!:s1-132 Option:s1-10 Values:[s1-1024]1-50}]"
#define RESOURCE "ResourceType!:Document|ManagedInstance|MaintenanceWindow|Parameter|PatchBaseline|OpsItem|OpsMetadata|Automation|Association " \
	"ResourceId!"

static void resource(struct aws_call *c, struct buf *arn)
{
	const char *name = jstr(c->in, "Name") ? jstr(c->in, "Name") : jstr(c->in, "Path") ? jstr(c->in, "Path") : jstr(c->in, "ResourceId");
	struct ssm_found f;
	json_t *text;
	if (!name) {
		buf_addc(arn, '*');
		return;
	}
	ssm_find(c, name, &f);
	text = ssm_arn(c, f.name);
	buf_adds(arn, json_string_value(text));
	json_decref(text);
}

static const struct aws_op ops[] = {
	{ OP("PutParameter", "a parameter, or its next version"),
	  "Name!:s1-2048 Description:s0-1024 Value!:s1- Type:String|StringList|SecureString KeyId:s1-256 Overwrite:b AllowedPattern:s0-1024 Tags:" TAGS
	  " Tier:Standard|Advanced|Intelligent-Tiering Policies:s1-4096 DataType:s0-128", "", ssm_put, resource },
	{ OP("GetParameter", "by name, NAME:VERSION, NAME:LABEL or ARN"), "Name!:s1-2048 WithDecryption:b", "Parameter:{LastModifiedDate:t}", get_parameter,
	  resource },
	{ OP("GetParameters", "up to ten"), "Names!:[s1-2048]1-10 WithDecryption:b", "Parameters:[{LastModifiedDate:t}]", get_parameters },
	{ OP("GetParametersByPath", "those below a path"), "Path!:s1-2048 Recursive:b" FILTERS " WithDecryption:b MaxResults:i1-10 NextToken",
	  "Parameters:[{LastModifiedDate:t}]", ssm_by_path, resource },
	{ OP("GetParameterHistory", "all versions that are kept"), "Name!:s1-2048 WithDecryption:b MaxResults:i1-50 NextToken",
	  "Parameters:[{LastModifiedDate:t}]", ssm_history, resource },
	{ OP("DescribeParameters", "what there is, without values"), "Filters:[{Key!:Name|Type|KeyId Values!:[s1-1024]1-50}]" FILTERS
	  " MaxResults:i1-50 NextToken Shared:b", "Parameters:[{LastModifiedDate:t}]", ssm_describe },
	{ OP("DeleteParameter", "takes it away"), "Name!:s1-2048", "", ssm_delete, resource },
	{ OP("DeleteParameters", "takes up to ten away"), "Names!:[s1-2048]1-10", "", ssm_delete_some },
	{ OP("LabelParameterVersion", "labels a version"), "Name!:s1-2048 ParameterVersion:i1- Labels!:[s1-100]1-10", "", ssm_label, resource },
	{ OP("UnlabelParameterVersion", "takes labels away"), "Name!:s1-2048 ParameterVersion!:i1- Labels!:[s1-100]1-10", "", ssm_unlabel, resource },
	{ OP("AddTagsToResource", "sets tags of a parameter"), RESOURCE " Tags!:" TAGS, "", ssm_tag, resource },
	{ OP("RemoveTagsFromResource", "takes tags away"), RESOURCE " TagKeys!:[s1-128]", "", ssm_untag, resource },
	{ OP("ListTagsForResource", "its tags"), RESOURCE, "", ssm_list_tags, resource },
};
const struct routes ssm_ops = ROUTES(ops);
const struct aws_api ssm_api = { .name = "ssm", .scope = "ssm", .protocol = AWS_JSON, .ops = { &ssm_ops }, .open = open_stacks };
