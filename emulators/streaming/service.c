/* /api/tarn/streams: GET all; GET NAME; POST NAME/start with options as JSON; POST NAME/stop. And the service's life. */
#include "core/adopt.h"
#include "core/json.h"
#include "core/problem.h"
#include "streaming/query.h"
#include "streaming/streaming.h"

/* ---- operations ---- */

static void op_list(void *self, struct http_call *call)
{
	const struct streaming *m = self;
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_list(&b, "queries");
	for (size_t i = 0; i < m->n; i++)
		sq_status(&b, m->queries[i]);
	jw_list_end(&b);
	jw_obj_end(&b);
	buf_addc(&b, '\n');
	http_reply(call, 200, "application/json", buf_slice(&b));
	buf_free(&b);
}

/* NULL: refused already. */
static struct sq *query_of(struct streaming *m, struct http_call *call)
{
	struct slice name = call->arg[0];
	struct sq *q = sq_find(m, name);
	if (!q)
		problem_send(call, 404, "RESOURCE_DOES_NOT_EXIST", "there is no streaming query %.*s; tarn stream list shows them",
			     (int)(name.n > 100 ? 100 : name.n), name.p);
	return q;
}

static void op_status(void *self, struct http_call *call)
{
	const struct sq *q = query_of(self, call);
	if (q)
		sq_show(q, call);
}

/* {"streamName": "x", "maxRecordsPerBatch": 5, "variants": ["a=b"]} */
static int read_body(struct sq_options *o, struct slice body, struct arena *a, struct error *err)
{
	const char *key;
	json_t *all = body.n ? json_loadb(body.p, body.n, 0, NULL) : json_object(), *v, *one;
	size_t i;
	int rc = json_is_object(all) ? 0 : err_set(err, ERR_INVALID, "the options are a JSON object");
	if (json_object_get(all, "variant") || json_object_get(all, "variants"))
		o->variant_n = 0;
	json_object_foreach(all, key, v) {
		if (rc)
			break;
		if (!strcmp(key, "variants")) {
			json_array_foreach(v, i, one)
				if (!rc)
					rc = sq_option(o, S("variant"), sl(json_string_value(one) ? json_string_value(one) : "?"), err);
		} else if (json_is_string(v)) {
			rc = sq_option(o, sl(key), sl_of(json_string_value(v), json_string_length(v)), err);
		} else {
			char *text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
			rc = sq_option(o, sl(key), text ? arena_dup(a, sl(text)) : S("?"), err);
			free(text);
		}
	}
	json_decref(all);
	return rc;
}

/* Whether a client starts it, who runs its batches: plan.c */
static bool has_source(struct slice body)
{
	JSON_AUTO doc = json_loadb(body.p ? body.p : "", body.n, 0, NULL);
	return json_is_object(json_object_get(doc, "source"));
}

/* What the stack declares is the beginning, else what it was started with before. */
static void op_start(void *self, struct http_call *call)
{
	struct streaming *m = self;
	struct slice name = call->arg[0];
	struct sq *q = sq_find(m, name);
	struct sq_options o;
	struct error err;
	bool plan = has_source(call->req.body);
	const char *line = conf_get(m->env->conf, "queries", arena_cstr(call->req.arena, name));
	int rc = name.n && name.n <= SQ_NAME_MAX ? 0 : err_set(&err, ERR_INVALID, "a query's name has 1 to %d characters", SQ_NAME_MAX);
	if (!rc && q && (q->state == SQ_STARTING || q->state == SQ_ACTIVE))
		rc = err_set(&err, ERR_CONFLICT, "Cannot start query with name %s as a query with that name is already active in this SparkSession",
			    q->o.name);
	if (!rc) {
		sq_options_init(&o, &m->cleaning.sets, name);
		rc = line ? sq_options_parse(&o, sl(line), &err) : 0;
	}
	if (!rc && q && !line && !plan)
		o = q->o;
	if (!rc && plan)
		rc = line ? err_set(&err, ERR_CONFLICT, "the stack has a query of the name %s", o.name) : sq_plan_options(&o, call->req.body, &err);
	else if (!rc)
		rc = read_body(&o, call->req.body, call->req.arena, &err);
	if (!rc && !plan)
		rc = sq_options_finish(&o, &err);
	if (!rc && !(q = sq_add(m, &o)))
		rc = err_set(&err, ERR_LIMIT, "more than %d streaming queries", SQ_QUERIES_MAX);
	if (rc) {
		problem_reply(call, &err);
		return;
	}
	q->restarted = false;
	sq_wait_for(q, call, SQ_WAIT_START);
	sq_begin(q);
}

static void op_stop(void *self, struct http_call *call)
{
	struct sq *q = query_of(self, call);
	if (!q)
		return;
	if (q->state != SQ_STARTING && q->state != SQ_ACTIVE) {
		sq_show(q, call);
		return;
	}
	sq_wait_for(q, call, SQ_WAIT_STOP);
	sq_stop(q, NULL);
}

static const struct route rows[] = {
	{ "GET", "/api/tarn/streams", "StreamList", "streaming queries and how they are", op_list },
	{ "GET", "/api/tarn/streams/{}", "StreamStatus", "how a query is, its last batch", op_status },
	{ "POST", "/api/tarn/streams/{}/start", "StreamStart", "starts a query, with Spark's options as JSON", op_start },
	{ "POST", "/api/tarn/streams/{}/stop", "StreamStop", "stops a query after its batch", op_stop },
	{ "POST", "/api/tarn/streams/{}/next", "StreamNext", "waits for the next batch of a query that a client runs", sq_op_next },
	{ "POST", "/api/tarn/streams/{}/done", "StreamDone", "the client's batch is done, or has failed", sq_op_done },
	{ "POST", "/api/tarn/streams/{}/all", "StreamAll", "waits until such a query has processed what there is", sq_op_all },
};
static const struct routes routes = ROUTES(rows);

/* ---- the queries that there are ---- */

int sq_load(struct streaming *m, struct error *err)
{
	const char *name, *line;
	struct sq_options o;
	struct error why;
	if (m->loaded)
		return 0;
	for (size_t i = 0; conf_at(m->env->conf, "queries", i, &name, &line); i++) {
		sq_options_init(&o, &m->cleaning.sets, sl(name));
		if (sq_options_parse(&o, sl(line), &why) || sq_options_finish(&o, &why))
			return err_set(err, ERR_INVALID, "[queries] %s: %s", name, why.text);
		struct sq *q = sq_add(m, &o);
		if (!q)
			return err_set(err, ERR_LIMIT, "[queries]: more than %d", SQ_QUERIES_MAX);
		q->declared = true;
	}
	m->loaded = true;
	return sq_store_exists(m) ? sq_store_load(m, err) : 0; /* what a query was started with counts */
}

/* A query of an adopted stream, like what the stack declares for the stream that it was made like: of another user's stream into
 * tables of his name, of a shared one into the stack's. Where there are too many it is left out. */
static void adopt_query(struct streaming *m, const struct sq *like, struct slice stream, struct slice user)
{
	struct arena a = { 0 };
	struct sq_options o = like->o;
	struct slice name = arena_printf(&a, "%s-%.*s", o.name, SL(user.p ? user : stream)), table = sl(like->o.table);
	if (user.p)
		table = adopt_text(&a, m->env->adopt, table, user);
	if (name.n <= SQ_NAME_MAX && stream.n <= SQ_NAME_MAX && table.n <= SQ_NAME_MAX && !sq_find(m, name)) {
		snprintf(o.name, sizeof(o.name), "%.*s", SL(name));
		snprintf(o.stream, sizeof(o.stream), "%.*s", SL(stream));
		snprintf(o.table, sizeof(o.table), "%.*s", SL(table));
		if (!sq_add(m, &o))
			log_warn(m->env, "adopt-limit", "kind=query name=%s", o.name);
	}
	arena_free(&a);
}

static int adopt_stream(void *self, struct slice stream, const char *like, struct error *err)
{
	struct streaming *m = self;
	struct slice user = adopt_whose(m->env->adopt, "streams", stream);
	int rc = sq_load(m, err);
	for (size_t i = 0, n = m->n; !rc && i < n; i++)
		if (m->queries[i]->declared && (!user.p || !strcmp(m->queries[i]->o.stream, like)))
			adopt_query(m, m->queries[i], stream, user);
	return 0;
}

static void serve(void *self, struct http_call *call)
{
	struct error err;
	const struct route *r = route_call(streaming_service.routes, call, NULL);
	if (!r)
		problem_no_route(((struct streaming *)self)->env, call);
	else if (sq_load(self, &err))
		problem_reply(call, &err);
	else
		r->fn(self, call);
}

/* ---- the service's life ---- */

static int open_service(void *self, const struct env *env, struct error *err)
{
	struct streaming *m = self;
	m->env = env;
	m->bucket = dataset_bucket(env->conf);
	adopt_by(env->adopt, &(struct adopt_hook){ "streams", adopt_stream, m, true });
	int rc = cleaning_open(&m->cleaning, &m->arena, env->files, env->conf, err);
	return rc || !sq_store_exists(m) ? rc : sq_load(m, err);
}

static void resume(void *arg)
{
	struct streaming *m = arg;
	loop_working_add(m->env->loop, -1);
	for (size_t i = 0; i < m->n; i++) {
		struct sq *q = m->queries[i];
		if (q->state != SQ_STARTING && q->state != SQ_ACTIVE)
			continue;
		q->restarted = true;
		sq_begin(q);
	}
}

/* Those that ran before run again, once the ports are complete. */
static int start(void *self, struct error *err)
{
	struct streaming *m = self;
	bool any = false;
	for (size_t i = 0; i < m->n; i++)
		any |= m->queries[i]->state == SQ_STARTING || m->queries[i]->state == SQ_ACTIVE;
	if (!any)
		return 0;
	loop_working_add(m->env->loop, 1);
	loop_later(m->env->loop, &m->resume, resume, m);
	return 0;
}

static void close_service(void *self)
{
	struct streaming *m = self;
	struct error err;
	loop_never(m->env->loop, &m->resume);
	if (m->counted)
		loop_off_released(m->env->loop, m);
	for (size_t i = 0; i < m->n; i++) {
		struct sq *q = m->queries[i];
		clock_cancel(m->env->clock, &q->timer);
		loop_never(m->env->loop, &q->soon);
		if ((q->state == SQ_ACTIVE || q->state == SQ_STARTING) && q->polled_ms != q->saved_ms)
			sq_save(q);
	}
	if (db_commit(&m->db, &err))
		log_error(m->env, "commit-failed", "error=\"%s\"", err.text);
	for (size_t i = 0; i < m->n; i++)
		sq_free(m->queries[i]);
	sq_checkpoints_free(m);
	db_close(&m->db);
	arena_free(&m->arena);
	free(m->bucket);
}

static const struct setting settings[] = {
	{ "streaming", "shared_checkpoint", "go-on", "what a notebook's query does whose checkpointLocation is of a query of another stream; go-on: with a warning it goes on behind its own batches there, as published notebooks did; fail: it ends with Kinesis' error" },
	{ "queries", "*", NULL, "NAME = OPTION=VALUE ...: streaming queries: tarn help stream" },
	{ NULL },
};

static const struct fault_site faults[] = {
	{ "lake.stream.offsets", FAULT_ERRORS, "a query fails before its batch's offsets are written; error=kill: the process dies" },
	{ "lake.stream.hand", FAULT_ERRORS, "before its rows are handed to the client that runs its batches" },
	{ "lake.stream.rows", FAULT_ERRORS, "before the rows are" },
	{ "lake.stream.quarantine", FAULT_ERRORS, "before the quarantined records are" },
	{ "lake.stream.table", FAULT_ERRORS, "before the table's version is" },
	{ "lake.stream.commit", FAULT_ERRORS, "before the batch's commit is" },
	{ "lake.stream.end", FAULT_ERRORS, "after it" },
	{ NULL },
};

const struct service streaming_service = {
	.name = "streaming",
	.doc = "streaming queries, exactly once: Kinesis streams cleaned into Delta tables, and those of notebooks",
	.settings = settings,
	.faults = faults,
	.prefix = { "/api/tarn/streams" },
	.endpoint = "lake",
	.size = sizeof(struct streaming),
	.body_max = 1 << 20,
	.open = open_service,
	.provide = sq_provide,
	.start = start,
	.db = offsetof(struct streaming, db),
	.routes = { &routes },
	.admit = problem_admits,
	.http = serve,
	.full = { 500, "application/json",
		  "{\"error_code\":\"INTERNAL_ERROR\",\"message\":\"The disk of the state folder is full.\"}" },
	.close = close_service,
};
