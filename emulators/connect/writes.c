#include "connect/connect.h"

static int format_of(const struct connector *c, const char *key, enum con_format *out, struct error *err)
{
	const char *v = con_get(&c->config, key);
	*out = v && strstr(v, "ByteArrayFormat") ? FORMAT_BYTES : FORMAT_JSON;
	/* DIFFERS: without a class Confluent's sink takes AvroFormat, which tarn hasn't. */
	if (!v || !strstr(v, "Format") || strstr(v, "AvroFormat"))
		return err_set(err, ERR_INVALID, "org.apache.kafka.common.config.ConfigException: Invalid value %s for configuration %s: AvroFormat is not supported by tarn, "
			       "JsonFormat and ByteArrayFormat are", v ? v : "io.confluent.connect.s3.format.avro.AvroFormat", key);
	return 0;
}

int con_writes_open(struct connector *c, struct error *err)
{
	static const char *const levels[] = { "NONE", "BACKWARD", "FORWARD", "FULL" };
	const char *nulls = con_get(&c->config, "behavior.on.null.values"), *decimals = con_get(&c->config, "json.decimal.format");
	const char *compatibility = con_get(&c->config, "schema.compatibility"), *tombstone = con_get(&c->config, "tombstone.encoded.partition");
	struct con_writes *w = &c->writes;
	const char *affix = con_get(&c->config, "s3.schema.partition.affix.type");
	int rc = 0;
	*w = (struct con_writes){ .tombstone = tombstone && *tombstone ? tombstone : "tombstone" };
	w->nulls = nulls && sl_eq_nocase(sl_trim(sl(nulls)), S("write"));
	w->affix = affix && sl_eq_nocase(sl(affix), S("PREFIX")) ? AFFIX_PREFIX : affix && sl_eq_nocase(sl(affix), S("SUFFIX")) ? AFFIX_SUFFIX : AFFIX_NONE;
	w->numeric = decimals && sl_eq_nocase(sl_trim(sl(decimals)), S("NUMERIC"));
	for (size_t i = 0; compatibility && i < ARRAY_LEN(levels); i++)
		if (!strcmp(compatibility, levels[i]))
			w->compatibility = (enum con_compatibility)i;
	if (c->sink.keys)
		rc = format_of(c, "keys.format.class", &w->keys, err);
	if (!rc && c->sink.headers)
		rc = format_of(c, "headers.format.class", &w->headers, err);
	return rc;
}

void con_write_headers(struct buf *out, const struct cv_headers *h)
{
	buf_adds(out, "{\"headers\":[");
	for (size_t i = 0; i < h->n; i++) {
		const struct cv_value *v = &h->v[i].data.v;
		struct buf text = { 0 };
		buf_adds(out, i ? ",{\"key\":" : "{\"key\":");
		jk_write_string(out, h->v[i].name);
		buf_adds(out, ",\"value\":");
		if (v->kind == CV_NULL) {
			buf_adds(out, "null}");
			continue;
		}
		if (v->kind == CV_ARRAY || v->kind == CV_MAP)
			cv_write_object(&text, v);
		else
			cv_print(&text, v);
		jk_write_string(out, buf_slice(&text));
		buf_addc(out, '}');
		buf_free(&text);
	}
	buf_adds(out, "]}\n");
}
