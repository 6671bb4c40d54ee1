/* Types as SQL writes them: `decimal(10,2)`, `struct<a: int, b: array<string>>`, and lists of columns, `ind INT NOT NULL, title STRING`.
 * Used by CAST and CREATE TABLE (the parser calls it inside a statement), by from_json, read schemas and the like.
 *
 * Errors are Spark's parse errors (SP_E_PARSE), placed by bytes of the text given. Types are in the arena. */
#ifndef TARN_SPARK_DDL_H
#define TARN_SPARK_DDL_H

#include "spark/error.h"
#include "spark/type.h"

/* The type at the beginning of text. *used: bytes of it; used NULL: the whole text has to be a type. Nonzero: err is
 * set; if its class isn't PARSE_SYNTAX_ERROR the syntax is fine and *used is set, too. */
int sp_ddl_type(struct arena *a, struct slice text, size_t *used, const struct sp_type **out, struct sp_error *err) WARN_UNUSED;
/* Columns by commas: `a INT, b STRING NOT NULL COMMENT 'x'`. */
int sp_ddl_fields(struct arena *a, struct slice text, const struct sp_field **out, size_t *n, struct sp_error *err) WARN_UNUSED;
/* Either of them, as DataType.fromDDL takes it: a list of columns is a struct. */
int sp_ddl(struct arena *a, struct slice text, const struct sp_type **out, struct sp_error *err) WARN_UNUSED;

#endif
