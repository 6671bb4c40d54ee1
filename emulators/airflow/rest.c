/* REST API v1: a request, lists, problems (RFC 7807). */
#include "airflow/rest.h"

#define DOCS "https://airflow.apache.org/docs/apache-airflow/" AF_VERSION "/stable-rest-api-ref.html#section/Errors/"

void af_rest_ok(struct af_rest *r, json_t *out)
{
	r->status = 200;
	r->out = out;
}

void af_rest_fail(struct af_rest *r, int status, const char *title, const char *fmt, ...)
{
	static const struct {
		int status;
		const char *name;
	} links[] = { { 400, "BadRequest" }, { 401, "Unauthenticated" }, { 403, "PermissionDenied" }, { 404, "NotFound" }, { 405, "MethodNotAllowed" },
		      { 409, "AlreadyExists" }, { 500, "Unknown" } };
	const char *name = NULL;
	struct buf text = { 0 };
	va_list ap;
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (links[i].status == status)
			name = links[i].name;
	if (fmt) {
		va_start(ap, fmt);
		buf_addv(&text, fmt, ap);
		va_end(ap);
	}
	char *type = name ? xasprintf("%s%s", DOCS, name) : xstrdup("about:blank");
	json_t *detail = fmt && sl_is_utf8(buf_slice(&text)) ? json_stringn(buf_slice(&text).p, text.n) : NULL;
	json_decref(r->out);
	r->status = status;
	r->type = "application/problem+json";
	r->out = json_pack("{s:o, s:i, s:s, s:s}", "detail", detail ? detail : json_null(), "status", status, "title", title, "type", type);
	free(type);
	buf_free(&text);
}

struct slice af_rest_param(const struct af_rest *r, const char *name)
{
	return r->req.query.p ? http_query(&r->req, name) : sl(NULL);
}

/* ---- lists ---- */

struct order {
	const char *key;
	bool down;
};

static int compare(const json_t *a, const json_t *b)
{
	if (json_is_string(a) && json_is_string(b))
		return strcmp(json_string_value(a), json_string_value(b));
	if (json_is_number(a) && json_is_number(b))
		return json_number_value(a) < json_number_value(b) ? -1 : json_number_value(a) > json_number_value(b);
	return (int)json_is_null(b) - (int)json_is_null(a);
}

/* Insertion by merging: stable, and qsort has no argument for the key. */
static void sort(json_t **v, json_t **tmp, size_t n, struct order o)
{
	size_t half = n / 2, i = 0, k = half, at = 0;
	if (n < 2)
		return;
	sort(v, tmp, half, o);
	sort(v + half, tmp, n - half, o);
	while (i < half && k < n) {
		int c = compare(json_object_get(v[i], o.key), json_object_get(v[k], o.key));
		tmp[at++] = (o.down ? c >= 0 : c <= 0) ? v[i++] : v[k++];
	}
	while (i < half)
		tmp[at++] = v[i++];
	while (k < n)
		tmp[at++] = v[k++];
	memcpy(v, tmp, n * sizeof(*v));
}

static bool order_of(struct af_rest *r, const char *const *orders, struct order *out)
{
	struct slice by = af_rest_param(r, "order_by");
	out->key = NULL;
	if (!by.n)
		return true;
	out->down = by.p[0] == '-';
	if (out->down)
		by = sl_from(by, 1);
	for (size_t i = 0; orders && orders[i]; i++)
		if (sl_eqs(by, orders[i]))
			out->key = orders[i];
	if (out->key || sl_eqs(by, "id"))
		return true;
	af_rest_fail(r, 400, "Bad Request", "Ordering with '%.*s' is disallowed or the attribute does not exist on the model", SL(by));
	return false;
}

static bool page_of(struct af_rest *r, int64_t *limit, int64_t *offset)
{
	struct slice l = af_rest_param(r, "limit"), o = af_rest_param(r, "offset");
	*limit = AF_PAGE_MAX;
	*offset = 0;
	if ((l.p && !sl_int(l, INT32_MIN, INT32_MAX, limit)) || (o.p && !sl_int(o, 0, INT32_MAX, offset))) {
		af_rest_fail(r, 400, "Bad Request", "'%.*s' is not of type 'integer'", SL(l.p ? l : o));
		return false;
	}
	if (*limit < 0) {
		af_rest_fail(r, 400, "Bad Request", "Page limit must be a positive integer");
		return false;
	}
	if (*limit == 0 || *limit > AF_PAGE_MAX)
		*limit = AF_PAGE_MAX;
	return true;
}

void af_rest_list(struct af_rest *r, const char *key, json_t *all, const char *const *orders)
{
	struct order o;
	int64_t limit, offset;
	size_t n = json_array_size(all);
	if (!order_of(r, orders, &o) || !page_of(r, &limit, &offset)) {
		json_decref(all);
		return;
	}
	json_t **v = xcalloc(2 * n + 1, sizeof(*v)), *page = json_array();
	for (size_t i = 0; i < n; i++)
		v[i] = json_array_get(all, i);
	if (o.key)
		sort(v, v + n, n, o);
	for (int64_t i = offset; i < offset + limit && i < (int64_t)n; i++)
		json_array_append(page, v[i]);
	free(v);
	json_decref(all);
	af_rest_ok(r, json_pack("{s:o, s:I}", key, page, "total_entries", (json_int_t)n));
}

/* ---- what paths name ---- */

struct af_dag *af_rest_dag(struct af_rest *r)
{
	struct af_dag *d = af_dag(r->a, r->arg[0]);
	if (!d || (!d->raw && !d->run_n)) {
		af_rest_fail(r, 404, "DAG not found", "The DAG with dag_id: %.*s was not found", SL(r->arg[0]));
		return NULL;
	}
	return d;
}

struct af_run *af_rest_find_run(struct af_rest *r)
{
	struct af_dag *d = af_dag(r->a, r->arg[0]);
	struct af_run *run = d ? af_run(d, r->arg[1]) : NULL;
	if (!run)
		af_rest_fail(r, 404, "DAGRun not found", "DAGRun with DAG ID: '%.*s' and DagRun ID: '%.*s' not found", SL(r->arg[0]), SL(r->arg[1]));
	return run;
}

/* ---- one request ---- */

static void no_route(struct af_rest *r)
{
	log_warn(r->a->env, "unserved", "method=%.*s path=%.*s", SL(r->req.method), SL(r->req.path));
	af_rest_fail(r, 404, "Not Found", "The requested URL was not found on the server. If you entered the URL manually please check your "
					  "spelling and try again.");
}

void af_rest_run(struct af_rest *r)
{
	static const struct routes *const tables[] = { &af_dag_routes, &af_run_routes, &af_admin_routes, NULL };
	struct slice arg[HTTP_ARGS_MAX];
	unsigned allowed;
	r->row = route_find(tables, &r->req, arg, &allowed);
	r->arg = arg;
	if (!r->row && allowed)
		af_rest_fail(r, 405, "Method Not Allowed", "The method is not allowed for the requested URL.");
	else if (!r->row)
		no_route(r);
	else if (r->row->route.method[0] == 'P' && !json_is_object(r->body) && (r->body || strcmp(r->row->route.method, "POST")))
		af_rest_fail(r, 400, "Bad Request", "Request body must not be empty");
	else
		r->row->rest(r);
}
