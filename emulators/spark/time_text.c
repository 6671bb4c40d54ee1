/* Texts to times as Spark's casts read them (SparkDateTimeUtils), and times to texts. */
#include "spark/time.h"

static bool is_space(char c) /* isWhitespaceOrISOControl of a byte */
{
	return (unsigned char)c <= 0x20 || c == 0x7f;
}

static struct slice trim(struct slice s)
{
	while (s.n && is_space(s.p[0]))
		s = sl_from(s, 1);
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool sp_text_date(struct slice s, int32_t *days)
{
	int64_t part[3] = { 1, 1, 1 }, value = 0;
	int i = 0, digits = 0, sign = 1;
	size_t at = 0;
	s = trim(s);
	if (!s.n)
		return false;
	if (s.p[0] == '-' || s.p[0] == '+') {
		sign = s.p[0] == '-' ? -1 : 1;
		at = 1;
	}
	for (;; at++) {
		bool end = at >= s.n || s.p[at] == ' ' || s.p[at] == 'T', dash = !end && s.p[at] == '-' && i < 2;
		if (end || dash) {
			if (i == 0 ? digits < 4 || digits > 7 : digits < 1 || digits > 2)
				return false;
			part[i] = value;
			if (end)
				break;
			i++;
			value = digits = 0;
		} else if (s.p[at] < '0' || s.p[at] > '9' || digits > 7) {
			return false;
		} else {
			value = value * 10 + s.p[at] - '0';
			digits++;
		}
	}
	if (i < 2 && at < s.n)
		return false;
	return sp_days_checked(sign * part[0], (int)part[1], (int)part[2], days);
}

/* What parseTimestampString finds. */
struct parsed {
	int64_t part[7]; /* year, month, day, hour, minute, second, microsecond */
	bool time_only;
	struct slice zone; /* absent: none */
};
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, MICRO, ZONE };

struct reader {
	int i, digits;
	int64_t value;
	struct parsed *out;
};

/* Ends a part; false: it hasn't the right number of digits. */
static bool close_part(struct reader *r)
{
	int d = r->digits;
	bool good = r->i == MICRO || (r->i == YEAR ? d >= 4 && d <= 6 : r->i == ZONE ? d <= 2 : d > 0 && d <= 2);
	if (r->i == MICRO)
		for (int k = d; k < 6; k++)
			r->value *= 10;
	if (r->i < ZONE)
		r->out->part[r->i] = r->value;
	r->value = r->digits = 0;
	return good;
}

static bool take_mark(struct reader *r, struct slice s, size_t *at, bool signed_year)
{
	char c = s.p[*at];
	if (r->i < DAY) {
		if (r->i == YEAR && c == ':' && !signed_year) { /* 12:30 */
			r->out->time_only = true;
			r->i = HOUR;
			if (!close_part(r))
				return false;
			r->out->part[YEAR] = 1;
			r->i = MINUTE;
			return true;
		}
		if (c != '-' || !close_part(r))
			return false;
		r->i++;
		return true;
	}
	if (r->i == DAY ? c == ' ' || c == 'T' : r->i < SECOND ? c == ':' : r->i == SECOND && c == '.') {
		if (!close_part(r))
			return false;
		r->i++;
		return true;
	}
	if (r->i != SECOND && r->i != MICRO)
		return false;
	if (!close_part(r))
		return false;
	r->i = ZONE;
	r->out->zone = sl_from(s, *at);
	*at = s.n - 1;
	return true;
}

static bool parse(struct slice whole, struct parsed *out)
{
	struct reader r = { .out = out };
	struct slice s = trim(whole);
	size_t at = 0;
	bool signed_year = false;
	int sign = 1;
	*out = (struct parsed){ .part = { 1, 1, 1 } };
	if (!s.n)
		return false;
	if (s.p[0] == '-' || s.p[0] == '+') {
		signed_year = true;
		sign = s.p[0] == '-' ? -1 : 1;
		at = 1;
	}
	for (; at < s.n; at++) {
		char c = s.p[at];
		if (c >= '0' && c <= '9') {
			if (r.i != MICRO || r.digits < 6)
				r.value = r.value * 10 + c - '0';
			r.digits++;
			if (r.i != MICRO && r.digits > 6)
				return false;
		} else if (at == 0 && c == 'T' && s.p == whole.p) {
			out->time_only = true;
			r.i = HOUR;
		} else if (!take_mark(&r, s, &at, signed_year)) {
			return false;
		}
	}
	if (!close_part(&r))
		return false;
	out->part[YEAR] *= sign;
	return true;
}

static bool to_local(const struct parsed *p, const int32_t *today, int64_t *local)
{
	struct sp_fields f = { .year = p->part[YEAR], .month = (int)p->part[MONTH], .day = (int)p->part[DAY], .hour = (int)p->part[HOUR],
			       .minute = (int)p->part[MINUTE], .second = (int)p->part[SECOND], .us = (int)p->part[MICRO] };
	if (today)
		sp_civil(*today, &f.year, &f.month, &f.day);
	return sp_local_of(&f, local);
}

static struct slice java_trim(struct slice s)
{
	while (s.n && (unsigned char)s.p[0] <= ' ')
		s = sl_from(s, 1);
	while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

bool sp_text_timestamp(struct slice s, const struct sp_zone *z, int64_t now_us, int64_t *us)
{
	struct arena a = { 0 }; /* of a zone that is in the text */
	struct parsed p;
	int32_t today;
	int64_t local;
	bool good;
	if (!parse(s, &p))
		return false;
	if (p.zone.p) {
		z = sp_zone_make(&a, java_trim(p.zone));
		if (!z) {
			arena_free(&a);
			return false;
		}
	}
	today = sp_day_of(z, now_us);
	good = to_local(&p, p.time_only ? &today : NULL, &local);
	if (good) {
		*us = sp_to_utc(z, local);
		good = (*us < 0) == (local < 0) || (*us > -SP_DAY_US && *us < SP_DAY_US); /* else it went round the end of time */
	}
	arena_free(&a);
	return good;
}

bool sp_text_timestamp_ntz(struct slice s, bool zone_allowed, int64_t *local_us)
{
	struct parsed p;
	if (!parse(s, &p) || p.time_only || (p.zone.p && !zone_allowed))
		return false;
	if (p.zone.p) { /* it's read over, but must be one */
		struct arena a = { 0 };
		bool known = sp_zone_make(&a, java_trim(p.zone)) != NULL;
		arena_free(&a);
		if (!known)
			return false;
	}
	return to_local(&p, NULL, local_us);
}

bool sp_text_has_zone(struct slice s)
{
	struct parsed p;
	return parse(s, &p) && p.zone.p;
}

/* epoch, now, today, tomorrow, yesterday, then blanks and perhaps a zone, which says nothing. */
enum special { NOT_SPECIAL, EPOCH, NOW, TODAY, TOMORROW, YESTERDAY };
static enum special special_of(struct slice s)
{
	static const char *const words[] = { [EPOCH] = "epoch", [NOW] = "now", [TODAY] = "today", [TOMORROW] = "tomorrow",
					     [YESTERDAY] = "yesterday" };
	s = java_trim(s);
	for (int i = EPOCH; i <= YESTERDAY; i++) {
		struct slice rest;
		struct arena a = { 0 };
		bool good;
		if (!sl_after_nocase(s, sl(words[i]), &rest))
			continue;
		while (rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t'))
			rest = sl_from(rest, 1);
		good = !rest.n || (i != NOW && sp_zone_make(&a, rest) != NULL);
		arena_free(&a);
		return good ? (enum special)i : NOT_SPECIAL;
	}
	return NOT_SPECIAL;
}

bool sp_literal_date(struct slice s, const struct sp_zone *z, int64_t now_us, int32_t *days)
{
	static const int8_t moved[] = { [NOW] = 0, [TODAY] = 0, [TOMORROW] = 1, [YESTERDAY] = -1 };
	enum special x = special_of(s);
	if (x == NOT_SPECIAL)
		return sp_text_date(s, days);
	*days = x == EPOCH ? 0 : sp_day_of(z, now_us) + moved[x];
	return true;
}

bool sp_literal_timestamp(struct slice s, const struct sp_zone *z, int64_t now_us, int64_t *us)
{
	enum special x = special_of(s);
	int32_t day;
	if (x == NOT_SPECIAL)
		return sp_text_timestamp(s, z, now_us, us);
	(void)sp_literal_date(s, z, now_us, &day);
	*us = x == EPOCH ? 0 : x == NOW ? now_us : sp_day_start(z, day);
	return true;
}

bool sp_literal_timestamp_ntz(struct slice s, const struct sp_zone *z, int64_t now_us, int64_t *local_us)
{
	enum special x = special_of(s);
	int32_t day;
	if (x == NOT_SPECIAL)
		return sp_text_timestamp_ntz(s, true, local_us);
	(void)sp_literal_date(s, z, now_us, &day);
	*local_us = x == EPOCH ? 0 : x == NOW ? sp_to_local(z, now_us) : (int64_t)day * SP_DAY_US;
	return true;
}

/* ---- printing ---- */

static void two(char *p, int v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
}

static void print_ymd(struct buf *b, int64_t year, int month, int day)
{
	if (year < 0 || year > 9999) { /* EXCEEDS_PAD */
		buf_addf(b, "%c%04lld-%02d-%02d", year < 0 ? '-' : '+', (long long)(year < 0 ? -year : year), month, day);
	} else {
		char *p = buf_room(b, 10);
		if (!p)
			return;
		two(p, (int)year / 100);
		two(p + 2, (int)year % 100);
		p[4] = p[7] = '-';
		two(p + 5, month);
		two(p + 8, day);
		b->n += 10;
	}
}

void sp_print_date(struct buf *b, int64_t days)
{
	int64_t year;
	int m, d;
	sp_civil(days, &year, &m, &d);
	print_ymd(b, year, m, d);
}

void sp_print_local(struct buf *b, int64_t local_us)
{
	struct sp_fields f;
	char *p;
	sp_fields_of(local_us, &f);
	print_ymd(b, f.year, f.month, f.day);
	p = buf_room(b, 16);
	if (!p)
		return;
	p[0] = ' ';
	two(p + 1, f.hour);
	two(p + 4, f.minute);
	two(p + 7, f.second);
	p[3] = p[6] = ':';
	b->n += 9;
	if (f.us) {
		size_t n = 6;
		p[9] = '.';
		two(p + 10, f.us / 10000);
		two(p + 12, f.us / 100 % 100);
		two(p + 14, f.us % 100);
		while (p[9 + n] == '0')
			n--;
		b->n += 1 + n;
	}
}

void sp_print_timestamp(struct buf *b, int64_t us, const struct sp_zone *z)
{
	sp_print_local(b, z ? sp_to_local(z, us) : us);
}
