/* Patterns of times as java.time.format.DateTimeFormatter has them and Spark allows: "yyyy-MM-dd HH:mm:ss[.SSS]", "d/M/yy", "EEE". */
#ifndef TARN_SPARK_PATTERN_H
#define TARN_SPARK_PATTERN_H

#include "spark/expr.h"
#include "spark/time.h"

enum sp_pattern_use { SP_PATTERN_PARSE, SP_PATTERN_FORMAT };
enum sp_time_policy { SP_POLICY_EXCEPTION, SP_POLICY_CORRECTED, SP_POLICY_LEGACY };
/* spark.sql.legacy.timeParserPolicy of a session. */
enum sp_time_policy sp_time_policy_of(const struct sp_context *cx);

struct sp_pattern;
/* A pattern made ready, in a; it may be shared by threads. NULL: Spark refuses it, and err says how. */
struct sp_pattern *sp_pattern_make(struct arena *a, struct slice pattern, enum sp_pattern_use use, enum sp_time_policy policy,
				   struct sp_error *err) WARN_UNUSED;
/* What a text says by the pattern. 1: it is read; 0: it doesn't match; -1: it doesn't, but the old parser would have read it: an error
 * under the policy EXCEPTION (sp_pattern_upgrade raises it), NULL under others.
 * Fields that it doesn't have are those of 1970-01-01 00:00. */
int sp_pattern_date(const struct sp_pattern *p, struct slice s, int32_t *days);
int sp_pattern_timestamp(const struct sp_pattern *p, struct slice s, const struct sp_zone *z, int64_t *us);
int sp_pattern_ntz(const struct sp_pattern *p, struct slice s, bool zone_allowed, int64_t *local_us);
/* INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER for a text. Gives back 1. */
int sp_pattern_upgrade(struct sp_error *err, struct slice text);
/* What java.time says of a text that doesn't match: "Text 'x' could not be parsed at index 0". */
void sp_pattern_why(const struct sp_pattern *p, struct slice s, struct buf *b);
/* Appends an instant (or, with z NULL, a wall time) in a zone by the pattern. Nonzero: the pattern asks for what isn't there (a zone of
 * a wall time), and err says so. */
int sp_pattern_print(const struct sp_pattern *p, struct buf *b, int64_t us, const struct sp_zone *z, struct sp_error *err) WARN_UNUSED;

#endif
