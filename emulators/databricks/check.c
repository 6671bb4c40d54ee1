/* Whether what was sent can be run: settings of runs/submit and of jobs. */
#include "core/json.h"
#include "databricks/databricks.h"

static int check_cluster(const struct databricks *j, const json_t *task, struct error *err)
{
	const json_t *id = json_object_get(task, "existing_cluster_id");
	if (!id)
		return 0;
	if (!json_is_string(id) || !dbx_cluster(j, json_string_value(id)))
		return err_set(err, ERR_INVALID, "Cluster %.100s does not exist", json_is_string(id) ? json_string_value(id) : "?");
	return 0;
}

static int check_task(const struct databricks *j, const json_t *tasks, size_t at, struct error *err)
{
	const json_t *t = json_array_get(tasks, at), *d, *deps = json_object_get(t, "depends_on");
	const char *key = jstr(t, "task_key");
	size_t i, k;
	if (!key || !*key || strlen(key) > 100)
		return err_set(err, ERR_INVALID, "Missing required field: tasks[%zu].task_key", at);
	for (i = 0; i < at; i++)
		if (!strcmp(jstr(json_array_get(tasks, i), "task_key"), key))
			return err_set(err, ERR_INVALID, "Duplicate task key '%s'", key);
	json_array_foreach(deps, k, d) {
		const char *on = jstr(d, "task_key");
		bool known = false;
		const json_t *other;
		json_array_foreach(tasks, i, other) {
			const char *name = jstr(other, "task_key");
			known |= on && name && i != at && !strcmp(name, on);
		}
		if (!known)
			return err_set(err, ERR_INVALID, "Task '%s' depends on unknown task '%s'", key, on ? on : "");
	}
	return check_cluster(j, t, err);
}

/* Whether the tasks can be put in an order: each round takes those whose dependencies were taken. */
static bool has_cycle(const json_t *tasks)
{
	size_t n = json_array_size(tasks), left = n;
	bool *done = xcalloc(n, sizeof(*done)), moved = true;
	while (moved) {
		moved = false;
		for (size_t i = 0; i < n; i++) {
			const json_t *deps = json_object_get(json_array_get(tasks, i), "depends_on"), *d;
			size_t k, open = 0;
			json_array_foreach(deps, k, d)
				for (size_t m = 0; m < n; m++)
					open += !done[m] && !strcmp(jstr(json_array_get(tasks, m), "task_key"),
								    jstr(d, "task_key"));
			if (done[i] || open)
				continue;
			done[i] = moved = true;
			left--;
		}
	}
	free(done);
	return left > 0;
}

int dbx_check_settings(const struct databricks *j, const json_t *settings, struct error *err)
{
	static const char *const kinds[] = { "notebook_task", "spark_python_task", "spark_jar_task", "spark_submit_task", "pipeline_task",
					     "dbt_task", "python_wheel_task", "sql_task", "run_job_task" };
	const json_t *tasks = json_object_get(settings, "tasks"), *t;
	size_t i;
	int rc;
	if (!tasks) {
		bool any = false;
		for (i = 0; i < ARRAY_LEN(kinds); i++)
			any |= json_is_object(json_object_get(settings, kinds[i]));
		if (!any)
			return err_set(err, ERR_INVALID, "One of job_cluster_key, new_cluster, or existing_cluster_id must be specified with a task: "
							 "no task was given");
		if (!json_object_get(settings, "existing_cluster_id") && !json_object_get(settings, "new_cluster"))
			return err_set(err, ERR_INVALID, "One of job_cluster_key, new_cluster, or existing_cluster_id must be specified.");
		return check_cluster(j, settings, err);
	}
	if (!json_is_array(tasks) || !json_array_size(tasks) || json_array_size(tasks) > DBX_TASKS_MAX)
		return err_set(err, ERR_INVALID, "tasks must hold 1 to %d tasks", DBX_TASKS_MAX);
	json_array_foreach(tasks, i, t)
		if ((rc = check_task(j, tasks, i, err)))
			return rc;
	return has_cycle(tasks) ? err_set(err, ERR_INVALID, "The task dependencies have a cycle") : 0;
}
