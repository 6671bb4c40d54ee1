/* Which Delta tables there are: folders below tables/ of the lake's bucket. */
#ifndef TARN_LAKE_TABLE_H
#define TARN_LAKE_TABLE_H

#include "lake/relation.h"

/* ---- which tables there are ---- */
/* Folders below tables/ that have a log. Set task, each, done and arg. */
struct lake_finder {
	struct lake_task *task;
	void (*each)(void *arg, struct slice name); /* in order of names; valid until done */
	void (*done)(void *arg);                    /* see err */
	void *arg;
	struct slice below; /* a database's folder "NAME.db/"; absent: the standard one's */
	struct error err; /* kind 0: none; a bucket that isn't there has no tables */
	/* its own */
	struct arena arena;
	struct slice folder, after; /* being looked at, listed so far */
	bool found;                 /* the folder has a log */
};
void lake_finder_start(struct lake_finder *f);
void lake_finder_free(struct lake_finder *f);

#endif
