/* airflow.db: DAG states, runs with their tasks and logs, connections, variables, pools, environments; one JSON document
 * a row. A run is written once a tick, however often it changed. */
#include "airflow/airflow.h"
#include "core/docs.h"
#include "core/json.h"

static const char *const steps[] = {
	"CREATE TABLE docs (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID",

	DOCS_TABLE ";"
	"INSERT INTO doc (kind, parent, id, json) SELECT kind, '', key, body FROM docs ORDER BY kind, key;"
	"DROP TABLE docs",
};

static void note(struct airflow *a, int rc, const struct error *err)
{
	if (rc)
		log_error(a->env, "store", "error=\"%s\"", err->text);
	a->dirty = true;
}

static void af_store_put(struct airflow *a, const char *kind, const char *key, json_t *doc)
{
	struct error err;
	note(a, docs_put(&a->db, kind, "", key, doc, &err), &err);
	json_decref(doc);
}

void af_store_del(struct airflow *a, const char *kind, const char *key)
{
	struct error err;
	note(a, docs_drop(&a->db, kind, "", key, &err), &err);
}

static const char *const kept_names[AF_KEPT_N] = { "connection", "variable", "pool", "environment" };

void af_keep(struct airflow *a, enum af_kept kind, const char *key, json_t *doc)
{
	json_object_set(a->kept[kind], key, doc);
	af_store_put(a, kept_names[kind], key, json_incref(doc));
}

bool af_unkeep(struct airflow *a, enum af_kept kind, const char *key)
{
	if (json_object_del(a->kept[kind], key))
		return false;
	af_store_del(a, kept_names[kind], key);
	return true;
}

void af_store_dag(const struct af_dag *d)
{
	af_store_put(d->a, "dag", d->id, json_pack("{s:b, s:I, s:s}", "paused", (int)d->paused, "last_end", (json_int_t)d->last_end_ms, "file", d->file));
}

void af_store_meta(struct airflow *a)
{
	af_store_put(a, "meta", "counters", json_pack("{s:I, s:I, s:I}", "runs", (json_int_t)a->run_counter, "errors", (json_int_t)a->next_error, "tokens",
						   (json_int_t)a->token_counter));
}

/* ---- runs ---- */

static json_t *ti_doc(const struct af_ti *t)
{
	json_t *logs = json_array();
	for (size_t i = 0; i < t->log_n; i++) {
		struct slice s = buf_slice(&t->logs[i]);
		json_t *text = json_stringn(s.p, s.n);
		json_array_append_new(logs, text ? text : json_string(""));
	}
	return json_pack("{s:s, s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:O?, s:s?}", "task", t->task_id, "operator", t->operator, "state",
			 (int)t->state, "try", (json_int_t)t->try_number, "max", (json_int_t)t->max_tries, "queued", (json_int_t)t->queued_ms, "start",
			 (json_int_t)t->start_ms, "end", (json_int_t)t->end_ms, "due", (json_int_t)t->due_ms, "logs", logs, "xcoms", t->xcoms, "note",
			 t->note);
}

static json_t *run_doc(const struct af_run *r)
{
	json_t *tis = json_array();
	for (size_t i = 0; i < r->ti_n; i++)
		json_array_append_new(tis, ti_doc(&r->tis[i]));
	return json_pack("{s:s, s:s, s:s, s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:b, s:O, s:o}", "dag", r->dag->id, "id", r->id, "type", r->type,
			 "note", r->note, "logical", (json_int_t)r->logical_ms, "from", (json_int_t)r->interval_start_ms, "to",
			 (json_int_t)r->interval_end_ms, "queued", (json_int_t)r->queued_ms, "start", (json_int_t)r->start_ms, "end",
			 (json_int_t)r->end_ms, "decided", (json_int_t)r->decided_ms, "state", (int)r->state, "external", (int)r->external, "conf", r->conf,
			 "tis", tis);
}

static void read_ti(struct af_ti *t, struct af_run *r, const json_t *o)
{
	const json_t *logs = json_object_get(o, "logs"), *l;
	size_t i;
	*t = (struct af_ti){ .run = r, .task_id = jdup(o, "task"), .operator = jdup(o, "operator"), .state = (enum af_ti_state)jint(o, "state"),
			  .try_number = jint(o, "try"), .max_tries = jint(o, "max"), .queued_ms = jint(o, "queued"),
			  .start_ms = jint(o, "start"), .end_ms = jint(o, "end"), .due_ms = jint(o, "due"), .note = jdup(o, "note"),
			  .xcoms = json_incref(json_object_get(o, "xcoms")), .log_n = json_array_size(logs) };
	t->logs = xcalloc(t->log_n + 1, sizeof(*t->logs));
	json_array_foreach(logs, i, l) {
		buf_init(&t->logs[i], AF_LOG_MAX);
		buf_add(&t->logs[i], json_string_value(l), json_string_length(l));
	}
}

/* A DAG that only the store knows so far; its file brings the rest. */
static struct af_dag *known_dag(struct airflow *a, const char *id)
{
	struct af_dag *d = af_dag(a, sl(id)), **at = &a->dags;
	if (d)
		return d;
	d = xcalloc(1, sizeof(*d));
	*d = (struct af_dag){ .a = a, .id = xstrdup(id), .file = xstrdup(""), .last_end_ms = -1, .start_ms = -1, .end_ms = -1, .max_active_runs = 16,
			   .max_active_tasks = 16, .paused = true, .owners = json_array(), .tags = json_array(), .params = json_object(),
			   .notes = json_array() };
	while (*at && strcmp((*at)->id, id) < 0)
		at = &(*at)->next;
	d->next = *at;
	*at = d;
	return d;
}

static void read_run(struct airflow *a, const char *key, const json_t *o)
{
	struct af_dag *d = known_dag(a, jstr(o, "dag"));
	const json_t *tis = json_object_get(o, "tis"), *t;
	struct af_run *r = xcalloc(1, sizeof(*r));
	size_t i;
	*r = (struct af_run){ .dag = d, .id = jdup(o, "id"), .type = jdup(o, "type"), .note = jdup(o, "note"), .logical_ms = jint(o, "logical"),
			   .interval_start_ms = jint(o, "from"), .interval_end_ms = jint(o, "to"), .queued_ms = jint(o, "queued"),
			   .start_ms = jint(o, "start"), .end_ms = jint(o, "end"), .decided_ms = jint(o, "decided"),
			   .state = (enum af_run_state)jint(o, "state"), .external = jtrue(o, "external"),
			   .conf = json_incref(json_object_get(o, "conf")), .ti_n = json_array_size(tis) };
	(void)sl_int(sl(key), 0, INT64_MAX, &r->number);
	r->tis = xcalloc(r->ti_n, sizeof(*r->tis));
	json_array_foreach(tis, i, t)
		read_ti(&r->tis[i], r, t);
	/* Rows come in the order they were first written; runs are kept by number. */
	struct af_run **at = &d->runs;
	while (*at && (*at)->number < r->number)
		at = &(*at)->next;
	r->next = *at;
	*at = r;
	if (!r->next)
		d->last_run = r;
	d->first_open = d->runs;
	d->run_n++;
	d->active_n += r->state == RUN_QUEUED || r->state == RUN_RUNNING;
	a->run_n++;
}

static int read_doc(void *arg, const char *kind, const char *parent, const char *key, json_t *o, struct error *err)
{
	struct airflow *a = arg;
	if (!strcmp(kind, "dag")) {
		struct af_dag *d = known_dag(a, key);
		d->paused = jtrue(o, "paused");
		d->last_end_ms = jint(o, "last_end");
		free(d->file);
		d->file = jdup(o, "file");
	} else if (!strcmp(kind, "run")) {
		read_run(a, key, o);
	} else if (!strcmp(kind, "meta")) {
		a->run_counter = jint(o, "runs");
		a->next_error = jint(o, "errors");
		a->token_counter = jint(o, "tokens");
	} else {
		for (size_t i = 0; i < AF_KEPT_N; i++)
			if (!strcmp(kind, kept_names[i]))
				json_object_set(a->kept[i], key, o);
	}
	return 0;
}

int af_store_open(struct airflow *a, struct error *err)
{
	int rc = db_open(&a->db, a->env, "airflow", steps, ARRAY_LEN(steps), docs_queries, DOCS_Q, err);
	return rc ? rc : docs_each(&a->db, read_doc, a, err);
}

int af_store_commit(struct airflow *a, struct error *err)
{
	char key[32];
	af_forget(a);
	if (a->dirty_runs)
		af_store_meta(a);
	while (a->dirty_runs) {
		struct af_run *r = a->dirty_runs;
		a->dirty_runs = r->next_dirty;
		r->dirty = false;
		snprintf(key, sizeof(key), "%lld", (long long)r->number);
		af_store_put(a, "run", key, run_doc(r));
	}
	a->dirty = false;
	return db_commit(&a->db, err);
}
