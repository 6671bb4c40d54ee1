/* What is said to the Connect worker: that of this process, or the one that [msk] connect names. */
#include "core/httpc.h"
#include "core/owed.h"

#include "msk/mskconnect.h"

/* ---- a request ---- */

struct asking {
	struct owed owed;
	struct owed *step;
	mskc_cb cb;
	void *arg;
};

static void asking_drop(struct owed *o)
{
	struct asking *x = (struct asking *)o;
	owed_cancel_all(&x->step);
	free(x);
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct asking *x = arg;
	JSON_AUTO body = err || !resp->body.n ? NULL : json_loadb(resp->body.p, resp->body.n, JSON_DECODE_ANY, NULL);
	owed_end(&x->owed);
	x->cb(x->arg, err ? 0 : resp->status, body, err);
	asking_drop(&x->owed);
}

static void on_nobody(void *arg)
{
	struct asking *x = arg;
	struct error err;
	(void)err_set(&err, ERR_NETWORK, "no Connect worker: start connect too, or name one as [msk] connect");
	owed_end(&x->owed);
	x->cb(x->arg, 0, NULL, &err);
	asking_drop(&x->owed);
}

/* Its address; false: there is none. */
static bool add_base(const struct conf *conf, struct buf *url)
{
	const char *named = conf_get(conf, "msk", "connect"), *port = conf_get(conf, "connect", "listen_port");
	if (named)
		buf_adds(url, named);
	else if (port)
		buf_addf(url, "http://%s:%s", conf_str(conf, "connect", "listen_host", "127.0.0.1"), port);
	return named || port;
}

struct owed *mskc_ask(struct aws *a, int hops, const char *method, const char *connector, const char *tail, const json_t *body, mskc_cb cb, void *arg)
{
	static const struct http_header json[] = { { S("Content-Type"), S("application/json") } };
	struct asking *x = xcalloc(1, sizeof(*x));
	struct buf url = { 0 };
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	bool there = add_base(a->env->conf, &url);
	owed_init(&x->owed, NULL, asking_drop);
	x->cb = cb;
	x->arg = arg;
	buf_adds(&url, "/connectors");
	if (connector) {
		buf_addc(&url, '/');
		buf_url_escape(&url, sl(connector), false);
	}
	buf_adds(&url, tail);
	if (there)
		owed_keep(&x->step, httpc_send(a->env->httpc, &(struct httpc_req){ .method = sl(method), .url = buf_slice(&url), .headers = json, .header_n = body ? 1 : 0,
										   .body = sl(text), .hops = hops, .answer_max = 16 << 20 }, on_answer, x));
	else
		owed_keep(&x->step, owed_after(a->env->loop, 0, on_nobody, x));
	buf_free(&url);
	free(text);
	return &x->owed;
}

int mskc_no_worker(struct aws_call *c, const struct error *err)
{
	return aws_refuse(c, 503, "ServiceUnavailableException", "%s", err->text);
}

/* ---- its configuration ---- */

/* Names of a worker's settings that a connector has from it, where it says nothing itself. */
static void inherit(json_t *config, struct slice properties)
{
	struct slice line, name, value, rest = properties;
	while (rest.p) {
		(void)sl_cut(rest, '\n', &line, &rest);
		line = sl_trim(line);
		if (!line.n || line.p[0] == '#' || !sl_cut(line, '=', &name, &value))
			continue;
		name = sl_trim(name);
		value = sl_trim(value);
		char *key = xstrndup(name.p, name.n);
		if ((sl_starts(name, S("key.converter")) || sl_starts(name, S("value.converter")) || sl_starts(name, S("header.converter"))) && !json_object_get(config, key))
			json_object_set_new(config, key, json_stringn(value.p, value.n));
		free(key);
	}
}

static void inherit_converters(const struct aws *a, struct aws_place at, const json_t *connector, json_t *config)
{
	const json_t *named = json_object_get(connector, "workerConfiguration");
	const json_t *worker = aws_find(a, at, &mskc_workers, jstr(named, "workerConfigurationArn"));
	struct arena arena = { 0 };
	struct slice text;
	if (arena_base64(&arena, jslice(json_object_get(worker, "latestRevision"), "propertiesFileContent"), &text))
		inherit(config, text);
	arena_free(&arena);
	if (!json_object_get(config, "key.converter"))
		jput(config, "key.converter", "org.apache.kafka.connect.storage.StringConverter");
	if (!json_object_get(config, "value.converter"))
		jput(config, "value.converter", "org.apache.kafka.connect.storage.StringConverter");
}

json_t *mskc_worker_config(const struct aws *a, struct aws_place at, const json_t *connector)
{
	json_t *config = json_deep_copy(json_object_get(connector, "connectorConfiguration"));
	const json_t *scale = json_object_get(json_object_get(connector, "capacity"), "autoScaling");
	jput(config, "name", jstr(connector, "connectorName"));
	inherit_converters(a, at, connector, config);
	/* As many as its workers can run at most: two for each MCU. */
	if (scale)
		json_object_set_new(config, "tasks.max", json_sprintf("%lld", (long long)(2 * jint(scale, "mcuCount") * jint(scale, "maxWorkerCount"))));
	return config;
}

/* ---- its log ---- */

/* A line of the first worker's, where its logs go to CloudWatch. */
static void say(struct aws *a, struct aws_place at, const json_t *connector, const char *level, struct slice text)
{
	const json_t *to = json_object_get(json_object_get(json_object_get(connector, "logDelivery"), "workerLogDelivery"), "cloudWatchLogs");
	const struct log_lines *lines = &a->env->ports->lines;
	const char *group = jstr(to, "logGroup"), *id = strrchr(jstr(connector, "connectorArn"), '/');
	int64_t now_ms = clock_now_ms(a->env->clock);
	struct buf stream = { 0 }, line = { 0 };
	char iso[32];
	if (!jtrue(to, "enabled") || !group || !lines->self)
		return;
	clock_iso(now_ms, iso);
	buf_addf(&stream, "%s%s-1", jstr(connector, "connectorName"), id);
	buf_addf(&line, "[Worker-%.17s] [%s] %s [%s|worker] %.*s", id + 1, iso, level, jstr(connector, "connectorName"), SL(text));
	lines->put(lines->self, sl(at.region), sl(group), buf_slice(&stream), now_ms, buf_slice(&line));
	buf_free(&stream);
	buf_free(&line);
}

static void say_state(struct aws *a, struct aws_place at, const json_t *connector, const json_t *status)
{
	const char *state = jstr(connector, "connectorState");
	const json_t *one;
	size_t i;
	bool failed = !strcmp(state, "FAILED");
	char *text = xasprintf("Connector %s is %s", jstr(connector, "connectorName"), state);
	say(a, at, connector, failed ? "ERROR" : "INFO", sl(text));
	free(text);
	json_array_foreach(json_object_get(status, "tasks"), i, one)
		if (jstr(one, "trace"))
			say(a, at, connector, "ERROR", jslice(one, "trace"));
}

/* ---- making it there ---- */

static void keep(struct aws *a, struct aws_place at, json_t *connector)
{
	struct error err;
	if (aws_keep(a, at, &mskc_connectors, jstr(connector, "connectorArn"), connector, &err))
		log_error(a->env, "store-failed", "what=connector error=\"%s\"", err.text);
}

static void fail(json_t *connector, const char *code, const char *message)
{
	jput(connector, "connectorState", "FAILED");
	json_object_set_new(connector, "stateDescription", json_pack("{ss, ss}", "code", code, "message", message));
}

static void fail_configuration(json_t *connector, const json_t *said)
{
	char *text = xasprintf("The connector configuration is invalid. Message: %s", jstr(said, "message") ? jstr(said, "message") : "null");
	fail(connector, "InvalidInput.InvalidConnectorConfiguration", text);
	free(text);
}

struct telling {
	struct owed owed;
	struct owed *step;
	struct aws *a;
	char *account, *region, *arn;
};

static void telling_drop(struct owed *o)
{
	struct telling *t = (struct telling *)o;
	owed_cancel_all(&t->step);
	free(t->account);
	free(t->region);
	free(t->arn);
	free(t);
}

static void on_told(void *arg, int status, const json_t *body, const struct error *err)
{
	struct telling *t = arg;
	struct aws_place at = { t->account, t->region };
	json_t *connector = aws_find(t->a, at, &mskc_connectors, t->arn);
	if (err)
		log_warn(t->a->env, "no-worker", "connector=%s error=\"%s\"", t->arn, err->text);
	if (connector && !err) {
		if (status >= 200 && status < 300) {
			json_object_set_new(connector, "asked", json_true());
		} else {
			log_warn(t->a->env, "connector-refused", "connector=%s status=%d message=\"%s\"", t->arn, status, jstr(body, "message") ? jstr(body, "message") : "");
			fail_configuration(connector, body);
			say(t->a, at, connector, "ERROR", jslice(json_object_get(connector, "stateDescription"), "message"));
		}
		keep(t->a, at, connector);
	}
	owed_end(&t->owed);
	telling_drop(&t->owed);
}

void mskc_tell_worker(struct aws *a, struct aws_place at, const json_t *connector)
{
	struct telling *t = xcalloc(1, sizeof(*t));
	JSON_AUTO config = mskc_worker_config(a, at, connector);
	owed_init(&t->owed, NULL, telling_drop);
	t->a = a;
	t->account = xstrdup(at.account);
	t->region = xstrdup(at.region);
	t->arn = jdup(connector, "connectorArn");
	owed_keep(&t->step, mskc_ask(a, 1, "PUT", jstr(connector, "connectorName"), "/config", config, on_told, t));
	owed_keep(&a->owed, &t->owed);
}

/* ---- how it fares ---- */

static const char *state_of(const json_t *status)
{
	const char *state = jstr(json_object_get(status, "connector"), "state");
	const json_t *tasks = json_object_get(status, "tasks"), *one;
	size_t i;
	if (!state || !strcmp(state, "UNASSIGNED"))
		return "CREATING";
	if (!strcmp(state, "PAUSED") || !strcmp(state, "STOPPED"))
		return "PAUSED";
	json_array_foreach(tasks, i, one)
		if (!strcmp(jstr(one, "state"), "FAILED"))
			return "FAILED";
	return !strcmp(state, "FAILED") ? "FAILED" : "RUNNING";
}

void mskc_take_status(struct aws *a, struct aws_place at, json_t *connector, int status, const json_t *body)
{
	const char *was = jstr(connector, "connectorState"), *now = status == 200 ? state_of(body) : NULL;
	bool refused = !strcmp(was, "FAILED") && !jtrue(connector, "asked");
	if (status == 404 && !refused && !jtrue(connector, "asked"))
		mskc_tell_worker(a, at, connector);
	if (!now || refused || !strcmp(was, now))
		return;
	jput(connector, "connectorState", now);
	json_object_del(connector, "stateDescription");
	if (!strcmp(now, "FAILED"))
		fail(connector, "UnknownError.Unknown", "The last operation failed. Retry the operation.");
	say_state(a, at, connector, body);
	keep(a, at, connector);
}

struct looking {
	struct aws_call *c;
	char *arn;
	int (*then)(struct aws_call *c, json_t *connector);
};

static void on_status(void *arg, int status, const json_t *body, const struct error *err)
{
	struct looking *l = arg;
	struct aws_call *c = l->c;
	json_t *connector = aws_find(c->aws, c->at, &mskc_connectors, l->arn);
	if (connector && !err)
		mskc_take_status(c->aws, c->at, connector, status, body);
	if (l->then(c, connector) != AWS_LATER)
		aws_answer(c);
}

int mskc_look(struct aws_call *c, const char *arn, int (*then)(struct aws_call *c, json_t *connector))
{
	const json_t *connector = aws_find(c->aws, c->at, &mskc_connectors, arn);
	struct looking *l = arena_alloc(c->arena, sizeof(*l));
	*l = (struct looking){ c, arena_cstr(c->arena, sl(arn)), then };
	owed_keep(&c->owed, mskc_ask(c->aws, c->http->hops + 1, "GET", jstr(connector, "connectorName"), "/status", NULL, on_status, l));
	return AWS_LATER;
}
