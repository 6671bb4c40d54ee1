/* Settings of Kafka Connect 4.0's connectors and converters, and of Confluent's S3 sink 10.0.3 and 10.5.13, each in the order in which the
 * worker tells them. DIFFERS: the documentation is ours, and nothing is recommended. */
#include "connect/check.h"

#define SHORT .width = CON_SHORT_WIDTH
#define MEDIUM .width = CON_MEDIUM_WIDTH
#define LONG .width = CON_LONG_WIDTH
#define HIGH .importance = CON_HIGH
#define LOW .importance = CON_LOW

#define C "Common"
#define E "Error Handling"
const struct con_def con_worker_defs[] = {
	{ "name", CON_STRING, NULL, true, NULL, C, "Name of the connector, unique on this worker.", con_check_name, HIGH, MEDIUM, .display = "Connector name", .order = 1 },
	{ "connector.class", CON_STRING, NULL, true, NULL, C, "Class of the connector, or its short name.", NULL, HIGH, LONG, .display = "Connector class", .order = 2 },
	{ "tasks.max", CON_INT, "1", false, "1", C, "How many tasks at most.", con_check_range, HIGH, SHORT, .display = "Tasks max", .order = 3 },
	{ "tasks.max.enforce", CON_BOOLEAN, "true", false, NULL, C, "Whether a connector that makes more fails.", NULL, LOW, SHORT, .display = "Enforce tasks max", .order = 4 },
	{ "key.converter", CON_CLASS, NULL, false, NULL, C, "Reads or writes keys; without one the worker's.", con_check_converter, LOW, SHORT, .display = "Key converter class", .order = 5 },
	{ "value.converter", CON_CLASS, NULL, false, NULL, C, "Reads or writes values; without one the worker's.", con_check_converter, LOW, SHORT, .display = "Value converter class", .order = 6 },
	{ "header.converter", CON_CLASS, NULL, false, NULL, C, "Reads or writes headers; without one SimpleHeaderConverter.", con_check_header_converter, LOW, SHORT,
	  .display = "Header converter class", .order = 7 },
	{ "transforms", CON_LIST, "", false, NULL, "Transforms", "Names of the transforms, in order.", con_check_aliases, LOW, LONG, .display = "Transforms", .order = 8 },
	{ "predicates", CON_LIST, "", false, NULL, "Predicates", "Names of the predicates that transforms ask.", con_check_aliases, LOW, LONG, .display = "Predicates", .order = 9 },
	{ "config.action.reload", CON_STRING, "restart", false, "none, restart", C, "What a change of what a configuration refers to does.", con_check_one_of, LOW, MEDIUM,
	  .display = "Reload Action", .order = 10 },
	{ "errors.retry.timeout", CON_LONG, "0", false, NULL, E, "How long a failed operation is tried again, ms; 0: not at all, -1: for ever.", NULL, CON_MEDIUM, MEDIUM,
	  .display = "Retry Timeout for Errors", .order = 1 },
	{ "errors.retry.delay.max.ms", CON_LONG, "60000", false, NULL, E, "Longest wait between two tries, ms.", NULL, CON_MEDIUM, MEDIUM,
	  .display = "Maximum Delay Between Retries for Errors", .order = 2 },
	{ "errors.tolerance", CON_STRING, "none", false, "none, all", E, "Whether a record that can't be read is skipped.", con_check_one_of, CON_MEDIUM, SHORT,
	  .display = "Error Tolerance", .order = 3 },
	{ "errors.log.enable", CON_BOOLEAN, "false", false, NULL, E, "Whether errors that are tolerated are logged.", NULL, CON_MEDIUM, SHORT, .display = "Log Errors", .order = 4 },
	{ "errors.log.include.messages", CON_BOOLEAN, "false", false, NULL, E, "Whether the log says which record it was.", NULL, CON_MEDIUM, SHORT,
	  .display = "Log Error Details", .order = 5 },
};
const size_t con_worker_def_n = ARRAY_LEN(con_worker_defs);

const struct con_def con_sink_defs[] = {
	{ "topics", CON_LIST, "", false, NULL, C, "Topics to read, comma-separated.", NULL, HIGH, LONG, .display = "Topics", .order = 4 },
	{ "topics.regex", CON_STRING, "", false, NULL, C, "Pattern of topic names to read.", con_check_regex, HIGH, LONG, .display = "Topics regex", .order = 4 },
	{ "errors.deadletterqueue.topic.name", CON_STRING, "", false, NULL, E, "Topic for records that were skipped.", NULL, CON_MEDIUM, MEDIUM,
	  .display = "Dead Letter Queue Topic Name", .order = 6 },
	{ "errors.deadletterqueue.topic.replication.factor", CON_SHORT, "3", false, NULL, E, "Its replicas when it is made.", NULL, CON_MEDIUM, MEDIUM,
	  .display = "Dead Letter Queue Topic Replication Factor", .order = 7 },
	{ "errors.deadletterqueue.context.headers.enable", CON_BOOLEAN, "false", false, NULL, E, "Whether headers __connect.errors.* say what was wrong.", NULL, CON_MEDIUM, MEDIUM,
	  .display = "Enable Error Context Headers", .order = 8 },
};
const size_t con_sink_def_n = ARRAY_LEN(con_sink_defs);

#define ONCE "Exactly Once Support"
const struct con_def con_source_defs[] = {
	{ "topic.creation.groups", CON_LIST, "", false, NULL, "Topic Creation", "Groups of settings of topics that are made.", con_check_aliases, LOW, LONG,
	  .display = "Topic Creation Groups", .order = 1 },
	{ "exactly.once.support", CON_STRING, "requested", false, "REQUIRED, REQUESTED", ONCE, "Whether the connector must write each record once.", con_check_any_case, CON_MEDIUM, SHORT,
	  .display = "Exactly once support", .order = 2 },
	{ "transaction.boundary", CON_STRING, "poll", false, "INTERVAL, POLL, CONNECTOR", ONCE, "When a transaction ends.", con_check_any_case, CON_MEDIUM, SHORT,
	  .display = "Transaction Boundary", .order = 3 },
	{ "transaction.boundary.interval.ms", CON_LONG, NULL, false, NULL, ONCE, "Time between transactions.", NULL, LOW, SHORT, .display = "Transaction boundary interval", .order = 4 },
	{ "offsets.storage.topic", CON_STRING, NULL, false, NULL, "offsets.topic", "Topic of the connector's offsets.", con_check_text, LOW, LONG, .display = "Offsets topic", .order = 1 },
};
const size_t con_source_def_n = ARRAY_LEN(con_source_defs);

const struct con_def con_file_sink_defs[] = {
	{ "file", CON_STRING, .doc = "File to write; without one the worker's output.", HIGH },
};
const size_t con_file_sink_def_n = ARRAY_LEN(con_file_sink_defs);

const struct con_def con_file_source_defs[] = {
	{ "file", CON_STRING, .doc = "File to read; without one the worker's input.", HIGH },
	{ "topic", CON_STRING, NULL, true, .doc = "Topic the lines go to.", .check = con_check_text, HIGH },
	{ "batch.size", CON_INT, "2000", .doc = "Lines per poll.", LOW },
};
const size_t con_file_source_def_n = ARRAY_LEN(con_file_source_defs);

#define N "Connector"
#define S3 "S3"
#define KH "Keys and Headers"
#define T "Storage"
#define P "Partitioner"
const struct con_def con_s3_defs[] = {
	{ "format.class", CON_CLASS, NULL, true, NULL, N, "Format of the objects.", NULL, HIGH, .display = "Format class" },
	{ "flush.size", CON_INT, NULL, true, NULL, N, "Records per object.", NULL, HIGH, LONG, .display = "Flush Size" },
	{ "rotate.interval.ms", CON_LONG, "-1", false, NULL, N, "Time span of an object's records.", NULL, HIGH, MEDIUM, .display = "Rotate Interval (ms)" },
	{ "rotate.schedule.interval.ms", CON_LONG, "-1", false, NULL, N, "Wall-clock interval between objects.", NULL, CON_MEDIUM, MEDIUM, .display = "Rotate Schedule Interval (ms)" },
	{ "schemas.cache.config", CON_INT, "1000", false, NULL, N, "Schemas the Avro converter keeps.", NULL, LOW, LONG, .display = "Schema Cache Size" },
	{ "enhanced.avro.schema.support", CON_BOOLEAN, "true", false, NULL, N, "Whether Avro keeps enums and packages.", NULL, LOW, SHORT, .display = "Enhanced Avro Support" },
	{ "connect.meta.data", CON_BOOLEAN, "true", false, NULL, N, "Whether Connect's metadata goes into Avro schemas.", NULL, LOW, SHORT, .display = "Connect Metadata" },
	{ "retry.backoff.ms", CON_LONG, "5000", false, NULL, N, "Wait before a failed call is repeated.", NULL, LOW, MEDIUM, .display = "Retry Backoff (ms)" },
	{ "filename.offset.zero.pad.width", CON_INT, "10", false, "0", N, "Digits of the offset in object names.", con_check_range, LOW, LONG, .display = "Filename Offset Zero Pad Width" },
	{ "avro.codec", CON_STRING, "null", false, "null, deflate, snappy, bzip2", N, "Compression of Avro objects.", con_check_one_of, LOW, MEDIUM, .display = "Avro Compression Codec" },
	{ "parquet.codec", CON_STRING, "snappy", false, "none, gzip, snappy, lz4, brotli, zstd, lzo", N, "Compression of Parquet objects.", con_check_bracketed, LOW, MEDIUM,
	  .display = "Parquet Compression Codec" },
	{ "schema.compatibility", CON_STRING, "NONE", false, NULL, "Schema", "Which schemas share an object.", NULL, HIGH, SHORT, .display = "Schema Compatibility" },
	{ "s3.bucket.name", CON_STRING, NULL, true, NULL, S3, "Bucket the objects go to.", NULL, HIGH, LONG, .display = "S3 Bucket" },
	{ "s3.object.tagging", CON_BOOLEAN, "false", false, NULL, S3, "Whether objects are tagged with offsets and records.", NULL, LOW, LONG, .display = "S3 Object Tagging" },
	{ "s3.object.behavior.on.tagging.error", CON_STRING, "ignore", false, "ignore, fail", S3, "What a failed tagging does.", con_check_lower, LOW, SHORT,
	  .display = "Behavior for S3 object tagging error", .since = CON_S3_10_5 },
	{ "s3.region", CON_STRING, "us-west-2", false, NULL, S3, "Region of the bucket.", con_check_region, CON_MEDIUM, LONG, .display = "AWS region" },
	{ "s3.part.size", CON_INT, "26214400", false, NULL, S3, "Bytes of a part of an upload.", con_check_part_size, HIGH, LONG, .display = "S3 Part Size" },
	{ "s3.credentials.provider.class", CON_CLASS, "com.amazonaws.auth.DefaultAWSCredentialsProviderChain", false, NULL, S3, "Where credentials come from.", con_check_credentials, LOW, LONG,
	  .display = "AWS Credentials Provider Class" },
	{ "aws.access.key.id", CON_STRING, "", false, NULL, S3, "Access key, with aws.secret.access.key instead of a provider.", NULL, HIGH, LONG, .display = "AWS Access Key ID" },
	{ "aws.secret.access.key", CON_PASSWORD, NULL, false, NULL, S3, "Its secret.", NULL, HIGH, LONG, .display = "AWS Secret Access Key" },
	{ "s3.ssea.name", CON_STRING, "", false, ", AES256, aws:kms", S3, "Server-side encryption.", con_check_one_of, LOW, LONG, .display = "S3 Server Side Encryption Algorithm" },
	{ "s3.sse.customer.key", CON_PASSWORD, NULL, false, NULL, S3, "Key of the customer's own encryption.", NULL, LOW, LONG,
	  .display = "S3 Server Side Encryption Customer-Provided Key (SSE-C)" },
	{ "s3.sse.kms.key.id", CON_STRING, "", false, NULL, S3, "KMS key of aws:kms.", NULL, LOW, LONG, .display = "S3 Server Side Encryption Key" },
	{ "s3.acl.canned", CON_STRING, NULL, false,
	  "private, public-read, public-read-write, authenticated-read, log-delivery-write, bucket-owner-read, bucket-owner-full-control, aws-exec-read", S3, "ACL of the objects.",
	  con_check_value, LOW, LONG, .display = "S3 Canned ACL" },
	{ "s3.wan.mode", CON_BOOLEAN, "false", false, NULL, S3, "Whether the accelerated endpoint is used.", NULL, CON_MEDIUM, LONG, .display = "S3 accelerated endpoint enabled" },
	{ "s3.compression.type", CON_STRING, "none", false, "none, gzip", S3, "Compression of JSON and byte array objects.", con_check_value, LOW, LONG, .display = "Compression type" },
	{ "s3.compression.level", CON_INT, "-1", false, "-1 9", S3, "Level of the compression.", con_check_range, LOW, LONG, .display = "Compression type" },
	{ "s3.part.retries", CON_INT, "3", false, "0", S3, "Repeats of a failed upload.", con_check_range, CON_MEDIUM, LONG, .display = "S3 Part Upload Retries" },
	{ "s3.retry.backoff.ms", CON_LONG, "200", false, "0", S3, "Wait before the first repeat.", con_check_range, LOW, SHORT, .display = "Retry Backoff (ms)" },
	{ "format.bytearray.extension", CON_STRING, ".bin", false, NULL, S3, "Extension of byte array objects.", NULL, LOW, LONG, .display = "Output file extension for ByteArrayFormat" },
	{ "format.bytearray.separator", CON_STRING, NULL, false, NULL, S3, "What follows each byte array record.", NULL, LOW, LONG, .display = "Line separator ByteArrayFormat" },
	{ "s3.proxy.url", CON_STRING, "", false, NULL, S3, "Proxy on the way to S3.", NULL, LOW, LONG, .display = "S3 Proxy Settings" },
	{ "s3.proxy.user", CON_STRING, NULL, false, NULL, S3, "The proxy's user.", NULL, LOW, LONG, .display = "S3 Proxy User" },
	{ "s3.proxy.password", CON_PASSWORD, NULL, false, NULL, S3, "The proxy's password.", NULL, LOW, LONG, .display = "S3 Proxy Password" },
	{ "s3.http.send.expect.continue", CON_BOOLEAN, "true", false, NULL, S3, "Whether uploads wait for 100 Continue.", NULL, LOW, SHORT, .display = "S3 HTTP Send Uses Expect Continue" },
	{ "json.decimal.format", CON_STRING, "BASE64", false, "NUMERIC, BASE64", S3, "How decimals stand in JSON.", con_check_any_case, CON_MEDIUM, MEDIUM, .display = "Decimal Format",
	  .since = CON_S3_10_5 },
	{ "behavior.on.null.values", CON_STRING, "fail", false, "ignore, fail", S3, "What a null value does.", con_check_lower, LOW, SHORT, .display = "Behavior for null-valued records",
	  .before = CON_S3_10_5 },
	{ "behavior.on.null.values", CON_STRING, "fail", false, "ignore, fail, write", S3, "What a null value does.", con_check_lower, LOW, SHORT, .display = "Behavior for null-valued records",
	  .since = CON_S3_10_5 },
	{ "tombstone.encoded.partition", CON_STRING, "tombstone", false, NULL, S3, "Folder of null values that are written.", NULL, LOW, SHORT, .display = "Tombstone Encoded Partition",
	  .since = CON_S3_10_5 },
	{ "s3.schema.partition.affix.type", CON_STRING, "NONE", false, "SUFFIX, PREFIX, NONE", S3, "Whether the schema's name is in the folder.", con_check_one_of, LOW, LONG,
	  .display = "Schema Partition Affix Type", .since = CON_S3_10_5 },
	{ "store.kafka.keys", CON_BOOLEAN, "false", false, NULL, KH, "Whether keys are stored too.", NULL, LOW, SHORT, .display = "Store kafka keys" },
	{ "store.kafka.headers", CON_BOOLEAN, "false", false, NULL, KH, "Whether headers are stored too.", NULL, LOW, SHORT, .display = "Store kafka headers" },
	{ "keys.format.class", CON_CLASS, "io.confluent.connect.s3.format.avro.AvroFormat", false, NULL, KH, "Format of stored keys.", NULL, LOW, .display = "Keys format class" },
	{ "headers.format.class", CON_CLASS, "io.confluent.connect.s3.format.avro.AvroFormat", false, NULL, KH, "Format of stored headers.", NULL, LOW, .display = "Headers format class" },
	{ "s3.path.style.access.enabled", CON_BOOLEAN, "true", false, NULL, KH, "Whether the bucket is in the path.", NULL, LOW, SHORT, .display = "Enable Path Style Access to S3" },
	{ "s3.elastic.buffer.enable", CON_BOOLEAN, "false", false, NULL, KH, "Whether a part's memory grows as needed.", NULL, LOW, LONG,
	  .display = "Enable elastic buffer to staging s3-part", .since = CON_S3_10_5 },
	{ "s3.elastic.buffer.init.capacity", CON_INT, "131072", false, "4096", KH, "With how much it begins.", con_check_range, LOW, LONG, .display = "Elastic buffer initial capacity",
	  .since = CON_S3_10_5 },
	{ "storage.class", CON_CLASS, NULL, true, NULL, T, "Storage layer.", NULL, HIGH, .display = "Storage Class" },
	{ "topics.dir", CON_STRING, "topics", false, NULL, T, "Folder the objects go to.", NULL, HIGH, .display = "Topics directory" },
	{ "store.url", CON_STRING, NULL, false, NULL, T, "Address of the store, when it isn't AWS.", NULL, HIGH, .display = "Store URL" },
	{ "directory.delim", CON_STRING, "/", false, NULL, T, "Between folders.", NULL, CON_MEDIUM, LONG, .display = "Directory Delimiter" },
	{ "file.delim", CON_STRING, "+", false, NULL, T, "Between topic, partition and offset.", NULL, CON_MEDIUM, LONG, .display = "File Delimiter" },
	{ "partitioner.class", CON_CLASS, "io.confluent.connect.storage.partitioner.DefaultPartitioner", false, NULL, P, "Folder of a record.", NULL, HIGH, LONG, .display = "Partitioner Class" },
	{ "partition.field.name", CON_LIST, "", false, NULL, P, "Fields of the FieldPartitioner.", .display = "Partition Field Name" },
	{ "partition.duration.ms", CON_LONG, "-1", false, NULL, P, "Time span of a folder.", .width = CON_LONG_WIDTH, .display = "Partition Duration (ms)" },
	{ "path.format", CON_STRING, "", false, NULL, P, "Folder of a time.", .width = CON_LONG_WIDTH, .display = "Path Format" },
	{ "locale", CON_STRING, "", false, NULL, P, "Locale of folder names.", .width = CON_LONG_WIDTH, .display = "Locale" },
	{ "timezone", CON_STRING, "", false, NULL, P, "Time zone of folders and schedules.", con_check_zone, .width = CON_LONG_WIDTH, .display = "Timezone" },
	{ "timestamp.extractor", CON_STRING, "Wallclock", false, NULL, P, "Where a record's time is from.", .width = CON_LONG_WIDTH, .display = "Timestamp Extractor" },
	{ "timestamp.field", CON_STRING, "timestamp", false, NULL, P, "Field of the record's time.", .width = CON_LONG_WIDTH, .display = "Record Field for Timestamp Extractor" },
};
const size_t con_s3_def_n = ARRAY_LEN(con_s3_defs);

#define TYPE { "converter.type", CON_STRING, NULL, true, "key, value, header", .doc = "What it converts; Connect says so.", .check = con_check_one_of, LOW }
const struct con_def con_json_defs[] = {
	TYPE,
	{ "schemas.enable", CON_BOOLEAN, "true", false, NULL, "Schemas", "Whether JSON carries its schema.", NULL, HIGH, MEDIUM, .display = "Enable Schemas" },
	{ "schemas.cache.size", CON_INT, "1000", false, NULL, "Schemas", "Schemas that are kept.", NULL, HIGH, MEDIUM, .display = "Schema Cache Size" },
	{ "decimal.format", CON_STRING, "BASE64", false, "NUMERIC, BASE64", "Serialization", "How decimals stand in JSON.", con_check_any_case, LOW, MEDIUM, .display = "Decimal Format" },
	{ "replace.null.with.default", CON_BOOLEAN, "true", false, NULL, "Serialization", "Whether null becomes a field's default.", NULL, LOW, MEDIUM,
	  .display = "Replace null with default" },
};
const size_t con_json_def_n = ARRAY_LEN(con_json_defs);
const struct con_def con_string_defs[] = {
	TYPE,
	{ "converter.encoding", CON_STRING, "UTF-8", .doc = "Character set of the bytes.", HIGH, MEDIUM, .display = "Encoding" },
};
const size_t con_string_def_n = ARRAY_LEN(con_string_defs);
const struct con_def con_plain_defs[] = { TYPE };
const size_t con_plain_def_n = ARRAY_LEN(con_plain_defs);
