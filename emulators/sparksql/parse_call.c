/* Calls: plain ones with what may stand behind them, and those with a grammar of their own. */
#include "sparksql/parser.h"

void sp_arguments(struct sp_parser *p, struct sp_exs *l, bool tables)
{
	bool soft = p->soft;
	p->soft = false;
	do {
		uint32_t first = p->i;
		struct sp_ex *e;
		bool table = tables && sp_is(p, SP_K_TABLE) && (sp_is_word(sp_kind_at(p, 1)) || sp_kind_at(p, 1) == SP_T_OPEN);
		if (table) {
			struct sp_rel *rel;
			p->i++;
			rel = sp_relation(p);
			e = sp_new_ex(p, SP_EX_TABLE_ARG, first);
			e->table.rel = rel;
		} else if (sp_is_word(sp_kind_at(p, 0)) && sp_kind_at(p, 1) == SP_T_FAT_ARROW) {
			struct slice key = sp_ident(p);
			struct sp_ex *a;
			p->i++;
			a = sp_expression(p);
			e = sp_new_ex(p, SP_EX_NAMED_ARG, first);
			e->named.key = key;
			e->named.a = a;
		} else {
			e = sp_expression(p);
		}
		sp_add_ex(p, l, e);
	} while (sp_take(p, SP_T_COMMA));
	p->soft = soft;
}

static struct sp_ex *new_call(struct sp_parser *p, uint32_t first, struct slice name, enum sp_form form)
{
	struct sp_ex *e = sp_new_ex(p, SP_EX_CALL, first);
	struct slice *part = arena_alloc(p->a, sizeof(*part));
	*part = name;
	e->call = arena_alloc(p->a, sizeof(*e->call));
	e->call->name = (struct sp_name){ part, 1, p->t[first].at, p->t[first].end, 0 };
	e->call->form = (uint8_t)form;
	return e;
}

/* Of literals alone: what Spark can fold before it knows any name. */
static bool is_constant(const struct sp_ex *e)
{
	while (e->kind == SP_EX_UNARY || e->kind == SP_EX_CAST)
		e = e->kind == SP_EX_CAST ? e->cast.a : e->a;
	if (e->kind == SP_EX_BINARY)
		return is_constant(e->b) && is_constant(e->a);
	return e->kind == SP_EX_LITERAL || e->kind == SP_EX_PARAM;
}

static struct sp_frame_bound bound(struct sp_parser *p)
{
	struct sp_frame_bound b = { 0 };
	if (sp_take2(p, SP_K_UNBOUNDED, SP_K_PRECEDING)) {
		b.kind = SP_BOUND_UNBOUNDED_PRECEDING;
	} else if (sp_take2(p, SP_K_UNBOUNDED, SP_K_FOLLOWING)) {
		b.kind = SP_BOUND_UNBOUNDED_FOLLOWING;
	} else if (sp_take2(p, SP_K_CURRENT, SP_K_ROW)) {
		b.kind = SP_BOUND_CURRENT_ROW;
	} else {
		uint32_t first = p->i;
		b.ex = sp_expression(p);
		if (!is_constant(b.ex))
			sp_late(p, first, p->i + 1, "_LEGACY_ERROR_TEMP_0064", "", "Frame bound value must be a literal..");
		b.kind = sp_is(p, SP_K_PRECEDING) ? SP_BOUND_PRECEDING : SP_BOUND_FOLLOWING;
		if (!sp_take(p, SP_K_PRECEDING) && !sp_take(p, SP_K_FOLLOWING))
			sp_syntax(p);
	}
	return b;
}

static bool is_frame(const struct sp_parser *p)
{
	return sp_is(p, SP_K_ROWS) || sp_is(p, SP_K_RANGE);
}

struct sp_window *sp_window(struct sp_parser *p)
{
	struct sp_window *w = arena_alloc(p->a, sizeof(*w));
	uint32_t first = p->i;
	bool soft = p->soft, cluster;
	w->ref = sl(NULL);
	w->at = p->t[first].at;
	if (!sp_is(p, SP_T_OPEN)) {
		w->ref = sp_ident_strict(p);
		w->end = p->t[p->i - 1].end;
		return w;
	}
	p->i++;
	p->soft = false;
	cluster = sp_is2(p, SP_K_CLUSTER, SP_K_BY);
	if (!cluster && sp_is_word(sp_kind_at(p, 0)) && sp_kind_at(p, 1) != SP_T_CLOSE && sp_kind_at(p, 1) != SP_K_BY && !is_frame(p))
		sp_syntax_at(p, first, "");
	if (sp_is_word(sp_kind_at(p, 0)) && sp_kind_at(p, 1) == SP_T_CLOSE) {
		w->ref = sp_ident_strict(p);
	} else {
		if (cluster || sp_is2(p, SP_K_PARTITION, SP_K_BY) || sp_is2(p, SP_K_DISTRIBUTE, SP_K_BY)) {
			p->i += 2;
			sp_expressions(p, &w->partition);
		}
		if (!cluster && (sp_take2(p, SP_K_ORDER, SP_K_BY) || sp_take2(p, SP_K_SORT, SP_K_BY)))
			sp_sort_list(p, &w->order);
		if (is_frame(p)) {
			w->has_frame = true;
			w->rows = sp_is(p, SP_K_ROWS);
			w->stop.kind = SP_BOUND_CURRENT_ROW;
			p->i++;
			if (sp_take(p, SP_K_BETWEEN)) {
				w->start = bound(p);
				sp_need(p, SP_K_AND);
				w->stop = bound(p);
			} else {
				w->start = bound(p);
			}
		}
	}
	if (!sp_take(p, SP_T_CLOSE))
		sp_syntax(p);
	p->soft = soft;
	w->end = p->t[p->i - 1].end;
	return w;
}

/* What may stand behind the ')' of a call. */
static void call_tail(struct sp_parser *p, struct sp_ex *e)
{
	struct sp_ex_call *c = e->call;
	if (sp_is2(p, SP_K_WITHIN, SP_K_GROUP) && sp_kind_at(p, 2) == SP_T_OPEN) {
		p->i += 3;
		sp_need(p, SP_K_ORDER);
		sp_need(p, SP_K_BY);
		sp_sort_list(p, &c->within_order);
		sp_need(p, SP_T_CLOSE);
		c->within = true;
	}
	if (sp_is2(p, SP_K_FILTER, SP_T_OPEN)) {
		p->i += 2;
		sp_need(p, SP_K_WHERE);
		c->filter = sp_expression(p);
		sp_need(p, SP_T_CLOSE);
	}
	if (sp_is2(p, SP_K_IGNORE, SP_K_NULLS) || sp_is2(p, SP_K_RESPECT, SP_K_NULLS)) {
		c->nulls = sp_is(p, SP_K_IGNORE) ? SP_NULLS_IGNORE : SP_NULLS_RESPECT;
		p->i += 2;
	}
	if (sp_is(p, SP_K_OVER) && (sp_kind_at(p, 1) == SP_T_OPEN || sp_is_word(sp_kind_at(p, 1)))) {
		p->i++;
		c->over = sp_window(p);
	}
	sp_close_ex(p, e);
}

/* Whether another '(' follows the ')' of the one at token open. */
static bool is_called(const struct sp_parser *p, uint32_t open)
{
	uint32_t behind = p->t[open].match + 1;
	return p->t[open].kind == SP_T_OPEN && behind < p->n && p->t[behind].kind == SP_T_OPEN;
}

/* A call whose name has been read, at its '('. */
struct sp_ex *sp_call_of(struct sp_parser *p, uint32_t first, struct sp_name name)
{
	struct sp_ex *e = new_call(p, first, sl(NULL), SP_FORM_PLAIN);
	struct sp_ex_call *c = e->call;
	bool quantified = false, lone;
	c->name = name;
	if (p->t[first].kind == SP_K_IDENTIFIER && name.n == 1 && is_called(p, first + 1)) {
		p->i = first;
		sp_identifier(p, &c->name);
	}
	p->i++;
	if (!sp_is(p, SP_T_CLOSE)) {
		enum sp_token_kind next = sp_kind_at(p, 1);
		quantified = (sp_is(p, SP_K_DISTINCT) || sp_is(p, SP_K_ALL)) && next != SP_T_CLOSE && next != SP_T_COMMA && next != SP_T_DOT;
		if (quantified) {
			c->distinct = sp_is(p, SP_K_DISTINCT);
			p->i++;
		}
		sp_arguments(p, &c->args, false);
		if (sp_is(p, SP_K_IGNORE) && sp_kind_at(p, 1) == SP_K_NULLS && sp_kind_at(p, 2) == SP_T_CLOSE && c->args.n == 1) {
			p->i += 2;
			c->nulls = SP_NULLS_IGNORE;
			c->form = SP_FORM_FIRST_LAST;
		}
	}
	/* a ')' is told to be missing where the last argument is a word and no more: only then has ANTLR decided that it's a call */
	lone = !quantified && sp_is_word(p->t[p->i - 1].kind) && (p->t[p->i - 2].kind == SP_T_OPEN || p->t[p->i - 2].kind == SP_T_COMMA);
	if (!lone && !sp_is(p, SP_T_CLOSE))
		sp_syntax(p);
	sp_need(p, SP_T_CLOSE);
	call_tail(p, e);
	return e;
}

/* ---------------------------------------------------------------- forms of their own */

/* Whether a token of that kind stands between the '(' and its ')', not in parentheses within: tells the forms of a call apart. Each
 * token is looked at once in a statement, but for a constant. */
static bool has(const struct sp_parser *p, enum sp_token_kind k, uint32_t times)
{
	uint32_t open = p->i + 1, n = 0;
	for (uint32_t i = open + 1; i < p->t[open].match; i++) {
		if (p->t[i].kind == SP_T_OPEN)
			i = p->t[i].match;
		else if (p->t[i].kind == k && ++n == times)
			return true;
	}
	return false;
}

/* The next argument of a form. */
static void more(struct sp_parser *p, struct sp_ex *e)
{
	bool soft = p->soft;
	p->soft = false;
	sp_add_ex(p, &e->call->args, sp_value(p));
	p->soft = soft;
}

static struct sp_ex *close_form(struct sp_parser *p, struct sp_ex *e)
{
	sp_need(p, SP_T_CLOSE);
	sp_close_ex(p, e);
	return e;
}

static struct sp_ex *extract(struct sp_parser *p, uint32_t first)
{
	struct sp_ex *e = new_call(p, first, sp_text(p, first), SP_FORM_EXTRACT);
	uint32_t field;
	p->i += 2;
	field = p->i;
	(void)sp_ident(p);
	sp_add_ex(p, &e->call->args, sp_string_ex(p, field, sp_text(p, field)));
	sp_need(p, SP_K_FROM);
	more(p, e);
	return close_form(p, e);
}

static struct sp_ex *substring(struct sp_parser *p, uint32_t first)
{
	struct sp_ex *e = new_call(p, first, S("substring"), SP_FORM_SUBSTRING);
	p->i += 2;
	more(p, e);
	if (!sp_take(p, SP_K_FROM))
		sp_need(p, SP_T_COMMA);
	more(p, e);
	if (sp_take(p, SP_K_FOR) || sp_take(p, SP_T_COMMA))
		more(p, e);
	return close_form(p, e);
}

/* TRIM([BOTH] [x] FROM y) */
static struct sp_ex *trim(struct sp_parser *p, uint32_t first)
{
	static const struct {
		uint16_t token, form;
		const char *name;
	} kinds[] = { { SP_K_BOTH, SP_FORM_TRIM_BOTH, "trim" }, { SP_K_LEADING, SP_FORM_TRIM_LEADING, "ltrim" },
		      { SP_K_TRAILING, SP_FORM_TRIM_TRAILING, "rtrim" } };
	struct sp_ex *e = NULL, *what = NULL;
	p->i += 2;
	for (size_t i = 0; i < ARRAY_LEN(kinds) && !e; i++)
		if (sp_is(p, kinds[i].token) && sp_kind_at(p, 1) != SP_T_DOT && sp_kind_at(p, 1) != SP_T_OPEN) {
			p->i++;
			e = new_call(p, first, sl(kinds[i].name), (enum sp_form)kinds[i].form);
		}
	if (!e)
		e = new_call(p, first, S("trim"), SP_FORM_TRIM_BOTH);
	if (!sp_is(p, SP_K_FROM)) {
		what = sp_value(p);
	}
	sp_need(p, SP_K_FROM);
	more(p, e);
	if (what)
		sp_add_ex(p, &e->call->args, what);
	return close_form(p, e);
}

static struct sp_ex *position(struct sp_parser *p, uint32_t first)
{
	struct sp_ex *e = new_call(p, first, S("position"), SP_FORM_POSITION);
	p->i += 2;
	more(p, e);
	sp_need(p, SP_K_IN);
	more(p, e);
	return close_form(p, e);
}

static struct sp_ex *overlay(struct sp_parser *p, uint32_t first)
{
	struct sp_ex *e = new_call(p, first, S("overlay"), SP_FORM_OVERLAY);
	p->i += 2;
	more(p, e);
	sp_need(p, SP_K_PLACING);
	more(p, e);
	sp_need(p, SP_K_FROM);
	more(p, e);
	if (sp_take(p, SP_K_FOR))
		more(p, e);
	return close_form(p, e);
}

static bool is_unit(enum sp_token_kind k)
{
	switch ((int)k) {
	case SP_K_YEAR: case SP_K_QUARTER: case SP_K_MONTH: case SP_K_WEEK: case SP_K_DAY: case SP_K_DAYOFYEAR: case SP_K_HOUR: case SP_K_MINUTE:
	case SP_K_SECOND: case SP_K_MILLISECOND: case SP_K_MICROSECOND:
		return true;
	default:
		return false;
	}
}

/* DATEADD(unit, n, x) and DATEDIFF(unit, a, b); NULL: a plain call of two, dateadd(x, n). */
static struct sp_ex *timestamp_form(struct sp_parser *p, uint32_t first, enum sp_form form)
{
	struct sp_ex *e;
	uint32_t unit = p->i + 2;
	enum sp_token_kind k = sp_kind_at(p, 2);
	if ((!is_unit(k) && !sp_is_string(k)) || sp_kind_at(p, 3) != SP_T_COMMA || !has(p, SP_T_COMMA, 2))
		return NULL;
	p->i += 4;
	e = new_call(p, first, sp_text(p, first), form);
	sp_add_ex(p, &e->call->args, sp_string_ex(p, unit, sp_text(p, unit)));
	more(p, e);
	sp_need(p, SP_T_COMMA);
	more(p, e);
	if (sp_is_string(k)) {
		struct slice name = sp_text(p, first), text = sp_unquote(p->a, sp_text(p, unit));
		sp_late(p, first, p->i + 1, "INVALID_PARAMETER_VALUE.DATETIME_UNIT", "22023", "The value of parameter(s) `unit` in `%.*s` is invalid: "
			"expects one of the units without quotes YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFYEAR, HOUR, MINUTE, SECOND, MILLISECOND, "
			"MICROSECOND, but got the string literal '%.*s'.", SL(name), SL(text));
	}
	return close_form(p, e);
}

static struct sp_ex *cast(struct sp_parser *p, uint32_t first)
{
	struct sp_ex *a, *e;
	struct slice text;
	const struct sp_type *type;
	bool try_ = sp_is(p, SP_K_TRY_CAST), soft = p->soft;
	p->i += 2;
	p->soft = false;
	a = sp_expression(p);
	p->soft = soft;
	sp_need(p, SP_K_AS);
	type = sp_type_here(p, &text);
	sp_need(p, SP_T_CLOSE);
	e = sp_new_ex(p, SP_EX_CAST, first);
	e->cast.a = a;
	e->cast.type = type;
	e->cast.type_text = text;
	e->cast.try_ = try_;
	return e;
}

/* struct(a AS x, b) */
static struct sp_ex *struct_call(struct sp_parser *p, uint32_t first)
{
	struct sp_ex *e = new_call(p, first, sp_text(p, first), SP_FORM_PLAIN);
	bool soft = p->soft;
	p->i += 2;
	p->soft = false;
	if (!sp_is(p, SP_T_CLOSE))
		sp_named_list(p, &e->call->args);
	p->soft = soft;
	sp_need(p, SP_T_CLOSE);
	call_tail(p, e);
	return e;
}

static struct sp_ex *case_ex(struct sp_parser *p, uint32_t first)
{
	struct sp_ex *e, *a = NULL, *other = NULL;
	struct sp_when *v = NULL;
	size_t n = 0, cap = 0;
	bool soft = p->soft;
	uint32_t blame = p->blame;
	if (sp_kind_at(p, 1) == SP_K_WHEN)
		blame = sp_blame(p, soft ? first + 2 : first + 1);
	p->soft = false;
	p->i++;
	if (!sp_is(p, SP_K_WHEN) || sp_kind_at(p, 1) == SP_K_WHEN)
		a = sp_expression(p);
	if (!sp_is(p, SP_K_WHEN))
		sp_syntax(p);
	while (sp_take(p, SP_K_WHEN)) {
		struct sp_when w = { 0 };
		w.when = sp_expression(p);
		if (!sp_take(p, SP_K_THEN))
			sp_syntax_at(p, p->i, sp_is(p, SP_T_END) ? "" : ": missing 'THEN'");
		w.then = sp_expression(p);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = w;
	}
	if (sp_take(p, SP_K_ELSE)) {
		other = sp_expression(p);
	} else if (!sp_is(p, SP_K_END)) {
		char hint[96];
		struct slice t = sp_is(p, SP_T_END) ? S("end of input") : sp_text(p, p->i);
		(void)snprintf(hint, sizeof(hint), sp_is(p, SP_T_END) ? ": extra input %.*s" : ": extra input '%.*s'", (int)(t.n < 60 ? t.n : 60), t.p);
		sp_syntax_at(p, p->i, hint);
	}
	sp_need(p, SP_K_END);
	p->blame = blame;
	p->soft = soft;
	e = sp_new_ex(p, SP_EX_CASE, first);
	e->cases.a = a;
	e->cases.whens = v;
	e->cases.n = (uint32_t)n;
	e->cases.other = other;
	return e;
}

/* A word with a grammar of its own; NULL: it's a name here, nothing is taken. */
struct sp_ex *sp_special(struct sp_parser *p)
{
	uint32_t first = p->i;
	enum sp_token_kind next = sp_kind_at(p, 1);
	if (sp_is(p, SP_K_CASE)) {
		if (next == SP_T_END || next == SP_T_CLOSE || next == SP_T_COMMA || next == SP_T_DOT || next == SP_T_EQ || next == SP_T_OPEN_BRACKET ||
		    next == SP_K_END || sp_clause_at(p, p->i + 1))
			return NULL;
		return case_ex(p, first);
	}
	if (next != SP_T_OPEN)
		return NULL;
	switch ((int)sp_kind_at(p, 0)) {
	case SP_K_CAST: case SP_K_TRY_CAST:
		return has(p, SP_K_AS, 1) ? cast(p, first) : NULL;
	case SP_K_STRUCT:
		return struct_call(p, first);
	case SP_K_EXTRACT:
		return sp_is_word(sp_kind_at(p, 2)) && sp_kind_at(p, 3) == SP_K_FROM ? extract(p, first) : NULL;
	case SP_K_SUBSTR: case SP_K_SUBSTRING:
		return has(p, SP_K_FROM, 1) || has(p, SP_K_FOR, 1) ? substring(p, first) : NULL;
	case SP_K_TRIM:
		return has(p, SP_K_FROM, 1) ? trim(p, first) : NULL;
	case SP_K_POSITION:
		return has(p, SP_K_IN, 1) ? position(p, first) : NULL;
	case SP_K_OVERLAY:
		return has(p, SP_K_PLACING, 1) ? overlay(p, first) : NULL;
	case SP_K_TIMESTAMPADD: case SP_K_DATEADD: case SP_K_DATE_ADD:
		return timestamp_form(p, first, SP_FORM_TIMESTAMPADD);
	case SP_K_TIMESTAMPDIFF: case SP_K_DATEDIFF: case SP_K_DATE_DIFF:
		return timestamp_form(p, first, SP_FORM_TIMESTAMPDIFF);
	default:
		return NULL;
	}
}
