/* What data points say of an alarm. */
#ifndef TARN_AWS_ALARM_RULE_H
#define TARN_AWS_ALARM_RULE_H

#include "core/mem.h"

enum alarm_state { ALARM_OK, ALARM_ALARM, ALARM_UNKNOWN, ALARM_AS_IT_WAS };
enum alarm_missing { MISSING_MISSING, MISSING_IGNORE, MISSING_BREACHING, MISSING_NOT_BREACHING };
struct alarm_rule {
	size_t periods, needed;     /* needed of so many that breach */
	enum alarm_missing missing;
	const char *compare;        /* ComparisonOperator */
	double threshold;
};
enum { ALARM_MORE_PERIODS = 2 }; /* older points than those asked for, which stand in for missing ones */
/* "GreaterThanThreshold" and its kin. */
bool alarm_compare_known(const char *compare);
bool alarm_breaches(const struct alarm_rule *r, double v);
/* v: periods + ALARM_MORE_PERIODS points, the oldest first, NAN where there is none. used: those that it went by, the latest first
 * (periods of them at most); used_n: how many. */
enum alarm_state alarm_judge(const struct alarm_rule *r, const double *v, size_t *used, size_t *used_n);

#endif
