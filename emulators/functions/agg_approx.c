/* percentile_approx: Spark's QuantileSummaries, the sketch of Greenwald and Khanna, step by step, as its answers differ from the exact
 * ones in a way that depends on the steps. */
#include <math.h>

#include "functions/agg.h"
#include "functions/percent.h"
#include "spark/decimal.h"
#include "spark/print.h"

enum { HEAD = 50000, COMPRESS = 10000 };

struct sample {
	double value;
	int64_t g, delta;
};
struct sketch {
	double *head; /* not inserted yet */
	size_t head_n, head_cap;
	struct sample *v;
	size_t n;
	int64_t count; /* values that v stands for */
};

/* ---- shares ---- */

static int share_error(struct sp_resolve *x, double d)
{
	char text[SP_REAL_TEXT_MAX];
	size_t n = sp_double_text(d, text);
	return sp_resolve_mismatch(x, "VALUE_OUT_OF_RANGE", "The percentage must be between [0.0, 1.0] (current value = %.*sD).", (int)n, text);
}

int sp_percent_shares(struct sp_resolve *x, size_t i, struct sp_percent *p)
{
	const struct sp_type *t = x->e->args[i]->type;
	struct sp_value v;
	double *to;
	size_t k;
	p->array = t->kind == SP_ARRAY;
	if (sp_resolve_cast(x, i, p->array ? sp_array(x->arena, &sp_types[SP_DOUBLE], t->item_null) : &sp_types[SP_DOUBLE]) ||
	    sp_resolve_const(x, i, &v))
		return 1;
	if (v.null)
		return sp_resolve_mismatch(x, "UNEXPECTED_NULL", "The percentage must not be null.");
	p->n = p->array ? v.list->n : 1;
	to = arena_alloc(x->arena, (p->n + 1) * sizeof(*to));
	for (k = 0; k < p->n; k++) {
		const struct sp_value *one = p->array ? &v.list->items[k] : &v;
		if (one->null)
			return sp_resolve_mismatch(x, "UNEXPECTED_NULL", "The percentage must not be null.");
		to[k] = one->d;
		if (!(to[k] >= 0 && to[k] <= 1))
			return share_error(x, to[k]);
	}
	p->p = to;
	return 0;
}

double sp_percent_double(const struct sp_vec *v, size_t r)
{
	size_t at = sp_at(v, r);
	switch (sp_phys_of(v->type)) {
	case SP_U8:
		return v->u8[at];
	case SP_I32:
		return v->i32[at];
	case SP_I64:
		return (double)v->i64[at];
	case SP_X128:
		return sp_dec_double(sp_wide(v->x128[at]), v->type->scale);
	default:
		return v->f64[at];
	}
}

/* ---- the sketch ---- */

static void sketch_free(void *state)
{
	struct sketch *s = state;
	free(s->head);
	free(s->v);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y ? 1 : x == y ? 0 : isnan(x) - isnan(y);
}

static void insert_head(struct sketch *s, double error)
{
	struct sample *v;
	size_t from = 0, i, n = 0;
	if (!s->head_n)
		return;
	qsort(s->head, s->head_n, sizeof(*s->head), by_value);
	v = xmalloc((s->n + s->head_n) * sizeof(*v));
	for (i = 0; i < s->head_n; i++) {
		while (from < s->n && s->v[from].value <= s->head[i])
			v[n++] = s->v[from++];
		s->count++;
		v[n] = (struct sample){ s->head[i], 1, 0 };
		if (n > 0 && !(from == s->n && i == s->head_n - 1))
			v[n].delta = (int64_t)floor(2 * error * (double)s->count);
		n++;
	}
	while (from < s->n)
		v[n++] = s->v[from++];
	free(s->v);
	s->v = v;
	s->n = n;
	s->head_n = 0;
}

static void compress(struct sketch *s, double error)
{
	double limit;
	struct sample *v, head;
	size_t i, at;
	insert_head(s, error);
	if (!s->n)
		return;
	limit = 2 * error * (double)s->count;
	v = xmalloc((s->n + 1) * sizeof(*v));
	at = s->n + 1; /* filled from the end */
	head = s->v[s->n - 1];
	for (i = s->n - 1; i-- > 1;) {
		if ((double)(s->v[i].g + head.g + head.delta) < limit) {
			head.g += s->v[i].g;
		} else {
			v[--at] = head;
			head = s->v[i];
		}
	}
	v[--at] = head;
	if (s->n > 1 && s->v[0].value <= head.value)
		v[--at] = s->v[0];
	memmove(v, v + at, (s->n + 1 - at) * sizeof(*v));
	s->n = s->n + 1 - at;
	free(s->v);
	s->v = v;
}

static int sketch_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	const struct sp_percent *p = c->e->given;
	size_t i;
	for (i = 0; i < n; i++) {
		struct sketch *s = states[i];
		if (sp_null_at(args, i))
			continue;
		if (s->head_n == s->head_cap) {
			size_t cap = s->head_cap ? s->head_cap * 2 : 16;
			cap = cap < HEAD ? cap : HEAD;
			if (sp_run_hold(c->run, (ssize_t)((cap - s->head_cap) * sizeof(double))))
				return 1;
			s->head = xrealloc(s->head, cap * sizeof(*s->head));
			s->head_cap = cap;
		}
		s->head[s->head_n++] = sp_percent_double(args, i);
		if (s->head_n < HEAD)
			continue;
		insert_head(s, p->error);
		if (s->n >= COMPRESS)
			compress(s, p->error);
	}
	return 0;
}

/* Where a search goes on: the next share isn't less. */
struct place {
	size_t at;
	int64_t rank;
};

static double find(const struct sketch *s, struct place *k, int64_t error, double p)
{
	const int64_t rank = (int64_t)ceil(p * (double)s->count);
	struct place g = *k;
	for (; g.at < s->n - 1; g.rank += s->v[g.at].g) {
		if (g.rank + s->v[g.at].delta - error <= rank && rank <= g.rank + error) {
			*k = g;
			return s->v[g.at].value;
		}
		g.at++;
	}
	*k = (struct place){ s->n - 1, 0 };
	return s->v[s->n - 1].value;
}

static void answer(const struct sketch *s, const struct sp_percent *p, double *out)
{
	struct place k = { 0, s->v[0].g };
	int64_t error = 0;
	size_t i, j, best;
	bool *done = xcalloc(p->n, sizeof(*done));
	for (i = 0; i < s->n; i++)
		error = s->v[i].g + s->v[i].delta > error ? s->v[i].g + s->v[i].delta : error;
	error /= 2;
	for (i = 0; i < p->n; i++) { /* by rising shares, equals in order */
		for (best = p->n, j = 0; j < p->n; j++)
			if (!done[j] && (best == p->n || p->p[j] < p->p[best]))
				best = j;
		done[best] = true;
		if (p->p[best] <= p->error || s->n == 1)
			out[best] = s->v[0].value;
		else if (p->p[best] >= 1 - p->error)
			out[best] = s->v[s->n - 1].value;
		else
			out[best] = find(s, &k, error, p->p[best]);
	}
	free(done);
}

static struct sp_value as_type(const struct sp_type *t, double d)
{
	struct sp_value v = { 0 };
	__int128 x;
	if (sp_is_fractional(t)) {
		v.d = d;
	} else if (t->kind == SP_DECIMAL) {
		v.null = sp_dec_from_double(d, t->precision, t->scale, &x, NULL) != SP_DEC_OK;
		if (!v.null)
			v.x = sp_narrow(x);
	} else {
		v.i = d >= 9223372036854775808.0 ? INT64_MAX : (int64_t)d;
	}
	return v;
}

static int sketch_final(struct sp_call *c, void *state, struct sp_value *out)
{
	const struct sp_percent *p = c->e->given;
	struct sketch *s = state;
	struct sp_list *l;
	double *found;
	size_t i;
	*out = SP_NULL_VALUE;
	if (s->head_n)
		compress(s, p->error);
	if (!s->n || !p->n)
		return 0;
	found = arena_alloc(c->run->batch, p->n * sizeof(*found));
	answer(s, p, found);
	*out = (struct sp_value){ 0 };
	if (!p->array) {
		*out = as_type(p->item, found[0]);
		return 0;
	}
	l = sp_list_new(c->run->batch, p->n);
	for (i = 0; i < p->n; i++)
		l->items[i] = as_type(p->item, found[i]);
	out->list = l;
	return 0;
}

static const struct sp_aggregate sketches = { .size = sizeof(struct sketch), .add = sketch_add, .final = sketch_final, .free = sketch_free };

static const struct sp_type *type_approx(struct sp_resolve *x)
{
	struct sp_percent *p = arena_alloc(x->arena, sizeof(*p));
	const struct sp_type *t = x->e->args[0]->type;
	struct sp_value accuracy;
	if (sp_percent_shares(x, 1, p) || sp_resolve_cast(x, 2, &sp_types[SP_BIGINT]) || sp_resolve_const(x, 2, &accuracy))
		return NULL;
	if (accuracy.null || accuracy.i <= 0 || accuracy.i > INT32_MAX) {
		sp_resolve_mismatch(x, "VALUE_OUT_OF_RANGE", "The accuracy must be between (0, 2147483647] (current value = %lldL).",
				    (long long)accuracy.i);
		return NULL;
	}
	if (!sp_is_numeric(t) && t->kind != SP_DATE && t->kind != SP_TIMESTAMP && t->kind != SP_TIMESTAMP_NTZ && t->kind != SP_INTERVAL_YM &&
	    t->kind != SP_INTERVAL_DT && sp_resolve_cast(x, 0, t = &sp_types[SP_DOUBLE]))
		return NULL;
	p->error = 1.0 / (double)accuracy.i;
	p->item = t;
	x->e->given = p;
	return p->array ? sp_array(x->arena, t, false) : t;
}

const struct sp_function sp_approximates[] = {
	{ "percentile_approx", "any any any?", NULL, SP_F_NULLS, .aggregate = &sketches, .resolve = type_approx, .defaults = "10000",
	  .group = "agg_funcs", .doc = "percentile_approx(a, p[, accuracy]): About the value below which the share p lies." },
	{ "approx_percentile", "any any any?", NULL, SP_F_NULLS | SP_F_ALIAS, .aggregate = &sketches, .resolve = type_approx, .defaults = "10000",
	  .group = "agg_funcs", .doc = "approx_percentile(a, p[, accuracy]): About the value below which the share p lies." },
	{ NULL },
};
