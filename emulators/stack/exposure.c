#include "stack/exposure.h"

#include "core/identities.h"
#include "core/origin.h"

static const struct {
	const char *service, *can;
	bool code; /* it runs what it is given */
} rows[] = {
	{ "airflow", "run Python on this machine (a DAG file in the bucket is run)", true },
	{ "control", "stop the stack, turn its clock, arm faults" },
	{ "s3", "read, write and delete every object" },
	{ "kinesis", "read, write and delete every stream" },
	{ "apigateway", "change and call every API, which may call what this machine reaches" },
	{ "kafka", "read and write every topic" },
	{ "rest", "read and write every topic" },
	{ "connect", "change every connector" },
	{ "rds", "read and write every table, unless [rds.users] names who" },
	{ "lake", "run SQL over every table" },
	{ "databricks", "change and run every job" },
};

bool exposure_any(const char *bind, const struct conf *conf)
{
	return bind && !origin_loopback(sl(bind)) && !identities_on(conf);
}

void exposure_text(const char *bind, bool (*runs)(const void *arg, const char *service), const void *arg, struct buf *out)
{
	buf_addf(out, "warning: at %s without [identities] anyone who reaches this machine can\n", bind);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (runs(arg, rows[i].service))
			buf_addf(out, "  %-11s %s\n", rows[i].service, rows[i].can);
	buf_adds(out, "  try: [identities] ACCESS_KEY = SECRET in stack.conf, or --set identities.ACCESS_KEY=SECRET\n");
}

int exposure_check(const char *bind, bool open, const struct conf *conf, bool (*runs)(const void *arg, const char *service), const void *arg,
		   struct error *err)
{
	for (size_t i = 0; exposure_any(bind, conf) && !open && i < ARRAY_LEN(rows); i++)
		if (rows[i].code && runs(arg, rows[i].service))
			return err_set(err, ERR_INVALID, "at %s without [identities] anyone who reaches this machine could %s: name identities, leave %s "
							 "out with --only, or say --open", bind, rows[i].can, rows[i].service);
	return 0;
}
