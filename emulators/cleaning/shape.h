/* A value as the Delta table has it, for shape.c and seen.c. */
#ifndef TARN_SHAPE_H
#define TARN_SHAPE_H

#include "cleaning/cleaning.h"

/* Times and dates are numbers there, an array is its two elements. Returns how many values out has: 2 for an array. */
size_t clean_cell(struct arena *a, const struct delta_field *f, const struct clean_value *v, struct clean_value out[2]);

#endif
