/* Request bodies, refused in Jackson's words. */
#include "connect/answer.h"

#define ENTITIES "org.apache.kafka.connect.runtime.rest.entities."
#define SOURCE "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %zu, column: %zu]"

static const char *token(const struct jk_node *v)
{
	switch (v->kind) {
	case JK_START_ARRAY: return "Array value (token `JsonToken.START_ARRAY`)";
	case JK_START_OBJECT: return "Object value (token `JsonToken.START_OBJECT`)";
	case JK_STRING: return "String value (token `JsonToken.VALUE_STRING`)";
	case JK_INT: return "Integer value (token `JsonToken.VALUE_NUMBER_INT`)";
	case JK_FLOAT: return "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)";
	case JK_TRUE: return "Boolean value (token `JsonToken.VALUE_TRUE`)";
	case JK_FALSE: return "Boolean value (token `JsonToken.VALUE_FALSE`)";
	case JK_NULL:
	case JK_NONE:
	case JK_END_OBJECT:
	case JK_END_ARRAY:
	case JK_FIELD_NAME: break;
	}
	return "Null value (token `JsonToken.VALUE_NULL`)";
}

/* DIFFERS: the place is always the body's first character; Jackson names the value's own. */
static int wrong_type(const char *type, const struct jk_node *v, struct error *err)
{
	return err_set(err, ERR_INVALID, "Cannot deserialize value of type `%s` from %s\n at " SOURCE, type, token(v), (size_t)1, (size_t)1);
}

/* Jackson reads the whole object before it names a property it doesn't know. */
static int unknown_field(struct slice body, const char *class, struct slice field, const char *known, struct error *err)
{
	size_t line = 1, at = 0;
	body.n = sl_trim(body).p + sl_trim(body).n - body.p;
	for (size_t i = 0; i < body.n; i++) {
		if (body.p[i] != '\n')
			continue;
		line++;
		at = i + 1;
	}
	return err_set(err, ERR_INVALID, "Unrecognized field \"%.*s\" (class " ENTITIES "%s), not marked as ignorable (%s])\n at " SOURCE
		       " (through reference chain: " ENTITIES "%s[\"%.*s\"])", (int)(field.n > 128 ? 128 : field.n), field.p, class, known, line,
		       body.n - at + 1, class, (int)(field.n > 128 ? 128 : field.n), field.p);
}

/* A scalar as Jackson gives it to a String property. */
static int as_string(struct arena *a, const struct jk_node *v, struct slice *out, struct error *err)
{
	struct buf b = { 0 };
	switch (v->kind) {
	case JK_STRING:
		*out = v->text;
		return 0;
	case JK_NULL:
	case JK_NONE:
		*out = sl(NULL);
		return 0;
	case JK_START_ARRAY:
	case JK_START_OBJECT:
		return wrong_type("java.lang.String", v, err);
	case JK_TRUE:
	case JK_FALSE:
	case JK_INT:
	case JK_FLOAT:
	case JK_END_OBJECT:
	case JK_END_ARRAY:
	case JK_FIELD_NAME:
		break;
	}
	jk_write(&b, v);
	*out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return 0;
}

/* DIFFERS: a null value is as if the key were not there. */
static int as_config(struct arena *a, const struct jk_node *v, bool patch, struct con_config *out, struct error *err)
{
	size_t bytes = 0;
	if (v->kind != JK_START_OBJECT)
		return wrong_type("java.util.LinkedHashMap<java.lang.String,java.lang.String>", v, err);
	for (const struct jk_node *m = v->first; m; m = m->next) {
		struct slice s;
		int rc = as_string(a, m, &s, err);
		if (rc)
			return rc;
		bytes += m->name.n + s.n;
		if (memchr(m->name.p, 0, m->name.n) || (s.n && memchr(s.p, 0, s.n)))
			return err_set(err, ERR_INVALID, "a configuration with NUL characters is not supported by tarn");
		if (out->n >= CON_CONFIG_KEYS_MAX || bytes > CON_CONFIG_BYTES_MAX)
			return err_set(err, ERR_LIMIT, "a configuration of more than %d keys or %d bytes", CON_CONFIG_KEYS_MAX, CON_CONFIG_BYTES_MAX);
		if (s.p)
			con_put(out, m->name, s);
		else if (patch)
			con_remove(out, arena_cstr(a, m->name));
	}
	return 0;
}

int con_config_parse(struct slice json, struct con_config *out, struct error *err)
{
	struct arena a = { 0 };
	struct jk_node *v;
	int rc = con_json(&a, json, false, &v, err);
	if (!rc)
		rc = as_config(&a, v, false, out, err);
	arena_free(&a);
	return rc;
}

int con_parse_patch(struct arena *a, struct slice body, struct con_config *c, struct error *err)
{
	struct jk_node *v;
	int rc = con_json(a, body, false, &v, err);
	return rc ? rc : as_config(a, v, true, c, err);
}

static bool known_state(struct slice s)
{
	return sl_eq_nocase(s, S("RUNNING")) || sl_eq_nocase(s, S("PAUSED")) || sl_eq_nocase(s, S("STOPPED"));
}

int con_parse_create(struct arena *a, struct slice body, struct con_create *out, struct error *err)
{
	struct jk_node *v;
	int rc = con_json(a, body, false, &v, err);
	if (!rc && v->kind != JK_START_OBJECT)
		return wrong_type(ENTITIES "CreateConnectorRequest", v, err);
	for (const struct jk_node *m = rc ? NULL : v->first; m && !rc; m = m->next) {
		if (sl_eq(m->name, S("name")))
			rc = as_string(a, m, &out->name, err);
		else if (sl_eq(m->name, S("initial_state")))
			rc = as_string(a, m, &out->state, err);
		else if (!sl_eq(m->name, S("config")))
			rc = unknown_field(body, "CreateConnectorRequest", m->name, "3 known properties: \"config\", \"name\", \"initial_state\"", err);
		else if (m->kind != JK_NULL && (out->has_config = true))
			rc = as_config(a, m, false, &out->config, err);
	}
	if (!rc && out->name.n && memchr(out->name.p, 0, out->name.n))
		rc = err_set(err, ERR_INVALID, "a name with NUL characters is not supported by tarn");
	if (!rc && out->state.p && !known_state(out->state))
		rc = err_set(err, ERR_INVALID, "Cannot construct instance of `" ENTITIES "CreateConnectorRequest$InitialState`, problem: No enum constant "
			    ENTITIES "CreateConnectorRequest.InitialState.%.*s", (int)(out->state.n > 128 ? 128 : out->state.n), out->state.p);
	return rc;
}

static int one_offset(struct arena *a, const struct jk_node *v, struct con_offset_row *out, struct error *err)
{
	const struct jk_node *where = jk_get(v, S("partition")), *at = jk_get(v, S("offset"));
	const struct jk_node *topic = where ? jk_get(where, S("kafka_topic")) : NULL;
	const struct jk_node *part = where ? jk_get(where, S("kafka_partition")) : NULL;
	const struct jk_node *offset = at ? jk_get(at, S("kafka_offset")) : NULL;
	struct slice n;
	int64_t partition;
	int rc;
	if (!where || where->kind != JK_START_OBJECT)
		return err_set(err, ERR_INVALID, "The partition for a sink connector offset cannot be null or missing");
	if (!topic || !part || topic->kind == JK_NULL || part->kind == JK_NULL)
		return err_set(err, ERR_INVALID, "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'");
	if ((rc = as_string(a, topic, &out->topic, err)) || (rc = as_string(a, part, &n, err)))
		return rc;
	if (!sl_int(n, 0, INT32_MAX, &partition) || memchr(out->topic.p, 0, out->topic.n))
		return err_set(err, ERR_INVALID, "Failed to parse the following Kafka partition value in the provided offsets: '%.*s'. Partition values for sink connectors need to be integers.", SL(n));
	out->partition = (int)partition;
	out->offset = -1;
	if (!at || at->kind == JK_NULL)
		return 0;
	if (!offset || offset->kind == JK_NULL)
		return err_set(err, ERR_INVALID, "The offset for a sink connector should either be null or contain the key 'kafka_offset'");
	if ((rc = as_string(a, offset, &n, err)))
		return rc;
	if (!sl_int(n, 0, INT64_MAX, &out->offset))
		return err_set(err, ERR_INVALID, "Failed to parse the following Kafka offset value in the provided offsets: '%.*s'. Offset values for sink connectors need to be integers.", SL(n));
	return 0;
}

static int one_source(struct arena *a, const struct jk_node *v, struct con_offset_row *out, struct error *err)
{
	const struct jk_node *where = jk_get(v, S("partition")), *at = jk_get(v, S("offset"));
	const struct jk_node *file = where && where->kind == JK_START_OBJECT ? jk_get(where, S("filename")) : NULL;
	const struct jk_node *position = at && at->kind == JK_START_OBJECT ? jk_get(at, S("position")) : NULL;
	bool gone = !at || at->kind == JK_NULL;
	int rc;
	*out = (struct con_offset_row){ .topic = S(""), .offset = -1 };
	if (!gone && !position)
		return err_set(err, ERR_INVALID, "Offset objects should either be null or contain the key 'position'");
	if (!gone && (position->kind != JK_INT || !sl_int(position->text, INT64_MIN, INT64_MAX, &out->offset)))
		return err_set(err, ERR_INVALID, "The value for the 'position' key in the offset is expected to be a Long value");
	if (!gone && out->offset < 0)
		return err_set(err, ERR_INVALID, "The value for the 'position' key in the offset should be a non-negative value");
	if (!gone && (!where || where->kind != JK_START_OBJECT))
		return err_set(err, ERR_INVALID, "Partition objects cannot be null");
	if (!gone && !file)
		return err_set(err, ERR_INVALID, "Partition objects should contain the key 'filename'");
	if (!file)
		return 0;
	if ((rc = as_string(a, file, &out->topic, err)))
		return rc;
	return 0;
}

int con_parse_offsets(struct arena *a, bool source, struct slice body, struct con_offset_row *out, size_t *n, struct error *err)
{
	struct jk_node *v;
	int rc = con_json(a, body, false, &v, err);
	*n = 0;
	if (rc)
		return rc;
	if (v->kind != JK_START_OBJECT)
		return wrong_type(ENTITIES "ConnectorOffsets", v, err);
	const struct jk_node *list = jk_get(v, S("offsets"));
	if (!list || list->kind != JK_START_ARRAY || !list->count)
		return err_set(err, ERR_INVALID, "Partitions / offsets need to be provided for an alter offsets request");
	for (const struct jk_node *m = list->first; m && !rc; m = m->next) {
		if (*n >= CON_OFFSETS_MAX)
			return err_set(err, ERR_LIMIT, "more than %d offsets", CON_OFFSETS_MAX);
		rc = (source ? one_source : one_offset)(a, m, &out[(*n)++], err);
	}
	return rc;
}
