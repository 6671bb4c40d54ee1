/* YAML exports -> the same values as JSON's, and back. libyaml is named here only. */
#include <strings.h>
#include <yaml.h>

#include "apigateway/openapi.h"

enum { YAML_DEPTH_MAX = 128, YAML_NODES_MAX = 200000 }; /* aliases are copied: a bound against documents made to explode */

struct reader {
	yaml_document_t *doc;
	size_t nodes;
};

static json_t *node(struct reader *r, int index, int depth);

/* A plain scalar by YAML's core schema; a quoted one is a text. */
static json_t *scalar(const yaml_node_t *n)
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

static json_t *sequence(struct reader *r, const yaml_node_t *n, int depth)
{
	json_t *out = json_array();
	for (const yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++)
		if (json_array_append_new(out, node(r, *i, depth + 1))) {
			json_decref(out);
			return NULL;
		}
	return out;
}

static json_t *mapping(struct reader *r, const yaml_node_t *n, int depth)
{
	json_t *out = json_object();
	for (const yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(r->doc, p->key);
		if (!key || key->type != YAML_SCALAR_NODE ||
		    json_object_set_new(out, (const char *)key->data.scalar.value, node(r, p->value, depth + 1))) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

/* NULL: too deep, too many, or not text. */
static json_t *node(struct reader *r, int index, int depth)
{
	const yaml_node_t *n = yaml_document_get_node(r->doc, index);
	if (!n || depth > YAML_DEPTH_MAX || ++r->nodes > YAML_NODES_MAX)
		return NULL;
	switch (n->type) {
	case YAML_NO_NODE:
		return json_null();
	case YAML_SCALAR_NODE:
		return scalar(n);
	case YAML_SEQUENCE_NODE:
		return sequence(r, n, depth);
	case YAML_MAPPING_NODE:
		return mapping(r, n, depth);
	}
	return NULL;
}

json_t *gw_yaml(struct slice text)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	json_t *out = NULL;
	if (!yaml_parser_initialize(&parser))
		return NULL;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
	if (yaml_parser_load(&parser, &doc)) {
		struct reader r = { .doc = &doc };
		if (yaml_document_get_root_node(&doc))
			out = node(&r, 1, 0);
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
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
