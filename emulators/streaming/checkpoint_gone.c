/* Temporary checkpoints: those of queries that were given none go when the query ends, as Spark deletes its temporary folders. */
#include "streaming/query.h"

static void gone_free(struct sq_gone *g)
{
	free(g->bucket);
	free(g->prefix);
	free(g);
}

void sq_checkpoints_free(struct streaming *m)
{
	owed_cancel_all(&m->going);
	while (m->gone) {
		struct sq_gone *g = m->gone;
		m->gone = g->next;
		gone_free(g);
	}
}

static void deleted(void *arg, const struct error *err)
{
	(void)err; /* one that stays does no harm */
}

static bool on_object(void *arg, const struct object_entry *e)
{
	struct sq_gone *g = arg;
	const struct object_store *o = &g->m->env->ports->objects;
	owed_keep(&g->m->going, o->del(o->self, sl(g->bucket), e->key, deleted, NULL));
	return true;
}

static void listed(void *arg, const struct error *err)
{
	struct sq_gone *g = arg, **at = &g->m->gone;
	(void)err;
	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	gone_free(g);
}

void sq_checkpoint_drop(struct sq *q)
{
	struct streaming *m = q->m;
	const struct object_store *o = &m->env->ports->objects;
	struct sq_gone *g;
	if (!q->o.temporary || !q->cp_key.n || !o->self)
		return;
	g = xcalloc(1, sizeof(*g));
	*g = (struct sq_gone){ m->gone, m, xstrndup(q->cp_bucket.p, q->cp_bucket.n), xasprintf("%.*s/", SL(q->cp_key)) };
	m->gone = g;
	owed_keep(&m->going, objects_each(o, sl(g->bucket), sl(g->prefix), sl(NULL), on_object, listed, g));
}
