/* The control port: health, endpoints, clock, faults, journal, metrics, settle, stop. */
#include "cleaning/dataset.h"
#include "console/console.h"
#include "core/adopt.h"
#include "core/identities.h"
#include "core/json.h"
#include "core/stack.h"
#include "core/tls.h"
#include "browse/browse.h"
#include "stack/control.h"
#include "stack/endpoints.h"
#include "stack/events.h"
#include "stack/init.h"
#include "journey/journey.h"
#include "stack/record.h"
#include "stack/steps.h"

void control_reply(struct http_call *call, int status, struct buf *b)
{
	buf_addc(b, '\n');
	http_reply_buf(call, status, "application/json", b);
}

void control_error(struct http_call *call, int status, const char *text)
{
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_text(&b, "error", text);
	jw_obj_end(&b);
	control_reply(call, status, &b);
}

/* For tarn env: whoever holds the state folder's token may be anyone. */
static void add_credentials(struct buf *b, const struct identity *id)
{
	jw_obj(b, "credentials");
	jw_str(b, "key", id->key);
	jw_str(b, "secret", id->secret);
	if (id->session.p)
		jw_str(b, "session", id->session);
	jw_obj_end(b);
}

static void add_adopted(struct buf *b, const struct adopt *a)
{
	struct adopted one;
	jw_list(b, "adopted");
	for (size_t i = 0; adopt_at(a, i, &one); i++) {
		jw_obj(b, NULL);
		jw_text(b, "kind", one.kind);
		jw_text(b, "name", one.name);
		jw_text(b, "from", one.from);
		jw_obj_end(b);
	}
	jw_list_end(b);
}

static void op_health(void *self, struct http_call *call)
{
	const struct env *env = server_env(self);
	struct identity id;
	struct buf b = { 0 };
	char now[32], *stage = endpoints_stage(env->conf);
	clock_iso(clock_now_ms(env->clock), now);
	jw_obj(&b, NULL);
	jw_text(&b, "status", "ok");
	jw_text(&b, "clock", now);
	jw_bool(&b, "frozen", clock_is_virtual(env->clock));
	jw_bool(&b, "busy", server_busy(self));
	jw_bool(&b, "ready", init_completed(server_init(self), INIT_READY));
	server_endpoints_json(self, &b, "endpoints");
	jw_obj(&b, "stack");
	jw_text(&b, "user", conf_str(env->conf, "stack", "user", ""));
	jw_text(&b, "database", conf_str(env->conf, "rds", "database", ""));
	jw_text(&b, "bucket", conf_str(env->conf, "lake", "bucket", ""));
	jw_text(&b, "region", identities_region(env->conf));
	jw_text(&b, "stage", stage);
	jw_int(&b, "seed", conf_int(env->conf, "stack", "seed", 0));
	jw_obj_end(&b);
	jw_bool(&b, "adopt", adopt_on(env->adopt));
	add_adopted(&b, env->adopt);
	if (identity_is_tarn(env->conf, call) && identity_at(env->conf, 0, &id))
		add_credentials(&b, &id);
	jw_obj_end(&b);
	free(stage);
	control_reply(call, 200, &b);
}

static void add_emitters(struct buf *b, const struct conf *conf)
{
	const char *section, *key, *value;
	jw_obj(b, "emit");
	for (size_t i = 0; (section = conf_section(conf, "emit.", i)); i++) {
		jw_key(b, sl(section + strlen("emit.")));
		jw_obj(b, NULL);
		for (size_t k = 0; conf_at(conf, section, k, &key, &value); k++) {
			jw_key(b, sl(key));
			jw_text(b, NULL, value);
		}
		jw_obj_end(b);
	}
	jw_obj_end(b);
}

static void add_datasets(struct buf *b, const struct datasets *all)
{
	jw_list(b, "datasets");
	for (const struct dataset *d = all->at; d < all->at + all->n; d++) {
		jw_obj(b, NULL);
		jw_text(b, "name", d->name);
		jw_text(b, "source", d->source);
		jw_text(b, "topic", d->topic);
		jw_text(b, "stream", d->stream);
		jw_text(b, "table", d->table);
		jw_obj_end(b);
	}
	jw_list_end(b);
}

/* What a client of the stack has to know of it: tarn emit, tarn seed. */
static void op_stack(void *self, struct http_call *call)
{
	const struct env *env = server_env(self);
	struct datasets all;
	struct error err;
	struct buf b = { 0 };
	if (datasets_open(call->req.arena, env->files, env->conf, &all, &err)) {
		control_error(call, 500, err.text);
		return;
	}
	char *stage = endpoints_stage(env->conf);
	jw_obj(&b, NULL);
	jw_text(&b, "name", stack_name(env->files));
	jw_text(&b, "user", dataset_user(env->conf));
	jw_text(&b, "database", conf_get(env->conf, "rds", "database"));
	jw_text(&b, "stage", stage);
	free(stage);
	add_datasets(&b, &all);
	add_emitters(&b, env->conf);
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

static void op_endpoints(void *self, struct http_call *call)
{
	struct buf b = { 0 };
	server_endpoints_json(self, &b, NULL);
	control_reply(call, 200, &b);
}

static void put_variable(void *arg, const char *name, const char *value)
{
	if (value)
		jw_text(arg, name, value);
}

static void op_variables(void *self, struct http_call *call)
{
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	endpoints_variables(self, put_variable, &b);
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

static void op_metrics(void *self, struct http_call *call)
{
	struct server *s = self;
	struct buf b = { 0 };
	metrics_write(server_env(s)->metrics, &b);
	http_reply_buf(call, 200, "text/plain; version=0.0.4", &b);
}

/* For those who can't read the state folder: a container's neighbours. */
static void op_ca(void *self, struct http_call *call)
{
	struct slice pem;
	struct error err;
	if (tls_ca(server_env(self)->tls, &pem, &err))
		http_reply(call, 500, "text/plain", sl(err.text));
	else
		http_reply(call, 200, "application/x-pem-file", pem);
}

static void op_journal(void *self, struct http_call *call)
{
	struct server *s = self;
	struct buf b = { .max = 16u << 20 };
	struct slice trace = http_query(&call->req, "trace"), since = http_query(&call->req, "since");
	int64_t from = 0;
	if (since.p && !sl_int(since, 0, INT64_MAX, &from)) {
		control_error(call, 400, "since is a sequence number");
		return;
	}
	journal_write(server_env(s)->journal, trace, (uint64_t)from, &b);
	http_reply_buf(call, 200, "application/x-ndjson", &b);
}

static void op_faults(void *self, struct http_call *call)
{
	struct server *s = self;
	struct buf b = { 0 };
	faults_write(server_env(s)->faults, &b);
	control_reply(call, 200, &b);
}

static void op_faults_add(void *self, struct http_call *call)
{
	struct server *s = self;
	struct error err;
	if (faults_arm(server_env(s)->faults, call->req.body, &err))
		control_error(call, 400, err.text);
	else
		op_faults(s, call);
}

static void op_faults_clear(void *self, struct http_call *call)
{
	struct server *s = self;
	struct slice name = http_query(&call->req, "name");
	if (name.p && faults_fired(server_env(s)->faults, name) < 0) {
		control_error(call, 404, "no fault of that name is armed");
		return;
	}
	faults_clear(server_env(s)->faults, name);
	op_faults(s, call);
}

static void op_stop(void *self, struct http_call *call)
{
	struct server *s = self;
	const struct loop_work *w;
	struct buf b = { 0 }, what = { 0 };
	server_stop(s);
	jw_obj(&b, NULL);
	jw_bool(&b, "stopping", true);
	jw_list(&b, "cut");
	for (size_t i = 0; i < 64 && (w = loop_work_at(server_loop(s), i)); i++) {
		if (w->calls)
			continue;
		buf_reset(&what);
		w->say(w, &what);
		jw_str(&b, NULL, buf_slice(&what));
	}
	jw_list_end(&b);
	jw_obj_end(&b);
	buf_free(&what);
	control_reply(call, 200, &b);
}

static void add_operations(struct buf *b, const char *service, const struct routes *const *of)
{
	const struct route *r;
	for (size_t i = 0; (r = route_at(of, i)); i++) {
		buf_adds(b, b->p[b->n - 1] == '[' ? "\n" : ",\n");
		jw_obj(b, NULL);
		jw_text(b, "service", service);
		jw_text(b, "name", r->name);
		if (r->method)
			jw_text(b, "method", r->method);
		if (r->path)
			jw_text(b, "path", r->path);
		jw_text(b, "doc", r->doc);
		jw_obj_end(b);
	}
}

static void op_operations(void *self, struct http_call *call);
static void op_index(void *self, struct http_call *call);

static const struct route ops[] = {
	{ "GET", "/", "Index", "this list", op_index },
	{ "GET", "/health", "Health", "state, clock, endpoints", op_health },
	{ "GET", "/metrics", "Metrics", "Prometheus text", op_metrics },
	{ "GET", "/_tarn/stack", "Stack", "the stack: datasets, emitters, database", op_stack },
	{ "GET", "/_tarn/endpoints", "Endpoints", "name -> address", op_endpoints },
	{ "GET", "/_tarn/env", "Variables", "the variables of tarn env: they lead clients here", op_variables },
	{ "GET", "/_tarn/ca.pem", "Authority", "the certificate that clients of TLS are told to trust", op_ca },
	{ "GET", "/_tarn/operations", "Operations", "what every service serves", op_operations },
	{ "GET", "/_tarn/journal", "Journal", "requests as JSON lines; ?trace=ID ?since=SEQ", op_journal },
	{ "GET", "/_tarn/notices", "Notices", "what the log warned of: calls that aren't served or were refused, and how often", control_notices },
	{ "GET", "/_tarn/state", "State", "clock, faults, what each service has, counters: what /api/events tells of, once", control_state },
	{ "GET", "/_tarn/workshop", "Workshop", "a teacher's stack: its students, and what they have", control_workshop },
	{ "POST", "/_tarn/workshop", "WorkshopAct", "{\"act\":\"reset\"|\"give\",\"who\":\"03\"|\"all\",\"snapshot\":NAME}", control_workshop_act },
	{ "GET", "/_tarn/lessons", "Lessons", "the lessons, or ?n= one with its steps", control_lessons },
	{ "POST", "/_tarn/lessons", "LessonAct", "{\"lesson\":\"01\",\"step\":1,\"act\":\"check\"|\"show\"}: whether a step is done; does it", control_lesson_act },
	{ "GET", "/api/events", "Events", "what happens, as server-sent events: hello, state, journal, notice, beat", control_events },
	{ "GET", "/_tarn/record", "Record", "what was recorded, as a scenario", control_record },
	{ "POST", "/_tarn/record", "RecordBegin", "records what clients send from here on", control_record_begin },
	{ "DELETE", "/_tarn/record", "RecordEnd", "no more", control_record_end },
	{ "GET", "/_tarn/help", "Help", "what tarn help explains", control_help },
	{ "GET", "/_tarn/help/{}", "HelpTopic", "a command, a service or a topic, as tarn help says it", control_help_topic },
	{ "GET", "/api/journey/{+}", "Journey", "a record's way through the pipeline, see tarn help trace", control_journey },
	{ "GET", "/api/scenario", "Scenario", "the steps of the scenario that runs on the stack", control_steps },
	{ "POST", "/api/scenario", "ScenarioNext", "goes on with a scenario that pauses: tarn run --step", control_steps_go },
	{ "GET", "/api/streams", "Streams", "topics with their offsets, streams with their shards", browse_streams },
	{ "GET", "/api/records", "Records", "records of ?topic= or ?stream=; ?partition= ?from= ?limit= ?filter=", browse_records },
	{ "GET", "/api/objects", "Buckets", "the buckets", browse_buckets },
	{ "GET", "/api/objects/{}", "Objects", "folders and objects of a bucket; ?prefix= ?after=", browse_objects },
	{ "GET", "/api/objects/{}/{+}", "Object", "an object's bytes; ?max= ?download=1", browse_object },
	{ "POST", "/api/rds/sql", "RdsSql", "one statement of MySQL, as the stack's user; ?database=", browse_sql },
	{ "GET", "/_tarn/faults", "Faults", "armed faults", op_faults },
	{ "POST", "/_tarn/faults", "FaultAdd", "arm one: SITE key=value ...", op_faults_add },
	{ "DELETE", "/_tarn/faults", "FaultClear", "disarm all, or ?name=", op_faults_clear },
	{ "GET", "/_tarn/clock", "Clock", "emulated time, and what an advance waits for", control_clock },
	{ "POST", "/_tarn/clock", "ClockSet", "freeze [TIME] | resume | advance DURATION", control_clock_set },
	{ "DELETE", "/_tarn/clock", "ClockStop", "ends an advance where it is", control_clock_stop },
	{ "POST", "/_tarn/reset", "Reset", "every service as in an empty folder, or ?services=kafka,s3; clock, addresses and connections stay, a reset of all disarms faults", control_reset },
	{ "GET", "/_tarn/snapshots", "Snapshots", "what was saved: name, time, clock, records, bytes", control_snapshots },
	{ "GET", "/_tarn/snapshots/{}", "Snapshot", "one of them", control_snapshot },
	{ "POST", "/_tarn/snapshots/{}", "SnapshotSave", "saves everything under that name; ?over=1: in place of what has it; ?note=TEXT", control_snapshot_save },
	{ "POST", "/_tarn/snapshots/{}/restore", "SnapshotRestore", "everything is as it was; addresses and connections stay", control_snapshot_restore },
	{ "DELETE", "/_tarn/snapshots/{}", "SnapshotRemove", "removes one", control_snapshot_remove },
	{ "GET", "/_tarn/snapshots/{}/diff", "SnapshotDiff", "what is different now, or ?with=NAME, by service in words", control_snapshot_diff },
	{ "GET", "/_tarn/snapshots/{}/digest", "SnapshotDigest", "a digest of what it keeps, by service", control_snapshot_digest },
	{ "GET", "/_tarn/snapshots/{}/file", "SnapshotExport", "all of it in one file", control_snapshot_export },
	{ "PUT", "/_tarn/snapshots/{}/file", "SnapshotImport", "takes such a file; ?over=1: in place of what has the name", control_snapshot_import },
	{ "POST", "/_tarn/stop", "Stop", "stop the stack cleanly", op_stop },
};
const struct routes control_routes = ROUTES(ops);
const struct routes *const control_tables[] = { &control_routes, NULL };

static void op_operations(void *self, struct http_call *call)
{
	static const struct routes *const aws_port[] = { &localstack_routes, NULL };
	const struct service *svc;
	struct buf b = { 0 };
	buf_adds(&b, "{\"operations\":[");
	add_operations(&b, "control", control_tables);
	add_operations(&b, "localstack", aws_port);
	for (size_t i = 0; (svc = server_service_at(self, i)); i++)
		add_operations(&b, svc->name, svc->routes);
	buf_adds(&b, "\n]}");
	control_reply(call, 200, &b);
}

static bool answer_page(struct server *s, struct http_call *call)
{
	const struct conf *conf = server_env(s)->conf;
	bool below = sl_starts(call->req.target, S("/_tarn"));
	struct console_page page = { below ? "/_tarn/" : "/", conf_str(conf, "control", "listen_page_token", "") };
	return console_answer(conf, call, &page);
}

/* For a program; a browser is shown the console. */
static void op_index(void *self, struct http_call *call)
{
	if (sl_find(http_get(&call->req, "Accept"), S("text/html")) >= 0 && answer_page(self, call))
		return;
	struct buf b = { 0 };
	buf_adds(&b, "tarn control port\n\n");
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		buf_addf(&b, "%-7s %-18s %s\n", ops[i].method, ops[i].path, ops[i].doc);
	http_reply_buf(call, 200, "text/plain; charset=utf-8", &b);
}

/* How a stack is, anyone may know: containers' health checks ask so. */
bool control_admits(struct server *s, struct http_call *call)
{
	if (sl_eqs(call->req.path, "/health") || identity_of_call(server_env(s)->conf, call) == IDENTITY_OK)
		return true;
	http_set(call, "WWW-Authenticate", "Basic realm=\"tarn\"");
	control_error(call, 401, "[identities] are asked for: basic with ACCESS_KEY and SECRET, or bearer with SECRET");
	return false;
}

bool control_has(const struct http_req *req)
{
	struct slice arg[HTTP_ARGS_MAX];
	unsigned allowed = 0;
	return route_find(control_tables, req, arg, &allowed) || allowed;
}

void control_http(struct server *s, struct http_call *call)
{
	unsigned allowed;
	const struct route *op = route_call(control_tables, call, &allowed);
	call->service = "control";
	if (!control_admits(s, call))
		return;
	if (op)
		op->fn(s, call);
	else if (!answer_page(s, call))
		control_error(call, allowed ? 405 : 404, allowed ? "method not allowed here" : "no such path; GET / lists them");
}
