/* Functions of a session that its client runs, a batch at a time: the statement's job waits, the client gets the arguments as the answer to
 * its request, and comes back with what the function gave. */
#include "core/json.h"
#include "core/question.h"
#include "lake/query.h"
#include "spark/ddl.h"
#include "spark/json.h"

enum { PATIENCE_MS = 120000 }; /* real time for a client to come back */

/* A function as a statement knows it. */
struct bound {
	struct sp_udf udf;
	struct lake_query *q;
};

/* ---- in the job ---- */

/* "types":[...],"rows":n,"arguments":[[...],...] */
static int add_arguments(struct lake_query *q, struct sp_call *c, const struct sp_vec *args, size_t arg_n, size_t n)
{
	struct sp_json_options o;
	struct sp_json_writer *w;
	struct buf *b = &q->asked;
	sp_json_defaults(&o, c->run->cx);
	o.keep_nulls = true;
	lake_exact_times(&o);
	w = sp_json_writer_new(c->run->batch, &o, &c->run->err);
	if (!w)
		return 1;
	jw_list(b, "types");
	for (size_t i = 0; i < arg_n; i++) {
		buf_adds(b, i ? "," : "");
		sp_type_json(b, args[i].type);
	}
	jw_list_end(b);
	jw_int(b, "rows", (int64_t)n);
	jw_list(b, "arguments");
	for (size_t i = 0; i < arg_n; i++) {
		const struct sp_type *list = sp_array(c->run->batch, args[i].type, true);
		struct sp_list *values = sp_list_new(c->run->batch, n);
		struct sp_value v = { .list = values };
		for (size_t r = 0; r < n; r++)
			values->items[r] = sp_get(&args[i], r);
		buf_adds(b, i ? "," : "");
		sp_json_write(w, b, list, &v);
	}
	jw_list_end(b);
	return 0;
}

/* The values of the document that came, as rows; one of another type is NULL, as PySpark has it. */
static int take_values(struct lake_query *q, struct sp_call *c, const struct sp_type *type, size_t n, struct sp_vec *out)
{
	JSON_AUTO doc = json_loadb(q->given.p, q->given.n, JSON_ALLOW_NUL, NULL);
	const json_t *values = json_object_get(doc, "values");
	const char *wrong = jstr(doc, "error");
	const struct sp_type *list = sp_array(c->run->batch, type, true);
	struct sp_json_options o;
	struct sp_json_parser *p;
	struct sp_value v = SP_NULL_VALUE;
	struct sp_out to;
	char *text;
	int rc;
	if (wrong) {
		sp_fail(&c->run->err, SP_E_RUN, "", "", "%s", wrong);
		c->run->err.java = "PythonException";
		return 1;
	}
	if (json_array_size(values) != n)
		return sp_fail(&c->run->err, SP_E_RUN, "", "", "the function gave %zu values for %zu rows", json_array_size(values), n);
	sp_json_defaults(&o, c->run->cx);
	p = sp_json_parser_new(c->run->batch, list, &o, &c->run->err);
	if (!p)
		return 1;
	text = json_dumps(values, JSON_COMPACT);
	rc = sp_json_parse(p, c->run->batch, arena_dup(c->run->batch, sl(text)), &v, &c->run->err);
	free(text);
	sp_json_parser_free(p);
	sp_out_make(&to, c->run->batch, type, n);
	for (size_t r = 0; r < n; r++) {
		const struct sp_value none = SP_NULL_VALUE;
		sp_out_put(&to, r, !v.null && r < v.list->n ? &v.list->items[r] : &none);
	}
	*out = to.v;
	return rc;
}

static int call(void *self, struct sp_call *c, const struct sp_vec *args, size_t arg_n, size_t n, struct sp_vec *out)
{
	struct bound *f = self;
	struct lake_query *q = f->q;
	struct buf *b = &q->asked;
	buf_reset(b);
	jw_obj(b, NULL);
	jw_obj(b, "udf");
	jw_int(b, "call", ++q->call_n);
	jw_str(b, "function", f->udf.name);
	if (add_arguments(q, c, args, arg_n, n))
		return 1;
	jw_obj_end(b);
	jw_obj_end(b);
	buf_addc(b, '\n');
	if (!question_ask(q->question))
		return sp_fail(&c->run->err, SP_E_STOPPED, "", "", "nobody ran the function %.*s", SL(f->udf.name));
	return take_values(q, c, f->udf.type, n, out);
}

/* ---- on the loop ---- */

static void out_of_patience(void *arg)
{
	struct lake_query *q = arg;
	q->patience = NULL;
	question_cancel(q->question);
}

static void asked(void *arg)
{
	struct lake_query *q = arg;
	struct http_call *c = q->task.call;
	lake_task_call(&q->task, NULL);
	q->spark->asking = q;
	q->patience = loop_after(q->loop, PATIENCE_MS, out_of_patience, q);
	if (c)
		http_reply(c, 202, "application/json", buf_slice(&q->asked));
}

const struct sp_udf *lake_udf(struct lake_query *q, struct slice name)
{
	const struct lake_function *f = q->spark->functions;
	struct bound *b;
	while (f && !sl_eq_nocase(f->name, name))
		f = f->next;
	if (!f)
		return NULL;
	b = arena_alloc(&q->arena, sizeof(*b));
	*b = (struct bound){ { f->name, f->type, call, b }, q };
	return &b->udf;
}

void lake_udf_free(struct lake_query *q)
{
	if (q->spark && q->spark->asking == q)
		q->spark->asking = NULL;
	loop_cancel(q->patience);
	question_free(q->question);
	buf_free(&q->asked);
	arena_free(&q->given_arena);
}

static struct lake_spark *session_of(struct lake *l, struct http_call *call)
{
	struct lake_spark *s = lake_spark_find(l, call->arg[0]);
	if (!s)
		problem_send(call, 404, "RESOURCE_DOES_NOT_EXIST", "No session has the id %.*s", SL(call->arg[0]));
	return s;
}

void lake_spark_function(void *self, struct http_call *call)
{
	struct lake_spark *s = session_of(self, call);
	JSON_AUTO doc = json_loadb(call->req.body.p ? call->req.body.p : "", call->req.body.n, JSON_ALLOW_NUL, NULL);
	struct sp_error err = { 0 };
	struct lake_function *f;
	const struct sp_type *type;
	struct slice name = jslice(doc, "name");
	if (!s)
		return;
	if (!name.n || !jstr(doc, "type")) {
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "a function has a name and a type");
		return;
	}
	if (sp_ddl_type(&s->arena, arena_dup(&s->arena, jslice(doc, "type")), NULL, &type, &err)) {
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "[%s] %s", err.class, err.text);
		sp_error_free(&err);
		return;
	}
	f = arena_alloc(&s->arena, sizeof(*f));
	*f = (struct lake_function){ s->functions, arena_dup(&s->arena, name), type };
	s->functions = f; /* the newest of a name counts */
	http_reply(call, 200, "application/json", S("{}\n"));
}

void lake_spark_results(void *self, struct http_call *call)
{
	struct lake_spark *s = session_of(self, call);
	struct lake_query *q = s ? s->asking : NULL;
	JSON_AUTO doc = json_loadb(call->req.body.p ? call->req.body.p : "", call->req.body.n, JSON_ALLOW_NUL, NULL);
	if (!s)
		return;
	if (!q || jint(doc, "call") != q->call_n) {
		problem_send(call, 409, "RESOURCE_CONFLICT", "no statement of the session waits for the call %lld", (long long)jint(doc, "call"));
		return;
	}
	s->asking = NULL;
	loop_cancel(q->patience);
	q->patience = NULL;
	arena_reset(&q->given_arena);
	q->given = arena_dup(&q->given_arena, call->req.body);
	lake_task_call(&q->task, call);
	question_answer(q->question);
}

void lake_udf_forget(struct lake_spark *s)
{
	if (s->asking)
		question_cancel(s->asking->question);
}

void lake_udf_begin(struct lake_query *q)
{
	if (q->spark->functions)
		q->question = question_new(q->loop, asked, q);
}
