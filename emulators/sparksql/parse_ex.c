/* Operators, predicates, aliases; and the looking ahead that tells an alias from a clause. */
#include "sparksql/parser.h"

const char *sp_op_text(enum sp_operator op)
{
	static const char *const texts[] = {
		[SP_OP_NONE] = "", [SP_OP_NEG] = "-", [SP_OP_PLUS] = "+", [SP_OP_BITNOT] = "~", [SP_OP_NOT] = "NOT", [SP_OP_MUL] = "*",
		[SP_OP_DIVIDE] = "/", [SP_OP_MOD] = "%", [SP_OP_IDIV] = "div", [SP_OP_ADD] = "+", [SP_OP_SUB] = "-", [SP_OP_CONCAT] = "||",
		[SP_OP_BITAND] = "&", [SP_OP_BITXOR] = "^", [SP_OP_BITOR] = "|", [SP_OP_SHL] = "<<", [SP_OP_SHR] = ">>", [SP_OP_USHR] = ">>>",
		[SP_OP_EQ] = "=", [SP_OP_NE] = "!=", [SP_OP_LT] = "<", [SP_OP_LE] = "<=", [SP_OP_GT] = ">", [SP_OP_GE] = ">=", [SP_OP_NSEQ] = "<=>",
		[SP_OP_AND] = "AND", [SP_OP_OR] = "OR",
	};
	return texts[op];
}

struct sp_ex *sp_new_ex(struct sp_parser *p, enum sp_ex_kind kind, uint32_t first)
{
	struct sp_ex *e = arena_alloc(p->a, sizeof(*e));
	e->kind = (uint8_t)kind;
	e->at = p->t[first].at;
	e->end = p->t[p->i > first ? p->i - 1 : first].end;
	return e;
}

void sp_close_ex(const struct sp_parser *p, struct sp_ex *e)
{
	e->end = p->t[p->i - 1].end;
}

void sp_add_ex(struct sp_parser *p, struct sp_exs *l, struct sp_ex *e)
{
	if ((l->n & (l->n - 1)) == 0) { /* room is always a power of two */
		struct sp_ex **v = arena_alloc(p->a, (l->n ? l->n * 2 : 1) * sizeof(struct sp_ex *));
		if (l->n)
			memcpy(v, l->v, l->n * sizeof(struct sp_ex *));
		l->v = v;
	}
	l->v[l->n++] = e;
}

/* ---------------------------------------------------------------- looking ahead */

static bool begins_expression(enum sp_token_kind k)
{
	return sp_is_word(k) || sp_is_string(k) || sp_is_number(k) || k == SP_T_OPEN || k == SP_T_STAR || k == SP_T_MINUS || k == SP_T_PLUS ||
	       k == SP_T_TILDE || k == SP_T_BANG || k == SP_T_QUESTION || k == SP_T_COLON;
}

static enum sp_token_kind kind_of(const struct sp_parser *p, uint32_t token)
{
	return p->t[token < p->n ? token : p->n - 1].kind;
}

enum { LOOK_MAX = 4 }; /* how many words in a row are looked through for what they mean: `WHERE WHERE WHERE ..` */

static bool clause_at(const struct sp_parser *p, uint32_t token, int look);

/* Whether an expression begins there and not the clause behind it: `WHERE ORDER BY a` has no condition. */
static bool expression_at(const struct sp_parser *p, uint32_t token, int look)
{
	return begins_expression(kind_of(p, token)) && !clause_at(p, token, look);
}

static bool set_operand_at(const struct sp_parser *p, uint32_t token)
{
	switch ((int)kind_of(p, token)) {
	case SP_K_SELECT: case SP_K_ALL: case SP_K_DISTINCT: case SP_K_VALUES: case SP_K_TABLE: case SP_K_MAP: case SP_K_REDUCE:
	case SP_K_BY: case SP_T_OPEN: case SP_K_WITH:
		return true;
	default:
		return false;
	}
}

static bool clause_at(const struct sp_parser *p, uint32_t token, int look)
{
	enum sp_token_kind next = kind_of(p, token + 1);
	if (look++ == LOOK_MAX)
		return false;
	switch ((int)kind_of(p, token)) {
	case SP_K_FROM:
		return next != SP_T_END && next != SP_T_COMMA && next != SP_T_CLOSE && next != SP_T_SEMICOLON && next != SP_T_DOT &&
		       (next == SP_K_FROM || !clause_at(p, token + 1, look));
	case SP_K_WHERE: case SP_K_HAVING: case SP_K_QUALIFY: case SP_K_OFFSET:
		return expression_at(p, token + 1, look);
	case SP_K_LIMIT:
		return next == SP_K_ALL || expression_at(p, token + 1, look);
	case SP_K_GROUP: case SP_K_ORDER: case SP_K_CLUSTER: case SP_K_DISTRIBUTE: case SP_K_SORT:
		return next == SP_K_BY;
	case SP_K_WINDOW:
		return sp_is_word(next) && kind_of(p, token + 2) == SP_K_AS;
	case SP_K_LATERAL:
		return next == SP_K_VIEW;
	case SP_K_PIVOT: case SP_K_TABLESAMPLE:
		return next == SP_T_OPEN;
	case SP_K_UNPIVOT:
		return next == SP_T_OPEN || next == SP_K_INCLUDE || next == SP_K_EXCLUDE;
	case SP_K_UNION: case SP_K_INTERSECT: case SP_K_EXCEPT: case SP_K_MINUS:
		return set_operand_at(p, token + 1);
	case SP_K_SET: /* UPDATE t SET a = .. */
		return sp_is_word(next) && (kind_of(p, token + 2) == SP_T_EQ || kind_of(p, token + 2) == SP_T_DOT ||
					     kind_of(p, token + 2) == SP_T_END);
	case SP_K_VERSION: case SP_K_SYSTEM_VERSION: case SP_K_TIMESTAMP: case SP_K_SYSTEM_TIME:
		return next == SP_K_AS && kind_of(p, token + 2) == SP_K_OF;
	case SP_K_FOR: /* of time travel; of PIVOT */
		return next == SP_K_VERSION || next == SP_K_TIMESTAMP || next == SP_K_SYSTEM_VERSION || next == SP_K_SYSTEM_TIME || next == SP_T_OPEN ||
		       (sp_is_word(next) && (kind_of(p, token + 2) == SP_K_IN || kind_of(p, token + 2) == SP_T_CLOSE));
	case SP_K_INSERT:
		return next == SP_K_INTO || next == SP_K_OVERWRITE;
	case SP_K_WHEN:
		return next == SP_K_MATCHED || (next == SP_K_NOT && kind_of(p, token + 2) == SP_K_MATCHED);
	default:
		return false;
	}
}

bool sp_clause_at(const struct sp_parser *p, uint32_t token)
{
	return clause_at(p, token, 0);
}

bool sp_query_at(const struct sp_parser *p, uint32_t token)
{
	uint32_t first = token;
	enum sp_token_kind next;
	while (kind_of(p, token) == SP_T_OPEN && token - first <= SP_DEPTH_MAX)
		token++;
	next = kind_of(p, token + 1);
	switch ((int)kind_of(p, token)) {
	case SP_K_SELECT:
		if (!begins_expression(next) && next != SP_T_HINT)
			return false;
		break;
	case SP_K_WITH:
		if (!sp_is_word(next) || (kind_of(p, token + 2) != SP_K_AS && kind_of(p, token + 2) != SP_T_OPEN && next != SP_K_RECURSIVE))
			return false;
		break;
	case SP_K_VALUES:
		if (!begins_expression(next) || next == SP_T_MINUS || next == SP_T_PLUS || next == SP_T_STAR)
			return false;
		break;
	case SP_K_TABLE:
		if (!sp_is_word(next))
			return false;
		break;
	case SP_K_FROM:
		if (!sp_is_word(next) && next != SP_T_OPEN)
			return false;
		break;
	default:
		return false;
	}
	/* each '(' that was skipped holds a query whole, or the query is a part of something else: ((SELECT 1) + 1) */
	while (token-- > first) {
		uint32_t behind = p->t[token].match + 1;
		if (kind_of(p, behind) != SP_T_CLOSE && kind_of(p, behind) != SP_T_END && kind_of(p, behind) != SP_T_SEMICOLON && !sp_clause_at(p, behind))
			return false;
	}
	return true;
}

bool sp_alias_here(const struct sp_parser *p)
{
	return sp_is_word(sp_kind_at(p, 0)) && !sp_clause_at(p, p->i);
}

/* An operator that is a word, with nothing behind it that it could work on, where an alias may stand. */
static bool is_rather_alias(const struct sp_parser *p, uint32_t behind)
{
	return p->soft && !expression_at(p, behind, 0);
}

/* ---------------------------------------------------------------- values */

struct infix {
	uint16_t token;
	uint8_t op, level;
};
static const struct infix infixes[] = {
	{ SP_T_EQ, SP_OP_EQ, 1 }, { SP_T_NE, SP_OP_NE, 1 }, { SP_T_LT, SP_OP_LT, 1 }, { SP_T_LE, SP_OP_LE, 1 }, { SP_T_GT, SP_OP_GT, 1 },
	{ SP_T_GE, SP_OP_GE, 1 }, { SP_T_NSEQ, SP_OP_NSEQ, 1 }, { SP_T_PIPE, SP_OP_BITOR, 2 }, { SP_T_HAT, SP_OP_BITXOR, 3 },
	{ SP_T_AND, SP_OP_BITAND, 4 }, { SP_T_PLUS, SP_OP_ADD, 5 }, { SP_T_MINUS, SP_OP_SUB, 5 }, { SP_T_CONCAT, SP_OP_CONCAT, 5 },
	{ SP_T_STAR, SP_OP_MUL, 6 }, { SP_T_SLASH, SP_OP_DIVIDE, 6 }, { SP_T_PERCENT, SP_OP_MOD, 6 }, { SP_K_DIV, SP_OP_IDIV, 6 },
};

static const struct infix *infix_here(const struct sp_parser *p)
{
	enum sp_token_kind k = sp_kind_at(p, 0);
	if (k != SP_K_DIV && (k < SP_T_EQ || k > SP_T_HAT))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(infixes); i++)
		if (infixes[i].token == k)
			return k == SP_K_DIV && is_rather_alias(p, p->i + 1) ? NULL : &infixes[i];
	return NULL;
}

static struct sp_ex *unary(struct sp_parser *p)
{
	uint32_t first = p->i;
	enum sp_token_kind k = sp_kind_at(p, 0);
	struct sp_ex *a, *e;
	if ((k != SP_T_MINUS && k != SP_T_PLUS && k != SP_T_TILDE) || (k == SP_T_MINUS && sp_is_number(sp_kind_at(p, 1))))
		return sp_term(p);
	sp_enter(p);
	p->i++;
	a = unary(p);
	p->depth--;
	e = sp_new_ex(p, SP_EX_UNARY, first);
	e->op = k == SP_T_MINUS ? SP_OP_NEG : k == SP_T_PLUS ? SP_OP_PLUS : SP_OP_BITNOT;
	e->a = a;
	return e;
}

static struct sp_ex *value_level(struct sp_parser *p, int level)
{
	uint32_t first = p->i;
	const struct infix *x;
	struct sp_ex *left = unary(p), *e;
	while ((x = infix_here(p)) != NULL && x->level >= level) {
		struct sp_ex *right;
		p->i++;
		right = value_level(p, x->level + 1);
		e = sp_new_ex(p, SP_EX_BINARY, first);
		e->op = x->op;
		e->a = left;
		e->b = right;
		left = e;
	}
	return left;
}

struct sp_ex *sp_value(struct sp_parser *p)
{
	struct sp_ex *e;
	sp_enter(p);
	e = value_level(p, 1);
	p->depth--;
	return e;
}

/* ---------------------------------------------------------------- predicates */

static struct sp_ex *in_list(struct sp_parser *p, struct sp_ex *a, uint32_t first, uint32_t at)
{
	struct sp_ex *e;
	struct sp_query *q = NULL;
	struct sp_exs list = { 0 };
	bool soft = p->soft;
	uint32_t blame = sp_blame(p, soft ? at + 1 : at);
	if (!sp_take(p, SP_T_OPEN))
		sp_syntax(p);
	p->soft = false;
	if (sp_query_at(p, p->i)) {
		q = sp_query_in_parens(p);
	} else {
		sp_expressions(p, &list);
		sp_need(p, SP_T_CLOSE);
	}
	p->soft = soft;
	p->blame = blame;
	e = sp_new_ex(p, SP_EX_IN, first);
	e->in.a = a;
	e->in.query = q;
	e->in.list = list;
	return e;
}

static struct sp_ex *like(struct sp_parser *p, struct sp_ex *a, uint32_t first, enum sp_like op, uint32_t at)
{
	struct sp_ex *e, *pattern = NULL;
	struct sp_exs list = { 0 };
	struct slice escape = sl(NULL);
	enum sp_like_of of = SP_LIKE_ONE;
	enum sp_token_kind k = sp_kind_at(p, 0);
	if (op != SP_RLIKE && (k == SP_K_ANY || k == SP_K_SOME || k == SP_K_ALL) && sp_kind_at(p, 1) == SP_T_OPEN) {
		p->i += 2;
		of = k == SP_K_ALL ? SP_LIKE_ALL : SP_LIKE_ANY;
		if (sp_is(p, SP_T_CLOSE))
			sp_late(p, at, p->i, "_LEGACY_ERROR_TEMP_0064", "", "Expected something between '(' and ')'..");
		else
			sp_expressions(p, &list);
		sp_need(p, SP_T_CLOSE);
	} else {
		pattern = sp_value(p);
		if (op != SP_RLIKE && sp_is(p, SP_K_ESCAPE) && sp_is_string(sp_kind_at(p, 1))) {
			p->i++;
			escape = sp_string(p);
			if (escape.n != 1)
				sp_late(p, at, p->i, "INVALID_ESC", "42604", "Found an invalid escape string: '%.*s'. The escape string must contain only one "
					"character.", SL(escape));
		}
	}
	e = sp_new_ex(p, SP_EX_LIKE, first);
	e->like.a = a;
	e->like.op = (uint8_t)op;
	e->like.of = (uint8_t)of;
	e->like.pattern = pattern;
	e->like.list = list;
	e->like.escape = escape;
	return e;
}

/* The hint that the token now is one too many. */
static const char *extra_input(struct sp_parser *p)
{
	struct slice t = sp_text(p, p->i);
	t.n = t.n < 60 ? t.n : 60;
	return arena_printf(p->a, ": extra input '%.*s'%c", SL(t), 0).p;
}

/* IS is taken. */
static struct sp_ex *is(struct sp_parser *p, struct sp_ex *a, uint32_t first, uint32_t at)
{
	bool soft = p->soft, not = sp_take(p, SP_K_NOT) || sp_take(p, SP_T_BANG);
	struct sp_ex *e, *b;
	static const struct {
		uint16_t token;
		uint8_t what;
	} whats[] = { { SP_K_NULL, SP_IS_NULL }, { SP_K_TRUE, SP_IS_TRUE }, { SP_K_FALSE, SP_IS_FALSE }, { SP_K_UNKNOWN, SP_IS_UNKNOWN } };
	for (size_t i = 0; i < ARRAY_LEN(whats); i++)
		if (sp_take(p, whats[i].token)) {
			e = sp_new_ex(p, SP_EX_IS, first);
			e->negated = not;
			e->is.a = a;
			e->is.what = whats[i].what;
			return e;
		}
	if (!sp_take2(p, SP_K_DISTINCT, SP_K_FROM))
		sp_syntax_at(p, not || soft ? p->i : at, soft && !not && sp_kind_at(p, 1) == SP_T_END ? extra_input(p) : "");
	b = sp_value(p);
	e = sp_new_ex(p, SP_EX_DISTINCT, first);
	e->negated = not;
	e->a = a;
	e->b = b;
	return e;
}

static struct sp_ex *between(struct sp_parser *p, struct sp_ex *a, uint32_t first)
{
	struct sp_ex *e, *low = sp_value(p), *high;
	if (!sp_take(p, SP_K_AND))
		sp_syntax_at(p, p->i, begins_expression(sp_kind_at(p, 0)) ? ": missing 'AND'" : "");
	high = sp_value(p);
	e = sp_new_ex(p, SP_EX_BETWEEN, first);
	e->a = a;
	e->b = low;
	e->c = high;
	return e;
}

static bool is_predicate_word(enum sp_token_kind k)
{
	return k == SP_K_IN || k == SP_K_LIKE || k == SP_K_ILIKE || k == SP_K_RLIKE || k == SP_K_REGEXP || k == SP_K_BETWEEN;
}

/* `a [NOT] IN (..)` and the like behind a, which began at token first; a itself when there is none. */
static struct sp_ex *predicate(struct sp_parser *p, struct sp_ex *a, uint32_t first)
{
	uint32_t at = p->i;
	bool not = (sp_is(p, SP_K_NOT) || sp_is(p, SP_T_BANG)) && is_predicate_word(sp_kind_at(p, 1));
	enum sp_token_kind k = sp_kind_at(p, not);
	struct sp_ex *e;
	if (k == SP_K_IS) {
		if (is_rather_alias(p, p->i + 1))
			return a;
		p->i++;
		e = is(p, a, first, at);
		e->word = p->t[at].at;
		return e;
	}
	if (!is_predicate_word(k) || is_rather_alias(p, p->i + not + 1))
		return a;
	if (k != SP_K_IN && !begins_expression(sp_kind_at(p, not + 1u)))
		return a; /* and an error at the word, by who called */
	p->i += not + 1u;
	if (k == SP_K_IN)
		e = in_list(p, a, first, at);
	else if (k == SP_K_BETWEEN)
		e = between(p, a, first);
	else
		e = like(p, a, first, k == SP_K_LIKE ? SP_LIKE : k == SP_K_ILIKE ? SP_ILIKE : SP_RLIKE, at);
	e->negated = not;
	e->word = p->t[at].at;
	return e;
}

/* ---------------------------------------------------------------- AND, OR, NOT */

static struct sp_ex *negation(struct sp_parser *p)
{
	uint32_t first = p->i;
	enum sp_token_kind next = sp_kind_at(p, 1);
	struct sp_ex *a, *e;
	bool is_not = sp_is(p, SP_T_BANG) || (sp_is(p, SP_K_NOT) && begins_expression(next) && !sp_clause_at(p, p->i + 1) && next != SP_T_STAR);
	if (is_not) {
		sp_enter(p);
		p->i++;
		a = negation(p);
		p->depth--;
		e = sp_new_ex(p, SP_EX_UNARY, first);
		e->op = SP_OP_NOT;
		e->a = a;
		return e;
	}
	if (sp_is2(p, SP_K_EXISTS, SP_T_OPEN) && sp_query_at(p, p->i + 2)) {
		struct sp_query *q;
		uint32_t blame = sp_blame(p, first + 1);
		p->i += 2;
		q = sp_query_in_parens(p);
		p->blame = blame;
		e = sp_new_ex(p, SP_EX_EXISTS, first);
		e->query = q;
		return e;
	}
	a = value_level(p, 1);
	return predicate(p, a, first);
}

/* A balanced tree of terms low..high, as Spark makes it. */
static struct sp_ex *balanced(struct sp_parser *p, const struct sp_exs *l, uint32_t low, uint32_t high, enum sp_operator op)
{
	struct sp_ex *e;
	uint32_t mid = low + (high - low) / 2;
	if (low == high)
		return l->v[low];
	e = arena_alloc(p->a, sizeof(*e));
	e->kind = SP_EX_BINARY;
	e->op = (uint8_t)op;
	e->a = balanced(p, l, low, mid, op);
	e->b = balanced(p, l, mid + 1, high, op);
	e->at = e->a->at;
	e->end = e->b->end;
	return e;
}

static struct sp_ex *logical(struct sp_parser *p, bool is_or)
{
	uint32_t first = p->i;
	enum sp_token_kind k = is_or ? SP_K_OR : SP_K_AND;
	struct sp_exs l = { 0 };
	struct sp_ex *e = is_or ? logical(p, false) : negation(p);
	while (sp_is(p, k) && !is_rather_alias(p, p->i + 1) && begins_expression(sp_kind_at(p, 1))) {
		if (l.n == 0)
			sp_add_ex(p, &l, e);
		p->i++;
		sp_add_ex(p, &l, is_or ? logical(p, false) : negation(p));
	}
	if (l.n == 0)
		return e;
	e = balanced(p, &l, 0, l.n - 1, is_or ? SP_OP_OR : SP_OP_AND);
	e->at = p->t[first].at;
	sp_close_ex(p, e);
	return e;
}

struct sp_ex *sp_expression(struct sp_parser *p)
{
	struct sp_ex *e;
	sp_enter(p);
	e = logical(p, true);
	p->depth--;
	return e;
}

void sp_expressions(struct sp_parser *p, struct sp_exs *l)
{
	do
		sp_add_ex(p, l, sp_expression(p));
	while (sp_take(p, SP_T_COMMA));
}

struct sp_ex *sp_named(struct sp_parser *p)
{
	uint32_t first = p->i;
	bool soft = p->soft, as;
	struct sp_ex *a, *e;
	struct sp_idents names = { 0 };
	struct slice name = sl(NULL);
	p->soft = true;
	a = sp_expression(p);
	p->soft = soft;
	as = sp_is(p, SP_K_AS) && (sp_kind_at(p, 1) == SP_T_OPEN || (sp_is_word(sp_kind_at(p, 1)) && !sp_clause_at(p, p->i + 1)));
	if (sp_is(p, SP_K_AS) && (sp_is_string(sp_kind_at(p, 1)) || sp_is_number(sp_kind_at(p, 1))))
		sp_syntax_at(p, p->i + 1, "");
	if (as)
		p->i++;
	if (sp_is(p, SP_T_OPEN))
		sp_ident_list(p, &names);
	else if (as || (sp_alias_here(p) && !(p->from_first && sp_is(p, SP_K_SELECT) && begins_expression(sp_kind_at(p, 1)))))
		name = sp_ident_strict(p);
	else
		return a;
	e = sp_new_ex(p, SP_EX_ALIAS, first);
	e->alias.a = a;
	e->alias.name = name;
	e->alias.names = names;
	return e;
}

void sp_named_list(struct sp_parser *p, struct sp_exs *l)
{
	do
		sp_add_ex(p, l, sp_named(p));
	while (sp_take(p, SP_T_COMMA));
}

void sp_sort_list(struct sp_parser *p, struct sp_sorts *l)
{
	size_t n = 0, cap = 0;
	struct sp_sort *v = NULL;
	do {
		struct sp_sort s = { .at = p->t[p->i].at };
		s.ex = sp_expression(p);
		s.descending = sp_take(p, SP_K_DESC);
		if (!s.descending)
			(void)sp_take(p, SP_K_ASC);
		if (sp_take2(p, SP_K_NULLS, SP_K_FIRST))
			s.nulls = SP_NULLS_FIRST;
		else if (sp_take2(p, SP_K_NULLS, SP_K_LAST))
			s.nulls = SP_NULLS_LAST;
		s.end = p->t[p->i - 1].end;
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = s;
	} while (sp_take(p, SP_T_COMMA));
	*l = (struct sp_sorts){ v, (uint32_t)n };
}
