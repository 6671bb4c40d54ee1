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

json_t *gw_docs(struct gateway *g, const char *kind, const char *parent)
{
	return level(level(g->docs, kind), parent);
}

json_t *gw_docs_all(struct gateway *g, const char *kind)
{
	return level(g->docs, kind);
}

json_t *gw_doc(struct gateway *g, const char *kind, const char *parent, const char *id)
{
	return json_object_get(json_object_get(json_object_get(g->docs, kind), parent), id);
}

static void on_row(void *arg, struct slice kind, struct slice parent, struct slice id, struct slice json)
{
	struct gateway *g = arg;
	struct arena a = { 0 };
	json_t *doc = json_loadb(json.p, json.n, JSON_DECODE_ANY, NULL);
	if (doc)
		json_object_set_new(gw_docs(g, arena_cstr(&a, kind), arena_cstr(&a, parent)), arena_cstr(&a, id), doc);
	arena_free(&a);
}

int gw_docs_open(struct gateway *g, struct error *err)
{
	int rc;
	g->docs = json_object();
	rc = gw_store_open(g->env, &g->store, err);
	return rc ? rc : gw_store_each(g->store, on_row, g, err);
}

void gw_docs_close(struct gateway *g)
{
	json_decref(g->docs);
	g->docs = NULL;
	gw_store_close(g->store);
	g->store = NULL;
}

int gw_doc_save(struct gateway *g, const char *kind, const char *parent, const char *id, struct error *err)
{
	char *text;
	int rc;
	if (!g->store) /* an import by itself keeps nothing */
		return 0;
	text = json_dumps(gw_doc(g, kind, parent, id), JSON_COMPACT | JSON_ENCODE_ANY);
	rc = gw_store_put(g->store, sl(kind), sl(parent), sl(id), sl(text), err);

	free(text);
	return rc;
}

int gw_doc_put(struct gateway *g, const char *kind, const char *parent, const char *id, json_t *doc, struct error *err)
{
	json_object_set_new(gw_docs(g, kind, parent), id, doc);
	return gw_doc_save(g, kind, parent, id, err);
}

int gw_doc_drop(struct gateway *g, const char *kind, const char *parent, const char *id, struct error *err)
{
	int rc = g->store ? gw_store_drop(g->store, sl(kind), sl(parent), sl(id), err) : 0;
	json_object_del(gw_docs(g, kind, parent), id); /* last: id may be the object's own key */
	return rc;
}

int gw_doc_drop_all(struct gateway *g, const char *kind, const char *parent, struct error *err)
{
	json_t *docs = gw_docs(g, kind, parent), *v;
	const char *id;
	int rc = 0;
	json_object_foreach(docs, id, v) {
		rc = g->store ? gw_store_drop(g->store, sl(kind), sl(parent), sl(id), err) : 0;
		if (rc)
			return rc;
	}
	json_object_del(json_object_get(g->docs, kind), parent);
	return rc;
}

/* Ids look as on AWS, random, but are a function of the counter. */
int gw_doc_id(struct gateway *g, struct arena *a, const char *kind, size_t n, bool mixed, const char **out, struct error *err)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	json_int_t count = json_integer_value(gw_doc(g, K_COUNTER, "", kind)) + 1;
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
	return gw_doc_put(g, K_COUNTER, "", kind, json_integer(count), err);
}
