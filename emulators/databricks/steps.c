/* What a notebook does here: steps named by the stack's table, one after another, calls of this process's own lake.
 *
 *   mount [POINT]         dbutils.fs.mount of the users' bucket; a point that is mounted already fails, as it does there
 *   remount [POINT]       unmount if it is there, then mount: the cell most notebooks have
 *   load [DATASET]        spark.read.json of the topics' objects: fails when there are none
 *   clean [DATASET]       the cleaning rules into the tables, the lake's own and the Delta table of each
 *   query NAME | all      analysis questions
 *   exit TEXT             dbutils.notebook.exit
 *   fail TEXT             raise Exception(TEXT)
 *
 * One notebook runs at a time, in the order they became RUNNING. */
#include <fnmatch.h>

#include "core/adopt.h"
#include "core/httpc.h"
#include "core/json.h"
#include "databricks/task.h"

struct dbx_work {
	struct dbx_work *next;
	struct databricks *j;
	struct dbx_task *task;
	char *path, *steps;
	struct slice rest;    /* steps not yet begun */
	struct slice arg;     /* of this step */
	bool again;           /* the point was mounted before */
	struct buf done;      /* what the steps said */
	json_t *names;        /* queries still to ask */
	size_t name_at;
	const struct dataset *only; /* of this step; NULL: all */
	size_t set, user;           /* being looked at by load; user: 0 the stack's, then those that were adopted */
	struct owed *owed;    /* the call of its step */
	struct loop_soon soon;
};

static void work_step(struct dbx_work *w);

const char *dbx_notebook(const struct databricks *j, const char *path)
{
	const char *pattern, *steps;
	for (size_t i = 0; conf_at(j->env->conf, "notebooks", i, &pattern, &steps); i++)
		if (!fnmatch(pattern, path, 0))
			return steps;
	return NULL;
}

static void work_free(struct dbx_work *w)
{
	owed_cancel_all(&w->owed);
	loop_never(w->j->env->loop, &w->soon);
	json_decref(w->names);
	buf_free(&w->done);
	free(w->path);
	free(w->steps);
	free(w);
}

static void next_work(void *arg)
{
	work_step(arg);
}

/* Takes w out of the queue; the next one starts on the next turn. */
static void work_leave(struct dbx_work *w)
{
	struct databricks *j = w->j;
	struct dbx_work **at = &j->first_work;
	bool first = j->first_work == w;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	j->last_work = j->first_work;
	while (j->last_work && j->last_work->next)
		j->last_work = j->last_work->next;
	work_free(w);
	if (first && j->first_work)
		loop_later(j->env->loop, &j->first_work->soon, next_work, j->first_work);
}

void dbx_work_drop(struct dbx_work *w)
{
	work_leave(w);
}

static void work_over(struct dbx_work *w, const char *error, const char *trace)
{
	w->task->work = NULL;
	dbx_task_done(w->task, error ? NULL : buf_cstr(&w->done), error, trace);
	work_leave(w);
}

/* An exception of the notebook: "CLASS: text", with the frames a user sees above it. */
static void work_raise(struct dbx_work *w, const char *class, const char *where, const char *fmt, ...)
{
	char text[4096];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	char *error = xasprintf("%s: %s", class, text);
	char *trace = xasprintf("---------------------------------------------------------------------------\n"
				"%-42sTraceback (most recent call last)\n<command-1> in <module>\n----> 1 %s\n\n%s", class, where, error);
	work_over(w, error, trace);
	free(error);
	free(trace);
}

/* ---- calls to the lake ---- */

struct lake_call {
	struct owed owed;
	struct owed *http;
	dbx_lake_cb cb;
	void *arg;
};

static void lake_call_free(struct owed *o)
{
	owed_cancel_all(&((struct lake_call *)o)->http);
	free(o);
}

static void on_lake(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct lake_call *c = arg;
	JSON_AUTO body = err ? NULL : json_loadb(resp->body.p ? resp->body.p : "", resp->body.n, JSON_ALLOW_NUL, NULL);
	const char *message = jstr(body, "message");
	owed_end(&c->owed);
	if (err)
		c->cb(c->arg, 0, NULL, err->text);
	else if (resp->status != 200 || !json_is_object(body))
		c->cb(c->arg, resp->status, body, message ? message : "the lake's answer is no JSON");
	else
		c->cb(c->arg, 200, body, NULL);
	lake_call_free(&c->owed);
}

struct owed *dbx_lake_call(struct databricks *j, const char *method, const char *path, struct slice body, dbx_lake_cb cb, void *arg)
{
	const struct conf *conf = j->env->conf;
	struct lake_call *c = xcalloc(1, sizeof(*c));
	struct http_header type = { S("Content-Type"), body.n && body.p[0] == '{' ? S("application/json") : S("text/plain; charset=utf-8") };
	char *url = xasprintf("http://%s:%s%s", conf_str(conf, "control", "listen_host", "127.0.0.1"),
			      conf_str(conf, "control", "listen_port", "0"), path);
	struct httpc_req req = { .method = sl(method), .url = sl(url), .headers = &type, .header_n = body.n ? 1 : 0, .body = body,
				 .timeout_ms = 600000 };
	owed_init(&c->owed, NULL, lake_call_free);
	c->cb = cb;
	c->arg = arg;
	owed_keep(&c->http, httpc_send(j->env->httpc, &req, on_lake, c));
	free(url);
	return &c->owed;
}

static void say(struct dbx_work *w, const char *fmt, ...)
{
	va_list ap;
	if (w->done.n)
		buf_adds(&w->done, "; ");
	va_start(ap, fmt);
	buf_addv(&w->done, fmt, ap);
	va_end(ap);
}

static void await(struct dbx_work *w, struct owed *step)
{
	owed_keep(&w->owed, step);
}

/* ---- mount ---- */

static char *bucket_of(const struct databricks *j)
{
	return dataset_bucket(j->env->conf);
}

static char *point_of(const struct dbx_work *w)
{
	char *bucket = bucket_of(w->j), *point = w->arg.n ? xstrndup(w->arg.p, w->arg.n) : xasprintf("/mnt/%s", bucket);
	free(bucket);
	return point;
}

static void on_mounted(void *arg, int status, const json_t *body, const char *wrong)
{
	struct dbx_work *w = arg;
	if (wrong) {
		work_raise(w, "ExecutionError", "dbutils.fs.mount(SOURCE_URL, MOUNT_NAME)", "An error occurred while calling o398.mount.\n: %s", wrong);
		return;
	}
	say(w, "%smounted %s at %s", w->again ? "re" : "", jstr(body, "source"),
	    jstr(body, "mountPoint"));
	work_step(w);
}

/* dbutils.fs.mount, by the lake's own mounts. */
static void mount(struct dbx_work *w)
{
	char *bucket = bucket_of(w->j), *source = xasprintf("s3a://%s", bucket), *point = point_of(w);
	json_t *body = json_pack("{s:s, s:s}", "source", source, "mountPoint", point);
	char *text = json_dumps(body, JSON_COMPACT);
	await(w, dbx_lake_call(w->j, "POST", "/api/tarn/mounts", sl(text), on_mounted, w));
	json_decref(body);
	free(text);
	free(bucket);
	free(source);
	free(point);
}

static void on_unmounted(void *arg, int status, const json_t *body, const char *wrong)
{
	struct dbx_work *w = arg;
	w->again = !wrong;
	if (wrong && status != 404)
		work_raise(w, "ExecutionError", "dbutils.fs.unmount(MOUNT_NAME)", "An error occurred while calling o398.unmount.\n: %s", wrong);
	else
		mount(w);
}

/* remount: the point is unmounted first, if it is there. */
static void step_mount(struct dbx_work *w, bool again)
{
	struct buf path = { 0 };
	w->again = false;
	if (!again) {
		mount(w);
		return;
	}
	char *point = point_of(w);
	buf_adds(&path, "/api/tarn/mounts?mountPoint=");
	buf_url_escape(&path, sl(point), false);
	await(w, dbx_lake_call(w->j, "DELETE", buf_cstr(&path), S(""), on_unmounted, w));
	buf_free(&path);
	free(point);
}

/* ---- load ---- */

static void load_next(struct dbx_work *w);

static void no_path(struct dbx_work *w, const struct dataset *d)
{
	char *bucket = bucket_of(w->j);
	work_raise(w, "AnalysisException", "spark.read.format(\"json\").load(file_location)",
		   "Path does not exist: dbfs:/mnt/%s/topics/%s/partition=0/*.json", bucket, d->topic);
	free(bucket);
}

static void on_objects(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct dbx_work *w = arg;
	if (err && !(w->user && err->kind == ERR_NOT_FOUND)) {
		work_raise(w, "Py4JJavaError", "spark.read.format(\"json\").load(file_location)", "%s%s%s", err->def ? err->def->code : "",
			   err->def ? ": " : "", err->text);
	} else if (!n && adopt_user(w->j->env->adopt, w->user)) {
		w->user++;
		load_next(w);
	} else if (!n) {
		no_path(w, &w->j->sets.at[w->set]);
	} else {
		say(w, "%s: %zu%s objects", w->j->sets.at[w->set].name, n, more ? "+" : "");
		w->set++;
		w->user = 0;
		load_next(w);
	}
}

static void load_next(struct dbx_work *w)
{
	const struct object_store *s = &w->j->env->ports->objects;
	const struct datasets *sets = &w->j->sets;
	while (w->set < sets->n && (!sets->at[w->set].topic || (w->only && w->only != &sets->at[w->set])))
		w->set++;
	if (w->set == sets->n) {
		work_step(w);
		return;
	}
	struct error err;
	if (port_needed(w->j->env, PORT_OBJECTS, &err)) {
		work_raise(w, "Py4JJavaError", "spark.read.format(\"json\").load(file_location)", "%s", err.text);
		return;
	}
	const struct adopt *adopt = w->j->env->adopt;
	struct arena a = { 0 };
	char *own = bucket_of(w->j);
	struct slice bucket = sl(own), folder = arena_printf(&a, "topics/%s/", sets->at[w->set].topic);
	if (w->user) {
		bucket = adopt_text(&a, adopt, bucket, sl(adopt_user(adopt, w->user - 1)));
		folder = adopt_text(&a, adopt, folder, sl(adopt_user(adopt, w->user - 1)));
	}
	await(w, s->list(s->self, bucket, folder, sl(NULL), on_objects, w));
	arena_free(&a);
	free(own);
}

/* ---- clean ---- */

static void on_clean(void *arg, int status, const json_t *body, const char *wrong)
{
	struct dbx_work *w = arg;
	const json_t *d;
	size_t i;
	if (wrong) {
		work_raise(w, "Py4JJavaError", "df.write.saveAsTable(table)", "%s", wrong);
		return;
	}
	json_array_foreach(json_object_get(body, "datasets"), i, d) {
		const struct dataset *set = dataset_find(&w->j->sets, jslice(d, "dataset"));
		if (!set)
			continue;
		if (!jint(d, "objects")) {
			no_path(w, set);
			return;
		}
		say(w, "%s: %lld rows, %lld quarantined", set->name, (long long)jint(d, "rows_out"), (long long)jint(d, "quarantined"));
	}
	work_step(w);
}

static void step_clean(struct dbx_work *w)
{
	struct buf path = { 0 };
	buf_adds(&path, w->only ? "/api/tarn/clean?dataset=" : "/api/tarn/clean");
	if (w->only)
		buf_url_escape(&path, sl(w->only->name), false);
	await(w, dbx_lake_call(w->j, "POST", buf_cstr(&path), S("{}"), on_clean, w));
	buf_free(&path);
}

/* ---- query ---- */

static void query_next(struct dbx_work *w);

static void on_query(void *arg, int status, const json_t *body, const char *wrong)
{
	struct dbx_work *w = arg;
	const char *name = json_string_value(json_array_get(w->names, w->name_at));
	if (wrong) {
		work_raise(w, "AnalysisException", "spark.sql(query)", "%s: %s", name, wrong);
		return;
	}
	say(w, "%s: %zu rows", name, json_array_size(json_object_get(body, "rows")));
	w->name_at++;
	query_next(w);
}

static void query_next(struct dbx_work *w)
{
	const char *name = json_string_value(json_array_get(w->names, w->name_at));
	struct buf path = { 0 };
	if (!name) {
		work_step(w);
		return;
	}
	buf_adds(&path, "/api/tarn/query/");
	buf_url_escape(&path, sl(name), false);
	await(w, dbx_lake_call(w->j, "GET", buf_cstr(&path), S(""), on_query, w));
	buf_free(&path);
}

static void on_queries(void *arg, int status, const json_t *body, const char *wrong)
{
	struct dbx_work *w = arg;
	const json_t *q;
	size_t i;
	if (wrong) {
		work_raise(w, "AnalysisException", "spark.sql(query)", "%s", wrong);
		return;
	}
	json_array_foreach(json_object_get(body, "queries"), i, q)
		json_array_append(w->names, json_object_get(q, "name"));
	query_next(w);
}

static void step_query(struct dbx_work *w, struct slice arg)
{
	json_decref(w->names);
	w->names = json_array();
	w->name_at = 0;
	if (!sl_eqs(arg, "all")) {
		json_array_append_new(w->names, json_stringn(arg.p, arg.n));
		query_next(w);
		return;
	}
	await(w, dbx_lake_call(w->j, "GET", "/api/tarn/queries", S(""), on_queries, w));
}

/* ---- the steps in turn ---- */

/* load and clean: all datasets, or the one named. */
static void step_datasets(struct dbx_work *w, void (*begin)(struct dbx_work *w))
{
	struct arena a = { 0 };
	w->set = w->user = 0;
	w->only = w->arg.n && !sl_eqs(w->arg, "all") ? dataset_find(&w->j->sets, w->arg) : NULL;
	if (w->only || !w->arg.n || sl_eqs(w->arg, "all"))
		begin(w);
	else
		work_raise(w, "SyntaxError", "stack.conf [notebooks]", "there is no dataset %.*s: %.*s", SL(w->arg),
			   SL(dataset_names(&a, &w->j->sets)));
	arena_free(&a);
}

static void work_step(struct dbx_work *w)
{
	struct slice step = S(""), verb, arg;
	while (w->rest.p && !step.n) {
		sl_cut(w->rest, ',', &step, &w->rest);
		step = sl_trim(step);
	}
	if (!step.n) {
		work_over(w, NULL, NULL);
		return;
	}
	sl_cut(step, ' ', &verb, &arg);
	arg = w->arg = arg.p ? sl_trim(arg) : S("");
	if (sl_eqs(verb, "mount") || sl_eqs(verb, "remount")) {
		step_mount(w, verb.n > strlen("mount"));
	} else if (sl_eqs(verb, "load")) {
		step_datasets(w, load_next);
	} else if (sl_eqs(verb, "clean")) {
		step_datasets(w, step_clean);
	} else if (sl_eqs(verb, "query") && arg.n) {
		step_query(w, arg);
	} else if (sl_eqs(verb, "exit")) {
		buf_reset(&w->done);
		buf_addsl(&w->done, arg);
		work_over(w, NULL, NULL);
	} else if (sl_eqs(verb, "fail")) {
		work_raise(w, "Exception", "raise Exception(message)", "%.*s", SL(arg));
	} else {
		work_raise(w, "SyntaxError", "stack.conf [notebooks]", "no step is called: %.*s", SL(step));
	}
}

void dbx_work_start(struct dbx_task *t, const char *path, const char *steps)
{
	struct databricks *j = t->run->j;
	struct dbx_work *w = xcalloc(1, sizeof(*w));
	w->j = j;
	w->task = t;
	w->path = xstrdup(path);
	w->steps = xstrdup(steps);
	w->rest = sl(w->steps);
	t->work = w;
	if (j->last_work)
		j->last_work->next = w;
	else
		j->first_work = w;
	j->last_work = w;
	if (j->first_work == w)
		loop_later(j->env->loop, &w->soon, next_work, w);
}
