/* Texts by a pattern: java.time's strict parsing and resolving, then the values that Spark takes for what is missing. */
#include "spark/pattern_parts.h"

struct seen {
	uint32_t set;             /* bit by field */
	int64_t value[F_COUNT];
	bool zoned, has_offset;
	int32_t offset;
	struct slice zone;        /* a region's name */
};
struct parser {
	const struct sp_pattern *p;
	struct slice s;
	struct seen seen;
	struct arena *a; /* of zones that a text names */
	size_t bad_at;   /* where the last part began that didn't match */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A field twice must be the same twice. */
static bool put(struct parser *r, enum part_field f, int64_t v)
{
	if (r->seen.set & 1u << f)
		return r->seen.value[f] == v;
	r->seen.set |= 1u << f;
	r->seen.value[f] = v;
	return true;
}

static ssize_t parse_number(struct parser *r, const struct part *x, size_t at)
{
	struct slice s = r->s;
	bool minus = false, plus = false;
	size_t pos, most = (size_t)x->max + (x->behind > 0 ? (size_t)x->behind : 0), min_end;
	uint64_t total = 0;
	if (at >= s.n)
		return -1;
	if (s.p[at] == '+') {
		if (x->sign != SIGN_EXCEEDS)
			return -1;
		plus = true;
		at++;
	} else if (s.p[at] == '-') {
		if (x->sign == SIGN_NONE)
			return -1;
		minus = true;
		at++;
	}
	min_end = at + (size_t)x->min;
	if (min_end > s.n)
		return -1;
	for (pos = at; pos < s.n && pos - at < most && is_digit(s.p[pos]);)
		pos++;
	if (pos < min_end)
		return -1;
	if (x->behind > 0) { /* the digits that belong to the numbers behind are left to them */
		size_t all = pos - at, mine = all > (size_t)x->behind ? all - (size_t)x->behind : 0;
		pos = at + (mine > (size_t)x->min ? mine : (size_t)x->min);
	}
	if (pos - at > 18)
		return -1;
	for (size_t i = at; i < pos; i++)
		total = total * 10 + (uint64_t)(s.p[i] - '0');
	if (minus && !total)
		return -1;
	if (!minus && x->sign == SIGN_EXCEEDS && (plus ? pos - at <= (size_t)x->min : pos - at > (size_t)x->min))
		return -1;
	if (x->kind == PART_REDUCED)
		total += 2000;
	return put(r, x->field, minus ? -(int64_t)total : (int64_t)total) ? (ssize_t)pos : -1;
}

static ssize_t parse_fraction(struct parser *r, const struct part *x, size_t at)
{
	size_t n = 0;
	int64_t v = 0;
	while (n < (size_t)x->max && at + n < r->s.n && is_digit(r->s.p[at + n]))
		v = v * 10 + r->s.p[at + n++] - '0';
	if (n < (size_t)x->min)
		return -1;
	for (size_t i = n; i < 9; i++)
		v *= 10;
	return put(r, F_NANO, v) ? (ssize_t)(at + n) : -1;
}

static ssize_t parse_text(struct parser *r, const struct part *x, size_t at)
{
	static const char *const ampm[] = { "AM", "PM" }, *const eras[] = { "BC", "AD" }, *const eras_full[] = { "Before Christ", "Anno Domini" };
	struct slice rest = sl_from(r->s, at);
	const char *const *list = x->field == F_MONTH ? sp_month_names : x->field == F_AMPM ? ampm : x->full ? eras_full : eras;
	int n = x->field == F_MONTH ? 12 : 2;
	for (int i = 0; i < n; i++) {
		struct slice name = sl(list[i]);
		if (x->field == F_MONTH && !x->full)
			name.n = 3;
		if (sl_starts_nocase(rest, name))
			return put(r, x->field, i + (x->field == F_MONTH)) ? (ssize_t)(at + name.n) : -1;
	}
	return -1;
}

static bool two_digits(struct slice s, size_t at, int32_t *v)
{
	if (at + 2 > s.n || !is_digit(s.p[at]) || !is_digit(s.p[at + 1]))
		return false;
	*v = (s.p[at] - '0') * 10 + s.p[at + 1] - '0';
	return true;
}

static ssize_t put_offset(struct parser *r, int32_t offset, size_t at)
{
	if (r->seen.has_offset && r->seen.offset != offset)
		return -1;
	if (offset > 18 * 3600 || offset < -18 * 3600)
		return -1;
	r->seen.has_offset = true;
	r->seen.offset = offset;
	return (ssize_t)at;
}

static ssize_t parse_offset(struct parser *r, const struct part *x, size_t at)
{
	struct slice s = r->s, rest = sl_from(s, at);
	int32_t part[3] = { 0 };
	bool colon = x->form == 3 || x->form == 5;
	if (rest.n && (rest.p[0] == '+' || rest.p[0] == '-')) {
		size_t i = at + 1;
		bool good = two_digits(s, i, &part[0]);
		i += 2;
		for (int k = 1; good && k < (x->form > 3 ? 3 : 2); k++) {
			bool there = (!colon || (i < s.n && s.p[i] == ':')) && two_digits(s, i + colon, &part[k]);
			if (there)
				i += 2 + (size_t)colon;
			else if (k == 2 || x->form == 1)
				break;
			else
				good = false;
		}
		if (good && part[1] < 60 && part[2] < 60) {
			int32_t v = part[0] * 3600 + part[1] * 60 + part[2];
			return put_offset(r, rest.p[0] == '-' ? -v : v, i);
		}
	}
	return sl_starts_nocase(rest, sl(x->zero)) ? put_offset(r, 0, at + strlen(x->zero)) : -1;
}

/* GMT, GMT+8, GMT+8:30; full: GMT+08:30. */
static ssize_t parse_gmt(struct parser *r, const struct part *x, size_t at)
{
	struct slice s = r->s;
	int32_t h = 0, m = 0;
	size_t i = at + 3;
	bool minus;
	if (!sl_starts_nocase(sl_from(s, at), S("GMT")))
		return -1;
	if (i >= s.n || (s.p[i] != '+' && s.p[i] != '-'))
		return put_offset(r, 0, i);
	minus = s.p[i++] == '-';
	if (two_digits(s, i, &h))
		i += 2;
	else if (!x->full && i < s.n && is_digit(s.p[i]))
		h = s.p[i++] - '0';
	else
		return -1;
	if (i < s.n && s.p[i] == ':' && two_digits(s, i + 1, &m))
		i += 3;
	else if (x->full)
		return -1;
	return m < 60 ? put_offset(r, (minus ? -1 : 1) * (h * 3600 + m * 60), i) : -1;
}

/* "europe/paris" -> "Europe/Paris": Java finds regions in either case. */
static struct slice titled(struct slice id, char room[64])
{
	for (size_t i = 0; i < id.n; i++) {
		bool first = i == 0 || strchr("/_-", id.p[i - 1]), letter = (id.p[i] | 32) >= 'a' && (id.p[i] | 32) <= 'z';
		room[i] = !letter ? id.p[i] : first ? (char)(id.p[i] & ~32) : (char)(id.p[i] | 32);
	}
	return sl_of(room, id.n);
}

static ssize_t put_zone(struct parser *r, struct slice zone, size_t at)
{
	if (r->seen.zoned && !sl_eq(r->seen.zone, zone))
		return -1;
	r->seen.zoned = true;
	r->seen.zone = arena_dup(r->a, zone);
	return (ssize_t)at;
}

/* ZoneIdPrinterParser: +hh:mm[:ss]; UTC, UT, GMT and perhaps that behind; the longest region's name; Z. z: names as well. */
static ssize_t parse_zone(struct parser *r, const struct part *x, size_t at)
{
	static const struct part id_offset = { .kind = PART_OFFSET, .form = 5, .zero = "\n" };
	struct slice s = sl_from(r->s, at), name;
	size_t n = 0, named = 0, prefix = sl_starts_nocase(s, S("UTC")) || sl_starts_nocase(s, S("GMT")) ? 3 : sl_starts_nocase(s, S("UT")) ? 2 : 0;
	char room[64];
	if (s.n && (s.p[0] == '+' || s.p[0] == '-' || prefix)) {
		struct seen before = r->seen;
		ssize_t end;
		if (prefix == 3 && (s.p[0] | 32) == 'g' && s.n > 3 && s.p[3] == '0')
			return put_zone(r, S("GMT0"), at + 4);
		end = parse_offset(r, &id_offset, at + prefix);
		if (end < 0 && !prefix)
			return -1;
		r->seen = before;
		return put_zone(r, sl_of(s.p, end < 0 ? prefix : (size_t)end - at), end < 0 ? at + prefix : (size_t)end);
	}
	while (n < s.n && n < sizeof(room) && (is_digit(s.p[n]) || ((s.p[n] | 32) >= 'a' && (s.p[n] | 32) <= 'z') || strchr("~/._+-", s.p[n])))
		n++;
	name = x->kind == PART_ZONE_TEXT ? sp_zone_named(s, x->full, &named) : sl(NULL);
	for (; n > named && n > 3; n--) {
		struct slice id = sl_of(s.p, n), same = titled(id, room);
		if (sp_zone_make(r->a, id))
			return put_zone(r, id, at + n);
		if (sp_zone_make(r->a, same))
			return put_zone(r, same, at + n);
	}
	if (name.p)
		return put_zone(r, name, at + named);
	/* CET, MET, EET ... are regions; what else has three letters are short ids, which aren't read */
	if (n == 3 && sp_zone_make(r->a, sl_of(s.p, 3)) && s.p[1] == 'E' && s.p[2] == 'T')
		return put_zone(r, sl_of(s.p, 3), at + 3);
	return s.n && (s.p[0] | 32) == 'z' ? put_zone(r, S("Z"), at + 1) : -1;
}

static ssize_t parse_part(struct parser *r, const struct part *x, size_t at)
{
	switch (x->kind) {
	case PART_LITERAL:
		return sl_starts_nocase(sl_from(r->s, at), x->text) ? (ssize_t)(at + x->text.n) : -1;
	case PART_NUMBER:
	case PART_REDUCED:
		return parse_number(r, x, at);
	case PART_FRACTION:
		return parse_fraction(r, x, at);
	case PART_TEXT:
		return parse_text(r, x, at);
	case PART_OFFSET:
		return parse_offset(r, x, at);
	case PART_GMT:
		return parse_gmt(r, x, at);
	case PART_ZONE_ID:
	case PART_ZONE_TEXT:
		return parse_zone(r, x, at);
	case PART_OPEN:
	case PART_CLOSE:
		break;
	}
	return (ssize_t)at;
}

/* Parts from..to-1 at a place; -1: they don't match. What is in brackets and doesn't is left out; it's never tried without if it does. */
static ssize_t parse_parts(struct parser *r, size_t from, size_t to, size_t at)
{
	ssize_t pos = (ssize_t)at;
	for (size_t i = from; i < to && pos >= 0; i++) {
		const struct part *x = &r->p->parts[i];
		if (x->kind == PART_OPEN) {
			struct seen before = r->seen;
			ssize_t end = parse_parts(r, i + 1, x->close, (size_t)pos);
			if (end < 0)
				r->seen = before;
			else
				pos = end;
			i = x->close;
		} else {
			r->bad_at = (size_t)pos;
			pos = parse_part(r, x, (size_t)pos);
		}
	}
	return pos;
}

static bool has(const struct seen *x, enum part_field f)
{
	return x->set & 1u << f;
}

static bool in_ranges(const struct seen *x)
{
	static const struct {
		int64_t lo, hi;
	} ranges[F_COUNT] = { [F_YEAR] = { -999999999, 999999999 }, [F_YEAR_OF_ERA] = { 1, 999999999 }, [F_ERA] = { 0, 1 }, [F_MONTH] = { 1, 12 },
			      [F_QUARTER] = { 1, 4 }, [F_DAY] = { 1, 31 }, [F_DAY_OF_YEAR] = { 1, 366 }, [F_DAY_OF_WEEK] = { 1, 7 },
			      [F_ALIGNED] = { 1, 7 }, [F_AMPM] = { 0, 1 }, [F_HOUR_AMPM] = { 0, 11 }, [F_CLOCK_AMPM] = { 1, 12 },
			      [F_HOUR] = { 0, 23 }, [F_CLOCK] = { 1, 24 }, [F_MINUTE] = { 0, 59 }, [F_SECOND] = { 0, 59 },
			      [F_NANO] = { 0, 999999999 }, [F_MODIFIED] = { INT32_MIN, INT32_MAX } };
	for (int f = 0; f < F_COUNT; f++)
		if (has(x, f) && (x->value[f] < ranges[f].lo || x->value[f] > ranges[f].hi))
			return false;
	return true;
}

static bool resolve_date(struct seen *x, int32_t *days)
{
	int64_t year = 1970;
	int month = has(x, F_MONTH) ? (int)x->value[F_MONTH] : 1, day = has(x, F_DAY) ? (int)x->value[F_DAY] : 1;
	bool yeared = has(x, F_YEAR) || has(x, F_YEAR_OF_ERA);
	if (has(x, F_YEAR))
		year = x->value[F_YEAR];
	else if (has(x, F_YEAR_OF_ERA))
		year = has(x, F_ERA) && !x->value[F_ERA] ? 1 - x->value[F_YEAR_OF_ERA] : x->value[F_YEAR_OF_ERA];
	if (has(x, F_YEAR) && has(x, F_YEAR_OF_ERA) && x->value[F_YEAR_OF_ERA] != (year > 0 ? year : 1 - year))
		return false;
	if (has(x, F_MODIFIED)) {
		*days = (int32_t)(x->value[F_MODIFIED] - 40587);
		return !yeared && !has(x, F_MONTH) && !has(x, F_DAY);
	}
	if (has(x, F_DAY_OF_YEAR) && !(has(x, F_MONTH) && has(x, F_DAY))) {
		int64_t d = sp_days(year, 1, 1) + x->value[F_DAY_OF_YEAR] - 1, y;
		int m, dd;
		if (x->value[F_DAY_OF_YEAR] > 365 + sp_is_leap(year))
			return false;
		sp_civil(d, &y, &m, &dd);
		if ((has(x, F_MONTH) && m != month) || (has(x, F_DAY) && dd != day) || d != (int32_t)d)
			return false;
		*days = (int32_t)d;
		return true;
	}
	if (!sp_days_checked(year, month, day, days))
		return false;
	return !(has(x, F_DAY_OF_YEAR) && yeared) || sp_day_of_year(*days) == x->value[F_DAY_OF_YEAR];
}

static bool resolve_time(const struct seen *x, int64_t *us)
{
	int64_t hour = 0;
	bool half = has(x, F_CLOCK_AMPM) || has(x, F_HOUR_AMPM);
	int64_t of_half = has(x, F_CLOCK_AMPM) ? x->value[F_CLOCK_AMPM] % 12 : x->value[F_HOUR_AMPM];
	if (has(x, F_CLOCK_AMPM) && has(x, F_HOUR_AMPM) && x->value[F_CLOCK_AMPM] % 12 != x->value[F_HOUR_AMPM])
		return false;
	if (has(x, F_HOUR) || has(x, F_CLOCK)) {
		hour = has(x, F_HOUR) ? x->value[F_HOUR] : x->value[F_CLOCK] % 24;
		if (has(x, F_HOUR) && has(x, F_CLOCK) && x->value[F_CLOCK] % 24 != hour)
			return false;
		if ((half && of_half != hour % 12) || (has(x, F_AMPM) && x->value[F_AMPM] != hour / 12))
			return false;
	} else if (half) {
		hour = of_half + (has(x, F_AMPM) ? x->value[F_AMPM] * 12 : 0);
	} else if (has(x, F_AMPM)) {
		hour = x->value[F_AMPM] * 12;
	}
	*us = ((hour * 60 + (has(x, F_MINUTE) ? x->value[F_MINUTE] : 0)) * 60 + (has(x, F_SECOND) ? x->value[F_SECOND] : 0)) * SP_US +
	      (has(x, F_NANO) ? x->value[F_NANO] / 1000 : 0);
	return true;
}

/* Whole text to the fields and the wall time. */
static bool read_all(struct parser *r, int64_t *local_us)
{
	int32_t days;
	int64_t us, whole;
	if (parse_parts(r, 0, r->p->n, 0) != (ssize_t)r->s.n || !in_ranges(&r->seen) || !resolve_date(&r->seen, &days) ||
	    !resolve_time(&r->seen, &us))
		return false;
	return !__builtin_mul_overflow((int64_t)days, SP_DAY_US, &whole) && !__builtin_add_overflow(whole, us, local_us);
}

static int no_match(const struct sp_pattern *p, struct slice s, const struct sp_zone *z)
{
	int64_t us;
	return p->policy == SP_POLICY_EXCEPTION && sp_old_parse(p->text, s, z, &us) ? -1 : 0;
}

int sp_pattern_timestamp(const struct sp_pattern *p, struct slice s, const struct sp_zone *z, int64_t *us)
{
	struct arena a = { 0 };
	struct parser r = { .p = p, .s = s, .a = &a };
	int64_t local;
	if (p->policy == SP_POLICY_LEGACY)
		return sp_old_parse(p->text, s, z, us);
	if (!read_all(&r, &local)) {
		arena_free(&a);
		return no_match(p, s, z);
	}
	if (r.seen.zoned) {
		z = sp_zone_make(&a, r.seen.zone);
		*us = sp_to_utc(z, local);
		if (r.seen.has_offset) /* both: the offset says which of two instants it is */
			*us = local - (int64_t)r.seen.offset * SP_US;
	} else {
		*us = r.seen.has_offset ? local - (int64_t)r.seen.offset * SP_US : sp_to_utc(z, local);
	}
	arena_free(&a);
	return 1;
}

int sp_pattern_ntz(const struct sp_pattern *p, struct slice s, bool zone_allowed, int64_t *local_us)
{
	struct arena a = { 0 };
	struct parser r = { .p = p, .s = s, .a = &a };
	bool good;
	if (p->policy == SP_POLICY_LEGACY)
		return sp_old_parse(p->text, s, NULL, local_us);
	good = read_all(&r, local_us);
	arena_free(&a);
	if (!good)
		return no_match(p, s, NULL);
	return zone_allowed || (!r.seen.zoned && !r.seen.has_offset);
}

int sp_pattern_date(const struct sp_pattern *p, struct slice s, int32_t *days)
{
	int64_t local;
	int rc = sp_pattern_ntz(p, s, true, &local);
	if (rc == 1)
		*days = (int32_t)sp_floor_div(local, SP_DAY_US);
	return rc;
}

void sp_pattern_why(const struct sp_pattern *p, struct slice s, struct buf *b)
{
	struct arena a = { 0 };
	struct parser r = { .p = p, .s = s, .a = &a };
	ssize_t end = p->policy == SP_POLICY_LEGACY ? -1 : parse_parts(&r, 0, p->n, 0);
	int month = (int)r.seen.value[F_MONTH], day = (int)r.seen.value[F_DAY];
	if (p->policy == SP_POLICY_LEGACY)
		buf_addf(b, "Unparseable date: \"%.*s\"", SL(s));
	else if (end < 0)
		buf_addf(b, "Text '%.*s' could not be parsed at index %zu", SL(s), r.bad_at);
	else if (end != (ssize_t)s.n)
		buf_addf(b, "Text '%.*s' could not be parsed, unparsed text found at index %zd", SL(s), end);
	else if (has(&r.seen, F_MONTH) && (month < 1 || month > 12))
		buf_addf(b, "Text '%.*s' could not be parsed: Invalid value for MonthOfYear (valid values 1 - 12): %d", SL(s), month);
	else if (has(&r.seen, F_DAY) && (day < 1 || day > 31))
		buf_addf(b, "Text '%.*s' could not be parsed: Invalid value for DayOfMonth (valid values 1 - 28/31): %d", SL(s), day);
	else if (has(&r.seen, F_HOUR) && r.seen.value[F_HOUR] > 23)
		buf_addf(b, "Text '%.*s' could not be parsed: Invalid value for HourOfDay (valid values 0 - 23): %d", SL(s),
			 (int)r.seen.value[F_HOUR]);
	else if (has(&r.seen, F_MINUTE) && r.seen.value[F_MINUTE] > 59)
		buf_addf(b, "Text '%.*s' could not be parsed: Invalid value for MinuteOfHour (valid values 0 - 59): %d", SL(s),
			 (int)r.seen.value[F_MINUTE]);
	else if (has(&r.seen, F_SECOND) && r.seen.value[F_SECOND] > 59)
		buf_addf(b, "Text '%.*s' could not be parsed: Invalid value for SecondOfMinute (valid values 0 - 59): %d", SL(s),
			 (int)r.seen.value[F_SECOND]);
	else if (has(&r.seen, F_MONTH) && has(&r.seen, F_DAY) && month == 2 && day == 29)
		buf_addf(b, "Text '%.*s' could not be parsed: Invalid date 'February 29' as '%lld' is not a leap year", SL(s),
			 (long long)r.seen.value[F_YEAR]);
	else if (has(&r.seen, F_MONTH) && has(&r.seen, F_DAY)) {
		buf_addf(b, "Text '%.*s' could not be parsed: Invalid date '", SL(s));
		for (const char *c = sp_month_names[month - 1]; *c; c++)
			buf_addc(b, *c >= 'a' ? (char)(*c & ~32) : *c);
		buf_addf(b, " %d'", day);
	} else {
		buf_addf(b, "Text '%.*s' could not be parsed", SL(s));
	}
	arena_free(&a);
}
