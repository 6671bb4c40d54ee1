/* Intervals: texts of theirs, and how they are printed (IntervalUtils). */
#include "spark/time.h"

enum { HOUR_S = 3600, MINUTE_S = 60 };

/* ---- printing ---- */

static void unit(struct buf *b, int64_t v, const char *name)
{
	if (v)
		buf_addf(b, "%lld %s ", (long long)v, name);
}

static void print_calendar(struct buf *b, const struct sp_calendar *c)
{
	int64_t rest = c->us % ((int64_t)MINUTE_S * SP_US);
	if (!c->months && !c->days && !c->us) {
		buf_adds(b, "0 seconds");
		return;
	}
	unit(b, c->months / 12, "years");
	unit(b, c->months % 12, "months");
	unit(b, c->days, "days");
	unit(b, c->us / ((int64_t)HOUR_S * SP_US), "hours");
	unit(b, c->us / ((int64_t)MINUTE_S * SP_US) % 60, "minutes");
	if (rest) {
		uint64_t u = rest < 0 ? -(uint64_t)rest : (uint64_t)rest;
		buf_addf(b, "%s%llu", rest < 0 ? "-" : "", (unsigned long long)(u / SP_US));
		if (u % SP_US) {
			buf_addf(b, ".%06llu", (unsigned long long)(u % SP_US));
			while (b->n && b->p[b->n - 1] == '0')
				b->n--;
		}
		buf_adds(b, " seconds ");
	}
	b->n--;
}

static const char *const ym_names[] = { "YEAR", "MONTH" }, *const dt_names[] = { "DAY", "HOUR", "MINUTE", "SECOND" };

static void print_fields(struct buf *b, const struct sp_type *t)
{
	const char *const *names = t->kind == SP_INTERVAL_YM ? ym_names : dt_names;
	buf_adds(b, names[t->precision]);
	if (t->precision != t->scale)
		buf_addf(b, " TO %s", names[t->scale]);
}

static void print_months(struct buf *b, const struct sp_type *t, int64_t months, bool ansi)
{
	unsigned long long u = months < 0 ? -(unsigned long long)months : (unsigned long long)months;
	if (ansi)
		buf_adds(b, "INTERVAL '");
	if (months < 0)
		buf_addc(b, '-');
	if (!ansi || t->precision != t->scale)
		buf_addf(b, "%llu-%llu", u / 12, u % 12);
	else
		buf_addf(b, "%llu", t->precision == SP_YEAR ? u / 12 : u);
	if (ansi) {
		buf_adds(b, "' ");
		print_fields(b, t);
	}
}

static void print_micros(struct buf *b, const struct sp_type *t, int64_t us, bool ansi)
{
	static const uint64_t units[] = { (uint64_t)SP_DAY_US, (uint64_t)HOUR_S * SP_US, (uint64_t)MINUTE_S * SP_US, SP_US };
	uint64_t u = us < 0 ? -(uint64_t)us : (uint64_t)us;
	int first = ansi ? t->precision : SP_DAY, last = ansi ? t->scale : SP_SECOND;
	buf_adds(b, ansi ? "INTERVAL '" : "");
	if (us < 0)
		buf_addc(b, '-');
	for (int f = first; f <= last; f++) {
		if (f > first)
			buf_addc(b, f == SP_HOUR ? ' ' : ':');
		buf_addf(b, f == SP_DAY ? "%llu" : "%02llu", (unsigned long long)(u / units[f]));
		u %= units[f];
	}
	if (last == SP_SECOND && (u || !ansi)) {
		buf_addf(b, ".%06llu%s", (unsigned long long)u, ansi ? "" : "000");
		while (ansi && b->p[b->n - 1] == '0')
			b->n--;
	}
	if (ansi) {
		buf_adds(b, "' ");
		print_fields(b, t);
	}
}

void sp_print_interval(struct buf *b, const struct sp_type *t, const struct sp_value *v, enum sp_interval_style style)
{
	if (t->kind == SP_INTERVAL)
		print_calendar(b, &v->c);
	else if (t->kind == SP_INTERVAL_YM)
		print_months(b, t, v->i, style == SP_INTERVAL_ANSI);
	else
		print_micros(b, t, v->i, style == SP_INTERVAL_ANSI);
}

/* ---- "1 month 2 days -3.5 seconds" ---- */

static bool is_space(char c)
{
	return (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= ' ');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct slice trim(struct slice s)
{
	while (s.n && ((unsigned char)s.p[0] <= ' ' || s.p[0] == 0x7f))
		s = sl_from(s, 1);
	while (s.n && ((unsigned char)s.p[s.n - 1] <= ' ' || s.p[s.n - 1] == 0x7f))
		s.n--;
	return s;
}

struct units {
	struct slice all, s; /* as given; trimmed and lower case */
	size_t i;
	struct sp_calendar *out;
	struct arena *a;
	struct slice *why;
};

/* The word that stands at i, as it is between blanks. */
static struct slice word(const struct units *u)
{
	size_t from = u->i < u->s.n ? u->i : u->s.n, to = from;
	while (from > 0 && !is_space(u->s.p[from - 1]))
		from--;
	while (to < u->s.n && !is_space(u->s.p[to]))
		to++;
	return sl_of(u->s.p + from, to - from);
}

static bool bad(const struct units *u, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool bad(const struct units *u, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	if (!u->why || !u->a)
		return false;
	buf_addf(&b, "Error parsing '%.*s' to interval, ", SL(u->all));
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	*u->why = arena_dup(u->a, buf_slice(&b));
	buf_free(&b);
	return false;
}

static void skip(struct units *u)
{
	while (u->i < u->s.n && is_space(u->s.p[u->i]))
		u->i++;
}

/* Sign, digits, point and digits: whole and nanoseconds, signed; *point: it has one. */
static bool number(struct units *u, int64_t *whole, int64_t *nanos, bool *point)
{
	bool minus = false, prefixed = false;
	int64_t v = 0, fraction = 0, scale = 100000000;
	char c = u->s.p[u->i];
	*point = false;
	if (c == '-' || c == '+') {
		minus = c == '-';
		u->i++;
		skip(u);
		if (u->i >= u->s.n)
			return bad(u, "expect a number after '%.*s' but hit EOL", SL(word(u)));
	} else if (c == '.') {
		prefixed = true;
	} else if (!is_digit(c)) {
		return bad(u, "unrecognized number '%.*s'", SL(word(u)));
	}
	for (; u->i < u->s.n && is_digit(u->s.p[u->i]); u->i++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, u->s.p[u->i] - '0', &v))
			return bad(u, "long overflow");
	if (u->i < u->s.n && u->s.p[u->i] == '.') {
		size_t digits = 0;
		*point = true;
		for (u->i++; u->i < u->s.n && is_digit(u->s.p[u->i]); u->i++, digits++) {
			if (!scale)
				return bad(u, "interval can only support nanosecond precision, '%.*s' is out of range", SL(word(u)));
			fraction += (u->s.p[u->i] - '0') * scale;
			scale /= 10;
		}
		if (u->i < u->s.n && prefixed && !digits)
			return bad(u, "invalid value '%.*s'", SL(word(u)));
	}
	if (u->i >= u->s.n)
		return bad(u, "expect a unit name after '%.*s' but hit EOL", SL(word(u)));
	if (!is_space(u->s.p[u->i]))
		return bad(u, "invalid value '%.*s'", SL(word(u)));
	*whole = minus ? -v : v;
	*nanos = minus ? -fraction : fraction;
	return true;
}

static bool add32(int32_t *to, int64_t v, int64_t by)
{
	int64_t x;
	if (__builtin_mul_overflow(v, by, &x) || __builtin_add_overflow(x, *to, &x) || x != (int32_t)x)
		return false;
	*to = (int32_t)x;
	return true;
}

static bool add64(int64_t *to, int64_t v, int64_t by)
{
	int64_t x;
	return !__builtin_mul_overflow(v, by, &x) && !__builtin_add_overflow(*to, x, to);
}

static bool take_unit(struct units *u, int64_t whole, int64_t nanos, bool point)
{
	static const struct {
		const char *name;
		int months, days;
		int64_t us;
	} units[] = {
		{ "year", 12, 0, 0 }, { "week", 0, 7, 0 }, { "day", 0, 1, 0 }, { "hour", 0, 0, (int64_t)HOUR_S * SP_US },
		{ "second", 0, 0, SP_US }, { "month", 1, 0, 0 }, { "minute", 0, 0, (int64_t)MINUTE_S * SP_US },
		{ "millisecond", 0, 0, 1000 }, { "microsecond", 0, 0, 1 },
	};
	struct slice rest = sl_from(u->s, u->i);
	if (rest.p[0] != 's' && point)
		return bad(u, "'%.*s' cannot have fractional part", SL(word(u)));
	for (size_t k = 0; k < ARRAY_LEN(units); k++) {
		bool good = true, narrow = units[k].months || units[k].days;
		if (!sl_starts(rest, sl(units[k].name)))
			continue;
		if (units[k].months)
			good = add32(&u->out->months, whole, units[k].months);
		else if (units[k].days)
			good = add32(&u->out->days, whole, units[k].days);
		else
			good = add64(&u->out->us, whole, units[k].us);
		if (good && units[k].us == SP_US)
			good = add64(&u->out->us, nanos / 1000, 1);
		if (!good)
			return bad(u, narrow ? "integer overflow" : "long overflow");
		u->i += strlen(units[k].name);
		if (u->i < u->s.n && u->s.p[u->i] == 's')
			u->i++;
		if (u->i < u->s.n && !is_space(u->s.p[u->i]))
			return bad(u, "invalid unit '%.*s'", SL(word(u)));
		return true;
	}
	return bad(u, "invalid unit '%.*s'", SL(word(u)));
}

bool sp_interval_units(struct slice text, struct sp_calendar *out, struct arena *a, struct slice *why)
{
	struct units u = { .all = text, .s = trim(text), .out = out, .a = a, .why = why };
	char *low = xmalloc(u.s.n + 1);
	bool good = true;
	*out = (struct sp_calendar){ 0 };
	for (size_t i = 0; i < u.s.n; i++)
		low[i] = u.s.p[i] >= 'A' && u.s.p[i] <= 'Z' ? (char)(u.s.p[i] | 32) : u.s.p[i];
	u.s.p = low;
	if (!u.s.n || sl_eqs(u.s, "interval"))
		good = bad(&u, "interval string cannot be empty");
	else if (sl_starts(u.s, S("interval"))) {
		good = is_space(u.s.p[8]) || bad(&u, "invalid interval prefix %.*s", SL(word(&u)));
		u.i = 9;
	}
	skip(&u);
	while (good && u.i < u.s.n) {
		int64_t whole = 0, nanos = 0;
		bool point;
		good = number(&u, &whole, &nanos, &point);
		if (!good)
			break;
		skip(&u);
		good = u.i < u.s.n ? take_unit(&u, whole, nanos, point) : bad(&u, "unknown error when parsing '%.*s'", SL(word(&u)));
		skip(&u);
	}
	free(low);
	return good;
}

/* ---- 'text' FIRST TO LAST ---- */

static const char *const shapes[4][4] = { /* of day-time texts, by first and last field */
	{ "d", "d h", "d h:m", "d h:m:s.n" },
	{ NULL, "h", "h:m", "h:m:s.n" },
	{ NULL, NULL, "m", "m:s.n" },
	{ NULL, NULL, NULL, "s.n" },
};
static const char *const ym_shapes[2][2] = { { "y", "y-m" }, { NULL, "m" } };

static bool say(struct arena *a, struct slice *why, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool say(struct arena *a, struct slice *why, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	if (!a || !why)
		return false;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	*why = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return false;
}

/* A sign at s, which may be a bar as Spark's regular expression has it. */
static void take_sign(struct slice *s, int *sign)
{
	if (s->n && (s->p[0] == '+' || s->p[0] == '-' || s->p[0] == '|')) {
		*sign *= s->p[0] == '-' ? -1 : 1;
		*s = sl_from(*s, 1);
	}
}

static bool take_digits(struct slice *s, size_t most, int64_t *out)
{
	size_t n = 0;
	int64_t v = 0;
	for (; n < s->n && is_digit(s->p[n]); n++)
		if (n < 18)
			v = v * 10 + s->p[n] - '0';
		else
			v = INT64_MAX / 2; /* out of any field's range */
	*out = v;
	*s = sl_from(*s, n);
	return n > 0 && n <= most;
}

/* INTERVAL -'text' FIRST TO LAST: what is between the quotes; false: it isn't that form. */
static bool as_literal(struct slice *s, int *sign, bool day, uint8_t first, uint8_t last)
{
	const char *const *names = day ? dt_names : ym_names;
	struct slice rest, in;
	ssize_t quote;
	if (!sl_after_nocase(*s, S("INTERVAL"), &rest) || !rest.n || !is_space(rest.p[0]))
		return false;
	rest = sl_trim(rest);
	take_sign(&rest, sign);
	if (!rest.n || rest.p[0] != '\'')
		return false;
	rest = sl_from(rest, 1);
	quote = sl_chr(rest, '\'');
	if (quote < 0)
		return false;
	in = sl_of(rest.p, (size_t)quote);
	rest = sl_from(rest, (size_t)quote + 1);
	for (int part = 0; part < (first == last ? 1 : 3); part++) {
		const char *name = part == 1 ? "TO" : names[part ? last : first];
		if (!rest.n || !is_space(rest.p[0]) || !sl_after_nocase(sl_trim(rest), sl(name), &rest))
			return false;
	}
	if (rest.n)
		return false;
	*s = in;
	return true;
}

/* Whether a text is a number of one field, which then is the wrong one: Spark has other words for that. */
static bool is_alone(struct slice text, bool day)
{
	struct slice s = trim(text);
	int64_t v;
	int sign = 1;
	for (uint8_t f = 0; f < (day ? 4 : 2) && sl_starts_nocase(trim(text), S("INTERVAL")); f++)
		if (as_literal(&s, &sign, day, f, f))
			break;
	take_sign(&s, &sign);
	if (!take_digits(&s, SIZE_MAX, &v))
		return false;
	if (day && s.n > 1 && s.n < 11 && s.p[0] == '.') {
		s = sl_from(s, 1);
		(void)take_digits(&s, SIZE_MAX, &v);
	}
	return !s.n;
}

static bool no_format(struct slice text, bool day, uint8_t first, uint8_t last, struct arena *a, struct slice *why)
{
	const char *shape = day ? shapes[first][last] : ym_shapes[first][last];
	const char *const *names = day ? dt_names : ym_names, *kind = day ? "day-time" : "year-month";
	bool alone = is_alone(text, day);
	char fields[32], low[32];
	(void)snprintf(fields, sizeof(fields), first == last ? "%s" : "%s TO %s", names[first], names[last]);
	for (size_t i = 0; i < sizeof(low); i++)
		low[i] = fields[i] >= 'A' && fields[i] <= 'Z' ? (char)(fields[i] | 32) : fields[i];
	return say(a, why,
		   "%s%s%sInterval string does not match %s format of `[+|-]%s`, `INTERVAL [+|-]'[+|-]%s' %s` when cast to interval %s: %.*s%s",
		   alone ? "Error parsing interval " : "", alone ? kind : "", alone ? " string: " : "", kind, shape, shape, fields, low, SL(text),
		   day ? ", set spark.sql.legacy.fromDayTimeString.enabled to true to restore the behavior before Spark 3.0." : "");
}

static bool in_range(const char *prefix, const char *name, int64_t v, int64_t most, struct arena *a, struct slice *why)
{
	return v <= most || say(a, why, "%srequirement failed: %s %lld outside range [0, %lld]", prefix, name, (long long)v, (long long)most);
}

static bool read_months(struct slice s, int sign, uint8_t first, uint8_t last, int64_t *out, struct slice text, struct arena *a,
			struct slice *why)
{
	static const char prefix[] = "Error parsing interval year-month string: ";
	int64_t v, m = 0;
	bool good = take_digits(&s, SIZE_MAX, &v);
	if (first != last && good) {
		good = s.n && s.p[0] == '-';
		s = sl_from(s, 1);
		good = good && take_digits(&s, SIZE_MAX, &m);
	}
	if (!good || s.n)
		return no_format(text, false, first, last, a, why);
	if (first != last && (!in_range(prefix, "year", v, INT32_MAX / 12, a, why) || !in_range(prefix, "month", m, 11, a, why)))
		return false;
	v = (first == SP_YEAR ? v > INT32_MAX ? INT32_MAX + INT64_C(1) : v * 12 : v) + m;
	v *= sign;
	if (v != (int32_t)v)
		return say(a, why, "%sinteger overflow", prefix);
	*out = v;
	return true;
}

static bool read_micros(struct slice s, int sign, uint8_t first, uint8_t last, int64_t *out, struct slice text, struct arena *a,
			struct slice *why)
{
	static const char *const names[] = { "day", "hour", "minute", "second" };
	static const int64_t most_first[] = { 106751991, 2562047788, 153722867280, 9223372036854 }, most[] = { 0, 23, 59, 59 },
			     units[] = { SP_DAY_US, (int64_t)HOUR_S * SP_US, (int64_t)MINUTE_S * SP_US, SP_US };
	static const size_t digits_most[] = { 9, 10, 12, 13 };
	int64_t part[4] = { 0 }, fraction = 0, total = 0;
	for (int f = first; f <= last; f++) {
		if (f > first) {
			if (!s.n || s.p[0] != (f == SP_HOUR ? ' ' : ':'))
				return no_format(text, true, first, last, a, why);
			s = sl_from(s, 1);
		}
		if (!take_digits(&s, f > first ? 2 : first == last ? digits_most[f] : SIZE_MAX, &part[f]))
			return no_format(text, true, first, last, a, why);
	}
	if (last == SP_SECOND && s.n && s.p[0] == '.') {
		int64_t scale = 100000;
		size_t n = 0;
		s = sl_from(s, 1);
		for (; n < s.n && n < 9 && is_digit(s.p[n]); n++, scale /= 10)
			fraction += (s.p[n] - '0') * scale;
		s = sl_from(s, n);
		if (!n)
			return no_format(text, true, first, last, a, why);
	}
	if (s.n)
		return no_format(text, true, first, last, a, why);
	if (first == last) { /* Spark looks at the number of digits only, and the product goes round */
		*out = (int64_t)((uint64_t)(sign * part[first]) * (uint64_t)units[first]) + sign * fraction;
		return true;
	}
	for (int f = first; f <= last; f++)
		if (!in_range("", names[f], part[f], f == first ? most_first[f] : most[f], a, why))
			return false;
	for (int f = first; f <= last; f++)
		if (!add64(&total, sign * part[f], units[f]))
			return say(a, why, "long overflow");
	if (!add64(&total, sign * fraction, 1))
		return say(a, why, "long overflow");
	*out = total;
	return true;
}

bool sp_interval_range(struct slice text, bool day, uint8_t first, uint8_t last, int64_t *out, struct arena *a, struct slice *why)
{
	struct slice s = trim(text);
	int sign = 1;
	if (sl_starts_nocase(s, S("INTERVAL")) && !as_literal(&s, &sign, day, first, last))
		return no_format(text, day, first, last, a, why);
	take_sign(&s, &sign);
	return day ? read_micros(s, sign, first, last, out, text, a, why) : read_months(s, sign, first, last, out, text, a, why);
}

bool sp_text_interval(const struct sp_type *t, struct slice text, struct sp_value *out, struct arena *a, struct slice *why)
{
	*why = sl(NULL);
	*out = (struct sp_value){ 0 };
	if (t->kind == SP_INTERVAL)
		return sp_interval_units(text, &out->c, NULL, NULL);
	return sp_interval_range(text, t->kind == SP_INTERVAL_DT, t->precision, t->scale, &out->i, a, why);
}

/* ---- numbers ---- */

bool sp_interval_of(const struct sp_type *t, int64_t number, int64_t *out)
{
	static const int64_t units[] = { SP_DAY_US, (int64_t)HOUR_S * SP_US, (int64_t)MINUTE_S * SP_US, SP_US };
	if (t->kind == SP_INTERVAL_DT)
		return !__builtin_mul_overflow(number, units[t->scale], out);
	return !__builtin_mul_overflow(number, t->scale == SP_YEAR ? 12 : 1, out) && *out == (int32_t)*out;
}

int64_t sp_interval_cut(const struct sp_type *t, int64_t v)
{
	static const int64_t units[] = { SP_DAY_US, (int64_t)HOUR_S * SP_US, (int64_t)MINUTE_S * SP_US, 1 };
	int64_t one = t->kind == SP_INTERVAL_DT ? units[t->scale] : t->scale == SP_YEAR ? 12 : 1;
	return v / one * one;
}
