#include "lake/elsewhere.h"

static void look(struct lake_elsewhere *w);

/* The first object behind `after` names a topic; the next look begins behind all of this topic's. */
static void on_objects(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct lake_elsewhere *w = arg;
	struct slice rest, topic;
	size_t base = w->base.n ? w->base.n + 1 : 0;
	if (err || !n) {
		w->bucket++;
		w->after = sl(NULL);
		look(w);
		return;
	}
	if (sl_cut(sl_from(e[0].key, base), '/', &topic, &rest)) {
		w->found[w->n].bucket = w->buckets[w->bucket];
		w->found[w->n++].topic = arena_dup(&w->arena, topic);
		w->after = arena_printf(&w->arena, "%.*s%.*s0", (int)base, e[0].key.p, SL(topic)); /* 0 follows the slash */
	} else {
		w->after = arena_dup(&w->arena, e[0].key);
	}
	look(w);
}

static void look(struct lake_elsewhere *w)
{
	const struct object_store *store = &w->task->l->env->ports->objects;
	if (w->bucket == w->bucket_n || w->n == LAKE_ELSEWHERE_MAX) {
		w->done(w->arg);
		return;
	}
	struct slice prefix = arena_printf(&w->arena, "%.*s%s", SL(w->base), w->base.n ? "/" : "");
	lake_await(w->task, store->list(store->self, w->buckets[w->bucket], prefix, w->after, on_objects, w));
}

static void on_buckets(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct lake_elsewhere *w = arg;
	w->buckets = arena_alloc(&w->arena, (n + 1) * sizeof(*w->buckets));
	for (size_t i = 0; !err && i < n; i++)
		w->buckets[w->bucket_n++] = arena_dup(&w->arena, e[i].key);
	look(w);
}

void lake_elsewhere_begin(struct lake_elsewhere *w)
{
	const struct object_store *store = &w->task->l->env->ports->objects;
	lake_await(w->task, store->list(store->self, sl(NULL), S(""), sl(NULL), on_buckets, w));
}

void lake_elsewhere_free(struct lake_elsewhere *w)
{
	arena_free(&w->arena);
}
