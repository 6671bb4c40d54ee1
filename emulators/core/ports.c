#include "ports.h"

#include "service.h"

int port_needed(const struct env *env, enum port port, struct error *err)
{
	static const struct {
		const char *what, *service;
	} rows[] = { [PORT_LOG] = { "record log", "kafka" }, [PORT_OBJECTS] = { "object store", "s3" }, [PORT_STREAM] = { "stream", "kinesis" } };
	const void *there[] = { [PORT_LOG] = env->ports->log.self, [PORT_OBJECTS] = env->ports->objects.self, [PORT_STREAM] = env->ports->stream.self };
	if (there[port])
		return 0;
	return err_set(err, ERR_NETWORK, "no %s: start %s too, or name one as [remote] %s", rows[port].what, rows[port].service, rows[port].service);
}

void lines_put(const struct env *env, struct slice region, const char *group, const char *stream, struct slice text)
{
	const struct log_lines *l = &env->ports->lines;
	if (l->self)
		l->put(l->self, region, sl(group), sl(stream), clock_now_ms(env->clock), text);
}

void objects_wanted(const struct object_store *store, struct slice bucket, struct slice key)
{
	if (store->wanted)
		store->wanted(store->self, bucket, key);
}

/* ---- objects_each ---- */

struct walk {
	struct owed owed;
	const struct object_store *store;
	struct arena arena;
	struct slice bucket, prefix;
	struct buf after; /* the last key seen */
	objects_fn each;
	put_cb done;
	void *arg;
	struct owed *page;
};

static void walk_free(struct owed *o)
{
	struct walk *w = (struct walk *)o;
	owed_cancel_all(&w->page);
	buf_free(&w->after);
	arena_free(&w->arena);
	free(w);
}

static void next_page(struct walk *w);

static void on_page(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct walk *w = arg;
	bool on = !err;
	for (size_t i = 0; on && i < n; i++)
		on = w->each(w->arg, &e[i]);
	if (on && more && n) {
		buf_reset(&w->after);
		buf_addsl(&w->after, e[n - 1].key);
		next_page(w);
		return;
	}
	owed_end(&w->owed);
	w->done(w->arg, err);
	walk_free(&w->owed);
}

static void next_page(struct walk *w)
{
	struct slice after = w->after.n ? buf_slice(&w->after) : sl(NULL);
	owed_keep(&w->page, w->store->list(w->store->self, w->bucket, w->prefix, after, on_page, w));
}

struct owed *objects_each(const struct object_store *store, struct slice bucket, struct slice prefix, struct slice after, objects_fn each,
			  put_cb done, void *arg)
{
	struct walk *w = xcalloc(1, sizeof(*w));
	owed_init(&w->owed, NULL, walk_free);
	w->store = store;
	w->bucket = arena_dup(&w->arena, bucket);
	w->prefix = arena_dup(&w->arena, prefix);
	buf_addsl(&w->after, after);
	w->each = each;
	w->done = done;
	w->arg = arg;
	next_page(w);
	return &w->owed;
}

void feed_release(struct feed *f)
{
	if (f && !--f->refs)
		f->free(f);
}
