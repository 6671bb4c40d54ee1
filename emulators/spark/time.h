/* Times as Spark and Java have them: zones, days and microseconds to fields of the proleptic Gregorian calendar and back, texts that
 * casts read, texts that they print, truncation, intervals.
 *
 * Dates are days since 1970-01-01, timestamps microseconds since then in UTC, wall times (timestamp_ntz, "local" below) microseconds
 * since then on the clock of some zone. Where a zone is asked for, NULL is UTC. */
#ifndef TARN_SPARK_TIME_H
#define TARN_SPARK_TIME_H

#include "spark/value.h"

enum { SP_US = 1000000, SP_DAY_S = 86400 };
#define SP_DAY_US INT64_C(86400000000)

/* ---- zones: zone.c ---- */
struct sp_zone;
/* A zone by its name as ZoneId.of with Java's short ids and Spark's "+8:00" takes it: "UTC", "+01:00", "GMT+8", "PST",
 * "Europe/Paris" (read from /usr/share/zoneinfo). It lives in a and may be shared by threads. NULL: there is none of that name. */
const struct sp_zone *sp_zone_make(struct arena *a, struct slice name);
struct slice sp_zone_name(const struct sp_zone *z);       /* as current_timezone() shows it: as it was given */
struct slice sp_zone_id(const struct sp_zone *z);         /* as Java names it: "-05:00" for EST */
void sp_print_offset(struct buf *b, int32_t offset_s);    /* "+01:00", "Z" */
bool sp_zone_fixed(const struct sp_zone *z, int32_t *offset_s); /* whether it has one offset for ever */
int32_t sp_zone_offset(const struct sp_zone *z, int64_t us); /* seconds east of UTC at an instant */
/* "CET", full: "Central European Standard Time"; offsets as they are. Appended to b. zone_text.c */
void sp_zone_text(struct buf *b, const struct sp_zone *z, int64_t us, bool full);
/* The same for many instants that lie near each other: *near begins as zeros. */
struct sp_zone_near {
	int64_t from, to; /* us */
	int32_t offset;
};
int32_t sp_zone_offset_near(const struct sp_zone *z, int64_t us, struct sp_zone_near *near);
struct slice sp_zone_short(const struct sp_zone *z, int64_t us); /* as the database has it: "CET", "+03" */
/* The zone that a short or full name at the beginning of s means ("PST", "pacific daylight time"); absent: none. *n: how long it is. */
struct slice sp_zone_named(struct slice s, bool full, size_t *n);
int64_t sp_to_local(const struct sp_zone *z, int64_t us);
/* Of a wall time that comes twice the earlier instant, one that is left out moved on by the gap. */
int64_t sp_to_utc(const struct sp_zone *z, int64_t local_us);
/* The first instant of a day in a zone. */
int64_t sp_day_start(const struct sp_zone *z, int64_t days);
static inline int64_t sp_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}
static inline int64_t sp_floor_mod(int64_t a, int64_t b)
{
	return a % b < 0 ? a % b + b : a % b; /* b is above 0 */
}
static inline int32_t sp_day_of(const struct sp_zone *z, int64_t us)
{
	return (int32_t)sp_floor_div(z ? sp_to_local(z, us) : us, SP_DAY_US);
}

/* ---- the calendar: time.c ---- */
struct sp_fields {
	int64_t year;
	int month, day, hour, minute, second, us;
};
bool sp_is_leap(int64_t year);
int sp_month_days(int64_t year, int month);
int64_t sp_days(int64_t year, int month, int day); /* no check */
void sp_civil(int64_t days, int64_t *year, int *month, int *day);
bool sp_days_checked(int64_t year, int month, int day, int32_t *days); /* false: no such day, or not in 32 bits */
void sp_fields_of(int64_t local_us, struct sp_fields *f);
bool sp_local_of(const struct sp_fields *f, int64_t *local_us); /* false: no such time, or not in 64 bits */
int sp_day_of_week(int64_t days);  /* Monday 1 to Sunday 7 */
int sp_day_of_year(int64_t days);
int sp_iso_week(int64_t days, int64_t *year); /* year may be NULL */
/* Months added, the day cut to the month's last. */
bool sp_add_months(int32_t days, int64_t months, int32_t *out);
/* Months, then days, both on the zone's clock, then microseconds. false: overflow. */
bool sp_add_interval(const struct sp_zone *z, int64_t us, int64_t months, int64_t days, int64_t micros, int64_t *out);

enum sp_trunc { SP_TRUNC_BAD, SP_TRUNC_MICROSECOND, SP_TRUNC_MILLISECOND, SP_TRUNC_SECOND, SP_TRUNC_MINUTE, SP_TRUNC_HOUR, SP_TRUNC_DAY,
		SP_TRUNC_WEEK, SP_TRUNC_MONTH, SP_TRUNC_QUARTER, SP_TRUNC_YEAR };
enum sp_trunc sp_trunc_level(struct slice name); /* "yyyy", "MON", "week" ... */
int32_t sp_trunc_date(int32_t days, enum sp_trunc level);
int64_t sp_trunc_timestamp(const struct sp_zone *z, int64_t us, enum sp_trunc level);

/* ---- texts: time_text.c ---- */
/* As CAST(text AS DATE), AS TIMESTAMP, AS TIMESTAMP_NTZ read them; false: NULL, or an error with ANSI. now_us: for texts that are a
 * time alone. zone_allowed: a zone behind it is read over (to_timestamp_ntz); else such a text isn't one. */
bool sp_text_date(struct slice s, int32_t *days);
bool sp_text_timestamp(struct slice s, const struct sp_zone *z, int64_t now_us, int64_t *us);
bool sp_text_timestamp_ntz(struct slice s, bool zone_allowed, int64_t *local_us);
/* As DATE '...' and TIMESTAMP '...' read them: also epoch, now, today, yesterday, tomorrow. */
bool sp_literal_date(struct slice s, const struct sp_zone *z, int64_t now_us, int32_t *days);
bool sp_literal_timestamp(struct slice s, const struct sp_zone *z, int64_t now_us, int64_t *us);
bool sp_literal_timestamp_ntz(struct slice s, const struct sp_zone *z, int64_t now_us, int64_t *local_us);
/* Whether a text read by TIMESTAMP '...' names a zone (then it is no TIMESTAMP_NTZ, whatever spark.sql.timestampType says). */
bool sp_text_has_zone(struct slice s);
/* As CAST(x AS STRING) prints them: "2020-01-01", "2020-01-01 12:30:00.5". */
void sp_print_date(struct buf *b, int64_t days);
void sp_print_timestamp(struct buf *b, int64_t us, const struct sp_zone *z);
void sp_print_local(struct buf *b, int64_t local_us); /* timestamp_ntz */

/* ---- intervals: interval.c. Values of INTERVAL_YM are months, of INTERVAL_DT microseconds, of INTERVAL struct sp_calendar ---- */
enum sp_interval_style {
	SP_INTERVAL_ANSI, /* INTERVAL '1 02:00:00' DAY TO SECOND: CAST AS STRING, show() */
	SP_INTERVAL_HIVE, /* 1 02:00:00.000000000 */
};
void sp_print_interval(struct buf *b, const struct sp_type *t, const struct sp_value *v, enum sp_interval_style style);
/* "1 month 2 days -3.5 seconds", INTERVAL before it or not; any case. false: it isn't one; why (may be NULL) gets Spark's words for it,
 * in a: "Error parsing ' 1 foo' to interval, invalid unit 'foo'". */
bool sp_interval_units(struct slice text, struct sp_calendar *out, struct arena *a, struct slice *why);
/* The text of INTERVAL 'text' FIRST TO LAST (or FIRST alone: the same twice): months of year-month ones, microseconds of day-time ones.
 * day: whether fields are SP_DAY to SP_SECOND, else SP_YEAR, SP_MONTH. */
bool sp_interval_range(struct slice text, bool day, uint8_t first, uint8_t last, int64_t *out, struct arena *a, struct slice *why);
/* CAST(text AS INTERVAL ...), of any of the three kinds. false: it isn't one; then why says what Spark throws (IllegalArgumentException, no
 * class) with ANSI or without, or is absent: NULL. */
bool sp_text_interval(const struct sp_type *t, struct slice text, struct sp_value *out, struct arena *a, struct slice *why);
/* A number of one field as microseconds (day-time) or months: of CAST(3 AS INTERVAL DAY). false: overflow. */
bool sp_interval_of(const struct sp_type *t, int64_t number, int64_t *out);
/* The value cut to what its type's fields can say: INTERVAL DAY TO HOUR drops minutes, towards zero; YEAR drops months. */
int64_t sp_interval_cut(const struct sp_type *t, int64_t v);

#endif
