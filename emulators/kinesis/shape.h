/* Shapes of the API's requests and the checks on them, in the service's own order and words. */
#ifndef TARN_KINESIS_SHAPE_H
#define TARN_KINESIS_SHAPE_H

#include <jansson.h>

#include "core/err.h"

enum kin_type { KIN_STRING, KIN_INTEGER, KIN_BOOLEAN, KIN_BLOB, KIN_TIMESTAMP, KIN_LIST, KIN_MAP, KIN_STRUCT };
enum kin_pattern { KIN_ANY, KIN_NAME, KIN_HASH_KEY, KIN_SEQUENCE, KIN_ARN, KIN_STREAM_ARN, KIN_CONSUMER_ARN };
struct kin_member {
	const char *name; /* NULL ends the list */
	enum kin_type type;
	bool required;
	enum kin_pattern pattern;
	int64_t min, max;        /* of a length, a count or a value; max 0: none of them */
	const char *enums;       /* "A, B" as printed */
	int64_t key_min, key_max, value_min, value_max; /* lengths of a map's or list's members; max 0: none */
	const struct kin_member *of; /* KIN_STRUCT, KIN_LIST of them */
	const char *print;       /* how a list's members are printed */
	const char *instead;     /* required, unless this one is there; NULL: none */
	bool kept;               /* has a place, at byte `to` of struct kin_in, or of struct kin_entry in a list of them */
	size_t to;
};

/* Drops members the shape doesn't know and nulls; checks JSON types. Errors: INVALID, text for Message. */
int kin_check_types(json_t *in, const struct kin_member *shape, struct error *err) WARN_UNUSED;
/* Checks constraints: at most ten, all in one message. Errors: INVALID, text for message. */
int kin_check_values(const json_t *in, const struct kin_member *shape, struct buf *message) WARN_UNUSED;

#endif
