#include "cloudwatch/alarm_rule.h"

#include <math.h>

bool alarm_compare_known(const char *compare)
{
	return strstr(compare, "ThanThreshold") || strstr(compare, "ThanOrEqualToThreshold");
}

bool alarm_breaches(const struct alarm_rule *r, double v)
{
	bool greater = !strncmp(r->compare, "Greater", 7), equal = strstr(r->compare, "OrEqual") != NULL;
	return v == r->threshold ? equal : greater ? v > r->threshold : v < r->threshold;
}

/* Too few points, and nothing is said of those that aren't there: what there is decides, if it can. */
static enum alarm_state judge_few(const struct alarm_rule *r, size_t real, size_t breaching)
{
	if (r->missing == MISSING_IGNORE)
		return breaching >= r->needed ? ALARM_ALARM : real - breaching > r->periods - r->needed ? ALARM_OK : ALARM_AS_IT_WAS;
	if (!real)
		return ALARM_UNKNOWN;
	return breaching == real || breaching >= r->needed ? ALARM_ALARM : ALARM_OK;
}

enum alarm_state alarm_judge(const struct alarm_rule *r, const double *v, size_t *used, size_t *used_n)
{
	size_t all = r->periods + ALARM_MORE_PERIODS, breaching = 0, real = 0;
	for (size_t i = all; i && real < r->periods; i--) {
		if (isnan(v[i - 1]))
			continue;
		used[real++] = i - 1;
		breaching += alarm_breaches(r, v[i - 1]);
	}
	*used_n = real;
	if (real < r->periods && (r->missing == MISSING_MISSING || r->missing == MISSING_IGNORE))
		return judge_few(r, real, breaching);
	if (r->missing == MISSING_BREACHING)
		breaching += r->periods - real;
	return breaching >= r->needed ? ALARM_ALARM : ALARM_OK;
}
