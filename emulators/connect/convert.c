/* Connect's converters that have no room of their own: strings, bytes, booleans and numbers; and what all of them share. */
#include "connect/convert.h"

#define DATA "org.apache.kafka.connect.errors.DataException: "
#define SERIALIZATION "\nCaused by: org.apache.kafka.common.errors.SerializationException: "
#define STORAGE "org.apache.kafka.connect.storage."
#define CONVERTERS "org.apache.kafka.connect.converters."

const char *const con_converter_classes[CONVERTERS_N] = {
	[CONVERT_JSON] = "org.apache.kafka.connect.json.JsonConverter",
	[CONVERT_STRING] = STORAGE "StringConverter",
	[CONVERT_BYTES] = CONVERTERS "ByteArrayConverter",
	[CONVERT_BOOLEAN] = CONVERTERS "BooleanConverter",
	[CONVERT_SHORT] = CONVERTERS "ShortConverter",
	[CONVERT_INTEGER] = CONVERTERS "IntegerConverter",
	[CONVERT_LONG] = CONVERTERS "LongConverter",
	[CONVERT_FLOAT] = CONVERTERS "FloatConverter",
	[CONVERT_DOUBLE] = CONVERTERS "DoubleConverter",
	[CONVERT_SIMPLE_HEADER] = STORAGE "SimpleHeaderConverter",
};

static const struct number {
	const char *name; /* of the converter's texts; the deserializer's class begins with a capital */
	const char *class;
	enum cv_kind kind;
	size_t bytes;
} numbers[CONVERTERS_N] = {
	[CONVERT_BOOLEAN] = { "boolean", "Boolean", CV_BOOLEAN, 1 },
	[CONVERT_SHORT] = { "short", "Short", CV_INT16, 2 },
	[CONVERT_INTEGER] = { "integer", "Integer", CV_INT32, 4 },
	[CONVERT_LONG] = { "long", "Long", CV_INT64, 8 },
	[CONVERT_FLOAT] = { "float", "Float", CV_FLOAT32, 4 },
	[CONVERT_DOUBLE] = { "double", "Double", CV_FLOAT64, 8 },
};

/* ---- numbers ---- */

static uint64_t big_endian(struct slice in)
{
	uint64_t u = 0;
	for (size_t i = 0; i < in.n; i++)
		u = u << 8 | (uint8_t)in.p[i];
	return u;
}

static double real_of(enum cv_kind kind, uint64_t u)
{
	uint32_t word = (uint32_t)u;
	float f;
	double d;
	memcpy(&f, &word, sizeof(f));
	memcpy(&d, &u, sizeof(d));
	return kind == CV_FLOAT32 ? (double)f : d;
}

static int to_number(const struct number *n, struct slice in, struct cv_data *out, struct error *err)
{
	out->schema = cv_schema_plain(n->kind, true);
	if (!in.p)
		return 0;
	if (in.n != n->bytes)
		return err_set(err, ERR_INVALID, DATA "Failed to deserialize %s: " SERIALIZATION "Size of data received by %sDeserializer is not %zu", n->name, n->class, n->bytes);
	uint64_t u = big_endian(in);
	switch (n->kind) {
	case CV_BOOLEAN:
		if (u > 1)
			return err_set(err, ERR_INVALID, DATA "Failed to deserialize boolean: " SERIALIZATION "Unexpected byte received by BooleanDeserializer: %d", (int8_t)u);
		out->v = cv_int(CV_BOOLEAN, (int64_t)u);
		return 0;
	case CV_INT16:
		out->v = cv_int(CV_INT16, (int16_t)u);
		return 0;
	case CV_INT32:
		out->v = cv_int(CV_INT32, (int32_t)u);
		return 0;
	case CV_INT64:
		out->v = cv_int(CV_INT64, (int64_t)u);
		return 0;
	default:
		out->v = cv_real(n->kind, real_of(n->kind, u));
		return 0;
	}
}

static int from_number(const struct number *n, const struct cv_data *in, struct buf *out, struct error *err)
{
	const struct cv_value *v = &in->v;
	float f;
	uint64_t u = (uint64_t)v->u.i;
	if (n->kind == CV_BOOLEAN && in->schema && in->schema->type != CV_BOOLEAN)
		return err_set(err, ERR_INVALID, DATA "Invalid schema type for BooleanConverter: %s", cv_type_name(in->schema->type));
	if (v->kind != n->kind)
		return n->kind == CV_BOOLEAN ? err_set(err, ERR_INVALID, DATA "BooleanConverter is not compatible with objects of type class %s", cv_class(v))
					     : err_set(err, ERR_INVALID, DATA "Failed to serialize to %s (was class %s): ", n->name, cv_class(v));
	if (n->kind == CV_FLOAT32) {
		uint32_t word;
		f = (float)v->u.f;
		memcpy(&word, &f, sizeof(word));
		u = word;
	} else if (n->kind == CV_FLOAT64) {
		memcpy(&u, &v->u.f, sizeof(u));
	}
	for (size_t i = n->bytes; i-- > 0;)
		buf_u8(out, (uint8_t)(u >> (8 * i)));
	return 0;
}

/* ---- strings ---- */

static const struct {
	const char *name;
	enum { ENC_UTF8, ENC_LATIN1, ENC_ASCII, ENC_UTF16, ENC_UTF16BE, ENC_UTF16LE } how;
} charsets[] = {
	{ "UTF8", ENC_UTF8 }, { "UTF-8", ENC_UTF8 }, { "ISO-8859-1", ENC_LATIN1 }, { "ISO8859_1", ENC_LATIN1 }, { "latin1", ENC_LATIN1 },
	{ "US-ASCII", ENC_ASCII }, { "ASCII", ENC_ASCII }, { "UTF-16", ENC_UTF16 }, { "UTF-16BE", ENC_UTF16BE }, { "UTF-16LE", ENC_UTF16LE },
};

static int charset_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(charsets); i++)
		if (!name || !*name || sl_eq_nocase(sl(name), sl(charsets[i].name)))
			return charsets[i].how;
	return -1;
}

static struct slice decode_wide(struct arena *a, struct slice in, int how)
{
	struct buf b = { 0 };
	size_t i = 0;
	bool little = how == ENC_UTF16LE;
	if (how == ENC_UTF16 && in.n >= 2 && ((uint8_t)in.p[0] ^ (uint8_t)in.p[1]) == 1 && ((uint8_t)in.p[0] | (uint8_t)in.p[1]) == 0xff) {
		little = (uint8_t)in.p[0] == 0xff;
		i = 2;
	}
	for (; i + 1 < in.n; i += 2) {
		uint32_t c = little ? (uint8_t)in.p[i] | (uint32_t)(uint8_t)in.p[i + 1] << 8 : (uint8_t)in.p[i + 1] | (uint32_t)(uint8_t)in.p[i] << 8;
		if (c >= 0xd800 && c < 0xdc00 && i + 3 < in.n) {
			uint32_t low = little ? (uint8_t)in.p[i + 2] | (uint32_t)(uint8_t)in.p[i + 3] << 8 : (uint8_t)in.p[i + 3] | (uint32_t)(uint8_t)in.p[i + 2] << 8;
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		buf_utf8(&b, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	}
	if (i < in.n)
		buf_utf8(&b, 0xfffd);
	struct slice out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static int to_string(struct arena *a, const char *charset, struct slice in, struct cv_data *out, struct error *err)
{
	int how = charset_of(charset);
	out->schema = cv_schema_plain(CV_STRING, true);
	if (!in.p)
		return 0;
	if (how < 0)
		return err_set(err, ERR_INVALID, DATA "Failed to deserialize string: " SERIALIZATION "Error when deserializing byte[] to string due to unsupported encoding %s\n"
			       "Caused by: java.io.UnsupportedEncodingException: %s", charset, charset);
	if (how == ENC_UTF8) {
		out->v = cv_str(java_decode(a, in));
	} else if (how >= ENC_UTF16) {
		out->v = cv_str(decode_wide(a, in, how));
	} else {
		struct buf b = { 0 };
		for (size_t i = 0; i < in.n; i++)
			buf_utf8(&b, how == ENC_ASCII && (uint8_t)in.p[i] > 127 ? 0xfffd : (uint8_t)in.p[i]);
		out->v = cv_str(arena_dup(a, buf_slice(&b)));
		buf_free(&b);
	}
	return 0;
}

static int from_string(struct arena *a, const char *charset, const struct cv_value *v, struct buf *out, struct error *err)
{
	int how = charset_of(charset);
	struct slice text = cv_text(a, v);
	if (how < 0)
		return err_set(err, ERR_INVALID, DATA "Failed to serialize to a string: " SERIALIZATION "Error when serializing string to byte[] due to unsupported encoding %s\n"
			       "Caused by: java.io.UnsupportedEncodingException: %s", charset, charset);
	if (how == ENC_UTF8) {
		java_encode(out, text);
		return 0;
	}
	if (how == ENC_UTF16)
		buf_u16be(out, 0xfeff);
	for (size_t i = 0; i < text.n;) {
		uint32_t c = java_next(text, &i);
		if (how < ENC_UTF16) {
			buf_u8(out, c > (how == ENC_ASCII ? 127u : 255u) ? '?' : (uint8_t)c);
			continue;
		}
		uint16_t units[2] = { c < 0x10000 ? (uint16_t)c : utf16_high(c), c < 0x10000 ? 0 : utf16_low(c) };
		for (int k = 0; k < (c < 0x10000 ? 1 : 2); k++)
			how == ENC_UTF16LE ? buf_u16le(out, units[k]) : buf_u16be(out, units[k]);
	}
	return 0;
}

/* ---- all ---- */

static int to_json(struct arena *a, const struct con_conv *c, struct slice in, struct cv_data *out, struct error *err)
{
	struct jk_node *v;
	struct error inner;
	if (!in.p)
		return 0;
	if (con_json(a, in, true, &v, &inner))
		return err_set(err, ERR_INVALID, DATA "Converting byte[] to Kafka Connect data failed due to serialization error: " SERIALIZATION "%s\nCaused by: %s", inner.text, inner.text);
	return con_json_data(a, v, c->schemas, c->keep_null, out, err);
}

int con_convert(struct arena *a, const struct con_conv *c, struct slice in, struct cv_data *out, struct error *err)
{
	*out = (struct cv_data){ 0 };
	switch (c->how) {
	case CONVERT_JSON:
		return to_json(a, c, in, out, err);
	case CONVERT_STRING:
		return to_string(a, c->charset, in, out, err);
	case CONVERT_BYTES:
		out->schema = cv_schema_plain(CV_BYTES, true);
		if (in.p)
			out->v = cv_bytes(in);
		return 0;
	case CONVERT_BOOLEAN: case CONVERT_SHORT: case CONVERT_INTEGER: case CONVERT_LONG: case CONVERT_FLOAT: case CONVERT_DOUBLE:
		return to_number(&numbers[c->how], in, out, err);
	case CONVERT_SIMPLE_HEADER: case CONVERTERS_N:
		break;
	}
	return con_parse_values(a, in, out, err);
}

int con_unconvert(struct arena *a, const struct con_conv *c, const struct cv_data *in, struct buf *out, bool *null, struct error *err)
{
	unsigned flags;
	*null = in->v.kind == CV_NULL && (c->how != CONVERT_JSON || !in->schema || !c->schemas);
	switch (c->how) {
	case CONVERT_JSON:
		*null = in->v.kind == CV_NULL && !in->schema;
		if (*null)
			return 0;
		flags = (c->numeric ? CV_JSON_NUMERIC : 0) | (c->keep_null ? CV_JSON_KEEP_NULL : 0);
		return c->schemas ? cv_write_envelope(a, out, in->schema, &in->v, flags, err) : cv_write_json(a, out, in->schema, &in->v, flags, err);
	case CONVERT_STRING:
		return *null ? 0 : from_string(a, c->charset, &in->v, out, err);
	case CONVERT_BYTES:
		if (in->schema && in->schema->type != CV_BYTES)
			return err_set(err, ERR_INVALID, DATA "Invalid schema type for ByteArrayConverter: %s", cv_type_name(in->schema->type));
		if (!*null && in->v.kind != CV_BYTES)
			return err_set(err, ERR_INVALID, DATA "ByteArrayConverter is not compatible with objects of type class %s", cv_class(&in->v));
		if (!*null)
			buf_addsl(out, in->v.u.s);
		return 0;
	case CONVERT_BOOLEAN: case CONVERT_SHORT: case CONVERT_INTEGER: case CONVERT_LONG: case CONVERT_FLOAT: case CONVERT_DOUBLE:
		return *null ? 0 : from_number(&numbers[c->how], in, out, err);
	case CONVERT_SIMPLE_HEADER: case CONVERTERS_N:
		break;
	}
	if (!*null)
		con_print_values(out, &in->v, false);
	return 0;
}
