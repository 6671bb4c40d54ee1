/* FileStreamSource: the lines of a file become records, also those that are appended later. */
#include "connect/file.h"
#include "connect/smt.h"
#include "kproto/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LOOK_MS = 250,      /* real: a file without new lines is looked at again; the real task sleeps a second */
	CHUNK = 64 << 10,
	LINE_MAX_BYTES = 64 << 20,
	UNKNOWN_TOPIC = 3,
};
struct con_lines {
	struct connector *c;
	char *file, *topic;
	size_t batch;
	int fd;
	int64_t position;   /* of what is in text */
	struct buf text;    /* read and not yet sent */
	size_t sent_bytes;  /* of text, under way */
	struct owed *wait, *sending;
	struct arena arena; /* of what is under way */
	struct log_append *in;
	size_t in_n;
	size_t makes;       /* topics that were to be made since the last record that went */
};

static void look(void *arg);

static bool runs(const struct con_lines *l)
{
	return l->c->state == CON_RUNNING && l->c->task_n && l->c->tasks[0].state == CON_RUNNING;
}

static void fail_source(struct con_lines *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void fail_source(struct con_lines *l, const char *fmt, ...)
{
	struct buf b = { .max = 4096 };
	struct connector *c = l->c;
	va_list ap;
	buf_adds(&b, "org.apache.kafka.connect.errors.ConnectException: ");
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	con_file_source_end(c);
	con_fail_task(c, 0, xasprintf("%.*s\n\tat org.apache.kafka.connect.file.FileStreamSourceTask.poll(FileStreamSourceTask.java)\n", SL(buf_slice(&b))));
	buf_free(&b);
}

static void later(struct con_lines *l)
{
	owed_keep(&l->wait, owed_after(l->c->k->env->loop, LOOK_MS, look, l));
}

/* The file, if it is there by now. False: it isn't, or the task has failed (and l is gone). */
static bool open_file(struct con_lines *l)
{
	struct stat st;
	if (l->fd >= 0)
		return true;
	l->fd = open(l->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->fd < 0 && errno == ENOENT) {
		later(l);
		return false;
	}
	if (l->fd < 0 || fstat(l->fd, &st) || !S_ISREG(st.st_mode)) {
		fail_source(l, "%s: %s", l->file, l->fd < 0 ? strerror(errno) : "only regular files are supported by tarn");
		return false;
	}
	l->position = con_store_source_get(&l->c->k->db, l->c->name, l->file);
	if (l->position < 0)
		l->position = 0;
	return true;
}

/* A line's end at or after a place; its length in *n. A carriage return at the very end may be half of one. */
static ssize_t line_end(struct slice s, size_t from, size_t *n)
{
	for (size_t i = from; i < s.n; i++) {
		if (s.p[i] == '\n' || (s.p[i] == '\r' && i + 1 < s.n)) {
			*n = s.p[i] == '\r' && s.p[i + 1] == '\n' ? 2 : 1;
			return (ssize_t)i;
		}
		if (s.p[i] == '\r')
			return -1;
	}
	return -1;
}

static int convert_headers(struct con_lines *l, const struct sink_record *r, struct log_record *out, struct error *err)
{
	struct buf headers = { 0 }, one = { 0 };
	int rc = 0;
	for (size_t i = 0; i < r->headers.n && !rc; i++) {
		bool null = true;
		buf_reset(&one);
		if (!(rc = con_unconvert(&l->arena, &l->c->sink.header, &r->headers.v[i].data, &one, &null, err)))
			kp_header_put(&headers, r->headers.v[i].name, null ? sl(NULL) : buf_slice(&one));
	}
	out->headers = arena_dup(&l->arena, buf_slice(&headers));
	out->header_n = (int32_t)r->headers.n;
	buf_free(&headers);
	buf_free(&one);
	return rc;
}

/* A record as bytes by the converters. */
static int convert(struct con_lines *l, const struct sink_record *r, struct log_append *in, struct error *err)
{
	const struct sink_conf *s = &l->c->sink;
	struct buf k = { 0 }, v = { 0 };
	bool no_key = true, no_value = true;
	int rc = con_unconvert(&l->arena, &s->key, &r->key, &k, &no_key, err);
	if (!rc)
		rc = con_unconvert(&l->arena, &s->value, &r->value, &v, &no_value, err);
	*in = (struct log_append){ .topic = r->topic, .partition = -1 };
	in->record.timestamp_ms = r->timestamp_ms;
	in->record.key = no_key ? sl(NULL) : arena_dup(&l->arena, buf_slice(&k));
	in->record.value = no_value ? sl(NULL) : arena_dup(&l->arena, buf_slice(&v));
	buf_free(&k);
	buf_free(&v);
	return rc ? rc : convert_headers(l, r, &in->record, err);
}

/* A line becomes a record, is transformed and converted. False: the task has failed. */
static bool add_line(struct con_lines *l, struct slice line)
{
	struct connector *c = l->c;
	struct sink_record r = { .topic = sl(l->topic), .partition = -1, .source = true, .timestamp_ms = clock_now_ms(c->k->env->clock),
				 .value = { cv_schema_plain(CV_STRING, false), cv_str(java_decode(&l->arena, line)) } };
	struct error err;
	bool drop = false;
	int rc = 0;
	for (size_t i = 0; c->chain && i < c->chain->n && !drop && !rc; i++)
		rc = smt_run(&c->chain->stages[i], &l->arena, &r, &drop, &err);
	if (!rc && !drop && !(rc = convert(l, &r, &l->in[l->in_n], &err)))
		l->in_n++;
	c->k->metrics[CON_M_SKIPPED].value += rc && c->sink.tolerate;
	if (rc && !c->sink.tolerate)
		fail_source(l, "Tolerance exceeded in error handler\nCaused by: %s", err.text);
	return !rc || c->sink.tolerate;
}

static void send_lines(struct con_lines *l);

static void on_made(void *arg, int error, const struct topic_info *t, const struct topic_config *configs, size_t n, const struct error *err)
{
	struct con_lines *l = arg;
	send_lines(l);
}

/* What was cut is behind us. */
static void passed(struct con_lines *l)
{
	struct connector *c = l->c;
	struct error err;
	bool bad;
	l->position += (int64_t)l->sent_bytes;
	memmove(l->text.p, l->text.p + l->sent_bytes, l->text.n - l->sent_bytes);
	l->text.n -= l->sent_bytes;
	l->sent_bytes = 0;
	bad = con_store_source(&c->k->db, c->name, l->file, l->position, &err);
	for (size_t i = 0; i < l->in_n && !bad; i++)
		if (!i || !sl_eq(l->in[i].topic, l->in[i - 1].topic))
			bad = con_store_topic(&c->k->db, c->name, arena_cstr(&l->arena, l->in[i].topic), &err);
	if (bad)
		log_error(c->k->env, "offset", "connector=%s error=\"%s\"", c->name, err.text);
}

static void on_sent(void *arg, const struct append_result *r, size_t n, const struct error *err)
{
	struct con_lines *l = arg;
	struct connector *c = l->c;
	struct record_log *log = &c->k->env->ports->log;
	struct topic_change make = { .act = TOPIC_CREATE };
	int code = 0;
	for (size_t i = 0; i < n && !code; i++) {
		code = r[i].error;
		make.topic = l->in[i].topic;
	}
	if (code == UNKNOWN_TOPIC && l->makes <= l->batch && log->change) {
		l->makes++;
		owed_keep(&l->sending, log->change(log->self, &make, on_made, l));
		return;
	}
	if (err || code == UNKNOWN_TOPIC) {
		later(l);
		return;
	}
	if (code) {
		fail_source(l, "Unrecoverable exception from producer send callback\nCaused by: Kafka error %d", code);
		return;
	}
	c->k->metrics[CON_M_RECORDS].value += (int64_t)n;
	l->makes = 0;
	passed(l);
	look(l);
}

static void send_lines(struct con_lines *l)
{
	struct record_log *log = &l->c->k->env->ports->log;
	owed_keep(&l->sending, log->append(log->self, l->in, l->in_n, on_sent, l));
}

/* Takes whole lines out of what was read. False: the task has failed. */
static bool cut_lines(struct con_lines *l)
{
	struct slice text = buf_slice(&l->text);
	size_t at = 0, n;
	ssize_t end;
	arena_free(&l->arena);
	l->in = arena_alloc(&l->arena, l->batch * sizeof(*l->in));
	l->in_n = 0;
	while (l->in_n < l->batch && (end = line_end(text, at, &n)) >= 0) {
		if (!add_line(l, sl_of(text.p + at, (size_t)end - at)))
			return false;
		at = (size_t)end + n;
	}
	l->sent_bytes = at;
	return true;
}

static void look(void *arg)
{
	struct con_lines *l = arg;
	ssize_t n = 0;
	if (!runs(l) || l->sending)
		return;
	owed_cancel_all(&l->wait);
	if (!open_file(l) || !cut_lines(l))
		return;
	if (!l->in_n && l->sent_bytes) { /* transforms dropped all of them */
		passed(l);
		owed_keep(&l->wait, owed_after(l->c->k->env->loop, 0, look, l));
		return;
	}
	if (!l->in_n) {
		char *room = buf_room(&l->text, CHUNK);
		n = room ? pread(l->fd, room, CHUNK, (off_t)(l->position + (int64_t)l->text.n)) : -1;
		if (n > 0)
			l->text.n += (size_t)n;
		if (!room || l->text.n > LINE_MAX_BYTES) {
			fail_source(l, "a line of %s is over %d bytes", l->file, LINE_MAX_BYTES);
			return;
		}
		if (n > 0 && !cut_lines(l))
			return;
	}
	if (l->in_n)
		send_lines(l);
	else if (n > 0)
		owed_keep(&l->wait, owed_after(l->c->k->env->loop, 0, look, l));
	else
		later(l);
}

void con_file_source_go(struct connector *c)
{
	const char *batch = con_get(&c->config, "batch.size"), *file = con_get(&c->config, "file");
	int64_t n = 2000;
	if (batch)
		(void)sl_int(sl_trim(sl(batch)), 1, 1 << 20, &n);
	if (!c->lines) {
		c->lines = xcalloc(1, sizeof(*c->lines));
		*c->lines = (struct con_lines){ .c = c, .file = xstrdup(file ? file : ""), .topic = xstrdup(con_get(&c->config, "topic")), .batch = (size_t)n, .fd = -1 };
	}
	if (!file || !*file)
		fail_source(c->lines, "without a file the task reads the worker's standard input, which tarn has none of");
	else
		look(c->lines);
}

void con_file_source_end(struct connector *c)
{
	struct con_lines *l = c->lines;
	if (!l)
		return;
	owed_cancel_all(&l->wait);
	owed_cancel_all(&l->sending);
	if (l->fd >= 0)
		(void)close(l->fd);
	arena_free(&l->arena);
	buf_free(&l->text);
	free(l->file);
	free(l->topic);
	free(l);
	c->lines = NULL;
}
