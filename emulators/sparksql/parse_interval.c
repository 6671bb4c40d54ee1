/* INTERVAL literals in all their forms, into months or microseconds. */
#include "sparksql/parser.h"

static const struct unit {
	const char *name;
	uint8_t field; /* enum sp_unit */
	int64_t months, micros;
} units[] = {
	{ "year", SP_UNIT_YEAR, 12, 0 }, { "month", SP_UNIT_MONTH, 1, 0 }, { "week", SP_UNIT_DAY, 0, 7 * 86400000000 },
	{ "day", SP_UNIT_DAY, 0, 86400000000 }, { "hour", SP_UNIT_HOUR, 0, 3600000000 }, { "minute", SP_UNIT_MINUTE, 0, 60000000 },
	{ "second", SP_UNIT_SECOND, 0, 1000000 }, { "millisecond", SP_UNIT_SECOND, 0, 1000 }, { "microsecond", SP_UNIT_SECOND, 0, 1 },
};

/* A unit by its name, singular or plural; NULL: none. */
static const struct unit *unit_of(struct slice word)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		struct slice name = sl(units[i].name);
		if (sl_eq_nocase(word, name))
			return &units[i];
		if (word.n == name.n + 1 && (word.p[name.n] | 32) == 's' && sl_eq_nocase((struct slice){ word.p, name.n }, name))
			return &units[i];
	}
	return NULL;
}

struct sum {
	int64_t months, micros;
	uint32_t fields; /* bit: enum sp_unit */
};

/* Adds `[+-]digits[.digits]` units, or takes them away. NULL, or what is wrong, with the unit's name as its %s. */
static const char *add(struct sum *s, struct slice value, const struct unit *u, bool minus)
{
	int64_t whole = 0, part = 0, scale = 100000, of;
	size_t i = 0, digits = 0;
	if (value.n && (value.p[0] == '-' || value.p[0] == '+'))
		minus ^= value.p[i++] == '-';
	for (; i < value.n && value.p[i] >= '0' && value.p[i] <= '9'; i++, digits++)
		if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, value.p[i] - '0', &whole))
			return "long overflow";
	if (i < value.n && value.p[i] == '.') {
		if (u->micros != 1000000)
			return "'%s' cannot have fractional part";
		for (i++; i < value.n && value.p[i] >= '0' && value.p[i] <= '9'; i++, digits++) {
			part += (value.p[i] - '0') * scale;
			scale /= 10;
		}
	}
	if (i < value.n || digits == 0)
		return "invalid value";
	s->fields |= 1u << u->field;
	of = u->months ? u->months : u->micros;
	if (__builtin_mul_overflow(minus ? -whole : whole, of, &whole) || __builtin_add_overflow(whole, minus ? -part : part, &whole))
		return "long overflow";
	if (__builtin_add_overflow(u->months ? s->months : s->micros, whole, u->months ? &s->months : &s->micros))
		return "long overflow";
	return s->months > INT32_MAX || s->months < INT32_MIN ? "integer overflow" : NULL;
}

/* The literal of a sum; years and days mixed are an error of tokens first..now. */
static struct sp_ex *close_interval(struct sp_parser *p, uint32_t first, const struct sum *s)
{
	struct sp_ex *e = sp_new_ex(p, SP_EX_LITERAL, first);
	struct slice text = sp_text_from(p, first);
	uint32_t ym = s->fields & 3, dt = s->fields >> 2;
	if (ym && dt)
		sp_late(p, first, p->i, "_LEGACY_ERROR_TEMP_0029", "", "Cannot mix year-month and day-time fields: %.*s.", SL(text));
	e->lit.kind = ym ? SP_LIT_YEAR_MONTH : SP_LIT_DAY_TIME;
	e->lit.interval.months = (int32_t)s->months;
	e->lit.interval.micros = s->micros;
	if (s->fields) {
		e->lit.interval.first = (uint8_t)__builtin_ctz(s->fields);
		e->lit.interval.last = (uint8_t)(31 - __builtin_clz(s->fields));
	}
	return e;
}

/* ---------------------------------------------------------------- INTERVAL '1 day 2 hours' */

static struct slice next_word(struct slice *rest)
{
	size_t n = 0;
	*rest = sl_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t' && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	*rest = sl_from(*rest, n);
	return (struct slice){ rest->p - n, n };
}

static bool sum_text(struct slice text, struct sum *s)
{
	struct slice rest = text, word = text, value;
	const struct unit *u;
	bool any = false;
	if (sl_eq_nocase(next_word(&word), S("interval")))
		rest = word;
	while (sl_trim(rest).n) {
		bool minus = false;
		value = next_word(&rest);
		if (value.n == 1 && (value.p[0] == '-' || value.p[0] == '+')) { /* `- 1 day` */
			minus = value.p[0] == '-';
			value = next_word(&rest);
		}
		u = unit_of(next_word(&rest));
		if (!u || add(s, value, u, minus))
			return false;
		any = true;
	}
	return any;
}

static struct sp_ex *typed_interval(struct sp_parser *p, uint32_t first)
{
	struct sum s = { 0 };
	struct slice text;
	p->i++;
	text = sp_string(p);
	if (!sum_text(text, &s))
		sp_late(p, first, p->i, "INVALID_TYPED_LITERAL", "42604", "The value of the typed literal \"INTERVAL\" is invalid: '%.*s'.", SL(text));
	return close_interval(p, first, &s);
}

/* ---------------------------------------------------------------- INTERVAL '1 02:03' DAY TO MINUTE */

static const char *const fields[] = { "year", "month", "day", "hour", "minute", "second" };
static const int64_t field_micros[] = { 0, 0, 86400000000, 3600000000, 60000000, 1000000 };

static int field_of(enum sp_token_kind k)
{
	static const uint16_t kinds[] = { SP_K_YEAR, SP_K_MONTH, SP_K_DAY, SP_K_HOUR, SP_K_MINUTE, SP_K_SECOND };
	for (int i = 0; i < 6; i++)
		if (kinds[i] == k)
			return i;
	return -1;
}

/* The most that the first field may be, so that the microseconds fit. */
static const int64_t field_max[] = { 178956970, INT32_MAX, 106751991, 2562047788, 153722867280, 9223372036854 };

static bool digits(struct slice *s, size_t max, int64_t *v)
{
	size_t n = 0;
	for (*v = 0; n < s->n && n < max && s->p[n] >= '0' && s->p[n] <= '9'; n++)
		*v = *v * 10 + (s->p[n] - '0');
	*s = sl_from(*s, n);
	return n > 0;
}

/* The fields from..to of text, [+-]d h:m:s.f or y-m, as months or microseconds. */
static bool sum_fields(struct slice text, int from, int to, int64_t *out, int *beyond, int64_t *by)
{
	int64_t v, sum = 0, max;
	bool minus;
	text = sl_trim(text);
	minus = text.n && text.p[0] == '-';
	if (text.n && (text.p[0] == '-' || text.p[0] == '+'))
		text = sl_from(text, 1);
	for (int f = from; f <= to; f++) {
		if (f > from) {
			char between = f == SP_UNIT_MONTH ? '-' : f == SP_UNIT_HOUR ? ' ' : ':';
			if (!text.n || text.p[0] != between)
				return false;
			text = sl_from(text, 1);
		}
		if (!digits(&text, f == from ? 13 : 2, &v))
			return false;
		max = f == SP_UNIT_MONTH ? 11 : f == SP_UNIT_HOUR ? 23 : 59;
		if (f == from)
			max = field_max[f];
		if (v > max && *beyond < 0) {
			*beyond = f;
			*by = v;
		}
		if (*beyond < 0 && __builtin_add_overflow(sum, f == SP_UNIT_YEAR ? v * 12 : f == SP_UNIT_MONTH ? v : v * field_micros[f], &sum))
			*beyond = 6;
	}
	if (to == SP_UNIT_SECOND && text.n > 1 && text.p[0] == '.') {
		int64_t scale = 100000;
		text = sl_from(text, 1);
		if (text.n > 9)
			return false;
		for (; text.n && text.p[0] >= '0' && text.p[0] <= '9'; text = sl_from(text, 1)) {
			sum += (text.p[0] - '0') * scale;
			scale /= 10;
		}
	}
	*out = minus ? -sum : sum;
	return text.n == 0;
}

static void bad_fields(struct sp_parser *p, uint32_t value, struct slice text, int from, int to)
{
	static const char *const forms[] = { "y", "m", "d", "h", "m", "s.n" };
	char form[32] = "", up[32];
	if (p->late.set)
		return;
	for (int f = from; f <= to; f++) {
		size_t n = strlen(form);
		(void)snprintf(form + n, sizeof(form) - n, "%s%s", f == from ? "" : f == SP_UNIT_MONTH ? "-" : f == SP_UNIT_HOUR ? " " : ":", forms[f]);
	}
	(void)snprintf(up, sizeof(up), "%s TO %s", fields[from], fields[to]);
	for (char *c = up; *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	sp_late(p, value, p->i, "_LEGACY_ERROR_TEMP_0063", "", "Interval string does not match %s format of `[+|-]%s`, `INTERVAL [+|-]'[+|-]%s' %s` when cast to interval %s to %s: "
		"%.*s%s.", from <= SP_UNIT_MONTH ? "year-month" : "day-time", form, form, up, fields[from], fields[to], SL(text),
		from <= SP_UNIT_MONTH ? "" : ", set spark.sql.legacy.fromDayTimeString.enabled to true to restore the behavior before Spark 3.0.");
}

/* INTERVAL is taken; the value and its two units are here. */
static struct sp_ex *unit_to_unit(struct sp_parser *p, uint32_t first)
{
	uint32_t value = p->i;
	bool minus = sp_is(p, SP_T_MINUS);
	int from, to, beyond = -1;
	struct slice text = sl(NULL);
	struct sp_ex *e;
	int64_t v = 0, by = 0;
	if (!sp_take(p, SP_T_MINUS))
		(void)sp_take(p, SP_T_PLUS);
	if (sp_is_string(sp_kind_at(p, 0)))
		text = sp_string(p);
	else
		p->i++;
	from = field_of(sp_kind_at(p, 0));
	p->i += 2;
	to = field_of(sp_kind_at(p, 0));
	if (from < 0 || to < 0)
		sp_syntax(p);
	p->i++;
	e = sp_new_ex(p, SP_EX_LITERAL, first);
	e->lit.kind = to == SP_UNIT_MONTH ? SP_LIT_YEAR_MONTH : SP_LIT_DAY_TIME;
	e->lit.interval.first = (uint8_t)from;
	e->lit.interval.last = (uint8_t)to;
	if (!text.p)
		sp_late(p, value, p->i, "_LEGACY_ERROR_TEMP_0027", "", "The value of from-to unit must be a string.");
	else if (from >= to || (from < SP_UNIT_DAY) != (to < SP_UNIT_DAY))
		sp_late(p, value, p->i, "_LEGACY_ERROR_TEMP_0028", "", "Intervals FROM %s TO %s are not supported.", fields[from], fields[to]);
	else if (!sum_fields(text, from, to, &v, &beyond, &by))
		bad_fields(p, value, text, from, to);
	else if (beyond == 6)
		sp_late(p, value, p->i, "_LEGACY_ERROR_TEMP_0063", "", "long overflow.");
	else if (beyond >= 0)
		sp_late(p, value, p->i, "_LEGACY_ERROR_TEMP_0063", "", "%srequirement failed: %s %lld outside range [0, %lld].",
			beyond <= SP_UNIT_MONTH ? "Error parsing interval year-month string: " : "", fields[beyond], (long long)by,
			(long long)(beyond == from ? field_max[beyond] : beyond == SP_UNIT_MONTH ? 11 : beyond == SP_UNIT_HOUR ? 23 : 59));
	else if (to == SP_UNIT_MONTH && v > INT32_MAX)
		sp_late(p, value, p->i, "_LEGACY_ERROR_TEMP_0063", "", "Error parsing interval year-month string: integer overflow.");
	v = minus ? -v : v;
	if (e->lit.kind == SP_LIT_YEAR_MONTH)
		e->lit.interval.months = (int32_t)v;
	else
		e->lit.interval.micros = v;
	return e;
}

/* ---------------------------------------------------------------- INTERVAL 1 DAY 2 HOURS */

static bool value_at(const struct sp_parser *p, uint32_t at, uint32_t *behind)
{
	enum sp_token_kind k = sp_kind_at(p, at);
	if (k == SP_T_MINUS || k == SP_T_PLUS)
		k = sp_kind_at(p, ++at);
	*behind = at + 1;
	return k == SP_T_INTEGER || k == SP_T_DECIMAL || sp_is_string(k);
}

static bool unit_at(const struct sp_parser *p, uint32_t at)
{
	enum sp_token_kind k = sp_kind_at(p, at);
	return k == SP_K_NANOSECOND || k == SP_K_NANOSECONDS || (k > SP_T_KEYWORDS && p->i + at < p->n && unit_of(sp_text(p, p->i + at)) != NULL);
}

static void one_unit(struct sp_parser *p, struct sum *s, uint32_t begin)
{
	bool minus = sp_is(p, SP_T_MINUS), letters = false;
	struct slice text, name;
	const struct unit *u;
	const char *bad;
	char why[64];
	if (!sp_take(p, SP_T_MINUS))
		(void)sp_take(p, SP_T_PLUS);
	text = sp_text(p, p->i);
	if (sp_is_string(sp_kind_at(p, 0)))
		text = sl_trim(sp_string(p));
	else
		p->i++;
	name = sp_text(p, p->i++);
	u = unit_of(name);
	for (size_t i = 0; i < text.n; i++)
		letters |= (text.p[i] | 32) >= 'a' && (text.p[i] | 32) <= 'z';
	if (letters) {
		sp_late(p, begin, p->i, "_LEGACY_ERROR_TEMP_0026", "", "Can only use numbers in the interval value part for multiple unit value pairs interval form, but got invalid "
			"value: %.*s.", SL(text));
		return;
	}
	bad = u ? add(s, text, u, minus) : name.n == 11 ? "invalid unit 'nanoseconds'" : "invalid unit 'nanosecond'";
	if (!bad)
		return;
	if (minus)
		text = text.n && text.p[0] == '-' ? sl_from(text, 1) : arena_printf(p->a, "-%.*s", SL(text));
	(void)snprintf(why, sizeof(why), bad, u ? u->name : "");
	sp_late(p, begin, p->i, "_LEGACY_ERROR_TEMP_0062", "", "Error parsing ' %.*s %.*s' to interval, %s%s.", SL(text), SL(name), why,
		strcmp(why, "invalid value") == 0 ? arena_cstr(p->a, arena_printf(p->a, " '%.*s'", SL(text))) : "");
}

struct sp_ex *sp_interval(struct sp_parser *p)
{
	uint32_t first = p->i, behind, begin = p->i + 1;
	struct sum s = { 0 };
	struct sp_ex *e;
	if (!value_at(p, 1, &behind))
		return NULL;
	if (!unit_at(p, behind)) {
		if (behind == 2 && !sp_is_string(sp_kind_at(p, 1))) /* `INTERVAL 1`: no unit */
			sp_syntax_at(p, p->i + 2, "");
		return sp_is_string(sp_kind_at(p, 1)) ? typed_interval(p, first) : NULL;
	}
	p->i++;
	if (sp_kind_at(p, behind) == SP_K_TO) {
		e = unit_to_unit(p, first);
		if (value_at(p, 0, &behind) && unit_at(p, behind)) {
			uint32_t at = p->i;
			p->i += behind + 1;
			sp_late(p, at, p->i, "_LEGACY_ERROR_TEMP_0024", "", "Can only have a single from-to unit in the interval literal syntax.");
		}
		return e;
	}
	do {
		one_unit(p, &s, begin);
		if (value_at(p, 0, &behind) && unit_at(p, behind) && sp_kind_at(p, behind + 1) == SP_K_TO) {
			uint32_t at = p->i;
			p->i += behind + 3;
			if (p->i >= p->n)
				p->i = p->n - 1;
			sp_late(p, at, p->i, "_LEGACY_ERROR_TEMP_0024", "", "Can only have a single from-to unit in the interval literal syntax.");
			break;
		}
	} while (value_at(p, 0, &behind) && unit_at(p, behind));
	return close_interval(p, first, &s);
}
