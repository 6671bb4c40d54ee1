/* The clock: the only file that reads one. Time is int64_t Unix milliseconds everywhere.
 *
 * Modes: real; virtual (frozen, moves only by clock_advance and clock_freeze). In both, `now` is constant within a
 * tick. Clock timers fall due in emulated time, in order of (at_ms, order of arming). */
#ifndef TARN_CLOCK_H
#define TARN_CLOCK_H

#include "loop.h"

struct clock;
struct clock_timer {
	int64_t at_ms;
	uint64_t seq;
	void (*fn)(void *arg);
	void *arg;
	size_t slot; /* 1-based place in the heap, 0 = not armed */
};

struct clock *clock_new(struct loop *l);
void clock_free(struct clock *c);
int64_t clock_now_ms(struct clock *c);
/* Real time whatever the mode: signature skew and measuring only. */
int64_t clock_real_ms(void);
int64_t clock_real_us(void); /* monotonic, for durations */
/* Waits in real time, or until a signal comes: for command-line tools that keep a pace; never on the loop. */
void clock_real_wait_us(int64_t us);
bool clock_is_virtual(const struct clock *c);
/* Freezes at at_ms. */
void clock_freeze(struct clock *c, int64_t at_ms);
void clock_resume(struct clock *c); /* back to real */
/* Virtual only: moves forward on the loop, running what falls due, each timer at its own time. It goes on when nothing is pending
 * (loop.h): children, jobs and calls have all the real time they need, and none of the emulated. done is called once, later: err NULL
 * when the clock is there and all has come to rest, otherwise CONFLICT: it was ended before. Errors at once: INVALID in real mode or
 * backwards, LIMIT over a hundred years or past the year 9999, CONFLICT while another advances. */
typedef void (*clock_done)(void *arg, const struct error *err);
int clock_advance(struct clock *c, int64_t delta_ms, clock_done done, void *arg, struct error *err) WARN_UNUSED;
bool clock_advancing(const struct clock *c, int64_t *to_ms);
/* Ends an advance where it is, if there is one; clock_freeze, clock_resume and clock_free do so, too. */
void clock_stop(struct clock *c, const char *why);
void clock_at(struct clock *c, struct clock_timer *t, int64_t at_ms, void (*fn)(void *), void *arg);
void clock_cancel(struct clock *c, struct clock_timer *t);

/* "2026-01-05T09:00:00Z", also with fraction and with a space for T; false when malformed. */
bool clock_parse_iso(struct slice s, int64_t *out_ms);
void clock_iso(int64_t ms, char out[32]);      /* 2026-01-05T09:00:00.000Z */
void clock_iso_sec(int64_t ms, char out[32]);  /* 2026-01-05T09:00:00Z */
void clock_http(int64_t ms, char out[40]);     /* Mon, 05 Jan 2026 09:00:00 GMT */
void clock_amz(int64_t ms, char out[24]);      /* 20260105T090000Z */
/* Proleptic Gregorian calendar, UTC. */
int64_t clock_days(int year, int month, int day); /* days since 1970-01-01 */
void clock_civil(int64_t days, int *year, int *month, int *day);
/* "250ms" "30s" "5m" "2h" "7d" -> milliseconds; false when malformed. */
bool clock_parse_duration(struct slice s, int64_t *out_ms);

#endif
