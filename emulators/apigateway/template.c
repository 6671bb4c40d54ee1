/* Bodies on their way in and out: contentHandling, which template, what it makes. */
#include "apigateway/run.h"
#include "core/text.h"

enum { TEMPLATE_MAX = 300 << 10 /* AWS: bytes of a mapping template */, LOOPS_MAX = 1000 /* AWS: #foreach iterations */, OUTPUT_LIKELY = 1000,
       QUICK_STEPS = 60000, QUICK_MEMORY = 2 << 20 /* 1 to 5 ms */, QUICK_TEMPLATE = 64 << 10 };

/* ---- what a template makes ---- */

void gw_template_read(struct arena *a, struct gw_template *t)
{
	struct error err;
	if (vtl_parse(a, t->text, TEMPLATE_MAX, &t->tree, &err)) {
		t->tree = NULL;
		t->bad = arena_cstr(a, sl(err.text));
	}
}

/* Values of a path's parameters are decoded. */
static struct vtl_pair *path_pairs(const struct gw_call *c, struct arena *a)
{
	struct vtl_pair *out = arena_alloc(a, (c->match.value_n + 1) * sizeof(*out));
	for (size_t i = 0; i < c->match.value_n; i++)
		out[i] = (struct vtl_pair){ c->match.values[i].name, arena_url_decode(a, c->match.values[i].value, false) };
	return out;
}

static struct vtl_pair *query_pairs(struct http_req *req, struct arena *a, size_t *n)
{
	struct slice name, value;
	struct vtl_pair *out = NULL;
	for (size_t pos = 0, cap = 0; http_query_next(req, &pos, &name, &value);) {
		ARENA_GROW(a, out, *n, cap);
		out[(*n)++] = (struct vtl_pair){ arena_url_decode(a, name, true), value.p ? arena_url_decode(a, value, true) : S("") };
	}
	return out;
}

int gw_render(struct gw_call *c, const struct gw_template *t, struct slice body, struct slice *out, struct error *err)
{
	struct http_req *req = &c->call->req;
	struct vtl_input in = { .arena = req->arena, .body = body, .stage = c->vars, .stage_n = c->var_n, .loops_max = LOOPS_MAX };
	struct vtl_pair *header = arena_alloc(req->arena, (req->header_n + 1) * sizeof(*header));
	struct vtl_tree *tree = t->tree;
	struct buf b;
	int rc;
	if (t->bad)
		return err_set(err, ERR_INVALID, "%s", t->bad);
	if (!tree && c->quick && t->text.n > QUICK_TEMPLATE)
		return err_set(err, ERR_LIMIT, "a template of %zu bytes", t->text.n);
	rc = tree ? 0 : vtl_parse(req->arena, t->text, TEMPLATE_MAX, &tree, err);
	if (rc)
		return rc == ERR_LIMIT ? ERR_INVALID : rc;
	if (vtl_uses_context(tree))
		gw_context_make(c);
	for (size_t i = 0; i < req->header_n; i++)
		if (gw_header_is_seen(req->headers[i].name))
			header[in.header_n++] = (struct vtl_pair){ req->headers[i].name, req->headers[i].value };
	in.path = path_pairs(c, req->arena);
	in.path_n = c->match.value_n;
	in.query = query_pairs(req, req->arena, &in.query_n);
	in.header = header;
	in.context = c->context;
	in.steps_max = c->quick ? QUICK_STEPS : 0;
	in.memory_max = c->quick ? QUICK_MEMORY : 0;
	in.stop = &c->stop;
	buf_init(&b, GW_BODY_MAX);
	(void)buf_room(&b, OUTPUT_LIKELY);
	rc = vtl_render(tree, &in, &b, err);
	if (!rc)
		*out = arena_dup(req->arena, buf_slice(&b));
	buf_free(&b);
	return rc;
}

/* ---- contentHandling ---- */

static bool is_binary(const struct gw_api *api, struct slice type)
{
	struct slice rest;
	if (type.p)
		(void)sl_cut(type, ';', &type, &rest);
	for (size_t i = 0; i < api->binary_n; i++)
		if (sl_eqs(api->binary[i], "*/*") || (type.n && sl_eq_nocase(api->binary[i], sl_trim(type))))
			return true;
	return false;
}

/* A body that isn't a binary media type goes on as text: bytes that aren't UTF-8 become U+FFFD. False: no base64. */
static bool convert(struct arena *a, enum gw_convert how, bool binary, struct slice *body)
{
	struct buf b = { 0 };
	if (!binary && how == GW_CONVERT_TO_BINARY)
		return arena_base64(a, sl_trim(*body), body);
	if (binary && how == GW_CONVERT_TO_TEXT)
		buf_base64(&b, body->p, body->n);
	else if (!binary && body->n && !sl_is_utf8(*body))
		buf_utf8_mend(&b, *body, "\xef\xbf\xbd");
	else
		return true;
	*body = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return true;
}

enum gw_error gw_body(struct gw_call *c, enum gw_convert how, struct slice type, const struct gw_template *t, struct slice body, struct slice *out)
{
	struct error err;
	int rc;
	*out = body;
	if (!convert(c->call->req.arena, how, is_binary(c->api, type), out))
		return gw_because(c, GW_E_CONFIGURATION, "Unable to base64 decode the body.");
	rc = t ? gw_render(c, t, *out, out, &err) : 0;
	if (rc == ERR_LIMIT && c->quick)
		return GW_E_LONG;
	return rc ? gw_because(c, GW_E_CONFIGURATION, "%s", err.text) : GW_OK;
}

/* ---- which template ---- */

static const struct gw_template *of_type(const struct gw_template *t, size_t n, struct slice type)
{
	for (size_t i = 0; i < n; i++)
		if (sl_eq_nocase(t[i].type, type))
			return &t[i];
	return NULL;
}

bool gw_request_template(const struct gw_integration *in, struct slice content_type, const struct gw_template **out)
{
	struct slice type = content_type.n ? content_type : S("application/json"), params;
	(void)sl_cut(type, ';', &type, &params);
	*out = of_type(in->templates, in->template_n, sl_trim(type));
	if (!*out)
		*out = of_type(in->templates, in->template_n, S("$default"));
	return *out || in->passthrough == GW_WHEN_NO_MATCH || (in->passthrough == GW_WHEN_NO_TEMPLATES && !in->template_n);
}

const struct gw_template *gw_response_template(const struct gw_answer *a, struct slice accept)
{
	const struct gw_template *t = accept.n ? of_type(a->templates, a->template_n, accept) : NULL;
	if (!t)
		t = of_type(a->templates, a->template_n, S("application/json"));
	if (!t && a->template_n)
		t = &a->templates[0];
	return t;
}
