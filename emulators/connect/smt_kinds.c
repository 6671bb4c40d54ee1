/* The transforms and predicates that ship with Kafka 4.0: their classes and settings. */
#include "connect/check.h"
#include "connect/smt.h"

#define KEEP_NULL { "replace.null.with.default", CON_BOOLEAN, "true", .doc = "Whether a null field that has a default becomes the default." }
#define DEFS(name) name, ARRAY_LEN(name)

static const struct con_def insert_defs[] = {
	{ "topic.field", CON_STRING, .doc = "Field for the topic's name; name! makes it required, name? optional (default)." },
	{ "partition.field", CON_STRING, .doc = "Field for the partition's number; ! and ? as above." },
	{ "offset.field", CON_STRING, .doc = "Field for the record's offset, of sinks only; ! and ? as above." },
	{ "timestamp.field", CON_STRING, .doc = "Field for the record's time; ! and ? as above." },
	{ "static.field", CON_STRING, .doc = "Field for static.value; ! and ? as above." },
	{ "static.value", CON_STRING, .doc = "Text that goes into static.field." },
	KEEP_NULL,
};
static const struct con_def replace_defs[] = {
	{ "exclude", CON_LIST, "", .doc = "Fields that are left out; stronger than include." },
	{ "include", CON_LIST, "", .doc = "Fields that stay; when empty all do." },
	{ "renames", CON_LIST, "", .check = con_check_renames, .doc = "New names: old:new,old2:new2." },
	KEEP_NULL,
};
static const struct con_def mask_defs[] = {
	{ "fields", CON_LIST, NULL, true, .check = con_check_list, .importance = CON_HIGH, .doc = "Fields to mask." },
	{ "replacement", CON_STRING, .check = con_check_text, .importance = CON_LOW, .doc = "What numbers and strings become instead of 0 and the empty string." },
	KEEP_NULL,
};
static const struct con_def value_to_key_defs[] = {
	{ "fields", CON_LIST, NULL, true, .check = con_check_list, .importance = CON_HIGH, .doc = "Fields of the value that make the key." },
	KEEP_NULL,
};
static const struct con_def extract_defs[] = {
	{ "field", CON_STRING, NULL, true, .doc = "Field to take out." },
	KEEP_NULL,
	{ "field.syntax.version", CON_STRING, "V1", .one_of = "V1, V2", .check = con_check_any_case, .importance = CON_HIGH,
	  .doc = "V2: dots lead into fields of fields, names with dots stand in backticks." },
};
static const struct con_def hoist_defs[] = {
	{ "field", CON_STRING, NULL, true, .doc = "The only field of what is made." },
};
static const struct con_def convert_defs[] = {
	{ "field", CON_STRING, "", .importance = CON_HIGH, .doc = "Field with the time; empty: the whole value is one." },
	{ "target.type", CON_STRING, NULL, true, "string, unix, Date, Time, Timestamp", .check = con_check_one_of, .importance = CON_HIGH, .doc = "What times become." },
	{ "format", CON_STRING, "", .doc = "Pattern of java.text.SimpleDateFormat, by which strings are read and written." },
	{ "unix.precision", CON_STRING, "milliseconds", false, "nanoseconds, microseconds, milliseconds, seconds", .check = con_check_one_of, .importance = CON_LOW,
	  .doc = "Unit of unix times." },
	KEEP_NULL,
};
static const struct con_def time_router_defs[] = {
	{ "topic.format", CON_STRING, "${topic}-${timestamp}", .importance = CON_HIGH, .doc = "The new topic, with ${topic} and ${timestamp}." },
	{ "timestamp.format", CON_STRING, "yyyyMMdd", .importance = CON_HIGH, .doc = "Pattern of java.text.SimpleDateFormat for ${timestamp}." },
};
static const struct con_def regex_router_defs[] = {
	{ "regex", CON_STRING, NULL, true, .check = con_check_regex, .importance = CON_HIGH, .doc = "Pattern of whole topic names." },
	{ "replacement", CON_STRING, NULL, true, .importance = CON_HIGH, .doc = "The new name, with $1." },
};
static const struct con_def cast_defs[] = {
	{ "spec", CON_LIST, NULL, true, .check = con_check_casts, .importance = CON_HIGH,
	  .doc = "field:type,… or one type for the whole: int8, int16, int32, int64, float32, float64, boolean, string." },
	KEEP_NULL,
};
static const struct con_def flatten_defs[] = {
	{ "delimiter", CON_STRING, ".", .doc = "What joins the names." },
};
static const struct con_def metadata_defs[] = {
	{ "schema.name", CON_STRING, .importance = CON_HIGH, .doc = "The schema's new name." },
	{ "schema.version", CON_INT, .importance = CON_HIGH, .doc = "The schema's new version." },
	KEEP_NULL,
};
static const struct con_def header_from_defs[] = {
	{ "fields", CON_LIST, NULL, true, .check = con_check_list, .importance = CON_HIGH, .doc = "Fields that go into headers." },
	{ "headers", CON_LIST, NULL, true, .check = con_check_list, .importance = CON_HIGH, .doc = "The headers, in the same order." },
	{ "operation", CON_STRING, NULL, true, "move, copy", .check = con_check_one_of, .importance = CON_HIGH, .doc = "Whether the fields go or stay." },
	KEEP_NULL,
};
static const struct con_def insert_header_defs[] = {
	{ "header", CON_STRING, NULL, true, .check = con_check_not_null, .importance = CON_HIGH, .doc = "Name of the header." },
	{ "value.literal", CON_STRING, NULL, true, .check = con_check_not_null, .importance = CON_HIGH, .doc = "Its value, read as SimpleHeaderConverter reads." },
};
static const struct con_def drop_headers_defs[] = {
	{ "headers", CON_LIST, NULL, true, .check = con_check_list, .importance = CON_HIGH, .doc = "Headers that go." },
};
static const struct con_def topic_matches_defs[] = {
	{ "pattern", CON_STRING, NULL, true, .check = con_check_text_regex, .doc = "Pattern of whole topic names." },
};
static const struct con_def has_header_defs[] = {
	{ "name", CON_STRING, NULL, true, .check = con_check_text, .doc = "Name of the header." },
};

const struct smt_kind smt_kinds[] = {
	{ "Cast", true, DEFS(cast_defs), smt_make_cast, smt_cast },
	{ "DropHeaders", false, DEFS(drop_headers_defs), smt_make_drop_headers, smt_drop_headers },
	{ "ExtractField", true, DEFS(extract_defs), smt_make_extract, smt_extract },
	{ "Filter", false, NULL, 0, smt_make_nothing, smt_filter },
	{ "Flatten", true, DEFS(flatten_defs), smt_make_flatten, smt_flatten },
	{ "HeaderFrom", true, DEFS(header_from_defs), smt_make_header_from, smt_header_from },
	{ "HoistField", true, DEFS(hoist_defs), smt_make_hoist, smt_hoist },
	{ "InsertField", true, DEFS(insert_defs), smt_make_insert, smt_insert },
	{ "InsertHeader", false, DEFS(insert_header_defs), smt_make_insert_header, smt_insert_header },
	{ "MaskField", true, DEFS(mask_defs), smt_make_mask, smt_mask },
	{ "RegexRouter", false, DEFS(regex_router_defs), smt_make_regex_router, smt_regex_router },
	{ "ReplaceField", true, DEFS(replace_defs), smt_make_replace, smt_replace },
	{ "SetSchemaMetadata", true, DEFS(metadata_defs), smt_make_metadata, smt_metadata },
	{ "TimestampConverter", true, DEFS(convert_defs), smt_make_convert, smt_convert },
	{ "TimestampRouter", false, DEFS(time_router_defs), smt_make_time_router, smt_time_router },
	{ "ValueToKey", false, DEFS(value_to_key_defs), smt_make_value_to_key, smt_value_to_key },
};
const size_t smt_kind_n = ARRAY_LEN(smt_kinds);

static bool topic_matches(const struct smt_stage *st, const struct sink_record *r)
{
	return java_regex_find(st->regex, r->topic, 0) == 1;
}

static bool has_header(const struct smt_stage *st, const struct sink_record *r)
{
	return cv_headers_last(&r->headers, st->header) != NULL;
}

static bool is_tombstone(const struct smt_stage *st, const struct sink_record *r)
{
	(void)st;
	return r->value.v.kind == CV_NULL;
}

const struct smt_predicate_kind smt_predicates[] = {
	{ "HasHeaderKey", DEFS(has_header_defs), smt_make_has_header, has_header },
	{ "RecordIsTombstone", NULL, 0, smt_make_nothing, is_tombstone },
	{ "TopicNameMatches", DEFS(topic_matches_defs), smt_make_topic_matches, topic_matches },
};
const size_t smt_predicate_n = ARRAY_LEN(smt_predicates);
