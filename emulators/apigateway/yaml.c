/* YAML exports -> the same values as JSON's, and back. libyaml is named here only. */
#include <strings.h>
#include <yaml.h>

#include "apigateway/openapi.h"

/* The text is read event by event, so a document that is too deep or too large is left where that shows: libyaml's own tree
 * would be built of all of it first. Aliases are copied, and what they copy counts. */
enum { TAGS_MAX = 100 /* libyaml compares each %TAG with all before */ };

struct reader {
	yaml_parser_t parser;
	json_int_t nodes;
	json_t *anchors; /* name -> [value, its nodes], of values that are whole */
};

/* A plain scalar by YAML's core schema; a quoted one is a text. */
static json_t *scalar(const yaml_event_t *n)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };
	const char *s = (const char *)n->data.scalar.value;
	size_t len = n->data.scalar.length;
	char *end;
	if (n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return json_stringn(s, len);
	for (size_t i = 0; i < ARRAY_LEN(nulls); i++)
		if (!strcmp(s, nulls[i]))
			return json_null();
	if (!strcasecmp(s, "true") || !strcasecmp(s, "false"))
		return json_boolean(s[0] == 't' || s[0] == 'T');
	if (strchr("+-.0123456789", s[0]) && s[strspn(s, "+-.0123456789eE")] == '\0') {
		long long v = strtoll(s, &end, 10);
		double d;
		if (!*end)
			return json_integer(v);
		d = strtod(s, &end);
		if (!*end)
			return json_real(d);
	}
	return json_stringn(s, len);
}

static void keep_anchor(struct reader *r, const yaml_char_t *name, json_t *v, json_int_t nodes)
{
	if (name && v)
		json_object_set_new(r->anchors, (const char *)name, json_pack("[O,I]", v, nodes));
}

static json_t *alias(struct reader *r, const yaml_char_t *name)
{
	const json_t *a = json_object_get(r->anchors, (const char *)name);
	r->nodes += json_integer_value(json_array_get(a, 1));
	return r->nodes > GW_DOC_NODES_MAX ? NULL : json_deep_copy(json_array_get(a, 0));
}

static json_t *value(struct reader *r, const yaml_event_t *e, int depth);

/* The next event's value; *end: it is the end of the list or map instead. */
static json_t *next_value(struct reader *r, int depth, bool *end)
{
	yaml_event_t e;
	json_t *out = NULL;
	if (!yaml_parser_parse(&r->parser, &e))
		return NULL;
	*end = e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT;
	if (!*end)
		out = value(r, &e, depth);
	yaml_event_delete(&e);
	return out;
}

static json_t *sequence(struct reader *r, int depth)
{
	json_t *out = json_array();
	bool end = false;
	while (!json_array_append_new(out, next_value(r, depth + 1, &end)))
		;
	if (end)
		return out;
	json_decref(out);
	return NULL;
}

/* A key is a scalar, or an alias to a text. */
static json_t *next_key(struct reader *r, int depth, bool *end)
{
	yaml_event_t e;
	json_t *out = NULL;
	if (!yaml_parser_parse(&r->parser, &e))
		return NULL;
	*end = e.type == YAML_MAPPING_END_EVENT;
	if (e.type == YAML_SCALAR_EVENT)
		out = json_stringn((const char *)e.data.scalar.value, e.data.scalar.length);
	else if (e.type == YAML_ALIAS_EVENT)
		out = alias(r, e.data.alias.anchor);
	yaml_event_delete(&e);
	return out;
}

static json_t *mapping(struct reader *r, int depth)
{
	json_t *out = json_object(), *key;
	bool end = false, bad = false, nothing;
	while (!bad && (key = next_key(r, depth + 1, &end))) {
		bad = !json_is_string(key) || json_object_set_new(out, json_string_value(key), next_value(r, depth + 1, &nothing));
		json_decref(key);
	}
	if (end && !bad)
		return out;
	json_decref(out);
	return NULL;
}

/* NULL: too deep, too many, or no value. */
static json_t *value(struct reader *r, const yaml_event_t *e, int depth)
{
	json_int_t before = r->nodes++;
	json_t *out;
	if (depth > GW_DOC_DEPTH_MAX || before >= GW_DOC_NODES_MAX)
		return NULL;
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		out = scalar(e);
		keep_anchor(r, e->data.scalar.anchor, out, 1);
		return out;
	case YAML_SEQUENCE_START_EVENT:
		out = sequence(r, depth);
		keep_anchor(r, e->data.sequence_start.anchor, out, r->nodes - before);
		return out;
	case YAML_MAPPING_START_EVENT:
		out = mapping(r, depth);
		keep_anchor(r, e->data.mapping_start.anchor, out, r->nodes - before);
		return out;
	case YAML_ALIAS_EVENT:
		return alias(r, e->data.alias.anchor);
	default: /* the events around values: there is none here */
		return NULL;
	}
}

static bool too_many_tags(struct slice text)
{
	ssize_t at;
	for (int n = 0; (at = sl_find(text, S("%TAG"))) >= 0; text = sl_from(text, (size_t)at + 1))
		if (++n > TAGS_MAX)
			return true;
	return false;
}

json_t *gw_yaml(struct slice text)
{
	struct reader r = { .nodes = 0 };
	yaml_event_t e;
	json_t *out = NULL;
	bool before = true, end;
	if (too_many_tags(text) || !yaml_parser_initialize(&r.parser))
		return NULL;
	r.anchors = json_object();
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
	while (before && yaml_parser_parse(&r.parser, &e)) {
		before = e.type == YAML_STREAM_START_EVENT;
		if (e.type == YAML_DOCUMENT_START_EVENT)
			out = next_value(&r, 0, &end);
		yaml_event_delete(&e);
	}
	json_decref(r.anchors);
	yaml_parser_delete(&r.parser);
	return out;
}

/* ---- writing ---- */

static bool emit(yaml_emitter_t *e, yaml_event_t *event, int made)
{
	return made && yaml_emitter_emit(e, event);
}

static bool put_scalar(yaml_emitter_t *e, const char *text, size_t n, bool quoted)
{
	yaml_event_t event;
	return emit(e, &event, yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)n, 1, 1,
							    quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE));
}

static bool put(yaml_emitter_t *e, const json_t *v)
{
	yaml_event_t event;
	json_t *member;
	const char *key;
	char *text;
	size_t i;
	bool ok;
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		ok = emit(e, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
		json_object_foreach((json_t *)v, key, member)
			ok = ok && put_scalar(e, key, strlen(key), true) && put(e, member);
		return ok && emit(e, &event, yaml_mapping_end_event_initialize(&event));
	case JSON_ARRAY:
		ok = emit(e, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
		json_array_foreach(v, i, member)
			ok = ok && put(e, member);
		return ok && emit(e, &event, yaml_sequence_end_event_initialize(&event));
	case JSON_STRING:
		return put_scalar(e, json_string_value(v), json_string_length(v), true);
	case JSON_INTEGER:
	case JSON_REAL:
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		text = json_dumps(v, JSON_ENCODE_ANY);
		ok = put_scalar(e, text, strlen(text), false);
		free(text);
		return ok;
	}
	return false;
}

static int on_write(void *arg, unsigned char *p, size_t n)
{
	buf_add(arg, p, n);
	return 1;
}

bool gw_yaml_write(const json_t *v, struct buf *out)
{
	yaml_emitter_t e;
	yaml_event_t event;
	bool ok;
	if (!yaml_emitter_initialize(&e))
		return false;
	yaml_emitter_set_output(&e, on_write, out);
	yaml_emitter_set_unicode(&e, 1);
	yaml_emitter_set_width(&e, -1);
	ok = emit(&e, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
	     emit(&e, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 0)) && put(&e, v) &&
	     emit(&e, &event, yaml_document_end_event_initialize(&event, 1)) && emit(&e, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_delete(&e);
	return ok;
}
