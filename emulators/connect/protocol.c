/* The worker's REST calls (Connect 4.0): which path does what, and the errors. */
#include <string.h>

#include "connect/answer.h"
#include "connect/json.h"

#define JSON "application/json"
#define VERSION "4.0.0"
#define COMMIT "985bc99521dd22bb"
#define SINK_VERSION "10.0.3"
#define SINK_CLASS "io.confluent.connect.s3.S3SinkConnector"

struct rest {
	struct connect *k;
	struct http_call *call;
	struct arena *a;
	struct slice name, part; /* {n} and {p}, decoded */
	struct connector *c;     /* called name; NULL: none */
	const char *worker;
	struct buf out;
};

/* ---- answers ---- */

static void send_out(struct rest *r, int status)
{
	http_reply(r->call, status, JSON, buf_slice(&r->out));
}

static void send_empty(struct rest *r, int status)
{
	http_reply(r->call, status, NULL, S(""));
}

static void send_error(struct rest *r, int status, const char *type, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void send_error(struct rest *r, int status, const char *type, const char *fmt, ...)
{
	struct buf b = { .max = 1 << 20 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	buf_reset(&r->out);
	buf_addf(&r->out, "{\"error_code\":%d,\"message\":", status);
	cjson_write_string(&r->out, buf_slice(&b));
	buf_addc(&r->out, '}');
	http_reply(r->call, status, type, buf_slice(&r->out));
	buf_free(&b);
}

static void send_refusal(struct rest *r, int status)
{
	const char *text = status == 404 ? "Not Found" : status == 405 ? "Method Not Allowed" : "Unsupported Media Type";
	send_error(r, status, NULL, "HTTP %d %s", status, text);
}

/* What went wrong below: our disk, a limit. */
static void send_failure(struct rest *r, const struct error *err)
{
	send_error(r, 500, JSON, "%s", err->text);
}

static bool found(struct rest *r, const char *fmt_before, const char *fmt_after)
{
	if (!r->c)
		send_error(r, 404, JSON, "%s%.*s%s", fmt_before, SL(r->name), fmt_after);
	return r->c;
}

/* ---- configurations ---- */

static void send_no_class(struct rest *r, const char *class, bool validating)
{
	send_error(r, 500, JSON, "%sFailed to find any class that implements Connector and which name matches %s, available connectors are: "
		   "PluginDesc{klass=class " SINK_CLASS ", name='" SINK_CLASS "', version='" SINK_VERSION "', encodedVersion=" SINK_VERSION
		   ", type=sink, typeName='sink', location='classpath'}",
		   validating ? "org.apache.kafka.connect.errors.ConnectException: " : "", class);
}

static void send_no_type(struct rest *r, const struct con_config *config)
{
	struct con_config hashed;
	struct buf b = { .max = 1 << 18 };
	con_config_hashed(r->a, config, con_copy_table(config->n), &hashed);
	for (size_t i = 0; i < hashed.n; i++)
		buf_addf(&b, "%s%s=%s", i ? ", " : "", hashed.pairs[i].key, hashed.pairs[i].value);
	send_error(r, 400, JSON, "Connector config {%.*s} contains no connector type", SL(buf_slice(&b)));
	buf_free(&b);
}

/* The connector's class is there and ours, and all else is right; otherwise answers. */
static bool valid(struct rest *r, const struct con_config *config)
{
	const char *class = con_get(config, "connector.class");
	if (!class) {
		send_no_type(r, config);
		return false;
	}
	if (!con_is_sink(class)) {
		send_no_class(r, class, false);
		return false;
	}
	struct con_problem *p = arena_alloc(r->a, 2 * con_def_n * sizeof(*p));
	size_t n = con_validate(r->a, config, p);
	struct buf b = { .max = 1 << 18 };
	if (!n)
		return true;
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "\n%.*s", SL(p[i].text));
	send_error(r, 400, JSON, "Connector configuration is invalid and contains the following %zu error(s):%.*s\n"
		   "You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`", n, SL(buf_slice(&b)));
	buf_free(&b);
	return false;
}

/* The configuration's name is the connector's, or becomes it; otherwise answers. */
static bool take_name(struct rest *r, struct slice name, struct con_config *config)
{
	const char *own = con_get(config, "name");
	if (!own)
		con_put(config, S("name"), name);
	else if (!sl_eqs(name, own))
		send_error(r, 400, JSON, "Connector name configuration (%s) doesn't match connector name in the URL (%.*s)", own, SL(name));
	return !own || sl_eqs(name, own);
}

static void set_location(struct rest *r, struct slice name)
{
	struct buf b = { 0 };
	buf_url_escape(&b, name, false);
	http_set(r->call, "Location", "http://%s/connectors/%.*s", r->worker, SL(buf_slice(&b)));
	buf_free(&b);
}

static void apply(struct rest *r, struct slice name, const struct con_config *config, enum con_state state, size_t task_n, bool created)
{
	struct error err;
	if (con_apply(r->k, name, config, state, &err)) {
		send_failure(r, &err);
		return;
	}
	if (created)
		set_location(r, name);
	con_answer_info(r->a, arena_cstr(r->a, name), config, true, task_n, &r->out);
	send_out(r, created ? 201 : 200);
}

static enum con_state initial_state(struct slice s)
{
	return sl_eq_nocase(s, S("STOPPED")) ? CON_STOPPED : sl_eq_nocase(s, S("PAUSED")) ? CON_PAUSED : CON_RUNNING;
}

static void create(struct rest *r)
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

static void put_config(struct rest *r)
{
	struct con_config config = { 0 };
	struct error err;
	if (con_config_parse(r->call->req.body, &config, &err))
		send_failure(r, &err);
	else if (take_name(r, r->name, &config) && valid(r, &config))
		apply(r, r->name, &config, CON_RUNNING, r->c ? r->c->task_n : 0, !r->c);
	con_config_free(&config);
}

static void patch_config(struct rest *r)
{
	struct con_config config = { 0 }, hashed;
	struct error err;
	if (!found(r, "Connector ", " not found"))
		return;
	con_copy(&config, &r->c->config);
	if (con_parse_patch(r->a, r->call->req.body, &config, &err)) {
		send_failure(r, &err);
	} else {
		con_config_hashed(r->a, &config, con_copy_table(config.n), &hashed);
		if (valid(r, &hashed))
			apply(r, r->name, &hashed, CON_RUNNING, r->c->task_n, false);
	}
	con_config_free(&config);
}

/* ---- connectors ---- */

static void root(struct rest *r)
{
	const char *id = r->k->env->conf ? conf_str(r->k->env->conf, "kafka", "cluster_id", "tarn") : "tarn";
	buf_adds(&r->out, "{\"version\":\"" VERSION "\",\"commit\":\"" COMMIT "\",\"kafka_cluster_id\":");
	cjson_write_string(&r->out, sl(id));
	buf_addc(&r->out, '}');
	send_out(r, 200);
}

static void health(struct rest *r)
{
	buf_adds(&r->out, "{\"status\":\"healthy\",\"message\":\"Worker has completed startup and is ready to handle requests.\"}");
	send_out(r, 200);
}

static void list(struct rest *r)
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

static void get(struct rest *r)
{
	if (!found(r, "Connector ", " not found"))
		return;
	con_answer_info(r->a, r->c->name, &r->c->config, false, r->c->task_n, &r->out);
	send_out(r, 200);
}

static void delete(struct rest *r)
{
	struct error err;
	if (!found(r, "Connector ", " not found"))
		return;
	if (con_delete(r->k, r->c, &err))
		send_failure(r, &err);
	else
		send_empty(r, 204);
}

static void get_config(struct rest *r)
{
	if (!found(r, "Connector ", " not found"))
		return;
	con_answer_config(r->a, r->c, &r->out);
	send_out(r, 200);
}

static void status(struct rest *r)
{
	if (r->c && !r->c->started)
		r->c = NULL;
	if (!found(r, "No status found for connector ", ""))
		return;
	con_answer_status(r->c, r->worker, NULL, &r->out);
	send_out(r, 200);
}

static void set_state(struct rest *r, enum con_state state, int code)
{
	struct error err;
	if (!found(r, "Unknown connector ", ""))
		return;
	if (con_set_state(r->c, state, &err))
		send_failure(r, &err);
	else
		send_empty(r, code);
}

static void pause_it(struct rest *r)
{
	set_state(r, CON_PAUSED, 202);
}

static void resume(struct rest *r)
{
	set_state(r, CON_RUNNING, 202);
}

static void stop(struct rest *r)
{
	set_state(r, CON_STOPPED, 204);
}

static void restart(struct rest *r)
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
	con_answer_status(r->c, r->worker, &how, &r->out);
	if (how.tasks || r->c->state == CON_FAILED)
		con_restart_tasks(r->c, -1, how.only_failed);
	send_out(r, 202);
}

/* ---- tasks ---- */

static void tasks(struct rest *r)
{
	if (!found(r, "Connector ", " not found"))
		return;
	con_answer_tasks(r->a, r->c, &r->out);
	send_out(r, 200);
}

/* {p} as one of the connector's tasks; -1: none; -2: answered, no number. */
static int task_of(struct rest *r)
{
	int64_t i;
	if (!sl_int(r->part, INT32_MIN, INT32_MAX, &i)) {
		send_refusal(r, 404);
		return -2;
	}
	return r->c && i >= 0 && (size_t)i < r->c->task_n ? (int)i : -1;
}

static void task_status(struct rest *r)
{
	int i = task_of(r);
	if (i == -1 || (i >= 0 && !r->c->started)) {
		send_error(r, 404, JSON, "No status found for task %.*s-%.*s", SL(r->name), SL(r->part));
	} else if (i >= 0) {
		con_answer_task(&r->c->tasks[i], (size_t)i, NULL, r->worker, &r->out);
		send_out(r, 200);
	}
}

static void restart_task(struct rest *r)
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

static void topics(struct rest *r)
{
	con_answer_topics(r->a, r->k, arena_cstr(r->a, r->name), &r->out);
	send_out(r, 200);
}

static void reset_topics(struct rest *r)
{
	struct error err;
	if (con_store_topics_reset(r->k->store, arena_cstr(r->a, r->name), &err))
		send_failure(r, &err);
	else
		send_empty(r, 202);
}

static void offsets(struct rest *r)
{
	if (!found(r, "Connector ", " not found"))
		return;
	con_answer_offsets(r->a, r->c, &r->out);
	send_out(r, 200);
}

static bool may_change_offsets(struct rest *r)
{
	if (!found(r, "Connector ", " not found"))
		return false;
	if (r->c->state != CON_STOPPED)
		send_error(r, 400, JSON, "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the "
			   "specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' endpoint", r->c->name);
	return r->c->state == CON_STOPPED;
}

static void patch_offsets(struct rest *r)
{
	struct con_offset_change *in = arena_alloc(r->a, CON_OFFSETS_MAX * sizeof(*in));
	struct error err;
	size_t n;
	int k = 0;
	if (!may_change_offsets(r))
		return;
	if (con_parse_offsets(r->a, r->call->req.body, in, &n, &err)) {
		send_error(r, 400, JSON, "%s", err.text);
		return;
	}
	for (size_t i = 0; i < n && !k; i++)
		k = con_store_offset(r->k->store, r->c->name, arena_cstr(r->a, in[i].topic), in[i].partition, in[i].offset, &err);
	if (k) {
		send_failure(r, &err);
		return;
	}
	buf_adds(&r->out, "{\"message\":\"The offsets for this connector have been altered successfully\"}");
	send_out(r, 200);
}

static void delete_offsets(struct rest *r)
{
	struct error err;
	if (!may_change_offsets(r))
		return;
	if (con_store_offsets_reset(r->k->store, r->c->name, &err)) {
		send_failure(r, &err);
		return;
	}
	buf_adds(&r->out, "{\"message\":\"The offsets for this connector have been reset successfully\"}");
	send_out(r, 200);
}

/* ---- plugins ---- */

static void plugins(struct rest *r)
{
	buf_adds(&r->out, "[{\"class\":\"" SINK_CLASS "\",\"type\":\"sink\",\"version\":\"" SINK_VERSION "\"}]");
	send_out(r, 200);
}

static void plugin_config(struct rest *r)
{
	if (!con_is_sink(arena_cstr(r->a, r->part))) {
		send_error(r, 404, JSON, "Unknown plugin %.*s.", SL(r->part));
		return;
	}
	con_answer_definitions(&r->out);
	send_out(r, 200);
}

/* Without "Connector" at its end. */
static struct slice short_class(struct slice s)
{
	if (sl_ends(s, S("Connector")) && s.n > sizeof("Connector") - 1)
		s.n -= sizeof("Connector") - 1;
	return s;
}

static void validate(struct rest *r)
{
	struct con_config config = { 0 };
	struct error err;
	int k = con_config_parse(r->call->req.body, &config, &err);
	const char *class = k ? NULL : con_get(&config, "connector.class");
	if (k) {
		send_failure(r, &err);
	} else if (class && !sl_ends(short_class(sl(class)), short_class(r->part))) {
		send_error(r, 400, JSON, "Included connector type %s does not match request type %.*s", class, SL(r->part));
	} else if (!class) {
		send_no_type(r, &config);
	} else if (!con_is_sink(class)) {
		send_no_class(r, class, true);
	} else {
		struct con_problem *p = arena_alloc(r->a, 2 * con_def_n * sizeof(*p));
		size_t n = con_validate(r->a, &config, p);
		con_answer_validation(&config, p, n, &r->out);
		send_out(r, 200);
	}
	con_config_free(&config);
}

/* ---- routes ---- */

/* {n} is a connector, {p} a task or plugin. */
static const struct op {
	const char *method, *path, *name;
	bool body; /* takes a JSON body */
	void (*run)(struct rest *r);
} ops[] = {
	{ "GET", "/", "Root", false, root },
	{ "GET", "/health", "Health", false, health },
	{ "GET", "/connectors", "ListConnectors", false, list },
	{ "POST", "/connectors", "CreateConnector", true, create },
	{ "GET", "/connectors/{n}", "GetConnector", false, get },
	{ "DELETE", "/connectors/{n}", "DeleteConnector", false, delete },
	{ "GET", "/connectors/{n}/config", "GetConfig", false, get_config },
	{ "PUT", "/connectors/{n}/config", "PutConfig", true, put_config },
	{ "PATCH", "/connectors/{n}/config", "PatchConfig", true, patch_config },
	{ "GET", "/connectors/{n}/status", "GetStatus", false, status },
	{ "GET", "/connectors/{n}/tasks", "ListTasks", false, tasks },
	{ "GET", "/connectors/{n}/tasks/{p}/status", "GetTaskStatus", false, task_status },
	{ "POST", "/connectors/{n}/tasks/{p}/restart", "RestartTask", false, restart_task },
	{ "POST", "/connectors/{n}/restart", "RestartConnector", false, restart },
	{ "PUT", "/connectors/{n}/pause", "PauseConnector", false, pause_it },
	{ "PUT", "/connectors/{n}/resume", "ResumeConnector", false, resume },
	{ "PUT", "/connectors/{n}/stop", "StopConnector", false, stop },
	{ "GET", "/connectors/{n}/topics", "GetTopics", false, topics },
	{ "PUT", "/connectors/{n}/topics/reset", "ResetTopics", false, reset_topics },
	{ "GET", "/connectors/{n}/offsets", "GetOffsets", false, offsets },
	{ "PATCH", "/connectors/{n}/offsets", "AlterOffsets", true, patch_offsets },
	{ "DELETE", "/connectors/{n}/offsets", "ResetOffsets", false, delete_offsets },
	{ "GET", "/connector-plugins", "ListPlugins", false, plugins },
	{ "GET", "/connector-plugins/{p}/config", "GetPluginConfig", false, plugin_config },
	{ "PUT", "/connector-plugins/{p}/config/validate", "ValidateConfig", true, validate },
};

/* Whether the request's path is this row's; fills what its places stand for. */
static bool matches(struct rest *r, const struct op *op)
{
	struct slice have = r->call->req.path, want = sl(op->path), h, w;
	if (have.n > 1 && have.p[have.n - 1] == '/')
		have.n--;
	while (have.p && want.p) {
		sl_cut(have, '/', &h, &have);
		sl_cut(want, '/', &w, &want);
		struct slice *place = sl_eq(w, S("{n}")) ? &r->name : sl_eq(w, S("{p}")) ? &r->part : NULL;
		if (place && h.n)
			*place = arena_url_decode(r->a, h, false);
		else if (place || !sl_eq(h, w))
			return false;
	}
	return !have.p && !want.p;
}

static bool is_json(const struct http_req *req)
{
	struct slice type, rest;
	sl_cut(http_get(req, "Content-Type"), ';', &type, &rest);
	return sl_eq_nocase(sl_trim(type), S(JSON));
}

static void route(struct rest *r)
{
	struct slice method = r->call->head_only ? S("GET") : r->call->req.method;
	const struct op *op = NULL;
	bool known = false;
	for (size_t i = 0; i < ARRAY_LEN(ops) && !op; i++) {
		if (!matches(r, &ops[i]))
			continue;
		known = true;
		if (sl_eqs(method, ops[i].method))
			op = &ops[i];
	}
	if (!op || (r->name.n && memchr(r->name.p, 0, r->name.n))) {
		send_refusal(r, known && !op ? 405 : 404);
		return;
	}
	r->call->op = op->name;
	if (op->body && !is_json(&r->call->req)) {
		send_refusal(r, 415);
		return;
	}
	r->c = r->name.p ? con_find(r->k, r->name) : NULL;
	op->run(r);
}

void con_http(struct connect *k, struct http_call *call)
{
	struct rest r = { .k = k, .call = call, .a = call->req.arena };
	struct slice host = http_get(&call->req, "Host");
	/* The worker's advertised name is how the client reached it. */
	r.worker = host.n ? arena_cstr(r.a, host) : "127.0.0.1:8083";
	route(&r);
	buf_free(&r.out);
}
