/* Reads the objects below a prefix: lists some, asks for their bodies with several in flight, and hands them over in batches,
 * in key order. */
#include "lake/reader.h"

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
		r->clean(r->arg, &r->batch[i]);
		buf_free(&r->batch[i].body);
	}
}

static void batch_done(void *arg)
{
	struct lake_reader *r = arg;
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

struct fetch {
	struct lake_reader *reader;
	struct lake_object *object;
};

static void on_body(void *arg, struct slice body, const struct error *err)
{
	struct lake_reader *r = ((struct fetch *)arg)->reader;
	struct lake_object *o = ((struct fetch *)arg)->object;
	r->in_flight--;
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
	const struct object_store *s = &r->task->l->env->ports->objects;
	while (!r->err.kind && r->asked < r->n && r->in_flight < LAKE_IN_FLIGHT && room_for_more(r)) {
		struct fetch *f = arena_alloc(&r->page, sizeof(*f));
		*f = (struct fetch){ r, &r->batch[r->asked++] };
		r->in_flight++;
		lake_await(r->task, s->get(s->self, r->bucket, f->object->key, on_body, f));
	}
	if (r->in_flight)
		return;
	if (r->err.kind)
		r->done(r->arg);
	else
		lake_job(r->task, batch_work, batch_done, r);
}

static bool on_entry(void *arg, const struct object_entry *e)
{
	struct lake_reader *r = arg;
	if (r->wants ? !r->wants(r->arg, e->key) : !sl_ends(e->key, S(".json"))) {
		r->skipped++;
		return true;
	}
	r->objects++;
	r->batch[r->n++] = (struct lake_object){ .key = arena_dup(&r->page, e->key), .size = (size_t)e->size };
	r->more = r->n == LAKE_BATCH;
	return !r->more;
}

static void on_listed(void *arg, const struct error *err)
{
	struct lake_reader *r = arg;
	if (err) {
		say(r, err, "objects below", r->prefix);
		r->done(r->arg);
		return;
	}
	if (r->n) {
		buf_reset(&r->after);
		buf_addsl(&r->after, r->batch[r->n - 1].key);
	}
	read_on(r);
}

static void list(struct lake_reader *r)
{
	const struct object_store *s = &r->task->l->env->ports->objects;
	if (!r->more) {
		r->done(r->arg);
		return;
	}
	arena_reset(&r->page);
	r->n = r->asked = r->cleaned = 0;
	r->more = false;
	lake_await(r->task, objects_each(s, r->bucket, r->prefix, r->after.n ? buf_slice(&r->after) : sl(NULL), on_entry, on_listed, r));
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
	if (port_needed(r->task->l->env, PORT_OBJECTS, &r->err))
		r->done(r->arg);
	else
		list(r);
}
