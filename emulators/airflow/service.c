/* Who gets which request: REST API v1 and /aws_mwaa on our own port, MWAA's API on the AWS port. */
#include "airflow/rest.h"

#include "core/identities.h"

struct waiting {
	struct airflow *a;
	struct http_call *call;
	const struct af_op *op;
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

/* Without [airflow.users] and [identities] everyone is let in; health needs nobody's leave. */
static bool let_in(const struct airflow *a, const struct http_call *call, const char *op)
{
	const struct http_req *req = &call->req;
	const char *key, *value;
	struct slice auth = http_get(req, "Authorization");
	bool users = conf_at(a->env->conf, "airflow.users", 0, &key, &value);
	if (identities_on(a->env->conf) ? identity_of_call(a->env->conf, call) == IDENTITY_OK || !strcmp(op, "Health") : !users)
		return true;
	if (users && sl_after_nocase(auth, S("Basic "), &auth))
		return password_fits(a, auth);
	return af_mwaa_session(a, http_get(req, "Cookie"));
}

static void answer(struct http_call *call, struct af_rest *r)
{
	char *text = r->out ? json_dumps(r->out, 0) : NULL;
	struct slice body = text ? sl(text) : buf_slice(&r->text);
	if (r->status == 204)
		body = S("");
	http_reply(call, r->status, r->type ? r->type : "application/json", body);
	free(text);
	json_decref(r->out);
	buf_free(&r->text);
}

static void serve_rest(struct airflow *a, struct http_call *call)
{
	struct http_req *q = &call->req;
	struct slice media = http_get(q, "Content-Type");
	struct af_rest r = { .a = a, .req = *q };
	json_t *body = q->body.n ? json_loadb(q->body.p, q->body.n, 0, NULL) : NULL;
	r.body = body;
	if (!let_in(a, call, call->op)) {
		http_set(call, "WWW-Authenticate", "Basic");
		af_rest_fail(&r, 401, "Unauthorized", NULL);
	} else if (q->body.n && sl_find(media, S("json")) < 0) {
		af_rest_fail(&r, 415, "Unsupported Media Type", "Invalid Content-type (%.*s), expected JSON data", SL(media));
	} else if (q->body.n && !body) {
		af_rest_fail(&r, 400, "Bad Request", "Request body is not valid JSON");
	} else {
		af_rest_run(&r);
	}
	answer(call, &r);
	json_decref(body);
}

static void serve(struct airflow *a, struct http_call *call, const struct af_op *op)
{
	if (op && op->aws)
		af_mwaa_serve(a, call, op);
	else if (op && op->route.fn)
		op->route.fn(a, call);
	else if (op || sl_starts(call->req.path, S("/api/v1/")))
		serve_rest(a, call);
	else if (!af_mwaa_unknown(call))
		http_reply(call, 404, "application/json", S("{\"message\":\"Not Found\"}"));
}

static void on_files(void *arg)
{
	struct waiting w = *(struct waiting *)arg;
	free(arg);
	serve(w.a, w.call, w.op);
}

/* DIFFERS: what asks about DAGs first has their files looked at, so that a file just put into the bucket is there. */
static void on_http(void *self, struct http_call *call)
{
	struct airflow *a = self;
	unsigned allowed;
	const struct af_op *op = route_call(airflow_service.routes, call, &allowed);
	struct waiting *w;
	if (!op || !(op->route.flags & AF_FILES)) {
		serve(a, call, op);
		return;
	}
	w = xmalloc(sizeof(*w));
	*w = (struct waiting){ a, call, op };
	af_files_then(a, on_files, w);
}

/* ---- the service ---- */

static void defaults(struct airflow *a)
{
	const char *key, *value;
	for (size_t i = 0; i < AF_KEPT_N; i++)
		a->kept[i] = json_object();
	a->errors = json_array();
	json_object_set_new(a->kept[AF_POOL], "default_pool", json_pack("{s:i, s:s}", "slots", AF_POOL_SLOTS, "description", "Default pool"));
	json_object_set_new(a->kept[AF_CONNECTION], "databricks_default",
			    json_pack("{s:s, s:s, s:s, s:s}", "conn_type", "databricks", "host", "", "login", "token", "description",
				      "without a host: this process's lake"));
	json_object_set_new(a->kept[AF_CONNECTION], "aws_default", json_pack("{s:s}", "conn_type", "aws"));
	for (size_t i = 0; conf_at(a->env->conf, "airflow.variables", i, &key, &value); i++)
		json_object_set_new(a->kept[AF_VARIABLE], key, json_pack("{s:s, s:n}", "value", value, "description"));
}

static void on_close(void *self)
{
	struct airflow *a = self;
	if (!a->env)
		return;
	af_files_close(a);
	af_exec_close(a);
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
	for (size_t i = 0; i < AF_KEPT_N; i++)
		json_decref(a->kept[i]);
	json_decref(a->errors);
	db_close(&a->db);
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
	af_watched_open(a);
	defaults(a);
	int rc = af_store_open(a, err);
	if (rc)
		on_close(a);
	else
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

static const struct setting settings[] = {
	{ "airflow", "dags", "dags", "the stack's folder of DAG files" },
	{ "airflow", "paused", "on", "new DAGs are paused", SETTING_BOOL },
	{ "airflow", "catchup_by_default", "on", "as Airflow's", SETTING_BOOL },
	{ "airflow", "create_cron_data_intervals", "on", "as Airflow's", SETTING_BOOL },
	{ "airflow", "dag_dir_list_interval", NULL, "how often DAG files are looked for: 30s, or 15m on a frozen clock", SETTING_DURATION },
	{ "airflow", "databricks", NULL, "URL of the workspace of connections without a host; without it this process's" },
	{ "airflow", "jobs_api", "2.1", "version of the Jobs API that operators call" },
	{ "airflow", "environment", "Databricks-Airflow-env", "name of the MWAA environment" },
	{ "airflow", "bucket", "mwaa-dags-bucket", "its bucket, whose dags/ is read, too" },
	{ "airflow.users", "*", NULL, "NAME = PASSWORD; without any, everybody is let in" },
	{ "airflow.variables", "*", NULL, "NAME = VALUE: Airflow variables" },
	{ NULL },
};

static const struct fault_site faults[] = {
	{ "task.*", FAULT_ERRORS, "task.ID: a try of this task fails with this error" },
	{ NULL },
};

const struct service airflow_service = {
	.name = "airflow",
	.doc = "Airflow: users' DAG files on the emulated clock, REST API v1, MWAA",
	.faults = faults,
	.settings = settings,
	.port = 8080,
	.aws = "airflow",
	.aws_claims = af_mwaa_claims,
	.endpoint = "airflow",
	.prefix = { "/api/v1/" },
	.size = sizeof(struct airflow),
	.open = on_open,
	.start = on_start,
	.routes = { &af_dag_routes, &af_run_routes, &af_admin_routes, &af_mwaa_routes, &af_environment_routes, &af_web_routes },
	.http = on_http,
	.full = { 500, "application/problem+json",
		  "{\"detail\":\"database or disk is full\",\"status\":500,\"title\":\"Internal Server Error\",\"type\":\"about:blank\"}\n" },
	.dirty = on_dirty,
	.commit = on_commit,
	.close = on_close,
};
