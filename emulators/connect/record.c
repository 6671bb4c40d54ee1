#include <zlib.h>

#include "connect/connect.h"

int con_json(struct arena *a, struct slice text, bool class, struct jk_node **out, struct error *err)
{
	static const struct jk_words strict = { /* Jackson 2.16 */
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
	struct jk_words words = strict;
	struct jackson j;
	words.zeros = class; /* JsonConverter's parser allows them */
	jk_init(&j, &words, a, text);
	*out = jk_next(&j) == JK_NONE && !j.failed ? arena_alloc(a, sizeof(**out)) : jk_read_node(&j);
	if (*out)
		return 0;
	return err_set(err, ERR_INVALID, "%s%.*s", class ? classes[j.error] : "", SL(jk_message(&j)));
}

int con_write_value(const struct connector *c, enum con_format format, const struct cv_data *d, struct buf *out, struct error *err)
{
	int rc = 0;
	if (format == FORMAT_BYTES) {
		if (d->v.kind != CV_BYTES)
			return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: ByteArrayConverter is not compatible with objects of type class %s", cv_class(&d->v));
		buf_addsl(out, d->v.u.s);
		buf_adds(out, c->sink.separator);
		return 0;
	}
	if (d->v.kind == CV_STRUCT) {
		struct arena a = { 0 };
		rc = cv_write_json(&a, out, d->schema, &d->v, c->writes.numeric, err);
		arena_free(&a);
	} else {
		cv_write_object(out, &d->v);
	}
	buf_addc(out, '\n');
	return rc;
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

static void describe_data(struct buf *out, const char *what, const struct cv_data *d)
{
	struct arena a = { 0 };
	struct slice schema = cv_schema_text(&a, d->schema);
	buf_addf(out, ", %s=", what);
	cv_print(out, &d->v);
	buf_addf(out, ", %sSchema=%.*s", what, SL(schema));
	arena_free(&a);
}

/* SinkRecord.toString, as its exceptions show it. */
static void describe(const struct con_tp *tp, const struct sink_record *r, struct buf *out)
{
	buf_addf(out, "SinkRecord{kafkaOffset=%lld, timestampType=CreateTime, originalTopic=%s, originalKafkaPartition=%d, originalKafkaOffset=%lld} "
		 "ConnectRecord{topic='%.*s', kafkaPartition=%d", (long long)r->log.offset, tp->topic, tp->partition, (long long)r->log.offset, SL(r->topic), r->partition);
	describe_data(out, "key", &r->key);
	describe_data(out, "value", &r->value);
	buf_addf(out, ", timestamp=%lld, headers=ConnectHeaders(headers=", (long long)r->timestamp_ms);
	for (size_t i = 0; i < r->headers.n; i++) {
		struct arena a = { 0 };
		buf_addf(out, "%sConnectHeader(key=%.*s, value=", i ? "," : "", SL(r->headers.v[i].name));
		cv_print(out, &r->headers.v[i].data.v);
		buf_addf(out, ", schema=%.*s)", SL(cv_schema_text(&a, r->headers.v[i].data.schema)));
		arena_free(&a);
	}
	buf_adds(out, ")}");
}

int con_check_parts(const struct con_tp *tp, const struct sink_record *r, struct error *err)
{
	const struct sink_conf *s = &tp->c->sink;
	const char *what = s->keys && r->key.v.kind == CV_NULL ? "Key" : s->headers && !r->headers.n ? "Headers" : NULL;
	if (!what)
		return 0;
	struct buf b = { .max = 700 };
	describe(tp, r, &b);
	int rc = err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: %s cannot be null for SinkRecord: %.*s", what, SL(buf_slice(&b)));
	buf_free(&b);
	return rc;
}
