/* Where a clean run that found nothing could have looked: topics with objects, of every bucket. */
#ifndef TARN_LAKE_ELSEWHERE_H
#define TARN_LAKE_ELSEWHERE_H

#include "lake/lake.h"

enum { LAKE_ELSEWHERE_MAX = 20 }; /* topics that are told */
/* Set task, base, done and arg; begin calls done, on the loop. What can't be listed is left out. */
struct lake_elsewhere {
	struct lake_task *task;
	struct slice base; /* objects are base/TOPIC/... */
	void (*done)(void *arg);
	void *arg;
	struct {
		struct slice bucket, topic;
	} found[LAKE_ELSEWHERE_MAX];
	size_t n;
	/* its own */
	struct slice *buckets, after;
	size_t bucket_n, bucket;
	struct arena arena;
};
void lake_elsewhere_begin(struct lake_elsewhere *w);
void lake_elsewhere_free(struct lake_elsewhere *w);

#endif
