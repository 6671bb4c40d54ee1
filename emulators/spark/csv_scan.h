/* Records of CSV as the univocity parser takes them apart under Spark's settings. csv.h is for others. */
#ifndef TARN_SPARK_CSV_SCAN_H
#define TARN_SPARK_CSV_SCAN_H

#include "spark/csv.h"
#include "spark/json_value.h"

struct sp_csv_cell {
	struct slice text; /* absent: there was nothing between the separators */
};
struct sp_csv_scan {
	const struct sp_csv_options *o;
	const char *p, *end;
	struct buf room;
	struct sp_csv_cell *cells;
	size_t n, cap;
	bool lines; /* a line end is the end of a record: multiLine */
};
void sp_csv_scan_init(struct sp_csv_scan *s, const struct sp_csv_options *o, struct slice text, bool lines);
void sp_csv_scan_free(struct sp_csv_scan *s);
/* The next record: cells are in a or in the text. false: none is left, or it has more columns than o allows (then *many). */
bool sp_csv_record(struct sp_csv_scan *s, struct arena *a, bool *many);
/* The next line or record of a file that isn't blank or a comment: with its cells in s. rest: what is left of the file. text: the record. */
bool sp_csv_next_record(struct sp_csv_scan *s, struct arena *a, struct slice *rest, struct slice *text, bool *many);
/* Options of times as JSON's. */
struct sp_json_options sp_csv_times(const struct sp_csv_options *o);
/* Values that a cell stands for: 1; 0: it isn't of that type; -1: err. nan and others as options say. */
int sp_csv_value(const struct sp_csv_options *o, const struct sp_times *times, struct arena *a, const struct sp_type *t, struct slice cell,
		 struct sp_value *out, struct sp_error *err);
/* As Java's parseDouble takes it: blanks around, sign, digits, exponent, hexadecimal, d or f behind, NaN, Infinity. */
bool sp_csv_double(struct slice s, double *out);

#endif
