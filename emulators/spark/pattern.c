/* Patterns of DateTimeFormatter: read into parts, printed by. */
#include "spark/pattern_parts.h"

const char *const sp_month_names[12] = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
					 "November", "December" };
const char *const sp_day_names[7] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

enum sp_time_policy sp_time_policy_of(const struct sp_context *cx)
{
	struct slice v = cx && cx->conf ? cx->conf(cx->self, "spark.sql.legacy.timeParserPolicy") : sl(NULL);
	return sl_eq_nocase(v, S("LEGACY")) ? SP_POLICY_LEGACY : sl_eq_nocase(v, S("CORRECTED")) ? SP_POLICY_CORRECTED : SP_POLICY_EXCEPTION;
}

/* ---- reading ---- */

struct maker {
	struct arena *a;
	struct sp_pattern *p;
	struct sp_error *err;
	struct slice spark;  /* the pattern as Spark hands it on */
	enum sp_pattern_use use;
	size_t open[32];     /* PART_OPENs that wait */
	size_t depth;
	ssize_t number;      /* the part that takes the width of numbers right behind it; -1: none does */
};

/* A text as a literal, for errors. */
static void buf_literal(struct buf *b, struct slice s)
{
	buf_addc(b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'' || s.p[i] == '\\')
			buf_addc(b, '\\');
		buf_addc(b, s.p[i]);
	}
	buf_addc(b, '\'');
}

/* IllegalArgumentException, or what Spark makes of it where the old formatter takes the pattern. */
static int refuse(struct maker *m, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int refuse(struct maker *m, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	if (sp_old_pattern_ok(m->p->text, NULL)) {
		buf_literal(&b, m->p->text);
		(void)sp_fail(m->err, SP_E_RUN, "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION", "42K0B",
			      "You may get a different result due to the upgrading to Spark >= 3.0:\nFail to recognize %.*s pattern in the "
			      "DateTimeFormatter. 1) You can set \"spark.sql.legacy.timeParserPolicy\" to \"LEGACY\" to restore the behavior "
			      "before Spark 3.0. 2) You can form a valid datetime pattern with the guide from "
			      "'https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html'.",
			      SL(buf_slice(&b)));
		buf_free(&b);
		m->err->java = "org.apache.spark.SparkUpgradeException";
		return 1;
	}
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	(void)sp_fail(m->err, SP_E_RUN, "", "", "%.*s", SL(buf_slice(&b)));
	m->err->java = "java.lang.IllegalArgumentException";
	buf_free(&b);
	return 1;
}

/* DateTimeFormatterHelper.convertIncompatiblePattern: what Spark forbids outside of quotes. */
static int check_plain(struct maker *m, struct slice plain)
{
	static const char *const runs[] = { "GGGGG", "MMMMM", "LLLLL", "EEEEE", "QQQQQ", "qqqqq", "yyyyyyy" };
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] && strchr("YWwuec", plain.p[i]))
			return refuse(m, "All week-based patterns are unsupported since Spark 3.0, detected: %c, Please use the SQL function EXTRACT instead",
				      plain.p[i]);
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] && strchr(m->use == SP_PATTERN_PARSE ? "ABnNpEFqQ" : "ABnNp", plain.p[i]))
			return refuse(m, "Illegal pattern character: %c", plain.p[i]);
	for (size_t i = 0; i < ARRAY_LEN(runs); i++)
		if (sl_find(plain, sl(runs[i])) >= 0)
			return refuse(m, "Too many pattern letters: %c", runs[i][0]);
	return 0;
}

/* The same with y as u, unless there's an era. */
static int convert(struct maker *m)
{
	struct slice s = m->p->text, rest = s;
	char *to = arena_alloc(m->a, s.n + 1);
	bool quoted = false, era = false;
	memcpy(to, s.n ? s.p : "", s.n);
	for (size_t i = 0; i < s.n; i++) {
		quoted ^= s.p[i] == '\'';
		era |= !quoted && s.p[i] == 'G';
	}
	quoted = false;
	while (rest.p) {
		struct slice part;
		char *at = to + (rest.p - s.p);
		(void)sl_cut(rest, '\'', &part, &rest);
		if (!quoted && check_plain(m, part))
			return 1;
		for (size_t i = 0; !quoted && !era && i < part.n; i++)
			at[i] = at[i] == 'y' ? 'u' : at[i];
		quoted = !quoted;
	}
	m->spark = sl_of(to, s.n);
	return 0;
}

static struct part *add(struct maker *m, enum part_kind kind)
{
	struct sp_pattern *p = m->p;
	ARENA_GROW(m->a, p->parts, p->n, p->cap);
	p->parts[p->n] = (struct part){ .kind = kind };
	m->number = -1;
	return &p->parts[p->n++];
}

/* Numbers right behind another: all but the first have a fixed width, and the first leaves them theirs. */
static struct part *add_number(struct maker *m, enum part_kind kind, enum part_field f, int min, int max, enum part_sign sign)
{
	ssize_t before = m->number;
	struct part *x = add(m, kind);
	x->field = f;
	x->min = min;
	x->max = max;
	x->sign = sign;
	m->number = (ssize_t)m->p->n - 1;
	if (before >= 0) {
		struct part *base = &m->p->parts[before];
		if (min == max && sign == SIGN_NONE) {
			base->behind += max;
			x->behind = -1;
			m->number = before;
		} else {
			base->behind = -1;
		}
	}
	return x;
}

static void add_literal(struct maker *m, struct slice text)
{
	struct part *x = add(m, PART_LITERAL);
	x->text = text;
}

static int too_many(struct maker *m, char c)
{
	return refuse(m, "Too many pattern letters: %c", c);
}

static int add_zone(struct maker *m, char c, int n)
{
	static const char *const zero_x[] = { NULL, "+00", "+0000", "+00:00", "+0000", "+00:00" };
	struct part *x;
	switch (c) {
	case 'z':
	case 'v':
		if (c == 'z' && n > 4)
			return too_many(m, c);
		if (c == 'v' && n != 1 && n != 4)
			return refuse(m, "Wrong number of pattern letters: %c", c);
		add(m, PART_ZONE_TEXT)->full = n == 4;
		return 0;
	case 'V':
		if (n != 2)
			return refuse(m, "Pattern letter count must be 2: %c", c);
		(void)add(m, PART_ZONE_ID);
		return 0;
	case 'O':
		if (n != 1 && n != 4)
			return refuse(m, "Pattern letter count must be 1 or 4: %c", c);
		add(m, PART_GMT)->full = n == 4;
		return 0;
	case 'Z':
		if (n > 5)
			return too_many(m, c);
		if (n == 4) {
			add(m, PART_GMT)->full = true;
			return 0;
		}
		x = add(m, PART_OFFSET);
		x->form = n == 5 ? 5 : 2;
		x->zero = n == 5 ? "Z" : "+0000";
		return 0;
	default: /* X, x: forms are +HHmm, +HHMM, +HH:MM, +HHMMss, +HH:MM:ss */
		if (n > 5)
			return too_many(m, c);
		x = add(m, PART_OFFSET);
		x->form = (uint8_t)n;
		x->zero = c == 'X' ? "Z" : zero_x[n];
		return 0;
	}
}

static void add_text(struct maker *m, enum part_field f, bool full)
{
	struct part *x = add(m, PART_TEXT);
	x->field = f;
	x->full = full;
}

static enum part_field field_of(char c)
{
	static const struct {
		char letter;
		enum part_field f;
	} fields[] = { { 'u', F_YEAR }, { 'y', F_YEAR_OF_ERA }, { 'G', F_ERA }, { 'M', F_MONTH }, { 'L', F_MONTH }, { 'Q', F_QUARTER },
		       { 'q', F_QUARTER }, { 'd', F_DAY }, { 'D', F_DAY_OF_YEAR }, { 'E', F_DAY_OF_WEEK }, { 'F', F_ALIGNED }, { 'a', F_AMPM },
		       { 'K', F_HOUR_AMPM }, { 'h', F_CLOCK_AMPM }, { 'H', F_HOUR }, { 'k', F_CLOCK }, { 'm', F_MINUTE }, { 's', F_SECOND },
		       { 'S', F_NANO }, { 'g', F_MODIFIED } };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].letter == c)
			return fields[i].f;
	return F_COUNT;
}

/* A run of one letter: DateTimeFormatterBuilder.parseField. */
static int add_letters(struct maker *m, char c, int n)
{
	enum part_field f = field_of(c);
	if (strchr("zvVOZXx", c))
		return add_zone(m, c, n);
	switch (f) {
	case F_COUNT:
		return refuse(m, "Unknown pattern letter: %c", c);
	case F_YEAR:
	case F_YEAR_OF_ERA:
		(void)add_number(m, n == 2 ? PART_REDUCED : PART_NUMBER, f, n, n == 2 ? 2 : 19,
				 n == 2 ? SIGN_NONE : n < 4 ? SIGN_NORMAL : SIGN_EXCEEDS);
		return 0;
	case F_MODIFIED:
		(void)add_number(m, PART_NUMBER, f, n > 19 ? 19 : n, 19, SIGN_NORMAL);
		return 0;
	case F_MONTH:
	case F_QUARTER:
		if (n > 5)
			return too_many(m, c);
		if (n > 2)
			add_text(m, f, n == 4);
		else
			(void)add_number(m, PART_NUMBER, f, n, n == 2 ? 2 : 19, n == 2 ? SIGN_NONE : SIGN_NORMAL);
		return 0;
	case F_DAY_OF_WEEK:
	case F_ERA:
		if (n > 5)
			return too_many(m, c);
		add_text(m, f, n == 4);
		return 0;
	case F_AMPM:
		if (n > 1)
			return too_many(m, c);
		add_text(m, f, false);
		return 0;
	case F_NANO:
		if (n > 9)
			return refuse(m, "Maximum width must be from 1 to 9 inclusive but was %d", n);
		if (m->use == SP_PATTERN_PARSE && n > 1) { /* Spark: as many digits as are there */
			struct part *x = add(m, PART_FRACTION);
			x->field = f;
			x->min = 1;
			x->max = n;
		} else {
			(void)add_number(m, PART_FRACTION, f, n, n, SIGN_NONE);
		}
		return 0;
	case F_DAY_OF_YEAR:
		if (n > 3)
			return too_many(m, c);
		(void)add_number(m, PART_NUMBER, f, n, n == 1 ? 19 : 3, n == 1 ? SIGN_NORMAL : SIGN_NONE);
		return 0;
	default: /* d h H k K m s, F */
		if (n > (c == 'F' ? 1 : 2))
			return too_many(m, c);
		(void)add_number(m, PART_NUMBER, f, n, n == 1 ? 19 : n, n == 1 ? SIGN_NORMAL : SIGN_NONE);
		return 0;
	}
}

/* 'text' with '' for a quote; *at moves behind it. */
static int add_quoted(struct maker *m, size_t *at)
{
	struct slice s = m->spark;
	struct buf b = { 0 };
	size_t i = *at + 1;
	for (;; i++) {
		if (i >= s.n) {
			buf_free(&b);
			return refuse(m, "Pattern ends with an incomplete string literal: %.*s", SL(s));
		}
		if (s.p[i] == '\'') {
			if (i + 1 >= s.n || s.p[i + 1] != '\'')
				break;
			i++;
		}
		buf_addc(&b, s.p[i]);
	}
	add_literal(m, b.n ? arena_dup(m->a, buf_slice(&b)) : S("'"));
	buf_free(&b);
	*at = i + 1;
	return 0;
}

static int read_pattern(struct maker *m)
{
	struct slice s = m->spark;
	size_t i = 0, from;
	while (i < s.n) {
		char c = s.p[i];
		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
			for (from = i; i < s.n && s.p[i] == c;)
				i++;
			if (add_letters(m, c, i - from > 99 ? 99 : (int)(i - from)))
				return 1;
		} else if (c == '\'') {
			if (add_quoted(m, &i))
				return 1;
		} else if (c == '[') {
			if (m->depth == ARRAY_LEN(m->open))
				return refuse(m, "Pattern has too many optional sections");
			(void)add(m, PART_OPEN);
			m->open[m->depth++] = m->p->n - 1;
			i++;
		} else if (c == ']') {
			if (!m->depth)
				return refuse(m, "Pattern invalid as it contains ] without previous [");
			(void)add(m, PART_CLOSE);
			m->p->parts[m->open[--m->depth]].close = m->p->n - 1;
			i++;
		} else if (c == '{' || c == '}' || c == '#') {
			return refuse(m, "Pattern includes reserved character: '%c'", c);
		} else {
			for (from = i; i < s.n && !((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') && (!s.p[i] || !strchr("'[]{}#", s.p[i]));)
				i++;
			add_literal(m, sl_of(s.p + from, i - from));
		}
	}
	while (m->depth) { /* what is open at the end is closed there */
		(void)add(m, PART_CLOSE);
		m->p->parts[m->open[--m->depth]].close = m->p->n - 1;
	}
	return 0;
}

struct sp_pattern *sp_pattern_make(struct arena *a, struct slice pattern, enum sp_pattern_use use, enum sp_time_policy policy,
				   struct sp_error *err)
{
	struct maker m = { .a = a, .err = err, .use = use, .number = -1 };
	m.p = arena_alloc(a, sizeof(*m.p));
	m.p->text = arena_dup(a, pattern.p ? pattern : S(""));
	m.p->policy = policy;
	m.p->parses = use == SP_PATTERN_PARSE;
	if (policy == SP_POLICY_LEGACY)
		return sp_old_pattern_ok(m.p->text, err) ? m.p : NULL;
	return convert(&m) || read_pattern(&m) ? NULL : m.p;
}

/* ---- printing ---- */

int64_t sp_part_value(enum part_field f, const struct sp_fields *at, int64_t days)
{
	switch (f) {
	case F_YEAR:
		return at->year;
	case F_YEAR_OF_ERA:
		return at->year > 0 ? at->year : 1 - at->year;
	case F_ERA:
		return at->year > 0;
	case F_MONTH:
		return at->month;
	case F_QUARTER:
		return (at->month + 2) / 3;
	case F_DAY:
		return at->day;
	case F_DAY_OF_YEAR:
		return sp_day_of_year(days);
	case F_DAY_OF_WEEK:
		return sp_day_of_week(days);
	case F_ALIGNED:
		return (at->day - 1) % 7 + 1;
	case F_AMPM:
		return at->hour / 12;
	case F_HOUR_AMPM:
		return at->hour % 12;
	case F_CLOCK_AMPM:
		return (at->hour + 11) % 12 + 1;
	case F_HOUR:
		return at->hour;
	case F_CLOCK:
		return at->hour ? at->hour : 24;
	case F_MINUTE:
		return at->minute;
	case F_SECOND:
		return at->second;
	case F_NANO:
		return (int64_t)at->us * 1000;
	case F_MODIFIED: /* Julian day of November 1858 and since */
		return days + 40587;
	case F_COUNT:
		break;
	}
	return 0;
}

static void print_number(const struct part *x, struct buf *b, int64_t v)
{
	char digits[24];
	uint64_t rest;
	int n = 0;
	if (x->kind == PART_REDUCED)
		v = (v < 0 ? -v : v) % 100;
	rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
	do {
		digits[sizeof(digits) - (size_t)++n] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (v < 0)
		buf_addc(b, '-');
	else if (x->sign == SIGN_EXCEEDS && n > x->min)
		buf_addc(b, '+');
	for (int i = n; i < x->min; i++)
		buf_addc(b, '0');
	buf_add(b, digits + sizeof(digits) - (size_t)n, (size_t)n);
}

static void print_text(const struct part *x, struct buf *b, int64_t v)
{
	static const char *const quarters[] = { "1st quarter", "2nd quarter", "3rd quarter", "4th quarter" };
	const char *name = "";
	if (x->field == F_QUARTER && !x->full) {
		buf_addf(b, "Q%d", (int)v);
		return;
	}
	if (x->field == F_MONTH)
		name = sp_month_names[v - 1];
	else if (x->field == F_DAY_OF_WEEK)
		name = sp_day_names[v - 1];
	else if (x->field == F_QUARTER)
		name = quarters[v - 1];
	else if (x->field == F_AMPM)
		name = v ? "PM" : "AM";
	else
		name = x->full ? v ? "Anno Domini" : "Before Christ" : v ? "AD" : "BC";
	buf_add(b, name, (x->field == F_MONTH || x->field == F_DAY_OF_WEEK) && !x->full ? 3 : strlen(name));
}

static void print_zone(const struct part *x, struct buf *b, const struct sp_zone *z, int64_t us, int32_t offset)
{
	int s = abs(offset), h = s / 3600, mi = s / 60 % 60;
	char sign = offset < 0 ? '-' : '+';
	bool colon = x->form == 3 || x->form == 5;
	if (x->kind == PART_ZONE_ID) {
		buf_addsl(b, sp_zone_id(z));
	} else if (x->kind == PART_ZONE_TEXT) {
		sp_zone_text(b, z, us, x->full);
	} else if (x->kind == PART_GMT) {
		buf_adds(b, "GMT");
		if (offset && x->full)
			buf_addf(b, "%c%02d:%02d", sign, h, mi);
		else if (offset)
			buf_addf(b, mi ? "%c%d:%02d" : "%c%d", sign, h, mi);
	} else if (!offset) {
		buf_adds(b, x->zero);
	} else {
		buf_addf(b, "%c%02d", sign, h);
		if (x->form > 1 || mi)
			buf_addf(b, colon ? ":%02d" : "%02d", mi);
		if (x->form > 3 && s % 60)
			buf_addf(b, colon ? ":%02d" : "%02d", s % 60);
	}
}

int sp_pattern_print(const struct sp_pattern *p, struct buf *b, int64_t us, const struct sp_zone *z, struct sp_error *err)
{
	int32_t offset = sp_zone_offset(z, us);
	int64_t local = sp_to_local(z, us), days = sp_floor_div(local, SP_DAY_US);
	struct sp_fields at;
	if (p->policy == SP_POLICY_LEGACY) {
		sp_old_print(p->text, b, us, z);
		return 0;
	}
	sp_fields_of(local, &at);
	for (size_t i = 0; i < p->n; i++) {
		const struct part *x = &p->parts[i];
		int64_t v = x->kind <= PART_TEXT ? sp_part_value(x->field, &at, days) : 0;
		switch (x->kind) {
		case PART_LITERAL:
			buf_addsl(b, x->text);
			break;
		case PART_NUMBER:
			if (x->sign == SIGN_NONE && v >= 1000)
				return sp_fail(err, SP_E_RUN, "", "", "Field cannot be printed as the value %lld exceeds the maximum print width of %d",
					       (long long)v, x->max);
			print_number(x, b, v);
			break;
		case PART_REDUCED:
			print_number(x, b, v);
			break;
		case PART_FRACTION: {
			char digits[16];
			(void)snprintf(digits, sizeof(digits), "%09lld", (long long)v);
			buf_add(b, digits, (size_t)x->max);
			break;
		}
		case PART_TEXT:
			print_text(x, b, v);
			break;
		case PART_OPEN:
		case PART_CLOSE:
			break;
		default:
			print_zone(x, b, z, us, offset);
		}
	}
	return 0;
}

int sp_pattern_upgrade(struct sp_error *err, struct slice text)
{
	struct buf b = { 0 };
	buf_literal(&b, text);
	(void)sp_fail(err, SP_E_RUN, "INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER", "42K0B",
		      "You may get a different result due to the upgrading to Spark >= 3.0:\nFail to parse %.*s in the new parser. You can set "
		      "\"spark.sql.legacy.timeParserPolicy\" to \"LEGACY\" to restore the behavior before Spark 3.0, or set to \"CORRECTED\" and "
		      "treat it as an invalid datetime string.",
		      SL(buf_slice(&b)));
	buf_free(&b);
	err->java = "org.apache.spark.SparkUpgradeException";
	return 1;
}
