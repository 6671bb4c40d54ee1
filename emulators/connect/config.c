#include "connect/connect.h"

#define C "Common"
#define E "Error Handling"
#define N "Connector"
#define S3 "S3"
#define T "Storage"
#define P "Partitioner"
#define K "org.apache.kafka.connect.converters."
#define CONVERTERS                                                                                             \
	"org.apache.kafka.connect.json.JsonConverter,org.apache.kafka.connect.storage.StringConverter," K "ByteArrayConverter," K \
	"BooleanConverter," K "ShortConverter," K "IntegerConverter," K "LongConverter," K "FloatConverter," K "DoubleConverter"
#define FORMATS "io.confluent.connect.s3.format.json.JsonFormat,io.confluent.connect.s3.format.bytearray.ByteArrayFormat"
#define PARTITIONERS "io.confluent.connect.storage.partitioner."
/* As the recorded plugin's message has them. */
#define REGIONS "us-east-1, us-east-2, us-west-1, us-west-2, eu-west-1, eu-central-1"

/* In the order the worker reports them. DIFFERS: converters, formats and partitioners we don't have are "could not be
 * found", as on a worker without their jars. */
const struct con_def con_defs[] = {
	{ "name", CON_STRING, NULL, true, NULL, C, "Name of the connector, unique on this worker." },
	{ "connector.class", CON_STRING, NULL, true, NULL, C, "Class of the connector, or its short name." },
	{ "tasks.max", CON_INT, "1", false, NULL, C, "How many tasks at most." },
	{ "key.converter", CON_CLASS, NULL, false, CONVERTERS, C, "Reads record keys." },
	{ "value.converter", CON_CLASS, NULL, false, CONVERTERS, C, "Reads record values." },
	{ "key.converter.schemas.enable", CON_BOOLEAN, "true", false, NULL, C, "JSON keys carry their schema." },
	{ "value.converter.schemas.enable", CON_BOOLEAN, "true", false, NULL, C, "JSON values carry their schema." },
	{ "errors.tolerance", CON_STRING, "none", false, "none, all", E, "Whether a record that can't be read is skipped." },
	{ "topics", CON_LIST, "", false, NULL, C, "Topics to read, comma-separated." },
	{ "topics.regex", CON_STRING, "", false, NULL, C, "Pattern of topic names to read." },
	{ "errors.deadletterqueue.topic.name", CON_STRING, "", false, NULL, E, "Topic for records that were skipped." },
	{ "format.class", CON_CLASS, NULL, true, FORMATS, N, "Format of the objects." },
	{ "flush.size", CON_INT, NULL, true, NULL, N, "Records per object." },
	{ "rotate.interval.ms", CON_LONG, "-1", false, NULL, N, "Time span of an object's records." },
	{ "rotate.schedule.interval.ms", CON_LONG, "-1", false, NULL, N, "Wall-clock interval between objects." },
	{ "retry.backoff.ms", CON_LONG, "5000", false, NULL, N, "Wait before a failed call is repeated." },
	{ "filename.offset.zero.pad.width", CON_INT, "10", false, NULL, N, "Digits of the offset in object names." },
	{ "schema.compatibility", CON_STRING, "NONE", false, "NONE, BACKWARD, FORWARD, FULL", N, "Schema projection." },
	{ "s3.bucket.name", CON_STRING, NULL, true, NULL, S3, "Bucket the objects go to." },
	{ "s3.region", CON_STRING, "us-west-2", false, REGIONS, S3, "Region of the bucket." },
	{ "s3.compression.type", CON_STRING, "none", false, "none, gzip", S3, "Compression of the objects." },
	{ "s3.compression.level", CON_INT, "-1", false, NULL, S3, "Level of the compression." },
	{ "s3.part.retries", CON_INT, "3", false, NULL, S3, "Repeats of a failed upload." },
	{ "format.bytearray.extension", CON_STRING, ".bin", false, NULL, S3, "Extension of byte array objects." },
	{ "format.bytearray.separator", CON_STRING, NULL, false, NULL, S3, "What follows each byte array record." },
	{ "behavior.on.null.values", CON_STRING, "fail", false, "ignore, fail", S3, "What a null value does." },
	{ "store.kafka.keys", CON_BOOLEAN, "false", false, NULL, S3, "Whether keys are stored too." },
	{ "store.kafka.headers", CON_BOOLEAN, "false", false, NULL, S3, "Whether headers are stored too." },
	{ "keys.format.class", CON_CLASS, NULL, false, FORMATS, S3, "Format of stored keys." },
	{ "headers.format.class", CON_CLASS, NULL, false, FORMATS, S3, "Format of stored headers." },
	{ "storage.class", CON_CLASS, NULL, true, "io.confluent.connect.s3.storage.S3Storage", T, "Storage layer." },
	{ "topics.dir", CON_STRING, "topics", false, NULL, T, "Folder the objects go to." },
	{ "directory.delim", CON_STRING, "/", false, NULL, T, "Between folders." },
	{ "file.delim", CON_STRING, "+", false, NULL, T, "Between topic, partition and offset." },
	{ "partitioner.class", CON_CLASS, PARTITIONERS "DefaultPartitioner", false,
	  PARTITIONERS "DefaultPartitioner," PARTITIONERS "FieldPartitioner," PARTITIONERS "TimeBasedPartitioner," PARTITIONERS
		       "DailyPartitioner," PARTITIONERS "HourlyPartitioner", P, "Folder of a record." },
	{ "partition.field.name", CON_LIST, "", false, NULL, P, "Fields of the FieldPartitioner." },
	{ "partition.duration.ms", CON_LONG, "-1", false, NULL, P, "Time span of a folder." },
	{ "path.format", CON_STRING, "", false, NULL, P, "Folder of a time." },
	{ "locale", CON_STRING, "", false, NULL, P, "Locale of folder names." },
	{ "timezone", CON_STRING, "", false, NULL, P, "Time zone of folders and schedules." },
	{ "timestamp.extractor", CON_STRING, "Wallclock", false, NULL, P, "Where a record's time is from." },
	{ "timestamp.field", CON_STRING, "timestamp", false, NULL, P, "Field of the record's time." },
};
const size_t con_def_n = ARRAY_LEN(con_defs);
static const char *const types[] = { [CON_INT] = "INT", [CON_LONG] = "LONG" };

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

static bool listed(const char *list, const char *value)
{
	struct slice word, rest = sl(list);
	while (rest.p) {
		sl_cut(rest, ',', &word, &rest);
		if (sl_eqs(sl_trim(word), value))
			return true;
	}
	return false;
}

struct check {
	struct arena *a;
	const struct con_config *c;
	struct con_problem *out;
	size_t n;
};

static void problem(struct check *k, const struct con_def *d, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void problem(struct check *k, const struct con_def *d, const char *fmt, ...)
{
	struct buf b = { .max = 4096 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	k->out[k->n++] = (struct con_problem){ d, arena_dup(k->a, buf_slice(&b)) };
	buf_free(&b);
}

static void check_number(struct check *k, const struct con_def *d, const char *v)
{
	int64_t n, hi = d->type == CON_INT ? INT32_MAX : INT64_MAX, lo = d->type == CON_INT ? INT32_MIN : INT64_MIN;
	bool tasks = !strcmp(d->name, "tasks.max");
	if (!sl_int(sl_trim(sl(v)), lo, hi, &n)) {
		problem(k, d, "Invalid value %s for configuration %s: Not a number of type %s", v, d->name, types[d->type]);
		if (tasks)
			problem(k, d, "Invalid value null for configuration %s: Value must be non-null", d->name);
	} else if (tasks && n < 1) {
		problem(k, d, "Invalid value %s for configuration %s: Value must be at least 1", v, d->name);
	} else if (tasks && n > CON_TASKS_MAX) { /* DIFFERS: a connector has no more tasks than CON_TASKS_MAX */
		problem(k, d, "Invalid value %s for configuration %s: Value must be no more than %d", v, d->name, CON_TASKS_MAX);
	}
}

static void check_pattern(struct check *k, const struct con_def *d, const char *v)
{
	struct java_regex x = { 0 };
	struct error err;
	if (java_regex_open(&x, NULL, sl(v), JAVA_REGEX_WHOLE, &err))
		problem(k, d, "Invalid value %s for configuration %s: Invalid regex: %s", v, d->name, err.text);
	java_regex_free(&x);
}

static void check_topics(struct check *k, const struct con_def *d)
{
	const char *topics = con_get(k->c, "topics"), *regex = con_get(k->c, "topics.regex");
	bool list = topics && sl_trim(sl(topics)).n, pattern = regex && sl_trim(sl(regex)).n;
	if (list && pattern)
		problem(k, d, "topics and topics.regex are mutually exclusive options, but both are set.");
	else if (!list && !pattern)
		problem(k, d, "Must configure one of topics or topics.regex");
	else if (pattern && !strcmp(d->name, "topics.regex"))
		check_pattern(k, d, regex);
}

static void check_one(struct check *k, const struct con_def *d)
{
	const char *v = con_get(k->c, d->name);
	if (!strcmp(d->name, "topics") || !strcmp(d->name, "topics.regex")) {
		check_topics(k, d);
	} else if (!v) {
		if (d->required)
			problem(k, d, "Missing required configuration \"%s\" which has no default value.", d->name);
	} else if (d->type == CON_INT || d->type == CON_LONG) {
		check_number(k, d, v);
	} else if (d->type == CON_BOOLEAN) {
		if (!sl_eq_nocase(sl_trim(sl(v)), S("true")) && !sl_eq_nocase(sl_trim(sl(v)), S("false")))
			problem(k, d, "Invalid value %s for configuration %s: Expected value to be either true or false", v, d->name);
	} else if (d->type == CON_CLASS) {
		if (d->one_of && !listed(d->one_of, v))
			problem(k, d, "Invalid value %s for configuration %s: Class %s could not be found.", v, d->name, v);
	} else if (d->one_of && !listed(d->one_of, v)) {
		problem(k, d, "Invalid value %s for configuration %s: Value must be one of: %s", v, d->name, d->one_of);
	} else if (!strcmp(d->name, "name") && !*v) {
		problem(k, d, "Invalid value  for configuration name: String may not be empty");
	}
}

size_t con_validate(struct arena *a, const struct con_config *c, struct con_problem *out)
{
	struct check k = { a, c, out, 0 };
	for (size_t i = 0; i < con_def_n; i++)
		check_one(&k, &con_defs[i]);
	return k.n;
}

/* ---- a validated configuration as a struct ---- */

static const char *text(const struct con_config *c, const char *key)
{
	const char *v = con_get(c, key);
	for (size_t i = 0; !v && i < con_def_n; i++)
		if (!strcmp(con_defs[i].name, key))
			return con_defs[i].dflt;
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
	for (size_t i = 0; v && i < CONVERTERS_N; i++)
		if (!strcmp(v, con_converter_classes[i]))
			out.how = (enum con_converter)i;
	(void)snprintf(name, sizeof(name), "%s.schemas.enable", key);
	out.schemas = !con_get(c, name) || truth(c, name);
	(void)snprintf(name, sizeof(name), "%s.converter.encoding", key);
	out.charset = con_get(c, name);
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
		.ignore_null = !strcmp(text(c, "behavior.on.null.values"), "ignore"),
		.tolerate = !strcmp(text(c, "errors.tolerance"), "all"),
		.keys = truth(c, "store.kafka.keys"),
		.headers = truth(c, "store.kafka.headers"),
		.header = { .how = CONVERT_SIMPLE_HEADER },
	};
	if (!out->separator)
		out->separator = "\n";
}
