/* JSON schema, draft 4, as far as API Gateway's models go. */
#include <math.h>

#include "apigateway/run.h"
#include "core/json.h"
#include "java/regex.h"
#include "velocity/value.h"

enum { SCHEMA_DEPTH_MAX = 64 };

/* Counts what is looked at; false: that is too much. */
static bool spend(struct gw_schema *s, size_t n)
{
	s->left -= n < s->left && !*s->stop ? n : s->left;
	return s->left;
}

static bool type_is(const char *type, const json_t *v)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "object", [JSON_ARRAY] = "array", [JSON_STRING] = "string", [JSON_INTEGER] = "integer", [JSON_REAL] = "number",
		[JSON_TRUE] = "boolean", [JSON_FALSE] = "boolean", [JSON_NULL] = "null",
	};
	return !strcmp(type, names[json_typeof(v)]) || (json_is_integer(v) && !strcmp(type, "number"));
}

static bool type_ok(const json_t *type, const json_t *v)
{
	const json_t *t;
	size_t i;
	if (json_is_string(type))
		return type_is(json_string_value(type), v);
	json_array_foreach(type, i, t)
		if (json_is_string(t) && type_is(json_string_value(t), v))
			return true;
	return !json_is_array(type);
}

static size_t length_of(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* A schema's pattern may match anywhere. */
static bool matches(struct gw_schema *s, const char *pattern, const char *text)
{
	spend(s, 100 + strlen(pattern) + strlen(text) / 8);
	char *anywhere = xasprintf("(?s).*(?:%s).*", pattern);
	int rc = java_matches(sl(text), sl(anywhere), false);
	free(anywhere);
	return rc != 0;
}

static bool within(const json_t *schema, const char *least, const char *most, size_t n)
{
	const json_t *lo = json_object_get(schema, least), *hi = json_object_get(schema, most);
	return !(json_is_integer(lo) && (json_int_t)n < json_integer_value(lo)) && !(json_is_integer(hi) && (json_int_t)n > json_integer_value(hi));
}

static bool number_ok(const json_t *schema, double v)
{
	const json_t *lo = json_object_get(schema, "minimum"), *hi = json_object_get(schema, "maximum"), *of = json_object_get(schema, "multipleOf");
	if (json_is_number(lo) && (v < json_number_value(lo) || (jtrue(schema, "exclusiveMinimum") && v <= json_number_value(lo))))
		return false;
	if (json_is_number(hi) && (v > json_number_value(hi) || (jtrue(schema, "exclusiveMaximum") && v >= json_number_value(hi))))
		return false;
	return !json_is_number(of) || json_number_value(of) <= 0 || fabs(remainder(v, json_number_value(of))) < 1e-9;
}

static bool object_ok(struct gw_schema *s, const json_t *schema, const json_t *v, int depth)
{
	const json_t *props = json_object_get(schema, "properties"), *more = json_object_get(schema, "additionalProperties"), *need, *sub;
	const char *key;
	json_t *member;
	size_t i;
	spend(s, json_array_size(json_object_get(schema, "required")));
	json_array_foreach(json_object_get(schema, "required"), i, need)
		if (json_is_string(need) && !json_object_get(v, json_string_value(need)))
			return false;
	if (!within(schema, "minProperties", "maxProperties", json_object_size(v)))
		return false;
	json_object_foreach((json_t *)v, key, member) {
		sub = json_object_get(props, key);
		if (!sub && json_is_false(more))
			return false;
		if (!sub && json_is_object(more))
			sub = more;
		if (sub && !gw_schema_ok(s, sub, member, depth + 1))
			return false;
	}
	return true;
}

static bool array_ok(struct gw_schema *s, const json_t *schema, const json_t *v, int depth)
{
	const json_t *items = json_object_get(schema, "items"), *sub;
	json_t *m, *other;
	size_t i, k;
	if (!within(schema, "minItems", "maxItems", json_array_size(v)))
		return false;
	json_array_foreach(v, i, m) {
		sub = json_is_array(items) ? json_array_get(items, i) : items;
		if (sub && !gw_schema_ok(s, sub, m, depth + 1))
			return false;
		if (!jtrue(schema, "uniqueItems") || !spend(s, i / 2))
			continue;
		json_array_foreach(v, k, other)
			if (k < i && json_equal(m, other))
				return false;
	}
	return true;
}

static bool combined_ok(struct gw_schema *s, const json_t *schema, const json_t *v, int depth)
{
	const json_t *all = json_object_get(schema, "allOf"), *any = json_object_get(schema, "anyOf"), *one = json_object_get(schema, "oneOf");
	const json_t *not = json_object_get(schema, "not"), *one_of;
	size_t i, n = 0;
	json_array_foreach(all, i, one_of)
		if (!gw_schema_ok(s, one_of, v, depth + 1))
			return false;
	json_array_foreach(any, i, one_of)
		n += gw_schema_ok(s, one_of, v, depth + 1);
	if (json_is_array(any) && !n)
		return false;
	n = 0;
	json_array_foreach(one, i, one_of)
		n += gw_schema_ok(s, one_of, v, depth + 1);
	if (json_is_array(one) && n != 1)
		return false;
	return !json_is_object(not) || !gw_schema_ok(s, not, v, depth + 1);
}

/* ".../models/NAME" and "#/definitions/NAME" (in the models, or in the schema itself). */
static bool ref_ok(struct gw_schema *s, const char *ref, const json_t *v, int depth)
{
	const char *name = strrchr(ref, '/'), *text = name ? jstr(json_object_get(s->models, name + 1), "schema") : NULL;
	json_t *schema = text ? json_object_get(s->read, name + 1) : NULL;
	if (text && !schema) {
		spend(s, strlen(text) / 32);
		schema = gw_json(sl(text), GW_DOCUMENT, NULL);
		json_object_set_new(s->read, name + 1, schema ? schema : json_object());
	}
	return !schema || gw_schema_ok(s, schema, v, depth + 1);
}

bool gw_schema_ok(struct gw_schema *s, const json_t *schema, const json_t *v, int depth)
{
	const json_t *list = json_object_get(schema, "enum"), *e;
	const char *ref = jstr(schema, "$ref"), *pattern = jstr(schema, "pattern");
	bool found = !json_is_array(list);
	size_t i;
	if (depth > SCHEMA_DEPTH_MAX || !spend(s, 1 + json_array_size(list)))
		return false;
	if (ref)
		return ref_ok(s, ref, v, depth);
	if (!type_ok(json_object_get(schema, "type"), v))
		return false;
	json_array_foreach(list, i, e)
		found |= json_equal((json_t *)e, (json_t *)v);
	if (!found)
		return false;
	if (json_is_string(v) && (!within(schema, "minLength", "maxLength", length_of(json_string_value(v))) ||
				  (pattern && !matches(s, pattern, json_string_value(v)))))
		return false;
	if (json_is_number(v) && !number_ok(schema, json_number_value(v)))
		return false;
	if (json_is_object(v) && !object_ok(s, schema, v, depth))
		return false;
	if (json_is_array(v) && !array_ok(s, schema, v, depth))
		return false;
	return combined_ok(s, schema, v, depth);
}
