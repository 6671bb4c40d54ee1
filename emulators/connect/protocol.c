/* The worker's REST calls (Connect 4.0): which path does what, and the errors. */
#include "connect/answer.h"
#include "connect/check.h"
#include "connect/smt.h"
#include "core/json.h"

#define JSON "application/json"
#define VERSION "4.0.0"
#define COMMIT "985bc99521dd22bb"

struct con_call {
	struct connect *k;
	struct http_call *call;
	struct arena *a;
	struct slice name, part; /* the path's: connector, or plugin; task */
	struct connector *c;     /* called name; NULL: none */
	const char *worker;
	struct buf out;
};

/* ---- answers ---- */

static void send_out(struct con_call *r, int status)
{
	http_reply_buf(r->call, status, JSON, &r->out);
}

static void send_empty(struct con_call *r, int status)
{
	http_reply(r->call, status, NULL, S(""));
}

static void send_error(struct con_call *r, int status, const char *type, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void send_error(struct con_call *r, int status, const char *type, const char *fmt, ...)
{
	struct buf b = { .max = 1 << 20 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	buf_reset(&r->out);
	jw_obj(&r->out, NULL);
	jw_int(&r->out, "error_code", status);
	jk_str(&r->out, "message", buf_slice(&b));
	jw_obj_end(&r->out);
	http_reply_buf(r->call, status, type, &r->out);
	buf_free(&b);
}

static void send_refusal(struct con_call *r, int status)
{
	const char *text = status == 404 ? "Not Found" : status == 405 ? "Method Not Allowed" : "Unsupported Media Type";
	send_error(r, status, NULL, "HTTP %d %s", status, text);
}

/* What went wrong below: our disk, a limit. */
static void send_failure(struct con_call *r, const struct error *err)
{
	send_error(r, 500, JSON, "%s", err->text);
}

static bool found(struct con_call *r, const char *fmt_before, const char *fmt_after)
{
	if (!r->c)
		send_error(r, 404, JSON, "%s%.*s%s", fmt_before, SL(r->name), fmt_after);
	return r->c;
}

/* ---- configurations ---- */

static const char *con_version(const struct connect *k, const struct con_kind *kind)
{
	return kind == con_s3_sink ? con_plugin_version(k->plugin) : kind->version;
}

static void send_no_class(struct con_call *r, const char *class, bool validating)
{
	struct buf b = { .max = 1 << 14 };
	for (size_t i = 0; i < con_kind_n; i++) {
		const struct con_kind *k = &con_kinds[i];
		const char *type = k->source ? "source" : "sink";
		buf_addf(&b, "%sPluginDesc{klass=class %s, name='%s', version='%s', encodedVersion=%s, type=%s, typeName='%s', location='classpath'}", i ? ", " : "",
			 k->class, k->class, con_version(r->k, k), con_version(r->k, k), type, type);
	}
	send_error(r, 500, JSON, "%sFailed to find any class that implements Connector and which name matches %s, available connectors are: %.*s",
		   validating ? "org.apache.kafka.connect.errors.ConnectException: " : "", class, SL(buf_slice(&b)));
	buf_free(&b);
}

static void send_no_type(struct con_call *r, const struct con_config *config)
{
	struct con_config hashed;
	struct buf b = { .max = 1 << 18 };
	con_config_hashed(r->a, config, java_table(config->n * 4 / 3 + 1), &hashed);
	for (size_t i = 0; i < hashed.n; i++)
		buf_addf(&b, "%s%s=%s", i ? ", " : "", hashed.pairs[i].key, hashed.pairs[i].value);
	send_error(r, 400, JSON, "Connector config {%.*s} contains no connector type", SL(buf_slice(&b)));
	buf_free(&b);
}

/* The connector's class is there and ours, and all else is right; otherwise answers. */
static bool valid(struct con_call *r, const struct con_config *config)
{
	const char *class = con_get(config, "connector.class");
	if (!class) {
		send_no_type(r, config);
		return false;
	}
	if (!con_kind_of(class)) {
		send_no_class(r, class, false);
		return false;
	}
	struct con_judgement j;
	struct buf b = { .max = 1 << 18 };
	con_judge(r->a, config, r->k->plugin, &j);
	if (!j.error_n)
		return true;
	for (size_t i = 0; i < j.n; i++)
		for (size_t e = 0; e < j.v[i].n; e++)
			buf_addf(&b, "\n%.*s", SL(j.v[i].errors[e]));
	send_error(r, 400, JSON, "Connector configuration is invalid and contains the following %zu error(s):%.*s\n"
		   "You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`", j.error_n, SL(buf_slice(&b)));
	buf_free(&b);
	return false;
}

/* The configuration's name is the connector's, or becomes it; otherwise answers. */
static bool take_name(struct con_call *r, struct slice name, struct con_config *config)
{
	const char *own = con_get(config, "name");
	if (!own)
		con_put(config, S("name"), name);
	else if (!sl_eqs(name, own))
		send_error(r, 400, JSON, "Connector name configuration (%s) doesn't match connector name in the URL (%.*s)", own, SL(name));
	return !own || sl_eqs(name, own);
}

static void set_location(struct con_call *r, struct slice name)
{
	struct buf b = { 0 };
	buf_url_escape(&b, name, false);
	http_set(r->call, "Location", "%s://%s/connectors/%.*s", r->call->req.secure ? "https" : "http", r->worker, SL(buf_slice(&b)));
	buf_free(&b);
}

static void apply(struct con_call *r, struct slice name, const struct con_config *config, enum con_state state, size_t task_n, bool created)
{
	struct error err;
	if (con_apply(r->k, name, config, state, &err)) {
		send_failure(r, &err);
		return;
	}
	if (created) {
		set_location(r, name);
		con_instead(r->k, con_find(r->k, name));
	}
	con_answer_info(r->a, arena_cstr(r->a, name), config, true, task_n, &r->out);
	send_out(r, created ? 201 : 200);
}

static enum con_state initial_state(struct slice s)
{
	return sl_eq_nocase(s, S("STOPPED")) ? CON_STOPPED : sl_eq_nocase(s, S("PAUSED")) ? CON_PAUSED : CON_RUNNING;
}

static void create(struct con_call *r)
{
	struct con_create in = { 0 };
	struct error err;
	if (con_parse_create(r->a, r->call->req.body, &in, &err)) {
		send_failure(r, &err);
	} else if (!in.has_config) {
		send_error(r, 500, JSON, "Cannot invoke \"java.util.Map.get(Object)\" because \"connectorConfig\" is null");
	} else {
		in.name = in.name.p ? sl_trim(in.name) : S("");
		if (take_name(r, in.name, &in.config) && valid(r, &in.config)) {
			if (con_find(r->k, in.name))
				send_error(r, 409, JSON, "Connector %.*s already exists", SL(in.name));
			else
				apply(r, in.name, &in.config, initial_state(in.state), 0, true);
		}
	}
	con_config_free(&in.config);
}

static void put_config(struct con_call *r)
{
	struct con_config config = { 0 };
	struct error err;
	if (con_config_parse(r->call->req.body, &config, &err))
		send_failure(r, &err);
	else if (take_name(r, r->name, &config) && valid(r, &config))
		apply(r, r->name, &config, CON_RUNNING, r->c ? r->c->task_n : 0, !r->c);
	con_config_free(&config);
}

static void patch_config(struct con_call *r)
{
	struct con_config config = { 0 }, hashed;
	struct error err;
	con_copy(&config, &r->c->config);
	if (con_parse_patch(r->a, r->call->req.body, &config, &err)) {
		send_failure(r, &err);
	} else {
		con_config_hashed(r->a, &config, java_table(config.n * 4 / 3 + 1), &hashed);
		if (valid(r, &hashed))
			apply(r, r->name, &hashed, CON_RUNNING, r->c->task_n, false);
	}
	con_config_free(&config);
}

/* ---- connectors ---- */

static void root(struct con_call *r)
{
	const char *id = r->k->env->conf ? conf_str(r->k->env->conf, "kafka", "cluster_id", "tarn") : "tarn";
	jw_obj(&r->out, NULL);
	jw_text(&r->out, "version", VERSION);
	jw_text(&r->out, "commit", COMMIT);
	jk_str(&r->out, "kafka_cluster_id", sl(id));
	jw_obj_end(&r->out);
	send_out(r, 200);
}

static void health(struct con_call *r)
{
	buf_adds(&r->out, "{\"status\":\"healthy\",\"message\":\"Worker has completed startup and is ready to handle requests.\"}");
	send_out(r, 200);
}

static void list(struct con_call *r)
{
	bool status = false, info = false;
	struct slice name, value;
	for (size_t pos = 0; http_query_next(&r->call->req, &pos, &name, &value);) {
		status |= sl_eq(name, S("expand")) && sl_eq(value, S("status"));
		info |= sl_eq(name, S("expand")) && sl_eq(value, S("info"));
	}
	con_answer_connectors(r->a, r->k, status, info, r->worker, &r->out);
	send_out(r, 200);
}

static void get(struct con_call *r)
{
	con_answer_info(r->a, r->c->name, &r->c->config, false, r->c->task_n, &r->out);
	send_out(r, 200);
}

static void delete(struct con_call *r)
{
	struct error err;
	if (con_delete(r->k, r->c, &err))
		send_failure(r, &err);
	else
		send_empty(r, 204);
}

static void get_config(struct con_call *r)
{
	con_answer_config(r->a, r->c, &r->out);
	send_out(r, 200);
}

/* "?name", "?name=", "?name=true". */
static bool asked(const struct con_call *r, const char *name)
{
	struct slice v = http_query(&r->call->req, name);
	return v.p && !sl_eq_nocase(v, S("false"));
}

static void status(struct con_call *r)
{
	if (r->c && !r->c->started)
		r->c = NULL;
	if (!found(r, "No status found for connector ", ""))
		return;
	con_answer_status(r->c, r->worker, NULL, asked(r, "explain"), &r->out);
	send_out(r, 200);
}

static void set_state(struct con_call *r, enum con_state state, int code)
{
	struct error err;
	if (!found(r, "Unknown connector ", ""))
		return;
	if (con_set_state(r->c, state, &err))
		send_failure(r, &err);
	else
		send_empty(r, code);
}

static void pause_it(struct con_call *r)
{
	set_state(r, CON_PAUSED, 202);
}

static void resume(struct con_call *r)
{
	set_state(r, CON_RUNNING, 202);
}

static void stop(struct con_call *r)
{
	set_state(r, CON_STOPPED, 204);
}

static void restart(struct con_call *r)
{
	struct con_restart how = { sl_eq_nocase(http_query(&r->call->req, "includeTasks"), S("true")),
				   sl_eq_nocase(http_query(&r->call->req, "onlyFailed"), S("true")) };
	if (!found(r, "Unknown connector: ", ""))
		return;
	if (!how.tasks && !how.only_failed) {
		if (r->c->state == CON_FAILED)
			con_restart_tasks(r->c, -1, false);
		send_empty(r, 204);
		return;
	}
	if (!r->c->started) {
		send_error(r, 404, JSON, "Status for connector %s not found", r->c->name);
		return;
	}
	con_answer_status(r->c, r->worker, &how, false, &r->out);
	if (how.tasks || r->c->state == CON_FAILED)
		con_restart_tasks(r->c, -1, how.only_failed);
	send_out(r, 202);
}

/* ---- tasks ---- */

static void tasks(struct con_call *r)
{
	con_answer_tasks(r->a, r->c, &r->out);
	send_out(r, 200);
}

/* {p} as one of the connector's tasks; -1: none; -2: answered, no number. */
static int task_of(struct con_call *r)
{
	int64_t i;
	if (!sl_int(r->part, INT32_MIN, INT32_MAX, &i)) {
		send_refusal(r, 404);
		return -2;
	}
	return r->c && i >= 0 && (size_t)i < r->c->task_n ? (int)i : -1;
}

static void task_status(struct con_call *r)
{
	int i = task_of(r);
	if (i == -1 || (i >= 0 && !r->c->started)) {
		send_error(r, 404, JSON, "No status found for task %.*s-%.*s", SL(r->name), SL(r->part));
	} else if (i >= 0) {
		con_answer_task(&r->c->tasks[i], (size_t)i, NULL, r->worker, &r->out);
		send_out(r, 200);
	}
}

static void restart_task(struct con_call *r)
{
	int i = task_of(r);
	if (i == -2 || !found(r, "Unknown connector: ", ""))
		return;
	if (i < 0) {
		send_error(r, 404, JSON, "Unknown task: %.*s-%.*s", SL(r->name), SL(r->part));
		return;
	}
	con_restart_tasks(r->c, i, false);
	send_empty(r, 204);
}

/* ---- topics and offsets ---- */

static void topics(struct con_call *r)
{
	con_answer_topics(r->a, r->k, arena_cstr(r->a, r->name), &r->out);
	send_out(r, 200);
}

static void reset_topics(struct con_call *r)
{
	struct error err;
	if (con_store_topics_reset(&r->k->db, arena_cstr(r->a, r->name), &err))
		send_failure(r, &err);
	else
		send_empty(r, 202);
}

/* A call that is answered later; it lives as long as the http_call. */
struct later {
	struct con_call r;
	const char *done; /* what a change answers */
};

static struct later *later_of(const struct con_call *r, const char *done)
{
	struct later *l = arena_alloc(r->a, sizeof(*l));
	*l = (struct later){ *r, done };
	l->r.out = (struct buf){ 0 };
	l->r.c = NULL; /* it may be gone by then */
	return l;
}

static void send_message(struct con_call *r, const char *text)
{
	jw_obj(&r->out, NULL);
	jw_text(&r->out, "message", text);
	jw_obj_end(&r->out);
	send_out(r, 200);
}

static void on_offsets(void *arg, const struct con_offset_row *rows, size_t n, const struct error *err)
{
	struct later *l = arg;
	if (err) {
		send_failure(&l->r, err);
	} else if (l->done) {
		send_message(&l->r, l->done);
	} else {
		con_answer_offsets(l->r.a, rows, n, &l->r.out);
		send_out(&l->r, 200);
	}
	buf_free(&l->r.out);
}

static void offsets(struct con_call *r)
{
	if (r->c->kind->source) {
		con_answer_sources(r->k, r->c->name, &r->out);
		send_out(r, 200);
		return;
	}
	owed_keep(&r->k->asks, con_offsets_get(r->c, on_offsets, later_of(r, NULL)));
}

static bool may_change_offsets(struct con_call *r)
{
	if (r->c->state != CON_STOPPED)
		send_error(r, 400, JSON, "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the "
			   "specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' endpoint", r->c->name);
	return r->c->state == CON_STOPPED;
}

#define MANAGED(did) "The Connect framework-managed offsets for this connector have been " did " successfully. However, if this connector manages offsets " \
	"externally, they will need to be manually " did " in the system that the connector uses."

static const char *altered(const struct connector *c)
{
	return c->kind == con_s3_sink ? MANAGED("altered") : "The offsets for this connector have been altered successfully";
}

static void patch_sources(struct con_call *r, const struct con_offset_row *in, size_t n)
{
	struct error err;
	int rc = 0;
	for (size_t i = 0; i < n && !rc; i++)
		rc = con_store_source(&r->k->db, r->c->name, arena_cstr(r->a, in[i].topic), in[i].offset, &err);
	if (rc)
		send_failure(r, &err);
	else
		send_message(r, altered(r->c));
}

static void patch_offsets(struct con_call *r)
{
	struct con_offset_row *in = arena_alloc(r->a, CON_OFFSETS_MAX * sizeof(*in));
	struct error err;
	size_t n;
	if (!may_change_offsets(r))
		return;
	if (con_parse_offsets(r->a, r->c->kind->source, r->call->req.body, in, &n, &err)) {
		send_error(r, r->c->kind->source ? 500 : 400, JSON, "%s", err.text);
		return;
	}
	if (r->c->kind->source) {
		patch_sources(r, in, n);
		return;
	}
	owed_keep(&r->k->asks, con_offsets_set(r->c, in, n, on_offsets, later_of(r, altered(r->c))));
}

static void delete_offsets(struct con_call *r)
{
	/* The S3 sink knows nothing of offsets that are changed: Connect says so. */
	const char *reset = r->c->kind == con_s3_sink ? MANAGED("reset") : "The offsets for this connector have been reset successfully";
	struct error err;
	if (!may_change_offsets(r))
		return;
	if (!r->c->kind->source)
		owed_keep(&r->k->asks, con_offsets_reset(r->c, on_offsets, later_of(r, reset)));
	else if (con_store_sources_reset(&r->k->db, r->c->name, &err))
		send_failure(r, &err);
	else
		send_message(r, reset);
}

/* ---- plugins ---- */

static void add_plugin(struct con_call *r, const char *class, const char *type, const char *version)
{
	jw_obj(&r->out, NULL);
	jw_text(&r->out, "class", class);
	jw_text(&r->out, "type", type);
	jw_text(&r->out, "version", version);
	jw_obj_end(&r->out);
}

/* A transform that has sides is a class each. */
static void add_transforms(struct con_call *r)
{
	static const char *const sides[] = { "$Key", "$Value" };
	for (size_t i = 0; i < smt_kind_n; i++)
		for (size_t side = 0; side < (smt_kinds[i].sides ? 2 : 1); side++)
			add_plugin(r, arena_cstr(r->a, arena_printf(r->a, "org.apache.kafka.connect.transforms.%s%s", smt_kinds[i].name, smt_kinds[i].sides ? sides[side] : "")), "transformation", VERSION);
	for (size_t i = 0; i < smt_predicate_n; i++)
		add_plugin(r, arena_cstr(r->a, arena_printf(r->a, "org.apache.kafka.connect.transforms.predicates.%s", smt_predicates[i].name)), "predicate", VERSION);
}

/* ?connectorsOnly=false: transforms, predicates and converters as well. */
static void plugins(struct con_call *r)
{
	jw_list(&r->out, NULL);
	for (size_t i = 0; i < con_kind_n; i++)
		add_plugin(r, con_kinds[i].class, con_kinds[i].source ? "source" : "sink", con_version(r->k, &con_kinds[i]));
	if (sl_eq_nocase(http_query(&r->call->req, "connectorsOnly"), S("false"))) {
		add_transforms(r);
		for (size_t i = 0; i < CONVERTERS_N; i++)
			add_plugin(r, con_converter_classes[i], i == CONVERT_SIMPLE_HEADER ? "header_converter" : "converter", VERSION);
	}
	jw_list_end(&r->out);
	send_out(r, 200);
}

static void plugin_config(struct con_call *r)
{
	if (!con_kind_of(arena_cstr(r->a, r->name))) {
		send_error(r, 404, JSON, "Unknown plugin %.*s.", SL(r->name));
		return;
	}
	struct con_judgement j;
	con_definitions(r->a, arena_cstr(r->a, r->name), r->k->plugin, &j);
	con_answer_definitions(&j, &r->out);
	send_out(r, 200);
}

/* Without "Connector" at its end. */
static struct slice short_class(struct slice s)
{
	if (sl_ends(s, S("Connector")) && s.n > sizeof("Connector") - 1)
		s.n -= sizeof("Connector") - 1;
	return s;
}

static void validate(struct con_call *r)
{
	struct con_config config = { 0 };
	struct error err;
	int rc = con_config_parse(r->call->req.body, &config, &err);
	const char *class = rc ? NULL : con_get(&config, "connector.class");
	if (rc) {
		send_failure(r, &err);
	} else if (class && !sl_ends(short_class(sl(class)), short_class(r->name))) {
		send_error(r, 400, JSON, "Included connector type %s does not match request type %.*s", class, SL(r->name));
	} else if (!class) {
		send_no_type(r, &config);
	} else if (!con_kind_of(class)) {
		send_no_class(r, class, true);
	} else {
		struct con_judgement j;
		con_judge(r->a, &config, r->k->plugin, &j);
		con_answer_validation(&config, &j, &r->out);
		send_out(r, 200);
	}
	con_config_free(&config);
}

/* ---- loggers ---- */

static void loggers(struct con_call *r)
{
	con_loggers_json(&r->k->loggers, &r->out);
	send_out(r, 200);
}

static void logger(struct con_call *r)
{
	const struct con_logger *l = con_logger_find(&r->k->loggers, r->name);
	if (!l) {
		send_error(r, 404, JSON, "Logger %.*s not found.", SL(r->name));
		return;
	}
	con_logger_json(l, NULL, &r->out);
	send_out(r, 200);
}

/* ?scope=cluster is told to all workers, of which there is one, and answers nothing. */
static void set_logger(struct con_call *r)
{
	struct slice scope = http_query(&r->call->req, "scope");
	struct jk_node *v;
	struct error err;
	if (con_json(r->a, r->call->req.body, false, &v, &err)) {
		send_failure(r, &err);
		return;
	}
	const struct jk_node *given = v->kind == JK_START_OBJECT ? jk_get(v, S("level")) : NULL;
	const char *level = given && given->kind == JK_STRING ? con_logger_level(given->text) : NULL;
	if (!given || given->kind == JK_NULL) {
		send_error(r, 400, JSON, "Desired 'level' parameter was not specified in request.");
	} else if (!level) {
		send_error(r, 404, JSON, "invalid log level '%.*s'.", SL(given->text));
	} else {
		con_logger_set(&r->k->loggers, r->name, level, r->call->req.now_ms, &r->out);
		if (sl_eq_nocase(scope, S("cluster")))
			send_empty(r, 204);
		else
			send_out(r, 200);
	}
}

/* ---- routes ---- */

enum {
	BODY = 1,  /* takes a JSON body */
	KNOWN = 2, /* the connector is there, else 404 */
};
/* Arguments: a connector or plugin, a task. */
static const struct op {
	struct route route;
	void (*run)(struct con_call *r);
} ops[] = {
	{ { "GET", "/", "Root", "version, commit, cluster" }, root },
	{ { "GET", "/health", "Health", "whether the worker is ready" }, health },
	{ { "GET", "/connectors", "ListConnectors", "names; ?expand=status, ?expand=info" }, list },
	{ { "POST", "/connectors", "CreateConnector", "make one of name and config", .flags = BODY }, create },
	{ { "GET", "/connectors/{}", "GetConnector", "name, config, tasks, type", .flags = KNOWN }, get },
	{ { "DELETE", "/connectors/{}", "DeleteConnector", "end it and forget it", .flags = KNOWN }, delete },
	{ { "GET", "/connectors/{}/config", "GetConfig", "its configuration", .flags = KNOWN }, get_config },
	{ { "PUT", "/connectors/{}/config", "PutConfig", "make it or replace its configuration", .flags = BODY }, put_config },
	{ { "PATCH", "/connectors/{}/config", "PatchConfig", "change some of its configuration", .flags = BODY | KNOWN }, patch_config },
	{ { "GET", "/connectors/{}/status", "GetStatus", "state of the connector and its tasks; ?explain: what each partition waits for" }, status },
	{ { "GET", "/connectors/{}/tasks", "ListTasks", "configurations of its tasks", .flags = KNOWN }, tasks },
	{ { "GET", "/connectors/{}/tasks/{}/status", "GetTaskStatus", "state of a task" }, task_status },
	{ { "POST", "/connectors/{}/tasks/{}/restart", "RestartTask", "restart a task" }, restart_task },
	{ { "POST", "/connectors/{}/restart", "RestartConnector", "restart it; ?includeTasks, ?onlyFailed" }, restart },
	{ { "PUT", "/connectors/{}/pause", "PauseConnector", "pause it" }, pause_it },
	{ { "PUT", "/connectors/{}/resume", "ResumeConnector", "let it run again" }, resume },
	{ { "PUT", "/connectors/{}/stop", "StopConnector", "stop it and end its tasks" }, stop },
	{ { "GET", "/connectors/{}/topics", "GetTopics", "topics it has used" }, topics },
	{ { "PUT", "/connectors/{}/topics/reset", "ResetTopics", "forget which topics it has used" }, reset_topics },
	{ { "GET", "/connectors/{}/offsets", "GetOffsets", "how far it has come", .flags = KNOWN }, offsets },
	{ { "PATCH", "/connectors/{}/offsets", "AlterOffsets", "set how far it has come; stopped only", .flags = BODY | KNOWN }, patch_offsets },
	{ { "DELETE", "/connectors/{}/offsets", "ResetOffsets", "back to the beginning; stopped only", .flags = KNOWN }, delete_offsets },
	{ { "GET", "/admin/loggers", "ListLoggers", "the worker's loggers and their levels" }, loggers },
	{ { "GET", "/admin/loggers/{}", "GetLogger", "one logger's level" }, logger },
	{ { "PUT", "/admin/loggers/{}", "SetLogger", "set the level of a logger and of those below it; ?scope", .flags = BODY }, set_logger },
	{ { "GET", "/connector-plugins", "ListPlugins", "connectors there are; ?connectorsOnly=false: transforms, predicates, converters too" }, plugins },
	{ { "GET", "/connector-plugins/{}/config", "GetPluginConfig", "settings it knows" }, plugin_config },
	{ { "PUT", "/connector-plugins/{}/config/validate", "ValidateConfig", "judge a configuration", .flags = BODY }, validate },
};
const struct routes con_routes = ROUTES(ops);

static bool is_json(const struct http_req *req)
{
	struct slice type, rest;
	sl_cut(http_get(req, "Content-Type"), ';', &type, &rest);
	return sl_eq_nocase(sl_trim(type), S(JSON));
}

/* An armed fault: a status, with the worker's words where it has some (409: it is rebalancing). */
static bool injected(struct con_call *r, const struct op *op)
{
	struct faults *f = r->k->env->faults;
	char text[64];
	int64_t status;
	if (!faults_any(f) || !faults_ask_error(f, "connect", op->route.name, text))
		return false;
	if (!sl_int(sl(text), 400, 599, &status))
		status = 500;
	send_error(r, (int)status, NULL, "%s", status == 409 ? "Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)" : "An armed fault.");
	return true;
}

static void serve(struct con_call *r)
{
	unsigned allowed;
	const struct op *op = route_call(connect_service.routes, r->call, &allowed);
	r->name = r->call->arg[0];
	r->part = r->call->arg[1];
	if (!op) {
		send_refusal(r, allowed ? 405 : 404);
	} else if (r->name.n && memchr(r->name.p, 0, r->name.n)) {
		send_refusal(r, 404);
	} else if (op->route.flags & BODY && !is_json(&r->call->req)) {
		send_refusal(r, 415);
	} else if (!injected(r, op)) {
		r->c = r->name.p ? con_find(r->k, r->name) : NULL;
		if (!(op->route.flags & KNOWN) || found(r, "Connector ", " not found"))
			op->run(r);
	}
}

void con_http(void *self, struct http_call *call)
{
	struct con_call r = { .k = self, .call = call, .a = call->req.arena };
	struct slice host = http_get(&call->req, "Host");
	/* The worker's advertised name is how the client reached it. */
	r.worker = host.n ? arena_cstr(r.a, host) : "127.0.0.1:8083";
	serve(&r);
	buf_free(&r.out);
}
