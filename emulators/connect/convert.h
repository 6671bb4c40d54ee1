/* Converters: bytes of a record -> values (value.h), and back. */
#ifndef TARN_CONNECT_CONVERT_H
#define TARN_CONNECT_CONVERT_H

#include "connect/value.h"

enum con_converter {
	CONVERT_JSON,
	CONVERT_STRING,
	CONVERT_BYTES,
	CONVERT_BOOLEAN,
	CONVERT_SHORT,
	CONVERT_INTEGER,
	CONVERT_LONG,
	CONVERT_FLOAT,
	CONVERT_DOUBLE,
	CONVERT_SIMPLE_HEADER, /* headers only */
	CONVERTERS_N,
};
/* A converter with its settings. */
struct con_conv {
	enum con_converter how;
	bool schemas;        /* JSON: schemas.enable */
	bool numeric;        /* JSON: decimal.format=NUMERIC, of what is written */
	bool keep_null;      /* JSON: replace.null.with.default=false */
	const char *charset; /* STRING: converter.encoding; NULL: UTF-8 */
};
/* Full class names, in con_converter's order. */
extern const char *const con_converter_classes[CONVERTERS_N];

/* ObjectMapper.readTree: the first value of the text; what follows isn't looked at. No value: a node of kind JK_NONE. Errors:
 * INVALID, text = the exception's message, with its class in front when asked for. */
int con_json(struct arena *a, struct slice text, bool class, struct jk_node **out, struct error *err) WARN_UNUSED;
/* JsonConverter.toConnectData of what was parsed. Errors: INVALID, text = class and message. */
int con_json_data(struct arena *a, const struct jk_node *v, bool schemas, bool keep_null, struct cv_data *out, struct error *err) WARN_UNUSED;
/* toConnectData. in absent: null. What out holds may borrow from in. Errors: INVALID, text = class and message of the innermost exception. */
int con_convert(struct arena *a, const struct con_conv *c, struct slice in, struct cv_data *out, struct error *err) WARN_UNUSED;
/* toConnectHeader. */
int con_convert_header(struct arena *a, const struct con_conv *c, struct slice in, struct cv_data *out, struct error *err) WARN_UNUSED;
/* fromConnectData: *null says that there are no bytes. Errors: as con_convert. */
int con_unconvert(struct arena *a, const struct con_conv *c, const struct cv_data *in, struct buf *out, bool *null, struct error *err) WARN_UNUSED;

/* convert_header.c: Values.parseString of UTF-8 bytes, and Values.convertToString (embedded: as within a list or map). */
int con_parse_values(struct arena *a, struct slice in, struct cv_data *out, struct error *err) WARN_UNUSED;
void con_print_values(struct buf *out, const struct cv_value *v, bool embedded);

#endif
