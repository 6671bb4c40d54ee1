/* A batch of a streaming query, as a statement: read, run over the rows that its feed has, kept for who writes them. */
#include "lake/batch.h"

#include "core/json.h"

/* ---- what batches gave ---- */

struct lake_output *lake_output_hold(struct lake *l, struct slice query, int64_t batch)
{
	struct lake_output *o = l->outputs;
	while (o && !(o->batch == batch && sl_eqs(query, o->query)))
		o = o->next;
	if (o)
		o->refs++;
	return o;
}

void lake_output_release(struct lake_output *o)
{
	if (!o || --o->refs)
		return;
	sp_table_free(o->rows);
	free(o->query);
	free(o);
}

/* Batches that are done: a frame over one lives as long as it is under way. */
static void forget_done(struct lake *l)
{
	const struct feeds *f = &l->env->ports->feeds;
	struct lake_output **at = &l->outputs, *o;
	while ((o = *at)) {
		struct feed *held = o->batch != LAKE_ALL && f->self ? f->hold(f->self, sl(o->query), o->batch) : NULL;
		feed_release(held);
		if (held || o->batch == LAKE_ALL) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		lake_output_release(o);
	}
}

/* One that is run again. */
static void forget_same(struct lake *l, const struct lake_batch *b)
{
	struct lake_output **at = &l->outputs, *o;
	while ((o = *at)) {
		if (o->batch != b->batch || strcmp(o->query, b->query)) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		lake_output_release(o);
	}
}

void lake_outputs_free(struct lake *l, const char *session)
{
	struct lake_output **at = &l->outputs, *o;
	while ((o = *at)) {
		if (session && strcmp(o->session, session)) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		lake_output_release(o);
	}
}

static struct lake_output *add_output(struct lake_query *q, int64_t batch, struct sp_table *rows)
{
	struct lake_output *o = xcalloc(1, sizeof(*o));
	struct lake *l = q->task.l;
	*o = (struct lake_output){ .next = l->outputs, .refs = 1, .query = xstrdup(q->task.batch->query), .batch = batch, .rows = rows };
	memcpy(o->session, q->spark->id, sizeof(o->session));
	l->outputs = o;
	return o;
}

struct sp_field *lake_own_fields(struct arena *a, const struct sp_field *of, size_t n)
{
	struct sp_field *fields = arena_alloc(a, (n + 1) * sizeof(*fields));
	for (size_t i = 0; i < n; i++)
		fields[i] = (struct sp_field){ .name = arena_dup(a, of[i].name), .type = sp_type_dup(a, of[i].type), .nullable = of[i].nullable };
	return fields;
}

void lake_add_rows(struct sp_table *to, const struct sp_table *rows)
{
	for (size_t i = 0; i < rows->chunk_n; i++) {
		sp_table_add(to, &rows->chunks[i]);
		for (size_t c = 0; c < rows->chunks[i].column_n; c++)
			if (rows->chunks[i].columns[c].type)
				to->chunks[to->chunk_n - 1].columns[c].type = to->fields[c].type;
	}
}

/* The rows of all batches so far, none at first. */
static struct lake_output *all_rows(struct lake_query *q)
{
	struct lake_output *o = lake_output_hold(q->task.l, sl(q->task.batch->query), LAKE_ALL);
	struct sp_table *t;
	if (o) {
		o->refs--;
		return o;
	}
	t = sp_table_new();
	t->fields = lake_own_fields(&t->arena, q->plan->columns, q->plan->column_n);
	t->field_n = q->plan->column_n;
	return add_output(q, LAKE_ALL, t);
}

static void keep_rows(struct lake_query *q, const struct sp_table *new)
{
	struct lake_output *o = all_rows(q), **at = &q->task.l->outputs;
	if (q->task.batch->mode == LAKE_COMPLETE) { /* those who read the old rows hold them */
		while (*at != o)
			at = &(*at)->next;
		*at = o->next;
		lake_output_release(o);
		o = all_rows(q);
	}
	lake_add_rows(o->rows, new);
}

/* ---- what is asked ---- */

static int mode_of(const json_t *body, enum lake_mode *out, struct error *err)
{
	static const char *const names[] = { "append", "update", "complete" };
	struct slice mode = jslice(body, "mode");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eq_nocase(mode, sl(names[i]))) {
			*out = (enum lake_mode)i;
			return 0;
		}
	return err_set(err, ERR_INVALID, "Unknown output mode %.*s. Accepted output modes are 'append', 'complete', 'update'", SL(mode));
}

static int find_feed(struct lake *l, struct lake_batch *b, struct error *err)
{
	const struct feeds *f = &l->env->ports->feeds;
	b->feed = f->self ? f->hold(f->self, sl(b->query), b->batch) : NULL;
	return b->feed ? 0 : err_set(err, ERR_NOT_FOUND, "the streaming query %.100s has no batch %lld under way", b->query, (long long)b->batch);
}

int lake_batch_read(struct lake_query *q, struct lake *l, struct http_call *call, struct slice *sql, struct error *err)
{
	JSON_AUTO body = json_loadb(sql->p ? sql->p : "", sql->n, JSON_ALLOW_NUL, NULL);
	struct lake_batch *b = q->task.batch = xcalloc(1, sizeof(*b));
	const char *query = jstr(body, "query");
	*sql = jstr(body, "sql") ? arena_dup(call->req.arena, jslice(body, "sql")) : S("");
	b->check = json_is_true(json_object_get(body, "check"));
	b->keep = json_is_true(json_object_get(body, "keep"));
	b->batch = jint(body, "batch");
	b->watermark_us = jint(body, "watermark") * 1000;
	b->before_us = jint(body, "before") * 1000;
	b->event_us = INT64_MIN;
	if (!sql->n || !query)
		return err_set(err, ERR_INVALID, "a batch is of sql and of a query");
	b->query = xstrdup(query);
	b->id = xstrdup(jstr(body, "id") ? jstr(body, "id") : query);
	if (mode_of(body, &b->mode, err))
		return err->kind;
	return b->check ? 0 : find_feed(l, b, err);
}

void lake_batch_free(struct lake_batch *b)
{
	if (!b)
		return;
	feed_release(b->feed);
	sp_table_free(b->out);
	free(b->query);
	free(b->id);
	free(b);
}

void lake_batch_forget(struct lake_batch *b)
{
	if (b)
		lake_state_free(b->state);
	if (b)
		b->state = NULL;
}

/* ---- in jobs ---- */

int lake_batch_shape(struct lake_query *q)
{
	struct lake_batch *b = q->task.batch;
	if (b->check)
		return lake_batch_check(q->plan, b->mode, &q->err);
	return lake_state_shape(q);
}

/* Types of a statement's plan -> those that last as long as the rows. */
static void own_types(struct lake_query *q)
{
	struct sp_table *t = q->task.batch->out;
	t->fields = lake_own_fields(&t->arena, q->plan->columns, q->plan->column_n);
	t->field_n = q->plan->column_n;
	for (size_t c = 0; c < t->chunk_n; c++)
		for (size_t i = 0; i < t->chunks[c].column_n; i++)
			if (t->chunks[c].columns[i].type)
				t->chunks[c].columns[i].type = t->fields[i].type;
}

/* ---- answers ---- */

static void add_source(struct buf *b, const struct lake_relation *r)
{
	jw_obj(b, NULL);
	if (r->ref.bucket.p)
		jw_fmt(b, "place", "s3://%.*s/%.*s", SL(r->ref.bucket), SL(r->ref.path));
	jw_str(b, "name", r->ref.name);
	jw_obj(b, "options");
	for (size_t i = 0; i < r->option_n; i++)
		jw_str(b, arena_cstr(r->arena, r->options[i].key), r->options[i].value);
	jw_obj_end(b);
	jw_obj_end(b);
}

static void say_checked(struct lake_query *q)
{
	struct buf *b = &q->out;
	jw_list(b, "sources");
	for (const struct lake_relation *r = q->relations; r; r = r->next)
		if (r->rel.streaming)
			add_source(b, r);
	jw_list_end(b);
	jw_bool(b, "stateful", *lake_batch_stateful(&q->plan) != NULL);
}

static void say_rows(struct lake_query *q)
{
	const struct lake_batch *b = q->task.batch;
	int64_t input = 0;
	for (const struct lake_relation *r = q->relations; r; r = r->next)
		input += r->streaming && r->table ? r->table->row_n : 0;
	jw_int(&q->out, "input", input);
	jw_int(&q->out, "rows", b->out->row_n);
	if (b->event_us != INT64_MIN)
		jw_int(&q->out, "eventTime", b->event_us / 1000);
	jw_bool(&q->out, "again", lake_state_again(b));
}

static void ran(struct lake_query *q)
{
	if (!q->rc && !q->err.set) {
		own_types(q);
		say_rows(q);
		lake_state_keep(q);
		if (q->task.batch->keep)
			keep_rows(q, q->task.batch->out);
		forget_done(q->task.l);
		forget_same(q->task.l, q->task.batch);
		(void)add_output(q, q->task.batch->batch, q->task.batch->out);
		q->task.batch->out = NULL;
	}
	lake_query_end(q);
}

static void work(void *arg)
{
	struct lake_query *q = arg;
	q->rc = lake_state_run(q);
}

static void done(void *arg)
{
	ran(arg);
}

void lake_batch_begin(struct lake_query *q)
{
	struct lake_batch *b = q->task.batch;
	if (b->check) {
		if (b->keep)
			(void)all_rows(q);
		say_checked(q);
		lake_query_end(q);
		return;
	}
	q->rc = lake_state_hold(q);
	if (q->rc) {
		lake_query_end(q);
		return;
	}
	lake_job(&q->task, work, done, q);
}

void lake_batch_post(void *self, struct http_call *call)
{
	lake_query_start(self, call, LAKE_ASKS_BATCH, S(""), call->req.body);
}
