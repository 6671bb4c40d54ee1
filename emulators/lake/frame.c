/* Frames: made, found by statements, and copied to be run. */
#include "lake/frame.h"

#include "core/json.h"
#include "core/text.h"
#include "delta/delta.h"
#include "spark/json.h"

/* ---- finding ---- */

struct lake_frame *lake_frame_of(const struct lake_spark *s, uint64_t number)
{
	return number && number <= s->frame_n ? s->frames[number - 1] : NULL;
}

static void use(struct lake_query *q, uint64_t number)
{
	for (size_t i = 0; i < q->used_n; i++)
		if (q->used[i] == number)
			return;
	ARENA_GROW(&q->arena, q->used, q->used_n, q->used_cap);
	q->used[q->used_n++] = number;
}

/* What is known of a frame's columns but for who they are: they get ids of their own. */
static const struct sp_known *anew(struct lake_query *q, const struct lake_frame *f)
{
	struct sp_known *known = arena_alloc(&q->arena, (f->plan->column_n + 1) * sizeof(*known));
	memcpy(known, f->known, f->plan->column_n * sizeof(*known));
	for (size_t i = 0; i < f->plan->column_n; i++)
		known[i].uid = 0;
	return known;
}

int lake_frame_find(struct lake_query *q, struct slice number, struct sp_found *out, struct sp_error *err)
{
	bool again = number.n && number.p[number.n - 1] == '+';
	int64_t n = 0;
	struct lake_frame *f;
	number.n -= again;
	f = sl_int(number, 1, INT64_MAX, &n) ? lake_frame_of(q->spark, (uint64_t)n) : NULL;
	if (!f)
		return sp_fail(err, SP_E_ANALYSIS, "", "", "the session has no frame %.*s", SL(number));
	use(q, (uint64_t)n);
	*out = (struct sp_found){ .kind = SP_FOUND_VIEW, .plan = f->plan, .known = again ? anew(q, f) : f->known };
	return 0;
}

/* ---- running: relations of the statement's own ---- */

struct binding {
	struct lake_query *q;
	bool later;
};

/* The statement's relation for one of a frame's; NULL: not asked for yet. */
static struct lake_relation *twin(const struct lake_query *q, const struct sp_relation *of)
{
	struct lake_relation *r = q->relations;
	while (r && &r->rel != of && r->twin_of != of)
		r = r->next;
	return r;
}

/* Two frames that read the same have the same relation here, unless what was inferred differs. */
static struct lake_relation *same_twin(const struct lake_query *q, const struct lake_relation *of)
{
	struct lake_relation *r = q->relations;
	while (r && !(r->twin_of && r->pinned == of->inferred && sl_eq(r->key, of->key)))
		r = r->next;
	return r;
}

static void ask(void *self, const struct sp_plan *scan)
{
	struct binding *b = self;
	struct lake_query *q = b->q;
	const struct lake_relation *of = scan->relation->owner;
	struct lake_relation *r = twin(q, scan->relation), **at = &q->relations;
	struct sp_context *cx;
	if (q->err.set || !of) /* rows of the client's are there */
		return;
	if (!r && !of->inferred)
		r = same_twin(q, of);
	if (!r) {
		cx = arena_alloc(&q->arena, sizeof(*cx));
		*cx = q->cx;
		cx->database = of->database;
		r = lake_relation_new(&q->task, &q->arena, cx, &of->asked, &q->err);
		if (!r)
			return;
		r->key = of->key;
		r->twin_of = scan->relation;
		r->pinned = of->inferred;
		while (*at)
			at = &(*at)->next;
		*at = r;
	}
	if (r->err.set) {
		q->err = r->err;
		r->err = (struct sp_error){ 0 };
	} else if (r->found && r->missing) {
		sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_NOT_FOUND", "42P01", "The table or view `%.*s` cannot be found.", SL(r->ref.name));
	}
	b->later |= !r->found;
}

static struct sp_relation *relation_for(struct lake_query *q, const struct sp_relation *of)
{
	struct lake_relation *r = twin(q, of);
	struct sp_relation *own;
	if (!r && of->owner)
		r = same_twin(q, of->owner);
	if (r)
		return &r->rel;
	own = arena_alloc(&q->arena, sizeof(*own));
	*own = *of;
	own->needed = NULL;
	return own;
}

/* The column of a table as it is now that one of a frame was; -1: it is gone, or of another type. */
static ssize_t column_now(const struct sp_relation *now, const struct sp_field *was, size_t at)
{
	if (at < now->column_n && sl_eq(now->columns[at].name, was->name) && sp_type_eq(now->columns[at].type, was->type))
		return (ssize_t)at;
	for (size_t i = 0; i < now->column_n; i++)
		if (sl_eq(now->columns[i].name, was->name) && sp_type_eq(now->columns[i].type, was->type))
			return (ssize_t)i;
	return -1;
}

/* A column as it is read now. A hidden one that is gone nobody has asked for: NULL. */
static struct sp_expr *read_now(struct lake_query *q, const struct sp_relation *now, const struct sp_relation *was, size_t i, bool *same)
{
	const struct sp_field *field = &was->columns[i];
	ssize_t at = column_now(now, field, i);
	struct sp_expr *e = arena_alloc(&q->arena, sizeof(*e));
	*same = *same && at == (ssize_t)i;
	*e = (struct sp_expr){ .op = SP_COLUMN, .type = field->type, .nullable = true, .column = (size_t)at, .shown = field->name };
	if (at < 0 && i + was->hidden_n >= was->column_n)
		*e = (struct sp_expr){ .op = SP_CONST, .type = field->type, .nullable = true, .foldable = true, .value = SP_NULL_VALUE };
	else if (at < 0)
		sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_SCHEMA_CHANGE_SINCE_ANALYSIS", "KD007", "The schema of your Delta table has changed in an incompatible way since your "
			"DataFrame\nor DeltaTable object was created. Please redefine your DataFrame or DeltaTable object.\nChanges:\nthe column %.*s",
			SL(field->name));
	return e;
}

static struct sp_plan *scan_now(void *self, const struct sp_plan *scan)
{
	struct lake_query *q = self;
	struct sp_relation *now = relation_for(q, scan->relation);
	struct sp_plan *x = arena_alloc(&q->arena, sizeof(*x)), *project = arena_alloc(&q->arena, sizeof(*project));
	bool same = now->column_n == scan->column_n;
	*x = *scan;
	x->needed = NULL;
	x->pushed = NULL;
	x->relation = now;
	x->column_n = now->column_n;
	x->columns = arena_alloc(&q->arena, (now->column_n + 1) * sizeof(*x->columns));
	memcpy(x->columns, now->columns, now->column_n * sizeof(*x->columns));
	*project = (struct sp_plan){ .kind = SP_P_PROJECT, .columns = scan->columns, .column_n = scan->column_n, .expr_n = scan->column_n, .in_n = 1 };
	project->in = arena_alloc(&q->arena, sizeof(*project->in));
	project->in[0] = x;
	project->exprs = arena_alloc(&q->arena, (scan->column_n + 1) * sizeof(*project->exprs));
	for (size_t i = 0; i < scan->column_n; i++)
		project->exprs[i] = read_now(q, now, scan->relation, i, &same);
	return same ? x : project;
}

static void own_call(void *self, struct sp_expr *call)
{
	const struct sp_udf *f = sp_udf_of(call), *own = f ? lake_udf(self, f->name) : NULL;
	if (own)
		call->given = (void *)own;
}

int lake_frames_bind(struct lake_query *q)
{
	struct binding b = { .q = q };
	struct sp_plan_copy copy = { .a = &q->arena, .self = q, .scan = scan_now, .call = own_call };
	if (!q->used_n && !q->borrows)
		return 0;
	sp_plan_scans(q->plan, ask, &b);
	if (q->err.set)
		return 1;
	if (b.later)
		return sp_fail(&q->err, SP_E_AGAIN, "", "", "A table is being looked up.");
	sp_plan_copied(&copy, q->plan, &q->plan);
	return q->err.set;
}

/* ---- keeping ---- */

static uint64_t add_frame(struct lake_spark *s, struct lake_frame *f)
{
	GROW(s->frames, s->frame_n, s->frame_cap);
	s->frames[s->frame_n++] = f;
	return s->frame_n;
}

/* Columns that are new get ids. */
static void identify(struct lake_spark *s, struct sp_known *known, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!known[i].uid)
			known[i].uid = ++s->column_n;
}

static void answer(struct lake_query *q, uint64_t number, const struct lake_frame *f)
{
	jw_int(&q->out, "frame", (int64_t)number);
	jw_bool(&q->out, "streaming", f->streaming);
	q->head_n = q->out.n;
	q->known = f->known;
	lake_answer_head(q, f->plan->columns, f->shown_n);
	lake_answer_end(q);
	q->known = NULL;
}

static bool is_streaming(const struct lake_query *q)
{
	for (const struct lake_relation *r = q->relations; r; r = r->next)
		if (r->streaming)
			return true;
	for (size_t i = 0; i < q->used_n; i++)
		if (lake_frame_of(q->spark, q->used[i])->streaming)
			return true;
	return false;
}

void lake_frame_keep(struct lake_query *q)
{
	struct lake_frame *f;
	if (q->spark->frame_n >= LAKE_FRAMES_MAX) {
		q->rc = sp_fail(&q->err, SP_E_LIMIT, "", "", "a session has at most %d frames", LAKE_FRAMES_MAX);
		lake_query_end(q);
		return;
	}
	f = xcalloc(1, sizeof(*f));
	identify(q->spark, q->made, q->plan->column_n);
	f->plan = q->plan;
	f->known = q->made;
	while (f->shown_n < f->plan->column_n && !f->known[f->shown_n].hidden)
		f->shown_n++;
	f->sql = arena_dup(&q->arena, q->sql);
	f->parents = q->used;
	f->parent_n = q->used_n;
	f->streaming = is_streaming(q);
	f->relations = q->relations;
	for (struct lake_relation *r = f->relations; r; r = r->next)
		lake_relation_free(r); /* rows and snapshots; what it is lies in the arena */
	q->relations = NULL;
	answer(q, add_frame(q->spark, f), f);
	f->arena = q->arena;
	q->arena = (struct arena){ 0 };
	q->plan = NULL;
	q->used = NULL;
	q->used_n = q->used_cap = 0;
	lake_query_end(q);
}

void lake_frames_free(struct lake_spark *s)
{
	for (size_t i = 0; i < s->frame_n; i++) {
		struct lake_frame *f = s->frames[i];
		sp_table_free(f->table);
		arena_free(&f->arena);
		free(f);
	}
	free(s->frames);
	s->frames = NULL;
	s->frame_n = s->frame_cap = 0;
}

/* ---- rows of the client's ---- */

static int read_column(struct lake_query *q, const json_t *values, const struct sp_field *field, struct arena *batch, size_t n, struct sp_vec *out)
{
	const struct sp_type *list = sp_array(batch, field->type, true);
	struct sp_json_options o;
	struct sp_json_parser *p;
	struct sp_value v = SP_NULL_VALUE;
	struct sp_out to;
	char *text;
	int rc;
	sp_json_defaults(&o, &q->cx);
	p = sp_json_parser_new(batch, list, &o, &q->err);
	if (!p)
		return 1;
	text = json_dumps(values, JSON_COMPACT);
	rc = sp_json_parse(p, batch, arena_dup(batch, sl(text)), &v, &q->err);
	sp_out_make(&to, batch, field->type, n);
	for (size_t r = 0; !rc && r < n; r++) {
		const struct sp_value none = SP_NULL_VALUE;
		sp_out_put(&to, r, !v.null && r < v.list->n ? &v.list->items[r] : &none);
	}
	free(text);
	sp_json_parser_free(p);
	*out = to.v;
	return rc;
}

static int make_rows(struct lake_query *q)
{
	struct lake_frame *f = q->own;
	const json_t *columns = json_object_get(q->params, "columns");
	size_t n = json_array_size(json_array_get(columns, 0));
	struct arena batch = { 0 };
	struct sp_batch b = { .n = n, .column_n = f->rows->column_n };
	int rc = 0;
	b.columns = arena_alloc(&batch, (b.column_n + 1) * sizeof(*b.columns));
	for (size_t i = 0; !rc && i < b.column_n; i++)
		rc = json_array_size(json_array_get(columns, i)) != n
			     ? sp_fail(&q->err, SP_E_RUN, "", "", "the columns aren't of the same length")
			     : read_column(q, json_array_get(columns, i), &f->rows->columns[i], &batch, n, &b.columns[i]);
	f->table = sp_table_new();
	f->table->fields = f->rows->columns;
	f->table->field_n = f->rows->column_n;
	if (!rc)
		sp_table_add(f->table, &b);
	f->rows->table = f->table;
	f->rows->row_n = (int64_t)n;
	arena_free(&batch);
	return rc;
}

static void plan_rows(struct lake_query *q, struct lake_frame *f)
{
	struct sp_plan *p = arena_alloc(&f->arena, sizeof(*p));
	struct sp_known *known = arena_alloc(&f->arena, (f->rows->column_n + 1) * sizeof(*known));
	p->kind = SP_P_SCAN;
	p->relation = f->rows;
	p->columns = (struct sp_field *)f->rows->columns;
	p->column_n = f->rows->column_n;
	identify(q->spark, known, p->column_n);
	f->plan = p;
	f->shown_n = p->column_n;
	f->known = known;
}

static void frame_free(struct lake_query *q)
{
	struct lake_frame *f = q->own;
	if (f) {
		sp_table_free(f->table);
		arena_free(&f->arena);
		free(f);
	}
}

/* The schema, then the rows; in a job. */
static int read_rows(struct lake_query *q)
{
	struct lake_frame *f = xcalloc(1, sizeof(*f));
	char *schema = json_dumps(json_object_get(q->params, "schema"), JSON_COMPACT);
	struct sp_field *fields;
	struct error err;
	size_t n;
	int rc = schema ? delta_fields_parse(&f->arena, arena_dup(&f->arena, sl(schema)), &fields, &n, &err) : err_set(&err, ERR_INVALID, "a schema is missing");
	q->own = f;
	q->own_free = frame_free;
	free(schema);
	if (rc || json_array_size(json_object_get(q->params, "columns")) != n)
		return sp_fail(&q->err, SP_E_RUN, "", "", "%s", rc ? err.text : "columns and schema don't fit");
	if (lake_spark_context(q->spark, &q->arena, q->cx.now_us, &q->cx, &q->err))
		return 1;
	f->rows = arena_alloc(&f->arena, sizeof(*f->rows));
	*f->rows = (struct sp_relation){ .name = S("LocalRelation"), .columns = fields, .column_n = n, .row_n = -1 };
	return make_rows(q);
}

static void rows_work(void *arg)
{
	struct lake_query *q = arg;
	q->rc = read_rows(q);
}

static void rows_done(void *arg)
{
	struct lake_query *q = arg;
	struct lake_frame *f = q->own;
	if (!q->rc) {
		q->own = NULL;
		plan_rows(q, f);
		answer(q, add_frame(q->spark, f), f);
	}
	lake_query_end(q);
}

void lake_frame_rows(struct lake_query *q)
{
	q->stmt = arena_alloc(&q->arena, sizeof(*q->stmt));
	q->cx.now_us = clock_now_ms(q->task.l->env->clock) * 1000;
	lake_job(&q->task, rows_work, rows_done, q);
}

/* ---- requests ---- */

void lake_frame_post(void *self, struct http_call *call)
{
	lake_query_start(self, call, LAKE_ASKS_FRAME, S(""), call->req.body);
}

void lake_frame_view(void *self, struct http_call *call)
{
	lake_query_start(self, call, LAKE_ASKS_VIEW, S(""), call->req.body);
}
