/* CloudTrail, between its files: cloudtrail.c (operations), trail_event.c (what an answered request becomes), store_trail.c (rows). */
#ifndef TARN_AWS_CLOUDTRAIL_H
#define TARN_AWS_CLOUDTRAIL_H

#include "aws/api.h"
#include "aws/store_trail.h"

enum { TRAIL_WAITING = 64 };
struct trail {
	struct aws *a;
	struct trail_store store;
	/* Events that aren't rows yet: they are written when there are many, when they are asked for, or beside what else is written. */
	struct trail_event *waiting[TRAIL_WAITING];
	size_t waiting_n;
	int64_t last;
};
struct trail_event {
	int64_t at_ms;
	char *place, *shown, *json;
};
void trail_event_free(struct trail_event *e);
/* What an answered request is to CloudTrail; NULL: no management event. seq: a number of its own. */
struct trail_event *trail_event_of(const struct env *env, struct http_call *call, int64_t seq);
/* Writes what waits. */
int trail_flush(struct trail *t, struct error *err) WARN_UNUSED;

#endif
