/* TestInvokeMethod: one method run with a made request, its execution log as the console shows it. */
#include "apigateway/manage.h"

struct gw_test {
	struct gw_manage *o;
	struct gw_api *api; /* owned: the documents as they were */
	struct buf log;
};

static void headers_json(struct http_call *call, json_t **one, json_t **many)
{
	*one = json_object();
	*many = json_object();
	for (size_t i = 0; i < call->resp.header_n; i++) {
		const char *name = arena_cstr(call->req.arena, call->resp.headers[i].name);
		json_t *v;
		if (sl_eq_nocase(sl(name), S("x-amzn-RequestId")) || sl_eq_nocase(sl(name), S("x-amz-apigw-id")))
			continue;
		v = json_stringn(call->resp.headers[i].value.p, call->resp.headers[i].value.n);
		json_object_set(*one, name, v);
		if (!json_object_get(*many, name))
			json_object_set_new(*many, name, json_array());
		json_array_append_new(json_object_get(*many, name), v);
	}
}

static void on_done(struct gw_call *c, const struct gw_out *out)
{
	struct gw_test *t = c->arg;
	struct gw_manage *o = t->o;
	struct http_call *call = c->call;
	struct slice body = out->body, log;
	struct buf b = { 0 };
	json_t *one, *many, *v;
	const char *key;
	if (out->type)
		http_setsl(call, "Content-Type", sl(out->type));
	headers_json(call, &one, &many);
	json_object_foreach(one, key, v)
		buf_addf(&b, "%s%s=%s", b.n ? ", " : "", key, json_string_value(v));
	gw_trace(c, "Method response body after transformations: %.*s", SL(body));
	gw_trace(c, "Method response headers: {%.*s}", SL(buf_slice(&b)));
	if (!json_object_get(one, "x-amzn-ErrorType"))
		gw_trace(c, "Successfully completed execution");
	gw_trace(c, "Method completed with status: %d", out->status);
	log = buf_slice(&t->log);
	o->out = json_pack("{s:i,s:o,s:o,s:o,s:I,s:o}", "status", out->status, "body", sl_is_utf8(body) ? json_stringn(body.p, body.n) : json_string(""),
			   "headers", one, "multiValueHeaders", many, "latency", (json_int_t)(clock_now_ms(c->g->env->clock) - c->began_ms), "log",
			   sl_is_utf8(log) ? json_stringn(log.p, log.n) : json_string(""));
	buf_free(&b);
	buf_free(&t->log);
	buf_free(&call->resp.body);
	gw_api_free(t->api);
	gw_manage_answer(o, NULL);
}

/* Path parameters by comparing "/pets/{petId}" with what the caller gave; none when it doesn't fit. */
static void match_path(struct gw_call *c, struct slice pattern, struct slice path)
{
	struct slice want, have;
	while (pattern.p && path.p) {
		struct slice whole = path;
		(void)sl_cut(pattern, '/', &want, &pattern);
		(void)sl_cut(path, '/', &have, &path);
		if (want.n > 2 && want.p[0] == '{' && c->match.value_n < GW_PARAMS_MAX) {
			bool greedy = want.p[want.n - 2] == '+';
			if (greedy)
				path.p = NULL;
			c->match.values[c->match.value_n].name = sl_of(want.p + 1, want.n - (greedy ? 3 : 2));
			c->match.values[c->match.value_n++].value = greedy ? whole : have;
		} else if (!sl_eq(want, have)) {
			c->match.value_n = 0;
			return;
		}
	}
	if (pattern.p || path.p)
		c->match.value_n = 0;
}

static void add_header(struct http_req *req, const char *name, const json_t *v)
{
	if (json_is_string(v))
		req->headers[req->header_n++] = (struct http_header){ arena_dup(req->arena, sl(name)), arena_dup(req->arena, json_slice(v)) };
}

static struct http_call *make_call(struct gw_manage *o, struct slice path, struct slice query)
{
	struct http_call *call = arena_alloc(o->a, sizeof(*call));
	struct http_req *req = &call->req;
	json_t *headers = json_object_get(o->in, "headers"), *multi = json_object_get(o->in, "multiValueHeaders"), *v, *one;
	const char *body = gw_str(o, "body"), *key;
	size_t n = 0, i;
	*req = o->call->req;
	req->method = sl(o->arg[2]);
	req->path = path;
	req->query = query;
	req->target = query.p ? arena_printf(o->a, "%.*s?%.*s", SL(path), SL(query)) : path;
	req->body = arena_dup(o->a, sl(body ? body : ""));
	json_object_foreach(multi, key, v)
		n += json_array_size(v);
	req->headers = arena_alloc(o->a, (n + json_object_size(headers) + 1) * sizeof(*req->headers));
	req->header_n = 0;
	json_object_foreach(headers, key, v)
		add_header(req, key, v);
	json_object_foreach(multi, key, v)
		json_array_foreach(v, i, one)
			if (!json_object_get(headers, key))
				add_header(req, key, one);
	return call;
}

int gw_test_invoke(struct gw_manage *o, struct error *err)
{
	struct slice target = sl(gw_str(o, "pathWithQueryString")), path = target, query = { 0 };
	const char *own = jstr(gw_doc(o->g, GW_DOC_RESOURCE, o->arg[0], o->arg[1]), "path");
	struct gw_test *t = arena_alloc(o->a, sizeof(*t));
	struct gw_node *node;
	struct gw_call *c;
	int rc = gw_compile_now(o->g, o->arg[0], &t->api, err);
	if (rc)
		return gw_bad(err, "%.900s", arena_cstr(o->a, sl(err->text)));
	if (target.p)
		(void)sl_cut(target, '?', &path, &query);
	path = arena_dup(o->a, path.n ? path : sl(own));
	if (query.p)
		query = arena_dup(o->a, query);
	rc = gw_resource(t->api, arena_dup(&t->api->arena, sl(own)), &node, err);
	if (rc) {
		gw_api_free(t->api);
		return rc;
	}
	c = gw_begin(o->g, make_call(o, path, query), on_done);
	c->test = true;
	c->log = &t->log;
	c->arg = t;
	c->api = t->api;
	c->stage = S("test-invoke-stage");
	c->path = path;
	c->match.node = node;
	c->match.method = node->methods[gw_method_of(sl(o->arg[2]))];
	match_path(c, arena_dup(o->a, sl(own)), path);
	c->vars = gw_pairs(o->a, json_object_get(o->in, "stageVariables"), &c->var_n);
	t->o = o;
	o->later = true;
	buf_addf(c->log, "Execution log for request %s\n", c->request_id);
	gw_trace_begin(c);
	gw_run(c);
	return 0;
}
