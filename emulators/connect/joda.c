#include "connect/joda.h"

#include "spark/time.h"

/* ---- names ---- */

const struct joda_names *joda_names_of(struct slice locale)
{
	for (size_t i = 1; i < joda_names_1_n; i++)
		if (sl_eq_nocase(locale, sl(joda_names_1[i].language)))
			return &joda_names_1[i];
	for (size_t i = 0; i < joda_names_2_n; i++)
		if (sl_eq_nocase(locale, sl(joda_names_2[i].language)))
			return &joda_names_2[i];
	return &joda_names_1[0];
}

enum list { MONTHS, SHORT_MONTHS, DAYS, SHORT_DAYS, HALVES, ERAS };

static struct slice name(const struct joda_names *names, enum list list, int at)
{
	struct slice rest = sl(names->text), out = S("");
	for (int i = 0; i <= (int)list; i++)
		sl_cut(rest, '\t', &out, &rest);
	for (rest = out; at >= 0; at--)
		sl_cut(rest, '|', &out, &rest);
	return out;
}

/* ---- patterns ---- */

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

int joda_pattern_check(struct slice p, struct error *err)
{
	if (!p.n)
		return err_set(err, ERR_INVALID, "Invalid pattern specification: Pattern is null or empty");
	for (size_t i = 0, n; i < p.n; i += n) {
		n = 1;
		if (p.p[i] == '\'') {
			while (i + n < p.n && p.p[i + n] != '\'')
				n++;
			n++;
			continue;
		}
		if (!is_letter(p.p[i]))
			continue;
		while (i + n < p.n && p.p[i + n] == p.p[i])
			n++;
		if (!strchr("GCYxweEyDMdaKhHkmsSzZ", p.p[i]))
			return err_set(err, ERR_INVALID, "Illegal pattern component: %.*s", (int)n, p.p + i);
	}
	return 0;
}

struct moment {
	const struct joda_zone *zone;
	const struct joda_names *names;
	int64_t ms, days; /* days: on the zone's clock */
	int64_t year;
	int month, day, in_day; /* in_day: ms */
};

static void print_number(struct buf *b, int64_t v, int width)
{
	if (v < 0)
		buf_addc(b, '-');
	buf_addf(b, "%0*lld", width, (long long)(v < 0 ? -v : v));
}

static void print_offset(struct buf *b, const struct moment *t, int width)
{
	int64_t v = joda_zone_offset(t->zone, t->ms), u = v < 0 ? -v : v;
	if (width > 2) {
		buf_adds(b, t->zone->id);
		return;
	}
	buf_addf(b, "%c%02d%s%02d", v < 0 ? '-' : '+', (int)(u / 3600000), width == 2 ? ":" : "", (int)(u / 60000 % 60));
}

static void print_zone_name(struct buf *b, const struct moment *t, int width)
{
	if (t->zone->rules)
		sp_zone_text(b, t->zone->rules, t->ms * 1000, width > 3);
	else if (t->zone->offset_ms)
		buf_adds(b, t->zone->id);
	else
		buf_adds(b, width > 3 ? "Coordinated Universal Time" : "UTC");
}

static void print_fraction(struct buf *b, int ms, int width)
{
	int shown = width < 3 ? width : 3, v = ms;
	for (int i = shown; i < 3; i++)
		v /= 10;
	buf_addf(b, "%0*d", shown, v);
	for (int i = 3; i < width; i++)
		buf_addc(b, '0');
}

static void print_year(struct buf *b, char letter, const struct moment *t, int width)
{
	int64_t year = t->year;
	if (letter == 'x')
		(void)sp_iso_week(t->days, &year);
	if (letter == 'Y' && year <= 0) /* of its era */
		year = 1 - year;
	if (width == 2)
		print_number(b, (year < 0 ? -year : year) % 100, 2);
	else
		print_number(b, year, width);
}

static void print_field(struct buf *b, char letter, int width, const struct moment *t)
{
	int hour = t->in_day / 3600000, weekday = sp_day_of_week(t->days);
	int64_t of_era = t->year <= 0 ? 1 - t->year : t->year;
	switch (letter) {
	case 'G': buf_addsl(b, name(t->names, ERAS, t->year > 0)); break;
	case 'C': print_number(b, of_era / 100, width); break;
	case 'Y': case 'y': case 'x': print_year(b, letter, t, width); break;
	case 'w': print_number(b, sp_iso_week(t->days, NULL), width); break;
	case 'e': print_number(b, weekday, width); break;
	case 'E': buf_addsl(b, name(t->names, width > 3 ? DAYS : SHORT_DAYS, weekday % 7)); break;
	case 'D': print_number(b, sp_day_of_year(t->days), width); break;
	case 'M':
		if (width > 2)
			buf_addsl(b, name(t->names, width > 3 ? MONTHS : SHORT_MONTHS, t->month - 1));
		else
			print_number(b, t->month, width);
		break;
	case 'd': print_number(b, t->day, width); break;
	case 'a': buf_addsl(b, name(t->names, HALVES, hour / 12)); break;
	case 'K': print_number(b, hour % 12, width); break;
	case 'h': print_number(b, hour % 12 ? hour % 12 : 12, width); break;
	case 'H': print_number(b, hour, width); break;
	case 'k': print_number(b, hour ? hour : 24, width); break;
	case 'm': print_number(b, t->in_day / 60000 % 60, width); break;
	case 's': print_number(b, t->in_day / 1000 % 60, width); break;
	case 'S': print_fraction(b, t->in_day % 1000, width); break;
	case 'z': print_zone_name(b, t, width); break;
	case 'Z': print_offset(b, t, width); break;
	}
}

void joda_print(struct slice p, const struct joda_zone *z, const struct joda_names *names, int64_t ms, struct buf *out)
{
	struct moment t = { .zone = z, .names = names, .ms = ms };
	int64_t local = joda_to_local(z, ms);
	t.days = sp_floor_div(local, 86400000);
	t.in_day = (int)(local - t.days * 86400000);
	sp_civil(t.days, &t.year, &t.month, &t.day);
	for (size_t i = 0, n; i < p.n; i += n) {
		n = 1;
		if (is_letter(p.p[i])) {
			while (i + n < p.n && p.p[i + n] == p.p[i])
				n++;
			print_field(out, p.p[i], n > 99 ? 99 : (int)n, &t);
		} else if (p.p[i] != '\'') {
			buf_addc(out, p.p[i]);
		} else if (i + 1 < p.n && p.p[i + 1] == '\'') {
			buf_addc(out, '\'');
			n = 2;
		} else { /* to the next quote that isn't doubled */
			for (; i + n < p.n && (p.p[i + n] != '\'' || (i + n + 1 < p.n && p.p[i + n + 1] == '\'')); n++) {
				buf_addc(out, p.p[i + n]);
				n += p.p[i + n] == '\'';
			}
			n++;
		}
	}
}

/* ---- ISO texts ---- */

enum { YEAR, WEEK_YEAR, MONTH, DAY, DAY_OF_YEAR, WEEK, WEEKDAY, HOUR, MINUTE, SECOND, MILLIS, OFFSET, FIELD_N };
struct iso {
	struct slice s;
	bool has[FIELD_N];
	int64_t v[FIELD_N];
};

/* Up to most digits, where a literal stands before them; -1: they aren't there. A sign where signs says so. */
static ssize_t field(struct iso *p, size_t at, const char *before, int which, size_t most)
{
	size_t k = strlen(before), from, n = 0;
	bool minus = false;
	if (at + k > p->s.n || !sl_eq_nocase(sl_of(p->s.p + at, k), sl(before)))
		return -1;
	from = at + k;
	if ((which == YEAR || which == WEEK_YEAR) && from < p->s.n && (p->s.p[from] == '-' || p->s.p[from] == '+'))
		minus = p->s.p[from++] == '-';
	int64_t v = 0;
	for (; n < most && from + n < p->s.n && p->s.p[from + n] >= '0' && p->s.p[from + n] <= '9'; n++)
		v = v * 10 + p->s.p[from + n] - '0';
	if (!n)
		return -1;
	p->has[which] = true;
	p->v[which] = minus ? -v : v;
	return (ssize_t)(from + n);
}

/* [.,] and digits, as part of a unit of that many ms. */
static size_t fraction(struct iso *p, size_t at, int64_t unit)
{
	int64_t digits = 0, scale = 1;
	size_t n = 1;
	if (at >= p->s.n || (p->s.p[at] != '.' && p->s.p[at] != ','))
		return at;
	for (; n <= 9 && at + n < p->s.n && p->s.p[at + n] >= '0' && p->s.p[at + n] <= '9'; n++) {
		digits = digits * 10 + p->s.p[at + n] - '0';
		scale *= 10;
	}
	if (n == 1)
		return at;
	p->has[MILLIS] = true;
	p->v[MILLIS] = digits * unit / scale;
	return at + n;
}

static size_t time_of_day(struct iso *p, size_t at)
{
	ssize_t next = field(p, at, "", HOUR, 2);
	if (next < 0)
		return at;
	at = (size_t)next;
	if ((next = field(p, at, ":", MINUTE, 2)) < 0)
		return fraction(p, at, 3600000);
	at = (size_t)next;
	if ((next = field(p, at, ":", SECOND, 2)) < 0)
		return fraction(p, at, 60000);
	return fraction(p, (size_t)next, 1000);
}

static size_t offset(struct iso *p, size_t at)
{
	ssize_t end;
	if (at < p->s.n && (p->s.p[at] == 'Z' || p->s.p[at] == 'z')) {
		p->v[OFFSET] = 0;
		return at + 1;
	}
	end = joda_offset(p->s, at, &p->v[OFFSET]);
	return end < 0 ? at : (size_t)end;
}

/* Of the three forms of a date the one that goes furthest, the first of equal ones. 0: none. */
static size_t date(struct iso *p)
{
	struct iso forms[3] = { *p, *p, *p };
	size_t end[3] = { 0 }, best = 0;
	ssize_t at = field(&forms[0], 0, "", YEAR, 9), next;
	if (at < 0)
		return 0;
	end[0] = (size_t)at;
	if ((next = field(&forms[0], end[0], "-", MONTH, 2)) > 0) {
		end[0] = (size_t)next;
		if ((next = field(&forms[0], end[0], "-", DAY, 2)) > 0)
			end[0] = (size_t)next;
	}
	(void)field(&forms[1], 0, "", WEEK_YEAR, 9);
	if ((next = field(&forms[1], (size_t)at, "-W", WEEK, 2)) > 0) {
		end[1] = (size_t)next;
		if ((next = field(&forms[1], end[1], "-", WEEKDAY, 1)) > 0)
			end[1] = (size_t)next;
	}
	(void)field(&forms[2], 0, "", YEAR, 9);
	if ((next = field(&forms[2], (size_t)at, "-", DAY_OF_YEAR, 3)) > 0)
		end[2] = (size_t)next;
	for (size_t i = 1; i < 3; i++)
		if (end[i] > end[best])
			best = i;
	*p = forms[best];
	return end[best];
}

static int out_of_range(const struct iso *p, int64_t v, const char *what, int64_t lo, int64_t hi, struct error *err)
{
	return err_set(err, ERR_INVALID, "Cannot parse \"%.*s\": Value %lld for %s must be in the range [%lld,%lld]", SL(p->s), (long long)v, what,
		       (long long)lo, (long long)hi);
}

/* Days since 1970. */
static int days_of(const struct iso *p, int64_t *days, struct error *err)
{
	enum { YEAR_MIN = -292275054, YEAR_MAX = 292278993 };
	int64_t year = p->has[WEEK_YEAR] ? p->v[WEEK_YEAR] : p->v[YEAR], month = p->has[MONTH] ? p->v[MONTH] : 1, day = p->has[DAY] ? p->v[DAY] : 1;
	*days = 0;
	if (!p->has[YEAR] && !p->has[WEEK_YEAR])
		return 0;
	if (year < YEAR_MIN || year > YEAR_MAX)
		return out_of_range(p, year, p->has[WEEK_YEAR] ? "weekyear" : "year", YEAR_MIN, YEAR_MAX, err);
	if (p->has[WEEK_YEAR]) {
		int64_t fourth = sp_days(year, 1, 4), first = fourth - (sp_day_of_week(fourth) - 1), last = sp_days(year, 12, 28);
		int64_t weeks = sp_iso_week(last, NULL), weekday = p->has[WEEKDAY] ? p->v[WEEKDAY] : 1;
		if (p->v[WEEK] < 1 || p->v[WEEK] > weeks)
			return out_of_range(p, p->v[WEEK], "weekOfWeekyear", 1, weeks, err);
		if (weekday < 1 || weekday > 7)
			return out_of_range(p, weekday, "dayOfWeek", 1, 7, err);
		*days = first + (p->v[WEEK] - 1) * 7 + weekday - 1;
		return 0;
	}
	if (p->has[DAY_OF_YEAR]) {
		int64_t n = sp_is_leap(year) ? 366 : 365;
		if (p->v[DAY_OF_YEAR] < 1 || p->v[DAY_OF_YEAR] > n)
			return out_of_range(p, p->v[DAY_OF_YEAR], "dayOfYear", 1, n, err);
		*days = sp_days(year, 1, 1) + p->v[DAY_OF_YEAR] - 1;
		return 0;
	}
	if (month < 1 || month > 12)
		return out_of_range(p, month, "monthOfYear", 1, 12, err);
	if (day < 1 || day > sp_month_days(year, (int)month))
		return out_of_range(p, day, "dayOfMonth", 1, sp_month_days(year, (int)month), err);
	*days = sp_days(year, (int)month, (int)day);
	return 0;
}

int joda_parse_iso(struct slice text, int64_t *ms, struct error *err)
{
	struct iso p = { .s = text };
	size_t at = date(&p), furthest = at;
	int64_t days;
	int rc;
	if (at < text.n && (text.p[at] == 'T' || text.p[at] == 't')) {
		size_t end = time_of_day(&p, at + 1);
		furthest = at + 1;
		if (at || end > at + 1) /* without a date there is a time */
			at = furthest = offset(&p, end);
	}
	if (at < text.n || !text.n)
		return joda_malformed(text, furthest, err);
	if ((rc = days_of(&p, &days, err)))
		return rc;
	if (p.v[HOUR] > 23)
		return out_of_range(&p, p.v[HOUR], "hourOfDay", 0, 23, err);
	if (p.v[MINUTE] > 59)
		return out_of_range(&p, p.v[MINUTE], "minuteOfHour", 0, 59, err);
	if (p.v[SECOND] > 59)
		return out_of_range(&p, p.v[SECOND], "secondOfMinute", 0, 59, err);
	*ms = days * 86400000 + p.v[HOUR] * 3600000 + p.v[MINUTE] * 60000 + p.v[SECOND] * 1000 + p.v[MILLIS] - p.v[OFFSET];
	return 0;
}
