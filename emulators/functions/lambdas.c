/* Functions that take functions, over arrays. A lambda runs over the elements of many rows at once. */
#include "functions/lambdas.h"

/* ---- elements of a batch, one after another ---- */

int sp_elements_of(struct sp_call *c, const struct sp_vec *v, size_t n, struct sp_elements *x)
{
	const struct sp_type *item = v->type->item;
	*x = (struct sp_elements){ 0 };
	for (size_t r = 0; r < n; r++)
		if (!sp_null_at(v, r))
			x->n += v->list[sp_at(v, r)]->n;
	if (sp_run_hold(c->run, (ssize_t)(x->n * 32)))
		return 1;
	(void)sp_run_hold(c->run, -(ssize_t)(x->n * 32));
	x->rows = arena_alloc(c->run->batch, (x->n + 1) * sizeof(*x->rows));
	sp_out_make(&x->items, c->run->batch, item, x->n);
	sp_out_make(&x->index, c->run->batch, &sp_types[SP_INT], x->n);
	for (size_t r = 0, at = 0; r < n; r++) {
		const struct sp_list *l = sp_null_at(v, r) ? NULL : v->list[sp_at(v, r)];
		for (size_t i = 0; l && i < l->n; i++, at++) {
			x->rows[at] = (uint32_t)r;
			x->index.i32[at] = (int32_t)i;
			if (l->items[i].null)
				sp_out_null(&x->items, at);
			else
				sp_out_put(&x->items, at, &l->items[i]);
		}
	}
	return 0;
}

/* The lambda over n elements, in pieces that memory stays small with; out has n rows, not constant, without codes. */
int sp_lambda_over(struct sp_call *c, const struct sp_expr *e, const uint32_t *rows, size_t n, const struct sp_vec *params, size_t param_n,
		   struct sp_out *o)
{
	enum { PIECE = 8192 };
	sp_out_make(o, c->run->batch, e->type, n);
	for (size_t from = 0; from < n; from += PIECE) {
		size_t m = n - from < PIECE ? n - from : PIECE;
		struct sp_vec part[8], out;
		for (size_t i = 0; i < param_n; i++)
			part[i] = sp_vec_part(&params[i], from, m);
		if (sp_eval_lambda(c, e, rows + from, m, part, &out))
			return 1;
		for (size_t i = 0; i < m; i++) {
			struct sp_value v = sp_get(&out, i);
			if (v.null)
				sp_out_null(o, from + i);
			else
				sp_out_put(o, from + i, &v);
		}
	}
	return 0;
}

/* The array's elements, and their indexes if the lambda wants them. */
static int over_elements(struct sp_call *c, const struct sp_vec *args, size_t n, size_t i, struct sp_elements *x, struct sp_out *made)
{
	struct sp_vec params[2];
	if (sp_elements_of(c, &args[0], n, x))
		return 1;
	params[0] = x->items.v;
	params[1] = x->index.v;
	return sp_lambda_over(c, c->e->args[i], x->rows, x->n, params, 2, made);
}

static const struct sp_list *list_at(const struct sp_vec *v, size_t r)
{
	return sp_null_at(v, r) ? NULL : v->list[sp_at(v, r)];
}

/* The next n of what was made, as an array. */
static struct sp_value taken(struct sp_call *c, const struct sp_out *made, size_t *at, size_t n)
{
	struct sp_list *to = sp_list_new(c->run->batch, n);
	for (size_t i = 0; i < n; i++)
		to->items[i] = sp_get(&made->v, (*at)++);
	return (struct sp_value){ .list = to };
}

/* ---- transform, filter ---- */

static int transform(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_elements x;
	struct sp_out made, o;
	if (over_elements(c, args, n, 1, &x, &made))
		return 1;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0, at = 0; r < n; r++) {
		const struct sp_list *l = list_at(&args[0], r);
		struct sp_value v = SP_NULL_VALUE;
		if (l)
			v = taken(c, &made, &at, l->n);
		sp_out_put(&o, r, &v);
	}
	*out = o.v;
	return 0;
}

static const struct sp_type *transform_type(struct sp_resolve *x)
{
	return sp_array(x->arena, x->e->args[1]->type, x->e->args[1]->nullable);
}

static bool true_at(const struct sp_out *made, size_t i)
{
	return made->v.type->kind != SP_VOID && !(made->null && made->null[i]) && made->u8[i];
}

static int filter(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_elements x;
	struct sp_out made, o;
	if (over_elements(c, args, n, 1, &x, &made))
		return 1;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0, at = 0; r < n; r++) {
		const struct sp_list *l = list_at(&args[0], r);
		struct sp_value v = SP_NULL_VALUE;
		if (l) {
			struct sp_list *to = sp_list_new(c->run->batch, l->n);
			size_t k = 0;
			for (size_t i = 0; i < l->n; i++, at++)
				if (true_at(&made, at))
					to->items[k++] = l->items[i];
			to->n = k;
			v = (struct sp_value){ .list = to };
		}
		sp_out_put(&o, r, &v);
	}
	*out = o.v;
	return 0;
}

/* A lambda's result must be of a type; wrong: NULL, err says so. */
static bool gives(struct sp_resolve *x, size_t i, const struct sp_type *t)
{
	struct buf b = { 0 };
	const struct sp_type *is = x->e->args[i]->type;
	if (sp_type_eq(is, t) || is->kind == SP_VOID)
		return true;
	buf_addc(&b, '"');
	sp_type_sql(&b, t);
	buf_addc(&b, '"');
	(void)sp_bad_type(x, i, arena_cstr(x->arena, buf_slice(&b)));
	x->err->from = x->err->to = 0; /* Spark has lost the place by then */
	buf_free(&b);
	return false;
}

static const struct sp_type *filter_type(struct sp_resolve *x)
{
	return gives(x, 1, &sp_types[SP_BOOLEAN]) ? x->e->args[0]->type : NULL;
}

/* ---- exists, forall ---- */

static int any_is(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out, bool wanted)
{
	struct sp_elements x;
	struct sp_out made, o;
	if (over_elements(c, args, n, 1, &x, &made))
		return 1;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0, at = 0; r < n; r++) {
		const struct sp_list *l = list_at(&args[0], r);
		bool found = false, null = false;
		for (size_t i = 0; l && i < l->n; i++, at++) {
			bool nothing = made.v.type->kind == SP_VOID || (made.null && made.null[at]);
			null |= nothing;
			found |= !nothing && (made.u8[at] != 0) == wanted;
		}
		if (!l || (!found && null))
			sp_out_null(&o, r);
		else
			o.u8[r] = found == wanted;
	}
	*out = o.v;
	return 0;
}

static int exists(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return any_is(c, args, n, out, true);
}

static int forall(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	return any_is(c, args, n, out, false);
}

static const struct sp_type *exists_type(struct sp_resolve *x)
{
	x->e->nullable |= x->e->args[1]->nullable;
	return gives(x, 1, &sp_types[SP_BOOLEAN]) ? &sp_types[SP_BOOLEAN] : NULL;
}

/* ---- aggregate ---- */

/* The k-th elements of all rows that have so many, at once. */
static int aggregate(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	const struct sp_type *zero = c->e->args[1]->type;
	uint32_t *rows = arena_alloc(c->run->batch, (n + 1) * sizeof(*rows));
	struct sp_value *acc = arena_alloc(c->run->batch, (n + 1) * sizeof(*acc));
	struct sp_out o;
	struct sp_vec params[2], made;
	size_t live = 0;
	for (size_t r = 0; r < n; r++) {
		acc[r] = sp_get(&args[1], r);
		if (list_at(&args[0], r))
			rows[live++] = (uint32_t)r;
	}
	for (size_t k = 0; live; k++) {
		struct sp_out a, x;
		size_t m = 0;
		for (size_t i = 0; i < live; i++)
			if (list_at(&args[0], rows[i])->n > k)
				rows[m++] = rows[i];
		live = m;
		if (!live)
			break;
		sp_out_make(&a, c->run->batch, zero, live);
		sp_out_make(&x, c->run->batch, args[0].type->item, live);
		for (size_t i = 0; i < live; i++) {
			sp_out_put(&a, i, &acc[rows[i]]);
			sp_out_put(&x, i, &list_at(&args[0], rows[i])->items[k]);
		}
		params[0] = a.v;
		params[1] = x.v;
		if (sp_eval_lambda(c, c->e->args[2], rows, live, params, &made))
			return 1;
		for (size_t i = 0; i < live; i++)
			acc[rows[i]] = sp_get(&made, i);
		if (sp_run_check(c->run, live))
			return 1;
	}
	sp_out_make(&o, c->run->batch, zero, n);
	for (size_t r = 0; r < n; r++) {
		if (!list_at(&args[0], r))
			acc[r] = SP_NULL_VALUE;
		sp_out_put(&o, r, &acc[r]);
		rows[r] = (uint32_t)r;
	}
	*out = o.v;
	if (c->e->arg_n < 4)
		return 0;
	if (sp_eval_lambda(c, c->e->args[3], rows, n, &o.v, out))
		return 1;
	for (size_t r = 0; r < n; r++) /* what finishes sees no array that is NULL */
		if (!list_at(&args[0], r)) {
			struct sp_out last;
			sp_out_make(&last, c->run->batch, out->type, n);
			for (size_t i = 0; i < n; i++) {
				struct sp_value v = list_at(&args[0], i) ? sp_get(out, i) : SP_NULL_VALUE;
				sp_out_put(&last, i, &v);
			}
			*out = last.v;
			break;
		}
	return 0;
}

/* How a call shows whose last lambda was left out. */
static void show_default(struct sp_resolve *x, const char *lambda)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s(", x->e->fn->name);
	for (size_t i = 0; i < x->e->arg_n; i++)
		buf_addf(&b, "%.*s, ", SL(sp_resolve_shown(x, i)));
	buf_adds(&b, lambda);
	buf_addc(&b, ')');
	x->e->shown = arena_dup(x->arena, buf_slice(&b));
	buf_free(&b);
}

static const struct sp_type *aggregate_type(struct sp_resolve *x)
{
	if (x->e->arg_n < 4)
		show_default(x, "lambdafunction(namedlambdavariable(), namedlambdavariable())");
	if (!gives(x, 2, x->e->args[1]->type))
		return NULL;
	x->e->nullable = true;
	return x->e->arg_n > 3 ? x->e->args[3]->type : x->e->args[1]->type;
}

/* ---- zip_with ---- */

static int zip_with(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_out items[2], made, o;
	struct sp_vec params[2];
	uint32_t *rows;
	size_t total = 0, at = 0;
	for (size_t r = 0; r < n; r++) {
		const struct sp_list *a = list_at(&args[0], r), *b = list_at(&args[1], r);
		total += a && b ? a->n > b->n ? a->n : b->n : 0;
	}
	rows = arena_alloc(c->run->batch, (total + 1) * sizeof(*rows));
	for (int k = 0; k < 2; k++)
		sp_out_make(&items[k], c->run->batch, args[k].type->item, total);
	for (size_t r = 0; r < n; r++) {
		const struct sp_list *l[2] = { list_at(&args[0], r), list_at(&args[1], r) };
		for (size_t i = 0; l[0] && l[1] && (i < l[0]->n || i < l[1]->n); i++, at++) {
			rows[at] = (uint32_t)r;
			for (int k = 0; k < 2; k++) {
				struct sp_value v = i < l[k]->n ? l[k]->items[i] : SP_NULL_VALUE;
				sp_out_put(&items[k], at, &v);
			}
		}
	}
	params[0] = items[0].v;
	params[1] = items[1].v;
	if (sp_lambda_over(c, c->e->args[2], rows, total, params, 2, &made))
		return 1;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	at = 0;
	for (size_t r = 0; r < n; r++) {
		const struct sp_list *a = list_at(&args[0], r), *b = list_at(&args[1], r);
		struct sp_value v = SP_NULL_VALUE;
		if (a && b)
			v = taken(c, &made, &at, a->n > b->n ? a->n : b->n);
		sp_out_put(&o, r, &v);
	}
	*out = o.v;
	return 0;
}

static const struct sp_type *zip_with_type(struct sp_resolve *x)
{
	return sp_array(x->arena, x->e->args[2]->type, x->e->args[2]->nullable);
}

/* ---- array_sort ---- */

struct comparing {
	struct sp_call *c;
	const struct sp_expr *e;
	const struct sp_type *t;
	uint32_t row;
	bool bad;
};

/* The lambda over one pair. */
static int64_t compared(struct comparing *x, const struct sp_value *a, const struct sp_value *b)
{
	struct sp_vec params[2], out;
	struct sp_value v;
	params[0] = sp_vec_one(x->c->run->batch, x->t, a, 1);
	params[1] = sp_vec_one(x->c->run->batch, x->t, b, 1);
	if (x->bad || sp_eval_lambda(x->c, x->e, &x->row, 1, params, &out)) {
		x->bad = true;
		return 0;
	}
	v = sp_get(&out, 0);
	if (v.null) {
		x->bad = true;
		(void)sp_fn_fail(x->c, "COMPARATOR_RETURNS_NULL", "", "org.apache.spark.SparkException",
				 "The comparator has returned a NULL for a comparison between two elements. It should return a positive integer for "
				 "\"greater than\", 0 for \"equal\" and a negative integer for \"less than\". To revert to deprecated behavior where "
				 "NULL is treated as 0 (equal), you must set \"spark.sql.legacy.allowNullComparisonResultInArraySort\" to \"true\".");
		return 0;
	}
	return v.i;
}

/* Merging, so that equal ones stay in order and a comparator that lies does no harm. */
static void merge_sort(struct comparing *x, struct sp_value *v, struct sp_value *room, size_t n)
{
	size_t half = n / 2, i = 0, k = half, to = 0;
	if (n < 2 || x->bad)
		return;
	merge_sort(x, v, room, half);
	merge_sort(x, v + half, room, n - half);
	while (i < half && k < n && !x->bad)
		room[to++] = compared(x, &v[i], &v[k]) <= 0 ? v[i++] : v[k++];
	while (i < half)
		room[to++] = v[i++];
	while (k < n)
		room[to++] = v[k++];
	memcpy(v, room, n * sizeof(*v));
}

static int array_sort(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct comparing x = { .c = c, .e = c->e->arg_n > 1 ? c->e->args[1] : NULL, .t = args[0].type->item };
	struct sp_out o;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		const struct sp_list *l = list_at(&args[0], r);
		struct sp_value v = SP_NULL_VALUE;
		if (l && !x.e) {
			v.null = false;
			if (sp_array_sorted(c, l, &v))
				return 1;
		} else if (l) {
			struct sp_list *to = sp_list_new(c->run->batch, l->n);
			if (l->n)
				memcpy(to->items, l->items, l->n * sizeof(*l->items));
			x.row = (uint32_t)r;
			merge_sort(&x, to->items, arena_alloc(c->run->batch, (l->n + 1) * sizeof(struct sp_value)), l->n);
			if (x.bad || sp_run_check(c->run, l->n))
				return 1;
			v = (struct sp_value){ .list = to };
		}
		sp_out_put(&o, r, &v);
	}
	*out = o.v;
	return 0;
}

static const struct sp_type *array_sort_type(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	struct buf b = { 0 };
	if (x->e->arg_n > 1)
		return gives(x, 1, &sp_types[SP_INT]) ? t : NULL;
	show_default(x, "lambdafunction((IF(((namedlambdavariable() IS NULL) AND (namedlambdavariable() IS NULL)), 0, (IF((namedlambdavariable() IS "
			"NULL), 1, (IF((namedlambdavariable() IS NULL), -1, (IF((namedlambdavariable() < namedlambdavariable()), -1, "
			"(IF((namedlambdavariable() > namedlambdavariable()), 1, 0)))))))))), namedlambdavariable(), namedlambdavariable())");
	if (sp_is_orderable(t->item))
		return t;
	sp_type_sql(&b, t);
	(void)sp_resolve_mismatch(x, "INVALID_ORDERING_TYPE", "The `array_sort` does not support ordering on type \"%.*s\".", SL(buf_slice(&b)));
	buf_free(&b);
	return NULL;
}

/* ---- parameters ---- */

static int element_and_index(struct sp_resolve *x, size_t i, const struct sp_type **types, bool *nullable)
{
	types[0] = x->e->args[0]->type->item;
	nullable[0] = x->e->args[0]->type->item_null;
	types[1] = &sp_types[SP_INT];
	return 2;
}

static int element_alone(struct sp_resolve *x, size_t i, const struct sp_type **types, bool *nullable)
{
	(void)element_and_index(x, i, types, nullable);
	return 1;
}

static int two_elements(struct sp_resolve *x, size_t i, const struct sp_type **types, bool *nullable)
{
	(void)element_and_index(x, i, types, nullable);
	types[1] = types[0];
	nullable[1] = nullable[0];
	return 2;
}

static int of_both(struct sp_resolve *x, size_t i, const struct sp_type **types, bool *nullable)
{
	for (int k = 0; k < 2; k++) {
		types[k] = x->e->args[k]->type->item;
		nullable[k] = true;
	}
	return 2;
}

static int of_aggregate(struct sp_resolve *x, size_t i, const struct sp_type **types, bool *nullable)
{
	types[0] = x->e->args[1]->type;
	nullable[0] = true;
	types[1] = x->e->args[0]->type->item;
	nullable[1] = x->e->args[0]->type->item_null;
	return i == 2 ? 2 : 1;
}

#define G .group = "lambda_funcs"
const struct sp_function sp_lambdas[] = {
	{ "transform", "[T] f1", NULL, .vec = transform, .resolve = transform_type, .lambda = element_and_index, G,
	  .doc = "transform(array, x -> ...), transform(array, (x, i) -> ...): what becomes of each element" },
	{ "filter", "[T] f1", NULL, .vec = filter, .resolve = filter_type, .lambda = element_and_index, G,
	  .doc = "filter(array, x -> ...): the elements for which it is true" },
	{ "exists", "[T] f1", NULL, .vec = exists, .resolve = exists_type, .lambda = element_alone, G,
	  .doc = "exists(array, x -> ...): whether it is true for any" },
	{ "forall", "[T] f1", NULL, .vec = forall, .resolve = exists_type, .lambda = element_alone, G,
	  .doc = "forall(array, x -> ...): whether it is true for all" },
	{ "aggregate", "[T] any f2 f1?", NULL, .vec = aggregate, .resolve = aggregate_type, .lambda = of_aggregate, .flags = SP_F_NULLS, G,
	  .doc = "aggregate(array, start, (sum, x) -> ...[, sum -> ...]): all elements in one value" },
	{ "reduce", "[T] any f2 f1?", NULL, .vec = aggregate, .resolve = aggregate_type, .lambda = of_aggregate,
	  .flags = SP_F_NULLS | SP_F_ALIAS, G, .doc = "reduce(array, start, (sum, x) -> ...[, sum -> ...]): all elements in one value" },
	{ "zip_with", "[T] [U] f2", NULL, .vec = zip_with, .resolve = zip_with_type, .lambda = of_both, G,
	  .doc = "zip_with(a, b, (x, y) -> ...): what becomes of the elements of two arrays" },
	{ "array_sort", "[T] f2?", NULL, .vec = array_sort, .resolve = array_sort_type, .lambda = two_elements, G,
	  .doc = "array_sort(array[, (a, b) -> ...]): in order, NULLs last; the lambda gives less than 0, 0, or more" },
	{ 0 },
};
