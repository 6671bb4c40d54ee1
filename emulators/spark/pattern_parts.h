/* What a pattern of times is made of: pattern.c makes and prints it, pattern_parse.c parses by it, pattern_old.c as SimpleDateFormat did. */
#ifndef TARN_SPARK_PATTERN_PARTS_H
#define TARN_SPARK_PATTERN_PARTS_H

#include "spark/pattern.h"

enum part_kind {
	PART_LITERAL,
	PART_NUMBER,
	PART_REDUCED,  /* yy: 2000 to 2099 */
	PART_FRACTION, /* S */
	PART_TEXT,
	PART_OFFSET,   /* X, x, Z */
	PART_GMT,      /* O, ZZZZ */
	PART_ZONE_ID,  /* VV */
	PART_ZONE_TEXT, /* z, v */
	PART_OPEN,     /* [ */
	PART_CLOSE,    /* ] */
};
enum part_sign { SIGN_NORMAL, SIGN_NONE, SIGN_EXCEEDS };
enum part_field { F_YEAR, F_YEAR_OF_ERA, F_ERA, F_MONTH, F_QUARTER, F_DAY, F_DAY_OF_YEAR, F_DAY_OF_WEEK, F_ALIGNED, F_AMPM, F_HOUR_AMPM,
		  F_CLOCK_AMPM, F_HOUR, F_CLOCK, F_MINUTE, F_SECOND, F_NANO, F_MODIFIED, F_COUNT };

struct part {
	enum part_kind kind;
	enum part_field field;
	enum part_sign sign;
	int min, max;
	int behind;        /* digits of the numbers right behind it; -1: it has a fixed width itself */
	bool full;         /* texts: "January"; else "Jan" */
	uint8_t form;      /* offsets: number of the form */
	const char *zero;  /* offsets: what stands for none */
	size_t close;      /* PART_OPEN: index of its PART_CLOSE */
	struct slice text; /* literals */
};
struct sp_pattern {
	struct slice text;  /* as it was given */
	enum sp_time_policy policy;
	bool parses;
	struct part *parts;
	size_t n, cap;
};

extern const char *const sp_month_names[12], *const sp_day_names[7]; /* January, Monday; the short ones are their first three letters */

/* The value of a field on a clock. */
int64_t sp_part_value(enum part_field f, const struct sp_fields *at, int64_t days);

/* ---- pattern_old.c ---- */
/* Whether SimpleDateFormat takes it; if not, err (may be NULL) says why. */
bool sp_old_pattern_ok(struct slice pattern, struct sp_error *err);
/* What SimpleDateFormat, not lenient, reads at the beginning of s: microseconds UTC. false: nothing. */
bool sp_old_parse(struct slice pattern, struct slice s, const struct sp_zone *z, int64_t *us);
/* The same, lenient: month 13 is the next January. */
bool sp_old_parse_lenient(struct slice pattern, struct slice s, const struct sp_zone *z, int64_t *us);
void sp_old_print(struct slice pattern, struct buf *b, int64_t us, const struct sp_zone *z);

#endif
