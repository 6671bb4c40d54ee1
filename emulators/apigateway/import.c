/* An export as users download it (OpenAPI 3.0 or Swagger 2.0, JSON, with the API Gateway extensions) -> an API. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/apigateway.h"
#include "core/sigv4.h"

static struct slice text_of(struct agw_api *api, const json_t *j)
{
	if (!json_is_string(j))
		return (struct slice){ 0 };
	return arena_dup(&api->arena, sl_of(json_string_value(j), json_string_length(j)));
}

static bool after(struct slice s, struct slice prefix, struct slice *rest)
{
	if (!sl_starts(s, prefix))
		return false;
	*rest = sl_of(s.p + prefix.n, s.n - prefix.n);
	return true;
}

/* "method.request.path.proxy", "'text'", "integration.response.header.X", "context.requestId" ... */
static int parse_source(struct slice v, struct agw_param *p, struct error *err)
{
	struct slice r = v;

	if (v.n >= 2 && v.p[0] == '\'' && v.p[v.n - 1] == '\'') {
		p->source = AGW_FROM_STATIC;
		p->value = sl_of(v.p + 1, v.n - 2);
		return 0;
	}
	if (!after(v, S("method.request."), &r))
		(void)after(v, S("integration.response."), &r);
	if (after(r, S("header."), &p->value) || after(r, S("multivalueheader."), &p->value))
		p->source = AGW_FROM_HEADER;
	else if (after(r, S("querystring."), &p->value) || after(r, S("multivaluequerystring."), &p->value))
		p->source = AGW_FROM_QUERY;
	else if (after(r, S("path."), &p->value))
		p->source = AGW_FROM_PATH;
	else if (sl_starts(r, S("body")))
		p->source = AGW_FROM_BODY, p->value = r;
	else if (after(v, S("stageVariables."), &p->value))
		p->source = AGW_FROM_STAGE;
	else if (after(v, S("context."), &p->value))
		p->source = AGW_FROM_CONTEXT;
	else
		return err_set(err, ERR_INVALID, "Invalid mapping expression specified: %.*s", SL(v));
	return 0;
}

static int parse_target(struct slice k, struct agw_param *p, struct error *err)
{
	struct slice r;

	if (!after(k, S("integration.request."), &r) && !after(k, S("method.response."), &r))
		return err_set(err, ERR_INVALID, "Invalid mapping expression specified: %.*s", SL(k));
	if (after(r, S("header."), &p->name))
		p->place = AGW_HEADER;
	else if (after(r, S("querystring."), &p->name))
		p->place = AGW_QUERY;
	else if (after(r, S("path."), &p->name))
		p->place = AGW_PATH;
	else
		return err_set(err, ERR_INVALID, "Invalid mapping expression specified: %.*s", SL(k));
	return 0;
}

static int read_params(struct agw_api *api, json_t *o, struct agw_param **out, size_t *n, struct error *err)
{
	const char *key;
	json_t *v;

	*out = arena_alloc(&api->arena, (json_object_size(o) + 1) * sizeof(**out));
	json_object_foreach(o, key, v) {
		struct agw_param p = { 0 };
		int r = parse_target(arena_dup(&api->arena, sl(key)), &p, err);

		if (!r)
			r = parse_source(text_of(api, v), &p, err);
		if (r)
			return r;
		(*out)[(*n)++] = p;
	}
	return 0;
}

static int read_templates(struct agw_api *api, json_t *o, struct agw_template **out, size_t *n, struct error *err)
{
	const char *key;
	json_t *v;

	*out = arena_alloc(&api->arena, (json_object_size(o) + 1) * sizeof(**out));
	json_object_foreach(o, key, v) {
		if (json_is_null(v))
			continue;
		if (!json_is_string(v))
			return err_set(err, ERR_INVALID, "mapping template %s is not a text", key);
		(*out)[*n].type = arena_dup(&api->arena, sl(key));
		(*out)[(*n)++].text = text_of(api, v);
	}
	return 0;
}

/* A Java expression that must match the whole status, as POSIX ERE. */
static int compile(const char *java, regex_t *out, struct error *err)
{
	struct buf b;
	int r;

	buf_init(&b, 0);
	buf_adds(&b, "^(");
	for (const char *p = java; *p; p++) {
		if (p[0] == '\\' && p[1] == 'd') {
			buf_adds(&b, "[0-9]");
			p++;
		} else if (p[0] == '(' && p[1] == '?' && p[2] == ':') {
			buf_addc(&b, '(');
			p += 2;
		} else {
			buf_addc(&b, *p);
		}
	}
	buf_adds(&b, ")$");
	buf_addc(&b, 0);
	r = regcomp(out, b.p, REG_EXTENDED | REG_NOSUB);
	buf_free(&b);
	if (r)
		return err_set(err, ERR_INVALID, "Invalid selection pattern: %s", java);
	return 0;
}

static int read_answer(struct agw_api *api, struct agw_integration *in, const char *key, json_t *o, struct error *err)
{
	struct agw_answer *a = &in->answers[in->answer_n];
	json_t *status = json_object_get(o, "statusCode");
	int64_t code = 0;
	int r;

	if (json_is_integer(status))
		code = json_integer_value(status);
	if (json_is_string(status) && !sl_int(sl(json_string_value(status)), 100, 599, &code))
		code = 0;
	if (code < 100 || code > 599)
		return err_set(err, ERR_INVALID, "Invalid status code in the integration response %s", key);
	a->status = (int)code;
	a->fallback = !strcmp(key, "default");
	r = read_params(api, json_object_get(o, "responseParameters"), &a->params, &a->param_n, err);
	if (!r)
		r = read_templates(api, json_object_get(o, "responseTemplates"), &a->templates, &a->template_n, err);
	if (!r && !a->fallback)
		r = compile(key, &a->pattern, err);
	if (r)
		return r;
	in->answer_n++;
	return 0;
}

static int read_type(json_t *o, enum agw_type *out, struct error *err)
{
	static const char *const names[] = { "HTTP_PROXY", "HTTP", "MOCK", "AWS", "AWS_PROXY" };
	struct slice t = sl(json_string_value(json_object_get(o, "type")));

	for (size_t i = 0; t.p && i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(t, sl(names[i]))) {
			*out = (enum agw_type)i;
			return 0;
		}
	return err_set(err, ERR_INVALID, "Enumeration value for Type must be non-empty");
}

static int read_uri(struct agw_api *api, struct agw_integration *in, json_t *o, struct error *err)
{
	in->uri = text_of(api, json_object_get(o, "uri"));
	in->method = text_of(api, json_object_get(o, "httpMethod"));
	if (in->type == AGW_MOCK)
		return 0;
	if (!in->method.n && in->type != AGW_HTTP_PROXY)
		return err_set(err, ERR_INVALID, "Enumeration value for HttpMethod must be non-empty");
	if ((in->type == AGW_HTTP || in->type == AGW_HTTP_PROXY) && !sl_starts(in->uri, S("http://")) &&
	    !sl_starts(in->uri, S("https://")) && !sl_starts(in->uri, S("${")))
		return err_set(err, ERR_INVALID, "Invalid HTTP endpoint specified for URI");
	if ((in->type == AGW_AWS || in->type == AGW_AWS_PROXY) && !sl_starts(in->uri, S("arn:")))
		return err_set(err, ERR_INVALID, "Invalid ARN specified in the request");
	return 0;
}

static int read_integration(struct agw_api *api, struct agw_integration *in, json_t *o, struct error *err)
{
	json_t *responses = json_object_get(o, "responses"), *timeout = json_object_get(o, "timeoutInMillis"), *v;
	struct slice pass = sl(json_string_value(json_object_get(o, "passthroughBehavior")));
	const char *key;
	int r = read_type(o, &in->type, err);

	if (!r)
		r = read_uri(api, in, o, err);
	if (!r)
		r = read_params(api, json_object_get(o, "requestParameters"), &in->params, &in->param_n, err);
	if (!r)
		r = read_templates(api, json_object_get(o, "requestTemplates"), &in->templates, &in->template_n, err);
	if (r)
		return r;
	in->passthrough = pass.p && sl_eq_nocase(pass, S("never")) ? AGW_NEVER :
		pass.p && sl_eq_nocase(pass, S("when_no_templates")) ? AGW_WHEN_NO_TEMPLATES : AGW_WHEN_NO_MATCH;
	in->timeout_ms = json_is_integer(timeout) ? json_integer_value(timeout) : AGW_TIMEOUT_MS;
	if (in->timeout_ms < AGW_TIMEOUT_MIN_MS || in->timeout_ms > 10 * AGW_TIMEOUT_MS)
		return err_set(err, ERR_INVALID, "Timeout should be between 50 ms and 29000 ms");
	in->answers = arena_alloc(&api->arena, (json_object_size(responses) + 1) * sizeof(*in->answers));
	json_object_foreach(responses, key, v) {
		r = read_answer(api, in, key, v, err);
		if (r)
			return r;
	}
	return 0;
}

static json_t *schemes(json_t *doc)
{
	json_t *s = json_object_get(json_object_get(doc, "components"), "securitySchemes");

	return s ? s : json_object_get(doc, "securityDefinitions");
}

/* An operation's security, else the document's: an x-api-key scheme asks for a key, any other for an authorizer. */
static void read_security(json_t *doc, json_t *op, struct agw_method *m)
{
	json_t *list = json_object_get(op, "security"), *item, *v;
	struct slice auth = sl(json_string_value(json_object_get(json_object_get(op, "x-amazon-apigateway-auth"), "type")));
	const char *key;
	size_t i;

	m->authorized = auth.p && !sl_eq_nocase(auth, S("NONE"));
	if (!list)
		list = json_object_get(doc, "security");
	json_array_foreach(list, i, item)
		json_object_foreach(item, key, v) {
			json_t *s = json_object_get(schemes(doc), key);
			struct slice name = sl(json_string_value(json_object_get(s, "name")));
			bool special = json_object_get(s, "x-amazon-apigateway-authtype") || json_object_get(s, "x-amazon-apigateway-authorizer");

			if (!special && name.p && sl_eq_nocase(name, S("x-api-key")))
				m->key_required = true;
			else
				m->authorized = true;
		}
}

static int read_method(struct agw_api *api, json_t *doc, struct agw_node *node, const char *key, json_t *op, struct error *err)
{
	enum agw_method_index i = agw_method_of(sl(key));
	json_t *in = json_object_get(op, "x-amazon-apigateway-integration");
	struct agw_method *m;
	int r;

	if (i == AGW_METHOD_N || !strcasecmp(key, "any"))
		return 0; /* parameters, summary, x-… of the path */
	if (!json_is_object(in))
		return err_set(err, ERR_INVALID, "No integration defined for method: %s %.*s", key, SL(node->path));
	if (node->methods[i])
		return err_set(err, ERR_INVALID, "Method already exists for this resource: %s %.*s", key, SL(node->path));
	m = arena_alloc(&api->arena, sizeof(*m));
	node->methods[i] = m; /* before reading: agw_api_free finds half-read patterns */
	read_security(doc, op, m);
	r = read_integration(api, &m->in, in, err);
	if (r && err) {
		char said[sizeof(err->text)];

		memcpy(said, err->text, sizeof(said));
		return err_set(err, r, "%s %.*s: %.900s", key, SL(node->path), said);
	}
	return r;
}

static int read_paths(struct agw_api *api, json_t *doc, struct error *err)
{
	json_t *paths = json_object_get(doc, "paths"), *path, *op;
	const char *name, *key;
	struct agw_node *node;
	int r;

	if (!json_is_object(paths))
		return err_set(err, ERR_INVALID, "no paths");
	r = agw_resource(api, S("/"), &node, err);
	if (r)
		return r;
	json_object_foreach(paths, name, path) {
		r = agw_resource(api, sl(name), &node, err);
		if (r)
			return r;
		json_object_foreach(path, key, op) {
			r = read_method(api, doc, node, key, op, err);
			if (r)
				return r;
		}
	}
	return 0;
}

/* The id is in the server's host name; without one it is made from the title. */
static void read_id(struct agw_api *api, json_t *doc)
{
	const char *url = json_string_value(json_object_get(json_array_get(json_object_get(doc, "servers"), 0), "url"));
	struct slice host = sl(url ? url : json_string_value(json_object_get(doc, "host"))), id, rest;
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint8_t sum[32];
	char made[11];

	(void)after(host, S("https://"), &host);
	if (host.p && sl_cut(host, '.', &id, &rest) && id.n && sl_starts(rest, S("execute-api."))) {
		api->id = arena_dup(&api->arena, id);
		return;
	}
	hash_sha256(api->title.p, api->title.n, sum);
	for (size_t i = 0; i < 10; i++)
		made[i] = digits[sum[i] % 36];
	made[10] = 0;
	api->id = arena_dup(&api->arena, sl(made));
}

int agw_import(struct slice json, struct agw_api **out, struct error *err)
{
	json_error_t bad;
	json_t *doc = json_loadb(json.p ? json.p : "", json.n, 0, &bad);
	struct agw_api *api;
	int r;

	if (!doc)
		return err_set(err, ERR_INVALID, "line %d: %s", bad.line, bad.text);
	if (!json_object_get(doc, "openapi") && !json_object_get(doc, "swagger")) {
		json_decref(doc);
		return err_set(err, ERR_INVALID, "neither OpenAPI 3 nor Swagger 2");
	}
	api = xcalloc(1, sizeof(*api));
	api->title = text_of(api, json_object_get(json_object_get(doc, "info"), "title"));
	if (!api->title.p)
		api->title = S("");
	read_id(api, doc);
	r = read_paths(api, doc, err);
	json_decref(doc);
	if (r) {
		agw_api_free(api);
		return r;
	}
	*out = api;
	return 0;
}

static void free_patterns(struct agw_node *n)
{
	for (; n; n = n->next) {
		for (size_t m = 0; m < AGW_METHOD_N; m++)
			for (size_t i = 0; n->methods[m] && i < n->methods[m]->in.answer_n; i++)
				if (!n->methods[m]->in.answers[i].fallback)
					regfree(&n->methods[m]->in.answers[i].pattern);
		free_patterns(n->child);
	}
}

void agw_api_free(struct agw_api *api)
{
	if (!api)
		return;
	free_patterns(api->root);
	arena_free(&api->arena);
	free(api);
}
