/* SSM Parameter Store: putting, deleting, labels, tags. */
#include "kms/ssm.h"

#include "java/regex.h"
#include "java/text.h"

enum { VERSIONS_MAX = 100, LABELS_MAX = 10, STANDARD_MAX = 4096, ADVANCED_MAX = 8192, LEVELS_MAX = 15, NAME_MAX_LEN = 1011 };

/* ---- names ---- */

bool ssm_name_ok(const char *name)
{
	for (const char *s = name; *s; s++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/", *s))
			return false;
	return *name;
}

static int check_name(struct aws_call *c, const char *name)
{
	static const char path[] = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths "
				   "divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_";
	const char *bare = *name == '/' ? name + 1 : name;
	int levels = 0;
	for (const char *s = name; *s; s++)
		levels += *s == '/';
	if (!strncasecmp(bare, "aws", 3) || !strncasecmp(bare, "ssm", 3)) {
		if (levels > 1 && *name == '/' && !strncasecmp(bare, "aws", 3))
			return aws_refuse(c, 400, "AccessDeniedException", "No access to reserved parameter name: %s.", name);
		return aws_refuse(c, 400, "ValidationException", "%s",
				  levels > 1 ? path : "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).");
	}
	if (!ssm_name_ok(name) || strstr(name, "//") || name[strlen(name) - 1] == '/')
		return aws_refuse(c, 400, "ValidationException", "%s", path);
	if (levels && *name != '/')
		return aws_refuse(c, 400, "ValidationException", "Parameter name must be a fully qualified name.");
	if (levels > LEVELS_MAX)
		return aws_refuse(c, 400, "HierarchyLevelLimitExceededException", "A parameter name hierarchy can have up to %d levels.", LEVELS_MAX);
	if (strlen(name) > NAME_MAX_LEN)
		return aws_refuse(c, 400, "ValidationException", "Parameter name: the maximum length is %d characters.", NAME_MAX_LEN);
	return 0;
}

/* ---- putting ---- */

static const char *said(struct aws_call *c, const json_t *old, const char *member, const char *otherwise)
{
	return jstr(c->in, member) ? jstr(c->in, member) : jstr(old, member) ? jstr(old, member) : otherwise;
}

static int check_value(struct aws_call *c, const json_t *old, const char **tier)
{
	const char *pattern = said(c, old, "AllowedPattern", ""), *data = said(c, old, "DataType", "text");
	struct slice value = jslice(c->in, "Value");
	size_t n = java_length(value);
	*tier = said(c, old, "Tier", "Standard");
	if (!strcmp(*tier, "Intelligent-Tiering"))
		*tier = n > STANDARD_MAX ? "Advanced" : "Standard";
	if (strcmp(data, "text") && strcmp(data, "aws:ec2:image") && strcmp(data, "aws:ssm:integration"))
		return aws_refuse(c, 400, "ValidationException", "The following data type is not supported: %s (Data type names are all lowercase.)", data);
	if (!strcmp(*tier, "Standard") && n > STANDARD_MAX)
		return aws_refuse(c, 400, "ValidationException", "Standard tier parameters support a maximum parameter value of 4096 characters. To create a "
				  "larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see "
				  "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html");
	if (n > ADVANCED_MAX)
		return aws_refuse(c, 400, "ValidationException", "Advanced tier parameters support a maximum parameter value of 8192 characters.");
	if (*pattern && java_matches(value, sl(pattern), false) <= 0)
		return aws_refuse(c, 400, "ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", pattern);
	if (jstr(c->in, "Policies"))
		return aws_refuse(c, 400, "ValidationException", "tarn keeps no parameter policies: leave Policies out.");
	return 0;
}

static int check_put(struct aws_call *c, const struct ssm_found *f, const char **type)
{
	bool overwrite = jtrue(c->in, "Overwrite");
	*type = jstr(c->in, "Type");
	if (overwrite && json_array_size(json_object_get(c->in, "Tags")))
		return aws_refuse(c, 400, "ValidationException", "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, "
				  "please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or "
				  "RemoveTagsFromResource.");
	if (f->param && !overwrite)
		return aws_refuse(c, 400, "ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the "
				  "request to true.");
	if (!f->param && !*type)
		return aws_refuse(c, 400, "ValidationException", "A parameter type is required when you create a parameter.");
	if (f->version && *type && strcmp(*type, jstr(f->version, "Type")))
		return aws_refuse(c, 400, "HierarchyTypeMismatchException", "Parameter Store doesn't support changing a parameter type in a hierarchy. For "
				  "example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.");
	*type = *type ? *type : jstr(f->version, "Type");
	if (jstr(c->in, "KeyId") && strcmp(*type, "SecureString"))
		return aws_refuse(c, 400, "ValidationException", "KeyId is required for SecureString type parameter only.");
	return 0;
}

static int make_room(struct aws_call *c, const struct ssm_found *f)
{
	int64_t first = jint(f->param, "first");
	struct error err = { 0 };
	json_t *oldest;
	char *key;
	if (!f->param || jint(f->param, "latest") - first + 1 < VERSIONS_MAX)
		return 0;
	oldest = ssm_version(c->aws, c->at, f->name, first);
	if (json_array_size(json_object_get(oldest, "Labels")))
		return aws_refuse(c, 400, "ParameterMaxVersionLimitExceeded", "You attempted to create a new version of %s by calling the PutParameter API with "
				  "the overwrite flag. Version %lld, the oldest version, can't be deleted because it has a label associated with it. Move the "
				  "label to another version of the parameter, and try again.", f->name, (long long)first);
	key = xasprintf("%s:%08lld", f->name, (long long)first);
	int rc = aws_drop(c->aws, c->at, &ssm_versions, key, &err);
	free(key);
	json_object_set_new(f->param, "first", json_integer(first + 1));
	return rc ? aws_broken(c, &err) : 0;
}

static json_t *new_version(struct aws_call *c, const json_t *old, const char *type, const char *tier, int64_t number)
{
	static const char *const kept[] = { "Description", "AllowedPattern" };
	json_t *v = json_object();
	struct buf arn = { 0 };
	json_object_set_new(v, "Version", json_integer(number));
	jput(v, "Type", type);
	json_object_set_new(v, "LastModifiedDate", json_integer(c->now_ms));
	identity_arn(&c->who, &arn);
	jput(v, "LastModifiedUser", buf_cstr(&arn));
	buf_free(&arn);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		jput(v, kept[i], said(c, old, kept[i], NULL));
	if (!strcmp(type, "SecureString"))
		jput(v, "KeyId", said(c, old, "KeyId", "alias/aws/ssm"));
	jput(v, "Tier", tier);
	jput(v, "DataType", said(c, old, "DataType", "text"));
	json_object_set_new(v, "Labels", json_array());
	return v;
}

int ssm_put(struct aws_call *c)
{
	const char *name = jstr(c->in, "Name"), *type, *tier;
	struct error err = { 0 };
	struct ssm_found f = { 0 };
	json_t *version, *param;
	int rc = strncmp(name, "arn:", 4) ? check_name(c, name) : aws_refuse(c, 400, "ValidationException", "Invalid parameter name. Please use correct syntax for "
											      "referencing a version/label <name>:<version/label>");
	if (rc)
		return rc;
	ssm_find(c, name, &f);
	if ((rc = check_put(c, &f, &type)) || (rc = check_value(c, f.version, &tier)) || (rc = make_room(c, &f)))
		return rc;
	version = new_version(c, f.version, type, tier, jint(f.param, "latest") + 1);
	if (!strcmp(type, "SecureString")) {
		struct buf text = { 0 };
		rc = ssm_seal(c, name, jstr(version, "KeyId"), jslice(c->in, "Value"), &text);
		jput(version, "Value", buf_cstr(&text));
		buf_free(&text);
		if (rc) {
			json_decref(version);
			return rc;
		}
	} else {
		json_object_set(version, "Value", json_object_get(c->in, "Value"));
	}
	param = f.param ? f.param : json_pack("{s:s, s:i, s:[]}", "Name", name, "first", 1, "tags");
	json_object_set(param, "latest", json_object_get(version, "Version"));
	aws_tags_set(json_object_get(param, "tags"), json_object_get(c->in, "Tags"), "Key", "Value");
	json_object_set(c->out, "Version", json_object_get(version, "Version"));
	jput(c->out, "Tier", tier);
	if (ssm_keep_version(c->aws, c->at, name, version, &err)) {
		if (!f.param)
			json_decref(param);
		return aws_broken(c, &err);
	}
	return aws_keep(c->aws, c->at, &ssm_parameters, name, param, &err) ? aws_broken(c, &err) : 0;
}

/* ---- deleting ---- */

static int drop(struct aws_call *c, const struct ssm_found *f)
{
	struct error err = { 0 };
	char *name = xstrdup(f->name);
	int64_t first = jint(f->param, "first"), latest = jint(f->param, "latest");
	int rc = aws_drop(c->aws, c->at, &ssm_parameters, name, &err);
	for (int64_t n = first; !rc && n <= latest; n++) {
		char *key = xasprintf("%s:%08lld", name, (long long)n);
		rc = aws_drop(c->aws, c->at, &ssm_versions, key, &err);
		free(key);
	}
	free(name);
	return rc ? aws_broken(c, &err) : 0;
}

int ssm_delete(struct aws_call *c)
{
	struct ssm_found f;
	ssm_find(c, jstr(c->in, "Name"), &f);
	return f.param ? drop(c, &f) : ssm_not_found(c);
}

int ssm_delete_some(struct aws_call *c)
{
	json_t *gone = json_array(), *absent = json_array(), *name;
	size_t i;
	int rc = 0;
	json_object_set_new(c->out, "DeletedParameters", gone);
	json_object_set_new(c->out, "InvalidParameters", absent);
	json_array_foreach(json_object_get(c->in, "Names"), i, name) {
		struct ssm_found f;
		ssm_find(c, json_string_value(name), &f);
		if (f.param && (rc = drop(c, &f)))
			return rc;
		json_array_append(f.param ? gone : absent, name);
	}
	return 0;
}

/* ---- labels ---- */

static bool label_ok(const char *s)
{
	return ssm_name_ok(s) && !strchr(s, '/') && strncasecmp(s, "aws", 3) && strncasecmp(s, "ssm", 3) && !(*s >= '0' && *s <= '9');
}

static ssize_t label_at(const json_t *labels, const char *name)
{
	json_t *one;
	size_t i;
	json_array_foreach(labels, i, one)
		if (!strcmp(json_string_value(one), name))
			return (ssize_t)i;
	return -1;
}

/* Takes the label away from the version that has it. */
static int unlabel_others(struct aws_call *c, const struct ssm_found *f, const char *label)
{
	struct error err = { 0 };
	for (int64_t n = jint(f->param, "first"); n <= jint(f->param, "latest"); n++) {
		json_t *version = ssm_version(c->aws, c->at, f->name, n), *labels = json_object_get(version, "Labels");
		ssize_t at = label_at(labels, label);
		if (version == f->version || at < 0)
			continue;
		json_array_remove(labels, (size_t)at);
		if (ssm_keep_version(c->aws, c->at, f->name, version, &err))
			return aws_broken(c, &err);
	}
	return 0;
}

static int find_version(struct aws_call *c, struct ssm_found *f)
{
	ssm_find(c, jstr(c->in, "Name"), f);
	if (!f->param)
		return ssm_not_found(c);
	if (json_object_get(c->in, "ParameterVersion")) {
		f->version = ssm_version(c->aws, c->at, f->name, jint(c->in, "ParameterVersion"));
		f->selector = arena_printf(c->arena, ":%lld", (long long)jint(c->in, "ParameterVersion"));
	}
	return f->version ? 0 : ssm_no_version(c, f);
}

int ssm_label(struct aws_call *c)
{
	json_t *invalid = json_array(), *label, *labels;
	struct error err = { 0 };
	struct ssm_found f;
	size_t i, more = 0;
	json_object_set_new(c->out, "InvalidLabels", invalid);
	int rc = find_version(c, &f);
	if (rc)
		return rc;
	labels = json_object_get(f.version, "Labels");
	json_array_foreach(json_object_get(c->in, "Labels"), i, label)
		more += label_ok(json_string_value(label)) && label_at(labels, json_string_value(label)) < 0;
	if (json_array_size(labels) + more > LABELS_MAX)
		return aws_refuse(c, 400, "ParameterVersionLabelLimitExceeded", "A parameter version can have maximum %d labels.Move one or more labels to another "
				  "version and try again.", LABELS_MAX);
	json_array_foreach(json_object_get(c->in, "Labels"), i, label) {
		if (!label_ok(json_string_value(label))) {
			json_array_append(invalid, label);
			continue;
		}
		if ((rc = unlabel_others(c, &f, json_string_value(label))))
			return rc;
		if (label_at(labels, json_string_value(label)) < 0)
			json_array_append(labels, label);
	}
	json_object_set(c->out, "ParameterVersion", json_object_get(f.version, "Version"));
	return ssm_keep_version(c->aws, c->at, f.name, f.version, &err) ? aws_broken(c, &err) : 0;
}

int ssm_unlabel(struct aws_call *c)
{
	json_t *removed = json_array(), *invalid = json_array(), *label;
	struct error err = { 0 };
	struct ssm_found f;
	size_t i;
	json_object_set_new(c->out, "RemovedLabels", removed);
	json_object_set_new(c->out, "InvalidLabels", invalid);
	int rc = find_version(c, &f);
	if (rc)
		return rc;
	json_array_foreach(json_object_get(c->in, "Labels"), i, label) {
		ssize_t at = label_at(json_object_get(f.version, "Labels"), json_string_value(label));
		json_array_append(at < 0 ? invalid : removed, label);
		if (at >= 0)
			json_array_remove(json_object_get(f.version, "Labels"), (size_t)at);
	}
	return ssm_keep_version(c->aws, c->at, f.name, f.version, &err) ? aws_broken(c, &err) : 0;
}

/* ---- tags ---- */

static int tagged(struct aws_call *c, struct ssm_found *f)
{
	if (strcmp(jstr(c->in, "ResourceType"), "Parameter"))
		return aws_refuse(c, 400, "InvalidResourceId", "%s", "");
	ssm_find(c, jstr(c->in, "ResourceId"), f);
	return f->param ? 0 : aws_refuse(c, 400, "InvalidResourceId", "%s", "");
}

static int keep_param(struct aws_call *c, const struct ssm_found *f)
{
	struct error err = { 0 };
	return aws_keep(c->aws, c->at, &ssm_parameters, f->name, f->param, &err) ? aws_broken(c, &err) : 0;
}

int ssm_tag(struct aws_call *c)
{
	struct ssm_found f;
	int rc = tagged(c, &f);
	if (rc)
		return rc;
	aws_tags_set(json_object_get(f.param, "tags"), json_object_get(c->in, "Tags"), "Key", "Value");
	return keep_param(c, &f);
}

int ssm_untag(struct aws_call *c)
{
	struct ssm_found f;
	int rc = tagged(c, &f);
	if (rc)
		return rc;
	aws_tags_drop(json_object_get(f.param, "tags"), json_object_get(c->in, "TagKeys"), "Key");
	return keep_param(c, &f);
}

int ssm_list_tags(struct aws_call *c)
{
	struct ssm_found f;
	int rc = tagged(c, &f);
	if (!rc)
		json_object_set(c->out, "TagList", json_object_get(f.param, "tags"));
	return rc;
}
