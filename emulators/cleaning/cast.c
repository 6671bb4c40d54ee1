/* Texts as numbers and times, as Spark casts them, and back. */
#include "cleaning/cast.h"

#include <ctype.h>
#include <math.h>

#include "core/clock.h"
#include "core/text.h"

struct slice clean_real_text(struct arena *a, double d)
{
	char text[REAL_TEXT_MAX];
	return arena_dup(a, sl_of(text, real_text(d, true, text)));
}

struct slice clean_text(struct arena *a, const struct clean_value *v)
{
	switch ((enum clean_kind)v->kind) {
	case CLEAN_NULL:
		return sl(NULL);
	case CLEAN_TEXT:
		return v->text;
	case CLEAN_INT:
		return arena_printf(a, "%lld", (long long)v->i);
	case CLEAN_REAL:
		return clean_real_text(a, v->d);
	case CLEAN_BOOL:
		return v->i ? S("true") : S("false");
	}
	abort();
}

/* Spark's cast(text as int): blanks around, a sign, digits, a fraction that is cut; 32 bits. */
struct clean_value cast_int(const struct clean_value *v)
{
	int64_t i;
	if (v->kind == CLEAN_REAL)
		return fabs(v->d) < 2147483648.0 ? int_value((int64_t)v->d) : null_value;
	if (v->kind == CLEAN_INT || v->kind == CLEAN_BOOL)
		return v->kind == CLEAN_BOOL ? int_value(v->i) : v->i >= INT32_MIN && v->i <= INT32_MAX ? *v : null_value;
	struct slice s = sl_trim(v->text), whole, fraction;
	if (s.n > 1 && s.p[0] == '+' && isdigit((unsigned char)s.p[1]))
		s = sl_from(s, 1);
	sl_cut(s, '.', &whole, &fraction);
	for (size_t at = 0; fraction.p && at < fraction.n; at++)
		if (!isdigit((unsigned char)fraction.p[at]))
			return null_value;
	return sl_int(whole, INT32_MIN, INT32_MAX, &i) ? int_value(i) : null_value;
}

struct clean_value cast_real(const struct clean_value *v)
{
	char text[64], *end;
	if (v->kind == CLEAN_REAL)
		return *v;
	if (v->kind == CLEAN_INT || v->kind == CLEAN_BOOL)
		return (struct clean_value){ .kind = CLEAN_REAL, .d = (double)v->i };
	struct slice s = sl_trim(v->text);
	if (!s.n || s.n >= sizeof(text))
		return null_value;
	for (size_t at = 0; at < s.n; at++)
		if (!isdigit((unsigned char)s.p[at]) && !memchr("+-.eE", s.p[at], 5))
			return null_value;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	double d = strtod(text, &end);
	return *end || !isfinite(d) ? null_value : (struct clean_value){ .kind = CLEAN_REAL, .d = d };
}

struct clean_value cast_bool(const struct clean_value *v)
{
	static const char *const words[] = { "f", "false", "n", "no", "0", "t", "true", "y", "yes", "1" }; /* the second half is true */
	if (v->kind == CLEAN_TEXT) {
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (sl_eq_nocase(sl_trim(v->text), sl(words[i])))
				return (struct clean_value){ .kind = CLEAN_BOOL, .i = i >= ARRAY_LEN(words) / 2 };
		return null_value;
	}
	return (struct clean_value){ .kind = CLEAN_BOOL, .i = v->kind == CLEAN_REAL ? v->d != 0 : v->i != 0 };
}

/* Up to max digits as a number in [lo, hi]. */
static bool digits(struct slice *s, size_t min, size_t max, int lo, int hi, int *out)
{
	size_t n = 0;
	int64_t v;
	while (n < s->n && n < max && isdigit((unsigned char)s->p[n]))
		n++;
	if (n < min || !sl_int(sl_of(s->p, n), lo, hi, &v))
		return false;
	*s = sl_from(*s, n);
	*out = (int)v;
	return true;
}

static bool take(struct slice *s, const char *any)
{
	if (!s->n || !strchr(any, s->p[0]) || !s->p[0])
		return false;
	*s = sl_from(*s, 1);
	return true;
}

/* "Z", "UTC", "+02:00", "-0530" -> minutes. */
static bool zone(struct slice *s, int *minutes)
{
	int h, m = 0;
	*minutes = 0;
	*s = sl_trim(*s);
	if (!s->n || sl_eqs(*s, "Z") || sl_eqs(*s, "UTC") || sl_eqs(*s, "GMT")) {
		*s = S("");
		return true;
	}
	int sign = s->p[0] == '-' ? -1 : 1;
	if (!take(s, "+-") || !digits(s, 1, 2, 0, 18, &h))
		return false;
	(void)(take(s, ":"));
	if (s->n && !digits(s, 2, 2, 0, 59, &m))
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

static bool parse_timestamp(struct slice s, int64_t *seconds, int *micros)
{
	int y, mo = 1, d = 1, h = 0, mi = 0, sec = 0, east = 0, y2, mo2, d2;
	*micros = 0;
	s = sl_trim(s);
	if (!digits(&s, 4, 4, 1, 9999, &y))
		return false;
	if (take(&s, "-") && (!digits(&s, 1, 2, 1, 12, &mo) || (take(&s, "-") && !digits(&s, 1, 2, 1, 31, &d))))
		return false;
	if (take(&s, "T ") && s.n) {
		if (!digits(&s, 1, 2, 0, 23, &h) || !take(&s, ":") || !digits(&s, 1, 2, 0, 59, &mi))
			return false;
		if (take(&s, ":") && !digits(&s, 1, 2, 0, 59, &sec))
			return false;
		if (take(&s, "."))
			for (int unit = 100000; s.n && isdigit((unsigned char)s.p[0]); s.p++, s.n--, unit /= 10)
				*micros += (s.p[0] - '0') * unit;
		if (!zone(&s, &east))
			return false;
	}
	int64_t days = clock_days(y, mo, d);
	clock_civil(days, &y2, &mo2, &d2);
	*seconds = days * 86400 + h * 3600 + mi * 60 + sec - east * 60;
	return !s.n && d2 == d && mo2 == mo;
}

static bool two_digits(const char *p, int lo, int hi, int *out)
{
	unsigned tens = (unsigned char)p[0] - '0', ones = (unsigned char)p[1] - '0';
	*out = (int)(tens * 10 + ones);
	return tens <= 9 && ones <= 9 && *out >= lo && *out <= hi;
}

/* "YYYY-MM-DD HH:MM:SS", or with a T, which most are: what it becomes; absent: another form, or no such day. */
static struct slice plain_timestamp(struct arena *a, struct slice s)
{
	int century, y, mo, d, h, mi, sec;
	if (s.n != 19 || s.p[4] != '-' || s.p[7] != '-' || (s.p[10] != ' ' && s.p[10] != 'T') || s.p[13] != ':' || s.p[16] != ':')
		return sl(NULL);
	if (!two_digits(s.p, 0, 99, &century) || !two_digits(s.p + 2, 0, 99, &y) || !two_digits(s.p + 5, 1, 12, &mo) ||
	    !two_digits(s.p + 8, 1, 28, &d) || !two_digits(s.p + 11, 0, 23, &h) || !two_digits(s.p + 14, 0, 59, &mi) ||
	    !two_digits(s.p + 17, 0, 59, &sec) || century + y == 0)
		return sl(NULL);
	if (s.p[10] == ' ')
		return s;
	char *out = arena_alloc(a, s.n);
	memcpy(out, s.p, s.n);
	out[10] = ' ';
	return sl_of(out, s.n);
}

static struct clean_value timestamp_value(struct arena *a, int64_t seconds, int micros)
{
	int y, mo, d, rest = (int)(((seconds % 86400) + 86400) % 86400);
	clock_civil((seconds - rest) / 86400, &y, &mo, &d);
	struct slice s = arena_printf(a, "%04d-%02d-%02d %02d:%02d:%02d", y, mo, d, rest / 3600, rest / 60 % 60, rest % 60);
	if (!micros)
		return text_value(s);
	s = arena_printf(a, "%.*s.%06d", SL(s), micros);
	while (s.p[s.n - 1] == '0')
		s.n--;
	return text_value(s);
}

struct clean_value cast_timestamp(struct arena *a, const struct clean_value *v)
{
	const int64_t last = 253402300799; /* 9999-12-31 23:59:59 */
	int64_t seconds;
	int micros;
	if (v->kind == CLEAN_INT) /* as Spark: seconds since 1970 */
		return v->i >= 0 && v->i <= last ? timestamp_value(a, v->i, 0) : null_value;
	struct slice plain = v->kind == CLEAN_TEXT ? plain_timestamp(a, v->text) : sl(NULL);
	if (plain.p)
		return text_value(plain);
	if (v->kind != CLEAN_TEXT || !parse_timestamp(v->text, &seconds, &micros) || seconds > last)
		return null_value;
	return timestamp_value(a, seconds, micros);
}

struct clean_value cast_date(const struct clean_value *v)
{
	const size_t date = strlen("YYYY-MM-DD");
	return v->kind == CLEAN_TEXT && v->text.n > date ? text_value(sl_of(v->text.p, date)) : *v;
}

struct clean_value cast_year(const struct clean_value *v)
{
	int64_t y;
	return v->kind == CLEAN_TEXT && v->text.n >= 4 && sl_int(sl_of(v->text.p, 4), 0, 9999, &y) ? int_value(y) : null_value;
}
