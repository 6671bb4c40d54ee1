/* What CloudWatch shows of connectors (AWS/KafkaConnect, by ConnectorName). */
#include "connect/connect.h"
#include "core/json.h"
#include "core/measure.h"

#define ROW(name) { "AWS/KafkaConnect", name, "Count", { "ConnectorName" }, MEASURE_GAUGE }
enum { RUNNING_TASKS, FAILED_TASKS, PAUSED_TASKS, WORKERS };
static const struct measure rows[] = {
	[RUNNING_TASKS] = ROW("RunningTaskCount"),
	[FAILED_TASKS] = ROW("FailedTaskCount"),
	[PAUSED_TASKS] = ROW("PausedTaskCount"),
	[WORKERS] = ROW("WorkerCount"),
};

static double tasks_in(const struct connector *c, enum con_state state)
{
	double n = 0;
	for (size_t i = 0; i < c->task_n; i++)
		n += c->tasks[i].state == state;
	return n;
}

static void on_look(void *arg)
{
	const struct connect *k = arg;
	for (const struct connector *c = k->connectors; c; c = c->next) {
		struct slice name = sl(c->name);
		measure_add(k->env, &rows[RUNNING_TASKS], sl(NULL), &name, tasks_in(c, CON_RUNNING));
		measure_add(k->env, &rows[FAILED_TASKS], sl(NULL), &name, tasks_in(c, CON_FAILED));
		measure_add(k->env, &rows[PAUSED_TASKS], sl(NULL), &name, tasks_in(c, CON_PAUSED));
		measure_add(k->env, &rows[WORKERS], sl(NULL), &name, 1);
	}
}

void con_measure_open(struct connect *k)
{
	measures_on_look(k->env->measures, on_look, k);
}

static int64_t lag(const struct con_tp *tp)
{
	int64_t from = tp->committed > 0 ? tp->committed : 0;
	return tp->begun && tp->high > from ? tp->high - from : 0;
}

void con_look(void *self, struct buf *out)
{
	const struct connect *k = self;
	int64_t connectors = 0, failed = 0, paused = 0, buffered = 0, behind = 0, flush = 0;
	for (const struct connector *c = k->connectors; c; c = c->next) {
		connectors++;
		paused += c->state == CON_PAUSED || c->state == CON_STOPPED;
		flush = c->sink.flush_size > 0 ? c->sink.flush_size : flush;
		for (size_t i = 0; i < c->task_n; i++)
			failed += c->tasks[i].state == CON_FAILED;
		for (const struct con_tp *tp = c->tps; tp; tp = tp->next) {
			buffered += (int64_t)tp->record_n;
			behind += lag(tp);
		}
	}
	jw_int(out, "connectors", connectors);
	jw_int(out, "paused", paused);
	jw_int(out, "failed_tasks", failed);
	jw_int(out, "buffered", buffered);
	jw_int(out, "lag", behind);
	jw_int(out, "flush_size", flush);
}
