/* Terms of expressions: literals, names, calls in all their forms, parentheses, what is behind a dot or in brackets. */
#include "sparksql/parser.h"

struct sp_ex *sp_string_ex(struct sp_parser *p, uint32_t first, struct slice text)
{
	struct sp_ex *e = sp_new_ex(p, SP_EX_LITERAL, first);
	e->lit.kind = SP_LIT_STRING;
	e->lit.text = text;
	return e;
}

static struct sp_ex *name_ex(struct sp_parser *p, uint32_t first)
{
	struct sp_ex *e;
	struct slice *part = arena_alloc(p->a, sizeof(*part));
	bool quoted = sp_is(p, SP_T_BACKQUOTED);
	*part = sp_ident(p);
	e = sp_new_ex(p, SP_EX_NAME, first);
	e->name = (struct sp_name){ part, 1, e->at, e->end, quoted, sp_cut_uid(p, part) };
	return e;
}

/* ---------------------------------------------------------------- parentheses, stars, lambdas */

static struct sp_ex *lambda(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct sp_idents params = { 0 };
	struct sp_ex *body, *e;
	if (sp_is(p, SP_T_OPEN)) {
		sp_ident_list(p, &params);
	} else {
		params.v = arena_alloc(p->a, sizeof(*params.v));
		params.v[0] = sp_ident(p);
		params.n = 1;
	}
	sp_need(p, SP_T_ARROW);
	body = sp_expression(p);
	e = sp_new_ex(p, SP_EX_LAMBDA, first);
	e->lambda.params = params;
	e->lambda.body = body;
	return e;
}

static struct sp_ex *parens(struct sp_parser *p)
{
	uint32_t first = p->i;
	bool soft = p->soft, undecided = p->undecided;
	struct sp_ex *e;
	struct sp_exs list = { 0 };
	if (p->t[p->t[first].match].kind == SP_T_CLOSE && p->t[p->t[first].match + 1].kind == SP_T_ARROW)
		return lambda(p);
	p->i++;
	if (sp_query_at(p, p->i)) {
		struct sp_query *q;
		p->undecided = false;
		q = sp_query_in_parens(p);
		p->undecided = undecided;
		e = sp_new_ex(p, SP_EX_SUBQUERY, first);
		e->query = q;
		return e;
	}
	p->soft = false;
	p->undecided = true;
	e = sp_named(p);
	if (sp_is(p, SP_T_COMMA)) {
		sp_add_ex(p, &list, e);
		while (sp_take(p, SP_T_COMMA))
			sp_add_ex(p, &list, sp_named(p));
	} else if (e->kind == SP_EX_ALIAS) {
		sp_syntax(p);
	}
	sp_need(p, SP_T_CLOSE);
	p->undecided = undecided;
	p->soft = soft;
	if (list.n == 0) {
		e->parens = true;
		return e;
	}
	e = sp_new_ex(p, SP_EX_ROW, first);
	e->list = list;
	return e;
}

static struct sp_ex *star(struct sp_parser *p, uint32_t first, struct sp_name of)
{
	struct sp_ex *e;
	struct sp_names except = { 0 };
	p->i++;
	if (sp_is2(p, SP_K_EXCEPT, SP_T_OPEN) && !sp_query_at(p, p->i + 2)) {
		p->i += 2;
		sp_names(p, &except);
		sp_need(p, SP_T_CLOSE);
	}
	e = sp_new_ex(p, SP_EX_STAR, first);
	e->star.of = of;
	e->star.except = except;
	return e;
}

static struct sp_ex *param(struct sp_parser *p)
{
	uint32_t first = p->i;
	bool named = sp_take(p, SP_T_COLON);
	struct slice name = sl(NULL);
	struct sp_ex *e;
	if (named)
		name = sp_ident(p);
	else
		p->i++;
	e = sp_new_ex(p, SP_EX_PARAM, first);
	e->param.name = name;
	e->param.nth = named ? 0 : p->n_params++;
	return e;
}

static struct sp_ex *base(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct sp_ex *e;
	enum sp_token_kind k = sp_kind_at(p, 0);
	if (k == SP_T_OPEN)
		return parens(p);
	if (k == SP_T_STAR)
		return star(p, first, (struct sp_name){ 0 });
	if (k == SP_T_QUESTION || (k == SP_T_COLON && sp_is_word(sp_kind_at(p, 1))))
		return param(p);
	if (sp_is_word(k) && sp_kind_at(p, 1) == SP_T_ARROW)
		return lambda(p);
	e = sp_literal(p);
	if (!e && sp_is_word(k))
		e = sp_special(p);
	if (e)
		return e;
	if (!sp_is_word(k))
		sp_syntax(p);
	e = name_ex(p, first);
	if (sp_is(p, SP_T_OPEN))
		return sp_call_of(p, first, e->name);
	return e;
}

/* ---------------------------------------------------------------- what stands behind a term */

/* `.name`, `.*`, `.f(..)` behind e. */
static struct sp_ex *dot(struct sp_parser *p, uint32_t first, struct sp_ex *e)
{
	uint32_t field;
	struct slice name;
	struct sp_ex *f;
	p->i++;
	if (sp_is(p, SP_T_STAR) && e->kind == SP_EX_NAME && !e->parens)
		return star(p, first, e->name);
	field = p->i;
	f = name_ex(p, field);
	if (e->kind == SP_EX_NAME) {
		if ((e->name.n & (e->name.n - 1)) == 0) { /* room is always a power of two */
			struct slice *v = arena_alloc(p->a, e->name.n * 2 * sizeof(*v));
			memcpy(v, e->name.parts, e->name.n * sizeof(*v));
			e->name.parts = v;
		}
		if (e->name.n < 32)
			e->name.quoted |= f->name.quoted << e->name.n;
		e->name.parts[e->name.n++] = f->name.parts[0];
		e->name.end = e->end = f->end;
		e->at = e->name.at = p->t[first].at;
		return sp_is(p, SP_T_OPEN) && !e->parens ? sp_call_of(p, first, e->name) : e;
	}
	name = f->name.parts[0];
	f->kind = SP_EX_FIELD;
	f->at = p->t[first].at;
	f->field.a = e;
	f->field.name = name;
	return f;
}

static struct sp_ex *subscript(struct sp_parser *p, uint32_t first, struct sp_ex *a)
{
	struct sp_ex *e, *b;
	bool soft = p->soft;
	p->i++;
	p->soft = false;
	b = sp_value(p);
	p->soft = soft;
	if (sp_is_word(sp_kind_at(p, 0)))
		sp_must(p, SP_T_CLOSE_BRACKET);
	sp_need(p, SP_T_CLOSE_BRACKET);
	e = sp_new_ex(p, SP_EX_SUBSCRIPT, first);
	e->a = a;
	e->b = b;
	return e;
}

static struct sp_ex *cast_by_colons(struct sp_parser *p, uint32_t first, struct sp_ex *a)
{
	struct slice text;
	const struct sp_type *type;
	struct sp_ex *e;
	p->i += 2;
	type = sp_type_here(p, &text);
	e = sp_new_ex(p, SP_EX_CAST, first);
	e->cast.a = a;
	e->cast.type = type;
	e->cast.type_text = text;
	e->cast.colon = true;
	return e;
}

/* Databricks: `column:path.of['json'][0]`; the ':' touches both sides. */
static struct sp_ex *json_path(struct sp_parser *p, uint32_t first, struct sp_ex *a)
{
	struct sp_ex *e;
	uint32_t begin = ++p->i;
	(void)sp_ident(p);
	for (;;) {
		if (sp_is(p, SP_T_DOT) && sp_is_word(sp_kind_at(p, 1)))
			p->i += 2;
		else if (sp_is(p, SP_T_OPEN_BRACKET) && sp_kind_at(p, 2) == SP_T_CLOSE_BRACKET)
			p->i += 3;
		else
			break;
	}
	e = sp_new_ex(p, SP_EX_JSON_PATH, first);
	e->field.a = a;
	e->field.name = sp_text_from(p, begin);
	return e;
}

struct sp_ex *sp_term(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct sp_ex *e = base(p);
	for (;;) {
		if (sp_is(p, SP_T_DOT)) {
			e = dot(p, first, e);
		} else if (sp_is(p, SP_T_OPEN_BRACKET)) {
			e = subscript(p, first, e);
		} else if (sp_is2(p, SP_T_COLON, SP_T_COLON) && p->t[p->i].end == p->t[p->i + 1].at) {
			e = cast_by_colons(p, first, e);
		} else if (sp_is(p, SP_T_COLON) && e->kind == SP_EX_NAME && sp_is_word(sp_kind_at(p, 1)) && p->t[p->i].at == e->end &&
			   p->t[p->i].end == p->t[p->i + 1].at) {
			e = json_path(p, first, e);
		} else if (sp_is(p, SP_K_COLLATE) && sp_is_word(sp_kind_at(p, 1)) && !sp_clause_at(p, p->i + 1)) {
			struct sp_ex *a = e;
			struct slice name;
			p->i++;
			name = sp_ident(p);
			e = sp_new_ex(p, SP_EX_COLLATE, first);
			e->field.a = a;
			e->field.name = name;
		} else {
			return e;
		}
	}
}
