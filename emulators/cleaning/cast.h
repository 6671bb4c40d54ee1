/* Values and their casts, for apply.c. */
#ifndef TARN_CAST_H
#define TARN_CAST_H

#include "cleaning/cleaning.h"

static const struct clean_value null_value;

static inline struct clean_value text_value(struct slice s)
{
	return s.p ? (struct clean_value){ .kind = CLEAN_TEXT, .text = s } : null_value;
}

static inline struct clean_value int_value(int64_t i)
{
	return (struct clean_value){ .kind = CLEAN_INT, .i = i };
}

/* Each: null for what can't be one. */
struct clean_value cast_int(const struct clean_value *v); /* 32 bits; a fraction is cut */
struct clean_value cast_real(const struct clean_value *v);
struct clean_value cast_bool(const struct clean_value *v);
struct clean_value cast_timestamp(struct arena *a, const struct clean_value *v); /* text "YYYY-MM-DD HH:MM:SS[.ffffff]" */
struct clean_value cast_date(const struct clean_value *timestamp);               /* its "YYYY-MM-DD" */
struct clean_value cast_year(const struct clean_value *timestamp);

#endif
