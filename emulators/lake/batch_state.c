/* Queries that keep a state: aggregates, duplicates, limits, joins of two streams. The state is what such an operator has been given so far,
 * whole; a batch runs the operator over that and the batch's, and passes on what is new of the result. So it is Spark's result whatever the
 * operator is, at a cost that grows with the stream. DIFFERS: a state is in memory: it doesn't outlive tarn.
 *
 * The lowest such operator is taken out of the plan with what is below it: a stage. What it passes on stands as a table in its place, and
 * the same is done again with what is left, until nothing keeps a state. In mode complete the first aggregate passes on all it has, and
 * what is above it runs as in any query.
 *
 * Watermarks, as Spark 3.5's: rows are late by the watermark of the batch before, groups are passed on (append) when the batch's own has
 * gone by. A column is an event's time from _event_time(column, delay) on, as DataFrame.withWatermark puts it. */
#include "core/hset.h"
#include "lake/batch.h"
#include "spark/time.h"

enum { STAGES_MAX = 8, INPUTS_MAX = 2, KEPT_MAX = 16 };

struct lake_kept { /* by a query's id, from batch to batch */
	struct lake_kept *next;
	size_t refs;
	char *id;
	int64_t batch;
	struct sp_table *tables[STAGES_MAX][INPUTS_MAX];
	struct { size_t chunk_n; int64_t row_n; } before[STAGES_MAX][INPUTS_MAX]; /* the batch: what is run again begins there */
};
struct input {
	struct sp_plan *plan;     /* what is below the operator */
	struct sp_relation rel;   /* its rows, for the operator */
	struct sp_table *now;
	ssize_t event;            /* column that is an event's time; -1: none */
};
struct stage {
	struct sp_plan *over;     /* the operator over its inputs' rows */
	struct input inputs[INPUTS_MAX];
	size_t input_n;
	struct sp_relation made;  /* what it passes on */
	struct sp_table *rows;
	ssize_t event;            /* AGGREGATE: group that is an event's time, or a window of it */
	bool window;
};
struct lake_state {
	struct stage stages[STAGES_MAX];
	size_t n;
	struct sp_plan *event;    /* whose column event_at is an event's time */
	size_t event_at;
	int64_t delay_us;
	struct lake_kept *kept;
	bool fresh;               /* kept was made for this batch */
};

/* ---- stages ---- */

static struct sp_plan *same_scan(void *self, const struct sp_plan *scan)
{
	struct sp_plan *x = arena_alloc(self, sizeof(*x));
	*x = *scan;
	x->needed = NULL;
	x->pushed = NULL;
	return x;
}

static struct sp_plan *copied(struct lake_query *q, const struct sp_plan *p)
{
	struct sp_plan_copy copy = { .a = &q->arena, .self = &q->arena, .scan = same_scan };
	struct sp_plan *out;
	sp_plan_copied(&copy, p, &out);
	return out;
}

static int optimized(struct lake_query *q, const struct sp_plan *p, struct sp_plan **out)
{
	*out = copied(q, p);
	return sp_optimize(&q->arena, &q->cx, out, &q->err);
}

static struct sp_plan *scan_of(struct lake_query *q, struct sp_relation *rel, const struct sp_plan *of)
{
	struct sp_plan *x = arena_alloc(&q->arena, sizeof(*x));
	bool *events = arena_alloc(&q->arena, of->column_n + 1);
	for (size_t i = 0; i < of->column_n; i++)
		events[i] = lake_event_column(of, i);
	*rel = (struct sp_relation){ .name = S("state"), .columns = of->columns, .column_n = of->column_n, .row_n = -1, .streaming = true,
				     .events = events, .event_n = of->column_n };
	*x = (struct sp_plan){ .kind = SP_P_SCAN, .columns = of->columns, .column_n = of->column_n, .relation = rel };
	return x;
}

static int add_stage(struct lake_query *q, struct lake_state *s, struct sp_plan **slot)
{
	struct sp_plan *p = *slot, *over = arena_alloc(&q->arena, sizeof(*over));
	struct stage *g;
	if (s->n == STAGES_MAX || p->in_n > INPUTS_MAX)
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "a streaming query with more than %d operators that keep a state isn't served here", STAGES_MAX);
	g = &s->stages[s->n++];
	*over = *p;
	over->in = arena_alloc(&q->arena, (p->in_n + 1) * sizeof(*over->in));
	g->input_n = p->in_n;
	for (size_t i = 0; i < p->in_n; i++) {
		struct input *in = &g->inputs[i];
		over->in[i] = scan_of(q, &in->rel, p->in[i]);
		in->event = -1;
		for (size_t c = 0; c < in->rel.column_n; c++)
			if (in->rel.events[c] && in->rel.columns[c].type->kind == SP_TIMESTAMP)
				in->event = (ssize_t)c;
		if (optimized(q, p->in[i], &in->plan))
			return 1;
	}
	g->event = p->kind == SP_P_AGGREGATE ? lake_event_group(p) : -1;
	g->window = g->event >= 0 && p->columns[g->event].type->kind == SP_STRUCT;
	*slot = scan_of(q, &g->made, p);
	return optimized(q, over, &g->over);
}

int lake_state_shape(struct lake_query *q)
{
	struct lake_batch *b = q->task.batch;
	struct lake_state *s = arena_alloc(&q->arena, sizeof(*s));
	const int64_t *delay = NULL;
	struct sp_plan *mark = lake_event_mark(q->plan, &s->event_at, &delay), **slot;
	b->state = s;
	if (mark) {
		s->delay_us = *delay;
		s->event = lake_event_pushed(copied(q, mark));
		if (sp_optimize(&q->arena, &q->cx, &s->event, &q->err))
			return 1;
	}
	while (*(slot = lake_batch_stateful(&q->plan))) {
		bool all = b->mode == LAKE_COMPLETE && (*slot)->kind == SP_P_AGGREGATE;
		if (add_stage(q, s, slot))
			return 1;
		if (all) /* the rest runs over all of it */
			break;
	}
	return 0;
}

/* ---- rows ---- */

static void clear_tables(struct lake_state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		sp_table_free(s->stages[i].rows);
		s->stages[i].rows = NULL;
		for (size_t k = 0; k < INPUTS_MAX; k++) {
			sp_table_free(s->stages[i].inputs[k].now);
			s->stages[i].inputs[k].now = NULL;
		}
	}
}

static int run(struct lake_query *q, const struct sp_plan *plan, struct sp_table **out)
{
	struct arena batch = { 0 }, keep = { 0 };
	struct sp_run r = { .cx = &q->cx, .batch = &batch, .keep = &keep, .stop = &q->task.stopped,
			    .end_us = clock_real_us() + q->limits.time_ms * 1000, .held_max = q->limits.memory };
	struct sp_rowset *set = sp_open(&r, plan);
	struct sp_table *t = sp_table_new();
	struct sp_batch b;
	int more = set ? 1 : -1;
	t->fields = plan->columns;
	t->field_n = plan->column_n;
	while (more > 0 && (more = sp_next(set, &b)) > 0)
		sp_table_add(t, &b);
	sp_close(set);
	if (more < 0)
		q->err = r.err;
	else
		sp_error_free(&r.err);
	arena_free(&batch);
	arena_free(&keep);
	*out = t;
	return more < 0;
}

/* Chunks of two tables, one after the other, without copying; to be freed before they are. */
static struct sp_table *both(const struct sp_table *a, const struct sp_table *b)
{
	const struct sp_table *of[] = { a, b };
	struct sp_table *t = sp_table_new();
	for (size_t k = 0; k < ARRAY_LEN(of); k++)
		for (size_t i = 0; of[k] && i < of[k]->chunk_n; i++) {
			GROW(t->chunks, t->chunk_n, t->chunk_cap);
			t->chunks[t->chunk_n++] = of[k]->chunks[i];
			t->row_n += (int64_t)of[k]->chunks[i].n;
		}
	return t;
}

/* Rows of a table that keep says, in order. */
static struct sp_table *kept_rows(const struct sp_table *t, bool (*keep)(void *self, const struct sp_batch *b, size_t row), void *self)
{
	struct sp_table *out = sp_table_new();
	struct arena a = { 0 };
	out->fields = t->fields;
	out->field_n = t->field_n;
	for (size_t c = 0; c < t->chunk_n; c++) {
		const struct sp_batch *b = &t->chunks[c];
		uint32_t *rows = arena_alloc(&a, (b->n + 1) * sizeof(*rows));
		struct sp_batch part = { .column_n = b->column_n };
		for (size_t r = 0; r < b->n; r++)
			if (keep(self, b, r))
				rows[part.n++] = (uint32_t)r;
		if (!part.n)
			continue;
		part.columns = arena_alloc(&a, (b->column_n + 1) * sizeof(*part.columns));
		for (size_t i = 0; i < b->column_n; i++)
			part.columns[i] = sp_vec_pick(&a, &b->columns[i], rows, part.n);
		sp_table_add(out, &part);
	}
	arena_free(&a);
	return out;
}

/* ---- which rows are in another table ---- */

struct place {
	const struct sp_batch *b;
	size_t row;
	bool used;
};
struct rows_set {
	struct hset set;
	struct place *places;
	size_t n, columns; /* the first columns are compared */
};

static uint32_t hash_row(const struct sp_batch *b, size_t row, size_t columns)
{
	uint64_t h = 0;
	for (size_t i = 0; i < columns; i++) {
		struct sp_value v = sp_get(&b->columns[i], row);
		h = h * 31 + (v.null ? 7 : sp_hash(b->columns[i].type, &v));
	}
	return hset_mix(h);
}

static bool same_row(const struct sp_batch *a, size_t x, const struct sp_batch *b, size_t y, size_t columns)
{
	for (size_t i = 0; i < columns; i++) {
		struct sp_value v = sp_get(&a->columns[i], x), w = sp_get(&b->columns[i], y);
		if (v.null != w.null || (!v.null && sp_compare(a->columns[i].type, &v, &w)))
			return false;
	}
	return true;
}

static void set_of(struct rows_set *s, const struct sp_table *t, size_t columns)
{
	*s = (struct rows_set){ .columns = columns, .places = xmalloc(((size_t)t->row_n + 1) * sizeof(*s->places)) };
	for (size_t c = 0; c < t->chunk_n; c++)
		for (size_t r = 0; r < t->chunks[c].n; r++) {
			hset_add(&s->set, hash_row(&t->chunks[c], r, columns), (uint32_t)s->n);
			s->places[s->n++] = (struct place){ &t->chunks[c], r, false };
		}
}

static void set_free(struct rows_set *s)
{
	hset_free(&s->set);
	free(s->places);
}

static struct place *find_row(struct rows_set *s, const struct sp_batch *b, size_t row, bool unused)
{
	struct hset_walk w = hset_walk(&s->set, hash_row(b, row, s->columns));
	uint32_t i;
	while (hset_next(&w, &i)) {
		struct place *p = &s->places[i];
		if ((!unused || !p->used) && same_row(p->b, p->row, b, row, s->columns))
			return p;
	}
	return NULL;
}

/* Not among those before, each of which stands for one. */
static bool is_new(void *self, const struct sp_batch *b, size_t row)
{
	struct place *p = find_row(self, b, row, true);
	if (p)
		p->used = true;
	return !p;
}

/* ---- what a stage passes on ---- */

struct passing {
	const struct stage *g;
	const struct lake_batch *b;
	struct rows_set touched;
};

/* When a group is over; false: never. */
static bool end_of(const struct stage *g, const struct sp_batch *b, size_t row, int64_t *end)
{
	struct sp_value v = sp_get(&b->columns[g->event], row);
	if (v.null || (g->window && v.list->items[1].null))
		return false;
	*end = g->window ? v.list->items[1].i : v.i;
	return true;
}

static bool is_over(void *self, const struct sp_batch *b, size_t row)
{
	const struct passing *p = self;
	int64_t end;
	return end_of(p->g, b, row, &end) && end > p->b->before_us && end <= p->b->watermark_us;
}

static bool is_touched(void *self, const struct sp_batch *b, size_t row)
{
	struct passing *p = self;
	int64_t end;
	if (p->g->event >= 0 && end_of(p->g, b, row, &end) && end <= p->b->before_us)
		return false;
	return find_row(&p->touched, b, row, false) != NULL;
}

static int run_over(struct lake_query *q, struct stage *g, struct sp_table *const *rows, struct sp_table **out)
{
	for (size_t i = 0; i < g->input_n; i++)
		g->inputs[i].rel.table = rows[i];
	return run(q, g->over, out);
}

static int run_new(struct lake_query *q, struct stage *g, struct sp_table *const *before, const struct sp_table *all)
{
	struct sp_table *old, *none = sp_table_new(), *rows[INPUTS_MAX];
	struct rows_set set;
	int rc;
	for (size_t i = 0; i < g->input_n; i++)
		rows[i] = before[i] ? before[i] : none;
	rc = run_over(q, g, rows, &old);
	if (!rc) {
		set_of(&set, old, g->made.column_n);
		g->rows = kept_rows(all, is_new, &set);
		set_free(&set);
	}
	sp_table_free(old);
	sp_table_free(none);
	return rc;
}

static int run_update(struct lake_query *q, struct stage *g, const struct sp_table *all)
{
	struct passing p = { g, q->task.batch, { { 0 }, NULL, 0, 0 } };
	struct sp_table *now;
	struct sp_table *const rows[] = { g->inputs[0].now, NULL };
	int rc = run_over(q, g, rows, &now);
	if (!rc) {
		set_of(&p.touched, now, g->over->group_n);
		g->rows = kept_rows(all, is_touched, &p);
		set_free(&p.touched);
	}
	sp_table_free(now);
	return rc;
}

static bool always(void *self, const struct sp_batch *b, size_t row)
{
	return true;
}

/* Rows that aren't late, of an operator that forgets its rows when they are. */
struct lateness {
	size_t column;
	int64_t us;
};

static bool in_time(void *self, const struct sp_batch *b, size_t row)
{
	const struct lateness *l = self;
	struct sp_value v = sp_get(&b->columns[l->column], row);
	return v.null || v.i > l->us;
}

static int run_stage(struct lake_query *q, struct lake_state *s, size_t at)
{
	struct stage *g = &s->stages[at];
	const struct lake_batch *b = q->task.batch;
	bool groups = g->over->kind == SP_P_AGGREGATE;
	struct sp_table *all[INPUTS_MAX] = { NULL, NULL }, *made = NULL;
	int rc = 0;
	for (size_t i = 0; !rc && i < g->input_n; i++) {
		struct input *in = &g->inputs[i];
		rc = run(q, in->plan, &in->now);
		if (!rc && !groups && in->event >= 0) {
			struct lateness l = { (size_t)in->event, b->before_us };
			struct sp_table *good = kept_rows(in->now, in_time, &l);
			sp_table_free(in->now);
			in->now = good;
		}
		all[i] = both(s->kept->tables[at][i], in->now);
	}
	if (!rc)
		rc = run_over(q, g, all, &made);
	if (!rc && groups && b->mode == LAKE_UPDATE)
		rc = run_update(q, g, made);
	else if (!rc && groups && b->mode == LAKE_APPEND) {
		struct passing p = { g, b, { { 0 }, NULL, 0, 0 } };
		g->rows = kept_rows(made, is_over, &p);
	} else if (!rc && groups)
		g->rows = kept_rows(made, always, NULL);
	else if (!rc)
		rc = run_new(q, g, s->kept->tables[at], made);
	sp_table_free(made);
	for (size_t i = 0; i < INPUTS_MAX; i++)
		sp_table_free(all[i]);
	g->made.table = g->rows;
	return rc;
}

/* The latest event's time of the batch less the delay. */
static int find_event(struct lake_query *q, struct lake_state *s)
{
	struct lake_batch *b = q->task.batch;
	struct sp_table *t;
	int rc = run(q, s->event, &t);
	for (size_t c = 0; !rc && c < t->chunk_n; c++)
		for (size_t r = 0; r < t->chunks[c].n; r++) {
			struct sp_value v = sp_get(&t->chunks[c].columns[s->event_at], r);
			if (!v.null && sp_floor_div(v.i, 1000) * 1000 - s->delay_us > b->event_us)
				b->event_us = sp_floor_div(v.i, 1000) * 1000 - s->delay_us;
		}
	sp_table_free(t);
	return rc;
}

int lake_state_run(struct lake_query *q)
{
	struct lake_batch *b = q->task.batch;
	struct lake_state *s = b->state;
	int rc = s->event ? find_event(q, s) : 0;
	for (size_t i = 0; !rc && i < s->n; i++)
		rc = run_stage(q, s, i);
	if (!rc)
		rc = run(q, q->plan, &b->out);
	return rc;
}

/* ---- states from batch to batch ---- */

static void release(struct lake_kept *k)
{
	if (--k->refs)
		return;
	for (size_t i = 0; i < STAGES_MAX; i++)
		for (size_t n = 0; n < INPUTS_MAX; n++)
			sp_table_free(k->tables[i][n]);
	free(k->id);
	free(k);
}

void lake_kept_free(struct lake *l)
{
	while (l->kept) {
		struct lake_kept *k = l->kept;
		l->kept = k->next;
		release(k);
	}
}

static void add_kept(struct lake *l, struct lake_kept *k)
{
	struct lake_kept **at = &l->kept, *o;
	size_t n = 0;
	while ((o = *at)) {
		if (strcmp(o->id, k->id) && ++n < KEPT_MAX) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		release(o);
	}
	k->next = l->kept;
	l->kept = k;
}

/* The last batch is run again: its rows go. */
static void take_back(struct lake_kept *k)
{
	for (size_t i = 0; i < STAGES_MAX; i++)
		for (size_t n = 0; n < INPUTS_MAX; n++)
			if (k->tables[i][n]) {
				k->tables[i][n]->chunk_n = k->before[i][n].chunk_n;
				k->tables[i][n]->row_n = k->before[i][n].row_n;
			}
	k->batch--;
}

int lake_state_hold(struct lake_query *q)
{
	struct lake_batch *b = q->task.batch;
	struct lake_kept *k = q->task.l->kept;
	if (!b->state->n)
		return 0;
	while (k && strcmp(k->id, b->id))
		k = k->next;
	if (k && k->batch == b->batch)
		take_back(k);
	if (k && k->batch != b->batch - 1)
		k = NULL;
	if (!k && b->batch > 0)
		return sp_fail(&q->err, SP_E_RUN, "", "", "The state of the streaming query [id = %s] after batch %lld isn't there any more (it is kept in memory, and tarn "
			       "was restarted): start the query with a new checkpointLocation.", b->id, (long long)b->batch - 1);
	if (!k) {
		k = xcalloc(1, sizeof(*k));
		k->id = xstrdup(b->id);
		k->batch = -1;
		b->state->fresh = true;
	}
	k->refs++;
	b->state->kept = k;
	return 0;
}

/* The batch's rows become part of the state. On the loop, when nothing reads it. */
void lake_state_keep(struct lake_query *q)
{
	struct lake_batch *b = q->task.batch;
	struct lake_state *s = b->state;
	struct lake_kept *k = s->kept;
	for (size_t i = 0; k && i < s->n; i++)
		for (size_t n = 0; n < s->stages[i].input_n; n++) {
			const struct input *in = &s->stages[i].inputs[n];
			struct sp_table **t = &k->tables[i][n];
			if (!*t) {
				*t = sp_table_new();
				(*t)->fields = lake_own_fields(&(*t)->arena, in->rel.columns, in->rel.column_n);
				(*t)->field_n = in->rel.column_n;
			}
			k->before[i][n].chunk_n = (*t)->chunk_n;
			k->before[i][n].row_n = (*t)->row_n;
			lake_add_rows(*t, in->now);
		}
	if (!k)
		return;
	k->batch = b->batch;
	if (s->fresh) {
		k->refs++;
		add_kept(q->task.l, k);
		s->fresh = false;
	}
}

void lake_state_free(struct lake_state *s)
{
	if (!s)
		return;
	clear_tables(s);
	if (s->kept)
		release(s->kept);
}

/* Whether a batch without rows would pass something on: the watermark moves, and an operator waits for that. */
bool lake_state_again(const struct lake_batch *b)
{
	const struct lake_state *s = b->state;
	if (!s || !s->event || b->mode == LAKE_COMPLETE || b->event_us <= b->watermark_us)
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (s->stages[i].event >= 0 || (s->stages[i].over->kind != SP_P_AGGREGATE && s->stages[i].inputs[0].event >= 0))
			return true;
	return false;
}
