/* Answers by their shape: JSON, XML, CBOR. */
#include "aws/shape_in.h"

#include "core/cbor.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"

static const struct shape *child(const struct shape *s, const char *name)
{
	if (!s)
		return NULL;
	if (s->type == SHAPE_LIST || s->type == SHAPE_MAP)
		return s->of;
	const struct shape_member *m = s->type == SHAPE_STRUCT ? shape_member(s, name) : NULL;
	return m ? m->shape : NULL;
}

/* ---- JSON ---- */

static void json_time(struct buf *b, int64_t ms, enum shape_time time)
{
	char iso[32];
	if (time == SHAPE_ISO) {
		clock_iso(ms, iso);
		jw_text(b, NULL, iso);
	} else if (ms % 1000 == 0) {
		jw_int(b, NULL, ms / 1000);
	} else {
		jw_real(b, NULL, (double)ms / 1000);
	}
}

void shape_json(const struct shape *s, const json_t *v, enum shape_time time, struct buf *out)
{
	size_t i;
	const char *key;
	json_t *one;
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		jw_obj(out, NULL);
		json_object_foreach((json_t *)v, key, one) {
			jw_key(out, sl(key));
			shape_json(child(s, key), one, time, out);
		}
		jw_obj_end(out);
		return;
	case JSON_ARRAY:
		jw_list(out, NULL);
		json_array_foreach(v, i, one)
			shape_json(child(s, NULL), one, time, out);
		jw_list_end(out);
		return;
	case JSON_STRING:
		jw_str(out, NULL, json_slice(v));
		return;
	case JSON_INTEGER:
		if (s && s->type == SHAPE_TIME)
			json_time(out, json_integer_value(v), time);
		else
			jw_int(out, NULL, json_integer_value(v));
		return;
	case JSON_REAL:
		jw_real(out, NULL, json_real_value(v));
		return;
	case JSON_TRUE:
	case JSON_FALSE:
		jw_bool(out, NULL, json_is_true(v));
		return;
	case JSON_NULL:
		jw_null(out, NULL);
		return;
	}
}

/* ---- XML ---- */

struct xml_form {
	const char *item;
	bool ms;
	struct buf *out;
};

static void xml_value(const struct xml_form *f, const struct shape *s, const json_t *v);

static void xml_element(const struct xml_form *f, struct slice name, const struct shape *s, const json_t *v)
{
	buf_addf(f->out, "<%.*s>", SL(name));
	xml_value(f, s, v);
	buf_addf(f->out, "</%.*s>", SL(name));
}

static void xml_map(const struct xml_form *f, const struct shape *s, const json_t *v)
{
	const char *key;
	json_t *one;
	json_object_foreach((json_t *)v, key, one) {
		buf_adds(f->out, "<entry><key>");
		buf_xml_escape(f->out, sl(key));
		buf_adds(f->out, "</key>");
		xml_element(f, S("value"), s->of, one);
		buf_adds(f->out, "</entry>");
	}
}

static void xml_time(const struct xml_form *f, int64_t ms)
{
	char iso[32];
	if (f->ms || ms % 1000)
		clock_iso(ms, iso);
	else
		clock_iso_sec(ms, iso);
	buf_adds(f->out, iso);
}

static void xml_value(const struct xml_form *f, const struct shape *s, const json_t *v)
{
	size_t i;
	const char *key;
	json_t *one;
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		if (s && s->type == SHAPE_MAP)
			xml_map(f, s, v);
		else
			json_object_foreach((json_t *)v, key, one)
				if (!json_is_null(one))
					xml_element(f, sl(key), child(s, key), one);
		return;
	case JSON_ARRAY:
		json_array_foreach(v, i, one)
			xml_element(f, s && s->item.p ? s->item : sl(f->item), child(s, NULL), one);
		return;
	case JSON_STRING:
		buf_xml_escape(f->out, json_slice(v));
		return;
	case JSON_INTEGER:
		if (s && s->type == SHAPE_TIME)
			xml_time(f, json_integer_value(v));
		else
			buf_int(f->out, json_integer_value(v));
		return;
	case JSON_REAL:
		buf_real(f->out, json_real_value(v), true);
		return;
	case JSON_TRUE:
	case JSON_FALSE:
		buf_adds(f->out, json_is_true(v) ? "true" : "false");
		return;
	case JSON_NULL:
		return;
	}
}

void shape_xml(const struct shape *s, const json_t *v, const char *item, bool ms, struct buf *out)
{
	struct xml_form f = { item, ms, out };
	xml_value(&f, s, v);
}

/* ---- CBOR ---- */

static const void *cbor_member(const void *node, const char *name)
{
	return child(node, name);
}

static enum cbor_as cbor_as(const void *node, const char *name)
{
	const struct shape *s = node;
	return !s ? CBOR_PLAIN : s->type == SHAPE_BLOB ? CBOR_BLOB : s->type == SHAPE_TIME ? CBOR_TIMESTAMP : CBOR_PLAIN;
}

/* Times from milliseconds to seconds. */
static void to_seconds(const struct shape *s, json_t *v)
{
	size_t i;
	const char *key;
	json_t *one;
	if (json_is_object(v)) {
		json_object_foreach(v, key, one) {
			const struct shape *c = child(s, key);
			if (c && c->type == SHAPE_TIME && json_is_integer(one))
				json_object_set_new(v, key, json_real((double)json_integer_value(one) / 1000));
			else
				to_seconds(c, one);
		}
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, one) {
			const struct shape *c = child(s, NULL);
			if (c && c->type == SHAPE_TIME && json_is_integer(one))
				json_array_set_new(v, i, json_real((double)json_integer_value(one) / 1000));
			else
				to_seconds(c, one);
		}
	}
}

void shape_cbor(const struct shape *s, json_t *v, struct buf *out)
{
	static const struct cbor_form form = { CBOR_SECONDS, cbor_member, cbor_as };
	to_seconds(s, v);
	cbor_write(v, &form, s, out);
}
