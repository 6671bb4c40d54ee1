/* The proleptic Gregorian calendar, fields of times, truncation. */
#include "spark/time.h"

enum { YEAR_MAX = 999999999 }; /* java.time.Year.MAX_VALUE */

bool sp_is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int sp_month_days(int64_t year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return days[month - 1] + (month == 2 && sp_is_leap(year));
}

int64_t sp_days(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = sp_floor_div(y, 400);
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Days of 400 years that begin in March, in 32 bits: this is the hot part of year() and month(). */
void sp_civil(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = z >= 0 ? z / 146097 : (z - 146096) / 146097;
	uint32_t of_era = (uint32_t)(z - era * 146097);
	uint32_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint32_t of_year = of_era - (365 * y + y / 4 - y / 100);
	uint32_t m = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int64_t)y + era * 400 + (*month <= 2);
}

bool sp_days_checked(int64_t year, int month, int day, int32_t *days)
{
	int64_t d;
	if (year > YEAR_MAX || year < -YEAR_MAX || month < 1 || month > 12 || day < 1 || day > sp_month_days(year, month))
		return false;
	d = sp_days(year, month, day);
	if (d != (int32_t)d)
		return false;
	*days = (int32_t)d;
	return true;
}

void sp_fields_of(int64_t local_us, struct sp_fields *f)
{
	int64_t days = sp_floor_div(local_us, SP_DAY_US);
	int64_t us = sp_floor_mod(local_us, SP_DAY_US);
	int s = (int)(us / SP_US);
	sp_civil(days, &f->year, &f->month, &f->day);
	f->us = (int)(us % SP_US);
	f->hour = s / 3600;
	f->minute = s / 60 % 60;
	f->second = s % 60;
}

bool sp_local_of(const struct sp_fields *f, int64_t *local_us)
{
	int32_t days;
	int64_t s, us;
	if (!sp_days_checked(f->year, f->month, f->day, &days) || f->hour < 0 || f->hour > 23 || f->minute < 0 || f->minute > 59 ||
	    f->second < 0 || f->second > 59 || f->us < 0 || f->us >= SP_US)
		return false;
	s = (int64_t)days * SP_DAY_S + f->hour * 3600 + f->minute * 60 + f->second;
	/* The least second has a part of its microseconds in 64 bits only: with the next second it's above it. */
	if (s < 0 && f->us > 0) {
		if (__builtin_mul_overflow(s + 1, (int64_t)SP_US, &us) || __builtin_add_overflow(us, f->us - SP_US, &us))
			return false;
	} else if (__builtin_mul_overflow(s, (int64_t)SP_US, &us) || __builtin_add_overflow(us, f->us, &us)) {
		return false;
	}
	*local_us = us;
	return true;
}

int sp_day_of_week(int64_t days)
{
	return (int)sp_floor_mod(days + 3, 7) + 1;
}

int sp_day_of_year(int64_t days)
{
	int64_t year;
	int m, d;
	sp_civil(days, &year, &m, &d);
	return (int)(days - sp_days(year, 1, 1)) + 1;
}

int sp_iso_week(int64_t days, int64_t *year)
{
	int64_t thursday = days - sp_day_of_week(days) + 4, y;
	int m, d;
	sp_civil(thursday, &y, &m, &d);
	if (year)
		*year = y;
	return (int)(thursday - sp_days(y, 1, 1)) / 7 + 1;
}

bool sp_add_months(int32_t days, int64_t months, int32_t *out)
{
	int64_t year, total;
	int m, d, most;
	sp_civil(days, &year, &m, &d);
	total = year * 12 + m - 1 + months;
	year = sp_floor_div(total, 12);
	m = (int)sp_floor_mod(total, 12) + 1;
	if (year > YEAR_MAX || year < -YEAR_MAX)
		return false;
	most = sp_month_days(year, m);
	return sp_days_checked(year, m, d < most ? d : most, out);
}

bool sp_add_interval(const struct sp_zone *z, int64_t us, int64_t months, int64_t days, int64_t micros, int64_t *out)
{
	if (months || days) {
		int64_t local = sp_to_local(z, us);
		int64_t day = sp_floor_div(local, SP_DAY_US), rest = sp_floor_mod(local, SP_DAY_US);
		int32_t moved = (int32_t)day;
		if (months && !sp_add_months(moved, months, &moved))
			return false;
		day = moved + days;
		if (__builtin_mul_overflow(day, SP_DAY_US, &local) || __builtin_add_overflow(local, rest, &local))
			return false;
		us = sp_to_utc(z, local);
	}
	return !__builtin_add_overflow(us, micros, out);
}

enum sp_trunc sp_trunc_level(struct slice name)
{
	static const struct {
		const char *name;
		enum sp_trunc level;
	} names[] = {
		{ "microsecond", SP_TRUNC_MICROSECOND }, { "millisecond", SP_TRUNC_MILLISECOND }, { "second", SP_TRUNC_SECOND },
		{ "minute", SP_TRUNC_MINUTE }, { "hour", SP_TRUNC_HOUR }, { "day", SP_TRUNC_DAY }, { "dd", SP_TRUNC_DAY },
		{ "week", SP_TRUNC_WEEK }, { "mon", SP_TRUNC_MONTH }, { "month", SP_TRUNC_MONTH }, { "mm", SP_TRUNC_MONTH },
		{ "quarter", SP_TRUNC_QUARTER }, { "year", SP_TRUNC_YEAR }, { "yyyy", SP_TRUNC_YEAR }, { "yy", SP_TRUNC_YEAR },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(name, sl(names[i].name)))
			return names[i].level;
	return SP_TRUNC_BAD;
}

int32_t sp_trunc_date(int32_t days, enum sp_trunc level)
{
	int64_t year;
	int m, d;
	if (level < SP_TRUNC_WEEK)
		return days;
	if (level == SP_TRUNC_WEEK)
		return days - sp_day_of_week(days) + 1;
	sp_civil(days, &year, &m, &d);
	if (level == SP_TRUNC_MONTH)
		return days - d + 1;
	return (int32_t)sp_days(year, level == SP_TRUNC_YEAR ? 1 : (m - 1) / 3 * 3 + 1, 1);
}

int64_t sp_trunc_timestamp(const struct sp_zone *z, int64_t us, enum sp_trunc level)
{
	static const int64_t units[] = { [SP_TRUNC_MICROSECOND] = 1, [SP_TRUNC_MILLISECOND] = 1000, [SP_TRUNC_SECOND] = SP_US,
					 [SP_TRUNC_MINUTE] = INT64_C(60000000), [SP_TRUNC_HOUR] = INT64_C(3600000000) };
	int64_t local;
	if (level <= SP_TRUNC_SECOND)
		return (int64_t)((uint64_t)us - (uint64_t)sp_floor_mod(us, level == SP_TRUNC_BAD ? 1 : units[level]));
	local = z ? sp_to_local(z, us) : us;
	if (level <= SP_TRUNC_HOUR) /* by the clock there: its offset may be no whole hour */
		return us - sp_floor_mod(local, units[level]);
	return sp_day_start(z, sp_trunc_date((int32_t)sp_floor_div(local, SP_DAY_US), level));
}
