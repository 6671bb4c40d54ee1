/* Operators of expressions: arithmetic and text, comparison, logic. */
#include "velocity/run.h"

/* String on either side: text; a missing value is the source of its reference. */
static bool concatenate(struct vtl_run *r, const struct vtl_node *n, const struct vtl_value v[2], struct vtl_value *out)
{
	struct slice part[2];
	for (int i = 0; i < 2; i++) {
		part[i] = n->kids[i]->source;
		if (v[i].type != VTL_NULL && !vtl_render_text(r, v[i], &part[i]))
			return false;
	}
	if (part[0].n + part[1].n > r->string_max)
		return vtl_too_long(r);
	char *p = arena_alloc(r->arena, part[0].n + part[1].n + 1);
	memcpy(p, part[0].p, part[0].n);
	memcpy(p + part[0].n, part[1].p, part[1].n);
	*out = vtl_str(sl_of(p, part[0].n + part[1].n));
	return true;
}

static bool same(struct vtl_run *r, struct vtl_value a, struct vtl_value b, bool *equal)
{
	struct slice x, y;
	if (vtl_is_number(a) && vtl_is_number(b)) {
		*equal = vtl_compare_numbers(a, b) == 0;
		return true;
	}
	/* The gateway's own: a missing value equals the empty string. */
	if (a.type == VTL_NULL || b.type == VTL_NULL) {
		struct vtl_value other = a.type == VTL_NULL ? b : a;
		*equal = other.type == VTL_NULL || (other.type == VTL_STRING && !other.s.n);
		return true;
	}
	if (a.type == b.type && a.type != VTL_BLOCK) {
		*equal = vtl_equals(a, b);
		return true;
	}
	if (!vtl_render_text(r, a, &x) || !vtl_render_text(r, b, &y))
		return false;
	*equal = sl_eq(x, y);
	return true;
}

static bool ordered(enum vtl_kind op, struct vtl_value a, struct vtl_value b)
{
	int c;
	if (!vtl_is_number(a) || !vtl_is_number(b))
		return false;
	c = vtl_compare_numbers(a, b);
	switch (op) {
	case VTL_N_LT:
		return c < 0;
	case VTL_N_LE:
		return c <= 0;
	case VTL_N_GT:
		return c > 0;
	default:
		return c >= 0;
	}
}

static bool eval_logic(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	bool truth;
	if (!vtl_test(r, n->kids[0], &truth))
		return false;
	if (n->kind == VTL_N_NOT)
		truth = !truth;
	else if (truth == (n->kind == VTL_N_AND) && !vtl_test(r, n->kids[1], &truth))
		return false;
	*out = vtl_bool(truth);
	return true;
}

bool vtl_eval_operator(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	struct vtl_value v[2];
	bool equal;
	if (n->kind == VTL_N_NOT || n->kind == VTL_N_AND || n->kind == VTL_N_OR)
		return eval_logic(r, n, out);
	if (n->n != 2)
		return vtl_run_fail(r, ERR_INTERNAL, "not an expression");
	if (!vtl_eval(r, n->kids[0], &v[0]) || !vtl_eval(r, n->kids[1], &v[1]))
		return false;
	switch (n->kind) {
	case VTL_N_EQ:
	case VTL_N_NE:
		if (!same(r, v[0], v[1], &equal))
			return false;
		*out = vtl_bool(equal == (n->kind == VTL_N_EQ));
		return true;
	case VTL_N_ADD:
		if (v[0].type == VTL_STRING || v[1].type == VTL_STRING)
			return concatenate(r, n, v, out);
		*out = vtl_arithmetic(r->arena, n->kind, v[0], v[1]);
		return true;
	case VTL_N_SUB:
	case VTL_N_MUL:
	case VTL_N_DIV:
	case VTL_N_MOD:
		*out = vtl_arithmetic(r->arena, n->kind, v[0], v[1]);
		return true;
	case VTL_N_LT:
	case VTL_N_LE:
	case VTL_N_GT:
	case VTL_N_GE:
		*out = vtl_bool(ordered(n->kind, v[0], v[1]));
		return true;
	default:
		return vtl_run_fail(r, ERR_INTERNAL, "not an expression");
	}
}
