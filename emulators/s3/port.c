/* The local side of the object_store port: the model called directly; large bodies are hashed, written and read by jobs. A write is
 * answered after its commit. */
#include "body.h"

enum { DIRECT_MAX = 256 << 10 };
enum kind { PUT, GET, LIST };
struct reply {
	struct owed owed;
	struct arena arena;
	struct s3 *s;
	enum kind kind;
	int rc;
	struct s3_fail fail;
	struct buf body;
	struct object_entry *entries;
	size_t n;
	bool more;
	put_cb on_put;
	get_cb on_get;
	list_cb on_list;
	void *arg;
	struct owed *job;
	struct slice bucket, key, headers; /* to put, */
	bool is_new;
	struct s3_work *work; /* and how, if it is large */
	struct s3_reader *reader;
	int64_t size;
	struct error trouble;
};

static void reply_free(struct owed *o)
{
	struct reply *r = (struct reply *)o;
	owed_cancel_all(&r->job);
	s3_reader_free(r->reader);
	if (r->work)
		s3_work_free(r->work);
	free(r->work);
	buf_free(&r->body);
	arena_free(&r->arena);
	free(r);
}

static struct reply *reply_new(struct s3 *s, enum kind kind, void *arg)
{
	struct reply *r = xcalloc(1, sizeof(*r));
	owed_init(&r->owed, &s->replies, reply_free);
	r->s = s;
	r->kind = kind;
	r->arg = arg;
	r->fail.arena = &r->arena;
	s->now_ms = clock_now_ms(s->env->clock);
	return r;
}

static void answer(struct owed *o)
{
	struct reply *r = (struct reply *)o;
	if (r->kind == PUT && r->rc == 0 && loop_tick_failed(o->loop))
		r->rc = s3_fail(&r->fail, S3_E_INTERNAL);
	const struct error *err = r->rc ? &r->fail.err : NULL;
	switch (r->kind) {
	case PUT:
		r->on_put(r->arg, err);
		break;
	case GET:
		r->on_get(r->arg, err ? sl(NULL) : buf_slice(&r->body), err);
		break;
	case LIST:
		r->on_list(r->arg, r->entries, r->n, r->more, err);
		break;
	}
}

/* ---- put ---- */

static void put_now(struct s3 *s, struct reply *r, struct s3_content *c)
{
	struct s3_put in = { .bucket = r->bucket, .key = r->key, .headers = r->headers, .class = S("STANDARD"), .content = c };
	struct s3_object o;
	in.cond = (struct s3_conditions){ .modified_since_ms = -1, .unmodified_since_ms = -1 };
	if (r->is_new)
		in.cond.none_match = S("*");
	s->now_ms = clock_now_ms(s->env->clock);
	r->rc = s3_put(s, &in, &o, &r->fail);
	owed_hold(&r->owed, s->env->loop, answer);
}

static void put_work(void *arg)
{
	struct reply *r = arg;
	s3_work_add(r->work, buf_slice(&r->body));
	s3_work_end(r->work);
}

static void put_done(void *arg)
{
	struct reply *r = arg;
	if (r->work->err.kind) {
		r->rc = s3_store_fail(&r->fail, &r->work->err);
		owed_hold(&r->owed, r->s->env->loop, answer);
	} else {
		put_now(r->s, r, &r->work->out);
	}
}

static struct owed *write_object(struct s3 *s, struct reply *r, struct slice content_type, struct slice body, struct slice trace)
{
	struct s3_content c;
	struct s3_seal seal = { 0 };
	struct slice sse = S("");
	struct s3_bucket b;
	r->headers = arena_printf(&r->arena, "content-type:%.*s\n", SL(content_type.n ? content_type : S("binary/octet-stream")));
	if (trace.n)
		r->headers = arena_printf(&r->arena, "%.*sx-amz-meta-tarn-trace:%.*s\n", SL(r->headers), SL(trace));
	if (r->key.n == 0 || r->key.n > S3_KEY_MAX || !sl_is_utf8(r->key)) {
		r->rc = s3_fail(&r->fail, S3_E_INVALID_URI);
		owed_hold(&r->owed, s->env->loop, answer);
	} else if (body.n > DIRECT_MAX && ((r->rc = s3_bucket_get(s, r->bucket, &b, &r->fail)) != 0 || (r->rc = s3_sse_default(s, &b, &sse, &r->fail)) != 0 ||
					   (r->rc = s3_seal_of(s, sse, NULL, &seal, &r->fail)) != 0)) {
		owed_hold(&r->owed, s->env->loop, answer);
	} else if (body.n <= DIRECT_MAX || !s->store.dir) {
		s3_content_of(body, S3_SUM_CRC64, S3_SUM_NONE, &c);
		put_now(s, r, &c);
		s3_content_free(&c);
	} else {
		buf_addsl(&r->body, body);
		r->work = xcalloc(1, sizeof(*r->work));
		s3_work_begin(r->work, S3_SUM_CRC64, S3_SUM_NONE);
		r->work->path = s3_file_temp(&s->store);
		r->work->out.sse = arena_dup(&r->arena, sse);
		r->headers = arena_printf(&r->arena, "%.*s%.*s", SL(r->headers), SL(sse));
		s3_work_seal(r->work, &seal);
		r->work->sync = s->store.sync;
		owed_keep(&r->job, loop_job(s->env->loop, put_work, put_done, r));
	}
	return &r->owed;
}

static struct reply *put_new_reply(struct s3 *s, struct slice bucket, struct slice key, put_cb cb, void *arg)
{
	struct reply *r = reply_new(s, PUT, arg);
	r->on_put = cb;
	r->bucket = arena_dup(&r->arena, bucket);
	r->key = arena_dup(&r->arena, key);
	return r;
}

static struct owed *port_put(void *self, struct slice bucket, struct slice key, struct slice content_type, struct slice body, struct slice trace,
		     put_cb cb, void *arg)
{
	return write_object(self, put_new_reply(self, bucket, key, cb, arg), content_type, body, trace);
}

static struct owed *port_put_new(void *self, struct slice bucket, struct slice key, struct slice content_type, struct slice body, struct slice trace,
			 put_cb cb, void *arg)
{
	struct reply *r = put_new_reply(self, bucket, key, cb, arg);
	r->is_new = true;
	return write_object(self, r, content_type, body, trace);
}

/* Reads of a turn take the database's locks once; where no transaction begins, each takes its own. */
static void read_together(struct s3 *s)
{
	struct error err;
	int rc = db_begin(&s->store.db, &err);
	(void)rc;
}

/* ---- get ---- */

static void get_work(void *arg)
{
	struct reply *r = arg;
	char *to = buf_room(&r->body, (size_t)r->size);
	ssize_t n = 0;
	for (int64_t at = 0; to && at < r->size; at += n) {
		n = s3_reader_read(r->reader, at, to + at, (size_t)(r->size - at), &r->trouble);
		if (n < 0)
			return;
	}
	if (to)
		r->body.n += (size_t)r->size;
	else
		(void)err_set(&r->trouble, ERR_LIMIT, "an object of %lld bytes is too large for one buffer", (long long)r->size);
}

static void get_done(void *arg)
{
	struct reply *r = arg;
	s3_reader_free(r->reader);
	r->reader = NULL;
	if (r->trouble.kind)
		r->rc = s3_store_fail(&r->fail, &r->trouble);
	owed_soon(&r->owed, r->s->env->loop, answer);
}

static struct owed *port_get(void *self, struct slice bucket, struct slice key, get_cb cb, void *arg)
{
	struct s3 *s = self;
	struct reply *r = reply_new(s, GET, arg);
	struct s3_object o;
	read_together(s);
	r->on_get = cb;
	r->rc = s3_object_find(s, bucket, key, &o, &r->fail);
	if (r->rc == 0)
		r->rc = s3_sse_may_read(s, bucket, &o, &r->fail);
	if (r->rc == 0 && o.size > DIRECT_MAX && s->store.dir) {
		r->size = o.size;
		if ((r->reader = s3_reader_open(s, &o, 0, &r->fail))) {
			owed_keep(&r->job, loop_job(s->env->loop, get_work, get_done, r));
			return &r->owed;
		}
		r->rc = r->fail.err.kind;
	} else if (r->rc == 0) {
		r->rc = s3_read(s, &o, 0, o.size, &r->body, &r->fail);
	}
	owed_soon(&r->owed, s->env->loop, answer);
	return &r->owed;
}

static void list_buckets(struct reply *r, struct slice prefix, struct slice after)
{
	struct s3_bucket b = { .name = after.p ? after : S("") }, like = { .name = prefix };
	r->entries = arena_alloc(&r->arena, S3_LIST_MAX * sizeof(*r->entries));
	while (r->n < S3_LIST_MAX && s3_bucket_next(r->s, &like, &b, &r->fail) == 1)
		r->entries[r->n++] = (struct object_entry){ .key = b.name, .modified_ms = b.created_ms };
	r->more = r->n == S3_LIST_MAX;
	r->rc = r->fail.err.kind;
}

static struct owed *port_list(void *self, struct slice bucket, struct slice prefix, struct slice after, list_cb cb, void *arg)
{
	struct s3 *s = self;
	struct reply *r = reply_new(s, LIST, arg);
	struct s3_list in = { .bucket = bucket, .prefix = prefix, .after = after, .max = S3_LIST_MAX };
	struct s3_page page = { 0 };
	struct s3_bucket b;
	r->on_list = cb;
	if (!bucket.p) {
		list_buckets(r, prefix, after);
		owed_soon(&r->owed, s->env->loop, answer);
		return &r->owed;
	}
	r->rc = s3_bucket_get(s, bucket, &b, &r->fail);
	if (r->rc == 0)
		r->rc = s3_list(s, &r->arena, &in, &page, &r->fail);
	r->entries = arena_alloc(&r->arena, (page.n + 1) * sizeof(*r->entries));
	for (size_t i = 0; i < page.n; i++) {
		const struct s3_object *o = &page.entries[i].object;
		r->entries[i] = (struct object_entry){ o->key, o->size, o->modified_ms, o->etag };
	}
	r->n = page.n;
	r->more = page.more;
	owed_soon(&r->owed, s->env->loop, answer);
	return &r->owed;
}

static struct owed *port_del(void *self, struct slice bucket, struct slice key, put_cb cb, void *arg)
{
	struct s3 *s = self;
	struct reply *r = reply_new(s, PUT, arg);
	r->on_put = cb;
	r->rc = s3_del(s, bucket, key, sl(NULL), &r->fail);
	owed_hold(&r->owed, s->env->loop, answer);
	return &r->owed;
}

static uint64_t port_changes(void *self)
{
	return ((struct s3 *)self)->store.changes;
}

void s3_provide(void *self, struct ports *ports)
{
	ports->objects = (struct object_store){ .self = self, .put = port_put, .put_new = port_put_new, .get = port_get, .list = port_list, .del = port_del,
						.changes = port_changes, .wanted = s3_objects_wanted };
}
