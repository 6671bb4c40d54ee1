/* jobs.db: saved jobs, runs; one JSON document a row. lake_mounts.db: mounts. */
#include "core/docs.h"
#include "core/json.h"
#include "databricks/workspace.h"

static const char *const steps[] = {
	"CREATE TABLE docs (kind TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID",

	DOCS_TABLE ";"
	"INSERT INTO doc (kind, parent, id, json) SELECT kind, '', CAST(id AS TEXT), body FROM docs ORDER BY kind, id;"
	"DROP TABLE docs",
};

static const char *key_of(int64_t id, char to[24])
{
	snprintf(to, 24, "%lld", (long long)id);
	return to;
}

int dbx_store_put_text(struct databricks *j, const char *kind, const char *key, json_t *doc, struct error *err)
{
	int rc = docs_put(&j->db, kind, "", key, doc, err);
	json_decref(doc);
	return rc;
}

int dbx_store_put(struct databricks *j, const char *kind, int64_t id, json_t *doc, struct error *err)
{
	char key[24];
	return dbx_store_put_text(j, kind, key_of(id, key), doc, err);
}

int dbx_store_del_text(struct databricks *j, const char *kind, const char *key, struct error *err)
{
	return docs_drop(&j->db, kind, "", key, err);
}

int dbx_store_del(struct databricks *j, const char *kind, int64_t id, struct error *err)
{
	char key[24];
	return dbx_store_del_text(j, kind, key_of(id, key), err);
}

static json_t *task_doc(const struct dbx_task *t)
{
	json_t *o = json_pack("{s:I, s:s, s:O, s:i, s:i, s:s?, s:s?, s:s?, s:s?, s:I, s:I, s:I, s:I}", "run_id", (json_int_t)t->run_id, "key",
			      t->key, "spec", t->spec, "life", (int)t->life, "result", (int)t->result, "message", t->message, "error", t->error,
			      "trace", t->trace, "output", t->output, "start", (json_int_t)t->start_ms, "setup", (json_int_t)t->setup_ms,
			      "execution", (json_int_t)t->execution_ms, "end", (json_int_t)t->end_ms);
	const struct {
		const char *name;
		json_t *v;
	} more[] = { { "past", t->past }, { "resolved", t->resolved }, { "values", t->values }, { "doc", t->result_doc }, { "input", t->input } };
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		if (more[i].v)
			json_object_set(o, more[i].name, more[i].v);
	json_object_set_new(o, "attempt", json_integer(t->attempt));
	json_object_set_new(o, "plain", json_boolean(t->plain));
	json_object_set_new(o, "truncated", json_boolean(t->truncated));
	jput(o, "way", t->way);
	if (!t->iteration_n)
		return o;
	json_t *list = json_array();
	for (size_t i = 0; i < t->iteration_n; i++)
		json_array_append_new(list, task_doc(&t->iterations[i]));
	json_object_set_new(o, "iterations", list);
	return o;
}

json_t *dbx_run_doc(const struct dbx_run *r)
{
	json_t *tasks = json_array();
	for (size_t i = 0; i < r->task_n; i++)
		json_array_append_new(tasks, task_doc(&r->tasks[i]));
	json_t *o = json_pack("{s:I, s:I, s:I, s:s, s:s, s:s?, s:O?, s:O, s:b, s:b, s:b, s:I, s:I, s:i, s:i, s:s?, s:o}", "run_id",
			 (json_int_t)r->run_id, "job_id", (json_int_t)r->job_id, "number", (json_int_t)r->number, "name", r->name, "type",
			 r->type, "token", r->token, "params", r->params, "settings", r->settings, "multi", (int)r->multi, "cancelled",
			 (int)r->cancelled, "timed_out", (int)r->timed_out, "start", (json_int_t)r->start_ms, "end", (json_int_t)r->end_ms,
			 "life", (int)r->life, "result", (int)r->result, "message", r->message, "tasks", tasks);
	if (r->repairs)
		json_object_set(o, "repairs", r->repairs);
	return o;
}

static void read_task(struct dbx_task *t, struct dbx_run *r, const json_t *o)
{
	const json_t *list = json_object_get(o, "iterations"), *one;
	size_t i;
	*t = (struct dbx_task){ .run = r, .run_id = jint(o, "run_id"), .key = jdup(o, "key"),
				 .spec = json_incref(json_object_get(o, "spec")), .life = (enum dbx_life)jint(o, "life"),
				 .result = (enum dbx_result)jint(o, "result"), .message = jdup(o, "message"), .error = jdup(o, "error"),
				 .trace = jdup(o, "trace"), .output = jdup(o, "output"), .start_ms = jint(o, "start"),
				 .setup_ms = jint(o, "setup"), .execution_ms = jint(o, "execution"), .end_ms = jint(o, "end"),
				 .past = json_incref(json_object_get(o, "past")), .resolved = json_incref(json_object_get(o, "resolved")),
				 .values = json_incref(json_object_get(o, "values")), .result_doc = json_incref(json_object_get(o, "doc")),
				 .input = json_incref(json_object_get(o, "input")), .attempt = (int)jint(o, "attempt"), .plain = jtrue(o, "plain"),
				 .truncated = jtrue(o, "truncated"), .way = jdup(o, "way") };
	if (!json_array_size(list))
		return;
	t->iteration_n = t->iteration_next = json_array_size(list);
	t->iterations = xcalloc(t->iteration_n, sizeof(*t->iterations));
	json_array_foreach(list, i, one) {
		read_task(&t->iterations[i], r, one);
		t->iterations[i].parent = t;
	}
}

/* The highest id that a task has, or an iteration of it. */
static int64_t last_id(const struct dbx_task *t)
{
	int64_t last = t->run_id;
	for (size_t i = 0; i < t->iteration_n; i++)
		last = t->iterations[i].run_id > last ? t->iterations[i].run_id : last;
	return last;
}

static void read_run(struct databricks *j, const json_t *o)
{
	struct dbx_run *r = xcalloc(1, sizeof(*r)), **at = &j->runs;
	const json_t *tasks = json_object_get(o, "tasks"), *t;
	size_t i;
	*r = (struct dbx_run){ .j = j, .run_id = jint(o, "run_id"), .job_id = jint(o, "job_id"),
				.number = jint(o, "number"), .name = jdup(o, "name"), .type = jdup(o, "type"),
				.token = jdup(o, "token"), .params = json_incref(json_object_get(o, "params")),
				.settings = json_incref(json_object_get(o, "settings")), .multi = jtrue(o, "multi"),
				.cancelled = jtrue(o, "cancelled"),
				.timed_out = jtrue(o, "timed_out"), .start_ms = jint(o, "start"),
				.end_ms = jint(o, "end"), .life = (enum dbx_life)jint(o, "life"),
				.result = (enum dbx_result)jint(o, "result"), .message = jdup(o, "message") };
	r->task_n = json_array_size(tasks);
	r->tasks = xcalloc(r->task_n, sizeof(*r->tasks));
	json_array_foreach(tasks, i, t)
		read_task(&r->tasks[i], r, t);
	while (*at && (*at)->run_id > r->run_id) /* those of one tick were written in any order */
		at = &(*at)->next;
	r->next = *at;
	*at = r;
	j->run_n++;
	r->repairs = json_incref(json_object_get(o, "repairs"));
	for (i = 0; i < r->task_n; i++) {
		int64_t last = last_id(&r->tasks[i]);
		j->last_id = last > j->last_id ? last : j->last_id;
	}
}

static void read_cells(struct databricks *j, int64_t run_id, const json_t *o)
{
	struct dbx_run *r;
	struct dbx_task *t = dbx_find_task(j, run_id, &r);
	if (!t)
		return;
	free(t->cells);
	t->cells = json_dumps(json_object_get(o, "cells"), JSON_COMPACT);
}

/* The executed cells that are new, beside their run. */
int dbx_store_cells(struct dbx_task *t, struct error *err)
{
	JSON_AUTO cells = t->cells_new ? json_loads(t->cells, JSON_ALLOW_NUL, NULL) : NULL;
	int rc = cells ? dbx_store_put(t->run->j, "cells", t->run_id, json_pack("{s:O}", "cells", cells), err) : 0;
	t->cells_new = false;
	for (size_t i = 0; !rc && i < t->iteration_n; i++)
		rc = dbx_store_cells(&t->iterations[i], err);
	return rc;
}

static int del_cells(const struct dbx_task *t, struct error *err)
{
	int rc = t->cells ? dbx_store_del(t->run->j, "cells", t->run_id, err) : 0;
	for (size_t i = 0; !rc && i < t->iteration_n; i++)
		rc = del_cells(&t->iterations[i], err);
	return rc;
}

int dbx_store_run_del(const struct dbx_run *r, struct error *err)
{
	int rc = dbx_store_del(r->j, "run", r->run_id, err);
	for (size_t i = 0; !rc && i < r->task_n; i++)
		rc = del_cells(&r->tasks[i], err);
	return rc;
}

static int read_doc(void *arg, const char *kind, const char *parent, const char *key, json_t *o, struct error *err)
{
	struct databricks *j = arg;
	int64_t id = strtoll(key, NULL, 10), last = jint(o, "id");
	if (!strcmp(kind, "run")) {
		read_run(j, o);
	} else if (!strcmp(kind, "job")) {
		struct dbx_job *job = xcalloc(1, sizeof(*job));
		*job = (struct dbx_job){ j->jobs, id, jint(o, "created"), json_incref(json_object_get(o, "settings")) };
		j->jobs = job;
		j->job_n++;
	} else if (!strcmp(kind, "cells")) {
		read_cells(j, id, o);
	} else if (!strcmp(kind, "scope")) {
		dbx_secrets_read(j, key, o);
	} else if (!strcmp(kind, "cluster")) {
		json_object_set(j->clusters, key, o);
	} else if (!strcmp(kind, "object")) {
		dbx_workspace_read(j, key, o);
	} else if (!strcmp(kind, "last")) {
		j->last_id = last > j->last_id ? last : j->last_id;
		j->last_statement = jint(o, "statement");
	}
	return 0;
}

int dbx_store_open(struct databricks *j, struct error *err)
{
	int rc = db_open(&j->db, j->env, "jobs", steps, ARRAY_LEN(steps), docs_queries, DOCS_Q, err);
	return rc ? rc : docs_each(&j->db, read_doc, j, err);
}

/* ---- mounts ---- */

static const char *const mount_steps[] = {
	"CREATE TABLE mounts(point TEXT PRIMARY KEY, source TEXT NOT NULL) STRICT",
};

enum { Q_MOUNTS, Q_MOUNT, Q_UNMOUNT, Q_COUNT };
static const char *const mount_queries[Q_COUNT] = {
	[Q_MOUNTS] = "SELECT point, source FROM mounts",
	[Q_MOUNT] = "INSERT OR REPLACE INTO mounts VALUES(?,?)",
	[Q_UNMOUNT] = "DELETE FROM mounts WHERE point = ?",
};

int dbx_store_mounts(struct dbx_mounts *m, const struct env *env, struct error *err)
{
	int rc = db_open(&m->db, env, "lake_mounts", mount_steps, ARRAY_LEN(mount_steps), mount_queries, Q_COUNT, err);
	if (rc)
		return rc;
	while ((rc = db_row(&m->db, Q_MOUNTS, err)) > 0)
		dbx_mounts_list(m, db_text(db_q(&m->db, Q_MOUNTS), 0), db_text(db_q(&m->db, Q_MOUNTS), 1));
	return rc;
}

int dbx_store_mount(struct dbx_mounts *m, struct slice point, struct slice source, struct error *err)
{
	db_bind(db_q(&m->db, Q_MOUNT), 1, point);
	db_bind(db_q(&m->db, Q_MOUNT), 2, source);
	return db_write(&m->db, Q_MOUNT, err);
}

int dbx_store_unmount(struct dbx_mounts *m, struct slice point, struct error *err)
{
	db_bind(db_q(&m->db, Q_UNMOUNT), 1, point);
	return db_write(&m->db, Q_UNMOUNT, err);
}
