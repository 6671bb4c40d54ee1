#include "stack/exposure.h"

#include "core/identities.h"
#include "core/origin.h"

static const struct {
	const char *service, *can;
	bool code;         /* it runs what it is given */
	const char *users; /* NULL: [identities] say who is served; else this section does, "" none */
} rows[] = {
	{ "airflow", "run Python on this machine (a DAG file in the bucket is run)", true },
	{ "control", "stop the stack, turn its clock, arm faults" },
	{ "s3", "read, write and delete every object" },
	{ "kinesis", "read, write and delete every stream" },
	{ "apigateway", "change every API, which may call what this machine reaches" },
	{ "kafka", "read and write every topic, whatever [identities] say", .users = "" },
	{ "rest", "read and write every topic" },
	{ "connect", "change every connector" },
	{ "rds", "read and write every table, until [rds.users] name who", .users = "rds.users" },
	{ "lake", "run SQL over every table" },
	{ "databricks", "change and run every job" },
};

static bool strangers(const char *bind)
{
	return bind && !origin_loopback(sl(bind));
}

static bool asks(size_t i, const struct conf *conf)
{
	const char *key, *value;
	if (!rows[i].users)
		return identities_on(conf);
	/* A user who logs in by tokens of IAM shuts nobody else out. */
	for (size_t n = 0; *rows[i].users && conf_at(conf, rows[i].users, n, &key, &value); n++)
		if (strcmp(value, "iam") != 0)
			return true;
	return false;
}

void exposure_text(const char *bind, const struct conf *conf, bool (*runs)(const void *arg, const char *service), const void *arg, struct buf *out)
{
	for (size_t i = 0; strangers(bind) && i < ARRAY_LEN(rows); i++) {
		if (!runs(arg, rows[i].service) || asks(i, conf))
			continue;
		if (!out->n)
			buf_addf(out, "warning: at %s anyone who reaches this machine can\n", bind);
		buf_addf(out, "  %-11s %s\n", rows[i].service, rows[i].can);
	}
	if (out->n && !identities_on(conf))
		buf_adds(out, "  try: [identities] ACCESS_KEY = SECRET in stack.conf, or --set identities.ACCESS_KEY=SECRET\n");
}

int exposure_check(const char *bind, bool open, const struct conf *conf, bool (*runs)(const void *arg, const char *service), const void *arg,
		   struct error *err)
{
	for (size_t i = 0; strangers(bind) && !open && i < ARRAY_LEN(rows); i++)
		if (rows[i].code && !asks(i, conf) && runs(arg, rows[i].service))
			return err_set(err, ERR_INVALID, "at %s without [identities] anyone who reaches this machine could %s: name identities, leave %s "
							 "out with --only, or say --open", bind, rows[i].can, rows[i].service);
	return 0;
}
