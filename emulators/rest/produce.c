/* Body of a produce request -> records, in the order and with the errors of Jackson's databind for
 * io.confluent.kafkarest.entities.v2.ProduceRequest. */
#include "java/jackson.h"
#include "java/text.h"
#include "rest/bean.h"
#include "rest/rest.h"

#define REQUEST "io.confluent.kafkarest.entities.v2.ProduceRequest"
#define RECORD REQUEST "$ProduceRecord"
#define LIST "java.util.ArrayList<" RECORD ">"

/* A record as read; value and key NULL: absent. */
struct raw_record {
	bool null, has_partition;
	int64_t partition;
	const struct jk_node *key, *value;
	struct raw_record *next;
};

struct raw_request {
	struct raw_record *first, *last;
	size_t count;
	bool has_schema;
};

static bool read_record_property(struct jackson *j, void *bean, int which)
{
	struct raw_record *r = bean;
	struct jk_node *node;
	if (which == 0)
		return bean_integer(j, &r->has_partition, &r->partition);
	node = jk_read_node(j);
	if (!node)
		return false;
	if (which == 1)
		r->key = node;
	else
		r->value = node;
	return true;
}

static const struct bean_property record_props[] = {
	{ "partition", read_record_property },
	{ "key", read_record_property },
	{ "value", read_record_property },
};

/* The unknown property travels through the request struct. */
struct parse {
	struct raw_request request;
	struct slice unknown;
};

static bool read_record(struct jackson *j, struct parse *p)
{
	struct raw_record *r = arena_alloc(j->arena, sizeof(*r));
	bool ok = true;
	if (j->token == JK_NULL)
		r->null = true;
	else if (j->token == JK_START_OBJECT)
		ok = bean_read(j, RECORD, record_props, (int)ARRAY_LEN(record_props), r, &p->unknown);
	else
		ok = bean_fail_scalar(j, RECORD);
	if (!ok)
		return false;
	if (p->request.last)
		p->request.last->next = r;
	else
		p->request.first = r;
	p->request.last = r;
	p->request.count++;
	return true;
}

static bool read_records(struct jackson *j, struct parse *p)
{
	p->request.first = p->request.last = NULL;
	p->request.count = 0;
	if (j->token == JK_NULL)
		return true;
	if (j->token != JK_START_ARRAY) {
		if (j->token == JK_STRING)
			(void)jk_text(j);
		return bean_fail_type(j, LIST);
	}
	while (jk_next(j) != JK_END_ARRAY) {
		if (j->failed)
			return false;
		if (!read_record(j, p)) {
			if (!p->unknown.p)
				jk_wrap(j, "java.util.ArrayList", NULL, p->request.count);
			return false;
		}
	}
	return true;
}

static bool read_request_property(struct jackson *j, void *bean, int which)
{
	struct parse *p = bean;
	bool present;
	int64_t id;
	if (which == 0)
		return read_records(j, p);
	if (which == 1 || which == 3) {
		if (!bean_integer(j, &present, &id))
			return false;
	} else {
		present = j->token != JK_NULL;
		if (j->token == JK_START_OBJECT || j->token == JK_START_ARRAY)
			return bean_fail_type(j, "java.lang.String");
		if (j->token == JK_STRING)
			(void)jk_text(j);
	}
	p->request.has_schema |= present;
	return !j->failed;
}

static const struct bean_property request_props[] = {
	{ "records", read_request_property },         { "key_schema_id", read_request_property },
	{ "key_schema", read_request_property },      { "value_schema_id", read_request_property },
	{ "value_schema", read_request_property },
};

static int fail(struct rest_error *e, int status, struct slice message, bool plain)
{
	*e = (struct rest_error){ .status = status, .code = status, .message = message, .plain = plain };
	return ERR_INVALID;
}

static int internal(struct rest_error *e)
{
	return fail(e, 500, S("Internal Server Error"), false);
}

static int fail_parser(struct jackson *j, struct rest_error *e)
{
	return j->error == JK_LIMIT ? internal(e) : fail(e, 400, jk_message(j), true);
}

/* ImmutableList refuses nulls when the request is made. */
static bool refuse_nulls(struct jackson *j, const struct raw_request *q)
{
	size_t i = 0;
	for (const struct raw_record *r = q->first; r; r = r->next, i++)
		if (r->null) {
			jk_fail_token(j, "Cannot construct instance of `" REQUEST "`, problem: at index %zu", i);
			return false;
		}
	return true;
}

static int parse_request(struct arena *a, struct slice body, struct parse *p, struct rest_error *e)
{
	struct jackson j;
	bool ok;
	jk_init(&j, &bean_words, a, body);
	jk_next(&j);
	if (!j.failed && (j.token == JK_NONE || j.token == JK_NULL))
		return internal(e);
	if (j.failed)
		ok = false;
	else if (j.token != JK_START_OBJECT)
		ok = bean_fail_scalar(&j, REQUEST);
	else
		ok = bean_read(&j, REQUEST, request_props, (int)ARRAY_LEN(request_props), p, &p->unknown) &&
		     refuse_nulls(&j, &p->request);
	if (p->unknown.p)
		return fail(e, 422, arena_printf(a, "Unrecognized field: %.*s", SL(p->unknown)), false);
	return ok ? 0 : fail_parser(&j, e);
}

static struct slice written(struct arena *a, const struct jk_node *node)
{
	struct buf b = { 0 };
	struct slice s;
	jk_write(&b, node);
	s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

bool rest_base64(struct arena *a, struct slice s, struct slice *out)
{
	uint8_t *w;
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0;
	while (s.n && s.p[s.n - 1] == '=')
		s.n--;
	if (s.n % 4 == 1)
		return false;
	w = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
		const char *hit = s.p[i] ? strchr(set, s.p[i]) : NULL;
		if (!hit)
			return false;
		bits = bits << 6 | (uint32_t)(hit - set);
		have += 6;
		if (have >= 8) {
			have -= 8;
			w[n++] = (uint8_t)(bits >> have);
		}
	}
	*out = sl_of(w, n);
	return true;
}

int rest_serialize(struct arena *a, enum rest_format f, const struct jk_node *node, struct slice *out, struct rest_error *e)
{
	*out = sl(NULL);
	if (!node || node->kind == JK_NULL)
		return 0;
	switch (f) {
	case REST_JSON:
		*out = written(a, node);
		return 0;
	case REST_BINARY:
		if (node->kind != JK_STRING)
			return fail(e, 400, arena_printf(a, "Bad Request: data=%.*s is not a base64 string.",
							 SL(written(a, node))), false);
		if (!rest_base64(a, node->text, out))
			return fail(e, 400, arena_printf(a, "Bad Request: data=%.*s is not a valid base64 string.",
							 SL(written(a, node))), false);
		return 0;
	case REST_AVRO:
	case REST_PROTOBUF:
	case REST_JSONSCHEMA:
		break;
	}
	return internal(e);
}

int rest_parse_produce(struct arena *a, struct slice body, enum rest_format f, struct rest_produce *out,
		       struct rest_error *e)
{
	struct parse p = { 0 };
	bool schema = f != REST_BINARY && f != REST_JSON;
	size_t i = 0;
	int rc = parse_request(a, body, &p, e);
	if (rc)
		return rc;
	/* No schema registry stands behind this proxy: what needs one fails as it does there. */
	if (schema && (p.request.has_schema || p.request.count))
		return internal(e);
	out->has_schema = p.request.has_schema;
	out->record_n = p.request.count;
	out->records = arena_alloc(a, (p.request.count + 1) * sizeof(*out->records));
	for (const struct raw_record *r = p.request.first; r && !rc; r = r->next, i++) {
		out->records[i].has_partition = r->has_partition;
		out->records[i].partition = (int)r->partition;
		rc = rest_serialize(a, f, r->key, &out->records[i].key, e);
		if (!rc)
			rc = rest_serialize(a, f, r->value, &out->records[i].value, e);
	}
	return rc;
}

int rest_parse_map(struct arena *a, struct slice body, struct rest_error *e)
{
	struct jackson j;
	bool ok = false;
	jk_init(&j, &bean_words, a, body);
	jk_next(&j);
	if (!j.failed && (j.token == JK_NONE || j.token == JK_NULL))
		return 0;
	if (j.failed)
		return fail_parser(&j, e);
	if (j.token == JK_START_OBJECT) {
		while (jk_next(&j) == JK_FIELD_NAME) {
			struct slice name = jk_text(&j);
			jk_next(&j);
			if (j.token == JK_START_OBJECT || j.token == JK_START_ARRAY)
				bean_fail_type(&j, "java.lang.String");
			else
				(void)jk_read_node(&j);
			if (j.failed)
				jk_wrap(&j, "java.util.LinkedHashMap", arena_cstr(a, name), 0);
		}
		ok = !j.failed;
	} else {
		bean_fail_type(&j, "java.util.LinkedHashMap<java.lang.String,java.lang.String>");
	}
	return ok ? 0 : fail_parser(&j, e);
}
