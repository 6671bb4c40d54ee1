/* Cron expressions: what comes next is later, and what came before that is not later than where we began. */
#include <stdint.h>

#include "airflow/airflow.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const int64_t at = 1724000000123;
	struct af_cron c;
	const char *why;
	if (!af_cron_parse(sl_of(p, n), &c, &why))
		return 0;
	int64_t next = af_cron_next(&c, at), prev = next < 0 ? -1 : af_cron_prev(&c, next);
	if (next >= 0 && (next <= at || prev > at || (prev >= 0 && af_cron_next(&c, prev) != next)))
		__builtin_trap();
	return 0;
}
