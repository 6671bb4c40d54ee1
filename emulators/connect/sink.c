#include "connect/group.h"
#include "connect/written.h"

static int64_t now_of(const struct con_tp *tp)
{
	return clock_now_ms(tp->c->k->env->clock);
}

static void free_file(struct sink_file *f)
{
	buf_free(&f->body);
	buf_free(&f->keys);
	buf_free(&f->headers);
	buf_free(&f->runs);
	if (f->upload)
		con_upload_drop(f->upload);
	free(f->partition);
	free(f);
}

void con_sink_drop(struct con_tp *tp)
{
	for (struct sink_file *f = tp->files, *next; f; f = next) {
		next = f->next;
		free_file(f);
	}
	tp->files = NULL;
	tp->record_n = 0;
	tp->has_base = tp->has_current = false;
	if (tp->timer.slot)
		clock_cancel(tp->c->k->env->clock, &tp->timer);
}

/* ---- objects on their way ---- */

/* Waited for even when its partition or connector went: what is stored counts. */
struct con_put {
	struct con_put *prev, *next;
	struct connect *k;
	struct connector *c; /* NULL when it went meanwhile */
	struct con_tp *tp;
	struct sink_group *group;
	struct con_bucket *bucket;
	struct con_upload *upload; /* of which body was the last part; NULL: body is all */
	struct buf body;
	char *key, *why; /* why: of the last failure, or NULL */
	int tries, failures;
	char *tags; /* NULL: none, or they are there */
	struct owed *sent; /* or the wait before it is sent again */
	char trace[24];
	struct con_span span; /* of the records' own object */
};

static void put_again(void *arg);

static void put_free(struct con_put *p)
{
	if (p->prev)
		p->prev->next = p->next;
	else
		p->k->puts = p->next;
	if (p->next)
		p->next->prev = p->prev;
	owed_cancel_all(&p->sent);
	if (p->upload)
		con_upload_drop(p->upload);
	con_bucket_release(p->bucket);
	buf_free(&p->body);
	buf_free(&p->span.runs);
	free(p->key);
	free(p->why);
	free(p->tags);
	free(p);
}

bool con_held_back(const struct con_tp *tp)
{
	for (const struct con_put *p = tp->c->k->puts; p; p = p->next)
		if (p->c == tp->c && p->tp->dead && p->tp->partition == tp->partition && !strcmp(p->tp->topic, tp->topic))
			return true;
	return false;
}

bool con_stuck(const struct con_tp *tp, struct con_stuck *out)
{
	for (const struct con_put *p = tp->c->k->puts; p; p = p->next)
		if (p->tp == tp && p->why) {
			*out = (struct con_stuck){ p->key, p->why, p->failures };
			return true;
		}
	return false;
}

const char *con_extension(const struct sink_conf *s)
{
	return s->format == FORMAT_JSON ? ".json" : s->extension;
}

void con_puts_forget(struct connector *c)
{
	for (struct con_put *p = c->k->puts; p; p = p->next)
		if (p->c == c)
			p->c = NULL;
}

/* The groups at the head that are stored: their offset is committed, in order. */
static void commit_offsets(struct con_tp *tp)
{
	int64_t offset = -1;
	while (tp->groups && !tp->groups->left) {
		struct sink_group *g = tp->groups;
		offset = g->offset;
		tp->groups = g->next;
		if (!tp->groups)
			tp->last_group = NULL;
		free(g);
	}
	if (offset >= 0)
		con_group_commit(tp, offset);
}

bool con_worth_repeating(const struct error *err)
{
	return err->kind == ERR_NETWORK || err->kind == ERR_TIMEOUT || err->kind == ERR_THROTTLED || err->kind == ERR_STORE || err->kind == ERR_INTERNAL;
}

/* The put has its answer for good: reading goes on where it waited for that. */
static void end_put(struct con_put *p, bool stored)
{
	struct con_tp *tp = p->tp;
	struct connector *c = p->c;
	if (stored)
		p->group->left--;
	if (stored && p->span.n)
		con_wrote(tp, p->bucket->name, p->key, &p->span);
	if (stored && c) /* also for a partition that was given up meanwhile: the object is there */
		commit_offsets(tp);
	put_free(p);
	tp->puts--;
	if (!tp->dead) {
		con_read(tp);
		return;
	}
	if (!tp->puts)
		con_free_tp(tp);
	for (tp = c ? c->tps : NULL; tp; tp = tp->next)
		con_read(tp);
}

static void put_failed(struct con_put *p, const struct error *err)
{
	struct con_tp *tp = p->tp;
	struct connector *c = tp->c;
	const char *code = err->def && err->def->code ? err->def->code : "";
	log_warn(p->k->env, "put-failed", "connector=%s key=%s code=%s error=\"%s\" tries=%d", c->name, p->key, code, err->text, p->tries);
	free(p->why);
	p->why = xstrdup(err->text);
	p->failures++;
	if (con_worth_repeating(err)) {
		/* The client's own repeats, then the worker's of a RetriableException, without end. Real time: the call has
		 * to go on even while the clock stands still. */
		int64_t later = c->sink.retry_ms > 0 ? c->sink.retry_ms : 1;
		bool quick = p->tries < c->sink.retries;
		int64_t wait = quick ? (int64_t)200 << (p->tries < 6 ? p->tries : 6) : later;
		owed_keep(&p->sent, owed_after(p->k->env->loop, wait, put_again, p));
		p->tries += quick;
		return;
	}
	put_free(p);
	tp->puts--;
	con_fail_task(c, (size_t)tp->task, con_trace_s3(err));
}

/* An object whose answer was lost may be there: its task has ended, and it is still sent a few times, so that nobody who begins with
 * other bounds writes its records once more. */
static bool once_more(const struct con_put *p, const struct error *err)
{
	return p->c && con_worth_repeating(err) && p->tries < p->c->sink.retries;
}

/* The object is there whether its tags are or not. */
static void on_tagged(void *arg, const struct error *err)
{
	struct con_put *p = arg;
	struct con_tp *tp = p->tp;
	if (err)
		log_warn(p->k->env, "tagging-failed", "key=%s error=\"%s\"", p->key, err->text);
	if (!err || !p->bucket->tags_must || tp->dead) {
		end_put(p, true);
		return;
	}
	put_free(p);
	tp->puts--;
	con_fail_task(tp->c, (size_t)tp->task, con_trace_s3(err));
}

static bool tag(struct con_put *p)
{
	struct object_store *o = con_bucket_store(p->bucket);
	if (!p->tags || !o->tag)
		return false;
	owed_keep(&p->sent, o->tag(o->self, sl(p->bucket->name), sl(p->key), sl(p->tags), on_tagged, p));
	return true;
}

static void on_put(void *arg, const struct error *err)
{
	struct con_put *p = arg;
	if (err) {
		p->k->metrics[CON_M_FAILURES].value++;
	} else {
		p->k->metrics[CON_M_OBJECTS].value++;
		p->k->metrics[CON_M_BYTES].value += p->upload ? con_upload_bytes(p->upload) : (int64_t)p->body.n;
	}
	if (err && (!p->tp->dead || once_more(p, err)))
		put_failed(p, err);
	else if (err || !tag(p))
		end_put(p, !err);
}

static void put_again(void *arg)
{
	struct con_put *p = arg;
	if (p->tp->dead && !p->c)
		end_put(p, false);
	else if (p->upload)
		con_upload_again(p->upload);
	else
		owed_keep(&p->sent, con_bucket_put(p->bucket, sl(p->key), buf_slice(&p->body), *p->trace ? sl(p->trace) : sl(NULL), on_put, p));
}

static void put_object(struct con_tp *tp, struct sink_group *g, struct sink_file *f, const char *extension, struct buf *body)
{
	const struct sink_conf *s = &tp->c->sink;
	struct connect *k = tp->c->k;
	struct con_put *p = xcalloc(1, sizeof(*p));
	struct buf key = { 0 };
	*p = (struct con_put){ .next = k->puts, .k = k, .c = tp->c, .tp = tp, .group = g };
	if (k->puts)
		k->puts->prev = p;
	k->puts = p;
	con_object_key(s, tp, f, extension, &key);
	p->key = xstrndup(key.p, key.n);
	buf_free(&key);
	memcpy(p->trace, f->trace, sizeof(p->trace));
	if (body == &f->body) {
		p->span = (struct con_span){ f->start, f->last, f->record_n, f->runs };
		f->runs = (struct buf){ 0 };
	}
	p->bucket = con_bucket_hold(tp->c->bucket);
	if (p->bucket->tags)
		p->tags = xasprintf("startOffset=%lld&endOffset=%lld&recordCount=%zu", (long long)f->start, (long long)f->last, f->record_n);
	g->left++;
	tp->puts++;
	if (body == &f->body && f->upload) {
		p->upload = f->upload;
		f->upload = NULL;
		con_upload_end(p->upload, body, on_put, p);
		return;
	}
	if (s->gzip) {
		con_gzip(s->gzip_level, buf_slice(body), &p->body);
	} else {
		p->body = *body;
		*body = (struct buf){ 0 };
	}
	put_again(p);
}

void con_puts_cancel(struct connect *k)
{
	while (k->puts) {
		struct con_tp *tp = k->puts->tp;
		put_free(k->puts);
		if (!--tp->puts && tp->dead)
			con_free_tp(tp);
	}
}

/* Keys and headers have files of their own. */
static void put_beside(struct con_tp *tp, struct sink_group *g, struct sink_file *f, const char *what, enum con_format format, struct buf *body)
{
	char *extension = xasprintf("%s%s", what, format == FORMAT_JSON ? ".json" : tp->c->sink.extension);
	put_object(tp, g, f, extension, body);
	free(extension);
}

static void commit_files(struct con_tp *tp)
{
	const struct sink_conf *s = &tp->c->sink;
	struct sink_group *g = xcalloc(1, sizeof(*g));
	g->offset = tp->next_offset;
	if (tp->last_group)
		tp->last_group->next = g;
	else
		tp->groups = g;
	tp->last_group = g;
	for (struct sink_file *f = tp->files, *next; f; f = next) {
		next = f->next;
		if (!f->tombstone)
			put_object(tp, g, f, con_extension(s), &f->body);
		if (s->keys)
			put_beside(tp, g, f, ".keys", tp->c->writes.keys, &f->keys);
		if (s->headers)
			put_beside(tp, g, f, ".headers", tp->c->writes.headers, &f->headers);
		free_file(f);
	}
	tp->files = NULL;
	tp->record_n = 0;
	tp->has_base = false;
}

/* ---- rotation ---- */

static bool due(const struct con_tp *tp, const char *partition, int64_t now_ms)
{
	const struct sink_conf *s = &tp->c->sink;
	if (!tp->record_n)
		return false;
	if (s->schedule_ms > 0 && now_ms >= tp->schedule_ms)
		return true;
	return s->rotate_ms > 0 && tp->c->paths.kind == PARTITION_TIME &&
	       (tp->current_ms - tp->base_ms >= s->rotate_ms || strcmp(partition, tp->current_partition) != 0);
}

static void rotate(struct con_tp *tp, int64_t now_ms)
{
	if (tp->c->sink.schedule_ms > 0)
		tp->schedule_ms = con_next_schedule(&tp->c->day_zone, now_ms, tp->c->sink.schedule_ms);
	commit_files(tp);
}

void con_sink_time(void *arg)
{
	struct con_tp *tp = arg;
	const struct sink_conf *s = &tp->c->sink;
	struct clock *clock = tp->c->k->env->clock;
	int64_t now = now_of(tp), at = INT64_MAX;
	bool wall = tp->c->paths.kind == PARTITION_TIME && tp->c->paths.extractor == EXTRACT_WALLCLOCK;
	if (tp->timer.slot)
		clock_cancel(clock, &tp->timer);
	if (tp->c->state != CON_RUNNING)
		return;
	if (wall && tp->record_n)
		tp->current_ms = now;
	if (tp->record_n && due(tp, tp->current_partition, now))
		rotate(tp, now);
	if (!tp->record_n)
		return;
	if (s->schedule_ms > 0)
		at = tp->schedule_ms;
	if (wall && s->rotate_ms > 0 && tp->base_ms + s->rotate_ms < at)
		at = tp->base_ms + s->rotate_ms;
	if (at != INT64_MAX)
		clock_at(clock, &tp->timer, at, con_sink_time, tp);
}

static void part_sent(void *arg)
{
	con_read(arg);
}

/* What is enough for a part goes now. DIFFERS: an object of less than one is put whole; the real sink uploads one part. */
static void send_part(struct con_tp *tp, struct sink_file *f)
{
	const struct sink_conf *s = &tp->c->sink;
	int64_t size = tp->c->bucket->part_size;
	if (s->gzip || (int64_t)f->body.n < size)
		return;
	if (!f->upload) {
		struct buf key = { 0 };
		con_object_key(s, tp, f, con_extension(s), &key);
		f->upload = con_upload_new(tp->c->bucket, buf_slice(&key), *f->trace ? sl(f->trace) : sl(NULL), part_sent, tp);
		buf_free(&key);
	}
	while (f->upload && (int64_t)f->body.n >= size) {
		struct buf part = { 0 };
		buf_add(&part, f->body.p, (size_t)size);
		memmove(f->body.p, f->body.p + size, f->body.n - (size_t)size);
		f->body.n -= (size_t)size;
		con_upload_part(f->upload, &part);
	}
}

bool con_parts_wait(const struct con_tp *tp)
{
	size_t n = 0;
	for (const struct sink_file *f = tp->files; f; f = f->next)
		n += f->upload ? con_upload_waiting(f->upload) : 0;
	return n >= CON_PARTS_MAX;
}

static struct sink_file *file_for(struct con_tp *tp, const char *partition, const struct log_record *r)
{
	struct sink_file **at = &tp->files;
	for (; *at; at = &(*at)->next)
		if (!strcmp((*at)->partition, partition))
			return *at;
	struct sink_file *f = *at = xcalloc(1, sizeof(*f));
	f->partition = xstrdup(partition);
	f->start = r->offset;
	f->body.max = f->keys.max = f->headers.max = CON_FILE_MAX;
	if (r->trace.p && r->trace.n < sizeof(f->trace))
		memcpy(f->trace, r->trace.p, r->trace.n);
	return f;
}

static int write_parts(const struct con_tp *tp, struct sink_file *f, const struct sink_record *r, struct error *err)
{
	const struct sink_conf *s = &tp->c->sink;
	const struct con_writes *w = &tp->c->writes;
	int rc = 0;
	if (!f->tombstone)
		rc = con_write_value(tp->c, s->format, &r->value, &f->body, err);
	if (!rc && s->keys)
		rc = con_write_value(tp->c, w->keys, &r->key, &f->keys, err);
	if (!rc && s->headers && w->headers == FORMAT_BYTES)
		rc = err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: ByteArrayConverter is not compatible with objects of type class java.util.ArrayList");
	if (!rc && s->headers)
		con_write_headers(&f->headers, &r->headers);
	return rc;
}

static int append(struct con_tp *tp, const char *partition, const struct sink_record *r, struct error *err)
{
	int rc = con_check_parts(tp, r, err);
	if (rc)
		return rc;
	struct sink_file *f = file_for(tp, partition, &r->log);
	const struct error *stuck = f->upload ? con_upload_trouble(f->upload) : NULL;
	if (stuck)
		return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.ConnectException: java.io.IOException: Part upload failed: %s", stuck->text);
	f->tombstone = r->value.v.kind == CV_NULL;
	if ((rc = write_parts(tp, f, r, err)))
		return rc;
	if (f->body.bad || f->keys.bad || f->headers.bad)
		return err_set(err, ERR_LIMIT, "org.apache.kafka.connect.errors.ConnectException: object %s+%d+%lld is over %d bytes", tp->topic, tp->partition, (long long)f->start, CON_FILE_MAX);
	free(tp->current_partition);
	tp->current_partition = xstrdup(partition);
	con_span_add(f, r->log.offset);
	f->record_n++;
	f->last = r->log.offset;
	tp->record_n++;
	send_part(tp, f);
	tp->next_offset = r->log.offset + 1;
	return 0;
}

/* The record's folder; a null value's is that of tombstones. */
static int encode(struct con_tp *tp, const struct sink_record *r, int64_t now, struct buf *out, struct error *err)
{
	const struct con_writes *w = &tp->c->writes;
	int rc = 0;
	if (r->value.v.kind == CV_NULL) {
		buf_adds(out, tp->c->writes.tombstone);
		if (!tp->has_base)
			tp->current_ms = now;
	} else {
		struct slice schema = r->value.schema && r->value.schema->name.p ? r->value.schema->name : S("null");
		if (w->affix == AFFIX_PREFIX)
			buf_addf(out, "schema_name=%.*s%s", SL(schema), tp->c->sink.dir_delim);
		rc = con_encode_partition(&tp->c->paths, tp->partition, r, now, out, &tp->current_ms, err);
		if (w->affix == AFFIX_SUFFIX)
			buf_addf(out, "%sschema_name=%.*s", tp->c->sink.dir_delim, SL(schema));
	}
	buf_addc(out, 0);
	if (!rc && out->bad)
		rc = err_set(err, ERR_LIMIT, "io.confluent.connect.storage.errors.PartitionException: Error encoding partition.");
	return rc;
}

int con_sink(struct con_tp *tp, struct arena *a, struct sink_record *r, struct error *err)
{
	const struct sink_conf *s = &tp->c->sink;
	struct buf b = { .max = CON_PATH_MAX };
	int64_t now = now_of(tp);
	bool change = false;
	int rc = encode(tp, r, now, &b, err);
	if (!rc && !tp->has_base) {
		tp->base_ms = tp->current_ms;
		tp->has_base = true;
	}
	if (!rc && r->value.v.kind != CV_NULL)
		rc = con_schema_take(tp, b.p, tp->record_n > 0, a, r, &change, err);
	if (!rc && change) {
		commit_files(tp);
		tp->base_ms = tp->current_ms;
		tp->has_base = true;
	}
	if (!rc && due(tp, b.p, now)) {
		rotate(tp, now);
		tp->base_ms = tp->current_ms;
		tp->has_base = true;
	}
	if (!rc)
		rc = append(tp, b.p, r, err);
	if (!rc && tp->record_n >= (size_t)(s->flush_size > 0 ? s->flush_size : 0))
		commit_files(tp);
	buf_free(&b);
	return rc;
}
