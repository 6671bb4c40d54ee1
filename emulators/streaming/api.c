/* /api/tarn/streams: GET all; GET NAME; POST NAME/start with options as JSON; POST NAME/stop. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "streaming/query.h"

static void op_list(struct streaming *m, struct http_call *call)
{
	struct buf b = { 0 };
	buf_adds(&b, "{\"queries\":[");
	for (size_t i = 0; i < m->n; i++) {
		buf_adds(&b, i ? "," : "");
		sq_status(&b, m->queries[i]);
	}
	buf_adds(&b, "]}\n");
	http_reply(call, 200, "application/json", buf_slice(&b));
	buf_free(&b);
}

static void op_status(struct sq *q, struct http_call *call)
{
	struct buf b = { 0 };
	sq_status(&b, q);
	buf_addc(&b, '\n');
	http_reply(call, 200, "application/json", buf_slice(&b));
	buf_free(&b);
}

static void wait_for(struct sq *q, struct http_call *call, bool stop)
{
	struct sq_wait *w = xcalloc(1, sizeof(*w)), **at = &q->waits;
	*w = (struct sq_wait){ .call = call, .stop = stop };
	while (*at)
		at = &(*at)->next;
	*at = w;
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

/* What the stack declares is the beginning, else what it was started with before. */
static void op_start(struct streaming *m, struct sq *q, struct slice name, struct http_call *call)
{
	struct sq_options o;
	struct error err;
	const char *line = conf_get(m->l->env->conf, "queries", arena_cstr(call->req.arena, name));
	int rc = name.n && name.n <= SQ_NAME_MAX ? 0 : err_set(&err, ERR_INVALID, "a query's name has 1 to %d characters", SQ_NAME_MAX);
	if (!rc && q && (q->state == SQ_STARTING || q->state == SQ_ACTIVE))
		rc = err_set(&err, ERR_CONFLICT, "Cannot start query with name %s as a query with that name is already active in this SparkSession",
			    q->o.name);
	if (!rc && q && q->owed)
		rc = err_set(&err, ERR_CONFLICT, "query %s is ending just now; try again", q->o.name);
	if (!rc) {
		sq_options_init(&o, name);
		rc = line ? sq_options_parse(&o, sl(line), &err) : 0;
	}
	if (!rc && q && !line)
		o = q->o;
	if (!rc)
		rc = read_body(&o, call->req.body, call->req.arena, &err);
	if (!rc)
		rc = sq_options_finish(&o, &err);
	if (!rc && !(q = sq_add(m, &o)))
		rc = err_set(&err, ERR_LIMIT, "more than %d streaming queries", SQ_QUERIES_MAX);
	if (rc) {
		lake_fail(call, &err);
		return;
	}
	q->restarted = false;
	wait_for(q, call, false);
	sq_begin(q);
}

static void op_stop(struct sq *q, struct http_call *call)
{
	if (q->state != SQ_STARTING && q->state != SQ_ACTIVE) {
		op_status(q, call);
		return;
	}
	wait_for(q, call, true);
	sq_stop(q, NULL);
}

static void route(struct streaming *m, struct http_call *call, struct slice rest)
{
	struct slice name, verb;
	struct error err;
	bool get = sl_eqs(call->req.method, "GET"), post = sl_eqs(call->req.method, "POST");
	if (!rest.n && get) {
		call->op = "StreamList";
		op_list(m, call);
		return;
	}
	sl_cut(rest, '/', &name, &verb);
	name = arena_url_decode(call->req.arena, name, false);
	struct sq *q = sq_find(m, name);
	if (post && sl_eqs(verb, "start")) {
		call->op = "StreamStart";
		op_start(m, q, name, call);
	} else if (!q) {
		err_set(&err, ERR_NOT_FOUND, "there is no streaming query %.*s; tarn stream list shows them", (int)(name.n > 100 ? 100 : name.n), name.p);
		lake_fail(call, &err);
	} else if (post && sl_eqs(verb, "stop")) {
		call->op = "StreamStop";
		op_stop(q, call);
	} else if (get && !verb.p) {
		call->op = "StreamStatus";
		op_status(q, call);
	} else {
		err_set(&err, ERR_UNSUPPORTED, "No API found for '%.*s %.*s'", SL(call->req.method), SL(call->req.path));
		lake_fail(call, &err);
	}
}

bool streaming_http(struct lake *l, struct http_call *call)
{
	const struct slice at = S("/api/tarn/streams");
	struct slice path = call->req.path, rest;
	struct error err;
	if (!sl_starts(path, at) || (path.n > at.n && path.p[at.n] != '/'))
		return false;
	rest = path.n > at.n ? sl_of(path.p + at.n + 1, path.n - at.n - 1) : S("");
	if (streaming_load(l->streams, &err))
		lake_fail(call, &err);
	else
		route(l->streams, call, rest);
	return true;
}
