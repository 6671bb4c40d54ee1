/* Names: columns with or without their table, fields of structs, aliases of the same SELECT, columns of the query around. */
#include "sparksql/analysis.h"

/* Whether an attribute is of the table that parts name, by as many of its last names. */
static bool qualified(const struct sp_attr *a, const struct slice *parts, size_t n)
{
	size_t i;
	if (n > a->qual_n)
		return false;
	for (i = 0; i < n; i++)
		if (!sl_eq_nocase(parts[i], a->qual[a->qual_n - n + i]))
			return false;
	return true;
}

static int ambiguous(struct sp_an *an, const struct sp_name *name, const struct sp_attr *const *v, size_t n)
{
	struct buf b = { 0 }, q = { 0 };
	size_t i;
	sp_an_quoted(&q, name->parts, name->n);
	for (i = 0; i < n; i++) {
		if (i)
			buf_adds(&b, ", ");
		if (v[i]->qual_n) {
			sp_an_quoted(&b, v[i]->qual, v[i]->qual_n);
			buf_addc(&b, '.');
		}
		sp_an_quoted(&b, &v[i]->name, 1);
	}
	sp_an_fail_at(an, name->at, name->end, "AMBIGUOUS_REFERENCE", "42704", "Reference %s is ambiguous, could be: [%s].", buf_cstr(&q), buf_cstr(&b));
	buf_free(&b);
	buf_free(&q);
	return 1;
}

/* Candidates whose name is parts[at] and whose table the parts before it name. */
static size_t candidates(const struct sp_attr *attrs, size_t n, const struct sp_name *name, size_t at, int hidden, const struct sp_attr **v,
			 size_t max)
{
	size_t i, k, m = 0;
	for (i = 0; i < n; i++) {
		const struct sp_attr *a = &attrs[i];
		if ((a->hidden == SP_BELOW ? 2 : a->hidden != SP_SHOWN) != hidden)
			continue;
		if (name->uid) { /* of two that are the same the first: a frame joined with itself */
			if (!at && !m && a->uid == name->uid)
				v[m++] = a;
			continue;
		}
		if ((a->hidden == SP_QUALIFIED && !at) || !a->type || !sl_eq_nocase(a->name, name->parts[at]) || (at && !qualified(a, name->parts, at)))
			continue;
		for (k = 0; k < m && v[k]->id != a->id && (!a->origin || a->origin != v[k]->origin); k++)
			;
		if (k == m && m < max)
			v[m++] = a;
	}
	return m;
}

struct sp_expr *sp_an_lookup(struct sp_an *an, const struct sp_attr *attrs, size_t n, const struct sp_name *name, bool *found)
{
	const struct sp_attr *v[64];
	size_t at, m, i;
	int hidden;
	*found = false;
	for (hidden = 0; hidden < 2 + an->below; hidden++)
		for (at = name->n > 4 ? 4 : name->n; at-- > 0;) {
			struct sp_expr *e;
			m = candidates(attrs, n, name, at, hidden, v, ARRAY_LEN(v));
			if (!m)
				continue;
			*found = true;
			if (m > 1) {
				ambiguous(an, name, v, m);
				return NULL;
			}
			e = sp_an_column(an, v[0]);
			e->shown = name->parts[at];
			e->from = name->at;
			e->to = name->end;
			for (i = at + 1; e && i < name->n; i++)
				e = sp_an_field(an, e, name->parts[i], name->at, name->end);
			if (!e)
				sp_fail_at(an->err, name->at, name->end);
			return e;
		}
	return NULL;
}

/* ---- fields and elements ---- */
static const struct sp_type *struct_of(const struct sp_type *t)
{
	if (t->kind == SP_ARRAY)
		t = t->item;
	return t->kind == SP_STRUCT ? t : NULL;
}

static struct sp_expr *no_field(struct sp_an *an, const struct sp_type *t, struct slice name, ssize_t at)
{
	struct buf b = { 0 };
	size_t i, times = 0;
	if (at == -2) {
		for (i = 0; i < t->field_n; i++)
			times += sl_eq_nocase(t->fields[i].name, name);
		sp_an_fail_at(an, 0, 0, "AMBIGUOUS_REFERENCE_TO_FIELDS", "42000", "Ambiguous reference to the field `%.*s`. It appears %zu times in the schema.",
			      SL(name), times);
		return NULL;
	}
	for (i = 0; i < t->field_n; i++) {
		if (i)
			buf_adds(&b, ", ");
		sp_an_quoted(&b, &t->fields[i].name, 1);
	}
	sp_an_fail_at(an, 0, 0, "FIELD_NOT_FOUND", "42704", "No such struct field `%.*s` in %s.", SL(name), buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

static struct sp_expr *no_base(struct sp_an *an, const struct sp_expr *base)
{
	sp_an_fail_at(an, 0, 0, "INVALID_EXTRACT_BASE_FIELD_TYPE", "42000",
		      "Can't extract a value from \"%.*s\". Need a complex type [STRUCT, ARRAY, MAP] but got %.*s.", SL(sp_an_shown(an, base)),
		      SL(sp_an_type(an, base->type)));
	return NULL;
}

struct sp_expr *sp_an_field(struct sp_an *an, struct sp_expr *base, struct slice name, size_t from, size_t to)
{
	const struct sp_type *t = struct_of(base->type), *type;
	struct sp_expr *e;
	bool nullable;
	ssize_t at;
	if (base->type->kind == SP_MAP)
		return sp_an_subscript(an, base, sp_an_string(an, name), from, to);
	if (!t)
		return no_base(an, base);
	at = sp_field_find(t->fields, t->field_n, name);
	if (at < 0)
		return no_field(an, t, name, at);
	type = t->fields[at].type;
	nullable = base->nullable || t->fields[at].nullable;
	if (base->type->kind == SP_ARRAY) {
		type = sp_array(an->a, type, base->type->item_null || t->fields[at].nullable);
		nullable = base->nullable;
	}
	e = sp_an_call(an, ".", type, nullable, 1, &base);
	e->given = (void *)(uintptr_t)(at + 1);
	e->from = from;
	e->to = to;
	return e->fn ? e : NULL;
}

struct sp_expr *sp_an_subscript(struct sp_an *an, struct sp_expr *base, struct sp_expr *key, size_t from, size_t to)
{
	const struct sp_type *t = base->type;
	struct sp_expr *e;
	if (struct_of(t) && key->op == SP_CONST && key->type->kind == SP_STRING && !key->value.null)
		return sp_an_field(an, base, key->value.s, from, to);
	if (t->kind != SP_ARRAY && t->kind != SP_MAP)
		return no_base(an, base);
	e = sp_an_call(an, "[]", t->item, true, 2, (struct sp_expr *[]){ base, key });
	e->from = from;
	e->to = to;
	if (t->kind == SP_ARRAY ? sp_is_integral(key->type) || key->type->kind == SP_VOID : sp_an_implicit(an, key->type, t->key)) {
		e->args[1] = t->kind == SP_MAP ? sp_an_cast(an, key, t->key) : key->type->kind == SP_VOID ? sp_an_cast(an, key, &sp_types[SP_INT]) : key;
		return e->fn ? e : NULL;
	}
	sp_an_fail(an, e, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09",
		   "Cannot resolve \"%.*s\" due to data type mismatch: Parameter 2 requires the %.*s type, however \"%.*s\" has the type %.*s.",
		   SL(sp_an_shown(an, e)), SL(t->kind == SP_ARRAY ? S("\"INTEGRAL\"") : sp_an_type(an, t->key)), SL(sp_an_shown(an, key)),
		   SL(sp_an_type(an, key->type)));
	return NULL;
}

/* ---- names that are there no more than nearly ---- */
struct suggestion {
	struct slice text, name;
	size_t id, distance;
};

static size_t distance(struct slice a, struct slice b)
{
	size_t *row = xcalloc(b.n + 1, sizeof(*row)), i, j, d;
	for (j = 0; j <= b.n; j++)
		row[j] = j;
	for (i = 1; i <= a.n; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (j = 1; j <= b.n; j++) {
			size_t up = row[j], best = corner + (a.p[i - 1] != b.p[j - 1]);
			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = up;
			row[j] = best;
		}
	}
	d = row[b.n];
	free(row);
	return d;
}

static int by_distance(const void *x, const void *y)
{
	const struct suggestion *a = x, *b = y;
	int c;
	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	c = sl_cmp(a->name, b->name);
	return c ? c : a->id < b->id ? -1 : a->id > b->id;
}

/* Whether all attributes have the same names before their last `keep`. */
static bool same_before(const struct sp_attr *attrs, size_t n, size_t keep)
{
	size_t i, k, first = SIZE_MAX;
	for (i = 0; i < n; i++) {
		size_t m = attrs[i].qual_n + 1 > keep ? attrs[i].qual_n + 1 - keep : 0;
		if (attrs[i].hidden)
			continue;
		if (first == SIZE_MAX) {
			first = i;
			continue;
		}
		if (m != (attrs[first].qual_n + 1 > keep ? attrs[first].qual_n + 1 - keep : 0))
			return false;
		for (k = 0; k < m; k++)
			if (!sl_eq(attrs[i].qual[k], attrs[first].qual[k]))
				return false;
	}
	return true;
}

/* A column by identity that is of another frame. DIFFERS: Spark shows the whole operator, and the plan below it. */
static int missing(struct sp_an *an, const struct sp_name *name, const struct sp_attr *attrs, size_t n)
{
	struct buf b = { 0 };
	bool same = false;
	size_t i;
	for (i = 0; i < n; i++)
		if (!attrs[i].hidden) {
			buf_addf(&b, "%s\"%.*s\"", b.n ? ", " : "", SL(attrs[i].name));
			same |= sl_eq(attrs[i].name, name->parts[0]);
		}
	sp_an_fail_at(an, name->at, name->end, same ? "MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_APPEAR_IN_OPERATION"
		      : "MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_MISSING_FROM_INPUT", "XX000",
		      "Resolved attribute(s) \"%.*s\" missing from %s in operator !Project [%.*s#%llu].%s%.*s%s", SL(name->parts[0]), buf_cstr(&b),
		      SL(name->parts[0]), (unsigned long long)name->uid, same ? " Attribute(s) with the same name appear in the operation: \"" : "",
		      same ? (int)name->parts[0].n : 0, name->parts[0].p, same ? "\".\nPlease check if the right attribute(s) are used." : " ");
	buf_free(&b);
	return 1;
}

int sp_an_unresolved(struct sp_an *an, const struct sp_name *name, const struct sp_attr *attrs, size_t n)
{
	struct suggestion *v = SP_NEWS(an, struct suggestion, n + 1);
	struct buf b = { 0 }, q = { 0 }, base = { 0 };
	size_t i, m = 0, keep = SIZE_MAX;
	if (name->uid)
		return missing(an, name, attrs, n);
	for (i = 0; i < name->n; i++)
		buf_addf(&base, "%s%.*s", i ? "." : "", SL(name->parts[i]));
	if (name->n == 1 && same_before(attrs, n, 1))
		keep = 1;
	else if (name->n <= 2 && same_before(attrs, n, 2))
		keep = 2;
	for (i = 0; i < n; i++) {
		const struct sp_attr *a = &attrs[i];
		size_t skip = a->qual_n + 1 > keep ? a->qual_n + 1 - keep : 0;
		struct buf t = { 0 };
		if (a->hidden)
			continue;
		if (skip < a->qual_n) {
			sp_an_quoted(&t, a->qual + skip, a->qual_n - skip);
			buf_addc(&t, '.');
		}
		sp_an_quoted(&t, &a->name, 1);
		v[m].text = sp_an_text(an, &t);
		v[m].name = a->name;
		v[m].id = a->id;
		v[m].distance = distance(v[m].text, buf_slice(&base));
		m++;
	}
	qsort(v, m, sizeof(*v), by_distance);
	sp_an_quoted(&q, name->parts, name->n);
	for (i = 0; i < m && i < 5; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", SL(v[i].text));
	if (m)
		sp_an_fail_at(an, name->at, name->end, "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703",
			      "A column or function parameter with name %s cannot be resolved. Did you mean one of the following? [%s].", buf_cstr(&q), buf_cstr(&b));
	else
		sp_an_fail_at(an, name->at, name->end, "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703",
			      "A column or function parameter with name %s cannot be resolved. ", buf_cstr(&q));
	buf_free(&b);
	buf_free(&q);
	buf_free(&base);
	return 1;
}

int sp_unresolved_column(struct arena *a, const struct sp_name *name, const struct sp_field *fields, size_t n, struct sp_error *err)
{
	struct sp_an an = { .a = a, .err = err };
	struct sp_attr *v = SP_NEWS(&an, struct sp_attr, n + 1);
	for (size_t i = 0; i < n; i++) {
		v[i].name = fields[i].name;
		v[i].id = i;
	}
	return sp_an_unresolved(&an, name, v, n);
}

/* ---- a name where it stands ---- */
static struct sp_expr *variable(struct sp_env *env, const struct sp_name *name)
{
	const struct sp_vars *v;
	size_t i;
	for (v = env->vars; v; v = v->up)
		if (sl_eq_nocase(v->name, name->parts[0])) {
			struct sp_attr a = { .id = v->id, .name = S("namedlambdavariable()"), .type = v->type, .nullable = v->nullable };
			struct sp_expr *e = sp_an_column(env->an, &a);
			for (i = 1; e && i < name->n; i++)
				e = sp_an_field(env->an, e, name->parts[i], name->at, name->end);
			return e;
		}
	return NULL;
}

/* A column of the query around: the subquery gets it as one of its arguments. */
static struct sp_expr *outer(struct sp_env *env, const struct sp_name *name, bool *found)
{
	const struct sp_env *o = env->outer;
	struct sp_an *an = env->an;
	struct sp_sub *sub = env->sub;
	struct sp_expr *e, *base, *inner;
	size_t i;
	*found = false;
	if (!o || !sub)
		return NULL;
	e = sp_an_lookup(an, o->attrs, o->n, name, found);
	if (!*found && o->more_n)
		e = sp_an_lookup(an, o->more, o->more_n, name, found);
	if (!e)
		return NULL;
	for (base = e; base->op != SP_COLUMN; base = base->args[0])
		;
	for (i = 0; i < sub->outer_n && env->sub_expr->args[sub->values + i]->column != base->column; i++)
		;
	if (i == sub->outer_n) {
		size_t cap = sub->outer_cap;
		ARENA_GROW(an->a, sub->outer, sub->outer_n, sub->outer_cap);
		if (cap != sub->outer_cap) {
			struct sp_expr **args = SP_NEWS(an, struct sp_expr *, sub->values + sub->outer_cap);
			if (env->sub_expr->arg_n)
				memcpy(args, env->sub_expr->args, env->sub_expr->arg_n * sizeof(*args));
			env->sub_expr->args = args;
		}
		inner = sp_an_column(an, &(struct sp_attr){ .id = base->column, .name = base->shown, .type = base->type, .nullable = base->nullable });
		inner->from = name->at;
		inner->to = name->end;
		env->sub_expr->args[env->sub_expr->arg_n++] = inner;
		sub->outer[sub->outer_n++] = an->next_id++;
	}
	base->column = sub->outer[i];
	return e;
}

static struct sp_expr *without_parens(struct sp_env *env, const struct sp_name *name)
{
	const struct sp_function *fn = name->n == 1 && !(name->quoted & 1) ? sp_function_find(name->parts[0]) : NULL;
	struct sp_ex ex = { .kind = SP_EX_CALL, .at = name->at, .end = name->end };
	if (!fn || !(fn->flags & SP_F_NO_PARENS))
		return NULL;
	return sp_an_apply(env, fn, NULL, 0, &ex);
}

/* Filters and sorts find what a frame's list left out. */
static struct sp_expr *below(struct sp_env *env, const struct sp_name *name, bool *found)
{
	struct sp_expr *e = NULL;
	if (env->clause != SP_IN_WHERE && env->clause != SP_IN_ORDER)
		return NULL;
	env->an->below = true;
	e = sp_an_lookup(env->an, env->attrs, env->n, name, found);
	if (!*found)
		e = sp_an_lookup(env->an, env->more, env->more_n, name, found);
	env->an->below = false;
	return e;
}

struct sp_expr *sp_an_name(struct sp_env *env, const struct sp_name *name)
{
	struct sp_an *an = env->an;
	struct sp_expr *e = variable(env, name);
	bool found = false;
	if (e || an->err->set)
		return e;
	if (env->more_n && env->in_aggregate && env->clause != SP_IN_GROUP) /* an aggregate's arguments are of the input */
		e = sp_an_lookup(an, env->more, env->more_n, name, &found);
	if (!found && env->first_n)
		e = sp_an_lookup(an, env->first, env->first_n, name, &found);
	if (!found)
		e = sp_an_lookup(an, env->attrs, env->n, name, &found);
	if (!found && env->more_n)
		e = sp_an_lookup(an, env->more, env->more_n, name, &found);
	if (found)
		return e;
	if ((e = without_parens(env, name)) || an->err->set)
		return e;
	if (name->n == 1 && sl_eq_nocase(name->parts[0], S("grouping__id")) && (e = sp_an_grouping_id(env, name)))
		return e;
	if (env->lateral) {
		e = sp_an_lookup(an, env->lateral->attrs, env->lateral->n, name, &found);
		if (found) {
			struct sp_expr *at = e;
			env->lateral->used = true;
			while (at && at->op == SP_CALL)
				at = at->args[0];
			if (at)
				at->shown = arena_printf(an->a, "lateralAliasReference(%.*s)", SL(name->parts[0]));
			return e;
		}
	}
	e = below(env, name, &found);
	if (!found)
		e = outer(env, name, &found);
	if (found)
		return e;
	if (env->more_n && !env->n)
		sp_an_unresolved(an, name, env->more, env->more_n);
	else
		sp_an_unresolved(an, name, env->attrs, env->n);
	return NULL;
}

/* ---- stars ---- */
static bool excepted(const struct sp_names *except, struct slice name)
{
	uint32_t i;
	for (i = 0; i < except->n; i++)
		if (sl_eq_nocase(except->v[i].parts[except->v[i].n - 1], name))
			return true;
	return false;
}

static int no_star(struct sp_env *env, const struct sp_name *of)
{
	struct buf b = { 0 }, q = { 0 };
	size_t i;
	sp_an_quoted(&q, of->parts, of->n);
	for (i = 0; i < env->n; i++) {
		if (env->attrs[i].hidden)
			continue;
		buf_adds(&b, b.n ? ", " : "");
		sp_an_quoted(&b, &env->attrs[i].name, 1);
	}
	sp_an_fail_at(env->an, of->at, of->end, "CANNOT_RESOLVE_STAR_EXPAND", "42704",
		      "Cannot resolve %s.* given input columns %s. Please check that the specified table or struct exists and is accessible in the input columns.",
		      buf_cstr(&q), buf_cstr(&b));
	buf_free(&b);
	buf_free(&q);
	return 1;
}

int sp_an_star(struct sp_env *env, const struct sp_ex *star, struct sp_expr ***exprs, struct slice **names, size_t *n)
{
	const struct sp_name *of = &star->star.of;
	struct sp_an *an = env->an;
	struct sp_expr *base;
	bool found = false;
	size_t i;
	*exprs = SP_NEWS(an, struct sp_expr *, env->n + 1);
	*names = SP_NEWS(an, struct slice, env->n + 1);
	*n = 0;
	for (i = 0; i < env->n; i++) {
		const struct sp_attr *a = &env->attrs[i];
		if (of->n ? a->hidden >= SP_META || !qualified(a, of->parts, of->n) : a->hidden)
			continue;
		found = true;
		if (excepted(&star->star.except, a->name))
			continue;
		(*exprs)[*n] = sp_an_column(an, a);
		(*exprs)[*n]->from = star->at;
		(*exprs)[*n]->to = star->end;
		(*names)[(*n)++] = a->name;
	}
	if (found || !of->n)
		return 0;
	base = sp_an_lookup(an, env->attrs, env->n, of, &found);
	if (an->err->set || !base)
		return an->err->set ? 1 : no_star(env, of);
	if (base->type->kind != SP_STRUCT)
		return sp_an_fail_at(an, 0, 0, "", "", "Can only star expand struct data types. Attribute: `ArrayBuffer(%.*s)`.", SL(of->parts[of->n - 1]));
	*exprs = SP_NEWS(an, struct sp_expr *, base->type->field_n + 1);
	*names = SP_NEWS(an, struct slice, base->type->field_n + 1);
	for (i = 0; i < base->type->field_n; i++) {
		struct slice name = base->type->fields[i].name;
		if (excepted(&star->star.except, name))
			continue;
		(*exprs)[*n] = sp_an_field(an, base, name, star->at, star->end);
		(*names)[*n] = name;
		if (!(*exprs)[(*n)++])
			return 1;
	}
	return 0;
}
