/* Measures: what CloudWatch shows of the services themselves. A service adds to one where it works, under the dimensions that AWS
 * names; each lies in memory until its emulated minute is over, then who takes them (CloudWatch, of the aws service) gets it. Without
 * a taker adding costs a look at a pointer. */
#ifndef TARN_MEASURE_H
#define TARN_MEASURE_H

#include "sum.h"

struct env;
enum { MEASURE_DIMS = 4 };
enum measure_kind { MEASURE_VALUES, MEASURE_PER_SECOND /* what was added is of the whole minute */, MEASURE_GAUGE /* the last counts */ };
/* A row of a service. */
struct measure {
	const char *ns, *name, *unit;    /* "AWS/Kinesis", "IncomingBytes", "Bytes" */
	const char *dims[MEASURE_DIMS];  /* names of its dimensions, by name; NULL: no more */
	enum measure_kind kind;
};
struct measures;
struct measures *measures_new(void);
void measures_free(struct measures *m);
/* Adds a value to m's minute that is now. region: absent: the stack's. dims: the values, as many as m has; absent: all of it is left. */
void measure_add(const struct env *env, const struct measure *m, struct slice region, const struct slice *dims, double value);

/* ---- who takes them ---- */
struct measured {
	const struct measure *what;
	struct slice region; /* empty: the stack's */
	struct slice dims[MEASURE_DIMS];
	int64_t at_s; /* begin of the minute */
	const struct metric_sum *sum;
};
void measures_take(struct measures *m, void (*fn)(void *arg, const struct measured *got), void *arg); /* fn NULL: nobody does */
/* Hands over what lies there; what is told by the second only when its minute is over. */
void measures_flush(struct measures *m, int64_t now_s);
/* Called before the taker is asked: gauges are added then. One a function: the last counts. */
void measures_on_look(struct measures *m, void (*fn)(void *arg), void *arg);
void measures_look(struct measures *m);

#endif
