/* Documents in memory: kind -> parent -> id -> document, each also a row. */
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"
#include "core/sigv4.h"

static json_t *level(json_t *o, const char *name)
{
	json_t *v = json_object_get(o, name);

	if (!v) {
		v = json_object();
		json_object_set_new(o, name, v);
	}
	return v;
}

json_t *agw_docs(struct agw *g, const char *kind, const char *parent)
{
	return level(level(g->docs, kind), parent);
}

json_t *agw_doc(struct agw *g, const char *kind, const char *parent, const char *id)
{
	return json_object_get(json_object_get(json_object_get(g->docs, kind), parent), id);
}

static void on_row(void *arg, struct slice kind, struct slice parent, struct slice id, struct slice json)
{
	struct agw *g = arg;
	struct arena a = { 0 };
	json_t *doc = json_loadb(json.p, json.n, JSON_DECODE_ANY, NULL);

	if (doc)
		json_object_set_new(agw_docs(g, arena_cstr(&a, kind), arena_cstr(&a, parent)), arena_cstr(&a, id), doc);
	arena_free(&a);
}

int agw_docs_open(struct agw *g, struct error *err)
{
	int r;

	g->docs = json_object();
	r = agw_store_open(g->env, &g->store, err);
	return r ? r : agw_store_each(g->store, on_row, g, err);
}

void agw_docs_close(struct agw *g)
{
	json_decref(g->docs);
	g->docs = NULL;
	agw_store_close(g->store);
	g->store = NULL;
}

int agw_doc_save(struct agw *g, const char *kind, const char *parent, const char *id, struct error *err)
{
	char *text;
	int r;

	if (!g->store) /* an import by itself keeps nothing */
		return 0;
	text = json_dumps(agw_doc(g, kind, parent, id), JSON_COMPACT | JSON_ENCODE_ANY);
	r = agw_store_put(g->store, sl(kind), sl(parent), sl(id), sl(text), err);

	free(text);
	return r;
}

int agw_doc_put(struct agw *g, const char *kind, const char *parent, const char *id, json_t *doc, struct error *err)
{
	json_object_set_new(agw_docs(g, kind, parent), id, doc);
	return agw_doc_save(g, kind, parent, id, err);
}

int agw_doc_drop(struct agw *g, const char *kind, const char *parent, const char *id, struct error *err)
{
	int r = g->store ? agw_store_drop(g->store, sl(kind), sl(parent), sl(id), err) : 0;

	json_object_del(agw_docs(g, kind, parent), id); /* last: id may be the object's own key */
	return r;
}

int agw_doc_drop_all(struct agw *g, const char *kind, const char *parent, struct error *err)
{
	json_t *docs = agw_docs(g, kind, parent), *v;
	const char *id;
	int r = 0;

	json_object_foreach(docs, id, v) {
		r = g->store ? agw_store_drop(g->store, sl(kind), sl(parent), sl(id), err) : 0;
		if (r)
			return r;
	}
	json_object_del(json_object_get(g->docs, kind), parent);
	return r;
}

/* Ids look as on AWS, random, but are a function of the counter. */
int agw_doc_id(struct agw *g, struct arena *a, const char *kind, size_t n, bool mixed, const char **out, struct error *err)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	json_int_t count = json_integer_value(agw_doc(g, K_COUNTER, "", kind)) + 1;
	char *id = arena_alloc(a, n + 1);
	uint8_t h[32];

	for (size_t i = 0; i < n; i++) {
		if (i % 32 == 0) {
			struct slice seed = arena_printf(a, "%s %lld %zu", kind, (long long)count, i);

			hash_sha256(seed.p, seed.n, h);
		}
		id[i] = digits[h[i % 32] % (mixed ? 62 : 36)];
	}
	*out = id;
	return agw_doc_put(g, K_COUNTER, "", kind, json_integer(count), err);
}
