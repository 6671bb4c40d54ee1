/* Requests by their shape: forms and JSON made what it says. */
#include "aws/shape_in.h"

#include <ctype.h>

#include "core/clock.h"
#include "core/json.h"

enum { FORM_DEPTH = 12, FORM_PARTS_MAX = 20000 };

/* ---- forms ---- */

/* Puts a value where its dotted name leads. */
static int put_path(json_t *root, struct slice name, struct slice value, struct error *err)
{
	struct slice part, rest = name;
	json_t *at = root;
	for (int depth = 0; sl_cut(rest, '.', &part, &rest); depth++) {
		json_t *next = json_object_getn(at, part.p, part.n);
		if (depth == FORM_DEPTH || !part.n || memchr(part.p, 0, part.n))
			return err_set(err, ERR_INVALID, "%.*s is no parameter", (int)(name.n > 200 ? 200 : name.n), name.p);
		if (!json_is_object(next)) {
			next = json_object();
			json_object_setn_new(at, part.p, part.n, next);
		}
		at = next;
	}
	json_t *text = sl_is_utf8(value) ? json_stringn(value.p, value.n) : NULL;
	if (!part.n || memchr(part.p, 0, part.n) || !text) {
		json_decref(text);
		return err_set(err, ERR_INVALID, "%.*s is no parameter", (int)(name.n > 200 ? 200 : name.n), name.p);
	}
	json_object_setn_new(at, part.p, part.n, text);
	return 0;
}

static int add_form(const struct http_req *req, struct slice form, json_t *root, struct error *err)
{
	struct http_req walk = *req;
	struct slice name, value;
	size_t pos = 0;
	int n = 0;
	walk.query = form;
	while (http_query_next(&walk, &pos, &name, &value)) {
		struct slice key, text;
		if (++n > FORM_PARTS_MAX)
			return err_set(err, ERR_INVALID, "too many parameters");
		key = arena_url_decode(req->arena, name, true);
		text = arena_url_decode(req->arena, value, true);
		int rc = sl_eqs(key, "Action") || sl_eqs(key, "Version") || sl_starts(key, S("X-Amz-")) ? 0 : put_path(root, key, text, err);
		if (rc)
			return rc;
	}
	return 0;
}

json_t *shape_form(const struct http_req *req, struct error *err)
{
	json_t *root = json_object();
	if (add_form(req, req->query, root, err) || add_form(req, req->body, root, err)) {
		json_decref(root);
		return NULL;
	}
	return root;
}

static bool is_number(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!isdigit((unsigned char)*s))
			return false;
	return true;
}

static int by_number(const void *a, const void *b)
{
	long x = strtol(*(const char *const *)a, NULL, 10), y = strtol(*(const char *const *)b, NULL, 10);
	return x < y ? -1 : x > y;
}

/* The items of {"1": a, "2": b}, in order; NULL: it isn't that. */
static json_t *numbered(json_t *v)
{
	const char *key, **keys = xcalloc(json_object_size(v) + 1, sizeof(*keys));
	json_t *one, *list = NULL;
	size_t n = 0;
	bool all = json_object_size(v) > 0;
	json_object_foreach(v, key, one) {
		all = all && is_number(key);
		keys[n++] = key;
	}
	if (all) {
		qsort(keys, n, sizeof(*keys), by_number);
		list = json_array();
		for (size_t i = 0; i < n; i++)
			json_array_append(list, json_object_get(v, keys[i]));
	}
	free(keys);
	return list;
}

/* "A.member.1", "A.Item.1" or "A.1". Empty text: an empty list. A new reference; NULL: no list. */
static json_t *form_list(json_t *v)
{
	if (json_is_string(v))
		return json_string_length(v) ? NULL : json_array();
	json_t *list = numbered(v);
	if (!list && json_object_size(v) == 1)
		list = numbered(json_object_iter_value(json_object_iter(v)));
	return list;
}

/* "A.entry.1.key=k&A.entry.1.value=v", or with Name and Value. */
static json_t *form_map(json_t *v)
{
	json_t *list = form_list(v), *map = list ? json_object() : NULL, *one;
	size_t i;
	json_array_foreach(list, i, one) {
		const char *key = jstr(one, "key") ? jstr(one, "key") : jstr(one, "Name");
		json_t *value = json_object_get(one, "value") ? json_object_get(one, "value") : json_object_get(one, "Value");
		if (key && value)
			json_object_set(map, key, value);
	}
	json_decref(list);
	return map;
}

/* ---- decoding ---- */

static int no_such(struct error *err, const char *name, const char *type)
{
	return err_set(err, ERR_INVALID, "%s can not be converted to %s", name, type);
}

static int decode_time(json_t *v, json_t **out, const char *name, struct error *err)
{
	int64_t ms;
	if (json_is_number(v)) {
		double s = json_number_value(v);
		if (s < -1e13 || s > 1e13)
			return no_such(err, name, "a Timestamp");
		ms = (int64_t)(s * 1000 + (s < 0 ? -0.5 : 0.5));
	} else if (!json_is_string(v) || !clock_parse_iso(json_slice(v), &ms)) {
		double s;
		char *end;
		s = json_is_string(v) ? strtod(json_string_value(v), &end) : 0;
		if (!json_is_string(v) || end == json_string_value(v) || *end || !(s > -1e13 && s < 1e13))
			return no_such(err, name, "a Timestamp");
		ms = (int64_t)(s * 1000 + 0.5);
	}
	*out = json_integer(ms);
	return 0;
}

static int decode_scalar(const struct shape *s, json_t *v, json_t **out, enum shape_from from, const char *name, struct error *err)
{
	const char *text = json_string_value(v);
	bool loose = from == SHAPE_FORM && text;
	int64_t n;
	char *end;
	switch (s->type) {
	case SHAPE_TEXT:
		return json_is_string(v) ? 0 : no_such(err, name, "a String");
	case SHAPE_INTEGER:
		if (loose && sl_int(sl_trim(sl(text)), INT64_MIN, INT64_MAX, &n))
			*out = json_integer(n);
		else if (json_is_real(v) && json_real_value(v) == (double)(int64_t)json_real_value(v))
			*out = json_integer((json_int_t)json_real_value(v));
		return *out || json_is_integer(v) ? 0 : no_such(err, name, "an Integer");
	case SHAPE_NUMBER:
		if (loose || (text && *text)) {
			double d = strtod(text, &end);
			if (end != text && !*end)
				*out = json_real(d);
		}
		return *out || json_is_number(v) ? 0 : no_such(err, name, "a Double");
	case SHAPE_BOOLEAN:
		if (loose && (!strcasecmp(text, "true") || !strcasecmp(text, "false")))
			*out = json_boolean(!strcasecmp(text, "true"));
		return *out || json_is_boolean(v) ? 0 : no_such(err, name, "a Boolean");
	case SHAPE_TIME:
		return decode_time(v, out, name, err);
	case SHAPE_BLOB: {
		struct arena a = { 0 };
		struct slice raw;
		bool ok = text && arena_base64(&a, json_slice(v), &raw);
		arena_free(&a);
		return ok ? 0 : no_such(err, name, "a Blob");
	}
	default:
		return 0;
	}
}

static int decode(const struct shape *s, json_t *v, json_t **out, enum shape_from from, const char *name, struct error *err);

/* What takes an item's place in its list or object; the caller puts it there. */
static int decode_items(const struct shape *s, json_t *list, enum shape_from from, const char *name, struct error *err)
{
	for (size_t i = 0; i < json_array_size(list);) {
		json_t *one = json_array_get(list, i), *other = NULL;
		if (json_is_null(one)) {
			json_array_remove(list, i);
			continue;
		}
		int rc = decode(s->of, one, &other, from, name, err);
		if (rc)
			return rc;
		if (other)
			json_array_set_new(list, i, other);
		i++;
	}
	return 0;
}

static int decode_map(const struct shape *s, json_t *map, enum shape_from from, struct error *err)
{
	const char *key;
	json_t *one;
	void *tmp;
	json_object_foreach_safe(map, tmp, key, one) {
		json_t *other = NULL;
		int rc = json_is_null(one) ? 0 : decode(s->of, one, &other, from, key, err);
		if (rc)
			return rc;
		if (json_is_null(one))
			json_object_del(map, key);
		else if (other)
			json_object_set_new(map, key, other);
	}
	return 0;
}

static int decode_struct(const struct shape *s, json_t *o, enum shape_from from, struct error *err)
{
	const char *key;
	json_t *one;
	void *tmp;
	json_object_foreach_safe(o, tmp, key, one) {
		const struct shape_member *m = shape_member(s, key);
		json_t *other = NULL;
		if (json_is_null(one) || !m) {
			json_object_del(o, key);
			continue;
		}
		int rc = decode(m->shape, one, &other, from, key, err);
		if (rc)
			return rc;
		if (other)
			json_object_set_new(o, key, other);
	}
	return 0;
}

static int decode(const struct shape *s, json_t *v, json_t **out, enum shape_from from, const char *name, struct error *err)
{
	if (s->type == SHAPE_ANY)
		return 0;
	if (s->type == SHAPE_LIST || s->type == SHAPE_MAP) {
		bool list = s->type == SHAPE_LIST;
		if (from == SHAPE_FORM)
			v = *out = list ? form_list(v) : form_map(v);
		if (list ? !json_is_array(v) : !json_is_object(v))
			return no_such(err, name, list ? "a List" : "a Map");
		int rc = list ? decode_items(s, v, from, name, err) : decode_map(s, v, from, err);
		if (rc && *out) {
			json_decref(*out);
			*out = NULL;
		}
		return rc;
	}
	if (s->type == SHAPE_STRUCT)
		return json_is_object(v) ? decode_struct(s, v, from, err) : no_such(err, name, "a Structure");
	return decode_scalar(s, v, out, from, name, err);
}

int shape_decode(const struct shape *s, json_t *v, enum shape_from from, struct error *err)
{
	return json_is_object(v) ? decode_struct(s, v, from, err) : err_set(err, ERR_INVALID, "Expected a structure");
}

const char *shape_unknown(const struct shape *s, const json_t *v)
{
	const char *key;
	json_t *one;
	json_object_foreach((json_t *)v, key, one)
		if (!shape_member(s, key))
			return key;
	return NULL;
}

/* A member of the query string, as its shape has it: lists come as one value a name. */
static json_t *query_value(const struct shape *s, const struct http_req *req, const char *name)
{
	struct slice key, value;
	json_t *list = s->type == SHAPE_LIST ? json_array() : NULL, *one = NULL;
	for (size_t pos = 0; http_query_next(req, &pos, &key, &value);) {
		struct slice text = arena_url_decode(req->arena, value, true);
		if (!sl_eqs(arena_url_decode(req->arena, key, true), name) || !sl_is_utf8(text))
			continue;
		if (list)
			json_array_append_new(list, json_stringn(text.p, text.n));
		else if (!one)
			one = json_stringn(text.p, text.n);
	}
	if (list && !json_array_size(list)) {
		json_decref(list);
		list = NULL;
	}
	return list ? list : one;
}

void shape_uri(const struct shape *s, const struct http_req *req, const struct slice *arg, json_t *v)
{
	size_t at = 0;
	for (size_t i = 0; i < s->member_n; i++) {
		const struct shape_member *m = &s->members[i];
		json_t *text = NULL, *other = NULL;
		if (m->where == SHAPE_IN_PATH && arg[at].p)
			text = sl_is_utf8(arg[at]) ? json_stringn(arg[at].p, arg[at].n) : json_string("");
		else if (m->where == SHAPE_IN_QUERY)
			text = query_value(m->shape, req, m->name);
		at += m->where == SHAPE_IN_PATH;
		if (text && m->shape->type != SHAPE_LIST && !decode_scalar(m->shape, text, &other, SHAPE_FORM, m->name, NULL) && other) {
			json_decref(text);
			text = other;
		}
		if (text)
			json_object_set_new(v, m->name, text);
	}
}
