/* What CloudWatch has of the environment: task logs where its LoggingConfiguration says so, and the scheduler's heartbeat.
 *
 * DIFFERS: MWAA: of an environment's logs only those of tasks have lines. */
#include "airflow/airflow.h"
#include "core/measure.h"
#include "core/ports.h"

#define OF_SCHEDULER { "Environment", "Function" }
static const struct measure heartbeat = { "AmazonMWAA", "SchedulerHeartbeat", "Count", OF_SCHEDULER };
static const struct measure finished = { "AmazonMWAA", "TaskInstanceFinished", "Count", { "DAG", "Environment", "State", "Task" } };

static void on_look(void *arg)
{
	const struct airflow *a = arg;
	const char *name;
	json_t *e;
	json_object_foreach (a->kept[AF_ENVIRONMENT], name, e) {
		struct slice dims[] = { sl(name), S("Scheduler") };
		measure_add(a->env, &heartbeat, sl(NULL), dims, 1);
	}
}

void af_watched_open(struct airflow *a)
{
	measures_on_look(a->env->measures, on_look, a);
}

void af_watched_done(const struct af_ti *t, const char *state)
{
	const struct airflow *a = t->run->dag->a;
	const char *name;
	json_t *e;
	json_object_foreach (a->kept[AF_ENVIRONMENT], name, e) {
		struct slice dims[] = { sl(t->run->dag->id), sl(name), sl(state), sl(t->task_id) };
		measure_add(a->env, &finished, sl(NULL), dims, 1);
	}
}

void af_watched_line(const struct af_ti *t, struct slice line)
{
	const struct airflow *a = t->run->dag->a;
	const char *name;
	json_t *e;
	if (!a->env->ports->lines.self)
		return;
	json_object_foreach (a->kept[AF_ENVIRONMENT], name, e) {
		if (!jtrue(json_object_get(json_object_get(e, "LoggingConfiguration"), "TaskLogs"), "Enabled"))
			continue;
		char *group = xasprintf("airflow-%s-Task", name);
		char *stream = xasprintf("dag_id=%s/run_id=%s/task_id=%s/attempt=%lld.log", t->run->dag->id, t->run->id, t->task_id, (long long)t->try_number);
		for (char *p = stream; *p; p++)
			*p = *p == ':' || *p == '*' ? '_' : *p;
		lines_put(a->env, sl(NULL), group, stream, line);
		free(group);
		free(stream);
	}
}
