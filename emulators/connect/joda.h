/* Times in object names as Joda-Time writes them: zones by its ids, patterns of DateTimeFormat, names of months and days as Java 17 has
 * them for a Locale, ISO texts as ISODateTimeFormat.dateTimeParser reads them. Times are milliseconds since 1970 in UTC.
 * Spec: joda.org/joda-time (DateTimeZone.forID, DateTimeFormat, ISODateTimeFormat). */
#ifndef TARN_CONNECT_JODA_H
#define TARN_CONNECT_JODA_H

#include "core/mem.h"
#include "core/err.h"

struct sp_zone;
struct joda_zone {
	const struct sp_zone *rules; /* NULL: one offset for ever */
	int64_t offset_ms;           /* of that one */
	char id[80];
};
/* A zone by its id; what it needs lives in a. Errors: INVALID, text as Joda's IllegalArgumentException has it. */
int joda_zone_make(struct arena *a, struct slice id, struct joda_zone *out, struct error *err) WARN_UNUSED;
int64_t joda_zone_offset(const struct joda_zone *z, int64_t ms); /* ms east of UTC */
int64_t joda_to_local(const struct joda_zone *z, int64_t ms);
/* Of a wall time that a zone leaves out, one on either side of the gap, as DateTimeZone.convertLocalToUTC has it when it isn't strict. */
int64_t joda_to_utc(const struct joda_zone *z, int64_t local_ms);
/* The start of the span of that many ms (over 0), counted on the zone's clock, in which a time lies; before 1970 it is the end, as there. */
int64_t joda_span(const struct joda_zone *z, int64_t duration_ms, int64_t ms);

/* Fields of a row: months|short months|days from Sunday|short days|halves|eras, each separated by tabs. */
struct joda_names {
	const char *language, *text;
};
extern const struct joda_names joda_names_1[], joda_names_2[]; /* locale_1.c, locale_2.c */
extern const size_t joda_names_1_n, joda_names_2_n;
/* Of new Locale(text): a language is known, anything else ("en-US" too) has the root's names. */
const struct joda_names *joda_names_of(struct slice locale);

/* Errors: INVALID, "Illegal pattern component: b". */
int joda_pattern_check(struct slice pattern, struct error *err) WARN_UNUSED;
/* Appends a time by a checked pattern. DIFFERS: names of zones (z) are English in every locale. */
void joda_print(struct slice pattern, const struct joda_zone *z, const struct joda_names *names, int64_t ms, struct buf *out);
/* An ISO text; without an offset it is the clock of UTC. Errors: INVALID, text as the exception's message. */
int joda_parse_iso(struct slice text, int64_t *ms, struct error *err) WARN_UNUSED;

/* Between joda.c and joda_zone.c: "+02", "+0200", "+02:30:15.123" at a place: a sign, two digits of hours, then minutes, seconds,
 * milliseconds as far as they go. Returns where it ends, or ~ of where it is wrong. */
ssize_t joda_offset(struct slice s, size_t at, int64_t *ms);
/* INVALID in the words of FormatUtils.createErrorMessage. */
int joda_malformed(struct slice text, size_t at, struct error *err);

#endif
