/* java.text.SimpleDateFormat, not lenient, in English: what Spark before 3.0 parsed and printed by. It is asked whether a text that the new
 * parser refuses was read before, and works itself under spark.sql.legacy.timeParserPolicy=LEGACY. Weeks begin on Sunday.
 * DIFFERS: it has no Julian calendar before October 1582. */
#include "spark/pattern_parts.h"

static const char letters[] = "GyMdkHmsSEDFwWahKzZYuXL";

struct piece { /* a run of a letter; letter 0: a literal */
	char letter;
	size_t n;
	struct slice text;
	bool quote; /* '' */
};

/* The next piece at *at. 1; 0: the end; -1: a letter that it doesn't know, or a quote that isn't closed. */
static int next_piece(struct slice p, size_t *at, bool *quoted, struct piece *x)
{
	size_t from = *at;
	*x = (struct piece){ 0 };
	while (from < p.n && p.p[from] == '\'') {
		if (from + 1 < p.n && p.p[from + 1] == '\'') { /* '' is a quote in either place */
			*x = (struct piece){ .text = sl_of(p.p + from, 1), .n = 1 };
			*at = from + 2;
			return 1;
		}
		*quoted = !*quoted;
		from++;
	}
	if (from >= p.n)
		return *quoted ? -1 : 0;
	x->text = sl_of(p.p + from, 1);
	x->n = 1;
	*at = from + 1;
	if (*quoted || !((p.p[from] | 32) >= 'a' && (p.p[from] | 32) <= 'z'))
		return 1;
	x->letter = p.p[from];
	if (!strchr(letters, x->letter))
		return -1;
	while (*at < p.n && p.p[*at] == x->letter)
		(*at)++;
	x->n = *at - from;
	return x->letter == 'X' && x->n > 3 ? -1 : 1;
}

bool sp_old_pattern_ok(struct slice pattern, struct sp_error *err)
{
	size_t at = 0;
	bool quoted = false;
	struct piece x;
	int rc;
	while ((rc = next_piece(pattern, &at, &quoted, &x)) > 0)
		;
	if (rc < 0 && err) {
		if (!x.letter)
			(void)sp_fail(err, SP_E_RUN, "", "", "Unterminated quote");
		else if (x.letter == 'X')
			(void)sp_fail(err, SP_E_RUN, "", "", "invalid ISO 8601 format: length=%zu", x.n);
		else
			(void)sp_fail(err, SP_E_RUN, "", "", "Illegal pattern character '%c'", x.letter);
		err->java = "java.lang.IllegalArgumentException";
	}
	return rc == 0;
}

/* ---- parsing ---- */

struct old {
	struct slice s;
	size_t at;
	struct sp_fields f;
	int64_t day_of_year, week_day;
	bool has_year, week_year, has_month, has_day, has_doy, pm, has_pm, has_hour, half, zoned, bc;
	bool summer;
	int32_t offset;
	struct slice zone;
	int64_t milli;
	bool bad;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* width 0: all digits that follow. */
static bool take_number(struct old *o, size_t width, int64_t *v, size_t *digits)
{
	bool minus = false;
	size_t n = 0;
	*v = 0;
	if (o->at < o->s.n && o->s.p[o->at] == '-' && !width) {
		minus = true;
		o->at++;
	}
	while (o->at < o->s.n && is_digit(o->s.p[o->at]) && (!width || n < width)) {
		*v = n < 18 ? *v * 10 + o->s.p[o->at] - '0' : INT64_MAX / 4;
		o->at++;
		n++;
	}
	*digits = n;
	if (minus)
		*v = -*v;
	return n > 0;
}

static bool take_name(struct old *o, const char *const *names, int n, int64_t *v)
{
	struct slice rest = sl_from(o->s, o->at);
	for (int full = 1; full >= 0; full--)
		for (int i = 0; i < n; i++) {
			struct slice name = sl(names[i]);
			name.n = full || name.n < 3 || n < 7 ? name.n : 3;
			if (sl_starts_nocase(rest, name)) {
				o->at += name.n;
				*v = i;
				return true;
			}
		}
	return false;
}

static bool is_summer(struct slice name)
{
	static const char *const others[] = { "WEST", "CEST", "EEST", "BST" };
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (sl_eq_nocase(name, sl(others[i])))
			return true;
	return name.n <= 4 ? name.n > 2 && (name.p[name.n - 2] | 32) == 'd'
			   : sl_find(name, S("Daylight")) >= 0 || sl_find(name, S("Summer")) >= 0;
}

/* +hhmm, +hh:mm, Z, GMT+h:mm, a name. */
static bool take_zone(struct old *o, char letter, size_t count)
{
	struct slice rest = sl_from(o->s, o->at), id;
	size_t n = 0;
	bool gmt = letter != 'X' && sl_starts_nocase(rest, S("GMT"));
	if (letter == 'X' && rest.n && rest.p[0] == 'Z') {
		o->at++;
		o->zoned = true;
		return true;
	}
	if (gmt)
		rest = sl_from(rest, 3);
	if (rest.n && (rest.p[0] == '+' || rest.p[0] == '-')) {
		int64_t v[2] = { 0 };
		size_t digits, from = o->at;
		o->at += 1 + (gmt ? 3 : 0);
		if (!take_number(o, 2, &v[0], &digits) || (digits < 2 && !gmt))
			return false;
		if (gmt || (letter == 'X' && count == 3)) {
			bool colon = o->at < o->s.n && o->s.p[o->at] == ':';
			if (!colon && !gmt)
				return false;
			o->at += colon;
		}
		if (!(letter == 'X' && count == 1) && !take_number(o, 2, &v[1], &digits) && !gmt)
			return false;
		if (v[0] > 23 || v[1] > 59) {
			o->at = from;
			return false;
		}
		o->offset = (int32_t)(v[0] * 3600 + v[1] * 60) * (rest.p[0] == '-' ? -1 : 1);
		o->zoned = true;
		return true;
	}
	if (gmt) {
		o->at += 3;
		o->zoned = true;
		return true;
	}
	if (letter == 'X')
		return false;
	id = sp_zone_named(rest, true, &n);
	if (!id.p)
		id = sp_zone_named(rest, false, &n);
	if (!id.p)
		return false;
	o->summer = is_summer(sl_of(rest.p, n));
	o->zone = n == 3 && sl_starts_nocase(rest, S("IST")) ? S("Asia/Jerusalem") : id;
	o->at += n;
	return true;
}

static bool take_field(struct old *o, const struct piece *x, bool abuts)
{
	static const char *const ampm[] = { "AM", "PM" }, *const eras[] = { "BC", "AD", "Before Christ", "Anno Domini" };
	int64_t v;
	size_t digits, from;
	while (o->at < o->s.n && (o->s.p[o->at] == ' ' || o->s.p[o->at] == '\t'))
		o->at++;
	from = o->at;
	if (o->at >= o->s.n)
		return false;
	if ((x->letter == 'M' || x->letter == 'L') && x->n > 2) {
		o->has_month = take_name(o, sp_month_names, 12, &v);
		o->f.month = (int)v + 1;
		return o->has_month;
	}
	if (x->letter == 'E')
		return take_name(o, sp_day_names, 7, &o->week_day);
	if (x->letter == 'a') {
		o->has_pm = take_name(o, ampm, 2, &v);
		o->pm = o->has_pm && v;
		return o->has_pm;
	}
	if (x->letter == 'G') {
		bool good = take_name(o, eras + 2, 2, &v) || take_name(o, eras, 2, &v);
		o->bc = good && !v;
		return good;
	}
	if (strchr("zZX", x->letter))
		return take_zone(o, x->letter, x->n);
	if (!take_number(o, abuts ? x->n : 0, &v, &digits))
		return false;
	if (v > INT32_MAX || v < INT32_MIN)
		return false;
	switch (x->letter) {
	case 'y':
	case 'Y':
		if (x->n <= 2 && digits == 2 && o->at - from == 2) /* of a century that began 80 years ago; now it's 2000 to 2099's most */
			v += v < 46 ? 2000 : 1900;
		o->f.year = v;
		o->has_year = true;
		o->week_year = x->letter == 'Y';
		break;
	case 'M':
	case 'L':
		o->f.month = (int)v;
		o->has_month = true;
		break;
	case 'd':
		o->f.day = (int)v;
		o->has_day = true;
		break;
	case 'D':
		o->day_of_year = v;
		o->has_doy = true;
		break;
	case 'H':
		o->f.hour = (int)v;
		o->has_hour = true;
		o->bad |= v > 23;
		break;
	case 'k':
		o->f.hour = v == 24 ? 0 : (int)v;
		o->has_hour = true;
		o->bad |= v < 1 || v > 24;
		break;
	case 'h':
	case 'K':
		o->f.hour = x->letter == 'h' && v == 12 ? 0 : (int)v;
		o->half = true;
		o->bad |= x->letter == 'h' ? v < 1 || v > 12 : v > 11;
		break;
	case 'm':
		o->f.minute = (int)v;
		break;
	case 's':
		o->f.second = (int)v;
		break;
	case 'S':
		o->f.us = (int)(v <= 999 ? v * 1000 : -1);
		o->milli = v;
		break;
	default: /* u, F, w, W: read, and left to the calendar */
		break;
	}
	return true;
}

/* Which day is meant: GregorianCalendar's order of what beats what. */
static bool find_day(struct old *o, int32_t *days)
{
	int64_t d = sp_days(o->f.year, 1, 1), y;
	int m, dd;
	if (o->week_year) { /* the first day of its first week */
		d -= sp_day_of_week(d) % 7;
	} else if (o->has_doy) {
		d += o->day_of_year - 1;
		if (o->day_of_year < 1 || o->day_of_year > 365 + sp_is_leap(o->f.year))
			return false;
		sp_civil(d, &y, &m, &dd);
		if ((o->has_month && m != o->f.month) || (o->has_day && dd != o->f.day))
			return false;
	} else {
		if (!sp_days_checked(o->f.year, o->f.month, o->f.day, days))
			return false;
		d = *days;
		if (o->week_day >= 0 && !o->has_day) /* the month's first such day */
			d += (o->week_day + 8 - sp_day_of_week(d)) % 7;
		else if (o->week_day >= 0 && o->week_day + 1 != sp_day_of_week(d))
			return false;
	}
	sp_civil(d, &o->f.year, &o->f.month, &o->f.day);
	*days = (int32_t)d;
	return d == *days;
}

/* The zone that the text named: the name says whether it's summer, not the date. */
static void find_offset(struct old *o, const struct sp_zone *z)
{
	struct arena a = { 0 };
	int32_t january, july;
	z = sp_zone_make(&a, o->zone);
	january = sp_zone_offset(z, sp_days(2020, 1, 1) * SP_DAY_US);
	july = sp_zone_offset(z, sp_days(2020, 7, 1) * SP_DAY_US);
	o->offset = (january > july) == o->summer ? january : july;
	o->zoned = true;
	arena_free(&a);
}

/* Numbers beyond their field count on in the next: month 13 is January. */
static bool finish_lenient(struct old *o, const struct sp_zone *z, int64_t *us)
{
	int64_t year = o->has_year ? o->f.year : 1970, month = (int64_t)o->f.month - 1, hour = o->f.hour, days, local;
	if (o->pm && (o->half || !o->has_hour))
		hour += 12;
	if (o->bc)
		year = 1 - year;
	year += month / 12 - (month % 12 < 0);
	month = (month % 12 + 12) % 12;
	if (year < -290000 || year > 290000)
		return false;
	days = sp_days(year, (int)month + 1, 1) + o->f.day - 1;
	if (o->has_doy)
		days = sp_days(year, 1, 1) + o->day_of_year - 1;
	else if (o->week_year)
		days = sp_days(year, 1, 1) - sp_day_of_week(sp_days(year, 1, 1)) % 7;
	else if (o->week_day >= 0 && !o->has_day)
		days += (o->week_day + 8 - sp_day_of_week(days)) % 7;
	local = days * SP_DAY_US + (hour * 3600 + (int64_t)o->f.minute * 60 + o->f.second) * SP_US + o->milli * 1000;
	if (o->zone.p)
		find_offset(o, z);
	*us = o->zoned ? local - (int64_t)o->offset * SP_US : sp_to_utc(z, local);
	return true;
}

static bool finish(struct old *o, const struct sp_zone *z, int64_t *us)
{
	int64_t local;
	int32_t days;
	if (o->bad)
		return false;
	if (o->pm && (o->half || !o->has_hour))
		o->f.hour += 12;
	if (!o->has_year)
		o->f.year = 1970;
	else if (o->bc)
		o->f.year = 1 - o->f.year;
	else if (o->f.year < 1)
		return false;
	if (!find_day(o, &days) || !sp_local_of(&o->f, &local))
		return false;
	if (o->zone.p)
		find_offset(o, z);
	*us = o->zoned ? local - (int64_t)o->offset * SP_US : sp_to_utc(z, local);
	return true;
}

static bool parse(struct slice pattern, struct slice s, const struct sp_zone *z, bool lenient, int64_t *us)
{
	struct old o = { .s = s, .f = { .month = 1, .day = 1 }, .week_day = -1 };
	size_t at = 0;
	bool quoted = false;
	struct piece x, next;
	int rc = next_piece(pattern, &at, &quoted, &x);
	while (rc > 0) {
		rc = next_piece(pattern, &at, &quoted, &next);
		if (!x.letter) {
			if (o.at >= s.n || s.p[o.at] != x.text.p[0])
				return false;
			o.at++;
		} else if (!take_field(&o, &x, rc > 0 && next.letter && !(strchr("ML", next.letter) && next.n > 2) && !strchr("EaGzZX", next.letter))) {
			return false;
		}
		x = next;
	}
	return rc == 0 && o.at && (lenient ? finish_lenient(&o, z, us) : finish(&o, z, us));
}

bool sp_old_parse(struct slice pattern, struct slice s, const struct sp_zone *z, int64_t *us)
{
	return parse(pattern, s, z, false, us);
}

bool sp_old_parse_lenient(struct slice pattern, struct slice s, const struct sp_zone *z, int64_t *us)
{
	return parse(pattern, s, z, true, us);
}

/* ---- printing ---- */

/* The week of a day in its month or year, weeks beginning on Sunday, the first holding day 1. */
static int week_of(int64_t days, int day)
{
	int first = sp_day_of_week(days - day + 1) % 7; /* Sunday 0 */
	return (day - 1 + first) / 7 + 1;
}

static void number(struct buf *b, int64_t v, size_t width)
{
	buf_addf(b, "%s%0*lld", v < 0 ? "-" : "", width > 40 ? 40 : (int)width, (long long)(v < 0 ? -v : v));
}

static void print_offset(struct buf *b, const struct piece *x, int32_t offset)
{
	int s = abs(offset);
	if (x->letter == 'X' && !offset)
		buf_addc(b, 'Z');
	else
		buf_addf(b, x->letter == 'X' && x->n == 3 ? "%c%02d:%02d" : "%c%02d%02d", offset < 0 ? '-' : '+', s / 3600, s / 60 % 60);
	if (x->letter == 'X' && x->n == 1 && offset)
		b->n -= 2;
}

static void print_piece(struct buf *b, const struct piece *x, const struct sp_fields *f, int64_t days, int64_t us, const struct sp_zone *z)
{
	int64_t year = f->year > 0 ? f->year : 1 - f->year;
	const char *name;
	switch (x->letter) {
	case 'G':
		buf_adds(b, f->year > 0 ? "AD" : "BC");
		break;
	case 'Y':
		if (f->month == 12 && f->day - 1 + (7 - sp_day_of_week(days) % 7) >= 31)
			year++; /* the week holds January 1 */
		/* fall through */
	case 'y':
		number(b, x->n == 2 ? year % 100 : year, x->n == 2 ? 2 : x->n);
		break;
	case 'M':
	case 'L':
		name = sp_month_names[f->month - 1];
		if (x->n > 2)
			buf_add(b, name, x->n > 3 ? strlen(name) : 3);
		else
			number(b, f->month, x->n);
		break;
	case 'E':
		name = sp_day_names[sp_day_of_week(days) - 1];
		buf_add(b, name, x->n > 3 ? strlen(name) : 3);
		break;
	case 'u':
		number(b, sp_day_of_week(days), x->n);
		break;
	case 'd':
		number(b, f->day, x->n);
		break;
	case 'D':
		number(b, sp_day_of_year(days), x->n);
		break;
	case 'F':
		number(b, (f->day - 1) / 7 + 1, x->n);
		break;
	case 'W':
		number(b, week_of(days, f->day), x->n);
		break;
	case 'w':
		number(b, f->month == 12 && f->day - 1 + (7 - sp_day_of_week(days) % 7) >= 31 ? 1 : week_of(days, sp_day_of_year(days)), x->n);
		break;
	case 'a':
		buf_adds(b, f->hour < 12 ? "AM" : "PM");
		break;
	case 'H':
		number(b, f->hour, x->n);
		break;
	case 'k':
		number(b, f->hour ? f->hour : 24, x->n);
		break;
	case 'K':
		number(b, f->hour % 12, x->n);
		break;
	case 'h':
		number(b, (f->hour + 11) % 12 + 1, x->n);
		break;
	case 'm':
		number(b, f->minute, x->n);
		break;
	case 's':
		number(b, f->second, x->n);
		break;
	case 'S':
		number(b, f->us / 1000, x->n);
		break;
	case 'z':
		if (sp_zone_id(z).p[0] == '+' || sp_zone_id(z).p[0] == '-')
			buf_adds(b, "GMT");
		sp_zone_text(b, z, us, x->n > 3);
		break;
	case 'Z':
	case 'X':
		print_offset(b, x, sp_zone_offset(z, us));
		break;
	default:
		buf_addsl(b, x->text);
	}
}

void sp_old_print(struct slice pattern, struct buf *b, int64_t us, const struct sp_zone *z)
{
	int64_t local = sp_to_local(z, us);
	struct sp_fields f;
	size_t at = 0;
	bool quoted = false;
	struct piece x;
	sp_fields_of(local, &f);
	while (next_piece(pattern, &at, &quoted, &x) > 0)
		print_piece(b, &x, &f, sp_floor_div(local, SP_DAY_US), us, z);
}
