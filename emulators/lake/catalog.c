/* The catalog, as analysis asks it: views of the session, relations found so far, functions that the client runs. */
#include "lake/frame.h"

/* A frame of the session itself is found by its name in the text, so that a stream stays one. */
static void keep_view(struct lake_query *q, struct sp_found *out, const struct lake_view *v, bool global)
{
	out->kind = SP_FOUND_VIEW;
	out->text = v->text;
	out->aliases = v->columns;
	if (v->frame && v->owner != q->spark) {
		out->plan = v->frame->plan;
		out->known = v->frame->known;
		q->borrows = true;
	}
	out->shown_n = 0;
	if (global)
		out->shown[out->shown_n++] = S("global_temp");
	out->shown[out->shown_n++] = v->name;
}

static int find(void *self, const struct sp_table_name *name, struct sp_found *out, struct sp_error *err)
{
	struct lake_query *q = self;
	const struct lake_view *view = NULL;
	struct lake_relation *r, **at = &q->relations;
	bool global = name->n == 2 && sl_eq_nocase(name->parts[0], S("global_temp"));
	struct slice key;
	*out = (struct sp_found){ .kind = SP_FOUND_NOTHING };
	if (name->n == 2 && sl_eqs(name->parts[0], "#"))
		return lake_frame_find(q, name->parts[1], out, err);
	if (name->n == 1 || global)
		view = lake_view_find(global ? q->globals : q->spark->views, name->parts[name->n - 1]);
	if (view)
		keep_view(q, out, view, global);
	if (view && q->stmt->kind == SP_STMT_CREATE_VIEW && q->stmt->global == global && sl_eq_nocase(view->name, q->stmt->name.parts[q->stmt->name.n - 1]))
		q->reads_itself = true;
	if (view || global)
		return 0;
	key = lake_relation_key(&q->arena, &q->cx, name);
	while (*at && ((*at)->twin_of || !sl_eq_nocase((*at)->key, key)))
		at = &(*at)->next;
	r = *at;
	if (!r) {
		r = lake_relation_new(&q->task, &q->arena, &q->cx, name, err);
		if (!r)
			return err->set;
		r->key = key;
		*at = r;
	}
	if (r->err.set) {
		sp_error_free(err);
		*err = r->err;
		r->err = (struct sp_error){ 0 };
		return 1;
	}
	if (r->missing)
		return 0;
	out->kind = r->found ? SP_FOUND_TABLE : SP_FOUND_LATER;
	out->relation = &r->rel;
	out->shown[0] = S("spark_catalog");
	out->shown[1] = q->cx.database;
	out->shown[2] = name->parts[name->n - 1];
	out->shown_n = 3;
	if ((r->ref.by_path && !r->placed.p) || name->n == 2) {
		out->shown[0] = name->n == 2 ? name->parts[0] : out->shown[0];
		out->shown[1] = name->n == 2 ? name->parts[1] : out->shown[1];
		out->shown_n = r->ref.by_path && !r->placed.p ? 2 : 3;
	}
	if (out->shown_n == 3 && name->n == 2) {
		out->shown[0] = S("spark_catalog");
		out->shown[1] = name->parts[0];
	}
	return 0;
}

static const struct sp_udf *find_udf(void *self, struct slice name)
{
	return lake_udf(self, name);
}

void lake_query_catalog(struct lake_query *q)
{
	q->catalog = (struct sp_catalog){ q, find, find_udf };
}
