/* = <=> < <= > >= != in, and what asks for NULL and NaN. Both sides have one type: analysis has seen to it (decimals may differ in scale). */
#include <math.h>

#include "functions/kernel.h"
#include "spark/decimal.h"

enum op { EQ, NE, LT, LE, GT, GE };

static inline int order_of_texts(struct slice x, struct slice y)
{
	size_t n = x.n < y.n ? x.n : y.n;
	int c = n ? memcmp(x.p, y.p, n) : 0;
	return c ? c : (x.n > y.n) - (x.n < y.n);
}

#define BY_NUMBER(T) \
	do { \
		switch (op) { \
		case EQ: \
			SP_PAIRS(T, a, b, n, to[i] = x == y); \
			break; \
		case NE: \
			SP_PAIRS(T, a, b, n, to[i] = x != y); \
			break; \
		case LT: \
			SP_PAIRS(T, a, b, n, to[i] = x < y); \
			break; \
		case LE: \
			SP_PAIRS(T, a, b, n, to[i] = x <= y); \
			break; \
		case GT: \
			SP_PAIRS(T, a, b, n, to[i] = x > y); \
			break; \
		case GE: \
			SP_PAIRS(T, a, b, n, to[i] = x >= y); \
			break; \
		} \
	} while (0)

static inline bool holds(enum op op, int c)
{
	switch (op) {
	case EQ:
		return c == 0;
	case NE:
		return c != 0;
	case LT:
		return c < 0;
	case LE:
		return c <= 0;
	case GT:
		return c > 0;
	case GE:
		return c >= 0;
	}
	return false;
}

static void reals(enum op op, struct sp_col a, struct sp_col b, size_t n, uint8_t *to)
{
	switch (op) {
	case EQ:
		SP_PAIRS(double, a, b, n, to[i] = (x == y) | ((x != x) & (y != y)));
		break;
	case NE:
		SP_PAIRS(double, a, b, n, to[i] = !((x == y) | ((x != x) & (y != y))));
		break;
	case LT:
		SP_PAIRS(double, a, b, n, to[i] = (x < y) | ((x == x) & (y != y)));
		break;
	case GE:
		SP_PAIRS(double, a, b, n, to[i] = !((x < y) | ((x == x) & (y != y))));
		break;
	case GT:
		SP_PAIRS(double, a, b, n, to[i] = (x > y) | ((x != x) & (y == y)));
		break;
	case LE:
		SP_PAIRS(double, a, b, n, to[i] = !((x > y) | ((x != x) & (y == y))));
		break;
	}
}

static void texts(enum op op, struct sp_col a, struct sp_col b, size_t n, uint8_t *to)
{
	if (op == EQ || op == NE)
		SP_PAIRS(struct slice, a, b, n, to[i] = sl_eq(x, y) == (op == EQ));
	else
		SP_PAIRS(struct slice, a, b, n, to[i] = holds(op, order_of_texts(x, y)));
}

static void decimals(enum op op, const struct sp_vec *args, struct sp_col a, struct sp_col b, size_t n, uint8_t *to)
{
	const int xs = args[0].type->scale, ys = args[1].type->scale;
	if (xs == ys)
		SP_PAIRS(struct sp_i128, a, b, n, {
			__int128 v = sp_wide(x), w = sp_wide(y);
			to[i] = holds(op, (v > w) - (v < w));
		});
	else
		SP_PAIRS(struct sp_i128, a, b, n, to[i] = holds(op, sp_dec_compare(sp_wide(x), xs, sp_wide(y), ys)));
}

static void others(enum op op, const struct sp_vec *args, size_t n, const uint8_t *null, uint8_t *to)
{
	size_t i;
	for (i = 0; i < n; i++) {
		struct sp_value x, y;
		if (null && null[i])
			continue;
		x = sp_get(&args[0], i);
		y = sp_get(&args[1], i);
		to[i] = holds(op, sp_compare(args[0].type, &x, &y));
	}
}

static void compare(struct sp_call *c, enum op op, const struct sp_vec *args, size_t n, const uint8_t *null, uint8_t *to)
{
	enum sp_phys phys = sp_phys_of(args[0].type);
	struct sp_col a, b;
	if (phys == SP_NONE || phys == SP_LIST || phys == SP_CAL) {
		others(op, args, n, null, to);
		return;
	}
	a = sp_col_of(c, &args[0], n);
	b = sp_col_of(c, &args[1], n);
	switch (phys) {
	case SP_U8:
		BY_NUMBER(uint8_t);
		break;
	case SP_I32:
		BY_NUMBER(int32_t);
		break;
	case SP_I64:
		BY_NUMBER(int64_t);
		break;
	case SP_F64:
		reals(op, a, b, n, to);
		break;
	case SP_X128:
		decimals(op, args, a, b, n, to);
		break;
	case SP_STR: /* what lies where NULL is may be no text */
		if (null)
			others(op, args, n, null, to);
		else
			texts(op, a, b, n, to);
		break;
	default:
		break;
	}
}

static int by(struct sp_call *c, enum op op, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_out o;
	sp_fn_out(c, args, 2, n, &o);
	compare(c, op, args, n, o.v.null, o.u8);
	*out = o.v;
	return 0;
}

#define COMPARISON(name, op) \
	static int name(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out) \
	{ \
		return by(c, op, args, n, out); \
	}
COMPARISON(equal, EQ)
COMPARISON(differs, NE)
COMPARISON(less, LT)
COMPARISON(at_most, LE)
COMPARISON(greater, GT)
COMPARISON(at_least, GE)

/* <=>: never NULL. */
static int same(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	uint8_t *either;
	struct sp_out o;
	size_t i;
	sp_out_make(&o, c->run->batch, &sp_types[SP_BOOLEAN], n);
	either = arena_alloc(c->run->batch, n + 1);
	if (args[0].null || args[1].null || args[0].type->kind == SP_VOID || args[1].type->kind == SP_VOID) {
		for (i = 0; i < n; i++)
			either[i] = (uint8_t)(sp_null_at(&args[0], i) | sp_null_at(&args[1], i) << 1);
		compare(c, EQ, args, n, either, o.u8);
		for (i = 0; i < n; i++)
			if (either[i])
				o.u8[i] = either[i] == 3;
	} else {
		compare(c, EQ, args, n, NULL, o.u8);
	}
	*out = o.v;
	return 0;
}

static int is_null(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_out o;
	size_t i;
	sp_out_make(&o, c->run->batch, &sp_types[SP_BOOLEAN], n);
	for (i = 0; i < n; i++)
		o.u8[i] = sp_null_at(args, i);
	*out = o.v;
	return 0;
}

static int is_not_null(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_out o;
	size_t i;
	sp_out_make(&o, c->run->batch, &sp_types[SP_BOOLEAN], n);
	for (i = 0; i < n; i++)
		o.u8[i] = !sp_null_at(args, i);
	*out = o.v;
	return 0;
}

static int is_nan(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->i = !args[0].null && isnan(args[0].d);
	return 0;
}

static int not(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_col a = sp_col_of(c, args, n);
	struct sp_out o;
	sp_fn_out(c, args, 1, n, &o);
	SP_EACH(uint8_t, a, n, o.u8[i] = !x);
	*out = o.v;
	return 0;
}

/* ---- in ---- */

/* The candidates, when they are constants: made once an execution. */
struct set {
	bool made, null;      /* null: there is a NULL among them */
	struct sp_value *v;
	uint32_t *slots;      /* number of a value, from 1 on */
	size_t n, slot_n;
};

static void set_add(struct set *s, const struct sp_type *t, const struct sp_value *v)
{
	size_t at;
	for (at = sp_hash(t, v) & (s->slot_n - 1); s->slots[at]; at = (at + 1) & (s->slot_n - 1))
		if (sp_compare(t, &s->v[s->slots[at] - 1], v) == 0)
			return;
	s->v[s->n++] = *v;
	s->slots[at] = (uint32_t)s->n;
}

static bool set_has(const struct set *s, const struct sp_type *t, const struct sp_value *v)
{
	size_t at;
	for (at = sp_hash(t, v) & (s->slot_n - 1); s->slots[at]; at = (at + 1) & (s->slot_n - 1))
		if (sp_compare(t, &s->v[s->slots[at] - 1], v) == 0)
			return true;
	return false;
}

static void set_make(struct sp_call *c, struct set *s, const struct sp_vec *args)
{
	struct arena *keep = c->run->keep;
	const struct sp_type *t = args[0].type;
	size_t n = c->e->arg_n - 1, i;
	for (s->slot_n = 8; s->slot_n < n * 2; s->slot_n *= 2)
		;
	s->slots = arena_alloc(keep, s->slot_n * sizeof(*s->slots));
	s->v = arena_alloc(keep, (n + 1) * sizeof(*s->v));
	for (i = 1; i <= n; i++) {
		struct sp_value v = sp_get(&args[i], 0);
		if (v.null)
			s->null = true;
		else {
			v = sp_value_dup(keep, t, v);
			set_add(s, t, &v);
		}
	}
	s->made = true;
}

/* For few whole numbers a loop is faster than the hash. */
static bool in_few(const struct sp_vec *v, const struct set *s, size_t n, uint8_t *to)
{
	enum { FEW = 6 };
	enum sp_phys phys = sp_phys_of(v->type);
	size_t i, k;
	if (s->n > FEW || (phys != SP_I32 && phys != SP_I64))
		return false;
	for (k = 0; k < s->n; k++) {
		const int64_t want = s->v[k].i;
		if (phys == SP_I32)
			for (i = 0; i < n; i++)
				to[i] |= v->i32[sp_at(v, i)] == want;
		else
			for (i = 0; i < n; i++)
				to[i] |= v->i64[sp_at(v, i)] == want;
	}
	return true;
}

static void in_set(const struct sp_vec *v, const struct set *s, size_t n, struct sp_out *o)
{
	size_t i;
	bool few = in_few(v, s, n, o->u8);
	for (i = 0; i < n; i++) {
		struct sp_value x;
		if (sp_null_at(v, i)) {
			sp_out_null(o, i);
			continue;
		}
		if (!few) {
			x = sp_get(v, i);
			o->u8[i] = set_has(s, v->type, &x);
		}
		if (s->null && !o->u8[i])
			sp_out_null(o, i);
	}
}

static void in_rows(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_out *o)
{
	size_t i, k;
	for (i = 0; i < n; i++) {
		struct sp_value x = sp_get(&args[0], i);
		bool null = x.null, found = false;
		for (k = 1; k < c->e->arg_n && !x.null && !found; k++) {
			struct sp_value y = sp_get(&args[k], i);
			null |= y.null;
			found = !y.null && sp_compare(args[0].type, &x, &y) == 0;
		}
		if (found)
			o->u8[i] = 1;
		else if (null)
			sp_out_null(o, i);
	}
}

static int in(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct set *s = c->state;
	bool constant = true;
	struct sp_out o;
	size_t k;
	sp_out_make(&o, c->run->batch, &sp_types[SP_BOOLEAN], n);
	for (k = 1; k < c->e->arg_n; k++)
		constant &= args[k].one && c->e->args[k]->foldable;
	if (constant && !s->made)
		set_make(c, s, args);
	if (constant && args[0].type->kind != SP_VOID)
		in_set(&args[0], s, n, &o);
	else
		in_rows(c, args, n, &o);
	*out = o.v;
	return 0;
}

/* ---- nanvl ---- */

static int nanvl(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	*out = args[0].null || !isnan(args[0].d) ? args[0] : args[1];
	return 0;
}

static const struct sp_type *type_nanvl(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type->kind == SP_FLOAT && x->e->args[1]->type->kind == SP_FLOAT ? &sp_types[SP_FLOAT]
														   : &sp_types[SP_DOUBLE];
	return sp_resolve_cast(x, 0, t) || sp_resolve_cast(x, 1, t) ? NULL : t;
}

/* A cast that implicit ones aren't enough for. */
static void cast(struct sp_resolve *x, size_t i, const struct sp_type *to)
{
	struct sp_expr *e = arena_alloc(x->arena, sizeof(*e)), *from = x->e->args[i];
	*e = (struct sp_expr){ .op = SP_CAST, .type = to, .nullable = true, .foldable = from->foldable, .arg_n = 1, .implicit = true,
			       .cast = SP_CAST_SESSION, .from = from->from, .to = from->to };
	e->args = arena_alloc(x->arena, sizeof(struct sp_expr *));
	e->args[0] = from;
	x->e->args[i] = e;
}

/* As beside <=>: a truth beside a number becomes one, a text beside anything else that. */
static const struct sp_type *type_equal_null(struct sp_resolve *x)
{
	size_t i;
	for (i = 0; i < 2; i++) {
		const struct sp_type *a = x->e->args[i]->type, *b = x->e->args[1 - i]->type;
		if ((a->kind == SP_BOOLEAN && sp_is_numeric(b)) ||
		    (a->kind == SP_STRING && b->kind != SP_STRING && b->kind != SP_DECIMAL && b->kind != SP_VOID && b->kind < SP_INTERVAL_YM)) {
			cast(x, i, b);
			return &sp_types[SP_BOOLEAN];
		}
		if (a->kind == SP_STRING && b->kind == SP_DECIMAL) {
			cast(x, 0, &sp_types[SP_DOUBLE]);
			cast(x, 1, &sp_types[SP_DOUBLE]);
			return &sp_types[SP_BOOLEAN];
		}
	}
	return sp_resolve_common(x, 0, 2) ? &sp_types[SP_BOOLEAN] : NULL;
}

#define OPERATOR SP_F_LISTED_AS_OPERATOR
const struct sp_function sp_comparison[] = {
	{ "=", "T T", "boolean", OPERATOR, .vec = equal, .group = "predicate_funcs", .doc = "a = b: Whether they are equal." },
	{ "==", "T T", "boolean", OPERATOR | SP_F_ALIAS, .vec = equal, .group = "predicate_funcs", .doc = "a == b: Whether they are equal." },
	{ "!=", "T T", "boolean", OPERATOR, .vec = differs, .group = "predicate_funcs", .doc = "a != b: Whether they differ." },
	{ "<=>", "T T", "boolean", OPERATOR | SP_F_NULLS | SP_F_NEVER_NULL, .vec = same, .group = "predicate_funcs",
	  .doc = "a <=> b: Whether they are equal or both NULL." },
	{ "equal_null", "any any", NULL, SP_F_NULLS | SP_F_NEVER_NULL, .vec = same, .resolve = type_equal_null, .group = "predicate_funcs",
	  .doc = "equal_null(a, b): Whether they are equal or both NULL." },
	{ "<", "T T", "boolean", OPERATOR, .vec = less, .group = "predicate_funcs", .doc = "a < b: Whether a is less." },
	{ "<=", "T T", "boolean", OPERATOR, .vec = at_most, .group = "predicate_funcs", .doc = "a <= b: Whether a is less or equal." },
	{ ">", "T T", "boolean", OPERATOR, .vec = greater, .group = "predicate_funcs", .doc = "a > b: Whether a is greater." },
	{ ">=", "T T", "boolean", OPERATOR, .vec = at_least, .group = "predicate_funcs", .doc = "a >= b: Whether a is greater or equal." },
	{ "in", "T T+", "boolean", OPERATOR | SP_F_NULLS, .vec = in, .state_size = sizeof(struct set), .group = "predicate_funcs",
	  .doc = "a IN (b, ...): Whether a equals one of them." },
	{ "not", "boolean", "boolean", OPERATOR, .vec = not, .group = "predicate_funcs", .doc = "NOT a: Whether a is false." },
	{ "isnull", "any", "boolean", SP_F_NULLS | SP_F_NEVER_NULL, .vec = is_null, .group = "predicate_funcs",
	  .doc = "isnull(a): Whether a is NULL." },
	{ "isnotnull", "any", "boolean", SP_F_NULLS | SP_F_NEVER_NULL, .vec = is_not_null, .group = "predicate_funcs",
	  .doc = "isnotnull(a): Whether a isn't NULL." },
	{ "isnan", "double|float", "boolean", SP_F_NULLS | SP_F_NEVER_NULL, .row = is_nan, .group = "predicate_funcs",
	  .doc = "isnan(a): Whether a is NaN; of NULL false." },
	{ "nanvl", "any any", NULL, SP_F_NULLS, .row = nanvl, .resolve = type_nanvl, .group = "conditional_funcs",
	  .doc = "nanvl(a, b): a, or b where a is NaN." },
	{ NULL },
};
