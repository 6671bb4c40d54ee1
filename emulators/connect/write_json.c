/* JsonConverter.fromConnectData, connect-json 4.0. */
#include "connect/convert.h"

#define DATA "org.apache.kafka.connect.errors.DataException: "

static int write_value(struct arena *a, struct buf *out, const struct cv_schema *s, const struct cv_value *v, unsigned flags, struct error *err);

static int write_list(struct arena *a, struct buf *out, const struct cv_schema *s, const struct cv_list *l, unsigned flags, struct error *err)
{
	int rc = 0;
	buf_addc(out, '[');
	for (size_t i = 0; i < l->n && !rc; i++) {
		if (i)
			buf_addc(out, ',');
		rc = write_value(a, out, s ? s->value : NULL, &l->v[i], flags, err);
	}
	buf_addc(out, ']');
	return rc;
}

/* A key of an object: JsonNode.asText of what the key would be. */
static int write_name(struct arena *a, struct buf *out, const struct cv_schema *s, const struct cv_value *key, unsigned flags, struct error *err)
{
	struct buf b = { 0 };
	int rc = 0;
	if (key->kind == CV_STRING) {
		jk_write_string(out, key->u.s);
	} else if (!(rc = write_value(a, &b, s, key, flags, err))) {
		jk_write_string(out, buf_slice(&b));
	}
	buf_free(&b);
	buf_addc(out, ':');
	return rc;
}

static int write_map(struct arena *a, struct buf *out, const struct cv_schema *s, const struct cv_map *m, unsigned flags, struct error *err)
{
	const struct cv_schema *ks = s ? s->key : NULL, *vs = s ? s->value : NULL;
	bool object = !ks || ks->type == CV_STRING;
	int rc = 0;
	for (size_t i = 0; i < m->n && !s; i++)
		object &= m->e[i].key.kind == CV_STRING;
	buf_addc(out, object ? '{' : '[');
	for (size_t i = 0; i < m->n && !rc; i++) {
		if (i)
			buf_addc(out, ',');
		if (object) {
			rc = write_name(a, out, ks, &m->e[i].key, flags, err);
		} else {
			buf_addc(out, '[');
			rc = write_value(a, out, ks, &m->e[i].key, flags, err);
			buf_addc(out, ',');
		}
		if (!rc)
			rc = write_value(a, out, vs, &m->e[i].value, flags, err);
		if (!object)
			buf_addc(out, ']');
	}
	buf_addc(out, object ? '}' : ']');
	return rc;
}

static int write_struct(struct arena *a, struct buf *out, const struct cv_schema *s, const struct cv_struct *st, unsigned flags, struct error *err)
{
	int rc = 0;
	if (s && s != st->schema && !cv_schema_equal(s, st->schema))
		return err_set(err, ERR_INVALID, DATA "Mismatching schema.");
	s = st->schema;
	buf_addc(out, '{');
	for (size_t i = 0; i < s->field_n && !rc; i++) {
		if (i)
			buf_addc(out, ',');
		jk_write_string(out, s->fields[i].name);
		buf_addc(out, ':');
		rc = write_value(a, out, s->fields[i].schema, &st->v[i], flags, err);
	}
	buf_addc(out, '}');
	return rc;
}

static int wrong_class(const char *what, const char *wanted, const struct cv_value *v, struct error *err)
{
	return err_set(err, ERR_INVALID, DATA "Invalid type for %s, expected %s but was class %s", what, wanted, cv_class(v));
}

static int write_decimal(struct buf *out, const struct cv_schema *s, const struct cv_value *v, unsigned flags, struct error *err)
{
	int64_t scale = 0;
	if (v->kind != CV_DECIMAL)
		return wrong_class("Decimal", "BigDecimal", v, err);
	if (flags & CV_JSON_NUMERIC) {
		cv_decimal_print(out, v->u.decimal, false);
		return 0;
	}
	for (size_t i = 0; i < s->param_n; i++)
		if (sl_eq(s->params[i].name, S("scale")) && !sl_int(s->params[i].value, INT32_MIN, INT32_MAX, &scale))
			return err_set(err, ERR_INVALID, DATA "Invalid scale parameter found in Decimal schema: ");
	if (scale != v->u.decimal->scale)
		return err_set(err, ERR_INVALID, DATA "Decimal value has mismatching scale for given Decimal schema. Schema has scale %d, value has scale %d.", (int)scale, v->u.decimal->scale);
	struct cv_value bytes = cv_bytes(v->u.decimal->unscaled);
	cv_write_object(out, &bytes);
	return 0;
}

static int write_time(struct buf *out, const struct cv_schema *s, const struct cv_value *v, struct error *err)
{
	bool date = cv_schema_is(s, CV_DATE_NAME), stamp = cv_schema_is(s, CV_TIMESTAMP_NAME);
	int64_t ms = v->u.i;
	if (v->kind != CV_DATE)
		return wrong_class(date ? "Date" : stamp ? "Timestamp" : "Time", "Date", v, err);
	if (date && ms % 86400000)
		return err_set(err, ERR_INVALID, DATA "Kafka Connect Date type should not have any time fields set to non-zero values.");
	if (!date && !stamp && (ms < 0 || ms > 86400000))
		return err_set(err, ERR_INVALID, DATA "Kafka Connect Time type should not have any date fields set to non-zero values.");
	buf_int(out, date ? (int32_t)(ms / 86400000) : ms);
	return 0;
}

static int write_kind(struct arena *a, struct buf *out, const struct cv_schema *s, const struct cv_value *v, unsigned flags, struct error *err)
{
	enum cv_kind type = s ? s->type : v->kind;
	if (v->kind >= CV_DECIMAL && !s)
		return err_set(err, ERR_INVALID, DATA "Java class class %s does not have corresponding schema type.", cv_class(v));
	if (type == CV_BYTES && v->kind != CV_BYTES)
		return err_set(err, ERR_INVALID, DATA "Invalid type for bytes type: class %s", cv_class(v));
	if (type != v->kind)
		return err_set(err, ERR_INVALID, DATA "Invalid type for %s: class %s", cv_type_name(type), cv_class(v));
	if (type == CV_ARRAY)
		return write_list(a, out, s, v->u.list, flags, err);
	if (type == CV_MAP)
		return write_map(a, out, s, v->u.map, flags, err);
	if (type == CV_STRUCT)
		return write_struct(a, out, s, v->u.st, flags, err);
	cv_write_object(out, v);
	return 0;
}

static int write_value(struct arena *a, struct buf *out, const struct cv_schema *s, const struct cv_value *v, unsigned flags, struct error *err)
{
	if (v->kind == CV_NULL && s && s->dflt && !(flags & CV_JSON_KEEP_NULL))
		v = s->dflt;
	if (v->kind == CV_NULL) {
		if (s && !s->optional)
			return err_set(err, ERR_INVALID, DATA "Conversion error: null value for field that is required and has no default value");
		buf_adds(out, "null");
		return 0;
	}
	if (cv_schema_is(s, CV_DECIMAL_NAME))
		return write_decimal(out, s, v, flags, err);
	if (cv_schema_is(s, CV_DATE_NAME) || cv_schema_is(s, CV_TIME_NAME) || cv_schema_is(s, CV_TIMESTAMP_NAME))
		return write_time(out, s, v, err);
	return write_kind(a, out, s, v, flags, err);
}

int cv_write_json(struct arena *a, struct buf *out, const struct cv_schema *schema, const struct cv_value *v, unsigned flags, struct error *err)
{
	return write_value(a, out, schema, v, flags, err);
}

/* ---- the envelope ---- */

static void text_member(struct buf *out, const char *name, struct slice v)
{
	buf_addf(out, ",\"%s\":", name);
	jk_write_string(out, v);
}

/* asJsonSchema; field: the name it has in a struct, which comes last. */
static int write_schema(struct arena *a, struct buf *out, const struct cv_schema *s, struct slice field, unsigned flags, struct error *err)
{
	static const char *const types[CV_KINDS] = {
		[CV_INT8] = "int8", [CV_INT16] = "int16", [CV_INT32] = "int32", [CV_INT64] = "int64", [CV_FLOAT32] = "float", [CV_FLOAT64] = "double",
		[CV_BOOLEAN] = "boolean", [CV_STRING] = "string", [CV_BYTES] = "bytes", [CV_ARRAY] = "array", [CV_MAP] = "map", [CV_STRUCT] = "struct",
	};
	static const char *const parts[] = { "items", "keys", "values" };
	int rc = 0;
	if (!s) {
		buf_adds(out, "null");
		return 0;
	}
	buf_addf(out, "{\"type\":\"%s\"", types[s->type]);
	for (size_t i = s->type == CV_MAP; i < (s->type == CV_MAP ? 3u : s->type == CV_ARRAY) && !rc; i++) {
		buf_addf(out, ",\"%s\":", parts[i]);
		rc = write_schema(a, out, i == 1 ? s->key : s->value, sl(NULL), flags, err);
	}
	if (s->type == CV_STRUCT)
		buf_adds(out, ",\"fields\":[");
	for (size_t i = 0; i < s->field_n && !rc; i++) {
		buf_adds(out, i ? "," : "");
		rc = write_schema(a, out, s->fields[i].schema, s->fields[i].name, flags, err);
	}
	buf_addf(out, "%s,\"optional\":%s", s->type == CV_STRUCT ? "]" : "", s->optional ? "true" : "false");
	if (s->name.p)
		text_member(out, "name", s->name);
	if (s->has_version)
		buf_addf(out, ",\"version\":%d", s->version);
	if (s->doc.p)
		text_member(out, "doc", s->doc);
	for (size_t i = 0; i < s->param_n; i++) {
		buf_adds(out, i ? "," : ",\"parameters\":{");
		jk_write_string(out, s->params[i].name);
		buf_addc(out, ':');
		jk_write_string(out, s->params[i].value);
		buf_adds(out, i + 1 == s->param_n ? "}" : "");
	}
	if (s->dflt && !rc) {
		buf_adds(out, ",\"default\":");
		rc = write_value(a, out, s, s->dflt, flags, err);
	}
	if (field.p)
		text_member(out, "field", field);
	buf_addc(out, '}');
	return rc;
}

int cv_write_envelope(struct arena *a, struct buf *out, const struct cv_schema *schema, const struct cv_value *v, unsigned flags, struct error *err)
{
	int rc;
	buf_adds(out, "{\"schema\":");
	if ((rc = write_schema(a, out, schema, sl(NULL), flags, err)))
		return rc;
	buf_adds(out, ",\"payload\":");
	rc = write_value(a, out, schema, v, flags, err);
	buf_addc(out, '}');
	return rc;
}
