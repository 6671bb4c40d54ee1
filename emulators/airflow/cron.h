/* When a DAG runs: cron expressions, deltas, intervals, time zones (cron.c). */
#ifndef TARN_AIRFLOW_CRON_H
#define TARN_AIRFLOW_CRON_H

#include "core/mem.h"

struct af_cron {
	uint64_t minutes, hours, days, months, weekdays; /* bit sets */
	bool any_day, any_weekday; /* field was * */
	bool last_day;             /* L */
	uint8_t nth[7];            /* bit n: the nth such weekday of a month (1 to 5) */
	uint8_t last_weekday;      /* bit n: the last such weekday of a month */
};
/* False with *why set: not a cron expression of five fields. */
bool af_cron_parse(struct slice text, struct af_cron *out, const char **why);
/* The first match after / the last before at_ms, as if at_ms were UTC; -1: none within eight years. */
int64_t af_cron_next(const struct af_cron *c, int64_t at_ms);
int64_t af_cron_prev(const struct af_cron *c, int64_t at_ms);

enum af_sched_kind { SCHED_NONE, SCHED_ONCE, SCHED_CRON, SCHED_DELTA, SCHED_CONTINUOUS };
struct af_zone_step {
	int64_t from_ms, offset_ms;
};
struct af_schedule {
	enum af_sched_kind kind;
	struct af_cron cron;
	bool trigger; /* CronTriggerTimetable: the interval is the tick itself */
	int64_t delta_ms;
	struct af_zone_step *zone; /* owned; none: UTC */
	size_t zone_n;
	char *value; /* as the file has it: "@daily" */
	char *zone_name;
};
/* Ticks of a schedule of kind CRON or DELTA: strictly after, strictly before; -1: none. */
int64_t af_sched_next(const struct af_schedule *s, int64_t at_ms);
int64_t af_sched_prev(const struct af_schedule *s, int64_t at_ms);
struct af_interval {
	int64_t start_ms, end_ms, after_ms; /* the run is made at after_ms */
};
/* The next automated interval. last_end_ms: end of the last one, -1: none yet; start_ms -1: no start_date. False: never. */
bool af_sched_interval(const struct af_schedule *s, int64_t last_end_ms, int64_t start_ms, int64_t end_ms, bool catchup, int64_t now_ms,
		    struct af_interval *out);
/* The interval of a run triggered by hand. */
struct af_interval af_sched_manual(const struct af_schedule *s, int64_t at_ms);

#endif
