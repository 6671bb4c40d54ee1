/* What from_json, to_json, from_csv and their like share: a schema and a map of options, both constants. */
#ifndef TARN_FUNCTIONS_OPTIONS_H
#define TARN_FUNCTIONS_OPTIONS_H

#include "functions/text.h"

/* The schema that argument i names, all of it nullable; any: schema_of_json's; NULL: none, err says so. */
const struct sp_type *sp_schema_arg(struct sp_resolve *x, size_t i);
/* Calls set(self, name, value, err) for each option of the map that argument i is; not there: none. Nonzero: err. */
int sp_options_arg(struct sp_resolve *x, size_t i, int (*set)(void *self, struct slice name, struct slice value, struct sp_error *err), void *self);
/* Its name is name(first argument): the others are no expressions there. */
void sp_show_first(struct sp_resolve *x, const char *name);
const struct sp_type *sp_nullable(struct arena *a, const struct sp_type *t);

#endif
