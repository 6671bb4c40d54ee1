/* Reads the objects below a prefix: lists them page by page, asks for a page's bodies with several in flight, and hands
 * them over in batches, in key order. */
#include "lake.h"

#include <stdlib.h>
#include <string.h>

static void list(struct lake_reader *r);
static void read_on(struct lake_reader *r);

void lake_reader_free(struct lake_reader *r)
{
	for (size_t i = 0; r->batch && i < r->n; i++)
		buf_free(&r->batch[i].body);
	free(r->batch);
	buf_free(&r->after);
	arena_free(&r->page);
	arena_free(&r->arena);
}

static void say(struct lake_reader *r, const struct error *err, const char *what, struct slice name)
{
	if (!r->err.kind)
		err_set(&r->err, err->kind ? err->kind : ERR_NETWORK, "%s %.*s of bucket %.*s: %s%s%s", what, SL(name), SL(r->bucket),
			err->def ? err->def->code : "", err->def ? ": " : "", err->text);
}

static void batch_work(void *arg)
{
	struct lake_reader *r = arg;
	/* One by one: a body goes when it is cleaned. */
	for (size_t i = r->cleaned; i < r->asked && !r->err.kind; i++) {
		r->clean(r->arg, &r->batch[i], 1);
		buf_free(&r->batch[i].body);
	}
}

static void batch_done(void *arg)
{
	struct lake_reader *r = arg;
	r->l->job = false;
	if (r->l->closing)
		return;
	for (size_t i = r->cleaned; i < r->asked; i++)
		buf_free(&r->batch[i].body);
	r->cleaned = r->asked;
	if (r->cleaned_some)
		r->cleaned_some(r->arg);
	if (r->err.kind)
		r->done(r->arg);
	else if (r->asked < r->n)
		read_on(r);
	else
		list(r);
}

/* Of what was asked for and isn't cleaned; the listing tells sizes. */
static bool room_for_more(const struct lake_reader *r)
{
	size_t n = 0;
	for (size_t i = r->cleaned; i < r->asked; i++)
		n += r->batch[i].size;
	return r->asked == r->cleaned || n + r->batch[r->asked].size <= LAKE_BATCH_BYTES;
}

static void on_body(void *arg, struct slice body, const struct error *err)
{
	struct lake_reader *r = ((void **)arg)[0];
	struct lake_object *o = ((void **)arg)[1];
	r->in_flight--;
	r->l->owed--;
	if (r->l->closing)
		return;
	o->size = body.n;
	if (err && err->def && !strcmp(err->def->code, "NoSuchKey")) {
		o->gone = true; /* deleted since it was listed */
		r->objects--;
	} else if (err) {
		say(r, err, "object", o->key);
	} else if (body.n <= LAKE_OBJECT_MAX) {
		buf_addsl(&o->body, body);
		r->bytes += (int64_t)body.n;
	}
	read_on(r);
}

/* Keeps reads in flight; when the batch is there, it's handed over. */
static void read_on(struct lake_reader *r)
{
	const struct object_store *s = &r->l->env->ports->objects;
	while (!r->err.kind && r->asked < r->n && r->in_flight < LAKE_IN_FLIGHT && room_for_more(r)) {
		void **pair = arena_alloc(&r->page, 2 * sizeof(void *));
		struct lake_object *o = &r->batch[r->asked++];
		pair[0] = r;
		pair[1] = o;
		r->in_flight++;
		r->l->owed++;
		s->get(s->self, r->bucket, o->key, on_body, pair);
	}
	if (r->in_flight)
		return;
	if (r->err.kind) {
		r->done(r->arg);
		return;
	}
	r->l->job = true;
	loop_job(r->l->env->loop, batch_work, batch_done, r);
}

static void on_page(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct lake_reader *r = arg;
	r->in_flight--;
	r->l->owed--;
	if (r->l->closing)
		return;
	if (err) {
		say(r, err, "objects below", r->prefix);
		r->done(r->arg);
		return;
	}
	n = n < LAKE_BATCH ? n : LAKE_BATCH;
	for (size_t i = 0; i < n; i++) {
		if (!sl_ends(e[i].key, S(".json"))) {
			r->skipped++;
			continue;
		}
		r->objects++;
		r->batch[r->n++] = (struct lake_object){ .key = arena_dup(&r->page, e[i].key), .size = (size_t)e[i].size };
	}
	r->more = more && n;
	buf_reset(&r->after);
	if (n)
		buf_addsl(&r->after, e[n - 1].key);
	read_on(r);
}

static void list(struct lake_reader *r)
{
	const struct object_store *s = &r->l->env->ports->objects;
	if (!r->more) {
		r->done(r->arg);
		return;
	}
	arena_reset(&r->page);
	r->n = r->asked = r->cleaned = 0;
	r->in_flight++;
	r->l->owed++;
	s->list(s->self, r->bucket, r->prefix, r->after.n ? buf_slice(&r->after) : sl(NULL), on_page, r);
}

void lake_reader_start(struct lake_reader *r, struct slice bucket, struct slice prefix)
{
	r->bucket = arena_dup(&r->arena, bucket);
	r->prefix = arena_dup(&r->arena, prefix);
	r->more = true;
	r->objects = r->skipped = r->bytes = 0;
	buf_reset(&r->after);
	if (!r->batch)
		r->batch = xcalloc(LAKE_BATCH, sizeof(*r->batch));
	if (!r->l->env->ports->objects.self) {
		err_set(&r->err, ERR_NETWORK, "no object store: start s3 too, or name one as [remote] s3");
		r->done(r->arg);
		return;
	}
	list(r);
}
