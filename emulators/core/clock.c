#include "clock.h"

#include <assert.h>
#include <ctype.h>
#include <time.h>

static const int64_t ADVANCE_MAX_MS = 36525LL * 86400000; /* a hundred years */
static const int64_t LAST_MS = 253402300799999LL;         /* 9999-12-31T23:59:59.999Z */

/* done NULL: there is none. */
struct advance {
	int64_t to_ms;
	clock_done done;
	void *arg;
	struct loop_soon step;
};

struct clock {
	struct advance advance;
	struct loop *loop;
	bool is_virtual;
	int64_t now_ms; /* virtual: the time; real: taken at the start of this tick */
	uint64_t seq;
	struct clock_timer **heap; /* heap[0] unused; ordered by (at_ms, seq) */
	size_t n, cap;
	struct loop_timer *wake; /* real mode: armed for the earliest */
	struct loop_soon due;    /* virtual mode: something fell due at the frozen time */
};

static void arm(struct clock *c);
static void on_rest(void *arg);

struct clock *clock_new(struct loop *l)
{
	struct clock *c = xcalloc(1, sizeof(*c));
	c->loop = l;
	loop_on_rest(l, on_rest, c);
	return c;
}

void clock_free(struct clock *c)
{
	if (!c)
		return;
	clock_stop(c, "tarn stops");
	loop_on_rest(c->loop, NULL, NULL);
	loop_never(c->loop, &c->due);
	loop_cancel(c->wake);
	free(c->heap);
	free(c);
}

int64_t clock_real_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_real_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void clock_real_wait_us(int64_t us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };
	nanosleep(&ts, NULL);
}

int64_t clock_now_ms(struct clock *c)
{
	if (!c->is_virtual && (loop_tick_fresh(c->loop) || c->now_ms == 0))
		c->now_ms = clock_real_ms();
	return c->now_ms;
}

bool clock_is_virtual(const struct clock *c)
{
	return c->is_virtual;
}

void clock_freeze(struct clock *c, int64_t at_ms)
{
	clock_stop(c, "the clock was frozen anew");
	c->is_virtual = true;
	c->now_ms = at_ms;
	arm(c);
}

void clock_resume(struct clock *c)
{
	clock_stop(c, "the clock goes on");
	c->is_virtual = false;
	c->now_ms = clock_real_ms();
	arm(c);
}

/* ---- timers ---- */

static bool sooner(const struct clock_timer *a, const struct clock_timer *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

static void place(struct clock *c, size_t slot, struct clock_timer *t)
{
	c->heap[slot] = t;
	t->slot = slot;
}

static void sift(struct clock *c, size_t slot)
{
	struct clock_timer *t = c->heap[slot];
	for (; slot > 1 && sooner(t, c->heap[slot / 2]); slot /= 2)
		place(c, slot, c->heap[slot / 2]);
	for (;;) {
		size_t kid = slot * 2;
		if (kid > c->n)
			break;
		if (kid < c->n && sooner(c->heap[kid + 1], c->heap[kid]))
			kid++;
		if (!sooner(c->heap[kid], t))
			break;
		place(c, slot, c->heap[kid]);
		slot = kid;
	}
	place(c, slot, t);
}

static void take_out(struct clock *c, struct clock_timer *t)
{
	size_t slot = t->slot;
	struct clock_timer *last = c->heap[c->n--];
	t->slot = 0;
	if (last == t)
		return;
	place(c, slot, last);
	sift(c, slot);
}

static void run_due(struct clock *c)
{
	int64_t now = clock_now_ms(c);
	while (c->n && c->heap[1]->at_ms <= now) {
		struct clock_timer *t = c->heap[1];
		take_out(c, t);
		t->fn(t->arg);
	}
}

static void on_due(void *arg)
{
	struct clock *c = arg;
	run_due(c);
	arm(c);
}

static void on_wake(void *arg)
{
	struct clock *c = arg;
	c->wake = NULL;
	on_due(c);
}

static void arm(struct clock *c)
{
	loop_cancel(c->wake);
	c->wake = NULL;
	if (!c->n)
		return;
	int64_t wait = c->heap[1]->at_ms - clock_now_ms(c);
	if (!c->is_virtual)
		c->wake = loop_after(c->loop, wait > 0 ? wait : 0, on_wake, c);
	else if (wait <= 0)
		loop_later(c->loop, &c->due, on_due, c);
}

void clock_at(struct clock *c, struct clock_timer *t, int64_t at_ms, void (*fn)(void *), void *arg)
{
	if (t->slot)
		take_out(c, t);
	*t = (struct clock_timer){ .at_ms = at_ms, .seq = ++c->seq, .fn = fn, .arg = arg };
	GROW(c->heap, c->n + 1, c->cap); /* the first is 1 */
	place(c, ++c->n, t);
	sift(c, c->n);
	if (c->heap[1] == t)
		arm(c);
}

void clock_cancel(struct clock *c, struct clock_timer *t)
{
	if (!t->slot)
		return;
	take_out(c, t);
	arm(c);
}

/* ---- advancing ---- */

/* Nothing is pending, and a whole turn began nothing new: on to the next time at which something falls due. One time a turn, so
 * that others are served between. */
static void step(void *arg)
{
	struct clock *c = arg;
	struct advance *a = &c->advance;
	if (!a->done || loop_pending(c->loop))
		return;
	if (c->n && c->heap[1]->at_ms <= a->to_ms) {
		if (c->heap[1]->at_ms > c->now_ms)
			c->now_ms = c->heap[1]->at_ms;
		run_due(c);
	} else if (c->now_ms < a->to_ms) {
		c->now_ms = a->to_ms;
	} else {
		clock_done done = a->done;
		a->done = NULL;
		done(a->arg, NULL);
	}
}

static void on_rest(void *arg)
{
	struct clock *c = arg;
	if (c->advance.done)
		loop_later(c->loop, &c->advance.step, step, c);
}

int clock_advance(struct clock *c, int64_t delta_ms, clock_done done, void *arg, struct error *err)
{
	if (!c->is_virtual)
		return err_set(err, ERR_INVALID, "the clock is real; freeze it first");
	if (delta_ms < 0)
		return err_set(err, ERR_INVALID, "the clock does not go backwards");
	if (delta_ms > ADVANCE_MAX_MS || c->now_ms > LAST_MS - delta_ms)
		return err_set(err, ERR_LIMIT, "an advance is %lld days at most, and the clock ends with the year 9999",
			       (long long)(ADVANCE_MAX_MS / 86400000));
	if (c->advance.done)
		return err_set(err, ERR_CONFLICT, "the clock is being advanced already");
	c->advance.to_ms = c->now_ms + delta_ms;
	c->advance.done = done;
	c->advance.arg = arg;
	on_rest(c); /* what is under way belongs to the time before: step looks */
	return 0;
}

bool clock_advancing(const struct clock *c, int64_t *to_ms)
{
	if (to_ms)
		*to_ms = c->advance.to_ms;
	return c->advance.done != NULL;
}

void clock_stop(struct clock *c, const char *why)
{
	clock_done done = c->advance.done;
	struct error err;
	char now[32];
	if (!done)
		return;
	c->advance.done = NULL;
	loop_never(c->loop, &c->advance.step);
	clock_iso(c->now_ms, now);
	err_set(&err, ERR_CONFLICT, "the advance was ended at %s: %s", now, why);
	done(c->advance.arg, &err);
}

/* ---- calendar ---- */

int64_t clock_days(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void clock_civil(int64_t days, int *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

struct civil {
	int year, month, day, hour, minute, second, ms, weekday;
};

static struct civil split(int64_t ms)
{
	struct civil c;
	int64_t days = ms / 86400000, rest = ms % 86400000;
	if (rest < 0) {
		rest += 86400000;
		days--;
	}
	clock_civil(days, &c.year, &c.month, &c.day);
	c.ms = (int)(rest % 1000);
	c.second = (int)(rest / 1000 % 60);
	c.minute = (int)(rest / 60000 % 60);
	c.hour = (int)(rest / 3600000);
	c.weekday = (int)(((days % 7) + 11) % 7); /* 1970-01-01 was a Thursday */
	return c;
}

/* v in n digits, with zeros before it; returns what is behind. */
static char *put_digits(char *to, int v, int n)
{
	for (int i = n; i--; v /= 10)
		to[i] = (char)('0' + v % 10);
	return to + n;
}

static char *put_time(int64_t ms, char *to, int *rest)
{
	struct civil c = split(ms);
	to = put_digits(to, c.year % 10000, 4);
	*to++ = '-';
	to = put_digits(to, c.month, 2);
	*to++ = '-';
	to = put_digits(to, c.day, 2);
	*to++ = 'T';
	to = put_digits(to, c.hour, 2);
	*to++ = ':';
	to = put_digits(to, c.minute, 2);
	*to++ = ':';
	*rest = c.ms;
	return put_digits(to, c.second, 2);
}

void clock_iso(int64_t ms, char out[32])
{
	int rest;
	char *to = put_time(ms, out, &rest);
	*to++ = '.';
	to = put_digits(to, rest, 3);
	*to++ = 'Z';
	*to = '\0';
}

void clock_iso_sec(int64_t ms, char out[32])
{
	int rest;
	char *to = put_time(ms, out, &rest);
	*to++ = 'Z';
	*to = '\0';
}

void clock_http(int64_t ms, char out[40])
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c = split(ms);
	snprintf(out, 40, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[c.weekday], c.day, months[c.month - 1],
		 c.year % 10000, c.hour, c.minute, c.second);
}

void clock_amz(int64_t ms, char out[24])
{
	struct civil c = split(ms);
	snprintf(out, 24, "%04d%02d%02dT%02d%02d%02dZ", c.year % 10000, c.month, c.day, c.hour, c.minute, c.second);
}

static bool digits(struct slice *s, size_t n, int lo, int hi, int *out)
{
	int64_t v;
	if (s->n < n || !isdigit((unsigned char)s->p[0]) || !sl_int(sl_of(s->p, n), lo, hi, &v))
		return false;
	*out = (int)v;
	s->p += n;
	s->n -= n;
	return true;
}

static bool literal(struct slice *s, const char *any)
{
	if (!s->n || !strchr(any, s->p[0]))
		return false;
	s->p++;
	s->n--;
	return true;
}

bool clock_parse_iso(struct slice s, int64_t *out_ms)
{
	int y, mo, d, h = 0, mi = 0, sec = 0;
	int64_t ms = 0;
	if (!digits(&s, 4, 0, 9999, &y) || !literal(&s, "-") || !digits(&s, 2, 1, 12, &mo) || !literal(&s, "-") ||
	    !digits(&s, 2, 1, 31, &d))
		return false;
	if (literal(&s, "T ")) {
		if (!digits(&s, 2, 0, 23, &h) || !literal(&s, ":") || !digits(&s, 2, 0, 59, &mi))
			return false;
		if (literal(&s, ":") && !digits(&s, 2, 0, 59, &sec))
			return false;
		if (literal(&s, ".")) {
			int64_t unit = 100;
			if (!s.n || !isdigit((unsigned char)s.p[0]))
				return false;
			for (; s.n && isdigit((unsigned char)s.p[0]); s.p++, s.n--, unit /= 10)
				ms += (s.p[0] - '0') * unit;
		}
	}
	(void)(literal(&s, "Z"));
	int y2, mo2, d2;
	int64_t days = clock_days(y, mo, d);
	clock_civil(days, &y2, &mo2, &d2);
	if (s.n || d2 != d || mo2 != mo)
		return false;
	*out_ms = days * 86400000 + h * 3600000LL + mi * 60000LL + sec * 1000LL + ms;
	return true;
}

bool clock_parse_duration(struct slice s, int64_t *out_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
	size_t n = 0;
	int64_t v;
	while (n < s.n && isdigit((unsigned char)s.p[n]))
		n++;
	if (!sl_int(sl_of(s.p, n), 0, 1000000000, &v))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (sl_eqs(sl_from(s, n), units[i].unit)) {
			*out_ms = v * units[i].ms;
			return true;
		}
	}
	return false;
}
