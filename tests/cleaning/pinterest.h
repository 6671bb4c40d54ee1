/* The default stack's datasets and rules, in this order. */
#ifndef TARN_TEST_PINTEREST_H
#define TARN_TEST_PINTEREST_H

#include <stdio.h>
#include <stdlib.h>

#include "cleaning/cleaning.h"

enum set { PIN, GEO, USERS, SET_N };

static inline void pinterest_open(struct cleaning *c, struct arena *a)
{
	struct conf *conf = conf_new();
	struct error err = { 0 };
	conf_set(conf, "stack", "datasets", "pin, geo, users");
	if (cleaning_open(c, a, NULL, conf, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	conf_free(conf);
}

#endif
