/* jobs.db: saved jobs, runs; one JSON document a row. lake_mounts.db: mounts. */
#include <stdlib.h>
#include <string.h>

#include "databricks/databricks.h"

static const char *const steps[] = {
	"CREATE TABLE docs (kind TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID",
};

int dbx_store_put(struct databricks *j, const char *kind, int64_t id, json_t *doc, struct error *err)
{
	char *text = json_dumps(doc, JSON_COMPACT);
	int rc = db_begin(&j->db, err);
	json_decref(doc);
	if (!rc) {
		db_bind(j->put, 1, sl(kind));
		sqlite3_bind_int64(j->put, 2, id);
		db_bind(j->put, 3, sl(text));
		rc = db_run(&j->db, j->put, err);
	}
	free(text);
	return rc;
}

int dbx_store_del(struct databricks *j, const char *kind, int64_t id, struct error *err)
{
	int rc = db_begin(&j->db, err);
	if (rc)
		return rc;
	db_bind(j->del, 1, sl(kind));
	sqlite3_bind_int64(j->del, 2, id);
	return db_run(&j->db, j->del, err);
}

static char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? xstrdup(s) : NULL;
}

static int64_t int_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static json_t *task_doc(const struct dbx_task *t)
{
	return json_pack("{s:I, s:s, s:O, s:i, s:i, s:s?, s:s?, s:s?, s:s?, s:I, s:I, s:I, s:I}", "run_id", (json_int_t)t->run_id, "key",
			 t->key, "spec", t->spec, "life", (int)t->life, "result", (int)t->result, "message", t->message, "error", t->error,
			 "trace", t->trace, "output", t->output, "start", (json_int_t)t->start_ms, "setup", (json_int_t)t->setup_ms,
			 "execution", (json_int_t)t->execution_ms, "end", (json_int_t)t->end_ms);
}

json_t *dbx_run_doc(const struct dbx_run *r)
{
	json_t *tasks = json_array();
	for (size_t i = 0; i < r->task_n; i++)
		json_array_append_new(tasks, task_doc(&r->tasks[i]));
	return json_pack("{s:I, s:I, s:I, s:s, s:s, s:s?, s:O?, s:O, s:b, s:b, s:b, s:I, s:I, s:i, s:i, s:s?, s:o}", "run_id",
			 (json_int_t)r->run_id, "job_id", (json_int_t)r->job_id, "number", (json_int_t)r->number, "name", r->name, "type",
			 r->type, "token", r->token, "params", r->params, "settings", r->settings, "multi", (int)r->multi, "cancelled",
			 (int)r->cancelled, "timed_out", (int)r->timed_out, "start", (json_int_t)r->start_ms, "end", (json_int_t)r->end_ms,
			 "life", (int)r->life, "result", (int)r->result, "message", r->message, "tasks", tasks);
}

static void read_task(struct dbx_task *t, struct dbx_run *r, const json_t *o)
{
	*t = (struct dbx_task){ .run = r, .run_id = int_of(o, "run_id"), .key = text_of(o, "key"),
				 .spec = json_incref(json_object_get(o, "spec")), .life = (enum dbx_life)int_of(o, "life"),
				 .result = (enum dbx_result)int_of(o, "result"), .message = text_of(o, "message"), .error = text_of(o, "error"),
				 .trace = text_of(o, "trace"), .output = text_of(o, "output"), .start_ms = int_of(o, "start"),
				 .setup_ms = int_of(o, "setup"), .execution_ms = int_of(o, "execution"), .end_ms = int_of(o, "end") };
}

static void read_run(struct databricks *j, const json_t *o)
{
	struct dbx_run *r = xcalloc(1, sizeof(*r));
	const json_t *tasks = json_object_get(o, "tasks"), *t;
	size_t i;
	*r = (struct dbx_run){ .j = j, .next = j->runs, .run_id = int_of(o, "run_id"), .job_id = int_of(o, "job_id"),
				.number = int_of(o, "number"), .name = text_of(o, "name"), .type = text_of(o, "type"),
				.token = text_of(o, "token"), .params = json_incref(json_object_get(o, "params")),
				.settings = json_incref(json_object_get(o, "settings")), .multi = json_is_true(json_object_get(o, "multi")),
				.cancelled = json_is_true(json_object_get(o, "cancelled")),
				.timed_out = json_is_true(json_object_get(o, "timed_out")), .start_ms = int_of(o, "start"),
				.end_ms = int_of(o, "end"), .life = (enum dbx_life)int_of(o, "life"),
				.result = (enum dbx_result)int_of(o, "result"), .message = text_of(o, "message") };
	r->task_n = json_array_size(tasks);
	r->tasks = xcalloc(r->task_n, sizeof(*r->tasks));
	json_array_foreach(tasks, i, t)
		read_task(&r->tasks[i], r, t);
	j->runs = r;
	j->run_n++;
	int64_t last = r->task_n ? r->tasks[r->task_n - 1].run_id : r->run_id;
	j->last_id = last > j->last_id ? last : j->last_id;
}

static void read_doc(struct databricks *j, struct slice kind, int64_t id, const json_t *o)
{
	if (sl_eqs(kind, "run")) {
		read_run(j, o);
	} else if (sl_eqs(kind, "job")) {
		struct dbx_job *job = xcalloc(1, sizeof(*job));
		*job = (struct dbx_job){ j->jobs, id, int_of(o, "created"), json_incref(json_object_get(o, "settings")) };
		j->jobs = job;
		j->job_n++;
	} else if (sl_eqs(kind, "last")) {
		int64_t last = int_of(o, "id");
		j->last_id = last > j->last_id ? last : j->last_id;
		j->last_statement = int_of(o, "statement");
	}
}

int dbx_store_open(struct databricks *j, struct error *err)
{
	sqlite3_stmt *all = NULL;
	int rc;
	if ((rc = db_open(&j->db, j->env, "jobs", steps, ARRAY_LEN(steps), NULL, 0, err)) ||
	    (rc = db_prepare(&j->db, "INSERT INTO docs VALUES (?1, ?2, ?3) ON CONFLICT (kind, id) DO UPDATE SET body = ?3", &j->put, err)) ||
	    (rc = db_prepare(&j->db, "DELETE FROM docs WHERE kind = ?1 AND id = ?2", &j->del, err)) ||
	    (rc = db_prepare(&j->db, "SELECT kind, id, body FROM docs ORDER BY kind, id", &all, err)))
		return rc;
	while (sqlite3_step(all) == SQLITE_ROW) {
		struct slice body = db_text(all, 2);
		json_t *o = json_loadb(body.p, body.n, 0, NULL);
		if (o)
			read_doc(j, db_text(all, 0), sqlite3_column_int64(all, 1), o);
		json_decref(o);
	}
	sqlite3_finalize(all);
	return 0;
}

void dbx_store_close(struct databricks *j)
{
	sqlite3_finalize(j->put);
	sqlite3_finalize(j->del);
	db_close(&j->db);
}

/* ---- mounts ---- */

static const char *const mount_steps[] = {
	"CREATE TABLE mounts(point TEXT PRIMARY KEY, source TEXT NOT NULL) STRICT",
};

int dbx_store_mounts(struct dbx_mounts *m, const struct env *env, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = db_open(&m->db, env, "lake_mounts", mount_steps, ARRAY_LEN(mount_steps), NULL, 0, err);
	if (!rc)
		rc = db_prepare(&m->db, "SELECT point, source FROM mounts", &st, err);
	while (!rc && sqlite3_step(st) == SQLITE_ROW)
		dbx_mounts_list(m, db_text(st, 0), db_text(st, 1));
	sqlite3_finalize(st);
	return rc;
}

int dbx_store_mount(struct dbx_mounts *m, struct slice point, struct slice source, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = db_begin(&m->db, err);
	if (!rc)
		rc = db_prepare(&m->db, source.p ? "INSERT OR REPLACE INTO mounts VALUES(?,?)" : "DELETE FROM mounts WHERE point = ?", &st, err);
	if (!rc) {
		db_bind(st, 1, point);
		if (source.p)
			db_bind(st, 2, source);
		rc = db_run(&m->db, st, err);
	}
	sqlite3_finalize(st);
	return rc;
}
