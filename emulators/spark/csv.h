/* CSV and Spark's values: from_csv, to_csv, and files of CSV, with the options of Spark's CSV source. */
#ifndef TARN_SPARK_CSV_H
#define TARN_SPARK_CSV_H

#include "spark/json.h"

struct sp_csv_options {
	const struct sp_zone *zone;
	struct slice zone_name;              /* the option timeZone; absent: zone */
	int64_t now_us;
	enum sp_time_policy policy;
	enum sp_read_mode mode;
	bool header, infer_schema, multi_line;
	bool trim_start, trim_end;           /* reading: ignoreLeadingWhiteSpace, ignoreTrailingWhiteSpace; off by default */
	bool keep_start, keep_end;           /* writing: the same turned round; by default blanks are cut */
	bool no_prefer_date, quote_all, escape_quotes_off;
	struct slice sep;                    /* "," */
	char quote, escape, comment;         /* '"', '\\', none; '\0': none */
	char escape_escape;                  /* charToEscapeQuoteEscaping; '\0': as Spark chooses */
	struct slice null_value, nan, inf, minus_inf, empty_value; /* empty_value absent: "" read, "\"\"" written */
	struct slice corrupt;
	struct slice timestamp_format, ntz_format, date_format, line_sep;
	size_t columns_max, chars_max;       /* 20480; 0: no limit */
};
void sp_csv_defaults(struct sp_csv_options *o, const struct sp_context *cx);
/* As sp_json_option. */
int sp_csv_option(struct sp_csv_options *o, struct slice name, struct slice value, struct sp_error *err) WARN_UNUSED;

/* Reads single lines (from_csv). As the JSON ones. */
struct sp_csv_parser;
struct sp_csv_parser *sp_csv_parser_new(struct arena *keep, const struct sp_type *type, const struct sp_csv_options *o, struct sp_error *err);
void sp_csv_parser_free(struct sp_csv_parser *p);
int sp_csv_parse(struct sp_csv_parser *p, struct arena *a, struct slice text, struct sp_value *out, struct sp_error *err) WARN_UNUSED;

/* Rows of one file's text; a header line is skipped if o->header. As sp_json_open. */
struct sp_csv_reader;
struct sp_csv_reader *sp_csv_open(struct sp_run *run, const struct sp_csv_options *o, const struct sp_field *fields, size_t n,
				  const bool *needed, struct slice text);
int sp_csv_next(struct sp_csv_reader *r, struct arena *a, struct sp_batch *out) WARN_UNUSED;
void sp_csv_close(struct sp_csv_reader *r);

/* The schema of files: names from the first file's header (or _c0 ...), strings, or with o->infer_schema what all values are. */
struct sp_csv_infer;
struct sp_csv_infer *sp_csv_infer_new(struct arena *a, const struct sp_csv_options *o, struct sp_error *err);
int sp_csv_infer_add(struct sp_csv_infer *x, struct slice text, struct sp_error *err) WARN_UNUSED;
const struct sp_type *sp_csv_infer_end(struct sp_csv_infer *x, struct sp_error *err);
/* schema_of_csv: always inferred, names _c0 ... */
const struct sp_type *sp_csv_type(struct arena *a, struct slice text, const struct sp_csv_options *o, struct sp_error *err);

/* to_csv, and a line of a CSV file, without line end. */
struct sp_csv_writer;
struct sp_csv_writer *sp_csv_writer_new(struct arena *keep, const struct sp_csv_options *o, struct sp_error *err);
void sp_csv_write(struct sp_csv_writer *w, struct buf *b, const struct sp_field *fields, size_t n, const struct sp_value *values);
void sp_csv_write_header(struct sp_csv_writer *w, struct buf *b, const struct sp_field *fields, size_t n);

#endif
