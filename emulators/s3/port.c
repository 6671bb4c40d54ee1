/* The local side of the object_store port: the model called directly. A write is answered after its commit. */
#include "s3.h"

enum kind { PUT, GET, LIST };
struct reply {
	struct owed owed;
	struct arena arena;
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
};

static void reply_free(struct owed *o)
{
	struct reply *r = (struct reply *)o;
	buf_free(&r->body);
	arena_free(&r->arena);
	free(r);
}

static struct reply *reply_new(struct s3 *s, enum kind kind, void *arg)
{
	struct reply *r = xcalloc(1, sizeof(*r));
	owed_init(&r->owed, &s->replies, reply_free);
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

static struct owed *write_object(struct s3 *s, struct s3_put *in, struct slice content_type, struct slice trace, put_cb cb, void *arg)
{
	struct reply *r = reply_new(s, PUT, arg);
	struct s3_object o;
	struct slice key = in->key;
	r->on_put = cb;
	in->class = S("STANDARD");
	in->headers = arena_printf(&r->arena, "content-type:%.*s\n", SL(content_type.n ? content_type : S("binary/octet-stream")));
	if (trace.n)
		in->headers = arena_printf(&r->arena, "%.*sx-amz-meta-tarn-trace:%.*s\n", SL(in->headers), SL(trace));
	r->rc = key.n == 0 || key.n > S3_KEY_MAX || !sl_is_utf8(key) ? s3_fail(&r->fail, S3_E_INVALID_URI) : s3_put(s, in, &o, &r->fail);
	owed_hold(&r->owed, s->env->loop, answer);
	return &r->owed;
}

static struct owed *port_put(void *self, struct slice bucket, struct slice key, struct slice content_type, struct slice body, struct slice trace,
		     put_cb cb, void *arg)
{
	struct s3_put in = { .bucket = bucket, .key = key, .body = body, .cond = { .modified_since_ms = -1, .unmodified_since_ms = -1 } };
	return write_object(self, &in, content_type, trace, cb, arg);
}

static struct owed *port_put_new(void *self, struct slice bucket, struct slice key, struct slice content_type, struct slice body, struct slice trace,
			 put_cb cb, void *arg)
{
	struct s3_put in = { .bucket = bucket, .key = key, .body = body, .cond = { .none_match = S("*"), .modified_since_ms = -1, .unmodified_since_ms = -1 } };
	return write_object(self, &in, content_type, trace, cb, arg);
}

static struct owed *port_get(void *self, struct slice bucket, struct slice key, get_cb cb, void *arg)
{
	struct s3 *s = self;
	struct reply *r = reply_new(s, GET, arg);
	struct s3_object o;
	r->on_get = cb;
	r->rc = s3_object_find(s, bucket, key, &o, &r->fail);
	if (r->rc == 0)
		r->rc = s3_read(s, &o, 0, o.size, &r->body, &r->fail);
	owed_soon(&r->owed, s->env->loop, answer);
	return &r->owed;
}

static struct owed *port_list(void *self, struct slice bucket, struct slice prefix, struct slice after, list_cb cb, void *arg)
{
	struct s3 *s = self;
	struct reply *r = reply_new(s, LIST, arg);
	struct s3_list in = { .bucket = bucket, .prefix = prefix, .after = after, .max = S3_LIST_MAX };
	struct s3_page page = { 0 };
	struct s3_bucket b;
	r->on_list = cb;
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

void s3_provide(void *self, struct ports *ports)
{
	ports->objects = (struct object_store){ .self = self, .put = port_put, .put_new = port_put_new, .get = port_get, .list = port_list, .del = port_del };
}
