/* Databricks Jobs API 2.0, 2.1 and 2.2, clusters, and the SQL statements API, on the lake's address.
 *
 *   jobs_api.c    the operations under /api/2.x/: bytes <-> the structs below, error bodies
 *   jobs_shape.c  a job, a run, a task as the API shows them
 *   jobs_model.c  runs and tasks: PENDING, RUNNING, TERMINATED on the clock
 *   jobs_steps.c  what a notebook does: mount, load, clean, query, by the table [notebooks] of the stack
 *   jobs_sql.c    statements
 *   jobs_store.c  jobs.db: one row an object
 *
 * The stack says: [notebooks] PATTERN = steps (first match counts), [clusters] ID = name,
 * [jobs] setup = 1s, execution = 1s (how long a cluster takes to be ready, and a task to run at least).
 * Spec: docs.databricks.com/api/workspace/jobs, .../statementexecution. */
#ifndef TARN_LAKE_JOBS_H
#define TARN_LAKE_JOBS_H

#include <jansson.h>

#include "core/service.h"

enum {
	JOBS_TASKS_MAX = 100,       /* of a run: as the real limit */
	JOBS_RUNS_MAX = 10000,      /* kept; the oldest that have ended go first */
	JOBS_MAX = 1000,            /* saved jobs */
	JOBS_TOKEN_MAX = 64,        /* idempotency_token */
	JOBS_LIST_MAX = 100,        /* limit= of a list */
	JOBS_STATEMENTS_MAX = 200,  /* kept */
};

enum jobs_life { JOBS_BLOCKED, JOBS_PENDING, JOBS_RUNNING, JOBS_TERMINATED, JOBS_SKIPPED, JOBS_INTERNAL_ERROR };
enum jobs_result { JOBS_NONE, JOBS_SUCCESS, JOBS_FAILED, JOBS_TIMEDOUT, JOBS_CANCELED, JOBS_UPSTREAM_FAILED, JOBS_EXCLUDED };

struct jobs;
struct jobs_run;
struct jobs_task {
	struct jobs_run *run;
	int64_t run_id;
	char *key;
	json_t *spec; /* as sent */
	enum jobs_life life;
	enum jobs_result result;
	char *message, *error, *trace, *output; /* output: what the notebook returned */
	int64_t start_ms, setup_ms, execution_ms, end_ms;
	struct clock_timer timer;
	struct jobs_work *work; /* its steps, while they run */
};
struct jobs_run {
	struct jobs *j;
	struct jobs_run *next; /* by run_id, newest first */
	int64_t run_id, job_id, number;
	char *name, *type, *token; /* token: idempotency_token or NULL */
	json_t *params;            /* notebook_params, job_parameters ... of run-now */
	json_t *settings;          /* what was submitted, or the job's settings then */
	struct jobs_task *tasks;
	size_t task_n;
	bool multi; /* tasks: [...] was sent */
	bool cancelled, timed_out, dirty;
	int64_t start_ms, end_ms; /* end 0: not yet */
	enum jobs_life life;
	enum jobs_result result;
	char *message;
	struct clock_timer timeout;
};
struct jobs_job {
	struct jobs_job *next; /* newest first */
	int64_t job_id, created_ms;
	json_t *settings;
};
struct jobs_statement;

struct jobs {
	const struct env *env;
	struct db db;
	sqlite3_stmt *put, *del;
	struct jobs_job *jobs;
	struct jobs_run *runs;
	size_t job_n, run_n;
	int64_t last_id; /* of jobs and runs: one counter */
	int64_t setup_ms, execution_ms;
	struct jobs_work *first_work, *last_work; /* the first runs */
	struct jobs_statement *statements;
	size_t statement_n;
	int64_t last_statement;
	bool dirty, closing;
};

/* ---- for service.c ---- */
int jobs_open(const struct env *env, struct jobs **out, struct error *err) WARN_UNUSED;
void jobs_close(struct jobs *j);
/* True: the path is one of ours and an answer is owed. */
bool jobs_http(struct jobs *j, struct http_call *call);
bool jobs_dirty(const struct jobs *j);
int jobs_commit(struct jobs *j, struct error *err) WARN_UNUSED;

/* ---- model ---- */
struct jobs_job *jobs_find(struct jobs *j, int64_t job_id);
struct jobs_run *jobs_find_run(struct jobs *j, int64_t run_id);
/* The task of that run_id, or of a run with one task. *run: the run (also when there is no such task). */
struct jobs_task *jobs_find_task(struct jobs *j, int64_t run_id, struct jobs_run **run);
struct jobs_run *jobs_by_token(struct jobs *j, const char *token);
/* Starts a run. settings: tasks or one task at the top; params may be NULL; both are referenced. Errors: INVALID. */
int jobs_start(struct jobs *j, int64_t job_id, const char *type, json_t *settings, json_t *params, const char *token,
	       struct jobs_run **out, struct error *err) WARN_UNUSED;
void jobs_cancel(struct jobs_run *r, bool timed_out);
bool jobs_ended(const struct jobs_run *r);
void jobs_run_free(struct jobs_run *r);
void jobs_job_free(struct jobs_job *job);
/* A cluster that the stack names; NULL: none. */
const char *jobs_cluster(const struct jobs *j, const char *id);
/* The steps of a task have ended: error NULL is success. */
void jobs_task_done(struct jobs_task *t, const char *output, const char *error, const char *trace);

/* ---- steps ---- */
/* Steps of a notebook path, or NULL when the stack knows no such notebook. */
const char *jobs_notebook(const struct jobs *j, const char *path);
/* Starts the steps of t when those before it have ended; answers with jobs_task_done. */
void jobs_work_start(struct jobs_task *t, const char *path, const char *steps);
void jobs_work_drop(struct jobs_work *w);
/* One call to this process's lake; cb gets the parsed body (borrowed), or NULL and what was wrong. */
typedef void (*jobs_lake_cb)(void *arg, int status, const json_t *body, const char *wrong);
void jobs_lake_call(struct jobs *j, const char *method, const char *path, struct slice body, jobs_lake_cb cb, void *arg);

/* ---- shapes: fresh references ---- */
const char *jobs_life_name(enum jobs_life life);
const char *jobs_result_name(enum jobs_result result);
json_t *jobs_run_json(const struct jobs_run *r, bool with_tasks);
json_t *jobs_output_json(const struct jobs_task *t);
json_t *jobs_job_json(const struct jobs_job *job);
json_t *jobs_cluster_json(const struct jobs *j, const char *id, const char *name);

/* ---- statements ---- */
void jobs_statement_post(struct jobs *j, struct http_call *call, const json_t *body);
/* rest: "ID", "ID/cancel" or "ID/result/chunks/N". */
void jobs_statement_at(struct jobs *j, struct http_call *call, struct slice rest);
void jobs_statements_free(struct jobs *j);
void jobs_reply(struct http_call *call, int status, json_t *body); /* takes the reference */
/* code: Databricks error_code. */
void jobs_refuse(struct http_call *call, int status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* ---- store ---- */
int jobs_store_open(struct jobs *j, struct error *err) WARN_UNUSED;
int jobs_store_put(struct jobs *j, const char *kind, int64_t id, json_t *doc, struct error *err) WARN_UNUSED; /* takes doc */
int jobs_store_del(struct jobs *j, const char *kind, int64_t id, struct error *err) WARN_UNUSED;
json_t *jobs_run_doc(const struct jobs_run *r);

#endif
