/* A DAG file written as JSON: read it, show it, ask for its next run. */
#include <stdint.h>

#include "airflow/airflow.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	json_t *o = json_loadb((const char *)p, n, 0, NULL);
	struct af_dag *d;
	struct error err;
	struct af_interval i;
	if (json_is_object(o) && !af_dag_read(NULL, o, "x.json", &d, &err)) {
		for (size_t k = 0; k < d->task_n; k++)
			json_decref(af_task_json(d, &d->tasks[k]));
		if (af_sched_interval(&d->schedule, d->last_end_ms, d->start_ms, d->end_ms, d->catchup, 1724000000000, &i) && i.end_ms < i.start_ms)
			__builtin_trap();
		af_dag_free(d);
	}
	json_decref(o);
	return 0;
}
