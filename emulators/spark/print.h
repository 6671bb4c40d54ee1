/* Values as text: CAST AS STRING, show(), the command line of Hive, literals in names of columns. spark.md 1.5, 1.10. */
#ifndef TARN_SPARK_PRINT_H
#define TARN_SPARK_PRINT_H

#include "spark/value.h"

struct sp_zone; /* spark/time.h; NULL: UTC */

/* CAST(v AS STRING) with ANSI off: "[1, null]", "{1, a}", "{k -> v}", 1.0E-7 for small decimals. NULL at the top prints "null". */
void sp_print(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone);
/* The same with ANSI on: decimals plain. */
void sp_print_ansi(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone);
/* A cell of show(): NULL in capitals, binary as [48 65], decimals plain. */
void sp_print_cell(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone);
/* As spark-sql and the golden files print: arrays ["a","b"], structs {"a":1}, maps {"k":1}, NULL at the top. */
void sp_print_hive(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone);
/* A literal as in names of columns: DATE '2020-01-01', 1.5, x, NULL. */
void sp_print_sql(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone);
/* A literal as SQL that could be run: 'it\'s', 1L, 1.5D, CAST(NULL AS INT); errors show values so. */
void sp_print_literal(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone);

enum { SP_REAL_TEXT_MAX = 32 };
/* Double.toString and Float.toString of Java 17. Gives the length. */
size_t sp_double_text(double d, char out[SP_REAL_TEXT_MAX]);
size_t sp_float_text(double d, char out[SP_REAL_TEXT_MAX]);

#endif
