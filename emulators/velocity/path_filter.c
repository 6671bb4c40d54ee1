/* [?( )]: alternatives of conjunctions of comparisons. Jayway 2.0 cuts the text at || and && without looking at
 * quotes, drops the parentheses around each piece, and finds the operator by searching in a fixed order. */
#include "velocity/path.h"

enum jp_compare { JP_EQ, JP_GE, JP_LE, JP_NE, JP_LT, JP_GT, JP_MATCH, JP_EXISTS };
static const char *const signs[] = { "==", ">=", "<=", "!=", "<", ">", "=~" };

struct operand {
	bool is_path, is_pattern, nocase;
	struct jp_path path;
	struct slice text; /* a literal is text, whether quoted or not */
};
struct criterion {
	enum jp_compare op;
	bool negated; /* !@.a */
	struct operand left, right;
	bool first_of_alternative;
	struct criterion *next;
};
struct jp_filter {
	struct criterion *first;
};

/* ---- compiling ---- */

static bool is_pattern(struct slice s)
{
	return s.n > 1 && s.p[0] == '/' && (s.p[s.n - 1] == '/' || (s.n > 2 && s.p[s.n - 1] == 'i' && s.p[s.n - 2] == '/'));
}

static int compile_operand(struct arena *a, struct slice s, int depth, struct operand *out)
{
	out->text = s;
	if (s.n && (s.p[0] == '$' || s.p[0] == '@')) {
		out->is_path = true;
		if (jp_compile(a, s, depth, &out->path))
			return ERR_INVALID;
		return out->path.definite ? 0 : ERR_INVALID;
	}
	if (s.n > 1 && s.p[0] == '\'' && s.p[s.n - 1] == '\'') {
		out->text = sl_of(s.p + 1, s.n - 2);
	} else if (is_pattern(s)) {
		out->is_pattern = true;
		out->nocase = s.p[s.n - 1] == 'i';
		out->text = sl_of(s.p + 1, s.n - 2 - out->nocase);
	}
	return 0;
}

static struct slice strip(struct slice s)
{
	while (s.n && strchr("[?( ", s.p[0]) && s.p[0]) {
		s = sl_from(s, 1);
	}
	while (s.n && (s.p[s.n - 1] == ')' || s.p[s.n - 1] == ' '))
		s.n--;
	return s;
}

static int compile_criterion(struct arena *a, struct slice s, int depth, struct criterion *c)
{
	struct slice left, right;
	ssize_t at = -1;
	s = strip(s);
	for (c->op = JP_EQ; c->op < JP_EXISTS; c->op++) {
		at = sl_find(s, sl(signs[c->op]));
		if (at >= 0)
			break;
	}
	left = s;
	if (at >= 0) {
		size_t end = (size_t)at + strlen(signs[c->op]);
		left = sl_trim(sl_of(s.p, (size_t)at));
		right = sl_trim(sl_from(s, end));
		if (compile_operand(a, right, depth, &c->right))
			return ERR_INVALID;
	}
	if (sl_starts(left, S("!@"))) {
		c->negated = true;
		left.p++;
		left.n--;
	}
	if (compile_operand(a, left, depth, &c->left))
		return ERR_INVALID;
	return at < 0 && !c->left.is_path ? ERR_INVALID : 0;
}

/* Takes what is before the next sign, or all. */
static bool cut_at(struct slice *s, const char *sign, struct slice *head)
{
	ssize_t at = sl_find(*s, sl(sign));
	*head = *s;
	if (at < 0) {
		*s = sl(NULL);
		return false;
	}
	head->n = (size_t)at;
	s->p += at + 2;
	s->n -= (size_t)at + 2;
	return true;
}

int jp_filter_compile(struct arena *a, struct slice text, int depth, struct jp_filter **out)
{
	struct jp_filter *f = arena_alloc(a, sizeof(*f));
	struct criterion **tail = &f->first;
	struct slice s = sl_trim(text), alternative, piece;
	bool more_alternatives, more;
	/* "[", "?", "(" ... ")", "]" with spaces between. */
	if (s.n < 5 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return ERR_INVALID;
	s = sl_trim(sl_of(s.p + 1, s.n - 2));
	if (!s.n || s.p[0] != '?')
		return ERR_INVALID;
	s = sl_trim(sl_from(s, 1));
	if (s.n < 2 || s.p[0] != '(' || s.p[s.n - 1] != ')')
		return ERR_INVALID;
	s = sl_trim(sl_of(s.p + 1, s.n - 2));
	do {
		more_alternatives = cut_at(&s, "||", &alternative);
		bool first = true;
		do {
			struct criterion *c = arena_alloc(a, sizeof(*c));
			more = cut_at(&alternative, "&&", &piece);
			if (compile_criterion(a, piece, depth, c))
				return ERR_INVALID;
			c->first_of_alternative = first;
			first = false;
			*tail = c;
			tail = &c->next;
		} while (more);
	} while (more_alternatives);
	*out = f;
	return 0;
}

/* ---- evaluating ---- */

static int operand_value(struct jp_run *r, const struct operand *o, struct vtl_value item, struct vtl_value *out)
{
	*out = vtl_str(o->text);
	return o->is_path ? jp_single(r, &o->path, o->path.relative ? item : r->root, out) : 0;
}

static bool is_nullish(struct vtl_value v)
{
	return v.type == VTL_NULL || (v.type == VTL_STRING && sl_eqs(v.s, "null"));
}

enum { INCOMPARABLE = 2 };

/* Sign of expected against model, INCOMPARABLE, or an error for text that should have been a number. */
static int compare(struct arena *a, struct vtl_value expected, struct vtl_value model, int *out)
{
	struct vtl_value n;
	int truth;
	if (is_nullish(expected) || is_nullish(model)) {
		*out = (int)is_nullish(model) - (int)is_nullish(expected);
		return 0;
	}
	*out = INCOMPARABLE;
	if (expected.type == VTL_STRING && model.type == VTL_STRING) {
		int c = sl_cmp(expected.s, model.s);
		*out = c < 0 ? -1 : c > 0;
		return 0;
	}
	if (vtl_is_number(model) && (vtl_is_number(expected) || expected.type == VTL_STRING)) {
		if (expected.type == VTL_STRING && !vtl_number(a, expected.s, true, &n))
			return ERR_INVALID;
		*out = vtl_compare_numbers(vtl_is_number(expected) ? expected : n, model);
		return 0;
	}
	if (model.type == VTL_BOOL && (expected.type == VTL_BOOL || expected.type == VTL_STRING)) {
		truth = expected.type == VTL_BOOL ? expected.b : sl_eq_nocase(expected.s, S("true"));
		*out = truth - (int)model.b;
	}
	return 0;
}

static int matches(struct slice text, const struct operand *pattern)
{
	struct java_regex x;
	struct error err;
	int found = -1;
	if (!java_regex_open(&x, NULL, pattern->text, JAVA_REGEX_WHOLE | (pattern->nocase ? JAVA_REGEX_NOCASE : 0), &err))
		found = vtl_find(&x, text, 0);
	(void)vtl_spend(x.cost / 16);
	java_regex_free(&x);
	return found < 0 ? ERR_INVALID : found;
}

static int evaluate(struct jp_run *r, const struct criterion *c, struct vtl_value item)
{
	struct vtl_value left, right;
	int status = operand_value(r, &c->left, item, &left), order;
	if (c->op == JP_EXISTS) {
		if (status && status != ERR_NOT_FOUND)
			return status;
		return (!status && left.type != VTL_NULL) != c->negated;
	}
	if (!status)
		status = operand_value(r, &c->right, item, &right);
	if (status)
		return status == ERR_NOT_FOUND ? 0 : status;
	if (c->op == JP_MATCH) {
		const struct operand *pattern = c->left.is_pattern ? &c->left : &c->right;
		struct vtl_value target = c->left.is_pattern ? right : left;
		if (!pattern->is_pattern)
			return ERR_INVALID;
		if (target.type == VTL_NULL)
			return 0;
		return matches(vtl_text(r->arena, target), pattern);
	}
	if (c->op != JP_EQ && c->op != JP_NE && (left.type == VTL_NULL) != (right.type == VTL_NULL))
		return 0;
	status = compare(r->arena, right, left, &order);
	if (status || order == INCOMPARABLE)
		return status;
	switch (c->op) {
	case JP_EQ:
		return order == 0;
	case JP_NE:
		return order != 0;
	case JP_GE:
		return order <= 0;
	case JP_LE:
		return order >= 0;
	case JP_LT:
		return order > 0;
	default:
		return order < 0;
	}
}

int jp_filter_accepts(struct jp_run *r, const struct jp_filter *f, struct vtl_value item)
{
	int status = 0;
	if (++r->visited > JP_NODES_MAX || !vtl_spend(2))
		return ERR_LIMIT;
	for (const struct criterion *c = f->first; c;) {
		status = evaluate(r, c, item);
		if (status < 0)
			return status;
		c = c->next;
		if (status == 1 && (!c || c->first_of_alternative))
			return 1;
		/* One false: on to the next alternative. */
		while (status == 0 && c && !c->first_of_alternative)
			c = c->next;
	}
	return 0;
}
