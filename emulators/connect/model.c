#include "connect/check.h"
#include "connect/file.h"
#include "connect/group.h"
#include "connect/report.h"
#include "connect/smt.h"

static void look_for_bucket(void *arg);

const char *con_state_name(enum con_state s)
{
	static const char *const names[] = { "RUNNING", "PAUSED", "STOPPED", "FAILED", "RESTARTING" };
	return names[s];
}

struct connector *con_find(struct connect *k, struct slice name)
{
	for (struct connector *c = k->connectors; c; c = c->next)
		if (sl_eqs(name, c->name))
			return c;
	return NULL;
}

/* ---- tasks ---- */

static void free_tasks(struct connector *c)
{
	for (size_t i = 0; i < c->task_n; i++)
		free(c->tasks[i].trace);
	free(c->tasks);
	c->tasks = NULL;
	c->task_n = 0;
}

static void make_tasks(struct connector *c, enum con_state state)
{
	free_tasks(c);
	c->task_n = c->kind == con_file_source ? 1 : (size_t)c->sink.tasks;
	c->tasks = xcalloc(c->task_n, sizeof(*c->tasks));
	for (size_t i = 0; i < c->task_n; i++)
		c->tasks[i].state = state;
}

void con_fail_task(struct connector *c, size_t task, char *trace)
{
	struct con_task *t = &c->tasks[task];
	free(t->trace);
	t->trace = trace;
	t->state = CON_FAILED;
	log_error(c->k->env, "task-failed", "connector=%s task=%zu trace=\"%.300s\"", c->name, task, trace);
	con_assign(c);
	for (struct con_tp *tp = c->tps; tp; tp = tp->next)
		con_read(tp);
}

static void fail_running(struct connector *c, char *trace)
{
	for (size_t i = 0; i < c->task_n; i++) {
		if (c->tasks[i].state != CON_RUNNING)
			continue;
		free(c->tasks[i].trace);
		c->tasks[i].trace = xstrdup(trace);
		c->tasks[i].state = CON_FAILED;
	}
	log_error(c->k->env, "start-failed", "connector=%s trace=\"%.300s\"", c->name, trace);
	free(trace);
	con_assign(c);
}

/* ---- starting ---- */

static void on_bucket(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct connector *c = arg;
	const char *code = err && err->def && err->def->code ? err->def->code : "";
	struct error bad;
	if (err && err->kind == ERR_NETWORK && (!c->bucket->target.url || ++c->looks <= c->sink.retries)) {
		/* A store that isn't up yet: the real sink's client repeats, too; one that the configuration names for as often as that does. */
		owed_keep(&c->look, owed_after(c->k->env->loop, 250, look_for_bucket, c));
		return;
	}
	c->started = true;
	c->looks = 0;
	if (!err && (con_group_conf(c, &bad) || con_writes_open(c, &bad) || con_paths_open(&c->paths, &c->config, &bad))) {
		fail_running(c, con_trace_start(bad.text));
		return;
	}
	if (!err) {
		c->ready = true;
		con_assign(c);
		con_wake(c->k);
		return;
	}
	if (!strcmp(code, "NoSuchBucket") || err->kind == ERR_NOT_FOUND) {
		fail_running(c, con_trace_bucket(c->sink.bucket));
	} else {
		bool lost = err->kind == ERR_NETWORK && c->bucket->target.url;
		char *cause = xasprintf("org.apache.kafka.connect.errors.ConnectException: %s%s", lost ? "com.amazonaws.SdkClientException: Unable to execute HTTP request: " : "", err->text);
		fail_running(c, con_trace_start(cause));
		free(cause);
	}
}

static void look_for_bucket(void *arg)
{
	struct connector *c = arg;
	struct object_store *o;
	struct error err;
	owed_cancel_all(&c->look);
	con_bucket_release(c->bucket);
	c->bucket = NULL;
	if (con_bucket_open(c, &c->bucket, &err)) {
		c->started = true;
		fail_running(c, con_trace_start(err.text));
		return;
	}
	o = con_bucket_store(c->bucket);
	if (!o->self) {
		c->started = true;
		fail_running(c, con_trace_start("com.amazonaws.SdkClientException: Unable to execute HTTP request: no object store (service s3 left out, no [remote] s3)"));
		return;
	}
	c->started = false;
	owed_keep(&c->look, o->list(o->self, sl(c->sink.bucket), S(""), sl(NULL), on_bucket, c));
}

static void begin_file_sink(struct connector *c)
{
	struct error err;
	c->started = true;
	if (con_group_conf(c, &err) || con_file_sink_open(c, &err)) {
		fail_running(c, xasprintf("%s\n\tat org.apache.kafka.connect.file.FileStreamSinkTask.start(FileStreamSinkTask.java)\n", err.text));
		return;
	}
	c->ready = true;
	con_assign(c);
	con_wake(c->k);
}

/* The tasks start. */
static void begin_tasks(struct connector *c)
{
	if (c->kind == con_file_sink) {
		begin_file_sink(c);
	} else if (c->kind == con_file_source) {
		c->started = c->ready = true;
		con_file_source_go(c);
	} else {
		look_for_bucket(c);
	}
}

static void halt(struct connector *c)
{
	owed_cancel_all(&c->look);
	con_drop_tps(c);
	con_file_sink_close(c);
	con_file_source_end(c);
	free_tasks(c);
	java_regex_free(&c->regex);
	con_paths_close(&c->paths);
	if (c->chain)
		smt_close(c->chain);
	free(c->chain);
	c->chain = NULL;
	arena_free(&c->zone_arena);
	free(c->trace);
	c->trace = NULL;
	c->ready = c->started = false;
}

/* What the connector finds wrong only when it starts: the words of the exception, or NULL.. */
static char *start_problem(struct connector *c)
{
	const struct sink_conf *s = &c->sink;
	struct error err;
	if (c->kind != con_s3_sink || s->schedule_ms <= 0)
		return NULL;
	if (!*s->timezone)
		return xstrdup("org.apache.kafka.common.config.ConfigException: Invalid value  for configuration timezone: Timezone cannot be empty when using scheduled file rotation.");
	if (joda_zone_make(&c->zone_arena, sl(s->timezone), &c->day_zone, &err))
		return xasprintf("java.lang.IllegalArgumentException: %s", err.text);
	return NULL;
}

/* Settings that nobody reads: the worker takes them, and says so in its log. */
static void tell_unknown(struct connector *c)
{
	struct arena a = { 0 };
	struct slice *names;
	size_t n = con_unknown(&a, &c->config, c->k->plugin, &names);
	for (size_t i = 0; i < n; i++)
		log_warn(c->k->env, "unknown-setting", "connector=%s The configuration '%.*s' was supplied but isn't a known config.", c->name, SL(names[i]));
	arena_free(&a);
}

/* The tasks' transforms; without them they fail. */
static bool open_chain(struct connector *c)
{
	struct error err;
	c->chain = xcalloc(1, sizeof(*c->chain));
	if (!smt_open(c->chain, &c->config, &err))
		return true;
	c->started = true;
	fail_running(c, con_trace_transforms(err.text));
	return false;
}

static void launch(struct connector *c)
{
	struct error err;
	halt(c);
	con_sink_conf(&c->config, &c->sink);
	c->kind = con_kind_of(con_get(&c->config, "connector.class"));
	if (!c->kind)
		c->kind = con_s3_sink;
	if (!c->kind->source)
		con_group_open(c);
	if (*c->sink.topics_regex && java_regex_open(&c->regex, NULL, sl(c->sink.topics_regex), JAVA_REGEX_WHOLE, &err))
		log_warn(c->k->env, "connect", "connector=%s %s", c->name, err.text);
	if (c->state == CON_FAILED)
		c->state = CON_RUNNING;
	if (c->state == CON_STOPPED) {
		c->started = true;
		return;
	}
	char *problem = start_problem(c);
	if (problem) {
		c->state = CON_FAILED;
		c->trace = problem;
		c->started = true;
		log_error(c->k->env, "connector-failed", "connector=%s trace=\"%s\"", c->name, problem);
		return;
	}
	make_tasks(c, c->state == CON_PAUSED ? CON_PAUSED : CON_RUNNING);
	tell_unknown(c);
	con_make_queue(c);
	if (open_chain(c) && c->state == CON_RUNNING)
		begin_tasks(c);
	else
		c->started = true;
}

/* ---- connectors ---- */

static void free_connector(struct connector *c)
{
	con_puts_forget(c);
	con_group_close(c);
	con_bucket_release(c->bucket);
	con_config_free(&c->config);
	free(c->name);
	free(c);
}

static struct connector *add(struct connect *k, struct slice name)
{
	struct connector **at = &k->connectors, *c = xcalloc(1, sizeof(*c));
	while (*at && sl_cmp(sl((*at)->name), name) < 0)
		at = &(*at)->next;
	c->next = *at;
	*at = c;
	c->k = k;
	c->name = xstrndup(name.p, name.n);
	return c;
}

static int save(struct connector *c, struct error *err)
{
	struct buf b = { 0 };
	enum con_state state = c->state == CON_FAILED ? CON_RUNNING : c->state;
	con_config_json(&c->config, &b);
	int rc = con_store_connector(&c->k->db, c->name, buf_slice(&b), state, err);
	buf_free(&b);
	return rc;
}

int con_apply(struct connect *k, struct slice name, const struct con_config *config, enum con_state state, struct error *err)
{
	struct connector *c = con_find(k, name);
	size_t n = 0;
	for (struct connector *o = k->connectors; o; o = o->next)
		n++;
	if (!c && n >= CON_CONNECTORS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d connectors", CON_CONNECTORS_MAX);
	if (!c) {
		c = add(k, name);
		c->state = state;
	}
	struct con_config old = c->config;
	halt(c);
	c->config = (struct con_config){ 0 };
	con_copy(&c->config, config);
	con_config_free(&old);
	int rc = save(c, err);
	launch(c);
	return rc;
}

int con_delete(struct connect *k, struct connector *c, struct error *err)
{
	int rc = con_store_delete(&k->db, c->name, err);
	if (!rc)
		rc = con_store_offsets_forget(&k->db, c->name, err);
	if (!rc)
		rc = con_store_topics_reset(&k->db, c->name, err);
	if (rc)
		return rc;
	for (struct connector **at = &k->connectors; *at; at = &(*at)->next) {
		if (*at != c)
			continue;
		*at = c->next;
		break;
	}
	halt(c);
	free_connector(c);
	return 0;
}

int con_set_state(struct connector *c, enum con_state state, struct error *err)
{
	enum con_state old = c->state;
	if (old == state)
		return 0;
	if (state == CON_PAUSED && old == CON_FAILED)
		return 0;
	c->state = state;
	c->was_stopped |= old == CON_STOPPED;
	int rc = save(c, err);
	if (state == CON_STOPPED || old == CON_STOPPED || old == CON_FAILED) {
		launch(c);
		return rc;
	}
	for (size_t i = 0; i < c->task_n; i++)
		if (c->tasks[i].state == (state == CON_PAUSED ? CON_RUNNING : CON_PAUSED))
			c->tasks[i].state = state;
	if (state == CON_RUNNING && !c->ready && !c->look)
		begin_tasks(c);
	else if (state == CON_RUNNING && c->kind->source)
		con_file_source_go(c);
	else if (state == CON_RUNNING)
		con_wake(c->k);
	for (struct con_tp *tp = c->tps; tp; tp = tp->next)
		con_sink_time(tp);
	return rc;
}

void con_restart_tasks(struct connector *c, int task, bool only_failed)
{
	bool any = false;
	if (c->state == CON_FAILED) {
		launch(c);
		return;
	}
	for (size_t i = 0; i < c->task_n; i++) {
		struct con_task *t = &c->tasks[i];
		if ((task >= 0 && (size_t)task != i) || (only_failed && t->state != CON_FAILED))
			continue;
		free(t->trace);
		t->trace = NULL;
		t->state = c->state;
		any = true;
	}
	if (!any || c->state != CON_RUNNING)
		return;
	/* Their partitions begin again at the committed offset. */
	con_drop_tps(c);
	con_file_source_end(c);
	c->ready = false;
	begin_tasks(c);
}

/* ---- the worker ---- */

static const struct metric rows[CON_M_N] = {
	[CON_M_RECORDS] = { "tarn_connect_records_total", "Records read from topics.", false, 0 },
	[CON_M_OBJECTS] = { "tarn_connect_objects_total", "Objects stored.", false, 0 },
	[CON_M_BYTES] = { "tarn_connect_bytes_total", "Bytes of objects stored.", false, 0 },
	[CON_M_FAILURES] = { "tarn_connect_put_failures_total", "Puts the object store refused or lost.", false, 0 },
	[CON_M_SKIPPED] = { "tarn_connect_skipped_total", "Records skipped by errors.tolerance.", false, 0 },
};

int con_open(void *self, const struct env *env, struct error *err)
{
	struct connect *k = self;
	const char *plugin = env->conf ? conf_get(env->conf, "connect", "s3.sink") : NULL;
	k->env = env;
	k->plugin = plugin && !strcmp(plugin, con_plugin_version(CON_S3_10_5)) ? CON_S3_10_5 : CON_S3_10_0;
	con_measure_open(k);
	con_loggers_open(&k->loggers);
	memcpy(k->metrics, rows, sizeof(rows));
	if (env->metrics)
		metrics_add(env->metrics, k->metrics, CON_M_N);
	return con_store_open(&k->db, env, err);
}

static int restore(void *arg, struct slice name, struct slice config, enum con_state state, struct error *err)
{
	struct connector *c = add(arg, name);
	c->state = state;
	return con_config_parse(config, &c->config, err);
}

int con_start(struct connect *k, struct error *err)
{
	struct record_log *log = &k->env->ports->log;
	int rc = con_store_connectors(&k->db, restore, k, err);
	if (rc)
		return rc;
	if (log->self && log->watch)
		log->watch(log->self, con_watch, k);
	for (struct connector *c = k->connectors; c; c = c->next)
		launch(c);
	return 0;
}

bool con_busy(const void *self)
{
	const struct connect *k = self;
	if (k->puts || k->listing || k->dlq)
		return true;
	for (const struct connector *c = k->connectors; c; c = c->next) {
		if (c->look)
			return true;
		for (const struct con_tp *tp = c->tps; tp; tp = tp->next)
			if (tp->read || (tp->stale && c->ready && c->state == CON_RUNNING && tp->task >= 0 && k->env->ports->log.self))
				return true;
	}
	return false;
}

void con_close(void *self)
{
	struct connect *k = self;
	while (k->connectors) {
		struct connector *c = k->connectors;
		k->connectors = c->next;
		halt(c);
		free_connector(c);
	}
	con_puts_cancel(k);
	con_buckets_close(k);
	owed_cancel_all(&k->listing);
	owed_cancel_all(&k->dlq);
	owed_cancel_all(&k->asks);
	con_loggers_close(&k->loggers);
	db_close(&k->db);
}
