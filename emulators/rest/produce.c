/* Body of a produce request -> records, in the order and with the errors of Jackson's databind for
 * io.confluent.kafkarest.entities.v2.ProduceRequest. */
#include "java/jackson.h"
#include "java/text.h"
#include "rest/rest.h"

#define REQUEST "io.confluent.kafkarest.entities.v2.ProduceRequest"
#define RECORD REQUEST "$ProduceRecord"
#define LIST "java.util.ArrayList<" RECORD ">"

/* Jackson 2.13, reading a Jersey input stream. */
static const struct jk_words words = {
	.source = "(org.glassfish.jersey.message.internal.ReaderInterceptorExecutor$UnCloseableInputStream)",
	.odd_allow = "JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS",
	.depth_max = REST_DEPTH_MAX,
};

/* A property of a bean made by a creator: unknown ones are kept until all known ones are there or the bean ends. */
struct property {
	const char *name;
	bool (*read)(struct jackson *j, void *bean, int which);
};

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

static const char *value_word(enum jk_token t)
{
	return t == JK_START_OBJECT ? "Object" : t == JK_START_ARRAY ? "Array" : t == JK_STRING ? "String" :
	       t == JK_INT ? "Integer" : t == JK_FLOAT ? "Floating-point" : "Boolean";
}

static const char *token_word(enum jk_token t)
{
	return t == JK_START_OBJECT ? "START_OBJECT" : t == JK_START_ARRAY ? "START_ARRAY" : t == JK_STRING ? "VALUE_STRING" :
	       t == JK_INT ? "VALUE_NUMBER_INT" : t == JK_FLOAT ? "VALUE_NUMBER_FLOAT" :
	       t == JK_TRUE ? "VALUE_TRUE" : "VALUE_FALSE";
}

static bool fail_type(struct jackson *j, const char *type)
{
	jk_fail_token(j, "Cannot deserialize value of type `%s` from %s value (token `JsonToken.%s`)", type,
		      value_word(j->token), token_word(j->token));
	return false;
}

/* A scalar where a bean should be. */
static bool fail_scalar_bean(struct jackson *j, const char *class)
{
	const char *none = "(although at least one Creator exists): no";
	struct buf number = { 0 };
	struct slice text;
	struct jk_node *node;
	switch (j->token) {
	case JK_STRING:
		text = jk_text(j);
		if (text.n == 0)
			jk_fail_token(j, "Cannot coerce empty String (\"\") to `%s` value (but could if coercion was enabled "
					 "using `CoercionConfig`)", class);
		else
			jk_fail_token(j, "Cannot construct instance of `%s` %s String-argument constructor/factory method to "
					 "deserialize from String value ('%.*s')", class, none, SL(text));
		return false;
	case JK_INT:
		jk_fail_token(j, "Cannot construct instance of `%s` %s int/Int-argument constructor/factory method to "
				 "deserialize from Number value (%.*s)", class, none, SL(j->text));
		return false;
	case JK_FLOAT:
		node = jk_read_node(j);
		java_double(&number, node ? node->number : 0);
		jk_fail_token(j, "Cannot construct instance of `%s` %s double/Double-argument constructor/factory method to "
				 "deserialize from Number value (%.*s)", class, none, SL(buf_slice(&number)));
		buf_free(&number);
		return false;
	case JK_TRUE:
	case JK_FALSE:
		jk_fail_token(j, "Cannot construct instance of `%s` %s boolean/Boolean-argument constructor/factory method "
				 "to deserialize from boolean value (%s)", class, none, j->token == JK_TRUE ? "true" : "false");
		return false;
	default:
		return fail_type(j, class);
	}
}

/* Reads a bean from its START_OBJECT to its END_OBJECT. *unknown gets the first property that isn't one; the
 * parser fails without a message of its own then. */
static bool read_bean(struct jackson *j, const char *class, const struct property *props, int prop_n, void *bean,
		      struct slice *unknown)
{
	unsigned missing = (1u << prop_n) - 1;
	struct slice odd = { 0 };
	while (jk_next(j) == JK_FIELD_NAME) {
		struct slice name = jk_text(j);
		int i = 0;
		while (i < prop_n && !sl_eqs(name, props[i].name))
			i++;
		jk_next(j);
		if (j->failed)
			return false;
		if (i < prop_n) {
			if (!props[i].read(j, bean, i)) {
				if (!unknown->p)
					jk_wrap(j, class, props[i].name, 0);
				return false;
			}
			missing &= ~(1u << i);
		} else if (missing && jk_read_node(j)) {
			odd = odd.p ? odd : name;
		} else {
			if (!j->failed)
				*unknown = odd.p ? odd : name;
			return false;
		}
		/* All there: the bean is made, after a look at what follows. */
		if (!missing && odd.p) {
			jk_next(j);
			if (!j->failed)
				*unknown = odd;
			return false;
		}
	}
	if (!j->failed && odd.p)
		*unknown = odd;
	return !j->failed && !odd.p;
}

static bool fail_integer_text(struct jackson *j, struct slice text)
{
	bool digits = text.n > 0;
	size_t i = text.n && (*text.p == '-' || *text.p == '+');
	for (digits = i < text.n; i < text.n; i++)
		digits = digits && text.p[i] >= '0' && text.p[i] <= '9';
	if (digits && text.n > 9)
		jk_fail_token(j, "Cannot deserialize value of type `java.lang.Integer` from String \"%.*s\": Overflow: numeric "
				 "value (%.*s) out of range of `java.lang.Integer` (-2147483648 -2147483647)",
			      SL(text), SL(text));
	else
		jk_fail_token(j, "Cannot deserialize value of type `java.lang.Integer` from String \"%.*s\": not a valid "
				 "`java.lang.Integer` value", SL(text));
	return false;
}

static bool fail_range(struct jackson *j)
{
	jk_fail_here(j, "Numeric value (%.*s) out of range of int (-2147483648 - 2147483647)", SL(j->text));
	return false;
}

/* java.lang.Integer at the current token, with Jackson's coercions. */
static bool read_integer(struct jackson *j, bool *present, int64_t *out)
{
	struct slice text, digits;
	int64_t v;
	double d;
	*present = false;
	switch (j->token) {
	case JK_NULL:
		return true;
	case JK_INT:
		if (!sl_int(j->text, INT32_MIN, INT32_MAX, &v))
			return fail_range(j);
		break;
	case JK_FLOAT: {
		struct jk_node *node = jk_read_node(j);
		d = node ? node->number : 0;
		if (!(d >= INT32_MIN && d <= INT32_MAX))
			return fail_range(j);
		v = (int64_t)d;
		break;
	}
	case JK_STRING:
		text = jk_text(j);
		if (j->failed)
			return false;
		digits = sl_trim(text);
		if (digits.n == 0 || sl_eqs(digits, "null"))
			return true;
		if (digits.n > 1 && *digits.p == '+')
			digits = sl_from(digits, 1);
		if (!sl_int(digits, INT32_MIN, INT32_MAX, &v))
			return fail_integer_text(j, sl_trim(text));
		break;
	default:
		return fail_type(j, "java.lang.Integer");
	}
	*present = true;
	*out = v;
	return true;
}

static bool read_record_property(struct jackson *j, void *bean, int which)
{
	struct raw_record *r = bean;
	struct jk_node *node;
	if (which == 0)
		return read_integer(j, &r->has_partition, &r->partition);
	node = jk_read_node(j);
	if (!node)
		return false;
	if (which == 1)
		r->key = node;
	else
		r->value = node;
	return true;
}

static const struct property record_props[] = {
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
		ok = read_bean(j, RECORD, record_props, (int)ARRAY_LEN(record_props), r, &p->unknown);
	else
		ok = fail_scalar_bean(j, RECORD);
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
		return fail_type(j, LIST);
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
		if (!read_integer(j, &present, &id))
			return false;
	} else {
		present = j->token != JK_NULL;
		if (j->token == JK_START_OBJECT || j->token == JK_START_ARRAY)
			return fail_type(j, "java.lang.String");
		if (j->token == JK_STRING)
			(void)jk_text(j);
	}
	p->request.has_schema |= present;
	return !j->failed;
}

static const struct property request_props[] = {
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
	jk_init(&j, &words, a, body);
	jk_next(&j);
	if (!j.failed && (j.token == JK_NONE || j.token == JK_NULL))
		return internal(e);
	if (j.failed)
		ok = false;
	else if (j.token != JK_START_OBJECT)
		ok = fail_scalar_bean(&j, REQUEST);
	else
		ok = read_bean(&j, REQUEST, request_props, (int)ARRAY_LEN(request_props), p, &p->unknown) &&
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

/* Key or value as it lands in the topic. */
static int serialize(struct arena *a, enum rest_format f, const struct jk_node *node, struct slice *out,
		     struct rest_error *e)
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
		rc = serialize(a, f, r->key, &out->records[i].key, e);
		if (!rc)
			rc = serialize(a, f, r->value, &out->records[i].value, e);
	}
	return rc;
}

int rest_parse_map(struct arena *a, struct slice body, struct rest_error *e)
{
	struct jackson j;
	bool ok = false;
	jk_init(&j, &words, a, body);
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
				fail_type(&j, "java.lang.String");
			else
				(void)jk_read_node(&j);
			if (j.failed)
				jk_wrap(&j, "java.util.LinkedHashMap", arena_cstr(a, name), 0);
		}
		ok = !j.failed;
	} else {
		fail_type(&j, "java.util.LinkedHashMap<java.lang.String,java.lang.String>");
	}
	return ok ? 0 : fail_parser(&j, e);
}
