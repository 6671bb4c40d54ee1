/* What Connect hands from converters over transforms to connectors: a value and, unless it is schemaless, its Schema. The kinds are
 * the Java classes of org.apache.kafka.connect.data; what they print, how a HashMap orders them and what their casts say is Java's.
 *
 * All memory is an arena's: of one poll's records, or of a connector for what it keeps (cv_schema_copy, cv_copy). Values and schemas
 * aren't changed once a record has them; what changes them makes new ones. */
#ifndef TARN_CONNECT_VALUE_H
#define TARN_CONNECT_VALUE_H

#include "core/err.h"
#include "java/jackson.h"
#include "java/text.h"

enum cv_kind {
	CV_NULL,
	CV_INT8, CV_INT16, CV_INT32, CV_INT64, /* Byte, Short, Integer, Long */
	CV_FLOAT32, CV_FLOAT64,                /* Float, Double */
	CV_BOOLEAN, CV_STRING, CV_BYTES,
	CV_ARRAY, CV_MAP, CV_STRUCT,
	/* Of logical types only; no Schema.Type. */
	CV_DECIMAL, /* java.math.BigDecimal */
	CV_DATE,    /* java.util.Date */
	CV_KINDS,
};

struct cv_schema;
struct cv_value {
	enum cv_kind kind;
	union {
		int64_t i;      /* integers; BOOLEAN 0 or 1; DATE: ms since 1970 */
		double f;       /* FLOAT32 is kept exactly */
		struct slice s; /* STRING: as java/text.h has them; BYTES */
		struct cv_list *list;
		struct cv_map *map;
		struct cv_struct *st;
		struct cv_decimal *decimal;
	} u;
};
struct cv_list {
	struct cv_value *v;
	size_t n, cap;
};
struct cv_entry {
	struct cv_value key, value;
};
struct cv_map {
	struct cv_entry *e; /* in the order in which Java would walk them */
	size_t n, cap;
	size_t table;       /* slots of a HashMap; 0: a LinkedHashMap, in order of insertion */
};
struct cv_struct {
	const struct cv_schema *schema;
	struct cv_value *v; /* one a field, NULL: not set */
};
struct cv_decimal { /* unscaled * 10^-scale */
	struct slice unscaled; /* two's complement, most significant byte first, as BigInteger.toByteArray gives it */
	int32_t scale;
};

struct cv_field {
	struct slice name;
	const struct cv_schema *schema;
};
struct cv_param {
	struct slice name, value;
};
struct cv_schema {
	enum cv_kind type; /* INT8 to STRUCT */
	bool optional, has_version;
	int32_t version;
	struct slice name, doc;         /* absent: null */
	const struct cv_value *dflt;    /* NULL: none */
	struct cv_param *params;        /* in order of insertion */
	size_t param_n, param_cap;
	struct cv_field *fields;        /* STRUCT */
	size_t field_n, field_cap;
	const struct cv_schema *key, *value; /* MAP: both; ARRAY: value, its items */
};
/* A value with its schema (NULL: schemaless). */
struct cv_data {
	const struct cv_schema *schema;
	struct cv_value v;
};
struct cv_header {
	struct slice name;
	struct cv_data data;
};
struct cv_headers { /* ConnectHeaders */
	struct cv_header *v;
	size_t n, cap;
};

#define CV_DECIMAL_NAME "org.apache.kafka.connect.data.Decimal"
#define CV_DATE_NAME "org.apache.kafka.connect.data.Date"
#define CV_TIME_NAME "org.apache.kafka.connect.data.Time"
#define CV_TIMESTAMP_NAME "org.apache.kafka.connect.data.Timestamp"

/* ---- value.c ---- */
static inline struct cv_value cv_int(enum cv_kind kind, int64_t i)
{
	return (struct cv_value){ kind, { .i = i } };
}
static inline struct cv_value cv_real(enum cv_kind kind, double f)
{
	return (struct cv_value){ kind, { .f = f } };
}
static inline struct cv_value cv_str(struct slice s)
{
	return (struct cv_value){ CV_STRING, { .s = s } };
}
static inline struct cv_value cv_bytes(struct slice s)
{
	return (struct cv_value){ CV_BYTES, { .s = s } };
}
static inline struct cv_value cv_null(void)
{
	return (struct cv_value){ CV_NULL, { 0 } };
}
struct cv_value cv_list_new(struct arena *a);
void cv_list_add(struct arena *a, struct cv_value *list, struct cv_value v);
struct cv_value cv_map_new(struct arena *a);    /* new HashMap() */
struct cv_value cv_linked_new(struct arena *a); /* new LinkedHashMap() */
/* new HashMap(n) for so many entries in view: HashMap's own constructor, not of a copy. */
struct cv_value cv_map_sized(struct arena *a, size_t n);
/* new HashMap(map). */
struct cv_value cv_map_copy(struct arena *a, const struct cv_value *map);
void cv_map_put(struct arena *a, struct cv_value *map, struct cv_value key, struct cv_value v);
/* NULL when there is none of that name (also when v is no map). */
const struct cv_value *cv_map_get(const struct cv_value *v, struct slice name);
/* A struct without values of a STRUCT schema. */
struct cv_value cv_struct_new(struct arena *a, const struct cv_schema *schema);
/* -1: there is none. */
ssize_t cv_field_at(const struct cv_schema *schema, struct slice name);
/* Struct.get: a field's value, or its default; a NULL value when neither is there. Struct has that field. */
const struct cv_value *cv_struct_at(const struct cv_struct *st, size_t field);
/* The same by name; NULL: there is no such field. */
const struct cv_value *cv_struct_get(const struct cv_struct *st, struct slice name);
/* Struct.put at a field. Errors: INVALID, as ConnectSchema.validateValue says it, with the class in front. */
int cv_struct_put(struct cv_value *st, size_t field, struct cv_value v, struct error *err) WARN_UNUSED;
/* ConnectSchema.validateValue(schema, v). Errors: INVALID. */
int cv_validate(const struct cv_schema *schema, const struct cv_value *v, struct error *err) WARN_UNUSED;
bool cv_schema_is(const struct cv_schema *schema, const char *name); /* whether it has that name */
bool cv_schema_equal(const struct cv_schema *a, const struct cv_schema *b);
bool cv_equal(const struct cv_value *a, const struct cv_value *b);
/* Deep copies into another arena. */
const struct cv_schema *cv_schema_copy(struct arena *a, const struct cv_schema *schema);
struct cv_value cv_copy(struct arena *a, const struct cv_value *v);
/* Builds schemas: a required one of a type; the shared ones of the plain types. */
struct cv_schema *cv_schema_new(struct arena *a, enum cv_kind type);
const struct cv_schema *cv_schema_plain(enum cv_kind type, bool optional);
/* SchemaBuilder.field. Errors: INVALID: a name that is there. */
int cv_schema_field(struct arena *a, struct cv_schema *schema, struct slice name, const struct cv_schema *of, struct error *err) WARN_UNUSED;
void cv_schema_param(struct arena *a, struct cv_schema *schema, struct slice name, struct slice value);
void cv_headers_add(struct arena *a, struct cv_headers *h, struct slice name, struct cv_data data);
/* The last one of that name, or NULL. */
const struct cv_header *cv_headers_last(const struct cv_headers *h, struct slice name);

/* ---- value_text.c ---- */
const char *cv_type_name(enum cv_kind type);        /* Schema.Type: "INT32" */
const char *cv_class(const struct cv_value *v);     /* "java.lang.Long"; "null" */
void cv_print(struct buf *out, const struct cv_value *v); /* String.valueOf */
struct slice cv_text(struct arena *a, const struct cv_value *v); /* the same */
struct slice cv_schema_text(struct arena *a, const struct cv_schema *schema); /* Schema.toString: "Schema{STRING}"; "null" */
/* BigDecimal.toString, and toPlainString. */
void cv_decimal_print(struct buf *out, const struct cv_decimal *d, bool plain);
/* new BigDecimal(text), of digits, a sign, a point and an exponent. False: it is none. */
bool cv_decimal_parse(struct arena *a, struct slice text, struct cv_decimal *out);
/* ObjectMapper.writeValue, as the sink's JSON format does with what is no Struct. */
void cv_write_object(struct buf *out, const struct cv_value *v);

/* ---- write_json.c ---- */
enum { CV_JSON_NUMERIC = 1 /* decimal.format=NUMERIC */, CV_JSON_KEEP_NULL = 2 /* replace.null.with.default=false */ };
/* JsonConverter.fromConnectData with schemas.enable=false. Errors: INVALID, text = class and message. */
int cv_write_json(struct arena *a, struct buf *out, const struct cv_schema *schema, const struct cv_value *v, unsigned flags, struct error *err) WARN_UNUSED;
/* The same with schemas.enable=true: {"schema":…,"payload":…}. */
int cv_write_envelope(struct arena *a, struct buf *out, const struct cv_schema *schema, const struct cv_value *v, unsigned flags, struct error *err) WARN_UNUSED;

#endif
