/* Reading records of a consumer instance: polls until the time is over, enough bytes are there, or the next record would be too many. One
 * read of an instance at a time; others wait for it. */
#include "core/json.h"
#include "java/jackson.h"
#include "rest/consumers.h"

struct rest_reading {
	struct rest_reading *next;
	struct rest_call *c;
	struct rest_instance *i;
	const char *type;   /* of the answer */
	int64_t ends_ms;    /* real time */
	int64_t max_bytes, bytes;
	struct owed *poll;
};

static void go_on(struct rest_reading *r);

/* The answer has been made: the next read begins. */
static void finish(struct rest_reading *r)
{
	struct rest_instance *i = r->i;
	i->reading = i->waiting;
	if (i->waiting)
		i->waiting = i->waiting->next;
	owed_cancel(r->poll);
	free(r);
	rest_instance_renew(i);
	if (i->reading)
		go_on(i->reading);
}

static void fail(struct rest_reading *r, int status, int code, struct slice text)
{
	rest_answer_code(r->c, status, code, text, r->type);
	finish(r);
}

/* ---- a record ---- */

static void add_base64(struct buf *b, const char *name, struct slice s)
{
	if (!s.p) {
		jw_null(b, name);
		return;
	}
	jw_key(b, sl(name));
	buf_u8(b, '"');
	buf_base64(b, s.p, s.n);
	buf_u8(b, '"');
}

/* As Jackson says where it reads from, for bytes: the first 500 of them. */
static const char *source_of(struct arena *a, struct slice s)
{
	struct buf b = { 0 };
	size_t shown = s.n < 500 ? s.n : 500;
	buf_addf(&b, "(byte[])\"%.*s\"", (int)shown, s.p);
	if (s.n > shown)
		buf_addf(&b, "[truncated %zu bytes]", s.n - shown);
	buf_u8(&b, 0);
	struct slice kept = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return kept.p;
}

/* False: not JSON, *why says so as the proxy does. */
static bool add_json(struct arena *a, struct buf *b, const char *name, struct slice s, struct slice *why)
{
	struct jk_words words = { .odd_allow = "JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS", .depth_max = REST_DEPTH_MAX };
	struct jackson j;
	struct jk_node *node;
	struct buf text = { 0 };
	if (!s.p) {
		jw_null(b, name);
		return true;
	}
	words.source = source_of(a, s);
	jk_init(&j, &words, a, s);
	jk_next(&j);
	node = j.failed ? NULL : jk_read_node(&j);
	if (node && !j.failed && node->kind != JK_NONE) {
		jw_key(b, sl(name));
		jk_write(b, node);
		return true;
	}
	if (j.failed)
		buf_addf(&text, "com.fasterxml.jackson.core.%s: %.*s", j.error == JK_EOF ? "io.JsonEOFException" : "JsonParseException", SL(jk_message(&j)));
	else
		buf_addf(&text, "com.fasterxml.jackson.databind.exc.MismatchedInputException: No content to map due to end-of-input\n at [Source: %s; line: 1, column: 0]",
			 words.source);
	*why = arena_dup(a, buf_slice(&text));
	buf_free(&text);
	return false;
}

static bool add_value(struct rest_reading *r, const char *name, struct slice s, struct slice *why)
{
	if (r->i->format == REST_JSON)
		return add_json(r->c->req->arena, &r->c->body, name, s, why);
	add_base64(&r->c->body, name, s);
	return true;
}

/* Appends it to the answer; false: the read has failed, and been answered. The record stays to be read again. */
static bool add_record(struct rest_reading *r, const struct consumed *in)
{
	struct buf *b = &r->c->body;
	struct slice why = { 0 };
	if (r->i->format != REST_JSON && r->i->format != REST_BINARY) { /* without a schema registry there is nobody who could read it */
		struct buf text = { 0 };
		buf_addf(&text, "Error deserializing key/value for partition %.*s-%d at offset %lld. If needed, please seek past the record to continue consumption.",
			 SL(in->topic), in->partition, (long long)in->record.offset);
		why = arena_dup(r->c->req->arena, buf_slice(&text));
		buf_free(&text);
		fail(r, 408, REST_E_SERIALIZATION, why);
		return false;
	}
	jw_obj(b, NULL);
	jk_str(b, "topic", in->topic);
	if (!add_value(r, "key", in->record.key, &why) || !add_value(r, "value", in->record.value, &why)) {
		fail(r, 408, REST_E_SERIALIZATION, why);
		return false;
	}
	jw_int(b, "partition", in->partition);
	jw_int(b, "offset", in->record.offset);
	jw_obj_end(b);
	return true;
}

/* ---- passes ---- */

static struct slice kept(struct rest_instance *i, struct slice s)
{
	return s.p ? arena_dup(&i->arena, s) : s;
}

static void on_poll(void *arg, const struct consumed *in, size_t n, const struct error *err)
{
	struct rest_reading *r = arg;
	struct rest_instance *i = r->i;
	if (err) {
		struct buf b = { 0 };
		buf_addf(&b, "Kafka error: %s", err->text);
		struct slice text = arena_dup(r->c->req->arena, buf_slice(&b));
		buf_free(&b);
		fail(r, 500, REST_E_KAFKA, text);
		return;
	}
	arena_reset(&i->arena);
	i->cache = arena_alloc(&i->arena, (n + 1) * sizeof(*in));
	i->cache_n = n;
	i->cache_at = 0;
	for (size_t k = 0; k < n; k++) {
		i->cache[k] = in[k];
		i->cache[k].topic = kept(i, in[k].topic);
		i->cache[k].record.key = kept(i, in[k].record.key);
		i->cache[k].record.value = kept(i, in[k].record.value);
		i->cache[k].record.headers = i->cache[k].record.trace = sl(NULL);
	}
	go_on(r);
}

static void done(struct rest_reading *r)
{
	jw_list_end(&r->c->body);
	rest_answer(r->c, 200, r->type);
	finish(r);
}

static void go_on(struct rest_reading *r)
{
	struct rest_instance *i = r->i;
	const struct consumers *port = &i->r->env->ports->consumers;
	int64_t left = r->ends_ms - clock_real_ms();
	if (!r->c->body.n)
		jw_list(&r->c->body, NULL);
	while (i->cache_at < i->cache_n) {
		const struct consumed *next = &i->cache[i->cache_at];
		int64_t size = (int64_t)(next->record.key.n + next->record.value.n);
		if (r->bytes + size >= r->max_bytes) {
			done(r);
			return;
		}
		if (!add_record(r, next))
			return;
		i->cache_at++;
		r->bytes += size;
	}
	if (left <= 0 || (i->min_bytes >= 0 && r->bytes > i->min_bytes))
		done(r);
	else
		owed_keep(&r->poll, port->poll(i->consumer, REST_POLL_RECORDS, left, on_poll, r));
}

/* The reader that the client asks for by what it accepts; V2 itself means the binary one. */
static enum rest_format asked_format(const char *type)
{
	static const struct {
		const char *part;
		enum rest_format format;
	} words[] = { { "kafka.json.v2", REST_JSON }, { "kafka.avro.v2", REST_AVRO }, { "jsonschema", REST_JSONSCHEMA }, { "protobuf", REST_PROTOBUF } };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (sl_find(sl(type), sl(words[i].part)) >= 0)
			return words[i].format;
	return REST_BINARY;
}

/* 0 and less are as if nothing was said. */
static int64_t number(const struct http_req *req, const char *name, int64_t dflt)
{
	struct slice s = http_query(req, name);
	int64_t n;
	return s.n && sl_int(s, INT64_MIN, INT64_MAX, &n) && n > 0 ? n : dflt;
}

bool rest_read_numbers(const struct http_req *req)
{
	static const char *const names[] = { "timeout", "max_bytes" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct slice s = http_query(req, names[i]);
		int64_t n;
		if (s.n && !sl_int(s, INT64_MIN, INT64_MAX, &n))
			return false;
	}
	return true;
}

void rest_read_records(struct rest_call *c, struct rest_instance *i, const char *type)
{
	struct rest_reading *r, **at = &i->waiting;
	if (asked_format(type) != i->format) {
		rest_answer_code(c, 406, REST_E_OTHER_FORMAT, S("The requested embedded data format does not match the deserializer for this consumer instance"), type);
		return;
	}
	if (!i->subscribed && !i->assigned) { /* the proxy trips over it */
		rest_answer_code(c, 500, 500, S("Internal Server Error"), type);
		return;
	}
	r = xcalloc(1, sizeof(*r));
	r->c = c;
	r->i = i;
	r->type = type;
	int64_t wait = number(c->req, "timeout", i->read_ms);
	r->ends_ms = clock_real_ms() + (wait < i->read_ms ? wait : i->read_ms);
	r->max_bytes = number(c->req, "max_bytes", REST_READ_BYTES);
	if (r->max_bytes > REST_READ_BYTES)
		r->max_bytes = REST_READ_BYTES;
	if (!i->reading) {
		i->reading = r;
		go_on(r);
		return;
	}
	while (*at)
		at = &(*at)->next;
	*at = r;
}

void rest_read_end(struct rest_instance *i)
{
	struct rest_reading *r;
	while ((r = i->reading ? i->reading : i->waiting)) {
		if (r == i->reading)
			i->reading = NULL;
		else
			i->waiting = r->next;
		owed_cancel(r->poll);
		buf_reset(&r->c->body);
		rest_answer_code(r->c, 404, REST_E_NO_INSTANCE, S("Consumer instance not found."), r->type);
		free(r);
	}
}
