/* The workspace as a service: which operation a request is, opening and closing. */
#include "databricks/dbfs.h"
#include "databricks/task.h"
#include "databricks/workspace.h"

/* Faults armed at jobs.OPERATION: status=N, or error=CODE (a 400 of that code). */
static bool refused_by_fault(struct databricks *j, struct http_call *call)
{
	char code[64];
	bool error = faults_ask_error(j->env->faults, "jobs", call->op, code) != NULL;
	struct fault_hit f = faults_ask(j->env->faults, "jobs", call->op);
	if (error)
		problem_send(call, 400, code, "fault injected");
	else if (f.act == FAULT_STATUS)
		problem_send(call, f.status, f.status == 429 ? "REQUEST_LIMIT_EXCEEDED" : "TEMPORARILY_UNAVAILABLE", "fault injected");
	else
		return false;
	return true;
}

static void run_op(struct databricks *j, struct http_call *call, const struct dbx_op *op)
{
	struct dbx_in in = { j, call, NULL };
	struct slice b = call->req.body;
	if (refused_by_fault(j, call))
		return;
	bool reads = strcmp(op->route.method, "GET") != 0 && !(op->route.flags & DBX_RAW);
	if (reads)
		in.body = b.n ? json_loadb(b.p, b.n, 0, NULL) : json_object();
	if (reads && !json_is_object(in.body))
		problem_send(call, 400, "MALFORMED_REQUEST", "Could not parse request object: %s",
			     b.n && !sl_trim(b).n ? "empty" : "expected a JSON object");
	else
		op->run(&in);
	json_decref(in.body);
}

static void serve(void *self, struct http_call *call)
{
	static const struct routes *const jobs[] = { &dbx_routes, &dbx_dbfs_routes, &dbx_file_routes, &dbx_workspace_routes,
						&dbx_secret_routes, &dbx_cluster_routes, &dbx_people_routes, NULL }, *const mounts[] = { &dbx_mount_routes, NULL };
	bool job = sl_starts(call->req.path, S("/api/2."));
	const struct route *r = route_call(job ? jobs : mounts, call, NULL);
	int64_t version;
	if (!r || (job && !sl_int(call->arg[0], 0, 2, &version)))
		problem_no_route(((struct databricks *)self)->env, call);
	else if (job)
		run_op(self, call, (const struct dbx_op *)r);
	else
		r->fn(self, call);
}

static int64_t duration(const struct env *env, const char *key, int64_t otherwise)
{
	const char *text = conf_get(env->conf, "jobs", key);
	int64_t ms;
	return text && clock_parse_duration(sl(text), &ms) ? ms : otherwise;
}

static void close_service(void *self)
{
	struct databricks *j = self;
	owed_cancel_all(&j->owed);
	dbx_codes_close(j);
	while (j->first_work)
		dbx_work_drop(j->first_work);
	json_decref(j->scopes);
	json_decref(j->clusters);
	dbx_handles_free(j);
	dbx_workspace_free(j);
	dbx_statements_free(j);
	while (j->runs) {
		struct dbx_run *r = j->runs;
		j->runs = r->next;
		dbx_run_free(r);
	}
	while (j->jobs) {
		struct dbx_job *job = j->jobs;
		j->jobs = job->next;
		dbx_job_free(job);
	}
	db_close(&j->db);
	dbx_mounts_close(&j->mounts);
	arena_free(&j->arena);
}

static int open_service(void *self, const struct env *env, struct error *err)
{
	struct databricks *j = self;
	j->env = env;
	j->scopes = json_object();
	j->clusters = json_object();
	j->workspace.user = xstrdup(conf_str(env->conf, "workspace", "user", "student@example.com"));
	j->setup_ms = duration(env, "setup", 1000);
	j->execution_ms = duration(env, "execution", 1000);
	int rc = datasets_open(&j->arena, env->files, env->conf, &j->sets, err);
	if (!rc)
		rc = dbx_mounts_open(&j->mounts, env, err);
	if (!rc)
		rc = dbx_store_open(j, err);
	if (rc) {
		close_service(j);
		return rc;
	}
	dbx_secrets_open(j);
	dbx_codes_open(j);
	dbx_end_lost(j);
	return rc;
}

static void provide(void *self, struct ports *ports)
{
	struct databricks *j = self;
	ports->paths = (struct paths){ &j->mounts, dbx_mounts_find };
}

static bool dirty(const void *self)
{
	const struct databricks *j = self;
	return j->dirty || j->db.in_tx || j->mounts.db.in_tx;
}

static int commit(void *self, struct error *err)
{
	struct databricks *j = self;
	int rc = db_commit(&j->mounts.db, err);
	if (j->dirty && !rc)
		rc = dbx_store_put(j, "last", 0, json_pack("{s:I, s:I}", "id", (json_int_t)j->last_id, "statement", (json_int_t)j->last_statement),
				   err);
	for (struct dbx_run *run = j->runs; !rc && run; run = run->next) {
		if (!run->dirty)
			continue;
		rc = dbx_store_put(j, "run", run->run_id, dbx_run_doc(run), err);
		for (size_t i = 0; !rc && i < run->task_n; i++)
			rc = dbx_store_cells(&run->tasks[i], err);
		run->dirty = false;
	}
	j->dirty = false;
	return rc ? rc : db_commit(&j->db, err);
}

static const struct setting settings[] = {
	{ "clusters", "*", NULL, "ID = NAME: the workspace's clusters" },
	{ "secrets", "*", NULL, "SCOPE/KEY = VALUE: what dbutils.secrets.get gives" },
	{ "notebooks", "*", NULL, "PATTERN = STEPS: what a notebook does, by its path; the first that fits counts" },
	{ "mounts", "*", NULL, "/mnt/X = s3a://BUCKET/PATH: mounts that are there from the start" },
	{ "workspace", "notebooks", "notebooks", "where notebooks and files of the workspace are: a folder of the stack, or an absolute path" },
	{ "workspace", "user", "student@example.com", "whose workspace it is: /Users/USER, the creator of jobs" },
	{ "databricks", "engine", "lake", "what runs the statements of jobs' notebooks: lake, spark (the PySpark that Python has) or sc://HOST:PORT" },
	{ "databricks", "python", "python3", "the Python that jobs run notebooks with: a program's name, or its path" },
	{ "jobs", "setup", "1s", "how long a cluster takes to start", SETTING_DURATION },
	{ "jobs", "execution", "1s", "how long a task takes at least", SETTING_DURATION },
	{ "jobs", "parallel", "4", "notebooks that run at once; on a frozen clock it is one", SETTING_INT, NULL, 1, 64 },
	{ "jobs", "seconds", "3600", "how long a notebook's process may run, of real time", SETTING_INT, NULL, 1, 1000000 },
	{ "jobs", "memory", "4096", "what a notebook's process may use, MiB", SETTING_INT, NULL, 64, 1 << 20 },
	{ "jobs", "sh", "off", "whether %sh cells of notebooks are run", SETTING_BOOL },
	{ "jobs", "net", "off", "whether notebooks reach what isn't the stack's", SETTING_BOOL },
	{ NULL },
};

static const struct fault_site faults[] = {
	{ "jobs.", FAULT_ERRORS | FAULT_STATUSES, "an operation isn't done, and answers with this error or status" },
	{ "notebook.*", FAULT_ERRORS, "notebook.NAME: the run of this notebook fails with this error" },
	{ NULL },
};

const struct service databricks_service = {
	.name = "databricks",
	.doc = "Databricks Jobs API, SQL statements and mounts, on the lake's address",
	.settings = settings,
	.faults = faults,
	.prefix = { "/api/2.", "/api/tarn/mounts", "/.well-known/databricks-config" },
	.endpoint = "lake",
	.size = sizeof(struct databricks),
	.body_max = 64 << 20,
	.open = open_service,
	.provide = provide,
	.routes = { &dbx_routes, &dbx_dbfs_routes, &dbx_file_routes, &dbx_workspace_routes, &dbx_secret_routes, &dbx_cluster_routes, &dbx_people_routes,
		    &dbx_mount_routes },
	.admit = problem_admits,
	.http = serve,
	.full = { 500, "application/json",
		  "{\"error_code\":\"INTERNAL_ERROR\",\"message\":\"The disk of the state folder is full.\"}" },
	.dirty = dirty,
	.commit = commit,
	.close = close_service,
};
