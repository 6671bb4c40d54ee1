/* Documents in memory: kind -> parent -> id -> document, each also a row. */
#include "apigateway/docs.h"
#include "core/docs.h"
#include "core/sigv4.h"

json_t *gw_docs(struct gateway *g, const char *kind, const char *parent)
{
	return jobj(jobj(g->docs, kind), parent);
}

json_t *gw_docs_all(struct gateway *g, const char *kind)
{
	return jobj(g->docs, kind);
}

json_t *gw_doc(struct gateway *g, const char *kind, const char *parent, const char *id)
{
	return json_object_get(json_object_get(json_object_get(g->docs, kind), parent), id);
}

static void weigh(struct gateway *g, const char *parent, size_t bytes)
{
	if (g->weights && *parent)
		json_object_set_new(g->weights, parent, json_integer(jint(g->weights, parent) + (json_int_t)bytes));
}

static int on_row(void *arg, const char *kind, const char *parent, const char *id, json_t *doc, struct error *err)
{
	json_object_set(gw_docs(arg, kind, parent), id, doc);
	weigh(arg, parent, json_dumpb(doc, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY));
	return 0;
}

int gw_docs_open(struct gateway *g, struct error *err)
{
	static const char *const steps[] = { DOCS_TABLE };
	int rc;
	g->docs = json_object();
	g->weights = json_object();
	rc = db_open(&g->db, g->env, "apigateway", steps, ARRAY_LEN(steps), docs_queries, DOCS_Q, err);
	return rc ? rc : docs_each(&g->db, on_row, g, err);
}

void gw_docs_close(struct gateway *g)
{
	json_decref(g->docs);
	json_decref(g->weights);
	g->docs = g->weights = NULL;
	db_close(&g->db);
}

static void note(struct gateway *g, const char *kind, const char *parent, const char *id, bool put)
{
	if (g->journal)
		json_object_set_new(jobj(jobj(g->journal, kind), parent), id, json_boolean(put));
}

int gw_doc_row(struct gateway *g, const char *kind, const char *parent, const char *id, const char *text, struct error *err)
{
	if (!text)
		return docs_drop(&g->db, kind, parent, id, err);
	weigh(g, parent, strlen(text));
	return docs_put_text(&g->db, kind, parent, id, sl(text), err);
}

/* An import by itself keeps nothing. */
int gw_doc_save(struct gateway *g, const char *kind, const char *parent, const char *id, struct error *err)
{
	char *text;
	int rc;
	note(g, kind, parent, id, true);
	if (!g->db.h)
		return 0;
	text = json_dumps(gw_doc(g, kind, parent, id), JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text)
		return err_set(err, ERR_INTERNAL, "%s %s has no JSON text", kind, id);
	rc = gw_doc_row(g, kind, parent, id, text, err);
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
	int rc = g->db.h ? docs_drop(&g->db, kind, parent, id, err) : 0;
	note(g, kind, parent, id, false);
	json_object_del(gw_docs(g, kind, parent), id); /* last: id may be the object's own key */
	return rc;
}

int gw_doc_drop_all(struct gateway *g, const char *kind, const char *parent, struct error *err)
{
	json_t *docs = gw_docs(g, kind, parent), *v;
	const char *id;
	int rc = 0;
	json_object_foreach(docs, id, v) {
		note(g, kind, parent, id, false);
		if (!rc && g->db.h)
			rc = docs_drop(&g->db, kind, parent, id, err);
	}
	if (!rc)
		json_object_del(json_object_get(g->docs, kind), parent);
	return rc;
}

const char *gw_id_text(struct arena *a, const uint8_t *from, size_t n, bool mixed)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char *id = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		id[i] = digits[from[i] % (mixed ? 62 : 36)];
	return id;
}

/* Ids look as on AWS, random, but are a function of the counter. */
int gw_doc_id(struct gateway *g, struct arena *a, const char *kind, size_t n, bool mixed, const char **out, struct error *err)
{
	json_int_t count = json_integer_value(gw_doc(g, GW_DOC_COUNTER, "", kind)) + 1;
	uint8_t h[64];
	for (size_t i = 0; i < n; i += 32) {
		struct slice seed = arena_printf(a, "%s %lld %zu", kind, (long long)count, i);
		hash_sha256(seed.p, seed.n, h + i);
	}
	*out = gw_id_text(a, h, n, mixed);
	return gw_doc_put(g, GW_DOC_COUNTER, "", kind, json_integer(count), err);
}

json_t *gw_shown(const json_t *doc)
{
	json_t *out, *v;
	const char *key;
	size_t i;
	if (json_is_array(doc)) {
		out = json_array();
		json_array_foreach(doc, i, v)
			json_array_append_new(out, gw_shown(v));
		return out;
	}
	if (!json_is_object(doc))
		return json_deep_copy(doc);
	out = json_object();
	json_object_foreach((json_t *)doc, key, v)
		if (key[0] != '_')
			json_object_set_new(out, key, gw_shown(v));
	return out;
}

size_t gw_pointer(struct arena *a, const char *path, const char **out, size_t max)
{
	struct slice rest = sl(path), seg;
	size_t n = 0;
	if (rest.n && rest.p[0] == '/')
		rest = sl_from(rest, 1);
	while (rest.p && n < max) {
		char *s, *w;
		(void)sl_cut(rest, '/', &seg, &rest);
		s = w = arena_cstr(a, seg);
		for (const char *r = s; *r; r++) {
			if (r[0] == '~' && (r[1] == '0' || r[1] == '1'))
				*w++ = *++r == '0' ? '~' : '/';
			else
				*w++ = *r;
		}
		*w = 0;
		out[n++] = s;
	}
	return n;
}
