/* The objects below a prefix, read several at a time and handed over in order of their keys. */
#ifndef TARN_LAKE_READER_H
#define TARN_LAKE_READER_H

#include "lake/lake.h"

enum {
	LAKE_BATCH = 1000,           /* objects listed before they are read */
	LAKE_BATCH_BYTES = 8 << 20, /* of objects read before they are cleaned */
	LAKE_IN_FLIGHT = 32,         /* object reads at a time */
};
struct lake_object {
	struct slice key;
	struct buf body;
	size_t size; /* over LAKE_OBJECT_MAX: body is empty */
	bool gone;   /* deleted since it was listed */
};
/* Reads .json objects below a prefix. Set task, clean, done and arg; start may be called again after done. */
struct lake_reader {
	struct lake_task *task;
	bool (*wants)(void *arg, struct slice key);            /* on the loop; NULL: those that end in .json */
	void (*clean)(void *arg, const struct lake_object *o); /* on the pool, never twice at a time */
	void (*cleaned_some)(void *arg);                       /* on the loop after some of them; may be NULL */
	void (*done)(void *arg);                               /* on the loop; see err */
	void *arg;
	int64_t objects, skipped, bytes;
	struct error err; /* kind 0: none; clean may set it, which ends the reading */
	/* its own */
	struct slice bucket, prefix;
	struct buf after; /* last key listed */
	bool more;        /* the listing goes on */
	struct lake_object *batch;
	size_t n, asked, cleaned, in_flight;
	struct arena page, arena; /* page: keys of this batch */
};
void lake_reader_start(struct lake_reader *r, struct slice bucket, struct slice prefix);
void lake_reader_free(struct lake_reader *r);

#endif
