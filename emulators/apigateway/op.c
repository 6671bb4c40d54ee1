/* One operation's request and answer, and whole operations on a kind of documents. */
#include "apigateway/manage.h"

enum { LIST_MAX = 500 };

/* ---- the request ---- */

const char *gw_str(const struct gw_manage *o, const char *name)
{
	return jstr(o->in, name);
}

const char *gw_query(const struct gw_manage *o, const char *name)
{
	struct slice v = http_query(&o->call->req, name);
	return v.p ? arena_cstr(o->a, v) : NULL;
}

bool gw_query_is(const struct gw_manage *o, const char *name, const char *value)
{
	return sl_eqs(http_query(&o->call->req, name), value);
}

void gw_members(const struct gw_manage *o, json_t *to, const char *const *names)
{
	for (; *names; names++)
		jcopy(to, o->in, *names);
}

int gw_need_api(const struct gw_manage *o, struct error *err)
{
	json_t *api = gw_doc(o->g, GW_DOC_API, "", o->arg[0]);
	return api && gw_here(o, api) ? 0 : gw_missing(err, "Invalid API identifier specified %s:%s", o->account, o->arg[0]);
}

/* ---- the answer ---- */

json_t *gw_page(struct gw_manage *o, json_t *array)
{
	json_t *out = json_object(), *items = json_array();
	int64_t max = LIST_MAX, at = 0, n = (int64_t)json_array_size(array);
	(void)sl_int(http_query(&o->call->req, "limit"), 1, LIST_MAX, &max);
	(void)sl_int(http_query(&o->call->req, "position"), 0, INT32_MAX, &at);
	for (int64_t i = at; i < n && i < at + max; i++)
		json_array_append(items, json_array_get(array, (size_t)i));
	if (at + max < n)
		jput(out, "position", arena_printf(o->a, "%lld", (long long)(at + max)).p);
	json_object_set_new(out, "item", items);
	json_decref(array);
	return out;
}

/* Clients that ask for application/json (every SDK) get plain members; others the HAL form. */
static void to_hal(struct gw_manage *o, json_t *out)
{
	struct slice target = o->call->req.target;
	json_t *items = json_object_get(out, "item");
	if (sl_find(http_get(&o->call->req, "Accept"), S("application/json")) >= 0)
		return;
	if (items) {
		json_object_set_new(out, "_embedded", json_pack("{s:O}", "item", items));
		json_object_del(out, "item");
	}
	json_object_set_new(out, "_links", json_pack("{s:{s:s#}}", "self", "href", target.p, (int)target.n));
}

void gw_manage_text(struct gw_manage *o)
{
	char *text;
	if (!o->out || o->raw.p)
		return;
	to_hal(o, o->out);
	text = json_dumps(o->out, JSON_COMPACT);
	o->raw = arena_dup(o->a, sl(text));
	o->type = "application/json";
	free(text);
	json_decref(o->out);
	o->out = NULL;
}

void gw_manage_answer(struct gw_manage *o, const struct error *err)
{
	static const struct error_def unknown = { ERR_INTERNAL, "InternalFailure", 500 };
	struct http_call *call = o->call;
	struct slice body = S("");
	char *text = NULL;
	if (o->note.p)
		log_warn(o->g->env, call->op, "error=\"%.*s\"", SL(o->note));
	if (err) {
		const struct error_def *def = err->def ? err->def : &unknown;
		if (!err->def)
			log_error(o->g->env, call->op, "error=\"%s\"", err->text);
		JSON_AUTO j = json_pack("{s:s}", "message", err->text);
		text = json_dumps(j, JSON_COMPACT);
		http_setsl(call, "x-amzn-ErrorType", sl(def->code));
		o->status = def->http;
	} else {
		gw_manage_text(o);
		body = o->raw.p ? o->raw : body;
	}
	if (text)
		body = arena_dup(call->req.arena, sl(text));
	free(text);
	json_decref(o->in);
	json_decref(o->out);
	http_reply(call, o->status, o->raw.p && !err ? o->type : "application/json", body);
}

/* ---- whole operations ---- */

static const char *parent_of(const struct gw_manage *o)
{
	return o->row->kind->account ? "" : o->arg[0];
}

static const char *name_of(const struct gw_manage *o)
{
	return o->arg[o->row->kind->account ? 0 : 1];
}

int gw_find(struct gw_manage *o, json_t **out, struct error *err)
{
	const struct gw_kind *k = o->row->kind;
	if (k->find)
		return k->find(o, out, err);
	*out = json_incref(gw_doc(o->g, k->docs, parent_of(o), name_of(o)));
	if (*out)
		return 0;
	return k->missing ? gw_missing(err, k->missing, name_of(o)) : gw_need_api(o, err);
}

static json_t *show_bare(struct gw_manage *o, const json_t *doc)
{
	return o->row->kind->show ? o->row->kind->show(o, doc) : gw_shown(doc);
}

json_t *gw_show(struct gw_manage *o, const json_t *doc)
{
	json_t *out = show_bare(o, doc);
	if (o->row->kind->tagged)
		(void)jobj(out, "tags");
	return out;
}

static int by_member(const void *a, const void *b, void *name)
{
	const char *p = jstr(*(json_t *const *)a, name), *q = jstr(*(json_t *const *)b, name);
	return strcmp(p ? p : "", q ? q : "");
}

int gw_op_list(struct gw_manage *o, struct error *err)
{
	const struct gw_kind *k = o->row->kind;
	json_t *docs, *v, *array, **rows;
	const char *id;
	size_t n = 0;
	int rc = k->account ? 0 : gw_need_api(o, err);
	if (rc)
		return rc;
	docs = gw_docs(o->g, k->docs, parent_of(o));
	rows = arena_alloc(o->a, (json_object_size(docs) + 1) * sizeof(*rows));
	json_object_foreach(docs, id, v)
		if (!k->account || gw_here(o, v))
			rows[n++] = v;
	if (k->order)
		qsort_r(rows, n, sizeof(*rows), by_member, (void *)k->order);
	array = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, show_bare(o, rows[i]));
	o->out = gw_page(o, array);
	return 0;
}

int gw_op_get(struct gw_manage *o, struct error *err)
{
	JSON_AUTO doc = NULL;
	int rc = gw_find(o, &doc, err);
	if (!rc)
		o->out = gw_show(o, doc);
	return rc;
}

int gw_op_update(struct gw_manage *o, struct error *err)
{
	const struct gw_kind *k = o->row->kind;
	struct gw_change *changes;
	JSON_AUTO doc = NULL;
	bool mine = false;
	size_t n;
	int rc = k->form_first ? gw_changes(o, &changes, &n, err) : 0;
	if (!rc)
		rc = gw_find(o, &doc, err);
	if (!rc && !k->form_first)
		rc = gw_changes(o, &changes, &n, err);
	if (rc)
		return rc;
	JSON_AUTO changed = json_deep_copy(doc);
	for (size_t i = 0; !rc && i < n; i++, mine = false) {
		if (k->change)
			rc = k->change(o, changed, &changes[i], &mine, err);
		if (!rc && !mine)
			rc = gw_change(changed, &changes[i], &k->patch, err);
	}
	if (!rc && k->check)
		rc = k->check(o, changed, err);
	if (rc)
		return rc;
	o->out = gw_show(o, changed);
	if (k->runs)
		gw_changed(o->g, o->arg[0]);
	return k->keep ? k->keep(o, doc, changed, err) : gw_doc_put(o->g, k->docs, parent_of(o), name_of(o), json_incref(changed), err);
}

int gw_op_delete(struct gw_manage *o, struct error *err)
{
	const struct gw_kind *k = o->row->kind;
	JSON_AUTO doc = NULL;
	int rc = gw_find(o, &doc, err);
	if (!rc && k->drop)
		rc = k->drop(o, doc, err);
	if (rc)
		return rc;
	if (k->runs)
		gw_changed(o->g, o->arg[0]);
	return gw_doc_drop(o->g, k->docs, parent_of(o), name_of(o), err);
}

int gw_new(struct gw_manage *o, size_t n, json_t **out, struct error *err)
{
	const struct gw_kind *k = o->row->kind;
	const char *id;
	int rc = gw_doc_id(o->g, o->a, k->docs, n, false, &id, err);
	if (rc)
		return rc;
	*out = json_pack("{s:s}", "id", id);
	gw_members(o, *out, k->members);
	return 0;
}

int gw_add(struct gw_manage *o, const char *id, json_t *doc, struct error *err)
{
	if (o->row->kind->account)
		gw_mark(o, doc);
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, o->row->kind->docs, parent_of(o), id, doc, err);
}
