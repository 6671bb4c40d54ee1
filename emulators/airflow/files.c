/* DAG files: those of the stack's folder and those below dags/ in the environments' buckets. A scan lists them, fetches
 * what changed, and when anything did, has all of them read again. */
#include <dirent.h>
#include <sys/stat.h>

#include "airflow/airflow.h"
#include "core/json.h"
#include "core/stack.h"

struct file {
	char *path, *text;
	size_t n;
};
struct af_folder { /* all files, by path */
	struct file *files;
	size_t n;
	char *variables; /* as JSON: what a file reads while it is read */
};
struct source {
	char *bucket, *prefix; /* "dags/" */
};
struct af_scan {
	struct airflow *a;
	struct af_folder found;
	struct source *sources;
	size_t source_n, at;
	json_t *entries; /* [{key, etag}] of the source being read */
	size_t entry;
	struct owed *waits; /* for the bucket, or for the reader */
	char *asked;        /* what the reader reads, but for the time */
};
struct af_waiter {
	struct af_waiter *next;
	int64_t round;
	void (*fn)(void *arg);
	void *arg;
};

static void next_source(struct af_scan *s);
static void next_entry(struct af_scan *s);
static void scan_start(struct airflow *a);

static void on_scan_timer(void *arg)
{
	scan_start(arg);
}

static bool is_code(const char *path)
{
	size_t n = strlen(path);
	return (n > 3 && !strcmp(path + n - 3, ".py")) || (n > 5 && !strcmp(path + n - 5, ".json"));
}

/* ---- the end of a scan ---- */

static void arm(struct airflow *a)
{
	const char *text = conf_get(a->env->conf, "airflow", "dag_dir_list_interval");
	int64_t ms;
	/* In the emulated world nobody waits for the next look, and requests bring their own: it may come rarely. */
	if (!text || !clock_parse_duration(sl(text), &ms) || ms < 1000)
		ms = clock_is_virtual(a->env->clock) ? 900000 : 30000;
	clock_at(a->env->clock, &a->scan_timer, af_now(a) + ms, on_scan_timer, a);
}

static void folder_free(struct af_folder *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->files[i].path);
		free(f->files[i].text);
	}
	free(f->files);
	free(f->variables);
	*f = (struct af_folder){ 0 };
}

static void scan_free(struct af_scan *s)
{
	for (size_t i = 0; i < s->source_n; i++) {
		free(s->sources[i].bucket);
		free(s->sources[i].prefix);
	}
	free(s->sources);
	folder_free(&s->found);
	json_decref(s->entries);
	owed_cancel_all(&s->waits);
	free(s->asked);
	free(s);
}

static void scan_over(struct af_scan *s)
{
	struct airflow *a = s->a;
	struct af_waiter **at = &a->waiters, *ready = NULL, **end = &ready;
	a->scan = NULL;
	a->read_once = true;
	scan_free(s);
	while (*at) {
		struct af_waiter *w = *at;
		if (w->round > a->scan_round) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		w->next = NULL;
		*end = w;
		end = &w->next;
	}
	while (ready) {
		struct af_waiter *w = ready;
		ready = w->next;
		w->fn(w->arg);
		free(w);
	}
	if (a->waiters && !a->scan)
		scan_start(a);
	else if (!a->scan)
		arm(a);
}

/* ---- what was read ---- */

static void add_error(struct airflow *a, json_t *fresh, const char *file, const char *trace)
{
	const json_t *e;
	size_t i;
	char *full = xasprintf("/usr/local/airflow/dags/%s", file);
	json_array_foreach(a->errors, i, e) {
		if (strcmp(jstr(e, "filename"), full) ||
		    strcmp(jstr(e, "stack_trace"), trace))
			continue;
		json_array_append(fresh, (json_t *)(uintptr_t)e); /* the same error is still there */
		free(full);
		return;
	}
	json_t *when = af_time_json(af_now(a));
	json_array_append_new(fresh, json_pack("{s:I, s:o, s:s, s:s}", "import_error_id", (json_int_t)++a->next_error, "timestamp", when,
					       "filename", full, "stack_trace", trace));
	log_warn(a->env, "import-error", "file=%s", file);
	free(full);
}

static bool has_error(const json_t *errors, const char *file)
{
	const json_t *e;
	size_t i;
	json_array_foreach(errors, i, e)
		if (!strcmp(jstr(e, "filename") + strlen("/usr/local/airflow/dags/"), file))
			return true;
	return false;
}

static void take(struct airflow *a, json_t *o, const char *file, json_t *errors, json_t *seen)
{
	struct af_dag *d;
	struct error err;
	if (af_dag_read(a, o, file, &d, &err)) {
		add_error(a, errors, file, err.text);
		return;
	}
	json_object_set_new(seen, d->id, json_true());
	af_take_dag(a, d);
}

/* Those whose file is gone are no longer active; one whose file is broken stays as it was. */
static void leave_out(struct airflow *a, const json_t *errors, const json_t *seen)
{
	for (struct af_dag *d = a->dags; d; d = d->next) {
		if (json_object_get(seen, d->id) || has_error(errors, d->file) || !d->active)
			continue;
		d->active = false;
		af_store_dag(d);
		af_plan(d);
	}
}

static void read_by_hand(struct af_scan *s, json_t *errors, json_t *seen)
{
	const struct af_folder *have = s->a->have;
	for (size_t i = 0; i < have->n; i++) {
		const char *path = have->files[i].path, *text = have->files[i].text;
		json_error_t why;
		if (!strcmp(path + strlen(path) - 3, ".py"))
			continue;
		json_t *o = json_loadb(text, have->files[i].n, 0, &why);
		if (!o && strstr(text, "\"dag_id\"")) {
			char *trace = xasprintf("json.decoder.JSONDecodeError: %s: line %d column %d\n", why.text, why.line, why.column);
			add_error(s->a, errors, path, trace);
			free(trace);
		}
		if (json_object_get(o, "dag_id"))
			take(s->a, o, path, errors, seen);
		json_decref(o);
	}
}

static void no_python(struct af_scan *s, json_t *errors, const char *why)
{
	const struct af_folder *have = s->a->have;
	for (size_t i = 0; i < have->n; i++) {
		const char *path = have->files[i].path;
		if (strcmp(path + strlen(path) - 3, ".py"))
			continue;
		char *trace = xasprintf("tarn reads DAG files with python3: %s\nWithout it, write the DAG as JSON beside this file.\n", why);
		add_error(s->a, errors, path, trace);
		free(trace);
	}
}

/* The last answer of the reader, for the next life of the service in this process: a reset begins with the files it had, and python3 takes
 * 300 ms to say the same again. Files that ask for the time are read anew. */
static struct {
	char *asked, *answer;
} last;

static bool tells_time(const char *asked)
{
	static const char *const words[] = { "now(", "today(", "utcnow", "days_ago", ("time" "()") /* lint looks for the call */, "random", "urandom", "uuid" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(asked, words[i]))
			return true;
	return false;
}

static void remember(struct af_scan *s, const struct child_result *r)
{
	if (r->code || r->late || tells_time(s->asked) || sl_chr(r->out, '\0') >= 0)
		return;
	free(last.asked);
	free(last.answer);
	last.asked = s->asked;
	last.answer = xstrndup(r->out.p, r->out.n);
	s->asked = NULL;
}

static void on_read(void *arg, const struct child_result *r, const struct error *err)
{
	struct af_scan *s = arg;
	struct airflow *a = s->a;
	if (!err && s->asked)
		remember(s, r);
	json_t *errors = json_array(), *seen = json_object(), *one;
	size_t i;
	json_t *out = err ? NULL : json_loadb(r->out.p, r->out.n, JSON_ALLOW_NUL, NULL);
	read_by_hand(s, errors, seen);
	json_array_foreach(json_object_get(out, "dags"), i, one)
		take(a, one, jstr(one, "file"), errors, seen);
	json_array_foreach(json_object_get(out, "errors"), i, one)
		add_error(a, errors, jstr(one, "file"), jstr(one, "trace"));
	if (err || !out) {
		struct buf why = { 0 };
		if (err)
			buf_adds(&why, err->text);
		else
			buf_addf(&why, "%s%.*s", r->late ? "it took longer than 30 s\n" : "", SL(r->err_out));
		no_python(s, errors, sl_is_utf8(buf_slice(&why)) ? buf_cstr(&why) : "it failed");
		buf_free(&why);
	}
	json_decref(out);
	json_decref(a->errors);
	a->errors = errors;
	leave_out(a, errors, seen);
	json_decref(seen);
	af_pass(a);
	scan_over(s);
}

static void on_same(void *arg)
{
	struct af_scan *s = arg;
	free(s->asked);
	s->asked = NULL;
	on_read(s, &(struct child_result){ .out = sl(last.answer), .err_out = S("") }, NULL);
}

json_t *af_files_ask(const struct airflow *a, const char *mode)
{
	json_t *variables = json_object(), *v;
	const char *key;
	json_object_foreach(a->kept[AF_VARIABLE], key, v)
		json_object_set(variables, key, json_object_get(v, "value"));
	return json_pack("{s:s, s:I, s:O, s:o, s:O}", "mode", mode, "now_ms", (json_int_t)af_now(a), "files", a->files, "variables", variables,
			 "connections", a->kept[AF_CONNECTION]);
}

static int by_path(const void *x, const void *y)
{
	return strcmp(((const struct file *)x)->path, ((const struct file *)y)->path);
}

static bool same_folder(const struct af_folder *x, const struct af_folder *y)
{
	if (x->n != y->n || !x->variables || strcmp(x->variables, y->variables))
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (x->files[i].n != y->files[i].n || strcmp(x->files[i].path, y->files[i].path) ||
		    memcmp(x->files[i].text, y->files[i].text, x->files[i].n))
			return false;
	return true;
}

static json_t *folder_json(const struct af_folder *f)
{
	json_t *out = json_array();
	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(out, json_pack("{s:s, s:s%}", "path", f->files[i].path, "text", f->files[i].text, f->files[i].n));
	return out;
}

static void scan_read(struct af_scan *s)
{
	struct airflow *a = s->a;
	static const char *const env[] = { "PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1", NULL };
	const char *argv[] = { "python3", "-c", a->reader, NULL };
	if (s->found.n)
		qsort(s->found.files, s->found.n, sizeof(*s->found.files), by_path);
	s->found.variables = json_dumps(a->kept[AF_VARIABLE], JSON_COMPACT | JSON_SORT_KEYS);
	if (same_folder(a->have, &s->found)) {
		scan_over(s);
		return;
	}
	folder_free(a->have);
	*a->have = s->found;
	s->found = (struct af_folder){ 0 };
	json_decref(a->files);
	a->files = folder_json(a->have);
	a->metrics[3].value++;
	json_t *ask = af_files_ask(a, "read");
	char *text = json_dumps(ask, JSON_COMPACT);
	json_object_del(ask, "now_ms");
	s->asked = json_dumps(ask, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(ask);
	if (s->asked && last.asked && !strcmp(s->asked, last.asked)) {
		owed_keep(&s->waits, owed_after(a->env->loop, 0, on_same, s));
		free(text);
		return;
	}
	struct child_opts o = { .argv = argv, .env = env, .what = "the DAG files", .input = sl(text), .real_ms = AF_READ_MS };
	owed_keep(&s->waits, child_start(a->env->loop, &o, on_read, s));
	free(text);
}

void af_files_forget(struct airflow *a)
{
	folder_free(a->have);
}

/* ---- buckets ---- */

/* The later of two files of one path counts: a bucket's over the stack's. */
static void add_file(struct af_scan *s, const char *path, struct slice text)
{
	struct af_folder *f = &s->found;
	size_t at = 0;
	if (text.n > AF_FILE_MAX || f->n >= AF_FILES_MAX || !sl_is_utf8(text) || sl_chr(text, '\0') >= 0) {
		log_warn(s->a->env, "dag-file", "path=%s error=\"left out: too large, too many, or no text\"", path);
		return;
	}
	while (at < f->n && strcmp(f->files[at].path, path))
		at++;
	if (at == f->n) {
		f->files = xrealloc(f->files, (f->n + 1) * sizeof(*f->files));
		f->files[f->n++] = (struct file){ xstrdup(path), NULL, 0 };
	}
	free(f->files[at].text);
	f->files[at].text = xstrndup(text.n ? text.p : "", text.n);
	f->files[at].n = text.n;
}

static void add_object(struct af_scan *s, const char *key, struct slice text)
{
	add_file(s, key + strlen(s->sources[s->at].prefix), text);
}

static void on_object(void *arg, struct slice body, const struct error *err)
{
	struct af_scan *s = arg;
	const json_t *e = json_array_get(s->entries, s->entry);
	const char *key = jstr(e, "key");
	if (!err && sl_is_utf8(body)) {
		char *name = xasprintf("%s/%s", s->sources[s->at].bucket, key);
		json_object_set_new(s->a->etags, name, json_pack("{s:O, s:s%}", "etag", json_object_get(e, "etag"), "text", body.p ? body.p : "", body.n));
		free(name);
		add_object(s, key, body);
	}
	s->entry++;
	next_entry(s);
}

static void next_entry(struct af_scan *s)
{
	const struct object_store *store = &s->a->env->ports->objects;
	for (; s->entry < json_array_size(s->entries); s->entry++) {
		const json_t *e = json_array_get(s->entries, s->entry);
		const char *key = jstr(e, "key");
		char *name = xasprintf("%s/%s", s->sources[s->at].bucket, key);
		const json_t *known = json_object_get(s->a->etags, name);
		free(name);
		if (known && json_equal(json_object_get(known, "etag"), json_object_get(e, "etag"))) {
			const json_t *text = json_object_get(known, "text");
			add_object(s, key, sl_of(json_string_value(text), json_string_length(text)));
			continue;
		}
		owed_keep(&s->waits, store->get(store->self, sl(s->sources[s->at].bucket), sl(key), on_object, s));
		return;
	}
	s->at++;
	next_source(s);
}

static void on_list(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct af_scan *s = arg;
	(void)more; /* a page is 1000 objects, which is more than AF_FILES_MAX */
	json_decref(s->entries);
	s->entries = json_array();
	s->entry = 0;
	for (size_t i = 0; !err && i < n; i++) {
		char *key = xstrndup(e[i].key.p, e[i].key.n);
		if (is_code(key) && sl_is_utf8(e[i].key))
			json_array_append_new(s->entries, json_pack("{s:s, s:s%}", "key", key, "etag", e[i].etag.p ? e[i].etag.p : "", e[i].etag.n));
		free(key);
	}
	next_entry(s);
}

static void next_source(struct af_scan *s)
{
	const struct object_store *store = &s->a->env->ports->objects;
	if (s->at == s->source_n || !store->self) {
		scan_read(s);
		return;
	}
	owed_keep(&s->waits, store->list(store->self, sl(s->sources[s->at].bucket), sl(s->sources[s->at].prefix), sl(NULL), on_list, s));
}

static void add_source(struct af_scan *s, const char *bucket, const char *folder)
{
	char *prefix = xasprintf("%s%s", folder, *folder && folder[strlen(folder) - 1] != '/' ? "/" : "");
	for (size_t i = 0; i < s->source_n; i++) {
		if (strcmp(s->sources[i].bucket, bucket) || strcmp(s->sources[i].prefix, prefix))
			continue;
		free(prefix);
		return;
	}
	s->sources = xrealloc(s->sources, (s->source_n + 1) * sizeof(*s->sources));
	s->sources[s->source_n++] = (struct source){ xstrdup(bucket), prefix };
}

static void add_sources(struct af_scan *s)
{
	const char *name;
	json_t *env;
	json_object_foreach(s->a->kept[AF_ENVIRONMENT], name, env) {
		const char *arn = jstr(env, "SourceBucketArn");
		const char *folder = jstr(env, "DagS3Path");
		if (arn && strrchr(arn, ':'))
			add_source(s, strrchr(arn, ':') + 1, folder ? folder : "dags");
	}
}

/* ---- folders ---- */

static void add_folder(struct af_scan *s, const char *root, const char *below, int depth)
{
	char *full = xasprintf("%s/%s", root, below);
	DIR *d = depth < 5 ? opendir(full) : NULL;
	free(full);
	for (struct dirent *e; d && (e = readdir(d));) {
		struct stat st;
		if (e->d_name[0] == '.' || !strcmp(e->d_name, "__pycache__"))
			continue;
		char *rel = xasprintf("%s%s%s", below, *below ? "/" : "", e->d_name), *path = xasprintf("%s/%s", root, rel), *text;
		size_t n;
		struct error err;
		if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
			add_folder(s, root, rel, depth + 1);
		} else if (is_code(rel) && st.st_size <= AF_FILE_MAX && !stack_read(s->a->env->files, path, &text, &n, &err)) {
			add_file(s, rel, sl_of(text, n));
			free(text);
		}
		free(rel);
		free(path);
	}
	if (d)
		closedir(d);
}

static void add_stack(struct af_scan *s, const char *folder)
{
	char *prefix = xasprintf("%s/", folder), *text;
	const char *path;
	size_t n;
	struct error err;
	for (size_t i = 0; (path = stack_list(s->a->env->files, prefix, i)); i++) {
		if (!is_code(path) || stack_read(s->a->env->files, path, &text, &n, &err))
			continue;
		add_file(s, path + strlen(prefix), sl_of(text, n));
		free(text);
	}
	free(prefix);
}

static void scan_start(struct airflow *a)
{
	const char *folder = conf_str(a->env->conf, "airflow", "dags", "dags");
	if (a->scan)
		return;
	struct af_scan *s = xcalloc(1, sizeof(*s));
	a->scan = s;
	a->scan_round++;
	clock_cancel(a->env->clock, &a->scan_timer);
	s->a = a;
	if (folder[0] == '/')
		add_folder(s, folder, "", 0);
	else
		add_stack(s, folder);
	add_sources(s);
	next_source(s);
}

void af_files_then(struct airflow *a, void (*fn)(void *arg), void *arg)
{
	struct af_waiter *w = xcalloc(1, sizeof(*w)), **at = &a->waiters;
	*w = (struct af_waiter){ NULL, a->scan_round + 1, fn, arg };
	while (*at)
		at = &(*at)->next;
	*at = w;
	if (!a->scan)
		scan_start(a);
}

int af_files_open(struct airflow *a, struct error *err)
{
	struct stack_files *own;
	size_t n;
	a->files = json_array();
	a->have = xcalloc(1, sizeof(*a->have));
	a->etags = json_object();
	int rc = stack_open(NULL, &own, err);
	if (rc)
		return rc;
	rc = stack_read(own, "airflow/reader.py", &a->reader, &n, err);
	stack_close(own);
	if (!rc)
		scan_start(a);
	return rc;
}

void af_files_close(struct airflow *a)
{
	clock_cancel(a->env->clock, &a->scan_timer);
	if (a->scan)
		scan_free(a->scan);
	while (a->waiters) {
		struct af_waiter *w = a->waiters;
		a->waiters = w->next;
		free(w->arg); /* a request that is not answered any more */
		free(w);
	}
	if (a->have)
		folder_free(a->have);
	free(a->have);
	json_decref(a->files);
	json_decref(a->etags);
	free(a->reader);
}
