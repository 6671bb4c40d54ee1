/* Who gets which request: REST API v1 and /aws_mwaa on our own port, MWAA's API on the AWS port. */
#include <stdlib.h>
#include <string.h>

#include "airflow/airflow.h"

struct waiting {
	struct airflow *a;
	struct http_call *call;
};

/* ---- REST ---- */

static bool password_fits(const struct airflow *a, struct slice basic)
{
	struct arena arena = { 0 };
	struct slice pair, user, password;
	bool good = false;
	if (arena_base64(&arena, basic, &pair) && sl_cut(pair, ':', &user, &password)) {
		const char *known = conf_get(a->env->conf, "airflow.users", arena_cstr(&arena, user));
		good = known && sl_eqs(password, known);
	}
	arena_free(&arena);
	return good;
}

/* Without [airflow.users] everyone is let in. */
static bool let_in(const struct airflow *a, const struct http_req *req)
{
	const char *key, *value;
	struct slice auth = http_get(req, "Authorization");
	if (!conf_at(a->env->conf, "airflow.users", 0, &key, &value))
		return true;
	if (sl_starts_nocase(auth, S("Basic ")))
		return password_fits(a, sl_of(auth.p + 6, auth.n - 6));
	return af_mwaa_session(a, http_get(req, "Cookie"));
}

static void answer(struct http_call *call, struct af_rest *r)
{
	char *text = r->out ? json_dumps(r->out, 0) : NULL;
	struct slice body = text ? sl(text) : buf_slice(&r->text);
	call->op = r->op;
	if (r->status == 204)
		body = S("");
	http_reply(call, r->status, r->type ? r->type : "application/json", body);
	free(text);
	json_decref(r->out);
	buf_free(&r->text);
}

static void serve_rest(struct airflow *a, struct http_call *call, struct slice path)
{
	struct http_req *q = &call->req;
	struct af_rest r = { .a = a, .arena = q->arena, .method = q->method, .path = path, .query = q->query, .accept = http_get(q, "Accept"),
			  .op = "Refused" };
	struct slice media;
	json_t *body = q->body.n ? json_loadb(q->body.p, q->body.n, 0, NULL) : NULL;
	if (!let_in(a, q)) {
		http_set(call, "WWW-Authenticate", "Basic");
		af_rest_fail(&r, 401, "Unauthorized", NULL);
	} else if (q->body.n && sl_find(http_get(q, "Content-Type"), S("json")) < 0) {
		media = http_get(q, "Content-Type");
		af_rest_fail(&r, 415, "Unsupported Media Type", "Invalid Content-type (%.*s), expected JSON data", SL(media));
	} else if (q->body.n && !body) {
		af_rest_fail(&r, 400, "Bad Request", "Request body is not valid JSON");
	} else {
		r.body = body;
		af_rest_run(&r);
	}
	answer(call, &r);
	json_decref(body);
}

static void serve(void *arg)
{
	struct waiting w = *(struct waiting *)arg;
	struct slice path = w.call->req.path;
	free(arg);
	if (sl_starts(path, S("/api/v1/")))
		serve_rest(w.a, w.call, sl_of(path.p + 7, path.n - 7));
	else if (sl_starts(path, S("/aws_mwaa/")))
		af_mwaa_web(w.a, w.call);
	else if (!af_mwaa_http(w.a, w.call))
		http_reply(w.call, 404, "application/json", S("{\"message\":\"Not Found\"}"));
}

static bool needs_files(struct slice path)
{
	return sl_starts(path, S("/api/v1/dag")) || sl_starts(path, S("/api/v1/importErrors")) || sl_starts(path, S("/aws_mwaa/cli")) ||
	       sl_starts(path, S("/restapi/"));
}

/* DIFFERS: what asks about DAGs first has their files looked at, so that a file just put into the bucket is there. */
static void on_http(void *self, struct http_call *call)
{
	struct airflow *a = self;
	struct waiting *w = xcalloc(1, sizeof(*w));
	*w = (struct waiting){ a, call };
	if (sl_eqs(call->req.path, "/health") || sl_eqs(call->req.path, "/")) {
		free(w);
		serve_rest(a, call, S("/health"));
	} else if (needs_files(call->req.path)) {
		af_files_then(a, serve, w);
	} else {
		serve(w);
	}
}

/* ---- the service ---- */

static void defaults(struct airflow *a)
{
	const char *key, *value;
	a->connections = json_object();
	a->variables = json_object();
	a->pools = json_pack("{s:{s:i, s:s}}", "default_pool", "slots", AF_POOL_SLOTS, "description", "Default pool");
	a->environments = json_object();
	a->errors = json_array();
	json_object_set_new(a->connections, "databricks_default",
			    json_pack("{s:s, s:s, s:s, s:s}", "conn_type", "databricks", "host", "", "login", "token", "description",
				      "without a host: this process's lake"));
	json_object_set_new(a->connections, "aws_default", json_pack("{s:s}", "conn_type", "aws"));
	for (size_t i = 0; conf_at(a->env->conf, "airflow.variables", i, &key, &value); i++)
		json_object_set_new(a->variables, key, json_pack("{s:s, s:n}", "value", value, "description"));
}

static int on_open(void *self, const struct env *env, struct error *err)
{
	struct airflow *a = self;
	static const struct metric rows[] = {
		{ "tarn_airflow_runs_total", "DAG runs made." },
		{ "tarn_airflow_tries_total", "Task tries started." },
		{ "tarn_airflow_failed_tries_total", "Task tries that failed." },
		{ "tarn_airflow_scans_total", "Times the DAG files were read." },
	};
	a->env = env;
	memcpy(a->metrics, rows, sizeof(rows));
	metrics_add(env->metrics, a->metrics, ARRAY_LEN(a->metrics));
	defaults(a);
	int rc = af_store_open(a, err);
	if (!rc)
		af_mwaa_open(a);
	return rc;
}

static int on_start(void *self, struct error *err)
{
	return af_files_open(self, err);
}

static bool on_dirty(const void *self)
{
	const struct airflow *a = self;
	return a->dirty || a->db.in_tx;
}

static int on_commit(void *self, struct error *err)
{
	return af_store_commit(self, err);
}

static void on_close(void *self)
{
	enum { TURNS_MAX = 200 };
	struct airflow *a = self;
	bool children = a->child != NULL;
	if (!a->env)
		return;
	a->closing = true;
	af_files_close(a);
	children |= a->execs != NULL;
	while (a->dags) {
		struct af_dag *d = a->dags;
		a->dags = d->next;
		clock_cancel(a->env->clock, &d->timer);
		while (d->runs) {
			struct af_run *r = d->runs;
			d->runs = r->next;
			af_run_free(r);
		}
		af_dag_free(d);
	}
	/* A child that was killed still has to be seen off by the loop. */
	for (int i = 0; children && i < TURNS_MAX && loop_pending(a->env->loop); i++)
		loop_turn(a->env->loop, 1);
	json_decref(a->connections);
	json_decref(a->variables);
	json_decref(a->pools);
	json_decref(a->environments);
	json_decref(a->errors);
	sqlite3_finalize(a->put);
	sqlite3_finalize(a->del);
	db_close(&a->db);
}

const struct service airflow_service = {
	.name = "airflow",
	.doc = "Airflow: users' DAG files on the emulated clock, REST API v1, MWAA",
	.port = 8080,
	.aws = "airflow",
	.endpoint = "airflow",
	.size = sizeof(struct airflow),
	.open = on_open,
	.start = on_start,
	.http = on_http,
	.dirty = on_dirty,
	.commit = on_commit,
	.close = on_close,
};
