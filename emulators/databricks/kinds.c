/* The kinds of tasks, by the member of a task that says what it does. */
#include "databricks/task.h"

#define NEEDS(what) "it needs " what ", which isn't there"

const struct dbx_task_kind dbx_task_kinds[] = {
	{ "notebook_task", true, dbx_notebook_start, dbx_code_stop, NULL },
	{ "spark_python_task", true, dbx_python_start, dbx_code_stop, NULL },
	{ "sql_task", false, dbx_sql_start, NULL, NULL },
	{ "condition_task", false, dbx_condition_start, NULL, NULL },
	{ "for_each_task", false, dbx_for_each_start, dbx_for_each_stop, NULL },
	{ "run_job_task", false, dbx_run_job_start, dbx_run_job_stop, NULL },
	/* DIFFERS: tasks of other kinds are taken, and their runs fail with INTERNAL_ERROR and why. */
	{ "python_wheel_task", true, NULL, NULL, NEEDS("pip and a package index") },
	{ "spark_jar_task", true, NULL, NULL, NEEDS("a JVM") },
	{ "spark_submit_task", true, NULL, NULL, NEEDS("spark-submit") },
	{ "pipeline_task", true, NULL, NULL, NEEDS("Delta Live Tables") },
	{ "dbt_task", true, NULL, NULL, NEEDS("dbt") },
	{ "clean_rooms_notebook_task", true, NULL, NULL, NEEDS("a clean room") },
	{ "dashboard_task", false, NULL, NULL, NEEDS("dashboards") },
	{ "power_bi_task", false, NULL, NULL, NEEDS("Power BI") },
	{ NULL, false, NULL, NULL, NULL },
};

const struct dbx_task_kind *dbx_task_kind(const json_t *spec)
{
	for (const struct dbx_task_kind *k = dbx_task_kinds; k->key; k++)
		if (json_is_object(json_object_get(spec, k->key)))
			return k;
	return NULL;
}
