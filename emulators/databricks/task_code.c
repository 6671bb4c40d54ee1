/* Tasks that run a file: notebook_task and spark_python_task. The file is run by a child, `tarn notebook run` (python/kernel), with all of
 * the workspace unfolded in a folder of its own, so that %run and dbutils.notebook.run find their notebooks. A path that is no notebook of the
 * workspace's may fit a pattern of [notebooks]: then steps.c does what that says.
 *
 * The child takes real time, and none of the emulated: an advance of the clock waits for it. On a frozen clock one runs at a time, so that
 * what it leaves is the same in every run. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/child.h"
#include "core/json.h"
#include "databricks/dbfs.h"
#include "databricks/task.h"
#include "databricks/workspace.h"

enum { RESULT_MAX = 5 << 20, CELLS_MAX = 256 << 10, REPORT_MAX = 64 << 20, STDERR_SHOWN = 2000, ARGS_MAX = 32 };

/* A file to run, from its place in the queue on. */
struct dbx_code {
	struct dbx_code *next;
	struct dbx_task *task;
	char *dir;     /* what is unfolded; NULL: not yet */
	char *file;    /* below dir */
	char *job;     /* the child's input */
	bool plain;    /* spark_python_task */
	bool runs;
	struct dbx_place at; /* of a file that isn't the workspace's, in the arena */
	struct arena arena;
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	return remove(path);
}

static void remove_tree(const char *dir)
{
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void code_free(struct dbx_code *c)
{
	if (c->dir)
		remove_tree(c->dir);
	free(c->dir);
	arena_free(&c->arena);
	free(c->file);
	free(c->job);
	free(c);
}

static void next_code(struct databricks *j);

/* Takes it out of the queue. */
static void code_leave(struct dbx_code *c)
{
	struct databricks *j = c->task->run->j;
	struct dbx_code **at = &j->codes;
	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
	c->task->code = NULL;
	code_free(c);
	next_code(j);
}

void dbx_code_stop(struct dbx_task *t)
{
	if (t->work)
		dbx_work_drop(t->work);
	t->work = NULL;
	owed_cancel_all(&t->owed);
	if (t->code)
		code_leave(t->code);
}

/* ---- what came of it ---- */

static char *read_report(const struct dbx_code *c, size_t *n)
{
	char *path = xasprintf("%s/report.json", c->dir);
	struct buf b = { .max = REPORT_MAX };
	FILE *in = fopen(path, "rb");
	char chunk[65536];
	free(path);
	for (size_t got; in && (got = fread(chunk, 1, sizeof(chunk), in)) > 0;)
		buf_add(&b, chunk, got);
	if (in)
		fclose(in);
	*n = b.n;
	return b.bad ? NULL : b.p;
}

/* The executed cells, for runs/export; without outputs where they are too large. */
static void keep_cells(struct dbx_task *t, const json_t *report)
{
	JSON_AUTO cells = json_deep_copy(json_object_get(report, "cells"));
	char *text = json_dumps(cells, JSON_COMPACT);
	json_t *cell;
	size_t i;
	if (text && strlen(text) > CELLS_MAX) {
		free(text);
		json_array_foreach(cells, i, cell)
			json_object_del(cell, "outputs");
		text = json_dumps(cells, JSON_COMPACT);
	}
	free(t->cells);
	t->cells = text && strlen(text) <= CELLS_MAX ? text : NULL;
	if (!t->cells)
		free(text);
	t->cells_new = t->cells != NULL;
}

/* dbutils.notebook.exit's text, or its first 5 MB. */
static char *result_of(struct dbx_task *t, const json_t *report)
{
	struct slice text = jslice(report, "result");
	t->truncated = text.n > RESULT_MAX;
	while (t->truncated && text.n > RESULT_MAX)
		text.n = RESULT_MAX;
	while (t->truncated && text.n && ((unsigned char)text.p[text.n] & 0xc0) == 0x80)
		text.n--;
	return text.p ? xstrndup(text.p, text.n) : NULL;
}

/* What a plain file printed. */
static char *printed(const json_t *report)
{
	const json_t *cell, *o, *text, *line;
	struct buf b = { .max = RESULT_MAX };
	size_t i, k, m;
	json_array_foreach(json_object_get(report, "cells"), i, cell)
		json_array_foreach(json_object_get(cell, "outputs"), k, o) {
			text = json_object_get(o, "text");
			if (json_is_string(text))
				buf_addsl(&b, json_slice(text));
			json_array_foreach(text, m, line)
				if (json_is_string(line))
					buf_addsl(&b, json_slice(line));
		}
	return b.p ? (char *)(uintptr_t)buf_cstr(&b) : xstrdup("");
}

static void died(struct dbx_task *t, const struct child_result *r, const struct error *err)
{
	struct slice said = sl_trim(r->err_out.p ? r->err_out : S(""));
	char *text;
	if (said.n > STDERR_SHOWN)
		said = sl_from(said, said.n - STDERR_SHOWN);
	if (err)
		text = xasprintf("The notebook's process can't be started: %s", err->text);
	else if (r->late)
		text = xasprintf("The notebook's process ran for longer than [jobs] seconds, and was ended");
	else
		text = xasprintf("The notebook's process %s %d%s%.*s", r->code > 128 ? "was ended by signal" : "ended with code", r->code > 128 ? r->code - 128 : r->code,
				 said.n ? ": " : "", SL(said));
	dbx_task_done(t, NULL, text, text);
	free(text);
}

static void log_run(const struct dbx_task *t, const json_t *report)
{
	char *missing = json_dumps(json_object_get(report, "missing"), JSON_COMPACT);
	log_info(t->run->j->env, "notebook", "run_id=%lld task=%s way=notebook status=%s cell=%lld missing=%s", (long long)t->run_id, t->key,
		 jstr(report, "status"), (long long)jint(report, "cell"), missing ? missing : "[]");
	free(missing);
}

static void on_child(void *arg, const struct child_result *r, const struct error *err)
{
	struct dbx_code *c = arg;
	struct dbx_task *t = c->task;
	size_t n = 0;
	char *text = err ? NULL : read_report(c, &n);
	JSON_AUTO report = text ? json_loadb(text, n, JSON_ALLOW_NUL, NULL) : NULL;
	const char *status = jstr(report, "status"), *error = jstr(report, "error"), *trace = jstr(report, "trace");
	free(text);
	if (!status) {
		died(t, r, err);
	} else {
		log_run(t, report);
		keep_cells(t, report);
		t->values = json_incref(json_object_get(report, "task_values"));
		t->plain = c->plain;
		char *result = c->plain ? printed(report) : result_of(t, report);
		bool good = !strcmp(status, "ok");
		dbx_task_done(t, good || c->plain ? result : NULL, good ? NULL : error ? error : status, good ? NULL : trace);
		free(result);
	}
	code_leave(c);
}

/* ---- starting ---- */

/* Where folders of runs are: in the state folder, where the next start finds what a kill left. */
static char *runs_folder(const struct databricks *j)
{
	const char *tmp = getenv("TMPDIR");
	return j->env->dir ? xasprintf("%s/runs", j->env->dir) : xstrdup(tmp && tmp[0] == '/' ? tmp : "/tmp");
}

static int make_folder(struct dbx_code *c, struct error *err)
{
	char *above = runs_folder(c->task->run->j), *real;
	if (c->task->run->j->env->dir)
		(void)mkdir(above, 0700);
	real = realpath(above, NULL);
	char *dir = xasprintf("%s/tarn-task-XXXXXX", real ? real : above);
	free(above);
	free(real);
	if (!mkdtemp(dir)) {
		free(dir);
		return err_set(err, ERR_STORE, "a folder for the run: %s", strerror(errno));
	}
	c->dir = dir;
	return 0;
}

void dbx_codes_open(const struct databricks *j)
{
	char *left = runs_folder(j);
	if (j->env->dir)
		remove_tree(left);
	free(left);
}

void dbx_codes_close(struct databricks *j)
{
	while (j->codes) {
		struct dbx_code *c = j->codes;
		j->codes = c->next;
		owed_cancel_all(&c->task->owed);
		c->task->code = NULL;
		code_free(c);
	}
	dbx_codes_open(j); /* what a notebook wrote that outlived the server before, while it was being removed */
}

static int unfold(struct dbx_code *c, struct error *err)
{
	if (make_folder(c, err))
		return ERR_STORE;
	char *root = xasprintf("%s/workspace", c->dir);
	int rc = dbx_workspace_unfold(c->task->run->j, root, err);
	free(root);
	return rc;
}

static char *own_program(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	return n > 0 ? xstrndup(path, (size_t)n) : xstrdup("tarn");
}

static void begin(struct dbx_code *c)
{
	struct databricks *j = c->task->run->j;
	const struct conf *conf = j->env->conf;
	struct arena *a = &c->arena;
	const char *argv[ARGS_MAX] = { own_program(), "notebook", "run" };
	char *program = (char *)(uintptr_t)argv[0];
	int64_t seconds = conf_int(conf, "jobs", "seconds", 3600);
	size_t n = 3;
	char *what = xasprintf("task %s of run %lld", c->task->key, (long long)c->task->run->run_id);
	c->runs = true;
	char *data = j->env->dir ? realpath(j->env->dir, NULL) : NULL; /* the child's working folder is another */
	argv[n++] = data ? "--data" : "--connect";
	argv[n++] = data ? data
			 : arena_cstr(a, arena_printf(a, "http://%s:%s", conf_str(conf, "control", "listen_host", "127.0.0.1"),
							     conf_str(conf, "control", "listen_port", "0")));
	argv[n++] = "--job";
	argv[n++] = "-";
	argv[n++] = "--report";
	argv[n++] = arena_cstr(a, arena_printf(a, "%s/report.json", c->dir));
	argv[n++] = "--timeout";
	argv[n++] = arena_cstr(a, arena_printf(a, "%lld", (long long)seconds));
	argv[n++] = "--memory";
	argv[n++] = arena_cstr(a, arena_printf(a, "%lld", (long long)conf_int(conf, "jobs", "memory", 4096)));
	static const char *const flags[][2] = { { "engine", "--engine" }, { "python", "--python" } };
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		const char *value = conf_get(conf, "databricks", flags[i][0]);
		if (!value)
			continue;
		argv[n++] = flags[i][1];
		argv[n++] = value;
	}
	if (conf_bool(conf, "jobs", "sh", false))
		argv[n++] = "--allow-sh";
	if (conf_bool(conf, "jobs", "net", false))
		argv[n++] = "--net";
	argv[n++] = "--";
	argv[n++] = c->file;
	static const char *const env[] = { "TARN_KERNEL_CHILD=1", NULL }; /* it ends with this process */
	struct child_opts o = { .argv = argv, .env = env, .cwd = c->dir, .what = what, .input = sl(c->job), .real_ms = (seconds + 15) * 1000, .whole = true };
	owed_keep(&c->task->owed, child_start(j->env->loop, &o, on_child, c));
	free(program);
	free(data);
	free(what);
}

/* Begins those that may run now. */
static void next_code(struct databricks *j)
{
	int64_t most = clock_is_virtual(j->env->clock) ? 1 : conf_int(j->env->conf, "jobs", "parallel", 4), running = 0;
	for (struct dbx_code *c = j->codes; c; c = c->next)
		running += c->runs;
	for (struct dbx_code *c = j->codes; c && running < most; c = c->next) {
		if (c->runs || !c->file)
			continue;
		begin(c);
		running++;
	}
}

static void enqueue(struct dbx_code *c)
{
	struct dbx_code **at = &c->task->run->j->codes;
	while (*at)
		at = &(*at)->next;
	*at = c;
}

static json_t *values_of_others(const struct dbx_task *t)
{
	json_t *all = json_object();
	for (size_t i = 0; i < t->run->task_n; i++)
		if (t->run->tasks[i].values)
			json_object_set(all, t->run->tasks[i].key, t->run->tasks[i].values);
	return all;
}

/* What the child reads; takes params and argv. */
static void describe(struct dbx_code *c, const char *path, json_t *params, json_t *argv)
{
	const struct dbx_task *t = c->task;
	char *root = xasprintf("%s/workspace", c->dir);
	json_t *doc = json_pack("{s:I, s:I, s:I, s:s, s:s, s:s, s:o*, s:o*, s:o, s:s}", "job_id", (json_int_t)t->run->job_id, "run_id",
				(json_int_t)t->run->run_id, "task_run_id", (json_int_t)t->run_id, "task_key", t->key, "notebook_path", path, "user",
				t->run->j->workspace.user, "params", params, "argv", argv, "task_values", values_of_others(t), "root", root);
	c->job = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	free(root);
}

static struct dbx_code *code_new(struct dbx_task *t, bool plain)
{
	struct dbx_code *c = xcalloc(1, sizeof(*c));
	struct error err;
	c->task = t;
	c->plain = plain;
	t->code = c;
	if (!unfold(c, &err)) {
		enqueue(c);
		return c;
	}
	dbx_task_refuse(t, "%s", err.text);
	t->code = NULL;
	code_free(c);
	return NULL;
}

static void no_notebook(struct dbx_task *t, const char *path)
{
	dbx_task_refuse(t, "Unable to access the notebook \"%.300s\". Either it does not exist, or the identity used to run this job, %s, lacks the "
			   "required permissions.", path, t->run->j->workspace.user);
}

void dbx_notebook_start(struct dbx_task *t, const json_t *spec)
{
	struct databricks *j = t->run->j;
	const char *path = jstr(spec, "notebook_path"), *source = jstr(spec, "source");
	const char *steps = path ? dbx_notebook(j, path) : NULL;
	struct arena a = { 0 };
	struct slice at = S("");
	struct error err;
	struct dbx_code *c;
	if (!path || (source && !strcmp(source, "GIT"))) {
		dbx_task_refuse(t, path ? "The notebook is to come from a git repository: nothing is cloned here" : "Missing required field: notebook_path");
		return;
	}
	if (json_object_get(spec, "base_parameters") && !json_is_object(json_object_get(spec, "base_parameters"))) {
		dbx_task_refuse(t, "Invalid value for field base_parameters: expected a map of texts");
		return;
	}
	dbx_workspace_look(j);
	const struct dbx_object *o = dbx_workspace_path(&a, sl(path), &at, &err) ? NULL : dbx_workspace_named(j, at, DBX_NOTEBOOK);
	if (o && (c = code_new(t, false)) != NULL) {
		describe(c, o->path, dbx_parameters(t, json_object_get(spec, "base_parameters"), "notebook_params"), NULL);
		c->file = xasprintf("%s/workspace%s%s", c->dir, o->path, dbx_object_ending(o));
		next_code(j);
	} else if (!o && steps) {
		/* Without its file: what the stack says that such a notebook does. */
		t->way = xasprintf("%s isn't in the workspace; done instead, by [notebooks]: %s", path, steps);
		log_info(j->env, "notebook", "run_id=%lld task=%s way=steps steps=\"%s\"", (long long)t->run_id, t->key, steps);
		dbx_work_start(t, path, steps);
	} else if (!o) {
		no_notebook(t, path);
	}
	arena_free(&a);
}

/* ---- spark_python_task ---- */

static void run_python(struct dbx_code *c, const json_t *spec, const char *path)
{
	const json_t *own = json_object_get(c->task->run->params, "python_params");
	json_t *argv = json_is_array(own) ? json_deep_copy(own) : json_deep_copy(json_object_get(spec, "parameters"));
	describe(c, path, dbx_job_parameters(c->task->run), argv);
	next_code(c->task->run->j);
}

static void on_bytes(void *arg, struct slice body, const struct error *err)
{
	struct dbx_code *c = arg;
	struct dbx_task *t = c->task;
	const json_t *spec = t->resolved;
	const char *path = jstr(spec, "python_file");
	char *file = xasprintf("%s/main.py", c->dir);
	FILE *out = err ? NULL : fopen(file, "wb");
	bool good = out && fwrite(body.p ? body.p : "", 1, body.n, out) == body.n;
	if (out && fclose(out))
		good = false;
	if (good) {
		c->file = file;
		run_python(c, spec, path);
		return;
	}
	free(file);
	dbx_task_refuse(t, "Unable to access the file \"%.300s\": %s", path, err ? err->text : strerror(errno));
	code_leave(c);
}

void dbx_python_start(struct dbx_task *t, const json_t *spec)
{
	struct databricks *j = t->run->j;
	const struct object_store *s = &j->env->ports->objects;
	const char *path = jstr(spec, "python_file"), *source = jstr(spec, "source");
	struct slice at = S("");
	struct error err;
	struct dbx_code *c;
	if (!path || (source && !strcmp(source, "GIT"))) {
		dbx_task_refuse(t, path ? "The file is to come from a git repository: nothing is cloned here" : "Missing required field: python_file");
		return;
	}
	dbx_workspace_look(j);
	if (!(c = code_new(t, true)))
		return;
	bool dbfs = strstr(path, ":/") != NULL;
	const struct dbx_object *o = dbfs || dbx_workspace_path(&c->arena, sl(path), &at, &err) ? NULL : dbx_workspace_named(j, at, DBX_FILE);
	if (o) {
		c->file = xasprintf("%s/workspace%s", c->dir, o->path);
		run_python(c, spec, o->path);
	} else if (!dbx_place(j, &c->arena, sl(path), &c->at, &err)) {
		owed_keep(&t->owed, s->get(s->self, c->at.bucket, c->at.key, on_bytes, c));
	} else {
		dbx_task_refuse(t, "Unable to access the file \"%.300s\": %s", path, err.text);
		code_leave(c);
	}
}
