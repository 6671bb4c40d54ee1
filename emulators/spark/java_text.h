/* Values as toString of the objects by which Spark holds them: keys of JSON, cells of to_csv, %s of format_string. */
#ifndef TARN_SPARK_JAVA_TEXT_H
#define TARN_SPARK_JAVA_TEXT_H

#include "spark/value.h"

/* [1,null] of arrays and structs, "keys: [a], values: [1]" of maps, days and microseconds of times, null. */
void sp_java_text(struct buf *b, const struct sp_type *t, const struct sp_value *v);

#endif
