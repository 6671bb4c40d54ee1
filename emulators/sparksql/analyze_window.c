/* OVER: frames and their checks when a call is met, and WINDOW operators under what reads them. */
#include "sparksql/analysis.h"

static struct sp_expr *refuse(struct sp_an *an, const struct sp_expr *e, const char *class, const char *state, const char *fmt, ...) PRINTF_LIKE(5, 6);
static struct sp_expr *refuse(struct sp_an *an, const struct sp_expr *e, const char *class, const char *state, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	sp_an_fail(an, e, class, state, "%s", buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

static const struct sp_window *named(struct sp_env *env, const struct sp_window *w)
{
	size_t i, hops;
	for (hops = 0; w->ref.p && hops < 64; hops++) {
		for (i = 0; i < env->window_n && !sl_eq_nocase(env->windows[i].name, w->ref); i++)
			;
		if (i == env->window_n) {
			sp_an_fail_at(env->an, 0, 0, "_LEGACY_ERROR_TEMP_1004", "", "Window specification %.*s is not defined in the WINDOW clause.", SL(w->ref));
			return NULL;
		}
		w = env->windows[i].window;
	}
	return w;
}

/* ---- frames ---- */
static const enum sp_bound_kind bound_kinds[] = {
	[SP_BOUND_UNBOUNDED_PRECEDING] = SP_B_UNBOUNDED_PRECEDING, [SP_BOUND_PRECEDING] = SP_B_PRECEDING, [SP_BOUND_CURRENT_ROW] = SP_B_CURRENT,
	[SP_BOUND_FOLLOWING] = SP_B_FOLLOWING, [SP_BOUND_UNBOUNDED_FOLLOWING] = SP_B_UNBOUNDED_FOLLOWING,
};

/* A bound of a type that no frame has. */
static int unaccepted(struct sp_an *an, const struct sp_window *at, bool lower, const char *wanted, const struct sp_expr *by, const struct sp_frame_bound *b,
		      bool rows)
{
	return sp_an_fail_at(an, at->at, at->end, "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE", "42K09",
			     "Cannot resolve \"%s BETWEEN %s%.*s %s%s\" due to data type mismatch: The data type of the %s bound %.*s does not match the expected data type "
			     "%s.", rows ? "ROWS" : "RANGE", lower ? "" : "UNBOUNDED PRECEDING AND ", SL(sp_an_shown(an, by)),
			     b->kind == SP_BOUND_PRECEDING ? "PRECEDING" : "FOLLOWING", lower ? " AND CURRENT ROW" : "", lower ? "lower" : "upper",
			     SL(sp_an_type(an, by->type)), wanted);
}

static int frame_bound(struct sp_env *env, const struct sp_window *at, const struct sp_frame_bound *b, struct sp_over *o, bool rows, enum sp_bound_kind *kind,
		       struct sp_expr **by)
{
	struct sp_an *an = env->an;
	const struct sp_type *t = o->order_n ? o->order[0].e->type : NULL;
	*kind = bound_kinds[b->kind];
	if (!b->ex)
		return 0;
	if (!(*by = sp_an_expr(env, b->ex)))
		return 1;
	if (!(*by)->foldable) {
		sp_fail(an->err, SP_E_PARSE, "_LEGACY_ERROR_TEMP_0064", "", "Frame bound value must be a literal..");
		sp_fail_at(an->err, b->ex->at, b->ex->end);
		return 1;
	}
	if (rows) {
		if ((*by)->type->kind != SP_INT && (*by)->type->kind != SP_SMALLINT && (*by)->type->kind != SP_TINYINT)
			return unaccepted(an, at, kind == &o->frame.from.kind, "\"INT\"", *by, b, rows);
		*by = sp_an_cast(an, *by, &sp_types[SP_INT]);
		return 0;
	}
	if (o->order_n != 1)
		return 0; /* refused by the caller */
	if (t->kind == SP_DATE && sp_is_integral((*by)->type))
		*by = sp_an_cast(an, *by, &sp_types[SP_INT]);
	else if (sp_is_numeric(t) && sp_is_numeric((*by)->type))
		*by = sp_an_cast(an, *by, t);
	return 0;
}

static struct slice frame_text(struct sp_an *an, const struct sp_over *o)
{
	static const char *const words[] = { "UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING" };
	struct buf b = { 0 };
	buf_adds(&b, o->frame.unit == SP_ROWS ? "ROWS BETWEEN " : "RANGE BETWEEN ");
	if (o->frame.from.by)
		buf_addf(&b, "%.*s ", SL(sp_an_shown(an, o->frame.from.by)));
	buf_addf(&b, "%s AND ", words[o->frame.from.kind]);
	if (o->frame.to.by)
		buf_addf(&b, "%.*s ", SL(sp_an_shown(an, o->frame.to.by)));
	buf_adds(&b, words[o->frame.to.kind]);
	return sp_an_text(an, &b);
}

/* Whether a bound can be added to what is ordered by. */
static bool range_fits(const struct sp_type *t, const struct sp_expr *by)
{
	enum sp_kind k;
	if (!by)
		return true;
	k = by->type->kind;
	if (t->kind == SP_DATE)
		return k == SP_INT || k == SP_INTERVAL_YM;
	if (t->kind == SP_TIMESTAMP || t->kind == SP_TIMESTAMP_NTZ)
		return k >= SP_INTERVAL_YM && k <= SP_INTERVAL;
	return t->kind == k;
}

/* A frame that ends before it begins. */
static int frame_order(struct sp_an *an, const struct sp_window *w, const struct sp_over *o)
{
	struct sp_run run = { .cx = an->cx, .batch = an->a, .keep = an->a };
	struct sp_value x, y;
	int64_t from, to;
	if (o->frame.to.kind == SP_B_UNBOUNDED_PRECEDING || o->frame.from.kind == SP_B_UNBOUNDED_FOLLOWING)
		return sp_an_fail_at(an, w->at, w->end, "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND", "42K09",
				     "Cannot resolve \"%.*s\" due to data type mismatch: Window frame upper bound \"%s\" does not follow the lower bound \"%.*s\".",
				     SL(frame_text(an, o)), o->frame.to.kind == SP_B_UNBOUNDED_PRECEDING ? "UNBOUNDED PRECEDING" : "CURRENT ROW",
				     SL(o->frame.from.by ? sp_an_shown(an, o->frame.from.by) : S("UNBOUNDED FOLLOWING")));
	if (o->frame.unit != SP_ROWS || !o->frame.from.by || !o->frame.to.by)
		return 0;
	if (sp_eval_const(&run, o->frame.from.by, &x) || sp_eval_const(&run, o->frame.to.by, &y)) {
		*an->err = run.err;
		return 1;
	}
	from = o->frame.from.kind == SP_B_PRECEDING ? -x.i : x.i;
	to = o->frame.to.kind == SP_B_PRECEDING ? -y.i : y.i;
	if (x.null || y.null || from <= to)
		return 0;
	return sp_an_fail_at(an, w->at, w->end, "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON", "42K09",
			     "Cannot resolve \"%.*s\" due to data type mismatch: The lower bound of a window frame must be less than or equal to the upper bound.",
			     SL(frame_text(an, o)));
}

static int range_frame(struct sp_an *an, const struct sp_window *w, const struct sp_over *o)
{
	bool by = o->frame.from.by || o->frame.to.by;
	const struct sp_type *t = o->order_n ? o->order[0].e->type : NULL;
	struct buf b = { 0 };
	if (o->frame.unit != SP_RANGE || (!by && (o->order_n || (o->frame.from.kind == SP_B_UNBOUNDED_PRECEDING && o->frame.to.kind == SP_B_UNBOUNDED_FOLLOWING))))
		return 0;
	if (!o->order_n)
		return sp_an_fail_at(an, w->at, w->end, "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER", "42K09",
				     "Cannot resolve \"(%.*s)\" due to data type mismatch: A range window frame cannot be used in an unordered window specification.",
				     SL(frame_text(an, o)));
	if (o->order_n > 1) {
		size_t i;
		for (i = 0; i < o->order_n; i++)
			buf_addf(&b, "%s%.*s %s NULLS %s", i ? ", " : "", SL(sp_an_shown(an, o->order[i].e)), o->order[i].desc ? "DESC" : "ASC",
				 o->order[i].nulls_last ? "LAST" : "FIRST");
		sp_an_fail_at(an, w->at, w->end, "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER", "42K09",
			      "Cannot resolve \"(ORDER BY %s %.*s)\" due to data type mismatch: A range window frame with value boundaries cannot be used in a window "
			      "specification with multiple order by expressions: %s.", buf_cstr(&b), SL(frame_text(an, o)), buf_cstr(&b));
		buf_free(&b);
		return 1;
	}
	if (t->kind == SP_STRING)
		return sp_an_fail_at(an, w->at, w->end, "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE", "42K09",
				     "Cannot resolve \"RANGE BETWEEN (- %.*s) FOLLOWING AND CURRENT ROW\" due to data type mismatch: The data type of the %s bound \"STRING\" does not "
				     "match the expected data type (\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\").",
				     SL(sp_an_shown(an, o->frame.from.by ? o->frame.from.by : o->frame.to.by)), o->frame.from.by ? "lower" : "upper");
	if (!range_fits(t, o->frame.from.by) || !range_fits(t, o->frame.to.by))
		return sp_an_fail_at(an, w->at, w->end, "DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE", "42K09",
				     "Cannot resolve \"(ORDER BY %.*s %s NULLS %s %.*s)\" due to data type mismatch: The data type %.*s used in the order specification does "
				     "not match the data type %.*s which is used in the range frame.", SL(sp_an_shown(an, o->order[0].e)), o->order[0].desc ? "DESC" : "ASC",
				     o->order[0].nulls_last ? "LAST" : "FIRST", SL(frame_text(an, o)), SL(sp_an_type(an, t)),
				     SL(sp_an_type(an, (o->frame.from.by ? o->frame.from.by : o->frame.to.by)->type)));
	return 0;
}

static bool is_ranking(const struct sp_function *fn)
{
	return fn->window >= SP_W_ROW_NUMBER && fn->window <= SP_W_NTILE;
}

static bool is_offset(const struct sp_function *fn)
{
	return fn->window == SP_W_LAG || fn->window == SP_W_LEAD;
}

static int default_frame(struct sp_an *an, const struct sp_window *w, struct sp_special *c, struct sp_over *o)
{
	const struct sp_function *fn = c->e.fn;
	bool wanted = is_ranking(fn) || is_offset(fn);
	if (w->has_frame && wanted) {
		bool rows = o->frame.unit == SP_ROWS && o->frame.from.kind == SP_B_UNBOUNDED_PRECEDING && o->frame.to.kind == SP_B_CURRENT;
		if (is_ranking(fn) && rows)
			return 0;
		if (is_offset(fn))
			return sp_an_fail_at(an, 0, 0, "_LEGACY_ERROR_TEMP_1035", "", "Cannot specify window frame for %s function.", fn->name);
		return sp_an_fail_at(an, 0, 0, "_LEGACY_ERROR_TEMP_1036", "", "Window Frame must match the required frame.");
	}
	if (w->has_frame)
		return 0;
	o->frame.unit = (wanted && fn->window != SP_W_CUME_DIST) || !o->order_n ? SP_ROWS : SP_RANGE;
	o->frame.from.kind = SP_B_UNBOUNDED_PRECEDING;
	o->frame.to.kind = wanted || o->order_n ? SP_B_CURRENT : SP_B_UNBOUNDED_FOLLOWING;
	return 0;
}

/* median and its like take all rows of the partition. */
static bool takes_all(const struct sp_function *fn)
{
	return strcmp(fn->name, "median") == 0 || strcmp(fn->name, "percentile_cont") == 0 || strcmp(fn->name, "percentile_disc") == 0;
}

static struct sp_expr *no_frame(struct sp_an *an, const struct sp_expr *e)
{
	struct slice shown = sp_an_shown(an, e);
	if (e->arg_n > 1)
		shown = arena_printf(an->a, "%s(%.*s, %.*s)", e->fn->name, SL(sp_an_shown(an, e->args[1])), SL(sp_an_shown(an, e->args[0])));
	return refuse(an, e, "INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC", "", "Cannot specify ORDER BY or a window frame for \"%.*s\".", SL(shown));
}

struct sp_expr *sp_an_window(struct sp_env *env, const struct sp_ex *ex, struct sp_special *call)
{
	struct sp_an *an = env->an;
	const struct sp_window *w = named(env, ex->call->over);
	struct sp_over *o = SP_NEW(an, struct sp_over);
	struct sp_env in = *env;
	uint32_t i;
	if (!w)
		return NULL;
	in.in_window = true;
	o->partition = SP_NEWS(an, struct sp_expr *, w->partition.n + 1);
	for (i = 0; i < w->partition.n; i++)
		if (!(o->partition[i] = sp_an_expr(&in, w->partition.v[i])))
			return NULL;
	o->partition_n = w->partition.n;
	if (sp_an_orders(&in, &w->order, &o->order, &o->order_n))
		return NULL;
	for (i = 0; i < o->order_n; i++)
		if (!sp_is_orderable(o->order[i].e->type))
			return refuse(an, o->order[i].e, "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09",
				      "Cannot resolve \"%.*s ASC NULLS FIRST\" due to data type mismatch: The `sortorder` does not support ordering on type %.*s.",
				      SL(sp_an_shown(an, o->order[i].e)), SL(sp_an_type(an, o->order[i].e->type)));
	if (w->has_frame) {
		o->frame.unit = w->rows ? SP_ROWS : SP_RANGE;
		if (frame_bound(&in, w, &w->start, o, w->rows, &o->frame.from.kind, &o->frame.from.by)
		    || frame_bound(&in, w, &w->stop, o, w->rows, &o->frame.to.kind, &o->frame.to.by) || range_frame(an, w, o) || frame_order(an, w, o))
			return NULL;
	}
	env->any_aggregate |= in.any_aggregate;
	env->any_sub |= in.any_sub;
	if (default_frame(an, w, call, o))
		return NULL;
	if (!o->order_n && (is_ranking(call->e.fn) || is_offset(call->e.fn)))
		return refuse(an, NULL, "_LEGACY_ERROR_TEMP_1037", "",
			      "Window function %.*s requires window to be ordered, please add ORDER BY clause. For example SELECT %.*s(value_expr) OVER (PARTITION BY "
			      "window_partition ORDER BY window_ordering) from table.", SL(sp_an_shown(an, &call->e)), SL(sp_an_shown(an, &call->e)));
	call->over = o;
	if (call->distinct)
		return refuse(an, &call->e, "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED", "", "Distinct window functions are not supported: \"%.*s\".",
			      SL(sp_an_shown(an, &call->e)));
	if (takes_all(call->e.fn) && (o->order_n || (w->has_frame && !(w->rows && o->frame.from.kind == SP_B_UNBOUNDED_PRECEDING &&
								       o->frame.to.kind == SP_B_UNBOUNDED_FOLLOWING))))
		return no_frame(an, &call->e);
	return &call->e;
}

/* ---- into the plan ---- */
struct windows {
	struct sp_an *an;
	struct sp_special **v;
	size_t *ids;
	size_t n, cap, id_cap;
	struct sp_node **node;
};

/* Windows in what a window reads are below it. */
static int below(void *self, struct sp_expr **slot)
{
	struct windows *w = self;
	return sp_an_windows(w->an, w->node, slot, 1);
}

static int collect(void *self, struct sp_expr **slot)
{
	struct windows *w = self;
	struct sp_expr *e = *slot, *column;
	size_t i;
	if (!sp_is_window(e))
		return sp_an_each(e, collect, self);
	if (sp_an_each(e, below, self))
		return 1;
	for (i = 0; i < w->n && !sp_an_same(&w->v[i]->e, e); i++)
		;
	if (i == w->n) {
		ARENA_GROW(w->an->a, w->v, w->n, w->cap);
		ARENA_GROW(w->an->a, w->ids, w->n, w->id_cap);
		w->v[w->n] = sp_special_of(e);
		w->ids[w->n++] = w->an->next_id++;
	}
	column = sp_an_column(w->an, &(struct sp_attr){ .id = w->ids[i], .name = sp_an_shown(w->an, e), .type = e->type, .nullable = e->nullable });
	column->from = e->from;
	column->to = e->to;
	*slot = column;
	return 0;
}

static bool same_spec(const struct sp_over *a, const struct sp_over *b)
{
	size_t i;
	if (a->partition_n != b->partition_n || a->order_n != b->order_n)
		return false;
	for (i = 0; i < a->partition_n; i++)
		if (!sp_an_same(a->partition[i], b->partition[i]))
			return false;
	for (i = 0; i < a->order_n; i++)
		if (a->order[i].desc != b->order[i].desc || a->order[i].nulls_last != b->order[i].nulls_last || !sp_an_same(a->order[i].e, b->order[i].e))
			return false;
	return true;
}

static void place(struct sp_an *an, struct sp_node **node, struct windows *w, size_t first, bool *done)
{
	const struct sp_over *o = w->v[first]->over;
	struct sp_node *in = *node, *out;
	size_t i, k = 0, n = 0;
	for (i = first; i < w->n; i++)
		n += !done[i] && same_spec(o, w->v[i]->over);
	out = sp_an_node(an, SP_P_WINDOW, in->p.column_n + n, 1);
	for (i = 0; i < in->p.column_n; i++) {
		out->p.columns[i] = in->p.columns[i];
		out->ids[i] = in->ids[i];
	}
	out->p.in[0] = &in->p;
	out->p.partition = o->partition;
	out->p.partition_n = o->partition_n;
	out->p.order = o->order;
	out->p.order_n = o->order_n;
	out->p.windows = SP_NEWS(an, struct sp_windowed, n);
	out->p.window_n = n;
	for (i = first; i < w->n; i++) {
		struct sp_special *c = w->v[i];
		if (done[i] || !same_spec(o, c->over))
			continue;
		done[i] = true;
		out->p.windows[k] = (struct sp_windowed){ .call = &c->e, .filter = c->filter, .frame = c->over->frame, .ignore_nulls = c->ignore_nulls };
		sp_an_set_column(out, in->p.column_n + k++, w->ids[i], sp_an_shown(an, &c->e), c->e.type, c->e.nullable);
	}
	*node = out;
}

int sp_an_windows(struct sp_an *an, struct sp_node **node, struct sp_expr **exprs, size_t n)
{
	struct windows w = { .an = an, .node = node };
	bool *done;
	size_t i;
	for (i = 0; i < n; i++)
		if (collect(&w, &exprs[i]))
			return 1;
	done = SP_NEWS(an, bool, w.n + 1);
	for (i = 0; i < w.n; i++)
		if (!done[i])
			place(an, node, &w, i, done);
	return 0;
}
