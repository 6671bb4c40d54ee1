/* Metrics in Prometheus text form. Counters are declared as rows with unit and a sentence; per-operation calls,
 * errors and microseconds come free from the core. */
#ifndef TARN_METRIC_H
#define TARN_METRIC_H

#include "err.h"

struct metrics;
struct metric {
	const char *name; /* tarn_<service>_<what>_<unit or total> */
	const char *help; /* one sentence */
	bool gauge;       /* else a counter */
	int64_t value;
};
struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
/* The rows stay the caller's and must outlive m. */
void metrics_add(struct metrics *m, struct metric *rows, size_t n);
/* Forgets all rows: their owners have closed. What was counted of operations stays. */
void metrics_forget(struct metrics *m);
/* Counts one call of an operation (made on first sight). */
void metrics_op(struct metrics *m, const char *service, const char *op, bool ok, int64_t us);
/* Operations are counted from nothing again: all that they did is gone. */
void metrics_anew(struct metrics *m);
/* One JSON object: "ops": {SERVICE: [calls, errors, microseconds]}, and each row of metrics_add by its name. */
void metrics_json(const struct metrics *m, struct buf *out);
void metrics_write(const struct metrics *m, struct buf *out);

#endif
