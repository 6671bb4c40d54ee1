/* Management operations on much: a large document, or an API that has become large. A long job runs the operation on documents of
 * its own, and what it has changed is put in place in one piece. Meanwhile other requests of the management API wait, so nobody
 * changes what the job reads; calls of deployed APIs don't. */
#include "apigateway/manage.h"

enum { LARGE_BODY = 32 << 10, LARGE_API = 256 << 10 };

struct source {
	const char *kind, *parent;
	json_t *docs; /* of the gateway; own reference, nobody changes it */
};
enum { SOURCES_MAX = 16 };
struct gw_large {
	struct gateway *g;
	struct gw_manage *o;
	struct gateway scratch; /* what the operation sees */
	struct source sources[SOURCES_MAX];
	size_t source_n;
	struct error err;
	int rc;
	json_t *trash; /* trees to free elsewhere: that takes long too */
};

bool gw_is_large(const struct gw_manage *o)
{
	const struct route *r = &o->row->route;
	bool creates = !strcmp(r->name, "CreateRestApi");
	if (!sl_starts(sl(r->path), S("/restapis")) || !strcmp(r->name, "TestInvokeMethod") || (creates && !gw_query_is(o, "mode", "import")))
		return false;
	return o->call->req.body.n > LARGE_BODY || (o->arg[0] && jint(o->g->weights, o->arg[0]) > LARGE_API);
}

/* ---- on the pool ---- */

/* Documents that operations change in place are copied, others shared. */
static json_t *copy_of(const struct gw_large *l, const struct source *s)
{
	json_t *out, *own;
	if (!strcmp(s->kind, GW_DOC_RESOURCE) || !strcmp(s->kind, GW_DOC_STAGE))
		return json_deep_copy(s->docs);
	out = json_copy(s->docs);
	own = l->o->arg[0] ? json_object_get(out, l->o->arg[0]) : NULL;
	if (own && !strcmp(s->kind, GW_DOC_API))
		json_object_set_new(out, l->o->arg[0], json_deep_copy(own));
	return out;
}

/* The rows of what was changed, in the place of "it was put". */
static void make_rows(struct gw_large *l)
{
	const char *kind, *parent, *id;
	json_t *parents, *ids, *put;
	json_object_foreach(l->scratch.journal, kind, parents)
		json_object_foreach(parents, parent, ids)
			json_object_foreach(ids, id, put) {
				char *text = json_is_true(put) ? json_dumps(gw_doc(&l->scratch, kind, parent, id), JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
				if (text)
					json_object_set_new(ids, id, json_string_nocheck(text));
				free(text);
			}
}

static void on_pool(void *arg)
{
	struct gw_large *l = arg;
	for (size_t i = 0; i < l->source_n; i++)
		json_object_set_new(jobj(l->scratch.docs, l->sources[i].kind), l->sources[i].parent, copy_of(l, &l->sources[i]));
	l->scratch.apis = gw_docs(&l->scratch, GW_DOC_API, "");
	l->o->g = &l->scratch;
	l->rc = gw_manage_run(l->o, &l->err);
	if (!l->rc)
		gw_manage_text(l->o);
	l->o->g = l->g;
	make_rows(l);
}

/* ---- on the loop ---- */

static void free_trash(void *arg)
{
	struct gw_large *l = arg;
	json_decref(l->trash);
	l->trash = NULL;
}

static void gone(void *arg)
{
	struct gw_large *l = arg;
	json_decref(l->trash);
	free(l);
}

static void discard(struct gw_large *l)
{
	for (size_t i = 0; i < l->source_n; i++)
		json_array_append_new(l->trash, l->sources[i].docs);
	json_array_append_new(l->trash, l->scratch.docs);
	json_array_append_new(l->trash, l->scratch.journal);
}

static int write_rows(struct gw_large *l, struct error *err)
{
	const char *kind, *parent, *id;
	json_t *parents, *ids, *row;
	int rc = 0;
	json_object_foreach(l->scratch.journal, kind, parents)
		json_object_foreach(parents, parent, ids)
			json_object_foreach(ids, id, row)
				if (!rc)
					rc = gw_doc_row(l->g, kind, parent, id, json_string_value(row), err);
	return rc;
}

static void put_in_place(struct gw_large *l)
{
	const char *kind, *parent, *id;
	json_t *parents, *ids, *row, *docs, *old;
	json_object_foreach(l->scratch.journal, kind, parents)
		json_object_foreach(parents, parent, ids) {
			docs = gw_docs(l->g, kind, parent);
			json_object_foreach(ids, id, row) {
				old = json_object_get(docs, id);
				if (old)
					json_array_append(l->trash, old);
				if (json_is_string(row))
					json_object_set(docs, id, gw_doc(&l->scratch, kind, parent, id));
				else
					json_object_del(docs, id);
			}
		}
	if (l->scratch.stale)
		gw_changed(l->g, l->o->arg[0] ? l->o->arg[0] : "");
}

static void on_end(void *arg)
{
	static const struct job_kind free_job = { free_trash, gone, NULL, gone };
	struct gw_large *l = arg;
	struct gateway *g = l->g;
	struct gw_manage *o = l->o;
	if (!l->rc)
		l->rc = write_rows(l, &l->err);
	if (!l->rc)
		put_in_place(l);
	g->large = NULL;
	gw_manage_answer(o, l->rc ? &l->err : NULL);
	discard(l);
	(void)loop_long_job(g->env->loop, &free_job, l);
	while (!g->large && g->waiting) {
		struct gw_manage *next = g->waiting;
		g->waiting = next->next;
		gw_manage_begin(next);
	}
}

static void add_source(struct gw_large *l, const char *kind, const char *parent)
{
	json_t *docs = json_object_get(json_object_get(l->g->docs, kind), parent);
	if (docs)
		l->sources[l->source_n++] = (struct source){ kind, parent, json_incref(docs) };
}

void gw_large(struct gw_manage *o)
{
	/* It can't be stopped, and what it works on is the request's: the end of the gateway waits for it. */
	static const struct job_kind job = { on_pool, on_end, NULL, NULL };
	static const char *const shared[] = { GW_DOC_API, GW_DOC_COUNTER, GW_DOC_PLAN };
	struct gateway *g = o->g;
	struct gw_large *l = xcalloc(1, sizeof(*l));
	l->g = g;
	l->o = o;
	l->trash = json_array();
	l->scratch = (struct gateway){ .env = g->env, .account = g->account, .region = g->region, .docs = json_object(), .journal = json_object(),
				       .now_s = gw_now_s(g) };
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		add_source(l, shared[i], "");
	for (size_t i = 0; o->arg[0] && i < GW_KINDS_OF_API; i++)
		add_source(l, gw_kind_of_api(i), o->arg[0]);
	g->large = l;
	owed_keep(&g->owed, loop_long_job(g->env->loop, &job, l));
}

void gw_large_close(struct gateway *g)
{
	if (!g->large)
		return;
	discard(g->large);
	gone(g->large);
	g->large = NULL;
}
