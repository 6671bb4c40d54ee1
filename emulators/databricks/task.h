/* A task of a run: its life, and what each kind of task does.
 *
 *   task.c        BLOCKED, PENDING, RUNNING, ended; attempts, limits
 *   kinds.c       which kind a task is; those that are refused
 *   task_code.c   notebook_task, spark_python_task: a child process runs the file (python/kernel), or steps.c the stack's steps
 *   task_flow.c   condition_task, for_each_task, run_job_task
 *   task_sql.c    sql_task
 *   values.c      parameters and {{references}} */
#ifndef TARN_DATABRICKS_TASK_H
#define TARN_DATABRICKS_TASK_H

#include "databricks/databricks.h"

/* ---- task.c ---- */
/* PENDING: its cluster gets ready, and then it runs. */
void dbx_task_begin(struct dbx_task *t);
/* What it does has ended: error NULL is success. It ends when [jobs] execution is over, too, and may be tried again. Texts are copied. */
void dbx_task_done(struct dbx_task *t, const char *output, const char *error, const char *trace);
/* It can't be run: INTERNAL_ERROR, in these words. */
void dbx_task_refuse(struct dbx_task *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Ends it at once, with whatever runs of it; nothing that has ended changes. */
void dbx_task_stop(struct dbx_task *t, enum dbx_result result, const char *message);
/* Not run, as something before it decided. */
void dbx_task_leave_out(struct dbx_task *t, enum dbx_result result, const char *message);
/* It was on its way when the process ended. */
void dbx_task_lost(struct dbx_task *t);
/* As it was before it ran, for a repair: its past is kept. */
void dbx_task_again(struct dbx_task *t);
void dbx_task_free(struct dbx_task *t);
void dbx_set_text(char **at, const char *text);
void dbx_touch(struct dbx_run *r);
int64_t dbx_now(const struct databricks *j);
/* Numbers arrive as strings from the Airflow operator. 0: none. */
int64_t dbx_number_of(const json_t *v);

/* ---- kinds.c ---- */
struct dbx_task_kind {
	const char *key; /* "notebook_task" */
	bool cluster;    /* it waits for one */
	void (*start)(struct dbx_task *t, const json_t *spec); /* spec: its object with references resolved; ends in done or refuse */
	void (*stop)(struct dbx_task *t);                      /* takes back what start began; NULL: t->owed is all */
	const char *refusal; /* start NULL: why it doesn't run here */
};
extern const struct dbx_task_kind dbx_task_kinds[];
/* NULL: what was sent is no task. */
const struct dbx_task_kind *dbx_task_kind(const json_t *spec);

void dbx_notebook_start(struct dbx_task *t, const json_t *spec);
void dbx_python_start(struct dbx_task *t, const json_t *spec);
void dbx_code_stop(struct dbx_task *t);
/* Removes what runs of a process that was killed left; ends those of this one. */
void dbx_codes_open(const struct databricks *j);
void dbx_codes_close(struct databricks *j);
void dbx_sql_start(struct dbx_task *t, const json_t *spec);
void dbx_condition_start(struct dbx_task *t, const json_t *spec);
void dbx_for_each_start(struct dbx_task *t, const json_t *spec);
void dbx_for_each_stop(struct dbx_task *t);
/* An iteration has ended. */
void dbx_for_each_look(struct dbx_task *t);
void dbx_run_job_start(struct dbx_task *t, const json_t *spec);
void dbx_run_job_stop(struct dbx_task *t);
/* The run that a run_job_task began has ended. */
void dbx_run_job_ended(struct dbx_task *t, const struct dbx_run *r);

/* ---- values.c ---- */
/* A copy of v with the references in its texts resolved; NULL: err says which can't be. */
json_t *dbx_resolve(struct dbx_task *t, const json_t *v, struct error *err);
/* The job's parameters by name, with those of this run. A fresh reference. */
json_t *dbx_job_parameters(const struct dbx_run *r);
/* Names to values as text: base (an object) under the run's own of kind ("notebook_params"), under the job's parameters. */
json_t *dbx_parameters(struct dbx_task *t, const json_t *base, const char *kind);

#endif
