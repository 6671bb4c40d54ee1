/* FROM: tables, subqueries, joins, LATERAL VIEW, PIVOT, UNPIVOT. */
#include "sparksql/parser.h"

struct sp_rel *sp_new_rel(struct sp_parser *p, enum sp_rel_kind kind, uint32_t first)
{
	struct sp_rel *r = arena_alloc(p->a, sizeof(*r));
	r->kind = (uint8_t)kind;
	r->at = p->t[first].at;
	r->end = p->t[p->i > first ? p->i - 1 : first].end;
	return r;
}

static void close_rel(const struct sp_parser *p, struct sp_rel *r)
{
	r->end = p->t[p->i - 1].end;
}

void sp_alias(struct sp_parser *p, struct sp_alias *out)
{
	bool as = sp_is(p, SP_K_AS) && sp_is_word(sp_kind_at(p, 1)) && !sp_is_strict(sp_kind_at(p, 1));
	*out = (struct sp_alias){ .name = sl(NULL) };
	if (as)
		p->i++;
	if (!as && (!sp_alias_here(p) || sp_is_strict(sp_kind_at(p, 0)) || (p->from_first && sp_is(p, SP_K_SELECT))))
		return;
	out->name = sp_ident(p);
	if (sp_is(p, SP_T_OPEN))
		sp_ident_list(p, &out->columns);
}

/* ---------------------------------------------------------------- TABLESAMPLE */

static void percent(struct sp_parser *p, struct sp_sample *s, uint32_t first)
{
	bool minus = sp_take(p, SP_T_MINUS);
	double v = strtod(arena_cstr(p->a, sp_text(p, p->i)), NULL);
	p->i += 2;
	s->kind = SP_SAMPLE_PERCENT;
	s->percent = minus ? -v : v;
	if (s->percent < 0 || s->percent > 100) {
		char text[32];
		(void)snprintf(text, sizeof(text), "%.15g", s->percent / 100);
		sp_late(p, first, p->i + 1, "_LEGACY_ERROR_TEMP_0064", "", "Sampling fraction (%s%s) must be on interval [0, 1].", text, strchr(text, '.') ? "" : ".0");
	}
}

static struct sp_sample *sample(struct sp_parser *p)
{
	struct sp_sample *s;
	uint32_t first = p->i;
	if (!sp_is2(p, SP_K_TABLESAMPLE, SP_T_OPEN))
		return NULL;
	s = arena_alloc(p->a, sizeof(*s));
	p->i += 2;
	if (sp_is(p, SP_T_CLOSE)) {
		sp_late(p, first, p->i + 1, "_LEGACY_ERROR_TEMP_0014", "", "TABLESAMPLE does not accept empty inputs.");
	} else if (sp_is2(p, SP_K_BUCKET, SP_T_INTEGER)) {
		p->i++;
		s->kind = SP_SAMPLE_BUCKET;
		s->bucket = sp_integer(p);
		sp_need(p, SP_K_OUT);
		sp_need(p, SP_K_OF);
		s->of = sp_integer(p);
		if (sp_take(p, SP_K_ON)) {
			sp_late(p, first, p->i, "_LEGACY_ERROR_TEMP_0015", "", "TABLESAMPLE(BUCKET x OUT OF y ON colname) is not supported.");
			(void)sp_term(p);
		}
	} else if ((sp_is(p, SP_T_INTEGER) || sp_is(p, SP_T_DECIMAL) || sp_is(p, SP_T_MINUS)) &&
		   sp_kind_at(p, 1 + sp_is(p, SP_T_MINUS)) == SP_K_PERCENT) {
		percent(p, s, first);
	} else {
		uint32_t value = p->i;
		s->rows = sp_expression(p);
		s->kind = SP_SAMPLE_ROWS;
		if (!sp_take(p, SP_K_ROWS)) {
			struct slice text = sp_text_from(p, value);
			sp_late(p, value, p->i, "_LEGACY_ERROR_TEMP_0016", "", "%.*s is not a valid byte length literal, expected syntax: DIGIT+ ('B' | 'K' | 'M' | 'G').", SL(text));
		}
	}
	sp_need(p, SP_T_CLOSE);
	if (sp_take2(p, SP_K_REPEATABLE, SP_T_OPEN)) {
		s->has_seed = true;
		s->seed = sp_integer(p);
		sp_need(p, SP_T_CLOSE);
	}
	return s;
}

/* ---------------------------------------------------------------- one relation */

/* VERSION AS OF, TIMESTAMP AS OF, `@v3`; `@20200101000000000` stays a part of the name, for who looks it up */
static void time_travel(struct sp_parser *p, struct sp_rel *r)
{
	uint32_t behind = p->i + (sp_is(p, SP_K_FOR) ? 1 : 0);
	bool version;
	struct slice t;
	if (sp_is(p, SP_T_UNKNOWN) && sp_text(p, p->i).p[0] == '@' && sp_kind_at(p, 1) == SP_T_INTEGER && p->t[p->i].at == p->t[p->i - 1].end) {
		struct slice *last = &r->table.name.parts[r->table.name.n - 1];
		t = sp_text(p, p->i + 1);
		*last = arena_printf(p->a, "%.*s@%.*s", SL(*last), SL(t));
		p->i += 2;
		return;
	}
	if (sp_is(p, SP_T_UNKNOWN) && sp_text(p, p->i).p[0] == '@' && sp_kind_at(p, 1) == SP_T_WORD && p->t[p->i].at == p->t[p->i - 1].end) {
		t = sp_text(p, p->i + 1);
		if (t.n > 1 && (t.p[0] | 32) == 'v') {
			r->table.version = sl_from(t, 1);
			p->i += 2;
		}
		return;
	}
	if (!sp_clause_at(p, p->i))
		return;
	version = p->t[behind].kind == SP_K_VERSION || p->t[behind].kind == SP_K_SYSTEM_VERSION;
	if (!version && p->t[behind].kind != SP_K_TIMESTAMP && p->t[behind].kind != SP_K_SYSTEM_TIME)
		return;
	p->i = behind + 1;
	sp_need(p, SP_K_AS);
	sp_need(p, SP_K_OF);
	if (!version) {
		r->table.timestamp = sp_value(p);
	} else if (sp_is_string(sp_kind_at(p, 0))) {
		r->table.version = sp_string(p);
	} else {
		t = sp_text(p, p->i);
		sp_need(p, SP_T_INTEGER);
		r->table.version = t;
	}
}

static struct sp_rel *table(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct sp_rel *r = sp_new_rel(p, SP_REL_TABLE, first);
	if (sp_is2(p, SP_K_IDENTIFIER, SP_T_OPEN))
		sp_identifier(p, &r->table.name);
	else
		sp_name(p, &r->table.name);
	r->table.version = sl(NULL);
	if (sp_is(p, SP_T_OPEN) && r->table.name.n) { /* a function */
		struct sp_name name = r->table.name;
		r->kind = SP_REL_FUNCTION;
		r->function.name = name;
		r->function.args = (struct sp_exs){ 0 };
		p->i++;
		sp_enter(p);
		if (!sp_is(p, SP_T_CLOSE))
			sp_arguments(p, &r->function.args, true);
		p->depth--;
		sp_need(p, SP_T_CLOSE);
		return r;
	}
	time_travel(p, r);
	if (sp_is2(p, SP_K_WITH, SP_T_OPEN))  {
		p->i++;
		sp_options(p, &r->table.options, SP_VALUES_ANY);
	}
	r->sample = sample(p);
	return r;
}

struct sp_rel *sp_inline_table(struct sp_parser *p)
{
	uint32_t first = p->i++;
	struct sp_rel *r = sp_new_rel(p, SP_REL_VALUES, first);
	sp_expressions(p, &r->rows);
	sp_alias(p, &r->alias);
	close_rel(p, r);
	return r;
}

static struct sp_rel *primary(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct sp_rel *r, *inner;
	if (sp_is(p, SP_K_VALUES) && (sp_kind_at(p, 1) == SP_T_OPEN || sp_is_number(sp_kind_at(p, 1)) || sp_is_string(sp_kind_at(p, 1)) ||
				      sp_kind_at(p, 1) == SP_T_MINUS || sp_kind_at(p, 1) == SP_K_NULL ||
				      (sp_kind_at(p, 2) == SP_T_OPEN && sp_kind_at(p, 3) == SP_T_CLOSE)))
		return sp_inline_table(p);
	if (sp_is(p, SP_T_OPEN)) {
		p->i++;
		if (sp_query_at(p, p->i)) {
			struct sp_query *q = sp_query_in_parens(p);
			r = sp_new_rel(p, SP_REL_QUERY, first);
			r->query = q;
		} else {
			inner = sp_relation(p);
			sp_need(p, SP_T_CLOSE);
			r = sp_new_rel(p, SP_REL_PARENS, first);
			r->inner = inner;
		}
		r->sample = sample(p);
	} else {
		if (!sp_is_word(sp_kind_at(p, 0)) || (sp_is(p, SP_K_SELECT) && sp_is_word(sp_kind_at(p, 1)) && sp_kind_at(p, 2) == SP_K_FROM))
			sp_syntax(p);
		r = table(p);
	}
	sp_alias(p, &r->alias);
	close_rel(p, r);
	return r;
}

/* ---------------------------------------------------------------- PIVOT, UNPIVOT, LATERAL VIEW */

static struct sp_rel *pivot(struct sp_parser *p, struct sp_rel *of, uint32_t first)
{
	struct sp_rel *r = sp_new_rel(p, SP_REL_PIVOT, first);
	size_t n = 0, cap = 0;
	struct sp_pivot_value *v = NULL;
	p->i += 2;
	r->pivot.of = of;
	sp_named_list(p, &r->pivot.aggregates);
	sp_need(p, SP_K_FOR);
	if (sp_is(p, SP_T_OPEN)) {
		sp_ident_list(p, &r->pivot.columns);
	} else {
		r->pivot.columns.v = arena_alloc(p->a, sizeof(*r->pivot.columns.v));
		r->pivot.columns.v[0] = sp_ident_strict(p);
		r->pivot.columns.n = 1;
	}
	sp_need(p, SP_K_IN);
	sp_need(p, SP_T_OPEN);
	do {
		struct sp_ex *e = sp_named(p);
		bool alias = e->kind == SP_EX_ALIAS && e->alias.name.p;
		ARENA_GROW(p->a, v, n, cap);
		v[n].ex = alias ? e->alias.a : e;
		v[n++].name = alias ? e->alias.name : sl(NULL);
	} while (sp_take(p, SP_T_COMMA));
	sp_need(p, SP_T_CLOSE);
	sp_need(p, SP_T_CLOSE);
	r->pivot.values = v;
	r->pivot.n = (uint32_t)n;
	r->alias.name = sl(NULL);
	close_rel(p, r);
	return r;
}

static void unpivot_sets(struct sp_parser *p, struct sp_rel *r)
{
	size_t n = 0, cap = 0;
	struct sp_unpivot_set *v = NULL;
	do {
		struct sp_unpivot_set s = { .name = sl(NULL) };
		if (r->unpivot.multi) {
			sp_need(p, SP_T_OPEN);
			sp_names(p, &s.columns);
			sp_need(p, SP_T_CLOSE);
		} else {
			s.columns.v = arena_alloc(p->a, sizeof(*s.columns.v));
			s.columns.n = 1;
			sp_name(p, s.columns.v);
		}
		if (sp_take(p, SP_K_AS) || sp_is_word(sp_kind_at(p, 0)))
			s.name = sp_ident_strict(p);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = s;
	} while (sp_take(p, SP_T_COMMA));
	r->unpivot.sets = v;
	r->unpivot.n = (uint32_t)n;
}

static struct sp_rel *unpivot(struct sp_parser *p, struct sp_rel *of, uint32_t first)
{
	struct sp_rel *r = sp_new_rel(p, SP_REL_UNPIVOT, first);
	p->i++;
	r->unpivot.of = of;
	if (sp_is(p, SP_K_INCLUDE) || sp_is(p, SP_K_EXCLUDE)) {
		r->unpivot.include_nulls = sp_is(p, SP_K_INCLUDE);
		p->i++;
		sp_need(p, SP_K_NULLS);
	}
	sp_need(p, SP_T_OPEN);
	r->unpivot.multi = sp_is(p, SP_T_OPEN);
	if (r->unpivot.multi) {
		sp_ident_list(p, &r->unpivot.values);
	} else {
		r->unpivot.values.v = arena_alloc(p->a, sizeof(*r->unpivot.values.v));
		r->unpivot.values.v[0] = sp_ident(p);
		r->unpivot.values.n = 1;
	}
	sp_need(p, SP_K_FOR);
	r->unpivot.name = sp_ident(p);
	sp_need(p, SP_K_IN);
	sp_need(p, SP_T_OPEN);
	unpivot_sets(p, r);
	sp_need(p, SP_T_CLOSE);
	sp_need(p, SP_T_CLOSE);
	sp_alias(p, &r->alias);
	close_rel(p, r);
	return r;
}

struct sp_rel *sp_lateral_views(struct sp_parser *p, struct sp_rel *of)
{
	struct sp_rel *r;
	while (sp_is2(p, SP_K_LATERAL, SP_K_VIEW)) {
		uint32_t first = p->i;
		p->i += 2;
		r = sp_new_rel(p, SP_REL_LATERAL_VIEW, first);
		r->view.of = of;
		r->view.outer = sp_is(p, SP_K_OUTER) && sp_kind_at(p, 1) != SP_T_OPEN && sp_take(p, SP_K_OUTER);
		sp_name(p, &r->view.name);
		sp_need(p, SP_T_OPEN);
		if (!sp_is(p, SP_T_CLOSE))
			sp_expressions(p, &r->view.args);
		sp_need(p, SP_T_CLOSE);
		r->alias.name = sl(NULL);
		if (!sp_is(p, SP_K_AS) && !sp_clause_at(p, p->i))
			r->alias.name = sp_ident(p);
		if (sp_take(p, SP_K_AS) || (r->alias.name.p && sp_alias_here(p) && !sp_is_strict(sp_kind_at(p, 0))))
			sp_idents_of(p, &r->alias.columns);
		close_rel(p, r);
		of = r;
	}
	return of;
}

/* ---------------------------------------------------------------- joins */

/* The words of a join up to JOIN; -1: no join is here, nothing is taken. */
static int join_kind(struct sp_parser *p, bool *natural)
{
	static const struct {
		uint16_t words[3];
		uint8_t kind;
	} kinds[] = {
		{ { SP_K_LEFT, SP_K_OUTER }, SP_JOIN_LEFT }, { { SP_K_LEFT, SP_K_SEMI }, SP_JOIN_LEFT_SEMI }, { { SP_K_LEFT, SP_K_ANTI }, SP_JOIN_LEFT_ANTI },
		{ { SP_K_LEFT }, SP_JOIN_LEFT }, { { SP_K_RIGHT, SP_K_OUTER }, SP_JOIN_RIGHT }, { { SP_K_RIGHT }, SP_JOIN_RIGHT },
		{ { SP_K_FULL, SP_K_OUTER }, SP_JOIN_FULL }, { { SP_K_FULL }, SP_JOIN_FULL }, { { SP_K_INNER }, SP_JOIN_INNER },
		{ { SP_K_CROSS }, SP_JOIN_CROSS }, { { SP_K_SEMI }, SP_JOIN_LEFT_SEMI }, { { SP_K_ANTI }, SP_JOIN_LEFT_ANTI },
	};
	uint32_t at = sp_is(p, SP_K_NATURAL) ? 1 : 0, words;
	char hint[96];
	*natural = at == 1;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		for (words = 0; kinds[i].words[words] && sp_kind_at(p, at + words) == kinds[i].words[words]; words++)
			;
		if (kinds[i].words[words])
			continue;
		p->i += at + words;
		if (!sp_take(p, SP_K_JOIN)) {
			struct slice t = sp_text(p, p->i);
			(void)snprintf(hint, sizeof(hint), ": extra input '%.*s'", (int)(t.n < 60 ? t.n : 60), t.p);
			sp_syntax_at(p, p->i, sp_kind_at(p, 1) == SP_K_JOIN ? hint : sp_is_word(sp_kind_at(p, 0)) ? ": missing 'JOIN'" : "");
		}
		return kinds[i].kind;
	}
	if (sp_kind_at(p, at) != SP_K_JOIN)
		return -1;
	p->i += at + 1;
	return SP_JOIN_INNER;
}

/* Behind JOIN or a comma; at: where the join's words began. */
static struct sp_rel *join(struct sp_parser *p, struct sp_rel *left, uint32_t first, uint32_t at, int kind, bool natural, bool comma)
{
	struct sp_rel *r, *right;
	bool lateral = sp_is(p, SP_K_LATERAL) && sp_kind_at(p, 1) != SP_K_VIEW && sp_take(p, SP_K_LATERAL);
	sp_enter(p);
	right = comma ? sp_relation(p) : primary(p);
	p->depth--;
	right->lateral |= lateral;
	r = sp_new_rel(p, SP_REL_JOIN, first);
	r->alias.name = sl(NULL);
	r->join.kind = (uint8_t)kind;
	r->join.natural = natural;
	r->join.comma = comma;
	r->word = p->t[at].at;
	r->join.left = left;
	r->join.right = right;
	if (natural && right->lateral)
		sp_late(p, at, p->i, "INCOMPATIBLE_JOIN_TYPES", "42613", "The join types LATERAL and NATURAL are incompatible.");
	if (right->lateral && (kind == SP_JOIN_RIGHT || kind == SP_JOIN_FULL || kind == SP_JOIN_LEFT_SEMI || kind == SP_JOIN_LEFT_ANTI))
		sp_late(p, at, p->i, "INVALID_LATERAL_JOIN_TYPE", "42613", "The %s JOIN with LATERAL correlation is not allowed because an OUTER subquery "
			"cannot correlate to its join partner. Remove the LATERAL correlation or use an INNER JOIN, or LEFT OUTER JOIN instead.",
			kind == SP_JOIN_RIGHT ? "RIGHT OUTER" : kind == SP_JOIN_FULL ? "FULL OUTER" : kind == SP_JOIN_LEFT_SEMI ? "LEFT SEMI" : "LEFT ANTI");
	if (natural && kind == SP_JOIN_CROSS)
		sp_late(p, at, p->i, "INCOMPATIBLE_JOIN_TYPES", "42613", "The join types NATURAL and CROSS are incompatible.");
	if (!natural && !comma) {
		if (sp_take(p, SP_K_ON)) {
			r->join.on = sp_expression(p);
		} else if (sp_take(p, SP_K_USING)) {
			if (right->lateral)
				sp_late(p, at, p->i, "UNSUPPORTED_FEATURE.LATERAL_JOIN_USING", "0A000", "The feature is not supported: JOIN USING with LATERAL "
					"correlation.");
			if (sp_is_word(sp_kind_at(p, 0)))
				sp_syntax_at(p, p->i, ": missing '('");
			sp_ident_list(p, &r->join.using);
		}
	}
	close_rel(p, r);
	return r;
}

struct sp_rel *sp_relation(struct sp_parser *p)
{
	uint32_t first = p->i;
	bool lateral = sp_is(p, SP_K_LATERAL) && sp_take(p, SP_K_LATERAL), natural;
	struct sp_rel *r;
	int kind;
	sp_enter(p);
	r = primary(p);
	r->lateral = lateral;
	for (;;) {
		uint32_t at = p->i;
		if (sp_is2(p, SP_K_PIVOT, SP_T_OPEN))
			r = pivot(p, r, first);
		else if (sp_is(p, SP_K_UNPIVOT) && sp_clause_at(p, p->i))
			r = unpivot(p, r, first);
		else if ((kind = join_kind(p, &natural)) >= 0)
			r = join(p, r, first, at, kind, natural, false);
		else
			break;
	}
	p->depth--;
	return r;
}

struct sp_rel *sp_from(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct sp_rel *r;
	r = sp_relation(p);
	while (sp_take(p, SP_T_COMMA))
		r = join(p, r, first, p->i - 1, SP_JOIN_INNER, false, true);
	r = sp_lateral_views(p, r);
	if (sp_is2(p, SP_K_PIVOT, SP_T_OPEN))
		r = pivot(p, r, first);
	if (sp_is(p, SP_K_UNPIVOT) && sp_clause_at(p, p->i))
		r = unpivot(p, r, first);
	/* Spark takes no join behind a LATERAL VIEW; Databricks and Hive do */
	while (r->kind == SP_REL_LATERAL_VIEW || r->kind == SP_REL_JOIN) {
		bool natural;
		uint32_t at = p->i;
		int kind = join_kind(p, &natural);
		if (kind < 0)
			break;
		r = join(p, r, first, at, kind, natural, false);
		r = sp_lateral_views(p, r);
	}
	return r;
}
