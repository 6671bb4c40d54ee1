#include <zlib.h>

#include "connect/connect.h"

int con_json(struct arena *a, struct slice text, bool class, struct jk_node **out, struct error *err)
{
	static const struct jk_words words = { /* Jackson 2.16 */
		.source = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)",
		.odd_allow = "`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS`",
		.plus = "JSON spec does not allow numbers to have plus signs: enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
		.depth_max = 1000,
		.number_max = 1000,
	};
	static const char *const classes[] = {
		[JK_PARSE] = "com.fasterxml.jackson.core.JsonParseException: ",
		[JK_EOF] = "com.fasterxml.jackson.core.io.JsonEOFException: ",
		[JK_LIMIT] = "com.fasterxml.jackson.core.exc.StreamConstraintsException: ",
	};
	struct jackson j;
	jk_init(&j, &words, a, text);
	*out = jk_next(&j) == JK_NONE && !j.failed ? arena_alloc(a, sizeof(**out)) : jk_read_node(&j);
	if (*out)
		return 0;
	return err_set(err, ERR_INVALID, "%s%.*s", class ? classes[j.error] : "", SL(jk_message(&j)));
}

/* BigInteger.longValue: it wraps. */
static int64_t long_of(struct slice digits)
{
	uint64_t u = 0;
	bool minus = digits.p[0] == '-';
	for (size_t i = minus; i < digits.n; i++)
		u = u * 10 + (uint64_t)(digits.p[i] - '0');
	return (int64_t)(minus ? 0 - u : u);
}

static void hash_order(struct arena *a, struct jk_node *object)
{
	uint32_t *hash = arena_alloc(a, object->count * sizeof(*hash));
	struct jk_node **members = arena_alloc(a, object->count * sizeof(*members)), **last = &object->first;
	size_t n = 0, *order;
	for (struct jk_node *m = object->first; m; m = m->next, n++) {
		hash[n] = java_hash(m->name);
		members[n] = m;
	}
	order = java_order(a, hash, n, JAVA_TABLE);
	for (size_t i = 0; i < n; i++, last = &(*last)->next)
		*last = object->last = members[order[i]];
	*last = NULL;
}

void con_json_plain(struct arena *a, struct jk_node *v)
{
	for (struct jk_node *m = v->first; m; m = m->next)
		con_json_plain(a, m);
	if (v->kind == JK_START_OBJECT && v->count > 1)
		hash_order(a, v);
	else if (v->kind == JK_INT && v->text.n > 18)
		v->text = arena_printf(a, "%lld", (long long)long_of(v->text));
	else if (v->kind == JK_FLOAT)
		v->number += 0.0; /* through a BigDecimal, which has no negative zero */
}

static const char no_envelope[] = "org.apache.kafka.connect.errors.DataException: JsonConverter with schemas.enable requires "
				  "\"schema\" and \"payload\" fields and may not contain additional fields. If you are trying to "
				  "deserialize plain JSON data, set schemas.enable=false in your converter configuration.";

static int open_envelope(const struct jk_node *v, const struct jk_node **payload, struct error *err)
{
	const struct jk_node *schema = jk_get(v, S("schema")), *p = jk_get(v, S("payload"));
	if (v->kind != JK_START_OBJECT || v->count != 2 || !schema || !p)
		return err_set(err, ERR_INVALID, "%s", no_envelope);
	/* DIFFERS: only a null schema, whose payload is plain JSON; Structs are not built. */
	if (schema->kind != JK_NULL)
		return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: records with a schema are not supported by tarn");
	*payload = p;
	return 0;
}

static int convert_json(struct arena *a, bool schemas, struct slice in, struct sink_value *out, struct error *err)
{
	struct jk_node *v;
	int rc = con_json(a, in, true, &v, err);
	if (rc)
		return rc;
	const struct jk_node *payload = v;
	if (schemas && v->kind != JK_NONE && (rc = open_envelope(v, &payload, err)))
		return rc;
	*out = (struct sink_value){ .kind = VALUE_JSON, .json = (struct jk_node *)payload };
	if (payload->kind == JK_NULL || payload->kind == JK_NONE)
		out->kind = VALUE_NULL;
	else
		con_json_plain(a, out->json);
	return 0;
}

int con_convert(struct arena *a, enum con_converter how, bool schemas, struct slice in, struct sink_value *out, struct error *err)
{
	*out = (struct sink_value){ .kind = VALUE_NULL };
	if (!in.p)
		return 0;
	switch (how) {
	case CONVERT_JSON:
		return convert_json(a, schemas, in, out, err);
	case CONVERT_STRING:
		*out = (struct sink_value){ VALUE_STRING, NULL, java_decode(a, in) };
		break;
	case CONVERT_BYTES:
		*out = (struct sink_value){ VALUE_BYTES, NULL, in };
		break;
	}
	return 0;
}

static const char *java_class(const struct sink_value *v)
{
	if (v->kind == VALUE_STRING)
		return "java.lang.String";
	switch (v->json->kind) {
	case JK_TRUE:
	case JK_FALSE:
		return "java.lang.Boolean";
	case JK_INT:
		return "java.lang.Long";
	case JK_FLOAT:
		return "java.lang.Double";
	case JK_STRING:
		return "java.lang.String";
	case JK_START_ARRAY:
		return "java.util.ArrayList";
	case JK_START_OBJECT:
	case JK_NULL:
	case JK_NONE:
	case JK_END_OBJECT:
	case JK_END_ARRAY:
	case JK_FIELD_NAME:
		break;
	}
	return "java.util.HashMap";
}

int con_write_value(const struct sink_conf *s, const struct sink_value *v, struct buf *out, struct error *err)
{
	if (s->format == FORMAT_BYTES) {
		if (v->kind != VALUE_BYTES)
			return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: ByteArrayConverter is not compatible with objects of type class %s", java_class(v));
		buf_addsl(out, v->bytes);
		buf_adds(out, s->separator);
		return 0;
	}
	if (v->kind == VALUE_JSON) {
		jk_write(out, v->json);
	} else if (v->kind == VALUE_STRING) {
		jk_write_string(out, v->bytes);
	} else {
		buf_addc(out, '"');
		buf_base64(out, v->bytes.p, v->bytes.n);
		buf_addc(out, '"');
	}
	buf_addc(out, '\n');
	return 0;
}

void con_gzip(int level, struct slice in, struct buf *out)
{
	z_stream z = { 0 };
	gz_header head = { .os = 255 }; /* GZIPOutputStream: no time, no name, unknown system */
	if (deflateInit2(&z, level < -1 || level > 9 ? -1 : level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	(void)deflateSetHeader(&z, &head);
	size_t most = deflateBound(&z, in.n);
	char *room = buf_room(out, most);
	if (room) {
		z.next_in = (unsigned char *)in.p;
		z.avail_in = (unsigned)in.n;
		z.next_out = (unsigned char *)room;
		z.avail_out = (unsigned)most;
		if (deflate(&z, Z_FINISH) == Z_STREAM_END)
			out->n += z.total_out;
		else
			out->bad = true;
	}
	deflateEnd(&z);
}

/* SinkRecord.toString, as its exceptions show it. */
static void describe(const struct con_tp *tp, const struct sink_record *r, struct buf *out)
{
	buf_addf(out, "SinkRecord{kafkaOffset=%lld, timestampType=CreateTime, originalTopic=%s, originalKafkaPartition=%d, originalKafkaOffset=%lld} "
		 "ConnectRecord{topic='%s', kafkaPartition=%d, key=", (long long)r->log.offset, tp->topic, tp->partition, (long long)r->log.offset, tp->topic, tp->partition);
	buf_addsl(out, r->log.key.p ? r->log.key : S("null"));
	buf_addf(out, ", keySchema=%s, value=", tp->c->sink.key == CONVERT_STRING ? "Schema{STRING}" : "null");
	buf_addsl(out, r->log.value.p ? r->log.value : S("null"));
	buf_addf(out, ", valueSchema=null, timestamp=%lld, headers=ConnectHeaders(headers=)}", (long long)r->log.timestamp_ms);
}

/* Record headers never reach the log port, so store.kafka.headers meets none: the real sink's failure. */
int con_check_parts(const struct con_tp *tp, const struct sink_record *r, struct error *err)
{
	const struct sink_conf *s = &tp->c->sink;
	const char *what = s->keys && r->key.kind == VALUE_NULL ? "Key" : s->headers ? "Headers" : NULL;
	if (!what)
		return 0;
	struct buf b = { .max = 700 };
	describe(tp, r, &b);
	int rc = err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: %s cannot be null for SinkRecord: %.*s", what, SL(buf_slice(&b)));
	buf_free(&b);
	return rc;
}
