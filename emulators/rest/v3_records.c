/* API v3: records. The body is JSON objects one after another, each a record; the answer is a line of JSON for each, in their order. */
#include "rest/records.h"

#include <time.h>

#include "kproto/batch.h"

#define REQUEST "io.confluent.kafkarest.entities.v3.ProduceRequest"
#define INTERNAL S("Internal Server Error")

/* ---- a request ---- */

enum { DATA_JSON, DATA_BINARY, DATA_AVRO };
static const char *const formats[] = { "JSON", "BINARY", "AVRO", "PROTOBUF", "JSONSCHEMA", NULL };
static const char *const strategies[] = { "TOPIC_NAME", "RECORD_NAME", "TOPIC_RECORD_NAME", NULL };

struct data {
	int format, strategy; /* -1: none */
	struct slice subject, schema;
	struct bean_int schema_id, schema_version;
	struct jk_node *data;
};

/* ProduceRequestData.Builder.build. */
static const char *check_data(struct arena *a, const void *bean)
{
	const struct data *d = bean;
	const char *type = d->format < 0 ? NULL : formats[d->format];
	if (d->strategy >= 0 && d->subject.p)
		return "Only one of 'subject_name_strategy' or 'subject' can be used.";
	if ((d->schema_id.set && (d->schema_version.set || d->schema.p)) || (d->schema_version.set && d->schema.p))
		return "Only one of 'schema_id', 'schema_version' or 'schema' can be used.";
	if (!type)
		return NULL;
	if (d->format >= DATA_AVRO) {
		if (d->schema_id.set)
			return arena_printf(a, "'schema_id=%lld' cannot be used with 'serializer'.", (long long)d->schema_id.v).p;
		if (d->schema_version.set)
			return arena_printf(a, "'schema_version=%lld' cannot be used with 'serializer'.", (long long)d->schema_version.v).p;
		return d->schema.p ? NULL : "'schema_version=latest' cannot be used with 'serializer'.";
	}
	const char *with = d->strategy >= 0 ? "subject_strategy" : d->subject.p ? "subject" : d->schema_id.set ? "schema_id" :
			   d->schema_version.set ? "schema_version" : d->schema.p ? "schema" : NULL;
	return with ? arena_printf(a, "'type=%s' cannot be used with '%s'.", type, with).p : NULL;
}

static const struct bean_field data_fields[] = {
	{ "type", BEAN_ENUM, offsetof(struct data, format), .class = "io.confluent.kafkarest.entities.EmbeddedFormat", .words = formats },
	{ "subject", BEAN_TEXT, offsetof(struct data, subject) },
	{ "subject_name_strategy", BEAN_ENUM, offsetof(struct data, strategy), .class = REQUEST "$EnumSubjectNameStrategy", .words = strategies },
	{ "schema_id", BEAN_INT, offsetof(struct data, schema_id) },
	{ "schema_version", BEAN_INT, offsetof(struct data, schema_version) },
	{ "schema", BEAN_TEXT, offsetof(struct data, schema) },
	{ "data", BEAN_NODE, offsetof(struct data, data), .needed = "Null data" },
};
static const struct bean_type data_type = { REQUEST "$ProduceRequestData", data_fields, ARRAY_LEN(data_fields), sizeof(struct data), check_data };

struct header {
	struct slice name, value;
};
static const struct bean_field header_fields[] = {
	{ "name", BEAN_TEXT, offsetof(struct header, name), .needed = "Null name" },
	{ "value", BEAN_BYTES, offsetof(struct header, value) },
};
static const struct bean_type header_type = { REQUEST "$ProduceRequestHeader", header_fields, ARRAY_LEN(header_fields), sizeof(struct header), NULL };

struct request {
	struct bean_int partition, timestamp;
	struct bean_list headers;
	struct data *key, *value;
};
static const struct bean_field request_fields[] = {
	{ "partition_id", BEAN_INT, offsetof(struct request, partition) },
	{ "headers", BEAN_LIST, offsetof(struct request, headers), .of = &header_type },
	{ "key", BEAN_ONE, offsetof(struct request, key), .of = &data_type },
	{ "value", BEAN_ONE, offsetof(struct request, value), .of = &data_type },
	{ "timestamp", BEAN_INSTANT, offsetof(struct request, timestamp) },
};
static const struct bean_type request_type = { REQUEST "$Builder", request_fields, ARRAY_LEN(request_fields), sizeof(struct request), NULL };

/* ---- lines ---- */

/* What is answered to one request; they leave in order. */
struct line {
	struct line *next;
	bool done;
	struct slice text;
	struct rest_record record; /* of those that are sent */
	int key_format, value_format;
};

static void flush(struct rest_records *rs)
{
	while (rs->first && rs->first->done) {
		rs->line(rs->arg, rs->first->text);
		rs->first = rs->first->next;
	}
	if (!rs->first)
		rs->last = NULL;
	if (rs->ended && !rs->first && !rs->told) {
		rs->told = true;
		rs->end(rs->arg);
	}
}

static struct line *new_line(struct rest_records *rs)
{
	struct line *l = arena_alloc(rs->c->req->arena, sizeof(*l));
	if (rs->last)
		rs->last->next = l;
	else
		rs->first = l;
	rs->last = l;
	return l;
}

static void set_text(struct rest_records *rs, struct line *l, struct buf *b)
{
	buf_adds(b, "\r\n");
	l->text = arena_dup(rs->c->req->arena, buf_slice(b));
	l->done = true;
	buf_free(b);
}

static void set_error(struct rest_records *rs, struct line *l, int code, struct slice message)
{
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_int(&b, "error_code", code);
	jk_str(&b, "message", message);
	jw_obj_end(&b);
	set_text(rs, l, &b);
}

/* java.time.Instant: no fraction, or three digits. */
static void put_instant(struct buf *b, int64_t ms)
{
	time_t seconds = (time_t)((ms - ((ms % 1000) + 1000) % 1000) / 1000);
	int rest = (int)(((ms % 1000) + 1000) % 1000);
	struct tm tm;
	char text[32];
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest)
		jw_fmt(b, "timestamp", "%s.%03dZ", text, rest);
	else
		jw_fmt(b, "timestamp", "%sZ", text);
}

static void put_data(struct buf *b, const char *name, int format, struct slice bytes)
{
	if (format < 0)
		return;
	jw_obj(b, name);
	jw_text(b, "type", formats[format]);
	jw_int(b, "size", bytes.p ? (int64_t)bytes.n : -1);
	jw_obj_end(b);
}

static void set_result(struct rest_records *rs, struct line *l, const struct rest_offset *o)
{
	struct buf b = { 0 };
	if (o->error_code) {
		set_error(rs, l, o->error_code, o->error);
		return;
	}
	jw_obj(&b, NULL);
	jk_str(&b, "cluster_id", rs->c->args[0]);
	jk_str(&b, "topic_name", rs->c->args[1]);
	jw_int(&b, "partition_id", o->partition);
	jw_int(&b, "offset", o->offset);
	put_instant(&b, l->record.timestamp_ms);
	put_data(&b, "key", l->key_format, l->record.key);
	put_data(&b, "value", l->value_format, l->record.value);
	jw_obj_end(&b);
	set_text(rs, l, &b);
}

/* ---- records to the log ---- */

/* Those of one piece of the body. */
struct sending {
	struct rest_records *rs;
	struct rest_sending send;
	struct line **lines;
};

static void sent(void *arg)
{
	struct sending *s = arg;
	for (size_t i = 0; i < s->send.n; i++)
		set_result(s->rs, s->lines[i], &s->send.offsets[i]);
	s->rs->under_way -= s->send.n;
	if (s->rs->taken && !s->rs->ended)
		s->rs->taken(s->rs->arg);
	flush(s->rs);
}

static void send(struct rest_records *rs, struct line **lines, size_t n)
{
	struct arena *a = rs->c->req->arena;
	struct sending *s = arena_alloc(a, sizeof(*s));
	struct rest_record *records = arena_alloc(a, (n + 1) * sizeof(*records));
	for (size_t i = 0; i < n; i++)
		records[i] = lines[i]->record;
	s->rs = rs;
	s->lines = arena_alloc(a, (n + 1) * sizeof(struct line *));
	memcpy(s->lines, lines, n * sizeof(struct line *));
	s->send = (struct rest_sending){ .c = rs->c, .topic = rs->c->args[1], .records = records, .n = n, .done = sent, .arg = s };
	s->send.offsets = arena_alloc(a, (n + 1) * sizeof(*s->send.offsets));
	rs->under_way += n;
	rest_send(&s->send);
}

/* What a key or value is in the topic. False: the line says why not. */
static bool serialize(struct rest_records *rs, struct line *l, const struct data *d, int *format, struct slice *out)
{
	struct rest_error e;
	*out = sl(NULL);
	*format = d ? d->format : -1;
	if (!d)
		return true;
	/* No schema registry stands behind this proxy: what needs one fails as it does there. */
	if (d->format < 0 || d->format >= DATA_AVRO) {
		set_error(rs, l, 500, INTERNAL);
		return false;
	}
	if (!rest_serialize(rs->c->req->arena, d->format == DATA_JSON ? REST_JSON : REST_BINARY, d->data, out, &e))
		return true;
	set_error(rs, l, e.code, e.message);
	return false;
}

static void put_headers(struct rest_records *rs, const struct request *q, struct rest_record *r)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < q->headers.n; i++) {
		const struct header *h = q->headers.items[i];
		kp_header_put(&b, h->name, h->value);
	}
	if (q->headers.n)
		r->headers = arena_dup(rs->c->req->arena, buf_slice(&b));
	r->header_n = (int32_t)q->headers.n;
	buf_free(&b);
}

/* A record of a request; false: its line is an error. */
static bool take(struct rest_records *rs, struct line *l, const struct request *q)
{
	struct rest_record *r = &l->record;
	if (!serialize(rs, l, q->key, &l->key_format, &r->key) || !serialize(rs, l, q->value, &l->value_format, &r->value))
		return false;
	if (q->partition.set && q->partition.v < 0) { /* an IllegalArgumentException of the producer's record */
		set_error(rs, l, 500, INTERNAL);
		return false;
	}
	r->has_partition = q->partition.set;
	r->partition = (int)q->partition.v;
	r->has_timestamp = true;
	r->timestamp_ms = q->timestamp.set ? q->timestamp.v : clock_now_ms(rs->c->r->env->clock);
	put_headers(rs, q, r);
	return true;
}

/* ---- the body ---- */

/* Where the value that begins at p[0] ends; 0: not within n bytes. */
static size_t value_end(struct rest_records *rs, const char *p, size_t n)
{
	for (; rs->seen < n; rs->seen++) {
		char ch = p[rs->seen];
		if (rs->in_string) {
			if (rs->escaped)
				rs->escaped = false;
			else if (ch == '\\')
				rs->escaped = true;
			else if (ch == '"')
				rs->in_string = false;
			if (!rs->in_string && !rs->depth)
				return rs->seen + 1;
		} else if (ch == '"') {
			if (!rs->depth && rs->seen)
				return rs->seen;
			rs->in_string = true;
		} else if (ch == '{' || ch == '[') {
			if (!rs->depth && rs->seen)
				return rs->seen;
			rs->depth++;
		} else if (ch == '}' || ch == ']') {
			if (!rs->depth || !--rs->depth)
				return rs->seen + 1;
		} else if (!rs->depth && (unsigned char)ch <= ' ' && rs->seen) {
			return rs->seen + 1; /* the parser looks at what ends a word */
		}
	}
	return 0;
}

/* Lines and the start of the last one, past what is eaten. */
static void pass(struct rest_records *rs, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		rs->at++;
		if (p[i] == '\n' || (p[i] == '\r' && !(i + 1 < n && p[i + 1] == '\n'))) {
			rs->line_n++;
			rs->row = rs->at;
		}
	}
}

/* Jackson's iterator steps over the rest of a value that it stumbled in. False: it can't, and the body ends there. */
static bool resync(struct rest_records *rs, struct bean_reader *r)
{
	struct jackson *j = &r->j;
	j->failed = false;
	j->chain = sl(NULL);
	while (j->depth && jk_next(j) != JK_NONE)
		continue;
	if (!j->failed)
		return true;
	set_error(rs, new_line(rs), 400, arena_printf(j->arena, "Bad Request: Error processing message: %.*s", SL(jk_message(j))));
	return false;
}

/* One value of the body. False: nothing behind it is read. *out: a line whose record is to be sent. */
static bool read_value(struct rest_records *rs, struct slice text, struct line **out)
{
	struct bean_reader r = { 0 };
	struct request *q = NULL;
	struct line *l;
	bool good;
	jk_init(&r.j, &bean_words, rs->c->req->arena, arena_dup(rs->c->req->arena, text));
	r.j.line = rs->line_n;
	r.j.scope->line = rs->line_n;
	r.j.row = rs->row - rs->at;
	jk_next(&r.j);
	if (!rs->begun && r.j.failed) { /* the first token is read before there is an answer */
		rs->refused = jk_message(&r.j);
		return false;
	}
	if (r.j.failed) { /* in hasNext */
		set_error(rs, new_line(rs), 400, arena_printf(r.j.arena, "Bad Request: Error processing message: %.*s", SL(jk_message(&r.j))));
		return false;
	}
	rs->begun = true;
	l = new_line(rs);
	if (r.j.token == JK_NULL) {
		set_error(rs, l, 500, INTERNAL);
		return true;
	}
	q = bean_make(&r, &request_type);
	if (q) {
		*out = take(rs, l, q) ? l : NULL;
		return true;
	}
	good = r.j.error != JK_LIMIT || !r.j.failed;
	set_error(rs, l, good ? 400 : 500, r.unknown.p ? bean_unknown(&r) : good ? jk_message(&r.j) : INTERNAL);
	return good && resync(rs, &r);
}

static void refuse_start(struct rest_records *rs)
{
	rs->ended = rs->told = true;
	rs->fail(rs->arg, 400, rs->refused);
}

/* Reads the values that are whole; all: what there is at the end of the body, too. */
static void read_values(struct rest_records *rs, bool all)
{
	struct line *lines[REST_SLICE_RECORDS];
	size_t n = 0, from = 0;
	bool on = true;
	while (on) {
		size_t end, blank = from;
		while (blank < rs->in.n && (unsigned char)rs->in.p[blank] <= ' ')
			blank++;
		pass(rs, rs->in.p + from, blank - from);
		from = blank;
		end = value_end(rs, rs->in.p + from, rs->in.n - from);
		if (!end && all)
			end = rs->in.n - from;
		if (!end)
			break;
		struct line *l = NULL;
		on = read_value(rs, sl_of(rs->in.p + from, end), &l);
		if (l)
			lines[n++] = l;
		if (n == ARRAY_LEN(lines)) {
			send(rs, lines, n);
			n = 0;
		}
		pass(rs, rs->in.p + from, end);
		from += end;
		rs->seen = rs->depth = 0;
		rs->in_string = rs->escaped = false;
	}
	if (n)
		send(rs, lines, n);
	memmove(rs->in.p, rs->in.p + from, rs->in.n - from);
	rs->in.n -= from;
	rs->stopped = !on;
}

void rest_records_feed(struct rest_records *rs, struct slice bytes)
{
	if (rs->stopped || rs->ended)
		return;
	buf_addsl(&rs->in, bytes);
	if (rs->in.n)
		read_values(rs, false);
	if (rs->refused.p)
		refuse_start(rs);
	else if (rs->stopped)
		rest_records_end(rs);
	else
		flush(rs);
}

void rest_records_end(struct rest_records *rs)
{
	if (rs->ended)
		return;
	if (!rs->stopped && rs->in.n)
		read_values(rs, true);
	buf_free(&rs->in);
	if (rs->refused.p) {
		refuse_start(rs);
	} else if (!rs->begun && !rs->stopped) {
		rs->ended = rs->told = true;
		rs->fail(rs->arg, 422, sl(NULL));
	} else {
		rs->ended = true;
		flush(rs);
	}
}

void rest_records_begin(struct rest_records *rs, struct rest_call *c)
{
	rs->c = c;
	rs->line_n = 1;
}

/* ---- a body that is here as a whole ---- */

static void add_line(void *arg, struct slice text)
{
	buf_addsl(&((struct rest_call *)arg)->body, text);
}

static void all_lines(void *arg)
{
	v3_done(arg);
}

void rest_records_refuse(struct rest_call *c, int status, struct slice text)
{
	if (status == 422)
		v3_fail(c, 422, 42206, S("Payload error. Null input provided. Data is required."));
	else
		rest_answer_error(c, &(struct rest_error){ .status = status, .code = status, .message = text, .plain = true });
}

static void refused(void *arg, int status, struct slice text)
{
	rest_records_refuse(arg, status, text);
}

void v3_records(struct rest_call *c)
{
	struct rest_records *rs = V3_NEW(c, rest_records);
	*rs = (struct rest_records){ .line = add_line, .end = all_lines, .fail = refused, .arg = c };
	rest_records_begin(rs, c);
	rest_records_feed(rs, c->req->body);
	rest_records_end(rs);
}
