/* What the world asks of Airflow.
 *
 *   rest.c       one request of REST API v1: its operation, lists, problems
 *   rest_dags.c, rest_runs.c, rest_admin.c   the operations by subject
 *   cli.c        airflow's command line, as MWAA takes it
 *   mwaa.c, mwaa_env.c   MWAA's API on the AWS port; /aws_mwaa/cli and login of its web server */
#ifndef TARN_AIRFLOW_REST_H
#define TARN_AIRFLOW_REST_H

#include "airflow/airflow.h"

/* ---- REST ---- */
struct af_rest {
	struct airflow *a;
	struct http_req req;     /* path "/api/v1/dags" */
	struct slice *arg;       /* what the row's {} took, decoded */
	const struct af_op *row; /* NULL: no operation */
	const json_t *body;      /* NULL: none */
	/* answer */
	int status;
	json_t *out;    /* or */
	struct buf text;
	const char *type;
};
void af_rest_ok(struct af_rest *r, json_t *out); /* takes it */
void af_rest_fail(struct af_rest *r, int status, const char *title, const char *fmt, ...) PRINTF_LIKE(4, 5);
struct slice af_rest_param(const struct af_rest *r, const char *name);
/* Cuts a list to limit and offset, after order_by; answers {key: items, total_entries}. Takes all. */
void af_rest_list(struct af_rest *r, const char *key, json_t *all, const char *const *orders);
struct af_dag *af_rest_dag(struct af_rest *r);
struct af_run *af_rest_find_run(struct af_rest *r);
/* Serves a whole request, after its authentication; the answer stays in r. */
void af_rest_run(struct af_rest *r);

/* ---- operations ---- */
struct af_aws;
struct af_entity;
enum { AF_FILES = 1 }; /* a row's flag: DAG files are looked at first */
/* A row is one of REST (rest), MWAA (aws) or, with the route's own function, the web server. */
struct af_op {
	struct route route;
	void (*rest)(struct af_rest *r);
	void (*aws)(struct af_aws *in);
	const struct af_entity *of; /* what a connection's, variable's or pool's operation is about */
};
extern const struct routes af_dag_routes, af_run_routes, af_admin_routes, af_mwaa_routes, af_environment_routes, af_web_routes;

/* ---- command line ---- */
/* Runs one; out and err get its text. 0, or the exit code; -1: not one that MWAA takes. */
int af_cli_run(struct airflow *a, struct slice line, struct buf *out, struct buf *err);

/* ---- MWAA ---- */
void af_mwaa_open(struct airflow *a);
/* A request that nobody signed and that MWAA's host prefix says is for it. */
bool af_mwaa_claims(const struct http_req *req);
/* Says that a request signed for MWAA is none of its operations; false: it isn't signed so. */
bool af_mwaa_unknown(struct http_call *call);
/* An operation of MWAA's API: signature, body, then the row's aws. */
void af_mwaa_serve(struct airflow *a, struct http_call *call, const struct af_op *op);
/* Whether a Cookie header holds a session that /aws_mwaa/login opened. */
bool af_mwaa_session(const struct airflow *a, struct slice cookie);

#endif
