/* Airflow 2.9: users' DAG files, a scheduler on the emulated clock, REST API v1; and MWAA in front of it.
 *
 *   cron.c       cron expressions, intervals, time zones
 *   dag.c        what the reader prints, or a DAG written by hand as JSON -> struct af_dag
 *   files.c      DAG files of the stack's folder and of the buckets, read again when they change
 *   model.c      runs and task instances: when they start, what becomes of them
 *   rules.c      trigger rules
 *   exec.c       running a task: Databricks operators over HTTP, Python and Bash ones in a child process
 *   shape.c      everything as the REST API shows it
 *   rest.h       REST API v1, airflow's command line and MWAA in front of them
 *   store.c      airflow.db: one JSON document a row
 *   service.c    who gets which request
 *
 * The stack says: [airflow] dags = folder, bucket = name, environment = MWAA name, paused = false (what a new DAG is),
 * databricks = http://host:port (another workspace than this process's lake); [airflow.variables], [airflow.users].
 * Spec: airflow.apache.org/docs/apache-airflow/2.9.2/stable-rest-api-ref.html. */
#ifndef TARN_AIRFLOW_H
#define TARN_AIRFLOW_H

#include "airflow/cron.h"
#include "core/child.h"
#include "core/json.h"
#include "core/service.h"

extern const struct service airflow_service;

enum {
	AF_PAGE_MAX = 100,          /* limit= of a list, and its default */
	AF_FILE_MAX = 1 << 20,      /* bytes of a DAG file */
	AF_FILES_MAX = 500,
	AF_LOG_MAX = 256 << 10,     /* bytes kept of a try's log */
	AF_TOKEN_MS = 60000,        /* a CLI or web token is good for */
	AF_TOKENS_MAX = 64,
	AF_READ_MS = 30000,         /* real time that reading files may take (dagbag_import_timeout) */
	AF_TASK_MS = 600000,        /* real time that a Python or Bash task may take */
	AF_RUNS_MAX = 20000,        /* kept; the oldest that have ended go first */
	AF_CATCHUP_MAX = 1000,      /* runs made in one look at a DAG */
	AF_POOL_SLOTS = 128,        /* default_pool */
};
#define AF_VERSION "2.9.2"

/* ---- DAGs ---- */
enum af_task_kind { TASK_OTHER, TASK_EMPTY, TASK_PYTHON, TASK_BASH, TASK_BRANCH, TASK_SHORT, TASK_LATEST, TASK_TRIGGER, TASK_SUBMIT, TASK_RUN_NOW };
enum af_rule { RULE_ALL_SUCCESS, RULE_ALL_FAILED, RULE_ALL_DONE, RULE_ALL_SKIPPED, RULE_ONE_SUCCESS, RULE_ONE_FAILED, RULE_ONE_DONE,
	    RULE_NONE_FAILED, RULE_NONE_FAILED_MIN_ONE_SUCCESS, RULE_NONE_SKIPPED, RULE_ALWAYS, RULE_ALL_DONE_SETUP_SUCCESS };
struct af_task {
	char *id, *operator, *owner, *pool, *group; /* group: NULL none */
	enum af_task_kind kind;
	enum af_rule rule;
	size_t *up, *down, up_n, down_n; /* places in dag->tasks */
	int64_t retries, retry_delay_ms, max_retry_delay_ms, timeout_ms; /* 0: none for the last two */
	bool exponential, depends_on_past, wait_for_downstream, push;
	int64_t pool_slots, priority, start_ms; /* start -1: none */
	json_t *spec; /* of the operator */
	json_t *raw;  /* as read */
};
struct af_dag {
	struct af_dag *next; /* by dag_id */
	char *id, *file, *description;
	struct af_schedule schedule;
	int64_t start_ms, end_ms; /* -1: none */
	bool catchup, paused_given, paused_upon_creation;
	int64_t max_active_runs, max_active_tasks, timeout_ms;
	json_t *owners, *tags, *params, *notes, *raw;
	struct af_task *tasks;
	size_t task_n;
	/* state, kept by id when the file is read again */
	bool paused, active; /* active: its file is there */
	int64_t last_end_ms, parsed_ms; /* end of the last scheduled interval, -1: none */
	bool once_done;
	struct af_run *runs, *last_run; /* by order of creation */
	struct af_run *first_open;      /* none before it is queued or running */
	size_t run_n, active_n;
	struct clock_timer timer;
	struct airflow *a;
};
/* Reads one DAG; file is its path. Errors: INVALID in words a user can act on. */
int af_dag_read(struct airflow *a, json_t *o, const char *file, struct af_dag **out, struct error *err) WARN_UNUSED;
void af_dag_free(struct af_dag *d);
const struct af_task *af_dag_task(const struct af_dag *d, const char *id);
/* Marks every task below (or above) from, not itself; seen has task_n places. */
void af_dag_reach(const struct af_dag *d, const struct af_task *from, bool down, bool *seen);
enum af_rule af_rule_of(const char *name, bool *known);
const char *af_rule_name(enum af_rule rule);

/* ---- runs ---- */
enum af_ti_state { TI_NONE, TI_SCHEDULED, TI_QUEUED, TI_RUNNING, TI_SUCCESS, TI_FAILED, TI_RETRY, TI_UPSTREAM_FAILED, TI_SKIPPED, TI_REMOVED };
enum af_run_state { RUN_QUEUED, RUN_RUNNING, RUN_SUCCESS, RUN_FAILED };
struct af_ti {
	struct af_run *run;
	char *task_id, *operator;
	enum af_ti_state state;
	int64_t try_number, max_tries;
	int64_t queued_ms, start_ms, end_ms; /* -1: not yet */
	int64_t due_ms;                      /* of the next try, while up_for_retry */
	struct buf *logs;                    /* per try */
	size_t log_n;
	json_t *xcoms;                       /* key -> value */
	char *note;
	struct clock_timer timer;            /* retry, or what the task waits for */
	struct af_exec *exec;                   /* while running */
};
struct af_run {
	struct af_run *next;
	struct af_run *next_dirty; /* while dirty */
	struct af_dag *dag;
	char *id, *type, *note; /* type: manual, scheduled, backfill */
	int64_t number, logical_ms, interval_start_ms, interval_end_ms;
	int64_t queued_ms, start_ms, end_ms, decided_ms; /* -1: not yet */
	enum af_run_state state;
	bool external, dirty;
	json_t *conf;
	struct af_ti *tis;
	size_t ti_n;
	struct clock_timer timer; /* dagrun_timeout */
};
const char *af_ti_state_name(enum af_ti_state state); /* NULL for TI_NONE */
bool af_ti_state_of(const char *name, enum af_ti_state *out);
const char *af_run_state_name(enum af_run_state state);
bool af_ti_finished(enum af_ti_state state);
/* Looks what a rule makes of a task: TI_SCHEDULED (may run), TI_SKIPPED, TI_UPSTREAM_FAILED, or TI_NONE (waits). */
enum af_ti_state af_rule_judge(enum af_rule rule, size_t n, const size_t count[TI_REMOVED + 1]);

/* What users name and change: documents, as the wire has them. */
enum af_kept { AF_CONNECTION, AF_VARIABLE, AF_POOL, AF_ENVIRONMENT, AF_KEPT_N };

struct af_exec;
struct af_folder; /* files.c */
struct airflow {
	const struct env *env;
	struct db db;
	struct af_dag *dags;
	json_t *kept[AF_KEPT_N]; /* name -> object (variables: {value, description}) */
	json_t *errors;  /* import errors: [{id, file, trace, at_ms}] */
	int64_t next_error, run_counter, token_counter;
	struct {
		char text[80];
		int64_t until_ms;
		bool web;
	} tokens[AF_TOKENS_MAX];
	char *reader;          /* text of the stand-in */
	/* files.c */
	json_t *files;         /* [{path, text}] of all folders, by path */
	struct af_folder *have;   /* the same, as found */
	struct clock_timer scan_timer;
	bool read_once;
	int64_t scan_round;
	json_t *etags;         /* "bucket/key" -> {etag, text} */
	struct af_scan *scan;
	struct af_waiter *waiters; /* requests that wait for the scan */
	struct af_exec *execs;    /* all running tasks */
	struct af_run *dirty_runs;
	struct af_exec *http_first, *http_last; /* Databricks calls go out one at a time */
	bool http_busy, dirty, passing, pass_again;
	size_t run_n;
	struct metric metrics[4];
};

/* ---- model ---- */
int64_t af_now(const struct airflow *a);
struct af_dag *af_dag(const struct airflow *a, struct slice id);
struct af_run *af_run(const struct af_dag *d, struct slice id);
struct af_ti *af_run_ti(const struct af_run *r, const char *task_id);
/* Takes the DAG in: new, or in the place of the one with its id. */
void af_take_dag(struct airflow *a, struct af_dag *d);
void af_pause(struct af_dag *d, bool paused);
/* Next automated run of a DAG; false: none. */
bool af_next_run(const struct af_dag *d, struct af_interval *out);
/* Makes a run. logical -1: now; id absent: made from type and date. Errors: CONFLICT with the API's words. */
int af_trigger(struct af_dag *d, const char *type, struct slice id, int64_t logical_ms, json_t *conf, const char *note, struct af_run **out,
		struct error *err) WARN_UNUSED;
/* Plans the next run of a DAG and starts what may start. */
void af_plan(struct af_dag *d);
/* Moves every run on as far as it goes now. */
void af_pass(struct airflow *a);
void af_touch(struct af_run *r);
void af_forget(struct airflow *a); /* runs over AF_RUNS_MAX, oldest first; between ticks only */
void af_set_run(struct af_run *r, enum af_run_state state); /* by hand: its tasks follow */
void af_clear(struct af_run *r, const char *task_id);    /* NULL: all tasks */
void af_set_ti(struct af_ti *t, enum af_ti_state state);    /* by hand */
void af_delete_run(struct af_run *r);
void af_delete_dag(struct af_dag *d);
void af_run_free(struct af_run *r);
/* The task has ended. error NULL: success or skipped as state says. no_retry: it fails for good. */
void af_ti_done(struct af_ti *t, enum af_ti_state state, bool no_retry);
void af_ti_log(struct af_ti *t, const char *source, const char *level, const char *fmt, ...) PRINTF_LIKE(4, 5);
void af_ti_skip_below(struct af_ti *t, const json_t *follow); /* branch: direct followers not named; NULL: all below */

/* ---- exec ---- */
void af_exec_start(struct af_ti *t, const struct af_task *task);
void af_exec_kill(struct af_exec *e);
void af_exec_close(struct airflow *a); /* forgets all of them */

/* ---- files ---- */
int af_files_open(struct airflow *a, struct error *err) WARN_UNUSED;
/* Calls fn after a scan that begins now. */
void af_files_then(struct airflow *a, void (*fn)(void *arg), void *arg);
void af_files_forget(struct airflow *a); /* the next scan reads everything again */
void af_files_close(struct airflow *a);
json_t *af_files_ask(const struct airflow *a, const char *mode); /* what the reader is asked, without its own members */

/* ---- shapes: fresh references ---- */
json_t *af_time_json(int64_t ms); /* ISO with +00:00, null for -1 */
json_t *af_dag_json(const struct af_dag *d, bool details);
json_t *af_task_json(const struct af_dag *d, const struct af_task *t);
json_t *af_run_json(const struct af_run *r);
json_t *af_ti_json(const struct af_ti *t);
json_t *af_connection_json(const struct airflow *a, const char *id, const json_t *c);
json_t *af_pool_json(const struct airflow *a, const char *name, const json_t *p);
void af_iso(int64_t ms, char out[40]); /* 2024-08-18T00:00:00+00:00 */
bool af_parse_time(struct slice s, int64_t *out_ms);

/* ---- store ---- */
int af_store_open(struct airflow *a, struct error *err) WARN_UNUSED;
void af_store_del(struct airflow *a, const char *kind, const char *key);
/* Keeps a document in a->kept and on disk, in the place of the one with its key; doc stays the caller's. */
void af_keep(struct airflow *a, enum af_kept kind, const char *key, json_t *doc);
bool af_unkeep(struct airflow *a, enum af_kept kind, const char *key); /* false: there was none */
int af_store_commit(struct airflow *a, struct error *err) WARN_UNUSED;
void af_store_dag(const struct af_dag *d);
void af_store_meta(struct airflow *a);

/* ---- watched.c: what CloudWatch has of the environments ---- */
void af_watched_open(struct airflow *a);
void af_watched_line(const struct af_ti *t, struct slice line);
void af_watched_done(const struct af_ti *t, const char *state);

#endif
