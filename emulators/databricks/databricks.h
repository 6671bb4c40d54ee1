/* A Databricks workspace: Jobs API 2.0, 2.1 and 2.2, clusters, the SQL statements API, and mounts; on the lake's address.
 *
 *   request.c     parameters, answers, pages
 *   api.c         the operations under /api/2.x/: bytes <-> the structs below
 *   shape.c       a job, a run, a task as the API shows them
 *   model.c       runs: PENDING, RUNNING, TERMINATED on the clock; repairs
 *   check.c       whether what was sent can be run
 *   task.c ...    what a task does: task.h
 *   steps.c       what a notebook that isn't there does: mount, load, clean, query, by the table [notebooks] of the stack
 *   statements.c  statements
 *   secrets.c, clusters.c, people.c   scopes and secrets; clusters; who one is, SQL warehouses
 *   mounts.c      /mnt/... -> bucket and folder: the port `paths`; mounts_api.c  /api/tarn/mounts
 *   dbfs.c        files and folders of DBFS (dbfs.h says how paths map); dbfs_api.c  /api/2.0/dbfs; files_api.c  /api/2.0/fs
 *   workspace.c   notebooks, files and folders by path (workspace.h); workspace_api.c, workspace_import.c  /api/2.0/workspace
 *   notebook.c    notebooks' files from one form to another; archive.c  .dbc; form.c  multipart/form-data
 *   store.c       jobs.db: jobs and runs, one row an object; lake_mounts.db: mounts
 *
 * A job's and a task's state is the JSON that the client sent, which is shown again as it was: so jansson's types stand in the
 * structs below, and model.c reads members of them.
 *
 * The stack says: [notebooks] PATTERN = steps (first match counts), [clusters] ID = name,
 * [jobs] setup = 1s, execution = 1s (how long a cluster takes to be ready, and a task to run at least).
 * Spec: docs.databricks.com/api/workspace/jobs, .../statementexecution. */
#ifndef TARN_DATABRICKS_H
#define TARN_DATABRICKS_H

#include <jansson.h>

#include "cleaning/dataset.h"
#include "core/problem.h"
#include "core/service.h"
#include "databricks/mounts.h"

extern const struct service databricks_service;
struct dbx_object;
struct dbx_workspace { /* workspace.h */
	struct dbx_object **rows; /* by path */
	size_t n, cap;
	char *user; /* "student@example.com" */
};

enum {
	DBX_TASKS_MAX = 100,       /* of a run: as the real limit */
	DBX_RUNS_MAX = 10000,      /* kept; the oldest that have ended go first */
	DBX_MAX = 1000,            /* saved jobs */
	DBX_TOKEN_MAX = 64,        /* idempotency_token */
	DBX_LIST_MAX = 100,        /* limit= of a list */
	DBX_STATEMENTS_MAX = 200,  /* kept */
};

enum dbx_life { DBX_BLOCKED, DBX_PENDING, DBX_RUNNING, DBX_TERMINATED, DBX_SKIPPED, DBX_INTERNAL_ERROR };
enum dbx_result { DBX_NONE, DBX_SUCCESS, DBX_FAILED, DBX_TIMEDOUT, DBX_CANCELED, DBX_UPSTREAM_FAILED, DBX_EXCLUDED,
		 DBX_UPSTREAM_CANCELED, DBX_TOO_MANY /* MAXIMUM_CONCURRENT_RUNS_REACHED */ }; /* kept as numbers: new ones go to the end */

struct databricks;
struct dbx_run;
struct dbx_task {
	struct dbx_run *run;
	struct dbx_task *parent; /* the for_each_task whose iteration it is; NULL: none */
	int64_t run_id;
	char *key;
	json_t *spec; /* as sent */
	enum dbx_life life;
	enum dbx_result result;
	char *message, *error, *trace, *output; /* output: what the notebook returned, or printed (plain) */
	char *way;           /* of a notebook that was done by [notebooks]: says so; NULL: its file was run */
	bool plain, truncated;
	int attempt, tries;  /* times it was begun anew; of those since the last repair */
	bool waits;          /* for its next try */
	json_t *past;        /* earlier attempts, as get-output shows them; NULL: none */
	json_t *resolved;    /* its member *_task with references resolved, once it runs */
	json_t *values;      /* dbutils.jobs.taskValues.set; NULL: none */
	json_t *result_doc;  /* what its kind came to: {"outcome"}, {"run_id"}, {"rows"}, {"task_run_stats"}; NULL: nothing */
	json_t *input;       /* of an iteration */
	char *cells;         /* the executed cells as JSON; NULL: none */
	bool cells_new;      /* not kept yet */
	struct dbx_task *iterations; /* of a for_each_task */
	size_t iteration_n, iteration_next;
	int64_t start_ms, setup_ms, execution_ms, end_ms;
	struct clock_timer timer, limit;
	struct owed *owed;
	struct dbx_work *work; /* its steps, while they run */
	struct dbx_code *code; /* its child */
};
struct dbx_run {
	struct databricks *j;
	struct dbx_run *next; /* by run_id, newest first */
	int64_t run_id, job_id, number;
	char *name, *type, *token; /* token: idempotency_token or NULL */
	json_t *params;            /* notebook_params, job_parameters ... of run-now */
	json_t *settings;          /* what was submitted, or the job's settings then */
	struct dbx_task *tasks;
	size_t task_n;
	bool multi; /* tasks: [...] was sent */
	bool cancelled, timed_out, dirty;
	bool queued; /* more runs of its job than may be run already */
	int64_t start_ms, end_ms; /* end 0: not yet */
	enum dbx_life life;
	enum dbx_result result;
	char *message;
	struct clock_timer timeout;
	struct dbx_task *caller; /* the run_job_task that waits for it; NULL: none */
	json_t *repairs;         /* repair_history but for the first item; NULL: none */
};
struct dbx_job {
	struct dbx_job *next; /* newest first */
	int64_t job_id, created_ms;
	json_t *settings;
};
struct dbx_statement;

struct databricks {
	const struct env *env;
	struct datasets sets;
	struct arena arena; /* of them */
	struct dbx_mounts mounts;
	struct dbx_workspace workspace;
	struct owed *owed; /* calls of mounts_api.c, dbfs_api.c, files_api.c */
	struct dbx_handle *handles; /* files being written by DBFS' API */
	int64_t last_handle;
	struct db db;
	struct dbx_job *jobs;
	struct dbx_run *runs;
	size_t job_n, run_n;
	int64_t last_id; /* of jobs and runs: one counter */
	int64_t setup_ms, execution_ms;
	struct dbx_work *first_work, *last_work; /* the first runs */
	struct dbx_code *codes;                  /* files to run, in order (task_code.c) */
	json_t *scopes, *clusters; /* documents by name: secrets.c, clusters.c */
	struct dbx_statement *statements;
	size_t statement_n;
	int64_t last_statement;
	bool dirty;
};

/* ---- operations ---- */
struct dbx_in {
	struct databricks *j;
	struct http_call *call; /* arg[0]: the API's minor version; arg[1], arg[2]: what else the path says */
	json_t *body;           /* object; NULL for GET, HEAD and rows with DBX_RAW */
};
enum { DBX_RAW = 1 }; /* flag of a row: its body is no JSON */
struct dbx_op {
	struct route route;
	void (*run)(const struct dbx_in *in);
};
extern const struct routes dbx_routes;       /* rows are struct dbx_op */
extern const struct routes dbx_mount_routes; /* rows are struct route */

/* ---- request.c ---- */
void dbx_reply(struct http_call *call, int status, json_t *body); /* takes the reference */
/* A parameter of the body, or of the query where there is none; numbers are their digits. Absent: it isn't there. */
struct slice dbx_param(const struct dbx_in *in, const char *name);
/* One that must be a whole number. False: refused already. */
bool dbx_number(const struct dbx_in *in, const char *name, int64_t *out);
/* limit and offset (or page_token, which is an offset here) of a list. False: refused already. */
bool dbx_page_of(const struct dbx_in *in, int64_t otherwise, int64_t *limit, int64_t *offset);
/* Puts items (taken) under key and says whether more than `seen` are there. */
void dbx_page_add(json_t *out, const char *key, json_t *items, int64_t offset, int64_t limit, int64_t seen);

/* ---- model ---- */
struct dbx_job *dbx_find(struct databricks *j, int64_t job_id);
/* The task of that run_id, or of a run with one task. *run: the run (also when there is no such task). */
struct dbx_task *dbx_find_task(struct databricks *j, int64_t run_id, struct dbx_run **run);
struct dbx_run *dbx_by_token(struct databricks *j, const char *token);
/* Starts a run. settings: tasks or one task at the top; params may be NULL; both are referenced. Errors: INVALID. */
int dbx_start(struct databricks *j, int64_t job_id, const char *type, json_t *settings, json_t *params, const char *token,
	       struct dbx_run **out, struct error *err) WARN_UNUSED;
void dbx_cancel(struct dbx_run *r, bool timed_out);
bool dbx_ended(const struct dbx_run *r);
/* After opening: a run that was on its way when the process ended lost its cluster. */
void dbx_end_lost(struct databricks *j);
void dbx_run_free(struct dbx_run *r);
void dbx_job_free(struct dbx_job *job);
/* The name of a cluster (clusters.c); NULL: there is none. */
const char *dbx_cluster(const struct databricks *j, const char *id);
/* Looks where the run stands after one of its tasks changed. */
void dbx_run_look(struct dbx_run *r);
/* Runs the tasks named (keys), those that failed, and dependents if they are to, again. Errors: INVALID, CONFLICT (it is active). */
struct dbx_repair {
	const json_t *keys; /* array of task keys, or NULL */
	bool failed, dependents;
	json_t *params; /* job_parameters and others of this repair; NULL: as before */
};
int dbx_repair(struct dbx_run *r, const struct dbx_repair *what, int64_t *id, struct error *err) WARN_UNUSED;

/* ---- check.c ---- */
/* Errors: INVALID. */
int dbx_check_settings(const struct databricks *j, const json_t *settings, struct error *err) WARN_UNUSED;

/* ---- steps ---- */
/* Steps of a notebook path, or NULL when the stack knows no such notebook. */
const char *dbx_notebook(const struct databricks *j, const char *path);
/* Starts the steps of t when those before it have ended; answers with dbx_task_done. */
void dbx_work_start(struct dbx_task *t, const char *path, const char *steps);
void dbx_work_drop(struct dbx_work *w);
/* One call to this process's lake, unless it is cancelled; cb gets the parsed body (borrowed), or NULL and what was wrong. */
typedef void (*dbx_lake_cb)(void *arg, int status, const json_t *body, const char *wrong);
struct owed *dbx_lake_call(struct databricks *j, const char *method, const char *path, struct slice body, dbx_lake_cb cb, void *arg);

/* ---- shapes: fresh references ---- */
const char *dbx_life_name(enum dbx_life life);
const char *dbx_result_name(enum dbx_result result);
json_t *dbx_run_json(const struct dbx_run *r, bool with_tasks);
json_t *dbx_output_json(const struct dbx_task *t);
json_t *dbx_job_json(const struct databricks *j, const struct dbx_job *job);
/* The executed cells of a task as a page of HTML. */
void dbx_cells_page(const struct dbx_task *t, struct buf *out);
json_t *dbx_iterations_json(const struct dbx_task *t);
json_t *dbx_repairs_json(const struct dbx_run *r);

/* ---- secrets.c, clusters.c, people.c: rows are struct dbx_op ---- */
extern const struct routes dbx_secret_routes, dbx_cluster_routes, dbx_people_routes;
/* Of store.c: a scope as it was kept. */
void dbx_secrets_read(struct databricks *j, const char *scope, json_t *doc);
/* Those of the stack, after what was kept. */
void dbx_secrets_open(struct databricks *j);

/* ---- statements ---- */
void dbx_statement_post(const struct dbx_in *in);
void dbx_statement_get(const struct dbx_in *in);
void dbx_statement_chunk(const struct dbx_in *in);
void dbx_statement_cancel(const struct dbx_in *in);
void dbx_statements_free(struct databricks *j);

/* ---- store ---- */
int dbx_store_open(struct databricks *j, struct error *err) WARN_UNUSED;
int dbx_store_put(struct databricks *j, const char *kind, int64_t id, json_t *doc, struct error *err) WARN_UNUSED; /* takes doc */
/* The same of documents whose key is a text. */
int dbx_store_put_text(struct databricks *j, const char *kind, const char *key, json_t *doc, struct error *err) WARN_UNUSED; /* takes doc */
int dbx_store_del_text(struct databricks *j, const char *kind, const char *key, struct error *err) WARN_UNUSED;
int dbx_store_del(struct databricks *j, const char *kind, int64_t id, struct error *err) WARN_UNUSED;
json_t *dbx_run_doc(const struct dbx_run *r);
/* Writes the executed cells of a task, and of its iterations, that are new. */
int dbx_store_run_del(const struct dbx_run *r, struct error *err) WARN_UNUSED; /* and its cells */
int dbx_store_cells(struct dbx_task *t, struct error *err) WARN_UNUSED;

#endif
