/* $input and $util. */
#include "velocity/path.h"
#include "velocity/run.h"

/* ---- $input ---- */

static struct slice body_of(const struct vtl_run *r)
{
	return r->in->body.n ? r->in->body : S("{}");
}

/* The path of a call, the body read; false: the call gives null. */
static bool open_path(struct vtl_call *c, struct jp_path *space, const struct jp_path **out)
{
	struct vtl_run *r = c->r;
	if (r->body_state == VTL_BODY_UNREAD)
		r->body_state = vtl_doc_read(r->doc, body_of(r)) ? VTL_BODY_TOKENS : VTL_BODY_BAD;
	if (r->body_state == VTL_BODY_BAD || c->args[0].type != VTL_STRING)
		return false;
	*out = c->path;
	if (*out)
		return true;
	*out = space;
	return jp_compile(r->arena, c->args[0].s, 0, space) == 0;
}

static enum vtl_called charge_path(struct vtl_call *c, size_t visited)
{
	c->r->steps += visited / 4;
	return vtl_step(c->r) ? VTL_CALLED : VTL_THREW;
}

/* What path leads to in the body's value; from here on the template may change that. */
static enum vtl_called read_value(struct vtl_call *c, const struct jp_path *path, struct vtl_value *out)
{
	struct vtl_run *r = c->r;
	size_t visited = 0;
	if (r->body_state == VTL_BODY_TOKENS)
		r->body = vtl_doc_value(r->doc, 0, r->arena);
	r->body_state = VTL_BODY_VALUE;
	*out = vtl_null();
	if (jp_run(r->arena, r->body, path, &visited, out) == ERR_LIMIT)
		return vtl_run_fail(r, ERR_LIMIT, "the JSON path visits too much") ? VTL_CALLED : VTL_THREW;
	return charge_path(c, visited);
}

/* What the call's path leads to. A list or map of the body is the template's to change, unless json is asked for: then
 * it may be written from its tokens, or json stays absent. */
static inline __attribute__((always_inline)) enum vtl_called read_path(struct vtl_call *c, struct vtl_value *v,
								       struct slice *json)
{
	struct vtl_run *r = c->r;
	struct jp_path space;
	const struct jp_path *path;
	size_t visited = 0, at;
	bool found, whole;
	if (!open_path(c, &space, &path))
		return VTL_CALLED;
	if (r->body_state != VTL_BODY_TOKENS || !path->plain)
		return read_value(c, path, v);
	found = jp_find(r->arena, r->doc, path, &visited, &at);
	whole = found && r->doc->v[at].kind >= VTL_TOKEN_LIST;
	if (whole && !json)
		return read_value(c, path, v);
	if (found && !(whole && vtl_doc_json(r->doc, at, r->arena, json)))
		*v = vtl_doc_value(r->doc, at, r->arena);
	return charge_path(c, visited);
}

METHOD_IS(input_path, read_path(c, &c->out, NULL))

METHOD(input_json)
{
	struct vtl_value v = vtl_null();
	struct slice text = { 0 };
	struct buf b = { .max = c->r->string_max };
	if (read_path(c, &v, &text) != VTL_CALLED)
		return VTL_THREW;
	if (text.p && text.n <= c->r->string_max)
		return vtl_return(c, vtl_str(text));
	if (v.type == VTL_NULL)
		return text.p && !vtl_too_long(c->r) ? VTL_THREW : vtl_return(c, vtl_str(S("\"\"")));
	vtl_json_write(&b, v, false);
	return vtl_return_buf(c, &b);
}

METHOD_IS(input_body, vtl_return(c, vtl_str(body_of(c->r))))

static void put_pairs(struct vtl_map *m, const char *name, const struct vtl_pair *v, size_t n)
{
	struct vtl_map *inner = vtl_map_new(m->arena);
	for (size_t i = 0; i < n; i++)
		vtl_map_put(inner, vtl_str(v[i].name), vtl_str(v[i].value));
	vtl_map_put(m, vtl_str(sl(name)), vtl_of_map(inner));
}

METHOD(input_params)
{
	struct vtl_run *r = c->r;
	if (!r->params) {
		r->params = vtl_map_new(r->arena);
		put_pairs(r->params, "path", r->in->path, r->in->path_n);
		put_pairs(r->params, "querystring", r->in->query, r->in->query_n);
		put_pairs(r->params, "header", r->in->header, r->in->header_n);
	}
	return vtl_return(c, vtl_of_map(r->params));
}

static bool find_pair(const struct vtl_pair *v, size_t n, struct slice name, bool nocase, struct slice *out)
{
	/* Of several with one name the last counts, as in the map. */
	(void)vtl_spend(n);
	for (size_t i = n; i-- > 0;) {
		if (nocase ? !sl_eq_nocase(v[i].name, name) : !sl_eq(v[i].name, name))
			continue;
		*out = v[i].value;
		return true;
	}
	return false;
}

METHOD(input_param)
{
	const struct vtl_input *in = c->r->in;
	struct slice name = c->args[0].s, value = S("");
	if (c->args[0].type != VTL_STRING)
		return vtl_return(c, vtl_str(value));
	if (!find_pair(in->path, in->path_n, name, false, &value) && !find_pair(in->query, in->query_n, name, false, &value) &&
	    !find_pair(in->header, in->header_n, name, false, &value))
		find_pair(in->header, in->header_n, name, true, &value);
	return vtl_return(c, vtl_str(value));
}

static const struct vtl_method input_methods[] = {
	{ "path", "o", input_path },
	{ "json", "o", input_json },
	{ "params", "o", input_param },
	{ "params", "", input_params },
	{ "getBody", "", input_body },
};

enum vtl_called vtl_input_method(struct slice name, struct vtl_call *c)
{
	return vtl_dispatch(input_methods, ARRAY_LEN(input_methods), name, c);
}

/* ---- $util ---- */

static struct slice text_arg(struct vtl_call *c)
{
	struct slice s = vtl_text(c->r->arena, c->args[0]);
	(void)vtl_spend(s.n / 2);
	return s;
}

/* commons-lang 2, StringEscapeUtils.escapeJavaScript. */
static void escape_unit(struct buf *out, uint32_t u)
{
	static const char named[] = "\b\n\t\f\r", letter[] = "bntfr";
	const char *at = u ? strchr(named, (int)u) : NULL;
	if (u > 0xffff) {
		escape_unit(out, utf16_high(u));
		escape_unit(out, utf16_low(u));
	} else if (u < 0x20 && at) {
		buf_add(out, (char[]){ '\\', letter[at - named] }, 2);
	} else if (u < 0x20 || u > 0x7f) {
		buf_addf(out, "\\u%04X", u);
	} else {
		if (u == '\'' || u == '"' || u == '\\' || u == '/')
			buf_addc(out, '\\');
		buf_addc(out, (char)u);
	}
}

METHOD(util_escape)
{
	struct slice s = text_arg(c);
	struct buf b = { .max = c->r->string_max };
	for (size_t i = 0; i < s.n;)
		escape_unit(&b, java_next(s, &i));
	return vtl_return_buf(c, &b);
}

METHOD(util_parse_json)
{
	struct vtl_value v;
	return vtl_return(c, vtl_json_read(c->r->arena, text_arg(c), &v) ? v : vtl_null());
}

/* java.net.URLEncoder. */
METHOD(util_url_encode)
{
	static const char hex[] = "0123456789ABCDEF";
	struct slice s = text_arg(c);
	struct buf b = { .max = c->r->string_max };
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];
		if (vtl_is_letter(ch) || vtl_is_digit(ch) || (ch && strchr("*-._", ch)))
			buf_addc(&b, ch);
		else if (ch == ' ')
			buf_addc(&b, '+');
		else
			buf_add(&b, (char[]){ '%', hex[(uint8_t)ch >> 4], hex[ch & 15] }, 3);
	}
	return vtl_return_buf(c, &b);
}

METHOD(util_url_decode)
{
	struct slice s = text_arg(c);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '%' && (i + 2 >= s.n || hex_digit(s.p[i + 1]) < 0 || hex_digit(s.p[i + 2]) < 0))
			return vtl_throw(c, "IllegalArgumentException: URLDecoder: Illegal hex characters in escape (%%) pattern");
	return vtl_return(c, vtl_str(arena_url_decode(c->r->arena, s, true)));
}

METHOD(util_base64_encode)
{
	struct slice s = text_arg(c);
	size_t n = (s.n + 2) / 3 * 4;
	struct buf b = { .cap = n + 1, .max = n ? n : 1 };
	if (n > c->r->string_max && !vtl_too_long(c->r))
		return VTL_THREW;
	b.p = arena_alloc(c->r->arena, n + 1);
	buf_base64(&b, s.p, s.n);
	return vtl_return(c, vtl_str(buf_slice(&b)));
}

METHOD(util_base64_decode)
{
	struct slice s = text_arg(c), raw;
	/* Java's decoder takes text without its padding. */
	if (s.n % 4 == 2 || s.n % 4 == 3)
		s = arena_printf(c->r->arena, "%.*s%s", SL(s), s.n % 4 == 2 ? "==" : "=");
	if (!arena_base64(c->r->arena, s, &raw))
		return vtl_throw(c, "IllegalArgumentException: Illegal base64");
	return vtl_return_str(c, java_decode(c->r->arena, raw));
}

static const struct vtl_method util_methods[] = {
	{ "escapeJavaScript", "o", util_escape },
	{ "parseJson", "o", util_parse_json },
	{ "urlEncode", "o", util_url_encode },
	{ "urlDecode", "o", util_url_decode },
	{ "base64Encode", "o", util_base64_encode },
	{ "base64Decode", "o", util_base64_decode },
};

const struct vtl_method *vtl_given_method(enum vtl_type owner, struct slice name, size_t args)
{
	const struct vtl_method *table = owner == VTL_INPUT ? input_methods : util_methods;
	size_t n = owner == VTL_INPUT ? ARRAY_LEN(input_methods) : ARRAY_LEN(util_methods);
	for (size_t i = 0; i < n; i++)
		if (sl_eqs(name, table[i].name) && strlen(table[i].args) == args)
			return &table[i];
	return NULL;
}

enum vtl_called vtl_util_method(struct slice name, struct vtl_call *c)
{
	/* Each gives null for null. */
	if (c->n == 1 && c->args[0].type == VTL_NULL)
		return VTL_CALLED;
	return vtl_dispatch(util_methods, ARRAY_LEN(util_methods), name, c);
}
