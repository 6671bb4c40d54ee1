/* What is evaluated only for the rows that need it: AND, OR, CASE, COALESCE, and conditions as lists of rows. */
#include "spark/program.h"

/* Truth as numbers of which AND is the least and OR the greatest. */
enum { FALSE_ = 0, NULL_ = 1, TRUE_ = 2 };

static void truths(const struct sp_vec *v, size_t n, uint8_t *to)
{
	if (v->type->kind == SP_VOID) {
		memset(to, NULL_, n);
		return;
	}
	if (v->one) {
		memset(to, sp_null_at(v, 0) ? NULL_ : v->u8[0] ? TRUE_ : FALSE_, n);
		return;
	}
	if (!v->code) {
		for (size_t r = 0; r < n; r++)
			to[r] = v->u8[r] ? TRUE_ : FALSE_;
		for (size_t r = 0; r < n && v->null; r++)
			to[r] = v->null[r] ? NULL_ : to[r];
		return;
	}
	for (size_t r = 0; r < n; r++)
		to[r] = v->null && v->null[v->code[r]] ? NULL_ : v->u8[v->code[r]] ? TRUE_ : FALSE_;
}

size_t sp_true_rows(const struct sp_vec *v, size_t n, uint32_t *rows)
{
	size_t m = 0;
	if (v->one || v->type->kind == SP_VOID) {
		bool all = !sp_null_at(v, 0) && v->u8[0];
		for (size_t r = 0; r < n && all; r++)
			rows[m++] = (uint32_t)r;
		return m;
	}
	const uint8_t *is = v->u8, *null = v->null;
	if (!v->code && !null) {
		for (size_t r = 0; r < n; r++) {
			rows[m] = (uint32_t)r;
			m += is[r] != 0;
		}
	} else if (!v->code) {
		for (size_t r = 0; r < n; r++) {
			rows[m] = (uint32_t)r;
			m += (is[r] != 0) & !null[r];
		}
	} else {
		for (size_t r = 0; r < n; r++) {
			uint32_t c = v->code[r];
			rows[m] = (uint32_t)r;
			m += (is[c] != 0) & !(null && null[c]);
		}
	}
	return m;
}

int sp_node_logic(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out)
{
	const bool and = x->e->op == SP_AND;
	const uint8_t over = and ? FALSE_ : TRUE_; /* a row that has it needs no more */
	uint8_t *t = arena_alloc(p->run->batch, f->n + 1), *u = arena_alloc(p->run->batch, f->n + 1);
	uint32_t *rows = arena_alloc(p->run->batch, (f->n + 1) * sizeof(*rows));
	struct sp_vec v;
	for (size_t i = 0; i < x->kid_n; i++) {
		struct sp_node *k = x->kids[i];
		size_t n = 0;
		for (size_t r = 0; r < f->n && i > 0; r++) {
			rows[n] = (uint32_t)r;
			n += t[r] != over;
		}
		if (i > 0 && n == 0)
			break;
		if (i > 0 && n < f->n && !k->safe) {
			uint32_t *mine = arena_alloc(p->run->batch, n * sizeof(*mine));
			memcpy(mine, rows, n * sizeof(*mine));
			struct sp_scope g = sp_scope_of(p, f, mine, n);
			if (sp_node_eval(p, k, &g, &v))
				return 1;
			truths(&v, n, u);
			for (size_t j = 0; j < n; j++)
				t[mine[j]] = and ? (u[j] < t[mine[j]] ? u[j] : t[mine[j]]) : (u[j] > t[mine[j]] ? u[j] : t[mine[j]]);
			continue;
		}
		if (sp_node_eval(p, k, f, &v))
			return 1;
		truths(&v, f->n, i ? u : t);
		for (size_t r = 0; r < f->n && i > 0; r++)
			t[r] = and ? (u[r] < t[r] ? u[r] : t[r]) : (u[r] > t[r] ? u[r] : t[r]);
	}
	struct sp_out o;
	sp_out_make(&o, p->run->batch, x->e->type, f->n);
	for (size_t r = 0; r < f->n; r++) {
		o.u8[r] = t[r] == TRUE_;
		if (t[r] == NULL_)
			sp_out_null(&o, r);
	}
	*out = o.v;
	return 0;
}

/* Of an AND each part is asked for the rows that are left. */
int sp_node_filter(struct sp_program *p, struct sp_node *x, struct sp_scope *f, uint32_t *rows, size_t *n)
{
	struct sp_vec v;
	if (x->e->op != SP_AND || x->constant) {
		if (sp_node_eval(p, x, f, &v))
			return 1;
		*n = sp_true_rows(&v, f->n, rows);
		return 0;
	}
	size_t left = f->n;
	uint32_t *more = arena_alloc(p->run->batch, (f->n + 1) * sizeof(*more));
	for (size_t r = 0; r < f->n; r++)
		rows[r] = (uint32_t)r;
	for (size_t i = 0; i < x->kid_n && left; i++) {
		struct sp_node *k = x->kids[i];
		size_t m;
		if (left == f->n || (k->safe && left > f->n / 4 * 3)) {
			uint8_t *t = arena_alloc(p->run->batch, f->n + 1);
			if (sp_node_eval(p, k, f, &v))
				return 1;
			truths(&v, f->n, t);
			m = 0;
			for (size_t j = 0; j < left; j++) {
				uint32_t r = rows[j];
				rows[m] = r;
				m += t[r] == TRUE_;
			}
			left = m;
			continue;
		}
		uint32_t *mine = arena_alloc(p->run->batch, left * sizeof(*mine));
		memcpy(mine, rows, left * sizeof(*mine));
		struct sp_scope g = sp_scope_of(p, f, mine, left);
		if (sp_node_filter(p, k, &g, more, &m))
			return 1;
		for (size_t j = 0; j < m; j++)
			rows[j] = mine[more[j]];
		left = m;
	}
	*n = left;
	return 0;
}

#define SCATTER(member) \
	do { \
		for (size_t i = 0; i < n; i++) \
			o->member[rows ? rows[i] : i] = v->member[sp_at(v, i)]; \
	} while (0)

void sp_scatter(struct sp_out *o, const struct sp_vec *v, const uint32_t *rows, size_t n)
{
	if (v->null || v->type->kind == SP_VOID)
		for (size_t i = 0; i < n; i++)
			if (sp_null_at(v, i))
				sp_out_null(o, rows ? rows[i] : i);
	if (v->type->kind == SP_VOID)
		return;
	switch (sp_phys_of(o->v.type)) {
	case SP_U8:
		SCATTER(u8);
		break;
	case SP_I32:
		SCATTER(i32);
		break;
	case SP_I64:
		SCATTER(i64);
		break;
	case SP_F64:
		SCATTER(f64);
		break;
	case SP_X128:
		SCATTER(x128);
		break;
	case SP_STR:
		SCATTER(str);
		break;
	case SP_CAL:
		SCATTER(cal);
		break;
	case SP_LIST:
		SCATTER(list);
		break;
	case SP_NONE:
		break;
	}
}

static const struct sp_expr *branch_value(const struct sp_node *x, size_t i)
{
	return x->kids[i * 2 + 1 < x->kid_n ? i * 2 + 1 : x->kid_n - 1]->e;
}

/* Where all values of a CASE are constants, they are a dictionary. */
static bool labels(struct sp_program *p, struct sp_node *x, size_t branch_n)
{
	if (x->labels.type)
		return true;
	for (size_t i = 0; i < branch_n; i++)
		if (branch_value(x, i)->op != SP_CONST)
			return false;
	struct sp_out o;
	sp_out_make(&o, p->run->keep, x->e->type, branch_n + 1);
	for (size_t i = 0; i < branch_n; i++)
		sp_out_put(&o, i, &branch_value(x, i)->value);
	if (x->kid_n % 2 == 0)
		sp_out_null(&o, branch_n);
	x->labels = o.v;
	x->labels.dict_n = branch_n + 1;
	x->labels.lasting = true;
	return true;
}

/* Which branch each row takes; branch_n: none. */
static int choose(struct sp_program *p, struct sp_node *x, struct sp_scope *f, size_t branch_n, uint32_t *branch)
{
	const size_t when_n = x->kid_n / 2;
	const uint32_t other = (uint32_t)(x->kid_n % 2 ? when_n : branch_n);
	uint32_t *rows = arena_alloc(p->run->batch, (f->n + 1) * sizeof(*rows));
	size_t left = f->n;
	for (size_t r = 0; r < f->n; r++) {
		rows[r] = (uint32_t)r;
		branch[r] = other;
	}
	for (size_t i = 0; i < when_n && left; i++) {
		struct sp_node *k = x->kids[i * 2];
		struct sp_vec v;
		uint8_t *t = arena_alloc(p->run->batch, f->n + 1);
		uint32_t *mine = arena_alloc(p->run->batch, (left + 1) * sizeof(*mine));
		const bool all = left == f->n || (k->safe && left > f->n / 8);
		struct sp_scope g = all ? *f : sp_scope_of(p, f, rows, left);
		if (sp_node_eval(p, k, all ? f : &g, &v))
			return 1;
		truths(&v, all ? f->n : left, t);
		size_t m = 0;
		for (size_t j = 0; j < left; j++) {
			uint32_t r = rows[j];
			bool is = t[all ? r : j] == TRUE_;
			mine[m] = r;
			m += !is;
			branch[r] = is ? (uint32_t)i : branch[r];
		}
		rows = mine;
		left = m;
	}
	return 0;
}

int sp_node_case(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out)
{
	const size_t branch_n = x->kid_n / 2 + x->kid_n % 2;
	uint32_t *branch = arena_alloc(p->run->batch, (f->n + 1) * sizeof(*branch));
	if (choose(p, x, f, branch_n, branch))
		return 1;
	if (labels(p, x, branch_n)) {
		*out = x->labels;
		out->n = f->n;
		out->code = branch;
		/* Numbers are as short as codes. */
		if (sp_phys_size(sp_phys_of(out->type)) <= 8) {
			*out = sp_vec_flat(p->run->batch, out);
			out->dict_n = 0;
		}
		return 0;
	}
	/* Rows by branch, in order. */
	size_t *from = arena_alloc(p->run->batch, (branch_n + 2) * sizeof(*from));
	uint32_t *rows = arena_alloc(p->run->batch, (f->n + 1) * sizeof(*rows));
	for (size_t r = 0; r < f->n; r++)
		from[branch[r] + 1]++;
	for (size_t i = 0; i <= branch_n; i++)
		from[i + 1] += from[i];
	for (size_t r = 0; r < f->n; r++)
		rows[from[branch[r]]++] = (uint32_t)r;
	struct sp_out o;
	sp_out_make(&o, p->run->batch, x->e->type, f->n);
	for (size_t i = 0, at = 0; i <= branch_n; at = from[i++]) {
		size_t n = from[i] - at;
		struct sp_vec v;
		if (n == 0)
			continue;
		for (size_t j = at; j < from[i] && i == branch_n; j++)
			sp_out_null(&o, rows[j]);
		if (i == branch_n)
			continue;
		struct sp_scope g = n == f->n ? *f : sp_scope_of(p, f, rows + at, n);
		if (sp_node_eval(p, x->kids[i * 2 + 1 < x->kid_n ? i * 2 + 1 : x->kid_n - 1], n == f->n ? f : &g, &v))
			return 1;
		if (n == f->n && v.type->kind != SP_VOID) {
			*out = v;
			out->type = x->e->type;
			return 0;
		}
		sp_scatter(&o, &v, rows + at, n);
	}
	*out = o.v;
	return 0;
}

int sp_node_coalesce(struct sp_program *p, struct sp_node *x, struct sp_scope *f, struct sp_vec *out)
{
	uint32_t *rows = NULL; /* those that are NULL so far */
	size_t left = f->n;
	struct sp_out o;
	for (size_t i = 0; i < x->kid_n && left; i++) {
		struct sp_vec v;
		struct sp_scope g = rows ? sp_scope_of(p, f, rows, left) : *f;
		if (sp_node_eval(p, x->kids[i], rows ? &g : f, &v))
			return 1;
		if (!rows && v.type->kind != SP_VOID && (!v.null || (v.one && !v.null[0]))) {
			*out = v;
			out->type = x->e->type;
			return 0;
		}
		if (!rows)
			sp_out_make(&o, p->run->batch, x->e->type, f->n);
		uint32_t *some = arena_alloc(p->run->batch, (left + 1) * sizeof(*some)), *none = arena_alloc(p->run->batch, (left + 1) * sizeof(*none));
		uint32_t *to = arena_alloc(p->run->batch, (left + 1) * sizeof(*to));
		size_t some_n = 0, none_n = 0;
		for (size_t j = 0; j < left; j++) {
			bool null = sp_null_at(&v, j);
			uint32_t r = rows ? rows[j] : (uint32_t)j;
			some[some_n] = (uint32_t)j;
			to[some_n] = r;
			some_n += !null;
			none[none_n] = r;
			none_n += null;
		}
		struct sp_vec had = sp_vec_pick(p->run->batch, &v, some, some_n);
		if (some_n)
			sp_scatter(&o, &had, to, some_n);
		rows = none;
		left = none_n;
	}
	if (!rows)
		sp_out_make(&o, p->run->batch, x->e->type, f->n);
	for (size_t j = 0; j < left; j++)
		sp_out_null(&o, rows ? rows[j] : j);
	*out = o.v;
	return 0;
}
