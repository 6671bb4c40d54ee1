/* Requests of the management API: which operation, its arguments, its answer. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"
#include "core/sigv4.h"

enum { LIST_MAX = 500, LIST_DEFAULT = 500 };

const struct error_def gw_manage_errors[] = {
	[GW_M_NOT_FOUND] = { ERR_NOT_FOUND, "NotFoundException", 404 },
	[GW_M_BAD_REQUEST] = { ERR_INVALID, "BadRequestException", 400 },
	[GW_M_CONFLICT] = { ERR_CONFLICT, "ConflictException", 409 },
	[GW_M_VALIDATION] = { ERR_INVALID, "ValidationException", 400 },
	[GW_M_SERIALIZATION] = { ERR_INVALID, "SerializationException", 400 },
	[GW_M_LIMIT] = { ERR_LIMIT, "LimitExceededException", 429 },
	[GW_M_UNKNOWN] = { ERR_NOT_FOUND, "UnknownOperationException", 404 },
	[GW_M_DENIED] = { ERR_DENIED, "InvalidSignatureException", 403 },
};

const char *gw_str(const struct gw_manage *o, const char *name)
{
	return jstr(o->in, name);
}

const char *gw_query(const struct gw_manage *o, const char *name)
{
	struct slice v = http_query(&o->call->req, name);
	return v.p ? arena_cstr(o->a, v) : NULL;
}

void gw_copy(const struct gw_manage *o, json_t *to, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_t *v = json_object_get(o->in, names[i]);
		if (v && !json_is_null(v))
			json_object_set_new(to, names[i], json_deep_copy(v));
	}
}

json_t *gw_shown(const json_t *doc)
{
	json_t *out, *v;
	const char *key;
	size_t i;
	if (json_is_array(doc)) {
		out = json_array();
		json_array_foreach(doc, i, v)
			json_array_append_new(out, gw_shown(v));
		return out;
	}
	if (!json_is_object(doc))
		return json_deep_copy(doc);
	out = json_object();
	json_object_foreach((json_t *)doc, key, v)
		if (key[0] != '_')
			json_object_set_new(out, key, gw_shown(v));
	return out;
}

json_t *gw_list_of(struct gw_manage *o, json_t *array)
{
	const char *limit = gw_query(o, "limit"), *position = gw_query(o, "position");
	int64_t max = LIST_DEFAULT, at = 0;
	size_t n = json_array_size(array);
	json_t *out = json_object(), *items = json_array();
	if (!limit || !sl_int(sl(limit), 1, LIST_MAX, &max))
		max = LIST_DEFAULT;
	if (position && !sl_int(sl(position), 0, INT32_MAX, &at))
		at = 0;
	for (size_t i = (size_t)at; i < n && i < (size_t)(at + max); i++)
		json_array_append_new(items, gw_shown(json_array_get(array, i)));
	if ((size_t)(at + max) < n)
		json_object_set_new(out, "position", json_string(arena_printf(o->a, "%lld", (long long)(at + max)).p));
	json_object_set_new(out, "item", items);
	json_decref(array);
	return out;
}

json_t *gw_list(struct gw_manage *o, json_t *docs)
{
	json_t *array = json_array(), *v;
	const char *key;
	json_object_foreach(docs, key, v)
		json_array_append(array, v);
	return gw_list_of(o, array);
}

int gw_manage_api(const struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_API, "", o->arg[0]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid API identifier specified " GW_ACCOUNT ":%s", o->arg[0]);
}

int gw_list_docs(struct gw_manage *o, const char *kind, struct error *err)
{
	json_t *api;
	int rc = gw_manage_api(o, &api, err);
	if (!rc)
		o->out = gw_list(o, gw_docs(o->g, kind, o->arg[0]));
	return rc;
}

int gw_show(struct gw_manage *o, gw_find find, struct error *err)
{
	json_t *doc;
	int rc = find(o, &doc, err);
	if (!rc)
		o->out = gw_shown(doc);
	return rc;
}

int gw_drop(struct gw_manage *o, gw_find find, const char *kind, struct error *err)
{
	json_t *doc;
	int rc = find(o, &doc, err);
	return rc ? rc : gw_doc_drop(o->g, kind, o->arg[0], o->arg[1], err);
}

int gw_patch(struct gw_manage *o, gw_find find, const char *kind, const struct patch_rule *rules, size_t n, const struct patch_words *words,
	      struct error *err)
{
	json_t *doc;
	int rc = find(o, &doc, err);
	if (!rc)
		rc = patch_apply(o, doc, rules, n, words, err);
	if (rc)
		return rc;
	o->out = gw_shown(doc);
	return gw_doc_save(o->g, kind, o->arg[0], o->arg[1], err);
}

/* ---- answers ---- */

/* Clients that ask for application/json (every SDK) get plain members; others the HAL form. */
static void to_hal(struct gw_manage *o, json_t *out)
{
	struct slice accept = http_get(&o->call->req, "Accept");
	json_t *items = json_object_get(out, "item");
	if (accept.p && sl_find(accept, S("application/json")) >= 0)
		return;
	if (items) {
		json_object_set_new(out, "_embedded", json_pack("{s:O}", "item", items));
		json_object_del(out, "item");
	}
	json_object_set_new(out, "_links", json_pack("{s:{s:s#}}", "self", "href", o->call->req.target.p, (int)o->call->req.target.n));
}

void gw_manage_answer(struct gw_manage *o, const struct error *err)
{
	struct http_call *call = o->call;
	struct slice body = S("");
	char *text = NULL;
	if (err) {
		const struct error_def *def = err->def;
		if (!def) {
			log_error(o->g->env, call->op, "error=\"%s\"", err->text);
			def = &(const struct error_def){ ERR_INTERNAL, "InternalFailure", 500 };
		}
		JSON_AUTO j = json_pack("{s:s}", "message", err->text);
		text = json_dumps(j, JSON_COMPACT);
		http_setsl(call, "x-amzn-ErrorType", sl(def->code));
		o->status = def->http;
	} else if (o->raw.p) {
		body = o->raw;
	} else if (o->out) {
		to_hal(o, o->out);
		text = json_dumps(o->out, JSON_COMPACT);
	}
	if (text) {
		body = arena_dup(call->req.arena, sl(text));
		free(text);
	}
	json_decref(o->in);
	json_decref(o->out);
	o->in = o->out = NULL;
	http_reply(call, o->status, o->raw.p && !err ? o->type : "application/json", body);
}

/* ---- dispatch ---- */

static bool fits(struct gw_manage *o, const char *pattern, struct slice path)
{
	struct slice want = sl(pattern), w, seg;
	o->arg_n = 0;
	while (want.p && path.p) {
		(void)sl_cut(want, '/', &w, &want);
		if (sl_eqs(w, "{}") && !want.p && sl_starts(sl(pattern), S("/tags/"))) {
			seg = path; /* an ARN has slashes */
			path.p = NULL;
		} else {
			(void)sl_cut(path, '/', &seg, &path);
		}
		if (!sl_eqs(w, "{}")) {
			if (!sl_eq(w, seg))
				return false;
			continue;
		}
		if (!seg.n || o->arg_n == ARRAY_LEN(o->arg))
			return false;
		o->arg[o->arg_n++] = arena_cstr(o->a, arena_url_decode(o->a, seg, false));
	}
	return !want.p && !path.p;
}

static const struct gw_row *find(struct gw_manage *o)
{
	static const struct gw_row *const tables[] = {
		gw_api_rows, gw_resource_rows, gw_method_rows, gw_deploy_rows, gw_part_rows, gw_key_rows, gw_link_rows,
	};
	struct slice path = o->call->req.path;
	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct gw_row *r = tables[t]; r->method; r++)
			if (sl_eqs(o->call->req.method, r->method) && fits(o, r->path, path))
				return r;
	return NULL;
}

static int check_signature(const struct gw_manage *o, struct error *err)
{
	const struct conf *conf = o->g->env->conf;
	switch (sigv4_any(conf) ? SIGV4_OK : sigv4_check(conf, &o->call->req, false, NULL, NULL)) {
	case SIGV4_OK:
		return 0;
	case SIGV4_UNREADABLE:
		return gw_manage_fail(err, GW_M_DENIED, "The request signature is malformed.");
	case SIGV4_ANONYMOUS:
		return err_fail(err, &(const struct error_def){ ERR_DENIED, "MissingAuthenticationTokenException", 403 }, "Missing Authentication Token");
	case SIGV4_UNKNOWN_KEY:
		return err_fail(err, &(const struct error_def){ ERR_DENIED, "UnrecognizedClientException", 403 },
				"The security token included in the request is invalid.");
	case SIGV4_SKEW:
	case SIGV4_EXPIRED:
		return gw_manage_fail(err, GW_M_DENIED, "Signature expired or not yet current.");
	case SIGV4_MALFORMED:
	case SIGV4_MISMATCH:
	case SIGV4_BODY_MISMATCH:
		break;
	}
	return gw_manage_fail(err, GW_M_DENIED, "The request signature we calculated does not match the signature you provided. Check your AWS "
					 "Secret Access Key and signing method. Consult the service documentation for details.");
}

static int run(struct gw_manage *o, struct error *err)
{
	struct slice body = o->call->req.body;
	bool raw = (!strcmp(o->row->name, "CreateRestApi") && sl_eqs(http_query(&o->call->req, "mode"), "import")) || !strcmp(o->row->name, "PutRestApi") || !strcmp(o->row->name, "ImportDocumentationParts") ||
		   (!strcmp(o->row->name, "CreateApiKey") && sl_eqs(http_query(&o->call->req, "mode"), "import"));
	int rc = check_signature(o, err);
	if (rc)
		return rc;
	if (!raw && body.n) {
		o->in = json_loadb(body.p, body.n, 0, NULL);
		if (!json_is_object(o->in))
			return gw_manage_fail(err, GW_M_SERIALIZATION, "Unable to parse the request body");
	}
	return o->row->fn(o, err);
}

void gw_manage_serve(struct gateway *g, struct http_call *call)
{
	struct gw_manage *o = arena_alloc(call->req.arena, sizeof(*o));
	struct error err;
	int rc;
	o->g = g;
	o->call = call;
	o->a = call->req.arena;
	o->row = find(o);
	call->op = o->row ? o->row->name : "Unknown";
	http_setsl(call, "x-amzn-RequestId", gw_uuid(g, call));
	if (!o->row) {
		(void)gw_manage_fail(&err, GW_M_UNKNOWN, "Unable to determine service/operation name to be authorized");
		gw_manage_answer(o, &err);
		return;
	}
	o->status = o->row->status;
	rc = run(o, &err);
	if (rc)
		gw_manage_answer(o, &err);
	else if (!o->later)
		gw_manage_answer(o, NULL);
}
