/* Schemas as Spark and Delta write them in JSON: {"type":"struct","fields":[...]}. */
#ifndef TARN_SPARK_SCHEMA_H
#define TARN_SPARK_SCHEMA_H

#include "core/err.h"
#include "spark/type.h"

/* Fields of a schema's JSON, in a, with their metadata (comment taken out of it). Errors: INVALID; UNSUPPORTED: a type that Spark 3.5 has
 * not, by its name. */
int sp_schema_parse(struct arena *a, struct slice json, struct sp_field **fields, size_t *n, struct error *err) WARN_UNUSED;

#endif
