/* The remote side of the record_log port. */
#include "ports.h"

int ports_kafka_open(const struct env *env, const char *bootstrap, struct record_log *out, struct error *err)
{
	(void)env;
	(void)out;
	return err_set(err, ERR_UNSUPPORTED, "remote kafka at %s: not yet", bootstrap);
}

void ports_kafka_close(struct record_log *log)
{
	(void)log;
}
