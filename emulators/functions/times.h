/* What functions of times, arrays and maps share. */
#ifndef TARN_FUNCTIONS_TIMES_H
#define TARN_FUNCTIONS_TIMES_H

#include "functions/kernel.h"
#include "spark/pattern.h"
#include "spark/time.h"

static inline const struct sp_zone *sp_zone_of(const struct sp_call *c)
{
	return c->run->cx->zone;
}
/* Of the call's own: the zone of a name, the last one kept. NULL: unknown, and run->err says so. state of the call: struct sp_zone_kept. */
struct sp_zone_kept {
	struct slice name;
	const struct sp_zone *zone;
};
const struct sp_zone *sp_zone_by_name(struct sp_call *c, struct sp_zone_kept *kept, struct slice name);
/* The same for patterns. */
struct sp_pattern_kept {
	struct slice text;
	struct sp_pattern *pattern;
};
const struct sp_pattern *sp_pattern_by_text(struct sp_call *c, struct sp_pattern_kept *kept, struct slice text, enum sp_pattern_use use);
/* java.lang.ArithmeticException: "long overflow" or "integer overflow", without a class of Spark's. */
int sp_java_overflow(struct sp_call *c, bool wide);
/* "Cannot resolve ... Parameter i requires the "X" type, however ..." for argument i. Gives NULL. */
const struct sp_type *sp_bad_type(struct sp_resolve *x, size_t i, const char *wanted);
/* For an error that's about to be said: the call shows as one of another name. */
void sp_shown_as(struct sp_resolve *x, const char *name);

#endif
