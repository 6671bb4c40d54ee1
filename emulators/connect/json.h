/* Records as the worker's JsonConverter reads them and as the sink writes them: Jackson's reader and writer, and the
 * order of a java.util.HashMap in between.
 *
 *   json.c   reader: errors in Jackson's words    java.c   HashMap order, Double.toString, writer
 *
 * jansson can't be used here: what counts is which bytes come out, and it refuses or changes what Jackson takes
 * (integers past 64 bits, lone surrogates, text after the value). Strings are kept as UTF-8 in which a lone surrogate
 * is its three-byte form, so every Java string has one spelling. */
#ifndef TARN_CONNECT_JSON_H
#define TARN_CONNECT_JSON_H

#include "core/err.h"

enum cjson_type { CJSON_MISSING, CJSON_NULL, CJSON_TRUE, CJSON_FALSE, CJSON_LONG, CJSON_DOUBLE, CJSON_STRING, CJSON_ARRAY, CJSON_OBJECT };

struct cjson {
	enum cjson_type type;
	struct slice key;  /* as a member of an object */
	struct slice text; /* CJSON_STRING */
	int64_t i;         /* CJSON_LONG: BigInteger.longValue(), so it wraps */
	double d;
	struct cjson *first, *last, *next;
	size_t n; /* members of an object (after duplicates went) or of an array */
};

enum { CJSON_DEPTH_MAX = 1000, CJSON_NUMBER_MAX = 1000, CJSON_KEY_MAX = 50000, CJSON_STRING_MAX = 20000000 };

/* Reads the first value; what follows it is not looked at (ObjectMapper.readTree). No value at all: CJSON_MISSING.
 * All memory is the arena's, strings may borrow from the text. Errors: INVALID, text = the exception's message,
 * prefixed with its class and ": ". */
int cjson_parse(struct arena *a, struct slice text, struct cjson **out, struct error *err) WARN_UNUSED;
/* Puts the members of every object into java.util.HashMap order; a repeated key keeps the last value. */
void cjson_hash_order(struct arena *a, struct cjson *v);
void cjson_write(struct buf *out, const struct cjson *v);
void cjson_write_string(struct buf *out, struct slice s);
const struct cjson *cjson_get(const struct cjson *object, struct slice key);
/* Order in which a HashMap whose table starts with `table` slots gives the keys back, inserted as they stand:
 * order[i] = index of the i-th. Returns how many distinct keys there are; value[i] is the index of the last
 * occurrence of keys[order[i]]. */
size_t java_hash_order(struct arena *a, const struct slice *keys, size_t n, size_t table, size_t *order, size_t *value);
uint32_t java_string_hash(struct slice s);
void java_double(struct buf *out, double d);
#endif
