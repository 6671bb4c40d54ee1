/* window(time, ...) in a SELECT or its GROUP BY: the rows get the windows that they are in before anything else is done with them, in a
 * column `window` that * doesn't show; the calls are that column (Spark's rule TimeWindowing). */
#include "sparksql/analysis.h"

static bool is_window(const struct sp_ex *e, const char *name)
{
	return e->kind == SP_EX_CALL && e->call->name.n == 1 && !e->call->over && sl_eq_nocase(e->call->name.parts[0], sl(name));
}

static const struct sp_ex *find(const struct sp_ex *e, size_t *skip);

static const struct sp_ex *find_in(const struct sp_exs *list, size_t *skip)
{
	const struct sp_ex *found = NULL;
	for (uint32_t i = 0; i < list->n && !found; i++)
		found = find(list->v[i], skip);
	return found;
}

static const struct sp_ex *either(const struct sp_ex *a, const struct sp_ex *b, size_t *skip)
{
	const struct sp_ex *found = find(a, skip);
	return found ? found : find(b, skip);
}

/* Such a call in e, behind as many as are to be skipped. */
static const struct sp_ex *find(const struct sp_ex *e, size_t *skip)
{
	const struct sp_ex *found = NULL;
	if (!e)
		return NULL;
	switch ((enum sp_ex_kind)e->kind) {
	case SP_EX_CALL:
		if (((is_window(e, "window") && e->call->args.n > 1) || is_window(e, "session_window")) && (*skip)-- == 0)
			return e;
		return find_in(&e->call->args, skip);
	case SP_EX_ALIAS:
		return find(e->alias.a, skip);
	case SP_EX_FIELD:
		return find(e->field.a, skip);
	case SP_EX_CAST:
		return find(e->cast.a, skip);
	case SP_EX_IS:
		return find(e->is.a, skip);
	case SP_EX_UNARY:
		return find(e->a, skip);
	case SP_EX_BINARY:
	case SP_EX_DISTINCT:
	case SP_EX_SUBSCRIPT:
		return either(e->a, e->b, skip);
	case SP_EX_BETWEEN:
		found = either(e->a, e->b, skip);
		return found ? found : find(e->c, skip);
	case SP_EX_IN:
		found = find(e->in.a, skip);
		return found ? found : find_in(&e->in.list, skip);
	case SP_EX_ROW:
		return find_in(&e->list, skip);
	case SP_EX_CASE:
		found = either(e->cases.a, e->cases.other, skip);
		for (uint32_t i = 0; i < e->cases.n && !found; i++)
			found = either(e->cases.whens[i].when, e->cases.whens[i].then, skip);
		return found;
	default:
		return NULL;
	}
}

static const struct sp_ex *find_in_select(const struct sp_query *q, size_t skip)
{
	const struct sp_select *s = q->select;
	const struct sp_ex *found = find_in(&s->items, &skip);
	for (uint32_t i = 0; i < s->n_group && !found; i++)
		found = s->group[i].ex ? find(s->group[i].ex, &skip) : find_in(&s->group[i].set, &skip);
	if (!found)
		found = either(s->having, s->qualify, &skip);
	for (uint32_t i = 0; i < q->order.n && !found; i++)
		found = find(q->order.v[i].ex, &skip);
	return found;
}

static struct sp_special *generator(struct sp_env *env, const struct sp_ex *ex)
{
	struct sp_expr *v[4], *e;
	uint32_t n = ex->call->args.n;
	if (n > ARRAY_LEN(v))
		n = ARRAY_LEN(v);
	for (uint32_t i = 0; i < n; i++)
		if (!(v[i] = sp_an_expr(env, ex->call->args.v[i])))
			return NULL;
	e = sp_an_apply(env, sp_function_find(S("window")), v, n, ex);
	return e ? sp_special_of(e) : NULL;
}

static const struct sp_attr *made_in(const struct sp_attr *attrs, size_t n)
{
	for (size_t i = n; i-- > 0;)
		if (attrs[i].hidden == SP_META && sl_eqs(attrs[i].name, "window"))
			return &attrs[i];
	return NULL;
}

struct sp_expr *sp_an_time_window_column(struct sp_env *env, const struct sp_ex *ex)
{
	const struct sp_attr *attr = NULL;
	if (!is_window(ex, "window") || ex->call->args.n < 2)
		return NULL;
	attr = made_in(env->attrs, env->n);
	if (!attr)
		attr = made_in(env->more, env->more_n);
	return attr ? sp_an_placed(sp_an_column(env->an, attr), ex) : NULL;
}

int sp_an_time_window(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *src)
{
	const struct sp_ex *ex = find_in_select(q, 0), *other;
	struct sp_env env = { .an = an, .clause = SP_IN_GENERATOR, .outer = in->outer, .sub = in->sub, .sub_expr = in->sub_expr, .ctes = in->ctes,
			      .attrs = src->attrs, .n = src->n };
	struct sp_special *call;
	struct sp_attr *attrs, *all;
	size_t n;
	if (!ex)
		return 0;
	if (is_window(ex, "session_window"))
		return sp_fail(an->err, SP_E_UNSERVED, "", "", "session_window is not served.");
	call = generator(&env, ex);
	for (size_t i = 1; call && (other = find_in_select(q, i)); i++) {
		struct sp_special *again = is_window(other, "window") ? generator(&env, other) : NULL;
		if (again && !sl_eq(sp_an_shown(an, &call->e), sp_an_shown(an, &again->e)))
			return sp_an_fail_at(an, 0, 0, "_LEGACY_ERROR_TEMP_1039", "",
					     "Multiple time/session window expressions would result in a cartesian product of rows, therefore they are "
					     "currently not supported.");
	}
	if (!call || sp_an_generator_attrs(an, call, NULL, 0, &attrs, &n))
		return 1;
	attrs[0].hidden = SP_META;
	src->node = sp_an_generate(an, src->node, call, attrs, n, false);
	all = SP_NEWS(an, struct sp_attr, src->n + n + 1);
	if (src->n)
		memcpy(all, src->attrs, src->n * sizeof(*all));
	memcpy(all + src->n, attrs, n * sizeof(*all));
	src->attrs = all;
	src->n += n;
	return 0;
}
