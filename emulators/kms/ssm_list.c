/* SSM Parameter Store: by path, filters, descriptions, history. */
#include "kms/ssm.h"

/* ---- filters ---- */

/* The key of a filter in what is known, "tag:" for all that begin so. */
static bool is_known(const char *const *known, const char *key)
{
	for (; *known; known++)
		if (!strcmp(*known, key) || (!strcmp(*known, "tag:") && !strncmp(key, "tag:", 4) && key[4]))
			return true;
	return false;
}

static bool option_ok(const char *key, const char *option)
{
	if (!option)
		return true;
	if (!strcmp(key, "Path"))
		return !strcmp(option, "Recursive") || !strcmp(option, "OneLevel");
	return !strcmp(option, "Equals") || !strcmp(option, "BeginsWith") || (!strcmp(key, "Name") && !strcmp(option, "Contains"));
}

int ssm_check_filters(struct aws_call *c, const char *const *known, const char *said)
{
	json_t *filter, *other;
	size_t i, j;
	json_array_foreach(json_object_get(c->in, "ParameterFilters"), i, filter) {
		const char *key = jstr(filter, "Key"), *option = jstr(filter, "Option");
		if (!is_known(known, key))
			return aws_refuse(c, 400, "InvalidFilterKey", "The following filter key is not valid: %s. Valid filter keys include: [%s].", key, said);
		if (strncmp(key, "tag:", 4) && !json_array_size(json_object_get(filter, "Values")))
			return aws_refuse(c, 400, "InvalidFilterValue", "The following filter values are missing : null for filter key %s.", key);
		if (!option_ok(key, option))
			return aws_refuse(c, 400, "InvalidFilterOption", "The following filter option is not valid: %s. Valid options include: [%s].", option,
					  !strcmp(key, "Path") ? "Recursive, OneLevel" : "BeginsWith, Equals");
		json_array_foreach(json_object_get(c->in, "ParameterFilters"), j, other)
			if (j < i && !strcmp(jstr(other, "Key"), key))
				return aws_refuse(c, 400, "InvalidFilterKey", "The following filter is duplicated in the request: %s. A request can contain only "
						  "one occurrence of a specific filter.", key);
	}
	return 0;
}

/* Whether name lies below path, right below it unless recursive. */
static bool is_below(const char *name, const char *path, bool recursive)
{
	size_t n = strlen(path);
	while (n && path[n - 1] == '/')
		n--;
	if (*name != '/')
		return !n && !recursive ? true : !n;
	if (strncmp(name, path, n) || name[n] != '/')
		return false;
	return recursive || !strchr(name + n + 1, '/');
}

static bool text_fits(const char *option, const char *text, const char *value)
{
	if (option && !strcmp(option, "BeginsWith"))
		return !strncmp(text, value, strlen(value));
	if (option && !strcmp(option, "Contains"))
		return strstr(text, value) != NULL;
	return !strcmp(text, value);
}

static bool label_fits(const json_t *version, const char *option, const char *value)
{
	json_t *label;
	size_t i;
	json_array_foreach(json_object_get(version, "Labels"), i, label)
		if (text_fits(option, json_string_value(label), value))
			return true;
	return false;
}

static bool value_fits(const json_t *param, const json_t *version, const char *key, const char *option, const char *value)
{
	const char *name = jstr(param, "Name"), *text;
	if (!strcmp(key, "Path"))
		return is_below(name, value, option && !strcmp(option, "Recursive"));
	if (!strcmp(key, "Label"))
		return label_fits(version, option, value);
	if (!strcmp(key, "Name")) /* a slash before is as good as none */
		return text_fits(option, name, value) || (*name == '/' && *value != '/' && text_fits(option, name + 1, value)) ||
		       (*name != '/' && *value == '/' && text_fits(option, name, value + 1));
	text = jstr(version, key);
	return text && text_fits(option, text, value);
}

static bool tag_fits(const json_t *param, const char *key, const json_t *values)
{
	json_t *tag, *value;
	size_t i, j;
	json_array_foreach(json_object_get(param, "tags"), i, tag) {
		if (strcmp(jstr(tag, "Key"), key))
			continue;
		if (!json_array_size(values))
			return true;
		json_array_foreach(values, j, value)
			if (!strcmp(jstr(tag, "Value"), json_string_value(value)))
				return true;
	}
	return false;
}

static bool filter_fits(const json_t *param, const json_t *version, const json_t *filter)
{
	const char *key = jstr(filter, "Key");
	json_t *values = json_object_get(filter, "Values"), *value;
	size_t i;
	if (!strncmp(key, "tag:", 4))
		return tag_fits(param, key + 4, values);
	json_array_foreach(values, i, value)
		if (value_fits(param, version, key, jstr(filter, "Option"), json_string_value(value)))
			return true;
	return false;
}

bool ssm_fits(struct aws_call *c, const json_t *param, const json_t *version)
{
	json_t *filter;
	size_t i;
	json_array_foreach(json_object_get(c->in, "ParameterFilters"), i, filter)
		if (!filter_fits(param, version, filter))
			return false;
	json_array_foreach(json_object_get(c->in, "Filters"), i, filter)
		if (!filter_fits(param, version, filter))
			return false;
	return true;
}

/* ---- lists ---- */

static int page(struct aws_call *c, json_t *items, size_t most)
{
	if (aws_page(c, items, "Parameters", "MaxResults", most, "NextToken", "NextToken"))
		return aws_refuse(c, 400, "InvalidNextToken", "The specified token isn't valid.");
	return 0;
}

int ssm_by_path(struct aws_call *c)
{
	static const char *const known[] = { "Type", "KeyId", "Label", NULL };
	const char *path = jstr(c->in, "Path");
	json_t *names, *param, *shown, *name;
	size_t i;
	int rc = ssm_check_filters(c, known, "Type, KeyId");
	if (rc)
		return rc;
	if (*path != '/' || strstr(path, "//") || !ssm_name_ok(path))
		return aws_refuse(c, 400, "ValidationException", "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a "
				  "forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or "
				  "the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if "
				  "specified, must use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.");
	names = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ssm_parameters); (param = aws_next(&w));)
		if (is_below(w.key, path, jtrue(c->in, "Recursive")) && ssm_fits(c, param, ssm_version(c->aws, c->at, w.key, jint(param, "latest"))))
			json_array_append(names, json_object_get(param, "Name"));
	if ((rc = page(c, names, 10)))
		return rc;
	shown = json_array();
	json_array_foreach(json_object_get(c->out, "Parameters"), i, name) {
		json_t *one = json_object();
		struct ssm_found f;
		ssm_find(c, json_string_value(name), &f);
		rc = ssm_show(c, &f, jtrue(c->in, "WithDecryption"), one);
		json_array_append_new(shown, one);
		if (rc) {
			json_decref(shown);
			return rc;
		}
	}
	json_object_set_new(c->out, "Parameters", shown);
	return 0;
}

/* What is told of a version, beside its value. */
static json_t *described(struct aws_call *c, const char *name, const json_t *version)
{
	static const char *const parts[] = { "Type", "KeyId", "LastModifiedDate", "LastModifiedUser", "Description", "AllowedPattern", "Version", "Tier",
					     "DataType" };
	json_t *one = json_object();
	jput(one, "Name", name);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		jcopy(one, version, parts[i]);
	json_object_set_new(one, "Policies", json_array());
	return one;
}

int ssm_describe(struct aws_call *c)
{
	static const char *const known[] = { "Path", "Name", "Type", "KeyId", "Tier", "DataType", "tag:", NULL };
	json_t *items, *param;
	int rc = ssm_check_filters(c, known, "Path, Name, Type, KeyId, Tier");
	if (rc)
		return rc;
	if (json_array_size(json_object_get(c->in, "Filters")) && json_array_size(json_object_get(c->in, "ParameterFilters")))
		return aws_refuse(c, 400, "ValidationException", "You can use either Filters or ParameterFilters in a single request.");
	items = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ssm_parameters); (param = aws_next(&w));) {
		json_t *version = ssm_version(c->aws, c->at, w.key, jint(param, "latest")), *one;
		if (!ssm_fits(c, param, version))
			continue;
		one = described(c, jstr(param, "Name"), version);
		json_object_set_new(one, "ARN", ssm_arn(c, jstr(param, "Name")));
		json_array_append_new(items, one);
	}
	return page(c, items, 50);
}

int ssm_history(struct aws_call *c)
{
	json_t *items = json_array();
	struct ssm_found f;
	int rc = 0;
	ssm_find(c, jstr(c->in, "Name"), &f);
	for (int64_t n = jint(f.param, "first"); f.param && n <= jint(f.param, "latest"); n++) {
		json_t *one, *shown = json_object();
		struct ssm_found at = { f.name, sl(NULL), f.param, ssm_version(c->aws, c->at, f.name, n) };
		rc = ssm_show(c, &at, jtrue(c->in, "WithDecryption"), shown);
		if (rc) {
			json_decref(shown);
			break;
		}
		one = described(c, f.name, at.version);
		jcopy(one, shown, "Value");
		jcopy(one, at.version, "Labels");
		json_decref(shown);
		json_array_append_new(items, one);
	}
	if (rc || !f.param) {
		json_decref(items);
		return rc ? rc : ssm_not_found(c);
	}
	return page(c, items, 50);
}
