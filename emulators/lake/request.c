/* What a request of statements says: its query, its body, its parameters. */
#include "lake/batch.h"

#include "core/json.h"
#include "core/text.h"
#include "spark/cast.h"
#include "spark/ddl.h"

static bool as_of(struct slice name, enum lake_as *as)
{
	static const char *const names[LAKE_AS_N] = { "json", "text", "show", "hive" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eqs(name, names[i])) {
			*as = (enum lake_as)i;
			return true;
		}
	return false;
}

static int take_session(struct lake *l, struct lake_query *q, struct slice id, struct error *err)
{
	q->spark = lake_spark_find(l, id);
	if (!q->spark)
		return err_set(err, ERR_NOT_FOUND, "No session has the id %.*s", SL(id));
	q->spark->refs++;
	return 0;
}

/* ?session=ID ?as=json|text|show ?rows=N */
static int read_query(struct lake *l, struct http_call *call, struct lake_query *q, struct error *err)
{
	struct slice name, value;
	size_t at = 0;
	while (http_query_next(&call->req, &at, &name, &value)) {
		value = arena_url_decode(call->req.arena, value.p ? value : S(""), true);
		if (sl_eqs(name, "rows")) {
			if (!sl_int(value, 1, INT64_MAX, &q->limits.rows_max))
				return err_set(err, ERR_INVALID, "rows is a number, not %.*s", SL(value));
		} else if (sl_eqs(name, "as")) {
			if (!as_of(value, &q->as))
				return err_set(err, ERR_INVALID, "as is json, text, show or hive, not %.*s", SL(value));
		} else if (sl_eqs(name, "session")) {
			if (take_session(l, q, value, err))
				return 1;
		}
	}
	return 0;
}

/* A body of JSON: {"statement":"...","parameters":[...]}; else the body is the statement. */
static int read_body(struct http_call *call, struct lake_query *q, struct slice *sql, struct error *err)
{
	struct slice type = http_get(&call->req, "Content-Type");
	json_t *body;
	if (!sl_starts_nocase(type, S("application/json")))
		return 0;
	body = json_loadb(sql->p, sql->n, JSON_ALLOW_NUL, NULL);
	if (!json_is_string(json_object_get(body, "statement"))) {
		json_decref(body);
		return err_set(err, ERR_INVALID, "the body is no JSON object with a statement");
	}
	*sql = arena_dup(call->req.arena, jslice(body, "statement"));
	q->params = json_incref(json_object_get(body, "parameters"));
	q->database = jstr(body, "schema") ? arena_dup(call->req.arena, jslice(body, "schema")) : sl(NULL);
	json_decref(body);
	return 0;
}

/* {"sql":"..."}, or {"columns":[...],"schema":{...}}: then that is q->params. */
static int read_frame(struct http_call *call, struct lake_query *q, struct slice *sql, struct error *err)
{
	JSON_AUTO body = json_loadb(sql->p ? sql->p : "", sql->n, JSON_ALLOW_NUL, NULL);
	*sql = jstr(body, "sql") ? arena_dup(call->req.arena, jslice(body, "sql")) : S("");
	if (!jstr(body, "sql") && !json_is_array(json_object_get(body, "columns")))
		return err_set(err, ERR_INVALID, "a frame is made of sql, or of columns and a schema");
	if (!jstr(body, "sql"))
		q->params = json_incref(body);
	return 0;
}

/* {"name":"v","frame":13,"replace":true,"global":false} */
static int read_view(struct http_call *call, struct slice *sql, struct error *err)
{
	JSON_AUTO body = json_loadb(sql->p ? sql->p : "", sql->n, JSON_ALLOW_NUL, NULL);
	struct buf name = { 0 };
	struct slice s = jslice(body, "name");
	if (!s.n)
		return err_set(err, ERR_INVALID, "a view has a name and a frame");
	for (size_t i = 0; i < s.n; i++)
		buf_addf(&name, s.p[i] == '`' ? "``" : "%c", s.p[i]);
	*sql = arena_printf(call->req.arena, "CREATE %s%sTEMPORARY VIEW `%s` AS SELECT * FROM `#`.`%lld`", json_is_true(json_object_get(body, "replace")) ? "OR REPLACE " : "",
			    json_is_true(json_object_get(body, "global")) ? "GLOBAL " : "", buf_cstr(&name), (long long)jint(body, "frame"));
	buf_free(&name);
	return 0;
}

int lake_query_read(struct lake_query *q, struct lake *l, struct http_call *call, struct slice *sql, struct error *err)
{
	int rc = q->asks == LAKE_ASKS_FRAME   ? read_frame(call, q, sql, err)
		 : q->asks == LAKE_ASKS_VIEW  ? read_view(call, sql, err)
		 : q->asks == LAKE_ASKS_BATCH ? lake_batch_read(q, l, call, sql, err)
					      : read_body(call, q, sql, err);
	if (rc || (q->asks != LAKE_ASKS_ROWS && take_session(l, q, call->arg[0], err)))
		return 1;
	if (sql->n > LAKE_SQL_MAX)
		return err_set(err, ERR_LIMIT, "the statement is longer than %d bytes", LAKE_SQL_MAX);
	if (!sl_is_utf8(*sql))
		return err_set(err, ERR_INVALID, "the statement is not UTF-8 text");
	return read_query(l, call, q, err);
}

/* ---- parameters ---- */

/* {"name":"n","value":"5","type":"INT"}: the value's text is cast; without a type it is a STRING, without a value NULL. */
static int read_parameter(struct lake_query *q, const json_t *p, struct sp_parameter *out)
{
	struct sp_run run = { .cx = &q->cx, .batch = &q->arena, .keep = &q->arena };
	struct slice type = jslice(p, "type"), value = jslice(p, "value");
	struct sp_value in = { .s = arena_dup(&q->arena, value) };
	*out = (struct sp_parameter){ .name = jstr(p, "name") ? arena_dup(&q->arena, jslice(p, "name")) : sl(NULL), .type = &sp_types[SP_STRING],
				      .value = SP_NULL_VALUE };
	if (type.n && sp_ddl_type(&q->arena, type, NULL, &out->type, &q->err))
		return 1;
	if (!json_is_string(json_object_get(p, "value")))
		return 0;
	if (out->type->kind == SP_STRING)
		out->value = in;
	else if (sp_cast_value(&run, NULL, &sp_types[SP_STRING], out->type, true, &in, &out->value)) {
		q->err = run.err;
		return 1;
	}
	return 0;
}

int lake_query_parameters(struct lake_query *q)
{
	const json_t *p;
	size_t i;
	q->parameter_n = json_array_size(q->params);
	q->parameters = arena_alloc(&q->arena, (q->parameter_n + 1) * sizeof(*q->parameters));
	json_array_foreach(q->params, i, p)
		if (read_parameter(q, p, &q->parameters[i]))
			return 1;
	return 0;
}
