#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "connect/connect.h"
#include "connect/json.h"

static const char no_envelope[] = "org.apache.kafka.connect.errors.DataException: JsonConverter with schemas.enable requires "
				  "\"schema\" and \"payload\" fields and may not contain additional fields. If you are trying to "
				  "deserialize plain JSON data, set schemas.enable=false in your converter configuration.";

static int open_envelope(const struct cjson *v, const struct cjson **payload, struct error *err)
{
	const struct cjson *schema = cjson_get(v, S("schema")), *p = cjson_get(v, S("payload"));
	if (v->type != CJSON_OBJECT || v->n != 2 || !schema || !p)
		return err_set(err, ERR_INVALID, "%s", no_envelope);
	/* DIFFERS: only a null schema, whose payload is plain JSON; Structs are not built. */
	if (schema->type != CJSON_NULL)
		return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: records with a schema are not supported by tarn");
	*payload = p;
	return 0;
}

static int convert_json(struct arena *a, bool schemas, struct slice in, struct sink_value *out, struct error *err)
{
	struct cjson *v;
	int rc = cjson_parse(a, in, &v, err);
	if (rc)
		return rc;
	const struct cjson *payload = v;
	if (schemas && v->type != CJSON_MISSING && (rc = open_envelope(v, &payload, err)))
		return rc;
	*out = (struct sink_value){ .kind = VALUE_JSON, .json = (struct cjson *)payload };
	if (payload->type == CJSON_NULL || payload->type == CJSON_MISSING)
		out->kind = VALUE_NULL;
	else
		cjson_hash_order(a, out->json);
	return 0;
}

/* new String(bytes, UTF_8): what is no UTF-8 becomes U+FFFD. */
static struct slice java_string(struct arena *a, struct slice in)
{
	if (sl_is_utf8(in))
		return in;
	char *out = arena_alloc(a, in.n * 3 + 1);
	size_t n = 0;
	for (size_t i = 0, len; i < in.n; i += len) {
		unsigned char c = (unsigned char)in.p[i];
		len = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
		if (len <= in.n - i && sl_is_utf8(sl_of(in.p + i, len))) {
			memcpy(out + n, in.p + i, len);
			n += len;
			continue;
		}
		len = 1;
		memcpy(out + n, "\xef\xbf\xbd", 3);
		n += 3;
	}
	return sl_of(out, n);
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
		*out = (struct sink_value){ VALUE_STRING, NULL, java_string(a, in) };
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
	switch (v->json->type) {
	case CJSON_TRUE:
	case CJSON_FALSE:
		return "java.lang.Boolean";
	case CJSON_LONG:
		return "java.lang.Long";
	case CJSON_DOUBLE:
		return "java.lang.Double";
	case CJSON_STRING:
		return "java.lang.String";
	case CJSON_ARRAY:
		return "java.util.ArrayList";
	case CJSON_OBJECT:
	case CJSON_NULL:
	case CJSON_MISSING:
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
		cjson_write(out, v->json);
	} else if (v->kind == VALUE_STRING) {
		cjson_write_string(out, v->bytes);
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
