/* JSON and Spark's values: from_json, to_json, and files of JSON, with the options of Spark's JSON source. */
#ifndef TARN_SPARK_JSON_H
#define TARN_SPARK_JSON_H

#include "spark/expr.h"
#include "spark/pattern.h"

/* What becomes of a record that isn't right. */
enum sp_read_mode {
	SP_PERMISSIVE, /* NULL where it's wrong, its text in the corrupt column if the schema has one */
	SP_DROP,       /* DROPMALFORMED: no row */
	SP_FAILFAST,   /* an error */
};

struct sp_json_options {
	const struct sp_zone *zone;       /* of timestamps without one; NULL: UTC */
	struct slice zone_name;           /* the option timeZone; absent: zone */
	int64_t now_us;
	enum sp_time_policy policy;
	enum sp_read_mode mode;
	bool multi_line;                  /* a file is one document, or an array of them; else a line is */
	bool primitives_as_string, prefers_decimal, drop_all_null, infer_timestamp;
	bool comments, unquoted_names, no_single_quotes, leading_zeros, backslash_any, no_nan, control_chars;
	bool keep_nulls, pretty;          /* writing: ignoreNullFields is false; pretty */
	struct slice corrupt;             /* name of the corrupt column */
	struct slice timestamp_format, ntz_format, date_format; /* absent: the default's */
	struct slice line_sep;            /* absent: \n, \r\n, \r */
};
/* The defaults, and what the session has set about them. */
void sp_json_defaults(struct sp_json_options *o, const struct sp_context *cx);
/* Sets an option by its name in either case; unknown ones are ignored, as Spark does. Nonzero: a bad value, and err says so. Keeps value. */
int sp_json_option(struct sp_json_options *o, struct slice name, struct slice value, struct sp_error *err) WARN_UNUSED;

/* ---- texts to values ---- */

/* Reads texts as values of one type: patterns compiled once, room kept. Freed with the arena `keep` but for sp_json_parser_free. */
struct sp_json_parser;
/* type: a struct, an array or a map, or (schema of a file) a struct whose field o->corrupt, if there, gets texts that are wrong.
 * NULL: a bad option (a pattern), err says so. o is copied. */
struct sp_json_parser *sp_json_parser_new(struct arena *keep, const struct sp_type *type, const struct sp_json_options *o, struct sp_error *err);
void sp_json_parser_free(struct sp_json_parser *p);
/* What from_json(text, type) gives, in a; may point into text. Nonzero: FAILFAST's error. */
int sp_json_parse(struct sp_json_parser *p, struct arena *a, struct slice text, struct sp_value *out, struct sp_error *err) WARN_UNUSED;

/* Rows of one file's text. fields: the schema; needed: which of them are wanted (NULL: all; a column that isn't has type NULL in the
 * batches). run: for its limits and err. The text must stay. NULL: failed, run->err says so. */
struct sp_json_reader;
struct sp_json_reader *sp_json_open(struct sp_run *run, const struct sp_json_options *o, const struct sp_field *fields, size_t n,
				    const bool *needed, struct slice text);
/* The next rows (at most SP_BATCH): 1; 0: none are left; -1: failed, run->err says so. They live in a and point into the text. */
int sp_json_next(struct sp_json_reader *r, struct arena *a, struct sp_batch *out) WARN_UNUSED;
void sp_json_close(struct sp_json_reader *r); /* NULL is fine */

/* ---- schemas ---- */

/* Inference over any number of texts. */
struct sp_json_infer;
struct sp_json_infer *sp_json_infer_new(struct arena *a, const struct sp_json_options *o);
/* A file's text: lines of documents, or one (multi_line). Nonzero: FAILFAST's error, or a limit. */
int sp_json_infer_add(struct sp_json_infer *x, struct slice text, struct sp_error *err) WARN_UNUSED;
/* The STRUCT seen so far; without fields if there was nothing. NULL: names that are equal but for case, err says so. */
const struct sp_type *sp_json_infer_end(struct sp_json_infer *x, struct sp_error *err);
/* schema_of_json: the type of one document as it stands (no struct is needed). NULL: no JSON, err says so. */
const struct sp_type *sp_json_type(struct arena *a, struct slice text, const struct sp_json_options *o, struct sp_error *err);

/* ---- values to texts ---- */

/* to_json, and a line of a JSON file. Makes patterns once: */
struct sp_json_writer;
struct sp_json_writer *sp_json_writer_new(struct arena *keep, const struct sp_json_options *o, struct sp_error *err);
void sp_json_write(struct sp_json_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v);

#endif
