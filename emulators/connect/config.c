#include "connect/check.h"

static const struct con_pair *find(const struct con_config *c, const char *key)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->pairs[i].key, key))
			return &c->pairs[i];
	return NULL;
}

const char *con_get(const struct con_config *c, const char *key)
{
	const struct con_pair *p = find(c, key);
	return p ? p->value : NULL;
}

void con_put(struct con_config *c, struct slice key, struct slice value)
{
	/* DIFFERS: texts of a configuration end at a NUL. */
	key.n = key.n ? strnlen(key.p, key.n) : 0;
	for (size_t i = 0; i < c->n; i++) {
		if (sl_eqs(key, c->pairs[i].key)) {
			free(c->pairs[i].value);
			c->pairs[i].value = xstrndup(value.p, value.n);
			return;
		}
	}
	c->pairs = xrealloc(c->pairs, (c->n + 1) * sizeof(*c->pairs));
	c->pairs[c->n++] = (struct con_pair){ xstrndup(key.p, key.n), xstrndup(value.p, value.n) };
}

void con_remove(struct con_config *c, const char *key)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->pairs[i].key, key))
			continue;
		free(c->pairs[i].key);
		free(c->pairs[i].value);
		memmove(c->pairs + i, c->pairs + i + 1, (c->n - i - 1) * sizeof(*c->pairs));
		c->n--;
		return;
	}
}

void con_copy(struct con_config *to, const struct con_config *from)
{
	for (size_t i = 0; i < from->n; i++)
		con_put(to, sl(from->pairs[i].key), sl(from->pairs[i].value));
}

void con_config_free(struct con_config *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->pairs[i].key);
		free(c->pairs[i].value);
	}
	free(c->pairs);
	*c = (struct con_config){ 0 };
}

bool con_is_sink(const char *class)
{
	return !strcmp(class, "io.confluent.connect.s3.S3SinkConnector") || !strcmp(class, "S3SinkConnector") || !strcmp(class, "S3Sink");
}

/* ---- a validated configuration as a struct ---- */

static const char *text(const struct con_config *c, const char *key)
{
	const char *v = con_get(c, key);
	for (size_t i = 0; !v && i < con_worker_def_n; i++)
		if (!strcmp(con_worker_defs[i].name, key))
			return con_worker_defs[i].dflt;
	for (size_t i = 0; !v && i < con_sink_def_n; i++)
		if (!strcmp(con_sink_defs[i].name, key))
			return con_sink_defs[i].dflt;
	for (size_t i = 0; !v && i < con_s3_def_n; i++)
		if (!strcmp(con_s3_defs[i].name, key))
			return con_s3_defs[i].dflt;
	return v;
}

static int64_t number(const struct con_config *c, const char *key)
{
	int64_t n = -1;
	(void)sl_int(sl_trim(sl(text(c, key))), INT64_MIN, INT64_MAX, &n);
	return n;
}

static bool truth(const struct con_config *c, const char *key)
{
	return sl_eq_nocase(sl_trim(sl(text(c, key))), S("true"));
}

/* Without one the worker's own is used: JSON with schemas. */
static struct con_conv converter(const struct con_config *c, const char *key)
{
	const char *v = text(c, key);
	struct con_conv out = { .how = CONVERT_JSON };
	char name[128];
	struct slice class = v ? con_converter_name(sl_trim(sl(v))) : sl(NULL);
	for (size_t i = 0; class.p && i < CONVERTERS_N; i++)
		if (sl_eqs(class, con_converter_classes[i]))
			out.how = (enum con_converter)i;
	if (!v) { /* its settings are the worker's, too */
		out.schemas = true;
		return out;
	}
	(void)snprintf(name, sizeof(name), "%s.schemas.enable", key);
	out.schemas = !con_get(c, name) || truth(c, name);
	(void)snprintf(name, sizeof(name), "%s.converter.encoding", key);
	out.charset = con_get(c, name);
	(void)snprintf(name, sizeof(name), "%s.decimal.format", key);
	out.numeric = sl_eq_nocase(sl_trim(sl(con_get(c, name))), S("NUMERIC"));
	(void)snprintf(name, sizeof(name), "%s.replace.null.with.default", key);
	out.keep_null = con_get(c, name) && !truth(c, name);
	return out;
}

void con_sink_conf(const struct con_config *c, struct sink_conf *out)
{
	const char *topics = text(c, "topics"), *regex = text(c, "topics.regex");
	*out = (struct sink_conf){
		.bucket = text(c, "s3.bucket.name"),
		.topics = sl_trim(sl(topics)).n ? topics : NULL,
		.topics_regex = regex,
		.topics_dir = text(c, "topics.dir"),
		.dir_delim = text(c, "directory.delim"),
		.file_delim = text(c, "file.delim"),
		.extension = text(c, "format.bytearray.extension"),
		.separator = text(c, "format.bytearray.separator"),
		.dlq = text(c, "errors.deadletterqueue.topic.name"),
		.timezone = text(c, "timezone"),
		.dlq_headers = truth(c, "errors.deadletterqueue.context.headers.enable"),
		.log_errors = truth(c, "errors.log.enable"),
		.log_records = truth(c, "errors.log.include.messages"),
		.flush_size = (int)number(c, "flush.size"),
		.pad = (int)number(c, "filename.offset.zero.pad.width"),
		.tasks = (int)number(c, "tasks.max"),
		.gzip_level = (int)number(c, "s3.compression.level"),
		.retries = (int)number(c, "s3.part.retries"),
		.rotate_ms = number(c, "rotate.interval.ms"),
		.schedule_ms = number(c, "rotate.schedule.interval.ms"),
		.retry_ms = number(c, "retry.backoff.ms"),
		.key = converter(c, "key.converter"),
		.value = converter(c, "value.converter"),
		.format = text(c, "format.class") && strstr(text(c, "format.class"), "ByteArray") ? FORMAT_BYTES : FORMAT_JSON,
		.gzip = !strcmp(text(c, "s3.compression.type"), "gzip"),
		.ignore_null = sl_eq_nocase(sl_trim(sl(text(c, "behavior.on.null.values"))), S("ignore")),
		.tolerate = !strcmp(text(c, "errors.tolerance"), "all"),
		.keys = truth(c, "store.kafka.keys"),
		.headers = truth(c, "store.kafka.headers"),
		.header = con_get(c, "header.converter") ? converter(c, "header.converter") : (struct con_conv){ .how = CONVERT_SIMPLE_HEADER },
	};
	if (!out->separator)
		out->separator = "\n";
}
