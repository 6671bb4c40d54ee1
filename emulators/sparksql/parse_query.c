/* Queries: SELECT with its clauses, set operations, WITH, what comes behind them. */
#include "sparksql/parser.h"

static struct sp_query *new_query(struct sp_parser *p, enum sp_query_kind kind, uint32_t first)
{
	struct sp_query *q = arena_alloc(p->a, sizeof(*q));
	q->kind = (uint8_t)kind;
	q->at = p->t[first].at;
	q->end = p->t[p->i > first ? p->i - 1 : first].end;
	return q;
}

static void close_query(const struct sp_parser *p, struct sp_query *q)
{
	q->end = p->t[p->i - 1].end;
}

/* ---------------------------------------------------------------- GROUP BY */

/* `(a, b)` or an expression, as a SET. */
static struct sp_grouping grouping_set(struct sp_parser *p)
{
	struct sp_grouping g = { .kind = SP_GROUPING_SET, .at = p->t[p->i].at };
	uint32_t first = p->i;
	struct sp_ex *e;
	if (sp_is2(p, SP_T_OPEN, SP_T_CLOSE)) {
		p->i += 2;
	} else {
		bool list = sp_is(p, SP_T_OPEN);
		e = sp_expression(p);
		/* a row in parentheses of its own is the list of the set */
		if (list && e->kind == SP_EX_ROW && e->at == p->t[first].at && e->end == p->t[p->i - 1].end)
			g.set = e->list;
		else
			sp_add_ex(p, &g.set, e);
	}
	g.end = p->t[p->i - 1].end;
	return g;
}

static struct sp_grouping grouping(struct sp_parser *p, bool inside);

static void groupings(struct sp_parser *p, struct sp_grouping **out, uint32_t *count, bool sets_only)
{
	size_t n = 0, cap = 0;
	struct sp_grouping *v = NULL, g;
	sp_need(p, SP_T_OPEN);
	do {
		g = sets_only ? grouping_set(p) : grouping(p, true);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = g;
	} while (sp_take(p, SP_T_COMMA));
	sp_need(p, SP_T_CLOSE);
	*out = v;
	*count = (uint32_t)n;
}

static struct sp_grouping grouping(struct sp_parser *p, bool inside)
{
	struct sp_grouping g = { .at = p->t[p->i].at };
	uint32_t first = p->i;
	sp_enter(p);
	if (sp_is2(p, SP_K_ROLLUP, SP_T_OPEN) || sp_is2(p, SP_K_CUBE, SP_T_OPEN)) {
		g.kind = sp_is(p, SP_K_ROLLUP) ? SP_GROUPING_ROLLUP : SP_GROUPING_CUBE;
		p->i++;
		groupings(p, &g.inner, &g.n, true);
		for (uint32_t i = 0; i < g.n; i++)
			if (g.inner[i].kind == SP_GROUPING_SET && g.inner[i].set.n == 0)
				sp_late(p, first, p->i, "_LEGACY_ERROR_TEMP_0051", "", "Empty set in %s grouping sets is not supported.",
					g.kind == SP_GROUPING_ROLLUP ? "ROLLUP" : "CUBE");
	} else if (sp_is2(p, SP_K_GROUPING, SP_K_SETS)) {
		p->i += 2;
		g.kind = SP_GROUPING_SETS;
		groupings(p, &g.inner, &g.n, false);
	} else if (inside) {
		g = grouping_set(p);
	} else {
		g.kind = SP_GROUPING_EX;
		g.ex = sp_expression(p);
	}
	p->depth--;
	g.end = p->t[p->i - 1].end;
	return g;
}

/* GROUP BY is taken. */
static void group_by(struct sp_parser *p, struct sp_select *s)
{
	size_t n = 0, cap = 0;
	struct sp_grouping *v = NULL, g;
	do {
		g = grouping(p, false);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = g;
	} while (sp_take(p, SP_T_COMMA));
	s->group = v;
	s->n_group = (uint32_t)n;
	if (sp_take2(p, SP_K_WITH, SP_K_ROLLUP)) {
		s->group_with = SP_GROUPING_ROLLUP;
	} else if (sp_take2(p, SP_K_WITH, SP_K_CUBE)) {
		s->group_with = SP_GROUPING_CUBE;
	} else if (sp_is2(p, SP_K_GROUPING, SP_K_SETS)) {
		p->i += 2;
		s->group_with = SP_GROUPING_SETS;
		groupings(p, &s->group_sets, &s->n_group_sets, true);
	}
}

/* ---------------------------------------------------------------- SELECT */

static void hints(struct sp_parser *p, struct sp_select *s)
{
	size_t n = 0, cap = 0;
	while (sp_take(p, SP_T_HINT)) {
		do {
			struct sp_hint h = { .name = sp_ident(p) };
			if (sp_take(p, SP_T_OPEN)) {
				do
					sp_add_ex(p, &h.args, sp_term(p));
				while (sp_take(p, SP_T_COMMA));
				sp_need(p, SP_T_CLOSE);
			}
			ARENA_GROW(p->a, s->hints, n, cap);
			s->hints[n++] = h;
			(void)sp_take(p, SP_T_COMMA);
		} while (!sp_is(p, SP_T_HINT_END) && sp_is_word(sp_kind_at(p, 0)));
		sp_need(p, SP_T_HINT_END);
	}
	s->n_hints = (uint32_t)n;
}

/* Two windows of one name: an error of Spark's. */
static void check_windows(struct sp_parser *p, const struct sp_named_window *v, size_t n, uint32_t first)
{
	for (size_t i = 1; i < n && n < 100; i++)
		for (size_t j = 0; j < i; j++)
			if (sl_eq(v[i].name, v[j].name))
				sp_late(p, first, p->i, "INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION", "42000",
					"Invalid SQL syntax: The definition of window `%.*s` is repetitive.", SL(v[i].name));
}

void sp_windows(struct sp_parser *p, struct sp_named_window **out, uint32_t *count)
{
	size_t n = 0, cap = 0;
	uint32_t first = p->i - 1;
	struct sp_named_window *v = NULL;
	do {
		struct sp_named_window w = { .name = sp_ident_strict(p) };
		sp_need(p, SP_K_AS);
		w.window = sp_window(p);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = w;
	} while (sp_take(p, SP_T_COMMA));
	check_windows(p, v, n, first);
	*out = v;
	*count = (uint32_t)n;
}

static bool window_clause(const struct sp_parser *p)
{
	return sp_is(p, SP_K_WINDOW) && sp_clause_at(p, p->i);
}

/* WHERE and what follows it up to WINDOW. */
static void select_clauses(struct sp_parser *p, struct sp_select *s)
{
	if (sp_take(p, SP_K_WHERE))
		s->where = sp_expression(p);
	if (sp_take2(p, SP_K_GROUP, SP_K_BY))
		group_by(p, s);
	if (sp_take(p, SP_K_HAVING))
		s->having = sp_expression(p);
	if (sp_is(p, SP_K_QUALIFY) && sp_clause_at(p, p->i)) {
		p->i++;
		s->qualify = sp_expression(p);
	}
	if (window_clause(p)) {
		p->i++;
		sp_windows(p, &s->windows, &s->n_windows);
	}
	if (!s->qualify && sp_is(p, SP_K_QUALIFY) && sp_clause_at(p, p->i)) {
		p->i++;
		s->qualify = sp_expression(p);
	}
}

/* DISTINCT or ALL, and not a column of that name: `SELECT DISTINCT FROM t` takes the column FROM under the name t, as ANTLR does. */
static bool is_quantifier(const struct sp_parser *p)
{
	enum sp_token_kind next = sp_kind_at(p, 1), behind = sp_kind_at(p, 3);
	if (!sp_is(p, SP_K_DISTINCT) && !sp_is(p, SP_K_ALL))
		return false;
	if (next == SP_K_FROM)
		return behind == SP_T_END || behind == SP_T_COMMA || behind == SP_T_CLOSE || behind == SP_T_SEMICOLON || sp_clause_at(p, p->i + 3);
	return next != SP_T_END && next != SP_T_COMMA && next != SP_T_CLOSE && next != SP_T_DOT && next != SP_T_SEMICOLON;
}

/* SELECT is here. from: of FROM t SELECT .., or NULL. */
static struct sp_query *select_query(struct sp_parser *p, struct sp_rel *from)
{
	uint32_t first = p->i++;
	struct sp_select *s = arena_alloc(p->a, sizeof(*s));
	struct sp_query *q;
	bool undecided = p->undecided;
	p->undecided = false;
	hints(p, s);
	if (is_quantifier(p)) {
		s->distinct = sp_is(p, SP_K_DISTINCT);
		p->i++;
	}
	sp_named_list(p, &s->items);
	s->from = from;
	if (!from && sp_take(p, SP_K_FROM))
		s->from = sp_from(p);
	else if (from && sp_is2(p, SP_K_LATERAL, SP_K_VIEW))
		s->from = sp_lateral_views(p, from);
	select_clauses(p, s);
	p->undecided = undecided;
	q = new_query(p, SP_QUERY_SELECT, first);
	q->select = s;
	return q;
}

/* ---------------------------------------------------------------- behind a query */

static void organization(struct sp_parser *p, struct sp_query *q)
{
	uint32_t first = p->i;
	int n = 0;
	if (sp_take2(p, SP_K_ORDER, SP_K_BY)) {
		uint32_t blame = sp_blame(p, first);
		sp_sort_list(p, &q->order);
		if (sp_is(p, SP_K_NULLS))
			sp_syntax(p);
		p->blame = blame;
		n++;
	}
	if (sp_take2(p, SP_K_CLUSTER, SP_K_BY)) {
		sp_expressions(p, &q->cluster);
		n += 2;
	}
	if (sp_take2(p, SP_K_DISTRIBUTE, SP_K_BY)) {
		sp_expressions(p, &q->distribute);
		n += n ? 2 : 1;
	}
	if (sp_take2(p, SP_K_SORT, SP_K_BY)) {
		sp_sort_list(p, &q->sort);
		n += q->order.n || q->cluster.n ? 2 : 0;
	}
	if (n > 2 || (n == 2 && q->order.n))
		sp_late(p, first, p->i, "UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES", "0A000",
			"The feature is not supported: Combination of ORDER BY/SORT BY/DISTRIBUTE BY/CLUSTER BY.");
	if (window_clause(p)) {
		p->i++;
		sp_windows(p, &q->windows, &q->n_windows);
	}
	if (sp_is2(p, SP_K_LIMIT, SP_T_END)) {
		sp_syntax_at(p, p->i, ": extra input 'LIMIT'");
	} else if (sp_take(p, SP_K_LIMIT)) {
		if (!sp_is(p, SP_K_ALL) || sp_kind_at(p, 1) == SP_T_DOT || !sp_take(p, SP_K_ALL))
			q->limit = sp_expression(p);
	}
	if (sp_take(p, SP_K_OFFSET))
		q->offset = sp_expression(p);
	if (p->i > first)
		close_query(p, q);
}

/* FROM t SELECT .. [SELECT ..]: several are a UNION ALL. */
static struct sp_query *from_first(struct sp_parser *p)
{
	uint32_t first = p->i++;
	struct sp_rel *from;
	struct sp_query *q = NULL, *one, *all;
	p->from_first = true;
	from = sp_from(p);
	p->from_first = false;
	if (sp_is(p, SP_K_INSERT))
		sp_fail(p->err, SP_E_UNSERVED, "", "", "Several INSERTs behind one FROM (Hive's way) aren't supported.");
	if (p->err->set) {
		sp_fail_at(p->err, p->t[first].at, p->t[p->i].end);
		sp_give_up(p);
	}
	if (!sp_is(p, SP_K_SELECT))
		sp_syntax(p);
	while (sp_is(p, SP_K_SELECT)) {
		p->from_first = true;
		one = select_query(p, from);
		organization(p, one);
		p->from_first = false;
		if (q) {
			all = new_query(p, SP_QUERY_SET, first);
			all->set.op = SP_SET_UNION;
			all->set.all = true;
			all->set.left = q;
			all->set.right = one;
			q = all;
		} else {
			q = one;
		}
	}
	q->at = p->t[first].at;
	return q;
}

/* SELECT TRANSFORM(a, b) USING 'script', and not the function of that name. */
static bool is_script(const struct sp_parser *p)
{
	enum sp_token_kind behind;
	if (sp_kind_at(p, 1) != SP_K_TRANSFORM || sp_kind_at(p, 2) != SP_T_OPEN)
		return false;
	behind = p->t[p->t[p->i + 2].match + 1 < p->n ? p->t[p->i + 2].match + 1 : p->n - 1].kind;
	return behind == SP_K_USING || behind == SP_K_ROW || behind == SP_K_RECORDWRITER;
}

static struct sp_query *primary(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct sp_query *q, *inner;
	struct sp_rel *rel;
	switch ((int)sp_kind_at(p, 0)) {
	case SP_K_SELECT:
		if (is_script(p))
			sp_fail(p->err, SP_E_UNSERVED, "", "", "TRANSFORM (scripts) isn't supported.");
		if (p->err->set) {
			sp_fail_at(p->err, p->t[first].at, p->t[first + 1].end);
			sp_give_up(p);
		}
		return select_query(p, NULL);
	case SP_K_FROM:
		return from_first(p);
	case SP_K_VALUES:
		rel = sp_inline_table(p);
		q = new_query(p, SP_QUERY_REL, first);
		q->rel = rel;
		return q;
	case SP_K_TABLE:
		p->i++;
		rel = sp_new_rel(p, SP_REL_TABLE, p->i);
		sp_name(p, &rel->table.name);
		rel->end = rel->table.name.end;
		q = new_query(p, SP_QUERY_REL, first);
		q->rel = rel;
		return q;
	case SP_T_OPEN:
		p->i++;
		inner = sp_query_in_parens(p);
		q = new_query(p, SP_QUERY_NESTED, first);
		q->nested = inner;
		return q;
	default:
		sp_syntax(p);
	}
}

static int set_operator(const struct sp_parser *p)
{
	switch ((int)sp_kind_at(p, 0)) {
	case SP_K_UNION:
		return SP_SET_UNION;
	case SP_K_INTERSECT:
		return SP_SET_INTERSECT;
	case SP_K_EXCEPT: case SP_K_MINUS:
		return SP_SET_EXCEPT;
	default:
		return -1;
	}
}

/* A term of UNION and EXCEPT (tight: of INTERSECT, which binds closer) with its chain to the right. */
static struct sp_query *set_term(struct sp_parser *p, bool tight)
{
	uint32_t first = p->i;
	struct sp_query *left = tight ? primary(p) : set_term(p, true), *q, *right;
	int op;
	while ((op = set_operator(p)) >= 0 && tight == (op == SP_SET_INTERSECT)) {
		bool all, by_name;
		p->i++;
		all = sp_take(p, SP_K_ALL);
		if (!all)
			(void)sp_take(p, SP_K_DISTINCT);
		by_name = op == SP_SET_UNION && sp_take2(p, SP_K_BY, SP_K_NAME);
		if (sp_is2(p, SP_K_SELECT, SP_T_END))
			sp_syntax_at(p, p->i, ": extra input 'SELECT'");
		right = tight ? primary(p) : set_term(p, true);
		q = new_query(p, SP_QUERY_SET, first);
		q->set.op = (uint8_t)op;
		q->set.all = all;
		q->set.by_name = by_name;
		q->set.left = left;
		q->set.right = right;
		left = q;
	}
	return left;
}

/* ---------------------------------------------------------------- WITH */

void sp_ctes(struct sp_parser *p, struct sp_cte **out, uint32_t *count)
{
	size_t n = 0, cap = 0;
	uint32_t with = p->i - 1;
	struct sp_cte *v = NULL;
	do {
		struct sp_cte c = { .at = p->t[p->i].at };
		c.name = sp_ident_strict(p);
		if (sp_is(p, SP_T_OPEN) && !sp_query_at(p, p->i + 1))
			sp_ident_list(p, &c.columns);
		(void)sp_take(p, SP_K_AS);
		sp_need(p, SP_T_OPEN);
		c.query = sp_query_in_parens(p);
		c.end = p->t[p->i - 1].end;
		for (size_t i = 0; i < n && n < 1000; i++)
			if (sl_eq(v[i].name, c.name))
				sp_late(p, with, p->i, "_LEGACY_ERROR_TEMP_0038", "", "CTE definition can't have duplicate names: '%.*s'.", SL(c.name));
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = c;
	} while (sp_take(p, SP_T_COMMA));
	*out = v;
	*count = (uint32_t)n;
}

struct sp_query *sp_query(struct sp_parser *p)
{
	uint32_t first = p->i, n = 0;
	struct sp_cte *v = NULL;
	if (sp_take(p, SP_K_WITH))
		sp_ctes(p, &v, &n);
	return sp_query_with(p, v, n, first);
}

struct sp_query *sp_query_with(struct sp_parser *p, struct sp_cte *v, uint32_t n, uint32_t first)
{
	struct sp_query *q, *around;
	bool soft = p->soft, from_first = p->from_first;
	sp_enter(p);
	p->soft = p->from_first = false;
	q = set_term(p, false);
	/* what FROM t SELECT .. has read already is of that query */
	if (v && (q->kind == SP_QUERY_NESTED || q->order.n || q->sort.n || q->limit || q->offset)) {
		around = new_query(p, SP_QUERY_NESTED, first);
		around->nested = q;
		q = around;
	}
	q->ctes = v;
	q->n_ctes = n;
	q->at = p->t[first].at;
	if (!(q->order.n || q->sort.n || q->limit || q->offset))
		organization(p, q);
	close_query(p, q);
	p->soft = soft;
	p->from_first = from_first;
	p->depth--;
	return q;
}

struct sp_query *sp_query_in_parens(struct sp_parser *p)
{
	bool undecided = p->undecided;
	struct sp_query *q;
	p->undecided = false;
	q = sp_query(p);
	sp_need(p, SP_T_CLOSE);
	p->undecided = undecided;
	return q;
}
