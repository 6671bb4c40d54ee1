/* What each window function gives for the rows of a partition. */
#include "engine/window.h"
#include "spark/time.h"

/* Aggregates that pick a row need no state where the frame is known. */
static enum sp_window_kind kind_of(const struct sp_window_call *c)
{
	static const struct {
		const char *name;
		enum sp_window_kind kind;
	} picks[] = {
		{ "first", SP_W_FIRST }, { "first_value", SP_W_FIRST }, { "any_value", SP_W_FIRST }, { "last", SP_W_LAST }, { "last_value", SP_W_LAST },
	};
	const struct sp_function *fn = c->as->call->fn;
	for (size_t i = 0; i < ARRAY_LEN(picks) && !c->filter.type; i++)
		if (strcmp(fn->name, picks[i].name) == 0)
			return picks[i].kind;
	return fn->window;
}

/* ---- frames ---- */

struct frame {
	size_t lo, hi;         /* positions lo..hi-1 */
	size_t peers, peers_end;
};

static int compare(const struct sp_sort_key *k, const struct sp_value *x, const struct sp_value *y)
{
	if (x->null || y->null)
		return (y->null - x->null) * (k->nulls_last ? -1 : 1);
	int c = sp_compare(k->v.type, x, y);
	return k->desc ? -c : c;
}

static int too_far(struct sp_run *r)
{
	return sp_fail(&r->err, SP_E_RUN, "ARITHMETIC_OVERFLOW", "22003", "A bound of a window's frame overflows.");
}

/* x moved by a distance, backwards if back. Types are the key's and the bound's. */
static int move(struct sp_run *r, const struct sp_type *t, const struct sp_value *x, const struct sp_type *by_type, const struct sp_value *by,
		bool back, struct sp_value *out)
{
	const int64_t sign = back ? -1 : 1;
	const struct sp_zone *z = t->kind == SP_TIMESTAMP ? r->cx->zone : NULL;
	int64_t months = 0, days = 0, us = 0;
	int32_t day;
	*out = *x;
	if (x->null)
		return 0;
	switch (by_type->kind) {
	case SP_INTERVAL_YM:
		months = by->i;
		break;
	case SP_INTERVAL_DT:
		us = by->i;
		break;
	case SP_INTERVAL:
		months = by->c.months;
		days = by->c.days;
		us = by->c.us;
		break;
	case SP_DECIMAL:
		out->x = sp_narrow(sp_wide(x->x) + sign * sp_wide(by->x));
		return 0;
	case SP_FLOAT:
	case SP_DOUBLE:
		out->d = x->d + (double)sign * by->d;
		return 0;
	default:
		if (sp_is_fractional(t))
			out->d = x->d + (double)(sign * by->i);
		else if (t->kind == SP_DECIMAL)
			return too_far(r);
		else if (__builtin_add_overflow(x->i, sign * by->i, &out->i))
			out->i = back ? INT64_MIN : INT64_MAX;
		return 0;
	}
	if (t->kind == SP_DATE) {
		if (!sp_add_months((int32_t)x->i, sign * months, &day))
			return too_far(r);
		out->i = day + sign * (days + us / INT64_C(86400000000));
		return 0;
	}
	return sp_add_interval(z, x->i, sign * months, sign * days, sign * us, &out->i) ? 0 : too_far(r);
}

static struct sp_value key_at(const struct sp_window *w, size_t i)
{
	return sp_get(&w->key.v, w->order[i]);
}

/* Moves *at on to the first position whose key isn't before the bound (past: is behind it). */
static int seek(struct sp_window *w, enum sp_bound_kind kind, const struct sp_type *by_type, const struct sp_value *by, size_t i, bool past, size_t *at)
{
	struct sp_value here = key_at(w, i), bound;
	if (move(w->run, w->key.v.type, &here, by_type, by, (kind == SP_B_PRECEDING) != w->key.desc, &bound))
		return 1;
	while (*at < w->to) {
		struct sp_value x = key_at(w, *at);
		int c = compare(&w->key, &x, &bound);
		if (past ? c > 0 : c >= 0)
			break;
		++*at;
	}
	return 0;
}

static size_t offset(const struct sp_window *w, size_t i, enum sp_bound_kind kind, int64_t by)
{
	int64_t at = (int64_t)i + (kind == SP_B_PRECEDING ? -by : by);
	return at < (int64_t)w->from ? w->from : at > (int64_t)w->to ? w->to : (size_t)at;
}

/* The frame of position i, after that of i - 1. */
static int frame_at(struct sp_window *w, const struct sp_window_call *c, size_t i, struct frame *f)
{
	const struct sp_frame *a = &c->as->frame;
	if (i >= f->peers_end) {
		f->peers = i;
		for (f->peers_end = i + 1; !w->begins[f->peers_end]; f->peers_end++)
			;
	}
	switch (a->from.kind) {
	case SP_B_UNBOUNDED_PRECEDING:
		f->lo = w->from;
		break;
	case SP_B_CURRENT:
		f->lo = a->unit == SP_ROWS ? i : f->peers;
		break;
	case SP_B_PRECEDING:
	case SP_B_FOLLOWING:
		if (a->unit == SP_ROWS)
			f->lo = offset(w, i, a->from.kind, c->from.i);
		else if (seek(w, a->from.kind, a->from.by->type, &c->from, i, false, &f->lo))
			return 1;
		break;
	case SP_B_UNBOUNDED_FOLLOWING:
		f->lo = w->to;
		break;
	}
	switch (a->to.kind) {
	case SP_B_UNBOUNDED_PRECEDING:
		f->hi = w->from;
		break;
	case SP_B_CURRENT:
		f->hi = a->unit == SP_ROWS ? i + 1 : f->peers_end;
		break;
	case SP_B_PRECEDING:
	case SP_B_FOLLOWING:
		if (a->unit == SP_ROWS) {
			int64_t at = (int64_t)i + 1 + (a->to.kind == SP_B_PRECEDING ? -c->to.i : c->to.i);
			f->hi = at < (int64_t)w->from ? w->from : at > (int64_t)w->to ? w->to : (size_t)at;
		} else if (seek(w, a->to.kind, a->to.by->type, &c->to, i, true, &f->hi)) {
			return 1;
		}
		break;
	case SP_B_UNBOUNDED_FOLLOWING:
		f->hi = w->to;
		break;
	}
	return 0;
}

/* ---- numbers of rows ---- */

static void ranks(struct sp_window *w, struct sp_window_call *c)
{
	const enum sp_window_kind kind = c->as->call->fn->window;
	int32_t rank = 0, dense = 0;
	for (size_t i = w->from; i < w->to; i++) {
		int32_t at = (int32_t)(i - w->from + 1);
		rank = w->begins[i] ? at : rank;
		dense += w->begins[i] != 0;
		c->out.i32[i] = kind == SP_W_ROW_NUMBER ? at : kind == SP_W_RANK ? rank : dense;
	}
}

static void shares(struct sp_window *w, struct sp_window_call *c)
{
	const bool percent = c->as->call->fn->window == SP_W_PERCENT_RANK;
	const double n = (double)(w->to - w->from);
	for (size_t i = w->from, end; i < w->to; i = end) {
		for (end = i + 1; !w->begins[end]; end++)
			;
		double x = percent ? (n > 1 ? (double)(i - w->from) / (n - 1) : 0) : (double)(end - w->from) / n;
		for (size_t j = i; j < end; j++)
			c->out.f64[j] = x;
	}
}

static int tiles(struct sp_window *w, struct sp_window_call *c)
{
	const size_t n = w->to - w->from;
	int64_t k = c->as->call->arg_n ? sp_get(&c->args[0], w->order[w->from]).i : 1;
	if (k <= 0)
		return sp_fail(&w->run->err, SP_E_ANALYSIS, "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", "42K09",
			       "The number of buckets of ntile must be greater than 0.");
	size_t small = n / (size_t)k, bigger = n % (size_t)k;
	for (size_t i = 0; i < n; i++) {
		size_t tile = i < bigger * (small + 1) ? i / (small + 1) : bigger + (small ? (i - bigger * (small + 1)) / small : 0);
		c->out.i32[w->from + i] = (int32_t)tile + 1;
	}
	return 0;
}

/* ---- values of other rows ---- */

static void put(struct sp_window_call *c, size_t i, const struct sp_vec *v, uint32_t row)
{
	struct sp_value x = sp_get(v, row);
	sp_out_put(&c->out, i, &x);
}

static int neighbours(struct sp_window *w, struct sp_window_call *c)
{
	const struct sp_expr *e = c->as->call;
	const struct sp_vec *v = &c->args[0];
	size_t steps = 0;
	for (size_t i = w->from; i < w->to; i++) {
		int64_t by = e->arg_n > 1 ? sp_get(&c->args[1], w->order[i]).i : 1, at = (int64_t)i;
		by = e->fn->window == SP_W_LAG ? -by : by;
		if (!c->as->ignore_nulls || by == 0) {
			at += by;
		} else {
			int64_t step = by < 0 ? -1 : 1, left = by < 0 ? -by : by;
			while (left > 0) {
				at += step;
				if (at < (int64_t)w->from || at >= (int64_t)w->to)
					break;
				left -= !sp_null_at(v, w->order[at]);
				if ((++steps & 4095) == 0 && sp_run_check(w->run, 4096))
					return 1;
			}
		}
		if (at >= (int64_t)w->from && at < (int64_t)w->to)
			put(c, i, v, w->order[at]);
		else if (e->arg_n > 2)
			put(c, i, &c->args[2], w->order[i]);
		else
			sp_out_null(&c->out, i);
	}
	return 0;
}

static bool ignores_nulls(const struct sp_window *w, const struct sp_window_call *c)
{
	const struct sp_expr *e = c->as->call;
	size_t at = e->fn->window == SP_W_NTH ? 2 : 1;
	if (e->fn->aggregate) /* first(x, true) is a function that NULLs don't come to */
		return c->as->ignore_nulls || !(e->fn->flags & SP_F_NULLS);
	return c->as->ignore_nulls || (e->arg_n > at && sp_get(&c->args[at], w->order[w->from]).i);
}

static int framed_values(struct sp_window *w, struct sp_window_call *c)
{
	const enum sp_window_kind kind = kind_of(c);
	const struct sp_vec *v = &c->args[0];
	const bool skip = ignores_nulls(w, c);
	struct frame f = { w->from, w->from, 0, 0 };
	size_t had = SIZE_MAX, lo = SIZE_MAX, hi = w->from; /* found in the frame before; that frame, as far as it was looked through */
	for (size_t i = w->from; i < w->to; i++) {
		int64_t left = kind == SP_W_NTH ? sp_get(&c->args[1], w->order[i]).i : 1;
		size_t found = SIZE_MAX;
		if (frame_at(w, c, i, &f) || ((i & 1023) == 0 && sp_run_check(w->run, 1024)))
			return 1;
		if (kind == SP_W_LAST) {
			/* What was found for the frame before, if nothing newer is. */
			size_t known = had != SIZE_MAX && had >= f.lo && had < f.hi && hi <= f.hi ? had : SIZE_MAX, end = hi <= f.hi && hi >= f.lo ? hi : f.lo;
			for (size_t j = f.hi; j-- > end && found == SIZE_MAX;)
				found = skip && sp_null_at(v, w->order[j]) ? SIZE_MAX : j;
			found = found == SIZE_MAX ? known : found;
			had = found;
			hi = f.hi;
		} else if (!skip) {
			found = f.lo < f.hi && left > 0 && (size_t)left <= f.hi - f.lo ? f.lo + (size_t)left - 1 : SIZE_MAX;
		} else {
			if (kind == SP_W_FIRST && lo == f.lo && hi <= f.hi) {
				if (had != SIZE_MAX)
					found = had;
			} else {
				hi = f.lo;
			}
			for (size_t j = kind == SP_W_FIRST ? hi : f.lo; j < f.hi && found == SIZE_MAX; j++)
				found = sp_null_at(v, w->order[j]) || --left > 0 ? SIZE_MAX : j;
			had = found;
			lo = f.lo;
			hi = f.hi;
		}
		if (found == SIZE_MAX)
			sp_out_null(&c->out, i);
		else
			put(c, i, v, w->order[found]);
	}
	return 0;
}

/* ---- aggregates ---- */

static bool counts(const struct sp_window_call *c, uint32_t row)
{
	return !c->filter.type || (!sp_null_at(&c->filter, row) && c->filter.u8[sp_at(&c->filter, row)]);
}

static int add(struct sp_window *w, struct sp_window_call *c, size_t lo, size_t hi)
{
	const size_t arg_n = c->as->call->arg_n;
	struct sp_vec few[8], *args = arg_n > 8 ? arena_alloc(&w->own, arg_n * sizeof(*args)) : few;
	for (size_t n; lo < hi; lo += n) {
		const uint32_t *rows = w->order + lo;
		n = hi - lo < SP_BATCH ? hi - lo : SP_BATCH;
		size_t m = n;
		arena_recycle(&w->scratch);
		if (c->filter.type) {
			uint32_t *some = arena_alloc(&w->scratch, (n + 1) * sizeof(*some));
			m = 0;
			for (size_t i = 0; i < n; i++) {
				some[m] = rows[i];
				m += counts(c, rows[i]);
			}
			rows = some;
		}
		for (size_t i = 0; i < arg_n; i++)
			args[i] = sp_vec_pick(&w->scratch, &c->args[i], rows, m);
		for (size_t i = 0; i < m; i++)
			w->states[i] = c->state;
		if ((m && sp_agg_add(&c->call, args, m, w->states)) || sp_run_check(w->run, n))
			return 1;
	}
	return 0;
}

static int take_out(struct sp_window *w, struct sp_window_call *c, size_t lo, size_t hi)
{
	const struct sp_expr *e = c->as->call;
	struct sp_value v[8];
	for (; lo < hi; lo++) {
		bool null = false;
		if (!counts(c, w->order[lo]))
			continue;
		for (size_t i = 0; i < e->arg_n; i++) {
			v[i] = sp_get(&c->args[i], w->order[lo]);
			null |= v[i].null;
		}
		if ((!null || e->fn->flags & SP_F_NULLS) && e->fn->aggregate->remove_row(&c->call, v, c->state))
			return 1;
	}
	return 0;
}

static void reset(struct sp_window_call *c)
{
	const struct sp_aggregate *a = c->as->call->fn->aggregate;
	if (a->free)
		a->free(c->state);
	memset(c->state, 0, a->size);
}

static int aggregates(struct sp_window *w, struct sp_window_call *c)
{
	const struct sp_aggregate *a = c->as->call->fn->aggregate;
	const bool points = sp_phys_of(c->as->call->type) == SP_STR || sp_phys_of(c->as->call->type) == SP_LIST;
	const bool removable = a->remove_row && c->as->call->arg_n <= 8;
	struct frame f = { w->from, w->from, 0, 0 };
	struct sp_value v = { 0 };
	size_t lo = w->from, hi = w->from; /* what the state has */
	bool fresh = true;
	reset(c);
	for (size_t i = w->from; i < w->to; i++) {
		if (frame_at(w, c, i, &f) || ((i & 1023) == 0 && sp_run_check(w->run, 1024)))
			return 1;
		if (f.hi < f.lo)
			f.hi = f.lo;
		if (!fresh && f.lo == lo && f.hi == hi) {
			sp_out_put(&c->out, i, &v);
			continue;
		}
		if (f.lo != lo && removable && f.lo <= hi && f.hi >= hi) {
			if (take_out(w, c, lo, f.lo))
				return 1;
		} else if (f.lo != lo || f.hi < hi) {
			reset(c);
			hi = f.lo;
		}
		lo = f.lo;
		if (add(w, c, hi, f.hi))
			return 1;
		hi = f.hi;
		v = (struct sp_value){ 0 };
		if (a->final(&c->call, c->state, &v))
			return 1;
		/* The state goes on; what was given stays as it was. */
		if (points)
			v = sp_value_dup(&w->own, c->as->call->type, v);
		sp_out_put(&c->out, i, &v);
		fresh = false;
	}
	return 0;
}

int sp_window_partition(struct sp_window *w, struct sp_window_call *c)
{
	switch (kind_of(c)) {
	case SP_W_ROW_NUMBER:
	case SP_W_RANK:
	case SP_W_DENSE_RANK:
		ranks(w, c);
		return 0;
	case SP_W_PERCENT_RANK:
	case SP_W_CUME_DIST:
		shares(w, c);
		return 0;
	case SP_W_NTILE:
		return tiles(w, c);
	case SP_W_LAG:
	case SP_W_LEAD:
		return neighbours(w, c);
	case SP_W_NTH:
	case SP_W_FIRST:
	case SP_W_LAST:
		return framed_values(w, c);
	case SP_W_NONE:
		break;
	}
	return aggregates(w, c);
}
