/* One SQL statement through the MySQL port, as a job on the pool: scenarios' `query on=rds`, the row of a journey. */
#ifndef TARN_MYSQL_JOB_H
#define TARN_MYSQL_JOB_H

#include "core/loop.h"
#include "stack/table.h"

/* address "host:port". done(arg, err): err NULL on success, with *out filled. */
void mysql_job(struct loop *l, const char *address, const char *database, const char *sql, struct table *out,
	       void (*done)(void *arg, const struct error *err), void *arg);

#endif
