/* Cron expressions, intervals between their ticks, time zones as lists of offsets. */
#include <ctype.h>
#include <strings.h>

#include "airflow/airflow.h"

enum { MINUTE_MS = 60000, DAY_MS = 86400000, YEARS_AHEAD_DAYS = 8 * 366 };
#define ALL_DAYS UINT64_C(0xfffffffe)
enum { ALL_HOURS = 0xffffff, ALL_WEEKDAYS = 0x7f };

static const char *const month_names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
static const char *const day_names[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

struct field {
	int lo, hi;
	const char *const *names;
	size_t name_n;
	int first; /* value of names[0] */
};
static const struct field fields[5] = {
	{ 0, 59, NULL, 0, 0 }, { 0, 23, NULL, 0, 0 }, { 1, 31, NULL, 0, 0 }, { 1, 12, month_names, 12, 1 }, { 0, 7, day_names, 7, 0 },
};

static bool value_of(struct slice s, const struct field *f, int *out)
{
	int64_t v;
	if (sl_int(s, f->lo, f->hi, &v)) {
		*out = (int)v;
		return true;
	}
	for (size_t i = 0; i < f->name_n; i++) {
		if (!sl_eq_nocase(s, sl(f->names[i])))
			continue;
		*out = f->first + (int)i;
		return true;
	}
	return false;
}

/* One item of a list: "*", "a", "a-b", each with "/step". */
static bool item(struct slice s, const struct field *f, uint64_t *bits)
{
	struct slice range, step, from, to;
	int a = f->lo, b = f->hi == 7 ? 6 : f->hi;
	int64_t by = 1;
	bool stepped = sl_cut(s, '/', &range, &step);
	if (stepped && !sl_int(step, 1, 59, &by))
		return false;
	if (!sl_eqs(range, "*") && !sl_eqs(range, "?")) {
		bool ranged = sl_cut(range, '-', &from, &to);
		if (!value_of(from, f, &a))
			return false;
		if (ranged && !value_of(to, f, &b))
			return false;
		if (!ranged && !stepped)
			b = a;
	}
	if (f->hi == 7 && b < a) /* FRI-MON, or 5-0 */
		b += 7;
	else if (b < a) { /* 22-2 goes round */
		for (int v = a; v <= f->hi; v += (int)by)
			*bits |= 1ull << v;
		for (int v = f->lo; v <= b; v += (int)by)
			*bits |= 1ull << v;
		return true;
	}
	for (int v = a; v <= b; v += (int)by)
		*bits |= 1ull << (f->hi == 7 ? v % 7 : v);
	return true;
}

static bool list(struct slice s, const struct field *f, uint64_t *bits)
{
	struct slice one;
	while (s.p) {
		sl_cut(s, ',', &one, &s);
		if (!one.n || !item(one, f, bits))
			return false;
	}
	return true;
}

/* Weekdays, with "MON#2", and "L5", the last Friday of a month. */
static bool weekdays(struct slice s, struct af_cron *c)
{
	struct slice one, day, nth;
	while (s.p) {
		int64_t n;
		int d;
		sl_cut(s, ',', &one, &s);
		if (one.n > 1 && (one.p[0] | 32) == 'l') {
			if (!value_of(sl_from(one, 1), &fields[4], &d))
				return false;
			c->last_weekday |= (uint8_t)(1u << d % 7);
			continue;
		}
		if (!sl_cut(one, '#', &day, &nth)) {
			if (!one.n || !item(one, &fields[4], &c->weekdays))
				return false;
			continue;
		}
		if (!value_of(day, &fields[4], &d) || !sl_int(nth, 1, 5, &n))
			return false;
		c->nth[d % 7] |= (uint8_t)(1u << n);
	}
	return true;
}

static bool days(struct slice s, struct af_cron *c)
{
	struct slice one;
	while (s.p) {
		sl_cut(s, ',', &one, &s);
		if (sl_eq_nocase(one, S("l")))
			c->last_day = true;
		else if (!one.n || !item(one, &fields[2], &c->days))
			return false;
	}
	return true;
}

static bool bare(struct slice s)
{
	return sl_eqs(s, "*") || sl_eqs(s, "?");
}

static bool has_star(struct slice s)
{
	return sl_chr(s, '*') >= 0 || sl_chr(s, '?') >= 0;
}

bool af_cron_parse(struct slice text, struct af_cron *out, const char **why)
{
	struct slice part[6];
	size_t n = 0;
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < text.n;) {
		while (i < text.n && isspace((unsigned char)text.p[i]))
			i++;
		size_t from = i;
		while (i < text.n && !isspace((unsigned char)text.p[i]))
			i++;
		if (i > from && n < 6)
			part[n++] = sl_of(text.p + from, i - from);
	}
	*why = "Exactly 5 columns have to be specified for iterator expression.";
	if (n != 5)
		return false;
	*why = "a field is out of range or not understood";
	bool known = list(part[0], &fields[0], &out->minutes) && list(part[1], &fields[1], &out->hours) && days(part[2], out) &&
		     list(part[3], &fields[3], &out->months) && weekdays(part[4], out);
	/* croniter's rule: a field that takes all is a star only beside one that has a star in it. */
	out->any_day = bare(part[2]) || (out->days == ALL_DAYS && has_star(part[4]));
	out->any_weekday = bare(part[4]) || (out->weekdays == ALL_WEEKDAYS && has_star(part[2]));
	return known;
}

static bool day_matches(const struct af_cron *c, int64_t day)
{
	int y, m, d, y2, m2, d2, m7;
	clock_civil(day, &y, &m, &d);
	if (!(c->months >> m & 1))
		return false;
	clock_civil(day + 7, &y2, &m7, &d2);
	clock_civil(day + 1, &y2, &m2, &d2);
	int wd = (int)((day % 7 + 11) % 7);
	bool dom = (c->days >> d & 1) || (c->last_day && d2 == 1);
	bool dow = (c->weekdays >> wd & 1) || ((c->last_weekday >> wd & 1) && m7 != m) || (c->nth[wd] >> ((d - 1) / 7 + 1) & 1);
	if (c->any_day)
		return dow && dom;
	return c->any_weekday ? dom && dow : dom || dow;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && a < 0);
}

int64_t af_cron_next(const struct af_cron *c, int64_t at_ms)
{
	int64_t minute = floor_div(at_ms, MINUTE_MS) + 1, day = floor_div(minute, 1440), of_day = minute - day * 1440;
	for (int64_t end = day + YEARS_AHEAD_DAYS; day < end; day++, of_day = 0) {
		if (!day_matches(c, day))
			continue;
		for (int64_t h = of_day / 60; h < 24; h++) {
			if (!(c->hours >> h & 1))
				continue;
			for (int64_t m = h == of_day / 60 ? of_day % 60 : 0; m < 60; m++)
				if (c->minutes >> m & 1)
					return day * DAY_MS + (h * 60 + m) * MINUTE_MS;
		}
	}
	return -1;
}

int64_t af_cron_prev(const struct af_cron *c, int64_t at_ms)
{
	int64_t minute = floor_div(at_ms - 1, MINUTE_MS), day = floor_div(minute, 1440), of_day = minute - day * 1440;
	for (int64_t end = day - YEARS_AHEAD_DAYS; day > end; day--, of_day = 1439) {
		if (!day_matches(c, day))
			continue;
		for (int64_t h = of_day / 60; h >= 0; h--) {
			if (!(c->hours >> h & 1))
				continue;
			for (int64_t m = h == of_day / 60 ? of_day % 60 : 59; m >= 0; m--)
				if (c->minutes >> m & 1)
					return day * DAY_MS + (h * 60 + m) * MINUTE_MS;
		}
	}
	return -1;
}

/* ---- zones ---- */

static int64_t offset_at(const struct af_schedule *s, int64_t utc_ms)
{
	int64_t offset = s->zone_n ? s->zone[0].offset_ms : 0;
	for (size_t i = 0; i < s->zone_n && s->zone[i].from_ms <= utc_ms; i++)
		offset = s->zone[i].offset_ms;
	return offset;
}

/* A wall clock time that comes twice is the second; one that is skipped is moved by the skip. */
static int64_t to_utc(const struct af_schedule *s, int64_t local_ms)
{
	int64_t near = local_ms - offset_at(s, local_ms);
	int64_t before = offset_at(s, near - DAY_MS / 4), after = offset_at(s, near + DAY_MS / 4);
	return offset_at(s, local_ms - after) == after ? local_ms - after : local_ms - before;
}

/* A schedule of every hour goes on by elapsed time, so both of two equal hours have their tick; any other by the wall clock. */
int64_t af_sched_next(const struct af_schedule *s, int64_t at_ms)
{
	if (s->kind == SCHED_DELTA)
		return at_ms + s->delta_ms;
	int64_t from = at_ms + offset_at(s, at_ms), local = from;
	for (int i = 0; i < 200; i++) {
		local = af_cron_next(&s->cron, local);
		if (local < 0)
			return -1;
		if (s->cron.hours == ALL_HOURS)
			return at_ms + local - from;
		if (to_utc(s, local) > at_ms)
			return to_utc(s, local);
	}
	return -1;
}

int64_t af_sched_prev(const struct af_schedule *s, int64_t at_ms)
{
	if (s->kind == SCHED_DELTA)
		return at_ms - s->delta_ms;
	int64_t from = at_ms + offset_at(s, at_ms);
	if (s->cron.hours == ALL_HOURS) {
		int64_t before = af_cron_prev(&s->cron, from);
		return before < 0 ? -1 : at_ms - (from - before);
	}
	int64_t local = from + (s->zone_n ? 2 * 3600000 : 0);
	for (int i = 0; i < 400; i++) {
		local = af_cron_prev(&s->cron, local);
		if (local < 0)
			return -1;
		if (to_utc(s, local) < at_ms)
			return to_utc(s, local);
	}
	return -1;
}

/* ---- intervals ---- */

static int64_t align_next(const struct af_schedule *s, int64_t at_ms)
{
	return s->kind == SCHED_DELTA ? at_ms : af_sched_next(s, at_ms - 1);
}

static int64_t align_prev(const struct af_schedule *s, int64_t at_ms)
{
	return s->kind == SCHED_DELTA ? at_ms : af_sched_prev(s, at_ms + 1);
}

/* Start of the latest complete interval, but not before start_ms. */
static int64_t skip_to_latest(const struct af_schedule *s, int64_t start_ms, int64_t now_ms)
{
	int64_t fresh;
	if (s->kind == SCHED_DELTA) {
		fresh = now_ms - ((now_ms % s->delta_ms) + s->delta_ms) % s->delta_ms - s->delta_ms;
		return start_ms > fresh ? start_ms : fresh;
	}
	fresh = af_sched_prev(s, align_prev(s, now_ms));
	int64_t first = start_ms < 0 ? fresh : align_next(s, start_ms);
	return first > fresh ? first : fresh;
}

static bool once(const struct af_schedule *s, int64_t last_end_ms, int64_t start_ms, int64_t now_ms, struct af_interval *out)
{
	if (start_ms < 0 || (s->kind == SCHED_ONCE && last_end_ms >= 0))
		return false;
	*out = (struct af_interval){ start_ms, start_ms, start_ms };
	if (s->kind == SCHED_ONCE)
		return true;
	int64_t from = last_end_ms > start_ms ? last_end_ms : start_ms;
	int64_t to = now_ms > from ? now_ms : from;
	if (last_end_ms >= 0 && to < last_end_ms + 1000) /* the scheduler's beat: a run that takes no time is not the last of all */
		to = last_end_ms + 1000;
	*out = (struct af_interval){ from, to, to };
	return true;
}

/* A tick is its own interval; the first one is at or after start_date, or without catch-up the last one past. */
static bool ticks(const struct af_schedule *s, int64_t last_end_ms, int64_t start_ms, bool catchup, int64_t now_ms, struct af_interval *out)
{
	int64_t at = last_end_ms >= 0 ? af_sched_next(s, last_end_ms) : start_ms >= 0 ? align_next(s, start_ms) : align_next(s, now_ms);
	int64_t latest = align_prev(s, now_ms);
	if (!catchup && at < latest)
		at = latest;
	*out = (struct af_interval){ at, at, at };
	return at >= 0;
}

bool af_sched_interval(const struct af_schedule *s, int64_t last_end_ms, int64_t start_ms, int64_t end_ms, bool catchup, int64_t now_ms,
		    struct af_interval *out)
{
	if (s->kind == SCHED_NONE)
		return false;
	if (s->kind == SCHED_ONCE || s->kind == SCHED_CONTINUOUS)
		return once(s, last_end_ms, start_ms, now_ms, out);
	if (s->trigger)
		return ticks(s, last_end_ms, start_ms, catchup, now_ms, out) && (end_ms < 0 || out->start_ms <= end_ms);
	int64_t earliest = start_ms;
	if (!catchup)
		earliest = skip_to_latest(s, start_ms, now_ms);
	else if (start_ms >= 0)
		earliest = align_next(s, start_ms);
	int64_t start = earliest;
	if (last_end_ms >= 0) {
		start = align_prev(s, last_end_ms);
		start = earliest > start ? earliest : start;
	} else if (start_ms < 0) {
		return false;
	}
	if (start < 0 || (end_ms >= 0 && start > end_ms))
		return false;
	int64_t end = af_sched_next(s, start);
	*out = (struct af_interval){ start, end, end };
	return end >= 0;
}

struct af_interval af_sched_manual(const struct af_schedule *s, int64_t at_ms)
{
	if (s->kind == SCHED_DELTA)
		return (struct af_interval){ at_ms - s->delta_ms, at_ms, at_ms };
	if (s->kind != SCHED_CRON || s->trigger)
		return (struct af_interval){ at_ms, at_ms, at_ms };
	int64_t end = align_prev(s, at_ms), start = end < 0 ? -1 : af_sched_prev(s, end);
	return start < 0 ? (struct af_interval){ at_ms, at_ms, at_ms } : (struct af_interval){ start, end, at_ms };
}
