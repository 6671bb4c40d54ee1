/* Directives: #set, #if, #foreach, #macro and the others, from their name to their #end. */
#include "velocity/tree.h"

/* "(" of a directive, white space before it skipped. */
static bool open_paren(struct vtl_parser *p)
{
	size_t back = p->pos;
	vtl_skip_space(p);
	if (vtl_take(p, '('))
		return true;
	p->pos = back;
	return false;
}

static bool close_paren(struct vtl_parser *p)
{
	vtl_skip_space(p);
	if (!vtl_take(p, ')'))
		return vtl_parse_fail(p, "expected )");
	p->after_ref = p->after_set = false;
	vtl_eat_line_end(p);
	return true;
}

struct vtl_node *vtl_parse_set(struct vtl_parser *p, size_t length)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_SET, p->pos), *left, *right;
	struct vtl_kids kids = { 0 };
	bool again = p->after_set;
	p->pos += length;
	vtl_skip_space(p);
	if (vtl_peek(p, 0) != '$')
		return vtl_parse_fail(p, "#set needs a reference on the left");
	left = vtl_parse_ref(p);
	if (!left)
		return NULL;
	vtl_skip_space(p);
	if (vtl_peek(p, 0) != '=' || vtl_peek(p, 1) == '=')
		return vtl_parse_fail(p, "expected = in #set");
	p->pos++;
	right = vtl_parse_expr(p);
	if (!right || !close_paren(p))
		return NULL;
	vtl_kids_add(p, &kids, left);
	vtl_kids_add(p, &kids, right);
	vtl_node_end(p, n, &kids);
	p->after_ref = p->after_set = again;
	return n;
}

/* A condition in parentheses and the block behind it. */
static bool parse_branch(struct vtl_parser *p, struct vtl_kids *kids, enum vtl_end *stop)
{
	struct vtl_node *condition, *block;
	if (!open_paren(p))
		return vtl_parse_fail(p, "expected ( after #if or #elseif");
	condition = vtl_parse_expr(p);
	if (!condition || !close_paren(p))
		return false;
	block = vtl_parse_block(p, stop);
	if (!block)
		return false;
	vtl_kids_add(p, kids, condition);
	vtl_kids_add(p, kids, block);
	return true;
}

struct vtl_node *vtl_parse_if(struct vtl_parser *p, size_t start)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_IF, start), *block;
	struct vtl_kids kids = { 0 };
	enum vtl_end stop = VTL_END_ELSEIF;
	while (stop == VTL_END_ELSEIF)
		if (!parse_branch(p, &kids, &stop))
			return NULL;
	if (stop == VTL_END_ELSE) {
		block = vtl_parse_block(p, &stop);
		if (!block)
			return NULL;
		vtl_kids_add(p, &kids, block);
	}
	if (stop != VTL_END_END)
		return vtl_parse_fail(p, "#if without #end");
	return vtl_node_end(p, n, &kids);
}

static struct vtl_node *parse_argument(struct vtl_parser *p)
{
	struct vtl_node *n;
	struct slice word;
	size_t start = p->pos;
	if (vtl_is_letter(vtl_peek(p, 0)) || vtl_peek(p, 0) == '_' || vtl_peek(p, 0) == '@') {
		n = vtl_node_new(p, VTL_N_WORD, start);
		word = vtl_parse_word(p);
		if (!sl_eqs(word, "true") && !sl_eqs(word, "false")) {
			n->text = word;
			return vtl_node_end(p, n, NULL);
		}
		p->pos = start;
	}
	n = vtl_parse_operand(p);
	if (n)
		n->constant = n->kind == VTL_N_CONST && n->value.type != VTL_STRING;
	return n;
}

/* Arguments up to ")": apart by white space or one comma, or by nothing. */
static bool parse_arguments(struct vtl_parser *p, struct vtl_kids *kids)
{
	for (;;) {
		struct vtl_node *arg;
		vtl_skip_space(p);
		if (vtl_peek(p, 0) == ')')
			return close_paren(p);
		if (vtl_take(p, ','))
			vtl_skip_space(p);
		arg = parse_argument(p);
		if (!arg)
			return false;
		vtl_kids_add(p, kids, arg);
	}
}

static struct vtl_node *parse_body(struct vtl_parser *p)
{
	enum vtl_end stop;
	struct vtl_node *block = vtl_parse_block(p, &stop);
	if (block && stop != VTL_END_END)
		return vtl_parse_fail(p, "a directive without #end");
	return block;
}

struct vtl_macro *vtl_find_macro(struct vtl_parser *p, struct slice name)
{
	for (struct vtl_macro *m = p->macros; m; m = m->next)
		if (sl_eq(m->name, name))
			return m;
	return NULL;
}

/* The first definition of a name stays. */
static struct vtl_node *define_macro(struct vtl_parser *p, struct vtl_node *n, const struct vtl_kids *args)
{
	struct vtl_macro *m = arena_alloc(p->arena, sizeof(*m));
	struct vtl_node *body;
	if (!args->n || args->v[0]->kind != VTL_N_WORD)
		return vtl_parse_fail(p, "#macro needs a name");
	m->name = args->v[0]->text;
	m->params = arena_alloc(p->arena, args->n * sizeof(*m->params));
	for (size_t i = 1; i < args->n; i++) {
		/* Anything passes as a parameter; only a reference can be used. */
		m->params[m->param_n++] = args->v[i]->kind == VTL_N_REF ? args->v[i]->text : S("");
	}
	body = parse_body(p);
	if (!body)
		return NULL;
	m->body = body;
	if (!vtl_find_macro(p, m->name)) {
		if (++p->macro_n > VTL_MACROS_MAX)
			return vtl_parse_fail(p, "too many macros");
		m->next = p->macros;
		p->macros = m;
	}
	n->kind = VTL_N_BLOCK;
	return n;
}

static bool arguments_are(struct vtl_parser *p, const struct vtl_kids *args, size_t min, size_t max)
{
	for (size_t i = 0; i < args->n; i++)
		if (args->v[i]->kind == VTL_N_WORD)
			vtl_parse_fail(p, "a bare word is no argument here");
	if (args->n < min || args->n > max)
		vtl_parse_fail(p, "wrong number of arguments of a directive");
	return !p->status;
}

static struct vtl_node *parse_foreach(struct vtl_parser *p, struct vtl_node *n, struct vtl_kids *args)
{
	struct vtl_kids kids = { 0 };
	struct vtl_node *body;
	if (args->n != 3 || args->v[0]->kind != VTL_N_REF || args->v[1]->kind != VTL_N_WORD || args->v[2]->kind == VTL_N_WORD)
		return vtl_parse_fail(p, "#foreach is ($variable in list)");
	body = parse_body(p);
	if (!body)
		return NULL;
	vtl_kids_add(p, &kids, args->v[0]);
	vtl_kids_add(p, &kids, args->v[2]);
	vtl_kids_add(p, &kids, body);
	n->kind = VTL_N_FOREACH;
	n->kids = kids.v;
	n->n = kids.n;
	return n;
}

static struct vtl_node *parse_define(struct vtl_parser *p, struct vtl_node *n, const struct vtl_kids *args)
{
	struct vtl_kids kids = { 0 };
	struct vtl_node *body;
	if (args->n != 1 || args->v[0]->kind != VTL_N_REF)
		return vtl_parse_fail(p, "#define needs a reference");
	body = parse_body(p);
	if (!body)
		return NULL;
	vtl_kids_add(p, &kids, body);
	n->kind = VTL_N_DEFINE;
	n->text = args->v[0]->text;
	n->slot = args->v[0]->slot;
	n->kids = kids.v;
	n->n = kids.n;
	return n;
}

/* #literal prints its block unread, after having parsed it. */
static struct vtl_node *parse_literal(struct vtl_parser *p, struct vtl_node *n)
{
	struct vtl_node *body = parse_body(p);
	if (!body)
		return NULL;
	n->kind = VTL_N_TEXT;
	n->text = body->source;
	return n;
}

static const char *const directive_names[] = { "foreach", "include", "parse",	"macro", "literal",
					       "evaluate", "break",  "define", "stop" };

bool vtl_is_directive(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(directive_names); i++)
		if (sl_eqs(name, directive_names[i]))
			return true;
	return false;
}

static struct vtl_node *finish_directive(struct vtl_parser *p, struct vtl_node *n, struct vtl_kids *args)
{
	struct slice name = n->text;
	if (sl_eqs(name, "foreach"))
		return parse_foreach(p, n, args);
	if (sl_eqs(name, "macro"))
		return define_macro(p, n, args);
	if (sl_eqs(name, "define"))
		return parse_define(p, n, args);
	if (sl_eqs(name, "literal"))
		return parse_literal(p, n);
	n->kids = args->v;
	n->n = args->n;
	if (sl_eqs(name, "stop") || sl_eqs(name, "break")) {
		n->kind = sl_eqs(name, "stop") ? VTL_N_STOP : VTL_N_BREAK;
		return arguments_are(p, args, 0, 1) ? n : NULL;
	}
	if (sl_eqs(name, "evaluate")) {
		n->kind = VTL_N_EVALUATE;
		if (!arguments_are(p, args, 1, 1))
			return NULL;
		if (args->v[0]->kind != VTL_N_REF && args->v[0]->kind != VTL_N_STRING && args->v[0]->value.type != VTL_STRING)
			return vtl_parse_fail(p, "#evaluate takes a string or a reference");
		return n;
	}
	n->kind = VTL_N_INCLUDE; /* #include or #parse */
	return n;
}

/* A call with a block: #@name(args) ... #end; the macro sees the block as $bodyContent. */
static struct vtl_node *parse_block_call(struct vtl_parser *p, struct vtl_node *n, struct vtl_kids *args)
{
	struct vtl_node *body = parse_body(p);
	if (!body)
		return NULL;
	vtl_kids_add(p, args, body);
	n->source.n = (size_t)(p->text.p + p->pos - n->source.p);
	n->text.p++;
	n->text.n--;
	n->has_body = true;
	n->kids = args->v;
	n->n = args->n;
	return n;
}

/* A pluggable directive or macro call, its name read. */
struct vtl_node *vtl_parse_directive(struct vtl_parser *p, size_t start, struct slice name)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_CALL, start);
	struct vtl_kids args = { 0 };
	n->text = name;
	if (!open_paren(p)) {
		if (sl_eqs(name, "stop") || sl_eqs(name, "break"))
			return finish_directive(p, n, &args);
		if (vtl_is_directive(name))
			return vtl_parse_fail(p, "a directive without (");
		if (name.p[0] == '@') {
			n->kind = VTL_N_TEXT;
			n->text = arena_printf(p->arena, "#%.*s", SL(name));
		}
		return vtl_node_end(p, n, NULL);
	}
	if (!parse_arguments(p, &args))
		return NULL;
	/* Not trimmed: an unknown macro prints as it stands, with the line end. */
	n->source.n = (size_t)(p->text.p + p->pos - n->source.p);
	if (vtl_is_directive(name))
		return finish_directive(p, n, &args);
	if (name.p[0] == '@')
		return parse_block_call(p, n, &args);
	n->kids = args.v;
	n->n = args.n;
	return n;
}

/* The word behind "#", bare or in braces; absent when there is none. p->pos moves behind it. */
struct slice vtl_directive_name(struct vtl_parser *p)
{
	size_t back = p->pos;
	struct slice s;
	if (vtl_peek(p, 0) != '{')
		return vtl_parse_word(p);
	p->pos++;
	s = vtl_peek(p, 0) == '@' ? sl(NULL) : vtl_parse_word(p);
	if (s.p && vtl_peek(p, 0) == '}' && sl_chr(s, '@') <= 0) {
		p->pos++;
		return s;
	}
	p->pos = back;
	return sl(NULL);
}
