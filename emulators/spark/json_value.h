/* What the readers of JSON and CSV share. json.h and csv.h are for others. */
#ifndef TARN_SPARK_JSON_VALUE_H
#define TARN_SPARK_JSON_VALUE_H

#include "spark/json_scan.h"

/* Texts to times by the options' patterns, or as casts do. */
struct sp_times {
	struct sp_pattern *timestamp, *ntz, *date;
	const struct sp_zone *zone;
	int64_t now_us;
	enum sp_time_policy policy;
};
int sp_times_make(struct sp_times *t, struct arena *keep, const struct sp_json_options *o, enum sp_pattern_use use, struct sp_error *err);
/* DATE, TIMESTAMP or TIMESTAMP_NTZ: 1; 0: it isn't one; -1: err says that the old parser would have taken it. */
int sp_times_read(const struct sp_times *t, enum sp_kind kind, struct slice s, struct sp_value *out, struct sp_error *err);

/* A number's text, NaN, Infinity. */
double sp_json_double(struct slice s);
int sp_option_mode(struct slice value, enum sp_read_mode *mode);
int sp_option_flag(struct slice name, struct slice value, bool turned, bool *flag, struct sp_error *err);
/* FAILFAST's error; text: the row. */
int sp_json_bad_record(struct sp_error *err, struct slice text);
/* The object at x, of a file, as the struct of the parser. *wrong: not all of it is right; out is what could be read. Nonzero: err. */
int sp_json_record(struct sp_json_parser *p, struct arena *a, struct sp_jx *x, struct sp_value *out, bool *wrong, struct sp_error *err);

/* The next line of *rest, without its end: sep, or \n, \r\n, \r. false: none is left. */
bool sp_json_line(struct slice *rest, struct slice sep, struct slice *line);
/* At least as many as text has records, up to SP_BATCH: they end by sep (absent: line ends), or each has one of the character `also`. */
size_t sp_rows_room(struct slice text, struct slice sep, char also);
/* Names that are equal but for case: COLUMN_ALREADY_EXISTS. */
int sp_schema_check_names(const struct sp_type *t, struct sp_error *err);

#endif
