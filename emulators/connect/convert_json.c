/* JsonConverter: JSON with or without the envelope of schemas.enable -> values, and back. The texts are connect-json 4.0's. */
#include "connect/convert.h"

#define DATA "org.apache.kafka.connect.errors.DataException: "

static int fail(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int fail(struct error *err, const char *fmt, ...)
{
	struct buf b = { .max = 3000 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	(void)err_set(err, ERR_INVALID, DATA "%.*s", SL(buf_slice(&b)));
	buf_free(&b);
	return ERR_INVALID;
}

/* JsonNodeType */
static const char *node_type(const struct jk_node *v)
{
	static const char *const names[] = {
		[JK_NONE] = "MISSING", [JK_START_OBJECT] = "OBJECT", [JK_START_ARRAY] = "ARRAY", [JK_STRING] = "STRING", [JK_INT] = "NUMBER",
		[JK_FLOAT] = "NUMBER", [JK_TRUE] = "BOOLEAN", [JK_FALSE] = "BOOLEAN", [JK_NULL] = "NULL",
	};
	return names[v->kind];
}

/* ---- schemaless ---- */

/* BigInteger.longValue: it wraps. */
static int64_t long_of(struct slice digits)
{
	uint64_t u = 0;
	bool minus = digits.p[0] == '-';
	for (size_t i = minus; i < digits.n; i++)
		u = u * 10 + (uint64_t)(digits.p[i] - '0');
	return (int64_t)(minus ? 0 - u : u);
}

static struct cv_value plain_value(struct arena *a, const struct jk_node *v);

static struct cv_value plain_map(struct arena *a, const struct jk_node *v)
{
	struct cv_value map = cv_map_new(a);
	struct cv_map *m = map.u.map;
	struct cv_entry *e = arena_alloc(a, (v->count + 4) * sizeof(*e));
	uint32_t *hash = arena_raw(a, (v->count + 1) * sizeof(*hash));
	size_t n = 0, *order;
	for (const struct jk_node *c = v->first; c; c = c->next, n++) {
		hash[n] = java_hash(c->name);
		e[n] = (struct cv_entry){ cv_str(c->name), plain_value(a, c) };
	}
	m->e = e;
	m->cap = v->count + 4;
	m->n = n;
	while (n * 4 > m->table * 3)
		m->table *= 2;
	if (n < 2)
		return map;
	order = java_order(a, hash, n, JAVA_TABLE);
	m->e = arena_raw(a, m->cap * sizeof(*e));
	for (size_t i = 0; i < n; i++)
		m->e[i] = e[order[i]];
	return map;
}

/* Objects in HashMap's order, integers as longs, decimals as doubles. */
static struct cv_value plain_value(struct arena *a, const struct jk_node *v)
{
	struct cv_value list;
	switch (v->kind) {
	case JK_START_OBJECT:
		return plain_map(a, v);
	case JK_START_ARRAY:
		list = cv_list_new(a);
		for (const struct jk_node *c = v->first; c; c = c->next)
			cv_list_add(a, &list, plain_value(a, c));
		return list;
	case JK_STRING:
		return cv_str(v->text);
	case JK_INT:
		return cv_int(CV_INT64, long_of(v->text));
	case JK_FLOAT:
		return cv_real(CV_FLOAT64, v->number + 0.0); /* through a BigDecimal, which has no negative zero */
	case JK_TRUE:
	case JK_FALSE:
		return cv_int(CV_BOOLEAN, v->kind == JK_TRUE);
	case JK_NULL: case JK_NONE: case JK_END_OBJECT: case JK_END_ARRAY: case JK_FIELD_NAME:
		break;
	}
	return cv_null();
}

/* ---- with a schema ---- */

struct reading {
	struct arena *a;
	bool keep_null; /* replace.null.with.default=false */
};

static int typed(const struct reading *x, const struct cv_schema *s, const struct jk_node *v, struct cv_value *out, struct error *err);

/* Number.longValue of a node; 0 of what is no number. */
static int64_t integer(const struct jk_node *v)
{
	int64_t n = 0;
	if (v->kind == JK_INT)
		return long_of(v->text);
	/* BigDecimal.longValue keeps the low bits; of those that a double can't hold this keeps none. */
	if (v->kind == JK_FLOAT && v->number > -9.2e18 && v->number < 9.2e18)
		n = (int64_t)v->number;
	return n;
}

static double real(struct arena *a, const struct jk_node *v, bool single)
{
	if (v->kind != JK_INT && v->kind != JK_FLOAT)
		return 0;
	const char *text = arena_cstr(a, v->text);
	return (single ? (double)strtof(text, NULL) : strtod(text, NULL)) + 0.0;
}

static int typed_bytes(struct arena *a, const struct jk_node *v, struct cv_value *out, struct error *err)
{
	struct slice bytes = { 0 };
	if (v->kind != JK_STRING)
		return 0; /* JsonNode.binaryValue of others is null */
	if (!arena_base64(a, v->text, &bytes)) {
		static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
		size_t i = 0;
		while (i < v->text.n && v->text.p[i] && strchr(alphabet, v->text.p[i]))
			i++;
		struct slice why = i < v->text.n ? arena_printf(a, "Illegal character '%c' (code 0x%x) in base64 content", v->text.p[i], (uint8_t)v->text.p[i])
						 : S("Unexpected end of base64-encoded String: base64 variant 'MIME-NO-LINEFEEDS' expects padding (one or more '=' characters) at the end. "
						     "This Base64Variant might have been incorrectly configured");
		return fail(err, "Invalid bytes field\nCaused by: com.fasterxml.jackson.databind.exc.InvalidFormatException: Cannot access contents of TextNode as binary due to broken Base64 "
			    "encoding: %.*s", SL(why));
	}
	*out = cv_bytes(bytes.p ? bytes : S(""));
	return 0;
}

static int typed_list(const struct reading *x, const struct cv_schema *s, const struct jk_node *v, struct cv_value *out, struct error *err)
{
	int rc = 0;
	*out = cv_list_new(x->a);
	for (const struct jk_node *c = v->first; c && !rc; c = c->next) {
		struct cv_value one = cv_null();
		if (!(rc = typed(x, s->value, c, &one, err)))
			cv_list_add(x->a, out, one);
	}
	return rc;
}

static int typed_pair(const struct reading *x, const struct cv_schema *s, const struct jk_node *c, struct cv_value *out, struct error *err)
{
	struct cv_value key = cv_null(), value = cv_null();
	int rc;
	if (c->kind != JK_START_ARRAY)
		return fail(err, "Found invalid map entry instead of array tuple: %s", node_type(c));
	if (c->count != 2)
		return fail(err, "Found invalid map entry, expected length 2 but found :%zu", c->count);
	if ((rc = typed(x, s->key, c->first, &key, err)) || (rc = typed(x, s->value, c->first->next, &value, err)))
		return rc;
	cv_map_put(x->a, out, key, value);
	return 0;
}

static int typed_map(const struct reading *x, const struct cv_schema *s, const struct jk_node *v, struct cv_value *out, struct error *err)
{
	bool names = !s->key || s->key->type == CV_STRING;
	int rc = 0;
	*out = cv_map_new(x->a);
	if (v->kind != (names ? JK_START_OBJECT : JK_START_ARRAY))
		return names ? fail(err, "Maps with string fields should be encoded as JSON objects, but found %s", node_type(v))
			     : fail(err, "Maps with non-string fields should be encoded as JSON array of tuples, but found %s", node_type(v));
	for (const struct jk_node *c = v->first; c && !rc; c = c->next) {
		struct cv_value one = cv_null();
		if (!names)
			rc = typed_pair(x, s, c, out, err);
		else if (!(rc = typed(x, s->value, c, &one, err)))
			cv_map_put(x->a, out, cv_str(c->name), one);
	}
	return rc;
}

static int typed_struct(const struct reading *x, const struct cv_schema *s, const struct jk_node *v, struct cv_value *out, struct error *err)
{
	int rc = 0;
	if (v->kind != JK_START_OBJECT)
		return fail(err, "Structs should be encoded as JSON objects, but found %s", node_type(v));
	*out = cv_struct_new(x->a, s);
	for (size_t i = 0; i < s->field_n && !rc; i++) {
		struct cv_value one = cv_null();
		rc = typed(x, s->fields[i].schema, jk_get(v, s->fields[i].name), &one, err);
		if (!rc)
			rc = cv_struct_put(out, i, one, err);
	}
	return rc;
}

/* Decimal.scale(schema). */
static int scale_of(const struct cv_schema *s, int32_t *out, struct error *err)
{
	int64_t n = 0;
	for (size_t i = 0; i < s->param_n; i++) {
		struct slice v = s->params[i].value;
		if (!sl_eq(s->params[i].name, S("scale")))
			continue;
		if (v.n > 1 && v.p[0] == '+')
			v = sl_from(v, 1);
		if (!sl_int(v, INT32_MIN, INT32_MAX, &n))
			return fail(err, "Invalid scale parameter found in Decimal schema: \nCaused by: java.lang.NumberFormatException: For input string: \"%.*s\"", SL(s->params[i].value));
		*out = (int32_t)n;
		return 0;
	}
	return s->param_n ? fail(err, "Invalid Decimal schema: scale parameter not found.")
			  : err_set(err, ERR_INVALID, "java.lang.NullPointerException: Cannot invoke \"java.util.Map.get(Object)\" because the return value of "
				    "\"org.apache.kafka.connect.data.Schema.parameters()\" is null");
}

/* Of bytes that can't be read it is what Jackson said. */
static const char *decimal_cause(const char *text)
{
	const char *inner = strstr(text, "Invalid bytes field") ? strstr(text, "\nCaused by: ") : NULL;
	return inner ? inner + sizeof("\nCaused by: ") - 1 : text;
}

static int typed_decimal(struct arena *a, const struct cv_schema *s, const struct jk_node *v, struct cv_value *out, struct error *err)
{
	struct cv_decimal *d = arena_alloc(a, sizeof(*d));
	struct cv_value bytes = cv_null();
	struct error inner;
	*out = (struct cv_value){ CV_DECIMAL, { .decimal = d } };
	if (v->kind == JK_INT || v->kind == JK_FLOAT)
		return cv_decimal_parse(a, v->text, d) ? 0 : fail(err, "Invalid bytes for Decimal field");
	if (v->kind != JK_STRING)
		return fail(err, "Invalid type for Decimal, underlying representation should be numeric or bytes but was %s", node_type(v));
	if (typed_bytes(a, v, &bytes, &inner) || scale_of(s, &d->scale, &inner))
		return fail(err, "Invalid bytes for Decimal field\nCaused by: %s", decimal_cause(inner.text));
	if (!bytes.u.s.n)
		return fail(err, "Invalid bytes for Decimal field\nCaused by: java.lang.NumberFormatException: Zero length BigInteger");
	/* new BigInteger(bytes): without sign bytes that say nothing. */
	d->unscaled = bytes.u.s;
	while (d->unscaled.n > 1 && (uint8_t)d->unscaled.p[0] == ((uint8_t)d->unscaled.p[1] & 0x80 ? 0xff : 0))
		d->unscaled = sl_from(d->unscaled, 1);
	return 0;
}

static bool fits_int(const struct jk_node *v)
{
	int64_t n;
	return v->kind == JK_INT && sl_int(v->text, INT32_MIN, INT32_MAX, &n);
}

/* Date, Time and Timestamp: java.util.Date. */
static int typed_time(const struct cv_schema *s, const struct jk_node *v, struct cv_value *out, struct error *err)
{
	bool date = cv_schema_is(s, CV_DATE_NAME), stamp = cv_schema_is(s, CV_TIMESTAMP_NAME);
	const char *what = date ? "Date" : stamp ? "Timestamp" : "Time";
	if (stamp ? v->kind != JK_INT : !fits_int(v))
		return fail(err, "Invalid type for %s, underlying representation should be %s but was %s", what, stamp ? "integral" : "integer", node_type(v));
	int64_t n = integer(v);
	if (!date && !stamp && (n < 0 || n > 86400000))
		return fail(err, "Time values must use number of milliseconds greater than 0 and less than 86400000");
	*out = cv_int(CV_DATE, date ? n * 86400000 : n);
	return 0;
}

static int typed_kind(const struct reading *x, const struct cv_schema *s, const struct jk_node *v, struct cv_value *out, struct error *err)
{
	switch (s->type) {
	case CV_INT8:
		*out = cv_int(CV_INT8, (int8_t)integer(v));
		return 0;
	case CV_INT16:
		*out = cv_int(CV_INT16, (int16_t)integer(v));
		return 0;
	case CV_INT32:
		*out = cv_int(CV_INT32, (int32_t)integer(v));
		return 0;
	case CV_INT64:
		*out = cv_int(CV_INT64, integer(v));
		return 0;
	case CV_FLOAT32: case CV_FLOAT64:
		*out = cv_real(s->type, real(x->a, v, s->type == CV_FLOAT32));
		return 0;
	case CV_BOOLEAN:
		*out = cv_int(CV_BOOLEAN, v->kind == JK_TRUE);
		return 0;
	case CV_STRING:
		*out = v->kind == JK_STRING ? cv_str(v->text) : cv_null();
		return 0;
	case CV_BYTES:
		return typed_bytes(x->a, v, out, err);
	case CV_ARRAY:
		return typed_list(x, s, v, out, err);
	case CV_MAP:
		return typed_map(x, s, v, out, err);
	case CV_STRUCT:
		return typed_struct(x, s, v, out, err);
	case CV_NULL: case CV_DECIMAL: case CV_DATE: case CV_KINDS:
		break;
	}
	return 0;
}

static int typed(const struct reading *x, const struct cv_schema *s, const struct jk_node *v, struct cv_value *out, struct error *err)
{
	*out = cv_null();
	if (!s) {
		*out = plain_value(x->a, v);
		return 0;
	}
	if (!v || v->kind == JK_NULL) {
		bool replace = s->dflt && !x->keep_null;
		if (replace)
			*out = *s->dflt;
		return replace || s->optional ? 0 : fail(err, "Invalid null value for required %s field", cv_type_name(s->type));
	}
	if (cv_schema_is(s, CV_DECIMAL_NAME))
		return typed_decimal(x->a, s, v, out, err);
	if (cv_schema_is(s, CV_DATE_NAME) || cv_schema_is(s, CV_TIME_NAME) || cv_schema_is(s, CV_TIMESTAMP_NAME))
		return typed_time(s, v, out, err);
	return typed_kind(x, s, v, out, err);
}

/* ---- schemas ---- */

static const struct {
	const char *name;
	enum cv_kind type;
} types[] = {
	{ "boolean", CV_BOOLEAN }, { "int8", CV_INT8 }, { "int16", CV_INT16 }, { "int32", CV_INT32 }, { "int64", CV_INT64 }, { "float", CV_FLOAT32 },
	{ "double", CV_FLOAT64 }, { "bytes", CV_BYTES }, { "string", CV_STRING }, { "array", CV_ARRAY }, { "map", CV_MAP }, { "struct", CV_STRUCT },
};

static int schema_of(const struct reading *x, const struct jk_node *v, const struct cv_schema **out, struct error *err);

static int schema_fields(const struct reading *x, const struct jk_node *v, struct cv_schema *s, struct error *err)
{
	const struct jk_node *fields = jk_get(v, S("fields"));
	int rc = 0;
	if (!fields || fields->kind != JK_START_ARRAY)
		return fail(err, "Struct schema's \"fields\" argument is not an array.");
	for (const struct jk_node *f = fields->first; f && !rc; f = f->next) {
		const struct jk_node *name = jk_get(f, S("field"));
		const struct cv_schema *of;
		if (!name || name->kind != JK_STRING)
			return fail(err, "Struct schema's field name not specified properly");
		if (!(rc = schema_of(x, f, &of, err)))
			rc = cv_schema_field(x->a, s, name->text, of, err);
	}
	return rc;
}

static int schema_parts(const struct reading *x, const struct jk_node *v, struct cv_schema *s, struct error *err)
{
	const struct jk_node *items = jk_get(v, S("items")), *keys = jk_get(v, S("keys")), *values = jk_get(v, S("values"));
	int rc = 0;
	if (s->type == CV_STRUCT)
		return schema_fields(x, v, s, err);
	if (s->type == CV_ARRAY)
		return !items || items->kind == JK_NULL ? fail(err, "Array schema did not specify the element type") : schema_of(x, items, &s->value, err);
	if (s->type != CV_MAP)
		return 0;
	if (!keys || !values)
		return fail(err, "Map schema did not specify the %s type", keys ? "value" : "key");
	if ((rc = schema_of(x, keys, &s->key, err)) || (rc = schema_of(x, values, &s->value, err)))
		return rc;
	if (!s->key || !s->value)
		return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.SchemaBuilderException: %sSchema cannot be null.", s->key ? "value" : "key");
	return 0;
}

static int schema_params(struct arena *a, const struct jk_node *v, struct cv_schema *s, struct error *err)
{
	const struct jk_node *params = jk_get(v, S("parameters")), *version = jk_get(v, S("version")), *doc = jk_get(v, S("doc")), *name = jk_get(v, S("name"));
	const struct jk_node *optional = jk_get(v, S("optional"));
	s->optional = optional && optional->kind == JK_TRUE;
	if (name && name->kind == JK_STRING)
		s->name = name->text;
	if (doc && doc->kind == JK_STRING)
		s->doc = doc->text;
	if (version && version->kind == JK_INT) {
		s->has_version = true;
		s->version = (int32_t)long_of(version->text);
	}
	for (const struct jk_node *p = params && params->kind == JK_START_OBJECT ? params->first : NULL; p; p = p->next) {
		if (p->kind != JK_STRING)
			return fail(err, "Schema parameters must have string values.");
		cv_schema_param(a, s, p->name, p->text);
	}
	return 0;
}

static int schema_default(const struct reading *x, const struct jk_node *v, struct cv_schema *s, struct error *err)
{
	struct cv_value *dflt = arena_alloc(x->a, sizeof(*dflt));
	struct error inner;
	int rc = typed(x, s, v, dflt, err);
	if (!rc && cv_validate(s, dflt, &inner))
		return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.SchemaBuilderException: Invalid default value\nCaused by: %s", inner.text);
	if (!rc && dflt->kind != CV_NULL)
		s->dflt = dflt;
	return rc;
}

/* asConnectSchema; a null one is no schema. */
static int schema_of(const struct reading *x, const struct jk_node *v, const struct cv_schema **out, struct error *err)
{
	const struct jk_node *type = jk_get(v, S("type")), *dflt = jk_get(v, S("default"));
	struct cv_schema *s = NULL;
	int rc;
	*out = NULL;
	if (v->kind == JK_NULL)
		return 0;
	if (!type || type->kind != JK_STRING)
		return fail(err, "Schema must contain 'type' field");
	for (size_t i = 0; i < ARRAY_LEN(types) && !s; i++)
		if (sl_eqs(type->text, types[i].name))
			s = cv_schema_new(x->a, types[i].type);
	if (!s)
		return fail(err, "Unknown schema type: %.*s", SL(type->text));
	if ((rc = schema_parts(x, v, s, err)) || (rc = schema_params(x->a, v, s, err)) || (dflt && (rc = schema_default(x, dflt, s, err))))
		return rc;
	*out = s;
	return 0;
}

int con_json_data(struct arena *a, const struct jk_node *v, bool schemas, bool keep_null, struct cv_data *out, struct error *err)
{
	const struct jk_node *schema = jk_get(v, S("schema")), *payload = jk_get(v, S("payload"));
	const struct reading x = { a, keep_null };
	int rc;
	*out = (struct cv_data){ 0 };
	if (!schemas) {
		out->v = plain_value(a, v);
		return 0;
	}
	if (v->kind != JK_START_OBJECT || v->count != 2 || !schema || !payload)
		return fail(err, "JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields and may not contain additional fields. If you are "
			    "trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.");
	if ((rc = schema_of(&x, schema, &out->schema, err)))
		return rc;
	return typed(&x, out->schema, payload, &out->v, err);
}
